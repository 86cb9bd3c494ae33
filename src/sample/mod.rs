//! A synthetic batch that looks like a real one: what `cdip sample` writes.
//!
//! Entities, pupils and codes are invented and everything is labeled SYNTHETIC, so the batch can be published, while sizes, file
//! formats and mistakes follow what entities really send. Data flows one way: `statewide` (who reports, how much) ->
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

/// As many reporting entities as the invented state has districts.
const ENTITIES_MAX: u32 = statewide::DISTRICTS;
/// Two sheets of the largest entity's workbook must hold them all (Excel ends a sheet at 1,048,576 rows).
const ROWS_MAX: u32 = 2_000_000;
/// First day of the school year whose completions are reported (2023-24).
const SCHOOL_YEAR_FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2023, 7, 1).unwrap();
/// The word that marks every file of the batch as invented.
const SYNTHETIC: &str = "SYNTHETIC";

/// How large a batch to invent, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleOptions {
    /// Entities that send submissions, from 1 to 178: districts, the charter school institute, boards of cooperative services.
    pub entities: u32,
    /// Submitted rows in all, from one per entity to 2,000,000. Total rows count, titles and headings do not.
    pub rows: u32,
    /// Other seeds give other pupils, sizes and mistakes in the same shapes.
    pub seed: u64,
}

/// One file of a synthetic batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFile {
    /// Path relative to the batch folder, with `/` on every system.
    pub path: String,
    /// The whole content.
    pub bytes: Vec<u8>,
}

/// Why no batch was made.
#[derive(Debug, Error)]
pub enum SampleError {
    /// The number of entities is outside what the invented state offers.
    #[error("a sample cannot have {entities} entities; choose from 1 to {ENTITIES_MAX}")]
    Entities {
        /// What was asked for.
        entities: u32,
    },
    /// Too few rows for the entities, or more than a batch can hold.
    #[error(
        "a sample of {entities} entities cannot have {rows} rows; choose from {entities} (each entity reports at least one) to {ROWS_MAX}"
    )]
    Rows {
        /// The entities asked for.
        entities: u32,
        /// The rows asked for.
        rows: u32,
    },
    /// The workbook writer failed; long sheets go through a temporary file, so a full disk is the likely cause.
    #[error("a workbook of the sample could not be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The zip writer failed under an `OpenDocument` spreadsheet.
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
    let statewide = Statewide::invent(entities, rows, &mut rng);
    let mut completions = Completions::invent(&statewide, &mut rng);
    let defects = Defects::strike(&mut completions, &statewide, &mut rng);
    let submissions = submissions::lay_out(&statewide, &completions);

    let mut files = submissions::write(&submissions)?;
    files.extend(lists::write(
        options,
        &statewide,
        &completions,
        &defects,
        &submissions,
        &mut rng,
    )?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// A date of the reported school year; also one just before or behind it.
fn day(offset_from_first_day: i32) -> NaiveDate {
    let days = Days::new(u64::from(offset_from_first_day.unsigned_abs()));
    if offset_from_first_day < 0 {
        SCHOOL_YEAR_FIRST_DAY - days
    } else {
        SCHOOL_YEAR_FIRST_DAY + days
    }
}
