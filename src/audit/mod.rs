//! Evidence: what the report was made from, in a form that stock tools can check.

pub mod receipt;
pub mod verify;
