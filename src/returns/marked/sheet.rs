//! One sheet of a marked copy: values at their own addresses, faulty cells shaded, codes and outcome at the right edge.

use std::collections::{BTreeMap, HashSet};

use crate::sheets::book::Workbook;
use rust_xlsxwriter::{Format, IgnoreError, Worksheet, XlsxError};

use super::super::formulas::WRONG;
use super::super::given::{Given, Shape, restored};
use super::super::template::is_made_for_her;
use super::follow::{Blamed, Follower, asks_for_work};
use super::marking::Marking;
use super::marks::{Fault, Formats, Found, Mark, mark_of, note};
use super::plan::{OwnCells, Sheet};
use crate::catalogue::Codes;
use crate::intake::cells::{CellKind, Refusal};
use crate::intake::completions::{Field, Rows};
use crate::intake::limits::ROWS_PER_SHEET_MAX;
use crate::intake::submission::SourceSheet;
use crate::ranks::RowRank;
use crate::sheets::cell::Value;
use crate::sheets::look::{Kind, Look, Tone};
use crate::sheets::page::Stamp;
use crate::sheets::print::print_setup;
use crate::sheets::spliced::Spliced;

/// Headings down to this row are frozen; lower down, the titles above would fill the screen.
pub(in crate::returns) const FROZEN_ROWS_MAX: u32 = 10;
/// Height of the headings, in points that are whole pixels: they wrap to two lines next to the filter's buttons.
const HEADER_POINTS: u16 = 33;
/// Width of a column that is not copied, and of an unknown one.
const NOT_COPIED_WIDTH: f64 = 9.0;
const UNKNOWN_WIDTH: f64 = 16.0;
/// Widths of the program's own columns.
const CODES_WIDTH: f64 = 20.0;
const OUTCOME_WIDTH: f64 = 20.0;
const WRONG_WIDTH: f64 = 60.0;
/// The text of an empty faulty cell.
const MISSING: Value<'static> = Value::Text("missing");

/// Shared by the sheets of a workbook.
pub(super) struct Shared<'w, 'm> {
    pub(super) look: &'w Look,
    pub(super) formats: Formats,
    pub(super) follower: Option<Follower<'m>>,
}

pub(super) struct SheetWriter<'w, 'm> {
    sheet: &'w mut Worksheet,
    spliced: &'w mut Spliced,
    formats: &'w mut Formats,
    follower: Option<&'w mut Follower<'m>>,
    /// By column: the rows, from 0, whose cell the last column depends on.
    followed: BTreeMap<u16, Vec<u32>>,
    look: &'w Look,
    marking: &'w Marking<'m>,
    of: &'w Sheet,
    found: Found<'m>,
    /// The template's helper columns: their texts would be outdated once a cell is corrected.
    made: Vec<u16>,
    /// Rows written, counted from the sheet's top.
    last: u32,
    /// Whether columns get the formats of the first row's cells.
    lent: bool,
}

impl<'w, 'm> SheetWriter<'w, 'm> {
    /// Begins a sheet. `known`: only the columns that the program knows are copied.
    pub(super) fn begin(
        (workbook, shared): (&'w mut Workbook, &'w mut Shared<'_, 'm>),
        stamp: &Stamp,
        marking: &'w Marking<'m>,
        of: &'w Sheet,
        found: Found<'m>,
        known: bool,
    ) -> Result<SheetWriter<'w, 'm>, XlsxError> {
        let source = of
            .source
            .map(|sheet| &marking.intake.files[of.file].sheets[sheet]);
        let widths = widths(marking, of, source, (&found, known));
        let (sheet, spliced) = workbook.add_spliced();
        sheet.set_name(&of.name)?.set_hidden(of.hidden);
        // The last column's text runs on to the right and is not printed.
        let has_wrong = source.and(of.last_column()).is_some();
        let wrong = marking.follows.filter(|_| has_wrong).map(|_| WRONG_WIDTH);
        for (column, width) in (0..).zip(widths.iter().copied().chain(wrong)) {
            sheet.set_column_width(column, width)?;
        }
        // Values have no borders, and numbers would touch the texts next to them.
        sheet.set_print_gridlines(true);
        print_setup(sheet, stamp, &of.name, &widths);
        if let Some(header) = source
            .map(|source| source.header_row)
            .filter(|header| *header <= FROZEN_ROWS_MAX)
        {
            sheet
                .set_freeze_panes(header, 0)?
                .set_repeat_rows(header - 1, header - 1)?;
        }
        Ok(SheetWriter {
            sheet,
            spliced,
            formats: &mut shared.formats,
            follower: shared.follower.as_mut(),
            followed: BTreeMap::new(),
            look: shared.look,
            marking,
            of,
            found,
            made: Vec::new(),
            last: 0,
            lent: false,
        })
    }

