//! The commands in the pages. Those in `docs/audit.md` print what the page shows. The program accepts all other commands of the README
//! and of `docs`, and those on the sample's files are run.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use cdip::hash::sha256_hex;
use cdip::report::content::checksum_of;

use crate::support::{root, tree};
use crate::tidy::pages;

/// The fenced blocks of a page that begin with a command: the command, and what it prints.
fn blocks(page: &str) -> Vec<(String, Vec<String>)> {
    let fenced = page.split("```\n").skip(1).step_by(2);
    fenced
        .filter_map(|block| {
            let mut lines = block.lines().map(str::to_string);
            let command = lines.next()?.strip_prefix("$ ")?.to_string();
            Some((command, lines.collect()))
        })
        .collect()
}

/// Whether the lines are those expected; `...` stands for any number of lines.
fn same(expected: &[String], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((line, rest)) if line == "..." => {
            (0..=found.len()).any(|from| same(rest, &found[from..]))
        }
        Some((line, rest)) => found
            .split_first()
            .is_some_and(|(first, others)| line == first && same(rest, others)),
    }
}

/// Files and numbers that pages invent: a command with one of them can only be read.
#[cfg(unix)]
const INVENTED: [&str; 11] = [
    // Written by one command and read by the next, which runs first in the order of the alphabet.
    "headings.xlsx",
    "my-batch",
    "reports/may",
    "reports/june",
    "reports/2023-24",
    "batch-2024-25",
    "0880",
    "1234567890",
    "REPORT",
    " ID ",
    "docs/messages/",
];

/// The commands that a page shows: lines of its fenced blocks and spans of its prose, without prompt and remark.
#[cfg(unix)]
fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for (position, part) in page.split("```").enumerate() {
        let code: Vec<String> = if position % 2 == 1 {
            part.lines().map(str::to_string).collect()
        } else {
            part.split('`')
                .skip(1)
                .step_by(2)
                .map(|span| span.replace('\n', " "))
                .collect()
        };
        for line in code {
            let line = line.strip_prefix("$ ").unwrap_or(&line);
            let command = line.split("  #").next().unwrap_or(line).trim();
            if command.starts_with("cdip ") {
                commands.push(command.to_string());
            }
        }
    }
    commands
}

/// The examples of the program's help by verb, as the sources have them: a remark stands two spaces or more behind its command.
#[cfg(unix)]
fn commands_of_the_help() -> Vec<(String, String)> {
    let mut sources = tree(&root().join("src/cli"));
    sources.retain(|(path, _)| !path.starts_with("windows/"));
    let mut examples = Vec::new();
    for (path, source) in sources {
        // A text of several lines can be written on one, or go on after its break.
        let joined: Vec<&str> = std::str::from_utf8(&source)
            .unwrap()
            .split("\\\n")
            .map(str::trim_start)
            .collect();
        for line in joined.concat().replace("\\n", "\n").lines() {
            let Some(line) = line.strip_prefix("  cdip ") else {
                continue;
            };
            // A message that shows a command has its file yet to be filled in.
            if line.contains('{') {
                continue;
            }
            let command = line.split("  ").next().unwrap_or(line);
            let command = command.trim_end_matches(';').replace("\\\"", "\u{1}");
            let command = command.trim_end_matches('"').replace('\u{1}', "\"");
            examples.push((format!("src/cli/{path}"), format!("cdip {command}")));
        }
    }
    examples
}

