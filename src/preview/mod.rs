//! A preview: what an entity's own rows would be paid at statewide factors, what one more completion is worth, and what correcting each kind
//! of finding is worth. Never an award: only the state's run knows what others report about the same pupils, and how the year ends.

#[cfg(feature = "office")]
mod assumptions;
mod corrections;
mod engine;
mod json;
#[cfg(feature = "office")]
mod lists;
#[cfg(feature = "office")]
mod page_one;
mod sentences;
#[cfg(feature = "office")]
pub mod workbook;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use corrections::corrections;
pub use corrections::{Correction, Fixing};
pub use engine::Scenario;
use engine::{Engine, invented};

use crate::allocation::{Award, AwardOutcome, Certificate, Demand, Limit, TierShare};
use crate::checks;
use crate::decision::Checked;
use crate::demand::demand;
use crate::factors::{Factors, Origin};
use crate::inspection::Inspection;
use crate::intake::lists::Participant;
use crate::money::{MONEY_MAX_CENTS, Money};
use crate::ranks::{ParticipantRank, ProgramRank, RowRank, TierRank};
use crate::rules::RuleSet;
use crate::stop::Stop;
use crate::words::{counted, thousands};
use crate::year::Year;

/// How far the statewide demand may differ either way while the factors are not final: a tenth.
pub const SPREAD_DEFAULT: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// What one more completion of a tier would add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneMore {
    /// Index of the tier.
    pub tier: TierRank,
    /// For a pupil with free or reduced-price lunch.
    pub frl: bool,
    /// What it adds.
    pub worth: Money,
}

/// A participant's distance from its cap in a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapPosition {
    /// Rank of the participant.
    pub participant: ParticipantRank,
    /// Index of the tier.
    pub tier: TierRank,
    /// Its units, those over the cap included.
    pub units: u64,
    /// Those over the cap.
    pub over_cap: u64,
    /// How much of the limit is left, in what it counts.
    pub left: u64,
    /// The most it may be paid for.
    pub limit: Limit,
}

impl CapPosition {
    /// `the limit is 485: 35 below it`.
    #[must_use]
    pub fn from_limit(&self) -> String {
        let limit = self.limit;
        let distance = match (self.over_cap, limit) {
            (0, _) => format!("{} below it", limit.amount(self.left)),
            (over, Limit::Units(_)) => format!("{} over it", thousands(over)),
            (over, Limit::Worth { .. }) => format!("{} over it", counted(over, "unit")),
        };
        format!("the limit is {}: {distance}", limit.amount(limit.number()))
    }
}

/// A participant's demand in a tier, and what it would get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Rank of the participant.
    pub participant: ParticipantRank,
    /// Index of the tier.
    pub tier: TierRank,
    /// Its units within and over the cap, and its amount.
    pub share: TierShare,
    /// Those over the cap with free or reduced-price lunch.
    pub over_cap_frl: u64,
}

/// What the completions of one program would get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramMoney {
    /// Rank of the program on the qualified list.
    pub program: ProgramRank,
    /// Rows that would be paid.
    pub rows: usize,
    /// What they would get.
    pub amount: Money,
}

/// A preview of one entity.
#[derive(Debug)]
pub struct Preview {
    /// The rows and findings.
    pub inspection: Inspection,
    /// The rules.
    pub rules: RuleSet,
    /// The entity: its district code, which its participants are paid through.
    pub entity: String,
    /// Ranks of its participants: itself and its charters.
    pub participants: Vec<ParticipantRank>,
    /// The statewide factors.
    pub factors: Factors,
    /// By row of the batch: what it gets at the factors, if it is the entity's and passes the checks.
    pub awards: Vec<Option<Award>>,
    /// At the given factors.
    pub expected: Scenario,
    /// With less and with more statewide demand; `None` for the factors of a final run, which no longer change.
    pub range: Option<(Scenario, Scenario)>,
    /// What the entity's units would get if every tier paid in full, without a supplement.
    pub at_full_rate: Money,
    /// What one more completion is worth, by tier, without and with lunch; empty if none would be paid.
    pub one_more: Vec<OneMore>,
    /// For each participant and tier with a cap.
    pub caps: Vec<CapPosition>,
    /// The most valuable first.
    pub corrections: Vec<Correction>,
    /// What correcting everything would add; `None` if there is nothing to correct.
    pub fixing: Option<Fixing>,
    /// What it got in an earlier report, if given.
    pub earlier: Option<EarlierAward>,
}

