//! The rows of lists and of marked sheets, past the library's cells: they are written as the worksheet's own markup while they are made,
//! and put into the finished sheet.
//!
//! The library keeps a cell as an allocated value in a tree, looks its format up by all of the format's properties, and formats its markup
//! piece by piece. Everything else of a sheet (styles, tables, filters, links, notes, prints) stays the library's. Of each look the first
//! cell is given to the library as well, at its own place: a reader of XML finds it in the finished sheet and takes the number of its
//! format from there, so that nothing rests on how the library numbers formats. Why this is our own code:
//! docs/decisions/0017-streamed-rows.md.

use std::io::{self, Write};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use rust_xlsxwriter::{IntoExcelDateTime, Worksheet, XlsxError};

use super::cell::{Value, fitting, put};
use super::look::Numbered;
use super::spool::Spool;
use crate::finding::column_letters;
use crate::intake::limits::{COLUMNS_PER_SHEET_MAX, ROWS_PER_SHEET_MAX};

/// Stands in the markup before the two bytes of a look's number, until the number of its format is known. XML cannot hold it, so no text
/// of a cell can be taken for it.
const LOOK_FOLLOWS: u8 = 1;

/// Where a cell is, from 0: row and column.
type Place = (u32, u16);

/// Rows of one sheet, as markup.
pub(crate) struct Spliced {
    /// The position of the sheet in its workbook, from 1.
    sheet: usize,
    /// The first row with a cell, from 0; none as long as there is none.
    first: Option<u32>,
    /// The row being written, from 0, its digits as they are in an address, and the first column that it can still have a cell in.
    row: u32,
    digits: Vec<u8>,
    next: u16,
    /// The columns that the library has a cell in, of the row being written.
    given: Vec<u16>,
    /// Columns up to the last one with a cell.
    columns: u16,
    letters: Vec<String>,
    /// By the number of a look: where the library has a cell that looks so.
    looks: Vec<Option<Place>>,
    markup: Vec<u8>,
    written: Spool,
}

impl Spliced {
    /// No row yet of the sheet at a position, from 1. What there is no room for in memory is spooled to a folder.
    pub(super) fn begin(sheet: usize, room: usize, folder: Option<&Path>) -> Spliced {
        Spliced {
            sheet,
            first: None,
            row: 0,
            digits: Vec::new(),
            next: 0,
            given: Vec::new(),
            columns: 0,
            letters: Vec::new(),
            looks: Vec::new(),
            markup: Vec::new(),
            written: Spool::new(room, folder),
        }
    }

    /// Bytes that are kept in memory.
    pub(super) fn kept(&self) -> usize {
        self.written.kept()
    }

    /// Bytes of markup.
    pub(super) fn bytes(&self) -> u64 {
        self.written.bytes()
    }

    /// Whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The row being written, from 0.
    pub(crate) fn row(&self) -> u32 {
        self.row
    }

    /// The name of its sheet's part.
    pub(super) fn part(&self) -> String {
        format!("xl/worksheets/sheet{}.xml", self.sheet)
    }

