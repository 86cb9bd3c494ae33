//! What a whole column says about the meaning of its cells.

use super::dates::proves_day_first;
use super::says::{composed, says};
use super::texts::{Cell, File, Kind, Sheet, Texts};
use super::{DATE, LUNCH};

/// The evidence of a sheet's columns.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Lunch has an `R` or a `P` alone in a cell.
    pub letters: bool,
    /// Lunch has a `0`.
    pub zeros: bool,
    /// A date can only have its day first.
    pub day_first: bool,
}

/// What a deployment's own word means, if it is one.
pub fn mapped(texts: &Texts, field: usize, text: &str) -> Option<String> {
    texts
        .values
        .iter()
        .find(|(of, word, _)| *of == field && composed(word).to_lowercase() == text.to_lowercase())
        .map(|(_, _, meaning)| meaning.clone())
}

/// Of the cells as found, in every row but those that are shifted.
pub fn evidence(texts: &Texts, file: &File, sheet: &Sheet) -> Column {
    let mut column = Column {
        letters: false,
        zeros: false,
        day_first: false,
    };
    for row in sheet.rows.iter().filter(|row| row.behind.is_empty()) {
        let lunch = says(file.workbook, &row.cells[LUNCH].found);
        if mapped(texts, LUNCH, &lunch).is_none() {
            column.letters |= ["R", "P"].contains(&lunch.to_uppercase().as_str());
            column.zeros |= lunch == "0";
        }
        let Cell { found, kind } = &row.cells[DATE];
        column.day_first |= *kind == Kind::Text && proves_day_first(&says(file.workbook, found));
    }
    column
}
