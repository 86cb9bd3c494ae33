//! The workbook of a preview: its figures are the preview's, its formulas are right in other programs, and it has no data of other
//! entities.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Output;

use calamine::{Data, Range, Reader as _, Xlsx};
use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::preview::Preview;
use cdip::preview::workbook::write as write_preview;
use cdip::rules::readings::{CapMoney, Rounding};
use serde_json::Value;
use tempfile::TempDir;

use crate::batch_builder::{Row, clean_row};
use crate::libreoffice;
use crate::preview::{entities, preview_of, state};
use crate::recalculation::{Book, Calculator, Shown, in_libreoffice};
use crate::spreadsheets::text_parts;
use crate::support::{cdip, root, stderr, stdout, tree};
use crate::vectors::{self, calculated, calculated_after};

/// The state of two districts, calculated, with the report as `report`; a row that does not say its graduation credit, and an unreadable one.
fn two_districts() -> TempDir {
    let faulty = [
        clean_row()
            .with(Field::Sasid, "1000000041")
            .with(Field::ProgramCode, "IC1")
            .with(Field::GraduationCredit, ""),
        clean_row()
            .with(Field::Sasid, "1000000042")
            .with(Field::Grade, "Alumni"),
    ];
    two_districts_and(&faulty)
}

/// The same with other rows to fix.
fn two_districts_and(faulty: &[Row]) -> TempDir {
    state()
        .rows("submissions/0010-more.csv", faulty)
        .with_report()
}

/// What 0010 has submitted.
const ITS_OWN: [&str; 2] = ["submissions/0010.csv", "submissions/0010-more.csv"];

/// `cdip preview` for 0010 in such a folder.
fn preview(folder: &Path, files: &[&str], more: &[&str]) -> Output {
    let terms = ["--entity", "0010", "--factors", "report", "--batch", "."];
    cdip(folder, &[&["preview"], files, &terms, more].concat())
}

/// The preview of 0010 in such a folder, written to `previews`, and what it says as JSON.
fn written(folder: &Path) -> (Vec<u8>, Value) {
    let output = preview(folder, &ITS_OWN, &["--out", "previews", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    (
        fs::read(folder.join("previews/preview-0010.xlsx")).unwrap(),
        serde_json::from_slice(&output.stdout).unwrap(),
    )
}

fn sheet(bytes: &[u8], name: &str) -> Range<Data> {
    Xlsx::new(Cursor::new(bytes))
        .unwrap()
        .worksheet_range(name)
        .unwrap()
}

/// The cell next to a text in column A.
fn beside<'r>(range: &'r Range<Data>, text: &str, column: usize) -> &'r Data {
    let row = range
        .rows()
        .find(|row| row[0] == *text)
        .unwrap_or_else(|| panic!("no row begins with {text}"));
    &row[column]
}

/// The dollars of a cell as the JSON writes them.
fn dollars(cell: &Data) -> String {
    match cell {
        Data::Float(dollars) => format!("{dollars:.2}"),
        other => panic!("{other:?} is not an amount"),
    }
}

