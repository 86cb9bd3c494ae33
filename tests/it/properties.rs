//! What must always hold (calculation.md, section 5), under every combination of readings.
//!
//! The allocation checks most of this itself and gives no result if a check fails. These tests work out the same properties from input
//! and output alone, so that a check that does nothing is noticed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;

use cdip::allocation::{
    Allocation, Award, AwardOutcome, Certificate, Claimant, Demand, TierShare, allocate,
};
use cdip::calculation::Calculation;
use cdip::decision::{Outcome, Settled};
use cdip::ids::Sasid;
use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::ranks::{ParticipantRank, ProgramRank, RowRank, TierRank};
use cdip::report::text;
use cdip::rules::readings::{
    CapBase, CapMoney, CapRounding, CapSelection, CrossEntity, ReadingValue, Readings, Rounding,
    Unit,
};
use cdip::rules::terms::{Category, KindSet, ParticipantKind};
use cdip::rules::{RuleSet, TierCap, Weight, built_in};
use chrono::{Days, NaiveDate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::batch_builder::{
    PARTICIPANTS, Row, TestBatch, calculated_in, clean_row, csv_of, ends, pupil,
};

/// Rules, readings and a demand: all that an allocation depends on.
#[derive(Clone, Debug)]
struct Scenario {
    rules: RuleSet,
    readings: Readings,
    demand: Demand,
}

impl Scenario {
    fn allocated(&self) -> Allocation {
        allocate(&self.rules, &self.readings, &self.demand).unwrap()
    }

    fn awards<'a>(
        &'a self,
        allocation: &'a Allocation,
    ) -> impl Iterator<Item = (&'a Certificate, &'a Award)> {
        self.demand.certificates.iter().zip(&allocation.awards)
    }

    fn weight(&self, certificate: &Certificate) -> i128 {
        i128::from(
            if certificate.frl {
                self.rules.frl_multiplier
            } else {
                Weight::ONE
            }
            .hundredths(),
        )
    }
}

/// The rules of 2024-25 without their sources, which only make a failure long to read.
pub fn plain_rules() -> RuleSet {
    RuleSet {
        sources: Vec::new(),
        ..built_in("co-cdip-2024-25").unwrap().unwrap()
    }
}

fn share(text: &str, numerator: u64, denominator: u64) -> cdip::rules::Share {
    cdip::rules::Share {
        text: text.to_string(),
        numerator,
        denominator,
    }
}

fn rules() -> impl Strategy<Value = RuleSet> {
    let caps = || {
        let shares = [
            share("0", 0, 1),
            share("0.10", 1, 10),
            share("0.25", 1, 4),
            share("0.333333", 333_333, 1_000_000),
        ];
        option::weighted(0.7, select(shares.to_vec()))
    };
    (
        select(&[100_000, 72_533, 1][..]),
        select(&[100, 120, 133, 250][..]),
        caps(),
        caps(),
    )
        .prop_map(|(per_unit_cents, multiplier, first_cap, second_cap)| {
            let mut rules = plain_rules();
            rules.per_unit = Money::from_cents(per_unit_cents);
            rules.frl_multiplier = Weight::from_hundredths(multiplier);
            rules.tiers[0].cap = first_cap.map(TierCap::Share);
            rules.tiers[1].cap = second_cap.map(TierCap::Share);
            rules
        })
}

fn readings() -> impl Strategy<Value = Readings> {
    (
        select(Unit::ALL),
        select(CapBase::ALL),
        select(CapRounding::ALL),
        select(CapSelection::ALL),
        subsequence(
            ParticipantKind::ALL.to_vec(),
            0..=ParticipantKind::ALL.len(),
        ),
        select(CapMoney::ALL),
        select(Rounding::ALL),
        select(CrossEntity::ALL),
    )
        .prop_map(
            |(
                unit,
                cap_base,
                cap_rounding,
                cap_selection,
                kinds,
                cap_money,
                rounding,
                cross_entity,
            )| Readings {
                unit,
                cap_base,
                cap_rounding,
                cap_selection,
                cap_applies_to: kinds.into_iter().collect::<KindSet>(),
                cap_money,
                rounding,
                cross_entity,
            },
        )
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 7, 1).unwrap()
}

