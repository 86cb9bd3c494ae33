//! Limits of what is read, each with its reason. A year's batch is some 13,000 rows in 70 files of at most a few megabytes; the
//! limits leave room for a national batch and stop what could only be an attack or an accident.

/// The largest file, compressed: the million-row workbook of our measurements has 73 MB.
pub const FILE_BYTES_MAX: u64 = 256 << 20;

/// The most that the parts of one workbook inflate to: the million-row workbook inflates to 480 MB.
pub const INFLATED_BYTES_MAX: u64 = 1 << 30;

/// The most that a part may inflate by. Spreadsheet XML inflates 5 to 50 times; a bomb a thousand times.
pub const INFLATION_RATIO_MAX: u64 = 250;

/// Below this size a part may inflate by any ratio: a few repeated kilobytes harm nobody.
pub const INFLATION_RATIO_FLOOR_BYTES: u64 = 8 << 20;

/// The most parts in a workbook: one sheet is about three parts, so this is a workbook of a thousand sheets.
pub const ZIP_ENTRIES_MAX: usize = 4_096;

/// The last row of a worksheet in Excel.
pub const ROWS_PER_SHEET_MAX: u32 = 1_048_576;

/// The last column of a worksheet in Excel (XFD).
pub const COLUMNS_PER_SHEET_MAX: u32 = 16_384;

/// The most cells read from one file: a million rows of fifty columns.
pub const CELLS_PER_FILE_MAX: u64 = 50_000_000;

/// The longest text in a cell: Excel's own limit, so nothing longer comes from a spreadsheet.
pub const CELL_CHARS_MAX: usize = 32_767;

/// The most files of one batch: 178 districts with fifty files each are fewer.
pub const FILES_PER_BATCH_MAX: usize = 10_000;

/// The deepest folder under `submissions/`: one for the entity and a few of its own.
pub const FOLDER_DEPTH_MAX: usize = 16;

/// The most rows of one batch: row ranks are 32 bits in the frame, and this is four hundred times a real year.
pub const ROWS_PER_BATCH_MAX: usize = 5_000_000;
