//! What the allocation is asked: certificates, who claims them, and the money there is.

use chrono::NaiveDate;

use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
use crate::rules::terms::{Category, ParticipantKind};

/// A row that passed every check: all that the allocation knows of a completion.
///
/// Codes and paths come as ranks, so that comparing ranks is comparing the texts byte by byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Rank of the row in the batch: by file path, sheet order, row number.
    pub row: RowRank,
    /// When the program was completed.
    pub date: NaiveDate,
    /// The pupil; ten digits, so the number orders like the text.
    pub sasid: Sasid,
    /// Rank of the program code.
    pub program: ProgramRank,
    /// Index of the participant, ranked by (district code, school code or empty).
    pub participant: ParticipantRank,
    /// What kind of program it is; a category without a tier is not a certificate.
    pub category: Category,
    /// Eligible for free or reduced-price lunch.
    pub frl: bool,
}

impl Certificate {
    /// The standing order of section 3: date, SASID, program, participant, row.
    pub(crate) fn standing(&self) -> (NaiveDate, Sasid, ProgramRank, ParticipantRank, RowRank) {
        (
            self.date,
            self.sasid,
            self.program,
            self.participant,
            self.row,
        )
    }
}

/// What the allocation needs to know of a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// Its kind; decides whether the cap binds it.
    pub kind: ParticipantKind,
    /// Requires every pupil to complete a qualified item before graduation (supplement).
    pub requires_completion: bool,
}

/// All certificates, and the money available.
#[derive(Clone, Debug)]
pub struct Demand {
    /// In any order.
    pub certificates: Vec<Certificate>,
    /// By the index that certificates carry.
    pub claimants: Vec<Claimant>,
    /// Rows not rejected whose program is on the year's list, by category (index of [`Category::ALL`]); the base of the cap under
    /// `cap_base = reported`.
    pub reported: [u64; Category::ALL.len()],
    /// The appropriation.
    pub available: Money,
    /// The pool of the supplement; none in years without one.
    pub supplement: Option<Money>,
}
