//! The workbook of `cdip diff`: the money of every participant in two reports with the parts of its change, and the rows that differ.

use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::{ChangedRow, Difference, Parts};
use crate::disk::folder_of;
use crate::sheets::book::{self, save};
use crate::sheets::cell::Cell;
use crate::sheets::listing::{Limits, Listing};
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{Column, Page, Stamp};

/// Its title.
pub(crate) const TITLE: &str = "CDIP comparison of two reports";

/// Writes the workbook. Its date is the run date of the later report, so that the same reports give the same bytes.
pub fn write(difference: &Difference, path: &Path) -> Result<(), XlsxError> {
    let look = Look::new();
    let [from, to] = &difference.labels;
    let stamp = Stamp {
        facts: format!(
            "A: {from} \u{b7} rules {} \u{b7} run date {} \u{b7} {}; B: {to} \u{b7} rules {} \u{b7} run date {} \u{b7} {}",
            difference.rules[0],
            difference.run_dates[0],
            difference.standings[0],
            difference.rules[1],
            difference.run_dates[1],
            difference.standings[1]
        ),
        title: TITLE.to_string(),
        standing: "COMPARISON",
        is_final: false,
        reason: "what changed from A to B, not an award".to_string(),
        label: format!("{from} -> {to}"),
    };
    // Spooled next to the workbook, so that rows of pupils are written nowhere else.
    let mut workbook = book::begin(&stamp, difference.run_dates[1], Some(folder_of(path)));
    money(&mut workbook, &look, &stamp, difference)?;
    settings(&mut workbook, &look, &stamp, difference)?;
    rows(&mut workbook, &look, &stamp, &difference.rows)?;
    save(&mut workbook, path)
}

fn money(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    difference: &Difference,
) -> Result<(), XlsxError> {
    let amount = |heading| Column::figures(heading, 18.0);
    let columns = [
        Column::text("Participant", 13.0),
        Column::text("Name", 44.0),
        amount("In A"),
        amount("Own rows"),
        amount("Others' rows"),
        amount("Rules and decisions"),
        amount("Money available"),
        amount("In B"),
        amount("Change"),
    ];
    let about = "The change of each participant's money, the largest first. In A + the four parts = In B, to the cent. The parts are taken in this order: its own \
                 rows; everybody else's rows; rules, readings, lists and decisions; the money available.";
    let widths = columns.iter().map(|column| column.width).collect();
    let mut page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        "Money",
        (about, false),
        widths,
    )?;
    // Participants are a few thousand at most.
    let lines = u32::try_from(difference.participants.len()).unwrap_or(u32::MAX);
    page.main_table("Money", &columns, lines, 2)?;
    if difference.participants.is_empty() {
        page.line(&[Cell::text("nobody's money changed")], Tone::Plain)?;
    }
    let cells = |code: String, name: String, parts: &Parts| {
        let money = [
            parts.before,
            parts.own_rows,
            parts.others_demand,
            parts.rules,
            parts.money,
            parts.after,
            parts.change(),
        ];
        [Cell::text(code), Cell::words(name)]
            .into_iter()
            .chain(money.map(Cell::Money))
            .collect::<Vec<_>>()
    };
    for change in &difference.participants {
        page.line(
            &cells(change.code.clone(), change.name.clone(), &change.parts),
            Tone::Plain,
        )?;
    }
    page.line(
        &cells(
            "All".to_string(),
            "every participant, unchanged ones too".to_string(),
            &difference.total,
        ),
        Tone::Total,
    )
}

fn settings(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    difference: &Difference,
) -> Result<(), XlsxError> {
    let about = "What differs between the two batches apart from the rows, and how many rows ended differently.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        "What changed",
        (about, false),
        vec![30.0, 90.0],
    )?;
    page.skip();
    page.section("Apart from the rows")?;
    if difference.settings.is_empty() {
        page.note(
            "Nothing",
            "rules, readings, lists, decisions, money and files are the same",
        )?;
    }
    for setting in &difference.settings {
        let (what, how) = setting.split_once(": ").unwrap_or((setting, ""));
        page.note(what, how)?;
    }
    page.skip();
    page.section("Rows")?;
    for (change, rows) in difference.counts() {
        page.note(change.label(), &crate::words::counted(rows as u64, "row"))?;
    }
    let rate = crate::words::counted(difference.rows_at_another_rate as u64, "row");
    page.note(
        "at a different rate",
        &format!("{rate} with the same outcome and a different amount; not listed"),
    )
}

fn rows(
    package: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    rows: &[ChangedRow],
) -> Result<(), XlsxError> {
    let columns = vec![
        Column::text("What", 18.0),
        Column::text("Counted under", 20.0),
        Column::text("Participant", 13.0),
        Column::text("File in A", 40.0),
        Column::text("Sheet in A", 16.0),
        Column::figures("Row in A", 11.0),
        Column::text("File in B", 40.0),
        Column::text("Sheet in B", 16.0),
        Column::figures("Row in B", 11.0),
        Column::text("Outcome in A", 17.0),
        Column::text("Outcome in B", 17.0),
        Column::text("Codes in A", 14.0),
        Column::text("Codes in B", 14.0),
        Column::figures("Amount in A", 15.0),
        Column::figures("Amount in B", 15.0),
    ];
    let list = Listing {
        name: "Rows",
        about: "Rows that were added, removed, changed, re-decided or funded differently. Rows that only got a different rate are not listed."
            .to_string(),
        notice: false,
        columns,
        frozen: 3,
        rows: rows.len(),
        none: "no row",
        total: None,
        beneath: None,
    };
    list.write(package, (look, Limits::default()), stamp, |row, line| {
        put_cells(line, &rows[row]);
        Tone::Plain
    })
}

/// Puts the cells of a row.
fn put_cells<'r>(line: &mut Vec<Cell<'r>>, row: &'r ChangedRow) {
    let stands = [row.before.as_ref(), row.after.as_ref()];
    let participant = stands[1]
        .or(stands[0])
        .map_or("", |stand| &stand.participant);
    line.extend([
        Cell::text(row.change.label()),
        Cell::text(row.part.label()),
        Cell::text(participant),
    ]);
    for stand in stands {
        line.extend(match stand {
            None => [Cell::Empty, Cell::Empty, Cell::Empty],
            Some(stand) => [
                Cell::words(&*stand.file),
                Cell::words(&*stand.sheet),
                Cell::Number(stand.row),
            ],
        });
    }
    // As people write them: without `_`.
    let word = |word: &str| Cell::text(word.replace('_', " "));
    line.extend(stands.map(|stand| word(stand.map_or("", |stand| stand.outcome))));
    line.extend(stands.map(|stand| word(stand.map_or("", |stand| &stand.codes))));
    line.extend(stands.map(|stand| stand.map_or(Cell::Empty, |stand| Cell::Money(stand.amount))));
}
