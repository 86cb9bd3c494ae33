//! Funds one tier after the other: units, cap, rate, amounts, and the money that goes on (calculation.md, section 3).

use std::collections::HashSet;

use super::cap::{self, Cap};
use super::demand::{Certificate, Demand};
use super::rate::{Pot, RateTerms};
use super::result::{Award, AwardOutcome, TierResult, TierShare};
use super::{rate, spread, units};
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::TierRank;
use crate::rules::readings::{CapBase, Readings};
use crate::rules::{RuleSet, Tier, Weight};

/// All tiers of one allocation, while they are funded.
pub(super) struct Round<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) readings: &'a Readings,
    pub(super) demand: &'a Demand,
    /// One per certificate.
    awards: Vec<Award>,
    /// Pupils who were paid in an earlier tier.
    paid_pupils: HashSet<Sasid>,
}

/// A tier about to be funded.
pub(super) struct Stage {
    pub(super) tier: TierRank,
    /// Its certificates in standing order: positions in the demand.
    members: Vec<usize>,
    /// The money before it.
    pub(super) money: Money,
}

/// A tier's units within the cap and over it, as positions in the demand.
pub(super) struct Split {
    within: Vec<usize>,
    over_cap: Vec<usize>,
    pub(super) pot: Pot,
}

/// What a tier's money becomes.
pub(super) struct FundedTier {
    pub(super) terms: RateTerms,
    pub(super) cap: Option<Cap>,
    /// By participant.
    pub(super) shares: Vec<TierShare>,
    pub(super) residual: Money,
    pub(super) money_after: Money,
}

/// Funds tier after tier by `fund`: at the terms of this demand, or at those of the whole state.
pub(super) fn fund_tiers<'a>(
    rules: &'a RuleSet,
    readings: &'a Readings,
    demand: &'a Demand,
    fund: impl Fn(&mut Round<'a>, &Stage) -> TierResult,
) -> (Vec<TierResult>, Vec<Award>) {
    let unset = Award {
        outcome: AwardOutcome::AlreadyCounted,
        tier: TierRank::new(0),
        weight: None,
        amount: Money::ZERO,
    };
    let mut round = Round {
        rules,
        readings,
        demand,
        awards: vec![unset; demand.certificates.len()],
        paid_pupils: HashSet::new(),
    };
    let mut money = demand.available;
    let mut tiers = Vec::with_capacity(rules.tiers.len());
    let by_tier = round.by_tier();
    for (tier, members) in TierRank::all(by_tier.len()).zip(by_tier) {
        let stage = Stage {
            tier,
            members,
            money,
        };
        let result = fund(&mut round, &stage);
        round.remember_paid(&stage);
        money = result.money_after;
        tiers.push(result);
    }
    (tiers, round.awards)
}

/// Funds a tier at the limit and rate that its own demand makes.
pub(super) fn at_own_terms(round: &mut Round<'_>, stage: &Stage) -> TierResult {
    let base = round.cap_base(stage);
    let cap = Cap::of(round.rules, stage.tier, base, round.readings.cap_rounding);
    let split = round.split(stage, cap.as_ref());
    let terms = rate::terms(
        round.rules.per_unit,
        round.rules.frl_multiplier,
        round.readings.cap_money,
        &split.pot,
    );
    let shares = round.award(stage, &split, &terms);
    let paid = shares.iter().map(|share| share.amount).sum();
    let (residual, money_after) = rate::settle(&terms, &split.pot, paid);
    let settled = FundedTier {
        terms,
        cap,
        shares,
        residual,
        money_after,
    };
    stage.result(&split, settled)
}

impl<'a> Round<'a> {
    /// The certificates of each tier in standing order.
    fn by_tier(&self) -> Vec<Vec<usize>> {
        let certificates = &self.demand.certificates;
        let mut by_tier: Vec<Vec<usize>> = vec![Vec::new(); self.rules.tiers.len()];
        for (index, certificate) in certificates.iter().enumerate() {
            let tier = self.rules.tier_of(certificate.category);
            by_tier[tier.unwrap_or_else(|| panic!("{:?} has no tier", certificate.category))]
                .push(index);
        }
        for members in &mut by_tier {
            members.sort_unstable_by_key(|index| certificates[*index].standing());
        }
        by_tier
    }

