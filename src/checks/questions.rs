//! Questions: what can be read but is probably not what its sender meant (calculation.md, section 2.6). They change no outcome and no amount.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::cells::Cells;
use super::own_district::refused_file_of;
use super::row::Row;
use crate::catalogue::{Code, Severity};
use crate::decision::FourDigits;
use crate::finding::Finding;
use crate::ids::Sasid;
use crate::intake::fields::{Field, Fields};
use crate::intake::headings::{is_like, quoted};
use crate::intake::submission::SourceSheet;
use crate::intake::{Intake, PARTICIPANTS_ROLE, PassedOver};
use crate::parallel::on_each_core;
use crate::proposals::is_one_slip;
use crate::ranks::{ParticipantRank, RowRank};
use crate::rules::RuleSet;
use crate::values::upper_case;
use crate::words::column_letters;

/// A file needs this many readable rows before they say anything about the whole file (Q402).
const ROWS_MIN: usize = 5;
/// An id that is a multiple of this is suspicious by itself (Q404).
const ZEROS: u64 = 100_000;
/// Multiples of this are suspicious where several ids of the file are.
const FEWER_ZEROS: u64 = 10_000;
/// How many ids of the file that takes, and one in how many of its rows.
const SAME_ZEROS_MIN: usize = 3;
const SAME_ZEROS_ONE_IN: usize = 100;
/// Completions that two files must share to look like two versions of one file (Q406).
const SHARED_MIN: usize = 10;
/// A lock file of an office program is smaller (Q407).
const LOCK_FILE_BYTES: u64 = 1_024;

/// A question, and the earlier file that it is also about.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) finding: Finding,
    pub(super) earlier: Option<Arc<str>>,
}

/// What the questions look at.
pub(super) struct Asked<'a> {
    pub(super) cells: Cells<'a>,
    pub(super) rows: &'a [Row],
    pub(super) rules: &'a RuleSet,
    /// The reporting entity of each file.
    pub(super) entities: &'a [Option<String>],
    /// Participants that an effective line excludes.
    pub(super) excluded: &'a HashSet<ParticipantRank>,
    /// Participants that a line excludes, also where they did not participate anyway.
    pub(super) named_by_exclude: &'a HashSet<ParticipantRank>,
    /// By file: refused, and closed by a decision.
    pub(super) closed_files: &'a [bool],
}

impl<'a> Asked<'a> {
    fn intake(&self) -> &'a Intake {
        self.cells.intake
    }

    /// Rows that count: those that no decision set aside.
    fn rows(&self) -> impl Iterator<Item = (RowRank, &'a Row)> {
        RowRank::enumerate(self.rows).filter(|(_, row)| !row.set_aside)
    }

    fn file(&self, row: RowRank) -> usize {
        self.cells.rows.file(row)
    }

    fn of_file(&self, code: Code, file: usize) -> Finding {
        Finding::of_file(code, &self.intake().files[file].path)
    }

    fn of_row(&self, code: Code, row: RowRank, field: Field) -> Finding {
        let sheet = self.cells.sheet(row);
        let mut finding = self.of_file(code, self.file(row));
        finding.sheet.clone_from(&sheet.name);
        finding.row = Some(self.cells.rows.row(row));
        finding.column = Some((field.title(), sheet.columns[field as usize]));
        finding.position = Some(row);
        finding
    }
}

