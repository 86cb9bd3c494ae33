//! Two results of the same rows, joined by row: the batch's own, and those under other readings, rules or decisions.

use std::collections::BTreeMap;

use polars::prelude::{ChunkCompareEq, DataFrame};

use super::frame::{AMOUNT, Dimension, Results};
use super::group::{frame, grouped, numbers_of, positions_of};
use crate::decision::Outcome;
use crate::ranks::RowRank;

/// The outcome in the other results.
const OUTCOME_AFTER: &str = "outcome_after";
/// The amount in the other results.
const AMOUNT_AFTER: &str = "amount_after";

/// Rows with their outcome and amount before and after.
#[derive(Clone, Debug)]
pub struct Joined {
    frame: DataFrame,
}

impl Joined {
    /// Joins two results of the same rows in the same order.
    #[must_use]
    pub fn by_row(before: &Results, after: &Results) -> Joined {
        let columns = vec![
            before.column(Dimension::Outcome.name()),
            before.column(AMOUNT),
            after
                .column(Dimension::Outcome.name())
                .with_name(OUTCOME_AFTER.into()),
            after.column(AMOUNT).with_name(AMOUNT_AFTER.into()),
        ];
        Joined {
            frame: frame(before.rows(), columns),
        }
    }

    /// Rows with another outcome or amount, in ascending order.
    #[must_use]
    pub fn changed(&self) -> Vec<RowRank> {
        let outcome = positions_of(&self.frame, Dimension::Outcome.name())
            .not_equal(positions_of(&self.frame, OUTCOME_AFTER));
        let amount =
            numbers_of(&self.frame, AMOUNT).not_equal(numbers_of(&self.frame, AMOUNT_AFTER));
        let differs = outcome | amount;
        RowRank::all(self.frame.height())
            .filter(|row| differs.get(row.index()) == Some(true))
            .collect()
    }

    /// How many rows went from one outcome to another.
    #[must_use]
    pub fn moves(&self) -> BTreeMap<(Outcome, Outcome), usize> {
        let by = [Dimension::Outcome.name(), OUTCOME_AFTER];
        let outcome = |position: Option<u32>| {
            position.and_then(|position| Outcome::ALL.get(position as usize).copied())
        };
        grouped(&self.frame, by, [AMOUNT])
            .into_iter()
            .filter_map(|([before, after], sums)| {
                let ends = (outcome(before)?, outcome(after)?);
                let rows = usize::try_from(sums.rows).unwrap_or(usize::MAX);
                (ends.0 != ends.1).then_some((ends, rows))
            })
            .collect()
    }
}
