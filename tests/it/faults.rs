//! Faults around the program, as a user sees them: never half an output, never a wrong amount, always a message.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use cdip::batch::Batch;
use cdip::calculation::{Calculation, calculate};
use cdip::catalogue::Code;
use cdip::intake::completions::Field;
use tempfile::TempDir;

use crate::batch_builder::{TestBatch, clean_row, codes_found, csv_of, rows_ended, with_batch};
use crate::support::{cdip, names, root, stderr, tree};

type Tree = Vec<(String, Vec<u8>)>;

/// The files of the report of the batch, written there.
fn reported(folder: &Path, out: &str) -> Vec<(String, Vec<u8>)> {
    let output = cdip(folder, &["run", "batch", "--replace", "--out", out]);
    assert!(output.status.success(), "{output:?}");
    tree(&folder.join(out))
}

/// Runs a line of the shell in a folder, the program being `$CDIP`.
#[cfg(unix)]
fn shell(folder: &Path, line: &str) -> std::process::Output {
    Command::new("sh")
        .args(["-c", line])
        .env("CDIP", env!("CARGO_BIN_EXE_cdip"))
        .current_dir(folder)
        .output()
        .unwrap()
}

// Killed.

/// When a run was killed, by what stood where its report goes.
#[derive(Debug, Default)]
struct Kills {
    /// Before anything of the new report was written, while it was, once it was in place; and runs that ended before.
    before: u32,
    during: u32,
    after: u32,
    ended: u32,
}

/// Bytes of a file, or of all below a folder; what vanishes meanwhile counts nothing.
#[cfg(unix)]
fn bytes_of(path: &Path) -> u64 {
    if path.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| bytes_of(&entry.path())).sum()
    } else {
        path.metadata().map_or(0, |file| file.len())
    }
}

/// What a verb that was killed, or is at work, left of its output in this folder.
#[cfg(unix)]
fn unfinished_in(folder: &Path) -> Option<std::path::PathBuf> {
    let mut entries = fs::read_dir(folder).ok()?.flatten();
    entries.find_map(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_unfinished = name.starts_with(".made") && name.contains(".cdip-new-");
        is_unfinished.then(|| entry.path())
    })
}

/// The batch under two labels, so that every file of the one's report is another than that of the other's.
#[cfg(unix)]
fn older_and_newer(batch: &Path, folder: &Path) {
    for label in ["older", "newer"] {
        for (path, bytes) in tree(batch) {
            let labelled = || {
                let text = String::from_utf8(bytes.clone()).unwrap();
                text.replacen("label = \"", &format!("label = \"{label} "), 1)
                    .into_bytes()
            };
            let content = if path == "batch.toml" {
                labelled()
            } else {
                bytes
            };
            crate::support::put(&folder.join(label), &path, content);
        }
    }
}

