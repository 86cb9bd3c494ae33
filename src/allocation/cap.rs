//! The cap: how many units one participant may be paid for, and which (calculation.md, section 3.2).

use super::demand::{Certificate, Demand};
use crate::money::Money;
use crate::ranks::TierRank;
use crate::rules::readings::{CapRounding, CapSelection, Readings};
use crate::rules::{RuleSet, Share, Tier, TierCap, Weight};

/// A tier's cap in a run: the most that one participant may be paid for.
///
/// All that is particular to a kind of cap is here and, in words, in `caps.rs`. Everything else asks for its [`Limit`] or its share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cap {
    /// A share of the tier's certificates.
    Share {
        /// As the rules give it.
        share: Share,
        /// What it is a share of, under the reading `cap_base`.
        base: u64,
        /// The share of the base, rounded to whole units.
        limit: u64,
    },
}

/// The most that a cap lets one participant be paid for, in what the cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many units.
    Units(u64),
    /// Units worth so much at the full award: what a unit is paid in the end depends on which units the cap keeps.
    Worth {
        /// What they may be worth.
        most: Money,
        /// The full award.
        per_unit: Money,
    },
}

impl Cap {
    /// The cap of a tier; none where its rules have none.
    pub(super) fn of(
        rules: &RuleSet,
        tier: TierRank,
        base: u64,
        rounding: CapRounding,
    ) -> Option<Cap> {
        // Every parameter by name: one that tiers gain is a compiler error here, until somebody says what it does to the cap.
        let Tier {
            number: _,
            name: _,
            categories: _,
            cap,
        } = &rules.tiers[tier];
        Some(match cap.as_ref()? {
            TierCap::Share(share) => Cap::Share {
                share: share.clone(),
                base,
                limit: limit(share, base, rounding),
            },
        })
    }

    /// The most for one participant.
    #[must_use]
    pub fn limit(&self) -> Limit {
        match self {
            Cap::Share { limit, .. } => Limit::Units(*limit),
        }
    }

    /// The share and what it is a share of, where the limit follows from these: a sheet then calculates it.
    #[must_use]
    pub fn share(&self) -> Option<(&Share, u64)> {
        match self {
            Cap::Share { share, base, .. } => Some((share, *base)),
        }
    }
}

impl Limit {
    /// The limit as a number of what it counts: units, or cents.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Limit::Units(units) => units,
            Limit::Worth { most, .. } => cents(most),
        }
    }

    /// What a unit takes of the number.
    #[must_use]
    pub fn takes(self, unit: Weight) -> u64 {
        match self {
            Limit::Units(_) => 1,
            Limit::Worth { per_unit, .. } => {
                // Rounded up: the limit is never exceeded.
                let worth = u128::from(cents(per_unit)) * u128::from(unit.hundredths());
                u64::try_from(worth.div_ceil(u128::from(Weight::ONE.hundredths())))
                    .unwrap_or(u64::MAX)
            }
        }
    }

    /// What some units take of the number together; those with lunch have this weight.
    #[must_use]
    pub fn taken(self, units: u64, frl_units: u64, frl: Weight) -> u64 {
        let others = units.saturating_sub(frl_units);
        let [of_others, of_frl] = [(others, Weight::ONE), (frl_units, frl)]
            .map(|(units, weight)| units.saturating_mul(self.takes(weight)));
        of_others.saturating_add(of_frl)
    }

    /// The units that it allows everybody, where that does not depend on which units they are.
    #[must_use]
    pub fn units(self) -> Option<u64> {
        match self {
            Limit::Units(units) => Some(units),
            Limit::Worth { .. } => None,
        }
    }

    /// How much of the number can be left though there are units over it: less than a unit of either kind takes.
    #[must_use]
    pub fn left_at_most(self, frl: Weight) -> u64 {
        match self {
            Limit::Units(_) => 0,
            Limit::Worth { .. } => self.takes(Weight::ONE).saturating_add(self.takes(frl)),
        }
    }
}

fn cents(money: Money) -> u64 {
    u64::try_from(money.cents()).unwrap_or(0)
}

