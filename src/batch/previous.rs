//! The report before: the receipt that `batch.toml` names, and what it says of the ledger of prior payments.

use std::path::{Path, PathBuf};

use toml::Spanned;

use crate::config::Document;
use crate::disk::read_plain;
use crate::intake::InputFile;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::receipt::{self, Read, short};
use crate::stop::Stop;

/// The role of the receipt that a batch names as the one before its own.
pub const PREVIOUS_ROLE: &str = "previous receipt";
/// The role of the ledger of prior payments among a report's inputs.
pub const LEDGER_ROLE: &str = "prior payments";
/// The ledger that a FINAL report writes for the next year.
pub const PRIOR_PAYMENTS_NEXT: &str = "prior-payments-next.csv";

/// The receipt of the report before.
#[derive(Clone, Debug)]
pub struct Previous {
    /// The file, as the new receipt records it.
    pub input: InputFile,
    /// Where it is, from the folder in which the program runs.
    pub path: PathBuf,
    /// `FINAL` or `PRELIMINARY`; empty if this version cannot read the receipt.
    pub standing: String,
    /// The SHA-256 of the ledger that it was calculated with.
    ledger: Option<String>,
    /// The SHA-256 of the ledger that it wrote for the next year.
    ledger_next: Option<String>,
}

impl Previous {
    /// `FINAL, receipt 07e4e9203d5a`
    #[must_use]
    pub fn in_words(&self) -> String {
        let receipt = format!("receipt {}", short(&self.input.sha256));
        if self.standing.is_empty() {
            return receipt;
        }
        format!("{}, {receipt}", self.standing)
    }
}

/// Where a ledger of prior payments comes from.
#[derive(Clone, Debug)]
pub enum LedgerOrigin<'p> {
    /// `batch.toml` names no report.
    NotNamed,
    /// The report before wrote it.
    WrittenBy(&'p Previous),
    /// The report before was calculated with the same one.
    SharedWith(&'p Previous),
    /// Neither.
    Another(&'p Previous),
}

impl<'p> LedgerOrigin<'p> {
    pub(super) fn of(previous: Option<&'p Previous>, sha256: &str) -> LedgerOrigin<'p> {
        let Some(previous) = previous else {
            return LedgerOrigin::NotNamed;
        };
        if previous.ledger_next.as_deref() == Some(sha256) {
            LedgerOrigin::WrittenBy(previous)
        } else if previous.ledger.as_deref() == Some(sha256) {
            LedgerOrigin::SharedWith(previous)
        } else {
            LedgerOrigin::Another(previous)
        }
    }
}

/// The receipt that is at a path relative to the batch folder.
pub(super) fn previous_receipt(
    root: &Path,
    document: Document<'_>,
    written: &Spanned<String>,
) -> Result<Previous, Stop> {
    let shown = written.get_ref().as_str();
    let fix = "give the path of an earlier report's receipt.json, relative to the batch folder, or leave the key out";
    let path = root.join(shown);
    let bytes = read_plain(&path, FILE_BYTES_MAX).map_err(|error| {
        document.stop_on(
            written,
            format!("the previous receipt \"{shown}\" cannot be opened: {error}"),
            fix,
        )
    })?;
    if !receipt::is_of_report(&bytes) {
        return Err(document.stop_on(
            written,
            format!("\"{shown}\" is not a receipt of this program"),
            fix,
        ));
    }
    let mut previous = Previous {
        input: InputFile::of(&shown.replace('\\', "/"), PREVIOUS_ROLE, &bytes),
        path,
        standing: String::new(),
        ledger: None,
        ledger_next: None,
    };
    if let Read::Report(statement) = receipt::read(&bytes) {
        previous.ledger_next = statement.sha256_of(PRIOR_PAYMENTS_NEXT).map(String::from);
        let mut inputs = statement.predicate.inputs.into_iter();
        let ledger = inputs.find(|input| input.role == LEDGER_ROLE);
        previous.ledger = ledger.map(|input| input.sha256);
        previous.standing = statement.predicate.standing;
    }
    Ok(previous)
}
