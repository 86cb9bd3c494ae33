//! `cdip check`: what a district sees before it sends a file.

use std::fs;
use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use cdip::batch::Batch;
use cdip::calculation::calculate;
use cdip::catalogue::Code;
use cdip::decision::Outcome;
use cdip::inspection::{Basis, inspect};
use cdip::intake::completions::Field;
use serde_json::Value;
use tempfile::TempDir;

use crate::batch_builder::{
    FILE, PARTICIPANTS, Row, SASID, TestBatch, calculated_in, clean_row, csv_of, effects, pupil,
};
use crate::spreadsheets::text_part;
use crate::support::{cdip, left_out, put, root, stderr, stdout};

/// A row with one thing wrong of every severity a row can have, and a sound one.
fn faulty() -> Vec<Row> {
    vec![
        clean_row(),
        clean_row()
            .with(Field::Sasid, "1000000002")
            .with(Field::Grade, "Alumni"),
        clean_row()
            .with(Field::Sasid, "1000000003")
            .with(Field::Grade, "Alumni"),
        clean_row()
            .with(Field::Sasid, "1000000004")
            .with(Field::ProgramCode, "XX9"),
        clean_row()
            .with(Field::Sasid, "1000000005")
            .with(Field::DistrictCode, "0020"),
        clean_row()
            .with(Field::Sasid, "1000000006")
            .with(Field::SchoolCode, "101"),
    ]
}

/// A batch folder next to which a file lies that was not sent yet.
fn desk(rows: &[Row]) -> TempDir {
    // The two districts that the checked files are about.
    let list: String = PARTICIPANTS
        .lines()
        .filter(|line| !line.contains(",Y,") || line.starts_with("00") && line.contains(",,"))
        .map(|line| format!("{line}\n"))
        .collect();
    let folder = TestBatch::of(&[clean_row()])
        .participants(&list)
        .asking_who_sent_nothing()
        .ledger("1000000009,IC1,2022-23")
        .write_as_batch();
    fs::write(folder.path().join("0010.csv"), csv_of(rows)).unwrap();
    folder
}

#[test]
fn a_file_is_checked_against_a_batch_and_every_code_says_where_and_what_to_do() {
    let folder = desk(&faulty());
    let output = cdip(folder.path(), &["check", "0010.csv", "--batch", "batch"]);
    assert_eq!(
        stdout(&output),
        "\
0010.csv: 6 rows, from 0010
Checked under co-cdip-2024-25 (completions of 2023-24); no money is calculated here.

Fix
error[E204]: Grade is not K or 0-12  x 2
  --> D3, D4: Grade is \"Alumni\", not K or 0-12.
   = fix: Enter 9, 10, 11 or 12; also accepted: 09, 9th, Gr 9, Grade 9, Freshman to Senior, and the
          state's 090, 100, 110, 120.

held[H502]: the row is of another district than its file
  --> A6: District Code 0020 is in a file of 0010.
   = fix: Correct the District Code, or send the row in its own district's file. If both are right
          as they are, tell the program office.

not qualified[N301]: the program is not on the qualified list for the school year
  --> E5: Program \"XX9\" is not on the qualified list for 2023-24.
   = fix: Check the code against the qualified list of that school year.

Read for you
read[W202]: zeros restored in 1 row; nothing to do

More about a code: cdip rules explain E204
6 rows: 2 ready, 4 to fix. Not checked: what others report about the same pupils.
"
    );
    assert_eq!(
        (stderr(&output).as_str(), output.status.code()),
        ("", Some(1))
    );
}

#[test]
fn the_schools_of_a_file_are_counted_so_that_a_code_of_no_school_is_seen() {
    let row = |at: usize, school: &str| {
        clean_row()
            .with(Field::Sasid, format!("10000002{at:02}"))
            .with(Field::SchoolCode, school)
    };
    let schools = |rows: &[Row]| {
        let folder = desk(rows);
        let said = stdout(&cdip(
            folder.path(),
            &["check", "0010.csv", "--batch", "batch"],
        ));
        let mut lines = said.lines().map(str::to_string);
        lines.find(|line| line.starts_with("Schools"))
    };
    // Two schools and a slip; a zero that a spreadsheet dropped makes no other school.
    let rows = [
        row(1, "0310"),
        row(2, "310"),
        row(3, "0310"),
        row(4, "1173"),
        row(5, "1173"),
        row(6, "9999"),
    ];
    assert_eq!(
        schools(&rows).as_deref(),
        Some("Schools in these rows: 0310 (3 rows), 1173 (2), 9999 (1).")
    );
    assert_eq!(schools(&rows[..3]), None, "one school is nothing to say");
    // Twelve schools: the ten with the fewest rows are named. 0101 and 0102 have two rows each.
    let many: Vec<Row> = (1..=14)
        .map(|at| row(at, &format!("01{:02}", (at - 1) % 12 + 1)))
        .collect();
    assert_eq!(
        schools(&many).as_deref(),
        Some(
            "Schools in these rows: 12 codes; those with the fewest rows are 0103 (1 row), 0104 (1), 0105 (1), 0106 (1), 0107 (1), 0108 (1), 0109 (1), 0110 (1), 0111 (1), 0112 (1)."
        )
    );
}

