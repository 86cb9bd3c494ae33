//! The arithmetic of a settlement: awards, payments and opening balances in, one line per payee out (calculation.md, section 7).

use std::collections::{BTreeMap, BTreeSet};

use crate::money::Money;

/// How money that a payee owes the state is recovered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recovery {
    /// The payee pays it back now.
    #[default]
    Now,
    /// It is carried to next year's settlement.
    NextYear,
    /// It is waived (hold harmless).
    None,
}

/// The inputs of a settlement. Amounts are by payee code.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The report's award of each payee, the supplement included.
    pub awards: BTreeMap<String, Money>,
    /// The sum of the payments made to each payee for the report's budget year.
    pub paid: BTreeMap<String, Money>,
    /// What each payee owes the state from an earlier budget year.
    pub opening: BTreeMap<String, Money>,
    /// The appropriation and the supplement's pool.
    pub available: Money,
    /// A difference of at most this much either way counts as settled.
    pub tolerance: Money,
    /// How debts are recovered.
    pub recovery: Recovery,
}

/// One payee's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledPayee {
    /// Four digits.
    pub payee: String,
    /// The award of the report (A).
    pub award: Money,
    /// The sum of the payments made (P).
    pub paid: Money,
    /// A less P if it is within the tolerance; zero otherwise.
    pub settled_difference: Money,
    /// What is owed to the payee, before the offset.
    pub due_before_offset: Money,
    /// What the payee was paid beyond its award.
    pub overpaid: Money,
    /// What the payee owed from an earlier year (B).
    pub opening: Money,
    /// The part of the opening balance that the due pays off.
    pub offset: Money,
    /// What is owed to the payee after the offset.
    pub due: Money,
    /// The part of the due that the cash at hand covers.
    pub payable_now: Money,
    /// The rest of the due: payable when money was recovered.
    pub after_recovery: Money,
    /// What the payee still owes after the offset.
    pub open: Money,
    /// The part of `open` that is to be paid back now.
    pub to_recover: Money,
    /// The part of `open` that is carried to the next year.
    pub carried: Money,
    /// The part of `open` that is waived.
    pub waived: Money,
}

/// A settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// In ascending order of code: every payee of the report, of the payments and of the opening balances.
    pub payees: Vec<SettledPayee>,
    /// The money left after the payments made; below zero if more was paid than there was.
    pub cash: Money,
}

