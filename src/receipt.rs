//! The receipt of a folder of outputs: an in-toto statement about its files (the subjects) and what they were made from (the
//! predicate), and `SHA256SUMS` for `sha256sum -c`.
//!
//! Knows files and hashes. What a report's or a publication's predicate says is theirs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::disk::read_plain;

/// The largest receipt that is read, in bytes: a year's has some 60 KB, so a larger one is damaged.
const RECEIPT_BYTES_MAX: u64 = 128 << 20;
/// The receipt's file name.
pub const RECEIPT: &str = "receipt.json";
/// The checksums' file name.
pub const CHECKSUMS: &str = "SHA256SUMS";
/// The kind of statement (in-toto attestation framework).
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The kind of predicate of a report; its number changes when a key changes its meaning.
pub(crate) const REPORT: &str = "urn:cdip:receipt:1";
/// The kind of predicate of a report's public twin.
pub(crate) const PUBLICATION: &str = "urn:cdip:publication:1";

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Path relative to the report folder, with `/`.
    pub path: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
}

/// Writes the checksums of files, given in ascending order of path, and then a receipt that says what they are.
pub(crate) fn seal(
    outputs: &[OutputFile],
    folder: &Path,
    kind: &str,
    predicate: &Value,
) -> io::Result<String> {
    let mut sums = String::new();
    for output in outputs {
        // Writing to a String cannot fail.
        let _ = writeln!(sums, "{}  {}", output.sha256, output.path);
    }
    fs::write(folder.join(CHECKSUMS), &sums)?;
    let mut subjects: Vec<Value> = outputs
        .iter()
        .map(|output| subject(&output.path, &output.sha256))
        .collect();
    subjects.push(subject(
        CHECKSUMS,
        &crate::hash::sha256_hex(sums.as_bytes()),
    ));
    let statement = json!({
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": kind,
        "predicate": predicate,
    });
    let mut text = serde_json::to_string_pretty(&statement)?;
    text.push('\n');
    fs::write(folder.join(RECEIPT), &text)?;
    Ok(crate::hash::sha256_hex(text.as_bytes()))
}

fn subject(name: &str, sha256: &str) -> Value {
    json!({ "name": name, "digest": { "sha256": sha256 } })
}

/// The statement that some bytes hold; `None` where they are no receipt of this program.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes)
        .ok()
        .filter(|statement| statement["predicateType"] == REPORT)
}

/// What the receipt in a folder is a receipt of; `None` where the folder holds no receipt of this program.
fn statement_in(folder: &Path) -> Option<Value> {
    let bytes = read_plain(&folder.join(RECEIPT), RECEIPT_BYTES_MAX).ok()?;
    let statement: Value = serde_json::from_slice(&bytes).ok()?;
    let ours = [REPORT, PUBLICATION]
        .iter()
        .any(|kind| statement["predicateType"] == *kind);
    ours.then_some(statement)
}

/// Whether a folder holds a report, and not its public twin or something else.
#[must_use]
pub fn holds_report(folder: &Path) -> bool {
    read_plain(&folder.join(RECEIPT), RECEIPT_BYTES_MAX).is_ok_and(|bytes| read(&bytes).is_some())
}

/// Whether a folder holds a FINAL report: it may be the one that was paid from.
#[must_use]
pub fn holds_final_report(folder: &Path) -> bool {
    statement_in(folder).is_some_and(|statement| statement["predicate"]["standing"] == "FINAL")
}

/// The files that the receipt in a folder names, itself included; `None` where the folder holds no receipt of this program.
#[must_use]
pub fn files_of_report(folder: &Path) -> Option<BTreeSet<String>> {
    let statement = statement_in(folder)?;
    let subjects = statement["subject"].as_array()?;
    let names = subjects
        .iter()
        .filter_map(|subject| subject["name"].as_str().map(String::from));
    Some(names.chain([RECEIPT.to_string()]).collect())
}
