//! A test for every code of the catalogue: a clean batch has no finding and is paid; the same batch with one thing broken has
//! exactly that code, at its place, in words that do not identify a pupil.

use cdip::batch::Batch;
use cdip::catalogue::{CATALOGUE, Code, Severity};
use cdip::decision::Outcome;
use cdip::finding::Finding;
use cdip::inspection::{Basis, inspect};
use cdip::intake::completions::Field;
use cdip::intake::pages::Fingerprint;
use cdip::rules::built_in;

use crate::batch_builder::{
    FILE, PARTICIPANTS, PROGRAMS, Row, SASID, TestBatch, clean_row, codes_found, csv_of, dollars,
    ends, pupil, rows_ended, table_of,
};
use crate::spreadsheets::{Cell, Sheet, cells, sheet, with_parts, xlsx, zip_of};

/// What somebody may have typed into a wrong column: a name, which no message may repeat.
const FREE_TEXT: &str = "Zorro";

/// A clean batch, the same one broken, and where and in which words the break is reported.
struct Case {
    clean: TestBatch,
    broken: TestBatch,
    place: String,
    cell: String,
    message: &'static str,
    findings: usize,
    /// The clean row and the broken one, if one field of one row is broken.
    rows: Option<[Row; 2]>,
}

impl Case {
    fn new(clean: TestBatch, broken: TestBatch, place: &str, message: &'static str) -> Case {
        Case {
            clean,
            broken,
            place: place.to_string(),
            cell: String::new(),
            message,
            findings: 1,
            rows: None,
        }
    }

    /// One field of a clean row is broken.
    fn field(field: Field, text: &str, message: &'static str) -> Case {
        Case::field_of(&clean_row(), &TestBatch::new(), field, text, message)
    }

    /// One field of a row is broken that is clean in a certain batch.
    fn field_of(
        row: &Row,
        batch: &TestBatch,
        field: Field,
        text: &str,
        message: &'static str,
    ) -> Case {
        let broken = row.clone().with(field, text);
        // A field that came later is a column only where a row fills it.
        let csv = csv_of(std::slice::from_ref(&broken));
        let mut titles = csv.lines().next().unwrap_or_default().split(',');
        let column = titles.position(|title| title == field.title()).unwrap();
        Case {
            clean: batch.clone().rows(FILE, std::slice::from_ref(row)),
            broken: batch.clone().rows(FILE, std::slice::from_ref(&broken)),
            place: format!("{FILE}, line 2, field {} ({})", column + 1, field.title()),
            cell: format!("{}2", char::from(b'A' + u8::try_from(column).unwrap())),
            message,
            findings: 1,
            rows: Some([row.clone(), broken]),
        }
    }

    /// A second file next to the clean row's is broken.
    fn file(
        path: &str,
        sound: impl Into<Vec<u8>>,
        broken: impl Into<Vec<u8>>,
        message: &'static str,
    ) -> Case {
        let batch = TestBatch::of(&[clean_row()]);
        let path = format!("submissions/{path}");
        Case::new(
            batch.clone().file(&path, sound),
            batch.file(&path, broken),
            &path,
            message,
        )
    }

    fn in_cell(mut self, cell: &str) -> Case {
        self.cell = cell.to_string();
        self
    }

    fn on_line(mut self, line: u32) -> Case {
        self.place = format!("{}, line {line}", self.place);
        self
    }

    fn with_findings(mut self, findings: usize) -> Case {
        self.findings = findings;
        self
    }

    fn prove(&self, code: Code) {
        let clean = self.clean.calculated();
        assert_eq!(
            codes_found(&clean),
            [],
            "the clean batch has a finding: {:?}",
            clean.findings
        );
        assert!(
            ends(&clean)
                .iter()
                .all(|row| row.outcome == Outcome::Paid && row.codes.is_empty()),
            "{:?}",
            ends(&clean)
        );
        assert!(clean.is_final(), "the clean batch is FINAL");

        let broken = self.broken.calculated();
        assert_eq!(
            codes_found(&broken),
            vec![code; self.findings],
            "{:?}",
            broken.findings
        );
        let first = &broken.findings[0];
        assert_eq!(
            (first.place(), first.cell()),
            (self.place.clone(), self.cell.clone())
        );
        assert_eq!(first.message, self.message);
        for finding in &broken.findings {
            gives_nobody_away(finding);
        }
        let (outcome, codes) = match code.severity() {
            Severity::Rejected => (Outcome::Rejected, code.as_str()),
            Severity::NotQualified => (Outcome::NotQualified, code.as_str()),
            Severity::Held => (Outcome::Held, code.as_str()),
            Severity::Warning | Severity::Refused | Severity::Question => (Outcome::Paid, ""),
        };
        for row in ends(&broken) {
            assert_eq!(
                (row.outcome, row.codes.as_str()),
                (outcome, codes),
                "{row:?}"
            );
        }
        let refused: Vec<Code> = broken
            .intake
            .files
            .iter()
            .filter_map(|file| file.refused)
            .collect();
        assert_eq!(
            refused,
            if code.severity() == Severity::Refused {
                vec![code]
            } else {
                vec![]
            }
        );
        let preliminary = matches!(
            code.severity(),
            Severity::Refused | Severity::Rejected | Severity::Held | Severity::Question
        ) || code == Code::W214;
        assert_eq!(
            broken.is_final(),
            !preliminary,
            "PRELIMINARY exactly if something is refused, rejected, held, asked, or decided without effect"
        );
    }
}

/// A clean row in a workbook with a page that says it was made from a template for this list.
fn from_template(programs: &str) -> TestBatch {
    let programs = cdip::intake::lists::read_programs("programs.csv", programs.as_bytes()).unwrap();
    let made = Fingerprint::of(&built_in("co-cdip-2024-25").unwrap().unwrap(), &programs);
    let page = sheet(
        "Instructions",
        vec![vec![Cell::Text(made.to_string())], vec!["Grade".into()]],
    );
    TestBatch::new().file(
        "submissions/0010.xlsx",
        xlsx(&[table("Data", &[clean_row()]), page]),
    )
}

fn gives_nobody_away(finding: &Finding) {
    let said = format!("{} {} {}", finding.message, finding.fix(), finding.place());
    assert!(!said.contains(SASID) && !said.contains(FREE_TEXT), "{said}");
}

