//! A rule set as text: as a rules file that reads back to the same rules, and as JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::parameters::{ParameterEntry, RuleSet, Tier};
use super::quoting::{list, quoted};
use super::readings::ReadingValue;
use super::sources::Source;
use crate::words::one_line;

/// Shown wherever the statute is cited.
pub const TEXT_NOT_AT_HAND: &str = "The literal text of C.R.S. 22-54-138(5) was not at hand. Parameters and readings rest on the \
    official act summaries, the department's pages and published totals. Counsel should check them against the statute before money is \
    paid.";

impl RuleSet {
    /// The rule set as a complete rules file. Not written by a library: the SHA-256 of a built-in rule set is that of this text,
    /// and must not change with a library's style of quotes.
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
        let mut section = "";
        for entry in self.entries() {
            if entry.section != section {
                section = entry.section;
                let _ = writeln!(text, "\n[{section}]");
            }
            write_entry(&mut text, &entry);
        }
        for tier in &self.tiers {
            let _ = writeln!(
                text,
                "\n[[tier]]\nnumber = {}\nname = {}",
                tier.number,
                quoted(&tier.name)
            );
            for entry in tier.entries() {
                write_entry(&mut text, &entry);
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
        let mut rules = serde_json::Map::new();
        let mut put = |key: &str, value: Value| {
            rules.insert(key.to_string(), value);
        };
        put("schema", json!("cdip-rules-1"));
        put("sha256", json!(self.sha256));
        put("id", json!(self.id));
        put("title", json!(self.title));
        put("budget_year", json!(self.budget_year));
        put("school_year", json!(self.school_year));
        for (section, entries) in self.sections_as_json() {
            put(section, Value::Object(entries));
        }
        put("tier", self.tiers.iter().map(tier_json).collect());
        put("readings", Value::Object(readings.collect()));
        put("source", sources.collect());
        Value::Object(rules)
    }

    /// The sections of a rules file, without what is left out.
    pub(crate) fn sections_as_json(&self) -> Vec<(&'static str, Map<String, Value>)> {
        let mut sections: Vec<(&'static str, Map<String, Value>)> = Vec::new();
        for entry in self.entries() {
            if sections
                .last()
                .is_none_or(|(section, _)| *section != entry.section)
            {
                sections.push((entry.section, Map::new()));
            }
            if let Some((_, entries)) = sections.last_mut().filter(|_| !entry.left_out) {
                entries.insert(entry.key.to_string(), entry.value.written.to_json());
            }
        }
        sections
    }
}

/// A line of a rules file, unless the parameter is left out.
fn write_entry(text: &mut String, entry: &ParameterEntry) {
    if let Some(value) = entry.value.written.to_toml().filter(|_| !entry.left_out) {
        let _ = writeln!(text, "{} = {value}", entry.key);
    }
}

/// A tier as JSON, without what a rules file leaves out: a parameter that tiers gain changes no earlier report.
pub(crate) fn tier_json(tier: &Tier) -> Value {
    let mut entries = Map::new();
    entries.insert("number".to_string(), json!(tier.number));
    entries.insert("name".to_string(), json!(tier.name));
    for entry in tier.entries().into_iter().filter(|entry| !entry.left_out) {
        entries.insert(entry.key.to_string(), entry.value.written.to_json());
    }
    Value::Object(entries)
}

/// The keys of a `[[source]]`.
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

    #[test]
    fn a_tier_is_written_without_what_its_rules_leave_out() {
        for rules in History::read().unwrap().years {
            // No year caps tier 3.
            let tier = super::tier_json(&rules.tiers[2]);
            let keys: Vec<_> = tier.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["number", "name", "categories"]);
        }
    }
}
