//! The rows of lists, of marked sheets and of hidden sheets without the library's cells: they are written as the worksheet's markup
//! while they are made, and inserted into the finished sheet.
//!
//! The library keeps a cell as an allocated value in a tree, looks its format up by all of the format's properties, and formats its
//! markup piece by piece. Everything else of a sheet (styles, tables, filters, links, notes, prints) stays the library's. The first
//! cell of each look is given to the library too, at its own place: an XML reader finds it in the finished sheet and takes the
//! format's number from there, so nothing depends on how the library numbers formats. Why this is our own code:
//! docs/decisions/0017-streamed-rows.md.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use rust_xlsxwriter::{IntoExcelDateTime, Worksheet, XlsxError};

use super::SHEET_ROWS_MAX;
use super::cell::{Value, fitting, put};
use super::look::Numbered;
use super::spool::Spool;
use super::tables::LongTable;
use crate::words::column_letters;

/// Precedes the two bytes of a look's number in the markup, until the number of its format is known. XML cannot contain it, so no
/// cell's text can be taken for it.
const LOOK_FOLLOWS: u8 = 1;

/// Bytes of a finished sheet that are deflated at a time.
const DEFLATED_BYTES: usize = 32 << 10;

/// Columns that a sheet of Excel holds.
const SHEET_COLUMNS_MAX: u16 = 16_384;

/// Where a cell is, from 0: row and column.
type Place = (u32, u16);

/// Rows of one sheet, as markup.
pub(crate) struct Spliced {
    /// The position of the sheet in its workbook, from 1.
    sheet: usize,
    /// The first row with a cell, from 0, if any.
    first: Option<u32>,
    /// The row being written, from 0, its digits as they are in an address, and the first column that it can still have a cell in.
    row: u32,
    digits: Vec<u8>,
    next: u16,
    /// The columns of the current row in which the library has a cell.
    given: Vec<u16>,
    /// Columns up to the last one with a cell.
    columns: u16,
    letters: Vec<String>,
    /// By the number of a look: where the library has a cell with it.
    looks: Vec<Option<Place>>,
    /// The table that the rows belong to, if the library has only its first row.
    pub(super) table: Option<LongTable>,
    markup: Vec<u8>,
    written: Spool,
}

