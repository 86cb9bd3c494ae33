//! A row while it is checked.

use std::ops::{Deref, DerefMut};

use crate::catalogue::Codes;
use crate::decision::{Checked, Outcome, RowRead, Verdict};
use crate::ranks::RowRank;

/// What was read of a row so far, and its outcome if it has one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    pub(super) read: RowRead,
    pub(super) outcome: Option<Outcome>,
    /// Codes that a decision on the record waived.
    pub(super) waived: Codes,
}

impl Row {
    pub(super) fn checked(self, rank: RowRank) -> Checked {
        let certificate = || self.read.certificate(rank).map(Verdict::Certificate);
        let verdict = match self.outcome {
            Some(outcome) => Verdict::Ended(outcome),
            None => certificate().unwrap_or(Verdict::Passed),
        };
        Checked {
            read: self.read,
            verdict,
        }
    }
}

impl Deref for Row {
    type Target = RowRead;
    fn deref(&self) -> &RowRead {
        &self.read
    }
}

impl DerefMut for Row {
    fn deref_mut(&mut self) -> &mut RowRead {
        &mut self.read
    }
}
