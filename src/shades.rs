//! How outcomes and severities look in every workbook: the word, and a shade that tells it from the others in gray as well.

use crate::catalogue::Severity;
use crate::decision::Outcome;
use crate::sheets::cell::Cell;
use crate::sheets::look::Shade;
use crate::tasks::{Stand, Work};

/// The shade of an outcome.
pub(crate) fn of_outcome(outcome: Outcome) -> Shade {
    match outcome {
        Outcome::Rejected => Shade::Coral,
        Outcome::NotQualified => Shade::Linen,
        Outcome::Held => Shade::Orange,
        Outcome::Denied => Shade::Khaki,
        Outcome::Duplicate => Shade::Lilac,
        Outcome::AlreadyCounted => Shade::PaleLilac,
        Outcome::OverCap => Shade::Blue,
        Outcome::Unfunded => Shade::PaleBlue,
        Outcome::Paid => Shade::PaleGreen,
    }
}

/// The shade of a severity.
pub(crate) fn of_severity(severity: Severity) -> Shade {
    match severity {
        Severity::Refused => Shade::Red,
        Severity::Rejected => Shade::Coral,
        Severity::NotQualified => Shade::Linen,
        Severity::Held | Severity::Question => Shade::Orange,
        Severity::Warning => Shade::Smoke,
    }
}

/// A severity in one word.
pub(crate) fn severity_label(severity: Severity) -> &'static str {
    match severity {
        Severity::Refused => "Refused",
        Severity::Rejected => "Rejected",
        Severity::NotQualified => "Not qualified",
        Severity::Held => "Held",
        Severity::Warning => "Warning",
        Severity::Question => "Question",
    }
}

/// The shade of a kind of work.
fn of_work(work: Work) -> Shade {
    match work {
        Work::Fix => Shade::Coral,
        Work::Look => Shade::Orange,
        Work::Fact => Shade::Linen,
        Work::Done => Shade::Smoke,
    }
}

/// The shade of a row's state.
pub(crate) fn of_stand(stand: Stand) -> Shade {
    stand.work().map_or(Shade::PaleGreen, of_work)
}

/// A cell with a kind of work.
pub(crate) fn work(work: Work) -> Cell<'static> {
    Cell::Word(work.label(), of_work(work))
}

/// A cell with an outcome.
pub(crate) fn outcome(outcome: Outcome) -> Cell<'static> {
    Cell::Word(outcome.label(), of_outcome(outcome))
}

/// A cell with a severity.
pub(crate) fn severity(severity: Severity) -> Cell<'static> {
    Cell::Word(severity_label(severity), of_severity(severity))
}
