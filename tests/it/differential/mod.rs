//! The program against a second implementation (`naive/`) on random batches (`draw/`) and on the vectors: every row, tier,
//! participant, payee and warning must be the same, without tolerance.
//!
//! `CDIP_DIFFERENTIAL_BATCHES=20000 cargo test --test it differential -- --nocapture` calculates more batches and shows how often
//! everything occurred; `CDIP_DIFFERENTIAL_FIRST=5000` begins with that batch.

pub mod audit;
mod compare;
mod document;
mod draw;
mod folder;
mod naive;
pub mod settlement;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cdip::catalogue::{CATALOGUE, Severity};
use cdip::intake::fields::{Field, Fields};
use cdip::rules::{built_in, built_in_ids, parameters};
use cdip::stop::Status;
use serde_json::{Value, json};

use self::compare::compare;
use self::naive::{Answer, Texts, answer};
use crate::vectors;

/// Batches where the environment names no other number: a few seconds.
const BATCHES: u64 = 150;

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

/// Warnings about the form of a file or of the office's own files, and those that only help a person: they change no row, and the second
/// implementation does not give them.
const NOT_COMPARED: [&str; 13] = [
    "W216", "W217", "W218", "W219", "W221", "W222", "W223", "W224", "W227", "W229", "W230", "W232",
    "W233",
];

/// Every other code of rows, resolutions and files that were read.
fn codes() -> impl Iterator<Item = &'static str> {
    let read = CATALOGUE
        .iter()
        .filter(|entry| entry.severity != Severity::Refused);
    let codes = read.map(|entry| entry.code.as_str());
    codes.filter(|code| !NOT_COMPARED.contains(code))
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
        for code in answer.told.values() {
            self.count(*code);
        }
        for question in &answer.questions {
            self.count(question.code);
        }
        self.count(answer.standing);
        for _ in &answer.nameless {
            self.count("W215");
        }
        if naive::supplement::is_of_no_law(texts) {
            self.count("W228");
        }
        for tier in answer.tiers.iter().filter(|tier| tier.prorated) {
            self.count("prorated tiers");
            if tier.money_after > 0 {
                self.count("prorated tiers that hand money on");
            }
        }
        for (field, ..) in &texts.values {
            self.count(format!("own words for {}", naive::FIELDS[*field]));
        }
        if answer.supplements.values().any(|cents| *cents > 0) {
            self.count("supplements");
        }
    }
}

#[test]
fn random_batches_end_as_in_the_second_implementation() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |number| number.parse().expect("a number"))
    };
    let batches = number("CDIP_DIFFERENTIAL_BATCHES", BATCHES);
    let first = number("CDIP_DIFFERENTIAL_FIRST", 0);
    let mut census = Census::default();
    let mut differ = Vec::new();
    for seed in first..first + batches {
        let drawn = draw::batch(seed);
        let place = format!("batch {seed}");
        let one =
            std::panic::catch_unwind(|| match (answer(&drawn.texts), drawn.batch.outcome()) {
                (Some(answer), Ok(calculation)) => {
                    compare(&place, &drawn.texts, &answer, &calculation);
                    Some(answer)
                }
                (None, Err(stop)) => {
                    assert_eq!(stop.status, Status::Usage, "{place}: {stop}");
                    None
                }
                (Some(_), Err(stop)) => panic!("{place}: only the program stops: {stop}"),
                (None, Ok(_)) => panic!("{place}: only the second implementation stops"),
            });
        match one {
            Ok(Some(answer)) => census.of(&drawn.texts, &answer),
            Ok(None) => census.count("stopped: resolutions contradict each other"),
            Err(_) => differ.push(seed),
        }
    }
    for (what, count) in &census.0 {
        println!("{count:>9} {what}");
    }
    // What never occurs is not compared.
    let readings = draw::READINGS
        .iter()
        .flat_map(|(key, values)| values.iter().map(move |value| format!("{key} = {value}")));
    let years = built_in_ids().into_iter().map(|id| format!("rules {id}"));
    let others = [
        "own words for Grade",
        "own words for Free/Reduced Lunch",
        "own words for Graduation Credit",
        "prorated tiers",
        "prorated tiers that hand money on",
        "supplements",
        "stopped: resolutions contradict each other",
    ];
    let others = OUTCOMES
        .into_iter()
        .chain(codes())
        .chain(others)
        .map(str::to_string);
    let never: Vec<String> = readings
        .chain(years)
        .chain(others)
        .filter(|what| !census.0.contains_key(what))
        .collect();
    assert!(
        differ.is_empty(),
        "{} batches differ: {differ:?}",
        differ.len()
    );
    assert!(never.is_empty(), "never drawn: {never:?}");
}

