//! Properties of reading and writing for all texts: nothing changes on the way from cell to cell, nothing becomes a formula, and
//! formats, blank rows, the order of files and the number of threads have no effect.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use cdip::calculation::Calculation;
use cdip::catalogue::Code;
use cdip::decision::Outcome;
use cdip::intake::completions::Field;
use cdip::intake::limits::CELL_CHARS_MAX;
use cdip::ranks::RowRank;
use cdip::report::earlier::Earlier;
use cdip::report::{self, text};
use cdip::returns::template;
use cdip::values::is_blank;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;
use unicode_normalization::UnicodeNormalization as _;

use crate::batch_builder::{
    FILE, PROGRAMS, Row, TestBatch, calculated_in, clean_row, csv_of, ends, headings, table_of,
};
use crate::properties::submitted_row;
use crate::spreadsheets::{Cell, cells, delimited, ods, sheet, xlsx};
use crate::support::{put, tree};

/// What spreadsheets, markup and delimited text give a meaning to, and characters at the edges of Unicode.
const FRAGMENTS: [&str; 44] = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\"",
    "'",
    "_x0041_",
    "_x005F_",
    "_x",
    "x000D_",
    "&",
    "&amp;",
    "<",
    "]]>",
    "\u{1}",
    "\u{b}",
    "\u{1f}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{1f393}",
    "ä",
    " ",
    "  ",
    "\u{200b}",
    "\u{feff}",
    ",",
    ";",
    "|",
    "~",
    "#REF!",
    "1E5",
    "007",
    "=HYPERLINK(\"http://x\")",
];

/// A text with something to see in it.
fn any_text() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![3 => select(&FRAGMENTS[..]).prop_map(str::to_string), 1 => "\\PC{1,4}", 1 => any::<char>().prop_map(String::from)];
    // A zero character is what a file has that is not text at all: it is refused as such.
    let text = vec(fragment, 1..6).prop_map(|fragments| fragments.concat().replace('\0', "0"));
    text.prop_filter("a cell that looks empty", |text| {
        !text.chars().all(is_blank)
    })
}

/// The text without what XML cannot hold, which an `OpenDocument` file has no other way to write; a carriage return is a line end there.
fn without_control(text: &str) -> String {
    text.chars()
        .map(|c| {
            if (c.is_ascii_control() && !matches!(c, '\t' | '\n'))
                || matches!(c, '\u{fffe}' | '\u{ffff}')
            {
                '#'
            } else {
                c
            }
        })
        .collect()
}

/// A row whose program nobody knows: it is read, and ends without a payment.
fn row_with(text: &str) -> Row {
    clean_row().with(Field::ProgramCode, text)
}

fn rows_with(texts: &[String]) -> Vec<Row> {
    texts.iter().map(|text| row_with(text)).collect()
}

/// Every row of the texts on a sheet beneath the headings, as cells of text.
fn table(rows: &[Row]) -> Vec<Vec<Cell>> {
    cells(&table_of(rows))
}

fn programs_found(calculation: &Calculation) -> Vec<String> {
    assert!(
        calculation
            .intake
            .files
            .iter()
            .all(|file| file.refused.is_none()),
        "{:?}",
        calculation.findings
    );
    let rows = calculation.intake.completions.rows();
    RowRank::all(rows.len())
        .map(|row| rows.found(row, Field::ProgramCode).to_string())
        .collect()
}

/// The texts of all cells, none of which a formula may have made.
fn texts_of(workbook: &[u8]) -> BTreeSet<String> {
    let mut reader = Xlsx::new(Cursor::new(workbook)).unwrap();
    let mut texts = BTreeSet::new();
    for name in reader.sheet_names() {
        let formulas = reader.worksheet_formula(&name).unwrap();
        let values = reader.worksheet_range(&name).unwrap();
        let (top, left) = values.start().unwrap_or_default();
        for (row, column, value) in values.used_cells() {
            let place = (
                top + u32::try_from(row).unwrap(),
                left + u32::try_from(column).unwrap(),
            );
            if let Data::String(text) = value
                && formulas.get_value(place).is_none_or(String::is_empty)
            {
                texts.insert(text.clone());
            }
        }
    }
    texts
}

fn trimmed(text: &str) -> String {
    text.trim_matches(is_blank).to_string()
}

