//! The figures and files made from the results frame.

use std::fs;

use cdip::allocation::Allocation;
use cdip::calculation::DollarEffect;
use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::ranks::{ParticipantRank, RowRank};
use cdip::results::columns::{FILES, ResultColumn};
use cdip::results::conservation::conserved;
use cdip::results::frame::Dimension;
use cdip::results::joined::Joined;
use cdip::results::record::Value;
use tempfile::TempDir;

use crate::batch_builder::{RESOLUTIONS, SASID, TestBatch, clean_row};

const DOLLARS_1000: Money = Money::from_cents(100_000);

fn file_of(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join("report").join(name)).unwrap()
}

/// The same pupil and program from two districts: both rows are held.
fn held_by_two_districts() -> TestBatch {
    let theirs = clean_row().with(Field::DistrictCode, "0020");
    TestBatch::of(&[clean_row()]).rows("submissions/0020.csv", &[theirs])
}

#[test]
fn a_decision_on_the_record_says_what_it_changed_in_dollars() {
    let resolved = |decision: &str| {
        let line = format!("0010,,{SASID},IN1,,,,{decision},Seen,Director,2024-09-01\n");
        held_by_two_districts()
            .file("resolutions.csv", format!("{RESOLUTIONS}{line}"))
            .calculated()
            .dollar_effects
    };
    // Without the line both rows are held and nothing is paid; with it the first district gets $1,000.00.
    let gained = DollarEffect {
        gained: DOLLARS_1000,
        lost: Money::ZERO,
    };
    assert_eq!(resolved("pay"), Some(vec![gained]));
    assert_eq!(gained.change(), DOLLARS_1000);
    // Its own row denied, that of the other district stays held: nothing is paid either way.
    assert_eq!(resolved("deny"), Some(vec![DollarEffect::default()]));
}

#[test]
fn an_exclusion_and_a_correction_each_say_what_they_changed_in_dollars() {
    let theirs = clean_row()
        .with(Field::DistrictCode, "0020")
        .with(Field::Sasid, "1000000002");
    let unreadable = clean_row().with(Field::Grade, "Alumni");
    let batch = TestBatch::of(&[unreadable]).rows("submissions/0020.csv", &[theirs]);
    let headings =
        "District Code,Source File,Source Row,Column,Was,Becomes,Decision,Reason,Approved By,Date";
    let exclude = "0020,,,,,,exclude,Left,Director,2024-09-01";
    let correct = ",submissions/0010.csv,2,Grade,Alumni,12,correct,Transcript,Director,2024-09-01";
    let changed = |lines: &[&str]| {
        let lines = format!("{headings}\n{}\n", lines.join("\n"));
        let calculation = batch.clone().file("resolutions.csv", lines).calculated();
        calculation.dollar_effects
    };
    // The row of 0020 is no longer paid its $1,000.00; that of 0010 now is.
    let (lost, gained) = (
        DollarEffect {
            gained: Money::ZERO,
            lost: DOLLARS_1000,
        },
        DollarEffect {
            gained: DOLLARS_1000,
            lost: Money::ZERO,
        },
    );
    assert_eq!(changed(&[exclude]), Some(vec![lost]));
    assert_eq!(changed(&[correct]), Some(vec![gained]));
    assert_eq!(changed(&[exclude, correct]), Some(vec![lost, gained]));
}

#[test]
fn a_denied_row_loses_what_it_would_have_been_paid_and_its_payee_is_named_nowhere_else() {
    let line = ",,,,submissions/0010.csv,,2,deny,Wrong,Director,2024-09-01\n";
    let unreadable = clean_row().with(Field::Grade, "Alumni");
    let calculation = TestBatch::of(&[unreadable, clean_row()])
        .file("resolutions.csv", format!("{RESOLUTIONS}{line}"))
        .calculated();
    // A row that cannot be read is paid nothing, denied or not.
    assert_eq!(
        calculation.dollar_effects,
        Some(vec![DollarEffect::default()])
    );
    let by_payee = calculation.results.group([Dimension::Payee]);
    let payees: Vec<(&str, Money)> = by_payee
        .iter()
        .map(|([payee], tally)| {
            (
                calculation.results.text(Dimension::Payee, payee),
                tally.amount,
            )
        })
        .collect();
    assert_eq!(payees, [("0010", DOLLARS_1000)]);
}

#[test]
fn groups_of_rows_add_up_and_have_the_names_of_their_sectors() {
    let residency = clean_row()
        .with(Field::Sasid, "1000000002")
        .with(Field::ProgramCode, "RE1")
        .with(Field::Lunch, "Y");
    let unreadable = clean_row().with(Field::Grade, "Alumni");
    let results = TestBatch::of(&[clean_row(), residency, unreadable])
        .calculated()
        .results;
    let by_sector = results.group([Dimension::Sector]);
    let sectors: Vec<(&str, u64, Money)> = by_sector
        .iter()
        .map(|([sector], tally)| {
            let name = results.text(Dimension::Sector, sector);
            (name, tally.rows, tally.amount)
        })
        .collect();
    let (first, second) = (DOLLARS_1000, Money::from_cents(120_000));
    assert_eq!(sectors, [("Any", 2, first), ("Health", 1, second)]);
    let all = by_sector.iter().map(|(_, tally)| tally);
    let all = all.reduce(|sum, tally| sum + tally).unwrap();
    // A unit of weight 1.00 and, with lunch, one of 1.20; the third row is no unit.
    assert_eq!((all.rows, all.units, all.weight), (3, 2, 220));
    assert_eq!(all.amount, Money::from_cents(220_000));
}

