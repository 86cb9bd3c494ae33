//! Reporting entities: who sent which rows, and the names of their workbooks.

use std::collections::BTreeMap;

use crate::calculation::Calculation;
use crate::decision::Outcome;
use crate::intake::lists::{CHARTER_SCHOOL_INSTITUTE, Participants};
use crate::ranks::RowRank;
use crate::results::frame::{Dimension, Tally};
use crate::rules::terms::INSTITUTE_NAME;

/// The longest name in a file name, in characters: with folder and code it is far below the limit of Windows.
const FILE_NAME_CHARS_MAX: usize = 60;

/// A reporting entity with its own rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportingEntity {
    /// Its District Code.
    pub code: String,
    /// Its name on the participants list.
    pub name: String,
    /// Its files, including refused ones, by position among the batch's files.
    pub files: Vec<usize>,
    /// Its rows in ascending order.
    pub rows: Vec<RowRank>,
    /// Its rows by outcome: their number and what they are paid.
    pub outcomes: [(Outcome, Tally); Outcome::ALL.len()],
}

impl ReportingEntity {
    /// `0880-Example Valley.xlsx`: safe on Windows and elsewhere.
    #[must_use]
    pub fn file_name(&self) -> String {
        let safe: String = self
            .name
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || matches!(c, ' ' | '-' | '.') {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let short: String = safe
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(FILE_NAME_CHARS_MAX)
            .collect();
        format!("{}-{}.xlsx", self.code, short.trim_matches([' ', '.', '-']))
    }
}

/// Every reporting entity by code. A row belongs to the entity that sent its file; in a file without a code, to its own district.
#[must_use]
pub fn reporting_entities(calculation: &Calculation) -> Vec<ReportingEntity> {
    let mut entities: BTreeMap<String, ReportingEntity> = BTreeMap::new();
    for (position, file) in calculation.intake.files.iter().enumerate() {
        if let Some(code) = &file.entity {
            let entity = entities.entry(code.clone());
            let entity = entity.or_insert_with(|| new_entity(calculation, code));
            entity.files.push(position);
        }
    }
    let results = &calculation.results;
    let by_outcome = results.group([Dimension::Entity, Dimension::Outcome]);
    for (position, rows) in results.members(Dimension::Entity) {
        let code = results.text(Dimension::Entity, position);
        let entity = entities.entry(code.to_string());
        let entity = entity.or_insert_with(|| new_entity(calculation, code));
        entity.rows = rows;
        for (outcome, tally) in &mut entity.outcomes {
            *tally = by_outcome.get([position, *outcome as usize]);
        }
    }
    entities.into_values().collect()
}

/// The name for a District Code: a reporting entity's or a payee's.
#[must_use]
pub fn name_of(participants: &Participants, code: &str) -> String {
    match participants.exactly(code, "") {
        Some(rank) => participants.all()[rank].name.clone(),
        None if code == CHARTER_SCHOOL_INSTITUTE => INSTITUTE_NAME.to_string(),
        None => format!("District {code}"),
    }
}

fn new_entity(calculation: &Calculation, code: &str) -> ReportingEntity {
    let name = name_of(&calculation.intake.participants, code);
    ReportingEntity {
        code: code.to_string(),
        name,
        files: Vec::new(),
        rows: Vec::new(),
        outcomes: Outcome::ALL.map(|outcome| (outcome, Tally::default())),
    }
}
