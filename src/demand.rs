//! Builds the demand on the allocation from some rows' certificates.

use crate::allocation::{Certificate, Claimant, Demand};
use crate::checks;
use crate::decision::Checked;
use crate::intake::Intake;
use crate::intake::lists::Participant;
use crate::money::Money;

/// What the allocation needs to know of a participant.
pub(crate) fn claimant(participant: &Participant) -> Claimant {
    Claimant {
        kind: participant.kind,
        requires_completion: participant.requires_completion,
    }
}

/// The demand of some certificates among these rows.
pub(crate) fn demand(
    intake: &Intake,
    rows: &[Checked],
    certificates: Vec<Certificate>,
    available: Money,
    supplement: Option<Money>,
) -> Demand {
    Demand {
        certificates,
        claimants: intake.participants.all().iter().map(claimant).collect(),
        reported: checks::reported_by_category(rows.iter().map(|row| &row.read)),
        available,
        supplement,
    }
}
