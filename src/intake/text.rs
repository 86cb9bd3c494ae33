//! Delimited text: comma, pipe, tilde, tab or semicolon; UTF-8, UTF-16 or Windows-1252.

use std::borrow::Cow;

use super::cells::{Cell, CellKind, CellSource, Refusal};
use super::limits::{CELL_CHARS_MAX, COLUMNS_PER_SHEET_MAX};
use crate::catalogue::Code;

/// The delimiters and how `batch.toml` names them, in the order in which they are tried.
pub const DELIMITERS: [(u8, &str); 5] = [
    (b',', ","),
    (b'|', "|"),
    (b'~', "~"),
    (b'\t', "tab"),
    (b';', ";"),
];

/// The delimiter of a name.
#[must_use]
pub fn delimiter(name: &str) -> Option<u8> {
    DELIMITERS
        .into_iter()
        .find(|(_, known)| *known == name)
        .map(|(delimiter, _)| delimiter)
}

/// The name of a delimiter.
#[must_use]
pub fn delimiter_name(delimiter: u8) -> &'static str {
    DELIMITERS
        .into_iter()
        .find(|(known, _)| *known == delimiter)
        .map_or("", |(_, name)| name)
}

/// Decodes a text file. Windows-1252 takes any bytes, so this cannot fail.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    // UTF-16 without a mark: every other byte of plain text is zero.
    let zeros = |offset: usize| {
        bytes
            .iter()
            .skip(offset)
            .step_by(2)
            .take(512)
            .filter(|byte| **byte == 0)
            .count()
    };
    let pairs = bytes.len().min(1024) / 2;
    if pairs > 0 && zeros(1) * 2 > pairs {
        return encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0;
    }
    if pairs > 0 && zeros(0) * 2 > pairs {
        return encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
        }
    }
}

/// Fields of a row if no line tells how many there are: a submission has at least seven columns.
const ROW_FIELDS: usize = 7;
/// Fields that tell a line from a sentence: the narrowest list has three columns.
const TELLING_FIELDS_MIN: usize = 3;

/// Whether every quoted field of a record closes right before a delimiter or the end (RFC 4180).
fn quotes_match(record: &str, delimiter: u8) -> bool {
    let mut bytes = record.bytes().peekable();
    let mut field_begins = true;
    while let Some(byte) = bytes.next() {
        if byte != b'"' || !field_begins {
            field_begins = byte == delimiter;
            continue;
        }
        // Inside a quoted field, up to a quotation mark that is not doubled.
        loop {
            match bytes.next() {
                None => return false,
                Some(b'"') if bytes.next_if_eq(&b'"').is_none() => break,
                Some(_) => {}
            }
        }
        match bytes.next() {
            None => return true,
            Some(next) if next == delimiter => field_begins = true,
            Some(_) => return false,
        }
    }
    true
}

/// Whether a line inside a quoted text has as many fields as a row and is not a sentence, which has a blank after each comma.
fn looks_like_row(line: &str, delimiter: char, row_fields: usize) -> bool {
    let fields = line.split(delimiter);
    let delimiters = fields.clone().count() - 1;
    let behind_blanks = fields
        .skip(1)
        .filter(|field| field.starts_with(' '))
        .count();
    delimiters + 1 >= row_fields && 2 * behind_blanks <= delimiters
}

/// The cells of a text, by lines.
pub struct TextCells<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    delimiter: u8,
    record: csv::StringRecord,
    field: usize,
    line: u32,
    /// Bytes of the text whose line ends are counted in `line`.
    counted: usize,
    /// The most fields so far of a record on one line.
    widest: usize,
}

