//! The place of every open finding on the sheets of a return, and the pages' texts about them.

use std::collections::{HashMap, HashSet};

use rust_xlsxwriter::XlsxError;

use super::follow::asks_for_work;
use super::marking::{Content, Marking, Open};
use super::plan::{Sheet, known_sheets, own_sheets};
use crate::catalogue::Severity;
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::fields::Field;
use crate::intake::limits::ROWS_PER_SHEET_MAX;
use crate::ranks::RowRank;
use crate::sheets::page::Stamp;
use crate::words::{listed, thousands};

/// The most notes of one workbook: each needs some 13 KB of memory while it is written. If there are more faulty cells, the most urgent
/// get notes; the others are still shaded, show their code and are in *What to fix*.
pub(super) const NOTES_MAX: usize = 1_000;

/// The place of a finding in the workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub(super) sheet: usize,
    /// From 1; `None` for the whole sheet, or if the sheet does not reach that far.
    pub(super) row: Option<u32>,
    pub(super) column: Option<u16>,
}

/// The sheets, and the place of every open finding on them.
pub(crate) struct Layout<'m> {
    pub(super) sheets: Vec<Sheet>,
    /// The most urgent first, then by place.
    pub(super) findings: Vec<(Open<'m>, Option<Spot>)>,
    /// Places of findings that get a note, if not all do.
    pub(super) noted: Option<HashSet<Spot>>,
}

