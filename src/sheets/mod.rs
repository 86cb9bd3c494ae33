//! The kit of workbooks: it knows Excel, not the calculation.
//!
//! A sheet is a [`page::Page`] that is only ever written downwards; a sheet that is one table is a [`listing::Listing`], written
//! as it is made and continued on further sheets where Excel's rows do not suffice. [`look`] holds every format, [`cell`] every way to
//! fill a cell, [`book`] begins and saves a workbook. The clock is never read: the date of a workbook is given.

pub(crate) mod book;
pub(crate) mod cell;
pub(crate) mod charts;
pub(crate) mod listing;
pub(crate) mod look;
pub(crate) mod maker;
mod origin;
pub(crate) mod page;
pub(crate) mod print;
#[cfg(feature = "office")]
pub(crate) mod spliced;
#[cfg(not(feature = "office"))]
#[path = "direct.rs"]
pub(crate) mod spliced;
#[cfg(feature = "office")]
mod spool;
#[cfg(feature = "office")]
mod tables;

/// Rows that a sheet of Excel holds.
const SHEET_ROWS_MAX: u32 = 1_048_576;
