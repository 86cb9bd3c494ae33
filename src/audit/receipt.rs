//! The receipt: an in-toto statement about the files of a report (its subjects) and what they were made from (its predicate), and
//! `SHA256SUMS` for `sha256sum -c`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::calculation::Calculation;
use crate::catalogue::Code;
use crate::disk::read_plain;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::intake::lists::Target;
use crate::ranks::RowRank;
use crate::report::content::COMMAND;
use crate::report::{OutputFile, Written, json as figures};
use crate::results::record::Records;

/// The receipt's file name.
pub const RECEIPT: &str = "receipt.json";
/// The checksums' file name.
pub const CHECKSUMS: &str = "SHA256SUMS";
/// The kind of statement (in-toto attestation framework).
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The kind of predicate; its number changes when a key changes its meaning.
pub(super) const PREDICATE: &str = "urn:cdip:receipt:1";
/// The kind of predicate of a report's public twin.
pub(crate) const PUBLICATION: &str = "urn:cdip:publication:1";

/// Writes `SHA256SUMS` and then, last, `receipt.json`, about what was written; gives the receipt's own SHA-256.
pub fn write(calculation: &Calculation, written: &Written, folder: &Path) -> io::Result<String> {
    seal(
        &written.files,
        folder,
        PREDICATE,
        &predicate(calculation, &written.content),
    )
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

fn predicate(calculation: &Calculation, content: &str) -> Value {
    let batch = &calculation.batch;
    let allocation = &calculation.allocation;
    let residuals: crate::money::Money = allocation.tiers.iter().map(|tier| tier.residual).sum();
    let inputs: Vec<Value> = calculation
        .intake
        .inputs
        .iter()
        .map(|input| json!({ "path": input.path, "role": input.role, "sha256": input.sha256, "bytes": input.bytes, "rows": input.rows }))
        .collect();
    let submissions: Vec<Value> = calculation
        .intake
        .files
        .iter()
        .zip(&calculation.closed_files)
        .map(|(file, closed)| {
            json!({
                "path": &*file.path, "sha256": file.sha256, "bytes": file.bytes, "rows": file.rows,
                "refused": file.refused.map(Code::as_str), "closed": closed,
            })
        })
        .collect();
    let moved = rows_moved(calculation);
    let resolutions: Vec<Value> = calculation
        .intake
        .resolutions
        .iter()
        .zip(&calculation.resolved)
        .enumerate()
        .map(|(number, (resolution, found))| {
            json!({
                "line": resolution.line, "about": about(&resolution.target), "decision": resolution.decision.as_str(), "reason": resolution.reason,
                "approved_by": resolution.approved_by, "date": resolution.date, "found": found,
                "rows": moved[number],
            })
        })
        .collect();
    let columns: serde_json::Map<String, Value> = batch
        .columns
        .iter()
        .map(|(field, word)| (field.key().to_string(), json!(word)))
        .collect();
    json!({
        "program": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "label": batch.label,
        "run_date": batch.run_date.to_string(),
        "standing": calculation.standing(),
        "rules": { "id": batch.rules.id, "sha256": batch.rules.sha256 },
        "readings": figures::readings(calculation),
        "previous_receipt": batch.previous_receipt().map(|receipt| json!({ "path": receipt.path, "sha256": receipt.sha256 })),
        "columns": columns,
        "inputs": inputs,
        "submissions": submissions,
        "ignored_files": calculation.intake.ignored,
        "resolutions": resolutions,
        "content": { "sha256": content, "command": COMMAND },
        "rows": calculation.intake.completions.len(),
        "buckets": figures::buckets(calculation),
        "available": batch.available,
        "paid": allocation.paid(),
        "residuals": residuals,
        "unspent": allocation.unspent,
        "supplement_available": batch.supplement,
        "supplement": allocation.supplement(),
    })
}

/// What a decision is about: a place, or a participant's program. Who the pupil is stands in resolutions.csv, at its line.
fn about(target: &Target) -> Value {
    match target {
        Target::Pupil {
            participant,
            program,
            ..
        } => json!({ "participant": participant, "program_code": program }),
        Target::Row { file, sheet, row } => {
            json!({ "source_file": file, "source_sheet": sheet, "source_row": row })
        }
        Target::File { file, sheet } => json!({ "source_file": file, "source_sheet": sheet }),
    }
}

/// By resolution, the places of the rows that it moved. By place and never by pupil: a receipt is shown to people who may not see a SASID.
fn rows_moved(calculation: &Calculation) -> Vec<Vec<Value>> {
    let records = Records::of(calculation);
    let mut moved = vec![Vec::new(); calculation.intake.resolutions.len()];
    for (position, decision) in RowRank::enumerate(&calculation.decisions) {
        if let Some(number) = decision.resolution {
            let record = records.get(position);
            moved[number].push(json!({ "file": record.source_file, "sheet": record.source_sheet, "row": record.source_row }));
        }
    }
    moved
}

/// The statement that some bytes hold; `None` where they are no receipt of this program.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes)
        .ok()
        .filter(|statement| statement["predicateType"] == PREDICATE)
}

/// What the receipt in a folder is a receipt of; `None` where the folder holds no receipt of this program.
fn statement_in(folder: &Path) -> Option<Value> {
    let bytes = read_plain(&folder.join(RECEIPT), FILE_BYTES_MAX).ok()?;
    let statement: Value = serde_json::from_slice(&bytes).ok()?;
    let ours = [PREDICATE, PUBLICATION]
        .iter()
        .any(|kind| statement["predicateType"] == *kind);
    ours.then_some(statement)
}

/// Whether a folder holds a report, and not its public twin or something else.
#[must_use]
pub fn holds_report(folder: &Path) -> bool {
    read_plain(&folder.join(RECEIPT), FILE_BYTES_MAX).is_ok_and(|bytes| read(&bytes).is_some())
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
