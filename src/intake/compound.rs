//! Old workbooks (xls): what the parser may see of them. calamine reads the container and the records by what they claim, which a
//! hostile file can make an allocation without end of, and that ends the process: no guard catches it. So the records are looked
//! through here first, and the parser gets a copy that holds only records of cells, within limits, in a container made here
//! (docs/decisions/0008-old-workbooks.md).

use std::io::{Cursor, Read};

use super::cells::{Refusal, known_error_code};
use super::limits::{
    OLD_COLUMNS_MAX, OLD_FILE_BYTES_MAX, OLD_GRID_MAX, OLD_TEXT_BYTES_MAX, SHARED_STRINGS_MAX,
    SHEETS_PER_FILE_MAX,
};
use crate::catalogue::Code;

// Records of [MS-XLS] by their number.
const FORMULA: u16 = 0x0006;
const END: u16 = 0x000A;
const DATE_MODE: u16 = 0x0022;
const FILE_PASS: u16 = 0x002F;
const CONTINUE: u16 = 0x003C;
const CODE_PAGE: u16 = 0x0042;
const BOUND_SHEET: u16 = 0x0085;
const MULTIPLE_NUMBERS: u16 = 0x00BD;
const RICH_STRING: u16 = 0x00D6;
const EXTENDED_FORMAT: u16 = 0x00E0;
const SHARED_STRINGS: u16 = 0x00FC;
const SHARED_STRING: u16 = 0x00FD;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOLEAN_OR_ERROR: u16 = 0x0205;
const FORMULA_TEXT: u16 = 0x0207;
const SHORT_NUMBER: u16 = 0x027E;
const FORMAT: u16 = 0x041E;
const BEGIN: u16 = 0x0809;

/// Row, column and format, with which every record of a cell begins.
const CELL_HEAD: usize = 6;
/// A formula whose result is of an unknown kind ends in an error of this code, which no program knows.
const UNKNOWN_ERROR: u8 = 0xFF;

/// A copy of an old workbook that is safe to parse.
pub fn sound_copy(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    if bytes.len() > OLD_FILE_BYTES_MAX {
        let limit = OLD_FILE_BYTES_MAX >> 20;
        return Err(Refusal::limit(format!(
            "the file has more than {limit} MB, which no workbook of this old format needs"
        )));
    }
    let mut container = cfb::CompoundFile::open(Cursor::new(bytes))
        .map_err(|_| Refusal::damaged("its container contradicts itself"))?;
    let name = ["Workbook", "Book"]
        .into_iter()
        .find(|name| container.is_stream(name));
    let name = name.ok_or_else(|| {
        Refusal::new(
            Code::F101,
            "the file is a document of Office but no workbook",
        )
    })?;
    let mut stream = Vec::new();
    let content = container
        .open_stream(name)
        .map_err(|_| Refusal::damaged("its container contradicts itself"))?;
    // A stream cannot be longer than its file, whatever it claims.
    content
        .take(bytes.len() as u64)
        .read_to_end(&mut stream)
        .map_err(|_| Refusal::damaged("a part of it is missing"))?;
    drop(container);
    Ok(contained(&Copy::default().workbook(&stream)?))
}

/// A record of the stream: its number and its content.
#[derive(Clone, Copy)]
struct Record<'s> {
    number: u16,
    content: &'s [u8],
}

impl Record<'_> {
    fn word(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(
            self.content.get(at..at + 2)?.try_into().ok()?,
        ))
    }

    fn long(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(
            self.content.get(at..at + 4)?.try_into().ok()?,
        ))
    }
}

/// The records of a stream from some byte on, until it ends.
fn records(mut stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    std::iter::from_fn(move || {
        let (head, rest) = stream.split_at_checked(4)?;
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (content, rest) = rest.split_at_checked(length)?;
        stream = rest;
        Some(Record {
            number: u16::from_le_bytes([head[0], head[1]]),
            content,
        })
    })
}

/// The shared strings: one record and those that continue it, read only for how long each text is.
struct SharedStrings<'s> {
    parts: std::vec::IntoIter<&'s [u8]>,
    rest: &'s [u8],
}

impl<'s> SharedStrings<'s> {
    /// The most bytes that each text can take, in order; `None` where they are cut off.
    fn sizes(parts: Vec<&'s [u8]>) -> Option<Vec<u32>> {
        let mut parts = parts.into_iter();
        let rest = parts.next()?.get(8..)?;
        let mut strings = SharedStrings { parts, rest };
        let mut sizes = Vec::new();
        while !strings.rest.is_empty() || strings.next_part() {
            sizes.push(strings.size()?);
            if sizes.len() > SHARED_STRINGS_MAX {
                break;
            }
        }
        Some(sizes)
    }

