//! What differs between two reports apart from their rows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::audit::evidence::Evidence;
use crate::batch::PREVIOUS_ROLE;
use crate::money::Money;
use crate::receipt::short;
use crate::words::counted;

/// A difference apart from the rows.
pub(super) struct Setting {
    /// What differs, a clause.
    pub(super) clause: String,
    /// Whether it can decide on rows.
    pub(super) decides_rows: bool,
}

impl Setting {
    fn deciding(clause: String) -> Setting {
        Setting {
            clause,
            decides_rows: true,
        }
    }

    fn other(clause: String) -> Setting {
        Setting {
            clause,
            decides_rows: false,
        }
    }
}

/// Everything apart from the rows that differs.
pub(super) fn settings(a: &Evidence, b: &Evidence) -> Vec<Setting> {
    let mut settings = rules(a, b);
    settings.extend(columns(a, b));
    settings.extend(money(a, b));
    settings.extend(configuration(a, b));
    settings.extend(lists(a, b));
    settings.extend(submissions(a, b));
    settings
}

fn rules(a: &Evidence, b: &Evidence) -> Vec<Setting> {
    let mut clauses = Vec::new();
    if a.rules.id != b.rules.id {
        clauses.push(format!("rules: {} -> {}", a.rules.id, b.rules.id));
    }
    let (year_a, year_b) = (a.rules.school_year, b.rules.school_year);
    if year_a != year_b {
        clauses.push(format!("school_year: {year_a} -> {year_b}"));
    }
    let values = a.rules.differences(&b.rules).values;
    clauses.extend(
        values
            .into_iter()
            .map(|value| format!("{}: {}", value.label, value.change)),
    );
    let mut settings: Vec<Setting> = clauses.into_iter().map(Setting::deciding).collect();
    settings.extend(renamed_tiers(a, b));
    if settings.is_empty() && a.rules.sha256 != b.rules.sha256 {
        settings.push(Setting::other(
            "rules: the same values, different text".to_string(),
        ));
    }
    settings
}

/// Tiers of both reports under another name, which decides on no row.
fn renamed_tiers(a: &Evidence, b: &Evidence) -> Vec<Setting> {
    let tiers = a.rules.tiers.iter();
    let renamed = tiers.filter_map(|tier| {
        let mut others = b.rules.tiers.iter();
        let other = others.find(|other| other.number == tier.number)?;
        let clause = format!(
            "name of tier {}: {} -> {}",
            tier.number, tier.name, other.name
        );
        (tier.name != other.name).then(|| Setting::other(clause))
    });
    renamed.collect()
}

/// Columns of `completions.csv` that only one report has, because another version of cdip made it. Rows are compared without them.
fn columns(a: &Evidence, b: &Evidence) -> Vec<Setting> {
    let only = |side: &str, of: &Evidence, other: &Evidence| {
        let alone = of
            .headings
            .iter()
            .filter(|heading| !other.headings.contains(heading));
        // Another version's headings are any text.
        let alone: Vec<String> = alone
            .map(|heading| heading.escape_debug().to_string())
            .collect();
        let clause = format!(
            "columns that only {side} has, not compared: {}",
            alone.join(", ")
        );
        (!alone.is_empty()).then(|| Setting::other(clause))
    };
    let alone = [only("A", a, b), only("B", b, a)];
    alone.into_iter().flatten().collect()
}

fn money(a: &Evidence, b: &Evidence) -> Vec<Setting> {
    let mut settings = Vec::new();
    if a.available != b.available {
        let (from, to) = (a.available.grouped(), b.available.grouped());
        settings.push(Setting::other(format!("available: {from} -> {to}")));
    }
    if a.supplement_available != b.supplement_available {
        let (from, to) = (pool(a), pool(b));
        settings.push(Setting::other(format!(
            "supplement_available: {from} -> {to}"
        )));
    }
    settings
}

fn pool(evidence: &Evidence) -> String {
    let pool = evidence.supplement_available;
    pool.map_or("none".to_string(), Money::grouped)
}

/// A table of `batch.toml`: its name, whether it can decide on rows, and its entries.
type BatchTable = (&'static str, bool, Value);

fn tables(evidence: &Evidence) -> [BatchTable; 5] {
    let batch = json!({
        "label": evidence.label,
        "prepared_by": evidence.prepared_by,
        "previous_receipt": evidence.previous_receipt.as_deref().map(short),
    });
    [
        ("", false, batch),
        ("columns.", true, Value::Object(evidence.columns.clone())),
        ("values.", true, Value::Object(evidence.values.clone())),
        ("office.", false, json!(evidence.office)),
        ("accounting.", false, json!(evidence.accounting)),
    ]
}

/// What else differs in `batch.toml`, entry by entry.
fn configuration(a: &Evidence, b: &Evidence) -> Vec<Setting> {
    let mut settings = Vec::new();
    for ((name, decides_rows, before), (_, _, after)) in tables(a).into_iter().zip(tables(b)) {
        let entries = [&before, &after].into_iter().filter_map(Value::as_object);
        let keys: BTreeSet<&String> = entries.flat_map(Map::keys).collect();
        let changed = keys
            .into_iter()
            .filter(|key| before.get(key.as_str()) != after.get(key.as_str()));
        settings.extend(changed.map(|key| Setting {
            clause: format!(
                "{name}{key}: {} -> {}",
                written(before.get(key.as_str())),
                written(after.get(key.as_str()))
            ),
            decides_rows,
        }));
    }
    settings
}

fn written(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "none".to_string(),
        Some(value) => value.to_string(),
    }
}

fn lists(a: &Evidence, b: &Evidence) -> Vec<Setting> {
    let (before, after) = (hashes_of_lists(a), hashes_of_lists(b));
    let paths: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let mut settings = Vec::new();
    for path in paths {
        let how = match (before.get(path), after.get(path)) {
            (Some(before), Some(after)) if before == after => continue,
            (Some(_), Some(_)) => "different content",
            (Some(_), None) => "no longer there",
            (None, _) => "new",
        };
        settings.push(Setting::deciding(format!("list {path}: {how}")));
    }
    settings
}

/// By path. Without the configuration and the previous receipt, which are compared by their values.
fn hashes_of_lists(evidence: &Evidence) -> BTreeMap<&str, &str> {
    evidence
        .lists
        .iter()
        .filter(|list| list.role != PREVIOUS_ROLE)
        .map(|list| (list.path.as_str(), list.sha256.as_str()))
        .filter(|(path, _)| !path.to_lowercase().ends_with(".toml"))
        .collect()
}

fn hashes_of_submissions(evidence: &Evidence) -> BTreeMap<&str, &str> {
    evidence
        .submissions
        .iter()
        .map(|file| (file.path.as_str(), file.sha256.as_str()))
        .collect()
}

fn submissions(a: &Evidence, b: &Evidence) -> Vec<Setting> {
    let (before, after) = (hashes_of_submissions(a), hashes_of_submissions(b));
    let new = after.keys().filter(|path| !before.contains_key(*path));
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    let other = before
        .iter()
        .filter(|(path, sha256)| after.get(*path).is_some_and(|after| after != *sha256));
    let counts = [
        (new.count(), "new"),
        (gone.count(), "no longer there"),
        (other.count(), "with different content"),
    ];
    let clause = |(files, how): (usize, &str)| {
        Setting::other(format!(
            "submissions: {} {how}",
            counted(files as u64, "file")
        ))
    };
    counts
        .into_iter()
        .filter(|(files, _)| *files > 0)
        .map(clause)
        .collect()
}
