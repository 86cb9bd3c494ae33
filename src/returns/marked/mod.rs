//! The marked-up return: the submitter's own sheets and values again, every faulty cell shaded and bearing its code, with a note that
//! says what is wrong and the fix; before them *What to fix* with links, at the right edge of every row its outcome.
//!
//! Cells keep their addresses. Values come back as they were: texts as texts, numbers, dates and answers as what they were. The code is
//! shown behind a value by the cell's number format and is no part of the value.

pub(super) mod names;
mod sheet;
pub(crate) mod to_fix;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use chrono::NaiveDate;
use rust_xlsxwriter::{Workbook, XlsxError};

use crate::catalogue::{Codes, Severity};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::cells::{CellSource, Refusal, SheetInfo};
use crate::intake::completions::Rows;
use crate::intake::formats::visit_sheets;
use crate::intake::guard::guarded;
use crate::intake::limits::{COLUMNS_PER_SHEET_MAX, ROWS_PER_SHEET_MAX};
use crate::intake::submission::Reading;
use crate::ranks::RowRank;
use crate::sheets::book;
use crate::sheets::cell::Cell;
use crate::sheets::look::Look;
use crate::sheets::page::{Column, Stamp};
use crate::words::{counted, listed};
use names::sheet_names;
use sheet::{Formats, Found, SheetWriter, not_written};

/// Notes of one workbook: each takes some 13 KB of memory while it is written. Where there are more faulty cells, the gravest get
/// theirs; the others are still shaded, bear their code and stand in *What to fix*.
const NOTES_MAX: usize = 1_000;

/// Columns of the program at the right edge of every sheet: codes, outcome.
const OWN_COLUMNS: u32 = 2;

/// Further columns of the program at the right edge.
pub(crate) struct Edge<'m> {
    pub(crate) columns: Vec<Column>,
    /// The cells of a row in them.
    pub(crate) cells: &'m dyn Fn(RowRank) -> Vec<Cell<'m>>,
}

/// The sheets of an entity's workbook that may precede its own.
pub(crate) const AWARD: &str = "Award";
pub(crate) const DECIDED: &str = "What was decided";
pub(crate) use to_fix::TO_FIX;

/// What a marked-up return is made of. All files of one entity go into one workbook.
pub struct Marking<'m> {
    /// What was read.
    pub intake: &'m Intake,
    /// The codes of a row, and its outcome; none where it passed the checks and was not allocated to.
    pub ended: &'m dyn Fn(RowRank) -> (Codes, Option<Outcome>),
    /// The files, by position among those of the intake; refused ones too.
    pub files: &'m [usize],
    /// The rows that are shown, by position in the frame, ascending: those of the files, and the submitter's own in other files.
    pub rows: &'m [RowRank],
    /// The findings about these files and rows that still ask for something.
    pub open: &'m [&'m Finding],
    /// How many findings are settled by decisions on the record, and left out.
    pub settled: usize,
    /// What else is said at the right edge of every row.
    pub(crate) edge: Option<Edge<'m>>,
    /// What the workbook is.
    pub title: String,
    /// Rules, year and date on one line.
    pub facts: String,
    /// What is printed at the foot of every page.
    pub label: String,
    /// What the outcomes at the right edge are, a sentence or two.
    pub about: String,
    /// The workbook's date; the clock is never read.
    pub date: NaiveDate,
    /// Where long sheets are spooled; the system's own folder without one.
    pub spool: Option<&'m Path>,
}

impl Marking<'_> {
    /// Columns of the program at the right edge.
    fn own_columns(&self) -> u32 {
        let more = self.edge.as_ref().map_or(0, |edge| edge.columns.len());
        OWN_COLUMNS + u32::try_from(more).unwrap_or(0)
    }
}

/// Where the sheets come from.
#[derive(Clone, Copy)]
pub enum Content<'m> {
    /// From the frame: the columns that the program knows, and no other.
    Known,
    /// From the owner's own file, the one of [`Marking::files`]: every sheet, column and title row.
    Own {
        /// Its bytes.
        bytes: &'m [u8],
        /// How it was read.
        reading: &'m Reading,
    },
}

/// Writes a marked-up return.
pub fn write(path: &Path, marking: &Marking<'_>, content: Content<'_>) -> Result<(), XlsxError> {
    book::save(&mut workbook(marking, content)?, path)
}

