//! *Payments*: what the state pays to whom, and beneath each payee the participants that the money is for.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::Workbooks;
use super::cell::Cell;
use super::listing::Listing;
use super::look::Tone;
use super::page::{Column, Stamp};
use crate::calculation::Calculation;
use crate::money::Money;
use crate::report::entities::name_of;
use crate::words::counted;

/// The sheet's name.
pub(super) const PAYMENTS: &str = "Payments";

/// A line of the sheet.
enum Line<'c> {
    /// A payee that keeps all of its payment, as participant by rank.
    Own(usize),
    /// A payee, how many participants its money is for, and the payment.
    Payee(&'c str, usize, Money),
    /// One of those participants, by rank.
    Participant(usize),
}

fn lines(calculation: &Calculation) -> Vec<Line<'_>> {
    let participants = calculation.intake.participants.all();
    let ranks: Vec<usize> = (0..participants.len()).filter(|rank| calculation.has_share(*rank)).collect();
    let mut lines = Vec::new();
    for (code, payment) in calculation.payees() {
        let theirs: Vec<usize> = ranks.iter().copied().filter(|rank| participants[*rank].payee() == code).collect();
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

/// Writes the sheet.
pub(super) fn write(workbook: &mut Workbook, report: &Workbooks<'_>, stamp: &Stamp) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let participants = &calculation.intake.participants;
    let allocation = &calculation.allocation;
    let supplement = calculation.batch.supplement.is_some();
    let lines = lines(calculation);

    // The payment stands on the payee's line alone and a share on its participant's, so that no column counts a dollar twice.
    let money_columns = allocation.tiers.len() + usize::from(supplement);
    let total = |label: String, _| {
        let mut cells = vec![Cell::text(label), Cell::text(counted(calculation.payees().len() as u64, "payee"))];
        cells.resize(TEXT_COLUMNS.len(), Cell::Empty);
        cells.extend(allocation.tiers.iter().map(|tier| Cell::Money(tier.paid)));
        cells.extend(supplement.then(|| Cell::Money(allocation.supplement())));
        let paid = Cell::Money(allocation.paid() + allocation.supplement());
        cells.extend([paid.clone(), paid]);
        cells
    };
    let share = |rank: usize, cells: &mut Vec<Cell<'_>>| {
        cells.extend(allocation.tiers.iter().map(|tier| Cell::Money(tier.shares[rank].amount)));
        cells.extend(supplement.then(|| Cell::Money(allocation.supplements[rank])));
        cells.push(Cell::Money(allocation.total_of(rank)));
    };
    let listing = Listing {
        name: PAYMENTS,
        about: "A shaded line per payee with the payment to make. Where it is not all the payee's own, the participants it is for follow: \
                a district passes a charter school's share on, the Charter School Institute (8001) those of its schools. Shares and \
                payments add up to the same total."
            .to_string(),
        notice: false,
        columns: columns(report, supplement),
        frozen: 2,
        rows: lines.len(),
        none: "no participant has a share",
        total: Some(&total),
    };
    listing.write(workbook, report, stamp, |row, cells| match lines[row] {
        Line::Own(rank) => {
            let participant = &participants.all()[rank];
            cells.extend([
                Cell::text(participant.payee()),
                Cell::words(&participant.name),
                Cell::text("its own"),
                Cell::text(participant.code()),
                Cell::words(&participant.name),
                Cell::text(participant.kind.label()),
            ]);
            share(rank, cells);
            cells.push(Cell::Money(allocation.total_of(rank)));
            Tone::Group
        }
        Line::Payee(code, count, payment) => {
            cells.extend([Cell::text(code), Cell::words(name_of(participants, code))]);
            cells.push(Cell::text(format!("for {}", counted(count as u64, "participant"))));
            cells.resize(TEXT_COLUMNS.len() + money_columns + 1, Cell::Empty);
            cells.push(Cell::Money(payment));
            Tone::Group
        }
        Line::Participant(rank) => {
            let participant = &participants.all()[rank];
            cells.extend([
                Cell::text(participant.payee()),
                Cell::Empty,
                Cell::text(if participant.school_code.is_empty() { "its own" } else { "passes on to" }),
                Cell::text(participant.code()),
                Cell::words(&participant.name),
                Cell::text(participant.kind.label()),
            ]);
            share(rank, cells);
            cells.push(Cell::Empty);
            Tone::Plain
        }
    })
}

const TEXT_COLUMNS: [Column; 6] = [
    Column::text("Payee", 11.0),
    Column::word("Payee name"),
    Column::text("What it is", 19.0),
    Column::text("Participant", 14.0),
    Column::word("Participant name"),
    Column::text("Kind", 18.0),
];

fn columns(report: &Workbooks<'_>, supplement: bool) -> Vec<Column> {
    let width = report.money_width;
    let named = |column: Column| if column.width == 0.0 { column.wide(report.name_width) } else { column };
    let mut columns = TEXT_COLUMNS.map(named).to_vec();
    columns.extend(report.calculation.batch.rules.tiers.iter().map(|tier| Column::figures_of(format!("Tier {}", tier.number), width)));
    columns.extend(supplement.then(|| Column::figures("Supplement", width)));
    columns.push(Column::figures("Participant's share", width));
    columns.push(Column::figures("Payment to payee", width));
    columns
}
