//! The cells of a row: as found, and after corrections and the office's own words.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::intake::Intake;
use crate::intake::cells::CellKind;
use crate::intake::completions::{Field, Rows};
use crate::intake::submission::SourceSheet;
use crate::ranks::RowRank;
use crate::values::{is_blank, said, whole_number};

/// Cells that decisions on the record correct, and what each is read as.
pub(crate) type Corrections = HashMap<(RowRank, Field), String>;

/// The digits of a number field, without the decimals that some programs write; any other field's text as it is.
pub(super) fn digits(field: Field, text: &str) -> &str {
    if field.is_number() {
        whole_number(text)
    } else {
        text
    }
}

/// The cells of a batch as the checks read them.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'c> {
    pub(super) intake: &'c Intake,
    pub(super) rows: Rows<'c>,
    corrections: &'c Corrections,
}

impl<'c> Cells<'c> {
    pub(crate) fn of(intake: &'c Intake, corrections: &'c Corrections) -> Cells<'c> {
        Cells {
            intake,
            rows: intake.completions.rows(),
            corrections,
        }
    }

    pub(super) fn sheet(&self, row: RowRank) -> &'c SourceSheet {
        &self.intake.files[self.rows.file(row)].sheets[self.rows.sheet(row)]
    }

    fn is_in_text_file(&self, row: RowRank) -> bool {
        self.sheet(row).name.is_none()
    }

    /// The cell's text as found.
    pub(super) fn found(&self, row: RowRank, field: Field) -> Cow<'c, str> {
        said(self.rows.found(row, field), self.is_in_text_file(row))
    }

    /// A number or date as a person writes it into a decision: trimmed, a date without its midnight.
    pub(super) fn bare(&self, row: RowRank, field: Field) -> &'c str {
        let text = self.rows.found(row, field).trim_matches(is_blank);
        if self.rows.kind(row, field) == Some(CellKind::Date) {
            return text.get(.."2024-05-17".len()).unwrap_or(text);
        }
        text
    }

    /// The kind of the cell; none where a correction replaces it.
    pub(super) fn kind(&self, row: RowRank, field: Field) -> Option<CellKind> {
        match self.correction(row, field) {
            Some(_) => None,
            None => self.rows.kind(row, field),
        }
    }

    /// The text that is read: after a correction, and in the specification's words.
    pub(crate) fn text(&self, row: RowRank, field: Field) -> Cow<'c, str> {
        let text = match self.correction(row, field) {
            Some(becomes) => said(becomes, self.is_in_text_file(row)),
            None => self.found(row, field),
        };
        match self.intake.words.meaning(field, &text) {
            Some(meaning) => Cow::Borrowed(meaning),
            None => text,
        }
    }

    /// Whether the cell as found is one of the office's own words.
    pub(super) fn is_own_word(&self, field: Field, found: &str) -> bool {
        self.intake.words.meaning(field, found).is_some()
    }

    fn correction(&self, row: RowRank, field: Field) -> Option<&'c str> {
        if self.corrections.is_empty() {
            return None;
        }
        self.corrections.get(&(row, field)).map(String::as_str)
    }

    /// Whether the cell is a number without a date format, and was not corrected.
    pub(super) fn is_number(&self, row: RowRank, field: Field) -> bool {
        self.rows.is_number(row, field) && self.correction(row, field).is_none()
    }
}
