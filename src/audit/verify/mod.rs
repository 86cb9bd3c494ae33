//! `verify`: is the report what its receipt says, and is its receipt what the batch gives?
//!
//! The first question is answered by hashes. The second needs the batch: everything is calculated and written again into a private
//! folder, and what has other bytes is compared cell by cell. Only the second finds a report that was rewritten as a whole.

mod alignment;
mod contents;
mod discrepancy;
mod recorded;
mod workbook;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use crate::batch::Batch;
use crate::calculation::{Calculation, calculate};
use crate::receipt::{CHECKSUMS, MadeFrom, RECEIPT, Statement};
use crate::report;
use crate::report::publish::files_below;
use crate::stop::{Status, Stop};
pub use discrepancy::Discrepancy;
use discrepancy::Found;
use recorded::NoReceipt;

/// What was found about a report.
#[derive(Clone, Debug)]
pub struct Verification {
    /// SHA-256 of the receipt as it stands; none where there is none.
    pub receipt_sha256: Option<String>,
    /// Files in the report's folder.
    pub files: usize,
    /// Files of the batch that the recalculation read; none without a batch.
    pub inputs: Option<usize>,
    /// The version of the program that wrote the report, where it is another than this one.
    pub other_version: Option<String>,
    /// Discrepancies: those of the batch first, then by file of the report.
    pub differences: Vec<Discrepancy>,
    /// Discrepancies beyond those listed.
    pub unlisted: usize,
    /// Why the batch could not be calculated, if it could not.
    pub stopped: Option<Stop>,
}

