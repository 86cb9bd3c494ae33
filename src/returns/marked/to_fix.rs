//! *What to fix*: what was found, the most urgent first, each finding with a link that jumps to its cell.

use std::collections::BTreeMap;

use rust_xlsxwriter::XlsxError;

use super::super::formulas::made_of_all;
use super::layout::{Layout, NOTES_MAX, Spot};
use super::marking::{Marking, Open};
use super::names::TO_FIX;
use crate::catalogue::{Code, Severity};
use crate::finding::{Finding, shared_fix};
use crate::intake::pages::MARKED_PAGE;
use crate::intake::submission::SourceFile;
use crate::shades;
use crate::sheets::book::Workbook;
use crate::sheets::cell::Cell;
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::sheets::spliced::Spliced;
use crate::tasks::Work;
use crate::words::{column_letters, counted, thousands};

/// The most findings in the list: far more than anyone reads, and fewer than the 65,530 links that an Excel sheet can have.
const LISTED_MAX: usize = 10_000;
/// The most warnings of one code on one sheet in the list: they are corrected by column, not one by one.
const WARNINGS_LISTED_MAX: usize = 20;

const WIDTHS: [f64; 7] = [16.0, 9.0, 52.0, 62.0, 28.0, 12.0, 9.0];

/// The heading of the first column: in a check what to do, else the severity.
fn first_heading(marking: &Marking<'_>) -> Column {
    Column::word(if marking.counts.is_some() {
        "To do"
    } else {
        "Severity"
    })
}

const KINDS: [Column; 5] = [
    Column::word("Code"),
    Column::word("What is wrong"),
    Column::word("How to fix"),
    Column::figure("How often"),
    Column::word("First"),
];

const FINDINGS: [Column; 6] = [
    Column::word("Code"),
    Column::word("What is wrong"),
    Column::word("How to fix"),
    Column::word("Sheet"),
    Column::word("Cell"),
    Column::figure("Row"),
];

/// Writes the first sheet.
pub(crate) fn write(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    marking: &Marking<'_>,
    layout: &Layout<'_>,
) -> Result<(), XlsxError> {
    let follows = marking.follows.map_or_else(String::new, |_| {
        let (made, all) = made_of_all(marking.intake.fields);
        format!(
            "To try a correction, type it here: the last column says whether the cell is right now, by {made} of the {all} checks. "
        )
    });
    let about = format!(
        "A faulty cell is shaded and shows its code behind the value, which is unchanged; an empty one says \"missing\". Its note says what is wrong and how \
         to fix it. {follows}Correct your own file and send it again. {}",
        marking.about
    );
    let (sheet, rows) = workbook.add_spliced();
    let mut page = Page::begin(sheet, look, stamp, TO_FIX, (&about, false), WIDTHS.to_vec())?;
    page.as_document()?;
    // Keeps the sheet from being read as a submission if the workbook is sent back.
    page.stamped(MARKED_PAGE)?;
    if let Some(counts) = &marking.counts {
        page.paragraph(counts, &look.topic)?;
    }
    if let Some(whose) = &marking.whose {
        page.paragraph(whose, &look.notice)?;
    }
    files(&mut page, look, marking, layout)?;
    if layout.findings.is_empty() {
        return page.paragraph("There is nothing to fix.", &look.paragraph);
    }
    kinds(&mut page, marking, layout)?;
    findings((&mut page, rows), look, marking, layout)
}

fn files(
    page: &mut Page<'_>,
    look: &Look,
    marking: &Marking<'_>,
    layout: &Layout<'_>,
) -> Result<(), XlsxError> {
    page.section("Files")?;
    for file in marking.files {
        let source = &marking.intake.files[*file];
        let what = what_came_of(source, *file, layout);
        page.spread(&[
            (0, 2, &source.path, &look.topic),
            (3, 6, &what, &look.paragraph),
        ])?;
        if !source.sha256.is_empty() {
            page.spread(&[(3, 6, &format!("SHA-256 {}", source.sha256), &look.paragraph)])?;
        }
    }
    files_of_others(page, look, marking, layout)?;
    if marking.files.is_empty() && layout.sheets.is_empty() {
        page.paragraph("none with your code in its name", &look.paragraph)?;
    }
    if marking.settled > 0 {
        let text = format!(
            "{} settled by decisions; no action is needed.",
            is_are(marking.settled)
        );
        page.paragraph(&text, &look.paragraph)?;
    }
    if layout.noted.is_some() {
        let text = format!(
            "Only the {} most urgent faulty cells have a note; the others are shaded and show their code.",
            thousands(NOTES_MAX as u64)
        );
        page.paragraph(&text, &look.notice)?;
    }
    page.skip();
    Ok(())
}

/// The number of rows read from a file and their place, or why none was read.
fn what_came_of(source: &SourceFile, file: usize, layout: &Layout<'_>) -> String {
    if let Some(code) = source.refused {
        return format!(
            "refused: {} ({code}); nothing in it counts",
            code.entry().title
        );
    }
    let sheets: Vec<String> = layout
        .sheets
        .iter()
        .filter(|sheet| sheet.file == file)
        .map(|sheet| format!("\"{}\"", sheet.name))
        .collect();
    format!(
        "{} on {}",
        counted(source.rows as u64, "row"),
        sheets.join(", ")
    )
}

