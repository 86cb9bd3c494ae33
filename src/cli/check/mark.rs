//! The marked-up copy that `--mark` writes.

use std::path::{Path, PathBuf};

use crate::cli::console;
use crate::cli::output::{put_workbook, refuse_foreign};
use crate::disk::{folder_of, read_plain};
use crate::hash::sha256_hex;
use crate::inspection::Inspection;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::intake::submission::SourceFile;
use crate::returns::checked::{MARKED_COPY, marked_copy};
use crate::sheets::book::save;
use crate::stop::Stop;

/// Writes the marked-up copy of one file.
pub(super) fn write(inspection: &Inspection, given: &[PathBuf], out: &Path) -> Result<(), Stop> {
    let one = match (given, &inspection.intake.files[..]) {
        ([path], [file]) if path.is_file() => Some((path, file)),
        _ => None,
    };
    let Some((path, file)) = one else {
        return Err(Stop::usage(
            "give one file at a time with --mark",
            out.display().to_string(),
            "check each file by itself, or run the batch: it writes one per entity",
        ));
    };
    refuse_place(path, out)?;
    let bytes = read_again(path, file)?;
    let spool = Some(folder_of(out));
    put_workbook(out, |path| {
        save(&mut marked_copy(inspection, file, &bytes, spool)?, path)
    })?;
    console::error(&format!("Marked: {}", out.display()));
    Ok(())
}

fn refuse_place(path: &Path, out: &Path) -> Result<(), Stop> {
    if out.exists() && out.canonicalize().ok() == path.canonicalize().ok() {
        return Err(Stop::usage(
            "the marked copy would take the place of the file itself",
            out.display().to_string(),
            "give another name",
        ));
    }
    refuse_foreign(out, MARKED_COPY)
}

/// The bytes that were checked, or a stop if the file has changed since.
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
