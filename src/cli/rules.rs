//! `cdip rules`: what the program knows about rules, codes and readings.

use std::fmt::Write as _;

use clap::{Args, Subcommand};

use super::console::{self, wrapped};
use super::format::{self, OutputFormat, one_of};
use super::given;
use crate::catalogue::{CATALOGUE, Code, CodeEntry};
use crate::config::did_you_mean;
use crate::reference::{self, span};
use crate::rules::difference::{Difference, Parameter};
use crate::rules::history::{HeldSource, History};
use crate::rules::readings::{READINGS, ReadingDoc};
use crate::rules::{RuleSet, Source, TEXT_NOT_AT_HAND};
use crate::stop::{Status, Stop};
use crate::words::sentence;

const RULES_FORMATS: &[OutputFormat] =
    &[OutputFormat::Text, OutputFormat::Toml, OutputFormat::Json];

#[derive(Args, Debug)]
pub(super) struct RulesArguments {
    #[command(subcommand)]
    verb: RulesVerb,
}

#[derive(Debug, Subcommand)]
enum RulesVerb {
    /// The built-in rule sets, a line for each budget year.
    List,
    /// A rule set: every parameter and reading with its value, its source and how certain it is.
    #[command(
        after_help = "Examples:\n  cdip rules show co-cdip-2024-25\n  cdip rules show 2024-25 --format toml > rules.toml\n  \
                            cdip rules show my-rules.toml\n\nThe SHA-256 in a report is that of what --format toml prints:\n  \
                            cdip rules show 2024-25 --format toml | sha256sum"
    )]
    Show {
        /// An id, a budget year such as 2024-25, or a path ending in .toml.
        rules: String,
        /// How it is written.
        #[arg(long, default_value = "text", value_parser = one_of(RULES_FORMATS))]
        format: OutputFormat,
    },
    /// What changes from one rule set to another, and which act or source says so.
    #[command(
        after_help = "Examples:\n  cdip rules diff 2022-23 2023-24\n  cdip rules diff 2024-25 my-rules.toml"
    )]
    Diff {
        /// An id, a budget year, or a path ending in .toml.
        from: String,
        /// The same.
        to: String,
    },
    /// Every inference and every open point of the law, and what would settle it.
    Open,
    /// The law as the program understands it, as Markdown: this is docs/law.md.
    Law,
    /// What a code or a reading means, why, and what to do.
    #[command(
        after_help = "Examples:\n  cdip rules explain N303\n  cdip rules explain cap_rounding\n  cdip rules explain --all"
    )]
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
    let text = match &arguments.verb {
        RulesVerb::List => list()?,
        RulesVerb::Show { rules, format } => {
            let opened = given::rules(rules)?;
            match format {
                OutputFormat::Toml => opened.text,
                OutputFormat::Json => {
                    format::json(&opened.rules.to_json());
                    return Ok(Status::Done);
                }
                _ => show(&opened.rules),
            }
        }
        RulesVerb::Diff { from, to } => diff(&given::rules(from)?.rules, &given::rules(to)?.rules)?,
        RulesVerb::Open => open_points()?,
        RulesVerb::Law => reference::law()?,
        RulesVerb::Explain {
            name: Some(name), ..
        } => explain(name)?,
        RulesVerb::Explain { name: None, .. } => reference::checks(),
    };
    console::data(&text);
    Ok(Status::Done)
}

fn list() -> Result<String, Stop> {
    let history = History::read()?;
    let line = |rules: &RuleSet| {
        format!(
            "{}  {} (completions of {}): {}\n",
            rules.id,
            rules.title,
            rules.school_year,
            history.special(rules.budget_year)
        )
    };
    Ok(history.years.iter().map(line).collect())
}