#[test]
fn slips_are_told_apart_from_facts_and_her_values_are_quoted() {
    let row = |at: usize| clean_row().with(Field::Sasid, format!("10000002{at:02}"));
    let rows = [
        row(1).with(Field::Grade, "13"),
        row(2).with(Field::CompletionDate, "May 2024"),
        row(3).with(Field::CompletionDate, "5/17/2023"),
        row(4)
            .with(Field::ProgramCode, "IC1")
            .with(Field::GraduationCredit, ""),
        row(5)
            .with(Field::ProgramCode, "IC1")
            .with(Field::GraduationCredit, "No"),
        row(6).with(Field::CompletionDate, "5/17/2009"),
        row(7),
    ];
    let folder = desk(&rows);
    let said = stdout(&cdip(
        folder.path(),
        &["check", "0010.csv", "--batch", "batch"],
    ));
    let (slips, facts) = said.split_once("\nEarn nothing").unwrap();
    for slip in [
        "D2: Grade is \"13\", not K or 0-12.",
        "F3: Completion Date is \"May 2024\", not a date.",
        "H5: Graduation Credit is empty",
    ] {
        assert!(slips.contains(slip), "{slip} in {said}");
    }
    for fact in [
        "F4: The completion date is before the school year 2023-24: 5/17/2023.",
        // A date of those years may be a pupil's birthday.
        "F7: The completion date is before the school year 2023-24.\n",
        "H6: Graduation Credit is no",
    ] {
        assert!(facts.contains(fact), "{fact} in {said}");
    }
    assert!(
        said.contains("\n7 rows: 1 ready, 3 to fix, 3 earn nothing."),
        "{said}"
    );
}

#[test]
fn a_row_of_another_district_is_to_fix_whether_that_district_takes_part_or_not() {
    // 0020 takes part, 0030 does not: to the district 0010 both rows are in the wrong file.
    let row = |at: usize| clean_row().with(Field::Sasid, format!("10000002{at:02}"));
    let rows = [
        row(1),
        row(2).with(Field::DistrictCode, "0020"),
        row(3).with(Field::DistrictCode, "0030"),
    ];
    let folder = desk(&rows);
    let said = stdout(&cdip(
        folder.path(),
        &["check", "0010.csv", "--batch", "batch"],
    ));
    let title = "the row is of another district than its file";
    for code in ["held[H502]", "not qualified[N304]"] {
        assert!(said.contains(&format!("{code}: {title}")), "{said}");
    }
    assert!(
        said.contains("If the pupil is of 0010, enter 0010 in District Code. If not, delete"),
        "{said}"
    );
    assert!(!said.contains("Earn nothing"), "{said}");
    assert!(said.contains("\n3 rows: 1 ready, 2 to fix."), "{said}");
}

#[test]
fn where_no_name_says_whose_a_file_is_its_rows_do_and_the_others_are_told_as_in_a_named_file() {
    // 18 of 20 rows are nine in ten. Of the others one is of a district that takes part, and one of one that does not.
    let row = |at: usize| clean_row().with(Field::Sasid, format!("10000002{at:02}"));
    let mut rows: Vec<Row> = (1..=18).map(row).collect();
    rows.push(row(19).with(Field::DistrictCode, "0020"));
    rows.push(row(20).with(Field::DistrictCode, "0030"));
    let folder = desk(&rows);
    fs::rename(
        folder.path().join("0010.csv"),
        folder.path().join("spring.csv"),
    )
    .unwrap();
    let arguments = [
        "check",
        "spring.csv",
        "--batch",
        "batch",
        "--mark",
        "m.xlsx",
    ];
    let said = stdout(&cdip(folder.path(), &arguments));
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let whose = "The file's name does not say whose it is. It looks like that of 0010 First District (18 of 20 rows). If it is, put 0010 before the \
                 file's name. But 1 row says 0020 Second District (row 20) and 1 row says 0030 Third District (row 21).";
    assert!(said.contains(whose), "{said}");
    for code in ["held[H502]", "not qualified[N304]"] {
        let title = format!("{code}: the row is of another district than its file");
        assert!(said.contains(&title), "{said}");
    }
    assert!(
        said.contains("If the pupil is of 0010, enter 0010 in District Code. If not, delete"),
        "{said}"
    );
    assert!(said.contains("20 rows: 18 ready, 2 to fix."), "{said}");
    // The marked copy says it too.
    let marked = fs::read(folder.path().join("m.xlsx")).unwrap();
    let sheets = Xlsx::new(Cursor::new(marked)).unwrap().worksheets();
    let mut words = sheets[0].1.used_cells().map(|(.., cell)| cell.to_string());
    assert!(words.any(|cell| cell == whose));
    // Its name says it: the line of the file names the district, and the findings name the others.
    fs::rename(
        folder.path().join("spring.csv"),
        folder.path().join("0010 spring.csv"),
    )
    .unwrap();
    let said = stdout(&cdip(
        folder.path(),
        &["check", "0010 spring.csv", "--batch", "batch"],
    ));
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.starts_with("0010 spring.csv: 20 rows, from 0010 Checked"),
        "{said}"
    );
}

