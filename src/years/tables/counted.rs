//! Tables of what was counted and paid: by year, by tier, and every figure by every dimension.

use super::{Heading, Table, Value};
use crate::allocation::{Cap, Limit};
use crate::money::Money;
use crate::year::Year;
use crate::years::Years;
use crate::years::lines::{By, Tally};

impl Years {
    /// A column of units, or of pupils with one: a sum over the years makes sense only if the same rules count all of them.
    pub(super) fn of_units(&self, text: &str, width: u8) -> Heading {
        if self.all_comparable() {
            Heading::sum(text, width)
        } else {
            Heading::figure(text, width)
        }
    }

    /// Amounts in dollars of the last year; empty without an index.
    fn real_cells<const N: usize>(&self, year: Year, amounts: [Money; N]) -> Vec<Value> {
        if self.index.is_none() {
            return Vec::new();
        }
        let real = |amount| self.real(amount, year).map_or(Value::Empty, Value::Money);
        amounts.into_iter().map(real).collect()
    }

    /// Headings of amounts in dollars of the last year; none without an index.
    fn real_headings<const N: usize>(&self, headings: [Heading; N]) -> Vec<Heading> {
        let Some((_, last)) = self.span().filter(|_| self.index.is_some()) else {
            return Vec::new();
        };
        let real = headings.into_iter().map(|heading| Heading {
            text: format!("{}, in {last} dollars", heading.text),
            ..heading
        });
        real.collect()
    }

    /// Rows, units and pupils: a line per year.
    #[must_use]
    pub fn counts(&self) -> Table {
        let rows = self.years.iter().map(|facts| {
            let Tally { figures, pupils } = facts.total();
            vec![
                Value::year(facts.year),
                Value::Count(figures.completions),
                Value::Count(figures.units),
                Value::Count(pupils),
                Value::Count(figures.frl_units),
                Value::Count(figures.over_cap),
            ]
        });
        Table {
            title: "Completions and units by year".to_string(),
            about: format!(
                "Completions are submitted rows. Units, pupils and FRL units are those within the cap; a pupil counts once a year.{}",
                self.do_not_compare()
            ),
            headings: vec![
                Heading::text("Budget year", 14),
                Heading::sum("Completions", 16),
                self.of_units("Units", 10),
                Heading::figure("Pupils", 10),
                self.of_units("FRL units", 10),
                self.of_units("Over cap", 10),
            ],
            rows: rows.collect(),
        }
    }

    /// If the rules changed: the same with a column of units and of pupils for each span of comparable years, so that the chart's lines
    /// break.
    #[must_use]
    pub fn counts_by_rules(&self) -> Option<Table> {
        let starts: Vec<usize> = std::iter::once(0).chain(self.breaks()).collect();
        if starts.len() < 2 {
            return None;
        }
        let ends = starts.iter().skip(1).copied();
        let spans: Vec<(usize, usize)> = starts
            .iter()
            .copied()
            .zip(ends.chain([self.years.len()]))
            .collect();
        let mut headings = vec![
            Heading::text("Budget year", 14),
            Heading::figure("Completions", 16),
        ];
        for what in ["Units", "Pupils"] {
            headings.extend(spans.iter().map(|(first, end)| {
                let [first, last] = [*first, end - 1].map(|at| self.years[at].year);
                let years = if first == last {
                    first.to_string()
                } else {
                    format!("{first} to {last}")
                };
                Heading::figure(format!("{what}, {years}"), 10)
            }));
        }
        let rows = self.years.iter().enumerate().map(|(at, facts)| {
            let Tally { figures, pupils } = facts.total();
            let mut row = vec![Value::year(facts.year), Value::Count(figures.completions)];
            for count in [figures.units, pupils] {
                row.extend(spans.iter().map(|(first, end)| {
                    if (*first..*end).contains(&at) {
                        Value::Count(count)
                    } else {
                        Value::Empty
                    }
                }));
            }
            row
        });
        Some(Table {
            title: "The figures of the chart".to_string(),
            about: "Units and pupils have a column for each span of years with the same rules, so that the lines of the chart break between them."
                .to_string(),
            headings,
            rows: rows.collect(),
        })
    }

    /// What was paid and what full funding would have cost: a line per year.
    #[must_use]
    pub fn money(&self) -> Table {
        let rows = self.years.iter().map(|facts| {
            let figures = facts.total().figures;
            vec![
                Value::year(facts.year),
                Value::Money(facts.available),
                Value::Money(figures.amount),
                Value::Money(facts.supplement()),
                Value::Money(figures.full),
                Value::Money(figures.unpaid()),
                Value::share(figures.amount, figures.full),
                Value::Money(figures.over_cap_full),
            ]
        });
        Table {
            title: "Dollars by year".to_string(),
            about: "Available is the money that each year's batch gave, which can differ from what an act says. Full funding is what the units \
                    within the cap would have cost if the money had sufficed for every tier; unpaid demand is the part that was not paid. The \
                    law does not pay units over the cap, so their full cost is in neither."
                .to_string(),
            headings: vec![
                Heading::text("Budget year", 14),
                Heading::sum("Available", 17),
                Heading::sum("Paid", 17),
                Heading::sum("Supplement", 15),
                Heading::sum("Full funding", 17),
                Heading::sum("Unpaid demand", 17),
                Heading::figure("Paid of full", 12),
                Heading::sum("Over cap, full cost", 17),
            ],
            rows: rows.collect(),
        }
    }

