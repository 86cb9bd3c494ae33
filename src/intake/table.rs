//! From a stream of cells to rows under known headings: the header row is found by meaning, not by position.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::cells::{Cell, CellKind, CellSource, Refusal};
use super::limits::{
    CELL_CHARS_MAX, CELLS_PER_FILE_MAX, HEADING_BYTES_MAX, ROWS_PER_FILE_MAX, ROWS_PER_LIST_MAX,
    TEXT_BYTES_PER_ROW,
};
use crate::catalogue::Code;
use crate::finding::column_letters;
use crate::values::is_blank;

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
        Heading {
            key,
            title,
            required: true,
            cousins: &[],
        }
    }

    /// A heading that may be missing.
    #[must_use]
    pub const fn optional(key: &'static str, title: &'static str) -> Heading {
        Heading {
            key,
            title,
            required: false,
            cousins: &[],
        }
    }

    /// The same heading with what other programs call it.
    #[must_use]
    pub const fn like(self, cousins: &'static [&'static str]) -> Heading {
        Heading { cousins, ..self }
    }

    /// How near a text comes to it: 1 is the same, 0 has nothing in common. What other programs call it must be written so; its own
    /// title may have slips of the pen, in the words that tell it from others too.
    pub(super) fn nearness(&self, text: &str) -> f64 {
        let text = bare(text);
        let written = normalise(&text);
        let is_named = std::iter::once(&self.title)
            .chain(self.cousins)
            .any(|word| normalise(word) == written);
        if is_named {
            return 1.0;
        }
        let likeness = |one: &str, other: &str| strsim::normalized_damerau_levenshtein(one, other);
        let telling = likeness(&telling_words(self.title), &telling_words(&text));
        telling.min(likeness(&normalise(self.title), &written))
    }

    /// Whether a text is it, but for a unit or the mark of a footnote behind it.
    fn is_marked(&self, text: &str) -> bool {
        normalise(self.title) == normalise(&bare(text))
    }
}

/// The headings of one kind of table, with a deployment's own words for them.
#[derive(Clone, Debug)]
pub struct Headings {
    known: &'static [Heading],
    /// Normalised heading -> (column of the table, whether it is the deployment's own word).
    words: BTreeMap<String, (usize, bool)>,
    /// Column of the table -> what it says where a file has no such column.
    constants: BTreeMap<usize, String>,
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
    /// The headings that are not read.
    pub unread: Vec<Box<str>>,
}

/// A row as heard so far while looking for the header: the texts by column.
type Texts = Vec<(u32, String)>;

/// A heading that stands twice in a row, and its two columns.
type Twice = (&'static str, [u32; 2]);

/// Words that many headings share: they tell none from another.
const SHARED_WORDS: [&str; 5] = ["code", "date", "status", "number", "score"];

/// The words of a heading that tell it from others, one behind the other.
fn telling_words(heading: &str) -> String {
    heading
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !SHARED_WORDS.contains(&word.as_str()))
        .collect()
}

/// A heading without what stands in brackets and without the marks of footnotes: `SASID (10 digits)`, `SASID¹`.
fn bare(heading: &str) -> String {
    let mut depth = 0_usize;
    let mut text = String::new();
    for c in heading.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '\u{b9}' | '\u{b2}' | '\u{b3}' | '\u{2070}'..='\u{2079}' => {}
            _ if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text
}