/// A shell in a folder in which `cdip` is the program under test.
#[cfg(unix)]
fn shell(folder: &std::path::Path, command: &str) -> std::process::Output {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_cdip"))
        .parent()
        .unwrap();
    let path = format!(
        "{}:{}",
        program.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    Command::new("sh")
        .arg("-c")
        .arg(command)
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap()
}

/// Whether the program knew what a command asks, whatever became of it.
#[cfg(unix)]
fn understood(output: &std::process::Output) -> bool {
    let said = String::from_utf8_lossy(&output.stderr);
    !said.contains("try '--help'") && !said.contains("panicked") && !said.contains("sh:")
}

#[test]
#[cfg(unix)]
fn every_example_of_the_help_is_understood() {
    let examples = commands_of_the_help();
    for verb in [
        "run",
        "template",
        "rules show",
        "rules diff",
        "rules explain",
    ] {
        let begin = format!("cdip {verb} ");
        let has_one = examples
            .iter()
            .any(|(_, command)| command.starts_with(&begin));
        assert!(has_one, "{verb}: {examples:?}");
    }
    for (place, command) in examples {
        // Without a file that it could find, no command does much.
        let empty = tempfile::TempDir::new().unwrap();
        // Where an example names a hash, it has 64 digits, too many for a line of the help.
        let output = shell(empty.path(), &command.replace("SHA256", &"0".repeat(64)));
        assert!(
            understood(&output),
            "{place}: {command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// A verb alone, or with the name of one option, is named and not shown: its help must know it. A file alone is checked.
#[cfg(unix)]
fn to_run(command: &str) -> String {
    match command.split_whitespace().collect::<Vec<_>>()[..] {
        [cdip, verb] if !verb.contains('.') => format!("{cdip} {verb} --help"),
        [cdip, verb, option] if option.starts_with("--") => {
            format!("{cdip} {verb} --help | grep -e {option}")
        }
        _ => command.to_string(),
    }
}

#[test]
#[cfg(unix)]
fn every_command_of_a_page_is_understood_and_runs_on_the_sample() {
    const SAMPLE: &str = "samples/statewide-2024-25";
    // The change log names commands as they once were; the others have tests of their own.
    const ELSEWHERE: [&str; 3] = ["CHANGELOG.md", "docs/audit.md", "docs/messages"];
    let folder = tempfile::TempDir::new().unwrap();
    let folder = folder.path();
    std::os::unix::fs::symlink(root().join("samples"), folder.join("samples")).unwrap();
    fs::create_dir(folder.join("docs")).unwrap();
    // What a district has: its own file and three of the department.
    for list in ["qualified-programs.xlsx", "participants.xlsx"] {
        fs::copy(root().join(SAMPLE).join(list), folder.join(list)).unwrap();
    }
    fs::copy(
        root()
            .join(SAMPLE)
            .join("submissions/2017 Burnt Juniper Creek 2.xlsx"),
        folder.join("2017.xlsx"),
    )
    .unwrap();
    assert!(
        shell(folder, &format!("cdip run {SAMPLE}"))
            .status
            .success()
    );
    fs::copy(
        folder.join("reports/statewide-2024-25/factors.json"),
        folder.join("factors.json"),
    )
    .unwrap();

    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    for (page, text) in pages()
        .into_iter()
        .filter(|(page, _)| !ELSEWHERE.iter().any(|other| page.starts_with(other)))
    {
        for command in commands(&text) {
            shown.insert(to_run(&command), page.clone());
        }
    }
    let (mut run, mut read, mut failed) = (0, 0, Vec::new());
    for (command, page) in shown {
        let output = shell(folder, &command);
        let invented = INVENTED.iter().any(|invented| command.contains(invented));
        // 1: done, with findings.
        if !understood(&output) || !invented && !matches!(output.status.code(), Some(0 | 1)) {
            failed.push(format!(
                "{page}: {command}: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        if invented {
            read += 1;
        } else {
            run += 1;
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(
        run >= 20 && read >= 10,
        "{run} commands ran, {read} were only read"
    );
}

#[test]
#[cfg(unix)]
fn every_command_of_the_walk_through_an_audit_prints_what_the_page_says() {
    const REPORT: &str = "my-report";
    const END: &str = "--- end of a block ---";
    if cfg!(feature = "parquet") {
        crate::support::left_out(
            "this program has the feature parquet, and the page counts the files of one without",
        );
        return;
    }
    let page = fs::read_to_string(root().join("docs/audit.md")).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    std::os::unix::fs::symlink(root().join("samples"), folder.path().join("samples")).unwrap();
    let blocks = blocks(&page);
    assert!(blocks.len() >= 8, "the page has its commands");
    // As somebody pastes them: one shell, which stays where a command leaves it.
    let pasted: String = blocks
        .iter()
        .map(|(command, _)| format!("{command}\nprintf '%s\\n' \"{END} $?\"\n"))
        .collect();
    let output = shell(folder.path(), &pasted);
    let of_report = |name: &str| fs::read(folder.path().join(REPORT).join(name)).unwrap();
    let receipt = sha256_hex(&of_report("receipt.json"));
    let content = checksum_of(&of_report("completions.csv"));
    let found = crate::support::stdout(&output)
        .replace(&receipt, "RECEIPT")
        .replace(&content, "CONTENT");
    let mut lines = found.lines();
    for (command, expected) in blocks {
        let printed: Vec<&str> = lines
            .by_ref()
            .take_while(|line| !line.starts_with(END))
            .collect();
        assert!(
            same(&expected, &printed),
            "{command} prints\n{}\n{}",
            printed.join("\n"),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(
        found.matches(END).count(),
        found.matches(&format!("{END} 0")).count(),
        "every command succeeds"
    );
}
