//! `cdip years`: what the reports of several years say together.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::console::{self, Tone, counted, headline, toned, where_it_is};
use super::given;
use super::output::{self, publish_at};
use crate::money::Money;
use crate::stop::{Status, Stop};
use crate::words::thousands;
use crate::year::Year;
use crate::years::deflator::{Index, read_index};
use crate::years::{Years, files, reports};

/// The folder's name, where no other is given.
const FOLDER: &str = "years";

const EXAMPLES: &str = "Examples:
  cdip years reports                               every report in the folder
  cdip years reports/2022-23 reports/2023-24 reports/2024-25
  cdip years reports --deflator prices.csv             real dollars too

The price index (--deflator) is a spreadsheet with the columns Budget Year and Index, a line a year. years.csv shows small groups of pupils: do not publish it. `cdip publish` makes versions of the reports that are safe to publish.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct YearsArguments {
    /// The report folders, one a year, or a folder that holds them.
    #[arg(required = true)]
    report: Vec<PathBuf>,
    /// A price index by budget year, as xlsx, ods or csv: amounts are shown in dollars of the last year too.
    #[arg(long, value_name = "FILE")]
    deflator: Option<PathBuf>,
    /// Include PRELIMINARY reports; every page and file name then says so.
    #[arg(long)]
    preliminary: bool,
    /// Where the files go [default: the folder years next to the first report].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &YearsArguments) -> Result<Status, Stop> {
    let reports = reports::open(&arguments.report, arguments.preliminary)?;
    let years: Vec<Year> = reports.iter().map(reports::Report::year).collect();
    let index = index(arguments.deflator.as_deref(), &years)?;
    let together = Years::of(&reports, index)?;
    // What remains is small; the rows are not needed any more.
    drop(reports);
    let target = arguments
        .out
        .clone()
        .unwrap_or_else(|| output::of_several(&arguments.report[0], FOLDER));
    let (count, receipt) = publish_at(
        &target,
        "the place of the years",
        "give another --out: the years never replace a report",
        |folder| files::write(&together, folder),
    )?;
    console::data(&summary(&together, &target, count, &receipt));
    Ok(Status::Done)
}

/// The price index, where one is given.
pub(super) fn index(path: Option<&Path>, years: &[Year]) -> Result<Option<Index>, Stop> {
    let Some(path) = path else { return Ok(None) };
    let given = given::list(path)?;
    let mut index = read_index(&given.name, &given.bytes, years)?;
    index.file = given::own_name(path);
    Ok(Some(index))
}

fn summary(years: &Years, target: &Path, count: usize, receipt: &str) -> String {
    let [_, page, book] = files::names(years);
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}",
        headline(
            &format!("Budget years {}", years.span_words()),
            years.standing(),
            years.is_final()
        )
    );
    let heading = format!(
        "{:<10}{:>13}{:>10}{:>10}{:>18}{:>18}",
        "Year", "Completions", "Units", "Pupils", "Paid", "Unpaid demand"
    );
    let _ = writeln!(text, "{}", toned(&heading, Tone::Strong));
    for facts in &years.years {
        let total = facts.total();
        let figures = total.figures;
        let _ = writeln!(
            text,
            "{:<10}{:>13}{:>10}{:>10}{:>18}{:>18}",
            facts.year.to_string(),
            thousands(figures.completions),
            thousands(figures.units),
            thousands(total.pupils),
            (figures.amount + facts.supplement()).grouped(),
            figures.unpaid().grouped()
        );
    }
    if years
        .years
        .iter()
        .any(|facts| facts.supplement() > Money::ZERO)
    {
        let _ = writeln!(text, "Paid includes the supplement.");
    }
    let changes = years.rule_changes().len();
    if changes > 0 {
        let _ = writeln!(
            text,
            "{} between these years: {page} says which figures cannot be compared",
            counted(changes, "change of the rules", "changes of the rules")
        );
    }
    if !years.paid_twice.is_empty() {
        let _ = writeln!(
            text,
            "{} paid in more than one year: {book} lists them",
            counted(years.paid_twice.len(), "completion was", "completions were")
        );
    }
    let begin = format!("begin with {page}");
    text + &where_it_is("Years", target, (count, &begin), receipt)
}
