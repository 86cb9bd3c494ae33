//! The rules of each year, and the figures that cannot be compared because rules changed.

use super::Years;
use crate::rules::parameters::meaning_of;
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
struct Effect {
    /// The key of a parameter or reading; with a `*` at its end, of all that begin so.
    key: &'static str,
    /// Whether units, pupils and dollars cannot be compared across it. Then no change is shown across it, and lines break.
    breaks: bool,
    /// What cannot be compared, and why.
    words: &'static str,
}

const fn breaks(key: &'static str, words: &'static str) -> Effect {
    Effect {
        key,
        breaks: true,
        words,
    }
}

const fn moves_little(key: &'static str, words: &'static str) -> Effect {
    Effect {
        key,
        breaks: false,
        words,
    }
}

const EFFECTS: &[Effect] = &[
    breaks(
        "amount.per_unit",
        "Rates, dollars and the cost of full funding: the amount of an award differs.",
    ),
    breaks(
        "amount.frl_multiplier",
        "Rates and dollars of units with free or reduced-price lunch, and the cost of full funding. A prorated rate is lower where units weigh more.",
    ),
    breaks(
        "eligibility.grades",
        "Qualified rows, units, pupils and dollars: pupils of other grades count.",
    ),
    breaks(
        "eligibility.ap_score_min",
        "Qualified rows, units, pupils and dollars of AP courses, and every total with them.",
    ),
    breaks(
        "eligibility.graduation_credit_required",
        "Qualified rows, units, pupils and dollars of the categories named, and every total with them.",
    ),
    breaks(
        "eligibility.participant_kinds",
        "Every total of units, pupils and dollars: of the state, and by kind, sector, category and tier. Some kinds are paid in one of the years only. \
         Participants of a kind that is paid in both years can be compared.",
    ),
    breaks(
        "tier.categories",
        "Everything by tier: a tier has different categories. Rates and dollars by category too, because a tier is paid before the next.",
    ),
    breaks(
        "tier.cap_*",
        "Units within the cap and over it, their pupils, and what the largest participants are paid.",
    ),
    breaks(
        "readings.unit",
        "Units, pupils, rates and dollars: an award is for a pupil in one year and for a completion in the other, and so the cap cuts off other rows \
         and pupils. Completions submitted can be compared.",
    ),
    breaks("readings.cap_base", "Units within the cap and over it."),
    moves_little(
        "readings.cap_rounding",
        "Units within the cap: its limit differs by one unit at most.",
    ),
    breaks(
        "readings.cap_selection",
        "Pupils with free or reduced-price lunch of participants over the cap, and what those participants are paid.",
    ),
    breaks(
        "readings.cap_applies_to",
        "Units within the cap and over it, by kind.",
    ),
    breaks(
        "readings.cap_money",
        "Rates of a tier with units over the cap, and what is left for later tiers.",
    ),
    moves_little("readings.rounding", "Single cents."),
    moves_little(
        "readings.cross_entity",
        "Rows held and qualified where two participants sent the same completion.",
    ),
];
/// For any other key.
const OTHER_EFFECT: &str = "Units and dollars: compare them with this change in mind.";

fn effect_of(key: &str) -> Option<&'static Effect> {
    let of = |effect: &&Effect| match effect.key.strip_suffix('*') {
        Some(begins) => key.starts_with(begins),
        None => key == effect.key,
    };
    EFFECTS.iter().find(of)
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
        .or_else(|| meaning_of(key))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::built_in;
    use crate::rules::parameters::keys;

    /// Every parameter and reading.
    fn known() -> impl Iterator<Item = String> {
        let readings = READINGS.iter().map(|doc| format!("readings.{}", doc.key));
        keys().chain(readings)
    }

    #[test]
    fn every_effect_is_about_a_parameter_or_a_reading_that_there_is() {
        let with_effect: Vec<&Effect> = known().filter_map(|key| effect_of(&key)).collect();
        for Effect { key, .. } in EFFECTS {
            assert!(with_effect.iter().any(|effect| effect.key == *key), "{key}");
        }
    }

    #[test]
    fn every_parameter_and_reading_says_what_its_change_makes_incomparable() {
        let without: Vec<String> = known().filter(|key| effect_of(key).is_none()).collect();
        assert!(without.is_empty(), "add a line to EFFECTS for {without:?}");
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
