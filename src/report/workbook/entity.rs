//! The workbook of one reporting entity: what it is paid, what became of its rows, what to fix. Nothing of anybody else.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::context::Workbooks;
use super::findings::Found;
use super::headings::ROWS;
use super::summary::{SUMMARY, outcome_table};
use super::{completions, findings};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::report::entities::ReportingEntity;
use crate::shades;
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::words::counted;

/// Writes the three sheets.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let own = own_findings(report, entity);
    summary(workbook, report, entity, stamp, &own)?;
    completions::write(
        workbook,
        report,
        stamp,
        ROWS,
        entity.rows.len(),
        |row| entity.rows[row],
        Some(entity),
    )?;
    findings::write(workbook, report, stamp, &own)
}

/// Findings about the entity's files, and about its rows in files that say no entity.
pub(super) fn own_findings<'c>(
    report: &Workbooks<'c>,
    entity: &ReportingEntity,
) -> Vec<&'c Finding> {
    let findings = &report.calculation.findings;
    let files = &report.calculation.intake.files;
    // Findings stand in the order of their files.
    let of_file = |file: usize| -> Range<usize> {
        let path = &files[file].path;
        findings.partition_point(|finding| finding.file < *path)
            ..findings.partition_point(|finding| finding.file <= *path)
    };
    let mut own: Vec<usize> = entity
        .files
        .iter()
        .flat_map(|file| of_file(*file))
        .collect();
    // Its rows in files that say no entity, by file: sheet and row.
    let mut elsewhere: BTreeMap<usize, HashSet<(&str, u32)>> = BTreeMap::new();
    for position in entity
        .rows
        .iter()
        .filter(|position| files[report.records.file(**position)].entity.is_none())
    {
        let record = report.records.get(*position);
        elsewhere
            .entry(report.records.file(*position))
            .or_default()
            .insert((record.source_sheet, record.source_row));
    }
    for (file, rows) in elsewhere {
        own.extend(of_file(file).filter(|index| {
            let finding = &findings[*index];
            finding.row.is_some_and(|row| {
                rows.contains(&(finding.sheet.as_deref().unwrap_or_default(), row))
            })
        }));
    }
    own.sort_unstable();
    own.into_iter().map(|index| &findings[index]).collect()
}

fn summary(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
    stamp: &Stamp,
    own: &[&Finding],
) -> Result<(), XlsxError> {
    let money = report.money_width;
    let widths = vec![
        report.name_width + 6.0,
        money,
        11.0,
        11.0,
        11.0,
        13.0,
        13.0,
        30.0,
        14.0,
    ];
    let about = format!(
        "For {} {}: what it is paid, what became of the {} it reported, and what to fix.",
        entity.code,
        entity.name,
        counted(entity.rows.len() as u64, "row")
    );
    let mut page = Page::begin(
        workbook.add_worksheet(),
        &report.look,
        stamp,
        SUMMARY,
        (&about, false),
        widths,
    )?;
    page.sheet
        .set_screen_gridlines(false)
        .set_repeat_rows(0, 2)?
        .set_freeze_panes(3, 0)?;
    page.skip();
    payments(&mut page, report, entity)?;
    let mut counts = Outcome::ALL.map(|outcome| (outcome, 0, Money::ZERO));
    for decision in entity
        .rows
        .iter()
        .map(|row| &report.calculation.decisions[*row])
    {
        let entry = &mut counts[decision.outcome as usize];
        entry.1 += 1;
        entry.2 += decision.amount;
    }
    outcome_table(&mut page, &counts, false)?;
    what_to_fix(&mut page, report, own)?;
    page.section("Where to look")?;
    page.link(
        ROWS,
        "every row you sent with its outcome, the reason in words and the amount",
    )?;
    page.link(
        findings::FINDINGS,
        "each finding with file, cell and what to do",
    )?;
    page.skip();
    notes(&mut page, report, entity)
}

/// The entity's participants that have a share, by rank: itself and the charter schools it is paid for.
fn participants(report: &Workbooks<'_>, entity: &ReportingEntity) -> Vec<ParticipantRank> {
    let all = report.calculation.intake.participants.all();
    ParticipantRank::all(all.len())
        .filter(|rank| all[*rank].payee() == entity.code && report.calculation.has_share(*rank))
        .collect()
}

const PAYMENT_COLUMNS: [Column; 9] = [
    Column::word("Participant"),
    Column::figure("Amount"),
    Column::figure("Units"),
    Column::figure("With FRL"),
    Column::figure("Over cap"),
    Column::figure("Rate"),
    Column::figure("FRL rate"),
    Column::word("For"),
    Column::word("Funding"),
];

