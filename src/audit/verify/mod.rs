//! `verify`: does the report match its receipt, and does the receipt match the batch?
//!
//! Hashes answer the first question. The second needs the batch: everything is calculated and written again into a private folder,
//! and files whose bytes differ are compared cell by cell. Only that finds a report that was rewritten as a whole.

mod alignment;
mod contents;
mod derived;
mod discrepancy;
mod order;
mod parts;
mod recorded;
mod told;
mod workbook;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::earlier::earlier;
use super::evidence::Evidence;
use crate::batch::Batch;
use crate::calculation::calculate;
use crate::receipt::{MadeFrom, RECEIPT, Read, Statement};
use crate::report;
use crate::report::publish::files_below;
use crate::stop::{Status, Stop};
pub use derived::{Derived, Source, Subject, subject, verify_derived};
pub use discrepancy::Discrepancy;
use discrepancy::Found;

/// What was found about a report.
#[derive(Clone, Debug)]
pub struct Verification {
    /// SHA-256 of the receipt, if there is one.
    pub receipt_sha256: Option<String>,
    /// Files in the report's folder.
    pub files: usize,
    /// Files of the batch that the recalculation read; none without a batch.
    pub inputs: Option<usize>,
    /// The version of the program that wrote the report, if it is not this one.
    pub other_version: Option<String>,
    /// Discrepancies: those of the batch first, then by file of the report.
    pub differences: Vec<Discrepancy>,
    /// Discrepancies beyond those listed.
    pub unlisted: usize,
    /// Why the batch, or without one the report, could not be calculated, if it could not.
    pub stopped: Option<Stop>,
}

impl Verification {
    fn note_version(&mut self, version: &str) {
        self.other_version = (version != env!("CARGO_PKG_VERSION")).then(|| version.to_string());
    }

    /// The exit status: the highest that applies.
    #[must_use]
    pub fn status(&self) -> Status {
        let different = if self.differences.is_empty() {
            Status::Done
        } else {
            Status::Difference
        };
        self.stopped
            .as_ref()
            .map_or(different, |stop| stop.status.max(different))
    }
}

/// The options of a verification.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The batch that the report was made from.
    pub batch: Option<&'a Path>,
    /// The receipt's SHA-256 as kept apart from the report, in lower case.
    pub receipt: Option<&'a str>,
}

/// Verifies a report, with its batch if one is given. `progress` is called with (files done, files in all).
///
/// # Errors
/// If there is nothing to verify, or no batch where one is said to be.
pub fn verify(
    folder: &Path,
    asked: Asked<'_>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Verification, Stop> {
    let Asked { batch, receipt } = asked;
    batch.map_or(Ok(()), Batch::refuse_no_folder)?;
    let (found, mut verification) = opened(folder)?;
    if verification.receipt_sha256.is_none() && batch.is_none() {
        let fix = "give the folder of a report; if this is one, its receipt was removed: with --batch DIR the rest is compared all the same";
        let shown = folder.display().to_string();
        return Err(Stop::usage("the folder holds no receipt.json", shown, fix));
    }
    let statement = receipt_of(folder, batch.is_some(), &found, &mut verification)?;
    if batch.is_none() && verification.differences.is_empty() {
        match Evidence::open(folder).err() {
            Some(stop) if stop.status == Status::Difference => {
                verification.differences.push(contradiction(&stop));
            }
            stopped => verification.stopped = stopped,
        }
    }
    if let Some(batch) = batch {
        if let Some(statement) = &statement {
            verification
                .differences
                .extend(recorded::inputs(batch, &statement.predicate));
        }
        let rewritten = Rewritten {
            folder,
            named: &|name| {
                let statement = statement.as_ref();
                statement.map(|statement| statement.sha256_of(name).is_some())
            },
            found: &found,
        };
        if let Err(stop) = calculated_again(
            (batch, progress),
            statement.as_ref(),
            &rewritten,
            &mut verification,
        ) {
            verification.stopped = Some(stop);
        }
    }
    verification.put_in_order(receipt, statement.as_ref());
    Ok(verification)
}

