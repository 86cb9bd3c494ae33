//! The cells of a row as submitted, read again from the batch: what was typed, at which address.

use std::path::Path;

use serde::Serialize;

use super::evidence::Evidence;
use crate::batch::Batch;
use crate::calculation::calculate;
use crate::finding::{describe, describe_id};
use crate::intake::Intake;
use crate::intake::fields::{Field, Quoted};
use crate::ranks::RowRank;
use crate::results::columns::ResultColumn;
use crate::results::record::Record;
use crate::stop::{Status, Stop};
use crate::words::column_letters;

/// A cell of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceCell {
    /// The heading in the program's words.
    pub heading: &'static str,
    /// `D17`; in a text file counted in fields and lines.
    pub cell: String,
    /// Its text, trimmed. A SASID, and a text that does not fit its column, is only described.
    pub found: String,
    /// What the report recorded, if the batch now gives something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
}

/// The results column of a field; none if a report does not record it.
pub(super) fn recorded_in(field: Field) -> Option<ResultColumn> {
    let mut columns = ResultColumn::ALL.iter().copied();
    columns.find(|column| column.entry().field == Some(field))
}

/// What a report recorded of a field, if the batch now gives something else.
fn recorded_otherwise(
    evidence: &Evidence,
    row: RowRank,
    now: &Record<'_>,
    field: Field,
) -> Option<String> {
    let column = recorded_in(field).filter(|column| evidence.has_column(*column))?;
    let recorded = evidence.rows[row].submitted.get(column);
    let differs = recorded != now.value(column).into_text();
    let listed = evidence.decisions[row].category.is_some();
    differs.then(|| match field {
        Field::Sasid => "a different number".to_string(),
        _ => shown(field, recorded, false, listed),
    })
}

/// A field's text if it is valid, otherwise only its shape (docs/decisions/0004). `is_number`: the cell was a number; `is_listed`: the
/// program is on the year's list.
#[must_use]
pub(super) fn shown(field: Field, text: &str, is_number: bool, is_listed: bool) -> String {
    let cell = Quoted {
        text,
        is_number,
        is_listed,
    };
    match field {
        Field::Sasid => describe_id(text),
        _ if field.may_quote(&cell) && !text.is_empty() => text.to_string(),
        _ => describe(text),
    }
}

/// Reads the cells of some rows from the batch of a report and checks them again, to compare them with what the report recorded.
///
/// # Errors
/// If the batch cannot be read; status 4 if a file is not the one that the report was made from.
pub fn source_cells(
    evidence: &Evidence,
    batch: &Path,
    rows: &[RowRank],
) -> Result<Vec<Vec<SourceCell>>, Stop> {
    let calculation = calculate(Batch::open(batch)?, &|_, _| {})?;
    let (records, completions) = (calculation.records(), calculation.intake.completions.rows());
    let cells = |row: &RowRank| {
        let record = &evidence.rows[*row];
        let position = same_file(evidence, &calculation.intake, &record.file)?;
        let sheets = &calculation.intake.files[position].sheets;
        let is_there = |at: RowRank| {
            let sheet = sheets[completions.sheet(at)].name.as_deref();
            completions.row(at) == record.row && *sheet.unwrap_or_default() == *record.sheet
        };
        let at = RowRank::all(completions.len())
            .find(|at| completions.file(*at) == position && is_there(*at))
            .ok_or_else(|| other_file(&record.file, "has no completion at this place"))?;
        let (columns, now) = (&sheets[completions.sheet(at)].columns, records.get(at));
        let listed = evidence.decisions[*row].category.is_some();
        let cell = |field: Field| {
            let column = columns.get(field as usize).copied().flatten()?;
            let (text, number) = (
                completions.text(at, field),
                completions.is_number(at, field),
            );
            Some(SourceCell {
                heading: field.title(),
                cell: format!("{}{}", column_letters(column), record.row),
                found: shown(field, text, number, listed),
                recorded: recorded_otherwise(evidence, *row, &now, field),
            })
        };
        Ok(Field::ALL.into_iter().filter_map(cell).collect())
    };
    rows.iter().map(cells).collect()
}

/// The position of a report's file in the batch, if its bytes are those that the report was made from.
fn same_file(evidence: &Evidence, intake: &Intake, path: &str) -> Result<usize, Stop> {
    let position = intake.files.iter().position(|file| *file.path == *path);
    let position = position.ok_or_else(|| other_file(path, "is not in this batch"))?;
    let mut submissions = evidence.submissions.iter();
    let recorded = submissions.find(|submission| submission.path == path);
    if recorded.is_none_or(|recorded| recorded.sha256 != intake.files[position].sha256) {
        let what = "is not the one that the report was made from: its SHA-256 differs";
        return Err(other_file(path, what));
    }
    Ok(position)
}

fn other_file(path: &str, what: &str) -> Stop {
    Stop {
        status: Status::Difference,
        message: format!("the file {what}"),
        places: vec![path.to_string()],
        fix: "give the batch folder that the report was made from, or leave --batch out"
            .to_string(),
        also: Vec::new(),
    }
}
