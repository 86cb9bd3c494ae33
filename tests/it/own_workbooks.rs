//! Workbooks that the program wrote: they are refused as submissions in every format, and never overwrite a file that is not the
//! program's own.

use std::fs;
use std::path::{Path, PathBuf};

use cdip::catalogue::Code;
use tempfile::TempDir;

use crate::batch_builder::TestBatch;
use crate::libreoffice;
use crate::preview::state;
use crate::spreadsheets::{sheet, xlsx};
use crate::support::{cdip, names, stderr, tree};

/// What each verb writes, the arguments but the last, which is the path.
const VERBS: [&[&str]; 5] = [
    &["check", "submissions/0010.csv", "--batch", ".", "--mark"],
    &[
        "preview",
        "submissions/0010.csv",
        "--entity",
        "0010",
        "--factors",
        "report",
        "--batch",
        ".",
        "--out",
    ],
    &["readings", ".", "--out"],
    &["rehearse", ".", "--rules", "2025-26", "--out"],
    &["diff", "report", "report", "--xlsx"],
];

/// A batch of two districts with its report as `report`.
fn office() -> TempDir {
    state().with_report()
}

/// Writes what a verb writes to a path; gives the status and what was said.
fn written(folder: &Path, verb: &[&str], path: &str) -> (Option<i32>, String) {
    let output = cdip(folder, &[verb, &[path]].concat());
    (output.status.code(), stderr(&output))
}

/// Every workbook that could be sent back, as `own/*.xlsx`, each with what it is.
fn own_workbooks(folder: &Path) -> Vec<(&'static str, &'static str)> {
    fs::create_dir_all(folder.join("own")).unwrap();
    assert_eq!(written(folder, VERBS[0], "own/marked.xlsx").0, Some(0));
    assert_eq!(written(folder, VERBS[1], "own/preview.xlsx").0, Some(0));
    let entities = folder.join("report/entities");
    let first = entities.join(&names(&entities)[0]);
    fs::copy(first, folder.join("own/award.xlsx")).unwrap();
    fs::copy(
        folder.join("report/statewide.xlsx"),
        folder.join("own/state.xlsx"),
    )
    .unwrap();
    vec![
        ("marked", "a marked copy or an award"),
        ("award", "a marked copy or an award"),
        ("preview", "a preview"),
        ("state", "the workbook of a report"),
    ]
}

fn is_refused(name: &str, format: &str, what: &str, bytes: Vec<u8>) {
    let path = format!("submissions/0010.{format}");
    let calculation = TestBatch::new().file(&path, bytes).calculated();
    assert_eq!(
        calculation.intake.files[0].refused,
        Some(Code::F105),
        "{name}.{format}"
    );
    assert!(calculation.intake.completions.is_empty());
    let mut findings = calculation.findings.iter();
    let finding = findings.find(|finding| finding.code == Code::F105).unwrap();
    assert_eq!(
        finding.message,
        format!("the workbook was made by cdip: it is {what}, and not a submission"),
        "{name}.{format}"
    );
}

#[test]
fn a_workbook_that_cdip_wrote_is_refused_as_a_submission_and_told_what_it_is() {
    let folder = office();
    for (name, what) in own_workbooks(folder.path()) {
        let path = folder.path().join(format!("own/{name}.xlsx"));
        is_refused(name, "xlsx", what, fs::read(path).unwrap());
    }
}

#[test]
fn it_is_refused_after_libreoffice_saved_it_in_any_format() {
    let folder = office();
    let own = own_workbooks(folder.path());
    let files: Vec<PathBuf> = own
        .iter()
        .map(|(name, _)| folder.path().join(format!("own/{name}.xlsx")))
        .collect();
    // The first sheet of each has the stamp, so that it is known as csv too.
    for format in ["xlsx", "ods", "xls", "csv"] {
        let out = folder.path().join(format);
        if !libreoffice::convert(folder.path(), format, &out, &files) {
            return;
        }
        for (name, what) in &own {
            let bytes = fs::read(out.join(format!("{name}.{format}"))).unwrap();
            is_refused(name, format, what, bytes);
        }
    }
}

/// Others that write a file, likewise.
const OTHERS: [&[&str]; 3] = [
    &[
        "audit-sample",
        "report",
        "--method",
        "mus",
        "--size",
        "2",
        "--seed",
        "a",
        "--out",
    ],
    &["template", "--batch", ".", "--out"],
    &["check", "--batch", ".", "--resolutions-out"],
];

