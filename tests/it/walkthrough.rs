//! The walk through an audit, `docs/audit.md`: every command runs and prints what the page says.

use std::fs;
use std::process::Command;

use crate::cli::root;

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
        Some((line, rest)) if line == "..." => (0..=found.len()).any(|from| same(rest, &found[from..])),
        Some((line, rest)) => found.split_first().is_some_and(|(first, others)| line == first && same(rest, others)),
    }
}

#[test]
#[cfg(unix)]
fn every_command_of_the_walk_through_an_audit_prints_what_the_page_says() {
    const REPORT: &str = "reports/statewide-2024-25";
    let page = fs::read_to_string(root().join("docs/audit.md")).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    std::os::unix::fs::symlink(root().join("samples"), folder.path().join("samples")).unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_cdip")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let blocks = blocks(&page);
    assert!(blocks.len() >= 8, "the page has its commands");
    for (command, expected) in blocks {
        let output = Command::new("sh").arg("-c").arg(&command).current_dir(folder.path()).env("PATH", &path).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        let receipt = fs::read(folder.path().join(REPORT).join("receipt.json")).unwrap();
        let found = String::from_utf8(output.stdout).unwrap().replace(&cdip::hash::sha256_hex(&receipt), "RECEIPT");
        assert!(same(&expected, &found.lines().collect::<Vec<_>>()), "{command} prints\n{found}");
    }
}
