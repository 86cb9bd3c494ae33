//! The receipt of a folder of outputs: an in-toto statement about its files (the subjects) and what they were made from (the
//! predicate), and `SHA256SUMS` for `sha256sum -c`.
//!
//! Used by every writer and reader of a receipt. Only the predicate of a publication is defined elsewhere, in its own room.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::disk::read_plain;
use crate::money::Money;

/// The largest receipt that is read, in bytes. A year's receipt has some 60 KB, so a larger one is damaged.
const RECEIPT_BYTES_MAX: u64 = 128 << 20;
/// The receipt's file name.
pub const RECEIPT: &str = "receipt.json";
/// The checksums' file name.
pub const CHECKSUMS: &str = "SHA256SUMS";
/// The kind of statement (in-toto attestation framework).
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The kind of predicate of a report; its number changes when a key changes its meaning.
pub(crate) const REPORT: &str = "urn:cdip:receipt:1";
/// The kind of predicate of a report's public version.
pub(crate) const PUBLICATION: &str = "urn:cdip:publication:1";
/// The kind of predicate of the public version of several years.
pub(crate) const PUBLICATION_OF_YEARS: &str = "urn:cdip:publication-of-years:1";
/// The kind of predicate of a settlement.
pub(crate) const SETTLEMENT: &str = "urn:cdip:settlement:1";
/// The kind of predicate of a report's letters and packet.
pub(crate) const LETTERS: &str = "urn:cdip:letters:1";
/// The kind of predicate of several years.
pub(crate) const YEARS: &str = "urn:cdip:years:1";
/// The kinds of folders that this program writes, and what each holds, in words.
const KINDS: [(&str, &str); 6] = [
    (REPORT, "a report"),
    (PUBLICATION, "the public version of a report"),
    (PUBLICATION_OF_YEARS, "the public version of several years"),
    (SETTLEMENT, "a settlement"),
    (LETTERS, "the letters of a report"),
    (YEARS, "a comparison of several years"),
];

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

/// A receipt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Statement<P> {
    #[serde(rename = "_type")]
    kind: String,
    /// The files of the folder, `SHA256SUMS` last.
    pub subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_kind: String,
    /// What the files were made from.
    pub predicate: P,
}

impl<P> Statement<P> {
    /// The SHA-256 of a file, if the receipt names it.
    #[must_use]
    pub fn sha256_of(&self, name: &str) -> Option<&str> {
        let subject = self.subject.iter().find(|subject| subject.name == name);
        subject.map(|subject| subject.digest.sha256.as_str())
    }
}

/// A file that a receipt is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its path in the folder, with `/`.
    pub name: String,
    pub digest: Digest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Hexadecimal.
    pub sha256: String,
}

/// The receipt of a report, apart from its files. Amounts are dollars as text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MadeFrom {
    pub program: Program,
    /// The batch's label.
    pub label: String,
    /// Who prepared it. This person's decisions do not count.
    #[serde(default)]
    pub prepared_by: Option<String>,
    /// The program office, if the batch names it.
    #[serde(default)]
    pub office: OfficeEntry,
    /// The accounts and columns of a settlement's journal, if the batch names them.
    #[serde(default)]
    pub accounting: AccountingEntry,
    /// `2024-09-16`
    pub run_date: String,
    /// `FINAL` or `PRELIMINARY`.
    pub standing: String,
    pub rules: Named,
    /// By key: a value, or a list of them.
    pub readings: Value,
    /// The receipt of an earlier report that the batch names.
    pub previous_receipt: Option<Hashed>,
    /// The batch's own headings by field.
    pub columns: Map<String, Value>,
    /// The batch's own words by field, each with its meaning.
    #[serde(default)]
    pub values: Map<String, Value>,
    /// Configuration and lists.
    pub inputs: Vec<InputEntry>,
    /// Submissions, refused ones included.
    pub submissions: Vec<SubmissionEntry>,
    /// Files below `submissions/` that are not submissions.
    pub ignored_files: usize,
    /// Decisions on the record, line by line.
    pub resolutions: Vec<ResolutionEntry>,
    pub content: ContentEntry,
    /// Submitted rows.
    pub rows: usize,
    /// Rows by outcome, zeros included.
    pub buckets: Map<String, Value>,
    pub available: Money,
    /// What the tiers pay, without the supplement.
    pub paid: Money,
    /// What prorated tiers leave undistributed.
    pub residuals: Money,
    /// What is left after the last tier.
    pub unspent: Money,
    pub supplement_available: Option<Money>,
    pub supplement: Money,
}

