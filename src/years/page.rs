//! `years.html`: what the years say together, to be read and printed. One file that fetches nothing and runs nothing.

use std::fmt::Write as _;

use super::Years;
use super::funnel::Stages;
use super::lines::By;
use super::markup::{Section, document, figure, html};
use super::tables::{Measure, Table, Value};
use crate::charts::{Chart, Series, Unit, bars, columns, escaped, lines};
use crate::words::thousands;
use crate::year::Year;

/// Lines of a long table that the page shows; the workbook has all.
const ROWS_SHOWN: usize = 20;
/// Sectors with a chart of their own.
const SECTORS_SHOWN: usize = 12;

/// The whole page.
#[must_use]
pub fn page(years: &Years) -> String {
    let title = format!("CDIP, budget years {}", years.span_words());
    let standing = if years.is_final() {
        "Made from FINAL reports only. For use inside the office: some tables show few pupils."
    } else {
        "PRELIMINARY: at least one of the reports is not final, and what it awards may still change."
    };
    document(&title, (standing, years.is_final()), &sections(years))
}

fn sections(years: &Years) -> Vec<Section> {
    let section = |question, body| Section { question, body };
    let mut sections = vec![
        section(
            "How much was completed, asked for and paid?",
            overview(years),
        ),
        section("What was a completion worth?", rates(years)),
        section("Which sectors grew?", sectors(years)),
        section("Which participants grew?", participants(years)),
        section("Which programs grew, began and ended?", programs(years)),
        section("Whose money changed most, and why?", largest(years)),
        section(
            "Where do rows fall out, and what does it cost?",
            funnel(years),
        ),
        section(
            "Which rules held, and what cannot be compared?",
            rules(years),
        ),
    ];
    if !years.paid_twice.is_empty() {
        sections.push(section(
            "Was a completion paid twice?",
            html(&years.paid_twice_table()),
        ));
    }
    sections.push(section(
        "Where do the figures come from?",
        html(&years.sources()),
    ));
    sections
}