/// Kills a verb once its unfinished output `out/made`, a folder or a workbook, holds so many bytes: the points are chosen by a seed and
/// found by looking, so that no clock has a say. Every other run replaces an older output. After each, the output is the old one, the
/// new one, or absent where there was none; and the next run gives the bytes of one that nobody disturbed, with nothing next to them.
#[cfg(unix)]
fn kill_verb(program: &Path, folder: &Path, arguments: &[&str], kills: u32) -> Kills {
    let out = folder.join("out");
    let name = if arguments == OF_ONE_FILE {
        "made.xlsx"
    } else {
        "made"
    };
    let made = out.join(name);
    let run = |label: &str| {
        let mut command = Command::new(program);
        command
            .args(
                arguments
                    .iter()
                    .map(|argument| argument.replace("LABEL", label)),
            )
            .args(["--out", &format!("out/{name}")])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let whole = |label: &str| -> Tree {
        assert!(
            run(label)
                .status()
                .unwrap()
                .code()
                .is_some_and(|status| status <= 1),
            "{arguments:?}"
        );
        assert_eq!(names(&out), [name], "nothing is left next to the output");
        tree(&out)
    };
    let empty = || {
        let _ = fs::remove_dir_all(&out);
        fs::create_dir(&out).unwrap();
    };
    empty();
    let (older, newer) = (whole("older"), whole("newer"));
    assert!(older != newer, "{arguments:?}");
    let size: u64 = newer.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let mut found = Kills::default();
    let mut seed = 20_240_915_u64;
    for turn in 0..kills {
        empty();
        let before = (turn % 2 == 1).then(|| whole("older"));
        // A linear congruential generator (Knuth, MMIX); the points go a little beyond the end.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let wanted = (seed >> 33) % (size + size / 8);
        let mut child = run("newer").spawn().unwrap();
        let lock = out.join(".made.cdip-lock");
        loop {
            let unfinished = unfinished_in(&out);
            let reached = if wanted < size / 16 {
                lock.exists() || unfinished.is_some()
            } else {
                unfinished.as_deref().map_or(0, bytes_of) >= wanted
            };
            let published = wanted >= size && made.exists() && before.is_none();
            if reached || published || child.try_wait().unwrap().is_some() {
                break;
            }
        }
        child.kill().unwrap();
        let killed = child.wait().unwrap().code().is_none();
        let unfinished = unfinished_in(&out);
        let now = made.exists().then(|| {
            let mut now = tree(&out);
            now.retain(|(name, _)| !name.starts_with('.'));
            now
        });
        let is_new = now.as_ref() == Some(&newer);
        assert!(
            is_new || now == before,
            "{arguments:?} killed at {wanted} bytes: the output is neither the old one nor the new one"
        );
        match (killed, is_new, unfinished.is_some()) {
            (false, ..) => found.ended += 1,
            (true, true, _) => found.after += 1,
            (true, false, true) => found.during += 1,
            (true, false, false) => found.before += 1,
        }
        assert!(
            whole("newer") == newer,
            "{arguments:?} killed at {wanted} bytes: the next run gives other bytes"
        );
    }
    found
}

/// A report of a batch, again and again.
#[cfg(unix)]
fn kill_runs(program: &Path, batch: &Path, kills: u32) -> Kills {
    let folder = TempDir::new().unwrap();
    older_and_newer(batch, folder.path());
    kill_verb(
        program,
        folder.path(),
        &["run", "--replace", "LABEL"],
        kills,
    )
}

/// A verb that writes a single file.
#[cfg(unix)]
const OF_ONE_FILE: &[&str] = &["readings", "LABEL"];

/// The same with the districts' page, which needs its engine. It is written at once, so on a fast disk no kill comes in time.
#[cfg(unix)]
const PAGE: &[&str] = &["page", "--batch", "LABEL", "--factors", "LABEL-report"];

/// The verbs that write a folder from a report.
#[cfg(unix)]
const FROM_A_REPORT: [&[&str]; 4] = [
    &[
        "settle",
        "LABEL-report",
        "--preliminary",
        "--paid",
        "paid.csv",
    ],
    &["letters", "LABEL-report"],
    &["years", "LABEL-report", "--preliminary"],
    &["publish", "LABEL-report", "--preliminary"],
];

/// Two reports of a batch, and the payments made for them.
#[cfg(unix)]
fn with_reports(program: &Path, batch: &Path) -> TempDir {
    let folder = TempDir::new().unwrap();
    older_and_newer(batch, folder.path());
    for label in ["older", "newer"] {
        let status = Command::new(program)
            .args(["run", label, "--out", &format!("{label}-report")])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.code().is_some_and(|status| status <= 1));
    }
    fs::write(
        folder.path().join("paid.csv"),
        "Payee,Date,Amount,Reference\n",
    )
    .unwrap();
    folder
}

#[test]
#[cfg(unix)]
fn a_run_that_is_killed_leaves_the_old_report_or_the_new_one_and_the_next_run_puts_all_right() {
    let batch = root().join("tests/vectors/13-resolutions");
    let kills = kill_runs(Path::new(env!("CARGO_BIN_EXE_cdip")), &batch, 12);
    assert!(
        kills.before + kills.during > 0,
        "no kill came in time: {kills:?}"
    );
}

