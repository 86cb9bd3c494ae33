//! *Conservation*: that every row and every cent is accounted for exactly once, as checks that show `OK` or the difference.

mod equality;
mod files;
mod unchanged;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;
use rust_xlsxwriter::utility::row_col_to_cell;

pub(super) use self::equality::color;
use self::equality::{Checks, Equality, Figure, equalities, equality};
use self::files::FILE_COLUMNS;
use super::context::Workbooks;
use super::formulas::{self, AVAILABLE, CONSERVATION, OK};
use super::headings::{AMOUNT, COMPLETIONS, KEY, KEY_PREFIX, OUTCOME, TIER};
use super::{inputs, participants, payments, tiers};
use crate::allocation::{Limit, TierShare};
use crate::decision::Outcome;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::results::frame::Dimension;
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Page, Stamp};

/// The sheet's name.
pub(super) const CONSERVATION_SHEET: &str = "Conservation";
/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let live = report.without_formulas().is_none();
    let money = report.money_width;
    let mut widths = vec![report.file_width.max(48.0), money, money];
    widths.resize(FILE_COLUMNS.len(), 13.0);
    let about = if live {
        "Every submitted row ends in exactly one outcome, and every dollar is paid, a residual, or unspent. Each check is a formula: OK, or \
         the difference. A figure that no longer adds up shows here. cdip verify finds any changed cell."
            .to_string()
    } else {
        format!(
            "Every submitted row ends in exactly one outcome, and every dollar is paid, a residual, or unspent. {}",
            report.formulas_in_words()
        )
    };
    let sheet = workbook.add_worksheet();
    let mut page = Page::begin(
        sheet,
        &report.look,
        stamp,
        CONSERVATION_SHEET,
        (&about, false),
        widths,
    )?;
    page.as_document()?;
    page.skip();
    // The line that sums up every check is filled once their places are known.
    let all = page.row();
    page.skip();
    page.skip();

    let mut checks = equalities(
        &mut page,
        ("Rows and money add up", "Add_up"),
        ["What must be the same", "One side", "Other side"],
        &adding_up(report, live),
    )?;
    if live {
        checks.extend(unchanged::write(&mut page, report)?);
    }
    checks.extend(files::write(&mut page, report, live)?);

    every_check(&mut page, report, all, &checks, live)?;
    if live {
        workbook.define_name(
            CONSERVATION,
            &format!("={CONSERVATION_SHEET}!$B${}", all + 1),
        )?;
    }
    Ok(())
}

/// One line above all: `OK`, or how many checks show a difference.
fn every_check(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    row: u32,
    checks: &[Checks],
    live: bool,
) -> Result<(), XlsxError> {
    let ranges = checks.iter().map(|checks| {
        format!(
            "{}:{}",
            row_col_to_cell(checks.first, checks.column),
            row_col_to_cell(checks.last, checks.column)
        )
    });
    let holding: Vec<String> = ranges
        .map(|range| format!("COUNTIF({range},\"{OK}\")"))
        .collect();
    let number: u32 = checks
        .iter()
        .map(|checks| checks.last + 1 - checks.first)
        .sum();
    let expression = format!(
        "IF({holding}={number},\"{OK}\",{number}-({holding})&\" differ\")",
        holding = holding.join("+")
    );
    // *Summary* refers to this cell by its name.
    let label = format!("Every check on this sheet ({number})");
    Cell::text(label).put(page.sheet, row, 0, &report.look, Tone::Total)?;
    Cell::Digits(OK.into()).by(live.then_some(expression)).put(
        page.sheet,
        row,
        1,
        &report.look,
        Tone::Total,
    )?;
    color(page, (row, row), 1)
}

/// What must be the same on different sheets.
fn adding_up(report: &Workbooks<'_>, live: bool) -> Vec<Equality> {
    let mut lines = of_the_tiers(report, live);
    lines.extend(of_the_caps(report, live));
    lines.extend(of_participants_and_payees(report, live));
    lines.extend(of_the_rows(report, live));
    lines.extend(of_participants_rows(report, live));
    lines
}

/// The sum of a table's column; 0 for a table without rows.
fn sum_in(table: &str, heading: &str, rows: usize) -> String {
    if rows == 0 {
        "0".to_string()
    } else {
        format!("ROUND(SUM({table}[{heading}]),2)")
    }
}

