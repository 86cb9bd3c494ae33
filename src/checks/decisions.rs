//! Matches decisions on the record to rows and carries them out (calculation.md, section 2.5). Each kind has its own step.

use std::collections::{HashMap, HashSet};

use super::cells::{Cells, Corrections, digits};
use super::docket::{LineEffect, LineStatus};
use super::questions::Question;
use super::row::Row;
use super::subjects::{
    bound_row, check_fits, file_at, listed_exactly, participant_of_pupil, place_of, rows_of, unfit,
};
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::ids::Sasid;
use crate::intake::Intake;
use crate::intake::completions::Field;
use crate::intake::lists::{Resolution, Ruling, Subject};
use crate::ranks::{ParticipantRank, ProgramRank, ResolutionRank, RowRank};
use crate::values::{said, upper_case};
use crate::words::column_letters;

/// What a line is about, as found in the batch. Two lines about the same thing are a repetition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Found {
    Pupil(Option<ParticipantRank>, Sasid, String),
    Rows(Vec<RowRank>, Option<Field>),
    File(usize),
}

/// The lines of the batch while they are carried out.
pub(super) struct Decisions<'d> {
    intake: &'d Intake,
    /// The status of each line; none until its step.
    statuses: Vec<Option<LineStatus>>,
    rows: Vec<Vec<RowRank>>,
    done: HashSet<(Ruling, Found)>,
    /// Per file: whether it was refused and a decision closed it.
    pub(super) closed_files: Vec<bool>,
}

