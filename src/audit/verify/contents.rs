//! A file of the report against the file that the program would write, cell by cell.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

use serde_json::Value;

use super::alignment::{Pairing, differing};
use super::discrepancy::Discrepancy;
use super::workbook;
use crate::finding::describe;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::results::columns::{Entry, ResultColumn};

/// The most differences kept of one file: enough for whoever looks, and a file made to differ everywhere fills no memory.
const DIFFERENCES_PER_FILE_MAX: usize = 10_000;
/// A file that grew more than this holds something else altogether; what it says cell by cell could fill all memory.
const GROWTH_MAX: u64 = 4;
/// Below this many bytes more, every growth is compared.
const GROWTH_FLOOR_BYTES: u64 = 8 << 20;
/// The longest value shown: a checksum with the name of its file, two lines of a terminal.
const VALUE_CHARS_MAX: usize = 160;
/// The digits of a SASID.
const SASID_DIGITS: usize = 10;
/// Headings of tables with rows of pupils that are no column of results, and under which nothing but this program's own words stand.
const OWN_HEADINGS: [&str; 7] = [
    "Where",
    "About",
    "Date",
    "Decision",
    "Took effect",
    "What it did",
    "Budget Year",
];
/// Keys of json under which people of the office are named or write.
const OFFICE_KEYS: [&str; 2] = ["reason", "approved_by"];

/// The differences of one file.
pub(super) struct Discrepancies<'f> {
    file: &'f str,
    pub(super) listed: Vec<Discrepancy>,
    /// How many more there are than are listed.
    pub(super) unlisted: usize,
}

impl<'f> Discrepancies<'f> {
    pub(super) fn of(file: &'f str) -> Discrepancies<'f> {
        Discrepancies {
            file,
            listed: Vec::new(),
            unlisted: 0,
        }
    }

    /// Notes a difference at a place.
    pub(super) fn note(&mut self, sheet: Option<&str>, place: &str, what: &str) {
        self.push(sheet, place, Discrepancy::of(self.file, what));
    }

    /// Notes a difference at a place with both values, which are fit to be shown.
    pub(super) fn add(
        &mut self,
        sheet: Option<&str>,
        place: &str,
        what: &str,
        found: String,
        expected: String,
    ) {
        let difference = Discrepancy {
            found: Some(found),
            expected: Some(expected),
            ..Discrepancy::of(self.file, what)
        };
        self.push(sheet, place, difference);
    }

    fn push(&mut self, sheet: Option<&str>, place: &str, difference: Discrepancy) {
        if self.listed.len() == DIFFERENCES_PER_FILE_MAX {
            self.unlisted += 1;
            return;
        }
        let place = (!place.is_empty()).then(|| printable(place));
        self.listed.push(Discrepancy {
            sheet: sheet.map(printable),
            place,
            ..difference
        });
    }

    /// Whether the headings of the file's tables are this program's own; the copies of submitted workbooks have any, with names below.
    pub(super) fn headings_are_known(&self) -> bool {
        self.file == "statewide.xlsx"
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }
}

/// Compares the file found with the one written; both have other bytes.
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
            _ => differences.note(None, "", "it is no JSON any more"),
        },
        Some("parquet") => {}
        _ => text_lines(&found, &expected, &mut differences),
    }
    if differences.is_empty() {
        let what = "the bytes differ, but no value does: spaces, line ends, quotes or the order of keys were changed";
        differences.note(None, "", what);
    }
    differences
}

/// A record of a csv file; equal to another if its fields are, wherever it stands.
#[derive(PartialEq)]
struct Record(csv::ByteRecord);

impl Eq for Record {}

impl Hash for Record {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_slice().hash(state);
    }
}

impl Record {
    fn line(&self) -> u64 {
        self.0.position().map_or(0, csv::Position::line)
    }

    fn text(&self, column: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0[column])
    }
}

fn csv_cells(found: &[u8], expected: &[u8], differences: &mut Discrepancies<'_>) {
    let records = |bytes: &[u8]| -> Vec<Record> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        // Reading from memory cannot fail, and a csv of bytes has no wrong content.
        reader
            .into_byte_records()
            .map_while(Result::ok)
            .map(Record)
            .collect()
    };
    let (found, expected) = (records(found), records(expected));
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
                    &format!("line {} of the file as it should be", expected[at].line()),
                    "the row is missing",
                );
            }
            Pairing::Changed(at, should) => {
                let (is, should) = (&found[at], &expected[should]);
                let place = format!("line {}", is.line());
                if is.0.len() != should.0.len() {
                    let count = |record: &Record| format!("{} cells", record.0.len());
                    differences.add(
                        None,
                        &place,
                        "the row has another number of cells",
                        count(is),
                        count(should),
                    );
                    continue;
                }
                for column in (0..is.0.len()).filter(|column| is.0[*column] != should.0[*column]) {
                    let heading = headings.get(column).map_or("", |heading| &**heading);
                    let value =
                        |record: &Record| shown(&record.text(column), private.contains(&column));
                    differences.add(
                        None,
                        &format!("{place}, column {heading}"),
                        "the cell differs",
                        value(is),
                        value(should),
                    );
                }
            }
        }
    }
}

