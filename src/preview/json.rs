//! A preview for programs (`cdip preview --format json`).

use serde_json::{Value, json};

use super::Preview;
use crate::ranks::TierRank;

/// The schema of a preview for programs.
const SCHEMA: &str = "cdip-preview-1";

impl Preview {
    /// The figures, with what a preview cannot know.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (low, high) = self.bounds();
        let participants = self.inspection.intake.participants.all();
        let programs = self.inspection.intake.programs.all();
        let by_program: Vec<Value> = self
            .by_program()
            .iter()
            .map(|money| {
                json!({ "program_code": programs[money.program].code, "rows": money.rows, "amount": money.amount })
            })
            .collect();
        let caps: Vec<Value> = self
            .caps
            .iter()
            .map(|cap| {
                json!({ "participant": participants[cap.participant].code(), "tier": self.rules.tiers[cap.tier].number,
                        "units": cap.units, "limit": cap.limit.to_json() })
            })
            .collect();
        json!({
            "schema": SCHEMA, "preview": true, "entity": self.entity,
            "rules": { "id": self.rules.id, "sha256": self.rules.sha256 },
            "expected": { "total": self.expected.total, "low": low, "high": high, "supplement": self.supplement(),
                          "without_supplement": self.without_supplement(),
                          "tiers": self.tiers_json(), "programs": by_program },
            "at_full_rate": self.at_full_rate, "one_more": self.one_more_json(), "caps": caps,
            "earlier_award": self.earlier.as_ref().and_then(|earlier| earlier.total),
            "corrections": self.corrections_json(), "fixing": self.fixing.map(|all| json!({
                "rows": all.rows, "several": all.several.0, "counted": all.counted.0, "unpriced": all.unpriced(), "worth": all.worth
            })), "unknown": self.unknowns(),
        })
    }

    fn tiers_json(&self) -> Vec<Value> {
        let own = &self.expected.part.allocation.tiers;
        let tiers = self.rules.tiers.iter().zip(own);
        tiers
            .map(|(tier, own)| {
                json!({ "tier": tier.number, "units": own.units, "frl_units": own.frl_units, "over_cap": own.over_cap,
                        "amount": own.paid, "rate": own.rate, "frl_rate": own.frl_rate })
            })
            .collect()
    }

    fn one_more_json(&self) -> Vec<Value> {
        let number = |tier: TierRank| self.rules.tiers[tier].number;
        self.one_more
            .iter()
            .map(|more| json!({ "tier": number(more.tier), "frl": more.frl, "worth": more.worth }))
            .collect()
    }

    fn corrections_json(&self) -> Vec<Value> {
        self.corrections
            .iter()
            .map(|correction| {
                json!({ "code": correction.code.as_str(), "rows": correction.rows, "worth": correction.worth,
                        "up_to": correction.up_to, "fact": correction.is_fact() })
            })
            .collect()
    }
}
