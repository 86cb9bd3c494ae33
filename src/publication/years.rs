//! The public versions of several years, in one folder: each year's as it would be published alone, one table of all of them, and a page
//! with trends (`docs/publication.md`, "Several years").
//!
//! A number withheld in one year does not follow from a different year: no published sum covers several years, and each year's tables
//! are protected by themselves. For someone who knows all of them, a different state of any one year is possible that publishes the
//! same, with the other years unchanged.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value as Json, json};

use super::files::{NUMBERS, numbers_of, write as write_year};
use super::network::Withheld;
use super::{Line, Publication, Table, protected};
use crate::charts::{Chart, Series, Unit, escaped, lines};
use crate::money::Money;
use crate::ranks::TierRank;
use crate::receipt::{PUBLICATION_OF_YEARS, Program, seal_files};
use crate::report::text::{guard, writer};
use crate::rules::RuleSet;
use crate::stop::Stop;
use crate::year::Year;
use crate::years::comparable::breaks_of;
use crate::years::deflator::Index;
use crate::years::markup::{Section, document, figure, html};
use crate::years::span_words;
use crate::years::tables::{Heading, Table as Shown, Value};

const TABLE: &str = "years.csv";
const PAGE: &str = "years.html";
/// The most sectors with a chart of their own.
const SECTORS_SHOWN: usize = 12;

/// The publications of several years.
#[derive(Debug)]
pub struct PublishedYears<'p> {
    /// One per year, in ascending order.
    years: Vec<(Year, &'p Publication<'p>)>,
    /// The price index, if given.
    index: Option<Index>,
}

