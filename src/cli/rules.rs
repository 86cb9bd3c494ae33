//! `cdip rules`: what the program knows about rules, codes and readings.

use std::fmt::Write as _;

use clap::{Args, Subcommand};

use super::console;
use crate::catalogue::{CATALOGUE, Code, Entry};
use crate::config::did_you_mean;
use crate::reference;
use crate::rules::readings::{READINGS, ReadingDoc};
use crate::rules::{self, BUILT_IN};
use crate::stop::{Status, Stop};

#[derive(Args, Debug)]
pub(super) struct RulesArguments {
    #[command(subcommand)]
    verb: RulesVerb,
}

#[derive(Debug, Subcommand)]
enum RulesVerb {
    /// The built-in rule sets.
    List,
    /// What a code or a reading means, why it is so, and what to do.
    #[command(after_help = "Examples:\n  cdip rules explain N303\n  cdip rules explain cap_rounding\n  cdip rules explain --all")]
    Explain {
        /// A code such as N303, or a reading such as unit.
        #[arg(required_unless_present = "all")]
        name: Option<String>,
        /// Every code, as Markdown: this is docs/checks.md.
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
}

pub(super) fn run(arguments: &RulesArguments) -> Result<Status, Stop> {
    match &arguments.verb {
        RulesVerb::List => console::data(&list()?),
        RulesVerb::Explain { name: Some(name), .. } => console::data(&explain(name)?),
        RulesVerb::Explain { name: None, .. } => console::data(&reference::checks()),
    }
    Ok(Status::Done)
}

fn list() -> Result<String, Stop> {
    let mut text = String::new();
    for (id, source) in BUILT_IN {
        let rules = rules::parse(crate::config::Document { file: id, text: source })?;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{id}  {} (completions of {})", rules.title, rules.school_year);
    }
    Ok(text)
}

fn explain(name: &str) -> Result<String, Stop> {
    if let Some(code) = Code::parse(name) {
        return Ok(explain_code(code.entry()));
    }
    if let Some(reading) = READINGS.iter().find(|reading| reading.key == name.trim().to_lowercase()) {
        return Ok(explain_reading(reading));
    }
    let codes = CATALOGUE.iter().map(|entry| entry.code.as_str());
    let known = codes.chain(READINGS.iter().map(|reading| reading.key));
    Err(Stop::usage(format!("there is no code or reading \"{name}\""), "", did_you_mean(name, known)))
}

fn explain_code(entry: &Entry) -> String {
    format!(
        "{}: {}\n\nSeverity: {} ({})\nWhy:      {}\nFix:      {}\nExample:  {}\n",
        entry.code,
        entry.title,
        entry.severity.as_str(),
        entry.severity.meaning(),
        entry.why,
        entry.fix,
        entry.example
    )
}

fn explain_reading(reading: &ReadingDoc) -> String {
    let mut text = format!("{}: {}\n\nWhy it is open: {}\n\n", reading.key, reading.question, reading.why);
    for (position, alternative) in reading.alternatives.iter().enumerate() {
        let default = if reading.key == "cap_applies_to" || position > 0 { "" } else { " (default)" };
        let _ = writeln!(text, "  {}{default}: {}", alternative.value, alternative.meaning);
    }
    let _ = writeln!(text, "\nChoose in batch.toml under [readings]: {}", example(reading));
    text
}

fn example(reading: &ReadingDoc) -> String {
    let values: Vec<String> = reading.alternatives.iter().map(|alternative| format!("\"{}\"", alternative.value)).collect();
    match (reading.key, values.first()) {
        ("cap_applies_to", _) => format!("cap_applies_to = [{}] (the default: all four)", values.join(", ")),
        (key, Some(value)) => format!("{key} = {value}"),
        (key, None) => key.to_string(),
    }
}
