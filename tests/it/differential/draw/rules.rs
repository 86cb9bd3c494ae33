//! Rule sets: those of the program's years, and a deployment's own.

use std::collections::BTreeMap;

use rand::RngExt as _;

use super::super::document::dollars;
use super::super::naive::{Rules, TierRules};
use super::{CATEGORIES, Draw, KINDS, school_year, some_readings};

/// The first and the last budget year of the program.
const BUDGET_YEARS: std::ops::RangeInclusive<u32> = 2017..=2025;

/// The table of section 6.
pub fn of_year(budget_year: u32) -> Rules {
    let tier = |name: &str, categories: &[&str], cap: Option<(&str, &str)>| TierRules {
        name: name.to_string(),
        categories: categories.iter().map(ToString::to_string).collect(),
        cap: cap.map(|(key, value)| (key.to_string(), value.to_string())),
    };
    let newer = budget_year >= 2023;
    let kinds = if newer { &KINDS[..] } else { &KINDS[..3] };
    let unit = if newer { "pupil" } else { "completion" };
    Rules {
        id: format!("co-cdip-{budget_year}-{}", budget_year - 1999),
        budget_year,
        first_year: budget_year - 1,
        per_unit: 100_000,
        multiplier: if newer { 120 } else { 100 },
        grades: vec![9, 10, 11, 12],
        score_min: 3,
        credit_required: vec!["industry_credential".to_string()],
        kinds: kinds.iter().map(ToString::to_string).collect(),
        tiers: vec![
            tier(
                "Industry credentials",
                &CATEGORIES[..1],
                (budget_year >= 2018).then_some(("cap_share", "0.10")),
            ),
            tier("Workplace training", &CATEGORIES[1..5], None),
            tier("Advanced Placement", &CATEGORIES[5..], None),
        ],
        readings: BTreeMap::from([("unit".to_string(), vec![unit.to_string()])]),
    }
}

pub(super) fn of_a_year(draw: &mut Draw) -> Rules {
    of_year(draw.0.random_range(BUDGET_YEARS))
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
    let first_year = 2017 + draw.below(8);
    let rules = Rules {
        id: "own".to_string(),
        budget_year: first_year + 1,
        first_year,
        per_unit,
        multiplier: [100, 120, 133, 250, 101][draw.position(5)],
        grades: if grades.is_empty() { vec![12] } else { grades },
        score_min: 1 + u8::try_from(draw.below(5)).unwrap(),
        credit_required: draw.some_of(&CATEGORIES, 25),
        kinds,
        tiers,
        readings: some_readings(draw),
    };
    let text = rules_file(&rules);
    (rules, Some(text))
}

pub fn readings_table(readings: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = "[readings]\n".to_string();
    for (key, values) in readings {
        if key == "cap_applies_to" {
            text.push_str(&format!("{key} = {values:?}\n"));
        } else {
            text.push_str(&format!("{key} = {:?}\n", values[0]));
        }
    }
    text
}

fn rules_file(rules: &Rules) -> String {
    let mut text = format!(
        "id = \"{}\"\ntitle = \"Own rules\"\nbudget_year = \"{}\"\nschool_year = \"{}\"\n\n[amount]\nper_unit = \"{}\"\nfrl_multiplier = \"{}\"\n\n\
         [eligibility]\ngrades = {:?}\nap_score_min = {}\ngraduation_credit_required = {:?}\nparticipant_kinds = {:?}\n",
        rules.id,
        school_year(rules.first_year + 1),
        school_year(rules.first_year),
        dollars(rules.per_unit),
        dollars(rules.multiplier),
        rules.grades,
        rules.score_min,
        rules.credit_required,
        rules.kinds,
    );
    for (index, tier) in rules.tiers.iter().enumerate() {
        text.push_str(&format!(
            "\n[[tier]]\nnumber = {}\nname = {:?}\ncategories = {:?}\n",
            index + 1,
            tier.name,
            tier.categories
        ));
        if let Some((key, value)) = &tier.cap {
            text.push_str(&format!("{key} = \"{value}\"\n"));
        }
    }
    text + "\n" + &readings_table(&rules.readings)
}

#[test]
fn every_budget_year_of_the_program_is_drawn() {
    let drawn = BUDGET_YEARS.map(|year| of_year(year).id);
    assert_eq!(drawn.collect::<Vec<_>>(), cdip::rules::built_in_ids());
}
