//! The formulas of `statewide.xlsx`, calculated again by programs that know nothing of this one: IronCalc in every run, LibreOffice
//! where it is installed. Before either is asked, every cached result is made wrong, so that only one who calculates can be right.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use calamine::{Reader as _, Xlsx};
use cdip::batch::Batch;
use cdip::calculation::{Calculation, calculate};
use cdip::decision::Outcome;
use cdip::money::Money;
use cdip::report::workbook::Workbooks;
use cdip::rules::readings::{CapBase, CapMoney, CapRounding, CapSelection, CrossEntity, Rounding, Unit};
use ironcalc::base::Model;
use ironcalc::base::cell::CellValue;
use quick_xml::events::Event;
use tempfile::TempDir;

use crate::cli::root;

/// Excel's limit.
const FORMULA_CHARS_MAX: usize = 8_192;
/// What every cached result is replaced by before another program is asked; right nowhere.
const WRONG: &str = "-42.5";

/// A cell with a formula.
#[derive(Clone, Debug)]
struct FormulaCell {
    sheet: usize,
    /// From 0.
    row: usize,
    column: usize,
    formula: String,
    cached: Shown,
}

/// What a cell shows.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Number(f64),
    Text(String),
}

impl Shown {
    /// The same text, or the same number of cents; a share of a whole, which is no money, to nine places.
    fn agrees(&self, other: &Shown) -> bool {
        match (self, other) {
            (Shown::Number(one), Shown::Number(other)) => cents(*one) == cents(*other) && (one - other).abs() < 1e-6,
            _ => self == other,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "amounts of a test batch")]
fn cents(dollars: f64) -> i64 {
    (dollars * 100.0).round() as i64
}

/// A workbook as it was written: its sheets and its formulas.
struct Book {
    bytes: Vec<u8>,
    sheets: Vec<String>,
    formulas: Vec<FormulaCell>,
}

impl Book {
    fn of(calculation: &Calculation) -> Book {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("statewide.xlsx");
        Workbooks::of(calculation).write_statewide(&path).unwrap();
        Book::read(fs::read(path).unwrap())
    }

    fn read(bytes: Vec<u8>) -> Book {
        let sheets = Xlsx::new(Cursor::new(bytes.as_slice())).unwrap().sheet_names();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes.as_slice())).unwrap();
        let mut formulas = Vec::new();
        for sheet in 0..sheets.len() {
            let mut xml = String::new();
            zip.by_name(&format!("xl/worksheets/sheet{}.xml", sheet + 1)).unwrap().read_to_string(&mut xml).unwrap();
            formulas.extend(formula_cells(&xml, sheet));
        }
        Book { bytes, sheets, formulas }
    }

    fn sheet(&self, name: &str) -> usize {
        self.sheets.iter().position(|sheet| sheet == name).unwrap_or_else(|| panic!("no sheet {name}"))
    }

    /// The same workbook with a wrong cached result in every formula.
    fn with_wrong_results(&self) -> Vec<u8> {
        let mut zip = zip::ZipArchive::new(Cursor::new(self.bytes.as_slice())).unwrap();
        let mut written = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..zip.len() {
            let mut part = zip.by_index(index).unwrap();
            let name = part.name().unwrap().to_string();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            if name.starts_with("xl/worksheets/sheet") {
                bytes = wrong_results(&String::from_utf8(bytes).unwrap()).into_bytes();
            }
            written.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            written.write_all(&bytes).unwrap();
        }
        written.finish().unwrap().into_inner()
    }

    /// Where a formula stands, for a message.
    fn place(&self, cell: &FormulaCell) -> String {
        let address = rust_xlsxwriter::utility::row_col_to_cell(
            u32::try_from(cell.row).unwrap(),
            u16::try_from(cell.column).unwrap(),
        );
        format!("{}!{address} ={}", self.sheets[cell.sheet], cell.formula)
    }

    /// Every formula must show what the program calculated; says how many there are.
    fn agrees_with(&self, who: &str, shown: impl Fn(&FormulaCell) -> Shown) -> usize {
        for cell in &self.formulas {
            let found = shown(cell);
            assert!(cell.cached.agrees(&found), "{who} and not {:?}: {found:?} in {}", cell.cached, self.place(cell));
        }
        self.formulas.len()
    }
}

fn wrong_results(xml: &str) -> String {
    let mut parts = xml.split("</f><v>");
    let mut wrong = parts.next().unwrap().to_string();
    for part in parts {
        let (_, rest) = part.split_once("</v>").unwrap();
        wrong.push_str("</f><v>");
        wrong.push_str(WRONG);
        wrong.push_str("</v>");
        wrong.push_str(rest);
    }
    wrong
}

