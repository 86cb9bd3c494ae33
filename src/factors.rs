//! Statewide factors: what the whole state asks of each tier and what that makes of limits and rates. Totals only, no entity's figure and
//! no pupil's, so that they can be handed to every district. Last year's, grown, are an assumption for the next (`cdip factors`).

use std::io::{self, Write};

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use crate::allocation::outlook::{TierDemand, TierTerms, terms};
use crate::calculation::Calculation;
use crate::decision::Outcome;
use crate::money::Money;
use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use crate::stop::Stop;

/// The schema's name.
pub const SCHEMA: &str = "cdip-factors-1";
/// Growth beyond this is a slip of the pen: a hundredfold year.
const GROWTH_MAX: Decimal = Decimal::ONE_HUNDRED;
/// The largest count read from a file: it keeps every product of the allocation inside 128 bits.
const COUNT_MAX: u64 = 1_000_000_000;

/// Where factors come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A run of the whole state.
    Run {
        /// Whether its report was FINAL.
        is_final: bool,
        /// The batch's label.
        label: String,
        /// Its run date.
        run_date: String,
    },
    /// Somebody's assumption, in words.
    Assumption(String),
}

/// What the supplement has and what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A tier's terms with its demand, for people and files.
fn tier_json(rules: &RuleSet, tier: usize, demand: &TierDemand, terms: &TierTerms) -> Value {
    let listed = &rules.tiers[tier];
    json!({
        "tier": listed.number, "name": listed.name,
        "certificates": demand.certificates, "units": demand.units, "frl_units": demand.frl_units,
        "over_cap": demand.over_cap, "over_cap_frl": demand.over_cap_frl,
        "cap_base": listed.cap_share.as_ref().map(|_| demand.cap_base), "cap_limit": terms.cap_limit,
        "money_before": terms.money_before, "rate": terms.rate, "frl_rate": terms.frl_rate, "prorated": terms.prorated,
        "paid": terms.paid, "residual": terms.residual, "money_after": terms.money_after,
    })
}

impl Factors {
    /// The factors of a run.
    #[must_use]
    pub fn of(calculation: &Calculation) -> Factors {
        let batch = &calculation.batch;
        let mut demand: Vec<TierDemand> = calculation
            .allocation
            .tiers
            .iter()
            .map(|tier| TierDemand {
                certificates: tier.certificates,
                cap_base: tier.cap_base.unwrap_or(0),
                units: tier.units,
                frl_units: tier.frl_units,
                over_cap: tier.over_cap,
                over_cap_frl: 0,
            })
            .collect();
        for decision in &calculation.decisions {
            let over = decision.outcome == Outcome::OverCap;
            if let (true, Some(tier), Some(true)) = (over, decision.tier, decision.frl) {
                demand[tier].over_cap_frl += 1;
            }
        }
        let asked = calculation
            .intake
            .participants
            .all()
            .iter()
            .enumerate()
            .filter(|(_, participant)| participant.requires_completion);
        let first = calculation.allocation.tiers.first();
        let asked: Money = asked
            .filter_map(|(rank, _)| first.map(|tier| tier.shares[rank].amount))
            .sum();
        Factors {
            origin: Origin::Run {
                is_final: calculation.is_final(),
                label: batch.label.clone(),
                run_date: batch.run_date.to_string(),
            },
            rules_id: batch.rules.id.clone(),
            rules_sha256: batch.rules.sha256.clone(),
            readings: batch.readings,
            available: batch.available,
            demand,
            supplement: batch
                .supplement
                .map(|available| SupplementFactor { available, asked }),
        }
    }

    /// The terms that they make of limits and rates.
    #[must_use]
    pub fn terms(&self, rules: &RuleSet) -> Vec<TierTerms> {
        terms(rules, &self.readings, &self.demand, self.available)
    }

