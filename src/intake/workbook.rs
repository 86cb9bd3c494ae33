//! Excel workbooks: xlsx, xlsm and xlsb as a stream of cells, xls as a range of a bounded copy.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::io::Cursor;
use std::marker::PhantomData;

use calamine::{
    Data, DataRef, ExcelDateTime, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb,
    XlsbError, Xlsx, XlsxError,
};

use super::cells::{
    Cell, CellKind, CellSource, FileFormat, Formulas, Refusal, SheetInfo, SheetShape, SheetVisitor,
    UNKNOWN, number_text,
};
use super::compound::sound_copy;
use super::formats::Asked;
use super::limits::{CELLS_PER_FILE_MAX, COLUMNS_PER_SHEET_MAX, ROWS_PER_SHEET_MAX};
use super::looks::Looks;
use super::merges::{Merge, Spread};
use super::package::two_of_one_name;
use super::preflight::Safe;

/// Reads every worksheet of a workbook.
pub fn read(
    safe: &Safe,
    bytes: &[u8],
    asked: Asked,
    visit: &mut SheetVisitor<'_>,
) -> Result<(), Refusal> {
    match safe.format {
        FileFormat::Xlsx => read_xlsx(safe, &safe.mended(bytes)?, asked, visit),
        FileFormat::Xlsb => read_xlsb(&safe.merges, &safe.mended(bytes)?, visit),
        _ => read_xls(bytes, visit),
    }
}

const NO_XML: &str = "a part of it is not sound XML";
const CUT_OFF: &str = "a part of it is cut off";
const MISSING: &str = "a part of it is missing";
const CONTRADICTS: &str = "its parts contradict each other";

fn xlsx_refusal(error: &XlsxError) -> Refusal {
    Refusal::damaged(match error {
        XlsxError::Password => return Refusal::protected(),
        XlsxError::Xml(_) | XlsxError::XmlAttr(_) | XlsxError::Encoding(_) => NO_XML,
        XlsxError::XmlEof(_) => CUT_OFF,
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => MISSING,
        XlsxError::ParseInt(_)
        | XlsxError::ParseFloat(_)
        | XlsxError::CellTAttribute(_)
        | XlsxError::CellError(_)
        | XlsxError::Unrecognized { .. } => "it contains an unknown kind of cell or sheet",
        XlsxError::Alphanumeric(_)
        | XlsxError::NumericColumn(_)
        | XlsxError::RangeWithoutColumnComponent
        | XlsxError::RangeWithoutRowComponent
        | XlsxError::ColumnNumberOverflow
        | XlsxError::RowNumberOverflow
        | XlsxError::DimensionCount(_) => "it contains an invalid cell address",
        _ => CONTRADICTS,
    })
}

fn xlsb_refusal(error: &XlsbError) -> Refusal {
    Refusal::damaged(match error {
        XlsbError::Password => return Refusal::protected(),
        XlsbError::Xml(_) | XlsbError::XmlAttr(_) | XlsbError::Encoding(_) => NO_XML,
        XlsbError::WideStr { .. } | XlsbError::Io(_) => CUT_OFF,
        XlsbError::FileNotFound(_) => MISSING,
        _ => CONTRADICTS,
    })
}

fn xls_refusal(error: &XlsError) -> Refusal {
    Refusal::damaged(match error {
        XlsError::Password => return Refusal::protected(),
        XlsError::Len { .. }
        | XlsError::ContinueRecordTooShort
        | XlsError::EoStream(_)
        | XlsError::Io(_) => CUT_OFF,
        _ => CONTRADICTS,
    })
}

fn worksheets(sheets: &[Sheet], dates_1904: bool) -> Vec<SheetInfo> {
    sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| SheetInfo {
            name: Some(sheet.name.clone()),
            hidden: sheet.visible != SheetVisible::Visible,
            dates_1904,
            shape: SheetShape::default(),
        })
        .collect()
}

