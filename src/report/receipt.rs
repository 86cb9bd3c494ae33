//! The receipt of a report: what it was made from and what it came to.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::content::COMMAND;
use super::{Written, json as figures};
use crate::calculation::Calculation;
use crate::catalogue::Code;
use crate::intake::lists::{Resolution, Ruling, Subject, participant_code};
use crate::ranks::RowRank;
use crate::receipt::{REPORT, seal};
use crate::results::record::Records;

/// Writes `SHA256SUMS` and then, last, `receipt.json`, about what was written; gives the receipt's own SHA-256.
pub fn write(calculation: &Calculation, written: &Written, folder: &Path) -> io::Result<String> {
    seal(
        &written.files,
        folder,
        REPORT,
        &predicate(calculation, &written.content),
    )
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
        .zip(&calculation.lines)
        .enumerate()
        .map(|(number, (resolution, effect))| {
            json!({
                "line": resolution.line, "about": about(resolution), "decision": resolution.ruling.map_or("", Ruling::as_str), "reason": resolution.reason,
                "approved_by": resolution.approved_by, "date": resolution.date, "found": effect.took_effect(),
                "set_aside": sets_aside(resolution),
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
        "prepared_by": batch.prepared_by,
        "run_date": batch.run_date.to_string(),
        "standing": calculation.standing(),
        "rules": { "id": batch.rules.id, "sha256": batch.rules.sha256 },
        "readings": figures::readings(calculation),
        "previous_receipt": batch.previous_receipt().map(|receipt| json!({ "path": receipt.path, "sha256": receipt.sha256 })),
        "columns": columns,
        "inputs": inputs,
        "submissions": submissions,
        "ignored_files": calculation.intake.passed_over.len(),
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

/// What a decision is about: a place, a participant, or a participant's program. The pupil is only in resolutions.csv, at its line.
fn about(resolution: &Resolution) -> Value {
    match &resolution.subject {
        Ok(Subject::Participant { district, school }) => {
            json!({ "participant": participant_code(district, school) })
        }
        Ok(Subject::Pupil {
            district,
            school,
            program,
            ..
        }) => {
            json!({ "participant": participant_code(district, school), "program_code": program })
        }
        Ok(Subject::Source { file, sheet, row }) => {
            json!({ "source_file": file, "source_sheet": sheet, "source_row": row })
        }
        Err(_) => json!({}),
    }
}

/// Whether a line sets rows aside by their place.
fn sets_aside(resolution: &Resolution) -> bool {
    resolution.ruling == Some(Ruling::Deny)
        && matches!(resolution.subject, Ok(Subject::Source { .. }))
}

/// By resolution, the places of the rows that it touched. By place and never by pupil: a receipt is shown to people who may not see a SASID.
fn rows_moved(calculation: &Calculation) -> Vec<Vec<Value>> {
    let records = Records::of(calculation);
    let place = |row: &RowRank| {
        let record = records.get(*row);
        json!({ "file": record.source_file, "sheet": record.source_sheet, "row": record.source_row })
    };
    calculation
        .lines
        .iter()
        .map(|line| line.rows.iter().map(place).collect())
        .collect()
}
