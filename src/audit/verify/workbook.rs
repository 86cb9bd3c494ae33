//! Compares two workbooks: sheets, names, and every cell's value and formula.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use super::parts;
use super::told::{Discrepancies, private_columns, shown, shown_apart};
use crate::catalogue::Code;
use crate::intake::cells::FileFormat;
use crate::intake::cells::{CellKind, Refusal};
use crate::intake::guard::guarded;
use crate::intake::preflight::format_of;
use crate::intake::workbook::content;
use crate::words::column_letters;
use calamine::{Reader, Sheet, SheetVisible, Xlsx, XlsxCellReader};
use rust_decimal::Decimal;

type Workbook<'b> = Xlsx<Cursor<&'b [u8]>>;
/// Defined names and their areas.
type Areas<'n> = BTreeMap<&'n str, BTreeSet<&'n str>>;

/// Compares two workbooks whose bytes differ.
pub(super) fn compare(found: &[u8], expected: &[u8], differences: &mut Discrepancies<'_>) {
    let safe = format_of("report.xlsx", found).and_then(|safe| match safe.format {
        FileFormat::Xlsx => Ok(()),
        _ => Err(Refusal::new(
            Code::F101,
            "the file is not a workbook of Excel",
        )),
    });
    let compared = safe.and_then(|()| guarded(|| cells_of(found, expected, differences)));
    let compared = match compared {
        Ok(sheets) => sheets,
        Err(refusal) => {
            let what = format!("it cannot be compared: {}", refusal.message);
            differences.note(None, "", &what);
            return;
        }
    };
    parts::compare(found, expected, &compared, differences);
}

fn damaged(error: impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::F101, format!("the workbook is damaged: {error}"))
}

/// Compares the cells of two workbooks; gives the expected sheets.
fn cells_of(
    found: &[u8],
    expected: &[u8],
    differences: &mut Discrepancies<'_>,
) -> Result<Vec<String>, Refusal> {
    let mut found: Workbook<'_> = Xlsx::new(Cursor::new(found)).map_err(damaged)?;
    let mut expected: Workbook<'_> = Xlsx::new(Cursor::new(expected)).map_err(damaged)?;
    let common = sheets(
        found.sheets_metadata(),
        expected.sheets_metadata(),
        differences,
    );
    defined_names(
        &areas(found.defined_names()),
        &areas(expected.defined_names()),
        differences,
    );
    for sheet in common {
        let mut is = found.worksheet_cells_reader(&sheet).map_err(damaged)?;
        let mut should = expected.worksheet_cells_reader(&sheet).map_err(damaged)?;
        sheet_cells(&sheet, &mut is, &mut should, differences)?;
    }
    // The parts are named as in the expected workbook.
    let sheets = expected.sheets_metadata().iter();
    Ok(sheets.map(|sheet| sheet.name.clone()).collect())
}

/// Compares the sheets, their order and visibility; gives those that both workbooks have.
fn sheets(found: &[Sheet], expected: &[Sheet], differences: &mut Discrepancies<'_>) -> Vec<String> {
    let seen = |sheet: &Sheet| match sheet.visible {
        SheetVisible::Visible => "visible",
        SheetVisible::Hidden => "hidden",
        SheetVisible::VeryHidden => "hidden so that Excel does not list it",
    };
    for sheet in found
        .iter()
        .filter(|sheet| !expected.iter().any(|other| other.name == sheet.name))
    {
        differences.note(
            Some(&sheet.name),
            "",
            &format!("the sheet does not belong there; it is {}", seen(sheet)),
        );
    }
    let mut common = Vec::new();
    for sheet in expected {
        let Some(is) = found.iter().find(|other| other.name == sheet.name) else {
            differences.note(Some(&sheet.name), "", "the sheet is missing");
            continue;
        };
        if is.visible != sheet.visible {
            let (is, should) = (seen(is).to_string(), seen(sheet).to_string());
            differences.add(
                Some(&sheet.name),
                "",
                "the sheet's visibility was changed",
                is,
                should,
            );
        }
        common.push(sheet.name.clone());
    }
    let order: Vec<&String> = found
        .iter()
        .map(|sheet| &sheet.name)
        .filter(|name| common.contains(name))
        .collect();
    if !order.iter().copied().eq(&common) {
        differences.note(None, "", "the sheets are in a different order");
    }
    common
}

/// The areas of every name; some, such as print titles, have one on each sheet.
fn areas(names: &[(String, String)]) -> Areas<'_> {
    let mut areas: Areas<'_> = BTreeMap::new();
    for (name, area) in names {
        areas.entry(name).or_default().insert(area);
    }
    areas
}

fn defined_names(found: &Areas<'_>, expected: &Areas<'_>, differences: &mut Discrepancies<'_>) {
    let names: BTreeSet<&str> = found.keys().chain(expected.keys()).copied().collect();
    let none = BTreeSet::new();
    for name in names {
        let (is, should) = (
            found.get(name).unwrap_or(&none),
            expected.get(name).unwrap_or(&none),
        );
        let only_in = |these: &BTreeSet<&str>, others: &BTreeSet<&str>| match these
            .difference(others)
            .copied()
            .collect::<Vec<_>>()
        {
            areas if areas.is_empty() => "nothing else".to_string(),
            areas => shown(&areas.join("; "), false),
        };
        if is != should {
            let place = format!("defined name {name}");
            differences.add(
                None,
                &place,
                "the name refers to something else",
                only_in(is, should),
                only_in(should, is),
            );
        }
    }
}

