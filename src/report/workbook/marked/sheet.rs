//! One sheet of a marked-up return: values at their own addresses, faulty cells shaded, codes and outcome at the right edge.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use rust_xlsxwriter::{Color, Format, FormatAlign, IgnoreError, Note, Workbook, Worksheet, XlsxError};

use super::super::cell::{fitting, severity_label};
use super::super::look::Look;
use super::super::page::{Stamp, paper, print_setup};
use super::{Marking, OwnCells, Sheet, width_of};
use crate::catalogue::{Codes, Severity};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::intake::cells::{CellKind, Refusal};
use crate::intake::completions::{Field, Rows};
use crate::intake::limits::ROWS_PER_SHEET_MAX;
use crate::intake::submission::SourceSheet;

/// Headings this far down stay in sight; further down they would fill the screen with titles.
const FROZEN_ROWS_MAX: u32 = 10;
/// Height of the headings, in points: they wrap to two lines beside the filter's buttons.
const HEADER_POINTS: u16 = 34;
/// Width of a column that is not copied, and of one that the program does not know.
const NOT_COPIED_WIDTH: f64 = 9.0;
const UNKNOWN_WIDTH: f64 = 16.0;
/// Widths of the program's own columns.
const CODES_WIDTH: f64 = 20.0;
const OUTCOME_WIDTH: f64 = 20.0;
/// Width of a note in pixels, the characters that a line of it holds, and the pixels that a line takes.
const NOTE_WIDTH: u32 = 340;
const NOTE_LINE_CHARS: usize = 52;
const NOTE_LINE_PIXELS: u32 = 17;

/// What was found on a sheet, by row.
#[derive(Default)]
pub(super) struct Found<'m>(HashMap<u32, Vec<Fault<'m>>>);

/// A finding on a cell.
struct Fault<'m> {
    /// None where neither the submission nor the edge has a column for it.
    column: Option<u16>,
    finding: &'m Finding,
    /// Whether its cell gets a note.
    noted: bool,
}

impl<'m> Found<'m> {
    pub(super) fn add(&mut self, row: u32, column: Option<u16>, finding: &'m Finding, noted: bool) {
        self.0.entry(row).or_default().push(Fault { column, finding, noted });
    }
}

/// What a value is, for the format of its cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Shape {
    Empty,
    Text,
    Number,
    Date,
    Moment,
    Boolean,
}

impl Shape {
    fn number_format(self) -> &'static str {
        match self {
            // A code typed into a text cell later keeps its zeros.
            Shape::Text => "@",
            Shape::Date => "yyyy-mm-dd",
            Shape::Moment => "yyyy-mm-dd hh:mm:ss",
            Shape::Empty | Shape::Number | Shape::Boolean => "General",
        }
    }
}

/// The gravest severity of a cell's findings, and their codes.
type Mark = Option<(Severity, Codes)>;

/// A value of a row.
struct Value<'v> {
    column: u16,
    text: &'v str,
    kind: CellKind,
}

/// The formats of values, each made once.
struct Formats<'w> {
    look: &'w Look,
    made: HashMap<(Shape, Mark), Format>,
}

impl Formats<'_> {
    /// The format of a value; behind a faulty one it shows the codes, which are no part of it.
    fn of(&mut self, shape: Shape, mark: Mark) -> &Format {
        let look = self.look;
        self.made.entry((shape, mark)).or_insert_with(|| {
            let number_format = shape.number_format();
            // Said of the cell itself, it keeps the column's format out of a cell of another shape.
            let Some((severity, codes)) = mark else { return Format::new().set_num_format(number_format).set_align(FormatAlign::Bottom) };
            let shaded = look.severity(severity).clone().set_align(FormatAlign::General).set_indent(0);
            let shaded = if severity == Severity::Warning { shaded.set_background_color(Color::RGB(WARNING_FILL)) } else { shaded };
            // Nothing can be shown behind an empty cell, and a code typed into it later should not seem to be wrong.
            if shape == Shape::Empty { shaded } else { shaded.set_num_format(format!("{number_format}\" [{codes}]\"")) }
        })
    }
}

pub(super) struct SheetWriter<'w, 'm> {
    sheet: &'w mut Worksheet,
    look: &'w Look,
    marking: &'w Marking<'m>,
    of: &'w Sheet,
    found: Found<'m>,
    formats: Formats<'w>,
    /// By column: the shape whose format the column lends to cells without one. The writer looks up a cell's own format by all its
    /// properties, which takes longer than everything else about the cell.
    lent: Vec<Option<Shape>>,
    /// The last row written, from 1.
    last_row: u32,
}

