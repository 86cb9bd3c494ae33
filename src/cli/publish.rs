//! `cdip publish`: the public twin of a report.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;
use serde_json::Value;

use super::console::{self, Tone, counted, grouped, headline, toned, where_it_is};
use super::output::publish_at;
use crate::audit::evidence::Evidence;
use crate::money::Money;
use crate::publication::years::PublishedYears;
use crate::publication::{
    PUPILS_MIN_DEFAULT, PUPILS_MIN_LEAST, PUPILS_MIN_MOST, Payees, Publication, Table, files,
    protected,
};
use crate::receipt::holds_report;
use crate::report::publish::cannot_write;
use crate::stop::{Status, Stop};
use crate::year::Year;
use crate::years::reports;

/// The end of the folder's name, where no other is given.
const SUFFIX: &str = "-public";
/// The name of the folder of several years, where no other is given.
const FOLDER: &str = "public";

const EXAMPLES: &str = "Examples:
  cdip publish reports/june
  cdip publish reports/june --min-cell 20 --out website/cdip-2024-25
  cdip publish reports/may --preliminary  while rows are held
  cdip publish reports/2022-23 reports/2023-24 --out website  several years
  cdip publish reports --deflator prices.csv    several years, real dollars too
  cdip publish reports/june --payees                   what each payee gets too

cdip withholds counts of fewer pupils than --min-cell, and every number from which anyone could calculate them. It shows an amount only if the amount gives away nothing beyond the counts shown. Publish a report once: comparing two versions of one year can show what each withholds. See docs/publication.md.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct PublishArguments {
    /// The report folder: what cdip run wrote. Several of them, one a year, or a folder that holds them, are published together.
    #[arg(required = true)]
    report: Vec<PathBuf>,
    /// Where the publication goes [default: the report folder's name with -public; of several, the folder public next to the first].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The fewest pupils that a published number may be about.
    #[arg(
        long,
        value_name = "PUPILS",
        default_value_t = PUPILS_MIN_DEFAULT,
        value_parser = clap::value_parser!(u32).range(i64::from(PUPILS_MIN_LEAST)..=i64::from(PUPILS_MIN_MOST))
    )]
    min_cell: u32,
    /// A price index by budget year, as xlsx, ods or csv: several years show unpaid demand and full funding in dollars of the last year too.
    #[arg(long, value_name = "FILE")]
    deflator: Option<PathBuf>,
    /// Publish what each payee gets, too. Payments give away the counts behind them; cdip protects every other number from anyone who knows those.
    #[arg(long)]
    payees: bool,
    /// Publish a PRELIMINARY report. Only if you never publish the final one: comparing them can show what each withholds.
    #[arg(long)]
    preliminary: bool,
}

pub(super) fn run(arguments: &PublishArguments) -> Result<Status, Stop> {
    match arguments.report.as_slice() {
        [only] if holds_report(only) || !only.is_dir() => {
            if let Some(index) = &arguments.deflator {
                return Err(Stop::usage(
                    "one report alone has no real dollars: a price index compares years",
                    index.display().to_string(),
                    "give the reports of several years, or leave --deflator out",
                ));
            }
            publish_one(arguments, only)
        }
        _ => publish_years(arguments),
    }
}

fn publish(
    target: &Path,
    write: impl FnOnce(&Path) -> io::Result<(usize, String)>,
) -> Result<(usize, String), Stop> {
    let fix = "give another --out: the publication never replaces a report";
    publish_at(target, "the publication's place", fix, write)
}

fn publish_one(arguments: &PublishArguments, report: &Path) -> Result<Status, Stop> {
    let shown = report.display().to_string();
    let evidence = Evidence::open(report)?;
    if !evidence.is_final() && !arguments.preliminary {
        return Err(Stop::usage(
            "the report is PRELIMINARY: published now and again when it is final, the difference can show what each withholds",
            shown,
            "publish the final report; or add --preliminary if this one alone is published",
        ));
    }
    let target = arguments
        .out
        .clone()
        .unwrap_or_else(|| super::output::next_to(report, SUFFIX));
    let published = decided(&evidence, arguments.min_cell, arguments.payees)?;
    let (files, receipt) = publish(&target, |folder| files::write(&published, folder))?;
    let mut text = summary(&published);
    if let Some(payees) = &published.payees {
        what_payees_cost(&published, payees, &mut text)?;
    }
    text.push_str(&where_it_is(
        "Publication",
        &target,
        (files, "begin with public.xlsx"),
        &receipt,
    ));
    console::data(&text);
    Ok(Status::Done)
}

/// What is published, with or without what each payee gets.
fn decided(evidence: &Evidence, pupils_min: u32, payees: bool) -> Result<Publication<'_>, Stop> {
    if payees {
        Publication::with_payees(evidence, pupils_min)
    } else {
        Publication::of(evidence, pupils_min)
    }
}

/// Writes a publication again as its receipt says, into an empty folder.
pub(super) fn again(report: &Path, said: &Value, folder: &Path) -> Result<(), Stop> {
    let evidence = Evidence::open(report)?;
    let pupils_min = said["pupils_min"].as_u64();
    let pupils_min = pupils_min.and_then(|least| u32::try_from(least).ok());
    let published = decided(
        &evidence,
        pupils_min.unwrap_or(PUPILS_MIN_DEFAULT),
        said["payees"].is_object(),
    )?;
    files::write(&published, folder).map_err(|error| cannot_write(folder, &error))?;
    Ok(())
}

