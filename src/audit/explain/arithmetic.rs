//! Arithmetic written out: how a limit, a rate or a share of a cent is calculated.

use crate::allocation::TierResult;
use crate::money::Money;
use crate::rules::Weight;
use crate::words::thousands;

/// An amount in hundredths of a cent with four decimals: `$790.0560`.
pub(super) fn in_fractions(hundredths_of_cents: i128) -> String {
    let whole = u64::try_from(hundredths_of_cents / 10_000).unwrap_or(0);
    format!("${}.{:04}", thousands(whole), hundredths_of_cents % 10_000)
}

/// An exact amount in hundredths of a cent, and floored to the cent: `$790.056, floored to $790.05`.
pub(super) fn floored(hundredths_of_cents: i128, floor: Money) -> String {
    if hundredths_of_cents % 100 == 0 {
        return floor.grouped();
    }
    format!(
        "{}, floored to {}",
        in_fractions(hundredths_of_cents).trim_end_matches('0'),
        floor.grouped()
    )
}

/// A weight's share of a tier's money before it is settled to cents, with four decimals.
pub(super) fn exact_share(result: &TierResult, unit: Weight) -> String {
    let demand = i128::from(result.demand_hundredths.max(1));
    let share = i128::from(result.money_before.cents()) * i128::from(unit.hundredths()) * 100;
    format!(
        "{}{}",
        in_fractions(share / demand),
        if share % demand == 0 { "" } else { "..." }
    )
}
