//! The workpaper: what was drawn and how, the rows with columns for the auditor's findings, and how to repeat the draw.

use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::draw::start_of;
use super::{Drawn, Method, SCRIPT, Sample, evaluation};
use crate::audit::cells::SourceCell;
use crate::disk::folder_of;
use crate::intake::fields::{Field, Fields};
use crate::money::Money;
use crate::results::columns::{Kind as ColumnKind, ResultColumn};
use crate::sheets::book::{self, save};
use crate::sheets::cell::{Cell, OPEN};
use crate::sheets::listing::{FIRST_ROW, Limits, Listing};
use crate::sheets::look::{Kind, Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::words::{column_letters, counted, standing};

/// The title of a workpaper, by which it is known; a file that was saved since is not replaced.
pub const TITLE: &str = "CDIP audit sample";
/// The most rows of a workpaper: its formulas are on one sheet, and nobody examines more one by one.
pub const SAMPLE_ROWS_MAX: usize = 20_000;

pub(super) const SELECTED: &str = "Selected rows";
const SAMPLE: &str = "Sample";
const CELLS: &str = "Source cells";
const AGAIN: &str = "Draw again";

/// A column of the selected rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Line,
    /// What the report says.
    Of(ResultColumn),
    Kind,
    Hits,
    Audited,
    Evidence,
    Exception,
    Who,
    /// What formulas make of the audited amount.
    Overstated,
    Tainting,
    Projected,
}

/// The columns in their order, with their widths. Those up to [`LAST_PRINTED`] are what an auditor takes to the evidence and writes
/// on: they fit on one page of Letter next to each other.
const COLUMNS: [(Part, f64); 27] = {
    use Part::{
        Audited, Evidence, Exception, Hits, Kind, Line, Of, Overstated, Projected, Tainting, Who,
    };
    use ResultColumn as C;
    [
        (Line, 7.0),
        (Of(C::SourceFile), 30.0),
        (Of(C::SourceSheet), 14.0),
        (Of(C::SourceRow), 8.0),
        (Of(C::Sasid), 13.0),
        (Of(C::ProgramCode), 10.0),
        (Of(C::CompletionDate), 12.0),
        (Of(C::Frl), 7.0),
        (Of(C::Amount), 13.0),
        (Audited, 13.0),
        (Evidence, 28.0),
        (Exception, 25.0),
        (Who, 14.0),
        (Of(C::DistrictCode), 10.0),
        (Of(C::SchoolCode), 9.0),
        (Of(C::Grade), 8.0),
        (Of(C::Participant), 32.0),
        (Of(C::ProgramName), 30.0),
        (Kind, 20.0),
        (Of(C::Category), 22.0),
        (Of(C::Tier), 8.0),
        (Of(C::Weight), 10.0),
        (Of(C::Payee), 10.0),
        (Hits, 8.0),
        (Overstated, 14.0),
        (Tainting, 14.0),
        (Projected, 16.0),
    ]
};
const LAST_PRINTED: Part = Part::Who;

