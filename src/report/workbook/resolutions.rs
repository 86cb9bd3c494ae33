//! *Resolutions*: every decision on the record, whether it found something or not.

use std::borrow::Cow;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::context::Workbooks;
use crate::checks::{LineEffect, LineStatus};
use crate::intake::fields::Field;
use crate::intake::lists::{Resolution, Ruling, Subject, participant_code};
use crate::sheets::cell::Cell;
use crate::sheets::listing::Listing;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};
use crate::values::date;
use crate::words::counted;

/// The sheet's name.
pub(super) const RESOLUTIONS: &str = "Resolutions";

const COLUMNS: [Column; 14] = [
    Column::text("Where", 26.0),
    Column::text("About", 14.0),
    Column::text("Participant", 14.0),
    Column::text("SASID", 14.0),
    Column::text("Program", 13.0),
    Column::text("Source file", 36.0),
    Column::text("Sheet", 18.0),
    Column::figures("Row", 8.0),
    Column::text("Decision", 12.0),
    Column::text("Reason", 44.0),
    Column::text("Approved by", 24.0),
    Column::text("Date", 12.0),
    Column::text("Took effect", 15.0),
    Column::text("What it did", 40.0),
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
        about: "Every line of resolutions.csv, and what it did. A line without an effect (W214, W220) keeps the report PRELIMINARY."
            .to_string(),
        notice: false,
        columns: COLUMNS.map(|column| report.fitted(column)).into(),
        frozen: 0,
        rows: resolutions.len(),
        none: "none",
        total: None,
    };
    listing.write(workbook, report.kit(), stamp, |index, cells| {
        let resolution = &resolutions[index];
        let effect = &calculation.lines[index];
        cells.push(Cell::words(format!(
            "{}, line {}",
            resolution.file, resolution.line
        )));
        about(&resolution.subject, cells);
        cells.extend([
            Cell::text(resolution.decision.as_str()),
            Cell::words(&resolution.reason),
            Cell::words(&resolution.approved_by),
            Cell::date_or(
                date(&resolution.date, false).map(|date| date.day),
                &resolution.date,
            ),
            Cell::text(if effect.took_effect() { "yes" } else { "no" }),
            Cell::Words(Cow::Owned(did(resolution, effect))),
        ]);
        Tone::Plain
    })
}

/// What a line is about: seven cells.
fn about<'c>(subject: &'c Subject, cells: &mut Vec<Cell<'c>>) {
    let of_participant =
        |district: &str, school: &str| Cell::text(participant_code(district, school));
    match subject {
        Subject::Participant { district, school } => {
            cells.extend([Cell::text("participant"), of_participant(district, school)]);
            cells.extend((0..5).map(|_| Cell::Empty));
        }
        Subject::Pupil {
            district,
            school,
            sasid,
            program,
        } => {
            cells.extend([
                Cell::text("held rows"),
                of_participant(district, school),
                Cell::text(sasid.reveal()),
                Cell::text(program),
            ]);
            cells.extend([Cell::Empty, Cell::Empty, Cell::Empty]);
        }
        Subject::Source { file, sheet, row } => {
            let what = match (row, sheet.is_empty()) {
                (Some(_), _) => "row",
                (None, true) => "file",
                (None, false) => "sheet",
            };
            cells.extend([Cell::text(what), Cell::Empty, Cell::Empty, Cell::Empty]);
            cells.extend([
                Cell::words(file),
                Cell::words(sheet),
                row.map_or(Cell::Empty, Cell::Number),
            ]);
        }
        Subject::Unclear(_) => cells.extend((0..7).map(|_| Cell::Empty)),
    }
}

/// What a line did, or why it did nothing.
fn did(resolution: &Resolution, effect: &LineEffect) -> String {
    let rows = counted(effect.rows.len() as u64, "row");
    match &effect.status {
        LineStatus::FitsNothing(why) => format!("nothing (W214): {why}"),
        LineStatus::IsIncomplete(why) => format!("nothing (W220): {why}"),
        LineStatus::IsMoot(why) => format!("nothing was left to do (W231): {why}"),
        LineStatus::TookEffect => match (resolution.decision, &resolution.subject) {
            (Ruling::Exclude, _) => "the participant counts as not participating".to_string(),
            (Ruling::Correct, _) => {
                let column = resolution.column.map_or("the cell", Field::title);
                format!("{column} is read as Becomes")
            }
            (Ruling::Qualify, _) => "the row's N codes no longer count".to_string(),
            (Ruling::Pay, _) => {
                "the participant's row is counted, all others are denied".to_string()
            }
            (Ruling::Deny, Subject::Pupil { .. }) => {
                "the participant's rows are denied".to_string()
            }
            (Ruling::Deny, _) if effect.rows.is_empty() => {
                "the file stays unread and no longer counts as open".to_string()
            }
            (Ruling::Deny, _) => format!("{rows} denied and set aside"),
            (Ruling::Attest, _) => {
                "the warnings and questions there are answered; it counts as it is".to_string()
            }
            (Ruling::Undecided, _) => String::new(),
        },
    }
}
