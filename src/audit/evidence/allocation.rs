//! `allocation.json`, read back.

use std::collections::BTreeMap;

use serde_json::Value;

use super::recorded::{ALLOCATION, RecordedParticipant};
use crate::config::Document;
use crate::receipt::fault_of_json;
use crate::report::json::{AllocationFile, SCHEMA};
use crate::rules::terms::ParticipantKind;
use crate::rules::{self, RuleSet};

pub(super) fn allocation_file(bytes: &[u8]) -> Result<AllocationFile, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| fault_of_json(&error))?;
    if value["schema"] != SCHEMA {
        return Err(format!("it is not of the schema {SCHEMA}"));
    }
    serde_json::from_slice(bytes).map_err(|error| fault_of_json(&error))
}

/// The rules of the report, parsed like a rules file so that nothing impossible gets in.
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
    // Nobody has this text, so its line numbers would not help; and its keys can be any text of a changed report.
    let mut rules = rules::parse(Document {
        file: ALLOCATION,
        text: &text,
    })
    .map_err(|_| "its parameters and readings are not those of rules")?;
    rules.sha256.clone_from(&file.rules.sha256);
    Ok(rules)
}

/// Removes keys that are null: a rules file leaves them out.
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

/// Participants in ascending order of (district code, school code).
pub(super) fn claims(file: &AllocationFile) -> Result<Vec<RecordedParticipant>, String> {
    let with_share = file.participants.iter().map(|entry| {
        let codes = (&entry.district_code, &entry.school_code);
        let more = (entry.requires_completion, entry.enrollment);
        (codes, &entry.kind, &entry.name, more)
    });
    let without_share = file.participants_without_share.iter().map(|entry| {
        let codes = (&entry.district_code, &entry.school_code);
        let more = (entry.requires_completion, None);
        (codes, &entry.kind, &entry.name, more)
    });
    let mut claims: BTreeMap<(String, String), RecordedParticipant> = BTreeMap::new();
    for ((district, school), kind, name, more) in with_share.chain(without_share) {
        let (requires_completion, enrollment) = more;
        let claim = RecordedParticipant {
            district_code: district.clone(),
            school_code: school.clone().unwrap_or_default(),
            name: name.clone(),
            kind: ParticipantKind::parse(kind)
                .ok_or_else(|| format!("a participant of {district} is of an unknown kind"))?,
            requires_completion,
            enrollment,
        };
        let code = claim.code();
        let key = (claim.district_code.clone(), claim.school_code.clone());
        if claims.insert(key, claim).is_some() {
            return Err(format!("participant {code} is in it twice"));
        }
    }
    Ok(claims.into_values().collect())
}