/// What in a report, whose files are as the receipt says, contradicts something else in it: its money is calculated again from its
/// own rows and rules.
fn contradiction(stop: &Stop) -> Discrepancy {
    let what = stop.message.replacen("the report", "it", 1);
    Discrepancy::of("the report", &what)
}

/// The hashes of a folder, and a verification that has found nothing yet.
fn opened(folder: &Path) -> Result<(Found, Verification), Stop> {
    let shown = folder.display().to_string();
    if !folder.is_dir() {
        return Err(Stop::usage(
            "the report folder does not exist",
            shown,
            "give the folder that holds receipt.json",
        ));
    }
    let found = hashes(folder).map_err(|error| {
        let fix = "close its files in other programs and check that this account may read it";
        nothing(&shown, &format!("the folder cannot be read: {error}"), fix)
    })?;
    let verification = Verification {
        receipt_sha256: found.get(RECEIPT).and_then(|sha256| sha256.clone().ok()),
        files: found.len(),
        inputs: None,
        other_version: None,
        differences: Vec::new(),
        unlisted: 0,
        stopped: None,
    };
    Ok((found, verification))
}

/// Reads the receipt and compares the files with it. With a batch, a report without a receipt is compared all the same.
fn receipt_of(
    folder: &Path,
    has_batch: bool,
    found: &Found,
    verification: &mut Verification,
) -> Result<Option<Statement<MadeFrom>>, Stop> {
    let place = folder.join(RECEIPT).display().to_string();
    let why = match recorded::receipt(folder, found) {
        Ok(Read::Report(statement)) => {
            verification.note_version(&statement.predicate.program.version);
            verification
                .differences
                .extend(recorded::files(folder, &statement, found));
            return Ok(Some(*statement));
        }
        Ok(_) => {
            let what = "the folder is not a report but what was made from one";
            let fix = "leave --batch out and give --report DIR, the report that it was made from";
            return Err(nothing(&place, what, fix));
        }
        Err(why) => why,
    };
    if !has_batch {
        let fix = "give --batch DIR as well: the report is then compared with what the batch gives";
        return Err(nothing(
            &place,
            &format!("{RECEIPT} {}", why.trim_start_matches("it ")),
            fix,
        ));
    }
    verification
        .differences
        .push(Discrepancy::of(RECEIPT, &why));
    Ok(None)
}

fn nothing(place: &str, message: &str, fix: &str) -> Stop {
    Stop {
        status: Status::Nothing,
        message: message.to_string(),
        places: vec![place.to_string()],
        fix: fix.to_string(),
        also: Vec::new(),
    }
}

/// The hash of every file of the report. Links, pipes and devices are never opened: they could lead anywhere or never end.
fn hashes(folder: &Path) -> std::io::Result<Found> {
    let mut paths = files_below(folder, "")?;
    paths.sort();
    let hash = |path: String| {
        let on_disk = folder.join(&path);
        let plain = fs::symlink_metadata(&on_disk).is_ok_and(|metadata| metadata.is_file());
        let hash = match plain.then(|| crate::hash::sha256_of_file(&on_disk)) {
            None => Err("it is not a plain file but a link or a device".to_string()),
            Some(Err(error)) => Err(format!("the file cannot be opened: {error}")),
            Some(Ok((sha256, _))) => Ok(sha256),
        };
        (path, hash)
    };
    Ok(paths.into_par_iter().map(hash).collect())
}

