//! The supplement to the first tier.

use std::collections::BTreeMap;

use super::texts::Texts;
use super::tiers::{Tier, highest};

/// By position of the entity, cents.
pub fn of_the_first_tier(texts: &Texts, first: &Tier) -> BTreeMap<usize, i128> {
    let Some(available) = texts.supplement else {
        return BTreeMap::new();
    };
    let flagged = first
        .shares
        .iter()
        .filter(|(position, _)| texts.entities[**position].supplemented);
    let amounts: Vec<(usize, i128)> = flagged
        .map(|(position, share)| (*position, share.3))
        .collect();
    let sum: i128 = amounts.iter().map(|(_, amount)| amount).sum();
    let part = |amount: i128| highest(amount, |cents| cents * sum <= amount * available);
    amounts
        .into_iter()
        .filter(|_| sum > 0)
        .map(|(position, amount)| (position, part(amount)))
        .collect()
}

/// The batch gives a supplement, and the law of its year none.
pub fn is_of_no_law(texts: &Texts) -> bool {
    texts.supplement.is_some() && texts.rules.budget_year != 2023
}
