//! How a tier came to its cap and its rate, in words.

use crate::allocation::TierResult;
use crate::money::Money;
use crate::report::workbook::context::Workbooks;
use crate::rules::RuleSet;
use crate::rules::readings::{CapMoney, CapSelection, Rounding};
use crate::words::{counted, thousands, weight};

/// Decimals shown of a quotient, which is then cut.
const QUOTIENT_DECIMALS: usize = 6;

/// Money by weight, cut after six decimals and never rounded: `$730.769230…`, `$500.00`. None without weight.
pub(super) fn quotient(result: &TierResult) -> Option<std::borrow::Cow<'static, str>> {
    let weight = u128::from(result.demand_hundredths);
    let cents = u128::try_from(result.money_before.cents()).unwrap_or(0);
    // cents / (hundredths / 100) is cents to the unit, so the dollars are cents / hundredths.
    let dollars = i64::try_from(cents.checked_div(weight)?).unwrap_or(i64::MAX);
    let mut remainder = cents % weight;
    let mut decimals = String::new();
    while decimals.len() < 2 || (remainder > 0 && decimals.len() < QUOTIENT_DECIMALS) {
        remainder *= 10;
        decimals.push_str(&(remainder / weight).to_string());
        remainder %= weight;
    }
    let whole = thousands(dollars.unsigned_abs());
    Some(
        format!(
            "${whole}.{decimals}{}",
            if remainder > 0 { "…" } else { "" }
        )
        .into(),
    )
}

/// How many units there are, and how many the cap allows.
pub(super) fn cap(report: &Workbooks<'_>, result: &TierResult) -> String {
    let readings = &report.calculation.batch.readings;
    let reached = counted(result.certificates, "certificate");
    let claimed = result.units + result.over_cap;
    let remain = if claimed == 1 { "remains" } else { "remain" };
    let claimed_in_words = counted(claimed, "unit");
    let units = match result.certificates - claimed {
        _ if result.certificates == 0 => "No certificate reached the tier. ".to_string(),
        0 if claimed == 1 => format!("{reached} reached the tier; it is a unit. "),
        0 => format!("{reached} reached the tier; each is a unit. "),
        1 => format!(
            "{reached} reached the tier. 1 of them is of a pupil who already has a unit; {claimed_in_words} {remain}. "
        ),
        before => format!(
            "{reached} reached the tier. {} of them are of pupils who already have a unit; {claimed_in_words} {remain}. ",
            thousands(before)
        ),
    };
    let Some(cap) = &result.cap else {
        return units;
    };
    let kept = match readings.cap_selection {
        CapSelection::Earliest => "the earliest are kept",
        CapSelection::FrlFirst => "those with free or reduced-price lunch are kept first",
        CapSelection::Proportional => "they are kept in proportion to free or reduced-price lunch",
    };
    let participants = result
        .shares
        .iter()
        .filter(|share| share.over_cap > 0)
        .count() as u64;
    let over = match participants {
        0 => "Nobody has more.".to_string(),
        _ => format!(
            "{} with {} above it: {kept}.",
            counted(participants, "participant"),
            counted(result.over_cap, "unit")
        ),
    };
    format!(
        "{units}{}: at most {} for one participant. {over} ",
        cap.calculated(readings),
        cap.most("unit")
    )
}

