//! The gallery of messages, `docs/messages/`: a small file for nearly every code, and the exact text of its message.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use cdip::catalogue::{CATALOGUE, Code};

use crate::batch_builder::TestBatch;
use crate::codes::examples;
use crate::support::{cdip, root, stderr, stdout, tree};

const GALLERY: &str = "docs/messages";
/// The lists and rules that most examples share.
const SHARED: &str = "docs/messages/batch";

const HEAD: &str = "\
# Messages

Nearly every code has a tiny file here that causes it, and the exact text that `cdip` prints. The
others say why they have none. The pupils are invented. [checks.md](../checks.md) says what each
code means, and why.

Try one: `cdip check docs/messages/E204 --batch docs/messages/batch`. Folders that hold only
submissions use the lists in [batch](batch). A test makes the files and compares the texts
(`tests/it/gallery.rs`).
";

/// What cannot be in a folder of examples.
const NOT_SHOWN: &[(Code, &str)] = &[
    (
        Code::F107,
        "It is about a file that this account may not open, which no repository can hold.",
    ),
    (
        Code::F109,
        "It is about a file that changes while it is read, which no repository can hold.",
    ),
];

/// Codes about the batch as a whole, which only a run gives.
const ABOUT_THE_BATCH: [Code; 8] = [
    Code::Q403,
    Code::W214,
    Code::W219,
    Code::W220,
    Code::W228,
    Code::W229,
    Code::W231,
    Code::W232,
];

/// Whether an example differs from the shared batch in more than its submissions.
fn needs_its_own_batch(example: &TestBatch) -> bool {
    let lists = |batch: &TestBatch| {
        let lists = batch
            .files()
            .iter()
            .filter(|(path, _)| !path.starts_with("submissions/"));
        lists
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect::<Vec<_>>()
    };
    lists(example) != lists(&TestBatch::new())
}

/// Writes an example's folder.
fn write(code: Code, example: &TestBatch, gallery: &Path) {
    let folder = gallery.join(code.as_str());
    if ABOUT_THE_BATCH.contains(&code) || needs_its_own_batch(example) {
        return example.write_into(&folder);
    }
    for (path, bytes) in example.files() {
        if let Some(name) = path.strip_prefix("submissions/") {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

/// The command that shows a code's message, and the paragraph of it in what it prints.
fn shown(code: Code, example: &TestBatch) -> (String, String) {
    let folder = format!("{GALLERY}/{code}");
    if ABOUT_THE_BATCH.contains(&code) {
        let out = tempfile::TempDir::new().unwrap();
        let report = out.path().join("report");
        let output = cdip(root(), &["run", &folder, "--out", report.to_str().unwrap()]);
        return (format!("cdip run {folder}"), stderr(&output));
    }
    let arguments = if needs_its_own_batch(example) {
        vec!["check", "--batch", &folder]
    } else {
        vec!["check", &folder, "--batch", SHARED]
    };
    let output = cdip(root(), &arguments);
    assert_eq!(stderr(&output), "", "{code}");
    let text = stdout(&output);
    let paragraph = text
        .split("\n\n")
        .find(|paragraph| paragraph.contains(&format!("[{code}]")))
        .unwrap_or(&text)
        .trim_end();
    (
        format!("cdip {}", arguments.join(" ")),
        format!("{paragraph}\n"),
    )
}

/// The page of all messages.
fn page(examples: &[(Code, TestBatch)]) -> String {
    let mut page = HEAD.to_string();
    for entry in CATALOGUE {
        let code = entry.code;
        let _ = write!(page, "\n## {code}: {}\n\n", entry.title);
        if let Some((_, why)) = NOT_SHOWN.iter().find(|(other, _)| *other == code) {
            let _ = writeln!(page, "{why}");
            continue;
        }
        let example = examples
            .iter()
            .find(|(other, _)| *other == code)
            .unwrap_or_else(|| panic!("{code} has no example"));
        let (command, text) = shown(code, &example.1);
        assert!(
            text.contains(&format!("[{code}]")),
            "{code} is not in what its example gives:\n{text}"
        );
        let _ = write!(page, "[{code}/]({code})\n\n```\n$ {command}\n{text}```\n");
    }
    page
}

/// Both must say the same; where they do not, what is right is left to be copied.
fn same(found: &Path, right: &Path) {
    let (found_files, right_files) = (tree(found), tree(right));
    let names = |files: &[(String, Vec<u8>)]| {
        files
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    let advice = format!(
        "docs/messages is not what the program gives; what it gives is in {}",
        right.display()
    );
    assert_eq!(names(&found_files), names(&right_files), "{advice}");
    for ((name, found), (_, right)) in found_files.iter().zip(&right_files) {
        assert!(found == right, "{name}: {advice}");
    }
}

#[test]
fn the_gallery_shows_every_code_with_the_exact_text_it_gives() {
    let examples = examples();
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("messages");
    let _ = fs::remove_dir_all(&made);
    TestBatch::new()
        .asking_who_sent_nothing()
        .write_into(&made.join("batch"));
    fs::remove_dir(made.join("batch/submissions")).unwrap();
    for (code, example) in &examples {
        write(*code, example, &made);
    }
    let gallery = root().join(GALLERY);
    // The texts name the committed files, so these must be right before anything is said about them.
    fs::write(
        made.join("README.md"),
        fs::read(gallery.join("README.md")).unwrap_or_default(),
    )
    .unwrap();
    same(&gallery, &made);
    fs::write(made.join("README.md"), page(&examples)).unwrap();
    same(&gallery, &made);
}
