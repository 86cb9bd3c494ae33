//! Is the row in the right file? (calculation.md, section 2.3): whose file it is, by its name or by its rows; H502 and W215.

use std::collections::HashMap;

use super::collector::Collector;
use super::row::Row;
use crate::catalogue::Code;
use crate::decision::{FourDigits, Outcome};
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::completions::Field;
use crate::intake::submission::SourceFile;
use crate::ranks::RowRank;

/// Rows with a readable District Code that a file needs for a majority.
const ROWS_MIN: usize = 10;
/// The share of those rows that is a majority: nine in ten.
const MAJORITY: (usize, usize) = (9, 10);

/// The district that most rows say, and how many say it. Files that no name says are probably its; H502 wants nearly all rows.
#[must_use]
pub fn of_most_rows(
    counts: impl IntoIterator<Item = (FourDigits, usize)>,
) -> Option<(FourDigits, usize)> {
    let counts = counts.into_iter();
    counts.max_by_key(|(district, rows)| (*rows, *district))
}

/// The reporting entity of each file: by its name, or else the district that nearly all of its rows have, whatever their outcome.
pub(super) fn entities(intake: &Intake, rows: &[Row]) -> Vec<Option<String>> {
    let by_name: Vec<Option<String>> = intake
        .files
        .iter()
        .map(|file| file.entity.clone())
        .collect();
    let mut districts: HashMap<usize, HashMap<FourDigits, usize>> = HashMap::new();
    let all = intake.completions.rows();
    for (rank, row) in RowRank::enumerate(rows) {
        let file = all.file(rank);
        if let Some(district) = row.district.filter(|_| by_name[file].is_none()) {
            *districts
                .entry(file)
                .or_default()
                .entry(district)
                .or_default() += 1;
        }
    }
    let by_rows = |file: usize| {
        let counts = districts.get(&file)?;
        let all: usize = counts.values().sum();
        let counts = counts.iter();
        let (district, most) = of_most_rows(counts.map(|(code, rows)| (*code, *rows)))?;
        let is_majority = all >= ROWS_MIN && most * MAJORITY.1 >= all * MAJORITY.0;
        let is_listed = intake.participants.has_district(district.as_str());
        (is_majority && is_listed).then(|| district.as_str().to_string())
    };
    by_name
        .into_iter()
        .enumerate()
        .map(|(file, by_name)| by_name.or_else(|| by_rows(file)))
        .collect()
}

/// A district's first refused file that no decision closed.
#[must_use]
pub fn refused_file_of<'i>(
    district: &str,
    intake: &'i Intake,
    closed_files: &[bool],
) -> Option<&'i SourceFile> {
    let files = intake.files.iter().zip(closed_files);
    let mut open = files.filter(|(file, closed)| file.refused.is_some() && !**closed);
    open.find(|(file, _)| file.entity.as_deref() == Some(district))
        .map(|(file, _)| file)
}

/// W215: files without a reporting entity.
pub(super) fn nobody(intake: &Intake, entities: &[Option<String>]) -> Vec<Finding> {
    let files = intake.files.iter().zip(entities);
    files
        .filter(|(file, entity)| file.refused.is_none() && entity.is_none())
        .map(|(file, _)| Finding::of_file(Code::W215, &file.path))
        .collect()
}

/// N304: the fix of a row whose district is not its file's, where nothing likelier is proposed.
pub(super) fn tell_strangers(
    findings: &mut [Finding],
    rows: &[Row],
    (intake, entities): (&Intake, &[Option<String>]),
) {
    let all = intake.completions.rows();
    for finding in findings {
        let (Code::N304, None, Some(rank)) = (finding.code, &finding.fix, finding.position) else {
            continue;
        };
        let own = entities[all.file(rank)].as_deref();
        let Some((own, typed)) = own.zip(rows[rank].district) else {
            continue;
        };
        if own != typed.as_str() {
            let fix = format!(
                "If the pupil is of {own}, enter {own} in District Code. If not, delete the row."
            );
            finding.fix = Some(fix.into());
        }
    }
}

/// H502: holds a row without an outcome whose district is not its file's.
pub(super) fn hold_strangers(rows: &mut [Row], collector: &mut Collector<'_>) {
    if !collector.looks_for(Code::H502) {
        return;
    }
    for (rank, row) in (0..).map(RowRank::new).zip(rows.iter_mut()) {
        let (None, Some(district)) = (row.outcome, row.district) else {
            continue;
        };
        let Some(entity) = &collector.entities[collector.cells.rows.file(rank)] else {
            continue;
        };
        if entity == district.as_str() {
            continue;
        }
        row.codes.add(Code::H502);
        row.outcome = Some(Outcome::Held);
        let message = format!(
            "District Code {} is in a file of {entity}",
            district.as_str()
        );
        collector.add(rank, Code::H502, Field::DistrictCode, message);
    }
}
