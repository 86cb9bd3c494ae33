//! The workpaper: what was drawn and how, the rows with columns for the auditor's findings, and how to repeat the draw.

use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::draw::start_of;
use super::{Drawn, Method, SCRIPT, Sample, evaluation};
use crate::disk::folder_of;
use crate::money::Money;
use crate::results::columns::{Kind as ColumnKind, ResultColumn};
use crate::sheets::book::{self, save};
use crate::sheets::cell::{Cell, OPEN};
use crate::sheets::listing::{FIRST_ROW, Limits, Listing};
use crate::sheets::look::{Kind, Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::sheets::print::print_across;
use crate::words::{column_letters, counted, standing};

/// The title of a workpaper, by which it is known; a file that was saved since is not replaced.
pub const TITLE: &str = "CDIP audit sample";
/// The most rows of a workpaper: its formulas are on one sheet, and nobody examines more one by one.
pub const SAMPLE_ROWS_MAX: usize = 20_000;

pub(super) const SELECTED: &str = "Selected rows";
const SAMPLE: &str = "Sample";
const CELLS: &str = "Source cells";
const AGAIN: &str = "Draw again";

/// The columns of a selected row that the report fills in.
const FILLED: [ResultColumn; 16] = {
    use ResultColumn as C;
    [
        C::SourceFile,
        C::SourceSheet,
        C::SourceRow,
        C::DistrictCode,
        C::SchoolCode,
        C::Sasid,
        C::Grade,
        C::ProgramCode,
        C::CompletionDate,
        C::Frl,
        C::Participant,
        C::Category,
        C::Tier,
        C::Weight,
        C::Payee,
        C::Amount,
    ]
};
/// The column with which the second printed page begins.
const SECOND_PAGE: ResultColumn = ResultColumn::Frl;
/// Columns after those: what the auditor fills in, and formulas over it.
const AUDITED: &str = "Audited amount";
const EVIDENCE: &str = "Evidence seen";
const EXCEPTION: &str = "Exception";
const WHO: &str = "Who and when";
const DIFFERENCE: &str = "Overstated";
const TAINTING: &str = "Part of the amount";
const PROJECTED: &str = "Projected";
const BEHIND: [&str; 7] = [
    AUDITED, EVIDENCE, EXCEPTION, WHO, DIFFERENCE, TAINTING, PROJECTED,
];
/// Columns before them.
const BEFORE: [&str; 3] = ["No.", "Hits", "Kind"];

/// Letters of the selected rows' columns, for formulas.
pub(super) struct Places {
    pub(super) kind: String,
    pub(super) tier: String,
    pub(super) amount: String,
    pub(super) audited: String,
    pub(super) difference: String,
    pub(super) tainting: String,
    pub(super) projected: String,
    first: u32,
    last: u32,
}

impl Places {
    pub(super) fn of(sample: &Sample<'_>) -> Places {
        let first = FIRST_ROW + 1;
        let rows = u32::try_from(sample.drawn.len()).unwrap_or(u32::MAX);
        let filled = |column: ResultColumn| {
            let place = FILLED.iter().position(|each| *each == column);
            column_letters(BEFORE.len() + place.unwrap_or(0))
        };
        let behind = |heading: &str| {
            let place = BEHIND.iter().position(|each| *each == heading);
            column_letters(BEFORE.len() + FILLED.len() + place.unwrap_or(0))
        };
        Places {
            kind: column_letters(2),
            tier: filled(ResultColumn::Tier),
            amount: filled(ResultColumn::Amount),
            audited: behind(AUDITED),
            difference: behind(DIFFERENCE),
            tainting: behind(TAINTING),
            projected: behind(PROJECTED),
            first,
            last: first + rows.saturating_sub(1),
        }
    }

    /// The cells of a column, for a formula on another sheet.
    pub(super) fn all(&self, column: &str) -> String {
        let (first, last) = (self.first, self.last);
        format!("'{SELECTED}'!${column}${first}:${column}${last}")
    }
}

/// Writes the workpaper; dated as the report, so that the same draw gives the same bytes.
pub fn write(sample: &Sample<'_>, path: &Path) -> Result<(), XlsxError> {
    let evidence = sample.evidence;
    let look = Look::new();
    let is_final = evidence.is_final();
    let stamp = Stamp {
        title: TITLE.to_string(),
        standing: standing(is_final),
        is_final,
        reason: if is_final {
            "drawn from a final report".to_string()
        } else {
            "drawn from a report that is not final: its amounts may still change".to_string()
        },
        label: evidence.label.clone(),
        facts: format!(
            "{} \u{b7} rules {} \u{b7} run date {} \u{b7} {} drawn {}, seed \"{}\"",
            evidence.label,
            evidence.rules.id,
            evidence.run_date,
            counted(sample.drawn.len() as u64, "row"),
            sample.plan.method.label(),
            sample.plan.seed
        ),
    };
    let mut workbook = book::begin(&stamp, evidence.run_date, Some(folder_of(path)));
    about(&mut workbook, &look, &stamp, sample)?;
    selected(&mut workbook, &look, &stamp, sample)?;
    if sample.cells.is_some() {
        source_cells(&mut workbook, &look, &stamp, sample)?;
    }
    evaluation::write(&mut workbook, &look, &stamp, sample)?;
    draw_again(&mut workbook, &look, &stamp, sample)?;
    save(&mut workbook, path)
}

fn about(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    sample: &Sample<'_>,
) -> Result<(), XlsxError> {
    let mut page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        SAMPLE,
        ("What was drawn, from what, and how.", false),
        vec![30.0, 22.0, 16.0, 22.0, 14.0, 22.0],
    )?;
    page.skip();
    let (rows, amount) = sample.population();
    page.note("Report", &sample.evidence.label)?;
    page.note(
        "Receipt",
        &format!(
            "SHA-256 {}. Compare it with the one kept apart from the report.",
            sample.receipt
        ),
    )?;
    page.note(
        "Population",
        &format!(
            "{} of the report, {}",
            counted(rows as u64, "paid row"),
            amount.grouped()
        ),
    )?;
    page.note("Method", &method(sample))?;
    page.note("Asked for", &counted(sample.plan.size as u64, "row"))?;
    page.note("Seed", &format!("\"{}\"", sample.plan.seed))?;
    page.note(
        "Drawn",
        &format!(
            "{}, {}",
            counted(sample.drawn.len() as u64, "row"),
            sample.amount().grouped()
        ),
    )?;
    page.skip();
    strata(&mut page, sample)?;
    page.skip();
    for (sheet, text) in [
        (SELECTED, "The rows, and shaded cells for what you find."),
        (CELLS, "Each cell of those rows as it was submitted."),
        (
            evaluation::SHEET,
            "What your findings say of the whole population.",
        ),
        (AGAIN, "The draw once more, without cdip."),
    ] {
        if sheet != CELLS || sample.cells.is_some() {
            page.link(sheet, text)?;
        }
    }
    if sample.cells.is_none() {
        page.note(
            "Source cells",
            "cdip audit-sample --batch DIR adds a sheet with the address and the text of every cell as it was submitted.",
        )?;
    }
    Ok(())
}

