//! The funnel from submitted to paid rows, by sender, and why rows were lost.

use std::collections::BTreeMap;

use super::year::Framed;
use crate::catalogue::Code;
use crate::decision::{Outcome, Settled};
use crate::money::Money;
use crate::ranks::TierRank;
use crate::reasons::Slip;
use crate::results::frame::Dimension;

/// The stages of an entity's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entity {
    /// The sender's District Code; empty if neither file nor row has one.
    pub code: String,
    pub stages: Stages,
}

/// Rows that reached each stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    pub submitted: u64,
    /// Not rejected.
    pub readable: u64,
    /// Passed every check, and not denied.
    pub qualified: u64,
    /// Units within the cap.
    pub units: u64,
    pub paid: u64,
}

impl Stages {
    /// Their headings, in order.
    pub const HEADINGS: [&'static str; 5] = ["Submitted", "Readable", "Qualified", "Units", "Paid"];

    /// In order.
    #[must_use]
    pub const fn all(&self) -> [u64; 5] {
        [
            self.submitted,
            self.readable,
            self.qualified,
            self.units,
            self.paid,
        ]
    }

    /// Adds rows that ended with an outcome.
    fn add(&mut self, outcome: Outcome, rows: u64) {
        self.submitted += rows;
        if outcome != Outcome::Rejected {
            self.readable += rows;
        }
        if outcome.is_certificate() {
            self.qualified += rows;
        }
        if matches!(outcome, Outcome::Unfunded | Outcome::Paid) {
            self.units += rows;
        }
        if outcome == Outcome::Paid {
            self.paid += rows;
        }
    }

    /// The stages of several entities together.
    #[must_use]
    pub fn sum(entities: &[Entity]) -> Stages {
        let mut sum = Stages::default();
        for Entity { stages, .. } in entities {
            sum.submitted += stages.submitted;
            sum.readable += stages.readable;
            sum.qualified += stages.qualified;
            sum.units += stages.units;
            sum.paid += stages.paid;
        }
        sum
    }
}

/// What could have prevented a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// A better cell: this one cannot be read, is empty or is ambiguous.
    BetterData,
    /// A corrected cell, if its code, grade or date is a typing error.
    IfSlip,
    /// A person's decision.
    Decision,
    /// A larger appropriation.
    Money,
    /// Nothing: the rules exclude the row.
    None,
}

impl Remedy {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Remedy::BetterData => "better data",
            Remedy::IfSlip => "better data, if a slip",
            Remedy::Decision => "a decision",
            Remedy::Money => "more money",
            Remedy::None => "none",
        }
    }
}

/// Why rows were not paid: an outcome, and the first of their codes that belongs to it. Every row that was not paid is in one loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The sender's District Code.
    pub entity: String,
    pub outcome: Outcome,
    pub code: Option<Code>,
    pub rows: u64,
    /// The most they would have been paid at the year's rates; unfunded units at the full amount. Zero for a completion that counts in
    /// a different row.
    pub up_to: Money,
}

impl Loss {
    /// The reason in words.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.code
            .map_or(self.outcome.meaning(), |code| code.entry().title)
    }

    /// What could have prevented the loss.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        match (self.outcome, self.code.and_then(|code| code.entry().reason)) {
            (Outcome::Rejected, _) => Remedy::BetterData,
            (Outcome::NotQualified, Some(reason)) if reason.slip == Slip::IfEmpty => {
                Remedy::BetterData
            }
            (Outcome::NotQualified, Some(reason)) if reason.can_be_mistyped() => Remedy::IfSlip,
            (Outcome::Held, _) => Remedy::Decision,
            (Outcome::Unfunded, _) => Remedy::Money,
            _ => Remedy::None,
        }
    }
}

/// The stages of each entity's rows, by entity, ascending.
pub(super) fn entities(framed: &Framed<'_>) -> Vec<Entity> {
    let groups = framed
        .results
        .group([Dimension::Entity, Dimension::Outcome]);
    let mut entities: BTreeMap<String, Stages> = BTreeMap::new();
    for ([entity, outcome], rows) in groups.every() {
        if let Some(outcome) = outcome.and_then(|at| Outcome::ALL.get(at)) {
            let stages = entities.entry(framed.entity(entity)).or_default();
            stages.add(*outcome, rows.rows);
        }
    }
    entities
        .into_iter()
        .map(|(code, stages)| Entity { code, stages })
        .collect()
}

/// An entity of the frame, an outcome and a code.
type Reason = (Option<usize>, Outcome, Option<Code>);

/// By entity, outcome and code, ascending.
pub(super) fn losses(framed: &Framed<'_>) -> Vec<Loss> {
    let decisions = &framed.evidence.decisions;
    let mut owner = vec![None; decisions.len()];
    for (entity, rows) in framed.results.members(Dimension::Entity) {
        for row in rows {
            owner[row.index()] = Some(entity);
        }
    }
    let highest = framed.highest_rate();
    let mut losses: BTreeMap<Reason, (u64, Money)> = BTreeMap::new();
    for (decision, entity) in decisions.iter().zip(owner) {
        if decision.outcome == Outcome::Paid {
            continue;
        }
        let key = (entity, decision.outcome, first_code(decision));
        let loss = losses.entry(key).or_default();
        loss.0 += 1;
        loss.1 += match decision.outcome {
            Outcome::Duplicate => Money::ZERO,
            Outcome::Unfunded => framed.evidence.rules.full_award(decision.frl == Some(true)),
            _ => framed.rate(decision).unwrap_or(highest),
        };
    }
    losses
        .into_iter()
        .map(|((entity, outcome, code), (rows, up_to))| Loss {
            entity: framed.entity(entity),
            outcome,
            code,
            rows,
            up_to,
        })
        .collect()
}

/// The first code of the kind that gave the row its outcome; a row with several is counted once.
fn first_code(decision: &Settled) -> Option<Code> {
    let letter = match decision.outcome {
        Outcome::Rejected => "E",
        Outcome::NotQualified => "N",
        Outcome::Held => "H",
        _ => return None,
    };
    decision
        .codes
        .iter()
        .find(|code| code.as_str().starts_with(letter))
}

impl Framed<'_> {
    /// The code of an entity of the frame.
    fn entity(&self, entity: Option<usize>) -> String {
        entity
            .map(|at| self.results.text(Dimension::Entity, at).to_string())
            .unwrap_or_default()
    }

    /// What a row would have been paid, with unknown lunch counted as yes; `None` if its tier is unknown.
    fn rate(&self, decision: &Settled) -> Option<Money> {
        let result = &self.evidence.allocation.tiers[decision.tier?];
        Some(if decision.frl == Some(false) {
            result.rate
        } else {
            result.frl_rate
        })
    }

    /// The most a row would have been paid with any program.
    fn highest_rate(&self) -> Money {
        let tiers = &self.evidence.allocation.tiers;
        let rates =
            TierRank::all(tiers.len()).map(|tier| tiers[tier].frl_rate.max(tiers[tier].rate));
        rates.max().unwrap_or_default()
    }
}
