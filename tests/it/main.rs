//! Every integration test, in one binary so that the libraries are linked once.

mod batch_builder;
mod check;
mod cli;
mod codes;
mod fresh;
mod gallery;
mod history;
mod intake;
mod libreoffice;
mod lists;
mod preview;
mod properties;
mod publish;
mod rules;
mod scenarios;
mod spreadsheets;
mod vectors;