impl<'m> Layout<'m> {
    /// The sheets that a return will have.
    pub(crate) fn of(marking: &Marking<'m>, content: Content<'_>) -> Result<Layout<'m>, XlsxError> {
        let rows = marking.intake.completions.rows();
        let sheets = match content {
            Content::Known => known_sheets(marking, &rows),
            Content::Own { bytes, reading } => own_sheets(marking, &rows, bytes, reading)?,
        };
        Ok(Layout::over(marking, sheets))
    }

    /// The names of the sheets, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sheets.iter().map(|sheet| sheet.name.as_str())
    }

    /// The open findings: notes on how a value was read are neither listed nor marked.
    pub(super) fn to_list(&self) -> impl Iterator<Item = &(Open<'m>, Option<Spot>)> {
        let found = self.findings.iter();
        found.filter(|(open, _)| asks_for_work(open.finding))
    }

    /// Every row that is shown, with the name of its sheet.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, RowRank)> {
        self.sheets
            .iter()
            .flat_map(|sheet| sheet.rows.iter().map(|row| (sheet.name.as_str(), *row)))
    }

    fn over(marking: &Marking<'m>, sheets: Vec<Sheet>) -> Layout<'m> {
        let files = &marking.intake.files;
        let places: HashMap<(&str, Option<&str>), usize> = sheets
            .iter()
            .enumerate()
            .filter_map(|(index, sheet)| {
                let file = &files[sheet.file];
                Some((
                    (&*file.path, file.sheets[sheet.source?].name.as_deref()),
                    index,
                ))
            })
            .collect();
        let spot = |finding: &Finding| {
            let sheet = *places.get(&(&*finding.file, finding.sheet.as_deref()))?;
            let row = finding.row.filter(|row| *row <= ROWS_PER_SHEET_MAX);
            let column = match (finding.column, finding.position) {
                (Some((_, column)), _) => column,
                (None, Some(position)) => first_filled(marking.intake, position),
                (None, None) => None,
            };
            let column = column.and_then(|column| u16::try_from(column).ok());
            // If the file has no such column, the finding is shown next to the row.
            let column = column.or_else(|| row.and(sheets[sheet].codes_column()));
            // A finding about a whole file belongs to a sheet only if the file has just one.
            (finding.row.is_some() || finding.sheet.is_some()).then_some(Spot {
                sheet,
                row,
                column,
            })
        };
        let mut findings: Vec<(Open<'_>, Option<Spot>)> = marking
            .open
            .iter()
            .map(|open| (*open, spot(open.finding)))
            .collect();
        findings.sort_by_key(|(Open { finding, work }, spot)| {
            let work = work.map(|(work, _)| work);
            (work, finding.severity(), *spot, finding.code)
        });
        let noted = noted(
            findings
                .iter()
                .filter_map(|(_, spot)| spot.filter(|spot| spot.row.is_some())),
            NOTES_MAX,
        );
        Layout {
            sheets,
            findings,
            noted,
        }
    }

    /// The line on every page: whether there is something to fix, and how much.
    pub(crate) fn stamp(&self, marking: &Marking<'_>) -> Stamp {
        let count = |severity| {
            self.to_list()
                .filter(|(open, _)| open.finding.severity() == severity)
                .count() as u64
        };
        let words = |severity| match severity {
            Severity::Refused => ["file refused", "files refused"],
            Severity::Rejected => ["fault that rejects a row", "faults that reject a row"],
            Severity::NotQualified => [
                "reason why a row does not qualify",
                "reasons why rows do not qualify",
            ],
            Severity::Held => ["finding that holds a row", "findings that hold a row"],
            Severity::Warning => ["warning", "warnings"],
            Severity::Question => ["question", "questions"],
        };
        let counts: Vec<String> = Severity::ALL
            .into_iter()
            .map(|severity| (count(severity), words(severity)))
            .filter(|(count, _)| *count > 0)
            .map(|(count, [one, many])| {
                format!(
                    "{} {}",
                    thousands(count),
                    if count == 1 { one } else { many }
                )
            })
            .collect();
        let only_warnings = self
            .findings
            .iter()
            .all(|(open, _)| open.finding.severity() == Severity::Warning);
        let standing = match (self.findings.is_empty(), only_warnings) {
            (true, _) => "NOTHING TO FIX",
            (_, true) => "WARNINGS ONLY",
            _ => "TO FIX",
        };
        let reason = match &marking.counts {
            // A check counts rows, as the page does.
            Some(counts) => counts.split(". ").next().unwrap_or_default().to_string(),
            None if counts.is_empty() => "no finding is open".to_string(),
            None => listed(counts.iter().map(String::as_str)),
        };
        Stamp {
            title: marking.title.clone(),
            standing,
            is_final: only_warnings,
            reason,
            label: marking.label.clone(),
            facts: marking.facts.clone(),
        }
    }
}

/// The first cell of a row that was read and is not empty: the place of what is said about the row as a whole.
fn first_filled(intake: &Intake, row: RowRank) -> Option<u32> {
    let rows = intake.completions.rows();
    let columns = &intake.files[rows.file(row)].sheets[rows.sheet(row)].columns;
    let filled = Field::ALL.into_iter().zip(columns);
    let filled = filled.filter(|(field, _)| !rows.text(row, *field).is_empty());
    filled.filter_map(|(_, column)| *column).min()
}

/// The first places, which get a note; `None` if all do.
fn noted(spots: impl Iterator<Item = Spot>, limit: usize) -> Option<HashSet<Spot>> {
    let mut noted = HashSet::new();
    let mut short = false;
    for spot in spots {
        if noted.len() < limit {
            noted.insert(spot);
        } else {
            short |= !noted.contains(&spot);
        }
    }
    short.then_some(noted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places in column A, one for each row given.
    fn spots(rows: &[u32]) -> impl Iterator<Item = Spot> {
        rows.iter().map(|row| Spot {
            sheet: 0,
            row: Some(*row),
            column: Some(0),
        })
    }

    #[test]
    fn every_cell_has_a_note_up_to_the_limit_however_often_a_cell_is_named() {
        assert_eq!(noted(spots(&[2, 3, 4]), 3), None);
        assert_eq!(noted(spots(&[2, 3, 4, 2, 4]), 3), None);
    }

    #[test]
    fn past_the_limit_the_first_cells_have_their_notes_and_the_others_none() {
        assert_eq!(
            noted(spots(&[2, 3, 4, 2, 5]), 3),
            Some(spots(&[2, 3, 4]).collect())
        );
    }
}
