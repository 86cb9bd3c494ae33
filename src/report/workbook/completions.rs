//! *Completions* and, in an entity's workbook, *Rows*: a line per submitted row with where it ended and why.

use std::borrow::Cow;
use std::ops::Range;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::context::Workbooks;
use super::formulas::{FRL_MULTIPLIER, Letters, TIER_NUMBERS, TIER_RATES};
use super::headings::{
    AMOUNT, COMPLETIONS, FRL, KEY_PREFIX, OUTCOME, PARTICIPANT, RATE, ROW, TIER,
};
use crate::catalogue::Codes;
use crate::decision::{Outcome, Settled};
use crate::finding::column_letters;
use crate::intake::lists::Resolution;
use crate::money::Money;
use crate::ranks::RowRank;
use crate::report::entities::ReportingEntity;
use crate::results::columns::{Entry, FORMULA_COLUMNS, Kind, ResultColumn, SHEETS};
use crate::results::record::{Record, Value};
use crate::shades;
use crate::sheets::cell::Cell;
use crate::sheets::listing::{FIRST_ROW, Listing};
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};
use crate::trail::{Facts, Other, place_from};

/// The columns that the list shows.
fn shown(live: bool) -> Vec<ResultColumn> {
    SHEETS
        .into_iter()
        .filter(|column| live || !FORMULA_COLUMNS.contains(column))
        .collect()
}

/// A column as wide as the batch's files and programs need it.
fn sheet_column(report: &Workbooks<'_>, column: ResultColumn) -> Column {
    let Entry {
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

/// The formulas of a row: what it depends on stands in the same row, or on *Tiers* and *Readings and law*.
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
        let letters = |heading| column_letters(Letters(columns).at(heading).into());
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

/// The row in words: which decision on the record moved it; otherwise its codes.
fn in_words(resolutions: &[Resolution], decision: &Settled, outcome: Outcome) -> Cow<'static, str> {
    let Some(resolution) = decision
        .resolution
        .and_then(|number| resolutions.get(number))
    else {
        return codes_in_words(decision.codes, outcome);
    };
    let Resolution {
        file,
        line,
        reason,
        approved_by,
        ..
    } = resolution;
    let place = format!("{file} line {line}");
    let given = |text: &'_ str| {
        if text.is_empty() {
            "not given".to_string()
        } else {
            text.to_string()
        }
    };
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
        (Some(first), Some(second)) => Cow::Owned(
            [first, second]
                .into_iter()
                .chain(titles)
                .collect::<Vec<_>>()
                .join("; "),
        ),
    }
}

/// Why the row ended where it did, in one line. An entity is not told where rows of others stand, nor how many units another payee's
/// participant has: after a decision on the record, a row of its file can be another's.
fn trail(
    report: &Workbooks<'_>,
    record: &Record<'_>,
    position: RowRank,
    reader: Option<&ReportingEntity>,
) -> String {
    let calculation = report.calculation;
    let reason = report.trails.reason(&calculation.decisions, position);
    let other = reason.others.first().map(|other| {
        let theirs = report.records.get(*other);
        let from = (record.source_file, record.source_sheet);
        let sees = reader.is_none_or(|entity| entity.rows.binary_search(other).is_ok());
        let place = sees.then(|| {
            place_from(
                from,
                theirs.source_file,
                theirs.source_sheet,
                theirs.source_row,
            )
        });
        (
            Other {
                place,
                tier: theirs.tier,
                outcome: theirs.outcome,
            },
            reason.others.len() - 1,
        )
    });
    let payee = record
        .decision
        .participant
        .map(|rank| calculation.intake.participants.all()[rank].payee());
    let resolution = record
        .decision
        .resolution
        .and_then(|number| calculation.intake.resolutions.get(number));
    let resolution =
        resolution.map(|resolution| format!("{} line {}", resolution.file, resolution.line));
    let facts = Facts {
        outcome: record.outcome,
        codes: record.decision.codes,
        tier: record.tier,
        standing: reason
            .standing
            .filter(|_| reader.is_none_or(|entity| Some(entity.code.as_str()) == payee)),
        weight: record.decision.weight,
        amount: record.decision.amount,
        other,
        resolution: resolution.as_deref(),
    };
    facts.short()
}

