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
