//! The shape of a template: its columns, rows and names, as its sheets and formulas refer to them.

use chrono::NaiveDate;

use crate::intake::fields::Field;
use crate::rules::RuleSet;
use crate::sheets::page::BAND_ROWS;

/// Rows that check themselves: each has two formulas, which a spreadsheet calculates again whenever one of its cells changes.
pub(super) const SELF_CHECKED_ROWS: u32 = 2_500;
/// The row of the headings of Completions, from 0: the one above says which columns are needed.
pub(super) const HEADINGS: u32 = 1;
/// The sheet to fill in.
pub(super) const COMPLETIONS: &str = "Completions";
/// The first program's row on its sheet, from 1: beneath the band, the fingerprint and the headings.
pub(super) const FIRST_PROGRAM_ROW: u32 = BAND_ROWS + 3;
/// The heading of the column in which a program can be chosen by name; no check reads it.
pub(super) const PROGRAM_NAME: &str = "Program Name";

/// What the first sheet says of the office that hands the template out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Office {
    pub name: Option<String>,
    pub contact: Option<String>,
    pub deadline: Option<NaiveDate>,
}

/// The sheet of programs, as formulas refer to it.
#[derive(Clone, Copy)]
pub(super) struct Sheets {
    pub(super) programs: usize,
}

impl Sheets {
    /// A column of the list of programs.
    pub(super) fn range(self, column: char) -> String {
        let last = FIRST_PROGRAM_ROW + u32::try_from(self.programs.saturating_sub(1)).unwrap_or(0);
        format!("Programs!${column}${FIRST_PROGRAM_ROW}:${column}${last}")
    }
}

/// The first and the last row that check themselves, from 0.
pub(super) fn self_checked() -> (u32, u32) {
    (HEADINGS + 1, HEADINGS + SELF_CHECKED_ROWS)
}

/// The first and the last day of the school year.
pub(super) fn days(rules: &RuleSet) -> (NaiveDate, NaiveDate) {
    let first = i32::from(rules.school_year.first());
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(first, 7, 1), day(first + 1, 6, 30))
}

/// A column of the sheet to fill in; `None` is that of the programs' names.
pub(super) fn columns() -> impl Iterator<Item = Option<Field>> {
    let filled_in = Field::ALL
        .into_iter()
        .filter(|field| *field != Field::ProgramName);
    filled_in.flat_map(|field| {
        let name = (field == Field::ProgramCode).then_some(None);
        name.into_iter().chain([Some(field)])
    })
}
