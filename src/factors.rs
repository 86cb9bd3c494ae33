//! Statewide factors: what the whole state asks of each tier and what that makes of limits and rates. Totals only, no entity's figure and
//! no pupil's, so that they can be handed to every district. Last year's, grown, are an assumption for the next (`cdip factors`).

mod file;
#[cfg(feature = "office")]
mod of_run;

use std::io::{self, Write};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::allocation::outlook::{TierDemand, TierTerms, terms};
use crate::money::Money;
use crate::receipt::fault_of_json;
use crate::rules::readings::Readings;
use crate::rules::{RuleSet, Tier};
use crate::stop::Stop;
use crate::words::thousands;
pub use file::COUNT_MAX;
use file::{FactorsFile, RulesEntry, TierEntry};

/// The schema's name.
pub const SCHEMA: &str = "cdip-factors-1";
/// Growth beyond this is a slip of the pen: a hundredfold year.
const GROWTH_MAX: Decimal = Decimal::ONE_HUNDRED;

/// Where factors come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A run of the whole state.
    Run {
        /// The batch's label.
        label: String,
        /// Its run date.
        run_date: String,
        /// Whether its report was FINAL.
        #[serde(rename = "standing", with = "standing_of_report")]
        is_final: bool,
    },
    /// Somebody's assumption, in words.
    Assumption(String),
}

/// FINAL or PRELIMINARY, as the files have it.
mod standing_of_report {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::words::{FINAL, standing};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it")]
    pub(super) fn serialize<S: Serializer>(is_final: &bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(standing(*is_final))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
        Ok(String::deserialize(from)? == FINAL)
    }
}

/// What the supplement has and what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplementFactor {
    /// The pool.
    pub available: Money,
    /// The tier-1 amounts of all participants that require a completion.
    pub asked: Money,
}

/// Statewide factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Where they come from.
    pub origin: Origin,
    /// The rules they hold under.
    pub rules_id: String,
    /// Their SHA-256.
    pub rules_sha256: String,
    /// The readings they hold under.
    pub readings: Readings,
    /// The appropriation.
    pub available: Money,
    /// By tier of the rules.
    pub demand: Vec<TierDemand>,
    /// The supplement, in years that have one.
    pub supplement: Option<SupplementFactor>,
}

fn is_too_large(demand: &TierDemand) -> bool {
    let TierDemand {
        certificates,
        cap_base,
        units,
        over_cap,
        ..
    } = *demand;
    let counts = [certificates, cap_base, units, over_cap];
    counts.iter().any(|count| *count > COUNT_MAX)
}

impl Factors {
    /// The terms that they make of limits and rates.
    #[must_use]
    pub fn terms(&self, rules: &RuleSet) -> Vec<TierTerms> {
        terms(rules, &self.readings, &self.demand, self.available)
    }

    /// The same state with its demand grown by a share (0.1 is a tenth more), every count rounded half up.
    ///
    /// # Errors
    /// Growth below -1 or beyond a hundredfold year. Growth of a tier whose cap does not grow with it: what is over such a cap does not
    /// follow from totals.
    pub fn grown(&self, rules: &RuleSet, growth: Decimal) -> Result<Factors, Stop> {
        if growth < Decimal::NEGATIVE_ONE || growth > GROWTH_MAX {
            return Err(Stop::usage(
                format!("growth {growth} is out of range"),
                "",
                "write a share such as 0.1 for a tenth more, at least -1",
            ));
        }
        let fixed = |tier: &&Tier| {
            tier.cap
                .as_ref()
                .is_some_and(|cap| !cap.grows_with_the_state())
        };
        if let Some(tier) = rules.tiers.iter().find(fixed).filter(|_| !growth.is_zero()) {
            return Err(Stop::usage(
                format!(
                    "the cap of tier {} does not grow with the state's rows, so what is over it in a larger or smaller year does not follow",
                    tier.number
                ),
                "",
                "give the units of each tier with --units",
            ));
        }
        let grow = |count: u64| {
            let grown = Decimal::from(count) * (Decimal::ONE + growth);
            u64::try_from(grown.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
                .unwrap_or(u64::MAX)
        };
        let mut grown = self.clone();
        for tier in &mut grown.demand {
            let TierDemand {
                certificates,
                cap_base,
                units,
                frl_units,
                over_cap,
                over_cap_frl,
            } = *tier;
            let (units, over_cap) = (grow(units), grow(over_cap));
            *tier = TierDemand {
                certificates: grow(certificates),
                cap_base: grow(cap_base),
                units,
                frl_units: grow(frl_units).min(units),
                over_cap,
                over_cap_frl: grow(over_cap_frl).min(over_cap),
            };
        }
        if grown.demand.iter().any(is_too_large) {
            return Err(Stop::usage(
                format!(
                    "growth {growth} leads to more than {} units of a tier",
                    thousands(COUNT_MAX)
                ),
                "",
                "write a smaller share, such as 0.1 for a tenth more",
            ));
        }
        Ok(grown)
    }

    /// As a file holds them, with the terms that follow.
    fn file(&self, rules: &RuleSet) -> FactorsFile {
        let terms = self.terms(rules);
        let tiers = rules.tiers.iter().zip(&self.demand).zip(&terms);
        FactorsFile {
            schema: SCHEMA.to_string(),
            origin: self.origin.clone(),
            rules: RulesEntry {
                id: self.rules_id.clone(),
                sha256: self.rules_sha256.clone(),
            },
            readings: self.readings.to_json(),
            available: self.available,
            tiers: tiers
                .map(|((tier, demand), terms)| TierEntry::of(tier, demand, terms))
                .collect(),
            supplement: self.supplement,
        }
    }

    /// As JSON, with the terms that follow.
    #[must_use]
    pub fn to_json(&self, rules: &RuleSet) -> Value {
        json!(self.file(rules))
    }

    /// Writes `factors.json`.
    pub fn write(&self, rules: &RuleSet, mut out: impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut out, &self.file(rules))?;
        out.write_all(b"\n")
    }

