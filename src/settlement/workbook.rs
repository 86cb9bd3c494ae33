//! `settlement.xlsx`: what every payee is due or owes, how it was calculated, and the payments made. Figures are formulas.

use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::calculation::{Recovery, SettledPayee};
use super::payments::PaymentMade;
use super::settled::SettledReport;
use crate::disk::folder_of;
use crate::money::Money;
use crate::sheets::book::{self, save};
use crate::sheets::cell::Cell;
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{Column, Page, Stamp};

/// Names of cells with the terms that formulas use.
const AVAILABLE: &str = "settlement_available";
const TOLERANCE: &str = "settlement_tolerance";
const CASH: &str = "settlement_cash";

/// The control total: whatever was awarded and not paid is due, and whatever was paid and not awarded is owed.
const CONTROL: &str = "Control total, must be zero";

const SHEET: &str = "Settlement";
const EXPLAINED: &str = "How it works";
const PAYMENTS: &str = "Payments made";

/// A column of the table of payees: heading, amount, and the formula of its row.
type Amount = (
    &'static str,
    fn(&SettledPayee) -> Money,
    fn(u32) -> Option<String>,
);

/// The last column of a settlement that waives what payees owe.
const WAIVED: Amount = ("Waived", |line| line.waived, |_| None);

/// In the order of the table, from column D on: A to C are payee, name and vendor.
fn amounts(settled: &SettledReport) -> [Amount; 10] {
    let mut amounts = AMOUNTS;
    if settled.given.recovery == Recovery::None {
        amounts[9] = WAIVED;
    }
    amounts
}

const AMOUNTS: [Amount; 10] = [
    ("Award", |line| line.award, |_| None),
    ("Paid before", |line| line.paid, |_| None),
    ("Owed from earlier years", |line| line.opening, |_| None),
    (
        "Award not yet paid",
        |line| line.due_before_offset,
        |row| {
            Some(format!(
                "IF(ABS(ROUND(D{row}-E{row},2))<={TOLERANCE},0,MAX(ROUND(D{row}-E{row},2),0))"
            ))
        },
    ),
    (
        "Taken off for earlier years",
        |line| line.offset,
        |row| Some(format!("MIN(G{row},F{row})")),
    ),
    (
        "Due",
        |line| line.due,
        |row| Some(format!("ROUND(G{row}-H{row},2)")),
    ),
    ("Payable now", |line| line.payable_now, |_| None),
    (
        "After recovery",
        |line| line.after_recovery,
        |row| Some(format!("ROUND(I{row}-J{row},2)")),
    ),
    ("To recover", |line| line.to_recover, |_| None),
    ("Carried to next year", |line| line.carried, |_| None),
];
/// The first of them is column D.
const FIRST_AMOUNT: u8 = b'D';

/// Writes the workbook.
pub fn write(settled: &SettledReport, path: &Path) -> Result<(), XlsxError> {
    let look = Look::new();
    let reason = if settled.is_final {
        "made from a FINAL report"
    } else {
        "made from a PRELIMINARY report: pay nothing from it"
    };
    let stamp = Stamp {
        title: format!("CDIP settlement, budget year {}", settled.budget_year),
        standing: settled.standing(),
        is_final: settled.is_final,
        reason: reason.to_string(),
        label: settled.label.clone(),
        facts: format!(
            "{} \u{b7} budget year {} \u{b7} run date {}",
            settled.label, settled.budget_year, settled.run_date
        ),
    };
    let mut workbook = book::begin(&stamp, settled.run_date, Some(folder_of(path)));
    let terms_row = payees(&mut workbook, &look, &stamp, settled)?;
    let at = |offset: u32| format!("='{SHEET}'!$D${}", terms_row + offset);
    workbook.define_name(AVAILABLE, &at(0))?;
    workbook.define_name(CASH, &at(1))?;
    workbook.define_name(TOLERANCE, &at(2))?;
    explained(&mut workbook, &look, &stamp, settled)?;
    payments(&mut workbook, &look, &stamp, settled)?;
    save(&mut workbook, path)
}

/// The rows of the table, as Excel counts them.
#[derive(Clone, Copy)]
struct Rows {
    first: u32,
    last: u32,
}

