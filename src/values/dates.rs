//! Dates in the forms that people and spreadsheets write (calculation.md, "Dates").

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::characters::all_digits;
use super::said::as_number;

/// Spreadsheet serials that count as dates: 2000-01-01 to 2099-12-31. A number outside is probably not a date.
const SERIAL_DATES: std::ops::RangeInclusive<i64> = 36_526..=73_050;
/// Years of a date of digits without separators.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2099;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A date as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRead {
    /// The day.
    pub day: NaiveDate,
    /// Its year was written with two digits, and read as 20yy.
    pub short_year: bool,
}

impl DateRead {
    fn long(day: NaiveDate) -> DateRead {
        DateRead {
            day,
            short_year: false,
        }
    }
}

/// A date. `number` says that the cell was a number without a date format.
#[must_use]
pub fn date(text: &str, number: bool) -> Option<DateRead> {
    if number {
        return number_date(as_number(text)?).map(DateRead::long);
    }
    let day = without_time(text);
    if let Some(whole) = as_number(text) {
        // As a number cell would show it.
        return number_date(whole).map(DateRead::long);
    }
    digits_with_separators(day)
        .or_else(|| eight_digits(day).map(DateRead::long))
        .or_else(|| with_month_name(day))
}

/// The three numbers of a date in digits with one and the same separator: each number, and its digits.
fn numbers(day: &str) -> Option<[(&str, u32); 3]> {
    let separator = day.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '-' | '/' | '.') {
        return None;
    }
    let mut parts = day.split(separator);
    let mut number = || {
        let part = parts
            .next()
            .filter(|part| all_digits(part) && part.len() <= 4)?;
        Some((part, part.parse().ok()?))
    };
    let found = [number()?, number()?, number()?];
    parts.next().is_none().then_some(found)
}

fn digits_with_separators(day: &str) -> Option<DateRead> {
    let [first, second, third] = numbers(day)?;
    let is_short = |part: (&str, u32)| part.0.len() <= 2;
    if first.0.len() == 4 {
        return (is_short(second) && is_short(third))
            .then(|| ymd(first.1, second.1, third.1).map(DateRead::long))
            .flatten();
    }
    if !is_short(first) || !is_short(second) {
        return None;
    }
    with_year(third.0, first.1, second.1)
}

/// A year of four digits, or of two as 20yy.
fn with_year(year: &str, month: u32, day: u32) -> Option<DateRead> {
    let number: u32 = year.parse().ok()?;
    match year.len() {
        4 => ymd(number, month, day).map(DateRead::long),
        2 => Some(DateRead {
            day: ymd(2000 + number, month, day)?,
            short_year: true,
        }),
        _ => None,
    }
}

/// `20240517` or `05172024`: no text of eight digits can be both.
fn eight_digits(text: &str) -> Option<NaiveDate> {
    if text.len() != 8 || !all_digits(text) {
        return None;
    }
    let number = |part: &str| part.parse::<u32>().ok();
    let month_first = ymd(
        number(&text[4..])?,
        number(&text[..2])?,
        number(&text[2..4])?,
    );
    month_first.or_else(|| {
        ymd(
            number(&text[..4])?,
            number(&text[4..6])?,
            number(&text[6..])?,
        )
    })
}

/// `May 17, 2024`, `17 May 2024`, `17-May-24`.
fn with_month_name(text: &str) -> Option<DateRead> {
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return month_then_day(text);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = text.split_at(digits);
    let separator = rest.chars().next()?;
    let parts: Vec<&str> = if separator == '-' {
        rest[1..].split('-').collect()
    } else if separator.is_whitespace() {
        rest.split_whitespace().collect()
    } else {
        return None;
    };
    let [name, year] = parts[..] else { return None };
    with_year(digits_only(year)?, month_named(name)?, day_number(day)?)
}

fn month_then_day(text: &str) -> Option<DateRead> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, rest) = text.split_at(letters);
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    if !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let (day, year) = rest.trim_start().split_once([',', ' ', '\u{a0}', '\t'])?;
    let year = year.trim_start_matches(',').trim();
    with_year(digits_only(year)?, month_named(name)?, day_number(day)?)
}

fn digits_only(text: &str) -> Option<&str> {
    all_digits(text).then_some(text)
}

