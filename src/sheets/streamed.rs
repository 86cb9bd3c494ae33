//! The rows of long lists and of marked-up sheets, past the library's cells: they are written as the worksheet's own markup while they
//! are made, and put into the finished package.
//!
//! The library keeps a cell as an allocated value in a tree and looks up its format by all of the format's properties; for rows that
//! only ever go downwards none of that is needed. Everything else of a sheet and of the workbook (styles, tables, filters, links, notes,
//! prints) is the library's, and a test holds that the rows are what the library would have written. Why this is our own code:
//! docs/decisions/0017-streamed-rows.md.

use std::borrow::Cow;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, IntoExcelDateTime, Workbook, Worksheet, XlsxError};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::ROWS_LEVEL;
use super::cell::{Cell, Value, fitting};
use super::look::{Look, Tone, Used};
use super::spool::Spool;
use crate::finding::column_letters;
use crate::intake::limits::{COLUMNS_PER_SHEET_MAX, ROWS_PER_SHEET_MAX};

/// The bytes of a workbook's rows that are kept in memory; more are spooled to disk. The rows of a whole year, 16 MB in `statewide.xlsx`, stay
/// below it, and as many workbooks are written at a time as there are cores.
const SPOOL_BYTES_MAX: usize = 32 << 20;
/// From so many bytes a part of the package needs the larger sizes of ZIP, which not every reader knows.
const LARGE_PART_BYTES: u64 = 2 << 30;
/// Points of a line of text in the default font.
pub(crate) const LINE_POINTS: u16 = 15;

/// A workbook, and the rows that are not yet in it.
pub(crate) struct Package {
    workbook: Workbook,
    /// The number in the workbook of each format that lists use, by [`Look::number`].
    styles: Vec<Option<u32>>,
    /// The formats of [`Package::style`], in the order in which the workbook numbers them.
    met: Vec<Format>,
    /// Where long lists are spooled; the system's own folder without one.
    spool: Option<PathBuf>,
    lists: Vec<Markup>,
    /// Tables that were made over the first row of a list, to be drawn over all of them: the library keeps a value for every cell that a
    /// table covers.
    tables: Vec<GrownTable>,
}

/// A table by its name, and the end of its range as it is and as it should be.
struct GrownTable {
    name: String,
    from: String,
    to: String,
}

impl Package {
    /// A workbook without a sheet, whose lists use some formats of the look.
    pub(crate) fn new(
        workbook: Workbook,
        look: &Look,
        used: Used,
        spool: Option<&Path>,
    ) -> Package {
        let mut package = Package::bare(workbook, spool);
        package.styles = look
            .numbered(used)
            .map(|format| format.map(|format| package.style(format)))
            .collect();
        package
    }

    /// A workbook without a sheet, which knows no format but those of [`Package::style`].
    pub(crate) fn bare(workbook: Workbook, spool: Option<&Path>) -> Package {
        Package {
            workbook,
            styles: Vec::new(),
            met: Vec::new(),
            spool: spool.map(Path::to_path_buf),
            lists: Vec::new(),
            tables: Vec::new(),
        }
    }

    /// The number of a format that is not the default one. The library numbers formats in the order in which it meets them, so that this is
    /// right only as long as it has met no other: before any cell, row or column is given to it with a format.
    pub(crate) fn style(&mut self, format: &Format) -> u32 {
        let place = self
            .met
            .iter()
            .position(|other| other == format)
            .unwrap_or_else(|| {
                self.workbook.register_format(format);
                self.met.push(format.clone());
                self.met.len() - 1
            });
        // 0 is the default.
        u32::try_from(place + 1).unwrap_or(u32::MAX)
    }

    /// The library's workbook, for sheets that have no list. It must not be saved by itself: the lists would be missing.
    pub(crate) fn library(&mut self) -> &mut Workbook {
        &mut self.workbook
    }

    /// Begins a sheet.
    pub(crate) fn add_worksheet(&mut self) -> &mut Worksheet {
        self.workbook.add_worksheet()
    }

