//! Which rules held in which year, and which figures of two years cannot be compared because of them.

use super::Years;
use crate::rules::parameters::meaning_of;
use crate::rules::readings::READINGS;
use crate::year::Year;

/// A rule that is another one from a year on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    pub from: Year,
    pub to: Year,
    /// The key: `amount.frl_multiplier`.
    pub key: String,
    /// What it means, in words.
    pub meaning: &'static str,
    /// `1.00 -> 1.20`
    pub change: String,
    /// What says so.
    pub because: Vec<String>,
    /// Which figures cannot be compared across the change, and why.
    pub effect: &'static str,
}

/// By the key of a parameter or reading: what cannot be compared across its change.
const EFFECTS: [(&str, &str); 14] = [
    (
        "amount.per_unit",
        "Rates, dollars and the cost of full funding: the amount of an award differs.",
    ),
    (
        "amount.frl_multiplier",
        "Rates and dollars of units with free or reduced-price lunch, and the cost of full funding. A prorated rate is lower where units weigh more.",
    ),
    (
        "eligibility.grades",
        "Qualified rows, units and dollars: pupils of other grades count.",
    ),
    (
        "eligibility.ap_score_min",
        "Qualified rows, units and dollars of AP courses.",
    ),
    (
        "eligibility.graduation_credit_required",
        "Qualified rows, units and dollars of the categories named.",
    ),
    (
        "eligibility.participant_kinds",
        "Totals by kind, and the number of participants: some kinds are paid in one year only.",
    ),
    (
        "tier.categories",
        "Everything by tier: a tier has different categories. By category they can be compared.",
    ),
    (
        "tier.cap_share",
        "Units within the cap and beyond it, and what the largest participants are paid.",
    ),
    (
        "readings.unit",
        "Units, rates and dollars by unit: an award is for a pupil in one year and for a completion in the other. Pupils and completions can be compared.",
    ),
    ("readings.cap_base", "Units within the cap and beyond it."),
    (
        "readings.cap_applies_to",
        "Units within the cap and beyond it, by kind.",
    ),
    (
        "readings.cap_money",
        "Rates of a tier with units beyond the cap, and what later tiers are left.",
    ),
    ("readings.rounding", "Single cents."),
    (
        "readings.cross_entity",
        "Rows held and qualified where two participants sent the same completion.",
    ),
];
/// Of any other key.
const OTHER_EFFECT: &str = "Units and dollars: compare them with this change in mind.";

impl Years {
    /// Every change of the rules from one year to the next.
    #[must_use]
    pub fn rule_changes(&self) -> Vec<RuleChange> {
        let mut changes = Vec::new();
        for pair in self.years.windows(2) {
            let differences = pair[0].rules.differences(&pair[1].rules);
            for difference in differences.values {
                let key = key_of(&difference.label);
                let effect = EFFECTS.iter().find(|(known, _)| *known == key);
                changes.push(RuleChange {
                    from: pair[0].year,
                    to: pair[1].year,
                    meaning: meaning(&key),
                    key: difference.label,
                    change: difference.change,
                    because: difference
                        .because
                        .iter()
                        .map(|source| source.cite.clone())
                        .collect(),
                    effect: effect.map_or(OTHER_EFFECT, |(_, effect)| effect),
                });
            }
        }
        changes
    }
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

    #[test]
    fn every_effect_is_about_a_parameter_or_a_reading_that_there_is() {
        for (key, _) in EFFECTS {
            assert!(!meaning(key).is_empty(), "{key}");
        }
    }

    #[test]
    fn what_changed_in_2023_24_has_an_effect_of_its_own() {
        let rules = |id| built_in(id).unwrap().unwrap();
        let (before, after) = (rules("co-cdip-2022-23"), rules("co-cdip-2023-24"));
        let differences = before.differences(&after);
        assert!(differences.values.len() >= 3);
        for difference in differences.values {
            let key = key_of(&difference.label);
            assert!(EFFECTS.iter().any(|(known, _)| *known == key), "{key}");
        }
    }
}
