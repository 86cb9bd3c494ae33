//! Rule sets: those of the program's years, and a deployment's own.

use std::ops::RangeInclusive;

use cdip::rules::built_in_ids;
use rand::RngExt as _;

use super::super::naive::rules::{MINIMUMS, Rules, TierRules, file_of, of_year};
use super::{CATEGORIES, Draw, KINDS, some_readings};

/// The budget years of the program.
pub fn budget_years() -> RangeInclusive<u32> {
    let ids = built_in_ids();
    let year = |id: &String| id["co-cdip-".len()..][..4].parse().unwrap();
    year(&ids[0])..=year(&ids[ids.len() - 1])
}

pub(super) fn of_a_year(draw: &mut Draw) -> Rules {
    of_year(draw.0.random_range(budget_years()))
}

/// Tiers of a deployment's own, each with some of the categories.
fn own_tiers(draw: &mut Draw) -> Vec<TierRules> {
    let mut left: Vec<&str> = CATEGORIES.to_vec();
    let mut tiers = Vec::new();
    for number in 1..=1 + draw.below(4) {
        if left.is_empty() {
            break;
        }
        let some = (0..=draw.position(left.len().min(3)))
            .map(|_| left.remove(draw.position(left.len())).to_string())
            .collect();
        let cap = draw.chance(60).then(|| {
            let share = draw.pick(&["0.10", "0", "0.05", "0.25", "0.333333", "0.5", "1", "0.125"]);
            ("cap_share".to_string(), share.to_string())
        });
        tiers.push(TierRules {
            name: format!("Tier {number}"),
            categories: some,
            cap,
        });
    }
    tiers
}

/// Rules of a deployment's own, and their file.
pub(super) fn own(draw: &mut Draw) -> (Rules, Option<String>) {
    let tiers = own_tiers(draw);
    let per_unit = [100_000, 72_533, 99_999, 1, 37, 500_000][draw.position(6)];
    let mut kinds = draw.some_of(&KINDS, 85);
    if kinds.is_empty() {
        kinds.push("district".to_string());
    }
    let grades: Vec<i64> = (0..=12)
        .filter(|grade| draw.chance(if *grade < 9 { 5 } else { 90 }))
        .collect();
    // Not the first: it has no cap.
    let years = budget_years();
    let budget_year = years.start() + 1 + draw.below(years.end() - years.start());
    let rules = Rules {
        id: "own".to_string(),
        per_unit,
        multiplier: [100, 120, 133, 250, 101][draw.position(5)],
        grades: if grades.is_empty() { vec![12] } else { grades },
        least: MINIMUMS.map(|minimum| Some(draw.0.random_range(minimum.can_be))),
        credit_required: draw.some_of(&CATEGORIES, 25),
        kinds,
        tiers,
        readings: some_readings(draw),
        ..of_year(budget_year)
    };
    let text = file_of(&rules);
    (rules, Some(text))
}
