//! *Board*: a page for those who approve: demand against money, what the cap cost, sectors and programs, and the approval itself.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use super::summary;
use crate::calculation::Calculation;
use crate::catalogue::Code;
use crate::decision::{Outcome, over_cap_at_rates};
use crate::ids::Sasid;
use crate::intake::pages::REPORT_PAGE;
use crate::money::Money;
use crate::ranks::{ProgramRank, RowRank, TierRank};
use crate::report::earlier::{Compared, Earlier, Figure, Headline, compared};
use crate::report::json::NO_SECTOR;
use crate::results::frame::Dimension;
use crate::rules::readings::Unit;
use crate::sheets::cell::Cell;
use crate::sheets::charts;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::words::sentence;

/// The sheet's name.
pub(super) const BOARD: &str = "Board";
/// The table of key figures.
const KEY_FIGURES: &str = "Key_figures";
/// Rows that the chart of sectors covers from the table's heading on.
const CHART_ROWS: u32 = 17;

const TIERS: [Column; 8] = [
    Column::word("Tier"),
    Column::figure("Demand at the full amount"),
    Column::figure("Paid"),
    Column::figure("Shortfall"),
    Column::figure("Share of demand paid"),
    Column::figure("Awards"),
    Column::figure("Over cap"),
    Column::figure("Over cap, at the tier's rates"),
];

const GROUPS: [Column; 5] = [
    Column::word("Sector"),
    Column::figure("Paid"),
    Column::figure("Share"),
    Column::figure("Awards paid"),
    Column::figure("Pupils"),
];

const PROGRAMS: [Column; 7] = [
    Column::word("Program"),
    Column::figure("Paid"),
    Column::figure("Share"),
    Column::figure("Awards paid"),
    Column::figure("Pupils"),
    Column::word("Top 10"),
    Column::word("Sector of the program"),
];

/// Paid rows of a sector or a program.
struct Group {
    name: String,
    /// For a program: whether it is in the Top 10, and its sector.
    about: Option<(bool, String)>,
    awards: usize,
    pupils: usize,
    amount: Money,
}

/// Writes the sheet; says where each tier's demand and payment are.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<charts::Figures, XlsxError> {
    let money = report.money_width;
    let about = "For those who approve the awards. These figures are the run's and do not follow a changed cell.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        &report.look,
        stamp,
        BOARD,
        (about, false),
        vec![48.0, money, money, money, 13.0, 11.0, 24.0, money],
    )?;
    page.as_document()?;
    page.stamped(REPORT_PAGE)?;
    summary::warnings(&mut page, report)?;
    page.skip();
    let tiers = demand(&mut page, report.calculation)?;
    key_figures(&mut page, report)?;
    approval(&mut page, report.calculation)?;
    page.break_at(page.row() - 1)?;
    sectors(&mut page, report.calculation)?;
    programs(&mut page, report.calculation)?;
    Ok(tiers)
}

/// Cents as a count, for shares: no amount here is below zero.
fn cents(money: Money) -> u64 {
    u64::try_from(money.cents()).unwrap_or(0)
}

fn demand(page: &mut Page<'_>, calculation: &Calculation) -> Result<charts::Figures, XlsxError> {
    let rules = &calculation.batch.rules;
    let allocation = &calculation.allocation;
    let costs = over_cap_at_rates(&calculation.decisions, allocation);
    page.section("Demand against money")?;
    let rows = u32::try_from(rules.tiers.len()).unwrap_or(u32::MAX);
    page.table(BOARD, &TIERS, rows, Filter::PlainTable)?;
    let first = page.row();
    let mut all = (Money::ZERO, Money::ZERO, 0, 0, Money::ZERO);
    for (rank, result) in TierRank::enumerate(&allocation.tiers) {
        let tier = &rules.tiers[rank];
        let demand = result.demand(rules);
        let cost: Money = costs[rank].iter().copied().sum();
        let figures = (demand, result.paid, result.units, result.over_cap, cost);
        let name = format!("{} {}", tier.number, tier.name);
        page.line(&demand_line(name, figures), Tone::Plain)?;
        all.0 += demand;
        all.1 += result.paid;
        all.2 += result.units;
        all.3 += result.over_cap;
        all.4 += cost;
    }
    let figures = charts::Figures {
        sheet: BOARD,
        first,
        last: page.row() - 1,
    };
    page.line(&demand_line("Total".to_string(), all), Tone::Total)?;
    if rules.tiers.iter().any(|tier| tier.cap.is_some()) {
        let cost = match calculation.batch.readings.unit {
            Unit::Pupil => "At most: a pupil over the cap may be paid in a later tier.",
            Unit::PupilPerTier | Unit::Completion => {
                "What the awards over the cap would be paid at the tier's rates."
            }
        };
        page.note("What the cap cost", cost)?;
    }
    let is_about_money = |code| matches!(code, Code::W228 | Code::W229);
    let findings = calculation.findings.iter();
    for finding in findings.filter(|finding| is_about_money(finding.code)) {
        page.note("The money", &sentence(&finding.message))?;
    }
    page.skip();
    Ok(figures)
}

