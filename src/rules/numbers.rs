//! The exact numbers of rules: weights and shares.

use crate::money::Money;
use crate::words::thousands;

/// A weight in hundredths of a unit: 100 for a pupil, 120 for one with free or reduced-price lunch at a multiplier of 1.20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u16);

impl Weight {
    /// The weight of an ordinary unit.
    pub const ONE: Weight = Weight(100);

    /// A weight of so many hundredths.
    #[must_use]
    pub const fn from_hundredths(hundredths: u16) -> Weight {
        Weight(hundredths)
    }

    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// What a unit of this weight gets at a rate, rounded down to the cent.
    #[must_use]
    pub fn at(self, rate: Money) -> Money {
        let cents = i128::from(rate.cents()) * i128::from(self.0) / i128::from(Self::ONE.0);
        // A multiplier of at most 100 keeps a rate of at most the amount of a unit inside 64 bits.
        Money::from_cents(i64::try_from(cents).unwrap_or(i64::MAX))
    }
}

impl std::fmt::Display for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// A share from 0 to 1 as an exact fraction, with the text it was written as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// As written: `0.10`.
    pub text: String,
    /// The digits.
    pub numerator: u64,
    /// A power of ten.
    pub denominator: u64,
}

impl Share {
    /// The share of a number, not rounded: `1,649.8` of 16,498 at 0.10.
    #[must_use]
    pub fn exactly(&self, of: u64) -> String {
        let (product, denominator) = self.fraction(of);
        let whole = thousands(u64::try_from(product / denominator).unwrap_or(u64::MAX));
        if product.is_multiple_of(denominator) {
            return whole;
        }
        // The denominator is a power of ten, so it has as many zeros as there are decimals.
        let places = denominator.ilog10() as usize;
        let decimals = format!("{:0places$}", product % denominator);
        format!("{whole}.{}", decimals.trim_end_matches('0'))
    }

    /// Whether the share of a number is a whole number, so that no reading rounds it.
    #[must_use]
    pub fn is_whole(&self, of: u64) -> bool {
        let (product, denominator) = self.fraction(of);
        product.is_multiple_of(denominator)
    }

    fn fraction(&self, of: u64) -> (u128, u128) {
        let product = u128::from(self.numerator) * u128::from(of);
        (product, u128::from(self.denominator))
    }
}
