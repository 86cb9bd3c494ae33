//! Two reports: why each participant's money changed, in parts that sum exactly.

use cdip::audit::difference::{Change, Difference, Part, Parts, difference};
use cdip::audit::evidence::Evidence;
use cdip::intake::completions::Field;
use cdip::money::Money;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use crate::batch_builder::{FILE, PROGRAMS, Row, TestBatch, clean_row, dollars, pupil};
use crate::explain::reported;
use crate::support::{cdip as run, stderr, stdout};

const SECOND: &str = "submissions/0020.csv";
/// An earlier version of the first district's file.
const OLD: &str = "submissions/0010 old.csv";
/// The decision that sets it aside.
const OLD_DENIED: &str = ",,,,submissions/0010 old.csv,,,deny,An old version,Office,2024-09-01";

fn of_second(row: Row) -> Row {
    row.with(Field::DistrictCode, "0020")
}

/// A folder with the reports of two batches as `a` and `b`.
fn two_reports(a: &TestBatch, b: &TestBatch) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (batch, name) in [(a, "a"), (b, "b")] {
        reported(batch.write().path(), &folder.path().join(name));
    }
    folder
}

fn compared(a: &TestBatch, b: &TestBatch) -> Difference {
    let folder = two_reports(a, b);
    let evidence = |name: &str| {
        Evidence::open(&folder.path().join(name)).unwrap_or_else(|stop| panic!("{stop}"))
    };
    difference(&evidence("a"), &evidence("b")).unwrap_or_else(|stop| panic!("{stop}"))
}

fn parts_of<'d>(difference: &'d Difference, code: &str) -> &'d Parts {
    &difference
        .participants
        .iter()
        .find(|change| change.code == code)
        .unwrap()
        .parts
}

fn cents(cents: i64) -> Money {
    Money::from_cents(cents)
}

fn sums(parts: &Parts) -> bool {
    parts.before + parts.own_rows + parts.others_demand + parts.rules + parts.money == parts.after
}

/// Two districts with an internship each share $1,000.00. In B the second one has another pupil, every completion is a unit (the first
/// district's pupil has two), and there are $1,200.00.
fn four_reasons() -> (TestBatch, TestBatch) {
    let first = [pupil(1), pupil(1).with(Field::ProgramCode, "RE1")];
    let a = TestBatch::of(&first)
        .rows(SECOND, &[of_second(pupil(2))])
        .available("1000.00");
    let b = a
        .clone()
        .rows(SECOND, &[of_second(pupil(2)), of_second(pupil(3))]);
    (a, b.reading("unit", "\"completion\"").available("1200.00"))
}

#[test]
fn own_rows_others_rows_rules_and_money_are_told_apart_and_sum_to_the_cent() {
    let (a, b) = four_reasons();
    let difference = compared(&a, &b);
    // A: $1,000.00 / 2 units. Own rows of 0020: / 3 = $333.33, two for it. Completions: / 4 = $250.00. Money: $1,200.00 / 4 = $300.00.
    let first = parts_of(&difference, "0010");
    assert_eq!(
        *first,
        Parts {
            before: dollars(500),
            own_rows: Money::ZERO,
            others_demand: cents(-16_667),
            rules: cents(16_667),
            money: dollars(100),
            after: dollars(600),
        }
    );
    let second = parts_of(&difference, "0020");
    assert_eq!(
        *second,
        Parts {
            before: dollars(500),
            own_rows: cents(16_666),
            others_demand: Money::ZERO,
            rules: cents(-16_666),
            money: dollars(100),
            after: dollars(600),
        }
    );
    assert!(sums(&difference.total));
    assert_eq!(difference.counts().get(&Change::Added), Some(&1));
    assert_eq!(
        difference.counts().get(&Change::FundedDifferently),
        Some(&1),
        "the residency is a unit now"
    );
    assert_eq!(difference.rows_at_another_rate, 2);
}

