//! Tables of what was counted and paid: by year, by tier, and by every dimension over the years.

use std::collections::BTreeMap;

use super::{Heading, Table, Value};
use crate::money::Money;
use crate::years::Years;
use crate::years::lasting::Lasting;
use crate::years::lines::{By, Line, Tally};
use crate::years::year::{YearFacts, thousandths};

/// What a table over the years shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Units within the cap.
    Units,
    /// What they are paid; with the supplement where the table is about participants.
    Dollars,
}

impl Measure {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Measure::Units => "Units",
            Measure::Dollars => "Dollars",
        }
    }
}

impl By {
    /// What the lines of a table are called.
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

    /// Whether a supplement belongs to one of its values: it is a participant's, and of no program.
    const fn has_supplement(self) -> bool {
        matches!(self, By::Participant | By::Payee | By::Kind)
    }
}

/// By value of a dimension, the supplements of a year.
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

impl Years {
    /// A line a year.
    #[must_use]
    pub fn overview(&self) -> Table {
        let mut headings = vec![
            Heading::text("Budget year", 14),
            Heading::sum("Completions", 16),
            Heading::sum("Units", 10),
            Heading::figure("Pupils", 10),
            Heading::sum("FRL units", 10),
            Heading::sum("Over cap", 10),
            Heading::sum("Available", 17),
            Heading::sum("Paid", 17),
            Heading::sum("Supplement", 15),
            Heading::sum("Full funding", 17),
            Heading::sum("Unpaid demand", 17),
            Heading::figure("Paid of full", 11),
        ];
        if let Some((_, last)) = self.span().filter(|_| self.index.is_some()) {
            headings.push(Heading::figure("Price index", 12));
            headings.push(Heading::sum(format!("Paid, in {last} dollars"), 19));
        }
        let rows = self.years.iter().map(|facts| {
            let Tally { figures, pupils } = facts.total();
            let mut row = vec![
                Value::year(facts.year),
                Value::Count(figures.completions),
                Value::Count(figures.units),
                Value::Count(pupils),
                Value::Count(figures.frl_units),
                Value::Count(figures.over_cap),
                Value::Money(facts.available),
                Value::Money(figures.amount),
                Value::Money(facts.supplement()),
                Value::Money(figures.full),
                Value::Money(figures.unpaid()),
                Value::thousandths(thousandths(figures.amount, figures.full)),
            ];
            if let Some(index) = &self.index {
                let of = index.of(facts.year).map(|of| of.to_string());
                row.push(Value::text(of.unwrap_or_default()));
                let real = self.real(figures.amount, facts.year);
                row.push(real.map_or(Value::Empty, Value::Money));
            }
            row
        });
        Table {
            title: "Year by year".to_string(),
            about: "Completions are submitted rows. Units, pupils and FRL units are those within the cap; a pupil counts once a year. Full \
                    funding is what these units would have cost if the money had sufficed for every tier."
                .to_string(),
            headings,
            rows: rows.collect(),
        }
    }

    /// A line for each year and tier.
    #[must_use]
    pub fn tiers(&self) -> Table {
        let headings = vec![
            Heading::text("Budget year", 12),
            Heading::figure("Tier", 8),
            Heading::text("Name", 30),
            Heading::sum("Units", 10),
            Heading::sum("FRL units", 10),
            Heading::sum("Over cap", 10),
            Heading::figure("Cap", 8),
            Heading::figure("Rate", 12),
            Heading::figure("FRL rate", 12),
            Heading::figure("Paid of full", 11),
            Heading::sum("Paid", 17),
            Heading::sum("Full funding", 17),
            Heading::sum("Unpaid demand", 17),
            Heading::sum("Over cap, full cost", 17),
        ];
        let mut rows = Vec::new();
        for facts in &self.years {
            let by_tier = facts.by(By::Tier);
            for tier in &facts.tiers {
                let number = tier.number.to_string();
                let of_tier = by_tier.get(&number).copied().unwrap_or_default();
                let result = &tier.result;
                rows.push(vec![
                    Value::year(facts.year),
                    Value::Count(u64::from(tier.number)),
                    Value::text(tier.name.as_str()),
                    Value::Count(result.units),
                    Value::Count(result.frl_units),
                    Value::Count(result.over_cap),
                    result.cap_limit.map_or(Value::Empty, Value::Count),
                    Value::Money(result.rate),
                    Value::Money(result.frl_rate),
                    Value::thousandths(tier.thousandths_paid()),
                    Value::Money(result.paid),
                    Value::Money(tier.full),
                    Value::Money(tier.full - result.paid),
                    Value::Money(of_tier.figures.over_cap_full),
                ]);
            }
        }
        Table {
            title: "Rates, proration and the cap by tier".to_string(),
            about: "Cap is the most units one participant can be paid for in the tier. Paid of full is the proration: what part of the full award \
                    the tier's units were paid. The law never pays units over the cap; their full cost is what lifting the cap would have \
                    added to the demand."
                .to_string(),
            headings,
            rows,
        }
    }