#[test]
fn only_a_final_report_has_payments_and_the_next_ledger() {
    let names = ["payments.csv", "prior-payments-next.csv"];
    let has = |folder: &TempDir| names.map(|name| folder.path().join("report").join(name).exists());
    let folder = held_by_two_districts().with_report();
    assert_eq!(has(&folder), [false, false]);
    assert!(file_of(&folder, "awards.csv").starts_with("standing,budget_year,run_date,payee,"));
    assert_eq!(
        has(&TestBatch::of(&[clean_row()]).with_report()),
        [true, true]
    );
}

#[test]
fn a_calculation_whose_rows_and_money_do_not_add_up_is_refused() {
    // One row of $1,000.00 for 0010; the other participants have none.
    let calculation = TestBatch::of(&[clean_row()]).calculated();
    let refused = |rows: usize, allocation: &Allocation| {
        let held = conserved(&calculation.results, allocation, rows);
        held.err().map(|broken| broken.to_string())
    };
    assert_eq!(refused(1, &calculation.allocation), None);
    let said = refused(2, &calculation.allocation).unwrap();
    assert!(said.contains("rows in 2 = rows ended 1"), "{said}");
    // A cent more for a participant than its row has.
    let mut more = calculation.allocation.clone();
    for share in more.tiers.iter_mut().flat_map(|tier| &mut tier.shares) {
        share.amount += Money::from_cents(1);
    }
    let said = refused(1, &more).unwrap();
    let sentence = "what a participant has in a tier is what its rows have";
    assert!(said.contains(sentence), "{said}");
    // A supplement of $5.00 for a participant without a row reaches no payee.
    let mut lost = calculation.allocation.clone();
    let of_nobody = ParticipantRank::all(lost.supplements.len())
        .find(|rank| lost.total_of(*rank) == Money::ZERO)
        .unwrap();
    lost.supplements[of_nobody] = Money::from_cents(500);
    let said = refused(1, &lost).unwrap();
    assert!(
        said.contains("participants 1005.00 = payees 1000.00"),
        "{said}"
    );
}

#[test]
fn awards_are_by_participant_and_payments_by_payee_with_its_vendor() {
    let participants = "\
District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation,Vendor
0010,,First District,district,Y,N,V-17
0010,4500,District Charter,district_charter,Y,N,V-18
";
    let charter = clean_row()
        .with(Field::SchoolCode, "4500")
        .with(Field::Sasid, "1000000002");
    let folder = TestBatch::of(&[clean_row(), charter])
        .participants(participants)
        .with_report();
    let run_date = "2024-09-15";
    let awards = file_of(&folder, "awards.csv");
    let expected = format!(
        "standing,budget_year,run_date,payee,participant,name,kind,tier_1,tier_2,tier_3,supplement,total\n\
         FINAL,2024-25,{run_date},0010,0010,First District,district,0.00,1000.00,0.00,0.00,1000.00\n\
         FINAL,2024-25,{run_date},0010,0010-4500,District Charter,district_charter,0.00,1000.00,0.00,0.00,1000.00\n"
    );
    assert_eq!(awards, expected);
    // 1,000.00 of its own and 1,000.00 of its charter school.
    assert_eq!(
        file_of(&folder, "payments.csv"),
        format!(
            "payee,name,vendor,budget_year,run_date,amount\n\
             0010,First District,V-17,2024-25,{run_date},2000.00\n"
        )
    );
}

#[test]
fn completions_name_program_and_sector_and_findings_their_participant() {
    let folder = held_by_two_districts().with_report();
    let completions = file_of(&folder, "completions.csv");
    assert!(
        completions
            .lines()
            .skip(1)
            .all(|line| line.contains(",Internship,Any")),
        "{completions}"
    );
    let findings = file_of(&folder, "findings.csv");
    let held: Vec<&str> = findings
        .lines()
        .filter(|line| line.starts_with("H501"))
        .collect();
    assert_eq!(held.len(), 2);
    assert!(
        held[0].ends_with(",0010,yes") && held[1].ends_with(",0020,yes"),
        "{held:?}"
    );
}

