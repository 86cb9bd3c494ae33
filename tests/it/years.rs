//! Several years together: every sum equals the reports' own, all faults of the reports are shown at once, and the command does what
//! its user expects.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::stop::{Status, Stop};
use cdip::years::largest::Split;
use cdip::years::lasting::Event;
use cdip::years::lines::By;
use cdip::years::tables::Measure;
use cdip::years::tables::Value::{Change, Count, Empty, Growth, Share, Text};
use cdip::years::{Years, files, reports};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use tempfile::TempDir;

use crate::batch_builder::{PARTICIPANTS, Row, TestBatch, clean_row, pupil};
use crate::publish::report_into;
use crate::recalculation::{Book, Calculator};
use crate::settlement::files::{assert_preliminary_on_every_page, preliminary_report};
use crate::spreadsheets::parts;
use crate::support::{cdip, root, said, stdout, tree};

/// A row of a pupil, told by two digits.
fn row(district: &str, number: u32, program: &str, date: &str) -> Row {
    pupil(number)
        .with(Field::DistrictCode, district)
        .with(Field::ProgramCode, program)
        .with(Field::CompletionDate, date)
}

fn with_lunch(row: Row) -> Row {
    row.with(Field::Lunch, "Y")
}

/// Full for tiers 1 and 2; the third has 500.00 for its one unit. Lunch weighs nothing yet.
fn of_2022_23() -> TestBatch {
    let date = "2022-05-17";
    TestBatch::new()
        .rules("2022-23")
        .available("2500.00")
        .rows(
            "submissions/0010.csv",
            &[
                row("0010", 11, "IC1", date),
                with_lunch(row("0010", 12, "IN1", date)),
            ],
        )
        .rows(
            "submissions/0020.csv",
            &[row("0020", 13, "AP1", date).with(Field::ApScore, "4")],
        )
}

/// Pupil 14 has lunch and two completions: one award of 1,200.00. 0010 requires completions: its supplement is the pool, 600.00. A
/// pupil of grade 8 and a program that is on no list do not qualify.
fn of_2023_24() -> TestBatch {
    let date = "2023-05-17";
    TestBatch::new()
        .rules("2023-24")
        .available("10000.00")
        .setting("supplement_available = \"600.00\"")
        .rows(
            "submissions/0010.csv",
            &[
                with_lunch(row("0010", 14, "IC1", date)),
                with_lunch(row("0010", 14, "IN1", date)),
                row("0010", 15, "RE1", date).with(Field::SchoolCode, "4500"),
            ],
        )
        .rows(
            "submissions/0020.csv",
            &[
                row("0020", 16, "IN1", date).with(Field::Grade, "8"),
                row("0020", 17, "Jane Doe", date),
            ],
        )
}

/// 0010 has another name, its charter is the institute's, and 0020 sends nothing.
fn of_2024_25() -> TestBatch {
    let date = "2024-05-17";
    let participants = PARTICIPANTS
        .replace("First District", "First Union District")
        .replace(
            "0010,4500,District Charter,district_charter",
            "8001,4500,District Charter,institute_charter",
        );
    TestBatch::new()
        .rules("2024-25")
        .available("10000.00")
        .participants(&participants)
        .rows("submissions/0010.csv", &[row("0010", 18, "IC1", date)])
        .rows(
            "submissions/8001.csv",
            &[row("8001", 19, "RE1", date).with(Field::SchoolCode, "4500")],
        )
}

/// A folder with the reports of batches below `reports`, each named by its year.
fn with_reports(batches: &[(&str, TestBatch)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, batch) in batches {
        let place = folder.path().join("reports").join(name);
        fs::create_dir_all(&place).unwrap();
        report_into(&batch.calculated(), &place);
    }
    folder
}

fn three_years() -> TempDir {
    with_reports(&[
        ("2022-23", of_2022_23()),
        ("2023-24", of_2023_24()),
        ("2024-25", of_2024_25()),
    ])
}

fn years_of(folder: &Path) -> Years {
    let reports =
        reports::open(&[folder.join("reports")], true).unwrap_or_else(|stop| panic!("{stop}"));
    Years::of(&reports, None).unwrap()
}

fn stop_of(folders: &[PathBuf]) -> Stop {
    reports::open(folders, false).expect_err("the reports are refused")
}