macro_rules! cases {
    ($($code:ident, $name:ident => $case:expr;)+) => {
        $(#[test] fn $name() { $case.prove(Code::$code); })+

        /// The codes that have a case.
        const PROVED: &[Code] = &[$(Code::$code,)+];

        /// The clean batches of all cases.
        fn clean_batches() -> Vec<TestBatch> {
            vec![$($case.clean,)+]
        }

        /// Each code whose case breaks one field of one row: the clean row, and the broken one.
        pub fn broken_rows() -> Vec<(Code, [Row; 2])> {
            let cases = vec![$((Code::$code, $case.rows),)+];
            cases.into_iter().filter_map(|(code, rows)| Some((code, rows?))).collect()
        }

        /// For every code that can be in a folder: a batch that has it, as small as can be.
        pub fn examples() -> Vec<(Code, TestBatch)> {
            let cases = vec![$((Code::$code, $case.broken),)+];
            let own = [
                (Code::Q402, fails_alike(3)),
                (Code::Q406, sent_twice(10)),
                (Code::W220, refused_and_closed(",Office")),
                (Code::W221, TestBatch::of(&[clean_row().with(Field::ProgramCode, "IN\u{200b}1")])),
                (Code::W222, TestBatch::new().file(FILE, csv_of(&[clean_row()]) + "Total,,,1,,,,,,\n")),
                (Code::W223, repeated()),
            ];
            cases.into_iter().chain(own).collect()
        }
    };
}

cases! {
    E201, a_row_whose_district_code_is_not_four_digits_is_rejected => Case::field(
        Field::DistrictCode, FREE_TEXT, "District Code is a text of 5 letters, not 4 digits");
    E202, a_row_whose_school_code_is_not_four_digits_is_rejected => Case::field(
        Field::SchoolCode, FREE_TEXT, "School Code is a text of 5 letters, not 4 digits");
    E203, a_row_whose_sasid_is_not_ten_digits_is_rejected => Case::field(
        Field::Sasid, "10000000019", "SASID is 11 digits; it must have exactly 10 digits");
    E204, a_row_whose_grade_is_no_grade_is_rejected => Case::field(
        Field::Grade, FREE_TEXT, "Grade is a text of 5 letters, not K or 0-12");
    E205, a_row_without_a_program_code_is_rejected => Case::field(
        Field::ProgramCode, "", "Program Code is empty");
    E206, a_row_whose_completion_date_is_no_date_is_rejected => Case::field(
        Field::CompletionDate, "02/30/2024", "Completion Date is not a day of the calendar, or not written as 2024-05-17 or 5/17/2024");
    E208, a_row_whose_lunch_is_neither_yes_nor_no_is_rejected => Case::field(
        Field::Lunch, FREE_TEXT, "Free/Reduced Lunch is a text of 5 letters, not yes or no");
    E209, a_row_whose_ap_score_is_not_one_to_five_is_rejected_whatever_its_category => Case::field(
        Field::ApScore, FREE_TEXT, "AP Exam Score is a text of 5 letters, not 1, 2, 3, 4 or 5");
    E210, a_row_whose_graduation_credit_is_neither_yes_nor_no_is_rejected => Case::field(
        Field::GraduationCredit, FREE_TEXT, "Graduation Credit is a text of 5 letters, not yes or no");

    E211, a_row_with_something_behind_the_last_heading_is_rejected => Case::new(
        TestBatch::of(&[clean_row()]), TestBatch::new().file(FILE, csv_of(&[clean_row()]).trim_end().to_string() + ",moved\n"),
        "submissions/0010.csv, line 2", "the row has more fields than there are headings, so its values may have shifted");

    F101, a_workbook_that_broke_off_in_transit_is_refused => Case::file(
        "0020.xlsx", second_workbook(), half_of(second_workbook()), "the workbook is damaged: it is not a complete zip file");
    F102, a_workbook_protected_by_a_password_is_refused => Case::file(
        "0020.xlsx", second_workbook(), encrypted_package(), "the workbook is protected by a password");
    F103, a_file_without_the_required_headings_is_refused => Case::file(
        "0020.csv", second_file(), second_file().replace("SASID", "Student"),
        "no row holds the required headings; row 1 comes nearest and lacks SASID").on_line(1);
    F104, a_workbook_that_inflates_beyond_measure_is_refused => Case::file(
        "0020.xlsx", second_workbook(), inflating_workbook(),
        "the workbook inflates to more than it should: at most 1024 MB in all and 250 times a part's size");
    F105, a_file_that_is_no_submission_is_refused_by_name => Case::new(
        TestBatch::of(&[clean_row()]), TestBatch::of(&[clean_row()]).file("submissions/letter.docx", "Dear office"),
        "submissions/letter.docx", "the file is not a submission: it ends in none of .xlsx .xlsm .xlsb .xls .ods .csv .txt");
    F106, a_file_with_a_heading_twice_is_refused => Case::file(
        "0020.csv", second_file(), second_file().replace("School Year", "Sasid"), "the heading SASID appears twice in row 1: in C1 and J1").on_line(1);
    F108, a_stray_quotation_mark_that_swallows_the_rows_beneath_refuses_the_file => Case::file(
        "0020.csv", second_file(), second_file() + "0020,0101,\"1000000003,11,RE1\n0020,0101,1000000004,11,RE1\n",
        "the quotation mark opened in line 3 is not closed where its field ends").on_line(3);

    H501, a_completion_reported_by_two_participants_is_held => Case::new(
        TestBatch::of(&[clean_row()]).rows("submissions/0020.csv", &[second_row()]),
        TestBatch::of(&[clean_row()]).rows("submissions/0020.csv", &[second_row().with(Field::Sasid, SASID)]),
        "submissions/0010.csv, line 2, field 3 (SASID)",
        "two participants report this pupil and program").in_cell("C2").with_findings(2);
    H502, a_row_of_another_district_in_a_file_is_held => Case::field(
        Field::DistrictCode, "0020", "District Code 0020 is in a file of 0010");

    N301, a_program_that_is_not_on_the_qualified_list_does_not_qualify => Case::field(
        Field::ProgramCode, "INl", "program \"INl\" is not on the qualified list for 2023-24");
    N302, a_pupil_below_grade_nine_does_not_qualify => Case::field(
        Field::Grade, "8", "the grade is not among 9, 10, 11, 12");
    N303, a_completion_after_the_school_year_does_not_qualify => Case::field(
        Field::CompletionDate, "2024-07-01", "the completion date is after the school year 2023-24");
    N304, a_district_that_does_not_participate_is_not_paid => Case::field(
        Field::DistrictCode, "0030", "district 0030 does not participate");
    N305, an_industry_credential_without_graduation_credit_does_not_qualify => Case::field_of(
        &credential(), &TestBatch::new(), Field::GraduationCredit, "N",
        "Graduation Credit is no, and an industry credential needs it");
    N306, an_ap_course_below_a_score_of_three_does_not_qualify => Case::field_of(
        &ap_course(), &TestBatch::new(), Field::ApScore, "2", "the AP exam score is below 3");
    N307, a_category_that_stands_in_no_tier_is_not_paid => Case::field_of(
        &clean_row(), &under_rules("\"residency\", ", ""), Field::ProgramCode, "RE1", "the rules fund no tier for a residency");
    N308, a_kind_of_participant_that_the_rules_do_not_pay_is_not_paid => Case::field_of(
        &clean_row(), &under_rules(", \"boces\"]\n\n", "]\n\n"), Field::DistrictCode, "9035", "the rules do not pay a BOCES");
    N309, a_completion_that_was_paid_in_an_earlier_year_is_not_paid_again => Case::field_of(
        &clean_row(), &TestBatch::new().ledger(&format!("{SASID},RE1,2019-20")), Field::ProgramCode, "RE1",
        "this completion was paid before: prior-payments.csv line 2, budget year 2019-20");

    Q401, a_heading_like_one_that_is_missing_is_asked_about => Case::new(
        TestBatch::of(&[clean_row()]),
        TestBatch::new().file(FILE, csv_of(&[clean_row()]).replace("Graduation Credit", "Grad Credit")),
        "submissions/0010.csv, line 1, field 8 (Graduation Credit)",
        "the column Graduation Credit is missing, but the heading \"Grad Credit\" looks like it").in_cell("H1");
    Q403, a_participant_that_sent_nothing_is_asked_about => Case::new(
        TestBatch::of(&[clean_row()]).participants(&listed(1)).asking_who_sent_nothing(),
        TestBatch::of(&[clean_row()]).participants(&listed(2)).asking_who_sent_nothing(),
        "participants.csv", "district charter 0010-4500 participates, and no row of any file belongs to it");
    Q404, a_sasid_that_a_spreadsheet_rounded_is_asked_about => Case::field(
        Field::Sasid, "1357900000", "the SASID ends in five zeros or more, like a number that a spreadsheet rounded");
    Q405, a_school_code_one_digit_from_a_charters_is_asked_about => Case::field(
        Field::SchoolCode, "4501", "School Code 4501 is not a charter of 0010, and almost 4500, which is one");
    Q407, a_file_passed_over_for_its_name_is_asked_about => Case::new(
        TestBatch::of(&[clean_row()]).file("submissions/.DS_Store", "rows"),
        TestBatch::of(&[clean_row()]).file("submissions/.0020.csv", "rows"),
        "submissions/.0020.csv", "the file of 4 bytes was passed over for its name");

    W201, a_district_code_that_lost_its_zeros_is_padded_with_a_warning => Case::field(
        Field::DistrictCode, "10", "District Code was read as 0010");
    W202, a_school_code_that_lost_its_zeros_is_padded_with_a_warning => Case::field(
        Field::SchoolCode, "101", "School Code was read as 0101");
    W208, an_empty_lunch_cell_counts_as_no_with_a_warning => Case::field(
        Field::Lunch, "", "Free/Reduced Lunch is empty and counts as no");
    W211, a_pupil_with_and_without_lunch_is_warned_about_on_every_row => Case::new(
        two_completions("N"), two_completions("Y"),
        "submissions/0010.csv, line 2, field 7 (Free/Reduced Lunch)",
        "the pupil is reported with and without free or reduced-price lunch").in_cell("G2").with_findings(2);
    W213, a_school_year_that_contradicts_the_rules_is_warned_about => Case::field(
        Field::SchoolYear, "2022-23", "School Year is not 2023-24");
    W214, a_resolution_that_finds_nothing_is_warned_about => Case::new(
        TestBatch::of(&[clean_row()]).resolutions(""),
        TestBatch::of(&[clean_row()]).resolutions(&format!(",,,,{FILE},,9,deny,not there,Office,2024-09-01")),
        "resolutions.csv, line 2",
        "the resolution finds nothing: row 9 holds no completion");
    W215, a_file_that_does_not_name_its_entity_is_warned_about => Case::new(
        TestBatch::of(&[clean_row()]), TestBatch::new().rows("submissions/2023-24 final.csv", &[clean_row()]),
        "submissions/2023-24 final.csv", "the file's name does not begin with a District Code");
    W216, a_hidden_sheet_is_read_with_a_warning => Case::new(
        one_sheet(false), one_sheet(true), "submissions/0010.xlsx, sheet \"Old\"", "a hidden sheet was read");
    W217, a_sheet_that_was_not_read_is_warned_about => Case::new(
        TestBatch::new().file("submissions/0010.xlsx", xlsx(&[table("Data", &[clean_row()])])),
        TestBatch::new().file("submissions/0010.xlsx", xlsx(&[table("Data", &[clean_row()]), without_grade("Spring")])),
        "submissions/0010.xlsx, sheet \"Spring\"", "the sheet was not read: row 1 lacks the headings Grade");
    W218, a_file_with_headings_and_no_row_is_warned_about => Case::file(
        "0020.csv", second_file(), csv_of(&[]), "the file holds no completions");
    W224, a_template_of_another_list_is_recognised => Case::new(
        from_template(PROGRAMS), from_template(&PROGRAMS.replace("Welding", "Baking")), "submissions/0010.xlsx",
        "the template was made for another list of programs, or an earlier version of the rules co-cdip-2024-25");
    W219, a_ledger_under_a_misspelt_name_is_warned_about => Case::new(
        TestBatch::of(&[clean_row()]).file("notes.csv", "SASID"), TestBatch::of(&[clean_row()]).file("Prior-payment.csv", "SASID"),
        "Prior-payment.csv", "the file was not read; rename it prior-payments.csv if it is that list");
    W226, a_year_of_two_digits_is_told => Case::field(
        Field::CompletionDate, "5/17/24", "the year was read as 2024");
    W227, letters_read_as_meal_codes_are_told_once_a_sheet => Case::new(
        TestBatch::of(&[clean_row()]), TestBatch::of(&[clean_row().with(Field::Lunch, "P"), pupil(2).with(Field::Lunch, "F")]),
        "submissions/0010.csv, line 1, field 7 (Free/Reduced Lunch)",
        "F is read as Free, R as Reduced and P as Paid").in_cell("G1");
    W228, a_supplement_in_a_year_whose_law_gives_none_is_told => Case::new(
        TestBatch::of(&[clean_row()]), TestBatch::of(&[clean_row()]).setting("supplement_available = \"1000.00\""), "batch.toml",
        "supplement_available is $1,000.00, but the law gives a supplement for 2023-24 alone, and the rules are those of 2024-25; cdip pays it anyway");
    W229, money_other_than_the_verified_appropriation_is_told => Case::new(
        TestBatch::of(&[clean_row()]), TestBatch::of(&[clean_row()]).available("8000000.00"), "batch.toml",
        "available is $8,000,000.00, but SB23-065 (2023) gives $9,500,000.00 for budget year 2024-25");
    W230, formulas_that_are_not_calculated_are_told => Case::new(
        with_name("Internship".into()), with_name(Cell::Uncalculated), "submissions/0010.xlsx, sheet \"Data\"",
        "1 formula of the sheet is not calculated yet");
    W231, a_resolution_with_nothing_left_to_do_is_told => Case::new(
        TestBatch::of(&[clean_row()]).resolutions(""),
        TestBatch::of(&[clean_row()]).resolutions(&format!(",,,,{FILE},,,attest,looked,Office,2024-09-01")),
        "resolutions.csv, line 2", "the resolution has nothing left to do: nothing is open there");
    W232, lines_without_a_decision_are_told_once => Case::new(
        TestBatch::of(&[clean_row()]).resolutions(""),
        TestBatch::of(&[clean_row()]).resolutions(&format!(",,,,{FILE},,2,,,,")),
        "resolutions.csv, line 2", "1 line has no Decision yet");
    W233, a_program_name_of_another_program_is_warned_about => Case::new(
        TestBatch::of(&[clean_row().with(Field::ProgramName, "internship ")]),
        TestBatch::of(&[clean_row().with(Field::ProgramName, "WELDING")]),
        "submissions/0010.csv, line 2, field 5 (Program Code)",
        "the Program Code is IN1, and the Program Name is that of IC1").in_cell("E2");
}

/// A code that forgets what it needs (`src/catalogue.rs`) says something wrong where that is missing.
#[test]
fn a_clean_file_has_no_finding_where_the_rules_or_a_list_are_missing() {
    let takes: [fn(&mut Basis); 4] = [
        |basis| basis.rules = None,
        |basis| basis.programs = None,
        |basis| basis.participants = None,
        |basis| basis.others.ledger = None,
    ];
    for batch in clean_batches() {
        let folder = batch.write();
        let opened = Batch::open(folder.path()).unwrap();
        for take in takes {
            let mut basis = Basis::of_batch(&opened).unwrap();
            take(&mut basis);
            let submissions = folder.path().join("submissions");
            let inspection = inspect(&[submissions], basis, &|_, _| {}).unwrap();
            let lacking: Vec<_> = inspection.skipped.iter().map(|need| need.what).collect();
            let found: Vec<_> = inspection.findings.iter().map(Finding::place).collect();
            assert_eq!(
                found, [""; 0],
                "without {lacking:?}: {:?}",
                inspection.findings
            );
        }
    }
}

/// The participants list up to some entry.
fn listed(entries: usize) -> String {
    let lines = PARTICIPANTS.lines().take(1 + entries);
    lines.map(|line| format!("{line}\n")).collect()
}

/// As many rows of as many pupils.
fn pupils(count: usize) -> Vec<Row> {
    (0..count)
        .map(|pupil| clean_row().with(Field::Sasid, format!("13579024{pupil:02}")))
        .collect()
}

/// Five rows, of which three do not qualify for the same reason.
fn fails_alike(failing: usize) -> TestBatch {
    let rows: Vec<Row> = pupils(5)
        .into_iter()
        .enumerate()
        .map(|(pupil, row)| {
            let grade = if pupil < failing { "8" } else { "11" };
            row.with(Field::Grade, grade)
        })
        .collect();
    TestBatch::of(&rows)
}

/// A file twice, under another name, with some of its rows.
fn sent_twice(rows: usize) -> TestBatch {
    TestBatch::of(&pupils(20)).rows("submissions/0010 final.csv", &pupils(rows))
}

/// The questions of a batch: where, and in which words.
fn asked(batch: &TestBatch) -> Vec<(String, String)> {
    let calculation = batch.calculated();
    calculation
        .findings
        .iter()
        .filter(|finding| finding.code.severity() == Severity::Question)
        .map(|finding| (finding.place(), finding.message.to_string()))
        .collect()
}

#[test]
fn a_file_of_which_most_rows_fail_alike_is_asked_about() {
    assert_eq!(asked(&fails_alike(2)), []);
    let message = "3 of 5 readable rows have N302: the grade does not qualify";
    assert_eq!(
        asked(&fails_alike(3)),
        [(FILE.to_string(), message.to_string())]
    );
}

#[test]
fn the_later_of_two_versions_of_a_file_is_asked_about() {
    assert_eq!(asked(&sent_twice(9)), []);
    let message = "it shares 10 pairs of pupil and program with submissions/0010 final.csv";
    assert_eq!(
        asked(&sent_twice(10)),
        [(FILE.to_string(), message.to_string())]
    );
}

/// A completion twice, the second row with the earlier date.
fn repeated() -> TestBatch {
    TestBatch::of(&[
        clean_row(),
        clean_row().with(Field::CompletionDate, "2024-05-16"),
    ])
}

/// A batch with a refused file that a resolution closes, for a reason and by somebody.
fn refused_and_closed(by: &str) -> TestBatch {
    TestBatch::of(&[clean_row()])
        .file("submissions/letter.docx", "Dear office")
        .resolutions(&format!(
            ",,,,submissions/letter.docx,,,deny,{by},2024-09-01"
        ))
}

#[test]
#[cfg(unix)]
fn a_file_that_this_account_may_not_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TestBatch::of(&[clean_row()])
        .file("submissions/0020.csv", second_file())
        .write();
    let path = folder.path().join("submissions/0020.csv");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        crate::support::left_out("this account reads every file, whatever its permissions");
        return;
    }
    let calculation = crate::batch_builder::calculated_in(&folder).unwrap();
    assert_eq!(codes_found(&calculation), [Code::F107]);
    let message =
        "the file cannot be opened: this account may not read it, or another program holds it";
    assert_eq!(
        (
            calculation.findings[0].message.as_ref(),
            &*calculation.findings[0].file
        ),
        (message, "submissions/0020.csv")
    );
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Paid, String::new())]
    );
}