/// Makes a marked-up return.
pub(crate) fn workbook(
    marking: &Marking<'_>,
    content: Content<'_>,
) -> Result<Workbook, XlsxError> {
    let look = Look::new();
    let layout = Layout::of(marking, content)?;
    let stamp = layout.stamp(marking);
    let mut workbook = book::begin(&stamp, marking.date, marking.spool)?;
    to_fix::write(workbook.add_worksheet(), &look, &stamp, marking, &layout)?;
    layout.write_sheets(&mut workbook, (&look, &stamp), marking, content)?;
    Ok(workbook)
}

/// A sheet of the workbook.
struct Sheet {
    /// Its name here.
    name: String,
    /// By position: file, and sheet among those that were read of it; `None` for a sheet that was not read.
    file: usize,
    source: Option<usize>,
    /// Its rows in the frame, ascending.
    rows: Vec<RowRank>,
    /// Columns of the sheet, those of the program not counted.
    columns: u32,
    /// Columns of the program.
    own_columns: u32,
}

impl Sheet {
    /// The column of the codes; the outcome is to the right of it, and then what else the edge says. `None` where the sheet is filled
    /// to its edge.
    fn codes_column(&self) -> Option<u16> {
        let fits = self.columns + self.own_columns <= COLUMNS_PER_SHEET_MAX;
        u16::try_from(self.columns).ok().filter(|_| fits)
    }
}

/// Where a finding stands in the workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Spot {
    sheet: usize,
    /// From 1; none for the whole sheet, or where the sheet does not reach that far.
    row: Option<u32>,
    column: Option<u16>,
}

/// The sheets, and where every open finding is on them.
pub(crate) struct Layout<'m> {
    sheets: Vec<Sheet>,
    /// The gravest first, then by place.
    findings: Vec<(&'m Finding, Option<Spot>)>,
    /// Places of findings on a sheet that get a note, where not all do.
    noted: Option<HashSet<Spot>>,
}

/// The sheets of the files as the frame holds them.
fn known_sheets(marking: &Marking<'_>, rows: &Rows<'_>) -> Vec<Sheet> {
    let files = &marking.intake.files;
    let mut found: BTreeMap<(usize, usize), Vec<RowRank>> = BTreeMap::new();
    for file in marking.files {
        found.extend((0..files[*file].sheets.len()).map(|sheet| ((*file, sheet), Vec::new())));
    }
    for position in marking.rows {
        found
            .entry((rows.file(*position), rows.sheet(*position)))
            .or_default()
            .push(*position);
    }
    let many =
        found.keys().next().map(|(file, _)| file) != found.keys().last().map(|(file, _)| file);
    let wanted = found.keys().map(|(file, sheet)| {
        let file = &files[*file];
        let stem = stem(&file.path);
        match (file.sheets[*sheet].name.as_deref(), many) {
            (None, _) => stem.to_string(),
            (Some(name), false) => name.to_string(),
            (Some(name), true) => format!("{stem} {name}"),
        }
    });
    let names = sheet_names(wanted);
    found
        .into_iter()
        .zip(names)
        .map(|(((file, sheet), rows), name)| {
            let columns = files[file].sheets[sheet]
                .columns
                .iter()
                .flatten()
                .max()
                .map_or(0, |column| column + 1);
            Sheet {
                name,
                file,
                source: Some(sheet),
                rows,
                columns,
                own_columns: marking.own_columns(),
            }
        })
        .collect()
}

/// The name of a file without its folders and its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Every sheet of the owner's own file.
fn own_sheets(
    marking: &Marking<'_>,
    rows: &Rows<'_>,
    bytes: &[u8],
    reading: &Reading,
) -> Result<Vec<Sheet>, XlsxError> {
    let Some(file) = marking
        .files
        .first()
        .copied()
        .filter(|file| marking.intake.files[*file].refused.is_none())
    else {
        return Ok(Vec::new());
    };
    let source = &marking.intake.files[file];
    let mut sheets = Vec::new();
    let mut names = Vec::new();
    visit_own(marking, bytes, reading, |cells| {
        let mut columns = 0;
        while let Some(cell) = cells.source.next_cell()? {
            columns = columns.max(cell.column + 1);
        }
        let read = source
            .sheets
            .iter()
            .position(|sheet| sheet.name.as_deref() == cells.name);
        let of_sheet = |position: &RowRank| {
            rows.file(*position) == file && Some(rows.sheet(*position)) == read
        };
        let rows = marking.rows.iter().copied().filter(of_sheet).collect();
        names.push(
            cells
                .name
                .map_or_else(|| stem(&source.path).to_string(), str::to_string),
        );
        sheets.push(Sheet {
            name: String::new(),
            file,
            source: read,
            rows,
            columns,
            own_columns: marking.own_columns(),
        });
        Ok(())
    })?;
    for (sheet, name) in sheets.iter_mut().zip(sheet_names(names.into_iter())) {
        sheet.name = name;
    }
    Ok(sheets)
}