impl MadeFrom {
    /// Path and SHA-256 of every file of the batch that the report was made from. A file that was refused unread has none.
    pub fn batch_files(&self) -> impl Iterator<Item = (&str, &str)> {
        let lists = self
            .inputs
            .iter()
            .map(|input| (input.path.as_str(), input.sha256.as_str()));
        let submissions = self
            .submissions
            .iter()
            .map(|file| (file.path.as_str(), file.sha256.as_str()));
        lists.chain(submissions)
    }
}

/// The program that wrote a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    pub name: String,
    pub version: String,
    /// SHA-256 of the source that a release was built from; `None` in a development build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_sha256: Option<String>,
}

impl Program {
    /// The running program.
    #[must_use]
    pub fn own() -> Program {
        Program {
            name: env!("CARGO_PKG_NAME").to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            source_sha256: option_env!("CDIP_SOURCE_SHA256").map(String::from),
        }
    }
}

/// The program office, for letters and pages. Dates are `2024-10-31`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfficeEntry {
    pub name: Option<String>,
    /// Who answers questions.
    pub contact: Option<String>,
    /// The last day for submissions.
    pub deadline: Option<String>,
    /// The last day to appeal a decision.
    pub appeal_until: Option<String>,
    /// Where payees return money, and the last day.
    pub return_to: Option<String>,
    pub return_until: Option<String>,
    /// Who checked the rules against the statute.
    pub law_checked_by: Option<String>,
    pub law_checked_on: Option<String>,
}

/// The columns of a settlement's journal, in their default order.
pub const JOURNAL_COLUMNS: [&str; 8] = [
    "date",
    "reference",
    "account",
    "description",
    "debit",
    "credit",
    "payee",
    "vendor",
];

/// `[accounting]`: the accounts and columns of a settlement's journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountingEntry {
    /// Program expenditure.
    pub expenditure: Option<String>,
    /// Due to payees.
    pub payable: Option<String>,
    /// Due from payees.
    pub receivable: Option<String>,
    /// Empty means [`JOURNAL_COLUMNS`].
    pub columns: Vec<JournalColumn>,
}

/// A column of the journal: one of [`JOURNAL_COLUMNS`] under another heading, or the same value in every line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalColumn {
    pub heading: String,
    pub from: Option<String>,
    pub value: Option<String>,
}

/// Rules with the hash of their text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub id: String,
    pub sha256: String,
}

/// A file with its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    /// Relative to the batch folder.
    pub path: String,
    pub sha256: String,
}

/// A file of the batch that is not a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputEntry {
    /// Relative to the batch folder.
    pub path: String,
    /// Its purpose.
    pub role: String,
    pub sha256: String,
    pub bytes: u64,
    /// Rows or entries in it, if it has any.
    pub rows: Option<usize>,
}

/// A submitted file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionEntry {
    /// Relative to the batch folder.
    pub path: String,
    /// Empty if it could not be read.
    pub sha256: String,
    pub bytes: u64,
    pub rows: usize,
    /// The code for which it was refused.
    pub refused: Option<String>,
    /// Whether a decision settled it.
    pub closed: bool,
}