/// The table of payees with the terms above it; gives the row, as Excel counts it, of the first term.
fn payees(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    settled: &SettledReport,
) -> Result<u32, XlsxError> {
    let mut columns = vec![
        Column::text("Payee", 9.0),
        Column::text("Name", 34.0),
        Column::text("Vendor", 12.0),
    ];
    columns.extend(
        amounts(settled)
            .iter()
            .map(|(heading, ..)| Column::figures(heading, 15.0)),
    );
    let widths = columns.iter().map(|column| column.width).collect();
    let about = "Per payee: the award, what was paid before, and what is due now or must come back. Payees are never netted against each other.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        SHEET,
        (about, false),
        widths,
    )?;
    page.skip();
    let terms_row = page.row() + 1;
    let lines = &settled.settlement.payees;
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    // Four terms, an empty row and the headings are above the first payee.
    let first = terms_row + 6;
    let rows = Rows {
        first,
        last: first + count.saturating_sub(1),
    };
    terms(&mut page, settled, rows)?;
    page.skip();
    page.main_table("Settlement", &columns, count, 2)?;
    for line in lines {
        let cells = payee(settled, line, page.row() + 1, rows);
        page.line(&cells, Tone::Plain)?;
    }
    page.line(&totals(settled, rows), Tone::Total)?;
    Ok(terms_row)
}

/// The terms of the settlement.
fn terms(page: &mut Page<'_>, settled: &SettledReport, rows: Rows) -> Result<(), XlsxError> {
    let Rows { first, last } = rows;
    let cash = format!("ROUND({AVAILABLE}-SUM(E{first}:E{last}),2)");
    let sum = |column: char| format!("SUM({column}{first}:{column}{last})");
    let [award, paid, opening, unpaid, offset, recover, carried] =
        ['D', 'E', 'F', 'G', 'H', 'L', 'M'].map(sum);
    let difference = format!("ROUND(D{first}:D{last}-E{first}:E{last},2)");
    let control = format!(
        "ROUND({award}-{paid}-{unpaid}+({recover}+{carried}-{opening}+{offset})\
         -SUMPRODUCT((ABS({difference})<={TOLERANCE})*{difference}),2)"
    );
    let control = (!settled.settlement.payees.is_empty()).then_some(control);
    for (words, amount, formula) in [
        ("Available, supplement included", settled.available, None),
        (
            "Left after the payments made",
            settled.settlement.cash,
            Some(cash),
        ),
        (
            "Differences up to this are settled",
            settled.given.tolerance,
            None,
        ),
        (CONTROL, Money::ZERO, control),
    ] {
        let cells = [
            Cell::Empty,
            Cell::text(words),
            Cell::Empty,
            Cell::Money(amount).by(formula),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    Ok(())
}

/// The line of a payee in a row of the sheet.
fn payee<'s>(
    settled: &'s SettledReport,
    line: &'s SettledPayee,
    row: u32,
    rows: Rows,
) -> Vec<Cell<'s>> {
    let dues = format!("SUM(I${}:I${})", rows.first, rows.last);
    let mut cells = vec![
        Cell::text(line.payee.as_str()),
        Cell::words(settled.name(&line.payee)),
        Cell::text(settled.vendor(&line.payee)),
    ];
    cells.extend(amounts(settled).iter().map(|(heading, amount, formula)| {
        let formula = match *heading {
            "Payable now" => Some(format!(
                "IF({dues}<={CASH},I{row},ROUNDDOWN(ROUND(I{row}*MAX({CASH},0)/{dues},6),2))"
            )),
            "To recover" => recovered(settled, Recovery::Now, row),
            "Carried to next year" => recovered(settled, Recovery::NextYear, row),
            "Waived" => recovered(settled, Recovery::None, row),
            _ => formula(row),
        };
        Cell::Money(amount(line)).by(formula)
    }));
    cells
}

fn totals<'s>(settled: &SettledReport, rows: Rows) -> Vec<Cell<'s>> {
    let settlement = &settled.settlement;
    let Rows { first, last } = rows;
    let mut total = vec![Cell::text("All"), Cell::Empty, Cell::Empty];
    let columns = (FIRST_AMOUNT..).zip(amounts(settled));
    total.extend(columns.map(|(column, (_, amount, _))| {
        let column = char::from(column);
        let formula = format!("ROUND(SUM({column}{first}:{column}{last}),2)");
        let has_lines = !settlement.payees.is_empty();
        Cell::Money(settlement.total(amount)).by(has_lines.then_some(formula))
    }));
    total
}

