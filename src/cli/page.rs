//! `cdip page`: the page with which districts check their files in a browser.

use std::path::PathBuf;

use clap::Args;

use super::given;
use super::output::{refuse_unless, write_text};
use crate::batch::Batch;
use crate::batch::reading::read_lists;
use crate::kit::Kit;
use crate::page;
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
    refuse_unless(&arguments.out, is_page)?;
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
    write_text(&arguments.out, &html)?;
    Ok(Status::Done)
}

fn is_page(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| page::engine_of(text).is_some())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_page_takes_the_place_of_a_page_only() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::TempDir::new().unwrap();
        let out = folder.path().join("check-cdip.html");
        assert!(refuse_unless(&out, is_page).is_ok());

        let page = root.join("samples/check-cdip-2024-25.html");
        fs::copy(page, &out).unwrap();
        assert!(refuse_unless(&out, is_page).is_ok());

        let submission = root.join("samples/statewide-2024-25/participants.xlsx");
        let submission = fs::read(submission).unwrap();
        for foreign in [&submission[..], b"<html>minutes of the board</html>", b""] {
            fs::write(&out, foreign).unwrap();
            let stop = refuse_unless(&out, is_page).unwrap_err();
            assert_eq!(stop.message, "another file is there already");
        }
        assert!(refuse_unless(folder.path(), is_page).is_err());
    }
}
