//! Begins a workbook and saves it as a file, with errors for a full disk and for panics of the library.

use std::fs::{File, OpenOptions};
#[cfg(feature = "office")]
use std::io::Read;
use std::io::{self, BufWriter, Cursor, Seek, SeekFrom, Write};
use std::path::Path;
#[cfg(feature = "office")]
use std::path::PathBuf;

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, Worksheet, XlsxError};
use zip::result::ZipError;
#[cfg(feature = "office")]
use zip::write::SimpleFileOptions;
#[cfg(feature = "office")]
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::maker::AUTHOR;
use super::origin::say_unix;
use super::page::Stamp;
use super::spliced::Spliced;
#[cfg(feature = "office")]
use super::tables::LongTable;
use crate::guard::contained;

/// How hard the parts of a workbook are compressed. Chosen by measurement (docs/performance.md): level 2 makes files a seventh
/// smaller and takes a twentieth of a run's time more.
const COMPRESSION_LEVEL: u8 = 1;
/// Bytes of a workbook's rows kept in memory; more are spooled to disk. A whole year's rows in `statewide.xlsx`, 16 MB, stay below
/// it. As many workbooks are written at a time as there are cores.
#[cfg(feature = "office")]
const ROWS_IN_MEMORY_BYTES: usize = 32 << 20;
/// From this size on, a part needs ZIP64, which not every reader knows.
#[cfg(feature = "office")]
const LARGE_PART_BYTES: u64 = 2 << 30;
/// Where a package has its tables.
#[cfg(feature = "office")]
const TABLES: &str = "xl/tables/";
/// Bytes written to the disk at a time: most workbooks of entities are smaller.
const WRITTEN_BYTES: usize = 64 << 10;

/// A workbook while it is made: the library's, and rows that are not in it yet.
pub struct Workbook {
    library: rust_xlsxwriter::Workbook,
    rows: Vec<Spliced>,
    /// Where rows are spooled; by default the system's own folder.
    #[cfg(feature = "office")]
    spool: Option<PathBuf>,
}

impl Workbook {
    /// Begins a sheet without spliced rows.
    pub(crate) fn add_worksheet(&mut self) -> &mut Worksheet {
        self.library.add_worksheet()
    }

    /// Begins a sheet with spliced rows, which are inserted when the workbook is saved.
    pub(crate) fn add_spliced(&mut self) -> (&mut Worksheet, &mut Spliced) {
        let rows = self.begin_rows();
        self.rows.push(rows);
        let last = self.rows.len() - 1;
        (self.library.add_worksheet(), &mut self.rows[last])
    }

    #[cfg(feature = "office")]
    fn begin_rows(&mut self) -> Spliced {
        let kept: usize = self.rows.iter().map(Spliced::kept).sum();
        let room = ROWS_IN_MEMORY_BYTES.saturating_sub(kept);
        // The next sheet's position, from 1.
        let position = self.library.worksheets().len() + 1;
        Spliced::begin(position, room, self.spool.as_deref())
    }

    // The same call in both.
    #[cfg(not(feature = "office"))]
    #[allow(clippy::unused_self)]
    fn begin_rows(&mut self) -> Spliced {
        Spliced::default()
    }

    /// A sheet by its name.
    pub(crate) fn worksheet_from_name(&mut self, name: &str) -> Result<&mut Worksheet, XlsxError> {
        self.library.worksheet_from_name(name)
    }

    /// Gives cells a name.
    pub(crate) fn define_name(
        &mut self,
        name: impl Into<String>,
        cells: &str,
    ) -> Result<(), XlsxError> {
        self.library.define_name(name, cells)?;
        Ok(())
    }

    /// The whole workbook, in memory.
    ///
    /// # Errors
    ///
    /// Those of the library.
    pub fn save_to_buffer(&mut self) -> Result<Vec<u8>, XlsxError> {
        let mut bytes = Cursor::new(Vec::new());
        self.write_to(&mut bytes)?;
        say_unix(&mut bytes)?;
        Ok(bytes.into_inner())
    }

    #[cfg(not(feature = "office"))]
    fn write_to(&mut self, out: &mut (impl Write + Seek + Send)) -> Result<(), XlsxError> {
        self.library.save_to_writer(out)
    }