/// The formulas of a sheet's XML. A formula without a cached result is a failure here.
fn formula_cells(xml: &str, sheet: usize) -> Vec<FormulaCell> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut cells = Vec::new();
    let (mut address, mut kind, mut inside) = (String::new(), String::new(), String::new());
    let (mut formula, mut value) = (None, None);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                inside = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                if inside == "c" {
                    let attribute = |name: &str| {
                        let found = tag.try_get_attribute(name).unwrap();
                        found.map(|found| String::from_utf8(found.value.to_vec()).unwrap()).unwrap_or_default()
                    };
                    (address, kind) = (attribute("r"), attribute("t"));
                    (formula, value) = (None, None);
                }
            }
            Event::Text(text) => {
                let into = match inside.as_str() {
                    "f" => &mut formula,
                    "v" => &mut value,
                    _ => continue,
                };
                into.get_or_insert_with(String::new).push_str(&text.decode().unwrap());
            }
            Event::GeneralRef(entity) => {
                let into = match inside.as_str() {
                    "f" => &mut formula,
                    "v" => &mut value,
                    _ => continue,
                };
                let character = match &*entity.decode().unwrap() {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    other => panic!("&{other}; in a formula"),
                };
                into.get_or_insert_with(String::new).push(character);
            }
            Event::End(tag) => {
                inside.clear();
                if tag.name().as_ref() == b"c"
                    && let Some(formula) = formula.take()
                {
                    let value = value.take().filter(|value| !value.is_empty());
                    let value = value.unwrap_or_else(|| panic!("{address} ={formula} has no cached result"));
                    let cached = if kind == "str" { Shown::Text(value) } else { Shown::Number(value.parse().unwrap()) };
                    let (row, column) = row_and_column(&address);
                    cells.push(FormulaCell { sheet, row, column, formula, cached });
                }
            }
            Event::Eof => return cells,
            _ => {}
        }
    }
}

/// `B3` as (2, 1).
fn row_and_column(address: &str) -> (usize, usize) {
    let digits = address.find(|character: char| character.is_ascii_digit()).unwrap();
    let column = address[..digits].bytes().fold(0, |column, letter| column * 26 + usize::from(letter - b'A') + 1);
    (address[digits..].parse::<usize>().unwrap() - 1, column - 1)
}

/// A workbook in IronCalc.
struct Calculator(Model<'static>);

impl Calculator {
    fn open(bytes: &[u8]) -> Calculator {
        let workbook = ironcalc::import::load_from_xlsx_bytes(bytes, "statewide", "en", "UTC").unwrap();
        let mut model = Model::from_workbook(workbook, "en").unwrap();
        model.evaluate();
        Calculator(model)
    }

    fn shown(&self, sheet: usize, row: usize, column: usize) -> Shown {
        let [sheet, row, column] = [sheet, row + 1, column + 1].map(|number| i32::try_from(number).unwrap());
        match self.0.get_cell_value_by_index(sheet.unsigned_abs(), row, column).unwrap() {
            CellValue::Number(number) => Shown::Number(number),
            CellValue::String(text) => Shown::Text(text),
            other => panic!("{other:?} on sheet {sheet}, row {row}, column {column}"),
        }
    }

    fn change(&mut self, (sheet, row, column): (usize, usize, usize), value: &str) {
        let [sheet, row, column] = [sheet, row + 1, column + 1].map(|number| i32::try_from(number).unwrap());
        self.0.set_user_input(sheet.unsigned_abs(), row, column, value.to_string()).unwrap();
    }
}

fn vectors() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root().join("tests/vectors")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn calculated(folder: &Path, change: impl FnOnce(&mut Batch)) -> Calculation {
    let mut batch = Batch::open(folder).unwrap();
    change(&mut batch);
    calculate(batch, &|_, _| {}).unwrap()
}

fn sample() -> Calculation {
    calculated(&root().join("samples/statewide-2024-25"), |_| {})
}

#[test]
fn formulas_are_such_as_every_spreadsheet_reads() {
    let book = Book::of(&calculated(&root().join("tests/vectors/12-supplement"), |_| {}));
    assert!(book.formulas.len() > 300, "{} formulas", book.formulas.len());
    for cell in &book.formulas {
        let place = book.place(cell);
        assert!(cell.formula.len() < FORMULA_CHARS_MAX, "{place}");
        assert!(!cell.formula.contains('@') && !cell.formula.contains("#REF") && !cell.formula.contains("_xlfn"), "{place}");
    }
    let by_sheet = |name: &str| book.formulas.iter().filter(|cell| cell.sheet == book.sheet(name)).count();
    for name in ["Summary", "Tiers", "Participants", "Payments", "Completions", "Conservation"] {
        assert!(by_sheet(name) > 0, "{name}");
    }
}

#[test]
fn ironcalc_agrees_with_every_formula_of_the_sample_to_the_cent() {
    let book = Book::of(&sample());
    let calculator = Calculator::open(&book.with_wrong_results());
    let formulas = book.agrees_with("IronCalc", |cell| calculator.shown(cell.sheet, cell.row, cell.column));
    assert!(formulas > 40_000, "{formulas} formulas");
}
