//! What was paid before and what is due now (calculation.md, section 7).
//!
//! Payees are never netted against each other: one is paid what it is owed, and another pays back its overpayment.

pub mod calculation;
pub mod files;
pub mod folder;
pub mod journal;
pub mod payments;
pub mod settled;
mod workbook;