/// A row of the list, and its formulas where it has any.
struct Line<'l, 'c> {
    report: &'l Workbooks<'c>,
    record: Record<'c>,
    trail: String,
    /// The formulas, and the sheet's row that they are for.
    formulas: Option<(&'l RowFormulas, u32)>,
}

impl<'c> Line<'_, 'c> {
    fn cell(&self, column: ResultColumn) -> Cell<'c> {
        let record = &self.record;
        // A row that no tier funds can have no weight and no amount, whatever its outcome.
        let of_tier = self.formulas.filter(|_| record.tier.is_some());
        match (column, record.value(column)) {
            (ResultColumn::Key, _) => Cell::text(format!("{KEY_PREFIX}{}", record.participant))
                .by(self.formulas.map(|(of, row)| of.key(row))),
            (ResultColumn::InWords, _) => Cell::Words(in_words(
                &self.report.calculation.intake.resolutions,
                record.decision,
                record.outcome,
            )),
            (ResultColumn::Trail, _) => Cell::text(self.trail.clone()),
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
            // Long texts wrap.
            (
                ResultColumn::SourceFile | ResultColumn::SourceSheet | ResultColumn::ProgramName,
                value,
            ) => Cell::words(value.into_text()),
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

/// A value as it is shown without further ado.
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

/// Writes the rows at some positions of the frame, as many as `rows`, to the sheet `name`, for an entity or, without one, for the state.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    name: &str,
    rows: usize,
    position: impl Fn(usize) -> RowRank,
    reader: Option<&ReportingEntity>,
) -> Result<(), XlsxError> {
    let decisions = &report.calculation.decisions;
    // The workbook of an entity has none of the sheets that a formula would refer to.
    let live = name == COMPLETIONS && report.without_formulas().is_none();
    let shown = shown(live);
    let columns: Vec<Column> = shown
        .iter()
        .map(|column| sheet_column(report, *column))
        .collect();
    let row_formulas = live.then(|| RowFormulas::over(&columns, report.amounts_follow_rates()));
    let formulas = row_formulas.as_ref();
    let total = |label: String, range: Range<usize>| {
        let amount: Money = range
            .clone()
            .map(|row| decisions[position(row)].amount)
            .sum();
        let count = formulas.map(|_| format!("ROWS({COMPLETIONS}[{ROW}])"));
        let mut cells = vec![
            Cell::text(label),
            Cell::Empty,
            Cell::count(range.len()).by(count),
        ];
        cells.resize(columns.len() - 2, Cell::Empty);
        cells.push(
            Cell::Money(amount)
                .by(formulas.map(|_| format!("ROUND(SUM({COMPLETIONS}[{AMOUNT}]),2)"))),
        );
        cells.push(Cell::Empty);
        cells
    };
    let mut about =
        "A line per submitted row. File, sheet and row are those that Excel shows; codes are explained on Findings.".to_string();
    if let Some(formulas) = formulas {
        about.push_str(if formulas.amounts {
            " Weight, rate and amount are formulas over FRL, outcome and the rates on Tiers; Key is for formulas alone."
        } else {
            " Weight and rate are formulas over FRL, outcome and the rates on Tiers; an amount is a value, because under rounding = \
             largest_remainder its cents depend on those of all other rows. Key is for formulas alone."
        });
    } else if name == COMPLETIONS {
        about.push(' ');
        about.push_str(&report.formulas_in_words());
    }
    let listing = Listing {
        name,
        about,
        notice: false,
        columns: columns.clone(),
        frozen: 3,
        rows,
        none: "no row was submitted",
        total: Some(&total),
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        // Formulas are only made over a list that stands on one sheet.
        let formulas = formulas
            .zip(u32::try_from(row).ok())
            .map(|(formulas, row)| (formulas, FIRST_ROW + row + 1));
        let record = report.records.get(position(row));
        let trail = trail(report, &record, position(row), reader);
        let line = Line {
            report,
            record,
            trail,
            formulas,
        };
        cells.extend(shown.iter().map(|column| line.cell(*column)));
        Tone::Plain
    })
}
