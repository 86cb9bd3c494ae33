//! *Resolutions*: every decision on the record, whether it found something or not.

use std::borrow::Cow;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::context::Workbooks;
use crate::intake::lists::{Ruling, Subject, participant_code};
use crate::ranks::RowRank;
use crate::sheets::cell::Cell;
use crate::sheets::listing::Listing;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};
use crate::trail::short_place;
use crate::values::date;

/// The sheet's name.
pub(super) const RESOLUTIONS: &str = "Resolutions";

const COLUMNS: [Column; 17] = [
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
    Column::text("Rows it moved", 40.0),
    Column::figures("Payees gain", 16.0),
    Column::figures("Payees lose", 16.0),
];

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let resolutions = &calculation.intake.resolutions;
    let mut moved: Vec<Vec<RowRank>> = vec![Vec::new(); resolutions.len()];
    for (row, decision) in RowRank::enumerate(&calculation.decisions) {
        if let Some(line) = decision.resolution {
            moved[line].push(row);
        }
    }
    let listing = Listing {
        name: RESOLUTIONS,
        about: "Every decision of resolutions.csv: on held rows (pay or deny), rejected rows (deny), refused files (closed), and warnings (attested: \
                someone checked, and the row or file counts as submitted). The last two columns say what all payees together gain or lose because of \
                the line: the batch was calculated again without it."
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
            Cell::words(rows_moved(report, &moved[index])),
        ]);
        let effect = calculation.effects.as_ref().map(|effects| effects[index]);
        cells.extend(match effect {
            Some(effect) => [Cell::Money(effect.gained), Cell::Money(effect.lost)],
            None => ["too many rows to calculate again", ""].map(Cell::text),
        });
        Tone::Plain
    })
}

/// Rows named of those that a line moved; the others are counted.
const ROWS_NAMED_MAX: usize = 5;

/// Where the rows are that a line moved.
fn rows_moved(report: &Workbooks<'_>, rows: &[RowRank]) -> String {
    let places = rows.iter().take(ROWS_NAMED_MAX).map(|row| {
        let record = report.records.get(*row);
        short_place(record.source_file, record.source_sheet, record.source_row)
    });
    let mut words = places.collect::<Vec<_>>().join("; ");
    if rows.len() > ROWS_NAMED_MAX {
        words.push_str(&format!(" and {} more", rows.len() - ROWS_NAMED_MAX));
    }
    words
}
