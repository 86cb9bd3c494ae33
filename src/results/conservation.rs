//! Conservation: the sums of the results frame must be the engine's (calculation.md, section 5). Checked in release builds too.

use super::frame::{Dimension, Results};
use crate::allocation::invariants::hold;
use crate::allocation::{Allocation, Broken, TierShare};
use crate::decision::Outcome;
use crate::money::Money;
use crate::ranks::ParticipantRank;

/// Outcomes of units within the cap.
const WITHIN_CAP: [Outcome; 2] = [Outcome::Paid, Outcome::Unfunded];

/// Checks that nothing was lost or added between rows, participants, payees and the money.
///
/// # Errors
/// What does not add up: a defect of the program.
pub fn conserved(results: &Results, allocation: &Allocation, rows_in: usize) -> Result<(), Broken> {
    hold(results.rows() == rows_in, || {
        format!("rows in {rows_in} = rows ended {}", results.rows())
    })?;
    let with_amount = results.with_amount().outcomes();
    let unpaid = with_amount
        .iter()
        .all(|(outcome, tally)| *outcome == Outcome::Paid || tally.rows == 0);
    hold(unpaid, || {
        "a row that is not paid has no amount".to_string()
    })?;
    shares_are_the_engines(results, allocation)?;
    let rows = results.total().amount;
    let supplement = allocation.supplement();
    let participants: Money = ParticipantRank::all(allocation.supplements.len())
        .map(|rank| allocation.total_of(rank))
        .sum();
    let payees: Money = results.payees(allocation).iter().map(|payee| payee.1).sum();
    hold(rows + supplement == participants, || {
        format!("rows {rows} + supplement {supplement} = participants {participants}")
    })?;
    hold(participants == payees, || {
        format!("participants {participants} = payees {payees}")
    })
}

/// Not only in total: each participant's share of each tier is the sum of its rows.
fn shares_are_the_engines(results: &Results, allocation: &Allocation) -> Result<(), Broken> {
    let by_outcome = results.group([Dimension::Tier, Dimension::Participant, Dimension::Outcome]);
    let with_frl = results.only(Dimension::Frl, 1).group([
        Dimension::Tier,
        Dimension::Participant,
        Dimension::Outcome,
    ]);
    for (tier, result) in allocation.tiers.iter().enumerate() {
        for (participant, share) in result.shares.iter().enumerate() {
            let rows = |outcome: Outcome| [tier, participant, outcome as usize];
            let within = |groups: &super::frame::Groups<3>| -> u64 {
                let counts = WITHIN_CAP.map(|outcome| groups.get(rows(outcome)).rows);
                counts.iter().sum()
            };
            let of_rows = TierShare {
                units: within(&by_outcome),
                frl_units: within(&with_frl),
                over_cap: by_outcome.get(rows(Outcome::OverCap)).rows,
                amount: by_outcome.get(rows(Outcome::Paid)).amount,
            };
            hold(of_rows == *share, || {
                "what a participant has in a tier is what its rows have".to_string()
            })?;
        }
    }
    Ok(())
}
