//! Random batches, small and crowded: few pupils, days and programs, so that ties, second awards and completions of several
//! participants are common, with every accepted form of a cell, all kinds of faults, and decisions on open rows.
//! The same seed gives the same batch.

mod cells;
mod files;
mod folder;
mod lines;
pub mod rules;

use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::naive::{CREDIT, Entity, GRADE, LUNCH, Prior, Program, Texts};
use crate::batch_builder::TestBatch;

/// Every reading with its values, as the specification lists them; of `cap_applies_to` the values of its list.
pub const READINGS: [(&str, &[&str]); 8] = [
    ("unit", &["pupil", "pupil_per_tier", "completion"]),
    ("cap_base", &["qualified", "reported"]),
    ("cap_rounding", &["floor", "nearest", "ceiling"]),
    ("cap_selection", &["earliest", "frl_first", "proportional"]),
    ("cap_applies_to", &KINDS),
    ("cap_money", &["stays_in_tier", "to_next_tier"]),
    ("rounding", &["uniform_floor", "largest_remainder"]),
    ("cross_entity", &["hold", "earliest"]),
];

/// Every kind of participant.
pub const KINDS: [&str; 4] = ["district", "district_charter", "institute_charter", "boces"];

pub const CATEGORIES: [&str; 6] = [
    "industry_credential",
    "internship",
    "residency",
    "pre_apprenticeship",
    "apprenticeship",
    "ap_course",
];

const PROGRAMS: [(&str, &str); 11] = [
    ("IC1", "industry_credential"),
    ("IC2", "industry_credential"),
    ("ic3", "industry_credential"),
    ("IC10", "industry_credential"),
    ("IN1", "internship"),
    ("RE1", "residency"),
    ("PA1", "pre_apprenticeship"),
    ("AA1", "apprenticeship"),
    ("AP1", "ap_course"),
    ("AP-2", "ap_course"),
    ("OLD", "industry_credential"),
];

/// A batch as texts, and the folder that holds them.
pub struct Drawn {
    pub texts: Texts,
    pub batch: TestBatch,
}

struct Draw(ChaCha8Rng);

impl Draw {
    fn below(&mut self, bound: u32) -> u32 {
        self.0.random_range(0..bound)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.position(from.len())]
    }

    fn position(&mut self, length: usize) -> usize {
        self.0.random_range(0..length)
    }

    fn some_of(&mut self, from: &[&str], percent: u32) -> Vec<String> {
        from.iter()
            .filter(|_| self.chance(percent))
            .map(ToString::to_string)
            .collect()
    }
}

/// The batch of a seed.
pub fn batch(seed: u64) -> Drawn {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(seed));
    let (rules, own_rules) = if draw.chance(40) {
        rules::own(&mut draw)
    } else {
        (rules::of_a_year(&mut draw), None)
    };
    let entities = entities(&mut draw);
    let programs = programs(&mut draw, rules.first_year);
    let files = files::files(&mut draw, &rules, &entities);
    let rows: usize = files
        .iter()
        .flat_map(|file| &file.sheets)
        .map(|sheet| sheet.rows.len())
        .sum();
    let most = u64::try_from(rules.per_unit).unwrap() * rows as u64;
    let available = match draw.below(10) {
        0 => u64::from(draw.below(50)),
        1 => 10 * most,
        _ => draw.0.random_range(0..=most),
    };
    let supplement = draw
        .chance(50)
        .then(|| i128::from(draw.0.random_range(0..=most / 3)));
    let mut texts = Texts {
        ledger: ledger(&mut draw, rules.budget_year),
        readings: some_readings(&mut draw),
        values: own_words(&mut draw),
        passed_over: files::passed_over(&mut draw),
        rules,
        available: available.into(),
        supplement,
        run_date: "2024-09-15".to_string(),
        prepared_by: draw.pick(&["", "Ann Example"]).to_string(),
        programs,
        entities,
        lines: Vec::new(),
        files,
    };
    texts.lines = lines::lines(&mut draw, &texts);
    let batch = folder::folder(&mut draw, &texts, own_rules);
    Drawn { texts, batch }
}