/// The most units one participant may have: share x base, rounded as the reading says.
fn limit(share: &Share, base: u64, rounding: CapRounding) -> u64 {
    let product = u128::from(share.numerator) * u128::from(base);
    let denominator = u128::from(share.denominator);
    let limit = match rounding {
        CapRounding::Floor => product / denominator,
        CapRounding::Nearest => (2 * product + denominator) / (2 * denominator),
        CapRounding::Ceiling => product.div_ceil(denominator),
    };
    // A share is at most 1, so the limit is at most the base.
    u64::try_from(limit).unwrap_or(base)
}

/// Splits units (in standing order) into those within the limit and those over it, both in standing order.
pub(super) fn select(
    readings: &Readings,
    demand: &Demand,
    units: &[usize],
    limit: Limit,
    weight_of: impl Fn(&Certificate) -> Weight,
) -> (Vec<usize>, Vec<usize>) {
    let mut by_participant: Vec<Vec<usize>> = vec![Vec::new(); demand.claimants.len()];
    for (position, index) in units.iter().enumerate() {
        by_participant[demand.certificates[*index].participant].push(position);
    }
    let takes = |position: &usize| limit.takes(weight_of(&demand.certificates[units[*position]]));
    let frl = |position: &usize| demand.certificates[units[*position]].frl;
    let most = limit.number();
    let mut over = vec![false; units.len()];
    for (claimant, positions) in demand.claimants.iter().zip(&by_participant) {
        let all = positions.iter().map(takes).fold(0, u64::saturating_add);
        if all <= most || !readings.cap_applies_to.contains(claimant.kind) {
            continue;
        }
        let of_frl = positions.iter().filter(|position| frl(position));
        let of_frl = of_frl.map(takes).fold(0, u64::saturating_add);
        // How much of the limit units with free or reduced-price lunch have; `None` where lunch does not matter.
        let frl_kept = match readings.cap_selection {
            CapSelection::Earliest => None,
            CapSelection::FrlFirst => Some(of_frl.min(most)),
            CapSelection::Proportional => Some(proportional(most, of_frl, all)),
        };
        let (mut frl_left, mut others_left) = match frl_kept {
            None => (most, most),
            Some(kept) => (kept, most - kept),
        };
        for position in positions {
            let left = if frl_kept.is_none() || frl(position) {
                &mut frl_left
            } else {
                &mut others_left
            };
            // The first unit that does not fit ends it: none overtakes one that stands before it.
            let rest = left.checked_sub(takes(position));
            over[*position] = rest.is_none();
            *left = rest.unwrap_or(0);
        }
    }
    let part = |wanted: bool| {
        units
            .iter()
            .zip(&over)
            .filter(|(_, over)| **over == wanted)
            .map(|(index, _)| *index)
            .collect()
    };
    (part(false), part(true))
}