/// What the entity got in an earlier report of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierAward {
    pub budget_year: Year,
    /// `FINAL` or `PRELIMINARY`.
    pub standing: String,
    /// All that it is paid, its charters included; `None` if the report does not name it.
    pub total: Option<Money>,
}

/// The entity itself and its charters.
fn participants_of(entity: &str, listed: &[Participant]) -> Result<Vec<ParticipantRank>, Stop> {
    let participants: Vec<ParticipantRank> = ParticipantRank::enumerate(listed)
        .filter(|(_, participant)| participant.payee() == entity)
        .map(|(rank, _)| rank)
        .collect();
    if !participants.is_empty() {
        return Ok(participants);
    }
    Err(Stop::usage(
        format!("{entity} is not on the participants list"),
        "",
        "give the 4-digit District Code of a district, a BOCES or 8001 that is on the list",
    ))
}

/// Whether the rules pay a participant.
fn can_be_paid(rules: &RuleSet, participant: &Participant) -> bool {
    participant.participating && rules.participant_kinds.contains(participant.kind)
}

/// What the entity's units would get if every tier paid in full. Nobody knows what the state would then ask of the supplement.
fn at_full_rate(engine: &Engine<'_>) -> Result<Money, Stop> {
    let plenty = Factors {
        available: Money::from_cents(MONEY_MAX_CENTS),
        supplement: None,
        ..engine.factors.clone()
    };
    let engine = Engine {
        factors: &plenty,
        ..*engine
    };
    Ok(engine.scenario(Decimal::ZERO, &[])?.total)
}

/// Previews an entity's files, which were inspected under the rules and the factors' readings. `spread` is how far the statewide demand may
/// differ either way (0.1 for a tenth) where the factors are not final.
pub fn preview(
    inspection: Inspection,
    rules: RuleSet,
    factors: Factors,
    entity: &str,
    spread: Decimal,
) -> Result<Preview, Stop> {
    let listed = inspection.intake.participants.all();
    let participants = participants_of(entity, listed)?;
    let demand = own_demand(&inspection, &participants, factors.available);
    let requires_completion = listed.iter().map(|entry| entry.requires_completion);
    let requires_completion: Vec<bool> = requires_completion.collect();
    let engine = Engine {
        rules: &rules,
        factors: &factors,
        demand: &demand,
        requires_completion: &requires_completion,
        own_asked: None,
    };

    let expected = engine.scenario(Decimal::ZERO, &[])?;
    let engine = Engine {
        own_asked: Some(engine.asked(&expected.part).into_iter().sum()),
        ..engine
    };
    let range = match factors.origin {
        Origin::Run { is_final: true, .. } => None,
        _ => Some((
            engine.scenario(-spread, &[])?,
            engine.scenario(spread, &[])?,
        )),
    };
    let at_full_rate = at_full_rate(&engine)?;
    let awards = awards_by_row(inspection.decisions.len(), &demand, &expected);
    let mut paid = participants.iter().copied();
    let paid = paid.find(|rank| can_be_paid(&rules, &listed[*rank]));
    let one_more = one_more(&engine, paid, expected.total)?;
    let caps = caps(engine.rules, &expected, &participants, &factors, &demand);
    let concerns = |row: RowRank| {
        let file = inspection.intake.completions.rows().file(row);
        let participant = inspection.decisions[row].participant;
        concerns(&inspection, (entity, &participants), file, participant)
    };
    let (corrections, fixing) = corrections(
        &engine,
        &inspection,
        (&participants, &concerns),
        expected.total,
    )?;
    Ok(Preview {
        inspection,
        rules,
        entity: entity.to_string(),
        participants,
        factors,
        awards,
        expected,
        range,
        at_full_rate,
        one_more,
        caps,
        corrections,
        fixing,
        earlier: None,
    })
}

