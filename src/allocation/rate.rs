//! The rate: what one unit of a tier gets, and what the tier leaves (calculation.md, sections 3.3 and 3.5).
//!
//! The exact rate p is a fraction; it is never rounded on the way. Every product is taken in 128 bits:
//! cents (below 10^13) x hundredths of weight (below 10^12) stay far below 2^127.

use crate::money::Money;
use crate::rules::Weight;
use crate::rules::readings::CapMoney;

/// The money of a tier and what is asked of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pot {
    /// Before the tier.
    pub(super) money: Money,
    /// Weight of the units within the cap.
    pub(super) within_hundredths: u64,
    /// Weight of the units over the cap.
    pub(super) over_cap_hundredths: u64,
    /// Units within the cap.
    pub(super) units: u64,
}

/// What a tier pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RateTerms {
    /// What an ordinary unit gets, floored.
    pub(super) rate: Money,
    /// What a unit with free or reduced-price lunch gets.
    pub(super) frl_rate: Money,
    /// Whether the money is short: p is then money / demand.
    pub(super) prorated: bool,
    /// Weight that the money is divided by.
    pub(super) demand_hundredths: u64,
    /// The money of the tier, as p's numerator.
    pub(super) money: Money,
    /// Whether over-cap weight takes its share along.
    pub(super) carries_over_cap: bool,
}

/// floor(money x weight / demand): what p pays for a weight, in whole cents, and the remainder over the demand.
pub(super) fn pay(money: Money, weight_hundredths: u64, demand_hundredths: u64) -> (Money, u128) {
    let product = u128::try_from(money.cents()).unwrap_or(0) * u128::from(weight_hundredths);
    let demand = u128::from(demand_hundredths.max(1));
    // Weight is part of the demand, so the quotient is at most the money.
    let cents = i64::try_from(product / demand).unwrap_or(i64::MAX);
    (Money::from_cents(cents), product % demand)
}

/// The terms of a tier.
pub(super) fn terms(
    per_unit: Money,
    frl_multiplier: Weight,
    cap_money: CapMoney,
    pot: &Pot,
) -> RateTerms {
    let carries_over_cap = cap_money == CapMoney::ToNextTier;
    let demand_hundredths = pot.within_hundredths
        + if carries_over_cap {
            pot.over_cap_hundredths
        } else {
            0
        };
    let one = u64::from(Weight::ONE.hundredths());
    // p < per_unit  <=>  money x 100 < per_unit x demand
    let asked = i128::from(per_unit.cents()) * i128::from(demand_hundredths);
    let short = i128::from(pot.money.cents()) * i128::from(one) < asked;
    let prorated = short && pot.units > 0;
    let rate = match (pot.units, short) {
        (0, _) => Money::ZERO,
        (_, true) => pay(pot.money, one, demand_hundredths).0,
        (_, false) => per_unit,
    };
    RateTerms {
        rate,
        frl_rate: frl_multiplier.at(rate),
        prorated,
        demand_hundredths,
        money: pot.money,
        carries_over_cap,
    }
}

/// (residual, money after).
pub(super) fn settle(terms: &RateTerms, pot: &Pot, paid: Money) -> (Money, Money) {
    let left = pot.money - paid;
    if !terms.prorated {
        return (Money::ZERO, left);
    }
    let carried = if terms.carries_over_cap {
        pay(
            terms.money,
            pot.over_cap_hundredths,
            terms.demand_hundredths,
        )
        .0
    } else {
        Money::ZERO
    };
    (left - carried, carried)
}
