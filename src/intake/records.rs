//! What the parts of a binary workbook (xlsb) may hold: looked through record by record while they are inflated. The parser passes
//! over records that it does not know, cells among them, and believes every length; so both are judged here first.

use std::collections::HashSet;

use super::cells::{Refusal, extension, known_error_code};
use super::limits::{
    KEPT_BYTES_MAX, MARKUP_BYTES_MAX, ROWS_PER_SHEET_MAX, SHARED_STRINGS_BYTES_MAX,
    SHARED_STRINGS_MAX, SHEETS_PER_FILE_MAX,
};

// Records of [MS-XLSB] by their number.
const ROW: u16 = 0x0000;
const SHORT_NUMBER: u16 = 0x0002;
const ERROR: u16 = 0x0003;
const BOOLEAN: u16 = 0x0004;
const NUMBER: u16 = 0x0005;
const TEXT: u16 = 0x0006;
const SHARED_TEXT: u16 = 0x0007;
const FORMULA_TEXT: u16 = 0x0008;
const FORMULA_NUMBER: u16 = 0x0009;
const FORMULA_BOOLEAN: u16 = 0x000A;
const FORMULA_ERROR: u16 = 0x000B;
/// Cells without their column, which is the one after the cell before. The parser passes over them; other programs than Excel write
/// them into sheets.
const SHORT_CELLS: std::ops::RangeInclusive<u16> = 0x000C..=0x0012;
/// From the number of such a record to that of the cell with its column.
const SHORT_TO_WHOLE: u16 = 11;
/// Every cell that names its column: those of a formula are the last.
const CELLS: std::ops::RangeInclusive<u16> = 0x0001..=0x000B;
const SHARED_ITEM: u16 = 0x0013;
const NAME: u16 = 0x0027;
const RICH_TEXT: u16 = 0x003E;
const SHEET: u16 = 0x009C;

/// Column, style and error code.
const ERROR_BYTES: usize = 9;

/// A record: its number, its content, and both with the length as they stand in the part.
#[derive(Clone, Copy)]
pub struct Record<'r> {
    number: u16,
    content: &'r [u8],
    whole: &'r [u8],
}

/// Cuts a part into records as it comes, and holds no more than one of them.
#[derive(Default)]
pub struct Records {
    held: Vec<u8>,
}

impl Records {
    /// Takes more bytes and hands on every record that they complete.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        visit: &mut dyn FnMut(Record<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        self.held.extend_from_slice(bytes);
        let mut done = 0;
        while let Some((number, begin, length)) = head(&self.held[done..]) {
            if length > MARKUP_BYTES_MAX {
                return Err(Refusal::limit(format!(
                    "a part of the workbook holds a record of more than {} kB",
                    MARKUP_BYTES_MAX >> 10
                )));
            }
            let Some(whole) = self.held.get(done..done + begin + length) else {
                break;
            };
            visit(Record {
                number,
                content: &whole[begin..],
                whole,
            })?;
            done += whole.len();
        }
        self.held.drain(..done);
        Ok(())
    }
}

/// Number, bytes of the head and length of the record that begins here; `None` while its head is not complete.
fn head(bytes: &[u8]) -> Option<(u16, usize, usize)> {
    let low = *bytes.first()?;
    let (number, mut at) = if low & 0x80 == 0 {
        (u16::from(low), 1)
    } else {
        (
            u16::from(low & 0x7F) | u16::from(bytes.get(1)? & 0x7F) << 7,
            2,
        )
    };
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let byte = *bytes.get(at)?;
        at += 1;
        length |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some((number, at, length))
}

/// What a part holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A sheet.
    Sheet,
    /// The shared texts.
    Texts,
    /// The workbook or its styles: kept as a whole by the parser.
    Kept,
}

