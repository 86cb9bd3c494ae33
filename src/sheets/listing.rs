//! A sheet that is one table: written row by row, and continued on further sheets if one is too small.

use std::ops::Range;

use super::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::SHEET_ROWS_MAX;
use super::cell::Cell;
use super::look::{Look, Tone};
use super::page::{BAND_ROWS, Column, Page, Stamp};
use super::print::print_down_to;

/// With up to this many submitted rows `statewide.xlsx` has formulas: a year has about 13,000, with three formulas each.
const FORMULA_ROWS_MAX: u32 = 20_000;
/// With up to this many rows times participants and files it has them. Each participant and each file searches all rows a dozen
/// times. LibreOffice calculates a year's 3.6 million in 5 seconds, so that a changed cell does not take long.
const LOOKUPS_MAX: u64 = 12_000_000;
/// A list of up to this many rows prints in full: what one entity has to fix or check fits. The state's lists of thousands of rows
/// are for the screen; on paper they would be two hundred pages among the twenty that a board reads.
const PRINTED_ROWS_MAX: u32 = 1_000;
/// Rows printed of a longer list: about a page, as an example.
const PRINTED_ROWS_SHOWN: u32 = 30;
/// Rows of a sheet besides the listed ones: the band, the headings, a total of the sheet and one of all sheets.
const OTHER_ROWS: u32 = BAND_ROWS + 1 + 2;

/// How long a sheet may be, and how many rows formulas may cover.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) sheet_rows: u32,
    pub(crate) formula_rows: u32,
    /// Rows times participants and files.
    pub(crate) lookups: u64,
    /// Up to this many rows a list prints in full.
    pub(crate) printed_rows: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            sheet_rows: SHEET_ROWS_MAX,
            formula_rows: FORMULA_ROWS_MAX,
            lookups: LOOKUPS_MAX,
            printed_rows: PRINTED_ROWS_MAX,
        }
    }
}

impl Limits {
    /// Whether a list of so many rows may have formulas: it is short enough, and on one sheet.
    pub(crate) fn formulas_over(self, rows: usize) -> bool {
        u32::try_from(rows).is_ok_and(|rows| rows <= self.formula_rows)
            && self.parts(rows).len() == 1
    }

    /// The rows of each sheet; at least one sheet.
    pub(crate) fn parts(self, rows: usize) -> Vec<Range<usize>> {
        let each = usize::try_from(self.sheet_rows.saturating_sub(OTHER_ROWS).max(1))
            .unwrap_or(usize::MAX);
        (0..rows.div_ceil(each).max(1))
            .map(|part| part * each..rows.min((part + 1) * each))
            .collect()
    }
}

/// The row of a list's first line, from 0, below band and headings.
pub(crate) const FIRST_ROW: u32 = BAND_ROWS + 1;

/// The name of a part: `Completions`, `Completions 2`.
pub(crate) fn part_name(name: &str, part: usize) -> String {
    if part == 0 {
        name.to_string()
    } else {
        format!("{name} {}", part + 1)
    }
}

/// The further sheets of a list in so many parts: `Completions 2`, `Completions 2 to Completions 5`.
pub(crate) fn continuation(name: &str, parts: usize) -> String {
    match parts {
        2 => part_name(name, 1),
        _ => format!("{} to {}", part_name(name, 1), part_name(name, parts - 1)),
    }
}

/// Makes the cells of a total over some rows, from its label.
type Total<'l, 'c> = &'l dyn Fn(String, Range<usize>) -> Vec<Cell<'c>>;

/// Makes lines below a list, each with its tone.
type Beneath<'l, 'c> = &'l dyn Fn() -> Vec<(Tone, Vec<Cell<'c>>)>;

/// A list to be written.
pub(crate) struct Listing<'l, 'c> {
    /// The sheet's name.
    pub(crate) name: &'l str,
    /// What it shows.
    pub(crate) about: String,
    /// Whether that is highlighted.
    pub(crate) notice: bool,
    pub(crate) columns: Vec<Column>,
    /// Columns that stay in sight.
    pub(crate) frozen: u16,
    pub(crate) rows: usize,
    /// Shown if there is no row.
    pub(crate) none: &'l str,
    pub(crate) total: Option<Total<'l, 'c>>,
    /// Makes the lines below the last total.
    pub(crate) beneath: Option<Beneath<'l, 'c>>,
}

