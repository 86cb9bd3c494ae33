//! Every integration test, in one binary so that the libraries are linked once.

mod batch_builder;
mod binary;
mod check;
mod cli;
mod codes;
mod counter_check;
mod diff;
mod explain;
mod fresh;
mod gallery;
mod history;
mod hostile;
mod intake;
mod libreoffice;
mod lists;
mod mark;
mod marked;
mod preview;
mod properties;
mod recalculation;
mod rules;
mod scenarios;
mod spreadsheets;
mod template;
mod vectors;
mod verify;