impl<'w, 'm> SheetWriter<'w, 'm> {
    /// Begins a sheet. `known`: only the columns that the program knows are copied.
    pub(super) fn begin(
        workbook: &'w mut Workbook,
        look: &'w Look,
        stamp: &Stamp,
        marking: &'w Marking<'m>,
        of: &'w Sheet,
        found: Found<'m>,
        known: bool,
    ) -> Result<SheetWriter<'w, 'm>, XlsxError> {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(&of.name)?;
        let mut widths = vec![if known { NOT_COPIED_WIDTH } else { UNKNOWN_WIDTH }; usize::try_from(of.columns).unwrap_or(0)];
        let writer =
            SheetWriter { sheet, look, marking, of, found, formats: Formats { look, made: HashMap::new() }, lent: Vec::new(), last_row: 0 };
        if let Some(source) = writer.source() {
            for (field, column) in Field::ALL.into_iter().zip(&source.columns) {
                if let Some(width) = column.and_then(|column| widths.get_mut(usize::try_from(column).ok()?)) {
                    *width = width_of(field);
                }
            }
        }
        if of.codes_column().is_some() && of.source.is_some() {
            widths.extend([CODES_WIDTH, OUTCOME_WIDTH]);
        }
        for (column, width) in (0..).zip(&widths) {
            writer.sheet.set_column_width(column, *width)?;
        }
        // Values have no border of their own, and numbers stand close to the texts beside them.
        writer.sheet.set_print_gridlines(true);
        print_setup(writer.sheet, stamp, &of.name, paper(&widths));
        if let Some(source) = writer.source().filter(|source| source.header_row <= FROZEN_ROWS_MAX) {
            writer.sheet.set_freeze_panes(source.header_row, 0)?.set_repeat_rows(source.header_row - 1, source.header_row - 1)?;
            writer.sheet.set_row_height(source.header_row - 1, HEADER_POINTS)?;
        }
        Ok(writer)
    }