/// A decision and its effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolutionEntry {
    /// Its line in `resolutions.csv`.
    pub line: u32,
    pub about: About,
    /// `pay`, `deny` ...; empty while the line is not filled in.
    pub decision: String,
    pub reason: String,
    pub approved_by: String,
    pub date: String,
    /// Whether it took effect.
    pub found: bool,
    /// Whether it is still open and keeps the report PRELIMINARY.
    #[serde(default)]
    pub open: bool,
    /// Whether it set its rows aside.
    #[serde(default)]
    pub set_aside: bool,
    /// What it changed in its row, in words: `Grade: 13 became 12`. Empty if it corrected no cell and waived no code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub did: String,
    /// The rows that it affected, by place and never by pupil: a receipt is shown to people who may not see a SASID.
    pub rows: Vec<RowPlace>,
}

/// What a decision is about: a place, a participant, or a participant's program. Only `resolutions.csv` names the pupil.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_row: Option<u32>,
}

/// The place of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlace {
    pub file: String,
    /// Empty for a text file.
    pub sheet: String,
    pub row: u32,
}

/// The checksum of the rows in any order, and the command that calculates it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentEntry {
    pub sha256: String,
    pub command: String,
}

impl OutputFile {
    /// A file that was written into a folder.
    pub(crate) fn of(folder: &Path, path: String) -> io::Result<OutputFile> {
        let (sha256, bytes) = crate::hash::sha256_of_file(&folder.join(&path))?;
        Ok(OutputFile {
            path,
            sha256,
            bytes,
        })
    }
}

/// Writes checksums and receipt for the files of a folder, in ascending order of path. Returns the number of files and the
/// receipt's SHA-256.
pub(crate) fn seal_files<P: Serialize>(
    mut paths: Vec<String>,
    folder: &Path,
    kind: &str,
    predicate: P,
) -> io::Result<(usize, String)> {
    paths.sort_unstable();
    let outputs = paths
        .into_iter()
        .map(|path| OutputFile::of(folder, path))
        .collect::<io::Result<Vec<_>>>()?;
    let receipt = seal(&outputs, folder, kind, predicate)?;
    // The checksums and the receipt are files too.
    Ok((outputs.len() + 2, receipt))
}

/// Writes the checksums of files, given in ascending order of path, and then the receipt. Returns the receipt's SHA-256.
pub(crate) fn seal<P: Serialize>(
    outputs: &[OutputFile],
    folder: &Path,
    kind: &str,
    predicate: P,
) -> io::Result<String> {
    let mut sums = String::new();
    for output in outputs {
        // Writing to a String cannot fail.
        let _ = writeln!(sums, "{}  {}", output.sha256, output.path);
    }
    fs::write(folder.join(CHECKSUMS), &sums)?;
    let mut subject: Vec<Subject> = outputs
        .iter()
        .map(|output| about_file(&output.path, output.sha256.clone()))
        .collect();
    let sha256 = crate::hash::sha256_hex(sums.as_bytes());
    subject.push(about_file(CHECKSUMS, sha256));
    let statement = Statement {
        kind: STATEMENT.to_string(),
        subject,
        predicate_kind: kind.to_string(),
        predicate,
    };
    let mut text = serde_json::to_string_pretty(&statement)?;
    text.push('\n');
    fs::write(folder.join(RECEIPT), &text)?;
    Ok(crate::hash::sha256_hex(text.as_bytes()))
}

fn about_file(name: &str, sha256: String) -> Subject {
    Subject {
        name: name.to_string(),
        digest: Digest { sha256 },
    }
}

/// What bytes that should be the receipt of a report are.
#[derive(Debug)]
pub enum Read {
    Report(Box<Statement<MadeFrom>>),
    /// The receipt of something made from reports, with its kind.
    Derived(&'static str, Box<Statement<Value>>),
    /// The receipt of a report that cannot be read completely.
    Damaged(String),
    /// Something else.
    Foreign,
}

/// Reads a receipt.
#[must_use]
pub fn read(bytes: &[u8]) -> Read {
    let read = match kind_of(bytes).as_deref().and_then(own_kind) {
        Some((REPORT, _)) => serde_json::from_slice(bytes).map(|it| Read::Report(Box::new(it))),
        Some((kind, _)) => {
            serde_json::from_slice(bytes).map(|it| Read::Derived(kind, Box::new(it)))
        }
        None => return Read::Foreign,
    };
    read.unwrap_or_else(|error| Read::Damaged(fault_of_json(&error)))
}

/// Why JSON cannot be read, and where: the parser's own words can quote any text of it.
pub(crate) fn fault_of_json(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Io | Category::Syntax => "it is not JSON",
        Category::Data => "a key or a value is not as cdip writes it",
        Category::Eof => "it ends too early",
    };
    format!("line {}, column {}: {what}", error.line(), error.column())
}

