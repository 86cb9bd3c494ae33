//! The decision on a row: what was read of it, which codes it earned, and the one outcome it ends in (calculation.md, section 2).

use chrono::NaiveDate;

use crate::allocation::{AwardOutcome, Certificate};
use crate::catalogue::Codes;
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank, TierRank};
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
    /// The same completion stands in another row.
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

    /// The outcome written so in `completions.csv`.
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
            Outcome::Rejected => "the row cannot be read; correct it",
            Outcome::NotQualified => "readable, but the program does not pay it",
            Outcome::Held => "waits for a decision in resolutions.csv",
            Outcome::Denied => "decided against on the record",
            Outcome::Duplicate => "the same completion stands in another row",
            Outcome::AlreadyCounted => "the pupil has its award already",
            Outcome::OverCap => "beyond the participant's cap",
            Outcome::Unfunded => "qualified, but no money was left",
            Outcome::Paid => "paid",
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

/// What was read of a row and decided about it. What could not be read is `None`; its text stands in the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// E, N and H codes; warnings appear only among the findings.
    pub codes: Codes,
    /// Where it ends; `None` while it is a certificate whose tier has not been funded.
    pub outcome: Option<Outcome>,
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
    /// Rank of the program on the qualified list of the school year.
    pub program: Option<ProgramRank>,
    /// The program's category.
    pub category: Option<Category>,
    /// Index of the tier that funds the category.
    pub tier: Option<TierRank>,
    /// Rank of the entry of the participants list that the row belongs to, participating or not.
    pub participant: Option<ParticipantRank>,
    /// The resolution that moved it: its position among those of the batch.
    pub resolution: Option<usize>,
    /// Its weight; only units have one.
    pub weight: Option<Weight>,
    /// Zero unless paid.
    pub amount: Money,
}

impl Decision {
    /// The outcome. Before the allocation a certificate has none yet and counts as unfunded.
    #[must_use]
    pub fn ended(&self) -> Outcome {
        self.outcome.unwrap_or(Outcome::Unfunded)
    }

    /// The certificate of the row at a position of the frame, if every check left it all that one needs.
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

    /// Participant as a rank that orders rows without one first; only rows that passed the checks are ever compared by it.
    pub(crate) fn standing(
        &self,
        row: RowRank,
    ) -> (Option<NaiveDate>, Option<ParticipantRank>, RowRank) {
        (self.date, self.participant, row)
    }
}