#[test]
fn the_second_implementation_knows_every_field_of_a_submission() {
    assert_eq!(naive::FIELDS[..], Field::ALL.map(Field::title));
    let optional = Field::ALL
        .iter()
        .filter(|field| !field.is_required() && !field.is_name());
    assert_eq!(
        naive::OPTIONAL[..],
        optional.map(|field| *field as usize).collect::<Vec<_>>()
    );
    let numbers = Field::ALL.iter().filter(|field| field.is_number());
    assert_eq!(
        naive::NUMBERS[..],
        numbers.map(|field| *field as usize).collect::<Vec<_>>()
    );
}

#[test]
fn an_appeal_can_waive_the_same_reasons_here_and_in_the_program() {
    let waivable = CATALOGUE
        .iter()
        .filter(|entry| entry.reason.is_some_and(|reason| reason.is_waivable))
        .map(|entry| entry.code.as_str());
    assert!(waivable.eq(naive::rules::WAIVABLE));
}

#[test]
fn the_second_implementation_knows_which_years_have_a_column() {
    for year in draw::rules::budget_years() {
        let known = naive::rules::of_year(year);
        let rules = built_in(&known.id).unwrap().unwrap();
        for field in Field::ALL {
            assert_eq!(
                naive::is_asked(field as usize, &known),
                Fields::of(&rules).has(field),
                "{year}: {}",
                field.title()
            );
        }
    }
}

#[test]
fn rules_of_their_own_are_drawn_with_every_parameter() {
    let drawn = (0..BATCHES).map(|seed| draw::batch(seed).texts.rules);
    let own: Vec<String> = drawn
        .filter(|rules| !rules.id.starts_with("co-cdip"))
        .map(|rules| naive::rules::file_of(&rules))
        .collect();
    for key in parameters::keys() {
        let (_, name) = key.split_once('.').unwrap();
        let lines = own.iter().flat_map(|rules| rules.lines());
        let values = lines.filter_map(|line| line.split_once(" = "));
        let values: BTreeSet<_> = values.filter(|(key, _)| *key == name).collect();
        assert!(
            values.len() > 1,
            "own in draw/rules.rs draws {key} only as {values:?}"
        );
    }
}

#[test]
fn a_column_that_a_year_does_not_have_is_not_read_and_nobody_misses_it() {
    let mut headings = Vec::new();
    for seed in 0..20 {
        let all = draw::batch(seed).texts;
        let without = all.without(&[naive::CREDIT]);
        let sheets = |texts: &Texts| -> Vec<naive::Sheet> {
            let sheets = texts.files.iter().flat_map(|file| &file.sheets);
            sheets.cloned().collect()
        };
        for (before, after) in sheets(&all).iter().zip(sheets(&without)) {
            let had = !before.absent.contains(&naive::CREDIT);
            let title = naive::FIELDS[naive::CREDIT].to_string();
            assert_eq!(after.unread.contains(&title), had);
            assert!(!after.absent.contains(&naive::CREDIT));
            let mut cells = after.rows.iter().map(|row| &row.cells[naive::CREDIT]);
            assert!(cells.all(|cell| cell.found.is_empty()));
            headings.push(had);
        }
    }
    assert!(headings.contains(&true) && headings.contains(&false));
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

#[test]
fn the_second_implementation_agrees_with_every_vector() {
    for path in vectors::folders() {
        let place = path.file_name().unwrap().to_string_lossy().to_string();
        let texts = folder::read(&path);
        let answer = answer(&texts).expect("no vector is stopped");
        let expected: Value =
            serde_json::from_slice(&fs::read(path.join("expected.json")).unwrap()).unwrap();
        let mut found = document::allocation(&texts, &answer);
        found["questions"] = json!(document::questions(&answer));
        vectors::agrees(&expected, &found, &place);
        let expected = vectors::table(&fs::read(path.join("expected-rows.csv")).unwrap());
        let row = |row: &naive::Ended| {
            let codes: Vec<&str> = row.codes.iter().copied().collect();
            let rest = [
                row.outcome.to_string(),
                codes.join(" "),
                document::dollars(row.amount),
            ];
            ((row.file.clone(), row.row), rest.to_vec())
        };
        let found: BTreeMap<_, _> = answer.rows.iter().map(row).collect();
        assert_eq!(expected, found, "{place}");
    }
}
