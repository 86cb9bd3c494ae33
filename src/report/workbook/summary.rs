//! *Summary*: the result at a glance, its basis, what is open, and where to look.

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use super::formulas::{self, AVAILABLE, CONSERVATION, OK, SUPPLEMENT_AVAILABLE};
use super::headings::{AMOUNT, COMPLETIONS, OUTCOME};
use super::{
    board, conservation, findings, inputs, law, participants, payments, resolutions, review, tiers,
};
use crate::allocation::Allocation;
use crate::decision::Outcome;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::report::entities::name_of;
use crate::report::ledger::checked_against;
use crate::results::frame::Tally;
use crate::shades;
use crate::sheets::cell::Cell;
use crate::sheets::charts;
use crate::sheets::listing::continuation;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::words::{counted, thousands};

/// The sheet's name, in both kinds of workbook.
pub(super) const SUMMARY: &str = "Summary";
/// The warning of a batch without a ledger.
const NO_LEDGER: &str = "The batch has no ledger of prior payments: whether a completion was paid in an earlier year could not be checked.";
/// Payees in the chart.
const LARGEST: usize = 10;

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    demand: &charts::Figures,
) -> Result<(), XlsxError> {
    let money = report.money_width;
    let mut widths = vec![40.0, money];
    widths.extend([11.0, 11.0, 11.0, 13.0, 13.0, money, 13.0, money, 12.0]);
    let about = "What is paid, whether the report is final and why, and where to look. Amounts are exact to the cent.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        &report.look,
        stamp,
        SUMMARY,
        (about, false),
        widths,
    )?;
    page.as_document()?;
    warnings(&mut page, report)?;
    page.skip();

    let beside = page.row();
    money_block(&mut page, report)?;
    page.sheet
        .insert_chart_with_offset(beside + 1, 2, &charts::money_by_tier(demand), 20, 4)?;
    tier_block(&mut page, report)?;
    outcomes(&mut page, report)?;
    // The first page ends here where breaks are kept; the chart of payees is never cut in two.
    page.break_at(page.row() - 1)?;
    largest_payees(&mut page, report)?;
    where_to_look(&mut page, report)?;
    notes(&mut page, report)?;
    findings_by_code(&mut page, report)
}

/// Warnings to read before any amount.
pub(super) fn warnings(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let notice = &report.look.notice;
    if !report.is_final {
        let text = "Do not pay from a preliminary report. Every amount can change once the open rows and files are corrected or \
                    decided.";
        page.paragraph(text, notice)?;
    }
    if calculation.intake.ledger.is_none() {
        page.paragraph(
            &format!("{NO_LEDGER} Amounts can include completions that were paid before."),
            notice,
        )?;
    }
    if let Some(ledger) = checked_against(calculation).filter(|ledger| ledger.is_doubtful) {
        page.paragraph(&ledger.text, notice)?;
    }
    Ok(())
}

/// Counts of payees, participants, files and rows, below the money.
fn how_many(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let live = report.without_formulas().is_none();
    let of = |expression: String| live.then_some(expression);
    // Next to the chart: only as wide as the figures.
    page.spread(&[(0, 1, "How many", &report.look.section)])?;
    let shares = ParticipantRank::all(calculation.intake.participants.all().len())
        .filter(|rank| calculation.has_share(*rank))
        .count();
    let counts = [
        ("Payees", calculation.payees_paid(), None),
        ("Participants with a share", shares, None),
        ("Files submitted", calculation.intake.files.len(), None),
        (
            "Files refused",
            calculation
                .intake
                .files
                .iter()
                .filter(|file| file.refused.is_some())
                .count(),
            None,
        ),
        (
            "Rows submitted",
            calculation.intake.completions.len(),
            of(format!("ROWS({COMPLETIONS}[{OUTCOME}])")),
        ),
        (
            "Rows paid",
            report.count(Outcome::Paid),
            of(formulas::count(&[(OUTCOME, &formulas::is(Outcome::Paid))])),
        ),
    ];
    for (what, count, formula) in counts {
        page.line(
            &[Cell::text(what), Cell::count(count).by(formula)],
            Tone::Plain,
        )?;
    }
    Ok(())
}

