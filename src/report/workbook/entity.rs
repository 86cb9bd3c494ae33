//! The workbook of one reporting entity: what it is paid, what it must fix or what was decided, and its own sheets with every row's
//! outcome. It shows nothing of any other entity.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use super::summary::outcome_table;
use super::{completions, decided};
use crate::checks;
use crate::finding::Finding;
use crate::intake::pages::MARKED_PAGE;
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank};
use crate::report::entities::ReportingEntity;
use crate::results::columns::ResultColumn;
use crate::returns::marked::{
    AWARD, Content, DECIDED, Edge, Layout, Marking, Open, TO_FIX, to_fix,
};
use crate::shades;
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::words::counted;

/// Columns at the right edge of an entity's own sheet, after codes and outcome.
const EDGE: [ResultColumn; 4] = [
    ResultColumn::Tier,
    ResultColumn::Amount,
    ResultColumn::InWords,
    ResultColumn::Trail,
];
/// With up to this many lines of payments, the award is one printed page; more participants take more pages.
const ONE_PAGE_LINES_MAX: usize = 16;

/// Writes the award, *What to fix* or *What was decided*, and the entity's own sheets.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let own = own_findings(report, entity);
    let is_open = |finding: &Finding| calculation.is_open(finding);
    let open = own.iter().filter(|finding| is_open(finding)).count();
    let listed: Vec<Open<'_>> = checks::to_show(own.iter().copied(), is_open)
        .into_iter()
        .map(|finding| Open {
            finding,
            work: None,
        })
        .collect();
    let cells = |row: RowRank| completions::cells_for(report, row, &EDGE, entity);
    let ended = |row: RowRank| {
        let decision = &calculation.decisions[row];
        let outcome = decision.outcome;
        (decision.codes, outcome.label(), shades::of_outcome(outcome))
    };
    let marking = Marking {
        intake: &calculation.intake,
        ended: &ended,
        files: &entity.files,
        rows: &entity.rows,
        settled: own.len() - open,
        open: &listed,
        edge: Some(Edge {
            columns: EDGE
                .iter()
                .map(|column| completions::sheet_column(report, *column))
                .collect(),
            cells: &cells,
        }),
        // Nothing in a FINAL report can be corrected any more.
        follows: (!report.is_final)
            .then_some((&calculation.batch.rules, &calculation.intake.programs)),
        title: stamp.title.clone(),
        facts: stamp.facts.clone(),
        label: stamp.label.clone(),
        counts: None,
        whose: None,
        about: about_to_fix(report),
        date: calculation.batch.run_date,
        spool: report.spool.as_deref(),
    };
    let layout = Layout::of(&marking, Content::Known)?;
    award(workbook, report, entity, stamp, &layout)?;
    let look = &report.look;
    if report.is_final {
        decided::write(workbook, report, entity, stamp, &layout)?;
        return layout.write_sheets(workbook, (look, stamp), &marking, Content::Known);
    }
    // Every printed page says that the report is preliminary; here next to how much there is to fix.
    let to_fix = Stamp {
        label: format!("{} \u{b7} {}", stamp.label, stamp.standing),
        ..layout.stamp(&marking)
    };
    to_fix::write(workbook, look, &to_fix, &marking, &layout)?;
    layout.write_sheets(workbook, (look, stamp), &marking, Content::Known)
}

/// Findings about the entity's files, and about its rows in files without an entity.
fn own_findings<'c>(report: &Workbooks<'c>, entity: &ReportingEntity) -> Vec<&'c Finding> {
    let findings = &report.calculation.findings;
    let files = &report.calculation.intake.files;
    // Findings are in the order of their files.
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
    // Its rows in files without an entity, by file: sheet and row.
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

fn award(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
    stamp: &Stamp,
    layout: &Layout<'_>,
) -> Result<(), XlsxError> {
    let widths = vec![
        report.name_width + 6.0,
        report.money_width,
        11.0,
        11.0,
        11.0,
        13.0,
        13.0,
        30.0,
        14.0,
    ];
    let paid = if report.is_final {
        "what it is paid"
    } else {
        "what it would be paid so far (not an award)"
    };
    let about = format!(
        "For {} {}: {paid}, and how the {} it reported ended.",
        entity.code,
        entity.name,
        counted(entity.rows.len() as u64, "row")
    );
    let mut page = Page::begin(
        workbook.add_worksheet(),
        &report.look,
        stamp,
        AWARD,
        (&about, false),
        widths,
    )?;
    page.sheet
        .set_screen_gridlines(false)
        .set_freeze_panes(3, 0)?;
    page.stamped(MARKED_PAGE)?;
    let lines = payment_lines(report, entity);
    if lines.len() <= ONE_PAGE_LINES_MAX {
        page.sheet.set_print_fit_to_pages(1, 1);
    } else {
        page.sheet.set_repeat_rows(0, 2)?;
    }
    payments(&mut page, report, entity, &lines)?;
    outcome_table(&mut page, "Rows_by_outcome", &entity.outcomes, false)?;
    notes(&mut page, report, entity)?;
    page.skip();
    page.section("Where to look")?;
    let (next, text) = if report.is_final {
        (
            DECIDED,
            "how your rows ended and why, and every row that is not paid or that a decision changed",
        )
    } else {
        (TO_FIX, "what is still open, the most urgent first")
    };
    page.link(next, text)?;
    for name in layout.names() {
        page.link(
            name,
            "your own rows, with outcome, tier and amount at the right edge",
        )?;
    }
    Ok(())
}

