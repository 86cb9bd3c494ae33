//! What correcting the rows with one code would add.

use std::collections::BTreeSet;

use super::engine::{Engine, invented};
use crate::allocation::Certificate;
use crate::catalogue::{Code, Codes, Severity};
use crate::checks::field_of;
use crate::decision::{Checked, Outcome};
use crate::inspection::Inspection;
use crate::intake::completions::Field;
use crate::intake::lists::Program;
use crate::money::Money;
use crate::proposals::Proposer;
use crate::ranks::{ParticipantRank, RowRank};
use crate::reasons::{Slip, reason_of};
use crate::stop::Stop;

/// What correcting the rows with one code would add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The only code that keeps the rows from being paid.
    pub code: Code,
    /// The number of rows.
    pub rows: usize,
    /// What they add if all of them qualify after correction.
    pub worth: Money,
    /// Whether that is an upper limit: the program is only a proposal, or the pupils' lunch status is unknown.
    pub up_to: bool,
}

impl Correction {
    /// Whether the code is about a fact, not about how it was written: no dollars are shown for changing a fact.
    #[must_use]
    pub fn is_fact(&self) -> bool {
        is_fact(self.code)
    }
}

/// The same for a code.
pub(super) fn is_fact(code: Code) -> bool {
    reason_of(code).is_some_and(|reason| reason.slip.is_fact())
}

/// What correcting each code alone would add: rows without any other relevant code, with a funded program and a paid participant.
pub(super) fn corrections(
    engine: &Engine<'_>,
    inspection: &Inspection,
    participants: &[ParticipantRank],
    base: Money,
) -> Result<Vec<Correction>, Stop> {
    let mut by_code: Vec<(Code, Vec<Certificate>)> = Vec::new();
    let proposer = Proposer::new(&inspection.intake.programs, engine.rules.school_year);
    for (position, decision) in RowRank::enumerate(&inspection.decisions) {
        let open = matches!(
            decision.ended(),
            Some(Outcome::Rejected | Outcome::NotQualified | Outcome::Held)
        );
        let (true, Some(code)) = (open, only(decision.codes)) else {
            continue;
        };
        // A completion is paid only once. There is nothing to correct, so no dollars are shown that would tempt anyone to try.
        if code == Code::N309 || is_answered(inspection, position, code) {
            continue;
        }
        if let Some(certificate) = if_corrected(
            engine,
            (inspection, &proposer),
            participants,
            position,
            decision,
        ) {
            match by_code.iter_mut().find(|(other, _)| *other == code) {
                Some((_, rows)) => rows.push(certificate),
                None => by_code.push((code, vec![certificate])),
            }
        }
    }
    let mut corrections = Vec::with_capacity(by_code.len());
    for (code, rows) in by_code {
        let worth = engine.worth(base, &rows)?;
        corrections.push(Correction {
            code,
            rows: rows.len(),
            worth,
            up_to: code == Code::N301,
        });
    }
    corrections.extend(missing_lunch(engine, inspection, base)?);
    corrections.sort_by_key(|correction| (std::cmp::Reverse(correction.worth), correction.code));
    Ok(corrections)
}

/// Whether the row itself states the fact for which it does not qualify: changing it would change a fact.
fn is_answered(inspection: &Inspection, row: RowRank, code: Code) -> bool {
    let is_fact_unless_empty = reason_of(code).is_some_and(|reason| reason.slip == Slip::IfEmpty);
    let Some(field) = field_of(code).filter(|_| is_fact_unless_empty) else {
        return false;
    };
    let rows = inspection.intake.completions.rows();
    !rows.text(row, field).is_empty()
}

/// What the rows with an empty lunch cell would add if all their pupils were eligible. Each counts as no, and only the district knows.
fn missing_lunch(
    engine: &Engine<'_>,
    inspection: &Inspection,
    base: Money,
) -> Result<Option<Correction>, Stop> {
    let empty = inspection.findings.iter();
    let empty: BTreeSet<RowRank> = empty
        .filter(|finding| finding.code == Code::W208)
        .filter_map(|finding| finding.position)
        .collect();
    let mut demand = engine.demand.clone();
    let mut rows = 0;
    for certificate in &mut demand.certificates {
        if empty.contains(&certificate.row) && !certificate.frl {
            certificate.frl = true;
            rows += 1;
        }
    }
    if rows == 0 {
        return Ok(None);
    }
    let with_lunch = Engine {
        demand: &demand,
        ..*engine
    };
    let worth = with_lunch.worth(base, &[])?;
    Ok((worth > Money::ZERO).then_some(Correction {
        code: Code::W208,
        rows,
        worth,
        up_to: true,
    }))
}

/// The program that a row's code probably means, if the list has no such code and exactly one program is proposed.
fn proposed<'p>(
    (inspection, proposer): (&Inspection, &Proposer<'p>),
    position: RowRank,
) -> Option<&'p Program> {
    let rows = inspection.intake.completions.rows();
    let (code, name) = (
        rows.text(position, Field::ProgramCode),
        rows.text(position, Field::ProgramName),
    );
    proposer.of(code, name).only().and_then(|program| {
        let programs = proposer.programs();
        programs
            .rank(&program.code)
            .map(|rank| &programs.all()[rank])
    })
}

/// The one code that decides about a row.
fn only(codes: Codes) -> Option<Code> {
    let mut deciding = codes
        .iter()
        .filter(|code| code.severity() != Severity::Warning);
    let first = deciding.next();
    if deciding.next().is_none() {
        first
    } else {
        None
    }
}

/// The certificate of a row if its one fault were corrected. What cannot be read gets the cheapest value: a new pupil, no lunch, the
/// last day of the school year.
fn if_corrected(
    engine: &Engine<'_>,
    (inspection, proposer): (&Inspection, &Proposer<'_>),
    participants: &[ParticipantRank],
    position: RowRank,
    decision: &Checked,
) -> Option<Certificate> {
    let listed = inspection.intake.participants.all();
    let participant = decision
        .participant
        .filter(|rank| participants.contains(rank))?;
    let paid = listed[participant].participating
        && engine
            .rules
            .participant_kinds
            .contains(listed[participant].kind);
    let meant = match decision.category {
        None => proposed((inspection, proposer), position),
        Some(_) => None,
    };
    let category = decision
        .category
        .or(meant.map(|program| program.category))
        .filter(|category| paid && engine.rules.tier_of(*category).is_some())?;
    let guess = invented(
        engine.rules,
        1 + position.index(),
        participant,
        category,
        decision.frl.unwrap_or(false),
    );
    let in_year = decision
        .date
        .filter(|date| engine.rules.school_year.contains(*date));
    Some(Certificate {
        row: position,
        date: in_year.unwrap_or(guess.date),
        sasid: decision.sasid.unwrap_or(guess.sasid),
        program: decision
            .program
            .or(meant.and_then(|program| proposer.programs().rank(&program.code)))
            .unwrap_or(guess.program),
        ..guess
    })
}