#[test]
#[cfg(unix)]
fn a_settlement_letters_years_a_public_version_and_a_file_that_are_killed_are_whole_or_absent() {
    let program = Path::new(env!("CARGO_BIN_EXE_cdip"));
    let folder = with_reports(program, &root().join("tests/vectors/13-resolutions"));
    for verb in FROM_A_REPORT.into_iter().chain([OF_ONE_FILE]) {
        // A file is written so fast that most kills come too late.
        let kills = if verb == OF_ONE_FILE { 16 } else { 4 };
        let kills = kill_verb(program, folder.path(), verb, kills);
        assert!(
            kills.before + kills.during > 0,
            "no kill of {verb:?} came in time: {kills:?}"
        );
    }
}

#[test]
#[cfg(unix)]
fn what_the_disk_does_not_take_of_a_settlement_letters_years_or_a_public_version_leaves_the_old() {
    let program = Path::new(env!("CARGO_BIN_EXE_cdip"));
    let folder = with_reports(program, &root().join("tests/vectors/13-resolutions"));
    for verb in FROM_A_REPORT {
        let line = |label: &str| format!("{} --out made", verb.join(" ").replace("LABEL", label));
        assert!(
            shell(folder.path(), &format!("\"$CDIP\" {}", line("older")))
                .status
                .success()
        );
        let old = tree(&folder.path().join("made"));
        let largest = old.iter().map(|(_, bytes)| bytes.len()).max().unwrap();
        // Blocks of 512 bytes: none, a few, and one too few for the largest file.
        for blocks in [0, 2, largest.div_ceil(512) - 1] {
            let output = shell(
                folder.path(),
                &format!(
                    "trap '' XFSZ; ulimit -f {blocks}; exec \"$CDIP\" {}",
                    line("newer")
                ),
            );
            let context = format!("{verb:?}, {blocks} blocks");
            assert_refused(
                &output,
                "File too large",
                "the old one is untouched",
                &context,
            );
            assert!(old == tree(&folder.path().join("made")), "{context}");
            assert!(
                !names(folder.path())
                    .iter()
                    .any(|name| name.starts_with('.')),
                "{context}"
            );
        }
        fs::remove_dir_all(folder.path().join("made")).unwrap();
    }
}

/// `CDIP=target/release/cdip CDIP_KILLS=200 CDIP_BATCH=samples/statewide-2024-25 cargo test --test it two_hundred_kills -- --ignored --nocapture`
#[test]
#[cfg(unix)]
#[ignore = "takes minutes: run it by hand, with the optimized program"]
fn two_hundred_kills() {
    let program = std::env::var("CDIP").unwrap_or_else(|_| env!("CARGO_BIN_EXE_cdip").to_string());
    let kills = std::env::var("CDIP_KILLS").map_or(200, |kills| kills.parse().unwrap());
    let program = std::path::absolute(program).unwrap();
    let batch =
        std::env::var("CDIP_BATCH").unwrap_or_else(|_| "samples/statewide-2024-25".to_string());
    let batch = root().join(batch);
    println!("run: {:?}", kill_runs(&program, &batch, kills));
    let folder = with_reports(&program, &batch);
    let page = cfg!(feature = "page").then_some(PAGE);
    for verb in FROM_A_REPORT.into_iter().chain([OF_ONE_FILE]).chain(page) {
        let killed = kill_verb(&program, folder.path(), verb, kills / 4);
        println!("{}: {killed:?}", verb[0]);
    }
}

// A disk that takes no more.

/// What must hold after a run that could not write: a message with place and fix, status 2, and the report as it was.
#[cfg(unix)]
fn assert_refused(output: &std::process::Output, words: &str, fix: &str, context: &str) {
    let stderr = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{context}: {stderr}");
    // Questions about the batch are asked before anything is written.
    let stderr = &stderr[stderr.find("error: ").unwrap_or_default()..];
    assert!(
        stderr.starts_with(&format!("error: the report cannot be written: {words}")),
        "{context}: {stderr}"
    );
    assert!(
        stderr.contains("\n  --> ") && stderr.contains(fix),
        "{context}: {stderr}"
    );
    assert_eq!(stderr.lines().count(), 3, "{context}: {stderr}");
    assert!(output.stdout.is_empty(), "{context}");
}

