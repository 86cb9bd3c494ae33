//! *Readings and law*: every parameter and reading with its value, where it comes from, how firmly it is known, and what else could
//! have been chosen.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;
use rust_xlsxwriter::utility::row_col_to_cell_absolute;

use super::context::Workbooks;
use super::formulas::{AVAILABLE, FRL_MULTIPLIER, Letters, PER_UNIT, SUPPLEMENT_AVAILABLE};
use crate::batch::BATCH_FILE;
use crate::rules::readings::{ReadingDoc, ReadingValue};
use crate::rules::{Basis, RuleSet, Source};
use crate::sheets::cell::Cell;
use crate::sheets::listing::{FIRST_ROW, Listing};
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};

/// The sheet's name.
pub(super) const LAW: &str = "Readings and law";

const VALUE: &str = "Value in force";

const COLUMNS: [Column; 8] = [
    Column::text("Kind", 13.0),
    Column::text("Key", 30.0),
    Column::text(VALUE, 22.0),
    Column::text("What it means here", 36.0),
    Column::text("Citation", 28.0),
    Column::text("Basis", 13.0),
    Column::text("Note", 40.0),
    Column::text("Alternatives", 44.0),
];

/// Parameters whose value the batch gives, whatever the rules say about its year.
const OF_THE_BATCH: [&str; 2] = ["available", "supplement_available"];

/// A parameter or reading in force.
struct LawLine<'c> {
    kind: &'static str,
    key: String,
    value: String,
    meaning: Cow<'c, str>,
    alternatives: String,
    /// The name by which formulas use its cell, and the figure.
    named: Option<(&'static str, Cell<'static>)>,
}

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let rules = &report.calculation.batch.rules;
    let entries: Vec<LawLine<'_>> = parameters(report)
        .into_iter()
        .chain(readings(report))
        .collect();
    let lines = with_sources(rules, &entries);
    let live = report.without_formulas().is_none();
    // A parameter with several sources has a line for each; its figure is on the first.
    let is_first = |line: usize| line == 0 || lines[line - 1].0.key != lines[line].0.key;
    let office = &report.calculation.batch.office;
    let mut about = format!(
        "The rules are {}: {}. {} {}",
        rules.id,
        rules.title,
        office.law_in_words(),
        basis_legend()
    );
    if live {
        about.push_str(" Formulas take the shaded values from here: change one to see its effect. Readings cannot be changed here.");
        let value = Letters(&COLUMNS).at(VALUE);
        for (line, row) in (0..lines.len()).zip(FIRST_ROW..) {
            if let Some((name, _)) = lines[line].0.named.as_ref().filter(|_| is_first(line)) {
                workbook.define_name(
                    *name,
                    &format!("='{LAW}'!{}", row_col_to_cell_absolute(row, value)),
                )?;
            }
        }
    }
    let listing = Listing {
        name: LAW,
        about,
        notice: office.law_checked_by.is_none(),
        columns: COLUMNS.to_vec(),
        frozen: 2,
        rows: lines.len(),
        none: "none",
        total: None,
        beneath: None,
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        let (entry, source) = lines[row];
        let (cite, basis, note) = authority(rules, entry, source);
        let value = match &entry.named {
            Some((_, figure)) if live && is_first(row) => Cell::Input(Box::new(figure.clone())),
            Some((name, figure)) if live => figure.clone().by(Some((*name).to_string())),
            _ => Cell::words(&entry.value),
        };
        cells.extend([
            Cell::text(entry.kind),
            Cell::words(&entry.key),
            value,
            Cell::words(&*entry.meaning),
            Cell::words(cite),
            Cell::text(basis),
            Cell::words(note),
            Cell::words(&entry.alternatives),
        ]);
        Tone::Plain
    })
}

/// A line for each source; a parameter without a source also has its line.
fn with_sources<'e, 'c>(
    rules: &'e RuleSet,
    entries: &'e [LawLine<'c>],
) -> Vec<(&'e LawLine<'c>, Option<&'e Source>)> {
    let mut lines = Vec::new();
    for entry in entries {
        let of_batch = OF_THE_BATCH.contains(&&*entry.key);
        let sources = rules
            .sources
            .iter()
            .filter(|source| !of_batch && source.of == entry.key);
        let before = lines.len();
        lines.extend(sources.map(|source| (entry, Some(source))));
        if lines.len() == before {
            lines.push((entry, None));
        }
    }
    lines
}

/// The authority of an entry: citation, basis and a note.
fn authority<'r>(
    rules: &'r RuleSet,
    entry: &LawLine<'_>,
    source: Option<&'r Source>,
) -> (&'r str, &'r str, Cow<'r, str>) {
    match source {
        Some(source) => (
            source.cite.as_str(),
            source.basis.as_str(),
            Cow::Borrowed(source.note.as_str()),
        ),
        None if OF_THE_BATCH.contains(&&*entry.key) => (
            BATCH_FILE,
            "batch",
            Cow::Owned(as_the_rules_say(rules, &entry.key)),
        ),
        None => ("no source is named in the rules", "none", Cow::Borrowed("")),
    }
}

fn basis_legend() -> String {
    let meanings = Basis::ALL.map(|basis| format!("{} = {}", basis.as_str(), basis.meaning()));
    format!(
        "Basis: {}; batch = the batch's own input, not checked against a source.",
        meanings.join("; ")
    )
}