/// Certificates crowd on few pupils, days and participants, so that ties and second awards are common; the money is sometimes
/// far too little and sometimes more than enough.
fn demand() -> impl Strategy<Value = Demand> {
    let claimant = (select(ParticipantKind::ALL), any::<bool>());
    let claimant = claimant.prop_map(|(kind, requires_completion)| Claimant {
        kind,
        requires_completion,
    });
    // By program: its rank is the position of its category.
    let certificate = (
        0..20_u64,
        1..=15_u64,
        0..Category::ALL.len(),
        any::<Index>(),
        any::<bool>(),
    );
    (
        vec(claimant, 1..6),
        vec(certificate, 0..40),
        0..=5_000_000_i64,
        option::of(0..=2_000_000_i64),
        any::<[u8; 6]>(),
    )
        .prop_map(
            |(claimants, certificates, available_cents, supplement_cents, refused)| {
                let certificates: Vec<Certificate> = certificates
                    .into_iter()
                    .enumerate()
                    .map(
                        |(row, (day, sasid, program, participant, frl))| Certificate {
                            row: RowRank::new(row),
                            date: first_day() + Days::new(day),
                            sasid: Sasid::from_number(sasid),
                            program: ProgramRank::new(program),
                            participant: ParticipantRank::new(participant.index(claimants.len())),
                            category: Category::ALL[program],
                            frl,
                        },
                    )
                    .collect();
                let mut reported = refused.map(|rows| u64::from(rows % 16));
                for certificate in &certificates {
                    reported[certificate.category as usize] += 1;
                }
                Demand {
                    certificates,
                    claimants,
                    reported,
                    available: Money::from_cents(available_cents),
                    supplement: supplement_cents.map(Money::from_cents),
                }
            },
        )
}

fn scenario() -> impl Strategy<Value = Scenario> {
    (rules(), readings(), demand()).prop_map(|(rules, readings, demand)| Scenario {
        rules,
        readings,
        demand,
    })
}

