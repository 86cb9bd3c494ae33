//! Every integration test, in one binary so that the libraries are linked once.

// A table of cases is as long as there are cases.
#![allow(clippy::too_many_lines)]

mod audit_sample;
mod batch_builder;
mod binary;
mod check;
mod cli;
mod codes;
mod contradictions;
mod corpus;
mod counter_check;
mod diff;
mod differential;
mod english;
mod explain;
mod exports;
mod faults;
mod fresh;
mod gallery;
mod history;
mod hostile;
mod house;
mod intake;
mod letters;
mod libreoffice;
mod lists;
mod manipulations;
mod mark;
mod marked;
mod odd_files;
mod office;
mod office_year;
mod own_workbooks;
mod preview;
mod preview_workbook;
mod properties;
mod properties_intake;
mod publish;
mod questions;
mod recalculation;
mod results;
mod review;
mod rules;
mod scenarios;
mod security;
mod settlement;
mod spreadsheets;
mod template;
mod tidy;
mod trials;
mod vectors;
mod verify;
mod walkthrough;
mod windows;
mod years;