#[test]
fn a_resolution_without_a_reason_approval_or_date_has_no_effect() {
    let closed = refused_and_closed("no completions in it,Office").calculated();
    assert_eq!(codes_found(&closed), [Code::F105]);
    assert!(closed.is_final());
    for (by, why) in [
        (",Office", "it has no Reason"),
        ("no completions in it,", "it has no Approved By"),
    ] {
        let calculation = refused_and_closed(by).calculated();
        assert_eq!(codes_found(&calculation), [Code::W220, Code::F105], "{by}");
        assert!(!calculation.is_final(), "the file stays open");
        let finding = &calculation.findings[0];
        assert_eq!(
            (finding.place().as_str(), finding.message.as_ref()),
            (
                "resolutions.csv, line 2",
                format!("the resolution has no effect: {why}").as_str()
            )
        );
    }
}

#[test]
fn a_row_that_repeats_a_completion_says_in_which_row_it_counts() {
    let other = clean_row().with(Field::Sasid, "1000000002");
    assert_eq!(
        codes_found(&TestBatch::of(&[clean_row(), other]).calculated()),
        []
    );
    // The date of the second is earlier: it counts, and the first is the duplicate.
    let earlier = clean_row().with(Field::CompletionDate, "2024-05-16");
    let calculation = repeated().calculated();
    assert_eq!(
        rows_ended(&calculation),
        [
            (2, Outcome::Duplicate, String::new()),
            (3, Outcome::Paid, String::new())
        ]
    );
    let [finding] = &calculation.findings[..] else {
        panic!("{:?}", calculation.findings)
    };
    assert_eq!(
        (finding.code, finding.place().as_str()),
        (
            Code::W223,
            "submissions/0010.csv, line 2, field 5 (Program Code)"
        )
    );
    assert_eq!(
        finding.message,
        "the same completion is in line 3, and counts there"
    );
    gives_nobody_away(finding);

    // In another file of the same entity it is named; in one that may be another's it is not.
    for (path, place) in [
        ("submissions/0010 b.csv", "submissions/0010 b.csv, line 2"),
        ("submissions/june.csv", "another file"),
    ] {
        let calculation = TestBatch::of(&[clean_row()])
            .rows(path, std::slice::from_ref(&earlier))
            .calculated();
        let said = calculation
            .findings
            .iter()
            .find(|finding| finding.code == Code::W223)
            .unwrap();
        assert_eq!(
            said.message,
            format!("the same completion is in {place}, and counts there")
        );
    }

    // On another sheet of the workbook the sheet is named, in another workbook of the entity the file too.
    let later = table("Spring", &[clean_row()]);
    let one = TestBatch::new().file(
        "submissions/0010.xlsx",
        xlsx(&[later.clone(), table("Fall", std::slice::from_ref(&earlier))]),
    );
    let two = TestBatch::new()
        .file("submissions/0010.xlsx", xlsx(&[later]))
        .file(
            "submissions/0010 b.xlsx",
            xlsx(&[table("Fall", std::slice::from_ref(&earlier))]),
        );
    for (batch, place) in [
        (one, "sheet \"Fall\", row 2"),
        (two, "submissions/0010 b.xlsx, sheet \"Fall\", row 2"),
    ] {
        let calculation = batch.calculated();
        let said = calculation
            .findings
            .iter()
            .find(|finding| finding.code == Code::W223)
            .unwrap();
        assert_eq!(
            said.message,
            format!("the same completion is in {place}, and counts there")
        );
    }
}

