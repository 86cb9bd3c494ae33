//! What the open questions are worth: the batch calculated again under different readings or rules, next to its own result.
//! Intake runs once; checks run once for each reading of `cross_entity`, the only one they depend on.

pub mod workbook;

use std::collections::{BTreeMap, BTreeSet};

use crate::allocation::{Allocation, Award, AwardOutcome, Broken, Demand, allocate};
use crate::calculation::{Calculation, Settlement, allocate_to};
use crate::catalogue::Codes;
use crate::checks;
use crate::decision::{Checked, Outcome, Settled};
use crate::intake::fields::{Field, Fields};
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank};
use crate::results::joined::Joined;
use crate::rules::RuleSet;
use crate::rules::readings::{CrossEntity, READINGS, ReadingValue, Readings};
use crate::stop::Stop;

/// A combination of readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What distinguishes it from the batch's own readings.
    pub answers: Answers,
    /// The readings.
    pub readings: Readings,
}

/// What distinguishes a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answers {
    /// One question is answered differently.
    One(Answer),
    /// Several are; the combination's name.
    Several(String),
}

/// A different answer to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The key of the reading.
    pub key: &'static str,
    /// How the value takes part in the answer.
    pub relation: Relation,
    /// The value.
    pub value: &'static str,
}

/// How a value takes part in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is the answer.
    Is,
    /// It is added to the batch's own values.
    With,
    /// It is taken out of the batch's own values.
    Without,
}

impl Relation {
    /// `=`, `with` or `without`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Relation::Is => "=",
            Relation::With => "with",
            Relation::Without => "without",
        }
    }
}

impl Scenario {
    /// `unit = completion`, `cap_applies_to without boces`, or the name given to a combination.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.answers {
            Answers::One(answer) => {
                let Answer {
                    key,
                    relation,
                    value,
                } = answer;
                format!("{key} {} {value}", relation.word())
            }
            Answers::Several(name) => name.clone(),
        }
    }
}

/// One tier's figures under a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierFigures {
    /// Units within the cap.
    pub units: u64,
    /// Units over the cap.
    pub over_cap: u64,
    /// The rate of a unit without FRL.
    pub rate: Money,
    /// What the tier pays.
    pub paid: Money,
}

/// The result of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// What the tiers pay.
    pub paid: Money,
    /// What prorated tiers leave undistributed.
    pub residuals: Money,
    /// What is left after the last tier.
    pub unspent: Money,
    /// By tier.
    pub tiers: Vec<TierFigures>,
    /// Rows paid.
    pub rows_paid: usize,
    /// By participant's rank: its total, supplement included.
    pub totals: Vec<Money>,
}

/// A scenario next to the batch's own result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// How the law is read.
    pub scenario: Scenario,
    /// Its result.
    pub figures: Figures,
    /// By participant's rank: dollars gained, or lost if below zero.
    pub effects: Vec<Money>,
}

impl Compared {
    /// The money that moves: the sum of all gains.
    #[must_use]
    pub fn gained(&self) -> Money {
        self.effects
            .iter()
            .copied()
            .filter(|effect| *effect > Money::ZERO)
            .sum()
    }

    /// The sum of all losses, below zero.
    #[must_use]
    pub fn lost(&self) -> Money {
        self.effects
            .iter()
            .copied()
            .filter(|effect| *effect < Money::ZERO)
            .sum()
    }

    /// The money at stake: all gains or all losses, whichever is more.
    #[must_use]
    pub fn changes_hands(&self) -> Money {
        self.gained().max(Money::ZERO - self.lost())
    }

    /// Participants that gain, and that lose.
    #[must_use]
    pub fn winners_and_losers(&self) -> (usize, usize) {
        let count =
            |test: fn(&Money) -> bool| self.effects.iter().filter(|effect| test(effect)).count();
        (
            count(|effect| *effect > Money::ZERO),
            count(|effect| *effect < Money::ZERO),
        )
    }
}

