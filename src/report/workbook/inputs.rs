//! *Inputs*: every file that the result depends on, with its hash and what became of its rows.

use std::borrow::Cow;
use std::ops::Range;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use crate::batch::OwnColumns;
use crate::catalogue::Code;
use crate::decision::Outcome;
use crate::intake::lists::Participant;
use crate::intake::submission::SourceFile;
use crate::intake::{InputFile, PassedOver};
use crate::results::frame::Dimension;
use crate::sheets::cell::Cell;
use crate::sheets::listing::Listing;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};
use crate::trail::short_name;
use crate::words::{counted, thousands};

/// The sheet's name.
pub(super) const INPUTS: &str = "Inputs";

/// The heading of the files.
pub(super) const SOURCE: &str = "Source file";
/// The heading of a file's kind.
pub(super) const KIND: &str = "What it is";
/// The heading of its rows.
pub(super) const ROWS: &str = "Rows";
/// What a submission is called there.
pub(super) const SUBMITTED: &str = "submission";

/// Names in a sentence: more are counted, since the sheet has all of them.
const NAMES_MAX: usize = 10;

const COLUMNS: [Column; 12] = [
    Column::text(SOURCE, 48.0),
    Column::text(KIND, 20.0),
    Column::text("Entity", 10.0),
    Column::figures("Sheets read", 11.0),
    Column::figures(ROWS, 10.0),
    Column::figures("Rows rejected", 12.0),
    Column::figures("Rows held", 10.0),
    Column::figures("Rows paid", 10.0),
    Column::text("Refused", 10.0),
    Column::text("Remark", 46.0),
    Column::figures("Bytes", 16.0),
    Column::text("SHA-256", 74.0),
];

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let intake = &report.calculation.intake;
    let unheard = not_received(report);
    let results = &report.calculation.results;
    let by_file = results.group([Dimension::File, Dimension::Outcome]);
    let ended = |file: usize, outcome: Outcome| by_file.get([file, outcome as usize]).rows;
    let total = |label: String, _: Range<usize>| {
        let count = |outcome| Cell::count(report.count(outcome));
        let refused = intake
            .files
            .iter()
            .filter(|file| file.refused.is_some())
            .count();
        vec![
            Cell::text(format!("{label} of the submissions")),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::count(intake.completions.len()),
            count(Outcome::Rejected),
            count(Outcome::Held),
            count(Outcome::Paid),
            Cell::count(refused),
            Cell::Empty,
            Cell::Count(intake.files.iter().map(|file| file.bytes).sum()),
            Cell::Empty,
        ]
    };
    let listing = Listing {
        name: INPUTS,
        about: format!(
            "Configuration and lists come first, then the submissions, the files passed over for their names ({}), and the participants \
             that sent nothing ({}). The same bytes (SHA-256) give the same result.{}",
            intake.passed_over.len(),
            unheard.len(),
            own_headings(&report.calculation.batch.columns)
        ),
        notice: false,
        columns: COLUMNS.map(|column| report.fitted(column)).into(),
        frozen: 1,
        rows: intake.inputs.len() + intake.files.len() + intake.passed_over.len() + unheard.len(),
        none: "none",
        total: Some(&total),
        beneath: None,
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        let mut row = row;
        if let Some(input) = next(&intake.inputs, &mut row) {
            cells.extend(of_input(input));
        } else if let Some(file) = next(&intake.files, &mut row) {
            let closed = report.calculation.closed_files[row];
            let ended = |outcome| Cell::Count(ended(row, outcome));
            cells.extend(of_file(file, closed, ended));
        } else if let Some(passed) = next(&intake.passed_over, &mut row) {
            cells.extend(of_passed_over(passed));
        } else if let Some((participant, is_confirmed)) = unheard.get(row) {
            cells.extend(of_unheard(participant, *is_confirmed));
        }
        Tone::Plain
    })
}

/// The item at a row of several lists in sequence; past the end of one, `row` continues in the next.
fn next<'i, T>(items: &'i [T], row: &mut usize) -> Option<&'i T> {
    let item = items.get(*row);
    if item.is_none() {
        *row -= items.len();
    }
    item
}

/// Participants without rows (Q403), each with whether a decision confirms it.
fn not_received<'c>(report: &Workbooks<'c>) -> Vec<(&'c Participant, bool)> {
    let calculation = report.calculation;
    let participants = calculation.intake.participants.all();
    let asked = calculation
        .findings
        .iter()
        .filter(|finding| finding.code == Code::Q403);
    let unheard = asked.filter_map(|finding| {
        let participant = &participants[finding.participant?];
        Some((participant, finding.attested_by.is_some()))
    });
    unheard.collect()
}

