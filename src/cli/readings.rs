//! `cdip readings`: what each question that the law leaves open is worth in dollars.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::console::{self, Tone, counted, grouped, in_column, toned};
use super::effects::{by_effect, effects_value, signed};
use super::format::{OutputFormat, TEXT_OR_JSON, one_of};
use super::output::{refuse_foreign, write_workbook};
use crate::batch::Batch;
use crate::calculation::Calculation;
use crate::money::Money;
use crate::scenarios::workbook::{READINGS_TITLE, write_readings};
use crate::scenarios::{Answers, Compared, Figures, Scenario, alternatives, compare, own_figures};
use crate::stop::{Status, Stop};
use crate::words::thousands;

/// Participants named for the reading that moves the most money.
const PARTICIPANTS_SHOWN_MAX: usize = 6;

const EXAMPLES: &str = "Examples:
  cdip readings samples/statewide-2024-25
  cdip readings my-batch --with \"both: unit=completion, cap_base=reported\"
  cdip readings samples/statewide-2024-25 --out readings.xlsx

The batch's own report stays as it is. cdip rules explain unit says what a reading is about.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReadingsArguments {
    /// The batch folder.
    batch: PathBuf,
    /// A named combination of readings to compare as well, such as `both: unit=completion, cap_base=reported`; kinds are joined by +.
    #[arg(long = "with", value_name = "NAME: KEY=VALUE, ...")]
    combinations: Vec<String>,
    /// Also write a workbook with every participant under every reading.
    #[arg(long, value_name = "FILE.xlsx")]
    out: Option<PathBuf>,
    /// How the table is printed.
    #[arg(long, default_value = "text", value_parser = one_of(TEXT_OR_JSON))]
    format: OutputFormat,
}

pub(super) fn run(arguments: &ReadingsArguments) -> Result<Status, Stop> {
    if let Some(path) = &arguments.out {
        refuse_foreign(path, READINGS_TITLE)?;
    }
    let batch = Batch::open(&arguments.batch)?;
    let mut scenarios = alternatives(batch.readings);
    for text in &arguments.combinations {
        scenarios.push(combination(&batch, text)?);
    }
    let calculation = console::calculated(batch)?;
    let mut compared = compare(&calculation, scenarios)?;
    // What moves the most money first; equal ones stay in the order of the specification.
    compared.sort_by_key(|compared| std::cmp::Reverse(compared.changes_hands()));
    arguments.format.print(
        || table(&calculation, &compared),
        || document(&calculation, &compared),
    );
    if let Some(path) = &arguments.out {
        write_workbook(path, READINGS_TITLE, |path| {
            write_readings(&calculation, &compared, path)
        })?;
    }
    Ok(Status::Done)
}

/// `both: unit=completion, cap_base=reported`
fn combination(batch: &Batch, text: &str) -> Result<Scenario, Stop> {
    let wrong = |message: String| {
        Stop::usage(
            message,
            format!("--with \"{text}\""),
            "write it as \"both: unit=completion, cap_base=reported\"",
        )
    };
    let (name, choices) = text
        .split_once(':')
        .ok_or_else(|| wrong("the combination has no name".to_string()))?;
    let mut readings = batch.readings;
    for choice in choices.split(',') {
        let (key, value) = choice
            .split_once('=')
            .ok_or_else(|| wrong(format!("\"{}\" is not a reading", choice.trim())))?;
        readings = readings.choosing(key.trim(), value.trim()).map_err(wrong)?;
    }
    Ok(Scenario {
        answers: Answers::Several(name.trim().to_string()),
        readings,
    })
}

fn table(calculation: &Calculation, compared: &[Compared]) -> String {
    let batch = &calculation.batch;
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "{}", toned(&batch.label, Tone::Strong));
    let _ = writeln!(
        text,
        "{} · what each open question is worth, against the batch's own readings\n",
        batch.rules.id
    );
    let mut heading = format!("{:<42}{:>16}", "Reading", "Paid");
    for tier in &batch.rules.tiers {
        let _ = write!(heading, "{:>11}", format!("Rate {}", tier.number));
    }
    let _ = write!(
        heading,
        "{:>9}{:>9}{:>16}{:>7}{:>7}",
        "Units", "Over cap", "Money moved", "Gain", "Lose"
    );
    let _ = writeln!(text, "{}", toned(&heading, Tone::Strong));
    line(&mut text, "the batch's own", &own_figures(calculation));
    text.push('\n');
    for compared in compared {
        line(&mut text, &compared.scenario.name(), &compared.figures);
        let (winners, losers) = compared.winners_and_losers();
        let moved = compared.changes_hands();
        let _ = writeln!(
            text,
            "{:>16}{:>7}{:>7}",
            moved.grouped(),
            grouped(winners),
            grouped(losers)
        );
    }
    if let Some(largest) = compared
        .first()
        .filter(|compared| compared.changes_hands() > Money::ZERO)
    {
        let _ = writeln!(text, "\nMost affected by \"{}\":", largest.scenario.name());
        for (rank, effect) in by_effect(&largest.effects)
            .into_iter()
            .take(PARTICIPANTS_SHOWN_MAX)
        {
            let participant = &calculation.intake.participants.all()[rank];
            let _ = writeln!(
                text,
                "{:>17}  {} {}",
                signed(effect),
                participant.code(),
                participant.name
            );
        }
    }
    let readings: Vec<String> = batch
        .readings
        .entries()
        .iter()
        .map(|(doc, value)| format!("{} = {value}", doc.key))
        .collect();
    let _ = writeln!(text, "\nThe batch's own readings: {}", readings.join("; "));
    let _ = writeln!(
        text,
        "{}; \"Money moved\" is what some gain or what others lose, whichever is more.",
        counted(compared.len(), "scenario", "scenarios")
    );
    text
}

fn line(text: &mut String, name: &str, figures: &Figures) {
    let name = in_column(name, 42);
    let _ = write!(text, "{name}{:>16}", figures.paid.grouped());
    for tier in &figures.tiers {
        let _ = write!(text, "{:>11}", tier.rate.grouped());
    }
    let units: u64 = figures.tiers.iter().map(|tier| tier.units).sum();
    let over_cap: u64 = figures.tiers.iter().map(|tier| tier.over_cap).sum();
    let _ = write!(text, "{:>9}{:>9}", thousands(units), thousands(over_cap));
}

fn figures_value(figures: &Figures) -> Value {
    let tiers: Vec<Value> = figures
        .tiers
        .iter()
        .map(|tier| json!({ "units": tier.units, "over_cap": tier.over_cap, "rate": tier.rate, "paid": tier.paid }))
        .collect();
    json!({
        "paid": figures.paid, "residuals": figures.residuals, "unspent": figures.unspent, "rows_paid": figures.rows_paid, "tiers": tiers,
    })
}

fn document(calculation: &Calculation, compared: &[Compared]) -> Value {
    let scenarios: Vec<Value> = compared
        .iter()
        .map(|compared| {
            let readings: serde_json::Map<String, Value> =
                compared.scenario.readings.entries().into_iter().map(|(doc, value)| (doc.key.to_string(), json!(value))).collect();
            json!({
                "name": compared.scenario.name(), "readings": readings, "figures": figures_value(&compared.figures),
                "gained": compared.gained(), "lost": compared.lost(), "participants": effects_value(calculation, &compared.effects),
            })
        })
        .collect();
    json!({ "label": calculation.batch.label, "own": figures_value(&own_figures(calculation)), "scenarios": scenarios })
}
