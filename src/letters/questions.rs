//! The questions that the law leaves open, each with the money that other answers would move.

use serde::Serialize;

use crate::audit::evidence::Evidence;
use crate::decision::Outcome;
use crate::money::Money;
use crate::rules::readings::{CrossEntity, READINGS, ReadingDoc};
use crate::scenarios::{Answer, Answers, Compared, Relation, compare_demand};
use crate::stop::Stop;
use crate::words::clause;

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
            let (without, with): (Vec<_>, Vec<_>) = compared
                .iter()
                .filter_map(|other| Some((answer_to(other, doc.key)?, other)))
                .partition(|(_, other)| other.changes_hands() == Money::ZERO);
            let own = own.iter().find(|(entry, _)| entry.key == doc.key);
            Question {
                asked: doc.question,
                answer: own.map_or_else(String::new, |(_, value)| doc.meaning(value)),
                price: with
                    .iter()
                    .map(|(_, other)| other.changes_hands())
                    .max()
                    .unwrap_or_default(),
                alternatives: with
                    .into_iter()
                    .map(|(answer, other)| alternative(doc, answer, other))
                    .collect(),
                without_effect: without
                    .into_iter()
                    .map(|(answer, _)| in_words(doc, answer))
                    .collect(),
            }
        })
        .collect();
    questions.sort_by_key(|question| std::cmp::Reverse(question.price));
    Ok(questions)
}

/// Held rows, whatever the reason; some because two participants report them, and a report cannot say what that question is worth.
pub(super) fn held(report: &Evidence) -> usize {
    let decisions = report.decisions.iter();
    decisions
        .filter(|decision| decision.outcome == Outcome::Held)
        .count()
}

/// The answer to the question with a key that a scenario gives.
fn answer_to(compared: &Compared, key: &str) -> Option<Answer> {
    match compared.scenario.answers {
        Answers::One(answer) => (answer.key == key).then_some(answer),
        Answers::Several(_) => None,
    }
}

fn alternative(doc: &ReadingDoc, answer: Answer, compared: &Compared) -> Alternative {
    let (gain, lose) = compared.winners_and_losers();
    Alternative {
        answer: in_words(doc, answer),
        moves: compared.changes_hands().grouped(),
        gain,
        lose,
    }
}

/// A different answer, in the words of the reading.
fn in_words(doc: &ReadingDoc, answer: Answer) -> String {
    let meaning = doc.meaning_of(answer.value);
    match answer.relation {
        Relation::Is => meaning.to_string(),
        relation => format!("The same {} {}", relation.word(), clause(meaning)),
    }
}
