//! `cdip sample`: a synthetic batch like a real one.

mod decided;
mod year;

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use self::year::PAYMENTS_MADE;
use super::console::{self, counted, shell_word};
use super::output::refuse_inside_report;
use crate::receipt::RECEIPT;
use crate::sample::{SampleFile, SampleOptions, SampleYear, YEARS_MAX, YearBefore, files_of};
use crate::stop::{Status, Stop};

/// The folder of the reports, next to the batches of several years.
const REPORTS: &str = "reports";

const EXAMPLES: &str = "Examples:
  cdip sample --out my-batch
  cdip sample --out small --entities 5 --rows 200 --seed 7
  cdip sample --out my-batch --decided
  cdip sample --out office --years 3

In a decided batch every held row and question is decided, a late file came, and payments-made.csv is there for cdip settle. With several years there is a folder for each, and their final reports in reports; each year's ledger comes from the previous year's report.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct SampleArguments {
    /// The folder to make; it must not exist, or be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many entities report, 1 to 178.
    #[arg(long, default_value_t = 70)]
    entities: u32,
    /// How many completions they report, at most 10000000.
    #[arg(long, default_value_t = 13_000)]
    rows: u32,
    /// A different seed makes a different batch; the same seed makes the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Decide every held row and question, and add a list of payments and a late file; the run is FINAL.
    #[arg(long)]
    decided: bool,
    /// Make this many years, the last 2024-25, each decided and with its final report; at most 8.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=i64::from(YEARS_MAX)))]
    years: Option<u16>,
}

pub(super) fn run(arguments: &SampleArguments) -> Result<Status, Stop> {
    let shown = arguments.out.display().to_string();
    if fs::read_dir(&arguments.out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Stop::usage(
            "the folder is not empty",
            shown,
            "give a new folder, or delete this one first",
        ));
    }
    refuse_inside_report(&arguments.out)?;
    let options = SampleOptions {
        entities: arguments.entities,
        rows: arguments.rows,
        seed: arguments.seed,
    };
    let (made, next) = match arguments.years {
        Some(years) => several(&arguments.out, &options, years)?,
        None => one(&arguments.out, &options, arguments.decided)?,
    };
    console::data(&format!("{made} in {shown}\n{next}\n"));
    Ok(Status::Done)
}

/// One batch. Gives what was made, and what to do with it.
fn one(out: &Path, options: &SampleOptions, decided: bool) -> Result<(String, String), Stop> {
    let files = invented(options, &SampleYear::LAST)?;
    if decided {
        year::play(out, &files, &SampleYear::LAST)?;
    } else {
        year::write(out, &files)?;
    }
    Ok((
        counted(files.len() + usize::from(decided), "file", "files"),
        format!("cdip run {}", shell_word(out)),
    ))
}

fn invented(options: &SampleOptions, year: &SampleYear<'_>) -> Result<Vec<SampleFile>, Stop> {
    files_of(options, year).map_err(|error| match error.source() {
        None => Stop::usage(error.to_string(), "", "see cdip sample --help"),
        Some(source) => Stop::usage(
            format!("{error}: {source}"),
            "",
            "check the space of the disk and of the folder for temporary files, and try again",
        ),
    })
}

/// Years from the earliest on, each with its batch and its final report. Gives what was made, and what to do with it.
fn several(out: &Path, options: &SampleOptions, years: u16) -> Result<(String, String), Stop> {
    let reports = out.join(REPORTS);
    let mut left: Option<(Vec<u8>, String)> = None;
    for years_back in (0..years).rev() {
        let year = SampleYear {
            years_back,
            before: left
                .as_ref()
                .map(|(ledger, receipt)| YearBefore { ledger, receipt }),
        };
        let name = year.budget_year().to_string();
        let batch = out.join(&name);
        let calculation = year::play(&batch, &invented(options, &year)?, &year)?;
        let ledger = year::report(&calculation, &reports.join(&name))?;
        left = Some((ledger, format!("../{REPORTS}/{name}/{RECEIPT}")));
    }
    let last = SampleYear::LAST.budget_year().to_string();
    let paid = shell_word(&out.join(&last).join(PAYMENTS_MADE));
    let report = shell_word(&reports.join(&last));
    let reports = shell_word(&reports);
    Ok((
        format!(
            "{} with their final reports",
            counted(usize::from(years), "year", "years")
        ),
        format!("cdip settle {report} --paid {paid}\ncdip letters {report}\ncdip years {reports}"),
    ))
}
