//! How data is printed: for people or for programs.

use std::io::Write as _;

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;
use serde_json::Value;

use super::console;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// For people.
    Text,
    /// For other software.
    Json,
    /// The columns of findings.csv.
    Csv,
    /// A rules file: its SHA-256 is the one in the report.
    Toml,
}

/// The formats that most verbs have.
pub(super) const TEXT_OR_JSON: &[OutputFormat] = &[OutputFormat::Text, OutputFormat::Json];

/// Accepts the formats that a verb has; `--help` lists these and no others.
pub(super) fn one_of(
    formats: &'static [OutputFormat],
) -> impl TypedValueParser<Value = OutputFormat> + use<> {
    let values = formats.iter().filter_map(ValueEnum::to_possible_value);
    PossibleValuesParser::new(values).try_map(|name| OutputFormat::from_str(&name, false))
}

impl OutputFormat {
    /// Prints a document for programs, or else the text for people.
    pub(super) fn print(self, text: impl FnOnce() -> String, document: impl FnOnce() -> Value) {
        match self {
            OutputFormat::Json => json(&document()),
            _ => console::data(&text()),
        }
    }
}

/// Prints a document for programs.
pub(super) fn json(document: &impl Serialize) {
    console::streamed(|out| {
        serde_json::to_writer_pretty(&mut *out, document)?;
        out.write_all(b"\n")
    });
}
