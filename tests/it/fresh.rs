//! What is generated and committed is what the program generates.

use std::fs;

use tempfile::TempDir;

use crate::cli::{cdip, root, tree};

#[test]
fn the_page_of_checks_is_what_the_catalogue_says() {
    let page = fs::read_to_string(root().join("docs/checks.md")).unwrap();
    assert!(page == cdip::reference::checks(), "run: cdip rules explain --all > docs/checks.md");
}

#[test]
fn the_sample_is_what_the_program_makes() {
    let folder = TempDir::new().unwrap();
    let output = cdip(folder.path(), &["sample", "--out", "made"]);
    assert!(output.status.success());
    let made = tree(&folder.path().join("made"));
    let committed = tree(&root().join("samples/statewide-2024-25"));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(names(&made), names(&committed));
    assert!(made == committed, "run: cdip sample --out samples/statewide-2024-25, after deleting it");
    assert!(committed.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < 4 << 20, "the sample stays small");
}

#[test]
fn the_specimen_report_is_what_the_program_writes() {
    let folder = TempDir::new().unwrap();
    let report = folder.path().join("report");
    let output = cdip(root(), &["run", "samples/statewide-2024-25", "--out", &report.to_string_lossy()]);
    assert!(output.status.success());
    let written = tree(&report);
    // A run of the sample in the repository adds the other entities' workbooks, which are not committed; they must agree as well.
    let specimen = tree(&root().join("reports/statewide-2024-25"));
    let entities = specimen.iter().filter(|(path, _)| path.starts_with("entities/")).count();
    assert!(entities >= 3, "three entity workbooks show what an entity gets");
    for (path, _) in written.iter().filter(|(path, _)| !path.starts_with("entities/") && !path.starts_with("marked/")) {
        assert!(specimen.iter().any(|(committed, _)| committed == path), "{path} is missing");
    }
    for (path, bytes) in &specimen {
        let (_, fresh) = written.iter().find(|(other, _)| other == path).unwrap_or_else(|| panic!("{path} is no longer written"));
        assert!(fresh == bytes, "{path} is stale: run cdip run samples/statewide-2024-25");
    }
}
