//! What the allocation answers: an award for each certificate, and each tier with the share of each participant.

use super::cap::Cap;
use crate::money::Money;
use crate::ranks::{ParticipantRank, TierRank};
use crate::rules::{RuleSet, Weight};

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
pub struct TierShare {
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
    /// The most that one participant may be paid for.
    pub cap: Option<Cap>,
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
    pub shares: Vec<TierShare>,
}

impl TierResult {
    /// What the units within the cap would be paid with the full award each.
    #[must_use]
    pub fn demand(&self, rules: &RuleSet) -> Money {
        rules.full_award(false).times(self.units - self.frl_units)
            + rules.full_award(true).times(self.frl_units)
    }
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

    /// What the units within the cap would be paid with the full award each.
    #[must_use]
    pub fn demand(&self, rules: &RuleSet) -> Money {
        self.tiers.iter().map(|tier| tier.demand(rules)).sum()
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