/// The files of a report by path, the receipt's included.
fn report_of(calculation: &Calculation) -> BTreeMap<String, Vec<u8>> {
    let folder = TempDir::new().unwrap();
    report::write(
        calculation,
        &Earlier::NotNamed,
        folder.path(),
        &|_, _, _| {},
    )
    .unwrap();
    tree(folder.path()).into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_workbook_gives_any_text_back_unchanged(texts in vec(any_text(), 1..12)) {
        let batch = TestBatch::new().file("submissions/0010.xlsx", xlsx(&[sheet("Rows", table(&rows_with(&texts)))]));
        prop_assert_eq!(programs_found(&batch.calculated()), texts);
    }

    #[test]
    fn an_open_document_gives_any_text_back_that_it_can_hold(texts in vec(any_text().prop_map(|text| without_control(&text)), 1..12)) {
        let batch = TestBatch::new().file("submissions/0010.ods", ods(&[sheet("Rows", table(&rows_with(&texts)))]));
        prop_assert_eq!(programs_found(&batch.calculated()), texts);
    }

    #[test]
    fn delimited_text_gives_any_text_back_unchanged(texts in vec(any_text(), 1..12), delimiter in select(&b",;|~\t"[..])) {
        let batch = TestBatch::new().file(FILE, delimited(&table_of(&rows_with(&texts)), delimiter));
        prop_assert_eq!(programs_found(&batch.calculated()), texts);
    }

    #[test]
    fn what_a_csv_file_of_a_report_holds_comes_back_unchanged_but_for_the_apostrophe_before_a_formula(texts in vec(any_text(), 1..12)) {
        let texts: Vec<String> = texts.iter().map(|text| as_said(text)).collect();
        let calculation = TestBatch::of(&rows_with(&texts)).calculated();
        let mut bytes = Vec::new();
        text::completions(&calculation, &mut bytes).unwrap();
        let found: Vec<String> =
            csv::Reader::from_reader(&bytes[..]).records().map(|record| record.unwrap()[6].to_string()).collect();
        for (found, text) in found.iter().zip(&texts) {
            prop_assert!(!found.starts_with(['=', '+', '-', '@', '\t', '\r']), "a spreadsheet would calculate {found:?}");
            let text = trimmed(text).to_uppercase();
            let expected = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text };
            prop_assert_eq!(found, &expected);
        }
        prop_assert_eq!(found.len(), texts.len());
    }
}

proptest! {
    // Each case writes the workbooks of a report.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn every_workbook_of_a_report_holds_any_text_of_the_input_as_a_text(
        texts in vec(any_text(), 12..20),
        format in select(&["csv", "xlsx", "ods"][..]),
    ) {
        let texts: Vec<String> = texts.into_iter().map(|text| match format {
            "ods" => without_control(&text.nfc().collect::<String>()),
            "csv" => as_said(&text),
            _ => text.nfc().collect(),
        }).collect();
        let rows = rows_with(&texts);
        let content = match format {
            "csv" => csv_of(&rows).into_bytes(),
            "xlsx" => xlsx(&[sheet("Rows", table(&rows))]),
            _ => ods(&[sheet("Rows", table(&rows))]),
        };
        let batch = TestBatch::new().file(&format!("submissions/0010.{format}"), content);
        let report = report_of(&batch.calculated());
        let found = texts_of(&report["statewide.xlsx"]);
        for text in &texts {
            let text = trimmed(text).to_uppercase();
            prop_assert!(found.contains(&text), "the state's workbook lacks {text:?}");
        }
        let found = texts_of(&report["entities/0010-First District.xlsx"]);
        for text in &texts {
            prop_assert!(found.contains(text), "the entity's workbook of {format} lacks {text:?}");
        }
    }

    #[test]
    fn a_template_holds_any_name_of_a_program_as_a_text(texts in vec(any_text(), 8)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(PROGRAMS.lines().next().unwrap().split(',')).unwrap();
        for (number, text) in texts.iter().enumerate() {
            writer.write_record([&format!("IC{number}"), text, "industry_credential", "Any", "N", "", ""]).unwrap();
        }
        let list = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let calculation = TestBatch::of(&[clean_row()]).programs(&list).calculated();
        let bytes = template::workbook(&calculation.batch.rules, &calculation.intake.programs, &template::Office::default()).unwrap().save_to_buffer().unwrap();
        let found = texts_of(&bytes);
        for text in &texts {
            prop_assert!(found.contains(&trimmed(text)), "the template lacks {text:?}");
        }
    }
}

/// A text that says in a text file what it says in a workbook: `="0010"` and `'0010` do not. Composed, as every text is read.
fn as_said(text: &str) -> String {
    let text: String = text.nfc().collect();
    // Whatever cannot be seen in front is trimmed.
    let seen = text.trim_start_matches(|c: char| !c.is_ascii_graphic());
    let marked = seen.starts_with(['\'', '=']);
    if marked { format!("x{text}") } else { text }
}

