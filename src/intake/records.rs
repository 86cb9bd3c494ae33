//! Judges the parts of a binary workbook (xlsb) record by record while they are inflated. The parser skips unknown records, some of
//! them cells, and believes every length, so both are judged here first.

use std::collections::HashSet;

use super::cells::{Refusal, extension, known_error_code};
use super::limits::{
    COLUMNS_PER_SHEET_MAX, KEPT_BYTES_MAX, KEPT_ELEMENTS_MAX, MARKUP_BYTES_MAX, ROWS_PER_SHEET_MAX,
    SHARED_STRINGS_BYTES_MAX, SHARED_STRINGS_MAX, SHEETS_PER_FILE_MAX,
};
use super::merges::Merge;

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
/// Cells without a column number: it is one more than the last cell's. The parser skips them; programs other than Excel write them.
const SHORT_CELLS: std::ops::RangeInclusive<u16> = 0x000C..=0x0012;
/// The difference between the number of such a record and that of a cell with its column.
const SHORT_TO_WHOLE: u16 = 11;
/// Cells with their column; formulas come last.
const CELLS: std::ops::RangeInclusive<u16> = 0x0001..=0x000B;
const SHARED_ITEM: u16 = 0x0013;
const RICH_TEXT: u16 = 0x003E;
const WORKBOOK_PROPERTIES: u16 = 0x0099;
const SHEET: u16 = 0x009C;
const END_OF_SHEETS: u16 = 0x0090;
const CALCULATION: u16 = 0x009D;
const MERGED_CELLS: u16 = 0x00B0;

/// Column, style and error code.
const ERROR_BYTES: usize = 9;

/// A record: its number, its content, and all its bytes as in the part.
#[derive(Clone, Copy)]
pub struct XlsbRecord<'r> {
    number: u16,
    content: &'r [u8],
    whole: &'r [u8],
}

impl XlsbRecord<'_> {
    fn long(&self, at: usize) -> Option<u32> {
        let bytes = self.content.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    /// The text that begins here, and where it ends: a length, then that many characters of two bytes.
    fn text(&self, at: usize) -> Option<(String, usize)> {
        let length = usize::try_from(self.long(at)?).ok()?;
        let begin = at + 4;
        let end = begin.checked_add(length.checked_mul(2)?)?;
        let bytes = self.content.get(begin..end)?;
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        Some((String::from_utf16_lossy(&units), end))
    }
}

/// A sheet in the list of sheets.
pub struct ListedSheet {
    pub name: String,
    pub hidden: bool,
    /// The id of its relation; empty without one.
    pub id: String,
}

impl ListedSheet {
    /// State, number, id of the relation, name.
    fn of(record: XlsbRecord<'_>) -> Option<ListedSheet> {
        const NO_TEXT: u32 = u32::MAX;
        let (id, end) = match record.long(8)? {
            NO_TEXT => (String::new(), 12),
            _ => record.text(8)?,
        };
        Some(ListedSheet {
            name: record.text(end)?.0,
            hidden: record.long(0)? != 0,
            id,
        })
    }
}

/// The sheets of a binary workbook.
#[derive(Default)]
pub struct SheetList {
    pub sheets: Vec<ListedSheet>,
    pub dates_1904: bool,
    /// Whether the end of the list was seen.
    pub is_whole: bool,
}

impl SheetList {
    /// Takes one record of the workbook.
    pub fn take(&mut self, record: XlsbRecord<'_>) -> Result<(), Refusal> {
        match record.number {
            WORKBOOK_PROPERTIES => {
                self.dates_1904 = record.content.first().is_some_and(|flags| flags & 1 != 0);
            }
            SHEET => {
                let sheet = ListedSheet::of(record);
                self.sheets
                    .push(sheet.ok_or_else(|| Refusal::damaged("its list of sheets is cut off"))?);
            }
            END_OF_SHEETS => self.is_whole = true,
            _ => {}
        }
        Ok(())
    }

    /// The records of a workbook with only these sheets.
    #[must_use]
    pub fn as_workbook(&self) -> Vec<u8> {
        let wide = |text: &str| -> Vec<u8> {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = u32::try_from(units.len() / 2).unwrap_or(u32::MAX);
            [&length.to_le_bytes()[..], &units].concat()
        };
        let mut out = Vec::new();
        let properties = u32::from(self.dates_1904).to_le_bytes();
        write(WORKBOOK_PROPERTIES, &properties, &mut out);
        for (sheet, number) in self.sheets.iter().zip(1_u32..) {
            let state = u32::from(sheet.hidden).to_le_bytes();
            let texts = [wide(&sheet.id), wide(&sheet.name)].concat();
            let content = [&state[..], &number.to_le_bytes(), &texts].concat();
            write(SHEET, &content, &mut out);
        }
        write(END_OF_SHEETS, &[], &mut out);
        // The parser reads names up to here.
        write(CALCULATION, &[], &mut out);
        out
    }
}

/// Cuts a part into records as it comes, and holds only one of them.
#[derive(Default)]
pub struct Records {
    held: Vec<u8>,
}

