//! `verify`: is the report what its receipt says, and is its receipt what the batch gives?
//!
//! The first question is answered by hashes. The second needs the batch: everything is calculated and written again into a private
//! folder, and what has other bytes is compared cell by cell. Only the second finds a report that was rewritten as a whole.

mod alignment;
mod contents;
mod workbook;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

use crate::batch::Batch;
use crate::calculation::{Calculation, calculate};
use crate::intake::limits::FILE_BYTES_MAX;
use crate::receipt::{self, CHECKSUMS, RECEIPT};
use crate::report;
use crate::report::publish::files_below;
use crate::stop::{Status, Stop};

/// What a difference of the batch begins with in place of a file of the report.
const BATCH: &str = "batch: ";

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file: of the report, or with `batch: ` before it of the batch.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Cell, line and column, or the path of a value.
    pub place: Option<String>,
    /// What is wrong, one clause.
    pub what: String,
    /// The value found, fit to be shown: never pupil data.
    pub found: Option<String>,
    /// The value that should be there.
    pub expected: Option<String>,
}

impl Difference {
    fn of(file: &str, what: &str) -> Difference {
        Difference {
            file: file.to_string(),
            sheet: None,
            place: None,
            what: what.to_string(),
            found: None,
            expected: None,
        }
    }

    fn is_of_batch(&self) -> bool {
        self.file.starts_with(BATCH)
    }

    fn between(mut self, found: &str, expected: &str) -> Difference {
        self.found = Some(found.to_string());
        self.expected = Some(expected.to_string());
        self
    }
}

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
    /// Differences: those of the batch first, then by file of the report.
    pub differences: Vec<Difference>,
    /// Differences beyond those listed.
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

/// The hash of every file of the report, or why it has none.
type Found = BTreeMap<String, Result<String, String>>;

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
    let statement = read_receipt(folder, &found);
    match (&statement, batch) {
        (Some(statement), _) => {
            let version = statement["predicate"]["program"]["version"]
                .as_str()
                .unwrap_or("unknown");
            verification.other_version =
                (version != env!("CARGO_PKG_VERSION")).then(|| version.to_string());
            against_receipt(folder, statement, &found, &mut verification.differences);
        }
        (None, Some(_)) => {
            let what = match found.get(RECEIPT) {
                None => "the file is missing: every report has one",
                Some(Err(why)) => why,
                Some(Ok(_)) => "it is no receipt of this program: it was changed or damaged",
            };
            verification.differences.push(Difference::of(RECEIPT, what));
        }
        (None, None) => {
            let what = "receipt.json is no receipt of this program: it was changed or damaged";
            let fix =
                "give --batch DIR as well: the report is then compared with what the batch gives";
            return Err(nothing(
                &folder.join(RECEIPT).display().to_string(),
                what,
                fix,
            ));
        }
    }
    if let Some(batch) = batch {
        if let Some(statement) = &statement {
            inputs_by_receipt(batch, statement, &mut verification.differences);
        }
        if let Err(stop) = against_batch(
            folder,
            batch,
            statement.as_ref(),
            &found,
            &mut verification,
            progress,
        ) {
            verification.stopped = Some(stop);
        }
    }
    // Stable: of one file its hash comes first, then its cells in their order.
    verification
        .differences
        .sort_by(|a, b| (!a.is_of_batch(), &a.file).cmp(&(!b.is_of_batch(), &b.file)));
    Ok(verification)
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

fn read_receipt(folder: &Path, found: &Found) -> Option<Value> {
    let path = folder.join(RECEIPT);
    // Only a plain file has a hash.
    found.get(RECEIPT)?.as_ref().ok()?;
    let bearable = fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= FILE_BYTES_MAX);
    fs::read(path)
        .ok()
        .filter(|_| bearable)
        .and_then(|bytes| receipt::read(&bytes))
}

/// (name, hash) of a statement's subjects.
fn subjects(statement: &Value) -> Vec<(&str, &str)> {
    let subjects = statement["subject"].as_array().into_iter().flatten();
    subjects
        .map(|subject| (text(&subject["name"]), text(&subject["digest"]["sha256"])))
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The set of files, their hashes, and `SHA256SUMS` against the receipt.
fn against_receipt(
    folder: &Path,
    statement: &Value,
    found: &Found,
    differences: &mut Vec<Difference>,
) {
    let subjects = subjects(statement);
    for (name, expected) in &subjects {
        match found.get(*name) {
            None => differences.push(Difference::of(
                name,
                "the file is missing: the receipt names it",
            )),
            Some(Err(why)) => differences.push(Difference::of(name, why)),
            Some(Ok(sha256)) if sha256 != expected => {
                let what = "the file was changed: its SHA-256 is not the one in the receipt";
                differences.push(Difference::of(name, what).between(sha256, expected));
            }
            Some(Ok(_)) => {}
        }
    }
    let named: BTreeSet<&str> = subjects
        .iter()
        .map(|(name, _)| *name)
        .chain([RECEIPT])
        .collect();
    for name in found.keys().filter(|name| !named.contains(name.as_str())) {
        differences.push(Difference::of(
            name,
            "the file does not belong there: the receipt does not name it",
        ));
    }
    let plain = found.get(CHECKSUMS).is_some_and(Result::is_ok);
    let sums = fs::read(folder.join(CHECKSUMS))
        .ok()
        .filter(|_| plain)
        .unwrap_or_default();
    let sums = String::from_utf8_lossy(&sums);
    let summed: BTreeMap<&str, &str> = sums
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(hash, name)| (name, hash))
        .collect();
    for (name, expected) in subjects
        .iter()
        .filter(|(name, _)| *name != CHECKSUMS && plain)
    {
        if summed.get(name) != Some(expected) {
            let mut difference =
                Difference::of(CHECKSUMS, "the checksum is not the one in the receipt");
            difference.place = Some(format!("line of {name}"));
            differences
                .push(difference.between(summed.get(name).copied().unwrap_or("none"), expected));
        }
    }
}

