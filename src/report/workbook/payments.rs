//! *Payments*: what the state pays to whom, and beneath each payee the participants that the money is for.

use rust_xlsxwriter::{Workbook, XlsxError};

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
use crate::words::counted;

/// The sheet's name.
pub(super) const PAYMENTS: &str = "Payments";

/// A line of the sheet.
enum Line<'c> {
    /// A payee that keeps all of its payment, as participant by rank.
    Own(ParticipantRank),
    /// A payee, how many participants its money is for, and the payment.
    Payee(&'c str, usize, Money),
    /// One of those participants, by rank.
    Participant(ParticipantRank),
}

fn lines(calculation: &Calculation) -> Vec<Line<'_>> {
    let participants = calculation.intake.participants.all();
    let ranks: Vec<ParticipantRank> = ParticipantRank::all(participants.len())
        .filter(|rank| calculation.has_share(*rank))
        .collect();
    let mut lines = Vec::new();
    for (code, payment) in calculation.payees() {
        let theirs: Vec<ParticipantRank> = ranks
            .iter()
            .copied()
            .filter(|rank| participants[*rank].payee() == code)
            .collect();
        match theirs[..] {
            [only] if participants[only].school_code.is_empty() => lines.push(Line::Own(only)),
            _ => {
                lines.push(Line::Payee(code, theirs.len(), payment));
                lines.extend(theirs.into_iter().map(Line::Participant));
            }
        }
    }
    lines
}

/// What is paid to a payee, for another sheet. An equality compares texts and never as numbers.
pub(super) fn paid_to(payee: &str) -> String {
    format!("ROUND(SUMPRODUCT(({PAYMENTS}[{PAYEE}]=\"{payee}\")*1,{PAYMENTS}[{PAYMENT}]),2)")
}

/// What is paid to all payees, for another sheet.
pub(super) fn paid_to_all() -> String {
    format!("ROUND(SUM({PAYMENTS}[{PAYMENT}]),2)")
}

/// What the lines of the sheet are made of.
#[allow(clippy::struct_field_names)] // The lines are what it is made of.
struct Lines<'l> {
    calculation: &'l Calculation,
    columns: Vec<Column>,
    lines: Vec<Line<'l>>,
    live: bool,
}

impl<'l> Lines<'l> {
    fn of(report: &Workbooks<'l>) -> Lines<'l> {
        let calculation = report.calculation;
        Lines {
            calculation,
            columns: columns(report, calculation.batch.supplement.is_some()),
            lines: lines(calculation),
            live: report.without_formulas().is_none(),
        }
    }

    /// The sheet's first line and its last, by row from 0.
    fn ends(&self) -> (u32, u32) {
        (FIRST_ROW, sheet_row(self.lines.len().saturating_sub(1)))
    }

    /// A column's sum over all lines.
    fn sum(&self, heading: &str) -> Option<String> {
        let (first, last) = self.ends();
        self.live.then(|| {
            let cells = Letters(&self.columns).range(heading, first, last);
            format!("ROUND(SUM({cells}),2)")
        })
    }

    /// What is paid to a payee: the shares on the lines with its code.
    fn payment(&self, row: usize) -> Option<String> {
        let (first, last) = self.ends();
        let letters = Letters(&self.columns);
        let all = |heading| letters.fixed_range(heading, first, last);
        self.live.then(|| {
            let code = letters.cell(PAYEE, sheet_row(row));
            format!(
                "ROUND(SUMPRODUCT(({}={code})*1,{}),2)",
                all(PAYEE),
                all(SHARE)
            )
        })
    }

    /// The payment is on the payee's line alone and a share on its participant's, so that no column counts a dollar twice.
    fn total(&self, label: String) -> Vec<Cell<'static>> {
        let Calculation {
            batch, allocation, ..
        } = self.calculation;
        let mut cells = vec![
            Cell::text(label),
            Cell::text(counted(self.calculation.payees().len() as u64, "payee")),
        ];
        cells.resize(TEXT_COLUMNS.len(), Cell::Empty);
        for (tier, result) in batch.rules.tiers.iter().zip(&allocation.tiers) {
            cells.push(Cell::Money(result.paid).by(self.sum(&tier_heading(tier.number))));
        }
        if batch.supplement.is_some() {
            cells.push(Cell::Money(allocation.supplement()).by(self.sum(SUPPLEMENT)));
        }
        let paid = allocation.paid() + allocation.supplement();
        cells.push(Cell::Money(paid).by(self.sum(SHARE)));
        cells.push(Cell::Money(paid).by(self.sum(PAYMENT)));
        cells
    }

