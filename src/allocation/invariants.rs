//! What must always hold (calculation.md, section 5), asserted after every allocation, in release builds too.

use std::collections::HashSet;

use super::{Allocation, AwardOutcome, Demand};
use crate::money::Money;
use crate::rules::readings::{CapMoney, Readings, Rounding, Unit};
use crate::rules::{RuleSet, Weight};

/// An invariant that does not hold: a defect of the program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a broken invariant: {0}")]
pub struct Broken(pub String);

/// `Err` with the sentence that is not true.
pub(crate) fn hold(holds: bool, sentence: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(sentence())) }
}

/// Checks an allocation against section 5.
///
/// # Errors
/// The first sentence that does not hold.
pub fn check(rules: &RuleSet, readings: &Readings, demand: &Demand, allocation: &Allocation) -> Result<(), Broken> {
    money_is_conserved(demand, allocation)?;
    units_are_paid_within_bounds(rules, readings, demand, allocation)?;
    caps_hold(readings, demand, allocation)?;
    if readings.unit == Unit::Pupil {
        no_pupil_is_paid_twice(demand, allocation)?;
    }
    if readings.cap_money == CapMoney::StaysInTier {
        let short = allocation.tiers.iter().position(|tier| tier.prorated).unwrap_or(allocation.tiers.len());
        let later = allocation.tiers.iter().skip(short + 1).all(|tier| tier.paid == Money::ZERO);
        hold(later, || "no tier pays while an earlier one is prorated".into())?;
    }
    Ok(())
}

/// Checks what must hold of a part of the state's rows that is paid at the whole state's terms: everything but the sum of the money, which
/// is not this part's.
///
/// # Errors
/// The first sentence that does not hold.
pub fn check_part(rules: &RuleSet, readings: &Readings, demand: &Demand, allocation: &Allocation) -> Result<(), Broken> {
    units_are_paid_within_bounds(rules, readings, demand, allocation)?;
    caps_hold(readings, demand, allocation)?;
    if readings.unit == Unit::Pupil {
        no_pupil_is_paid_twice(demand, allocation)?;
    }
    Ok(())
}

fn money_is_conserved(demand: &Demand, allocation: &Allocation) -> Result<(), Broken> {
    let residuals: Money = allocation.tiers.iter().map(|tier| tier.residual).sum();
    hold(demand.available == allocation.paid() + residuals + allocation.unspent, || {
        format!("available {} = paid {} + residuals {residuals} + unspent {}", demand.available, allocation.paid(), allocation.unspent)
    })?;
    let rows: Money = allocation.awards.iter().map(|award| award.amount).sum();
    hold(rows == allocation.paid(), || format!("rows' amounts {rows} = paid {}", allocation.paid()))?;
    let none_negative = allocation
        .tiers
        .iter()
        .flat_map(|tier| [tier.money_before, tier.paid, tier.residual, tier.money_after])
        .chain(allocation.supplements.iter().copied())
        .all(|amount| amount >= Money::ZERO);
    hold(none_negative, || "no amount is below zero".into())?;
    let pool = demand.supplement.unwrap_or_default();
    hold(allocation.supplement() <= pool, || format!("supplement {} is within its pool {pool}", allocation.supplement()))
}

fn units_are_paid_within_bounds(rules: &RuleSet, readings: &Readings, demand: &Demand, allocation: &Allocation) -> Result<(), Broken> {
    hold(allocation.awards.len() == demand.certificates.len(), || "every certificate has one award".into())?;
    for (certificate, award) in demand.certificates.iter().zip(&allocation.awards) {
        let weight = if certificate.frl { rules.frl_multiplier } else { Weight::ONE };
        let most = (i128::from(rules.per_unit.cents()) * i128::from(weight.hundredths()) + 99) / 100;
        hold(i128::from(award.amount.cents()) <= most, || {
            format!("row {} gets {} and no more than per_unit x {weight}", certificate.row, award.amount)
        })?;
        let pays = award.outcome == AwardOutcome::Paid;
        hold(pays == (award.amount > Money::ZERO), || format!("row {} has an amount exactly if it is paid", certificate.row))?;
        let tier = &allocation.tiers[award.tier];
        if pays && (readings.rounding == Rounding::UniformFloor || !tier.prorated) {
            let rate = if certificate.frl { tier.frl_rate } else { tier.rate };
            hold(award.amount == rate, || format!("row {} gets the rate of its tier like its equals", certificate.row))?;
        }
    }
    Ok(())
}

fn caps_hold(readings: &Readings, demand: &Demand, allocation: &Allocation) -> Result<(), Broken> {
    for tier in &allocation.tiers {
        let Some(limit) = tier.cap_limit else { continue };
        for (claimant, share) in demand.claimants.iter().zip(&tier.shares) {
            let bound = readings.cap_applies_to.contains(claimant.kind);
            hold(!bound || share.units <= limit, || format!("{} units are within the cap of {limit}", share.units))?;
        }
    }
    Ok(())
}

fn no_pupil_is_paid_twice(demand: &Demand, allocation: &Allocation) -> Result<(), Broken> {
    let mut paid = HashSet::new();
    for (certificate, award) in demand.certificates.iter().zip(&allocation.awards) {
        if award.outcome == AwardOutcome::Paid {
            hold(paid.insert(certificate.sasid), || format!("the pupil of row {} is paid once", certificate.row))?;
        }
    }
    Ok(())
}
