//! The files of a report folder, each checked against the receipt.

use std::fmt::Display;
use std::path::Path;

use super::recorded::{ALLOCATION, AWARDS, COMPLETIONS, FINDINGS, PAYMENTS};
use crate::disk::read_plain;
use crate::receipt::{self, MadeFrom, RECEIPT, Read, Statement};
use crate::stop::{Status, Stop};

/// The files of a report folder that are read here.
pub(super) struct Folder {
    pub(super) shown: String,
    pub(super) made_from: MadeFrom,
    /// SHA-256 of the receipt.
    pub(super) receipt: String,
    pub(super) allocation: Vec<u8>,
    pub(super) completions: Vec<u8>,
    pub(super) findings: Vec<u8>,
    pub(super) awards: Vec<u8>,
    /// Only a FINAL report has it.
    pub(super) payments: Option<Vec<u8>>,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Folder, Stop> {
        let shown = path.display().to_string();
        let no_report = |message: &str| {
            let fix = "give the folder that cdip run wrote, such as reports/statewide-2024-25; it holds receipt.json";
            Stop::usage(message, shown.clone(), fix)
        };
        if !path.is_dir() {
            return Err(no_report("there is no such report folder"));
        }
        let bytes = read_plain(&path.join(RECEIPT), u64::MAX).map_err(|_| {
            no_report("the folder is not a report of this program: it holds no receipt.json")
        })?;
        let statement = match receipt::read(&bytes) {
            Read::Report(statement) => statement,
            Read::Damaged(why) => return Err(damaged(&shown, RECEIPT, &why)),
            Read::Publication(_) => {
                return Err(no_report(
                    "the folder is the public version of a report, which holds no rows",
                ));
            }
            Read::Years(_) => {
                return Err(no_report(
                    "the folder is made from several reports and holds no rows",
                ));
            }
            Read::Settlement(_) => {
                return Err(no_report(
                    "the folder is the settlement of a report, which holds no rows",
                ));
            }
            Read::Letters(_) => {
                return Err(no_report(
                    "the folder holds letters of a report, and no rows",
                ));
            }
            Read::Foreign => {
                return Err(no_report(
                    "the folder is not a report: its receipt.json is about something else",
                ));
            }
        };
        let read = |name: &str| read_as_recorded(path, name, &statement);
        let (allocation, completions, findings) =
            (read(ALLOCATION)?, read(COMPLETIONS)?, read(FINDINGS)?);
        Ok(Folder {
            awards: read(AWARDS)?,
            payments: path
                .join(PAYMENTS)
                .exists()
                .then(|| read(PAYMENTS))
                .transpose()?,
            allocation,
            completions,
            findings,
            made_from: statement.predicate,
            receipt: crate::hash::sha256_hex(&bytes),
            shown,
        })
    }
}

/// A file's bytes, if their hash is the receipt's.
fn read_as_recorded(
    folder: &Path,
    name: &str,
    statement: &Statement<MadeFrom>,
) -> Result<Vec<u8>, Stop> {
    let shown = folder.display().to_string();
    let bytes = read_plain(&folder.join(name), u64::MAX)
        .map_err(|error| damaged(&shown, name, &format!("it cannot be opened: {error}")))?;
    match statement.sha256_of(name) {
        Some(sha256) if sha256 == crate::hash::sha256_hex(&bytes) => Ok(bytes),
        Some(_) => Err(contradiction(
            &shown,
            format!("{name} was changed after the report was written"),
        )),
        None => Err(contradiction(
            &shown,
            format!("the receipt does not name {name}"),
        )),
    }
}

pub(super) fn damaged(folder: &str, file: &str, why: &str) -> Stop {
    Stop::usage(
        format!("{file} of the report cannot be read: {why}"),
        folder,
        "write the report again with cdip run",
    )
}

/// The stop for a report that does not agree with itself.
pub(super) fn contradiction(folder: &str, what: impl Display) -> Stop {
    Stop {
        status: Status::Difference,
        message: format!("the report contradicts itself: {what}"),
        places: vec![folder.to_string()],
        fix: "do not rely on it: cdip verify says what differs, cdip run writes it again"
            .to_string(),
        also: Vec::new(),
    }
}
