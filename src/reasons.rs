//! Reasons why a row does not qualify (N codes): which can be slips, which an appeal can waive, and whether a cell's text matters.
//!
//! One table, so that `check`, the page, previews, decisions and the funnel of years treat a new reason alike.

use crate::catalogue::Code;

/// When a reason is a slip that the sender can correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// The reason is about what happened.
    Never,
    /// If the cell is empty.
    IfEmpty,
    /// If the day is later than any file of the school year can report.
    IfNotYetPossible,
    /// If another value is proposed for the cell.
    IfProposed,
    /// If another program is proposed, or no list ever had the code.
    IfNotOfAnotherYear,
}

impl Slip {
    /// Whether the reason is about what happened and not about how it was written, unless the day cannot be: no dollars are shown for
    /// changing it.
    #[must_use]
    pub const fn is_fact(self) -> bool {
        matches!(self, Slip::Never | Slip::IfNotYetPossible)
    }
}

/// What a reason means for the people who read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    pub code: Code,
    pub slip: Slip,
    /// Whether `qualify` in `resolutions.csv` can waive it.
    pub is_waivable: bool,
    /// Whether the message is about the cell's text, which can then be quoted to its sender.
    pub is_about_text: bool,
}

impl Reason {
    /// Whether a cell with another text could have kept the row.
    #[must_use]
    pub fn can_be_mistyped(&self) -> bool {
        self.slip != Slip::Never || self.is_about_text
    }
}

const fn reason(code: Code, slip: Slip, is_waivable: bool, is_about_text: bool) -> Reason {
    Reason {
        code,
        slip,
        is_waivable,
        is_about_text,
    }
}

/// Every reason: when it is a slip, whether it can be waived, whether it is about the cell's text.
pub const REASONS: [Reason; 9] = [
    reason(Code::N301, Slip::IfNotOfAnotherYear, false, false),
    reason(Code::N302, Slip::Never, true, true),
    reason(Code::N303, Slip::IfNotYetPossible, true, true),
    reason(Code::N304, Slip::IfProposed, false, false),
    reason(Code::N305, Slip::IfEmpty, true, false),
    reason(Code::N306, Slip::IfEmpty, true, true),
    reason(Code::N307, Slip::Never, false, false),
    reason(Code::N308, Slip::Never, false, false),
    reason(Code::N309, Slip::Never, true, false),
];

/// What a finding is called, as a slip or as a fact: a reason that can be either has a title for each, so that nobody takes one for the
/// other.
#[must_use]
pub fn title_of(code: Code, is_slip: bool) -> &'static str {
    match (code, is_slip) {
        (Code::N301, false) => "the program was on the qualified list in other years only",
        (Code::N303, true) => "the completion date is in the future",
        (Code::N304, true) => "the District Code is almost that of a district that takes part",
        (Code::N305, true) => "Graduation Credit is empty for an industry credential",
        (Code::N306, true) => "the AP exam score is missing",
        (Code::N306, false) => "the AP exam score is too low",
        _ => code.entry().title,
    }
}

/// The reason of a code; none for a code that is not about qualifying.
#[must_use]
pub fn reason_of(code: Code) -> Option<&'static Reason> {
    REASONS.iter().find(|reason| reason.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{CATALOGUE, Severity};

    #[test]
    fn a_reason_that_can_be_a_slip_or_a_fact_is_called_differently() {
        for Reason { code, slip, .. } in REASONS {
            let differs = title_of(code, true) != title_of(code, false);
            assert_eq!(differs, slip != Slip::Never, "{code}");
        }
    }

    #[test]
    fn every_code_about_qualifying_is_in_the_table_and_no_other() {
        let codes = CATALOGUE
            .iter()
            .filter(|entry| entry.severity == Severity::NotQualified)
            .map(|entry| entry.code);
        assert!(
            codes.eq(REASONS.map(|reason| reason.code)),
            "src/reasons.rs has a line for every N code, in ascending order"
        );
    }
}
