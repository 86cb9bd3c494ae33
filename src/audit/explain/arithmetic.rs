//! Arithmetic written out: how a rate or a share is calculated and rounded down to the cent.

use crate::money::Money;
use crate::words::thousands;

/// An amount in hundredths of a cent with four decimals: `$790.0560`.
fn in_fractions(hundredths_of_cents: i128) -> String {
    let whole = u64::try_from(hundredths_of_cents / 10_000).unwrap_or(0);
    format!("${}.{:04}", thousands(whole), hundredths_of_cents % 10_000)
}

/// A part of an amount: its quotient, and what it is when floored to the cent.
pub(super) struct Share {
    /// `$790.056`; with four decimals and `...` if it has more: they show why the cent is what it is.
    quotient: String,
    /// Floored to the cent.
    pub(super) floor: Money,
    /// Whether nothing is lost by flooring it.
    pub(super) is_whole: bool,
}

impl Share {
    /// `money` x `part` / `of`. Of a whole of 0 there is no part but 0, so it is divided by 1.
    pub(super) fn of(money: Money, part: impl Into<i128>, of: impl Into<i128>) -> Share {
        let (cents, of) = (i128::from(money.cents()) * part.into(), of.into().max(1));
        let floor = Money::from_cents(i64::try_from(cents / of).unwrap_or(i64::MAX));
        let is_whole = cents % of == 0;
        let fractions = in_fractions(cents * 100 / of);
        let quotient = if is_whole {
            floor.grouped()
        } else if cents * 100 % of == 0 {
            fractions.trim_end_matches('0').to_string()
        } else {
            format!("{fractions}...")
        };
        Share {
            quotient,
            floor,
            is_whole,
        }
    }

    /// `$790.056, floored to $790.05`, or only `$790.00`.
    pub(super) fn floored(&self) -> String {
        if self.is_whole {
            return self.quotient.clone();
        }
        format!("{}, floored to {}", self.quotient, self.floor.grouped())
    }
}
