//! `cdip diff`: why each participant's money changed from one report to another.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::console::{Tone, counted, grouped, toned};
use super::effects::signed;
use super::format::{OutputFormat, TEXT_OR_JSON, one_of};
use super::output::{refuse_foreign, write_workbook};
use crate::audit::difference::workbook;
use crate::audit::difference::{
    Change, ChangedRow, Difference, ParticipantChange, Parts, difference,
};
use crate::audit::evidence::Evidence;
use crate::stop::{Status, Stop};
use crate::trail::short_place;

/// Participants named on the terminal; the workbook and --format json have them all.
const PARTICIPANTS_SHOWN_MAX: usize = 15;
/// Rows of each kind named on the terminal.
const ROWS_SHOWN_MAX: usize = 3;
/// Changes of outcome named on the terminal.
const MOVES_SHOWN_MAX: usize = 8;

const EXAMPLES: &str = "Examples:
  cdip diff reports/may reports/june
  cdip diff reports/may reports/june --xlsx changes.xlsx

The change from A to B is split into four steps, each a whole allocation: the participant's own rows; everyone else's rows; rules, readings, lists and decisions; the money available. A part is what its step adds, so the parts add up to the change to the cent. Both reports are calculated again from their own rows and rules first; one that contradicts itself ends with status 4.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DiffArguments {
    /// The earlier report folder, A.
    before: PathBuf,
    /// The later report folder, B.
    after: PathBuf,
    /// Also write a workbook with every participant and every row that differs.
    #[arg(long, value_name = "FILE.xlsx")]
    xlsx: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, default_value = "text", value_parser = one_of(TEXT_OR_JSON))]
    format: OutputFormat,
}

pub(super) fn run(arguments: &DiffArguments) -> Result<Status, Stop> {
    if let Some(path) = &arguments.xlsx {
        refuse_foreign(path, workbook::TITLE)?;
    }
    let difference = difference(
        &Evidence::open(&arguments.before)?,
        &Evidence::open(&arguments.after)?,
    )?;
    arguments
        .format
        .print(|| text(&difference), || json!(difference));
    if let Some(path) = &arguments.xlsx {
        write_workbook(path, workbook::TITLE, |path| {
            workbook::write(&difference, path)
        })?;
    }
    Ok(Status::Done)
}

fn text(difference: &Difference) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    for (at, side) in ["A", "B"].into_iter().enumerate() {
        let _ = writeln!(
            text,
            "{side}: {} · {} · run date {} · {}",
            toned(&difference.labels[at], Tone::Strong),
            difference.rules[at],
            difference.run_dates[at],
            difference.standings[at]
        );
    }
    text.push('\n');
    if difference.is_none() {
        text.push_str("no difference\n");
        return text;
    }
    if difference.settings.is_empty() {
        text.push_str(
            "Rules, readings, lists, decisions and money are the same; only rows differ.\n",
        );
    }
    for setting in &difference.settings {
        let _ = writeln!(text, "  {setting}");
    }
    rows(&mut text, difference);
    money(&mut text, difference);
    text
}

fn rows(text: &mut String, difference: &Difference) {
    let counts = difference.counts();
    let count = |change: &Change| counts.get(change).copied().unwrap_or(0);
    let counts: Vec<String> = Change::ALL
        .iter()
        .map(|change| format!("{} {}", grouped(count(change)), change.label()))
        .collect();
    let rate = difference.rows_at_another_rate;
    let _ = writeln!(
        text,
        "\n{}: {}; {} only at a different rate",
        toned("Rows", Tone::Strong),
        counts.join(", "),
        grouped(rate)
    );
    let word = |outcome: Option<&str>| outcome.unwrap_or("(no row)").replace('_', " ");
    for ((before, after), rows) in difference.moves().into_iter().take(MOVES_SHOWN_MAX) {
        let _ = writeln!(
            text,
            "{:>9}  {} -> {}",
            grouped(rows),
            word(before),
            word(after)
        );
    }
    for change in Change::ALL {
        let mut of_kind = difference.rows.iter().filter(|row| row.change == change);
        let shown: Vec<String> = of_kind
            .by_ref()
            .take(ROWS_SHOWN_MAX)
            .map(in_short)
            .collect();
        let more = of_kind.count();
        if !shown.is_empty() {
            let more = if more > 0 {
                format!("; and {} more", grouped(more))
            } else {
                String::new()
            };
            let _ = writeln!(text, "  {}: {}{more}", change.label(), shown.join("; "));
        }
    }
}

/// `row 17 of 0880.xlsx, Sheet1 (E204)`
fn in_short(row: &ChangedRow) -> String {
    let stand = row.after.as_ref().or(row.before.as_ref());
    let place = stand
        .map(|stand| short_place(&stand.file, &stand.sheet, stand.row))
        .unwrap_or_default();
    let codes = [&row.before, &row.after]
        .map(|stand| stand.as_ref().map_or("", |stand| stand.codes.as_str()));
    match codes {
        [before, after] if before == after && after.is_empty() => place,
        [before, after] if before == after => format!("{place} ({after})"),
        [before, after] => {
            let none = |codes: &str| {
                if codes.is_empty() {
                    "no code".to_string()
                } else {
                    codes.to_string()
                }
            };
            format!("{place} ({} -> {})", none(before), none(after))
        }
    }
}

fn money(text: &mut String, difference: &Difference) {
    let heading = format!(
        "{:<13}{:>17}{:>15}{:>15}{:>15}{:>17}{:>17}",
        "Participant", "In A", "Own rows", "Others' rows", "Rules, decided", "Money", "In B"
    );
    let _ = writeln!(text, "\n{}", toned(&heading, Tone::Strong));
    let line = |text: &mut String, code: &str, parts: &Parts, name: &str| {
        let _ = write!(text, "{code:<13}{:>17}", parts.before.grouped());
        for (part, width) in [
            (parts.own_rows, 15),
            (parts.others_demand, 15),
            (parts.rules, 15),
            (parts.money, 17),
        ] {
            let _ = write!(text, "{:>width$}", signed(part));
        }
        let end = format!("{:>17}  {name}", parts.after.grouped());
        let _ = writeln!(text, "{}", end.trim_end());
    };
    for ParticipantChange { code, name, parts } in
        difference.participants.iter().take(PARTICIPANTS_SHOWN_MAX)
    {
        line(text, code, parts, name);
    }
    let more = difference
        .participants
        .len()
        .saturating_sub(PARTICIPANTS_SHOWN_MAX);
    if more > 0 {
        let _ = writeln!(
            text,
            "and {}: --xlsx FILE or --format json lists all",
            counted(more, "participant more", "participants more")
        );
    }
    line(text, "All", &difference.total, "");
    let _ = writeln!(
        text,
        "\nIn A + the four parts = In B, to the cent. Change: {}",
        signed(difference.total.change())
    );
}