    fn next_part(&mut self) -> bool {
        let next = self.parts.next();
        self.rest = next.unwrap_or_default();
        next.is_some()
    }

    fn take(&mut self, bytes: usize) -> Option<&'s [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    /// The most bytes of the text that begins here, which is passed over.
    fn size(&mut self) -> Option<u32> {
        let (mut characters, mut flags) = match *self.take(3)? {
            [low, high, flags] => (usize::from(u16::from_le_bytes([low, high])), flags),
            _ => return None,
        };
        // Two bytes of UTF-16 become at most three of UTF-8.
        let size = u32::try_from(3 * characters).ok()?;
        let runs = if flags & 8 == 0 {
            0
        } else {
            usize::from(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
        };
        let extension = if flags & 4 == 0 {
            0
        } else {
            usize::try_from(u32::from_le_bytes(self.take(4)?.try_into().ok()?)).ok()?
        };
        while characters > 0 {
            let width = 1 + usize::from(flags & 1);
            let here = characters.min(self.rest.len() / width);
            self.take(here * width)?;
            characters -= here;
            if characters > 0 {
                // In every record that continues a text stands anew how wide its characters are.
                flags = self.next_part().then(|| self.take(1)).flatten()?[0];
            }
        }
        let mut left = 4 * runs + extension;
        while left > 0 {
            if self.rest.is_empty() && !self.next_part() {
                return None;
            }
            let here = left.min(self.rest.len());
            self.take(here)?;
            left -= here;
        }
        Some(size)
    }
}

/// The copy, being made.
#[derive(Default)]
struct Copy {
    stream: Vec<u8>,
    /// By shared string: the most bytes that it takes.
    shared_strings: Vec<u32>,
    /// Bytes of text in the cells, over all sheets: the parser gives every cell a copy of its own.
    text_bytes: u64,
    /// Positions of the grids that the parser allocates, over all sheets.
    positions: u64,
}

/// The smallest rectangle around the cells of a sheet, in which the parser keeps them.
#[derive(Default)]
struct Grid {
    rows: Option<(u16, u16)>,
    columns: Option<(u16, u16)>,
    cells: u64,
}

impl Grid {
    fn add(&mut self, row: u16, columns: (u16, u16)) {
        let widen = |range: Option<(u16, u16)>, first: u16, last: u16| match range {
            None => Some((first, last)),
            Some((low, high)) => Some((low.min(first), high.max(last))),
        };
        self.rows = widen(self.rows, row, row);
        self.columns = widen(self.columns, columns.0, columns.1);
        self.cells += u64::from(columns.1 - columns.0) + 1;
    }

    fn positions(&self) -> u64 {
        let length = |range: Option<(u16, u16)>| {
            range.map_or(0, |(first, last)| u64::from(last - first) + 1)
        };
        (length(self.rows) * length(self.columns)).max(self.cells)
    }
}

impl Copy {
    fn put(&mut self, number: u16, content: &[&[u8]]) {
        let length: usize = content.iter().map(|part| part.len()).sum();
        // Every record comes from one of at most 65,535 bytes and is not longer.
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        self.stream.extend(number.to_le_bytes());
        self.stream.extend(length.to_le_bytes());
        self.stream.extend(content.iter().copied().flatten());
    }