fn read_xlsx(
    safe: &Safe,
    bytes: &[u8],
    asked: Asked,
    visit: &mut SheetVisitor<'_>,
) -> Result<(), Refusal> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| xlsx_refusal(&error))?;
    let infos = worksheets(workbook.sheets_metadata(), workbook.has_1904_epoch());
    let mut kinds = None;
    for (at, mut info) in infos.into_iter().enumerate() {
        info.shape = safe.shapes.get(at).cloned().unwrap_or_default();
        let name = info.name.clone().unwrap_or_default();
        if asked == Asked::Looks {
            let mut reader = workbook
                .worksheet_cells_reader(&name)
                .map_err(|error| xlsx_refusal(&error))?;
            info.shape.looks =
                Looks::read(&mut reader, &mut kinds).map_err(|error| xlsx_refusal(&error))?;
        }
        let mut reader = workbook
            .worksheet_cells_reader(&name)
            .map_err(|error| xlsx_refusal(&error))?;
        // The texts of formulas are not requested: one that thousands of cells share would be written out for each.
        let mut cells = Streamed::new(|| match reader.next_cell_with_formula_metadata() {
            Ok(Some(cell)) => Ok(Some((cell.pos, cell.value, cell.formula.is_some()))),
            Ok(None) => Ok(None),
            Err(error) => Err(xlsx_refusal(&error)),
        });
        cells.formulas.recalculates = safe.recalculates;
        let merged = safe.merges.get(at).cloned().unwrap_or_default();
        visit_spread(info, &mut cells, merged, visit)?;
    }
    Ok(())
}

fn read_xlsb(
    merges: &[Vec<Merge>],
    bytes: &[u8],
    visit: &mut SheetVisitor<'_>,
) -> Result<(), Refusal> {
    let mut workbook = Xlsb::new(Cursor::new(bytes)).map_err(|error| xlsb_refusal(&error))?;
    let infos = worksheets(workbook.sheets_metadata(), workbook.has_1904_epoch());
    for (at, info) in infos.into_iter().enumerate() {
        let name = info.name.clone().unwrap_or_default();
        let mut reader = workbook
            .worksheet_cells_reader(&name)
            .map_err(|error| xlsb_refusal(&error))?;
        let mut cells = Streamed::new(|| match reader.next_cell() {
            Ok(Some(cell)) => Ok(Some((cell.get_position(), cell.get_value().clone(), false))),
            Ok(None) => Ok(None),
            Err(error) => Err(xlsb_refusal(&error)),
        });
        let merged = merges.get(at).cloned().unwrap_or_default();
        visit_spread(info, &mut cells, merged, visit)?;
    }
    Ok(())
}

fn read_xls(bytes: &[u8], visit: &mut SheetVisitor<'_>) -> Result<(), Refusal> {
    let mut workbook =
        Xls::new(Cursor::new(sound_copy(bytes)?)).map_err(|error| xls_refusal(&error))?;
    let infos = worksheets(workbook.sheets_metadata(), workbook.has_1904_epoch());
    let mut names = HashSet::new();
    if !infos.iter().all(|info| names.insert(&info.name)) {
        return Err(two_of_one_name());
    }
    for info in infos {
        let name = info.name.clone().unwrap_or_default();
        let merged = workbook
            .merge_cells_by_sheet_name(&name)
            .unwrap_or_default()
            .into_iter();
        let merged = merged
            .map(|area| Merge::new(area.start, area.end))
            .filter(Merge::spans_rows)
            .collect();
        let range = workbook
            .worksheet_range(&name)
            .map_err(|error| xls_refusal(&error))?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        let mut cells: VecDeque<_> = range.used_cells().collect();
        let mut cells = Streamed::new(|| {
            Ok(cells.pop_front().map(|(row, column, value)| {
                // A sheet of xls has at most 65,536 rows and 256 columns.
                let row = first_row + u32::try_from(row).unwrap_or(u32::MAX - first_row);
                let column =
                    first_column + u32::try_from(column).unwrap_or(u32::MAX - first_column);
                ((row, column), borrowed(value), false)
            }))
        });
        visit_spread(info, &mut cells, merged, visit)?;
    }
    Ok(())
}

/// Visits a sheet, with the value of each merge in every row that it spans.
fn visit_spread(
    info: SheetInfo,
    cells: &mut dyn CellSource,
    merges: Vec<Merge>,
    visit: &mut SheetVisitor<'_>,
) -> Result<(), Refusal> {
    if merges.is_empty() {
        return visit(info, cells);
    }
    visit(info, &mut Spread::new(cells, merges))
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::DateTime(date) => DataRef::DateTime(*date),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// Position from 0, value, and whether it is a formula's.
type Read<'a> = ((u32, u32), DataRef<'a>, bool);

