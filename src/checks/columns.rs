//! What a column as a whole tells: the letters of lunch, and whether dates are day first (calculation.md, section 2.1). The
//! evidence is the cells as found, except in rows whose values may have shifted.

use std::collections::BTreeMap;

use super::cells::Cells;
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::intake::completions::Field;
use crate::ranks::RowRank;
use crate::values::{Letters, is_day_first};

/// How the columns of one sheet are read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Columns {
    pub(super) letters: Letters,
    pub(super) day_first: bool,
    /// A cell is just F, R or P.
    has_letter: bool,
    /// A cell is 2.
    has_two: bool,
}

/// How the columns of every sheet are read, by file and sheet.
#[derive(Debug)]
pub(super) struct Evidence(BTreeMap<(usize, usize), Columns>);

impl Evidence {
    pub(super) fn of(cells: &Cells<'_>) -> Evidence {
        let mut sheets: BTreeMap<(usize, usize), Columns> = BTreeMap::new();
        for row in RowRank::all(cells.rows.len()) {
            if cells.rows.spills(row) {
                continue;
            }
            let place = (cells.rows.file(row), cells.rows.sheet(row));
            sheets.entry(place).or_default().see(cells, row);
        }
        Evidence(sheets)
    }

    pub(super) fn columns(&self, cells: &Cells<'_>, row: RowRank) -> Columns {
        let place = (cells.rows.file(row), cells.rows.sheet(row));
        self.0.get(&place).copied().unwrap_or_default()
    }

    /// W227: how the letters of each sheet were read.
    pub(super) fn told<'e>(&'e self, cells: &'e Cells<'_>) -> impl Iterator<Item = Finding> + 'e {
        let told = |(place, columns): (&(usize, usize), &Columns)| {
            let message = columns.in_words()?;
            let file = &cells.intake.files[place.0];
            let sheet = &file.sheets[place.1];
            let column = sheet.columns[Field::Lunch as usize];
            let mut finding = Finding::of_file(Code::W227, &file.path).saying(message);
            finding.sheet.clone_from(&sheet.name);
            finding.row = Some(sheet.header_row);
            finding.column = Some((Field::Lunch.title(), column));
            Some(finding)
        };
        self.0.iter().filter_map(told)
    }
}

impl Columns {
    fn see(&mut self, cells: &Cells<'_>, row: RowRank) {
        let lunch = cells.found(row, Field::Lunch);
        if !cells.is_own_word(Field::Lunch, &lunch) {
            self.letters.see(&lunch);
            self.has_letter |= ["f", "r", "p"]
                .iter()
                .any(|letter| lunch.eq_ignore_ascii_case(letter));
            self.has_two |= lunch == "2";
        }
        if !cells.rows.is_number(row, Field::CompletionDate) {
            self.day_first |= is_day_first(&cells.found(row, Field::CompletionDate));
        }
    }

    fn in_words(&self) -> Option<&'static str> {
        let letters = self.has_letter && self.letters.meal_codes;
        let two = self.has_two && self.letters.zero;
        match (letters, two) {
            (true, true) => Some("F is read as Free, R as Reduced, P as Paid, and 2 as reduced"),
            (true, false) => Some("F is read as Free, R as Reduced and P as Paid"),
            (false, true) => Some("2 is read as reduced, because the column also has a 0"),
            (false, false) => None,
        }
    }
}