    fn workbook(mut self, stream: &[u8]) -> Result<Vec<u8>, Refusal> {
        // Where a sheet begins in the stream, and where its beginning has to be noted in the copy.
        let mut sheets: Vec<(u32, usize)> = Vec::new();
        let mut shared_strings: Vec<&[u8]> = Vec::new();
        let mut continued = false;
        for record in records(stream) {
            match record.number {
                FILE_PASS => {
                    return Err(Refusal::new(
                        Code::F102,
                        "the workbook is protected by a password",
                    ));
                }
                BOUND_SHEET => {
                    let begin = record
                        .long(0)
                        .ok_or_else(|| Refusal::damaged("its list of sheets is cut off"))?;
                    sheets.push((begin, self.stream.len() + 4));
                }
                SHARED_STRINGS => shared_strings = vec![record.content],
                CONTINUE if continued => shared_strings.push(record.content),
                _ => {}
            }
            continued = record.number == SHARED_STRINGS || (continued && record.number == CONTINUE);
            let kept = matches!(
                record.number,
                BEGIN
                    | END
                    | CODE_PAGE
                    | DATE_MODE
                    | FORMAT
                    | EXTENDED_FORMAT
                    | BOUND_SHEET
                    | SHARED_STRINGS
            );
            if kept || continued {
                self.put(record.number, &[record.content]);
            }
            if record.number == END {
                break;
            }
        }
        if sheets.len() > SHEETS_PER_FILE_MAX {
            return Err(Refusal::limit(format!(
                "the workbook has more than {SHEETS_PER_FILE_MAX} sheets"
            )));
        }
        if !shared_strings.is_empty() {
            self.shared_strings = SharedStrings::sizes(shared_strings)
                .ok_or_else(|| Refusal::damaged("its texts are cut off"))?;
        }
        if self.shared_strings.len() > SHARED_STRINGS_MAX {
            return Err(Refusal::limit(format!(
                "the workbook has more than {SHARED_STRINGS_MAX} texts"
            )));
        }
        for (begin, noted_at) in sheets {
            let begin = usize::try_from(begin).unwrap_or(usize::MAX);
            let sheet = stream
                .get(begin..)
                .ok_or_else(|| Refusal::damaged("a sheet is missing"))?;
            let here = u32::try_from(self.stream.len()).unwrap_or(u32::MAX);
            self.stream[noted_at..noted_at + 4].copy_from_slice(&here.to_le_bytes());
            self.sheet(sheet)?;
            if self.stream.len() > stream.len() {
                return Err(Refusal::damaged("two of its sheets stand in one place"));
            }
        }
        Ok(self.stream)
    }

