//! What a cell's text means: codes, answers, grades, dates, scores (calculation.md, section 2). Text comes trimmed.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

/// Digits of a district or school code.
const CODE_DIGITS: usize = 4;
/// Spreadsheet serials that are taken for dates: 2000-01-01 to 2100-01-01. Outside of them a number is more likely something else.
const SERIAL_DATES: std::ops::RangeInclusive<i64> = 36_526..=73_050;

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

/// Whether a character is nothing to see: white space, no-break space included, or a character without width.
#[must_use]
pub fn is_blank(character: char) -> bool {
    character.is_whitespace() || invisible(character).is_some()
}

fn invisible(character: char) -> Option<&'static str> {
    INVISIBLE
        .iter()
        .find(|(invisible, _)| *invisible == character)
        .map(|(_, name)| *name)
}

/// The name of the first character in a text that cannot be seen, or looks like another, if there is one.
#[must_use]
pub fn first_invisible(text: &str) -> Option<&'static str> {
    if text.is_ascii() {
        None
    } else {
        text.chars().find_map(invisible)
    }
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

/// Free or reduced-price lunch: Y Yes True T 1 Free Reduced, or N No False 0 Paid, any case. A bare F, R or P can mean several
/// of them and is none.
#[must_use]
pub fn lunch(text: &str) -> Option<Answer> {
    match text {
        "" => Some(Answer::Empty),
        text if among(text, &["y", "yes", "true", "t", "1", "free", "reduced"]) => {
            Some(Answer::Yes)
        }
        text if among(text, &["n", "no", "false", "0", "paid"]) => Some(Answer::No),
        _ => None,
    }
}

/// A grade: K, KG (0) or 0 to 12, as `9`, `09`, `9th` or the state's `090`, any case.
#[must_use]
pub fn grade(text: &str) -> Option<u8> {
    const HIGHEST: u8 = 12;
    if among(text, &["k", "kg"]) {
        return Some(0);
    }
    let lower = text.to_ascii_lowercase();
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| lower.strip_suffix(ending))
        .unwrap_or(&lower);
    if !all_digits(digits) {
        return None;
    }
    let number = match digits.len() {
        1 | 2 => digits.parse().ok()?,
        // The state writes tenths: 090, 100, 110, 120.
        3 if digits.len() == lower.len() && digits.ends_with('0') => digits
            .parse::<u16>()
            .ok()
            .and_then(|tenths| u8::try_from(tenths / 10).ok())?,
        _ => return None,
    };
    (number <= HIGHEST).then_some(number)
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

/// A date: `2024-05-17`, `5/17/2024`, `05172024`; a midnight behind it is dropped. `number` says that the cell was a number without
/// a date format: then a spreadsheet serial, or 7 or 8 digits as MMDDYYYY.
#[must_use]
pub fn date(text: &str, number: bool) -> Option<NaiveDate> {
    if number {
        return number_date(text);
    }
    let day = without_midnight(text)?;
    if let Some((year, month, day)) = split(day, '-') {
        return (year.len() == 4 && month.len() == 2 && day.len() == 2)
            .then(|| ymd(year, month, day))
            .flatten();
    }
    if let Some((month, day, year)) = split(day, '/') {
        let short = |part: &str| (1..=2).contains(&part.len());
        return (short(month) && short(day) && year.len() == 4)
            .then(|| ymd(year, month, day))
            .flatten();
    }
    (day.len() == 8 && all_digits(day))
        .then(|| ymd(&day[4..], &day[..2], &day[2..4]))
        .flatten()
}

/// Why a text that looks like a date is none; `None` where it does not even look like one. Never the date itself.
#[must_use]
pub fn why_no_date(text: &str) -> Option<&'static str> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits < 5
        || !text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | ':' | ' ' | 'T'))
    {
        None
    } else if text.contains(':') {
        Some("has a time of day")
    } else if text.contains(['-', '/', '.']) {
        Some("is no day of the calendar, or not written as 2024-05-17 or 5/17/2024")
    } else {
        Some("is no day of the calendar as MMDDYYYY, and no date of a spreadsheet")
    }
}

/// The text of a serial number that counts from 1904, as one that counts from 1900; what has too many digits for one stays.
#[must_use]
pub fn serial_from_1904(text: &str) -> Cow<'_, str> {
    /// From 1899-12-30 to 1904-01-01.
    const DAYS_BETWEEN: i64 = 1_462;
    match text.parse::<i64>() {
        Ok(serial) if all_digits(text) && serial <= *SERIAL_DATES.end() => {
            Cow::Owned((serial + DAYS_BETWEEN).to_string())
        }
        _ => Cow::Borrowed(text),
    }
}