/// What the parser reads a part as; `None` for parts that it does not read. `name` is in lower case.
#[must_use]
pub fn part_of(name: &str) -> Option<Part> {
    match name {
        "xl/sharedstrings.bin" => Some(Part::Texts),
        "xl/workbook.bin" | "xl/styles.bin" => Some(Part::Kept),
        // The parser takes a part for a sheet by this folder and nothing else.
        _ if name.starts_with("xl/worksheets/")
            && !matches!(extension(name).as_str(), "rels" | "xml") =>
        {
            Some(Part::Sheet)
        }
        _ => None,
    }
}

/// What was found in a part, so far.
pub struct Judgement {
    part: Part,
    texts: usize,
    sheets: HashSet<Vec<u8>>,
    /// Whether it holds records that the parser would pass over or refuse.
    pub to_mend: bool,
}

impl Judgement {
    /// Of a part of which nothing was seen yet.
    #[must_use]
    pub fn new(part: Part) -> Judgement {
        Judgement {
            part,
            texts: 0,
            sheets: HashSet::new(),
            to_mend: false,
        }
    }

    /// Judges one record.
    pub fn record(&mut self, record: Record<'_>) -> Result<(), Refusal> {
        match (self.part, record.number) {
            (Part::Sheet, number) => {
                // The parser keeps the bytes of the record before: a short record would be read with them.
                let whole = if SHORT_CELLS.contains(&number) {
                    self.to_mend = true;
                    number - SHORT_TO_WHOLE
                } else {
                    number
                };
                let least = match whole {
                    ROW => 4,
                    ERROR | BOOLEAN | FORMULA_BOOLEAN | FORMULA_ERROR => ERROR_BYTES,
                    SHORT_NUMBER | TEXT | SHARED_TEXT | FORMULA_TEXT => 12,
                    NUMBER | FORMULA_NUMBER => 16,
                    _ => 0,
                };
                let present = record.content.len() + if whole == number { 0 } else { COLUMN_BYTES };
                if present < least {
                    return Err(Refusal::damaged("a cell is cut off"));
                }
                if number == RICH_TEXT {
                    self.to_mend = true;
                    if rich_text(record).is_none() {
                        return Err(Refusal::damaged("a cell is cut off"));
                    }
                }
                if number == ROW
                    && u32::from_le_bytes([
                        record.content[0],
                        record.content[1],
                        record.content[2],
                        record.content[3],
                    ]) >= ROWS_PER_SHEET_MAX
                {
                    return Err(Refusal::limit("a cell lies outside of any worksheet"));
                }
                self.to_mend |= mended_error(record).is_some();
            }
            (Part::Texts, SHARED_ITEM) => {
                self.texts += 1;
                if self.texts > SHARED_STRINGS_MAX {
                    return Err(Refusal::limit(format!(
                        "the workbook has more than {SHARED_STRINGS_MAX} texts"
                    )));
                }
            }
            (Part::Kept, SHEET) => {
                // State, number, then the name of its part: a length and so many characters of two bytes.
                let length = record
                    .content
                    .get(8..12)
                    .and_then(|bytes| bytes.try_into().ok())
                    .map_or(0, u32::from_le_bytes);
                let name = record
                    .content
                    .get(12..)
                    .and_then(|rest| rest.get(..usize::try_from(length).ok()?.checked_mul(2)?));
                if name.is_some_and(|name| !self.sheets.insert(name.to_vec())) {
                    return Err(Refusal::damaged("two of its sheets stand in one place"));
                }
                if self.sheets.len() > SHEETS_PER_FILE_MAX {
                    return Err(Refusal::limit(format!(
                        "the workbook has more than {SHEETS_PER_FILE_MAX} sheets"
                    )));
                }
            }
            // The parser writes out the formula of every name, those of other names in it included.
            (Part::Kept, NAME) => self.to_mend = true,
            _ => {}
        }
        Ok(())
    }

    /// The last word, once the part's inflated size is known.
    pub fn end(&self, part_bytes: u64) -> Result<(), Refusal> {
        let limit = match self.part {
            Part::Sheet => return Ok(()),
            Part::Texts => SHARED_STRINGS_BYTES_MAX,
            Part::Kept => KEPT_BYTES_MAX,
        };
        if part_bytes > limit {
            return Err(Refusal::limit(format!(
                "the texts or formats of the workbook have more than {} MB",
                limit >> 20
            )));
        }
        Ok(())
    }
}

