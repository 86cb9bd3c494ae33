//! Lists and `batch.toml` must be sound: every fault stops the run with exit status 2 and names its place.

use cdip::calculation::Calculation;
use cdip::catalogue::Code;
use cdip::decision::Outcome;
use cdip::intake::completions::Field;
use cdip::rules::{built_in_ids, why_not_built_in};
use cdip::stop::Status;

use crate::batch_builder::{
    FILE, PARTICIPANTS, PROGRAMS, RESOLUTIONS, Row, SASID, TestBatch, clean_row, codes_found,
    csv_of, dollars, effects, ends, headings, rows_ended, with_sasid,
};
use crate::spreadsheets::{Cell, Sheet, cells, ods, sheet, xlsx};

fn batch() -> TestBatch {
    TestBatch::of(&[clean_row()])
}

fn assert_paid(batch: &TestBatch) {
    let calculation = batch.calculated();
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Paid, String::new())]
    );
    assert_eq!(codes_found(&calculation), []);
}

/// The run is stopped for wrong usage, with exactly this text.
#[track_caller]
fn assert_stops(batch: &TestBatch, text: &str) {
    let stop = batch.stop();
    assert_eq!(
        (stop.status, stop.to_string().as_str()),
        (Status::Usage, text)
    );
}

#[test]
fn a_program_twice_with_the_same_content_is_one_program() {
    assert_paid(&batch().programs(&format!("{PROGRAMS}in1,Internship,Internship,Any,No,,\n")));
}

#[test]
fn the_name_of_two_programs_fits_the_code_of_either() {
    let programs = format!("{PROGRAMS}IC2,Welding,industry_credential,Trades,Y,,\n");
    let named = |code: &str, name: &str| {
        let row = clean_row()
            .with(Field::ProgramCode, code)
            .with(Field::ProgramName, name);
        codes_found(&TestBatch::of(&[row]).programs(&programs).calculated())
    };
    assert_eq!(named("IC1", "Welding"), []);
    assert_eq!(named("IC2", "Welding"), []);
    assert_eq!(named("IN1", "Welding"), [Code::W233]);
    assert_eq!(named("IN1", ""), []);
}

#[test]
fn a_program_twice_with_different_content_stops_the_run_and_both_cells_are_named() {
    assert_stops(
        &batch().programs(&format!("{PROGRAMS}IN1,Internship,residency,Any,N,,\n")),
        "error: program IN1 is listed twice with different content\n  \
         --> qualified-programs.csv, line 4, field 3 (Category)\n  \
         --> qualified-programs.csv, line 9, field 3 (Category)\n   \
         = fix: leave one of the two rows",
    );
}

#[test]
fn the_cell_that_differs_is_named_and_not_one_that_is_only_written_otherwise() {
    assert_stops(
        &batch().programs(&format!(
            "{PROGRAMS}in1,Internship,INTERNSHIP,Any,no,2020-21,\n"
        )),
        "error: program IN1 is listed twice with different content\n  \
         --> qualified-programs.csv, line 4, field 6 (First School Year)\n  \
         --> qualified-programs.csv, line 9, field 6 (First School Year)\n   \
         = fix: leave one of the two rows",
    );
    assert_stops(
        &batch().participants(&format!(
            "{PARTICIPANTS}10,,First District,District,No,Yes\n"
        )),
        "error: participant 0010 is listed twice with different content\n  \
         --> participants.csv, line 2, field 5 (Participating)\n  \
         --> participants.csv, line 8, field 5 (Participating)\n   \
         = fix: leave one of the two rows",
    );
}

#[test]
fn a_participant_twice_with_the_same_content_is_one_participant() {
    assert_paid(&batch().participants(&format!(
        "{PARTICIPANTS}10,,First District,District,Yes,T\n"
    )));
}

#[test]
fn a_participant_twice_with_different_content_stops_the_run_and_both_cells_are_named() {
    assert_stops(
        &batch().participants(&format!(
            "{PARTICIPANTS}8001,4600,Another Charter,institute_charter,Y,N\n"
        )),
        "error: participant 8001-4600 is listed twice with different content\n  \
         --> participants.csv, line 6, field 3 (Name)\n  \
         --> participants.csv, line 8, field 3 (Name)\n   \
         = fix: leave one of the two rows",
    );
}

#[test]
fn an_unknown_category_gets_the_nearest_known_one() {
    assert_stops(
        &batch().programs(&PROGRAMS.replace("residency", "residancy")),
        "error: unknown category \"residancy\"\n  \
         --> qualified-programs.csv, line 5, field 3 (Category)\n   \
         = fix: did you mean `residency`? allowed: industry_credential, internship, residency, pre_apprenticeship, apprenticeship, \
         ap_course",
    );
}

#[test]
fn an_unknown_kind_gets_the_nearest_known_one() {
    assert_stops(
        &batch().participants(&PARTICIPANTS.replace(",boces,", ",bocs,")),
        "error: unknown kind \"bocs\"\n  \
         --> participants.csv, line 7, field 4 (Kind)\n   \
         = fix: did you mean `boces`? allowed: district, district_charter, institute_charter, boces",
    );
}

#[test]
fn a_category_that_resembles_nothing_gets_the_allowed_ones_only() {
    let stop = batch().programs(&PROGRAMS.replace("residency", "x")).stop();
    assert!(
        stop.fix.starts_with("allowed: industry_credential, "),
        "{}",
        stop.fix
    );
}

#[test]
fn an_institute_charter_outside_8001_stops_the_run() {
    assert_stops(
        &batch().participants(&PARTICIPANTS.replace("8001,4600", "0020,4600")),
        "error: an institute charter is listed under district 0020\n  \
         --> participants.csv, line 6, field 1 (District Code)\n   \
         = fix: list institute charters under 8001; a charter of the district is a district_charter",
    );
}

#[test]
fn a_charter_without_a_school_code_stops_the_run() {
    assert_stops(
        &batch().participants(&PARTICIPANTS.replace("0010,4500", "0010,")),
        "error: a charter school has no School Code\n  \
         --> participants.csv, line 3, field 2 (School Code)\n   \
         = fix: enter the school's 4-digit code",
    );
}

#[test]
fn a_district_with_a_school_code_stops_the_run() {
    assert_stops(
        &batch().participants(&PARTICIPANTS.replace("0020,,", "0020,0101,")),
        "error: a district has a School Code\n  \
         --> participants.csv, line 4, field 2 (School Code)\n   \
         = fix: leave School Code empty, or correct the Kind to district_charter or institute_charter",
    );
}

#[test]
fn a_participating_that_is_neither_yes_nor_no_stops_the_run() {
    let stop = batch()
        .participants(&PARTICIPANTS.replace("boces,Y", "boces,perhaps"))
        .stop();
    assert_eq!(
        (stop.status, stop.message.as_str()),
        (Status::Usage, "Participating \"perhaps\" is not yes or no")
    );
    assert_eq!(
        stop.places,
        ["participants.csv, line 7, field 5 (Participating)"]
    );
}

#[test]
fn a_school_year_of_the_list_that_is_no_year_stops_the_run() {
    assert_stops(
        &batch().programs(&PROGRAMS.replace("2016-17", "2016")),
        "error: \"2016\" is not a school year\n  \
         --> qualified-programs.csv, line 3, field 6 (First School Year)\n   \
         = fix: write a year such as 2023-24, or leave it empty",
    );
}

#[test]
fn a_list_without_its_headings_stops_the_run_and_says_what_to_add() {
    assert_stops(
        &batch().participants(&PARTICIPANTS.replace("Kind,Participating", "Type,Active")),
        "error: no row holds the required headings\n  \
         --> participants.csv\n   \
         = fix: row 1 comes nearest; add there: Kind, Participating",
    );
}

#[test]
fn two_files_for_one_list_stop_the_run() {
    assert_stops(
        &batch().file(
            "qualified-programs.xlsx",
            xlsx(&[sheet("List", cells(&table(PROGRAMS)))]),
        ),
        "error: there are two files for qualified-programs\n  \
         --> qualified-programs.xlsx\n  \
         --> qualified-programs.csv\n   \
         = fix: leave one of them in the folder",
    );
}

