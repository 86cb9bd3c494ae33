//! Every submitted row as found, with its place.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::cells::CellKind;
pub use super::fields::{Field, SUBMISSION};
use super::table::{LooksLike, RowLook, Value};
use crate::ranks::RowRank;

/// The place of a row and the kinds of its cells. Its texts are in [`Completions::texts`], field after field.
#[derive(Clone, PartialEq, Eq)]
struct Row {
    /// Positions among the batch's files and among the file's sheets.
    file: u32,
    sheet: u32,
    /// The physical row from 1; the line of a text file.
    number: u32,
    look: RowLook,
    /// By field; `None` where the cell is empty.
    kinds: [Option<CellKind>; Field::COUNT],
    /// Where the texts of its cells begin in `texts`.
    begin: usize,
    /// By field: where its text ends, counted from `begin`. It begins where the one before it ends; a row has far less than 4 GB of
    /// text.
    ends: [u32; Field::COUNT],
}

/// The submitted rows, in the order of the batch: by file, sheet and row. The position of a row is its rank, which names it
/// everywhere else.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Completions {
    rows: Vec<Row>,
    /// The texts of all cells in one piece: a million rows have ten million, most of them short.
    texts: String,
}

/// The length of a row's texts so far.
fn ended(begin: usize, texts: &str) -> u32 {
    u32::try_from(texts.len() - begin).unwrap_or(u32::MAX)
}

/// Shows only the number of rows, never their content.
impl fmt::Debug for Completions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} completions", self.rows.len())
    }
}

impl Completions {
    /// Adds a row; `values` by field.
    pub(super) fn push(&mut self, place: (u32, u32, u32), values: &[Value], look: RowLook) {
        let (file, sheet, number) = place;
        let mut row = Row {
            file,
            sheet,
            number,
            look,
            kinds: [None; Field::COUNT],
            begin: self.texts.len(),
            ends: [0; Field::COUNT],
        };
        for ((kind, end), value) in row.kinds.iter_mut().zip(&mut row.ends).zip(values) {
            if value.kind.is_some() {
                self.texts.push_str(&value.found);
            }
            *kind = value.kind;
            *end = ended(row.begin, &self.texts);
        }
        self.rows.push(row);
    }

    /// The same rows with some cells replaced by typed texts, and some rows left out.
    #[must_use]
    pub fn corrected(
        &self,
        corrections: &HashMap<(RowRank, Field), String>,
        left_out: &HashSet<RowRank>,
    ) -> Completions {
        let mut corrected = Completions::default();
        let rows = self.rows();
        for rank in RowRank::all(self.len()).filter(|rank| !left_out.contains(rank)) {
            let mut row = self.rows[rank].clone();
            row.begin = corrected.texts.len();
            for field in Field::ALL {
                let typed = corrections.get(&(rank, field)).map(String::as_str);
                if let Some(typed) = typed {
                    row.kinds[field as usize] = (!typed.is_empty()).then_some(CellKind::Text);
                }
                let text = typed.unwrap_or_else(|| rows.found(rank, field));
                corrected.texts.push_str(text);
                row.ends[field as usize] = ended(row.begin, &corrected.texts);
            }
            corrected.rows.push(row);
        }
        corrected
    }

    /// Joins the rows of files, given in order.
    pub(super) fn concat(files: Vec<Completions>) -> Completions {
        let mut files = files.into_iter();
        let mut all = files.next().unwrap_or_default();
        let rest = files.as_slice();
        all.rows
            .reserve_exact(rest.iter().map(|file| file.rows.len()).sum());
        all.texts
            .reserve_exact(rest.iter().map(|file| file.texts.len()).sum());
        for mut file in files {
            let begin = all.texts.len();
            for row in &mut file.rows {
                row.begin += begin;
            }
            all.rows.append(&mut file.rows);
            all.texts.push_str(&file.texts);
        }
        all
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row was submitted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A view for reading cell by cell.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows { all: self }
    }
}