/// How the rows were drawn, in sentences that a reader can follow by hand.
fn method(sample: &Sample<'_>) -> String {
    let (rows, amount) = sample.population();
    let (size, seed) = (sample.plan.size, &sample.plan.seed);
    match sample.plan.method {
        Method::Money if sample.has_interval() => {
            let first = sample.first_cent();
            format!(
                "Monetary units, systematic. The paid rows are laid end to end in the order of participant, file, sheet and row, and their \
                 cents counted from 0. The interval is {} / {size}. The random start is the interval times {} / 2^64: the first 8 bytes \
                 of SHA-256 over the text seed:{seed}, as a number. It falls on cent {first} ({}). That row and every row that holds the \
                 cent of a further interval are drawn.",
                amount.grouped(),
                start_of(seed),
                Money::from_cents(i64::try_from(first).unwrap_or(i64::MAX)).grouped(),
            )
        }
        Method::Money => format!("Every one of the {rows} paid rows, since more were asked for."),
        Method::Random => format!(
            "At random: the rows with the least SHA-256 over the text seed:{seed}:FILE!SHEET!ROW, compared as bytes. SHEET is empty for \
             text files."
        ),
        Method::Stratified => format!(
            "By kind of participant and tier. Each stratum gives one row. The others are shared out by largest remainder over the rows \
             that each stratum has beyond that one. In a stratum, the rows with the least SHA-256 over the text seed:{seed}:FILE!SHEET!ROW \
             are drawn. SHEET is empty for text files."
        ),
    }
}

fn strata(page: &mut Page<'_>, sample: &Sample<'_>) -> Result<(), XlsxError> {
    let columns = [
        Column::word("Kind of participant"),
        Column::word("Tier"),
        Column::figure("Paid rows"),
        Column::figure("Amount"),
        Column::figure("Drawn"),
        Column::figure("Amount drawn"),
    ];
    let lines = u32::try_from(sample.strata.len()).unwrap_or(u32::MAX);
    page.table("Strata", &columns, lines, Filter::PlainTable)?;
    let of_drawn = |wanted: Option<super::draw::Stratum>| -> Money {
        let drawn = sample.drawn.iter();
        drawn
            .filter(|drawn| wanted.is_none_or(|wanted| drawn.stratum == wanted))
            .map(|drawn| sample.evidence.decisions[drawn.row].amount)
            .sum()
    };
    for (stratum, tally) in &sample.strata {
        page.line(
            &[
                Cell::text(stratum.0.label()),
                Cell::text(stratum.1.to_string()),
                Cell::count(tally.rows),
                Cell::Money(tally.amount),
                Cell::count(tally.drawn),
                Cell::Money(of_drawn(Some(*stratum))),
            ],
            Tone::Plain,
        )?;
    }
    let (rows, amount) = sample.population();
    page.line(
        &[
            Cell::text("All"),
            Cell::Empty,
            Cell::count(rows),
            Cell::Money(amount),
            Cell::count(sample.drawn.len()),
            Cell::Money(of_drawn(None)),
        ],
        Tone::Total,
    )
}

