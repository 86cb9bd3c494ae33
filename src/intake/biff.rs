//! The records of an old workbook (xls): rewrites those of cells, within limits, in a form that the parser understands.

use std::collections::HashSet;

use super::cells::{Refusal, known_error_code};
use super::limits::{
    OLD_COLUMNS_MAX, OLD_GRID_MAX, OLD_TEXT_BYTES_MAX, SHARED_STRINGS_MAX, SHEETS_PER_FILE_MAX,
};
use crate::catalogue::Code;
use crate::words::column_letters;

// Records of [MS-XLS] by their number.
const FORMULA: u16 = 0x0006;
/// Two older forms of it, which some programs still write. What is read is at the same place.
const FORMULA_OF_EXCEL_3: u16 = 0x0206;
const FORMULA_OF_EXCEL_4: u16 = 0x0406;
/// Cells of the oldest form. Workbooks in a container do not have them, and the parser would skip them.
const OLDEST_CELLS: std::ops::RangeInclusive<u16> = 0x0001..=0x0005;
const END: u16 = 0x000A;
const DATE_MODE: u16 = 0x0022;
const FILE_PASS: u16 = 0x002F;
const CONTINUE: u16 = 0x003C;
const CODE_PAGE: u16 = 0x0042;
const BOUND_SHEET: u16 = 0x0085;
const MULTIPLE_NUMBERS: u16 = 0x00BD;
const RICH_STRING: u16 = 0x00D6;
const EXTENDED_FORMAT: u16 = 0x00E0;
const MERGED_CELLS: u16 = 0x00E5;
const SHARED_STRINGS: u16 = 0x00FC;
const SHARED_STRING: u16 = 0x00FD;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOLEAN_OR_ERROR: u16 = 0x0205;
const FORMULA_TEXT: u16 = 0x0207;
const SHORT_NUMBER: u16 = 0x027E;
const FORMAT: u16 = 0x041E;
const BEGIN: u16 = 0x0809;

/// Version in the first record of a workbook of Excel 5 and 95; later ones have texts in UTF-16.
const EXCEL_5: u16 = 0x0500;
/// UTF-16. Some programs name another code page although their texts are UTF-16.
const UNICODE: u16 = 1200;
/// Numbers of number formats that the parser looks up; it takes any other for a built-in format, which can be a date.
const OWN_FORMATS: std::ops::RangeInclusive<u16> = 164..=382;
/// Numbers of built-in formats that Excel redefines in a workbook; the parser looks these up too.
const BUILT_IN_FORMATS: [std::ops::RangeInclusive<u16>; 4] = [5..=8, 23..=26, 41..=44, 63..=66];
/// The kind of a sheet in the list of sheets: one with cells.
const WORKSHEET: u8 = 0;

/// Bytes of row, column and format, with which every cell record begins.
const CELL_HEAD: usize = 6;
/// A formula whose result is of an unknown kind becomes an error of this code, which no program uses.
const UNKNOWN_ERROR: u8 = 0xFF;

/// A copy of the stream of a workbook that is safe to parse.
pub fn sound_stream(stream: &[u8]) -> Result<Vec<u8>, Refusal> {
    Copy::default().workbook(stream)
}

/// A record of the stream: its number and its content.
#[derive(Clone, Copy)]
struct XlsRecord<'s> {
    number: u16,
    content: &'s [u8],
}

impl XlsRecord<'_> {
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

/// The records of a stream, until it ends or a record is cut off.
fn records(mut stream: &[u8]) -> impl Iterator<Item = XlsRecord<'_>> {
    std::iter::from_fn(move || {
        let (head, rest) = stream.split_at_checked(4)?;
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (content, rest) = rest.split_at_checked(length)?;
        stream = rest;
        Some(XlsRecord {
            number: u16::from_le_bytes([head[0], head[1]]),
            content,
        })
    })
}

/// The shared strings: one record and its continuations, read only for the length of each text.
struct SharedStrings<'s> {
    parts: std::vec::IntoIter<&'s [u8]>,
    rest: &'s [u8],
}

impl<'s> SharedStrings<'s> {
    /// The most bytes that each text can take, in order; `None` if the record is cut off.
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

    /// The most bytes of the text that begins here; skips it.
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
                // Every continuation of a text begins with the width of its characters.
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

/// Bytes of number and length, with which every record begins.
const RECORD_HEAD: usize = 4;

/// A sheet in the list of sheets.
struct Note {
    /// Where it begins in the stream.
    begin: u32,
    /// Where the copy has to note its beginning.
    noted_at: usize,
    /// Whether it is a worksheet.
    has_cells: bool,
}

/// Everything before the sheets.
struct Globals<'s> {
    /// The content of the first record.
    begin: &'s [u8],
    is_excel_5: bool,
    /// The records that the parser may see.
    kept: Vec<XlsRecord<'s>>,
    /// The shared strings and their continuations.
    shared_strings: Vec<&'s [u8]>,
    sheets: usize,
    /// Number formats whose number the parser would ignore, each with its new number.
    renumbered: Vec<(u16, u16)>,
}