/// A text that every format can hold as it stands: `OpenDocument` writes spaces and line breaks as elements.
fn plain_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&["0010", "0101", "8001", "1000000001", "1000000002", "12", "9th", "IC1", "in1", "2024-05-17", "Y", "Free", "?"][..])
            .prop_map(str::to_string),
        2 => Just(String::new()),
        1 => "[!-~äß\u{1f393}]{1,12}".prop_map(|text| as_said(&text)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_same_table_gives_the_same_frame_in_every_format(rows in vec(vec(plain_text(), headings().len()), 1..15)) {
        let rows: Vec<Vec<String>> = std::iter::once(headings()).chain(rows).collect();
        let read = |name: &str, content: Vec<u8>| {
            let calculation = TestBatch::new().file(&format!("submissions/0010.{name}"), content).calculated();
            (calculation.intake.completions.clone(), ends(&calculation).into_iter().map(|end| (end.row, end.outcome, end.codes)).collect::<Vec<_>>())
        };
        let (expected, decided) = read("csv", delimited(&rows, b',').into_bytes());
        for (name, content) in [
            ("txt", delimited(&rows, b'|').into_bytes()),
            ("xlsx", xlsx(&[sheet("Rows", cells(&rows))])),
            ("ods", ods(&[sheet("Rows", cells(&rows))])),
        ] {
            let (frame, ends) = read(name, content);
            prop_assert!(frame == expected, "{}", name);
            prop_assert_eq!(&ends, &decided, "{}", name);
        }
    }

    #[test]
    fn blank_rows_shift_row_numbers_and_nothing_else(
        rows in vec((submitted_row(), 0..3_u32, select(&["", "  ", "\u{a0}"][..])), 1..25),
        workbook in any::<bool>(),
    ) {
        let dense: Vec<Vec<String>> = std::iter::once(headings()).chain(rows.iter().map(|(row, _, _)| row.texts())).collect();
        let mut sparse = vec![headings()];
        let mut numbers = Vec::new();
        for (row, blank, fill) in &rows {
            for _ in 0..*blank {
                sparse.push(vec![(*fill).to_string(); Field::ALL.len()]);
            }
            sparse.push(row.texts());
            numbers.push(u32::try_from(sparse.len()).unwrap());
        }
        let calculated = |rows: &[Vec<String>]| {
            let batch = TestBatch::new().available("5000");
            let batch = if workbook {
                batch.file("submissions/spring.xlsx", xlsx(&[sheet("Rows", cells(rows))]))
            } else {
                batch.file("submissions/spring.csv", delimited(rows, b','))
            };
            batch.calculated()
        };
        let (dense, sparse) = (calculated(&dense), calculated(&sparse));
        prop_assert_eq!(ends(&sparse).iter().map(|end| end.row).collect::<Vec<_>>(), numbers);
        let fate = |calculation: &Calculation| {
            ends(calculation).into_iter().map(|end| (end.outcome, end.codes, end.amount)).collect::<Vec<_>>()
        };
        prop_assert_eq!(fate(&sparse), fate(&dense));
        prop_assert_eq!(&sparse.allocation.tiers, &dense.allocation.tiers);
        let codes = |calculation: &Calculation| calculation.findings.iter().map(|finding| finding.code).collect::<Vec<_>>();
        prop_assert_eq!(codes(&sparse), codes(&dense));
    }

    #[test]
    fn the_names_of_files_and_the_order_of_sheets_change_no_total(
        parts in vec(vec(submitted_row(), 0..8), 2..5).prop_flat_map(|parts| (Just(parts.clone()), Just(parts).prop_shuffle())),
        names in Just(vec!["a", "B", "ß", "z/0", "~", "10"]).prop_shuffle(),
        dollars in 0..=15_000_u32,
    ) {
        const SHEETS: [&str; 4] = ["First", "Second", "Third", "Fourth"];
        let (parts, shuffled) = parts;
        let totals = |batch: TestBatch| {
            let calculation = batch.available(&dollars.to_string()).calculated();
            let mut payments = Vec::new();
            text::payments(&calculation, &mut payments).unwrap();
            let mut allocation = Vec::new();
            cdip::report::json::allocation(&calculation, &mut allocation).unwrap();
            let mut ledger = Vec::new();
            text::prior_payments_next(&calculation, &mut ledger).unwrap();
            [payments, allocation, ledger].map(|bytes| String::from_utf8(bytes).unwrap())
        };
        // As files of one folder each, under other names and in another order.
        let files = |parts: &[Vec<Row>], names: &[&str]| {
            parts.iter().zip(names).fold(TestBatch::new(), |batch, (rows, name)| batch.rows(&format!("submissions/{name}.csv"), rows))
        };
        let expected = totals(files(&parts, &["1", "2", "3", "4"]));
        prop_assert_eq!(&totals(files(&parts, &names)), &expected);
        // As sheets of one workbook.
        let sheets = |parts: &[Vec<Row>]| {
            let sheets: Vec<_> = parts.iter().zip(SHEETS).map(|(rows, name)| sheet(name, table(rows))).collect();
            TestBatch::new().file("submissions/all.xlsx", xlsx(&sheets))
        };
        // Ten rows or more of one workbook, nine in ten of one district, are that district's file, and the others in it are held.
        let held = sheets(&parts).calculated();
        prop_assume!(!held.findings.iter().any(|finding| finding.code == Code::H502));
        prop_assert_eq!(&totals(sheets(&parts)), &expected);
        prop_assert_eq!(&totals(sheets(&shuffled)), &expected);
    }
}

