//! A year's kit: what a district's page knows of a year. Rules and readings, both lists, the office's own headings and words, whom to
//! ask, and the statewide factors where they are given. No ledger and no decisions: those are about pupils.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::batch::{Batch, ProgramOffice};
use crate::config::Document;
use crate::factors::Factors;
use crate::inspection::Basis;
use crate::intake::fields::{Field, Fields};
use crate::intake::lists::{Participants, Programs, read_participants, read_programs};
use crate::intake::{Layout, Lists, Words};
use crate::rules::{self, RuleSet};
use crate::stop::Stop;

/// The schema's name.
const SCHEMA: &str = "cdip-kit-1";

/// The kit as it is written into a page and read there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kit {
    schema: String,
    /// As TOML, and its SHA-256 where it was read.
    rules: String,
    rules_sha256: String,
    readings: Map<String, Value>,
    /// The lists as csv.
    programs: String,
    participants: String,
    /// The day of the lists: the batch's run date.
    pub lists_of: NaiveDate,
    columns: Vec<(String, String)>,
    constants: Vec<(String, String)>,
    /// Field, word, meaning.
    words: Vec<(String, String, String)>,
    delimiter: Option<u8>,
    /// The program office, its contact and the deadline, where the batch names them.
    pub office: Option<String>,
    pub contact: Option<String>,
    pub deadline: Option<NaiveDate>,
    factors: Option<Value>,
}

/// A kit, read.
#[derive(Clone, Debug)]
pub struct OpenedKit {
    pub kit: Kit,
    pub basis: Basis,
    pub rules: RuleSet,
    /// None where the page shows no money.
    pub factors: Option<Factors>,
}

impl Kit {
    /// The kit of a batch with its lists.
    #[must_use]
    pub fn of(batch: &Batch, lists: (&Programs, &Participants), factors: Option<&Factors>) -> Kit {
        let by_key = |pairs: &[(Field, String)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(field, text)| (field.key().to_string(), text.clone()))
                .collect()
        };
        let ProgramOffice {
            name,
            contact,
            deadline,
            ..
        } = batch.office.clone();
        let words = batch.words.iter();
        Kit {
            schema: SCHEMA.to_string(),
            rules: batch.rules.to_toml(),
            rules_sha256: batch.rules.sha256.clone(),
            readings: batch.readings.to_json(),
            programs: lists.0.to_csv(),
            participants: lists.1.to_csv(),
            lists_of: batch.run_date,
            columns: by_key(&batch.columns.headings),
            constants: by_key(&batch.columns.constants),
            words: words
                .map(|(field, word, meaning)| {
                    (field.key().to_string(), word.clone(), meaning.clone())
                })
                .collect(),
            delimiter: batch.delimiter,
            office: name,
            contact,
            deadline,
            factors: factors.map(|factors| factors.to_json(&batch.rules)),
        }
    }

    /// Reads a kit.
    ///
    /// # Errors
    /// What is wrong with it; a page holds only what [`Kit::of`] made.
    pub fn open(json: &[u8]) -> Result<OpenedKit, Stop> {
        let damaged = |why: &str| Stop::defect(&format!("the page's kit is damaged: {why}"));
        let kit: Kit = serde_json::from_slice(json).map_err(|error| damaged(&error.to_string()))?;
        if kit.schema != SCHEMA {
            return Err(damaged("it is of another version"));
        }
        let mut rules = rules::parse(Document {
            file: "rules",
            text: &kit.rules,
        })?;
        rules.sha256.clone_from(&kit.rules_sha256);
        let readings = rules
            .readings
            .choosing_all(&kit.readings)
            .map_err(|why| damaged(&why))?;
        let factors = kit.factors.as_ref().map(|factors| {
            let bytes = factors.to_string();
            Factors::read("factors.json", bytes.as_bytes(), &rules)
        });
        let factors = factors.transpose()?;
        let basis = Basis {
            whole_batch: false,
            // What is expected of the state is calculated as the state does.
            rules: Some((
                rules.clone(),
                factors
                    .as_ref()
                    .map_or(readings, |factors| factors.readings),
            )),
            programs: Some(read_programs("programs.csv", kit.programs.as_bytes())?),
            participants: Some(read_participants(
                "participants.csv",
                kit.participants.as_bytes(),
            )?),
            others: Lists {
                words: kit.words(),
                ..Lists::default()
            },
            layout: kit.layout(&rules),
            root: None,
        };
        Ok(OpenedKit {
            kit,
            basis,
            rules,
            factors,
        })
    }

    fn words(&self) -> Words {
        let mut words = Words::default();
        for (key, word, meaning) in &self.words {
            if let Some(field) = Field::of_key(key) {
                words.map(field, word, meaning);
            }
        }
        words
    }

    fn layout(&self, rules: &RuleSet) -> Layout {
        Layout {
            fields: Fields::of(rules),
            columns: by_field(&self.columns),
            constants: by_field(&self.constants),
            delimiter: self.delimiter,
        }
    }
}

fn by_field(pairs: &[(String, String)]) -> Vec<(Field, String)> {
    let pairs = pairs.iter();
    pairs
        .filter_map(|(key, text)| Some((Field::of_key(key)?, text.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn sample() -> (Batch, Lists) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/statewide-2024-25");
        let batch = Batch::open(&root).unwrap();
        let lists = crate::batch::reading::read_lists(&batch).unwrap();
        (batch, lists)
    }

    #[test]
    fn a_kit_that_is_opened_has_the_rules_and_lists_of_its_batch() {
        let (batch, lists) = sample();
        let kit = Kit::of(&batch, (&lists.programs, &lists.participants), None);
        let opened = Kit::open(serde_json::to_string(&kit).unwrap().as_bytes()).unwrap();
        assert_eq!(opened.rules.sha256, batch.rules.sha256);
        let (rules, readings) = opened.basis.rules.unwrap();
        assert_eq!(rules.tiers, batch.rules.tiers);
        assert_eq!(readings, batch.readings);
        assert_eq!(opened.basis.programs.unwrap().all(), lists.programs.all());
        let participants = opened.basis.participants.unwrap();
        let codes = |list: &Participants| -> Vec<String> {
            let entries = list.all().iter();
            entries.map(|entry| entry.code().to_string()).collect()
        };
        assert_eq!(codes(&participants), codes(&lists.participants));
    }

    #[test]
    fn a_kit_holds_no_pupil_no_payment_and_no_vendor() {
        let (batch, lists) = sample();
        let ledger = lists.ledger.as_ref().unwrap();
        let kit = Kit::of(&batch, (&lists.programs, &lists.participants), None);
        let text = serde_json::to_string(&kit).unwrap();
        assert!(!ledger.entries().is_empty());
        for entry in ledger.entries() {
            assert!(!text.contains(&entry.sasid.reveal()));
        }
        for entry in lists.participants.all() {
            assert!(entry.vendor.is_empty() || !text.contains(&entry.vendor));
        }
    }
}