    /// Reads factors. Their limits and rates must be those that follow from their counts and the rules.
    pub fn read(file: &str, bytes: &[u8], rules: &RuleSet) -> Result<Factors, Stop> {
        let fix = "give factors.json of a report, or make one with cdip factors";
        let wrong = |what: String| Stop::usage(format!("these are not factors: {what}"), file, fix);
        let found: FactorsFile = serde_json::from_slice(bytes)
            .map_err(|error| wrong(format!("they cannot be read ({})", fault_of_json(&error))))?;
        if found.schema != SCHEMA {
            return Err(wrong(format!("schema is not {SCHEMA}")));
        }
        if found.rules.sha256 != rules.sha256 {
            return Err(of_other_rules(file, &found.rules.id, rules));
        }
        let (readings, demand) = (
            rules
                .readings
                .choosing_all(&found.readings)
                .map_err(wrong)?,
            demand(&found, rules).map_err(wrong)?,
        );
        let factors = Factors {
            origin: found.origin,
            rules_id: rules.id.clone(),
            rules_sha256: rules.sha256.clone(),
            readings,
            available: found.available,
            demand,
            supplement: found.supplement,
        };
        let follows = factors.file(rules);
        for (said, right) in found.tiers.iter().zip(&follows.tiers) {
            said.must_follow_as(right).map_err(wrong)?;
        }
        Ok(factors)
    }
}

fn of_other_rules(file: &str, other: &str, rules: &RuleSet) -> Stop {
    let message = format!(
        "the factors are those of {other}, and the files are checked under {}",
        rules.id
    );
    let fix = format!(
        "give --rules {other}, or make factors for {} with cdip factors",
        rules.id
    );
    Stop::usage(message, file, fix)
}

/// The counts of a file, tier by tier of the rules.
fn demand(found: &FactorsFile, rules: &RuleSet) -> Result<Vec<TierDemand>, String> {
    if found.tiers.len() != rules.tiers.len() {
        return Err("the tiers are not those of the rules".to_string());
    }
    let tiers = found.tiers.iter().zip(&rules.tiers);
    tiers.map(|(found, tier)| found.demand(tier)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::built_in;

    #[test]
    fn no_count_of_a_tier_grows_beyond_what_can_be_read_again() {
        let rules = built_in("co-cdip-2024-25").unwrap().unwrap();
        let refused = |demand: TierDemand| {
            let factors = Factors {
                origin: Origin::Assumption("a test".to_string()),
                rules_id: rules.id.clone(),
                rules_sha256: String::new(),
                readings: rules.readings,
                available: Money::ZERO,
                demand: vec![demand],
                supplement: None,
            };
            factors.grown(&rules, Decimal::ONE).is_err()
        };
        // Twice half of the limit is the limit.
        let (half, more) = (COUNT_MAX / 2, COUNT_MAX / 2 + 1);
        let given = |certificates, cap_base, units, over_cap| TierDemand {
            certificates,
            cap_base,
            units,
            over_cap,
            ..TierDemand::default()
        };
        assert!(!refused(given(half, half, half, half)));
        assert!(refused(given(more, half, half, half)));
        assert!(refused(given(half, more, half, half)));
        assert!(refused(given(half, half, more, half)));
        assert!(refused(given(half, half, half, more)));
    }
}
