//! What auditors do with a report: evidence, passports of rows, comparison, verification, samples.

pub mod cells;
pub mod difference;
pub mod earlier;
pub mod evidence;
pub mod explain;
pub mod samples;
pub mod verify;