    fn source(&self) -> Option<&'w SourceSheet> {
        let marking = self.marking;
        self.of.source.map(|sheet| &marking.intake.files[self.of.file].sheets[sheet])
    }

    /// Writes the headings and rows that the frame holds.
    pub(super) fn known(&mut self, rows: &Rows<'_>) -> Result<(), XlsxError> {
        let Some(source) = self.source() else { return Ok(()) };
        if source.header_row <= ROWS_PER_SHEET_MAX {
            let row = source.header_row - 1;
            for column in 0..u16::try_from(self.of.columns).unwrap_or(u16::MAX) {
                let field = source.columns.iter().position(|known| *known == Some(u32::from(column)));
                let (text, format) = match field {
                    Some(field) => (source.written[field].as_deref().unwrap_or_default(), &self.look.header),
                    None => ("not copied", &self.look.not_copied),
                };
                self.sheet.write_string_with_format(row, column, fitting(text), format)?;
            }
            self.edge_headings(source.header_row)?;
        }
        let mut values = Vec::with_capacity(Field::ALL.len());
        for position in &self.of.rows {
            let row = rows.row(*position);
            if row > ROWS_PER_SHEET_MAX {
                // A text file can have more lines than a sheet has rows.
                break;
            }
            values.clear();
            for (field, column) in Field::ALL.into_iter().zip(&source.columns) {
                let column = column.and_then(|column| u16::try_from(column).ok());
                if let (Some(column), Some(kind)) = (column, rows.kind(*position, field)) {
                    values.push(Value { column, text: rows.found(*position, field), kind });
                }
            }
            if self.lent.is_empty() {
                self.lend(&values)?;
            }
            self.line(row, &values, Some(*position))?;
        }
        Ok(())
    }

    /// Writes every cell of the owner's own sheet.
    pub(super) fn own(&mut self, cells: &mut OwnCells<'_>, rows: &Rows<'_>) -> Result<(), Refusal> {
        let cannot = |error: XlsxError| Refusal::limit(error.to_string());
        let header = self.source().map(|source| source.header_row);
        let mut decided = self.of.rows.iter().copied().peekable();
        let mut line: Vec<(u16, String, CellKind)> = Vec::new();
        let mut at = 0;
        loop {
            let cell = cells.source.next_cell()?;
            if at > 0 && cell.as_ref().is_none_or(|cell| cell.row > at) {
                let values: Vec<Value<'_>> = line.iter().map(|(column, text, kind)| Value { column: *column, text, kind: *kind }).collect();
                let position = decided.next_if(|position| rows.row(*position) == at);
                self.line(at, &values, position).map_err(cannot)?;
                if header == Some(at) {
                    self.edge_headings(at).map_err(cannot)?;
                }
                line.clear();
            }
            let Some(cell) = cell.filter(|cell| cell.row <= ROWS_PER_SHEET_MAX) else { return Ok(()) };
            at = cell.row;
            if let Ok(column) = u16::try_from(cell.column) {
                line.push((column, cell.text.into_owned(), cell.kind));
            }
        }
    }

    /// The headings of codes and outcome, in a row counted from 1.
    fn edge_headings(&mut self, row: u32) -> Result<(), XlsxError> {
        let Some(codes) = self.of.codes_column() else { return Ok(()) };
        self.sheet.write_string_with_format(row - 1, codes, "Codes", &self.look.header)?;
        self.sheet.write_string_with_format(row - 1, codes + 1, "Outcome", &self.look.header)?;
        self.last_row = self.last_row.max(row);
        Ok(())
    }

    /// Writes a row counted from 1; `position` is its place in the frame.
    fn line(&mut self, row: u32, values: &[Value<'_>], position: Option<usize>) -> Result<(), XlsxError> {
        let faults = self.found.0.remove(&row).unwrap_or_default();
        for value in values {
            let mark = mark_of(&faults, value.column);
            self.put(row - 1, value, mark)?;
        }
        let mut codes = Codes::NONE;
        for fault in &faults {
            codes.add(fault.finding.code);
            let Some(column) = fault.column else { continue };
            let first = faults.iter().find(|other| other.column == Some(column)).is_some_and(|first| std::ptr::eq(first, fault));
            if !first {
                continue;
            }
            if !values.iter().any(|value| value.column == column) && Some(column) != self.of.codes_column() {
                self.sheet.write_blank(row - 1, column, self.formats.of(Shape::Empty, mark_of(&faults, column)))?;
            }
            if fault.noted {
                self.sheet.insert_note(row - 1, column, &note(&faults, column))?;
            }
        }
        if let (Some(position), Some(edge)) = (position, self.of.codes_column()) {
            let decision = &self.marking.decisions[position];
            for code in decision.codes.iter() {
                codes.add(code);
            }
            self.put_text(row - 1, edge, &codes.to_string(), None)?;
            let (label, format) = match decision.outcome {
                Some(outcome) => (outcome.label(), self.look.outcome(outcome)),
                None => ("Passes the checks", self.look.outcome(Outcome::Paid)),
            };
            self.sheet.write_string_with_format(row - 1, edge + 1, label, format)?;
        }
        self.last_row = self.last_row.max(row);
        Ok(())
    }

    /// Puts a value back as what it was. What a spreadsheet cannot hold as such stays the text that it was.
    fn put(&mut self, row: u32, value: &Value<'_>, mark: Mark) -> Result<(), XlsxError> {
        let (column, trimmed) = (value.column, value.text.trim());
        match value.kind {
            CellKind::Number => {
                // The text is the shortest of this very double, so it becomes the same double again.
                if let Some(number) = trimmed.parse::<f64>().ok().filter(|number| number.is_finite()) {
                    if self.is_lent(column, Shape::Number, mark) {
                        self.sheet.write_number(row, column, number)?;
                    } else {
                        self.sheet.write_number_with_format(row, column, number, self.formats.of(Shape::Number, mark))?;
                    }
                    return Ok(());
                }
            }
            CellKind::Date => {
                if let Some((moment, shape)) = moment(trimmed) {
                    if self.is_lent(column, shape, mark) {
                        self.sheet.write_datetime(row, column, moment)?;
                    } else {
                        self.sheet.write_datetime_with_format(row, column, moment, self.formats.of(shape, mark))?;
                    }
                    return Ok(());
                }
            }
            CellKind::Boolean => {
                if let Some(truth) = match trimmed {
                    "TRUE" => Some(true),
                    "FALSE" => Some(false),
                    _ => None,
                } {
                    if self.is_lent(column, Shape::Boolean, mark) {
                        self.sheet.write_boolean(row, column, truth)?;
                    } else {
                        self.sheet.write_boolean_with_format(row, column, truth, self.formats.of(Shape::Boolean, mark))?;
                    }
                    return Ok(());
                }
            }
            CellKind::Text | CellKind::Error => {}
        }
        self.put_text(row, column, value.text, mark)
    }

    fn put_text(&mut self, row: u32, column: u16, text: &str, mark: Mark) -> Result<(), XlsxError> {
        if self.is_lent(column, Shape::Text, mark) {
            self.sheet.write_string(row, column, fitting(text))?;
        } else {
            self.sheet.write_string_with_format(row, column, fitting(text), self.formats.of(Shape::Text, mark))?;
        }
        Ok(())
    }

    /// Whether a cell without a format looks as it should.
    fn is_lent(&self, column: u16, shape: Shape, mark: Mark) -> bool {
        mark.is_none() && self.lent.get(usize::from(column)).is_some_and(|lent| *lent == Some(shape))
    }

    /// Has each column lend the format of its cell in the first row. It stays with the column: a code typed into a new row keeps its zeros.
    fn lend(&mut self, first: &[Value<'_>]) -> Result<(), XlsxError> {
        self.lent = vec![None; usize::try_from(self.of.columns).unwrap_or(0) + 1];
        let edge = self.of.codes_column().map(|column| (column, Shape::Text));
        let shapes = first.iter().filter_map(|value| {
            let shape = match value.kind {
                CellKind::Text | CellKind::Error => Shape::Text,
                CellKind::Number => Shape::Number,
                CellKind::Date => moment(value.text.trim())?.1,
                CellKind::Boolean => Shape::Boolean,
            };
            Some((value.column, shape))
        });
        for (column, shape) in shapes.chain(edge) {
            if let Some(lent) = self.lent.get_mut(usize::from(column)) {
                *lent = Some(shape);
                self.sheet.set_column_format(column, self.formats.of(shape, None))?;
            }
        }
        Ok(())
    }

    /// Ends the sheet: a filter over its rows, and no green corner on codes that are text on purpose.
    pub(super) fn end(self) -> Result<(), XlsxError> {
        let Some(last) = self.last_row.checked_sub(1) else { return Ok(()) };
        let edge = self.of.codes_column().map_or(0, |codes| codes + 1);
        self.sheet.ignore_error_range(0, 0, last, edge, IgnoreError::NumberStoredAsText)?;
        if let Some(header) = self.source().map(|source| source.header_row - 1).filter(|header| *header < last) {
            self.sheet.autofilter(header, 0, last, edge)?;
        }
        Ok(())
    }
}

/// A warning's shade beside white cells: that of its word in a list is too faint there.
const WARNING_FILL: u32 = 0x00E4_E9F2;

/// The gravest severity and all codes found on a cell.
fn mark_of(faults: &[Fault<'_>], column: u16) -> Mark {
    let mut mark: Mark = None;
    for fault in faults.iter().filter(|fault| fault.column == Some(column)) {
        let (severity, codes) = mark.get_or_insert((fault.finding.code.severity(), Codes::NONE));
        *severity = (*severity).min(fault.finding.code.severity());
        codes.add(fault.finding.code);
    }
    mark
}

/// The note of a cell: every finding on it, and its fix.
fn note(faults: &[Fault<'_>], column: u16) -> Note {
    let text = faults
        .iter()
        .filter(|fault| fault.column == Some(column))
        .map(|fault| {
            let Finding { code, message, .. } = fault.finding;
            format!("{code} {}: {message}.\nFix: {}", severity_label(code.severity()), fault.finding.fix())
        })
        .collect::<Vec<_>>()
        .join("\n\n");
    let lines = text.lines().map(|line| 1 + line.chars().count() / NOTE_LINE_CHARS).sum::<usize>() + 1;
    let height = u32::try_from(lines).unwrap_or(1).saturating_mul(NOTE_LINE_PIXELS);
    Note::new(fitting(&text)).add_author_prefix(false).set_author("cdip").set_width(NOTE_WIDTH).set_height(height)
}

/// A date of a spreadsheet, and whether it has a time of day; `None` where no cell of Excel can hold it.
fn moment(text: &str) -> Option<(NaiveDateTime, Shape)> {
    const EXCEL_YEARS: std::ops::RangeInclusive<i32> = 1900..=9999;
    let (moment, shape) = if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        (day.and_hms_opt(0, 0, 0)?, Shape::Date)
    } else {
        let patterns = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f"];
        (patterns.iter().find_map(|pattern| NaiveDateTime::parse_from_str(text, pattern).ok())?, Shape::Moment)
    };
    EXCEL_YEARS.contains(&moment.year()).then_some((moment, shape))
}