fn total(amounts: impl Iterator<Item = Money>) -> Money {
    amounts.sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_cent_is_paid_left_over_or_unspent(scenario in scenario()) {
        let allocation = scenario.allocated();
        let available = scenario.demand.available;
        let residuals = total(allocation.tiers.iter().map(|tier| tier.residual));
        let rows = total(allocation.awards.iter().map(|award| award.amount));
        prop_assert_eq!(available, rows + residuals + allocation.unspent);

        let mut money = available;
        for (index, tier) in TierRank::enumerate(&allocation.tiers) {
            prop_assert_eq!(tier.money_before, money, "a tier begins with what the one before it left");
            prop_assert_eq!(tier.money_before, tier.paid + tier.residual + tier.money_after);
            prop_assert_eq!(tier.paid, total(tier.shares.iter().map(|share| share.amount)));
            prop_assert_eq!(tier.paid, total(allocation.awards.iter().filter(|award| award.tier == index).map(|award| award.amount)));
            prop_assert!(tier.prorated || tier.residual == Money::ZERO);
            money = tier.money_after;
        }
        prop_assert_eq!(allocation.unspent, money);
        let participants = total(ParticipantRank::all(scenario.demand.claimants.len()).map(|participant| allocation.total_of(participant)));
        prop_assert_eq!(participants, rows + allocation.supplement());
    }

    #[test]
    fn every_certificate_ends_once_and_only_the_paid_have_an_amount(scenario in scenario()) {
        let allocation = scenario.allocated();
        prop_assert_eq!(allocation.awards.len(), scenario.demand.certificates.len());
        for (certificate, award) in scenario.awards(&allocation) {
            prop_assert_eq!(award.outcome == AwardOutcome::Paid, award.amount > Money::ZERO);
            prop_assert_eq!(award.outcome == AwardOutcome::AlreadyCounted, award.weight.is_none(), "only units have a weight");
            prop_assert!(scenario.rules.tiers[award.tier].categories.contains(certificate.category));
        }
        for (index, tier) in TierRank::enumerate(&allocation.tiers) {
            let count = |wanted: &[AwardOutcome]| {
                allocation.awards.iter().filter(|award| award.tier == index && wanted.contains(&award.outcome)).count() as u64
            };
            prop_assert_eq!(tier.units, count(&[AwardOutcome::Paid, AwardOutcome::Unfunded]));
            prop_assert_eq!(tier.over_cap, count(&[AwardOutcome::OverCap]));
            prop_assert_eq!(tier.certificates, tier.units + tier.over_cap + count(&[AwardOutcome::AlreadyCounted]));
        }
    }

    #[test]
    fn no_unit_gets_more_than_its_full_award(scenario in scenario()) {
        let allocation = scenario.allocated();
        for (certificate, award) in scenario.awards(&allocation) {
            // rounded up to the cent
            let most = (i128::from(scenario.rules.per_unit.cents()) * scenario.weight(certificate) + 99) / 100;
            prop_assert!(i128::from(award.amount.cents()) <= most && award.amount >= Money::ZERO);
        }
    }

    #[test]
    fn no_pupil_is_paid_twice_under_one_award_per_pupil(mut scenario in scenario()) {
        scenario.readings.unit = Unit::Pupil;
        let allocation = scenario.allocated();
        let mut paid = HashSet::new();
        for (certificate, _) in scenario.awards(&allocation).filter(|(_, award)| award.outcome == AwardOutcome::Paid) {
            prop_assert!(paid.insert(certificate.sasid), "a pupil is paid twice");
        }
    }

    #[test]
    fn no_pupil_is_a_unit_twice_in_a_tier_unless_each_completion_is_one(scenario in scenario()) {
        let allocation = scenario.allocated();
        let mut units: HashMap<(TierRank, Sasid), usize> = HashMap::new();
        for (certificate, award) in scenario.awards(&allocation).filter(|(_, award)| award.weight.is_some()) {
            *units.entry((award.tier, certificate.sasid)).or_default() += 1;
        }
        match scenario.readings.unit {
            Unit::Completion => prop_assert_eq!(units.values().sum::<usize>(), scenario.demand.certificates.len()),
            Unit::Pupil | Unit::PupilPerTier => prop_assert!(units.values().all(|units| *units == 1)),
        }
    }

    #[test]
    fn no_capped_participant_exceeds_its_share_and_nobody_is_cut_below_it(scenario in scenario()) {
        let allocation = scenario.allocated();
        for (rules, tier) in scenario.rules.tiers.iter().zip(&allocation.tiers) {
            let base = match scenario.readings.cap_base {
                CapBase::Qualified => tier.certificates,
                CapBase::Reported => rules.categories.iter().map(|category| scenario.demand.reported[category as usize]).sum(),
            };
            let mut limit = None;
            if let Some(TierCap::Share(share)) = &rules.cap {
                let (whole, rest) = (share.numerator * base / share.denominator, share.numerator * base % share.denominator);
                limit = Some(whole + u64::from(match scenario.readings.cap_rounding {
                    CapRounding::Floor => false,
                    CapRounding::Nearest => 2 * rest >= share.denominator,
                    CapRounding::Ceiling => rest > 0,
                }));
            }
            let cap = tier.cap.as_ref().and_then(|cap| cap.share().map(|(_, base)| base).zip(cap.limit().units()));
            prop_assert_eq!(cap, limit.map(|limit| (base, limit)));
            for (claimant, share) in scenario.demand.claimants.iter().zip(&tier.shares) {
                let bound = scenario.readings.cap_applies_to.contains(claimant.kind);
                if let Some(limit) = limit.filter(|_| bound) {
                    prop_assert!(share.units <= limit);
                    prop_assert!(share.over_cap == 0 || share.units == limit, "cut below the limit");
                } else {
                    prop_assert_eq!(share.over_cap, 0);
                }
            }
        }
    }

    #[test]
    fn the_cap_keeps_as_many_with_lunch_as_the_reading_says_and_the_earliest_of_each_kind(scenario in scenario()) {
        let allocation = scenario.allocated();
        let selection = scenario.readings.cap_selection;
        let mut units: BTreeMap<(TierRank, ParticipantRank), Vec<(&Certificate, bool)>> = BTreeMap::new();
        for (certificate, award) in scenario.awards(&allocation).filter(|(_, award)| award.weight.is_some()) {
            let kept = award.outcome != AwardOutcome::OverCap;
            units.entry((award.tier, certificate.participant)).or_default().push((certificate, kept));
        }
        for mut units in units.into_values() {
            units.sort_by_key(|(unit, _)| (unit.date, unit.sasid, unit.program, unit.row));
            let kept = units.iter().filter(|(_, kept)| *kept).count();
            let frl = units.iter().filter(|(unit, _)| unit.frl).count();
            let frl_kept = units.iter().filter(|(unit, kept)| unit.frl && *kept).count();
            match selection {
                CapSelection::Earliest => {}
                CapSelection::FrlFirst => prop_assert_eq!(frl_kept, frl.min(kept)),
                // kept x frl / all, halves up
                CapSelection::Proportional => prop_assert_eq!(frl_kept, (2 * kept * frl + units.len()) / (2 * units.len())),
            }
            for group in [true, false] {
                let in_group = |unit: &Certificate| selection == CapSelection::Earliest || unit.frl == group;
                let kept: Vec<bool> = units.iter().filter(|(unit, _)| in_group(unit)).map(|(_, kept)| *kept).collect();
                prop_assert!(kept.is_sorted_by(|earlier, later| earlier >= later), "a later unit is kept and an earlier one is not");
            }
        }
    }

    #[test]
    fn the_rate_is_the_money_over_the_demand_at_most_the_full_award_and_floored(scenario in scenario()) {
        let allocation = scenario.allocated();
        for (index, tier) in TierRank::enumerate(&allocation.tiers) {
            let weight = |over_cap: bool| -> i128 {
                scenario
                    .awards(&allocation)
                    .filter(|(_, award)| award.tier == index && award.weight.is_some())
                    .filter(|(_, award)| (award.outcome == AwardOutcome::OverCap) == over_cap)
                    .map(|(certificate, _)| scenario.weight(certificate))
                    .sum()
            };
            let carried = if scenario.readings.cap_money == CapMoney::ToNextTier { weight(true) } else { 0 };
            let demand = weight(false) + carried;
            let full = i128::from(scenario.rules.per_unit.cents());
            let money = i128::from(tier.money_before.cents());
            let short = money * 100 < full * demand;
            let rate = match (tier.units, short) {
                (0, _) => 0,
                (_, true) => money * 100 / demand,
                (_, false) => full,
            };
            let frl_rate = rate * i128::from(scenario.rules.frl_multiplier.hundredths()) / 100;
            prop_assert_eq!((i128::from(tier.rate.cents()), i128::from(tier.frl_rate.cents())), (rate, frl_rate));
            prop_assert_eq!(tier.prorated, short && tier.units > 0);
            // What goes on from a prorated tier is what the over-cap units would have been paid.
            if tier.prorated {
                prop_assert_eq!(i128::from(tier.money_after.cents()), money * carried / demand);
            }
        }
    }

    #[test]
    fn no_tier_pays_while_an_earlier_one_is_prorated(mut scenario in scenario()) {
        scenario.readings.cap_money = CapMoney::StaysInTier;
        let allocation = scenario.allocated();
        let mut short = false;
        for tier in &allocation.tiers {
            prop_assert!(!short || tier.paid == Money::ZERO);
            short |= tier.prorated;
        }
    }

    #[test]
    fn the_order_of_the_certificates_changes_no_award(
        (scenario, shuffled) in scenario().prop_flat_map(|scenario| {
            let shuffled = Just(scenario.demand.certificates.clone()).prop_shuffle();
            (Just(scenario), shuffled)
        })
    ) {
        let allocation = scenario.allocated();
        let by_row = |scenario: &Scenario, allocation: &Allocation| -> BTreeMap<RowRank, Award> {
            scenario.awards(allocation).map(|(certificate, award)| (certificate.row, *award)).collect()
        };
        let mut other = scenario.clone();
        other.demand.certificates = shuffled;
        let reallocated = other.allocated();
        prop_assert_eq!(by_row(&scenario, &allocation), by_row(&other, &reallocated));
        prop_assert_eq!(allocation.tiers, reallocated.tiers);
        prop_assert_eq!(allocation.supplements, reallocated.supplements);
    }

    #[test]
    fn more_money_never_lowers_anybodys_amount(mut scenario in scenario(), more_cents in 1..=3_000_000_i64) {
        scenario.readings.unit = Unit::Completion;
        scenario.readings.rounding = Rounding::UniformFloor;
        let before = scenario.allocated();
        scenario.demand.available += Money::from_cents(more_cents);
        let after = scenario.allocated();
        for (before, after) in before.awards.iter().zip(&after.awards) {
            prop_assert!(before.amount <= after.amount, "{} became {}", before.amount, after.amount);
        }
    }

    #[test]
    fn equal_units_get_equal_amounts(mut scenario in scenario()) {
        scenario.readings.rounding = Rounding::UniformFloor;
        let allocation = scenario.allocated();
        let mut amounts: HashMap<(TierRank, bool), Money> = HashMap::new();
        let units = scenario.awards(&allocation).filter(|(_, award)| matches!(award.outcome, AwardOutcome::Paid | AwardOutcome::Unfunded));
        for (certificate, award) in units {
            let equals = *amounts.entry((award.tier, certificate.frl)).or_insert(award.amount);
            prop_assert_eq!(award.amount, equals);
        }
    }

    #[test]
    fn largest_remainder_pays_the_whole_pot_to_the_cent_and_nobody_a_cent_too_much(mut scenario in scenario()) {
        scenario.readings.rounding = Rounding::LargestRemainder;
        let allocation = scenario.allocated();
        for (index, tier) in TierRank::enumerate(&allocation.tiers).filter(|(_, tier)| tier.prorated) {
            let money = i128::from(tier.money_before.cents());
            let demand = i128::from(tier.demand_hundredths);
            // p x weight lies between these two whole amounts of cents.
            let between = |weight: i128| (money * weight / demand)..=(money * weight + demand - 1) / demand;
            let mut by_participant = vec![0; scenario.demand.claimants.len()];
            for (certificate, award) in scenario.awards(&allocation).filter(|(_, award)| award.tier == index) {
                if matches!(award.outcome, AwardOutcome::Paid | AwardOutcome::Unfunded) {
                    let weight = scenario.weight(certificate);
                    prop_assert!(between(weight).contains(&i128::from(award.amount.cents())));
                    by_participant[certificate.participant] += weight;
                }
            }
            for (weight, TierShare { amount, .. }) in by_participant.iter().zip(&tier.shares) {
                prop_assert!(between(*weight).contains(&i128::from(amount.cents())));
            }
            let whole = money * by_participant.iter().sum::<i128>() / demand;
            prop_assert_eq!(i128::from(tier.paid.cents()), whole);
        }
    }

    #[test]
    fn rows_that_were_reported_in_vain_change_nothing_where_the_cap_counts_qualified_ones(mut scenario in scenario()) {
        scenario.readings.cap_base = CapBase::Qualified;
        let before = scenario.allocated();
        scenario.demand.reported = [1_000; 6];
        prop_assert_eq!(before, scenario.allocated());
    }

    #[test]
    fn the_supplement_repeats_the_first_tier_within_its_pool_and_never_changes_the_tiers(scenario in scenario()) {
        let allocation = scenario.allocated();
        let mut without = scenario.clone();
        without.demand.supplement = None;
        prop_assert_eq!(&without.allocated().tiers, &allocation.tiers);
        prop_assert_eq!(without.allocated().supplement(), Money::ZERO);

        let asked: Vec<i128> = scenario.demand.claimants.iter().zip(&allocation.tiers[0].shares)
            .map(|(claimant, share)| if claimant.requires_completion { i128::from(share.amount.cents()) } else { 0 })
            .collect();
        let sum: i128 = asked.iter().sum();
        let pool = scenario.demand.supplement.map_or(0, |pool| i128::from(pool.cents()));
        for (asked, supplement) in asked.into_iter().zip(&allocation.supplements) {
            let expected = if sum <= pool { asked } else { asked * pool / sum };
            prop_assert_eq!(i128::from(supplement.cents()), expected);
        }
    }
}