#[test]
fn the_workbook_says_what_the_json_says() {
    let folder = two_districts();
    let (bytes, json) = written(folder.path());
    let summary = sheet(&bytes, "Summary");
    let said = |value: &Value| value.as_str().unwrap().to_string();
    assert_eq!(
        dollars(beside(&summary, "Expected", 1)),
        said(&json["expected"]["total"])
    );
    assert_eq!(
        dollars(beside(&summary, "Plan with no more than", 1)),
        said(&json["expected"]["low"])
    );
    assert_eq!(
        dollars(beside(&summary, "At best", 1)),
        said(&json["expected"]["high"])
    );
    assert_eq!(
        dollars(beside(&summary, "If every tier paid in full", 1)),
        said(&json["at_full_rate"])
    );
    assert_ne!(json["expected"]["low"], json["expected"]["high"]);

    let tier = json["expected"]["tiers"][1].clone();
    let line: Vec<String> = (1..8)
        .map(|column| beside(&summary, "2 Workplace training", column).to_string())
        .collect();
    let more = |frl: bool| {
        let more = json["one_more"]
            .as_array()
            .unwrap()
            .iter()
            .find(|more| more["tier"] == 2 && more["frl"] == frl)
            .unwrap();
        said(&more["worth"])
    };
    let expected = [
        said(&tier["amount"]),
        tier["units"].to_string(),
        "0".into(),
        said(&tier["rate"]),
        said(&tier["frl_rate"]),
    ];
    assert_eq!(line, [&expected[..], &[more(false), more(true)]].concat());

    let program = &json["expected"]["programs"][0];
    let row = summary
        .rows()
        .find(|row| {
            row[0]
                .to_string()
                .starts_with(program["program_code"].as_str().unwrap())
        })
        .unwrap();
    assert_eq!(
        (dollars(&row[1]), row[2].to_string()),
        (said(&program["amount"]), program["rows"].to_string())
    );

    // What to fix: a line for each code with its dollars, then its findings, each with its cell.
    let fix = sheet(&bytes, "What to fix");
    let corrections = json["corrections"].as_array().unwrap();
    assert_eq!(corrections.len(), 2);
    let heads: Vec<&[Data]> = fix
        .rows()
        .skip(5)
        .filter(|row| !row[4].to_string().is_empty())
        .collect();
    for correction in corrections {
        let head = heads
            .iter()
            .find(|row| correction["code"] == row[0].to_string().as_str())
            .unwrap();
        assert_eq!(
            (dollars(&head[2]), head[3].to_string()),
            (said(&correction["worth"]), correction["rows"].to_string())
        );
        let beneath = fix.rows().filter(|row| {
            correction["code"] == row[0].to_string().as_str() && row[4].to_string().is_empty()
        });
        assert_eq!(
            beneath
                .map(|row| row[9].to_string())
                .filter(|cell| !cell.is_empty())
                .count(),
            1
        );
    }

    // Rows: every row once; their amounts add up to the expected total.
    let rows = sheet(&bytes, "Rows");
    let amounts: Vec<&[Data]> = rows.rows().skip(5).collect();
    assert_eq!(amounts.len(), 6 + 2 + 1, "rows and their total");
    assert_eq!(
        dollars(amounts.last().unwrap().last().unwrap()),
        said(&json["expected"]["total"])
    );
    let words: Vec<String> = amounts.iter().map(|row| row[7].to_string()).collect();
    assert_eq!(
        words
            .iter()
            .filter(|words| *words == "would be paid")
            .count(),
        6
    );
    assert!(
        words.contains(&"would not qualify".to_string())
            && words.contains(&"cannot be read".to_string())
    );
}

#[test]
fn a_preview_says_what_the_check_says_of_a_typed_text_and_of_a_day_to_come() {
    let row = |id: &str| clean_row().with(Field::Sasid, id);
    let faulty = [
        row("1000000041").with(Field::Grade, "xx"),
        row("1000000042").with(Field::CompletionDate, "2042-05-17"),
    ];
    let folder = two_districts_and(&faulty);
    let (bytes, _) = written(folder.path());
    let summary = sheet(&bytes, "Summary");
    let slip = "N303 the completion date is in the future";
    assert_eq!(*beside(&summary, slip, 3), "Correct the date.");
    let fix = sheet(&bytes, "What to fix");
    let said = |text: &str| fix.used_cells().any(|(.., cell)| *cell == *text);
    assert!(said("Grade is \"xx\", not K or 0-12"));
    assert!(!said(
        "Correct the date if it is wrong. If it is right, leave the row in: it earns nothing here."
    ));
}

