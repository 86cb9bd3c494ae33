//! The money of a row: participant, tier, unit, cap, rate, payee.

use super::arithmetic::Share;
use super::{Explainer, LAW, PARTICIPANT_CHECK, PAYEE, Step, step};
use crate::allocation::{Cap, TierResult, TierShare};
use crate::audit::evidence::RecordedParticipant;
use crate::decision::{Outcome, Settled};
use crate::intake::lists::CHARTER_SCHOOL_INSTITUTE;
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank, TierRank};
use crate::results::columns::ResultColumn;
use crate::rules::Weight;
use crate::rules::readings::{CapMoney, Rounding, Unit};
use crate::rules::terms::{Category, INSTITUTE_NAME, ParticipantKind};
use crate::words::{counted, thousands, weight};

impl Explainer<'_> {
    /// From the participant to the payee.
    pub(super) fn funding(&self, row: RowRank, steps: &mut Vec<Step>) {
        let decision = &self.evidence.decisions[row];
        let (Some(rank), Some(tier)) = (decision.participant, decision.tier) else {
            return;
        };
        steps.push(self.belonging(row, &self.evidence.participants[rank]));
        steps.push(self.tier(decision, tier));
        self.unit(row, tier, steps);
        if decision.weight.is_none() {
            return;
        }
        self.cap(row, tier, steps);
        if decision.outcome == Outcome::OverCap {
            return;
        }
        steps.push(self.rate(tier));
        if self.evidence.allocation.tiers[tier].money_before == Money::ZERO {
            return;
        }
        steps.extend(self.own_rate(decision, tier));
        if decision.outcome == Outcome::Paid {
            let payee = self.payee(&self.evidence.participants[rank]);
            let decided = format!("{} to {payee}", decision.amount.grouped());
            steps.push(step("Payee", decided, PAYEE));
        }
        if tier.is_first() && self.evidence.allocation.supplements[rank] > Money::ZERO {
            steps.push(self.supplement(rank));
        }
    }

    /// Why the row is the participant's.
    fn belonging(&self, row: RowRank, claim: &RecordedParticipant) -> Step {
        let submitted = &self.evidence.rows[row].submitted;
        let (district, school) = (
            submitted.get(ResultColumn::DistrictCode),
            submitted.get(ResultColumn::SchoolCode),
        );
        let why = if claim.school_code.is_empty() {
            format!(
                "District Code {district}; its School Code {school} is not a charter of the participants list"
            )
        } else {
            format!("the participants list names School Code {school} of {district} as a charter")
        };
        let decided = format!("{}, {}: {why}", claim.code(), kind_in_words(claim.kind));
        self.sourced(
            "Participant",
            decided,
            PARTICIPANT_CHECK,
            ["eligibility.participant_kinds"],
        )
    }

    fn tier(&self, decision: &Settled, tier: TierRank) -> Step {
        let tier = &self.evidence.rules.tiers[tier];
        let category = decision.category.map_or("", Category::label);
        let decided = format!(
            "{} {}, which funds the category {category}",
            tier.number, tier.name
        );
        self.sourced("Tier", decided, LAW, ["tier.categories"])
    }

    /// How the row's amount follows from the tier's rate, if it is not the rate itself.
    fn own_rate(&self, decision: &Settled, tier: TierRank) -> Option<Step> {
        let (rules, result) = (&self.evidence.rules, &self.evidence.allocation.tiers[tier]);
        if self.is_paid_to_the_cent(result) {
            let unit = decision.weight.unwrap_or(Weight::ONE);
            let decided = to_the_cent(
                result,
                u64::from(unit.hundredths()),
                ("this row", decision.amount),
            );
            return Some(self.reading_step("Cents", decided, LAW, &["rounding"]));
        }
        if decision.frl != Some(true) {
            return None;
        }
        let multiplier = rules.frl_multiplier;
        let share = Share::of(
            result.rate,
            multiplier.hundredths(),
            Weight::ONE.hundredths(),
        );
        let decided = format!(
            "with free or reduced-price lunch {multiplier} x {} = {}",
            result.rate.grouped(),
            share.floored()
        );
        Some(self.sourced("FRL rate", decided, LAW, ["amount.frl_multiplier"]))
    }

    pub(super) fn unit(&self, row: RowRank, tier: TierRank, steps: &mut Vec<Step>) {
        let decision = &self.evidence.decisions[row];
        let decided = if decision.weight.is_some() {
            match (self.evidence.rules.readings.unit, tier.index()) {
                (Unit::Completion, _) => "it is a unit: every completion is one".to_string(),
                (Unit::Pupil, 1..) => {
                    "it is a unit: the pupil's first certificate in this tier, and no certificate of the pupil is paid in an earlier one"
                        .to_string()
                }
                _ => "it is a unit: the pupil's first certificate in this tier".to_string(),
            }
        } else {
            let others = self.trails.reason(&self.evidence.decisions, row).others;
            let stood = others.first().map(|other| {
                let stood = &self.evidence.decisions[*other];
                let number = stood
                    .tier
                    .map_or(0, |tier| self.evidence.rules.tiers[tier].number);
                let fate = match stood.outcome {
                    Outcome::Paid => format!("paid {}", stood.amount.grouped()),
                    other => other.label().to_lowercase(),
                };
                format!(
                    "the pupil is counted by {} (tier {number}, {fate})",
                    self.places(&others[..1])
                )
            });
            format!(
                "it is not a unit: {}",
                stood.unwrap_or_else(|| "the pupil is counted by another completion".to_string())
            )
        };
        steps.push(self.reading_step("Unit", decided, LAW, &["unit"]));
    }

    pub(super) fn cap(&self, row: RowRank, tier: TierRank, steps: &mut Vec<Step>) {
        let decision = &self.evidence.decisions[row];
        let (readings, result) = (
            &self.evidence.rules.readings,
            &self.evidence.allocation.tiers[tier],
        );
        let (Some(cap), Some(rank)) = (&result.cap, decision.participant) else {
            return;
        };
        let claim = &self.evidence.participants[rank];
        if !readings.cap_applies_to.contains(claim.kind) {
            let decided = format!(
                "the cap does not bind a participant of this kind, {}",
                claim.kind.label().to_lowercase()
            );
            steps.push(self.reading_step("Cap", decided, LAW, &["cap_applies_to"]));
            return;
        }
        let Some(position) = self.position(row, cap, result.shares[rank]) else {
            return;
        };
        let decided = format!("{}{position}. {}", claim.code(), cap.arithmetic(readings));
        let (parameter, mut keys) = cap.rests_on();
        if result.shares[rank].over_cap > 0 {
            keys.insert(0, "cap_selection");
        }
        let mut step = self.reading_step("Cap", decided, LAW, &keys);
        step.sources.splice(0..0, self.sources([parameter]));
        steps.push(step);
    }

    /// Where a unit is among those of its participant, and on which side of the cap: `: unit 401 of 450, limit 400: over the cap`.
    fn position(&self, row: RowRank, cap: &Cap, share: TierShare) -> Option<String> {
        let decisions = &self.evidence.decisions;
        let standing = self.trails.reason(decisions, row).standing?;
        let all = counted(share.units + share.over_cap, "unit");
        if share.over_cap == 0 {
            let most = cap.most("unit");
            return Some(format!(
                " has {all} here, the limit is {most}: all are within it"
            ));
        }
        let side = if decisions[row].outcome == Outcome::OverCap {
            "over the cap"
        } else {
            "within it"
        };
        let order = match standing.group {
            None => String::new(),
            Some(_) => format!(
                " (of {all} in all, of which the limit keeps {})",
                thousands(share.units)
            ),
        };
        Some(format!(": {standing}{order}: {side}"))
    }

    /// The rate of a tier with its arithmetic, or why there is none.
    pub(super) fn rate(&self, tier: TierRank) -> Step {
        let (rules, result) = (&self.evidence.rules, &self.evidence.allocation.tiers[tier]);
        let money = result.money_before.grouped();
        let with_over_cap = result.demand_hundredths > result.weight_hundredths;
        let included = if with_over_cap {
            " (those over the cap included)"
        } else {
            ""
        };
        let demand = format!(
            "{} weighted units{included}",
            weight(result.demand_hundredths)
        );
        if result.money_before == Money::ZERO {
            return self.no_money(tier);
        }
        if !result.prorated {
            let decided = format!(
                "{money} before the tier covers {demand} x {}: each gets the full {}",
                rules.per_unit.grouped(),
                rules.per_unit.grouped()
            );
            return self.sourced("Rate", decided, LAW, ["amount.per_unit"]);
        }
        let share = Share::of(
            result.money_before,
            Weight::ONE.hundredths(),
            result.demand_hundredths,
        );
        let quotient = share.floored();
        let decided = format!(
            "the money is short: {money} before the tier / {demand} = {quotient}, less than {}",
            rules.per_unit.grouped()
        );
        let mut keys = Vec::new();
        // A reading decides whether over-cap units are in the divisor; without such units it does not matter.
        if result.over_cap > 0 || rules.readings.cap_money == CapMoney::ToNextTier {
            keys.push("cap_money");
        }
        if rules.readings.rounding == Rounding::UniformFloor {
            keys.push("rounding");
        }
        let mut rate = self.reading_step("Rate", decided, LAW, &keys);
        rate.sources.splice(0..0, self.sources(["amount.per_unit"]));
        rate
    }

    fn no_money(&self, tier: TierRank) -> Step {
        let tiers = &self.evidence.allocation.tiers;
        // A tier that had nothing itself took nothing, though its units make it a prorated one.
        let had_money = |earlier: &TierResult| earlier.money_before > Money::ZERO;
        let taken = match tiers[..tier.index()].iter().rposition(had_money) {
            Some(last) if tiers[TierRank::new(last)].prorated => format!(
                "tier {} was already short, so nothing goes on",
                self.evidence.rules.tiers[last].number
            ),
            Some(_) => "the earlier tiers took it to the last cent".to_string(),
            None => "the batch has none".to_string(),
        };
        let decided = format!("nothing is left before this tier: {taken}");
        self.sourced("No money", decided, LAW, ["tier.categories"])
    }

    pub(super) fn supplement(&self, rank: ParticipantRank) -> Step {
        let evidence = self.evidence;
        let shares = evidence.allocation.tiers.first();
        let shares = shares.map_or(&[][..], |tier| &tier.shares);
        let own = shares.get(rank.index()).map(|share| share.amount);
        let own = own.unwrap_or_default();
        let asked: i128 = evidence
            .participants
            .iter()
            .zip(shares)
            .filter(|(claim, _)| claim.requires_completion)
            .map(|(_, share)| i128::from(share.amount.cents()))
            .sum();
        let all = Money::from_cents(i64::try_from(asked).unwrap_or(i64::MAX)).grouped();
        let pool = evidence.supplement_available.unwrap_or_default();
        let tier = evidence.rules.tiers.first().map_or(1, |tier| tier.number);
        let own_of_tier = format!("its {} of tier {tier}", own.grouped());
        let pool_shown = pool.grouped();
        let what = if asked <= i128::from(pool.cents()) {
            format!(
                "{own_of_tier} again: the pool of {pool_shown} covers the {all} that all ask for"
            )
        } else {
            format!(
                "its part of the pool: {own_of_tier} x {pool_shown} / {all} (the pool over what all ask for) = {}",
                Share::of(pool, own.cents(), asked).floored()
            )
        };
        let decided = format!(
            "{} requires a completion before graduation: on top of its rows it gets {what}",
            evidence.participants[rank].code(),
        );
        self.sourced("Supplement", decided, LAW, ["supplement"])
    }

    /// Whether the reading `rounding` pays a short tier's money to the last cent.
    pub(super) fn is_paid_to_the_cent(&self, result: &TierResult) -> bool {
        result.prorated && self.evidence.rules.readings.rounding == Rounding::LargestRemainder
    }

    /// Who the state pays for a participant, and why.
    pub(super) fn payee(&self, claim: &RecordedParticipant) -> String {
        let code = &claim.district_code;
        let named = self
            .evidence
            .participants
            .iter()
            .find(|other| other.district_code == *code && other.school_code.is_empty());
        let payee = named.map_or_else(|| code.clone(), |other| format!("{code} {}", other.name));
        match claim.kind {
            ParticipantKind::District => format!("{payee}: the district itself"),
            ParticipantKind::Boces => format!("{payee}: a BOCES is paid itself"),
            ParticipantKind::DistrictCharter => {
                format!("{payee}: a district charter is paid through its district")
            }
            ParticipantKind::InstituteCharter => {
                let institute = named.map_or_else(
                    || format!("{CHARTER_SCHOOL_INSTITUTE} {INSTITUTE_NAME}"),
                    |_| payee.clone(),
                );
                format!("{institute}: an institute charter is paid through the institute")
            }
        }
    }
}

/// A weight's share of a tier whose money is paid to the cent, and what came of its fraction: `who` gets the amount.
pub(super) fn to_the_cent(
    result: &TierResult,
    weight_hundredths: u64,
    (who, amount): (&str, Money),
) -> String {
    let money = result.money_before;
    let share = Share::of(money, weight_hundredths, result.demand_hundredths);
    let came_of_it = if share.is_whole {
        ", a whole number of cents".to_string()
    } else {
        let got = if amount > share.floor {
            format!("one, {}", amount.grouped())
        } else {
            "none".to_string()
        };
        format!(
            ". Missing cents go one each to the largest fractions, first of the participants and then of the rows of each: {who} gets {got}"
        )
    };
    format!(
        "the pot is paid to the cent: {} x {} / {} = {}{came_of_it}",
        money.grouped(),
        weight(weight_hundredths),
        weight(result.demand_hundredths),
        share.floored(),
    )
}

const fn kind_in_words(kind: ParticipantKind) -> &'static str {
    match kind {
        ParticipantKind::District => "a district",
        ParticipantKind::DistrictCharter => "a district charter",
        ParticipantKind::InstituteCharter => "an institute charter",
        ParticipantKind::Boces => "a BOCES",
    }
}
