//! Every integration test, in one binary so that the libraries are linked once.

mod batch_builder;
mod cli;
mod codes;
mod fresh;
mod history;
mod intake;
mod libreoffice;
mod lists;
mod marked;
mod properties;
mod rules;
mod scenarios;
mod spreadsheets;
mod template;
mod vectors;
