//! Merged cells. A spreadsheet keeps a merge's value in its first cell only, but a person sees it in every row. So it is read in
//! each row, in the merge's first column.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use super::cells::{Cell, CellKind, CellSource, Formulas, Refusal};
use super::limits::{COLUMNS_PER_SHEET_MAX, ROW_TEXT_BYTES_MAX, ROWS_PER_SHEET_MAX};

/// An area of cells: its first and last row and its first column, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    first_row: u32,
    last_row: u32,
    column: u32,
    last_column: u32,
}

impl Merge {
    /// The area between two cells, each by row and column.
    #[must_use]
    pub fn new(first: (u32, u32), last: (u32, u32)) -> Merge {
        Merge {
            first_row: first.0,
            last_row: last.0,
            column: first.1,
            last_column: last.1,
        }
    }

    /// The area of an address such as `A1:B3`, or of one cell; `None` for an invalid address.
    #[must_use]
    pub fn of_area(area: &str) -> Option<Merge> {
        let (first, last) = area.split_once(':').unwrap_or((area, area));
        let (first, last) = (cell(first)?, cell(last)?);
        (first.0 <= last.0 && first.1 <= last.1).then(|| Merge::new(first, last))
    }

    /// Its row from 1 and its columns, if it spans several columns of one row.
    #[must_use]
    pub fn as_title(&self) -> Option<(u32, u32, u32)> {
        let is_title = self.first_row == self.last_row && self.last_column > self.column;
        is_title.then_some((self.first_row + 1, self.column, self.last_column))
    }

    /// Whether it has more than one row.
    #[must_use]
    pub fn spans_rows(&self) -> bool {
        self.last_row > self.first_row
    }
}