/// limit x FRL / all, halves up. The limit is below all, so that both groups can fill it: nothing is left to clip.
fn proportional(limit: u64, frl: u64, all: u64) -> u64 {
    let product = 2 * u128::from(limit) * u128::from(frl) + u128::from(all);
    u64::try_from(product / (2 * u128::from(all))).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::allocation::Claimant;
    use crate::ids::Sasid;
    use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
    use crate::rules::terms::{Category, ParticipantKind};

    fn tenth() -> Share {
        Share {
            text: "0.10".into(),
            numerator: 1,
            denominator: 10,
        }
    }

    /// $3,400 of one participant, at a full award of $1,000.
    const WORTH: Limit = Limit::Worth {
        most: Money::from_cents(340_000),
        per_unit: Money::from_cents(100_000),
    };
    const FRL: Weight = Weight::from_hundredths(120);

    /// Five units of a district in standing order, the second and the fourth with lunch: $1,000 or $1,200 each, $5,400 in all.
    fn five_units() -> Demand {
        let certificate = |at: usize| Certificate {
            row: RowRank::new(at),
            date: NaiveDate::from_ymd_opt(2024, 5, 17).unwrap(),
            sasid: Sasid::from_number(at as u64),
            program: ProgramRank::new(0),
            participant: ParticipantRank::new(0),
            category: Category::IndustryCredential,
            frl: at % 2 == 1,
        };
        Demand {
            certificates: (0..5).map(certificate).collect(),
            claimants: vec![Claimant {
                kind: ParticipantKind::District,
                requires_completion: false,
            }],
            reported: [0; Category::ALL.len()],
            available: Money::ZERO,
            supplement: None,
        }
    }

    fn kept(cap_selection: CapSelection, limit: Limit) -> Vec<usize> {
        let readings = Readings {
            cap_selection,
            ..Readings::default()
        };
        let weight_of = |unit: &Certificate| if unit.frl { FRL } else { Weight::ONE };
        let (within, over) = select(&readings, &five_units(), &[0, 1, 2, 3, 4], limit, weight_of);
        assert_eq!(within.len() + over.len(), 5);
        within
    }

    #[test]
    fn a_limit_in_dollars_keeps_the_units_that_fit_it_at_the_full_award() {
        // 1,000 + 1,200 + 1,000 = 3,200; the fourth would make it 4,400.
        assert_eq!(kept(CapSelection::Earliest, WORTH), [0, 1, 2]);
        // 1,200 + 1,200 with lunch; 1,000 is left, for the first without.
        assert_eq!(kept(CapSelection::FrlFirst, WORTH), [0, 1, 3]);
        // 3,400 x 2,400 / 5,400 = 1,511.11 for those with lunch, one of them; 1,888.89 for the others, one of them.
        assert_eq!(kept(CapSelection::Proportional, WORTH), [0, 1]);
        assert_eq!(kept(CapSelection::Earliest, Limit::Units(2)), [0, 1]);
    }

    #[test]
    fn units_take_their_worth_of_a_limit_in_dollars_and_one_each_of_a_limit_in_units() {
        // 2 x 1,000 + 1 x 1,200 = 3,200 of 3,400; with units over it, less than 1,000 + 1,200 can be left.
        assert_eq!(WORTH.taken(3, 1, FRL), 320_000);
        assert_eq!(WORTH.left_at_most(FRL), 220_000);
        assert_eq!((WORTH.number(), WORTH.units()), (340_000, None));
        let two = Limit::Units(2);
        assert_eq!((two.taken(3, 1, FRL), two.left_at_most(FRL)), (3, 0));
        assert_eq!((two.number(), two.units()), (2, Some(2)));
    }

    #[test]
    fn the_limit_is_rounded_as_the_reading_says() {
        // 0.10 x 25 = 2.5, 0.10 x 24 = 2.4, 0.10 x 30 = 3
        for (base, floor, nearest, ceiling) in [
            (25, 2, 3, 3),
            (24, 2, 2, 3),
            (30, 3, 3, 3),
            (0, 0, 0, 0),
            (9, 0, 1, 1),
        ] {
            assert_eq!(limit(&tenth(), base, CapRounding::Floor), floor);
            assert_eq!(limit(&tenth(), base, CapRounding::Nearest), nearest);
            assert_eq!(limit(&tenth(), base, CapRounding::Ceiling), ceiling);
        }
    }

    #[test]
    fn the_proportional_share_is_rounded_half_up() {
        // 2 x 5 / 8 = 1.25, 2 x 6 / 8 = 1.5, 3 x 1 / 4 = 0.75, 3 x 1 / 7 = 0.428..
        for (limit, frl_units, all, kept) in
            [(2, 5, 8, 1), (2, 6, 8, 2), (3, 1, 4, 1), (3, 1, 7, 0)]
        {
            assert_eq!(proportional(limit, frl_units, all), kept);
        }
    }

    #[test]
    fn both_groups_can_fill_a_limit_below_all_units_so_that_clipping_the_proportional_share_changes_nothing()
     {
        for all in 1..=60_u64 {
            for (limit, frl_units) in
                (0..all).flat_map(|limit| (0..=all).map(move |frl_units| (limit, frl_units)))
            {
                let share = proportional(limit, frl_units, all);
                let others = all - frl_units;
                assert_eq!(
                    share,
                    share.clamp(limit.saturating_sub(others), limit.min(frl_units)),
                    "{limit} of {all}, {frl_units} with lunch"
                );
            }
        }
    }
}