    #[cfg(feature = "office")]
    fn write_to(&mut self, out: &mut (impl Write + Seek + Send)) -> Result<(), XlsxError> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.retain(|rows| !rows.is_empty());
        if rows.is_empty() {
            return self.library.save_to_writer(out);
        }
        let mut tables: Vec<LongTable> = rows
            .iter_mut()
            .filter_map(|rows| rows.table.take())
            .collect();
        let whole = self.library.save_to_buffer()?;
        let mut parts = ZipArchive::new(Cursor::new(whole))?;
        let mut package = ZipWriter::new(out);
        for index in 0..parts.len() {
            let name = parts.by_index(index)?.name()?.into_owned();
            let own = rows.iter().position(|rows| rows.part() == name);
            if let Some(own) = own {
                let own = rows.swap_remove(own);
                let part = content(&mut parts, index)?;
                package.start_file(name, as_the_library(own.bytes()))?;
                own.put_into(&part, &mut package)?;
                continue;
            }
            if !tables.is_empty() && name.starts_with(TABLES) {
                let part = content(&mut parts, index)?;
                if let Some(part) = LongTable::take_of(&part, &mut tables)? {
                    package.start_file(name, as_the_library(0))?;
                    package.write_all(&part)?;
                    continue;
                }
            }
            package.raw_copy_file(parts.by_index_raw(index)?)?;
        }
        package.finish()?;
        let sheet = rows.first().map(Spliced::part);
        if let Some(left) = sheet.or_else(|| tables.pop().map(|table| table.name)) {
            return Err(io::Error::other(format!("the package has no {left}")).into());
        }
        Ok(())
    }
}

/// A part of a package, inflated.
#[cfg(feature = "office")]
fn content(parts: &mut ZipArchive<Cursor<Vec<u8>>>, index: usize) -> Result<Vec<u8>, XlsxError> {
    let mut part = Vec::new();
    parts.by_index(index)?.read_to_end(&mut part)?;
    Ok(part)
}

/// How the library writes a part.
#[cfg(feature = "office")]
fn as_the_library(bytes: u64) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(COMPRESSION_LEVEL.into()))
        .unix_permissions(0o600)
        .last_modified_time(DateTime::default())
        .large_file(bytes > LARGE_PART_BYTES)
}

/// A workbook without a sheet, made on a given day; its rows are spooled to a folder, or to the system's own.
pub(crate) fn begin(stamp: &Stamp, made: NaiveDate, spool: Option<&Path>) -> Workbook {
    begin_with(&properties(stamp, made), spool)
}

/// The document properties of a workbook.
pub(crate) fn properties(stamp: &Stamp, made: NaiveDate) -> DocProperties {
    DocProperties::new()
        .set_title(&stamp.title)
        .set_subject(&stamp.label)
        .set_author(AUTHOR)
        .set_status(stamp.standing)
        .set_creation_datetime(&made)
}

/// The same with other properties.
pub(crate) fn begin_with(properties: &DocProperties, spool: Option<&Path>) -> Workbook {
    // Without a disk every row is in memory.
    #[cfg(not(feature = "office"))]
    let _ = spool;
    let mut library = rust_xlsxwriter::Workbook::new();
    library
        .set_properties(properties)
        .set_zip_compression_level(COMPRESSION_LEVEL);
    Workbook {
        library,
        rows: Vec::new(),
        #[cfg(feature = "office")]
        spool: spool.map(Path::to_path_buf),
    }
}

/// Makes a workbook and saves it. A panic of the writer becomes an error.
pub(crate) fn made<T>(make: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    match contained(make) {
        Ok(outcome) => outcome.map_err(io_error),
        Err(panic) => Err(io::Error::other(format!(
            "a workbook cannot be made: {panic}"
        ))),
    }
}

/// Saves a workbook. One whose rows are all in memory is made there and written at once: its parts are many and small, and the
/// package goes back for each.
pub(crate) fn save(workbook: &mut Workbook, path: &Path) -> Result<(), XlsxError> {
    let mut file = File::create(path)?;
    if workbook.rows.iter().all(Spliced::is_kept) {
        file.write_all(&workbook.save_to_buffer()?)?;
        return Ok(());
    }
    let file = Enduring { file, error: None };
    let mut file = BufWriter::with_capacity(WRITTEN_BYTES, file);
    workbook.write_to(&mut file)?;
    file.flush()?;
    if let Some(error) = file.get_mut().error.take() {
        return Err(error.into());
    }
    drop(file);
    say_unix(&mut OpenOptions::new().read(true).write(true).open(path)?)?;
    Ok(())
}

/// A file that accepts everything and reports a disk error only at the end. An archive that breaks off in the middle would print
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

impl Seek for Enduring {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.file.seek(place)
    }
}

/// The error of the disk inside one of the writer.
fn io_error(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) | XlsxError::ZipError(ZipError::Io(error)) => error,
        error => io::Error::other(error),
    }
}
