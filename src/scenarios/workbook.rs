//! Workbooks of comparisons: the batch under different readings (`cdip readings`) and rules (`cdip rehearse`).

use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use crate::calculation::Calculation;
use crate::disk::folder_of;
use crate::money::Money;
use crate::report::workbook::context::Workbooks;
use crate::scenarios::{ChangedRow, Compared, Figures, Rehearsal, own_figures};
use crate::sheets::book::save;
use crate::sheets::cell::Cell;
use crate::sheets::charts;
use crate::sheets::listing::Listing;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page, Stamp};

/// The sheet of scenarios.
const SCENARIOS: &str = "Scenarios";
/// The beginning of both workbooks' titles.
pub(crate) const READINGS_TITLE: &str = "What each open question is worth";
pub(crate) const REHEARSAL_TITLE: &str = "Rehearsal under ";

/// Writes the workbook of `cdip readings`.
pub fn write_readings(
    calculation: &Calculation,
    compared: &[Compared],
    path: &Path,
) -> Result<(), XlsxError> {
    let report = Workbooks::of(calculation).spooling_in(folder_of(path));
    let stamp = comparison_stamp(&report, READINGS_TITLE.to_string());
    let mut workbook = report.workbook(&stamp);
    readings(&mut workbook, &report, &stamp, compared)?;
    save(&mut workbook, path)
}

/// Writes the workbook of `cdip rehearse`.
pub fn write_rehearsal(
    calculation: &Calculation,
    changed: &Rehearsal,
    path: &Path,
) -> Result<(), XlsxError> {
    let report = Workbooks::of(calculation).spooling_in(folder_of(path));
    let stamp = comparison_stamp(&report, format!("{REHEARSAL_TITLE}{}", changed.rules.id));
    let mut workbook = report.workbook(&stamp);
    rehearsal(&mut workbook, &report, &stamp, changed)?;
    save(&mut workbook, path)
}

/// A comparison is never an award, even if the batch is final.
fn comparison_stamp(report: &Workbooks<'_>, title: String) -> Stamp {
    let reason = "what would be paid, not what is paid".to_string();
    Stamp {
        standing: "COMPARISON",
        is_final: false,
        ..report.stamp(title, reason)
    }
}

/// Adds the sheets of `cdip readings`.
fn readings(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    compared: &[Compared],
) -> Result<(), XlsxError> {
    scenarios(workbook, report, stamp, compared)?;
    let participants = report.calculation.intake.participants.all();
    let own = own_figures(report.calculation);
    let mut shown: Vec<usize> = (0..participants.len())
        .filter(|rank| {
            own.totals[*rank] > Money::ZERO
                || compared
                    .iter()
                    .any(|compared| compared.effects[*rank] != Money::ZERO)
        })
        .collect();
    // The participant with the most at stake under any one reading comes first.
    let stake = |rank: usize| {
        compared
            .iter()
            .map(|compared| compared.effects[rank].cents().abs())
            .max()
    };
    shown.sort_by_key(|rank| (std::cmp::Reverse(stake(*rank)), *rank));
    let mut columns = vec![
        Column::text("Participant", 13.0),
        Column::text("Name", report.name_width),
        Column::figures("Own readings", 16.0),
    ];
    columns.extend(
        compared
            .iter()
            .map(|compared| Column::figures_of(compared.scenario.name(), 17.0)),
    );
    let listing = Listing {
        name: "Participants",
        about: "What each participant gains, or loses if below zero, under each reading against the batch's own; the one with the most at stake first. \
                Own readings: its total."
            .to_string(),
        notice: false,
        columns,
        frozen: 2,
        rows: shown.len(),
        none: "nobody is paid under any reading",
        total: None,
        beneath: None,
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        let rank = shown[row];
        cells.extend([
            Cell::text(participants[rank].code()),
            Cell::words(&participants[rank].name),
            Cell::Money(own.totals[rank]),
        ]);
        cells.extend(
            compared
                .iter()
                .map(|compared| Cell::Money(compared.effects[rank])),
        );
        Tone::Plain
    })
}