/// The columns of the selected rows.
fn columns() -> Vec<Column> {
    let mut columns = vec![
        Column::figures("No.", 8.0),
        Column::figures("Hits", 8.0),
        Column::text("Kind", 20.0),
    ];
    columns.extend(FILLED.iter().map(|column| {
        let entry = column.entry();
        match entry.kind {
            ColumnKind::Text | ColumnKind::Words => Column::text(entry.title, entry.width.into()),
            ColumnKind::Number | ColumnKind::Hundredths => {
                Column::figures(entry.title, entry.width.into())
            }
        }
    }));
    columns.extend([
        Column::figures(AUDITED, 16.0),
        Column::text(EVIDENCE, 24.0),
        Column::text(EXCEPTION, 24.0),
        Column::text(WHO, 16.0),
        Column::figures(DIFFERENCE, 14.0),
        Column::figures(TAINTING, 14.0),
        Column::figures(PROJECTED, 16.0),
    ]);
    columns
}

/// The column with which the second page begins, from 0.
fn second_page() -> usize {
    let place = FILLED.iter().position(|column| *column == SECOND_PAGE);
    BEFORE.len() + place.unwrap_or(0)
}

fn selected(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    sample: &Sample<'_>,
) -> Result<(), XlsxError> {
    let places = Places::of(sample);
    let columns = columns();
    let amount_place = BEFORE.len() + FILLED.len() - 1;
    let list = Listing {
        name: SELECTED,
        about: "Fill in the shaded cells: the amount that the evidence supports, 0 where the row should not have been paid. The columns \
                behind them and the sheet Evaluation follow."
            .to_string(),
        notice: false,
        columns,
        frozen: 1,
        rows: sample.drawn.len(),
        none: "no row was paid",
        total: Some(&|label, _| {
            let mut cells = vec![Cell::Empty; amount_place + 1];
            cells[2] = Cell::text(label);
            let sum = format!("SUM({})", places.all(&places.amount));
            cells[amount_place] = Cell::Money(sample.amount()).by(Some(sum));
            cells
        }),
        beneath: None,
    };
    list.write(workbook, (look, Limits::default()), stamp, |line, cells| {
        row_cells(sample, &places, line, cells);
        Tone::Plain
    })?;
    // The source of a row on one page, its payment and the auditor's findings on the next.
    let second = u32::try_from(second_page()).unwrap_or(u32::MAX);
    let last = u16::try_from(list.columns.len() - 1).unwrap_or(u16::MAX);
    let sheet = workbook.worksheet_from_name(SELECTED)?;
    print_across(sheet, stamp, &[second], last)
}

fn row_cells<'c>(sample: &'c Sample<'_>, places: &Places, line: usize, cells: &mut Vec<Cell<'c>>) {
    let drawn = &sample.drawn[line];
    cells.push(Cell::count(line + 1));
    cells.push(drawn.hits.map_or(Cell::Empty, Cell::Count));
    cells.push(Cell::text(drawn.stratum.0.label()));
    cells.extend(FILLED.map(|column| value(sample, drawn, column)));
    cells.extend([
        to_fill(Kind::Money),
        to_fill(Kind::Words),
        to_fill(Kind::Words),
        to_fill(Kind::Words),
    ]);
    let row = places.first + u32::try_from(line).unwrap_or(u32::MAX);
    let Places {
        amount,
        audited,
        difference,
        ..
    } = places;
    let part = format!("{difference}{row}/{amount}{row}");
    let known = |then: &str| Some(format!("IF(ISNUMBER({difference}{row}),{then},\"{OPEN}\")"));
    let overstated =
        format!("IF(ISNUMBER({audited}{row}),ROUND({amount}{row}-{audited}{row},2),\"{OPEN}\")");
    let interval = evaluation::INTERVAL;
    let (part, projected) = if sample.has_interval() {
        let below = format!("{amount}{row}<{interval}");
        (
            known(&format!("IF({below},{part},\"\")")),
            known(&format!("IF({below},{part}*{interval},{difference}{row})")),
        )
    } else {
        (known(&part), None)
    };
    cells.push(Cell::Blank(Kind::Money).by(Some(overstated)));
    cells.push(Cell::Blank(Kind::Percent).by(part));
    cells.push(projected.map_or(Cell::Empty, |projected| {
        Cell::Blank(Kind::Money).by(Some(projected))
    }));
}

