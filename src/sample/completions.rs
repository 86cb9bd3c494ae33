//! Clean rows: pupils and what they completed.

use std::ops::Range;

use chrono::{Months, NaiveDate};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::{
    completion::Completion,
    habits::Habits,
    options::day,
    programs::{PROGRAMS, Program, SHARES},
    statewide::{Reporter, Statewide},
};
use crate::rules::terms::Category;

/// Every invented id begins with 99; no real one does.
const SASID_FIRST: u64 = 9_900_000_000;
const SASIDS: u64 = 100_000_000;
/// Coprime to the number of ids, so that adding it repeatedly visits each id once, in no visible order.
const SASID_STEP: u64 = 61_803_399;

/// Relative weights of grades 9 to 12.
const GRADES: [(u32, u8); 4] = [(7, 9), (15, 10), (32, 11), (46, 12)];
/// Relative weights of how many programs a pupil completes.
const PROGRAMS_PER_PUPIL: [(u32, usize); 3] = [(76, 1), (19, 2), (5, 3)];
/// Relative weights of AP scores; most failing pupils are not reported.
const AP_SCORES: [(u32, u8); 5] = [(3, 1), (9, 2), (34, 3), (31, 4), (23, 5)];
/// Months from July: relative share of completions, and first day in the school year.
const MONTHS: [(u32, i32); 12] = [
    (1, 0),
    (1, 31),
    (2, 62),
    (4, 92),
    (5, 123),
    (11, 153),
    (6, 184),
    (7, 215),
    (10, 244),
    (16, 275),
    (31, 305),
    (6, 336),
];
/// AP examinations run from 6 to 17 May 2024.
const AP_WEEKS: std::ops::RangeInclusive<i32> = 310..=321;

/// All rows, reporter by reporter.
pub(super) struct Completions {
    pub(super) rows: Vec<Completion>,
    /// The range of each reporter's rows, by rank.
    pub(super) of_reporter: Vec<Range<usize>>,
    pub(super) sasids: Sasids,
}

impl Completions {
    pub(super) fn invent(statewide: &Statewide, rng: &mut ChaCha8Rng) -> Self {
        let mut sasids = Sasids {
            next: rng.random_range(0..SASIDS),
        };
        let mut rows = Vec::new();
        let mut of_reporter = Vec::new();
        for reporter in &statewide.reporters {
            let start = rows.len();
            let end = start + Habits::of(reporter).completions(reporter);
            while rows.len() < end {
                pupil(reporter, sasids.next(), end - rows.len(), &mut rows, rng);
            }
            of_reporter.push(start..end);
        }
        Self {
            rows,
            of_reporter,
            sasids,
        }
    }

    /// Moves every date back by some years; 29 February becomes the 28th.
    pub(super) fn move_back(&mut self, years: u16) {
        for row in &mut self.rows {
            row.date = row.date - Months::new(12 * u32::from(years));
        }
    }
}

/// Unused ids.
#[derive(Debug, Clone)]
pub(super) struct Sasids {
    next: u64,
}

impl Sasids {
    pub(super) fn next(&mut self) -> u64 {
        self.next = (self.next + SASID_STEP) % SASIDS;
        SASID_FIRST + self.next
    }
}

/// Adds the completions of one pupil, at most `room` of them.
fn pupil(
    reporter: &Reporter,
    sasid: u64,
    room: usize,
    rows: &mut Vec<Completion>,
    rng: &mut ChaCha8Rng,
) {
    let school = weighted(
        rng,
        reporter
            .schools
            .iter()
            .map(|school| (school.weight, school.code)),
    );
    let grade = weighted(rng, GRADES);
    let frl = rng.random_ratio(reporter.frl_percent, 100);
    let first = rows.len();
    for _ in 0..weighted(rng, PROGRAMS_PER_PUPIL).min(room) {
        let program = loop {
            let program = choose_program(rng);
            if !rows[first..]
                .iter()
                .any(|row| row.program.code == program.code)
            {
                break program;
            }
        };
        rows.push(Completion {
            district: reporter.code,
            school,
            sasid,
            grade,
            program,
            date: completion_date(program.category, rng),
            frl,
            graduation_credit: graduation_credit(program.category, rng),
            ap_score: (program.category == Category::ApCourse).then(|| weighted(rng, AP_SCORES)),
            defect: None,
        });
    }
}

fn choose_program(rng: &mut ChaCha8Rng) -> &'static Program {
    let is_drawn = weighted(rng, SHARES);
    let offered = PROGRAMS
        .iter()
        .filter(|program| program.is_current() && is_drawn(program.category));
    weighted(rng, offered.map(|program| (program.weight, program)))
}

fn completion_date(category: Category, rng: &mut ChaCha8Rng) -> NaiveDate {
    if category == Category::ApCourse {
        day(rng.random_range(AP_WEEKS))
    } else {
        day(weighted(rng, MONTHS) + rng.random_range(0..30))
    }
}

/// Required for credentials only; some entities fill it in for other rows too.
fn graduation_credit(category: Category, rng: &mut ChaCha8Rng) -> Option<bool> {
    match category {
        Category::IndustryCredential => Some(true),
        _ => weighted(rng, [(6, None), (3, Some(true)), (1, Some(false))]),
    }
}

/// Draws one of the values by its relative weight.
pub(super) fn weighted<T>(
    rng: &mut ChaCha8Rng,
    choices: impl IntoIterator<Item = (u32, T), IntoIter: Clone>,
) -> T {
    let mut choices = choices.into_iter();
    let total = choices.clone().map(|(weight, _)| weight).sum();
    let mut left = rng.random_range(0..total);
    choices
        .find_map(|(weight, value)| {
            if left < weight {
                return Some(value);
            }
            left -= weight;
            None
        })
        .expect("the number drawn is below the sum of the weights")
}
