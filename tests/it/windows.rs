//! Windows: long paths, folders of `OneDrive`, drives and shares, files that are open in other programs or read-only, names of devices,
//! and a file dropped on the program. Tests that make sense on every system run on every system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use tempfile::TempDir;

use crate::batch_builder::{TestBatch, clean_row, with_batch};
use crate::support::{cdip, names, tree};

/// A folder as `OneDrive` names those of an office.
const ONEDRIVE: &str = "OneDrive - State of Colorado";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).replace("\r\n", "\n")
}

#[cfg(windows)]
fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A sound batch in a folder of this name.
fn batch_in(folder: &Path) -> PathBuf {
    let batch = folder.join("batch");
    TestBatch::of(&[clean_row()]).write_into(&batch);
    batch
}

/// Checks the batch's file and marks it.
#[cfg(windows)]
const MARK: [&str; 6] = [
    "check",
    "batch/submissions/0010.csv",
    "--batch",
    "batch",
    "--mark",
    "marked.xlsx",
];

/// Runs a command that must end with a status, and gives what it said.
fn ended(folder: &Path, arguments: &[&str], status: i32) -> String {
    let output = cdip(folder, arguments);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    said
}

/// Runs, replaces, verifies and checks a batch with absolute paths; the report is that of a batch elsewhere.
fn works_at(folder: &Path, batch: &Path) {
    let report = batch.with_file_name("Report June 30");
    let (at, out) = (text(batch), text(&report));
    for _ in 0..2 {
        ended(folder, &["run", at, "--replace", "--out", out], 0);
    }
    ended(folder, &["verify", out, "--batch", at], 0);
    let file = batch.join("submissions/0010.csv");
    let marked = batch.with_file_name("0010 (marked).xlsx");
    let arguments = ["check", text(&file), "--batch", at, "--mark", text(&marked)];
    ended(folder, &arguments, 0);
    assert!(marked.is_file());
    let elsewhere = with_batch();
    ended(elsewhere.path(), &["run", "batch", "--out", "report"], 0);
    assert!(
        tree(&report) == tree(&elsewhere.path().join("report")),
        "the report depends on where it is"
    );
}

#[test]
fn a_batch_in_a_folder_of_onedrive_with_blanks_works_like_any_other() {
    let folder = TempDir::new().unwrap();
    works_at(
        folder.path(),
        &batch_in(
            &folder
                .path()
                .join(ONEDRIVE)
                .join("Incentive Program (CDIP)"),
        ),
    );
}

#[test]
fn a_path_longer_than_windows_once_allowed_works_like_any_other() {
    let folder = TempDir::new().unwrap();
    let mut deep = folder.path().join(ONEDRIVE);
    for year in 2019..2025 {
        deep.push(format!(
            "Career Development Incentive Program, budget year {year}"
        ));
    }
    let batch = batch_in(&deep);
    // 260 characters were the most.
    assert!(text(&batch).len() > 260, "{}", text(&batch).len());
    works_at(folder.path(), &batch);
}

#[test]
fn a_report_whose_files_are_marked_read_only_is_replaced_and_nothing_is_left() {
    let folder = with_batch();
    let run = ["run", "batch", "--replace", "--out", "report"];
    ended(folder.path(), &run, 0);
    for (path, _) in tree(&folder.path().join("report")) {
        mark_read_only(&folder.path().join("report").join(path));
    }
    let settings = folder.path().join("batch/batch.toml");
    let changed = fs::read_to_string(&settings)
        .unwrap()
        .replace("label = \"test\"", "label = \"second\"");
    fs::write(settings, changed).unwrap();
    ended(folder.path(), &run, 0);
    assert_eq!(names(folder.path()), ["batch", "report"]);
    ended(folder.path(), &["verify", "report", "--batch", "batch"], 0);
}

fn mark_read_only(path: &Path) {
    let mut permissions = fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions).unwrap();
}

#[test]
fn a_run_that_was_killed_once_the_new_report_was_in_place_leaves_nothing_to_the_next() {
    let folder = with_batch();
    let run = ["run", "batch", "--replace", "--out", "report"];
    ended(folder.path(), &run, 0);
    let before = tree(&folder.path().join("report"));
    // Of the two renames both were done, and the old report was not yet removed; one of its files is marked read-only.
    let old = folder.path().join(".report.cdip-old");
    fs::create_dir(&old).unwrap();
    fs::write(old.join("completions.csv"), "of the old report").unwrap();
    mark_read_only(&old.join("completions.csv"));
    ended(folder.path(), &run, 0);
    assert!(before == tree(&folder.path().join("report")));
    assert_eq!(names(folder.path()), ["batch", "report"]);
}

