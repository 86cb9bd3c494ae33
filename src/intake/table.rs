//! From a stream of cells to rows under known headings: the header row is found by meaning, not by position.

use super::cells::{Cell, CellKind, CellSource, Refusal};
use super::headings::{Header, HeaderRow, Headings, Nearest, Texts};
use super::limits::{
    CELL_CHARS_MAX, CELLS_PER_FILE_MAX, HEADING_BYTES_MAX, ROWS_PER_FILE_MAX, ROWS_PER_LIST_MAX,
    TEXT_BYTES_PER_ROW,
};
use crate::catalogue::Code;
use crate::values::is_blank;
use crate::words::column_letters;

/// A value under a known heading: its text and what it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// As found, with white space around it; empty if the cell is.
    pub found: String,
    /// The kind of the cell; `None` if it is empty.
    pub kind: Option<CellKind>,
}

impl Value {
    /// The trimmed text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.found.trim_matches(is_blank)
    }
}

/// What a row looks like, by all its cells. It is still a row like any other; this only helps to explain why it cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LooksLike {
    /// A row like any other.
    #[default]
    Completion,
    /// A total.
    Total,
    /// A note: only one or two texts.
    Note,
    /// The headings again, as above a second table.
    Headings,
}

/// Takes the rows below a header.
pub trait RowSink {
    /// The header was found; rows follow.
    fn header(&mut self, header: &Header);
    /// A row that is not blank; `values` by known heading.
    fn row(&mut self, row: u32, values: &[Value], look: RowLook);
}

/// What may still be read of a file.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    cells: u64,
    rows: u64,
    rows_max: u64,
    text_bytes: u64,
}

impl Allowance {
    /// That of a whole submission.
    pub const SUBMISSION: Allowance = Allowance::of(ROWS_PER_FILE_MAX);

    /// That of a whole list.
    pub const LIST: Allowance = Allowance::of(ROWS_PER_LIST_MAX);

    const fn of(rows: u64) -> Allowance {
        Allowance {
            cells: CELLS_PER_FILE_MAX,
            rows,
            rows_max: rows,
            text_bytes: rows * TEXT_BYTES_PER_ROW,
        }
    }

    fn cell(&mut self) -> Result<(), Refusal> {
        let left = self.cells.checked_sub(1);
        self.cells = left.ok_or_else(|| {
            Refusal::limit(format!("the file has more than {CELLS_PER_FILE_MAX} cells"))
        })?;
        Ok(())
    }

    fn row(&mut self, text_bytes: usize) -> Result<(), Refusal> {
        let left = self.rows.checked_sub(1);
        self.rows = left.ok_or_else(|| {
            Refusal::limit(format!("the file has more than {} rows", self.rows_max))
        })?;
        let left = self.text_bytes.checked_sub(text_bytes as u64);
        self.text_bytes = left.ok_or_else(|| {
            let limit = (self.rows_max * TEXT_BYTES_PER_ROW) >> 20;
            Refusal::limit(format!(
                "the cells of the file hold more than {limit} MB of text"
            ))
        })?;
        Ok(())
    }
}

/// How reading a sheet ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetOutcome {
    /// The header was found, with so many rows below it.
    Read {
        /// Rows that are not blank.
        rows: usize,
    },
    /// There is content but no header row.
    NoHeader {
        /// The row with the most required headings, if any has one.
        nearest: Option<Nearest>,
    },
    /// There is nothing on the sheet.
    Empty,
}

/// Reads a sheet: finds the header row, then passes on every row that is not blank. `allowance`: what may still be read of the
/// file.
pub fn read_sheet(
    source: &mut dyn CellSource,
    headings: &Headings,
    sink: &mut dyn RowSink,
    allowance: &mut Allowance,
) -> Result<SheetOutcome, Refusal> {
    let mut reader = SheetReader::new(headings, sink, allowance);
    while let Some(cell) = source.next_cell()? {
        reader.cell(&cell)?;
    }
    reader.end()
}

/// What a row looks like as a whole, including cells under unread headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLook {
    /// What it is.
    pub like: LooksLike,
    /// Whether it has something to the right of the last heading.
    pub spills: bool,
}

/// What tells a total or a note from a completion.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    cells: u32,
    /// Of those, how many are in columns that are read.
    read: u32,
    words: u32,
    total: bool,
    headings: usize,
}

/// Words in the label of a total, in lower case.
const TOTAL_WORDS: [&str; 6] = ["total", "totals", "subtotal", "subtotals", "sum", "count"];
/// The label of a total is short; a longer text is a note.
const TOTAL_LABEL_BYTES_MAX: usize = 64;
/// A row with this many headings is the headings again: no completion has even two.
const HEADINGS_AGAIN_MIN: usize = 3;
/// A note fills a cell or two; a completion has at least seven.
const NOTE_CELLS_MAX: u32 = 2;
/// Cells that the template's own columns fill next to whatever is in a row: the program of its code, and what is wrong.
const TEMPLATE_CELLS: u32 = 2;

impl Look {
    fn cell(&mut self, text: &str, kind: CellKind, is_read: bool, headings: &Headings) {
        self.cells += 1;
        self.read += u32::from(is_read);
        if kind != CellKind::Text
            || text.len() > HEADING_BYTES_MAX
            || !text.contains(char::is_alphabetic)
        {
            return;
        }
        self.words += 1;
        self.headings += usize::from(headings.position(text).is_some());
        let is_total = |word: &str| {
            TOTAL_WORDS
                .iter()
                .any(|total| word.eq_ignore_ascii_case(total))
        };
        self.total |= text.len() <= TOTAL_LABEL_BYTES_MAX
            && text.split(|c: char| !c.is_alphabetic()).any(is_total);
    }

