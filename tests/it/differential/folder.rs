//! A batch folder of csv files as the texts that the second implementation wants.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use super::naive::{Cells, Entity, File, Program, Resolution, Rules, Sheet, Texts, TierRules};
use crate::batch_builder::headings;

/// A record by heading, with its line.
type Records = Vec<(u32, BTreeMap<String, String>)>;

/// Line by line: no record of a vector spans two.
fn records(path: &Path) -> Records {
    let Ok(text) = fs::read_to_string(path) else {
        return Vec::new();
    };
    let mut lines = text.lines().zip(1..).map(|(line, number)| {
        let record = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(line.as_bytes())
            .into_records()
            .next();
        (
            number,
            record.map_or_else(csv::StringRecord::new, Result::unwrap),
        )
    });
    let (_, titles) = lines.next().unwrap();
    let cells = |record: csv::StringRecord| {
        titles
            .iter()
            .zip(record.iter())
            .map(|(title, cell)| (title.to_string(), cell.to_string()))
            .collect()
    };
    lines
        .map(|(number, record)| (number, cells(record)))
        .collect()
}

fn toml_of(path: &Path) -> Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

fn cents(text: &str) -> i128 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<2}").parse().unwrap()
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_str().unwrap().to_string())
            .collect(),
        value => vec![value.as_str().unwrap().to_string()],
    }
}

fn readings(table: &Table) -> BTreeMap<String, Vec<String>> {
    let entries = table
        .get("readings")
        .and_then(Value::as_table)
        .into_iter()
        .flatten();
    entries
        .map(|(key, value)| (key.clone(), strings(value)))
        .collect()
}

fn first_year(text: &str) -> u32 {
    text[..4].parse().unwrap()
}

fn rules(path: &Path) -> Rules {
    let table = toml_of(path);
    let text = |key: &str| table["amount"][key].as_str().unwrap();
    let eligibility = &table["eligibility"];
    let tiers = table["tier"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tier| TierRules {
            name: tier["name"].as_str().unwrap().to_string(),
            categories: strings(&tier["categories"]),
            cap_share: tier
                .get("cap_share")
                .map(|share| share.as_str().unwrap().to_string()),
        });
    Rules {
        id: table["id"].as_str().unwrap().to_string(),
        first_year: first_year(table["school_year"].as_str().unwrap()),
        per_unit: cents(text("per_unit")),
        multiplier: cents(text("frl_multiplier")),
        grades: eligibility["grades"]
            .as_array()
            .unwrap()
            .iter()
            .map(|grade| grade.as_integer().unwrap())
            .collect(),
        score_min: eligibility["ap_score_min"]
            .as_integer()
            .unwrap()
            .try_into()
            .unwrap(),
        credit_required: strings(&eligibility["graduation_credit_required"]),
        kinds: strings(&eligibility["participant_kinds"]),
        tiers: tiers.collect(),
        readings: readings(&table),
    }
}

fn submissions(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            submissions(root, &path, files);
            continue;
        }
        let rows = records(&path).into_iter().map(|(line, cells)| {
            let titles = headings();
            let cell = |column: usize| cells.get(&titles[column]).cloned().unwrap_or_default();
            let cells: Cells = std::array::from_fn(cell);
            (line, cells)
        });
        let sheet = Sheet {
            name: String::new(),
            rows: rows.collect(),
        };
        files.push(File {
            path: path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_string(),
            sheets: vec![sheet],
        });
    }
}

/// The texts of a folder.
pub fn read(root: &Path) -> Texts {
    let batch = toml_of(&root.join("batch.toml"));
    let programs = records(&root.join("qualified-programs.csv"))
        .into_iter()
        .map(|(_, cells)| Program {
            code: cells["Program Code"].clone(),
            category: cells["Category"].clone(),
            from: cells
                .get("First School Year")
                .filter(|year| !year.is_empty())
                .map(|year| first_year(year)),
            to: cells
                .get("Last School Year")
                .filter(|year| !year.is_empty())
                .map(|year| first_year(year)),
        });
    let entities = records(&root.join("participants.csv"))
        .into_iter()
        .map(|(_, cells)| Entity {
            district: cells["District Code"].clone(),
            school: cells["School Code"].clone(),
            name: cells["Name"].clone(),
            kind: cells["Kind"].clone(),
            participating: cells["Participating"] == "Y",
            supplemented: cells["Requires Completion For Graduation"] == "Y",
        });
    let resolutions = records(&root.join("resolutions.csv"))
        .into_iter()
        .map(|(_, cells)| Resolution {
            district: cells["District Code"].clone(),
            school: cells["School Code"].clone(),
            sasid: cells["SASID"].clone(),
            program: cells["Program Code"].clone(),
            file: cells["Source File"].clone(),
            sheet: cells["Source Sheet"].clone(),
            row: cells["Source Row"].parse().ok(),
            pay: cells["Decision"] == "pay",
        });
    let ledger = records(&root.join("prior-payments.csv"))
        .into_iter()
        .map(|(_, cells)| (cells["SASID"].clone(), cells["Program Code"].clone()));
    let mut files = Vec::new();
    submissions(root, &root.join("submissions"), &mut files);
    let text = |key: &str| batch.get(key).map(|value| value.as_str().unwrap());
    Texts {
        rules: rules(&root.join(text("rules").unwrap())),
        readings: readings(&batch),
        available: cents(text("available").unwrap()),
        supplement: text("supplement_available").map(cents),
        programs: programs.collect(),
        entities: entities.collect(),
        ledger: ledger.collect(),
        resolutions: resolutions.collect(),
        files,
    }
}
