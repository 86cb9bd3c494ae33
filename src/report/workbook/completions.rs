//! *Completions*: a line per submitted row with its outcome and why.

use std::ops::Range;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use super::formulas::{FRL_MULTIPLIER, Letters, TIER_NUMBERS, TIER_RATES};
use super::headings::{
    AMOUNT, COMPLETIONS, FRL, KEY_PREFIX, OUTCOME, PARTICIPANT, RATE, ROW, TIER,
};
use super::why::{in_words, trail};
use crate::decision::Outcome;
use crate::ranks::RowRank;
use crate::report::entities::ReportingEntity;
use crate::results::columns::{ColumnEntry, FORMULA_COLUMNS, Kind, ResultColumn, SHEETS};
use crate::results::record::{Record, Value};
use crate::shades;
use crate::sheets::cell::Cell;
use crate::sheets::listing::{FIRST_ROW, Listing};
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};
use crate::words::column_letters;

/// The columns that the list shows.
fn shown(live: bool) -> Vec<ResultColumn> {
    SHEETS
        .into_iter()
        .filter(|column| live || !FORMULA_COLUMNS.contains(column))
        .collect()
}

/// A column as wide as the batch's files and programs need it.
pub(super) fn sheet_column(report: &Workbooks<'_>, column: ResultColumn) -> Column {
    let ColumnEntry {
        title, kind, width, ..
    } = column.entry();
    let plain = match kind {
        Kind::Text | Kind::Words => Column::text(title, width.into()),
        Kind::Number | Kind::Hundredths => Column::figures(title, width.into()),
    };
    match column {
        ResultColumn::Amount => plain.wide(report.money_width),
        ResultColumn::ProgramName => {
            let programs = report.calculation.intake.programs.all().iter();
            plain.wide(crate::sheets::page::width_of(
                programs.map(|program| program.name.as_str()),
                20,
                48,
            ))
        }
        _ => report.fitted(plain),
    }
}

/// The formulas of a row. They refer to the same row, to *Tiers* and to *Readings and law*.
struct RowFormulas {
    /// Letters of the columns that they refer to.
    participant: String,
    outcome: String,
    lunch: String,
    tier: String,
    rate: String,
    /// Whether the amount is the rate.
    amounts: bool,
}

impl RowFormulas {
    fn over(columns: &[Column], amounts: bool) -> RowFormulas {
        let letters = |heading| column_letters(Letters(columns).at(heading));
        let [participant, outcome, lunch, tier, rate] =
            [PARTICIPANT, OUTCOME, FRL, TIER, RATE].map(letters);
        RowFormulas {
            participant,
            outcome,
            lunch,
            tier,
            rate,
            amounts,
        }
    }

    /// Those of the sheet's row, from 1.
    fn key(&self, row: u32) -> String {
        format!("\"{KEY_PREFIX}\"&{}{row}", self.participant)
    }

    fn weight(&self, row: u32) -> String {
        let RowFormulas { outcome, lunch, .. } = self;
        let [paid, unfunded, over_cap] =
            [Outcome::Paid, Outcome::Unfunded, Outcome::OverCap].map(Outcome::label);
        format!(
            "IF(OR({outcome}{row}=\"{paid}\",{outcome}{row}=\"{unfunded}\",{outcome}{row}=\"{over_cap}\"),\
             IF({lunch}{row}=\"Y\",{FRL_MULTIPLIER},1),0)"
        )
    }

    fn rate(&self, row: u32) -> String {
        let RowFormulas {
            outcome,
            lunch,
            tier,
            ..
        } = self;
        let [paid, unfunded] = [Outcome::Paid, Outcome::Unfunded].map(Outcome::label);
        format!(
            "IF(OR({outcome}{row}=\"{paid}\",{outcome}{row}=\"{unfunded}\"),\
             INDEX({TIER_RATES},MATCH({tier}{row},{TIER_NUMBERS},0),IF({lunch}{row}=\"Y\",2,1)),0)"
        )
    }

    fn amount(&self, row: u32) -> Option<String> {
        self.amounts.then(|| format!("{}{row}", self.rate))
    }
}

/// A row of the list, with its formulas if it has any.
struct Line<'l, 'c> {
    report: &'l Workbooks<'c>,
    record: Record<'c>,
    rank: RowRank,
    /// The entity that reads it; none if the state does.
    reader: Option<&'l ReportingEntity>,
    /// The formulas, and the sheet's row that they are for.
    formulas: Option<(&'l RowFormulas, u32)>,
}

impl<'c> Line<'_, 'c> {
    fn cell(&self, column: ResultColumn) -> Cell<'c> {
        let record = &self.record;
        // A row without a tier never has a weight or an amount.
        let of_tier = self.formulas.filter(|_| record.tier.is_some());
        match (column, record.value(column)) {
            (ResultColumn::Key, _) => Cell::text(format!("{KEY_PREFIX}{}", record.participant))
                .by(self.formulas.map(|(of, row)| of.key(row))),
            (ResultColumn::InWords, _) => Cell::Words(in_words(self.report, self.rank)),
            (ResultColumn::Trail, _) => {
                Cell::text(trail(self.report, record, self.rank, self.reader))
            }
            (ResultColumn::Rate, _) => {
                Cell::Rate(record.rate).by(of_tier.map(|(of, row)| of.rate(row)))
            }
            (ResultColumn::Amount, _) => {
                Cell::Money(record.decision.amount).by(of_tier.and_then(|(of, row)| of.amount(row)))
            }
            (ResultColumn::Weight, value) => match (of_tier, value) {
                (Some((of, row)), value) => {
                    Cell::UnitWeight(hundredths(&value)).by(Some(of.weight(row)))
                }
                (None, Value::Weight(weight)) => Cell::Weight(weight.hundredths().into()),
                (None, _) => Cell::Empty,
            },
            (column, value) if column.entry().kind == Kind::Words => Cell::words(value.into_text()),
            (_, value) => plain(value),
        }
    }
}