/// Every alternative of every reading, one at a time, in the order of the specification. For `cap_applies_to`, each kind is removed (or
/// added) by itself.
#[must_use]
pub fn alternatives(own: Readings) -> Vec<Scenario> {
    let current: BTreeMap<&str, ReadingValue> = own
        .entries()
        .into_iter()
        .map(|(doc, value)| (doc.key, value))
        .collect();
    let mut scenarios = Vec::new();
    for doc in READINGS {
        for alternative in doc.alternatives {
            let (relation, value) = match &current[doc.key] {
                ReadingValue::One(value) if *value == alternative.value => continue,
                ReadingValue::One(_) => (Relation::Is, alternative.value.to_string()),
                ReadingValue::Many(kinds) => {
                    let taken_in = !kinds.contains(&alternative.value);
                    let others = kinds
                        .iter()
                        .copied()
                        .filter(|kind| *kind != alternative.value);
                    let values: Vec<&str> = others
                        .chain(taken_in.then_some(alternative.value))
                        .collect();
                    let relation = if taken_in {
                        Relation::With
                    } else {
                        Relation::Without
                    };
                    (relation, values.join("+"))
                }
            };
            let answer = Answer {
                key: doc.key,
                relation,
                value: alternative.value,
            };
            // The values come from the readings themselves, so each can be chosen.
            scenarios.extend(own.choosing(doc.key, &value).ok().map(|readings| Scenario {
                answers: Answers::One(answer),
                readings,
            }));
        }
    }
    scenarios
}

/// The figures of an allocation.
fn figures(allocation: &Allocation) -> Figures {
    let tiers = allocation.tiers.iter();
    let is_paid = |award: &&Award| award.outcome == AwardOutcome::Paid;
    Figures {
        paid: allocation.paid(),
        residuals: allocation.tiers.iter().map(|tier| tier.residual).sum(),
        unspent: allocation.unspent,
        tiers: tiers
            .map(|tier| TierFigures {
                units: tier.units,
                over_cap: tier.over_cap,
                rate: tier.rate,
                paid: tier.paid,
            })
            .collect(),
        rows_paid: allocation.awards.iter().filter(is_paid).count(),
        totals: ParticipantRank::all(allocation.supplements.len())
            .map(|rank| allocation.total_of(rank))
            .collect(),
    }
}

/// The batch's own figures, in the form of a scenario's.
#[must_use]
pub fn own_figures(calculation: &Calculation) -> Figures {
    figures(&calculation.allocation)
}

/// Recomputes a batch under each scenario.
pub fn compare(calculation: &Calculation, scenarios: Vec<Scenario>) -> Result<Vec<Compared>, Stop> {
    let (batch, intake) = (&calculation.batch, &calculation.intake);
    let own = own_figures(calculation);
    let mut checked: Vec<(CrossEntity, Vec<Checked>)> = Vec::new();
    let mut compared = Vec::with_capacity(scenarios.len());
    for scenario in scenarios {
        let cross_entity = scenario.readings.cross_entity;
        let known = checked
            .iter()
            .position(|(reading, _)| *reading == cross_entity);
        if known.is_none() {
            checked.push((
                cross_entity,
                checks::decide(&batch.rules, &scenario.readings, intake)?.rows,
            ));
        }
        let ready = &checked[known.unwrap_or(checked.len() - 1)].1;
        let settlement = allocate_to(ready, batch, &batch.rules, &scenario.readings, intake)?;
        let figures = figures(&settlement.allocation);
        let effects = effects(&figures, &own);
        compared.push(Compared {
            scenario,
            figures,
            effects,
        });
    }
    Ok(compared)
}

/// Allocates a demand again under every alternative that leaves the decisions on rows unchanged, so that no batch is needed: all
/// except those of `cross_entity`.
///
/// # Errors
/// If an allocation breaks an invariant: a defect of the program.
pub fn compare_demand(
    rules: &RuleSet,
    own: &Allocation,
    demand: &Demand,
) -> Result<Vec<Compared>, Broken> {
    let own = figures(own);
    alternatives(rules.readings)
        .into_iter()
        .filter(|scenario| scenario.readings.cross_entity == rules.readings.cross_entity)
        .map(|scenario| {
            let figures = figures(&allocate(rules, &scenario.readings, demand)?);
            let effects = effects(&figures, &own);
            Ok(Compared {
                scenario,
                figures,
                effects,
            })
        })
        .collect()
}