fn scenarios(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    compared: &[Compared],
) -> Result<(), XlsxError> {
    let columns = scenario_columns(report);
    let widths = columns.iter().map(|column| column.width).collect();
    let about = "Each reading of the law that the batch could have chosen instead, one at a time: what it pays and how much money changes hands \
                 against the batch's own readings. Nothing here is paid.";
    let sheet = workbook.add_worksheet();
    let mut page = Page::begin(
        sheet,
        &report.look,
        stamp,
        SCENARIOS,
        (about, false),
        widths,
    )?;
    // A comparison has some dozen scenarios.
    let rows = u32::try_from(compared.len() + 1).unwrap_or(u32::MAX);
    page.table("Scenarios", &columns, rows, Filter::Cells)?;
    page.line(
        &scenario_line(
            "the batch's own",
            Money::ZERO,
            &own_figures(report.calculation),
            0,
            0,
        ),
        Tone::Group,
    )?;
    let first = page.row();
    for compared in compared {
        let (gain, lose) = compared.winners_and_losers();
        page.line(
            &scenario_line(
                &compared.scenario.name(),
                compared.changes_hands(),
                &compared.figures,
                gain,
                lose,
            ),
            Tone::Plain,
        )?;
    }
    if !compared.is_empty() {
        let last = page.row() - 1;
        page.skip();
        let chart = charts::changes_hands(&charts::Figures {
            sheet: SCENARIOS,
            first,
            last,
        });
        let row = page.row();
        page.sheet.insert_chart(row, 0, &chart)?;
    }
    Ok(())
}

fn scenario_columns(report: &Workbooks<'_>) -> Vec<Column> {
    let tiers = &report.calculation.batch.rules.tiers;
    let mut columns = vec![
        Column::text("Reading", 44.0),
        Column::figures("Money moved", 17.0),
        Column::figures("Paid", 17.0),
    ];
    columns.extend(
        tiers
            .iter()
            .map(|tier| Column::figures_of(format!("Rate of tier {}", tier.number), 14.0)),
    );
    columns.extend([
        Column::figures("Units", 10.0),
        Column::figures("Over cap", 10.0),
        Column::figures("Residuals", 14.0),
        Column::figures("Unspent", 16.0),
        Column::figures("Gain", 9.0),
        Column::figures("Lose", 9.0),
    ]);
    columns
}

/// What a scenario pays, how much money changes hands, and how many gain and lose.
fn scenario_line(
    name: &str,
    changes: Money,
    figures: &Figures,
    gain: usize,
    lose: usize,
) -> Vec<Cell<'static>> {
    let mut cells = vec![
        Cell::words(name.to_string()),
        Cell::Money(changes),
        Cell::Money(figures.paid),
    ];
    cells.extend(figures.tiers.iter().map(|tier| Cell::Money(tier.rate)));
    cells.extend([
        Cell::Count(figures.tiers.iter().map(|tier| tier.units).sum()),
        Cell::Count(figures.tiers.iter().map(|tier| tier.over_cap).sum()),
        Cell::Money(figures.residuals),
        Cell::Money(figures.unspent),
        Cell::count(gain),
        Cell::count(lose),
    ]);
    cells
}

