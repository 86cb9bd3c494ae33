//! `cdip review`: what to look at first.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::console::{Tone, toned};
use super::format::{OutputFormat, TEXT_OR_JSON, one_of};
use super::given::refuse_unless_earlier;
use crate::audit::earlier;
use crate::audit::evidence::Evidence;
use crate::decision::Outcome;
use crate::intake::lists::Ruling;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::results::columns::ResultColumn;
use crate::results::review::{Measure, Measured, ROWS_ARE_IN, Review, ReviewedUnit, UNITS_MIN};
use crate::stop::{Status, Stop};

/// Participants printed on the terminal; `--format json` has all of them.
const PARTICIPANTS_SHOWN_MAX: usize = 10;

const EXAMPLES: &str = "Examples:
  cdip review reports/june
  cdip review reports/june --previous reports/2023-24 --format json

Participants whose shares together are farthest above the state's medians, in percentage points, come first. The dollars are what the rows behind a share are paid; for enrollment, all rows. Growth has none. This accuses no one: most high shares have an honest reason. SASIDs are counted, never shown.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReviewArguments {
    /// The report folder: what cdip run wrote.
    report: PathBuf,
    /// An earlier report: measures how much each participant grew.
    #[arg(long, value_name = "REPORT")]
    previous: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, default_value = "text", value_parser = one_of(TEXT_OR_JSON))]
    format: OutputFormat,
}

pub(super) fn run(arguments: &ReviewArguments) -> Result<Status, Stop> {
    let evidence = Evidence::open(&arguments.report)?;
    let folder = arguments.previous.as_deref();
    let previous = folder.map(Evidence::open).transpose()?;
    if let (Some(previous), Some(folder)) = (&previous, folder) {
        refuse_unless_earlier(previous, &evidence, "--previous", folder)?;
    }
    let before = previous
        .as_ref()
        .map(|previous| grown_from(&evidence, previous));
    let enrolled = ParticipantRank::enumerate(&evidence.participants)
        .filter_map(|(rank, participant)| Some((rank, participant.enrollment?.into())))
        .collect();
    let review = Review::of(&units(&evidence), before.as_ref(), &enrolled);
    arguments
        .format
        .print(|| text(&evidence, &review), || document(&evidence, &review));
    Ok(Status::Done)
}

/// Decisions by which a row becomes a unit. An attest answers questions about a whole file and changes none of its rows.
const BY_HAND: [Ruling; 3] = [Ruling::Correct, Ruling::Qualify, Ruling::Pay];

/// Units within the cap.
fn units(evidence: &Evidence) -> Vec<ReviewedUnit<'_>> {
    let touched: HashSet<(&str, &str, u32)> = evidence
        .resolutions
        .iter()
        .filter(|line| line.found && is_by_hand(&line.decision))
        .flat_map(|line| &line.rows)
        .map(|place| (place.file.as_str(), place.sheet.as_str(), place.row))
        .collect();
    evidence
        .rows
        .iter()
        .zip(&evidence.decisions)
        .filter(|(_, decision)| matches!(decision.outcome, Outcome::Paid | Outcome::Unfunded))
        .filter_map(|(row, decision)| {
            Some(ReviewedUnit {
                participant: decision.participant?,
                program: row.submitted.get(ResultColumn::ProgramCode),
                date: decision.date,
                sasid: decision.sasid,
                is_frl: decision.frl == Some(true),
                is_by_hand: touched.contains(&(&row.file, &row.sheet, row.row)),
                amount: decision.amount,
            })
        })
        .collect()
}

fn is_by_hand(decision: &str) -> bool {
    BY_HAND.iter().any(|ruling| ruling.as_str() == decision)
}

/// By participant of the report, its units in the previous one.
fn grown_from(evidence: &Evidence, previous: &Evidence) -> HashMap<ParticipantRank, u64> {
    let before = earlier::units(previous);
    ParticipantRank::enumerate(&evidence.participants)
        .filter_map(|(rank, participant)| Some((rank, *before.get(&participant.code())?)))
        .collect()
}

/// Hundredths of a percent, as *Review* shows them: `12.34%`.
fn percent(share: u64) -> String {
    format!("{}.{:02}%", share / 100, share % 100)
}

fn text(evidence: &Evidence, review: &Review) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}  what to look at first",
        toned(&evidence.label, Tone::Strong)
    );
    if review.participants.is_empty() {
        let _ = writeln!(
            text,
            "No participant has {UNITS_MIN} units or more, so there is nothing to look at."
        );
        return text;
    }
    let _ = writeln!(
        text,
        "This accuses no one. Participants with at least {UNITS_MIN} units, the farthest above the state's medians first.\nThe rows: statewide.xlsx, sheet {ROWS_ARE_IN}. The dollars are what the rows behind a share are paid."
    );
    for one in review.participants.iter().take(PARTICIPANTS_SHOWN_MAX) {
        let participant = &evidence.participants[one.participant];
        let _ = writeln!(
            text,
            "\n{} {}: {} units, {}, {} points above the medians",
            participant.code(),
            participant.name,
            one.units,
            evidence.allocation.total_of(one.participant).grouped(),
            one.points / 100
        );
        for of in &one.measured {
            let median = review.medians.get(&of.measure).copied().unwrap_or_default();
            let paid = paid(of).map(Money::grouped).unwrap_or_default();
            let _ = writeln!(
                text,
                "  {:<26}{:>8}  median {:>7}  {paid:>14}  {}",
                of.measure.label(),
                percent(of.share()),
                percent(median),
                of.what
            );
        }
    }
    text
}

/// What the rows behind a share are paid. Nobody can say which rows are the growth.
fn paid(of: &Measured) -> Option<Money> {
    (of.measure != Measure::Growth).then_some(of.amount)
}

fn document(evidence: &Evidence, review: &Review) -> Value {
    let measured = |of: &Measured| {
        json!({
            "measure": of.measure.as_str(), "part": of.part, "whole": of.whole, "share": percent(of.share()),
            "median": percent(review.medians.get(&of.measure).copied().unwrap_or_default()), "what": of.what,
            "amount": paid(of), "where_to_look": format!("{ROWS_ARE_IN}: {}", of.in_words()),
        })
    };
    let participants: Vec<Value> = review
        .participants
        .iter()
        .map(|one| {
            let participant = &evidence.participants[one.participant];
            json!({
                "participant": participant.code(), "name": participant.name, "units": one.units,
                "amount": evidence.allocation.total_of(one.participant), "points_above_medians": one.points / 100,
                "measures": one.measured.iter().map(measured).collect::<Vec<_>>(),
            })
        })
        .collect();
    let measures: Vec<&str> = Measure::ALL
        .iter()
        .map(|measure| measure.as_str())
        .collect();
    json!({
        "report": evidence.label, "standing": evidence.standing, "units_min": UNITS_MIN, "measures": measures,
        "accuses": "nobody: most shares above the median have an honest reason",
        "participants": participants,
    })
}