impl Spliced {
    /// Begins the rows of the sheet at a position, from 1. More than `room` bytes are spooled to a folder.
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
            table: None,
            markup: Vec::new(),
            written: Spool::new(room, folder),
        }
    }

    /// Bytes that are kept in memory.
    pub(super) fn kept(&self) -> usize {
        self.written.kept()
    }

    /// Whether all of them are in memory.
    pub(super) fn is_kept(&self) -> bool {
        self.written.bytes() == self.written.kept() as u64
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

    /// Takes note of a table, from the last of its headings, and gives how many of its rows the library gets.
    pub(super) fn table(&mut self, name: &str, last: Place, rows: u32) -> u32 {
        let given = rows.min(1);
        self.table = (given < rows).then(|| LongTable::new(name, last, rows));
        given
    }

    /// Begins a row below all others, from 0; with a height in points, or the spreadsheet's own.
    ///
    /// # Errors
    ///
    /// If the row is not below the others, or not on a sheet.
    pub(crate) fn begin_row(&mut self, row: u32, points: Option<u16>) -> Result<(), XlsxError> {
        if self.first.is_some() && row <= self.row {
            return Err(XlsxError::RowColumnOrderError);
        }
        if row >= SHEET_ROWS_MAX {
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
    /// If the column is not to the right of the others, or not on a sheet.
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

    /// Writes the text of a link that the library has at the same place: a link is more than its cell.
    ///
    /// # Errors
    ///
    /// As [`Spliced::cell`].
    pub(crate) fn link(
        &mut self,
        sheet: &mut Worksheet,
        column: u16,
        look: Numbered<'_>,
        text: &str,
    ) -> Result<(), XlsxError> {
        self.is_given(column, look);
        self.cell(sheet, column, look, &Value::Text(text))
    }

    /// Takes note that the library has a cell of the row in a look.
    fn is_given(&mut self, column: u16, look: Numbered<'_>) {
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
    pub(crate) fn bare(
        &mut self,
        _: &mut Worksheet,
        column: u16,
        value: &Value<'_>,
    ) -> Result<(), XlsxError> {
        self.open(column)?;
        put_value(&mut self.markup, value)?;
        Ok(())
    }

    fn open(&mut self, column: u16) -> Result<(), XlsxError> {
        if column < self.next {
            return Err(XlsxError::RowColumnOrderError);
        }
        if column >= SHEET_COLUMNS_MAX {
            return Err(XlsxError::RowColumnLimitError);
        }
        self.next = column + 1;
        self.columns = self.columns.max(self.next);
        while self.letters.len() <= usize::from(column) {
            let next = u16::try_from(self.letters.len()).unwrap_or(column);
            self.letters.push(column_letters(next));
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
    /// If the disk is full.
    pub(crate) fn end_row(&mut self) -> Result<(), XlsxError> {
        self.markup.extend_from_slice(b"</row>");
        self.written.write(&self.markup)?;
        Ok(())
    }

    /// Ends the rows: gives the library a cell in the last row and column, so that it writes the sheet's size.
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

    /// Writes the sheet with these rows in place of the library's.
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
        // Deflating a few bytes at a time takes longer than making them.
        let mut out = BufWriter::with_capacity(DEFLATED_BYTES, out);
        out.write_all(&sheet[..begin])?;
        self.written.put_into(&mut Styled {
            out: &mut out,
            styles: &styles,
            low: None,
            is_look: false,
        })?;
        out.write_all(&sheet[end..])?;
        out.flush()
    }
}

/// What is found in a finished sheet.
struct Found {
    /// The bytes of the rows to replace.
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
                let letters = column_letters(*column);
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

/// Replaces numbers of looks by numbers of formats.
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

/// Ends a cell's opening tag and writes its value like the library.
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

/// Hundredths as the shortest decimal: `1200`, `0.5`, `841.76`. These are the digits of the nearest double.
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

/// Characters of Excel's escape for what XML cannot contain: `_x001F_`.
const ESCAPE_CHARS: usize = "_x0000_".len();

/// Whether a byte needs no care: not markup, a control character, `_` (of an escape), or the first byte of the two characters that
/// XML cannot contain.
const fn is_plain(byte: u8) -> bool {
    !matches!(byte, b'&' | b'<' | b'>' | b'_' | 0xEF)
        && (byte >= b' ' || byte == b'\t' || byte == b'\n')
}

/// Writes a text as character data. What XML cannot contain is escaped as Excel does; in a cell's own text, what only looks like an
/// escape is escaped too.
fn escape(out: &mut Vec<u8>, text: &str, own: bool) {
    // Looking at every byte takes many at a time, and nearly all texts are plain.
    if text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let mut rest = text;
    while let Some(plain) = rest.bytes().position(|byte| !is_plain(byte)) {
        let (before, from) = rest.split_at(plain);
        out.extend_from_slice(before.as_bytes());
        let mut behind = from.chars();
        match behind.next() {
            Some('&') => out.extend_from_slice(b"&amp;"),
            Some('<') => out.extend_from_slice(b"&lt;"),
            Some('>') => out.extend_from_slice(b"&gt;"),
            Some('_') if own && looks_escaped(from.as_bytes()) => {
                out.extend_from_slice(b"_x005F_");
            }
            Some(control @ ('\0'..'\u{20}' | '\u{FFFE}' | '\u{FFFF}')) => {
                out.extend_from_slice(format!("_x{:04X}_", u32::from(control)).as_bytes());
            }
            _ => out.extend_from_slice(&from.as_bytes()[..from.len() - behind.as_str().len()]),
        }
        rest = behind.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
}

/// Whether a text begins like an escape.
fn looks_escaped(text: &[u8]) -> bool {
    text.get(..ESCAPE_CHARS).is_some_and(|head| {
        head.starts_with(b"_x")
            && head.ends_with(b"_")
            && head[2..ESCAPE_CHARS - 1].iter().all(u8::is_ascii_hexdigit)
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use chrono::NaiveDate;
    use rust_xlsxwriter::{DocProperties, Format};
    use zip::ZipArchive;

    use super::*;
    use crate::money::Money;
    use crate::sheets::book::{Workbook, begin_with};
    use crate::sheets::cell::Cell;
    use crate::sheets::look::{Look, Shade, Tone};

    /// Cells of every kind, and texts that trip up an XML writer: by row, with its look and height in points.
    fn rows() -> Vec<(Vec<Cell<'static>>, Tone, Option<u16>)> {
        let texts = [
            "",
            " kept\t",
            "a & b < c > d \"e\" 'f'",
            "=SUM(A1)",
            "_x0041_ _x00G1_ _x004_ _x005F_x0041_",
            "bell \u{7} return \r line\nend \u{1}\u{2}\u{3}",
            "\u{FFFE}\u{FFFF}\u{1F393} \u{dc}n\u{ef}code \u{2028}",
            "0017",
        ];
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let formula = |cell: Cell<'static>, expression: &str| cell.by(Some(expression.to_string()));
        let money = [0, 1, 10, 99, 100, 120_050, -5, 123_456_789_012];
        let days = [(1900, 1, 1), (1900, 3, 1), (2024, 2, 29), (9999, 12, 31)];
        let figures = vec![
            Cell::Empty,
            Cell::Count(12_573),
            Cell::Difference(-3),
            Cell::Number(1_048_576),
            Cell::Weight(133),
            Cell::UnitWeight(0),
            Cell::Rate(Money::from_cents(84_176)),
            Cell::Quotient(Money::from_cents(100), 300),
            Cell::Percent(1, 3),
            Cell::Percent(1, 0),
        ];
        let formulas = vec![
            formula(
                Cell::Money(Money::from_cents(120_050)),
                "IF(A1<>\"x & y\",1200.5,0)",
            ),
            formula(Cell::text("P-0010"), "\"P-\"&A2"),
            formula(Cell::UnitWeight(120), "1.2"),
            Cell::Input(Box::new(Cell::Money(Money::from_cents(1)))),
        ];
        vec![
            (texts.map(Cell::text).into(), Tone::Plain, None),
            (texts.map(Cell::words).into(), Tone::Group, Some(45)),
            (
                texts.map(|text| Cell::Digits(text.into())).into(),
                Tone::Total,
                None,
            ),
            (
                money
                    .map(|cents| Cell::Money(Money::from_cents(cents)))
                    .into(),
                Tone::Plain,
                None,
            ),
            (figures, Tone::Total, Some(405)),
            (
                days.map(|(y, m, d)| Cell::Date(day(y, m, d))).into(),
                Tone::Plain,
                None,
            ),
            (
                Shade::ALL.map(|shade| Cell::Word("Paid", shade)).into(),
                Tone::Plain,
                None,
            ),
            (formulas, Tone::Plain, None),
        ]
    }

    fn workbook() -> Workbook {
        begin_with(&DocProperties::new(), None)
    }

    fn part(bytes: Vec<u8>, name: &str) -> String {
        let mut text = String::new();
        let mut package = ZipArchive::new(Cursor::new(bytes)).unwrap();
        package
            .by_name(name)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    fn sheet_of(bytes: Vec<u8>) -> String {
        part(bytes, "xl/worksheets/sheet1.xml")
    }

    fn data(sheet: &str) -> &str {
        let begun = sheet.find("<row r=\"2\"").unwrap();
        &sheet[begun..sheet.find("</sheetData>").unwrap()]
    }

    #[test]
    fn rows_are_what_the_library_would_have_written() {
        let look = Look::new();
        let mut by_library = rust_xlsxwriter::Workbook::new();
        let sheet = by_library.add_worksheet_with_constant_memory().unwrap();
        sheet.write_string(0, 0, "Heading").unwrap();
        for (row, (cells, tone, points)) in (1..).zip(rows()) {
            for (column, cell) in (0..).zip(&cells) {
                cell.put(sheet, row, column, &look, tone).unwrap();
            }
            if let Some(points) = points {
                sheet.set_row_height(row, points).unwrap();
            }
        }
        let mut workbook = workbook();
        let (sheet, spliced) = workbook.add_spliced();
        sheet.write_string(0, 0, "Heading").unwrap();
        for (row, (cells, tone, points)) in (1..).zip(rows()) {
            spliced.begin_row(row, points).unwrap();
            for (column, cell) in (0..).zip(&cells) {
                let places = (&mut *sheet, &mut *spliced);
                cell.splice(places, column, &look, tone).unwrap();
            }
            spliced.end_row().unwrap();
        }
        spliced.end(sheet).unwrap();
        let by_library = sheet_of(by_library.save_to_buffer().unwrap());
        let ours = sheet_of(workbook.save_to_buffer().unwrap());
        assert_eq!(data(&ours), data(&by_library));
        assert!(
            ours.contains("<dimension ref=\"A1:K9\"/>"),
            "{}",
            &ours[..400]
        );
    }

    #[test]
    fn a_cell_has_its_own_format_whatever_formats_the_library_meets_before_and_after() {
        let format =
            |decimals: usize| Format::new().set_num_format(format!("0.{}", "0".repeat(decimals)));
        let formats = [5, 3, 4].map(format);
        let mut workbook = workbook();
        workbook
            .add_worksheet()
            .write_number_with_format(0, 0, 1, &format(6))
            .unwrap();
        let (sheet, spliced) = workbook.add_spliced();
        for row in [3, 7] {
            spliced.begin_row(row, None).unwrap();
            for (column, number) in (0..).zip([0, 1, 2, 1]) {
                let look = Numbered {
                    number,
                    format: &formats[number],
                };
                spliced.cell(sheet, column, look, &Value::Whole(1)).unwrap();
            }
            spliced.end_row().unwrap();
        }
        spliced.end(sheet).unwrap();
        sheet.set_column_format(1, &format(7)).unwrap();
        sheet.write_number_with_format(9, 0, 1, &format(8)).unwrap();
        let bytes = workbook.save_to_buffer().unwrap();
        let (styles, sheet) = (
            part(bytes.clone(), "xl/styles.xml"),
            part(bytes, "xl/worksheets/sheet2.xml"),
        );
        let attribute = |tag: &str, name: &str| {
            let (_, behind) = tag.split_once(&format!("{name}=\"")).unwrap();
            behind.split('"').next().unwrap().to_string()
        };
        let codes = |number: &str| {
            let tag = format!("<numFmt numFmtId=\"{number}\"");
            attribute(styles.split(&tag).nth(1).unwrap(), "formatCode")
        };
        let kept = styles.split("<cellXfs").nth(1).unwrap();
        let looks: Vec<&str> = kept.split("<xf ").skip(1).collect();
        let shown = sheet.split("<c ").skip(1).map(|cell| {
            let style: usize = attribute(cell, " s").parse().unwrap();
            codes(&attribute(looks[style], "numFmtId"))
        });
        let row = ["0.00000", "0.000", "0.0000", "0.000"];
        let expected: Vec<&str> = row.into_iter().chain(row).chain(["0.00000000"]).collect();
        assert_eq!(shown.collect::<Vec<_>>(), expected);
        assert!(sheet.contains("<dimension ref=\"A4:D10\"/>"));
    }

    #[test]
    fn rows_and_cells_out_of_order_or_off_the_sheet_are_errors() {
        let look = Look::new();
        let text = look.numbered_header();
        let mut workbook = workbook();
        let (sheet, rows) = workbook.add_spliced();
        rows.begin_row(1, None).unwrap();
        rows.cell(sheet, 1, text, &Value::Whole(1)).unwrap();
        assert!(rows.cell(sheet, 1, text, &Value::Whole(2)).is_err());
        assert!(rows.cell(sheet, 0, text, &Value::Whole(2)).is_err());
        assert!(rows.cell(sheet, 16_384, text, &Value::Whole(2)).is_err());
        rows.end_row().unwrap();
        assert!(rows.begin_row(1, None).is_err());
        assert!(rows.begin_row(SHEET_ROWS_MAX, None).is_err());
    }

    #[test]
    fn a_sheet_without_a_row_stays_the_librarys() {
        let mut workbook = workbook();
        let (sheet, rows) = workbook.add_spliced();
        rows.end(sheet).unwrap();
        let sheet = sheet_of(workbook.save_to_buffer().unwrap());
        assert!(sheet.contains("<sheetData/>"), "{sheet}");
    }

    #[test]
    fn a_sheet_that_has_no_cell_for_a_look_is_an_error_and_no_row_is_written_without_its_format() {
        let look = Look::new();
        let mut workbook = workbook();
        let (sheet, rows) = workbook.add_spliced();
        rows.begin_row(2, None).unwrap();
        rows.cell(sheet, 0, look.numbered_header(), &Value::Whole(1))
            .unwrap();
        rows.end_row().unwrap();
        sheet.clear_cell(2, 0);
        assert!(workbook.save_to_buffer().is_err());
    }

    #[test]
    fn rows_longer_than_what_is_kept_in_memory_are_spooled_and_come_back_whole() {
        let folder = tempfile::TempDir::new().unwrap();
        let look = Look::new();
        let mut workbook = begin_with(&DocProperties::new(), Some(folder.path()));
        let text = "t".repeat(30_000);
        // 1,200 rows of 30,000 bytes are 36 MB; 32 MiB are kept.
        let rows = 1_200;
        let (sheet, spliced) = workbook.add_spliced();
        for row in 0..rows {
            spliced.begin_row(row, None).unwrap();
            let header = look.numbered_header();
            spliced.cell(sheet, 0, header, &Value::Text(&text)).unwrap();
            spliced.end_row().unwrap();
        }
        spliced.end(sheet).unwrap();
        assert_eq!(spliced.kept(), 0);
        let sheet = sheet_of(workbook.save_to_buffer().unwrap());
        assert_eq!(sheet.matches(&text).count(), 1_200);
        assert_eq!(sheet.matches(" s=\"1\"").count(), 1_200);
        assert!(sheet.contains("<dimension ref=\"A1:A1200\"/>"));
    }
}
