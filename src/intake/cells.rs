//! What every format becomes: a stream of cells, each with its place and its exact text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::looks::Looks;
use crate::catalogue::Code;
use crate::words::counted;

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// .xlsx and .xlsm
    Xlsx,
    /// .xlsb
    Xlsb,
    /// .xls
    Xls,
    /// .ods
    Ods,
    /// .csv and .txt
    Text,
}

/// The ending of a file name in lower case, without the dot; empty without one.
#[must_use]
pub fn extension(name: &str) -> String {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.rsplit_once('.')
        .map(|(_, ending)| ending.to_lowercase())
        .unwrap_or_default()
}

/// The kind of a cell before it became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Text.
    Text,
    /// A number without a date format; its text is the shortest exact one.
    Number,
    /// A date; its text is `2024-05-17`, followed by the time of day if it has one.
    Date,
    /// A number with a date format that is not a day: a time of day, or a day before 1900 or after 9999. Its text is the number.
    Time,
    /// `TRUE` or `FALSE`.
    Boolean,
    /// An error value such as `#REF!`.
    Error,
    /// A formula that no program has calculated yet; its text is `#N/A`.
    Uncalculated,
}

/// The text of a value that is not known.
pub const UNKNOWN: &str = "#N/A";

/// A cell that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The row as a person counts it, from 1; in a text file the line.
    pub row: u32,
    /// The column, from 0.
    pub column: u32,
    /// The exact text, not trimmed.
    pub text: Cow<'a, str>,
    pub kind: CellKind,
}

/// Why a file is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// F1xx.
    pub code: Code,
    /// What is wrong: one sentence without a period.
    pub message: String,
    /// What to do, if that is more than the catalogue's fix.
    pub fix: Option<String>,
    /// The sheet where it was noticed.
    pub sheet: Option<String>,
    /// The physical row.
    pub row: Option<u32>,
}

impl Refusal {
    /// A refusal with the catalogue's fix.
    pub fn new(code: Code, message: impl Into<String>) -> Refusal {
        Refusal {
            code,
            message: message.into(),
            fix: None,
            sheet: None,
            row: None,
        }
    }

    /// The row where it was noticed.
    #[must_use]
    pub fn on_row(mut self, row: u32) -> Refusal {
        self.row = Some(row);
        self
    }

    /// The sheet where it was noticed.
    #[must_use]
    pub fn on_sheet(mut self, sheet: Option<&str>) -> Refusal {
        self.sheet = sheet.map(String::from);
        self
    }

    /// Adds a further thing to do.
    #[must_use]
    pub fn or_else_fix(mut self, further: &str) -> Refusal {
        self.fix = Some(
            self.fix
                .map_or_else(|| further.to_string(), |fix| format!("{fix}; or {further}")),
        );
        self
    }

    /// The refusal of a damaged workbook, in our own words: a parser's can quote a cell.
    #[must_use]
    pub fn damaged(why: &str) -> Refusal {
        Refusal::new(Code::F101, format!("the workbook is damaged: {why}"))
    }

    /// The refusal of an encrypted workbook.
    #[must_use]
    pub fn protected() -> Refusal {
        Refusal::new(Code::F102, "the workbook is protected by a password")
    }

    /// A refusal for passing a limit.
    pub fn limit(message: impl Into<String>) -> Refusal {
        Refusal::new(Code::F104, message)
    }
}

/// Error values that the parser knows: the code in a binary workbook and the text everywhere else.
const ERROR_VALUES: [(u8, &str); 7] = [
    (0x00, "#NULL!"),
    (0x07, "#DIV/0!"),
    (VALUE_ERROR, "#VALUE!"),
    (0x17, "#REF!"),
    (0x1D, "#NAME?"),
    (0x24, "#NUM!"),
    (0x2A, "#N/A"),
];
/// Replaces an error value that the parser does not know, such as `#SPILL!`, for which it would refuse the whole workbook.
const VALUE_ERROR: u8 = 0x0F;
/// `#GETTING_DATA`, known in binary workbooks only.
const GETTING_DATA: u8 = 0x2B;

/// Whether a text is an error value that the parser knows.
#[must_use]
pub fn is_error_value(text: &[u8]) -> bool {
    ERROR_VALUES
        .iter()
        .any(|(_, value)| value.as_bytes() == text)
}

/// The code of an error, or of its replacement if the parser does not know it.
#[must_use]
pub fn known_error_code(code: u8) -> u8 {
    let known = code == GETTING_DATA || ERROR_VALUES.iter().any(|(value, _)| *value == code);
    if known { code } else { VALUE_ERROR }
}

