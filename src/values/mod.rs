//! What a cell's text means: codes, answers, grades, dates, scores (calculation.md, section 2.1). Text comes as [`said`] gives it.

mod dates;
mod grades;
mod lunch;
mod said;

pub use dates::{DateRead, date, is_day_first, is_either_way, serial_from_1904, why_no_date};
pub use grades::grade;
pub use lunch::{Letters, lunch};
pub use said::{as_number, said, whole_number};

use std::borrow::Cow;

/// Digits of a district or school code.
const CODE_DIGITS: usize = 4;
/// Characters that nobody sees, as web pages and word processors leave them behind, and spaces that only look like one.
const INVISIBLE: [(char, &str); 13] = [
    ('\u{ad}', "a soft hyphen"),
    ('\u{200b}', "a zero-width space"),
    ('\u{200c}', "a zero-width non-joiner"),
    ('\u{200d}', "a zero-width joiner"),
    ('\u{200e}', "a direction mark"),
    ('\u{200f}', "a direction mark"),
    ('\u{202a}', "a direction mark"),
    ('\u{202c}', "a direction mark"),
    ('\u{2060}', "a word joiner"),
    ('\u{feff}', "a byte order mark"),
    ('\u{a0}', "a no-break space"),
    ('\u{202f}', "a no-break space"),
    ('\u{2007}', "a no-break space"),
];

/// Whether a character at the end of a text is nothing to see: white space, no-break space included, a control character, or one that only
/// formats.
#[must_use]
pub fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || only_formats(character)
}

/// Characters of Unicode category Cf, and variation selectors.
fn only_formats(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

fn invisible(character: char) -> Option<&'static str> {
    let named = INVISIBLE
        .iter()
        .find(|(invisible, _)| *invisible == character)
        .map(|(_, name)| *name);
    if named.is_some() {
        return named;
    }
    match character {
        // A line break within a cell can be seen.
        '\t' | '\n' | '\r' => None,
        _ if character.is_control() => Some("a control character"),
        '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            Some("a variation selector")
        }
        _ if only_formats(character) => Some("a formatting character"),
        _ => None,
    }
}

/// The name of the first character in a text that cannot be seen, or looks like another, if there is one.
#[must_use]
pub fn first_invisible(text: &str) -> Option<&'static str> {
    text.chars().find_map(invisible)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A district or school code: 4 digits, or 1 to 3 padded with the zeros that spreadsheets drop; and whether it was padded.
#[must_use]
pub fn padded_code(text: &str) -> Option<(Cow<'_, str>, bool)> {
    if !all_digits(text) || text.len() > CODE_DIGITS {
        None
    } else if text.len() == CODE_DIGITS {
        Some((Cow::Borrowed(text), false))
    } else {
        Some((Cow::Owned(format!("{text:0>CODE_DIGITS$}")), true))
    }
}

/// A code in upper case, as codes are compared.
#[must_use]
pub fn upper_case(text: &str) -> Cow<'_, str> {
    let is_upper = text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_lowercase());
    if is_upper {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_uppercase())
    }
}

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

fn among(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
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

/// A grade in the program's words: `K`, `9`, `12`.
#[must_use]
pub fn grade_text(grade: u8) -> Cow<'static, str> {
    const GRADES: [&str; 13] = [
        "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
    ];
    GRADES
        .get(usize::from(grade))
        .map_or_else(|| grade.to_string().into(), |text| Cow::Borrowed(*text))
}

/// Whether a text that was read as a date is written as dates are shown: `2024-05-17`.
#[must_use]
pub fn is_iso_date(text: &str) -> bool {
    matches!(text.as_bytes(), [y @ .., b'-', m1, m2, b'-', d1, d2]
        if y.len() == 4 && y.iter().chain([m1, m2, d1, d2]).all(u8::is_ascii_digit))
}

/// An AP exam score.
#[must_use]
pub fn score(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [digit @ b'1'..=b'5'] => Some(digit - b'0'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_f_is_false_where_yes_or_no_is_asked() {
        assert_eq!(answer("F"), Some(Answer::No));
        assert_eq!(answer("maybe"), None);
    }

    #[test]
    fn codes_are_padded() {
        assert_eq!(padded_code("880"), Some((Cow::Borrowed("0880"), true)));
        assert_eq!(padded_code("0880"), Some((Cow::Borrowed("0880"), false)));
        for text in ["", "08800", "UUUU", "-1", "8.0", "\u{0668}\u{0668}"] {
            assert_eq!(padded_code(text), None, "{text}");
        }
    }
}
