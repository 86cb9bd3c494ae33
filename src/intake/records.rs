//! What the parts of a binary workbook (xlsb) may hold: looked through record by record while they are inflated. The parser passes
//! over records that it does not know, cells among them, and believes every length; so both are judged here first.

use std::collections::HashSet;

use super::cells::{Refusal, extension, known_error_code};
use super::limits::{
    KEPT_BYTES_MAX, MARKUP_BYTES_MAX, ROWS_PER_SHEET_MAX, SHARED_STRINGS_BYTES_MAX,
    SHARED_STRINGS_MAX, SHEETS_PER_FILE_MAX,
};
use crate::catalogue::Code;

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
/// Cells in shorter records, which the parser passes over; Excel does not write them into sheets.
const SHORT_CELLS: std::ops::RangeInclusive<u16> = 0x000D..=0x0012;
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
                let least = match number {
                    ROW => 4,
                    ERROR | BOOLEAN | FORMULA_BOOLEAN | FORMULA_ERROR => ERROR_BYTES,
                    SHORT_NUMBER | TEXT | SHARED_TEXT | FORMULA_TEXT => 12,
                    NUMBER | FORMULA_NUMBER => 16,
                    _ => 0,
                };
                if record.content.len() < least {
                    return Err(Refusal::damaged("a cell is cut off"));
                }
                if SHORT_CELLS.contains(&number) || number == RICH_TEXT {
                    return Err(Refusal::new(
                        Code::F101,
                        "the workbook holds cells in a form that cannot be read",
                    ));
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

/// Writes a record as the parser understands it.
pub fn write_mended(part: Part, record: Record<'_>, out: &mut Vec<u8>) {
    match (part, mended_error(record)) {
        (Part::Sheet, Some(mended)) => out.extend(mended),
        (Part::Kept, _) if record.number == NAME => {}
        _ => out.extend_from_slice(record.whole),
    }
}
