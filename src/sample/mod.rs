//! A synthetic batch that looks like a real one: what `cdip sample` writes.
//!
//! Entities, pupils and codes are invented, and everything is labeled SYNTHETIC, so the batch can be published. Sizes, file formats
//! and mistakes follow what entities really send. Data flows one way: `statewide` (who reports, how much) ->
//! `completions` (clean rows) -> `defects` (mistakes) -> `submissions` (files in each entity's own habits) -> `lists`
//! (everything next to the submissions).
//!
//! The same options give the same bytes on every machine: the seed is the only source of chance, no clock is read, and no floating
//! point arithmetic decides anything.

mod completion;
mod completions;
mod defects;
mod delimited;
mod habits;
mod lists;
mod names;
mod opendocument;
mod programs;
mod sheets;
mod statewide;
mod submissions;
#[cfg(test)]
mod tests;
mod workbook;

use chrono::{Days, NaiveDate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

use self::{completions::Completions, defects::Defects, statewide::Statewide};
use crate::year::Year;

/// The number of districts in the invented state.
const ENTITIES_MAX: u32 = statewide::DISTRICTS;
/// A year of the whole nation: the largest batch that was measured.
const ROWS_MAX: u32 = 10_000_000;
/// The budget year of a single batch, and the last of several.
pub const BUDGET_YEAR: Year = Year::beginning(2024).unwrap();
/// Days are counted from the first of the school year whose completions [`BUDGET_YEAR`] pays; an earlier year's are moved back at the end.
const SCHOOL_YEAR_FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2023, 7, 1).unwrap();
/// How the name of an entity's late file ends, before the extension.
const LATE: &str = " late";
/// Each earlier year has so many percent fewer rows, because the program grew.
const FEWER_A_YEAR_PERCENT: u32 = 9;
/// [`BUDGET_YEAR`] and all earlier years with rules.
pub const YEARS_MAX: u16 = 8;
/// The word that marks every file of the batch as invented.
const SYNTHETIC: &str = "SYNTHETIC";

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

/// The files of a synthetic batch, sorted by path. The same options give the same bytes.
pub fn files(options: &SampleOptions) -> Result<Vec<SampleFile>, SampleError> {
    files_of(options, &SampleYear::LAST)
}

/// The same for one year of several.
pub fn files_of(
    options: &SampleOptions,
    year: &SampleYear<'_>,
) -> Result<Vec<SampleFile>, SampleError> {
    let SampleOptions {
        entities,
        rows,
        seed,
    } = *options;
    if !(1..=ENTITIES_MAX).contains(&entities) {
        return Err(SampleError::Entities { entities });
    }
    if !(entities..=ROWS_MAX).contains(&rows) {
        return Err(SampleError::Rows { entities, rows });
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let statewide = Statewide::invent(
        entities,
        rows_in(rows, year.years_back).max(entities),
        year.budget_year().before(),
        &mut rng,
    );
    // Different pupils each year, at the same entities.
    rng.set_stream(year.years_back.into());
    let mut completions = Completions::invent(&statewide, &mut rng);
    let defects = Defects::strike(&mut completions, &statewide, &mut rng);
    if let Some(before) = year.before {
        defects.report_again(&mut completions, before.ledger)?;
    }
    completions.move_back(year.years_back);
    let submissions = submissions::lay_out(&statewide, &completions);

    let mut files = submissions::write(&submissions)?;
    files.extend(lists::write(
        options,
        year,
        &statewide,
        &completions,
        &defects,
        &submissions,
        &mut rng,
    )?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The rows of an earlier year; at most [`ROWS_MAX`], so that a percentage of them is a `u32`.
fn rows_in(rows: u32, years_back: u16) -> u32 {
    (0..years_back).fold(rows, |rows, _| rows - rows * FEWER_A_YEAR_PERCENT / 100)
}

/// A date in the reported school year, or shortly before or after it.
fn day(offset_from_first_day: i32) -> NaiveDate {
    let days = Days::new(u64::from(offset_from_first_day.unsigned_abs()));
    if offset_from_first_day < 0 {
        SCHOOL_YEAR_FIRST_DAY - days
    } else {
        SCHOOL_YEAR_FIRST_DAY + days
    }
}
