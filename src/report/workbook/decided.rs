//! *What was decided*: in a FINAL report, the outcomes of an entity's rows and why, and every row that is not paid or that a decision
//! changed, with a link.

use std::collections::BTreeMap;

use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use super::entity::files_in_words;
use super::summary::outcome_table;
use super::why::in_words_with_reasons;
use crate::catalogue::{Code, Severity};
use crate::decision::Outcome;
use crate::intake::pages::MARKED_PAGE;
use crate::report::entities::ReportingEntity;
use crate::returns::marked::{DECIDED, Layout};
use crate::shades;
use crate::sheets::book::Workbook;
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::sheets::spliced::Spliced;
use crate::words::{counted, thousands};

/// Rows in the list: far more than anyone reads, and below Excel's 65,530 links on a sheet.
const LISTED_MAX: usize = 10_000;

const WIDTHS: [f64; 7] = [18.0, 16.0, 12.0, 44.0, 46.0, 28.0, 12.0];

const CODES: [Column; 4] = [
    Column::word("Kind of code"),
    Column::word("Code"),
    Column::figure("Rows"),
    Column::word("What it means"),
];

const ROWS: [Column; 7] = [
    Column::word("Outcome"),
    Column::word("Codes"),
    Column::figure("Row"),
    Column::word("In words"),
    Column::word("File"),
    Column::word("Sheet"),
    Column::word("Go to"),
];

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
    stamp: &Stamp,
    layout: &Layout<'_>,
) -> Result<(), XlsxError> {
    let about = "How your rows ended and why. The sheets that follow say it again at the right edge of every row.";
    let (sheet, spliced) = workbook.add_spliced();
    let mut page = Page::begin(
        sheet,
        &report.look,
        stamp,
        DECIDED,
        (about, false),
        WIDTHS.to_vec(),
    )?;
    page.as_document()?;
    page.stamped(MARKED_PAGE)?;
    page.section("Files")?;
    page.note("Received", &files_in_words(report, entity))?;
    let office = &report.calculation.batch.office;
    if let Some((label, until)) = office.until(true) {
        page.note(label, &until)?;
    }
    if let Some(whom) = office.questions_to() {
        page.note("Questions", &whom)?;
    }
    page.skip();
    outcome_table(&mut page, "Rows_decided", &entity.outcomes, false)?;
    codes(&mut page, report, entity)?;
    rows((&mut page, spliced), report, layout)
}

/// A line for each code of the rows that are not paid. What could be done about it is no longer said: the report is FINAL.
fn codes(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
) -> Result<(), XlsxError> {
    let mut counts: BTreeMap<(Severity, Code), u64> = BTreeMap::new();
    let decisions = entity
        .rows
        .iter()
        .map(|row| &report.calculation.decisions[*row]);
    for decision in decisions.filter(|decision| decision.outcome != Outcome::Paid) {
        for code in decision.codes.iter() {
            *counts.entry((code.severity(), code)).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return Ok(());
    }
    page.section("Codes in words")?;
    let lines = u32::try_from(counts.len()).unwrap_or(u32::MAX);
    page.table("Codes", &CODES, lines, Filter::PlainTable)?;
    page.heading_to_edge(&CODES)?;
    for ((severity, code), count) in counts {
        let entry = code.entry();
        let cells = vec![
            shades::severity(severity),
            Cell::text(code.as_str()),
            Cell::Count(count),
            Cell::words(entry.title),
        ];
        page.line_to_edge(cells, Tone::Plain)?;
    }
    page.skip();
    Ok(())
}

/// Every row that is not paid or that a decision changed.
fn rows(
    (page, spliced): (&mut Page<'_>, &mut Spliced),
    report: &Workbooks<'_>,
    layout: &Layout<'_>,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let told: Vec<_> = layout
        .rows()
        .filter(|(_, row)| {
            let decision = &calculation.decisions[*row];
            decision.outcome != Outcome::Paid
                || decision.resolution.is_some()
                || !report.changes.of_row(*row).is_empty()
        })
        .collect();
    page.section(
        "Every row that is not paid or that a decision changed: click a cell to jump to it",
    )?;
    if told.is_empty() {
        return page.paragraph("Every row is paid.", &report.look.paragraph);
    }
    let left_out = told.len().saturating_sub(LISTED_MAX);
    if left_out > 0 {
        let text = format!(
            "The first {} are listed; {} more are on the sheets that follow.",
            thousands(LISTED_MAX as u64),
            counted(left_out as u64, "row")
        );
        page.paragraph(&text, &report.look.about)?;
    }
    let listed = &told[..told.len() - left_out];
    let lines = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    // A table of many pages: they repeat its headings in place of the band; FINAL or PRELIMINARY is in their header.
    let header = page.row();
    page.sheet.set_repeat_rows(header, header)?;
    page.table("Rows_in_words", &ROWS, lines, Filter::Table)?;
    for (name, row) in listed {
        let record = report.records.get(*row);
        let decision = record.decision;
        let cells = [
            shades::outcome(record.outcome),
            Cell::words(decision.codes.to_string()),
            Cell::Number(record.source_row),
            Cell::Words(in_words_with_reasons(report, *row)),
            Cell::words(record.source_file),
            Cell::words(record.source_sheet),
            Cell::Place(name, format!("A{}", record.source_row)),
        ];
        page.spliced_line(spliced, &cells, Tone::Plain)?;
    }
    spliced.end(page.sheet)
}