/// A batch on disk under random readings.
#[derive(Clone, Debug)]
struct OnDisk {
    batch: TestBatch,
    files: BTreeMap<&'static str, Vec<Row>>,
}

impl OnDisk {
    fn with_rows(&self) -> TestBatch {
        self.files
            .iter()
            .fold(self.batch.clone(), |batch, (path, rows)| {
                batch.rows(path, rows)
            })
    }
}

/// What became of the completions, without regard to where they stand.
fn fates(calculation: &Calculation) -> Vec<impl Ord + std::fmt::Debug + use<>> {
    let fate = |decision: &Settled| {
        (
            decision.sasid,
            decision.program,
            decision.participant,
            decision.date,
            decision.outcome,
            decision.amount,
        )
    };
    let mut fates: Vec<_> = calculation
        .decisions
        .iter()
        .map(fate)
        .filter(|fate| fate.4 != Outcome::NotQualified)
        .collect();
    fates.sort();
    fates
}

const FILES: [&str; 3] = [
    "submissions/0010.csv",
    "submissions/0020 Second District/fall.csv",
    "submissions/spring.csv",
];

/// A row of a pupil whose lunch is the same on all rows; a few rows of a file belong to others, and some completions are shared.
pub fn submitted_row() -> impl Strategy<Value = Row> {
    const ENTITIES: [(&str, &str); 5] = [
        ("0010", "0101"),
        ("0010", "4500"),
        ("0020", "0101"),
        ("8001", "4600"),
        ("9035", "0000"),
    ];
    (
        select(&ENTITIES[..]),
        1..=12_u32,
        select(&["IC1", "IN1", "RE1", "AP1"][..]),
        0..6_u64,
    )
        .prop_map(|((district, school), number, program, day)| {
            pupil(number)
                .with(Field::DistrictCode, district)
                .with(Field::SchoolCode, school)
                .with(Field::ProgramCode, program)
                .with(Field::ApScore, "4")
                .with(
                    Field::CompletionDate,
                    (first_day() + Days::new(day)).to_string(),
                )
                .with(Field::Lunch, if number % 3 == 0 { "Y" } else { "N" })
        })
}

