//! Compares a file of the report with the one that the program would write, cell by cell.

use std::borrow::Cow;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

use serde_json::Value;

use super::alignment::{Pairing, differing};
use super::told::{Discrepancies, is_private_key, private_columns, shown, shown_apart};
use super::workbook;
use crate::hash::sha256_hex;
use crate::intake::limits::FILE_BYTES_MAX;

/// A file that grew by more than this factor is not compared cell by cell, which could fill all memory.
const GROWTH_MAX: u64 = 4;
/// Below this many bytes more, every growth is compared.
const GROWTH_FLOOR_BYTES: u64 = 8 << 20;

/// Says that the file found is the one that should be under another name.
pub(super) fn another<'f>(file: &'f str, other: &str) -> Discrepancies<'f> {
    let mut differences = Discrepancies::of(file);
    let what = format!("the file is the one that should be {other}");
    differences.note(None, "", &what);
    differences
}

/// Compares the file found with the one written; their bytes differ.
pub(super) fn compare<'f>(file: &'f str, found: &Path, expected: &Path) -> Discrepancies<'f> {
    let mut differences = Discrepancies::of(file);
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let (is, should) = (bytes(found), bytes(expected));
    if is > FILE_BYTES_MAX.min(should * GROWTH_MAX + GROWTH_FLOOR_BYTES) {
        let size = |bytes: u64| format!("{} bytes", crate::words::thousands(bytes));
        differences.add(
            None,
            "",
            "the file is so much larger that its cells are not compared",
            size(is),
            size(should),
        );
        return differences;
    }
    let (found, expected) = match (fs::read(found), fs::read(expected)) {
        (Ok(found), Ok(expected)) => (found, expected),
        (Err(error), _) | (_, Err(error)) => {
            differences.note(None, "", &format!("it cannot be compared: {error}"));
            return differences;
        }
    };
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("xlsx") => {
            workbook::compare(&found, &expected, &mut differences);
            return differences;
        }
        Some("csv") => csv_cells(&found, &expected, &mut differences),
        Some("json") => match (
            serde_json::from_slice(&found),
            serde_json::from_slice(&expected),
        ) {
            (Ok(found), Ok(expected)) => json_values(&found, &expected, "", &mut differences),
            _ => differences.note(None, "", "it is not JSON any more"),
        },
        // It has the values of completions.csv, which is compared.
        Some("parquet") => differences.add(
            None,
            "",
            "its SHA-256 differs; its values are in completions.csv",
            sha256_hex(&found),
            sha256_hex(&expected),
        ),
        _ => text_lines(&found, &expected, &mut differences),
    }
    if differences.is_empty() {
        let what = "the bytes differ, but no value does: spaces, line ends, quotes or the order of keys were changed";
        differences.note(None, "", what);
    }
    differences
}

/// A record of a csv file; equal to another if its fields are, at any place.
#[derive(PartialEq)]
struct CsvRecord(csv::ByteRecord);

impl Eq for CsvRecord {}

impl Hash for CsvRecord {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_slice().hash(state);
    }
}

impl CsvRecord {
    fn line(&self) -> u64 {
        self.0.position().map_or(0, csv::Position::line)
    }

    fn text(&self, column: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0[column])
    }
}

/// If one file has more columns than the other, as of another version of cdip, says so once and keeps those that both have.
fn keep_common_columns(
    found: &mut [CsvRecord],
    expected: &mut [CsvRecord],
    differences: &mut Discrepancies<'_>,
) {
    let headings = |records: &[CsvRecord]| -> Vec<String> {
        records.first().map_or_else(Vec::new, |first| {
            (0..first.0.len())
                .map(|at| first.text(at).into_owned())
                .collect()
        })
    };
    let (is, should) = (headings(found), headings(expected));
    if is.len() == should.len() || is.is_empty() || should.is_empty() {
        return;
    }
    for heading in should.iter().filter(|heading| !is.contains(heading)) {
        let what = "the column is missing; the others are compared";
        differences.note(None, &format!("column {heading}"), what);
    }
    let numbered = (1..).zip(&is);
    for (number, _) in numbered.filter(|(_, heading)| !should.contains(heading)) {
        let what = "the column does not belong there; the others are compared";
        differences.note(None, &format!("column {number}"), what);
    }
    keep_columns(found, &is, &should);
    keep_columns(expected, &should, &is);
}

/// Keeps of each record the cells whose heading the other file has too. A record of another length stays as it is.
fn keep_columns(records: &mut [CsvRecord], headings: &[String], others: &[String]) {
    let kept: Vec<usize> = (0..headings.len())
        .filter(|at| others.contains(&headings[*at]))
        .collect();
    for CsvRecord(record) in records
        .iter_mut()
        .filter(|record| record.0.len() == headings.len())
    {
        let mut short: csv::ByteRecord = kept.iter().map(|at| &record[*at]).collect();
        short.set_position(record.position().cloned());
        *record = short;
    }
}