#[test]
fn every_code_of_the_catalogue_has_a_test() {
    // F107 and F109 are about the disk (the latter's test stands next to the reading of files), W220 needs a finding for its resolution to
    // settle, W221 and W222 explain what another code says, and the rows of W223, Q402 and Q406 are not paid: they are in tests of their own.
    let own = [
        Code::F107,
        Code::F109,
        Code::Q402,
        Code::Q406,
        Code::W220,
        Code::W221,
        Code::W222,
        Code::W223,
    ];
    let mut proved: Vec<Code> = PROVED.iter().copied().chain(own).collect();
    proved.sort_unstable();
    let catalogue: Vec<Code> = CATALOGUE.iter().map(|entry| entry.code).collect();
    assert_eq!(proved, catalogue);
}

fn second_row() -> Row {
    pupil(2).with(Field::DistrictCode, "0020")
}

fn second_file() -> String {
    csv_of(&[second_row()])
}

fn second_workbook() -> Vec<u8> {
    xlsx(&[table("Completions", &[second_row()])])
}

fn credential() -> Row {
    clean_row().with(Field::ProgramCode, "IC1")
}

fn ap_course() -> Row {
    clean_row()
        .with(Field::ProgramCode, "AP1")
        .with(Field::ApScore, "3")
}

fn table(name: &'static str, rows: &[Row]) -> Sheet {
    sheet(name, cells(&table_of(rows)))
}

