//! A settlement read back: what `cdip settle` wrote, checked against its receipt.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::disk::read_plain;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::money::Money;
use crate::receipt::{RECEIPT, SETTLEMENT, read_kind};
use crate::stop::{Status, Stop};
use crate::words::{FINAL, draft_mark};

/// A payee's line of `settlement.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SettlementLine {
    /// Four digits.
    pub payee: String,
    pub name: String,
    pub vendor: String,
    pub award: Money,
    pub paid: Money,
    pub due: Money,
    pub payable_now: Money,
    pub after_recovery: Money,
    pub to_recover: Money,
    pub carried: Money,
    /// What it owes and need not return: from the receipt, by payee.
    #[serde(skip)]
    pub waived: Money,
}

/// What is needed of a settlement's receipt.
#[derive(Clone, Debug, Deserialize)]
struct Predicate {
    standing: String,
    tolerance: Money,
    waived: BTreeMap<String, Money>,
    inputs: Vec<Input>,
}

#[derive(Clone, Debug, Deserialize)]
struct Input {
    role: String,
    sha256: String,
}

/// A settlement's folder.
#[derive(Clone, Debug)]
pub struct SettlementFolder {
    /// SHA-256 of its receipt.
    pub receipt: String,
    /// SHA-256 of the receipt of the report that it settles.
    pub report: String,
    pub tolerance: Money,
    /// In ascending order of payee.
    pub lines: Vec<SettlementLine>,
}

impl SettlementFolder {
    /// Reads the settlement in a folder.
    ///
    /// # Errors
    /// Status 2 if the folder is not a settlement, status 4 if a file was changed.
    pub fn open(path: &Path) -> Result<SettlementFolder, Stop> {
        let shown = path.display().to_string();
        let none = || {
            Stop::usage(
                "the folder does not hold a settlement",
                shown.as_str(),
                "give the folder that cdip settle wrote, such as reports/2024-25-settlement",
            )
        };
        let changed = |what: &str| Stop {
            status: Status::Difference,
            message: format!("the settlement is not as cdip settle wrote it: {what}"),
            places: vec![shown.clone()],
            fix: "do not rely on it; run cdip settle again".to_string(),
            also: Vec::new(),
        };
        let bytes = read_plain(&path.join(RECEIPT), FILE_BYTES_MAX).map_err(|_| none())?;
        let statement = read_kind::<Predicate>(&bytes, SETTLEMENT).ok_or_else(none)?;
        let said = &statement.predicate;
        let mark = draft_mark(said.standing == FINAL);
        let name = format!("settlement{mark}.csv");
        let table = read_plain(&path.join(&name), FILE_BYTES_MAX)
            .map_err(|error| changed(&format!("{name} cannot be opened: {error}")))?;
        if statement.sha256_of(&name) != Some(&*crate::hash::sha256_hex(&table)) {
            return Err(changed(&format!("{name} was changed")));
        }
        let lines: Result<Vec<SettlementLine>, csv::Error> =
            csv::Reader::from_reader(table.as_slice())
                .deserialize()
                .collect();
        let mut lines = lines.map_err(|error| changed(&format!("{name}: {error}")))?;
        for line in &mut lines {
            line.waived = said.waived.get(&line.payee).copied().unwrap_or_default();
        }
        let report = said.inputs.iter().find(|input| input.role == "report");
        let Some(report) = report else {
            return Err(changed("its receipt is not whole"));
        };
        Ok(SettlementFolder {
            receipt: crate::hash::sha256_hex(&bytes),
            report: report.sha256.clone(),
            tolerance: said.tolerance,
            lines,
        })
    }

    /// Whether a payee has to return money.
    #[must_use]
    pub fn asks_for_money(&self) -> bool {
        self.lines.iter().any(|line| line.to_recover > Money::ZERO)
    }

    #[must_use]
    pub fn line_of(&self, payee: &str) -> Option<&SettlementLine> {
        self.lines.iter().find(|line| line.payee == payee)
    }