/// Demand, paid, awards, over cap and what those would be paid.
fn demand_line(
    name: String,
    (demand, paid, units, over_cap, cost): (Money, Money, u64, u64, Money),
) -> [Cell<'static>; 8] {
    [
        Cell::words(name),
        Cell::Money(demand),
        Cell::Money(paid),
        Cell::Money((demand - paid).max(Money::ZERO)),
        Cell::Percent(cents(paid), cents(demand)),
        Cell::Count(units),
        Cell::Count(over_cap),
        Cell::Money(cost),
    ]
}

/// The report's figures next to those of the report before, if there is one.
fn key_figures(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let Calculation {
        batch,
        allocation,
        decisions,
        ..
    } = report.calculation;
    let payees = report.calculation.payees_paid();
    let now = Headline::of(&batch.rules, batch.available, decisions, allocation, payees);
    let this_year = format!("Now, {}", batch.rules.budget_year);
    page.section("Key figures")?;
    let figures = now.figures();
    let rows = u32::try_from(figures.len()).unwrap_or(u32::MAX);
    let mut columns = vec![Column::word("Figure"), Column::figures_of(this_year, 0.0)];
    let Earlier::AtHand(before) = &report.earlier else {
        page.table(KEY_FIGURES, &columns, rows, Filter::PlainTable)?;
        for (name, figure) in figures {
            page.line(&[Cell::words(name), figure_cell(figure)], Tone::Plain)?;
        }
        let why = if report.earlier == Earlier::NotNamed {
            "batch.toml names no earlier report (previous_receipt) to compare with."
        } else {
            "Not available: its files are not next to the receipt that batch.toml names, or they were changed."
        };
        page.note("The report before", why)?;
        page.skip();
        return Ok(());
    };
    let before_it = format!("Before, {}", before.budget_year);
    columns.push(Column::figures_of(before_it, 0.0));
    columns.push(Column::figure("Change"));
    page.table(KEY_FIGURES, &columns, rows, Filter::PlainTable)?;
    for Compared {
        name,
        before: old,
        now,
    } in compared(&before.headline, &now)
    {
        let cells = [
            Cell::words(name),
            figure_cell(now),
            old.map_or(Cell::Empty, figure_cell),
            old.map_or(Cell::Empty, |old| change_cell(old, now)),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    page.note("The report before", &before.in_words())?;
    page.skip();
    Ok(())
}

fn figure_cell(figure: Figure) -> Cell<'static> {
    match figure {
        Figure::Money(money) => Cell::Money(money),
        Figure::Share(part, whole) => Cell::Percent(cents(part), cents(whole)),
        Figure::Count(count) => Cell::Count(count),
    }
}

/// The change of a figure; shares are compared by eye.
fn change_cell(before: Figure, now: Figure) -> Cell<'static> {
    match (before, now) {
        (Figure::Money(before), Figure::Money(now)) => Cell::Money(now - before),
        (Figure::Count(before), Figure::Count(now)) => {
            Cell::Difference(now.cast_signed().saturating_sub(before.cast_signed()))
        }
        _ => Cell::Empty,
    }
}