/// The pool of the supplement, what is paid of it, and the total paid; the first and the last as formulas, if there are formulas.
fn supplement_lines(
    allocation: &Allocation,
    pool: Money,
    of_pool: Option<String>,
    all: Option<String>,
) -> [(&'static str, Cell<'static>, Tone); 3] {
    let supplement = allocation.supplement();
    [
        (
            "Supplement, pool",
            Cell::Money(pool).by(of_pool),
            Tone::Group,
        ),
        ("Supplement, paid", Cell::Money(supplement), Tone::Plain),
        (
            "Paid in all, with the supplement",
            Cell::Money(allocation.paid() + supplement).by(all),
            Tone::Total,
        ),
    ]
}

fn money_block(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let allocation = &calculation.allocation;
    let available = calculation.batch.available;
    let residuals: Money = allocation.tiers.iter().map(|tier| tier.residual).sum();
    let paid = allocation.paid();
    page.section("Money")?;
    let live = report.without_formulas().is_none();
    // The figures are below each other from here on.
    let first = page.row();
    let at = |line: u32| format!("B{}", first + line + 1);
    let of = |expression: String| live.then_some(expression);
    let unspent = tiers::figure(tiers::MONEY_AFTER, allocation.tiers.len().checked_sub(1));
    let zero = format!("ROUND({}-{}-{}-{},2)", at(0), at(1), at(2), at(3));
    let mut lines = vec![
        (
            "Available",
            Cell::Money(available).by(of(AVAILABLE.to_string())),
            Tone::Group,
        ),
        (
            "Paid by the tiers",
            Cell::Money(paid).by(of(tiers::figure(tiers::PAID, None))),
            Tone::Plain,
        ),
        (
            "Residuals of prorated tiers",
            Cell::Money(residuals).by(of(tiers::figure(tiers::RESIDUAL, None))),
            Tone::Plain,
        ),
        (
            "Unspent after the last tier",
            Cell::Money(allocation.unspent).by(of(unspent)),
            Tone::Plain,
        ),
        (
            "Available − paid − residuals − unspent",
            Cell::Money(available - paid - residuals - allocation.unspent).by(of(zero)),
            Tone::Total,
        ),
        (
            "Every check on Conservation",
            Cell::Digits(OK.into()).by(of(CONSERVATION.to_string())),
            Tone::Plain,
        ),
    ];
    if let Some(pool) = calculation.batch.supplement {
        let all = of(format!("ROUND({}+{},2)", at(1), at(7)));
        let of_pool = of(SUPPLEMENT_AVAILABLE.to_string());
        lines.extend(supplement_lines(allocation, pool, of_pool, all));
    }
    for (what, value, tone) in lines {
        page.line(&[Cell::text(what), value], tone)?;
    }
    conservation::color(page, (first + 5, first + 5), 1)?;
    page.skip();
    how_many(page, report)?;
    page.skip();
    Ok(())
}

const TIER_COLUMNS: [Column; 11] = [
    Column::word("Tier"),
    Column::figure("Money before"),
    Column::figure("Units"),
    Column::figure("With FRL"),
    Column::figure("Over cap"),
    Column::figure("Rate"),
    Column::figure("FRL rate"),
    Column::figure("Paid"),
    Column::figure("Residual"),
    Column::figure("Money after"),
    Column::word("Funding"),
];

