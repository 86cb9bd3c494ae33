//! Limits of what is read, each with its reason. A year's batch is some 13,000 rows in 70 files of at most a few megabytes; the
//! limits leave room for a national batch and stop what could only be an attack or an accident.

/// The largest file, compressed: the million-row workbook of our measurements has 73 MB. A file is read into memory as a whole.
pub const FILE_BYTES_MAX: u64 = 128 << 20;

/// The most that the parts of one workbook inflate to: the million-row workbook inflates to 480 MB.
pub const INFLATED_BYTES_MAX: u64 = 1 << 30;

/// The most that a part may inflate by. Spreadsheet XML inflates 5 to 50 times; a bomb a thousand times.
pub const INFLATION_RATIO_MAX: u64 = 250;

/// Below this size a part may inflate by any ratio: a few repeated kilobytes harm nobody.
pub const INFLATION_RATIO_FLOOR_BYTES: u64 = 8 << 20;

/// The most parts in a workbook: one sheet is about three parts, so this is a workbook of a thousand sheets.
pub const ZIP_ENTRIES_MAX: usize = 4_096;

/// The most sheets of one file: one for every school of the largest district, and room.
pub const SHEETS_PER_FILE_MAX: usize = 512;

/// The longest piece of markup, or run of text between two of them, in a part of a workbook: a text of [`CELL_CHARS_MAX`] characters
/// written as references of ten bytes each has 320 kB. The parser holds one such piece in memory.
pub const MARKUP_BYTES_MAX: usize = 512 << 10;

/// The most elements of a workbook that the parser keeps next to its texts and cells (formats, fonts, names, sheets): Excel allows
/// 65,490 formats of cells, each with at most two elements.
pub const KEPT_ELEMENTS_MAX: usize = 200_000;

/// The most bytes of such elements: formats that Excel writes have a hundred bytes each.
pub const KEPT_BYTES_MAX: u64 = 32 << 20;

/// The most shared texts of a workbook: an id for each row of a full sheet, and as many other texts.
pub const SHARED_STRINGS_MAX: usize = 2_097_152;

/// The most bytes of the part with the shared texts: the million-row workbook has 26 MB of them.
pub const SHARED_STRINGS_BYTES_MAX: u64 = 96 << 20;

/// The last row of a worksheet in Excel.
pub const ROWS_PER_SHEET_MAX: u32 = 1_048_576;

/// The last column of a worksheet in Excel (XFD).
pub const COLUMNS_PER_SHEET_MAX: u32 = 16_384;

/// The most cells read from one file, empty ones that are written out included: a list of a million rows has ten columns.
pub const CELLS_PER_FILE_MAX: u64 = 10_000_000;

/// The most rows read from one submission: twice what all entities of the state together report in a year. Each of them may have a
/// finding in every column, and these take far more memory than the row: 50,000 rows of which none can be read were measured at 400 MB.
pub const ROWS_PER_FILE_MAX: u64 = 30_000;

/// The most rows of a list: those of a full sheet. A ledger of prior payments grows by some ten thousand every year.
pub const ROWS_PER_LIST_MAX: u64 = 1_048_576;

/// The bytes of text kept of a file, per row that it may have: five times what a completion takes. Otherwise one long text that
/// many cells of a small file share would fill the memory.
pub const TEXT_BYTES_PER_ROW: u64 = 300;

/// The most bytes of a text file, and of its text: a list of a million rows has some sixty in each.
pub const TEXT_BYTES_MAX: usize = 64 << 20;

/// The most bytes of text in one row of a document that is held as a whole: eighty cells full to the last character.
pub const ROW_TEXT_BYTES_MAX: usize = 8 << 20;

/// The longest text in a cell: Excel's own limit, so nothing longer comes from a spreadsheet.
pub const CELL_CHARS_MAX: usize = 32_767;

/// The longest text that is compared with headings, which are far shorter, the office's own included.
pub const HEADING_BYTES_MAX: usize = 1_024;

/// The largest workbook of the old format (xls): 65,536 rows of fifteen columns take some 15 MB. The parser holds several copies of it.
pub const OLD_FILE_BYTES_MAX: usize = 16 << 20;

/// The last column of a worksheet of the old format (IV).
pub const OLD_COLUMNS_MAX: u16 = 256;

/// The most places that the cells of an old workbook may be spread over, empty ones between them included: 65,536 rows of fifteen
/// columns. The parser of that format allocates every one of them: 1,500,000 cells were measured at 370 MB.
pub const OLD_GRID_MAX: u64 = 1_000_000;

/// The most bytes of text in the cells of an old workbook: 65,536 rows with some 500 bytes each.
pub const OLD_TEXT_BYTES_MAX: u64 = 32 << 20;

/// The most files of one batch: 178 districts with fifty files each are fewer.
pub const FILES_PER_BATCH_MAX: usize = 10_000;

/// The deepest folder under `submissions/`: one for the entity and a few of its own.
pub const FOLDER_DEPTH_MAX: usize = 16;

/// The most rows of one batch: a year of the whole nation has ten million, each of which takes a kilobyte of memory.
pub const ROWS_PER_BATCH_MAX: usize = 12_000_000;
