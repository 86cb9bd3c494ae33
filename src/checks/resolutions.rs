//! Decisions on the record: held rows taken back in or denied, rejected rows and refused files closed, warnings attested.

use std::collections::HashMap;

use super::row::Row;
use crate::catalogue::{Code, Severity};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::ids::Sasid;
use crate::intake::completions::Rows;
use crate::intake::lists::{Ruling, Target};
use crate::intake::{Intake, SUBMISSIONS};
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};

/// What the resolutions did.
pub(super) struct Resolved {
    /// By file of the batch: closed.
    pub(super) closed_files: Vec<bool>,
    /// By resolution: whether it found something.
    pub(super) found: Vec<bool>,
}

/// Applies the resolutions: what is denied first, then what is paid, each in the order of their lines. A `pay` denies whatever else is
/// held of its completion, and would leave nothing for a `deny` that says the same.
pub(super) fn apply(
    decisions: &mut [Row],
    intake: &Intake,
    rows: &Rows<'_>,
    findings: &mut Vec<Finding>,
) -> Resolved {
    let mut resolved = Resolved {
        closed_files: vec![false; intake.files.len()],
        found: vec![false; intake.resolutions.len()],
    };
    if intake.resolutions.is_empty() {
        return resolved;
    }
    // Rows that a resolution can still move, by pupil and program.
    let mut by_completion: HashMap<(Sasid, ProgramRank), Vec<RowRank>> = HashMap::new();
    for (position, decision) in RowRank::enumerate(decisions) {
        if let (Some(sasid), Some(program), None | Some(Outcome::Held)) =
            (decision.sasid, decision.program, decision.outcome)
        {
            by_completion
                .entry((sasid, program))
                .or_default()
                .push(position);
        }
    }
    let of = |ruling: Ruling| {
        intake
            .resolutions
            .iter()
            .enumerate()
            .filter(move |(_, resolution)| resolution.decision == ruling)
    };
    for (number, resolution) in of(Ruling::Deny)
        .chain(of(Ruling::Pay))
        .chain(of(Ruling::Undecided))
    {
        let done = match &resolution.target {
            _ if resolution.decision == Ruling::Undecided => Err("its Row is empty; write pay or deny".to_string()),
            Target::Pupil { participant, sasid, program } => {
                let rank = participant_rank(intake, participant);
                let completion = intake.programs.rank(program).and_then(|program| by_completion.get(&(*sasid, program)));
                let found = completion.is_some_and(|completion| decide_pupil(decisions, completion, rank, resolution.decision, number));
                if found { Ok(()) } else { Err(format!("{participant} has no held row for this pupil and program")) }
            }
            Target::Row { file, sheet, row } => row_at(intake, rows, file, sheet, *row).and_then(|position| {
                let decision = &mut decisions[position];
                match decision.outcome {
                    Some(Outcome::Rejected) if resolution.decision == Ruling::Pay => {
                        Err(format!("row {row} is rejected; what cannot be read cannot be counted: correct it in its file, or deny it"))
                    }
                    _ if resolution.decision == Ruling::Pay => attest(findings, number, |finding| finding.position == Some(position))
                        .ok_or_else(|| format!("row {row} has no warning")),
                    Some(Outcome::Rejected) => {
                        decision.outcome = Some(Outcome::Denied);
                        decision.resolution = Some(number);
                        Ok(())
                    }
                    // What passed the checks has no outcome until the money is allocated.
                    None => Err(format!("row {row} can be read and qualifies; only a rejected row can be denied by its place")),
                    Some(other) => Err(format!("row {row} is not rejected but {}", other.label().to_lowercase())),
                }
            }),
            Target::File { file, sheet } => match intake.files.iter().position(|source| *source.path == **file) {
                Some(position) if intake.files[position].refused.is_some() => match resolution.decision {
                    Ruling::Deny => {
                        resolved.closed_files[position] = true;
                        Ok(())
                    }
                    _ => Err("the file was refused; what cannot be read cannot be counted: send it again, or deny it".to_string()),
                },
                Some(_) if resolution.decision == Ruling::Pay => {
                    let on_it = |finding: &Finding| *finding.file == **file;
                    let there = |finding: &Finding| sheet.is_empty() || finding.sheet.as_deref() == Some(sheet);
                    let nothing = || if sheet.is_empty() { "the file has no warning" } else { "the sheet has no warning" }.to_string();
                    attest(findings, number, |finding| on_it(finding) && there(finding)).ok_or_else(nothing)
                }
                Some(_) => Err("the file was not refused; pay, and not deny, attests its warnings".to_string()),
                None => Err(no_such_file(intake, file)),
            },
        };
        resolved.found[number] = done.is_ok();
        let about = |code: Code| {
            let mut finding = Finding::of_file(code, &resolution.file);
            finding.row = Some(resolution.line);
            finding
        };
        if let Err(why) = done {
            findings.push(about(Code::W214).saying(format!("the resolution finds nothing: {why}")));
        }
        let decided = resolution.decision != Ruling::Undecided;
        if decided && (resolution.reason.is_empty() || resolution.approved_by.is_empty()) {
            findings.push(about(Code::W220));
        }
    }
    resolved
}

