//! What correcting the rows with one code would add.

use super::engine::{Engine, invented};
use crate::allocation::Certificate;
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::{Checked, Outcome};
use crate::inspection::Inspection;
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank};
use crate::stop::Stop;

/// What correcting the rows with one code would add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The code that alone stands between the rows and the money.
    pub code: Code,
    /// How many rows.
    pub rows: usize,
    /// What they add if every one of them qualifies once corrected.
    pub worth: Money,
}

/// What correcting each code alone would add: rows that have no other code that matters, whose program is funded and whose participant is paid.
pub(super) fn corrections(
    engine: &Engine<'_>,
    inspection: &Inspection,
    participants: &[ParticipantRank],
    base: Money,
) -> Result<Vec<Correction>, Stop> {
    let mut by_code: Vec<(Code, Vec<Certificate>)> = Vec::new();
    for (position, decision) in RowRank::enumerate(&inspection.decisions) {
        let open = matches!(
            decision.ended(),
            Some(Outcome::Rejected | Outcome::NotQualified | Outcome::Held)
        );
        let (true, Some(code)) = (open, only(decision.codes)) else {
            continue;
        };
        // What was paid before stays paid once: nothing is to be corrected, so that no dollars tempt anybody to try.
        if code == Code::N309 {
            continue;
        }
        if let Some(certificate) =
            if_corrected(engine, inspection, participants, position, decision)
        {
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
        });
    }
    corrections.sort_by_key(|correction| (std::cmp::Reverse(correction.worth), correction.code));
    Ok(corrections)
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

/// The certificate that a row would be if its one fault were corrected; what cannot be read is taken as it costs least: another pupil, no
/// lunch, the last day of the school year.
fn if_corrected(
    engine: &Engine<'_>,
    inspection: &Inspection,
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
    let category = decision
        .category
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
        program: decision.program.unwrap_or(guess.program),
        ..guess
    })
}