#[test]
fn a_place_that_windows_cannot_have_is_refused_on_every_system_and_nothing_is_made() {
    let folder = with_batch();
    for (name, reason) in [
        ("NUL", "Windows keeps the name NUL for a device"),
        ("con", "Windows keeps the name con for a device"),
        ("reports/COM1", "Windows keeps the name COM1 for a device"),
        (
            "june.",
            "Windows allows no name that ends in a period or a space",
        ),
        (
            "june ",
            "Windows allows no name that ends in a period or a space",
        ),
        ("what?", "Windows allows no ? in a name"),
    ] {
        let said = ended(folder.path(), &["run", "batch", "--out", name], 2);
        let expected = format!(
            "error: the report cannot be written: {reason}\n  --> {name}\n   = fix: nothing was changed: give another --out\n"
        );
        assert_eq!(said, expected);
    }
    for name in ["CON.xlsx", "aux.june.xlsx", "what?.xlsx"] {
        let template = ["template", "--batch", "batch", "--out", name];
        let said = ended(folder.path(), &template, 2);
        assert!(
            said.starts_with("error: the file cannot be written: Windows ")
                && said.contains(&format!(
                    "  --> {name}\n   = fix: nothing was changed: give another name"
                )),
            "{said}"
        );
    }
    assert_eq!(names(folder.path()), ["batch"]);
}

/// Only Windows has them.
#[cfg(windows)]
mod there {
    use std::env;
    use std::fs::File;
    use std::io::Write as _;
    use std::os::windows::fs::OpenOptionsExt as _;
    use std::os::windows::process::CommandExt as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// Opens a file as a program does that lets nobody else open it.
    fn held(path: &Path) -> File {
        let mut options = File::options();
        options.read(true).write(true).share_mode(0);
        options.open(path).unwrap()
    }

