//! The first sheet of a template: what to do, the deadline, whom to ask, the progress, and an example of every column.

use crate::sheets::book::Workbook;
use rust_xlsxwriter::{Formula, XlsxError};

use super::super::formulas::{FIRST, Lists, WRONG, made_of_all, word_of};
use super::checks::{self, MEANT, example};
use super::shape::{
    COMPLETIONS, LISTS, Office, PROGRAM_NAME, SELF_CHECKED_ROWS, columns, self_checked,
};
use crate::intake::fields::{Field, Fields};
use crate::intake::lists::Program;
use crate::rules::RuleSet;
use crate::sheets::cell::Cell;
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::tasks::Work;
use crate::words::column_letters;

/// What the sentence about the rows says before there are any.
const NO_ROWS: &str = "No rows yet.";

const COLUMNS: [Column; 4] = [
    Column::text("Column", 26.0),
    Column::text("Needed?", 14.0),
    Column::text("For example", 26.0),
    Column::text("What to enter", 74.0),
];

pub(super) fn write(
    workbook: &mut Workbook,
    (look, stamp): (&Look, &Stamp),
    fingerprint: &str,
    rules: &RuleSet,
    (office, listed): (&Office, &[&Program]),
) -> Result<(), XlsxError> {
    let widths = COLUMNS.iter().map(|column| column.width).collect();
    let sheet = workbook.add_worksheet();
    let (made, all) = made_of_all(Fields::of(rules));
    let about = format!(
        "This workbook checks itself while you type or paste: it makes {made} of the {all} checks. The department's page makes the rest, such as \
         whether a district takes part and whether two rows report the same, so its numbers can differ."
    );
    let mut page = Page::begin(sheet, look, stamp, "Start here", (&about, false), widths)?;
    page.stamped(fingerprint)?;
    page.section("Where you are")?;
    let row = page.row();
    let count = Formula::new(where_you_are()).set_result(NO_ROWS);
    let last = page.last_column();
    page.sheet
        .merge_range(row, 0, row, last, "", &look.topic)?
        .write_formula_with_format(row, 0, count, &look.topic)?;
    page.skip();
    page.section("What to do")?;
    for (number, step) in (1..).zip(steps(rules)) {
        page.note(&format!("Step {number}"), &step)?;
    }
    let lines = [
        (
            "Send it by",
            office
                .deadline
                .map(|day| day.format("%-m/%-d/%Y").to_string()),
        ),
        ("Send it to", office.name.clone()),
        ("Questions", office.contact.clone()),
    ];
    for (topic, text) in lines {
        if let Some(text) = text {
            page.note(topic, &text)?;
        }
    }
    example_of_every_column(&mut page, rules, listed)
}

