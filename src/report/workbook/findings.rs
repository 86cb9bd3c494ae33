//! *Findings*: what a person should know about a file, a sheet or a cell, with what to do. No pupil data.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use crate::calculation::Calculation;
use crate::catalogue::{CATALOGUE, Code, CodeEntry, Severity};
use crate::finding::Finding;
use crate::shades;
use crate::sheets::cell::Cell;
use crate::sheets::listing::Listing;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};

/// The sheet's name.
pub(super) const FINDINGS: &str = "Findings";
/// What it means that a finding is open.
pub(super) const OPEN_MEANS: &str = "Open: no decision in resolutions.csv settles it. While a refused file, a rejected or held row, a question, or a \
     decision without effect (W214, W220) is open, the report is PRELIMINARY. Rows that do not qualify and other warnings need no decision, and \
     stay open in a FINAL report.";

const COLUMNS: [Column; 11] = [
    Column::text("Code", 9.0),
    Column::text("Severity", 14.0),
    Column::text("Open", 10.0),
    Column::text("Source file", 38.0),
    Column::text("Sheet", 18.0),
    Column::figures("Row", 9.0),
    Column::text("Column", 18.0),
    Column::text("Cell", 9.0),
    Column::figures("Times", 9.0),
    Column::text("What is wrong", 42.0),
    Column::text("What to do", 42.0),
];

/// Findings of a sheet that share a line.
struct Line<'f> {
    /// The first of them.
    first: &'f Finding,
    is_open: bool,
    times: usize,
}

impl Line<'_> {
    fn message(&self) -> Cow<'_, str> {
        match alike(self.first.code).filter(|_| self.times > 1) {
            None => Cow::Borrowed(&self.first.message),
            Some(What::Zeros) => Cow::Owned(format!("zeros restored in {} rows", self.times)),
            Some(What::Title) => Cow::Borrowed(self.first.code.entry().title),
        }
    }
}

/// How findings of a code are described together if their messages differ only in a value.
enum What {
    /// The code with the zeros that a spreadsheet removed.
    Zeros,
    /// The catalogue's title: the messages name other rows or lines of the ledger, which are on *Completions*.
    Title,
}

fn alike(code: Code) -> Option<What> {
    match code {
        Code::W201 | Code::W202 => Some(What::Zeros),
        Code::N309 | Code::W223 => Some(What::Title),
        _ => None,
    }
}

/// The lines of the sheet, in the order of their first findings. Whatever must be corrected or decided cell by cell has its own
/// line. Alike warnings, and alike rows that do not qualify, share one per sheet.
fn lines<'f>(calculation: &Calculation, findings: &[&'f Finding]) -> Vec<Line<'f>> {
    let mut lines: Vec<Line<'f>> = Vec::new();
    let mut places = HashMap::new();
    for finding in findings {
        let is_open = calculation.is_open(finding);
        let severity = finding.code.severity();
        if !matches!(severity, Severity::Warning | Severity::NotQualified) {
            lines.push(Line {
                first: finding,
                is_open,
                times: 1,
            });
            continue;
        }
        let says = if alike(finding.code).is_some() {
            ""
        } else {
            &*finding.message
        };
        let column = finding.column.map_or("", |(title, _)| title);
        let place = (&*finding.file, finding.sheet.as_deref(), column);
        let what = (finding.code, is_open, says, finding.fix());
        let line = *places.entry((place, what)).or_insert_with(|| {
            lines.push(Line {
                first: finding,
                is_open,
                times: 0,
            });
            lines.len() - 1
        });
        lines[line].times += 1;
    }
    lines
}

/// How many lines the sheet has.
pub(super) fn count(calculation: &Calculation) -> usize {
    let findings: Vec<&Finding> = calculation.findings.iter().collect();
    lines(calculation, &findings).len()
}

/// Writes findings.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    findings: &[&Finding],
) -> Result<(), XlsxError> {
    let lines = lines(report.calculation, findings);
    let listing = Listing {
        name: FINDINGS,
        about: format!(
            "By file, sheet, row and column. The cell is where to look. Warnings and rows that do not qualify have one line where a sheet \
             has many alike; findings.csv has every one. {OPEN_MEANS} A warning changes no amount by itself."
        ),
        notice: false,
        columns: COLUMNS.to_vec(),
        frozen: 2,
        rows: lines.len(),
        none: "none",
        total: None,
        beneath: None,
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        let line = &lines[row];
        let finding = line.first;
        cells.extend([
            Cell::text(finding.code.as_str()),
            shades::severity(finding.code.severity()),
            Cell::text(if line.is_open { "open" } else { "settled" }),
            Cell::words(&*finding.file),
            Cell::words(finding.sheet.as_deref().unwrap_or_default()),
            finding.row.map_or(Cell::Empty, Cell::Number),
            Cell::text(finding.column.map_or("", |(title, _)| title)),
            Cell::text(finding.cell()),
            Cell::count(line.times),
            Cell::Words(line.message().into_owned().into()),
            Cell::words(finding.fix_for_office()),
        ]);
        Tone::Plain
    })
}

/// How often a code was found.
pub(super) struct Found {
    pub(super) entry: &'static CodeEntry,
    pub(super) count: u64,
    /// How many of them are open.
    pub(super) open: u64,
}

/// Counts of the codes that were found, in the order of severity and code.
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
