//! Reference pages made from the catalogue and the rule sets, so that documentation cannot differ from the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalogue::{CATALOGUE, Severity};
use crate::rules::history::{HeldSource, History};
use crate::rules::readings::READINGS;
use crate::rules::{Basis, RuleSet, Source, TEXT_NOT_AT_HAND};
use crate::stop::Stop;
use crate::words::sentence;
use crate::year::Year;

/// `docs/checks.md`: every code with why, fix and example.
#[must_use]
pub fn checks() -> String {
    let mut page = String::from(
        "# Checks\n\nEvery code that cdip can report. `cdip rules explain N303` explains one code. \
         The catalogue makes this page: `cdip rules explain --all > docs/checks.md`.\n",
    );
    for severity in Severity::ALL {
        // Writing to a String cannot fail, here and below.
        let _ = write!(page, "\n## {}: {}\n", severity.as_str(), severity.meaning());
        for entry in CATALOGUE.iter().filter(|entry| entry.severity == severity) {
            let _ = write!(
                page,
                "\n### {}: {}\n\n**Why.** {}\n\n**Fix.** {}\n",
                entry.code, entry.title, entry.why, entry.fix
            );
            if !entry.office.is_empty() {
                let _ = write!(page, "\n**The office.** {}\n", sentence(entry.office));
            }
            let _ = write!(page, "\n**Example.** {}\n", entry.example);
        }
    }
    page
}

/// `2017-18 to 2022-23`, or one year.
#[must_use]
pub fn span(first: Year, last: Year) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first} to {last}")
    }
}

/// `docs/law.md`: the law as the program understands it, from the built-in rule sets.
///
/// # Errors
/// Only if the built-in rule sets are broken.
pub fn law() -> Result<String, Stop> {
    let history = History::read()?;
    let mut page = format!(
        "# The law as this program understands it\n\n> **{TEXT_NOT_AT_HAND}**\n\n\
         Colorado's Career Development Incentive Program (statutory name: career development success program, C.R.S. 22-54-138) pays school \
         districts, charter schools and boards of cooperative services up to $1,000 for a pupil in grades 9 to 12 who completes a qualified \
         industry-credential program, workplace training or Advanced Placement course. Budget year N pays the completions of the school year \
         before, July 1 to June 30.\n\n\
         This page is made from the built-in rule sets: `cdip rules law > docs/law.md`. `cdip rules show 2024-25` shows one year. \
         `cdip rules diff 2022-23 2023-24` shows what changed between two.\n\n\
         Every statement is marked with how certain it is:\n\n"
    );
    for basis in Basis::ALL {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(page, "- *{}*: {}", basis.as_str(), basis.meaning());
    }
    acts(&history, &mut page);
    years(&history, &mut page);
    published(&history, &mut page);
    parameters(&history, &mut page);
    readings(&history, &mut page);
    open_points(&history, &mut page);
    Ok(page)
}

fn acts(history: &History, page: &mut String) {
    page.push_str("\n## Act by act\n\n| act | what it did | basis |\n|---|---|---|\n");
    for act in &history.acts {
        let open = act.open.as_ref();
        let open = open.map_or(String::new(), |question| format!(" *Open:* {question}"));
        let _ = writeln!(
            page,
            "| {} | {}{} | {} |",
            cell(&act.name),
            cell(&act.did),
            cell(&open),
            act.basis.as_str()
        );
    }
    if let [first, .., last] = &history.years[..] {
        let _ = writeln!(
            page,
            "\nThe incentive program began in {} and ended with {}. cdip refuses every other year and names the act.",
            first.budget_year, last.budget_year
        );
    }
}

/// The tiers that have a cap in some year.
fn capped(history: &History) -> BTreeSet<u32> {
    let tiers = history.years.iter().flat_map(|rules| &rules.tiers);
    let capped = tiers.filter(|tier| tier.cap.is_some());
    capped.map(|tier| tier.number).collect()
}

/// The cap of a tier, of whichever kind.
fn cap(rules: &RuleSet, tier: u32) -> String {
    let begins = format!("tier {tier}: cap_");
    let mut parameters = rules.parameters().into_iter();
    let given =
        parameters.find(|parameter| parameter.label.starts_with(&begins) && !parameter.is_default);
    given.map_or("none".to_string(), |cap| cell(&cap.value))
}

/// The years in a table: what differs between them.
fn years(history: &History, page: &mut String) {
    let capped = capped(history);
    let headings = capped.iter().map(|tier| format!(" cap of tier {tier} |"));
    let _ = writeln!(
        page,
        "\n## Year by year\n\n| rules | school year |{} free or reduced-price lunch | kinds of participants | one award per | what is new |\n\
         |---|---|{}---|---|---|---|",
        headings.collect::<String>(),
        "---|".repeat(capped.len())
    );
    for rules in &history.years {
        let value = |label: &str| {
            let found = rules
                .parameters()
                .into_iter()
                .find(|parameter| parameter.label == label);
            found.map_or(String::new(), |parameter| cell(&parameter.value))
        };
        let caps = capped
            .iter()
            .map(|tier| format!(" {} |", cap(rules, *tier)));
        let _ = writeln!(
            page,
            "| `{}` | {} |{} x {} | {} | {} | {} |",
            rules.id,
            rules.school_year,
            caps.collect::<String>(),
            value("amount.frl_multiplier"),
            value("eligibility.participant_kinds"),
            value("readings.unit"),
            cell(&history.special(rules.budget_year))
        );
    }
    page.push_str("\nThe same in every year:\n\n");
    if let Some((first, later)) = history.years.split_first() {
        let same = |label: &str, value: &str| {
            later.iter().all(|rules| {
                rules
                    .parameters()
                    .iter()
                    .any(|parameter| parameter.label == label && parameter.value == value)
            })
        };
        for parameter in first
            .parameters()
            .iter()
            .filter(|parameter| same(&parameter.label, &parameter.value))
        {
            let _ = writeln!(page, "- `{}`: {}", parameter.label, parameter.value);
        }
    }
    other_differences(history, page);
}