/// A rule set for people.
fn show(rules: &RuleSet) -> String {
    let mut text = format!(
        "{}: {}\nBudget year {}, completions of {}\nSHA-256 {}\n",
        rules.id, rules.title, rules.budget_year, rules.school_year, rules.sha256
    );
    if rules.has_built_in_id() {
        let _ = write!(text, "\n{}", wrapped(TEXT_NOT_AT_HAND, ""));
    }
    let given = |key: &str| {
        rules
            .sources_of(key)
            .next()
            .map(|_| (key.to_string(), vec![format!("{key}: given by the batch")]))
    };
    let mut entries: Vec<(String, Vec<String>)> = vec![
        (
            "budget_year".to_string(),
            vec![format!("budget_year = {}", rules.budget_year)],
        ),
        (
            "school_year".to_string(),
            vec![format!("school_year = {}", rules.school_year)],
        ),
    ];
    entries.extend(given("available"));
    entries.extend(given("supplement"));
    let (readings, parameters): (Vec<Parameter>, Vec<Parameter>) = rules
        .parameters_in_force()
        .into_iter()
        .partition(|parameter| parameter.key.starts_with("readings."));
    // What several tiers have is sourced once, after all of them.
    for parameter in parameters {
        let line = format!("{} = {}", parameter.label, parameter.value);
        match entries.iter_mut().find(|(key, _)| *key == parameter.key) {
            Some((_, lines)) => lines.push(line),
            None => entries.push((parameter.key, vec![line])),
        }
    }
    text.push_str("\nPARAMETERS\n");
    for (key, lines) in &entries {
        let _ = write!(
            text,
            "\n{}\n{}",
            lines.join("\n"),
            sources(rules.sources_of(key))
        );
    }
    text.push_str("\nREADINGS: choices where the law is silent; a batch may make others\n");
    for (reading, (doc, value)) in readings.iter().zip(rules.readings.entries()) {
        let _ = writeln!(text, "\n{} = {}", reading.label, reading.value);
        text.push_str(&wrapped(&doc.meaning(&value), "    "));
        text.push_str(&sources(rules.sources_of(&reading.key)));
    }
    text
}

/// Sources, or that there is none.
fn sources<'s>(sources: impl Iterator<Item = &'s Source>) -> String {
    let text: String = sources.map(source).collect();
    if text.is_empty() {
        "    no source is named in the rules\n".to_string()
    } else {
        text
    }
}

fn source(source: &Source) -> String {
    let mut text = wrapped(
        &format!("[{}] {}", source.basis.as_str(), source.cite),
        "    ",
    );
    text.push_str(&wrapped(&source.note, "        "));
    if let Some(settled_by) = &source.settled_by {
        text.push_str(&wrapped(&format!("settled by: {settled_by}"), "        "));
    }
    text
}

fn diff(from: &RuleSet, to: &RuleSet) -> Result<String, Stop> {
    let mut text = format!("{} -> {}\n", from.id, to.id);
    if from.has_built_in_id() && to.has_built_in_id() {
        let (after, up_to) = (
            from.budget_year.min(to.budget_year),
            from.budget_year.max(to.budget_year),
        );
        let history = History::read()?;
        let lines: String = history
            .changes
            .iter()
            .filter(|change| after < change.from && change.from <= up_to)
            .map(|change| {
                let act = change
                    .act
                    .as_ref()
                    .map_or(String::new(), |act| format!("{act}: "));
                format!("  {}  {act}{}\n", change.from, change.what)
            })
            .collect();
        text.push_str(&if lines.is_empty() {
            "\nNo act took effect between them.\n".to_string()
        } else {
            format!("\n{lines}")
        });
    }
    let differences = from.differences(to);
    if differences.values.is_empty() {
        text.push_str("\nEvery parameter and reading has the same value.\n");
    }
    // Tiers share the sources of a key.
    let alike = differences.values.chunk_by(|a, b| a.because == b.because);
    for difference in alike {
        text.push('\n');
        for Difference { label, change, .. } in difference {
            let _ = writeln!(text, "{label}: {change}");
        }
        // A copy of another year's rules with one value changed still cites what that year cites.
        match &difference[0].because[..] {
            [] => text.push_str("    no source given\n"),
            because => text.push_str(&sources(because.iter().copied())),
        }
    }
    if !differences.sources.is_empty() {
        text.push_str("\nNew sources for values that did not change, and for the batch's money\n");
    }
    for said in &differences.sources {
        let _ = write!(text, "\n{}\n{}", said.of, source(said));
    }
    Ok(text)
}

