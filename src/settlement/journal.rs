//! The journal of a settlement: entries for the accounting system, balanced for each payee.

use super::calculation::{SettledPayee, Settlement, Unsettled};
use crate::money::Money;
use crate::receipt::AccountingEntry;

/// The office's accounts that a settlement posts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Program expenditure.
    pub expenditure: String,
    /// Due to payees.
    pub payable: String,
    /// Due from payees.
    pub receivable: String,
}

impl Accounts {
    /// The office's accounts; an account without a number has a name.
    #[must_use]
    pub fn of(accounting: &AccountingEntry) -> Accounts {
        let account = |own: &Option<String>, name: &str| own.clone().unwrap_or(name.to_string());
        Accounts {
            expenditure: account(&accounting.expenditure, "Program expenditure"),
            payable: account(&accounting.payable, "Accounts payable"),
            receivable: account(&accounting.receivable, "Accounts receivable"),
        }
    }
}

/// One line of the journal. One of the two amounts is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalLine {
    /// Four digits.
    pub payee: String,
    /// The account's number.
    pub account: String,
    /// What the line is for.
    pub description: &'static str,
    /// Dollars.
    pub debit: Money,
    /// Dollars.
    pub credit: Money,
}

/// The journal, payee by payee in ascending order of code.
///
/// # Errors
/// If the debits are not the credits: a defect of the program.
pub fn journal(
    settlement: &Settlement,
    accounts: &Accounts,
) -> Result<Vec<JournalLine>, Unsettled> {
    let lines: Vec<JournalLine> = settlement
        .payees
        .iter()
        .flat_map(|payee| entries(payee, accounts))
        .collect();
    let debits: Money = lines.iter().map(|line| line.debit).sum();
    let credits: Money = lines.iter().map(|line| line.credit).sum();
    if debits == credits {
        Ok(lines)
    } else {
        Err(Unsettled("journal debits = journal credits"))
    }
}

/// The lines of a payee. A waived overpayment stays expenditure; a waived opening balance becomes expenditure.
fn entries(payee: &SettledPayee, accounts: &Accounts) -> Vec<JournalLine> {
    let Accounts {
        expenditure,
        payable,
        receivable,
    } = accounts;
    // Where a part of the balance was taken off a due, nothing was overpaid: all that is waived is of the balance.
    let waived_opening = payee.waived.min(payee.opening);
    let owed_for_this_year = if payee.waived > Money::ZERO {
        Money::ZERO
    } else {
        payee.overpaid
    };
    let debit = |account: &str, description, amount| {
        line(payee, account, description, (amount, Money::ZERO))
    };
    let credit = |account: &str, description, amount| {
        line(payee, account, description, (Money::ZERO, amount))
    };
    [
        debit(expenditure, "Award not yet paid", payee.due_before_offset),
        credit(payable, "Award payable now", payee.payable_now),
        credit(
            payable,
            "Award payable after recovery",
            payee.after_recovery,
        ),
        credit(
            receivable,
            "Balance of an earlier year taken off the award",
            payee.offset,
        ),
        debit(receivable, "Overpayment to be returned", owed_for_this_year),
        credit(
            expenditure,
            "Overpayment to be returned",
            owed_for_this_year,
        ),
        debit(
            expenditure,
            "Balance of an earlier year waived",
            waived_opening,
        ),
        credit(
            receivable,
            "Balance of an earlier year waived",
            waived_opening,
        ),
    ]
    .into_iter()
    .filter(|line| line.debit != Money::ZERO || line.credit != Money::ZERO)
    .collect()
}

fn line(
    payee: &SettledPayee,
    account: &str,
    description: &'static str,
    (debit, credit): (Money, Money),
) -> JournalLine {
    JournalLine {
        payee: payee.payee.clone(),
        account: account.to_string(),
        description,
        debit,
        credit,
    }
}

#[cfg(test)]
mod tests {
    use super::super::calculation::{Recovery, Terms, settle};
    use super::*;

    fn accounts() -> Accounts {
        Accounts {
            expenditure: "5000".to_string(),
            payable: "2000".to_string(),
            receivable: "1200".to_string(),
        }
    }

    /// Award 1000.00 of 0010, 600.00 paid, 150.00 owed from last year; 0020 was paid 80.00 too much and owed 20.00.
    fn terms(recovery: Recovery) -> Terms {
        let amounts = |amounts: &[(&str, i64)]| {
            amounts
                .iter()
                .map(|(payee, cents)| ((*payee).to_string(), Money::from_cents(*cents)))
                .collect()
        };
        Terms {
            awards: amounts(&[("0010", 100_000), ("0020", 50_000)]),
            paid: amounts(&[("0010", 60_000), ("0020", 58_000)]),
            opening: amounts(&[("0010", 15_000), ("0020", 2_000)]),
            available: Money::from_cents(150_000),
            tolerance: Money::ZERO,
            recovery,
        }
    }

    fn entries_of(recovery: Recovery) -> Vec<(String, String, i64, i64)> {
        let settlement = settle(&terms(recovery)).unwrap();
        let lines = journal(&settlement, &accounts()).unwrap();
        lines
            .into_iter()
            .map(|line| {
                (
                    line.payee,
                    line.account,
                    line.debit.cents(),
                    line.credit.cents(),
                )
            })
            .collect()
    }

    fn entry(payee: &str, account: &str, debit: i64, credit: i64) -> (String, String, i64, i64) {
        (payee.to_string(), account.to_string(), debit, credit)
    }

    #[test]
    fn an_award_not_yet_paid_is_spent_and_owed_less_what_the_payee_owed() {
        // 0010: due 400.00, 150.00 of it taken off, 250.00 payable (cash 1500.00 - 1180.00 = 320.00).
        let entries = entries_of(Recovery::Now);
        assert_eq!(
            entries[..3],
            [
                entry("0010", "5000", 40_000, 0),
                entry("0010", "2000", 0, 25_000),
                entry("0010", "1200", 0, 15_000)
            ]
        );
    }

    #[test]
    fn an_overpayment_becomes_a_claim_on_the_payee_whether_recovered_now_or_next_year() {
        for recovery in [Recovery::Now, Recovery::NextYear] {
            assert_eq!(
                entries_of(recovery)[3..],
                [
                    entry("0020", "1200", 8_000, 0),
                    entry("0020", "5000", 0, 8_000)
                ]
            );
        }
    }

    #[test]
    fn a_waived_overpayment_stays_spent_and_a_waived_balance_becomes_spent() {
        assert_eq!(
            entries_of(Recovery::None)[3..],
            [
                entry("0020", "5000", 2_000, 0),
                entry("0020", "1200", 0, 2_000)
            ]
        );
    }
}