fn csv_cells(found: &[u8], expected: &[u8], differences: &mut Discrepancies<'_>) {
    let records = |bytes: &[u8]| -> Vec<CsvRecord> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        // Reading from memory cannot fail, and a csv of bytes has no wrong content.
        reader
            .into_byte_records()
            .map_while(Result::ok)
            .map(CsvRecord)
            .collect()
    };
    let (mut found, mut expected) = (records(found), records(expected));
    keep_common_columns(&mut found, &mut expected, differences);
    let headings: Vec<Cow<'_, str>> = expected.first().map_or_else(Vec::new, |first| {
        (0..first.0.len()).map(|at| first.text(at)).collect()
    });
    let private = private_columns(
        headings
            .iter()
            .enumerate()
            .map(|(column, heading)| (column, &**heading)),
    );
    for pairing in differing(&found, &expected) {
        match pairing {
            Pairing::Extra(at) => differences.note(
                None,
                &format!("line {}", found[at].line()),
                "the row does not belong there",
            ),
            Pairing::Missing(at) => {
                differences.note(
                    None,
                    &format!("line {}{OF_EXPECTED}", expected[at].line()),
                    "the row is missing",
                );
            }
            Pairing::Changed(at, should) => {
                let (is, should) = (&found[at], &expected[should]);
                let place = format!("line {}", is.line());
                if is.0.len() != should.0.len() {
                    let count = |record: &CsvRecord| format!("{} cells", record.0.len());
                    differences.add(
                        None,
                        &place,
                        "the row has a different number of cells",
                        count(is),
                        count(should),
                    );
                    continue;
                }
                for column in (0..is.0.len()).filter(|column| is.0[*column] != should.0[*column]) {
                    let heading = headings.get(column).map_or("", |heading| &**heading);
                    let (is, should) = shown_apart(
                        &is.text(column),
                        &should.text(column),
                        private.contains(&column),
                    );
                    let place = format!("{place}, column {heading}");
                    differences.add(None, &place, "the cell differs", is, should);
                }
            }
        }
    }
}

/// Follows the place of an entry or a line that the file lacks.
pub(super) const OF_EXPECTED: &str = " of the file as it should be";

fn json_values(found: &Value, expected: &Value, path: &str, differences: &mut Discrepancies<'_>) {
    let leaf = |value: &Value| match value {
        Value::Object(_) | Value::Array(_) => "a list or group".to_string(),
        Value::String(text) => text.clone(),
        _ => value.to_string(),
    };
    match (found, expected) {
        _ if found == expected => {}
        (Value::Object(is), Value::Object(should)) => {
            for (key, should) in should {
                match is.get(key) {
                    Some(is) => json_values(is, should, &format!("{path}/{key}"), differences),
                    None => {
                        differences.note(None, &format!("{path}/{key}"), "the value is missing");
                    }
                }
            }
            for key in is.keys().filter(|key| !should.contains_key(*key)) {
                differences.note(
                    None,
                    &format!("{path}/{key}"),
                    "the value does not belong there",
                );
            }
        }
        (Value::Array(is), Value::Array(should)) => {
            for pairing in differing(is, should) {
                match pairing {
                    Pairing::Changed(at, place) => {
                        let before = differences.listed.len();
                        json_values(
                            &is[at],
                            &should[place],
                            &format!("{path}/{at}"),
                            differences,
                        );
                        // Only the innermost entry says what the value is about.
                        let of = of_entry(&should[place]);
                        for difference in &mut differences.listed[before..] {
                            let place = difference.place.as_mut();
                            if let Some(place) = place.filter(|place| !place.contains(", of ")) {
                                place.push_str(&of);
                            }
                        }
                    }
                    Pairing::Extra(at) => differences.note(
                        None,
                        &format!("{path}/{at}"),
                        "the entry does not belong there",
                    ),
                    Pairing::Missing(at) => {
                        differences.note(
                            None,
                            &format!("{path}/{at}{OF_EXPECTED}"),
                            "the entry is missing",
                        );
                    }
                }
            }
        }
        _ => {
            let key = path.rsplit('/').next().unwrap_or_default();
            let (is, should) = shown_apart(&leaf(found), &leaf(expected), is_private_key(key));
            differences.add(None, path, "the value differs", is, should);
        }
    }
}

/// What an entry of a list is about, to add to a path: its file or its code.
fn of_entry(entry: &Value) -> String {
    let said = ["path", "name", "code", "line"]
        .iter()
        .find_map(|key| entry.get(key));
    match said {
        Some(Value::String(text)) => format!(", of {}", shown(text, false)),
        Some(Value::Number(number)) => format!(", of line {number}"),
        _ => String::new(),
    }
}

fn text_lines(found: &[u8], expected: &[u8], differences: &mut Discrepancies<'_>) {
    let lines = |bytes: &[u8]| -> Vec<String> {
        String::from_utf8_lossy(bytes)
            .lines()
            .map(String::from)
            .collect()
    };
    let (found, expected) = (lines(found), lines(expected));
    for pairing in differing(&found, &expected) {
        match pairing {
            Pairing::Changed(at, should) => {
                let (is, should) = shown_apart(&found[at], &expected[should], false);
                differences.add(
                    None,
                    &format!("line {}", at + 1),
                    "the line differs",
                    is,
                    should,
                );
            }
            Pairing::Extra(at) => differences.note(
                None,
                &format!("line {}", at + 1),
                "the line does not belong there",
            ),
            Pairing::Missing(at) => {
                differences.note(
                    None,
                    &format!("line {}{OF_EXPECTED}", at + 1),
                    "the line is missing",
                );
            }
        }
    }
}
