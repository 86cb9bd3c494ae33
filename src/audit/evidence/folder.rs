//! The files of a report folder, each checked against the receipt.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::recorded::{AWARDS, PAYMENTS};
use crate::disk::{open_plain, read_plain};
use crate::hash::Hashed;
use crate::receipt::{self, LETTERS, MadeFrom, PUBLICATION, RECEIPT, Read, SETTLEMENT, Statement};
use crate::stop::{Status, Stop};
use crate::words::written_out;

/// A report's folder and what its receipt says of it.
pub(super) struct Folder {
    path: PathBuf,
    pub(super) shown: String,
    statement: Statement<MadeFrom>,
    /// SHA-256 of the receipt.
    pub(super) receipt: String,
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
            return Err(no_report("the report folder does not exist"));
        }
        let bytes = read_plain(&path.join(RECEIPT), u64::MAX).map_err(|_| {
            no_report("the folder is not a report of this program: it holds no receipt.json")
        })?;
        let statement = match receipt::read(&bytes) {
            Read::Report(statement) => statement,
            Read::Damaged(why) => return Err(damaged(&shown, RECEIPT, &why)),
            Read::Derived(kind, _) => {
                return Err(no_report(match kind {
                    PUBLICATION => {
                        "the folder is the public version of a report, which holds no rows"
                    }
                    SETTLEMENT => "the folder is the settlement of a report, which holds no rows",
                    LETTERS => "the folder holds letters of a report, and no rows",
                    _ => "the folder is made from several reports and holds no rows",
                }));
            }
            Read::Foreign => {
                return Err(no_report(
                    "the folder is not a report: its receipt.json is about something else",
                ));
            }
        };
        let mut folder = Folder {
            path: path.to_path_buf(),
            receipt: crate::hash::sha256_hex(&bytes),
            statement: *statement,
            shown,
            awards: Vec::new(),
            payments: None,
        };
        folder.awards = folder.read(AWARDS)?;
        if path.join(PAYMENTS).exists() {
            folder.payments = Some(folder.read(PAYMENTS)?);
        }
        Ok(folder)
    }

    pub(super) fn made_from(&self) -> &MadeFrom {
        &self.statement.predicate
    }

    /// A file's bytes, if they are those that the receipt records. Files of millions of rows are read one after another, so that no two
    /// of them are in memory.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, Stop> {
        let bytes = read_plain(&self.path.join(name), u64::MAX)
            .map_err(|error| self.cannot_be_opened(name, &error))?;
        self.is_recorded(name, &crate::hash::sha256_hex(&bytes))?;
        Ok(bytes)
    }

    /// The same file piece by piece; when all is read, its hash says whether it [is recorded](Folder::is_recorded).
    pub(super) fn pieces(&self, name: &str) -> Result<Hashed<File>, Stop> {
        open_plain(&self.path.join(name))
            .map(Hashed::new)
            .map_err(|error| self.cannot_be_opened(name, &error))
    }

    /// Whether a file with this hash is the one that the receipt records.
    pub(super) fn is_recorded(&self, name: &str, sha256: &str) -> Result<(), Stop> {
        let what = match self.statement.sha256_of(name) {
            Some(recorded) if recorded == sha256 => return Ok(()),
            Some(_) => format!("{name} was changed after the report was written"),
            None => format!("the receipt does not name {name}"),
        };
        Err(contradiction(&self.shown, what))
    }

    fn cannot_be_opened(&self, name: &str, error: &io::Error) -> Stop {
        damaged(&self.shown, name, &format!("it cannot be opened: {error}"))
    }
}

pub(super) fn damaged(folder: &str, file: &str, why: &str) -> Stop {
    Stop::usage(
        told(&format!("{file} of the report cannot be read: {why}")),
        folder,
        "write the report again with cdip run",
    )
}

/// The stop for a report that does not agree with itself.
pub(super) fn contradiction(folder: &str, what: impl Display) -> Stop {
    Stop {
        status: Status::Difference,
        message: told(&format!("the report contradicts itself: {what}")),
        places: vec![folder.to_string()],
        fix: "do not rely on it: cdip verify says what differs, cdip run writes it again"
            .to_string(),
        also: Vec::new(),
    }
}

/// So many digits in a row can be a SASID, or one that lost a zero; no figure of a message has as many without a comma.
const ID_DIGITS_MIN: usize = 9;

/// A message about a report that somebody changed: what its files hold can be anything, so control characters are written out, and of
/// what can be an id only the length is told.
fn told(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut digits = String::new();
    for c in message.chars().map(Some).chain([None]) {
        if let Some(digit) = c.filter(char::is_ascii_digit) {
            digits.push(digit);
            continue;
        }
        if digits.len() < ID_DIGITS_MIN {
            text.push_str(&digits);
        } else {
            text.push_str(&format!("({} digits)", digits.len()));
        }
        digits.clear();
        text.extend(c);
    }
    written_out(&text)
}