fn open_points() -> Result<String, Stop> {
    let history = History::read()?;
    let points = history.open_points();
    let acts: Vec<_> = history.open_acts().collect();
    let mut text = wrapped(TEXT_NOT_AT_HAND, "");
    let _ = writeln!(text, "\nOf the rule sets ({} points)", points.len());
    for HeldSource {
        source: said,
        first,
        last,
    } in &points
    {
        let _ = write!(
            text,
            "\n{} ({})\n{}",
            said.of,
            span(*first, *last),
            source(said)
        );
    }
    let _ = writeln!(text, "\nOf the acts ({} points)", acts.len());
    for (act, question, settled_by) in acts {
        let _ = write!(
            text,
            "\n{}\n{}",
            act.name,
            wrapped(&format!("[open] {question}"), "    ")
        );
        text.push_str(&wrapped(&format!("settled by: {settled_by}"), "        "));
    }
    Ok(text)
}

fn explain(name: &str) -> Result<String, Stop> {
    if let Some(code) = Code::parse(name) {
        return Ok(explain_code(code.entry()));
    }
    if let Some(reading) = READINGS
        .iter()
        .find(|reading| reading.key == name.trim().to_lowercase())
    {
        return explain_reading(reading);
    }
    let codes = CATALOGUE.iter().map(|entry| entry.code.as_str());
    let known = codes.chain(READINGS.iter().map(|reading| reading.key));
    Err(Stop::usage(
        format!("unknown code or reading \"{name}\""),
        "",
        did_you_mean(name, known),
    ))
}

fn explain_code(entry: &CodeEntry) -> String {
    let office = match entry.office {
        "" => String::new(),
        office => format!("Office:   {}\n", sentence(office)),
    };
    format!(
        "{}: {}\n\nSeverity: {} ({})\nWhy:      {}\nFix:      {}\n{office}Example:  {}\n",
        entry.code,
        entry.title,
        entry.severity.as_str(),
        entry.severity.meaning(),
        entry.why,
        entry.fix,
        entry.example
    )
}

fn explain_reading(reading: &ReadingDoc) -> Result<String, Stop> {
    let mut text = format!(
        "{}: {}\n\nWhy it is open: {}\n\n",
        reading.key, reading.question, reading.why
    );
    for (position, alternative) in reading.alternatives.iter().enumerate() {
        let default = if reading.key == "cap_applies_to" || position > 0 {
            ""
        } else {
            " (default)"
        };
        let _ = writeln!(
            text,
            "  {}{default}: {}",
            alternative.value, alternative.meaning
        );
    }
    let _ = writeln!(
        text,
        "\nChoose in batch.toml under [readings]: {}",
        example(reading)
    );
    text.push_str("\nThe built-in rules choose:\n");
    for choice in History::read()?.choices(reading) {
        let _ = writeln!(
            text,
            "  {}: {}",
            span(choice.first, choice.last),
            choice.value
        );
        text.push_str(&sources(choice.sources.iter()));
    }
    Ok(text)
}

fn example(reading: &ReadingDoc) -> String {
    let values: Vec<String> = reading
        .alternatives
        .iter()
        .map(|alternative| format!("\"{}\"", alternative.value))
        .collect();
    match (reading.key, values.first()) {
        ("cap_applies_to", _) => format!(
            "cap_applies_to = [{}] (the default: all four)",
            values.join(", ")
        ),
        (key, Some(value)) => format!("{key} = {value}"),
        (key, None) => key.to_string(),
    }
}
