//! The decision on a row: what was read of it, its codes, and its one outcome (calculation.md, section 2).

use std::ops::Deref;

use chrono::NaiveDate;

use crate::allocation::{Allocation, AwardOutcome, Certificate};
use crate::catalogue::Codes;
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, ResolutionRank, RowRank, TierRank};
use crate::rules::Weight;
use crate::rules::terms::Category;

/// Where a row ends. Every row has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It cannot be read.
    Rejected,
    /// It is readable but does not qualify.
    NotQualified,
    /// A person must decide.
    Held,
    /// A person decided against it.
    Denied,
    /// The same completion is in another row.
    Duplicate,
    /// The pupil has its award already.
    AlreadyCounted,
    /// Beyond the participant's cap.
    OverCap,
    /// A unit for which no money was left.
    Unfunded,
    /// Paid.
    Paid,
}

impl Outcome {
    /// Every outcome, in the order of the specification.
    pub const ALL: [Outcome; 9] = [
        Outcome::Rejected,
        Outcome::NotQualified,
        Outcome::Held,
        Outcome::Denied,
        Outcome::Duplicate,
        Outcome::AlreadyCounted,
        Outcome::OverCap,
        Outcome::Unfunded,
        Outcome::Paid,
    ];

    #[must_use]
    pub fn parse(text: &str) -> Option<Outcome> {
        Outcome::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }

    /// Whether the row passed every check and took part in the allocation.
    #[must_use]
    pub const fn is_certificate(self) -> bool {
        matches!(
            self,
            Outcome::AlreadyCounted | Outcome::OverCap | Outcome::Unfunded | Outcome::Paid
        )
    }

    /// As written in `completions.csv`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Rejected => "rejected",
            Outcome::NotQualified => "not_qualified",
            Outcome::Held => "held",
            Outcome::Denied => "denied",
            Outcome::Duplicate => "duplicate",
            Outcome::AlreadyCounted => "already_counted",
            Outcome::OverCap => "over_cap",
            Outcome::Unfunded => "unfunded",
            Outcome::Paid => "paid",
        }
    }

    /// In words, for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Outcome::Rejected => "Rejected",
            Outcome::NotQualified => "Not qualified",
            Outcome::Held => "Held",
            Outcome::Denied => "Denied",
            Outcome::Duplicate => "Duplicate",
            Outcome::AlreadyCounted => "Already counted",
            Outcome::OverCap => "Over cap",
            Outcome::Unfunded => "Unfunded",
            Outcome::Paid => "Paid",
        }
    }

    /// What it means, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Outcome::Rejected => "the row cannot be read",
            Outcome::NotQualified => "readable, but the state does not pay it",
            Outcome::Held => "waits for a decision of the program office",
            Outcome::Denied => "left out by a decision",
            Outcome::Duplicate => "the same completion is in another row",
            Outcome::AlreadyCounted => "another completion of the pupil has the award",
            Outcome::OverCap => "over the participant's cap",
            Outcome::Unfunded => "qualified, but no money was left",
            Outcome::Paid => "an award is paid",
        }
    }
}

impl From<AwardOutcome> for Outcome {
    fn from(award: AwardOutcome) -> Outcome {
        match award {
            AwardOutcome::AlreadyCounted => Outcome::AlreadyCounted,
            AwardOutcome::OverCap => Outcome::OverCap,
            AwardOutcome::Unfunded => Outcome::Unfunded,
            AwardOutcome::Paid => Outcome::Paid,
        }
    }
}

/// Four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FourDigits([u8; 4]);