/// What a payee owes, if the settlement recovers debts in this way: the overpayment and the rest of the opening balance.
fn recovered(settled: &SettledReport, recovery: Recovery, row: u32) -> Option<String> {
    let difference = format!("ROUND(E{row}-D{row},2)");
    (settled.given.recovery == recovery).then(|| {
        format!("ROUND(IF(ABS({difference})<={TOLERANCE},0,MAX({difference},0))+F{row}-H{row},2)")
    })
}

fn explained(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    settled: &SettledReport,
) -> Result<(), XlsxError> {
    let about = "How each figure of the settlement is made.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        EXPLAINED,
        (about, false),
        vec![30.0, 90.0],
    )?;
    page.skip();
    let tolerance = format!(
        "The award less what was paid before, if that is more than zero. A difference of at most {} either way is settled: neither \
         due nor overpaid.",
        settled.given.tolerance.grouped()
    );
    let other_years = settled.given.payments.of_other_years.len();
    let paid = format!(
        "The sum of the payments made for budget year {}. {}",
        settled.budget_year,
        match other_years {
            0 => "Every payment of the file counts.".to_string(),
            one_or_more => format!(
                "{} of another year, listed on the sheet {PAYMENTS}, {} not count.",
                crate::words::counted(one_or_more as u64, "payment"),
                if one_or_more == 1 { "does" } else { "do" }
            ),
        }
    );
    for (topic, text) in [
        (
            CONTROL,
            "Awards, less what was paid before and what is not yet paid, plus what was paid beyond the award, less settled differences.",
        ),
        ("Award", "From the report, the supplement included."),
        ("Paid before", &paid),
        ("Award not yet paid", &tolerance),
        (
            "Owed from earlier years",
            "The opening balance: what the payee owed the state when an earlier budget year was settled.",
        ),
        (
            "Taken off for earlier years",
            "As much of the opening balance as the award not yet paid covers.",
        ),
        ("Due", "The award not yet paid, less what is taken off."),
        (
            "Payable now",
            "The whole due, if the money left covers every due. Otherwise its share of the money left, rounded down to the cent.",
        ),
        (
            "After recovery",
            "The rest of the due. It can be paid once other payees have returned money.",
        ),
        (
            "To recover, carried, waived",
            settled.given.recovery.meaning(),
        ),
    ] {
        page.note(topic, text)?;
    }
    Ok(())
}

fn payments(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    settled: &SettledReport,
) -> Result<(), XlsxError> {
    let columns = [
        Column::figures("Line", 8.0),
        Column::text("Payee", 9.0),
        Column::text("Name", 34.0),
        Column::text("Date", 12.0),
        Column::figures("Amount", 16.0),
        Column::text("Reference", 20.0),
        Column::text("Budget year", 13.0),
        Column::text("Counts", 10.0),
        Column::text("Note", 36.0),
    ];
    let widths = columns.iter().map(|column| column.width).collect();
    let about =
        "Every line of the file of payments made. A payment of another budget year does not count.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        PAYMENTS,
        (about, false),
        widths,
    )?;
    let made = &settled.given.payments;
    let mut lines: Vec<(&PaymentMade, &'static str)> = made
        .counted
        .iter()
        .map(|payment| (payment, "yes"))
        .chain(made.of_other_years.iter().map(|payment| (payment, "no")))
        .collect();
    lines.sort_by_key(|(payment, _)| payment.line);
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    page.main_table("PaymentsMade", &columns, count, 2)?;
    if lines.is_empty() {
        page.line(&[Cell::Empty, Cell::text("none")], Tone::Plain)?;
    }
    for (payment, counts) in lines {
        page.line(
            &[
                Cell::Number(payment.line),
                Cell::text(payment.payee.as_str()),
                Cell::words(settled.name(&payment.payee)),
                Cell::Date(payment.date),
                Cell::Money(payment.amount),
                Cell::text(payment.reference.as_str()),
                Cell::text(
                    payment
                        .budget_year
                        .map(|year| year.to_string())
                        .unwrap_or_default(),
                ),
                Cell::text(counts),
                Cell::words(payment.note.as_str()),
            ],
            Tone::Plain,
        )?;
    }
    Ok(())
}