impl<'d> Decisions<'d> {
    pub(super) fn new(intake: &'d Intake, judged: Vec<Option<LineStatus>>) -> Decisions<'d> {
        Decisions {
            intake,
            rows: vec![Vec::new(); judged.len()],
            statuses: judged,
            done: HashSet::new(),
            closed_files: vec![false; intake.files.len()],
        }
    }

    /// The waiting lines of one kind of decision, in order.
    fn waiting(&self, decision: Ruling) -> Vec<(ResolutionRank, &'d Resolution)> {
        ResolutionRank::enumerate(&self.intake.resolutions)
            .filter(|(number, line)| {
                line.ruling == Some(decision) && self.statuses[*number].is_none()
            })
            .collect()
    }

    fn record(&mut self, number: ResolutionRank, result: Result<Vec<RowRank>, LineStatus>) {
        let status = match result {
            Ok(rows) => {
                self.rows[number] = rows;
                LineStatus::TookEffect
            }
            Err(status) => status,
        };
        self.statuses[number] = Some(status);
    }

    /// Whether an earlier line that took effect says the same.
    fn is_repeated(&mut self, decision: Ruling, found: Found) -> Result<(), LineStatus> {
        if self.done.insert((decision, found)) {
            Ok(())
        } else {
            Err(LineStatus::IsMoot("an earlier line says the same".into()))
        }
    }

    /// What each line did.
    pub(super) fn effects(self) -> Vec<LineEffect> {
        let unfit = || LineStatus::FitsNothing("nothing is left for it".to_string());
        self.statuses
            .into_iter()
            .zip(self.rows)
            .map(|(status, rows)| LineEffect {
                status: status.unwrap_or_else(unfit),
                rows,
            })
            .collect()
    }

    /// Participants that an effective line excludes, each with its line.
    pub(super) fn exclude(&mut self) -> HashMap<ParticipantRank, ResolutionRank> {
        let mut excluded = HashMap::new();
        for (number, line) in self.waiting(Ruling::Exclude) {
            let result = listed_exactly(line, self.intake).and_then(|rank| {
                if excluded.contains_key(&rank) {
                    return Err(LineStatus::IsMoot("an earlier line says the same".into()));
                }
                if !self.intake.participants.all()[rank].participating {
                    let why = "the participant does not participate anyway";
                    return Err(LineStatus::IsMoot(why.into()));
                }
                excluded.insert(rank, number);
                Ok(Vec::new())
            });
            self.record(number, result);
        }
        excluded
    }

    /// Participants that a line excludes, also where they did not participate anyway.
    pub(super) fn named_by_exclude(&self) -> HashSet<ParticipantRank> {
        let lines = self.intake.resolutions.iter().zip(&self.statuses);
        lines
            .filter(|(line, status)| {
                let counts = matches!(status, Some(LineStatus::TookEffect | LineStatus::IsMoot(_)));
                line.ruling == Some(Ruling::Exclude) && counts
            })
            .filter_map(|(line, _)| listed_exactly(line, self.intake).ok())
            .collect()
    }

    /// The corrected cells. `cells` are as found.
    pub(super) fn correct(&mut self, cells: &Cells<'_>) -> Corrections {
        let mut corrections = Corrections::new();
        for (number, line) in self.waiting(Ruling::Correct) {
            let result = correction(line, cells, &corrections);
            let result = result.map(|(row, field)| {
                corrections.insert((row, field), line.becomes.clone());
                vec![row]
            });
            self.record(number, result);
        }
        corrections
    }

    /// Carries out appeals that were granted.
    pub(super) fn qualify(&mut self, rows: &mut [Row], cells: &Cells<'_>) {
        for (number, line) in self.waiting(Ruling::Qualify) {
            let result = bound_row(line, cells).and_then(|rank| {
                let same = Found::Rows(vec![rank], None);
                if self.done.contains(&(Ruling::Qualify, same.clone())) {
                    return Err(LineStatus::IsMoot("an earlier line says the same".into()));
                }
                waive(&mut rows[rank], line, number)?;
                self.done.insert((Ruling::Qualify, same));
                Ok(vec![rank])
            });
            self.record(number, result);
        }
    }

    /// Sets rows, sheets and files aside.
    pub(super) fn deny_by_source(&mut self, rows: &mut [Row], cells: &Cells<'_>) {
        for (number, line) in self.waiting(Ruling::Deny) {
            if !matches!(line.subject, Ok(Subject::Source { .. })) {
                continue;
            }
            let result = self.deny_source(line, rows, cells, number);
            self.record(number, result);
        }
    }

    fn deny_source(
        &mut self,
        line: &Resolution,
        rows: &mut [Row],
        cells: &Cells<'_>,
        number: ResolutionRank,
    ) -> Result<Vec<RowRank>, LineStatus> {
        let Ok(Subject::Source { file, sheet, row }) = &line.subject else {
            return Err(unfit("it names no source"));
        };
        let position = file_at(self.intake, file)?;
        if self.intake.files[position].refused.is_some() {
            if !sheet.is_empty() || row.is_some() {
                return Err(unfit("the file was refused; deny it as a whole"));
            }
            self.is_repeated(Ruling::Deny, Found::File(position))?;
            self.closed_files[position] = true;
            return Ok(Vec::new());
        }
        let covered = if row.is_some() {
            let rank = bound_row(line, cells)?;
            codes_fit(
                line,
                rows[rank]
                    .codes
                    .of(&[Severity::Rejected, Severity::NotQualified]),
                true,
            )?;
            vec![rank]
        } else {
            rows_of(cells, position, sheet)?
        };
        self.is_repeated(Ruling::Deny, Found::Rows(covered.clone(), None))?;
        for rank in &covered {
            let row = &mut rows[*rank];
            row.outcome = Some(Outcome::Denied);
            row.set_aside = true;
            row.resolution.get_or_insert(number);
        }
        Ok(covered)
    }

    /// Decides held rows: denials first, then payments.
    pub(super) fn decide_pupils(&mut self, rows: &mut [Row], cells: &Cells<'_>) {
        let lines = [Ruling::Deny, Ruling::Pay]
            .map(|ruling| self.waiting(ruling))
            .concat();
        if lines.is_empty() {
            return;
        }
        let mut by_completion: HashMap<(Sasid, ProgramRank), Vec<RowRank>> = HashMap::new();
        for (rank, row) in RowRank::enumerate(rows) {
            if let (Some(sasid), Some(program)) = (row.sasid, row.program) {
                by_completion
                    .entry((sasid, program))
                    .or_default()
                    .push(rank);
            }
        }
        for (number, line) in lines {
            let (Ok(Subject::Pupil { sasid, program, .. }), Some(ruling)) =
                (&line.subject, line.ruling)
            else {
                continue;
            };
            let participant = participant_of_pupil(line, self.intake);
            let found = Found::Pupil(participant, *sasid, program.clone());
            if self.done.contains(&(ruling, found.clone())) {
                let moot = LineStatus::IsMoot("an earlier line says the same".into());
                self.record(number, Err(moot));
                continue;
            }
            let completion = self
                .intake
                .programs
                .rank(program)
                .and_then(|program| by_completion.get(&(*sasid, program)))
                .map_or(&[][..], Vec::as_slice);
            let result = decide_pupil(rows, completion, participant, (number, line), cells);
            if result.is_ok() {
                self.done.insert((ruling, found));
            }
            self.record(number, result);
        }
    }

    /// Answers warnings and questions.
    pub(super) fn attest(
        &mut self,
        findings: &mut [Finding],
        questions: &mut [Question],
        cells: &Cells<'_>,
    ) {
        for (number, line) in self.waiting(Ruling::Attest) {
            let result = attested(line, number, findings, questions, cells);
            self.record(number, result);
        }
    }
}

fn correction(
    line: &Resolution,
    cells: &Cells<'_>,
    corrections: &Corrections,
) -> Result<(RowRank, Field), LineStatus> {
    let row = bound_row(line, cells)?;
    let Some(field) = cells.intake.fields.of_title(&line.column) else {
        return Err(unfit("its Column is not the heading of a field"));
    };
    let (bare, found) = (cells.bare(row, field), cells.found(row, field));
    let whole = digits(field, &found);
    let is = |text: &str| {
        let says = said(text, true);
        bare == text || found == text || found == says || whole == says
    };
    if is(&line.becomes) {
        return Err(LineStatus::IsMoot("the cell says Becomes already".into()));
    }
    if !is(&line.was) {
        return Err(not_was(line, (row, field), &found, cells));
    }
    if corrections.contains_key(&(row, field)) {
        return Err(LineStatus::IsMoot("an earlier line says the same".into()));
    }
    Ok((row, field))
}

/// Why a correction does not fit its cell: `Grade in D5 says 11, not 12 as Was`. Quotes only what a message may quote.
fn not_was(
    line: &Resolution,
    (row, field): (RowRank, Field),
    found: &str,
    cells: &Cells<'_>,
) -> LineStatus {
    let (sheet, number) = (cells.sheet(row), cells.rows.row(row));
    let at = match (&sheet.name, sheet.columns[field as usize]) {
        (Some(_), Some(column)) => format!("{}{number}", column_letters(column)),
        (Some(_), None) => format!("row {number}"),
        (None, _) => format!("line {number}"),
    };
    let programs = &cells.intake.programs;
    let quoted = |text: &str| {
        let is_code = field == Field::ProgramCode && programs.rank(&upper_case(text)).is_some();
        field.quoted(text, is_code)
    };
    let verb = if found.is_empty() { "is" } else { "says" };
    let what = match (quoted(found), quoted(&line.was)) {
        (Some(found), Some(was)) => format!("{verb} {found}, not {was} as Was"),
        (Some(found), None) => format!("{verb} {found}, not what Was says"),
        (None, _) => "does not say Was".to_string(),
    };
    unfit(format!("{} in {at} {what}", field.title()))
}

fn is_waivable(code: Code) -> bool {
    let reason = code.entry().reason;
    reason.is_some_and(|reason| reason.is_waivable)
}

/// Waives the N codes of a row.
fn waive(row: &mut Row, line: &Resolution, number: ResolutionRank) -> Result<(), LineStatus> {
    if row.outcome != Some(Outcome::NotQualified) {
        return Err(unfit(format!("the row {}", instead(row, line.ruling, ""))));
    }
    let codes = row.codes.of(&[Severity::NotQualified]);
    codes_fit(line, codes, false)?;
    if let Some(code) = codes.iter().find(|code| !is_waivable(*code)) {
        return Err(unfit(format!("{code} cannot be waived")));
    }
    row.waived = codes;
    row.outcome = None;
    row.resolution = Some(number);
    Ok(())
}

/// Whether the codes of a line, if it names any, are exactly the row's; its H codes can be left out of the comparison.
fn codes_fit(line: &Resolution, of_row: Codes, without_held: bool) -> Result<(), LineStatus> {
    if line.codes.is_empty() {
        return Ok(());
    }
    let Some(codes) = Codes::parse(&line.codes) else {
        return Err(unfit("its Codes hold something that is not a code"));
    };
    let codes = if without_held {
        codes.without(Severity::Held)
    } else {
        codes
    };
    if codes == of_row {
        return Ok(());
    }
    let has = if of_row.is_empty() {
        "none".to_string()
    } else {
        of_row.to_string()
    };
    Err(unfit(format!("its Codes are not those of the row: {has}")))
}

/// What a row is that a line cannot decide, and what can be done. Which rows are over the cap is only known after the allocation.
fn instead(row: &Row, ruling: Option<Ruling>, and: &str) -> String {
    let of = |severity| row.codes.of(&[severity]);
    let unwaivable = || {
        let mut codes = of(Severity::NotQualified).iter();
        codes.find(|code| !is_waivable(*code))
    };
    let is = match row.outcome {
        None => "passes the checks".to_string(),
        Some(Outcome::Rejected) => format!("cannot be read ({})", of(Severity::Rejected)),
        Some(Outcome::NotQualified) => format!("does not qualify ({})", of(Severity::NotQualified)),
        Some(Outcome::Duplicate) => "is a duplicate".to_string(),
        Some(outcome) => format!("is {}", outcome.label().to_lowercase()),
    };
    let can = match (ruling, row.outcome) {
        (Some(Ruling::Deny), outcome) if outcome != Some(Outcome::Denied) => {
            "; to deny it, name its Source File and Source Row".to_string()
        }
        (_, None) => {
            "; there is nothing to decide (no decision pays a row over the cap)".to_string()
        }
        (_, Some(Outcome::Rejected)) => "; correct its cells".to_string(),
        (_, Some(Outcome::NotQualified)) => unwaivable().map_or_else(
            || "; qualify can waive that".to_string(),
            |code| format!("; {code} cannot be waived"),
        ),
        _ => String::new(),
    };
    format!("{is}{and}{can}")
}

/// Decides the held rows of a participant; a `pay` also decides the completion's other rows.
fn decide_pupil(
    rows: &mut [Row],
    completion: &[RowRank],
    participant: Option<ParticipantRank>,
    (number, line): (ResolutionRank, &Resolution),
    cells: &Cells<'_>,
) -> Result<Vec<RowRank>, LineStatus> {
    if participant.is_none() {
        return Err(unfit(
            "no entry of the participants list has the District Code",
        ));
    }
    let own: Vec<RowRank> = completion
        .iter()
        .copied()
        .filter(|rank| rows[*rank].participant == participant)
        .collect();
    let held: Vec<RowRank> = own
        .iter()
        .copied()
        .filter(|rank| rows[*rank].outcome == Some(Outcome::Held))
        .collect();
    let Some(first) = held
        .iter()
        .copied()
        .min_by_key(|rank| rows[*rank].standing(*rank))
    else {
        let furthest = own.iter().min_by_key(|rank| (rows[**rank].outcome, **rank));
        return Err(unfit(furthest.map_or_else(
            || "the participant has no held row for this pupil and program".to_string(),
            |rank| not_held(&rows[*rank], line, *rank, cells),
        )));
    };
    codes_fit(line, rows[first].codes, false)?;
    check_fits(line, cells, first)?;
    let mut touched = held;
    if line.ruling == Some(Ruling::Pay) {
        let is_open = |rank: &RowRank| matches!(rows[*rank].outcome, None | Some(Outcome::Held));
        touched = completion.iter().copied().filter(is_open).collect();
    }
    for rank in &touched {
        rows[*rank].outcome = Some(Outcome::Denied);
        rows[*rank].resolution = Some(number);
    }
    if line.ruling == Some(Ruling::Pay) {
        rows[first].outcome = None;
    }
    Ok(touched)
}

fn not_held(row: &Row, line: &Resolution, rank: RowRank, cells: &Cells<'_>) -> String {
    let file = &cells.intake.files[cells.rows.file(rank)];
    let sheet = cells.sheet(rank).name.as_deref();
    let place = crate::finding::place(&file.path, sheet, Some(cells.rows.row(rank)), None);
    format!("{place}, {}", instead(row, line.ruling, " and is not held"))
}

/// Answers the open findings at the place that a line names.
fn attested(
    line: &Resolution,
    number: ResolutionRank,
    findings: &mut [Finding],
    questions: &mut [Question],
    cells: &Cells<'_>,
) -> Result<Vec<RowRank>, LineStatus> {
    let place = place_of(line, cells)?;
    let open_warnings = findings
        .iter_mut()
        .filter(|finding| finding.code.severity() == Severity::Warning)
        .filter(|finding| place.holds(finding));
    let open_questions = questions
        .iter_mut()
        .filter(|question| {
            place.holds(&question.finding) || place.is_file(question.earlier.as_deref())
        })
        .map(|question| &mut question.finding);
    let mut rows = Vec::new();
    let mut was_open = false;
    for finding in open_warnings.chain(open_questions) {
        if finding.attested_by.is_none() {
            finding.attested_by = Some(number);
            rows.extend(finding.position);
            was_open = true;
        }
    }
    rows.sort_unstable();
    rows.dedup();
    if !was_open {
        return Err(LineStatus::IsMoot("nothing is open there".into()));
    }
    Ok(rows)
}