/// A workbook with a cell as Program Name.
fn with_name(name: Cell) -> TestBatch {
    let mut data = table("Data", &[clean_row()]);
    data.rows[1][Field::ProgramName as usize] = name;
    TestBatch::new().file("submissions/0010.xlsx", xlsx(&[data]))
}

fn without_grade(name: &'static str) -> Sheet {
    let mut sheet = table(name, &[second_row()]);
    sheet.rows[0][Field::Grade as usize] = Cell::Blank;
    sheet
}

/// Two sheets, of which the second may be hidden.
fn one_sheet(hidden: bool) -> TestBatch {
    let rows = [clean_row(), clean_row().with(Field::Sasid, "1000000002")];
    let old = Sheet {
        hidden,
        ..table("Old", &rows[1..])
    };
    TestBatch::new().file(
        "submissions/0010.xlsx",
        xlsx(&[table("New", &rows[..1]), old]),
    )
}

/// One pupil, two programs; the lunch of the second row is given. Each completion is a unit, so that both are paid.
fn two_completions(lunch: &str) -> TestBatch {
    let second = clean_row()
        .with(Field::ProgramCode, "RE1")
        .with(Field::Lunch, lunch);
    TestBatch::of(&[clean_row(), second]).reading("unit", "\"completion\"")
}

