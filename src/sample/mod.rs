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
mod options;
mod programs;
mod sheets;
mod statewide;
mod submissions;
#[cfg(test)]
mod tests;
mod workbook;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub use self::options::{
    BUDGET_YEAR, SampleError, SampleFile, SampleOptions, SampleYear, YEARS_MAX, YearBefore,
};
use self::options::{ENTITIES_MAX, ROWS_MAX};
use self::{completions::Completions, defects::Defects, statewide::Statewide};

/// Each earlier year has so many percent fewer rows, because the program grew.
const FEWER_A_YEAR_PERCENT: u32 = 9;

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