/// The receipt of a folder of another kind, if the bytes are one and can be read.
pub(crate) fn read_kind<P: DeserializeOwned>(bytes: &[u8], kind: &str) -> Option<Statement<P>> {
    let is_of_kind = kind_of(bytes).as_deref() == Some(kind);
    is_of_kind
        .then(|| serde_json::from_slice(bytes).ok())
        .flatten()
}

/// Whether bytes are the receipt of a report, made by any version of the program.
#[must_use]
pub fn is_of_report(bytes: &[u8]) -> bool {
    kind_of(bytes).as_deref() == Some(REPORT)
}

fn kind_of(bytes: &[u8]) -> Option<String> {
    let statement = json_of(bytes)?;
    statement["predicateType"].as_str().map(String::from)
}

fn json_of(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

/// Whether a folder holds a report, and not its public version or something else.
#[must_use]
pub fn holds_report(folder: &Path) -> bool {
    read_plain(&folder.join(RECEIPT), RECEIPT_BYTES_MAX).is_ok_and(|bytes| is_of_report(&bytes))
}

/// The kind of a folder of this program, as its receipt states it, and what it holds, in words.
pub(crate) fn kind_in(folder: &Path) -> Option<(&'static str, &'static str)> {
    let bytes = read_plain(&folder.join(RECEIPT), RECEIPT_BYTES_MAX).ok()?;
    own_kind(&kind_of(&bytes)?)
}

fn own_kind(kind: &str) -> Option<(&'static str, &'static str)> {
    KINDS.into_iter().find(|(own, _)| *own == kind)
}

/// The SHA-256 of the receipt that a folder holds.
pub(crate) fn receipt_in(folder: &Path) -> Option<String> {
    let bytes = read_plain(&folder.join(RECEIPT), RECEIPT_BYTES_MAX).ok()?;
    Some(crate::hash::sha256_hex(&bytes))
}

/// The SHA-256 of the receipt of the FINAL report that a folder holds: it may be the one that was paid from.
#[must_use]
pub fn final_report_in(folder: &Path) -> Option<String> {
    let bytes = read_plain(&folder.join(RECEIPT), RECEIPT_BYTES_MAX).ok()?;
    let statement = json_of(&bytes)?;
    let is_final = statement["predicateType"] == REPORT
        && statement["predicate"]["standing"] == crate::words::FINAL;
    is_final.then(|| crate::hash::sha256_hex(&bytes))
}

/// Characters of a SHA-256 that are enough for people to tell receipts apart.
const SHORT_CHARS: usize = 12;

/// A SHA-256, shortened for people.
#[must_use]
pub fn short(sha256: &str) -> &str {
    sha256.get(..SHORT_CHARS).unwrap_or(sha256)
}

/// The files that the receipt in a folder names, itself included; `None` if the folder holds no receipt of this program.
#[must_use]
pub fn files_of_report(folder: &Path) -> Option<BTreeSet<String>> {
    let bytes = read_plain(&folder.join(RECEIPT), RECEIPT_BYTES_MAX).ok()?;
    own_kind(&kind_of(&bytes)?)?;
    let statement: Statement<IgnoredAny> = serde_json::from_slice(&bytes).ok()?;
    let names = statement.subject.into_iter().map(|subject| subject.name);
    Some(names.chain([RECEIPT.to_string()]).collect())
}
