//! Checks that a report says correctly what is open.

use std::collections::BTreeSet;

use super::Evidence;
use super::recorded::RecordedFinding;
use crate::catalogue::{Code, Severity};
use crate::decision::Outcome;
use crate::receipt::{MadeFrom, ResolutionEntry};
use crate::report::json::AllocationFile;
use crate::words::{FINAL, PRELIMINARY};

/// A code at a row: file, sheet, row.
type At<'r> = (&'r str, &'r str, u32, Code);

/// Whether `allocation.json` and the receipt are about the same report.
pub(super) fn same_report(file: &AllocationFile, receipt: &MadeFrom) -> Result<(), String> {
    for (what, in_file, in_receipt) in [
        ("standing", &file.standing, &receipt.standing),
        ("label", &file.label, &receipt.label),
        ("run date", &file.run_date, &receipt.run_date),
        ("rules' id", &file.rules.id, &receipt.rules.id),
        ("rules' SHA-256", &file.rules.sha256, &receipt.rules.sha256),
    ] {
        if in_file != in_receipt {
            return Err(format!(
                "the {what} of allocation.json is {in_file}, that of the receipt {in_receipt}"
            ));
        }
    }
    if file.readings == receipt.readings {
        Ok(())
    } else {
        Err("allocation.json and the receipt have different readings".to_string())
    }
}

impl Evidence {
    /// Checks that every row has the codes of its findings, and that each finding is open or not as its row and the decisions say.
    pub(super) fn findings_agree(&self) -> Result<(), String> {
        let of_rows: BTreeSet<At<'_>> = self
            .rows
            .iter()
            .zip(&self.decisions)
            .flat_map(|(row, decision)| {
                let codes = decision.codes.iter();
                codes.map(|code| (&*row.file, &*row.sheet, row.row, code))
            })
            .collect();
        let of_findings: BTreeSet<At<'_>> = self
            .findings
            .iter()
            .filter(|finding| is_of_row(finding.code))
            .filter_map(|finding| {
                let (file, sheet, row) = &finding.at;
                Some((&**file, &**sheet, (*row)?, finding.code))
            })
            .collect();
        if let Some((file, _, row, code)) = of_rows.difference(&of_findings).next() {
            return Err(format!(
                "row {row} of {file} has the code {}, and findings.csv does not name it",
                code.as_str()
            ));
        }
        if let Some((file, _, row, code)) = of_findings.difference(&of_rows).next() {
            return Err(format!(
                "findings.csv names {} for row {row} of {file}, and completions.csv does not",
                code.as_str()
            ));
        }
        let unanswered = self.findings.iter().find(|finding| {
            let asks = finding.code.severity() == Severity::Question;
            asks && !finding.open && !self.is_answered(finding)
        });
        match unanswered {
            None => Ok(()),
            Some(finding) => Err(format!(
                "findings.csv says that {} of {} is answered, and no attest on the record answers it",
                finding.code.as_str(),
                finding.at.0
            )),
        }
    }

    /// Whether an effective `attest` is about a finding's file or participant.
    fn is_answered(&self, finding: &RecordedFinding) -> bool {
        let covers = |line: &ResolutionEntry| {
            let about = &line.about;
            match (&about.source_file, &about.participant) {
                // For two versions of a file, either may be attested.
                (Some(file), _) => **file == *finding.at.0 || finding.code == Code::Q406,
                (None, Some(participant)) => {
                    finding.participant.is_empty() || *finding.participant == **participant
                }
                (None, None) => false,
            }
        };
        let attests = self
            .resolutions
            .iter()
            .filter(|line| line.found && line.decision == "attest");
        attests.into_iter().any(covers)
    }

    /// Checks that the report is FINAL exactly if nothing is open.
    pub(super) fn standing_agrees(&self) -> Result<(), String> {
        match (self.what_is_open(), self.standing.as_str()) {
            (None, FINAL) | (Some(_), PRELIMINARY) => Ok(()),
            (Some(open), _) => Err(format!(
                "it says {}, and something is open: {open}",
                self.standing
            )),
            (None, _) => Err(format!(
                "it says {}, but nothing in it is open",
                self.standing
            )),
        }
    }

    /// The first thing that keeps a report from being FINAL.
    fn what_is_open(&self) -> Option<String> {
        let refused = self
            .submissions
            .iter()
            .find(|file| file.refused.is_some() && !file.closed);
        if let Some(file) = refused {
            return Some(format!("{}, refused", file.path));
        }
        if let Some(line) = self.resolutions.iter().find(|line| line.open) {
            return Some(format!("line {} of the resolutions", line.line));
        }
        let asked = self
            .findings
            .iter()
            .find(|finding| finding.open && finding.code.severity() == Severity::Question);
        if let Some(question) = asked {
            return Some(format!(
                "question {} of {}",
                question.code.as_str(),
                question.at.0
            ));
        }
        [Outcome::Rejected, Outcome::Held]
            .into_iter()
            .find(|outcome| self.count(*outcome) > 0)
            .map(|outcome| {
                format!(
                    "rows that are {}: {}",
                    outcome.label().to_lowercase(),
                    self.count(outcome)
                )
            })
    }
}

/// Whether a code is one that a row has: E, H or N.
fn is_of_row(code: Code) -> bool {
    matches!(
        code.severity(),
        Severity::Rejected | Severity::Held | Severity::NotQualified
    )
}
