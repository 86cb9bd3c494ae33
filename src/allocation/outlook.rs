//! The outlook: what the state as a whole asks of each tier, as totals; what that makes of limits and rates; and what a part of the rows
//! gets at those terms. The same cap, rate and amounts as the state's own allocation (calculation.md, section 3).

use super::cap::Cap;
use super::demand::Demand;
use super::fund::{FundedTier, Round, Stage, fund_tiers};
use super::invariants::{self, Broken};
use super::rate::{self, Pot, RateTerms, pay};
use super::result::{Allocation, TierResult, TierShare};
use crate::money::Money;
use crate::ranks::TierRank;
use crate::rules::readings::{Readings, Rounding};
use crate::rules::{RuleSet, Weight};

/// What the whole state asks of one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierDemand {
    /// Rows that reach the tier.
    pub certificates: u64,
    /// What the cap is a share of, under the reading `cap_base`; unused without a cap.
    pub cap_base: u64,
    /// Units within the cap.
    pub units: u64,
    /// Those of them with free or reduced-price lunch.
    pub frl_units: u64,
    /// Units beyond the cap.
    pub over_cap: u64,
    /// Those of them with free or reduced-price lunch.
    pub over_cap_frl: u64,
}

/// The terms of a tier for everybody in the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierTerms {
    /// The money before it.
    pub money_before: Money,
    /// The most that one participant may be paid for.
    pub cap: Option<Cap>,
    /// What an ordinary unit gets, floored to the cent.
    pub rate: Money,
    /// What a unit with free or reduced-price lunch gets.
    pub frl_rate: Money,
    /// Whether the money is short.
    pub prorated: bool,
    /// What all units get together; under `largest_remainder` the whole pot to the cent.
    pub paid: Money,
    /// What a prorated tier leaves undistributed.
    pub residual: Money,
    /// What goes on to the next tier.
    pub money_after: Money,
    pub(super) terms: RateTerms,
}

impl TierTerms {
    /// The weight that the money is divided by, in hundredths.
    #[must_use]
    pub const fn demand_hundredths(&self) -> u64 {
        self.terms.demand_hundredths
    }
}

/// The weight of some units, in hundredths.
fn weight(rules: &RuleSet, units: u64, frl_units: u64) -> u64 {
    let others = units - frl_units.min(units);
    others * u64::from(Weight::ONE.hundredths())
        + frl_units * u64::from(rules.frl_multiplier.hundredths())
}

/// The terms of every tier, from the state's demand and the money: sections 3.2, 3.3 and 3.5 on totals.
#[must_use]
pub fn terms(
    rules: &RuleSet,
    readings: &Readings,
    demand: &[TierDemand],
    available: Money,
) -> Vec<TierTerms> {
    let mut money = available;
    let tiers = TierRank::all(rules.tiers.len())
        .zip(demand)
        .map(|(tier, demand)| {
            let cap = Cap::of(rules, tier, demand.cap_base, readings.cap_rounding);
            let pot = Pot {
                money,
                within_hundredths: weight(rules, demand.units, demand.frl_units),
                over_cap_hundredths: weight(rules, demand.over_cap, demand.over_cap_frl),
                units: demand.units,
            };
            let terms = rate::terms(
                rules.per_unit,
                rules.frl_multiplier,
                readings.cap_money,
                &pot,
            );
            let paid = if readings.rounding == Rounding::LargestRemainder && terms.prorated {
                pay(terms.money, pot.within_hundredths, terms.demand_hundredths).0
            } else {
                let times =
                    |rate: Money, units: u64| rate.cents() * i64::try_from(units).unwrap_or(0);
                Money::from_cents(
                    times(terms.rate, demand.units - demand.frl_units)
                        + times(terms.frl_rate, demand.frl_units),
                )
            };
            let (residual, money_after) = rate::settle(&terms, &pot, paid);
            let money_before = std::mem::replace(&mut money, money_after);
            let (rate, frl_rate, prorated) = (terms.rate, terms.frl_rate, terms.prorated);
            TierTerms {
                money_before,
                cap,
                rate,
                frl_rate,
                prorated,
                paid,
                residual,
                money_after,
                terms,
            }
        });
    tiers.collect()
}

/// A part of the state's rows at the state's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Units, amounts and outcomes of the part; the money of its tiers is the whole state's.
    pub allocation: Allocation,
    /// Cents that the part may get beyond its amounts: under `largest_remainder` one for each participant and prorated tier whose share is
    /// not whole, because the missing cents go to the largest fractions of the whole state. Zero otherwise.
    pub cents_more_max: i64,
}

/// What a part of the rows gets at the state's terms. The supplement is not part of it.
///
/// # Errors
/// [`Broken`] when a result contradicts section 5: a defect of the program.
pub fn part(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
    state: &[TierTerms],
) -> Result<Part, Broken> {
    // What a participant gets under largest_remainder is floor(p x W) or a cent more. Which participant gets the cent depends on
    // the whole state, so floors are taken here, participant by participant.
    let (tiers, awards) = fund_tiers(rules, readings, demand, |round, stage| {
        at_the_states_terms(round, stage, &state[stage.tier])
    });
    let unspent = tiers
        .last()
        .map_or(demand.available, |tier| tier.money_after);
    let supplements = vec![Money::ZERO; demand.claimants.len()];
    let mut allocation = Allocation {
        tiers,
        awards,
        supplements,
        unspent,
    };
    let cents_more_max = if readings.rounding == Rounding::LargestRemainder {
        floor_shares(rules, &mut allocation, state)
    } else {
        0
    };
    invariants::check_part(rules, readings, demand, &allocation)?;
    Ok(Part {
        allocation,
        cents_more_max,
    })
}

/// Funds a tier of a part of the state's rows.
fn at_the_states_terms(round: &mut Round<'_>, stage: &Stage, state: &TierTerms) -> TierResult {
    let split = round.split(stage, state.cap.as_ref());
    let shares = round.award(stage, &split, &state.terms);
    let settled = FundedTier {
        terms: state.terms,
        cap: state.cap.clone(),
        shares,
        residual: state.residual,
        money_after: state.money_after,
    };
    stage.result(&split, settled)
}

/// Floors what each participant gets in each prorated tier. Gives the cents that the state may add.
fn floor_shares(rules: &RuleSet, allocation: &mut Allocation, state: &[TierTerms]) -> i64 {
    let mut cents_more_max = 0;
    let prorated = allocation
        .tiers
        .iter_mut()
        .zip(state)
        .filter(|(_, terms)| terms.prorated);
    for (tier, terms) in prorated {
        let mut paid = Money::ZERO;
        for share in &mut tier.shares {
            let (floor, rest) = pay(
                terms.terms.money,
                weight(rules, share.units, share.frl_units),
                terms.terms.demand_hundredths,
            );
            cents_more_max += i64::from(rest > 0);
            *share = TierShare {
                amount: floor,
                ..*share
            };
            paid += floor;
        }
        tier.paid = paid;
    }
    cents_more_max
}
