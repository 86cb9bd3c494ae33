//! `cdip template`: an empty submission workbook for a school year.

use std::path::PathBuf;

use clap::Args;

use super::given;
use super::output::{put_workbook, refuse_place, say_written};
use crate::batch::Batch;
use crate::batch::reading::read_lists;
use crate::intake::lists::{Programs, read_programs};
use crate::returns::template::{self, Office};
use crate::rules::RuleSet;
use crate::sheets::book::save;
use crate::stop::{Status, Stop};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  cdip template --batch my-batch --out template.xlsx\n  cdip template --rules 2024-25 --programs programs.xlsx --out template.xlsx"
)]
pub(super) struct TemplateArguments {
    /// A batch folder: its rules, its list of programs, and from [office] the contact and the deadline.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rules", "programs"])]
    batch: Option<PathBuf>,
    /// The rules: an id, a budget year, or a path ending in .toml.
    #[arg(
        long,
        value_name = "ID|YEAR|FILE.toml",
        required_unless_present = "batch"
    )]
    rules: Option<String>,
    /// The list of qualified programs.
    #[arg(long, value_name = "FILE", required_unless_present = "batch")]
    programs: Option<PathBuf>,
    /// The workbook to write.
    #[arg(long, value_name = "FILE.xlsx")]
    out: PathBuf,
    /// Replace the workbook if it is there already.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &TemplateArguments) -> Result<Status, Stop> {
    refuse_place(&arguments.out, &["xlsx"])?;
    let (rules, programs, office, list_name) = made_for(arguments)?;
    if !programs
        .all()
        .iter()
        .any(|program| program.qualifies_in(rules.school_year))
    {
        let message = format!("no program of the list qualifies in {}", rules.school_year);
        return Err(Stop::usage(
            message,
            list_name,
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
        save(&mut template::workbook(&rules, &programs, &office)?, path)
    })?;
    say_written(&arguments.out);
    Ok(Status::Done)
}

/// What the template is made for: rules, programs, the office, and where the programs are listed.
fn made_for(arguments: &TemplateArguments) -> Result<(RuleSet, Programs, Office, String), Stop> {
    if let Some(folder) = &arguments.batch {
        let batch = Batch::open(folder)?;
        let office = Office {
            name: batch.office.name.clone(),
            contact: batch.office.contact.clone(),
            deadline: batch.office.deadline,
        };
        let programs = read_lists(&batch)?.programs;
        return Ok((batch.rules, programs, office, folder.display().to_string()));
    }
    let rules = given::rules(arguments.rules.as_deref().unwrap_or_default())?.rules;
    let path = arguments.programs.clone().unwrap_or_default();
    let list = given::list(&path)?;
    let programs = read_programs(&list.name, &list.bytes)?;
    Ok((rules, programs, Office::default(), list.name))
}
