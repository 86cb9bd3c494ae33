//! The shape of a template: its columns, rows and names, as its sheets and formulas refer to them.

use chrono::NaiveDate;

use super::super::formulas::ProgramList;
use crate::intake::fields::{Field, Fields};
use crate::sheets::page::BAND_ROWS;

/// Rows with checks: each has two formulas, which a spreadsheet recalculates whenever one of its cells changes.
pub(super) const SELF_CHECKED_ROWS: u32 = 2_500;
/// The row of the headings of Completions, from 0: the one above says which columns are needed.
pub(super) const HEADINGS: u32 = 1;
/// The sheet to fill in.
pub(super) const COMPLETIONS: &str = "Completions";
/// The first program's row on its sheet, from 1: beneath the band, the fingerprint and the headings.
pub(super) const FIRST_PROGRAM_ROW: u32 = BAND_ROWS + 3;
/// The heading of the column in which a program can be chosen by name; no check reads it.
pub(super) const PROGRAM_NAME: &str = "Program Name";

/// The office that hands out the template, for the first sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Office {
    pub name: Option<String>,
    pub contact: Option<String>,
    pub deadline: Option<NaiveDate>,
}

/// The sheet of words and lists.
pub(super) const LISTS: &str = "Lists";

/// The list of programs on its own sheet.
pub(super) fn program_list(programs: usize) -> ProgramList {
    ProgramList {
        sheet: "Programs",
        first_column: 0,
        first_row: FIRST_PROGRAM_ROW,
        programs,
    }
}

/// The position of a column, from 0.
pub(super) fn place(fields: Fields, field: Option<Field>) -> Option<u32> {
    let mut columns = (0..).zip(columns(fields));
    columns
        .find(|(_, column)| *column == field)
        .map(|(place, _)| place)
}

/// The first and the last row with checks, from 0.
pub(super) fn self_checked() -> (u32, u32) {
    (HEADINGS + 1, HEADINGS + SELF_CHECKED_ROWS)
}

/// A column of the sheet to fill in, in a year with these fields; `None` is that of the programs' names.
pub(super) fn columns(fields: Fields) -> impl Iterator<Item = Option<Field>> {
    let filled_in = fields.iter().filter(|field| *field != Field::ProgramName);
    filled_in.flat_map(|field| {
        let name = (field == Field::ProgramCode).then_some(None);
        name.into_iter().chain([Some(field)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_to_fill_in_has_the_columns_of_its_year_and_that_of_the_names() {
        let titles = |fields| -> Vec<&str> {
            let columns = columns(fields);
            columns
                .map(|field| field.map_or(PROGRAM_NAME, Field::title))
                .collect()
        };
        let all = titles(Fields::ALL);
        let without = titles(Fields::ALL.without(Field::GraduationCredit));
        assert_eq!(all[3..6], ["Grade", "Program Name", "Program Code"]);
        let others = all.iter().copied();
        assert_eq!(
            without,
            others
                .filter(|title| *title != "Graduation Credit")
                .collect::<Vec<_>>()
        );
        assert_eq!(place(Fields::ALL, Some(Field::GraduationCredit)), Some(8));
        let fields = Fields::ALL.without(Field::GraduationCredit);
        assert_eq!(place(fields, Some(Field::GraduationCredit)), None);
        assert_eq!(place(fields, Some(Field::ApScore)), Some(8));
    }
}