/// The money of the tiers, and the amounts of each tier's rows.
fn of_the_tiers(report: &Workbooks<'_>, live: bool) -> Vec<Equality> {
    let calculation = report.calculation;
    let allocation = &calculation.allocation;
    let by_tier = calculation.results.group([Dimension::Tier]);
    let of = |expression: String| live.then_some(expression);
    let residuals: Money = allocation.tiers.iter().map(|tier| tier.residual).sum();
    let out = allocation.paid() + residuals + allocation.unspent;
    let parts = [
        tiers::figure(tiers::PAID, None),
        tiers::figure(tiers::RESIDUAL, None),
        tiers::figure(tiers::MONEY_AFTER, allocation.tiers.len().checked_sub(1)),
    ];
    let mut lines = vec![equality(
        "Available = paid by the tiers + residuals + unspent",
        Figure::money(calculation.batch.available, of(AVAILABLE.to_string())),
        Figure::money(out, of(format!("ROUND({},2)", parts.join("+")))),
    )];
    for (position, (tier, result)) in calculation
        .batch
        .rules
        .tiers
        .iter()
        .zip(&allocation.tiers)
        .enumerate()
    {
        let rows = by_tier.get([position]).amount;
        lines.push(equality(
            format!("Tier {}: paid = amounts of its rows", tier.number),
            Figure::money(result.paid, of(tiers::figure(tiers::PAID, Some(position)))),
            Figure::money(
                rows,
                of(format!(
                    "ROUND({},2)",
                    formulas::sum(AMOUNT, &[(TIER, &tier.number.to_string())])
                )),
            ),
        ));
    }
    lines
}

/// Each cap cuts the participants it binds exactly at its limit.
fn of_the_caps(report: &Workbooks<'_>, live: bool) -> Vec<Equality> {
    let calculation = report.calculation;
    let participants = calculation.intake.participants.all();
    let bound = calculation.batch.readings.cap_applies_to;
    let live = live && !participants::shown(report).is_empty();
    let mut lines = Vec::new();
    let tiers = calculation.batch.rules.tiers.iter();
    for (position, (tier, result)) in tiers.zip(&calculation.allocation.tiers).enumerate() {
        let Some(cap) = &result.cap else {
            continue;
        };
        let limit = cap.limit();
        let frl = calculation.batch.rules.frl_multiplier;
        let taken = |share: &TierShare| limit.taken(share.units, share.frl_units, frl);
        let cell = tiers::figure(tiers::CAP_LIMIT, Some(position));
        let many = |is_one: &dyn Fn(&TierShare) -> bool, formula: String| {
            let ranks = ParticipantRank::all(participants.len());
            let shares = ranks.filter(|rank| bound.contains(participants[*rank].kind));
            let many = shares.filter(|rank| is_one(&result.shares[*rank])).count();
            Figure::count(many, live.then_some(formula))
        };
        let more = match limit {
            Limit::Units(_) => "more units",
            Limit::Worth { .. } => "units worth more",
        };
        lines.push(equality(
            format!(
                "Tier {}: participants with {more} than the cap's limit = 0",
                tier.number
            ),
            many(
                &|share| taken(share) > limit.number(),
                participants::above_the_limit(tier.number, (limit, frl), &cell, bound),
            ),
            Figure::count(0, None),
        ));
        // Of units that are not alike, the last one need not fill the limit.
        let Some(units) = limit.units() else {
            continue;
        };
        lines.push(equality(
            format!(
                "Tier {}: participants over the cap with fewer units than its limit = 0",
                tier.number
            ),
            many(
                &|share| share.over_cap > 0 && share.units < units,
                participants::cut_below_the_limit(tier.number, &cell, bound),
            ),
            Figure::count(0, None),
        ));
    }
    lines
}

/// Amounts, participants' totals and payments.
fn of_participants_and_payees(report: &Workbooks<'_>, live: bool) -> Vec<Equality> {
    let calculation = report.calculation;
    let allocation = &calculation.allocation;
    let results = &calculation.results;
    let of = |expression: String| live.then_some(expression);
    let money_in = |table: &str, heading: &str, rows: usize| of(sum_in(table, heading, rows));
    let mut lines = Vec::new();
    let rows = results.total().amount;
    let all = calculation.intake.participants.all();
    let by_participant: Money = ParticipantRank::all(all.len())
        .map(|rank| allocation.total_of(rank))
        .sum();
    let by_payee: Money = calculation
        .payees()
        .into_iter()
        .map(|(_, payment)| payment)
        .sum();
    let shown = participants::shown(report).len();
    let participants_total = || money_in(participants::PARTICIPANTS, participants::TOTAL, shown);
    let supplement = calculation.batch.supplement.is_some();
    let rows_and_supplement = if supplement && shown > 0 {
        format!(
            "ROUND(SUM({COMPLETIONS}[{AMOUNT}])+SUM({}[{}]),2)",
            participants::PARTICIPANTS,
            participants::SUPPLEMENT
        )
    } else {
        format!("ROUND(SUM({COMPLETIONS}[{AMOUNT}]),2)")
    };
    lines.push(equality(
        if supplement {
            "Amounts of all rows + supplement = participants' totals"
        } else {
            "Amounts of all rows = participants' totals"
        },
        Figure::money(rows + allocation.supplement(), of(rows_and_supplement)),
        Figure::money(by_participant, participants_total()),
    ));
    lines.push(equality(
        "Participants' totals = payments to payees",
        Figure::money(by_participant, participants_total()),
        Figure::money(
            by_payee,
            money_in(
                payments::PAYMENTS,
                payments::PAYMENT,
                calculation.payees().len(),
            ),
        ),
    ));
    lines
}

