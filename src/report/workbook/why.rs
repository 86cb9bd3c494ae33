//! Why a row has its outcome: in words, and as the trail of its calculation.

use std::borrow::Cow;

use super::context::Workbooks;
use crate::catalogue::Code;
use crate::decision::Outcome;
use crate::finding::line_of;
use crate::intake::lists::Resolution;
use crate::ranks::RowRank;
use crate::report::entities::ReportingEntity;
use crate::results::record::Record;
use crate::trail::{Facts, Other, lines_of, place_from};

/// The row in words: what decisions corrected in it or waived, then the decision that moved it last, otherwise why it has its codes.
pub(super) fn in_words<'c>(report: &Workbooks<'c>, row: RowRank) -> Cow<'c, str> {
    with_changes(report, row, |_| "a decision".to_string())
}

/// The same with line, reason and approver of each change.
pub(super) fn in_words_with_reasons<'c>(report: &Workbooks<'c>, row: RowRank) -> Cow<'c, str> {
    with_changes(report, row, by_whom)
}

fn with_changes<'c>(
    report: &Workbooks<'c>,
    row: RowRank,
    by: impl Fn(&Resolution) -> String,
) -> Cow<'c, str> {
    let ended = ended_in_words(report, row);
    let resolutions = &report.calculation.intake.resolutions;
    // What moved it last is said with the outcome.
    let moved = report.calculation.decisions[row].resolution;
    let lines = report.changes.of_row(row).iter();
    let mut said: Vec<String> = lines
        .filter(|line| Some(**line) != moved)
        .filter_map(|line| {
            let change = report.changes.of_line(*line)?;
            Some(format!("{change} by {}", by(&resolutions[*line])))
        })
        .collect();
    if said.is_empty() {
        return ended;
    }
    if !ended.is_empty() {
        said.push(ended.into_owned());
    }
    Cow::Owned(said.join("; "))
}

/// `resolutions.csv line 3: the transcript shows it (A. Supervisor)`.
fn by_whom(resolution: &Resolution) -> String {
    let Resolution {
        file,
        line,
        reason,
        approved_by,
        ..
    } = resolution;
    format!("{}: {reason} ({approved_by})", line_of(file, *line))
}

fn ended_in_words<'c>(report: &Workbooks<'c>, row: RowRank) -> Cow<'c, str> {
    let calculation = report.calculation;
    let decision = &calculation.decisions[row];
    let outcome = decision.outcome;
    let Some(number) = decision.resolution else {
        return codes_in_words(report, row);
    };
    let resolution = &calculation.intake.resolutions[number];
    if outcome == Outcome::Denied {
        return Cow::Owned(format!("denied by {}", by_whom(resolution)));
    }
    let Resolution {
        file, line, reason, ..
    } = resolution;
    let what = report.changes.of_line(number).unwrap_or("taken back in");
    Cow::Owned(format!(
        "{}; {what} by {}: {reason}",
        outcome.meaning(),
        line_of(file, *line)
    ))
}

/// Why the row has its codes, as its findings say; without a code, what the outcome means.
fn codes_in_words<'c>(report: &Workbooks<'c>, row: RowRank) -> Cow<'c, str> {
    let decision = &report.calculation.decisions[row];
    let codes = decision.codes.iter();
    let said: Vec<&'c str> = codes
        .map(|code| {
            let reason = report.reason(row, code);
            reason.unwrap_or(code.entry().title)
        })
        .collect();
    match said[..] {
        [] if decision.outcome == Outcome::Paid => Cow::Borrowed(""),
        [] => Cow::Borrowed(decision.outcome.meaning()),
        [only] => Cow::Borrowed(only),
        _ => Cow::Owned(said.join("; ")),
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
    let changes = report.changes.of_row(position).iter();
    let resolutions: Vec<&Resolution> = changes
        .chain(&record.decision.resolution)
        .map(|number| &calculation.intake.resolutions[*number])
        .collect();
    let lines = resolutions.iter().map(|line| line.line).collect();
    let resolutions = resolutions
        .first()
        .and_then(|any| lines_of(&any.file, &lines));
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
        resolutions: resolutions.as_deref(),
        stranger: (record.outcome == Outcome::Held)
            .then(|| report.reason(position, Code::H502))
            .flatten(),
    };
    facts.short()
}
