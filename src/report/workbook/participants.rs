//! *Participants*: everyone on the participants list with rows, units and money by tier.

use std::ops::Range;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::Workbooks;
use super::cell::Cell;
use super::listing::Listing;
use super::look::Tone;
use super::page::{Column, Stamp};
use crate::allocation::Share;
use crate::decision::Outcome;

/// The sheet's name.
pub(super) const PARTICIPANTS: &str = "Participants";

/// Writes the sheet.
pub(super) fn write(workbook: &mut Workbook, report: &Workbooks<'_>, stamp: &Stamp) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let participants = calculation.intake.participants.all();
    let allocation = &calculation.allocation;
    let supplement = calculation.batch.supplement.is_some();

    let mut rows_and_paid = vec![(0_u64, 0_u64); participants.len()];
    for decision in &calculation.decisions {
        if let Some(rank) = decision.participant {
            rows_and_paid[rank].0 += 1;
            rows_and_paid[rank].1 += u64::from(decision.ended() == Outcome::Paid);
        }
    }
    // Units, units with lunch, over cap, amount of each tier; then the supplement and the total.
    let money_cells = |cells: &mut Vec<Cell<'_>>, ranks: &[usize]| {
        for tier in &allocation.tiers {
            let sum = ranks.iter().map(|rank| tier.shares[*rank]).fold(Share::default(), |sum, share| Share {
                units: sum.units + share.units,
                frl_units: sum.frl_units + share.frl_units,
                over_cap: sum.over_cap + share.over_cap,
                amount: sum.amount + share.amount,
            });
            cells.extend([Cell::Count(sum.units), Cell::Count(sum.frl_units), Cell::Count(sum.over_cap), Cell::Money(sum.amount)]);
        }
        if supplement {
            cells.push(Cell::Money(ranks.iter().map(|rank| allocation.supplements[*rank]).sum()));
        }
        cells.push(Cell::Money(ranks.iter().map(|rank| allocation.total_of(*rank)).sum()));
    };
    // The list has every district of the state; those that neither take part nor have rows would only hide the others.
    let shown: Vec<usize> =
        (0..participants.len()).filter(|rank| participants[*rank].participating || rows_and_paid[*rank].0 > 0).collect();
    let total = |label: String, range: Range<usize>| {
        let ranks = &shown[range];
        let mut cells = vec![Cell::text(label), Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty];
        cells.push(Cell::Count(ranks.iter().map(|rank| rows_and_paid[*rank].0).sum()));
        cells.push(Cell::Count(ranks.iter().map(|rank| rows_and_paid[*rank].1).sum()));
        money_cells(&mut cells, ranks);
        cells
    };
    let listing = Listing {
        name: PARTICIPANTS,
        about: "Everyone on the participants list who takes part or has rows: rows found for it, then by tier its units (without those over the cap, where the tier has \
                one), those with free or reduced-price lunch (FRL), its units over the cap, and its money. Rows without a participant are only on Completions."
            .to_string(),
        notice: false,
        columns: columns(report, supplement),
        frozen: 2,
        rows: shown.len(),
        none: "nobody takes part",
        total: Some(&total),
    };
    listing.write(workbook, report, stamp, |row, cells| {
        let rank = shown[row];
        let participant = &participants[rank];
        let (rows, paid) = rows_and_paid[rank];
        cells.extend([
            Cell::text(participant.code()),
            Cell::words(&participant.name),
            Cell::text(participant.kind.label()),
            Cell::text(if participant.participating { "Yes" } else { "No" }),
            Cell::text(participant.payee()),
            Cell::Count(rows),
            Cell::Count(paid),
        ]);
        money_cells(cells, &[rank]);
        Tone::Plain
    })
}

fn columns(report: &Workbooks<'_>, supplement: bool) -> Vec<Column> {
    let money_width = report.money_width;
    let mut columns = vec![
        Column::text("Participant", 15.0),
        Column::text("Name", report.name_width),
        Column::text("Kind", 18.0),
        Column::text("Takes part", 10.0),
        Column::text("Payee", 10.0),
        Column::figures("Rows", 10.0),
        Column::figures("Rows paid", 10.0),
    ];
    for tier in &report.calculation.batch.rules.tiers {
        let number = tier.number;
        columns.push(Column::figures_of(format!("Tier {number} units"), 11.0));
        columns.push(Column::figures_of(format!("Tier {number} FRL units"), 11.0));
        columns.push(Column::figures_of(format!("Tier {number} over cap"), 11.0));
        columns.push(Column::figures_of(format!("Tier {number} amount"), money_width));
    }
    if supplement {
        columns.push(Column::figures("Supplement", money_width));
    }
    columns.push(Column::figures("Total", money_width));
    columns
}
