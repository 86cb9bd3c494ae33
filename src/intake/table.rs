//! From a stream of cells to rows under known headings: the header row is found by meaning, not by position.

use std::collections::BTreeMap;

use super::cells::{Cell, CellKind, CellSource, Refusal};
use super::limits::CELLS_PER_FILE_MAX;
use crate::catalogue::Code;

/// A heading that the program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The key under `[columns]` in `batch.toml`.
    pub key: &'static str,
    /// As people write it.
    pub title: &'static str,
    /// Whether a header row must have it.
    pub required: bool,
}

impl Heading {
    /// A heading that must stand in the header row.
    #[must_use]
    pub const fn required(key: &'static str, title: &'static str) -> Heading {
        Heading { key, title, required: true }
    }

    /// A heading that may be missing.
    #[must_use]
    pub const fn optional(key: &'static str, title: &'static str) -> Heading {
        Heading { key, title, required: false }
    }
}

/// The headings of one kind of table, with a deployment's own words for them.
#[derive(Clone, Debug)]
pub struct Headings {
    known: &'static [Heading],
    /// Normalised heading -> (column of the table, whether it is the deployment's own word).
    words: BTreeMap<String, (usize, bool)>,
}

/// Where the header row stands and which column holds what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The physical row.
    pub row: u32,
    /// By known heading: the column in the file.
    pub columns: Vec<Option<u32>>,
    /// By known heading: how it is written there.
    pub written: Vec<Option<Box<str>>>,
}

/// A row as heard so far while looking for the header: the texts by column.
type Texts = Vec<(u32, String)>;

/// Headings compare without regard to case, spaces and punctuation.
#[must_use]
pub fn normalise(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Headings {
    /// The program's own headings.
    #[must_use]
    pub fn new(known: &'static [Heading]) -> Headings {
        let words = known.iter().enumerate().map(|(column, heading)| (normalise(heading.title), (column, false))).collect();
        Headings { known, words }
    }

    /// Adds a deployment's own word for a heading; it goes before the program's.
    #[must_use]
    pub fn with_own(mut self, key: &str, word: &str) -> Headings {
        if let Some(column) = self.known.iter().position(|heading| heading.key == key) {
            self.words.insert(normalise(word), (column, true));
        }
        self
    }

    /// The known headings.
    #[must_use]
    pub fn known(&self) -> &'static [Heading] {
        self.known
    }

    /// The columns of a row, if it were the header, and a heading that stands in it twice.
    fn columns(&self, texts: &Texts) -> (Vec<Option<u32>>, Option<&'static str>) {
        let mut columns: Vec<Option<(u32, bool)>> = vec![None; self.known.len()];
        let mut twice = None;
        for (column, text) in texts {
            let Some((known, own)) = self.words.get(&normalise(text)).copied() else { continue };
            match columns[known] {
                Some((_, before)) if before == own => twice = Some(self.known[known].title),
                Some((_, true)) => {}
                _ => columns[known] = Some((*column, own)),
            }
        }
        (columns.into_iter().map(|column| column.map(|(column, _)| column)).collect(), twice)
    }

    /// The required headings that a row lacks.
    fn missing(&self, columns: &[Option<u32>]) -> Vec<&'static str> {
        self.known
            .iter()
            .zip(columns)
            .filter(|(heading, column)| heading.required && column.is_none())
            .map(|(heading, _)| heading.title)
            .collect()
    }
}

/// A value under a known heading: its text and what it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// As found, with the white space around it; empty where the cell is.
    pub found: String,
    /// What the cell was; `None` where it is empty.
    pub kind: Option<CellKind>,
}

impl Value {
    /// The trimmed text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.found.trim()
    }
}

/// Takes the rows beneath a header.
pub trait RowSink {
    /// The header was found; rows follow.
    fn header(&mut self, header: &Header);
    /// A row that is not blank; `values` by known heading.
    fn row(&mut self, row: u32, values: &[Value]);
}

/// The row that comes nearest to a header, and the required headings that it lacks.
pub type Nearest = (u32, Vec<&'static str>);

/// How reading a sheet ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetOutcome {
    /// The header was found; so many rows beneath it.
    Read {
        /// Rows that are not blank.
        rows: usize,
    },
    /// There is content but no header row; the row that came nearest and what it lacks.
    NoHeader {
        /// The row with the most required headings, if any has one.
        nearest: Option<Nearest>,
    },
    /// There is nothing on the sheet.
    Empty,
}