fn payments(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let allocation = &calculation.allocation;
    let tiers = || calculation.batch.rules.tiers.iter().zip(&allocation.tiers);
    let mut lines = Vec::new();
    let mut total = Money::ZERO;
    for rank in participants(report, entity) {
        let participant = &calculation.intake.participants.all()[rank];
        let name = format!("{} {}", participant.code(), participant.name);
        for (tier, result) in tiers()
            .filter(|(_, result)| result.shares[rank].units + result.shares[rank].over_cap > 0)
        {
            let share = &result.shares[rank];
            lines.push([
                Cell::words(name.clone()),
                Cell::Money(share.amount),
                Cell::Count(share.units),
                Cell::Count(share.frl_units),
                Cell::Count(share.over_cap),
                Cell::Money(result.rate),
                Cell::Money(result.frl_rate),
                Cell::words(format!("Tier {} {}", tier.number, tier.name)),
                Cell::words(super::tiers::funding(result)),
            ]);
        }
        if calculation.batch.supplement.is_some() {
            let mut cells = std::array::from_fn(|_| Cell::Empty);
            cells[0] = Cell::words(name);
            cells[1] = Cell::Money(allocation.supplements[rank]);
            cells[7] = Cell::text("Supplement");
            lines.push(cells);
        }
        total += allocation.total_of(rank);
    }
    page.section("What you are paid")?;
    let rows = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    page.table("Payments", &PAYMENT_COLUMNS, rows, Filter::PlainTable)?;
    if lines.is_empty() {
        page.line(
            &[Cell::text("nothing: no row of yours is a unit")],
            Tone::Plain,
        )?;
    }
    for line in &lines {
        page.line(line, Tone::Plain)?;
    }
    page.line(
        &[
            Cell::text(format!("Total to {} {}", entity.code, entity.name)),
            Cell::Money(total),
        ],
        Tone::Total,
    )?;
    page.skip();
    Ok(())
}

fn what_to_fix(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    own: &[&Finding],
) -> Result<(), XlsxError> {
    let look = &report.look;
    page.section("What to fix: what is still open, the gravest first")?;
    let header = &look.header;
    page.spread(&[
        (0, 0, "Finding", header),
        (1, 1, "How many", &look.header_figures),
        (2, 5, "What is wrong", header),
        (6, 8, "What to do", header),
    ])?;
    let mut found = findings::by_code(report.calculation, own.iter().copied());
    found.retain(|found| found.open > 0);
    if found.is_empty() {
        let none = match own.len() as u64 {
            0 => "Nothing is open: nothing was found.".to_string(),
            settled => format!(
                "Nothing is open: {} settled by decisions on the record; see Findings.",
                counted(settled, "finding")
            ),
        };
        return page.paragraph(&none, &look.paragraph).map(|()| page.skip());
    }
    for Found { entry, open, .. } in found {
        let words = look.words();
        page.spread(&[
            (
                0,
                0,
                &format!(
                    "{} {}",
                    entry.code,
                    shades::severity_label(entry.severity).to_lowercase()
                ),
                look.shade(shades::of_severity(entry.severity)),
            ),
            (2, 5, entry.title, words),
            (6, 8, entry.fix, words),
        ])?;
        Cell::Count(open).put(page.sheet, page.row() - 1, 1, look, Tone::Plain)?;
    }
    page.skip();
    Ok(())
}

fn notes(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let files = &calculation.intake.files;
    // The heading never stands at a page's foot without what it heads.
    page.break_unless_room(120)?;
    page.section("What to know")?;
    let standing = if calculation.is_final() {
        "The statewide calculation is complete; the amounts are final."
    } else {
        "Rows or files of the statewide batch still wait for a correction or a decision. The rates, and with them your amounts, can \
         change until the report is final."
    };
    page.note(calculation.standing(), standing)?;
    let names: Vec<String> = entity
        .files
        .iter()
        .map(|file| match files[*file].refused {
            Some(code) => format!(
                "{} (refused: {}; nothing of it is counted)",
                files[*file].path,
                code.entry().title
            ),
            None => format!(
                "{} ({})",
                files[*file].path,
                counted(files[*file].rows as u64, "row")
            ),
        })
        .collect();
    let names = if names.is_empty() {
        "none that says your code in its name".to_string()
    } else {
        names.join("\n")
    };
    page.note("Your files", &names)?;
    let own: Money = entity
        .rows
        .iter()
        .map(|row| calculation.decisions[*row].amount)
        .sum();
    let ranks = participants(report, entity);
    let by_tiers: Money = ranks
        .iter()
        .map(|rank| {
            calculation.allocation.total_of(*rank) - calculation.allocation.supplements[*rank]
        })
        .sum();
    if own != by_tiers {
        let text = format!(
            "Your rows add up to {}, the tiers pay you {}: after a decision on the record, a row can be paid to another participant than \
             the one whose file it stands in.",
            own.grouped(),
            by_tiers.grouped()
        );
        page.note("Rows and payment differ", &text)?;
    }
    page.note(
        "FRL",
        "eligible for free or reduced-price lunch; such a unit gets the FRL rate",
    )?;
    page.note("The law", super::law::TEXT_NOT_AT_HAND)
}