#[test]
fn other_programs_find_the_headings_and_names_of_a_report_as_they_know_them() {
    let folder = held_by_two_districts().with_report();
    let heading = |name: &str| {
        let file = file_of(&folder, name);
        let (first, _) = file.split_once('\n').unwrap();
        first.to_string()
    };
    let headings = heading("completions.csv");
    assert!(
        headings.starts_with(
            "source_file,source_sheet,source_row,district_code,school_code,sasid,program_code,category,\
             tier,completion_date,grade,frl,participant,outcome,codes,weight,amount,program_name,sector"
        ),
        "{headings}"
    );
    assert_eq!(headings, FILES.map(|column| column.entry().key).join(","));
    assert_eq!(
        heading("findings.csv"),
        "code,severity,source_file,source_sheet,source_row,column,cell,message,fix,participant,open"
    );
    let json: serde_json::Value =
        serde_json::from_str(&file_of(&folder, "allocation.json")).unwrap();
    assert_eq!(json["schema"], "cdip-allocation-1");
    let buckets: Vec<(&str, u64)> = json["buckets"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(outcome, rows)| (outcome.as_str(), rows.as_u64().unwrap()))
        .collect();
    // Both rows are held; an outcome that no row has is named as well.
    let expected = [
        ("rejected", 0),
        ("not_qualified", 0),
        ("held", 2),
        ("denied", 0),
        ("duplicate", 0),
        ("already_counted", 0),
        ("over_cap", 0),
        ("unfunded", 0),
        ("paid", 0),
    ];
    assert_eq!(buckets, expected);
}

#[cfg(feature = "parquet")]
#[test]
fn the_parquet_file_says_what_the_csv_says() {
    use parquet::file::reader::SerializedFileReader;
    use parquet::record::Field as Cell;

    let rows = [clean_row().with(Field::Grade, "Alumni"), clean_row()];
    let folder = held_by_two_districts()
        .rows("submissions/0030.csv", &rows)
        .with_report();
    let file = fs::File::open(folder.path().join("report/completions.parquet")).unwrap();
    let text = |cell: &Cell| match cell {
        Cell::Null => String::new(),
        Cell::Str(text) => text.clone(),
        Cell::UInt(number) => number.to_string(),
        Cell::Decimal(decimal) => {
            let bytes = decimal.data();
            let mut wide = [0; 8];
            wide[8 - bytes.len()..].copy_from_slice(bytes);
            Money::from_cents(i64::from_be_bytes(wide)).to_string()
        }
        other => panic!("a column of another type: {other:?}"),
    };
    let reader = SerializedFileReader::new(file).unwrap();
    let parquet: Vec<Vec<(String, String)>> = reader
        .into_iter()
        .map(|row| {
            let row = row.unwrap();
            let cells = row.get_column_iter();
            cells
                .map(|(name, cell)| (name.clone(), text(cell)))
                .collect()
        })
        .collect();
    let csv = file_of(&folder, "completions.csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let expected: Vec<Vec<(String, String)>> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = headings.iter().zip(&record);
            cells
                .map(|(name, cell)| (name.to_string(), cell.to_string()))
                .collect()
        })
        .collect();
    assert_eq!(parquet, expected);
    assert_eq!(parquet.len(), 4);
}

#[test]
fn a_row_counts_as_changed_if_its_outcome_its_amount_or_both_are_others() {
    let theirs = clean_row()
        .with(Field::DistrictCode, "0020")
        .with(Field::Sasid, "1000000002");
    let batch = TestBatch::of(&[clean_row()]).rows("submissions/0020.csv", &[theirs]);
    let changed = |after: TestBatch| -> Vec<usize> {
        let (before, after) = (batch.calculated(), after.calculated());
        let changed = Joined::by_row(&before.results, &after.results).changed();
        changed.into_iter().map(RowRank::index).collect()
    };
    assert_eq!(changed(batch.clone()), [0; 0]);
    // The second row is denied, so it is no longer paid its $1,000.00.
    let denied = ",,,,submissions/0020.csv,,,deny,Wrong,Director,2024-09-01";
    assert_eq!(changed(batch.clone().resolutions(denied)), [1]);
    // Both stay paid, $500.00 each.
    assert_eq!(changed(batch.clone().available("1000.00")), [0, 1]);
}

#[test]
fn the_rate_of_a_row_is_that_of_its_tier_for_its_lunch() {
    let lunch = clean_row()
        .with(Field::Sasid, "1000000002")
        .with(Field::Lunch, "Y");
    // 1,100.00 for a weight of 1.00 + 1.20 is 500.00, and 600.00 with lunch.
    let calculation = TestBatch::of(&[clean_row(), lunch])
        .available("1100.00")
        .calculated();
    let rate = |row| {
        let record = calculation.records().get(RowRank::new(row));
        record.value(ResultColumn::Rate)
    };
    let expected = [50_000, 60_000].map(|cents| Value::Money(Money::from_cents(cents)));
    assert_eq!([rate(0), rate(1)], expected);
}

#[test]
fn a_paid_row_has_a_value_in_every_column_but_those_that_a_sheet_makes() {
    let calculation = TestBatch::of(&[clean_row()]).calculated();
    let record = calculation.records().get(RowRank::new(0));
    let columns = ResultColumn::ALL.iter().copied();
    let without: Vec<ResultColumn> = columns
        .filter(|column| record.value(*column) == Value::Nothing)
        .collect();
    let made = [
        ResultColumn::Key,
        ResultColumn::InWords,
        ResultColumn::Trail,
    ];
    assert_eq!(without, made);
}
