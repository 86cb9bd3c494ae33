//! Prints what a change is worth to participants.

use std::cmp::Reverse;

use serde_json::{Value, json};

use crate::calculation::Calculation;
use crate::money::Money;

/// `+$5.00`, `-$5.00`, `=` for no change.
pub(super) fn signed(effect: Money) -> String {
    match effect.cents() {
        0 => "=".to_string(),
        cents if cents > 0 => format!("+{}", effect.grouped()),
        _ => effect.grouped(),
    }
}

/// Participants whose money changes, the largest change first.
pub(super) fn by_effect(effects: &[Money]) -> Vec<(usize, Money)> {
    let mut ranks: Vec<(usize, Money)> = effects
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, effect)| *effect != Money::ZERO)
        .collect();
    ranks.sort_by_key(|(rank, effect)| (Reverse(effect.cents().abs()), *rank));
    ranks
}

/// The same as JSON.
pub(super) fn effects_value(calculation: &Calculation, effects: &[Money]) -> Value {
    let participants = calculation.intake.participants.all();
    by_effect(effects)
        .into_iter()
        .map(|(rank, effect)| json!({ "participant": participants[rank].code(), "effect": effect }))
        .collect()
}