    fn tier(&self, stage: &Stage) -> &'a Tier {
        &self.rules.tiers[stage.tier]
    }

    fn weight_of(&self, certificate: &Certificate) -> Weight {
        if certificate.frl {
            self.rules.frl_multiplier
        } else {
            Weight::ONE
        }
    }

    fn total_weight(&self, units: &[usize]) -> u64 {
        units
            .iter()
            .map(|index| self.weight_of(&self.demand.certificates[*index]))
            .map(|weight| u64::from(weight.hundredths()))
            .sum()
    }

    /// What a cap of the tier is a share of.
    fn cap_base(&self, stage: &Stage) -> u64 {
        let categories = self.tier(stage).categories;
        match self.readings.cap_base {
            CapBase::Qualified => stage.members.len() as u64,
            CapBase::Reported => categories
                .iter()
                .map(|category| self.demand.reported[category as usize])
                .sum(),
        }
    }

    /// The units of a tier within its cap and over it.
    pub(super) fn split(&self, stage: &Stage, cap: Option<&Cap>) -> Split {
        let units = units::units(
            self.readings.unit,
            &self.demand.certificates,
            &stage.members,
            &self.paid_pupils,
        );
        let (within, over_cap) = match cap {
            Some(cap) => cap::select(
                self.readings,
                self.demand,
                &units,
                cap.limit(),
                |certificate| self.weight_of(certificate),
            ),
            None => (units, Vec::new()),
        };
        let pot = Pot {
            money: stage.money,
            within_hundredths: self.total_weight(&within),
            over_cap_hundredths: self.total_weight(&over_cap),
            units: within.len() as u64,
        };
        Split {
            within,
            over_cap,
            pot,
        }
    }

    /// Awards a tier's certificates, and gives each participant's share.
    pub(super) fn award(
        &mut self,
        stage: &Stage,
        split: &Split,
        terms: &RateTerms,
    ) -> Vec<TierShare> {
        let certificates = &self.demand.certificates;
        let amounts = spread::amounts(
            self.readings.rounding,
            terms,
            certificates,
            &split.within,
            |index| self.weight_of(&certificates[index]),
        );
        let mut shares = vec![TierShare::default(); self.demand.claimants.len()];
        for index in &stage.members {
            self.awards[*index].tier = stage.tier;
        }
        for index in &split.over_cap {
            let certificate = &certificates[*index];
            self.awards[*index].outcome = AwardOutcome::OverCap;
            self.awards[*index].weight = Some(self.weight_of(certificate));
            shares[certificate.participant].over_cap += 1;
        }
        for (index, amount) in split.within.iter().zip(amounts) {
            let certificate = &certificates[*index];
            let outcome = if amount > Money::ZERO {
                AwardOutcome::Paid
            } else {
                AwardOutcome::Unfunded
            };
            self.awards[*index] = Award {
                outcome,
                tier: stage.tier,
                weight: Some(self.weight_of(certificate)),
                amount,
            };
            let share = &mut shares[certificate.participant];
            share.units += 1;
            share.frl_units += u64::from(certificate.frl);
            share.amount += amount;
        }
        shares
    }

    fn remember_paid(&mut self, stage: &Stage) {
        let paid = stage
            .members
            .iter()
            .filter(|index| self.awards[**index].outcome == AwardOutcome::Paid)
            .map(|index| self.demand.certificates[*index].sasid);
        self.paid_pupils.extend(paid);
    }
}

impl Stage {
    pub(super) fn result(&self, split: &Split, settled: FundedTier) -> TierResult {
        let FundedTier {
            terms,
            cap,
            shares,
            residual,
            money_after,
        } = settled;
        TierResult {
            money_before: self.money,
            certificates: self.members.len() as u64,
            units: split.within.len() as u64,
            frl_units: shares.iter().map(|share| share.frl_units).sum(),
            cap,
            over_cap: split.over_cap.len() as u64,
            weight_hundredths: split.pot.within_hundredths,
            demand_hundredths: terms.demand_hundredths,
            rate: terms.rate,
            frl_rate: terms.frl_rate,
            paid: shares.iter().map(|share| share.amount).sum(),
            prorated: terms.prorated,
            residual,
            money_after,
            shares,
        }
    }
}
