//! The workbook of decisions to make: a line for everything that can be decided, with a drop-down for the decision. Filled in, it is
//! the batch's list of decisions.

use std::path::Path;

use chrono::NaiveDate;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, FormatAlign, IgnoreError, Worksheet,
    XlsxError,
};

use crate::disk::folder_of;
use crate::intake::lists::Ruling;
use crate::sheets::book;
use crate::sheets::cell::fitting;
use crate::sheets::look::Look;
use crate::sheets::page::{LINE_POINTS, Stamp, lines_of};
use crate::sheets::print::print_setup;

/// The sheet's name.
const DECISIONS: &str = "Decisions";
/// The headings of the columns to fill in, and their input messages.
const DECISION: &str = "Decision";
const DATE: &str = "Date";
const HINTS: [(&str, &str); 4] = [
    (
        DECISION,
        "Choose from the list. A line without a decision has no effect.",
    ),
    (
        "Reason",
        "Say why. A decision without a reason has no effect.",
    ),
    (
        "Approved By",
        "Who decided. This cannot be the person who prepared the batch.",
    ),
    (DATE, "The day of the decision, not after the run date."),
];
/// Empty lines after the last one that also have the drop-down, for additional decisions.
const SPARE_ROWS: u32 = 200;
const HEADER_POINTS: u16 = 33;

/// A line to be filled in.
pub struct ToDecide {
    /// Its cells, by heading.
    pub cells: Vec<String>,
    /// The decisions that can be made about what it names.
    pub rulings: &'static [Ruling],
}

/// The input of the workbook.
pub(crate) struct Decisions {
    /// The headings.
    pub(crate) headings: Vec<&'static str>,
    /// The lines.
    pub(crate) lines: Vec<ToDecide>,
    /// The subject of the lines, for printing.
    pub(crate) label: String,
    /// The date in the file's properties; the clock is never read.
    pub(crate) made: NaiveDate,
}

/// The width of a column, in characters.
fn width(heading: &str) -> f64 {
    match heading {
        "What is wrong" | "Reason" => 60.0,
        "Source File" => 36.0,
        "Approved By" | "Was" | "Becomes" | "Source Sheet" | "Column" => 20.0,
        "Row Check" | "SASID" | "Codes" => 17.0,
        _ => 12.0,
    }
}

/// Writes the workbook.
pub(crate) fn write(decisions: &Decisions, path: &Path) -> Result<(), XlsxError> {
    let stamp = Stamp {
        title: "CDIP decisions to be made".to_string(),
        standing: "TO DECIDE",
        is_final: false,
        reason: String::new(),
        label: decisions.label.clone(),
        facts: String::new(),
    };
    let mut workbook = book::begin(&stamp, decisions.made, Some(folder_of(path)));
    let rows = u32::try_from(decisions.lines.len()).unwrap_or(u32::MAX);
    let sheet = workbook.add_worksheet();
    sheet.set_name(DECISIONS)?;
    let widths: Vec<f64> = decisions.headings.iter().map(|text| width(text)).collect();
    let last_row = rows.saturating_add(SPARE_ROWS);
    let last_column = u16::try_from(widths.len().saturating_sub(1)).unwrap_or(u16::MAX);
    for (column, width) in (0..).zip(&widths) {
        sheet.set_column_width(column, *width)?;
    }
    for (column, heading) in (0..).zip(&decisions.headings) {
        sheet.set_column_format(column, &format_of(heading))?;
        let Some((_, hint)) = HINTS.iter().find(|(known, _)| known == heading) else {
            continue;
        };
        let mut allow = |(first, last): (u32, u32), allowed: DataValidation| {
            let allowed = allowed
                .set_input_message(*hint)?
                .set_error_message(*hint)?
                .set_error_style(DataValidationErrorStyle::Stop);
            sheet.add_data_validation(first, column, last, column, &allowed)?;
            Ok::<(), XlsxError>(())
        };
        if *heading != DECISION {
            allow((1, last_row), DataValidation::new())?;
            continue;
        }
        for (rows, rulings) in choices(&decisions.lines, last_row) {
            let words: Vec<&str> = rulings.iter().map(|ruling| ruling.as_str()).collect();
            allow(rows, DataValidation::new().allow_list_strings(&words)?)?;
        }
    }
    sheet
        .set_freeze_panes(1, 0)?
        .set_repeat_rows(0, 0)?
        .ignore_error_range(1, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
    print_setup(sheet, &stamp, DECISIONS, &widths);
    sheet.set_row_height(0, HEADER_POINTS)?;
    let header = Look::new().header;
    for (column, heading) in (0..).zip(&decisions.headings) {
        sheet.write_string_with_format(0, column, *heading, &header)?;
    }
    write_lines(sheet, decisions, &widths)?;
    sheet.autofilter(0, 0, rows, last_column)?;
    book::save(&mut workbook, path)
}

/// Writes the cells of every line, each row as high as its longest text.
fn write_lines(
    sheet: &mut Worksheet,
    decisions: &Decisions,
    widths: &[f64],
) -> Result<(), XlsxError> {
    let headings = decisions.headings.iter();
    let formats: Vec<Format> = headings.map(|text| format_of(text)).collect();
    for (row, line) in (1..).zip(&decisions.lines) {
        for ((column, text), format) in (0..).zip(&line.cells).zip(&formats) {
            sheet.write_string_with_format(row, column, fitting(text), format)?;
        }
        let lines = line
            .cells
            .iter()
            .zip(widths)
            .map(|(text, width)| lines_of(text, *width));
        let lines = lines.max().unwrap_or(1);
        if lines > 1 {
            sheet.set_row_height(row, LINE_POINTS * lines)?;
        }
    }
    Ok(())
}

/// The decisions that can be chosen, by the rows of the sheet that they are the same for, first and last; below the lines, any.
fn choices(lines: &[ToDecide], last_row: u32) -> Vec<((u32, u32), &[Ruling])> {
    let mut choices: Vec<((u32, u32), &[Ruling])> = Vec::new();
    for (row, line) in (1..).zip(lines) {
        match choices.last_mut() {
            Some(((_, last), rulings)) if *rulings == line.rulings => *last = row,
            _ => choices.push(((row, row), line.rulings)),
        }
    }
    let spare = choices.last().map_or(1, |((_, last), _)| last + 1);
    choices.push(((spare, last_row), &Ruling::ALL));
    choices
}

/// Codes and rows stay text, and a typed date becomes a date.
fn format_of(heading: &str) -> Format {
    let format = Format::new()
        .set_align(FormatAlign::Top)
        .set_align(FormatAlign::Left)
        .set_text_wrap();
    if heading == DATE {
        format.set_num_format("yyyy-mm-dd")
    } else {
        format.set_num_format("@")
    }
}