    /// A sheet that was begun, by its position from 0.
    pub(crate) fn sheet(&mut self, index: usize) -> Result<&mut Worksheet, XlsxError> {
        self.workbook.worksheet_from_index(index)
    }

    /// Begins the rows of a list on the last sheet, beneath the row of headings (from 0).
    pub(crate) fn rows(&mut self, heading: u32) -> Markup {
        self.begin(Some(heading + 1))
    }

    /// Begins all rows of the last sheet.
    pub(crate) fn all_rows(&mut self) -> Markup {
        self.begin(None)
    }

    fn begin(&mut self, heading: Option<u32>) -> Markup {
        let in_memory: usize = self.lists.iter().map(|list| list.written.kept()).sum();
        let room = SPOOL_BYTES_MAX.saturating_sub(in_memory);
        Markup {
            sheet: self.workbook.worksheets().len(),
            heading,
            last: heading.unwrap_or(0),
            columns: 0,
            styles: self.styles.clone(),
            letters: Vec::new(),
            digits: Vec::new(),
            next: 0,
            written: Spool::new(room, self.spool.as_deref()),
            bytes: 0,
            row: Vec::new(),
        }
    }

    /// Takes the rows of a list; `table` is the name of the table over the first of them and its last column, from 0.
    pub(crate) fn add(&mut self, rows: Markup, table: Option<(String, usize)>) {
        if let Some((name, column)) = table {
            let letters = column_letters(u32::try_from(column).unwrap_or(u32::MAX));
            let end = |row: u32| format!(":{letters}{row}\"");
            self.tables.push(GrownTable {
                name,
                from: end(rows.heading.unwrap_or(0) + 1),
                to: end(rows.last),
            });
        }
        self.lists.push(rows);
    }

    /// Saves the workbook with its lists.
    pub(crate) fn save(self, path: &Path) -> Result<(), XlsxError> {
        super::file::written(path, |file| self.write_to(file))
    }

