//! What goes to a reporting entity to be filled in, and what comes back to it: the empty template, and its own sheets marked; and to the office, what it
//! has to decide.

pub mod checked;
pub mod corrected;
pub(crate) mod decisions;
mod formulas;
mod given;
pub mod marked;
pub mod template;

pub use crate::sheets::book::Workbook;
