//! A workbook begins, and becomes a file: whatever the disk takes of it, and whatever the library does.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, Workbook, Worksheet, XlsxError};
use zip::result::ZipError;

use super::maker::AUTHOR;
use super::origin::say_unix;
use super::page::Stamp;
use crate::guard::contained;

/// How hard the parts of a workbook are compressed. Chosen by measurement (docs/performance.md): level 1 is little faster and a fifth
/// larger, level 3 slower and hardly smaller.
const COMPRESSION_LEVEL: u8 = 2;
/// Rows of a sheet that are kept in memory. A longer sheet is spooled to disk while it is written; for a short one, a temporary file
/// costs more than it saves.
const ROWS_IN_MEMORY_MAX: usize = 1_000;
/// Bytes that go to the disk at a time: most workbooks of entities are smaller.
const WRITTEN_BYTES: usize = 64 << 10;

/// Whether a sheet of so many rows is spooled while it is written.
#[cfg(feature = "office")]
pub(crate) fn is_spooled(rows: usize) -> bool {
    rows > ROWS_IN_MEMORY_MAX
}

/// A workbook without a sheet, made on a given day; its long sheets are spooled to a folder, or to the system's own.
pub(crate) fn begin(
    stamp: &Stamp,
    made: NaiveDate,
    spool: Option<&Path>,
) -> Result<Workbook, XlsxError> {
    begin_with(&properties(stamp, made), spool)
}

/// What a workbook says of itself.
pub(crate) fn properties(stamp: &Stamp, made: NaiveDate) -> DocProperties {
    DocProperties::new()
        .set_title(&stamp.title)
        .set_subject(&stamp.label)
        .set_author(AUTHOR)
        .set_status(stamp.standing)
        .set_creation_datetime(&made)
}

/// The same with properties of one's own.
// Only a disk can refuse.
#[cfg_attr(not(feature = "office"), allow(clippy::unnecessary_wraps))]
pub(crate) fn begin_with(
    properties: &DocProperties,
    spool: Option<&Path>,
) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    workbook
        .set_properties(properties)
        .set_zip_compression_level(COMPRESSION_LEVEL);
    #[cfg(feature = "office")]
    if let Some(folder) = spool {
        workbook.set_tempdir(folder)?;
    }
    // Without a disk every sheet is in memory.
    #[cfg(not(feature = "office"))]
    let _ = spool;
    Ok(workbook)
}

/// Begins a sheet for so many rows, which are written downwards.
// Only a disk can refuse.
#[cfg_attr(not(feature = "office"), allow(clippy::unnecessary_wraps))]
pub(crate) fn sheet_for(workbook: &mut Workbook, rows: usize) -> Result<&mut Worksheet, XlsxError> {
    #[cfg(feature = "office")]
    if is_spooled(rows) {
        return workbook.add_worksheet_with_constant_memory();
    }
    #[cfg(not(feature = "office"))]
    let _ = rows;
    Ok(workbook.add_worksheet())
}

/// Makes a workbook and saves it. A panic of the writer is an error like any other.
pub(crate) fn made<T>(make: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    match contained(make) {
        Ok(outcome) => outcome.map_err(io_error),
        Err(panic) => Err(io::Error::other(format!(
            "a workbook cannot be made: {panic}"
        ))),
    }
}

/// Saves a workbook.
pub(crate) fn save(workbook: &mut Workbook, path: &Path) -> Result<(), XlsxError> {
    let mut file = BufWriter::with_capacity(
        WRITTEN_BYTES,
        Enduring {
            file: File::create(path)?,
            error: None,
        },
    );
    workbook.save_to_writer(&mut file)?;
    file.flush()?;
    if let Some(error) = file.get_mut().error.take() {
        return Err(error.into());
    }
    drop(file);
    say_unix(&mut OpenOptions::new().read(true).write(true).open(path)?)?;
    Ok(())
}

/// A file that takes everything and tells at the end what the disk did not take. An archive that breaks off in the middle would print
/// words of its own.
struct Enduring {
    file: File,
    error: Option<io::Error>,
}

impl Enduring {
    fn endure<T>(&mut self, wanted: T, act: impl FnOnce(&mut File) -> io::Result<T>) -> T {
        if self.error.is_some() {
            return wanted;
        }
        match act(&mut self.file) {
            Ok(value) => value,
            Err(error) => {
                self.error = Some(error);
                wanted
            }
        }
    }
}

impl Write for Enduring {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.endure(bytes.len(), |file| {
            file.write_all(bytes).map(|()| bytes.len())
        }))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.endure((), File::flush);
        Ok(())
    }
}

/// The error of the disk inside one of the writer.
fn io_error(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) | XlsxError::ZipError(ZipError::Io(error)) => error,
        error => io::Error::other(error),
    }
}
