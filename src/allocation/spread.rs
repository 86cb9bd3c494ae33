//! Amounts: which unit gets how many cents (calculation.md, section 3.4).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::demand::Certificate;
use super::rate::{RateTerms, pay};
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::rules::Weight;
use crate::rules::readings::Rounding;

/// The amount of each unit, in the order given.
pub(super) fn amounts(
    reading: Rounding,
    terms: &RateTerms,
    certificates: &[Certificate],
    units: &[usize],
    weight_of: impl Fn(usize) -> Weight,
) -> Vec<Money> {
    if reading == Rounding::LargestRemainder && terms.prorated {
        return largest_remainder(terms, certificates, units, weight_of);
    }
    units
        .iter()
        .map(|index| {
            if certificates[*index].frl {
                terms.frl_rate
            } else {
                terms.rate
            }
        })
        .collect()
}

/// The whole pot to the cent: first among participants, then inside each among its rows.
fn largest_remainder(
    terms: &RateTerms,
    certificates: &[Certificate],
    units: &[usize],
    weight_of: impl Fn(usize) -> Weight,
) -> Vec<Money> {
    let weight = |index: usize| u64::from(weight_of(index).hundredths());
    let exact = |weight: u64| pay(terms.money, weight, terms.demand_hundredths);

    // Positions in `units` by participant, ascending: ties among participants go to the first.
    let mut by_participant: BTreeMap<ParticipantRank, Vec<usize>> = BTreeMap::new();
    for (position, index) in units.iter().enumerate() {
        by_participant
            .entry(certificates[*index].participant)
            .or_default()
            .push(position);
    }
    let weights: Vec<u64> = by_participant
        .values()
        .map(|positions| {
            positions
                .iter()
                .map(|position| weight(units[*position]))
                .sum()
        })
        .collect();
    let (total, _) = exact(weights.iter().sum());
    let totals = fill(total, weights.iter().map(|weight| exact(*weight)).collect());

    let mut amounts = vec![Money::ZERO; units.len()];
    for (mut positions, total) in by_participant.into_values().zip(totals) {
        positions.sort_unstable_by_key(|position| {
            let certificate = &certificates[units[*position]];
            (certificate.sasid, certificate.program, certificate.row)
        });
        let filled = fill(
            total,
            positions
                .iter()
                .map(|position| exact(weight(units[*position])))
                .collect(),
        );
        for (position, amount) in positions.into_iter().zip(filled) {
            amounts[position] = amount;
        }
    }
    amounts
}

/// Adds the cents that flooring lost, one each, to the largest fractions; among equal fractions to the first.
fn fill(total: Money, parts: Vec<(Money, u128)>) -> Vec<Money> {
    let missing = total - parts.iter().map(|(floor, _)| *floor).sum();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|part| Reverse(parts[*part].1));
    let mut amounts: Vec<Money> = parts.into_iter().map(|(floor, _)| floor).collect();
    for part in order
        .into_iter()
        .take(usize::try_from(missing.cents()).unwrap_or(0))
    {
        amounts[part] += Money::from_cents(1);
    }
    amounts
}
