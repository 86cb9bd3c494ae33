//! Rule sets: the parameters of the program for one budget year, as data, each with its source.

pub mod difference;
mod format;
pub mod history;
mod numbers;
pub mod parameters;
mod parse;
mod quoting;
pub mod readings;
mod sources;
pub mod terms;

use crate::money::Money;
use crate::ranks::TierRank;
use crate::stop::Stop;
use crate::words::clause;
use crate::year::Year;
use history::{ENDED_BY, FIRST_BUDGET_YEAR, LAST_BUDGET_YEAR};
use terms::Category;

pub use format::TEXT_NOT_AT_HAND;
pub use numbers::{Share, Weight};
pub use parameters::{RuleSet, Tier, TierCap};
pub use parse::{Overrides, parse, source_rank};
pub use sources::{Basis, Source};

impl RuleSet {
    /// The tier that funds a category: its index in `tiers`.
    #[must_use]
    pub fn tier_of(&self, category: Category) -> Option<TierRank> {
        self.tiers
            .iter()
            .position(|tier| tier.categories.contains(category))
            .map(TierRank::new)
    }

    /// The full award of a unit, with free or reduced-price lunch or without.
    #[must_use]
    pub fn full_award(&self, frl: bool) -> Money {
        let weight = if frl {
            self.frl_multiplier
        } else {
            Weight::ONE
        };
        weight.at(self.per_unit)
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

/// The ids of the built-in rule sets, in the order of their years.
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
    match id
        .strip_prefix("co-cdip-")
        .and_then(Year::parse)
        .map(Year::first)
    {
        Some(year) if year > LAST_BUDGET_YEAR => (
            format!("cdip has no rules for \"{id}\": the program has ended"),
            what_ended_it().unwrap_or_default(),
        ),
        Some(year) if year < FIRST_BUDGET_YEAR => (
            format!("cdip has no rules for \"{id}\": the program had not begun"),
            format!(
                "HB16-1289 (2016) created it; {} is its first budget year",
                begun_in(FIRST_BUDGET_YEAR)
            ),
        ),
        // The years between are built in.
        _ => {
            let known = known.iter().map(String::as_str);
            // An id is proposed for its beginning before one that merely has similar letters.
            let begun: Vec<&str> = known
                .clone()
                .filter(|known| known.starts_with(id))
                .collect();
            let nearest = match begun[..] {
                [only] => format!(
                    "did you mean `{only}`? allowed: {}",
                    known.collect::<Vec<_>>().join(", ")
                ),
                _ => crate::config::did_you_mean(id, known),
            };
            (
                format!("unknown rules \"{id}\""),
                format!("{nearest}; or a path ending in .toml, relative to the batch folder"),
            )
        }
    }
}

/// What the act that ended the program did, and what is not known about it; `None` only if the built-in files are broken.
fn what_ended_it() -> Option<String> {
    let acts = history::History::read().ok()?.acts;
    let act = acts.into_iter().find(|act| act.name == ENDED_BY)?;
    let open = act.open.map(|open| format!(" {open}"));
    let did = clause(&act.did);
    Some(format!("{} {did}{}", act.name, open.unwrap_or_default()))
}

/// `2025-26`
fn begun_in(year: u16) -> String {
    Year::beginning(year).map_or_else(String::new, |year| year.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_after_the_program_ended_names_the_act_and_what_replaced_it() {
        let (message, fix) =
            why_not_built_in(&format!("co-cdip-{}", begun_in(LAST_BUDGET_YEAR + 1)));
        assert!(
            message.contains("has ended")
                && fix.starts_with(&format!("{ENDED_BY} ends the program: ")),
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
