//! The submission template: an empty workbook with headings, drop-downs and formats, the list of programs, and instructions made from
//! the catalogue and the rules, so that they cannot contradict the checks.

use chrono::NaiveDate;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Format, Formula, IgnoreError,
    Workbook, XlsxError,
};

use crate::catalogue::{CATALOGUE, Severity};
use crate::finding::column_letters;
use crate::intake::fields::Field;
use crate::intake::lists::{Program, Programs};
use crate::intake::pages::Fingerprint;
use crate::rules::RuleSet;
use crate::sheets::book;
use crate::sheets::cell::Cell;
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{BAND_ROWS, Column, Filter, Page, Stamp, paper, print_setup};
use crate::values::grade_text;

/// Rows with drop-downs: the largest entity reports some 2,200 completions.
const ROWS: u32 = 5_000;
/// The longest hint of a cell that Excel takes, in characters.
const HINT_CHARS_MAX: usize = 255;
/// The first program's row on its sheet, from 1: beneath the band, the fingerprint and the headings.
const FIRST_PROGRAM_ROW: u32 = BAND_ROWS + 3;

/// The heading of the column in which a program can be chosen by name; no check reads it.
const PROGRAM_NAME: &str = "Program Name";
const PROGRAM_NAME_HINT: &str = "Choose the name, and then the code beside it: its list offers only what fits the name. Only the code counts.";
/// What the hint of Program Code says besides its check.
const PROGRAM_CODE_HINT: &str =
    "The list offers the code of the name on the left, or every code where no name is chosen.";
/// Widths of the columns to fill in.
const PROGRAM_NAME_WIDTH: f64 = 40.0;
const FIELD_WIDTH: f64 = 17.0;

const PROGRAMS: [Column; 3] = [
    Column::text("Program Code", 18.0),
    Column::text("Program Name", 60.0),
    Column::text("Category", 28.0),
];
const CHECKS: [Column; 4] = [
    Column::text("Code", 22.0),
    Column::text("What is wrong", 44.0),
    Column::text("What to do", 60.0),
    Column::text("Example", 56.0),
];

/// Makes the template for the completions of a rule set's school year.
pub fn workbook(rules: &RuleSet, programs: &Programs) -> Result<Workbook, XlsxError> {
    let fingerprint = Fingerprint::of(rules, programs).to_string();
    let mut listed: Vec<&Program> = programs
        .all()
        .iter()
        .filter(|program| program.qualifies_in(rules.school_year))
        .collect();
    // Programs of one name stand together, whatever its case: the drop-down of the codes takes them as one range.
    listed.sort_by_cached_key(|program| (program.name.to_lowercase(), program.code.clone()));
    let (begins, ends) = days(rules);
    let look = Look::new();
    let stamp = Stamp {
        title: "CDIP submission template".to_string(),
        standing: "TEMPLATE",
        is_final: true,
        reason: format!("completions of {}, {begins} to {ends}", rules.school_year),
        label: rules.title.clone(),
        facts: format!(
            "{} \u{b7} budget year {} \u{b7} rules {}",
            rules.title, rules.budget_year, rules.id
        ),
    };
    let properties =
        book::properties(&stamp, begins).set_custom_property("Template", fingerprint.as_str());
    let mut workbook = book::begin_with(&properties, None)?;
    completions(&mut workbook, &look, &stamp, rules, listed.len())?;

    programs_page(&mut workbook, (&look, &stamp), &fingerprint, &listed)?;
    instructions(&mut workbook, (&look, &stamp), &fingerprint, rules)?;
    Ok(workbook)
}