/// Some words of a deployment's own, in any case, for what the specification knows and what it does not.
fn own_words(draw: &mut Draw) -> Vec<(usize, String, String)> {
    const WORDS: [(usize, &[&str], &[&str]); 3] = [
        (
            GRADE,
            &["Twelve", "adult", "12", "8", "Gr 13", "KG", "SR"],
            &["12", "9th", "8", "Senior", "K", "100"],
        ),
        (
            LUNCH,
            &["s", "R", "F", "2", "P", "maybe", "0", "free", "?"],
            &["yes", "no", "N", "Reduced Lunch", "00", "T"],
        ),
        (
            CREDIT,
            &["Earned", "P", "?", "y", "No", "1"],
            &["Y", "no", "F", "1", "true"],
        ),
    ];
    let mut words = Vec::new();
    if !draw.chance(35) {
        return words;
    }
    for (field, found, meanings) in WORDS {
        for word in found {
            if draw.chance(25) {
                words.push((field, word.to_string(), draw.pick(meanings).to_string()));
            }
        }
    }
    words
}

/// Some readings, each with any of its values.
fn some_readings(draw: &mut Draw) -> BTreeMap<String, Vec<String>> {
    let mut readings = BTreeMap::new();
    for (key, values) in READINGS {
        if draw.chance(70) {
            let value = if key == "cap_applies_to" {
                draw.some_of(values, 70)
            } else {
                vec![draw.pick(values).to_string()]
            };
            readings.insert(key.to_string(), value);
        }
    }
    readings
}

/// Completions paid before; one of the batch's own year stops the run.
fn ledger(draw: &mut Draw, budget_year: u32) -> Vec<Prior> {
    let mut ledger = Vec::new();
    for _ in 0..draw.below(4) {
        let years = [2014, 2015, 2016, budget_year - 1];
        let year = if draw.chance(1) {
            budget_year
        } else {
            years[draw.position(4)]
        };
        let prior = Prior {
            sasid: sasid(draw, 30),
            program: program(draw).to_uppercase(),
            year,
        };
        let again = |other: &Prior| other.sasid == prior.sasid && other.program == prior.program;
        if !ledger.iter().any(again) {
            ledger.push(prior);
        }
    }
    ledger
}

pub fn school_year(first: u32) -> String {
    format!("{first}-{:02}", (first + 1) % 100)
}

fn entities(draw: &mut Draw) -> Vec<Entity> {
    const ALL: [(&str, &str, &str); 9] = [
        ("0010", "", "district"),
        ("0010", "4500", "district_charter"),
        ("0010", "4501", "district_charter"),
        ("0020", "", "district"),
        ("0020", "4510", "district_charter"),
        ("0030", "", "district"),
        ("8001", "4600", "institute_charter"),
        ("8001", "4601", "institute_charter"),
        ("9035", "", "boces"),
    ];
    let mut entities: Vec<Entity> = ALL
        .iter()
        .map(|(district, school, kind)| Entity {
            district: district.to_string(),
            school: school.to_string(),
            name: format!("Entity {district} {school}").trim().to_string(),
            kind: kind.to_string(),
            participating: draw.chance(90),
            supplemented: draw.chance(40),
        })
        .collect();
    // The order of the list means nothing.
    let turn = draw.position(entities.len());
    entities.rotate_left(turn);
    entities
}

fn programs(draw: &mut Draw, first_year: u32) -> Vec<Program> {
    let programs = PROGRAMS.iter().map(|(code, category)| {
        let (from, to) = match draw.below(8) {
            0 => (Some(first_year), Some(first_year)),
            1 => (Some(first_year - draw.below(3)), None),
            2 if *code == "OLD" => (None, Some(first_year - 1)),
            3 if *code == "OLD" => (Some(first_year + 1), None),
            4 => (None, Some(first_year + draw.below(3))),
            _ => (None, None),
        };
        Program {
            code: code.to_string(),
            name: format!("Program {code}"),
            category: category.to_string(),
            sector: if *category == "ap_course" {
                ""
            } else {
                "+Trades"
            }
            .to_string(),
            from,
            to,
        }
    });
    programs.collect()
}

fn program(draw: &mut Draw) -> &'static str {
    // Half of all rows share three programs, so that pupils report the same one twice.
    let among = if draw.chance(50) { 3 } else { PROGRAMS.len() };
    PROGRAMS[draw.position(among)].0
}

fn sasid(draw: &mut Draw, pupils: u32) -> String {
    format!("13524{:05}", 7_001 + draw.below(pupils))
}
