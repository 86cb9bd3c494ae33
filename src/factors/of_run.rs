//! The factors of a run of the whole state.

use super::{Factors, Origin, SupplementFactor};
use crate::allocation::Cap;
use crate::allocation::outlook::TierDemand;
use crate::calculation::Calculation;
use crate::decision::Outcome;
use crate::money::Money;
use crate::results::frame::Dimension;

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
                cap_base: tier
                    .cap
                    .as_ref()
                    .and_then(Cap::share)
                    .map_or(0, |(_, base)| base),
                units: tier.units,
                frl_units: tier.frl_units,
                over_cap: tier.over_cap,
                over_cap_frl: 0,
            })
            .collect();
        let over_cap = calculation
            .results
            .only(Dimension::Outcome, Outcome::OverCap as usize)
            .group([Dimension::Tier, Dimension::Frl]);
        for (tier, demand) in demand.iter_mut().enumerate() {
            demand.over_cap_frl = over_cap.get([tier, true.into()]).rows;
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
}
