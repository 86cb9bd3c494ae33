//! The Excel workbooks: `statewide.xlsx` for finance staff and auditors, and one workbook for each reporting entity.
//!
//! A sheet is a `page::Page` that is only ever written downwards; a sheet that is one table is a `listing::Listing`, written
//! as it is made and continued on further sheets where Excel's rows do not suffice. `look` holds every format, `cell` every way to
//! fill a cell. The same calculation gives the same bytes: no clock is read, the file's date is the batch's run date.

mod assumptions;
mod cell;
pub mod change;
mod charts;
mod comparison;
mod completions;
mod conservation;
mod entity;
mod findings;
mod formulas;
mod inputs;
mod law;
mod listing;
mod look;
pub mod marked;
mod page;
mod participants;
mod payments;
mod preview;
pub mod publication;
mod resolutions;
mod spool;
mod streamed;
mod summary;
pub mod template;
#[cfg(test)]
mod tests;
mod tiers;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, Workbook, XlsxError};
use zip::result::ZipError;

use self::listing::Limits;
use self::look::{Look, Used};
use self::page::{Column, Stamp};
use self::streamed::Package;
use super::content::Content;
use super::entities::ReportingEntity;
use super::record::Records;
use crate::calculation::Calculation;
use crate::decision::Outcome;
use crate::disk::folder_of;
use crate::finding::Finding;
use crate::guard::contained;
use crate::money::Money;
use crate::preview::Preview;
use crate::ranks::RowRank;
use crate::scenarios::{Compared, Rehearsal};
use crate::trail::Trails;
use crate::words::{counted, listed};

/// How hard the rows of lists are compressed. Chosen by measurement (docs/performance.md): level 1 is little faster and a fifth larger, level 3
/// slower and hardly smaller.
const ROWS_LEVEL: u8 = 2;
/// How hard everything else of a workbook is: many parts of a few kilobytes, where a code of their own costs more than it saves.
const PARTS_LEVEL: u8 = 1;

/// The workbooks of a calculation: holds what they share, so that those of the entities can be written side by side.
pub struct Workbooks<'c> {
    calculation: &'c Calculation,
    records: Records<'c>,
    buckets: [(Outcome, usize); Outcome::ALL.len()],
    /// Why each row ended where it did.
    trails: Trails,
    look: Look,
    limits: Limits,
    /// Where long sheets are spooled; the system's own folder without one.
    spool: Option<PathBuf>,
    /// `completions.csv` with its checksum, once it was asked for: comparisons have none.
    content: OnceLock<Content>,
    /// Width of a column of amounts: the whole money of the batch fits.
    money_width: f64,
    /// Width of a column of source files: the longest path on one line where that is possible.
    file_width: f64,
    /// Width of a column of their sheets.
    sheet_width: f64,
    /// Width of a column of participants' names.
    name_width: f64,
}

impl<'c> Workbooks<'c> {
    /// Prepares the workbooks of a calculation.
    #[must_use]
    pub fn of(calculation: &'c Calculation) -> Workbooks<'c> {
        let names = calculation
            .intake
            .participants
            .all()
            .iter()
            .map(|participant| participant.name.as_str());
        let sheets = calculation
            .intake
            .files
            .iter()
            .flat_map(|file| &file.sheets)
            .filter_map(|sheet| sheet.name.as_deref());
        let paths = calculation.intake.files.iter().map(|file| &*file.path);
        Workbooks {
            money_width: money_width(
                calculation.batch.available + calculation.batch.supplement.unwrap_or_default(),
            ),
            file_width: width_of(paths, 20, 64),
            sheet_width: width_of(sheets, 12, 36),
            name_width: width_of(names, 24, 48),
            calculation,
            records: Records::of(calculation),
            buckets: calculation.buckets(),
            trails: calculation.trails(),
            look: Look::new(),
            limits: Limits::default(),
            spool: None,
            content: OnceLock::new(),
        }
    }

    /// Long sheets are spooled to disk while they are written: in this folder, so that rows of pupils are written nowhere else.
    #[must_use]
    pub fn spooling_in(mut self, folder: &Path) -> Workbooks<'c> {
        self.spool = Some(folder.to_path_buf());
        self
    }