fn publish_years(arguments: &PublishArguments) -> Result<Status, Stop> {
    let reports = reports::open(&arguments.report, arguments.preliminary)?;
    let years: Vec<Year> = reports.iter().map(reports::Report::year).collect();
    let index = super::years::index(arguments.deflator.as_deref(), &years)?;
    let publications: Vec<Result<Publication<'_>, Stop>> = reports
        .par_iter()
        .map(|report| decided(&report.evidence, arguments.min_cell, arguments.payees))
        .collect();
    let (mut published, mut stops) = (Vec::new(), Vec::new());
    for publication in publications {
        match publication {
            Ok(publication) => published.push(publication),
            Err(stop) => stops.push(stop),
        }
    }
    if let Some(stop) = Stop::of_all(stops) {
        return Err(stop);
    }
    let together = PublishedYears::of(&published, index)?;
    let target = arguments
        .out
        .clone()
        .unwrap_or_else(|| super::output::of_several(&arguments.report[0], FOLDER));
    let (files, receipt) = publish(&target, |folder| together.write(folder))?;
    console::data(&summary_of_years(&published, &target, files, &receipt));
    Ok(Status::Done)
}

fn summary_of_years(
    published: &[Publication<'_>],
    target: &Path,
    files: usize,
    receipt: &str,
) -> String {
    let mut text = String::new();
    let heading = format!(
        "{:<14}{:>8}{:>16}{:>16}{:>18}",
        "Budget year", "Lines", "Units withheld", "FRL withheld", "Amounts withheld"
    );
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "{}", toned(&heading, Tone::Strong));
    for one in published {
        let sum = Table::ALL.map(|table| withheld(one, table));
        let [lines, units, split, amounts] =
            [0, 1, 2, 3].map(|at| grouped(sum.iter().map(|table| table[at]).sum()));
        let _ = writeln!(
            text,
            "{:<14}{lines:>8}{units:>16}{split:>16}{amounts:>18}",
            one.evidence.rules.budget_year.to_string()
        );
    }
    for (one, payees) in published
        .iter()
        .filter_map(|one| Some((one, one.payees.as_ref()?)))
    {
        let year = one.evidence.rules.budget_year;
        let _ = writeln!(text, "{year}: {}", what_payees_tell(one, payees));
    }
    let _ = writeln!(
        text,
        "Each year is protected by itself and no number runs over years, so that none follows from another year"
    );
    text + &where_it_is(
        "Publication",
        target,
        (files, "begin with years.html"),
        receipt,
    )
}

/// Of a table: lines, and how many units, splits and amounts are withheld.
fn withheld(published: &Publication<'_>, table: Table) -> [usize; 4] {
    let tally = published.tally(table);
    let units = tally.units_small + tally.units_protect;
    let split = units + tally.split_small + tally.split_protect;
    [tally.lines, units, split, tally.amounts]
}

/// What is published of payments, and what they tell.
fn what_payees_tell(published: &Publication<'_>, payees: &Payees) -> String {
    let total: Money = payees.payments.iter().map(|payment| payment.2).sum();
    format!(
        "{} of payments to {} are published. {}",
        total.grouped(),
        counted(payees.payments.len(), "payee", "payees"),
        payees.in_words(published.pupils_min)
    )
}

/// What the payments of payees tell, and how many numbers more are withheld for them.
fn what_payees_cost(
    published: &Publication<'_>,
    payees: &Payees,
    text: &mut String,
) -> Result<(), Stop> {
    let plain = Publication::of(published.evidence, published.pupils_min)?;
    let sum = |of: &Publication<'_>, column: usize| -> usize {
        Table::ALL
            .map(|table| withheld(of, table)[column])
            .iter()
            .sum()
    };
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "{}", what_payees_tell(published, payees));
    let costs = [(1, "units"), (2, "FRL"), (3, "amounts")].map(|(column, what)| {
        format!(
            "{what} withheld {} (without payments {})",
            grouped(sum(published, column)),
            grouped(sum(&plain, column))
        )
    });
    let _ = writeln!(text, "What that costs: {}", costs.join(", "));
    Ok(())
}

fn summary(published: &Publication<'_>) -> String {
    let mut text = String::new();
    let evidence = published.evidence;
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}, made public",
        headline(&evidence.label, &evidence.standing, evidence.is_final())
    );
    let _ = writeln!(
        text,
        "No {} is about fewer than {} pupils.\n",
        protected(published.payees.is_some()),
        published.pupils_min
    );
    let heading = format!(
        "{:<14}{:>8}{:>16}{:>16}{:>18}",
        "Table", "Lines", "Units withheld", "FRL withheld", "Amounts withheld"
    );
    let _ = writeln!(text, "{}", toned(&heading, Tone::Strong));
    for table in Table::ALL {
        let [lines, units, split, amounts] = withheld(published, table).map(grouped);
        let _ = writeln!(
            text,
            "{:<14}{lines:>8}{units:>16}{split:>16}{amounts:>18}",
            table.name()
        );
    }
    if published.money {
        let (shown, paid) = (published.amount_published(), evidence.allocation.paid());
        let _ = writeln!(
            text,
            "\n{} of {} is published by participant",
            shown.grouped(),
            paid.grouped()
        );
    } else {
        let _ = writeln!(
            text,
            "\nNo amount is published: with a count of the whole state withheld, every amount could reveal it"
        );
    }
    let _ = writeln!(
        text,
        "{} was shown to be one of several that publish the same",
        if published.payees.is_some() {
            "Every withheld number that payments do not tell"
        } else {
            "Every withheld number"
        }
    );
    let _ = writeln!(
        text,
        "Publish a report once: two versions together can show what each withholds"
    );
    text
}