fn day_number(text: &str) -> Option<u32> {
    (all_digits(text) && text.len() <= 2)
        .then(|| text.parse().ok())
        .flatten()
}

/// An English month, in full or its first three letters (or `Sept`), with or without a period.
pub(super) fn month_named(text: &str) -> Option<u32> {
    let lower = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let is_it = |month: &&str| lower == **month || lower == month[..3];
    let position = if lower == "sept" {
        Some(8)
    } else {
        MONTHS.iter().position(is_it)
    };
    position.and_then(|position| u32::try_from(position + 1).ok())
}

/// Drops a time of day after a date, unchecked.
fn without_time(text: &str) -> &str {
    let begins = |rest: &str| {
        let hours = rest.bytes().take_while(u8::is_ascii_digit).count();
        (1..=2).contains(&hours) && is_time(&rest[hours..])
    };
    for (position, character) in text.char_indices() {
        let behind = &text[position + character.len_utf8()..];
        if (character == 'T' || character.is_whitespace()) && begins(behind.trim_start()) {
            return text[..position].trim_end();
        }
    }
    text
}

/// What follows the hour: `:mm`, `:mm:ss`, a fraction, AM or PM, `Z` or an offset.
fn is_time(rest: &str) -> bool {
    let Some(rest) = two_digits(rest, ':') else {
        return false;
    };
    let rest = two_digits(rest, ':').unwrap_or(rest);
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let rest = rest.trim_start();
    let lower = rest.to_ascii_lowercase();
    let lower = lower.as_str();
    let rest = ["am", "pm"]
        .iter()
        .find_map(|half| lower.strip_prefix(half))
        .unwrap_or(lower)
        .trim_start();
    rest.is_empty() || rest == "z" || is_offset(rest)
}

fn two_digits(text: &str, before: char) -> Option<&str> {
    let rest = text.strip_prefix(before)?;
    let is_number = rest.len() >= 2 && rest.as_bytes()[..2].iter().all(u8::is_ascii_digit);
    is_number.then(|| &rest[2..])
}

/// `+00:00`, `-0700`, `-07`.
fn is_offset(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['+', '-']) else {
        return false;
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    all_digits(&digits) && matches!(digits.len(), 2 | 4)
}

/// A date in digits with separators, not year first, whose first number can only be a day and whose second can be a month.
#[must_use]
pub fn is_day_first(text: &str) -> bool {
    not_year_first(text).is_some_and(|(first, second)| first > 12 && (1..=12).contains(&second))
}

/// A date in digits with separators, not year first, that names one day month first and another day first.
#[must_use]
pub fn is_either_way(text: &str) -> bool {
    not_year_first(text)
        .is_some_and(|(first, second)| first <= 12 && second <= 12 && first != second)
}

fn not_year_first(text: &str) -> Option<(u32, u32)> {
    let [first, second, _] = numbers(without_time(text))?;
    (first.0.len() <= 2 && second.0.len() <= 2).then_some((first.1, second.1))
}

/// Why a text that looks like a date is not one; `None` where it does not even look like one. Never the date itself.
#[must_use]
pub fn why_no_date(text: &str) -> Option<&'static str> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let looks_like_one =
        |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | ':' | ' ' | 'T');
    if is_day_first(text) {
        return Some("has the day before the month; write the month first, or the year first");
    }
    if digits < 5 || !text.chars().all(looks_like_one) {
        None
    } else if text.contains(['-', '/', '.']) {
        Some("is not a day of the calendar, or not written as 2024-05-17 or 5/17/2024")
    } else {
        Some("is not a day of the calendar as MMDDYYYY, and not a date of a spreadsheet")
    }
}

/// Converts a serial number counted from 1904 to one counted from 1900. A text with too many digits is returned unchanged.
#[must_use]
pub fn serial_from_1904(text: &str) -> Cow<'_, str> {
    /// From 1899-12-30 to 1904-01-01.
    const DAYS_BETWEEN: i64 = 1_462;
    match as_number(text).and_then(|whole| whole.parse::<i64>().ok()) {
        Some(serial) if serial <= *SERIAL_DATES.end() => {
            Cow::Owned((serial + DAYS_BETWEEN).to_string())
        }
        _ => Cow::Borrowed(text),
    }
}

