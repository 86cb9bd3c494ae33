//! The file of decisions to fill in: a line for everything that `resolutions.csv` can settle (files.md, "Resolutions").

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::text::{guard, writer};
use crate::catalogue::{Code, Codes, Severity};
use crate::checks::{Cells, Corrections, refused_file_of, row_check};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::ids::Sasid;
use crate::inspection::{Inspection, path_in_batch};
use crate::intake::completions::Field;
use crate::intake::lists::{BLOCKS_FINAL, FOR_PEOPLE, RESOLUTIONS, Ruling};
use crate::proposals::{Proposals, Proposer};
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
use crate::returns::decisions::ToDecide;

/// A place that a line can name: file, sheet and row; sheet and row may be empty.
type Place = (String, String, Option<u32>);

/// The cells of a line to fill in, by heading. Decision, Reason, Approved By and Date are empty; a line without a decision has no
/// effect.
type Line = Vec<(&'static str, String)>;

/// What can be decided of a refused file.
const OF_A_REFUSED_FILE: &[Ruling] = &[Ruling::Deny];
/// What can be decided of a row that is rejected, or whose program is not listed.
const OF_A_FAULTY_ROW: &[Ruling] = &[Ruling::Correct, Ruling::Deny];
/// What can be decided of a row that a question is about.
const OF_A_DOUBTFUL_ROW: &[Ruling] = &[Ruling::Attest, Ruling::Correct, Ruling::Deny];
/// What can be decided of a sheet or file with questions or warnings.
const OF_A_SHEET: &[Ruling] = &[Ruling::Attest, Ruling::Deny];
/// What can be decided of what is held of a pupil.
const OF_A_PUPIL: &[Ruling] = &[Ruling::Pay, Ruling::Deny];
/// What can be decided of a participant that a question is about.
const OF_A_PARTICIPANT: &[Ruling] = &[Ruling::Attest, Ruling::Exclude];

/// The headings of the file.
#[must_use]
pub fn headings() -> Vec<&'static str> {
    let all = RESOLUTIONS.iter().chain(FOR_PEOPLE);
    all.map(|heading| heading.title).collect()
}

/// The lines, in the order of [`headings`]: refused files and rejected rows by their place, held rows by pupil and program, for
/// warnings a line per sheet, for questions a line for what they are about: a row, a file or a participant; and for a code that is not
/// listed, where a program is proposed, a line that is ready for `correct`.
#[must_use]
pub fn lines(inspection: &Inspection) -> Vec<ToDecide> {
    let headings = headings();
    let rows = RowsByPlace::of(inspection);
    let lines = lines_by_place(inspection, &rows)
        .into_iter()
        .chain(lines_by_pupil(inspection, &rows))
        .chain(lines_by_participant(inspection));
    let to_decide = |(line, rulings)| ToDecide {
        cells: in_order(&headings, line),
        rulings,
    };
    lines.map(to_decide).collect()
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

/// Writes the lines as csv, and gives their number.
pub fn to_fill_in(inspection: &Inspection, out: impl Write) -> io::Result<usize> {
    let mut csv = writer(out);
    csv.write_record(headings())?;
    let lines = lines(inspection);
    for line in &lines {
        let cells = line.cells.iter();
        csv.write_record(cells.map(|text| guard(text.as_str()).into_owned()))?;
    }
    csv.flush()?;
    Ok(lines.len())
}

/// The rows that were read, by their place.
struct RowsByPlace<'i> {
    inspection: &'i Inspection,
    no_corrections: Corrections,
    ranks: HashMap<Place, RowRank>,
    /// Proposals for rows whose program is not listed.
    proposed: HashMap<RowRank, Proposals<'i>>,
}

