//! The published results of the program (domain.md), and the arithmetic behind them.

use cdip::allocation::{Allocation, AwardOutcome, Certificate, Claimant, Demand, allocate};
use cdip::ids::Sasid;
use cdip::money::Money;
use cdip::ranks::{ParticipantRank, ProgramRank, RowRank};
use cdip::rules::readings::{Readings, Unit};
use cdip::rules::terms::{Category, ParticipantKind};
use cdip::rules::{RuleSet, Weight};
use chrono::NaiveDate;

use crate::batch_builder::dollars;
use crate::properties::plain_rules;

/// Districts over which the completions are spread evenly, enough for none to come near a tenth.
const DISTRICTS: usize = 20;

/// As many industry credentials, of which the first `frl` are of pupils with free or reduced-price lunch, and one internship.
fn allocated(
    rules: &RuleSet,
    unit: Unit,
    available: Money,
    credentials: usize,
    frl: usize,
) -> Allocation {
    let certificate = |row: usize, category: Category| Certificate {
        row: RowRank::new(row),
        date: NaiveDate::from_ymd_opt(2024, 5, 17).unwrap(),
        sasid: Sasid::from_number(row as u64),
        program: ProgramRank::new(category as usize),
        participant: ParticipantRank::new(row % DISTRICTS),
        category,
        frl: row < frl,
    };
    let mut certificates: Vec<Certificate> = (0..credentials)
        .map(|row| certificate(row, Category::IndustryCredential))
        .collect();
    certificates.push(certificate(credentials, Category::Internship));
    let claimant = Claimant {
        kind: ParticipantKind::District,
        requires_completion: false,
    };
    let demand = Demand {
        certificates,
        claimants: vec![claimant; DISTRICTS],
        reported: [0; 6],
        available,
        supplement: None,
    };
    allocate(
        rules,
        &Readings {
            unit,
            ..Readings::default()
        },
        &demand,
    )
    .unwrap()
}

/// The rules of the first years: no cap, nothing more for free or reduced-price lunch.
fn first_years() -> RuleSet {
    let mut rules = plain_rules();
    rules.frl_multiplier = Weight::ONE;
    for tier in &mut rules.tiers {
        tier.cap = None;
    }
    rules
}

fn cents(cents: i64) -> Money {
    Money::from_cents(cents)
}

fn assert_later_tiers_get_nothing(allocation: &Allocation) {
    assert!(
        allocation.tiers[1..]
            .iter()
            .all(|tier| tier.money_before == Money::ZERO && tier.paid == Money::ZERO)
    );
    assert_eq!(
        allocation.awards.last().map(|award| award.outcome),
        Some(AwardOutcome::Unfunded),
        "the internship"
    );
    assert_eq!(allocation.unspent, Money::ZERO);
}

#[test]
fn two_million_dollars_over_the_3168_completions_of_2017_18_are_631_dollars_31_each() {
    let allocation = allocated(
        &first_years(),
        Unit::Completion,
        dollars(2_000_000),
        3_168,
        0,
    );
    let tier = &allocation.tiers[0];
    // 2,000,000 / 3,168 = 631.3131..; 3,168 x 631.31 = 1,999,990.08; 2,000,000.00 - 1,999,990.08 = 9.92
    assert_eq!(
        (tier.prorated, tier.rate, tier.paid, tier.residual),
        (true, cents(63_131), cents(199_999_008), cents(992))
    );
    assert_later_tiers_get_nothing(&allocation);
}

#[test]
fn one_million_dollars_over_the_1800_completions_of_2016_17_are_555_dollars_55_each() {
    let allocation = allocated(
        &first_years(),
        Unit::Completion,
        dollars(1_000_000),
        1_800,
        0,
    );
    let tier = &allocation.tiers[0];
    // 1,000,000 / 1,800 = 555.5555..; 1,800 x 555.55 = 999,990.00; 1,000,000.00 - 999,990.00 = 10.00
    assert_eq!(
        (tier.prorated, tier.rate, tier.paid, tier.residual),
        (true, cents(55_555), cents(99_999_000), cents(1_000))
    );
    assert_later_tiers_get_nothing(&allocation);
}

#[test]
fn nine_and_a_half_million_dollars_with_5000_of_12000_on_lunch_are_730_dollars_76_and_876_dollars_91()
 {
    let allocation = allocated(
        &plain_rules(),
        Unit::Pupil,
        dollars(9_500_000),
        12_000,
        5_000,
    );
    let tier = &allocation.tiers[0];
    // 7,000 + 1.2 x 5,000 = 13,000; 9,500,000 / 13,000 = 730.7692..; 1.2 x 730.76 = 876.912
    assert_eq!(
        (tier.weight_hundredths, tier.rate, tier.frl_rate),
        (1_300_000, cents(73_076), cents(87_691))
    );
    // 7,000 x 730.76 = 5,115,320.00; 5,000 x 876.91 = 4,384,550.00; together 9,499,870.00; 9,500,000.00 - 9,499,870.00 = 130.00
    assert_eq!(
        (tier.units, tier.frl_units, tier.paid, tier.residual),
        (12_000, 5_000, cents(949_987_000), dollars(130))
    );
    assert_later_tiers_get_nothing(&allocation);
}

#[test]
fn the_same_money_suffices_for_9500_pupils_without_lunch_and_then_nothing_is_left_for_the_next_tier()
 {
    let allocation = allocated(&plain_rules(), Unit::Pupil, dollars(9_500_000), 9_500, 0);
    let tier = &allocation.tiers[0];
    // 9,500 x 1,000 = 9,500,000
    assert_eq!(
        (tier.prorated, tier.rate, tier.paid, tier.residual),
        (false, dollars(1_000), dollars(9_500_000), Money::ZERO)
    );
    assert_later_tiers_get_nothing(&allocation);
}