    #[test]
    fn a_submission_that_another_program_has_open_is_refused_by_name_and_the_others_are_read() {
        let batch = TestBatch::of(&[clean_row()]).rows("submissions/0020.csv", &[clean_row()]);
        let folder = batch.write_as_batch();
        let open = held(&folder.path().join("batch/submissions/0020.csv"));
        let output = cdip(folder.path(), &["run", "batch"]);
        let said = said(&output) + &printed(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        for expected in [
            "error[F107]: the file cannot be opened: another program has it open",
            "submissions/0020.csv",
            "Close it in Excel and run again",
        ] {
            assert!(said.contains(expected), "{said}");
        }
        drop(open);
        let output = cdip(folder.path(), &["run", "batch"]);
        assert!(!super::said(&output).contains("F107"));
    }

    #[test]
    fn a_list_or_batch_toml_that_another_program_has_open_stops_the_run_with_what_to_close() {
        let folder = with_batch();
        let mut files = names(&folder.path().join("batch"));
        files.retain(|name| name != "submissions");
        assert!(files.len() >= 3, "batch.toml and two lists: {files:?}");
        for name in &files {
            let open = held(&folder.path().join("batch").join(name));
            let said = ended(folder.path(), &["run", "batch"], 2);
            assert!(
                said.contains("cannot be opened: another program has it open")
                    && said.contains(name)
                    && said.contains("= fix: close it"),
                "{said}"
            );
            drop(open);
        }
        ended(folder.path(), &["run", "batch"], 0);
    }

    #[test]
    fn a_list_of_which_another_program_has_locked_a_part_stops_the_run_with_what_to_close() {
        let folder = with_batch();
        let list = folder.path().join("batch/participants.csv");
        let open = File::options().read(true).write(true).open(list).unwrap();
        open.lock().unwrap();
        let output = cdip(folder.path(), &["run", "batch"]);
        let said = said(&output);
        // Windows reads nothing that is locked; Wine may.
        if output.status.code() == Some(2) {
            assert!(
                said.contains("cannot be opened: another program has it open")
                    && said.contains("participants.csv"),
                "{said}"
            );
        } else {
            assert_eq!(output.status.code(), Some(0), "{said}");
            crate::support::left_out("this system reads what another program has locked");
        }
        drop(open);
        ended(folder.path(), &["run", "batch"], 0);
    }

    #[test]
    fn a_marked_copy_that_is_open_is_left_alone_and_the_message_says_to_close_it_in_excel() {
        let folder = with_batch();
        ended(folder.path(), &MARK, 0);
        let marked = folder.path().join("marked.xlsx");
        let before = fs::read(&marked).unwrap();
        let open = held(&marked);
        let said = ended(folder.path(), &MARK, 2);
        assert!(
            said.contains("the file cannot be written: another program has it open")
                && said.contains("marked.xlsx")
                && said.contains("close it in Excel and run again"),
            "{said}"
        );
        drop(open);
        // As Excel opens it: others may read, nobody may replace it.
        let mut options = File::options();
        let open = options.read(true).write(true).share_mode(1).open(&marked);
        let said = ended(folder.path(), &MARK, 2);
        assert!(
            said.contains("the file cannot be written: ")
                && said.contains("close it in Excel and run again"),
            "{said}"
        );
        drop(open);
        assert!(before == fs::read(&marked).unwrap());
        assert_eq!(names(folder.path()), ["batch", "marked.xlsx"]);
        ended(folder.path(), &MARK, 0);
    }

    #[test]
    fn a_report_with_a_workbook_open_is_replaced_or_left_whole_with_what_to_close() {
        let folder = with_batch();
        let run = ["run", "batch", "--replace", "--out", "report"];
        ended(folder.path(), &run, 0);
        let before = tree(&folder.path().join("report"));
        let open = held(&folder.path().join("report/statewide.xlsx"));
        let output = cdip(folder.path(), &run);
        let said = said(&output);
        drop(open);
        // Windows moves no folder with an open file in it; Wine does.
        if output.status.code() == Some(2) {
            assert!(
                said.contains("the report cannot be written: ")
                    && said
                        .contains("a file of the report is open: close it in Excel and run again"),
                "{said}"
            );
        } else {
            assert_eq!(output.status.code(), Some(0), "{said}");
            crate::support::left_out("this system moves a folder although a file in it is open");
        }
        ended(folder.path(), &run, 0);
        assert!(before == tree(&folder.path().join("report")));
        assert_eq!(names(folder.path()), ["batch", "report"]);
    }

    #[test]
    fn a_file_marked_read_only_is_not_replaced_and_the_message_says_so_at_once() {
        let folder = with_batch();
        ended(folder.path(), &MARK, 0);
        mark_read_only(&folder.path().join("marked.xlsx"));
        let said = ended(folder.path(), &MARK, 2);
        assert!(
            said.contains("the file cannot be written: the one that is there is marked read-only")
                && said.contains("clear Read-only in the properties of the file"),
            "{said}"
        );
        assert_eq!(names(folder.path()), ["batch", "marked.xlsx"]);
    }

    #[test]
    fn backslashes_drives_and_paths_of_any_length_are_taken_as_arguments() {
        let folder = with_batch();
        ended(
            folder.path(),
            &["run", ".\\batch\\", "--out", ".\\reports\\june\\"],
            0,
        );
        ended(
            folder.path(),
            &["verify", "reports\\june", "--batch", "batch\\"],
            0,
        );
        let output = cdip(
            folder.path(),
            &["check", "batch\\submissions\\0010.csv", "--batch", "batch"],
        );
        assert_eq!(output.status.code(), Some(0));
        assert!(
            !printed(&output).contains("submissions\\"),
            "a path of a batch is shown with / on every system: {}",
            printed(&output)
        );
        // With its drive, as the Explorer copies it, and as a path of any length: \\?\C:\...
        let with_drive = folder.path().to_path_buf();
        assert_eq!(text(&with_drive).chars().nth(1), Some(':'));
        works_at(folder.path(), &with_drive.join("batch"));
        let of_any_length = folder.path().canonicalize().unwrap();
        assert!(text(&of_any_length).starts_with("\\\\?\\"));
        works_at(folder.path(), &of_any_length.join("batch"));
    }

    #[test]
    fn no_message_shows_a_place_otherwise_than_it_was_given() {
        let folder = with_batch();
        fs::create_dir(folder.path().join("mine")).unwrap();
        fs::write(folder.path().join("mine/notes.txt"), "mine").unwrap();
        let said = ended(folder.path(), &["run", "batch", "--out", "mine"], 2);
        assert!(
            said.contains("  --> mine\n") && !said.contains("\\\\?\\"),
            "{said}"
        );
    }

    /// A share of the network: what `CDIP_TEST_SHARE` names (`.ci/windows` makes one for Wine), or else the one of the drive itself,
    /// which administrators of a real Windows can open.
    #[test]
    fn a_batch_on_a_share_of_the_network_works_like_any_other() {
        let folder = TempDir::new().unwrap();
        let share = env::var("CDIP_TEST_SHARE").unwrap_or_else(|_| {
            let local = text(folder.path());
            format!("\\\\localhost\\{}${}", &local[..1], &local[2..])
        });
        let Ok(shared) = TempDir::new_in(&share) else {
            crate::support::left_out(&format!("{share} cannot be opened"));
            return;
        };
        assert!(text(shared.path()).starts_with("\\\\"), "{share}");
        works_at(folder.path(), &batch_in(&shared.path().join(ONEDRIVE)));
    }

    #[test]
    fn a_backslash_before_the_closing_quotation_mark_is_explained() {
        let folder = TempDir::new().unwrap();
        batch_in(&folder.path().join("my batch"));
        let output = Command::new(env!("CARGO_BIN_EXE_cdip"))
            .raw_arg("run \"my batch\\\" --out report")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("my batch\" --out report")
                && said.contains("leave out the backslash before the closing quotation mark"),
            "{said}"
        );
    }