fn table_of(years: &Years) -> String {
    let mut csv = Vec::new();
    files::write_table(years, &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

fn dollars(text: &str) -> Money {
    Money::from_dollars(text).unwrap()
}

#[test]
fn a_line_is_what_a_participants_rows_of_one_program_are_together() {
    let folder = three_years();
    assert_eq!(
        table_of(&years_of(folder.path())),
        "budget_year,participant,payee,sector,program_code,tier,category,completions,units,frl_units,amount\n\
         2022-23,0010,0010,Trades,IC1,1,industry_credential,1,1,0,1000.00\n\
         2022-23,0010,0010,Any,IN1,2,internship,1,1,1,1000.00\n\
         2022-23,0020,0020,IT,AP1,3,ap_course,1,1,0,500.00\n\
         2023-24,0010,0010,Trades,IC1,1,industry_credential,1,1,1,1200.00\n\
         2023-24,0010,0010,Any,IN1,2,internship,1,0,0,0.00\n\
         2023-24,0010-4500,0010,Health,RE1,2,residency,1,1,0,1000.00\n\
         2023-24,0020,0020,,,,,1,0,0,0.00\n\
         2023-24,0020,0020,Any,IN1,2,internship,1,0,0,0.00\n\
         2023-24,0010,0010,,,,supplement,0,0,0,600.00\n\
         2024-25,0010,0010,Trades,IC1,1,industry_credential,1,1,0,1000.00\n\
         2024-25,8001-4500,8001,Health,RE1,2,residency,1,1,0,1000.00\n"
    );
}

#[test]
fn what_full_funding_would_have_cost_is_counted_at_each_years_own_award() {
    let folder = three_years();
    let years = years_of(folder.path());
    // 2022-23: 3 units x 1,000.00, lunch weighing 1.00. 2023-24: 1,200.00 + 1,000.00. 2024-25: 2 x 1,000.00.
    let full: Vec<String> = years
        .years
        .iter()
        .map(|facts| facts.total().figures.full.to_string())
        .collect();
    assert_eq!(full, ["3000.00", "2200.00", "2000.00"]);
    // 3,000.00 - 2,500.00 went unpaid, all of it in the third tier, which paid 500.00 of 1,000.00. In 2023-24 it had no unit.
    let first = &years.years[0];
    assert_eq!(first.total().figures.unpaid(), dollars("500.00"));
    let rates = years.rates().rows;
    let paid_of_full: Vec<_> = [2, 5].map(|row| rates[row].last().cloned()).into();
    assert_eq!(paid_of_full, [Some(Share(50_000, 100_000)), Some(Empty)]);
}

#[test]
fn the_funnel_says_where_rows_fell_out_and_what_they_would_have_been_paid_at_most() {
    let folder = three_years();
    let years = years_of(folder.path());
    let facts = &years.years[1];
    let stages: Vec<(&str, [u64; 5])> = facts
        .entities
        .iter()
        .map(|entity| (entity.code.as_str(), entity.stages.all()))
        .collect();
    assert_eq!(
        stages,
        [("0010", [3, 3, 3, 2, 2]), ("0020", [2, 2, 0, 0, 0])]
    );
    let losses: Vec<(&str, &str, String, u64, String)> = facts
        .losses
        .iter()
        .map(|loss| {
            (
                loss.entity.as_str(),
                loss.outcome.as_str(),
                loss.code.map(|code| code.to_string()).unwrap_or_default(),
                loss.rows,
                loss.up_to.to_string(),
            )
        })
        .collect();
    // The second completion of the pupil with lunch: 1,200.00 at tier 2's rates. Grade 8: 1,000.00 without lunch. A program on no list: the
    // highest rate of the year, 1,200.00.
    let expected = [
        ("0010", "already_counted", "", "1200.00"),
        ("0020", "not_qualified", "N301", "1200.00"),
        ("0020", "not_qualified", "N302", "1000.00"),
    ];
    assert_eq!(
        losses,
        expected.map(|(entity, outcome, code, up_to)| {
            (entity, outcome, code.to_string(), 1, up_to.to_string())
        })
    );
}

#[test]
fn participants_that_come_go_and_change_are_told_by_their_codes() {
    let folder = three_years();
    let events: Vec<(String, String, &str, String)> = years_of(folder.path())
        .participant_events()
        .into_iter()
        .map(
            |Event {
                 year,
                 code,
                 what,
                 detail,
             }| (year.to_string(), code, what, detail),
        )
        .collect();
    let event = |year: &str, code: &str, what: &'static str, detail: &str| {
        (year.to_string(), code.to_string(), what, detail.to_string())
    };
    assert_eq!(
        events,
        [
            event("2023-24", "0010-4500", "new", "District Charter"),
            event(
                "2024-25",
                "0010",
                "other name",
                "First District is now First Union District"
            ),
            event("2024-25", "0010-4500", "gone", "District Charter"),
            event("2024-25", "0020", "gone", "Second District"),
            event("2024-25", "8001-4500", "new", "District Charter"),
            event(
                "2024-25",
                "8001-4500",
                "other payee",
                "school 4500 was 0010-4500 and paid through 0010; it is now paid through 8001"
            ),
        ]
    );
}

#[test]
fn pupils_of_a_participant_that_is_gone_show_where_it_merged_into() {
    let date = |year: &str| format!("{year}-05-17");
    let pupils =
        |district: &str, program: &str, date: &str, pupils: std::ops::Range<u32>| -> Vec<Row> {
            pupils
                .map(|pupil| row(district, pupil, program, date))
                .collect()
        };
    let before = TestBatch::new()
        .rules("2023-24")
        .rows(
            "submissions/0010.csv",
            &pupils("0010", "IN1", &date("2023"), 11..13),
        )
        .rows(
            "submissions/0020.csv",
            &pupils("0020", "IN1", &date("2023"), 21..29),
        );
    // Six of the eight pupils of 0020 are seen again, all at 0010.
    let after = TestBatch::new().rules("2024-25").rows(
        "submissions/0010.csv",
        &pupils("0010", "RE1", &date("2024"), 21..27),
    );
    let folder = with_reports(&[("a", before), ("b", after)]);
    let events = years_of(folder.path()).participant_events();
    let merged: Vec<(&str, &str)> = events
        .iter()
        .filter(|event| event.what == "merged?")
        .map(|event| (event.code.as_str(), event.detail.as_str()))
        .collect();
    assert_eq!(
        merged,
        [("0020", "of its 6 pupils in 2024-25 again, 6 are at 0010")]
    );
}

#[test]
fn a_completion_that_was_paid_in_two_years_is_found() {
    let again = |rules: &str, date: &str| {
        TestBatch::new()
            .rules(rules)
            .rows("submissions/0010.csv", &[row("0010", 11, "IN1", date)])
    };
    let folder = with_reports(&[
        ("a", again("2023-24", "2023-05-17")),
        ("b", again("2024-25", "2024-05-17")),
    ]);
    let years = years_of(folder.path());
    let found: Vec<(String, &str)> = years
        .paid_twice
        .iter()
        .map(|twice| {
            let years = format!("{} {}", twice.years.0, twice.years.1);
            (years, twice.participant.as_str())
        })
        .collect();
    assert_eq!(found, [("2023-24 2024-25".to_string(), "0010")]);
}

#[test]
fn a_change_is_split_into_own_completions_the_rate_and_the_rules() {
    // 0010 has one internship in either year. In 2023-24 all of 1,000.00 is its own; in 2024-25 0020 sends three more, so that each of the
    // four gets 250.00. Its own rows add nothing, the rate takes 750.00, and the rules are the same.
    let date = "2024-05-17";
    let before = TestBatch::new().rules("2023-24").available("1000.00").rows(
        "submissions/0010.csv",
        &[row("0010", 11, "IN1", "2023-05-17")],
    );
    let after = TestBatch::new()
        .rules("2024-25")
        .available("1000.00")
        .rows("submissions/0010.csv", &[row("0010", 12, "IN1", date)])
        .rows(
            "submissions/0020.csv",
            &[21, 22, 23].map(|pupil| row("0020", pupil, "IN1", date)),
        );
    let folder = with_reports(&[("a", before), ("b", after)]);
    let years = years_of(folder.path());
    let largest = &years.largest[0];
    assert_eq!((largest.from.first(), largest.to.first()), (2023, 2024));
    let changes: Vec<(&str, Split)> = largest
        .changes
        .iter()
        .map(|change| (change.code.as_str(), Split::of(&change.parts)))
        .collect();
    let cents = Money::from_cents;
    let split = |own, rate| Split {
        own: cents(own),
        rate: cents(rate),
        rules: Money::ZERO,
    };
    // Alone, 0020's three would share 1,000.00 with 0010's one: 250.00 each, 750.00 in all, and nobody else changes that.
    assert_eq!(
        changes,
        [("0010", split(0, -75_000)), ("0020", split(75_000, 0))]
    );
}

#[test]
fn what_the_earlier_rules_would_not_pay_is_the_rules_part_of_a_change() {
    // 0010 and the BOCES have one internship each in either year. The rules of 2022-23 pay no BOCES, so 0010 has all of 1,000.00. In 2023-24
    // they share it, 500.00 each. The BOCES' own rows add nothing under the rules of 2022-23: all 500.00 are the rules', and so is what
    // 0010 lost.
    let both = |date: &str| -> TestBatch {
        TestBatch::new()
            .available("1000.00")
            .rows("submissions/0010.csv", &[row("0010", 11, "IN1", date)])
            .rows(
                "submissions/9035.csv",
                &[row("9035", 12, "IN1", date).with(Field::SchoolCode, "0000")],
            )
    };
    let folder = with_reports(&[
        ("a", both("2022-05-17").rules("2022-23")),
        ("b", both("2023-05-17").rules("2023-24")),
    ]);
    let years = years_of(folder.path());
    let mut changes: Vec<(&str, Split)> = years.largest[0]
        .changes
        .iter()
        .map(|change| (change.code.as_str(), Split::of(&change.parts)))
        .collect();
    changes.sort_by_key(|(code, _)| *code);
    let rules = |cents| Split {
        own: Money::ZERO,
        rate: Money::ZERO,
        rules: Money::from_cents(cents),
    };
    assert_eq!(changes, [("0010", rules(-50_000)), ("9035", rules(50_000))]);
}

#[test]
fn a_row_that_a_district_sends_again_a_year_later_is_not_taken_for_a_change_of_the_rules() {
    let again = row("0010", 11, "IN1", "2023-05-17");
    let before = TestBatch::new()
        .rules("2023-24")
        .rows("submissions/0010.csv", std::slice::from_ref(&again));
    // In the next year it is too old (N303), so that all of 1,000.00 is gone with the participant's own completions.
    let after = TestBatch::new()
        .rules("2024-25")
        .rows("submissions/0010.csv", &[again]);
    let folder = with_reports(&[("a", before), ("b", after)]);
    let years = years_of(folder.path());
    let split = Split::of(&years.largest[0].changes[0].parts);
    let gone = Money::from_cents(-100_000);
    assert_eq!(
        (split.own, split.rate, split.rules),
        (gone, Money::ZERO, Money::ZERO)
    );
}

#[test]
fn every_fault_of_the_reports_is_told_at_once() {
    let folder = with_reports(&[
        ("a", of_2022_23()),
        ("again", of_2022_23()),
        // Grade 14 cannot be read.
        (
            "open",
            TestBatch::of(&[clean_row().with(Field::Grade, "14")]),
        ),
        ("torn", of_2023_24()),
    ]);
    let reports = folder.path().join("reports");
    let path = reports.join("torn/completions.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("1200.00", "1300.00")).unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let stop = stop_of(&[
        reports,
        folder.path().join("empty"),
        folder.path().join("nowhere"),
    ]);
    // The most urgent status wins: a report that contradicts itself.
    assert_eq!(stop.status, Status::Difference);
    let said = stop.to_string();
    for message in [
        "2 reports are of budget year 2022-23",
        "the report of budget year 2024-25 is PRELIMINARY: what it awards may still change",
        "completions.csv was changed after the report was written",
        "the folder holds no report, and no folder in it does",
        "the report folder does not exist",
    ] {
        assert!(said.contains(message), "{message}: {said}");
    }
    for place in [
        "reports/a\n",
        "reports/again\n",
        "reports/open\n",
        "reports/torn\n",
        "empty\n",
    ] {
        assert!(
            said.contains(&place.replace('/', std::path::MAIN_SEPARATOR_STR)),
            "{place}: {said}"
        );
    }
    // A year may be missing because its report is the torn one.
    assert!(!said.contains("no report is of budget year"), "{said}");
}