impl<'t> TextCells<'t> {
    /// Reads a text with one delimiter.
    #[must_use]
    pub fn new(text: &'t str, delimiter: u8) -> TextCells<'t> {
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        TextCells {
            text,
            reader,
            delimiter,
            record: csv::StringRecord::new(),
            field: 0,
            line: 1,
            counted: 0,
            widest: 0,
        }
    }

    /// A quoted field may have several lines. It has swallowed rows if its quotes do not match, or if a line inside it has as many
    /// fields as a row.
    fn refuse_swallowed_lines(&mut self, end: usize) -> Result<(), Refusal> {
        let raw = self
            .text
            .get(self.counted..end)
            .unwrap_or_default()
            .trim_end_matches(['\r', '\n']);
        if !raw.contains(['\r', '\n']) {
            self.widest = self.widest.max(self.record.len());
            return Ok(());
        }
        let row_fields = if self.widest < TELLING_FIELDS_MIN {
            ROW_FIELDS
        } else {
            self.widest
        };
        let mut inside = self
            .record
            .iter()
            .filter(|field| field.contains(['\r', '\n']))
            .flat_map(str::lines);
        let line = self.line;
        let message = if !quotes_match(raw, self.delimiter) {
            format!("the quotation mark opened in line {line} is not closed where its field ends")
        } else if inside.any(|line| looks_like_row(line, char::from(self.delimiter), row_fields)) {
            format!(
                "the quoted text that begins in line {line} holds a line with as many fields as a row: a quotation mark before it is not closed"
            )
        } else {
            return Ok(());
        };
        Err(Refusal::new(Code::F108, message).on_row(line))
    }

    /// The line of the record that begins at or after `start`; the reader skips blank lines before it.
    fn line_at(&mut self, start: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let blank = bytes
            .iter()
            .skip(start)
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let start = (start + blank).min(bytes.len());
        let passed = &bytes[self.counted.min(start)..start];
        // A line ends in LF, CR LF or a lone CR.
        let ends = passed
            .iter()
            .enumerate()
            .filter(|(at, byte)| {
                **byte == b'\n' || (**byte == b'\r' && passed.get(at + 1) != Some(&b'\n'))
            })
            .count();
        self.line = self
            .line
            .saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        self.counted = start;
        self.line
    }
}

impl CellSource for TextCells<'_> {
    fn next_cell(&mut self) -> Result<Option<Cell<'_>>, Refusal> {
        loop {
            if self.field < self.record.len() {
                let field = self.field;
                self.field += 1;
                if self.record[field].is_empty() {
                    continue;
                }
                let text = &self.record[field];
                if text.len() > CELL_CHARS_MAX && text.chars().count() > CELL_CHARS_MAX {
                    let message = format!(
                        "line {} holds a text of more than {CELL_CHARS_MAX} characters: is a quote not closed?",
                        self.line
                    );
                    return Err(Refusal::limit(message));
                }
                let column = u32::try_from(field)
                    .ok()
                    .filter(|column| *column < COLUMNS_PER_SHEET_MAX);
                let column = column.ok_or_else(|| {
                    Refusal::limit(format!(
                        "line {} has more than {COLUMNS_PER_SHEET_MAX} fields",
                        self.line
                    ))
                })?;
                return Ok(Some(Cell {
                    row: self.line,
                    column,
                    text: Cow::Borrowed(text),
                    kind: CellKind::Text,
                }));
            }
            let start = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
            let more = self.reader.read_record(&mut self.record);
            if !more.map_err(|error| {
                Refusal::new(Code::F101, format!("the text cannot be read: {error}"))
            })? {
                return Ok(None);
            }
            self.field = 0;
            self.line_at(start);
            let end = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
            self.refuse_swallowed_lines(end)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str, delimiter: u8) -> Vec<(u32, u32, String)> {
        let mut source = TextCells::new(text, delimiter);
        let mut cells = Vec::new();
        while let Some(cell) = source.next_cell().unwrap() {
            cells.push((cell.row, cell.column, cell.text.into_owned()));
        }
        cells
    }

    fn first_column(text: &str) -> Vec<(u32, String)> {
        cells(text, b',')
            .into_iter()
            .filter(|cell| cell.1 == 0)
            .map(|cell| (cell.0, cell.2))
            .collect()
    }

