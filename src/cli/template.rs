//! `cdip template`: an empty submission workbook for a school year.

use std::path::PathBuf;

use clap::Args;

use super::given;
use super::output::{put_workbook, say_written};
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
    let rules = given::rules(&arguments.rules)?.rules;
    let list = given::list(&arguments.programs)?;
    let programs = read_programs(&list.name, &list.bytes)?;
    if !programs
        .all()
        .iter()
        .any(|program| program.qualifies_in(rules.school_year))
    {
        let message = format!("no program of the list qualifies in {}", rules.school_year);
        return Err(Stop::usage(
            message,
            list.name,
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
    put_workbook(&arguments.out, |path| {
        save(&mut template::workbook(&rules, &programs)?, path)
    })?;
    say_written(&arguments.out);
    Ok(Status::Done)
}