#[test]
fn a_slip_and_a_fact_of_one_code_have_two_titles() {
    // No file of 2023-24 can report a day of 2042; a day of 2023-05 is last year's.
    let row = |at: usize| clean_row().with(Field::Sasid, format!("10000002{at:02}"));
    let rows = [
        row(1).with(Field::CompletionDate, "5/17/2042"),
        row(2).with(Field::CompletionDate, "5/17/2023"),
    ];
    let folder = desk(&rows);
    let said = stdout(&cdip(
        folder.path(),
        &["check", "0010.csv", "--batch", "batch"],
    ));
    let (slips, facts) = said.split_once("\nEarn nothing").unwrap();
    assert!(
        slips.contains("[N303]: the completion date is in the future"),
        "{said}"
    );
    assert!(
        facts.contains("[N303]: the completion date is outside the school year"),
        "{said}"
    );
}

#[test]
fn a_folder_with_lists_in_it_says_what_is_passed_over_and_two_files_for_one_list_are_refused() {
    let folder = desk(&[clean_row()]);
    for list in ["qualified-programs.csv", "participants.csv"] {
        fs::copy(
            folder.path().join("batch").join(list),
            folder.path().join(list),
        )
        .unwrap();
    }
    for other in [
        "factors.json",
        "letter.pdf",
        "0010 (checked).xlsx",
        ".hidden",
    ] {
        fs::write(folder.path().join(other), "x").unwrap();
    }
    let said = stdout(&cdip(folder.path(), &["check", "."]));
    assert!(
        said.starts_with(
            "Checked against qualified-programs.csv and participants.csv, which are near the file.\n\
             Passed over in this folder: 0010 (checked).xlsx, batch (a folder), factors.json, letter.pdf.\n\
             0010.csv: 1 row"
        ),
        "{said}"
    );
    fs::write(folder.path().join("participants.xlsx"), "x").unwrap();
    let output = cdip(folder.path(), &["check", "0010.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error: there are two files for participants\n  --> participants.xlsx\n  --> participants.csv\n   = fix: leave one of them in the folder\n"
    );
}

#[test]
fn in_a_folder_with_lists_a_subfolder_and_what_windows_leaves_behind_are_passed_over_by_name() {
    let folder = TempDir::new().unwrap();
    let write = |path: &str, content: &[u8]| put(folder.path(), path, content);
    for (path, content) in TestBatch::new().files() {
        write(path, content);
    }
    write("0010.csv", csv_of(&[clean_row()]).as_bytes());
    let of_0020 = clean_row()
        .with(Field::DistrictCode, "0020")
        .with(Field::Sasid, "1000000002");
    write("autumn/0020.csv", csv_of(&[of_0020]).as_bytes());
    for stray in ["Thumbs.db", "desktop.ini"] {
        write(stray, b"x");
    }
    let output = cdip(folder.path(), &["check", "."]);
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for line in [
        "Passed over in this folder: Thumbs.db, autumn (a folder), desktop.ini.",
        "0010.csv: 1 row, from 0010",
    ] {
        assert!(said.lines().any(|found| found == line), "{line}: {said}");
    }
    assert!(!said.contains("0020.csv"), "{said}");
}

#[test]
fn a_batch_that_is_named_as_a_folder_is_checked_as_a_whole() {
    let folder = desk(&[clean_row()]);
    let whole = cdip(folder.path(), &["check", "--batch", "batch"]);
    // 0020 participates and sent nothing: only the whole batch shows it.
    assert!(
        stdout(&whole).contains("question[Q403]"),
        "{}",
        stdout(&whole)
    );
    let near = "Checked against batch.toml and the lists in the folder batch.\n";
    for (at, path) in [("", "batch"), ("", "batch/submissions"), ("batch", ".")] {
        let output = cdip(&folder.path().join(at), &["check", path]);
        assert_eq!(
            stdout(&output),
            format!("{near}{}", stdout(&whole)),
            "{path}"
        );
        assert_eq!(output.status.code(), whole.status.code(), "{path}");
    }
}

#[test]
fn a_check_of_a_whole_batch_finds_what_its_run_would_refuse_or_wait_for() {
    let whole = |batch: TestBatch| {
        let folder = batch.write_as_batch();
        let check = cdip(folder.path(), &["check", "--batch", "batch"]);
        let run = cdip(folder.path(), &["run", "batch", "--require-final"]);
        assert_eq!(check.status.code(), run.status.code());
        (stdout(&check), check.status.code())
    };
    let sound = || TestBatch::of(&[clean_row()]);
    assert_eq!(whole(sound()).1, Some(0));
    let (said, status) = whole(sound().file("prior-payment.csv", "x"));
    assert!(
        said.contains("prior-payment.csv: The file was not read; rename it prior-payments.csv"),
        "{said}"
    );
    assert_eq!(status, Some(0));
    // A decision without a reason has no effect.
    let (said, status) =
        whole(sound().resolutions(",,,,submissions/0010.csv,,2,deny,,Office,2024-09-01"));
    assert!(said.contains("[W220]"), "{said}");
    assert_eq!(status, Some(1));
    // Two names that are one on Windows.
    let twins = sound().file("submissions/0010.CSV", csv_of(&[pupil(2)]));
    if twins
        .write()
        .path()
        .join("submissions")
        .read_dir()
        .unwrap()
        .count()
        < 2
    {
        return left_out(
            "two names that differ only in capitals, since this disk does not tell them apart",
        );
    }
    let (said, status) = whole(twins);
    assert!(said.contains("[F105]"), "{said}");
    assert_eq!(status, Some(1));
}

#[test]
fn what_a_person_should_know_first_is_told_next_to_findings_for_programs() {
    let folder = desk(&[clean_row()]);
    for list in ["qualified-programs.csv", "participants.csv"] {
        let at = folder.path();
        fs::copy(at.join("batch").join(list), at.join(list)).unwrap();
    }
    for format in ["json", "csv"] {
        let output = cdip(folder.path(), &["check", "0010.csv", "--format", format]);
        let near = "Checked against qualified-programs.csv and participants.csv, which are near the file.\n";
        assert_eq!(stderr(&output), near, "{format}");
        assert!(!stdout(&output).contains("Checked against"), "{format}");
    }
}

#[test]
fn a_slip_that_is_not_an_error_ends_with_0_as_the_help_says() {
    let slip = clean_row()
        .with(Field::ProgramCode, "IC1")
        .with(Field::GraduationCredit, "");
    let folder = desk(&[slip]);
    let output = cdip(folder.path(), &["check", "0010.csv", "--batch", "batch"]);
    let said = stdout(&output);
    assert!(said.contains("\nFix\nnot qualified[N305]: "), "{said}");
    assert_eq!(output.status.code(), Some(0), "{said}");
    let help = stdout(&cdip(folder.path(), &["check", "--help"]));
    let help: Vec<&str> = help.split_whitespace().collect();
    let exit = "Exit status: 0 done; 1 done, but a file is refused, a row is rejected or held, a question is open, or a decision of the batch has no effect;";
    assert!(help.join(" ").contains(exit), "{help:?}");
}

#[test]
fn every_place_is_shown_on_request() {
    // Two of these and eleven more: one more than is shown otherwise.
    let id = |at: usize| format!("10000001{at:02}");
    let more = (0..11).map(|at| {
        clean_row()
            .with(Field::Sasid, id(at))
            .with(Field::Grade, "Alumni")
    });
    let folder = desk(&faulty().into_iter().chain(more).collect::<Vec<_>>());
    let output = stdout(&cdip(
        folder.path(),
        &["check", "0010.csv", "--batch", "batch"],
    ));
    assert!(output.contains("D15 and 3 more: Grade is"), "{output}");
    let output = stdout(&cdip(
        folder.path(),
        &["check", "0010.csv", "--batch", "batch", "--all"],
    ));
    assert!(
        output.contains(
            "  --> D3, D4, D8, D9, D10, D11, D12, D13, D14, D15, D16, D17, D18: Grade is"
        ),
        "{output}"
    );
}

#[test]
fn without_lists_the_checks_that_need_none_are_made_and_the_others_named() {
    let folder = desk(&faulty());
    let output = cdip(folder.path(), &["check", "0010.csv"]);
    let text = stdout(&output);
    assert!(
        text.ends_with(
            "\n4 rows can be read; whether they qualify was not checked. 2 rows to fix.\n"
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "Not checked: whether districts and schools take part (give --participants FILE)\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("error[E204]")
            && text.contains("read[W202]: zeros restored in 1 row")
            && !text.contains("[N301]"),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn lists_may_be_given_one_by_one() {
    let folder = desk(&faulty());
    let arguments = [
        "check",
        "0010.csv",
        "--rules",
        "2024-25",
        "--programs",
        "batch/qualified-programs.csv",
    ];
    let text = stdout(&cdip(folder.path(), &arguments));
    assert!(
        text.contains("not qualified[N301]") && !text.contains("[H502]"),
        "{text}"
    );
    let text = stdout(&cdip(
        folder.path(),
        &[
            &arguments[..],
            &["--participants", "batch/participants.csv"],
        ]
        .concat(),
    ));
    assert!(
        text.contains("[H502]") && !text.contains("without a participants list"),
        "{text}"
    );
    let both = cdip(
        folder.path(),
        &[
            "check", "0010.csv", "--batch", "batch", "--rules", "2024-25",
        ],
    );
    assert_eq!(both.status.code(), Some(2), "a batch has its own rules");
}

#[test]
fn a_sound_file_ends_with_0_and_a_file_that_cannot_be_read_with_3() {
    let folder = desk(&[clean_row()]);
    let output = cdip(folder.path(), &["check", "0010.csv", "--batch", "batch"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        stdout(&output)
            .ends_with("\n\n1 row ready. Not checked: what others report about the same pupils.\n"),
        "{}",
        stdout(&output)
    );
    fs::write(
        folder.path().join("0020.xlsx"),
        "PK\x03\x04 and then nothing",
    )
    .unwrap();
    let output = cdip(folder.path(), &["check", "0020.xlsx", "--batch", "batch"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stdout(&output).contains(
            "error[F101]: the file cannot be read\n  --> 0020.xlsx: The workbook is damaged"
        ),
        "{}",
        stdout(&output)
    );
    let output = cdip(
        folder.path(),
        &["check", "0010.csv", "0020.xlsx", "--batch", "batch"],
    );
    assert_eq!(output.status.code(), Some(1), "one of two could be read");
    let output = cdip(folder.path(), &["check", "missing.xlsx"]);
    assert_eq!(output.status.code(), Some(2));
    let message = "error: the file does not exist\n  --> missing.xlsx\n   = fix: give the path of a submission, or of a folder with submissions\n";
    assert_eq!(stderr(&output), message);
}

#[test]
fn programs_read_the_findings_as_json_or_csv() {
    let folder = desk(&faulty());
    let output = cdip(
        folder.path(),
        &["check", "0010.csv", "--batch", "batch", "--format", "json"],
    );
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (json["schema"].as_str(), json["rows"]["rejected"].as_u64()),
        (Some("cdip-check-1"), Some(2))
    );
    let codes: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["E204", "E204", "N301", "H502", "W202"]);
    assert_eq!(
        (
            json["findings"][0]["cell"].as_str(),
            json["findings"][0]["source_row"].as_u64()
        ),
        (Some("D3"), Some(3))
    );
    assert!(!stdout(&output).contains("100000000"), "no SASID");

    let output = cdip(
        folder.path(),
        &["check", "0010.csv", "--batch", "batch", "--format", "csv"],
    );
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "code,severity,source_file,source_sheet,source_row,column,cell,message,fix,participant,open"
    );
    assert!(
        lines[1].starts_with("E204,rejected,0010.csv,,3,Grade,D3,"),
        "{}",
        lines[1]
    );
    assert_eq!(lines.len(), 6);
}

#[test]
fn own_headings_are_mapped_by_a_file_and_a_missing_one_gets_the_nearest_candidate() {
    let folder = desk(&[clean_row()]);
    fs::write(
        folder.path().join("0010.csv"),
        csv_of(&[clean_row()]).replace("SASID", "Student ID"),
    )
    .unwrap();
    let output = cdip(folder.path(), &["check", "0010.csv", "--batch", "batch"]);
    let fix = "did you mean \"Student ID\" in C1 for SASID? then rename it; or say which of your own they are with cdip check --columns";
    let said = stdout(&output)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(said.contains(fix), "{}", stdout(&output));
    fs::write(
        folder.path().join("ours.toml"),
        "[columns]\nsasid = \"Student ID\"\n",
    )
    .unwrap();
    let output = cdip(
        folder.path(),
        &[
            "check",
            "0010.csv",
            "--batch",
            "batch",
            "--columns",
            "ours.toml",
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    fs::write(
        folder.path().join("ours.toml"),
        "[columns]\nsassid = \"Student ID\"\n",
    )
    .unwrap();
    let output = cdip(
        folder.path(),
        &["check", "0010.csv", "--columns", "ours.toml"],
    );
    assert!(
        stderr(&output).contains("unknown key `sassid`")
            && stderr(&output).contains("did you mean `sasid`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn no_text_is_quoted_as_a_candidate_from_a_row_that_may_hold_a_pupil() {
    let folder = desk(&[clean_row()]);
    // Two texts of this row are headings by chance; the others are a person's.
    fs::write(
        folder.path().join("0010.csv"),
        "School Code,Grade,Studenta Idowa\n0101,11,x\n",
    )
    .unwrap();
    let output = cdip(folder.path(), &["check", "0010.csv"]);
    let said = stdout(&output) + &stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("error[F103]: ") && said.contains("row 1 comes nearest and lacks"),
        "{said}"
    );
    assert!(!said.contains("Studenta"), "{said}");
}

#[test]
fn decisions_to_be_filled_in_are_taken_by_the_run_once_they_are() {
    let folder = desk(&[clean_row()]);
    fs::write(folder.path().join("batch").join(FILE), csv_of(&faulty())).unwrap();
    fs::write(
        folder.path().join("batch/submissions/letter.docx"),
        "Dear office",
    )
    .unwrap();
    let output = cdip(
        folder.path(),
        &[
            "check",
            "--batch",
            "batch",
            "--resolutions-out",
            "decide.csv",
        ],
    );
    assert!(
        stderr(&output).starts_with("5 lines to decide: decide.csv "),
        "{}",
        stderr(&output)
    );
    let path = folder.path().join("decide.csv");
    let lines = fs::read_to_string(&path).unwrap();
    let expected = format!(
        "District Code,School Code,SASID,Program Code,Source File,Source Sheet,Source Row,Column,Was,Becomes,Codes,Row Check,Decision,Reason,Approved By,Date,What is wrong,Blocks FINAL\n\
         ,,,,{FILE},,,,,,,,,,,,\"1 x leading zeros were put back in School Code (attest: someone checked, and it counts as submitted)\",no\n\
         ,,,,{FILE},,3,,,,E204,r-CHECK,,,,,\"Grade is \"\"Alumni\"\", not K or 0-12\",yes\n\
         ,,,,{FILE},,4,,,,E204,r-CHECK,,,,,\"Grade is \"\"Alumni\"\", not K or 0-12\",yes\n\
         ,,,,submissions/letter.docx,,,,,,,,,,,,the file is not a submission: it ends in none of .xlsx .xlsm .xlsb .xls .ods .csv .txt,yes\n\
         0020,,1000000005,IN1,,,,,,,H502,r-CHECK,,,,,\"Second District, Internship: the row is of another district than its file: 0020 in {FILE}, line 6, completed 2024-05-17\",yes\n"
    );
    assert_eq!(without_checks(&lines), expected);

    // Untouched it decides nothing; filled in it settles everything.
    let target = folder.path().join("batch/resolutions.csv");
    let run = || {
        calculate(
            Batch::open(&folder.path().join("batch")).unwrap(),
            &|_, _| {},
        )
        .unwrap()
    };
    fs::copy(&path, &target).unwrap();
    assert!(!run().is_final() && effects(&run()) == [false; 5]);
    let filled: String = lines
        .lines()
        .map(|line| {
            let decision = if line.contains("leading zeros") {
                "attest"
            } else if line.contains("H502") {
                "pay"
            } else {
                "deny"
            };
            // Sixteen columns are read, and the last four of them are empty: Decision, Reason, Approved By and Date.
            let mut fields: Vec<&str> = line.splitn(17, ',').collect();
            if fields[12].is_empty() {
                fields.splice(12..16, [decision, "seen", "Office", "2024-09-01"]);
            }
            fields.join(",") + "\n"
        })
        .collect();
    fs::write(&target, filled).unwrap();
    let calculation = run();
    assert_eq!(effects(&calculation), [true; 5]);
    assert!(calculation.is_final());
    assert!(
        calculation
            .findings
            .iter()
            .filter(|finding| finding.code == Code::W202)
            .all(|finding| !calculation.is_open(finding))
    );
    // 3 rows are paid: the sound one, the one warned about, and the held one that the office takes back in.
    assert_eq!(calculation.count(Outcome::Paid), 3);

    let again = cdip(
        folder.path(),
        &[
            "check",
            "--batch",
            "batch",
            "--resolutions-out",
            "decide.csv",
        ],
    );
    assert_eq!(
        again.status.code(),
        Some(2),
        "decisions are never overwritten"
    );
    assert!(
        stderr(&again).contains("the file is there already and may hold decisions"),
        "{}",
        stderr(&again)
    );
}

/// The headings that are read of a file of decisions.
const RESOLUTION_HEADS: &str = "District Code,School Code,SASID,Program Code,Source File,Source Sheet,Source Row,Column,Was,Becomes,Codes,Row Check,Decision,Reason,Approved By,Date";

#[test]
fn lines_to_decide_can_be_copied_below_the_decisions_that_are_there() {
    let folder = desk(&[clean_row()]);
    fs::write(folder.path().join("batch").join(FILE), csv_of(&faulty())).unwrap();
    let decide = |out: &str| {
        let arguments = ["check", "--batch", "batch", "--resolutions-out", out];
        stderr(&cdip(folder.path(), &arguments))
    };
    let said = decide("first.csv");
    assert!(
        said.contains("save it as resolutions.csv in the batch"),
        "{said}"
    );
    let first = fs::read_to_string(folder.path().join("first.csv")).unwrap();
    let heads = RESOLUTION_HEADS;
    assert_eq!(
        first.lines().next().unwrap(),
        format!("{heads},What is wrong,Blocks FINAL")
    );
    // The office has decided one thing, in a file with the sixteen headings that are read.
    let old = format!(",,,,{FILE},,3,,,,,,deny,seen,Office,2024-09-01");
    let target = folder.path().join("batch/resolutions.csv");
    let read = |text: String| {
        fs::write(&target, text).unwrap();
        let batch = Batch::open(&folder.path().join("batch"))?;
        calculate(batch, &|_, _| {}).map(|calculation| effects(&calculation))
    };
    assert_eq!(read(format!("{heads}\n{old}\n")).unwrap(), [true]);
    let said = decide("second.xlsx");
    assert!(
        said.contains("add its lines below the 1 line of resolutions.csv in the batch"),
        "{said}"
    );
    decide("second.csv");
    let second = fs::read_to_string(folder.path().join("second.csv")).unwrap();
    // Every line of it is below the old one as it is, undecided; then the first, a file's warnings, is decided.
    let lines: Vec<&str> = second.lines().skip(1).collect();
    let below = |head: &str, lines: &str| read(format!("{head}\n{old}\n{lines}\n"));
    assert_eq!(
        below(heads, &lines.join("\n")).unwrap(),
        [true, false, false, false]
    );
    let attested = lines[0].replacen(
        ",,,,,\"",
        ",attest,\"seen, and right\",Office,2024-09-01,\"",
        1,
    );
    assert_eq!(below(heads, &attested).unwrap(), [true, true]);
    // Excel adds commas for the columns that have no heading.
    assert_eq!(
        below(&format!("{heads},,"), &attested).unwrap(),
        [true, true]
    );

    // A comma that is not between quotation marks moves the date to where nothing is read: no line is guessed.
    let moved = format!(",,,,{FILE},,4,,,,,,deny,seen, and wrong,Office,2024-09-01");
    let heads_in_another_order =
        heads.replace("District Code,School Code", "School Code,District Code");
    for (head, line) in [
        (heads, &moved),
        (
            heads,
            &attested.replace("\"seen, and right\"", "seen, and right"),
        ),
        (&heads_in_another_order, &attested),
    ] {
        let stop = below(head, line).unwrap_err();
        assert_eq!(stop.places, ["resolutions.csv, line 3"]);
        assert!(stop.message.starts_with("[E211] "), "{stop}");
        assert_eq!(
            stop.fix,
            "put a value that holds a comma between quotation marks; copy lines of a file of decisions only below all of its headings, \
             in their order"
        );
    }
}

#[test]
fn a_file_that_was_refused_is_one_thing_to_decide_and_not_two() {
    let districts = PARTICIPANTS.lines().filter(|line| {
        line.starts_with("District") || line.starts_with("0010,,") || line.starts_with("0020,,")
    });
    let two_districts: String = districts.map(|line| format!("{line}\n")).collect();
    let folder = TestBatch::new()
        .rows(
            "submissions/0020.csv",
            &[clean_row().with(Field::DistrictCode, "0020")],
        )
        .file("submissions/0010.docx", "Dear office")
        .participants(&two_districts)
        .asking_who_sent_nothing()
        .write_as_batch();
    let asked = |calculation: &cdip::calculation::Calculation| -> Vec<String> {
        let findings = calculation.findings.iter();
        let of_0010 = findings.filter(|finding| finding.message.contains("0010"));
        of_0010.map(|finding| finding.message.to_string()).collect()
    };
    let run = || {
        calculate(
            Batch::open(&folder.path().join("batch")).unwrap(),
            &|_, _| {},
        )
        .unwrap()
    };
    assert_eq!(
        asked(&run()),
        ["district 0010 participates, and the file submissions/0010.docx was refused"]
    );
    let arguments = [
        "check",
        "--batch",
        "batch",
        "--resolutions-out",
        "decide.csv",
    ];
    cdip(folder.path(), &arguments);
    let lines = fs::read_to_string(folder.path().join("decide.csv")).unwrap();
    let of_0010: Vec<&str> = lines.lines().filter(|line| line.contains("0010")).collect();
    assert_eq!(of_0010.len(), 1, "{lines}");
    assert!(
        of_0010[0].starts_with(",,,,submissions/0010.docx,"),
        "{lines}"
    );

    // Once the file is denied, nothing else came of the district, and that is a question.
    fs::write(
        folder.path().join("batch/resolutions.csv"),
        format!(
            "{RESOLUTION_HEADS}\n,,,,submissions/0010.docx,,,,,,,,deny,a letter,Office,2024-09-01\n"
        ),
    )
    .unwrap();
    assert_eq!(
        asked(&run()),
        ["district 0010 participates, and no row of any file belongs to it"]
    );
}

#[test]
fn a_proposed_code_waits_in_its_line_until_a_person_writes_correct() {
    let rows = [
        clean_row().with(Field::ProgramCode, "IN-1"),
        // One slip from several codes, so that nobody can say which is meant: no line.
        clean_row()
            .with(Field::Sasid, "1000000002")
            .with(Field::ProgramCode, "XX9"),
    ];
    let folder = TestBatch::of(&rows).write();
    let output = cdip(
        folder.path(),
        &["check", "--batch", ".", "--resolutions-out", "decide.csv"],
    );
    assert!(
        stderr(&output).starts_with("1 line to decide: "),
        "{}",
        stderr(&output)
    );
    let lines = fs::read_to_string(folder.path().join("decide.csv")).unwrap();
    let expected = format!(
        ",,,,{FILE},,2,Program Code,IN-1,IN1,N301,r-CHECK,,,,,\"program \"\"IN-1\"\" is not on the qualified list for 2023-24; did you mean IN1 (Internship)? Correct the code if so.\",no\n"
    );
    assert!(
        without_checks(&lines).ends_with(&expected),
        "{}",
        without_checks(&lines)
    );

    let paid_with = |lines: &str| {
        fs::write(folder.path().join("resolutions.csv"), lines).unwrap();
        let run = calculated_in(&folder).unwrap();
        (effects(&run), run.count(Outcome::Paid))
    };
    assert_eq!(paid_with(&lines), (vec![false], 0));
    let corrected = lines.replace(
        ",,,,,\"program",
        ",correct,looked up,Office,2024-09-01,\"program",
    );
    assert_eq!(paid_with(&corrected), (vec![true], 1));
}

#[test]
fn the_lines_to_decide_can_be_had_as_a_workbook_that_is_a_list_of_decisions_as_it_is() {
    let folder = desk(&[clean_row()]);
    fs::write(folder.path().join("batch").join(FILE), csv_of(&faulty())).unwrap();
    for out in ["decide.csv", "decide.xlsx"] {
        let output = cdip(
            folder.path(),
            &["check", "--batch", "batch", "--resolutions-out", out],
        );
        assert!(
            stderr(&output).starts_with("4 lines to decide: "),
            "{}",
            stderr(&output)
        );
    }
    let bytes = fs::read(folder.path().join("decide.xlsx")).unwrap();
    let sheets = Xlsx::new(Cursor::new(&bytes)).unwrap().worksheets();
    assert_eq!(sheets.len(), 1);
    let cells: Vec<Vec<String>> = sheets[0]
        .1
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect();
    let csv = fs::read(folder.path().join("decide.csv")).unwrap();
    let lines: Vec<Vec<String>> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(&csv[..])
        .records()
        .map(|record| record.unwrap().iter().map(str::to_string).collect())
        .collect();
    assert_eq!(cells, lines);

    // As it is, the batch takes it for its list of decisions, none of which is made yet.
    fs::copy(
        folder.path().join("decide.xlsx"),
        folder.path().join("batch/resolutions.xlsx"),
    )
    .unwrap();
    let run = calculate(
        Batch::open(&folder.path().join("batch")).unwrap(),
        &|_, _| {},
    )
    .unwrap();
    assert_eq!(effects(&run), [false; 4]);

    let sheet = text_part(&bytes, "xl/worksheets/sheet1.xml");
    for (rows, choices) in [
        // A file's warnings, two rejected rows, a held pupil, and room for what nobody asked for.
        ("M2", "attest,deny"),
        ("M3:M4", "correct,deny"),
        ("M5", "pay,deny"),
        ("M6:M205", "exclude,correct,qualify,deny,pay,attest"),
    ] {
        let list = format!("sqref=\"{rows}\"><formula1>\"{choices}\"</formula1>");
        assert!(sheet.contains(&list), "{rows} offers {choices}");
    }
}

#[test]
fn every_kind_of_decision_is_in_the_sample_and_takes_effect() {
    let folder = TempDir::new().unwrap();
    let made = cdip(folder.path(), &["sample", "--out", "batch"]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let run = calculate(
        Batch::open(&folder.path().join("batch")).unwrap(),
        &|_, _| {},
    )
    .unwrap();
    assert_eq!(effects(&run), [true; 12], "{:?}", run.lines);
}

#[test]
fn a_check_of_the_whole_sample_finds_what_the_run_finds() {
    let batch = Batch::open(&root().join("samples/statewide-2024-25")).unwrap();
    let basis = Basis::of_batch(&batch).unwrap();
    let inspection = inspect(&[batch.root.join("submissions")], basis, &|_, _| {}).unwrap();
    let run = calculate(batch, &|_, _| {}).unwrap();
    // All but what only a run can say: whether the money is what the law gives.
    let of_the_run: Vec<_> = run
        .findings
        .iter()
        .filter(|finding| finding.code != Code::W229)
        .collect();
    assert_eq!(inspection.findings.iter().collect::<Vec<_>>(), of_the_run);
    for outcome in [
        Outcome::Rejected,
        Outcome::NotQualified,
        Outcome::Held,
        Outcome::Denied,
        Outcome::Duplicate,
    ] {
        assert_eq!(
            inspection.count(Some(outcome)),
            run.count(outcome),
            "{outcome:?}"
        );
    }
}

#[test]
fn the_submissions_of_a_batch_are_not_read_when_a_file_is_given() {
    let folder = desk(&[clean_row()]);
    fs::remove_dir_all(folder.path().join("batch/submissions")).unwrap();
    let output = cdip(folder.path(), &["check", "0010.csv", "--batch", "batch"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!folder.path().join("batch/submissions").exists());
}

#[test]
fn no_pupil_is_named_in_any_format_of_a_check() {
    let name = "Zorro";
    let rows = [
        clean_row().with(Field::Grade, name),
        clean_row()
            .with(Field::Sasid, name)
            .with(Field::ProgramCode, SASID),
    ];
    let folder = desk(&rows);
    for format in ["text", "json", "csv"] {
        let output = cdip(
            folder.path(),
            &[
                "check", "0010.csv", "--batch", "batch", "--all", "--format", format,
            ],
        );
        let said = stdout(&output) + &stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("E203") && said.contains("E204"), "{said}");
        assert!(!said.contains(name) && !said.contains(SASID), "{said}");
    }
}

/// Every Row Check of some lines as `r-CHECK`.
fn without_checks(lines: &str) -> String {
    let mut parts = lines.split(",r-");
    let mut masked = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (check, rest) = part.split_at(12);
        assert!(
            check.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{check}"
        );
        masked.push_str(",r-CHECK");
        masked.push_str(rest);
    }
    masked
}

#[test]
fn a_question_has_a_line_of_its_own_that_an_attest_answers() {
    let zeros = clean_row().with(Field::Sasid, "9910000000");
    let folder = TestBatch::of(&[clean_row(), zeros]).write_as_batch();
    let arguments = ["check", "--batch", "batch"];
    let output = cdip(folder.path(), &arguments);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("question[Q404]"), "{text}");
    assert!(
        text.ends_with("\n2 rows: 1 ready, 1 to fix. Not checked: payments of earlier years.\n"),
        "{text}"
    );
    let decide = ["--resolutions-out", "decide.csv"];
    cdip(folder.path(), &[&arguments[..], &decide[..]].concat());
    let lines = fs::read_to_string(folder.path().join("decide.csv")).unwrap();
    let line = lines.lines().last().unwrap();
    assert!(
        without_checks(line).starts_with(&format!(",,,,{FILE},,3,,,,,r-CHECK,,,,,")),
        "{lines}"
    );
    assert!(!line.contains("9910000000"), "{line}");
    let mut fields: Vec<&str> = line.splitn(17, ',').collect();
    fields.splice(12..16, ["attest", "seen", "Office", "2024-09-01"]);
    let head = lines.lines().next().unwrap();
    fs::write(
        folder.path().join("batch/resolutions.csv"),
        format!("{head}\n{}\n", fields.join(",")),
    )
    .unwrap();
    let output = cdip(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(
        stdout(&output).ends_with("\n2 rows ready. Not checked: payments of earlier years.\n"),
        "{}",
        stdout(&output)
    );
}