#[test]
fn the_difference_is_printed_with_its_sums_and_written_as_a_workbook() {
    let (a, b) = four_reasons();
    let folder = two_reports(&a, &b);
    let output = run(folder.path(), &["diff", "a", "b", "--xlsx", "changes.xlsx"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), include_str!("passports/diff.txt"));
    let bytes = std::fs::read(folder.path().join("changes.xlsx")).unwrap();
    run(folder.path(), &["diff", "a", "b", "--xlsx", "again.xlsx"]);
    assert_eq!(
        bytes,
        std::fs::read(folder.path().join("again.xlsx")).unwrap()
    );
    let json = run(folder.path(), &["diff", "a", "b", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["total"]["after"], "1200.00");
    assert_eq!(json["standings"], serde_json::json!(["FINAL", "FINAL"]));
    assert!(!json.to_string().contains("1000000001"), "no pupil");
}

#[test]
fn a_tier_under_another_name_is_told_and_decides_on_no_row() {
    let rules = include_str!("../vectors/02-full-funding/rules.toml");
    let renamed = rules.replace("\"Workplace training\"", "\"Training at work\"");
    let of = |rules: &str| {
        TestBatch::of(&[clean_row()])
            .rules("rules.toml")
            .file("rules.toml", rules)
    };
    let difference = compared(&of(rules), &of(&renamed));
    assert_eq!(
        difference.settings,
        ["name of tier 2: Workplace training -> Training at work"]
    );
    assert!(difference.rows.is_empty(), "{:?}", difference.rows);
}

#[test]
fn two_identical_reports_have_no_difference() {
    let batch = TestBatch::of(&[clean_row()]);
    let folder = two_reports(&batch, &batch);
    let output = run(folder.path(), &["diff", "a", "b"]);
    assert!(stdout(&output).ends_with("\nno difference\n"));
    assert_eq!(output.status.code(), Some(0));
    let output = run(folder.path(), &["diff", "a", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: the report folder does not exist\n"));
}

/// The one row that differs: what happened, in which step, and what it did to 0010.
fn only_change(a: &TestBatch, b: &TestBatch) -> (Change, Part, Parts) {
    let difference = compared(a, b);
    let of_first: Vec<_> = difference
        .rows
        .iter()
        .filter(|row| row.before.as_ref().is_some_and(|stand| stand.file == FILE))
        .collect();
    assert_eq!(of_first.len(), 1, "{:?}", difference.rows);
    assert!(
        difference
            .participants
            .iter()
            .all(|change| sums(&change.parts))
    );
    (
        of_first[0].change,
        of_first[0].part,
        parts_of(&difference, "0010").clone(),
    )
}

#[test]
fn a_row_corrected_at_its_place_is_its_participants_own_change() {
    let a = TestBatch::of(&[clean_row()]);
    let (change, part, parts) =
        only_change(&a, &TestBatch::of(&[clean_row().with(Field::Grade, "8")]));
    assert_eq!((change, part), (Change::Changed, Part::OwnRows));
    assert_eq!(
        (parts.own_rows, parts.after),
        (dollars(-1_000), Money::ZERO)
    );
}

#[test]
fn a_row_held_because_somebody_else_reports_it_too_is_everybody_elses_demand() {
    let a = TestBatch::of(&[clean_row()]);
    let (change, part, parts) = only_change(&a, &a.clone().rows(SECOND, &[of_second(clean_row())]));
    assert_eq!((change, part), (Change::Redecided, Part::OthersDemand));
    assert_eq!(
        (parts.own_rows, parts.others_demand),
        (Money::ZERO, dollars(-1_000))
    );
}

#[test]
fn a_row_that_another_list_decides_differently_is_the_rules() {
    let a = TestBatch::of(&[clean_row()]);
    let without = PROGRAMS.replace("IN1,Internship,internship,Any,N,,\n", "");
    let (change, part, parts) = only_change(&a, &a.clone().programs(&without));
    assert_eq!((change, part), (Change::Redecided, Part::Rules));
    assert_eq!(parts.rules, dollars(-1_000));
}

#[test]
fn graduation_credit_is_no_column_of_the_report_and_is_still_found_to_be_the_rows_own_change() {
    let credential = clean_row().with(Field::ProgramCode, "IC1");
    let a = TestBatch::of(std::slice::from_ref(&credential));
    let b = TestBatch::of(&[credential.with(Field::GraduationCredit, "N")]).available("2000000.00");
    let (change, part, parts) = only_change(&a, &b);
    assert_eq!((change, part), (Change::Redecided, Part::OwnRows));
    assert_eq!(
        (parts.own_rows, parts.money),
        (dollars(-1_000), Money::ZERO)
    );
}

#[test]
fn rows_that_moved_down_because_one_was_inserted_are_the_same_rows() {
    let a = TestBatch::of(&[pupil(1), pupil(2)]);
    let difference = compared(&a, &TestBatch::of(&[pupil(3), pupil(1), pupil(2)]));
    assert_eq!(difference.counts(), [(Change::Added, 1)].into());
    assert_eq!(difference.rows[0].after.as_ref().unwrap().row, 2);
}

/// Ten credentials of 0010, and the same ten in an old version of its file that is denied as a whole. Rows denied by their place
/// leave the submission: the cap of the report is a tenth of ten reported rows, one unit, and not a tenth of twenty, which would
/// be two.
#[test]
fn an_old_file_that_was_denied_raises_no_cap_of_reported_rows_in_a_comparison_either() {
    let credentials: Vec<Row> = (1..=10)
        .map(|number| pupil(number).with(Field::ProgramCode, "IC1"))
        .collect();
    let batch = TestBatch::of(&credentials)
        .rows(OLD, &credentials)
        .resolutions(OLD_DENIED)
        .reading("cap_base", "\"reported\"")
        .reading("cap_applies_to", "[\"district\"]");
    let more = batch
        .clone()
        .rows(SECOND, &[of_second(pupil(20))])
        .available("1500.00");
    let difference = compared(&batch, &batch);
    assert!(difference.participants.is_empty() && difference.rows.is_empty());
    assert_eq!(difference.total.before, dollars(1_000));
    // In B the internship of 0020 gets what the credential leaves: $1,500.00 - $1,000.00.
    let difference = compared(&batch, &more);
    assert_eq!(difference.total.after, dollars(1_500));
    assert!(sums(&difference.total));
}

/// A row of one of a few pupils, so that duplicates, shared completions and second awards are common.
fn submitted_row() -> impl Strategy<Value = Row> {
    (
        1..=8_u32,
        select(&["IC1", "IN1", "RE1", "AP1"][..]),
        select(&["9", "11", "8", "x"][..]),
        1..=28_u32,
        any::<bool>(),
    )
        .prop_map(|(number, program, grade, day, frl)| {
            let row = pupil(number)
                .with(Field::ProgramCode, program)
                .with(Field::Grade, grade)
                .with(Field::ApScore, "4");
            row.with(Field::CompletionDate, format!("2024-02-{day:02}"))
                .with(Field::Lunch, if frl { "Y" } else { "N" })
        })
}

fn batch() -> impl Strategy<Value = TestBatch> {
    let rows = || vec(submitted_row(), 0..8);
    let readings = (
        select(&["pupil", "completion"][..]),
        select(&["qualified", "reported"][..]),
        select(&["hold", "earliest"][..]),
        select(&["stays_in_tier", "to_next_tier"][..]),
        select(&["uniform_floor", "largest_remainder"][..]),
        select(&["[]", "[\"district\"]"][..]),
        select(&["floor", "nearest"][..]),
    );
    // Enough credentials for a tenth of them to be a unit.
    let old = vec(submitted_row(), 6..10).prop_map(|rows| -> Vec<Row> {
        let credential = |row: Row| row.with(Field::ProgramCode, "IC1");
        rows.into_iter().map(credential).collect()
    });
    (
        rows(),
        rows(),
        option::of(old),
        0..6_000_u32,
        option::of(0..900_u32),
        readings,
    )
        .prop_map(|(first, second, old, money, supplement, readings)| {
            let second: Vec<Row> = second.into_iter().map(of_second).collect();
            let (unit, base, entity, cap_money, rounding, kinds, cap_rounding) = readings;
            let mut batch = TestBatch::of(&[vec![clean_row()], first].concat())
                .rows(SECOND, &second)
                .available(&money.to_string());
            if let Some(old) = old {
                batch = batch.rows(OLD, &old).resolutions(OLD_DENIED);
            }
            if let Some(supplement) = supplement {
                batch = batch.setting(&format!("supplement_available = \"{supplement}.00\""));
            }
            for (key, value) in [
                ("unit", unit),
                ("cap_base", base),
                ("cross_entity", entity),
                ("cap_money", cap_money),
                ("rounding", rounding),
                ("cap_rounding", cap_rounding),
            ] {
                batch = batch.reading(key, &format!("\"{value}\""));
            }
            batch.reading("cap_applies_to", kinds)
        })
}

proptest! {
    // Each case writes and reads two whole reports.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_parts_sum_exactly_for_any_two_reports(a in batch(), b in batch()) {
        let difference = compared(&a, &b);
        prop_assert!(sums(&difference.total));
        let mut total = difference.total.change();
        for change in &difference.participants {
            prop_assert!(sums(&change.parts), "{change:?}");
            total = total - change.parts.change();
        }
        prop_assert_eq!(total, Money::ZERO, "participants that are not listed did not change");
    }
}
