//! `cdip explain`: every outcome in exact words, and no contradiction in any row of any report.

use std::fs;
use std::path::Path;

use calamine::{Data, Reader as _, Xlsx};
use cdip::audit::evidence::Evidence;
use cdip::audit::explain::Explainer;
use cdip::batch::Batch;
use cdip::calculation::calculate;
use cdip::decision::Outcome;
use cdip::intake::completions::Field;
use cdip::ranks::{ParticipantRank, RowRank};
use cdip::report;
use cdip::report::earlier::Earlier;
use cdip::report::receipt;
use cdip::results::columns::ResultColumn;
use tempfile::TempDir;

use crate::batch_builder::{FILE, RESOLUTIONS, Row, TestBatch, clean_row};
use crate::cli::{cdip as run, root};
use crate::spreadsheets::{cells, sheet, xlsx};

/// Writes the report of the batch in a folder to `report` next to it, and gives its path.
pub fn reported(batch: &Path, report: &Path) {
    let calculation = calculate(Batch::open(batch).unwrap(), &|_, _| {}).unwrap();
    fs::create_dir_all(report).unwrap();
    let outputs = report::write(&calculation, &Earlier::NotNamed, report, &|_, _, _| {}).unwrap();
    receipt::write(&calculation, &outputs, report).unwrap();
}

fn pupil(number: u32) -> Row {
    clean_row().with(Field::Sasid, format!("10000000{number:02}"))
}

/// A batch in which every outcome occurs. Ten industry credentials: a tenth of them is one, and the cap binds districts.
///
/// Tier 1: pupil 1 with FRL (1.20) and eight of an institute charter (8.00); pupil 2 is over the cap. 9.20 x $1,000.00 = $9,200.00.
/// Tier 2: $9,700.00 - $9,200.00 = $500.00 for pupil 2 (1.00) and pupil 5 with FRL (1.20): $500.00 / 2.20 = $227.2727.
/// Tier 3: nothing is left for pupil 4.
fn every_outcome() -> TestBatch {
    every_outcome_but_denied().resolutions(DENIED)
}

/// A line of the list of decisions.
const DENIED: &str = ",,,,submissions/0010.csv,,10,deny,Never sent again,Office,2024-09-01";

fn every_outcome_but_denied() -> TestBatch {
    let credential = |row: Row| row.with(Field::ProgramCode, "IC1");
    let rows = [
        credential(pupil(1))
            .with(Field::Lunch, "Y")
            .with(Field::CompletionDate, "2024-01-10"),
        credential(pupil(2)).with(Field::CompletionDate, "2024-02-01"),
        pupil(1),
        pupil(2),
        credential(pupil(1)).with(Field::CompletionDate, "2024-01-11"),
        pupil(6).with(Field::Grade, "Alumni"),
        pupil(7).with(Field::Grade, "8"),
        pupil(3).with(Field::ProgramCode, "RE1"),
        pupil(8).with(Field::Lunch, "F"),
        pupil(4)
            .with(Field::ProgramCode, "AP1")
            .with(Field::ApScore, "4"),
        pupil(5).with(Field::Lunch, "Y"),
    ];
    let of_the_institute = |row: Row| {
        row.with(Field::DistrictCode, "8001")
            .with(Field::SchoolCode, "4600")
    };
    let institute: Vec<Row> = (20..28)
        .map(|number| of_the_institute(credential(pupil(number))))
        .collect();
    let second = [pupil(3)
        .with(Field::ProgramCode, "RE1")
        .with(Field::DistrictCode, "0020")];
    TestBatch::of(&rows)
        .rows("submissions/8001.csv", &institute)
        .rows("submissions/0020.csv", &second)
        .reading("cap_applies_to", "[\"district\"]")
        .available("9700.00")
}

fn with_report(batch: &TestBatch) -> TempDir {
    let folder = batch.write();
    reported(folder.path(), &folder.path().join("report"));
    folder
}