#[test]
fn a_missing_list_stops_the_run() {
    for (list, what) in [
        (
            "qualified-programs",
            "the list of qualified programs for the school year",
        ),
        ("participants", "the list of who takes part"),
    ] {
        let stop = batch().without(&format!("{list}.csv")).stop();
        assert_eq!(
            (stop.status, stop.message),
            (Status::Usage, format!("the batch has no {list}"))
        );
        assert_eq!(stop.fix, format!("add {list}.xlsx, .ods or .csv: {what}"));
    }
}

fn table(csv: &str) -> Vec<Vec<String>> {
    csv.lines()
        .map(|line| line.split(',').map(str::to_string).collect())
        .collect()
}

/// All lists as csv: with a program whose code is a number, a pupil who was paid for it before, and a decision about another pupil.
fn all_lists() -> [(&'static str, String); 4] {
    [
        (
            "qualified-programs",
            format!("{PROGRAMS}4711,Baking,internship,Any,N,,\n"),
        ),
        ("participants", PARTICIPANTS.to_string()),
        (
            "prior-payments",
            "SASID,Program Code,Budget Year\n1000000004,4711,2018-19\n".to_string(),
        ),
        (
            "resolutions",
            format!("{RESOLUTIONS}0020,,1000000005,4711,,,,pay,moved,Office,2024-09-01\n"),
        ),
    ]
}

/// The cells of a list, in which a SASID or a Program Code of digits is a number.
fn with_numbers(list: &[Vec<String>]) -> Vec<Vec<Cell>> {
    let mut rows = cells(list);
    for (column, heading) in list[0].iter().enumerate() {
        if !["SASID", "Program Code"].contains(&heading.as_str()) {
            continue;
        }
        for (texts, row) in list.iter().zip(&mut rows) {
            if let Ok(number) = texts[column].parse() {
                row[column] = Cell::Number(number);
            }
        }
    }
    rows
}

#[test]
fn the_lists_give_the_same_result_as_csv_xlsx_and_ods_also_if_ids_and_codes_are_numbers() {
    let baker = |sasid: &str| {
        clean_row()
            .with(Field::Sasid, sasid)
            .with(Field::ProgramCode, "4711")
    };
    let rows = [
        clean_row(),
        clean_row()
            .with(Field::Sasid, "1000000002")
            .with(Field::SchoolCode, "4500")
            .with(Field::ProgramCode, "IC9"),
        clean_row()
            .with(Field::Sasid, "1000000003")
            .with(Field::DistrictCode, "0030"),
        baker("1000000004"),
        baker("1000000005"),
    ];
    let theirs = baker("1000000005").with(Field::DistrictCode, "0020");
    let without_lists = TestBatch::of(&rows)
        .rows("submissions/0020.csv", &[theirs])
        .without("qualified-programs.csv")
        .without("participants.csv");
    let with_lists = |ending: &str, write: &dyn Fn(&str) -> Vec<u8>| {
        let mut batch = without_lists.clone();
        for (list, csv) in all_lists() {
            batch = batch.file(&format!("{list}.{ending}"), write(&csv));
        }
        batch.calculated()
    };
    let expected = with_lists("csv", &|csv: &str| csv.as_bytes().to_vec());
    // IC9 is not on the list of the year, 0030 does not participate, the fourth pupil is in the ledger, and the decision pays the
    // fifth to 0020.
    assert_eq!(
        rows_ended(&expected),
        [
            (2, Outcome::Paid, ""),
            (3, Outcome::NotQualified, "N301"),
            (4, Outcome::NotQualified, "N304"),
            (5, Outcome::NotQualified, "N309"),
            (6, Outcome::Denied, "H501"),
            (2, Outcome::Paid, "H501"),
        ]
        .map(|(row, outcome, codes)| (row, outcome, codes.to_string()))
    );
    let ledger = |calculation: &Calculation| {
        let ledger = calculation.intake.ledger.as_ref();
        ledger.unwrap().entries().to_vec()
    };
    let texts: fn(&[Vec<String>]) -> Vec<Vec<Cell>> = cells;
    for (ending, write, cells_of) in [
        ("xlsx", xlsx as fn(&[Sheet]) -> Vec<u8>, texts),
        ("ods", ods, texts),
        ("xlsx", xlsx, with_numbers),
        ("ods", ods, with_numbers),
    ] {
        let found = with_lists(ending, &|csv: &str| {
            write(&[sheet("List", cells_of(&table(csv)))])
        });
        assert_eq!(
            found.intake.programs.all(),
            expected.intake.programs.all(),
            "{ending}"
        );
        assert_eq!(
            found.intake.participants.all(),
            expected.intake.participants.all(),
            "{ending}"
        );
        assert_eq!(ledger(&found), ledger(&expected), "{ending}");
        assert_eq!(effects(&found), [true], "{ending}");
        assert_eq!(ends(&found), ends(&expected), "{ending}");
    }
}

#[test]
fn codes_of_a_workbook_list_that_are_numbers_get_their_zeros_back() {
    let mut rows = cells(&table(PARTICIPANTS));
    rows[1][0] = Cell::Number(10.0);
    rows[2][0] = Cell::Number(10.0);
    rows[2][1] = Cell::Number(4_500.0);
    rows[1][4] = Cell::Boolean(true);
    assert_paid(
        &batch()
            .without("participants.csv")
            .file("participants.xlsx", xlsx(&[sheet("List", rows)])),
    );
}

#[test]
fn a_cell_of_a_workbook_list_is_named_by_sheet_and_address() {
    let mut rows = cells(&table(PARTICIPANTS));
    rows[3][3] = Cell::Error("#REF!");
    assert_stops(
        &batch()
            .without("participants.csv")
            .file("participants.xlsx", xlsx(&[sheet("Who", rows)])),
        "error: Kind is an error value\n  \
         --> participants.xlsx, sheet \"Who\", cell D4 (row 4, Kind)\n   \
         = fix: correct the formula, or enter the value itself",
    );
}

#[test]
fn a_list_that_cannot_be_read_stops_the_run() {
    let stop = batch()
        .without("participants.csv")
        .file("participants.xlsx", "not a workbook")
        .stop();
    assert_eq!(
        (stop.status, stop.message.as_str()),
        (
            Status::Usage,
            "[F101] the file ends in .xlsx but is not a workbook"
        )
    );
    assert_eq!(stop.places, ["participants.xlsx"]);
}

#[test]
fn the_ledger_is_matched_by_pupil_and_program_of_whatever_year_and_case() {
    let paid_before = batch().ledger(&format!("{SASID},in1,2018-19")).calculated();
    assert_eq!(
        rows_ended(&paid_before),
        [(2, Outcome::NotQualified, "N309".into())]
    );
    assert_paid(&batch().ledger(&format!("{SASID},RE1,2018-19\n1000000002,IN1,2018-19")));
}

#[test]
fn a_ledger_with_a_broken_sasid_stops_the_run_without_repeating_it() {
    let stop = batch().ledger("123456789,IN1,2018-19").stop();
    assert_eq!(
        (stop.status, stop.message.as_str()),
        (Status::Usage, "SASID is not exactly 10 digits")
    );
    assert_eq!(stop.places, ["prior-payments.csv, line 2, field 1 (SASID)"]);
    assert!(!stop.to_string().contains("123456789"));
}

#[test]
fn a_line_of_a_list_with_more_fields_than_headings_stops_the_run_and_is_named() {
    let sound = format!("{SASID},RE1,2018-19");
    assert_eq!(batch().ledger(&sound).calculated().findings.len(), 0);
    let stop = batch().ledger(&format!("{sound},moved")).stop();
    assert_eq!(stop.status, Status::Usage);
    assert!(stop.message.starts_with("[E211] "), "{stop}");
    assert_eq!(stop.places, ["prior-payments.csv, line 2"]);
}

/// A pupil reported by two districts, each in a file of its own.
fn held() -> TestBatch {
    batch().rows(
        "submissions/0020.csv",
        &[clean_row().with(Field::DistrictCode, "0020")],
    )
}

#[test]
fn a_held_completion_that_is_paid_by_decision_is_denied_to_the_other_participant() {
    let calculation = held()
        .resolutions(&format!(
            "0020,,{SASID},IN1,,,,pay,moved in March,Office,2024-09-01"
        ))
        .calculated();
    let ended: Vec<_> = ends(&calculation)
        .into_iter()
        .map(|row| (row.file, row.outcome, row.amount))
        .collect();
    assert_eq!(
        ended,
        [
            (FILE.to_string(), Outcome::Denied, dollars(0)),
            (
                "submissions/0020.csv".to_string(),
                Outcome::Paid,
                dollars(1_000)
            )
        ]
    );
    assert!(calculation.is_final() && !held().calculated().is_final());
}

#[test]
fn two_resolutions_that_pay_one_completion_stop_the_run() {
    let lines = format!(
        "0020,,{SASID},IN1,,,,pay,why,Office,2024-09-01\n10,,{SASID},in1,,,,PAY,why,Office,2024-09-01"
    );
    assert_stops(
        &held().resolutions(&lines),
        "error: two resolutions pay the same pupil and program\n  \
         --> resolutions.csv, line 2, field 8 (Decision)\n  \
         --> resolutions.csv, line 3, field 8 (Decision)\n   \
         = fix: leave one of the two decisions",
    );
}

#[test]
fn one_resolution_that_pays_and_another_that_denies_the_same_rows_stop_the_run() {
    let lines = format!(
        "0020,,{SASID},IN1,,,,pay,why,Office,2024-09-01\n0020,,{SASID},IN1,,,,deny,why,Office,2024-09-01"
    );
    assert_eq!(
        held().resolutions(&lines).stop().message,
        "one resolution pays and another denies the same rows"
    );
}

#[test]
fn a_warning_that_somebody_attests_is_settled_and_changes_no_amount() {
    let padded = clean_row().with(Field::SchoolCode, "101");
    let other = padded.clone().with(Field::Sasid, "1000000002");
    let batch = TestBatch::of(&[padded, other]);
    let open = |lines: &str| {
        let calculation = batch.clone().resolutions(lines).calculated();
        assert_eq!(
            rows_ended(&calculation)
                .iter()
                .filter(|row| row.1 == Outcome::Paid)
                .count(),
            2,
            "both are paid as before"
        );
        assert!(calculation.is_final());
        let found: Vec<(Code, bool)> = calculation
            .findings
            .iter()
            .map(|finding| (finding.code, calculation.is_open(finding)))
            .collect();
        (effects(&calculation), found)
    };
    // Nobody looked; one row; the whole file, after the row.
    assert_eq!(
        open(""),
        (vec![], vec![(Code::W202, true), (Code::W202, true)])
    );
    let row = format!(",,,,{FILE},,2,attest,codes of our own,Office,2024-09-01");
    assert_eq!(
        open(&row),
        (vec![true], vec![(Code::W202, false), (Code::W202, true)])
    );
    let file = format!(",,,,{FILE},,,attest,codes of our own,Office,2024-09-01");
    assert_eq!(
        open(&format!("{row}\n{file}")),
        (
            vec![true, true],
            vec![(Code::W202, false), (Code::W202, false)]
        )
    );
}

#[test]
fn warnings_of_one_sheet_are_attested_and_those_of_the_other_sheets_and_files_stay_open() {
    let padded = |sasid: &str| {
        clean_row()
            .with(Field::SchoolCode, "101")
            .with(Field::Sasid, sasid)
    };
    let table = |name: &'static str, row: Row| sheet(name, cells(&[headings(), row.texts()]));
    let sound = clean_row().with(Field::Sasid, "1000000003");
    let workbook = xlsx(&[
        table("Spring", padded(SASID)),
        table("Fall", padded("1000000002")),
        table("Summer", sound),
    ]);
    let batch = TestBatch::new()
        .file("submissions/0010.xlsx", workbook)
        .rows("submissions/0010 b.csv", &[padded("1000000004")]);
    let attested = |sheet: &str| {
        let line =
            format!(",,,,submissions/0010.xlsx,{sheet},,attest,codes of our own,Office,2024-09-01");
        let calculation = batch.clone().resolutions(&line).calculated();
        let settled = calculation
            .findings
            .iter()
            .filter(|finding| !calculation.is_open(finding));
        settled
            .map(|finding| finding.sheet.as_deref().unwrap_or_default().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(attested("Fall"), ["Fall"]);
    assert_eq!(attested("Summer"), [""; 0]);
    assert_eq!(attested(""), ["Spring", "Fall"]);
}

#[test]
fn a_sheet_that_was_not_read_is_attested_by_its_name_and_no_other_sheet_is() {
    let table = |name: &'static str| sheet(name, cells(&[headings(), clean_row().texts()]));
    let notes = |name: &'static str| sheet(name, vec![vec![Cell::Text("Bring the key".into())]]);
    let batch = TestBatch::new()
        .file(
            "submissions/0010.xlsx",
            xlsx(&[table("Data"), notes("Notes")]),
        )
        .file(
            "submissions/0020.xlsx",
            xlsx(&[table("Data"), notes("Prices")]),
        );
    for (sheet, answers) in [("Notes", true), ("Prices", false), ("Nothing", false)] {
        let line = format!(",,,,submissions/0010.xlsx,{sheet},,attest,looked,Office,2024-09-01");
        let calculation = batch.clone().resolutions(&line).calculated();
        assert_eq!(effects(&calculation), [answers], "{sheet}");
        let open = calculation
            .findings
            .iter()
            .filter(|at| calculation.is_open(at));
        let unread = open.filter(|at| at.code == Code::W217);
        assert_eq!(unread.count(), 2 - usize::from(answers), "{sheet}");
        let unfit = calculation.findings.iter().find(|at| at.code == Code::W214);
        let told = unfit.map(|at| {
            at.message
                .contains(&format!("no sheet \"{sheet}\" was read"))
        });
        assert_eq!(told, (!answers).then_some(true), "{sheet}");
    }
}

#[test]
fn a_deny_of_one_sheet_sets_its_rows_aside_and_leaves_those_of_the_other_sheets() {
    let table = |name: &'static str, sasid: &str| {
        let row = clean_row().with(Field::Sasid, sasid);
        sheet(name, cells(&[headings(), row.texts()]))
    };
    let sheets = [
        table("Spring", SASID),
        table("Fall", "1000000002"),
        table("Summer", "1000000003"),
    ];
    let workbook = TestBatch::new().file("submissions/0010.xlsx", xlsx(&sheets));
    for (denied, sheet) in ["Spring", "Fall", "Summer"].into_iter().enumerate() {
        let line = format!(",,,,submissions/0010.xlsx,{sheet},,deny,why,Office,2024-09-01");
        let calculation = workbook.clone().resolutions(&line).calculated();
        let mut expected = [Outcome::Paid; 3];
        expected[denied] = Outcome::Denied;
        let outcomes: Vec<Outcome> = ends(&calculation)
            .into_iter()
            .map(|end| end.outcome)
            .collect();
        assert_eq!(outcomes, expected, "{sheet}");
    }
}

#[test]
fn a_deny_for_a_file_that_was_read_sets_its_rows_aside_and_attests_none_of_its_warnings() {
    let padded = TestBatch::of(&[clean_row().with(Field::SchoolCode, "101")]);
    let calculation = padded
        .resolutions(&format!(",,,,{FILE},,,deny,why,Office,2024-09-01"))
        .calculated();
    let [warning] = &calculation.findings[..] else {
        panic!("{:?}", calculation.findings)
    };
    assert_eq!(warning.code, Code::W202);
    assert!(calculation.is_open(warning));
    assert_eq!(
        (effects(&calculation), rows_ended(&calculation)),
        (vec![true], vec![(2, Outcome::Denied, String::new())])
    );
}

#[test]
fn a_finding_is_open_until_its_row_is_decided_its_file_closed_or_its_warning_attested() {
    let batch = TestBatch::of(&[
        with_sasid(SASID).with(Field::SchoolCode, "101"),
        with_sasid("1000000002").with(Field::Grade, "Alumni"),
        with_sasid("1000000003").with(Field::Grade, "8"),
        with_sasid("1000000004").with(Field::DistrictCode, "0020"),
    ])
    .file("submissions/letter.docx", "Dear office");
    let open = |batch: &TestBatch| -> Vec<Code> {
        let calculation = batch.calculated();
        let mut open: Vec<Code> = calculation
            .findings
            .iter()
            .filter(|finding| calculation.is_open(finding))
            .map(|finding| finding.code)
            .collect();
        open.sort_unstable();
        open
    };
    let mut every = [Code::W202, Code::E204, Code::N302, Code::H502, Code::F105];
    every.sort_unstable();
    assert_eq!(open(&batch), every);
    for (line, settled) in [
        (
            format!(",,,,{FILE},,2,attest,a code of our own,Office,2024-09-01"),
            Code::W202,
        ),
        (
            format!(",,,,{FILE},,3,deny,left school,Office,2024-09-01"),
            Code::E204,
        ),
        (
            "0020,,1000000004,IN1,,,,pay,sent by its neighbor,Office,2024-09-01".to_string(),
            Code::H502,
        ),
        (
            "0020,,1000000004,IN1,,,,deny,not theirs,Office,2024-09-01".to_string(),
            Code::H502,
        ),
        (
            ",,,,submissions/letter.docx,,,deny,no submission,Office,2024-09-01".to_string(),
            Code::F105,
        ),
    ] {
        let left: Vec<Code> = every.into_iter().filter(|code| *code != settled).collect();
        assert_eq!(open(&batch.clone().resolutions(&line)), left, "{line}");
    }
}

#[test]
fn an_attest_where_nothing_is_open_has_nothing_left_to_do() {
    let rejected = TestBatch::of(&[clean_row().with(Field::Grade, "Alumni")]);
    let refused = TestBatch::of(&[clean_row()]).file("submissions/letter.docx", "Dear office");
    let sound = TestBatch::of(&[clean_row()]);
    for (batch, about) in [
        (&rejected, format!("{FILE},,2")),
        (&refused, "submissions/letter.docx,,".to_string()),
        (&sound, format!("{FILE},,2")),
        (&sound, format!("{FILE},,")),
    ] {
        let before = rows_ended(&batch.calculated());
        let calculation = batch
            .clone()
            .resolutions(&format!(",,,,{about},attest,why,Office,2024-09-01"))
            .calculated();
        let told = calculation
            .findings
            .iter()
            .find(|finding| finding.code == Code::W231)
            .expect("it is told");
        assert_eq!(
            told.message,
            "the resolution has nothing left to do: nothing is open there"
        );
        assert_eq!(
            (effects(&calculation), rows_ended(&calculation)),
            (vec![false], before)
        );
    }
}

#[test]
fn a_second_correction_of_a_cell_is_a_repetition_only_if_its_was_fits_too() {
    let batch = TestBatch::of(&[clean_row().with(Field::Grade, "Alumni")]);
    let headings = "Source File,Source Row,Column,Was,Becomes,Decision,Reason,Approved By,Date";
    let line = |was: &str| format!("{FILE},2,Grade,{was},12,correct,transcript,Office,2024-09-01");
    for (was, told) in [("Alumni", Code::W231), ("Senior", Code::W214)] {
        let lines = format!("{headings}\n{}\n{}\n", line("Alumni"), line(was));
        let calculation = batch.clone().file("resolutions.csv", lines).calculated();
        let found: Vec<Code> = calculation
            .findings
            .iter()
            .filter(|finding| &*finding.file == "resolutions.csv")
            .map(|finding| finding.code)
            .collect();
        assert_eq!(found, [told], "Was is {was}");
        assert_eq!(effects(&calculation), [true, false]);
        assert_eq!(calculation.is_final(), told == Code::W231);
    }
}

/// Headings of decisions that correct or qualify.
const OF_ROWS: &str = "Source File,Source Sheet,Source Row,Column,Was,Becomes,Codes,Decision,Reason,Approved By,Date\n";

#[test]
fn a_correction_fits_its_cell_however_the_text_of_both_is_written() {
    let text = |text: &str| Cell::Text(text.to_string());
    let date = Cell::Date(2023, 5, 17);
    for (in_text_file, column, cell, was, becomes) in [
        // A zero kept by a spreadsheet in a text file: as it stands there, without it, and in another wrapping.
        (true, "Grade", text("'12th"), "'12th", "12"),
        (true, "Grade", text("'12th"), "12th", "12"),
        (true, "Grade", text("'12th"), "\"=\"\"12th\"\"\"", "12"),
        // An apostrophe that is part of the text, written as it is read.
        (true, "Grade", text("''12th"), "'12th", "12"),
        // In a workbook an apostrophe belongs to the line alone.
        (false, "Grade", text("12th"), "'12th", "12"),
        (false, "Grade", text("13.0"), "'13.0", "12"),
        // A whole number with the decimals of an export, and a date with its midnight.
        (true, "Grade", text("13.0"), "13", "12"),
        (false, "Completion Date", date, "2023-05-17", "2024-05-17"),
    ] {
        let (mut row, field) = (clean_row().texts(), Field::of_title(column).unwrap());
        let (file, content) = if in_text_file {
            let Cell::Text(text) = &cell else {
                panic!("a text file holds texts");
            };
            row[field as usize].clone_from(text);
            (
                FILE,
                format!("{}\n{}\n", headings().join(","), row.join(",")).into_bytes(),
            )
        } else {
            let mut table = cells(&[headings(), row]);
            table[1][field as usize] = cell;
            ("submissions/0010.xlsx", xlsx(&[sheet("Data", table)]))
        };
        let line = format!("{file},,2,{column},{was},{becomes},,correct,why,Office,2024-09-01");
        let calculation = TestBatch::new()
            .file(file, content)
            .file("resolutions.csv", format!("{OF_ROWS}{line}\n"))
            .calculated();
        let told: Vec<&str> = calculation.findings.iter().map(|at| &*at.message).collect();
        assert_eq!(effects(&calculation), [true], "{line}: {told:?}");
        assert_eq!(
            ends(&calculation)[0].outcome,
            Outcome::Paid,
            "{line}: {told:?}"
        );
    }
}

#[test]
fn a_correction_whose_was_does_not_fit_names_the_cell_and_quotes_what_is_not_about_a_pupil() {
    let book = "submissions/0010.xlsx";
    let table = cells(&[headings(), clean_row().texts()]);
    let in_book = TestBatch::new().file(book, xlsx(&[sheet("Data", table)]));
    for (batch, file, column, was, told) in [
        (
            &in_book,
            book,
            "Grade",
            "12",
            "Grade in D2 says 11, not 12 as Was",
        ),
        (
            &in_book,
            book,
            "Grade",
            "Maria",
            "Grade in D2 says 11, not what Was says",
        ),
        (
            &in_book,
            book,
            "Program Code",
            "RE1",
            "Program Code in E2 says IN1, not RE1 as Was",
        ),
        (
            &in_book,
            book,
            "AP Exam Score",
            "3",
            "AP Exam Score in I2 is empty, not 3 as Was",
        ),
        (
            &in_book,
            book,
            "SASID",
            "1000000009",
            "SASID in C2 does not say Was",
        ),
        (
            &batch(),
            FILE,
            "Grade",
            "",
            "Grade in line 2 says 11, not empty as Was",
        ),
    ] {
        let line = format!("{file},,2,{column},{was},10,,correct,why,Office,2024-09-01");
        let calculation = batch
            .clone()
            .file("resolutions.csv", format!("{OF_ROWS}{line}\n"))
            .calculated();
        assert_eq!(
            calculation.findings[0].message,
            format!("the resolution finds nothing: {told}"),
            "{line}"
        );
    }
}

#[test]
fn a_line_that_cannot_decide_a_row_says_what_the_row_is_and_what_can_be_done() {
    let batch = TestBatch::of(&[
        with_sasid(SASID),
        with_sasid("1000000002").with(Field::Grade, "8"),
        with_sasid("1000000003").with(Field::Grade, "Alumni"),
        with_sasid("1000000004").with(Field::DistrictCode, "0030"),
    ]);
    let of_pupil = |district: &str, sasid: &str, decision: &str| {
        format!("{RESOLUTIONS}{district},,{sasid},IN1,,,,{decision},why,Office,2024-09-01\n")
    };
    let qualify =
        |row: u32| format!("{OF_ROWS}{FILE},,{row},,,,N302,qualify,why,Office,2024-09-01\n");
    for (list, told) in [
        (
            of_pupil("0010", SASID, "pay"),
            "submissions/0010.csv, line 2, passes the checks and is not held; there is nothing to decide (no decision pays a row over the cap)",
        ),
        (
            of_pupil("0010", SASID, "deny"),
            "submissions/0010.csv, line 2, passes the checks and is not held; to deny it, name its Source File and Source Row",
        ),
        (
            of_pupil("0010", "1000000002", "pay"),
            "submissions/0010.csv, line 3, does not qualify (N302) and is not held; qualify can waive that",
        ),
        (
            of_pupil("0010", "1000000003", "pay"),
            "submissions/0010.csv, line 4, cannot be read (E204) and is not held; correct its cells",
        ),
        (
            of_pupil("0030", "1000000004", "pay"),
            "submissions/0010.csv, line 5, does not qualify (N304) and is not held; N304 cannot be waived",
        ),
        (
            of_pupil("0010", "1000000009", "pay"),
            "the participant has no held row for this pupil and program",
        ),
        (
            of_pupil("0099", SASID, "pay"),
            "no entry of the participants list has the District Code",
        ),
        (
            qualify(2),
            "the row passes the checks; there is nothing to decide (no decision pays a row over the cap)",
        ),
        (
            qualify(4),
            "the row cannot be read (E204); correct its cells",
        ),
    ] {
        let calculation = batch.clone().file("resolutions.csv", list).calculated();
        let mut findings = calculation.findings.iter();
        let finding = findings.find(|finding| finding.code == Code::W214);
        assert_eq!(
            finding.map(|finding| &*finding.message),
            Some(format!("the resolution finds nothing: {told}").as_str())
        );
    }
}

#[test]
fn a_decision_counts_on_the_run_date_and_not_the_day_after() {
    for (date, counts) in [("2024-09-15", true), ("2024-09-16", false)] {
        let line = format!("0010,,{SASID},IN1,,,,deny,why,Office,{date}");
        let calculation = held().resolutions(&line).calculated();
        assert_eq!(effects(&calculation), [counts], "{date}");
        let is_told = codes_found(&calculation).contains(&Code::W220);
        assert_eq!(is_told, !counts, "{date}");
    }
}

#[test]
fn decisions_contradict_each_other_only_about_one_cell_or_row_of_one_sheet() {
    let table = |name: &'static str| sheet(name, cells(&[headings(), clean_row().texts()]));
    let file = "submissions/0010.xlsx";
    let batch = TestBatch::new().file(file, xlsx(&[table("Spring"), table("Fall")]));
    let correct = |sheet: &str, becomes: &str| {
        format!("{file},{sheet},2,Grade,12,{becomes},,correct,why,Office,2024-09-01")
    };
    let qualify = |sheet: &str| format!("{file},{sheet},2,,,,N302,qualify,why,Office,2024-09-01");
    let deny =
        |sheet: &str, row: &str| format!("{file},{sheet},{row},,,,,deny,why,Office,2024-09-01");
    let (texts, denied) = (
        "two resolutions correct one cell to different texts",
        "one resolution qualifies a row and another denies it",
    );
    for (one, other, stops) in [
        (
            correct("Spring", "11"),
            correct("Spring", "10"),
            Some(texts),
        ),
        (correct("Spring", "11"), correct("Spring", "11"), None),
        (correct("Spring", "11"), correct("Fall", "10"), None),
        (correct("", "11"), correct("Fall", "10"), Some(texts)),
        (correct("Spring", "11"), correct("", "10"), Some(texts)),
        (qualify("Spring"), deny("Spring", "2"), Some(denied)),
        (qualify("Spring"), deny("Spring", ""), Some(denied)),
        (qualify("Spring"), deny("", ""), Some(denied)),
        (qualify(""), deny("Fall", "2"), Some(denied)),
        (qualify("Spring"), deny("Spring", "3"), None),
        (qualify("Spring"), deny("Fall", "2"), None),
        (qualify("Spring"), deny("Fall", ""), None),
    ] {
        let lines = format!("{OF_ROWS}{one}\n{other}\n");
        let batch = batch.clone().file("resolutions.csv", lines);
        match stops {
            Some(told) => assert!(batch.stop().to_string().contains(told), "{one}\n{other}"),
            None => assert_eq!(effects(&batch.calculated()).len(), 2, "{one}\n{other}"),
        }
    }
}

#[test]
fn lines_that_nobody_decided_yet_are_told_once_and_keep_nothing_from_being_final() {
    let undecided = format!("0020,,{SASID},IN1,,,,,,,\n,,,,{FILE},,2,,,,");
    let told = |calculation: &Calculation| -> Vec<(Code, String, Option<u32>)> {
        let findings = calculation.findings.iter();
        let of_lines = findings.filter(|finding| &*finding.file == "resolutions.csv");
        of_lines
            .map(|finding| (finding.code, finding.message.to_string(), finding.row))
            .collect()
    };
    let notice = (
        Code::W232,
        "2 lines have no Decision yet".to_string(),
        Some(2),
    );

    let sound = batch().resolutions(&undecided).calculated();
    assert_eq!(told(&sound), std::slice::from_ref(&notice));
    assert_eq!(effects(&sound), [false, false]);
    assert!(sound.is_final(), "nothing else is open");

    // What such a line is about can keep the report from being final: here a pupil whom two districts report.
    let calculation = held().resolutions(&undecided).calculated();
    assert_eq!(told(&calculation), [notice]);
    assert!(!calculation.is_final());
}

#[test]
fn a_decision_that_is_none_of_the_six_stops_the_run() {
    let stop = held()
        .resolutions(&format!("0020,,{SASID},IN1,,,,wait,,Office,2024-09-01"))
        .stop();
    assert_eq!(
        (stop.status, stop.fix.as_str()),
        (
            Status::Usage,
            "write one of: exclude, correct, qualify, deny, pay, attest"
        )
    );
    assert_eq!(stop.places, ["resolutions.csv, line 2, field 8 (Decision)"]);
}

#[test]
fn a_misspelled_decision_is_quoted_and_any_other_text_in_its_place_is_not() {
    let told = |decision: &str| {
        let line = format!("0020,,{SASID},IN1,,,,{decision},why,Office,2024-09-01");
        held().resolutions(&line).stop().to_string()
    };
    let slip = told("corect");
    assert!(
        slip.starts_with("error: Decision is \"corect\", which is not a decision\n"),
        "{slip}"
    );
    assert!(slip.contains("did you mean `correct`?"), "{slip}");
    for other in ["Maria", "pay-Lopez", "Ray", "Denny", "approved"] {
        assert!(!told(other).contains(other), "{other}");
    }
}

#[test]
fn resolutions_whose_columns_are_shifted_stop_the_run_without_repeating_a_pupils_data() {
    for shifted in [
        // the SASID under District Code, under School Code and under Decision
        format!("{SASID},,0020,IN1,,,,pay,why,Office,2024-09-01"),
        format!("0020,{SASID},,IN1,,,,pay,why,Office,2024-09-01"),
        format!("0020,,{SASID},IN1,,,,{SASID},,Office,2024-09-01"),
    ] {
        let stop = held().resolutions(&shifted).stop();
        assert_eq!(stop.status, Status::Usage);
        assert!(!stop.to_string().contains(SASID), "{stop}");
    }
}

#[test]
fn a_source_row_that_is_not_a_number_leaves_its_line_open_and_is_not_repeated() {
    let line = format!(",,,,{FILE},,{SASID}9,deny,why,Office,2024-09-01");
    let calculation = batch().resolutions(&line).calculated();
    assert_eq!(effects(&calculation), [false]);
    assert!(!calculation.is_final(), "nothing else is open");
    let finding = calculation
        .findings
        .iter()
        .find(|finding| finding.code == Code::W214)
        .unwrap();
    assert!(!finding.message.contains(SASID), "{}", finding.message);
}

#[test]
fn all_faults_of_all_lists_are_told_at_once_with_their_cells() {
    let stop = batch()
        .programs(
            &PROGRAMS
                .replace("residency", "residancy")
                .replace("2016-17", "2016"),
        )
        .participants(&PARTICIPANTS.replace(",boces,", ",CSI Charter,"))
        .ledger("123456789,IN1,2018-19")
        .stop();
    assert_eq!(
        stop.to_string(),
        "error: \"2016\" is not a school year\n  \
         --> qualified-programs.csv, line 3, field 6 (First School Year)\n   \
         = fix: write a year such as 2023-24, or leave it empty\n\
         error: unknown category \"residancy\"\n  \
         --> qualified-programs.csv, line 5, field 3 (Category)\n   \
         = fix: did you mean `residency`? allowed: industry_credential, internship, residency, pre_apprenticeship, apprenticeship, \
         ap_course\n\
         error: unknown kind \"CSI Charter\"\n  \
         --> participants.csv, line 7, field 4 (Kind)\n   \
         = fix: did you mean `institute_charter`? allowed: district, district_charter, institute_charter, boces\n\
         error: SASID is not exactly 10 digits\n  \
         --> prior-payments.csv, line 2, field 1 (SASID)\n   \
         = fix: copy the 10-digit SASID as text"
    );
}

#[test]
fn a_payment_of_the_batchs_own_year_or_later_is_not_a_prior_payment() {
    for year in ["2024-25", "2025-26"] {
        let stop = batch().ledger(&format!("1000000009,IN1,{year}")).stop();
        assert_eq!(
            stop.message,
            format!("a payment of budget year {year} is not a prior payment")
        );
    }
    assert_paid(&batch().ledger("1000000009,IN1,2023-24"));
}

#[test]
fn a_payment_of_the_batchs_own_year_is_told_with_the_faults_of_the_batch() {
    let folder = batch().ledger("1000000009,IN1,2024-25").write();
    std::fs::write(
        folder.path().join("batch.toml"),
        "rules = \"co-cdip-2024-25\"\navailable = \"much\"\nrun_date = 2024-09-15\nlabel = 2024\n",
    )
    .unwrap();
    let told = cdip::batch::Batch::open(folder.path())
        .unwrap_err()
        .to_string();
    for fault in [
        "key label",
        "key available",
        "a payment of budget year 2024-25 is not a prior payment",
    ] {
        assert!(told.contains(fault), "{fault}: {told}");
    }
}

#[test]
fn a_district_charter_under_8001_stops_the_run() {
    assert_stops(
        &batch().participants(&PARTICIPANTS.replace("institute_charter", "district_charter")),
        "error: a district charter is listed under 8001, the Charter School Institute\n  \
         --> participants.csv, line 6, field 4 (Kind)\n   \
         = fix: correct the Kind to institute_charter, or the District Code to the charter's district",
    );
}

#[test]
fn one_fault_in_many_cells_is_one_message_with_the_first_five() {
    let broken: String = (0..7).map(|_| "123,IN1,2018-19\n").collect();
    let stop = batch().ledger(&broken).stop();
    assert_eq!(stop.places.len(), 6);
    assert_eq!(stop.places[5], "and 2 more cells");
}

#[test]
fn a_resolution_that_names_no_held_row_no_rejected_row_and_no_refused_file_is_warned_about() {
    for line in [
        // a row that is paid; a pupil nobody reported; a row that does not exist; a file that does not exist
        format!("0010,,{SASID},IN1,,,,deny,why,Office,2024-09-01"),
        "0010,,1000000009,IN1,,,,deny,why,Office,2024-09-01".to_string(),
        format!(",,,,{FILE},,99,deny,why,Office,2024-09-01"),
        ",,,,submissions/0099.csv,,,deny,why,Office,2024-09-01".to_string(),
        // a text file has no sheets
        format!(",,,,{FILE},Sheet1,2,deny,why,Office,2024-09-01"),
    ] {
        let calculation = batch().resolutions(&line).calculated();
        assert_eq!(codes_found(&calculation), [Code::W214], "{line}");
        assert_eq!(calculation.findings[0].place(), "resolutions.csv, line 2");
        assert_eq!(
            (
                effects(&calculation).as_slice(),
                rows_ended(&calculation)[0].1
            ),
            (&[false][..], Outcome::Paid),
            "{line}"
        );
    }
}

#[test]
fn a_decision_on_what_its_kind_cannot_be_about_has_no_effect_and_says_what_it_must_name() {
    let headings = "District Code,SASID,Program Code,Source File,Source Row,Column,Was,Becomes,Codes,Decision,Reason,Approved By,Date";
    let (row, file) = (format!(",,,{FILE},2"), format!(",,,{FILE},"));
    let pupil = format!("0010,{SASID},IN1,,");
    let district = "0010,,,,".to_string();
    for (about, change, decision, told) in [
        (
            &row,
            "Teacher,12,11,",
            "correct",
            "its Column is not the heading of a field of a submission",
        ),
        (
            &row,
            ",,,",
            "qualify",
            "its Codes are empty; qualify names every N code that it waives",
        ),
        (&row, ",,,", "exclude", "exclude names a District Code"),
        (
            &pupil,
            "Grade,12,11,",
            "correct",
            "it names no Source File and Source Row",
        ),
        (
            &file,
            ",,,",
            "qualify",
            "it names no Source File and Source Row",
        ),
        (
            &row,
            ",,,",
            "pay",
            "pay names a District Code, a SASID and a Program Code",
        ),
        (
            &district,
            ",,,",
            "deny",
            "deny names a Source File, or a SASID and a Program Code",
        ),
        (&pupil, ",,,", "attest", "it does not say what it is about"),
    ] {
        let line = format!("{about},{change},{decision},why,Office,2024-09-01");
        let lines = format!("{headings}\n{line}\n");
        let calculation = batch().file("resolutions.csv", lines).calculated();
        let [finding] = calculation.findings.as_slice() else {
            panic!("{line}: {:?}", calculation.findings);
        };
        assert_eq!(
            (finding.code, effects(&calculation)),
            (Code::W214, vec![false]),
            "{line}"
        );
        assert!(
            finding.message.contains(told),
            "{line}: {}",
            finding.message
        );
    }
}

#[test]
fn a_second_resolution_on_what_another_has_decided_finds_nothing() {
    let lines = format!(
        "0010,,{SASID},IN1,,,,deny,why,Office,2024-09-01\n0010,,{SASID},IN1,,,,deny,why,Office,2024-09-01"
    );
    assert_eq!(
        effects(&held().resolutions(&lines).calculated()),
        [true, false]
    );
}

#[test]
fn a_pay_for_one_participant_and_a_deny_for_the_other_both_take_effect_in_whatever_order_they_stand()
 {
    let (pay, deny) = (
        format!("0020,,{SASID},IN1,,,,pay,moved,Office,2024-09-01"),
        format!("0010,,{SASID},IN1,,,,deny,moved,Office,2024-09-01"),
    );
    let settled = |lines: String| {
        let calculation = held().resolutions(&lines).calculated();
        assert_eq!(effects(&calculation), [true, true], "{lines}");
        assert!(!codes_found(&calculation).contains(&Code::W214), "{lines}");
        rows_ended(&calculation)
    };
    let expected = [Outcome::Denied, Outcome::Paid].map(|outcome| (2, outcome, "H501".to_string()));
    assert_eq!(settled(format!("{pay}\n{deny}")), expected);
    assert_eq!(settled(format!("{deny}\n{pay}")), expected);
}

#[test]
fn a_rejected_row_of_a_workbook_is_closed_by_sheet_and_row() {
    let rejected = clean_row().with(Field::Grade, "Alumni");
    let table = |row: Vec<String>| cells(&[headings(), row]);
    let sheets = [
        sheet("Spring", table(rejected.texts())),
        sheet("Fall", table(clean_row().texts())),
    ];
    let workbook = TestBatch::new().file("submissions/0010.xlsx", xlsx(&sheets));
    assert!(!workbook.calculated().is_final());
    // Row 2 stands on both sheets, so the row alone says nothing.
    for (sheet, closes) in [
        ("Spring", true),
        ("Fall", false),
        ("Winter", false),
        ("", false),
    ] {
        let line =
            format!(",,,,submissions/0010.xlsx,{sheet},2,deny,left school,Office,2024-09-01");
        let calculation = workbook.clone().resolutions(&line).calculated();
        let spring = ends(&calculation).remove(0);
        assert_eq!(
            spring.outcome,
            if closes {
                Outcome::Denied
            } else {
                Outcome::Rejected
            },
            "sheet {sheet:?}"
        );
        assert_eq!(
            (spring.codes.as_str(), calculation.is_final()),
            ("E204", closes),
            "sheet {sheet:?}"
        );
    }
}

#[test]
fn the_only_sheet_of_a_workbook_need_not_be_named() {
    let table = cells(&[headings(), clean_row().with(Field::Grade, "Alumni").texts()]);
    let workbook = TestBatch::new().file("submissions/0010.xlsx", xlsx(&[sheet("Fall", table)]));
    let calculation = workbook
        .resolutions(",,,,submissions\\0010.xlsx,,2,deny,left school,Office,2024-09-01")
        .calculated();
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Denied, "E204".into())]
    );
}