    /// Every figure of every value of every dimension and year.
    #[must_use]
    pub fn every_figure(&self) -> Table {
        let last = self
            .span()
            .filter(|_| self.index.is_some())
            .map(|span| span.1);
        let mut headings = vec![
            Heading::text("Budget year", 12),
            Heading::text("By", 14),
            Heading::text("Value", 24),
            Heading::text("Name", 36),
            Heading::figure("Completions", 15),
            Heading::figure("Units", 11),
            Heading::figure("Pupils", 11),
            Heading::figure("FRL units", 12),
            Heading::figure("Over cap", 12),
            Heading::figure("Amount", 16),
            Heading::figure("Full funding", 16),
            Heading::figure("Unpaid demand", 17),
            Heading::figure("Paid of full", 13),
        ];
        headings.extend(last.map(|last| Heading::figure(format!("Amount, in {last} dollars"), 17)));
        let mut rows = Vec::new();
        for by in By::ALL {
            let names = self.names(by);
            for facts in &self.years {
                for (key, Tally { figures, pupils }) in facts.by(by) {
                    let mut row = vec![
                        Value::year(facts.year),
                        Value::text(by.heading()),
                        Value::text(if key.is_empty() { by.none() } else { &key }),
                        Value::text(names.get(&key).cloned().unwrap_or_default()),
                        Value::Count(figures.completions),
                        Value::Count(figures.units),
                        Value::Count(pupils),
                        Value::Count(figures.frl_units),
                        Value::Count(figures.over_cap),
                        Value::Money(figures.amount),
                        Value::Money(figures.full),
                        Value::Money(figures.unpaid()),
                        Value::thousandths(thousandths(figures.amount, figures.full)),
                    ];
                    if last.is_some() {
                        let real = self.real(figures.amount, facts.year);
                        row.push(real.map_or(Value::Empty, Value::Money));
                    }
                    rows.push(row);
                }
            }
        }
        Table {
            title: "Every figure by every dimension".to_string(),
            about: "Filter By first: each dimension adds up to the same whole, so all of them together count everything seven times. Pupils are \
                    counted once in each line, so they do not add up. Amounts are without the supplement."
                .to_string(),
            headings,
            rows,
        }
    }

    /// A line for each value of a dimension and a column a year; the largest in the last year first.
    #[must_use]
    pub fn over_years(&self, by: By, measure: Measure) -> Table {
        let names = self.names(by);
        let lasting = self.lasting_of(by);
        let mut headings = vec![Heading::text(
            by.heading(),
            if names.is_empty() { 30 } else { 13 },
        )];
        if !names.is_empty() {
            headings.push(Heading::text("Name", 36));
        }
        if !lasting.is_empty() {
            let of = if by == By::Program { "Sector" } else { "Kind" };
            headings.push(Heading::text(of, 18));
            headings.push(Heading::text("First year", 11));
            headings.push(Heading::text("Last year", 11));
        }
        let width = if measure == Measure::Units { 11 } else { 16 };
        let years = self.years.iter().map(|facts| facts.year.to_string());
        headings.extend(years.map(|year| Heading::sum(year, width)));
        headings.push(Heading::sum("Last less first", width));
        let supplements: Vec<BTreeMap<String, Money>> = self
            .years
            .iter()
            .map(|facts| supplements(facts, by))
            .collect();
        let mut rows: Vec<(Vec<i64>, Vec<Value>)> = Vec::new();
        for (key, tallies) in self.by(by) {
            let figures: Vec<i64> = tallies
                .iter()
                .zip(&supplements)
                .map(|(tally, supplements)| match measure {
                    Measure::Units => i64::try_from(tally.figures.units).unwrap_or(i64::MAX),
                    Measure::Dollars => {
                        let supplement = supplements.get(&key).copied().unwrap_or_default();
                        (tally.figures.amount + supplement).cents()
                    }
                })
                .collect();
            if figures.iter().all(|figure| *figure == 0) {
                continue;
            }
            let mut row = vec![Value::text(if key.is_empty() { by.none() } else { &key })];
            if !names.is_empty() {
                row.push(Value::text(names.get(&key).cloned().unwrap_or_default()));
            }
            if !lasting.is_empty() {
                row.extend(lasting_cells(lasting.get(&key)));
            }
            row.extend(figures.iter().map(|figure| measured(*figure, measure)));
            let change = figures.last().zip(figures.first());
            let change = change.map_or(0, |(last, first)| last - first);
            row.push(match measure {
                Measure::Units => Value::Change(change),
                Measure::Dollars => Value::Money(Money::from_cents(change)),
            });
            rows.push((figures.into_iter().rev().collect(), row));
        }
        // A tier has its place; of the others the largest of the last year come first.
        if by != By::Tier {
            rows.sort_by(|(a, _), (b, _)| b.cmp(a));
        }
        Table {
            title: format!("{} by {}", measure.words(), by.heading().to_lowercase()),
            about: about(by, measure),
            headings,
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }
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
}

fn measured(figure: i64, measure: Measure) -> Value {
    match measure {
        Measure::Units => Value::Count(u64::try_from(figure).unwrap_or_default()),
        Measure::Dollars => Value::Money(Money::from_cents(figure)),
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

fn about(by: By, measure: Measure) -> String {
    let what = match measure {
        Measure::Units => "Units within the cap, paid or not.",
        Measure::Dollars if by.has_supplement() => {
            "What was awarded, the supplement of 2023-24 included where there is one."
        }
        Measure::Dollars => "What was awarded, without the supplement, which is for no program.",
    };
    let order = if by == By::Tier {
        ""
    } else {
        " The largest in the last year come first."
    };
    let lasting = match by {
        By::Program | By::Participant => " First and last year are those with a submitted row.",
        _ => "",
    };
    format!("{what}{order}{lasting}")
}
