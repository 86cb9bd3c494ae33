//! *Participants*: everyone on the participants list with rows, units and money by tier.

use std::ops::Range;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::context::Workbooks;
use super::formulas::{self, Letters, is, over_units};
use super::headings::{AMOUNT, FRL, KEY, KEY_PREFIX, OUTCOME, TIER};
use crate::allocation::Share;
use crate::decision::Outcome;
use crate::ranks::ParticipantRank;
use crate::results::frame::Dimension;
use crate::sheets::cell::Cell;
use crate::sheets::listing::{FIRST_ROW, Listing};
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};

/// The sheet's name.
pub(super) const PARTICIPANTS: &str = "Participants";

const CODE: &str = "Participant";
pub(super) const ROWS: &str = "Rows";
const ROWS_PAID: &str = "Rows paid";
pub(super) const SUPPLEMENT: &str = "Supplement";
/// What a participant gets in all.
pub(super) const TOTAL: &str = "Total";

/// The headings of a tier's columns.
fn of_tier(number: u32) -> [String; 4] {
    ["units", "FRL units", "over cap", "amount"].map(|what| format!("Tier {number} {what}"))
}

/// What *Completions* says of a participant, from the cell with its code; in a tier, from the cell with its number or the number.
pub(super) struct Formulas {
    pub(super) code: String,
}

impl Formulas {
    fn key(&self) -> String {
        format!("\"{KEY_PREFIX}\"&{}", self.code)
    }

    fn rows(&self) -> String {
        formulas::count(&[(KEY, &self.key())])
    }

    fn rows_paid(&self) -> String {
        formulas::count(&[(KEY, &self.key()), (OUTCOME, &is(Outcome::Paid))])
    }

    pub(super) fn units(&self, tier: &str) -> String {
        over_units(formulas::count, &[(KEY, &self.key()), (TIER, tier)])
    }

    fn frl_units(&self, tier: &str) -> String {
        over_units(
            formulas::count,
            &[(KEY, &self.key()), (TIER, tier), (FRL, "\"Y\"")],
        )
    }

    pub(super) fn over_cap(&self, tier: &str) -> String {
        formulas::count(&[
            (KEY, &self.key()),
            (TIER, tier),
            (OUTCOME, &is(Outcome::OverCap)),
        ])
    }

    pub(super) fn amount(&self, tier: &str) -> String {
        format!(
            "ROUND({},2)",
            formulas::sum(AMOUNT, &[(KEY, &self.key()), (TIER, tier)])
        )
    }
}

/// What a participant has in a column, for another sheet that names it by its code.
pub(super) fn figure(heading: &str, code: &str) -> String {
    // An equality compares texts and never as numbers, as a criterion would.
    format!("ROUND(SUMPRODUCT(({PARTICIPANTS}[{CODE}]={code})*1,{PARTICIPANTS}[{heading}]),2)")
}

/// The heading of what a tier pays.
pub(super) fn amount_heading(tier: u32) -> String {
    of_tier(tier)[3].clone()
}

