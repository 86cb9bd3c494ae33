//! The second implementation's outputs, in the form of the file contract.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::OUTCOMES;
use super::naive::{Answer, Ended, FIELDS, Question, Texts, Tier, TierRules, code_of};

pub fn dollars(cents: i128) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn buckets(answer: &Answer) -> Map<String, Value> {
    let count = |outcome: &&str| {
        let rows = answer.rows.iter().filter(|row| row.outcome == *outcome);
        (outcome.to_string(), json!(rows.count()))
    };
    OUTCOMES.iter().map(count).collect()
}

fn readings(answer: &Answer) -> Map<String, Value> {
    let value = |(key, values): (&String, &Vec<String>)| {
        let value = if key == "cap_applies_to" {
            json!(values)
        } else {
            json!(values[0])
        };
        (key.clone(), value)
    };
    answer.readings.iter().map(value).collect()
}

fn tiers(texts: &Texts, answer: &Answer) -> Vec<Value> {
    let named = answer.tiers.iter().zip(&texts.rules.tiers);
    let tier = |(index, (tier, rules)): (usize, (&Tier, &TierRules))| {
        let mut entry = json!({
            "tier": index + 1, "name": rules.name, "money_before": dollars(tier.money_before), "certificates": tier.certificates,
            "units": tier.units, "frl_units": tier.frl_units, "cap_base": null, "cap_limit": null,
            "over_cap": tier.over_cap, "rate": dollars(tier.rate), "frl_rate": dollars(tier.frl_rate), "paid": dollars(tier.paid),
            "prorated": tier.prorated, "residual": dollars(tier.residual), "money_after": dollars(tier.money_after),
        });
        for (key, value) in &tier.cap {
            entry[*key] = value.clone();
        }
        entry
    };
    named.enumerate().map(tier).collect()
}

/// The participants by code, and what their payees get.
fn participants(texts: &Texts, answer: &Answer) -> (Vec<Value>, Vec<Value>) {
    let mut participants = BTreeMap::new();
    let mut payees: BTreeMap<&str, i128> = BTreeMap::new();
    for (position, entity) in texts.entities.iter().enumerate() {
        let mut shares = Vec::new();
        let supplement = answer.supplements.get(&position).copied().unwrap_or(0);
        let mut total = supplement;
        for (index, tier) in answer.tiers.iter().enumerate() {
            if let Some((units, frl_units, over_cap, amount)) = tier.shares.get(&position) {
                total += amount;
                shares.push(json!({
                    "tier": index + 1, "units": units, "frl_units": frl_units, "over_cap": over_cap, "amount": dollars(*amount),
                }));
            }
        }
        if !shares.is_empty() {
            *payees.entry(&entity.district).or_default() += total;
            let school = (!entity.school.is_empty()).then_some(&entity.school);
            participants.insert(
                (&entity.district, &entity.school),
                json!({
                    "district_code": entity.district, "school_code": school, "kind": entity.kind, "name": entity.name, "tiers": shares,
                    "supplement": dollars(supplement), "total": dollars(total), "payee": entity.district,
                }),
            );
        }
    }
    let payee = |(code, total): (&str, i128)| json!({"code": code, "total": dollars(total)});
    (
        participants.into_values().collect(),
        payees.into_iter().map(payee).collect(),
    )
}

/// `allocation.json`
pub fn allocation(texts: &Texts, answer: &Answer) -> Value {
    let (participants, payees) = participants(texts, answer);
    json!({
        "standing": answer.standing,
        "readings": readings(answer),
        "available": dollars(texts.available),
        "paid": dollars(answer.rows.iter().map(|row| row.amount).sum()),
        "supplement": dollars(answer.supplements.values().sum()),
        "unspent": dollars(answer.unspent),
        "rows": answer.rows.len(),
        "buckets": buckets(answer),
        "tiers": tiers(texts, answer),
        "participants": participants,
        "payees": payees,
    })
}

/// The open questions as the vectors have them, each once: code, file or participant, row or 0.
pub fn questions(answer: &Answer) -> BTreeSet<(String, String, u32)> {
    let question = |question: &Question| {
        (
            question.code.to_string(),
            question.place.clone(),
            question.row,
        )
    };
    answer.questions.iter().map(question).collect()
}

/// A text cell that a spreadsheet would calculate has an apostrophe before it.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_string()
    }
}

/// A line of `completions.csv`. The contract does not say what a row that was rejected shows of the lists, nor which tier one shows
/// that was not a certificate, and what could not be read is shown as it was found: there stands what the program has.
pub fn line(texts: &Texts, row: &Ended, headings: &[String], found: &[String]) -> Vec<String> {
    let participant = match row.found {
        None => String::new(),
        Some(position) => code_of(texts, position),
    };
    let rejected = !row.readable();
    let or_found = |text: String, error: &str, at: usize| {
        if row.codes.contains(error) {
            found[at].clone()
        } else {
            guarded(&text)
        }
    };
    let of_lists = |text: String, at: usize| if rejected { found[at].clone() } else { text };
    let grade = row.grade.map(|grade| match grade {
        0 => "K".to_string(),
        grade => grade.to_string(),
    });
    let lunch = row
        .lunch
        .map(|lunch| if lunch { "Y" } else { "N" }.to_string());
    let mut line = vec![
        guarded(&row.file),
        row.sheet.clone(),
        row.row.to_string(),
        or_found(row.district.clone(), "E201", 3),
        or_found(row.school.clone(), "E202", 4),
        or_found(row.sasid.clone(), "E203", 5),
        guarded(&row.program),
        of_lists(row.category.clone().unwrap_or_default(), 7),
        row.tier
            .map_or_else(|| found[8].clone(), |tier| (tier + 1).to_string()),
        or_found(row.date.clone(), "E206", 9),
        grade.unwrap_or_else(|| found[10].clone()),
        lunch.unwrap_or_else(|| found[11].clone()),
        of_lists(participant, 12),
        row.outcome.to_string(),
        row.codes.iter().copied().collect::<Vec<_>>().join(" "),
        row.weight.map(dollars).unwrap_or_default(),
        dollars(row.amount),
        of_lists(guarded(&row.program_name), 17),
        of_lists(guarded(&row.sector), 18),
    ];
    // Any later column is a field that no check reads, by its heading in small letters.
    for heading in &headings[line.len()..] {
        let field = FIELDS
            .iter()
            .position(|title| title.to_lowercase().replace(' ', "_") == *heading)
            .unwrap_or_else(|| panic!("say here what the column {heading} holds"));
        line.push(guarded(row.says(field)));
    }
    line
}
