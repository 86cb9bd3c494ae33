//! The passport of a participant's money.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::arithmetic::Share;
use super::money::to_the_cent;
use super::{Explainer, LAW, PAYEE, ParticipantPassport, ParticipantTier, Step, step};
use crate::allocation::{TierResult, TierShare};
use crate::catalogue::Code;
use crate::decision::Outcome;
use crate::money::Money;
use crate::ranks::{ParticipantRank, TierRank};
use crate::rules::{Tier, Weight};
use crate::words::{counted, thousands, weight};

impl Explainer<'_> {
    /// The passport of a participant's money.
    #[must_use]
    pub fn participant(&self, rank: ParticipantRank) -> ParticipantPassport {
        let (evidence, claim) = (self.evidence, &self.evidence.participants[rank]);
        let exclusion = self.exclusion_of(&claim.code());
        let mut steps: Vec<Step> = exclusion
            .map(|line| self.decided(line, "it counts as not participating"))
            .into_iter()
            .collect();
        let mut tiers = Vec::new();
        let of_tiers = evidence.rules.tiers.iter().zip(&evidence.allocation.tiers);
        for (index, (tier, result)) in of_tiers.enumerate() {
            let share = result.shares[rank];
            if share.units + share.over_cap == 0 {
                continue;
            }
            tiers.push(ParticipantTier {
                tier: tier.number,
                name: tier.name.clone(),
                units: share.units,
                frl_units: share.frl_units,
                over_cap: share.over_cap,
                amount: share.amount,
                arithmetic: self.how_much(result, rank),
            });
            steps.extend(self.participants_cap(tier, result, rank));
            steps.extend(self.participants_rate(index, rank));
        }
        if evidence.allocation.supplements[rank] > Money::ZERO {
            steps.push(self.supplement(rank));
        }
        let total = evidence.allocation.total_of(rank);
        steps.push(step(
            "Payee",
            format!("{} to {}", total.grouped(), self.payee(claim)),
            PAYEE,
        ));
        ParticipantPassport {
            code: claim.code(),
            name: claim.name.clone(),
            kind: claim.kind.label(),
            payee: claim.district_code.clone(),
            tiers,
            supplement: evidence.allocation.supplements[rank],
            total,
            outcomes: self.outcomes(rank),
            steps,
            next: vec![
                format!(
                    "its rows: sheet Completions of statewide.xlsx, column Participant = {}",
                    claim.code()
                ),
                "one of them: cdip explain REPORT --row FILE!SHEET!ROW".to_string(),
            ],
        }
    }

    /// `30 x $1,000.00 + 10 x $1,200.00 with FRL`; of a tier that is paid to the cent, the participant's share of its money.
    fn how_much(&self, result: &TierResult, rank: ParticipantRank) -> String {
        let share = result.shares[rank];
        if !self.is_paid_to_the_cent(result) {
            return format!(
                "{} + {} with FRL",
                product(share.units - share.frl_units, result.rate),
                product(share.frl_units, result.frl_rate)
            );
        }
        let own = self.weight_of(share);
        let part = Share::of(result.money_before, own, result.demand_hundredths);
        let missing = if share.amount > part.floor {
            format!(", with a missing cent {}", share.amount.grouped())
        } else {
            String::new()
        };
        format!(
            "{} x {} / {} = {}{missing}",
            result.money_before.grouped(),
            weight(own),
            weight(result.demand_hundredths),
            part.floored()
        )
    }

    /// The weight of a participant's units within the cap, in hundredths.
    fn weight_of(&self, share: TierShare) -> u64 {
        let [one, with_frl] = [Weight::ONE, self.evidence.rules.frl_multiplier]
            .map(|weight| u64::from(weight.hundredths()));
        (share.units - share.frl_units) * one + share.frl_units * with_frl
    }

    /// The rate of a tier, and the participant's share where the tier is paid to the cent.
    fn participants_rate(&self, index: usize, rank: ParticipantRank) -> Vec<Step> {
        let tier = TierRank::new(index);
        let result = &self.evidence.allocation.tiers[tier];
        // Without a unit within the cap there is no rate.
        if result.units == 0 {
            return Vec::new();
        }
        let mut steps = vec![self.rate(tier)];
        let share = result.shares[rank];
        if self.is_paid_to_the_cent(result) && result.money_before > Money::ZERO && share.units > 0
        {
            let code = self.evidence.participants[rank].code();
            let decided = to_the_cent(result, self.weight_of(share), (&code, share.amount));
            steps.push(self.reading_step("Cents", decided, LAW, &["rounding"]));
        }
        let number = self.evidence.rules.tiers[tier].number;
        let of_tier = |step: Step| Step {
            decided: format!("tier {number}: {}", step.decided),
            ..step
        };
        steps.into_iter().map(of_tier).collect()
    }

    /// What the cap of a tier took from a participant, if anything.
    fn participants_cap(
        &self,
        tier: &Tier,
        result: &TierResult,
        rank: ParticipantRank,
    ) -> Option<Step> {
        let share = result.shares[rank];
        if share.over_cap == 0 {
            return None;
        }
        let cap = result.cap.as_ref()?;
        let decided = format!(
            "tier {}: {} of {}, limit {}: {} over it. {}",
            tier.number,
            thousands(share.units),
            counted(share.units + share.over_cap, "unit"),
            cap.most("unit"),
            thousands(share.over_cap),
            cap.arithmetic(&self.evidence.rules.readings)
        );
        let (parameter, mut keys) = cap.rests_on();
        keys.insert(0, "cap_selection");
        let mut step = self.reading_step("Cap", decided, LAW, &keys);
        step.sources.splice(0..0, self.sources([parameter]));
        Some(step)
    }

    /// Rows of a participant by outcome, those with money first, and the codes on them.
    fn outcomes(&self, rank: ParticipantRank) -> Vec<(&'static str, usize, String)> {
        let mut rows: BTreeMap<Reverse<Outcome>, (usize, BTreeMap<Code, usize>)> = BTreeMap::new();
        for decision in self
            .evidence
            .decisions
            .iter()
            .filter(|decision| decision.participant == Some(rank))
        {
            let entry = rows.entry(Reverse(decision.outcome)).or_default();
            entry.0 += 1;
            for code in decision.codes.iter() {
                *entry.1.entry(code).or_default() += 1;
            }
        }
        rows.into_iter()
            .map(|(outcome, (rows, codes))| (outcome.0.label(), rows, with_counts(&codes)))
            .collect()
    }
}

fn product(units: u64, rate: Money) -> String {
    format!("{} x {}", thousands(units), rate.grouped())
}

/// `E204 x 3, N302 x 1`
fn with_counts(codes: &BTreeMap<Code, usize>) -> String {
    let codes: Vec<String> = codes
        .iter()
        .map(|(code, rows)| format!("{code} x {rows}"))
        .collect();
    codes.join(", ")
}
