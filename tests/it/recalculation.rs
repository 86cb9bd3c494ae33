//! The formulas of `statewide.xlsx`, calculated again by other programs: `IronCalc` in every run, LibreOffice if it is
//! installed. First every cached result is made wrong, so that only a program that recalculates can be right.

use std::fs;
use std::io::Cursor;
use std::sync::LazyLock;

use calamine::{Reader as _, Xlsx};
use cdip::allocation::Cap;
use cdip::calculation::Calculation;
use cdip::decision::Outcome;
use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::report::workbook::Workbooks;
use cdip::rules::readings::{CapBase, CapMoney, CapRounding, CapSelection, Rounding, Unit};
use cdip::rules::terms::ParticipantKind;
use ironcalc::base::Model;
use ironcalc::base::cell::CellValue;
use tempfile::TempDir;

use crate::batch_builder::{TestBatch, clean_row};
use crate::libreoffice;
use crate::spreadsheets::{text_part, with_parts};
use crate::support::root;
use crate::vectors::{self, calculated, calculated_after};

/// Excel's limit.
const FORMULA_CHARS_MAX: usize = 8_192;
/// What every cached result is replaced by before another program is asked; right nowhere.
const WRONG: &str = "-42.5";

/// Differences that a failing test tells.
const DIFFERENCES_TOLD: usize = 12;
/// The row, from 0, of a list's headings.
const LIST_HEADINGS: usize = 4;

/// A cell with a formula.
#[derive(Clone, Debug)]
pub struct FormulaCell {
    pub sheet: usize,
    /// From 0.
    pub row: usize,
    pub column: usize,
    pub formula: String,
    pub cached: Shown,
}

/// What a cell shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Number(f64),
    Text(String),
}

impl Shown {
    /// The same text, or the same number of cents; a share of a whole, which is not money, to nine places.
    pub fn agrees(&self, other: &Shown) -> bool {
        match (self, other) {
            (Shown::Number(one), Shown::Number(other)) => {
                cents(*one) == cents(*other) && (one - other).abs() < 1e-6
            }
            _ => self == other,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "amounts of a test batch")]
fn cents(dollars: f64) -> i64 {
    (dollars * 100.0).round() as i64
}

/// A workbook as it was written: its sheets and its formulas.
pub struct Book {
    pub bytes: Vec<u8>,
    sheets: Vec<String>,
    pub formulas: Vec<FormulaCell>,
}

impl Book {
    fn of(calculation: &Calculation) -> Book {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("statewide.xlsx");
        Workbooks::of(calculation).write_statewide(&path).unwrap();
        Book::read(fs::read(path).unwrap())
    }

    pub fn read(bytes: Vec<u8>) -> Book {
        let sheets = Xlsx::new(Cursor::new(bytes.as_slice()))
            .unwrap()
            .sheet_names();
        let mut formulas = Vec::new();
        for sheet in 0..sheets.len() {
            let xml = text_part(&bytes, &format!("xl/worksheets/sheet{}.xml", sheet + 1));
            formulas.extend(formula_cells(&xml, sheet));
        }
        Book {
            bytes,
            sheets,
            formulas,
        }
    }

    pub fn sheet(&self, name: &str) -> usize {
        self.sheets
            .iter()
            .position(|sheet| sheet == name)
            .unwrap_or_else(|| panic!("no sheet {name}"))
    }

    /// The first row on a sheet, from 0, with a text in a column.
    pub fn row_with(&self, sheet: &str, column: usize, text: &str) -> usize {
        let range = Xlsx::new(Cursor::new(self.bytes.as_slice()))
            .unwrap()
            .worksheet_range(sheet)
            .unwrap();
        let found = range
            .rows()
            .position(|row| row.get(column).is_some_and(|cell| *cell == *text));
        found.unwrap_or_else(|| panic!("{text} stands nowhere on {sheet}"))
    }

