//! Funding calculator and batch processor for Colorado's Career Development Incentive Program (C.R.S. 22-54-138).
//!
//! Data flows one way: batch folder -> [`intake`] -> [`checks`] -> [`allocation`] -> [`report`]. `docs/architecture.md` holds the
//! map and what is deliberately absent.

pub mod allocation;
pub mod audit;
pub mod batch;
pub mod calculation;
pub mod catalogue;
pub mod checks;
pub mod cli;
pub mod config;
pub mod decision;
mod disk;
pub mod factors;
pub mod finding;
mod guard;
pub mod hash;
pub mod ids;
pub mod inspection;
pub mod intake;
pub mod letters;
pub mod money;
pub mod preview;
pub mod publication;
pub mod ranks;
pub mod receipt;
pub mod reference;
pub mod report;
pub mod results;
pub mod returns;
pub mod rules;
pub mod sample;
pub mod scenarios;
pub mod settlement;
mod shades;
mod sheets;
pub mod stop;
pub mod trail;
pub mod values;
mod words;
pub mod year;
