//! The marked copy: the submitter's own sheets and values, with every faulty cell shaded and labeled with its code, and a note that
//! says what is wrong and how to fix it. *What to fix* comes first, with links; the outcome is at the right edge of every row.
//!
//! Cells keep their addresses. Values keep their types: texts, numbers, dates and answers. The cell's number format shows the code
//! after the value; it is not part of the value.

mod follow;
mod layout;
mod marking;
mod marks;
pub(super) mod names;
pub(super) mod plan;
mod sheet;
pub(crate) mod to_fix;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use follow::Follower;
pub(crate) use layout::Layout;
pub(crate) use marking::Edge;
pub use marking::{Content, Marking, Open};
use marks::{Formats, Found};
pub(crate) use names::{AWARD, DECIDED, TO_FIX};
use plan::visit_own;
pub(in crate::returns) use sheet::FROZEN_ROWS_MAX;
use sheet::{Shared, SheetWriter, not_written};

use crate::intake::formats::Asked;
use crate::sheets::book;
use crate::sheets::look::Look;
use crate::sheets::page::Stamp;

/// Makes a marked copy.
pub(crate) fn workbook(marking: &Marking<'_>, content: Content<'_>) -> Result<Workbook, XlsxError> {
    let look = Look::new();
    let layout = Layout::of(marking, content)?;
    let stamp = layout.stamp(marking);
    let mut workbook = book::begin(&stamp, marking.date, marking.spool);
    to_fix::write(&mut workbook, &look, &stamp, marking, &layout)?;
    layout.write_sheets(&mut workbook, (&look, &stamp), marking, content)?;
    Ok(workbook)
}

impl<'m> Layout<'m> {
    /// Adds the sheets to a workbook.
    pub(crate) fn write_sheets(
        &self,
        workbook: &mut Workbook,
        (look, stamp): (&Look, &Stamp),
        marking: &Marking<'m>,
        content: Content<'_>,
    ) -> Result<(), XlsxError> {
        let rows = marking.intake.completions.rows();
        let mut shared = Shared {
            look,
            formats: Formats::default(),
            follower: marking.follows.map(Follower::new),
        };
        let mut sheets = self.sheets.iter().zip(self.found());
        match content {
            Content::Known => {
                for (sheet, found) in sheets {
                    let places = (&mut *workbook, &mut shared);
                    let mut writer =
                        SheetWriter::begin(places, stamp, marking, sheet, found, true)?;
                    writer.known(&rows)?;
                    writer.end()?;
                }
            }
            Content::Own { bytes, reading } => {
                let mut failed = None;
                let own = (Asked::Values, bytes);
                let read = visit_own(marking, own, reading, |mut cells| {
                    let Some((sheet, found)) = sheets.next() else {
                        return Ok(());
                    };
                    let places = (&mut *workbook, &mut shared);
                    let mut writer =
                        SheetWriter::begin(places, stamp, marking, sheet, found, false)
                            .map_err(|error| not_written(error, &mut failed))?;
                    writer.own(&mut cells, &rows, &mut failed)?;
                    writer
                        .end()
                        .map_err(|error| not_written(error, &mut failed))
                });
                failed.map_or(read, Err)?;
            }
        }
        shared
            .follower
            .map_or(Ok(()), |follower| follower.end(workbook))
    }

    /// The findings by sheet and row.
    fn found(&self) -> Vec<Found<'m>> {
        let mut on_sheet: Vec<Found<'_>> = self.sheets.iter().map(|_| Found::default()).collect();
        for (Open { finding, .. }, spot) in self.to_list() {
            let Some(spot) = spot else { continue };
            let Some(row) = spot.row else { continue };
            let noted = self.noted.as_ref().is_none_or(|noted| noted.contains(spot));
            on_sheet[spot.sheet].add(row, spot.column, finding, noted);
        }
        on_sheet
    }
}