/// A batch of several entities with faults, whose folder is written in an order of one's own.
fn written_in(order: &[usize], files: &[(String, Vec<Row>)]) -> TempDir {
    let folder = TestBatch::new().available("9000").write();
    for position in order {
        let (path, rows) = &files[*position];
        put(folder.path(), path, csv_of(rows));
    }
    folder
}

fn assert_same_files(
    found: &BTreeMap<String, Vec<u8>>,
    expected: &BTreeMap<String, Vec<u8>>,
    what: &str,
) {
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>(),
        "{what}"
    );
    for (path, bytes) in found {
        assert!(expected[path] == *bytes, "{what}: {path} is another");
    }
}

proptest! {
    // Each case writes several reports.
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn the_order_in_which_files_come_to_be_and_the_number_of_threads_change_no_byte_of_a_report(
        files in vec(vec(prop_oneof![9 => submitted_row(), 1 => any_text().prop_map(|text| row_with(&text))], 1..10), 5),
        order in Just(vec![0, 1, 2, 3, 4]).prop_shuffle(),
    ) {
        let names = ["0010.csv", "0020 Second District/fall.csv", "0020 Second District/spring.csv", "9035.csv", "spring.csv"];
        let files: Vec<_> = names.iter().map(|name| format!("submissions/{name}")).zip(files).collect();
        // Other folders have other names on disk: what is written knows only paths within the batch.
        let report_in = |folder: &TempDir| report_of(&calculated_in(folder).unwrap());
        let first = written_in(&[0, 1, 2, 3, 4], &files);
        let expected = report_in(&first);
        prop_assert!(expected.len() > 8);
        assert_same_files(&report_in(&written_in(&order, &files)), &expected, "files written in another order");
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_same_files(&pool.install(|| report_in(&first)), &expected, &format!("{threads} threads"));
        }
    }
}

#[test]
fn a_text_as_long_as_a_cell_passes_and_a_longer_one_is_cut_with_a_mark_or_refused() {
    let full = "A".repeat(CELL_CHARS_MAX);
    // Two UTF-16 units each: a text file may have them, a cell of Excel holds half as many.
    let wide = "\u{1f393}".repeat(CELL_CHARS_MAX);
    let calculation = TestBatch::of(&[row_with(&full), row_with(&wide)]).calculated();
    assert_eq!(programs_found(&calculation), [full.as_str(), &wide]);
    let report = report_of(&calculation);
    for name in ["statewide.xlsx", "entities/0010-First District.xlsx"] {
        let found = texts_of(&report[name]);
        assert!(found.contains(&full), "{name}");
        let cut = found
            .iter()
            .find(|text| text.starts_with('\u{1f393}'))
            .unwrap_or_else(|| panic!("{name} lacks the long text"));
        assert!(
            cut.ends_with("[cut: longer than a cell of Excel]")
                && cut.encode_utf16().count() <= CELL_CHARS_MAX,
            "{name}"
        );
    }
    let beyond = TestBatch::of(&[row_with(&format!("{full}A"))]).calculated();
    assert_eq!(
        beyond
            .intake
            .files
            .iter()
            .filter(|file| file.refused.is_some())
            .count(),
        1
    );
    assert_eq!(beyond.count(Outcome::Rejected), 0);
}
