//! Which decision on the record changed a row, as the run decided it.

use std::collections::HashMap;

use super::recorded::{Place, RecordedRow};
use crate::decision::Settled;
use crate::ranks::ResolutionRank;
use crate::receipt::ResolutionEntry;

/// The step of a run in which it carries a decision out; within a step it follows the order of the file.
fn step(line: &ResolutionEntry) -> u8 {
    match (line.decision.as_str(), line.set_aside) {
        ("exclude", _) => 0,
        ("correct", _) => 1,
        ("qualify", _) => 2,
        ("deny", true) => 3,
        ("deny", false) => 4,
        ("pay", _) => 5,
        _ => 6,
    }
}

/// The decisions that took effect, in the order in which the run carried them out, each with its position in the file.
pub(in crate::audit) fn as_carried_out(
    resolutions: &[ResolutionEntry],
) -> Vec<(usize, &ResolutionEntry)> {
    let effective = resolutions.iter().enumerate();
    let mut lines: Vec<_> = effective.filter(|(_, line)| line.found).collect();
    lines.sort_by_key(|(_, line)| step(line));
    lines
}

/// Notes at each row the decision that changed its outcome: the last one, but of those that deny it by its place the first.
pub(super) fn mark_resolutions(
    rows: &[RecordedRow],
    decisions: &mut [Settled],
    resolutions: &[ResolutionEntry],
) {
    let mut moved: HashMap<Place<'_>, (usize, bool)> = HashMap::new();
    for (number, line) in as_carried_out(resolutions) {
        // A correction or an answer does not change an outcome.
        if !matches!(line.decision.as_str(), "pay" | "deny" | "qualify") {
            continue;
        }
        for place in &line.rows {
            let at = (place.file.as_str(), place.sheet.as_str(), place.row);
            let (by, set_aside) = moved.entry(at).or_insert((number, line.set_aside));
            if line.set_aside {
                *set_aside = true;
            } else {
                *by = number;
            }
        }
    }
    for (row, decision) in rows.iter().zip(decisions) {
        let by = moved.get(&row.at());
        decision.read.resolution = by.map(|(number, _)| ResolutionRank::new(*number));
        decision.read.set_aside = by.is_some_and(|(_, set_aside)| *set_aside);
    }
}
