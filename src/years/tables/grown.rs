//! Tables over the years by a dimension: the figure of each value in each year, and the largest growth.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Heading, Table, Value};
use crate::money::Money;
use crate::words::listed;
use crate::years::Years;
use crate::years::lasting::Lasting;
use crate::years::lines::{By, Line, Tally};
use crate::years::year::YearFacts;

/// What a table over the years shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Submitted rows.
    Completions,
    /// Pupils with a unit within the cap, each once.
    Pupils,
    /// What the units are paid, with the supplement in a table of participants.
    Dollars,
    /// The same in dollars of the last year.
    RealDollars,
    /// Units within the cap.
    Units,
}

impl Measure {
    /// Every measure, the one that can always be compared first.
    pub const ALL: [Measure; 5] = [
        Measure::Completions,
        Measure::Pupils,
        Measure::Dollars,
        Measure::RealDollars,
        Measure::Units,
    ];

    const fn is_money(self) -> bool {
        matches!(self, Measure::Dollars | Measure::RealDollars)
    }
}

impl By {
    /// The words for the lines of a table.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            By::Participant => "Participant",
            By::Payee => "Payee",
            By::Kind => "Kind",
            By::Tier => "Tier",
            By::Category => "Category",
            By::Sector => "Sector",
            By::Program => "Program",
        }
    }

    /// The sheet with its tables.
    #[must_use]
    pub const fn sheet(self) -> &'static str {
        match self {
            By::Participant => "Participants",
            By::Payee => "Payees",
            By::Kind => "Kinds",
            By::Tier => "Tiers",
            By::Category => "Categories",
            By::Sector => "Sectors",
            By::Program => "Programs",
        }
    }

    /// Whether its values have supplements: a supplement belongs to a participant, not to a program.
    const fn has_supplement(self) -> bool {
        matches!(self, By::Participant | By::Payee | By::Kind)
    }
}

/// The supplements of a year by value of a dimension.
fn supplements(facts: &YearFacts, by: By) -> BTreeMap<String, Money> {
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    if !by.has_supplement() {
        return sums;
    }
    for participant in &facts.participants {
        let line = Line {
            participant: participant.code(),
            payee: participant.payee().to_string(),
            kind: Some(participant.kind),
            ..Line::default()
        };
        let supplement = facts.supplement_of(&line.participant);
        *sums.entry(by.of(&line)).or_default() += supplement;
    }
    sums
}

/// A measure of a tally of a year, in cents or as a count; `supplement` is the year's supplement.
fn figure(tally: &Tally, measure: Measure, supplement: Money) -> i64 {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    match measure {
        Measure::Completions => count(tally.figures.completions),
        Measure::Pupils => count(tally.pupils),
        Measure::Units => count(tally.figures.units),
        Measure::Dollars | Measure::RealDollars => (tally.figures.amount + supplement).cents(),
    }
}

/// A line of a table over the years, with its sort key.
struct Grown {
    change: i64,
    last: i64,
    cells: Vec<Value>,
}

impl Years {
    /// The position of the first year of a change of a measure, if there are two years to compare.
    #[must_use]
    pub fn change_from(&self, measure: Measure) -> Option<usize> {
        let from = match measure {
            Measure::Completions => 0,
            _ => self.comparable_from(),
        };
        (from + 1 < self.years.len()).then_some(from)
    }

    /// The heading of a change: `Change, 2022-23 to 2024-25`, or `Change since 2023-24` if earlier years cannot be compared; `None` if no
    /// two years can.
    #[must_use]
    pub fn change_words(&self, measure: Measure) -> Option<String> {
        let (from, (_, last)) = (self.change_from(measure)?, self.span()?);
        let year = self.years[from].year;
        Some(if from == 0 {
            format!("Change, {year} to {last}")
        } else {
            format!("Change since {year}")
        })
    }

    /// A line for each value of a dimension, a column per year, and the change over the comparable years; the largest growth first. `None`
    /// for real dollars without an index.
    #[must_use]
    pub fn over_years(&self, by: By, measure: Measure) -> Option<Table> {
        let title = self.measure_words(measure)?;
        let names = self.names(by);
        let lasting = self.lasting_of(by);
        let mut rows: Vec<Grown> = Vec::new();
        for (key, figures) in self.figures_of(by, measure) {
            let mut cells = vec![Value::text(if key.is_empty() { by.none() } else { &key })];
            if !names.is_empty() {
                cells.push(Value::text(names.get(&key).cloned().unwrap_or_default()));
            }
            if !lasting.is_empty() {
                cells.extend(lasting_cells(lasting.get(&key)));
            }
            rows.push(self.grown(measure, &figures, cells));
        }
        // Tiers stay in their order.
        if by != By::Tier {
            rows.sort_by_key(|row| Reverse((row.change, row.last)));
        }
        Some(Table {
            title: format!("{title} by {}", by.heading().to_lowercase()),
            about: self.about(by, measure),
            headings: self.headings_of(by, measure, !names.is_empty(), !lasting.is_empty()),
            rows: rows.into_iter().map(|row| row.cells).collect(),
        })
    }

    fn measure_words(&self, measure: Measure) -> Option<String> {
        Some(match measure {
            Measure::Completions => "Completions".to_string(),
            Measure::Pupils => "Pupils".to_string(),
            Measure::Units => "Units".to_string(),
            Measure::Dollars => "Dollars".to_string(),
            Measure::RealDollars => {
                self.index.as_ref()?;
                format!("Real dollars, of {},", self.span()?.1)
            }
        })
    }

