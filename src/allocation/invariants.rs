//! What must always hold (calculation.md, section 5), asserted after every allocation, in release builds too.

use std::collections::HashSet;

use super::demand::Demand;
use super::result::{Allocation, AwardOutcome};
use crate::money::Money;
use crate::rules::readings::{CapMoney, Readings, Rounding, Unit};
use crate::rules::{RuleSet, Weight};

/// An invariant that does not hold: a defect of the program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a broken invariant: {0}")]
pub struct Broken(pub String);

/// `Err` with the sentence that is not true.
pub(crate) fn hold(holds: bool, sentence: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds {
        Ok(())
    } else {
        Err(Broken(sentence()))
    }
}

/// Checks an allocation against section 5.
///
/// # Errors
/// The first sentence that does not hold.
pub fn check(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
    allocation: &Allocation,
) -> Result<(), Broken> {
    money_is_conserved(demand, allocation)?;
    units_are_paid_within_bounds(rules, readings, demand, allocation)?;
    caps_hold(rules, readings, demand, allocation)?;
    if readings.unit == Unit::Pupil {
        no_pupil_is_paid_twice(demand, allocation)?;
    }
    if readings.cap_money == CapMoney::StaysInTier {
        let short = allocation
            .tiers
            .iter()
            .position(|tier| tier.prorated)
            .unwrap_or(allocation.tiers.len());
        let later = allocation
            .tiers
            .iter()
            .skip(short + 1)
            .all(|tier| tier.paid == Money::ZERO);
        hold(later, || {
            "no tier pays while an earlier one is prorated".into()
        })?;
    }
    Ok(())
}

/// Checks what must hold of a part of the state's rows that is paid at the whole state's terms: everything but the sum of the money, which
/// is not this part's.
///
/// # Errors
/// The first sentence that does not hold.
pub fn check_part(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
    allocation: &Allocation,
) -> Result<(), Broken> {
    units_are_paid_within_bounds(rules, readings, demand, allocation)?;
    caps_hold(rules, readings, demand, allocation)?;
    if readings.unit == Unit::Pupil {
        no_pupil_is_paid_twice(demand, allocation)?;
    }
    Ok(())
}

fn money_is_conserved(demand: &Demand, allocation: &Allocation) -> Result<(), Broken> {
    let residuals: Money = allocation.tiers.iter().map(|tier| tier.residual).sum();
    hold(
        demand.available == allocation.paid() + residuals + allocation.unspent,
        || {
            format!(
                "available {} = paid {} + residuals {residuals} + unspent {}",
                demand.available,
                allocation.paid(),
                allocation.unspent
            )
        },
    )?;
    let rows: Money = allocation.awards.iter().map(|award| award.amount).sum();
    hold(rows == allocation.paid(), || {
        format!("rows' amounts {rows} = paid {}", allocation.paid())
    })?;
    let none_negative = allocation
        .tiers
        .iter()
        .flat_map(|tier| {
            [
                tier.money_before,
                tier.paid,
                tier.residual,
                tier.money_after,
            ]
        })
        .chain(allocation.supplements.iter().copied())
        .all(|amount| amount >= Money::ZERO);
    hold(none_negative, || "no amount is below zero".into())?;
    let pool = demand.supplement.unwrap_or_default();
    hold(allocation.supplement() <= pool, || {
        format!(
            "supplement {} is within its pool {pool}",
            allocation.supplement()
        )
    })
}

fn units_are_paid_within_bounds(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
    allocation: &Allocation,
) -> Result<(), Broken> {
    hold(allocation.awards.len() == demand.certificates.len(), || {
        "every certificate has one award".into()
    })?;
    for (certificate, award) in demand.certificates.iter().zip(&allocation.awards) {
        let weight = if certificate.frl {
            rules.frl_multiplier
        } else {
            Weight::ONE
        };
        let most =
            (i128::from(rules.per_unit.cents()) * i128::from(weight.hundredths()) + 99) / 100;
        hold(i128::from(award.amount.cents()) <= most, || {
            format!(
                "row {} gets {} and no more than per_unit x {weight}",
                certificate.row, award.amount
            )
        })?;
        let pays = award.outcome == AwardOutcome::Paid;
        hold(pays == (award.amount > Money::ZERO), || {
            format!(
                "row {} has an amount exactly if it is paid",
                certificate.row
            )
        })?;
        let tier = &allocation.tiers[award.tier];
        if pays && (readings.rounding == Rounding::UniformFloor || !tier.prorated) {
            let rate = if certificate.frl {
                tier.frl_rate
            } else {
                tier.rate
            };
            hold(award.amount == rate, || {
                format!(
                    "row {} gets the rate of its tier like its equals",
                    certificate.row
                )
            })?;
        }
    }
    Ok(())
}

