//! The supplement of budget year 2023-24, subsection (5)(f) (calculation.md, section 4).

use super::demand::Demand;
use super::result::TierResult;
use crate::money::Money;

/// By participant: its amount in tier 1 x min(1, pool / sum of those amounts), floored to the cent; nothing without a pool or
/// for participants that do not require a completion.
pub(super) fn supplements(demand: &Demand, tiers: &[TierResult]) -> Vec<Money> {
    let mut supplements = vec![Money::ZERO; demand.claimants.len()];
    let (Some(pool), Some(first)) = (demand.supplement, tiers.first()) else {
        return supplements;
    };
    let asked: Vec<i128> = demand
        .claimants
        .iter()
        .zip(&first.shares)
        .map(|(claimant, share)| {
            if claimant.requires_completion {
                i128::from(share.amount.cents())
            } else {
                0
            }
        })
        .collect();
    let sum: i128 = asked.iter().sum();
    let pool = i128::from(pool.cents());
    for (supplement, asked) in supplements.iter_mut().zip(asked) {
        let cents = if sum <= pool {
            asked
        } else {
            asked * pool / sum
        };
        // At most the tier-1 amount, which is 64 bits.
        *supplement = Money::from_cents(i64::try_from(cents).unwrap_or(i64::MAX));
    }
    supplements
}