#[test]
#[cfg(unix)]
fn a_file_that_the_disk_does_not_take_leaves_the_old_report_and_nothing_else() {
    let folder = with_batch();
    let old = reported(folder.path(), "out/report");
    let largest = old
        .iter()
        .map(|(_, bytes)| bytes.len())
        .max()
        .unwrap()
        .div_ceil(512);
    // Blocks of 512 bytes: from none at all to one too few for the largest file. The shell's limit is that of a full disk for one file.
    for blocks in [0, 1, 4, 8, 16, largest / 2, largest - 1] {
        let output = shell(
            folder.path(),
            &format!(
                "trap '' XFSZ; ulimit -f {blocks}; exec \"$CDIP\" run batch --replace --out out/report"
            ),
        );
        assert_refused(
            &output,
            "File too large",
            "the old one is untouched",
            &format!("{blocks} blocks"),
        );
        assert!(
            old == tree(&folder.path().join("out/report")),
            "{blocks} blocks: the old report is another"
        );
        assert_eq!(
            names(&folder.path().join("out")),
            ["report"],
            "{blocks} blocks"
        );
    }
    // Long sheets are spooled by the writer of workbooks, which panics where it cannot: of the sample's, in the optimized run and here.
    let sample = root().join("samples/statewide-2024-25");
    let line = format!(
        "trap '' XFSZ; ulimit -f 400; exec \"$CDIP\" run '{}' --replace --out out/report",
        sample.display()
    );
    assert_refused(
        &shell(folder.path(), &line),
        "File too large",
        "the old one is untouched",
        "the sample",
    );
    assert!(old == tree(&folder.path().join("out/report")));
    assert_eq!(names(&folder.path().join("out")), ["report"]);
}

