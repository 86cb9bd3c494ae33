//! A discrepancy and its place.

use std::collections::BTreeMap;

/// Precedes the file of a discrepancy of the batch.
pub(super) const BATCH: &str = "batch: ";
/// The same of a report or another file that something was made from.
pub(super) const SOURCE: &str = "source: ";

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discrepancy {
    /// The file of the report, or with `batch: ` before it of the batch.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Cell, line and column, or the path of a value.
    pub place: Option<String>,
    /// What is wrong, one clause.
    pub what: String,
    /// The value found, safe to show: never pupil data.
    pub found: Option<String>,
    /// The value that should be there.
    pub expected: Option<String>,
    /// Whether it is a checksum that only follows from another discrepancy.
    pub follows: bool,
}

impl Discrepancy {
    pub(super) fn of(file: &str, what: &str) -> Discrepancy {
        Discrepancy {
            file: file.to_string(),
            sheet: None,
            place: None,
            what: what.to_string(),
            found: None,
            expected: None,
            follows: false,
        }
    }

    /// Whether it is about what the folder was made from, and not about the folder.
    #[must_use]
    pub fn is_of_source(&self) -> bool {
        [BATCH, SOURCE]
            .iter()
            .any(|beginning| self.file.starts_with(beginning))
    }

    pub(super) fn between(mut self, found: &str, expected: &str) -> Discrepancy {
        self.found = Some(found.to_string());
        self.expected = Some(expected.to_string());
        self
    }
}

/// The hash of every file of the report, or why it has none.
pub(super) type Found = BTreeMap<String, Result<String, String>>;