/// Where a column is, from 0.
fn place(part: Part) -> usize {
    let place = COLUMNS.iter().position(|(column, _)| *column == part);
    place.unwrap_or_default()
}

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
        Places {
            kind: letters(Part::Kind),
            tier: letters(Part::Of(ResultColumn::Tier)),
            amount: letters(Part::Of(ResultColumn::Amount)),
            audited: letters(Part::Audited),
            difference: letters(Part::Overstated),
            tainting: letters(Part::Tainting),
            projected: letters(Part::Projected),
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

fn letters(part: Part) -> String {
    column_letters(place(part))
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
            "rules {} \u{b7} run date {} \u{b7} {} drawn {}, seed \"{}\"",
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
            sample.evidence.receipt
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
    page.note("Asked for", &sample.asked())?;
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
    signed(&mut page)?;
    page.skip();
    for (sheet, text) in [
        (SELECTED, "The rows, and shaded cells for what you find."),
        (CELLS, "The cells of those rows as they were submitted."),
        (
            evaluation::SHEET,
            "What your findings mean for all paid rows.",
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

/// What every workpaper says of those who made it, for them to fill in.
fn signed(page: &mut Page<'_>) -> Result<(), XlsxError> {
    for [one, other] in [
        ["Prepared by", "Date"],
        ["Reviewed by", "Date"],
        ["Population agreed to", "Purpose"],
    ] {
        page.line(
            &[
                Cell::text(one),
                to_fill(Kind::Words),
                Cell::text(other),
                to_fill(Kind::Words),
            ],
            Tone::Plain,
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
                 of SHA-256 over the text seed:{seed}, as a number. It falls on cent {first} ({}). The row that holds that cent is drawn, \
                 and every row that holds the cent one interval further, and so on. Hits says how many of these cents a row holds.",
                amount.grouped(),
                start_of(seed),
                Money::from_cents(i64::try_from(first).unwrap_or(i64::MAX)).grouped(),
            )
        }
        Method::Money => format!("Every one of the {rows} paid rows, since more were asked for."),
        Method::Random => format!(
            "At random: the rows with the smallest SHA-256 over the text seed:{seed}:FILE!SHEET!ROW, compared as bytes. SHEET is empty for \
             text files."
        ),
        Method::Stratified => format!(
            "By kind of participant and tier. Each stratum gives one row. The others are shared out by largest remainder over the rows \
             that each stratum has beyond that one. In a stratum, the rows with the smallest SHA-256 over the text seed:{seed}:FILE!SHEET!ROW \
             are drawn. SHEET is empty for text files."
        ),
    }
}

fn strata(page: &mut Page<'_>, sample: &Sample<'_>) -> Result<(), XlsxError> {
    let columns = [
        Column::word("Kind of participant"),
        Column::figure("Tier"),
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
                Cell::Number(stratum.1),
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

/// The columns of the selected rows as the sheet has them.
fn columns() -> Vec<Column> {
    let on_screen = place(LAST_PRINTED) + 1;
    (0..)
        .zip(&COLUMNS)
        .map(|(at, (part, width))| {
            let (heading, figures) = heading(*part);
            let column = if figures {
                Column::figures(heading, *width)
            } else {
                Column::text(heading, *width)
            };
            if at < on_screen {
                column
            } else {
                column.on_screen()
            }
        })
        .collect()
}

/// What stands above a column, and whether it holds figures.
fn heading(part: Part) -> (&'static str, bool) {
    match part {
        Part::Line => ("No.", true),
        Part::Hits => ("Hits", true),
        Part::Kind => ("Kind", false),
        Part::Of(column) => {
            let entry = column.entry();
            let figures = matches!(entry.kind, ColumnKind::Number | ColumnKind::Hundredths);
            (entry.title, figures)
        }
        Part::Audited => ("Audited amount", true),
        Part::Evidence => ("Evidence seen", false),
        Part::Exception => ("Exception", false),
        Part::Who => ("Who and when", false),
        Part::Overstated => ("Overstated", true),
        Part::Tainting => ("Part of the amount", true),
        Part::Projected => ("Projected", true),
    }
}

fn selected(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    sample: &Sample<'_>,
) -> Result<(), XlsxError> {
    let places = Places::of(sample);
    let list = Listing {
        name: SELECTED,
        about: "Fill in the shaded cells. The audited amount is what the evidence supports, and 0 if the row should not have been paid. The \
                columns to their right and the sheet Evaluation calculate with it."
            .to_string(),
        notice: false,
        columns: columns(),
        frozen: 1,
        rows: sample.drawn.len(),
        none: "no row was paid",
        total: Some(&|label, _| {
            let sum = format!("SUM({})", places.all(&places.amount));
            let amount = place(Part::Of(ResultColumn::Amount));
            let mut cells = vec![Cell::Empty; amount];
            cells[place(Part::Of(ResultColumn::SourceFile))] = Cell::text(label);
            cells.push(Cell::Money(sample.amount()).by(Some(sum)));
            cells
        }),
        beneath: None,
    };
    list.write(workbook, (look, Limits::default()), stamp, |line, cells| {
        let row = places.first + u32::try_from(line).unwrap_or(u32::MAX);
        let formulas = Formulas::of(sample, &places, row);
        let drawn = &sample.drawn[line];
        cells.extend(COLUMNS.iter().map(|(part, _)| match part {
            Part::Line => Cell::count(line + 1),
            Part::Of(column) => value(sample, drawn, *column),
            Part::Kind => Cell::text(drawn.stratum.0.label()),
            Part::Hits => drawn.hits.map_or(Cell::Empty, Cell::Count),
            Part::Audited => to_fill(Kind::Money),
            Part::Evidence | Part::Exception | Part::Who => to_fill(Kind::Words),
            Part::Overstated => Cell::Blank(Kind::Money).by(Some(formulas.overstated.clone())),
            Part::Tainting => Cell::Blank(Kind::Percent).by(Some(formulas.part.clone())),
            Part::Projected => formulas.projected.clone().map_or(Cell::Empty, |projected| {
                Cell::Blank(Kind::Money).by(Some(projected))
            }),
        }));
        Tone::Plain
    })
}

/// What formulas make of the audited amount of a row.
struct Formulas {
    overstated: String,
    part: String,
    /// Only where rows are drawn by an interval.
    projected: Option<String>,
}

impl Formulas {
    /// Those of a row as Excel counts it.
    fn of(sample: &Sample<'_>, places: &Places, row: u32) -> Formulas {
        let Places {
            amount,
            audited,
            difference,
            ..
        } = places;
        let part = format!("{difference}{row}/{amount}{row}");
        let known = |then: &str| format!("IF(ISNUMBER({difference}{row}),{then},\"{OPEN}\")");
        let interval = evaluation::INTERVAL;
        let below = format!("{amount}{row}<{interval}");
        let (part, projected) = if sample.has_interval() {
            (
                known(&format!("IF({below},{part},\"\")")),
                Some(known(&format!(
                    "IF({below},{part}*{interval},{difference}{row})"
                ))),
            )
        } else {
            (known(&part), None)
        };
        Formulas {
            overstated: format!(
                "IF(ISNUMBER({audited}{row}),ROUND({amount}{row}-{audited}{row},2),\"{OPEN}\")"
            ),
            part,
            projected,
        }
    }
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
        ResultColumn::SourceFile => Cell::words(&*row.file),
        ResultColumn::SourceSheet => Cell::text(&*row.sheet),
        ResultColumn::SourceRow => Cell::Number(row.row),
        ResultColumn::Participant => Cell::words(sample.participant(drawn.row)),
        ResultColumn::ProgramName => Cell::words(sample.program_name(drawn.row)),
        ResultColumn::CompletionDate => Cell::date_or(decision.date, row.submitted.get(column)),
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
    let fields = Fields::of(&sample.evidence.rules);
    let mut columns = vec![
        Column::figures("No.", 7.0),
        Column::text("Source file", 24.0),
        Column::text("Sheet", 14.0),
    ];
    columns.extend(fields.iter().map(|field| {
        let width = if field == Field::Lunch { 16.0 } else { 12.0 };
        Column::text(field.title(), width)
    }));
    columns.extend([
        Column::text("Seen in the source", 20.0),
        Column::text("Agrees", 10.0),
    ]);
    let list = Listing {
        name: CELLS,
        about: "The cells of the selected rows as they were submitted, each with its address. A student id is on Selected rows and only \
                described here, and so is a text that is not of its column's kind. Where the report recorded something else, the cell says so."
            .to_string(),
        notice: false,
        columns,
        frozen: 1,
        rows: of_rows.len(),
        none: "no row was paid",
        total: None,
        beneath: None,
    };
    list.write(workbook, (look, Limits::default()), stamp, |line, cells| {
        let row = &sample.evidence.rows[sample.drawn[line].row];
        cells.extend([
            Cell::count(line + 1),
            Cell::words(&*row.file),
            Cell::text(&*row.sheet),
        ]);
        cells.extend(fields.iter().map(|field| {
            let cell = of_rows[line]
                .iter()
                .find(|cell| cell.heading == field.title());
            cell.map_or(Cell::Empty, |cell| Cell::words(as_submitted(cell)))
        }));
        cells.extend([to_fill(Kind::Words), to_fill(Kind::Words)]);
        Tone::Plain
    })
}

/// `D25: 11th`, and what the report recorded where that is something else.
fn as_submitted(cell: &SourceCell) -> String {
    let SourceCell {
        cell: at, found, ..
    } = cell;
    match &cell.recorded {
        Some(recorded) => format!("{at}: {found} (recorded: {recorded})"),
        None => format!("{at}: {found}"),
    }
}

fn draw_again(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    sample: &Sample<'_>,
) -> Result<(), XlsxError> {
    let about = "The draw once more with Python alone. Copy the lines of the script into a file draw.py. Run the command with the report's folder \
                 in the place of REPORT. It prints the selected rows.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        AGAIN,
        (about, false),
        // Two columns, which a line runs over: one as wide would not fit on a page of Letter in every font.
        vec![100.0, 36.0],
    )?;
    page.skip();
    page.section("Command")?;
    let command = format!(
        "python3 draw.py REPORT {} {} \"{}\"",
        sample.plan.method.as_str(),
        sample.plan.size,
        sample.plan.seed
    );
    page.line_to_edge(vec![Cell::text(command)], Tone::Plain)?;
    page.section("Script")?;
    for line in SCRIPT.lines() {
        page.line_to_edge(vec![Cell::text(line)], Tone::Plain)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::print::printed_columns;

    #[test]
    fn what_an_auditor_writes_on_prints_on_one_page_across() {
        let widths = COLUMNS.map(|(_, width)| width);
        assert!(printed_columns(&widths) > place(LAST_PRINTED));
    }
}
