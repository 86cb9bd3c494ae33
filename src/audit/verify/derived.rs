//! Verifies a public version or a settlement against its receipt and against its report.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::discrepancy::{Discrepancy, SOURCE};
use super::{Rewritten, Verification, nothing, opened, recorded};
use crate::receipt::{self, LETTERS, PUBLICATION, RECEIPT, Read, SETTLEMENT, Statement};
use crate::stop::Stop;

/// What a folder is, by its receipt.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A report, or unknown.
    Report,
    /// A public version, with what its receipt says.
    Publication(Value),
    /// A settlement, with what its receipt says.
    Settlement(Value),
    /// The comparison of several years.
    Years,
    /// Letters and the board's packet.
    Letters,
}

/// What a folder is.
#[must_use]
pub fn subject(folder: &Path) -> Subject {
    let bytes =
        crate::disk::read_plain(&folder.join(RECEIPT), crate::intake::limits::FILE_BYTES_MAX);
    let Ok(Read::Derived(kind, statement)) = bytes.map(|bytes| receipt::read(&bytes)) else {
        return Subject::Report;
    };
    match kind {
        PUBLICATION => Subject::Publication(statement.predicate),
        SETTLEMENT => Subject::Settlement(statement.predicate),
        LETTERS => Subject::Letters,
        _ => Subject::Years,
    }
}

/// A source of what is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is: `the report`.
    pub what: String,
    pub path: PathBuf,
    /// As the receipt records it.
    pub sha256: String,
}

/// How to make it again.
pub struct Derived<'a> {
    pub sources: Vec<Source>,
    /// Writes it into an empty folder.
    pub again: &'a dyn Fn(&Path) -> Result<(), Stop>,
}

/// Verifies a public version or a settlement; against its report if it can be made again.
///
/// # Errors
/// If there is nothing to verify.
pub fn verify_derived(
    folder: &Path,
    receipt: Option<&str>,
    derived: Option<&Derived<'_>>,
) -> Result<Verification, Stop> {
    let (found, mut verification) = opened(folder)?;
    let Ok(Read::Derived(_, statement)) = recorded::receipt(folder, &found) else {
        let place = folder.join(RECEIPT).display().to_string();
        let what = "receipt.json changed while it was read";
        return Err(nothing(&place, what, "run the command again"));
    };
    let statement: Statement<Value> = *statement;
    if let Some(version) = statement.predicate["program"]["version"].as_str() {
        verification.note_version(version);
    }
    let of_files = recorded::files(folder, &statement, &found);
    verification.differences.extend(of_files);
    if let Some(derived) = derived {
        let others = derived.sources.iter().filter_map(another);
        verification.differences.extend(others);
        verification.inputs = Some(derived.sources.len());
        let rewritten = Rewritten {
            folder,
            named: &|name| Some(statement.sha256_of(name).is_some()),
            found: &found,
        };
        verification.stopped = rewritten
            .compare(&mut verification, |folder| (derived.again)(folder))
            .err();
    }
    verification.put_in_order(receipt, Some(&statement));
    Ok(verification)
}

/// The discrepancy of a source that is not the receipt's.
fn another(source: &Source) -> Option<Discrepancy> {
    let name = format!("{SOURCE}{}", source.path.display());
    let what = format!(
        "it is not {} that this was made from: its SHA-256 differs",
        source.what
    );
    match crate::hash::sha256_of_file(&source.path) {
        Ok((sha256, _)) if sha256 == source.sha256 => None,
        Ok((sha256, _)) => Some(Discrepancy::of(&name, &what).between(&sha256, &source.sha256)),
        Err(error) => Some(Discrepancy::of(
            &name,
            &format!("it cannot be opened: {error}"),
        )),
    }
}
