//! The allocation (calculation.md, sections 3 to 5): from certificates to amounts. Pure and exact: no files, no frames, no clock,
//! no binary fractions.
//!
//! A tier is: `units` (what one award is paid for), `cap` (how many one participant may have), `rate` (what one unit gets),
//! `spread` (which unit gets how many cents). Then the `supplement`, and `invariants` proves the whole.

mod cap;
pub mod invariants;
pub mod outlook;
mod rate;
mod spread;
mod supplement;
mod units;

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank, TierRank};
use crate::rules::readings::{CapBase, Readings};
use crate::rules::terms::{Category, ParticipantKind};
use crate::rules::{RuleSet, Weight};

pub use invariants::Broken;

/// A row that passed every check: all that the allocation knows of a completion.
///
/// Codes and paths come as ranks, so that comparing ranks is comparing the texts byte by byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Rank of the row in the batch: by file path, sheet order, row number.
    pub row: RowRank,
    /// When the program was completed.
    pub date: NaiveDate,
    /// The pupil; ten digits, so the number orders like the text.
    pub sasid: Sasid,
    /// Rank of the program code.
    pub program: ProgramRank,
    /// Index of the participant, ranked by (district code, school code or empty).
    pub participant: ParticipantRank,
    /// What kind of program it is; a category without a tier is no certificate.
    pub category: Category,
    /// Eligible for free or reduced-price lunch.
    pub frl: bool,
}

impl Certificate {
    /// The standing order of section 3: date, SASID, program, participant, row.
    pub(crate) fn standing(&self) -> (NaiveDate, Sasid, ProgramRank, ParticipantRank, RowRank) {
        (
            self.date,
            self.sasid,
            self.program,
            self.participant,
            self.row,
        )
    }
}

/// What the allocation needs to know of a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// Its kind; decides whether the cap binds it.
    pub kind: ParticipantKind,
    /// Requires every student to complete a qualified item before graduation (supplement).
    pub requires_completion: bool,
}

/// All that is asked for, and the money there is.
#[derive(Clone, Debug)]
pub struct Demand {
    /// In any order.
    pub certificates: Vec<Certificate>,
    /// By the index that certificates carry.
    pub claimants: Vec<Claimant>,
    /// Rows not rejected whose program is on the year's list, by category (index of [`Category::ALL`]); the base of the cap under
    /// `cap_base = reported`.
    pub reported: [u64; Category::ALL.len()],
    /// The appropriation.
    pub available: Money,
    /// The pool of the supplement; none in years without one.
    pub supplement: Option<Money>,
}

/// What became of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwardOutcome {
    /// Not a unit: the pupil already has its award.
    AlreadyCounted,
    /// A unit beyond the participant's cap.
    OverCap,
    /// A unit within the cap for which no money was left.
    Unfunded,
    /// Paid.
    Paid,
}

/// The result for one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Award {
    /// What became of it.
    pub outcome: AwardOutcome,
    /// The index of its tier.
    pub tier: TierRank,
    /// Its weight; only units have one.
    pub weight: Option<Weight>,
    /// Zero unless paid.
    pub amount: Money,
}

/// The result for one participant in one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Units within the cap.
    pub units: u64,
    /// Those of them with free or reduced-price lunch.
    pub frl_units: u64,
    /// Units beyond the cap.
    pub over_cap: u64,
    /// What they are paid.
    pub amount: Money,
}

