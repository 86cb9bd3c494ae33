//! What a sample is asked for, what it gives, and what all of its files say: its years, its days, and that it is invented.

use chrono::{Days, NaiveDate};
use thiserror::Error;

use crate::year::Year;

/// The districts of the invented state: as many as Colorado has.
pub(super) const ENTITIES_MAX: u32 = 178;
/// A year of the whole nation: the largest batch that was measured.
pub(super) const ROWS_MAX: u32 = 10_000_000;
/// The budget year of a single batch, and the last of several.
pub const BUDGET_YEAR: Year = Year::beginning(2024).unwrap();
/// Days are counted from the first of the school year whose completions [`BUDGET_YEAR`] pays; an earlier year's are moved back at the end.
const SCHOOL_YEAR_FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2023, 7, 1).unwrap();
/// How the name of an entity's late file ends, before the extension.
pub(super) const LATE: &str = " late";
/// [`BUDGET_YEAR`] and all earlier years with rules.
pub const YEARS_MAX: u16 = 8;
/// The word that marks every file of the batch as invented.
pub(super) const SYNTHETIC: &str = "SYNTHETIC";

/// How large a batch to invent, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleOptions {
    /// Entities that send submissions, from 1 to 178: districts, the charter school institute, boards of cooperative services.
    pub entities: u32,
    /// Submitted rows in all, from one per entity to 10,000,000. Total rows count, titles and headings do not.
    pub rows: u32,
    /// A different seed gives different pupils, sizes and mistakes in the same files.
    pub seed: u64,
}

/// The budget year of the batch, in a series of years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleYear<'a> {
    /// How many years before [`BUDGET_YEAR`], less than [`YEARS_MAX`]. Entities are the same each year, pupils are not.
    pub years_back: u16,
    /// What the previous year leaves; without one, a ledger is invented.
    pub before: Option<YearBefore<'a>>,
}

/// What the report of one year leaves for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearBefore<'a> {
    /// Its `prior-payments-next.csv`: some of these completions are reported again.
    pub ledger: &'a [u8],
    /// The path of its receipt from the batch folder.
    pub receipt: &'a str,
}

impl SampleYear<'_> {
    /// [`BUDGET_YEAR`], with an invented ledger.
    pub const LAST: Self = SampleYear {
        years_back: 0,
        before: None,
    };

    /// The budget year.
    #[must_use]
    pub fn budget_year(&self) -> Year {
        (0..self.years_back).fold(BUDGET_YEAR, |year, _| year.before())
    }
}

/// One file of a synthetic batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFile {
    /// Path relative to the batch folder, with `/` on every system.
    pub path: String,
    /// The whole content.
    pub bytes: Vec<u8>,
}

impl SampleFile {
    /// Whether it is a late submission, sent after payments were made.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(stem, _)| stem.ends_with(LATE))
    }
}

/// Why no batch was made.
#[derive(Debug, Error)]
pub enum SampleError {
    /// The invented state does not have so many entities.
    #[error("a sample cannot have {entities} entities; choose from 1 to {ENTITIES_MAX}")]
    Entities {
        /// The requested number.
        entities: u32,
    },
    /// Too few rows for the entities, or more than a batch can hold.
    #[error(
        "a sample of {entities} entities cannot have {rows} rows; choose from {entities} (each entity reports at least one) to {ROWS_MAX}"
    )]
    Rows {
        /// The requested entities.
        entities: u32,
        /// The requested rows.
        rows: u32,
    },
    /// The workbook writer failed; long sheets go through a temporary file, so a full disk is the likely cause.
    #[error("a workbook of the sample could not be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The zip writer of an `OpenDocument` spreadsheet failed.
    #[error("an OpenDocument spreadsheet of the sample could not be written")]
    OpenDocument(#[from] zip::result::ZipError),
    /// The csv writer failed.
    #[error("a text file of the sample could not be written")]
    Text(#[from] csv::Error),
    /// Writing to memory failed.
    #[error("a file of the sample could not be written")]
    Io(#[from] std::io::Error),
}

/// A date in the reported school year, or shortly before or after it.
pub(super) fn day(offset_from_first_day: i32) -> NaiveDate {
    let days = Days::new(u64::from(offset_from_first_day.unsigned_abs()));
    if offset_from_first_day < 0 {
        SCHOOL_YEAR_FIRST_DAY - days
    } else {
        SCHOOL_YEAR_FIRST_DAY + days
    }
}
