//! The allocation (calculation.md, sections 3 to 5): from certificates to amounts. Pure and exact: no files, no frames, no clock,
//! no binary fractions.
//!
//! A tier is: `units` (what one award is paid for), `cap` (how many one participant may have), `rate` (what one unit gets),
//! `spread` (which unit gets how many cents). Then the `supplement`, and `invariants` proves the whole.

mod cap;
mod demand;
mod fund;
pub mod invariants;
pub mod outlook;
mod rate;
mod result;
mod spread;
mod supplement;
mod units;

use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use fund::{at_own_terms, fund_tiers};

pub use cap::{Cap, Limit};
pub use demand::{Certificate, Claimant, Demand};
pub use invariants::Broken;
pub use result::{Allocation, Award, AwardOutcome, TierResult, TierShare};

/// Allocates the money.
///
/// # Errors
/// [`Broken`] when a result contradicts section 5: a defect of the program, never of the input.
///
/// # Panics
/// If a certificate names a participant that does not exist or a category without a tier: the caller's defect.
pub fn allocate(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
) -> Result<Allocation, Broken> {
    let (tiers, awards) = fund_tiers(rules, readings, demand, at_own_terms);
    let supplements = supplement::supplements(demand, &tiers);
    let unspent = tiers
        .last()
        .map_or(demand.available, |tier| tier.money_after);
    let allocation = Allocation {
        tiers,
        awards,
        supplements,
        unspent,
    };
    invariants::check(rules, readings, demand, &allocation)?;
    Ok(allocation)
}
