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
use cdip::money::Money;
use cdip::ranks::{ParticipantRank, RowRank};
use cdip::report;
use cdip::report::earlier::Earlier;
use cdip::report::receipt;
use cdip::results::columns::ResultColumn;
use tempfile::TempDir;

use crate::batch_builder::{FILE, PARTICIPANTS, RESOLUTIONS, Row, TestBatch, clean_row, pupil};
use crate::spreadsheets::{cells, sheet, xlsx};
use crate::support::{cdip as run, root, stderr, stdout};
use crate::vectors;

/// Writes the report of the batch in a folder to `report` next to it, and gives its path.
pub fn reported(batch: &Path, report: &Path) {
    let calculation = calculate(Batch::open(batch).unwrap(), &|_, _| {}).unwrap();
    fs::create_dir_all(report).unwrap();
    let outputs = report::write(&calculation, &Earlier::NotNamed, report, &|_, _, _| {}).unwrap();
    receipt::write(&calculation, &outputs, report).unwrap();
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
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
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
            words(expected)
                .replace("resolutions.csv line", "resolutions.xlsx row")
                .replace("resolutions.csv", "resolutions.xlsx")
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
    let json = explained(&folder, &["--participant", "0010", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["standing"], "PRELIMINARY");
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
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output) + &stdout(&output);
    assert!(
        message.starts_with("error: the report has no row of the pupil asked for\n")
            && !message.contains("1000000099"),
        "{message}"
    );
    // A slip is not repeated either.
    let output = run(folder.path(), &["explain", "report", "--sasid", "10000"]);
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output) + &stdout(&output);
    assert!(
        message.starts_with("error: --sasid is not exactly 10 digits\n")
            && !message.contains("10000"),
        "{message}"
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
    assert!(stderr(&output).contains("is not the one that the report was made from"));
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
        let message = stderr(&output);
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
    assert!(stderr(&output).contains("not a report of this program: it holds no receipt.json"));
    let path = folder.path().join("report/completions.csv");
    let changed = fs::read_to_string(&path)
        .unwrap()
        .replace("1000.00", "1001.00");
    fs::write(&path, &changed).unwrap();
    let output = run(folder.path(), &["explain", "report", "--row", "0010.csv!2"]);
    let message = stderr(&output);
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
    let message = stderr(&output);
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
        let tiers: Money = passport.tiers.iter().map(|tier| tier.amount).sum();
        assert_eq!(
            tiers + passport.supplement,
            passport.total,
            "{}",
            passport.code
        );
        for tier in &passport.tiers {
            assert_eq!(
                comes_to(&tier.arithmetic),
                tier.amount,
                "{}: {}",
                passport.code,
                tier.arithmetic
            );
        }
    }
    evidence.rows.len()
}

fn amount(text: &str) -> Money {
    Money::from_dollars(&text.replace(['$', ','], "")).unwrap()
}

/// What the arithmetic of a tier leads to: the sum of its products, or the last amount in it.
fn comes_to(arithmetic: &str) -> Money {
    let Some(products) = arithmetic.strip_suffix(" with FRL") else {
        return amount(arithmetic.rsplit(' ').next().unwrap());
    };
    let product = |text: &str| {
        let (units, rate) = text.split_once(" x ").unwrap();
        amount(rate).times(units.replace(',', "").parse().unwrap())
    };
    products.split(" + ").map(product).sum()
}

/// The words of every step of a row, in order, by topic.
fn decided(folder: &TempDir, place: &str, topic: &str) -> Vec<String> {
    let evidence = Evidence::open(&folder.path().join("report")).unwrap();
    let explainer = Explainer::of(&evidence);
    let row = explainer
        .row_at(place)
        .unwrap_or_else(|stop| panic!("{stop}"));
    let steps = explainer.passport(row).steps.into_iter();
    steps
        .filter(|step| step.topic == topic)
        .map(|step| step.decided)
        .collect()
}

/// Vector 11: $100.00 for three, two and two units, the last two with FRL: a weight of 3 + 2 + 2 x 1.20 = 7.40.
fn largest_remainder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let vector = root().join("tests/vectors/11-largest-remainder");
    reported(&vector, &folder.path().join("report"));
    folder
}

