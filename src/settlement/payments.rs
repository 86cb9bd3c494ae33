//! The office's spreadsheets of payments made, and of balances that payees owe from an earlier year.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use crate::intake::lists::table::{Faults, List, ListRow, list_columns};
use crate::money::{Money, MoneyError};
use crate::stop::Stop;
use crate::values;
use crate::year::Year;

list_columns!(PaymentColumn {
    Payee: required "payee" "Payee";
    Date: required "date" "Date";
    Amount: required "amount" "Amount";
    Reference: required "reference" "Reference";
    BudgetYear: optional "budget_year" "Budget Year";
    Note: optional "note" "Note";
});

list_columns!(CarriedColumn {
    Payee: required "payee" "Payee";
    Amount: required "amount" "Amount";
});

/// A payment that the office made, or took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentMade {
    /// Its physical row in the file.
    pub line: u32,
    /// The place of its Payee, for a message.
    pub place: String,
    /// Four digits.
    pub payee: String,
    pub date: NaiveDate,
    /// Below zero for a recovery or a void.
    pub amount: Money,
    /// The warrant, voucher or other number that identifies it.
    pub reference: String,
    /// The budget year of the money; none if the file does not say.
    pub budget_year: Option<Year>,
    pub note: String,
}

/// The payments of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentsMade {
    /// Of the report's budget year, in the order of the file.
    pub counted: Vec<PaymentMade>,
    /// Payments of other budget years: they are listed and do not count.
    pub of_other_years: Vec<PaymentMade>,
}

impl PaymentsMade {
    /// The sum of the payments that count, by payee.
    #[must_use]
    pub fn by_payee(&self) -> BTreeMap<String, Money> {
        let mut sums: BTreeMap<String, Money> = BTreeMap::new();
        for payment in &self.counted {
            *sums.entry(payment.payee.clone()).or_default() += payment.amount;
        }
        sums
    }
}

/// The report that payments are read for.
#[derive(Clone, Copy, Debug)]
pub struct PaidFor {
    pub budget_year: Year,
    /// No payment may be later.
    pub run_date: NaiveDate,
}

/// Reads the payments made (calculation.md, section 7).
///
/// # Errors
/// A [`Stop`] with every wrong cell: an unreadable payee, date or amount, a date after the run date, a payment listed twice, or a
/// payee whose payments sum to less than zero.
pub fn read_payments(file: &str, bytes: &[u8], of: PaidFor) -> Result<PaymentsMade, Stop> {
    let list: List<'_, PaymentColumn> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let mut payments = PaymentsMade::default();
    let mut seen: HashMap<(String, NaiveDate, Money, String), usize> = HashMap::new();
    let mut taken_back: HashMap<String, usize> = HashMap::new();
    let mut doubted: HashSet<Option<String>> = HashSet::new();
    for (position, row) in list.rows().iter().enumerate() {
        let payee = list.code(&mut faults, row, PaymentColumn::Payee);
        let Some(payment) = payment(&list, row, payee.as_deref(), of, &mut faults) else {
            doubted.insert(payee);
            continue;
        };
        let key = (
            payment.payee.clone(),
            payment.date,
            payment.amount,
            payment.reference.clone(),
        );
        if let Some(first) = seen.insert(key, position) {
            doubted.insert(payee);
            list.contradiction(
                &mut faults,
                (&list.rows()[first], row),
                PaymentColumn::Reference,
                format!("one payment to {} is listed twice", payment.payee),
                "remove one of the two lines, or give each payment its own reference",
            );
        }
        if payment
            .budget_year
            .is_some_and(|year| year != of.budget_year)
        {
            payments.of_other_years.push(payment);
            continue;
        }
        if payment.amount < Money::ZERO {
            taken_back.insert(payment.payee.clone(), position);
        }
        payments.counted.push(payment);
    }
    // What is wrong in a payee's lines is told; whether their sum is below zero is not known before it is corrected. A line whose
    // payee cannot be read may be anyone's.
    let is_known =
        |payee: &String| !doubted.contains(&None) && !doubted.contains(&Some(payee.clone()));
    for (payee, sum) in payments.by_payee() {
        if let Some(position) = taken_back.get(&payee)
            && sum < Money::ZERO
            && is_known(&payee)
        {
            list.fault(
                &mut faults,
                (&list.rows()[*position], PaymentColumn::Amount),
                format!(
                    "the payments to {payee} sum to {}, below zero",
                    sum.grouped()
                ),
                "add the payments that were taken back, or correct the sign",
            );
        }
    }
    faults.or(payments)
}

