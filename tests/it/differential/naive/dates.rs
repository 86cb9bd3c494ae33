//! Dates in every accepted form.

use super::says::is_digits;
use super::texts::Kind;

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

/// A date as `2024-05-17`, and whether its year was written with two digits.
pub type Read = (String, bool);

/// A day that a calendar has.
fn day_of(year: u32, month: u32, day: u32) -> Option<String> {
    (1900..=2099).contains(&year).then_some(())?;
    (1..=days_in(year, month)?)
        .contains(&day)
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn days_in(year: u32, month: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => Some(29),
        2 => Some(28),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

/// A day by its serial, counted from 36526, which is 2000-01-01.
fn day_of_serial(serial: u32) -> Option<String> {
    let (mut year, mut month, mut left) = (2000, 1, serial - 36_526);
    while left >= days_in(year, month)? {
        left -= days_in(year, month)?;
        month += 1;
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    day_of(year, month, left + 1)
}

/// As a number cell is read: a serial, MMDDYYYY or YYYYMMDD.
fn of_number(text: &str) -> Option<String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.trim_start_matches('0');
    if let Ok(number) = digits.parse::<u32>()
        && (36_526..=73_050).contains(&number)
    {
        return day_of_serial(number);
    }
    if !decimals.trim_matches('0').is_empty() {
        return None;
    }
    let digits = match digits.len() {
        7 => format!("0{digits}"),
        8 => digits.to_string(),
        _ => return None,
    };
    let part = |from: usize, to: usize| digits[from..to].parse::<u32>().unwrap();
    day_of(part(0, 4), part(4, 6), part(6, 8))
        .or_else(|| day_of(part(4, 8), part(0, 2), part(2, 4)))
}

/// Digits, with or without decimals.
fn is_number(text: &str) -> bool {
    match text.split_once('.') {
        None => is_digits(text),
        Some((whole, decimals)) => is_digits(whole) && is_digits(decimals),
    }
}

/// As many digits as allowed, and what follows.
fn digits(text: &str, allowed: std::ops::RangeInclusive<usize>) -> Option<&str> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    allowed.contains(&count).then(|| &text[count..])
}

/// `h:mm`, `hh:mm:ss`, a fraction, AM or PM, `Z` or an offset.
fn is_time(text: &str) -> bool {
    time_left(text).is_some_and(str::is_empty)
}

fn time_left(text: &str) -> Option<&str> {
    let text = digits(text, 1..=2)?.strip_prefix(':')?;
    let mut text = digits(text, 2..=2)?;
    if let Some(seconds) = text.strip_prefix(':') {
        text = digits(seconds, 2..=2)?;
        if let Some(fraction) = text.strip_prefix('.') {
            text = digits(fraction, 1..=usize::MAX)?;
        }
    }
    let half = text.trim_start();
    if half
        .get(..2)
        .is_some_and(|half| ["AM", "PM"].contains(&half.to_uppercase().as_str()))
    {
        text = &half[2..];
    }
    let zone = text.trim_start();
    if let Some(rest) = zone.strip_prefix('Z') {
        return Some(rest);
    }
    if let Some(offset) = zone.strip_prefix(['+', '-']) {
        return digits(digits(offset, 2..=2)?.strip_prefix(':')?, 2..=2);
    }
    Some(text)
}

/// Without the time of day behind it.
fn without_time(text: &str) -> &str {
    for (at, c) in text.char_indices() {
        let behind = &text[at + c.len_utf8()..];
        if (c == 'T' && is_time(behind)) || (c.is_whitespace() && is_time(behind.trim_start())) {
            return text[..at].trim_end();
        }
    }
    text
}

/// The three numbers of a date in digits with separators.
fn numbers(text: &str) -> Option<[&str; 3]> {
    let separator = text.chars().find(|c| ['-', '/', '.'].contains(c))?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [a, b, c] = parts[..] else { return None };
    [a, b, c].into_iter().all(is_digits).then_some([a, b, c])
}

/// The first two numbers of a date in digits with separators that does not begin with its year.
fn month_and_day(text: &str) -> Option<(u32, u32)> {
    let [first, second, year] = numbers(without_time(text))?;
    let shaped = first.len() <= 2 && second.len() <= 2 && [2, 4].contains(&year.len());
    shaped.then(|| (first.parse().unwrap(), second.parse().unwrap()))
}

/// The cell is a date that must have its day first.
pub fn proves_day_first(text: &str) -> bool {
    month_and_day(text).is_some_and(|(first, second)| first > 12 && (1..=12).contains(&second))
}

/// The cell is a date in digits that could be read with its day first as well.
pub fn either_way(text: &str) -> bool {
    month_and_day(text)
        .is_some_and(|(first, second)| first <= 12 && second <= 12 && first != second)
}

fn year_of(text: &str) -> Option<(u32, bool)> {
    if !is_digits(text) {
        return None;
    }
    match text.len() {
        4 => Some((text.parse().ok()?, false)),
        2 => Some((2000 + text.parse::<u32>().ok()?, true)),
        _ => None,
    }
}

fn short(text: &str) -> Option<u32> {
    (is_digits(text) && text.len() <= 2).then(|| text.parse().unwrap())
}

fn month_of(word: &str) -> Option<u32> {
    let word = word.strip_suffix('.').unwrap_or(word).to_lowercase();
    let found = MONTHS.iter().position(|month| {
        *month == word || month[..3] == word || (word == "sept" && *month == "september")
    })?;
    Some(u32::try_from(found).unwrap() + 1)
}

fn with_name(month: &str, day: &str, year: &str) -> Option<Read> {
    let (year, two_digits) = year_of(year)?;
    Some((day_of(year, month_of(month)?, short(day)?)?, two_digits))
}

fn of_text(text: &str) -> Option<Read> {
    let text = without_time(text);
    if is_digits(text) && text.len() == 8 {
        return Some((of_number(text)?, false));
    }
    if let Some([a, b, c]) = numbers(text) {
        if a.len() == 4 {
            return Some((day_of(a.parse().ok()?, short(b)?, short(c)?)?, false));
        }
        let (year, two_digits) = year_of(c)?;
        return Some((day_of(year, short(a)?, short(b)?)?, two_digits));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [first, second, year] = words[..] {
        let day = second.strip_suffix(',').unwrap_or(second);
        return with_name(first, day, year).or_else(|| with_name(second, first, year));
    }
    let parts: Vec<&str> = text.split('-').collect();
    let [day, month, year] = parts[..] else {
        return None;
    };
    with_name(month, day, year)
}

/// A date, in a column that is day first or not.
pub fn date(kind: Kind, text: &str, day_first: bool) -> Option<Read> {
    if kind == Kind::Number || is_number(text) {
        return Some((of_number(text)?, false));
    }
    if day_first && either_way(text) {
        return None;
    }
    of_text(text)
}