impl FourDigits {
    /// The code, if it is four ASCII digits.
    #[must_use]
    pub fn new(code: &str) -> Option<FourDigits> {
        let digits: [u8; 4] = code.as_bytes().try_into().ok()?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then_some(FourDigits(digits))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// What was read of a row, and its codes. What could not be read is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowRead {
    /// E, N and H codes; warnings are only among the findings.
    pub codes: Codes,
    /// Padded.
    pub district: Option<FourDigits>,
    /// Padded.
    pub school: Option<FourDigits>,
    /// The pupil.
    pub sasid: Option<Sasid>,
    /// 0 is kindergarten.
    pub grade: Option<u8>,
    /// When it was completed.
    pub date: Option<NaiveDate>,
    /// Eligible for free or reduced-price lunch; an empty cell counts as no.
    pub frl: Option<bool>,
    /// On the qualified list of the school year.
    pub program: Option<ProgramRank>,
    /// The program's.
    pub category: Option<Category>,
    /// The tier that funds the category.
    pub tier: Option<TierRank>,
    /// The entry of the participants list that the row belongs to, participating or not.
    pub participant: Option<ParticipantRank>,
    /// The line that decided its outcome.
    pub resolution: Option<ResolutionRank>,
    /// Denied by its place: it is no longer in the submission and counts for nothing.
    pub set_aside: bool,
}

impl RowRead {
    /// The certificate of the row, if enough of it was read. The caller knows whether it passed every check.
    #[must_use]
    pub fn certificate(&self, row: RowRank) -> Option<Certificate> {
        let (date, sasid, program) = (self.date?, self.sasid?, self.program?);
        Some(Certificate {
            row,
            date,
            sasid,
            program,
            participant: self.participant?,
            category: self.category?,
            frl: self.frl?,
        })
    }

    /// The order in which a pupil's first row is found. A row without a participant would come first, but only rows that passed the
    /// checks are compared.
    pub(crate) fn standing(
        &self,
        row: RowRank,
    ) -> (Option<NaiveDate>, Option<ParticipantRank>, RowRank) {
        (self.date, self.participant, row)
    }
}

/// Where the checks leave a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passed all checks and takes part in the allocation.
    Certificate(Certificate),
    /// It passed the checks that the given lists allow; too little is known for a certificate. Never in a run, which has all lists.
    Passed,
    /// It ended before the allocation.
    Ended(Outcome),
}

/// A row after the checks and before the allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was read of it.
    pub read: RowRead,
    /// Where the checks leave it.
    pub verdict: Verdict,
}

impl Checked {
    /// The outcome of a row that the checks ended; none for one that passed, whose outcome the allocation decides.
    #[must_use]
    pub const fn ended(&self) -> Option<Outcome> {
        match self.verdict {
            Verdict::Ended(outcome) => Some(outcome),
            Verdict::Certificate(_) | Verdict::Passed => None,
        }
    }

    /// The certificate of a row that passed every check.
    #[must_use]
    pub const fn certificate(&self) -> Option<Certificate> {
        match self.verdict {
            Verdict::Certificate(certificate) => Some(certificate),
            Verdict::Ended(_) | Verdict::Passed => None,
        }
    }
}

/// A row after the allocation: its one outcome and its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What was read of it.
    pub read: RowRead,
    /// Where it ended.
    pub outcome: Outcome,
    /// Only units have one.
    pub weight: Option<Weight>,
    /// Zero unless paid.
    pub amount: Money,
}

/// Every stage needs what was read of a row; the stages differ only in how far it has come.
impl Deref for Checked {
    type Target = RowRead;
    fn deref(&self) -> &RowRead {
        &self.read
    }
}

/// As for [`Checked`].
impl Deref for Settled {
    type Target = RowRead;
    fn deref(&self) -> &RowRead {
        &self.read
    }
}

/// By tier and participant: what its rows over the cap would be paid at the tier's rates. The cap costs a participant at most this,
/// because a pupil over the cap can be paid in a later tier.
#[must_use]
pub fn over_cap_at_rates(decisions: &[Settled], allocation: &Allocation) -> Vec<Vec<Money>> {
    let nothing = vec![Money::ZERO; allocation.supplements.len()];
    let mut costs = vec![nothing; allocation.tiers.len()];
    let over_cap = decisions
        .iter()
        .filter(|decision| decision.outcome == Outcome::OverCap);
    for decision in over_cap {
        let (Some(tier), Some(participant)) = (decision.tier, decision.participant) else {
            continue;
        };
        let result = &allocation.tiers[tier];
        costs[tier][participant] += if decision.frl == Some(true) {
            result.frl_rate
        } else {
            result.rate
        };
    }
    costs
}