/// A batch under the built-in rules with one piece of their text replaced.
fn under_rules(from: &str, to: &str) -> TestBatch {
    let rules = built_in("co-cdip-2024-25").unwrap().unwrap().to_toml();
    assert!(rules.contains(from), "{from:?} is not in the rules");
    TestBatch::new()
        .file("rules.toml", rules.replacen(from, to, 1))
        .rules("rules.toml")
}

fn half_of(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// The head of a compound file with the name of the stream into which Office wraps a protected workbook.
fn encrypted_package() -> Vec<u8> {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(512, 0);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// A sheet of spaces that inflates a thousandfold, beyond the size below which any ratio is allowed.
fn inflating_workbook() -> Vec<u8> {
    with_parts(&second_workbook(), |name, part| {
        if name == "xl/worksheets/sheet1.xml" {
            part + &" ".repeat(9 << 20)
        } else {
            part
        }
    })
}

/// Marks the first part of a zip file as encrypted, in its own header and in the directory.
fn marked_encrypted(mut zip: Vec<u8>) -> Vec<u8> {
    let directory = zip
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    zip[6] |= 1;
    zip[directory + 8] |= 1;
    zip
}

fn refusal(path: &str, content: impl Into<Vec<u8>>) -> (Code, String) {
    let calculation = TestBatch::of(&[clean_row()])
        .file(&format!("submissions/{path}"), content)
        .calculated();
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Paid, String::new())],
        "the other file is paid, and nothing of this one is read"
    );
    let refused: Vec<&Finding> = calculation
        .findings
        .iter()
        .filter(|finding| finding.code.severity() == Severity::Refused)
        .collect();
    assert_eq!(refused.len(), 1, "{:?}", calculation.findings);
    (refused[0].code, refused[0].message.to_string())
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused() {
    assert_eq!(
        refusal("0020.xlsx", second_file()),
        (
            Code::F101,
            "the file ends in .xlsx but is not a workbook".into()
        )
    );
    assert_eq!(
        refusal("0020.xlsx", ""),
        (
            Code::F101,
            "the file ends in .xlsx but is not a workbook".into()
        )
    );
    let archive = zip_of(&[("photo.txt", "not a workbook")]);
    assert_eq!(
        refusal("0020.xlsx", archive),
        (Code::F101, "the file is a zip file but no workbook".into())
    );
}

#[test]
fn a_zip_or_opendocument_file_with_a_password_is_refused_as_protected() {
    let protected = (
        Code::F102,
        "the workbook is protected by a password".to_string(),
    );
    assert_eq!(
        refusal("0020.xlsx", marked_encrypted(second_workbook())),
        protected
    );
    let manifest = "<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let document = zip_of(&[
        ("META-INF/manifest.xml", manifest),
        ("content.xml", "\u{1}unreadable"),
    ]);
    assert_eq!(
        refusal("0020.ods", document),
        (Code::F102, "the document is protected by a password".into())
    );
}

#[test]
fn a_file_without_any_heading_or_content_is_refused_with_the_headings_that_it_needs() {
    let calculation = TestBatch::of(&[clean_row()])
        .file("submissions/0020.csv", "")
        .calculated();
    assert_eq!(
        (
            calculation.findings[0].code,
            calculation.findings[0].message.as_ref()
        ),
        (Code::F103, "the file is empty")
    );
    let calculation = TestBatch::of(&[clean_row()])
        .file("submissions/0020.csv", "Zorro,10\n")
        .calculated();
    let finding = &calculation.findings[0];
    assert_eq!(
        (finding.code, finding.message.as_ref()),
        (
            Code::F103,
            "no row holds any of the required headings: this does not look like a submission"
        )
    );
    let fix = "send the file with the completions; or put these headings in one row above the data: District Code, School Code, SASID, \
               Grade, Program Code, Completion Date, Free/Reduced Lunch; or say which of your own they are with cdip check \
               --columns";
    assert_eq!(finding.fix(), fix);
}

#[test]
fn a_quote_that_is_never_closed_refuses_the_file_instead_of_swallowing_its_rows() {
    let open = format!(
        "{}0010,\"0101,{}\n",
        csv_of(&[second_row()]),
        "1000000003,11,IN1\n".repeat(3_000)
    );
    let (code, message) = refusal("0020.csv", open);
    assert_eq!(
        (code, message.as_str()),
        (
            Code::F108,
            "the quotation mark opened in line 3 is not closed where its field ends"
        )
    );
    let long = format!(
        "{}0020,0101,{}\n",
        csv_of(&[second_row()]),
        "x".repeat(32_768)
    );
    let (code, message) = refusal("0020.csv", long);
    assert_eq!(
        (code, message.as_str()),
        (
            Code::F104,
            "line 3 holds a text of more than 32767 characters: is a quote not closed?"
        )
    );
}

#[test]
fn a_file_too_deep_in_folders_is_refused() {
    let deep = format!("{}0020.csv", "deeper/".repeat(17));
    assert_eq!(refusal(&deep, second_file()).0, Code::F104);
    // sixteen folders are allowed
    let calculation = TestBatch::new()
        .file(
            &format!("submissions/{}0010.csv", "deeper/".repeat(16)),
            csv_of(&[clean_row()]),
        )
        .calculated();
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Paid, String::new())]
    );
}

