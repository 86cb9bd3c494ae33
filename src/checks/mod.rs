//! Checks: from the frame of completions to a decision on every row (calculation.md, section 2).
//!
//! In this order: `fields` (can the row be read), `eligibility` (does it qualify, is it in the right file), `duplicates`,
//! `resolutions`. What passes all of them is a certificate. Knows nothing of money.

mod duplicates;
mod eligibility;
mod fields;
mod resolutions;
mod row;

use rayon::prelude::*;

use row::Row;

use crate::allocation::Certificate;
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::{Checked, Outcome, RowRead};
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::completions::{Field, Rows};
use crate::intake::submission::SourceSheet;
use crate::intake::table::LooksLike;
use crate::ranks::RowRank;
use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use crate::rules::terms::Category;
use crate::stop::Stop;
use crate::words::one_line;

/// Rows that one core decides on at a time: some milliseconds of work, and a year of 13,000 rows is enough of them for several cores.
const ROWS_AT_A_TIME: usize = 2_000;

/// The result of the checks.
#[derive(Clone, Debug)]
pub struct CheckedBatch {
    /// By row of the frame.
    pub rows: Vec<Checked>,
    /// Every finding, those of the intake among them, in no particular order.
    pub findings: Vec<Finding>,
    /// By file of the batch: closed by a resolution.
    pub closed_files: Vec<bool>,
    /// By resolution: whether it found something.
    pub resolved: Vec<bool>,
}

/// The findings, being collected.
pub(crate) struct Collector<'c> {
    intake: &'c Intake,
    rows: &'c Rows<'c>,
    /// The codes that are looked for.
    scope: Codes,
    findings: Vec<Finding>,
}

impl Collector<'_> {
    /// The sheet on which a row stands.
    fn sheet(&self, position: RowRank) -> &SourceSheet {
        &self.intake.files[self.rows.file(position)].sheets[self.rows.sheet(position)]
    }

    /// A finding about a field of a row.
    pub(crate) fn add(
        &mut self,
        position: RowRank,
        code: Code,
        field: Field,
        message: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        let column = self.sheet(position).columns[field as usize];
        self.add_at(
            position,
            code,
            Some((field.title(), column)),
            message.into(),
            None,
        );
    }

    /// A finding about a row as a whole.
    fn add_row(
        &mut self,
        position: RowRank,
        code: Code,
        message: &'static str,
        fix: Option<String>,
    ) {
        self.add_at(position, code, None, message.into(), fix);
    }

    fn add_at(
        &mut self,
        position: RowRank,
        code: Code,
        column: Option<(&'static str, Option<u32>)>,
        message: std::borrow::Cow<'static, str>,
        fix: Option<String>,
    ) {
        self.findings.push(Finding {
            code,
            file: self.intake.files[self.rows.file(position)].path.clone(),
            sheet: self.sheet(position).name.clone(),
            row: Some(self.rows.row(position)),
            column,
            // It can quote the name of a sheet.
            message: one_line(message),
            fix,
            position: Some(position),
            attested_by: None,
        });
    }

    /// Where a row stands, said in a finding about another one: no more than an entity may read of it.
    pub(crate) fn where_is(&self, row: RowRank, from: RowRank) -> String {
        let place = |position: RowRank| (self.rows.file(position), self.rows.sheet(position));
        let file = &self.intake.files[place(row).0];
        let sheet = file.sheets[place(row).1].name.as_deref();
        let number = self.rows.row(row);
        let (here, there) = (place(from), place(row));
        let kind = if sheet.is_some() { "row" } else { "line" };
        match sheet {
            _ if here == there => format!("{kind} {number}"),
            Some(sheet) if here.0 == there.0 => format!("sheet \"{sheet}\", {kind} {number}"),
            _ if file.entity == self.intake.files[here.0].entity => {
                crate::finding::place(&file.path, sheet, Some(number), None)
            }
            _ => "another file".to_string(),
        }
    }

    /// Whether a code is looked for.
    pub(crate) fn looks_for(&self, code: Code) -> bool {
        self.scope.contains(code)
    }

    /// A finding in the catalogue's words.
    pub(crate) fn add_plain(&mut self, position: RowRank, code: Code, field: Field) {
        self.add(position, code, field, code.entry().title);
    }
}

/// Decides on every row.
///
/// # Errors
/// A [defect](Stop::defect) if the frame is not one of completions: a defect of the program.
pub fn decide(rules: &RuleSet, readings: &Readings, intake: &Intake) -> Result<CheckedBatch, Stop> {
    decide_within(Codes::ALL, rules, readings, intake)
}