fn hundredths(weight: &Value<'_>) -> u64 {
    match weight {
        Value::Weight(weight) => weight.hundredths().into(),
        _ => 0,
    }
}

/// A value as it is.
fn plain(value: Value<'_>) -> Cell<'_> {
    match value {
        Value::Nothing => Cell::Empty,
        Value::Text(text) => Cell::text(text),
        Value::Number(number) => Cell::Number(number),
        Value::Category(category) => Cell::text(category.label()),
        Value::Outcome(outcome) => shades::outcome(outcome),
        Value::Codes(codes) if codes.is_empty() => Cell::words(""),
        Value::Codes(codes) => Cell::words(codes.to_string()),
        Value::Date(date, _) => Cell::Date(date),
        Value::Weight(weight) => Cell::Weight(weight.hundredths().into()),
        Value::Money(money) => Cell::Money(money),
    }
}

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let live = report.without_formulas().is_none();
    let shown = shown(live);
    let columns: Vec<Column> = shown
        .iter()
        .map(|column| sheet_column(report, *column))
        .collect();
    let row_formulas = live.then(|| RowFormulas::over(&columns, report.amounts_follow_rates()));
    let formulas = row_formulas.as_ref();
    let total = |label: String, rows: Range<usize>| {
        let cell = |column: &ResultColumn| total_cell(report, *column, &label, &rows, live);
        shown.iter().map(cell).collect()
    };
    let listing = Listing {
        name: COMPLETIONS,
        about: about(report, formulas),
        notice: false,
        columns,
        frozen: 3,
        rows: report.records.len(),
        none: "no row was submitted",
        total: Some(&total),
        beneath: None,
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        // Formulas need the whole list on one sheet.
        let formulas = formulas
            .zip(u32::try_from(row).ok())
            .map(|(formulas, row)| (formulas, FIRST_ROW + row + 1));
        let rank = RowRank::new(row);
        let line = Line {
            report,
            record: report.records.get(rank),
            rank,
            reader: None,
            formulas,
        };
        cells.extend(shown.iter().map(|column| line.cell(*column)));
        Tone::Plain
    })
}

/// The cells of a row in some columns, without formulas, as an entity reads them.
pub(super) fn cells_for<'c>(
    report: &Workbooks<'c>,
    row: RowRank,
    columns: &[ResultColumn],
    reader: &ReportingEntity,
) -> Vec<Cell<'c>> {
    let line = Line {
        report,
        record: report.records.get(row),
        rank: row,
        reader: Some(reader),
        formulas: None,
    };
    columns.iter().map(|column| line.cell(*column)).collect()
}

/// The total's cell in a column.
fn total_cell(
    report: &Workbooks<'_>,
    column: ResultColumn,
    label: &str,
    rows: &Range<usize>,
    live: bool,
) -> Cell<'static> {
    match column {
        ResultColumn::SourceFile => Cell::text(label.to_string()),
        ResultColumn::SourceRow => {
            Cell::count(rows.len()).by(live.then(|| format!("ROWS({COMPLETIONS}[{ROW}])")))
        }
        ResultColumn::Amount => {
            let decisions = &report.calculation.decisions[rows.clone()];
            let amount = decisions.iter().map(|decision| decision.amount).sum();
            Cell::Money(amount).by(live.then(|| format!("ROUND(SUM({COMPLETIONS}[{AMOUNT}]),2)")))
        }
        _ => Cell::Empty,
    }
}

/// What the sheet shows, and what of it is a formula.
fn about(report: &Workbooks<'_>, formulas: Option<&RowFormulas>) -> String {
    let list = "A line per submitted row. File, sheet and row are as Excel shows them. Findings explains the codes.";
    match formulas {
        Some(RowFormulas { amounts: true, .. }) => format!(
            "{list} Weight, rate and amount are formulas over FRL, outcome and the rates on Tiers; Key is for formulas alone."
        ),
        Some(_) => format!(
            "{list} Weight and rate are formulas over FRL, outcome and the rates on Tiers; an amount is a value, because under rounding = \
             largest_remainder its cents depend on all other rows. Key is for formulas alone."
        ),
        None => format!("{list} {}", report.formulas_in_words()),
    }
}