impl<'p> PublishedYears<'p> {
    /// Combines publications.
    ///
    /// # Errors
    /// A [defect](Stop::defect) if two are of one year, whose difference could show what each withholds, or if numbers may be about
    /// fewer pupils in one than in another.
    pub fn of(
        publications: &'p [Publication<'p>],
        index: Option<Index>,
    ) -> Result<PublishedYears<'p>, Stop> {
        let mut years: Vec<(Year, &Publication<'_>)> = publications
            .iter()
            .map(|one| (one.evidence.rules.budget_year, one))
            .collect();
        years.sort_by_key(|(year, _)| *year);
        let sound = years
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1.pupils_min == pair[1].1.pupils_min);
        if sound {
            Ok(PublishedYears { years, index })
        } else {
            Err(Stop::defect(
                "two publications of one year, or two measures of few pupils",
            ))
        }
    }

    /// Writes them into an empty folder. Returns the number of files and the SHA-256 of the receipt.
    pub fn write(&self, folder: &Path) -> io::Result<(usize, String)> {
        let mut paths = vec![TABLE.to_string(), PAGE.to_string()];
        let mut twins = Vec::new();
        for (year, publication) in &self.years {
            let name = year.to_string();
            let place = folder.join(&name);
            fs::create_dir(&place)?;
            let (_, receipt) = write_year(publication, &place)?;
            twins.push(json!({
                "budget_year": name,
                "receipt_sha256": receipt,
                "report_receipt_sha256": publication.evidence.receipt,
            }));
            paths.extend(
                files_in(&place)?
                    .into_iter()
                    .map(|file| format!("{name}/{file}")),
            );
        }
        let mut out = BufWriter::new(File::create(folder.join(TABLE))?);
        self.write_table(&mut out)?;
        out.flush()?;
        fs::write(folder.join(PAGE), self.page())?;
        seal_files(paths, folder, PUBLICATION_OF_YEARS, self.predicate(&twins))
    }

    fn predicate(&self, twins: &[Json]) -> Json {
        let pupils_min = self.years.first().map(|(_, one)| one.pupils_min);
        let index = self.index.as_ref();
        json!({
            "program": Program::own(),
            "pupils_min": pupils_min,
            "years": twins,
            "deflator": index.map(|index| json!({ "path": index.file, "sha256": index.sha256 })),
        })
    }

    /// Every published line of every year, as in the years' own tables.
    fn write_table(&self, out: impl Write) -> io::Result<()> {
        let mut csv = writer(out);
        let about = ["budget_year", "table", "code", "name", "of", "tier"];
        csv.write_record(about.into_iter().chain(NUMBERS))?;
        for (year, publication) in &self.years {
            for line in &publication.lines {
                let subject = &line.subject;
                let about = [
                    year.to_string(),
                    line.table.name().to_string(),
                    guard(subject.code.as_str()).into_owned(),
                    guard(subject.name.as_str()).into_owned(),
                    guard(subject.of.as_str()).into_owned(),
                    publication.tier_word(line.tier),
                ];
                csv.write_record(
                    about
                        .into_iter()
                        .chain(numbers_of(line))
                        .collect::<Vec<_>>(),
                )?;
            }
        }
        csv.flush()
    }

    fn page(&self) -> String {
        let span = match (self.years.first(), self.years.last()) {
            (Some((first, _)), Some((last, _))) => span_words(*first, *last),
            _ => String::new(),
        };
        let pupils_min = self.years.first().map_or(0, |(_, one)| one.pupils_min);
        let settled = self.years.iter().all(|(_, one)| one.evidence.is_final());
        let standing = format!(
            "{}No {} is about fewer than {pupils_min} pupils. * is withheld because it would be; ** because another withheld number could \
             be calculated from it.",
            if settled {
                ""
            } else {
                "PRELIMINARY: at least one of the reports is not final. "
            },
            protected(self.years.iter().any(|(_, one)| one.payees.is_some()))
        );
        let tables = |table| {
            html(&self.table(table, Number::Units)) + &html(&self.table(table, Number::Amount))
        };
        let section = |question, body| Section { question, body };
        document(
            &format!("Career Development Incentive Program, budget years {span}"),
            (&standing, settled),
            &[
                section(
                    "How much was completed and paid?",
                    self.trend() + &tables(Table::State),
                ),
                section(
                    "How much demand went unpaid, and what would full funding have cost?",
                    html(&self.demand()),
                ),
                section(
                    "Which sectors grew?",
                    self.multiples() + &tables(Table::Sectors),
                ),
                section(
                    "What did each participant complete?",
                    tables(Table::Participants),
                ),
                section("Which programs grew?", tables(Table::Programs)),
            ],
        )
    }

    fn labels(&self) -> Vec<String> {
        self.years
            .iter()
            .map(|(year, _)| year.to_string())
            .collect()
    }

    /// The positions of years at which units and dollars stop being comparable with earlier ones.
    fn breaks(&self) -> Vec<usize> {
        let rules = self.years.iter().map(|(_, one)| &one.evidence.rules);
        breaks_of(&rules.collect::<Vec<&RuleSet>>())
    }

    /// The first year that can be compared with the last one, if any.
    fn comparable_from(&self) -> Option<usize> {
        let from = self.breaks().last().copied().unwrap_or(0);
        (from + 1 < self.years.len()).then_some(from)
    }

    /// What full funding would have cost, by year and tier. It follows from published units and their published split: a tier whose split
    /// or amount is withheld has none.
    fn demand(&self) -> Shown {
        let last = self.years.last().map(|(year, _)| *year);
        let real = self.index.as_ref().zip(last);
        let mut headings = vec![
            Heading::text("Budget year", 12),
            Heading::text("Tier", 8),
            Heading::text("Name", 30),
        ];
        let amounts = ["Paid", "Full funding", "Unpaid demand"];
        headings.extend(amounts.map(|amount| Heading::figure(amount, 17)));
        headings.push(Heading::figure("Paid of full", 12));
        if let Some((_, last)) = real {
            let in_dollars = |amount| Heading::figure(format!("{amount}, in {last} dollars"), 17);
            headings.extend(amounts.map(in_dollars));
        }
        let mut rows = Vec::new();
        for (year, publication) in &self.years {
            for line in publication.table(Table::State) {
                let mut row = vec![
                    Value::year(*year),
                    Value::text(publication.tier_word(line.tier)),
                    Value::text(line.subject.name.as_str()),
                ];
                let amounts = demand_of(publication, line);
                row.extend(shown(amounts.map(|amounts| amounts.map(Value::Money))));
                row.push(amounts.map_or(Value::text("**"), |[paid, full, _]| {
                    Value::share(paid, full)
                }));
                if let Some((index, last)) = real {
                    let real = |amount| {
                        let real = index.real(amount, *year, last);
                        real.map_or(Value::Empty, Value::Money)
                    };
                    row.extend(shown(amounts.map(|amounts| amounts.map(real))));
                }
                rows.push(row);
            }
        }
        let index = self.index.as_ref().map_or_else(String::new, |index| {
            format!(
                " Real dollars are by the price index in {}, which the person who made this page chose.",
                index.file
            )
        });
        Shown {
            title: "Unpaid demand and full funding".to_string(),
            about: format!(
                "Full funding is what the units within the cap would have cost if the money had sufficed for every tier; unpaid demand is the \
                 part that was not paid. Without the supplement.{index}"
            ),
            headings,
            rows,
        }
    }

    /// The state's published units by tier; a year in which they are withheld has none.
    fn trend(&self) -> String {
        let mut series: BTreeMap<String, Vec<Option<i64>>> = BTreeMap::new();
        for (at, (_, publication)) in self.years.iter().enumerate() {
            for line in publication
                .table(Table::State)
                .filter(|line| line.tier.is_some())
            {
                let name = format!(
                    "Tier {}: {}",
                    publication.tier_word(line.tier),
                    line.subject.name
                );
                let values = series
                    .entry(name)
                    .or_insert_with(|| vec![None; self.years.len()]);
                values[at] = line.units.and_then(|units| i64::try_from(units).ok());
            }
        }
        let chart = Chart {
            title: "Units by tier and budget year".to_string(),
            labels: self.labels(),
            series: series
                .into_iter()
                .map(|(name, values)| Series {
                    name,
                    values,
                    breaks: self.breaks(),
                })
                .collect(),
            unit: Unit::Count,
            top: None,
        };
        let mut body = figure(&lines(&chart), &chart.title);
        let tiers = self.by_subject(Table::State);
        let is_of_tier =
            |told: &&Told<'_>| told.lines.iter().flatten().any(|one| one.tier.is_some());
        body += &self.without_mark(tiers.iter().filter(is_of_tier));
        if !self.breaks().is_empty() {
            body += "<p>A line breaks where the rules changed that decide what is counted and paid: units and dollars before and after cannot be \
                     compared.</p>\n";
        }
        body
    }

    fn multiples(&self) -> String {
        let sectors = self.by_subject(Table::Sectors);
        let top = sectors.iter().flat_map(Told::units).flatten().max();
        let mut body = String::from("<div class=\"multiples\">\n");
        let shown = sectors.iter().take(SECTORS_SHOWN);
        for sector in shown.clone() {
            let chart = Chart {
                title: format!("{}: units by budget year", sector.name),
                labels: self.labels(),
                series: vec![Series {
                    name: "Units".to_string(),
                    values: sector.units(),
                    breaks: self.breaks(),
                }],
                unit: Unit::Count,
                top,
            };
            body += &figure(&lines(&chart), &sector.name);
        }
        body += "</div>\n<p>The charts have one scale. A year in which a number is withheld has no mark.";
        if sectors.len() > SECTORS_SHOWN {
            body += " Further sectors are in the tables.";
        }
        body + "</p>\n" + &self.without_mark(shown)
    }

    /// Names the years that a chart cannot show because a number is withheld.
    fn without_mark<'t>(&self, told: impl Iterator<Item = &'t Told<'t>>) -> String {
        let labels = self.labels();
        let withheld = told.filter_map(|told| {
            let years: Vec<&str> = (labels.iter().zip(&told.lines))
                .filter(|(_, line)| line.is_some_and(|line| line.units.is_none()))
                .map(|(year, _)| year.as_str())
                .collect();
            (!years.is_empty()).then(|| format!("{} in {}", escaped(&told.name), years.join(", ")))
        });
        let withheld: Vec<String> = withheld.collect();
        if withheld.is_empty() {
            return String::new();
        }
        format!(
            "<p>Withheld, so without a mark: {}.</p>\n",
            withheld.join("; ")
        )
    }

    /// The lines of a table to show over the years: those of all tiers together, and for the state also those of each tier.
    fn by_subject(&self, table: Table) -> Vec<Told<'_>> {
        let mut found: BTreeMap<String, Told<'_>> = BTreeMap::new();
        for (at, (_, publication)) in self.years.iter().enumerate() {
            for line in publication.table(table) {
                let by_tier = matches!(table, Table::Participants | Table::Sectors);
                if by_tier && line.tier.is_some() {
                    continue;
                }
                let key = match table {
                    Table::State => tier_key(publication, line.tier),
                    Table::Sectors => line.subject.name.clone(),
                    Table::Participants | Table::Programs => line.subject.code.clone(),
                };
                let told = found.entry(key).or_insert_with(|| Told {
                    code: line.subject.code.clone(),
                    name: String::new(),
                    lines: vec![None; self.years.len()],
                });
                told.name.clone_from(&line.subject.name);
                told.lines[at] = Some(line);
            }
        }
        found.into_values().collect()
    }

    /// A line per subject and a column per year.
    fn table(&self, table: Table, number: Number) -> Shown {
        let has_code = matches!(table, Table::Participants | Table::Programs);
        let mut headings = Vec::new();
        if has_code {
            headings.push(Heading::text("Code", 12));
        }
        headings.push(Heading::text("Name", 36));
        headings.extend(
            self.labels()
                .into_iter()
                .map(|year| Heading::figure(year, 16)),
        );
        let from = self.comparable_from();
        if let Some(from) = from {
            headings.push(Heading::figure(
                format!("Change since {}", self.years[from].0),
                16,
            ));
        }
        let rows = self.by_subject(table).into_iter().map(|told| {
            let mut row = Vec::new();
            if has_code {
                row.push(Value::text(told.code));
            }
            row.push(Value::text(told.name));
            let numbers: Vec<Value> = told.lines.into_iter().map(|line| number.of(line)).collect();
            let change = from.map(|from| change(&numbers[from], numbers.last()));
            row.extend(numbers);
            row.extend(change);
            row
        });
        Shown {
            title: format!("{} by {}", number.words(), subject_word(table)),
            about: number.about().to_string(),
            headings,
            rows: rows.collect(),
        }
    }
}