    /// What a participant gets is on Participants.
    fn share(&self, rank: ParticipantRank, row: usize, cells: &mut Vec<Cell<'_>>) {
        let Calculation {
            batch, allocation, ..
        } = self.calculation;
        let code = Letters(&self.columns).cell(PARTICIPANT, sheet_row(row));
        let figure = |heading: &str| {
            self.live
                .then(|| participants_sheet::figure(heading, &code))
        };
        for (tier, result) in batch.rules.tiers.iter().zip(&allocation.tiers) {
            let heading = participants_sheet::amount_heading(tier.number);
            cells.push(Cell::Money(result.shares[rank].amount).by(figure(&heading)));
        }
        if batch.supplement.is_some() {
            let supplement = Cell::Money(allocation.supplements[rank]);
            cells.push(supplement.by(figure(participants_sheet::SUPPLEMENT)));
        }
        cells.push(Cell::Money(allocation.total_of(rank)).by(figure(participants_sheet::TOTAL)));
    }

    fn line(&self, row: usize, cells: &mut Vec<Cell<'l>>) -> Tone {
        let participants = &self.calculation.intake.participants;
        let allocation = &self.calculation.allocation;
        match self.lines[row] {
            Line::Own(rank) => {
                let participant = &participants.all()[rank];
                let name = Cell::words(&participant.name);
                cells.extend([Cell::text(participant.payee()), name, Cell::text("its own")]);
                cells.extend(who(participant));
                self.share(rank, row, cells);
                cells.push(Cell::Money(allocation.total_of(rank)).by(self.payment(row)));
                Tone::Group
            }
            Line::Payee(code, count, paid) => {
                let count = counted(count as u64, "participant");
                cells.extend([
                    Cell::text(code),
                    Cell::words(name_of(participants, code)),
                    Cell::text(format!("for {count}")),
                ]);
                cells.resize(self.columns.len() - 1, Cell::Empty);
                cells.push(Cell::Money(paid).by(self.payment(row)));
                Tone::Group
            }
            Line::Participant(rank) => {
                let participant = &participants.all()[rank];
                let what = if participant.school_code.is_empty() {
                    "its own"
                } else {
                    "passes on to"
                };
                cells.extend([
                    Cell::text(participant.payee()),
                    Cell::Empty,
                    Cell::text(what),
                ]);
                cells.extend(who(participant));
                self.share(rank, row, cells);
                cells.push(Cell::Empty);
                Tone::Plain
            }
        }
    }
}

/// Code, name and kind of a participant.
fn who(participant: &Participant) -> [Cell<'_>; 3] {
    [
        Cell::text(participant.code()),
        Cell::words(&participant.name),
        Cell::text(participant.kind.label()),
    ]
}

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let lines = Lines::of(report);
    let total = |label, _| lines.total(label);
    let listing = Listing {
        name: PAYMENTS,
        about: "A shaded line per payee with the payment to make. Where it is not all the payee's own, the participants it is for follow: \
                a district passes a charter school's share on, the Charter School Institute (8001) those of its schools. Shares and \
                payments add up to the same total."
            .to_string(),
        notice: false,
        columns: lines.columns.clone(),
        frozen: 2,
        rows: lines.lines.len(),
        none: "no participant has a share",
        total: Some(&total),
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        lines.line(row, cells)
    })
}

/// The row of a line on its sheet, from 0; none is longer than a sheet where there are formulas.
fn sheet_row(line: usize) -> u32 {
    FIRST_ROW.saturating_add(u32::try_from(line).unwrap_or(u32::MAX))
}

fn tier_heading(number: u32) -> String {
    format!("Tier {number}")
}

const PAYEE: &str = "Payee";
const PARTICIPANT: &str = "Participant";
const SUPPLEMENT: &str = "Supplement";
/// What a participant gets in all.
const SHARE: &str = "Participant's share";
/// What is paid to a payee.
pub(super) const PAYMENT: &str = "Payment to payee";

const TEXT_COLUMNS: [Column; 6] = [
    Column::text(PAYEE, 11.0),
    Column::word("Payee name"),
    Column::text("What it is", 19.0),
    Column::text(PARTICIPANT, 14.0),
    Column::word("Participant name"),
    Column::text("Kind", 18.0),
];

fn columns(report: &Workbooks<'_>, supplement: bool) -> Vec<Column> {
    let width = report.money_width;
    let named = |column: Column| {
        if column.width == 0.0 {
            column.wide(report.name_width)
        } else {
            column
        }
    };
    let mut columns = TEXT_COLUMNS.map(named).to_vec();
    columns.extend(
        report
            .calculation
            .batch
            .rules
            .tiers
            .iter()
            .map(|tier| Column::figures_of(tier_heading(tier.number), width)),
    );
    columns.extend(supplement.then(|| Column::figures(SUPPLEMENT, width)));
    columns.push(Column::figures(SHARE, width));
    columns.push(Column::figures(PAYMENT, width));
    columns
}