    /// By value of a dimension, ascending, its figure in each year; without values that are zero in every year.
    fn figures_of(&self, by: By, measure: Measure) -> Vec<(String, Vec<i64>)> {
        let supplements: Vec<BTreeMap<String, Money>> = self
            .years
            .iter()
            .map(|facts| supplements(facts, by))
            .collect();
        let figures = self.by(by).into_iter().map(|(key, tallies)| {
            let of_years = tallies.iter().enumerate().map(|(at, tally)| {
                let supplement = supplements[at].get(&key).copied().unwrap_or_default();
                let figure = figure(tally, measure, supplement);
                if measure != Measure::RealDollars {
                    return figure;
                }
                let real = self.real(Money::from_cents(figure), self.years[at].year);
                real.unwrap_or_default().cents()
            });
            let of_years: Vec<i64> = of_years.collect();
            (key, of_years)
        });
        figures
            .filter(|(_, of_years)| of_years.iter().any(|figure| *figure != 0))
            .collect()
    }

    /// A line with its figures and their change.
    fn grown(&self, measure: Measure, figures: &[i64], mut cells: Vec<Value>) -> Grown {
        let shown = |figure: i64| {
            if measure.is_money() {
                Value::Money(Money::from_cents(figure))
            } else {
                Value::Count(u64::try_from(figure).unwrap_or_default())
            }
        };
        cells.extend(figures.iter().map(|figure| shown(*figure)));
        let last = figures.last().copied().unwrap_or_default();
        let Some(from) = self.change_from(measure) else {
            return Grown {
                change: 0,
                last,
                cells,
            };
        };
        let (first, change) = (figures[from], last - figures[from]);
        cells.push(if measure.is_money() {
            Value::Money(Money::from_cents(change))
        } else {
            Value::Change(change)
        });
        cells.push(if first > 0 {
            Value::Growth(change, first)
        } else {
            Value::Empty
        });
        Grown {
            change,
            last,
            cells,
        }
    }

    fn headings_of(
        &self,
        by: By,
        measure: Measure,
        has_names: bool,
        has_lasting: bool,
    ) -> Vec<Heading> {
        let mut headings = vec![Heading::text(by.heading(), if has_names { 13 } else { 30 })];
        if has_names {
            headings.push(Heading::text("Name", 36));
        }
        if has_lasting {
            let of = if by == By::Program { "Sector" } else { "Kind" };
            headings.push(Heading::text(of, 18));
            headings.push(Heading::text("First year", 11));
            headings.push(Heading::text("Last year", 11));
        }
        let width = if measure.is_money() { 16 } else { 11 };
        // A pupil in two sectors counts in both.
        let column = |text: String| match measure {
            Measure::Pupils => Heading::figure(text, width),
            _ => Heading::sum(text, width),
        };
        let years = self.years.iter().map(|facts| facts.year.to_string());
        headings.extend(years.map(column));
        if let Some(words) = self.change_words(measure) {
            headings.push(column(words));
            headings.push(Heading::figure("Change, %", 11));
        }
        headings
    }

    fn lasting_of(&self, by: By) -> BTreeMap<String, Lasting> {
        let lasting = match by {
            By::Participant => self.participants(),
            By::Program => self.programs(),
            _ => Vec::new(),
        };
        lasting
            .into_iter()
            .map(|one| (one.code.clone(), one))
            .collect()
    }

    /// The sentence that warns against comparing all years, if the rules changed.
    pub(super) fn do_not_compare(&self) -> String {
        let years: Vec<String> = self
            .breaks()
            .into_iter()
            .map(|at| self.years[at].year.to_string())
            .collect();
        if years.is_empty() {
            return String::new();
        }
        format!(
            " The rules changed in {}: do not compare units, pupils, rates or dollars across that.",
            listed(years.iter().map(String::as_str))
        )
    }

    fn about(&self, by: By, measure: Measure) -> String {
        let what = match measure {
            Measure::Completions => "Submitted rows, whatever became of them.",
            Measure::Pupils => {
                "Pupils with a unit within the cap, each counted once in a line and year."
            }
            Measure::Units => "Units within the cap, paid or not.",
            Measure::Dollars | Measure::RealDollars if by.has_supplement() => {
                "What was awarded, a supplement included where there is one."
            }
            Measure::Dollars | Measure::RealDollars => {
                "What was awarded, without the supplement, which is for no program."
            }
        };
        let order = match (by, self.change_from(measure)) {
            (By::Tier, _) => "",
            (_, Some(_)) => " What grew most comes first.",
            (_, None) => " The largest in the last year come first.",
        };
        let lasting = match by {
            By::Program => " First and last year: when it was first and last reported.",
            By::Participant => " First and last year: when it first and last reported.",
            _ => "",
        };
        let comparable = match measure {
            Measure::Completions => String::new(),
            _ => self.do_not_compare(),
        };
        format!("{what}{order}{lasting}{comparable}")
    }
}

fn lasting_cells(lasting: Option<&Lasting>) -> [Value; 3] {
    lasting.map_or([Value::Empty, Value::Empty, Value::Empty], |one| {
        [
            Value::text(one.of.as_str()),
            Value::year(one.first),
            Value::year(one.last),
        ]
    })
}
