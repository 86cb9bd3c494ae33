//! The questions that the law leaves open, each with the money that other answers would move.

use serde::Serialize;

use crate::audit::evidence::Evidence;
use crate::decision::Outcome;
use crate::money::Money;
use crate::rules::readings::{CrossEntity, READINGS, ReadingDoc, ReadingValue};
use crate::scenarios::{Compared, compare_demand};
use crate::stop::Stop;
use crate::words::listed;

/// An open question.
#[derive(Serialize)]
pub(super) struct Question {
    asked: &'static str,
    /// This report's answer.
    answer: String,
    alternatives: Vec<Alternative>,
    /// Other answers that move nothing.
    without_effect: Vec<String>,
    /// The most that a different answer moves; questions are sorted by it, the largest first.
    #[serde(skip)]
    price: Money,
}

/// A different answer.
#[derive(Serialize)]
struct Alternative {
    answer: String,
    /// The money that changes hands.
    moves: String,
    gain: usize,
    lose: usize,
}

/// Every question whose worth follows from the report's own rows, the one worth most first.
pub(super) fn questions(report: &Evidence) -> Result<Vec<Question>, Stop> {
    let compared = compare_demand(&report.rules, &report.allocation, &report.demand())
        .map_err(|broken| Stop::defect(&broken.to_string()))?;
    let own = report.rules.readings.entries();
    let mut questions: Vec<Question> = READINGS
        .iter()
        .filter(|doc| doc.key != CrossEntity::DOC.key)
        .map(|doc| {
            let others = compared.iter().filter(|other| is_of(other, doc.key));
            let own = own.iter().find(|(entry, _)| entry.key == doc.key);
            Question {
                asked: doc.question,
                answer: own.map_or_else(String::new, |(_, value)| meaning(doc, value)),
                price: others
                    .clone()
                    .map(Compared::changes_hands)
                    .max()
                    .unwrap_or_default(),
                alternatives: others
                    .clone()
                    .filter(|other| other.changes_hands() > Money::ZERO)
                    .map(|other| alternative(doc, other))
                    .collect(),
                without_effect: others
                    .filter(|other| other.changes_hands() == Money::ZERO)
                    .map(|other| answer(doc, other))
                    .collect(),
            }
        })
        .collect();
    questions.sort_by_key(|question| std::cmp::Reverse(question.price));
    Ok(questions)
}

/// Rows held because two participants report them: a report cannot say what that question is worth.
pub(super) fn held(report: &Evidence) -> usize {
    let decisions = report.decisions.iter();
    decisions
        .filter(|decision| decision.outcome == Outcome::Held)
        .count()
}

/// Whether a scenario answers a question: its name begins with the question's key.
fn is_of(compared: &Compared, key: &str) -> bool {
    compared
        .scenario
        .name
        .split(' ')
        .next()
        .is_some_and(|word| word == key)
}

/// The report's answer, in the words of the reading.
fn meaning(doc: &ReadingDoc, value: &ReadingValue) -> String {
    match value {
        ReadingValue::One(value) => meaning_of(doc, value).to_string(),
        ReadingValue::Many(values) => listed(
            values
                .iter()
                .map(|value| meaning_of(doc, value).trim_end_matches('.')),
        ),
    }
}

fn meaning_of(doc: &ReadingDoc, value: &str) -> &'static str {
    let found = doc.alternatives.iter().find(|other| other.value == value);
    found.map_or("", |found| found.meaning)
}

fn alternative(doc: &ReadingDoc, compared: &Compared) -> Alternative {
    let (gain, lose) = compared.winners_and_losers();
    Alternative {
        answer: answer(doc, compared),
        moves: compared.changes_hands().grouped(),
        gain,
        lose,
    }
}

/// The compared answer, in the words of the reading.
fn answer(doc: &ReadingDoc, compared: &Compared) -> String {
    // `unit = completion`, or `cap_applies_to without boces`.
    let mut words = compared.scenario.name.split(' ').skip(1);
    let (relation, value) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let meaning = meaning_of(doc, value);
    match relation {
        "=" => meaning.to_string(),
        relation => format!("The same {relation} {}", lower(meaning)),
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}