#[test]
fn a_refused_file_that_a_resolution_closes_makes_the_report_final() {
    let refused = batch().file("submissions/letter.docx", "Dear office");
    let open = refused.calculated();
    assert_eq!((open.open_refusals(), open.standing()), (1, "PRELIMINARY"));
    let closed = refused
        .resolutions(",,,,submissions/letter.docx,,,deny,no submission,Office,2024-09-01")
        .calculated();
    assert_eq!((closed.open_refusals(), closed.standing()), (0, "FINAL"));
    assert_eq!(codes_found(&closed), [Code::F105], "it stays on the record");
}

#[test]
fn a_refused_file_is_denied_as_a_whole_and_not_by_sheet_or_row() {
    let refused = batch().file("submissions/letter.docx", "Dear office");
    for part in ["Fall,2", "Fall,", ",2"] {
        let line = format!(",,,,submissions/letter.docx,{part},deny,why,Office,2024-09-01");
        let open = refused.clone().resolutions(&line).calculated();
        assert_eq!((effects(&open), open.open_refusals()), (vec![false], 1));
        let unfit = open.findings.iter().find(|at| at.code == Code::W214);
        assert!(
            unfit.is_some_and(|unfit| unfit.message.contains("deny it as a whole")),
            "{part}"
        );
    }
}

