//! `cdip sample`: a synthetic batch like a real one.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::console::{self, counted};
use crate::sample::{SampleOptions, files};
use crate::stop::{Status, Stop};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  cdip sample --out my-batch\n  cdip sample --out small --entities 5 --rows 200 --seed 7"
)]
pub(super) struct SampleArguments {
    /// The folder to make; it must not exist, or be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many entities report, 1 to 178.
    #[arg(long, default_value_t = 70)]
    entities: u32,
    /// How many completions they report, at most 2000000.
    #[arg(long, default_value_t = 13_000)]
    rows: u32,
    /// Another seed, another batch; the same seed, the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(arguments: &SampleArguments) -> Result<Status, Stop> {
    let shown = arguments.out.display().to_string();
    if fs::read_dir(&arguments.out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Stop::usage(
            "the folder is not empty",
            shown,
            "give a new folder, or delete this one first",
        ));
    }
    let options = SampleOptions {
        entities: arguments.entities,
        rows: arguments.rows,
        seed: arguments.seed,
    };
    let files = files(&options)
        .map_err(|error| Stop::usage(error.to_string(), "", "see cdip sample --help"))?;
    for file in &files {
        let path = arguments.out.join(&file.path);
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, &file.bytes));
        written.map_err(|error| {
            Stop::usage(
                format!("the sample cannot be written: {error}"),
                path.display().to_string(),
                "check the folder and try again",
            )
        })?;
    }
    console::data(&format!(
        "{} in {shown}\ncdip run {shown}\n",
        counted(files.len(), "file", "files")
    ));
    Ok(Status::Done)
}