#[test]
fn a_total_to_the_cent_is_the_participants_share_of_the_pot_and_maybe_a_missing_cent() {
    let folder = largest_remainder();
    let evidence = Evidence::open(&folder.path().join("report")).unwrap();
    let explainer = Explainer::of(&evidence);
    let passports: Vec<_> = ParticipantRank::all(evidence.participants.len())
        .map(|rank| explainer.participant(rank))
        .collect();
    // 4,054.05..., 2,702.70... and 3,243.24... cents: together 9,999, and the missing cent is for the largest fraction, .70.
    let arithmetic: Vec<&str> = passports
        .iter()
        .map(|passport| passport.tiers[0].arithmetic.as_str())
        .collect();
    assert_eq!(
        arithmetic,
        [
            "$100.00 x 3.00 / 7.40 = $40.5405..., floored to $40.54",
            "$100.00 x 2.00 / 7.40 = $27.0270..., floored to $27.02, with a missing cent $27.03",
            "$100.00 x 2.40 / 7.40 = $32.4324..., floored to $32.43",
        ]
    );
    for passport in passports {
        let cites = |step: &cdip::audit::explain::Step| {
            step.readings
                .iter()
                .any(|reading| reading.key == "rounding")
        };
        assert!(passport.steps.iter().any(cites), "{passport:?}");
    }
}

#[test]
fn a_row_of_a_pot_paid_to_the_cent_says_whether_it_got_a_missing_cent() {
    let folder = largest_remainder();
    let share = "the pot is paid to the cent: $100.00 x 1.00 / 7.40 = $13.5135..., floored to $13.51. \
        Missing cents go one each to the largest fractions, first of the participants and then of the rows of each: this row gets";
    // 3 x $13.51 = $40.53 of $40.54: one cent is missing, and of equal fractions the first gets it.
    assert_eq!(
        decided(&folder, "0010.csv!2", "Cents"),
        [format!("{share} one, {}", "$13.52")]
    );
    assert_eq!(
        decided(&folder, "0010.csv!4", "Cents"),
        [format!("{share} none")]
    );
    let whole = TestBatch::of(&[pupil(1), pupil(2)])
        .reading("rounding", "\"largest_remainder\"")
        .available("10.00");
    assert_eq!(
        decided(&with_report(&whole), "0010.csv!2", "Cents"),
        ["the pot is paid to the cent: $10.00 x 1.00 / 2.00 = $5.00, a whole number of cents"]
    );
}

/// A credential, an internship and an AP course, one in each tier, with so much money.
fn a_unit_in_each_tier(available: &str) -> TestBatch {
    let unit = |number, program| {
        pupil(number)
            .with(Field::ProgramCode, program)
            .with(Field::ApScore, "4")
    };
    TestBatch::of(&[unit(1, "IC1"), unit(2, "IN1"), unit(3, "AP1")]).available(available)
}

#[test]
fn a_tier_without_money_names_the_tier_that_took_the_last_of_it() {
    let short = "nothing is left before this tier: tier 1 was already short, so nothing goes on";
    let spent = "nothing is left before this tier: the earlier tiers took it to the last cent";
    // $500.00 is less than the credential's award, and $1,000.00 is exactly it; tier 2 has a unit and nothing for it both times.
    for (available, says) in [("500.00", short), ("1000.00", spent)] {
        let folder = with_report(&a_unit_in_each_tier(available));
        for place in ["0010.csv!3", "0010.csv!4"] {
            assert_eq!(decided(&folder, place, "No money"), [says], "{place}");
        }
    }
    let folder = with_report(&a_unit_in_each_tier("0"));
    assert_eq!(
        decided(&folder, "0010.csv!4", "No money"),
        ["nothing is left before this tier: the batch has none"]
    );
}

#[test]
fn a_supplement_shows_its_quotient_and_that_it_is_floored() {
    let list = PARTICIPANTS.replace(
        "Second District,district,Y,N",
        "Second District,district,Y,Y",
    );
    let credential = |number| pupil(number).with(Field::ProgramCode, "IC1");
    let of_second = |row: Row| row.with(Field::DistrictCode, "0020");
    let batch = TestBatch::of(&[credential(1)])
        .rows(
            "submissions/0020.csv",
            &[of_second(credential(2)), of_second(credential(3))],
        )
        .participants(&list);
    // All ask for $1,000.00 + $2,000.00; $1,000.00 x $100.00 / $3,000.00 = $33.3333...
    let short = batch.clone().setting("supplement_available = \"100.00\"");
    assert_eq!(
        decided(&with_report(&short), "0010.csv!2", "Supplement"),
        [
            "0010 requires a completion before graduation: on top of its rows it gets its part of the pool: its $1,000.00 of tier 1 x $100.00 / $3,000.00 \
          (the pool over what all ask for) = $33.3333..., floored to $33.33"
        ]
    );
    let enough = batch.setting("supplement_available = \"3000.00\"");
    assert_eq!(
        decided(&with_report(&enough), "0010.csv!2", "Supplement"),
        [
            "0010 requires a completion before graduation: on top of its rows it gets its $1,000.00 of tier 1 again: \
          the pool of $3,000.00 covers the $3,000.00 that all ask for"
        ]
    );
}