#[test]
fn a_year_without_a_report_is_named() {
    let folder = with_reports(&[("a", of_2022_23()), ("c", of_2024_25())]);
    let stop = stop_of(&[folder.path().join("reports")]);
    assert_eq!(
        stop.message,
        "no report is of budget year 2023-24, between 2022-23 and 2024-25"
    );
}

#[test]
fn a_preliminary_report_is_one_of_the_years_on_request_and_then_every_page_and_name_says_so() {
    let folder = preliminary_report();
    let output = cdip(folder.path(), &["years", "report"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(
        said(&output),
        "error: the report of budget year 2024-25 is PRELIMINARY: what it awards may still change\n  --> report\n   \
         = fix: give its final report; --preliminary allows it, and says so on every page\n"
    );
    let place = folder.path().join("years");
    assert!(!place.exists());
    let output = cdip(folder.path(), &["years", "report", "--preliminary"]);
    assert!(output.status.success(), "{output:?}");
    let written = tree(&place);
    let names: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "SHA256SUMS",
            "receipt.json",
            "years-PRELIMINARY.csv",
            "years-PRELIMINARY.html",
            "years-PRELIMINARY.xlsx",
        ]
    );
    assert_preliminary_on_every_page(&place.join("years-PRELIMINARY.xlsx"));
    let page = fs::read_to_string(place.join("years-PRELIMINARY.html")).unwrap();
    assert!(page.contains("<p class=\"preliminary\">PRELIMINARY: "));
}

