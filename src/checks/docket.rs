//! The lines of `resolutions.csv` before they are matched to rows: which can take effect at all, and which contradict each other
//! (calculation.md, section 2.5).

use std::collections::HashMap;

use super::subjects::participant_of_pupil;
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::ids::Sasid;
use crate::intake::fields::Field;
use crate::intake::lists::{Resolution, Ruling, Subject};
use crate::intake::{Intake, Office};
use crate::ranks::RowRank;
use crate::stop::Stop;
use crate::values;
use crate::words::thousands;

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineStatus {
    /// It did what it says.
    TookEffect,
    /// Nothing fits it (W214), and why.
    FitsNothing(String),
    /// Its reason, approval or date is missing or does not count (W220), and why.
    IsIncomplete(String),
    /// What it decides is already so (W231), and why.
    IsMoot(String),
    /// Its Decision is empty (W232): nothing is decided yet, and it keeps nothing from being final by itself.
    IsUndecided,
}

/// A line of `resolutions.csv` with what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEffect {
    /// What became of it.
    pub status: LineStatus,
    /// The rows that it changed, in ascending order.
    pub rows: Vec<RowRank>,
}

impl LineEffect {
    /// Whether it did what it says.
    #[must_use]
    pub fn took_effect(&self) -> bool {
        self.status == LineStatus::TookEffect
    }

    /// Whether it keeps the report from being final.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.status,
            LineStatus::FitsNothing(_) | LineStatus::IsIncomplete(_)
        )
    }

    /// What a person should know about the line, if anything.
    fn finding(&self, line: &Resolution) -> Option<Finding> {
        let (code, message) = match &self.status {
            LineStatus::TookEffect | LineStatus::IsUndecided => return None,
            LineStatus::FitsNothing(why) => {
                (Code::W214, format!("the resolution finds nothing: {why}"))
            }
            LineStatus::IsIncomplete(why) => {
                (Code::W220, format!("the resolution has no effect: {why}"))
            }
            LineStatus::IsMoot(why) => (
                Code::W231,
                format!("the resolution has nothing left to do: {why}"),
            ),
        };
        let mut finding = Finding::of_file(code, &line.file).saying(message);
        finding.row = Some(line.line);
        Some(finding)
    }
}

/// What a person should know about the lines: one finding for each without an effect, and one for all that nobody decided yet.
pub(super) fn findings(effects: &[LineEffect], lines: &[Resolution]) -> Vec<Finding> {
    let told = effects.iter().zip(lines);
    let mut findings: Vec<Finding> = told
        .clone()
        .filter_map(|(effect, line)| effect.finding(line))
        .collect();
    let undecided: Vec<&Resolution> = told
        .filter(|(effect, _)| effect.status == LineStatus::IsUndecided)
        .map(|(_, line)| line)
        .collect();
    findings.extend(undecided.first().map(|first| {
        let message = match undecided.len() {
            1 => "1 line has no Decision yet".to_string(),
            many => format!("{} lines have no Decision yet", thousands(many as u64)),
        };
        let mut finding = Finding::of_file(Code::W232, &first.file).saying(message);
        finding.row = Some(first.line);
        finding
    }));
    findings
}

/// For each line, why it cannot take effect whatever it is about; none where it can.
pub(super) fn judge(intake: &Intake) -> Result<Vec<Option<LineStatus>>, Stop> {
    let lines = &intake.resolutions;
    let judged: Vec<Option<LineStatus>> = lines
        .iter()
        .map(|line| without_effect(line, intake))
        .collect();
    let standing: Vec<&Resolution> = lines
        .iter()
        .zip(&judged)
        .filter(|(_, status)| status.is_none())
        .map(|(line, _)| line)
        .collect();
    let mut stops = pupils_twice(&standing, intake);
    stops.extend(cells_twice(&standing));
    stops.extend(qualified_and_denied(&standing));
    match Stop::of_all(stops) {
        Some(stop) => Err(stop),
        None => Ok(judged),
    }
}

fn without_effect(line: &Resolution, intake: &Intake) -> Option<LineStatus> {
    let unfit = |why: &str| Some(LineStatus::FitsNothing(why.to_string()));
    let Some(ruling) = line.ruling else {
        return Some(LineStatus::IsUndecided);
    };
    if let Some(why) = incomplete(line, &intake.office) {
        return Some(LineStatus::IsIncomplete(why.to_string()));
    }
    let subject = match &line.subject {
        Ok(subject) => subject,
        Err(why) => return unfit(why),
    };
    match (ruling, subject) {
        (Ruling::Correct, Subject::Source { row: Some(_), .. })
            if intake.fields.of_title(&line.column).is_none() =>
        {
            unfit("its Column is not the heading of a field of a submission")
        }
        (Ruling::Qualify, Subject::Source { row: Some(_), .. }) if line.codes.is_empty() => {
            unfit("its Codes are empty; qualify names every N code that it waives")
        }
        (Ruling::Exclude | Ruling::Attest, Subject::Participant { .. })
        | (Ruling::Pay | Ruling::Deny, Subject::Pupil { .. })
        | (Ruling::Deny | Ruling::Attest, Subject::Source { .. })
        | (Ruling::Correct | Ruling::Qualify, Subject::Source { row: Some(_), .. }) => None,
        (Ruling::Exclude, _) => unfit("exclude names a District Code, and a charter's School Code"),
        (Ruling::Correct | Ruling::Qualify, _) => unfit("it names no Source File and Source Row"),
        (Ruling::Pay, _) => unfit("pay names a District Code, a SASID and a Program Code"),
        (Ruling::Deny, _) => unfit("deny names a Source File, or a SASID and a Program Code"),
        _ => unfit("it does not say what it is about"),
    }
}