    /// `completions.csv` and the content checksum of the report.
    pub fn content(&self) -> io::Result<&Content> {
        if let Some(content) = self.content.get() {
            return Ok(content);
        }
        let content = Content::of(self.calculation)?;
        Ok(self.content.get_or_init(|| content))
    }

    /// Writes `statewide.xlsx`.
    pub fn write_statewide(&self, path: &Path) -> Result<(), XlsxError> {
        self.statewide()?.save(path)
    }

    /// Writes the workbook of one reporting entity. It holds nothing of any other.
    pub fn write_entity(&self, entity: &ReportingEntity, path: &Path) -> Result<(), XlsxError> {
        self.entity(entity)?.save(path)
    }

    /// Writes the marked-up return of one reporting entity: its own files and rows, and of their columns only those that the program
    /// knows.
    pub fn write_marked(&self, entity: &ReportingEntity, path: &Path) -> Result<(), XlsxError> {
        let calculation = self.calculation;
        let own = entity::own_findings(self, entity);
        let open: Vec<&Finding> = own
            .iter()
            .copied()
            .filter(|finding| calculation.is_open(finding))
            .collect();
        let Stamp {
            title,
            facts,
            label,
            ..
        } = self.stamp(
            format!("CDIP marked-up return of {} {}", entity.code, entity.name),
            String::new(),
        );
        let standing = if calculation.is_final() {
            "Outcomes are those of the FINAL report."
        } else {
            "Outcomes are those of a PRELIMINARY report and can change until it is final."
        };
        let marking = marked::Marking {
            intake: &calculation.intake,
            decisions: &calculation.decisions,
            files: &entity.files,
            rows: &entity.rows,
            settled: own.len() - open.len(),
            open: &open,
            title,
            facts,
            label,
            about: standing.to_string(),
            date: calculation.batch.run_date,
            spool: self.spool.as_deref(),
        };
        marked::write(path, &marking, marked::Content::Known)
    }

    /// Writes the workbook of `cdip readings`.
    pub fn write_readings(&self, compared: &[Compared], path: &Path) -> Result<(), XlsxError> {
        let stamp = self.comparison_stamp("What each open question is worth".to_string());
        let mut workbook = self.workbook(&stamp, Used::All);
        comparison::readings(&mut workbook, self, &stamp, compared)?;
        workbook.save(path)
    }

    /// Writes the workbook of `cdip rehearse`.
    pub fn write_rehearsal(&self, rehearsal: &Rehearsal, path: &Path) -> Result<(), XlsxError> {
        let stamp = self.comparison_stamp(format!("Rehearsal under {}", rehearsal.rules.id));
        let mut workbook = self.workbook(&stamp, Used::All);
        comparison::rehearsal(&mut workbook, self, &stamp, rehearsal)?;
        workbook.save(path)
    }

    /// A comparison is never an award, whatever the batch's own standing.
    fn comparison_stamp(&self, title: String) -> Stamp {
        let reason = "what would be paid, not what is paid".to_string();
        Stamp {
            standing: "COMPARISON",
            is_final: false,
            ..self.stamp(title, reason)
        }
    }

    fn statewide(&self) -> Result<Package, XlsxError> {
        let stamp = self.stamp("CDIP statewide report".to_string(), self.open_in_words());
        let mut workbook = self.workbook(&stamp, Used::All);
        let findings: Vec<&Finding> = self.calculation.findings.iter().collect();
        summary::write(workbook.library(), self, &stamp)?;
        tiers::write(workbook.library(), self, &stamp)?;
        participants::write(&mut workbook, self, &stamp)?;
        payments::write(&mut workbook, self, &stamp)?;
        completions::write(
            &mut workbook,
            self,
            &stamp,
            completions::COMPLETIONS,
            self.records.len(),
            RowRank::new,
            None,
        )?;
        findings::write(&mut workbook, self, &stamp, &findings)?;
        law::write(&mut workbook, self, &stamp)?;
        resolutions::write(&mut workbook, self, &stamp)?;
        inputs::write(&mut workbook, self, &stamp)?;
        conservation::write(workbook.library(), self, &stamp)?;
        Ok(workbook)
    }