/// The published line of a subject in each year; `None` if the year has none.
struct Told<'p> {
    code: String,
    /// The subject in its last year.
    name: String,
    lines: Vec<Option<&'p Line>>,
}

impl Told<'_> {
    /// The published units of each year.
    fn units(&self) -> Vec<Option<i64>> {
        let units = |line: &Line| line.units.and_then(|units| i64::try_from(units).ok());
        self.lines.iter().map(|line| line.and_then(units)).collect()
    }
}

/// The files of a year's folder, ascending.
fn files_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

/// Tiers in their order, all of them together last.
fn tier_key(publication: &Publication<'_>, tier: Option<TierRank>) -> String {
    match tier {
        Some(_) => publication.tier_word(tier),
        None => "\u{10ffff}".to_string(),
    }
}

const fn subject_word(table: Table) -> &'static str {
    match table {
        Table::State => "tier",
        Table::Participants => "participant",
        Table::Sectors => "sector",
        Table::Programs => "program",
    }
}

/// What a line of the state was paid, what full funding would have cost, and the difference; none where a number behind it is withheld.
fn demand_of(publication: &Publication<'_>, line: &Line) -> Option<[Money; 3]> {
    let (paid, _) = (line.amount?, line.frl_units?);
    let (allocation, rules) = (
        &publication.evidence.allocation,
        &publication.evidence.rules,
    );
    let full = match line.tier {
        Some(tier) => allocation.tiers[tier].demand(rules),
        None => allocation.demand(rules),
    };
    Some([paid, full, full - paid])
}

