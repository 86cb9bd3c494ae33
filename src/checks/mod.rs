//! Checks: from the frame of completions to a decision on every row (calculation.md, section 2).
//!
//! In this order: `fields` (can the row be read), `eligibility` (does it qualify, is it in the right file), `duplicates`,
//! `resolutions`. What passes all of them is a certificate. Knows nothing of money.

mod duplicates;
mod eligibility;
mod fields;
mod resolutions;

use crate::catalogue::{Code, Severity};
use crate::decision::{Decision, Outcome};
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::completions::{Field, Rows};
use crate::intake::submission::SourceSheet;
use crate::intake::table::LooksLike;
use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use crate::stop::{Status, Stop};

/// The result of the checks.
#[derive(Clone, Debug)]
pub struct Checked {
    /// By row of the frame; certificates have no outcome yet.
    pub decisions: Vec<Decision>,
    /// Findings about rows and resolutions, in no particular order.
    pub findings: Vec<Finding>,
    /// By file of the batch: closed by a resolution.
    pub closed_files: Vec<bool>,
    /// By resolution: whether it found something.
    pub resolved: Vec<bool>,
}

/// The findings of rows, being collected.
pub(crate) struct Collector<'c> {
    intake: &'c Intake,
    rows: &'c Rows<'c>,
    findings: Vec<Finding>,
}

impl Collector<'_> {
    /// The sheet on which a row stands.
    fn sheet(&self, position: usize) -> &SourceSheet {
        &self.intake.files[self.rows.file(position)].sheets[self.rows.sheet(position)]
    }

    /// A finding about a field of a row.
    pub(crate) fn add(&mut self, position: usize, code: Code, field: Field, message: impl Into<std::borrow::Cow<'static, str>>) {
        let file = &self.intake.files[self.rows.file(position)];
        let sheet = &file.sheets[self.rows.sheet(position)];
        self.findings.push(Finding {
            code,
            file: file.path.clone(),
            sheet: sheet.name.clone(),
            row: Some(self.rows.row(position)),
            column: Some((field.title(), sheet.columns[field as usize])),
            message: message.into(),
            fix: None,
            position: Some(position),
        });
    }

    /// A finding about a row as a whole.
    fn add_row(&mut self, position: usize, code: Code, message: &'static str, fix: Option<String>) {
        let file = &self.intake.files[self.rows.file(position)];
        let sheet = &file.sheets[self.rows.sheet(position)];
        self.findings.push(Finding {
            code,
            file: file.path.clone(),
            sheet: sheet.name.clone(),
            row: Some(self.rows.row(position)),
            column: None,
            message: message.into(),
            fix,
            position: Some(position),
        });
    }

    /// A finding in the catalogue's words.
    pub(crate) fn add_plain(&mut self, position: usize, code: Code, field: Field) {
        self.add(position, code, field, code.entry().title);
    }
}

/// Decides on every row.
///
/// # Errors
/// [`Status::Broken`] if the frame is not one of completions: a defect of the program.
pub fn decide(rules: &RuleSet, readings: &Readings, intake: &Intake) -> Result<Checked, Stop> {
    let rows = intake.completions.rows().map_err(|error| Stop {
        status: Status::Broken,
        message: format!("the frame of completions lacks a column: {error}"),
        places: Vec::new(),
        fix: String::new(),
    })?;
    let mut collector = Collector { intake, rows: &rows, findings: Vec::new() };
    let mut decisions: Vec<Decision> = (0..rows.len())
        .map(|position| {
            let (mut decision, rest) = fields::read(&rows, position, rules, &mut collector);
            if decision.outcome == Some(Outcome::Rejected) {
                say_what_it_looks_like(&rows, position, &mut collector);
            }
            eligibility::check(&mut decision, &rest, position, rules, &mut collector);
            decision
        })
        .collect();
    fields::lunch_conflicts(&decisions, &mut collector);
    duplicates::settle(&mut decisions, readings, &mut collector);
    let mut findings = std::mem::take(&mut collector.findings);
    let resolved = resolutions::apply(&mut decisions, intake, &rows, &mut findings);
    Ok(Checked { decisions, findings, closed_files: resolved.closed_files, resolved: resolved.found })
}

/// W222: a rejected row is explained where it was never meant to be a completion.
fn say_what_it_looks_like(rows: &Rows<'_>, position: usize, collector: &mut Collector<'_>) {
    let (message, fix) = match rows.looks_like(position) {
        LooksLike::Completion => return,
        LooksLike::Total => ("the row looks like a total, not like a completion", None),
        LooksLike::Note => ("the row looks like a note, not like a completion", None),
        LooksLike::Headings => {
            let fix = "delete the row; if a second table begins here, put its rows under the first headings, in the same order of columns";
            ("the row looks like the headings again; the rows beneath are read in the order of the first ones", Some(fix.to_string()))
        }
    };
    collector.add_row(position, Code::W222, message, fix);
}

/// Readable rows whose program is on the year's list, by category: the base of the cap under `cap_base = reported`. A rejected row
/// that a resolution closed is still unreadable and does not count.
#[must_use]
pub fn reported_by_category(decisions: &[Decision]) -> [u64; crate::rules::terms::Category::ALL.len()] {
    let mut counts = [0; crate::rules::terms::Category::ALL.len()];
    for decision in decisions.iter().filter(|decision| !decision.codes.any(Severity::Rejected)) {
        if let Some(category) = decision.category {
            counts[category as usize] += 1;
        }
    }
    counts
}