/// Reads a sheet: finds the header row, then hands on every row that is not blank.
///
/// `cells_left` counts down the file's limit of cells.
pub fn read_sheet(
    source: &mut dyn CellSource,
    headings: &Headings,
    sink: &mut dyn RowSink,
    cells_left: &mut u64,
) -> Result<SheetOutcome, Refusal> {
    let mut reader = SheetReader::new(headings, sink);
    while let Some(cell) = source.next_cell()? {
        *cells_left = cells_left
            .checked_sub(1)
            .ok_or_else(|| Refusal::limit(format!("the file has more than {CELLS_PER_FILE_MAX} cells that are not empty")))?;
        reader.cell(&cell)?;
    }
    reader.end()
}

struct SheetReader<'a> {
    headings: &'a Headings,
    sink: &'a mut dyn RowSink,
    /// The row being collected; 0 before the first.
    row: u32,
    /// Before the header: its texts.
    texts: Texts,
    /// After the header: column of the file -> known heading.
    places: Vec<Option<usize>>,
    found: bool,
    values: Vec<Value>,
    /// Whether the row has a cell that is not blank, of whatever column.
    filled: bool,
    rows: usize,
    nearest: Option<Nearest>,
    seen: bool,
}

impl<'a> SheetReader<'a> {
    fn new(headings: &'a Headings, sink: &'a mut dyn RowSink) -> SheetReader<'a> {
        let values = vec![Value::default(); headings.known.len()];
        SheetReader {
            headings,
            sink,
            row: 0,
            texts: Vec::new(),
            places: Vec::new(),
            found: false,
            values,
            filled: false,
            rows: 0,
            nearest: None,
            seen: false,
        }
    }

    fn cell(&mut self, cell: &Cell<'_>) -> Result<(), Refusal> {
        if cell.row < self.row {
            return Err(Refusal::new(Code::F101, "the workbook is damaged: its rows are out of order"));
        }
        if cell.row > self.row {
            self.end_row()?;
            self.row = cell.row;
        }
        let text = cell.text.trim();
        if text.is_empty() {
            return Ok(());
        }
        self.seen = true;
        if !self.found {
            self.texts.push((cell.column, text.to_string()));
            return Ok(());
        }
        self.filled = true;
        if let Some(Some(known)) = self.places.get(cell.column as usize) {
            let value = &mut self.values[*known];
            value.found.clear();
            value.found.push_str(&cell.text);
            value.kind = Some(cell.kind);
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Refusal> {
        if !self.found {
            return self.try_header();
        }
        if self.filled {
            self.sink.row(self.row, &self.values);
            self.rows += 1;
            self.filled = false;
            for value in &mut self.values {
                value.found.clear();
                value.kind = None;
            }
        }
        Ok(())
    }

    fn try_header(&mut self) -> Result<(), Refusal> {
        let texts = std::mem::take(&mut self.texts);
        if texts.is_empty() {
            return Ok(());
        }
        let (columns, twice) = self.headings.columns(&texts);
        let missing = self.headings.missing(&columns);
        if missing.is_empty() {
            if let Some(title) = twice {
                return Err(Refusal::new(Code::F106, format!("the heading {title} stands twice in row {}", self.row)).on_row(self.row));
            }
            let last = columns.iter().flatten().max().map_or(0, |column| *column as usize + 1);
            self.places = vec![None; last];
            for (known, column) in columns.iter().enumerate() {
                if let Some(column) = column {
                    self.places[*column as usize] = Some(known);
                }
            }
            self.found = true;
            let text_in = |column: u32| texts.iter().find(|(other, _)| *other == column).map(|(_, text)| text.as_str().into());
            let written = columns.iter().map(|column| column.and_then(text_in)).collect();
            self.sink.header(&Header { row: self.row, columns, written });
        } else if columns.iter().any(Option::is_some) && self.nearest.as_ref().is_none_or(|(_, before)| missing.len() < before.len()) {
            self.nearest = Some((self.row, missing));
        }
        Ok(())
    }

    fn end(mut self) -> Result<SheetOutcome, Refusal> {
        self.end_row()?;
        Ok(match (self.found, self.seen) {
            (true, _) => SheetOutcome::Read { rows: self.rows },
            (false, true) => SheetOutcome::NoHeader { nearest: self.nearest },
            (false, false) => SheetOutcome::Empty,
        })
    }
}
