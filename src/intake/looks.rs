//! What a copy keeps of the look of a workbook's cells. A submission is read without it.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::sync::Arc;

use calamine::{Color, FillPattern, FontWeight, Style, XlsxCellReader, XlsxError};

/// Runs of alike cells kept of a sheet: nobody makes more by hand.
const RUNS_MAX: usize = 200_000;
/// Characters of a number format: Excel allows 255, and a marked cell adds its codes.
const FORMAT_CHARS_MAX: usize = 150;
/// Number formats that a spreadsheet shows as its country does, by their numbers in a workbook.
const SHORT_DATE: u32 = 14;
const SHORT_MOMENT: u32 = 22;

/// What a copy keeps of a cell's look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellLook {
    /// Its number format; none if it is General.
    pub number_format: Option<String>,
    /// Whether it is bold.
    pub bold: bool,
    /// Its color as red, green and blue; none if white.
    pub fill: Option<u32>,
    /// The color of its text; none if black.
    pub ink: Option<u32>,
}

impl CellLook {
    fn of(style: &Style) -> CellLook {
        let font = style.font.as_ref();
        let solid = style
            .fill
            .as_ref()
            .filter(|fill| fill.pattern == FillPattern::Solid);
        let fill = solid.and_then(|fill| fill.foreground_color);
        let ink = font.and_then(|font| font.color);
        CellLook {
            number_format: number_format(style),
            bold: font.is_some_and(|font| font.weight == FontWeight::Bold),
            fill: fill.filter(|color| !color.is_white()).map(rgb),
            ink: ink.filter(|color| !color.is_black()).map(rgb),
        }
    }
}

fn rgb(color: Color) -> u32 {
    u32::from_be_bytes([0, color.red, color.green, color.blue])
}

fn number_format(style: &Style) -> Option<String> {
    let format = style.number_format.as_ref()?;
    let code = match format.format_id {
        Some(SHORT_DATE) => "m/d/yyyy",
        Some(SHORT_MOMENT) => "m/d/yyyy h:mm",
        _ => &format.format_code,
    };
    let is_plain = code.is_empty() || code.eq_ignore_ascii_case("general");
    let is_sound = code.chars().count() <= FORMAT_CHARS_MAX && !code.chars().any(char::is_control);
    (!is_plain && is_sound).then(|| code.to_string())
}

/// Alike cells of a column: the first and the last row, from 1, and which look they have.
type Run = (u32, u32, usize);

/// The looks of a sheet's cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// The looks of the workbook.
    kinds: Arc<[CellLook]>,
    /// By column, from 0: its runs, ascending.
    columns: BTreeMap<u32, Vec<Run>>,
    runs: usize,
}

impl Looks {
    /// Reads the looks of a sheet. `kinds`: those of the workbook, once known.
    pub(super) fn read<R: Read + Seek>(
        reader: &mut XlsxCellReader<'_, R>,
        kinds: &mut Option<Arc<[CellLook]>>,
    ) -> Result<Looks, XlsxError> {
        let styles = reader.styles();
        let kinds = kinds.get_or_insert_with(|| styles.iter().map(CellLook::of).collect());
        let mut looks = Looks {
            kinds: kinds.clone(),
            ..Looks::default()
        };
        while let Some((row, column, kind)) = reader.next_style_id()? {
            if looks
                .kinds
                .get(kind)
                .is_some_and(|look| *look != CellLook::default())
            {
                looks.add(row.saturating_add(1), column, kind);
            }
        }
        Ok(looks)
    }

    fn add(&mut self, row: u32, column: u32, kind: usize) {
        let runs = self.columns.entry(column).or_default();
        match runs.last_mut() {
            Some((_, last, of)) if *of == kind && last.saturating_add(1) == row => *last = row,
            // In a damaged sheet, a row can come after a later one.
            Some((_, last, _)) if *last >= row => {}
            _ if self.runs < RUNS_MAX => {
                runs.push((row, row, kind));
                self.runs += 1;
            }
            _ => {}
        }
    }

    /// The look of a cell, and its number among those of the workbook. The row is counted from 1, the column from 0.
    #[must_use]
    pub fn of(&self, row: u32, column: u32) -> Option<(usize, &CellLook)> {
        let runs = self.columns.get(&column)?;
        let at = runs.partition_point(|(_, last, _)| *last < row);
        let (first, _, kind) = runs.get(at)?;
        let look = self.kinds.get(*kind)?;
        (*first <= row).then_some((*kind, look))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_look_of_its_run_and_a_gap_has_none() {
        let bold = CellLook {
            bold: true,
            ..CellLook::default()
        };
        let mut looks = Looks {
            kinds: Arc::from([CellLook::default(), bold.clone()]),
            ..Looks::default()
        };
        for row in [2, 3, 5] {
            looks.add(row, 0, 1);
        }
        let at = |row, column| looks.of(row, column).map(|(_, look)| look);
        assert_eq!([at(2, 0), at(3, 0), at(5, 0)], [Some(&bold); 3]);
        assert_eq!([at(1, 0), at(4, 0), at(6, 0), at(2, 1)], [None; 4]);
        // Rows 2 and 3 are one run, row 5 another.
        assert_eq!(looks.runs, 2);
    }
}