    /// The column of a list, from 0, under a heading.
    fn column_of(&self, sheet: &str, heading: &str) -> usize {
        let range = Xlsx::new(Cursor::new(self.bytes.as_slice()))
            .unwrap()
            .worksheet_range(sheet)
            .unwrap();
        let found = range
            .rows()
            .nth(LIST_HEADINGS)
            .unwrap()
            .iter()
            .position(|cell| *cell == *heading);
        found.unwrap_or_else(|| panic!("{sheet} has no {heading}"))
    }

    /// The same workbook with a wrong cached result in every formula.
    pub fn with_wrong_results(&self) -> Vec<u8> {
        with_parts(&self.bytes, |name, text| {
            if name.starts_with("xl/worksheets/sheet") {
                wrong_results(&text)
            } else {
                text
            }
        })
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
    pub fn agrees_with(&self, who: &str, shown: impl Fn(&FormulaCell) -> Shown) -> usize {
        let differs = |cell: &&FormulaCell| !cell.cached.agrees(&shown(cell));
        let differing: Vec<String> = self
            .formulas
            .iter()
            .filter(differs)
            .map(|cell| self.place(cell))
            .collect();
        let first = &differing[..differing.len().min(DIFFERENCES_TOLD)];
        assert!(
            first.is_empty(),
            "{who} shows something else in {} cells: {first:#?}",
            differing.len()
        );
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
    let between = |text: &str, from: &str, to: &str| {
        Some(text.split_once(from)?.1.split_once(to)?.0.to_string())
    };
    let mut cells = Vec::new();
    for cell in xml.split("<c r=\"").skip(1) {
        let (address, cell) = cell.split_once('"').unwrap();
        let Some(formula) = between(cell, "<f>", "</f>") else {
            continue;
        };
        let formula = formula
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
        let value = between(cell, "<v>", "</v>").filter(|value| !value.is_empty());
        let value = value.unwrap_or_else(|| panic!("{address} ={formula} has no cached result"));
        let is_text = cell.split_once('>').unwrap().0.contains("t=\"str\"");
        let cached = if is_text {
            Shown::Text(value)
        } else {
            Shown::Number(value.parse().unwrap())
        };
        let (row, column) = row_and_column(address);
        cells.push(FormulaCell {
            sheet,
            row,
            column,
            formula,
            cached,
        });
    }
    assert_eq!(
        cells.len(),
        xml.matches("<f").count() - xml.matches("<formula").count(),
        "a formula of another kind"
    );
    cells
}

/// `B3` as (2, 1).
fn row_and_column(address: &str) -> (usize, usize) {
    let digits = address
        .find(|character: char| character.is_ascii_digit())
        .unwrap();
    let column = address[..digits].bytes().fold(0, |column, letter| {
        column * 26 + usize::from(letter - b'A') + 1
    });
    (address[digits..].parse::<usize>().unwrap() - 1, column - 1)
}

/// A workbook in `IronCalc`.
pub struct Calculator(Model<'static>);

impl Calculator {
    pub fn open(bytes: &[u8]) -> Calculator {
        let workbook =
            ironcalc::import::load_from_xlsx_bytes(bytes, "statewide", "en", "UTC").unwrap();
        let mut model = Model::from_workbook(workbook, "en").unwrap();
        model.evaluate();
        Calculator(model)
    }

    pub fn shown(&self, sheet: usize, row: usize, column: usize) -> Shown {
        let [sheet, row, column] =
            [sheet, row + 1, column + 1].map(|number| i32::try_from(number).unwrap());
        match self
            .0
            .get_cell_value_by_index(sheet.unsigned_abs(), row, column)
            .unwrap()
        {
            CellValue::Number(number) => Shown::Number(number),
            CellValue::String(text) => Shown::Text(text),
            other => panic!("{other:?} on sheet {sheet}, row {row}, column {column}"),
        }
    }

    /// What a check on *Conservation* shows next to a text in column A.
    fn check(&self, book: &Book, text: &str, column: usize) -> Shown {
        self.shown(
            book.sheet("Conservation"),
            book.row_with("Conservation", 0, text),
            column,
        )
    }

    pub fn change(&mut self, (sheet, row, column): (usize, usize, usize), value: &str) {
        let [sheet, row, column] =
            [sheet, row + 1, column + 1].map(|number| i32::try_from(number).unwrap());
        self.0
            .set_user_input(sheet.unsigned_abs(), row, column, value.to_string())
            .unwrap();
        self.0.evaluate();
    }
}

/// The workbook of the sample, written once for every test that asks about it.
static SAMPLE: LazyLock<Book> =
    LazyLock::new(|| Book::of(&calculated(&root().join("samples/statewide-2024-25"))));

#[test]
fn formulas_are_such_as_every_spreadsheet_reads() {
    let book = Book::of(&calculated(&root().join("tests/vectors/12-supplement")));
    assert!(
        book.formulas.len() > 300,
        "{} formulas",
        book.formulas.len()
    );
    for cell in &book.formulas {
        let place = book.place(cell);
        assert!(cell.formula.len() < FORMULA_CHARS_MAX, "{place}");
        assert!(
            !cell.formula.contains('@')
                && !cell.formula.contains("#REF")
                && !cell.formula.contains("_xlfn"),
            "{place}"
        );
    }
    let by_sheet = |name: &str| {
        book.formulas
            .iter()
            .filter(|cell| cell.sheet == book.sheet(name))
            .count()
    };
    for name in [
        "Summary",
        "Tiers",
        "Participants",
        "Payments",
        "Completions",
        "Conservation",
    ] {
        assert!(by_sheet(name) > 0, "{name}");
    }
}

#[test]
fn ironcalc_agrees_with_every_formula_of_the_sample_to_the_cent() {
    let book = &*SAMPLE;
    let calculator = Calculator::open(&book.with_wrong_results());
    let formulas = book.agrees_with("IronCalc", |cell| {
        calculator.shown(cell.sheet, cell.row, cell.column)
    });
    assert!(formulas > 40_000, "{formulas} formulas");
}

#[test]
fn ironcalc_agrees_with_every_formula_of_every_vector() {
    let mut formulas = 0;
    for folder in vectors::folders() {
        let calculation = calculated(&folder);
        // IronCalc takes the column of a table with one row for a single cell, which COUNTIFS and SUM of a table then refuse.
        if calculation.intake.completions.len() == 1 {
            continue;
        }
        let book = Book::of(&calculation);
        let calculator = Calculator::open(&book.with_wrong_results());
        let name = format!(
            "IronCalc on {}",
            folder.file_name().unwrap().to_string_lossy()
        );
        formulas += book.agrees_with(&name, |cell| {
            calculator.shown(cell.sheet, cell.row, cell.column)
        });
    }
    assert!(formulas > 5_000, "{formulas} formulas");
}

#[test]
fn ironcalc_agrees_under_every_reading_that_a_formula_depends_on() {
    // These two decide which rows are units, which no formula does: they go round.
    let mut units = Unit::ALL.iter().copied().cycle();
    let mut selections = CapSelection::ALL.iter().copied().cycle();
    let mut formulas = 0;
    for cap_base in CapBase::ALL {
        for cap_rounding in CapRounding::ALL {
            for (cap_money, rounding) in CapMoney::ALL
                .iter()
                .flat_map(|money| Rounding::ALL.iter().map(move |cents| (money, cents)))
            {
                let calculation = calculated_after(
                    &root().join("tests/vectors/16-cap-ceiling-reported"),
                    |batch| {
                        let readings = &mut batch.readings;
                        (readings.unit, readings.cap_selection) =
                            (units.next().unwrap(), selections.next().unwrap());
                        (readings.cap_base, readings.cap_rounding) = (*cap_base, *cap_rounding);
                        (readings.cap_money, readings.rounding) = (*cap_money, *rounding);
                    },
                );
                let book = Book::of(&calculation);
                let calculator = Calculator::open(&book.with_wrong_results());
                let who = format!("IronCalc under {:?}", calculation.batch.readings);
                formulas += book.agrees_with(&who, |cell| {
                    calculator.shown(cell.sheet, cell.row, cell.column)
                });
            }
        }
    }
    assert!(formulas > 5_000, "{formulas} formulas");
}

/// Amounts of money at which a quotient is whole, a cent around them, and amounts in between.
fn amounts_around(weight_hundredths: u64) -> Vec<Money> {
    let mut amounts = Vec::new();
    for rate in [1, 33_333, 57_291, 99_999, 100_000] {
        // rate x weight: exactly this rate, or the next lower one a cent below.
        let exact = i64::try_from((rate * weight_hundredths).div_ceil(100)).unwrap();
        amounts.extend([exact - 1, exact, exact + 1].map(|cents| Money::from_cents(cents.max(1))));
    }
    let mut state = 12_345_u64;
    for _ in 0..10 {
        // A linear congruence: amounts that follow no pattern, the same in every run.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        amounts.push(Money::from_cents(
            i64::try_from((state >> 33) % (3 * 1_000 * weight_hundredths)).unwrap() + 1,
        ));
    }
    amounts
}

#[test]
fn whatever_money_there_is_the_formulas_give_what_the_program_gives() {
    let mut compared = 0;
    for name in ["17-capped-money-to-the-next-tier", "random-9316"] {
        for cap_money in CapMoney::ALL {
            let calculated_with = |available: Option<Money>| {
                calculated_after(&root().join("tests/vectors").join(name), |batch| {
                    // Under these, which rows are units does not depend on the money.
                    (batch.readings.unit, batch.readings.rounding) =
                        (Unit::Completion, Rounding::UniformFloor);
                    batch.readings.cap_money = *cap_money;
                    // Its division is not a formula.
                    batch.supplement = None;
                    batch.available = available.unwrap_or(batch.available);
                })
            };
            let calculation = calculated_with(None);
            let book = Book::of(&calculation);
            let mut calculator = Calculator::open(&book.bytes);
            let available = (
                book.sheet("Readings and law"),
                book.row_with("Readings and law", 1, "available"),
                2,
            );
            let weight = calculation
                .allocation
                .tiers
                .iter()
                .map(|tier| tier.demand_hundredths)
                .max()
                .unwrap();
            // A unit's outcome, paid or unfunded, is the program's word and stays.
            let rows_paid = (
                book.sheet("Participants"),
                book.column_of("Participants", "Rows paid"),
            );
            let sheets =
                ["Tiers", "Participants", "Payments", "Completions"].map(|sheet| book.sheet(sheet));
            for money in amounts_around(weight) {
                calculator.change(available, &money.to_string());
                let fresh = Book::of(&calculated_with(Some(money)));
                let of_money = |cell: &&FormulaCell| {
                    sheets.contains(&cell.sheet) && (cell.sheet, cell.column) != rows_paid
                };
                for cell in fresh.formulas.iter().filter(of_money) {
                    let found = calculator.shown(cell.sheet, cell.row, cell.column);
                    let place = fresh.place(cell);
                    assert!(
                        cell.cached.agrees(&found),
                        "{name}, {cap_money:?}, ${money}: {found:?}, not {:?}, in {place}",
                        cell.cached
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 5_000, "{compared} figures");
}

#[test]
fn a_changed_cell_shows_its_effect_and_conservation_says_what_no_longer_agrees() {
    let calculation = calculated(&root().join("tests/vectors/04-cap-ten-percent"));
    let book = Book::of(&calculation);
    let ok = Shown::Text("OK".into());
    let mut calculator = Calculator::open(&book.with_wrong_results());
    let every_check = every_check(&book);
    assert_eq!(calculator.check(&book, &every_check, 1), ok);

    // A paid row denied by hand: one unit less. It is still in exactly one outcome, so that rows and money add up as before; but they
    // are no longer those of the calculation.
    let outcome = book.column_of("Completions", "Outcome");
    let row = book.row_with("Completions", outcome, Outcome::Paid.label());
    calculator.change(
        (book.sheet("Completions"), row, outcome),
        Outcome::Denied.label(),
    );
    assert_eq!(calculator.check(&book, "Rows: paid", 3), Shown::Number(1.0));
    assert_eq!(
        calculator.check(&book, "Rows: denied", 3),
        Shown::Number(-1.0)
    );
    assert_eq!(
        calculator.check(
            &book,
            "Available = paid by the tiers + residuals + unspent",
            3
        ),
        ok
    );
    assert_eq!(
        calculator.check(
            &book,
            "Rows on Completions = rows in one of the nine outcomes",
            3
        ),
        ok
    );
    assert!(
        matches!(calculator.check(&book, &every_check, 1), Shown::Text(differ) if differ.ends_with(" differ"))
    );
    let amount = book.column_of("Completions", "Amount");
    assert_eq!(
        calculator.shown(book.sheet("Completions"), row, amount),
        Shown::Number(0.0)
    );

    // A word that is not an outcome: the row is lost, and its file and the whole say so.
    calculator.change((book.sheet("Completions"), row, outcome), "Lost");
    assert_eq!(
        calculator.check(
            &book,
            "Rows on Completions = rows in one of the nine outcomes",
            3
        ),
        Shown::Number(1.0)
    );
    assert_eq!(calculator.check(&book, "Total", 12), Shown::Number(1.0));

    // Put back, everything is as it was.
    calculator.change(
        (book.sheet("Completions"), row, outcome),
        Outcome::Paid.label(),
    );
    assert_eq!(calculator.check(&book, &every_check, 1), ok);
    book.agrees_with("IronCalc after putting back", |cell| {
        calculator.shown(cell.sheet, cell.row, cell.column)
    });

    // A cap of another share moves the limit: 0.175 of the base, rounded down.
    let tiers = book.sheet("Tiers");
    let capped = book.row_with("Tiers", 1, &calculation.batch.rules.tiers[0].name);
    calculator.change((tiers, capped, 5), "0.175");
    let Some(Cap::Share { base, .. }) = calculation.allocation.tiers[0].cap else {
        panic!("no cap")
    };
    let limit = u32::try_from(base * 175 / 1_000).unwrap();
    assert_eq!(
        calculator.shown(tiers, capped, 7),
        Shown::Number(limit.into())
    );

    // Half the money: it still adds up, and the parameter is not the calculation's.
    let available = (
        book.sheet("Readings and law"),
        book.row_with("Readings and law", 1, "available"),
        2,
    );
    let half = Money::from_cents(calculation.batch.available.cents() / 2);
    calculator.change(available, &half.to_string());
    assert_eq!(
        calculator.check(
            &book,
            "Available = paid by the tiers + residuals + unspent",
            3
        ),
        ok
    );
    let Shown::Number(less) = calculator.check(&book, "Available", 3) else {
        panic!("a difference")
    };
    assert_eq!(cents(less), (calculation.batch.available - half).cents());
}

/// The line above all checks, with their number: formulas that show OK or a difference, and the one line itself.
fn every_check(book: &Book) -> String {
    let checks = book
        .formulas
        .iter()
        .filter(|cell| cell.sheet == book.sheet("Conservation"))
        .filter(|cell| cell.formula.starts_with("IF(") && cell.formula.contains("\"OK\","))
        .count();
    format!("Every check on this sheet ({})", checks - 1)
}

/// The shaded cells: those with a name that hold a figure and no formula, with the figure.
fn shaded(book: &Book) -> Vec<(String, (usize, usize, usize), f64)> {
    let xml = text_part(&book.bytes, "xl/workbook.xml");
    let mut workbook = Xlsx::new(Cursor::new(book.bytes.as_slice())).unwrap();
    let mut found = Vec::new();
    for name in xml.split("<definedName name=\"").skip(1) {
        let (name, rest) = name.split_once('"').unwrap();
        let target = rest.split_once('>').unwrap().1.split_once('<').unwrap().0;
        let (sheet, address) = target.split_once('!').unwrap();
        let sheet = sheet.trim_matches('\'');
        if name.starts_with("_xlnm") || address.contains(':') {
            continue;
        }
        let (row, column) = row_and_column(&address.replace('$', ""));
        let place = (book.sheet(sheet), row, column);
        let is_formula = |cell: &FormulaCell| (cell.sheet, cell.row, cell.column) == place;
        if book.formulas.iter().any(is_formula) {
            continue;
        }
        let range = workbook.worksheet_range(sheet).unwrap();
        let at = [row, column].map(|number| u32::try_from(number).unwrap());
        let calamine::Data::Float(figure) = range.get_value((at[0], at[1])).unwrap() else {
            panic!("{name} is not a figure")
        };
        found.push((name.to_string(), place, *figure));
    }
    found
}

/// The line of *Conservation* that holds the figure of a shaded cell.
fn line_of_shaded(name: &str) -> String {
    match name {
        "available" => "Available".to_string(),
        "per_unit" => "Amount per unit".to_string(),
        "frl_multiplier" => "FRL multiplier".to_string(),
        "supplement_available" => "Available for the supplement".to_string(),
        cap => {
            let tier = cap.strip_prefix("cap_share_").unwrap();
            format!("Tier {tier}: cap, share")
        }
    }
}

/// Everything that the first table of *Conservation* claims, and whether it says OK.
fn claims(book: &Book, calculator: &Calculator) -> Vec<(String, bool)> {
    let sheet = book.sheet("Conservation");
    let first = book.row_with("Conservation", 0, "What must be the same") + 1;
    let last = book.row_with("Conservation", 0, "Unchanged since the calculation");
    let range = Xlsx::new(Cursor::new(book.bytes.as_slice()))
        .unwrap()
        .worksheet_range("Conservation")
        .unwrap();
    (first..last)
        .map(|row| (row, range.rows().nth(row).unwrap()[0].to_string()))
        .take_while(|(_, what)| !what.is_empty())
        .map(|(row, what)| {
            (
                what,
                calculator.shown(sheet, row, 3) == Shown::Text("OK".into()),
            )
        })
        .collect()
}

#[test]
fn a_change_of_any_shaded_cell_is_told_and_what_still_adds_up_still_says_so() {
    let mut changed = 0;
    for name in [
        "04-cap-ten-percent",
        "12-supplement",
        "16-cap-ceiling-reported",
        "17-capped-money-to-the-next-tier",
    ] {
        let calculation = calculated(&root().join("tests/vectors").join(name));
        let book = Book::of(&calculation);
        let mut calculator = Calculator::open(&book.with_wrong_results());
        let every_check = every_check(&book);
        let ok = Shown::Text("OK".into());
        let assert_told = |calculator: &Calculator, line: &str, what: &str| {
            assert_ne!(calculator.check(&book, line, 3), ok, "{what}");
            assert_ne!(calculator.check(&book, &every_check, 1), ok, "{what}");
        };
        for (cell, place, figure) in shaded(&book) {
            let line = line_of_shaded(&cell);
            // The smallest steps that mean something: a cent, a hundredth, a hundredth of a percent.
            let step = if cell.starts_with("cap_share") {
                0.0001
            } else {
                0.01
            };
            for new in [figure + step, figure - step] {
                calculator.change(place, &new.to_string());
                assert_told(&calculator, &line, &format!("{name}: {cell} = {new}"));
                // None of these leaves a paid row without money. A smaller limit is another test's.
                let broken: Vec<_> = claims(&book, &calculator)
                    .into_iter()
                    .filter(|(what, holds)| !holds && !what.contains("the cap"))
                    .collect();
                assert!(broken.is_empty(), "{name}: {cell} = {new}: {broken:?}");
                changed += 1;
            }
            // Less than that is a change too.
            calculator.change(place, &(figure + step / 10.0).to_string());
            assert_told(&calculator, &line, &format!("{name}: {cell}"));
            calculator.change(place, &figure.to_string());
            assert_eq!(
                calculator.check(&book, &every_check, 1),
                ok,
                "{name}: {cell}"
            );
        }
    }
    // Money, amount and multiplier of four batches, a pool and three caps, each twice.
    assert!(changed >= 2 * (4 * 3 + 1 + 3), "{changed}");
}

#[test]
fn a_cap_of_another_share_is_told_with_how_many_it_would_cut_otherwise() {
    let calculation = calculated(&root().join("tests/vectors/04-cap-ten-percent"));
    let book = Book::of(&calculation);
    let mut calculator = Calculator::open(&book.with_wrong_results());
    let (_, cap, share) = shaded(&book)
        .into_iter()
        .find(|(name, ..)| name == "cap_share_1")
        .unwrap();
    let tier = &calculation.allocation.tiers[0];
    let Some(Cap::Share { base, limit, .. }) = tier.cap else {
        panic!("no cap")
    };
    let number = |count: usize| Shown::Number(u32::try_from(count).unwrap().into());
    let above = "Tier 1: participants with more units than the cap's limit = 0";
    let below = "Tier 1: participants over the cap with fewer units than its limit = 0";

    // Half the share: the limit is cut down, and everyone above the new one keeps the units that the run gave.
    calculator.change(cap, &(share / 2.0).to_string());
    let half = base * 5 / 100;
    assert!(half < limit);
    let more = tier
        .shares
        .iter()
        .filter(|share| share.units > half)
        .count();
    assert!(more > 0);
    assert_eq!(calculator.check(&book, above, 3), number(more));
    assert_eq!(calculator.check(&book, below, 3), Shown::Text("OK".into()));

    // Twice the share: those that were cut would have more.
    calculator.change(cap, &(share * 2.0).to_string());
    let cut = tier
        .shares
        .iter()
        .filter(|share| share.over_cap > 0)
        .count();
    assert!(cut > 0);
    assert_eq!(calculator.check(&book, above, 3), Shown::Text("OK".into()));
    assert_eq!(calculator.check(&book, below, 3), number(cut));
}

#[test]
fn a_cap_that_binds_only_some_kinds_says_nothing_of_the_others() {
    let folder = root().join("tests/vectors/04-cap-ten-percent");
    let calculation = calculated_after(&folder, |batch| {
        batch.readings.cap_applies_to = [ParticipantKind::Boces].into_iter().collect();
    });
    let tier = &calculation.allocation.tiers[0];
    let Some(Cap::Share { limit, .. }) = tier.cap else {
        panic!("no cap")
    };
    assert!(tier.shares.iter().any(|share| share.units > limit));
    let book = Book::of(&calculation);
    let calculator = Calculator::open(&book.with_wrong_results());
    book.agrees_with("IronCalc", |cell| {
        calculator.shown(cell.sheet, cell.row, cell.column)
    });
    assert!(claims(&book, &calculator).iter().all(|(_, holds)| *holds));
}

#[test]
fn a_row_that_changes_hands_is_told_at_both_participants_and_at_both_payees() {
    let folder = root().join("tests/vectors/04-cap-ten-percent");
    let calculation = calculated(&folder);
    let book = Book::of(&calculation);
    let mut calculator = Calculator::open(&book.with_wrong_results());
    let participants = calculation.intake.participants.all();
    let of = |code: &str| {
        participants
            .iter()
            .find(|participant| participant.code() == code)
            .unwrap()
    };
    let [participant, outcome, amount] =
        ["Participant", "Outcome", "Amount"].map(|heading| book.column_of("Completions", heading));
    let row = book.row_with("Completions", outcome, Outcome::Paid.label());
    let sheet = book.sheet("Completions");
    let Shown::Number(dollars) = calculator.shown(sheet, row, amount) else {
        panic!("an amount")
    };
    let range = Xlsx::new(Cursor::new(book.bytes.as_slice()))
        .unwrap()
        .worksheet_range("Completions")
        .unwrap();
    let loses = range.rows().nth(row).unwrap()[participant].to_string();
    let (gains, _) = calculation
        .payees()
        .into_iter()
        .find(|(payee, _)| *payee != of(&loses).payee())
        .unwrap();
    calculator.change((sheet, row, participant), &format!("'{gains}"));

    let conservation = book.sheet("Conservation");
    let line = |section: &str, code: &str| {
        let range = Xlsx::new(Cursor::new(book.bytes.as_slice()))
            .unwrap()
            .worksheet_range("Conservation")
            .unwrap();
        let first = book.row_with("Conservation", 0, section);
        let found = range.rows().skip(first).position(|row| row[0] == *code);
        first + found.unwrap()
    };
    let payees = "What each payee gets, unchanged since the calculation";
    let each = "What each participant has, unchanged since the calculation";
    // As calculated less now: what one lost the other has.
    for (code, sign) in [(of(&loses).payee(), 1.0), (gains, -1.0)] {
        let row = line(payees, code);
        assert_eq!(
            calculator.shown(conservation, row, 3),
            Shown::Number(sign * dollars)
        );
    }
    for (code, sign) in [(loses.as_str(), 1.0), (gains, -1.0)] {
        let row = line(each, code);
        assert_eq!(
            calculator.shown(conservation, row, 3),
            Shown::Number(sign * dollars)
        );
        assert_eq!(calculator.shown(conservation, row, 6), Shown::Number(sign));
    }
    // No total of the state has moved; the one that loses was cut at its cap, and now has a unit less than that.
    for (what, holds) in claims(&book, &calculator) {
        assert_eq!(
            holds,
            !what.contains("fewer units than its limit"),
            "{what}"
        );
    }
}

#[test]
fn libreoffice_agrees_with_every_formula_of_the_sample_to_the_cent() {
    let book = &*SAMPLE;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("statewide.xlsx");
    // LibreOffice shows cached results unless it is told to calculate: with wrong ones it must put every one of them right.
    fs::write(&path, book.with_wrong_results()).unwrap();
    if let Some(sheets) = libreoffice::sheets(&path, folder.path()) {
        book.agrees_with("LibreOffice", |cell| in_libreoffice(book, &sheets, cell));
    }
}

#[test]
fn libreoffice_counts_the_rows_of_files_whose_names_differ_in_a_capital_or_hold_a_wildcard() {
    let mut files = TestBatch::new();
    // Otherwise `0010-a` would count the rows of both, and `0010 ?` those of every file of one letter.
    for (name, sasid) in [
        ("0010-a", "1000000002"),
        ("0010-A", "1000000003"),
        ("0010 ?", "1000000004"),
        ("0010 ~", "1000000005"),
    ] {
        files = files.rows(
            &format!("submissions/{name}.csv"),
            &[clean_row().with(Field::Sasid, sasid)],
        );
    }
    let calculation = files.calculated();
    assert_eq!(calculation.intake.files.len(), 4);
    let book = Book::of(&calculation);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("statewide.xlsx");
    fs::write(&path, book.with_wrong_results()).unwrap();
    if let Some(sheets) = libreoffice::sheets(&path, folder.path()) {
        book.agrees_with("LibreOffice", |cell| in_libreoffice(&book, &sheets, cell));
    }
}

/// What LibreOffice shows in a cell; it writes percent as such.
pub fn in_libreoffice(
    book: &Book,
    sheets: &[(String, Vec<Vec<String>>)],
    cell: &FormulaCell,
) -> Shown {
    let rows = &sheets
        .iter()
        .find(|(sheet, _)| *sheet == book.sheets[cell.sheet])
        .unwrap()
        .1;
    let text = rows[cell.row].get(cell.column).map_or("", String::as_str);
    let number = text.strip_suffix('%').map_or_else(
        || text.parse(),
        |percent| percent.parse().map(|percent: f64| percent / 100.0),
    );
    number.map_or_else(|_| Shown::Text(text.to_string()), Shown::Number)
}
