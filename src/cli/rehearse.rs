//! `cdip rehearse`: other rules on an existing batch, before they go live.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::console::{self, Tone, counted, grouped, toned};
use super::effects::{by_effect, effects_value, signed};
use super::format::{OutputFormat, TEXT_OR_JSON, one_of};
use super::given;
use super::output::{refuse_foreign, write_workbook};
use crate::batch::Batch;
use crate::calculation::Calculation;
use crate::catalogue::Code;
use crate::money::Money;
use crate::scenarios::workbook::{REHEARSAL_TITLE, write_rehearsal};
use crate::scenarios::{Figures, Rehearsal, own_figures, rehearse};
use crate::stop::{Status, Stop};

/// Participants named on the terminal; the workbook has them all.
const PARTICIPANTS_SHOWN_MAX: usize = 10;
/// Codes named as reasons.
const REASONS_SHOWN_MAX: usize = 8;

const EXAMPLES: &str = "Examples:
  cdip rehearse samples/statewide-2024-25 --rules 2025-26
  cdip rehearse my-batch --rules draft.toml --out rehearsal.xlsx

The money, the school year and the readings in batch.toml stay; everything else comes from the new rules. The batch's own report stays as it is.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct RehearseArguments {
    /// The batch folder.
    batch: PathBuf,
    /// The rules to try: an id, a budget year, or a path ending in .toml.
    #[arg(long, value_name = "ID|YEAR|FILE.toml")]
    rules: String,
    /// Also write a workbook with every participant and every changed row.
    #[arg(long, value_name = "FILE.xlsx")]
    out: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, default_value = "text", value_parser = one_of(TEXT_OR_JSON))]
    format: OutputFormat,
}

pub(super) fn run(arguments: &RehearseArguments) -> Result<Status, Stop> {
    if let Some(path) = &arguments.out {
        refuse_foreign(path, REHEARSAL_TITLE)?;
    }
    let batch = Batch::open(&arguments.batch)?;
    let rules = given::rules(&arguments.rules)?.rules;
    let calculation = console::calculated(batch)?;
    let rehearsal = rehearse(&calculation, rules)?;
    arguments.format.print(
        || text(&calculation, &rehearsal),
        || document(&calculation, &rehearsal),
    );
    if let Some(path) = &arguments.out {
        write_workbook(path, REHEARSAL_TITLE, |path| {
            write_rehearsal(&calculation, &rehearsal, path)
        })?;
    }
    Ok(Status::Done)
}

fn text(calculation: &Calculation, rehearsal: &Rehearsal) -> String {
    let mut text = String::new();
    let own = own_figures(calculation);
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "{}", toned(&calculation.batch.label, Tone::Strong));
    let _ = writeln!(
        text,
        "{} -> {} ({})",
        calculation.batch.rules.id, rehearsal.rules.id, rehearsal.rules.title
    );
    let _ = writeln!(
        text,
        "the batch's own money and its completions of {}; nothing here is paid\n",
        calculation.batch.rules.school_year
    );
    totals(&own, rehearsal, &mut text);
    rows(rehearsal, &mut text);
    participants(calculation, &own, rehearsal, &mut text);
    text
}

fn totals(own: &Figures, rehearsal: &Rehearsal, text: &mut String) {
    let _ = writeln!(
        text,
        "{:<12}{:>18}{:>18}{:>18}",
        "", "before", "after", "change"
    );
    for (name, before, after) in [
        ("paid", own.paid, rehearsal.figures.paid),
        ("residuals", own.residuals, rehearsal.figures.residuals),
        ("unspent", own.unspent, rehearsal.figures.unspent),
    ] {
        let _ = writeln!(
            text,
            "{name:<12}{:>18}{:>18}{:>18}",
            before.grouped(),
            after.grouped(),
            signed(after - before)
        );
    }
}

fn rows(rehearsal: &Rehearsal, text: &mut String) {
    let changed = rehearsal.changed.len();
    let _ = writeln!(
        text,
        "\n{} in outcome, amount or codes",
        counted(changed, "row differs", "rows differ")
    );
    for ((before, after), count) in rehearsal.moves() {
        let _ = writeln!(
            text,
            "{:>9}  {} -> {}",
            grouped(count),
            before.label().to_lowercase(),
            after.label().to_lowercase()
        );
    }
    let reasons = reasons(rehearsal);
    if reasons.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nCodes that rows earn and did not have before:");
    for (code, count) in reasons.iter().take(REASONS_SHOWN_MAX) {
        let _ = writeln!(
            text,
            "{:>9}  {code} {}",
            grouped(*count),
            code.entry().title
        );
    }
}

fn participants(
    calculation: &Calculation,
    own: &Figures,
    rehearsal: &Rehearsal,
    text: &mut String,
) {
    let affected = by_effect(&rehearsal.effects);
    if affected.is_empty() {
        let _ = writeln!(text, "\nNo participant's money changes.");
        return;
    }
    let _ = writeln!(
        text,
        "\n{}, the largest change first:",
        counted(
            affected.len(),
            "participant is affected",
            "participants are affected"
        )
    );
    for (rank, effect) in affected.iter().take(PARTICIPANTS_SHOWN_MAX) {
        let participant = &calculation.intake.participants.all()[*rank];
        let money = format!(
            "{} -> {}",
            own.totals[*rank].grouped(),
            rehearsal.figures.totals[*rank].grouped()
        );
        let _ = writeln!(
            text,
            "{:>18}  {money:<34} {} {}",
            signed(*effect),
            participant.code(),
            participant.name
        );
    }
}

/// Codes that rows have only under the new rules, the most frequent first.
fn reasons(rehearsal: &Rehearsal) -> Vec<(Code, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for changed in &rehearsal.changed {
        for code in changed
            .after
            .1
            .iter()
            .filter(|code| !changed.before.1.contains(*code))
        {
            *counts.entry(code).or_insert(0) += 1;
        }
    }
    let mut counts: Vec<(Code, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
    counts
}

fn document(calculation: &Calculation, rehearsal: &Rehearsal) -> Value {
    let own = own_figures(calculation);
    let money =
        |of: &Figures| json!({ "paid": of.paid, "residuals": of.residuals, "unspent": of.unspent });
    let moves: Vec<Value> = rehearsal
        .moves()
        .into_iter()
        .map(|((before, after), rows)| json!({ "before": before.as_str(), "after": after.as_str(), "rows": rows }))
        .collect();
    let changed: Money = rehearsal.effects.iter().copied().sum();
    json!({
        "label": calculation.batch.label,
        "rules": { "before": calculation.batch.rules.id, "after": rehearsal.rules.id },
        "before": money(&own), "after": money(&rehearsal.figures), "change": changed,
        "rows_changed": rehearsal.changed.len(), "moves": moves,
        "participants": effects_value(calculation, &rehearsal.effects),
    })
}