    /// The records of cells of a sheet; those of charts within it are left out.
    fn sheet(&mut self, sheet: &[u8]) -> Result<(), Refusal> {
        let mut grid = Grid::default();
        let mut depth = 0_u32;
        // The formula whose text comes in a record of its own.
        let mut awaited: Option<[u8; CELL_HEAD]> = None;
        for record in records(sheet) {
            match record.number {
                BEGIN => depth += 1,
                END => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth > 1 || record.number == END {
                continue;
            }
            match record.number {
                BEGIN => self.put(BEGIN, &[record.content]),
                FORMULA_TEXT => {
                    if let Some(head) = awaited.take() {
                        self.put(LABEL, &[&head, record.content]);
                    }
                }
                NUMBER | LABEL | RICH_STRING | BOOLEAN_OR_ERROR | SHORT_NUMBER | SHARED_STRING
                | MULTIPLE_NUMBERS | FORMULA => {
                    if awaited.is_some() {
                        return Err(Refusal::damaged("the text of a formula is missing"));
                    }
                    awaited = self.cell(record, &mut grid)?;
                    if self.positions + grid.positions() > OLD_GRID_MAX {
                        return Err(Refusal::limit(format!(
                            "the workbook spreads its cells over more than {OLD_GRID_MAX} places"
                        )));
                    }
                    if self.text_bytes > OLD_TEXT_BYTES_MAX {
                        let limit = OLD_TEXT_BYTES_MAX >> 20;
                        return Err(Refusal::limit(format!(
                            "the cells of the workbook hold more than {limit} MB of text"
                        )));
                    }
                }
                _ => {}
            }
        }
        if awaited.is_some() {
            return Err(Refusal::damaged("the text of a formula is missing"));
        }
        self.positions += grid.positions();
        self.put(END, &[]);
        Ok(())
    }

    /// Puts the record of a cell; gives the head of a formula whose text is still to come.
    fn cell(
        &mut self,
        record: Record<'_>,
        grid: &mut Grid,
    ) -> Result<Option<[u8; CELL_HEAD]>, Refusal> {
        let cut = || Refusal::damaged("a cell is cut off");
        let row = record.word(0).ok_or_else(cut)?;
        let column = record.word(2).ok_or_else(cut)?;
        let last = match record.number {
            MULTIPLE_NUMBERS => record
                .word(record.content.len().saturating_sub(2))
                .ok_or_else(cut)?,
            _ => column,
        };
        if last < column {
            return Err(cut());
        }
        if last >= OLD_COLUMNS_MAX {
            return Err(Refusal::limit("a cell lies outside of any worksheet"));
        }
        grid.add(row, (column, last));
        let head: [u8; CELL_HEAD] = record
            .content
            .get(..CELL_HEAD)
            .and_then(|head| head.try_into().ok())
            .ok_or_else(cut)?;
        match record.number {
            SHARED_STRING => {
                let text =
                    usize::try_from(record.long(CELL_HEAD).ok_or_else(cut)?).unwrap_or(usize::MAX);
                let size = self
                    .shared_strings
                    .get(text)
                    .ok_or_else(|| Refusal::damaged("a cell refers to a text that is not there"))?;
                self.text_bytes += u64::from(*size);
                self.put(record.number, &[record.content]);
            }
            BOOLEAN_OR_ERROR => {
                let [value, error] =
                    [CELL_HEAD, CELL_HEAD + 1].map(|at| record.content.get(at).copied());
                self.boolean_or_error(head, value.ok_or_else(cut)?, error.ok_or_else(cut)? != 0);
            }
            FORMULA => match *record
                .content
                .get(CELL_HEAD..CELL_HEAD + 8)
                .ok_or_else(cut)?
            {
                [0, .., 0xFF, 0xFF] => return Ok(Some(head)),
                [1, _, truth, .., 0xFF, 0xFF] => self.boolean_or_error(head, truth, false),
                [2, _, error, .., 0xFF, 0xFF] => self.boolean_or_error(head, error, true),
                // An empty text: an empty cell.
                [3, .., 0xFF, 0xFF] => {}
                [.., 0xFF, 0xFF] => self.boolean_or_error(head, UNKNOWN_ERROR, true),
                ref number => self.put(NUMBER, &[&head, number]),
            },
            _ => self.put(record.number, &[record.content]),
        }
        Ok(None)
    }

    fn boolean_or_error(&mut self, head: [u8; CELL_HEAD], value: u8, error: bool) {
        let value = if error {
            known_error_code(value)
        } else {
            value
        };
        self.put(BOOLEAN_OR_ERROR, &[&head, &[value, u8::from(error)]]);
    }
}

const SECTOR: usize = 4096;
const FREE: u32 = 0xFFFF_FFFF;
const CHAIN_END: u32 = 0xFFFF_FFFE;
const TABLE: u32 = 0xFFFF_FFFD;

/// A container of one stream, `Workbook` ([MS-CFB]): the header, the table of sectors, the directory, the stream.
fn contained(stream: &[u8]) -> Vec<u8> {
    // A stream shorter than a sector would belong elsewhere; what follows its last record is not read.
    let stream_sectors = stream.len().div_ceil(SECTOR).max(1);
    let per_sector = SECTOR / 4;
    // Each sector of the table has room for itself and all but one of its entries' sectors; one entry more is for the directory.
    let table_sectors = (stream_sectors + 1).div_ceil(per_sector - 1);
    // The limit of an old file keeps all of these small.
    let number = |value: usize| u32::try_from(value).unwrap_or(FREE);
    let directory = table_sectors;

    let mut header = vec![0; SECTOR];
    let mut set = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    set(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    // Minor and major version, byte order, sectors of 2^12 and small sectors of 2^6 bytes.
    set(24, &[0x3E, 0, 4, 0, 0xFE, 0xFF, 12, 0, 6, 0]);
    set(40, &1_u32.to_le_bytes());
    set(44, &number(table_sectors).to_le_bytes());
    set(48, &number(directory).to_le_bytes());
    set(56, &number(SECTOR).to_le_bytes());
    set(60, &CHAIN_END.to_le_bytes());
    set(68, &CHAIN_END.to_le_bytes());
    for entry in 0..109 {
        let sector = if entry < table_sectors {
            number(entry)
        } else {
            FREE
        };
        set(76 + 4 * entry, &sector.to_le_bytes());
    }

    let mut table = vec![TABLE; table_sectors];
    table.push(CHAIN_END);
    table.extend((directory + 2..directory + 1 + stream_sectors).map(number));
    table.push(CHAIN_END);
    table.resize(table_sectors * per_sector, FREE);

    let mut entries = vec![0; SECTOR];
    for (at, name, kind, start, length) in [
        (0, "Root Entry", 5, 0, 0),
        (
            128,
            "Workbook",
            2,
            number(directory + 1),
            stream_sectors * SECTOR,
        ),
    ] {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entries[at..at + name.len()].copy_from_slice(&name);
        entries[at + 64] = u8::try_from(name.len() + 2).unwrap_or(0);
        entries[at + 66] = kind;
        entries[at + 68..at + 80].fill(0xFF);
        entries[at + 116..at + 120].copy_from_slice(&start.to_le_bytes());
        entries[at + 120..at + 128].copy_from_slice(&(length as u64).to_le_bytes());
    }

    let mut file = header;
    file.extend(table.into_iter().flat_map(u32::to_le_bytes));
    file.extend(entries);
    file.extend_from_slice(stream);
    file.resize((1 + table_sectors + 1 + stream_sectors) * SECTOR, 0);
    file
}