/// The questions about one place each, in the order in which they are told.
const PLAIN: [fn(&Asked<'_>) -> Vec<Finding>; 6] = [
    headings_like_missing_ones,
    files_that_fail_alike,
    participants_without_rows,
    made_up_ids,
    almost_charters,
    passed_over,
];

/// Every question of the batch.
pub(super) fn ask(asked: &Asked<'_>) -> Vec<Question> {
    let findings = on_each_core(PLAIN.to_vec(), |question| question(asked));
    let plain = |finding| Question {
        finding,
        earlier: None,
    };
    let mut questions: Vec<Question> = findings.into_iter().flatten().map(plain).collect();
    questions.extend(two_versions(asked));
    questions
}

/// Q401.
fn headings_like_missing_ones(asked: &Asked<'_>) -> Vec<Finding> {
    let mut counted: HashMap<(usize, usize), (usize, usize)> = HashMap::new();
    for (rank, row) in RowRank::enumerate(asked.rows) {
        let place = (asked.file(rank), asked.cells.rows.sheet(rank));
        let (all, set_aside) = counted.entry(place).or_default();
        *all += 1;
        *set_aside += usize::from(row.set_aside);
    }
    let mut findings = Vec::new();
    for (position, file) in asked.intake().files.iter().enumerate() {
        for (number, sheet) in file.sheets.iter().enumerate() {
            let is_set_aside = counted
                .get(&(position, number))
                .is_some_and(|(all, set_aside)| all == set_aside);
            if is_set_aside {
                continue;
            }
            for (field, column, heading) in like_missing_ones(sheet, asked.intake().fields) {
                let message = looks_like(sheet, field, (column, heading));
                let mut finding = asked.of_file(Code::Q401, position).saying(message);
                finding.sheet.clone_from(&sheet.name);
                finding.row = Some(sheet.header_row);
                finding.column = Some((field.title(), Some(column)));
                findings.push(finding);
            }
        }
    }
    findings
}

/// The fields of the year that the sheet lacks, each with the first heading that is not read and can mean it.
fn like_missing_ones(
    sheet: &SourceSheet,
    fields: Fields,
) -> impl Iterator<Item = (Field, u32, &str)> {
    let missing = fields.iter().filter(move |field| {
        !field.is_required() && !field.is_name() && sheet.columns[*field as usize].is_none()
    });
    missing.filter_map(move |field| {
        let mut unread = sheet.unread.iter();
        let (column, heading) = unread.find(|(_, heading)| is_like(heading, field.title()))?;
        Some((field, *column, &**heading))
    })
}

/// What a question says of a heading and the field that it can mean.
fn looks_like(sheet: &SourceSheet, field: Field, (column, heading): (u32, &str)) -> String {
    let title = field.title();
    let cell = format!("{}{}", column_letters(column), sheet.header_row);
    let heading = quoted(heading, title).map_or_else(
        || format!("the unread heading in {cell}"),
        |heading| format!("the heading \"{heading}\""),
    );
    format!("the column {title} is missing, but {heading} looks like it")
}

/// Q402.
fn files_that_fail_alike(asked: &Asked<'_>) -> Vec<Finding> {
    let mut readable = vec![0; asked.intake().files.len()];
    let mut failing: BTreeMap<(usize, Code), usize> = BTreeMap::new();
    for (rank, row) in asked.rows() {
        let is_aside = row
            .participant
            .is_some_and(|rank| asked.named_by_exclude.contains(&rank));
        if row.codes.any(Severity::Rejected) || is_aside {
            continue;
        }
        let file = asked.file(rank);
        readable[file] += 1;
        for code in row.codes.of(&[Severity::NotQualified]).iter() {
            if !row.waived.contains(code) {
                *failing.entry((file, code)).or_default() += 1;
            }
        }
    }
    let alike = failing
        .into_iter()
        .filter(|((file, _), rows)| readable[*file] >= ROWS_MIN && 2 * rows > readable[*file]);
    alike
        .map(|((file, code), rows)| {
            asked.of_file(Code::Q402, file).saying(format!(
                "{rows} of {} readable rows have {code}: {}",
                readable[file],
                code.entry().title
            ))
        })
        .collect()
}

/// Q403.
fn participants_without_rows(asked: &Asked<'_>) -> Vec<Finding> {
    let heard_of: HashSet<ParticipantRank> = asked
        .rows()
        .filter_map(|(_, row)| row.participant)
        .collect();
    let list = asked
        .intake()
        .inputs
        .iter()
        .find(|input| input.role == PARTICIPANTS_ROLE)
        .map_or("participants.csv", |input| input.path.as_str());
    ParticipantRank::enumerate(asked.intake().participants.all())
        .filter(|(rank, participant)| {
            participant.participating
                && !asked.excluded.contains(rank)
                && asked.rules.participant_kinds.contains(participant.kind)
                && !heard_of.contains(rank)
        })
        .map(|(rank, participant)| {
            let refused = refused_file_of(
                &participant.district_code,
                asked.intake(),
                asked.closed_files,
            );
            let so_far = match refused {
                Some(file) => format!("the file {} was refused", file.path),
                None => "no row of any file belongs to it".to_string(),
            };
            let message = format!(
                "{} {} participates, and {so_far}",
                participant.kind.label().to_lowercase(),
                participant.code(),
            );
            let mut finding = Finding::of_file(Code::Q403, list).saying(message);
            // It is one matter, and the file comes first: nobody has to decide twice.
            finding.fix = refused.map(|_| "correct the refused file and send it again".into());
            finding.participant = Some(rank);
            finding
        })
        .collect()
}

/// Q404.
fn made_up_ids(asked: &Asked<'_>) -> Vec<Finding> {
    let ends_in = |sasid: Sasid, zeros: u64| sasid.reveal_number().is_multiple_of(zeros);
    let mut rows_of_file = vec![0_usize; asked.intake().files.len()];
    let mut with_zeros = rows_of_file.clone();
    for (rank, row) in asked.rows() {
        let file = asked.file(rank);
        rows_of_file[file] += 1;
        with_zeros[file] += usize::from(row.sasid.is_some_and(|sasid| ends_in(sasid, FEWER_ZEROS)));
    }
    let mut findings = Vec::new();
    for (rank, row) in asked.rows() {
        let Some(sasid) = row.sasid else { continue };
        let file = asked.file(rank);
        let several = with_zeros[file] >= SAME_ZEROS_MIN
            && with_zeros[file] * SAME_ZEROS_ONE_IN >= rows_of_file[file];
        let message = if ends_in(sasid, ZEROS) {
            "the SASID ends in five zeros or more, like a number that a spreadsheet rounded"
        } else if several && ends_in(sasid, FEWER_ZEROS) {
            "the SASID ends in four zeros, like others of the file: a spreadsheet may have rounded them"
        } else if is_placeholder(sasid) {
            "the SASID is one digit ten times, or ten digits in a row: a placeholder"
        } else {
            continue;
        };
        findings.push(asked.of_row(Code::Q404, rank, Field::Sasid).saying(message));
    }
    findings
}

/// One digit ten times, or digits that count up or down, with 0 next to 9.
fn is_placeholder(sasid: Sasid) -> bool {
    let text = sasid.reveal();
    let digits = text.as_bytes();
    let step = |by: u8| {
        digits
            .windows(2)
            .all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0')
    };
    step(0) || step(1) || step(9)
}

/// Q405.
fn almost_charters(asked: &Asked<'_>) -> Vec<Finding> {
    let mut charters: HashMap<&str, Vec<&str>> = HashMap::new();
    for participant in asked.intake().participants.all() {
        if !participant.school_code.is_empty() {
            charters
                .entry(&participant.district_code)
                .or_default()
                .push(&participant.school_code);
        }
    }
    let mut findings = Vec::new();
    for (rank, row) in asked.rows() {
        let (Some(district), Some(school)) = (row.district, row.school) else {
            continue;
        };
        let near = almost_a_charter(&charters, district, school);
        if let Some(charter) = near {
            let message = format!(
                "School Code {} is not a charter of {}, and almost {charter}, which is one",
                school.as_str(),
                district.as_str()
            );
            findings.push(
                asked
                    .of_row(Code::Q405, rank, Field::SchoolCode)
                    .saying(message),
            );
        }
    }
    findings
}

fn almost_a_charter<'c>(
    charters: &HashMap<&str, Vec<&'c str>>,
    district: FourDigits,
    school: FourDigits,
) -> Option<&'c str> {
    let of_district = charters.get(district.as_str())?;
    if of_district.contains(&school.as_str()) {
        return None;
    }
    of_district
        .iter()
        .copied()
        .find(|charter| is_one_slip(school.as_str(), charter))
}

