//! The table of tiers, as `run` and `preview` print it.

use super::console::{Tone, in_column, toned};
use crate::money::Money;
use crate::rules::Tier;
use crate::words::thousands;

/// Where the figures begin.
const NAME_WIDTH: usize = 26;

/// The headings; the last column says whether its amounts are paid or expected.
pub(super) fn headings(amount: &str) -> String {
    let line = format!(
        "{:<NAME_WIDTH$}{:>8}{:>10}{:>12}{:>12}{:>18}",
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
    let name = in_column(&format!("{} {}", tier.number, tier.name), NAME_WIDTH);
    format!(
        "{name}{:>8}{:>10}{:>12}{:>12}{:>18}",
        thousands(units),
        thousands(over_cap),
        rate.grouped(),
        frl_rate.grouped(),
        amount.grouped()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_too_long_for_its_column_is_told_whole_above_its_figures() {
        let rules = crate::rules::built_in("co-cdip-2024-25").unwrap().unwrap();
        let mut tier = rules.tiers[0].clone();
        let shown = |tier: &Tier| line(tier, [18, 0], [Money::ZERO; 3]);
        // "1 " and 23 letters are the 25 that fit; one letter more does not.
        tier.name = "a".repeat(23);
        let figures = format!(
            "{:>8}{:>10}{:>12}{:>12}{:>18}",
            18, 0, "$0.00", "$0.00", "$0.00"
        );
        assert_eq!(shown(&tier), format!("1 {} {figures}", "a".repeat(23)));
        tier.name = "a".repeat(24);
        assert_eq!(
            shown(&tier),
            format!("1 {}\n{:26}{figures}", "a".repeat(24), "")
        );
    }
}
