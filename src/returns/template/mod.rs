//! The submission template: an empty workbook with headings, drop-downs and formats, the list of programs, and instructions. The
//! catalogue and the rules give the instructions, so they cannot contradict the checks. It checks itself by formulas, without macros.

mod checks;
mod shape;
mod start;

use std::borrow::Cow;

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, Formula, IgnoreError, Worksheet, XlsxError,
};

use super::formulas::{Lists, ProgramList, RowFormulas, WRONG};
use super::texts::key;
use crate::catalogue::{CATALOGUE, Severity};
use crate::checks::field_of;
use crate::intake::fields::{Field, Fields};
use crate::intake::lists::{Program, Programs};
use crate::intake::pages::Fingerprint;
use crate::rules::RuleSet;
use crate::sheets::book::{self, Workbook};
use crate::sheets::cell::{Cell, Value};
use crate::sheets::look::{Look, Shade, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::sheets::print::{print_first, printed_columns};
use crate::words::column_letters;
use checks::{MEANT, NEEDED};
use shape::{
    COMPLETIONS, FIRST_PROGRAM_ROW, HEADINGS, LISTS, PROGRAM_NAME, columns, place, program_list,
    self_checked,
};

pub use shape::Office;

/// Rows with drop-downs: the largest entity reports some 2,200 completions.
const ROWS: u32 = 5_000;
/// The longest input message that Excel allows, in characters.
const HINT_CHARS_MAX: usize = 255;

/// Columns that stay in sight next to what is said about a row: those that say which pupil it is.
const FROZEN_COLUMNS: u16 = 3;

const PROGRAM_NAME_HINT: &str = "Choose the name, and then the code next to it: its list offers only what fits the name. Only the code counts.";
/// The addition to the hint of Program Code.
const PROGRAM_CODE_HINT: &str =
    "The list offers the code of the name on the left, or every code where no name is chosen.";
/// Width of the columns that the template fills in itself.
const WRONG_WIDTH: f64 = 60.0;
const MEANT_WIDTH: f64 = 44.0;

const PROGRAMS: [Column; 4] = [
    Column::text("Program Code", 18.0),
    Column::text("Program Name", 60.0),
    Column::text("Category", 28.0),
    Column::text("Looks like", 14.0),
];
const CHECKS: [Column; 4] = [
    Column::text("Code", 22.0),
    Column::text("What is wrong", 44.0),
    Column::text("What to do", 60.0),
    Column::text("Example", 56.0),
];

/// Whether a heading is that of a column that the template fills in itself.
pub(super) fn is_made_for_her(heading: &str) -> bool {
    [WRONG, MEANT].contains(&heading.trim())
}

/// Makes the template for the completions of a rule set's school year.
pub fn workbook(
    rules: &RuleSet,
    programs: &Programs,
    office: &Office,
) -> Result<Workbook, XlsxError> {
    let fingerprint = Fingerprint::of(rules, programs).to_string();
    let mut listed: Vec<&Program> = programs
        .all()
        .iter()
        .filter(|program| program.qualifies_in(rules.school_year))
        .collect();
    // Programs with the same name, in any case, are adjacent: the drop-down of the codes shows them as one range.
    listed.sort_by_cached_key(|program| (program.name.to_lowercase(), program.code.clone()));
    let year = rules.school_year;
    let (begins, ends) = (year.first_day(), year.last_day());
    let look = Look::new();
    let stamp = Stamp {
        title: "CDIP submission template".to_string(),
        standing: "TEMPLATE",
        is_final: true,
        reason: format!(
            "completions of {}, {} to {}",
            rules.school_year,
            begins.format("%-m/%-d/%Y"),
            ends.format("%-m/%-d/%Y")
        ),
        label: rules.title.clone(),
        facts: format!("{} \u{b7} rules {}", rules.title, rules.id),
    };
    let properties =
        book::properties(&stamp, begins).set_custom_property("Template", fingerprint.as_str());
    let mut workbook = book::begin_with(&properties, None);
    let list = program_list(listed.len());
    let pages = (&look, &stamp);
    start::write(&mut workbook, pages, &fingerprint, rules, (office, &listed))?;
    let lists = Lists::of(rules, LISTS);
    completions(&mut workbook, pages, rules, (&lists, list))?;
    programs_page(&mut workbook, (&look, &stamp), &fingerprint, &listed)?;
    instructions(&mut workbook, (&look, &stamp), &fingerprint, rules)?;
    let counts = start::counts(Fields::of(rules));
    let counted = counts
        .iter()
        .map(|count| Value::Formula(count, Cow::Borrowed("0")));
    let more = vec![("Counts", counted.collect())];
    lists.write(&mut workbook, &fingerprint, more)?;
    Ok(workbook)
}

fn programs_page(
    workbook: &mut Workbook,
    (look, stamp): (&Look, &Stamp),
    fingerprint: &str,
    listed: &[&Program],
) -> Result<(), XlsxError> {
    let widths = PROGRAMS.iter().map(|column| column.width).collect();
    let about = "In the order of names. On Completions choose the name in Program Name, then its code in Program Code. Only the code counts.";
    let sheet = workbook.add_worksheet();
    let mut page = Page::begin(sheet, look, stamp, "Programs", (about, false), widths)?;
    page.stamped(fingerprint)?;
    let rows = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    // Used to find look-alike codes; hidden because no one needs to see it.
    page.sheet.set_column_hidden(3)?;
    page.table("Programs", &PROGRAMS, rows, Filter::Table)?;
    for program in listed {
        let cells = [
            Cell::text(&*program.code),
            Cell::words(&*program.name),
            Cell::text(program.category.label()),
            Cell::text(key(&program.code)),
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
    let about = "Fill in the sheet Completions, one row for each completion. Start the file's name with your 4-digit District Code.";
    let sheet = workbook.add_worksheet();
    let mut page = Page::begin(sheet, look, stamp, "All checks", (about, false), widths)?;
    page.stamped(fingerprint)?;
    page.section("The rules of the year")?;
    for (topic, text) in of_the_year(rules) {
        page.note(topic, &text)?;
    }
    page.section("The columns of Completions")?;
    // The template's columns; Program Name is only there to choose by.
    let fields = Fields::of(rules);
    for field in columns(fields).flatten() {
        page.note(field.title(), field.hint())?;
    }
    page.note(PROGRAM_NAME, PROGRAM_NAME_HINT)?;
    page.section("What the checks say, and what to do")?;
    let is_of_the_year = |code| field_of(code).is_none_or(|field| fields.has(field));
    let entries: Vec<_> = CATALOGUE
        .iter()
        .filter(|entry| matches!(entry.severity, Severity::Rejected | Severity::NotQualified))
        .filter(|entry| is_of_the_year(entry.code))
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

/// The requirements for a completion under the rules, in a clerk's words.
fn of_the_year(rules: &RuleSet) -> Vec<(&'static str, String)> {
    let year = rules.school_year;
    let (begins, ends) = (year.first_day(), year.last_day());
    let days = format!(
        "completed from {} to {}, the first and the last day included",
        begins.format("%-m/%-d/%Y"),
        ends.format("%-m/%-d/%Y")
    );
    [vec![("Days", days)], rules.told_to_clerks()].concat()
}

fn completions(
    workbook: &mut Workbook,
    (look, stamp): (&Look, &Stamp),
    rules: &RuleSet,
    (lists, list): (&Lists, ProgramList),
) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet();
    sheet
        .set_name(COMPLETIONS)?
        .set_freeze_panes(HEADINGS + 1, FROZEN_COLUMNS)?
        .set_row_height(0, 30)?
        .set_row_height(HEADINGS, 36)?
        .set_repeat_rows(0, HEADINGS)?;
    let (text, date) = (
        Format::new().set_num_format("@"),
        Format::new().set_num_format("m/d/yyyy"),
    );
    let (needed, optional) = (look.shade(Shade::Orange), look.shade(Shade::Smoke));
    let (needed, optional) = (
        &needed.clone().set_text_wrap(),
        &optional.clone().set_text_wrap(),
    );
    let mut widths = Vec::new();
    let fields = Fields::of(rules);
    for (column, field) in (0..).zip(columns(fields)) {
        widths.push(width(field));
        sheet.set_column_width(column, width(field))?;
        let is_date = field == Some(Field::CompletionDate);
        sheet.set_column_format(column, if is_date { &date } else { &text })?;
        let (need, format) = match field.map(|field| checks::needed(field, rules)) {
            Some(need @ NEEDED) => (need, needed),
            Some(need) => (need, optional),
            None => ("helper", optional),
        };
        sheet.write_string_with_format(0, column, need, format)?;
        let title = field.map_or(PROGRAM_NAME, Field::title);
        sheet.write_string_with_format(HEADINGS, column, title, &look.header)?;
        offer(sheet, (column, field), rules, list)?;
    }
    let meant = u16::try_from(widths.len()).unwrap_or(u16::MAX - 1);
    // The last column, so that its sentences run on to the right: rows do not grow when a formula's text gets longer.
    let wrong = meant + 1;
    made_columns(sheet, look, (meant, wrong))?;
    widths.extend([MEANT_WIDTH, WRONG_WIDTH]);
    self_checks(sheet, rules, (lists, list), (meant, wrong))?;
    let (first, last) = self_checked();
    checks::shade(sheet, fields, (first, last), wrong)?;
    // Codes are texts of digits on purpose: no green corner in every cell.
    sheet.ignore_error_range(first, 0, ROWS, meant - 1, IgnoreError::NumberStoredAsText)?;
    let printed = printed_columns(&widths);
    print_first(sheet, stamp, COMPLETIONS, (&widths, printed))?;
    Ok(())
}

/// The formulas of every row: the program of its code, and what is wrong with it.
fn self_checks(
    sheet: &mut Worksheet,
    rules: &RuleSet,
    (lists, list): (&Lists, ProgramList),
    (meant, wrong): (u16, u16),
) -> Result<(), XlsxError> {
    let (first, last) = self_checked();
    let fields = Fields::of(rules);
    for row in first..=last {
        let formulas = RowFormulas {
            lists,
            rules,
            programs: list,
            column: &|field| place(fields, field),
            row: row + 1,
        };
        made_cells(sheet, &formulas, fields, (meant, wrong))?;
    }
    Ok(())
}

/// A row's program, and what is wrong with the row.
fn made_cells(
    sheet: &mut Worksheet,
    formulas: &RowFormulas<'_>,
    fields: Fields,
    (meant, wrong): (u16, u16),
) -> Result<(), XlsxError> {
    let wrong_with_it = format!(
        "IF(COUNTA($A{0}:${1}{0})=0,\"\",TRIM({2}))",
        formulas.row,
        column_letters(meant - 1),
        formulas.wrong(|field| fields.has(field), |code| formulas.work(code))
    );
    for (column, formula) in [(meant, formulas.meant()), (wrong, wrong_with_it)] {
        // The writer turns an empty result into a zero.
        let formula = Formula::new(format!("={formula}")).set_result(" ");
        sheet.write_formula(formulas.row - 1, column, formula)?;
    }
    Ok(())
}

/// The columns that the template fills in itself. Validation keeps users from typing into them. The sheet is not protected, because a
/// protected sheet locks pasted cells.
fn made_columns(
    sheet: &mut Worksheet,
    look: &Look,
    (meant, wrong): (u16, u16),
) -> Result<(), XlsxError> {
    let columns = [(wrong, WRONG, WRONG_WIDTH), (meant, MEANT, MEANT_WIDTH)];
    for (column, heading, width) in columns {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, "made for you", look.shade(Shade::Smoke))?;
        sheet.write_string_with_format(HEADINGS, column, heading, &look.header)?;
        let nothing = DataValidation::new()
            .allow_custom(Formula::new("=FALSE"))
            .ignore_blank(false)
            .set_error_title("Made for you")?
            .set_error_message(
                "This column is made for you. Correct the shaded cells on its left.",
            )?
            .set_error_style(DataValidationErrorStyle::Stop);
        let (first, last) = self_checked();
        sheet.add_data_validation(first, column, last, column, &nothing)?;
    }
    Ok(())
}

/// As wide as its usual content, so that the text about a row's faults is on the same screen.
fn width(field: Option<Field>) -> f64 {
    match field {
        None => 30.0,
        Some(Field::Sasid | Field::CompletionDate | Field::ProgramCode) => 13.0,
        Some(Field::Grade | Field::ApScore) => 9.0,
        Some(_) => 11.0,
    }
}

/// Gives the cells of a column an input message and a list of choices. No entry is rejected: the checks accept more forms than a list
/// can offer, and the end of the row says at once what is wrong.
fn offer(
    sheet: &mut Worksheet,
    (column, field): (u16, Option<Field>),
    rules: &RuleSet,
    list: ProgramList,
) -> Result<(), XlsxError> {
    let hint = match field {
        None => PROGRAM_NAME_HINT.to_string(),
        Some(Field::ProgramCode) => {
            format!("{} {PROGRAM_CODE_HINT}", Field::ProgramCode.hint())
        }
        Some(field) => field.hint().to_string(),
    };
    let hint: String = hint.chars().take(HINT_CHARS_MAX).collect();
    let offered = offered(
        field,
        rules,
        (&list.names(), &codes_of_the_name(Fields::of(rules), list)),
    )?
    .set_input_title(field.map_or(PROGRAM_NAME, Field::title))?
    .set_input_message(&hint)?
    .show_error_message(false);
    sheet.add_data_validation(HEADINGS + 1, column, ROWS, column, &offered)?;
    Ok(())
}

/// The codes of the name chosen in the same row, or all. The formula is in the drop-down: in a cell it would make every empty row one
/// that is filled in.
fn codes_of_the_name(fields: Fields, list: ProgramList) -> String {
    let column = place(fields, None).unwrap_or_default();
    let (chosen, names) = (
        format!("${}{}", column_letters(column), HEADINGS + 2),
        list.names(),
    );
    let (found, programs) = (format!("COUNTIF({names},{chosen})"), list.programs);
    format!(
        "OFFSET(Programs!$A${FIRST_PROGRAM_ROW},IFERROR(MATCH({chosen},{names},0)-1,0),0,IF({found}>0,{found},{programs}),1)"
    )
}

/// The choices of a column's drop-down; `None` is the column of names. Names and codes are ranges or formulas.
pub(super) fn offered(
    field: Option<Field>,
    rules: &RuleSet,
    (names, codes): (&str, &str),
) -> Result<DataValidation, XlsxError> {
    let rule = DataValidation::new();
    let Some(field) = field else {
        return Ok(rule.allow_list_formula(Formula::new(format!("={names}"))));
    };
    let choices = field.choices(rules);
    Ok(match field {
        Field::ProgramCode => rule.allow_list_formula(Formula::new(format!("={codes}"))),
        _ if choices.is_empty() => rule,
        _ => rule.allow_list_strings(&choices)?,
    })
}