    /// Begins a row below all others, counted from 0; so many points high, or as the spreadsheet makes it.
    ///
    /// # Errors
    ///
    /// For a row that is not below the others, or not on a sheet.
    pub(crate) fn begin_row(&mut self, row: u32, points: Option<u16>) -> Result<(), XlsxError> {
        if self.first.is_some() && row <= self.row {
            return Err(XlsxError::RowColumnOrderError);
        }
        if row >= ROWS_PER_SHEET_MAX {
            return Err(XlsxError::RowColumnLimitError);
        }
        self.first.get_or_insert(row);
        self.row = row;
        self.next = 0;
        self.given.clear();
        self.digits.clear();
        write!(self.digits, "{}", row + 1)?;
        self.markup.clear();
        self.markup.extend_from_slice(b"<row r=\"");
        self.markup.extend_from_slice(&self.digits);
        self.markup.push(b'"');
        if let Some(points) = points {
            write!(self.markup, r#" ht="{points}" customHeight="1""#)?;
        }
        self.markup.push(b'>');
        Ok(())
    }

    /// Writes a cell of the row, to the right of all others; the column is counted from 0.
    ///
    /// # Errors
    ///
    /// For a column that is not to the right of the others, or not on a sheet.
    pub(crate) fn cell(
        &mut self,
        sheet: &mut Worksheet,
        column: u16,
        look: Numbered<'_>,
        value: &Value<'_>,
    ) -> Result<(), XlsxError> {
        let number = u16::try_from(look.number).map_err(|_| XlsxError::RowColumnLimitError)?;
        if self.looks.get(look.number).copied().flatten().is_none() {
            put(sheet, self.row, column, &Value::Nothing, look.format)?;
            self.is_given(column, look);
        }
        self.open(column)?;
        self.markup.extend_from_slice(b" s=\"");
        self.markup.push(LOOK_FOLLOWS);
        self.markup.extend_from_slice(&number.to_le_bytes());
        self.markup.push(b'"');
        put_value(&mut self.markup, value)?;
        Ok(())
    }

    /// Takes note that the library has a cell of the row in a look: a link is more than its cell.
    pub(crate) fn is_given(&mut self, column: u16, look: Numbered<'_>) {
        if self.looks.len() <= look.number {
            self.looks.resize(look.number + 1, None);
        }
        self.looks[look.number].get_or_insert((self.row, column));
        self.given.push(column);
    }

    /// Writes a cell of the row without a look.
    ///
    /// # Errors
    ///
    /// As [`Spliced::cell`].
    pub(crate) fn bare(&mut self, column: u16, value: &Value<'_>) -> Result<(), XlsxError> {
        self.open(column)?;
        put_value(&mut self.markup, value)?;
        Ok(())
    }

    fn open(&mut self, column: u16) -> Result<(), XlsxError> {
        if column < self.next {
            return Err(XlsxError::RowColumnOrderError);
        }
        if u32::from(column) >= COLUMNS_PER_SHEET_MAX {
            return Err(XlsxError::RowColumnLimitError);
        }
        self.next = column + 1;
        self.columns = self.columns.max(self.next);
        for missing in self.letters.len()..=usize::from(column) {
            let missing = u32::try_from(missing).unwrap_or(u32::MAX);
            self.letters.push(column_letters(missing));
        }
        self.markup.extend_from_slice(b"<c r=\"");
        let letters = self.letters[usize::from(column)].as_bytes();
        self.markup.extend_from_slice(letters);
        self.markup.extend_from_slice(&self.digits);
        self.markup.push(b'"');
        Ok(())
    }

    /// Ends the row.
    ///
    /// # Errors
    ///
    /// Where a disk takes no more.
    pub(crate) fn end_row(&mut self) -> Result<(), XlsxError> {
        self.markup.extend_from_slice(b"</row>");
        self.written.write(&self.markup)?;
        Ok(())
    }

    /// Ends the rows: the library has a cell in the last row and column, and says how far the sheet goes.
    ///
    /// # Errors
    ///
    /// Those of the library.
    pub(crate) fn end(&mut self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let Some(last) = self.columns.checked_sub(1) else {
            return Ok(());
        };
        if !self.given.contains(&last) {
            sheet.write_number(self.row, last, 0)?;
        }
        Ok(())
    }

    /// Writes the sheet with the rows in place of those that the library has of them.
    pub(super) fn put_into(self, sheet: &[u8], out: &mut impl Write) -> io::Result<()> {
        let Some(first) = self.first else {
            return out.write_all(sheet);
        };
        let found = Found::in_sheet(sheet, (first, self.row), &self.looks)?;
        let part = self.part();
        let missing = || io::Error::other(format!("{part} has no place for its rows"));
        let (begin, end) = found.rows.ok_or_else(missing)?;
        let mut styles = Vec::with_capacity(self.looks.len());
        for (look, style) in self.looks.iter().zip(found.styles) {
            let digits = style.map(|style| style.to_string());
            if look.is_some() && digits.is_none() {
                return Err(missing());
            }
            styles.push(digits.unwrap_or_default());
        }
        out.write_all(&sheet[..begin])?;
        self.written.put_into(&mut Styled {
            out: &mut *out,
            styles: &styles,
            low: None,
            is_look: false,
        })?;
        out.write_all(&sheet[end..])
    }
}

/// What is found in a finished sheet.
struct Found {
    /// The bytes of the rows that are replaced.
    rows: Option<(usize, usize)>,
    /// By the number of a look: the number of its format.
    styles: Vec<Option<u32>>,
}

impl Found {
    fn in_sheet(
        sheet: &[u8],
        (first, last): (u32, u32),
        looks: &[Option<Place>],
    ) -> io::Result<Found> {
        let mut wanted: Vec<(String, usize)> = Vec::new();
        for (number, place) in looks.iter().enumerate() {
            if let Some((row, column)) = place {
                let letters = column_letters((*column).into());
                wanted.push((format!("{letters}{}", row + 1), number));
            }
        }
        let mut found = Found {
            rows: None,
            styles: vec![None; looks.len()],
        };
        let mut reader = Reader::from_reader(sheet);
        let mut within = false;
        loop {
            let before = position(&reader);
            let event = reader.read_event().map_err(io::Error::other)?;
            match event {
                Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == "row" => {
                    let row = number(&tag, "r")?;
                    within = row.is_some_and(|row| (first + 1..=last + 1).contains(&row));
                    if within {
                        let begin = found.rows.map_or(before, |(begin, _)| begin);
                        found.rows = Some((begin, position(&reader)));
                    }
                }
                Event::End(tag) if within && tag.name().as_ref() == "row" => {
                    found.rows = found.rows.map(|(begin, _)| (begin, position(&reader)));
                    within = false;
                }
                Event::Start(tag) | Event::Empty(tag) if within && tag.name().as_ref() == "c" => {
                    let address = attribute(&tag, "r")?;
                    let style = number(&tag, "s")?.unwrap_or(0);
                    for (_, look) in wanted
                        .iter()
                        .filter(|(place, _)| Some(place) == address.as_ref())
                    {
                        found.styles[*look] = Some(style);
                    }
                }
                Event::End(tag) if tag.name().as_ref() == "sheetData" => return Ok(found),
                Event::Eof => return Ok(found),
                _ => {}
            }
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> io::Result<Option<String>> {
    let found = tag.try_get_attribute(name).map_err(io::Error::other)?;
    Ok(found.map(|found| found.value.into_owned()))
}

fn number(tag: &BytesStart<'_>, name: &str) -> io::Result<Option<u32>> {
    let Some(text) = attribute(tag, name)? else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(io::Error::other)
}

/// Puts the numbers of formats where those of looks stand.
struct Styled<'s, W> {
    out: W,
    styles: &'s [String],
    /// Whether the next bytes are a look's number, and the first of them.
    is_look: bool,
    low: Option<u8>,
}

impl<W: Write> Write for Styled<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            match (self.is_look, self.low) {
                (true, None) => {
                    self.low = Some(byte);
                    rest = behind;
                }
                (true, Some(low)) => {
                    let style = self
                        .styles
                        .get(usize::from(u16::from_le_bytes([low, byte])));
                    self.out
                        .write_all(style.map_or(b"", |style| style.as_bytes()))?;
                    (self.is_look, self.low) = (false, None);
                    rest = behind;
                }
                (false, _) => {
                    let plain = memchr::memchr(LOOK_FOLLOWS, rest);
                    self.out.write_all(&rest[..plain.unwrap_or(rest.len())])?;
                    self.is_look = plain.is_some();
                    rest = plain.map_or(&[], |plain| &rest[plain + 1..]);
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Ends a cell's opening tag and writes its value, as the library would.
fn put_value(row: &mut Vec<u8>, value: &Value<'_>) -> io::Result<()> {
    match value {
        Value::Nothing | Value::Text("") => row.extend_from_slice(b"/>"),
        Value::Text(text) => {
            let text = fitting(text);
            let edges = ['\t', '\n', ' '];
            let kept = text.starts_with(edges) || text.ends_with(edges);
            row.extend_from_slice(if kept {
                b" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
            } else {
                b" t=\"inlineStr\"><is><t>"
            });
            escape(row, &text, true);
            row.extend_from_slice(b"</t></is></c>");
        }
        Value::Hundredths(hundredths) => {
            row.extend_from_slice(b"><v>");
            put_hundredths(row, *hundredths)?;
            row.extend_from_slice(b"</v></c>");
        }
        Value::Whole(number) => write!(row, "><v>{number}</v></c>")?,
        Value::Double(number) => write!(row, "><v>{number}</v></c>")?,
        Value::Truth(truth) => {
            write!(row, " t=\"b\"><v>{}</v></c>", u8::from(*truth))?;
        }
        Value::Date(date) => write!(row, "><v>{}</v></c>", date.to_excel_serial_date())?,
        Value::Moment(moment) => write!(row, "><v>{}</v></c>", moment.to_excel_serial_date())?,
        Value::Formula(expression, result) => {
            let is_number = result.parse::<f64>().is_ok();
            row.extend_from_slice(if is_number {
                b"><f>"
            } else {
                br#" t="str"><f>"#
            });
            escape(row, expression.trim_start_matches('='), false);
            row.extend_from_slice(b"</f><v>");
            escape(row, result, false);
            row.extend_from_slice(b"</v></c>");
        }
    }
    Ok(())
}

/// Hundredths as the shortest decimal: `1200`, `0.5`, `841.76`. The same digits as those of the double nearest to it.
fn put_hundredths(row: &mut Vec<u8>, hundredths: i64) -> io::Result<()> {
    if hundredths < 0 {
        row.push(b'-');
    }
    let hundredths = hundredths.unsigned_abs();
    write!(row, "{}", hundredths / 100)?;
    match hundredths % 100 {
        0 => Ok(()),
        tenths if tenths % 10 == 0 => write!(row, ".{}", tenths / 10),
        part => write!(row, ".{part:02}"),
    }
}

/// Characters of an escape as Excel writes those that XML cannot hold: `_x001F_`.
const ESCAPE_CHARS: usize = "_x0000_".len();

/// Whether a byte stands for itself wherever it is: no markup, no control character, none of an escape (`_`), and not the first byte of
/// the two characters that XML cannot hold.
const fn is_plain(byte: u8) -> bool {
    !matches!(byte, b'&' | b'<' | b'>' | b'_' | 0xEF)
        && (byte >= b' ' || byte == b'\t' || byte == b'\n')
}

/// Writes a text as character data. What XML cannot hold is written as Excel does; in a cell's own text, what only looks like that is
/// kept apart.
fn escape(out: &mut Vec<u8>, text: &str, own: bool) {
    if text.bytes().all(is_plain) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let mut buffer = [0; 4];
    for (index, character) in text.char_indices() {
        match character {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '_' if own && looks_escaped(&text.as_bytes()[index..]) => {
                out.extend_from_slice(b"_x005F_");
            }
            '\t' | '\n' => out.push(u8::try_from(character).unwrap_or(b' ')),
            '\0'..'\u{20}' | '\u{FFFE}' | '\u{FFFF}' => {
                out.extend_from_slice(format!("_x{:04X}_", u32::from(character)).as_bytes());
            }
            other => out.extend_from_slice(other.encode_utf8(&mut buffer).as_bytes()),
        }
    }
}

/// Whether a text begins like an escape.
fn looks_escaped(text: &[u8]) -> bool {
    text.get(..ESCAPE_CHARS).is_some_and(|head| {
        head.starts_with(b"_x")
            && head.ends_with(b"_")
            && head[2..ESCAPE_CHARS - 1].iter().all(u8::is_ascii_hexdigit)
    })
}