/// Calculates and writes a report again, and compares.
fn calculated_again(
    (batch, progress): (&Path, &(dyn Fn(usize, usize) + Sync)),
    statement: Option<&Statement<MadeFrom>>,
    rewritten: &Rewritten<'_>,
    verification: &mut Verification,
) -> Result<(), Stop> {
    let calculation = calculate(Batch::open(batch)?, progress)?;
    verification.inputs = Some(calculation.intake.inputs.len() + calculation.intake.files.len());
    if let Some(statement) = statement {
        let left_out = recorded::what_it_leaves_out(&calculation, &statement.predicate);
        verification.differences.extend(left_out);
    }
    let earlier = earlier(&calculation.batch);
    rewritten.compare(verification, |folder| {
        report::write(&calculation, &earlier, folder, &|_, done, total| {
            progress(done, total);
        })
        .and_then(|written| report::receipt::write(&calculation, &written, folder))
        .map_err(|error| no_room(&error))?;
        Ok(())
    })
}

/// A folder to compare with the files written again.
struct Rewritten<'r> {
    folder: &'r Path,
    /// Whether the receipt names a file; `None` without a receipt.
    named: &'r dyn Fn(&str) -> Option<bool>,
    found: &'r Found,
}

/// The beginning of the name of the private folder into which everything is written again.
const AGAIN: &str = "cdip-verify-";

impl Rewritten<'_> {
    /// Writes everything again, and compares.
    fn compare(
        &self,
        verification: &mut Verification,
        write: impl FnOnce(&Path) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let again = tempfile::Builder::new()
            .prefix(AGAIN)
            .tempdir()
            .map_err(|error| no_room(&error))?;
        write(again.path())?;
        let written = hashes(again.path()).map_err(|error| no_room(&error))?;
        let expected: BTreeMap<String, String> = written
            .into_iter()
            .filter_map(|(name, sha256)| Some((name, sha256.ok()?)))
            .collect();
        verification
            .differences
            .extend(self.set_of_files(&expected));
        let of_hash: BTreeMap<&str, &str> = expected
            .iter()
            .map(|(name, sha256)| (sha256.as_str(), name.as_str()))
            .collect();
        let compared: Vec<told::Discrepancies<'_>> = self
            .of_other_bytes(&expected)
            .into_par_iter()
            .map(|name| {
                let found = self.found.get(name).and_then(|found| found.as_ref().ok());
                match found.and_then(|sha256| of_hash.get(sha256.as_str())) {
                    Some(other) => contents::another(name, other),
                    None => {
                        contents::compare(name, &self.folder.join(name), &again.path().join(name))
                    }
                }
            })
            .collect();
        for mut differences in compared {
            verification.differences.append(&mut differences.listed);
            verification.unlisted += differences.unlisted;
        }
        Ok(())
    }

    /// Missing and extra files that the comparison with the receipt did not report.
    fn set_of_files(&self, expected: &BTreeMap<String, String>) -> Vec<Discrepancy> {
        let named = |name: &str| (self.named)(name).unwrap_or(false);
        let missing = expected
            .keys()
            .filter(|name| !self.found.contains_key(*name) && *name != RECEIPT && !named(name))
            .map(|name| Discrepancy::of(name, "the file is missing: what is written again has it"));
        let extra = self
            .found
            .keys()
            .filter(|name| !expected.contains_key(*name))
            .filter(|name| (self.named)(name).unwrap_or(true))
            .map(|name| {
                Discrepancy::of(
                    name,
                    "the file does not belong there: what is written again does not have it",
                )
            });
        missing.chain(extra).collect()
    }

    fn of_other_bytes<'x>(&self, expected: &'x BTreeMap<String, String>) -> Vec<&'x str> {
        let is_other = |(name, sha256): &(&String, &String)| {
            let found = self.found.get(*name).and_then(|found| found.as_ref().ok());
            found.is_some_and(|found| found != *sha256)
        };
        let other = expected.iter().filter(is_other);
        other.map(|(name, _)| name.as_str()).collect()
    }
}

fn no_room(error: &std::io::Error) -> Stop {
    Stop {
        status: Status::Usage,
        message: format!("the report cannot be written again to be compared: {error}"),
        places: vec![std::env::temp_dir().display().to_string()],
        fix: "make room in the folder for temporary files, or name another one in the environment (TMPDIR, on Windows TEMP)".to_string(),
        also: Vec::new(),
    }
}