#[test]
fn nothing_is_written_into_the_folder_of_a_report() {
    let folder = office();
    let path = folder.path();
    fs::write(path.join("paid.csv"), "Payee,Date,Amount,Reference\n").unwrap();
    let before = tree(&path.join("report"));
    let refused = |at: &Path, verb: &[&str], place: &str| {
        let (status, said) = written(at, verb, place);
        assert_eq!(status, Some(2), "{verb:?}: {said}");
        let why = format!(
            "error: this place is in the folder of a report, where only the report's own files belong\n  --> {place}"
        );
        assert!(said.contains(&why), "{verb:?}: {said}");
        assert!(tree(&path.join("report")) == before, "{verb:?}");
    };
    for verb in VERBS.iter().chain(&OTHERS) {
        refused(path, verb, "report/entities/out.xlsx");
    }
    let factors = ["factors", "--from", "report", "--out"];
    refused(path, &factors, "report/factors.json");
    let settle = ["settle", "report", "--paid", "paid.csv", "--out"];
    refused(path, &settle, "report/settlement");
    refused(path, &["years", "report", "--out"], "report/new/years");
    // From a folder of the report, where the place is a name alone.
    let entities = path.join("report/entities");
    let template = ["template", "--batch", "../..", "--out"];
    refused(&entities, &template, "t.xlsx");
    let last_year = ["preview", "submissions/0010.csv", "--entity", "0010"];
    let assumed = ["--batch", ".", "--units", "0,20,0", "--available", "11000"];
    let more = ["--last-year", "report", "--out"];
    refused(path, &[&last_year[..], &assumed, &more].concat(), "report");
}

#[test]
fn a_name_with_another_ending_and_a_folder_are_refused_before_the_work() {
    let folder = office();
    let path = folder.path();
    fs::create_dir(path.join("june.xlsx")).unwrap();
    let before = tree(path);
    // A preview takes another name for that of a folder.
    let verbs = VERBS.iter().filter(|verb| verb[0] != "preview");
    for verb in verbs.chain(&OTHERS) {
        for (place, why) in [
            ("out.ods", "the file would not be what its name says"),
            ("june.xlsx", "this is a folder, not a file"),
        ] {
            let output = cdip(path, &[*verb, &[place]].concat());
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{verb:?}: {said}");
            assert!(said.contains(why), "{verb:?}: {said}");
            // A check has something to say first.
            assert_eq!(output.stdout.is_empty(), verb[0] != "check", "{verb:?}");
        }
    }
    assert!(tree(path) == before);
}

#[test]
fn a_file_to_fill_in_goes_into_a_folder_that_is_made_for_it() {
    let folder = office();
    let (status, said) = written(folder.path(), OTHERS[2], "to decide/june.csv");
    assert_eq!(status, Some(0), "{said}");
    assert!(folder.path().join("to decide/june.csv").is_file());
}

#[test]
#[cfg(unix)]
fn a_pipe_in_the_place_of_factors_is_refused_and_not_waited_for() {
    let folder = office();
    let pipe = folder.path().join("factors.json");
    let made = std::process::Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    let verb = ["factors", "--from", "report", "--out"];
    let (status, said) = written(folder.path(), &verb, "factors.json");
    assert_eq!(status, Some(2), "{said}");
    assert!(
        said.starts_with("error: another file is there already\n"),
        "{said}"
    );
}

#[test]
fn no_verb_writes_over_a_file_that_it_did_not_write() {
    let folder = office();
    let path = folder.path();
    let theirs = xlsx(&[sheet("Budget", vec![vec!["ours".into()]])]);
    let state = fs::read(path.join("report/statewide.xlsx")).unwrap();
    for (at, verb) in VERBS.iter().enumerate() {
        // A workbook of another program, a text, and a workbook of cdip of another kind.
        for foreign in [&theirs[..], b"minutes of the board", &state] {
            fs::write(path.join("out.xlsx"), foreign).unwrap();
            let (status, said) = written(path, verb, "out.xlsx");
            assert_eq!(status, Some(2), "{}: {said}", verb[0]);
            assert!(
                said.contains("another file is there already"),
                "{}: {said}",
                verb[0]
            );
            assert!(
                fs::read(path.join("out.xlsx")).unwrap() == foreign,
                "{}",
                verb[0]
            );
        }
        // Its own it may replace, as long as nobody else saved it.
        let own = format!("own-{at}.xlsx");
        for _ in 0..2 {
            let (status, said) = written(path, verb, &own);
            assert_eq!(status, Some(0), "{}: {said}", verb[0]);
        }
    }
}