/// Q406: two files of one entity share most of their rows. The question is about the later one.
fn two_versions(asked: &Asked<'_>) -> Vec<Question> {
    let mut pairs: Vec<HashSet<(Sasid, String)>> = vec![HashSet::new(); asked.intake().files.len()];
    let mut files_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (file, entity) in asked.entities.iter().enumerate() {
        if let Some(entity) = entity {
            files_of.entry(entity).or_default().push(file);
        }
    }
    files_of.retain(|_, files| files.len() > 1);
    let several: HashSet<usize> = files_of.values().flatten().copied().collect();
    for (rank, row) in asked
        .rows()
        .filter(|(rank, _)| several.contains(&asked.file(*rank)))
    {
        let program = asked.cells.text(rank, Field::ProgramCode);
        if let Some(sasid) = row.sasid.filter(|_| !program.is_empty()) {
            pairs[asked.file(rank)].insert((sasid, upper_case(&program).into_owned()));
        }
    }
    let mut questions = Vec::new();
    for files in files_of.values() {
        for (position, later) in files.iter().enumerate() {
            for earlier in &files[..position] {
                questions.extend(versions(asked, &pairs, *earlier, *later));
            }
        }
    }
    questions
}

fn versions(
    asked: &Asked<'_>,
    pairs: &[HashSet<(Sasid, String)>],
    earlier: usize,
    later: usize,
) -> Option<Question> {
    let shared = pairs[earlier].intersection(&pairs[later]).count();
    let smaller = pairs[earlier].len().min(pairs[later].len());
    if shared < SHARED_MIN || 2 * shared < smaller {
        return None;
    }
    let earlier = asked.intake().files[earlier].path.clone();
    let message = format!("it shares {shared} pairs of pupil and program with {earlier}");
    Some(Question {
        finding: asked.of_file(Code::Q406, later).saying(message),
        earlier: Some(earlier),
    })
}

