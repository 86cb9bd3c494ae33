//! Whose money changed most from one year to the next, and why.

use rayon::prelude::*;

use super::reports::Report;
use crate::audit::difference::Parts;
use crate::audit::difference::{ParticipantChange, largest_changes};
use crate::money::Money;
use crate::stop::Stop;
use crate::year::Year;

/// The most participants listed for a year.
pub const CHANGES_LISTED: usize = 10;

/// The participants whose money changed most from a year to the next, the largest change first.
#[derive(Clone, Debug)]
pub struct Largest {
    pub from: Year,
    pub to: Year,
    pub changes: Vec<ParticipantChange>,
}

/// A change in three parts that add up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The effect of its own rows of the later year, at the earlier year's rules, money and demand of others.
    pub own: Money,
    /// The effect of others' rows and of the money on the rates.
    pub rate: Money,
    /// The effect of the later year's rules.
    pub rules: Money,
}

impl Split {
    #[must_use]
    pub fn of(parts: &Parts) -> Split {
        Split {
            own: parts.own_rows,
            rate: parts.others_demand + parts.money,
            rules: parts.rules,
        }
    }
}

/// For each year except the first.
pub(super) fn largest(reports: &[Report]) -> Result<Vec<Largest>, Stop> {
    let pairs: Vec<&[Report]> = reports.windows(2).collect();
    pairs
        .into_par_iter()
        .map(|pair| {
            let changes = largest_changes(&pair[0].evidence, &pair[1].evidence, CHANGES_LISTED)?;
            Ok(Largest {
                from: pair[0].year(),
                to: pair[1].year(),
                changes,
            })
        })
        .collect()
}
