//! The corrected copy of a submitted file: the submitter's own sheets, columns and values, with the corrections that a person
//! confirmed. Codes and ids are text, so that no spreadsheet drops their zeros again. The headings are the state's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::sheets::book::Workbook;
use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, Format, IgnoreError, Worksheet, XlsxError};

use super::given::{Given, Shape, dressed, restored};
use super::marked::FROZEN_ROWS_MAX;
use super::marked::names::sheet_names;
use super::marked::plan::stem;
use super::template::is_made_for_her;
use crate::intake::cells::{CellKind, CellSource, Refusal, SheetInfo, SheetShape};
use crate::intake::fields::Field;
use crate::intake::formats::{Asked, visit_for};
use crate::intake::guard::guarded;
use crate::intake::limits::{COLUMNS_PER_SHEET_MAX, ROWS_PER_SHEET_MAX};
use crate::intake::looks::CellLook;
use crate::intake::submission::{Reading, SourceFile, SourceSheet};
use crate::sheets::book;
use crate::sheets::cell::put;
use crate::values::{self, padded_code};

/// Width of a column that the program does not know, in characters.
const UNKNOWN_WIDTH: f64 = 16.0;

/// A file with the confirmed corrections.
pub struct Correcting<'c> {
    /// The file as it was read.
    pub file: &'c SourceFile,
    pub bytes: &'c [u8],
    pub reading: &'c Reading,
    /// The new text of a cell, by sheet among those read, physical row and field.
    pub cells: &'c BTreeMap<(usize, u32, Field), String>,
    /// Sheet and row of lines that are not completions: written blank.
    pub left_out: &'c BTreeSet<(usize, u32)>,
    /// Whether only the columns that the state reads are written, one after the other, and nothing above their headings.
    pub only_known: bool,
    /// Values of columns that the file lacks; written after the last column.
    pub constants: &'c [(Field, String)],
    /// The workbook's date; the clock is never read.
    pub date: NaiveDate,
}

/// Makes the corrected copy.
pub fn workbook(correcting: &Correcting<'_>) -> Result<Workbook, XlsxError> {
    let mut sheets = own_cells(correcting)?;
    // The template's own texts do not apply to a copy without its formulas.
    let is_read = |own: &OwnSheet| source_of(correcting.file, own).is_some();
    let only_read = correcting.only_known || correcting.file.template.is_some();
    sheets.retain(|own| !only_read || is_read(own));
    for sheet in &mut sheets {
        leave_out_made(correcting.file, sheet);
    }
    let properties = DocProperties::new().set_creation_datetime(&correcting.date);
    let mut workbook = book::begin_with(&properties, None);
    let names = sheets.iter().map(|sheet| {
        let stem = || stem(&correcting.file.path).to_string();
        sheet.name.clone().unwrap_or_else(stem)
    });
    let mut formats = Formats::default();
    for (sheet, name) in sheets.iter().zip(sheet_names(names)) {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(name)?;
        write(worksheet, correcting, sheet, &mut formats)?;
    }
    Ok(workbook)
}

/// A sheet of the file with its cells by row.
struct OwnSheet {
    name: Option<String>,
    hidden: bool,
    shape: SheetShape,
    rows: BTreeMap<u32, BTreeMap<u16, (String, CellKind)>>,
}

fn own_cells(correcting: &Correcting<'_>) -> Result<Vec<OwnSheet>, XlsxError> {
    let mut sheets = Vec::new();
    let mut visit = |info: SheetInfo, source: &mut dyn CellSource| -> Result<(), Refusal> {
        let mut rows: BTreeMap<u32, BTreeMap<u16, (String, CellKind)>> = BTreeMap::new();
        while let Some(cell) = source.next_cell()? {
            let column = u16::try_from(cell.column).ok();
            let fits = cell.row <= ROWS_PER_SHEET_MAX && cell.column < COLUMNS_PER_SHEET_MAX;
            if let Some(column) = column.filter(|_| fits) {
                let value = (cell.text.into_owned(), cell.kind);
                rows.entry(cell.row).or_default().insert(column, value);
            }
        }
        sheets.push(OwnSheet {
            name: info.name,
            hidden: info.hidden,
            shape: info.shape,
            rows,
        });
        Ok(())
    };
    let Correcting {
        file,
        bytes,
        reading,
        ..
    } = correcting;
    guarded(|| {
        visit_for(
            Asked::Looks,
            (&file.path, bytes),
            &reading.headings,
            reading.delimiter,
            &mut visit,
        )
    })
    .map_err(|refusal| XlsxError::CustomError(refusal.message))?;
    Ok(sheets)
}

