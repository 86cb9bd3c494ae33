//! *Payments*: a line per payee; and *Passed on*: what payees pass on, a line per participant. Each table has one kind of line, so
//! that a pivot table or a sum counts no dollar twice.

use std::ops::Range;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use super::formulas::Letters;
use super::participants as participants_sheet;
use crate::calculation::Calculation;
use crate::intake::lists::Participant;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::report::entities::name_of;
use crate::sheets::cell::Cell;
use crate::sheets::listing::{FIRST_ROW, Listing};
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};

/// The sheet's name.
pub(super) const PAYMENTS: &str = "Payments";
/// The sheet of what payees pass on.
pub(super) const PASSED_ON: &str = "Passed on";
/// Its table.
const PASSED_ON_TABLE: &str = "Passed_on";

/// What is paid to a payee, for another sheet. An equality compares texts; a criterion would compare numbers.
pub(super) fn paid_to(payee: &str) -> String {
    format!("ROUND(SUMPRODUCT(({PAYMENTS}[{PAYEE}]=\"{payee}\")*1,{PAYMENTS}[{PAYMENT}]),2)")
}

/// What is paid to all payees, for another sheet.
pub(super) fn paid_to_all() -> String {
    format!("ROUND(SUM({PAYMENTS}[{PAYMENT}]),2)")
}

/// A payee: its code, the participants that its money is for, and its payment.
struct Payee<'c> {
    code: &'c str,
    participants: Vec<ParticipantRank>,
    payment: Money,
}

fn payees(calculation: &Calculation) -> Vec<Payee<'_>> {
    let participants = calculation.intake.participants.all();
    let payees = calculation.payees().into_iter();
    payees
        .map(|(code, payment)| Payee {
            code,
            participants: ParticipantRank::all(participants.len())
                .filter(|rank| participants[*rank].payee() == code && calculation.has_share(*rank))
                .collect(),
            payment,
        })
        .collect()
}

/// Whether the payee passes a participant's money on, as to a charter school.
fn is_passed_on(participant: &Participant) -> bool {
    !participant.school_code.is_empty()
}

/// What the lines of both sheets need.
struct Lines<'l> {
    /// Widths of a column of amounts and of one of names.
    widths: (f64, f64),
    calculation: &'l Calculation,
    payees: Vec<Payee<'l>>,
    /// Each with its payee's position.
    passed_on: Vec<(usize, ParticipantRank)>,
    has_vendors: bool,
    live: bool,
}

impl<'l> Lines<'l> {
    fn of(report: &Workbooks<'l>) -> Lines<'l> {
        let calculation = report.calculation;
        let payees = payees(calculation);
        let participants = calculation.intake.participants.all();
        let mut passed_on = Vec::new();
        for (position, payee) in payees.iter().enumerate() {
            let theirs = payee.participants.iter();
            passed_on.extend(
                theirs
                    .filter(|rank| is_passed_on(&participants[**rank]))
                    .map(|rank| (position, *rank)),
            );
        }
        Lines {
            widths: (report.money_width, report.name_width),
            calculation,
            has_vendors: payees
                .iter()
                .any(|payee| !vendor(calculation, payee.code).is_empty()),
            payees,
            passed_on,
            live: report.without_formulas().is_none(),
        }
    }

    fn of_formula(&self, expression: String) -> Option<String> {
        self.live.then_some(expression)
    }

    /// The amounts of each tier and of the supplement for some participants.
    fn parts(&self, ranks: &[ParticipantRank]) -> Vec<Money> {
        let Calculation {
            batch, allocation, ..
        } = self.calculation;
        let tiers = allocation.tiers.iter();
        let mut parts: Vec<Money> = tiers
            .map(|tier| ranks.iter().map(|rank| tier.shares[*rank].amount).sum())
            .collect();
        if batch.supplement.is_some() {
            parts.push(ranks.iter().map(|rank| allocation.supplements[*rank]).sum());
        }
        parts
    }

    /// The same as cells; `figure` gives the formula for a heading of *Participants*.
    fn part_cells(
        &self,
        ranks: &[ParticipantRank],
        figure: impl Fn(&str) -> String,
    ) -> Vec<Cell<'l>> {
        let tiers = self.calculation.batch.rules.tiers.iter();
        let mut headings: Vec<String> = tiers
            .map(|tier| participants_sheet::amount_heading(tier.number))
            .collect();
        headings.push(participants_sheet::SUPPLEMENT.to_string());
        let parts = self.parts(ranks).into_iter().zip(headings);
        parts
            .map(|(amount, heading)| Cell::Money(amount).by(self.of_formula(figure(&heading))))
            .collect()
    }