impl Records {
    /// Takes more bytes and passes on every record that they complete.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        visit: &mut dyn FnMut(XlsbRecord<'_>) -> Result<(), Refusal>,
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
            visit(XlsbRecord {
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

/// Number, length of the head and length of the record that begins here; `None` if its head is not complete.
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
    /// The list of sheets, or the styles.
    Kept,
}

/// How the parser reads a part; `None` if it does not read it. `name` is in lower case.
#[must_use]
pub fn part_of(name: &str) -> Option<Part> {
    match name {
        "xl/sharedstrings.bin" => Some(Part::Texts),
        "xl/workbook.bin" | "xl/styles.bin" => Some(Part::Kept),
        // For the parser, every part in this folder is a sheet.
        _ if name.starts_with("xl/worksheets/")
            && !matches!(extension(name).as_str(), "rels" | "xml") =>
        {
            Some(Part::Sheet)
        }
        _ => None,
    }
}

/// What was found in a part so far.
pub struct Judgement {
    part: Part,
    texts: usize,
    sheets: HashSet<String>,
    /// Whether it has records that the parser would skip or refuse.
    pub to_mend: bool,
    /// Merged cells that span several rows.
    pub merges: Vec<Merge>,
}

impl Judgement {
    /// Before the first record of a part.
    #[must_use]
    pub fn new(part: Part) -> Judgement {
        Judgement {
            part,
            texts: 0,
            sheets: HashSet::new(),
            to_mend: false,
            merges: Vec::new(),
        }
    }

    /// Judges one record.
    pub fn record(&mut self, record: XlsbRecord<'_>) -> Result<(), Refusal> {
        match (self.part, record.number) {
            (Part::Sheet, MERGED_CELLS) => self.merge(record),
            (Part::Sheet, _) => self.cell(record),
            (Part::Texts, SHARED_ITEM) => {
                self.texts += 1;
                if self.texts > SHARED_STRINGS_MAX {
                    return Err(Refusal::limit(format!(
                        "the workbook has more than {SHARED_STRINGS_MAX} texts"
                    )));
                }
                Ok(())
            }
            (Part::Kept, SHEET) => self.sheet(record),
            _ => Ok(()),
        }
    }

    /// A row or cell. The parser keeps the bytes of the last record, so a record that is too short would be read with those.
    fn cell(&mut self, record: XlsbRecord<'_>) -> Result<(), Refusal> {
        let number = record.number;
        let is_short = SHORT_CELLS.contains(&number);
        let whole = if is_short {
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
        let present = record.content.len() + if is_short { COLUMN_BYTES } else { 0 };
        let is_cut = present < least || (number == RICH_TEXT && rich_text(record).is_none());
        if is_cut {
            return Err(Refusal::damaged("a cell is cut off"));
        }
        if number == ROW && record.long(0).is_none_or(|row| row >= ROWS_PER_SHEET_MAX) {
            return Err(Refusal::limit("a cell lies outside of any worksheet"));
        }
        self.to_mend |= is_short || number == RICH_TEXT || mended_error(record).is_some();
        Ok(())
    }

    /// An area of merged cells: first and last row, first and last column.
    fn merge(&mut self, record: XlsbRecord<'_>) -> Result<(), Refusal> {
        let area = [0, 4, 8, 12].map(|at| record.long(at));
        let [Some(top), Some(bottom), Some(left), Some(right)] = area else {
            return Err(Refusal::damaged("an area of merged cells is cut off"));
        };
        let is_area = top <= bottom && bottom < ROWS_PER_SHEET_MAX && right < COLUMNS_PER_SHEET_MAX;
        let merge = Merge::new((top, left), (bottom, right));
        if is_area && merge.spans_rows() {
            self.merges.push(merge);
        }
        if self.merges.len() > KEPT_ELEMENTS_MAX {
            return Err(Refusal::limit(format!(
                "a sheet has more than {KEPT_ELEMENTS_MAX} merged cells"
            )));
        }
        Ok(())
    }

    /// A sheet in the list of sheets: each has a part of its own.
    fn sheet(&mut self, record: XlsbRecord<'_>) -> Result<(), Refusal> {
        let id = ListedSheet::of(record).map(|sheet| sheet.id);
        if id.is_some_and(|id| !id.is_empty() && !self.sheets.insert(id)) {
            return Err(Refusal::damaged("two of its sheets are in one place"));
        }
        if self.sheets.len() > SHEETS_PER_FILE_MAX {
            return Err(Refusal::limit(format!(
                "the workbook has more than {SHEETS_PER_FILE_MAX} sheets"
            )));
        }
        Ok(())
    }

    /// The verdict on the whole part, once its inflated size is known.
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

/// Bytes of a cell's column, and of the style that follows it.
const COLUMN_BYTES: usize = 4;
const STYLE_BYTES: usize = 4;

/// Column, style and plain text of a cell with rich text.
fn rich_text(record: XlsbRecord<'_>) -> Option<Vec<u8>> {
    let (head, rest) = record
        .content
        .split_at_checked(COLUMN_BYTES + STYLE_BYTES)?;
    // Flags, then a length and that many characters of two bytes.
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

/// Writes the records of a sheet in a form that the parser understands.
#[derive(Default)]
pub struct Mender {
    /// The column after the last cell.
    column: u32,
}

impl Mender {
    /// Writes one record.
    pub fn write(&mut self, record: XlsbRecord<'_>, out: &mut Vec<u8>) {
        if record.number == ROW {
            self.column = 0;
        }
        if SHORT_CELLS.contains(&record.number) {
            let content = [&self.column.to_le_bytes(), record.content].concat();
            let number = record.number - SHORT_TO_WHOLE;
            self.column = self.column.saturating_add(1);
            let mut whole = Vec::new();
            write(number, &content, &mut whole);
            let whole = XlsbRecord {
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
fn write_known(record: XlsbRecord<'_>, out: &mut Vec<u8>) {
    match mended_error(record) {
        Some(mended) => out.extend(mended),
        None => out.extend_from_slice(record.whole),
    }
}

/// The record that replaces an error value which the parser skips (in a formula) or does not know.
fn mended_error(record: XlsbRecord<'_>) -> Option<[u8; 2 + ERROR_BYTES]> {
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