impl Verification {
    /// How the verification ends: the highest status that applies.
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

/// Verifies a report, with its batch where one is given. `progress` is told of the recalculation: (files done, files in all).
pub fn verify(
    folder: &Path,
    batch: Option<&Path>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Verification, Stop> {
    let shown = folder.display().to_string();
    if !folder.is_dir() {
        return Err(Stop::usage(
            "there is no such report folder",
            shown,
            "give the folder that holds receipt.json",
        ));
    }
    let found = hashes(folder).map_err(|error| {
        let fix = "close its files in other programs and check that this account may read it";
        nothing(&shown, &format!("the folder cannot be read: {error}"), fix)
    })?;
    let receipt_sha256 = found.get(RECEIPT).and_then(|sha256| sha256.clone().ok());
    if receipt_sha256.is_none() && batch.is_none() {
        let fix = "give the folder of a report; if this is one, its receipt was removed: with --batch DIR the rest is compared all the same";
        return Err(Stop::usage("the folder holds no receipt.json", shown, fix));
    }
    let mut verification = Verification {
        receipt_sha256,
        files: found.len(),
        inputs: None,
        other_version: None,
        differences: Vec::new(),
        unlisted: 0,
        stopped: None,
    };
    let statement = receipt_of(folder, batch.is_some(), &found, &mut verification)?;
    if let Some(batch) = batch {
        if let Some(statement) = &statement {
            verification
                .differences
                .extend(recorded::inputs(batch, &statement.predicate));
        }
        let recalculation = Recalculation {
            folder,
            statement: statement.as_ref(),
            found: &found,
            progress,
        };
        if let Err(stop) = recalculation.compare(batch, &mut verification) {
            verification.stopped = Some(stop);
        }
    }
    // Stable: of one file its hash comes first, then its cells in their order.
    verification
        .differences
        .sort_by(|a, b| (!a.is_of_batch(), &a.file).cmp(&(!b.is_of_batch(), &b.file)));
    Ok(verification)
}

/// The receipt, after comparing the files with it. With a batch, a report without one is compared all the same.
fn receipt_of(
    folder: &Path,
    has_batch: bool,
    found: &Found,
    verification: &mut Verification,
) -> Result<Option<Statement<MadeFrom>>, Stop> {
    let place = folder.join(RECEIPT).display().to_string();
    let why = match recorded::receipt(folder, found) {
        Ok(statement) => {
            let version = &statement.predicate.program.version;
            verification.other_version =
                (version != env!("CARGO_PKG_VERSION")).then(|| version.clone());
            verification
                .differences
                .extend(recorded::files(folder, &statement, found));
            return Ok(Some(statement));
        }
        Err(NoReceipt::OfPublication) => {
            let what = "receipt.json is the receipt of a public twin, not of a report";
            let fix = "give the folder of the report that the twin was made from";
            return Err(nothing(&place, what, fix));
        }
        Err(NoReceipt::Unreadable(why)) => why,
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

/// The hash of every file of the report. A link, a pipe or a device is never opened: it could lead anywhere, or never end.
fn hashes(folder: &Path) -> std::io::Result<Found> {
    let mut paths = files_below(folder, "")?;
    paths.sort();
    let hash = |path: String| {
        let on_disk = folder.join(&path);
        let plain = fs::symlink_metadata(&on_disk).is_ok_and(|metadata| metadata.is_file());
        let hash = match plain.then(|| crate::hash::sha256_of_file(&on_disk)) {
            None => Err("it is no plain file but a link or a device".to_string()),
            Some(Err(error)) => Err(format!("the file cannot be opened: {error}")),
            Some(Ok((sha256, _))) => Ok(sha256),
        };
        (path, hash)
    };
    Ok(paths.into_par_iter().map(hash).collect())
}

/// A report that is compared with what its batch gives.
struct Recalculation<'r> {
    folder: &'r Path,
    statement: Option<&'r Statement<MadeFrom>>,
    found: &'r Found,
    progress: &'r (dyn Fn(usize, usize) + Sync),
}

impl Recalculation<'_> {
    /// Calculates and writes everything again, and compares.
    fn compare(&self, batch: &Path, verification: &mut Verification) -> Result<(), Stop> {
        let calculation = calculate(Batch::open(batch)?, self.progress)?;
        verification.inputs =
            Some(calculation.intake.inputs.len() + calculation.intake.files.len());
        if let Some(statement) = self.statement {
            verification
                .differences
                .extend(recorded::what_it_leaves_out(
                    &calculation,
                    &statement.predicate,
                ));
        }
        let again = tempfile::Builder::new()
            .prefix("cdip-verify-")
            .tempdir()
            .map_err(|error| no_room(&error))?;
        let expected = self
            .write_again(&calculation, again.path())
            .map_err(|error| no_room(&error))?;
        verification
            .differences
            .extend(self.set_of_files(&expected));
        let compared: Vec<contents::Discrepancies<'_>> = self
            .of_other_bytes(&expected)
            .into_par_iter()
            .map(|name| contents::compare(name, &self.folder.join(name), &again.path().join(name)))
            .collect();
        for mut differences in compared {
            verification.differences.append(&mut differences.listed);
            verification.unlisted += differences.unlisted;
        }
        Ok(())
    }

    /// Writes the report again; gives the hash of every file.
    fn write_again(
        &self,
        calculation: &Calculation,
        folder: &Path,
    ) -> std::io::Result<BTreeMap<String, String>> {
        let written = report::write(calculation, folder, self.progress)?;
        let receipt = report::receipt::write(calculation, &written, folder)?;
        let (sums, _) = crate::hash::sha256_of_file(&folder.join(CHECKSUMS))?;
        let files = written.files.into_iter();
        Ok(files
            .map(|file| (file.path, file.sha256))
            .chain([
                (CHECKSUMS.to_string(), sums),
                (RECEIPT.to_string(), receipt),
            ])
            .collect())
    }

    /// Files that are missing or that do not belong there, as far as the receipt did not tell.
    fn set_of_files(&self, expected: &BTreeMap<String, String>) -> Vec<Discrepancy> {
        let told = |name: &str| {
            name == RECEIPT
                || self
                    .statement
                    .is_some_and(|it| it.sha256_of(name).is_some())
        };
        let missing = expected
            .keys()
            .filter(|name| !self.found.contains_key(*name) && !told(name))
            .map(|name| Discrepancy::of(name, "the file is missing: the batch gives it"));
        let extra = self
            .found
            .keys()
            .filter(|name| !expected.contains_key(*name))
            .filter(|name| told(name) || self.statement.is_none())
            .map(|name| {
                Discrepancy::of(
                    name,
                    "the file does not belong there: the batch does not give it",
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