#[test]
#[cfg(unix)]
fn a_link_under_submissions_is_refused_and_never_followed() {
    let folder = TestBatch::of(&[clean_row()])
        .file("elsewhere.csv", second_file())
        .write();
    std::os::unix::fs::symlink(
        folder.path().join("elsewhere.csv"),
        folder.path().join("submissions/0020.csv"),
    )
    .unwrap();
    let calculation = crate::batch_builder::calculated_in(&folder).unwrap();
    assert_eq!(codes_found(&calculation), [Code::F105]);
    assert_eq!(
        calculation.findings[0].message,
        "it is a link; only files in the folder itself are read"
    );
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Paid, String::new())]
    );
}

/// Outcome and codes of a single row.
fn verdict(row: &Row) -> (Outcome, String) {
    let calculation = TestBatch::of(std::slice::from_ref(row)).calculated();
    let (_, outcome, codes) = rows_ended(&calculation).remove(0);
    (outcome, codes)
}

#[test]
fn every_reason_to_reject_a_row_is_reported_and_no_reason_of_eligibility() {
    let row = FIELDS_BROKEN
        .iter()
        .fold(clean_row(), |row, (field, text)| row.with(*field, *text));
    // Grade 8 and a date of another year would not qualify either, but a row that cannot be read is not asked.
    let row = row
        .with(Field::Grade, "8")
        .with(Field::CompletionDate, "2019-01-01");
    assert_eq!(
        verdict(&row),
        (
            Outcome::Rejected,
            "E201 E202 E203 E205 E208 E209 E210".into()
        )
    );
}

const FIELDS_BROKEN: [(Field, &str); 7] = [
    (Field::DistrictCode, "UUUU"),
    (Field::SchoolCode, "16-50"),
    (Field::Sasid, "123456789"),
    (Field::ProgramCode, ""),
    (Field::Lunch, "F"),
    (Field::ApScore, "0"),
    (Field::GraduationCredit, "?"),
];

#[test]
fn every_reason_of_eligibility_is_reported_at_once() {
    let row = credential()
        .with(Field::Grade, "8")
        .with(Field::CompletionDate, "2023-06-30")
        .with(Field::DistrictCode, "0030");
    assert_eq!(
        verdict(&row.with(Field::GraduationCredit, "")),
        (Outcome::NotQualified, "N302 N303 N304 N305".into())
    );
}

#[test]
fn an_unknown_program_is_not_asked_for_credit_score_or_tier() {
    let unknown = clean_row()
        .with(Field::ProgramCode, "XX9")
        .with(Field::GraduationCredit, "N")
        .with(Field::ApScore, "1");
    assert_eq!(verdict(&unknown), (Outcome::NotQualified, "N301".into()));
}

#[test]
fn a_program_that_left_the_list_before_the_school_year_does_not_qualify() {
    let calculation = TestBatch::of(&[clean_row().with(Field::ProgramCode, "IC9")]).calculated();
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::NotQualified, "N301".into())]
    );
    assert_eq!(
        calculation.findings[0].message,
        "program \"IC9\" is on the qualified list, but not for 2023-24: it ended with 2021-22"
    );
}

/// The message and the fix of the first finding of a batch of one row with this code and name of a program.
fn said_of_program(code: &str, name: &str) -> (String, String) {
    let row = clean_row()
        .with(Field::ProgramCode, code)
        .with(Field::ProgramName, name);
    let calculation = TestBatch::of(&[row]).calculated();
    let finding = &calculation.findings[0];
    assert_eq!(finding.code, Code::N301, "{finding:?}");
    (finding.message.to_string(), finding.fix().to_string())
}

#[test]
fn a_code_that_is_not_listed_is_quoted_and_the_likeliest_program_is_proposed() {
    let (message, fix) = said_of_program("iN\u{2013}1", "");
    assert_eq!(
        message,
        "program \"iN\u{2013}1\" is not on the qualified list for 2023-24"
    );
    assert_eq!(
        fix,
        "did you mean IN1 (Internship)? Correct the code if so."
    );
    let (message, fix) = said_of_program("X-17", "carpentry first year");
    assert_eq!(
        message,
        "program \"X-17\" is not on the qualified list for 2023-24"
    );
    assert_eq!(
        fix,
        "did you mean PA1 (Carpentry first year)? Correct the code if so."
    );
}

#[test]
fn what_can_be_a_pupils_name_birth_date_or_id_in_the_wrong_column_is_not_quoted() {
    for text in [
        FREE_TEXT,
        "5/17/2008",
        "1000000001",
        "Maria Lopez",
        "mlopezz08",
        "Johnson/2007",
    ] {
        let (message, fix) = said_of_program(text, "");
        if text == "5/17/2008" {
            assert_eq!(
                message,
                "the Program Code is a date, which spreadsheets make of some codes, and not on the qualified list for 2023-24"
            );
            continue;
        }
        assert_eq!(
            message,
            "the program is not on the qualified list for 2023-24"
        );
        assert_eq!(
            fix,
            "Check the code against the qualified list of that school year."
        );
    }
}

#[test]
fn a_district_that_is_not_listed_is_proposed_where_one_digit_or_two_neighbors_differ() {
    let row = clean_row().with(Field::DistrictCode, "0100");
    let calculation = TestBatch::of(&[row]).calculated();
    let finding = calculation
        .findings
        .iter()
        .find(|finding| finding.code == Code::N304)
        .unwrap();
    assert_eq!(
        finding.message,
        "district 0100 is not on the participants list"
    );
    assert_eq!(
        finding.fix(),
        "did you mean 0010 (First District)? Correct the code if so."
    );
}

#[test]
fn program_codes_compare_in_upper_case() {
    assert_eq!(
        verdict(&clean_row().with(Field::ProgramCode, "in1")).0,
        Outcome::Paid
    );
}

#[test]
fn the_school_year_runs_from_the_first_of_july_to_the_thirtieth_of_june_inclusive() {
    for (date, expected) in [
        ("2023-06-30", false),
        ("2023-07-01", true),
        ("2024-06-30", true),
        ("2024-07-01", false),
    ] {
        let outcome = verdict(&clean_row().with(Field::CompletionDate, date)).0;
        assert_eq!(outcome == Outcome::Paid, expected, "{date}");
    }
}