/// A sheet of the owner's own file, being read again.
struct OwnCells<'v> {
    name: Option<&'v str>,
    source: &'v mut dyn CellSource,
}

/// Reads the owner's own file again. It was read before, so it is refused only if its bytes are others.
fn visit_own(
    marking: &Marking<'_>,
    bytes: &[u8],
    reading: &Reading,
    mut visit: impl FnMut(OwnCells<'_>) -> Result<(), Refusal>,
) -> Result<(), XlsxError> {
    let Some(file) = marking
        .files
        .first()
        .map(|file| &marking.intake.files[*file])
        .filter(|file| file.refused.is_none())
    else {
        return Ok(());
    };
    let mut each = |info: SheetInfo, source: &mut dyn CellSource| {
        visit(OwnCells {
            name: info.name.as_deref(),
            source,
        })
    };
    guarded(|| {
        visit_sheets(
            &file.path,
            bytes,
            &reading.headings,
            reading.delimiter,
            &mut each,
        )
    })
    .map_err(|refusal| XlsxError::CustomError(refusal.message))
}

impl<'m> Layout<'m> {
    /// The sheets that a return will have.
    pub(crate) fn of(marking: &Marking<'m>, content: Content<'_>) -> Result<Layout<'m>, XlsxError> {
        let rows = marking.intake.completions.rows();
        let sheets = match content {
            Content::Known => known_sheets(marking, &rows),
            Content::Own { bytes, reading } => own_sheets(marking, &rows, bytes, reading)?,
        };
        Ok(Layout::over(marking, sheets))
    }

    /// The names of the sheets, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sheets.iter().map(|sheet| sheet.name.as_str())
    }

    /// Every row that is shown, with the name of its sheet.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, RowRank)> {
        self.sheets
            .iter()
            .flat_map(|sheet| sheet.rows.iter().map(|row| (sheet.name.as_str(), *row)))
    }

    /// Adds the sheets to a workbook.
    pub(crate) fn write_sheets(
        &self,
        workbook: &mut Workbook,
        (look, stamp): (&Look, &Stamp),
        marking: &Marking<'m>,
        content: Content<'_>,
    ) -> Result<(), XlsxError> {
        let rows = marking.intake.completions.rows();
        let mut formats = Formats::default();
        let mut sheets = self.sheets.iter().zip(self.found());
        match content {
            Content::Known => {
                for (sheet, found) in sheets {
                    let shared = (&mut *workbook, &mut formats, look);
                    let mut writer =
                        SheetWriter::begin(shared, stamp, marking, sheet, found, true)?;
                    writer.known(&rows)?;
                    writer.end()?;
                }
                Ok(())
            }
            Content::Own { bytes, reading } => {
                let mut failed = None;
                let read = visit_own(marking, bytes, reading, |mut cells| {
                    let Some((sheet, found)) = sheets.next() else {
                        return Ok(());
                    };
                    let shared = (&mut *workbook, &mut formats, look);
                    let mut writer =
                        SheetWriter::begin(shared, stamp, marking, sheet, found, false)
                            .map_err(|error| not_written(error, &mut failed))?;
                    writer.own(&mut cells, &rows, &mut failed)?;
                    writer
                        .end()
                        .map_err(|error| not_written(error, &mut failed))
                });
                failed.map_or(read, Err)
            }
        }
    }

    /// What was found, by sheet and row.
    fn found(&self) -> Vec<Found<'m>> {
        let mut on_sheet: Vec<Found<'_>> = self.sheets.iter().map(|_| Found::default()).collect();
        for (finding, spot) in &self.findings {
            let Some(spot) = spot else { continue };
            let Some(row) = spot.row else { continue };
            let noted = self.noted.as_ref().is_none_or(|noted| noted.contains(spot));
            on_sheet[spot.sheet].add(row, spot.column, finding, noted);
        }
        on_sheet
    }

    fn over(marking: &Marking<'m>, sheets: Vec<Sheet>) -> Layout<'m> {
        let files = &marking.intake.files;
        let places: HashMap<(&str, Option<&str>), usize> = sheets
            .iter()
            .enumerate()
            .filter_map(|(index, sheet)| {
                let file = &files[sheet.file];
                Some((
                    (&*file.path, file.sheets[sheet.source?].name.as_deref()),
                    index,
                ))
            })
            .collect();
        let spot = |finding: &Finding| {
            let sheet = *places.get(&(&*finding.file, finding.sheet.as_deref()))?;
            let row = finding.row.filter(|row| *row <= ROWS_PER_SHEET_MAX);
            let column = finding
                .column
                .and_then(|(_, column)| u16::try_from(column?).ok());
            // Where the file has no such column, the finding stands beside the row.
            let column = column.or_else(|| row.and(sheets[sheet].codes_column()));
            // A finding about a file as a whole has a sheet of its own only if that is the file's only one.
            (finding.row.is_some() || finding.sheet.is_some()).then_some(Spot {
                sheet,
                row,
                column,
            })
        };
        let mut findings: Vec<(&Finding, Option<Spot>)> = marking
            .open
            .iter()
            .map(|finding| (*finding, spot(finding)))
            .collect();
        findings.sort_by_key(|(finding, spot)| (finding.code.severity(), *spot, finding.code));
        let noted = noted(
            findings
                .iter()
                .filter_map(|(_, spot)| spot.filter(|spot| spot.row.is_some())),
            NOTES_MAX,
        );
        Layout {
            sheets,
            findings,
            noted,
        }
    }

    /// What every page says: whether something is to be fixed, and how much.
    pub(crate) fn stamp(&self, marking: &Marking<'_>) -> Stamp {
        let severities = [
            Severity::Refused,
            Severity::Rejected,
            Severity::NotQualified,
            Severity::Held,
            Severity::Warning,
        ];
        let count = |severity| {
            self.findings
                .iter()
                .filter(|(finding, _)| finding.code.severity() == severity)
                .count() as u64
        };
        let words = |severity| match severity {
            Severity::Refused => "file refused",
            Severity::Rejected => "fault that rejects a row",
            Severity::NotQualified => "reason why a row does not qualify",
            Severity::Held => "finding that holds a row",
            Severity::Warning => "warning",
            Severity::Question => "question",
        };
        let counts: Vec<String> = severities
            .into_iter()
            .map(|severity| (count(severity), severity))
            .filter(|(count, _)| *count > 0)
            .map(|(count, severity)| {
                // The plural stands in the middle of some of them.
                let one = words(severity);
                match severity {
                    _ if count == 1 => format!("1 {one}"),
                    Severity::Refused => format!("{count} files refused"),
                    Severity::Rejected => format!("{count} faults that reject a row"),
                    Severity::NotQualified => format!("{count} reasons why rows do not qualify"),
                    Severity::Held => format!("{count} findings that hold a row"),
                    Severity::Warning | Severity::Question => counted(count, one),
                }
            })
            .collect();
        let only_warnings = self
            .findings
            .iter()
            .all(|(finding, _)| finding.code.severity() == Severity::Warning);
        let standing = match (self.findings.is_empty(), only_warnings) {
            (true, _) => "NOTHING TO FIX",
            (_, true) => "WARNINGS ONLY",
            _ => "TO FIX",
        };
        let reason = if counts.is_empty() {
            "no finding is open".to_string()
        } else {
            listed(counts.iter().map(String::as_str))
        };
        Stamp {
            title: marking.title.clone(),
            standing,
            is_final: only_warnings,
            reason,
            label: marking.label.clone(),
            facts: marking.facts.clone(),
        }
    }
}

/// The places that get a note, the first ones; `None` where all do.
fn noted(spots: impl Iterator<Item = Spot>, limit: usize) -> Option<HashSet<Spot>> {
    let mut noted = HashSet::new();
    let mut short = false;
    for spot in spots {
        if noted.len() < limit {
            noted.insert(spot);
        } else {
            short |= !noted.contains(&spot);
        }
    }
    short.then_some(noted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places in column A, one for each row given.
    fn spots(rows: &[u32]) -> impl Iterator<Item = Spot> {
        rows.iter().map(|row| Spot {
            sheet: 0,
            row: Some(*row),
            column: Some(0),
        })
    }

    #[test]
    fn every_cell_has_a_note_up_to_the_limit_however_often_a_cell_is_named() {
        assert_eq!(noted(spots(&[2, 3, 4]), 3), None);
        assert_eq!(noted(spots(&[2, 3, 4, 2, 4]), 3), None);
    }

    #[test]
    fn past_the_limit_the_first_cells_have_their_notes_and_the_others_none() {
        assert_eq!(
            noted(spots(&[2, 3, 4, 2, 5]), 3),
            Some(spots(&[2, 3, 4]).collect())
        );
    }
}
