//! The differences between two rule sets, with their sources.

use super::parameters::{ParameterEntry, RuleSet};
use super::sources::Source;

/// A parameter or reading with its value in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What is shown: `tier 1: cap_share`.
    pub label: String,
    /// The key that its sources are about: `tier.cap_share`.
    pub key: String,
    /// Its value, as in a rules file; a list is separated by commas.
    pub value: String,
    /// The members, if the value is a list.
    pub members: Option<Vec<&'static str>>,
    /// Whether it has its default.
    pub is_default: bool,
}

/// A parameter with different values in two rule sets.
#[derive(Clone, Debug)]
pub struct Difference<'r> {
    /// What is shown: `tier 1: cap_share`.
    pub label: String,
    /// How it changed: `1.00 -> 1.20`, or `+ boces`.
    pub change: String,
    /// The sources of the later set that the earlier one does not have.
    pub because: Vec<&'r Source>,
}

/// What two rule sets differ in.
#[derive(Clone, Debug)]
pub struct Differences<'r> {
    /// Parameters and readings with another value.
    pub values: Vec<Difference<'r>>,
    /// Sources that only the later set has, about values that are the same or about money that the batch gives.
    pub sources: Vec<&'r Source>,
}

const NONE: &str = "none";

impl RuleSet {
    /// Every parameter that a year can change, then every reading. Id, title and the two years name the set and are left out.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = self.entries().iter().map(parameter).collect();
        for tier in &self.tiers {
            parameters.extend(tier.entries().iter().map(|entry| Parameter {
                label: format!("tier {}: {}", tier.number, entry.key),
                ..parameter(entry)
            }));
        }
        for (doc, value) in self.readings.entries() {
            let key = format!("readings.{}", doc.key);
            let (value, members) = match value {
                super::readings::ReadingValue::One(value) => (value.to_string(), None),
                super::readings::ReadingValue::Many(members) => (in_words(&members), Some(members)),
            };
            parameters.push(Parameter {
                label: key.clone(),
                key,
                value,
                members,
                is_default: false,
            });
        }
        parameters
    }

    /// Whether the rules mention a parameter: before the year that added it, it has its default and no source.
    #[must_use]
    pub fn speaks_of(&self, key: &str, is_default: bool) -> bool {
        !is_default || self.sources_of(key).next().is_some()
    }

    /// The parameters that the rules mention, and the readings.
    #[must_use]
    pub fn parameters_in_force(&self) -> Vec<Parameter> {
        let mut parameters = self.parameters();
        parameters.retain(|parameter| self.speaks_of(&parameter.key, parameter.is_default));
        parameters
    }

    /// What changes from this rule set to another.
    #[must_use]
    pub fn differences<'r>(&'r self, to: &'r RuleSet) -> Differences<'r> {
        let (earlier, later) = if to.budget_year < self.budget_year {
            (to, self)
        } else {
            (self, to)
        };
        let new: Vec<&Source> = later
            .sources
            .iter()
            .filter(|source| {
                !earlier
                    .sources
                    .iter()
                    .any(|other| other.says_the_same(source))
            })
            .collect();
        let because = |key: &str| -> Vec<&'r Source> {
            new.iter()
                .copied()
                .filter(|source| source.of == key)
                .collect()
        };
        let (before, after) = (self.parameters(), to.parameters());
        let mut values = Vec::new();
        for parameter in &before {
            let found = after.iter().find(|other| other.label == parameter.label);
            let is_same = match found {
                Some(other) => other.value == parameter.value,
                // A tier that only one of them has: its defaults say nothing.
                None => parameter.is_default,
            };
            if !is_same {
                let change = change(Some(parameter), found);
                values.push(Difference {
                    label: parameter.label.clone(),
                    change,
                    because: because(&parameter.key),
                });
            }
        }
        for parameter in after
            .iter()
            .filter(|parameter| !parameter.is_default)
            .filter(|parameter| before.iter().all(|other| other.label != parameter.label))
        {
            values.push(Difference {
                label: parameter.label.clone(),
                change: change(None, Some(parameter)),
                because: because(&parameter.key),
            });
        }
        let said = |source: &&Source| {
            values.iter().any(|difference| {
                difference
                    .because
                    .iter()
                    .any(|other| std::ptr::eq(*other, *source))
            })
        };
        let sources = new.iter().copied().filter(|source| !said(source)).collect();
        Differences { values, sources }
    }
}

fn parameter(entry: &ParameterEntry) -> Parameter {
    let key = format!("{}.{}", entry.section, entry.key);
    Parameter {
        label: key.clone(),
        key,
        value: entry.value.written.in_words(),
        members: entry.value.written.members().map(<[_]>::to_vec),
        is_default: entry.left_out,
    }
}

fn in_words(members: &[&str]) -> String {
    if members.is_empty() {
        NONE.to_string()
    } else {
        members.join(", ")
    }
}

/// `1.00 -> 1.20`; for lists only what was added and removed.
fn change(before: Option<&Parameter>, after: Option<&Parameter>) -> String {
    let value = |parameter: Option<&Parameter>| {
        parameter.map_or(NONE.to_string(), |parameter| parameter.value.clone())
    };
    match (
        before.and_then(|parameter| parameter.members.as_ref()),
        after.and_then(|parameter| parameter.members.as_ref()),
    ) {
        (Some(before), Some(after)) => {
            let gone = before
                .iter()
                .filter(|word| !after.contains(word))
                .map(|word| format!("- {word}"));
            let come = after
                .iter()
                .filter(|word| !before.contains(word))
                .map(|word| format!("+ {word}"));
            gone.chain(come).collect::<Vec<_>>().join(", ")
        }
        _ => format!("{} -> {}", value(before), value(after)),
    }
}

impl Source {
    /// Whether it says the same as another, apart from the years.
    fn says_the_same(&self, other: &Source) -> bool {
        (&self.of, &self.cite, self.basis, &self.note)
            == (&other.of, &other.cite, other.basis, &other.note)
    }
}
