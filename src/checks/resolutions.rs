//! Decisions on the record: held rows taken back in or denied, rejected rows and refused files closed.

use std::collections::HashMap;

use crate::catalogue::Code;
use crate::decision::{Decision, Outcome};
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::completions::Rows;
use crate::intake::lists::{Decision as Ruling, Target};

/// What the resolutions did.
pub(super) struct Resolved {
    /// By file of the batch: closed.
    pub(super) closed_files: Vec<bool>,
    /// By resolution: whether it found something.
    pub(super) found: Vec<bool>,
}

/// Applies the resolutions in the order of their lines.
pub(super) fn apply(decisions: &mut [Decision], intake: &Intake, rows: &Rows<'_>, findings: &mut Vec<Finding>) -> Resolved {
    let mut resolved = Resolved { closed_files: vec![false; intake.files.len()], found: Vec::with_capacity(intake.resolutions.len()) };
    if intake.resolutions.is_empty() {
        return resolved;
    }
    // Rows that a resolution can still move, by pupil and program.
    let mut by_completion: HashMap<(u64, usize), Vec<usize>> = HashMap::new();
    for (position, decision) in decisions.iter().enumerate() {
        if let (Some(sasid), Some(program), None | Some(Outcome::Held)) = (decision.sasid, decision.program, decision.outcome) {
            by_completion.entry((sasid, program)).or_default().push(position);
        }
    }
    for (number, resolution) in intake.resolutions.iter().enumerate() {
        let found = match &resolution.target {
            Target::Pupil { participant, sasid, program } => {
                let rank = participant_rank(intake, participant);
                let completion = intake.programs.rank(program).and_then(|program| by_completion.get(&(*sasid, program)));
                completion.is_some_and(|completion| decide_pupil(decisions, completion, rank, resolution.decision, number))
            }
            Target::Row { file, sheet, row } => row_at(intake, rows, file, sheet, *row).is_some_and(|position| {
                let rejected = decisions[position].outcome == Some(Outcome::Rejected);
                if rejected {
                    decisions[position].outcome = Some(Outcome::Denied);
                    decisions[position].resolution = Some(number);
                }
                rejected
            }),
            Target::File { file } => {
                let found = intake.files.iter().position(|source| *source.path == **file && source.refused.is_some());
                if let Some(position) = found {
                    resolved.closed_files[position] = true;
                }
                found.is_some()
            }
        };
        resolved.found.push(found);
        if !found {
            let file = resolution.place.split(',').next().unwrap_or_default();
            let mut finding = Finding::of_file(Code::W214, file);
            finding.row = Some(resolution.line);
            findings.push(finding);
        }
    }
    resolved
}

fn participant_rank(intake: &Intake, code: &str) -> Option<usize> {
    let (district, school) = code.split_once('-').unwrap_or((code, ""));
    intake.participants.exactly(district, school)
}

/// Decides the held rows of a participant; `false` where there is none.
fn decide_pupil(decisions: &mut [Decision], completion: &[usize], participant: Option<usize>, ruling: Ruling, number: usize) -> bool {
    let held = |decision: &Decision| decision.outcome == Some(Outcome::Held);
    let theirs: Vec<usize> = completion
        .iter()
        .copied()
        .filter(|position| held(&decisions[*position]) && participant.is_some() && decisions[*position].participant == participant)
        .collect();
    let Some(first) = theirs.iter().copied().min_by_key(|position| decisions[*position].standing(*position)) else { return false };
    match ruling {
        Ruling::Deny => {
            for position in theirs {
                decisions[position].outcome = Some(Outcome::Denied);
                decisions[position].resolution = Some(number);
            }
        }
        Ruling::Pay => {
            for position in completion {
                let decision = &mut decisions[*position];
                if decision.outcome.is_none() || decision.outcome == Some(Outcome::Held) {
                    decision.outcome = Some(Outcome::Denied);
                    decision.resolution = Some(number);
                }
            }
            decisions[first].outcome = None;
        }
    }
    true
}

/// The row of the frame at a place. The sheet may be left out where only one sheet of the workbook was read.
fn row_at(intake: &Intake, rows: &Rows<'_>, file: &str, sheet: &str, row: u32) -> Option<usize> {
    let file = intake.files.binary_search_by(|source| (*source.path).cmp(file)).ok()?;
    let sheets = &intake.files[file].sheets;
    let sheet = match sheet {
        "" if sheets.len() == 1 => 0,
        name => sheets.iter().position(|source| source.name.as_deref().unwrap_or_default() == name)?,
    };
    // The frame is in the order of file, sheet, row.
    let place = |position: usize| (rows.file(position), rows.sheet(position), rows.row(position));
    let (mut low, mut high) = (0, rows.len());
    while low < high {
        let middle = low.midpoint(high);
        if place(middle) < (file, sheet, row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    (low < rows.len() && place(low) == (file, sheet, row)).then_some(low)
}
