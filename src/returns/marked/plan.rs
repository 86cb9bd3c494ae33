//! The sheets of a marked copy, and the second reading of the owner's file.

use std::collections::BTreeMap;

use rust_xlsxwriter::XlsxError;

use super::marking::Marking;
use super::names::sheet_names;
use crate::intake::cells::{CellSource, Refusal, SheetInfo, SheetShape};
use crate::intake::completions::Rows;
use crate::intake::formats::{Asked, visit_for};
use crate::intake::guard::guarded;
use crate::intake::limits::COLUMNS_PER_SHEET_MAX;
use crate::intake::submission::Reading;
use crate::ranks::RowRank;

/// A sheet of the workbook.
pub(super) struct Sheet {
    /// Its name here.
    pub(super) name: String,
    /// By position: file, and sheet among those that were read of it; `None` for a sheet that was not read.
    pub(super) file: usize,
    pub(super) source: Option<usize>,
    /// Its rows by rank, ascending.
    pub(super) rows: Vec<RowRank>,
    /// Columns of the sheet, those of the program not counted.
    pub(super) columns: u32,
    /// Whether its owner hid it and nothing in it was read.
    pub(super) hidden: bool,
    /// The look of the owner's sheet.
    pub(super) shape: SheetShape,
    /// Columns of the program.
    pub(super) own_columns: u32,
}

impl Sheet {
    /// The column of the codes; the outcome is to the right of it, and then what else the edge says. `None` where the sheet is filled
    /// to its edge.
    pub(super) fn codes_column(&self) -> Option<u16> {
        let fits = self.columns + self.own_columns <= COLUMNS_PER_SHEET_MAX;
        u16::try_from(self.columns).ok().filter(|_| fits)
    }

    /// The number format of a cell, rows from 0, once something right is typed into it: its owner's, or a date's in the column of dates.
    pub(super) fn number_format(&self, row: u32, column: u16, dates: Option<u16>) -> &str {
        let own = self.shape.looks.of(row + 1, column.into());
        let own = own.and_then(|(_, look)| look.number_format.as_deref());
        let usual = if Some(column) == dates {
            "m/d/yyyy"
        } else {
            "General"
        };
        own.unwrap_or(usual)
    }

    /// The last column of the program.
    pub(super) fn last_column(&self) -> Option<u16> {
        let more = u16::try_from(self.own_columns).ok()?;
        Some(self.codes_column()? + more.checked_sub(1)?)
    }
}

/// The sheets of the files as they were read.
pub(super) fn known_sheets(marking: &Marking<'_>, rows: &Rows<'_>) -> Vec<Sheet> {
    let files = &marking.intake.files;
    let mut found: BTreeMap<(usize, usize), Vec<RowRank>> = BTreeMap::new();
    for file in marking.files {
        found.extend((0..files[*file].sheets.len()).map(|sheet| ((*file, sheet), Vec::new())));
    }
    for position in marking.rows {
        found
            .entry((rows.file(*position), rows.sheet(*position)))
            .or_default()
            .push(*position);
    }
    let many =
        found.keys().next().map(|(file, _)| file) != found.keys().last().map(|(file, _)| file);
    let wanted = found.keys().map(|(file, sheet)| {
        let file = &files[*file];
        let stem = stem(&file.path);
        match (file.sheets[*sheet].name.as_deref(), many) {
            (None, _) => stem.to_string(),
            (Some(name), false) => name.to_string(),
            (Some(name), true) => format!("{stem} {name}"),
        }
    });
    let names = sheet_names(wanted);
    found
        .into_iter()
        .zip(names)
        .map(|(((file, sheet), rows), name)| {
            let columns = files[file].sheets[sheet]
                .columns
                .iter()
                .flatten()
                .max()
                .map_or(0, |column| column + 1);
            Sheet {
                name,
                file,
                source: Some(sheet),
                rows,
                columns,
                hidden: false,
                shape: SheetShape::default(),
                own_columns: marking.own_columns(),
            }
        })
        .collect()
}

/// The name of a file without folders and extension.
pub(in crate::returns) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Every sheet of the owner's own file.
pub(super) fn own_sheets(
    marking: &Marking<'_>,
    rows: &Rows<'_>,
    bytes: &[u8],
    reading: &Reading,
) -> Result<Vec<Sheet>, XlsxError> {
    let Some(file) = marking
        .files
        .first()
        .copied()
        .filter(|file| marking.intake.files[*file].refused.is_none())
    else {
        return Ok(Vec::new());
    };
    let source = &marking.intake.files[file];
    let mut sheets = Vec::new();
    let mut names = Vec::new();
    visit_own(marking, (Asked::Looks, bytes), reading, |cells| {
        let mut columns = 0;
        while let Some(cell) = cells.source.next_cell()? {
            columns = columns.max(cell.column + 1);
        }
        let read = source
            .sheets
            .iter()
            .position(|sheet| sheet.name.as_deref() == cells.name);
        let of_sheet = |position: &RowRank| {
            rows.file(*position) == file && Some(rows.sheet(*position)) == read
        };
        let rows = marking.rows.iter().copied().filter(of_sheet).collect();
        names.push(
            cells
                .name
                .map_or_else(|| stem(&source.path).to_string(), str::to_string),
        );
        sheets.push(Sheet {
            name: String::new(),
            file,
            source: read,
            rows,
            columns,
            hidden: cells.hidden && read.is_none(),
            shape: cells.shape.clone(),
            own_columns: marking.own_columns(),
        });
        Ok(())
    })?;
    for (sheet, name) in sheets.iter_mut().zip(sheet_names(names.into_iter())) {
        sheet.name = name;
    }
    Ok(sheets)
}

/// A sheet of the owner's own file, being read again.
pub(super) struct OwnCells<'v> {
    pub(super) name: Option<&'v str>,
    pub(super) hidden: bool,
    pub(super) shape: &'v SheetShape,
    pub(super) source: &'v mut dyn CellSource,
}

/// Reads the owner's own file again. It was read before, so it is refused only if its bytes changed.
pub(super) fn visit_own(
    marking: &Marking<'_>,
    (asked, bytes): (Asked, &[u8]),
    reading: &Reading,
    mut visit: impl FnMut(OwnCells<'_>) -> Result<(), Refusal>,
) -> Result<(), XlsxError> {
    let Some(file) = marking
        .files
        .first()
        .map(|file| &marking.intake.files[*file])
        .filter(|file| file.refused.is_none())
    else {
        return Ok(());
    };
    let mut each = |info: SheetInfo, source: &mut dyn CellSource| {
        visit(OwnCells {
            name: info.name.as_deref(),
            hidden: info.hidden,
            shape: &info.shape,
            source,
        })
    };
    guarded(|| {
        visit_for(
            asked,
            (&file.path, bytes),
            &reading.headings,
            reading.delimiter,
            &mut each,
        )
    })
    .map_err(|refusal| XlsxError::CustomError(refusal.message))
}