/// Explains the outcomes on *What to fix*, with the deadline for files.
fn about_to_fix(report: &Workbooks<'_>) -> String {
    let about = "Outcomes are those of a PRELIMINARY report and can change until it is final.";
    match report.calculation.batch.office.until(false) {
        Some((_, until)) => format!("{about} {until}"),
        None => about.to_string(),
    }
}

/// The entity's participants with a share, by rank: itself and the charter schools it is paid for.
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

/// A line of the payments: a participant in a tier, or its supplement.
type PaymentLine = Vec<Cell<'static>>;

fn payment_lines(report: &Workbooks<'_>, entity: &ReportingEntity) -> Vec<PaymentLine> {
    let calculation = report.calculation;
    let allocation = &calculation.allocation;
    let mut lines = Vec::new();
    for rank in participants(report, entity) {
        let participant = &calculation.intake.participants.all()[rank];
        let name = format!("{} {}", participant.code(), participant.name);
        let tiers = calculation.batch.rules.tiers.iter().zip(&allocation.tiers);
        for (tier, result) in tiers {
            let share = &result.shares[rank];
            if share.units + share.over_cap == 0 {
                continue;
            }
            lines.push(vec![
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
            let mut cells = vec![Cell::Empty; PAYMENT_COLUMNS.len()];
            cells[0] = Cell::words(name);
            cells[1] = Cell::Money(allocation.supplements[rank]);
            cells[7] = Cell::text("Supplement");
            lines.push(cells);
        }
    }
    lines
}

fn payments(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
    lines: &[PaymentLine],
) -> Result<(), XlsxError> {
    page.section(if report.is_final {
        "What you are paid"
    } else {
        "What you would be paid so far (not an award)"
    })?;
    let rows = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    page.table("Payments", &PAYMENT_COLUMNS, rows, Filter::PlainTable)?;
    if lines.is_empty() {
        page.line(
            &[Cell::text("nothing: none of your rows earned an award")],
            Tone::Plain,
        )?;
    }
    for line in lines {
        page.line(line, Tone::Plain)?;
    }
    let allocation = &report.calculation.allocation;
    let total = participants(report, entity)
        .iter()
        .map(|rank| allocation.total_of(*rank))
        .sum();
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

/// The files received, each with its result and hash.
pub(super) fn files_in_words(report: &Workbooks<'_>, entity: &ReportingEntity) -> String {
    let files = &report.calculation.intake.files;
    let names: Vec<String> = entity
        .files
        .iter()
        .map(|file| {
            let file = &files[*file];
            let what = match file.refused {
                Some(code) => format!("refused: {}; nothing in it counts", code.entry().title),
                None => counted(file.rows as u64, "row"),
            };
            match file.sha256.as_str() {
                "" => format!("{} ({what})", file.path),
                hash => format!("{} ({what}), SHA-256 {hash}", file.path),
            }
        })
        .collect();
    if names.is_empty() {
        "none with your code in its name".to_string()
    } else {
        names.join("\n")
    }
}

fn notes(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    entity: &ReportingEntity,
) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    // A heading is never alone at the foot of a page.
    page.break_unless_room(120)?;
    page.section("What to know")?;
    let standing = if report.is_final {
        "The statewide calculation is complete; the amounts are final."
    } else {
        "Rows, files, questions or decisions of the statewide batch are still open. The rates, and with them your amounts, can \
         change until the report is final."
    };
    page.note(report.standing(), standing)?;
    page.note("Your files", &files_in_words(report, entity))?;
    let own: Money = entity.outcomes.iter().map(|(_, tally)| tally.amount).sum();
    let ranks = participants(report, entity);
    let by_tiers: Money = ranks
        .iter()
        .map(|rank| {
            calculation.allocation.total_of(*rank) - calculation.allocation.supplements[*rank]
        })
        .sum();
    if own != by_tiers {
        let text = format!(
            "Your rows add up to {}, and the tiers pay you {}. After a decision, a row can be paid to another participant than \
             the one whose file it is in.",
            own.grouped(),
            by_tiers.grouped()
        );
        page.note("Rows and payment differ", &text)?;
    }
    let spread = !report.amounts_follow_rates()
        && calculation
            .allocation
            .tiers
            .iter()
            .any(|tier| tier.prorated && ranks.iter().any(|rank| tier.shares[*rank].units > 0));
    if spread {
        page.note(
            "Cents",
            "Where a tier is short, the cents that rounding down leaves go one each to the largest fractions, first of the \
             participants and then of their rows. So an amount can be some cents more than units times rates.",
        )?;
    }
    page.note(
        "FRL",
        "eligible for free or reduced-price lunch; such a unit gets the FRL rate",
    )?;
    let office = &calculation.batch.office;
    if let Some((label, until)) = office.until(report.is_final) {
        page.note(label, &until)?;
    }
    if let Some(whom) = office.questions_to() {
        page.note("Questions", &whom)?;
    }
    page.note("The law", &office.law_in_words())?;
    let Some(checksum) = &report.content else {
        return Ok(());
    };
    // The receipt lists the hash of this workbook, so its own hash cannot be here.
    let content = format!(
        "This workbook belongs to the report with the content checksum {checksum} (SHA-256). Summary of the statewide workbook \
         shows the same one."
    );
    page.note("Report", &content)
}
