//! Inputs from unusual programs, after public reports by people who do this job elsewhere (`tests/trials`). Each replaces the
//! submissions of a vector and must give the result in its README.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader as _, Xlsx};
use cdip::calculation::Calculation;
use cdip::money::Money;
use cdip::stop::{Status, Stop};
use tempfile::TempDir;

use crate::batch_builder::{calculated_in, dollars, ends};
use crate::support::{self, cdip, copy_tree, put, root, tree};

/// The batch that the trials are put into, without its own submissions.
fn empty_batch() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, bytes) in tree(&root().join("tests/vectors/02-full-funding")) {
        if !path.starts_with("submissions/") && !path.starts_with("expected") {
            put(folder.path(), &path, &bytes);
        }
    }
    folder
}

/// The result of a trial, or what stops it.
fn outcome(trial: &str) -> Result<Calculation, Stop> {
    let folder = empty_batch();
    copy_tree(&root().join("tests/trials").join(trial), folder.path());
    calculated_in(&folder)
}

fn calculated(trial: &str) -> Calculation {
    outcome(trial).unwrap_or_else(|stop| panic!("{trial}: {stop}"))
}

/// The result of a single file.
fn file_calculated(name: &str) -> Calculation {
    calculated_in(&with_file(name)).unwrap_or_else(|stop| panic!("{name}: {stop}"))
}

/// Row, outcome, codes and amount of every row, in the order of the batch.
fn rows(calculation: &Calculation) -> Vec<(u32, String, String, Money)> {
    ends(calculation)
        .into_iter()
        .map(|end| {
            (
                end.row,
                end.outcome.as_str().to_string(),
                end.codes,
                end.amount,
            )
        })
        .collect()
}

/// The numbers and amounts of the rows; all of them are paid.
fn paid(calculation: &Calculation) -> Vec<(u32, Money)> {
    let rows = rows(calculation);
    assert!(
        !rows.is_empty() && rows.iter().all(|(_, outcome, ..)| outcome == "paid"),
        "{rows:?}\n{:#?}",
        calculation.findings
    );
    rows.into_iter()
        .map(|(row, _, _, amount)| (row, amount))
        .collect()
}

/// What the findings of a code say at a row, 0 for those of a file, with how to mend it.
fn said(calculation: &Calculation, code: &str, row: u32) -> String {
    let there = calculation
        .findings
        .iter()
        .filter(|finding| finding.code.as_str() == code && finding.row.unwrap_or(0) == row);
    let words: Vec<String> = there
        .map(|finding| format!("{} {}", finding.message, finding.fix()))
        .collect();
    assert!(
        !words.is_empty(),
        "no {code} at {row}: {:#?}",
        calculation.findings
    );
    words.join("\n")
}

fn has(calculation: &Calculation, code: &str) -> bool {
    calculation
        .findings
        .iter()
        .any(|finding| finding.code.as_str() == code)
}

/// Three rows are read and paid, the second of them with free or reduced-price lunch.
fn assert_all_three_rows_are_paid(trial: &str) {
    let expected = [(2, 1_000), (3, 1_200), (4, 1_000)].map(|(row, of)| (row, dollars(of)));
    assert_eq!(paid(&calculated(trial)), expected);
}

#[test]
fn a_name_with_a_comma_in_the_ledger_never_hides_what_was_paid_before() {
    let stop = outcome("02-extra-field-in-the-ledger").expect_err("its line has a field too many");
    assert_eq!(stop.status, Status::Usage);
    let words = stop.to_string();
    assert!(
        words.contains("prior-payments.csv") && words.contains("line 2"),
        "{words}"
    );
}

#[test]
fn a_note_of_several_lines_with_commas_is_one_field() {
    let calculation = calculated("05-note-of-several-lines-with-commas");
    // $1,000.00 + $1,200.00 + $1,000.00 = $3,200.00; the note makes the first row three lines long.
    let expected = [
        (2, dollars(1_000)),
        (5, dollars(1_200)),
        (6, dollars(1_000)),
    ];
    assert_eq!(paid(&calculation), expected);
    assert!(!has(&calculation, "F108"));
}