fn programs_page(
    workbook: &mut Workbook,
    (look, stamp): (&Look, &Stamp),
    fingerprint: &str,
    listed: &[&Program],
) -> Result<(), XlsxError> {
    let widths = PROGRAMS.iter().map(|column| column.width).collect();
    let about = "In order of name. On Completions choose the name in Program Name and then its code in Program Code; only the code counts.";
    let sheet = workbook.add_worksheet();
    let mut page = Page::begin(sheet, look, stamp, "Programs", (about, false), widths)?;
    page.line(&[Cell::text(fingerprint)], Tone::Plain)?;
    let rows = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    page.table("Programs", &PROGRAMS, rows, Filter::Table)?;
    for program in listed {
        let cells = [
            Cell::text(&*program.code),
            Cell::words(&*program.name),
            Cell::text(program.category.label()),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    Ok(())
}

fn instructions(
    workbook: &mut Workbook,
    (look, stamp): (&Look, &Stamp),
    fingerprint: &str,
    rules: &RuleSet,
) -> Result<(), XlsxError> {
    let widths = CHECKS.iter().map(|column| column.width).collect();
    let about = "Fill in the sheet Completions, a row for each completion. Begin the file's name with your 4-digit District Code.";
    let sheet = workbook.add_worksheet();
    let mut page = Page::begin(sheet, look, stamp, "Instructions", (about, false), widths)?;
    page.line(&[Cell::text(fingerprint)], Tone::Plain)?;
    page.section("The rules of the year")?;
    for (topic, text) in of_the_year(rules) {
        page.note(topic, &text)?;
    }
    page.section("The columns of Completions")?;
    // What the template has a column for; Program Name is only there to choose by.
    for field in columns().flatten() {
        let presence = if field.is_required() {
            "The heading is required."
        } else {
            "The column may be left out."
        };
        page.note(field.title(), &format!("{} {presence}", field.hint()))?;
    }
    page.note(PROGRAM_NAME, PROGRAM_NAME_HINT)?;
    page.section("What the checks say, and what to do")?;
    let entries: Vec<_> = CATALOGUE
        .iter()
        .filter(|entry| matches!(entry.severity, Severity::Rejected | Severity::NotQualified))
        .collect();
    let rows = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    page.table("Checks", &CHECKS, rows, Filter::PlainTable)?;
    for entry in entries {
        let cells = [
            Cell::text(entry.code.as_str()),
            Cell::words(entry.title),
            Cell::words(entry.fix),
            Cell::words(entry.example),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    Ok(())
}

/// What a completion must be under the rules, as a clerk asks for it.
fn of_the_year(rules: &RuleSet) -> Vec<(&'static str, String)> {
    let (begins, ends) = days(rules);
    let grades: Vec<_> = rules
        .grades
        .iter()
        .map(|grade| grade_text(*grade))
        .collect();
    let credit: Vec<&str> = rules
        .graduation_credit_required
        .iter()
        .map(crate::rules::terms::Category::label)
        .collect();
    let mut lines = vec![
        (
            "Days",
            format!("completed from {begins} to {ends}, the first and the last day included"),
        ),
        ("Grades", grades.join(", ")),
        (
            "AP courses",
            format!("an AP Exam Score of {} or more", rules.ap_score_min),
        ),
    ];
    if !credit.is_empty() {
        lines.push((
            "Graduation credit",
            format!("Yes is needed for: {}", credit.join(", ")),
        ));
    }
    lines
}

/// The first and the last day of the school year.
fn days(rules: &RuleSet) -> (NaiveDate, NaiveDate) {
    let first = i32::from(rules.school_year.first());
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(first, 7, 1), day(first + 1, 6, 30))
}

/// A column of the sheet to fill in; `None` is that of the programs' names.
fn columns() -> impl Iterator<Item = Option<Field>> {
    let filled_in = Field::ALL
        .into_iter()
        .filter(|field| *field != Field::ProgramName);
    filled_in.flat_map(|field| {
        let name = (field == Field::ProgramCode).then_some(None);
        name.into_iter().chain([Some(field)])
    })
}

fn completions(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    rules: &RuleSet,
    programs: usize,
) -> Result<(), XlsxError> {
    const NAME: &str = "Completions";
    let sheet = workbook.add_worksheet();
    sheet
        .set_name(NAME)?
        .set_freeze_panes(1, 0)?
        .set_row_height(0, 36)?
        .set_repeat_rows(0, 0)?;
    let (text, date) = (
        Format::new().set_num_format("@"),
        Format::new().set_num_format("yyyy-mm-dd"),
    );
    let mut widths = Vec::new();
    for (column, field) in (0..).zip(columns()) {
        let width = if field.is_none() {
            PROGRAM_NAME_WIDTH
        } else {
            FIELD_WIDTH
        };
        sheet.set_column_width(column, width)?;
        widths.push(width);
        sheet.set_column_format(
            column,
            if field == Some(Field::CompletionDate) {
                &date
            } else {
                &text
            },
        )?;
        sheet.write_string_with_format(
            0,
            column,
            field.map_or(PROGRAM_NAME, Field::title),
            &look.header,
        )?;
        let hint = match field {
            None => PROGRAM_NAME_HINT.to_string(),
            Some(Field::ProgramCode) => {
                format!("{} {PROGRAM_CODE_HINT}", Field::ProgramCode.hint())
            }
            Some(field) => field.hint().to_string(),
        };
        let hint: String = hint.chars().take(HINT_CHARS_MAX).collect();
        let allowed = match field {
            None => DataValidation::new()
                .allow_list_formula(Formula::new(format!("={}", program_range('B', programs)))),
            Some(field) => allowed(field, rules, programs)?,
        };
        let allowed = allowed
            .set_input_message(&hint)?
            .set_error_message(&hint)?
            .set_error_style(DataValidationErrorStyle::Warning);
        sheet.add_data_validation(1, column, ROWS, column, &allowed)?;
    }
    let last_column = u16::try_from(widths.len() - 1).unwrap_or(u16::MAX);
    // Codes are texts of digits on purpose: no green corner in every cell.
    sheet.ignore_error_range(1, 0, ROWS, last_column, IgnoreError::NumberStoredAsText)?;
    print_setup(sheet, stamp, NAME, paper(&widths));
    Ok(())
}

/// A column of the list of programs.
fn program_range(column: char, programs: usize) -> String {
    let last = FIRST_PROGRAM_ROW + u32::try_from(programs.saturating_sub(1)).unwrap_or(0);
    format!("Programs!${column}${FIRST_PROGRAM_ROW}:${column}${last}")
}

/// What a field's cells take without a question; anything else can still be typed after one.
fn allowed(field: Field, rules: &RuleSet, programs: usize) -> Result<DataValidation, XlsxError> {
    let rule = DataValidation::new();
    Ok(match field {
        Field::DistrictCode | Field::SchoolCode => {
            rule.allow_text_length(DataValidationRule::EqualTo(4))
        }
        Field::Sasid => rule.allow_text_length(DataValidationRule::EqualTo(10)),
        Field::Grade => rule.allow_list_strings(
            &rules
                .grades
                .iter()
                .map(|grade| grade_text(*grade))
                .collect::<Vec<_>>(),
        )?,
        Field::ProgramCode => {
            // The codes of the name chosen in the same row, or all. The formula stands in the drop-down: in a cell it would make every
            // empty row one that is filled in.
            let column = (0..)
                .zip(columns())
                .find(|(_, field)| field.is_none())
                .map_or(0, |(column, _)| column);
            let (chosen, names) = (
                format!("${}2", column_letters(column)),
                program_range('B', programs),
            );
            let found = format!("COUNTIF({names},{chosen})");
            rule.allow_list_formula(Formula::new(format!(
                "=OFFSET(Programs!$A${FIRST_PROGRAM_ROW},IFERROR(MATCH({chosen},{names},0)-1,0),0,IF({found}>0,{found},{programs}),1)"
            )))
        }
        Field::CompletionDate => {
            let (begins, ends) = days(rules);
            rule.allow_date(DataValidationRule::Between(begins, ends))
        }
        Field::Lunch | Field::GraduationCredit => rule.allow_list_strings(&["Yes", "No"])?,
        Field::ApScore => rule.allow_list_strings(&["1", "2", "3", "4", "5"])?,
        Field::SchoolYear => rule.allow_list_strings(&[rules.school_year.to_string()])?,
        // Its column has its own list.
        Field::ProgramName => rule,
    })
}
