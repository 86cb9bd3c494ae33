//! The file of decisions to be filled in: a line for whatever `resolutions.csv` can settle (files.md, "Resolutions").

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::{guard, writer};
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::Outcome;
use crate::ids::Sasid;
use crate::inspection::{Inspection, path_in_batch};
use crate::intake::lists::RESOLUTIONS;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};

/// A heading beyond those that are read: it tells the person who decides what the line is about.
const FOR_PEOPLE: [&str; 1] = ["What is wrong"];

/// A place that a line can name: file, sheet and row, the latter two empty where they do not matter.
type Place = (String, String, Option<u32>);

/// A line to be filled in: what it says, by heading. Decision, Reason, Approved By and Date are left empty; a line without a decision
/// has no effect.
type Line = Vec<(&'static str, String)>;

/// The headings of the file.
#[must_use]
pub fn headings() -> Vec<&'static str> {
    RESOLUTIONS
        .iter()
        .map(|heading| heading.title)
        .chain(FOR_PEOPLE)
        .collect()
}

/// The lines, in the order of [`headings`]: refused files and rejected rows by their place, held rows by pupil and program, and for
/// warnings a line per sheet.
#[must_use]
pub fn lines(inspection: &Inspection) -> Vec<Vec<String>> {
    let headings = headings();
    let lines = lines_by_place(inspection)
        .into_iter()
        .chain(lines_by_pupil(inspection));
    lines.map(|line| in_order(&headings, line)).collect()
}

fn in_order(headings: &[&str], line: Line) -> Vec<String> {
    let mut cells = vec![String::new(); headings.len()];
    for (heading, text) in line {
        if let Some(column) = headings.iter().position(|known| *known == heading) {
            cells[column] = text;
        }
    }
    cells
}

/// Writes the lines as csv. Gives their number.
pub fn to_fill_in(inspection: &Inspection, out: impl Write) -> io::Result<usize> {
    let mut csv = writer(out);
    csv.write_record(headings())?;
    let lines = lines(inspection);
    for line in &lines {
        csv.write_record(line.iter().map(|text| guard(text.as_str()).into_owned()))?;
    }
    csv.flush()?;
    Ok(lines.len())
}

fn lines_by_place(inspection: &Inspection) -> Vec<Line> {
    places(inspection)
        .into_iter()
        .map(|((file, sheet, row), (codes, wrong))| {
            vec![
                ("Source File", path_in_batch(&file)),
                ("Source Sheet", sheet),
                (
                    "Source Row",
                    row.map(|row| row.to_string()).unwrap_or_default(),
                ),
                // Codes bind a line to one row: a line about a sheet or a file has none.
                ("Codes", row.map(|_| codes).unwrap_or_default()),
                ("What is wrong", wrong),
            ]
        })
        .collect()
}

fn lines_by_pupil(inspection: &Inspection) -> Vec<Line> {
    let places = places_of_held(inspection);
    held(inspection)
        .into_iter()
        .map(|((participant, sasid, program), codes)| {
            let entry = &inspection.intake.participants.all()[participant];
            let titles: Vec<&str> = codes.iter().map(|code| code.entry().title).collect();
            let at = places
                .get(&(sasid, program))
                .map(|places| places.join("; "))
                .unwrap_or_default();
            vec![
                ("District Code", entry.district_code.clone()),
                ("School Code", entry.school_code.clone()),
                ("SASID", sasid.reveal()),
                (
                    "Program Code",
                    inspection.intake.programs.all()[program].code.clone(),
                ),
                ("Codes", codes.to_string()),
                ("What is wrong", format!("{}: {at}", titles.join("; "))),
            ]
        })
        .collect()
}

/// What is named by its place, with its codes and what is wrong.
fn places(inspection: &Inspection) -> BTreeMap<Place, (String, String)> {
    let mut rejected: BTreeMap<Place, (Vec<Code>, Vec<String>)> = BTreeMap::new();
    let mut warnings: BTreeMap<Place, BTreeMap<Code, usize>> = BTreeMap::new();
    for finding in inspection
        .findings
        .iter()
        .filter(|finding| inspection.is_open(finding))
    {
        let sheet = finding.sheet.as_deref().unwrap_or_default().to_string();
        match finding.code.severity() {
            Severity::Refused | Severity::Rejected => {
                let whole = finding.code.severity() == Severity::Refused;
                let place = if whole {
                    (finding.file.to_string(), String::new(), None)
                } else {
                    (finding.file.to_string(), sheet, finding.row)
                };
                let (codes, wrong) = rejected.entry(place).or_default();
                codes.push(finding.code);
                wrong.push(finding.message.to_string());
            }
            Severity::Warning | Severity::Question => {
                *warnings
                    .entry((finding.file.to_string(), sheet, None))
                    .or_default()
                    .entry(finding.code)
                    .or_default() += 1;
            }
            Severity::NotQualified | Severity::Held => {}
        }
    }
    let joined = |codes: Vec<Code>| {
        codes
            .iter()
            .map(|code| code.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let rejected = rejected
        .into_iter()
        .map(|(place, (codes, wrong))| (place, (joined(codes), wrong.join("; "))));
    let warned = warnings.into_iter().map(|(place, counts)| {
        let wrong: Vec<String> = counts
            .iter()
            .map(|(code, count)| format!("{count} x {}", code.entry().title))
            .collect();
        let wrong = format!(
            "{} (attest: someone checked, and it counts as submitted)",
            wrong.join("; ")
        );
        (place, (joined(counts.into_keys().collect()), wrong))
    });
    warned.chain(rejected).collect()
}

/// What is held, by participant, pupil and program, with its codes.
fn held(inspection: &Inspection) -> BTreeMap<(ParticipantRank, Sasid, ProgramRank), Codes> {
    let held = inspection
        .decisions
        .iter()
        .filter(|decision| decision.ended() == Some(Outcome::Held));
    held.filter_map(|decision| {
        Some((
            (decision.participant?, decision.sasid?, decision.program?),
            decision.codes,
        ))
    })
    .collect()
}

/// Where the held rows of each pupil and program stand, with participant and date of each: who decides must see both sides.
fn places_of_held(inspection: &Inspection) -> BTreeMap<(Sasid, ProgramRank), Vec<String>> {
    let rows = inspection.intake.completions.rows();
    let mut places: BTreeMap<(Sasid, ProgramRank), Vec<String>> = BTreeMap::new();
    for (position, decision) in RowRank::enumerate(&inspection.decisions) {
        let (Some(Outcome::Held), Some(sasid), Some(program)) =
            (decision.ended(), decision.sasid, decision.program)
        else {
            continue;
        };
        let file = &inspection.intake.files[rows.file(position)];
        let sheet = file.sheets[rows.sheet(position)].name.as_deref();
        let participant = decision
            .participant
            .map(|rank| inspection.intake.participants.all()[rank].code())
            .unwrap_or_default();
        let place = crate::finding::place(&file.path, sheet, Some(rows.row(position)), None);
        places
            .entry((sasid, program))
            .or_default()
            .push(match decision.date {
                Some(date) => format!("{participant} in {place}, completed {date}"),
                None => format!("{participant} in {place}"),
            });
    }
    places
}
