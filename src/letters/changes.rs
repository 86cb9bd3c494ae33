//! What changed since an earlier report: the headline figures of both, and why participants' money changed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::sources::demand_of;
use super::words::{day, percent, signed};
use crate::audit::difference::{ParticipantChange, Parts, difference};
use crate::audit::evidence::Evidence;
use crate::decision::Outcome;
use crate::money::Money;
use crate::stop::Stop;
use crate::words::thousands;

/// Participants in the packet's table: the largest changes.
const PARTICIPANTS_MAX: usize = 12;

/// What changed.
#[derive(Serialize)]
pub(super) struct Changes {
    label: String,
    standing: String,
    run_date: String,
    budget_year: String,
    /// Whether both reports are of one budget year, so that the change of each participant has its reasons.
    same_year: bool,
    /// Whether the batch names the earlier report as the one before its own.
    is_previous: bool,
    figures: Vec<Figure>,
    /// Of all participants together; only for one budget year.
    parts: Option<PartsLine>,
    participants: Vec<ChangeLine>,
    /// How many participants changed in all.
    changed: usize,
    /// What differs apart from the rows.
    settings: Vec<String>,
}

/// A headline figure of both reports.
#[derive(Serialize)]
struct Figure {
    name: &'static str,
    before: String,
    now: String,
    change: String,
}

#[derive(Serialize)]
struct PartsLine {
    own_rows: String,
    others_demand: String,
    rules: String,
    money: String,
}

#[derive(Serialize)]
struct ChangeLine {
    code: String,
    name: String,
    before: String,
    parts: Option<PartsLine>,
    now: String,
    change: String,
}

impl Changes {
    pub(super) fn of(report: &Evidence, since: &Evidence) -> Result<Changes, Stop> {
        let same_year = since.rules.budget_year == report.rules.budget_year;
        let mut changes = Changes {
            label: since.label.clone(),
            standing: since.standing.clone(),
            run_date: day(since.run_date),
            budget_year: since.rules.budget_year.to_string(),
            same_year,
            is_previous: report.previous_receipt.as_ref() == Some(&since.receipt),
            figures: figures(since, report),
            parts: None,
            participants: Vec::new(),
            changed: 0,
            settings: Vec::new(),
        };
        let mut participants = if same_year {
            let difference = difference(since, report)?;
            changes.parts = Some(PartsLine::of(&difference.total));
            changes.settings = difference.settings;
            difference.participants
        } else {
            between_years(since, report)
        };
        participants.sort_by_key(|change| Reverse(change.parts.change().cents().abs()));
        changes.changed = participants.len();
        changes.participants = participants
            .iter()
            .take(PARTICIPANTS_MAX)
            .map(|change| ChangeLine {
                code: change.code.clone(),
                name: change.name.clone(),
                before: change.parts.before.grouped(),
                parts: same_year.then(|| PartsLine::of(&change.parts)),
                now: change.parts.after.grouped(),
                change: signed(change.parts.change()),
            })
            .collect();
        Ok(changes)
    }
}

impl PartsLine {
    fn of(parts: &Parts) -> PartsLine {
        PartsLine {
            own_rows: signed(parts.own_rows),
            others_demand: signed(parts.others_demand),
            rules: signed(parts.rules),
            money: signed(parts.money),
        }
    }
}

/// Participants whose money differs between budget years: no row of one is a row of the other, so there is nothing to split.
fn between_years(before: &Evidence, after: &Evidence) -> Vec<ParticipantChange> {
    let mut changes: BTreeMap<String, ParticipantChange> = BTreeMap::new();
    for (is_after, report) in [(false, before), (true, after)] {
        for (rank, participant) in crate::ranks::ParticipantRank::enumerate(&report.participants) {
            let code = participant.code();
            let change = changes.entry(code.clone()).or_insert(ParticipantChange {
                code,
                name: String::new(),
                parts: Parts::default(),
            });
            change.name.clone_from(&participant.name);
            let total = report.allocation.total_of(rank);
            if is_after {
                change.parts.after = total;
            } else {
                change.parts.before = total;
            }
        }
    }
    let changes = changes.into_values();
    changes
        .filter(|change| change.parts.change() != Money::ZERO)
        .collect()
}

fn figures(before: &Evidence, now: &Evidence) -> Vec<Figure> {
    let money = |name, of: fn(&Evidence) -> Money| Figure {
        name,
        before: of(before).grouped(),
        now: of(now).grouped(),
        change: signed(of(now) - of(before)),
    };
    let count = |name, of: fn(&Evidence) -> u64| Figure {
        name,
        before: thousands(of(before)),
        now: thousands(of(now)),
        change: signed_count(of(before), of(now)),
    };
    let share = |report: &Evidence| percent(report.allocation.paid(), demand_of(report));
    vec![
        money("Money available", |report| report.available),
        money("Demand at the full amount", demand_of),
        money("Paid by the tiers", |report| report.allocation.paid()),
        Figure {
            name: "Paid of the demand",
            before: share(before),
            now: share(now),
            change: String::new(),
        },
        count("Rows submitted", |report| report.rows.len() as u64),
        count("Awards paid", |report| {
            let decisions = report.decisions.iter();
            decisions
                .filter(|decision| decision.outcome == Outcome::Paid)
                .count() as u64
        }),
        count("Payees", |report| report.payees.len() as u64),
    ]
}

fn signed_count(before: u64, now: u64) -> String {
    let sign = if now < before { "-" } else { "+" };
    match now.abs_diff(before) {
        0 => "0".to_string(),
        change => format!("{sign}{}", thousands(change)),
    }
}