impl<'s> Globals<'s> {
    fn of(stream: &'s [u8]) -> Result<Globals<'s>, Refusal> {
        let mut globals = Globals {
            begin: &[],
            is_excel_5: false,
            kept: Vec::new(),
            shared_strings: Vec::new(),
            sheets: 0,
            renumbered: Vec::new(),
        };
        let mut continued = false;
        let mut ended = false;
        for record in records(stream) {
            if globals.kept.is_empty() {
                if record.number != BEGIN {
                    return Err(Refusal::damaged("it does not begin as a workbook does"));
                }
                globals.begin = record.content;
                globals.is_excel_5 = record.word(0) == Some(EXCEL_5);
            }
            match record.number {
                FILE_PASS => return Err(Refusal::protected()),
                BOUND_SHEET => globals.sheets += 1,
                SHARED_STRINGS => globals.shared_strings = vec![record.content],
                CONTINUE if continued => globals.shared_strings.push(record.content),
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
                globals.kept.push(record);
            }
            if record.number == END {
                ended = true;
                break;
            }
        }
        if !ended {
            return Err(cut_off());
        }
        globals.renumber();
        Ok(globals)
    }

    /// Finds a new number for every number format whose number the parser would ignore.
    fn renumber(&mut self) {
        let numbers: HashSet<u16> = self
            .kept
            .iter()
            .filter(|record| record.number == FORMAT)
            .filter_map(|record| record.word(0))
            .collect();
        let is_seen = |number: &u16| {
            OWN_FORMATS.contains(number)
                || BUILT_IN_FORMATS.iter().any(|range| range.contains(number))
        };
        let free = OWN_FORMATS.filter(|number| !numbers.contains(number));
        let mut passed_over: Vec<u16> = numbers
            .iter()
            .copied()
            .filter(|number| !is_seen(number))
            .collect();
        passed_over.sort_unstable();
        self.renumbered = passed_over.into_iter().zip(free).collect();
    }

    fn format_number(&self, number: u16) -> u16 {
        self.renumbered
            .iter()
            .find(|(from, _)| *from == number)
            .map_or(number, |(_, to)| *to)
    }
}

fn cut_off() -> Refusal {
    Refusal::damaged("it is cut off")
}

/// The copy while it is made.
#[derive(Default)]
struct Copy {
    stream: Vec<u8>,
    /// The most bytes of each shared string.
    shared_strings: Vec<u32>,
    /// Bytes of text in the cells, over all sheets: the parser gives every cell a copy of its own.
    text_bytes: u64,
    /// Cells of the grids that the parser allocates, over all sheets.
    positions: u64,
    /// Bytes that the copy has beyond the stream.
    added: usize,
}

/// The smallest rectangle around a sheet's cells, which the parser allocates.
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

    /// The refusal of a workbook whose cells are too far apart.
    fn too_wide(&self) -> Refusal {
        let last = |range: Option<(u16, u16)>| u32::from(range.map_or(0, |(_, last)| last));
        let (row, column) = (last(self.rows) + 1, column_letters(last(self.columns)));
        let mut refusal = Refusal::limit(format!(
            "the workbook spreads its cells over more than {OLD_GRID_MAX} places: a sheet reaches from its table to row {row} and column {column}"
        ));
        refusal.fix = Some(format!(
            "Delete the stray cells (Ctrl+End finds the last one, here near {column}{row}), or save the workbook as .xlsx."
        ));
        refusal
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
        // A record is never longer than its source, which has at most 65,535 bytes.
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        self.stream.extend(number.to_le_bytes());
        self.stream.extend(length.to_le_bytes());
        self.stream.extend(content.iter().copied().flatten());
    }

    fn workbook(mut self, stream: &[u8]) -> Result<Vec<u8>, Refusal> {
        let globals = Globals::of(stream)?;
        let notes = self.globals(&globals)?;
        if globals.sheets > SHEETS_PER_FILE_MAX {
            return Err(Refusal::limit(format!(
                "the workbook has more than {SHEETS_PER_FILE_MAX} sheets"
            )));
        }
        if !globals.shared_strings.is_empty() {
            self.shared_strings = SharedStrings::sizes(globals.shared_strings)
                .ok_or_else(|| Refusal::damaged("its texts are cut off"))?;
        }
        if self.shared_strings.len() > SHARED_STRINGS_MAX {
            return Err(Refusal::limit(format!(
                "the workbook has more than {SHARED_STRINGS_MAX} texts"
            )));
        }
        for note in notes {
            let here = u32::try_from(self.stream.len()).unwrap_or(u32::MAX);
            self.stream[note.noted_at..note.noted_at + 4].copy_from_slice(&here.to_le_bytes());
            if !note.has_cells {
                // A chart, a macro sheet or a module is not read.
                self.put(BEGIN, &[globals.begin]);
                self.put(END, &[]);
                self.added += 2 * RECORD_HEAD + globals.begin.len();
                continue;
            }
            let begin = usize::try_from(note.begin).unwrap_or(usize::MAX);
            let sheet = stream
                .get(begin..)
                .ok_or_else(|| Refusal::damaged("a sheet is missing"))?;
            self.sheet(sheet)?;
            if self.stream.len() > stream.len() + self.added {
                return Err(Refusal::damaged("two of its sheets are in one place"));
            }
        }
        Ok(self.stream)
    }

