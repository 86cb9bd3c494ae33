//! Answers to yes-or-no questions.

use super::characters::among;

/// An answer to a yes-or-no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nothing; counts as no.
    Empty,
}

/// Y Yes True T 1, or N No False F 0, any case.
#[must_use]
pub fn answer(text: &str) -> Option<Answer> {
    match text {
        "" => Some(Answer::Empty),
        text if among(text, &["y", "yes", "true", "t", "1"]) => Some(Answer::Yes),
        text if among(text, &["n", "no", "false", "f", "0"]) => Some(Answer::No),
        _ => None,
    }
}