/// The parameters with a column in the table of years. The caps have theirs by tier, and what is new of the readings is told.
fn has_a_column(label: &str) -> bool {
    ["amount.frl_multiplier", "eligibility.participant_kinds"].contains(&label)
        || label.starts_with("readings.")
        || label.contains(": cap_")
}

/// What differs between the years and has no column in their table: each value with the first year that has it.
fn other_differences(history: &History, page: &mut String) {
    let mut values: BTreeMap<String, Vec<(Year, String)>> = BTreeMap::new();
    for rules in &history.years {
        for parameter in rules.parameters() {
            let (label, value) = (parameter.label, parameter.value);
            let known = values.entry(label).or_default();
            if known.last().is_none_or(|(_, last)| *last != value) {
                known.push((rules.budget_year, value));
            }
        }
    }
    let first = history.years.first().map(|rules| rules.budget_year);
    values.retain(|label, known| {
        let from_the_first = known.first().map(|(from, _)| *from) == first;
        !has_a_column(label) && (known.len() > 1 || !from_the_first)
    });
    if values.is_empty() {
        return;
    }
    page.push_str("\nAlso different:\n\n");
    for (label, known) in values {
        let known = known.iter();
        let said: Vec<String> = known
            .map(|(from, value)| format!("{value} from {from}"))
            .collect();
        let _ = writeln!(page, "- `{label}`: {}", said.join("; "));
    }
}

fn published(history: &History, page: &mut String) {
    page.push_str("\n## What was published\n\n| completions of | reported | paid | money | each | basis |\n|---|---|---|---|---|---|\n");
    for year in &history.published {
        let cells = [&year.reported, &year.paid, &year.money, &year.each]
            .map(|text| cell(text))
            .join(" | ");
        let _ = writeln!(
            page,
            "| {} | {cells} | {} |",
            year.completions_of,
            year.basis.as_str()
        );
    }
}

/// Every source of a parameter, with the years it holds for.
fn parameters(history: &History, page: &mut String) {
    page.push_str(
        "\n## Where each parameter comes from\n\n| parameter | budget years | citation | basis | note |\n|---|---|---|---|---|\n",
    );
    for held in history
        .sources()
        .iter()
        .filter(|held| !held.source.of.starts_with("readings."))
    {
        let Source {
            of,
            cite,
            basis,
            note,
            ..
        } = held.source;
        let years = span(held.first, held.last);
        let _ = writeln!(
            page,
            "| `{of}` | {years} | {} | {} | {} |",
            cell(cite),
            basis.as_str(),
            cell(note)
        );
    }
}

fn readings(history: &History, page: &mut String) {
    page.push_str("\n## Readings: the questions that the law leaves open\n\nA reading is an answer to one of them. `batch.toml` chooses under `[readings]`, and every output names the choice.\n");
    for reading in &READINGS {
        let _ = write!(
            page,
            "\n### `{}`: {}\n\n{}\n\n",
            reading.key, reading.question, reading.why
        );
        for alternative in reading.alternatives {
            let _ = writeln!(page, "- `{}`: {}", alternative.value, alternative.meaning);
        }
        page.push_str(
            "\n| budget years | value | citation | basis | note |\n|---|---|---|---|---|\n",
        );
        for choice in history.choices(reading) {
            for Source {
                cite, basis, note, ..
            } in &choice.sources
            {
                let years = span(choice.first, choice.last);
                let _ = writeln!(
                    page,
                    "| {years} | {} | {} | {} | {} |",
                    choice.value,
                    cell(cite),
                    basis.as_str(),
                    cell(note)
                );
            }
        }
    }
}

fn open_points(history: &History, page: &mut String) {
    page.push_str(
        "\n## Everything that is not settled\n\n`cdip rules open` prints this list.\n\n\
         | about | budget years | basis | what is not known | what would settle it |\n|---|---|---|---|---|\n",
    );
    for HeldSource {
        source,
        first,
        last,
    } in history.open_points()
    {
        let settled_by = source.settled_by.as_deref().unwrap_or_default();
        let years = span(first, last);
        let _ = writeln!(
            page,
            "| `{}` | {years} | {} | {} | {} |",
            source.of,
            source.basis.as_str(),
            cell(&source.note),
            cell(settled_by)
        );
    }
    for (act, question, settled_by) in history.open_acts() {
        let _ = writeln!(
            page,
            "| {} | | open | {} | {} |",
            cell(&act.name),
            cell(question),
            cell(settled_by)
        );
    }
}

/// Text that does not end a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_law_shows_every_parameter_that_differs_between_the_years() {
        let mut history = History::read().unwrap();
        let told = |history: &History| {
            let mut page = String::new();
            other_differences(history, &mut page);
            page
        };
        assert_eq!(told(&history), "");
        let last = history.years.last_mut().unwrap();
        last.ap_score_min = 4;
        let year = last.budget_year;
        assert_eq!(
            told(&history),
            format!(
                "\nAlso different:\n\n- `eligibility.ap_score_min`: 3 from 2017-18; 4 from {year}\n"
            )
        );
    }
}