/// The cells, by the position of their row and by field. A position is less than
/// [`len`](Rows::len).
#[derive(Clone, Copy)]
pub struct Rows<'c> {
    all: &'c Completions,
}

impl<'c> Rows<'c> {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Position of the row's file among the batch's files.
    #[must_use]
    pub fn file(&self, position: RowRank) -> usize {
        self.all.rows[position].file as usize
    }

    /// Position of the row's sheet in its file.
    #[must_use]
    pub fn sheet(&self, position: RowRank) -> usize {
        self.all.rows[position].sheet as usize
    }

    /// The physical row, or the line of a text file.
    #[must_use]
    pub fn row(&self, position: RowRank) -> u32 {
        self.all.rows[position].number
    }

    /// The text of a field, trimmed; empty if the cell is.
    #[must_use]
    pub fn text(&self, position: RowRank, field: Field) -> &'c str {
        self.found(position, field)
            .trim_matches(crate::values::is_blank)
    }

    /// The text of a field as found, with white space around it.
    #[must_use]
    pub fn found(&self, position: RowRank, field: Field) -> &'c str {
        let Row { begin, ends, .. } = &self.all.rows[position];
        let at = field as usize;
        let first = at.checked_sub(1).map_or(0, |before| ends[before]);
        &self.all.texts[begin + first as usize..begin + ends[at] as usize]
    }

    /// What the row looks like, including cells under unknown headings.
    #[must_use]
    pub fn looks_like(&self, position: RowRank) -> LooksLike {
        self.all.rows[position].look.like
    }

    /// Whether the row of a text file has more fields than headings (E211).
    #[must_use]
    pub fn spills(&self, position: RowRank) -> bool {
        self.all.rows[position].look.spills
    }

    /// The kind of a field's cell; `None` if it is empty.
    #[must_use]
    pub fn kind(&self, position: RowRank, field: Field) -> Option<CellKind> {
        self.all.rows[position].kinds[field as usize]
    }

    /// Whether the cell was a number without a date format.
    #[must_use]
    pub fn is_number(&self, position: RowRank, field: Field) -> bool {
        self.kind(position, field) == Some(CellKind::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(found: &str, kind: CellKind) -> Value {
        Value {
            found: found.to_string(),
            kind: Some(kind),
        }
    }

    fn file(place: (u32, u32, u32), first: &str, last: &str) -> Completions {
        let mut values = vec![Value::default(); Field::COUNT];
        values[0] = value(first, CellKind::Text);
        values[Field::COUNT - 1] = value(last, CellKind::Number);
        let mut rows = Completions::default();
        let look = RowLook {
            like: LooksLike::Completion,
            spills: false,
        };
        rows.push(place, &values, look);
        rows
    }

    #[test]
    fn the_rows_of_files_joined_are_those_of_each_file() {
        let all = Completions::concat(vec![
            file((0, 0, 2), " 0010 ", "1"),
            Completions::default(),
            file((2, 1, 7), "", "\u{e9}"),
        ]);
        let rows = all.rows();
        let (first, last) = (Field::ALL[0], Field::ALL[Field::COUNT - 1]);
        assert_eq!(
            (
                rows.found(RowRank::new(0), first),
                rows.text(RowRank::new(0), first)
            ),
            (" 0010 ", "0010")
        );
        assert_eq!(
            (
                rows.found(RowRank::new(0), last),
                rows.found(RowRank::new(1), last)
            ),
            ("1", "\u{e9}")
        );
        assert_eq!(
            (
                rows.file(RowRank::new(1)),
                rows.sheet(RowRank::new(1)),
                rows.row(RowRank::new(1))
            ),
            (2, 1, 7)
        );
        assert_eq!(rows.kind(RowRank::new(0), Field::Sasid), None);
        assert!(rows.is_number(RowRank::new(1), last) && !rows.is_number(RowRank::new(1), first));
    }

    #[test]
    fn nothing_of_a_row_is_shown_where_somebody_prints_them() {
        let rows = file((0, 0, 2), "1000000001", "");
        assert_eq!(format!("{rows:?}"), "1 completions");
    }
}