fn json_values(found: &Value, expected: &Value, path: &str, differences: &mut Discrepancies<'_>) {
    let leaf = |value: &Value| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), String::from);
        let key = path.rsplit('/').next().unwrap_or_default();
        match value {
            Value::Object(_) | Value::Array(_) => "a list or group".to_string(),
            _ => shown(&text, is_private_key(key)),
        }
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
                    Pairing::Changed(at, place) => json_values(
                        &is[at],
                        &should[place],
                        &format!("{path}/{at}"),
                        differences,
                    ),
                    Pairing::Extra(at) => differences.note(
                        None,
                        &format!("{path}/{at}"),
                        "the entry does not belong there",
                    ),
                    Pairing::Missing(at) => {
                        differences.note(
                            None,
                            &format!("{path}/{at} of the file as it should be"),
                            "the entry is missing",
                        );
                    }
                }
            }
        }
        _ => differences.add(None, path, "the value differs", leaf(found), leaf(expected)),
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
                let (is, should) = (shown(&found[at], false), shown(&expected[should], false));
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
                    &format!("line {} of the file as it should be", at + 1),
                    "the line is missing",
                );
            }
        }
    }
}

/// The columns of a table whose cells are described and not quoted, because in a shifted column any of them could be a name, a birth
/// date or an id (docs/decisions/0004): in a table with pupils, whatever is not known to be public; in one without, none.
pub(super) fn private_columns<'h, C: Copy + Ord>(
    headings: impl Iterator<Item = (C, &'h str)>,
) -> BTreeSet<C> {
    let headings: Vec<(C, &str)> = headings.collect();
    let sasid = ResultColumn::Sasid.entry();
    if !headings
        .iter()
        .any(|(_, heading)| is_heading_of(sasid, heading))
    {
        return BTreeSet::new();
    }
    headings
        .into_iter()
        .filter(|(_, heading)| !is_public(heading))
        .map(|(column, _)| column)
        .collect()
}

/// Whether a heading, whatever its case, spaces and punctuation, is a column's key or title.
fn is_heading_of(column: Entry, heading: &str) -> bool {
    let heading = heading_key(heading);
    [column.key, column.title]
        .map(heading_key)
        .contains(&heading)
}

/// Whether nothing under the heading can be about a person.
fn is_public(heading: &str) -> bool {
    let of_results = ResultColumn::ALL
        .iter()
        .map(|column| column.entry())
        .any(|column| !column.private && is_heading_of(column, heading));
    let key = heading_key(heading);
    of_results || OWN_HEADINGS.iter().any(|own| heading_key(own) == key)
}

/// Whether a key of json is one of a private column, or one under which people of the office stand.
fn is_private_key(key: &str) -> bool {
    let of_results = ResultColumn::ALL
        .iter()
        .map(|column| column.entry())
        .any(|column| column.private && is_heading_of(column, key));
    of_results || OFFICE_KEYS.contains(&key)
}

fn heading_key(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A value fit to be shown: described where it could be about a person, otherwise on one line of a terminal.
pub(super) fn shown(value: &str, private: bool) -> String {
    let digits =
        |run: &str| run.len() == SASID_DIGITS && run.bytes().all(|byte| byte.is_ascii_digit());
    // A hash is a longer word, so a number of ten digits in it is not taken for an id.
    if private || value.split(|c: char| !c.is_alphanumeric()).any(digits) {
        return format!("{} (pupil data is not shown)", describe(value));
    }
    if value.is_empty() {
        "empty".to_string()
    } else {
        printable(value)
    }
}

/// What was found can hold anything: control characters are escaped, so that no terminal obeys them.
fn printable(text: &str) -> String {
    let escaped = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    let short: String = text.chars().take(VALUE_CHARS_MAX).map(escaped).collect();
    if text.chars().count() > VALUE_CHARS_MAX {
        format!("{short}…")
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_and_no_control_character_is_shown() {
        assert_eq!(
            shown("1000000001", false),
            "10 digits (pupil data is not shown)"
        );
        assert_eq!(
            shown("pupil 1000000001, paid", false),
            "a text of 22 characters (pupil data is not shown)"
        );
        assert_eq!(
            shown("2007-05-01", true),
            "a text of 10 characters (pupil data is not shown)"
        );
        assert_eq!(shown("1000.01", false), "1000.01");
        assert_eq!(shown("\u{1b}[2J", false), "\\u{1b}[2J");
    }

    #[test]
    fn a_table_without_pupils_has_no_private_column() {
        let table =
            |headings: &[&'static str]| private_columns(headings.iter().copied().enumerate());
        assert_eq!(table(&["Payee", "Grade"]), BTreeSet::new());
        assert_eq!(
            table(&["Amount", "SASID", "Completion date"]),
            BTreeSet::from([1, 2])
        );
        assert_eq!(
            table(&["sasid", "outcome", "Provider"]),
            BTreeSet::from([0, 2]),
            "a heading that nobody knows is private"
        );
    }
}
