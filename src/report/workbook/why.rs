//! Why a row has its outcome: in words, and as the trail of its calculation.

use std::borrow::Cow;

use super::context::Workbooks;
use crate::calculation::Calculation;
use crate::catalogue::Codes;
use crate::decision::{Outcome, Settled};
use crate::intake::fields::Field;
use crate::intake::lists::Resolution;
use crate::ranks::RowRank;
use crate::report::entities::ReportingEntity;
use crate::results::record::Record;
use crate::trail::{Facts, Other, place_from};
use crate::words::listed;

/// The row in words: which of its cells a decision corrected, then the decision that changed it, otherwise its codes.
pub(super) fn in_words(calculation: &Calculation, row: RowRank) -> Cow<'static, str> {
    let decision = &calculation.decisions[row];
    let ended = ended_in_words(&calculation.intake.resolutions, decision);
    if calculation.corrections.is_empty() {
        return ended;
    }
    let fields = Field::ALL.into_iter();
    let corrected: Vec<&str> = fields
        .filter(|field| calculation.corrections.contains_key(&(row, *field)))
        .map(Field::title)
        .collect();
    if corrected.is_empty() {
        return ended;
    }
    let corrected = format!("{} corrected by a decision", listed(corrected.into_iter()));
    Cow::Owned(if ended.is_empty() {
        corrected
    } else {
        format!("{corrected}; {ended}")
    })
}

fn ended_in_words(resolutions: &[Resolution], decision: &Settled) -> Cow<'static, str> {
    let outcome = decision.outcome;
    let Some(resolution) = decision
        .resolution
        .and_then(|number| resolutions.get(number))
    else {
        return codes_in_words(decision.codes, outcome);
    };
    let Resolution {
        file,
        line,
        reason,
        approved_by,
        ..
    } = resolution;
    let place = format!("{file} line {line}");
    Cow::Owned(match outcome {
        Outcome::Denied => format!("denied by {place}: {reason} ({approved_by})"),
        _ => format!("{}; taken back in by {place}: {reason}", outcome.meaning()),
    })
}

/// Codes in the catalogue's words; without a code, what the outcome means.
fn codes_in_words(codes: Codes, outcome: Outcome) -> Cow<'static, str> {
    let mut titles = codes.iter().map(|code| code.entry().title);
    match (titles.next(), titles.next()) {
        (None, _) if outcome == Outcome::Paid => Cow::Borrowed(""),
        (None, _) => Cow::Borrowed(outcome.meaning()),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned(
            [first, second]
                .into_iter()
                .chain(titles)
                .collect::<Vec<_>>()
                .join("; "),
        ),
    }
}

/// The trail in one line. An entity does not learn the places of other entities' rows, nor how many units another payee's
/// participant has: after a decision, a row of its file can be another's.
pub(super) fn trail(
    report: &Workbooks<'_>,
    record: &Record<'_>,
    position: RowRank,
    reader: Option<&ReportingEntity>,
) -> String {
    let calculation = report.calculation;
    let reason = report.trails.reason(&calculation.decisions, position);
    let other = reason.others.first().map(|other| {
        let theirs = report.records.get(*other);
        let from = (record.source_file, record.source_sheet);
        let sees = reader.is_none_or(|entity| entity.rows.binary_search(other).is_ok());
        let place = sees.then(|| {
            place_from(
                from,
                theirs.source_file,
                theirs.source_sheet,
                theirs.source_row,
            )
        });
        (
            Other {
                place,
                tier: theirs.tier,
                outcome: theirs.outcome,
            },
            reason.others.len() - 1,
        )
    });
    let payee = record
        .decision
        .participant
        .map(|rank| calculation.intake.participants.all()[rank].payee());
    let resolution = record
        .decision
        .resolution
        .and_then(|number| calculation.intake.resolutions.get(number));
    let resolution =
        resolution.map(|resolution| format!("{} line {}", resolution.file, resolution.line));
    let facts = Facts {
        outcome: record.outcome,
        codes: record.decision.codes,
        tier: record.tier,
        standing: reason
            .standing
            .filter(|_| reader.is_none_or(|entity| Some(entity.code.as_str()) == payee)),
        weight: record.decision.weight,
        amount: record.decision.amount,
        other,
        resolution: resolution.as_deref(),
    };
    facts.short()
}