fn on_disk() -> impl Strategy<Value = OnDisk> {
    (
        readings(),
        0..=20_000_u32,
        vec((select(&FILES[..]), submitted_row()), 1..40),
    )
        .prop_map(|(readings, dollars, rows)| {
            let mut batch = TestBatch::new()
                .available(&dollars.to_string())
                .setting("supplement_available = \"500.00\"");
            for (doc, value) in readings.entries() {
                let value = match value {
                    ReadingValue::One(value) => format!("\"{value}\""),
                    ReadingValue::Many(values) => format!("{values:?}"),
                };
                batch = batch.reading(doc.key, &value);
            }
            let mut files: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
            for (path, row) in rows {
                files.entry(path).or_default().push(row);
            }
            OnDisk { batch, files }
        })
}

proptest! {
    // Each case writes and reads several folders.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_row_ends_once_and_rows_participants_and_payees_have_the_same_total(on_disk in on_disk()) {
        let calculation = on_disk.with_rows().calculated();
        let submitted: usize = on_disk.files.values().map(Vec::len).sum();
        prop_assert_eq!(calculation.buckets().iter().map(|(_, rows)| rows).sum::<usize>(), submitted);
        prop_assert_eq!(ends(&calculation).len(), submitted);
        let unpaid = calculation.decisions.iter().filter(|decision| decision.outcome != Outcome::Paid);
        prop_assert_eq!(total(unpaid.map(|decision| decision.amount)), Money::ZERO);
        let rows = total(ends(&calculation).into_iter().map(|end| end.amount)) + calculation.allocation.supplement();
        let mut awards = Vec::new();
        text::awards(&calculation, &mut awards).unwrap();
        let cents = |amount: &str| Money::from_cents(amount.replace('.', "").parse().unwrap());
        let participants: Vec<csv::StringRecord> = csv::Reader::from_reader(&awards[..]).records().map(Result::unwrap).collect();
        prop_assert_eq!(total(participants.iter().map(|line| cents(&line[line.len() - 1]))), rows);
        let columns = participants.iter().flat_map(|line| line.iter().skip(7).take(line.len() - 8).map(cents).collect::<Vec<_>>());
        prop_assert_eq!(total(columns), rows);
        prop_assert_eq!(total(calculation.payees().into_iter().map(|(_, total)| total)), rows);
    }

    #[test]
    fn the_order_of_files_rows_and_participants_changes_no_amount(
        (on_disk, shuffled, participants) in on_disk().prop_flat_map(|on_disk| {
            let shuffled: Vec<_> = on_disk.files.iter().map(|(path, rows)| (Just(*path), Just(rows.clone()).prop_shuffle())).collect();
            let participants: Vec<&'static str> = PARTICIPANTS.lines().skip(1).collect();
            (Just(on_disk), shuffled, Just(participants).prop_shuffle())
        })
    ) {
        let expected = on_disk.with_rows().calculated();
        let heading = PARTICIPANTS.lines().next().unwrap();
        let participants = format!("{heading}\n{}\n", participants.join("\n"));
        let other = OnDisk { batch: on_disk.batch.participants(&participants), files: shuffled.into_iter().collect() };
        // The folder lists its files as the system pleases; they come to be in the opposite order.
        let folder = other.with_rows().write();
        for path in other.files.keys() {
            fs::remove_file(folder.path().join(path)).unwrap();
        }
        for (path, rows) in other.files.iter().rev() {
            fs::write(folder.path().join(path), csv_of(rows)).unwrap();
        }
        let found = calculated_in(&folder).unwrap();
        prop_assert_eq!(fates(&found), fates(&expected));
        prop_assert_eq!(&found.allocation.tiers, &expected.allocation.tiers);
        prop_assert_eq!(found.payees(), expected.payees());
    }

    #[test]
    fn a_row_that_does_not_qualify_changes_no_amount_where_the_cap_counts_qualified_ones(
        on_disk in on_disk(),
        row in submitted_row(),
        (field, text) in select(&[
            (Field::Grade, "8"),
            (Field::ProgramCode, "XX9"),
            (Field::CompletionDate, "2023-06-30"),
            (Field::DistrictCode, "0030"),
        ][..]),
        place in any::<Index>(),
    ) {
        let mut on_disk = on_disk;
        on_disk.batch = on_disk.batch.reading("cap_base", "\"qualified\"");
        let before = on_disk.with_rows().calculated();
        let rows = on_disk.files.values_mut().next().unwrap();
        rows.insert(place.index(rows.len() + 1), row.with(field, text));
        let after = on_disk.with_rows().calculated();
        prop_assert_eq!(before.count(Outcome::NotQualified) + 1, after.count(Outcome::NotQualified));
        prop_assert_eq!(fates(&after), fates(&before));
        prop_assert_eq!(&after.allocation.tiers, &before.allocation.tiers);
        prop_assert_eq!(after.payees(), before.payees());
    }

    #[test]
    fn a_question_an_attest_and_a_passed_over_file_change_no_amount(on_disk in on_disk()) {
        let before = on_disk.with_rows();
        let mut after = on_disk.clone();
        // One digit away from the charter 4500, which is asked about.
        for row in after.files.values_mut().flatten() {
            let texts = row.texts();
            if texts[0] == "0010" && texts[1] == "0101" {
                *row = row.clone().with(Field::SchoolCode, "4510");
            }
        }
        let attests: Vec<String> = on_disk
            .files
            .keys()
            .map(|path| format!(",,,,{path},,,attest,reviewed,Office,2024-09-01"))
            .collect();
        let after = after
            .with_rows()
            .resolutions(&attests.join("\n"))
            .rows("submissions/.0010.csv", &[clean_row()])
            .file("submissions/~$0020.xlsx", vec![b'x'; 2_000]);
        let (before, after) = (before.calculated(), after.calculated());
        prop_assert_eq!(ends(&before), ends(&after));
        prop_assert_eq!(before.payees(), after.payees());
    }
}
