//! Tables of the funnel: how many rows reached each stage, and why the others did not.

use std::collections::BTreeMap;

use super::{Heading, Table, Value};
use crate::catalogue::Code;
use crate::decision::Outcome;
use crate::years::Years;
use crate::years::funnel::{Loss, Stages};
use crate::years::lines::By;
use crate::years::year::YearFacts;

/// The key of a loss: an entity or all of them, an outcome and a code.
type LossKey<'y> = (&'y str, Outcome, Option<Code>);

/// The label of lines without an entity.
const NO_ENTITY: &str = "(sender not known)";

/// Units, and so paid units, have a sum over the years only if the same rules hold in all years.
fn stage_headings(years: &Years) -> impl Iterator<Item = Heading> {
    Stages::HEADINGS.into_iter().map(|heading| match heading {
        "Units" | "Paid" => years.of_units(heading, 12),
        _ => Heading::sum(heading, 12),
    })
}

fn stage_cells(stages: Stages) -> impl Iterator<Item = Value> {
    stages.all().into_iter().map(Value::Count)
}

impl Years {
    /// A line per year.
    #[must_use]
    pub fn funnel(&self) -> Table {
        let mut headings = vec![Heading::text("Budget year", 12)];
        headings.extend(stage_headings(self));
        headings.push(Heading::figure("Paid of submitted", 12));
        let rows = self.years.iter().map(|facts| {
            let stages = Stages::sum(&facts.entities);
            let mut row = vec![Value::year(facts.year)];
            row.extend(stage_cells(stages));
            let [paid, submitted] = [stages.paid, stages.submitted].map(i64::try_from);
            let share = paid.ok().zip(submitted.ok().filter(|all| *all > 0));
            row.push(share.map_or(Value::Empty, |(paid, all)| Value::Share(paid, all)));
            row
        });
        Table {
            title: "From rows submitted to rows paid".to_string(),
            about: "Readable: not rejected. Qualified: passed every check, and nobody decided against it. Units: what an award is paid for, \
                    within the cap."
                .to_string(),
            headings,
            rows: rows.collect(),
        }
    }

    /// A line for each year and entity.
    #[must_use]
    pub fn funnel_by_entity(&self) -> Table {
        let names = self.names(By::Payee);
        let mut headings = vec![
            Heading::text("Budget year", 12),
            Heading::text("Entity", 18),
            Heading::text("Name", 36),
        ];
        headings.extend(stage_headings(self));
        headings.push(Heading::sum("Better data, up to", 18));
        let mut rows = Vec::new();
        for facts in &self.years {
            for entity in &facts.entities {
                let mut row = vec![
                    Value::year(facts.year),
                    Value::text(shown(&entity.code)),
                    Value::text(names.get(&entity.code).cloned().unwrap_or_default()),
                ];
                row.extend(stage_cells(entity.stages));
                let own = facts
                    .losses
                    .iter()
                    .filter(|loss| loss.entity == entity.code);
                let better =
                    own.filter(|loss| loss.remedy() == crate::years::funnel::Remedy::BetterData);
                row.push(Value::Money(better.map(|loss| loss.up_to).sum()));
                rows.push(row);
            }
        }
        Table {
            title: "From rows submitted to rows paid, by who sent them".to_string(),
            about: "Better data, up to: what rows would have been paid at the year's rates if every cell had been right that could not be read, was \
                    empty or said too little. More paid rows lower a prorated rate, and a corrected row can fail another check: it is a limit, \
                    not a forecast."
                .to_string(),
            headings,
            rows,
        }
    }

    /// A line for each year and reason.
    #[must_use]
    pub fn losses(&self) -> Table {
        self.loss_table("Why rows were not paid", false)
    }

    /// A line for each year, entity and reason.
    #[must_use]
    pub fn losses_by_entity(&self) -> Table {
        self.loss_table("Why rows were not paid, by who sent them", true)
    }

    fn loss_table(&self, title: &str, by_entity: bool) -> Table {
        let mut headings = vec![Heading::text("Budget year", 12)];
        if by_entity {
            headings.push(Heading::text("Entity", 18));
        }
        headings.extend([
            Heading::text("Outcome", 16),
            Heading::text("Code", 8),
            Heading::text("Reason", 56),
            Heading::sum("Rows", 10),
            Heading::sum("Up to", 17),
            Heading::text("What would have helped", 16),
        ]);
        let mut rows = Vec::new();
        for facts in &self.years {
            for loss in summed(facts, by_entity) {
                let mut row = vec![Value::year(facts.year)];
                if by_entity {
                    row.push(Value::text(shown(&loss.entity)));
                }
                row.extend([
                    Value::text(loss.outcome.label()),
                    Value::text(loss.code.map_or("", Code::as_str)),
                    Value::words(loss.reason()),
                    Value::Count(loss.rows),
                    Value::Money(loss.up_to),
                    Value::text(loss.remedy().words()),
                ]);
                rows.push(row);
            }
        }
        Table {
            title: title.to_string(),
            about: "A row with several codes is counted under its first. Up to: what the rows would have been paid at that year's rate for their \
                    tier; at its highest rate where the tier is not known. Units that no money was left for: what they cost in full. A duplicate \
                    lost nothing: its completion counts in another row. Better data, if a slip: most of these rows are facts that earn nothing, \
                    but a typing mistake in a code, a grade or a date looks the same."
                .to_string(),
            headings,
            rows,
        }
    }
}

fn shown(entity: &str) -> &str {
    if entity.is_empty() { NO_ENTITY } else { entity }
}

/// The losses of a year, of all entities together or each.
fn summed(facts: &YearFacts, by_entity: bool) -> Vec<Loss> {
    let mut sums: BTreeMap<LossKey<'_>, Loss> = BTreeMap::new();
    for loss in &facts.losses {
        let entity = if by_entity { loss.entity.as_str() } else { "" };
        let sum = sums
            .entry((entity, loss.outcome, loss.code))
            .or_insert_with(|| Loss {
                entity: entity.to_string(),
                rows: 0,
                up_to: crate::money::Money::ZERO,
                ..loss.clone()
            });
        sum.rows += loss.rows;
        sum.up_to += loss.up_to;
    }
    sums.into_values().collect()
}