fn number_date(text: &str) -> Option<NaiveDate> {
    if !all_digits(text) {
        return None;
    }
    match text.len() {
        7 => ymd(&text[3..], &text[..1], &text[1..3]),
        8 => ymd(&text[4..], &text[..2], &text[2..4]),
        _ => {
            let serial = text
                .parse::<i64>()
                .ok()
                .filter(|serial| SERIAL_DATES.contains(serial))?;
            // Day 0 of the 1900 system, after its leap-year error.
            NaiveDate::from_ymd_opt(1899, 12, 30)?
                .checked_add_signed(chrono::TimeDelta::try_days(serial)?)
        }
    }
}

/// Drops a midnight behind a date; `None` where another time of day stands there.
fn without_midnight(text: &str) -> Option<&str> {
    match text.split_once([' ', 'T']) {
        None => Some(text),
        Some((day, time)) => among(
            time.trim(),
            &[
                "00:00",
                "00:00:00",
                "0:00",
                "0:00:00",
                "00:00:00.000",
                "12:00:00 AM",
                "12:00 AM",
            ],
        )
        .then_some(day),
    }
}

fn split(text: &str, separator: char) -> Option<(&str, &str, &str)> {
    let mut parts = text.split(separator);
    let found = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(found)
}

fn ymd(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    if ![year, month, day].into_iter().all(all_digits) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        .filter(|date| date.year() >= 1900)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(y, m, d)
    }

    #[test]
    fn dates_are_read_in_every_form_that_the_specification_names() {
        for text in [
            "2024-05-17",
            "5/17/2024",
            "05/17/2024",
            "05172024",
            "2024-05-17 00:00:00",
            "2024-05-17T00:00:00",
            "5/17/2024 0:00",
        ] {
            assert_eq!(date(text, false), day(2024, 5, 17), "{text}");
        }
        // 45429 days after 1899-12-30
        for text in ["45429", "5172024", "05172024"] {
            assert_eq!(date(text, true), day(2024, 5, 17), "{text}");
        }
        assert_eq!(date("36526", true), day(2000, 1, 1));
        assert_eq!(date("73050", true), day(2099, 12, 31));
    }

    #[test]
    fn a_serial_that_counts_from_1904_is_the_same_day() {
        // 43967 days after 1904-01-01 are 45429 after 1899-12-30
        assert_eq!(date(&serial_from_1904("43967"), true), day(2024, 5, 17));
        // MMDDYYYY is no serial
        assert_eq!(date(&serial_from_1904("5172024"), true), day(2024, 5, 17));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "2024-02-30",
            "02/30/2024",
            "2024-5-17",
            "17/5/2024",
            "45429",
            "5172024",
            "5/17/24",
            "2024-05-17 13:45:00",
            "+024-05-17",
            "2024-05-17-1",
        ] {
            assert_eq!(date(text, false), None, "{text}");
        }
        for text in [
            "36525", "73051", "45429.5", "-45429", "13012024", "20240517", "1e300",
        ] {
            assert_eq!(date(text, true), None, "{text}");
        }
    }

    #[test]
    fn grades_are_read_in_every_form_that_the_specification_names() {
        for (text, expected) in [
            ("9", 9),
            ("09", 9),
            ("9th", 9),
            ("12TH", 12),
            ("090", 9),
            ("100", 10),
            ("120", 12),
            ("K", 0),
            ("kg", 0),
            ("0", 0),
        ] {
            assert_eq!(grade(text), Some(expected), "{text}");
        }
        for text in [
            "", "13", "130", "095", "Senior", "9.5", "-9", "90", "0900", "th", "090th",
        ] {
            assert_eq!(grade(text), None, "{text}");
        }
    }

    #[test]
    fn a_bare_letter_that_can_mean_free_or_false_is_refused_for_lunch_but_not_for_credit() {
        for text in ["F", "R", "P", "f", "maybe", "2"] {
            assert_eq!(lunch(text), None, "{text}");
        }
        assert_eq!(answer("F"), Some(Answer::No));
        assert_eq!(
            (lunch("REDUCED"), lunch("paid"), lunch("")),
            (Some(Answer::Yes), Some(Answer::No), Some(Answer::Empty))
        );
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