/// Attests the warnings among some findings that nobody attested before; none where there is no warning.
fn attest(findings: &mut [Finding], number: usize, about: impl Fn(&Finding) -> bool) -> Option<()> {
    let mut found = None;
    for finding in findings
        .iter_mut()
        .filter(|finding| finding.code.severity() == Severity::Warning && about(finding))
    {
        found = Some(());
        finding.attested_by.get_or_insert(number);
    }
    found
}

fn participant_rank(intake: &Intake, code: &str) -> Option<ParticipantRank> {
    let (district, school) = code.split_once('-').unwrap_or((code, ""));
    intake.participants.exactly(district, school)
}

/// Decides the held rows of a participant; `false` where there is none.
fn decide_pupil(
    decisions: &mut [Row],
    completion: &[RowRank],
    participant: Option<ParticipantRank>,
    ruling: Ruling,
    number: usize,
) -> bool {
    let held = |decision: &Row| decision.outcome == Some(Outcome::Held);
    let theirs: Vec<RowRank> = completion
        .iter()
        .copied()
        .filter(|position| {
            held(&decisions[*position])
                && participant.is_some()
                && decisions[*position].participant == participant
        })
        .collect();
    let Some(first) = theirs
        .iter()
        .copied()
        .min_by_key(|position| decisions[*position].standing(*position))
    else {
        return false;
    };
    match ruling {
        Ruling::Deny => {
            for position in theirs {
                decisions[position].outcome = Some(Outcome::Denied);
                decisions[position].resolution = Some(number);
            }
        }
        Ruling::Undecided => return false,
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

/// Why a resolution names no file of the batch.
fn no_such_file(intake: &Intake, file: &str) -> String {
    if file.bytes().all(|byte| byte.is_ascii_digit()) {
        // Columns shifted by some: this can be a SASID.
        return format!(
            "Source File is {}, not the path of a file",
            crate::finding::describe(file)
        );
    }
    let below = format!("{SUBMISSIONS}/{file}");
    if intake.files.iter().any(|source| *source.path == *below) {
        format!("there is no file \"{file}\"; write \"{below}\"")
    } else {
        format!("there is no file \"{file}\"")
    }
}

/// The row of the frame at a place, or why there is none. The sheet may be left out where only one sheet of the workbook was read.
fn row_at(
    intake: &Intake,
    rows: &Rows<'_>,
    file: &str,
    sheet: &str,
    row: u32,
) -> Result<RowRank, String> {
    let found = intake
        .files
        .binary_search_by(|source| (*source.path).cmp(file));
    let file = found.map_err(|_| no_such_file(intake, file))?;
    let sheets = &intake.files[file].sheets;
    let sheet = match sheet {
        "" if sheets.len() == 1 => 0,
        name => sheets
            .iter()
            .position(|source| source.name.as_deref().unwrap_or_default() == name)
            .ok_or_else(|| {
                if name.is_empty() {
                    "the workbook has several sheets: name one".to_string()
                } else {
                    format!("no sheet \"{name}\" was read")
                }
            })?,
    };
    // The frame is in the order of file, sheet, row.
    let place = |position: RowRank| {
        (
            rows.file(position),
            rows.sheet(position),
            rows.row(position),
        )
    };
    let (mut low, mut high) = (0, rows.len());
    while low < high {
        let middle = low.midpoint(high);
        if place(RowRank::new(middle)) < (file, sheet, row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let found = RowRank::new(low);
    if low < rows.len() && place(found) == (file, sheet, row) {
        Ok(found)
    } else {
        Err(format!("row {row} holds no completion"))
    }
}