/// How many files were read, which were not, and who has no rows.
pub(super) fn in_words(report: &Workbooks<'_>) -> String {
    let calculation = report.calculation;
    let intake = &calculation.intake;
    let refused = intake.files.iter().filter(|file| file.refused.is_some());
    let refused: Vec<&str> = refused.map(|file| short_name(&file.path)).collect();
    let passed = intake.passed_over.iter();
    let passed: Vec<&str> = passed.map(|file| short_name(&file.path)).collect();
    let unheard = not_received(report)
        .into_iter()
        .map(|(participant, is_confirmed)| {
            let remark = if is_confirmed { " (confirmed)" } else { "" };
            format!("{} {}{remark}", participant.code(), participant.name)
        });
    let unheard: Vec<String> = unheard.collect();
    let unheard: Vec<&str> = unheard.iter().map(String::as_str).collect();
    let read = intake.files.len() - refused.len();
    let open = format!("Refused ({} still open)", calculation.open_refusals());
    let files = counted(intake.files.len() as u64, "file");
    let everyone = || "Every participant that these rules can pay has rows.".to_string();
    let sentences = [
        Some(format!("{} of {files} read.", thousands(read as u64))),
        naming(&open, &refused),
        naming("Not read because of the name", &passed),
        Some(naming("No rows from", &unheard).unwrap_or_else(everyone)),
    ];
    let sentences: Vec<String> = sentences.into_iter().flatten().collect();
    sentences.join(" ")
}

/// A sentence with the first names; none where there are no names.
fn naming(what: &str, names: &[&str]) -> Option<String> {
    let shown = &names[..names.len().min(NAMES_MAX)];
    let more = match names.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {} more: see {INPUTS}", thousands(more as u64)),
    };
    (!names.is_empty()).then(|| format!("{what}: {}{more}.", shown.join(", ")))
}

/// The cells of a file that was passed over.
fn of_passed_over(file: &PassedOver) -> [Cell<'_>; 12] {
    let mut cells = [const { Cell::Empty }; 12];
    cells[0] = Cell::words(&file.path);
    cells[1] = Cell::text("passed over");
    cells[9] = Cell::text("not read because of its name");
    cells[10] = Cell::Count(file.bytes);
    cells[11] = Cell::text(&file.sha256);
    cells
}

/// The cells of a participant that sent nothing.
fn of_unheard(participant: &Participant, is_confirmed: bool) -> [Cell<'_>; 12] {
    let mut cells = [const { Cell::Empty }; 12];
    cells[1] = Cell::text("Not received");
    cells[2] = Cell::text(participant.code());
    cells[9] = if is_confirmed {
        Cell::words(format!("{}; confirmed by a decision", participant.name))
    } else {
        Cell::words(participant.name.as_str())
    };
    cells
}

/// The cells of the configuration file or a list.
fn of_input(input: &InputFile) -> [Cell<'_>; 12] {
    [
        Cell::words(&input.path),
        Cell::text(input.role),
        Cell::Empty,
        Cell::Empty,
        input.rows.map_or(Cell::Empty, Cell::count),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Count(input.bytes),
        Cell::text(&input.sha256),
    ]
}

/// The cells of a submission; `ended` counts its rows of an outcome.
fn of_file<'f>(
    file: &'f SourceFile,
    closed: bool,
    ended: impl Fn(Outcome) -> Cell<'f>,
) -> [Cell<'f>; 12] {
    [
        Cell::words(&*file.path),
        Cell::text(SUBMITTED),
        Cell::text(file.entity.as_deref().unwrap_or_default()),
        Cell::count(file.sheets.len()),
        Cell::count(file.rows),
        ended(Outcome::Rejected),
        ended(Outcome::Held),
        ended(Outcome::Paid),
        Cell::text(file.refused.map_or("", crate::catalogue::Code::as_str)),
        Cell::Words(remark(file, closed)),
        Cell::Count(file.bytes),
        Cell::text(&file.sha256),
    ]
}

/// The batch's own headings, if any.
fn own_headings(columns: &OwnColumns) -> String {
    if *columns == OwnColumns::default() {
        return String::new();
    }
    let headings = columns.headings.iter().map(|(field, heading)| {
        format!("{} is read from the heading \"{heading}\"", field.title())
    });
    let constants = columns
        .constants
        .iter()
        .map(|(field, value)| format!("{} is {value} in files without that column", field.title()));
    let read: Vec<String> = headings.chain(constants).collect();
    format!(
        " The batch's own columns, by [columns] in batch.toml: {}.",
        read.join("; ")
    )
}

/// A short remark about a file.
fn remark(file: &SourceFile, closed: bool) -> Cow<'static, str> {
    let hidden = file.sheets.iter().filter(|sheet| sheet.hidden).count();
    match file.refused {
        Some(code) if closed => Cow::Owned(format!("{}; closed by a decision", code.entry().title)),
        Some(code) => Cow::Borrowed(code.entry().title),
        None if hidden > 0 => Cow::Borrowed("with hidden sheets, read like the others"),
        None if file.entity.is_none() => Cow::Borrowed("its name has no District Code"),
        None => Cow::Borrowed(""),
    }
}
