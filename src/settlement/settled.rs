//! A report, the payments made for it, and what follows from both.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::calculation::{Recovery, Settlement, Terms, settle};
use super::journal::{Accounts, JournalLine, journal};
use super::payments::{PaymentMade, PaymentsMade};
use crate::audit::evidence::Evidence;
use crate::intake::lists::CHARTER_SCHOOL_INSTITUTE;
use crate::money::Money;
use crate::receipt::AccountingEntry;
use crate::rules::terms::INSTITUTE_NAME;
use crate::stop::Stop;
use crate::words::standing;
use crate::year::Year;

/// The inputs of a settlement besides the report.
#[derive(Clone, Debug)]
pub struct Given {
    pub payments: PaymentsMade,
    /// What each payee owes from an earlier budget year.
    pub opening: BTreeMap<String, Money>,
    pub tolerance: Money,
    pub recovery: Recovery,
    /// The accounts and the columns of the journal.
    pub accounting: AccountingEntry,
}

/// A settlement with everything that its outputs need.
#[derive(Debug)]
pub struct SettledReport {
    pub label: String,
    pub budget_year: Year,
    pub run_date: NaiveDate,
    pub is_final: bool,
    /// The appropriation and the supplement's pool.
    pub available: Money,
    pub settlement: Settlement,
    pub journal: Vec<JournalLine>,
    pub given: Given,
    /// Name and accounting number of each payee.
    known: BTreeMap<String, (String, String)>,
}

impl SettledReport {
    /// Settles a report.
    ///
    /// # Errors
    /// A [defect](Stop::defect) if the figures do not add up.
    pub fn of(evidence: &Evidence, given: Given) -> Result<SettledReport, Stop> {
        let awards = evidence
            .payees
            .iter()
            .filter(|payee| payee.total > Money::ZERO)
            .map(|payee| (payee.code.clone(), payee.total))
            .collect();
        let available = evidence.available + evidence.supplement_available.unwrap_or_default();
        let terms = Terms {
            awards,
            paid: given.payments.by_payee(),
            opening: given.opening.clone(),
            available,
            tolerance: given.tolerance,
            recovery: given.recovery,
        };
        let defect = |error: super::calculation::Unsettled| Stop::defect(&error.to_string());
        let settlement = settle(&terms).map_err(defect)?;
        let journal = journal(&settlement, &Accounts::of(&given.accounting)).map_err(defect)?;
        // A payee without an award in this report may still be one of its participants, or be paid for one: then its name is not known.
        let through = evidence.participants.iter().map(|participant| {
            let payee = participant.payee().to_string();
            (payee, (String::new(), String::new()))
        });
        let participants = evidence
            .participants
            .iter()
            .filter(|participant| participant.school_code.is_empty())
            .map(|participant| {
                let known = (participant.name.clone(), String::new());
                (participant.district_code.clone(), known)
            });
        let payees = evidence.payees.iter().map(|payee| {
            let known = (payee.name.clone(), payee.vendor.clone());
            (payee.code.clone(), known)
        });
        let known = through.chain(participants).chain(payees).collect();
        Ok(SettledReport {
            label: evidence.label.clone(),
            budget_year: evidence.rules.budget_year,
            run_date: evidence.run_date,
            is_final: evidence.is_final(),
            available,
            settlement,
            journal,
            given,
            known,
        })
    }

    /// The first payment to each payee that the report does not name: its whole sum counts as an overpayment.
    #[must_use]
    pub fn strangers(&self) -> Vec<&PaymentMade> {
        let mut told = BTreeSet::new();
        let payments = self.given.payments.counted.iter();
        payments
            .filter(|payment| !self.known.contains_key(&payment.payee))
            .filter(|payment| told.insert(payment.payee.as_str()))
            .collect()
    }

    /// The payees of the opening balances that the report does not name.
    pub fn unknown_debtors(&self) -> impl Iterator<Item = &str> {
        let owing = self.given.opening.iter();
        let payees = owing.filter(|(_, owed)| **owed > Money::ZERO);
        payees
            .map(|(payee, _)| payee.as_str())
            .filter(|payee| !self.known.contains_key(*payee))
    }

    /// The payee's name, if the report has it.
    #[must_use]
    pub fn name(&self, payee: &str) -> &str {
        match self.known.get(payee) {
            Some((name, _)) if !name.is_empty() => name,
            _ if payee == CHARTER_SCHOOL_INSTITUTE => INSTITUTE_NAME,
            _ => "",
        }
    }

    #[must_use]
    pub fn vendor(&self, payee: &str) -> &str {
        self.known
            .get(payee)
            .map_or("", |(_, vendor)| vendor.as_str())
    }

    /// `FINAL` or `PRELIMINARY`.
    #[must_use]
    pub fn standing(&self) -> &'static str {
        standing(self.is_final)
    }
}

impl Recovery {
    pub const ALL: [Recovery; 3] = [Recovery::Now, Recovery::NextYear, Recovery::None];

    /// As written on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Recovery::Now => "now",
            Recovery::NextYear => "next_year",
            Recovery::None => "none",
        }
    }

    /// What it means, a sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Recovery::Now => "Payees return now what they were overpaid.",
            Recovery::NextYear => "What payees were overpaid is carried to next year's settlement.",
            Recovery::None => "What payees were overpaid is waived (hold harmless).",
        }
    }
}
