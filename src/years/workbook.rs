//! `years.xlsx`: one tidy table of all years, ready for a pivot table, and a sheet for each question.

use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::Years;
use super::lines::{By, Line};
use super::tables::{Measure, Table, Value};
use super::year::YearFacts;
use crate::disk::folder_of;
use crate::rules::terms::{Category, ParticipantKind};
use crate::sheets::book::{self, save};
use crate::sheets::cell::Cell;
use crate::sheets::charts::{self, Span};
use crate::sheets::listing::{FIRST_ROW, Limits, Listing};
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::words::column_letters;

/// The sheet with the tidy table.
const DATA: &str = "Data";
const OVERVIEW: &str = "Years";
/// The most lines of a table that its chart shows.
const CHARTED: u32 = 6;
/// Rows that a chart covers.
const CHART_ROWS: u32 = 17;

/// A workbook being written.
struct Writer<'y> {
    years: &'y Years,
    workbook: Workbook,
    look: Look,
    stamp: Stamp,
    /// Excel tables so far: each needs a unique name.
    tables: u32,
}

/// The formula of a cell, from its column and its row as Excel counts it.
type Formulas<'f> = &'f dyn Fn(usize, u32) -> Option<String>;

fn no_formula(_: usize, _: u32) -> Option<String> {
    None
}

/// Where a table is on its sheet, rows and columns from 0.
struct Placed {
    header: u32,
    first: u32,
    last: u32,
}

/// Writes the workbook.
pub(super) fn write(years: &Years, path: &Path) -> Result<(), XlsxError> {
    let reason = if years.is_final() {
        "made from FINAL reports only"
    } else {
        "made from a PRELIMINARY report: what it awards may still change"
    };
    let span = years.span_words();
    let stamp = Stamp {
        title: format!("CDIP budget years {span}"),
        standing: years.standing(),
        is_final: years.is_final(),
        reason: reason.to_string(),
        label: format!("Budget years {span}"),
        facts: format!(
            "Budget years {span} \u{b7} for use inside the office: some tables show small groups of pupils"
        ),
    };
    let Some(made) = years.years.last().map(|facts| facts.run_date) else {
        return Ok(());
    };
    let mut writer = Writer {
        years,
        workbook: book::begin(&stamp, made, Some(folder_of(path))),
        look: Look::new(),
        stamp,
        tables: 0,
    };
    writer.sheets()?;
    save(&mut writer.workbook, path)
}