/// The text of the stop for a `batch.toml` with one line in place of another.
fn batch_toml(line: &str, other: &str) -> String {
    const SOUND: &str = "\
rules = \"co-cdip-2024-25\"
available = \"9500000.00\"
run_date = 2024-09-15
label = \"test\"

[readings]
unit = \"pupil\"

[columns]
sasid = \"State Student ID\"
";
    assert!(SOUND.contains(line), "{line}");
    let folder = batch().write();
    std::fs::write(folder.path().join("batch.toml"), SOUND.replace(line, other)).unwrap();
    let stop = cdip::batch::Batch::open(folder.path()).unwrap_err();
    assert_eq!(stop.status, Status::Usage);
    stop.to_string()
}

#[test]
fn an_unknown_key_of_the_batch_is_named_with_the_nearest_known_one() {
    assert_eq!(
        batch_toml("available", "availible"),
        "error: unknown key `availible`\n  \
         --> batch.toml, line 2, key availible\n   \
         = fix: did you mean `available`? allowed: rules, available, run_date, label, supplement_available, prepared_by, previous_receipt, \
         readings, columns, values, office, accounting, input"
    );
    assert_eq!(
        batch_toml("unit", "units"),
        "error: unknown key `units`\n  \
         --> batch.toml, line 7, key readings.units\n   \
         = fix: did you mean `unit`? allowed: unit, cap_base, cap_rounding, cap_selection, cap_applies_to, cap_money, rounding, \
         cross_entity"
    );
    assert_eq!(
        batch_toml("sasid", "student"),
        format!(
            "error: unknown key `student`\n  --> batch.toml, line 10, key columns.student\n   = fix: allowed: {}",
            Field::ALL.map(Field::key).join(", ")
        )
    );
}

