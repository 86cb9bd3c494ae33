//! A second implementation of the settlement, from the specification alone (calculation.md, section 7).

use std::collections::{BTreeMap, BTreeSet};

/// A payment made: payee, date, cents, reference.
pub type Payment = (String, String, i128, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    Now,
    NextYear,
    /// Hold harmless.
    None,
}

/// What a settlement is made from, in cents.
#[derive(Clone, Debug)]
pub struct Given {
    pub awards: BTreeMap<String, i128>,
    /// Those of the report's budget year.
    pub payments: Vec<Payment>,
    /// Owed to the state from earlier years.
    pub opening: BTreeMap<String, i128>,
    /// The supplement's pool included.
    pub available: i128,
    pub tolerance: i128,
    pub recovery: Recovery,
}

/// A payee's line, in cents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    pub award: i128,
    pub paid: i128,
    /// After the offset.
    pub due: i128,
    pub payable_now: i128,
    pub after_recovery: i128,
    pub to_recover: i128,
    pub carried: i128,
    pub waived: i128,
}

/// A line by payee; `None` where the settlement stops.
pub fn settle(given: &Given) -> Option<BTreeMap<String, Settled>> {
    let mut seen = BTreeSet::new();
    if !given.payments.iter().all(|payment| seen.insert(payment)) {
        return None;
    }
    let mut payees: BTreeSet<&String> = given.awards.keys().collect();
    payees.extend(given.opening.keys());
    payees.extend(given.payments.iter().map(|(payee, ..)| payee));
    let mut lines = BTreeMap::new();
    for payee in payees {
        let line = line(given, payee);
        if line.paid < 0 {
            return None;
        }
        lines.insert(payee.clone(), line);
    }
    share_out(given, &mut lines);
    Some(lines)
}

/// Award, payments, what is due after the offset, and what is open.
fn line(given: &Given, payee: &String) -> Settled {
    let award = given.awards.get(payee).copied().unwrap_or(0);
    let payments = given.payments.iter().filter(|(to, ..)| to == payee);
    let paid: i128 = payments.map(|(_, _, cents, _)| cents).sum();
    let difference = award - paid;
    let (mut due, mut overpaid) = (0, 0);
    if difference > given.tolerance {
        due = difference;
    }
    if -difference > given.tolerance {
        overpaid = -difference;
    }
    let owed = given.opening.get(payee).copied().unwrap_or(0);
    let offset = due.min(owed);
    let open = overpaid + owed - offset;
    let (to_recover, carried, waived) = match given.recovery {
        Recovery::Now => (open, 0, 0),
        Recovery::NextYear => (0, open, 0),
        Recovery::None => (0, 0, open),
    };
    Settled {
        award,
        paid,
        due: due - offset,
        to_recover,
        carried,
        waived,
        ..Settled::default()
    }
}

/// What of the dues the cash pays now.
fn share_out(given: &Given, lines: &mut BTreeMap<String, Settled>) {
    let paid: i128 = lines.values().map(|line| line.paid).sum();
    let dues: i128 = lines.values().map(|line| line.due).sum();
    let cash = (given.available - paid).max(0);
    for line in lines.values_mut() {
        line.payable_now = line.due;
        if dues > cash {
            // The most cents that do not pass the share, found from below.
            line.payable_now = 0;
            for step in [1_000_000, 1_000, 1] {
                while (line.payable_now + step) * dues <= line.due * cash {
                    line.payable_now += step;
                }
            }
        }
        line.after_recovery = line.due - line.payable_now;
    }
}

fn given() -> Given {
    let payment = |payee: &str, cents, reference: &str| {
        (
            payee.to_string(),
            "2024-10-01".to_string(),
            cents,
            reference.to_string(),
        )
    };
    let cents = |pairs: [(&str, i128); 3]| pairs.map(|(payee, cents)| (payee.to_string(), cents));
    Given {
        awards: cents([("0010", 100_000), ("0020", 60_000), ("0030", 50_000)]).into(),
        payments: vec![
            payment("0010", 40_000, "A"),
            payment("0020", 90_000, "B"),
            payment("0040", 5_000, "C"),
        ],
        opening: cents([("0010", 10_000), ("0050", 2_000), ("0030", 0)]).into(),
        available: 210_000,
        tolerance: 0,
        recovery: Recovery::Now,
    }
}

#[test]
fn a_settlement_calculated_by_hand() {
    let lines = settle(&given()).unwrap();
    let figures = |payee: &str| {
        let line = &lines[payee];
        [
            line.due,
            line.payable_now,
            line.after_recovery,
            line.to_recover,
            line.carried,
        ]
    };
    // Cash: 2,100 - (400 + 900 + 50) = 750. Dues: 0010 1,000 - 400 - 100 owed = 500, 0030 500; together 1,000.
    // Payable now: 500 x 750 / 1,000 = 375 each.
    assert_eq!(figures("0010"), [50_000, 37_500, 12_500, 0, 0]);
    assert_eq!(figures("0030"), [50_000, 37_500, 12_500, 0, 0]);
    // Overpaid by 900 - 600 = 300; by 50, without an award; 20 owed from before.
    assert_eq!(figures("0020"), [0, 0, 0, 30_000, 0]);
    assert_eq!(figures("0040"), [0, 0, 0, 5_000, 0]);
    assert_eq!(figures("0050"), [0, 0, 0, 2_000, 0]);
}

#[test]
fn what_is_open_is_carried_or_waived_as_the_reading_says() {
    for (recovery, figures) in [
        (Recovery::NextYear, (0, 30_000, 0)),
        (Recovery::None, (0, 0, 30_000)),
    ] {
        let lines = settle(&Given {
            recovery,
            ..given()
        })
        .unwrap();
        let line = &lines["0020"];
        assert_eq!((line.to_recover, line.carried, line.waived), figures);
    }
}

#[test]
fn a_difference_within_the_tolerance_is_settled() {
    // 300 overpaid and 500 due are within 500.
    let lines = settle(&Given {
        tolerance: 50_000,
        ..given()
    })
    .unwrap();
    assert_eq!((lines["0020"].to_recover, lines["0030"].due), (0, 0));
    // 600 are not; 100 owed are taken off.
    assert_eq!(lines["0010"].due, 50_000);
}

#[test]
fn a_payment_twice_and_a_payee_below_zero_stop_the_settlement() {
    let mut twice = given();
    twice.payments.push(twice.payments[0].clone());
    assert_eq!(settle(&twice), None);
    let mut below = given();
    below.payments[2].2 = -1;
    assert_eq!(settle(&below), None);
}
