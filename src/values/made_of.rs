//! How a spreadsheet changes a code that looks like a number or a date: `1E5` becomes 100000, `0123` becomes 123, `MAR1` becomes
//! 1 March.

use rust_decimal::Decimal;

use super::dates::{date, month_named};

/// Codes are short, and so are the values made of them.
const CHARS_MAX: usize = 40;

/// Whether a typed text can be a code that a spreadsheet turned into `a date` or `a number`. Both in upper case.
#[must_use]
pub fn made_of(typed: &str, code: &str) -> Option<&'static str> {
    if typed == code || typed.len() > CHARS_MAX || code.len() > CHARS_MAX {
        return None;
    }
    let is_same_number = || Some(number(typed)? == number(code)?);
    if is_same_number() == Some(true) {
        return Some("a number");
    }
    let (month, second) = month_and_second(code)?;
    let is_that_day = match date(typed, false) {
        // The second number became the day, or the year.
        Some(read) => {
            use chrono::Datelike;
            let year = read.day.year().unsigned_abs();
            read.day.month() == month && [read.day.day(), year, year % 100].contains(&second)
        }
        None => month_and_second(typed) == Some((month, second)),
    };
    is_that_day.then_some("a date")
}

/// A text as a number, with or without an exponent.
fn number(text: &str) -> Option<Decimal> {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'E' | '+' | '-'));
    if !is_number {
        return None;
    }
    let number = if text.contains('E') {
        Decimal::from_scientific(text).ok()
    } else {
        text.parse().ok()
    };
    number.map(|number: Decimal| number.normalize())
}

/// Month and other number of a text that a spreadsheet reads as a day or a month: `MAR1`, `1-MAR`, `MAR-24`, `3-1`, `3/1`.
fn month_and_second(text: &str) -> Option<(u32, u32)> {
    let is_divider = |c: char| matches!(c, '-' | '/' | ' ' | '.');
    let mut parts: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for c in text.chars() {
        if !is_divider(c) {
            match (before, parts.last_mut()) {
                (Some(last), Some(part))
                    if last.is_ascii_digit() == c.is_ascii_digit() && !is_divider(last) =>
                {
                    part.push(c);
                }
                _ => parts.push(c.to_string()),
            }
        }
        before = Some(c);
    }
    let [one, other] = &parts[..] else {
        return None;
    };
    match (month_named(one), month_named(other)) {
        (Some(month), None) => Some((month, other.parse().ok()?)),
        (None, Some(month)) => Some((month, one.parse().ok()?)),
        _ => {
            let (first, second) = (one.parse().ok()?, other.parse().ok()?);
            let is_day = text.contains(['-', '/']) && (1..=12).contains(&first);
            is_day.then_some((first, second))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_became_a_date_or_a_number_is_known_by_what_it_became() {
        for (typed, code, made) in [
            ("2024-03-01", "MAR1", Some("a date")),
            ("1-MAR", "MAR1", Some("a date")),
            ("MAR-01", "MAR1", Some("a date")),
            ("1950-03-01", "MAR50", Some("a date")),
            ("2024-03-04", "3-4", Some("a date")),
            ("100000", "1E5", Some("a number")),
            ("1.00E+05", "1E5", Some("a number")),
            ("11.01", "11.0100", Some("a number")),
            ("123", "0123", Some("a number")),
            ("2024-03-02", "MAR1", None),
            ("2024-04-01", "MAR1", None),
            ("MAR1", "MAR1", None),
            ("124", "0123", None),
            ("IC1", "IC2", None),
            ("", "MAR1", None),
            ("9E99", "1E5", None),
        ] {
            assert_eq!(made_of(typed, code), made, "{typed} {code}");
        }
    }
}
