//! Workbooks for people to fill in or correct: the empty template, marked and corrected copies of an entity's own sheets, and the
//! office's list of decisions.

pub mod checked;
pub mod corrected;
pub(crate) mod decisions;
mod formulas;
mod given;
pub mod marked;
pub mod template;
mod texts;

pub use crate::sheets::book::Workbook;