/// Q407.
fn passed_over(asked: &Asked<'_>) -> Vec<Finding> {
    let passed_over = &asked.intake().passed_over;
    passed_over
        .iter()
        .filter(|passed| !is_left_behind(passed))
        .map(|passed| {
            let message = format!(
                "the file of {} bytes was passed over for its name",
                passed.bytes
            );
            Finding::of_file(Code::Q407, &passed.path).saying(message)
        })
        .collect()
}

/// What office programs and systems leave behind.
fn is_left_behind(passed: &PassedOver) -> bool {
    let name = passed.path.rsplit('/').next().unwrap_or(&passed.path);
    let is_lock =
        (name.starts_with("~$") || name.starts_with(".~lock.")) && passed.bytes < LOCK_FILE_BYTES;
    let of_system = [".DS_Store", "Thumbs.db", "desktop.ini"];
    is_lock
        || of_system
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_like_one_that_is_missing_by_its_words_or_its_letters() {
        for (heading, title) in [
            ("Grad Credit", "Graduation Credit"),
            ("AP Score", "AP Exam Score"),
            ("Credit (Graduation)", "Graduation Credit"),
            ("GraduationCredits", "Graduation Credit"),
            ("Shool Year", "School Year"),
            ("TotalGraduationCredit", "Graduation Credit"),
            ("uationcredit", "Graduation Credit"),
        ] {
            assert!(is_like(heading, title), "{heading}");
        }
        for heading in ["First Name", "Remarks", "-", "Graduation Date", "edit"] {
            assert!(!is_like(heading, "Graduation Credit"), "{heading}");
        }
    }

    #[test]
    fn ids_that_people_type_to_fill_a_cell_are_placeholders() {
        for id in [
            "1111111111",
            "0123456789",
            "1234567890",
            "9876543210",
            "2109876543",
        ] {
            assert!(is_placeholder(Sasid::parse(id).unwrap()), "{id}");
        }
        assert!(!is_placeholder(Sasid::parse("1357902468").unwrap()));
    }
}
