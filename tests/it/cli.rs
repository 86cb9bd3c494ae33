//! The command line as a user meets it: exact words, exit status, files.

use std::fs;
use std::process::{Command, Output};

use cdip::rules::{built_in_ids, why_not_built_in};
use tempfile::TempDir;

use crate::audit_sample::sheet;
use crate::batch_builder::{RESOLUTIONS, TestBatch, clean_row, csv_of};
use crate::support::{cdip, copy_tree, names, put, root, stderr, stdout, tree};

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// A folder with a copy of a vector's batch as `batch`.
fn with_batch(vector: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let vector = root().join("tests/vectors").join(vector);
    copy_tree(&vector, &folder.path().join("batch"));
    folder
}

const HEADINGS: &str = "District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit,AP Exam Score\n";

#[test]
fn a_run_says_on_one_screen_what_it_paid_what_blocks_and_where_to_look() {
    let folder = with_batch("07-held-and-duplicate");
    let output = cdip(folder.path(), &["run", "batch"]);
    // 2 x 1,000.00 = 2,000.00; 10,000.00 - 2,000.00 = 8,000.00
    assert_eq!(
        stdout(&output),
        "\
07-held-and-duplicate  PRELIMINARY
vector · completions of 2023-24 · run date 2024-09-15

5 rows in 2 files
         2 paid                      1 duplicate                 2 held

Tier                         Units  Over cap        Rate    FRL rate              Paid
1 Industry credentials           2         0   $1,000.00   $1,200.00         $2,000.00
2 Workplace training             0         0       $0.00       $0.00             $0.00
3 Advanced Placement             0         0       $0.00       $0.00             $0.00
$10,000.00 available = $2,000.00 paid + $0.00 residual + $8,000.00 unspent

What blocks: 2 held rows keep this report from being final:
  H501     2 x two participants report this pupil and program, first 0010.csv C2
Each with its cell and its fix: findings.csv and sheet Findings. A code in full: cdip rules explain CODE

The batch has no ledger of prior payments (prior-payments.csv), so nothing could be checked against it.

Report: reports/batch (FILES files; begin with statewide.xlsx)
Content: sha256 CONTENT (tail -n +2 completions.csv | LC_ALL=C sort | sha256sum)
Receipt: sha256 RECEIPT
"
        .replace("FILES", if cfg!(feature = "parquet") { "12" } else { "11" })
        .replace("CONTENT", &cdip::report::content::checksum_of(&fs::read(folder.path().join("reports/batch/completions.csv")).unwrap()))
        .replace("RECEIPT", &cdip::hash::sha256_hex(&fs::read(folder.path().join("reports/batch/receipt.json")).unwrap()))
    );
    assert_eq!((stderr(&output).as_str(), status(&output)), ("", 0));
    let files: Vec<String> = tree(&folder.path().join("reports/batch"))
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(
        files,
        [
            "SHA256SUMS",
            "allocation.json",
            "awards.csv",
            "completions.csv",
            #[cfg(feature = "parquet")]
            "completions.parquet",
            "counter-check.py",
            "entities/0010-District 0010.xlsx",
            "entities/0020-District 0020.xlsx",
            "factors.json",
            "findings.csv",
            "receipt.json",
            "statewide.xlsx",
        ]
    );
    let left = names(&folder.path().join("reports"));
    assert_eq!(left, ["batch"], "nothing is left next to the report");
}