    /// Writes everything before the sheets; gives where each sheet begins.
    fn globals(&mut self, globals: &Globals<'_>) -> Result<Vec<Note>, Refusal> {
        let mut notes = Vec::new();
        for record in &globals.kept {
            match record.number {
                CODE_PAGE if !globals.is_excel_5 => {}
                BEGIN if !globals.is_excel_5 => {
                    self.put(BEGIN, &[record.content]);
                    self.put(CODE_PAGE, &[&UNICODE.to_le_bytes()]);
                    self.added += RECORD_HEAD + 2;
                }
                BOUND_SHEET => {
                    let begin = record
                        .long(0)
                        .ok_or_else(|| Refusal::damaged("its list of sheets is cut off"))?;
                    notes.push(Note {
                        begin,
                        noted_at: self.stream.len() + RECORD_HEAD,
                        has_cells: record.content.get(5) == Some(&WORKSHEET),
                    });
                    self.put(record.number, &[record.content]);
                }
                FORMAT => self.format(*record, globals),
                EXTENDED_FORMAT => {
                    let number = record.word(2).map(|number| globals.format_number(number));
                    match (number, record.content.split_at_checked(2)) {
                        (Some(number), Some((before, rest))) => {
                            self.put(record.number, &[before, &number.to_le_bytes(), &rest[2..]]);
                        }
                        _ => self.put(record.number, &[record.content]),
                    }
                }
                _ => self.put(record.number, &[record.content]),
            }
        }
        Ok(notes)
    }

    /// Writes a number format under a number that the parser looks up, with the long character count that it expects.
    fn format(&mut self, record: XlsRecord<'_>, globals: &Globals<'_>) {
        let number = record.word(0).map(|number| globals.format_number(number));
        let Some((number, text)) = number.zip(record.content.get(2..)) else {
            return;
        };
        let number = number.to_le_bytes();
        match text.split_first() {
            Some((count, characters)) if globals.is_excel_5 => {
                self.added += 1;
                self.put(FORMAT, &[&number, &[*count, 0], characters]);
            }
            _ => self.put(FORMAT, &[&number, text]),
        }
    }

    /// Writes the cell records of a sheet, without those of charts in it.
    fn sheet(&mut self, sheet: &[u8]) -> Result<(), Refusal> {
        let mut grid = Grid::default();
        let mut depth = 0_u32;
        // The formula whose text comes in the next record.
        let mut awaited: Option<[u8; CELL_HEAD]> = None;
        let mut ended = false;
        for (at, record) in records(sheet).enumerate() {
            if at == 0 && record.number != BEGIN {
                return Err(Refusal::damaged(
                    "a sheet is not where its list of sheets says",
                ));
            }
            match record.number {
                BEGIN => depth += 1,
                END => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                ended = true;
                break;
            }
            if depth > 1 || record.number == END {
                continue;
            }
            match record.number {
                BEGIN | MERGED_CELLS => self.put(record.number, &[record.content]),
                number if OLDEST_CELLS.contains(&number) => {
                    return Err(Refusal::new(
                        Code::F101,
                        "the workbook holds cells in a form that cannot be read",
                    ));
                }
                FORMULA_TEXT => {
                    if let Some(head) = awaited.take() {
                        self.put(LABEL, &[&head, record.content]);
                    }
                }
                NUMBER | LABEL | RICH_STRING | BOOLEAN_OR_ERROR | SHORT_NUMBER | SHARED_STRING
                | MULTIPLE_NUMBERS | FORMULA | FORMULA_OF_EXCEL_3 | FORMULA_OF_EXCEL_4 => {
                    if awaited.is_some() {
                        return Err(Refusal::damaged("the text of a formula is missing"));
                    }
                    awaited = self.cell(record, &mut grid)?;
                    if self.positions + grid.positions() > OLD_GRID_MAX {
                        return Err(grid.too_wide());
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
        if !ended {
            return Err(cut_off());
        }
        if awaited.is_some() {
            return Err(Refusal::damaged("the text of a formula is missing"));
        }
        self.positions += grid.positions();
        self.put(END, &[]);
        Ok(())
    }

    /// Writes a cell record; gives the head of a formula whose text is still to come.
    fn cell(
        &mut self,
        record: XlsRecord<'_>,
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
            FORMULA | FORMULA_OF_EXCEL_3 | FORMULA_OF_EXCEL_4 => match *record
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
