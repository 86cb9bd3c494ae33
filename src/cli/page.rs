//! `cdip page`: the page with which districts check their files in a browser.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::console;
use super::given;
use crate::batch::Batch;
use crate::batch::reading::read_lists;
use crate::disk::{self, Existing, folder_of};
use crate::kit::Kit;
use crate::page;
use crate::report::publish::cannot_write_file;
use crate::stop::{Status, Stop};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cdip page --batch my-batch --out check-cdip.html
  cdip page --batch my-batch --factors reports/june --out check-cdip.html

The page holds the rules, both lists, the headings and words of batch.toml, and the office with its deadline. It holds no ledger, no decisions and no submission.")]
pub(super) struct PageArguments {
    /// The batch folder: its rules, lists, headings and office are put into the page.
    #[arg(long, value_name = "DIR")]
    batch: PathBuf,
    /// Statewide factors: with them the page says what a file would earn.
    #[arg(long, value_name = "FILE")]
    factors: Option<PathBuf>,
    /// The page to write.
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
}

pub(super) fn run(arguments: &PageArguments) -> Result<Status, Stop> {
    let engine = page::engine()?;
    let batch = Batch::open(&arguments.batch)?;
    let lists = read_lists(&batch)?;
    let factors = arguments
        .factors
        .as_deref()
        .map(|path| given::factors_under(path, &batch.rules))
        .transpose()?;
    let kit = Kit::of(
        &batch,
        (&lists.programs, &lists.participants),
        factors.as_ref(),
    );
    let html = page::html(&kit, &batch.rules, engine);
    fs::create_dir_all(folder_of(&arguments.out))
        .and_then(|()| {
            disk::put(&arguments.out, Existing::Replaced, |path| {
                fs::write(path, &html)
            })
        })
        .map_err(|error| cannot_write_file(&arguments.out, &error))?;
    console::error(&format!("written: {}", arguments.out.display()));
    Ok(Status::Done)
}