/// The tier table.
fn tier_block(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let rules = &report.calculation.batch.rules;
    let results = &report.calculation.allocation.tiers;
    page.section("Tiers, in the order in which they are funded")?;
    let rows = u32::try_from(results.len()).unwrap_or(u32::MAX);
    page.table("Tiers_at_a_glance", &TIER_COLUMNS, rows, Filter::PlainTable)?;
    let live = report.without_formulas().is_none();
    for (position, (tier, result)) in rules.tiers.iter().zip(results).enumerate() {
        let of = |heading: &str| live.then(|| tiers::figure(heading, Some(position)));
        let cells = [
            Cell::words(format!("{} {}", tier.number, tier.name)),
            Cell::Money(result.money_before).by(of(tiers::MONEY_BEFORE)),
            Cell::Count(result.units).by(of(tiers::UNITS)),
            Cell::Count(result.frl_units).by(of(tiers::FRL_UNITS)),
            Cell::Count(result.over_cap).by(of(tiers::OVER_CAP)),
            Cell::Money(result.rate).by(of(tiers::RATE)),
            Cell::Money(result.frl_rate).by(of(tiers::FRL_RATE)),
            Cell::Money(result.paid).by(of(tiers::PAID)),
            Cell::Money(result.residual).by(of(tiers::RESIDUAL)),
            Cell::Money(result.money_after).by(of(tiers::MONEY_AFTER)),
            Cell::text(tiers::funding(result)).by(of(tiers::FUNDING)),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    let all = |heading: &str| live.then(|| tiers::figure(heading, None));
    let sum = |heading: &str, of: fn(&crate::allocation::TierResult) -> u64| {
        Cell::Count(results.iter().map(of).sum()).by(all(heading))
    };
    let total = [
        Cell::text("Total"),
        Cell::Empty,
        sum(tiers::UNITS, |tier| tier.units),
        sum(tiers::FRL_UNITS, |tier| tier.frl_units),
        sum(tiers::OVER_CAP, |tier| tier.over_cap),
        Cell::Empty,
        Cell::Empty,
        Cell::Money(report.calculation.allocation.paid()).by(all(tiers::PAID)),
        Cell::Money(results.iter().map(|tier| tier.residual).sum()).by(all(tiers::RESIDUAL)),
        Cell::Empty,
        Cell::Empty,
    ];
    page.line(&total, Tone::Total)?;
    page.skip();
    Ok(())
}

const OUTCOME_COLUMNS: [Column; 5] = [
    Column::word("Outcome"),
    Column::figure("Amount"),
    Column::figure("Rows"),
    Column::figure("Share"),
    Column::word("Meaning"),
];

/// Rows by outcome with what each means, for one entity, or for the state by formulas over *Completions*.
pub(super) fn outcome_table(
    page: &mut Page<'_>,
    table: &str,
    counts: &[(Outcome, Tally)],
    live: bool,
) -> Result<(), XlsxError> {
    page.section("Rows by outcome")?;
    let rows = u32::try_from(counts.len()).unwrap_or(u32::MAX);
    page.table(table, &OUTCOME_COLUMNS, rows, Filter::PlainTable)?;
    page.heading_to_edge(&OUTCOME_COLUMNS)?;
    let all: u64 = counts.iter().map(|(_, tally)| tally.rows).sum();
    let (first, last) = (page.row() + 1, page.row() + rows);
    for (outcome, tally) in counts {
        let row = page.row() + 1;
        let is = formulas::is(*outcome);
        let sum = live.then(|| format!("ROUND({},2)", formulas::sum(AMOUNT, &[(OUTCOME, &is)])));
        let cells = vec![
            shades::outcome(*outcome),
            Cell::Money(tally.amount).by(sum),
            Cell::Count(tally.rows).by(live.then(|| formulas::count(&[(OUTCOME, &is)]))),
            Cell::Percent(tally.rows, all)
                .by(live.then(|| format!("IF(C${0}=0,0,C{row}/C${0})", last + 1))),
            Cell::text(outcome.meaning()),
        ];
        page.line_to_edge(cells, Tone::Plain)?;
    }
    let amount = counts.iter().map(|(_, tally)| tally.amount).sum();
    let total = vec![
        Cell::text("Total"),
        Cell::Money(amount).by(live.then(|| format!("ROUND(SUM(B{first}:B{last}),2)"))),
        Cell::Count(all).by(live.then(|| format!("SUM(C{first}:C{last})"))),
        Cell::Percent(all, all).by(live.then(|| format!("IF(C{0}=0,0,C{0}/C{0})", last + 1))),
    ];
    page.line_to_edge(total, Tone::Total)?;
    page.skip();
    Ok(())
}

fn outcomes(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let counts = Outcome::ALL.map(|outcome| (outcome, report.calculation.outcome(outcome)));
    outcome_table(
        page,
        "Rows_by_outcome",
        &counts,
        report.without_formulas().is_none(),
    )
}

fn largest_payees(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let mut payees = calculation.payees();
    let all: Money = payees.iter().map(|(_, payment)| *payment).sum();
    payees.retain(|(_, payment)| *payment > Money::ZERO);
    // Stable: equal payments stay in the order of codes.
    payees.sort_by_key(|(_, payment)| std::cmp::Reverse(*payment));
    payees.truncate(LARGEST);
    page.section("The largest payees")?;
    let rows = u32::try_from(payees.len()).unwrap_or(u32::MAX);
    page.table(
        "Largest_payees",
        &[
            Column::word("Payee"),
            Column::figure("Payment"),
            Column::figure("Share"),
        ],
        rows,
        Filter::PlainTable,
    )?;
    if payees.is_empty() {
        page.line(&[Cell::text("nobody is paid")], Tone::Plain)?;
        page.skip();
        return Ok(());
    }
    let first = page.row();
    for (code, payment) in &payees {
        let name = name_of(&calculation.intake.participants, code);
        let cents = |money: Money| u64::try_from(money.cents()).unwrap_or(0);
        let live = report.without_formulas().is_none();
        let now = live.then(|| payments::paid_to(code));
        let share = live.then(|| {
            format!(
                "IF({0}=0,0,B{1}/{0})",
                payments::paid_to_all(),
                page.row() + 1
            )
        });
        let share = Cell::Percent(cents(*payment), cents(all)).by(share);
        let cells = [
            Cell::text(format!("{code} {name}")),
            Cell::Money(*payment).by(now),
            share,
        ];
        page.line(&cells, Tone::Plain)?;
    }
    let figures = charts::Figures {
        sheet: SUMMARY,
        first,
        last: page.row() - 1,
    };
    page.sheet
        .insert_chart_with_offset(first - 1, 3, &charts::largest_payees(&figures), 10, 2)?;
    // The chart can be taller than the list.
    while page.row() < first + charts::PAYEES_ROWS {
        page.skip();
    }
    page.skip();
    Ok(())
}

fn where_to_look(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    page.section("Where to look")?;
    let continued = |name: &str, rows: usize| match report.limits.parts(rows).len() {
        1 => String::new(),
        parts => format!(
            "; more than one sheet holds, continued on {}",
            continuation(name, parts)
        ),
    };
    let (rows, found) = (
        calculation.intake.completions.len(),
        calculation.findings.len(),
    );
    let every_row = format!(
        "every submitted row ({}) with outcome, codes in words and amount{}",
        thousands(rows as u64),
        continued(COMPLETIONS, rows)
    );
    let every_finding = format!(
        "{} with file, cell and what to do{}",
        counted(found as u64, "finding"),
        continued(findings::FINDINGS, findings::count(calculation))
    );
    page.link(
        board::BOARD,
        "demand against money, what the cap cost, sectors and programs, and who approved",
    )?;
    page.link(
        tiers::TIERS,
        "how each tier came to its rate, in figures and in words; the cap",
    )?;
    page.link(
        participants::PARTICIPANTS,
        "units, over cap and money of every participant, by tier",
    )?;
    page.link(payments::PAYMENTS, "what to pay to whom, a line per payee")?;
    page.link(
        payments::PASSED_ON,
        "what payees pass on to charter schools, a line per school",
    )?;
    page.link(COMPLETIONS, &every_row)?;
    page.link(findings::FINDINGS, &every_finding)?;
    page.link(
        law::LAW,
        "every parameter and reading with value, citation, basis and alternatives",
    )?;
    page.link(
        resolutions::RESOLUTIONS,
        &format!(
            "{} on the record",
            counted(calculation.intake.resolutions.len() as u64, "decision")
        ),
    )?;
    page.link(inputs::INPUTS, "every file read, with hash and rows")?;
    page.link(
        review::REVIEW,
        "where an auditor looks first: participants far above the state's medians",
    )?;
    page.link(
        conservation::CONSERVATION_SHEET,
        "control totals: proof that every row and every cent counts exactly once",
    )?;
    page.skip();
    Ok(())
}

fn notes(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let batch = &calculation.batch;
    page.section("What to know")?;
    page.note(report.standing(), &standing_in_words(report))?;
    page.note("The batch", &batch.label)?;
    page.note(
        "Years",
        &format!(
            "budget year {} (the money) pays completions of school year {}",
            batch.rules.budget_year, batch.rules.school_year
        ),
    )?;
    page.note(
        "Rules",
        &format!("{}: {}", batch.rules.id, batch.rules.title),
    )?;
    page.note(
        "Run date",
        &format!("{} (from batch.toml, not from the clock)", batch.run_date),
    )?;
    if let Some(whom) = batch.office.questions_to() {
        page.note("Program office", &whom)?;
    }
    page.note("The law", &batch.office.law_in_words())?;
    page.note("Formulas", &report.formulas_in_words())?;
    if let Some(checksum) = &report.content {
        let content = format!(
            "{checksum} is the checksum (SHA-256) of the rows of completions.csv, in any order. On Linux and macOS this \
             command prints it, in the report's folder: {}",
            crate::report::content::COMMAND
        );
        page.note("Content", &content)?;
    }
    let ledger = checked_against(calculation);
    page.note(
        "Prior payments",
        ledger.as_ref().map_or(NO_LEDGER, |ledger| &ledger.text),
    )?;
    if batch.supplement.is_some() {
        let text = "Entities that require every pupil to complete a qualified item get their tier-1 amount once more. If the pool \
                    is too small, all get the same share of it. It has its own pool and never changes the tiers.";
        page.note("Supplement", text)?;
    }
    page.note("Files", &inputs::in_words(report))?;
    page.skip();
    Ok(())
}

/// What PRELIMINARY or FINAL means for this batch.
fn standing_in_words(report: &Workbooks<'_>) -> String {
    if report.is_final {
        return "Every file is read or closed, and every row is decided. The amounts are complete."
            .to_string();
    }
    format!(
        "Open: {}. Rejected and held rows and refused files are not counted; a row with a question is. Once all is corrected, or decided \
         in resolutions.csv, every amount can change. Do not pay from a preliminary report.",
        report.open_in_words()
    )
}

fn findings_by_code(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let found = findings::by_code(report.calculation, &report.calculation.findings);
    // In print, the heading stays on the page of its rows.
    page.break_at(page.row())?;
    page.section("Findings by code")?;
    page.paragraph(findings::OPEN_MEANS, &report.look.about)?;
    let rows = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let columns = [
        Column::word("Severity"),
        Column::word("Code"),
        Column::figure("Count"),
        Column::figure("Open"),
        Column::word("Finding"),
    ];
    page.table("Findings_by_code", &columns, rows, Filter::PlainTable)?;
    page.heading_to_edge(&columns)?;
    if found.is_empty() {
        page.line(&[Cell::text("none")], Tone::Plain)?;
    }
    for findings::Found { entry, count, open } in found {
        let (severity, code) = (
            shades::severity(entry.severity),
            Cell::text(entry.code.as_str()),
        );
        let cells = vec![
            severity,
            code,
            Cell::Count(count),
            Cell::Count(open),
            Cell::text(entry.title),
        ];
        page.line_to_edge(cells, Tone::Plain)?;
    }
    Ok(())
}