#[test]
fn a_key_of_a_wrong_type_is_named_with_what_is_expected() {
    assert_eq!(
        batch_toml("\"9500000.00\"", "9500000.00"),
        "error: invalid type: floating point `9500000.0`, expected a string\n  \
         --> batch.toml, line 2, key available\n   \
         = fix: put it between quotes"
    );
    assert_eq!(
        batch_toml("\"test\"", "2024"),
        "error: invalid type: integer `2024`, expected a string\n  \
         --> batch.toml, line 4, key label\n   \
         = fix: put it between quotes"
    );
}

#[test]
fn a_missing_key_of_the_batch_is_named() {
    let message = batch_toml("label = \"test\"\n", "");
    assert!(
        message.starts_with("error: key `label` is missing\n"),
        "{message}"
    );
    assert!(message.ends_with("= fix: add `label = ...`"), "{message}");
}

#[test]
fn an_amount_that_is_no_exact_money_is_refused_with_the_reason() {
    for (amount, why) in [
        (
            "9,50,000.00",
            "is not an amount in dollars such as \"9500000.00\"",
        ),
        (
            "9500,000",
            "is not an amount in dollars such as \"9500000.00\"",
        ),
        ("$", "is not an amount in dollars such as \"9500000.00\""),
        ("", "is not an amount in dollars such as \"9500000.00\""),
        (
            "1.005",
            "has more than two decimals; an amount is exact to the cent",
        ),
        ("-1.00", "is below zero"),
        (
            "100000000000.01",
            "is above the largest amount this program handles, $100,000,000,000.00",
        ),
    ] {
        assert_eq!(
            batch_toml("9500000.00", amount),
            format!(
                "error: \"{amount}\" {why}\n  --> batch.toml, line 2, key available\n   = fix: write dollars such as \"9500000.00\""
            )
        );
    }
    let message = batch_toml("label", "supplement_available = \"much\"\nlabel");
    assert!(
        message.contains("batch.toml, line 4, key supplement_available"),
        "{message}"
    );
    // $9,500,000.00 + $99,990,500,000.00 = $100,000,000,000.00, as much as can be; here with a cent more.
    assert_eq!(
        batch_toml("label", "supplement_available = \"99990500000.01\"\nlabel"),
        "error: \"99990500000.01\" together with the money available is above the largest amount this program handles, $100,000,000,000.00\n  \
         --> batch.toml, line 4, key supplement_available\n   \
         = fix: write dollars such as \"9500000.00\""
    );
}