fn example_of_every_column(
    page: &mut Page<'_>,
    rules: &RuleSet,
    listed: &[&Program],
) -> Result<(), XlsxError> {
    page.section("The columns, with an example")?;
    let fields = Fields::of(rules);
    let rows = u32::try_from(columns(fields).count() + 2).unwrap_or(u32::MAX);
    page.table("Columns", &COLUMNS, rows, Filter::PlainTable)?;
    let sample = listed
        .iter()
        .find(|program| program.category.as_str() == "industry_credential");
    let sample = sample.or(listed.first());
    for field in columns(fields) {
        page.line(&line(field, rules, sample.copied()), Tone::Plain)?;
    }
    for (heading, text) in [
        (
            WRONG,
            "Filled in for you: what to fix, what to look at again, and what earns nothing. It is empty, and no cell is shaded, when the row is ready.",
        ),
        (
            MEANT,
            "Filled in for you: the name of the program, or of the one that you probably mean.",
        ),
    ] {
        let cells = [
            Cell::text(heading),
            Cell::text("made for you"),
            Cell::Empty,
            Cell::words(text),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    Ok(())
}

fn line<'a>(field: Option<Field>, rules: &RuleSet, sample: Option<&'a Program>) -> [Cell<'a>; 4] {
    let Some(field) = field else {
        let name = sample.map_or("", |program| &program.name);
        return [
            Cell::text(PROGRAM_NAME),
            Cell::text("helper"),
            Cell::words(name),
            Cell::words("Choose the name, and then the code next to it. Only the code counts."),
        ];
    };
    let program = sample.map_or(("", crate::rules::terms::Category::Internship), |program| {
        (&*program.code, program.category)
    });
    [
        Cell::text(field.title()),
        Cell::text(checks::needed(field, rules)),
        Cell::text(example(field, rules, program)),
        Cell::words(field.hint()),
    ]
}

fn steps(rules: &RuleSet) -> [String; 5] {
    let year = rules.school_year;
    let (begins, ends) = (year.first_day(), year.last_day());
    let day = |day: chrono::NaiveDate| day.format("%-m/%-d/%Y");
    [
        "Save this workbook under a name that begins with your 4-digit District Code, such as 0880.xlsx.".to_string(),
        format!(
            "On the sheet {COMPLETIONS} fill in one row for each completion from {} to {}. You may paste from your student system.",
            day(begins),
            day(ends)
        ),
        format!(
            "Read the column \"{WRONG}\" and correct the shaded cells of rows that say \"Fix\". Rows 3 to {} are checked.",
            SELF_CHECKED_ROWS + 2
        ),
        "Leave in rows that say \"Earns nothing\" if they are true, such as a completion of another year. Do not change what is true.".to_string(),
        "Open the department's page, check the saved workbook there, and send it the way the office asks for. It holds pupils' ids: do not e-mail it.".to_string(),
    ]
}

/// The column of the counts on the hidden sheet, after the lists.
const COUNTS: u16 = Lists::COLUMNS;

/// Formulas that count the rows: all of them, then by what their last column says, each row once.
pub(super) fn counts(fields: Fields) -> [String; 4] {
    let (first, last) = self_checked();
    let range = |column: u16| {
        let letters = column_letters(column);
        format!(
            "{COMPLETIONS}!${letters}${}:${letters}${}",
            first + 1,
            last + 1
        )
    };
    let filled_in = u16::try_from(columns(fields).count()).unwrap_or(u16::MAX);
    let filled: Vec<String> = (0..filled_in)
        .map(|column| format!("({}<>\"\")", range(column)))
        .collect();
    let wrong = range(filled_in + 1);
    let (has, lacks) = (
        |work| format!("{wrong},\"*{}*\"", word_of(work)),
        |work| format!("{wrong},\"<>*{}*\"", word_of(work)),
    );
    let (fix, fact, look) = (has(Work::Fix), has(Work::Fact), has(Work::Look));
    let (no_fix, no_fact) = (lacks(Work::Fix), lacks(Work::Fact));
    [
        format!("SUMPRODUCT(--(({})>0))", filled.join("+")),
        format!("COUNTIFS({look},{no_fix},{no_fact})"),
        format!("COUNTIFS({fix})"),
        format!("COUNTIFS({fact},{no_fix})"),
    ]
}

/// `62 rows: 38 ready, 1 to look at again, 17 to fix, 6 earn nothing.`, as `cdip check` has it, by the counts.
fn where_you_are() -> String {
    let letters = column_letters(COUNTS);
    let count = |place: usize| format!("{LISTS}!${letters}${}", FIRST + place);
    let (all, look, fix, nothing) = (count(0), count(1), count(2), count(3));
    let rows = format!("{all}&IF({all}=1,\" row\",\" rows\")");
    let some = |count: &str, one: &str, many: &str| {
        format!("IF({count}=0,\"\",\", \"&{count}&IF({count}=1,\"{one}\",\"{many}\"))")
    };
    let others = [
        some(&look, " to look at again", " to look at again"),
        some(&fix, " to fix", " to fix"),
        some(&nothing, " earns nothing", " earn nothing"),
    ];
    format!(
        "=IF({all}=0,\"{NO_ROWS}\",IF({look}+{fix}+{nothing}=0,{rows}&\" ready.\",{rows}&\": \"&({all}-{look}-{fix}-{nothing})&\" ready\"&{}&\".\"))",
        others.join("&")
    )
}
