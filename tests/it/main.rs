//! Every integration test, in one binary so that the libraries are linked once.

mod batch_builder;
mod cli;
mod codes;
mod counter_check;
mod fresh;
mod history;
mod intake;
mod libreoffice;
mod lists;
mod properties;
mod rules;
mod scenarios;
mod spreadsheets;
mod vectors;
mod verify;