impl Writer<'_> {
    fn sheets(&mut self) -> Result<(), XlsxError> {
        let years = self.years;
        self.overview()?;
        self.data()?;
        self.sheet("All figures", &[years.every_figure()])?;
        self.sheet("Tiers", &[years.rates(), years.money_by_tier()])?;
        for by in [
            By::Sector,
            By::Participant,
            By::Payee,
            By::Kind,
            By::Program,
            By::Category,
        ] {
            self.dimension(by)?;
        }
        let largest = years.largest.iter().rev();
        let changes: Vec<Table> = largest.map(|one| years.largest_table(one)).collect();
        if !changes.is_empty() {
            self.sheet("Largest changes", &changes)?;
        }
        self.sheet("Participants changed", &[years.participants_changed()])?;
        self.sheet("Programs changed", &[years.programs_changed()])?;
        self.sheet("Funnel", &[years.funnel()])?;
        self.sheet("Funnel by sender", &[years.funnel_by_entity()])?;
        self.sheet("Losses", &[years.losses()])?;
        self.sheet("Losses by sender", &[years.losses_by_entity()])?;
        self.sheet("Rules", &[years.rules_held()])?;
        self.sheet("Not comparable", &[years.not_comparable()])?;
        if !years.paid_twice.is_empty() {
            self.sheet("Paid twice", &[years.paid_twice_table()])?;
        }
        self.sheet("Sources", &[years.sources()])
    }

    /// Year by year, each sum as a formula over the tidy table.
    fn overview(&mut self) -> Result<(), XlsxError> {
        let rows: usize = self.years.years.iter().map(|facts| facts.lines.len()).sum();
        let live = Limits::default().formulas_over(rows);
        let (first, last) = (FIRST_ROW + 1, FIRST_ROW + u32::try_from(rows).unwrap_or(0));
        let sum = |column: char, row: u32| {
            live.then(|| {
                format!(
                    "ROUND(SUMPRODUCT(({DATA}!$A${first}:$A${last}=$A{row})*{DATA}!${column}${first}:${column}${last}),2)"
                )
            })
        };
        // Columns of the tidy table: completions, units, FRL units and over cap; amount and full funding.
        let counts = |column: usize, row: u32| match column {
            1 => sum('L', row),
            2 => sum('M', row),
            4 => sum('N', row),
            5 => sum('O', row),
            _ => None,
        };
        let money = |column: usize, row: u32| match column {
            2 => sum('P', row),
            4 => sum('Q', row),
            5 => Some(format!("ROUND(E{row}-C{row},2)")),
            6 => Some(format!("IF(E{row}=0,\"\",C{row}/E{row})")),
            _ => None,
        };
        let years = self.years;
        let by_rules = years.counts_by_rules();
        let mut tables: Vec<(Table, Formulas<'_>)> =
            vec![(years.counts(), &counts), (years.money(), &money)];
        tables.extend(
            years
                .real_money()
                .map(|real| (real, &no_formula as Formulas<'_>)),
        );
        tables.extend(
            by_rules
                .iter()
                .map(|table| (table.clone(), &no_formula as Formulas<'_>)),
        );
        let placed = self.sheet_with(OVERVIEW, &tables, CHART_ROWS)?;
        self.charts_of_years(&placed, by_rules.as_ref())
    }

    fn charts_of_years(
        &mut self,
        placed: &[Placed],
        by_rules: Option<&Table>,
    ) -> Result<(), XlsxError> {
        let [counts, money, ..] = placed else {
            return Ok(());
        };
        let span = |placed: &Placed| Span {
            sheet: OVERVIEW,
            first: placed.first,
            last: placed.last,
        };
        // If the rules changed, a series for each span of comparable years, so that the line breaks.
        let (charted, series) = match by_rules {
            None => (
                counts,
                vec![(1, 0, "Completions"), (2, 1, "Units"), (3, 2, "Pupils")],
            ),
            Some(table) => {
                // All spans of units look alike, and so do those of pupils.
                let spans = (table.headings.len() - 2) / 2;
                let headings = (1_u16..).zip(table.headings.iter().skip(1));
                let series = headings.enumerate().map(|(at, (column, heading))| {
                    let look = at.saturating_sub(1) / spans + usize::from(at > 0);
                    (column, look, heading.text.as_str())
                });
                (placed.last().unwrap_or(counts), series.collect())
            }
        };
        let counts = charts::counts_by_year(&span(charted), &series);
        let amounts = charts::money_by_year(&span(money), [("Paid", 2), ("Full funding", 4)]);
        let sheet = self.workbook.worksheet_from_name(OVERVIEW)?;
        let top = crate::sheets::page::BAND_ROWS;
        sheet.insert_chart_with_offset(top, 0, &counts, 8, 4)?;
        sheet.insert_chart_with_offset(top, 5, &amounts, 60, 4)?;
        Ok(())
    }

    /// Every measure of a dimension over the years, with a chart of the largest.
    fn dimension(&mut self, by: By) -> Result<(), XlsxError> {
        let (name, years) = (by.sheet(), self.years.years.len());
        let measured: Vec<(Measure, Table)> = Measure::ALL
            .into_iter()
            .filter_map(|measure| Some((measure, self.years.over_years(by, measure)?)))
            .collect();
        let formulas: Vec<_> = measured
            .iter()
            .map(|(measure, table)| change_formulas(table, years, self.years.change_from(*measure)))
            .collect();
        let tables: Vec<(Table, Formulas<'_>)> = measured
            .into_iter()
            .zip(&formulas)
            .map(|((_, table), formulas)| (table, formulas as Formulas<'_>))
            .collect();
        let charted = years > 1 && tables.iter().all(|(table, _)| !table.rows.is_empty());
        let placed = self.sheet_with(name, &tables, if charted { CHART_ROWS } else { 0 })?;
        // Completions come first: they can be compared over all years.
        let (Some(completions), Some((table, _))) = (placed.first(), tables.first()) else {
            return Ok(());
        };
        if !charted {
            return Ok(());
        }
        let column = |at: usize| u16::try_from(at).unwrap_or(0);
        let first_year = first_year_of(table, years);
        let chart = charts::lines_by_row(
            &Span {
                sheet: name,
                first: completions.first,
                last: completions.last.min(completions.first + CHARTED - 1),
            },
            // Names, if any, are in the second column.
            (
                u16::from(first_year > 1),
                completions.header,
                column(first_year),
                column(first_year + years - 1),
            ),
            &format!(
                "Completions by {}, those that grew most",
                by.heading().to_lowercase()
            ),
        );
        let sheet = self.workbook.worksheet_from_name(name)?;
        sheet.insert_chart_with_offset(crate::sheets::page::BAND_ROWS, 0, &chart, 8, 4)?;
        Ok(())
    }

    fn sheet(&mut self, name: &str, tables: &[Table]) -> Result<(), XlsxError> {
        let tables: Vec<(Table, Formulas<'_>)> = tables
            .iter()
            .map(|table| (table.clone(), &no_formula as Formulas<'_>))
            .collect();
        self.sheet_with(name, &tables, 0)?;
        Ok(())
    }

    /// A sheet with tables below each other, and room for a chart above them. Returns the place of each table.
    fn sheet_with(
        &mut self,
        name: &str,
        tables: &[(Table, Formulas<'_>)],
        room: u32,
    ) -> Result<Vec<Placed>, XlsxError> {
        let widths = widths(tables);
        let about = tables.first().map_or("", |(table, _)| table.about.as_str());
        let mut page = Page::begin(
            self.workbook.add_worksheet(),
            &self.look,
            &self.stamp,
            name,
            (about, false),
            widths,
        )?;
        for _ in 0..room {
            page.skip();
        }
        let mut placed = Vec::new();
        for (at, (table, formulas)) in tables.iter().enumerate() {
            if at > 0 {
                page.skip();
            }
            page.section(&table.title)?;
            if at > 0 {
                page.note("", &table.about)?;
            }
            self.tables += 1;
            placed.push(written(&mut page, table, self.tables, *formulas)?);
        }
        if let [only] = placed.as_slice() {
            page.sheet
                .set_freeze_panes(if room > 0 { 0 } else { only.header + 1 }, 1)?
                .set_repeat_rows(only.header, only.header)?;
        }
        Ok(placed)
    }

    /// The tidy table: a row for each year, participant and program.
    fn data(&mut self) -> Result<(), XlsxError> {
        let years = self.years;
        let (participants, programs) = (years.names(By::Participant), years.names(By::Program));
        let lines: Vec<(&YearFacts, &Line)> = years
            .years
            .iter()
            .flat_map(|facts| facts.lines.iter().map(move |line| (facts, line)))
            .collect();
        let listing = Listing {
            name: DATA,
            about: "One row for each year, participant and program, as in years.csv, with names: select a cell and insert a pivot table. \
                    The supplement, which is for no program, is not in it."
                .to_string(),
            notice: false,
            columns: vec![
                Column::text("Budget year", 12.0),
                Column::text("Participant", 14.0),
                Column::text("Participant name", 32.0),
                Column::text("Kind", 17.0),
                Column::text("Payee", 10.0),
                Column::text("Sector", 24.0),
                Column::text("Program code", 14.0),
                Column::text("Program name", 32.0),
                Column::figures("Tier", 9.0),
                Column::text("Category", 20.0),
                Column::figures("Pupils", 11.0),
                Column::figures("Completions", 15.0),
                Column::figures("Units", 11.0),
                Column::figures("FRL units", 12.0),
                Column::figures("Over cap", 12.0),
                Column::figures("Amount", 16.0),
                Column::figures("Full funding", 16.0),
                Column::figures("Unpaid demand", 17.0),
            ],
            frozen: 1,
            rows: lines.len(),
            none: "none",
            total: None,
            beneath: None,
        };
        let limits = (&self.look, Limits::default());
        listing.write(&mut self.workbook, limits, &self.stamp, |row, cells| {
            let (facts, line) = lines[row];
            let name = |names: &std::collections::BTreeMap<String, String>, code: &str| {
                Cell::text(names.get(code).cloned().unwrap_or_default())
            };
            let figures = &line.figures;
            cells.extend([
                Cell::text(facts.year.to_string()),
                Cell::text(line.participant.as_str()),
                name(&participants, &line.participant),
                Cell::text(line.kind.map_or("", ParticipantKind::label)),
                Cell::text(line.payee.as_str()),
                Cell::text(line.sector.as_str()),
                Cell::text(line.program.as_str()),
                name(&programs, &line.program),
                line.tier.map_or(Cell::Empty, Cell::Number),
                Cell::text(line.category.map_or("", Category::label)),
                Cell::count(line.pupils.len()),
                Cell::Count(figures.completions),
                Cell::Count(figures.units),
                Cell::Count(figures.frl_units),
                Cell::Count(figures.over_cap),
                Cell::Money(figures.amount),
                Cell::Money(figures.full),
                Cell::Money(figures.unpaid()),
            ]);
            Tone::Plain
        })
    }
}

/// The first column of the years in a table over the years, which ends with the years and the change, if any.
fn first_year_of(table: &Table, years: usize) -> usize {
    let figures = table.headings.iter().filter(|heading| heading.figures);
    let changes = figures.count() - years;
    table.headings.len() - changes - years
}

/// The change of a line and its percentage as formulas, from the position of its first year.
fn change_formulas(
    table: &Table,
    years: usize,
    from: Option<usize>,
) -> impl Fn(usize, u32) -> Option<String> + use<> {
    let first_year = first_year_of(table, years);
    let change = first_year + years;
    let letter = column_letters::<usize>;
    move |column, row| {
        let (first, last) = (letter(first_year + from?), letter(change - 1));
        if column == change {
            return Some(format!("ROUND({last}{row}-{first}{row},2)"));
        }
        (column == change + 1).then(|| format!("{}{row}/{first}{row}", letter(change)))
    }
}

/// The width of each column: the widest of the sheet's tables.
fn widths(tables: &[(Table, Formulas<'_>)]) -> Vec<f64> {
    let columns = tables.iter().map(|(table, _)| table.headings.len()).max();
    (0..columns.unwrap_or(1))
        .map(|column| {
            let wanted = tables
                .iter()
                .filter_map(|(table, _)| table.headings.get(column));
            wanted
                .map(|heading| f64::from(heading.width))
                .fold(8.0, f64::max)
        })
        .collect()
}

/// Writes a table and its total.
fn written(
    page: &mut Page<'_>,
    table: &Table,
    number: u32,
    formulas: Formulas<'_>,
) -> Result<Placed, XlsxError> {
    let columns: Vec<Column> = table
        .headings
        .iter()
        .map(|heading| {
            let (text, width) = (heading.text.clone(), f64::from(heading.width));
            if heading.figures {
                Column::figures_of(text, width)
            } else {
                Column::text_of(text, width)
            }
        })
        .collect();
    let rows = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
    let header = page.row();
    page.table(&format!("Table_{number}"), &columns, rows, Filter::Table)?;
    let first = page.row();
    if table.rows.is_empty() {
        page.line(&[Cell::text("none")], Tone::Plain)?;
    }
    for row in &table.rows {
        let at = page.row() + 1;
        let cells: Vec<Cell<'_>> = row
            .iter()
            .enumerate()
            .map(
                |(column, value)| match (value, table.headings[column].figures) {
                    (Value::Text(digits), true) => Cell::Digits(digits.as_str().into()),
                    (Value::Empty, _) => Cell::Empty,
                    _ => cell(value).by(formulas(column, at)),
                },
            )
            .collect();
        page.line(&cells, Tone::Plain)?;
    }
    if table.has_total() {
        let (from, to) = (first + 1, first + rows);
        let cells: Vec<Cell<'_>> = (0..table.headings.len())
            .map(|column| match table.total(column) {
                Value::Empty if column == 0 => Cell::text("All"),
                value => {
                    let letter = column_letters(column);
                    let live = !matches!(value, Value::Empty);
                    let sum = live.then(|| format!("ROUND(SUM({letter}{from}:{letter}{to}),2)"));
                    total(&value).by(sum)
                }
            })
            .collect();
        page.line(&cells, Tone::Total)?;
    }
    Ok(Placed {
        header,
        first,
        last: first + rows.saturating_sub(1),
    })
}

fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Empty => Cell::Empty,
        Value::Text(text) => Cell::text(text.as_str()),
        Value::Words(words) => Cell::words(words.as_str()),
        Value::Count(count) => Cell::Count(*count),
        Value::Money(amount) => Cell::Money(*amount),
        Value::Change(change) => Cell::Difference(*change),
        Value::Share(part, whole) | Value::Growth(part, whole) => {
            Cell::Ratio(*part, whole.unsigned_abs())
        }
    }
}

/// A total, which is a figure.
fn total(value: &Value) -> Cell<'static> {
    match value {
        Value::Count(count) => Cell::Count(*count),
        Value::Money(amount) => Cell::Money(*amount),
        Value::Change(change) => Cell::Difference(*change),
        _ => Cell::Empty,
    }
}