/// The result for one tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierResult {
    /// The money before it.
    pub money_before: Money,
    /// Rows that reached it.
    pub certificates: u64,
    /// Units within the cap.
    pub units: u64,
    /// Those of them with free or reduced-price lunch.
    pub frl_units: u64,
    /// What the cap is a share of; none without a cap.
    pub cap_base: Option<u64>,
    /// The most units one participant may have; none without a cap.
    pub cap_limit: Option<u64>,
    /// Units beyond the cap.
    pub over_cap: u64,
    /// Weight of the units within the cap, in hundredths.
    pub weight_hundredths: u64,
    /// Weight that the money is divided by, in hundredths: with the over-cap units under `cap_money = to_next_tier`.
    pub demand_hundredths: u64,
    /// What an ordinary unit gets, floored to the cent.
    pub rate: Money,
    /// What a unit with free or reduced-price lunch gets.
    pub frl_rate: Money,
    /// What the units get together.
    pub paid: Money,
    /// Whether the money was short.
    pub prorated: bool,
    /// What a prorated tier leaves undistributed; never carried on.
    pub residual: Money,
    /// What goes on to the next tier.
    pub money_after: Money,
    /// By participant.
    pub shares: Vec<Share>,
}

/// The whole result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// By tier, in the order of the rules.
    pub tiers: Vec<TierResult>,
    /// By certificate, in the order of the demand.
    pub awards: Vec<Award>,
    /// The supplement by participant.
    pub supplements: Vec<Money>,
    /// What is left after the last tier.
    pub unspent: Money,
}

impl Allocation {
    /// What the tiers pay, without the supplement.
    #[must_use]
    pub fn paid(&self) -> Money {
        self.tiers.iter().map(|tier| tier.paid).sum()
    }

    /// What the supplement pays.
    #[must_use]
    pub fn supplement(&self) -> Money {
        self.supplements.iter().copied().sum()
    }

    /// What a participant gets in all, supplement included.
    #[must_use]
    pub fn total_of(&self, participant: ParticipantRank) -> Money {
        let tiers: Money = self
            .tiers
            .iter()
            .map(|tier| tier.shares[participant].amount)
            .sum();
        tiers + self.supplements[participant]
    }
}

/// Allocates the money.
///
/// # Errors
/// [`Broken`] when a result contradicts section 5: a defect of the program, never of the input.
///
/// # Panics
/// If a certificate names a participant that does not exist or a category without a tier: the caller's defect.
pub fn allocate(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
) -> Result<Allocation, Broken> {
    let (tiers, awards) = fund_tiers(rules, readings, demand, None);
    let supplements = supplement::supplements(demand, &tiers);
    let unspent = tiers
        .last()
        .map_or(demand.available, |tier| tier.money_after);
    let allocation = Allocation {
        tiers,
        awards,
        supplements,
        unspent,
    };
    invariants::check(rules, readings, demand, &allocation)?;
    Ok(allocation)
}

/// Funds tier after tier. `statewide` holds the terms of each where they are known from elsewhere, and not made by this demand.
fn fund_tiers(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
    statewide: Option<&[outlook::TierTerms]>,
) -> (Vec<TierResult>, Vec<Award>) {
    let certificates = &demand.certificates;
    let mut by_tier: Vec<Vec<usize>> = vec![Vec::new(); rules.tiers.len()];
    for (index, certificate) in certificates.iter().enumerate() {
        let tier = rules.tier_of(certificate.category);
        by_tier[tier.unwrap_or_else(|| panic!("{:?} has no tier", certificate.category))]
            .push(index);
    }
    let unset = Award {
        outcome: AwardOutcome::AlreadyCounted,
        tier: TierRank::new(0),
        weight: None,
        amount: Money::ZERO,
    };
    let mut awards = vec![unset; certificates.len()];
    let mut paid_pupils: HashSet<Sasid> = HashSet::new();
    let mut money = demand.available;
    let mut tiers = Vec::with_capacity(rules.tiers.len());
    for (tier, mut members) in TierRank::all(by_tier.len()).zip(by_tier) {
        members.sort_unstable_by_key(|index| certificates[*index].standing());
        let stage = Stage {
            tier,
            members: &members,
            money,
            statewide: statewide.map(|terms| &terms[tier]),
        };
        let result = fund_tier(rules, readings, demand, &stage, &paid_pupils, &mut awards);
        for index in members
            .iter()
            .filter(|index| awards[**index].outcome == AwardOutcome::Paid)
        {
            paid_pupils.insert(certificates[*index].sasid);
        }
        money = result.money_after;
        tiers.push(result);
    }
    (tiers, awards)
}

