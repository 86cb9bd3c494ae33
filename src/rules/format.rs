//! A rule set as text: as a rules file that reads back to the same rules, and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::readings::ReadingValue;
use super::terms::{CategorySet, KindSet};
use super::{RuleSet, Source, Tier};
use crate::words::one_line;

/// Said wherever the statute is cited.
pub const TEXT_NOT_AT_HAND: &str = "The literal text of C.R.S. 22-54-138(5) was not at hand. Parameters and readings rest on the \
    official act summaries, the department's pages and published totals. Counsel should check them against the statute before money is \
    paid.";

impl RuleSet {
    /// The rule set as a complete rules file. Written by hand and not by a library, because the SHA-256 of a built-in rule set is
    /// that of this text and must not change with a library's taste in quotes.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = format!("# {}\n", one_line(self.title.as_str().into()));
        if self.has_built_in_id() {
            text.push_str(&format!("# {TEXT_NOT_AT_HAND}\n"));
        }
        let mut line = |key: &str, value: String| {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(text, "{key} = {value}");
        };
        line("id", quoted(&self.id));
        line("title", quoted(&self.title));
        line("budget_year", quoted(&self.budget_year.to_string()));
        line("school_year", quoted(&self.school_year.to_string()));
        line("\n[amount]\nper_unit", quoted(&self.per_unit.to_string()));
        line("frl_multiplier", quoted(&self.frl_multiplier.to_string()));
        line("\n[eligibility]\ngrades", format!("{:?}", self.grades));
        line("ap_score_min", self.ap_score_min.to_string());
        line(
            "graduation_credit_required",
            list(&categories(self.graduation_credit_required)),
        );
        line("participant_kinds", list(&kinds(self.participant_kinds)));
        for tier in &self.tiers {
            line("\n[[tier]]\nnumber", tier.number.to_string());
            line("name", quoted(&tier.name));
            line("categories", list(&categories(tier.categories)));
            if let Some(share) = &tier.cap_share {
                line("cap_share", quoted(&share.text));
            }
        }
        let _ = writeln!(text, "\n[readings]");
        for (doc, value) in self.readings.entries() {
            let value = match value {
                ReadingValue::One(value) => quoted(value),
                ReadingValue::Many(values) => list(&values),
            };
            let _ = writeln!(text, "{} = {value}", doc.key);
        }
        for source in &self.sources {
            let _ = writeln!(text, "\n[[source]]");
            for (key, value) in entries(source) {
                let _ = writeln!(text, "{key} = {}", quoted(&value));
            }
        }
        text
    }

    /// The rule set as JSON, with the keys of a rules file and its SHA-256.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let readings = self
            .readings
            .entries()
            .into_iter()
            .map(|(doc, value)| (doc.key.to_string(), json!(value)));
        let sources = self.sources.iter().map(|source| {
            let entries = entries(source)
                .into_iter()
                .map(|(key, value)| (key.to_string(), Value::String(value)));
            Value::Object(entries.collect())
        });
        json!({
            "schema": "cdip-rules-1",
            "sha256": self.sha256,
            "id": self.id,
            "title": self.title,
            "budget_year": self.budget_year,
            "school_year": self.school_year,
            "amount": { "per_unit": self.per_unit, "frl_multiplier": self.frl_multiplier.to_string() },
            "eligibility": {
                "grades": self.grades,
                "ap_score_min": self.ap_score_min,
                "graduation_credit_required": categories(self.graduation_credit_required),
                "participant_kinds": kinds(self.participant_kinds),
            },
            "tier": self.tiers.iter().map(tier_json).collect::<Vec<_>>(),
            "readings": readings.collect::<serde_json::Map<_, _>>(),
            "source": sources.collect::<Vec<_>>(),
        })
    }
}

fn tier_json(tier: &Tier) -> Value {
    json!({
        "number": tier.number,
        "name": tier.name,
        "categories": categories(tier.categories),
        "cap_share": tier.cap_share.as_ref().map(|share| &share.text),
    })
}

/// The keys of a `[[source]]` that has them.
fn entries(source: &Source) -> Vec<(&'static str, String)> {
    let mut entries = vec![
        ("of", source.of.clone()),
        ("cite", source.cite.clone()),
        ("basis", source.basis.as_str().to_string()),
    ];
    if !source.note.is_empty() {
        entries.push(("note", source.note.clone()));
    }
    entries.extend(source.settled_by.clone().map(|text| ("settled_by", text)));
    entries.extend(source.from.map(|year| ("from", year.to_string())));
    entries.extend(source.until.map(|year| ("until", year.to_string())));
    entries
}

fn categories(set: CategorySet) -> Vec<&'static str> {
    set.iter().map(super::terms::Category::as_str).collect()
}

fn kinds(set: KindSet) -> Vec<&'static str> {
    set.iter()
        .map(super::terms::ParticipantKind::as_str)
        .collect()
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use crate::config::Document;
    use crate::rules::{history::History, parse};

    #[test]
    fn the_text_of_every_built_in_year_reads_back_to_the_same_rules_and_the_same_hash() {
        for rules in History::read().unwrap().years {
            let text = rules.to_toml();
            assert_eq!(
                parse(Document {
                    file: "rules.toml",
                    text: &text
                })
                .unwrap(),
                rules,
                "{}",
                rules.id
            );
        }
    }

    #[test]
    fn text_with_quotes_backslashes_and_line_breaks_survives() {
        let mut rules = History::read().unwrap().years.remove(0);
        rules.title = "a \"b\" \\ c\nd\te \u{7f} é".to_string();
        rules.sources.truncate(1);
        rules.sources[0].note = String::new();
        let text = rules.to_toml();
        let found = parse(Document {
            file: "rules.toml",
            text: &text,
        })
        .unwrap();
        assert_eq!((found.title, found.sources), (rules.title, rules.sources));
    }
}
