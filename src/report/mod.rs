//! Outputs (files.md, "Out"): only this module knows what a workbook looks like.

pub mod entities;
pub mod json;
pub mod record;
pub mod text;