/// What the rules say about a value that the batch gives, which may differ.
fn as_the_rules_say(rules: &RuleSet, key: &str) -> String {
    let sources = rules.sources.iter().filter(|source| source.of == key);
    let lines = sources.map(|source| {
        format!(
            "The rules' source about the year: {} ({}). {}",
            source.cite,
            source.basis.as_str(),
            source.note
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The name by which formulas use a parameter, and its figure.
fn named(report: &Workbooks<'_>, key: &str) -> Option<(&'static str, Cell<'static>)> {
    let batch = &report.calculation.batch;
    let rules = &batch.rules;
    match key {
        "available" => Some((AVAILABLE, Cell::Money(batch.available))),
        "supplement_available" => batch
            .supplement
            .map(|pool| (SUPPLEMENT_AVAILABLE, Cell::Money(pool))),
        "amount.per_unit" => Some((PER_UNIT, Cell::Money(rules.per_unit))),
        "amount.frl_multiplier" => Some((
            FRL_MULTIPLIER,
            Cell::Weight(rules.frl_multiplier.hundredths().into()),
        )),
        _ => None,
    }
}

fn parameters<'c>(report: &Workbooks<'c>) -> Vec<LawLine<'c>> {
    let batch = &report.calculation.batch;
    let rules = &batch.rules;
    let fixed = "fixed by the rules; another value needs a rules file of your own";
    let entry = |key: &str, value: String, meaning: &'c str, alternatives: &str| LawLine {
        kind: "Parameter",
        key: key.to_string(),
        value,
        meaning: Cow::Borrowed(meaning),
        alternatives: alternatives.to_string(),
        named: named(report, key),
    };
    let mut entries = vec![
        entry(
            "budget_year",
            rules.budget_year.to_string(),
            "The year of the money.",
            fixed,
        ),
        entry(
            "school_year",
            rules.school_year.to_string(),
            "The year of the completions, July 1 to June 30.",
            fixed,
        ),
        entry(
            "available",
            batch.available.grouped(),
            "The appropriation that the tiers share.",
            "the batch's own input (batch.toml)",
        ),
    ];
    if let Some(pool) = batch.supplement {
        let meaning = "The pool for entities that require every pupil to complete a qualified item; it never changes the tiers.";
        entries.push(entry(
            "supplement_available",
            pool.grouped(),
            meaning,
            "the batch's own input (batch.toml)",
        ));
    }
    let of_rules = rules.entries();
    let of_tiers = tier_parameters(rules);
    entries.extend(
        of_rules
            .iter()
            .map(|parameter| (full_key(parameter), parameter))
            .filter(|(key, parameter)| rules.speaks_of(key, parameter.left_out))
            .map(|(key, parameter)| entry(&key, parameter.value.shown(), parameter.meaning, fixed))
            .chain(
                of_tiers
                    .into_iter()
                    .map(|(key, value, meaning)| entry(&key, value, meaning, fixed)),
            ),
    );
    entries
}

fn full_key(parameter: &crate::rules::parameters::ParameterEntry) -> String {
    format!("{}.{}", parameter.section, parameter.key)
}

/// (key, value in each tier, meaning) of the parameters that tiers have.
fn tier_parameters(rules: &RuleSet) -> Vec<(String, String, &'static str)> {
    let mut parameters: Vec<(String, String, &'static str)> = Vec::new();
    for tier in &rules.tiers {
        for parameter in tier.entries() {
            let key = full_key(&parameter);
            if !rules.speaks_of(&key, parameter.left_out) {
                continue;
            }
            let line = format!("{}: {}", tier.number, parameter.value.shown());
            match parameters.iter_mut().find(|(known, ..)| *known == key) {
                Some((_, value, _)) => {
                    value.push('\n');
                    value.push_str(&line);
                }
                None => parameters.push((key, line, parameter.meaning)),
            }
        }
    }
    parameters
}

fn readings(report: &Workbooks<'_>) -> Vec<LawLine<'static>> {
    let batch = &report.calculation.batch;
    let of_rules = batch.rules.readings.entries();
    let entries = batch.readings.entries().into_iter().zip(of_rules);
    entries
        .map(|((doc, value), (_, rules_value))| {
            let mut shown = value.to_string();
            if value != rules_value {
                // Writing to a string does not fail.
                let _ = write!(
                    shown,
                    "\n(chosen by the batch; the rules say {rules_value})"
                );
            }
            LawLine {
                kind: "Reading",
                key: format!("readings.{}", doc.key),
                value: shown,
                meaning: Cow::Owned(format!("{} {}", doc.question, doc.meaning(&value))),
                named: None,
                alternatives: format!(
                    "{}\nWhy it is open: {}",
                    alternatives(&doc, &value),
                    doc.why
                ),
            }
        })
        .collect()
}

/// The values not in force, a line each.
fn alternatives(doc: &ReadingDoc, value: &ReadingValue) -> String {
    let lines = |values: &[&str], head: &str| {
        let others = doc
            .alternatives
            .iter()
            .filter(|alternative| !values.contains(&alternative.value));
        others
            .map(|alternative| format!("{head}{}: {}", alternative.value, alternative.meaning))
            .collect::<Vec<_>>()
            .join("\n")
    };
    match value {
        ReadingValue::One(value) => lines(&[value], ""),
        ReadingValue::Many(values) if values.len() == doc.alternatives.len() => {
            "any of these kinds can be left out".to_string()
        }
        ReadingValue::Many(values) => lines(values, "also "),
    }
}
