//! OpenDocument spreadsheets as a stream of cells. calamine allocates the whole range, which a kilobyte of repeated cells can make
//! gigabytes. This reader holds one row at a time and takes numbers as the stored text.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::io::{BufRead, BufReader, Cursor};
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::ZipArchive;

use super::cells::{
    Cell, CellKind, CellSource, Formulas, Refusal, SheetInfo, SheetShape, SheetVisitor, UNKNOWN,
    is_error_value, number_text,
};
use super::limits::{
    CELL_CHARS_MAX, COLUMNS_PER_SHEET_MAX, ROW_TEXT_BYTES_MAX, ROWS_PER_SHEET_MAX,
    SHEETS_PER_FILE_MAX,
};

/// The style of tables that LibreOffice fills with the cells of other documents.
const CACHE_STYLE: &str = "ta_extref";

/// Reads every sheet of a document.
pub fn read(bytes: &[u8], visit: &mut SheetVisitor<'_>) -> Result<(), Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(missing)?;
    let content = archive.by_name("content.xml").map_err(missing)?;
    let mut reader = Reader::from_reader(BufReader::new(content));
    let mut buffer = Vec::new();
    // Styles of hidden tables, and the style whose properties are being read.
    let mut hidden_styles: HashSet<String> = HashSet::new();
    let mut style: Option<String> = None;
    let mut sheets = 0;
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(no_xml)?;
        match &event {
            Event::Eof => return Ok(()),
            Event::Start(start) | Event::Empty(start) => match start.local_name().as_ref() {
                "style" => style = attribute(start, "name"),
                "table-properties" if attribute(start, "display").as_deref() == Some("false") => {
                    hidden_styles.extend(style.take());
                    if hidden_styles.len() > SHEETS_PER_FILE_MAX {
                        return Err(Refusal::limit(format!(
                            "the document has styles of more than {SHEETS_PER_FILE_MAX} sheets"
                        )));
                    }
                }
                "table" if matches!(event, Event::Start(_)) => {
                    sheets += 1;
                    if sheets > SHEETS_PER_FILE_MAX {
                        return Err(Refusal::limit(format!(
                            "the document has more than {SHEETS_PER_FILE_MAX} sheets"
                        )));
                    }
                    let name = attribute(start, "name");
                    let hidden = attribute(start, "style-name")
                        .is_some_and(|style| hidden_styles.contains(&style));
                    let mut cells = TableCells::new(&mut reader);
                    // A copy of another document's cells, kept for formulas and never shown.
                    if attribute(start, "style-name").as_deref() == Some(CACHE_STYLE) {
                        cells.skip_rest()?;
                        continue;
                    }
                    visit(
                        SheetInfo {
                            name: name.or(Some(String::new())),
                            hidden,
                            dates_1904: false,
                            shape: SheetShape::default(),
                        },
                        &mut cells,
                    )?;
                    cells.skip_rest()?;
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn no_xml<E>(_: E) -> Refusal {
    Refusal::damaged("its content is not sound XML")
}

fn missing<E>(_: E) -> Refusal {
    Refusal::damaged("its content is missing")
}

/// The attributes of a local name, in any namespace.
fn attributes<'e>(element: &'e BytesStart<'_>, name: &'e str) -> impl Iterator<Item = String> + 'e {
    let found = element
        .attributes()
        .flatten()
        .filter(move |attribute| attribute.key.local_name().as_ref() == name);
    found.filter_map(|attribute| {
        attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()
            .map(Cow::into_owned)
    })
}

/// An attribute by its local name.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    attributes(element, name).next()
}

/// How often a row or cell is repeated; at least once.
fn repeated(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
        .max(1)
}

/// The cells of one table, a row at a time.
struct TableCells<'r, R> {
    reader: &'r mut Reader<R>,
    buffer: Vec<u8>,
    /// The cells of the current row.
    row: Vec<Content>,
    /// The merges that the current row is in, by column: the last row, and the value.
    spans: BTreeMap<u32, (u32, Content)>,
    /// Those not yet handed out.
    queue: VecDeque<Place>,
    /// The current row, from 1.
    number: u32,
    /// How often the current row still repeats.
    repeats: u32,
    /// Rows begun so far, blank and repeated ones included.
    rows: u32,
    formulas: Formulas,
    done: bool,
}

