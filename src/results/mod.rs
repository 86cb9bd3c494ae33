//! Results: what a calculation says of every submitted row, and every total and tally taken from it.
//!
//! Knows decisions, the allocation and what was read; not how any of it is written.

pub mod columns;
pub mod conservation;
pub mod frame;
mod group;
pub mod joined;
pub mod record;
pub mod review;
