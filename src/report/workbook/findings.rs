//! *Findings*: what a person should know about a file, a sheet or a cell, with what to do. No pupil data.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::context::Workbooks;
use crate::calculation::Calculation;
use crate::catalogue::CATALOGUE;
use crate::catalogue::Entry;
use crate::finding::Finding;
use crate::shades;
use crate::sheets::cell::Cell;
use crate::sheets::listing::Listing;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};

/// The sheet's name.
pub(super) const FINDINGS: &str = "Findings";

const COLUMNS: [Column; 10] = [
    Column::text("Code", 10.0),
    Column::text("Severity", 15.0),
    Column::text("Open", 11.0),
    Column::text("Source file", 38.0),
    Column::text("Sheet", 18.0),
    Column::figures("Row", 8.0),
    Column::text("Column", 22.0),
    Column::text("Cell", 10.0),
    Column::text("What is wrong", 58.0),
    Column::text("What to do", 62.0),
];

/// Writes findings.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    findings: &[&Finding],
) -> Result<(), XlsxError> {
    let listing = Listing {
        name: FINDINGS,
        about: "By file, sheet, row and column; the cell is where to look. Settled: a decision of resolutions.csv denied the row, took it back in, \
                closed the file or attested the warning; there is nothing to do. A warning changes no amount by itself; the row or file counts as it stands."
            .to_string(),
        notice: false,
        columns: COLUMNS.map(|column| report.fitted(column)).into(),
        frozen: 2,
        rows: findings.len(),
        none: "none",
        total: None,
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        let finding = findings[row];
        cells.extend([
            Cell::text(finding.code.as_str()),
            shades::severity(finding.code.severity()),
            Cell::text(if report.calculation.is_open(finding) {
                "open"
            } else {
                "settled"
            }),
            Cell::words(&*finding.file),
            Cell::words(finding.sheet.as_deref().unwrap_or_default()),
            finding.row.map_or(Cell::Empty, Cell::Number),
            Cell::text(finding.column.map_or("", |(title, _)| title)),
            Cell::text(finding.cell()),
            Cell::words(&*finding.message),
            Cell::words(finding.fix()),
        ]);
        Tone::Plain
    })
}

/// How often a code was found.
pub(super) struct Found {
    pub(super) entry: &'static Entry,
    pub(super) count: u64,
    /// Of those, how many still ask for something.
    pub(super) open: u64,
}

/// How often each code was found, in the order of severity and code; only codes that were found.
pub(super) fn by_code<'f>(
    calculation: &Calculation,
    findings: impl IntoIterator<Item = &'f Finding>,
) -> Vec<Found> {
    let mut counts = [(0, 0); CATALOGUE.len()];
    for finding in findings {
        let (count, open) = &mut counts[finding.code as usize];
        *count += 1;
        *open += u64::from(calculation.is_open(finding));
    }
    let found = CATALOGUE
        .iter()
        .zip(counts)
        .map(|(entry, (count, open))| Found { entry, count, open });
    let mut found: Vec<Found> = found.filter(|found| found.count > 0).collect();
    found.sort_by_key(|found| (found.entry.severity, found.entry.code));
    found
}