/// A cell that waits for the auditor.
pub(super) fn to_fill(kind: Kind) -> Cell<'static> {
    Cell::Input(Box::new(Cell::Blank(kind)))
}

/// The report's value of a row in a column.
fn value<'c>(sample: &'c Sample<'_>, drawn: &Drawn, column: ResultColumn) -> Cell<'c> {
    let evidence = sample.evidence;
    let (row, decision) = (&evidence.rows[drawn.row], &evidence.decisions[drawn.row]);
    match column {
        ResultColumn::SourceFile => Cell::words(row.file.as_str()),
        ResultColumn::SourceSheet => Cell::text(row.sheet.as_str()),
        ResultColumn::SourceRow => Cell::Number(row.row),
        ResultColumn::Participant => Cell::text(row.participant.as_str()),
        ResultColumn::Category => {
            Cell::text(decision.category.map_or("", |category| category.label()))
        }
        ResultColumn::Tier => Cell::Number(drawn.stratum.1),
        ResultColumn::Weight => decision.weight.map_or(Cell::Empty, |weight| {
            Cell::UnitWeight(u64::from(weight.hundredths()))
        }),
        ResultColumn::Payee => Cell::text(
            decision
                .participant
                .map_or("", |rank| evidence.participants[rank].payee()),
        ),
        ResultColumn::Amount => Cell::Money(decision.amount),
        submitted => Cell::text(row.submitted.get(submitted)),
    }
}

fn source_cells(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    sample: &Sample<'_>,
) -> Result<(), XlsxError> {
    let of_rows = sample.cells.as_deref().unwrap_or_default();
    let lines: Vec<(usize, usize)> = of_rows
        .iter()
        .enumerate()
        .flat_map(|(line, cells)| (0..cells.len()).map(move |cell| (line, cell)))
        .collect();
    let list = Listing {
        name: CELLS,
        about: "Each cell of the selected rows as it was submitted. A student id is described and not repeated here; so is a text that \
                is not of its column's kind."
            .to_string(),
        notice: false,
        columns: vec![
            Column::figures("No.", 8.0),
            Column::text("Source file", 36.0),
            Column::text("Sheet", 16.0),
            Column::text("Cell", 9.0),
            Column::text("Column", 22.0),
            Column::text("As submitted", 26.0),
            Column::text("Recorded otherwise", 22.0),
            Column::text("Seen in the source", 26.0),
            Column::text("Agrees", 10.0),
        ],
        frozen: 1,
        rows: lines.len(),
        none: "no row was paid",
        total: None,
        beneath: None,
    };
    list.write(workbook, (look, Limits::default()), stamp, |at, cells| {
        let (line, cell) = lines[at];
        let row = &sample.evidence.rows[sample.drawn[line].row];
        let cell = &of_rows[line][cell];
        cells.extend([
            Cell::count(line + 1),
            Cell::words(row.file.as_str()),
            Cell::text(row.sheet.as_str()),
            Cell::text(cell.cell.as_str()),
            Cell::text(cell.heading),
            Cell::words(cell.found.as_str()),
            Cell::words(cell.recorded.as_deref().unwrap_or_default()),
            to_fill(Kind::Words),
            to_fill(Kind::Text),
        ]);
        Tone::Plain
    })
}

fn draw_again(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    sample: &Sample<'_>,
) -> Result<(), XlsxError> {
    let about = "The draw once more with Python alone. Copy the lines of the script into a file draw.py and run the command.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        AGAIN,
        (about, false),
        vec![122.0],
    )?;
    page.skip();
    page.section("Command")?;
    page.line(
        &[Cell::text(format!(
            "python3 draw.py REPORT {} {} \"{}\"",
            sample.plan.method.as_str(),
            sample.plan.size,
            sample.plan.seed
        ))],
        Tone::Plain,
    )?;
    page.section("Script")?;
    for line in SCRIPT.lines() {
        page.line(&[Cell::text(line)], Tone::Plain)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::print::printed_columns;

    #[test]
    fn the_selected_rows_print_on_two_pages_that_can_be_read() {
        let widths: Vec<f64> = columns().iter().map(|column| column.width).collect();
        let (first, second) = widths.split_at(second_page());
        assert_eq!(printed_columns(first), first.len());
        // The row's number is repeated.
        let second = [&widths[..1], second].concat();
        assert_eq!(printed_columns(&second), second.len());
    }
}
