//! The passport of one row, up to the money.

use super::{CHECKS, DECISIONS, DUPLICATE_CHECK, Explainer, HELD_CHECK, Passport, Step, step};
use crate::audit::cells::{recorded_in, shown};
use crate::audit::evidence::{RecordedFinding, RecordedRow};
use crate::catalogue::{Code, Codes, Severity};
use crate::checks::parameter_of;
use crate::decision::{Outcome, Settled};
use crate::finding::line_of;
use crate::intake::fields::{Field, Fields};
use crate::ranks::RowRank;
use crate::receipt::ResolutionEntry;
use crate::trail::{Facts, Other, lines_of, place_from};
use crate::words::listed;

impl Explainer<'_> {
    /// The passport of a row.
    #[must_use]
    pub fn passport(&self, row: RowRank) -> Passport {
        let (record, decision) = (&self.evidence.rows[row], &self.evidence.decisions[row]);
        let mut steps = Vec::new();
        self.checks(row, &mut steps);
        self.held(row, &mut steps);
        self.on_the_record(row, &mut steps);
        let outcome = decision.outcome;
        match outcome {
            Outcome::Duplicate => self.duplicate(row, &mut steps),
            _ if outcome.is_certificate() => self.funding(row, &mut steps),
            _ => {}
        }
        Passport {
            place: record.place(),
            outcome,
            codes: decision.codes.to_string(),
            amount: decision.amount,
            participant: record.participant.to_string(),
            trail: self.short(row),
            values: self.values_of(record, decision.category.is_some()),
            cells: Vec::new(),
            steps,
            next: next(decision.codes, outcome),
        }
    }

    /// The row's values by heading, without the SASID and optional ones that are empty. `listed`: its program is on the year's list.
    fn values_of(&self, record: &RecordedRow, listed: bool) -> Vec<(&'static str, String)> {
        let fields = Fields::of(&self.evidence.rules);
        let fields = fields.iter().filter(|field| *field != Field::Sasid);
        let value = |field: Field| {
            let column = recorded_in(field).filter(|column| self.evidence.has_column(*column))?;
            let text = record.submitted.get(column);
            let says_something = field.is_required() || !text.is_empty();
            says_something.then(|| (field.title(), shown(field, text, false, listed)))
        };
        fields.filter_map(value).collect()
    }

    /// The trail in one line.
    #[must_use]
    pub fn short(&self, row: RowRank) -> String {
        let decision = &self.evidence.decisions[row];
        let reason = self.trails.reason(&self.evidence.decisions, row);
        let other = reason.others.first().map(|other| {
            let tier = self.evidence.decisions[*other]
                .tier
                .map(|tier| self.evidence.rules.tiers[tier].number);
            let (own, theirs) = (&self.evidence.rows[row], &self.evidence.rows[*other]);
            let place = Some(place_from(
                (&own.file, &own.sheet),
                &theirs.file,
                &theirs.sheet,
                theirs.row,
            ));
            (
                Other {
                    place,
                    tier,
                    outcome: self.evidence.decisions[*other].outcome,
                },
                reason.others.len() - 1,
            )
        });
        let lines = self.resolutions_at(row).iter().copied();
        let changes = lines.filter(|line| matches!(line.decision.as_str(), "correct" | "qualify"));
        let resolutions = changes
            .chain(self.resolution(decision))
            .map(|resolution| resolution.line)
            .collect();
        let resolutions = lines_of(self.resolutions_file(), &resolutions);
        let mut findings = self.findings_at(row).iter();
        let stranger = findings
            .find(|finding| decision.outcome == Outcome::Held && finding.code == Code::H502);
        let facts = Facts {
            outcome: decision.outcome,
            codes: decision.codes,
            tier: decision
                .tier
                .map(|tier| self.evidence.rules.tiers[tier].number),
            standing: reason.standing,
            weight: decision.weight,
            amount: decision.amount,
            other,
            resolutions: resolutions.as_deref(),
            stranger: stranger.map(|finding| &*finding.message),
        };
        facts.short()
    }

    /// The checks: every failure with its cell and fix, or that everything passed; and warnings.
    fn checks(&self, row: RowRank, steps: &mut Vec<Step>) {
        let codes = self.evidence.decisions[row].codes;
        let findings = self.findings_at(row).iter();
        let failed = findings
            .clone()
            .filter(|finding| codes.contains(finding.code) && finding.code != Code::H501);
        steps.extend(failed.map(|finding| self.failed(finding)));
        steps.push(step("Checks", passed(codes).to_string(), CHECKS));
        // W223 only repeats the step of the duplicate.
        let noticed = findings.filter(|finding| {
            matches!(
                finding.code.severity(),
                Severity::Warning | Severity::Question
            ) && finding.code != Code::W223
        });
        let warnings: Vec<String> = noticed
            .map(|finding| format!("{} {}", finding.code, finding.message))
            .collect();
        if !warnings.is_empty() {
            steps.push(step("Noticed", warnings.join("; "), CHECKS));
        }
    }

    fn failed(&self, finding: &RecordedFinding) -> Step {
        let cell = if finding.cell.is_empty() {
            String::new()
        } else {
            format!(", cell {}", finding.cell)
        };
        let topic = if finding.code.severity() == Severity::Held {
            "Held"
        } else {
            "Check failed"
        };
        let decided = format!(
            "{} {} ({}{cell}). Fix: {}",
            finding.code, finding.message, finding.column, finding.fix
        );
        self.sourced(topic, decided, CHECKS, parameter_of(finding.code))
    }

    /// Every decision that changed the row, in the order in which they were carried out.
    fn on_the_record(&self, row: RowRank, steps: &mut Vec<Step>) {
        let decision = &self.evidence.decisions[row];
        // An exclusion names no rows, and changes only those that N304 stops.
        let exclusion = self
            .exclusion_of(&self.evidence.rows[row].participant)
            .filter(|_| decision.codes.contains(Code::N304));
        let lines = exclusion.iter().chain(self.resolutions_at(row));
        steps.extend(lines.map(|line| self.decided(line, &effect(line, decision))));
    }

    /// The decision that excludes a participant.
    pub(super) fn exclusion_of(&self, participant: &str) -> Option<&ResolutionEntry> {
        self.evidence.resolutions.iter().find(|line| {
            line.found
                && line.decision == "exclude"
                && line.about.participant.as_deref() == Some(participant)
        })
    }

    /// What a decision on the record did, why, and who approved it.
    pub(super) fn decided(&self, line: &ResolutionEntry, effect: &str) -> Step {
        let decided = format!(
            "{}: {effect}. Reason: {}. Approved by: {}, {}",
            line_of(self.resolutions_file(), line.line),
            given(&line.reason, "not given"),
            given(&line.approved_by, "not given"),
            given(&line.date, "no date")
        );
        step("Decision", decided, DECISIONS)
    }

    fn held(&self, row: RowRank, steps: &mut Vec<Step>) {
        let decision = &self.evidence.decisions[row];
        let participant = &self.evidence.rows[row].participant;
        if decision.codes.contains(Code::H501) {
            let others = self.trails.reason(&self.evidence.decisions, row).others;
            let word = if decision.outcome == Outcome::Held {
                "held"
            } else {
                "was held"
            };
            let decided = format!(
                "{word} (H501): the same pupil and program also is in {}",
                self.places(&others)
            );
            steps.push(self.reading_step("Held", decided, HELD_CHECK, &["cross_entity"]));
        }
        if decision.outcome != Outcome::Held {
            return;
        }
        let decided = format!(
            "a line in {} for {participant}, this pupil and program: pay takes the earliest of its rows back in and denies every \
             other row of the completion; deny ends its rows. Until then nobody is paid for it",
            self.resolutions_file()
        );
        steps.push(step("To settle it", decided, DECISIONS));
    }

    fn duplicate(&self, row: RowRank, steps: &mut Vec<Step>) {
        let others = self.trails.reason(&self.evidence.decisions, row).others;
        let Some(stands) = others.first() else { return };
        let fate = self.evidence.decisions[*stands].outcome;
        let decided = format!(
            "the same pupil and program is in {}, which comes first by date, participant, file, sheet and row; that row is {}",
            self.places(&others),
            fate.label().to_lowercase()
        );
        let reading: &[&str] =
            if self.evidence.rows[*stands].participant == self.evidence.rows[row].participant {
                &[]
            } else {
                &["cross_entity"]
            };
        steps.push(self.reading_step("Duplicate", decided, DUPLICATE_CHECK, reading));
    }
}

