//! `cdip publish`: the public twin of a report.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::console::{self, Tone, counted, grouped, toned};
use crate::audit::evidence::Evidence;
use crate::publication::{
    PUPILS_MIN_DEFAULT, PUPILS_MIN_LEAST, PUPILS_MIN_MOST, Publication, Table, files,
};
use crate::receipt::{RECEIPT, holds_report};
use crate::report::publish::{Place, cannot_write};
use crate::stop::{Status, Stop};

/// The end of the folder's name, where no other is given.
const SUFFIX: &str = "-public";

const EXAMPLES: &str = "Examples:
  cdip publish reports/june
  cdip publish reports/june --min-cell 20 --out website/cdip-2024-25
  cdip publish reports/statewide-2024-25 --preliminary   the sample has held rows

Counts of fewer pupils than --min-cell are withheld, and others so that those cannot be calculated. Amounts are published only where they say nothing that the counts do not. Publish a report once: the difference of two publications of the same year can show what each withholds. See docs/publication.md.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct PublishArguments {
    /// The report folder: what cdip run wrote.
    report: PathBuf,
    /// Where the publication goes [default: the report folder's name with -public].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The least pupils that a published number stands for.
    #[arg(
        long,
        value_name = "PUPILS",
        default_value_t = PUPILS_MIN_DEFAULT,
        value_parser = clap::value_parser!(u32).range(i64::from(PUPILS_MIN_LEAST)..=i64::from(PUPILS_MIN_MOST))
    )]
    min_cell: u32,
    /// Publish a PRELIMINARY report; a later FINAL one beside it can show what each withholds.
    #[arg(long)]
    preliminary: bool,
}

pub(super) fn run(arguments: &PublishArguments) -> Result<Status, Stop> {
    let shown = arguments.report.display().to_string();
    let evidence = Evidence::open(&arguments.report)?;
    if evidence.standing != "FINAL" && !arguments.preliminary {
        return Err(Stop::usage(
            "the report is PRELIMINARY: published now and again when it is final, the difference can show what each withholds",
            shown,
            "publish the final report; or add --preliminary if this one alone is published",
        ));
    }
    let target = arguments
        .out
        .clone()
        .unwrap_or_else(|| super::output::next_to(&arguments.report, SUFFIX));
    if holds_report(&target) {
        let fix = "give another --out: the publication never replaces a report";
        return Err(Stop::usage(
            "the publication's place holds a report",
            target.display().to_string(),
            fix,
        ));
    }
    let receipt = receipt_of(&arguments.report)?;
    let published = Publication::of(&evidence, receipt, arguments.min_cell)?;
    let place = Place::take(&target)?;
    let (files, receipt) = place.publish(|folder| {
        files::write(&published, folder).map_err(|error| cannot_write(&target, &error))
    })?;
    console::data(&summary(&published, &target, files, &receipt));
    Ok(Status::Done)
}

/// Writes a publication again as its receipt says, into an empty folder.
pub(super) fn again(report: &Path, said: &Value, folder: &Path) -> Result<(), Stop> {
    let evidence = Evidence::open(report)?;
    let pupils_min = said["pupils_min"].as_u64();
    let pupils_min = pupils_min.and_then(|least| u32::try_from(least).ok());
    let receipt = receipt_of(report)?;
    let published = Publication::of(&evidence, receipt, pupils_min.unwrap_or(PUPILS_MIN_DEFAULT))?;
    files::write(&published, folder).map_err(|error| cannot_write(folder, &error))?;
    Ok(())
}

/// The SHA-256 of a report's receipt.
fn receipt_of(report: &Path) -> Result<String, Stop> {
    let hashed = crate::hash::sha256_of_file(&report.join(RECEIPT));
    let (sha256, _) = hashed.map_err(|error| {
        Stop::usage(
            format!("the report's receipt cannot be read: {error}"),
            report.display().to_string(),
            "write the report again with cdip run",
        )
    })?;
    Ok(sha256)
}

fn summary(published: &Publication<'_>, target: &Path, files: usize, receipt: &str) -> String {
    let mut text = String::new();
    let evidence = published.evidence;
    let standing = toned(
        &evidence.standing,
        if evidence.standing == "FINAL" {
            Tone::Good
        } else {
            Tone::Warning
        },
    );
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}  {standing}, made public",
        toned(&evidence.label, Tone::Strong)
    );
    let _ = writeln!(
        text,
        "No number stands for fewer than {} pupils.\n",
        published.pupils_min
    );
    let heading = format!(
        "{:<14}{:>8}{:>16}{:>16}{:>18}",
        "Table", "Lines", "Units withheld", "FRL withheld", "Amounts withheld"
    );
    let _ = writeln!(text, "{}", toned(&heading, Tone::Strong));
    for table in Table::ALL {
        let tally = published.tally(table);
        let units = tally.units_small + tally.units_protect;
        let split = units + tally.split_small + tally.split_protect;
        let _ = writeln!(
            text,
            "{:<14}{:>8}{:>16}{:>16}{:>18}",
            table.name(),
            grouped(tally.lines),
            grouped(units),
            grouped(split),
            grouped(tally.amounts)
        );
    }
    if published.money {
        let (shown, paid) = (published.amount_published(), evidence.allocation.paid());
        let _ = writeln!(
            text,
            "\n{} of {} stand with a participant",
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
        "Every withheld number was shown to be one of several that publish the same"
    );
    let _ = writeln!(
        text,
        "Publication: {} ({}; begin with public.xlsx)",
        target.display(),
        counted(files, "file", "files")
    );
    let _ = writeln!(text, "Receipt: sha256 {receipt}");
    text
}