/// Headings compare without regard to case, spaces and punctuation, and composed: a Mac can take accents apart.
#[must_use]
pub fn normalise(heading: &str) -> String {
    heading
        .nfc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Headings {
    /// The program's own headings.
    #[must_use]
    pub fn new(known: &'static [Heading]) -> Headings {
        let words = known
            .iter()
            .enumerate()
            .map(|(column, heading)| (normalise(heading.title), (column, false)))
            .collect();
        Headings {
            known,
            words,
            constants: BTreeMap::new(),
        }
    }

    /// Adds a deployment's own word for a heading; it goes before the program's.
    #[must_use]
    pub fn with_own(mut self, key: &str, word: &str) -> Headings {
        if let Some(column) = self.known.iter().position(|heading| heading.key == key) {
            self.words.insert(normalise(word), (column, true));
        }
        self
    }

    /// Adds what a column says in files that have no such column; they need not have it then.
    #[must_use]
    pub fn with_constant(mut self, key: &str, value: &str) -> Headings {
        if let Some(column) = self.known.iter().position(|heading| heading.key == key) {
            self.constants.insert(column, value.to_string());
        }
        self
    }

    /// The known headings.
    #[must_use]
    pub fn known(&self) -> &'static [Heading] {
        self.known
    }

    /// The heading that a text is, if it is one: its position among the known.
    pub(super) fn position(&self, text: &str) -> Option<usize> {
        self.words.get(&normalise(text)).map(|(column, _)| *column)
    }

    /// The columns of a row, if it were the header, and a heading that stands in it twice, with both its columns.
    fn columns(&self, texts: &Texts) -> (Vec<Option<u32>>, Option<Twice>) {
        let mut columns: Vec<Option<(u32, bool)>> = vec![None; self.known.len()];
        let mut twice = None;
        for (column, text) in texts {
            let Some((known, own)) = self.words.get(&normalise(text)).copied() else {
                continue;
            };
            match columns[known] {
                Some((first, before)) if before == own => {
                    twice = Some((self.known[known].title, [first, *column]));
                }
                Some((_, true)) => {}
                _ => columns[known] = Some((*column, own)),
            }
        }
        (
            columns
                .into_iter()
                .map(|column| column.map(|(column, _)| column))
                .collect(),
            twice,
        )
    }

    /// The required headings that a row lacks.
    fn missing(&self, columns: &[Option<u32>]) -> Vec<&'static Heading> {
        let known = self.known.iter().zip(columns).enumerate();
        known
            .filter(|(at, (heading, column))| {
                heading.required && column.is_none() && !self.constants.contains_key(at)
            })
            .map(|(_, (heading, _))| heading)
            .collect()
    }
}

/// What may stand in the place of missing headings: the nearest of the row's other texts, each for one heading only.
fn candidates(
    missing: &[&'static Heading],
    columns: &[Option<u32>],
    texts: &Texts,
) -> Vec<(&'static str, Option<(String, u32)>)> {
    let quotable = columns.iter().flatten().count() >= KNOWN_TO_QUOTE_MIN;
    // A text with digits may be an id; one that is a heading with a unit behind it is not.
    let is_marked = |text: &str| missing.iter().any(|heading| heading.is_marked(text));
    let mut free: Vec<&(u32, String)> = texts
        .iter()
        .filter(|(column, text)| {
            !columns.contains(&Some(*column))
                && (is_marked(text) || (quotable && !text.chars().any(char::is_numeric)))
        })
        .collect();
    let candidate = |heading: &&'static Heading| {
        let nearness = free
            .iter()
            .enumerate()
            .map(|(place, (_, text))| (place, heading.nearness(text)));
        let best = nearness
            .filter(|(_, near)| *near >= CANDIDATE_NEARNESS_MIN)
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let candidate = best
            .map(|(place, _)| free.remove(place))
            .map(|(column, text)| (text.clone(), *column));
        (heading.title, candidate)
    };
    missing.iter().map(candidate).collect()
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
        self.found.trim_matches(is_blank)
    }
}

/// What a row looks like, judged by its cells of whatever column. It stays a row like any other; this only helps to explain why it
/// cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LooksLike {
    /// Nothing else.
    #[default]
    Completion,
    /// A total.
    Total,
    /// A note: one or two texts and nothing else.
    Note,
    /// The headings once more, as above a second table.
    Headings,
}

/// Takes the rows beneath a header.
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
/// How near a text must come to be a candidate: more than a quarter wrong is no slip of the pen.
pub(super) const CANDIDATE_NEARNESS_MIN: f64 = 0.75;

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

/// Reads a sheet: finds the header row, then hands on every row that is not blank. `allowance` is what may still be read of the file.
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

/// What a row looks like as a whole, its cells under unread headings included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLook {
    /// What it is.
    pub like: LooksLike,
    /// Whether it has something behind the last heading's column.
    pub spills: bool,
}

