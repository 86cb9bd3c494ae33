//! The receipt of a report: its inputs and its results.

use std::io;
use std::path::Path;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::changes::Changes;
use super::content::COMMAND;
use super::{Written, json as figures};
use crate::batch::Batch;
use crate::calculation::Calculation;
use crate::intake::lists::{Resolution, Ruling, Subject, participant_code};
use crate::ranks::{ResolutionRank, RowRank};
use crate::receipt::{
    About, ContentEntry, Hashed, InputEntry, MadeFrom, Named, OfficeEntry, Program, REPORT,
    ResolutionEntry, RowPlace, SubmissionEntry, seal,
};
use crate::results::record::Records;

/// Writes `SHA256SUMS` and then, as the last file, `receipt.json`; gives the receipt's SHA-256.
pub fn write(calculation: &Calculation, written: &Written, folder: &Path) -> io::Result<String> {
    let made_from = made_from(calculation, &written.content);
    seal(&written.files, folder, REPORT, made_from)
}

fn made_from(calculation: &Calculation, content: &str) -> MadeFrom {
    let batch = &calculation.batch;
    let allocation = &calculation.allocation;
    MadeFrom {
        program: Program::own(),
        label: batch.label.clone(),
        prepared_by: batch.prepared_by.clone(),
        office: office(batch),
        accounting: batch.accounting.clone(),
        run_date: batch.run_date.to_string(),
        standing: calculation.standing().to_string(),
        rules: Named {
            id: batch.rules.id.clone(),
            sha256: batch.rules.sha256.clone(),
        },
        readings: figures::readings(calculation),
        previous_receipt: batch.previous.as_ref().map(|previous| Hashed {
            path: previous.input.path.clone(),
            sha256: previous.input.sha256.clone(),
        }),
        columns: own_columns(batch),
        values: own_words(batch),
        inputs: inputs(calculation),
        submissions: submissions(calculation),
        ignored_files: calculation.intake.passed_over.len(),
        resolutions: resolutions(calculation),
        content: ContentEntry {
            sha256: content.to_string(),
            command: COMMAND.to_string(),
        },
        rows: calculation.intake.completions.len(),
        buckets: figures::buckets(calculation),
        available: batch.available,
        paid: allocation.paid(),
        residuals: allocation.tiers.iter().map(|tier| tier.residual).sum(),
        unspent: allocation.unspent,
        supplement_available: batch.supplement,
        supplement: allocation.supplement(),
    }
}

fn office(batch: &Batch) -> OfficeEntry {
    let office = &batch.office;
    let day = |date: Option<NaiveDate>| date.map(|date| date.to_string());
    OfficeEntry {
        name: office.name.clone(),
        contact: office.contact.clone(),
        deadline: day(office.deadline),
        appeal_until: day(office.appeal_until),
        return_to: office.return_to.clone(),
        return_until: day(office.return_until),
        law_checked_by: office.law_checked_by.clone(),
        law_checked_on: day(office.law_checked_on),
    }
}

fn inputs(calculation: &Calculation) -> Vec<InputEntry> {
    let inputs = calculation.intake.inputs.iter();
    inputs
        .map(|input| InputEntry {
            path: input.path.clone(),
            role: input.role.to_string(),
            sha256: input.sha256.clone(),
            bytes: input.bytes,
            rows: input.rows,
        })
        .collect()
}

fn submissions(calculation: &Calculation) -> Vec<SubmissionEntry> {
    let files = calculation.intake.files.iter();
    files
        .zip(&calculation.closed_files)
        .map(|(file, closed)| SubmissionEntry {
            path: file.path.to_string(),
            sha256: file.sha256.clone(),
            bytes: file.bytes,
            rows: file.rows,
            refused: file.refused.map(|code| code.as_str().to_string()),
            closed: *closed,
        })
        .collect()
}

fn resolutions(calculation: &Calculation) -> Vec<ResolutionEntry> {
    let records = calculation.records();
    let changes = Changes::of(calculation);
    let lines = calculation.intake.resolutions.iter();
    lines
        .zip(&calculation.lines)
        .enumerate()
        .map(|(number, (resolution, effect))| ResolutionEntry {
            line: resolution.line,
            about: about(resolution),
            decision: resolution.ruling.map_or("", Ruling::as_str).to_string(),
            reason: resolution.reason.clone(),
            approved_by: resolution.approved_by.clone(),
            date: resolution.date.clone(),
            found: effect.took_effect(),
            open: effect.is_open(),
            set_aside: sets_aside(resolution),
            did: changes.of_line_in_receipt(ResolutionRank::new(number), resolution),
            rows: effect
                .rows
                .iter()
                .map(|row| place(&records, *row))
                .collect(),
        })
        .collect()
}

/// What a decision is about, if its line says so. Only `resolutions.csv` has the pupil, at the line.
fn about(resolution: &Resolution) -> About {
    match resolution.subject.clone() {
        Ok(Subject::Participant { district, school }) => About {
            participant: Some(participant_code(&district, &school)),
            ..About::default()
        },
        Ok(Subject::Pupil {
            district,
            school,
            program,
            ..
        }) => About {
            participant: Some(participant_code(&district, &school)),
            program_code: Some(program),
            ..About::default()
        },
        Ok(Subject::Source { file, sheet, row }) => About {
            source_file: Some(file),
            source_sheet: Some(sheet),
            source_row: row,
            ..About::default()
        },
        Err(_) => About::default(),
    }
}

/// Whether a line sets rows aside by their place.
fn sets_aside(resolution: &Resolution) -> bool {
    resolution.ruling == Some(Ruling::Deny)
        && matches!(resolution.subject, Ok(Subject::Source { .. }))
}

fn place(records: &Records<'_>, row: RowRank) -> RowPlace {
    let record = records.get(row);
    RowPlace {
        file: record.source_file.to_string(),
        sheet: record.source_sheet.to_string(),
        row: record.source_row,
    }
}

/// The batch's own columns, by field: a heading, or the value of a column that its files do not have.
fn own_columns(batch: &Batch) -> Map<String, Value> {
    let headings = batch.columns.headings.iter();
    let constants = batch.columns.constants.iter();
    headings
        .map(|(field, word)| (field.key().to_string(), json!(word)))
        .chain(constants.map(|(field, value)| (field.key().to_string(), json!({ "value": value }))))
        .collect()
}

/// The batch's own words for values, by field.
fn own_words(batch: &Batch) -> Map<String, Value> {
    let mut fields = Map::new();
    for (field, word, meaning) in &batch.words {
        let words = fields.entry(field.key()).or_insert_with(|| json!({}));
        words[word] = json!(meaning);
    }
    fields
}