/// Where a cell of the current row is: at a position of `row`, or in the merge over a column.
#[derive(Clone, Copy)]
enum Place {
    Own(usize),
    Merged(u32),
}

#[derive(Clone)]
struct Content {
    column: u32,
    /// One text for all columns in which it is repeated.
    text: Rc<str>,
    kind: CellKind,
}

impl<'r, R: BufRead> TableCells<'r, R> {
    fn new(reader: &'r mut Reader<R>) -> TableCells<'r, R> {
        TableCells {
            reader,
            buffer: Vec::new(),
            row: Vec::new(),
            spans: BTreeMap::new(),
            queue: VecDeque::new(),
            number: 0,
            repeats: 0,
            rows: 0,
            formulas: Formulas::default(),
            done: false,
        }
    }

    fn event(&mut self) -> Result<Event<'static>, Refusal> {
        self.buffer.clear();
        self.reader
            .read_event_into(&mut self.buffer)
            .map(Event::into_owned)
            .map_err(no_xml)
    }

    /// Reads to the next row that is not blank; `false` at the end of the table.
    fn next_row(&mut self) -> Result<bool, Refusal> {
        loop {
            if self.repeats > 0 {
                let next = self.number + 1;
                self.spans.retain(|_, (last, _)| *last >= next);
                let text_bytes: usize = self
                    .spans
                    .values()
                    .map(|(_, merged)| merged.text.len())
                    .sum();
                if text_bytes > ROW_TEXT_BYTES_MAX {
                    let limit = ROW_TEXT_BYTES_MAX >> 20;
                    return Err(Refusal::limit(format!(
                        "row {next} holds more than {limit} MB of text"
                    )));
                }
                if !self.row.is_empty() || !self.spans.is_empty() {
                    self.repeats -= 1;
                    self.number = next;
                    self.queue_row();
                    return Ok(true);
                }
            }
            self.row.clear();
            match self.event()? {
                Event::Start(start) if start.local_name().as_ref() == "table-row" => {
                    self.begin_row(&start)?;
                    self.read_cells()?;
                }
                Event::Empty(start) if start.local_name().as_ref() == "table-row" => {
                    self.begin_row(&start)?;
                }
                // The table is a copy of another document and counts as empty.
                Event::Start(start) | Event::Empty(start)
                    if start.local_name().as_ref() == "table-source" =>
                {
                    self.skip_to_end()?;
                    return Ok(false);
                }
                // A table inside a cell or a subtable is not a row of the sheet; its end is met in `read_cells`.
                Event::End(end) if end.local_name().as_ref() == "table" => {
                    self.done = true;
                    return Ok(false);
                }
                Event::Eof => return Err(Refusal::damaged("it ends inside a table")),
                _ => {}
            }
        }
    }

    /// Queues the cells of the row. Where the row is in a merge, the merge's value replaces the cell beneath.
    fn queue_row(&mut self) {
        let mut begun = HashSet::new();
        for (at, content) in self.row.iter().enumerate() {
            let is_beneath = match self.spans.get(&content.column) {
                // The first cell of the merge shares its text.
                Some((_, merged)) if Rc::ptr_eq(&merged.text, &content.text) => {
                    begun.insert(content.column);
                    false
                }
                other => other.is_some(),
            };
            if !is_beneath {
                self.queue.push_back(Place::Own(at));
            }
        }
        let merged = self.spans.keys().filter(|column| !begun.contains(column));
        self.queue
            .extend(merged.map(|column| Place::Merged(*column)));
    }

    /// Reads on to the end of the table.
    fn skip_to_end(&mut self) -> Result<(), Refusal> {
        loop {
            match self.event()? {
                Event::End(end) if end.local_name().as_ref() == "table" => {
                    self.done = true;
                    return Ok(());
                }
                Event::Eof => return Err(Refusal::damaged("it ends inside a table")),
                _ => {}
            }
        }
    }