/// The sheet as it was read, with its number among those.
fn source_of<'f>(file: &'f SourceFile, own: &OwnSheet) -> Option<(usize, &'f SourceSheet)> {
    let sheets = file.sheets.iter().enumerate();
    let mut same = sheets.filter(|(_, sheet)| sheet.name.as_deref() == own.name.as_deref());
    same.next()
}

/// Removes the template's helper columns: their texts are outdated once a cell is corrected.
fn leave_out_made(file: &SourceFile, own: &mut OwnSheet) {
    let source = source_of(file, own);
    let Some(headings) = source.and_then(|(_, sheet)| own.rows.get(&sheet.header_row)) else {
        return;
    };
    let made = headings
        .iter()
        .filter(|(_, (text, _))| is_made_for_her(text));
    let made: Vec<u16> = made.map(|(column, _)| *column).collect();
    for cells in own.rows.values_mut() {
        cells.retain(|column, _| !made.contains(column));
    }
    own.rows.retain(|_, cells| !cells.is_empty());
}

/// The format of a value by its type and its owner's format, each made once: text stays text.
#[derive(Default)]
struct Formats(HashMap<(Shape, Option<usize>), Format>);

impl Formats {
    fn of(&mut self, shape: Shape, own: Option<(usize, &CellLook)>) -> &Format {
        let key = (shape, own.map(|(number, _)| number));
        self.0.entry(key).or_insert_with(|| {
            let own = own.map(|(_, own)| own);
            let format = Format::new().set_num_format(shape.number_format(own));
            match own {
                Some(own) => dressed(format, own),
                None => format,
            }
        })
    }
}

fn write(
    worksheet: &mut Worksheet,
    correcting: &Correcting<'_>,
    own: &OwnSheet,
    formats: &mut Formats,
) -> Result<(), XlsxError> {
    worksheet.set_hidden(own.hidden);
    let title = Format::new();
    let source = source_of(correcting.file, own);
    let last = own.rows.values().filter_map(|row| row.keys().next_back());
    let behind = last.max().map_or(0, |column| column.saturating_add(1));
    let (mut first_row, mut last_row) = (u32::MAX, 0);
    let kept = source.filter(|_| correcting.only_known);
    let kept = kept.map(|(_, sheet)| kept_columns(sheet, (behind, correcting.constants.len())));
    let place = |column: u16| match &kept {
        Some(kept) => u16::try_from(kept.binary_search(&column).ok()?).ok(),
        None => Some(column),
    };
    for (row, cells) in &own.rows {
        if kept.is_some() && source.is_some_and(|(_, sheet)| *row < sheet.header_row) {
            continue;
        }
        let mut cells = cells.clone();
        if let Some((index, sheet)) = source {
            if correcting.left_out.contains(&(index, *row)) {
                continue;
            }
            correct(&mut cells, correcting, (index, sheet), *row, behind);
        }
        (first_row, last_row) = (first_row.min(row - 1), row - 1);
        let is_data = source.is_some_and(|(_, sheet)| *row > sheet.header_row);
        for (first, last) in own.shape.titles_of(*row).filter(|_| !is_data) {
            if let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last)) {
                worksheet.merge_range(row - 1, first, row - 1, last, "", &title)?;
            }
        }
        for (column, (text, kind)) in &cells {
            let Some(at) = place(*column) else { continue };
            let given = Given {
                column: *column,
                text,
                kind: *kind,
            };
            let (shape, value) = restored(&given);
            let look = own.shape.looks.of(*row, (*column).into());
            put(worksheet, row - 1, at, &value, formats.of(shape, look))?;
        }
    }
    let Some((_, sheet)) = source else {
        return Ok(());
    };
    if sheet.header_row <= FROZEN_ROWS_MAX {
        worksheet.set_freeze_panes(sheet.header_row, 0)?;
    }
    set_widths(worksheet, (own, sheet), behind, &place)?;
    if first_row <= last_row {
        let edge = behind.saturating_add(u16::try_from(correcting.constants.len()).unwrap_or(0));
        worksheet.ignore_error_range(
            first_row,
            0,
            last_row,
            edge,
            IgnoreError::NumberStoredAsText,
        )?;
    }
    Ok(())
}

