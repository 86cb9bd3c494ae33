//! The cap: how many units one participant may be paid for, and which (calculation.md, section 3.2).

use super::demand::Demand;
use crate::rules::readings::{CapRounding, CapSelection, Readings};
use crate::rules::{Share, Tier};

/// A tier's cap in a run: the most that one participant may be paid for.
///
/// Readers match it without `_`, so that another kind of cap is a compiler error wherever a cap is calculated, explained, shown or
/// relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cap {
    /// So many units.
    Units {
        /// As the rules give it.
        share: Share,
        /// What it is a share of, under the reading `cap_base`.
        base: u64,
        /// The share of the base, rounded to whole units.
        limit: u64,
    },
}

impl Cap {
    /// Base and limit as the columns and keys of files hold them: `cap_base`, `cap_limit`.
    #[must_use]
    pub fn base_and_limit(cap: Option<&Cap>) -> (Option<u64>, Option<u64>) {
        match cap {
            None => (None, None),
            Some(Cap::Units { base, limit, .. }) => (Some(*base), Some(*limit)),
        }
    }

    /// The cap of a tier; none where its rules have none.
    pub(super) fn of(tier: &Tier, base: u64, rounding: CapRounding) -> Option<Cap> {
        // Every parameter by name: one that tiers gain is a compiler error here, until somebody says what it does to the cap.
        let Tier {
            number: _,
            name: _,
            categories: _,
            cap_share,
        } = tier;
        let share = cap_share.as_ref()?;
        Some(Cap::Units {
            share: share.clone(),
            base,
            limit: limit(share, base, rounding),
        })
    }
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

/// Splits units (in standing order) into those within the cap and those over it, both in standing order.
pub(super) fn select(
    readings: &Readings,
    demand: &Demand,
    units: &[usize],
    cap: &Cap,
) -> (Vec<usize>, Vec<usize>) {
    let Cap::Units { limit, .. } = *cap;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut by_participant: Vec<Vec<usize>> = vec![Vec::new(); demand.claimants.len()];
    for (position, index) in units.iter().enumerate() {
        by_participant[demand.certificates[*index].participant].push(position);
    }
    let mut over = vec![false; units.len()];
    for (claimant, positions) in demand.claimants.iter().zip(&by_participant) {
        if positions.len() <= limit || !readings.cap_applies_to.contains(claimant.kind) {
            continue;
        }
        let frl = |position: &usize| demand.certificates[units[*position]].frl;
        let frl_units = positions.iter().filter(|position| frl(position)).count();
        // How many of the kept units have free or reduced-price lunch; `None` where lunch does not matter.
        let frl_kept = match readings.cap_selection {
            CapSelection::Earliest => None,
            CapSelection::FrlFirst => Some(frl_units.min(limit)),
            CapSelection::Proportional => Some(proportional(limit, frl_units, positions.len())),
        };
        let (mut frl_left, mut others_left) = match frl_kept {
            None => (limit, limit),
            Some(kept) => (kept, limit - kept),
        };
        for position in positions {
            let left = if frl_kept.is_none() || frl(position) {
                &mut frl_left
            } else {
                &mut others_left
            };
            over[*position] = *left == 0;
            *left = left.saturating_sub(1);
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

/// limit x FRL / all, halves up. The limit is below all units, so that both groups can fill it: nothing is left to clip.
fn proportional(limit: usize, frl_units: usize, all: usize) -> usize {
    (2 * limit * frl_units + all) / (2 * all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenth() -> Share {
        Share {
            text: "0.10".into(),
            numerator: 1,
            denominator: 10,
        }
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
        for all in 1..=60_usize {
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
