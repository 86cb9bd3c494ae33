//! The file of decisions to be filled in: a line for whatever `resolutions.csv` can settle (files.md, "Resolutions").

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::{guard, writer};
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::Outcome;
use crate::ids::Sasid;
use crate::inspection::{Inspection, path_in_batch};
use crate::intake::lists::RESOLUTIONS;
use crate::intake::table::Heading;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};

/// A heading beyond those that are read: it tells the person who decides what the line is about.
const FOR_PEOPLE: [&str; 1] = ["What is wrong"];

/// A place that a line can name: file, sheet and row, the latter two empty where they do not matter.
type Place = (String, String, Option<u32>);

/// Writes the lines: refused files and rejected rows by their place, held rows by pupil and program, and for warnings a line per sheet.
/// Decision, Reason, Approved By and Date are left empty; a line without a decision has no effect. Gives the number of lines.
pub fn to_fill_in(inspection: &Inspection, out: impl Write) -> io::Result<usize> {
    let mut csv = writer(out);
    csv.write_record(
        RESOLUTIONS
            .iter()
            .map(|heading| heading.title)
            .chain(FOR_PEOPLE),
    )?;
    let mut lines = 0;
    let is_codes = |heading: &Heading| heading.key == "codes";
    let codes_column = RESOLUTIONS.iter().position(is_codes).unwrap_or_default();
    let mut line = |about: [&str; 7], codes: &str, wrong: &str| -> io::Result<()> {
        lines += 1;
        let mut record: Vec<String> = about.iter().map(|text| guard(*text).into_owned()).collect();
        record.resize(RESOLUTIONS.len(), String::new());
        // Codes bind a line to one row: a line about a sheet or a file has none.
        let [.., sasid, _, _, _, row] = about;
        if !(sasid.is_empty() && row.is_empty()) {
            record[codes_column] = codes.to_string();
        }
        record.push(guard(wrong).into_owned());
        csv.write_record(record)
    };
    for ((file, sheet, row), (codes, wrong)) in places(inspection) {
        let row = row.map(|row| row.to_string()).unwrap_or_default();
        line(
            ["", "", "", "", &path_in_batch(&file), &sheet, &row],
            &codes,
            &wrong,
        )?;
    }
    let places = places_of_held(inspection)?;
    for ((participant, sasid, program), codes) in held(inspection) {
        let entry = &inspection.intake.participants.all()[participant];
        let program_rank = program;
        let program = &inspection.intake.programs.all()[program_rank].code;
        let titles: Vec<&str> = codes.iter().map(|code| code.entry().title).collect();
        let at = places
            .get(&(sasid, program_rank))
            .map(|places| places.join("; "))
            .unwrap_or_default();
        let about = [
            entry.district_code.as_str(),
            &entry.school_code,
            &sasid.reveal(),
            program,
            "",
            "",
            "",
        ];
        line(
            about,
            &codes.to_string(),
            &format!("{}: {at}", titles.join("; ")),
        )?;
    }
    csv.flush()?;
    Ok(lines)
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
            Severity::Warning => {
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

/// Where the held rows of each pupil and program stand, with the participant of each: whoever decides must see both sides.
fn places_of_held(
    inspection: &Inspection,
) -> io::Result<BTreeMap<(Sasid, ProgramRank), Vec<String>>> {
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
            .push(format!("{participant} in {place}"));
    }
    Ok(places)
}
