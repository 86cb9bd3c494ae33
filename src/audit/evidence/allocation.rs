//! `allocation.json`, read back.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::recorded::{ALLOCATION, RecordedParticipant, RecordedPayee, RecordedProgram};
use crate::config::Document;
use crate::intake::lists::participant_code;
use crate::money::Money;
use crate::report::json::SCHEMA;
use crate::rules::terms::ParticipantKind;
use crate::rules::{self, RuleSet};

#[derive(Deserialize)]
pub(super) struct AllocationFile {
    pub(super) label: String,
    pub(super) standing: String,
    pub(super) run_date: String,
    pub(super) rules: RulesEntry,
    pub(super) readings: Value,
    pub(super) parameters: Value,
    pub(super) available: Money,
    pub(super) supplement_available: Option<Money>,
    pub(super) tiers: Vec<TierEntry>,
    pub(super) paid: Money,
    pub(super) supplement: Money,
    pub(super) unspent: Money,
    pub(super) buckets: Map<String, Value>,
    pub(super) payees: Vec<RecordedPayee>,
    pub(super) participants: Vec<ParticipantEntry>,
    pub(super) participants_without_share: Vec<ParticipantEntry>,
    #[serde(default)]
    pub(super) programs: Vec<RecordedProgram>,
}

#[derive(Deserialize)]
pub(super) struct RulesEntry {
    pub(super) id: String,
    pub(super) sha256: String,
}

#[derive(Deserialize)]
pub(super) struct TierEntry {
    pub(super) certificates: u64,
    pub(super) units: u64,
    pub(super) cap_base: Option<u64>,
    pub(super) cap_limit: Option<u64>,
    pub(super) over_cap: u64,
    pub(super) money_before: Money,
    pub(super) rate: Money,
    pub(super) frl_rate: Money,
    pub(super) paid: Money,
    pub(super) residual: Money,
}

#[derive(Deserialize)]
pub(super) struct ParticipantEntry {
    pub(super) district_code: String,
    pub(super) school_code: Option<String>,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) requires_completion: bool,
    #[serde(default)]
    pub(super) supplement: Option<Money>,
    #[serde(default)]
    pub(super) total: Option<Money>,
    /// Only of participants with a share.
    #[serde(default)]
    pub(super) payee: String,
}

pub(super) fn allocation_file(bytes: &[u8]) -> Result<AllocationFile, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if value["schema"] != SCHEMA {
        return Err(format!("it is not of the schema {SCHEMA}"));
    }
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// The rules that the report was made under, read by the same code as a rules file so that nothing impossible gets in.
pub(super) fn rule_set(file: &AllocationFile) -> Result<RuleSet, String> {
    let Value::Object(parameters) = &file.parameters else {
        return Err("the parameters of the rules are missing".to_string());
    };
    let mut table = serde_json::Map::new();
    table.insert("id".to_string(), Value::String(file.rules.id.clone()));
    table.extend(parameters.clone());
    table.insert("readings".to_string(), file.readings.clone());
    let mut table = Value::Object(table);
    drop_nulls(&mut table);
    let text = toml::to_string(&table).map_err(|error| error.to_string())?;
    // The line is one of a text that nobody has; the message names what is wrong with which value.
    let mut rules = rules::parse(Document {
        file: ALLOCATION,
        text: &text,
    })
    .map_err(|stop| stop.message)?;
    rules.sha256.clone_from(&file.rules.sha256);
    Ok(rules)
}

/// A rules file says by leaving a key out what JSON says with null.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|_, value| !value.is_null());
            entries.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

pub(super) fn entry_code(entry: &ParticipantEntry) -> String {
    participant_code(
        &entry.district_code,
        entry.school_code.as_deref().unwrap_or_default(),
    )
}

/// Participants in ascending order of (district code, school code).
pub(super) fn claims(file: &AllocationFile) -> Result<Vec<RecordedParticipant>, String> {
    let mut claims: BTreeMap<(String, String), RecordedParticipant> = BTreeMap::new();
    for entry in file
        .participants
        .iter()
        .chain(&file.participants_without_share)
    {
        let kind = ParticipantKind::parse(&entry.kind)
            .ok_or_else(|| format!("participant {} is of an unknown kind", entry_code(entry)))?;
        let (district_code, school_code) = (
            entry.district_code.clone(),
            entry.school_code.clone().unwrap_or_default(),
        );
        let key = (district_code.clone(), school_code.clone());
        let claim = RecordedParticipant {
            district_code,
            school_code,
            name: entry.name.clone(),
            kind,
            requires_completion: entry.requires_completion,
        };
        if claims.insert(key, claim).is_some() {
            return Err(format!("participant {} is in it twice", entry_code(entry)));
        }
    }
    Ok(claims.into_values().collect())
}
