//! Compares the payment files and the number of rows with the rows.

use std::collections::BTreeMap;

use super::Evidence;
use super::folder::Folder;
use super::rows::table;
use crate::money::Money;
use crate::report::json::AllocationFile;
use crate::report::text::{PAYMENT_COLUMNS, award_lines};
use crate::words::FINAL;

/// The content checksum.
pub(super) fn content_agrees(folder: &Folder, content: &str) -> Result<(), String> {
    if folder.made_from().content.sha256 == content {
        Ok(())
    } else {
        Err("the content checksum of the receipt is not that of completions.csv".to_string())
    }
}

impl Evidence {
    /// Rows in all and file by file.
    pub(super) fn number_of_rows_agrees(
        &self,
        file: &AllocationFile,
        folder: &Folder,
    ) -> Result<(), String> {
        let receipt = folder.made_from();
        for (name, rows) in [
            ("allocation.json", file.rows),
            ("the receipt", receipt.rows),
        ] {
            if rows != self.rows.len() {
                return Err(format!(
                    "{name} counts {rows} rows; completions.csv has {}",
                    self.rows.len()
                ));
            }
        }
        let mut by_file: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &self.rows {
            *by_file.entry(&row.file).or_default() += 1;
        }
        for submission in &receipt.submissions {
            let rows = by_file.remove(submission.path.as_str()).unwrap_or(0);
            if rows != submission.rows {
                return Err(format!(
                    "the receipt counts {} rows of {}; completions.csv has {rows}",
                    submission.rows, submission.path
                ));
            }
        }
        if let Some(path) = by_file.keys().next() {
            return Err(format!(
                "completions.csv has rows of {path}, which the receipt does not name"
            ));
        }
        Ok(())
    }

    /// `awards.csv`: every line agrees with `allocation.json`, which agrees with the rows.
    pub(super) fn awards_agree(&self, file: &AllocationFile, bytes: &[u8]) -> Result<(), String> {
        let given = award_lines(file, &self.rules);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let found: Vec<csv::StringRecord> = reader
            .records()
            .collect::<Result<_, _>>()
            .map_err(|error| format!("awards.csv cannot be read: {error}"))?;
        for (line, (found, given)) in (1..).zip(found.iter().zip(&given)) {
            let same = found.len() == given.len()
                && found
                    .iter()
                    .zip(given)
                    .all(|(found, given)| super::rows::unguarded(found) == given);
            if !same {
                return Err(format!(
                    "line {line} of awards.csv is not the award of participant {} that the rows give",
                    given.get(4).map_or("", String::as_str)
                ));
            }
        }
        if found.len() != given.len() {
            return Err(format!(
                "awards.csv has {} lines; the rows give {}",
                found.len(),
                given.len()
            ));
        }
        Ok(())
    }

    /// `payments.csv`: who is paid what, under the name and vendor number that `allocation.json` has.
    pub(super) fn payments_agree(&self, payments: Option<&[u8]>) -> Result<(), String> {
        let bytes = match (payments, self.standing.as_str()) {
            (Some(bytes), FINAL) => bytes,
            (None, FINAL) => return Err("it says FINAL and has no payments.csv".to_string()),
            (Some(_), _) => {
                return Err("it holds payments.csv, and only a final report does".to_string());
            }
            (None, _) => return Ok(()),
        };
        let mut given = self.payees();
        let (year, date) = (
            self.rules.budget_year.to_string(),
            self.run_date.to_string(),
        );
        table(bytes, PAYMENT_COLUMNS, |record| {
            let [payee, name, vendor, budget_year, run_date, amount] = record;
            let amount =
                Money::from_dollars(amount).map_err(|error| format!("the amount {error}"))?;
            let Some(rows) = given.remove(payee) else {
                return Err(format!(
                    "payee {payee} is not one that the rows give, or is in it twice"
                ));
            };
            if amount != rows {
                return Err(format!(
                    "it pays {} to {payee}; the rows give {}",
                    amount.grouped(),
                    rows.grouped()
                ));
            }
            // Earlier reports do not record names and vendor numbers.
            let listed = self.payees.iter().find(|listed| listed.code == payee);
            if let Some(listed) = listed.filter(|listed| !listed.name.is_empty()) {
                for (what, paid, listed) in [
                    ("name", name, &listed.name),
                    ("vendor number", vendor, &listed.vendor),
                ] {
                    if paid != listed {
                        return Err(format!(
                            "the {what} of payee {payee} is \"{paid}\"; allocation.json has \"{listed}\""
                        ));
                    }
                }
            }
            if (budget_year, run_date) != (&*year, &*date) {
                return Err("budget year or run date differs from the report's".into());
            }
            Ok(())
        })
        .map_err(|why| format!("payments.csv, {why}"))?;
        match given.into_iter().find(|(_, total)| *total > Money::ZERO) {
            None => Ok(()),
            Some((payee, total)) => Err(format!(
                "payments.csv does not pay {payee}; the rows give it {}",
                total.grouped()
            )),
        }
    }
}