#[test]
fn a_workbook_part_may_have_any_name() {
    assert_eq!(
        paid(&calculated("06-workbook22-xml")),
        [(2, dollars(1_000))]
    );
}

#[test]
fn names_in_a_workbook_may_have_backslashes() {
    assert_eq!(
        paid(&calculated("07-backslashes-in-part-names")),
        [(2, dollars(1_000))]
    );
}

#[test]
fn names_in_a_workbook_compare_without_case() {
    assert_eq!(
        paid(&calculated("08-workbook-part-with-a-capital")),
        [(2, dollars(1_000))]
    );
}

#[test]
fn texts_of_a_workbook_may_be_under_another_name() {
    assert_eq!(
        paid(&calculated("09-shared-strings-under-another-name")),
        [(2, dollars(1_000))]
    );
}

#[test]
fn short_cells_of_a_binary_workbook_are_read() {
    let expected = [(2, dollars(1_000)), (3, dollars(1_200))];
    assert_eq!(paid(&calculated("11-xlsb-of-sheetjs")), expected);
}

#[test]
fn midnight_is_dropped_however_its_fraction_is_written() {
    let expected = [2, 3, 4, 5].map(|row| (row, dollars(1_000)));
    assert_eq!(paid(&calculated("13-midnight-with-fractions")), expected);
}

#[test]
fn headings_that_are_merged_over_two_rows_are_read() {
    // The second pupil has lunch: $1,200.00.
    let calculation = calculated("16-headings-merged-over-two-rows");
    let expected = [
        (3, dollars(1_000)),
        (4, dollars(1_200)),
        (5, dollars(1_000)),
    ];
    assert_eq!(paid(&calculation), expected);
}

#[test]
fn headings_with_units_and_footnotes_are_named_where_they_are() {
    let calculation = calculated("17-headings-with-units-and-footnotes");
    let words = said(&calculation, "F103", 1);
    for heading in [
        "\"District Code (4 digits)\" in A1",
        "\"School Code (4 digits)\" in B1",
        "\"SASID (10 digits)\" in C1",
        "\"Grade (9-12)\" in D1",
        "\"Completion Date (MM/DD/YYYY)\" in F1",
        "\"Free/Reduced Lunch (Y/N)\" in G1",
        "\"SASID¹\" in C1",
        "\"Free/Reduced Lunch²\" in G1",
    ] {
        assert!(words.contains(heading), "{heading} is missing in\n{words}");
    }
}

#[test]
fn a_program_code_that_only_looks_like_one_of_the_list_is_told_so() {
    let calculation = calculated("19-look-alike-dashes");
    for (row, code) in [(2, "IC-2"), (3, "IC-2"), (4, "IC-2"), (5, "IC1")] {
        let words = said(&calculation, "N301", row);
        assert!(words.contains(code), "row {row}: {words}");
    }
}

#[test]
fn a_program_code_that_a_spreadsheet_made_a_date_or_a_number_is_told_so() {
    let calculation = calculated("20-program-code-turned-into-date-or-number");
    let rows = rows(&calculation);
    assert_eq!(rows.len(), 3);
    assert!(
        rows.iter().all(|(.., amount)| *amount == Money::ZERO),
        "{rows:?}"
    );
    for (row, what, code) in [
        (2, "date", "MAR1"),
        (3, "number", "1E5"),
        (4, "number", "11.0100"),
    ] {
        let there = calculation
            .findings
            .iter()
            .filter(|finding| finding.row == Some(row));
        let words: Vec<String> = there
            .map(|finding| format!("{} {}", finding.message, finding.fix()))
            .collect();
        let words = words.join("\n");
        assert!(
            words.contains(what) && words.contains(code),
            "row {row}: {words}"
        );
    }
}

