//! Compares the files of a report and its batch with the receipt, by hash.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::discrepancy::{BATCH, Discrepancy, Found};
use crate::calculation::Calculation;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::receipt::{self, CHECKSUMS, MadeFrom, Named, RECEIPT, Read, Statement};

/// For a file whose hash is not the receipt's.
pub(super) const HASH_DIFFERS: &str =
    "the file was changed: its SHA-256 is not the one in the receipt";
/// Precedes the place of a line of the checksums.
pub(super) const LINE_OF: &str = "line of ";

/// The receipt in a folder, or why it cannot be used.
pub(super) fn receipt(folder: &Path, found: &Found) -> Result<Read, String> {
    let unreadable = str::to_string;
    let path = folder.join(RECEIPT);
    match found.get(RECEIPT) {
        None => return Err(unreadable("the file is missing: every report has one")),
        Some(Err(why)) => return Err(unreadable(why)),
        Some(Ok(_)) => {}
    }
    let bearable = fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= FILE_BYTES_MAX);
    let bytes = fs::read(path).ok().filter(|_| bearable);
    match bytes.map(|bytes| receipt::read(&bytes)) {
        Some(Read::Damaged(_) | Read::Foreign) | None => Err(unreadable(
            "it is not a receipt of this program: it was changed or damaged",
        )),
        Some(read) => Ok(read),
    }
}

/// Compares the set of files, their hashes and `SHA256SUMS` with the receipt.
pub(super) fn files<P>(folder: &Path, statement: &Statement<P>, found: &Found) -> Vec<Discrepancy> {
    let mut differences = Vec::new();
    for subject in &statement.subject {
        let (name, expected) = (&subject.name, &subject.digest.sha256);
        match found.get(name) {
            None => differences.push(Discrepancy::of(
                name,
                "the file is missing: the receipt names it",
            )),
            Some(Err(why)) => differences.push(Discrepancy::of(name, why)),
            Some(Ok(sha256)) if sha256 != expected => {
                let difference = Discrepancy::of(name, HASH_DIFFERS);
                differences.push(difference.between(sha256, expected));
            }
            Some(Ok(_)) => {}
        }
    }
    let unnamed = found
        .keys()
        .filter(|name| *name != RECEIPT && statement.sha256_of(name).is_none());
    differences.extend(unnamed.map(|name| {
        Discrepancy::of(
            name,
            "the file does not belong there: the receipt does not name it",
        )
    }));
    if found.get(CHECKSUMS).is_some_and(Result::is_ok) {
        differences.extend(checksums(folder, statement));
    }
    differences
}

/// Compares the lines of `SHA256SUMS` with the receipt.
fn checksums<P>(folder: &Path, statement: &Statement<P>) -> Vec<Discrepancy> {
    let sums = fs::read(folder.join(CHECKSUMS)).unwrap_or_default();
    let sums = String::from_utf8_lossy(&sums);
    let summed: BTreeMap<&str, &str> = sums
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(hash, name)| (name, hash))
        .collect();
    let mut differences = Vec::new();
    for subject in &statement.subject {
        let (name, expected) = (subject.name.as_str(), subject.digest.sha256.as_str());
        let found = summed.get(name).copied();
        if name == CHECKSUMS || found == Some(expected) {
            continue;
        }
        let mut difference =
            Discrepancy::of(CHECKSUMS, "the checksum is not the one in the receipt");
        difference.place = Some(format!("{LINE_OF}{name}"));
        differences.push(difference.between(found.unwrap_or("none"), expected));
    }
    differences
}

/// Compares the batch's files with the receipt by hash, before the batch is calculated: a swapped file may stop the calculation.
pub(super) fn inputs(batch: &Path, made_from: &MadeFrom) -> Vec<Discrepancy> {
    // A file that could not be read has no hash and does not affect the result.
    let hashed = made_from
        .batch_files()
        .filter(|(_, sha256)| !sha256.is_empty());
    hashed
        .filter_map(|(path, sha256)| input(batch, path, sha256))
        .collect()
}

fn input(batch: &Path, path: &str, expected: &str) -> Option<Discrepancy> {
    let on_disk = batch.join(path);
    let name = format!("{BATCH}{path}");
    let Ok(metadata) = fs::metadata(&on_disk) else {
        return Some(Discrepancy::of(
            &name,
            "the batch does not have the file: the receipt names it",
        ));
    };
    if !metadata.is_file() {
        return None;
    }
    match crate::hash::sha256_of_file(&on_disk) {
        Ok((sha256, _)) if sha256 == expected => None,
        Ok((sha256, _)) => {
            let what = "it is not the file that the report was made from: its SHA-256 differs";
            Some(Discrepancy::of(&name, what).between(&sha256, expected))
        }
        Err(error) => Some(Discrepancy::of(
            &name,
            &format!("the file cannot be opened: {error}"),
        )),
    }
}

/// Files of the batch that the receipt does not name, and rules other than its own.
pub(super) fn what_it_leaves_out(
    calculation: &Calculation,
    made_from: &MadeFrom,
) -> Vec<Discrepancy> {
    let named: BTreeSet<&str> = made_from.batch_files().map(|(path, _)| path).collect();
    let intake = &calculation.intake;
    let lists = intake.inputs.iter().map(|input| input.path.as_str());
    let submissions = intake.files.iter().map(|file| &*file.path);
    let mut differences: Vec<Discrepancy> = lists
        .chain(submissions)
        .filter(|path| !named.contains(path))
        .map(|path| {
            Discrepancy::of(
                &format!("{BATCH}{path}"),
                "the report was made without this file: the receipt does not name it",
            )
        })
        .collect();
    let (rules, stated) = (&calculation.batch.rules, &made_from.rules);
    let own = Named {
        id: rules.id.clone(),
        sha256: rules.sha256.clone(),
    };
    if own != *stated {
        let what = "the report was made under different rules; \"found\" shows the batch's";
        let difference = Discrepancy::of(&format!("{BATCH}rules"), what);
        differences.push(difference.between(&described(&own), &described(stated)));
    }
    differences
}

fn described(rules: &Named) -> String {
    format!("{}, sha256 {}", rules.id, rules.sha256)
}
