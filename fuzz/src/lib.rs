//! What is fuzzed, as ordinary functions: bytes in, a panic if something does not hold. libFuzzer calls them from `fuzz_targets/`; the
//! committed corpus goes through them in every run of the program's own tests (`tests/it/corpus.rs`), without a fuzzer.

pub mod batch;
pub mod batch_toml;
pub mod delimited;
mod findings;
pub mod headings;
pub mod lists;
mod panics;
pub mod payments;
pub mod privacy;
pub mod report;
pub mod resolutions;
pub mod rules;
mod stops;
mod submission;
pub mod workbook;

/// A target: its name, which is that of its folder in `corpus/`, and the function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 10] = [
    ("batch", batch::run),
    ("batch_toml", batch_toml::run),
    ("delimited", delimited::run),
    ("headings", headings::run),
    ("lists", lists::run),
    ("payments", payments::run),
    ("report", report::run),
    ("resolutions", resolutions::run),
    ("rules", rules::run),
    ("workbook", workbook::run),
];
