//! Decisions on the record: held rows taken back in or denied, rejected rows and refused files closed, warnings attested.

use std::collections::HashMap;

use super::row::Row;
use crate::catalogue::{Code, Severity};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::ids::Sasid;
use crate::intake::completions::Rows;
use crate::intake::lists::{Ruling, Subject, participant_code};
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
    let of = |rulings: &'static [Option<Ruling>]| {
        intake
            .resolutions
            .iter()
            .enumerate()
            .filter(move |(_, resolution)| rulings.contains(&resolution.ruling))
    };
    const DENY: &[Option<Ruling>] = &[Some(Ruling::Deny)];
    const OTHERS: &[Option<Ruling>] = &[
        Some(Ruling::Pay),
        Some(Ruling::Attest),
        Some(Ruling::Exclude),
        Some(Ruling::Correct),
        Some(Ruling::Qualify),
        None,
    ];
    for (number, resolution) in of(DENY).chain(of(OTHERS)) {
        let done = match (&resolution.subject, resolution.ruling) {
            (_, None) => Err("its Decision is empty".to_string()),
            (Err(why), _) => Err(why.clone()),
            (Ok(Subject::Pupil { district, school, sasid, program }), Some(ruling @ (Ruling::Pay | Ruling::Deny))) => {
                let participant = participant_code(district, school);
                let rank = intake.participants.exactly(district, school);
                let completion = intake.programs.rank(program).and_then(|program| by_completion.get(&(*sasid, program)));
                let found = completion.is_some_and(|completion| decide_pupil(decisions, completion, rank, ruling, number));
                if found { Ok(()) } else { Err(format!("{participant} has no held row for this pupil and program")) }
            }
            (Ok(Subject::Source { file, sheet, row: Some(row) }), Some(ruling @ (Ruling::Attest | Ruling::Deny))) => row_at(intake, rows, file, sheet, *row).and_then(|position| {
                let decision = &mut decisions[position];
                match decision.outcome {
                    Some(Outcome::Rejected) if ruling == Ruling::Attest => {
                        Err(format!("row {row} is rejected; what cannot be read cannot be counted: correct it in its file, or deny it"))
                    }
                    _ if ruling == Ruling::Attest => attest(findings, number, |finding| finding.position == Some(position))
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
            (Ok(Subject::Source { file, sheet, row: None }), Some(ruling @ (Ruling::Attest | Ruling::Deny))) => match intake.files.iter().position(|source| *source.path == **file) {
                Some(position) if intake.files[position].refused.is_some() => match ruling {
                    Ruling::Deny => {
                        resolved.closed_files[position] = true;
                        Ok(())
                    }
                    _ => Err("the file was refused; what cannot be read cannot be counted: send it again, or deny it".to_string()),
                },
                Some(_) if ruling == Ruling::Attest => {
                    let on_it = |finding: &Finding| *finding.file == **file;
                    let there = |finding: &Finding| sheet.is_empty() || finding.sheet.as_deref() == Some(sheet);
                    let nothing = || if sheet.is_empty() { "the file has no warning" } else { "the sheet has no warning" }.to_string();
                    attest(findings, number, |finding| on_it(finding) && there(finding)).ok_or_else(nothing)
                }
                Some(_) => Err("the file was not refused; attest, and not deny, answers its warnings".to_string()),
                None => Err(no_such_file(intake, file)),
            },
            (Ok(_), Some(ruling)) => Err(format!("{} is not possible there", ruling.as_str())),
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
        let decided = resolution.ruling.is_some();
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
        _ => {
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
