//! What can change from one report to another: a row, and the parts of a participant's money.

use serde::Serialize;

use crate::money::Money;

/// What happened to a row from A to B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only B has it.
    Added,
    /// Only A has it.
    Removed,
    /// It has other values at the same place.
    Changed,
    /// It has the same values, and the checks decided differently.
    Redecided,
    /// It has the same values and passed the same checks, but was funded differently.
    FundedDifferently,
}

impl Change {
    /// Every change, in the order in which they are shown.
    pub const ALL: [Change; 5] = [
        Change::Added,
        Change::Removed,
        Change::Changed,
        Change::Redecided,
        Change::FundedDifferently,
    ];

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Changed => "changed",
            Change::Redecided => "re-decided",
            Change::FundedDifferently => "funded differently",
        }
    }
}

/// The step from A to B in which a row's change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The row's own participant sent other data.
    OwnRows,
    /// Another participant's rows made it doubtful, or cleared it.
    OthersDemand,
    /// Rules, readings, lists or decisions on the record.
    Rules,
    /// Nothing about the row itself: only the allocation.
    Allocation,
}

impl Part {
    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Part::OwnRows => "own rows",
            Part::OthersDemand => "others' rows",
            Part::Rules => "rules and decisions",
            Part::Allocation => "allocation",
        }
    }
}

/// Where a row is in one of the reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stand {
    /// Its file.
    pub file: String,
    /// Its sheet; empty in a text file.
    pub sheet: String,
    /// Its physical row.
    pub row: u32,
    /// Its participant's code; empty if none was found.
    pub participant: String,
    /// Where it ended.
    pub outcome: &'static str,
    /// Its codes.
    pub codes: String,
    /// What it is paid.
    pub amount: Money,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedRow {
    /// What happened to it.
    pub change: Change,
    /// In which step it takes effect.
    pub part: Part,
    /// In A.
    pub before: Option<Stand>,
    /// In B.
    pub after: Option<Stand>,
}

/// A participant's money in both reports, and the parts of the change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Its total in A, supplement included.
    pub before: Money,
    /// Its own rows changed.
    pub own_rows: Money,
    /// Everybody else's rows changed.
    pub others_demand: Money,
    /// Rules, readings, lists or decisions changed.
    pub rules: Money,
    /// The money changed.
    pub money: Money,
    /// Its total in B.
    pub after: Money,
}

impl Parts {
    /// The whole change.
    #[must_use]
    pub fn change(&self) -> Money {
        self.after - self.before
    }

    /// Whether any part is not zero; parts can cancel each other out.
    pub(super) fn moved(&self) -> bool {
        [self.own_rows, self.others_demand, self.rules, self.money]
            .iter()
            .any(|part| *part != Money::ZERO)
    }

    /// Adds another participant's.
    pub(crate) fn add(&mut self, other: &Parts) {
        self.before += other.before;
        self.own_rows += other.own_rows;
        self.others_demand += other.others_demand;
        self.rules += other.rules;
        self.money += other.money;
        self.after += other.after;
    }
}