#[test]
fn a_ledger_whose_codes_changed_unseen_stops_the_run() {
    let stop = outcome("21-ledger-codes-changed-unseen").expect_err("its codes are not sound");
    assert_eq!(stop.status, Status::Usage);
    let words = stop.to_string();
    // Paid were 1E5, MAR1 and IC1; the file says 1.00E+05, 1-Mar and IC1 with a character that cannot be seen.
    for told in [
        "a number, which a spreadsheet makes of 1E5",
        "line 2",
        "a date, which a spreadsheet makes of MAR1",
        "line 3",
        "a zero-width space in the Program Code",
        "line 4",
    ] {
        assert!(words.contains(told), "{told}: {words}");
    }
}

#[test]
fn a_column_whose_dates_have_their_day_first_is_never_read_month_first() {
    let rows = rows(&calculated("22-dates-day-first"));
    let expected =
        [2, 3, 4, 5, 6].map(|row| (row, "rejected".to_string(), "E206".to_string(), Money::ZERO));
    assert_eq!(rows, expected);
}

#[test]
fn control_characters_around_a_code_are_not_part_of_it() {
    let calculation = calculated("23-control-characters");
    let expected = [
        (2, dollars(1_000)),
        (3, dollars(1_000)),
        (2, dollars(1_000)),
    ];
    assert_eq!(paid(&calculation), expected);
}

#[test]
fn the_mark_at_the_end_of_an_old_file_is_not_a_row() {
    assert_all_three_rows_are_paid("24-ctrl-z-at-the-end");
}

#[test]
fn codes_in_quotes_behind_an_equals_sign_are_read() {
    assert_all_three_rows_are_paid("25-equals-and-quotes");
}

#[test]
fn codes_behind_an_apostrophe_are_read() {
    assert_all_three_rows_are_paid("26-apostrophe-before-codes");
}

#[test]
fn whole_numbers_with_decimals_are_read() {
    assert_all_three_rows_are_paid("27-decimals-behind-whole-numbers");
}

#[test]
fn a_workbook_with_the_password_of_excel_itself_is_told_how_to_save_it() {
    let calculation = calculated("28-default-password");
    assert_eq!(rows(&calculation), []);
    let findings = calculation.findings.iter();
    let words: Vec<String> = findings
        .map(|finding| format!("{} {}", finding.message, finding.fix()))
        .collect();
    let words = words.join("\n");
    let says = |what: &str| words.contains(what);
    assert!(
        says("opens without asking") && says("save it as .xlsx"),
        "{words}"
    );
}

#[test]
fn accents_compare_the_same_composed_or_not() {
    let rows = rows(&calculated("29-accents-composed-or-not"));
    let paid = (2, "paid".to_string(), String::new(), dollars(1_000));
    let denied = (3, "denied".to_string(), String::new(), Money::ZERO);
    assert_eq!(rows, [paid, denied]);
}

#[test]
fn serial_numbers_and_short_years_in_a_text_file_are_dates() {
    let calculation = calculated("30-serial-numbers-in-csv");
    assert_eq!(
        paid(&calculation),
        [2, 3, 4].map(|row| (row, dollars(1_000)))
    );
    said(&calculation, "W226", 3);
    said(&calculation, "W226", 4);
}

/// A file of two rows, IC1 at $1,000.00 and WT1 at $1,200.00.
fn reads_two_rows(name: &str) {
    let expected = [(2, dollars(1_000)), (3, dollars(1_200))];
    assert_eq!(paid(&file_calculated(name)), expected, "{name}");
}

#[test]
fn the_file_with_backslashes_in_its_names_is_read() {
    reads_two_rows("0010-01-backslash-names.xlsx");
}

#[test]
fn the_file_with_another_case_in_its_names_is_read() {
    reads_two_rows("0010-02-case-of-name.xlsx");
}

#[test]
fn the_file_with_a_sheet_of_a_module_is_read() {
    reads_two_rows("0010-04-one-module-sheet.xlsx");
}

#[test]
fn the_file_with_a_sheet_of_macros_is_read() {
    reads_two_rows("0010-06-macro-sheet.xlsm");
}

#[test]
fn the_dimension_of_a_sheet_is_only_a_hint_for_its_rows() {
    reads_two_rows("0010-07-dimension-of-rows.xlsx");
}