/// A cell that is not empty.
struct Filled {
    row: u32,
    column: u32,
    text: String,
    kind: CellKind,
    formula: Option<String>,
}

impl Filled {
    fn place(&self) -> (u32, u32) {
        (self.row, self.column)
    }

    fn value(&self, private: bool) -> String {
        self.quoted(shown(&self.text, private), private)
    }

    fn quoted(&self, value: String, private: bool) -> String {
        if self.kind == CellKind::Text && !private {
            format!("\"{value}\"")
        } else {
            value
        }
    }

    fn formula(&self, private: bool) -> String {
        self.formula
            .as_ref()
            .map_or("no formula".to_string(), |formula| {
                format!("={}", shown(formula, private))
            })
    }
}

fn next(reader: &mut XlsxCellReader<'_, Cursor<&[u8]>>) -> Result<Option<Filled>, Refusal> {
    while let Some(cell) = reader.next_cell_with_formula().map_err(damaged)? {
        if let Some((text, kind)) = content(cell.value, cell.formula.is_some()) {
            let (row, column) = cell.pos;
            return Ok(Some(Filled {
                row,
                column,
                text: text.into_owned(),
                kind,
                formula: cell.formula,
            }));
        }
    }
    Ok(None)
}

/// Follows the headings of a sheet's tables, to know which columns are private.
#[derive(Default)]
struct Privacy {
    row: u32,
    texts: Vec<(u32, String)>,
    columns: BTreeSet<u32>,
}

impl Privacy {
    fn pass(&mut self, cell: &Filled) {
        if cell.row != self.row {
            let columns = private_columns(
                self.texts
                    .iter()
                    .map(|(column, text)| (*column, text.as_str())),
            );
            if !columns.is_empty() {
                self.columns = columns;
            }
            self.texts.clear();
            self.row = cell.row;
        }
        if cell.kind == CellKind::Text {
            self.texts.push((cell.column, cell.text.clone()));
        }
    }
}

/// Compares both sheets as streams, in step by place, without holding them.
fn sheet_cells(
    sheet: &str,
    found: &mut XlsxCellReader<'_, Cursor<&[u8]>>,
    expected: &mut XlsxCellReader<'_, Cursor<&[u8]>>,
    differences: &mut Discrepancies<'_>,
) -> Result<(), Refusal> {
    let mut privacy = Privacy::default();
    let (mut is, mut should) = (next(found)?, next(expected)?);
    loop {
        let (extra, missing) = match (&is, &should) {
            (None, None) => return Ok(()),
            (Some(_), None) => (true, false),
            (None, Some(_)) => (false, true),
            (Some(is), Some(should)) => (is.place() < should.place(), is.place() > should.place()),
        };
        let (mut here, mut there) = (None, None);
        if !missing {
            here = is.take();
            is = next(found)?;
        }
        if !extra {
            there = should.take();
            should = next(expected)?;
        }
        if let Some(there) = &there {
            privacy.pass(there);
        }
        let Some((row, column)) = here.as_ref().or(there.as_ref()).map(Filled::place) else {
            continue;
        };
        let private = !differences.headings_are_known(sheet) || privacy.columns.contains(&column);
        let place = format!("cell {}{}", column_letters(column), row.saturating_add(1));
        for (what, is, should) in cell_differences(here.as_ref(), there.as_ref(), private) {
            differences.add(Some(sheet), &place, what, is, should);
        }
    }
}

/// Significant digits of a number in Excel. A program that saves a workbook again writes no more of them.
const NUMBER_DIGITS: u32 = 15;

/// Whether both cells hold the same number, as far as Excel keeps its digits.
fn is_same_number(is: &Filled, should: &Filled) -> bool {
    let number = |cell: &Filled| {
        let number: Decimal = cell.text.parse().ok()?;
        number.round_sf(NUMBER_DIGITS)
    };
    let numbers = (is.kind, should.kind) == (CellKind::Number, CellKind::Number);
    numbers && number(is).is_some_and(|is| Some(is) == number(should))
}

/// The differences between a cell and the expected one: what differs, and both values.
fn cell_differences(
    is: Option<&Filled>,
    should: Option<&Filled>,
    private: bool,
) -> Vec<(&'static str, String, String)> {
    let empty = || "empty".to_string();
    let (is, should) = match (is, should) {
        (Some(is), Some(should)) => (is, should),
        (Some(is), None) => {
            return vec![("the cell should be empty", is.value(private), empty())];
        }
        (None, Some(should)) => {
            return vec![("the cell is empty", empty(), should.value(private))];
        }
        (None, None) => return Vec::new(),
    };
    let mut differences = Vec::new();
    if (&is.text, is.kind) != (&should.text, should.kind) && !is_same_number(is, should) {
        let (found, expected) = shown_apart(&is.text, &should.text, private);
        let what = if is.text == should.text {
            "the cell differs: what is a text in one is a number or a date in the other"
        } else {
            "the cell differs"
        };
        differences.push((
            what,
            is.quoted(found, private),
            should.quoted(expected, private),
        ));
    }
    if is.formula != should.formula {
        differences.push((
            "the formula differs",
            is.formula(private),
            should.formula(private),
        ));
    }
    differences
}
