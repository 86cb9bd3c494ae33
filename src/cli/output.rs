//! Files that a verb writes where it was told to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::XlsxError;
use serde_json::Value;

use super::console;
use crate::disk::{self, Existing};
use crate::intake::limits::FILE_BYTES_MAX;
use crate::receipt::{RECEIPT, holds_report, receipt_in, short};
use crate::report::publish::{Place, cannot_write, cannot_write_file};
use crate::sheets::book::made;
use crate::sheets::maker::is_untouched;
use crate::stop::Stop;

/// Writes a workbook, in place of an earlier one of the same verb at most, and says so. `title` is what the titles of its workbooks
/// begin with.
pub(super) fn write_workbook(
    path: &Path,
    title: &str,
    write: impl FnOnce(&Path) -> Result<(), XlsxError>,
) -> Result<(), Stop> {
    refuse_foreign(path, title)?;
    put_workbook(path, write)?;
    say_written(path);
    Ok(())
}

/// Writes a document of JSON, in place of an earlier one of its schema at most, and says so.
pub(super) fn write_json(path: &Path, document: &Value) -> Result<(), Stop> {
    refuse_unless(path, |bytes| {
        serde_json::from_slice::<Value>(bytes)
            .is_ok_and(|found| found["schema"] == document["schema"])
    })?;
    write_text(path, &format!("{document:#}\n"))
}

/// Refuses to write over a file that is not one of these.
pub(super) fn refuse_unless(path: &Path, is_own: impl Fn(&[u8]) -> bool) -> Result<(), Stop> {
    refuse_inside_report(path)?;
    if !path.exists() {
        return Ok(());
    }
    match disk::read_plain(path, FILE_BYTES_MAX) {
        Ok(bytes) if is_own(&bytes) => Ok(()),
        // What another program lets nobody open is not foreign for that.
        Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
            Err(cannot_write_file(path, &error))
        }
        _ => Err(Stop::usage(
            "another file is there already",
            path.display().to_string(),
            "give another name, or delete the file first",
        )),
    }
}

/// Writes a text as a whole, and says so.
pub(super) fn write_text(path: &Path, text: &str) -> Result<(), Stop> {
    fs::create_dir_all(disk::folder_of(path))
        .and_then(|()| disk::put(path, Existing::Replaced, |path| fs::write(path, text)))
        .map_err(|error| cannot_write_file(path, &error))?;
    say_written(path);
    Ok(())
}

/// Says that a file was written.
pub(super) fn say_written(path: &Path) {
    console::error(&format!("written: {}", path.display()));
}

/// Writes a workbook: it is the old one or the new one, never half of either.
pub(super) fn put_workbook(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), XlsxError>,
) -> Result<(), Stop> {
    fs::create_dir_all(disk::folder_of(path))
        .and_then(|()| disk::put(path, Existing::Replaced, |path| made(|| write(path))))
        .map_err(|error| cannot_write_file(path, &error))
}

/// Writes a table that people go on with, csv or xlsx by its ending, and never over a file that is there; `worth` says why that one
/// stays.
pub(super) fn put_new<T>(
    path: &Path,
    worth: &str,
    write: impl FnOnce(&Path) -> io::Result<T>,
) -> Result<T, Stop> {
    refuse_place(path, &["csv", "xlsx"])?;
    fs::create_dir_all(disk::folder_of(path)).map_err(|error| cannot_write_file(path, &error))?;
    disk::put(path, Existing::Kept, write).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Stop::usage(
            format!("the file is there already and {worth}"),
            path.display().to_string(),
            "give a new name, or delete it first",
        ),
        _ => cannot_write_file(path, &error),
    })
}

/// Refuses a place that no file with one of these endings can have: a folder, a name with another ending, a report's folder.
pub(super) fn refuse_place(path: &Path, endings: &[&str]) -> Result<(), Stop> {
    let ending = path.extension().unwrap_or_default();
    let has_one = endings.iter().any(|one| ending.eq_ignore_ascii_case(one));
    let (message, fix) = if path.is_dir() {
        (
            "this is a folder, not a file",
            "add the name of the file".to_string(),
        )
    } else if !has_one {
        (
            "the file would not be what its name says",
            format!("give a name that ends in .{}", endings.join(" or .")),
        )
    } else {
        return refuse_inside_report(path);
    };
    Err(Stop::usage(message, path.display().to_string(), fix))
}