/// Needs the right to mount; elsewhere it says so, and the test above meets the same code by a limit on a single file.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_with_what_to_do_and_leaves_no_half_report() {
    let folder = with_batch();
    fs::create_dir(folder.path().join("disk")).unwrap();
    // Each disk is in a mount namespace of its own, which ends with the command.
    let mounted = Command::new("unshare")
        .args(["--mount", "mount", "-t", "tmpfs", "tmpfs", "disk"])
        .current_dir(folder.path())
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        crate::support::left_out(
            "this account may not mount a small disk; another test limits a file's size instead",
        );
        return;
    }
    let whole = reported(folder.path(), "whole");
    let pages: usize = whole
        .iter()
        .map(|(_, bytes)| bytes.len().div_ceil(4096))
        .sum();
    for pages in [1, 2, pages / 4, pages / 2, pages - 2] {
        let line = format!(
            "mount -t tmpfs -o size={} tmpfs disk || exit 99; \"$CDIP\" run batch --replace --out disk/report; status=$?; ls -A disk; exit $status",
            pages * 4096
        );
        let output = Command::new("unshare")
            .args(["--mount", "sh", "-c", &line])
            .env("CDIP", env!("CARGO_BIN_EXE_cdip"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_refused(
            &output,
            "No space left on device",
            "the disk is full: make room and run again",
            &format!("{pages} pages"),
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_printed_to_a_full_disk_is_an_error_and_a_reader_that_has_seen_enough_is_none() {
    let folder = with_batch();
    let output = shell(
        folder.path(),
        "\"$CDIP\" check --batch batch --format csv >/dev/full",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output)
            .starts_with("error: what was printed could not be written: No space left on device"),
        "{}",
        stderr(&output)
    );
    // 1.5 MB of findings, far more than the 64 KB that a pipe takes before its reader has read anything.
    let line = format!(
        "{{ \"$CDIP\" check --batch '{}' --format csv; echo $? >status; }} | head -1; cat status",
        root().join("samples/statewide-2024-25").display()
    );
    let output = shell(folder.path(), &line);
    // The status is that of the whole output: the heading is read, and nothing went wrong.
    assert_eq!(
        (
            stderr(&output).as_str(),
            &*String::from_utf8_lossy(&output.stdout)
        ),
        (
            "",
            "code,severity,source_file,source_sheet,source_row,column,cell,message,fix,participant,open\n0\n"
        )
    );
}

// A place that cannot be written.

#[test]
fn a_place_that_is_none_is_refused_with_what_to_do_and_nothing_is_made() {
    let folder = with_batch();
    fs::write(folder.path().join("file"), "mine").unwrap();
    let before = tree(folder.path());
    for (out, says) in [
        ("file", "error: the report's place is taken by a file"),
        ("file/report", "error: the report cannot be written: "),
        (
            "batch",
            "error: the folder exists and is not a report of this program",
        ),
        (
            "batch/submissions",
            "error: the report would be among the submissions",
        ),
        (
            "batch/submissions/report",
            "error: the report would be among the submissions",
        ),
    ] {
        let output = cdip(folder.path(), &["run", "batch", "--replace", "--out", out]);
        assert_eq!(output.status.code(), Some(2), "{out}");
        assert!(
            stderr(&output).starts_with(says) && stderr(&output).contains("   = fix: "),
            "{out}: {}",
            stderr(&output)
        );
        assert!(before == tree(folder.path()), "{out}: something was made");
    }
    let long = "x".repeat(300);
    let output = cdip(
        folder.path(),
        &["run", "batch", "--replace", "--out", &long],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).starts_with("error: the report cannot be written: "),
        "{}",
        stderr(&output)
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_only_read_and_another_disk_than_the_temporary_one_are_no_surprise() {
    let folder = with_batch();
    // /proc takes no new folder from anybody, root included.
    let output = cdip(
        folder.path(),
        &["run", "batch", "--replace", "--out", "/proc/report"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).starts_with("error: the report cannot be written: "),
        "{}",
        stderr(&output)
    );
    // Nothing is carried from one disk to another: the unfinished report stands next to its place.
    let memory = TempDir::new_in("/dev/shm").unwrap();
    let report = memory.path().join("report");
    assert!(
        cdip(
            folder.path(),
            &[
                "run",
                "batch",
                "--replace",
                "--out",
                &report.to_string_lossy()
            ]
        )
        .status
        .success()
    );
    assert!(tree(&report) == reported(folder.path(), "report"));
}

#[test]
#[cfg(unix)]
fn a_link_is_followed_to_the_folder_behind_it_and_one_that_leads_nowhere_is_named() {
    let folder = with_batch();
    fs::create_dir(folder.path().join("real")).unwrap();
    std::os::unix::fs::symlink("real", folder.path().join("link")).unwrap();
    std::os::unix::fs::symlink("gone", folder.path().join("dangling")).unwrap();
    for _ in 0..2 {
        assert!(
            cdip(
                folder.path(),
                &["run", "batch", "--replace", "--out", "link"]
            )
            .status
            .success()
        );
        assert!(
            folder.path().join("link").is_symlink()
                && folder.path().join("real/receipt.json").is_file()
        );
    }
    let output = cdip(
        folder.path(),
        &["run", "batch", "--replace", "--out", "dangling"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).starts_with("error: the report's place is a link that leads nowhere"),
        "{}",
        stderr(&output)
    );
    assert!(folder.path().join("dangling").is_symlink());
}

#[test]
#[cfg(unix)]
fn a_single_file_is_replaced_as_a_whole_or_not_at_all() {
    let folder = with_batch();
    let mark = "\"$CDIP\" check batch/submissions/0010.csv --batch batch --mark out/marked.xlsx";
    fs::create_dir(folder.path().join("out")).unwrap();
    assert_eq!(
        stderr(&shell(folder.path(), mark)),
        "Marked: out/marked.xlsx\n"
    );
    let old = tree(&folder.path().join("out"));
    // What an interrupted run left is removed by the next.
    fs::write(
        folder.path().join("out/.marked.xlsx.cdip-new-Ab12Cd"),
        "half of it",
    )
    .unwrap();
    let output = shell(
        folder.path(),
        &format!("trap '' XFSZ; ulimit -f 4; exec {mark}"),
    );
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).starts_with("error: the file cannot be written: File too large"),
        "{}",
        stderr(&output)
    );
    assert!(old == tree(&folder.path().join("out")));
    let decide = "\"$CDIP\" check --batch batch --resolutions-out out/marked.xlsx";
    assert_eq!(
        shell(folder.path(), decide).status.code(),
        Some(2),
        "decisions are never written over"
    );
    assert!(old == tree(&folder.path().join("out")));
}

// Inputs that change, or are none.

/// Calculates a batch of four files on one thread; once the first was read, `disturb` is called with the folder of the others.
fn disturbed(disturb: impl Fn(&Path) + Sync) -> Calculation {
    let mut batch = TestBatch::new();
    for number in 1..=4 {
        batch = batch.rows(
            &format!("submissions/0010 {number}.csv"),
            &[clean_row().with(Field::Sasid, format!("100000000{number}"))],
        );
    }
    let folder = batch.write();
    let submissions = folder.path().join("submissions");
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    pool.install(|| {
        let progress = |done: usize, _: usize| {
            if done == 1 {
                disturb(&submissions);
            }
        };
        calculate(Batch::open(folder.path()).unwrap(), &progress).unwrap()
    })
}

#[test]
fn a_file_that_vanishes_or_changes_during_the_run_is_named_or_read_as_it_is_then() {
    let shorter = csv_of(&[]);
    let calculation = disturbed(|folder| {
        // Read already: what was read of it stands.
        fs::write(folder.join("0010 1.csv"), "another content").unwrap();
        fs::remove_file(folder.join("0010 2.csv")).unwrap();
        fs::write(folder.join("0010 3.csv"), &shorter).unwrap();
        fs::remove_file(folder.join("0010 4.csv")).unwrap();
        fs::create_dir(folder.join("0010 4.csv")).unwrap();
    });
    let refused: Vec<Option<Code>> = calculation
        .intake
        .files
        .iter()
        .map(|file| file.refused)
        .collect();
    assert_eq!(refused, [None, Some(Code::F107), None, Some(Code::F109)]);
    assert_eq!(rows_ended(&calculation).len(), 1);
    // Hash and rows are of the same bytes, those that were read.
    let first = csv_of(&[clean_row().with(Field::Sasid, "1000000001")]);
    let hashes: Vec<&str> = calculation
        .intake
        .files
        .iter()
        .map(|file| file.sha256.as_str())
        .collect();
    assert_eq!(hashes[0], cdip::hash::sha256_hex(first.as_bytes()));
    assert_eq!(hashes[2], cdip::hash::sha256_hex(shorter.as_bytes()));
}

#[test]
#[cfg(unix)]
fn a_file_that_becomes_a_pipe_or_a_link_during_the_run_is_neither_waited_for_nor_followed() {
    let outside = TempDir::new().unwrap();
    let other = outside.path().join("other.csv");
    fs::write(&other, csv_of(&[clean_row()])).unwrap();
    let calculation = disturbed(|folder| {
        for name in ["0010 2.csv", "0010 3.csv"] {
            fs::remove_file(folder.join(name)).unwrap();
        }
        assert!(
            Command::new("mkfifo")
                .arg(folder.join("0010 2.csv"))
                .status()
                .unwrap()
                .success()
        );
        std::os::unix::fs::symlink(&other, folder.join("0010 3.csv")).unwrap();
    });
    let refused: Vec<Option<Code>> = calculation
        .intake
        .files
        .iter()
        .map(|file| file.refused)
        .collect();
    assert_eq!(refused, [None, Some(Code::F109), Some(Code::F109), None]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_no_file_is_refused_by_name_wherever_it_stands_and_never_waited_for() {
    let folder = with_batch();
    let submissions = folder.path().join("batch/submissions");
    let link =
        |to: &str, name: &str| std::os::unix::fs::symlink(to, submissions.join(name)).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(submissions.join("0020 pipe.csv"))
            .arg(folder.path().join("pipe.toml"))
            .status()
            .unwrap()
            .success()
    );
    link("nowhere.csv", "0020 dangling.csv");
    link("/dev/zero", "0020 device.csv");
    link("..", "0020 loop");
    fs::create_dir(submissions.join("0020 folder.csv")).unwrap();
    let output = cdip(folder.path(), &["run", "batch", "--replace"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    for name in [
        "0020 pipe.csv",
        "0020 dangling.csv",
        "0020 device.csv",
        "0020 loop",
    ] {
        assert!(
            stderr(&output).contains(&format!("  --> submissions/{name}\n")),
            "{name}: {}",
            stderr(&output)
        );
    }
    assert_eq!(
        stderr(&output).matches("error[F105]").count(),
        4,
        "an empty folder is nothing: {}",
        stderr(&output)
    );
    // Given by name, a device or a pipe is refused as well; a link that somebody names is followed.
    std::os::unix::fs::symlink("batch/submissions/0010.csv", folder.path().join("0010.csv"))
        .unwrap();
    assert_eq!(
        cdip(folder.path(), &["check", "0010.csv", "--batch", "batch"])
            .status
            .code(),
        Some(0)
    );
    for arguments in [
        &["check", "/dev/zero"][..],
        &["check", "pipe.toml"],
        &["check", "0010.csv", "--rules", "pipe.toml"],
        &["check", "0010.csv", "--columns", "pipe.toml"],
        &["check", "0010.csv", "--programs", "/dev/zero"],
        &[
            "preview",
            "0010.csv",
            "--entity",
            "0010",
            "--batch",
            "batch",
            "--factors",
            "pipe.toml",
        ],
        &[
            "template",
            "--rules",
            "2024-25",
            "--programs",
            "pipe.toml",
            "--out",
            "t.xlsx",
        ],
    ] {
        let output = cdip(folder.path(), arguments);
        assert!(
            matches!(output.status.code(), Some(2 | 3)),
            "{arguments:?}: {}",
            stderr(&output)
        );
        let said = crate::support::said(&output);
        assert!(
            said.contains("a pipe or a device") || said.contains("a device or a pipe"),
            "{arguments:?}: {said}"
        );
    }
    for list in [
        "batch.toml",
        "participants.csv",
        "qualified-programs.csv",
        "resolutions.csv",
    ] {
        let folder = with_batch();
        let path = folder.path().join("batch").join(list);
        let _ = fs::remove_file(&path);
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let output = cdip(folder.path(), &["run", "batch", "--replace"]);
        assert_eq!(output.status.code(), Some(2), "{list}");
        assert!(
            stderr(&output).contains("it is not a plain file but a folder, a pipe or a device"),
            "{list}: {}",
            stderr(&output)
        );
    }
    // A report whose receipt never ends is not a report.
    fs::create_dir(folder.path().join("endless")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(folder.path().join("endless/receipt.json"))
            .status()
            .unwrap()
            .success()
    );
    for arguments in [
        &["run", "batch", "--replace", "--out", "endless"][..],
        &["explain", "endless", "--participant", "0010"],
        &["verify", "endless"],
    ] {
        assert_eq!(
            cdip(folder.path(), arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_tree_of_folders_deeper_and_wider_than_anybody_makes_is_named_and_the_rest_is_paid() {
    let mut batch = TestBatch::of(&[clean_row()]);
    let deep = "d/".repeat(60);
    batch = batch.file(&format!("submissions/{deep}0010.csv"), "x");
    for number in 0..300 {
        batch = batch.file(&format!("submissions/w{number}/Thumbs.db"), "x");
    }
    let calculation = batch.calculated();
    assert_eq!(
        codes_found(&calculation)
            .iter()
            .filter(|code| **code == Code::F104)
            .count(),
        1
    );
    assert_eq!(
        (
            rows_ended(&calculation).len(),
            calculation.intake.passed_over.len()
        ),
        (1, 300)
    );
}

// Two runs at once.

#[test]
fn of_two_runs_into_one_folder_one_wins_whole_and_the_other_says_why() {
    let folder = with_batch();
    let expected = reported(folder.path(), "alone");
    let mut refused = 0;
    for turn in 0..20 {
        let run = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cdip"));
            command
                .args(["run", "batch", "--replace", "--out", "reports/both"])
                .current_dir(folder.path());
            command
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let runs = [run(), run(), run()].map(|child| child.wait_with_output().unwrap());
        for output in &runs {
            match output.status.code() {
                Some(0) => assert_eq!(stderr(output), "", "turn {turn}"),
                Some(2) => {
                    refused += 1;
                    assert!(
                        stderr(output)
                            .starts_with("error: another run is writing this report\n  --> "),
                        "turn {turn}: {}",
                        stderr(output)
                    );
                }
                other => panic!("turn {turn}: {other:?}: {}", stderr(output)),
            }
        }
        assert!(
            runs.iter().any(|output| output.status.success()),
            "turn {turn}: nobody won"
        );
        assert!(
            expected == tree(&folder.path().join("reports/both")),
            "turn {turn}: the report is not that of one run"
        );
        assert_eq!(
            names(&folder.path().join("reports")),
            ["both"],
            "turn {turn}"
        );
    }
    assert!(refused > 0, "no two runs ever met");
}

// Surroundings.

#[test]
#[cfg(unix)]
fn surroundings_have_no_say_in_the_bytes() {
    let folder = with_batch();
    let expected = reported(folder.path(), "usual");
    for (what, line) in [
        (
            "an empty environment",
            "env -i \"$CDIP\" run batch --replace --out \"$OUT\"",
        ),
        (
            "no home and no temporary folder",
            "HOME=/nowhere TMPDIR=/nowhere \"$CDIP\" run batch --replace --out \"$OUT\"",
        ),
        (
            "another zone and language",
            "TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 LANG=ar_EG LC_NUMERIC=de_DE \"$CDIP\" run batch --replace --out \"$OUT\"",
        ),
        (
            "a mask that lets nobody in",
            "umask 077; \"$CDIP\" run batch --replace --out \"$OUT\"",
        ),
        (
            "no mask",
            "umask 000; \"$CDIP\" run batch --replace --out \"$OUT\"",
        ),
        (
            "no streams",
            "\"$CDIP\" run batch --replace --out \"$OUT\" <&- >&- 2>&-",
        ),
        (
            "a current folder that was deleted",
            "B=$PWD/batch; mkdir gone; cd gone; rmdir ../gone; \"$CDIP\" run \"$B\" --out \"$OUT\"",
        ),
        (
            "one thread",
            "RAYON_NUM_THREADS=1 POLARS_MAX_THREADS=1 \"$CDIP\" run batch --replace --out \"$OUT\"",
        ),
        (
            "many threads",
            "RAYON_NUM_THREADS=16 \"$CDIP\" run batch --replace --out \"$OUT\"",
        ),
        (
            "a terminal that wants color",
            "CLICOLOR_FORCE=1 FORCE_COLOR=1 COLUMNS=20 TERM=xterm \"$CDIP\" run batch --replace --out \"$OUT\"",
        ),
    ] {
        let out = folder.path().join("other");
        let output = shell(folder.path(), &format!("OUT={}; {line}", out.display()));
        assert_eq!(output.status.code(), Some(0), "{what}: {}", stderr(&output));
        let printed = [output.stdout.as_slice(), &output.stderr].concat();
        assert!(
            !printed.contains(&b'\x1b'),
            "{what}: color where no terminal is"
        );
        assert!(expected == tree(&out), "{what}: other bytes");
        fs::remove_dir_all(out).unwrap();
    }
}