    fn total_of(&self, ranks: &[ParticipantRank]) -> Money {
        let ranks = ranks.iter();
        ranks
            .map(|rank| self.calculation.allocation.total_of(*rank))
            .sum()
    }

    /// What a payee passes on, by position.
    fn passed_on_by(&self, position: usize) -> Vec<ParticipantRank> {
        let lines = self.passed_on.iter();
        lines
            .filter(|(payee, _)| *payee == position)
            .map(|(_, rank)| *rank)
            .collect()
    }

    fn payee_line(&self, row: usize, columns: &[Column], cells: &mut Vec<Cell<'l>>) {
        let payee = &self.payees[row];
        let letters = Letters(columns);
        let code = format!("${}", letters.cell(PAYEE, sheet_row(row)));
        cells.extend([
            Cell::text(payee.code),
            Cell::words(name_of(&self.calculation.intake.participants, payee.code)),
        ]);
        if self.has_vendors {
            cells.push(Cell::text(vendor(self.calculation, payee.code)));
        }
        cells.push(Cell::count(payee.participants.len()));
        cells.extend(self.part_cells(&payee.participants, |heading| {
            participants_sheet::figure_of_payee(heading, &code)
        }));
        let passed_on = self.total_of(&self.passed_on_by(row));
        let to_pass_on = (!self.passed_on.is_empty()).then(|| {
            format!(
                "ROUND(SUMPRODUCT(({PASSED_ON_TABLE}[{PAYEE}]={code})*1,{PASSED_ON_TABLE}[{AMOUNT}]),2)"
            )
        });
        let [own, on] = [OWN, TO_PASS_ON].map(|heading| letters.cell(heading, sheet_row(row)));
        cells.extend([
            Cell::Money(payee.payment - passed_on)
                .by(self.of_formula(participants_sheet::figure(participants_sheet::TOTAL, &code))),
            Cell::Money(passed_on).by(to_pass_on.filter(|_| self.live)),
            Cell::Money(payee.payment).by(self.of_formula(format!("ROUND({own}+{on},2)"))),
        ]);
    }

    fn passed_on_line(&self, row: usize, columns: &[Column], cells: &mut Vec<Cell<'l>>) {
        let participants = &self.calculation.intake.participants;
        let (position, rank) = self.passed_on[row];
        let payee = self.payees[position].code;
        let participant = &participants.all()[rank];
        cells.extend([
            Cell::text(payee),
            Cell::words(name_of(participants, payee)),
            Cell::text(participant.code()),
            Cell::words(&participant.name),
            Cell::text(participant.kind.label()),
        ]);
        let code = Letters(columns).cell(PARTICIPANT, sheet_row(row));
        let figure = |heading: &str| participants_sheet::figure(heading, &code);
        cells.extend(self.part_cells(&[rank], figure));
        let amount = figure(participants_sheet::TOTAL);
        cells.push(Cell::Money(self.total_of(&[rank])).by(self.of_formula(amount)));
    }

    /// The total of a sheet, from its label: sums of the amounts, which are the last columns.
    fn total(&self, columns: &[Column], label: String, amounts: &[Money]) -> Vec<Cell<'static>> {
        let letters = Letters(columns);
        let rows = if columns.iter().any(|column| column.heading == PAYMENT) {
            self.payees.len()
        } else {
            self.passed_on.len()
        };
        let last = sheet_row(rows.saturating_sub(1));
        let first = columns.len() - amounts.len();
        let mut cells = vec![Cell::text(label)];
        cells.resize(first, Cell::Empty);
        let sums = columns[first..].iter().zip(amounts);
        cells.extend(sums.map(|(column, amount)| {
            let range = letters.range(&column.heading, FIRST_ROW, last);
            Cell::Money(*amount).by(self.of_formula(format!("ROUND(SUM({range}),2)")))
        }));
        cells
    }

    /// The totals of some lines of *Payments*.
    fn paid(&self, payees: Range<usize>) -> Vec<Money> {
        let ranks: Vec<ParticipantRank> = self.payees[payees.clone()]
            .iter()
            .flat_map(|payee| payee.participants.iter().copied())
            .collect();
        let payment: Money = self.payees[payees.clone()]
            .iter()
            .map(|payee| payee.payment)
            .sum();
        let passed_on: Money = payees
            .map(|position| self.total_of(&self.passed_on_by(position)))
            .sum();
        let mut amounts = self.parts(&ranks);
        amounts.extend([payment - passed_on, passed_on, payment]);
        amounts
    }

    /// The totals of some lines of *Passed on*.
    fn passed(&self, lines: Range<usize>) -> Vec<Money> {
        let lines = self.passed_on[lines].iter();
        let ranks: Vec<ParticipantRank> = lines.map(|(_, rank)| *rank).collect();
        let mut amounts = self.parts(&ranks);
        amounts.push(self.total_of(&ranks));
        amounts
    }
}

