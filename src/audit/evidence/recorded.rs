//! What a report records: participants, programs, rows and findings.

use std::sync::Arc;

use crate::allocation::Claimant;
use crate::catalogue::Code;
use crate::finding::place;
use crate::intake::lists::participant_code;
use crate::results::columns::Submitted;
use crate::rules::terms::ParticipantKind;
use crate::trail::short_place;

pub(super) const ALLOCATION: &str = "allocation.json";

pub(super) const COMPLETIONS: &str = "completions.csv";

pub(super) const FINDINGS: &str = "findings.csv";

pub(super) const AWARDS: &str = "awards.csv";

/// Only a FINAL report has it.
pub(super) const PAYMENTS: &str = "payments.csv";

/// A participant as the report records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedParticipant {
    /// Four digits.
    pub district_code: String,
    /// Four digits for a charter school; empty otherwise.
    pub school_code: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: ParticipantKind,
    /// Whether it requires every pupil to complete a qualified item (supplement).
    pub requires_completion: bool,
    /// Pupils enrolled, if the report records them.
    pub enrollment: Option<u32>,
}

impl RecordedParticipant {
    /// `0010` or `0010-4500`.
    #[must_use]
    pub fn code(&self) -> String {
        participant_code(&self.district_code, &self.school_code)
    }

    /// What the allocation needs of it.
    #[must_use]
    pub fn claimant(&self) -> Claimant {
        Claimant {
            kind: self.kind,
            requires_completion: self.requires_completion,
        }
    }
}

/// File, sheet and row.
pub type Place<'r> = (&'r str, &'r str, u32);

/// A row of `completions.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRow {
    /// Path relative to the batch folder.
    pub file: Arc<str>,
    /// Empty for a text file.
    pub sheet: Arc<str>,
    /// The physical row, or the line of a text file.
    pub row: u32,
    /// What the submitter wrote, as read or as found.
    pub submitted: Submitted,
    /// `0010-4500`; empty where none was found.
    pub participant: Arc<str>,
}

impl RecordedRow {
    /// Where it is.
    #[must_use]
    pub fn at(&self) -> Place<'_> {
        (&self.file, &self.sheet, self.row)
    }

    /// The place in words.
    #[must_use]
    pub fn place(&self) -> String {
        place(
            &self.file,
            Some(&*self.sheet).filter(|sheet| !sheet.is_empty()),
            Some(self.row),
            None,
        )
    }

    /// The place in a few words: `row 17 of 0880.xlsx`.
    #[must_use]
    pub fn short_place(&self) -> String {
        short_place(&self.file, &self.sheet, self.row)
    }
}

/// A line of `findings.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFinding {
    /// What it is.
    pub code: Code,
    /// The file, the sheet (empty in a text file) and the row (none for a whole file).
    pub at: (Arc<str>, Arc<str>, Option<u32>),
    /// The heading of its column.
    pub column: Arc<str>,
    /// The address of its cell, if it has one.
    pub cell: Box<str>,
    /// What is wrong.
    pub message: Arc<str>,
    /// What to do.
    pub fix: Arc<str>,
    /// The participant that it is about, if any.
    pub participant: Arc<str>,
    /// Whether it is open.
    pub open: bool,
}
