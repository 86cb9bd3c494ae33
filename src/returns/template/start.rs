//! The first sheet of a template: what to do, the deadline, whom to ask, the progress, and an example of every column.

use crate::sheets::book::Workbook;
use rust_xlsxwriter::{Formula, XlsxError};

use super::super::formulas::{WRONG, days, made_of_all};
use super::checks::{self, MEANT, example};
use super::shape::{COMPLETIONS, Office, PROGRAM_NAME, SELF_CHECKED_ROWS, columns, self_checked};
use crate::intake::fields::Field;
use crate::intake::lists::Program;
use crate::rules::RuleSet;
use crate::sheets::cell::Cell;
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::words::column_letters;

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
    let (made, all) = made_of_all();
    let about = format!(
        "This workbook checks itself while you type or paste: it makes {made} of the {all} checks. Use the department's page for the rest."
    );
    let mut page = Page::begin(sheet, look, stamp, "Start here", (&about, false), widths)?;
    page.stamped(fingerprint)?;
    page.section("Where you are")?;
    let row = page.row();
    let count = Formula::new(count_of_faulty()).set_result("0 of 0 rows have something to fix");
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
    let rows = u32::try_from(columns().count() + 2).unwrap_or(u32::MAX);
    page.table("Columns", &COLUMNS, rows, Filter::PlainTable)?;
    let sample = listed
        .iter()
        .find(|program| program.category.as_str() == "industry_credential");
    let sample = sample.or(listed.first());
    for field in columns() {
        page.line(&line(field, rules, sample.copied()), Tone::Plain)?;
    }
    for (heading, text) in [
        (
            WRONG,
            "Filled in for you: it says what is wrong. It is empty, and no cell is shaded, when the row is right.",
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
    let (begins, ends) = days(rules);
    let day = |day: chrono::NaiveDate| day.format("%-m/%-d/%Y");
    [
        "Save this workbook under a name that begins with your 4-digit District Code, such as 0880.xlsx.".to_string(),
        format!(
            "On the sheet {COMPLETIONS} fill in one row for each completion from {} to {}. You may paste from your student system.",
            day(begins),
            day(ends)
        ),
        format!("Read the column \"{WRONG}\" and correct the shaded cells. Rows 3 to {} are checked.", SELF_CHECKED_ROWS + 2),
        "Leave in rows that earn nothing, such as a completion of another year. Do not change what is true.".to_string(),
        "Open the department's page, check the saved workbook there, and send it the way the office asks for. It holds pupils' ids: do not e-mail it.".to_string(),
    ]
}

/// `3 of 60 rows have something to fix`, as a formula.
fn count_of_faulty() -> String {
    let (first, last) = self_checked();
    let range = |column: u16| {
        let letters = column_letters(column);
        format!(
            "{COMPLETIONS}!${letters}${}:${letters}${}",
            first + 1,
            last + 1
        )
    };
    let count = u16::try_from(columns().count()).unwrap_or(u16::MAX);
    let filled: Vec<String> = (0..count)
        .map(|column| format!("({}<>\"\")", range(column)))
        .collect();
    format!(
        "=SUMPRODUCT(--({}<>\"\"))&\" of \"&SUMPRODUCT(--(({})>0))&\" rows have something to fix\"",
        range(count + 1),
        filled.join("+")
    )
}