/// Numbers, or the mark of a number withheld to protect others.
fn shown(numbers: Option<[Value; 3]>) -> [Value; 3] {
    numbers.unwrap_or_else(|| ["**"; 3].map(Value::text))
}

/// The difference of two published numbers; `None` if one is withheld or missing.
fn change(first: &Value, last: Option<&Value>) -> Value {
    match (first, last) {
        (Value::Count(first), Some(Value::Count(last))) => {
            let [first, last] =
                [*first, *last].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
            Value::Change(last - first)
        }
        (Value::Money(first), Some(Value::Money(last))) => Value::Money(*last - *first),
        _ => Value::Empty,
    }
}

/// The number of a line to show.
#[derive(Clone, Copy)]
enum Number {
    Units,
    Amount,
}

impl Number {
    const fn words(self) -> &'static str {
        match self {
            Number::Units => "Units",
            Number::Amount => "Dollars",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Number::Units => "Units within the cap. An empty cell: none in that year.",
            Number::Amount => {
                "What the units were paid. ** where a count behind the amount is withheld."
            }
        }
    }

    fn of(self, line: Option<&Line>) -> Value {
        let Some(line) = line else {
            return Value::Empty;
        };
        match self {
            Number::Units => match (line.units, line.units_withheld) {
                (Some(units), _) => Value::Count(units),
                (None, Withheld::Small) => Value::text("*"),
                (None, _) => Value::text("**"),
            },
            Number::Amount => line
                .amount
                .map_or_else(|| Value::text("**"), |amount: Money| Value::Money(amount)),
        }
    }
}