#[test]
fn the_money_and_the_supplement_together_may_be_as_much_as_an_amount_can_be() {
    let folder = batch().write();
    let table = "rules = \"co-cdip-2024-25\"\navailable = \"9500000.00\"\nsupplement_available = \"99990500000.00\"\nrun_date = 2024-09-15\n";
    std::fs::write(
        folder.path().join("batch.toml"),
        format!("{table}label = \"test\"\n"),
    )
    .unwrap();
    let batch = cdip::batch::Batch::open(folder.path()).unwrap();
    assert_eq!(
        batch
            .supplement
            .map(|pool| (batch.available + pool).cents()),
        Some(cdip::money::MONEY_MAX_CENTS)
    );
}

#[test]
fn a_run_date_is_a_date_or_the_same_as_text_and_nothing_else() {
    for wrong in [
        "\"2024-02-30\"",
        "\"soon\"",
        "12152024",
        "true",
        "08:00:00",
        "2024-09-15T08:00:00",
    ] {
        assert_eq!(
            batch_toml("2024-09-15", wrong),
            "error: run_date is not a date\n  \
             --> batch.toml, line 3, key run_date\n   \
             = fix: write a date such as run_date = 2024-09-15",
            "{wrong}"
        );
    }
    let folder = batch().write();
    let text = std::fs::read_to_string(folder.path().join("batch.toml"))
        .unwrap()
        .replace("2024-09-15", "\"2024-09-15\"");
    std::fs::write(folder.path().join("batch.toml"), text).unwrap();
    let batch = cdip::batch::Batch::open(folder.path()).unwrap();
    assert_eq!(batch.run_date.to_string(), "2024-09-15");
}

