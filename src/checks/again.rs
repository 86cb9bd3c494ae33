//! The batch decided again as if one line of the resolutions were blank. What each row is by itself is kept between lines: only a
//! line that excludes a participant or corrects a cell changes it.

use std::collections::HashMap;

use super::cells::{Cells, Corrections};
use super::columns::Evidence;
use super::decisions::Decisions;
use super::docket::{LineStatus, judge};
use super::row::Row;
use super::{Alone, together};
use crate::catalogue::Codes;
use crate::decision::Checked;
use crate::intake::Intake;
use crate::ranks::{ParticipantRank, ResolutionRank, RowRank};
use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use crate::stop::Stop;

/// A batch to be decided again.
pub(crate) struct Again<'a> {
    rules: &'a RuleSet,
    readings: &'a Readings,
    intake: &'a Intake,
    /// For each line of the resolutions: why it cannot have an effect.
    judged: Vec<Option<LineStatus>>,
    /// The rows under all lines, each decided by itself, and what they depend on.
    rows: Vec<Row>,
    excluded: HashMap<ParticipantRank, ResolutionRank>,
    corrections: Corrections,
}

impl<'a> Again<'a> {
    pub(crate) fn of(
        rules: &'a RuleSet,
        readings: &'a Readings,
        intake: &'a Intake,
    ) -> Result<Again<'a>, Stop> {
        let judged = judge(intake)?;
        let mut decisions = Decisions::new(intake, judged.clone());
        let excluded = decisions.exclude();
        let corrections = decisions.correct(&Cells::of(intake, &Corrections::new()));
        let rows = alone(rules, &Cells::of(intake, &corrections), &excluded);
        Ok(Again {
            rules,
            readings,
            intake,
            judged,
            rows,
            excluded,
            corrections,
        })
    }

    /// Every row as if a line of the resolutions were blank.
    pub(crate) fn without(&self, line: usize) -> Vec<Checked> {
        let mut judged = self.judged.clone();
        judged[line] = Some(LineStatus::FitsNothing(String::new()));
        let mut decisions = Decisions::new(self.intake, judged);
        let excluded = decisions.exclude();
        let corrections = decisions.correct(&Cells::of(self.intake, &Corrections::new()));
        let cells = Cells::of(self.intake, &corrections);
        let mut rows = if excluded == self.excluded && corrections == self.corrections {
            self.rows.clone()
        } else {
            alone(self.rules, &cells, &excluded)
        };
        together(
            &mut rows,
            &mut decisions,
            self.readings,
            cells,
            Codes::ALL,
            &mut Vec::new(),
        );
        RowRank::enumerate(&rows)
            .map(|(rank, row)| row.checked(rank))
            .collect()
    }
}

fn alone(
    rules: &RuleSet,
    cells: &Cells<'_>,
    excluded: &HashMap<ParticipantRank, ResolutionRank>,
) -> Vec<Row> {
    let columns = Evidence::of(cells);
    Alone::new(*cells, &columns, rules, excluded, Codes::ALL).decide(&mut Vec::new())
}
