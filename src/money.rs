//! Exact money: whole cents, never a binary fraction.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::words::{percent_text, tenths_of_percent};

/// The largest amount accepted from a file, in cents ($100 billion: ten thousand times the program's money). It keeps every
/// product in the allocation, amount x weight x 100, far inside 128 bits.
pub const MONEY_MAX_CENTS: i64 = 10_000_000_000_000;

/// An amount of US dollars, held as whole cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why a text is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not digits with at most one decimal point.
    #[error("is not an amount in dollars such as \"9500000.00\"")]
    NotAnAmount,
    /// Finer than a cent.
    #[error("has more than two decimals; an amount is exact to the cent")]
    BelowACent,
    /// Below zero.
    #[error("is below zero")]
    Negative,
    /// Above [`MONEY_MAX_CENTS`].
    #[error("is above the largest amount this program handles, $100,000,000,000.00")]
    TooLarge,
}

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// An amount of whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Money(cents)
    }

    /// The amount in cents.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// So many times this amount.
    #[must_use]
    pub fn times(self, units: u64) -> Money {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        Money(self.0.saturating_mul(units))
    }

    /// Reads dollars as they are in a configuration file: `9500000`, `9500000.5` or `9500000.00`.
    pub fn from_dollars(text: &str) -> Result<Self, MoneyError> {
        // rust_decimal also takes "1_000" and "1e3", which nobody means in an amount.
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
        let value = Decimal::from_str_exact(text)
            .ok()
            .filter(|_| plain)
            .ok_or(MoneyError::NotAnAmount)?;
        if value.is_sign_negative() && !value.is_zero() {
            return Err(MoneyError::Negative);
        }
        let value = value.normalize();
        let cents_per_unit = match value.scale() {
            0 => 100,
            1 => 10,
            2 => 1,
            _ => return Err(MoneyError::BelowACent),
        };
        value
            .mantissa()
            .checked_mul(cents_per_unit)
            .and_then(|cents| i64::try_from(cents).ok())
            .filter(|cents| *cents <= MONEY_MAX_CENTS)
            .map(Money)
            .ok_or(MoneyError::TooLarge)
    }

    /// Reads dollars as people write them: `9,500,000.00`, `$9,500,000`, or as in [`Money::from_dollars`].
    pub fn from_written(text: &str) -> Result<Self, MoneyError> {
        let amount = text.trim();
        let amount = amount.strip_prefix('$').unwrap_or(amount).trim_start();
        let (whole, cents) = amount.split_once('.').unwrap_or((amount, ""));
        if !whole.contains(',') {
            return Money::from_dollars(amount);
        }
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        if !(1..=3).contains(&first.len())
            || groups.any(|group| group.len() != 3)
            || cents.contains(',')
        {
            return Err(MoneyError::NotAnAmount);
        }
        Money::from_dollars(&amount.replace(',', ""))
    }

    /// The tenths of a percent that it is of a whole, rounded half up from the exact fraction; zero where the whole is nothing.
    #[must_use]
    pub fn tenths_of_percent(self, whole: Money) -> u64 {
        let tenths = tenths_of_percent(self.0, whole.0).unwrap_or(0);
        u64::try_from(tenths).unwrap_or(0)
    }

    /// What part it is of a whole: `66.2%`; empty where the whole is nothing.
    #[must_use]
    pub fn percent_of(self, whole: Money) -> String {
        tenths_of_percent(self.0, whole.0).map_or_else(String::new, percent_text)
    }

    /// The amount with thousands separators and a dollar sign, for people: `$9,500,000.00`.
    #[must_use]
    pub fn grouped(self) -> String {
        let cents = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        format!(
            "{sign}${}.{:02}",
            crate::words::thousands(cents / 100),
            cents % 100
        )
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Dollars as text, as they are written.
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let text = String::deserialize(deserializer)?;
        Money::from_dollars(&text).map_err(serde::de::Error::custom)
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_to_the_cent_and_printed_with_two_decimals() {
        for (text, cents, printed) in [
            ("9500000.00", 950_000_000, "9500000.00"),
            ("0.5", 50, "0.50"),
            ("7", 700, "7.00"),
            ("1.500", 150, "1.50"),
        ] {
            let money = Money::from_dollars(text).unwrap();
            assert_eq!(money.cents(), cents);
            assert_eq!(money.to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_exact_amount_is_refused_with_the_reason() {
        for (text, why) in [
            ("", MoneyError::NotAnAmount),
            ("1,000.00", MoneyError::NotAnAmount),
            ("1e3", MoneyError::NotAnAmount),
            ("$5", MoneyError::NotAnAmount),
            ("1.005", MoneyError::BelowACent),
            ("-1.00", MoneyError::Negative),
            ("100000000000.01", MoneyError::TooLarge),
            ("99999999999999999999", MoneyError::TooLarge),
        ] {
            assert_eq!(Money::from_dollars(text), Err(why), "{text}");
        }
    }

    #[test]
    fn thousands_are_grouped_for_people() {
        assert_eq!(Money::from_cents(950_000_000).grouped(), "$9,500,000.00");
        assert_eq!(Money::from_cents(99_999).grouped(), "$999.99");
        assert_eq!(Money::from_cents(100_000).grouped(), "$1,000.00");
        assert_eq!(Money::from_cents(-5).grouped(), "-$0.05");
    }

    #[test]
    fn a_percentage_is_rounded_half_up_from_the_exact_fraction() {
        let percent = |part, whole| Money::from_cents(part).percent_of(Money::from_cents(whole));
        // 633.70 of 1,000.00 are 63.37 percent; 9,994 of 10,000 are 99.94, and 9,995 are half a tenth more than 99.9.
        assert_eq!(percent(63_370, 100_000), "63.4%");
        assert_eq!(percent(9_994, 10_000), "99.9%");
        assert_eq!(percent(9_995, 10_000), "100.0%");
        assert_eq!(percent(0, 10_000), "0.0%");
        assert_eq!(percent(-15, 10_000), "-0.2%");
        assert_eq!(percent(5, 0), "");
    }
}