fn explained(folder: &TempDir, arguments: &[&str]) -> String {
    let output = run(folder.path(), &[&["explain", "report"], arguments].concat());
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// What follows the values of a passport: its steps.
fn steps(text: &str) -> &str {
    text.split_once("Lunch ")
        .and_then(|(_, rest)| rest.split_once("\n\n"))
        .map_or("", |(_, steps)| steps)
}

#[test]
fn a_paid_row_shows_every_step_from_the_check_to_the_payee() {
    let folder = with_report(&every_outcome());
    // $500.00 / 2.20 = $227.2727...; 1.20 x $227.27 = $272.724.
    assert_eq!(
        explained(&folder, &["--row", "0010.csv!12"]),
        include_str!("passports/paid.txt")
    );
    // 1.20 x $1,000.00; the first of two units where a tenth of ten is one.
    assert_eq!(
        steps(&explained(&folder, &["--row", "submissions/0010.csv!!2"])),
        include_str!("passports/paid-in-full.txt")
    );
}

#[test]
fn a_row_that_is_not_paid_shows_what_decided_and_stops_there() {
    let folder = with_report(&every_outcome());
    for (line, expected) in [
        (3, include_str!("passports/over-cap.txt")),
        (4, include_str!("passports/already-counted.txt")),
        (6, include_str!("passports/duplicate.txt")),
        (7, include_str!("passports/rejected.txt")),
        (8, include_str!("passports/not-qualified.txt")),
        (9, include_str!("passports/held.txt")),
        (10, include_str!("passports/denied.txt")),
        (11, include_str!("passports/unfunded.txt")),
    ] {
        assert_eq!(
            steps(&explained(&folder, &["--row", &format!("0010.csv!{line}")])),
            expected,
            "line {line}"
        );
    }
}

#[test]
fn a_list_of_decisions_that_is_a_workbook_is_named_as_such() {
    let fields =
        |line: &str| -> Vec<String> { line.trim().split(',').map(str::to_string).collect() };
    let list = xlsx(&[sheet(
        "Decisions",
        cells(&[fields(RESOLUTIONS), fields(DENIED)]),
    )]);
    let folder = with_report(&every_outcome_but_denied().file("resolutions.xlsx", list));
    for (line, expected) in [
        (9, include_str!("passports/held.txt")),
        (10, include_str!("passports/denied.txt")),
    ] {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = explained(&folder, &["--row", &format!("0010.csv!{line}")]);
        assert!(expected.contains("resolutions.csv"));
        assert_eq!(
            words(steps(&said)),
            words(expected).replace("resolutions.csv", "resolutions.xlsx")
        );
    }
}

#[test]
fn a_participants_total_is_its_units_times_the_rates() {
    let folder = with_report(&every_outcome());
    // 1 x $1,200.00, then 1 x $227.27 + 1 x $272.72 = $499.99, together $1,699.99.
    assert_eq!(
        explained(&folder, &["--participant", "0010"]),
        include_str!("passports/participant.txt")
    );
}

#[test]
fn a_pupil_gets_every_row_and_the_sasid_stands_in_no_output() {
    let folder = with_report(&every_outcome());
    let text = explained(&folder, &["--sasid", "1000000001"]);
    assert!(
        text.contains("The pupil asked for: 3 rows, $1,200.00 in all\n"),
        "{text}"
    );
    let json = explained(&folder, &["--sasid", "1000000001", "--format", "json"]);
    let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
    let outcomes: Vec<&str> = parsed["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["paid", "already_counted", "duplicate"]);
    for text in [text, json] {
        assert!(!text.contains("1000000001"), "{text}");
    }
    let output = run(
        folder.path(),
        &["explain", "report", "--sasid", "1000000099"],
    );
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.starts_with("error: the report has no row of the pupil asked for\n")
            && !message.contains("1000000099"),
        "{message}"
    );
    let output = run(folder.path(), &["explain", "report", "--sasid", "10000"]);
    assert!(
        !String::from_utf8_lossy(&output.stderr).contains("10000"),
        "a slip is not repeated either"
    );
}

#[test]
fn the_cells_of_the_submission_are_shown_only_of_the_file_that_the_report_was_made_from() {
    let folder = with_report(&every_outcome());
    let text = explained(&folder, &["--row", "0010.csv!7", "--batch", "."]);
    let text = text.replace('\n', " ");
    assert!(
        text.contains("As submitted: A7 District Code 0010 · B7 School Code 0101 · C7 SASID 10 digits · D7 Grade \"Alumni\""),
        "{text}"
    );
    let path = folder.path().join(FILE);
    fs::write(
        &path,
        fs::read_to_string(&path).unwrap().replace("Alumni", "12"),
    )
    .unwrap();
    let output = run(
        folder.path(),
        &["explain", "report", "--row", "0010.csv!7", "--batch", "."],
    );
    assert_eq!(output.status.code(), Some(4));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("is not the one that the report was made from")
    );
}

