//! The office's lists of payments made and of balances carried over: read, or refused with the cell. No pupil is in them, and an amount
//! that is refused is quoted.

use std::collections::BTreeMap;
use std::fmt::Debug;

use cdip::money::Money;
use cdip::settlement::payments::{PaidFor, read_carried, read_payments};
use cdip::stop::Stop;
use cdip::values;
use cdip::year::Year;

use super::{panics, stops};

/// The first byte says which list the rest is.
pub fn run(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    match kind {
        b'c' => carried(bytes),
        _ => paid(bytes),
    }
}

/// Reads a list twice; panics unless both came out the same, and a stop is one that an office can act on.
fn read<T: Debug + PartialEq>(
    file: &str,
    bytes: &[u8],
    read: impl Fn(&str, &[u8]) -> Result<T, Stop>,
) -> Option<T> {
    let once = || panics::none_caught(|| read(file, bytes));
    let (list, again) = (once(), once());
    assert_eq!(list, again, "the same file is read the same way");
    match list {
        Ok(list) => Some(list),
        Err(stop) => {
            stops::holds(&stop, file, bytes);
            None
        }
    }
}

fn paid(bytes: &[u8]) {
    let of = PaidFor {
        budget_year: Year::parse("2024-25").unwrap(),
        run_date: values::date("2024-09-15", false).unwrap().day,
    };
    let Some(payments) = read("payments-made.csv", bytes, |file, bytes| {
        read_payments(file, bytes, of)
    }) else {
        return;
    };
    for payment in payments.counted.iter().chain(&payments.of_other_years) {
        assert!(is_code(&payment.payee), "{payment:?}");
        assert!(payment.date <= of.run_date, "{payment:?}");
        let counts = payment
            .budget_year
            .is_none_or(|year| year == of.budget_year);
        assert_eq!(counts, payments.counted.contains(payment), "{payment:?}");
    }
    let sums = payments.by_payee();
    assert!(
        sums.values().all(|sum| *sum >= Money::ZERO),
        "no payee was paid less than nothing: {sums:?}"
    );
    let all: Money = payments.counted.iter().map(|payment| payment.amount).sum();
    assert_eq!(
        all,
        sums.into_values().sum(),
        "every payment is in the sum of its payee"
    );
}

fn carried(bytes: &[u8]) {
    let Some(owed): Option<BTreeMap<String, Money>> = read("carried.csv", bytes, |file, bytes| {
        read_carried(file, bytes)
    }) else {
        return;
    };
    for (payee, amount) in owed {
        assert!(is_code(&payee), "{payee}");
        assert!(amount >= Money::ZERO, "{payee} owes {amount:?}");
    }
}

fn is_code(payee: &str) -> bool {
    payee.len() == 4 && payee.bytes().all(|byte| byte.is_ascii_digit())
}