    fn begin_row(&mut self, start: &BytesStart<'_>) -> Result<(), Refusal> {
        self.number = self.rows;
        self.repeats = repeated(start, "number-rows-repeated");
        self.rows = self.rows.saturating_add(self.repeats);
        // Programs fill the sheet to its last row with one repeated blank row, so only a row that is not blank can be too far down.
        if self.number > ROWS_PER_SHEET_MAX {
            return Err(Refusal::limit("a cell lies outside of any worksheet"));
        }
        Ok(())
    }

    fn read_cells(&mut self) -> Result<(), Refusal> {
        let mut column: u32 = 0;
        let mut text_bytes = 0;
        loop {
            let (start, has_content) = match self.event()? {
                Event::Start(start) => (start, true),
                Event::Empty(start) => (start, false),
                Event::End(end) if end.local_name().as_ref() == "table-row" => return Ok(()),
                Event::Eof => return Err(Refusal::damaged("it ends inside a row")),
                _ => continue,
            };
            let name = start.local_name().as_ref().to_string();
            if name != "table-cell" && name != "covered-table-cell" {
                continue;
            }
            let shown = if has_content {
                self.cell_text(&name)?
            } else {
                None
            };
            let times = repeated(&start, "number-columns-repeated");
            if let Some((text, kind)) = value(&start, shown) {
                if text.len() > CELL_CHARS_MAX && text.chars().count() > CELL_CHARS_MAX {
                    return Err(Refusal::limit(format!(
                        "row {} holds a text of more than {CELL_CHARS_MAX} characters",
                        self.rows
                    )));
                }
                let end = column.saturating_add(times);
                if end > COLUMNS_PER_SHEET_MAX || self.rows > ROWS_PER_SHEET_MAX {
                    return Err(Refusal::limit("a cell lies outside of any worksheet"));
                }
                text_bytes += text.len();
                if text_bytes > ROW_TEXT_BYTES_MAX {
                    let limit = ROW_TEXT_BYTES_MAX >> 20;
                    return Err(Refusal::limit(format!(
                        "row {} holds more than {limit} MB of text",
                        self.rows
                    )));
                }
                if kind == CellKind::Uncalculated {
                    for column in column..end {
                        self.formulas.count(column, None);
                    }
                }
                let text: Rc<str> = text.into();
                let rows = repeated(&start, "number-rows-spanned");
                if rows > 1 {
                    let content = Content {
                        column,
                        text: text.clone(),
                        kind,
                    };
                    let last = self.number.saturating_add(rows).min(ROWS_PER_SHEET_MAX);
                    self.spans.insert(column, (last, content));
                }
                self.row.extend((column..end).map(|column| Content {
                    column,
                    text: text.clone(),
                    kind,
                }));
            }
            column = column.saturating_add(times);
        }
    }

    /// The paragraphs of a cell up to its end, without its annotation; `None` if it has none.
    fn cell_text(&mut self, cell: &str) -> Result<Option<String>, Refusal> {
        let mut text = String::new();
        let mut paragraphs = 0;
        // Text between paragraphs is only layout of the file.
        let mut in_paragraph = false;
        let mut annotations = 0;
        loop {
            let event = self.event()?;
            match &event {
                Event::Start(start) | Event::Empty(start) => match start.local_name().as_ref() {
                    "annotation" if matches!(event, Event::Start(_)) => annotations += 1,
                    _ if annotations > 0 => {}
                    "p" => {
                        if paragraphs > 0 {
                            text.push('\n');
                        }
                        paragraphs += 1;
                        in_paragraph = matches!(event, Event::Start(_));
                    }
                    "s" => text.extend(std::iter::repeat_n(' ', spaces(start))),
                    "tab" => text.push('\t'),
                    "line-break" => text.push('\n'),
                    _ => {}
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "annotation" => annotations -= 1,
                    "p" if annotations == 0 => in_paragraph = false,
                    name if name == cell => return Ok((paragraphs > 0).then_some(text)),
                    _ => {}
                },
                Event::Text(part) if annotations == 0 && in_paragraph => {
                    text.push_str(&part.xml10_content());
                }
                Event::CData(part) if annotations == 0 && in_paragraph => {
                    text.push_str(&part.xml10_content());
                }
                Event::GeneralRef(reference) if annotations == 0 && in_paragraph => {
                    text.push_str(&referred(reference)?);
                }
                Event::Eof => return Err(Refusal::damaged("it ends inside a cell")),
                _ => {}
            }
            // White space between elements is not content, so a cell's text cannot grow past its limit unnoticed for long.
            if text.len() > 8 * CELL_CHARS_MAX {
                return Err(Refusal::limit(format!(
                    "row {} holds a text of more than {CELL_CHARS_MAX} characters",
                    self.rows
                )));
            }
        }
    }

