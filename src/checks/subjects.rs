//! Finds what a line of `resolutions.csv` is about: a participant, a row, a sheet or a file. If nothing fits, says why
//! (calculation.md, section 2.5).

use super::cells::Cells;
use super::docket::LineStatus;
use super::row_check::is_row_check;
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::intake::lists::{Resolution, Subject};
use crate::intake::{Intake, SUBMISSIONS};
use crate::ranks::{ParticipantRank, RowRank};
use crate::values::said;

pub(super) fn unfit(why: impl Into<String>) -> LineStatus {
    LineStatus::FitsNothing(why.into())
}

/// The participant with exactly the codes that a line gives.
pub(super) fn listed_exactly(
    line: &Resolution,
    intake: &Intake,
) -> Result<ParticipantRank, LineStatus> {
    let Ok(Subject::Participant { district, school }) = &line.subject else {
        return Err(unfit("it names no participant"));
    };
    intake
        .participants
        .exactly(district, school)
        .ok_or_else(|| unfit("no entry of the participants list has these codes"))
}

/// The participant of a line about a pupil. A School Code that is not a listed charter's means the district.
pub(super) fn participant_of_pupil(line: &Resolution, intake: &Intake) -> Option<ParticipantRank> {
    match &line.subject {
        Ok(Subject::Pupil {
            district, school, ..
        }) => intake.participants.owner(district, school),
        _ => None,
    }
}

/// The row that a line is about, if its content still fits the Row Check.
pub(super) fn bound_row(line: &Resolution, cells: &Cells<'_>) -> Result<RowRank, LineStatus> {
    let Ok(Subject::Source {
        file,
        sheet,
        row: Some(number),
    }) = &line.subject
    else {
        return Err(unfit("it names no Source Row"));
    };
    let row = row_at(cells, file, sheet, *number)?;
    check_fits(line, cells, row)?;
    Ok(row)
}

pub(super) fn check_fits(
    line: &Resolution,
    cells: &Cells<'_>,
    row: RowRank,
) -> Result<(), LineStatus> {
    if line.row_check.is_empty() || is_row_check(&line.row_check, cells, row) {
        return Ok(());
    }
    Err(unfit(
        "its Row Check is not that of the row: the row was changed since",
    ))
}

/// The place whose warnings and questions a line attests.
pub(super) enum Place<'p> {
    Participant(ParticipantRank),
    Row(RowRank),
    Source(&'p str, &'p str),
}

impl Place<'_> {
    pub(super) fn holds(&self, finding: &Finding) -> bool {
        match self {
            Place::Participant(rank) => finding.participant == Some(*rank),
            Place::Row(row) => finding.position == Some(*row),
            Place::Source(file, sheet) => {
                *finding.file == **file
                    && (sheet.is_empty() || finding.sheet.as_deref() == Some(sheet))
            }
        }
    }

    pub(super) fn is_file(&self, path: Option<&str>) -> bool {
        matches!(self, Place::Source(file, "") if path == Some(*file))
    }
}

pub(super) fn place_of<'p>(
    line: &'p Resolution,
    cells: &Cells<'p>,
) -> Result<Place<'p>, LineStatus> {
    let intake = cells.intake;
    match &line.subject {
        Ok(Subject::Source { row: Some(_), .. }) => bound_row(line, cells).map(Place::Row),
        Ok(Subject::Source { file, sheet, .. }) => {
            let mut passed_over = intake.passed_over.iter();
            if let Some(passed) = passed_over.find(|passed| same_text(&passed.path, file)) {
                return Ok(Place::Source(&passed.path, sheet));
            }
            let position = file_at(intake, file)?;
            let source = &intake.files[position];
            let is_named = |name: Option<&str>| name == Some(sheet.as_str());
            let was_read = || {
                source
                    .sheets
                    .iter()
                    .any(|read| is_named(read.name.as_deref()))
            };
            // A sheet that was not read has a warning, which a line can attest.
            let is_warned_of = || {
                let mut findings = intake.findings.iter();
                findings.any(|finding| {
                    finding.code == Code::W217
                        && finding.file == source.path
                        && is_named(finding.sheet.as_deref())
                })
            };
            if !sheet.is_empty() && !was_read() && !is_warned_of() {
                return Err(unfit(format!("no sheet \"{sheet}\" was read")));
            }
            Ok(Place::Source(&intake.files[position].path, sheet))
        }
        _ => listed_exactly(line, intake).map(Place::Participant),
    }
}

