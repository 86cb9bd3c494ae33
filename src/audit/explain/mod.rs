//! The passport of a dollar: which steps decided on a row or on a participant's money, with their values, rules and sources.
//!
//! Made from a report's own evidence. Nothing here prints, and no passport has a SASID, a pupil's name or a birth date.

mod arithmetic;
mod find;
mod money;
mod participant;
mod row;

use std::collections::HashMap;

use serde::Serialize;

use super::cells::SourceCell;
use super::evidence::{Evidence, Place, RecordedFinding, RecordedParticipant, as_carried_out};
use crate::batch::RESOLUTIONS_ROLE;
use crate::decision::{Outcome, Settled};
use crate::money::Money;
use crate::ranks::RowRank;
use crate::receipt::ResolutionEntry;
use crate::rules::Basis;
use crate::trail::Trails;
use crate::words::listed;

// The rule of a step: the page of the documentation that says it.

/// The parameters and readings.
const LAW: &str = "docs/law.md";
/// Every check.
const CHECKS: &str = "docs/checks.md";
/// Whose a row is.
const PARTICIPANT_CHECK: &str = "docs/checks.md, N304";
/// One pupil and program of two participants.
const HELD_CHECK: &str = "docs/checks.md, H501";
/// One pupil and program twice.
const DUPLICATE_CHECK: &str = "docs/checks.md, W223";
/// What a decision on the record does.
const DECISIONS: &str = "docs/batch.md, Decisions";
/// Who the state pays.
const PAYEE: &str = "docs/glossary.md, payee";

/// Other rows that a step names; more are counted.
const OTHERS_NAMED_MAX: usize = 4;

/// A step that decided something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it is about, in a word or two.
    pub topic: &'static str,
    /// What was decided, with the values.
    pub decided: String,
    /// Where the rule is: a page of the documentation.
    pub rule: &'static str,
    /// The sources of the rule's parameters and readings.
    pub sources: Vec<Cited>,
    /// The readings of the law that decided here.
    pub readings: Vec<ReadingUsed>,
}

/// A source of a parameter or reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// The key: `amount.per_unit`.
    pub of: String,
    /// The act or page.
    pub cite: String,
    /// How firmly it is known.
    #[serde(serialize_with = "basis_word")]
    pub basis: Basis,
}

fn basis_word<S: serde::Serializer>(basis: &Basis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(basis.as_str())
}

/// A reading and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadingUsed {
    /// `unit`
    pub key: &'static str,
    /// `pupil`
    pub value: String,
    /// What the program does under it.
    pub meaning: String,
}

/// Why one row has its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passport {
    /// File, sheet and row in words.
    pub place: String,
    /// Where the row ended.
    #[serde(serialize_with = "outcome_word")]
    pub outcome: Outcome,
    /// Its codes, separated by a space.
    pub codes: String,
    /// What it is paid.
    pub amount: Money,
    /// `0010-4500`; empty if none was found.
    pub participant: String,
    /// The same in one line, as in the workbook.
    pub trail: String,
    /// The row's values by heading. Never the SASID; of an unreadable value only the shape.
    pub values: Vec<(&'static str, String)>,
    /// The cells as submitted; empty unless the batch was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<SourceCell>,
    /// What decided, in order.
    pub steps: Vec<Step>,
    /// Where to look next.
    pub next: Vec<String>,
}

fn outcome_word<S: serde::Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.as_str())
}

/// One tier of a participant's money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParticipantTier {
    /// The tier's number.
    pub tier: u32,
    /// The tier's name.
    pub name: String,
    /// Units within the cap.
    pub units: u64,
    /// Those of them with free or reduced-price lunch.
    pub frl_units: u64,
    /// Units over the cap.
    pub over_cap: u64,
    /// What they are paid.
    pub amount: Money,
    /// How the amount is calculated.
    pub arithmetic: String,
}

/// Why a participant is paid what it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParticipantPassport {
    /// `0010-4500`
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its kind in words.
    pub kind: &'static str,
    /// Who the state pays.
    pub payee: String,
    /// The tiers in which it has a unit.
    pub tiers: Vec<ParticipantTier>,
    /// The supplement.
    pub supplement: Money,
    /// Tiers and supplement.
    pub total: Money,
    /// Rows by outcome: outcome, number of rows, and their codes with counts.
    pub outcomes: Vec<(&'static str, usize, String)>,
    /// What decided on the money.
    pub steps: Vec<Step>,
    /// Where to look next.
    pub next: Vec<String>,
}