#[test]
fn the_dimension_of_a_sheet_is_only_a_hint_for_its_columns() {
    reads_two_rows("0010-08-dimension-of-columns.xlsx");
}

#[test]
fn a_sheet_in_utf_16_is_read() {
    reads_two_rows("0010-09-utf16-sheet.xlsx");
}

#[test]
fn an_old_workbook_of_code_page_1200_is_read() {
    reads_two_rows("0010-11-control-codepage-1200.xls");
}

#[test]
fn an_old_workbook_of_code_page_1252_is_read() {
    reads_two_rows("0010-12-codepage-1252-in-biff8.xls");
}

#[test]
fn an_old_workbook_with_formats_of_its_own_is_read() {
    let rows = rows(&file_calculated("0010-13-control-own-formats-164.xls"));
    let outcomes: Vec<&str> = rows
        .iter()
        .map(|(_, outcome, ..)| outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["not_qualified", "not_qualified"], "{rows:?}");
}

#[test]
fn a_note_of_two_lines_with_six_commas_is_one_field() {
    let calculation = file_calculated("0010-17-note-with-six-commas.csv");
    // A column for graduation credit is missing, so that nobody qualifies; but both rows are read.
    let rows = rows(&calculation);
    let numbers: Vec<(u32, &str)> = rows
        .iter()
        .map(|(row, _, codes, _)| (*row, codes.as_str()))
        .collect();
    assert_eq!(numbers, [(2, "N305"), (4, "N305")]);
    assert!(!has(&calculation, "F108"));
}

#[test]
fn codes_in_cells_with_a_date_format_are_rejected_and_told_how_to_mend() {
    let calculation = file_calculated("0010-18-codes-in-date-format.xlsx");
    let rows = rows(&calculation);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].1, "rejected");
    let words = said(&calculation, "E201", 2);
    assert!(
        words.contains("formatted as a date") && words.contains("as text"),
        "{words}"
    );
}

#[test]
fn formulas_without_results_are_told_to_be_calculated() {
    let calculation = file_calculated("0010-19-formulas-without-values.xlsx");
    let findings = calculation
        .findings
        .iter()
        .filter(|finding| finding.code.as_str() == "W230");
    let words: Vec<String> = findings
        .map(|finding| format!("{} {}", finding.message, finding.fix()))
        .collect();
    let words = words.join("\n");
    assert!(
        words.contains("not calculated") && words.contains("save"),
        "{words}"
    );
}

#[test]
fn dates_of_the_iso_kind_with_a_zone_are_read() {
    let rows = rows(&file_calculated("0010-20-iso-date-with-z.xlsx"));
    // The first has no graduation credit; the second no lunch, so $1,000.00.
    let first = (
        2,
        "not_qualified".to_string(),
        "N305".to_string(),
        Money::ZERO,
    );
    let second = (3, "paid".to_string(), String::new(), dollars(1_000));
    assert_eq!(rows, [first, second]);
}

#[test]
fn times_of_day_and_early_days_do_not_disturb_a_file() {
    reads_two_rows("0010-21-times-and-early-dates.xlsx");
}

#[test]
fn every_sheet_of_an_old_workbook_is_read() {
    let calculation = file_calculated("0010-22-control-two-sheets.xls");
    let amounts = paid(&calculation);
    // $7,200.00 = 6 x $1,000.00 + $1,200.00
    let cents: i64 = amounts.iter().map(|(_, amount)| amount.cents()).sum();
    assert_eq!((amounts.len(), cents), (7, 720_000));
}

/// The folder of a batch with one odd file in its place, and nothing else.
fn with_file(name: &str) -> TempDir {
    let folder = empty_batch();
    let bytes = fs::read(root().join("tests/trials/files").join(name)).unwrap();
    put(folder.path(), &format!("submissions/{name}"), &bytes);
    folder
}

