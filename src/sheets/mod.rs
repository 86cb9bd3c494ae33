//! The kit of workbooks: it knows Excel, and nothing of a calculation.
//!
//! A sheet is a [`page::Page`] that is only ever written downwards; a sheet that is one table is a [`listing::Listing`], written
//! as it is made and continued on further sheets where Excel's rows do not suffice. [`look`] holds every format, [`cell`] every way to
//! fill a cell. The clock is never read: the date of a workbook is given.

pub(crate) mod cell;
pub(crate) mod charts;
pub(crate) mod file;
pub(crate) mod listing;
pub(crate) mod look;
pub(crate) mod page;
mod spool;
pub(crate) mod streamed;

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, Workbook};

use page::Stamp;

/// How hard the rows of lists are compressed. Chosen by measurement (docs/performance.md): level 1 is little faster and a fifth larger, level 3
/// slower and hardly smaller.
pub(crate) const ROWS_LEVEL: u8 = 2;
/// How hard everything else of a workbook is: many parts of a few kilobytes, where a code of their own costs more than it saves.
pub(crate) const PARTS_LEVEL: u8 = 1;

/// A workbook without a sheet. The day it was made is given: the clock is never read.
pub(crate) fn empty(stamp: &Stamp, made: NaiveDate) -> Workbook {
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title(&stamp.title)
        .set_subject(&stamp.label)
        .set_author("cdip")
        .set_status(stamp.standing)
        .set_creation_datetime(&made);
    workbook
        .set_properties(&properties)
        .set_zip_compression_level(PARTS_LEVEL);
    workbook
}
