//! The tables that answer the questions, for the page and the workbook alike: headings and typed values, without any formatting.

mod about;
mod counted;
mod grown;
mod reasons;

use std::collections::BTreeMap;

use super::Years;
use super::lines::By;
use crate::intake::lists::CHARTER_SCHOOL_INSTITUTE;
use crate::money::Money;
use crate::rules::terms::INSTITUTE_NAME;
use crate::year::Year;

pub use grown::Measure;

/// A value of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Empty,
    /// A code, a name or a year, on one line.
    Text(String),
    /// A sentence, which wraps.
    Words(String),
    Count(u64),
    Money(Money),
    /// A difference of counts, with its sign.
    Change(i64),
    /// A part of a whole above zero, shown as percent.
    Share(i64, i64),
    /// A change of a whole above zero, shown as percent with its sign.
    Growth(i64, i64),
}

impl Value {
    pub(crate) fn year(year: Year) -> Value {
        Value::Text(year.to_string())
    }

    pub(crate) fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    pub(crate) fn words(text: impl Into<String>) -> Value {
        Value::Words(text.into())
    }

    /// An amount as a part of a whole; empty if the whole is zero.
    pub(crate) fn share(part: Money, whole: Money) -> Value {
        if whole <= Money::ZERO {
            return Value::Empty;
        }
        Value::Share(part.cents(), whole.cents())
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    pub text: String,
    /// Figures are on the right.
    pub figures: bool,
    /// Width on a sheet, in characters.
    pub width: u8,
    /// Whether the figures of the column add up to that of the whole, so that a total makes sense.
    pub adds_up: bool,
}

impl Heading {
    pub(crate) fn text(text: impl Into<String>, width: u8) -> Heading {
        Heading {
            text: text.into(),
            figures: false,
            width,
            adds_up: false,
        }
    }

    pub(crate) fn figure(text: impl Into<String>, width: u8) -> Heading {
        Heading {
            figures: true,
            ..Heading::text(text, width)
        }
    }

    pub(crate) fn sum(text: impl Into<String>, width: u8) -> Heading {
        Heading {
            adds_up: true,
            ..Heading::figure(text, width)
        }
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The title in a few words; each table has a different one.
    pub title: String,
    /// A note for the reader.
    pub about: String,
    pub headings: Vec<Heading>,
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// The total of a column whose figures add up.
    #[must_use]
    pub fn total(&self, column: usize) -> Value {
        if !self.headings[column].adds_up {
            return Value::Empty;
        }
        let (mut cents, mut count, mut is_money) = (0_i64, 0_i64, false);
        for row in &self.rows {
            match &row[column] {
                Value::Money(amount) => {
                    is_money = true;
                    cents += amount.cents();
                }
                Value::Count(number) => count += i64::try_from(*number).unwrap_or_default(),
                Value::Change(number) => count += number,
                _ => {}
            }
        }
        match (is_money, u64::try_from(count)) {
            (true, _) => Value::Money(Money::from_cents(cents)),
            (false, Ok(count)) => Value::Count(count),
            (false, Err(_)) => Value::Change(count),
        }
    }

    /// Whether any column has a total.
    #[must_use]
    pub fn has_total(&self) -> bool {
        self.rows.len() > 1 && self.headings.iter().any(|heading| heading.adds_up)
    }

    /// The first and the last rows, so many of each, for a page without room for all.
    #[must_use]
    pub fn ends(mut self, each: usize) -> Table {
        if self.rows.len() > 2 * each {
            let last = self.rows.len() - each;
            self.rows.drain(each..last);
        }
        self
    }
}

impl Years {
    /// The last name of each participant, payee or program, by code; other dimensions are words already.
    #[must_use]
    pub fn names(&self, by: By) -> BTreeMap<String, String> {
        match by {
            By::Participant => self
                .participants()
                .into_iter()
                .map(|one| (one.code, one.name))
                .collect(),
            By::Payee => {
                let mut names = self.names(By::Participant);
                names
                    .entry(CHARTER_SCHOOL_INSTITUTE.to_string())
                    .or_insert_with(|| INSTITUTE_NAME.to_string());
                names
            }
            By::Program => self
                .programs()
                .into_iter()
                .map(|one| (one.code, one.name))
                .collect(),
            By::Tier => {
                let tiers = self.years.iter().flat_map(|facts| &facts.tiers);
                tiers
                    .map(|tier| (tier.number.to_string(), tier.name.clone()))
                    .collect()
            }
            By::Kind | By::Category | By::Sector => BTreeMap::new(),
        }
    }
}