    /// Merges the title cells of a row before their texts are written.
    fn titles(&mut self, row: u32) -> Result<(), XlsxError> {
        let title = Format::new();
        for (first, last) in self.of.shape.titles_of(row) {
            let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last)) else {
                continue;
            };
            if u32::from(last) < self.of.columns {
                self.sheet
                    .merge_range(row - 1, first, row - 1, last, "", &title)?;
            }
        }
        Ok(())
    }

    fn source(&self) -> Option<&'w SourceSheet> {
        let marking = self.marking;
        self.of
            .source
            .map(|sheet| &marking.intake.files[self.of.file].sheets[sheet])
    }

    /// Writes the headings and the rows as they were read.
    pub(super) fn known(&mut self, rows: &Rows<'_>) -> Result<(), XlsxError> {
        let Some(source) = self.source() else {
            return Ok(());
        };
        if source.header_row <= ROWS_PER_SHEET_MAX {
            self.begin_row(source.header_row)?;
            for column in 0..u16::try_from(self.of.columns).unwrap_or(u16::MAX) {
                let field = source
                    .columns
                    .iter()
                    .position(|known| *known == Some(u32::from(column)));
                let (text, look) = match field {
                    Some(field) => (
                        source.written[field].as_deref().unwrap_or_default(),
                        self.look.numbered_header(),
                    ),
                    None => ("not copied", self.look.numbered_not_copied()),
                };
                self.spliced
                    .cell(self.sheet, column, look, &Value::Text(text))?;
            }
            self.edge_headings()?;
            self.spliced.end_row()?;
            self.last = source.header_row;
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
                    values.push(Given {
                        column,
                        text: rows.found(*position, field),
                        kind,
                    });
                }
            }
            values.sort_by_key(|value| value.column);
            self.lend(&values)?;
            self.line(row, &values, Some(*position))?;
        }
        Ok(())
    }

    /// Writes every cell of the owner's own sheet. A refusal comes from the reader; an error of the writer goes to `failed`.
    pub(super) fn own(
        &mut self,
        cells: &mut OwnCells<'_>,
        rows: &Rows<'_>,
        failed: &mut Option<XlsxError>,
    ) -> Result<(), Refusal> {
        let mut cannot = |error| not_written(error, failed);
        let mut decided = self.of.rows.iter().copied().peekable();
        let mut line: Vec<(u16, String, CellKind)> = Vec::new();
        let mut at = 0;
        loop {
            let cell = cells.source.next_cell()?;
            if at > 0 && cell.as_ref().is_none_or(|cell| cell.row > at) {
                // A damaged sheet can contain a cell twice: the last one counts, as in a spreadsheet.
                line.sort_by_key(|(column, ..)| *column);
                self.leave_out_made(at, &mut line).map_err(&mut cannot)?;
                let values = line.iter().zip(line.iter().skip(1).map(Some).chain([None]));
                let values = values.filter(|(cell, next)| next.is_none_or(|next| next.0 != cell.0));
                let values: Vec<Given<'_>> = values
                    .map(|((column, text, kind), _)| Given {
                        column: *column,
                        text,
                        kind: *kind,
                    })
                    .collect();
                let position = decided.next_if(|position| rows.row(*position) == at);
                if !values.is_empty() {
                    self.line(at, &values, position).map_err(&mut cannot)?;
                }
                line.clear();
            }
            let Some(cell) = cell.filter(|cell| cell.row <= ROWS_PER_SHEET_MAX) else {
                return Ok(());
            };
            at = cell.row;
            if let Ok(column) = u16::try_from(cell.column) {
                line.push((column, cell.text.into_owned(), cell.kind));
            }
        }
    }

    /// Removes the template's helper cells from a row, and hides their columns.
    fn leave_out_made(
        &mut self,
        row: u32,
        line: &mut Vec<(u16, String, CellKind)>,
    ) -> Result<(), XlsxError> {
        if self.is_header(row) {
            let made = line.iter().filter(|(_, text, _)| is_made_for_her(text));
            self.made = made.map(|(column, ..)| *column).collect();
            for column in &self.made {
                self.sheet.set_column_hidden(*column)?;
            }
        }
        line.retain(|(column, ..)| !self.made.contains(column));
        Ok(())
    }

    fn is_header(&self, row: u32) -> bool {
        self.source().is_some_and(|source| source.header_row == row)
    }

    /// Begins a row counted from 1.
    fn begin_row(&mut self, row: u32) -> Result<(), XlsxError> {
        let is_high = self.is_header(row) && row <= FROZEN_ROWS_MAX;
        self.spliced
            .begin_row(row - 1, is_high.then_some(HEADER_POINTS))
    }

    /// The headings of codes and outcome, at the end of their row.
    fn edge_headings(&mut self) -> Result<(), XlsxError> {
        let Some(codes) = self.of.codes_column() else {
            return Ok(());
        };
        let more = self.marking.edge.iter().flat_map(|edge| &edge.columns);
        let headings = ["Codes", "Outcome"]
            .into_iter()
            .chain(more.map(|column| &*column.heading))
            .chain(self.marking.follows.map(|_| WRONG));
        for (column, heading) in (codes..).zip(headings) {
            let look = self.look.numbered_header();
            self.spliced
                .cell(self.sheet, column, look, &Value::Text(heading))?;
        }
        Ok(())
    }

    /// Writes a row counted from 1, its values by column; `position` is its place among all rows.
    fn line(
        &mut self,
        row: u32,
        values: &[Given<'_>],
        position: Option<RowRank>,
    ) -> Result<(), XlsxError> {
        let faults = self.found.0.remove(&row).unwrap_or_default();
        let blank = self.notes_and_blanks(row, &faults, values)?;
        let mut blank = blank.into_iter().peekable();
        self.last = row;
        self.begin_row(row)?;
        // Cells of pupils are never merged.
        if position.is_none() {
            self.titles(row)?;
        }
        for value in values {
            while let Some(column) = blank.next_if(|column| *column < value.column) {
                self.put(column, Shape::Empty, &MISSING, mark_of(&faults, column))?;
            }
            let (shape, restored) = restored(value);
            self.put(
                value.column,
                shape,
                &restored,
                mark_of(&faults, value.column),
            )?;
        }
        for column in blank {
            self.put(column, Shape::Empty, &MISSING, mark_of(&faults, column))?;
        }
        if let (Some(position), Some(edge)) = (position, self.of.codes_column()) {
            self.edge(edge, position, &faults)?;
            self.follow(row - 1, &faults, values)?;
        }
        // The rows of the batch are written already.
        if position.is_none() && self.is_header(row) {
            self.edge_headings()?;
        }
        self.spliced.end_row()
    }

    /// Puts the notes on the faulty cells of a row. Returns the columns of the empty ones, ascending.
    fn notes_and_blanks(
        &mut self,
        row: u32,
        faults: &[Fault<'_>],
        values: &[Given<'_>],
    ) -> Result<Vec<u16>, XlsxError> {
        let mut blank = Vec::new();
        for (index, fault) in faults.iter().enumerate() {
            let is_first = |column: &u16| {
                let before = &faults[..index];
                before.iter().all(|other| other.column != Some(*column))
            };
            let Some(column) = fault.column.filter(is_first) else {
                continue;
            };
            if !values.iter().any(|value| value.column == column)
                && Some(column) != self.of.codes_column()
            {
                blank.push(column);
            }
            if fault.noted {
                self.sheet
                    .insert_note(row - 1, column, &note(faults, column))?;
            }
        }
        blank.sort_unstable();
        Ok(blank)
    }

    /// The cells at the right edge of a row: codes, outcome, and further columns.
    fn edge(
        &mut self,
        edge: u16,
        position: RowRank,
        faults: &[Fault<'_>],
    ) -> Result<(), XlsxError> {
        let (mut codes, label, shade) = (self.marking.ended)(position);
        for fault in faults {
            codes.add(fault.finding.code);
        }
        if codes != Codes::NONE {
            let text = codes.to_string();
            self.put(edge, Shape::Text, &Value::Text(&text), None)?;
        }
        let look = self.look.numbered(Kind::Word(shade), false, Tone::Plain);
        self.spliced
            .cell(self.sheet, edge + 1, look, &Value::Text(label))?;
        let more = self.marking.edge.as_ref().map(|of| (of.cells)(position));
        for (column, cell) in (edge + 2..).zip(more.into_iter().flatten()) {
            let places = (&mut *self.sheet, &mut *self.spliced);
            cell.splice(places, column, self.look, Tone::Plain)?;
        }
        Ok(())
    }

    /// The last column: what is wrong with the row, until it is corrected.
    fn follow(
        &mut self,
        at: u32,
        faults: &[Fault<'_>],
        values: &[Given<'_>],
    ) -> Result<(), XlsxError> {
        let (Some(column), Some(source)) = (self.of.last_column(), self.source()) else {
            return Ok(());
        };
        let Some(follower) = self.follower.as_mut() else {
            return Ok(());
        };
        let field_at = |column: u16| {
            let mut fields = Field::ALL.into_iter().zip(&source.columns);
            fields
                .find(|(_, place)| **place == Some(u32::from(column)))
                .map(|(field, _)| field)
        };
        let mut blamed: Vec<Blamed<'_>> = Vec::new();
        for fault in faults.iter().filter(|fault| asks_for_work(fault.finding)) {
            // What is said about the row as a whole no cell decides.
            let own = fault
                .column
                .filter(|column| Some(*column) != self.of.codes_column())
                .filter(|_| fault.finding.column.is_some());
            let known = blamed
                .iter_mut()
                .find(|one| one.cell.as_ref().map(|(column, _)| *column) == own);
            if let Some(known) = known {
                known.findings.push(fault.finding);
                continue;
            }
            let said = |column| {
                let given = values.iter().find(|value| value.column == column);
                given.map_or(MISSING, |given| restored(given).1)
            };
            blamed.push(Blamed {
                cell: own.map(|column| (column, said(column))),
                field: own.and_then(field_at),
                findings: vec![fault.finding],
            });
        }
        let place = |field: Option<Field>| source.columns[field? as usize];
        for column in follower.write(
            (&mut *self.sheet, &mut *self.spliced),
            (at, column),
            &place,
            &blamed,
        )? {
            self.followed.entry(column).or_default().push(at);
        }
        Ok(())
    }

    fn put(
        &mut self,
        column: u16,
        shape: Shape,
        value: &Value<'_>,
        mark: Mark,
    ) -> Result<(), XlsxError> {
        let own = self
            .of
            .shape
            .looks
            .of(self.spliced.row() + 1, column.into());
        let look = self.formats.of(self.look, shape, own, mark);
        self.spliced.cell(self.sheet, column, look, value)
    }

    /// Gives each column the format of its cell in the first row, so that a code typed into a new row keeps its zeros.
    fn lend(&mut self, first: &[Given<'_>]) -> Result<(), XlsxError> {
        if std::mem::replace(&mut self.lent, true) {
            return Ok(());
        }
        let edge = self.of.codes_column().map(|column| (column, Shape::Text));
        let shapes = first
            .iter()
            .map(|value| (value.column, restored(value).0))
            .chain(edge);
        for (column, shape) in shapes {
            let look = self.formats.of(self.look, shape, None, None);
            self.sheet.set_column_format(column, look.format)?;
        }
        Ok(())
    }

    /// Ends the sheet: a filter over its rows, and no green corner on codes that are text on purpose.
    pub(super) fn end(self) -> Result<(), XlsxError> {
        let SheetWriter {
            sheet,
            spliced,
            of,
            marking,
            last,
            followed,
            follower,
            ..
        } = self;
        spliced.end(sheet)?;
        let source = of
            .source
            .map(|sheet| &marking.intake.files[of.file].sheets[sheet]);
        // The lists are on the sheet that comes with the sentences about something to correct.
        if let (false, Some(source), Some(follower)) = (followed.is_empty(), source, follower) {
            let place = |field: Field| u16::try_from(source.columns[field as usize]?).ok();
            follower.offer(sheet, (source.header_row, last.max(1) - 1), &place)?;
        }
        if let Some(says) = of.last_column() {
            let dates = source.and_then(|source| source.columns[Field::CompletionDate as usize]);
            let dates = dates.and_then(|column| u16::try_from(column).ok());
            let number_format = |row: u32, column: u16| of.number_format(row, column, dates);
            Follower::clear_marks(sheet, &followed, says, number_format)?;
        }
        if let Some(last) = last.checked_sub(1) {
            let edge = of.codes_column().map_or(
                u16::try_from(of.columns)
                    .unwrap_or(u16::MAX)
                    .saturating_sub(1),
                |codes| {
                    let more = u16::try_from(of.own_columns).unwrap_or(u16::MAX);
                    codes.saturating_add(more - 1)
                },
            );
            sheet.ignore_error_range(0, 0, last, edge, IgnoreError::NumberStoredAsText)?;
            let wrong = marking.follows.and(of.source).and(of.last_column());
            if let Some(before) = wrong.and_then(|wrong| wrong.checked_sub(1)) {
                sheet.set_print_area(0, 0, last, before)?;
            }
            if let Some(header) = source
                .map(|source| source.header_row - 1)
                .filter(|header| *header < last)
            {
                sheet.autofilter(header, 0, last, edge)?;
            }
        }
        Ok(())
    }
}

/// The widths of a sheet's columns, those that are printed. `known`: only the columns that the program knows are copied.
fn widths(
    marking: &Marking<'_>,
    of: &Sheet,
    source: Option<&SourceSheet>,
    (found, known): (&Found<'_>, bool),
) -> Vec<f64> {
    let mut widths = vec![
        if known {
            NOT_COPIED_WIDTH
        } else {
            UNKNOWN_WIDTH
        };
        usize::try_from(of.columns).unwrap_or(0)
    ];
    for (field, column) in Field::ALL
        .into_iter()
        .zip(source.iter().flat_map(|source| &source.columns))
    {
        if let Some(width) = column.and_then(|column| widths.get_mut(usize::try_from(column).ok()?))
        {
            *width = f64::from(field.width());
        }
    }
    keep_widths(&mut widths, of, found);
    if of.codes_column().is_some() && of.source.is_some() {
        widths.extend([CODES_WIDTH, OUTCOME_WIDTH]);
        let more = marking.edge.iter().flat_map(|edge| &edge.columns);
        widths.extend(more.map(|column| column.width));
    }
    widths
}

/// Gives columns their owner's widths; a column with something to fix is at least as wide as its text.
fn keep_widths(widths: &mut [f64], of: &Sheet, found: &Found<'_>) {
    let faulty: HashSet<u16> = found
        .0
        .values()
        .flatten()
        .filter_map(|fault| fault.column)
        .collect();
    for (column, width) in (0..of.columns).zip(widths) {
        let Some(own) = of.shape.width(column) else {
            continue;
        };
        let own = f64::from(own) / 100.0;
        let is_faulty = u16::try_from(column).is_ok_and(|column| faulty.contains(&column));
        *width = if is_faulty { own.max(*width) } else { own };
    }
}

/// Ends the reading of a sheet that cannot be written, and keeps the reason.
pub(super) fn not_written(error: XlsxError, failed: &mut Option<XlsxError>) -> Refusal {
    let refusal = Refusal::limit(error.to_string());
    failed.get_or_insert(error);
    refusal
}