/// The vendor number of a payee; may be empty.
fn vendor<'c>(calculation: &'c Calculation, payee: &str) -> &'c str {
    let listed = calculation.intake.participants.of_payee(payee);
    listed.map_or("", |entry| entry.vendor.as_str())
}

/// Writes both sheets.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let lines = Lines::of(report);
    let columns = lines.payment_columns();
    let total = |label, rows| lines.total(&columns, label, &lines.paid(rows));
    let payments = Listing {
        name: PAYMENTS,
        about: format!(
            "A line per payee with the payment to make. A district passes its charter schools' shares on, and so does the Charter School \
             Institute (8001). {PASSED_ON} has a line for each school."
        ),
        notice: false,
        columns: columns.clone(),
        frozen: 2,
        rows: lines.payees.len(),
        none: "no participant has an award",
        total: Some(&total),
        beneath: None,
    };
    payments.write(workbook, report.kit(), stamp, |row, cells| {
        lines.payee_line(row, &columns, cells);
        Tone::Plain
    })?;
    let columns = lines.passed_on_columns();
    let total = |label, rows| lines.total(&columns, label, &lines.passed(rows));
    let passed_on = Listing {
        name: PASSED_ON,
        about: format!(
            "A line per charter school whose money another payee passes on. The money is part of that payee's line on {PAYMENTS}."
        ),
        notice: false,
        columns: columns.clone(),
        frozen: 2,
        rows: lines.passed_on.len(),
        none: "no payee passes money on",
        total: Some(&total),
        beneath: None,
    };
    passed_on.write(workbook, report.kit(), stamp, |row, cells| {
        lines.passed_on_line(row, &columns, cells);
        Tone::Plain
    })
}

/// The row of a line on its sheet, from 0. With formulas, no list is longer than a sheet.
fn sheet_row(line: usize) -> u32 {
    FIRST_ROW.saturating_add(u32::try_from(line).unwrap_or(u32::MAX))
}

fn tier_heading(number: u32) -> String {
    format!("Tier {number}")
}

const PAYEE: &str = "Payee";
const PARTICIPANT: &str = "Participant";
const SUPPLEMENT: &str = "Supplement";
/// The heading of what a payee keeps.
const OWN: &str = "Its own";
/// The heading of what it passes on.
const TO_PASS_ON: &str = "To pass on";
/// What a participant gets through its payee.
const AMOUNT: &str = "Amount";
/// What is paid to a payee.
pub(super) const PAYMENT: &str = "Payment to payee";

impl Lines<'_> {
    fn part_columns(&self) -> Vec<Column> {
        let width = self.widths.0;
        let batch = &self.calculation.batch;
        let tiers = batch.rules.tiers.iter();
        let mut columns: Vec<Column> = tiers
            .map(|tier| Column::figures_of(tier_heading(tier.number), width))
            .collect();
        columns.extend(batch.supplement.map(|_| Column::figures(SUPPLEMENT, width)));
        columns
    }

    fn payment_columns(&self) -> Vec<Column> {
        let width = self.widths.0;
        let mut columns = vec![
            Column::text(PAYEE, 11.0),
            Column::text("Payee name", self.widths.1),
        ];
        columns.extend(self.has_vendors.then(|| Column::text("Vendor", 14.0)));
        columns.push(Column::figures("Participants", 14.0));
        columns.extend(self.part_columns());
        columns.extend([OWN, TO_PASS_ON, PAYMENT].map(|heading| Column::figures(heading, width)));
        columns
    }

    fn passed_on_columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::text(PAYEE, 11.0),
            Column::text("Payee name", self.widths.1),
            Column::text(PARTICIPANT, 14.0),
            Column::text("Participant name", self.widths.1),
            Column::text("Kind", 18.0),
        ];
        columns.extend(self.part_columns());
        columns.push(Column::figures(AMOUNT, self.widths.0));
        columns
    }
}