impl<'i> RowsByPlace<'i> {
    fn of(inspection: &'i Inspection) -> RowsByPlace<'i> {
        let rows = inspection.intake.completions.rows();
        let place = |rank: RowRank| {
            let file = &inspection.intake.files[rows.file(rank)];
            let sheet = file.sheets[rows.sheet(rank)].name.as_deref();
            let sheet = sheet.unwrap_or_default().to_string();
            (file.path.to_string(), sheet, Some(rows.row(rank)))
        };
        RowsByPlace {
            inspection,
            no_corrections: Corrections::new(),
            ranks: RowRank::all(rows.len())
                .map(|rank| (place(rank), rank))
                .collect(),
            proposed: proposed(inspection),
        }
    }

    /// The cell to `correct` if a program is proposed, and its code if exactly one program is more than a guess. It has no effect
    /// until a person decides.
    fn correction(&self, rank: RowRank) -> Line {
        let Some(proposals) = self.proposed.get(&rank) else {
            return Line::new();
        };
        let cells = Cells::of(&self.inspection.intake, &self.no_corrections);
        let becomes = proposals.only().map(|program| program.code.clone());
        vec![
            ("Column", Field::ProgramCode.title().to_string()),
            ("Was", cells.text(rank, Field::ProgramCode).into_owned()),
            ("Becomes", becomes.unwrap_or_default()),
        ]
    }

    /// What binds a line to the row: its codes and its Row Check.
    fn binding(&self, rank: RowRank) -> (String, String) {
        let cells = Cells::of(&self.inspection.intake, &self.no_corrections);
        let codes = self.inspection.decisions[rank].codes.to_string();
        (codes, row_check(&cells, rank))
    }
}

/// Proposals for rows that do not qualify because of their code; rows without a proposal are left out.
fn proposed(inspection: &Inspection) -> HashMap<RowRank, Proposals<'_>> {
    let Some(rules) = &inspection.rules else {
        return HashMap::new();
    };
    let intake = &inspection.intake;
    let proposer = Proposer::new(&intake.programs, rules.school_year);
    let no_corrections = Corrections::new();
    let cells = Cells::of(intake, &no_corrections);
    let mut known: HashMap<(String, String), Proposals<'_>> = HashMap::new();
    let unlisted = RowRank::enumerate(&inspection.decisions).filter(|(_, decision)| {
        decision.ended() == Some(Outcome::NotQualified) && decision.codes.contains(Code::N301)
    });
    let proposals = unlisted.map(|(rank, _)| {
        let text = |field| cells.text(rank, field).into_owned();
        let (code, name) = (text(Field::ProgramCode), text(Field::ProgramName));
        let proposals = known
            .entry((code, name))
            .or_insert_with_key(|(code, name)| proposer.of(code, name));
        (rank, proposals.clone())
    });
    proposals
        .filter(|(_, proposals)| !proposals.meant.is_empty())
        .collect()
}

/// Whether a line is about something that keeps the report from being final.
fn blocks(blocks: bool) -> (&'static str, String) {
    let [yes, no] = BLOCKS_FINAL;
    ("Blocks FINAL", if blocks { yes } else { no }.to_string())
}

fn lines_by_place(
    inspection: &Inspection,
    rows: &RowsByPlace<'_>,
) -> Vec<(Line, &'static [Ruling])> {
    let lines = places(inspection, rows).into_iter().map(|(place, wrong)| {
        let rulings = wrong.rulings(place.2.is_some());
        // Only a line about one row has codes.
        let rank = rows.ranks.get(&place).copied();
        let (codes, check) = rank.map(|rank| rows.binding(rank)).unwrap_or_default();
        let correction = rank.map(|rank| rows.correction(rank)).unwrap_or_default();
        let (file, sheet, row) = place;
        let row = row.map(|row| row.to_string()).unwrap_or_default();
        let mut line = vec![
            ("Source File", path_in_batch(&file)),
            ("Source Sheet", sheet),
            ("Source Row", row),
            ("Codes", codes),
            ("Row Check", check),
            ("What is wrong", wrong.said.join("; ")),
            blocks(wrong.blocks_final()),
        ];
        line.extend(correction);
        (line, rulings)
    });
    lines.collect()
}

/// Questions about a participant, such as one that sent nothing.
fn lines_by_participant(inspection: &Inspection) -> Vec<(Line, &'static [Ruling])> {
    let lines = open(inspection).filter_map(|finding| {
        let entry = &inspection.intake.participants.all()[participant_asked_about(finding)?];
        let district = &entry.district_code;
        if refused_file_of(district, &inspection.intake, &inspection.closed_files).is_some() {
            // The line of the file comes first.
            return None;
        }
        let line = vec![
            ("District Code", entry.district_code.clone()),
            ("School Code", entry.school_code.clone()),
            (
                "What is wrong",
                format!("{}: {}", entry.name, finding.message),
            ),
            blocks(true),
        ];
        Some((line, OF_A_PARTICIPANT))
    });
    lines.collect()
}

/// Faults of a list are corrected in the list.
fn is_of_a_submission(finding: &Finding, inspection: &Inspection) -> bool {
    let intake = &inspection.intake;
    let mut read = intake.files.iter().map(|file| &file.path);
    let mut passed_over = intake.passed_over.iter().map(|file| &file.path);
    read.any(|path| *path == finding.file) || passed_over.any(|path| **path == *finding.file)
}

fn open(inspection: &Inspection) -> impl Iterator<Item = &Finding> {
    let findings = inspection.findings.iter();
    findings.filter(|finding| inspection.is_open(finding))
}

fn participant_asked_about(finding: &Finding) -> Option<ParticipantRank> {
    let is_question = finding.code.severity() == Severity::Question;
    finding
        .participant
        .filter(|_| is_question && finding.row.is_none())
}