    #[test]
    fn rows_are_physical_lines_whatever_ends_them_and_blank_ones_are_counted() {
        let expected = vec![
            (1, "a".to_string()),
            (4, "b".to_string()),
            (5, "c".to_string()),
        ];
        assert_eq!(first_column("a,1\n\n\nb,2\nc,3\n"), expected);
        assert_eq!(first_column("a,1\r\n\r\n\r\nb,2\r\nc,3"), expected);
        assert_eq!(first_column("a,1\r\r\rb,2\rc,3\r"), expected);
        assert_eq!(first_column("\n\na,1\n"), vec![(3, "a".to_string())]);
    }

    #[test]
    fn a_record_over_several_lines_stands_on_its_first() {
        let text = "a,\"x\ny\r\nz\"\nb,2\n";
        assert_eq!(
            first_column(text),
            vec![(1, "a".to_string()), (4, "b".to_string())]
        );
        assert_eq!(cells(text, b',')[1], (1, 1, "x\ny\r\nz".to_string()));
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "Caf\u{e9},\u{f1}\n";
        let utf16 = |le: bool, mark: bool| -> Vec<u8> {
            let units = mark
                .then_some(0xfeff)
                .into_iter()
                .chain(text.repeat(9).encode_utf16().collect::<Vec<_>>());
            units
                .flat_map(|unit: u16| {
                    if le {
                        unit.to_le_bytes()
                    } else {
                        unit.to_be_bytes()
                    }
                })
                .collect()
        };
        for bytes in [
            text.repeat(9).into_bytes(),
            [b"\xef\xbb\xbf".as_slice(), text.repeat(9).as_bytes()].concat(),
            utf16(true, true),
            utf16(false, true),
            utf16(true, false),
            utf16(false, false),
            b"Caf\xe9,\xf1\n".repeat(9),
        ] {
            assert_eq!(decode(&bytes), text.repeat(9));
        }
    }

    #[test]
    fn a_stray_quotation_mark_that_swallows_rows_refuses_the_file() {
        let row = "1,2,3,4,5,6,7\n";
        for text in [
            // never closed
            format!("{row}1,2,3,4,5,6,\"see note\n{row}{row}"),
            // closed by the next stray one, in the middle of its field
            format!("{row}1,2,3,4,5,6,\"see note\n{row}1,2,3,4,5,6,\"see note\n{row}"),
            // closed by a mark that happens to be at the end of a field
            format!("{row}1,2,3,4,5,6,\"see note\n{row}1,2,3,4,5,6,5 inch\"\n{row}"),
        ] {
            let mut source = TextCells::new(&text, b',');
            let refusal = std::iter::repeat_with(|| source.next_cell().map(|cell| cell.is_some()))
                .find_map(|cell| match cell {
                    Err(refusal) => Some(Some(refusal)),
                    Ok(true) => None,
                    Ok(false) => Some(None),
                });
            let refusal = refusal.flatten().expect("refused");
            assert_eq!(
                (refusal.code, refusal.message.contains("line 2")),
                (Code::F108, true),
                "{text}"
            );
        }
        // A sentence with more commas than a row is still a sentence, in a list of three columns too.
        let note = "a,b,c\n1,2,3\n1,2,\"see:\nred, green, blue, white\nthe end\"\n4,5,6\n";
        assert_eq!(first_column(note).len(), 4);
        // Quotes inside one line, and a note of several lines, do no harm.
        assert_eq!(
            first_column("a,5\" pipe\nb,\"x\"y\nc,\"line one\nline two, and three\"\nd,\n").len(),
            4
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_refuses_the_file() {
        let text = format!("a,b\n\"x,{}\n", "y,z\n".repeat(20_000));
        let mut source = TextCells::new(&text, b',');
        let error = loop {
            match source.next_cell() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("read to the end"),
                Err(refusal) => break refusal,
            }
        };
        assert_eq!(error.code, Code::F108);
        assert!(error.message.contains("line 2"), "{}", error.message);
    }
}