/// By participant's rank: how much more its total is than in the batch's own result; less if negative.
fn effects(figures: &Figures, own: &Figures) -> Vec<Money> {
    figures
        .totals
        .iter()
        .zip(&own.totals)
        .map(|(theirs, own)| *theirs - *own)
        .collect()
}

/// A row whose outcome, amount or codes differ under other rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// Position in the frame.
    pub row: RowRank,
    /// Under the batch's own rules.
    pub before: (Outcome, Codes, Money),
    /// Under the others.
    pub after: (Outcome, Codes, Money),
}

/// A batch under different rules, next to its own result.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The other rules.
    pub rules: RuleSet,
    /// Its result.
    pub figures: Figures,
    /// By participant's rank: dollars gained, or lost if below zero.
    pub effects: Vec<Money>,
    /// Rows with a different outcome, amount or codes, in the order of the batch.
    pub changed: Vec<ChangedRow>,
    joined: Joined,
}

impl Rehearsal {
    /// How many rows went from one outcome to another.
    #[must_use]
    pub fn moves(&self) -> BTreeMap<(Outcome, Outcome), usize> {
        self.joined.moves()
    }
}

/// Refuses rules that ask for a column that was not read: without it every row would look as if its cell were empty.
fn all_were_read(read: Fields, rules: &str, asked: Fields) -> Result<(), Stop> {
    let missing: Vec<&str> = asked
        .iter()
        .filter(|field| !read.has(*field))
        .map(Field::title)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Stop::usage(
        format!(
            "these rules ask for columns that the batch's own rules do not have: {}",
            missing.join(", ")
        ),
        rules,
        "try rules that ask for the columns of the batch's year",
    ))
}

/// Calculates a batch again under different rules, with their readings; the batch's own readings override them. Money and school
/// year stay the batch's: under another year's dates every completion would be outside the year. Rules that ask for a column that the
/// batch's own rules do not have are refused.
pub fn rehearse(calculation: &Calculation, mut rules: RuleSet) -> Result<Rehearsal, Stop> {
    let batch = &calculation.batch;
    all_were_read(Fields::of(&batch.rules), &rules.id, Fields::of(&rules))?;
    rules.school_year = batch.rules.school_year;
    let readings = batch.readings_under(&rules)?;
    let checked = checks::decide(&rules, &readings, &calculation.intake)?.rows;
    let Settlement {
        decisions,
        allocation,
        results,
        ..
    } = allocate_to(&checked, batch, &rules, &readings, &calculation.intake)?;
    let figures = figures(&allocation);
    let effects = effects(&figures, &own_figures(calculation));
    let joined = Joined::by_row(&calculation.results, &results);
    let mut rows: BTreeSet<RowRank> = joined.changed().into_iter().collect();
    let pairs = RowRank::enumerate(&calculation.decisions).zip(&decisions);
    rows.extend(
        pairs
            .filter(|((_, before), after)| before.codes != after.codes)
            .map(|((row, _), _)| row),
    );
    let state = |decision: &Settled| (decision.outcome, decision.codes, decision.amount);
    let changed = rows
        .into_iter()
        .map(|row| ChangedRow {
            row,
            before: state(&calculation.decisions[row]),
            after: state(&decisions[row]),
        })
        .collect();
    Ok(Rehearsal {
        rules,
        figures,
        effects,
        changed,
        joined,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_with_a_column_that_was_not_read_are_refused_and_rules_with_fewer_are_not() {
        let fewer = Fields::ALL.without(Field::ApScore);
        let stop = all_were_read(fewer, "draft", Fields::ALL).unwrap_err();
        assert_eq!(
            stop.message,
            "these rules ask for columns that the batch's own rules do not have: AP Exam Score"
        );
        assert_eq!(all_were_read(Fields::ALL, "draft", fewer), Ok(()));
        assert_eq!(all_were_read(fewer, "draft", fewer), Ok(()));
    }
}
