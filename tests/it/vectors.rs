//! The vectors: batches with their right answers. Every figure of `allocation.json` and every row of `completions.csv` must agree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cdip::batch::Batch;
use cdip::calculation::{Calculation, calculate};
use cdip::report::{json, text};
use serde_json::Value;

/// The folders of all vectors, by name.
pub fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

/// The result of the batch in a folder.
pub fn calculated(folder: &Path) -> Calculation {
    let batch = Batch::open(folder).unwrap_or_else(|stop| panic!("{}: {stop}", folder.display()));
    calculate(batch, &|_, _| {}).unwrap_or_else(|stop| panic!("{}: {stop}", folder.display()))
}

/// Everything that is expected stands in what was found; objects may hold more, outcomes without a row are zero.
pub fn agrees(expected: &Value, found: &Value, place: &str) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                agrees(
                    value,
                    found.get(key).unwrap_or(&Value::Null),
                    &format!("{place}/{key}"),
                );
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "{place}: how many\n{found:#?}");
            for (position, (expected, found)) in expected.iter().zip(found).enumerate() {
                agrees(expected, found, &format!("{place}/{position}"));
            }
        }
        _ => assert_eq!(expected, found, "{place}"),
    }
}

#[test]
fn every_vector_agrees_in_every_figure_of_the_allocation() {
    let folders = folders();
    assert_eq!(folders.len(), 24, "a vector is missing");
    for folder in folders {
        let expected: Value =
            serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
        let mut bytes = Vec::new();
        json::allocation(&calculated(&folder), &mut bytes).unwrap();
        let found: Value = serde_json::from_slice(&bytes).unwrap();
        agrees(
            &expected,
            &found,
            &folder.file_name().unwrap().to_string_lossy(),
        );
        let none: Vec<_> = found["buckets"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, count)| **count != 0)
            .map(|(key, _)| key)
            .collect();
        let expected: Vec<_> = expected["buckets"].as_object().unwrap().keys().collect();
        assert_eq!(
            none.len(),
            expected.len(),
            "{}: outcomes {none:?} and not {expected:?}",
            folder.display()
        );
    }
}

#[test]
fn every_vector_agrees_in_every_row() {
    for folder in folders() {
        let mut bytes = Vec::new();
        text::completions(&calculated(&folder), &mut bytes).unwrap();
        let found = table(&bytes);
        let expected = table(&fs::read(folder.join("expected-rows.csv")).unwrap());
        assert_eq!(expected.len(), found.len(), "{}: rows", folder.display());
        for (place, expected) in &expected {
            assert_eq!(
                found.get(place),
                Some(expected),
                "{}: {place:?}",
                folder.display()
            );
        }
    }
}

/// (file, row) -> outcome, codes, amount.
pub fn table(bytes: &[u8]) -> BTreeMap<(String, u32), Vec<String>> {
    let columns = ["source_file", "source_row", "outcome", "codes", "amount"];
    let mut reader = csv::Reader::from_reader(bytes);
    let headings = reader.headers().unwrap().clone();
    let at: Vec<usize> = columns
        .iter()
        .map(|column| {
            headings
                .iter()
                .position(|heading| heading == *column)
                .unwrap()
        })
        .collect();
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        let mut cells: Vec<String> = at
            .iter()
            .map(|column| record[*column].to_string())
            .collect();
        let rest = cells.split_off(2);
        ((cells[0].clone(), cells[1].parse().unwrap()), rest)
    });
    rows.collect()
}
