//! The marked-up copy that `--mark` writes.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::cli::console;
use crate::cli::output::{is_xlsx, put_workbook, refuse_foreign};
use crate::disk::{folder_of, read_plain};
use crate::finding::Finding;
use crate::hash::sha256_hex;
use crate::inspection::Inspection;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::intake::submission::SourceFile;
use crate::ranks::RowRank;
use crate::returns::marked::{self, Content, Marking};
use crate::rules::RuleSet;
use crate::stop::Stop;

/// What every marked copy's title begins with.
const TITLE: &str = "CDIP check of ";
const ABOUT: &str = "The outcome at the right edge is that of the checks; no money is calculated \
                     here, and other entities' files are not known.";

/// Writes the marked-up copy of one file.
pub(super) fn write(inspection: &Inspection, given: &[PathBuf], out: &Path) -> Result<(), Stop> {
    let ([path], [file]) = (given, &inspection.intake.files[..]) else {
        return Err(Stop::usage(
            "--mark takes one file at a time",
            out.display().to_string(),
            "check each file by itself, or run the batch: it writes one per entity",
        ));
    };
    refuse_place(path, out)?;
    let bytes = read_again(path, file)?;
    let open: Vec<&Finding> = inspection
        .findings
        .iter()
        .filter(|finding| inspection.is_open(finding))
        .collect();
    let rows: Vec<RowRank> = RowRank::all(inspection.intake.completions.len()).collect();
    let rules = inspection.rules.as_ref();
    let facts = rules.map_or("Checked without rules".to_string(), |rules| {
        format!(
            "Checked under {} (completions of {})",
            rules.id, rules.school_year
        )
    });
    let marking = Marking {
        intake: &inspection.intake,
        ended: &|row| {
            let decision = &inspection.decisions[row];
            (decision.codes, decision.ended())
        },
        files: &[0],
        rows: &rows,
        settled: inspection.findings.len() - open.len(),
        open: &open,
        edge: None,
        title: format!("{TITLE}{}", file.path),
        facts,
        label: file.path.to_string(),
        about: ABOUT.to_string(),
        date: rules.and_then(first_day).unwrap_or_default(),
        spool: Some(folder_of(out)),
    };
    let content = Content::Own {
        bytes: &bytes,
        reading: &inspection.reading,
    };
    put_workbook(out, |path| marked::write(path, &marking, content))?;
    console::error(&format!("Marked: {}", out.display()));
    Ok(())
}

fn refuse_place(path: &Path, out: &Path) -> Result<(), Stop> {
    let shown = out.display().to_string();
    if !is_xlsx(out) {
        return Err(Stop::usage(
            "the marked copy is a workbook of Excel",
            shown,
            "give a name that ends in .xlsx",
        ));
    }
    if out.exists() && out.canonicalize().ok() == path.canonicalize().ok() {
        return Err(Stop::usage(
            "the marked copy would take the place of the file itself",
            shown,
            "give another name",
        ));
    }
    refuse_foreign(out, TITLE)
}

/// The bytes that were checked, or a stop if the file is another by now.
fn read_again(path: &Path, file: &SourceFile) -> Result<Vec<u8>, Stop> {
    let changed = || {
        Stop::usage(
            "the file changed while it was checked",
            path.display().to_string(),
            "check it again",
        )
    };
    let bytes = read_plain(path, FILE_BYTES_MAX).map_err(|_| changed())?;
    if sha256_hex(&bytes) != file.sha256 && file.refused.is_none() {
        return Err(changed());
    }
    Ok(bytes)
}

/// The day the workbook is stamped with. The clock is never read: the same file and lists, the same bytes.
pub(super) fn first_day(rules: &RuleSet) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::from(rules.school_year.first()), 7, 1)
}
