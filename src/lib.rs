//! Funding calculator and batch processor for Colorado's Career Development Incentive Program (C.R.S. 22-54-138).
//!
//! Data flows one way: batch folder -> [`intake`] -> [`checks`] -> [`allocation`] -> [`report`]. `docs/architecture.md` holds the
//! map and what is deliberately absent.
//!
//! Without the feature `office` only the core is here: all that a district's page needs to check a file and to say what it would earn.

// Rooms that are not there use pieces of those that are.
#![cfg_attr(not(feature = "office"), allow(dead_code, unused_imports))]

pub mod allocation;
#[cfg(feature = "office")]
pub mod audit;
pub mod batch;
#[cfg(feature = "office")]
pub mod calculation;
pub mod caps;
pub mod catalogue;
#[cfg(feature = "office")]
pub mod charts;
pub mod checks;
#[cfg(feature = "office")]
pub mod cli;
pub mod config;
pub mod decision;
mod demand;
mod disk;
pub mod factors;
pub mod finding;
mod guard;
pub mod hash;
pub mod ids;
pub mod inspection;
pub mod intake;
pub mod kit;
#[cfg(feature = "office")]
pub mod letters;
pub mod money;
#[cfg(feature = "office")]
pub mod page;
mod parallel;
pub mod preview;
pub mod proposals;
#[cfg(feature = "office")]
pub mod publication;
pub mod ranks;
pub mod reasons;
pub mod receipt;
#[cfg(feature = "office")]
pub mod reference;
#[cfg(feature = "office")]
pub mod report;
#[cfg(feature = "office")]
pub mod results;
pub mod returns;
pub mod rules;
#[cfg(feature = "office")]
pub mod sample;
#[cfg(feature = "office")]
pub mod scenarios;
#[cfg(feature = "office")]
pub mod settlement;
mod shades;
mod sheets;
pub mod stop;
pub mod tasks;
pub mod trail;
pub mod values;
pub mod words;
pub mod year;
#[cfg(feature = "office")]
pub mod years;
