//! What the columns of a long table lend to their cells. The library finds a format again by all of its properties at every cell that
//! brings one; a cell that brings none has its column's.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cell::{Cell, put_lent};
use super::look::{Kind, Look, Tone};

/// Rows that are looked at for what the cells of a column are: the first can be empty.
pub(crate) const ROWS_LOOKED_AT: usize = 8;

/// By column, from the first one that lends: the kind of its cells.
#[derive(Default)]
pub(crate) struct Lent {
    first: u16,
    kinds: Vec<Option<Kind>>,
}

impl Lent {
    /// Columns from `first` on, which lend nothing yet.
    pub(crate) fn from(first: u16) -> Lent {
        Lent {
            first,
            kinds: Vec::new(),
        }
    }

    /// Takes note of the kinds in a plain row.
    pub(crate) fn look_at(&mut self, cells: &[Cell<'_>]) {
        if self.kinds.len() < cells.len() {
            self.kinds.resize(cells.len(), None);
        }
        for (kind, cell) in self.kinds.iter_mut().zip(cells) {
            *kind = kind.or(cell.lendable());
        }
    }

    /// Has the columns of a sheet lend their formats. A column in which nothing was seen lends that of texts.
    pub(crate) fn lend(&mut self, sheet: &mut Worksheet, look: &Look) -> Result<(), XlsxError> {
        for (column, kind) in (self.first..).zip(&mut self.kinds) {
            let kind = *kind.get_or_insert(Kind::Text);
            sheet.set_column_format(column, look.format(kind, false, Tone::Plain))?;
        }
        Ok(())
    }

    /// Puts a cell into a sheet: without a format of its own where its column has it.
    pub(crate) fn put(
        &self,
        cell: &Cell<'_>,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        look: &Look,
        tone: Tone,
    ) -> Result<(), XlsxError> {
        let at = usize::from(column.wrapping_sub(self.first));
        match self.kinds.get(at) {
            Some(Some(kind)) if tone == Tone::Plain && cell.is_shown_as(*kind) => {
                put_lent(sheet, row, column, &cell.value())
            }
            _ => cell.put(sheet, row, column, look, tone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::sheets::look::Shade;

    #[test]
    fn a_column_lends_the_format_of_its_first_filled_cell_and_words_keep_their_shades() {
        let paid = Cell::Word("Paid", Shade::PaleGreen);
        let mut lent = Lent::default();
        lent.look_at(&[Cell::Empty, Cell::Money(Money::ZERO), paid.clone()]);
        lent.look_at(&[Cell::Count(3), Cell::Empty, paid.clone()]);
        assert_eq!(lent.kinds, [Some(Kind::Count), Some(Kind::Money), None]);
        // An empty cell shows its column's format; a cell of another kind, or in its own shade, brings its own.
        assert!(Cell::Empty.is_shown_as(Kind::Count) && Cell::Count(1).is_shown_as(Kind::Count));
        assert!(!Cell::text("open").is_shown_as(Kind::Count) && !paid.is_shown_as(Kind::Text));
    }
}
