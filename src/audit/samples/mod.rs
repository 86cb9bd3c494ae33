//! Samples for an audit (calculation.md, section 8): which paid rows to look at, and the workpaper for them.

pub mod draw;
mod evaluation;
pub mod factors;
pub mod workbook;

use std::collections::BTreeMap;

use super::cells::SourceCell;
use super::evidence::Evidence;
use crate::decision::Outcome;
use crate::money::Money;
use crate::ranks::RowRank;
use crate::results::columns::ResultColumn;
use crate::values::upper_case;
use crate::words::counted;
use draw::{CannotDraw, Hit, PaidRow, Stratum};

/// Repeats the draw, for a reader who does not trust this program.
pub const SCRIPT: &str = include_str!("draw.py");

/// How rows are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Monetary units, systematic.
    Money,
    /// Every row alike.
    Random,
    /// By kind of participant and tier, every row of a stratum alike.
    Stratified,
}

impl Method {
    /// As on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Money => "mus",
            Method::Random => "random",
            Method::Stratified => "stratified",
        }
    }

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Method::Money => "by monetary units",
            Method::Random => "at random",
            Method::Stratified => "by kind of participant and tier",
        }
    }
}

/// What to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub method: Method,
    /// Rows, or selections of cents.
    pub size: usize,
    pub seed: String,
}

/// Rows of a stratum, and how many were drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StratumTally {
    pub rows: usize,
    pub amount: Money,
    pub drawn: usize,
}

/// A row of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Of the report.
    pub row: RowRank,
    pub stratum: Stratum,
    /// Sampled cents that it has; none if rows are drawn and not cents.
    pub hits: Option<u64>,
}

/// A sample.
#[derive(Debug)]
pub struct Sample<'e> {
    pub evidence: &'e Evidence,
    pub plan: Plan,
    /// In the order of kinds and tiers.
    pub strata: BTreeMap<Stratum, StratumTally>,
    /// In the order drawn.
    pub drawn: Vec<Drawn>,
    /// The submitted cells of each drawn row, if the batch is given.
    pub cells: Option<Vec<Vec<SourceCell>>>,
}

impl<'e> Sample<'e> {
    /// Draws from a report's paid rows.
    ///
    /// # Errors
    /// If there are more strata than rows to draw.
    pub fn of(evidence: &'e Evidence, plan: Plan) -> Result<Self, CannotDraw> {
        let (ranks, rows): (Vec<RowRank>, Vec<PaidRow<'_>>) = paid_rows(evidence).unzip();
        let hits = match plan.method {
            Method::Money => draw::by_money(&rows, plan.size, &plan.seed),
            Method::Random => draw::at_random(&rows, plan.size, &plan.seed),
            Method::Stratified => draw::stratified(&rows, plan.size, &plan.seed)?,
        };
        let mut strata: BTreeMap<Stratum, StratumTally> = BTreeMap::new();
        for row in &rows {
            let tally = strata.entry(row.stratum).or_default();
            tally.rows += 1;
            tally.amount += row.amount;
        }
        for Hit { row, .. } in &hits {
            strata.entry(rows[*row].stratum).or_default().drawn += 1;
        }
        let drawn = hits.into_iter().map(|Hit { row, hits }| Drawn {
            row: ranks[row],
            stratum: rows[row].stratum,
            hits,
        });
        Ok(Sample {
            evidence,
            plan,
            strata,
            drawn: drawn.collect(),
            cells: None,
        })
    }

    /// The rows drawn, as ranks of the report.
    #[must_use]
    pub fn rows(&self) -> Vec<RowRank> {
        self.drawn.iter().map(|drawn| drawn.row).collect()
    }

    /// The participant of a row, by code and name.
    #[must_use]
    pub fn participant(&self, row: RowRank) -> String {
        let evidence = self.evidence;
        let participant = evidence.decisions[row].participant;
        let name = participant.map_or("", |rank| evidence.participants[rank].name.as_str());
        format!("{} {name}", evidence.rows[row].participant)
    }

    /// The name of a row's program; empty if the report does not have it.
    #[must_use]
    pub fn program_name(&self, row: RowRank) -> &'e str {
        let submitted = &self.evidence.rows[row].submitted;
        let code = upper_case(submitted.get(ResultColumn::ProgramCode));
        let mut programs = self.evidence.programs.iter();
        let program = programs.find(|program| program.code == code);
        program.map_or("", |program| program.name.as_str())
    }

    /// Paid rows, and what they were paid.
    #[must_use]
    pub fn population(&self) -> (usize, Money) {
        let strata = self.strata.values();
        (
            strata.clone().map(|tally| tally.rows).sum(),
            strata.map(|tally| tally.amount).sum(),
        )
    }

    /// What the rows drawn were paid.
    #[must_use]
    pub fn amount(&self) -> Money {
        let drawn = self.drawn.iter();
        drawn
            .map(|drawn| self.evidence.decisions[drawn.row].amount)
            .sum()
    }

    /// Whether cents were drawn at an interval: by monetary units, and not every row.
    #[must_use]
    pub fn has_interval(&self) -> bool {
        self.plan.method == Method::Money && self.plan.size <= self.population().0
    }

    /// What was asked for. A row can be selected several times at an interval.
    #[must_use]
    pub fn asked(&self) -> String {
        let what = if self.has_interval() {
            "selection"
        } else {
            "row"
        };
        counted(self.plan.size as u64, what)
    }

    /// The first cent that was drawn, counted from 0.
    #[must_use]
    pub fn first_cent(&self) -> u64 {
        let total = u64::try_from(self.population().1.cents()).unwrap_or_default();
        draw::cent_of(
            0,
            total,
            self.plan.size.max(1) as u64,
            draw::start_of(&self.plan.seed),
        )
    }
}

/// The paid rows in the order of the report.
fn paid_rows(evidence: &Evidence) -> impl Iterator<Item = (RowRank, PaidRow<'_>)> {
    let paid = RowRank::enumerate(&evidence.decisions)
        .filter(|(_, decision)| decision.outcome == Outcome::Paid);
    paid.filter_map(|(rank, decision)| {
        let row = &evidence.rows[rank];
        let kind = evidence.participants[decision.participant?].kind;
        let tier = evidence.rules.tiers.get(decision.tier?.index())?.number;
        let paid = PaidRow {
            participant: &row.participant,
            file: &row.file,
            sheet: &row.sheet,
            row: row.row,
            amount: decision.amount,
            stratum: (kind, tier),
        };
        Some((rank, paid))
    })
}
