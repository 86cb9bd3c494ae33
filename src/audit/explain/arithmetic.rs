//! Arithmetic written out: how a limit, a rate or a share of a cent is calculated.

use crate::allocation::{Cap, TierResult};
use crate::money::Money;
use crate::rules::Weight;
use crate::rules::readings::{CapBase, CapRounding, Readings};
use crate::words::thousands;

/// `Limit: 0.10 x 401 certificates of the tier = 40.1, rounded down: 40`.
pub(super) fn cap_arithmetic(cap: &Cap, readings: &Readings) -> String {
    let Cap::Units { share, base, limit } = cap;
    let what = match readings.cap_base {
        CapBase::Qualified => "certificates of the tier",
        CapBase::Reported => "reported rows of the tier",
    };
    let (of, exactly) = (thousands(*base), share.exactly(*base));
    let start = format!("Limit: {} x {of} {what} = {exactly}", share.text);
    if share.is_whole(*base) {
        return start;
    }
    let how = match readings.cap_rounding {
        CapRounding::Floor => "rounded down",
        CapRounding::Nearest => "rounded to the nearest",
        CapRounding::Ceiling => "rounded up",
    };
    format!("{start}, {how}: {}", thousands(*limit))
}

/// The keys of what a cap rests on: its parameter, and readings besides `cap_selection`. Rounding matters only if there is a fraction.
pub(super) fn keys_of(cap: &Cap) -> (&'static str, Vec<&'static str>) {
    let Cap::Units { share, base, .. } = cap;
    let mut readings = vec!["cap_base"];
    if !share.is_whole(*base) {
        readings.push("cap_rounding");
    }
    ("tier.cap_share", readings)
}

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
