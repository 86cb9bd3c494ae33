//! *Review*: what to look at first.

use std::collections::HashMap;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use crate::decision::Outcome;
use crate::ranks::{ParticipantRank, RowRank};
use crate::report::earlier::Earlier;
use crate::results::review::{
    Measure, Measured, ROWS_ARE_IN, Review, ReviewedUnit, UNITS_MIN, WHOLE,
};
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page, Stamp};

/// The sheet's name.
pub(super) const REVIEW: &str = "Review";
/// Participants listed: an auditor with a week looks at fewer.
const PARTICIPANTS_MAX: usize = 25;

/// The review of a calculation. Growth is measured against the report before, if there is one.
fn review(report: &Workbooks<'_>) -> Review {
    let calculation = report.calculation;
    let programs = calculation.intake.programs.all();
    let corrected: std::collections::HashSet<RowRank> = calculation
        .corrections
        .keys()
        .map(|(row, _)| *row)
        .collect();
    let units: Vec<ReviewedUnit<'_>> = RowRank::enumerate(&calculation.decisions)
        .filter(|(_, decision)| matches!(decision.outcome, Outcome::Paid | Outcome::Unfunded))
        .filter_map(|(row, decision)| {
            Some(ReviewedUnit {
                participant: decision.participant?,
                program: &programs[decision.program?].code,
                date: decision.date,
                sasid: decision.sasid,
                is_frl: decision.frl == Some(true),
                is_by_hand: decision.resolution.is_some() || corrected.contains(&row),
                amount: decision.amount,
            })
        })
        .collect();
    let participants = calculation.intake.participants.all();
    let enrolled = ParticipantRank::enumerate(participants)
        .filter_map(|(rank, one)| Some((rank, one.enrollment?.into())))
        .collect();
    let before: Option<HashMap<ParticipantRank, u64>> = match &report.earlier {
        Earlier::AtHand(earlier) => Some(
            ParticipantRank::enumerate(participants)
                .filter_map(|(rank, one)| Some((rank, *earlier.units.get(one.code())?)))
                .collect(),
        ),
        Earlier::NotNamed | Earlier::NotAtHand(_) => None,
    };
    Review::of(&units, before.as_ref(), &enrolled)
}

/// The measures of a review, without those whose earlier report or enrollment is missing.
fn measures(review: &Review) -> Vec<Measure> {
    let measures = Measure::ALL.into_iter().filter(|measure| {
        let always = !matches!(measure, Measure::Growth | Measure::Enrollment);
        always || review.medians.contains_key(measure)
    });
    measures.collect()
}

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let review = review(report);
    let measures = measures(&review);
    let about = format!(
        "Where to look first, not what is wrong: this sheet accuses nobody. Most high shares have an honest reason. \
         Participants with at least {UNITS_MIN} units are in the order of how far all their shares together are above the state's medians, \
         in percentage points. Where to look gives what the rows behind each share are paid. SASIDs are counted, never shown."
    );
    let mut columns = vec![
        Column::text("Participant", 14.0),
        Column::text("Name", report.name_width),
        Column::figures("Units", 10.0),
        Column::figures("Paid", 14.0),
        Column::figures("Points above medians", 12.0),
    ];
    columns.extend(
        measures
            .iter()
            .map(|measure| Column::figures(measure.label(), 14.0)),
    );
    columns.push(Column::text("Where to look", 46.0));
    let widths = columns.iter().map(|column| column.width).collect();
    let sheet = workbook.add_worksheet();
    let mut page = Page::begin(sheet, &report.look, stamp, REVIEW, (&about, true), widths)?;
    let header = page.row();
    // Every printed page says what the sheet is, and that it accuses nobody.
    page.sheet
        .set_freeze_panes(header + 1, 2)?
        .set_repeat_rows(0, header)?;
    let shown = review.participants.len().min(PARTICIPANTS_MAX);
    let rows = u32::try_from(shown + 1).unwrap_or(u32::MAX);
    page.table(REVIEW, &columns, rows, Filter::PlainTable)?;
    let mut medians = vec![
        Cell::text("Median"),
        Cell::text("the middle value of all participants"),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
    ];
    medians.extend(measures.iter().map(|measure| {
        let median = review.medians.get(measure);
        median.map_or(Cell::Empty, |median| Cell::Percent(*median, WHOLE))
    }));
    medians.push(Cell::Empty);
    page.line(&medians, Tone::Group)?;
    let participants = report.calculation.intake.participants.all();
    for one in &review.participants[..shown] {
        let participant = &participants[one.participant];
        let mut cells = vec![
            Cell::text(participant.code()),
            Cell::words(participant.name.as_str()),
            Cell::Count(one.units),
            Cell::Money(one.amount),
            Cell::Count(one.points / 100),
        ];
        cells.extend(measures.iter().map(|measure| {
            let of = one.measured.iter().find(|of| of.measure == *measure);
            of.map_or(Cell::Empty, |of| Cell::Percent(of.part, of.whole))
        }));
        cells.push(Cell::words(where_to_look(&one.measured, &review)));
        page.line(&cells, Tone::Plain)?;
    }
    Ok(())
}

/// The measures that are above the median, with what to filter for.
fn where_to_look(measured: &[Measured], review: &Review) -> String {
    let above = measured.iter().filter(|of| {
        of.part > 0
            && review
                .medians
                .get(&of.measure)
                .is_some_and(|it| of.share() > *it)
    });
    let words: Vec<String> = above.map(Measured::in_words).collect();
    if words.is_empty() {
        return "nothing above the medians".to_string();
    }
    format!("{ROWS_ARE_IN}: {}", words.join("; "))
}
