//! The file of decisions that `--resolutions-out` writes.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use crate::cli::console::{self, counted};
use crate::disk::{self, Existing};
use crate::inspection::Inspection;
use crate::report::resolutions;
use crate::stop::Stop;

/// Decisions are the work of people: a file that is there may hold some and is never overwritten.
pub(super) fn write(inspection: &Inspection, path: &Path) -> Result<(), Stop> {
    let shown = path.display().to_string();
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Stop::usage(
            "the file is there already and may hold decisions",
            shown.clone(),
            "give a new name, or delete it first",
        ),
        _ => Stop::usage(
            format!("the file cannot be written: {error}"),
            shown.clone(),
            "check the folder and try again",
        ),
    };
    let fill_in = |unfinished: &Path| {
        let mut out = BufWriter::new(File::create(unfinished)?);
        let lines = resolutions::to_fill_in(inspection, &mut out)?;
        out.flush()?;
        io::Result::Ok(lines)
    };
    let lines = disk::put(path, Existing::Kept, fill_in).map_err(cannot)?;
    let lines = counted(lines, "line", "lines");
    let decided = inspection.intake.resolutions.len();
    let becomes = match decided {
        0 => "it becomes resolutions.csv of the batch".to_string(),
        _ => format!(
            "add its lines to resolutions.csv of the batch, whose {} stay",
            counted(decided, "decision", "decisions")
        ),
    };
    console::error(&format!(
        "{lines} to decide: {shown} (fill in Decision, Reason, Approved By and Date; {becomes})"
    ));
    Ok(())
}