/// A calamine stream as a source of cells, whose texts live as long as the workbook does.
struct Streamed<'a, F> {
    next: F,
    /// Cells that may still come, including empty ones that are written out.
    left: u64,
    formulas: Formulas,
    texts: PhantomData<&'a str>,
}

impl<'a, F: FnMut() -> Result<Option<Read<'a>>, Refusal>> Streamed<'a, F> {
    fn new(next: F) -> Streamed<'a, F> {
        Streamed {
            next,
            left: CELLS_PER_FILE_MAX,
            formulas: Formulas::default(),
            texts: PhantomData,
        }
    }
}

/// Whether a result is other than 0; `None` without a result.
fn result(value: &DataRef<'_>) -> Option<bool> {
    match value {
        DataRef::Empty => None,
        DataRef::Int(number) => Some(*number != 0),
        DataRef::Float(number) => Some(*number != 0.0),
        DataRef::DateTime(date) => Some(date.as_f64() != 0.0),
        _ => Some(true),
    }
}

impl<'a, F: FnMut() -> Result<Option<Read<'a>>, Refusal>> CellSource for Streamed<'a, F> {
    fn formulas(&self) -> Formulas {
        self.formulas.clone()
    }

    fn next_cell(&mut self) -> Result<Option<Cell<'_>>, Refusal> {
        loop {
            let Some(((row, column), value, formula)) = (self.next)()? else {
                return Ok(None);
            };
            self.left = self.left.checked_sub(1).ok_or_else(|| {
                Refusal::limit(format!(
                    "a sheet has more than {CELLS_PER_FILE_MAX} cells, empty ones included"
                ))
            })?;
            if row >= ROWS_PER_SHEET_MAX || column >= COLUMNS_PER_SHEET_MAX {
                return Err(Refusal::limit("a cell lies outside of any worksheet"));
            }
            if formula {
                self.formulas.count(column, result(&value));
            }
            if let Some((text, kind)) = content(value, formula) {
                return Ok(Some(Cell {
                    row: row + 1,
                    column,
                    text,
                    kind,
                }));
            }
        }
    }
}

/// The exact text of a value; `None` for an empty cell.
pub(crate) fn content(value: DataRef<'_>, formula: bool) -> Option<(Cow<'_, str>, CellKind)> {
    let number = |number: f64| match number_text(number) {
        Some(text) => (Cow::Owned(text), CellKind::Number),
        None => (Cow::Borrowed("#NUM!"), CellKind::Error),
    };
    Some(match value {
        // A formula that no program has calculated yet. To read it as empty would be a guess, and in some columns an answer.
        DataRef::Empty if formula => (Cow::Borrowed(UNKNOWN), CellKind::Uncalculated),
        DataRef::Empty => return None,
        DataRef::Int(whole) => (Cow::Owned(whole.to_string()), CellKind::Number),
        DataRef::Float(value) => number(value),
        DataRef::String(text) | DataRef::DurationIso(text) => (Cow::Owned(text), CellKind::Text),
        DataRef::SharedString(text) => (Cow::Borrowed(text), CellKind::Text),
        DataRef::Bool(truth) => (
            Cow::Borrowed(if truth { "TRUE" } else { "FALSE" }),
            CellKind::Boolean,
        ),
        DataRef::DateTime(date) if date.is_duration() => number(date.as_f64()),
        DataRef::DateTime(date) if !is_day(date) => {
            let (text, kind) = number(date.as_f64());
            let is_number = kind == CellKind::Number;
            (text, if is_number { CellKind::Time } else { kind })
        }
        DataRef::DateTime(date) => (Cow::Owned(date_text(date)), CellKind::Date),
        DataRef::DateTimeIso(text) => (Cow::Owned(text), CellKind::Date),
        DataRef::Error(error) => (Cow::Owned(error.to_string()), CellKind::Error),
    })
}

/// Whether a number with a date format is a day, with or without a time of day. Days are counted up to the end of the year 9999.
fn is_day(date: ExcelDateTime) -> bool {
    const DAYS: f64 = 2_958_466.0;
    let (year, ..) = date.to_ymd_hms_milli();
    year >= 1900 && (0.0..DAYS).contains(&date.as_f64())
}

/// `2024-05-17`, followed by the time of day if there is one.
fn date_text(date: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = date.to_ymd_hms_milli();
    if (hour, minute, second, milli) == (0, 0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
