//! Amounts, dates and shares as letters show them.

use chrono::NaiveDate;

use crate::money::Money;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
/// Each a thousand times the previous one; no amount is larger.
const GROUPS: [&str; 6] = [
    "",
    " thousand",
    " million",
    " billion",
    " trillion",
    " quadrillion",
];

/// `Fifty-one thousand two hundred and 05/100 dollars`, as on a check.
pub(super) fn in_words(amount: Money) -> String {
    let cents = amount.cents().unsigned_abs();
    let sign = if amount < Money::ZERO { "minus " } else { "" };
    let words = format!(
        "{sign}{} and {:02}/100 dollars",
        number(cents / 100),
        cents % 100
    );
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn number(number: u64) -> String {
    if number == 0 {
        return ONES[0].to_string();
    }
    let mut rest = number;
    let mut groups = Vec::new();
    for name in GROUPS {
        if !rest.is_multiple_of(1_000) {
            groups.push(format!("{}{name}", below_a_thousand(rest % 1_000)));
        }
        rest /= 1_000;
    }
    groups.reverse();
    groups.join(" ")
}

fn below_a_thousand(number: u64) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    let mut words = Vec::new();
    if hundreds > 0 {
        words.push(format!("{} hundred", word(&ONES, hundreds)));
    }
    if rest >= 20 && rest % 10 > 0 {
        words.push(format!(
            "{}-{}",
            word(&TENS, rest / 10),
            word(&ONES, rest % 10)
        ));
    } else if rest >= 20 {
        words.push(word(&TENS, rest / 10).to_string());
    } else if rest > 0 {
        words.push(word(&ONES, rest).to_string());
    }
    words.join(" ")
}

fn word(words: &[&'static str], position: u64) -> &'static str {
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    words.get(position).copied().unwrap_or_default()
}

/// `September 16, 2024`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%B %-d, %Y").to_string()
}

/// A receipt's date in words; unchanged if it is not a date.
pub(super) fn day_written(date: &str) -> String {
    NaiveDate::parse_from_str(date, "%Y-%m-%d").map_or_else(|_| date.to_string(), day)
}

/// The length of a bar; the longest has 1000.
pub(super) fn length(amount: Money, longest: Money) -> u64 {
    amount.tenths_of_percent(longest).min(1_000)
}

/// `+$3.00`, `-$3.00`, `$0.00`.
pub(super) fn signed(amount: Money) -> String {
    let plus = if amount > Money::ZERO { "+" } else { "" };
    format!("{plus}{}", amount.grouped())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_on_a_check() {
        for (cents, words) in [
            (0, "Zero and 00/100 dollars"),
            (1, "Zero and 01/100 dollars"),
            (110_005, "One thousand one hundred and 05/100 dollars"),
            (
                5_121_999,
                "Fifty-one thousand two hundred nineteen and 99/100 dollars",
            ),
            (
                800_002_000_000,
                "Eight billion twenty thousand and 00/100 dollars",
            ),
            (-4_000, "Minus forty and 00/100 dollars"),
        ] {
            assert_eq!(in_words(Money::from_cents(cents)), words);
        }
    }

    #[test]
    fn a_date_is_written_out() {
        assert_eq!(day_written("2024-09-06"), "September 6, 2024");
        assert_eq!(day_written("soon"), "soon");
    }
}
