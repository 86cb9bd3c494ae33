//! `cdip template`: an empty submission workbook for a school year.

use std::path::PathBuf;

use clap::Args;

use super::readings::write_workbook;
use super::rules;
use crate::disk::read_plain;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::intake::lists::read_programs;
use crate::returns::template;
use crate::sheets::book::save;
use crate::stop::{Status, Stop};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  cdip template --rules co-cdip-2024-25 --programs qualified-programs.xlsx --out template.xlsx"
)]
pub(super) struct TemplateArguments {
    /// The rules: an id, a budget year, or a path ending in .toml.
    #[arg(long, value_name = "ID|YEAR|FILE.toml")]
    rules: String,
    /// The list of qualified programs.
    #[arg(long, value_name = "FILE")]
    programs: PathBuf,
    /// The workbook to write.
    #[arg(long, value_name = "FILE.xlsx")]
    out: PathBuf,
    /// Replace the workbook if it is there already.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &TemplateArguments) -> Result<Status, Stop> {
    let rules = rules::open(&arguments.rules)?.rules;
    let shown = arguments.programs.display().to_string();
    let bytes = read_plain(&arguments.programs, FILE_BYTES_MAX).map_err(|error| {
        Stop::usage(
            format!("the list cannot be opened: {error}"),
            shown.clone(),
            "give the path of the qualified list",
        )
    })?;
    let programs = read_programs(&shown, &bytes)?;
    if !programs
        .all()
        .iter()
        .any(|program| program.qualifies_in(rules.school_year))
    {
        let message = format!("no program of the list qualifies in {}", rules.school_year);
        return Err(Stop::usage(
            message,
            shown,
            "give the list of that school year, or other rules",
        ));
    }
    if arguments.out.exists() && !arguments.force {
        let place = arguments.out.display().to_string();
        return Err(Stop::usage(
            "the file is there already",
            place,
            "give another name, or --force to replace it",
        ));
    }
    write_workbook(&arguments.out, |path| {
        save(&mut template::workbook(&rules, &programs)?, path)
    })?;
    Ok(Status::Done)
}
