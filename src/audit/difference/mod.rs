//! Why each participant's money differs between two reports, split into four parts that sum exactly (docs/decisions/0014).
//!
//! From A to B in fixed steps, each a whole allocation: a participant's own rows, everyone else's rows, the rules with the
//! decisions on rows, the money. A part is what its step adds. The last three worlds are the same for all participants, so those
//! columns also add up statewide.

pub mod workbook;

mod changes;
mod rows;
mod settings;
mod worlds;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::evidence::Evidence;
use crate::ranks::ParticipantRank;
use crate::stop::Stop;
pub use changes::{Change, ChangedRow, Part, Parts, Stand};
use settings::settings;
use worlds::Compared;

/// A participant of either report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParticipantChange {
    /// `0010-4500`
    pub code: String,
    /// Its name, as in the later report that has it.
    pub name: String,
    /// The money.
    #[serde(flatten)]
    pub parts: Parts,
}

/// The outcome of a row in A and in B; `None` if the row is not there.
pub type Ends = (Option<&'static str>, Option<&'static str>);

/// The difference of two reports.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// What the batches are called: A, B.
    pub labels: [String; 2],
    /// The ids of the rules: A, B.
    pub rules: [String; 2],
    /// The batches' run dates: A, B.
    #[serde(serialize_with = "dates")]
    pub run_dates: [NaiveDate; 2],
    /// `FINAL` or `PRELIMINARY`: A, B.
    pub standings: [String; 2],
    /// What differs apart from the rows, a clause each.
    pub settings: Vec<String>,
    /// The sum over all participants.
    pub total: Parts,
    /// Participants whose money or parts are not all the same, the largest change first.
    pub participants: Vec<ParticipantChange>,
    /// Rows that differ, in the order of A, then those that only B has.
    pub rows: Vec<ChangedRow>,
    /// Rows with the same outcome and another amount: the rate changed.
    pub rows_at_another_rate: usize,
}

fn dates<S: serde::Serializer>(dates: &[NaiveDate; 2], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(dates.iter().map(ToString::to_string))
}

impl Difference {
    /// Whether anything differs.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.settings.is_empty()
            && self.participants.is_empty()
            && self.rows.is_empty()
            && self.rows_at_another_rate == 0
    }

    /// How many rows of each change.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Change, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.change).or_insert(0) += 1;
        }
        counts
    }

    /// How many rows went from one outcome to another, the most frequent first.
    #[must_use]
    pub fn moves(&self) -> Vec<(Ends, usize)> {
        let mut moves: BTreeMap<Ends, usize> = BTreeMap::new();
        let outcome = |stand: &Option<Stand>| stand.as_ref().map(|stand| stand.outcome);
        for row in self
            .rows
            .iter()
            .filter(|row| outcome(&row.before) != outcome(&row.after))
        {
            *moves
                .entry((outcome(&row.before), outcome(&row.after)))
                .or_default() += 1;
        }
        let mut moves: Vec<_> = moves.into_iter().collect();
        moves.sort_by_key(|(_, rows)| Reverse(*rows));
        moves
    }
}

/// The participants whose money changed most between the reports of two years, at most `count`, the largest change first.
///
/// # Errors
/// As [`difference`].
pub fn largest_changes(
    a: &Evidence,
    b: &Evidence,
    count: usize,
) -> Result<Vec<ParticipantChange>, Stop> {
    let compared = Compared::of(a, b, rows::of_two_years(a, b));
    let largest = compared.largest(count)?;
    let change = |(rank, parts): (ParticipantRank, Parts)| {
        let claim = compared.claims[rank.index()].0;
        ParticipantChange {
            code: claim.code(),
            name: claim.name.clone(),
            parts,
        }
    };
    Ok(largest.into_iter().map(change).collect())
}

/// Compares two reports.
///
/// # Errors
/// A [defect](Stop::defect) if a world cannot be allocated or its ends are not the reports' own totals: a defect of the program.
pub fn difference(a: &Evidence, b: &Evidence) -> Result<Difference, Stop> {
    let settings = settings(a, b);
    let same_rules = !settings.iter().any(|setting| setting.decides_rows);
    let compared = Compared::of(a, b, rows::pairs(a, b, same_rules));
    let money = compared.parts()?;
    let mut total = Parts::default();
    for parts in &money {
        total.add(parts);
    }
    let mut participants: Vec<ParticipantChange> = compared
        .claims
        .iter()
        .zip(money)
        .map(|((claim, _), parts)| ParticipantChange {
            code: claim.code(),
            name: claim.name.clone(),
            parts,
        })
        .filter(|change| change.parts.moved())
        .collect();
    participants.sort_by_key(|change| Reverse(change.parts.change().cents().abs()));
    Ok(Difference {
        labels: [a.label.clone(), b.label.clone()],
        rules: [a.rules.id.clone(), b.rules.id.clone()],
        run_dates: [a.run_date, b.run_date],
        standings: [a.standing.clone(), b.standing.clone()],
        rows_at_another_rate: compared.rows_at_another_rate(),
        rows: compared.changed_rows(),
        settings: settings.into_iter().map(|setting| setting.clause).collect(),
        total,
        participants,
    })
}