pub(super) fn file_at(intake: &Intake, file: &str) -> Result<usize, LineStatus> {
    let mut files = intake.files.iter();
    files
        .position(|source| same_text(&source.path, file))
        .ok_or_else(|| unfit(no_such_file(intake, file)))
}

/// Compares names in composed form: a Mac stores the accents of a file name apart.
fn same_text(one: &str, other: &str) -> bool {
    one == other || said(one, false) == said(other, false)
}

/// Why a resolution names no file of the batch.
fn no_such_file(intake: &Intake, file: &str) -> String {
    if file.bytes().all(|byte| byte.is_ascii_digit()) {
        // If the columns are shifted, this can be a SASID.
        return format!(
            "Source File is {}, not the path of a file",
            crate::finding::describe(file)
        );
    }
    let below = format!("{SUBMISSIONS}/{file}");
    if intake.files.iter().any(|source| *source.path == *below) {
        format!("the batch has no file \"{file}\"; write \"{below}\"")
    } else {
        format!("the batch has no file \"{file}\"")
    }
}

/// The position of a sheet in its file. A line may leave it out where only one sheet of the workbook was read.
fn sheet_at(intake: &Intake, file: usize, sheet: &str) -> Result<usize, LineStatus> {
    let sheets = &intake.files[file].sheets;
    if sheet.is_empty() && sheets.len() == 1 {
        return Ok(0);
    }
    let found = sheets
        .iter()
        .position(|source| source.name.as_deref().unwrap_or_default() == sheet);
    found.ok_or_else(|| {
        if sheet.is_empty() {
            unfit("the workbook has several sheets: name one")
        } else {
            unfit(format!("no sheet \"{sheet}\" was read"))
        }
    })
}

/// The first row at a place or after it.
fn first_at(cells: &Cells<'_>, place: (usize, usize, u32)) -> usize {
    let rows = &cells.rows;
    let (mut low, mut high) = (0, rows.len());
    while low < high {
        let middle = low.midpoint(high);
        let rank = RowRank::new(middle);
        if (rows.file(rank), rows.sheet(rank), rows.row(rank)) < place {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The row at a place, or why there is none.
fn row_at(cells: &Cells<'_>, file: &str, sheet: &str, row: u32) -> Result<RowRank, LineStatus> {
    let file = file_at(cells.intake, file)?;
    let sheet = sheet_at(cells.intake, file, sheet)?;
    let found = first_at(cells, (file, sheet, row));
    let rank = RowRank::new(found);
    let rows = &cells.rows;
    if found < rows.len()
        && (rows.file(rank), rows.sheet(rank), rows.row(rank)) == (file, sheet, row)
    {
        Ok(rank)
    } else {
        Err(unfit(format!("row {row} holds no completion")))
    }
}

/// The rows of a sheet; without a sheet, those of the file.
pub(super) fn rows_of(
    cells: &Cells<'_>,
    file: usize,
    sheet: &str,
) -> Result<Vec<RowRank>, LineStatus> {
    let (from, to) = if sheet.is_empty() {
        ((file, 0, 0), (file + 1, 0, 0))
    } else {
        let sheet = sheet_at(cells.intake, file, sheet)?;
        ((file, sheet, 0), (file, sheet + 1, 0))
    };
    let rows: Vec<RowRank> = (first_at(cells, from)..first_at(cells, to))
        .map(RowRank::new)
        .collect();
    if rows.is_empty() {
        return Err(unfit("no row was read there"));
    }
    Ok(rows)
}
