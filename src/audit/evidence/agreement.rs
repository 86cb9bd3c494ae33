//! Whether a report agrees with itself: all its money is recalculated from its own rows and rules.

use std::collections::{BTreeMap, HashMap};

use super::Evidence;
use super::files::content_agrees;
use super::folder::Folder;
use super::recorded::RecordedParticipant;
use super::standing::same_report;
use crate::decision::Outcome;
use crate::intake::lists::participant_code;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::receipt::MadeFrom;
use crate::report::json::{AllocationFile, ParticipantEntry, PayeeEntry, TierEntry, shares_of};

impl Evidence {
    /// Checks that the recalculation gives the report's own figures; the error names the first that differs.
    pub(super) fn agrees(
        &self,
        file: &AllocationFile,
        folder: &Folder,
        content: &str,
    ) -> Result<(), String> {
        let receipt = folder.made_from();
        same_report(file, receipt)?;
        self.number_of_rows_agrees(file, folder)?;
        self.rows_agree()?;
        self.outcomes_agree(file, receipt)?;
        self.tiers_agree(file)?;
        self.participants_agree(file)?;
        self.payees_agree(file)?;
        self.totals_agree(file, receipt)?;
        self.awards_agree(file, &folder.awards)?;
        self.findings_agree()?;
        self.standing_agrees()?;
        self.payments_agree(folder.payments.as_deref())?;
        content_agrees(folder, content)
    }

    fn rows_agree(&self) -> Result<(), String> {
        let mut awards = self.allocation.awards.iter();
        for (decision, row) in self.decisions.iter().zip(&self.rows) {
            let outcome = decision.outcome.label().to_lowercase();
            if !decision.outcome.is_certificate() {
                if decision.amount != Money::ZERO || decision.weight.is_some() {
                    return Err(format!(
                        "{} is recorded as {outcome} and with an amount or a weight",
                        row.place()
                    ));
                }
                continue;
            }
            let Some(award) = awards.next() else { break };
            let given = (Outcome::from(award.outcome), award.weight, award.amount);
            if given != (decision.outcome, decision.weight, decision.amount) {
                return Err(format!(
                    "{} is recorded as {outcome} with {}; its own rows and rules give {} with {}",
                    row.place(),
                    decision.amount.grouped(),
                    given.0.label().to_lowercase(),
                    award.amount.grouped()
                ));
            }
        }
        Ok(())
    }

    /// Rows by outcome, in allocation.json and in the receipt.
    fn outcomes_agree(&self, file: &AllocationFile, receipt: &MadeFrom) -> Result<(), String> {
        for outcome in Outcome::ALL {
            let rows = self.count(outcome);
            for (name, buckets) in [
                ("allocation.json", &file.buckets),
                ("the receipt", &receipt.buckets),
            ] {
                let recorded = buckets
                    .get(outcome.as_str())
                    .and_then(serde_json::Value::as_u64);
                if recorded.unwrap_or_default() != rows {
                    return Err(format!(
                        "{name} counts {} rows as {}; completions.csv has {rows}",
                        recorded.unwrap_or_default(),
                        outcome.label().to_lowercase()
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) fn count(&self, outcome: Outcome) -> u64 {
        let rows = self.decisions.iter();
        rows.filter(|decision| decision.outcome == outcome).count() as u64
    }

    fn tiers_agree(&self, file: &AllocationFile) -> Result<(), String> {
        let tiers = self.rules.tiers.iter().zip(&self.allocation.tiers);
        let given: Vec<TierEntry> = tiers
            .map(|(tier, result)| TierEntry::of(tier, result))
            .collect();
        let differs = given
            .iter()
            .zip(&file.tiers)
            .find(|(given, recorded)| given != recorded);
        if let Some((given, _)) = differs {
            return Err(format!(
                "what allocation.json says of tier {} is not what its own rows and rules give",
                given.tier
            ));
        }
        if given.len() == file.tiers.len() {
            Ok(())
        } else {
            Err(format!(
                "allocation.json has {} tiers, its own rules {}",
                file.tiers.len(),
                given.len()
            ))
        }
    }

    fn participants_agree(&self, file: &AllocationFile) -> Result<(), String> {
        let recorded: HashMap<String, &ParticipantEntry> = file
            .participants
            .iter()
            .map(|entry| {
                let school = entry.school_code.as_deref().unwrap_or_default();
                (participant_code(&entry.district_code, school), entry)
            })
            .collect();
        for (rank, claim) in ParticipantRank::enumerate(&self.participants) {
            let code = claim.code();
            let entry = recorded.get(&code).copied();
            let (shares, total) = (
                shares_of(&self.rules, &self.allocation, rank),
                self.allocation.total_of(rank),
            );
            let Some(entry) = entry else {
                if shares.is_empty() && total == Money::ZERO {
                    continue;
                }
                return Err(format!(
                    "participant {code} is recorded without a share; its rows give {}",
                    total.grouped()
                ));
            };
            if (entry.supplement, entry.total) != (self.allocation.supplements[rank], total) {
                return Err(format!(
                    "participant {code} is recorded with {}; its rows give {}",
                    entry.total.grouped(),
                    total.grouped()
                ));
            }
            if entry.payee != claim.payee() {
                return Err(format!(
                    "participant {code} is recorded as paid through {}; it is paid through {}",
                    entry.payee,
                    claim.payee()
                ));
            }
            if entry.tiers != shares {
                return Err(format!(
                    "what allocation.json says of participant {code} by tier is not what its rows give"
                ));
            }
        }
        Ok(())
    }

    /// What each payee is paid by the rows.
    pub(super) fn payees(&self) -> BTreeMap<&str, Money> {
        let mut payees: BTreeMap<&str, Money> = BTreeMap::new();
        for (rank, claim) in ParticipantRank::enumerate(&self.participants) {
            *payees.entry(claim.payee()).or_default() += self.allocation.total_of(rank);
        }
        payees
    }

    fn payees_agree(&self, file: &AllocationFile) -> Result<(), String> {
        let mut given = self.payees();
        for PayeeEntry { code, total, .. } in &file.payees {
            let rows = given.remove(code.as_str()).unwrap_or_default();
            if *total != rows {
                return Err(format!(
                    "payee {code} is recorded with {}; the rows give {}",
                    total.grouped(),
                    rows.grouped()
                ));
            }
        }
        let missing = given.into_iter().find(|(_, total)| *total > Money::ZERO);
        missing.map_or(Ok(()), |(code, total)| {
            Err(format!(
                "payee {code} is not recorded; the rows give it {}",
                total.grouped()
            ))
        })
    }

    fn totals_agree(&self, file: &AllocationFile, receipt: &MadeFrom) -> Result<(), String> {
        let allocation = &self.allocation;
        for (name, given, recorded) in [
            ("paid", allocation.paid(), [file.paid, receipt.paid]),
            (
                "supplement",
                allocation.supplement(),
                [file.supplement, receipt.supplement],
            ),
            (
                "unspent",
                allocation.unspent,
                [file.unspent, receipt.unspent],
            ),
            (
                "available",
                self.available,
                [file.available, receipt.available],
            ),
        ] {
            for (place, recorded) in ["allocation.json", "the receipt"].into_iter().zip(recorded) {
                if recorded != given {
                    return Err(format!(
                        "{place} records {} as {name}; the rows and rules give {}",
                        recorded.grouped(),
                        given.grouped()
                    ));
                }
            }
        }
        Ok(())
    }
}

impl RecordedParticipant {
    /// Who is paid for it: always its district code, which for a charter is its district or the institute.
    #[must_use]
    pub fn payee(&self) -> &str {
        &self.district_code
    }
}