/// Decides on every row as far as a scope of codes goes: what is not looked for is neither found nor decides anything. Duplicates are
/// settled where the scope holds [`Code::H501`], which needs the same lists.
///
/// # Errors
/// A [defect](Stop::defect) if the frame is not one of completions: a defect of the program.
pub fn decide_within(
    scope: Codes,
    rules: &RuleSet,
    readings: &Readings,
    intake: &Intake,
) -> Result<CheckedBatch, Stop> {
    let rows = intake.completions.rows();
    let mut collector = Collector {
        intake,
        rows: &rows,
        scope,
        findings: intake.findings.clone(),
    };
    let mut decisions = Vec::with_capacity(rows.len());
    let starts: Vec<usize> = (0..rows.len()).step_by(ROWS_AT_A_TIME).collect();
    let parts: Vec<(Vec<Row>, Vec<Finding>)> = starts
        .into_par_iter()
        .map(|start| {
            let mut collector = Collector {
                intake,
                rows: &rows,
                scope,
                findings: Vec::new(),
            };
            let end = rows.len().min(start + ROWS_AT_A_TIME);
            let decisions = (start..end)
                .map(RowRank::new)
                .map(|position| decide_alone(position, rules, &mut collector))
                .collect();
            (decisions, collector.findings)
        })
        .collect();
    for (part, findings) in parts {
        decisions.extend(part);
        collector.findings.extend(findings);
    }
    fields::lunch_conflicts(&decisions, &mut collector);
    if collector.looks_for(Code::H501) {
        duplicates::settle(&mut decisions, readings, &mut collector);
    }
    let mut findings = std::mem::take(&mut collector.findings);
    let resolved = resolutions::apply(&mut decisions, intake, &rows, &mut findings);
    findings.retain(|finding| scope.contains(finding.code));
    Ok(CheckedBatch {
        rows: RowRank::enumerate(&decisions)
            .map(|(rank, row)| row.checked(rank))
            .collect(),
        findings,
        closed_files: resolved.closed_files,
        resolved: resolved.found,
    })
}

/// What a row is by itself, whatever the others are.
fn decide_alone(position: RowRank, rules: &RuleSet, collector: &mut Collector<'_>) -> Row {
    let rows = collector.rows;
    let (mut decision, rest) = fields::read(rows, position, rules, collector);
    if decision.outcome == Some(Outcome::Rejected) {
        say_what_it_looks_like(rows, position, collector);
    }
    eligibility::check(&mut decision, &rest, position, rules, collector);
    decision
}

/// Whether a finding still asks for something: not where its row was settled by a resolution, its file closed, or a warning attested.
#[must_use]
pub fn is_open(
    finding: &Finding,
    intake: &Intake,
    outcome_of: impl Fn(RowRank) -> Option<Outcome>,
    closed_files: &[bool],
) -> bool {
    match (finding.code.severity(), finding.position) {
        (Severity::Rejected, Some(row)) => outcome_of(row) == Some(Outcome::Rejected),
        (Severity::Held, Some(row)) => outcome_of(row) == Some(Outcome::Held),
        (Severity::Refused, _) => {
            let file = intake
                .files
                .binary_search_by(|file| file.path.cmp(&finding.file));
            file.is_ok_and(|file| !closed_files[file])
        }
        (Severity::Warning, _) => finding.attested_by.is_none(),
        _ => true,
    }
}

/// W222: a rejected row is explained where it was never meant to be a completion.
fn say_what_it_looks_like(rows: &Rows<'_>, position: RowRank, collector: &mut Collector<'_>) {
    let (message, fix) = match rows.looks_like(position) {
        LooksLike::Completion => return,
        LooksLike::Total => ("the row looks like a total, not like a completion", None),
        LooksLike::Note => ("the row looks like a note, not like a completion", None),
        LooksLike::Headings => {
            let fix = "delete the row; if a second table begins here, put its rows under the first headings, in the same order of columns";
            (
                "the row looks like the headings again; the rows beneath are read in the order of the first ones",
                Some(fix.to_string()),
            )
        }
    };
    collector.add_row(position, Code::W222, message, fix);
}

/// Readable rows whose program is on the year's list, by category: the base of the cap under `cap_base = reported`. A rejected row
/// that a resolution closed is still unreadable and does not count.
#[must_use]
pub fn reported_by_category<'r>(
    rows: impl IntoIterator<Item = &'r RowRead>,
) -> [u64; Category::ALL.len()] {
    let mut counts = [0; Category::ALL.len()];
    for row in rows {
        if let Some(category) = row.category.filter(|_| !row.codes.any(Severity::Rejected)) {
            counts[category as usize] += 1;
        }
    }
    counts
}

/// The certificates among rows that were checked.
#[must_use]
pub fn certificates(rows: &[Checked]) -> Vec<Certificate> {
    rows.iter().filter_map(Checked::certificate).collect()
}
