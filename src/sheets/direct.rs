//! Spliced rows without the feature `office`: they use the library's own cells. A page in a browser marks one file at a time and is
//! mailed, so its size matters more than speed. Content and look of a cell are the same.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cell::{Value, put, put_bare};
use super::look::Numbered;

/// Rows of one sheet, passed to the library at once.
#[derive(Default)]
pub(crate) struct Spliced {
    /// The row being written, from 0.
    row: u32,
    /// Rows with a height of their own, in points.
    heights: Vec<(u32, u16)>,
}

// With `office`, each of these can fail.
#[allow(clippy::unnecessary_wraps, clippy::unused_self)]
impl Spliced {
    pub(crate) fn row(&self) -> u32 {
        self.row
    }

    pub(super) fn is_kept(&self) -> bool {
        true
    }

    /// The library knows every row.
    pub(super) fn table(&mut self, _: &str, _: (u32, u16), rows: u32) -> u32 {
        rows
    }

    pub(crate) fn begin_row(&mut self, row: u32, points: Option<u16>) -> Result<(), XlsxError> {
        self.row = row;
        self.heights.extend(points.map(|points| (row, points)));
        Ok(())
    }

    pub(crate) fn cell(
        &mut self,
        sheet: &mut Worksheet,
        column: u16,
        look: Numbered<'_>,
        value: &Value<'_>,
    ) -> Result<(), XlsxError> {
        put(sheet, self.row, column, value, look.format)
    }

    pub(crate) fn link(
        &mut self,
        _: &mut Worksheet,
        _: u16,
        _: Numbered<'_>,
        _: &str,
    ) -> Result<(), XlsxError> {
        Ok(())
    }

    pub(crate) fn bare(
        &mut self,
        sheet: &mut Worksheet,
        column: u16,
        value: &Value<'_>,
    ) -> Result<(), XlsxError> {
        put_bare(sheet, self.row, column, value)
    }

    pub(crate) fn end_row(&mut self) -> Result<(), XlsxError> {
        Ok(())
    }

    pub(crate) fn end(&mut self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        for (row, points) in self.heights.drain(..) {
            sheet.set_row_height(row, points)?;
        }
        Ok(())
    }
}
