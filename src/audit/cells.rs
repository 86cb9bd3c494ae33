//! The cells of a row as submitted, read again from the batch: what was typed, at which address.

use std::path::Path;

use serde::Serialize;

use super::evidence::Evidence;
use crate::batch::Batch;
use crate::calculation::calculate;
use crate::finding::{describe, describe_id};
use crate::intake::completions::Field;
use crate::ranks::RowRank;
use crate::results::columns::ResultColumn;
use crate::results::record::Record;
use crate::stop::{Status, Stop};
use crate::values::{self, Letters};
use crate::words::column_letters;
use crate::year::Year;

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
    match field {
        Field::DistrictCode => Some(ResultColumn::DistrictCode),
        Field::SchoolCode => Some(ResultColumn::SchoolCode),
        Field::Sasid => Some(ResultColumn::Sasid),
        Field::Grade => Some(ResultColumn::Grade),
        Field::ProgramCode => Some(ResultColumn::ProgramCode),
        Field::CompletionDate => Some(ResultColumn::CompletionDate),
        Field::Lunch => Some(ResultColumn::Frl),
        Field::GraduationCredit | Field::ApScore | Field::SchoolYear | Field::ProgramName => None,
    }
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

/// A field's text if it is valid, otherwise only its shape: in a shifted column it could be a name or an id (docs/decisions/0004).
/// `number`: the cell was a number; `listed`: the program is on the year's list.
#[must_use]
pub(super) fn shown(field: Field, text: &str, number: bool, listed: bool) -> String {
    let right = match field {
        Field::DistrictCode | Field::SchoolCode => values::padded_code(text).is_some(),
        Field::Sasid => return describe_id(text),
        Field::Grade => values::grade(text).is_some(),
        Field::ProgramCode => listed,
        Field::CompletionDate => values::date(text, number).is_some(),
        Field::Lunch => values::lunch(text, Letters::default()).is_some(),
        Field::GraduationCredit => values::answer(text).is_some(),
        Field::ApScore => values::score(text).is_some(),
        Field::SchoolYear => Year::parse_loosely(text).is_some(),
        // Free text, which can hold anything.
        Field::ProgramName => false,
    };
    if right && !text.is_empty() {
        text.to_string()
    } else {
        describe(text)
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
    let (intake, records) = (&calculation.intake, calculation.records());
    let frame = intake.completions.rows();
    let other_file = |path: &str, what: &str| Stop {
        status: Status::Difference,
        message: format!("the file {what}"),
        places: vec![path.to_string()],
        fix: "give the batch folder that the report was made from, or leave --batch out"
            .to_string(),
        also: Vec::new(),
    };
    let cells = |row: &RowRank| {
        let record = &evidence.rows[*row];
        let position = intake
            .files
            .iter()
            .position(|file| *file.path == *record.file);
        let Some(position) = position else {
            return Err(other_file(&record.file, "is not in this batch"));
        };
        let file = &intake.files[position];
        let recorded = evidence
            .submissions
            .iter()
            .find(|submission| *submission.path == *record.file);
        if recorded.is_none_or(|recorded| recorded.sha256 != file.sha256) {
            return Err(other_file(
                &record.file,
                "is not the one that the report was made from: its SHA-256 differs",
            ));
        }
        let stands = |at: RowRank| {
            let sheet = &file.sheets[frame.sheet(at)];
            frame.row(at) == record.row
                && *sheet.name.as_deref().unwrap_or_default() == *record.sheet
        };
        let at = RowRank::all(frame.len()).find(|at| frame.file(*at) == position && stands(*at));
        let Some(at) = at else {
            return Err(other_file(&record.file, "has no completion at this place"));
        };
        let columns = &file.sheets[frame.sheet(at)].columns;
        let now = records.get(at);
        let cell = |field: Field| {
            let column = columns.get(field as usize).copied().flatten()?;
            let listed = evidence.decisions[*row].category.is_some();
            let found = shown(
                field,
                frame.text(at, field),
                frame.is_number(at, field),
                listed,
            );
            Some(SourceCell {
                heading: field.title(),
                cell: format!("{}{}", column_letters(column), record.row),
                found,
                recorded: recorded_otherwise(evidence, *row, &now, field),
            })
        };
        Ok(Field::ALL.into_iter().filter_map(cell).collect())
    };
    rows.iter().map(cells).collect()
}