/// Columns as wide as their owner's, or as their field needs.
fn set_widths(
    worksheet: &mut Worksheet,
    (own, sheet): (&OwnSheet, &SourceSheet),
    behind: u16,
    place: &dyn Fn(u16) -> Option<u16>,
) -> Result<(), XlsxError> {
    for column in 0..behind {
        let field = field_of(sheet, column);
        let usual = field.map_or(UNKNOWN_WIDTH, |field| f64::from(field.width()));
        let width = own.shape.width(column.into());
        let width = width.map_or(usual, |width| f64::from(width) / 100.0);
        if let Some(at) = place(column) {
            worksheet.set_column_width(at, width)?;
        }
    }
    Ok(())
}

/// The cells of a row after correction: the state's headings, restored zeros, confirmed values, and missing values.
fn correct(
    cells: &mut BTreeMap<u16, (String, CellKind)>,
    correcting: &Correcting<'_>,
    (index, sheet): (usize, &SourceSheet),
    row: u32,
    behind: u16,
) {
    let text = |text: &str| (text.to_string(), CellKind::Text);
    let is_header = row == sheet.header_row;
    for (field, column) in Field::ALL.into_iter().zip(&sheet.columns) {
        let Some(column) = column.and_then(|column| u16::try_from(column).ok()) else {
            continue;
        };
        if is_header {
            cells.insert(column, text(field.title()));
            continue;
        }
        if row < sheet.header_row {
            continue;
        }
        if let Some(now) = correcting.cells.get(&(index, row, field)) {
            cells.insert(column, typed(field, now));
        } else if let Some((found, _)) = cells.get(&column)
            && let Some(code) = as_code(field, found.trim())
        {
            cells.insert(column, text(&code));
        }
    }
    let is_data = row > sheet.header_row && !cells.is_empty();
    if is_header || is_data {
        let absent = |field: Field| sheet.columns[field as usize].is_none();
        let constants = correcting
            .constants
            .iter()
            .filter(|(field, _)| absent(*field));
        for (column, (field, value)) in (behind..).zip(constants) {
            cells.insert(column, text(if is_header { field.title() } else { value }));
        }
    }
}

/// The columns that are kept where only those that the state reads are: they, and those written after the last of `behind`.
fn kept_columns(sheet: &SourceSheet, (behind, more): (u16, usize)) -> Vec<u16> {
    let read = sheet.columns.iter().flatten();
    let read = read.filter_map(|column| u16::try_from(*column).ok());
    let mut kept: Vec<u16> = read.chain((behind..).take(more)).collect();
    kept.sort_unstable();
    kept
}

/// A confirmed value: a day is a date among dates, everything else is text.
fn typed(field: Field, now: &str) -> (String, CellKind) {
    let day = values::date(now, false).filter(|_| field == Field::CompletionDate);
    match day {
        Some(read) => (read.day.to_string(), CellKind::Date),
        None => (now.to_string(), CellKind::Text),
    }
}

/// A code or an id as text, whether a spreadsheet had it as a number or not.
fn as_code(field: Field, found: &str) -> Option<String> {
    match field {
        Field::DistrictCode | Field::SchoolCode => {
            padded_code(found).map(|(code, _)| code.into_owned())
        }
        Field::Sasid | Field::ProgramCode => {
            (!found.is_empty()).then(|| values::whole_number(found).to_string())
        }
        _ => None,
    }
}

fn field_of(sheet: &SourceSheet, column: u16) -> Option<Field> {
    let mut fields = Field::ALL.into_iter().zip(&sheet.columns);
    fields
        .find(|(_, of)| **of == Some(u32::from(column)))
        .map(|(field, _)| field)
}