/// Refuses a place in the folder of a report: with a file that is not its own, a report can no longer be verified or replaced.
pub(super) fn refuse_inside_report(path: &Path) -> Result<(), Stop> {
    let nearest = nearest(path).unwrap_or_default();
    // A folder that is there is a place by itself, so only those above it count.
    let mut above = nearest.ancestors().skip(usize::from(path.exists()));
    // Nothing is opened in folders that have nothing to do with it.
    if !above.any(|folder| folder.join(RECEIPT).is_file() && holds_report(folder)) {
        return Ok(());
    }
    Err(Stop::usage(
        "this place is in the folder of a report, where only the report's own files belong",
        path.display().to_string(),
        "give a place outside of the report's folder",
    ))
}

/// A path without links; of what is not there yet, the nearest folder above it that is.
pub(super) fn nearest(path: &Path) -> Option<PathBuf> {
    // So that the last folder of a relative path is the current one.
    let path = Path::new(".").join(path);
    path.ancestors().find_map(|path| path.canonicalize().ok())
}

/// Refuses a place for a workbook that another file has: only what this verb wrote there, as it wrote it, is replaced.
pub(super) fn refuse_foreign(path: &Path, title: &str) -> Result<(), Stop> {
    refuse_place(path, &["xlsx"])?;
    if !path.exists() || is_untouched(path, title) {
        return Ok(());
    }
    // What another program lets nobody open is not foreign for that.
    if let Err(error) = disk::open_plain(path)
        && error.kind() == io::ErrorKind::ResourceBusy
    {
        return Err(cannot_write_file(path, &error));
    }
    Err(Stop::usage(
        "another file is there already, or this one was saved since cdip wrote it",
        path.display().to_string(),
        "give another name, or delete the file first",
    ))
}

/// Whether a path names a workbook of Excel.
pub(super) fn is_xlsx(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
}

/// The folder of what is made from several reports, where no other is given: in the folder that holds them, or next to the first.
pub(super) fn of_several(given: &Path, name: &str) -> PathBuf {
    if holds_report(given) {
        next_to(given, "").with_file_name(name)
    } else {
        given.join(name)
    }
}

/// Writes a folder that is made from a report, whole or not at all, and says what it replaced; gives what `write` gives: the number of
/// files and the SHA-256 of their receipt. `what` says whose place it is, `fix` what to do if it holds a report.
pub(super) fn publish_at(
    target: &Path,
    what: &str,
    fix: &str,
    write: impl FnOnce(&Path) -> io::Result<(usize, String)>,
) -> Result<(usize, String), Stop> {
    let place = place_for(target, what, fix)?;
    let before = receipt_in(target);
    let (count, receipt) =
        place.publish(|folder, _| write(folder).map_err(|error| cannot_write(target, &error)))?;
    // The same again replaces nothing.
    if let Some(before) = before.filter(|before| *before != receipt) {
        console::error(&format!(
            "replaced: {}, which had receipt {}",
            target.display(),
            short(&before)
        ));
    }
    Ok((count, receipt))
}

/// The place of a folder that is made from a report: never that of a report.
fn place_for(target: &Path, what: &str, fix: &str) -> Result<Place, Stop> {
    if holds_report(target) {
        return Err(Stop::usage(
            format!("{what} holds a report"),
            target.display().to_string(),
            fix,
        ));
    }
    refuse_inside_report(target)?;
    Place::take(target)
}

/// The folder next to a report: `reports/june` gives `reports/june-public`.
pub(super) fn next_to(report: &Path, suffix: &str) -> PathBuf {
    // A path such as `..` has no name of its own until it is resolved.
    let resolved = || {
        report
            .canonicalize()
            .unwrap_or_else(|_| report.to_path_buf())
    };
    let report = if report.file_name().is_some() {
        report.to_path_buf()
    } else {
        resolved()
    };
    let mut name = report.file_name().unwrap_or_default().to_os_string();
    name.push(suffix);
    report.with_file_name(name)
}
