//! The file of decisions that `--resolutions-out` writes.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use crate::batch::{RESOLUTIONS, RESOLUTIONS_ROLE};
use crate::cli::console::{self, counted};
use crate::cli::output::{is_xlsx, put_new};
use crate::inspection::Inspection;
use crate::report::resolutions;
use crate::returns::decisions::{self, Decisions};
use crate::sheets::book::made;
use crate::stop::Stop;

/// Never overwrites a file: it may have decisions that people made.
pub(super) fn write(inspection: &Inspection, path: &Path) -> Result<(), Stop> {
    let shown = path.display().to_string();
    let fill_in = |unfinished: &Path| {
        if is_xlsx(path) {
            return workbook(inspection, &shown, unfinished);
        }
        let mut out = BufWriter::new(File::create(unfinished)?);
        let lines = resolutions::to_fill_in(inspection, &mut out)?;
        out.flush()?;
        io::Result::Ok(lines)
    };
    let lines = put_new(path, "may hold decisions", fill_in)?;
    let lines = counted(lines, "line", "lines");
    let decided = inspection.intake.resolutions.len();
    let of_the_batch = inspection.intake.inputs.iter();
    let there = of_the_batch.filter(|input| input.role == RESOLUTIONS_ROLE);
    let becomes = match there.map(|input| input.path.as_str()).next() {
        None => {
            let ending = if is_xlsx(path) { "xlsx" } else { "csv" };
            format!("save it as {RESOLUTIONS}.{ending} in the batch")
        }
        Some(list) => format!(
            "add its lines below the {} of {list} in the batch",
            counted(decided, "line", "lines")
        ),
    };
    console::error(&format!(
        "{lines} to decide: {shown} (fill in Decision, Reason, Approved By and Date, at least where Blocks FINAL says yes; {becomes})"
    ));
    Ok(())
}

/// Writes the lines as a workbook. Gives their number.
fn workbook(inspection: &Inspection, label: &str, path: &Path) -> io::Result<usize> {
    let to_decide = Decisions {
        headings: resolutions::headings(),
        lines: resolutions::lines(inspection),
        label: label.to_string(),
        made: inspection.day(),
    };
    made(|| decisions::write(&to_decide, path))?;
    Ok(to_decide.lines.len())
}