/// W220: what is missing for a line to be a decision on the record.
fn incomplete(line: &Resolution, office: &Office) -> Option<&'static str> {
    if line.reason.is_empty() {
        return Some("it has no Reason");
    }
    if line.approved_by.is_empty() {
        return Some("it has no Approved By");
    }
    let prepared_by = office.prepared_by.as_deref().map(str::trim);
    if prepared_by.is_some_and(|name| name.to_lowercase() == line.approved_by.trim().to_lowercase())
    {
        return Some("it is approved by the one who prepared the batch");
    }
    let Some(date) = values::date(&line.date, false) else {
        return Some("its Date is empty or not a date");
    };
    match office.run_date {
        Some(run_date) if date.day > run_date => Some("its Date is after the run_date"),
        _ => None,
    }
}

fn contradiction(message: &str, first: &Resolution, second: &Resolution) -> Stop {
    let mut stop = Stop::usage(message, &first.place, "leave one of the two decisions");
    stop.places.push(second.place.clone());
    stop
}

/// Two `pay` lines for one pupil and program; a `pay` and a `deny` of one participant for it.
fn pupils_twice(lines: &[&Resolution], intake: &Intake) -> Vec<Stop> {
    let mut stops = Vec::new();
    let mut by_pupil: HashMap<(Sasid, &str), Vec<&Resolution>> = HashMap::new();
    for line in lines {
        let Ok(Subject::Pupil { sasid, program, .. }) = &line.subject else {
            continue;
        };
        let others = by_pupil.entry((*sasid, program)).or_default();
        for other in others.iter() {
            if line.ruling == Some(Ruling::Pay) && other.ruling == Some(Ruling::Pay) {
                let message = "two resolutions pay the same pupil and program";
                stops.push(contradiction(message, other, line));
            }
            if line.ruling != other.ruling
                && participant_of_pupil(line, intake) == participant_of_pupil(other, intake)
            {
                let message = "one resolution pays and another denies the same rows";
                stops.push(contradiction(message, other, line));
            }
        }
        others.push(line);
    }
    stops
}

/// The file, sheet and row of a line that names its subject by place.
fn source(line: &Resolution) -> Option<(&str, &str, Option<u32>)> {
    match &line.subject {
        Ok(Subject::Source { file, sheet, row }) => Some((file, sheet, *row)),
        _ => None,
    }
}

/// A line may leave out the sheet of a workbook that has only one.
fn may_be_one_sheet(one: &str, other: &str) -> bool {
    one == other || one.is_empty() || other.is_empty()
}

/// Two corrections of one cell that say different things.
fn cells_twice(lines: &[&Resolution]) -> Vec<Stop> {
    let mut stops = Vec::new();
    let mut by_cell: HashMap<_, Vec<&Resolution>> = HashMap::new();
    for line in lines
        .iter()
        .filter(|line| line.ruling == Some(Ruling::Correct))
    {
        let Some((file, sheet, row)) = source(line) else {
            continue;
        };
        let others = by_cell
            .entry((file, row, Field::of_title(&line.column)))
            .or_default();
        for other in others.iter() {
            let same_sheet =
                source(other).is_some_and(|(_, theirs, _)| may_be_one_sheet(sheet, theirs));
            if same_sheet && other.becomes != line.becomes {
                let message = "two resolutions correct one cell to different texts";
                stops.push(contradiction(message, other, line));
            }
        }
        others.push(line);
    }
    stops
}

/// A row that one line qualifies and another denies by itself or with its sheet or file.
fn qualified_and_denied(lines: &[&Resolution]) -> Vec<Stop> {
    let mut stops = Vec::new();
    let mut denies: HashMap<&str, Vec<&Resolution>> = HashMap::new();
    for line in lines
        .iter()
        .filter(|line| line.ruling == Some(Ruling::Deny))
    {
        if let Some((file, ..)) = source(line) {
            denies.entry(file).or_default().push(line);
        }
    }
    for line in lines
        .iter()
        .filter(|line| line.ruling == Some(Ruling::Qualify))
    {
        let Some((file, sheet, row)) = source(line) else {
            continue;
        };
        let covers = |deny: &&&Resolution| {
            source(deny).is_some_and(|(_, denied, denied_row)| {
                may_be_one_sheet(sheet, denied) && (denied_row.is_none() || denied_row == row)
            })
        };
        if let Some(deny) = denies.get(file).into_iter().flatten().find(covers) {
            let message = "one resolution qualifies a row and another denies it";
            stops.push(contradiction(message, deny, line));
        }
    }
    stops
}
