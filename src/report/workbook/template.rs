//! The submission template: an empty workbook with headings, drop-downs and formats, the list of programs, and instructions made from
//! the catalogue and the rules, so that they cannot contradict the checks.

use chrono::NaiveDate;
use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties, Format, Formula, Workbook, XlsxError};

use super::cell::Cell;
use super::look::{Look, Tone};
use super::page::{BAND_ROWS, Column, Filter, Page, Stamp};
use crate::catalogue::{CATALOGUE, Code, Severity};
use crate::intake::completions::Field;
use crate::intake::lists::{Program, Programs};
use crate::intake::pages::Fingerprint;
use crate::rules::RuleSet;
use crate::values::grade_text;

/// Rows with drop-downs: the largest entity reports some 2,200 completions.
const ROWS: u32 = 5_000;
/// The longest hint of a cell that Excel takes, in characters.
const HINT_CHARS_MAX: usize = 255;
/// The first program's row on its sheet, from 1: beneath the band, the fingerprint and the headings.
const FIRST_PROGRAM_ROW: u32 = BAND_ROWS + 3;

const PROGRAMS: [Column; 3] = [Column::text("Program Code", 18.0), Column::text("Program Name", 60.0), Column::text("Category", 28.0)];
const CHECKS: [Column; 4] =
    [Column::text("Code", 18.0), Column::text("What is wrong", 44.0), Column::text("What to do", 60.0), Column::text("Example", 56.0)];

/// The check whose fix is the hint of a field's cells.
#[must_use]
pub fn hint_of(field: Field) -> Code {
    match field {
        Field::DistrictCode => Code::E201,
        Field::SchoolCode => Code::E202,
        Field::Sasid => Code::E203,
        Field::Grade => Code::E204,
        Field::ProgramCode => Code::E205,
        Field::CompletionDate => Code::E206,
        Field::Lunch => Code::E208,
        Field::GraduationCredit => Code::E210,
        Field::ApScore => Code::E209,
        Field::SchoolYear => Code::W213,
    }
}

/// Makes the template for the completions of a rule set's school year.
pub fn workbook(rules: &RuleSet, programs: &Programs) -> Result<Workbook, XlsxError> {
    let fingerprint = Fingerprint::of(rules, programs).to_string();
    let listed: Vec<&Program> = programs.all().iter().filter(|program| program.qualifies_in(rules.school_year)).collect();
    let (begins, ends) = days(rules);
    let look = Look::new();
    let stamp = Stamp {
        title: "CDIP submission template".to_string(),
        standing: "TEMPLATE",
        is_final: true,
        reason: format!("completions of {}, {begins} to {ends}", rules.school_year),
        label: rules.title.clone(),
        facts: format!("{} \u{b7} budget year {} \u{b7} rules {}", rules.title, rules.budget_year, rules.id),
    };
    let mut workbook = Workbook::new();
    let properties = DocProperties::new().set_title(&stamp.title).set_subject(&rules.id).set_author("cdip");
    let properties = properties.set_custom_property("Template", fingerprint.as_str()).set_creation_datetime(&begins);
    workbook.set_properties(&properties);
    completions(&mut workbook, &look, rules, listed.len())?;

    let widths = PROGRAMS.iter().map(|column| column.width).collect();
    let about = "Choose these codes in Program Code; filter or sort by name to find one.";
    let mut page = Page::begin(workbook.add_worksheet(), &look, &stamp, "Programs", (about, false), widths)?;
    page.line(&[Cell::text(fingerprint.as_str())], Tone::Plain)?;
    page.table("Programs", &PROGRAMS, u32::try_from(listed.len()).unwrap_or(u32::MAX), Filter::Table)?;
    for program in listed {
        page.line(&[Cell::text(&*program.code), Cell::words(&*program.name), Cell::text(program.category.label())], Tone::Plain)?;
    }

    let widths = CHECKS.iter().map(|column| column.width).collect();
    let about = "Fill in the sheet Completions, a row for each completion. Begin the file's name with your 4-digit District Code.";
    let mut page = Page::begin(workbook.add_worksheet(), &look, &stamp, "Instructions", (about, false), widths)?;
    page.line(&[Cell::text(fingerprint.as_str())], Tone::Plain)?;
    page.section("The rules of the year")?;
    for parameter in rules.parameters() {
        page.note(&parameter.label, &parameter.value)?;
    }
    page.section("What the checks say, and what to do")?;
    let entries: Vec<_> = CATALOGUE.iter().filter(|entry| matches!(entry.severity, Severity::Rejected | Severity::NotQualified)).collect();
    page.table("Checks", &CHECKS, u32::try_from(entries.len()).unwrap_or(u32::MAX), Filter::PlainTable)?;
    for entry in entries {
        page.line(
            &[Cell::text(entry.code.as_str()), Cell::words(entry.title), Cell::words(entry.fix), Cell::words(entry.example)],
            Tone::Plain,
        )?;
    }
    Ok(workbook)
}

/// The first and the last day of the school year.
fn days(rules: &RuleSet) -> (NaiveDate, NaiveDate) {
    let first = i32::from(rules.school_year.first());
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(first, 7, 1), day(first + 1, 6, 30))
}

fn completions(workbook: &mut Workbook, look: &Look, rules: &RuleSet, programs: usize) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name("Completions")?.set_freeze_panes(1, 0)?.set_row_height(0, 36)?;
    let (text, date) = (Format::new().set_num_format("@"), Format::new().set_num_format("yyyy-mm-dd"));
    for (column, field) in (0..).zip(Field::ALL) {
        sheet.set_column_width(column, 17)?;
        sheet.set_column_format(column, if field == Field::CompletionDate { &date } else { &text })?;
        sheet.write_string_with_format(0, column, field.title(), &look.header)?;
        let hint: String = hint_of(field).entry().fix.chars().take(HINT_CHARS_MAX).collect();
        let allowed = allowed(field, rules, programs)?;
        let allowed = allowed.set_input_message(&hint)?.set_error_message(&hint)?.set_error_style(DataValidationErrorStyle::Warning);
        sheet.add_data_validation(1, column, ROWS, column, &allowed)?;
    }
    Ok(())
}

/// What a field's cells take without a question; anything else can still be typed after one.
fn allowed(field: Field, rules: &RuleSet, programs: usize) -> Result<DataValidation, XlsxError> {
    let rule = DataValidation::new();
    Ok(match field {
        Field::DistrictCode | Field::SchoolCode => rule.allow_text_length(DataValidationRule::EqualTo(4)),
        Field::Sasid => rule.allow_text_length(DataValidationRule::EqualTo(10)),
        Field::Grade => rule.allow_list_strings(&rules.grades.iter().map(|grade| grade_text(*grade)).collect::<Vec<_>>())?,
        Field::ProgramCode => {
            let last = FIRST_PROGRAM_ROW + u32::try_from(programs.saturating_sub(1)).unwrap_or(0);
            rule.allow_list_formula(Formula::new(format!("=Programs!$A${FIRST_PROGRAM_ROW}:$A${last}")))
        }
        Field::CompletionDate => {
            let (begins, ends) = days(rules);
            rule.allow_date(DataValidationRule::Between(begins, ends))
        }
        Field::Lunch | Field::GraduationCredit => rule.allow_list_strings(&["Yes", "No"])?,
        Field::ApScore => rule.allow_list_strings(&["1", "2", "3", "4", "5"])?,
        Field::SchoolYear => rule.allow_list_strings(&[rules.school_year.to_string()])?,
    })
}