/// Row and column of a cell by its address, from 0.
fn cell(address: &str) -> Option<(u32, u32)> {
    let letters = address.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = address.split_at(letters);
    // Three letters are enough for the last column, XFD.
    if letters.is_empty() || letters.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let column = letters.bytes().fold(0, |column, letter| {
        column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row: u32 = digits.parse().ok()?;
    let is_cell = (1..=ROWS_PER_SHEET_MAX).contains(&row) && column <= COLUMNS_PER_SHEET_MAX;
    is_cell.then(|| (row - 1, column - 1))
}

/// A cell, kept until its row is complete.
struct Kept {
    row: u32,
    column: u32,
    text: String,
    kind: CellKind,
}

/// The cells of a sheet with the value of each merge in all of its rows. Holds one row at a time.
pub struct Spread<'s> {
    source: &'s mut dyn CellSource,
    /// In ascending order of their first row.
    merges: VecDeque<Merge>,
    /// The merges that the current row is in, by column, with their values.
    open: BTreeMap<u32, (Merge, String, CellKind)>,
    row: VecDeque<Kept>,
    /// The first cell of the row after it.
    ahead: Option<Kept>,
    /// The cell handed out last.
    current: Option<Kept>,
    number: u32,
    ended: bool,
}

impl<'s> Spread<'s> {
    /// Spreads these merges over the cells of a sheet.
    pub fn new(source: &'s mut dyn CellSource, mut merges: Vec<Merge>) -> Spread<'s> {
        merges.sort_by_key(|merge| (merge.first_row, merge.column));
        Spread {
            source,
            merges: merges.into(),
            open: BTreeMap::new(),
            row: VecDeque::new(),
            ahead: None,
            current: None,
            number: 0,
            ended: false,
        }
    }

    fn next_kept(&mut self) -> Result<Option<Kept>, Refusal> {
        if let Some(kept) = self.ahead.take() {
            return Ok(Some(kept));
        }
        // A source that ended is not asked again: it would read on.
        if self.ended {
            return Ok(None);
        }
        let kept = self.source.next_cell()?.map(|cell| Kept {
            row: cell.row,
            column: cell.column,
            text: cell.text.into_owned(),
            kind: cell.kind,
        });
        self.ended = kept.is_none();
        Ok(kept)
    }

    /// Collects the next row that holds something; `false` at the end of the sheet.
    fn fill(&mut self) -> Result<bool, Refusal> {
        self.ahead = self.next_kept()?;
        // Rows of merges count from 0, those of cells from 1.
        self.open
            .retain(|_, (merge, ..)| merge.last_row >= self.number);
        let spread = (!self.open.is_empty()).then_some(self.number + 1);
        let from_sheet = self.ahead.as_ref().map(|kept| kept.row);
        let Some(number) = spread.into_iter().chain(from_sheet).min() else {
            return Ok(false);
        };
        self.number = number;
        let mut text_bytes: usize = self.open.values().map(|(_, text, _)| text.len()).sum();
        while let Some(kept) = self.next_kept()? {
            if kept.row != number {
                self.ahead = Some(kept);
                break;
            }
            text_bytes += kept.text.len();
            if text_bytes > ROW_TEXT_BYTES_MAX {
                let limit = ROW_TEXT_BYTES_MAX >> 20;
                let message = format!("row {number} holds more than {limit} MB of text");
                return Err(Refusal::limit(message));
            }
            // A cell beneath a merge is not visible.
            if !self.open.contains_key(&kept.column) {
                self.row.push_back(kept);
            }
        }
        self.row
            .extend(self.open.iter().map(|(column, (_, text, kind))| Kept {
                row: number,
                column: *column,
                text: text.clone(),
                kind: *kind,
            }));
        self.row.make_contiguous().sort_by_key(|kept| kept.column);
        self.open_merges();
        Ok(true)
    }

    /// Notes the values of the merges that begin in the current row.
    fn open_merges(&mut self) {
        while let Some(merge) = self.merges.front()
            && merge.first_row < self.number
        {
            let begins = merge.first_row + 1 == self.number;
            let value = self.row.iter().find(|kept| kept.column == merge.column);
            if let Some(value) = value.filter(|_| begins) {
                let value = (*merge, value.text.clone(), value.kind);
                self.open.insert(merge.column, value);
            }
            self.merges.pop_front();
        }
    }
}

impl CellSource for Spread<'_> {
    fn formulas(&self) -> Formulas {
        self.source.formulas()
    }

    fn next_cell(&mut self) -> Result<Option<Cell<'_>>, Refusal> {
        if self.row.is_empty() && !self.fill()? {
            return Ok(None);
        }
        self.current = self.row.pop_front();
        Ok(self.current.as_ref().map(|kept| Cell {
            row: kept.row,
            column: kept.column,
            text: Cow::Borrowed(&kept.text),
            kind: kept.kind,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given(VecDeque<(u32, u32, &'static str)>);

    impl CellSource for Given {
        fn next_cell(&mut self) -> Result<Option<Cell<'_>>, Refusal> {
            Ok(self.0.pop_front().map(|(row, column, text)| Cell {
                row,
                column,
                text: Cow::Borrowed(text),
                kind: CellKind::Text,
            }))
        }
    }

    fn spread(cells: &[(u32, u32, &'static str)], merges: &[&str]) -> Vec<(u32, u32, String)> {
        let mut source = Given(cells.iter().copied().collect());
        let merges = merges.iter().map(|area| Merge::of_area(area).unwrap());
        let mut spread = Spread::new(&mut source, merges.collect());
        let mut found = Vec::new();
        while let Some(cell) = spread.next_cell().unwrap() {
            found.push((cell.row, cell.column, cell.text.into_owned()));
        }
        found
    }

    #[test]
    fn a_merge_has_its_value_in_the_first_column_of_each_of_its_rows() {
        let cells = [(1, 0, "0010"), (1, 2, "a"), (2, 2, "b"), (4, 2, "d")];
        let expected = [
            (1, 0, "0010"),
            (1, 2, "a"),
            (2, 0, "0010"),
            (2, 2, "b"),
            (3, 0, "0010"),
            (4, 2, "d"),
        ];
        let expected: Vec<_> = expected
            .map(|(row, column, text)| (row, column, text.to_string()))
            .into();
        assert_eq!(spread(&cells, &["A1:B3"]), expected);
    }

    #[test]
    fn a_merge_without_a_value_and_what_stands_beneath_one_are_not_seen() {
        let cells = [(1, 1, "x"), (2, 0, "beneath"), (2, 1, "y")];
        assert_eq!(spread(&cells, &["A1:A2"]).len(), 3);
        let cells = [(1, 0, "v"), (2, 0, "beneath")];
        let found = spread(&cells, &["A1:A2"]);
        assert_eq!(found[1], (2, 0, "v".to_string()));
    }

    #[test]
    fn an_area_is_between_two_cells() {
        for area in [
            "1:4", "A:C", "B2:A1", "A0", "XFE1", "A1048577", "", "A1:B2:C3",
        ] {
            assert_eq!(Merge::of_area(area), None, "{area}");
        }
        assert!(Merge::of_area("A1:XFD1048576").unwrap().spans_rows());
        assert!(!Merge::of_area("A1:C1").unwrap().spans_rows());
    }
}