/// Files that do not say whose they are, and hold rows of this submitter.
fn files_of_others(
    page: &mut Page<'_>,
    look: &Look,
    marking: &Marking<'_>,
    layout: &Layout<'_>,
) -> Result<(), XlsxError> {
    let mut others: Vec<usize> = layout
        .sheets
        .iter()
        .map(|sheet| sheet.file)
        .filter(|file| !marking.files.contains(file))
        .collect();
    others.dedup();
    for file in others {
        let path = &marking.intake.files[file].path;
        page.spread(&[
            (0, 2, path, &look.topic),
            (
                3,
                6,
                "your rows of a file that does not say whose it is",
                &look.paragraph,
            ),
        ])?;
    }
    Ok(())
}

fn is_are(count: usize) -> String {
    format!(
        "{} {}",
        counted(count as u64, "finding"),
        if count == 1 { "is" } else { "are" }
    )
}

/// A line for each code: a fault in every row is corrected by column.
fn kinds(page: &mut Page<'_>, marking: &Marking<'_>, layout: &Layout<'_>) -> Result<(), XlsxError> {
    type Kind = (Option<Work>, Severity, Code, Option<&'static str>);
    let mut kinds: BTreeMap<Kind, (Vec<&Finding>, Option<Spot>)> = BTreeMap::new();
    for (Open { finding, work }, spot) in layout.to_list() {
        let kind = kinds
            .entry((
                work.map(|(work, _)| work),
                finding.severity(),
                finding.code,
                work.map(|(_, title)| title),
            ))
            .or_insert((Vec::new(), *spot));
        kind.0.push(finding);
    }
    page.section("What was found, the most urgent first")?;
    let columns: Vec<Column> = std::iter::once(first_heading(marking))
        .chain(KINDS)
        .collect();
    page.table(
        "Kinds",
        &columns,
        u32::try_from(kinds.len()).unwrap_or(u32::MAX),
        Filter::PlainTable,
    )?;
    page.heading_to_edge(&columns)?;
    for ((work, severity, code, title), (findings, first)) in kinds {
        let entry = code.entry();
        let cells = vec![
            kind_of(work, severity),
            Cell::text(code.as_str()),
            Cell::words(title.unwrap_or(entry.title)),
            Cell::words(shared_fix(code, &findings)),
            Cell::count(findings.len()),
            link(layout, first),
        ];
        page.line_to_edge(cells, Tone::Plain)?;
    }
    page.skip();
    Ok(())
}

fn kind_of(work: Option<Work>, severity: Severity) -> Cell<'static> {
    work.map_or_else(|| shades::severity(severity), shades::work)
}

/// The place of a finding as a link that jumps to it.
fn link<'l>(layout: &'l Layout<'_>, spot: Option<Spot>) -> Cell<'l> {
    let Some(spot) = spot else { return Cell::Empty };
    let sheet = &layout.sheets[spot.sheet].name;
    let letters = column_letters(spot.column.unwrap_or(0));
    match spot.row {
        Some(row) => Cell::Place(sheet, format!("{letters}{row}")),
        None => Cell::Place(sheet, "A1".to_string()),
    }
}

fn findings(
    (page, rows): (&mut Page<'_>, &mut Spliced),
    look: &Look,
    marking: &Marking<'_>,
    layout: &Layout<'_>,
) -> Result<(), XlsxError> {
    let mut warnings: BTreeMap<(Code, Option<usize>), usize> = BTreeMap::new();
    let listed: Vec<&(Open<'_>, Option<Spot>)> = layout
        .to_list()
        .filter(|(Open { finding, .. }, spot)| {
            let seen = warnings
                .entry((finding.code, spot.map(|spot| spot.sheet)))
                .or_default();
            *seen += 1;
            finding.severity() != Severity::Warning || *seen <= WARNINGS_LISTED_MAX
        })
        .take(LISTED_MAX)
        .collect();
    page.section("Every finding: click a cell to jump to it")?;
    let left_out = layout.to_list().count() - listed.len();
    if left_out > 0 {
        let text = format!(
            "{} more of the same kinds; their cells are shaded and show their code.",
            is_are(left_out)
        );
        page.paragraph(&text, &look.about)?;
    }
    // A table of many pages: they repeat its headings in place of the band.
    let header = page.row();
    page.sheet.set_repeat_rows(header, header)?;
    let columns: Vec<Column> = std::iter::once(first_heading(marking))
        .chain(FINDINGS)
        .collect();
    page.table(
        "Findings",
        &columns,
        u32::try_from(listed.len()).unwrap_or(u32::MAX),
        Filter::Table,
    )?;
    for (Open { finding, work }, spot) in listed {
        let cells = [
            kind_of(work.map(|(work, _)| work), finding.severity()),
            Cell::text(finding.code.as_str()),
            Cell::words(&*finding.message),
            Cell::words(finding.fix()),
            Cell::words(spot.map_or(&*finding.file, |spot| {
                layout.sheets[spot.sheet].name.as_str()
            })),
            link(layout, *spot),
            finding.row.map_or(Cell::Empty, Cell::Number),
        ];
        page.spliced_line(rows, &cells, Tone::Plain)?;
    }
    rows.end(page.sheet)
}
