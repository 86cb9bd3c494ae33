//! *Completions* and, in an entity's workbook, *Rows*: a line per submitted row with where it ended and why.

use std::borrow::Cow;
use std::ops::Range;

use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use super::formulas::{FRL_MULTIPLIER, Letters, TIER_NUMBERS, TIER_RATES};
use crate::catalogue::Codes;
use crate::decision::{Outcome, Settled};
use crate::finding::column_letters;
use crate::intake::lists::Resolution;
use crate::money::Money;
use crate::ranks::RowRank;
use crate::report::entities::ReportingEntity;
use crate::report::record::Record;
use crate::sheets::cell::Cell;
use crate::sheets::listing::{FIRST_ROW, Listing};
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};
use crate::sheets::streamed::Package;
use crate::trail::{Facts, Other, place_from};

/// The sheet of the state's workbook.
pub(super) const COMPLETIONS: &str = "Completions";
/// The sheet of an entity's workbook.
pub(super) const ROWS: &str = "Rows";

/// Headings that formulas refer to.
pub(super) const SOURCE_FILE: &str = "Source file";
pub(super) const TIER: &str = "Tier";
pub(super) const FRL: &str = "FRL";
const PARTICIPANT: &str = "Participant";
const PAYEE: &str = "Payee";
pub(super) const OUTCOME: &str = "Outcome";
pub(super) const CODES: &str = "Codes";
pub(super) const WEIGHT: &str = "Weight";
pub(super) const AMOUNT: &str = "Amount";
/// The participant behind letters: a spreadsheet compares `0010` as the number 10, and `P-0010` as it stands.
pub(super) const KEY: &str = "Key";
const RATE: &str = "Rate";
const ROW: &str = "Row";
/// What stands before a participant's code in its key.
pub(super) const KEY_PREFIX: &str = "P-";

const COLUMNS: [Column; 21] = [
    Column::text(SOURCE_FILE, 36.0),
    Column::text("Sheet", 16.0),
    Column::figures(ROW, 8.0),
    Column::text("District", 11.0),
    Column::text("School", 10.0),
    Column::text("SASID", 14.0),
    Column::text("Grade", 9.0),
    Column::text("Program code", 12.0),
    Column::text("Program name", 34.0),
    Column::text("Category", 20.0),
    Column::figures(TIER, 8.0),
    Column::text("Completion date", 14.0),
    Column::text(FRL, 8.0),
    Column::text(PARTICIPANT, 14.0),
    Column::text(PAYEE, 10.0),
    Column::text(OUTCOME, 17.0),
    Column::text(CODES, 14.0),
    Column::text("In words", 46.0),
    Column::figures(WEIGHT, 10.0),
    Column::figures(AMOUNT, 16.0),
    Column::text("Trail", 52.0),
];

/// The columns, as wide as the batch's files and programs need them; with those that only formulas need.
fn columns(report: &Workbooks<'_>, live: bool) -> Vec<Column> {
    let programs = report
        .calculation
        .intake
        .programs
        .all()
        .iter()
        .map(|program| program.name.as_str());
    let program_width = crate::sheets::page::width_of(programs, 20, 48);
    let fitted = COLUMNS.map(|column| match &*column.heading {
        AMOUNT => column.wide(report.money_width),
        "Program name" => column.wide(program_width),
        _ => report.fitted(column),
    });
    let mut columns = Vec::with_capacity(COLUMNS.len() + 2);
    for column in fitted {
        if live && column.heading == AMOUNT {
            columns.push(Column::figures(RATE, 13.0));
        }
        let is_payee = column.heading == PAYEE;
        columns.push(column);
        if live && is_payee {
            columns.push(Column::text(KEY, 14.0));
        }
    }
    columns
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

/// The rate of the row's tier for its lunch, if it is a unit within the cap.
fn rate(report: &Workbooks<'_>, record: &Record<'_>) -> Money {
    let decision = record.decision;
    match (decision.tier, record.outcome) {
        (Some(tier), Outcome::Paid | Outcome::Unfunded) => {
            let result = &report.calculation.allocation.tiers[tier];
            if decision.frl == Some(true) {
                result.frl_rate
            } else {
                result.rate
            }
        }
        _ => Money::ZERO,
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

/// Fills the cells of a row; `formulas` are those of the row and where it stands.
fn fill<'c>(
    report: &Workbooks<'c>,
    record: Record<'c>,
    trail: String,
    formulas: Option<(&RowFormulas, u32)>,
    cells: &mut Vec<Cell<'c>>,
) {
    let intake = &report.calculation.intake;
    let decision = record.decision;
    let payee = decision
        .participant
        .map_or("", |rank| intake.participants.all()[rank].payee());
    // A row that no tier funds can have no weight and no amount, whatever its outcome.
    let of_tier = formulas.filter(|_| record.tier.is_some());
    let key = formulas.map(|(of, row)| {
        Cell::text(format!("{KEY_PREFIX}{}", record.participant)).by(Some(of.key(row)))
    });
    let rate = formulas
        .map(|_| Cell::Rate(rate(report, &record)).by(of_tier.map(|(of, row)| of.rate(row))));
    let weight = match of_tier {
        Some((of, row)) => Cell::UnitWeight(
            decision
                .weight
                .map_or(0, |weight| weight.hundredths().into()),
        )
        .by(Some(of.weight(row))),
        None => decision.weight.map_or(Cell::Empty, |weight| {
            Cell::Weight(weight.hundredths().into())
        }),
    };
    let amount = Cell::Money(decision.amount).by(of_tier.and_then(|(of, row)| of.amount(row)));
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
        Cell::text(
            decision
                .category
                .map_or("", crate::rules::terms::Category::label),
        ),
        record.tier.map_or(Cell::Empty, Cell::Number),
        Cell::date_or(decision.date, record.completion_date),
        Cell::Text(record.frl),
        Cell::text(record.participant),
        Cell::text(payee),
    ]);
    cells.extend(key);
    cells.extend([
        Cell::Outcome(record.outcome),
        Cell::words(codes_text(decision)),
        Cell::Words(in_words(&intake.resolutions, decision, record.outcome)),
        weight,
    ]);
    cells.extend(rate);
    cells.extend([amount, Cell::text(trail)]);
}

fn codes_text(decision: &Settled) -> Cow<'static, str> {
    if decision.codes.is_empty() {
        Cow::Borrowed("")
    } else {
        Cow::Owned(decision.codes.to_string())
    }
}

/// Writes the rows at some positions of the frame, as many as `rows`, to the sheet `name`, for an entity or, without one, for the state.
pub(super) fn write(
    workbook: &mut Package,
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
    let columns = columns(report, live);
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
        fill(report, record, trail, formulas, cells);
        Tone::Plain
    })
}