    /// What an earlier year's debt took off the award.
    #[must_use]
    pub fn offset_of(&self, line: &SettlementLine) -> Money {
        let not_yet_paid = line.award - line.paid;
        if not_yet_paid > self.tolerance {
            not_yet_paid - line.due
        } else {
            Money::ZERO
        }
    }

    /// What the payee still owes from an earlier year, after what was taken off the award.
    #[must_use]
    pub fn owed_before_of(&self, line: &SettlementLine) -> Money {
        let beyond = line.paid - line.award;
        let overpaid = if beyond > self.tolerance {
            beyond
        } else {
            Money::ZERO
        };
        line.to_recover + line.carried + line.waived - overpaid
    }

    /// The award less what was paid, if it is within the tolerance: it is neither due nor owed.
    #[must_use]
    pub fn settled_difference_of(&self, line: &SettlementLine) -> Money {
        let difference = line.award - line.paid;
        if difference.max(Money::ZERO - difference) > self.tolerance {
            Money::ZERO
        } else {
            difference
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(amount: i64) -> Money {
        Money::from_cents(amount * 100)
    }

    /// A settlement with a tolerance of $5 and a payee whose award is $100.
    fn settled(paid: i64, due: i64, to_recover: i64) -> SettlementFolder {
        let line = SettlementLine {
            payee: "0010".to_string(),
            name: String::new(),
            vendor: String::new(),
            award: dollars(100),
            paid: dollars(paid),
            due: dollars(due),
            payable_now: dollars(due),
            after_recovery: Money::ZERO,
            to_recover: dollars(to_recover),
            carried: Money::ZERO,
            waived: Money::ZERO,
        };
        SettlementFolder {
            receipt: String::new(),
            report: String::new(),
            tolerance: dollars(5),
            lines: vec![line],
        }
    }

    #[test]
    fn what_an_earlier_debt_took_off_is_what_was_not_yet_paid_less_what_is_due() {
        // 100 - 40 = 60 not yet paid; 45 are due: 60 - 45 = 15. 100 - 95 = 5 is the tolerance, and nobody's debt.
        for (paid, due, offset) in [
            (40, 45, 15),
            (40, 60, 0),
            (40, 0, 60),
            (95, 0, 0),
            (130, 0, 0),
        ] {
            let folder = settled(paid, due, 0);
            let taken_off = folder.offset_of(&folder.lines[0]);
            assert_eq!(taken_off, dollars(offset), "paid {paid}, due {due}");
        }
    }

    #[test]
    fn what_is_owed_from_an_earlier_year_is_what_is_owed_in_all_less_what_was_overpaid_this_year() {
        // 130 - 100 = 30 overpaid, 37 to recover: 37 - 30 = 7 are older. 105 - 100 = 5 is the tolerance, and nobody's debt.
        for (paid, owed, owed_before) in [(130, 37, 7), (130, 30, 0), (105, 7, 7), (40, 7, 7)] {
            let mut folder = settled(paid, 0, owed);
            let older = |folder: &SettlementFolder| folder.owed_before_of(&folder.lines[0]);
            assert_eq!(older(&folder), dollars(owed_before), "paid {paid}");
            let line = &mut folder.lines[0];
            (line.to_recover, line.carried) = (Money::ZERO, dollars(owed));
            assert_eq!(older(&folder), dollars(owed_before), "carried, paid {paid}");
            let line = &mut folder.lines[0];
            (line.carried, line.waived) = (Money::ZERO, dollars(owed));
            assert_eq!(older(&folder), dollars(owed_before), "waived, paid {paid}");
        }
    }

    #[test]
    fn a_difference_is_left_alone_up_to_the_tolerance_and_not_beyond() {
        for (paid, left_alone) in [(95, 5), (94, 0), (105, -5), (106, 0), (100, 0)] {
            let folder = settled(paid, 0, 0);
            let difference = folder.settled_difference_of(&folder.lines[0]);
            assert_eq!(difference, dollars(left_alone), "paid {paid}");
        }
    }

    #[test]
    fn a_settlement_asks_for_money_if_a_payee_has_to_return_some() {
        assert!(settled(130, 0, 30).asks_for_money());
        assert!(!settled(40, 60, 0).asks_for_money());
    }
}
