//! The rules of each year, and the figures that cannot be compared because rules changed.

use super::Years;
use crate::rules::parameters;
use crate::rules::readings::READINGS;
use crate::rules::{RuleSet, Source};
use crate::year::Year;

/// A rule that changes in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    pub from: Year,
    pub to: Year,
    /// The key: `amount.frl_multiplier`.
    pub key: String,
    /// Its meaning in words.
    pub meaning: &'static str,
    /// `1.00 -> 1.20`
    pub change: String,
    /// Its sources.
    pub because: Vec<String>,
    /// Which figures cannot be compared across the change, and why.
    pub effect: &'static str,
}

/// The effect of a changed rule on comparisons across the change.
#[derive(Clone, Copy)]
struct Effect {
    /// Whether units, pupils and dollars cannot be compared across it. Then no change is shown across it, and lines break.
    breaks: bool,
    /// What cannot be compared, and why.
    words: &'static str,
}

const fn breaks(words: &'static str) -> Effect {
    Effect {
        breaks: true,
        words,
    }
}

const fn moves_little(words: &'static str) -> Effect {
    Effect {
        breaks: false,
        words,
    }
}

/// The effects of the readings, by key. Those of the parameters are in their table (`rules/parameters.rs`): each breaks a comparison.
const OF_READINGS: &[(&str, Effect)] = &[
    (
        "unit",
        breaks(
            "Units, pupils, rates and dollars: an award is for a pupil in one year and for a completion in the other, and so the cap cuts off other rows \
             and pupils. Completions submitted can be compared.",
        ),
    ),
    ("cap_base", breaks("Units within the cap and over it.")),
    (
        "cap_rounding",
        moves_little("Units within the cap: its limit differs by one unit at most."),
    ),
    (
        "cap_selection",
        breaks(
            "Pupils with free or reduced-price lunch of participants over the cap, and what those participants are paid.",
        ),
    ),
    (
        "cap_applies_to",
        breaks("Units within the cap and over it, by kind."),
    ),
    (
        "cap_money",
        breaks("Rates of a tier with units over the cap, and what is left for later tiers."),
    ),
    ("rounding", moves_little("Single cents.")),
    (
        "cross_entity",
        moves_little("Rows held and qualified where two participants sent the same completion."),
    ),
];
/// For any other key.
const OTHER_EFFECT: &str = "Units and dollars: compare them with this change in mind.";

fn effect_of(key: &str) -> Option<Effect> {
    let Some(reading) = key.strip_prefix("readings.") else {
        return parameters::known(key).map(|known| breaks(known.effect));
    };
    let mut effects = OF_READINGS.iter();
    let (_, effect) = effects.find(|(key, _)| *key == reading)?;
    Some(*effect)
}

/// Whether units, pupils, rates and dollars under two sets of rules cannot be compared.
#[must_use]
pub fn is_break(before: &RuleSet, after: &RuleSet) -> bool {
    let changed = before.differences(after).values.into_iter();
    changed
        .filter_map(|difference| effect_of(&key_of(&difference.label)))
        .any(|effect| effect.breaks)
}

/// The positions of rules at which units, pupils, rates and dollars stop being comparable with earlier ones.
#[must_use]
pub fn breaks_of(rules: &[&RuleSet]) -> Vec<usize> {
    let pairs = rules.windows(2).enumerate();
    pairs
        .filter(|(_, pair)| is_break(pair[0], pair[1]))
        .map(|(at, _)| at + 1)
        .collect()
}

impl Years {
    /// Every change of the rules from one year to the next.
    #[must_use]
    pub fn rule_changes(&self) -> Vec<RuleChange> {
        let mut changes = Vec::new();
        for pair in self.years.windows(2) {
            let differences = pair[0].rules.differences(&pair[1].rules);
            for difference in differences.values {
                let key = key_of(&difference.label);
                let effect = effect_of(&key).map_or(OTHER_EFFECT, |effect| effect.words);
                changes.push(RuleChange {
                    from: pair[0].year,
                    to: pair[1].year,
                    meaning: meaning(&key),
                    key: difference.label,
                    change: difference.change,
                    because: cites(&difference.because),
                    effect,
                });
            }
        }
        changes
    }

    /// The positions of years at which units, pupils, rates and dollars stop being comparable with earlier ones.
    #[must_use]
    pub fn breaks(&self) -> Vec<usize> {
        let rules: Vec<&RuleSet> = self.years.iter().map(|facts| &facts.rules).collect();
        breaks_of(&rules)
    }

    /// Whether units, pupils, rates and dollars of all years can be compared.
    #[must_use]
    pub fn all_comparable(&self) -> bool {
        self.breaks().is_empty()
    }

    /// The position of the earliest year whose units, pupils, rates and dollars can be compared with those of the last.
    #[must_use]
    pub fn comparable_from(&self) -> usize {
        self.breaks().last().copied().unwrap_or(0)
    }
}

/// The sources, each once: two notes can cite the same paragraph.
fn cites(sources: &[&Source]) -> Vec<String> {
    let mut cites: Vec<String> = Vec::new();
    for source in sources {
        if !cites.contains(&source.cite) {
            cites.push(source.cite.clone());
        }
    }
    cites
}

/// `tier 1: cap_share` is about `tier.cap_share`.
fn key_of(label: &str) -> String {
    match label.split_once(": ") {
        Some((tier, key)) if tier.starts_with("tier ") => format!("tier.{key}"),
        _ => label.to_string(),
    }
}

fn meaning(key: &str) -> &'static str {
    let reading = key.strip_prefix("readings.");
    let doc = reading.and_then(|key| READINGS.iter().find(|doc| doc.key == key));
    doc.map(|doc| doc.question)
        .or_else(|| parameters::known(key).map(|known| known.meaning))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::built_in;

    #[test]
    fn every_reading_says_what_its_change_makes_incomparable_and_nothing_else_does() {
        let effects = OF_READINGS.iter().map(|(key, _)| *key);
        let readings = READINGS.iter().map(|doc| doc.key);
        assert!(
            effects.eq(readings),
            "OF_READINGS has a line for each reading, in their order"
        );
    }

    #[test]
    fn what_changed_in_2023_24_has_an_effect_of_its_own() {
        let rules = |id| built_in(id).unwrap().unwrap();
        let (before, after) = (rules("co-cdip-2022-23"), rules("co-cdip-2023-24"));
        let differences = before.differences(&after);
        assert!(differences.values.len() >= 3);
        for difference in differences.values {
            let key = key_of(&difference.label);
            assert!(effect_of(&key).is_some(), "{key}");
        }
        assert!(is_break(&before, &after));
        assert!(!is_break(&after, &rules("co-cdip-2024-25")));
    }
}