/// The participants that the sheet shows, by rank: those that take part or have rows. The list has every district of the state;
/// the others would only hide them.
pub(super) fn shown(report: &Workbooks<'_>) -> Vec<ParticipantRank> {
    let participants = report.calculation.intake.participants.all();
    let of_rows = report
        .calculation
        .results
        .by_participant(participants.len());
    ParticipantRank::all(participants.len())
        .filter(|rank| participants[*rank].participating || of_rows[*rank].rows > 0)
        .collect()
}

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let participants = calculation.intake.participants.all();
    let allocation = &calculation.allocation;
    let supplement = calculation.batch.supplement.is_some();

    let results = &calculation.results;
    let of_rows = results.by_participant(participants.len());
    let paid = results
        .only(Dimension::Outcome, Outcome::Paid as usize)
        .by_participant(participants.len());
    let live = report.without_formulas().is_none();
    let columns = columns(report, supplement);
    let letters = Letters(&columns);
    let tiers = || {
        calculation
            .batch
            .rules
            .tiers
            .iter()
            .map(|tier| tier.number)
            .zip(&allocation.tiers)
    };
    let shown = shown(report);
    // The sum of a column over all participants, on a total's line.
    let sum = |heading: &str| live.then(|| format!("ROUND(SUM({PARTICIPANTS}[{heading}]),2)"));
    // Units, units with lunch, over cap, amount of each tier; then the supplement and the total. `row` is that of a participant with
    // formulas, from 0; without one it is the line of the total, or there are none.
    let money_cells = |cells: &mut Vec<Cell<'_>>, ranks: &[ParticipantRank], row: Option<u32>| {
        let mut parts = Vec::new();
        for (number, tier) in tiers() {
            let total =
                ranks
                    .iter()
                    .map(|rank| tier.shares[*rank])
                    .fold(Share::default(), |sum, share| Share {
                        units: sum.units + share.units,
                        frl_units: sum.frl_units + share.frl_units,
                        over_cap: sum.over_cap + share.over_cap,
                        amount: sum.amount + share.amount,
                    });
            let headings = of_tier(number);
            let formulas: [Option<String>; 4] = match row {
                Some(row) => {
                    parts.push(letters.cell(&headings[3], row));
                    let of = Formulas {
                        code: format!("${}", letters.cell(CODE, row)),
                    };
                    let tier = number.to_string();
                    [
                        of.units(&tier),
                        of.frl_units(&tier),
                        of.over_cap(&tier),
                        of.amount(&tier),
                    ]
                    .map(Some)
                }
                None => headings.each_ref().map(|heading| sum(heading)),
            };
            let [units, frl_units, over_cap, amount] = formulas;
            cells.extend([
                Cell::Count(total.units).by(units),
                Cell::Count(total.frl_units).by(frl_units),
                Cell::Count(total.over_cap).by(over_cap),
                Cell::Money(total.amount).by(amount),
            ]);
        }
        if supplement {
            // A participant's own is a value: its division has more digits than a spreadsheet carries.
            let formula = if row.is_some() { None } else { sum(SUPPLEMENT) };
            cells.push(
                Cell::Money(ranks.iter().map(|rank| allocation.supplements[*rank]).sum())
                    .by(formula),
            );
            parts.extend(row.map(|row| letters.cell(SUPPLEMENT, row)));
        }
        let total = if row.is_some() {
            Some(format!("ROUND({},2)", parts.join("+")))
        } else {
            sum(TOTAL)
        };
        cells
            .push(Cell::Money(ranks.iter().map(|rank| allocation.total_of(*rank)).sum()).by(total));
    };
    let total = |label: String, range: Range<usize>| {
        let ranks = &shown[range];
        let mut cells = vec![
            Cell::text(label),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
        ];
        cells.push(Cell::Count(ranks.iter().map(|rank| of_rows[*rank].rows).sum()).by(sum(ROWS)));
        cells.push(Cell::Count(ranks.iter().map(|rank| paid[*rank].rows).sum()).by(sum(ROWS_PAID)));
        money_cells(&mut cells, ranks, None);
        cells
    };
    let listing = Listing {
        name: PARTICIPANTS,
        about: "Everyone on the participants list who takes part or has rows: rows found for it, then by tier its units (without those over the cap, where the tier has \
                one), those with free or reduced-price lunch (FRL), its units over the cap, and its money. Rows without a participant are only on Completions."
            .to_string(),
        notice: false,
        columns: columns.clone(),
        frozen: 2,
        rows: shown.len(),
        none: "nobody takes part",
        total: Some(&total),
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        let rank = shown[row];
        let participant = &participants[rank];
        let (rows, paid) = (of_rows[rank].rows, paid[rank].rows);
        // Where there are formulas, there are fewer participants than a sheet has rows.
        let sheet_row = u32::try_from(row)
            .ok()
            .filter(|_| live)
            .map(|row| FIRST_ROW + row);
        let of = sheet_row.map(|row| Formulas {
            code: format!("${}", letters.cell(CODE, row)),
        });
        cells.extend([
            Cell::text(participant.code()),
            Cell::words(&participant.name),
            Cell::text(participant.kind.label()),
            Cell::text(if participant.participating {
                "Yes"
            } else {
                "No"
            }),
            Cell::text(participant.payee()),
            Cell::Count(rows).by(of.as_ref().map(Formulas::rows)),
            Cell::Count(paid).by(of.as_ref().map(Formulas::rows_paid)),
        ]);
        money_cells(cells, &[rank], sheet_row);
        Tone::Plain
    })
}

fn columns(report: &Workbooks<'_>, supplement: bool) -> Vec<Column> {
    let money_width = report.money_width;
    let mut columns = vec![
        Column::text(CODE, 15.0),
        Column::text("Name", report.name_width),
        Column::text("Kind", 18.0),
        Column::text("Takes part", 10.0),
        Column::text("Payee", 10.0),
        Column::figures(ROWS, 10.0),
        Column::figures(ROWS_PAID, 10.0),
    ];
    for tier in &report.calculation.batch.rules.tiers {
        let [units, frl_units, over_cap, amount] = of_tier(tier.number);
        columns.push(Column::figures_of(units, 11.0));
        columns.push(Column::figures_of(frl_units, 11.0));
        columns.push(Column::figures_of(over_cap, 11.0));
        columns.push(Column::figures_of(amount, money_width));
    }
    if supplement {
        columns.push(Column::figures(SUPPLEMENT, money_width));
    }
    columns.push(Column::figures(TOTAL, money_width));
    columns
}