    fn verdict(self) -> LooksLike {
        if self.headings >= HEADINGS_AGAIN_MIN {
            LooksLike::Headings
        } else if self.total {
            LooksLike::Total
        } else if self.words > 0
            && (self.cells <= NOTE_CELLS_MAX
                || self.read <= NOTE_CELLS_MAX && self.cells <= NOTE_CELLS_MAX + TEMPLATE_CELLS)
        {
            LooksLike::Note
        } else {
            LooksLike::Completion
        }
    }
}

struct SheetReader<'a> {
    headings: &'a Headings,
    sink: &'a mut dyn RowSink,
    allowance: &'a mut Allowance,
    /// The row being collected; 0 before the first.
    row: u32,
    /// Before the header: its texts.
    texts: Texts,
    /// After the header: column of the file -> known heading.
    places: Vec<Option<usize>>,
    /// The last column with a heading, whatever it is.
    last_heading: u32,
    /// Whether the row has something to the right of it.
    spills: bool,
    found: bool,
    values: Vec<Value>,
    /// The row's cells that are not blank, in any column.
    look: Look,
    rows: usize,
    nearest: Option<Nearest>,
    seen: bool,
}

impl<'a> SheetReader<'a> {
    fn new(
        headings: &'a Headings,
        sink: &'a mut dyn RowSink,
        allowance: &'a mut Allowance,
    ) -> SheetReader<'a> {
        let values = vec![Value::default(); headings.known().len()];
        SheetReader {
            headings,
            sink,
            allowance,
            row: 0,
            texts: Vec::new(),
            places: Vec::new(),
            last_heading: 0,
            spills: false,
            found: false,
            values,
            look: Look::default(),
            rows: 0,
            nearest: None,
            seen: false,
        }
    }

    fn cell(&mut self, cell: &Cell<'_>) -> Result<(), Refusal> {
        self.allowance.cell()?;
        if cell.row < self.row {
            return Err(Refusal::damaged("its rows are out of order"));
        }
        if cell.row > self.row {
            self.end_row()?;
            self.row = cell.row;
        }
        if cell.text.len() > CELL_CHARS_MAX && cell.text.chars().count() > CELL_CHARS_MAX {
            return Err(Refusal::limit(format!(
                "row {} holds a text of more than {CELL_CHARS_MAX} characters",
                cell.row
            ))
            .on_row(cell.row));
        }
        let text = cell.text.trim_matches(is_blank);
        if text.is_empty() {
            return Ok(());
        }
        self.seen = true;
        if !self.found {
            if text.len() <= HEADING_BYTES_MAX {
                self.texts.push((cell.column, text.to_string()));
            }
            return Ok(());
        }
        let known = self.places.get(cell.column as usize).copied().flatten();
        self.look
            .cell(text, cell.kind, known.is_some(), self.headings);
        self.spills |= cell.column > self.last_heading;
        if let Some(known) = known {
            let value = &mut self.values[known];
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
        if self.look.cells > 0 {
            self.fill_constants();
            self.allowance
                .row(self.values.iter().map(|value| value.text().len()).sum())?;
            let look = RowLook {
                like: self.look.verdict(),
                spills: self.spills,
            };
            self.sink.row(self.row, &self.values, look);
            self.spills = false;
            self.rows += 1;
            self.look = Look::default();
            for value in &mut self.values {
                value.found.clear();
                value.kind = None;
            }
        }
        Ok(())
    }

    /// Fills in the values of columns that the file does not have.
    fn fill_constants(&mut self) {
        for (column, constant) in self.headings.constants() {
            if !self.places.contains(&Some(column)) {
                self.values[column].found.clone_from(constant);
                self.values[column].kind = Some(CellKind::Text);
            }
        }
    }

    fn try_header(&mut self) -> Result<(), Refusal> {
        let texts = std::mem::take(&mut self.texts);
        if texts.is_empty() {
            return Ok(());
        }
        match self.headings.judge(self.row, &texts) {
            HeaderRow::Is(header) => {
                for (known, column) in header.columns.iter().enumerate() {
                    let Some(column) = column.map(|column| column as usize) else {
                        continue;
                    };
                    if self.places.len() <= column {
                        self.places.resize(column + 1, None);
                    }
                    self.places[column] = Some(known);
                }
                self.found = true;
                self.last_heading = texts.iter().map(|(column, _)| *column).max().unwrap_or(0);
                for (column, known) in self.headings.unwritten(&header) {
                    self.places.push(Some(known));
                    self.last_heading = column;
                }
                self.sink.header(&header);
            }
            HeaderRow::HasTwice(title, columns) => {
                let row = self.row;
                let [first, second] =
                    columns.map(|column| format!("{}{row}", column_letters(column)));
                let message = format!(
                    "the heading {title} appears twice in row {row}: in {first} and {second}"
                );
                return Err(Refusal::new(Code::F106, message).on_row(row));
            }
            HeaderRow::IsNear(nearest) => {
                let missing = nearest.missing.len();
                let before = self.nearest.as_ref();
                if before.is_none_or(|before| missing < before.missing.len()) {
                    self.nearest = Some(nearest);
                }
            }
            HeaderRow::IsNone => {}
        }
        Ok(())
    }

    fn end(mut self) -> Result<SheetOutcome, Refusal> {
        self.end_row()?;
        Ok(match (self.found, self.seen) {
            (true, _) => SheetOutcome::Read { rows: self.rows },
            (false, true) => SheetOutcome::NoHeader {
                nearest: self.nearest,
            },
            (false, false) => SheetOutcome::Empty,
        })
    }
}
