//! What a discrepancy shows: its place, and both values as far as they are safe to show.

use std::collections::BTreeSet;

use super::discrepancy::Discrepancy;
use crate::finding::describe;
use crate::results::columns::{ColumnEntry, ResultColumn};
use crate::returns::marked::{AWARD, DECIDED, TO_FIX};
use crate::words::written_out;

/// The most discrepancies kept of one file. The largest sheet of a year has about 300,000 cells, so all of them are kept; a file
/// made to differ everywhere cannot fill the memory.
const DIFFERENCES_PER_FILE_MAX: usize = 500_000;
/// The longest value shown: a checksum with the name of its file, on two lines of a terminal.
const VALUE_CHARS_MAX: usize = 160;
/// Follows the description of a value that could be a pupil's.
const NOT_SHOWN: &str = " (pupil data is not shown)";
/// The digits of a SASID.
const SASID_DIGITS: usize = 10;
/// Headings in tables of pupils that are not columns of results, with only this program's own words below them.
const OWN_HEADINGS: [&str; 8] = [
    "Approved By",
    "Line",
    "About",
    "Date",
    "Decision",
    "Took effect",
    "What it did",
    "Budget Year",
];
/// Workbooks in which the headings of every table are this program's own.
const OWN_WORKBOOKS: [&str; 4] = [
    "statewide.xlsx",
    "settlement.xlsx",
    "settlement-PRELIMINARY.xlsx",
    "public.xlsx",
];
/// Keys of json with free text of the office. The name of an approver is not a pupil's and is shown.
const OFFICE_KEYS: [&str; 1] = ["reason"];
/// Of what two values have in common before they differ, only so many characters are shown.
const COMMON_CHARS_SHOWN: usize = 20;

/// The differences of one file.
pub(super) struct Discrepancies<'f> {
    file: &'f str,
    pub(super) listed: Vec<Discrepancy>,
    /// How many more there are.
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

    /// Notes a difference at a place with both values, which are safe to show.
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
        let place = (!place.is_empty()).then(|| shortened(place));
        self.listed.push(Discrepancy {
            sheet: sheet.map(shortened),
            place,
            ..difference
        });
    }

    /// Whether the headings of a sheet's tables are this program's own. Copies of submitted sheets have other headings, with pupils' data
    /// below; none of them has the name of a page of this program.
    pub(super) fn headings_are_known(&self, sheet: &str) -> bool {
        OWN_WORKBOOKS.contains(&self.file) || [AWARD, DECIDED, TO_FIX].contains(&sheet)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }
}

/// The columns of a table whose cells are described and not quoted, because in a shifted column any of them could be a name, a
/// birth date or an id (docs/decisions/0004). In a table with pupils, every column that is not known to be public; otherwise none.
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

/// Whether a heading is a column's key or title, without regard to case, spaces and punctuation.
fn is_heading_of(column: ColumnEntry, heading: &str) -> bool {
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

/// Whether a key of json is a private column's, or has free text of the office.
pub(super) fn is_private_key(key: &str) -> bool {
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

/// A value that is safe to show: described if it could be about a person, otherwise on one line.
pub(super) fn shown(value: &str, private: bool) -> String {
    let digits =
        |run: &str| run.len() == SASID_DIGITS && run.bytes().all(|byte| byte.is_ascii_digit());
    // A hash is a longer word, so ten digits in it are not taken for an id.
    if private || value.split(|c: char| !c.is_alphanumeric()).any(digits) {
        return format!("{}{NOT_SHOWN}", describe(value));
    }
    if value.is_empty() {
        "empty".to_string()
    } else {
        shortened(value)
    }
}

/// Two different values that are safe to show, so that a reader sees where they differ.
pub(super) fn shown_apart(found: &str, expected: &str, private: bool) -> (String, String) {
    let (is, should) = (shown(found, private), shown(expected, private));
    if is != should {
        return (is, should);
    }
    let mut pairs = found.chars().zip(expected.chars());
    let same = pairs
        .position(|(found, expected)| found != expected)
        .unwrap_or_else(|| found.chars().count().min(expected.chars().count()));
    if is.ends_with(NOT_SHOWN) {
        let from = format!("; they differ from character {} on", same + 1);
        return (format!("{is}{from}"), format!("{should}{from}"));
    }
    let apart = |text: &str| {
        let rest: String = text
            .chars()
            .skip(same.saturating_sub(COMMON_CHARS_SHOWN))
            .collect();
        format!("…{}", shortened(&rest))
    };
    (apart(found), apart(expected))
}

/// A found value can be anything: on one line, and no terminal obeys it.
fn shortened(text: &str) -> String {
    let short: String = text.chars().take(VALUE_CHARS_MAX).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{}{more}", written_out(&short))
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
        assert_eq!(shown("\u{1b}[2J", false), "\\u001b[2J");
    }

    #[test]
    fn only_a_workbook_with_copies_of_what_was_sent_hides_its_numbers() {
        let known = |file| Discrepancies::of(file).headings_are_known("Any sheet");
        assert!(OWN_WORKBOOKS.into_iter().all(known));
        assert!(!known("entities/0010-First District.xlsx"));
        assert!(!known("entities/settlement.xlsx"));
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
            table(&["sasid", "outcome", "Of no table"]),
            BTreeSet::from([0, 2]),
            "a heading that nobody knows is private"
        );
    }
}