/// A settlement whose figures do not add up: a defect of the program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} does not hold")]
pub struct Unsettled(pub &'static str);

/// Settles. The reader of payments ensures that each payee's payments sum to zero or more.
///
/// # Errors
/// If what must hold (calculation.md, end of section 7) does not.
pub fn settle(terms: &Terms) -> Result<Settlement, Unsettled> {
    let codes: BTreeSet<&String> = terms
        .awards
        .keys()
        .chain(terms.paid.keys())
        .chain(terms.opening.keys())
        .collect();
    let mut payees: Vec<SettledPayee> = codes.into_iter().map(|payee| owed(payee, terms)).collect();
    let paid: Money = terms.paid.values().copied().sum();
    let cash = terms.available - paid;
    share_cash(&mut payees, cash);
    let settlement = Settlement { payees, cash };
    settlement.check(terms)?;
    Ok(settlement)
}

fn amount(amounts: &BTreeMap<String, Money>, payee: &str) -> Money {
    amounts.get(payee).copied().unwrap_or_default()
}

/// A payee's line before the cash is shared out.
fn owed(payee: &str, terms: &Terms) -> SettledPayee {
    let award = amount(&terms.awards, payee);
    let paid = amount(&terms.paid, payee);
    let opening = amount(&terms.opening, payee);
    let difference = award - paid;
    let is_settled = difference <= terms.tolerance && Money::ZERO - difference <= terms.tolerance;
    let counted = if is_settled { Money::ZERO } else { difference };
    let due_before_offset = counted.max(Money::ZERO);
    let overpaid = (Money::ZERO - counted).max(Money::ZERO);
    let offset = due_before_offset.min(opening);
    let open = overpaid + opening - offset;
    let (to_recover, carried, waived) = match terms.recovery {
        Recovery::Now => (open, Money::ZERO, Money::ZERO),
        Recovery::NextYear => (Money::ZERO, open, Money::ZERO),
        Recovery::None => (Money::ZERO, Money::ZERO, open),
    };
    SettledPayee {
        payee: payee.to_string(),
        award,
        paid,
        settled_difference: difference - counted,
        due_before_offset,
        overpaid,
        opening,
        offset,
        due: due_before_offset - offset,
        payable_now: Money::ZERO,
        after_recovery: Money::ZERO,
        open,
        to_recover,
        carried,
        waived,
    }
}

/// Every due is payable now if the cash covers them all; otherwise each gets its share, floored to the cent, and the cents that are
/// left over stay in cash.
fn share_cash(payees: &mut [SettledPayee], cash: Money) {
    let dues: Money = payees.iter().map(|payee| payee.due).sum();
    for payee in payees {
        payee.payable_now = if dues <= cash {
            payee.due
        } else {
            share(payee.due, cash, dues)
        };
        payee.after_recovery = payee.due - payee.payable_now;
    }
}

/// due x cash / dues, floored to the cent; zero without cash.
fn share(due: Money, cash: Money, dues: Money) -> Money {
    let cash = i128::from(cash.cents().max(0));
    let cents = i128::from(due.cents()) * cash / i128::from(dues.cents().max(1));
    // A share is at most its due, because the cash is less than the dues.
    i64::try_from(cents).map_or(due, Money::from_cents)
}

impl Settlement {
    /// The sum of a column over the payees.
    pub fn total(&self, column: impl Fn(&SettledPayee) -> Money) -> Money {
        self.payees.iter().map(column).sum()
    }

    /// What must hold, in release builds too.
    fn check(&self, terms: &Terms) -> Result<(), Unsettled> {
        let explained = self.total(|p| p.paid) + self.total(|p| p.due_before_offset)
            - self.total(|p| p.overpaid)
            + self.total(|p| p.settled_difference);
        let one_line_each = self
            .payees
            .windows(2)
            .all(|pair| pair[0].payee < pair[1].payee);
        for (holds, what) in [
            (
                explained == self.total(|p| p.award),
                "awards = payments + dues - overpayments + settled differences",
            ),
            (
                terms.awards.values().copied().sum::<Money>() == self.total(|p| p.award),
                "every award is on a line",
            ),
            (
                terms.paid.values().copied().sum::<Money>() == self.total(|p| p.paid),
                "every payment is on a line",
            ),
            (
                self.total(|p| p.payable_now) <= self.cash.max(Money::ZERO),
                "what is payable now is within the cash",
            ),
            (
                self.total(|p| p.open)
                    == self.total(|p| p.to_recover)
                        + self.total(|p| p.carried)
                        + self.total(|p| p.waived),
                "what is owed is recovered, carried or waived",
            ),
            (one_line_each, "each payee has one line"),
        ] {
            if !holds {
                return Err(Unsettled(what));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(amount: i64) -> Money {
        Money::from_cents(amount * 100)
    }

    fn by_payee(amounts: &[(&str, i64)]) -> BTreeMap<String, Money> {
        amounts
            .iter()
            .map(|(payee, cents)| ((*payee).to_string(), Money::from_cents(*cents)))
            .collect()
    }

    fn terms(awards: &[(&str, i64)], paid: &[(&str, i64)], available: i64) -> Terms {
        Terms {
            awards: by_payee(awards),
            paid: by_payee(paid),
            available: Money::from_cents(available),
            ..Terms::default()
        }
    }

    #[test]
    fn a_payee_that_was_paid_less_than_its_award_is_due_the_rest() {
        // 1000.00 - 400.00 = 600.00; cash 1000.00 - 400.00 = 600.00 covers it.
        let settlement = settle(&terms(&[("0010", 100_000)], &[("0010", 40_000)], 100_000));
        let line = &settlement.unwrap().payees[0];
        assert_eq!(line.due, dollars(600));
        assert_eq!(line.payable_now, dollars(600));
        assert_eq!(line.after_recovery, Money::ZERO);
        assert_eq!(line.to_recover, Money::ZERO);
    }

    #[test]
    fn one_payees_overpayment_is_not_netted_against_another_and_the_due_waits_for_the_cash() {
        // Awards 500 + 500, paid 800 + 0, available 1000: cash 200, due 500 of 0020, overpaid 300 by 0010.
        let settlement = settle(&terms(
            &[("0010", 50_000), ("0020", 50_000)],
            &[("0010", 80_000)],
            100_000,
        ))
        .unwrap();
        let [first, second] = &settlement.payees[..] else {
            panic!("two payees")
        };
        assert_eq!(first.to_recover, dollars(300));
        assert_eq!(second.payable_now, dollars(200));
        assert_eq!(second.after_recovery, dollars(300));
        assert_eq!(settlement.cash, dollars(200));
    }

    #[test]
    fn cash_that_does_not_cover_the_dues_is_shared_by_them_and_the_cents_left_over_stay_in_cash() {
        // Dues 100.00 each of three, cash 100.00: 100 x 100 / 300 = 33.33 each, 0.01 stays.
        let settlement = settle(&terms(
            &[("0010", 10_000), ("0020", 10_000), ("0030", 10_000)],
            &[],
            10_000,
        ))
        .unwrap();
        for line in &settlement.payees {
            assert_eq!(line.payable_now, Money::from_cents(3_333));
            assert_eq!(line.after_recovery, Money::from_cents(6_667));
        }
    }

    #[test]
    fn an_opening_balance_is_paid_off_from_the_due_and_what_is_left_of_it_is_open() {
        // Due 100.00, owed from last year 150.00: offset 100.00, due 0, open 50.00.
        let mut terms = terms(&[("0010", 10_000)], &[], 10_000);
        terms.opening = by_payee(&[("0010", 15_000)]);
        for (recovery, to_recover, carried, waived) in [
            (Recovery::Now, 5_000, 0, 0),
            (Recovery::NextYear, 0, 5_000, 0),
            (Recovery::None, 0, 0, 5_000),
        ] {
            terms.recovery = recovery;
            let settlement = settle(&terms).unwrap();
            let line = &settlement.payees[0];
            assert_eq!(line.offset, dollars(100));
            assert_eq!(line.due, Money::ZERO);
            assert_eq!(line.to_recover, Money::from_cents(to_recover));
            assert_eq!(line.carried, Money::from_cents(carried));
            assert_eq!(line.waived, Money::from_cents(waived));
        }
    }

    #[test]
    fn a_difference_within_the_tolerance_is_neither_due_nor_overpaid_and_one_cent_beyond_it_is() {
        let mut terms = terms(
            &[
                ("0010", 10_000),
                ("0020", 10_000),
                ("0030", 10_000),
                ("0040", 10_000),
            ],
            &[
                ("0010", 10_005),
                ("0020", 9_995),
                ("0030", 9_994),
                ("0040", 9_998),
            ],
            40_000,
        );
        terms.tolerance = Money::from_cents(5);
        let settlement = settle(&terms).unwrap();
        // The settled differences of -5, 5 and 2 cents do not cancel each other out.
        let [over, under, beyond, less] = &settlement.payees[..] else {
            panic!("four payees")
        };
        assert_eq!((over.overpaid, over.due), (Money::ZERO, Money::ZERO));
        assert_eq!(over.settled_difference, Money::from_cents(-5));
        assert_eq!((under.overpaid, under.due), (Money::ZERO, Money::ZERO));
        assert_eq!(under.settled_difference, Money::from_cents(5));
        assert_eq!(less.settled_difference, Money::from_cents(2));
        assert_eq!(beyond.due, Money::from_cents(6));
    }

    #[test]
    fn without_cash_nothing_is_payable_now() {
        // Paid 1100.00 of 1000.00: cash -100.00.
        let settlement = settle(&terms(
            &[("0010", 50_000), ("0020", 60_000)],
            &[("0020", 110_000)],
            100_000,
        ))
        .unwrap();
        assert_eq!(settlement.cash, dollars(-100));
        assert_eq!(settlement.payees[0].payable_now, Money::ZERO);
        assert_eq!(settlement.payees[0].after_recovery, dollars(500));
    }

    /// What a check says when a settlement is altered after it was made.
    fn after(alter: fn(&mut Settlement)) -> Option<&'static str> {
        // 0010: due 100 - 40 = 60. 0020: overpaid 50 - 30 = 20. Cash 200 - 90 = 110.
        let terms = terms(
            &[("0010", 10_000), ("0020", 3_000)],
            &[("0010", 4_000), ("0020", 5_000)],
            20_000,
        );
        let mut settlement = settle(&terms).unwrap();
        alter(&mut settlement);
        settlement.check(&terms).err().map(|told| told.0)
    }

    #[test]
    fn a_settlement_that_does_not_add_up_is_refused_and_the_sentence_that_does_not_hold_is_named() {
        assert_eq!(after(|_| ()), None);
        let equation = "awards = payments + dues - overpayments + settled differences";
        assert_eq!(
            after(|s| s.payees[0].due_before_offset = dollars(61)),
            Some(equation)
        );
        // An award of 101 with a due of 61: 40 + 61 = 101 adds up, but the report's award is 100.
        let award_grows = |s: &mut Settlement| {
            s.payees[0].award = dollars(101);
            s.payees[0].due_before_offset = dollars(61);
        };
        assert_eq!(after(award_grows), Some("every award is on a line"));
        // Payments of 41 with a due of 59: 41 + 59 = 100 adds up, but 40 was paid.
        let payment_grows = |s: &mut Settlement| {
            s.payees[0].paid = dollars(41);
            s.payees[0].due_before_offset = dollars(59);
        };
        assert_eq!(after(payment_grows), Some("every payment is on a line"));
        assert_eq!(
            after(|s| s.payees[0].payable_now = dollars(111)),
            Some("what is payable now is within the cash")
        );
        assert_eq!(
            after(|s| s.payees[1].open = dollars(21)),
            Some("what is owed is recovered, carried or waived")
        );
        assert_eq!(
            after(|s| s.payees[0].payee = "0020".to_string()),
            Some("each payee has one line")
        );
    }
}