#[test]
fn years_with_a_gap_are_not_published_together() {
    let folder = with_reports(&[("a", of_2022_23()), ("c", of_2024_25())]);
    let output = cdip(folder.path(), &["publish", "reports", "--preliminary"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = said(&output);
    assert!(
        said.contains("no report is of budget year 2023-24, between 2022-23 and 2024-25"),
        "{said}"
    );
}

#[test]
fn rows_are_those_of_the_district_that_sent_them_also_if_all_are_of_another() {
    let folder = TempDir::new().unwrap();
    let date = "2024-05-17";
    // 0020 does not take part, and sends a pupil of 0010.
    let list = PARTICIPANTS.replace(
        "0020,,Second District,district,Y",
        "0020,,Second District,district,N",
    );
    let batch = TestBatch::new()
        .rules("2024-25")
        .participants(&list)
        .rows("submissions/0010.csv", &[row("0010", 18, "IC1", date)])
        .rows("submissions/0020.csv", &[row("0010", 20, "AP1", date)]);
    run_batches(folder.path(), vec![("2024-25", batch)]);
    let years = years_of(folder.path());
    let rows: Vec<(&str, u64)> = years.years[0]
        .entities
        .iter()
        .map(|entity| (entity.code.as_str(), entity.stages.submitted))
        .collect();
    assert_eq!(rows, [("0010", 1), ("0020", 1)]);
    // The AP course without a score is a loss of its sender.
    let losses: Vec<&str> = years.years[0]
        .losses
        .iter()
        .map(|loss| loss.entity.as_str())
        .collect();
    assert_eq!(losses, ["0020"]);
}

/// Runs `cdip run` for each batch, as a user does.
fn run_all(folder: &Path) {
    let batches = vec![
        ("2022-23", of_2022_23()),
        ("2023-24", of_2023_24()),
        ("2024-25", of_2024_25()),
    ];
    run_batches(folder, batches);
}

fn run_batches(folder: &Path, batches: Vec<(&str, TestBatch)>) {
    for (name, batch) in batches {
        let place = folder.join("batches").join(name);
        batch.write_into(&place);
        let out = format!("reports/{name}");
        let output = cdip(
            folder,
            &[
                "run",
                place.to_str().unwrap(),
                "--out",
                &out,
                "--require-final",
            ],
        );
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn a_user_gives_a_folder_of_reports_and_finds_the_years_in_it() {
    let folder = TempDir::new().unwrap();
    run_all(folder.path());
    fs::write(
        folder.path().join("prices.csv"),
        "Budget Year,Index\n2022-23,100\n2023-24,110\n2024-25,121\n",
    )
    .unwrap();
    let arguments = ["years", "reports", "--deflator", "prices.csv"];
    let output = cdip(folder.path(), &arguments);
    assert!(output.status.success(), "{output:?}");
    let text = said(&output);
    for line in [
        "Budget years 2022-23 to 2024-25  FINAL",
        "2022-23               3         3         3         $2,500.00           $500.00",
        "2023-24               5         2         2         $2,800.00             $0.00",
        "Paid includes the supplement.",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let place = folder.path().join("reports/years");
    let first = tree(&place);
    // The folder of the years is not a report: a second time it is passed over, and replaced by the same bytes.
    let again = cdip(folder.path(), &arguments);
    assert!(again.status.success(), "{again:?}");
    assert_eq!(tree(&place), first);
    // No path of this machine is in any file.
    let machine = folder.path().to_str().unwrap().as_bytes();
    for (name, bytes) in &first {
        assert!(
            !bytes.windows(machine.len()).any(|part| part == machine),
            "{name}"
        );
    }
    let receipt: Value =
        serde_json::from_slice(&fs::read(place.join("receipt.json")).unwrap()).unwrap();
    assert_eq!(receipt["predicate"]["reports"][1]["supplement"], "600.00");
    assert_eq!(receipt["predicate"]["deflator"]["path"], "prices.csv");
}

#[test]
fn the_years_never_replace_a_report() {
    let folder = three_years();
    let output = cdip(
        folder.path(),
        &["years", "reports", "--out", "reports/2022-23"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("the place of the years holds a report"),
        "{output:?}"
    );
}

#[test]
fn every_formula_of_the_workbook_gives_what_the_program_gives() {
    let folder = three_years();
    let out = TempDir::new().unwrap();
    files::write(&years_of(folder.path()), out.path()).unwrap();
    let book = Book::read(fs::read(out.path().join("years.xlsx")).unwrap());
    let calculator = Calculator::open(&book.with_wrong_results());
    let formulas = book.agrees_with("IronCalc", |cell| {
        calculator.shown(cell.sheet, cell.row, cell.column)
    });
    // The overview alone has seven in each of three years, and a total in ten columns.
    assert!(formulas > 3 * 7 + 10, "{formulas} formulas");
}

#[test]
fn the_first_sheet_has_its_two_charts_whether_the_rules_changed_or_not() {
    let charts = |folder: &Path, reports: &[&str]| {
        let out = folder.join("compared");
        let arguments = [&["years"], reports, &["--out", "compared"]].concat();
        let output = cdip(folder, &arguments);
        assert!(output.status.success(), "{output:?}");
        let book = parts(&fs::read(out.join("years.xlsx")).unwrap());
        let of_first_sheet = "xl/drawings/drawing1.xml";
        let drawing = book
            .iter()
            .find(|(name, _)| name == of_first_sheet)
            .unwrap();
        String::from_utf8_lossy(&drawing.1)
            .matches("<c:chart ")
            .count()
    };
    let three = three_years();
    let all = ["reports/2022-23", "reports/2023-24", "reports/2024-25"];
    assert_eq!(charts(three.path(), &all), 2);
    // From 2023-24 to 2024-25 nothing changed that a figure depends on.
    let three = three_years();
    assert_eq!(charts(three.path(), &all[1..]), 2);
}

#[test]
fn pupils_are_counted_once_in_every_line_of_all_figures() {
    let folder = three_years();
    let table = years_of(folder.path()).every_figure();
    let pupils = |year: &str, by: &str, value: &str| {
        let text = |text: &str| cdip::years::tables::Value::Text(text.to_string());
        let found = table
            .rows
            .iter()
            .find(|row| row[..3] == [text(year), text(by), text(value)]);
        found.map(|row| row[6].clone())
    };
    // Pupil 14 completed two programs in 2023-24 and has one award, for the first of them.
    assert_eq!(pupils("2023-24", "Payee", "0010"), Some(Count(2)));
    assert_eq!(pupils("2023-24", "Program", "IC1"), Some(Count(1)));
    assert_eq!(pupils("2023-24", "Program", "IN1"), Some(Count(0)));
    assert_eq!(pupils("2023-24", "Kind", "District"), Some(Count(1)));
    // 2022-23 paid every completion of pupils 11, 12 and 13.
    assert_eq!(pupils("2022-23", "Kind", "District"), Some(Count(3)));
    assert_eq!(pupils("2024-25", "Participant", "0020"), None);
}

#[test]
fn the_page_fetches_and_runs_nothing_and_says_what_cannot_be_compared() {
    let folder = three_years();
    let out = TempDir::new().unwrap();
    files::write(&years_of(folder.path()), out.path()).unwrap();
    let page = fs::read_to_string(out.path().join("years.html")).unwrap();
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
    for fetching in [
        "<script", "<link", "<img", "src=", "href=", "url(", "@import", "://",
    ] {
        assert!(!page.contains(fetching), "{fetching}");
    }
    // The unit, the weight of lunch and the kinds changed in 2023-24, and nothing in 2024-25.
    for said in [
        "From 2023-24 on, other rules decide what an award is paid for, to whom and how much.",
        "completion -&gt; pupil",
        "1.00 -&gt; 1.20",
        "+ boces",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("From 2024-25 on"));
    // Two sources of the weight of lunch are notes on one paragraph, which is named once.
    assert!(!page.contains("SB23-065 (2023); C.R.S. 22-54-138(5)(e)"));
}

#[test]
fn units_pupils_and_dollars_change_only_as_far_as_years_can_be_compared() {
    let folder = three_years();
    let years = years_of(folder.path());
    // Completions can be compared over all years: 3 rows, then 5, then 2.
    assert_eq!(
        years.change_words(Measure::Completions).as_deref(),
        Some("Change, 2022-23 to 2024-25")
    );
    for measure in [Measure::Units, Measure::Pupils, Measure::Dollars] {
        assert_eq!(
            years.change_words(measure).as_deref(),
            Some("Change since 2023-24"),
            "{measure:?}"
        );
    }
    // Trades: one award of 1,000.00 in 2022-23, 1,200.00 with lunch in 2023-24, 1,000.00 in 2024-25. The change since 2023-24 is -200.00,
    // 200 of 1,200; from 2022-23 it would have been nothing.
    let sectors = years.over_years(By::Sector, Measure::Dollars).unwrap();
    let trades = sectors
        .rows
        .iter()
        .find(|row| row[0] == Text("Trades".to_string()))
        .unwrap();
    let money = |cents| cdip::years::tables::Value::Money(Money::from_cents(cents));
    assert_eq!(
        trades[1..],
        [
            money(100_000),
            money(120_000),
            money(100_000),
            money(-20_000),
            Growth(-20_000, 120_000)
        ]
    );
    // What grew most comes first: no sector grew, Health stayed.
    assert_eq!(sectors.rows[0][0], Text("Health".to_string()));
    let completions = years.over_years(By::Kind, Measure::Completions).unwrap();
    let districts = completions.rows.last().unwrap();
    // Districts: 3, 4 and 1 rows.
    assert_eq!(
        districts[1..],
        [Count(3), Count(4), Count(1), Change(-2), Growth(-2, 3)]
    );
    // Real dollars need an index.
    assert_eq!(years.over_years(By::Sector, Measure::RealDollars), None);
}

#[test]
fn units_of_two_kinds_are_not_added_up() {
    let folder = three_years();
    let years = years_of(folder.path());
    let counts = years.counts();
    // 3 + 5 + 2 rows are 10 rows; an award of 2022-23 is for a completion, and one of 2023-24 for a pupil.
    assert_eq!((counts.total(1), counts.total(2)), (Count(10), Empty));
    let charted = years.counts_by_rules().unwrap();
    let headings: Vec<&str> = charted
        .headings
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(
        headings,
        [
            "Budget year",
            "Completions",
            "Units, 2022-23",
            "Units, 2023-24 to 2024-25",
            "Pupils, 2022-23",
            "Pupils, 2023-24 to 2024-25"
        ]
    );
    assert_eq!(
        charted.rows[1][1..],
        [Count(5), Empty, Count(2), Empty, Count(2)]
    );
    // Under the same rules all of them are.
    let folder = with_reports(&[("2023-24", of_2023_24()), ("2024-25", of_2024_25())]);
    let years = years_of(folder.path());
    assert_eq!(years.counts().total(2), Count(4));
    assert_eq!(years.counts_by_rules(), None);
    assert_eq!(
        years.change_words(Measure::Units).as_deref(),
        Some("Change, 2023-24 to 2024-25")
    );
}

#[test]
fn what_units_without_money_would_have_cost_in_full_is_what_more_money_would_have_helped() {
    // Tiers 1 and 2 take all of 2,000.00; the AP course of 0020 is a unit that no money is left for.
    let folder = with_reports(&[("2022-23", of_2022_23().available("2000.00"))]);
    let years = years_of(folder.path());
    let losses: Vec<(&str, String, &str)> = years.years[0]
        .losses
        .iter()
        .map(|loss| {
            let up_to = loss.up_to.to_string();
            (loss.outcome.as_str(), up_to, loss.remedy().words())
        })
        .collect();
    assert_eq!(losses, [("unfunded", "1000.00".to_string(), "more money")]);
}

#[test]
fn what_a_district_wrote_for_a_program_is_in_no_file() {
    let folder = three_years();
    let out = TempDir::new().unwrap();
    files::write(&years_of(folder.path()), out.path()).unwrap();
    for name in ["years.csv", "years.html"] {
        let text = fs::read_to_string(out.path().join(name)).unwrap();
        assert!(!text.to_lowercase().contains("jane doe"), "{name}");
        // Nor is any pupil.
        assert!(!text.contains("10000000"), "{name}");
    }
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(out.path().join("years.xlsx")).unwrap();
    for (name, range) in calamine::Reader::worksheets(&mut book) {
        for cell in range.used_cells() {
            let text = cell.2.to_string().to_lowercase();
            assert!(
                !text.contains("jane doe") && !text.contains("10000000"),
                "{name}"
            );
        }
    }
}

/// Two years of one district and one charter; in the second the charter has few pupils.
fn of_enough_pupils(rules: &str, date: &str, of_charter: u32) -> TestBatch {
    let pupils = |from: u32, to: u32, school: &str| -> Vec<Row> {
        (from..to)
            .map(|pupil| {
                let one = row("0010", pupil, "IN1", date).with(Field::SchoolCode, school);
                if pupil % 2 == 0 { with_lunch(one) } else { one }
            })
            .collect()
    };
    let mut rows = pupils(10, 60, "0101");
    rows.extend(pupils(60, 60 + of_charter, "4500"));
    TestBatch::new()
        .rules(rules)
        .rows("submissions/0010.csv", &rows)
}

#[test]
fn years_are_published_as_each_would_be_alone_and_no_number_runs_over_years() {
    let folder = with_reports(&[
        ("2023-24", of_enough_pupils("2023-24", "2023-05-17", 36)),
        ("2024-25", of_enough_pupils("2024-25", "2024-05-17", 3)),
    ]);
    let output = cdip(folder.path(), &["publish", "reports"]);
    assert!(output.status.success(), "{output:?}");
    let place = folder.path().join("reports/public");
    let table = fs::read_to_string(place.join("years.csv")).unwrap();
    for year in ["2023-24", "2024-25"] {
        let report = format!("reports/{year}");
        let alone = cdip(folder.path(), &["publish", &report, "--out", "alone"]);
        assert!(alone.status.success(), "{alone:?}");
        assert_eq!(tree(&place.join(year)), tree(&folder.path().join("alone")));
        // Every line of the table of all years ends as a line of the year's own tables does, and there are as many.
        let mut own: Vec<String> = ["tiers", "participants", "sectors", "programs"]
            .iter()
            .flat_map(|name| {
                let csv = fs::read_to_string(place.join(year).join(format!("{name}.csv"))).unwrap();
                csv.lines().skip(1).map(numbers_of).collect::<Vec<_>>()
            })
            .collect();
        let mut lines: Vec<String> = table
            .lines()
            .filter(|line| line.starts_with(year))
            .map(numbers_of)
            .collect();
        own.sort();
        lines.sort();
        assert_eq!(lines, own, "{year}");
    }
    // The charter's 36 units are published in the first year and withheld in the second, as few, and so is what would give them away.
    let of = |year: &str, code: &str| -> String {
        let start = format!("{year},participants,{code},");
        let line = table
            .lines()
            .find(|line| line.starts_with(&start) && line.contains(",all,"));
        numbers_of(line.unwrap_or_else(|| panic!("{table}")))
    };
    assert!(
        of("2023-24", "0010-4500").starts_with("36,18,18,"),
        "{table}"
    );
    assert!(
        of("2024-25", "0010-4500").starts_with(",,,,small"),
        "{table}"
    );
    assert!(
        of("2024-25", "0010").starts_with(",,,,protects another"),
        "{table}"
    );
    // The charts of the page name each sector and year whose units are withheld, and no other.
    let page = fs::read_to_string(place.join("years.html")).unwrap();
    for line in table
        .lines()
        .filter(|line| line.contains(",sectors,") && line.contains(",all,"))
    {
        let (year, sector) = (&line[..7], line.split(',').nth(3).unwrap());
        let named = page.contains(&format!("{sector} in {year}"));
        assert_eq!(named, numbers_of(line).starts_with(','), "{line}\n{page}");
    }
}

#[test]
fn years_published_with_payments_say_what_those_reveal() {
    let folder = with_reports(&[
        ("2023-24", of_enough_pupils("2023-24", "2023-05-17", 36)),
        ("2024-25", of_enough_pupils("2024-25", "2024-05-17", 36)),
    ]);
    let output = cdip(folder.path(), &["publish", "reports", "--payees"]);
    assert!(output.status.success(), "{output:?}");
    let said = stdout(&output);
    // Half of the 50 + 36 pupils have lunch: 43 x 1,200.00 + 43 x 1,000.00 = 94,600.00, all paid to the district.
    for year in ["2023-24", "2024-25"] {
        let told = format!(
            "\n{year}: $94,600.00 of payments to 1 payee are published. Anyone who divides a payment by the rates learns"
        );
        assert!(said.contains(&told), "{said}");
    }
    let page = fs::read_to_string(folder.path().join("reports/public/years.html")).unwrap();
    assert!(
        page.contains("No count that is printed is about fewer than 16 pupils."),
        "{page}"
    );
}

#[test]
fn several_years_are_published_with_what_full_funding_would_have_cost() {
    let folder = with_reports(&[
        ("2023-24", of_enough_pupils("2023-24", "2023-05-17", 36)),
        ("2024-25", of_enough_pupils("2024-25", "2024-05-17", 3)),
    ]);
    // Full funding of 2023-24: 43 of the 86 pupils have lunch, 43 x 1,200.00 + 43 x 1,000.00 = 94,600.00, which is 104,060.00 in dollars of a
    // year whose prices are a tenth higher.
    fs::write(
        folder.path().join("prices.csv"),
        "Budget Year,Index\n2023-24,100\n2024-25,110\n",
    )
    .unwrap();
    let publish = || {
        let prices = ["--deflator", "prices.csv", "--out", "real"];
        let output = cdip(
            folder.path(),
            &[&["publish", "reports"][..], &prices].concat(),
        );
        assert!(output.status.success(), "{output:?}");
    };
    publish();
    let real = fs::read_to_string(folder.path().join("real/years.html")).unwrap();
    for said in [
        "Unpaid demand and full funding",
        "$94,600.00",
        "$104,060.00",
        "Change since 2023-24",
    ] {
        assert!(real.contains(said), "{said}");
    }
    // One year alone has no other to compare its prices with.
    let alone = cdip(
        folder.path(),
        &["publish", "reports/2023-24", "--deflator", "prices.csv"],
    );
    assert_eq!(alone.status.code(), Some(2), "{alone:?}");
    // Published again, it is replaced as a whole.
    let place = folder.path().join("real");
    let before = tree(&place);
    publish();
    assert_eq!(tree(&place), before);
}

/// The last seven fields of a line: numbers and why they are withheld.
fn numbers_of(line: &str) -> String {
    let fields: Vec<&str> = line.split(',').collect();
    fields[fields.len() - 7..].join(",")
}

#[test]
fn two_reports_of_one_year_are_not_published_together() {
    let folder = with_reports(&[
        ("a", of_enough_pupils("2023-24", "2023-05-17", 36)),
        ("b", of_enough_pupils("2023-24", "2023-05-17", 20)),
    ]);
    let output = cdip(
        folder.path(),
        &["publish", "reports/a", "reports/b", "--out", "public"],
    );
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        said(&output).contains("2 reports are of budget year 2023-24"),
        "{output:?}"
    );
    assert!(!folder.path().join("public").exists());
}

/// The lines of a table of the page, each in `|`, from the one with a heading on.
fn shown_in(page: &str, heading: &str) -> Vec<String> {
    let lines = page.lines().skip_while(|line| *line != heading).skip(2);
    lines
        .take_while(|line| line.starts_with('|'))
        .map(str::to_string)
        .collect()
}

#[test]
fn the_answers_on_the_page_for_other_programs_are_those_of_the_table_it_shows() {
    let page = fs::read_to_string(root().join("docs/years.md"))
        .unwrap()
        .replace("\r\n", "\n");
    let folder = three_years();
    let csv = table_of(&years_of(folder.path()));
    assert!(page.contains(&format!("```csv\n{csv}```")), "{csv}");

    // By sector and year; by year and payee; the programs.
    let (mut sectors, mut payees) = (BTreeMap::new(), BTreeMap::new());
    let mut programs: BTreeMap<String, (String, String, i64)> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for record in reader.records().map(Result::unwrap) {
        let [year, payee, sector, program] = [0, 2, 3, 4].map(|at| record[at].to_string());
        let [completions, units] = [7, 8].map(|at| record[at].parse::<i64>().unwrap());
        let cents = dollars(&record[10]).cents();
        let sum: &mut (i64, i64) = sectors.entry((sector, year.clone())).or_default();
        *sum = (sum.0 + units, sum.1 + cents);
        *payees.entry((year.clone(), payee)).or_insert(0) += cents;
        let entry = programs
            .entry(program)
            .or_insert((year.clone(), year.clone(), 0));
        *entry = (entry.0.clone(), year, entry.2 + completions);
    }
    let written = Money::from_cents;
    let sectors: Vec<String> = sectors
        .into_iter()
        .filter(|((sector, _), (units, _))| !sector.is_empty() && *units > 0)
        .map(|((sector, year), (units, cents))| {
            format!("| {sector} | {year} | {units} | {} |", written(cents))
        })
        .collect();
    assert_eq!(
        shown_in(&page, "| sector | budget_year | units | dollars |"),
        sectors
    );
    let payees: Vec<String> = payees
        .into_iter()
        .filter(|(_, cents)| *cents > 0)
        .map(|((year, payee), cents)| format!("| {year} | {payee} | {} |", written(cents)))
        .collect();
    assert_eq!(shown_in(&page, "| budget_year | payee | dollars |"), payees);
    let programs: Vec<String> = programs
        .into_iter()
        .filter(|(program, _)| !program.is_empty())
        .map(|(program, (first, last, rows))| format!("| {program} | {first} | {last} | {rows} |"))
        .collect();
    assert_eq!(
        shown_in(&page, "| program_code | first | last | completions |"),
        programs
    );
}

/// Rows of a few pupils, programs and participants, and money that may not suffice.
fn any_batch(rules: &'static str, date: &'static str) -> impl Strategy<Value = TestBatch> {
    let any_row = (
        select(vec![
            ("0010", "0101"),
            ("0010", "4500"),
            ("0020", "0101"),
            ("0030", "0101"),
            ("9035", "0000"),
        ]),
        11_u32..30,
        select(vec![
            "IC1", "IC9", "IN1", "RE1", "PA1", "AA1", "AP1", "NONE",
        ]),
        any::<bool>(),
        select(vec!["9", "12", "8", "x"]),
        select(vec!["", "2", "4"]),
    );
    (vec(any_row, 1..40), 0_i64..3_000_000, any::<bool>()).prop_map(move |(rows, cents, capped)| {
        let mut files: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for ((district, school), pupil, program, lunch, grade, score) in rows {
            let one = row(district, pupil, program, date)
                .with(Field::SchoolCode, school)
                .with(Field::Grade, grade)
                .with(Field::ApScore, score);
            let one = if lunch { with_lunch(one) } else { one };
            files
                .entry(format!("submissions/{district}.csv"))
                .or_default()
                .push(one);
        }
        let batch = TestBatch::new()
            .rules(rules)
            .available(&Money::from_cents(cents).to_string());
        let batch = if capped {
            batch
                .reading("cap_applies_to", "[\"district\", \"boces\"]")
                .reading("cap_rounding", "\"ceiling\"")
        } else {
            batch
        };
        files
            .into_iter()
            .fold(batch, |batch, (path, rows)| batch.rows(&path, &rows))
    })
}

/// Completions, units, units with lunch and cents.
type Sums = [i64; 4];

/// By the value of a column of `years.csv`, the sums of a year.
fn sums(csv: &str, year: &str, column: &str) -> BTreeMap<String, Sums> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = files::COLUMNS
        .iter()
        .position(|name| *name == column)
        .unwrap();
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    for record in reader.records().map(Result::unwrap) {
        if &record[0] != year {
            continue;
        }
        let number = |at: usize| record[at].parse::<i64>().unwrap();
        let line = [
            number(7),
            number(8),
            number(9),
            dollars(&record[10]).cents(),
        ];
        let sum = sums.entry(record[at].to_string()).or_default();
        for (sum, add) in sum.iter_mut().zip(line) {
            *sum += add;
        }
    }
    sums
}

fn cents(value: &Value) -> i64 {
    dollars(value.as_str().unwrap()).cents()
}

/// Every sum of `years.csv` is the one that the report's own allocation.json has.
fn every_sum_is_the_reports_own(csv: &str, year: &str, report: &Path) {
    let text = fs::read(report.join("allocation.json")).unwrap();
    let own: Value = serde_json::from_slice(&text).unwrap();
    let total = sums(csv, year, "budget_year")
        .remove(year)
        .unwrap_or_default();
    assert_eq!(total[0], own["rows"].as_i64().unwrap());
    assert_eq!(total[3], cents(&own["paid"]) + cents(&own["supplement"]));
    let tiers = sums(csv, year, "tier");
    for tier in own["tiers"].as_array().unwrap() {
        let found = tiers
            .get(&tier["tier"].to_string())
            .copied()
            .unwrap_or_default();
        let number = |key: &str| tier[key].as_i64().unwrap();
        assert_eq!(
            found[1..],
            [number("units"), number("frl_units"), cents(&tier["paid"])]
        );
    }
    let participants = sums(csv, year, "participant");
    for one in own["participants"].as_array().unwrap() {
        let code = match one["school_code"].as_str() {
            Some(school) => format!("{}-{school}", one["district_code"].as_str().unwrap()),
            None => one["district_code"].as_str().unwrap().to_string(),
        };
        let of = |key: &str| -> i64 {
            let tiers = one["tiers"].as_array().unwrap();
            tiers.iter().map(|tier| tier[key].as_i64().unwrap()).sum()
        };
        assert_eq!(
            participants[&code][1..],
            [of("units"), of("frl_units"), cents(&one["total"])]
        );
    }
    let payees = sums(csv, year, "payee");
    for payee in own["payees"].as_array().unwrap() {
        assert_eq!(
            payees[payee["code"].as_str().unwrap()][3],
            cents(&payee["total"])
        );
    }
    // What stands with no dimension of the report adds up to the same whole.
    for column in [
        "sector",
        "program_code",
        "category",
        "participant",
        "payee",
        "tier",
    ] {
        let parts = sums(csv, year, column);
        let whole = parts.values().fold([0; 4], |sum: Sums, part| {
            [
                sum[0] + part[0],
                sum[1] + part[1],
                sum[2] + part[2],
                sum[3] + part[3],
            ]
        });
        assert_eq!(whole, total, "{column}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sums_by_every_dimension_are_the_reports_own_to_the_cent(
        a in any_batch("2022-23", "2022-05-17"),
        b in any_batch("2023-24", "2023-05-17"),
        c in any_batch("2024-25", "2024-05-17"),
    ) {
        let folder = with_reports(&[("2022-23", a), ("2023-24", b), ("2024-25", c)]);
        let years = years_of(folder.path());
        let csv = table_of(&years);
        for facts in &years.years {
            let year = facts.year.to_string();
            every_sum_is_the_reports_own(&csv, &year, &folder.path().join("reports").join(&year));
            let total = facts.total().figures;
            for by in By::ALL {
                let mut sum = cdip::years::lines::Figures::default();
                for tally in facts.by(by).values() {
                    sum += &tally.figures;
                }
                prop_assert_eq!(sum, total);
            }
            // The parts of a change add up to it.
            for change in years.largest.iter().flat_map(|largest| &largest.changes) {
                let Split { own, rate, rules } = Split::of(&change.parts);
                prop_assert_eq!(own + rate + rules, change.parts.after - change.parts.before);
            }
            // Every row that was not paid is in one loss.
            let lost: u64 = facts.losses.iter().map(|loss| loss.rows).sum();
            let stages = cdip::years::funnel::Stages::sum(&facts.entities);
            prop_assert_eq!(lost, stages.submitted - stages.paid);
        }
    }
}
