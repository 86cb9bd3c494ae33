//! Rule sets: the parameters of the program for one budget year, as data, each with the source it rests on.

pub mod difference;
mod format;
pub mod history;
pub mod parameters;
mod parse;
pub mod readings;
pub mod terms;

use crate::ranks::TierRank;
use crate::stop::Stop;
use crate::words::thousands;
use crate::year::Year;
use history::{FIRST_BUDGET_YEAR, LAST_BUDGET_YEAR};
use terms::Category;

pub use format::TEXT_NOT_AT_HAND;
pub use parameters::{RuleSet, Tier};
pub use parse::{Overrides, parse, source_rank};

/// A weight in hundredths of a unit: 100 for a pupil, 120 for one with free or reduced-price lunch at a multiplier of 1.20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u32);

impl Weight {
    /// The weight of an ordinary unit.
    pub const ONE: Weight = Weight(100);

    /// A weight of so many hundredths.
    #[must_use]
    pub const fn from_hundredths(hundredths: u32) -> Weight {
        Weight(hundredths)
    }

    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
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
        // The denominator is a power of ten: as many decimals as it has zeros.
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

/// How firmly a parameter is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Read in a public source.
    Verified,
    /// Follows from verified figures.
    Arithmetic,
    /// Our reading.
    Inference,
    /// The law or the record is silent.
    Open,
}

impl Basis {
    /// Every basis, the firmest first.
    pub const ALL: [Basis; 4] = [
        Basis::Verified,
        Basis::Arithmetic,
        Basis::Inference,
        Basis::Open,
    ];

    /// As written in a rule set.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Basis::Verified => "verified",
            Basis::Arithmetic => "arithmetic",
            Basis::Inference => "inference",
            Basis::Open => "open",
        }
    }

    /// What it means, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Basis::Verified => "read in a public source",
            Basis::Arithmetic => "follows from verified figures",
            Basis::Inference => "our reading",
            Basis::Open => "the law or the record is silent",
        }
    }
}

/// Where a parameter or reading comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The key it is about: `amount.per_unit`, `tier.cap_share`, `readings.unit`.
    pub of: String,
    /// The act or page.
    pub cite: String,
    /// How firmly it is known.
    pub basis: Basis,
    /// What a reader should know about it.
    pub note: String,
    /// What would settle it, where it is not verified.
    pub settled_by: Option<String>,
    /// The first budget year it held for.
    pub from: Option<Year>,
    /// The last one, where it ended before the program did.
    pub until: Option<Year>,
}

impl RuleSet {
    /// The tier that funds a category: its index in `tiers`.
    #[must_use]
    pub fn tier_of(&self, category: Category) -> Option<TierRank> {
        self.tiers
            .iter()
            .position(|tier| tier.categories.contains(category))
            .map(TierRank::new)
    }

    /// Whether its id is one of the program's own years; other rules say nothing about Colorado's statute.
    #[must_use]
    pub fn has_built_in_id(&self) -> bool {
        built_in_ids().contains(&self.id)
    }

    /// The sources of a key.
    pub fn sources_of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Source> {
        self.sources.iter().filter(move |source| source.of == key)
    }
}

/// The ids of the rule sets that the program brings along, in the order of their years.
#[must_use]
pub fn built_in_ids() -> Vec<String> {
    history::budget_years().map(history::id_of).collect()
}

/// The built-in rule set of an id; `None` if there is none.
///
/// # Errors
/// Only if the built-in files are broken.
pub fn built_in(id: &str) -> Result<Option<RuleSet>, Stop> {
    if !history::budget_years().any(|year| history::id_of(year) == id) {
        return Ok(None);
    }
    Ok(history::History::read()?
        .years
        .into_iter()
        .find(|rules| rules.id == id))
}

/// Why there is no built-in rule set of that id: (message, fix).
#[must_use]
pub fn why_not_built_in(id: &str) -> (String, String) {
    let known = built_in_ids();
    match id.strip_prefix("co-cdip-").and_then(Year::parse).map(Year::first) {
        Some(year) if year > LAST_BUDGET_YEAR => (
            format!("there are no rules for \"{id}\": the program has ended"),
            "SB25-315 (2025) ends it: budget year 2025-26 is its last. From 2026-27 the \"sustain funding\" of C.R.S. 22-54-205 replaces \
             it, which this program does not calculate"
                .to_string(),
        ),
        Some(year) if year < FIRST_BUDGET_YEAR => (
            format!("there are no rules for \"{id}\": the program had not begun"),
            "HB16-1289 (2016) created it; 2017-18 is its first budget year".to_string(),
        ),
        // A year between them is built in.
        _ => {
            let known = known.iter().map(String::as_str);
            // Half an id is nearer to the one it begins than to one that merely has its letters.
            let begun: Vec<&str> = known.clone().filter(|known| known.starts_with(id)).collect();
            let nearest = match begun[..] {
                [only] => format!("did you mean `{only}`? allowed: {}", known.collect::<Vec<_>>().join(", ")),
                _ => crate::config::did_you_mean(id, known),
            };
            (format!("unknown rules \"{id}\""), format!("{nearest}; or a path ending in .toml, relative to the batch folder"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_after_the_program_ended_names_the_act_and_what_replaced_it() {
        let (message, fix) = why_not_built_in("co-cdip-2026-27");
        assert!(
            message.contains("has ended") && fix.contains("SB25-315") && fix.contains("22-54-205"),
            "{message} {fix}"
        );
    }

    #[test]
    fn a_year_before_the_program_names_the_act_that_began_it() {
        assert!(why_not_built_in("co-cdip-2016-17").1.contains("HB16-1289"));
    }

    #[test]
    fn a_misspelt_id_gets_the_nearest_one() {
        assert!(
            why_not_built_in("co-cdip-2024")
                .1
                .contains("did you mean `co-cdip-2024-25`?")
        );
    }
}