/// Lines to sign, below the money that is approved.
fn approval(page: &mut Page<'_>, calculation: &Calculation) -> Result<(), XlsxError> {
    page.section("Approval")?;
    let prepared_by = calculation.batch.prepared_by.as_deref();
    let blank = "______________________________    Date ______________";
    for (what, who) in [
        ("Prepared", prepared_by.unwrap_or_default()),
        ("Reviewed", ""),
        ("Approved", ""),
    ] {
        let space = if who.is_empty() { "" } else { "    " };
        page.note(what, &format!("{who}{space}{blank}"))?;
    }
    page.skip();
    Ok(())
}

/// The paid rows of a group.
fn group(
    calculation: &Calculation,
    name: String,
    about: Option<(bool, String)>,
    rows: &[RowRank],
) -> Group {
    let decisions = rows.iter().map(|row| &calculation.decisions[*row]);
    let paid: Vec<_> = decisions
        .filter(|decision| decision.outcome == Outcome::Paid)
        .collect();
    let pupils: BTreeSet<Sasid> = paid.iter().filter_map(|decision| decision.sasid).collect();
    Group {
        name,
        about,
        awards: paid.len(),
        pupils: pupils.len(),
        amount: paid.iter().map(|decision| decision.amount).sum(),
    }
}

/// Groups with a paid row, the most money first; equal ones keep their order.
fn ordered(groups: impl Iterator<Item = Group>) -> Vec<Group> {
    let mut groups: Vec<Group> = groups.filter(|group| group.awards > 0).collect();
    groups.sort_by_key(|group| Reverse(group.amount));
    groups
}

fn cells(group: &Group, all: Money) -> Vec<Cell<'_>> {
    let mut cells = vec![
        Cell::words(group.name.as_str()),
        Cell::Money(group.amount),
        Cell::Percent(cents(group.amount), cents(all)),
        Cell::count(group.awards),
        Cell::count(group.pupils),
    ];
    if let Some((top_10, sector)) = &group.about {
        cells.push(Cell::text(if *top_10 { "yes" } else { "" }));
        cells.push(Cell::words(sector.as_str()));
    }
    cells
}

fn sectors(page: &mut Page<'_>, calculation: &Calculation) -> Result<(), XlsxError> {
    let results = &calculation.results;
    let all = calculation.allocation.paid();
    let sectors = ordered(results.members(Dimension::Sector).iter().map(|(at, rows)| {
        let name = match results.text(Dimension::Sector, *at) {
            "" => NO_SECTOR,
            name => name,
        };
        group(calculation, name.to_string(), None, rows)
    }));
    page.section("By sector")?;
    let rows = u32::try_from(sectors.len()).unwrap_or(u32::MAX);
    page.table("Paid_by_sector", &GROUPS, rows, Filter::PlainTable)?;
    let first = page.row();
    for sector in &sectors {
        page.line(&cells(sector, all), Tone::Plain)?;
    }
    page.skip();
    if rows > 0 {
        let figures = charts::Figures {
            sheet: BOARD,
            first,
            last: first + rows - 1,
        };
        let chart = charts::money_by_sector(&figures);
        page.sheet
            .insert_chart_with_offset(page.row(), 0, &chart, 10, 2)?;
        for _ in 0..CHART_ROWS {
            page.skip();
        }
    }
    Ok(())
}

fn programs(page: &mut Page<'_>, calculation: &Calculation) -> Result<(), XlsxError> {
    let listed = calculation.intake.programs.all();
    let members = calculation.results.members(Dimension::Program);
    let programs = ordered(members.iter().map(|(rank, rows)| {
        let program = &listed[ProgramRank::new(*rank)];
        let about = (program.top_10, program.sector.clone());
        let name = format!("{} {}", program.code, program.name);
        group(calculation, name, Some(about), rows)
    }));
    page.section("By program")?;
    let rows = u32::try_from(programs.len()).unwrap_or(u32::MAX);
    // The only table longer than a page: later pages repeat its headings in place of the band; FINAL or PRELIMINARY is in their header.
    let header = page.row();
    page.sheet.set_repeat_rows(header, header)?;
    page.table("Paid_by_program", &PROGRAMS, rows, Filter::PlainTable)?;
    if programs.is_empty() {
        page.line(&[Cell::text("nothing is paid")], Tone::Plain)?;
    }
    for program in &programs {
        let all = calculation.allocation.paid();
        page.line(&cells(program, all), Tone::Plain)?;
    }
    Ok(())
}