#[test]
fn no_pupil_and_no_other_entity_stands_in_a_preview() {
    let folder = two_districts();
    // Even where everybody's files are given.
    let output = preview(folder.path(), &["submissions"], &["--out", "previews"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let parts = text_parts(&fs::read(folder.path().join("previews/preview-0010.xlsx")).unwrap());
    let all: String = parts.iter().map(|(_, text)| text.as_str()).collect();
    assert!(all.contains("First District"));
    for foreign in ["10000000", "Second District", "0020.csv"] {
        assert!(!all.contains(foreign), "{foreign} is in it");
    }
    assert!(all.contains("4 rows of other entities in these files are not shown"));
}

#[test]
fn every_page_says_preview_with_its_date_and_the_summary_is_one_page() {
    let folder = two_districts();
    let (bytes, _) = written(folder.path());
    let sheets: Vec<(String, String)> = text_parts(&bytes)
        .into_iter()
        .filter(|(name, _)| name.starts_with("xl/worksheets/sheet"))
        .collect();
    assert_eq!(sheets.len(), 4);
    for (name, xml) in &sheets {
        let printed = |tag: &str| {
            xml.split(tag)
                .nth(1)
                .unwrap_or_default()
                .split('<')
                .next()
                .unwrap_or_default()
                .to_string()
        };
        assert!(
            printed("<oddHeader>").contains("PREVIEW")
                && printed("<oddFooter>").contains("PREVIEW"),
            "{name}"
        );
        assert!(printed("<oddFooter>").contains("2024-09-15"), "{name}");
    }
    assert!(
        !sheets[0].1.contains("fitToHeight=\"0\"") && sheets[0].1.contains("fitToPage=\"1\""),
        "one page"
    );
    for name in ["Summary", "What to fix", "Rows", "Assumptions"] {
        let range = sheet(&bytes, name);
        assert!(
            range
                .get_value((1, 0))
                .unwrap()
                .to_string()
                .starts_with("PREVIEW: what would be paid"),
            "{name}"
        );
        assert!(
            range
                .get_value((2, 0))
                .unwrap()
                .to_string()
                .contains("2024-09-15"),
            "{name}"
        );
    }
}

#[test]
fn nothing_is_written_unless_told_and_then_only_that_file() {
    let folder = two_districts();
    let before = tree(folder.path());
    preview(folder.path(), &ITS_OWN, &[]);
    assert!(tree(folder.path()) == before, "nothing was asked for");
    let (first, _) = written(folder.path());
    let after = tree(folder.path());
    let fresh: Vec<&str> = after
        .iter()
        .map(|(path, _)| path.as_str())
        .filter(|path| !before.iter().any(|(old, _)| old == path))
        .collect();
    assert_eq!(fresh, ["previews/preview-0010.xlsx"]);
    // The same again, byte by byte; and under a name of its own.
    assert!(written(folder.path()).0 == first);
    preview(folder.path(), &ITS_OWN, &["--out", "ours.xlsx"]);
    assert!(fs::read(folder.path().join("ours.xlsx")).unwrap() == first);
}

#[test]
fn a_preview_is_never_written_among_what_is_read() {
    let folder = two_districts();
    fs::write(folder.path().join("ours.xlsx"), "an earlier preview").unwrap();
    let before = tree(folder.path());
    let refused = |given: &str, out: &str, why: &str| {
        let output = preview(folder.path(), &[given], &["--out", out]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{given}, {out}: {said}");
        assert!(said.contains(why), "{said}");
    };
    let among = "the preview would be written among the files that are read";
    // The folder that is read, that of the batch although a single file of it is given, and the report with the factors.
    refused("submissions", "submissions", among);
    refused("submissions", "submissions/previews", among);
    refused("submissions/0010.csv", "submissions", among);
    refused("submissions/0010.csv", "submissions/ours.xlsx", among);
    let in_report = "this place is in the folder of a report";
    refused("submissions/0010.csv", "report", in_report);
    assert!(tree(folder.path()) == before);
    // A file that another program wrote stays; a preview that cdip wrote there may be replaced.
    let ours = |out: &str| {
        let output = preview(folder.path(), &ITS_OWN, &["--out", out]);
        output.status.code()
    };
    assert_eq!(ours("ours.xlsx"), Some(2));
    assert_eq!(ours("preview.xlsx"), Some(0));
    assert_eq!(ours("preview.xlsx"), Some(0));
}

fn book(preview: &Preview) -> Book {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("preview.xlsx");
    write_preview(preview, &path).unwrap();
    Book::read(fs::read(path).unwrap())
}

#[test]
fn ironcalc_agrees_with_every_formula_of_a_preview_of_every_entity_of_every_vector() {
    let mut formulas = 0;
    for folder in vectors::folders() {
        let calculation = calculated(&folder);
        for entity in entities(&calculation) {
            let book = book(&preview_of(&calculation, &entity));
            let calculator = Calculator::open(&book.with_wrong_results());
            let who = format!(
                "IronCalc on {entity} of {}",
                folder.file_name().unwrap().to_string_lossy()
            );
            formulas += book.agrees_with(&who, |cell| {
                calculator.shown(cell.sheet, cell.row, cell.column)
            });
        }
    }
    assert!(formulas > 2_000, "{formulas} formulas");
}

#[test]
fn ironcalc_agrees_a_cent_below_and_above_every_whole_rate_under_every_reading_of_money() {
    let mut formulas = 0;
    for cap_money in CapMoney::ALL {
        for rounding in Rounding::ALL {
            let with = |available: Option<i64>| {
                calculated_after(
                    &root().join("tests/vectors/17-capped-money-to-the-next-tier"),
                    |batch| {
                        (batch.readings.cap_money, batch.readings.rounding) =
                            (*cap_money, *rounding);
                        batch.available = available.map_or(batch.available, Money::from_cents);
                    },
                )
            };
            let demand = with(None).allocation.tiers[0].demand_hundredths;
            for rate in [1, 33_333, 57_291, 99_999, 100_000] {
                // rate x weight: exactly this rate, or the next lower one a cent below.
                let exact = i64::try_from((rate * demand).div_ceil(100)).unwrap();
                for cents in [exact - 1, exact, exact + 1] {
                    let calculation = with(Some(cents.max(1)));
                    let entity = entities(&calculation).into_iter().next().unwrap();
                    let book = book(&preview_of(&calculation, &entity));
                    let calculator = Calculator::open(&book.with_wrong_results());
                    let who =
                        format!("IronCalc at {cents} cents under {cap_money:?}, {rounding:?}");
                    formulas += book.agrees_with(&who, |cell| {
                        calculator.shown(cell.sheet, cell.row, cell.column)
                    });
                }
            }
        }
    }
    assert!(formulas > 1_000, "{formulas} formulas");
}

#[test]
fn a_changed_assumption_gives_what_a_preview_at_that_assumption_gives() {
    let folder = root().join("tests/vectors/01-frl-inside-the-proration");
    let calculation = calculated(&folder);
    let entity = entities(&calculation).into_iter().next().unwrap();
    let before = book(&preview_of(&calculation, &entity));
    let mut calculator = Calculator::open(&before.bytes);
    let assumptions = before.sheet("Assumptions");
    let available = (
        assumptions,
        before.row_with("Assumptions", 0, "Available to the whole state"),
        1,
    );
    let expected = (before.row_with("Assumptions", 0, "Expected"), 8);
    let (original, mut seen) = (calculation.batch.available.cents(), Vec::new());
    for cents in [original / 2, original / 3, original + 1, original] {
        calculator.change(available, &Money::from_cents(cents).to_string());
        let other = preview_of(
            &calculated_after(&folder, |batch| batch.available = Money::from_cents(cents)),
            &entity,
        );
        let shown = calculator.shown(assumptions, expected.0, expected.1);
        let right: f64 = other.expected.total.to_string().parse().unwrap();
        assert!(
            Shown::Number(right).agrees(&shown),
            "{cents} cents: {shown:?}, not {right}"
        );
        seen.push(other.expected.total);
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[3], "{seen:?}");
}

#[test]
fn libreoffice_agrees_with_every_formula_of_a_preview() {
    for vector in [
        "04-cap-ten-percent",
        "11-largest-remainder",
        "12-supplement",
        "17-capped-money-to-the-next-tier",
    ] {
        let calculation = calculated(&root().join("tests/vectors").join(vector));
        let entity = entities(&calculation).into_iter().next().unwrap();
        let book = book(&preview_of(&calculation, &entity));
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("preview.xlsx");
        fs::write(&path, book.with_wrong_results()).unwrap();
        let Some(sheets) = libreoffice::sheets(&path, folder.path()) else {
            return;
        };
        book.agrees_with(&format!("LibreOffice on {vector}"), |cell| {
            in_libreoffice(&book, &sheets, cell)
        });
    }
}

#[test]
fn a_preview_says_what_the_entity_got_in_another_report() {
    let folder = two_districts();
    let last_year = ["--last-year", "report"];
    let output = preview(folder.path(), &["submissions/0010.csv"], &last_year);
    let text = stdout(&output);
    let allocation = fs::read(folder.path().join("report/allocation.json")).unwrap();
    let allocation: Value = serde_json::from_slice(&allocation).unwrap();
    let payees = allocation["payees"].as_array().unwrap();
    let payee = payees.iter().find(|payee| payee["code"] == "0010").unwrap();
    let total = cdip::money::Money::from_dollars(payee["total"].as_str().unwrap()).unwrap();
    let line = format!(
        "\nThe award of 2024-25 was {} ({}).\n",
        total.grouped(),
        allocation["standing"].as_str().unwrap()
    );
    assert!(text.contains(&line), "{line} is not in: {text}");
}