/// Rows with two decisions each, in a file whose order is not the run's.
///
/// Line 2 of 0010 is granted an appeal (line 3 of the decisions), which makes it the second report of pupil 1, and then it is paid
/// (line 2). Pupil 4 of the old file is denied alone (line 4) and with its file (line 5).
fn several_decisions() -> TestBatch {
    let lines = "District Code,SASID,Program Code,Source File,Source Row,Codes,Decision,Reason,Approved By,Date\n\
        0010,1000000001,IN1,,,,pay,Both agree,Office,2024-09-01\n\
        ,,,submissions/0010.csv,2,N302,qualify,An appeal,Office,2024-09-01\n\
        ,,,submissions/0010 old.csv,2,,deny,Not ours,Office,2024-09-01\n\
        ,,,submissions/0010 old.csv,,,deny,An old version,Office,2024-09-01\n";
    TestBatch::of(&[pupil(1).with(Field::Grade, "8"), pupil(2)])
        .rows("submissions/0010 old.csv", &[pupil(4), pupil(5)])
        .rows(
            "submissions/0020.csv",
            &[pupil(1).with(Field::DistrictCode, "0020")],
        )
        .file("resolutions.csv", lines)
}

#[test]
fn of_several_decisions_on_a_row_the_trail_and_the_words_name_those_that_it_owes_its_outcome_to() {
    let folder = with_report(&several_decisions());
    let report = folder.path().join("report");
    let evidence = Evidence::open(&report).unwrap();
    let explainer = Explainer::of(&evidence);
    let explained: Vec<String> = RowRank::all(evidence.rows.len())
        .map(|row| explainer.short(row))
        .collect();
    let state = report.join("statewide.xlsx");
    assert_eq!(trails(&state, "Completions"), explained);
    assert_eq!(
        explained[..2],
        [
            "denied on the record; resolutions.csv line 4",
            "denied on the record; resolutions.csv line 5",
        ],
        "{explained:?}"
    );
    assert!(
        explained[2].ends_with(": $1,000.00; resolutions.csv lines 2 and 3"),
        "{explained:?}"
    );
    assert_eq!(
        column_of(&state, "Completions", "In words")[2],
        "N302 no longer counts by a decision; an award is paid; taken back in by resolutions.csv line 2: Both agree"
    );
}

#[test]
fn decisions_on_a_row_are_told_in_the_order_in_which_they_were_carried_out() {
    let folder = with_report(&several_decisions());
    assert_eq!(
        decided(&folder, "0010.csv!2", "Decision"),
        [
            "resolutions.csv line 3: an appeal is granted, so N302 counts no longer. Reason: An appeal. Approved by: Office, 2024-09-01",
            "resolutions.csv line 2: this row is taken back in; the other row of its completion is denied. Reason: Both agree. \
          Approved by: Office, 2024-09-01",
        ]
    );
    // The row taken back in may be paid nothing, so the other is not said to be paid.
    assert_eq!(
        decided(&folder, "0020.csv!2", "Decision"),
        [
            "resolutions.csv line 2: another row of this completion is taken back in, and this one is denied. Reason: Both agree. \
          Approved by: Office, 2024-09-01",
        ]
    );
}