/// Why an amount cannot be read.
fn unreadable(text: &str, error: &MoneyError) -> String {
    match text {
        "" => "Amount is empty".to_string(),
        text => format!("\"{text}\" {error}"),
    }
}

fn payment(
    list: &List<'_, PaymentColumn>,
    row: &ListRow<PaymentColumn>,
    payee: Option<&str>,
    of: PaidFor,
    faults: &mut Faults,
) -> Option<PaymentMade> {
    let date = payment_date(list, row, of, faults);
    let amount = signed(row.unguarded(PaymentColumn::Amount));
    if let Err(error) = &amount {
        list.fault(
            faults,
            (row, PaymentColumn::Amount),
            unreadable(row.text(PaymentColumn::Amount), error),
            "write dollars such as 1000.00, with a minus for money taken back",
        );
    }
    let reference = row.unguarded(PaymentColumn::Reference).to_string();
    if reference.is_empty() {
        list.fault(
            faults,
            (row, PaymentColumn::Reference),
            "the payment has no Reference",
            "enter the number of its warrant or voucher",
        );
    }
    let budget_year = match row.text(PaymentColumn::BudgetYear) {
        "" => Some(None),
        text => {
            let year = Year::parse_loosely(text);
            if year.is_none() {
                list.fault(
                    faults,
                    (row, PaymentColumn::BudgetYear),
                    format!("\"{text}\" is not a budget year"),
                    "write a year such as 2024-25, or leave it empty",
                );
            }
            year.map(Some)
        }
    };
    Some(PaymentMade {
        line: row.number,
        place: list.place(row, PaymentColumn::Payee),
        payee: payee?.to_string(),
        date: date?,
        amount: amount.ok()?,
        reference: (!reference.is_empty()).then_some(reference)?,
        budget_year: budget_year?,
        note: row.unguarded(PaymentColumn::Note).to_string(),
    })
}

fn payment_date(
    list: &List<'_, PaymentColumn>,
    row: &ListRow<PaymentColumn>,
    of: PaidFor,
    faults: &mut Faults,
) -> Option<NaiveDate> {
    let text = row.text(PaymentColumn::Date);
    let Some(date) = values::date(text, false).map(|read| read.day) else {
        let message = match text {
            "" => "Date is empty".to_string(),
            text => format!("\"{text}\" is not a date"),
        };
        list.fault(
            faults,
            (row, PaymentColumn::Date),
            message,
            "write a date such as 2024-10-01 or 10/1/2024",
        );
        return None;
    };
    if date > of.run_date {
        list.fault(
            faults,
            (row, PaymentColumn::Date),
            format!(
                "the payment of {date} is after the report's run date, {}",
                of.run_date
            ),
            "correct the date, or run the batch again with a later run_date",
        );
        return None;
    }
    Some(date)
}

/// Dollars as accounting systems write them: `1,234.50`, `$1,234.50`; below zero with a minus or between parentheses.
fn signed(text: &str) -> Result<Money, MoneyError> {
    let between = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let negative = between
        .or_else(|| text.strip_prefix('-'))
        .or_else(|| text.strip_prefix("$-"));
    match negative {
        Some(rest) => Money::from_written(rest).map(|amount| Money::ZERO - amount),
        None => Money::from_written(text),
    }
}

/// Reads the opening balances: what each payee owed the state at the end of an earlier budget year.
///
/// # Errors
/// A [`Stop`] with every cell that is wrong.
pub fn read_carried(file: &str, bytes: &[u8]) -> Result<BTreeMap<String, Money>, Stop> {
    let list: List<'_, CarriedColumn> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let mut carried: BTreeMap<String, Money> = BTreeMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (position, row) in list.rows().iter().enumerate() {
        let payee = list.code(&mut faults, row, CarriedColumn::Payee);
        let amount = Money::from_written(row.unguarded(CarriedColumn::Amount));
        if let Err(error) = &amount {
            list.fault(
                &mut faults,
                (row, CarriedColumn::Amount),
                unreadable(row.text(CarriedColumn::Amount), error),
                "write what the payee owes in dollars, such as 1000.00",
            );
        }
        let (Some(payee), Ok(amount)) = (payee, amount) else {
            continue;
        };
        if let Some(first) = seen.insert(payee.clone(), position) {
            list.contradiction(
                &mut faults,
                (&list.rows()[first], row),
                CarriedColumn::Payee,
                format!("payee {payee} is listed twice"),
                "leave one line with the whole balance",
            );
        }
        carried.insert(payee, amount);
    }
    faults.or(carried)
}
