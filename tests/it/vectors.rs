//! Test vectors: batches with their right answers. Every figure of `allocation.json` and every row of `completions.csv` must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cdip::batch::Batch;
use cdip::calculation::{Calculation, calculate};
use cdip::report::{json, text};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{cdip, csv_lines, root};

/// The folders of all vectors, by name.
pub fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("tests/vectors"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

/// A new folder with the report of a vector, which is FINAL, as `report`.
pub fn report_of(vector: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let vector = root().join("tests/vectors").join(vector);
    let vector = vector.to_str().unwrap();
    let run = ["run", vector, "--require-final", "--out", "report"];
    let output = cdip(folder.path(), &run);
    assert!(output.status.success(), "{output:?}");
    folder
}

/// The result of the batch in a folder.
pub fn calculated(folder: &Path) -> Calculation {
    calculated_after(folder, |_| {})
}

/// The result of the batch in a folder after a change to it.
pub fn calculated_after(folder: &Path, change: impl FnOnce(&mut Batch)) -> Calculation {
    let result = Batch::open(folder).and_then(|mut batch| {
        change(&mut batch);
        calculate(batch, &|_, _| {})
    });
    result.unwrap_or_else(|stop| panic!("{}: {stop}", folder.display()))
}

/// Everything that is expected is in what was found; objects may hold more, outcomes without a row are zero.
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

/// The open questions: code, file or participant, row or 0 where it is about no row.
fn questions(calculation: &Calculation) -> BTreeSet<(String, String, u32)> {
    let open = calculation
        .findings
        .iter()
        .filter(|finding| finding.code.as_str().starts_with('Q') && calculation.is_open(finding));
    open.map(|finding| {
        let list = calculation.intake.participants.all();
        let place = finding
            .participant
            .map_or(finding.file.to_string(), |rank| {
                list[rank].code().to_string()
            });
        (
            finding.code.as_str().to_string(),
            place,
            finding.position.and(finding.row).unwrap_or(0),
        )
    })
    .collect()
}

/// Panics where a folder does not end as it says.
fn ends_as_expected(folder: &Path) {
    let calculation = calculated(folder);
    let place = folder.file_name().unwrap().to_string_lossy();
    let expected: Value =
        serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let mut bytes = Vec::new();
    json::allocation(&calculation, &mut bytes).unwrap();
    let mut found: Value = serde_json::from_slice(&bytes).unwrap();
    found["buckets"]
        .as_object_mut()
        .unwrap()
        .retain(|_, count| *count != 0);
    assert_eq!(expected["buckets"], found["buckets"], "{place}: outcomes");
    found["questions"] = json!(questions(&calculation));
    agrees(&expected, &found, &place);
    let mut bytes = Vec::new();
    text::completions(&calculation, &mut bytes).unwrap();
    let expected = table(&fs::read(folder.join("expected-rows.csv")).unwrap());
    assert_eq!(expected, table(&bytes), "{place}: rows");
}

#[test]
fn every_vector_agrees_in_every_figure_row_and_question() {
    let folders = folders();
    let differs =
        |folder: &&PathBuf| std::panic::catch_unwind(|| ends_as_expected(folder)).is_err();
    let failed: Vec<&PathBuf> = folders.iter().filter(differs).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// (file, row) -> outcome, codes, amount.
pub fn table(bytes: &[u8]) -> BTreeMap<(String, u32), Vec<String>> {
    let rows = csv_lines(bytes).into_iter().map(|line| {
        let text = |column: &str| -> String {
            let text = line.get(column);
            text.unwrap_or_else(|| panic!("no {column}")).clone()
        };
        let place = (text("source_file"), text("source_row").parse().unwrap());
        (place, ["outcome", "codes", "amount"].map(text).to_vec())
    });
    rows.collect()
}