    /// Reads to the end of the table after a visitor stopped early.
    fn skip_rest(&mut self) -> Result<(), Refusal> {
        while !self.done {
            self.repeats = 0;
            self.next_row()?;
        }
        Ok(())
    }
}

/// How many spaces an element is; at most as many as a cell may hold.
fn spaces(start: &BytesStart<'_>) -> usize {
    let most = u32::try_from(CELL_CHARS_MAX).unwrap_or(u32::MAX);
    usize::try_from(repeated(start, "c").min(most)).unwrap_or(0)
}

/// The text of a character reference.
fn referred(reference: &BytesRef<'_>) -> Result<String, Refusal> {
    if let Some(character) = reference.resolve_char_ref().map_err(no_xml)? {
        return Ok(character.to_string());
    }
    // Only the five entities of XML itself; a document's own are never followed.
    quick_xml::escape::resolve_predefined_entity(&reference.xml10_content())
        .map(ToString::to_string)
        .ok_or_else(|| Refusal::damaged("it declares entities of its own"))
}

/// The exact text of a cell by its type; `shown` is its paragraphs, if any. `None` if it is empty.
fn value(cell: &BytesStart<'_>, shown: Option<String>) -> Option<(String, CellKind)> {
    // LibreOffice gives an error value the type of an empty text, and names it only in an attribute of its own.
    if attributes(cell, "value-type").any(|kind| kind == "error") {
        return Some((
            shown
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| UNKNOWN.to_string()),
            CellKind::Error,
        ));
    }
    let (stored, kind) = match attribute(cell, "value-type").as_deref() {
        Some("float" | "percentage" | "currency") => ("value", CellKind::Number),
        Some("date") => ("date-value", CellKind::Date),
        Some("boolean") => ("boolean-value", CellKind::Boolean),
        _ => ("string-value", CellKind::Text),
    };
    let Some(text) = attribute(cell, stored).or(shown) else {
        // A formula that no program has calculated yet. To read it as empty would be a guess, and in some columns an answer.
        return attribute(cell, "formula").map(|_| (UNKNOWN.to_string(), CellKind::Uncalculated));
    };
    let text = match kind {
        // `880.0` and `8.8E2` are the number 880, as in every other format.
        CellKind::Number => text
            .trim()
            .parse()
            .ok()
            .and_then(number_text)
            .unwrap_or(text),
        CellKind::Boolean => text.to_uppercase(),
        _ => text,
    };
    // An error value is stored as the text that it shows.
    let error = is_error_value(text.as_bytes());
    (!text.is_empty()).then_some((text, if error { CellKind::Error } else { kind }))
}

impl<R: BufRead> CellSource for TableCells<'_, R> {
    fn formulas(&self) -> Formulas {
        self.formulas.clone()
    }

    fn next_cell(&mut self) -> Result<Option<Cell<'_>>, Refusal> {
        while self.queue.is_empty() {
            if self.done || !self.next_row()? {
                return Ok(None);
            }
        }
        let content = match self.queue.pop_front() {
            Some(Place::Own(position)) => self.row.get(position),
            Some(Place::Merged(column)) => self.spans.get(&column).map(|(_, content)| content),
            None => None,
        };
        let Some(content) = content else {
            return Ok(None);
        };
        Ok(Some(Cell {
            row: self.number,
            column: content.column,
            text: Cow::Borrowed(&content.text),
            kind: content.kind,
        }))
    }
}