#[test]
fn a_place_that_names_no_row_or_several_says_what_to_write() {
    let folder = with_report(&every_outcome());
    for (place, says) in [
        ("0010.csv", "error: \"0010.csv\" names no row\n"),
        ("0011.csv!2", "did you mean \"0010.csv\"?"),
        ("0010.csv!99", "its completions are in rows 2 to 12"),
        (".csv!2", "error: 3 rows can be meant\n"),
    ] {
        let output = run(folder.path(), &["explain", "report", "--row", place]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{place}");
        assert!(message.contains(says), "{place}: {message}");
    }
}

#[test]
fn a_folder_that_is_no_report_is_refused_and_one_that_was_changed_is_not_explained() {
    let folder = with_report(&TestBatch::of(&[clean_row()]));
    let output = run(
        folder.path(),
        &["explain", "submissions", "--row", "0010.csv!2"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("not a report of this program: it holds no receipt.json")
    );
    let path = folder.path().join("report/completions.csv");
    let changed = fs::read_to_string(&path)
        .unwrap()
        .replace("1000.00", "1001.00");
    fs::write(&path, &changed).unwrap();
    let output = run(folder.path(), &["explain", "report", "--row", "0010.csv!2"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{message}");
    assert!(
        message.starts_with("error: the report contradicts itself: completions.csv was changed after the report was written\n"),
        "{message}"
    );
    // Anyone who mends the receipt as well is found by the arithmetic.
    let path = folder.path().join("report/receipt.json");
    let receipt = fs::read_to_string(&path).unwrap();
    let before: serde_json::Value = serde_json::from_str(&receipt).unwrap();
    let subject = before["subject"]
        .as_array()
        .unwrap()
        .iter()
        .find(|subject| subject["name"] == "completions.csv")
        .unwrap();
    let sha256 = subject["digest"]["sha256"].as_str().unwrap();
    fs::write(
        &path,
        receipt.replace(sha256, &cdip::hash::sha256_hex(changed.as_bytes())),
    )
    .unwrap();
    let output = run(folder.path(), &["explain", "report", "--row", "0010.csv!2"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{message}");
    let says = "submissions/0010.csv, line 2 is recorded as paid with $1,001.00; its own rows and rules give paid with $1,000.00\n";
    assert!(message.contains(says), "{message}");
}

/// Explains every row and participant of a report: none contradicts itself, none is without a step, none holds a SASID.
fn everything_is_explained(report: &Path) -> usize {
    let evidence =
        Evidence::open(report).unwrap_or_else(|stop| panic!("{}: {stop}", report.display()));
    let explainer = Explainer::of(&evidence);
    for (row, record) in RowRank::enumerate(&evidence.rows) {
        let passport = explainer.passport(row);
        assert!(!passport.steps.is_empty(), "{}", record.place());
        let needs_another = matches!(
            passport.outcome,
            Outcome::Duplicate | Outcome::AlreadyCounted
        );
        assert!(
            !needs_another || passport.trail.contains(" of ") || passport.trail.contains(": by "),
            "{}",
            passport.trail
        );
        if record.submitted.get(ResultColumn::Sasid).len() == 10 {
            assert!(
                !serde_json::to_string(&passport)
                    .unwrap()
                    .contains(record.submitted.get(ResultColumn::Sasid)),
                "{}",
                record.place()
            );
        }
        // Finding a place looks at every row; each of a large report would be looked for among all of them.
        if evidence.rows.len() < 1_000 {
            let found =
                explainer.row_at(&format!("{}!{}!{}", record.file, record.sheet, record.row));
            assert_eq!(found.unwrap_or_else(|stop| panic!("{stop}")), row);
        }
    }
    for rank in ParticipantRank::all(evidence.participants.len()) {
        let passport = explainer.participant(rank);
        let tiers: cdip::money::Money = passport.tiers.iter().map(|tier| tier.amount).sum();
        assert_eq!(
            tiers + passport.supplement,
            passport.total,
            "{}",
            passport.code
        );
    }
    evidence.rows.len()
}

#[test]
fn every_row_of_every_vector_is_explained() {
    let mut rows = 0;
    for vector in fs::read_dir(root().join("tests/vectors"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        let folder = TempDir::new().unwrap();
        reported(&vector, folder.path());
        rows += everything_is_explained(folder.path());
    }
    assert!(rows > 200, "{rows}");
}

#[test]
fn every_row_of_the_sample_is_explained() {
    let folder = TempDir::new().unwrap();
    reported(&root().join("samples/statewide-2024-25"), folder.path());
    assert_eq!(everything_is_explained(folder.path()), 13_000);
}

/// The column *Trail* of a sheet of rows, in order.
fn trails(workbook: &Path, sheet: &str) -> Vec<String> {
    let mut workbook: Xlsx<_> = calamine::open_workbook(workbook).unwrap();
    let range = workbook.worksheet_range(sheet).unwrap();
    let is_trail = |cell: &Data| *cell == Data::String("Trail".to_string());
    let mut headings = range.rows().filter_map(|row| row.iter().position(is_trail));
    let column = headings.next().unwrap();
    let texts = range.rows().map(|row| row[column].to_string());
    texts
        .skip_while(|text| text != "Trail")
        .skip(1)
        .filter(|text| !text.is_empty())
        .collect()
}

#[test]
fn the_column_trail_says_what_the_passport_says() {
    let folder = with_report(&every_outcome());
    let report = folder.path().join("report");
    let evidence = Evidence::open(&report).unwrap();
    let explainer = Explainer::of(&evidence);
    let expected: Vec<String> = RowRank::all(evidence.rows.len())
        .map(|row| explainer.short(row))
        .collect();
    assert_eq!(
        trails(&report.join("statewide.xlsx"), "Completions"),
        expected
    );
    assert_eq!(
        expected[0],
        "tier 1, unit 1 of 2, limit 1, FRL 1.20: $1,200.00"
    );
    assert_eq!(expected[4], "duplicate of line 2 (tier 1, paid)");
}

#[test]
fn the_trail_of_an_entitys_workbook_names_no_row_of_another_entity() {
    let folder = with_report(&every_outcome());
    let trails = trails(
        &folder
            .path()
            .join("report/entities/0010-First District.xlsx"),
        "0010",
    );
    assert_eq!(trails.len(), 11);
    assert_eq!(
        trails[7],
        "held, H501: the same pupil and program also in a row of another entity"
    );
    assert!(
        trails.iter().all(|trail| !trail.contains("0020")),
        "{trails:?}"
    );
}
