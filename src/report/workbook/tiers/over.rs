//! Who has units over the cap.

use rust_xlsxwriter::XlsxError;
use rust_xlsxwriter::utility::row_col_to_cell;

use super::{CAP_LIMIT, UNIT_COLUMNS};
use crate::report::workbook::context::Workbooks;
use crate::report::workbook::formulas::Letters;
use crate::report::workbook::participants;
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page};

const OVER_COLUMNS: [Column; 8] = [
    Column::figure("Tier"),
    Column::word("Participant"),
    Column::word("Code"),
    Column::figure("Units claimed"),
    Column::figure("Within the cap"),
    Column::figure("Over cap"),
    Column::figure("Limit"),
    Column::figure("Amount"),
];

/// Who is over the cap, tier by tier; `units` is the first row of the table of units where there are formulas.
pub(super) fn write(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    units: Option<u32>,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let participants = calculation.intake.participants.all();
    let live = units.is_some();
    let tiers = calculation
        .batch
        .rules
        .tiers
        .iter()
        .zip(&calculation.allocation.tiers)
        .zip(0..);
    let over: Vec<_> = tiers
        .flat_map(|((tier, result), position)| {
            (0..participants.len()).map(move |rank| (tier, result, position, rank))
        })
        .filter(|(_, result, _, rank)| result.shares[*rank].over_cap > 0)
        .collect();
    page.section("Participants over the cap")?;
    let rows = u32::try_from(over.len()).unwrap_or(u32::MAX);
    page.table("Over_the_cap", &OVER_COLUMNS, rows, Filter::PlainTable)?;
    if over.is_empty() {
        page.line(&[Cell::Empty, Cell::text("none")], Tone::Plain)?;
    }
    for (tier, result, position, rank) in over {
        let share = &result.shares[rank];
        let cell = |column: u16| row_col_to_cell(page.row(), column);
        let of = live.then(|| participants::Formulas { code: cell(2) });
        let cells = [
            Cell::Number(tier.number),
            Cell::words(&participants[rank].name),
            Cell::text(participants[rank].code()),
            Cell::Count(share.units + share.over_cap)
                .by(live.then(|| format!("{}+{}", cell(4), cell(5)))),
            Cell::Count(share.units).by(of.as_ref().map(|of| of.units(&cell(0)))),
            Cell::Count(share.over_cap).by(of.as_ref().map(|of| of.over_cap(&cell(0)))),
            result.cap.as_ref().map_or(Cell::Empty, |cap| {
                cap.limit().cell().by(units
                    .map(|first: u32| Letters(&UNIT_COLUMNS).cell(CAP_LIMIT, first + position)))
            }),
            Cell::Money(share.amount).by(of.as_ref().map(|of| of.amount(&cell(0)))),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    Ok(())
}