#[test]
fn a_completion_outside_the_school_year_is_said_to_lie_before_or_after_it() {
    for (date, side) in [
        ("2022-07-01", "before"),
        ("2023-06-30", "before"),
        ("2024-07-01", "after"),
        ("2025-06-30", "after"),
    ] {
        let calculation =
            TestBatch::of(&[clean_row().with(Field::CompletionDate, date)]).calculated();
        assert_eq!(
            calculation.findings[0].message,
            format!("the completion date is {side} the school year 2023-24"),
            "{date}"
        );
    }
}

#[test]
fn grades_nine_to_twelve_are_paid_in_every_way_of_writing_them() {
    for grade in [
        "9", "09", "9th", "090", "10", "100", "11th", "110", "12", "120", "12TH",
    ] {
        assert_eq!(
            verdict(&clean_row().with(Field::Grade, grade)).0,
            Outcome::Paid,
            "{grade}"
        );
    }
    for grade in ["K", "kg", "0", "8", "080"] {
        assert_eq!(
            verdict(&clean_row().with(Field::Grade, grade)),
            (Outcome::NotQualified, "N302".into()),
            "{grade}"
        );
    }
    for grade in ["", "13", "Alumni", "9.5", "95"] {
        assert_eq!(
            verdict(&clean_row().with(Field::Grade, grade)),
            (Outcome::Rejected, "E204".into()),
            "{grade}"
        );
    }
}

#[test]
fn lunch_decides_the_amount_in_every_word_that_means_yes_or_no() {
    for (words, amount) in [
        // 120% of $1,000.00
        (
            &["Y", "yes", "TRUE", "t", "1", "Free", "REDUCED"][..],
            1_200,
        ),
        (&["N", "no", "False", "0", "Paid", ""][..], 1_000),
    ] {
        for word in words {
            let calculation = TestBatch::of(&[clean_row().with(Field::Lunch, *word)]).calculated();
            assert_eq!(calculation.decisions[0].amount, dollars(amount), "{word}");
        }
    }
}

#[test]
fn a_bare_letter_for_lunch_is_refused_with_the_words_to_write() {
    for (letter, message) in [
        (
            "F",
            "Free/Reduced Lunch is \"F\", not clear: it can mean Free or False; write Free or No",
        ),
        (
            "2",
            "Free/Reduced Lunch is \"2\", not clear: it means reduced only in a column that also has a 0; write Reduced or No",
        ),
    ] {
        let calculation = TestBatch::of(&[clean_row().with(Field::Lunch, letter)]).calculated();
        assert_eq!(codes_found(&calculation), [Code::E208], "{letter}");
        assert_eq!(calculation.findings[0].message, message);
    }
}

#[test]
fn an_ap_course_without_a_score_does_not_qualify_and_with_three_or_more_it_does() {
    for (score, expected) in [
        ("", false),
        ("1", false),
        ("2", false),
        ("3", true),
        ("4", true),
        ("5", true),
    ] {
        let (outcome, codes) = verdict(&ap_course().with(Field::ApScore, score));
        assert_eq!(
            (outcome == Outcome::Paid, codes.as_str()),
            (expected, if expected { "" } else { "N306" }),
            "{score}"
        );
    }
}

#[test]
fn graduation_credit_is_asked_of_industry_credentials_only() {
    assert_eq!(
        verdict(&credential().with(Field::GraduationCredit, "")),
        (Outcome::NotQualified, "N305".into())
    );
    assert_eq!(
        verdict(&clean_row().with(Field::GraduationCredit, "")),
        (Outcome::Paid, String::new())
    );
}

#[test]
fn white_space_around_a_text_does_not_matter_not_even_a_no_break_space() {
    let row = clean_row()
        .with(Field::DistrictCode, " 0010\u{a0}")
        .with(Field::Sasid, format!("\t{SASID} "))
        .with(Field::Lunch, "\u{a0}y ");
    assert_eq!(verdict(&row), (Outcome::Paid, String::new()));
}

#[test]
fn a_charter_that_does_not_participate_never_falls_back_to_its_district() {
    let row = clean_row().with(Field::SchoolCode, "4500");
    let batch = TestBatch::of(&[row]);
    assert_eq!(
        rows_ended(&batch.calculated()),
        [(2, Outcome::Paid, String::new())]
    );
    let list =
        crate::batch_builder::PARTICIPANTS.replace("district_charter,Y", "district_charter,N");
    let calculation = batch.participants(&list).calculated();
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::NotQualified, "N304".into())]
    );
    assert_eq!(
        calculation.findings[0].message,
        "district charter 0010-4500 does not participate"
    );
}

#[test]
fn a_district_that_does_not_participate_still_receives_for_its_participating_charter() {
    let list = crate::batch_builder::PARTICIPANTS
        .replace("First District,district,Y", "First District,district,N");
    let charter = clean_row().with(Field::SchoolCode, "4500");
    let calculation = TestBatch::of(&[clean_row(), charter.with(Field::Sasid, "1000000002")])
        .participants(&list)
        .calculated();
    assert_eq!(
        rows_ended(&calculation),
        [
            (2, Outcome::NotQualified, "N304".into()),
            (3, Outcome::Paid, String::new())
        ]
    );
    assert_eq!(
        calculation.payees(),
        [("0010", dollars(1_000))],
        "the state pays the district, which passes it on"
    );
}

#[test]
fn a_kind_that_the_rules_do_not_pay_is_named_even_if_it_does_not_participate() {
    let list = crate::batch_builder::PARTICIPANTS.replace("boces,Y", "boces,N");
    let batch = under_rules(", \"boces\"]\n\n", "]\n\n").participants(&list);
    let calculation = batch
        .rows(
            "submissions/9035.csv",
            &[clean_row().with(Field::DistrictCode, "9035")],
        )
        .calculated();
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::NotQualified, "N304 N308".into())]
    );
}

#[test]
fn a_row_that_does_not_qualify_is_not_held_for_standing_in_a_wrong_file() {
    let row = clean_row()
        .with(Field::DistrictCode, "0020")
        .with(Field::Grade, "8");
    assert_eq!(verdict(&row), (Outcome::NotQualified, "N302".into()));
}
