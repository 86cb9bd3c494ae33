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
    /// What other programs call it. Such words are offered as candidates where the heading is missing; they never stand for it, since only a
    /// person can say that the column means the same.
    pub cousins: &'static [&'static str],
}

impl Heading {
    /// A heading that must stand in the header row.
    #[must_use]
    pub const fn required(key: &'static str, title: &'static str) -> Heading {
        Heading { key, title, required: true, cousins: &[] }
    }

    /// A heading that may be missing.
    #[must_use]
    pub const fn optional(key: &'static str, title: &'static str) -> Heading {
        Heading { key, title, required: false, cousins: &[] }
    }

    /// The same heading with what other programs call it.
    #[must_use]
    pub const fn like(self, cousins: &'static [&'static str]) -> Heading {
        Heading { cousins, ..self }
    }

    /// How near a text comes to it: 1 is the same, 0 has nothing in common.
    fn nearness(&self, text: &str) -> f64 {
        let text = normalise(text);
        let words = std::iter::once(&self.title).chain(self.cousins);
        words.map(|word| strsim::normalized_damerau_levenshtein(&normalise(word), &text)).fold(0.0, f64::max)
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
    fn missing(&self, columns: &[Option<u32>]) -> Vec<&'static Heading> {
        let known = self.known.iter().zip(columns);
        known.filter(|(heading, column)| heading.required && column.is_none()).map(|(heading, _)| heading).collect()
    }
}

/// What may stand in the place of missing headings: the nearest of the row's other texts, each for one heading only.
fn candidates(missing: &[&'static Heading], columns: &[Option<u32>], texts: &Texts) -> Vec<(&'static str, Option<(String, u32)>)> {
    let quotable = columns.iter().flatten().count() >= KNOWN_TO_QUOTE_MIN;
    let mut free: Vec<&(u32, String)> = texts
        .iter()
        .filter(|(column, text)| quotable && !columns.contains(&Some(*column)) && !text.chars().any(char::is_numeric))
        .collect();
    let candidate = |heading: &&'static Heading| {
        let nearness = free.iter().enumerate().map(|(place, (_, text))| (place, heading.nearness(text)));
        let best = nearness.filter(|(_, near)| *near >= CANDIDATE_NEARNESS_MIN).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let candidate = best.map(|(place, _)| free.remove(place)).map(|(column, text)| (text.clone(), *column));
        (heading.title, candidate)
    };
    missing.iter().map(candidate).collect()
}

/// A value under a known heading: trimmed text and what it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// Trimmed; empty where the cell is.
    pub text: String,
    /// What the cell was; `None` where it is empty.
    pub kind: Option<CellKind>,
}

/// Takes the rows beneath a header.
pub trait RowSink {
    /// The header was found; rows follow.
    fn header(&mut self, header: &Header);
    /// A row that is not blank; `values` by known heading.
    fn row(&mut self, row: u32, values: &[Value]);
}

/// The row that comes nearest to a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The physical row.
    pub row: u32,
    /// The required headings that it lacks, each with what may stand in its place: a text of the row and its column.
    pub missing: Vec<(&'static str, Option<(String, u32)>)>,
}

impl Nearest {
    /// The titles of the headings that it lacks.
    #[must_use]
    pub fn titles(&self) -> Vec<&'static str> {
        self.missing.iter().map(|(title, _)| *title).collect()
    }
}

/// Known headings that a row must have before its other texts are quoted as candidates: below this it may be a row of data, and a text
/// in it a pupil's name.
const KNOWN_TO_QUOTE_MIN: usize = 3;
/// How near a text must come to be a candidate: more than two fifths wrong is no slip of the pen.
const CANDIDATE_NEARNESS_MIN: f64 = 0.6;

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
            value.text.clear();
            value.text.push_str(text);
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
                value.text.clear();
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
            self.sink.header(&Header { row: self.row, columns });
        } else if columns.iter().any(Option::is_some) && self.nearest.as_ref().is_none_or(|before| missing.len() < before.missing.len()) {
            let missing = candidates(&missing, &columns, &texts);
            self.nearest = Some(Nearest { row: self.row, missing });
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
