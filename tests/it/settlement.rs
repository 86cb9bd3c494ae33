//! What always holds of a settlement (calculation.md, section 7), over random awards, payments and opening balances.

use std::collections::BTreeMap;

use cdip::money::Money;
use cdip::settlement::calculation::{Recovery, SettledPayee, Settlement, Terms, settle};
use proptest::prelude::*;

/// Amounts in cents for some of nine payees.
fn amounts() -> impl Strategy<Value = BTreeMap<String, Money>> {
    prop::collection::btree_map(1_u32..10, 0_i64..500_000, 0..9).prop_map(|amounts| {
        amounts
            .into_iter()
            .map(|(payee, cents)| (format!("{:04}", payee * 10), Money::from_cents(cents)))
            .collect()
    })
}

fn terms() -> impl Strategy<Value = Terms> {
    let recovery = prop_oneof![
        Just(Recovery::Now),
        Just(Recovery::NextYear),
        Just(Recovery::None)
    ];
    (
        amounts(),
        amounts(),
        amounts(),
        0_i64..3_000_000,
        0_i64..500,
        recovery,
    )
        .prop_map(
            |(awards, paid, opening, available, tolerance, recovery)| Terms {
                awards,
                paid,
                opening,
                available: Money::from_cents(available),
                tolerance: Money::from_cents(tolerance),
                recovery,
            },
        )
}

fn sum(settlement: &Settlement, column: fn(&SettledPayee) -> Money) -> i64 {
    settlement.total(column).cents()
}

proptest! {
    #[test]
    fn awards_are_what_was_paid_and_is_due_less_what_was_overpaid(terms in terms()) {
        let settlement = settle(&terms).unwrap();
        prop_assert_eq!(
            sum(&settlement, |p| p.award),
            sum(&settlement, |p| p.paid) + sum(&settlement, |p| p.due_before_offset)
                - sum(&settlement, |p| p.overpaid)
                + sum(&settlement, |p| p.settled_difference)
        );
    }

    #[test]
    fn no_more_is_payable_now_than_there_is_cash(terms in terms()) {
        let settlement = settle(&terms).unwrap();
        let paid: i64 = terms.paid.values().map(|paid| paid.cents()).sum();
        let cash = terms.available.cents() - paid;
        prop_assert!(sum(&settlement, |p| p.payable_now) <= cash.max(0));
        // Less than a cent a payee stays over where the cash does not cover the dues.
        let dues = sum(&settlement, |p| p.due);
        if dues > cash && cash > 0 {
            let left = cash - sum(&settlement, |p| p.payable_now);
            prop_assert!(left < i64::try_from(settlement.payees.len()).unwrap());
        } else if dues <= cash {
            prop_assert_eq!(sum(&settlement, |p| p.payable_now), dues);
        }
    }

    #[test]
    fn every_payee_of_any_list_has_one_line_and_nobody_else_has(terms in terms()) {
        let settlement = settle(&terms).unwrap();
        let mut codes: Vec<&String> =
            [&terms.awards, &terms.paid, &terms.opening].into_iter().flat_map(BTreeMap::keys).collect();
        codes.sort();
        codes.dedup();
        let lines: Vec<&String> = settlement.payees.iter().map(|line| &line.payee).collect();
        prop_assert_eq!(lines, codes);
    }

    #[test]
    fn no_payee_is_owed_and_owes_for_the_same_year(terms in terms()) {
        for line in settle(&terms).unwrap().payees {
            prop_assert!(line.due_before_offset == Money::ZERO || line.overpaid == Money::ZERO);
            prop_assert_eq!(line.payable_now + line.after_recovery, line.due);
            prop_assert_eq!(line.due + line.offset, line.due_before_offset);
            prop_assert_eq!(line.to_recover + line.carried + line.waived, line.open);
        }
    }

    #[test]
    fn another_payees_overpayment_changes_what_is_due_to_nobody(terms in terms(), extra in 1_i64..100_000) {
        let before = settle(&terms).unwrap();
        let mut more = terms.clone();
        more.paid.insert("9990".to_string(), Money::from_cents(extra));
        let after = settle(&more).unwrap();
        for line in before.payees {
            let same = after.payees.iter().find(|other| other.payee == line.payee).unwrap();
            prop_assert_eq!(line.due, same.due);
            prop_assert_eq!(line.open, same.open);
        }
    }
}