/// Rows submitted, listed and with an outcome.
fn of_the_rows(report: &Workbooks<'_>, live: bool) -> Vec<Equality> {
    let calculation = report.calculation;
    let results = &calculation.results;
    let of = |expression: String| live.then_some(expression);
    let mut lines = Vec::new();
    let submitted: usize = calculation.intake.files.iter().map(|file| file.rows).sum();
    let counted = |outcome: Outcome| formulas::count(&[(OUTCOME, &formulas::is(outcome))]);
    let ended: Vec<String> = Outcome::ALL.map(counted).into();
    let in_inputs = format!(
        "SUMIFS({0}[{1}],{0}[{2}],\"{3}\")",
        inputs::INPUTS,
        inputs::ROWS,
        inputs::KIND,
        inputs::SUBMITTED
    );
    let listed = || {
        Figure::count(
            results.rows(),
            of(format!("ROWS({COMPLETIONS}[{OUTCOME}])")),
        )
    };
    lines.push(equality(
        "Rows of the submissions on Inputs = rows on Completions",
        Figure::count(submitted, of(in_inputs)),
        listed(),
    ));
    lines.push(equality(
        "Rows on Completions = rows in one of the nine outcomes",
        listed(),
        Figure::count(
            report.buckets.iter().map(|(_, count)| count).sum(),
            of(ended.join("+")),
        ),
    ));
    lines
}

/// Rows of participants, and rows that are paid.
fn of_participants_rows(report: &Workbooks<'_>, live: bool) -> Vec<Equality> {
    let results = &report.calculation.results;
    let of = |expression: String| live.then_some(expression);
    let sum_of = |table: &str, heading: &str, rows: usize| of(sum_in(table, heading, rows));
    let counted = |outcome: Outcome| formulas::count(&[(OUTCOME, &formulas::is(outcome))]);
    let shown = participants::shown(report);
    let mut lines = Vec::new();
    let all = report.calculation.intake.participants.all().len();
    let rows_of = results.by_participant(all);
    let rows_shown = shown.iter().map(|rank| rows_of[*rank].rows).sum::<u64>();
    let of_participants = results.group([Dimension::Participant]);
    let with_participant = of_participants
        .iter()
        .map(|(_, tally)| usize::try_from(tally.rows).unwrap_or(usize::MAX))
        .sum();
    let without = formulas::count(&[(KEY, &format!("\"{KEY_PREFIX}\""))]);
    lines.push(equality(
        "Rows with a participant = rows on Participants",
        Figure::count(
            with_participant,
            of(format!("ROWS({COMPLETIONS}[{KEY}])-{without}")),
        ),
        Figure::count(
            usize::try_from(rows_shown).unwrap_or(usize::MAX),
            sum_of(participants::PARTICIPANTS, participants::ROWS, shown.len()),
        ),
    ));
    let paid = report.count(Outcome::Paid);
    let with_amount = results.with_amount();
    let both = with_amount.only(Dimension::Outcome, Outcome::Paid as usize);
    let is_paid = formulas::is(Outcome::Paid);
    let paid_with_amount = || {
        Figure::count(
            both.rows(),
            of(formulas::count(&[(OUTCOME, &is_paid), (AMOUNT, "\">0\"")])),
        )
    };
    lines.push(equality(
        "Rows paid = rows paid that have an amount",
        Figure::count(paid, of(counted(Outcome::Paid))),
        paid_with_amount(),
    ));
    lines.push(equality(
        "Rows with an amount = rows paid that have an amount",
        Figure::count(
            with_amount.rows(),
            of(formulas::count(&[(AMOUNT, "\">0\"")])),
        ),
        paid_with_amount(),
    ));
    lines
}