/// What a unit gets, and what is left.
pub(super) fn rate(report: &Workbooks<'_>, result: &TierResult) -> String {
    let rules = &report.calculation.batch.rules;
    let readings = &report.calculation.batch.readings;
    let before = result.money_before.grouped();
    let after = result.money_after.grouped();
    if result.units == 0 {
        return format!("There is nothing to pay; {after} is left.");
    }
    let units = format!(
        "{}{}, {} of them with free or reduced-price lunch, have a weight of {}",
        counted(result.units, "unit"),
        if result.cap.is_some() {
            " within the cap"
        } else {
            ""
        },
        thousands(result.frl_units),
        weight(result.weight_hundredths)
    );
    if result.money_before == Money::ZERO {
        return format!("{units}. No money is left for them: they are unfunded.");
    }
    if !result.prorated {
        return format!(
            "{units}. {before} pays them in full: {}. {} is paid and {after} is left.",
            at_rates(rules, result),
            result.paid.grouped()
        );
    }
    let demand = match readings.cap_money {
        CapMoney::StaysInTier => String::new(),
        CapMoney::ToNextTier => format!(
            " ({} with the units over the cap, which count in the demand)",
            weight(result.demand_hundredths)
        ),
    };
    let quotient = quotient(result).unwrap_or_default();
    let spread = match readings.rounding {
        Rounding::UniformFloor => {
            format!("{} = {} is paid", product(result), result.paid.grouped())
        }
        Rounding::LargestRemainder => format!(
            "{} is paid: the cents that rounding down leaves go one each to the largest fractions, so a row can get some cents more \
             than its rate",
            result.paid.grouped()
        ),
    };
    let carried = match readings.cap_money {
        CapMoney::StaysInTier => "nothing is left for later tiers".to_string(),
        CapMoney::ToNextTier => {
            format!("{after}, the share of the units over the cap, is left for later tiers")
        }
    };
    format!(
        "{units}{demand}. {before} ÷ {} = {quotient}, less than {}: the tier is prorated and {}. {spread}; {} is the tier's residual, \
         never carried on; {carried}.",
        weight(result.demand_hundredths),
        rules.per_unit.grouped(),
        at_rates(rules, result),
        result.residual.grouped()
    )
}

/// What a unit gets, lunch included.
fn at_rates(rules: &RuleSet, result: &TierResult) -> String {
    let floored = if result.prorated {
        ", rounded down to the cent,"
    } else {
        ""
    };
    format!(
        "each unit gets {}{floored} and one with free or reduced-price lunch {} × that, {}",
        result.rate.grouped(),
        rules.frl_multiplier,
        result.frl_rate.grouped()
    )
}

/// Units times rates: `7,000 × $730.76 + 5,000 × $876.91`.
fn product(result: &TierResult) -> String {
    let ordinary = format!(
        "{} × {}",
        thousands(result.units - result.frl_units),
        result.rate.grouped()
    );
    if result.frl_units == 0 {
        ordinary
    } else {
        format!(
            "{ordinary} + {} × {}",
            thousands(result.frl_units),
            result.frl_rate.grouped()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Share;

    fn tier(cents: i64, hundredths: u64) -> TierResult {
        TierResult {
            money_before: Money::from_cents(cents),
            certificates: 0,
            units: 0,
            frl_units: 0,
            cap: None,
            over_cap: 0,
            weight_hundredths: hundredths,
            demand_hundredths: hundredths,
            rate: Money::ZERO,
            frl_rate: Money::ZERO,
            paid: Money::ZERO,
            prorated: false,
            residual: Money::ZERO,
            money_after: Money::ZERO,
            shares: Vec::new(),
        }
    }

    #[test]
    fn a_quotient_is_cut_and_says_so() {
        // $9,500,000 / 13,000 = 730.76923076..
        assert_eq!(
            quotient(&tier(950_000_000, 1_300_000)).unwrap(),
            "$730.769230…"
        );
        assert_eq!(quotient(&tier(100_000, 200)).unwrap(), "$500.00");
        assert_eq!(
            quotient(&tier(1_000_000_000, 100)).unwrap(),
            "$10,000,000.00"
        );
        assert_eq!(quotient(&tier(1_000, 0)), None);
    }

    #[test]
    fn a_share_of_a_base_is_written_exactly() {
        let share = |text: &str, numerator, denominator| Share {
            text: text.into(),
            numerator,
            denominator,
        };
        assert_eq!(share("0.10", 10, 100).exactly(6_498), "649.8");
        assert_eq!(share("0.10", 1, 10).exactly(60_000), "6,000");
        assert_eq!(share("0.05", 5, 100).exactly(101), "5.05");
        assert_eq!(share("1", 1, 1).exactly(7), "7");
    }
}