/// Explains a report.
pub struct Explainer<'e> {
    evidence: &'e Evidence,
    trails: Trails,
    findings: HashMap<Place<'e>, Vec<&'e RecordedFinding>>,
    /// Decisions that took effect, by the places of the rows that they changed, in the order in which they were carried out.
    touched: HashMap<Place<'e>, Vec<&'e ResolutionEntry>>,
}

impl<'e> Explainer<'e> {
    /// Prepares to explain a report.
    #[must_use]
    pub fn of(evidence: &'e Evidence) -> Explainer<'e> {
        let claimants: Vec<_> = evidence
            .participants
            .iter()
            .map(RecordedParticipant::claimant)
            .collect();
        let trails = Trails::of(
            &evidence.rules,
            &evidence.rules.readings,
            &claimants,
            &evidence.certificates,
            &evidence.decisions,
            &evidence.allocation,
        );
        let mut findings: HashMap<_, Vec<&RecordedFinding>> = HashMap::new();
        for finding in &evidence.findings {
            if let (file, sheet, Some(row)) = &finding.at {
                findings
                    .entry((&**file, &**sheet, *row))
                    .or_default()
                    .push(finding);
            }
        }
        let mut touched: HashMap<_, Vec<&ResolutionEntry>> = HashMap::new();
        for (_, line) in as_carried_out(&evidence.resolutions) {
            for row in &line.rows {
                let place = (row.file.as_str(), row.sheet.as_str(), row.row);
                touched.entry(place).or_default().push(line);
            }
        }
        Explainer {
            evidence,
            trails,
            findings,
            touched,
        }
    }

    fn resolution(&self, decision: &Settled) -> Option<&'e ResolutionEntry> {
        decision
            .resolution
            .and_then(|number| self.evidence.resolutions.get(number.index()))
    }

    /// The name of the list of decisions; the usual name if there is none yet.
    fn resolutions_file(&self) -> &'e str {
        let mut lists = self.evidence.lists.iter();
        let list = lists.find(|list| list.role == RESOLUTIONS_ROLE);
        list.map_or("resolutions.csv", |list| list.path.as_str())
    }

    fn resolutions_at(&self, row: RowRank) -> &[&'e ResolutionEntry] {
        let at = self.evidence.rows[row].at();
        self.touched.get(&at).map_or(&[], Vec::as_slice)
    }

    fn findings_at(&self, row: RowRank) -> &[&'e RecordedFinding] {
        let at = self.evidence.rows[row].at();
        self.findings.get(&at).map_or(&[], Vec::as_slice)
    }

    /// Places of rows, with their participants.
    fn places(&self, rows: &[RowRank]) -> String {
        let place = |row: &RowRank| {
            let record = &self.evidence.rows[*row];
            format!("{} ({})", record.short_place(), record.participant)
        };
        let named: Vec<String> = rows.iter().take(OTHERS_NAMED_MAX).map(place).collect();
        let named = listed(named.iter().map(String::as_str));
        if rows.len() > OTHERS_NAMED_MAX {
            format!("{named}, and {} more", rows.len() - OTHERS_NAMED_MAX)
        } else {
            named
        }
    }

    /// The sources of some keys.
    fn sources<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Vec<Cited> {
        let mut cited = Vec::new();
        for key in keys {
            let sources = self
                .evidence
                .rules
                .sources
                .iter()
                .filter(|source| source.of == key);
            cited.extend(sources.map(|source| Cited {
                of: key.to_string(),
                cite: source.cite.clone(),
                basis: source.basis,
            }));
        }
        cited
    }

    fn sourced<'k>(
        &self,
        topic: &'static str,
        decided: String,
        rule: &'static str,
        keys: impl IntoIterator<Item = &'k str>,
    ) -> Step {
        Step {
            sources: self.sources(keys),
            ..step(topic, decided, rule)
        }
    }

    /// A step on which readings decided.
    fn reading_step(
        &self,
        topic: &'static str,
        decided: String,
        rule: &'static str,
        keys: &[&str],
    ) -> Step {
        let entries = self.evidence.rules.readings.entries();
        let readings = keys
            .iter()
            .filter_map(|key| entries.iter().find(|(doc, _)| doc.key == *key))
            .map(|(doc, value)| ReadingUsed {
                key: doc.key,
                value: value.to_string(),
                meaning: doc.meaning(value),
            });
        let readings = readings.collect();
        let of: Vec<String> = keys.iter().map(|key| format!("readings.{key}")).collect();
        Step {
            readings,
            sources: self.sources(of.iter().map(String::as_str)),
            ..step(topic, decided, rule)
        }
    }
}

fn step(topic: &'static str, decided: String, rule: &'static str) -> Step {
    Step {
        topic,
        decided,
        rule,
        sources: Vec::new(),
        readings: Vec::new(),
    }
}
