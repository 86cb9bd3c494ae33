//! *Resolutions*: every decision on the record, with or without an effect.

use std::borrow::Cow;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use crate::checks::LineStatus;
use crate::intake::lists::{Ruling, Subject, participant_code};
use crate::ranks::{ResolutionRank, RowRank};
use crate::sheets::cell::Cell;
use crate::sheets::listing::Listing;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};
use crate::trail::short_place;
use crate::values::date;

/// The sheet's name.
pub(super) const RESOLUTIONS: &str = "Resolutions";

const COLUMNS: [Column; 17] = [
    Column::text("Line", 8.0),
    Column::text("About", 34.0),
    Column::text("Participant", 14.0),
    Column::text("Decision", 12.0),
    Column::text("Reason", 42.0),
    Column::text("Approved by", 20.0),
    Column::text("Date", 12.0),
    Column::text("Took effect", 12.0),
    Column::text("What it did", 34.0),
    Column::figures("Payees gain", 16.0),
    Column::figures("Payees lose", 16.0),
    Column::text("SASID", 14.0),
    Column::text("Program", 13.0),
    Column::text("Source file", 36.0),
    Column::text("Sheet", 18.0),
    Column::figures("Row", 8.0),
    Column::text("Rows it touched", 40.0),
];

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let resolutions = &calculation.intake.resolutions;
    let listing = Listing {
        name: RESOLUTIONS,
        about: "Every line of resolutions.csv, and what it did. A line without an effect (W214, W220) keeps the report PRELIMINARY. \
                Payees gain and Payees lose are the total effect of a line on all payees."
            .to_string(),
        notice: false,
        columns: COLUMNS.map(|column| report.fitted(column)).into(),
        frozen: 0,
        rows: resolutions.len(),
        none: "none",
        total: None,
        beneath: None,
    };
    listing.write(workbook, report.kit(), stamp, |index, cells| {
        let resolution = &resolutions[index];
        let effect = &calculation.lines[index];
        cells.push(Cell::text(resolution.line.to_string()));
        let [participant, place @ ..] = about(resolution.subject.as_ref().ok());
        let what = what(report, resolution.subject.as_ref().ok(), &effect.rows);
        cells.extend([
            Cell::words(what),
            participant,
            Cell::text(resolution.ruling.map_or("", Ruling::as_str)),
            Cell::words(&resolution.reason),
            Cell::words(&resolution.approved_by),
            Cell::date_or(
                date(&resolution.date, false).map(|date| date.day),
                &resolution.date,
            ),
            Cell::text(if effect.took_effect() { "yes" } else { "no" }),
            Cell::Words(Cow::Owned(did(report, index))),
        ]);
        let dollars = calculation.dollar_effects.as_ref();
        cells.extend(match dollars.map(|effects| effects[index]) {
            Some(effect) => [Cell::Money(effect.gained), Cell::Money(effect.lost)],
            None => ["too many rows to calculate again", ""].map(Cell::text),
        });
        // Pupil and places are for the screen only and on one line, so that the printed part has no gaps.
        cells.extend(place);
        cells.push(Cell::text(rows_touched(report, &effect.rows)));
        Tone::Plain
    })
}

/// What a line is about, in words that say where it is: an approver may have the print alone.
fn what(report: &Workbooks<'_>, subject: Option<&Subject>, rows: &[RowRank]) -> String {
    match subject {
        Some(Subject::Participant { .. }) => "participant".to_string(),
        Some(Subject::Pupil { .. }) => match rows.first() {
            Some(first) => format!("held: {}", place_of(report, *first)),
            None => "held rows of a pupil".to_string(),
        },
        Some(Subject::Source { file, sheet, row }) => match row {
            Some(row) => short_place(file, sheet, *row),
            None if sheet.is_empty() => format!("file {file}"),
            None => format!("sheet {sheet} of {file}"),
        },
        None => String::new(),
    }
}

/// What a line names: participant, SASID, program, file, sheet and row.
fn about(subject: Option<&Subject>) -> [Cell<'_>; 6] {
    let mut cells = [const { Cell::Empty }; 6];
    let of = |district: &str, school: &str| Cell::text(participant_code(district, school));
    match subject {
        Some(Subject::Participant { district, school }) => cells[0] = of(district, school),
        Some(Subject::Pupil {
            district,
            school,
            sasid,
            program,
        }) => {
            cells[0] = of(district, school);
            cells[1] = Cell::text(sasid.reveal());
            cells[2] = Cell::text(program);
        }
        Some(Subject::Source { file, sheet, row }) => {
            cells[3] = Cell::words(file);
            cells[4] = Cell::words(sheet);
            cells[5] = row.map_or(Cell::Empty, Cell::Number);
        }
        None => {}
    }
    cells
}

/// What a line did, or why it did nothing.
fn did(report: &Workbooks<'_>, line: usize) -> String {
    match &report.calculation.lines[line].status {
        LineStatus::FitsNothing(why) => format!("nothing (W214): {why}"),
        LineStatus::IsIncomplete(why) => format!("nothing (W220): {why}"),
        LineStatus::IsMoot(why) => format!("nothing was left to do (W231): {why}"),
        LineStatus::IsUndecided => "nothing yet: it has no Decision (W232)".to_string(),
        LineStatus::TookEffect => done(report, ResolutionRank::new(line)).to_string(),
    }
}

fn done<'r>(report: &'r Workbooks<'_>, line: ResolutionRank) -> &'r str {
    let (resolution, effect) = (
        &report.calculation.intake.resolutions[line],
        &report.calculation.lines[line],
    );
    let Some(ruling) = resolution.ruling else {
        return "";
    };
    let is_pupil = matches!(resolution.subject, Ok(Subject::Pupil { .. }));
    match ruling {
        Ruling::Exclude => "the participant counts as not participating",
        Ruling::Correct | Ruling::Qualify => report.changes.of_line(line).unwrap_or_default(),
        Ruling::Pay => "the participant's row is counted, all others are denied",
        Ruling::Deny if is_pupil => "the participant's rows are denied",
        Ruling::Deny if effect.rows.is_empty() => {
            "the file stays unread and no longer counts as open"
        }
        Ruling::Deny => "the rows there are denied and left out",
        Ruling::Attest => {
            "the warnings and questions there are answered; the data counts as submitted"
        }
    }
}

fn place_of(report: &Workbooks<'_>, row: RowRank) -> String {
    let record = report.records.get(row);
    short_place(record.source_file, record.source_sheet, record.source_row)
}

/// Rows named per line; the others are counted.
const ROWS_NAMED_MAX: usize = 5;

/// The places of the rows that a line changed.
fn rows_touched(report: &Workbooks<'_>, rows: &[RowRank]) -> String {
    let places = rows.iter().take(ROWS_NAMED_MAX);
    let places = places.map(|row| place_of(report, *row));
    let mut words = places.collect::<Vec<_>>().join("; ");
    if rows.len() > ROWS_NAMED_MAX {
        words.push_str(&format!(" and {} more", rows.len() - ROWS_NAMED_MAX));
    }
    words
}