/// A tier about to be funded.
struct Stage<'a> {
    /// Its index in the rules.
    tier: TierRank,
    /// Its certificates in standing order.
    members: &'a [usize],
    /// The money before it.
    money: Money,
    /// The terms of the whole state, where this demand is only a part of it.
    statewide: Option<&'a outlook::TierTerms>,
}

fn fund_tier(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
    stage: &Stage<'_>,
    paid_pupils: &HashSet<Sasid>,
    awards: &mut [Award],
) -> TierResult {
    let certificates = &demand.certificates;
    let weight_of = |index: usize| {
        if certificates[index].frl {
            rules.frl_multiplier
        } else {
            Weight::ONE
        }
    };
    let total_weight = |units: &[usize]| {
        units
            .iter()
            .map(|index| u64::from(weight_of(*index).hundredths()))
            .sum::<u64>()
    };

    let units = units::units(readings.unit, certificates, stage.members, paid_pupils);
    let tier = &rules.tiers[stage.tier];
    let cap_base = tier.cap_share.as_ref().map(|_| match readings.cap_base {
        CapBase::Qualified => stage.members.len() as u64,
        CapBase::Reported => tier
            .categories
            .iter()
            .map(|category| demand.reported[category as usize])
            .sum(),
    });
    let cap_limit = match stage.statewide {
        Some(known) => known.cap_limit,
        None => tier
            .cap_share
            .as_ref()
            .zip(cap_base)
            .map(|(share, base)| cap::limit(share, base, readings.cap_rounding)),
    };
    let (within, over_cap) = match cap_limit {
        Some(limit) => cap::select(readings, demand, &units, limit),
        None => (units, Vec::new()),
    };

    let pot = rate::Pot {
        money: stage.money,
        within_hundredths: total_weight(&within),
        over_cap_hundredths: total_weight(&over_cap),
        units: within.len() as u64,
    };
    let own = || {
        rate::terms(
            rules.per_unit,
            rules.frl_multiplier,
            readings.cap_money,
            &pot,
        )
    };
    let terms = stage.statewide.map_or_else(own, |known| known.terms);
    let amounts = spread::amounts(readings.rounding, &terms, certificates, &within, weight_of);

    let mut shares = vec![Share::default(); demand.claimants.len()];
    for index in stage.members {
        awards[*index] = Award {
            outcome: AwardOutcome::AlreadyCounted,
            tier: stage.tier,
            weight: None,
            amount: Money::ZERO,
        };
    }
    for index in &over_cap {
        awards[*index].outcome = AwardOutcome::OverCap;
        awards[*index].weight = Some(weight_of(*index));
        shares[certificates[*index].participant].over_cap += 1;
    }
    for (index, amount) in within.iter().zip(amounts) {
        let outcome = if amount > Money::ZERO {
            AwardOutcome::Paid
        } else {
            AwardOutcome::Unfunded
        };
        awards[*index] = Award {
            outcome,
            tier: stage.tier,
            weight: Some(weight_of(*index)),
            amount,
        };
        let share = &mut shares[certificates[*index].participant];
        share.units += 1;
        share.frl_units += u64::from(certificates[*index].frl);
        share.amount += amount;
    }
    let paid = shares.iter().map(|share| share.amount).sum();
    let (residual, money_after) = match stage.statewide {
        Some(known) => (known.residual, known.money_after),
        None => rate::settle(&terms, &pot, paid),
    };
    TierResult {
        money_before: stage.money,
        certificates: stage.members.len() as u64,
        units: within.len() as u64,
        frl_units: shares.iter().map(|share| share.frl_units).sum(),
        cap_base,
        cap_limit,
        over_cap: over_cap.len() as u64,
        weight_hundredths: pot.within_hundredths,
        demand_hundredths: terms.demand_hundredths,
        rate: terms.rate,
        frl_rate: terms.frl_rate,
        paid,
        prorated: terms.prorated,
        residual,
        money_after,
        shares,
    }
}