/// Adds the sheets of `cdip rehearse`.
fn rehearsal(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    rehearsal: &Rehearsal,
) -> Result<(), XlsxError> {
    let participants = report.calculation.intake.participants.all();
    let own = own_figures(report.calculation);
    let mut shown: Vec<usize> = (0..participants.len())
        .filter(|rank| own.totals[*rank] > Money::ZERO || rehearsal.effects[*rank] != Money::ZERO)
        .collect();
    shown.sort_by_key(|rank| {
        (
            std::cmp::Reverse(rehearsal.effects[*rank].cents().abs()),
            *rank,
        )
    });
    let listing = Listing {
        name: "Money",
        about: format!(
            "What each participant is paid under the batch's own rules and under {}, the largest change first. Nothing here is paid.",
            rehearsal.rules.id
        ),
        notice: false,
        columns: vec![
            Column::text("Participant", 13.0),
            Column::text("Name", 56.0),
            Column::figures("Before", 24.0),
            Column::figures("After", 24.0),
            Column::figures("Change", 24.0),
        ],
        frozen: 2,
        rows: shown.len(),
        none: "nobody is paid under either",
        total: Some(&|label, range| {
            let sum = |of: &[Money]| {
                shown[range.clone()]
                    .iter()
                    .map(|rank| of[*rank])
                    .sum::<Money>()
            };
            vec![
                Cell::text(label),
                Cell::Empty,
                Cell::Money(sum(&own.totals)),
                Cell::Money(sum(&rehearsal.figures.totals)),
                Cell::Money(sum(&rehearsal.effects)),
            ]
        }),
        beneath: None,
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        let rank = shown[row];
        cells.extend([
            Cell::text(participants[rank].code()),
            Cell::words(&participants[rank].name),
            Cell::Money(own.totals[rank]),
            Cell::Money(rehearsal.figures.totals[rank]),
            Cell::Money(rehearsal.effects[rank]),
        ]);
        Tone::Plain
    })?;
    changed_rows(workbook, report, stamp, rehearsal)
}

/// Why a row changes: the codes that it did not have before, if there are any.
fn why(changed: &ChangedRow) -> String {
    let ((outcome, codes, amount), before) = (changed.after, changed.before);
    let earned: Vec<&str> = codes
        .iter()
        .filter(|code| !before.1.contains(*code))
        .map(|code| code.entry().title)
        .collect();
    if !earned.is_empty() {
        earned.join("; ")
    } else if (outcome, amount) == (before.0, before.2) {
        "it has fewer codes".to_string()
    } else if outcome == before.0 {
        "a different rate".to_string()
    } else {
        outcome.meaning().to_string()
    }
}

fn changed_rows(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
    rehearsal: &Rehearsal,
) -> Result<(), XlsxError> {
    let listing = Listing {
        name: "Rows",
        about: format!(
            "Every row with a different outcome or amount, or with other codes, under {}.",
            rehearsal.rules.id
        ),
        notice: false,
        columns: vec![
            Column::text("Source file", report.file_width),
            Column::text("Sheet", report.sheet_width),
            Column::figures("Row", 8.0),
            Column::text("Participant", 13.0),
            Column::text("Program code", 12.0),
            Column::text("Before", 16.0),
            Column::text("After", 16.0),
            Column::text("Codes after", 14.0),
            Column::text("Why", 44.0),
            Column::figures("Amount before", 16.0),
            Column::figures("Amount after", 16.0),
        ],
        frozen: 0,
        rows: rehearsal.changed.len(),
        none: "no row changes",
        total: None,
        beneath: None,
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        let changed = &rehearsal.changed[row];
        let record = report.records.get(changed.row);
        cells.extend([
            Cell::text(record.source_file),
            Cell::text(record.source_sheet),
            Cell::Count(u64::from(record.source_row)),
            Cell::text(record.participant),
            Cell::text(record.program_code),
            Cell::text(changed.before.0.label()),
            Cell::text(changed.after.0.label()),
            Cell::text(changed.after.1.to_string()),
            Cell::words(why(changed)),
            Cell::Money(changed.before.2),
            Cell::Money(changed.after.2),
        ]);
        Tone::Plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Code, Codes};
    use crate::decision::Outcome;
    use crate::ranks::RowRank;

    #[test]
    fn a_code_that_a_row_had_before_is_not_why_it_changes() {
        let mut codes = Codes::NONE;
        codes.add(Code::W202);
        let of = |before, after| {
            let row = RowRank::new(0);
            why(&ChangedRow { row, before, after })
        };
        let paid = (Outcome::Paid, codes, Money::from_cents(100_000));
        let less = (Outcome::Paid, codes, Money::from_cents(50_000));
        assert_eq!(of(paid, less), "a different rate");
        let over_cap = (Outcome::OverCap, codes, Money::ZERO);
        assert_eq!(of(paid, over_cap), Outcome::OverCap.meaning());
        codes.add(Code::N308);
        let not_qualified = (Outcome::NotQualified, codes, Money::ZERO);
        assert_eq!(of(paid, not_qualified), Code::N308.entry().title);
    }
}
