//! Lines: the totals of a participant's rows of one program in a year, and sums of lines.

use std::ops::AddAssign;

use crate::ids::Sasid;
use crate::money::Money;
use crate::report::json::NO_SECTOR;
use crate::rules::terms::{Category, ParticipantKind};

/// Totals of rows. Every figure is a sum, so figures of parts add up to those of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Submitted rows.
    pub completions: u64,
    /// Units within the cap.
    pub units: u64,
    /// Those of them with free or reduced-price lunch.
    pub frl_units: u64,
    /// Rows over the cap.
    pub over_cap: u64,
    /// What the units are paid, without the supplement.
    pub amount: Money,
    /// What the units within the cap would be paid with full funding.
    pub full: Money,
    /// What the rows over the cap would be paid without a cap and with full funding.
    pub over_cap_full: Money,
}

impl Figures {
    /// Unpaid demand: full funding less what was paid.
    #[must_use]
    pub fn unpaid(&self) -> Money {
        self.full - self.amount
    }
}

impl AddAssign<&Figures> for Figures {
    fn add_assign(&mut self, other: &Figures) {
        self.completions += other.completions;
        self.units += other.units;
        self.frl_units += other.frl_units;
        self.over_cap += other.over_cap;
        self.amount += other.amount;
        self.full += other.full;
        self.over_cap_full += other.over_cap_full;
    }
}

/// The totals of a participant's rows of one program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// `0010-4500`; empty if no participant was found.
    pub participant: String,
    /// Its payee; empty without a participant.
    pub payee: String,
    /// The participant's kind.
    pub kind: Option<ParticipantKind>,
    /// Empty if the program is not on the year's list: the cell could contain a person's name.
    pub program: String,
    /// The program's sector; may be empty.
    pub sector: String,
    pub category: Option<Category>,
    /// The tier's number; `None` if no tier funds the category.
    pub tier: Option<u32>,
    pub figures: Figures,
    /// Pupils with a unit within the cap, ascending.
    pub pupils: Vec<Sasid>,
}

/// Totals of lines. Each pupil counts once, so the parts' pupils can add up to more than the whole's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub figures: Figures,
    /// Different pupils with a unit within the cap.
    pub pupils: u64,
}

/// Adds lines up.
#[must_use]
pub fn tally<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Tally {
    let mut figures = Figures::default();
    let mut pupils: Vec<Sasid> = Vec::new();
    for line in lines {
        figures += &line.figures;
        pupils.extend(&line.pupils);
    }
    pupils.sort_unstable();
    pupils.dedup();
    Tally {
        figures,
        pupils: pupils.len() as u64,
    }
}

/// A dimension by which lines are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Participant,
    Payee,
    Kind,
    Tier,
    Category,
    Sector,
    Program,
}

impl By {
    /// Every dimension.
    pub const ALL: [By; 7] = [
        By::Participant,
        By::Payee,
        By::Kind,
        By::Tier,
        By::Category,
        By::Sector,
        By::Program,
    ];

    /// The value of a line, as a code or a word; may be empty.
    #[must_use]
    pub fn of(self, line: &Line) -> String {
        match self {
            By::Participant => line.participant.clone(),
            By::Payee => line.payee.clone(),
            By::Kind => line.kind.map_or("", ParticipantKind::label).to_string(),
            By::Tier => line
                .tier
                .map(|number| number.to_string())
                .unwrap_or_default(),
            By::Category => line.category.map_or("", Category::label).to_string(),
            By::Sector => line.sector.clone(),
            By::Program => line.program.clone(),
        }
    }

    /// The label of lines without a value.
    #[must_use]
    pub const fn none(self) -> &'static str {
        match self {
            By::Participant | By::Payee | By::Kind => "(no participant found)",
            By::Tier => "(no tier)",
            By::Sector => NO_SECTOR,
            By::Category | By::Program => "(not on the qualified list)",
        }
    }
}
