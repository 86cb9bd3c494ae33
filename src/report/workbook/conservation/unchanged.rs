//! The program's figures next to what the workbook's formulas give now.

use rust_xlsxwriter::XlsxError;
use rust_xlsxwriter::utility::row_col_to_cell;

use super::equality::{
    CHECK, Checks, Equality, Figure, checked, color, equalities, equality, in_parts,
};
use crate::allocation::TierResult;
use crate::ranks::ParticipantRank;
use crate::report::workbook::context::Workbooks;
use crate::report::workbook::formulas::{
    self, AVAILABLE, FRL_MULTIPLIER, PER_UNIT, SUPPLEMENT_AVAILABLE, cap_share,
};
use crate::report::workbook::headings::OUTCOME;
use crate::report::workbook::{participants, payments, tiers};
use crate::rules::Tier;
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page};

const HEADINGS: [&str; 3] = ["Figure", "As calculated", "Now"];

/// Writes the tables; says where their checks are.
pub(super) fn write(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<Vec<Checks>, XlsxError> {
    let mut checks = equalities(
        page,
        ("Unchanged since the calculation", "Unchanged"),
        HEADINGS,
        &of_the_state(report),
    )?;
    let payees = of_payees(report);
    if !payees.is_empty() {
        let section = "What each payee gets, unchanged since the calculation";
        let [_, calculated, now] = HEADINGS;
        checks.extend(equalities(
            page,
            (section, "Payees_unchanged"),
            ["Payee", calculated, now],
            &payees,
        )?);
    }
    let shown = participants::shown(report);
    if !shown.is_empty() {
        let section = "What each participant has, unchanged since the calculation";
        let names = (section, "Participants_unchanged");
        in_parts(page, names, &shown, |page, name, part| {
            checks.extend(of_participants(page, report, name, part)?);
            Ok(())
        })?;
    }
    Ok(checks)
}

/// A figure of this run, and as the workbook calculates it now.
fn unchanged(
    what: impl Into<String>,
    figure: &dyn Fn(Option<String>) -> Figure,
    now: String,
) -> Equality {
    equality(what, figure(None), figure(Some(now)))
}

/// The same for a cell that a reader may change: any difference counts, even below a cent or a hundredth of a percent.
fn untouched(
    what: impl Into<String>,
    figure: &dyn Fn(Option<String>) -> Figure,
    now: String,
) -> Equality {
    Equality {
        check: formulas::check_exactly,
        ..unchanged(what, figure, now)
    }
}

fn of_the_state(report: &Workbooks<'_>) -> Vec<Equality> {
    let calculation = report.calculation;
    let allocation = &calculation.allocation;
    let rules = &calculation.batch.rules;
    let mut lines = parameters(report);
    for (outcome, count) in report.buckets {
        let now = formulas::count(&[(OUTCOME, &formulas::is(outcome))]);
        lines.push(unchanged(
            format!("Rows: {}", outcome.label().to_lowercase()),
            &|now| Figure::count(count, now),
            now,
        ));
    }
    for (position, (tier, result)) in rules.tiers.iter().zip(&allocation.tiers).enumerate() {
        lines.extend(of_the_cap(position, tier, result));
        lines.extend(of_the_tier(position, tier.number, result));
    }
    lines.push(unchanged(
        "Paid by the tiers",
        &|now| Figure::money(allocation.paid(), now),
        tiers::figure(tiers::PAID, None),
    ));
    lines.push(unchanged(
        "Unspent after the last tier",
        &|now| Figure::money(allocation.unspent, now),
        tiers::figure(tiers::MONEY_AFTER, allocation.tiers.len().checked_sub(1)),
    ));
    lines
}

/// The shaded cells of *Readings and law*.
fn parameters(report: &Workbooks<'_>) -> Vec<Equality> {
    let batch = &report.calculation.batch;
    let rules = &batch.rules;
    let mut lines = vec![
        untouched(
            "Available",
            &|now| Figure::money(batch.available, now),
            AVAILABLE.into(),
        ),
        untouched(
            "Amount per unit",
            &|now| Figure::money(rules.per_unit, now),
            PER_UNIT.into(),
        ),
        untouched(
            "FRL multiplier",
            &|now| Figure::weight(rules.frl_multiplier.hundredths().into(), now),
            FRL_MULTIPLIER.into(),
        ),
    ];
    if let Some(pool) = batch.supplement {
        lines.push(untouched(
            "Available for the supplement",
            &|now| Figure::money(pool, now),
            SUPPLEMENT_AVAILABLE.into(),
        ));
    }
    lines
}

/// A tier's cap: its share (a shaded cell of *Tiers*), its limit, and the units over it.
fn of_the_cap(position: usize, tier: &Tier, result: &TierResult) -> Vec<Equality> {
    let Some(cap) = &result.cap else {
        return Vec::new();
    };
    let (number, figure) = (tier.number, |heading| {
        tiers::figure(heading, Some(position))
    });
    let share = cap.share().map(|(share, _)| {
        untouched(
            format!("Tier {number}: cap, share"),
            &|now| Figure::share(share, now),
            cap_share(number),
        )
    });
    let rest = [
        unchanged(
            format!("Tier {number}: cap, limit for each"),
            &|now| Figure::limit(cap.limit(), now),
            figure(tiers::CAP_LIMIT),
        ),
        unchanged(
            format!("Tier {number}: units over the cap"),
            &|now| Figure::units(result.over_cap, now),
            figure(tiers::OVER_CAP),
        ),
    ];
    share.into_iter().chain(rest).collect()
}

fn of_the_tier(position: usize, number: u32, result: &TierResult) -> [Equality; 4] {
    let figure = |heading| tiers::figure(heading, Some(position));
    [
        unchanged(
            format!("Tier {number}: weight"),
            &|now| Figure::weight(result.weight_hundredths, now),
            figure(tiers::WEIGHT),
        ),
        unchanged(
            format!("Tier {number}: rate"),
            &|now| Figure::money(result.rate, now),
            figure(tiers::RATE),
        ),
        unchanged(
            format!("Tier {number}: FRL rate"),
            &|now| Figure::money(result.frl_rate, now),
            figure(tiers::FRL_RATE),
        ),
        unchanged(
            format!("Tier {number}: paid"),
            &|now| Figure::money(result.paid, now),
            figure(tiers::PAID),
        ),
    ]
}

fn of_payees(report: &Workbooks<'_>) -> Vec<Equality> {
    let payees = report.calculation.payees().into_iter();
    payees
        .map(|(code, payment)| {
            unchanged(
                code,
                &|now| Figure::money(payment, now),
                payments::paid_to(code),
            )
        })
        .collect()
}

/// Each participant's money and units: a row that moves to another participant changes both, or only the units if it is unfunded.
fn of_participants(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    name: &str,
    shown: &[ParticipantRank],
) -> Result<[Checks; 2], XlsxError> {
    let columns = [
        Column::word("Participant"),
        Column::figure("Money as calculated"),
        Column::figure("Money now"),
        Column::figure(CHECK),
        Column::figure("Units as calculated"),
        Column::figure("Units now"),
        Column::figure("Units, check"),
    ];
    let calculation = report.calculation;
    let tiers = &calculation.allocation.tiers;
    let numbers = || calculation.batch.rules.tiers.iter().map(|tier| tier.number);
    let rows = u32::try_from(shown.len()).unwrap_or(u32::MAX);
    page.table(name, &columns, rows, Filter::PlainTable)?;
    let first = page.row();
    for rank in shown {
        let participant = &calculation.intake.participants.all()[*rank];
        let total = calculation.allocation.total_of(*rank);
        let units = tiers.iter().map(|tier| tier.shares[*rank].units).sum();
        let code = row_col_to_cell(page.row(), 0);
        let pairs = [
            unchanged(
                "",
                &|now| Figure::money(total, now),
                participants::figure(participants::TOTAL, &code),
            ),
            unchanged(
                "",
                &|now| Figure::units(units, now),
                participants::all_units(numbers(), &code),
            ),
        ];
        let mut cells = vec![Cell::text(participant.code())];
        for (pair, column) in pairs.into_iter().zip([1, 4]) {
            let [one, other] =
                [column, column + 1].map(|column| row_col_to_cell(page.row(), column));
            let same = checked(pair.left.value, pair.right.value);
            cells.push(pair.left.cell);
            cells.push(pair.right.cell.by(pair.right.formula));
            cells.push(same.by(Some((pair.check)(&one, &other))));
        }
        page.line(&cells, Tone::Plain)?;
    }
    let last = page.row() - 1;
    page.skip();
    let checks = [3, 6].map(|column| Checks {
        column,
        first,
        last,
    });
    for checks in &checks {
        color(page, (first, last), checks.column)?;
    }
    Ok(checks)
}