impl<'c> Listing<'_, 'c> {
    /// Writes the list. `fill` puts the cells of a row into the cleared buffer and says how the row looks.
    pub(crate) fn write(
        &self,
        workbook: &mut Workbook,
        (look, limits): (&Look, Limits),
        stamp: &Stamp,
        mut fill: impl FnMut(usize, &mut Vec<Cell<'c>>) -> Tone,
    ) -> Result<(), XlsxError> {
        let parts = limits.parts(self.rows);
        let mut cells = Vec::with_capacity(self.columns.len());
        for (index, part) in parts.iter().enumerate() {
            let name = part_name(self.name, index);
            let about = self.about_part(index, parts.len());
            let (sheet, spliced) = workbook.add_spliced();
            let mut page = Page::begin_list(
                sheet,
                look,
                stamp,
                &name,
                (&about, self.notice),
                &self.columns,
            )?;
            let header = page.row();
            page.sheet
                .set_freeze_panes(header + 1, self.frozen)?
                .set_repeat_rows(header, header)?;
            // A part has fewer rows than a sheet of Excel.
            let rows = u32::try_from(part.len()).unwrap_or(u32::MAX);
            let table = name.replace(' ', "_");
            page.spliced_table((&table, &self.columns, rows), spliced)?;
            if rows > limits.printed_rows {
                let last = (header + PRINTED_ROWS_SHOWN, page.last_column());
                print_down_to(page.sheet, stamp, last)?;
            }
            if part.is_empty() {
                page.line(&[Cell::text(self.none)], Tone::Plain)?;
            }
            for row in part.clone() {
                cells.clear();
                let tone = fill(row, &mut cells);
                page.spliced_line(spliced, &cells, tone)?;
            }
            spliced.end(page.sheet)?;
            self.ending(&mut page, &name, (part, index + 1 == parts.len()))?;
        }
        Ok(())
    }

    /// The totals of a part, and for the last part the lines below.
    fn ending(
        &self,
        page: &mut Page<'_>,
        name: &str,
        (part, is_last): (&Range<usize>, bool),
    ) -> Result<(), XlsxError> {
        if let Some(total) = self.total.filter(|_| self.rows > 0) {
            if part.len() < self.rows {
                let label = format!("Total of {name}");
                page.line(&total(label, part.clone()), Tone::Total)?;
            }
            if is_last {
                page.line(&total("Total".to_string(), 0..self.rows), Tone::Total)?;
            }
        }
        if is_last {
            for (tone, cells) in self.beneath.iter().flat_map(|beneath| beneath()) {
                page.line(&cells, tone)?;
            }
        }
        Ok(())
    }

    fn about_part(&self, index: usize, parts: usize) -> String {
        match (parts, index) {
            (1, _) => self.about.clone(),
            (_, 0) => format!(
                "{} More rows than one sheet holds: continued on {}.",
                self.about,
                continuation(self.name, parts)
            ),
            _ => format!(
                "{} Continued from {}; sheet {} of {parts}.",
                self.about,
                part_name(self.name, index - 1),
                index + 1
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_to_as_many_sheets_as_they_need_and_a_list_without_rows_to_one() {
        let limits = Limits {
            sheet_rows: OTHER_ROWS + 10,
            ..Limits::default()
        };
        let parts = |rows| {
            limits
                .parts(rows)
                .iter()
                .map(|part| (part.start, part.end))
                .collect::<Vec<_>>()
        };
        assert_eq!(parts(0), [(0, 0)]);
        assert_eq!(parts(10), [(0, 10)]);
        assert_eq!(parts(21), [(0, 10), (10, 20), (20, 21)]);
        assert_eq!(Limits::default().parts(1_048_569).len(), 1);
        assert_eq!(Limits::default().parts(1_048_570).len(), 2);
    }
}
