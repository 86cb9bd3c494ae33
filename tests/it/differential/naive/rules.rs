//! The rules as the second implementation knows them: those of each budget year, and how a rules file writes them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use toml::{Table, Value};

use super::super::document::dollars;
use super::super::draw::{CATEGORIES, KINDS, school_year};
use super::texts::SCORE;

/// The rule values that the calculation needs.
#[derive(Clone, Debug)]
pub struct Rules {
    pub id: String,
    /// The first calendar year of the budget year.
    pub budget_year: u32,
    /// The first calendar year of the school year.
    pub first_year: u32,
    /// Cents.
    pub per_unit: i128,
    /// Hundredths.
    pub multiplier: i128,
    pub grades: Vec<i64>,
    /// For each of [`MINIMUMS`].
    pub least: [Option<u32>; MINIMUMS.len()],
    pub credit_required: Vec<String>,
    pub kinds: Vec<String>,
    pub tiers: Vec<TierRules>,
    /// Readings over the defaults.
    pub readings: BTreeMap<String, Vec<String>>,
}

/// Reasons that an appeal can waive.
pub const WAIVABLE: [&str; 5] = ["N302", "N303", "N305", "N306", "N309"];

/// A number in a column that some categories need, and that must not be too low.
pub struct Minimum {
    /// The key of the least number in the rules' table `[eligibility]`.
    pub key: &'static str,
    pub column: usize,
    pub needed_for: &'static [&'static str],
    /// Of a row whose number is missing or too low.
    pub reason: &'static str,
    /// The least number of a budget year, if it asks for one.
    pub of_year: fn(u32) -> Option<u32>,
    /// The least numbers that a rules file can have.
    pub can_be: RangeInclusive<u32>,
}

pub const MINIMUMS: [Minimum; 1] = [Minimum {
    key: "ap_score_min",
    column: SCORE,
    needed_for: &["ap_course"],
    reason: "N306",
    of_year: |_| Some(3),
    can_be: 1..=5,
}];

/// Categories funded together.
#[derive(Clone, Debug)]
pub struct TierRules {
    pub name: String,
    pub categories: Vec<String>,
    /// The key of its cap, and the value as it is written: `cap_share` and `0.10`.
    pub cap: Option<(String, String)>,
}

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
        least: MINIMUMS.map(|minimum| (minimum.of_year)(budget_year)),
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

pub fn cents(text: &str) -> i128 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<2}").parse().unwrap()
}

pub fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_str().unwrap().to_string())
            .collect(),
        value => vec![value.as_str().unwrap().to_string()],
    }
}

pub fn readings(table: &Table) -> BTreeMap<String, Vec<String>> {
    let entries = table
        .get("readings")
        .and_then(Value::as_table)
        .into_iter()
        .flatten();
    entries
        .map(|(key, value)| (key.clone(), strings(value)))
        .collect()
}

pub fn first_year(text: &str) -> u32 {
    text[..4].parse().unwrap()
}

/// Reads a rules file.
pub fn of_file(text: &str) -> Rules {
    let table: Table = text.parse().unwrap();
    let text = |key: &str| table["amount"][key].as_str().unwrap();
    let eligibility = &table["eligibility"];
    let tiers = table["tier"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tier| TierRules {
            name: tier["name"].as_str().unwrap().to_string(),
            categories: strings(&tier["categories"]),
            cap: tier
                .as_table()
                .unwrap()
                .iter()
                .find(|(key, _)| key.starts_with("cap_"))
                .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_string())),
        });
    Rules {
        id: table["id"].as_str().unwrap().to_string(),
        budget_year: first_year(table["budget_year"].as_str().unwrap()),
        first_year: first_year(table["school_year"].as_str().unwrap()),
        per_unit: cents(text("per_unit")),
        multiplier: cents(text("frl_multiplier")),
        grades: eligibility["grades"]
            .as_array()
            .unwrap()
            .iter()
            .map(|grade| grade.as_integer().unwrap())
            .collect(),
        least: MINIMUMS.map(|minimum| {
            let least = eligibility.get(minimum.key)?;
            Some(least.as_integer().unwrap().try_into().unwrap())
        }),
        credit_required: strings(&eligibility["graduation_credit_required"]),
        kinds: strings(&eligibility["participant_kinds"]),
        tiers: tiers.collect(),
        readings: readings(&table),
    }
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

/// A rules file of these rules.
pub fn file_of(rules: &Rules) -> String {
    let mut text = format!(
        "id = \"{}\"\ntitle = \"Own rules\"\nbudget_year = \"{}\"\nschool_year = \"{}\"\n\n[amount]\nper_unit = \"{}\"\nfrl_multiplier = \"{}\"\n\n\
         [eligibility]\ngrades = {:?}\ngraduation_credit_required = {:?}\nparticipant_kinds = {:?}\n",
        rules.id,
        school_year(rules.first_year + 1),
        school_year(rules.first_year),
        dollars(rules.per_unit),
        dollars(rules.multiplier),
        rules.grades,
        rules.credit_required,
        rules.kinds,
    );
    for (minimum, least) in MINIMUMS.iter().zip(rules.least) {
        if let Some(least) = least {
            text.push_str(&format!("{} = {least}\n", minimum.key));
        }
    }
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