fn next(codes: Codes, outcome: Outcome) -> Vec<String> {
    match codes.iter().next() {
        Some(code) => vec![format!("cdip rules explain {code}")],
        None if matches!(outcome, Outcome::Duplicate) => {
            vec!["cdip explain REPORT --row FILE!SHEET!ROW of the row that counts".to_string()]
        }
        None if outcome == Outcome::AlreadyCounted => vec!["cdip rules explain unit".to_string()],
        None if outcome == Outcome::OverCap => vec!["cdip rules explain cap_selection".to_string()],
        None if outcome == Outcome::Denied => {
            vec!["sheet Resolutions of statewide.xlsx has every decision".to_string()]
        }
        None => {
            vec!["sheet Tiers of statewide.xlsx has the whole arithmetic of the rate".to_string()]
        }
    }
}

/// The step of the checks that passed.
fn passed(codes: Codes) -> &'static str {
    if codes.any(Severity::Rejected) {
        "it cannot be read, so no rule of eligibility was applied and it counts for nothing else"
    } else if codes.any(Severity::NotQualified) && codes.contains(Code::N301) {
        "the rest passed; what depends on its category was not asked, because without the program it is unknown"
    } else if codes.any(Severity::NotQualified) {
        "every other check passed"
    } else if codes.contains(Code::H502) {
        "every other check passed: it can be read and would qualify"
    } else {
        "every check passed: it can be read and qualifies"
    }
}

/// What a decision on the record did to a row.
fn effect(line: &ResolutionEntry, decision: &Settled) -> String {
    let waived = || {
        let codes = decision.codes.iter();
        let codes = codes.filter(|code| code.severity() == Severity::NotQualified);
        listed(codes.map(Code::as_str))
    };
    match (line.decision.as_str(), decision.outcome) {
        ("pay", Outcome::Denied) => {
            "another row of this completion is taken back in, and this one is denied".to_string()
        }
        ("pay", _) => {
            let others = match line.rows.len() {
                0 | 1 => "",
                2 => "; the other row of its completion is denied",
                _ => "; the other rows of its completion are denied",
            };
            format!("this row is taken back in{others}")
        }
        ("qualify", _) => format!("an appeal is granted, so {} counts no longer", waived()),
        ("correct", _) => line.did.clone(),
        ("attest", _) => "its warnings and questions are answered; no amount changes".to_string(),
        ("exclude", _) => "its participant counts as not participating".to_string(),
        _ => "this row is denied".to_string(),
    }
}

fn given<'t>(text: &'t str, none: &'t str) -> &'t str {
    if text.is_empty() { none } else { text }
}