    /// The same state with its demand grown by a share (0.1 is a tenth more), every count rounded half up.
    ///
    /// # Errors
    /// Growth below -1 or beyond a hundredfold year.
    pub fn grown(&self, growth: Decimal) -> Result<Factors, Stop> {
        if growth < Decimal::NEGATIVE_ONE || growth > GROWTH_MAX {
            return Err(Stop::usage(
                format!("growth {growth} is out of range"),
                "",
                "write a share such as 0.1 for a tenth more, at least -1",
            ));
        }
        let grow = |count: u64| {
            let grown = Decimal::from(count) * (Decimal::ONE + growth);
            u64::try_from(grown.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
                .unwrap_or(COUNT_MAX)
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
        Ok(grown)
    }

    /// As JSON, with the terms that follow.
    #[must_use]
    pub fn to_json(&self, rules: &RuleSet) -> Value {
        let terms = self.terms(rules);
        let tiers: Vec<Value> = self
            .demand
            .iter()
            .zip(&terms)
            .enumerate()
            .map(|(tier, (demand, terms))| tier_json(rules, tier, demand, terms))
            .collect();
        let readings = self
            .readings
            .entries()
            .into_iter()
            .map(|(doc, value)| (doc.key.to_string(), json!(value)));
        let origin = match &self.origin {
            Origin::Run {
                is_final,
                label,
                run_date,
            } => {
                json!({ "run": { "label": label, "run_date": run_date, "standing": if *is_final { "FINAL" } else { "PRELIMINARY" } } })
            }
            Origin::Assumption(words) => json!({ "assumption": words }),
        };
        json!({
            "schema": SCHEMA,
            "origin": origin,
            "rules": { "id": self.rules_id, "sha256": self.rules_sha256 },
            "readings": readings.collect::<serde_json::Map<_, _>>(),
            "available": self.available,
            "tiers": tiers,
            "supplement": self.supplement.map(|supplement| json!({ "available": supplement.available, "asked": supplement.asked })),
        })
    }

    /// Writes `factors.json`.
    pub fn write(&self, rules: &RuleSet, mut out: impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut out, &self.to_json(rules))?;
        out.write_all(b"\n")
    }

    /// Reads factors. Their limits and rates must be those that follow from their counts and the rules.
    pub fn read(file: &str, bytes: &[u8], rules: &RuleSet) -> Result<Factors, Stop> {
        let fix = "give factors.json of a report, or make one with cdip factors";
        let wrong = |what: &str| Stop::usage(format!("these are no factors: {what}"), file, fix);
        let document: Value = serde_json::from_slice(bytes)
            .map_err(|error| wrong(&format!("they cannot be read ({error})")))?;
        if document["schema"] != SCHEMA {
            return Err(wrong(&format!("schema is not {SCHEMA}")));
        }
        if document["rules"]["sha256"] != rules.sha256.as_str() {
            let other = document["rules"]["id"].as_str().unwrap_or("unknown rules");
            let message = format!(
                "the factors are those of {other}, and the files are checked under {}",
                rules.id
            );
            return Err(Stop::usage(
                message,
                file,
                format!(
                    "give --rules {other}, or make factors for {} with cdip factors",
                    rules.id
                ),
            ));
        }
        let money = |value: &Value| {
            value
                .as_str()
                .and_then(|text| Money::from_dollars(text).ok())
        };
        let mut readings = rules.readings;
        for (key, value) in document["readings"]
            .as_object()
            .ok_or_else(|| wrong("readings are missing"))?
        {
            let value = match value {
                Value::Array(values) if values.is_empty() => "none".to_string(),
                Value::Array(values) => values
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join("+"),
                value => value.as_str().unwrap_or_default().to_string(),
            };
            readings = readings
                .choosing(key, &value)
                .map_err(|error| wrong(&error))?;
        }
        let listed = document["tiers"]
            .as_array()
            .filter(|tiers| tiers.len() == rules.tiers.len());
        let listed = listed.ok_or_else(|| wrong("the tiers are not those of the rules"))?;
        let count = |tier: &Value, key: &str| {
            let count = tier[key].as_u64().filter(|count| *count <= COUNT_MAX);
            count.ok_or_else(|| wrong(&format!("{key} of tier {} is no count", tier["tier"])))
        };
        let mut demand = Vec::with_capacity(listed.len());
        for (tier, of) in listed.iter().zip(&rules.tiers) {
            let tier_demand = TierDemand {
                certificates: count(tier, "certificates")?,
                cap_base: if of.cap_share.is_some() {
                    count(tier, "cap_base")?
                } else {
                    0
                },
                units: count(tier, "units")?,
                frl_units: count(tier, "frl_units")?,
                over_cap: count(tier, "over_cap")?,
                over_cap_frl: count(tier, "over_cap_frl")?,
            };
            if tier_demand.frl_units > tier_demand.units
                || tier_demand.over_cap_frl > tier_demand.over_cap
            {
                return Err(wrong(&format!(
                    "tier {} has more units with lunch than units",
                    of.number
                )));
            }
            demand.push(tier_demand);
        }
        let run = &document["origin"]["run"];
        let origin = if let Some(words) = document["origin"]["assumption"].as_str() {
            Origin::Assumption(words.to_string())
        } else {
            let text = |key: &str| {
                run[key]
                    .as_str()
                    .map(str::to_string)
                    .ok_or_else(|| wrong("their origin is missing"))
            };
            Origin::Run {
                is_final: text("standing")? == "FINAL",
                label: text("label")?,
                run_date: text("run_date")?,
            }
        };
        let supplement = match &document["supplement"] {
            Value::Null => None,
            supplement => {
                let part = |key: &str| {
                    money(&supplement[key])
                        .ok_or_else(|| wrong(&format!("{key} of the supplement is no amount")))
                };
                Some(SupplementFactor {
                    available: part("available")?,
                    asked: part("asked")?,
                })
            }
        };
        let factors = Factors {
            origin,
            rules_id: rules.id.clone(),
            rules_sha256: rules.sha256.clone(),
            readings,
            available: money(&document["available"])
                .ok_or_else(|| wrong("available is no amount"))?,
            demand,
            supplement,
        };
        let follows = &factors.to_json(rules)["tiers"];
        for (said, right) in listed.iter().zip(follows.as_array().into_iter().flatten()) {
            for key in [
                "cap_limit",
                "money_before",
                "rate",
                "frl_rate",
                "prorated",
                "money_after",
            ] {
                if said[key] != right[key] {
                    let message = format!(
                        "they contradict themselves: {key} of tier {} is {} and follows as {}",
                        said["tier"], said[key], right[key]
                    );
                    return Err(wrong(&message));
                }
            }
        }
        Ok(factors)
    }
}