/// Bytes of the column with which a cell begins, and of its style after it.
const COLUMN_BYTES: usize = 4;
const STYLE_BYTES: usize = 4;

/// Column, style and text of a cell with formats inside its text, without these.
fn rich_text(record: Record<'_>) -> Option<Vec<u8>> {
    let (head, rest) = record
        .content
        .split_at_checked(COLUMN_BYTES + STYLE_BYTES)?;
    // Flags, then a length and so many characters of two bytes.
    let text = rest.get(1..)?;
    let length = u32::from_le_bytes(text.get(..4)?.try_into().ok()?);
    let bytes = usize::try_from(length)
        .ok()?
        .checked_mul(2)?
        .checked_add(4)?;
    Some([head, text.get(..bytes)?].concat())
}

/// Writes a record of this number.
fn write(number: u16, content: &[u8], out: &mut Vec<u8>) {
    let [low, high] = number.to_le_bytes();
    if number < 0x80 {
        out.push(low);
    } else {
        out.extend([low | 0x80, high << 1 | low >> 7]);
    }
    let mut length = content.len();
    while length >= 0x80 {
        out.push(u8::try_from(length & 0x7F).unwrap_or(0) | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap_or(0));
    out.extend_from_slice(content);
}

/// Writes the records of a part as the parser understands them.
pub struct Mender {
    part: Part,
    /// The column after the cell before.
    column: u32,
}

impl Mender {
    /// For a part that holds this.
    #[must_use]
    pub fn new(part: Part) -> Mender {
        Mender { part, column: 0 }
    }

    /// Writes one record.
    pub fn write(&mut self, record: Record<'_>, out: &mut Vec<u8>) {
        if self.part != Part::Sheet {
            if self.part != Part::Kept || record.number != NAME {
                out.extend_from_slice(record.whole);
            }
            return;
        }
        if record.number == ROW {
            self.column = 0;
        }
        if SHORT_CELLS.contains(&record.number) {
            let content = [&self.column.to_le_bytes(), record.content].concat();
            let number = record.number - SHORT_TO_WHOLE;
            self.column = self.column.saturating_add(1);
            let mut whole = Vec::new();
            write(number, &content, &mut whole);
            let whole = Record {
                number,
                content: &content,
                whole: &whole,
            };
            return write_known(whole, out);
        }
        if CELLS.contains(&record.number) || record.number == RICH_TEXT {
            let column = record.content.get(..COLUMN_BYTES);
            let column = column.and_then(|bytes| bytes.try_into().ok());
            self.column = column.map_or(0, u32::from_le_bytes).saturating_add(1);
        }
        match rich_text(record).filter(|_| record.number == RICH_TEXT) {
            Some(text) => write(TEXT, &text, out),
            None => write_known(record, out),
        }
    }
}

/// Writes the record of a sheet, with an error value that the parser knows.
fn write_known(record: Record<'_>, out: &mut Vec<u8>) {
    match mended_error(record) {
        Some(mended) => out.extend(mended),
        None => out.extend_from_slice(record.whole),
    }
}

/// The record that takes the place of an error value which the parser passes over (of a formula) or does not know.
fn mended_error(record: Record<'_>) -> Option<[u8; 2 + ERROR_BYTES]> {
    let error = *record.content.get(ERROR_BYTES - 1)?;
    let known = known_error_code(error);
    if record.number != FORMULA_ERROR && (record.number != ERROR || known == error) {
        return None;
    }
    let mut mended = [0; 2 + ERROR_BYTES];
    mended[0] = 3;
    mended[1] = 9;
    mended[2..].copy_from_slice(&record.content[..ERROR_BYTES]);
    mended[1 + ERROR_BYTES] = known;
    Some(mended)
}