#[test]
fn money_is_read_with_a_dollar_sign_and_separators_and_rules_by_their_budget_year() {
    let folder = batch().write();
    let text = "rules = \"2024-25\"\navailable = \"$9,500,000.00\"\nrun_date = 2024-09-15\n\
                label = \"test\"\nprepared_by = \"Ann Example\"\n\n\
                [columns]\ndistrict_code = { value = \"0897\" }\nsasid = \"State Student ID\"\n\n\
                [values.free_reduced_lunch]\n\"S\" = \"no\"\n\n\
                [office]\nname = \"Program office\"\ndeadline = 2024-10-31\nappeal_until = \"2024-12-01\"\n";
    std::fs::write(folder.path().join("batch.toml"), text).unwrap();
    let batch = cdip::batch::Batch::open(folder.path()).unwrap();
    assert_eq!(batch.rules.id, "co-cdip-2024-25");
    assert_eq!(batch.available, dollars(9_500_000));
    assert_eq!(batch.prepared_by.as_deref(), Some("Ann Example"));
    assert_eq!(
        batch.columns.constants,
        [(Field::DistrictCode, "0897".to_string())]
    );
    assert_eq!(
        batch.words,
        [(Field::Lunch, "S".to_string(), "no".to_string())]
    );
    let dates =
        [batch.office.deadline, batch.office.appeal_until].map(|date| date.unwrap().to_string());
    assert_eq!(dates, ["2024-10-31", "2024-12-01"]);
}

