//! Every integration test, in one binary so that the libraries are linked once.

mod cli;
mod fresh;
mod vectors;
