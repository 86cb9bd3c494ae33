//! Whether a report agrees with itself: everything it says of money is calculated again from its own rows and rules.

use std::collections::{BTreeMap, HashMap};

use super::Evidence;
use super::allocation::{AllocationFile, ParticipantEntry, TierEntry, entry_code};
use super::recorded::{RecordedParticipant, RecordedPayee};
use crate::allocation::TierResult;
use crate::catalogue::Severity;
use crate::decision::Outcome;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::receipt::MadeFrom;

impl Evidence {
    /// Whether calculating again gave the report's own figures; otherwise the first that differs.
    pub(super) fn agrees(&self, file: &AllocationFile, receipt: &MadeFrom) -> Result<(), String> {
        self.rows_agree()?;
        self.outcomes_agree(file, receipt)?;
        self.tiers_agree(file)?;
        self.participants_agree(file)?;
        self.payees_agree(file)?;
        self.totals_agree(file, receipt)?;
        self.standing_agrees(receipt)
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

    fn count(&self, outcome: Outcome) -> u64 {
        let rows = self.decisions.iter();
        rows.filter(|decision| decision.outcome == outcome).count() as u64
    }

    fn tiers_agree(&self, file: &AllocationFile) -> Result<(), String> {
        let (recorded, given) = (&file.tiers, &self.allocation.tiers);
        if recorded.len() == given.len()
            && recorded
                .iter()
                .zip(given)
                .all(|(recorded, given)| same_tier(recorded, given))
        {
            return Ok(());
        }
        Err(
            "the tiers of allocation.json are not those that its own rows and rules give"
                .to_string(),
        )
    }

    fn participants_agree(&self, file: &AllocationFile) -> Result<(), String> {
        let recorded: HashMap<String, &ParticipantEntry> = file
            .participants
            .iter()
            .map(|entry| (entry_code(entry), entry))
            .collect();
        for (rank, claim) in ParticipantRank::enumerate(&self.participants) {
            let entry = recorded.get(&claim.code());
            let supplement = entry.and_then(|entry| entry.supplement).unwrap_or_default();
            let total = entry.and_then(|entry| entry.total).unwrap_or_default();
            let given = (
                self.allocation.supplements[rank],
                self.allocation.total_of(rank),
            );
            if (supplement, total) != given {
                return Err(format!(
                    "participant {} is recorded with {}; its rows give {}",
                    claim.code(),
                    total.grouped(),
                    given.1.grouped()
                ));
            }
            let payee = entry.map_or(claim.payee(), |entry| &entry.payee);
            if payee != claim.payee() {
                return Err(format!(
                    "participant {} is recorded as paid through {payee}; it is paid through {}",
                    claim.code(),
                    claim.payee()
                ));
            }
        }
        Ok(())
    }

    fn payees_agree(&self, file: &AllocationFile) -> Result<(), String> {
        let mut given: BTreeMap<&str, Money> = BTreeMap::new();
        for (rank, claim) in ParticipantRank::enumerate(&self.participants) {
            *given.entry(claim.payee()).or_default() += self.allocation.total_of(rank);
        }
        for RecordedPayee { code, total, .. } in &file.payees {
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

    /// A report is FINAL where nothing in it is open.
    fn standing_agrees(&self, receipt: &MadeFrom) -> Result<(), String> {
        if self.standing != receipt.standing {
            return Err(format!(
                "allocation.json says {}, the receipt {}",
                self.standing, receipt.standing
            ));
        }
        // Which questions are answered, findings.csv does not say.
        let asked = self
            .findings
            .iter()
            .any(|finding| finding.code.severity() == Severity::Question);
        match (self.what_is_open(), self.standing.as_str()) {
            (None, "FINAL") | (Some(_), "PRELIMINARY") => Ok(()),
            (None, "PRELIMINARY") if asked => Ok(()),
            (Some(open), _) => Err(format!("it says {}, but {open}", self.standing)),
            (None, _) => Err(format!(
                "it says {}, but nothing in it is open",
                self.standing
            )),
        }
    }

    /// The first thing that keeps a report from being FINAL.
    fn what_is_open(&self) -> Option<String> {
        let refused = self
            .submissions
            .iter()
            .find(|file| file.refused.is_some() && !file.closed);
        if let Some(file) = refused {
            return Some(format!("{} is refused and nothing settles it", file.path));
        }
        if let Some(line) = self.resolutions.iter().find(|line| line.open) {
            return Some(format!("line {} of the resolutions is open", line.line));
        }
        [Outcome::Rejected, Outcome::Held]
            .into_iter()
            .find(|outcome| self.count(*outcome) > 0)
            .map(|outcome| {
                format!(
                    "{} of its rows are {}",
                    self.count(outcome),
                    outcome.label().to_lowercase()
                )
            })
    }
}

impl RecordedParticipant {
    /// Who the state pays for it: a charter through its district or the institute, whose code is its district code.
    #[must_use]
    pub fn payee(&self) -> &str {
        &self.district_code
    }
}

fn same_tier(recorded: &TierEntry, given: &TierResult) -> bool {
    (recorded.certificates, recorded.units, recorded.over_cap)
        == (given.certificates, given.units, given.over_cap)
        && (recorded.cap_base, recorded.cap_limit) == (given.cap_base, given.cap_limit)
        && (recorded.money_before, recorded.rate, recorded.frl_rate)
            == (given.money_before, given.rate, given.frl_rate)
        && (recorded.paid, recorded.residual) == (given.paid, given.residual)
}
