//! The program against a second implementation (`naive.rs`) on random batches (`draw.rs`) and on the vectors: every row, tier,
//! participant, payee and warning must be the same, without tolerance.
//!
//! `CDIP_DIFFERENTIAL_BATCHES=20000 cargo test --test it differential -- --nocapture` calculates more batches and shows how often
//! everything occurred.

mod draw;
mod folder;
mod naive;

use std::collections::{BTreeMap, BTreeSet};

use cdip::calculation::Calculation;
use cdip::report::{json, text};
use cdip::stop::Status;
use serde_json::{Value, json};

use self::naive::{Answer, Ended, Texts, answer};
use crate::vectors;

/// Batches where the environment names no other number: a few seconds.
const BATCHES: u64 = 600;

/// The outcomes of the specification.
const OUTCOMES: [&str; 9] = [
    "rejected",
    "not_qualified",
    "held",
    "denied",
    "duplicate",
    "already_counted",
    "over_cap",
    "unfunded",
    "paid",
];

/// Every code that the specification defines for rows, resolutions and files that were read.
const CODES: [&str; 27] = [
    "E201", "E202", "E203", "E204", "E205", "E206", "E208", "E209", "E210", "N301", "N302", "N303",
    "N304", "N305", "N306", "N307", "N308", "N309", "H501", "H502", "W201", "W202", "W208", "W211",
    "W213", "W214", "W215",
];

fn dollars(cents: i128) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// `allocation.json` as the second implementation has it, by the file contract.
fn document(texts: &Texts, answer: &Answer) -> Value {
    let buckets: serde_json::Map<String, Value> = OUTCOMES
        .into_iter()
        .map(|outcome| {
            (
                outcome.to_string(),
                json!(
                    answer
                        .rows
                        .iter()
                        .filter(|row| row.outcome == outcome)
                        .count()
                ),
            )
        })
        .collect();
    let readings: serde_json::Map<String, Value> = answer
        .readings
        .iter()
        .map(|(key, values)| {
            (
                key.clone(),
                if key == "cap_applies_to" {
                    json!(values)
                } else {
                    json!(values[0])
                },
            )
        })
        .collect();
    let tiers: Vec<Value> = answer
        .tiers
        .iter()
        .zip(&texts.rules.tiers)
        .enumerate()
        .map(|(index, (tier, rules))| {
            json!({
                "tier": index + 1, "name": rules.name, "money_before": dollars(tier.money_before), "certificates": tier.certificates,
                "units": tier.units, "frl_units": tier.frl_units, "cap_base": tier.cap_base, "cap_limit": tier.cap_limit,
                "over_cap": tier.over_cap, "rate": dollars(tier.rate), "frl_rate": dollars(tier.frl_rate), "paid": dollars(tier.paid),
                "prorated": tier.prorated, "residual": dollars(tier.residual), "money_after": dollars(tier.money_after),
            })
        })
        .collect();
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
    let payees: Vec<Value> = payees
        .into_iter()
        .map(|(code, total)| json!({"code": code, "total": dollars(total)}))
        .collect();
    let open = answer
        .rows
        .iter()
        .any(|row| ["rejected", "held"].contains(&row.outcome));
    json!({
        "standing": if open { "PRELIMINARY" } else { "FINAL" },
        "readings": readings,
        "available": dollars(texts.available),
        "paid": dollars(answer.rows.iter().map(|row| row.amount).sum()),
        "supplement": dollars(answer.supplements.values().sum()),
        "unspent": dollars(answer.unspent),
        "rows": answer.rows.len(),
        "buckets": buckets,
        "tiers": tiers,
        "participants": participants.into_values().collect::<Vec<Value>>(),
        "payees": payees,
    })
}

/// A text cell that a spreadsheet would calculate has an apostrophe before it.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_string()
    }
}

/// A line of `completions.csv` as the second implementation has it, by the file contract. The contract does not say what a row
/// that was rejected shows of the lists, nor which tier one shows that was no certificate: there stands what was found.
fn line(texts: &Texts, row: &Ended, found: &[String]) -> Vec<String> {
    let participant = match row.found.map(|found| &texts.entities[found]) {
        None => String::new(),
        Some(entity) if entity.school.is_empty() => entity.district.clone(),
        Some(entity) => format!("{}-{}", entity.district, entity.school),
    };
    let rejected = row.codes.iter().any(|code| code.starts_with('E'));
    vec![
        guarded(&row.file),
        row.sheet.clone(),
        row.row.to_string(),
        guarded(&row.district),
        guarded(&row.school),
        guarded(&row.sasid),
        guarded(&row.program),
        if rejected {
            found[7].clone()
        } else {
            row.category.clone().unwrap_or_default()
        },
        row.tier
            .map_or_else(|| found[8].clone(), |tier| (tier + 1).to_string()),
        guarded(&row.date),
        match row.grade {
            Some(0) => "K".to_string(),
            Some(grade) => grade.to_string(),
            None => found[10].clone(),
        },
        row.lunch.map_or_else(
            || found[11].clone(),
            |lunch| if lunch { "Y" } else { "N" }.to_string(),
        ),
        if rejected {
            found[12].clone()
        } else {
            participant
        },
        row.outcome.to_string(),
        row.codes.iter().copied().collect::<Vec<_>>().join(" "),
        row.weight.map(dollars).unwrap_or_default(),
        dollars(row.amount),
    ]
}

/// Code, file, sheet and row of the warnings that the specification defines.
type Warnings = BTreeSet<(String, String, String, u32)>;

