//! One invented row, and what is wrong with it.

use chrono::NaiveDate;

use super::{programs::Program, statewide::Statewide};

/// One row of a submission, before an entity's habits are applied.
#[derive(Debug, Clone)]
pub(super) struct Completion {
    pub(super) district: u16,
    pub(super) school: u16,
    pub(super) sasid: u64,
    pub(super) grade: u8,
    pub(super) program: &'static Program,
    pub(super) date: NaiveDate,
    pub(super) frl: bool,
    pub(super) graduation_credit: Option<bool>,
    pub(super) ap_score: Option<u8>,
    pub(super) defect: Option<Defect>,
}

impl Completion {
    /// Whether the row would be paid if nothing else were wrong with it: its participant takes part and its score suffices.
    pub(super) fn is_sound(&self, statewide: &Statewide) -> bool {
        let takes_part = statewide
            .participant_of(self.district, self.school)
            .is_some_and(|entry| entry.participating);
        takes_part && self.ap_score.is_none_or(|score| score >= 3)
    }
}

/// A defect of a row. The first ones make it unreadable and exist only in how its cells are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Defect {
    /// `N/A` for the district.
    DistrictNotGiven,
    /// The pseudo-code `UUUU` for the school.
    SchoolUnknown,
    /// A digit of the id is lost.
    SasidTooShort,
    /// `Senior`, `Graduated`.
    GradeInWords,
    ProgramMissing,
    /// `Spring 2024`, or a day no month has.
    DateUnreadable,
    /// A bare `F` or `R`: free, false or full price?
    LunchLetter,
    /// A score that AP does not give.
    ScoreUnreadable,
    /// `Pending` for the graduation credit.
    CreditUnreadable,
    /// A code from a different list.
    ProgramUnlisted,
    /// A program that is no longer, or not yet, on the list.
    ProgramOutdated,
    GradeEight,
    /// A graduate's credential of the previous year, reported for a different purpose.
    PriorYear,
    /// Completed in the summer after the school year.
    NextSummer,
    CreditMissing,
    ScoreMissing,
    /// A completion in the ledger of earlier payments.
    PaidBefore,
    /// A row of a different district.
    OtherDistrictsRow,
    /// A pupil and program that a second entity reports too.
    ReportedTwice,
    /// The row above again.
    Repeated,
    /// No lunch status: read as no, with a warning.
    LunchMissing,
    /// The lunch status differs from the same pupil's other row.
    LunchContradicted,
}

impl Defect {
    /// Whether the row cannot be read.
    pub(super) fn is_unreadable(self) -> bool {
        self <= Self::CreditUnreadable
    }
}
