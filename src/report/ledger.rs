//! Describes the ledger of prior payments: how many payments, and from which report.

use crate::batch::{LEDGER_ROLE, LedgerOrigin};
use crate::calculation::Calculation;
use crate::words::counted;

/// The ledger that a run used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedAgainst {
    pub text: String,
    /// Whether the ledger may be the wrong one.
    pub is_doubtful: bool,
}

/// Describes the ledger of a calculation; none without one.
#[must_use]
pub fn checked_against(calculation: &Calculation) -> Option<CheckedAgainst> {
    let intake = &calculation.intake;
    let payments = intake.ledger.as_ref()?.entries().len() as u64;
    let file = intake.inputs.iter().find(|input| input.role == LEDGER_ROLE);
    let sha256 = file.map_or("", |input| input.sha256.as_str());
    let origin = calculation.batch.ledger_origin(sha256);
    let checked = format!("Checked against {}", counted(payments, "prior payment"));
    let text = match &origin {
        LedgerOrigin::NotNamed => format!(
            "{checked}. batch.toml does not name the report that the ledger comes from (previous_receipt)."
        ),
        LedgerOrigin::WrittenBy(before) => format!(
            "{checked}: prior-payments-next.csv of the report before ({}).",
            before.in_words()
        ),
        LedgerOrigin::SharedWith(before) => format!(
            "{checked}: the ledger that the report before was checked against too ({}).",
            before.in_words()
        ),
        LedgerOrigin::Another(before) => format!(
            "{checked}. The ledger is not prior-payments-next.csv of the report before ({}): make sure that no payment is missing.",
            before.in_words()
        ),
    };
    Some(CheckedAgainst {
        text,
        is_doubtful: matches!(origin, LedgerOrigin::Another(_)),
    })
}
