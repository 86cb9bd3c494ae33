//! *Payments*: what the state pays to whom, and beneath each payee the participants that the money is for.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::context::Workbooks;
use super::formulas::Letters;
use super::participants as participants_sheet;
use crate::calculation::Calculation;
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

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let participants = &calculation.intake.participants;
    let allocation = &calculation.allocation;
    let supplement = calculation.batch.supplement.is_some();
    let lines = lines(calculation);
    let tiers = || {
        calculation
            .batch
            .rules
            .tiers
            .iter()
            .map(|tier| tier.number)
            .zip(&allocation.tiers)
    };

    let live = report.without_formulas().is_none();
    let columns = columns(report, supplement);
    let letters = Letters(&columns);
    let first_and_last = (FIRST_ROW, sheet_row(lines.len().saturating_sub(1)));
    let sum = |heading: &str| {
        live.then(|| {
            format!(
                "ROUND(SUM({}),2)",
                letters.range(heading, first_and_last.0, first_and_last.1)
            )
        })
    };

    // The payment stands on the payee's line alone and a share on its participant's, so that no column counts a dollar twice.
    let money_columns = allocation.tiers.len() + usize::from(supplement);
    let total = |label: String, _| {
        let mut cells = vec![
            Cell::text(label),
            Cell::text(counted(calculation.payees().len() as u64, "payee")),
        ];
        cells.resize(TEXT_COLUMNS.len(), Cell::Empty);
        cells.extend(
            tiers().map(|(number, tier)| Cell::Money(tier.paid).by(sum(&tier_heading(number)))),
        );
        cells.extend(supplement.then(|| Cell::Money(allocation.supplement()).by(sum(SUPPLEMENT))));
        let paid = allocation.paid() + allocation.supplement();
        cells.extend([
            Cell::Money(paid).by(sum(SHARE)),
            Cell::Money(paid).by(sum(PAYMENT)),
        ]);
        cells
    };
    // What a participant gets stands on Participants.
    let share = |rank: ParticipantRank, row: usize, cells: &mut Vec<Cell<'_>>| {
        let code = letters.cell(PARTICIPANT, sheet_row(row));
        let figure = |heading: &str| live.then(|| participants_sheet::figure(heading, &code));
        cells.extend(tiers().map(|(number, tier)| {
            Cell::Money(tier.shares[rank].amount)
                .by(figure(&participants_sheet::amount_heading(number)))
        }));
        cells.extend(supplement.then(|| {
            Cell::Money(allocation.supplements[rank]).by(figure(participants_sheet::SUPPLEMENT))
        }));
        cells.push(Cell::Money(allocation.total_of(rank)).by(figure(participants_sheet::TOTAL)));
    };
    // What is paid to a payee: the shares on the lines with its code.
    let payment = |row: usize| {
        live.then(|| {
            let all = |heading| letters.fixed_range(heading, first_and_last.0, first_and_last.1);
            let code = letters.cell(PAYEE, sheet_row(row));
            format!(
                "ROUND(SUMPRODUCT(({}={code})*1,{}),2)",
                all(PAYEE),
                all(SHARE)
            )
        })
    };
    let listing = Listing {
        name: PAYMENTS,
        about: "A shaded line per payee with the payment to make. Where it is not all the payee's own, the participants it is for follow: \
                a district passes a charter school's share on, the Charter School Institute (8001) those of its schools. Shares and \
                payments add up to the same total."
            .to_string(),
        notice: false,
        columns: columns.clone(),
        frozen: 2,
        rows: lines.len(),
        none: "no participant has a share",
        total: Some(&total),
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        match lines[row] {
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
                share(rank, row, cells);
                cells.push(Cell::Money(allocation.total_of(rank)).by(payment(row)));
                Tone::Group
            }
            Line::Payee(code, count, paid) => {
                cells.extend([Cell::text(code), Cell::words(name_of(participants, code))]);
                cells.push(Cell::text(format!(
                    "for {}",
                    counted(count as u64, "participant")
                )));
                cells.resize(TEXT_COLUMNS.len() + money_columns + 1, Cell::Empty);
                cells.push(Cell::Money(paid).by(payment(row)));
                Tone::Group
            }
            Line::Participant(rank) => {
                let participant = &participants.all()[rank];
                cells.extend([
                    Cell::text(participant.payee()),
                    Cell::Empty,
                    Cell::text(if participant.school_code.is_empty() {
                        "its own"
                    } else {
                        "passes on to"
                    }),
                    Cell::text(participant.code()),
                    Cell::words(&participant.name),
                    Cell::text(participant.kind.label()),
                ]);
                share(rank, row, cells);
                cells.push(Cell::Empty);
                Tone::Plain
            }
        }
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