/// A serial, or 7 or 8 digits as MMDDYYYY, or 8 as YYYYMMDD.
fn number_date(digits: &str) -> Option<NaiveDate> {
    match digits.len() {
        7 => eight_digits(&format!("0{digits}")),
        8 => eight_digits(digits),
        _ => {
            let serial = digits
                .parse::<i64>()
                .ok()
                .filter(|serial| SERIAL_DATES.contains(serial))?;
            // Day 0 of the 1900 system, after its leap-year error.
            NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_signed(TimeDelta::try_days(serial)?)
        }
    }
}

fn ymd(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
        .filter(|date| YEARS.contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Option<DateRead> {
        NaiveDate::from_ymd_opt(y, m, d).map(DateRead::long)
    }

    #[test]
    fn dates_are_read_in_every_form_that_the_specification_names() {
        for text in [
            "2024-05-17",
            "2024/5/17",
            "2024.05.17",
            "20240517",
            "05172024",
            "5172024",
            "45429",
            "45429.75",
            "5/17/2024",
            "5-17-2024",
            "05.17.2024",
            "May 17, 2024",
            "may 17 2024",
            "May. 17, 2024",
            "17 May 2024",
            "17-May-2024",
            "2024-05-17 00:00:00",
            "2024-05-17 13:45",
            "2024-05-17T00:00:00Z",
            "2024-05-17T00:00:00.000+00:00",
            "2024-05-17T00:00:00-07:00",
            "5/17/2024 1:05 PM",
            "5/17/2024 1:05:09.5pm",
        ] {
            assert_eq!(date(text, false), day(2024, 5, 17), "{text}");
        }
        // 45429 days after 1899-12-30
        for text in ["45429", "5172024", "05172024", "20240517", "45429.5"] {
            assert_eq!(date(text, true), day(2024, 5, 17), "{text}");
        }
        assert_eq!(date("Sept 3, 2024", false), day(2024, 9, 3));
        assert_eq!(date("36526", true), day(2000, 1, 1));
        assert_eq!(date("73050", true), day(2099, 12, 31));
    }

    #[test]
    fn a_year_of_two_digits_is_of_this_century_and_told() {
        for text in ["5/17/24", "5.17.24", "17-May-24", "May 17, 24"] {
            let read = date(text, false).unwrap();
            assert_eq!(Some(DateRead::long(read.day)), day(2024, 5, 17), "{text}");
            assert!(read.short_year, "{text}");
        }
    }

    #[test]
    fn a_serial_that_counts_from_1904_is_the_same_day() {
        // 43967 days after 1904-01-01 are 45429 after 1899-12-30
        assert_eq!(date(&serial_from_1904("43967"), true), day(2024, 5, 17));
        // MMDDYYYY is not a serial
        assert_eq!(date(&serial_from_1904("5172024"), true), day(2024, 5, 17));
    }

    #[test]
    fn what_is_not_a_date_is_none() {
        for text in [
            "",
            "2024-02-30",
            "02/30/2024",
            "17/5/2024",
            "1-3/2024",
            "March 2024",
            "+024-05-17",
            "2024-05-17-1",
            "5/17/024",
            "Mai 17, 2024",
            "17 May-2024",
            "5,17,2024",
            "2024-05-17 noon",
        ] {
            assert_eq!(date(text, false), None, "{text}");
        }
        for text in ["36525", "73051", "-45429", "13012024", "1e300"] {
            assert_eq!(date(text, true), None, "{text}");
        }
    }

    #[test]
    fn a_column_is_day_first_by_a_first_number_that_is_no_month() {
        assert!(is_day_first("17/05/2024") && is_day_first("17.5.24 0:00"));
        for text in [
            "5/17/2024",
            "2024-05-17",
            "13/13/2024",
            "17 May 2024",
            "45429",
        ] {
            assert!(!is_day_first(text), "{text}");
        }
        assert!(is_either_way("08/06/2023") && is_either_way("8-6-23"));
        for text in ["07/07/2023", "2024-02-03", "5/17/2024", "03012024"] {
            assert!(!is_either_way(text), "{text}");
        }
    }
}
