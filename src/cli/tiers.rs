//! The table of tiers, as `run` and `preview` print it.

use super::console::{Tone, toned};
use crate::money::Money;
use crate::rules::Tier;
use crate::words::thousands;

/// Letters of a tier's name that fit its column.
const NAME_MAX: usize = 25;

/// The headings; the last column says whether its amounts are paid or expected.
pub(super) fn headings(amount: &str) -> String {
    let line = format!(
        "{:<26}{:>8}{:>10}{:>12}{:>12}{:>18}",
        "Tier", "Units", "Over cap", "Rate", "FRL rate", amount
    );
    toned(&line, Tone::Strong)
}

/// A tier's line: units and those over the cap; both rates and the amount.
pub(super) fn line(
    tier: &Tier,
    [units, over_cap]: [u64; 2],
    [rate, frl_rate, amount]: [Money; 3],
) -> String {
    let name = format!("{} {}", tier.number, tier.name);
    let name: String = name.chars().take(NAME_MAX).collect();
    format!(
        "{name:<26}{:>8}{:>10}{:>12}{:>12}{:>18}",
        thousands(units),
        thousands(over_cap),
        rate.grouped(),
        frl_rate.grouped(),
        amount.grouped()
    )
}