    fn entity(&self, entity: &ReportingEntity) -> Result<Package, XlsxError> {
        let reason = if self.calculation.is_final() {
            "nothing is open in the statewide batch"
        } else {
            "rows or files of the statewide batch are still open; amounts can change"
        };
        let stamp = self.stamp(
            format!("CDIP report for {} {}", entity.code, entity.name),
            reason.to_string(),
        );
        let mut workbook = self.workbook(&stamp, Used::Plain);
        entity::write(&mut workbook, self, entity, &stamp)?;
        Ok(workbook)
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.buckets[outcome as usize].1
    }

    /// A column of files or sheets as wide as this batch needs it; others as they are.
    fn fitted(&self, column: Column) -> Column {
        match &*column.heading {
            "Source file" => column.wide(self.file_width),
            "Sheet" => column.wide(self.sheet_width),
            _ => column,
        }
    }

    /// What keeps the batch from being final, or that nothing does.
    fn open_in_words(&self) -> String {
        if self.calculation.is_final() {
            return "no row is rejected or held, no refused file is open".to_string();
        }
        let open = [
            (self.count(Outcome::Rejected), "row", "rejected"),
            (self.count(Outcome::Held), "row", "held"),
            (self.calculation.open_refusals(), "file", "refused"),
        ];
        let open: Vec<String> = open
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, what, how)| format!("{} {how}", counted(*count as u64, what)))
            .collect();
        listed(open.iter().map(String::as_str))
    }

    fn stamp(&self, title: String, reason: String) -> Stamp {
        let batch = &self.calculation.batch;
        Stamp {
            facts: format!(
                "{title} \u{b7} {} \u{b7} budget year {} \u{b7} rules {} \u{b7} run date {}",
                batch.label, batch.rules.budget_year, batch.rules.id, batch.run_date
            ),
            title,
            standing: self.calculation.standing(),
            is_final: self.calculation.is_final(),
            reason,
            label: batch.label.clone(),
        }
    }

    fn workbook(&self, stamp: &Stamp, used: Used) -> Package {
        Package::new(
            empty(stamp, self.calculation.batch.run_date),
            &self.look,
            used,
            self.spool.as_deref(),
        )
    }
}

/// A workbook without a sheet. The day it was made is given: the clock is never read.
fn empty(stamp: &Stamp, made: NaiveDate) -> Workbook {
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title(&stamp.title)
        .set_subject(&stamp.label)
        .set_author("cdip")
        .set_status(stamp.standing)
        .set_creation_datetime(&made);
    workbook
        .set_properties(&properties)
        .set_zip_compression_level(PARTS_LEVEL);
    workbook
}

/// Writes the workbook of a preview. Long sheets are spooled to the folder it is written to, so that rows of pupils are written nowhere
/// else.
pub fn write_preview(of: &Preview, path: &Path) -> Result<(), XlsxError> {
    preview::workbook(of, folder_of(path))?.save(path)
}

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
fn written(
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

/// How wide a column must be, in characters, for the longest of some texts on one line; between a least and a greatest width.
fn width_of<'t>(texts: impl Iterator<Item = &'t str>, least: u8, greatest: u8) -> f64 {
    // Capitals and digits are wider than the average letter, and a text is indented.
    let longest = texts
        .map(|text| text.chars().count() + 4)
        .max()
        .unwrap_or(0);
    f64::from(
        u8::try_from(longest)
            .unwrap_or(u8::MAX)
            .clamp(least, greatest),
    )
}

/// How wide a column must be, in characters, for amounts up to this one, bold and with room to breathe.
fn money_width(largest: Money) -> f64 {
    let characters = largest.grouped().len() + 3;
    f64::from(u8::try_from(characters).unwrap_or(u8::MAX)).max(14.0)
}
