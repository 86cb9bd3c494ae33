//! Files that a verb writes where it was told to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::XlsxError;
use serde_json::Value;

use super::console;
use crate::disk::{self, Existing};
use crate::receipt::holds_report;
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
    let is_of_schema = |bytes: Vec<u8>| {
        serde_json::from_slice::<Value>(&bytes)
            .is_ok_and(|found| found["schema"] == document["schema"])
    };
    if path.exists() && !fs::read(path).is_ok_and(is_of_schema) {
        return Err(Stop::usage(
            "another file is there already",
            path.display().to_string(),
            "give another name, or delete the file first",
        ));
    }
    let text = format!("{document:#}\n");
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

/// Writes a file that people go on with, and never over one that is there; `worth` says why that one stays.
pub(super) fn put_new<T>(
    path: &Path,
    worth: &str,
    write: impl FnOnce(&Path) -> io::Result<T>,
) -> Result<T, Stop> {
    disk::put(path, Existing::Kept, write).map_err(|error| {
        let (message, fix) = match error.kind() {
            io::ErrorKind::AlreadyExists => (
                format!("the file is there already and {worth}"),
                "give a new name, or delete it first",
            ),
            _ => (
                format!("the file cannot be written: {error}"),
                "check the folder and try again",
            ),
        };
        Stop::usage(message, path.display().to_string(), fix)
    })
}

/// Refuses to write over a file that is not the workbook this verb wrote there, as it wrote it.
pub(super) fn refuse_foreign(path: &Path, title: &str) -> Result<(), Stop> {
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

/// Writes a folder that is made from a report, whole or not at all; gives what `write` gives: the number of files and the SHA-256 of
/// their receipt. `what` says whose place it is, `fix` what to do if it holds a report.
pub(super) fn publish_at(
    target: &Path,
    what: &str,
    fix: &str,
    write: impl FnOnce(&Path) -> io::Result<(usize, String)>,
) -> Result<(usize, String), Stop> {
    place_for(target, what, fix)?
        .publish(|folder, _| write(folder).map_err(|error| cannot_write(target, &error)))
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