#[test]
fn an_exclusion_a_correction_and_a_payment_alone_say_what_they_did() {
    let lines = "District Code,SASID,Program Code,Source File,Source Row,Column,Was,Becomes,Decision,Reason,Approved By,Date\n\
        0020,,,,,,,,exclude,It left,Office,2024-09-01\n\
        ,,,submissions/0010.csv,2,Grade,8,11,correct,A typo,Office,2024-09-01\n\
        0010,1000000004,IN1,,,,,,pay,Both agree,Office,2024-09-01\n";
    let of_second = |row: Row| row.with(Field::DistrictCode, "0020");
    let batch = TestBatch::of(&[pupil(1).with(Field::Grade, "8")])
        .rows(
            "submissions/0020.csv",
            &[of_second(pupil(2)), of_second(pupil(3)), pupil(4)],
        )
        .file("resolutions.csv", lines);
    let folder = with_report(&batch);
    let by_office = |line: u32, did: &str, reason: &str| {
        let approved = "Approved by: Office, 2024-09-01";
        [format!(
            "resolutions.csv line {line}: {did}. Reason: {reason}. {approved}"
        )]
    };
    assert_eq!(
        decided(&folder, "0020.csv!2", "Decision"),
        by_office(2, "its participant counts as not participating", "It left")
    );
    let evidence = Evidence::open(&folder.path().join("report")).unwrap();
    let (excluded, _) = ParticipantRank::enumerate(&evidence.participants)
        .find(|(_, participant)| participant.code() == "0020")
        .unwrap();
    let of_participant = Explainer::of(&evidence).participant(excluded);
    assert_eq!(
        [of_participant.steps[0].decided.clone()],
        by_office(2, "it counts as not participating", "It left")
    );
    assert_eq!(
        decided(&folder, "0010.csv!2", "Decision"),
        by_office(3, "Grade was corrected", "A typo"),
        "people read a receipt who may not see what a row says of a pupil"
    );
    // It was held for being in a file of 0020 (H502); its completion has no other row that could be denied.
    assert_eq!(
        decided(&folder, "0020.csv!4", "Decision"),
        by_office(4, "this row is taken back in", "Both agree")
    );
}

#[test]
fn a_denied_row_without_codes_points_to_the_decisions_and_not_to_a_rate() {
    let folder = with_report(&several_decisions());
    let text = explained(&folder, &["--row", "0010 old.csv!2"]);
    assert!(
        text.ends_with("\nMore: sheet Resolutions of statewide.xlsx has every decision\n"),
        "{text}"
    );
}

#[test]
fn every_row_of_every_vector_is_explained() {
    let mut rows = 0;
    for vector in vectors::folders() {
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
    column_of(workbook, sheet, "Trail")
}

/// The texts below a heading, without the empty ones.
fn column_of(workbook: &Path, sheet: &str, heading: &str) -> Vec<String> {
    let mut workbook: Xlsx<_> = calamine::open_workbook(workbook).unwrap();
    let range = workbook.worksheet_range(sheet).unwrap();
    let is_heading = |cell: &Data| *cell == Data::String(heading.to_string());
    let mut headings = range
        .rows()
        .filter_map(|row| row.iter().position(is_heading));
    let column = headings.next().unwrap();
    let texts = range.rows().map(|row| row[column].to_string());
    texts
        .skip_while(|text| text != heading)
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
fn the_trail_of_a_corrected_row_and_of_one_in_the_wrong_file_is_that_of_the_workbook() {
    for (vector, row, wanted) in [
        ("19-decisions", 1, "; resolutions.csv line 2"),
        (
            "31-a-district-and-its-charter",
            2,
            "held, H502 N303: District Code 0020 is in a file of 0010; resolutions.csv line 2",
        ),
    ] {
        let folder = TempDir::new().unwrap();
        reported(&root().join("tests/vectors").join(vector), folder.path());
        let evidence = Evidence::open(folder.path()).unwrap();
        let explainer = Explainer::of(&evidence);
        let explained: Vec<String> = RowRank::all(evidence.rows.len())
            .map(|row| explainer.short(row))
            .collect();
        let workbook = folder.path().join("statewide.xlsx");
        assert_eq!(trails(&workbook, "Completions"), explained, "{vector}");
        assert!(explained[row].ends_with(wanted), "{}", explained[row]);
    }
}

#[test]
fn a_trail_names_every_correction_of_a_row_and_the_appeal_that_paid_it() {
    let lines = "Source File,Source Row,Column,Was,Becomes,Codes,Decision,Reason,Approved By,Date\n\
        submissions/0010.csv,2,Grade,Twelve,12,,correct,A slip,Office,2024-09-01\n\
        submissions/0010.csv,2,Free/Reduced Lunch,maybe,N,,correct,Asked,Office,2024-09-01\n\
        submissions/0010.csv,2,,,,N303,qualify,An appeal,Office,2024-09-01\n";
    let row = pupil(1)
        .with(Field::Grade, "Twelve")
        .with(Field::Lunch, "maybe")
        .with(Field::CompletionDate, "2024-07-02");
    let folder = with_report(&TestBatch::of(&[row]).file("resolutions.csv", lines));
    let report = folder.path().join("report");
    let evidence = Evidence::open(&report).unwrap();
    let explained = Explainer::of(&evidence).short(RowRank::new(0));
    assert_eq!(
        trails(&report.join("statewide.xlsx"), "Completions"),
        [explained.as_str()]
    );
    assert!(
        explained.ends_with(": $1,000.00; resolutions.csv lines 2, 3 and 4"),
        "{explained}"
    );
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
