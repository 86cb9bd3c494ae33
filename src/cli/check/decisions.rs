//! The file of decisions that `--resolutions-out` writes.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use crate::cli::console::{self, counted};
use crate::cli::output::{is_xlsx, put_new};
use crate::inspection::Inspection;
use crate::intake::lists::Ruling;
use crate::report::resolutions;
use crate::returns::checked::first_day;
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
    let decided = &inspection.intake.resolutions;
    let becomes = match decided.first() {
        None if is_xlsx(path) => "save it as resolutions.xlsx in the batch".to_string(),
        None => "save it as resolutions.csv in the batch".to_string(),
        // A batch has one list of decisions, whatever the format of this file.
        Some(first) => format!(
            "then copy its lines below the {} in {}",
            counted(decided.len(), "decision", "decisions"),
            first.file
        ),
    };
    console::error(&format!(
        "{lines} to decide: {shown} (fill in Decision, Reason, Approved By and Date; delete lines that you leave open; {becomes})"
    ));
    Ok(())
}

/// Writes the lines as a workbook. Gives their number.
fn workbook(inspection: &Inspection, label: &str, path: &Path) -> io::Result<usize> {
    let to_decide = Decisions {
        headings: resolutions::headings(),
        lines: resolutions::lines(inspection),
        words: Ruling::ALL.map(Ruling::as_str).to_vec(),
        label: label.to_string(),
        made: inspection
            .rules
            .as_ref()
            .and_then(first_day)
            .unwrap_or_default(),
    };
    made(|| decisions::write(&to_decide, path))?;
    Ok(to_decide.lines.len())
}
