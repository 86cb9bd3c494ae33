//! `cdip audit-sample`: which paid rows an auditor looks at, and the workpaper for them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::console::{self, counted, grouped, headline};
use super::output::{next_to, put_workbook, refuse_foreign};
use crate::audit::cells::source_cells;
use crate::audit::evidence::Evidence;
use crate::audit::samples::draw::CannotDraw;
use crate::audit::samples::workbook::{self, SAMPLE_ROWS_MAX};
use crate::audit::samples::{Method, Plan, Sample};
use crate::stop::{Status, Stop};

/// The end of the workpaper's name, where no other is given.
const SUFFIX: &str = "-audit-sample.xlsx";

const EXAMPLES: &str = "Examples:
  cdip audit-sample reports/june --method mus --size 60 --seed 2024
  cdip audit-sample reports/june --method stratified --size 40 --seed \"room 12\"
  cdip audit-sample reports/june --method random --size 25 --seed 7 --out a.xlsx

cdip draws from the rows that were paid. The same report, method, size and seed always give the same rows; the workpaper says how to draw them again without cdip. It holds rows of pupils: protect it as you protect the report.";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MethodOption {
    /// By dollar (monetary units): the more a row was paid, the more likely it is drawn.
    Mus,
    /// Every paid row is equally likely.
    Random,
    /// By kind of participant and tier; within each, every row is equally likely.
    Stratified,
}

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct AuditSampleArguments {
    /// The report folder: what cdip run wrote.
    report: PathBuf,
    /// How rows are drawn.
    #[arg(long, value_enum)]
    method: MethodOption,
    /// How many rows to draw.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    size: u32,
    /// A number or words; let someone else name it, or note it with the date before you draw.
    #[arg(long, value_name = "TEXT", value_parser = seed)]
    seed: String,
    /// The batch that the report was made from: adds the address and the text of every cell.
    #[arg(long, value_name = "DIR")]
    batch: Option<PathBuf>,
    /// Where the workpaper goes [default: the report folder's name with -audit-sample.xlsx].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What shells change in a text between quotes.
const CHANGED_BY_SHELLS: [char; 6] = ['"', '$', '`', '\\', '%', '!'];

/// A seed that the workpaper's command can give to any shell.
fn seed(text: &str) -> Result<String, String> {
    if text.contains(|c: char| c.is_control() || CHANGED_BY_SHELLS.contains(&c)) {
        return Err(
            "the workpaper's command cannot hold line breaks, nor any of \" $ ` \\ % !: choose another text"
                .to_string(),
        );
    }
    Ok(text.to_string())
}

pub(super) fn run(arguments: &AuditSampleArguments) -> Result<Status, Stop> {
    let shown = arguments.report.display().to_string();
    let target = arguments
        .out
        .clone()
        .unwrap_or_else(|| next_to(&arguments.report, SUFFIX));
    refuse_foreign(&target, workbook::TITLE)?;
    let evidence = Evidence::open(&arguments.report)?;
    let plan = Plan {
        method: match arguments.method {
            MethodOption::Mus => Method::Money,
            MethodOption::Random => Method::Random,
            MethodOption::Stratified => Method::Stratified,
        },
        // A number of 32 bits always fits.
        size: usize::try_from(arguments.size).unwrap_or(usize::MAX),
        seed: arguments.seed.clone(),
    };
    let mut sample = Sample::of(&evidence, plan)
        .map_err(|CannotDraw::FewerThanStrata(strata)| fewer_than_strata(arguments, strata))?;
    if sample.drawn.is_empty() {
        return Err(Stop::usage(
            "the report has no paid row to draw from",
            shown,
            "give a report that pays something",
        ));
    }
    if sample.drawn.len() > SAMPLE_ROWS_MAX {
        return Err(Stop::usage(
            format!(
                "a workpaper holds at most {} rows, and this draw has {}",
                grouped(SAMPLE_ROWS_MAX),
                grouped(sample.drawn.len())
            ),
            "--size",
            "draw fewer rows",
        ));
    }
    if let Some(batch) = &arguments.batch {
        sample.cells = Some(source_cells(&evidence, batch, &sample.rows())?);
    }
    let replaces = target.exists();
    put_workbook(&target, |path| workbook::write(&sample, path))?;
    console::data(&summary(&sample, &target, replaces));
    Ok(Status::Done)
}

fn fewer_than_strata(arguments: &AuditSampleArguments, strata: usize) -> Stop {
    Stop::usage(
        format!(
            "the paid rows are of {strata} kinds of participant and tiers, and only {} to be drawn",
            counted(
                usize::try_from(arguments.size).unwrap_or(usize::MAX),
                "row is",
                "rows are"
            )
        ),
        "--size",
        format!("draw at least {strata} rows: each kind and tier gives one"),
    )
}

fn summary(sample: &Sample<'_>, target: &Path, replaces: bool) -> String {
    let evidence = sample.evidence;
    let (rows, amount) = sample.population();
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}, sample drawn {}",
        headline(&evidence.label, &evidence.standing, evidence.is_final()),
        sample.plan.method.label()
    );
    for (words, rows, amount) in [
        ("Paid rows", rows, amount),
        ("Drawn", sample.drawn.len(), sample.amount()),
    ] {
        let _ = writeln!(
            text,
            "{words:<12}{:>10}{:>18}",
            grouped(rows),
            amount.grouped()
        );
    }
    if sample.drawn.len() < sample.plan.size {
        let why = if sample.has_interval() {
            "some rows hold more than one of the cents drawn"
        } else {
            "the report has only these"
        };
        let _ = writeln!(text, "{} were asked for: {why}", sample.asked());
    }
    let _ = writeln!(
        text,
        "Workpaper: {} (fill in the shaded cells of Selected rows; Evaluation follows)",
        target.display()
    );
    if replaces {
        let _ = writeln!(text, "It replaced the workpaper of an earlier draw.");
    }
    text
}
