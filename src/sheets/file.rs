//! A workbook becomes a file: whatever the disk takes of it, and whatever the library does.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use rust_xlsxwriter::{Workbook, XlsxError};
use zip::result::ZipError;

use crate::guard::contained;

/// Makes a workbook and saves it. A panic of the writer is an error like any other.
pub fn made<T>(make: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    match contained(make) {
        Ok(outcome) => outcome.map_err(io_error),
        Err(panic) => Err(io::Error::other(format!(
            "a workbook cannot be made: {panic}"
        ))),
    }
}

/// Saves a workbook.
pub fn save(workbook: &mut Workbook, path: &Path) -> Result<(), XlsxError> {
    written(path, |file| workbook.save_to_writer(file))
}

/// Bytes that go to the disk at a time: most workbooks of entities are smaller.
const WRITTEN_BYTES: usize = 64 << 10;

/// Writes a file to the end, whatever the disk takes of it.
pub(crate) fn written(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<Enduring>) -> Result<(), XlsxError>,
) -> Result<(), XlsxError> {
    let mut file = BufWriter::with_capacity(
        WRITTEN_BYTES,
        Enduring {
            file: File::create(path)?,
            error: None,
        },
    );
    write(&mut file)?;
    file.flush()?;
    file.get_mut()
        .error
        .take()
        .map_or(Ok(()), |error| Err(error.into()))
}

/// A file that takes everything and tells at the end what the disk did not take. An archive that breaks off in the middle would print
/// words of its own.
pub(crate) struct Enduring {
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