/// What the entity's rows ask for. Rows of other entities in these files do not count here.
fn own_demand(
    inspection: &Inspection,
    participants: &[ParticipantRank],
    available: Money,
) -> Demand {
    let certificates: Vec<Certificate> = checks::certificates(&inspection.decisions)
        .into_iter()
        .filter(|certificate| participants.contains(&certificate.participant))
        .collect();
    demand(
        &inspection.intake,
        &inspection.decisions,
        certificates,
        available,
        None,
    )
}

/// By row of the batch: what it gets, if it has a certificate.
fn awards_by_row(rows: usize, demand: &Demand, expected: &Scenario) -> Vec<Option<Award>> {
    let mut awards = vec![None; rows];
    let own = demand.certificates.iter();
    for (certificate, award) in own.zip(&expected.part.allocation.awards) {
        awards[certificate.row] = Some(*award);
    }
    awards
}

/// As [`Preview::concerns`].
fn concerns(
    inspection: &Inspection,
    (entity, participants): (&str, &[ParticipantRank]),
    file: usize,
    participant: Option<ParticipantRank>,
) -> bool {
    let of_file = inspection.intake.files[file].entity.as_deref();
    match participant {
        Some(rank) => participants.contains(&rank) || of_file == Some(entity),
        None => of_file.is_none_or(|of_file| of_file == entity),
    }
}

/// What one more completion of a participant is worth; nothing is said if there is none that can be paid.
fn one_more(
    engine: &Engine<'_>,
    participant: Option<ParticipantRank>,
    base: Money,
) -> Result<Vec<OneMore>, Stop> {
    let mut one_more = Vec::new();
    for (tier, listed) in TierRank::enumerate(&engine.rules.tiers) {
        // A tier always has a category.
        let (Some(participant), Some(category)) = (participant, listed.categories.iter().next())
        else {
            continue;
        };
        for frl in [false, true] {
            let worth = engine.worth(
                base,
                &[invented(engine.rules, 0, participant, category, frl)],
            )?;
            one_more.push(OneMore { tier, frl, worth });
        }
    }
    Ok(one_more)
}

fn caps(
    rules: &RuleSet,
    expected: &Scenario,
    participants: &[ParticipantRank],
    factors: &Factors,
    demand: &Demand,
) -> Vec<CapPosition> {
    let mut caps = Vec::new();
    for ((tier, result), terms) in
        TierRank::enumerate(&expected.part.allocation.tiers).zip(&expected.terms)
    {
        let Some(cap) = &terms.cap else {
            continue;
        };
        let limit = cap.limit();
        let bound = participants.iter().filter(|rank| {
            factors
                .readings
                .cap_applies_to
                .contains(demand.claimants[**rank].kind)
        });
        caps.extend(bound.filter_map(|rank| {
            let TierShare {
                units,
                frl_units,
                over_cap,
                ..
            } = result.shares[*rank];
            let taken = limit.taken(units, frl_units, rules.frl_multiplier);
            (units + over_cap > 0).then(|| CapPosition {
                participant: *rank,
                tier,
                units: units + over_cap,
                over_cap,
                left: limit.number().saturating_sub(taken),
                limit,
            })
        }));
    }
    caps
}

impl Preview {
    /// The lowest and the highest expected amount. Under `largest_remainder` even final factors leave some cents open.
    #[must_use]
    pub fn bounds(&self) -> (Money, Money) {
        let cents = Money::from_cents(self.expected.part.cents_more_max);
        let mut totals = vec![self.expected.total, self.expected.total + cents];
        if let Some((low, high)) = &self.range {
            totals.extend([low.total, high.total]);
        }
        let least = totals.iter().copied().min().unwrap_or_default();
        (least, totals.into_iter().max().unwrap_or_default())
    }

    /// Rows of the entity by their expected outcome at the factors.
    #[must_use]
    pub fn count(&self, outcome: AwardOutcome) -> usize {
        self.awards
            .iter()
            .flatten()
            .filter(|award| award.outcome == outcome)
            .count()
    }

