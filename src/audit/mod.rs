//! Evidence: what the report was made from, in a form that stock tools can check.

pub mod cells;
pub mod difference;
pub mod earlier;
pub mod evidence;
pub mod explain;
pub mod samples;
pub mod verify;
