//! Several years together (files.md, `cdip years`).
//!
//! Each report is read back as evidence, so its hashes are checked and its figures calculated again. A year keeps only its *lines*: the totals of
//! a participant's rows of one program. Every table of every page is a sum of lines by one dimension, and the sums are checked
//! against the allocation before anything is written.

pub mod comparable;
pub mod deflator;
pub mod files;
pub mod funnel;
pub mod largest;
pub mod lasting;
pub mod lines;
pub(crate) mod markup;
pub mod page;
pub mod reports;
pub mod tables;
mod workbook;
pub mod year;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::money::Money;
use crate::stop::Stop;
use crate::words::standing;
use crate::year::Year;
use deflator::Index;
use largest::{Largest, largest};
use lasting::{PaidTwice, paid_twice};
use lines::{By, Tally};
use reports::Report;
use year::YearFacts;

/// Several years together.
#[derive(Debug)]
pub struct Years {
    /// In ascending order, without a gap.
    pub years: Vec<YearFacts>,
    /// For each year but the first: whose money changed most.
    pub largest: Vec<Largest>,
    /// Completions that were paid in more than one year.
    pub paid_twice: Vec<PaidTwice>,
    /// The price index, if given.
    pub index: Option<Index>,
}

/// `2016-17 to 2024-25`, or the only one.
pub(crate) fn span_words(first: Year, last: Year) -> String {
    if first < last {
        format!("{first} to {last}")
    } else {
        first.to_string()
    }
}

impl Years {
    /// Extracts the figures for the pages from reports, sorted by year.
    ///
    /// # Errors
    /// A [defect](Stop::defect) if sums of lines are not the reports' own.
    pub fn of(reports: &[Report], index: Option<Index>) -> Result<Years, Stop> {
        let years = reports.par_iter().map(YearFacts::of);
        Ok(Years {
            years: years.collect::<Result<_, Stop>>()?,
            largest: largest(reports)?,
            paid_twice: paid_twice(reports),
            index,
        })
    }

    /// The first and the last year.
    #[must_use]
    pub fn span(&self) -> Option<(Year, Year)> {
        let (first, last) = (self.years.first()?, self.years.last()?);
        Some((first.year, last.year))
    }

    /// The years in words.
    #[must_use]
    pub fn span_words(&self) -> String {
        self.span()
            .map_or_else(String::new, |(first, last)| span_words(first, last))
    }

    /// Whether every report is FINAL.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.years.iter().all(|year| year.is_final)
    }

    /// `FINAL` or `PRELIMINARY`.
    #[must_use]
    pub fn standing(&self) -> &'static str {
        standing(self.is_final())
    }

    /// The figures of each value of a dimension in each year, in ascending order.
    #[must_use]
    pub fn by(&self, by: By) -> BTreeMap<String, Vec<Tally>> {
        let mut table: BTreeMap<String, Vec<Tally>> = BTreeMap::new();
        for (at, year) in self.years.iter().enumerate() {
            for (key, tally) in year.by(by) {
                let of_years = table
                    .entry(key)
                    .or_insert_with(|| vec![Tally::default(); self.years.len()]);
                of_years[at] = tally;
            }
        }
        table
    }

    /// An amount of a year in dollars of the last one, if there is an index.
    #[must_use]
    pub fn real(&self, amount: Money, year: Year) -> Option<Money> {
        let base = self.span()?.1;
        self.index.as_ref()?.real(amount, year, base)
    }
}