    /// The demand of the entity's participants in each tier and what they would get; only where there is demand.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        let mut over_cap_frl = BTreeMap::new();
        for (award, decision) in self.awards.iter().zip(&self.inspection.decisions) {
            let (Some(award), Some(participant), Some(true)) =
                (award, decision.participant, decision.frl)
            else {
                continue;
            };
            if award.outcome == AwardOutcome::OverCap {
                *over_cap_frl.entry((participant, award.tier)).or_insert(0) += 1;
            }
        }
        let mut claims = Vec::new();
        for participant in &self.participants {
            for (tier, result) in TierRank::enumerate(&self.expected.part.allocation.tiers) {
                let share = result.shares[*participant];
                if share.units + share.over_cap > 0 {
                    let over_cap_frl = over_cap_frl
                        .get(&(*participant, tier))
                        .copied()
                        .unwrap_or(0);
                    claims.push(Claim {
                        participant: *participant,
                        tier,
                        share,
                        over_cap_frl,
                    });
                }
            }
        }
        claims
    }

    /// The expected money by program, without a supplement; the most first.
    #[must_use]
    pub fn by_program(&self) -> Vec<ProgramMoney> {
        let mut by_program: BTreeMap<ProgramRank, ProgramMoney> = BTreeMap::new();
        for (award, decision) in self.awards.iter().zip(&self.inspection.decisions) {
            let (Some(award), Some(program)) = (award, decision.program) else {
                continue;
            };
            let money = by_program.entry(program).or_insert(ProgramMoney {
                program,
                rows: 0,
                amount: Money::ZERO,
            });
            money.rows += usize::from(award.outcome == AwardOutcome::Paid);
            money.amount += award.amount;
        }
        let mut by_program: Vec<ProgramMoney> = by_program
            .into_values()
            .filter(|money| money.rows > 0)
            .collect();
        by_program.sort_by_key(|money| (std::cmp::Reverse(money.amount), money.program));
        by_program
    }

    /// The supplement of all its participants.
    #[must_use]
    pub fn supplement(&self) -> Money {
        self.expected.supplements.iter().copied().sum()
    }

    /// Whether a row concerns this entity: its own, or one in its own file or in a file without owner, unless it belongs to a different
    /// listed entity.
    #[must_use]
    pub fn concerns(&self, file: usize, participant: Option<ParticipantRank>) -> bool {
        let own = (self.entity.as_str(), &self.participants[..]);
        concerns(&self.inspection, own, file, participant)
    }

    /// Rows in these files that are paid to a different entity, by its code. They are not in these figures, and the entity's name is not
    /// shown.
    #[must_use]
    pub fn rows_of_others(&self) -> Vec<(String, usize)> {
        let listed = self.inspection.intake.participants.all();
        let mut others: BTreeMap<String, usize> = BTreeMap::new();
        for decision in &self.inspection.decisions {
            let of_another = |rank: &ParticipantRank| !self.participants.contains(rank);
            if let Some(rank) = decision.participant.filter(of_another) {
                *others.entry(listed[rank].code().to_string()).or_default() += 1;
            }
        }
        others.into_iter().collect()
    }

    /// What the tiers would pay: the expected amount without the supplement.
    #[must_use]
    pub fn without_supplement(&self) -> Money {
        self.expected.total - self.supplement()
    }

    /// Each participant with what it would get, the entity itself first.
    #[must_use]
    pub fn by_participant(&self) -> Vec<(ParticipantRank, Money)> {
        let tiers = &self.expected.part.allocation.tiers;
        let amount = |rank: ParticipantRank| {
            let of_tiers: Money = tiers.iter().map(|tier| tier.shares[rank].amount).sum();
            of_tiers + self.expected.supplements[rank]
        };
        let all = self.participants.iter();
        all.map(|rank| (*rank, amount(*rank))).collect()
    }

    /// Whether the files hold rows, but only of other entities.
    #[must_use]
    pub fn is_of_others(&self) -> bool {
        let of_others = |decision: &Checked| {
            decision
                .participant
                .is_some_and(|rank| !self.participants.contains(&rank))
        };
        !self.inspection.decisions.is_empty() && self.inspection.decisions.iter().all(of_others)
    }
}