    /// What stands in for the Explorer, as a program of its name: it starts the program with the rest of this text, in lines.
    const TO_START: &str = "CDIP_TEST_TO_START";

    #[test]
    fn explorer_stand_in() {
        let Ok(arguments) = env::var(TO_START) else {
            return;
        };
        let arguments = arguments.lines();
        let status = Command::new(env!("CARGO_BIN_EXE_cdip"))
            .args(arguments)
            .status();
        std::process::exit(status.unwrap().code().unwrap());
    }

    /// Starts the program as the Explorer does, presses Enter, and gives what was printed.
    fn from_the_explorer(folder: &Path, arguments: &[&str]) -> Output {
        let tests = env::current_exe().unwrap();
        let programs = TempDir::new().unwrap();
        let explorer = programs.path().join("explorer.exe");
        fs::copy(&tests, &explorer).unwrap();
        // Wine needs it next to a program; elsewhere it is not there.
        let library = "bcryptprimitives.dll";
        let _ = fs::copy(tests.with_file_name(library), programs.path().join(library));
        let mut started = Command::new(explorer)
            .args([
                "--exact",
                "windows::there::explorer_stand_in",
                "--nocapture",
            ])
            .env(TO_START, arguments.join("\n"))
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        started.stdin.take().unwrap().write_all(b"\r\n").unwrap();
        started.wait_with_output().unwrap()
    }

    #[test]
    fn a_file_dropped_on_the_program_is_checked_and_marked_and_the_window_stays_until_enter() {
        let folder = with_batch();
        let file = folder.path().join("batch/submissions/0010.csv");
        let output = from_the_explorer(folder.path(), &[text(&file)]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(
            said.trim_end()
                .ends_with("Press Enter to close this window."),
            "{said}"
        );
        assert!(said.contains("0010 (checked).xlsx"), "{said}");
        let marked = folder.path().join("batch/submissions/0010 (checked).xlsx");
        assert!(marked.is_file());
        // From a terminal nothing is waited for.
        let output = cdip(folder.path(), &[text(&file)]);
        assert!(!super::said(&output).contains("Press Enter"));
    }

    #[test]
    fn a_double_click_says_in_four_lines_what_to_do_and_stays() {
        let folder = TempDir::new().unwrap();
        let output = from_the_explorer(folder.path(), &[]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let (welcome, rest) = said.split_once("\n\n").unwrap();
        assert_eq!(welcome.lines().count(), 4, "{said}");
        assert!(welcome.contains("drag it onto this program"), "{said}");
        assert_eq!(rest.trim_end(), "Press Enter to close this window.");
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn the_program_carries_its_icon_its_version_and_the_manifest_for_utf_8_and_long_paths() {
        let program = fs::read(env!("CARGO_BIN_EXE_cdip")).unwrap();
        let has = |bytes: &[u8]| program.windows(bytes.len()).any(|window| window == bytes);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/windows");
        let manifest = fs::read(source.join("cdip.manifest")).unwrap();
        assert!(has(&manifest));
        let icon = fs::read(source.join("cdip.ico")).unwrap();
        // The first image of the file: its length and place are in its directory.
        let number = |at: usize| u32::from_le_bytes(icon[at..at + 4].try_into().unwrap()) as usize;
        assert!(has(&icon[number(18)..number(18) + number(14)]));
        let wide =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        assert!(has(&wide("ProductVersion")) && has(&wide(env!("CARGO_PKG_VERSION"))));
    }
}