fn lines_by_pupil(
    inspection: &Inspection,
    rows: &RowsByPlace<'_>,
) -> Vec<(Line, &'static [Ruling])> {
    let places = places_of_held(inspection);
    held(inspection)
        .into_iter()
        .map(|((participant, sasid, program_rank), (rank, codes))| {
            let entry = &inspection.intake.participants.all()[participant];
            let program = &inspection.intake.programs.all()[program_rank];
            let titles: Vec<&str> = codes.iter().map(|code| code.entry().title).collect();
            let at = places
                .get(&(sasid, program_rank))
                .map(|places| places.join("; "))
                .unwrap_or_default();
            let wrong = format!(
                "{}, {}: {}: {at}",
                entry.name,
                program.name,
                titles.join("; ")
            );
            let line = vec![
                ("District Code", entry.district_code.clone()),
                ("School Code", entry.school_code.clone()),
                ("SASID", sasid.reveal()),
                ("Program Code", program.code.clone()),
                ("Codes", codes.to_string()),
                ("Row Check", rows.binding(rank).1),
                ("What is wrong", wrong),
                blocks(true),
            ];
            (line, OF_A_PUPIL)
        })
        .collect()
}

/// What is wrong at a place.
#[derive(Default)]
struct Wrong {
    said: Vec<String>,
    severities: Vec<Severity>,
}

impl Wrong {
    fn has(&self, severity: Severity) -> bool {
        self.severities.contains(&severity)
    }

    fn blocks_final(&self) -> bool {
        [Severity::Refused, Severity::Rejected, Severity::Question]
            .into_iter()
            .any(|severity| self.has(severity))
    }

    fn rulings(&self, is_a_row: bool) -> &'static [Ruling] {
        match is_a_row {
            true if self.has(Severity::Question) => OF_A_DOUBTFUL_ROW,
            true => OF_A_FAULTY_ROW,
            false if self.has(Severity::Refused) => OF_A_REFUSED_FILE,
            false => OF_A_SHEET,
        }
    }
}

/// Findings that a line names by place.
fn places(inspection: &Inspection, rows: &RowsByPlace<'_>) -> BTreeMap<Place, Wrong> {
    let mut wrong: BTreeMap<Place, Wrong> = BTreeMap::new();
    let mut warnings: BTreeMap<Place, BTreeMap<Code, usize>> = BTreeMap::new();
    for finding in open(inspection).filter(|finding| is_of_a_submission(finding, inspection)) {
        let file = finding.file.to_string();
        let sheet = finding.sheet.as_deref().unwrap_or_default().to_string();
        let place = match finding.code.severity() {
            Severity::Refused => (file, String::new(), None),
            Severity::Rejected => (file, sheet, finding.row),
            // The row of headings is not one that a line can name.
            Severity::Question if participant_asked_about(finding).is_none() => {
                (file, sheet, finding.position.and(finding.row))
            }
            Severity::Warning => {
                let counts = warnings.entry((file, sheet, None)).or_default();
                *counts.entry(finding.code).or_default() += 1;
                continue;
            }
            Severity::NotQualified if is_proposed(finding, rows) => (file, sheet, finding.row),
            Severity::Question | Severity::NotQualified | Severity::Held => continue,
        };
        let here = wrong.entry(place).or_default();
        here.severities.push(finding.code.severity());
        here.said.push(finding.message.to_string());
        if is_proposed(finding, rows) {
            here.said.push(finding.fix().to_string());
        }
    }
    for (place, counts) in warnings {
        let counts: Vec<String> = counts
            .iter()
            .map(|(code, count)| format!("{count} x {}", code.entry().title))
            .collect();
        wrong.entry(place).or_default().said.push(format!(
            "{} (attest: someone checked, and it counts as submitted)",
            counts.join("; ")
        ));
    }
    wrong
}

/// Whether it is about a code that is not listed, and a program is proposed.
fn is_proposed(finding: &Finding, rows: &RowsByPlace<'_>) -> bool {
    let row = finding.position.filter(|_| finding.code == Code::N301);
    row.is_some_and(|row| rows.proposed.contains_key(&row))
}

/// Held rows by participant, pupil and program: the first in standing order, and its codes.
fn held(
    inspection: &Inspection,
) -> BTreeMap<(ParticipantRank, Sasid, ProgramRank), (RowRank, Codes)> {
    let mut held: BTreeMap<_, (RowRank, Codes)> = BTreeMap::new();
    for (rank, decision) in RowRank::enumerate(&inspection.decisions) {
        let (Some(Outcome::Held), Some(participant), Some(sasid), Some(program)) = (
            decision.ended(),
            decision.participant,
            decision.sasid,
            decision.program,
        ) else {
            continue;
        };
        let least = held
            .entry((participant, sasid, program))
            .or_insert((rank, decision.codes));
        if decision.date < inspection.decisions[least.0].date {
            *least = (rank, decision.codes);
        }
    }
    held
}

/// The places of the held rows of each pupil and program, with participant and date: the person who decides must see both sides.
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
