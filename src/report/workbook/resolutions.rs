//! *Resolutions*: every decision on the record, whether it found something or not.

use std::borrow::Cow;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::context::Workbooks;
use crate::intake::lists::{Ruling, Subject, participant_code};
use crate::sheets::cell::Cell;
use crate::sheets::listing::Listing;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};
use crate::values::date;

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
        about: "Every decision of resolutions.csv: on held rows (pay or deny), rejected rows (deny), refused files (closed), and warnings (attested: \
                somebody looked, and the row or file counts as it stands)."
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
        let took_effect = calculation.resolved[index];
        cells.push(Cell::words(format!(
            "{}, line {}",
            resolution.file, resolution.line
        )));
        let attests = resolution.ruling == Some(Ruling::Attest);
        let done = match &resolution.subject {
            Ok(Subject::Pupil {
                district,
                school,
                sasid,
                program,
            }) => {
                cells.extend([
                    Cell::text("held rows"),
                    Cell::text(participant_code(district, school)),
                    Cell::text(sasid.reveal()),
                    Cell::text(program),
                ]);
                cells.extend([Cell::Empty, Cell::Empty, Cell::Empty]);
                if resolution.ruling == Some(Ruling::Pay) {
                    "the participant's row is counted, all others are denied"
                } else {
                    "the participant's rows are denied"
                }
            }
            Ok(Subject::Source { file, sheet, row }) => {
                let about = match (attests, row) {
                    (true, _) => "warnings",
                    (false, Some(_)) => "rejected row",
                    (false, None) => "refused file",
                };
                cells.extend([Cell::text(about), Cell::Empty, Cell::Empty, Cell::Empty]);
                cells.extend([
                    Cell::words(file),
                    Cell::words(sheet),
                    row.map_or(Cell::Empty, Cell::Number),
                ]);
                match (attests, row, sheet.is_empty()) {
                    (true, Some(_), _) => "the row's warnings are attested; it counts as submitted",
                    (true, None, true) => {
                        "all warnings of the file are attested; it counts as submitted"
                    }
                    (true, None, false) => {
                        "all warnings of the sheet are attested; it counts as submitted"
                    }
                    (false, Some(_), _) => "the row is denied and no longer open",
                    (false, None, _) => "the file stays unread and no longer counts as open",
                }
            }
            Ok(Subject::Participant { district, school }) => {
                cells.extend([
                    Cell::text("participant"),
                    Cell::text(participant_code(district, school)),
                ]);
                cells.extend([const { Cell::Empty }; 5]);
                ""
            }
            Err(_) => {
                cells.extend([const { Cell::Empty }; 7]);
                ""
            }
        };
        let nothing =
            "finds nothing: no such held row, rejected row, refused file or warning (W214)";
        cells.extend([
            Cell::text(resolution.ruling.map_or("", Ruling::as_str)),
            Cell::words(&resolution.reason),
            Cell::words(&resolution.approved_by),
            Cell::date_or(date(&resolution.date, false), &resolution.date),
            Cell::text(if took_effect { "yes" } else { "no" }),
            Cell::Words(Cow::Borrowed(if took_effect { done } else { nothing })),
        ]);
        Tone::Plain
    })
}