/// (path, hash) of every file of the batch that a statement names.
fn inputs_of(statement: &Value) -> Vec<(&str, &str)> {
    let entries = ["inputs", "submissions"]
        .into_iter()
        .filter_map(|key| statement["predicate"][key].as_array())
        .flatten();
    entries
        .map(|entry| (text(&entry["path"]), text(&entry["sha256"])))
        .collect()
}

/// Hashes the batch's files against the receipt, before the batch is calculated: a file that was swapped may stop the calculation.
fn inputs_by_receipt(batch: &Path, statement: &Value, differences: &mut Vec<Difference>) {
    for (path, expected) in inputs_of(statement) {
        // A file that was refused unread has no hash, and no say in the result.
        if expected.is_empty() {
            continue;
        }
        let on_disk = batch.join(path);
        let name = format!("{BATCH}{path}");
        let Ok(metadata) = fs::metadata(&on_disk) else {
            differences.push(Difference::of(
                &name,
                "the batch does not have the file: the receipt names it",
            ));
            continue;
        };
        if !metadata.is_file() {
            continue;
        }
        match crate::hash::sha256_of_file(&on_disk) {
            Ok((sha256, _)) if sha256 == expected => {}
            Ok((sha256, _)) => {
                let what =
                    "it is not the file that the report was made from: its SHA-256 is another";
                differences.push(Difference::of(&name, what).between(&sha256, expected));
            }
            Err(error) => differences.push(Difference::of(
                &name,
                &format!("the file cannot be opened: {error}"),
            )),
        }
    }
}

/// Calculates and writes everything again, and compares.
fn against_batch(
    folder: &Path,
    batch: &Path,
    statement: Option<&Value>,
    found: &Found,
    verification: &mut Verification,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(), Stop> {
    let calculation = calculate(Batch::open(batch)?, progress)?;
    verification.inputs = Some(calculation.intake.inputs.len() + calculation.intake.files.len());
    if let Some(statement) = statement {
        not_in_the_receipt(&calculation, statement, &mut verification.differences);
    }
    let again = tempfile::Builder::new()
        .prefix("cdip-verify-")
        .tempdir()
        .map_err(|error| no_room(&error))?;
    let written =
        report::write(&calculation, again.path(), progress).map_err(|error| no_room(&error))?;
    let receipt_sha256 = report::receipt::write(&calculation, &written, again.path())
        .map_err(|error| no_room(&error))?;
    let sums = crate::hash::sha256_of_file(&again.path().join(CHECKSUMS))
        .map_err(|error| no_room(&error))?
        .0;
    let mut expected: BTreeMap<&str, &str> = written
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.sha256.as_str()))
        .collect();
    expected.extend([
        (CHECKSUMS, sums.as_str()),
        (RECEIPT, receipt_sha256.as_str()),
    ]);

    let named: BTreeSet<&str> = statement
        .into_iter()
        .flat_map(subjects)
        .map(|(name, _)| name)
        .chain([RECEIPT])
        .collect();
    for name in expected
        .keys()
        .filter(|name| !found.contains_key(**name) && !named.contains(**name))
    {
        verification.differences.push(Difference::of(
            name,
            "the file is missing: the batch gives it",
        ));
    }
    for name in found.keys().filter(|name| {
        !expected.contains_key(name.as_str())
            && (named.contains(name.as_str()) || statement.is_none())
    }) {
        verification.differences.push(Difference::of(
            name,
            "the file does not belong there: the batch does not give it",
        ));
    }
    let other_bytes: Vec<&str> = expected
        .iter()
        .filter(|(name, sha256)| {
            found
                .get(**name)
                .is_some_and(|found| found.as_ref().is_ok_and(|found| found != **sha256))
        })
        .map(|(name, _)| *name)
        .collect();
    let compared: Vec<contents::Differences<'_>> = other_bytes
        .into_par_iter()
        .map(|name| contents::compare(name, &folder.join(name), &again.path().join(name)))
        .collect();
    for mut differences in compared {
        verification.differences.append(&mut differences.listed);
        verification.unlisted += differences.unlisted;
    }
    Ok(())
}

/// Files of the batch that the receipt does not name, and the rules.
fn not_in_the_receipt(
    calculation: &Calculation,
    statement: &Value,
    differences: &mut Vec<Difference>,
) {
    let named: BTreeSet<&str> = inputs_of(statement)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let inputs = calculation
        .intake
        .inputs
        .iter()
        .map(|input| input.path.as_str());
    let submissions = calculation.intake.files.iter().map(|file| &*file.path);
    for path in inputs
        .chain(submissions)
        .filter(|path| !named.contains(path))
    {
        differences.push(Difference::of(
            &format!("{BATCH}{path}"),
            "the report was made without this file: the receipt does not name it",
        ));
    }
    let (rules, stated) = (&calculation.batch.rules, &statement["predicate"]["rules"]);
    if (text(&stated["id"]), text(&stated["sha256"])) != (rules.id.as_str(), rules.sha256.as_str())
    {
        let described = |id: &str, sha256: &str| format!("{id}, sha256 {sha256}");
        let difference = Difference::of(
            &format!("{BATCH}rules"),
            "the report was made under other rules; found are those of the batch",
        );
        differences.push(difference.between(
            &described(&rules.id, &rules.sha256),
            &described(text(&stated["id"]), text(&stated["sha256"])),
        ));
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
