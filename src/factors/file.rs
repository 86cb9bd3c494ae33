//! `factors.json` as it is written and read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Origin, SupplementFactor};
use crate::allocation::outlook::{TierDemand, TierTerms};
use crate::caps::CapEntry;
use crate::money::Money;
use crate::rules::{Tier, TierCap};

/// The largest count that is read from a file, asked or grown: it keeps every product of the allocation inside 128 bits.
pub const COUNT_MAX: u64 = 1_000_000_000;

#[derive(Serialize, Deserialize)]
pub(super) struct FactorsFile {
    pub(super) schema: String,
    pub(super) origin: Origin,
    pub(super) rules: RulesEntry,
    pub(super) readings: Map<String, Value>,
    pub(super) available: Money,
    pub(super) tiers: Vec<TierEntry>,
    pub(super) supplement: Option<SupplementFactor>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RulesEntry {
    pub(super) id: String,
    pub(super) sha256: String,
}

/// A tier: what is asked of it, and the terms that follow.
#[derive(Serialize, Deserialize)]
pub(super) struct TierEntry {
    tier: u32,
    name: String,
    certificates: u64,
    units: u64,
    frl_units: u64,
    over_cap: u64,
    over_cap_frl: u64,
    #[serde(flatten)]
    cap: CapEntry,
    money_before: Money,
    rate: Money,
    frl_rate: Money,
    prorated: bool,
    paid: Money,
    residual: Money,
    money_after: Money,
}

impl TierEntry {
    pub(super) fn of(tier: &Tier, demand: &TierDemand, terms: &TierTerms) -> TierEntry {
        TierEntry {
            tier: tier.number,
            name: tier.name.clone(),
            certificates: demand.certificates,
            units: demand.units,
            frl_units: demand.frl_units,
            over_cap: demand.over_cap,
            over_cap_frl: demand.over_cap_frl,
            cap: CapEntry::of(terms.cap.as_ref()),
            money_before: terms.money_before,
            rate: terms.rate,
            frl_rate: terms.frl_rate,
            prorated: terms.prorated,
            paid: terms.paid,
            residual: terms.residual,
            money_after: terms.money_after,
        }
    }

    /// What is asked of the tier, if the counts are possible.
    pub(super) fn demand(&self, tier: &Tier) -> Result<TierDemand, String> {
        let follows = |cap: &&TierCap| cap.grows_with_the_state();
        let cap_base = match (tier.cap.as_ref().filter(follows), self.cap.cap_base) {
            (None, _) => 0,
            (Some(_), Some(base)) => base,
            (Some(_), None) => return Err(format!("cap_base of tier {} is missing", self.tier)),
        };
        let demand = TierDemand {
            certificates: self.certificates,
            cap_base,
            units: self.units,
            frl_units: self.frl_units,
            over_cap: self.over_cap,
            over_cap_frl: self.over_cap_frl,
        };
        let counts = [
            ("certificates", demand.certificates),
            ("cap_base", demand.cap_base),
            ("units", demand.units),
            ("frl_units", demand.frl_units),
            ("over_cap", demand.over_cap),
            ("over_cap_frl", demand.over_cap_frl),
        ];
        if let Some((key, _)) = counts.iter().find(|(_, count)| *count > COUNT_MAX) {
            return Err(format!("{key} of tier {} is too large", self.tier));
        }
        if demand.frl_units > demand.units || demand.over_cap_frl > demand.over_cap {
            return Err(format!(
                "tier {} has more units with lunch than units",
                tier.number
            ));
        }
        Ok(demand)
    }

    /// Whether the terms are those that follow from the counts.
    pub(super) fn must_follow_as(&self, right: &TierEntry) -> Result<(), String> {
        let terms = |entry: &TierEntry| {
            [
                entry.cap.limit(),
                ("money_before", format!("\"{}\"", entry.money_before)),
                ("rate", format!("\"{}\"", entry.rate)),
                ("frl_rate", format!("\"{}\"", entry.frl_rate)),
                ("prorated", entry.prorated.to_string()),
                ("paid", format!("\"{}\"", entry.paid)),
                ("residual", format!("\"{}\"", entry.residual)),
                ("money_after", format!("\"{}\"", entry.money_after)),
            ]
        };
        for ((key, said), (_, right)) in terms(self).into_iter().zip(terms(right)) {
            if said != right {
                return Err(format!(
                    "they contradict themselves: {key} of tier {} is {said} and follows as {right}",
                    self.tier
                ));
            }
        }
        Ok(())
    }
}
