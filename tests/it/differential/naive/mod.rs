//! A second implementation, written from the calculation specification alone, in plain loops: texts go in, decisions and amounts
//! come out. It shares no code with the program, so that an error would have to be made twice to go unnoticed.
//!
//! Ties and orders compare whole texts; duplicates compare every row with every other; a rate is searched and not divided; odd
//! cents are handed out one after another. Amounts are cents, weights hundredths, all in 128 bits.

mod columns;
mod dates;
mod decisions;
mod duplicates;
mod lines;
mod qualify;
mod questions;
mod read;
pub mod rules;
mod says;
pub mod supplement;
mod texts;
mod tiers;

use std::collections::{BTreeMap, BTreeSet};

pub use self::decisions::row_check;
pub use self::questions::code_of;
pub use self::rules::{Rules, TierRules};
pub use self::says::says;
pub use self::texts::*;
pub use self::tiers::Tier;

/// What became of a row.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    pub file: String,
    pub sheet: String,
    pub sheet_order: usize,
    pub row: u32,
    /// Empty while nothing is decided.
    pub outcome: &'static str,
    /// Those of errors, reasons and holds.
    pub codes: BTreeSet<&'static str>,
    /// Reasons that no longer count.
    pub waived: BTreeSet<&'static str>,
    pub warnings: BTreeSet<&'static str>,
    /// As padded, upper-cased or written in full; what could not be read as it was found.
    pub district: String,
    pub school: String,
    pub sasid: String,
    pub program: String,
    /// The program's, if it is on the list of the school year.
    pub category: Option<String>,
    pub program_name: String,
    pub sector: String,
    pub date: String,
    pub grade: Option<i64>,
    pub lunch: Option<bool>,
    /// The position of its participant, participating or not.
    pub found: Option<usize>,
    /// A line of the resolutions denies the place where it stands.
    pub left: bool,
    /// Position of the tier in which it was a certificate.
    pub tier: Option<usize>,
    /// Hundredths, of a unit.
    pub weight: Option<i128>,
    pub amount: i128,
    /// What its fields say.
    says: Vec<String>,
}

impl Ended {
    /// No error keeps it from being read.
    pub fn readable(&self) -> bool {
        !self.codes.iter().any(|code| code.starts_with('E'))
    }

    /// What it says in a field that no check reads.
    pub fn says(&self, field: usize) -> &str {
        &self.says[field]
    }

    fn reads(&self, error: &str) -> bool {
        !self.codes.contains(error)
    }

    fn has_both_codes(&self) -> bool {
        self.reads("E201") && self.reads("E202")
    }
}

/// Something that is probably not what its sender meant: its code, its file or participant, its sheet, its row or 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    pub code: &'static str,
    pub place: String,
    pub sheet: String,
    pub row: u32,
    /// The other file, where two are compared.
    pub other: String,
}

/// The result.
#[derive(Clone, Debug)]
pub struct Answer {
    pub readings: BTreeMap<String, Vec<String>>,
    /// In the order of the batch: path by bytes, sheet order, row number.
    pub rows: Vec<Ended>,
    pub tiers: Vec<Tier>,
    pub unspent: i128,
    /// By position of the entity.
    pub supplements: BTreeMap<usize, i128>,
    /// W214, W220 and W231 by position of the line.
    pub told: BTreeMap<usize, &'static str>,
    /// Files that do not say whose they are.
    pub nameless: Vec<String>,
    /// The open ones.
    pub questions: Vec<Question>,
    pub standing: &'static str,
}

/// Decides and allocates. `None` where the run must stop: decisions that contradict each other, or a ledger that has the batch's own
/// budget year.
pub fn answer(texts: &Texts) -> Option<Answer> {
    let texts = &texts.in_their_year();
    if texts
        .ledger
        .iter()
        .any(|prior| prior.year >= texts.rules.budget_year)
    {
        return None;
    }
    if lines::contradict(texts) {
        return None;
    }
    let readings = readings(texts);
    let mut told = lines::without_effect(texts);
    let participating = decisions::exclude(texts, &mut told);
    let corrections = decisions::correct(texts, &mut told);
    let mut rows = read::rows(texts, &corrections);
    qualify::reasons(texts, &participating, &mut rows);
    // The cap's base counts what could be read: a line that denies a rejected row makes nothing readable.
    decisions::waive(texts, &mut told, &mut rows);
    decisions::deny_by_source(texts, &mut told, &mut rows);
    qualify::lunch_both_ways(&mut rows);
    let owners = qualify::owners(texts, &rows);
    qualify::hold_wrong_files(&owners, &mut rows);
    duplicates::find(texts, readings["cross_entity"][0] == "hold", &mut rows);
    decisions::on_pupils(texts, &mut told, &mut rows);
    let asked = questions::asked(texts, &participating, &told, &owners, &rows);
    let questions = questions::unanswered(texts, &mut told, asked);
    let (tiers, unspent) = tiers::allocate(texts, &readings, &mut rows);
    let supplements = supplement::of_the_first_tier(texts, &tiers[0]);
    let undecided = rows
        .iter()
        .any(|row| ["rejected", "held"].contains(&row.outcome));
    let open = undecided
        || !questions.is_empty()
        || told.values().any(|code| ["W214", "W220"].contains(code));
    Some(Answer {
        readings,
        rows,
        tiers,
        unspent,
        supplements,
        told,
        nameless: owners
            .into_iter()
            .filter(|(_, owner)| owner.is_none())
            .map(|(file, _)| file)
            .collect(),
        questions,
        standing: if open { "PRELIMINARY" } else { "FINAL" },
    })
}

fn readings(texts: &Texts) -> BTreeMap<String, Vec<String>> {
    let mut readings = BTreeMap::new();
    for (key, value) in [
        ("unit", "pupil"),
        ("cap_base", "qualified"),
        ("cap_rounding", "floor"),
        ("cap_selection", "earliest"),
        ("cap_money", "stays_in_tier"),
        ("rounding", "uniform_floor"),
        ("cross_entity", "hold"),
    ] {
        readings.insert(key.to_string(), vec![value.to_string()]);
    }
    let all = ["district", "district_charter", "institute_charter", "boces"].map(str::to_string);
    readings.insert("cap_applies_to".to_string(), all.to_vec());
    for (key, value) in texts.rules.readings.iter().chain(&texts.readings) {
        readings.insert(key.clone(), value.clone());
    }
    readings
}