fn labels(years: &Years) -> Vec<String> {
    years
        .years
        .iter()
        .map(|facts| facts.year.to_string())
        .collect()
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn overview(years: &Years) -> String {
    let totals: Vec<_> = years
        .years
        .iter()
        .map(super::year::YearFacts::total)
        .collect();
    let counts = Chart {
        title: "Completions, units and pupils by budget year".to_string(),
        labels: labels(years),
        series: vec![
            Series::new(
                "Completions submitted",
                totals.iter().map(|total| whole(total.figures.completions)),
            ),
            Series::new(
                "Units within the cap",
                totals.iter().map(|total| whole(total.figures.units)),
            )
            .broken_at(breaks(years)),
            Series::new("Pupils", totals.iter().map(|total| whole(total.pupils))),
        ],
        unit: Unit::Count,
        top: None,
    };
    let mut money = Chart {
        title: "Dollars paid and what full funding would have cost, by budget year".to_string(),
        labels: labels(years),
        series: vec![
            Series::new(
                "Paid",
                totals.iter().map(|total| total.figures.amount.cents()),
            ),
            Series::new(
                "Full funding would have cost",
                totals.iter().map(|total| total.figures.full.cents()),
            ),
        ],
        unit: Unit::Cents,
        top: None,
    };
    if let Some((_, last)) = years.span().filter(|_| years.index.is_some()) {
        let real = years.years.iter().map(|facts| {
            let real = years.real(facts.total().figures.amount, facts.year);
            real.unwrap_or_default().cents()
        });
        money
            .series
            .push(Series::new(format!("Paid, in {last} dollars"), real));
    }
    let mut body = String::from("<div class=\"pair\">\n");
    body += &figure(&lines(&counts), &counts.title);
    body += &figure(&columns(&money), &money.title);
    body += "</div>\n";
    if !breaks(years).is_empty() {
        body += "<p>The line of units ends where an award became one for something else: below is a list of what cannot be compared.</p>\n";
    }
    if let Some(index) = &years.index {
        let _ = writeln!(
            body,
            "<p>Real dollars use the price index in {}, chosen by the person who made this page.</p>",
            escaped(&index.file)
        );
    }
    body + &html(&years.overview())
}

fn rates(years: &Years) -> String {
    let mut series: Vec<Series> = Vec::new();
    for (number, name) in years.names(By::Tier) {
        let values = years.years.iter().map(|facts| {
            let tier = facts
                .tiers
                .iter()
                .find(|tier| tier.number.to_string() == number);
            tier.map(|tier| tier.result.rate.cents())
        });
        series.push(Series {
            name: format!("Tier {number}: {name}"),
            values: values.collect(),
            breaks: breaks(years),
        });
    }
    let chart = Chart {
        title: "What a unit was paid in each tier, by budget year (a unit without free or reduced-price lunch)".to_string(),
        labels: labels(years),
        series,
        unit: Unit::Cents,
        top: None,
    };
    figure(&lines(&chart), &chart.title) + &html(&years.tiers())
}

fn sectors(years: &Years) -> String {
    let units = years.over_years(By::Sector, Measure::Units);
    let by_sector = years.by(By::Sector);
    let most = by_sector
        .values()
        .flatten()
        .map(|tally| whole(tally.figures.units))
        .max();
    let mut body = String::from("<div class=\"multiples\">\n");
    for row in units.rows.iter().take(SECTORS_SHOWN) {
        let Some(Value::Text(sector)) = row.first() else {
            continue;
        };
        let key = if sector == By::Sector.none() {
            ""
        } else {
            sector
        };
        let values = by_sector.get(key).into_iter().flatten();
        let chart = Chart {
            title: format!("{sector}: units by budget year"),
            labels: labels(years),
            series: vec![
                Series::new("Units", values.map(|tally| whole(tally.figures.units)))
                    .broken_at(breaks(years)),
            ],
            unit: Unit::Count,
            top: most,
        };
        body += &figure(&lines(&chart), sector);
    }
    body += "</div>\n<p>The charts have one scale, so that their heights can be compared.";
    if units.rows.len() > SECTORS_SHOWN {
        let _ = write!(
            body,
            " Of {} sectors the {SECTORS_SHOWN} largest have a chart; the tables have all.",
            units.rows.len()
        );
    }
    body += "</p>\n";
    body + &html(&units) + &html(&years.over_years(By::Sector, Measure::Dollars))
}

fn participants(years: &Years) -> String {
    html(&years.over_years(By::Kind, Measure::Dollars))
        + &shortened(
            years.over_years(By::Participant, Measure::Dollars),
            "Participants",
        )
        + &html(&years.participants_changed())
}

fn programs(years: &Years) -> String {
    html(&years.over_years(By::Category, Measure::Units))
        + &shortened(years.over_years(By::Program, Measure::Units), "Programs")
        + &shortened(years.programs_changed(), "Programs changed")
}

/// A table with its first rows, and where the others are.
fn shortened(table: Table, sheet: &str) -> String {
    let all = table.rows.len();
    let mut body = html(&table.first(ROWS_SHOWN));
    if all > ROWS_SHOWN {
        let _ = writeln!(
            body,
            "<p>The first {ROWS_SHOWN} of {} lines: all are in the workbook, sheet {}.</p>",
            thousands(all as u64),
            escaped(sheet)
        );
    }
    body
}

fn largest(years: &Years) -> String {
    let mut body = String::new();
    // The latest change is the one that is asked about.
    for largest in years.largest.iter().rev() {
        let rows: Vec<(String, i64)> = largest
            .changes
            .iter()
            .map(|change| (change.name.clone(), change.parts.change().cents()))
            .collect();
        let title = format!(
            "Changes of the award from {} to {}",
            largest.from, largest.to
        );
        body += &figure(&bars(&title, &rows, Unit::Cents), &title);
        body += &html(&years.largest_table(largest));
    }
    if body.is_empty() {
        body += "<p>One year alone has no changes.</p>\n";
    }
    body
}

fn funnel(years: &Years) -> String {
    let mut body = String::new();
    if let Some(facts) = years.years.last() {
        let stages = Stages::sum(&facts.entities).all();
        let rows: Vec<(String, i64)> = Stages::HEADINGS
            .iter()
            .zip(stages)
            .map(|(heading, rows)| ((*heading).to_string(), whole(rows)))
            .collect();
        let title = format!(
            "From rows submitted to rows paid, budget year {}",
            facts.year
        );
        body += &figure(&bars(&title, &rows, Unit::Count), &title);
    }
    body + &html(&years.funnel())
        + &html(&years.losses())
        + "<p>The same by who sent the rows is in the workbook, sheets Funnel by sender and Losses by sender.</p>\n"
}

fn rules(years: &Years) -> String {
    let mut body = html(&years.rules_held());
    let changes = years.not_comparable();
    if changes.rows.is_empty() {
        body += "<p>The rules are the same in every year: all figures can be compared.</p>\n";
        return body;
    }
    body += &html(&changes);
    for year in other_units(years) {
        let _ = writeln!(
            body,
            "<p class=\"notice\">From {year} on an award is for something else than before. Do not compare units or rates across it: the \
             lines of the charts end there and begin anew.</p>"
        );
    }
    body
}

/// The years from which on a unit is something else: no line of units or rates leads to them.
fn other_units(years: &Years) -> impl Iterator<Item = Year> {
    let changes = years.rule_changes().into_iter();
    changes
        .filter(|change| change.key == "readings.unit")
        .map(|change| change.to)
}

/// The same as positions among the years.
fn breaks(years: &Years) -> Vec<usize> {
    let position = |year| years.years.iter().position(|facts| facts.year == year);
    other_units(years).filter_map(position).collect()
}