fn caps_hold(
    rules: &RuleSet,
    readings: &Readings,
    demand: &Demand,
    allocation: &Allocation,
) -> Result<(), Broken> {
    for tier in &allocation.tiers {
        let Some(cap) = &tier.cap else {
            hold(tier.over_cap == 0, || {
                format!("{} units are over a cap that is not there", tier.over_cap)
            })?;
            continue;
        };
        let limit = cap.limit();
        let most = limit.number();
        for (claimant, share) in demand.claimants.iter().zip(&tier.shares) {
            let bound = readings.cap_applies_to.contains(claimant.kind);
            let taken = limit.taken(share.units, share.frl_units, rules.frl_multiplier);
            hold(!bound || taken <= most, || {
                format!("{} units are within the cap of {most}", share.units)
            })?;
            // What explains, prints and publishes a cap relies on this: a cap cuts at its limit and nowhere else.
            let is_full = taken.saturating_add(limit.left_at_most(rules.frl_multiplier)) >= most;
            hold(share.over_cap == 0 || (bound && is_full), || {
                format!(
                    "a participant with {} units over the cap has its limit of {most}, not {taken}",
                    share.over_cap
                )
            })?;
        }
    }
    Ok(())
}

fn no_pupil_is_paid_twice(demand: &Demand, allocation: &Allocation) -> Result<(), Broken> {
    let mut paid = HashSet::new();
    for (certificate, award) in demand.certificates.iter().zip(&allocation.awards) {
        if award.outcome == AwardOutcome::Paid {
            hold(paid.insert(certificate.sasid), || {
                format!("the pupil of row {} is paid once", certificate.row)
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ids::Sasid;
    use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
    use chrono::NaiveDate;

    use super::*;
    use crate::allocation::{Award, Certificate, Claimant, TierResult, allocate};
    use crate::rules::terms::{Category, KindSet, ParticipantKind};
    use crate::rules::{Share, TierCap, built_in};

    /// A demand with its allocation, to be broken in one place.
    struct Case {
        rules: RuleSet,
        readings: Readings,
        demand: Demand,
        allocation: Allocation,
    }

    fn most_units(tier: &TierResult) -> Option<u64> {
        tier.cap.as_ref().and_then(|cap| cap.limit().units())
    }

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents)
    }

    /// Tier 1: pupils 1 and 2 of a district, 3 and 4 of a BOCES, 2 and 4 with lunch; its cap is half of four, so two each.
    /// Tier 2: an internship of pupil 5 and one of pupil 1, who has an award already.
    ///
    /// Tier 1 asks 2 x 1,000 + 2 x 1,200 = 4,400.00, tier 2 asks 1,000.00.
    fn given(available: i64, readings: Readings) -> Case {
        let certificate =
            |(row, (sasid, participant, category, frl)): (usize, (u64, usize, Category, bool))| {
                Certificate {
                    row: RowRank::new(row),
                    date: NaiveDate::from_ymd_opt(2024, 5, 17).unwrap(),
                    sasid: Sasid::from_number(sasid),
                    program: ProgramRank::new(category as usize),
                    participant: ParticipantRank::new(participant),
                    category,
                    frl,
                }
            };
        let (credential, internship) = (Category::IndustryCredential, Category::Internship);
        let rows = [
            (1, 0, credential, false),
            (2, 0, credential, true),
            (3, 1, credential, false),
            (4, 1, credential, true),
            (5, 0, internship, false),
            (1, 0, internship, false),
        ];
        let claimant = |kind| Claimant {
            kind,
            requires_completion: kind == ParticipantKind::District,
        };
        let demand = Demand {
            certificates: rows.into_iter().enumerate().map(certificate).collect(),
            claimants: [ParticipantKind::District, ParticipantKind::Boces]
                .map(claimant)
                .to_vec(),
            reported: [0; Category::ALL.len()],
            available: cents(available),
            supplement: Some(cents(50_000)),
        };
        let mut rules = built_in("co-cdip-2024-25").unwrap().unwrap();
        rules.tiers[0].cap = Some(TierCap::Share(Share {
            text: "0.5".into(),
            numerator: 5,
            denominator: 10,
        }));
        let allocation = allocate(&rules, &readings, &demand).unwrap();
        Case {
            rules,
            readings,
            demand,
            allocation,
        }
    }

    /// Enough for everybody: 4,400.00 and 1,000.00 are paid, 600.00 are unspent; the supplement is its whole pool.
    fn funded() -> Case {
        let case = given(600_000, Readings::default());
        let amounts = case
            .allocation
            .awards
            .iter()
            .map(|award| award.amount.cents());
        assert_eq!(
            amounts.collect::<Vec<_>>(),
            [100_000, 120_000, 100_000, 120_000, 100_000, 0]
        );
        assert_eq!(
            (case.allocation.unspent, case.allocation.supplement()),
            (cents(60_000), cents(50_000))
        );
        case
    }

    /// 1,000.00 for a weight of 4.4 is 227.27 and 272.72 each; 1,000.00 - 2 x 227.27 - 2 x 272.72 = 0.02 is the residual.
    fn prorated() -> Case {
        let case = given(100_000, Readings::default());
        let amounts = case
            .allocation
            .awards
            .iter()
            .map(|award| award.amount.cents());
        assert_eq!(
            amounts.collect::<Vec<_>>(),
            [22_727, 27_272, 22_727, 27_272, 0, 0]
        );
        assert_eq!(
            (case.allocation.tiers[0].residual, case.allocation.unspent),
            (cents(2), Money::ZERO)
        );
        case
    }

    impl Case {
        fn whole(&self) -> Result<(), Broken> {
            check(&self.rules, &self.readings, &self.demand, &self.allocation)
        }

        fn part(&self) -> Result<(), Broken> {
            check_part(&self.rules, &self.readings, &self.demand, &self.allocation)
        }

        /// Moves cents from one row to another, and from the share and tier of the one to those of the other.
        fn moves(&mut self, moved: i64, from: usize, to: usize) {
            for (index, moved) in [(from, -moved), (to, moved)] {
                let award = &mut self.allocation.awards[index];
                award.amount += cents(moved);
                let tier = &mut self.allocation.tiers[award.tier];
                tier.paid += cents(moved);
                tier.shares[self.demand.certificates[index].participant].amount += cents(moved);
            }
        }
    }

    fn said(sentence: &str) -> Result<(), Broken> {
        Err(Broken(sentence.to_string()))
    }

    #[test]
    fn a_sound_allocation_breaks_nothing() {
        for case in [funded(), prorated()] {
            assert_eq!((case.whole(), case.part()), (Ok(()), Ok(())));
        }
    }

    #[test]
    fn a_cent_that_is_nowhere_is_noticed() {
        // 1,000.00 = 999.98 + 0.02 + 0.00
        let mut case = prorated();
        case.allocation.unspent = cents(1);
        assert_eq!(
            case.whole(),
            said("available 1000.00 = paid 999.98 + residuals 0.02 + unspent 0.01")
        );
        let mut case = prorated();
        case.allocation.tiers[0].residual = cents(1);
        assert_eq!(
            case.whole(),
            said("available 1000.00 = paid 999.98 + residuals 0.01 + unspent 0.00")
        );
        let mut case = prorated();
        case.demand.available = cents(99_999);
        assert_eq!(
            case.whole(),
            said("available 999.99 = paid 999.98 + residuals 0.02 + unspent 0.00")
        );
        // A part of the rows says nothing of the state's money.
        assert_eq!(case.part(), Ok(()));
    }

    #[test]
    fn a_tier_that_pays_what_no_row_gets_is_noticed() {
        let mut case = funded();
        case.allocation.awards[4] = Award {
            outcome: AwardOutcome::Unfunded,
            amount: Money::ZERO,
            ..case.allocation.awards[4]
        };
        // 5,400.00 - 1,000.00
        assert_eq!(case.whole(), said("rows' amounts 4400.00 = paid 5400.00"));
    }

    #[test]
    fn an_amount_below_zero_is_noticed_wherever_it_stands() {
        let below: [fn(&mut Allocation); 4] = [
            |allocation| allocation.tiers[2].money_before = cents(-1),
            |allocation| allocation.tiers[2].money_after = cents(-1),
            |allocation| allocation.supplements[1] = cents(-1),
            |allocation| {
                // Conserved all the same: what the residual lacks is unspent.
                allocation.tiers[2].residual = cents(-1);
                allocation.unspent += cents(1);
            },
        ];
        for breaks in below {
            let mut case = funded();
            breaks(&mut case.allocation);
            assert_eq!(case.whole(), said("no amount is below zero"));
        }
    }

    #[test]
    fn a_supplement_beyond_its_pool_is_noticed() {
        let mut case = funded();
        case.allocation.supplements[1] = cents(1);
        assert_eq!(
            case.whole(),
            said("supplement 500.01 is within its pool 500.00")
        );
        case.allocation.supplements = vec![cents(1), Money::ZERO];
        assert_eq!(case.whole(), Ok(()));
        case.demand.supplement = None;
        assert_eq!(
            case.whole(),
            said("supplement 0.01 is within its pool 0.00")
        );
    }

    #[test]
    fn a_certificate_without_an_award_is_noticed() {
        let mut case = funded();
        case.allocation.awards.pop();
        let sentence = said("every certificate has one award");
        assert_eq!((case.whole(), case.part()), (sentence.clone(), sentence));
    }

    #[test]
    fn no_unit_gets_a_cent_more_than_its_full_award() {
        // With the missing cents handed out, rows need not be equal, but none gets more than its full award.
        for (row, most, sentence) in [
            (
                0,
                100_000,
                "row 0 gets 1000.01 and no more than per_unit x 1.00",
            ),
            (
                1,
                120_000,
                "row 1 gets 1200.01 and no more than per_unit x 1.20",
            ),
        ] {
            let mut case = funded();
            case.readings.rounding = Rounding::LargestRemainder;
            case.readings.cap_money = CapMoney::ToNextTier;
            case.allocation.tiers[0].prorated = true;
            assert_eq!(case.allocation.awards[row].amount, cents(most));
            assert_eq!((case.whole(), case.part()), (Ok(()), Ok(())));
            case.moves(1, 2, row);
            assert_eq!(
                (case.whole(), case.part()),
                (said(sentence), said(sentence))
            );
        }
    }

    #[test]
    fn the_full_award_is_rounded_up_to_the_cent() {
        // 0.01 x 1.20 = 0.012: a unit with lunch can get 0.02 and not 0.03.
        for (most, expected) in [
            (2, Ok(())),
            (3, said("row 1 gets 0.03 and no more than per_unit x 1.20")),
        ] {
            let mut case = given(
                600_000,
                Readings {
                    rounding: Rounding::LargestRemainder,
                    ..Readings::default()
                },
            );
            case.rules.per_unit = cents(1);
            case.allocation.tiers[0].prorated = true;
            for (row, award) in case.allocation.awards.iter_mut().enumerate() {
                let (outcome, amount) = if row == 1 {
                    (AwardOutcome::Paid, cents(most))
                } else {
                    (AwardOutcome::Unfunded, Money::ZERO)
                };
                *award = Award {
                    outcome,
                    amount,
                    ..*award
                };
            }
            assert_eq!(case.part(), expected);
        }
    }

    #[test]
    fn a_row_is_paid_exactly_if_it_has_an_amount() {
        let mut case = funded();
        case.allocation.awards[5].outcome = AwardOutcome::Paid;
        let sentence = said("row 5 has an amount exactly if it is paid");
        assert_eq!((case.whole(), case.part()), (sentence.clone(), sentence));
        for outcome in [
            AwardOutcome::Unfunded,
            AwardOutcome::OverCap,
            AwardOutcome::AlreadyCounted,
        ] {
            let mut case = funded();
            case.allocation.awards[0].outcome = outcome;
            let sentence = said("row 0 has an amount exactly if it is paid");
            assert_eq!((case.whole(), case.part()), (sentence.clone(), sentence));
        }
    }

    #[test]
    fn equals_get_the_same_amount_unless_the_missing_cents_of_a_prorated_tier_are_handed_out() {
        for (giver, taker) in [(0, 2), (1, 3)] {
            let sentence = said(&format!(
                "row {giver} gets the rate of its tier like its equals"
            ));
            let mut case = prorated();
            case.moves(1, giver, taker);
            assert_eq!(
                (case.whole(), case.part()),
                (sentence.clone(), sentence.clone())
            );
            case.readings.rounding = Rounding::LargestRemainder;
            assert_eq!((case.whole(), case.part()), (Ok(()), Ok(())));
            // In a tier with enough money no cent is missing.
            case.allocation.tiers[0].prorated = false;
            assert_eq!((case.whole(), case.part()), (sentence.clone(), sentence));
        }
    }

    #[test]
    fn a_capped_participant_beyond_its_limit_is_noticed_and_one_that_the_cap_does_not_bind_may_be()
    {
        let mut case = funded();
        assert_eq!(
            (
                most_units(&case.allocation.tiers[0]),
                case.allocation.tiers[0].shares[0].units
            ),
            (Some(2), 2)
        );
        case.allocation.tiers[0].shares[0].units = 3;
        let sentence = said("3 units are within the cap of 2");
        assert_eq!((case.whole(), case.part()), (sentence.clone(), sentence));
        case.readings.cap_applies_to = [ParticipantKind::Boces].into_iter().collect::<KindSet>();
        assert_eq!((case.whole(), case.part()), (Ok(()), Ok(())));
        // A tier without a cap has no limit.
        let mut case = funded();
        case.allocation.tiers[1].shares[0].units = 99;
        assert_eq!((case.whole(), case.part()), (Ok(()), Ok(())));
    }

    #[test]
    fn units_over_a_cap_that_is_not_reached_or_does_not_bind_are_noticed() {
        let mut case = funded();
        case.allocation.tiers[0].shares[0].over_cap = 1;
        assert_eq!((case.whole(), case.part()), (Ok(()), Ok(())));
        case.allocation.tiers[0].shares[0].units = 1;
        let sentence = said("a participant with 1 units over the cap has its limit of 2, not 1");
        assert_eq!((case.whole(), case.part()), (sentence.clone(), sentence));
        case.allocation.tiers[0].shares[0].units = 2;
        case.readings.cap_applies_to = [ParticipantKind::Boces].into_iter().collect::<KindSet>();
        let sentence = said("a participant with 1 units over the cap has its limit of 2, not 2");
        assert_eq!((case.whole(), case.part()), (sentence.clone(), sentence));
    }

    #[test]
    fn what_the_units_within_the_cap_ask_for_is_at_the_full_award_whatever_money_there_is() {
        for case in [funded(), prorated()] {
            // 2 x 1,000 + 2 x 1,200 = 4,400.00 and 1,000.00. At 0.07 a unit, one with lunch gets 0.084, rounded down to 0.08:
            // 2 x 0.07 + 2 x 0.08 = 0.30 and 0.07.
            for (per_unit, asked) in [(100_000, [440_000, 100_000, 0]), (7, [30, 7, 0])] {
                let rules = RuleSet {
                    per_unit: cents(per_unit),
                    ..case.rules.clone()
                };
                let tiers = case.allocation.tiers.iter();
                let demands: Vec<Money> = tiers.map(|tier| tier.demand(&rules)).collect();
                assert_eq!(demands, asked.map(cents));
                let all = case.allocation.demand(&rules);
                assert_eq!(all, cents(asked.iter().sum()));
            }
        }
    }

    #[test]
    fn a_pupil_who_is_paid_twice_is_noticed_where_one_award_is_paid_for_a_pupil() {
        let mut case = funded();
        case.demand.certificates[4].sasid = Sasid::from_number(1);
        let sentence = said("the pupil of row 4 is paid once");
        assert_eq!((case.whole(), case.part()), (sentence.clone(), sentence));
        for unit in [Unit::PupilPerTier, Unit::Completion] {
            case.readings.unit = unit;
            assert_eq!((case.whole(), case.part()), (Ok(()), Ok(())));
        }
    }

    #[test]
    fn a_tier_that_pays_after_a_prorated_one_is_noticed_unless_the_capped_money_goes_on() {
        let mut case = funded();
        case.allocation.tiers[0].prorated = true;
        assert_eq!(
            case.whole(),
            said("no tier pays while an earlier one is prorated")
        );
        case.readings.cap_money = CapMoney::ToNextTier;
        assert_eq!(case.whole(), Ok(()));
        // The last tier to pay may itself be prorated.
        let mut case = funded();
        case.allocation.tiers[1].prorated = true;
        assert_eq!(case.whole(), Ok(()));
    }
}
