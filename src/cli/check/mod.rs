//! `cdip check`: what the state's run would find in files, without money.

mod decisions;
mod headings;
mod mark;
mod text;

use std::path::PathBuf;

use clap::Args;

use super::basis::BasisArguments;
use super::console::{self, Progress};
use super::format::{self, OutputFormat, one_of};
use super::near::{self, DatesSay, ToCheck};
use crate::inspection::{Inspection, inspect};
use crate::intake::SUBMISSIONS;
use crate::report::text::{FindingLine, findings_as_csv};
use crate::stop::{Status, Stop};

const FINDINGS_FORMATS: &[OutputFormat] =
    &[OutputFormat::Text, OutputFormat::Json, OutputFormat::Csv];

const EXAMPLES: &str = "Examples:
  cdip check 0880.xlsx                     with the lists near it, if any
  cdip check .                             the same for all files of this folder
  cdip check 0880.xlsx --mark marked.xlsx  the file again, with what to fix
  cdip check 0880.xlsx --batch my-batch    every check of the state's run
  cdip check 0880.xlsx --programs programs.xlsx --participants districts.xlsx
  cdip check 0880.xlsx --columns-out headings.xlsx  your headings, and ours
  cdip check 0880.xlsx --columns headings.xlsx      read by your headings
  cdip check --batch my-batch              every submission of a batch
  cdip check --batch my-batch --resolutions-out decide.xlsx

Your own headings are a spreadsheet with the columns Ours and Yours: SASID next to Student ID. \"District Code: 0897\" next to an empty cell says that every row is of 0897; \"Free/Reduced Lunch: no\" next to S says what S means. A TOML file with [columns] and [values] as in batch.toml works too.

Nothing is sent anywhere, and no money is calculated. Exit status: 0 done; 1 done, but a file is refused, a row is rejected or held, a question is open, or a decision of the batch has no effect; 2 wrong usage; 3 nothing could be read.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckArguments {
    /// The files to check, or folders of them.
    #[arg(value_name = "FILE", required_unless_present = "batch")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    against: BasisArguments,
    /// Show every place of every finding.
    #[arg(long)]
    all: bool,
    /// How the findings are written.
    #[arg(long, default_value = "text", value_parser = one_of(FINDINGS_FORMATS))]
    format: OutputFormat,
    /// Write a marked copy of the file: every sheet and column as it was, faulty cells shaded, with notes and a list of what to fix.
    #[arg(long, value_name = "OUT.xlsx")]
    mark: Option<PathBuf>,
    /// Write what your headings probably are, for --columns: csv or xlsx by the ending. Check it before you use it.
    #[arg(long, value_name = "FILE")]
    columns_out: Option<PathBuf>,
    /// Write a file of decisions to fill in, csv or xlsx by its ending: a line for everything that can be decided.
    #[arg(long, value_name = "FILE")]
    resolutions_out: Option<PathBuf>,
}

pub(super) fn run(arguments: &CheckArguments) -> Result<Status, Stop> {
    let mut against = near::completed(&arguments.against, &arguments.files)?;
    let to_check = match (&against.batch, arguments.files.is_empty()) {
        (Some(batch), true) => ToCheck::all_of(vec![batch.join(SUBMISSIONS)]),
        _ => near::submissions(&arguments.files, &against),
    };
    let paths = &to_check.paths[..];
    let mut inspection = inspected(paths, &against)?;
    let dates_say = DatesSay::of(&inspection);
    let found = near::found_in_words(&arguments.against, &against);
    let mut first: Vec<String> = found.into_iter().chain(to_check.passed_over()).collect();
    if let Some(dates) = &dates_say {
        let taken = against.takes_rules_of(dates);
        if taken {
            inspection = inspected(paths, &against)?;
        }
        first.extend(text::year(&inspection, taken, dates));
    }
    // What programs read holds the findings alone.
    let aside = arguments.format != OutputFormat::Text;
    for line in first.iter().filter(|_| aside) {
        console::error(line);
    }
    match arguments.format {
        OutputFormat::Json => format::json(&inspection),
        OutputFormat::Csv => console::streamed(|out| findings_as_csv(lines(&inspection), out)),
        _ => {
            console::data(&text::text(&inspection, &first, arguments.all));
            headings::say(&inspection, paths, &arguments.against);
        }
    }
    if let Some(path) = &arguments.columns_out {
        headings::write(&inspection, paths, path)?;
    }
    if let Some(path) = &arguments.mark {
        mark::write(&inspection, paths, path)?;
    }
    if let Some(path) = &arguments.resolutions_out {
        decisions::write(&inspection, path)?;
    }
    Ok(match (inspection.read_nothing(), inspection.has_errors()) {
        (true, _) => Status::Nothing,
        (false, true) => Status::Refused,
        (false, false) => Status::Done,
    })
}

fn inspected(paths: &[PathBuf], against: &BasisArguments) -> Result<Inspection, Stop> {
    let basis = against.basis()?;
    let progress = Progress::new("reading");
    inspect(paths, basis, &|done, total| progress.advance(done, total))
}

/// The findings as lines of `findings.csv`.
fn lines(inspection: &Inspection) -> impl Iterator<Item = FindingLine<'_>> {
    let participants = inspection.intake.participants.all();
    inspection.findings.iter().map(|finding| FindingLine {
        finding,
        participant: finding
            .position
            .and_then(|row| inspection.decisions[row].participant)
            .map_or("", |rank| participants[rank].code()),
        open: inspection.is_open(finding),
    })
}
