//! `years.html`, for reading and printing: one file that loads nothing and runs no script.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::Years;
use super::funnel::Stages;
use super::lines::{By, Tally};
use super::markup::{Section, document, figure, html};
use super::tables::{Measure, Table};
use crate::charts::{Chart, Series, Unit, bars, columns, escaped, lines};
use crate::words::thousands;
use crate::year::Year;

/// Lines that the page shows from the beginning and from the end of a long table; the workbook has all.
const ROWS_SHOWN: usize = 10;
/// The most sectors with a chart of their own.
const SECTORS_SHOWN: usize = 12;

/// The whole page.
#[must_use]
pub fn page(years: &Years) -> String {
    let title = format!("CDIP, budget years {}", years.span_words());
    let standing = if years.is_final() {
        "Made from FINAL reports only. For use inside the office: some tables show small groups of pupils. What cdip publish makes of the same \
         reports can leave the office."
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
        section(
            "What was an award worth, and what went unpaid?",
            rates(years),
        ),
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
            .broken_at(years.breaks()),
            Series::new("Pupils", totals.iter().map(|total| whole(total.pupils)))
                .broken_at(years.breaks()),
        ],
        unit: Unit::Count,
        top: None,
    };
    let money = Chart {
        title: "Dollars paid and what full funding would have cost, by budget year".to_string(),
        labels: labels(years),
        series: money_series(years, &totals),
        unit: Unit::Cents,
        top: None,
    };
    let mut body = String::from("<div class=\"pair\">\n");
    body += &figure(&lines(&counts), &counts.title);
    body += &figure(&columns(&money), &money.title);
    body += "</div>\n";
    for year in broken_years(years) {
        let _ = writeln!(
            body,
            "<p>The lines of units and pupils break in {year}, when the rules changed that decide what is counted: see the section on rules.</p>"
        );
    }
    body += &html(&years.counts());
    body += &html(&years.money());
    body + &years
        .real_money()
        .map_or_else(String::new, |real| html(&real))
}

fn money_series(years: &Years, totals: &[Tally]) -> Vec<Series> {
    let totals = || totals.iter().map(|total| &total.figures);
    let mut series = vec![
        Series::new("Paid", totals().map(|figures| figures.amount.cents())),
        Series::new(
            "Full funding would have cost",
            totals().map(|figures| figures.full.cents()),
        ),
    ];
    if let Some((_, last)) = years.span().filter(|_| years.index.is_some()) {
        let real = totals().zip(&years.years).map(|(figures, facts)| {
            let real = years.real(figures.amount, facts.year);
            real.unwrap_or_default().cents()
        });
        series.push(Series::new(format!("Paid, in {last} dollars"), real));
    }
    series
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
            breaks: years.breaks(),
        });
    }
    let chart = Chart {
        title: "What a unit was paid in each tier, by budget year (a unit without free or reduced-price lunch)".to_string(),
        labels: labels(years),
        series,
        unit: Unit::Cents,
        top: None,
    };
    figure(&lines(&chart), &chart.title) + &html(&years.rates()) + &html(&years.money_by_tier())
}

fn sectors(years: &Years) -> String {
    let by_sector = years.by(By::Sector);
    let of_last = |tallies: &[Tally]| tallies.last().map_or(0, |last| last.figures.completions);
    let most = by_sector
        .values()
        .flatten()
        .map(|tally| whole(tally.figures.completions))
        .max();
    let mut sectors: Vec<(&String, &Vec<Tally>)> = by_sector.iter().collect();
    sectors.sort_by_key(|(_, tallies)| Reverse(of_last(tallies)));
    let mut body = String::from("<div class=\"multiples\">\n");
    for (sector, tallies) in sectors.iter().take(SECTORS_SHOWN) {
        let name = if sector.is_empty() {
            By::Sector.none()
        } else {
            sector
        };
        let values = tallies.iter();
        let chart = Chart {
            title: format!("{name}: completions submitted by budget year"),
            labels: labels(years),
            series: vec![Series::new(
                "Completions",
                values.map(|tally| whole(tally.figures.completions)),
            )],
            unit: Unit::Count,
            top: most,
        };
        body += &figure(&lines(&chart), name);
    }
    body += "</div>\n<p>Completions submitted, all charts on one scale, so that their heights can be compared.";
    if sectors.len() > SECTORS_SHOWN {
        let _ = write!(
            body,
            " Of {} sectors the {SECTORS_SHOWN} largest have a chart; the tables have all.",
            sectors.len()
        );
    }
    body += "</p>\n";
    body + &tables(years, By::Sector, &ON_THE_PAGE)
}

/// The sections about sectors and participants.
const ON_THE_PAGE: [Measure; 4] = [
    Measure::Completions,
    Measure::Pupils,
    Measure::Dollars,
    Measure::RealDollars,
];

/// The tables of a dimension, one for each measure; long ones show the largest and the smallest growth.
fn tables(years: &Years, by: By, measures: &[Measure]) -> String {
    let tables = measures.iter().filter_map(|measure| {
        let table = years.over_years(by, *measure)?;
        let ends = if years.change_from(*measure).is_some() {
            ["grew most", "grew least"]
        } else {
            ["are largest", "are smallest"]
        };
        Some(shortened(table, ends, by.sheet()))
    });
    tables.collect()
}

fn participants(years: &Years) -> String {
    tables(years, By::Kind, &ON_THE_PAGE)
        + &tables(years, By::Participant, &ON_THE_PAGE)
        + &html(&years.participants_changed())
}

fn programs(years: &Years) -> String {
    tables(years, By::Category, &ON_THE_PAGE)
        + &tables(
            years,
            By::Program,
            &[Measure::Completions, Measure::Dollars, Measure::RealDollars],
        )
        + &shortened(
            years.programs_changed(),
            ["come first", "come last"],
            "Programs changed",
        )
}

/// A long table with its first and last rows, and a note where the others are.
fn shortened(table: Table, [first, last]: [&str; 2], sheet: &str) -> String {
    let all = table.rows.len();
    let mut body = html(&table.ends(ROWS_SHOWN));
    if all > 2 * ROWS_SHOWN {
        let _ = writeln!(
            body,
            "<p>Of {} lines, the {ROWS_SHOWN} that {first} and the {ROWS_SHOWN} that {last}. All are in the workbook, sheet {}.</p>",
            thousands(all as u64),
            escaped(sheet)
        );
    }
    body
}

fn largest(years: &Years) -> String {
    let mut body = String::new();
    // Readers ask about the latest change.
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
    for year in broken_years(years) {
        let _ = writeln!(
            body,
            "<p class=\"notice\">From {year} on, other rules decide what an award is paid for, to whom and how much. Do not compare units, pupils, \
             rates or dollars across it: changes begin with that year or a later one, and the lines of the charts break there. Completions \
             submitted can be compared.</p>"
        );
    }
    body
}

/// The years at which figures stop being comparable with earlier ones.
fn broken_years(years: &Years) -> impl Iterator<Item = Year> {
    let breaks = years.breaks().into_iter();
    breaks.map(|at| years.years[at].year)
}