#[test]
fn a_marked_copy_gives_times_of_day_and_early_days_back_as_the_numbers_that_they_were() {
    let name = "0010-21-times-and-early-dates.xlsx";
    let folder = with_file(name);
    // A wrong grade, or there would be nothing to mark.
    let file = format!("submissions/{name}");
    let bytes = fs::read(folder.path().join(&file)).unwrap();
    let faulty = crate::spreadsheets::with_parts(&bytes, |_, text| {
        text.replacen("<t>11</t>", "<t>what</t>", 1)
    });
    put(folder.path(), &file, &faulty);
    let arguments = ["check", &file, "--batch", ".", "--mark", "marked.xlsx"];
    let output = cdip(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let marked = fs::read(folder.path().join("marked.xlsx")).unwrap();
    let mut workbook = Xlsx::new(Cursor::new(&marked[..])).unwrap();
    let mut sheets = workbook.worksheets().into_iter();
    let is_heading = |cell: &Data| *cell == Data::String("Time in".to_string());
    let (_, sheet) = sheets
        .find(|(_, sheet)| sheet.rows().any(|row| row.iter().any(is_heading)))
        .unwrap();
    // The columns *Time in* and *Days* are J and K, beneath the headings.
    let cell = |row: u32, column: u32| match sheet.get_value((row, column)) {
        Some(Data::DateTime(date)) => (date.as_f64(), true),
        Some(Data::Float(number)) => (*number, false),
        other => panic!("{other:?} in row {row}, column {column}"),
    };
    assert_eq!(cell(1, 9), (0.458_333_333_3, true), "11:00");
    assert_eq!(cell(1, 10), (-3.0, false), "a day before 1900");
    assert_eq!(cell(2, 9), (0.0, true), "midnight");
    assert_eq!(cell(2, 10), (45_000.75, true), "2023-03-15 18:00");
}

/// What becomes of an input, in a few words.
fn in_words(outcome: Result<Calculation, Stop>) -> String {
    let calculation = match outcome {
        Ok(calculation) => calculation,
        Err(stop) => {
            let faults = 1 + stop.also.len();
            let s = if faults == 1 { "" } else { "s" };
            return format!("stops the run, {faults} fault{s}");
        }
    };
    let mut ended: BTreeMap<String, usize> = BTreeMap::new();
    for code in calculation
        .intake
        .files
        .iter()
        .filter_map(|file| file.refused)
    {
        *ended.entry(format!("refused ({code})")).or_default() += 1;
    }
    for (_, outcome, codes, _) in rows(&calculation) {
        let codes = if codes.is_empty() {
            String::new()
        } else {
            format!(" ({codes})")
        };
        *ended
            .entry(format!("{}{codes}", outcome.replace('_', " ")))
            .or_default() += 1;
    }
    let ended: Vec<String> = ended
        .into_iter()
        .map(|(outcome, count)| format!("{count} {outcome}"))
        .collect();
    let cents: i64 = rows(&calculation)
        .iter()
        .map(|(.., amount)| amount.cents())
        .sum();
    let paid = match (cents / 100_000, cents % 100_000 / 100) {
        (0, 0) => String::new(),
        (thousands, dollars) => format!(": ${thousands},{dollars:03}.00"),
    };
    ended.join(", ") + &paid
}

#[test]
fn the_page_says_of_every_trial_what_becomes_of_it() {
    let names = |folder: &Path| -> Vec<String> {
        let mut names = support::names(folder);
        names.retain(|name| !name.starts_with("README"));
        names
    };
    let trials = root().join("tests/trials");
    let mut table = String::from("| input | what becomes of its rows |\n|---|---|\n");
    for name in names(&trials).iter().filter(|name| *name != "files") {
        let line = format!("| `{name}` | {} |\n", in_words(outcome(name)));
        table.push_str(&line);
    }
    for name in names(&trials.join("files")) {
        let calculation = calculated_in(&with_file(&name));
        let line = format!("| `files/{name}` | {} |\n", in_words(calculation));
        table.push_str(&line);
    }
    let page = fs::read_to_string(root().join("docs/hostile-inputs.md")).unwrap();
    assert!(
        page.contains(&table),
        "docs/hostile-inputs.md does not hold this table:\n{table}"
    );
}