fn warnings_of(answer: &Answer) -> Warnings {
    let mut warnings = BTreeSet::new();
    for row in &answer.rows {
        warnings.extend(row.warnings.iter().map(|code| {
            (
                code.to_string(),
                row.file.clone(),
                row.sheet.clone(),
                row.row,
            )
        }));
    }
    warnings.extend(
        answer
            .nameless
            .iter()
            .map(|file| ("W215".to_string(), file.clone(), String::new(), 0)),
    );
    // Beneath the headings.
    let line = |position: &usize| u32::try_from(*position).unwrap() + 2;
    warnings.extend(answer.idle.iter().map(|position| {
        (
            "W214".to_string(),
            "resolutions.csv".to_string(),
            String::new(),
            line(position),
        )
    }));
    warnings
}

fn warnings_in(calculation: &Calculation) -> Warnings {
    let specified = calculation.findings.iter().filter(|finding| {
        finding.code.as_str().starts_with('W') && CODES.contains(&finding.code.as_str())
    });
    let place = specified.map(|finding| {
        let sheet = finding.sheet.as_deref().unwrap_or_default().to_string();
        (
            finding.code.as_str().to_string(),
            finding.file.to_string(),
            sheet,
            finding.row.unwrap_or(0),
        )
    });
    place.collect()
}

/// Panics with the first difference between the program and the second implementation.
fn compare(place: &str, texts: &Texts, answer: &Answer, calculation: &Calculation) {
    let mut bytes = Vec::new();
    text::completions(calculation, &mut bytes).unwrap();
    let lines: Vec<Vec<String>> = csv::Reader::from_reader(&bytes[..])
        .records()
        .map(|record| record.unwrap().iter().map(str::to_string).collect())
        .collect();
    assert_eq!(lines.len(), answer.rows.len(), "{place}: rows");
    for (row, found) in answer.rows.iter().zip(&lines) {
        assert_eq!(
            found,
            &line(texts, row, found),
            "{place}: the program's row is not that of the second implementation\n{row:?}"
        );
    }
    let mut bytes = Vec::new();
    json::allocation(calculation, &mut bytes).unwrap();
    vectors::agrees(
        &document(texts, answer),
        &serde_json::from_slice(&bytes).unwrap(),
        place,
    );
    let (expected, found) = (warnings_of(answer), warnings_in(calculation));
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{place}: warnings missing {missing:?}, too many {surplus:?}"
    );
}

/// How often everything occurred.
#[derive(Default)]
struct Census(BTreeMap<String, u64>);

impl Census {
    fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    fn of(&mut self, texts: &Texts, answer: &Answer) {
        self.count("batches");
        self.count(format!("rules {}", texts.rules.id));
        for (key, values) in &answer.readings {
            for value in values {
                self.count(format!("{key} = {value}"));
            }
        }
        for row in &answer.rows {
            self.count("rows");
            self.count(row.outcome);
            for code in row.codes.iter().chain(&row.warnings) {
                self.count(*code);
            }
        }
        for _ in &answer.idle {
            self.count("W214");
        }
        for _ in &answer.nameless {
            self.count("W215");
        }
        for tier in answer.tiers.iter().filter(|tier| tier.prorated) {
            self.count("prorated tiers");
            if tier.money_after > 0 {
                self.count("prorated tiers that hand money on");
            }
        }
        if answer.supplements.values().any(|cents| *cents > 0) {
            self.count("supplements");
        }
    }
}

#[test]
fn random_batches_end_as_in_the_second_implementation() {
    let batches = std::env::var("CDIP_DIFFERENTIAL_BATCHES").map_or(BATCHES, |number| {
        number.parse().expect("a number of batches")
    });
    let mut census = Census::default();
    for seed in 0..batches {
        let drawn = draw::batch(seed);
        let place = format!("batch {seed}");
        match (answer(&drawn.texts), drawn.batch.outcome()) {
            (Some(answer), Ok(calculation)) => {
                compare(&place, &drawn.texts, &answer, &calculation);
                census.of(&drawn.texts, &answer);
            }
            (None, Err(stop)) => {
                assert_eq!(stop.status, Status::Usage, "{place}: {stop}");
                census.count("stopped: resolutions contradict each other");
            }
            (Some(_), Err(stop)) => panic!("{place}: only the program stops: {stop}"),
            (None, Ok(_)) => panic!("{place}: only the second implementation stops"),
        }
    }
    for (what, count) in &census.0 {
        println!("{count:>9} {what}");
    }
    // What never occurs is not compared.
    let readings = draw::READINGS
        .iter()
        .flat_map(|(key, values)| values.iter().map(move |value| format!("{key} = {value}")));
    let years = (2017..=2025).map(|year| format!("rules {}", draw::rules_of_year(year).id));
    let others = [
        "prorated tiers",
        "prorated tiers that hand money on",
        "supplements",
        "stopped: resolutions contradict each other",
    ];
    let others = OUTCOMES
        .into_iter()
        .chain(CODES)
        .chain(others)
        .map(str::to_string);
    let never: Vec<String> = readings
        .chain(years)
        .chain(others)
        .filter(|what| !census.0.contains_key(what))
        .collect();
    assert!(never.is_empty(), "never drawn: {never:?}");
}

#[test]
fn every_vector_ends_as_in_the_second_implementation() {
    for path in vectors::folders() {
        let texts = folder::read(&path);
        let answer = answer(&texts).expect("no vector is stopped");
        compare(
            &path.file_name().unwrap().to_string_lossy(),
            &texts,
            &answer,
            &vectors::calculated(&path),
        );
    }
}