    /// The workbook with its lists, in memory.
    #[cfg(test)]
    pub(crate) fn save_to_buffer(self) -> Result<Vec<u8>, XlsxError> {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes the workbook with its lists.
    fn write_to(mut self, out: impl Write + Send) -> Result<(), XlsxError> {
        if self.lists.is_empty() {
            return self.workbook.save_to_writer(out);
        }
        let whole = self.workbook.save_to_buffer()?;
        let mut parts = ZipArchive::new(Cursor::new(whole))?;
        let mut package = ZipWriter::new_stream(out);
        for index in 0..parts.len() {
            let name = parts.by_index(index)?.name()?.into_owned();
            let list = self.lists.iter().position(|list| list.part() == name);
            let list = list.map(|list| self.lists.swap_remove(list));
            let is_table = !self.tables.is_empty() && name.starts_with("xl/tables/");
            if list.is_none() && !is_table {
                package.raw_copy_file(parts.by_index_raw(index)?)?;
                continue;
            }
            let mut part = String::new();
            parts.by_index(index)?.read_to_string(&mut part)?;
            // As the library writes its parts.
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .compression_level(Some(i64::from(ROWS_LEVEL)))
                .unix_permissions(0o600)
                .last_modified_time(DateTime::default())
                .large_file(
                    list.as_ref()
                        .is_some_and(|list| list.bytes > LARGE_PART_BYTES),
                );
            package.start_file(name, options)?;
            match list {
                Some(list) => list.put_into(&part, &mut package)?,
                None => package.write_all(self.grown(&part).as_bytes())?,
            }
        }
        package.finish()?;
        Ok(())
    }

    /// A table's part, drawn over all rows of its list.
    fn grown(&self, part: &str) -> String {
        let table = self
            .tables
            .iter()
            .find(|table| part.contains(&format!("displayName=\"{}\"", table.name)));
        table.map_or_else(
            || part.to_string(),
            |table| part.replace(&table.from, &table.to),
        )
    }
}

/// Rows of a sheet, as markup.
pub(crate) struct Markup {
    /// The position of the sheet, from 1.
    sheet: usize,
    /// The row of the headings that they stand beneath, from 1; none where they are all rows of the sheet.
    heading: Option<u32>,
    /// The last row written, from 1.
    last: u32,
    /// Columns up to the last one with a cell.
    columns: usize,
    styles: Vec<Option<u32>>,
    letters: Vec<String>,
    /// Those of the number of the row being written.
    digits: Vec<u8>,
    /// The first column that the row can still have a cell in.
    next: u16,
    written: Spool,
    bytes: u64,
    /// The row being written.
    row: Vec<u8>,
}

impl Markup {
    /// Writes the next row of a list, so many lines high.
    pub(crate) fn line(
        &mut self,
        cells: &[Cell<'_>],
        tone: Tone,
        lines: u16,
    ) -> Result<(), XlsxError> {
        self.begin_row(self.last + 1, (lines > 1).then_some(LINE_POINTS * lines))?;
        for (column, cell) in (0..).zip(cells) {
            let style = self.styles.get(Look::number(cell, tone)).copied().flatten();
            let style = style.ok_or_else(|| {
                XlsxError::CustomError(
                    "a list has a cell or a row that it was not made for".to_string(),
                )
            })?;
            self.cell(column, style, &cell.value())?;
        }
        self.end_row()
    }

    /// Begins a row below all others, counted from 1; so many points high, or as the spreadsheet makes it.
    pub(crate) fn begin_row(&mut self, row: u32, points: Option<u16>) -> Result<(), XlsxError> {
        if row <= self.last {
            return Err(XlsxError::RowColumnOrderError);
        }
        if row > ROWS_PER_SHEET_MAX {
            return Err(XlsxError::RowColumnLimitError);
        }
        self.last = row;
        self.next = 0;
        self.digits.clear();
        put_whole(&mut self.digits, row);
        self.row.clear();
        self.row.extend_from_slice(b"<row r=\"");
        self.row.extend_from_slice(&self.digits);
        self.row.push(b'"');
        if let Some(points) = points {
            write!(self.row, r#" ht="{points}" customHeight="1""#)?;
        }
        self.row.push(b'>');
        Ok(())
    }

    /// Writes a cell of the row, to the right of all others; the column is counted from 0.
    pub(crate) fn cell(
        &mut self,
        column: u16,
        style: u32,
        value: &Value<'_>,
    ) -> Result<(), XlsxError> {
        if column < self.next {
            return Err(XlsxError::RowColumnOrderError);
        }
        if u32::from(column) >= COLUMNS_PER_SHEET_MAX {
            return Err(XlsxError::RowColumnLimitError);
        }
        self.next = column + 1;
        let index = usize::from(column);
        for column in self.letters.len()..=index {
            self.letters
                .push(column_letters(u32::try_from(column).unwrap_or(u32::MAX)));
        }
        self.columns = self.columns.max(index + 1);
        self.row.extend_from_slice(b"<c r=\"");
        self.row.extend_from_slice(self.letters[index].as_bytes());
        self.row.extend_from_slice(&self.digits);
        self.row.extend_from_slice(b"\" s=\"");
        put_whole(&mut self.row, style);
        self.row.push(b'"');
        put_value(&mut self.row, value)?;
        Ok(())
    }

    /// Ends the row.
    pub(crate) fn end_row(&mut self) -> Result<(), XlsxError> {
        self.row.extend_from_slice(b"</row>");
        self.bytes += self.row.len() as u64;
        self.written.write(&self.row)?;
        Ok(())
    }

    /// The last row, counted from 1; 0 where there is none.
    pub(crate) fn last(&self) -> u32 {
        self.last
    }

    /// The name of its sheet's part.
    fn part(&self) -> String {
        format!("xl/worksheets/sheet{}.xml", self.sheet)
    }

    /// Writes the sheet with the rows in their place.
    fn put_into(self, sheet: &str, out: &mut impl Write) -> io::Result<()> {
        let cut = match self.heading {
            Some(heading) => self.cut_beneath(heading, sheet),
            None => self.cut_whole(sheet),
        };
        let (before, behind) = cut.ok_or_else(|| {
            io::Error::other(format!("{} has no place for its rows", self.part()))
        })?;
        out.write_all(before.as_bytes())?;
        self.written.put_into(out)?;
        out.write_all(behind.as_bytes())
    }

    /// The sheet before and behind the rows beneath a heading, with its dimension.
    fn cut_beneath<'s>(&self, heading: u32, sheet: &'s str) -> Option<(String, Cow<'s, str>)> {
        let begun = sheet.find(&format!(r#"<row r="{heading}""#))?;
        let place = begun + sheet[begun..].find("</row>")? + "</row>".len();
        let (before, behind) = sheet.split_at(place);
        // A total stands beneath the rows; without one they are the last.
        let (head, views) = before.split_once("<sheetViews>")?;
        let (head, dimension) = head.split_once(r#"<dimension ref=""#)?;
        let area = dimension.strip_suffix(r#""/>"#)?;
        let columns = area.trim_end_matches(|c: char| c.is_ascii_digit());
        let last = area[columns.len()..].parse::<u32>().ok()?.max(self.last);
        Some((
            format!(r#"{head}<dimension ref="{columns}{last}"/><sheetViews>{views}"#),
            behind.into(),
        ))
    }

    /// The sheet before and behind all its rows, with its dimension. What the library has of rows without a cell, heights, is in the markup
    /// too; a cell of its own would be lost.
    fn cut_whole<'s>(&self, sheet: &'s str) -> Option<(String, Cow<'s, str>)> {
        let (before, behind) = sheet.split_once("<sheetData")?;
        let (own, behind) = behind
            .split_once("</sheetData>")
            .or_else(|| Some(("", behind.strip_prefix("/>")?)))?;
        if own.contains("<c ") {
            return None;
        }
        if self.columns == 0 {
            return Some((
                format!("{before}<sheetData>"),
                format!("</sheetData>{behind}").into(),
            ));
        }
        let last = column_letters(u32::try_from(self.columns - 1).unwrap_or(u32::MAX));
        let (head, views) = before.split_once("<sheetViews")?;
        let (head, _) = head.split_once("<dimension")?;
        let before = format!(
            r#"{head}<dimension ref="A1:{last}{}"/><sheetViews{views}<sheetData>"#,
            self.last
        );
        Some((before, format!("</sheetData>{behind}").into()))
    }
}

/// Writes a whole number.
fn put_whole(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Ends a cell's opening tag and writes its value.
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
            put_hundredths(row, *hundredths);
            row.extend_from_slice(b"</v></c>");
        }
        Value::Whole(number) => {
            row.extend_from_slice(b"><v>");
            put_whole(row, *number);
            row.extend_from_slice(b"</v></c>");
        }
        Value::Double(number) => write!(row, "><v>{number}</v></c>")?,
        Value::Truth(truth) => row.extend_from_slice(if *truth {
            b" t=\"b\"><v>1</v></c>"
        } else {
            b" t=\"b\"><v>0</v></c>"
        }),
        Value::Date(date) => write!(row, "><v>{}</v></c>", date.to_excel_serial_date())?,
        Value::Moment(moment) => write!(row, "><v>{}</v></c>", moment.to_excel_serial_date())?,
        Value::Formula(expression, result) => {
            let is_number = result.parse::<f64>().is_ok();
            row.extend_from_slice(if is_number {
                b"><f>"
            } else {
                br#" t="str"><f>"#
            });
            escape(row, expression, false);
            row.extend_from_slice(b"</f><v>");
            escape(row, result, false);
            row.extend_from_slice(b"</v></c>");
        }
    }
    Ok(())
}

/// Hundredths as the shortest decimal: `1200`, `0.5`, `841.76`. The same digits as those of the double nearest to it.
fn put_hundredths(row: &mut Vec<u8>, hundredths: i64) {
    if hundredths < 0 {
        row.push(b'-');
    }
    let (whole, part) = (
        hundredths.unsigned_abs() / 100,
        hundredths.unsigned_abs() % 100,
    );
    put_whole(row, whole);
    if part > 0 {
        row.extend_from_slice(if part < 10 { b".0" } else { b"." });
        put_whole(row, if part % 10 == 0 { part / 10 } else { part });
    }
}

/// Characters of an escape as Excel writes those that XML cannot hold: `_x001F_`.
const ESCAPE_CHARS: usize = "_x0000_".len();

/// Bytes that stand for themselves wherever they are: no markup, no control character, none of an escape (`_`), and not the first byte of
/// the two characters that XML cannot hold.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut control = 0;
    while control < 0x20 {
        plain[control] = false;
        control += 1;
    }
    plain[b'\t' as usize] = true;
    plain[b'\n' as usize] = true;
    plain[b'&' as usize] = false;
    plain[b'<' as usize] = false;
    plain[b'>' as usize] = false;
    plain[b'_' as usize] = false;
    plain[0xEF] = false;
    plain
};

/// Writes a text as character data. What XML cannot hold is written as Excel does; in a cell's own text, what only looks like that is kept apart.
fn escape(out: &mut Vec<u8>, text: &str, own: bool) {
    if text.bytes().all(|byte| PLAIN[usize::from(byte)]) {
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

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::catalogue::Severity;
    use crate::decision::Outcome;
    use crate::money::Money;

    /// Cells of every kind, and texts that a writer of markup stumbles over.
    fn rows() -> Vec<(Vec<Cell<'static>>, Tone, u16)> {
        let texts = [
            "",
            " kept\t",
            "a & b < c > d \"e\" 'f'",
            "=SUM(A1)",
            "_x0041_ _x00G1_ _x004_ _x005F_x0041_",
            "bell \u{7} return \r line\nend",
            "\u{FFFE}\u{FFFF}\u{1F393} Ünïcode \u{2028}",
            "0017",
        ];
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let formula = |cell: Cell<'static>, expression: &str| cell.by(Some(expression.to_string()));
        vec![
            (
                texts.iter().copied().map(Cell::text).collect(),
                Tone::Plain,
                1,
            ),
            (
                texts.iter().copied().map(Cell::words).collect(),
                Tone::Group,
                3,
            ),
            (
                texts
                    .iter()
                    .map(|text| Cell::Digits((*text).into()))
                    .collect(),
                Tone::Total,
                1,
            ),
            (
                [0, 1, 10, 99, 100, 120_050, -5, 123_456_789_012]
                    .map(|cents| Cell::Money(Money::from_cents(cents)))
                    .into(),
                Tone::Plain,
                1,
            ),
            (
                [0, 1, 100, 120, 133]
                    .map(Cell::Weight)
                    .into_iter()
                    .chain([0, 120].map(Cell::UnitWeight))
                    .collect(),
                Tone::Group,
                1,
            ),
            (
                vec![
                    Cell::Empty,
                    Cell::Count(12_573),
                    Cell::Number(1_048_576),
                    Cell::Rate(Money::from_cents(84_176)),
                    Cell::Quotient(Money::from_cents(100), 300),
                    Cell::Percent(1, 3),
                    Cell::Percent(1, 0),
                ],
                Tone::Total,
                27,
            ),
            (
                [
                    day(1900, 1, 1),
                    day(1900, 3, 1),
                    day(2024, 2, 29),
                    day(9999, 12, 31),
                ]
                .map(Cell::Date)
                .into(),
                Tone::Plain,
                1,
            ),
            (Outcome::ALL.map(Cell::Outcome).into(), Tone::Plain, 1),
            (
                [
                    Severity::Refused,
                    Severity::Rejected,
                    Severity::NotQualified,
                    Severity::Held,
                    Severity::Warning,
                ]
                .map(Cell::Severity)
                .into(),
                Tone::Plain,
                1,
            ),
            (
                vec![
                    formula(
                        Cell::Money(Money::from_cents(120_050)),
                        "IF(A1<>\"x & y\",1200.5,0)",
                    ),
                    formula(Cell::text("P-0010"), "\"P-\"&A2"),
                    formula(Cell::text("0010"), "A2"),
                    formula(Cell::UnitWeight(120), "1.2"),
                    Cell::Input(Box::new(Cell::Money(Money::from_cents(1)))),
                ],
                Tone::Plain,
                1,
            ),
        ]
    }

    fn sheet_of(package: Package) -> String {
        let bytes = package.save_to_buffer().unwrap();
        let mut sheet = String::new();
        ZipArchive::new(Cursor::new(bytes))
            .unwrap()
            .by_name("xl/worksheets/sheet1.xml")
            .unwrap()
            .read_to_string(&mut sheet)
            .unwrap();
        sheet
    }

    fn data(sheet: &str) -> &str {
        let begun = sheet.find("<row r=\"2\"").unwrap();
        &sheet[begun..sheet.find("</sheetData>").unwrap()]
    }

    #[test]
    fn the_rows_of_a_list_are_what_the_library_would_have_written() {
        let look = Look::new();
        let mut by_library = Package::new(Workbook::new(), &look, Used::All, None);
        let sheet = by_library
            .library()
            .add_worksheet_with_constant_memory()
            .unwrap();
        sheet.write_string(0, 0, "Heading").unwrap();
        for (row, (cells, tone, lines)) in (1..).zip(rows()) {
            for (column, cell) in (0..).zip(&cells) {
                cell.put(sheet, row, column, &look, tone).unwrap();
            }
            if lines > 1 {
                sheet.set_row_height(row, LINE_POINTS * lines).unwrap();
            }
        }
        let mut streamed = Package::new(Workbook::new(), &look, Used::All, None);
        streamed
            .add_worksheet()
            .write_string(0, 0, "Heading")
            .unwrap();
        let mut list = streamed.rows(0);
        for (cells, tone, lines) in rows() {
            list.line(&cells, tone, lines).unwrap();
        }
        streamed.add(list, None);
        let (by_library, streamed) = (sheet_of(by_library), sheet_of(streamed));
        assert_eq!(data(&by_library), data(&streamed));
    }

    #[test]
    fn values_of_a_submission_are_written_as_the_library_would_at_any_address() {
        let moment = NaiveDate::from_ymd_opt(2024, 5, 17)
            .and_then(|day| day.and_hms_opt(13, 45, 30))
            .unwrap();
        let number = Format::new().set_num_format("0.0");
        let doubles = [0.0, -1.5, 1e300, 5e-324, 0.1 + 0.2, 9_007_199_254_740_993.0];
        let mut by_library = Package::bare(Workbook::new(), None);
        let mut streamed = Package::bare(Workbook::new(), None);
        let sheet = by_library
            .library()
            .add_worksheet_with_constant_memory()
            .unwrap();
        sheet
            .write_boolean_with_format(1, 2, true, &number)
            .unwrap()
            .write_boolean_with_format(1, 16_383, false, &number)
            .unwrap();
        sheet
            .write_datetime_with_format(4, 0, moment, &number)
            .unwrap()
            .set_row_height(4, 33)
            .unwrap();
        for (column, double) in (0..).zip(doubles) {
            sheet
                .write_number_with_format(1_048_575, column, double, &number)
                .unwrap();
        }
        let style = streamed.style(&number);
        // What the library has of a row besides its cells is in the markup.
        streamed.add_worksheet().set_row_height(4, 33).unwrap();
        let mut rows = streamed.all_rows();
        rows.begin_row(2, None).unwrap();
        rows.cell(2, style, &Value::Truth(true)).unwrap();
        rows.cell(16_383, style, &Value::Truth(false)).unwrap();
        rows.end_row().unwrap();
        rows.begin_row(5, Some(33)).unwrap();
        rows.cell(0, style, &Value::Moment(moment)).unwrap();
        rows.end_row().unwrap();
        rows.begin_row(1_048_576, None).unwrap();
        for (column, double) in (0..).zip(doubles) {
            rows.cell(column, style, &Value::Double(double)).unwrap();
        }
        rows.end_row().unwrap();
        assert!(
            rows.begin_row(1_048_576, None).is_err(),
            "no row is written twice"
        );
        streamed.add(rows, None);
        let (by_library, streamed) = (sheet_of(by_library), sheet_of(streamed));
        assert_eq!(data(&by_library), data(&streamed));
        assert!(streamed.contains("<dimension ref=\"A1:XFD1048576\"/>"));
    }

    #[test]
    fn a_sheet_ends_at_its_total_and_without_one_at_its_last_row() {
        // Headings in row 5, a total in row 15, which ends in a 5 as well.
        for (total, rows, last) in [
            (Some(14), 9, 15),
            (Some(14), 3, 15),
            (None, 9, 14),
            (None, 1, 6),
        ] {
            let look = Look::new();
            let mut package = Package::new(Workbook::new(), &look, Used::Plain, None);
            let sheet = package.add_worksheet();
            sheet
                .write_string(0, 0, "Title")
                .unwrap()
                .write_string(4, 2, "Heading")
                .unwrap();
            if let Some(row) = total {
                sheet.write_string(row, 0, "Total").unwrap();
            }
            let mut list = package.rows(4);
            for _ in 0..rows {
                list.line(
                    &[Cell::text("a"), Cell::text("b"), Cell::text("c")],
                    Tone::Plain,
                    1,
                )
                .unwrap();
            }
            package.add(list, None);
            assert!(
                sheet_of(package).contains(&format!("<dimension ref=\"A1:C{last}\"/>")),
                "{total:?} {rows}"
            );
        }
    }

    #[test]
    fn a_sheet_without_a_cell_stays_one() {
        let mut package = Package::bare(Workbook::new(), None);
        package.add_worksheet();
        let rows = package.all_rows();
        package.add(rows, None);
        let sheet = sheet_of(package);
        assert!(
            sheet.contains("<sheetData></sheetData>") && sheet.contains("<dimension ref=\"A1\"/>"),
            "{sheet}"
        );
    }

    #[test]
    fn rows_and_cells_out_of_order_or_off_the_sheet_are_errors_and_a_cell_of_the_librarys_own_is_not_lost()
     {
        let mut package = Package::bare(Workbook::new(), None);
        package.add_worksheet();
        let mut rows = package.all_rows();
        rows.begin_row(2, None).unwrap();
        rows.cell(1, 1, &Value::Whole(1)).unwrap();
        assert!(rows.cell(1, 1, &Value::Whole(2)).is_err());
        assert!(rows.cell(0, 1, &Value::Whole(2)).is_err());
        assert!(rows.cell(16_384, 1, &Value::Whole(2)).is_err());
        rows.end_row().unwrap();
        assert!(rows.begin_row(1, None).is_err());
        assert!(rows.begin_row(1_048_577, None).is_err());
        package
            .sheet(0)
            .unwrap()
            .write_string(7, 7, "the library's")
            .unwrap();
        package.add(rows, None);
        assert!(package.save_to_buffer().is_err());
    }

    #[test]
    fn a_number_of_a_format_is_that_of_the_workbook_whatever_the_library_meets_later() {
        let mut package = Package::bare(Workbook::new(), None);
        package.add_worksheet();
        package.add_worksheet();
        let format =
            |decimals: usize| Format::new().set_num_format(format!("0.{}", "0".repeat(decimals)));
        let mut rows = package.all_rows();
        rows.begin_row(1, None).unwrap();
        for (column, decimals) in (0..).zip([5, 3, 4, 3]) {
            let style = package.style(&format(decimals));
            rows.cell(column, style, &Value::Whole(1)).unwrap();
        }
        rows.end_row().unwrap();
        package
            .sheet(1)
            .unwrap()
            .set_column_format(1, &format(3))
            .unwrap();
        package.add(rows, None);
        package
            .sheet(0)
            .unwrap()
            .write_number_with_format(0, 0, 1, &format(6))
            .unwrap();
        let bytes = package.save_to_buffer().unwrap();
        let part = |name: &str| {
            let mut text = String::new();
            ZipArchive::new(Cursor::new(&bytes))
                .unwrap()
                .by_name(name)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            text
        };
        let attribute = |tag: &str, name: &str| {
            tag.split_once(&format!(" {name}=\""))
                .unwrap()
                .1
                .split('"')
                .next()
                .unwrap()
                .to_string()
        };
        let tags = |text: &str, begin: &str| {
            text.split(begin)
                .skip(1)
                .map(|tag| format!(" {tag}"))
                .collect::<Vec<_>>()
        };
        let styles = part("xl/styles.xml");
        let codes: Vec<(String, String)> = tags(&styles, "<numFmt ")
            .iter()
            .map(|tag| (attribute(tag, "numFmtId"), attribute(tag, "formatCode")))
            .collect();
        let formats = tags(
            styles
                .split_once("<cellXfs")
                .unwrap()
                .1
                .split_once("</cellXfs>")
                .unwrap()
                .0,
            "<xf ",
        );
        let shown = tags(&part("xl/worksheets/sheet2.xml"), "<c ");
        let shown = shown.iter().map(|cell| {
            let number = attribute(
                &formats[attribute(cell, "s").parse::<usize>().unwrap()],
                "numFmtId",
            );
            codes
                .iter()
                .find(|(id, _)| *id == number)
                .unwrap()
                .1
                .as_str()
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            ["0.00000", "0.000", "0.0000", "0.000"]
        );
    }

    #[test]
    fn the_sheets_of_a_workbook_share_the_memory_for_their_rows() {
        let folder = tempfile::TempDir::new().unwrap();
        let mut package = Package::bare(Workbook::new(), Some(folder.path()));
        let text = "t".repeat(30_000);
        let mut rolled = 0;
        // Forty megabytes in forty sheets: the first ones are kept, the others spooled.
        for _ in 0..40 {
            package.add_worksheet();
            let mut rows = package.all_rows();
            for row in 1..=35 {
                rows.begin_row(row, None).unwrap();
                rows.cell(0, 0, &Value::Text(&text)).unwrap();
                rows.end_row().unwrap();
            }
            rolled += u32::from(rows.written.kept() == 0);
            package.add(rows, None);
        }
        // 32 MiB hold the rows of 31 sheets of 35 x 30 kB and no more.
        assert_eq!(rolled, 9);
        assert!(package.save_to_buffer().is_ok());
    }

    #[test]
    fn a_cell_that_a_list_was_not_made_for_is_an_error_and_never_left_out() {
        let look = Look::new();
        let mut package = Package::new(Workbook::new(), &look, Used::Plain, None);
        package
            .add_worksheet()
            .write_string(0, 0, "Heading")
            .unwrap();
        let mut list = package.rows(0);
        assert!(list.line(&[Cell::text("a")], Tone::Plain, 1).is_ok());
        assert!(list.line(&[Cell::text("a")], Tone::Group, 1).is_err());
        assert!(
            list.line(&[Cell::Sheet("Summary")], Tone::Plain, 1)
                .is_err()
        );
        assert!(
            list.line(&[Cell::Input(Box::new(Cell::Count(1)))], Tone::Plain, 1)
                .is_err()
        );
    }

    #[test]
    fn a_list_longer_than_what_is_kept_in_memory_is_spooled_and_comes_back_whole() {
        let folder = tempfile::TempDir::new().unwrap();
        let look = Look::new();
        let mut package = Package::new(Workbook::new(), &look, Used::Plain, Some(folder.path()));
        package
            .add_worksheet()
            .write_string(0, 0, "Title")
            .unwrap()
            .write_string(1, 0, "Heading")
            .unwrap();
        let text = "t".repeat(30_000);
        let mut list = package.rows(1);
        let rows = u32::try_from(SPOOL_BYTES_MAX / text.len()).unwrap() + 10;
        for _ in 0..rows {
            list.line(&[Cell::text(&*text)], Tone::Plain, 1).unwrap();
        }
        assert_eq!(list.written.kept(), 0, "it was spooled");
        package.add(list, None);
        let sheet = sheet_of(package);
        assert_eq!(sheet.matches(&text).count(), usize::try_from(rows).unwrap());
        assert!(
            sheet.contains(&format!("<row r=\"{}\"", rows + 2))
                && sheet.contains(&format!("<dimension ref=\"A1:A{}\"/>", rows + 2))
        );
    }
}