/// What tells a total or a note from a completion, over the cells of a row.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    cells: u32,
    words: u32,
    total: bool,
    headings: usize,
}

/// Words with which the label of a total is made, in lower case.
const TOTAL_WORDS: [&str; 6] = ["total", "totals", "subtotal", "subtotals", "sum", "count"];
/// A total is called so in a few words; a longer text is a note.
const TOTAL_LABEL_BYTES_MAX: usize = 64;
/// A row in which so many headings stand is the headings again: no completion has even two.
const HEADINGS_AGAIN_MIN: usize = 3;
/// A note fills a cell or two; a completion has at least seven.
const NOTE_CELLS_MAX: u32 = 2;

impl Look {
    fn cell(&mut self, text: &str, kind: CellKind, headings: &Headings) {
        self.cells += 1;
        if kind != CellKind::Text
            || text.len() > HEADING_BYTES_MAX
            || !text.contains(char::is_alphabetic)
        {
            return;
        }
        self.words += 1;
        self.headings += usize::from(headings.words.contains_key(&normalise(text)));
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
        } else if self.words > 0 && self.cells <= NOTE_CELLS_MAX {
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
    /// Whether the row has something behind it.
    spills: bool,
    found: bool,
    values: Vec<Value>,
    /// The cells of the row that are not blank, of whatever column.
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
        let values = vec![Value::default(); headings.known.len()];
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
        self.look.cell(text, cell.kind, self.headings);
        self.spills |= cell.column > self.last_heading;
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

    /// What the file has no column for.
    fn fill_constants(&mut self) {
        for (column, constant) in &self.headings.constants {
            if !self.places.contains(&Some(*column)) {
                self.values[*column].found.clone_from(constant);
                self.values[*column].kind = Some(CellKind::Text);
            }
        }
    }

    fn try_header(&mut self) -> Result<(), Refusal> {
        let texts = std::mem::take(&mut self.texts);
        if texts.is_empty() {
            return Ok(());
        }
        let (columns, twice) = self.headings.columns(&texts);
        let missing = self.headings.missing(&columns);
        if missing.is_empty() {
            if let Some((title, places)) = twice {
                let [first, second] =
                    places.map(|column| format!("{}{}", column_letters(column), self.row));
                let message = format!(
                    "the heading {title} stands twice in row {}: in {first} and {second}",
                    self.row
                );
                return Err(Refusal::new(Code::F106, message).on_row(self.row));
            }
            let last = columns
                .iter()
                .flatten()
                .max()
                .map_or(0, |column| *column as usize + 1);
            self.places = vec![None; last];
            for (known, column) in columns.iter().enumerate() {
                if let Some(column) = column {
                    self.places[*column as usize] = Some(known);
                }
            }
            self.found = true;
            self.last_heading = texts.iter().map(|(column, _)| *column).max().unwrap_or(0);
            let unread = texts
                .iter()
                .filter(|(column, _)| !columns.contains(&Some(*column)))
                .map(|(_, text)| text.as_str().into())
                .collect();
            let text_in = |column: u32| {
                texts
                    .iter()
                    .find(|(other, _)| *other == column)
                    .map(|(_, text)| text.as_str().into())
            };
            let written = columns
                .iter()
                .map(|column| column.and_then(text_in))
                .collect();
            self.sink.header(&Header {
                row: self.row,
                columns,
                written,
                unread,
            });
        } else if self.has_required(&columns, &texts)
            && self
                .nearest
                .as_ref()
                .is_none_or(|before| missing.len() < before.missing.len())
        {
            let missing = candidates(&missing, &columns, &texts);
            self.nearest = Some(Nearest {
                row: self.row,
                missing,
            });
        }
        Ok(())
    }

    /// Whether a row has a heading that is required, if only with a unit behind it.
    fn has_required(&self, columns: &[Option<u32>], texts: &Texts) -> bool {
        let mut known = self.headings.known.iter().zip(columns);
        known.any(|(heading, column)| {
            let is_there = || texts.iter().any(|(_, text)| heading.is_marked(text));
            heading.required && (column.is_some() || is_there())
        })
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
