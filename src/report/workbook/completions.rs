//! *Completions* and, in an entity's workbook, *Rows*: a line per submitted row with where it ended and why.

use std::borrow::Cow;
use std::ops::Range;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::Workbooks;
use super::cell::Cell;
use super::listing::Listing;
use super::look::Tone;
use super::page::{Column, Stamp};
use crate::catalogue::Codes;
use crate::decision::{Decision, Outcome};
use crate::intake::lists::Resolution;
use crate::money::Money;
use crate::report::record::Record;
use crate::trail::{Facts, Other, short_place};

/// The sheet of the state's workbook.
pub(super) const COMPLETIONS: &str = "Completions";
/// The sheet of an entity's workbook.
pub(super) const ROWS: &str = "Rows";

const COLUMNS: [Column; 21] = [
    Column::text("Source file", 36.0),
    Column::text("Sheet", 16.0),
    Column::figures("Row", 8.0),
    Column::text("District", 11.0),
    Column::text("School", 10.0),
    Column::text("SASID", 14.0),
    Column::text("Grade", 9.0),
    Column::text("Program code", 12.0),
    Column::text("Program name", 34.0),
    Column::text("Category", 20.0),
    Column::figures("Tier", 8.0),
    Column::text("Completion date", 14.0),
    Column::text("FRL", 8.0),
    Column::text("Participant", 14.0),
    Column::text("Payee", 10.0),
    Column::text("Outcome", 17.0),
    Column::text("Codes", 14.0),
    Column::text("In words", 46.0),
    Column::figures("Weight", 10.0),
    Column::figures("Amount", 16.0),
    Column::text("Trail", 64.0),
];

/// The columns, as wide as the batch's files and programs need them.
fn columns(report: &Workbooks<'_>) -> Vec<Column> {
    let programs = report.calculation.intake.programs.all().iter().map(|program| program.name.as_str());
    let program_width = super::width_of(programs, 20, 48);
    COLUMNS
        .map(|column| match &*column.heading {
            "Amount" => column.wide(report.money_width),
            "Program name" => column.wide(program_width),
            _ => report.fitted(column),
        })
        .into()
}

/// The row in words: which decision on the record moved it; otherwise its codes.
fn in_words(resolutions: &[Resolution], decision: &Decision, outcome: Outcome) -> Cow<'static, str> {
    let Some(resolution) = decision.resolution.and_then(|number| resolutions.get(number)) else {
        return codes_in_words(decision.codes, outcome);
    };
    let Resolution { file, line, reason, approved_by, .. } = resolution;
    let place = format!("{file} line {line}");
    let given = |text: &'_ str| if text.is_empty() { "not given".to_string() } else { text.to_string() };
    let (reason, approved_by) = (given(reason), given(approved_by));
    Cow::Owned(match outcome {
        Outcome::Denied => format!("denied by {place}: {reason} ({approved_by})"),
        _ => format!("{}; taken back in by {place}: {reason}", outcome.meaning()),
    })
}

/// Codes in the catalogue's words; without a code, what the outcome means.
fn codes_in_words(codes: Codes, outcome: Outcome) -> Cow<'static, str> {
    let mut titles = codes.iter().map(|code| code.entry().title);
    match (titles.next(), titles.next()) {
        (None, _) if outcome == Outcome::Paid => Cow::Borrowed(""),
        (None, _) => Cow::Borrowed(outcome.meaning()),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(titles).collect::<Vec<_>>().join("; ")),
    }
}

/// Why the row ended where it did, in one line; rows that the reader may not see are not named.
fn trail(report: &Workbooks<'_>, record: &Record<'_>, position: usize, sees: &dyn Fn(usize) -> bool) -> String {
    let calculation = report.calculation;
    let reason = report.trails.reason(&calculation.decisions, position);
    let other = reason.others.first().map(|other| {
        let theirs = report.records.get(*other);
        let place = sees(*other).then(|| short_place(theirs.source_file, theirs.source_sheet, theirs.source_row));
        (Other { place, tier: theirs.tier, outcome: theirs.outcome }, reason.others.len() - 1)
    });
    let resolution = record.decision.resolution.and_then(|number| calculation.intake.resolutions.get(number));
    let resolution = resolution.map(|resolution| format!("{} line {}", resolution.file, resolution.line));
    let facts = Facts {
        outcome: record.outcome,
        codes: record.decision.codes,
        tier: record.tier,
        standing: reason.standing,
        weight: record.decision.weight,
        amount: record.decision.amount,
        other,
        resolution: resolution.as_deref(),
    };
    facts.short()
}

fn fill<'c>(report: &Workbooks<'c>, record: Record<'c>, trail: String, cells: &mut Vec<Cell<'c>>) {
    let intake = &report.calculation.intake;
    let decision = record.decision;
    let payee = decision.participant.map_or("", |rank| intake.participants.all()[rank].payee());
    cells.extend([
        Cell::words(record.source_file),
        Cell::words(record.source_sheet),
        Cell::Number(record.source_row),
        Cell::Text(record.district_code),
        Cell::Text(record.school_code),
        Cell::Text(record.sasid),
        Cell::Text(record.grade),
        Cell::text(record.program_code),
        Cell::words(record.program_name),
        Cell::text(decision.category.map_or("", crate::rules::terms::Category::label)),
        record.tier.map_or(Cell::Empty, Cell::Number),
        Cell::date_or(decision.date, record.completion_date),
        Cell::Text(record.frl),
        Cell::text(record.participant),
        Cell::text(payee),
        Cell::Outcome(record.outcome),
        Cell::words(codes_text(decision)),
        Cell::Words(in_words(&intake.resolutions, decision, record.outcome)),
        decision.weight.map_or(Cell::Empty, |weight| Cell::Weight(weight.hundredths().into())),
        Cell::Money(decision.amount),
        Cell::text(trail),
    ]);
}

fn codes_text(decision: &Decision) -> Cow<'static, str> {
    if decision.codes.is_empty() { Cow::Borrowed("") } else { Cow::Owned(decision.codes.to_string()) }
}

/// Writes the rows at some positions of the frame, as many as `rows`, to the sheet `name`, for a reader who `sees` some rows.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    name: &str,
    rows: usize,
    position: impl Fn(usize) -> usize,
    sees: &dyn Fn(usize) -> bool,
) -> Result<(), XlsxError> {
    let decisions = &report.calculation.decisions;
    let total = |label: String, range: Range<usize>| {
        let amount: Money = range.clone().map(|row| decisions[position(row)].amount).sum();
        let mut cells = vec![Cell::text(label), Cell::Empty, Cell::count(range.len())];
        cells.resize(COLUMNS.len() - 2, Cell::Empty);
        cells.extend([Cell::Money(amount), Cell::Empty]);
        cells
    };
    let listing = Listing {
        name,
        about: "A line per submitted row. File, sheet and row are those that Excel shows; codes are explained on Findings.".to_string(),
        notice: false,
        columns: columns(report),
        frozen: 3,
        rows,
        none: "no row was submitted",
        total: Some(&total),
    };
    listing.write(workbook, report, stamp, |row, cells| {
        let record = report.records.get(position(row));
        let trail = trail(report, &record, position(row), sees);
        fill(report, record, trail, cells);
        Tone::Plain
    })
}