/// A stream of one sheet's cells, in ascending order of row.
pub trait CellSource {
    /// The next cell; `None` at the end of the sheet.
    fn next_cell(&mut self) -> Result<Option<Cell<'_>>, Refusal>;

    /// The sheet's formulas, once its cells were read.
    fn formulas(&self) -> Formulas {
        Formulas::default()
    }
}

/// Counts of a sheet's formulas, as far as its format tells them from values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formulas {
    by_column: BTreeMap<u32, Counts>,
    /// Whether the workbook asks programs to recalculate everything on opening.
    pub recalculates: bool,
}

/// Formulas of one column, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    all: u64,
    without_result: u64,
    /// With a result other than 0.
    with_content: u64,
}

impl Formulas {
    /// Counts a formula. `result`: whether its result is other than 0; none without a result.
    pub fn count(&mut self, column: u32, result: Option<bool>) {
        let counts = self.by_column.entry(column).or_default();
        counts.all += 1;
        counts.without_result += u64::from(result.is_none());
        counts.with_content += u64::from(result == Some(true));
    }

    /// Why stored results in the columns that are read cannot be trusted (W230); `None` if they can. Other columns, such as the
    /// template's own help, do not count.
    #[must_use]
    pub fn doubt(&self, columns: &[Option<u32>]) -> Option<String> {
        let mut sum = Counts::default();
        for counts in columns
            .iter()
            .flatten()
            .filter_map(|column| self.by_column.get(column))
        {
            sum.all += counts.all;
            sum.without_result += counts.without_result;
            sum.with_content += counts.with_content;
        }
        if sum.without_result > 0 {
            let formulas = counted(sum.without_result, "formula");
            let verb = if sum.without_result == 1 { "is" } else { "are" };
            Some(format!("{formulas} of the sheet {verb} not calculated yet"))
        } else if self.recalculates && sum.all > 0 && sum.with_content == 0 {
            Some("every formula of the sheet has the result 0, and the workbook asks to be calculated when it is opened: it was not calculated yet".to_string())
        } else {
            None
        }
    }
}

/// A sheet before its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetInfo {
    /// Its name; none in a text file.
    pub name: Option<String>,
    /// Whether it is hidden.
    pub hidden: bool,
    /// Whether its serial dates count from 1904, as on old Macs, and not from 1900.
    pub dates_1904: bool,
    /// How it looks, for a copy; only for xlsx and xlsm.
    pub shape: SheetShape,
}

/// Widths and titles kept of a sheet: nobody makes more by hand.
pub const SHAPE_PIECES_MAX: usize = 1_000;

/// What a copy keeps of a sheet's look beyond its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetShape {
    /// The first and the last column, from 0, and their width in hundredths of a character.
    pub widths: Vec<(u32, u32, u32)>,
    /// Texts over several columns of a row: the row from 1, the first and the last column from 0.
    pub titles: Vec<(u32, u32, u32)>,
    /// The looks of the cells, if they were asked for.
    pub looks: Looks,
}

impl SheetShape {
    /// The width of a column in hundredths of a character, if the sheet gives it.
    #[must_use]
    pub fn width(&self, column: u32) -> Option<u32> {
        let mut widths = self.widths.iter();
        let found = widths.find(|(first, last, _)| (*first..=*last).contains(&column));
        found.map(|(.., width)| *width)
    }

    /// The titles of a row, none over another: first and last column.
    pub fn titles_of(&self, row: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let mut free = 0;
        let of_row = self.titles.iter().filter(move |(of, ..)| *of == row);
        of_row.filter_map(move |(_, first, last)| {
            let is_free = *first >= free;
            free = free.max(last + 1);
            is_free.then_some((*first, *last))
        })
    }
}

/// Called for each sheet in order. Cells that it does not read are skipped.
pub type SheetVisitor<'v> = dyn FnMut(SheetInfo, &mut dyn CellSource) -> Result<(), Refusal> + 'v;

/// The exact text of a spreadsheet's number: the shortest decimal that is this number and no other.
#[must_use]
pub fn number_text(number: f64) -> Option<String> {
    /// Above this a whole number is no longer exact in a spreadsheet.
    const EXACT_WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    if !number.is_finite() {
        None
    } else if number.abs() < EXACT_WHOLE_MAX {
        Some(format!("{number}"))
    } else {
        Some(format!("{number:e}"))
    }
}
