//! What changed since an earlier report: the key figures of both, and why participants' money changed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::words::{day, signed};
use crate::audit::difference::{Difference, ParticipantChange, Parts};
use crate::audit::earlier::headline;
use crate::audit::evidence::Evidence;
use crate::money::Money;
use crate::report::earlier::{Compared, Figure, Headline, compared};
use crate::words::thousands;

/// Participants and other differences in the packet's tables: the largest changes, as many as fit on a page with the figures.
const PARTICIPANTS_MAX: usize = 8;
const SETTINGS_MAX: usize = 5;

/// What changed.
#[derive(Serialize)]
pub(super) struct Changes {
    label: String,
    standing: String,
    run_date: String,
    budget_year: String,
    /// Whether both reports are of one budget year, so that the change of each participant has its reasons.
    same_year: bool,
    /// Whether the batch names it as the previous report.
    is_previous: bool,
    figures: Vec<FigureLine>,
    /// The sum over all participants; only within one budget year.
    parts: Option<PartsLine>,
    participants: Vec<ChangeLine>,
    /// How many participants changed in all.
    changed: usize,
    /// Differences other than in rows.
    settings: Vec<String>,
    /// Other differences that are not listed; cdip diff has them.
    other_settings: usize,
}

/// A key figure of both reports.
#[derive(Serialize)]
struct FigureLine {
    name: String,
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
    /// Since an earlier report; with the difference of the two if they are of one budget year.
    pub(super) fn of(
        report: &Evidence,
        since: &Evidence,
        within_the_year: Option<&Difference>,
    ) -> Changes {
        let same_year = within_the_year.is_some();
        let mut changes = Changes {
            label: since.label.clone(),
            standing: since.standing.clone(),
            run_date: day(since.run_date),
            budget_year: since.rules.budget_year.to_string(),
            same_year,
            is_previous: report.previous_receipt.as_ref() == Some(&since.receipt),
            figures: figures(&headline(since), &headline(report)),
            parts: None,
            participants: Vec::new(),
            changed: 0,
            settings: Vec::new(),
            other_settings: 0,
        };
        let mut participants = if let Some(difference) = within_the_year {
            changes.parts = Some(PartsLine::of(&difference.total));
            changes.other_settings = difference.settings.len().saturating_sub(SETTINGS_MAX);
            let settings = difference.settings.iter().take(SETTINGS_MAX);
            changes.settings = settings.cloned().collect();
            difference.participants.clone()
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
        changes
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

/// Participants whose money differs between budget years. The years' rows are unrelated, so the change has no parts.
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

fn figures(before: &Headline, now: &Headline) -> Vec<FigureLine> {
    compared(before, now)
        .into_iter()
        .map(|Compared { name, before, now }| FigureLine {
            name,
            before: before.map_or_else(String::new, shown),
            now: shown(now),
            change: before.map_or_else(String::new, |before| change(before, now)),
        })
        .collect()
}

fn shown(figure: Figure) -> String {
    match figure {
        Figure::Money(money) => money.grouped(),
        Figure::Share(part, whole) => part.percent_of(whole),
        Figure::Count(count) => thousands(count),
    }
}

/// The change of a figure; empty for shares, which are shown side by side.
fn change(before: Figure, now: Figure) -> String {
    match (before, now) {
        (Figure::Money(before), Figure::Money(now)) => signed(now - before),
        (Figure::Count(before), Figure::Count(now)) => signed_count(before, now),
        _ => String::new(),
    }
}

fn signed_count(before: u64, now: u64) -> String {
    let sign = if now < before { "-" } else { "+" };
    match now.abs_diff(before) {
        0 => "0".to_string(),
        change => format!("{sign}{}", thousands(change)),
    }
}