#[test]
fn a_report_that_must_be_final_and_is_not_ends_with_1_and_is_written_all_the_same() {
    let folder = with_batch("07-held-and-duplicate");
    let output = cdip(folder.path(), &["run", "batch", "--require-final"]);
    assert_eq!(status(&output), 1);
    assert!(
        stderr(&output).starts_with(
            "error: the report is PRELIMINARY, and --require-final asks for a final one\n"
        ),
        "{}",
        stderr(&output)
    );
    assert!(folder.path().join("reports/batch/receipt.json").is_file());
    let folder = with_batch("02-full-funding");
    let output = cdip(folder.path(), &["run", "batch", "--require-final"]);
    assert_eq!(status(&output), 0);
    assert!(
        stdout(&output).starts_with("02-full-funding  FINAL\n"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_its_fix_and_loses_nothing_of_the_rest() {
    let folder = with_batch("02-full-funding");
    put(
        folder.path(),
        "batch/submissions/0010 damaged.xlsx",
        b"PK\x03\x04 and then nothing",
    );
    put(
        folder.path(),
        "batch/submissions/0020 headings.csv",
        "District Code,School Code,Student,Grade\n0020,0101,1,9\n",
    );
    let mut protected = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    protected.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    put(
        folder.path(),
        "batch/submissions/0020 secret.xlsx",
        protected,
    );
    put(folder.path(), "batch/submissions/letter.docx", "Dear state");
    let output = cdip(folder.path(), &["run", "batch"]);
    assert_eq!(
        stderr(&output),
        "\
error[F101]: the workbook is damaged: it is not a complete zip file
  --> submissions/0010 damaged.xlsx
   = fix: Open it in Excel and save it again as .xlsx (Excel Workbook) or .csv.
   = more: cdip rules explain F101
error[F103]: no row holds the required headings; row 1 comes nearest and lacks SASID, Program Code, Completion Date, Free/Reduced Lunch
  --> submissions/0020 headings.csv, line 1
   = fix: Did you mean \"Student\" in C1 for SASID? then rename it; add there: Program Code, Completion Date, Free/Reduced Lunch; or say which of your own they are with cdip check --columns. The office: map its headings under [columns] in batch.toml.
   = more: cdip rules explain F103
error[F102]: the workbook is protected by a password
  --> submissions/0020 secret.xlsx
   = fix: Open it in Excel. If it asks for a password: File > Info > Protect Workbook > Encrypt with Password, delete the password and save. If it opens without asking: turn Review > Protect Workbook off and save it as .xlsx.
   = more: cdip rules explain F102
error[F105]: the file is not a submission: it ends in none of .xlsx .xlsm .xlsb .xls .ods .csv .txt
  --> submissions/letter.docx
   = fix: Save it as .xlsx, .xlsm, .xlsb, .xls, .ods, .csv or .txt, if it holds completions. The office: move it out of submissions/ if it does not.
   = more: cdip rules explain F105
"
    );
    assert_eq!(status(&output), 1);
    assert!(
        stdout(&output).contains("\n4 rows in 6 files\n         4 paid\n"),
        "{}",
        stdout(&output)
    );
    assert!(
        stdout(&output).contains("What blocks: 4 refused files keep this report from being final:"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn of_a_row_that_looks_like_a_total_only_that_is_said_even_after_its_file_was_answered_for() {
    // Seven of its cells cannot be read. An answer to all questions of the file settles none of them.
    let folder = TestBatch::new()
        .file(
            "submissions/0010.csv",
            csv_of(&[clean_row()]) + "Total,,,1,,,,,,\n",
        )
        .resolutions(",,,,submissions/0010.csv,,,attest,they were asked,Office,2024-09-01")
        .write();
    let at_the_end = |text: &str, from: &str, to: &str| {
        let (_, text) = text.split_once(from).unwrap();
        text.split_once(to).unwrap().0.to_string()
    };
    let run = cdip(folder.path(), &["run", ".", "--out", "report"]);
    assert_eq!(
        at_the_end(&stdout(&run), "from being final:\n", "Each with"),
        "  W222     1 x the row looks like a total, a note or the headings again, first 0010.csv line 3\n"
    );
    let check = cdip(
        folder.path(),
        &["check", "submissions/0010.csv", "--batch", "."],
    );
    assert_eq!(
        at_the_end(&stdout(&check), "Fix\n", "\n\n"),
        "warning[W222]: line 3 looks like a total or a note, not like a completion. Delete the row."
    );
    let returned = "report/entities/0010-First District.xlsx";
    let told = sheet(&folder.path().join(returned), "What to fix");
    assert_eq!(told[1][0], "TO FIX: 1 fault that rejects a row");
    let codes = told
        .iter()
        .filter(|row| !row[6].is_empty() && row[6] != "Row");
    let codes: Vec<[&str; 3]> = codes.map(|row| [&*row[0], &row[1], &row[5]]).collect();
    assert_eq!(codes, [["Rejected", "W222", "A3"]], "{told:?}");
}

#[test]
fn a_decision_that_finds_nothing_is_in_a_line_of_a_text_file() {
    let folder = with_batch("02-full-funding");
    put(
        folder.path(),
        "batch/resolutions.csv",
        format!("{RESOLUTIONS},,,,submissions/0099.csv,,,deny,why,Office,2024-09-01\n"),
    );
    let said = stdout(&cdip(folder.path(), &["run", "batch"]));
    let place = "1 x a resolution finds nothing, first resolutions.csv line 2\n";
    assert!(said.contains(place), "{said}");
}

#[test]
fn a_refused_file_that_a_decision_closed_is_no_error_any_more() {
    let folder = with_batch("02-full-funding");
    put(folder.path(), "batch/submissions/letter.docx", "Dear state");
    put(
        folder.path(),
        "batch/resolutions.csv",
        format!("{RESOLUTIONS},,,,submissions/letter.docx,,,deny,a letter,Office,2024-09-01\n"),
    );
    let output = cdip(folder.path(), &["run", "batch", "--require-final"]);
    assert_eq!((stderr(&output).as_str(), status(&output)), ("", 0));
}

#[test]
fn a_folder_without_a_submission_is_named_to_the_person_who_checks_it() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("spring")).unwrap();
    let output = cdip(folder.path(), &["check", "spring"]);
    assert_eq!(
        stderr(&output),
        "error: no submission is there\n  --> spring\n   = fix: put the spreadsheets there, or give the path of a submission\n"
    );
    assert_eq!(status(&output), 3);
}

#[test]
fn a_report_never_replaces_another_kind_of_folder_and_never_goes_into_a_report() {
    let folder = with_batch("02-full-funding");
    assert_eq!(status(&cdip(folder.path(), &["run", "batch"])), 0);
    put(folder.path(), "paid.csv", "Payee,Date,Amount,Reference\n");
    let settle = ["settle", "reports/batch", "--paid", "paid.csv"];
    assert_eq!(status(&cdip(folder.path(), &settle)), 0);
    let before = tree(&folder.path().join("reports"));
    for (out, says) in [
        (
            "reports/batch-settlement",
            "error: the folder holds a settlement\n  --> reports/batch-settlement\n   \
             = fix: give another --out: a folder is replaced only by one of its own kind\n",
        ),
        (
            "reports/batch/june",
            "error: this place is in the folder of a report, where only the report's own files belong\n  --> reports/batch/june\n   \
             = fix: give a place outside of the report's folder\n",
        ),
    ] {
        let output = cdip(folder.path(), &["run", "batch", "--replace", "--out", out]);
        assert_eq!((stderr(&output).as_str(), status(&output)), (says, 2));
    }
    assert!(before == tree(&folder.path().join("reports")));
}

#[test]
fn a_batch_of_which_nothing_can_be_read_ends_with_3() {
    let folder = with_batch("02-full-funding");
    fs::remove_dir_all(folder.path().join("batch/submissions")).unwrap();
    fs::create_dir(folder.path().join("batch/submissions")).unwrap();
    let output = cdip(folder.path(), &["run", "batch"]);
    assert_eq!(
        stderr(&output),
        "error: the batch has no submissions\n  --> submissions/\n   = fix: put the entities' spreadsheets into the folder submissions of the batch\n"
    );
    assert_eq!(status(&output), 3);
    put(folder.path(), "batch/submissions/0010.xlsx", "no workbook");
    let output = cdip(folder.path(), &["run", "batch"]);
    assert_eq!(status(&output), 3);
    assert!(
        stderr(&output).contains("error[F101]: the file ends in .xlsx but is not a workbook"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("error: nothing could be read: every file was refused"),
        "{}",
        stderr(&output)
    );
    assert!(!folder.path().join("reports/batch").exists());
}

#[test]
fn a_configuration_that_cannot_be_used_ends_with_2_and_names_the_line() {
    for (from, to, says) in [
        (
            "rules = \"rules.toml\"",
            "rules = \"co-cdip-2049-50\"",
            format!(
                "error: cdip has no rules for \"co-cdip-2049-50\": the program has ended\n  --> batch.toml, line 2, key rules\n   = fix: {}\n",
                why_not_built_in("co-cdip-2049-50").1
            ),
        ),
        (
            "rules = \"rules.toml\"",
            "rules = \"co-cdip-2042\"",
            format!(
                "error: unknown rules \"co-cdip-2042\"\n  --> batch.toml, line 2, key rules\n   = fix: did you mean `co-cdip-2024-25`? \
                 allowed: {}; or a path ending in .toml, relative to the batch folder\n",
                built_in_ids().join(", ")
            ),
        ),
        (
            "available",
            "avaliable",
            "error: unknown key `avaliable`\n  --> batch.toml, line 3, key avaliable\n   = fix: did you mean `available`? allowed: rules, \
             available, run_date, label, supplement_available, prepared_by, previous_receipt, readings, columns, values, office, accounting, input\n"
                .to_string(),
        ),
        (
            "\"10000.00\"",
            "10000.00",
            "error: invalid type: floating point `10000.0`, expected a string\n  --> batch.toml, line 3, key available\n   = fix: put it \
             between quotes\n"
                .to_string(),
        ),
    ] {
        let folder = with_batch("02-full-funding");
        let path = folder.path().join("batch/batch.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let output = cdip(folder.path(), &["run", "batch"]);
        assert_eq!((stderr(&output).as_str(), status(&output)), (says.as_str(), 2));
        assert_eq!(stdout(&output), "");
    }
    let folder = TempDir::new().unwrap();
    let output = cdip(folder.path(), &["run", "nowhere"]);
    assert_eq!(
        stderr(&output),
        "error: the batch folder does not exist\n  --> nowhere\n   = fix: give the folder that holds batch.toml and submissions/\n"
    );
    assert_eq!(status(&output), 2);
    assert_eq!(status(&cdip(folder.path(), &["walk"])), 2);
}

#[test]
fn a_folder_that_is_no_report_is_never_replaced() {
    let folder = with_batch("02-full-funding");
    put(folder.path(), "thesis/chapter.txt", "years of work");
    let output = cdip(folder.path(), &["run", "batch", "--out", "thesis"]);
    assert_eq!(status(&output), 2);
    assert!(
        stderr(&output).contains("error: the folder exists and is not a report of this program"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("thesis/chapter.txt")).unwrap(),
        "years of work"
    );
    // Nor is anything that somebody put next to a report's own files.
    assert_eq!(
        status(&cdip(
            folder.path(),
            &["run", "batch", "--replace", "--out", "report"]
        )),
        0
    );
    put(
        folder.path(),
        "report/~$statewide.xlsx",
        "left behind by Excel",
    );
    assert_eq!(
        status(&cdip(
            folder.path(),
            &["run", "batch", "--replace", "--out", "report"]
        )),
        0
    );
    put(folder.path(), "report/notes.txt", "call 0010");
    let output = cdip(
        folder.path(),
        &["run", "batch", "--replace", "--out", "report"],
    );
    assert_eq!(status(&output), 2);
    assert!(
        stderr(&output).contains("error: a file in the report's folder is not of the report"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("report/notes.txt")).unwrap(),
        "call 0010"
    );
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(
        status(&cdip(folder.path(), &["run", "batch", "--out", "empty"])),
        0
    );
}

#[test]
fn the_same_batch_gives_the_same_bytes_whatever_the_order_zone_or_threads() {
    let folder = with_batch("13-resolutions");
    assert_eq!(status(&cdip(folder.path(), &["run", "batch"])), 0);
    let first = tree(&folder.path().join("reports/batch"));
    // The same files written in the opposite order, under a parent of another name.
    let mut files = tree(&folder.path().join("batch"));
    files.reverse();
    for (path, bytes) in files {
        put(folder.path(), &format!("again/batch/{path}"), bytes);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_cdip"))
        .args(["run", "again/batch", "--out", "second"])
        .envs([
            ("TZ", "Asia/Kathmandu"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("RAYON_NUM_THREADS", "1"),
            ("POLARS_MAX_THREADS", "1"),
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(status(&output), 0);
    assert!(
        first == tree(&folder.path().join("second")),
        "the bytes differ"
    );
}

#[test]
fn what_an_interrupted_run_left_is_put_right_by_the_next() {
    let folder = with_batch("02-full-funding");
    assert_eq!(
        status(&cdip(folder.path(), &["run", "batch", "--replace"])),
        0
    );
    let reports = folder.path().join("reports");
    let before = tree(&reports.join("batch"));
    // Interrupted between the two renames: the old report stands aside, an unfinished one next to it.
    fs::rename(reports.join("batch"), reports.join(".batch.cdip-old")).unwrap();
    put(
        folder.path(),
        "reports/.batch.cdip-new-4711/completions.csv",
        "half of it",
    );
    // Even a run that cannot be finished brings the old report back.
    let path = folder.path().join("batch/participants.csv");
    let list = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(
        status(&cdip(folder.path(), &["run", "batch", "--replace"])),
        2
    );
    assert!(
        before == tree(&reports.join("batch")),
        "the old report is back"
    );
    fs::write(&path, list).unwrap();
    assert_eq!(
        status(&cdip(folder.path(), &["run", "batch", "--replace"])),
        0
    );
    assert_eq!(names(&reports), ["batch"]);
}

#[test]
fn next_years_ledger_is_accepted_as_it_is_and_pays_nothing_twice() {
    let folder = with_batch("02-full-funding");
    assert_eq!(
        status(&cdip(folder.path(), &["run", "batch", "--replace"])),
        0
    );
    let next = fs::read(folder.path().join("reports/batch/prior-payments-next.csv")).unwrap();
    // In its own year the ledger would pay twice what one run has paid, so it is refused there; the year after it counts.
    put(folder.path(), "batch/prior-payments.csv", &next);
    assert_eq!(status(&cdip(folder.path(), &["run", "batch"])), 2);
    let rules = folder.path().join("batch/rules.toml");
    let a_year_on = fs::read_to_string(&rules)
        .unwrap()
        .replace("\"2024-25\"", "\"2025-26\"")
        .replace("\"2023-24\"", "\"2024-25\"");
    fs::write(&rules, a_year_on).unwrap();
    let output = cdip(folder.path(), &["run", "batch", "--replace"]);
    assert_eq!(status(&output), 0);
    assert!(
        stdout(&output).contains("         0 paid                      4 not qualified\n"),
        "{}",
        stdout(&output)
    );
    let again = fs::read(folder.path().join("reports/batch/prior-payments-next.csv")).unwrap();
    assert_eq!(next, again, "nothing was paid, so nothing is added");
}

#[test]
fn stray_files_are_passed_over_and_a_row_of_formulas_stays_text() {
    let folder = with_batch("02-full-funding");
    for stray in ["~$0010.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini"] {
        put(
            folder.path(),
            &format!("batch/submissions/{stray}"),
            "stray",
        );
    }
    put(
        folder.path(),
        "batch/submissions/0010 more.csv",
        format!("{HEADINGS}=1+1,@x,+1,-1,=cmd,\t,-2,,\n"),
    );
    let output = cdip(folder.path(), &["run", "batch"]);
    assert_eq!(status(&output), 0);
    let csv = fs::read_to_string(folder.path().join("reports/batch/completions.csv")).unwrap();
    let row = csv
        .lines()
        .find(|line| line.starts_with("submissions/0010 more.csv"))
        .unwrap();
    assert!(
        row.starts_with("submissions/0010 more.csv,,2,'=1+1,'@x,'+1,'=CMD,,,,'-1,'-2,"),
        "{row}"
    );
    let receipt = fs::read_to_string(folder.path().join("reports/batch/receipt.json")).unwrap();
    assert!(receipt.contains("\"ignored_files\": 4"), "{receipt}");
}

#[test]
fn the_checksums_are_those_of_the_files_and_the_receipt_names_them_all() {
    let folder = with_batch("02-full-funding");
    assert_eq!(status(&cdip(folder.path(), &["run", "batch"])), 0);
    let report = folder.path().join("reports/batch");
    let sums = fs::read_to_string(report.join("SHA256SUMS")).unwrap();
    let receipt: serde_json::Value =
        serde_json::from_slice(&fs::read(report.join("receipt.json")).unwrap()).unwrap();
    let subjects = receipt["subject"].as_array().unwrap();
    for (path, bytes) in tree(&report)
        .into_iter()
        .filter(|(path, _)| path != "receipt.json")
    {
        let hash = cdip::hash::sha256_hex(&bytes);
        assert_eq!(
            sums.contains(&format!("{hash}  {path}\n")),
            path != "SHA256SUMS",
            "{path}"
        );
        assert!(
            subjects
                .iter()
                .any(|subject| subject["name"] == *path && subject["digest"]["sha256"] == *hash),
            "{path}"
        );
    }
    assert_eq!(receipt["predicate"]["standing"], "FINAL");
    assert_eq!(
        receipt["predicate"]["submissions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn a_code_and_a_reading_are_explained_and_a_misspelt_one_gets_the_nearest() {
    let folder = TempDir::new().unwrap();
    let output = cdip(folder.path(), &["rules", "explain", "n303"]);
    assert_eq!(
        stdout(&output),
        "\
N303: the completion date is outside the school year

Severity: not_qualified (the row can be read, but the state does not pay it)
Why:      A budget year pays the completions of the preceding school year, July 1 to June 30 inclusive (C.R.S. 22-54-138(5)).
Fix:      Correct the date if it is wrong. If it is right, leave the row in: it earns nothing here.
Example:  For 2023-24: `2023-06-30` or `2024-07-01`.
"
    );
    let output = cdip(folder.path(), &["rules", "explain", "cap_rounding"]);
    assert!(
        stdout(&output).contains("  floor (default): Rounded down.\n  nearest: "),
        "{}",
        stdout(&output)
    );
    let output = cdip(folder.path(), &["rules", "explain", "N333"]);
    assert_eq!(status(&output), 2);
    assert!(
        stderr(&output)
            .starts_with("error: unknown code or reading \"N333\"\n   = fix: did you mean `"),
        "{}",
        stderr(&output)
    );
    assert!(
        stdout(&cdip(folder.path(), &["rules", "list"]))
            .contains("\nco-cdip-2024-25  Career Development Incentive Program")
    );
}

#[test]
fn a_sample_is_never_written_over_something() {
    let folder = with_batch("02-full-funding");
    let output = cdip(folder.path(), &["sample", "--out", "batch"]);
    assert_eq!(status(&output), 2);
    assert!(
        stderr(&output).contains("error: the folder is not empty"),
        "{}",
        stderr(&output)
    );
    let output = cdip(
        folder.path(),
        &[
            "sample",
            "--out",
            "small",
            "--entities",
            "3",
            "--rows",
            "60",
            "--seed",
            "9",
        ],
    );
    assert_eq!(status(&output), 0);
    assert_eq!(status(&cdip(folder.path(), &["run", "small"])), 0);
}

#[test]
fn a_final_report_is_replaced_only_on_request_and_a_preliminary_one_at_once() {
    let folder = with_batch("02-full-funding");
    assert_eq!(status(&cdip(folder.path(), &["run", "batch"])), 0);
    let receipt = folder.path().join("reports/batch/receipt.json");
    let first = fs::read(&receipt).unwrap();
    // The same report once more replaces nothing.
    let again = cdip(folder.path(), &["run", "batch"]);
    assert_eq!(status(&again), 0, "{}", stderr(&again));
    assert!(!stdout(&again).contains("replaced"));
    let toml = folder.path().join("batch/batch.toml");
    let changed = fs::read_to_string(&toml).unwrap() + "\n# another input\n";
    fs::write(&toml, changed).unwrap();
    let output = cdip(folder.path(), &["run", "batch"]);
    assert_eq!(status(&output), 2);
    assert_eq!(
        stderr(&output),
        format!(
            "\
error: the folder holds a FINAL report (receipt {}), which may be the one that was paid from
  --> reports/batch
   = fix: give another --out, or --replace if nothing was paid from it
",
            &cdip::hash::sha256_hex(&first)[..12]
        )
    );
    assert_eq!(fs::read(&receipt).unwrap(), first);
    let output = cdip(folder.path(), &["run", "batch", "--replace"]);
    assert_eq!(status(&output), 0);
    assert_ne!(fs::read(&receipt).unwrap(), first);

    let folder = with_batch("07-held-and-duplicate");
    assert_eq!(status(&cdip(folder.path(), &["run", "batch"])), 0);
    assert_eq!(status(&cdip(folder.path(), &["run", "batch"])), 0);
}

#[test]
fn a_file_alone_is_checked_against_the_lists_near_it_and_marked_next_to_it() {
    let folder = with_batch("07-held-and-duplicate");
    let submissions = folder.path().join("batch/submissions");
    let file = fs::read_dir(&submissions).unwrap().next().unwrap().unwrap();
    let name = file.file_name().into_string().unwrap();
    let checked = cdip(&submissions, &["check", &name, "--batch", ".."]);
    let dropped = cdip(&submissions, &[&name]);
    assert_eq!(
        stdout(&dropped),
        format!(
            "Checked against batch.toml and the lists in the folder batch.\n{}",
            stdout(&checked)
        )
    );
    assert_eq!(status(&dropped), status(&checked));
    let stem = name.rsplit_once('.').unwrap().0;
    assert!(submissions.join(format!("{stem} (checked).xlsx")).is_file());
}

#[test]
fn a_folder_where_a_verb_belongs_is_answered_with_the_command_that_calculates_it() {
    let folder = with_batch("07-held-and-duplicate");
    let output = cdip(folder.path(), &["batch"]);
    assert_eq!(status(&output), 2);
    assert_eq!(
        stderr(&output),
        "\
error: cdip was not told what to do with this
  --> batch
   = fix: to calculate a batch, run: cdip run \"batch\"
"
    );
}

#[test]
fn a_mistyped_file_is_said_not_to_be_there_and_the_names_near_it_are_told() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "0880 spring.csv", HEADINGS);
    put(folder.path(), "0880 notes.pdf", "");
    put(folder.path(), "more/autumn.xlsx", "");
    let otherwise = "give the path of a submission, or of a folder with submissions";
    let cases = [
        (
            "0880 sprng.csv",
            "did you mean \"0880 spring.csv\"? If not, ",
        ),
        // Another ending, another case, and the words behind the code.
        (
            "0880 Spring.xlsx",
            "did you mean \"0880 spring.csv\"? If not, ",
        ),
        ("0880.xlsx", "did you mean \"0880 spring.csv\"? If not, "),
        ("more/autum.xlsx", "did you mean \"autumn.xlsx\"? If not, "),
        ("nothing like it.csv", ""),
        ("no folder/0880 spring.csv", ""),
    ];
    for (name, near) in cases {
        let said =
            format!("error: the file does not exist\n  --> {name}\n   = fix: {near}{otherwise}\n");
        for arguments in [vec![name], vec!["check", name], vec![name, "0880.csv"]] {
            let output = cdip(folder.path(), &arguments);
            assert_eq!(
                (status(&output), stderr(&output)),
                (2, said.clone()),
                "{arguments:?}"
            );
        }
    }
    // A mistyped verb is one.
    let output = cdip(folder.path(), &["chek"]);
    assert!(
        stderr(&output).contains("unrecognized subcommand 'chek'"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn completions_and_man_pages_know_every_verb() {
    let folder = TempDir::new().unwrap();
    let script = stdout(&cdip(folder.path(), &["completions", "bash"]));
    assert_eq!(status(&cdip(folder.path(), &["man", "--out", "man1"])), 0);
    for verb in ["run", "check", "verify", "settle", "audit-sample"] {
        assert!(script.contains(verb), "{verb}");
        let path = folder.path().join(format!("man1/cdip-{verb}.1"));
        assert!(
            fs::read_to_string(path).unwrap().contains(".SH OPTIONS"),
            "{verb}"
        );
    }
    // An example stays a line of its own, which man neither fills nor hyphenates.
    let verify = fs::read_to_string(folder.path().join("man1/cdip-verify.1")).unwrap();
    assert!(verify.contains("\n.nf\n  cdip verify reports/june\n"));
    let first = fs::read_to_string(folder.path().join("man1/cdip.1")).unwrap();
    assert!(first.contains("audit\\-sample") || first.contains("audit-sample"));
}