    /// The same in dollars of the last year, if there is an index.
    #[must_use]
    pub fn real_money(&self) -> Option<Table> {
        let (_, last) = self.span()?;
        let index = self.index.as_ref()?;
        let rows = self.years.iter().map(|facts| {
            let figures = facts.total().figures;
            let of = index.of(facts.year).map(|of| of.to_string());
            let mut row = vec![Value::year(facts.year), Value::text(of.unwrap_or_default())];
            row.extend(
                self.real_cells(facts.year, [figures.amount, figures.full, figures.unpaid()]),
            );
            row
        });
        Some(Table {
            title: format!("The same in dollars of {last}"),
            about: format!(
                "Real dollars, by the price index in {}, which the person who made this chose.",
                index.file
            ),
            headings: vec![
                Heading::text("Budget year", 14),
                Heading::figure("Price index", 16),
                Heading::sum("Paid", 17),
                Heading::sum("Full funding", 17),
                Heading::sum("Unpaid demand", 17),
            ],
            rows: rows.collect(),
        })
    }

    /// Units, the cap and rates: a line for each year and tier.
    #[must_use]
    pub fn rates(&self) -> Table {
        let mut rows = Vec::new();
        for facts in &self.years {
            for tier in &facts.tiers {
                let result = &tier.result;
                rows.push(vec![
                    Value::year(facts.year),
                    Value::Count(u64::from(tier.number)),
                    Value::text(tier.name.as_str()),
                    Value::Count(result.units),
                    Value::Count(result.frl_units),
                    Value::Count(result.over_cap),
                    match result.cap.as_ref().map(Cap::limit) {
                        None => Value::Empty,
                        Some(Limit::Units(units)) => Value::Count(units),
                        Some(Limit::Worth { most, .. }) => Value::Money(most),
                    },
                    Value::Money(result.rate),
                    Value::Money(result.frl_rate),
                    Value::share(result.paid, tier.full),
                ]);
            }
        }
        Table {
            title: "Rates, proration and the cap by tier".to_string(),
            about: "Cap is the most that one participant can be paid for in the tier. Paid of full is the proration: what part of the full award \
                    the tier's units were paid."
                .to_string(),
            headings: vec![
                Heading::text("Budget year", 14),
                Heading::figure("Tier", 8),
                Heading::text("Name", 30),
                self.of_units("Units", 17),
                self.of_units("FRL units", 17),
                self.of_units("Over cap", 17),
                Heading::figure("Cap", 17),
                Heading::figure("Rate", 17),
                Heading::figure("FRL rate", 17),
                Heading::figure("Paid of full", 17),
            ],
            rows,
        }
    }

    /// What was paid and what full funding would have cost: a line for each year and tier.
    #[must_use]
    pub fn money_by_tier(&self) -> Table {
        let mut headings = vec![
            Heading::text("Budget year", 14),
            Heading::figure("Tier", 8),
            Heading::text("Name", 30),
            Heading::sum("Paid", 17),
            Heading::sum("Full funding", 17),
            Heading::sum("Unpaid demand", 17),
            Heading::sum("Over cap, full cost", 17),
        ];
        headings.extend(self.real_headings([
            Heading::sum("Paid", 17),
            Heading::sum("Full funding", 17),
            Heading::sum("Unpaid demand", 17),
        ]));
        let mut rows = Vec::new();
        for facts in &self.years {
            let by_tier = facts.by(By::Tier);
            for tier in &facts.tiers {
                let of_tier = by_tier.get(&tier.number.to_string()).copied();
                let (paid, full) = (tier.result.paid, tier.full);
                let mut row = vec![
                    Value::year(facts.year),
                    Value::Count(u64::from(tier.number)),
                    Value::text(tier.name.as_str()),
                    Value::Money(paid),
                    Value::Money(full),
                    Value::Money(full - paid),
                    Value::Money(of_tier.unwrap_or_default().figures.over_cap_full),
                ];
                row.extend(self.real_cells(facts.year, [paid, full, full - paid]));
                rows.push(row);
            }
        }
        Table {
            title: "Unpaid demand and full funding by tier".to_string(),
            about: "The law never pays units over the cap; their full cost is what lifting the cap would have added to the demand."
                .to_string(),
            headings,
            rows,
        }
    }

    /// Every figure of every value of every dimension and year.
    #[must_use]
    pub fn every_figure(&self) -> Table {
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
        headings.extend(self.real_headings([
            Heading::figure("Amount", 17),
            Heading::figure("Full funding", 17),
            Heading::figure("Unpaid demand", 17),
        ]));
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
                        Value::share(figures.amount, figures.full),
                    ];
                    row.extend(
                        self.real_cells(
                            facts.year,
                            [figures.amount, figures.full, figures.unpaid()],
                        ),
                    );
                    rows.push(row);
                }
            }
        }
        Table {
            title: "Every figure by every dimension".to_string(),
            about: format!(
                "First filter the column By to one value. The table holds the same money {} times, once for each way to split it. Pupils are \
                 counted once in each line, so they do not add up. Amounts are without the supplement.",
                By::ALL.len()
            ),
            headings,
            rows,
        }
    }
}
