//! `cdip check`: what the state's run would find in some files, without money.

mod decisions;
mod mark;
mod text;

use std::path::PathBuf;

use clap::Args;

use super::basis::BasisArguments;
use super::console::{self, Progress};
use super::format::{self, Format, one_of};
use crate::inspection::{Inspection, inspect};
use crate::intake::SUBMISSIONS;
use crate::report::text::{FindingLine, findings_as_csv};
use crate::stop::{Status, Stop};

const FINDINGS_FORMATS: &[Format] = &[Format::Text, Format::Json, Format::Csv];

const EXAMPLES: &str = "Examples:
  cdip check 0880.xlsx                           what can be said of the file alone
  cdip check 0880.xlsx --batch batch-2024-25     every check of the state's run
  cdip check 0880.xlsx --rules 2024-25 --programs qualified-programs.xlsx --participants participants.xlsx
  cdip check 0880.xlsx --batch batch-2024-25 --mark 0880-marked.xlsx
  cdip check 0880.xlsx --columns headings.toml   your own headings
  cdip check --batch batch-2024-25               every submission of a batch
  cdip check --batch batch-2024-25 --resolutions-out decide.csv

Your own headings go into a file with lines such as these: [columns] and below it sasid = \"Student ID\".

Nothing is sent anywhere, and no money is calculated. Exit status: 0 nothing to correct; 1 a file is refused, a row is rejected or held, or a question is open; 2 wrong usage; 3 nothing could be read.";

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
    format: Format,
    /// Write the file again with what to fix marked in it: every sheet and column as it was, faulty cells shaded, noted and linked.
    #[arg(long, value_name = "OUT.xlsx")]
    mark: Option<PathBuf>,
    /// Write a file of decisions to fill in, csv or xlsx by its ending: a line for everything that can be decided.
    #[arg(long, value_name = "FILE")]
    resolutions_out: Option<PathBuf>,
}

pub(super) fn run(arguments: &CheckArguments) -> Result<Status, Stop> {
    let basis = arguments.against.basis()?;
    let paths = match (&arguments.against.batch, arguments.files.is_empty()) {
        (Some(batch), true) => vec![batch.join(SUBMISSIONS)],
        _ => arguments.files.clone(),
    };
    let inspection = {
        let progress = Progress::new("reading");
        inspect(&paths, basis, &|done, total| progress.advance(done, total))?
    };
    match arguments.format {
        Format::Json => format::json(&inspection.to_json()),
        Format::Csv => {
            let mut bytes = Vec::new();
            // Writing to memory cannot fail.
            let _ = findings_as_csv(lines(&inspection), &mut bytes);
            console::data(&String::from_utf8_lossy(&bytes));
        }
        _ => console::data(&text::text(
            &inspection,
            arguments.all,
            !arguments.files.is_empty(),
        )),
    }
    if let Some(path) = &arguments.mark {
        mark::write(&inspection, &arguments.files, path)?;
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