#[test]
fn a_word_that_is_given_twice_in_other_capitals_names_both() {
    let folder = batch().write();
    let path = folder.path().join("batch.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let words = "\n[values.free_reduced_lunch]\n\"S\" = \"no\"\n\"s\" = \"yes\"\n";
    std::fs::write(&path, text.clone() + words).unwrap();
    let stop = cdip::batch::Batch::open(folder.path()).unwrap_err();
    assert_eq!(
        stop.message,
        "\"S\" and \"s\" are the same word of Free/Reduced Lunch: capital letters do not count"
    );
    assert!(
        stop.places[0].ends_with("key values.free_reduced_lunch.s"),
        "{stop}"
    );
    // The same word of two fields is two words.
    let words = "\n[values.free_reduced_lunch]\n\"S\" = \"no\"\n[values.graduation_credit]\n\"s\" = \"yes\"\n";
    std::fs::write(&path, text + words).unwrap();
    assert_eq!(
        cdip::batch::Batch::open(folder.path()).unwrap().words.len(),
        2
    );
}

#[test]
fn all_that_is_wrong_with_the_batch_and_its_lists_is_told_in_one_run() {
    let folder = batch()
        .programs(&PROGRAMS.replace("residency", "residancy"))
        .participants(&PARTICIPANTS.replace(",boces,", ",bocs,"))
        .write();
    let text = "rules = \"co-cdip-2024-25\"\navailable = \"much\"\nrun_date = \"soon\"\nlable = \"test\"\n\n\
                [columns]\nstudent = \"Student\"\nsasid = { value = \"1000000001\" }\n\n\
                [values.grade]\n\"Postgrad\" = \"13\"\n\n[office]\ndead_line = \"x\"\n";
    std::fs::write(folder.path().join("batch.toml"), text).unwrap();
    let stop = cdip::batch::Batch::open(folder.path()).unwrap_err();
    let messages: Vec<&str> = std::iter::once(&stop)
        .chain(&stop.also)
        .map(|stop| stop.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "unknown key `lable`",
            "unknown key `student`",
            "unknown key `dead_line`",
            "\"much\" is not an amount in dollars such as \"9500000.00\"",
            "run_date is not a date",
            "sasid cannot be read",
            "\"13\" is not a value of Grade",
            "unknown category \"residancy\"",
            "unknown kind \"bocs\""
        ]
    );
    assert_eq!(stop.status, Status::Usage);
}

#[test]
fn a_column_that_the_files_do_not_have_can_be_given_once_for_all() {
    let text = csv_of(&[clean_row()]);
    let without: String = text
        .lines()
        .map(|line| format!("{}\n", line.split_once(',').unwrap().1))
        .collect();
    let folder = TestBatch::new().file(FILE, without).write();
    let path = folder.path().join("batch.toml");
    let batch_toml = std::fs::read_to_string(&path).unwrap();
    let open = || cdip::batch::Batch::open(folder.path()).unwrap();
    let refused = cdip::calculation::calculate(open(), &|_, _| {}).unwrap();
    assert!(codes_found(&refused).contains(&Code::F103));
    let constant = "[columns]\ndistrict_code = { value = \"0010\" }\n";
    let batch_toml = batch_toml.replace("[columns]\n", "") + constant;
    std::fs::write(&path, batch_toml).unwrap();
    let read = cdip::calculation::calculate(open(), &|_, _| {}).unwrap();
    assert_eq!(rows_ended(&read), [(2, Outcome::Paid, String::new())]);
}

#[test]
fn unknown_rules_get_the_nearest_built_in_ones() {
    assert_eq!(
        batch_toml("co-cdip-2024-25", "co-cdpi-2024-25"),
        format!(
            "error: unknown rules \"co-cdpi-2024-25\"\n  \
             --> batch.toml, line 1, key rules\n   \
             = fix: did you mean `co-cdip-2024-25`? allowed: {}; or a path ending in .toml, relative to the batch folder",
            built_in_ids().join(", ")
        )
    );
}

#[test]
fn a_rules_file_that_is_not_there_is_named() {
    let message = batch_toml("co-cdip-2024-25", "our-rules.toml");
    assert!(
        message.starts_with("error: the rules file \"our-rules.toml\" cannot be opened: "),
        "{message}"
    );
    assert!(
        message.contains("\n  --> batch.toml, line 1, key rules\n"),
        "{message}"
    );
}

#[test]
fn rules_after_the_last_budget_year_are_refused_with_the_act_that_ended_the_program() {
    assert_eq!(
        batch_toml("co-cdip-2024-25", "co-cdip-2049-50"),
        format!(
            "error: cdip has no rules for \"co-cdip-2049-50\": the program has ended\n  --> batch.toml, line 1, key rules\n   = fix: {}",
            why_not_built_in("co-cdip-2049-50").1
        )
    );
}

#[test]
fn an_unknown_reading_is_named_with_the_nearest_known_one() {
    assert_eq!(
        batch_toml("\"pupil\"", "\"pupils\""),
        "error: unknown reading \"pupils\"\n  \
         --> batch.toml, line 7, key readings.unit\n   \
         = fix: did you mean `pupil`? allowed: pupil, pupil_per_tier, completion"
    );
    assert_eq!(
        batch_toml(
            "unit = \"pupil\"",
            "cap_applies_to = [\"district\", \"charter\"]"
        ),
        "error: unknown kind of participant \"charter\"\n  \
         --> batch.toml, line 7, key readings.cap_applies_to\n   \
         = fix: allowed: district, district_charter, institute_charter, boces"
    );
}

#[test]
fn a_folder_without_a_batch_file_says_how_to_get_one() {
    let folder = batch().write();
    std::fs::remove_file(folder.path().join("batch.toml")).unwrap();
    let stop = cdip::batch::Batch::open(folder.path()).unwrap_err();
    assert_eq!(
        (stop.status, stop.message.as_str()),
        (Status::Usage, "the folder holds no batch.toml")
    );
    assert_eq!(
        stop.fix,
        "cdip sample --out DIR makes a batch to start from"
    );
}

#[test]
fn a_batch_without_submissions_has_nothing_to_read() {
    let stop = TestBatch::new().stop();
    assert_eq!(
        (stop.status, stop.message.as_str()),
        (Status::Nothing, "the batch has no submissions")
    );
    let only_strays = TestBatch::new()
        .file("submissions/~$0010.xlsx", "")
        .file("submissions/.hidden/0010.csv", csv_of(&[clean_row()]));
    assert_eq!(only_strays.stop().message, "the batch has no submissions");
}

#[test]
fn a_sasid_in_the_place_of_a_file_is_not_repeated() {
    let calculation = batch()
        .resolutions(&format!(",,,,{SASID},,,deny,why,Office,2024-09-01"))
        .calculated();
    assert_eq!(
        calculation.findings[0].message,
        "the resolution finds nothing: Source File is 10 digits, not the path of a file"
    );
}

#[test]
fn a_file_named_without_its_folder_is_named_with_it_in_the_answer() {
    for (file, why) in [
        (
            "0010.csv",
            "the batch has no file \"0010.csv\"; write \"submissions/0010.csv\"",
        ),
        ("0099.csv", "the batch has no file \"0099.csv\""),
        (
            "submissions/0099.csv",
            "the batch has no file \"submissions/0099.csv\"",
        ),
    ] {
        let calculation = batch()
            .resolutions(&format!(",,,,{file},,2,deny,why,Office,2024-09-01"))
            .calculated();
        assert_eq!(
            calculation.findings[0].message,
            format!("the resolution finds nothing: {why}")
        );
    }
}
