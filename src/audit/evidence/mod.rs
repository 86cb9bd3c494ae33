//! A report folder as evidence: read into typed values, checked against its receipt, and recalculated.
//!
//! Everything here is from the report alone, without the batch. What a report does not record (graduation credit, AP score, the
//! lists) is not known here.

mod agreement;
mod allocation;
mod decided;
mod files;
mod folder;
mod recorded;
mod rows;
mod standing;

use std::path::Path;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::allocation::{Allocation, Certificate, Demand, allocate};
use crate::checks::reported_by_category;
use crate::decision::Settled;
use crate::money::Money;
use crate::ranks::RowRank;
use crate::receipt::{AccountingEntry, InputEntry, OfficeEntry, ResolutionEntry, SubmissionEntry};
use crate::report::content::checksum_of;
use crate::report::json::{PayeeEntry, ProgramEntry};
use crate::results::columns::ResultColumn;
use crate::rules::RuleSet;
use crate::stop::Stop;
use allocation::{allocation_file, claims, rule_set};
pub(super) use decided::as_carried_out;
use decided::mark_resolutions;
use folder::{Folder, contradiction, damaged};
use recorded::{ALLOCATION, COMPLETIONS, FINDINGS};
pub use recorded::{Place, RecordedFinding, RecordedParticipant, RecordedRow};

/// A report that was read.
#[derive(Debug)]
pub struct Evidence {
    /// What the batch was called.
    pub label: String,
    /// `FINAL` or `PRELIMINARY`.
    pub standing: String,
    /// SHA-256 of the report's receipt.
    pub receipt: String,
    /// SHA-256 of the receipt of the earlier report that the batch names.
    pub previous_receipt: Option<String>,
    /// Who prepared the batch.
    pub prepared_by: Option<String>,
    /// The program office, as the batch names it.
    pub office: OfficeEntry,
    /// The batch's own headings, by field.
    pub columns: Map<String, Value>,
    /// The batch's own words, by field.
    pub values: Map<String, Value>,
    /// The accounts and columns of a settlement's journal.
    pub accounting: AccountingEntry,
    /// The batch's run date.
    pub run_date: NaiveDate,
    /// The rules, with the report's readings.
    pub rules: RuleSet,
    /// The appropriation.
    pub available: Money,
    /// The pool of the supplement.
    pub supplement_available: Option<Money>,
    /// Participants with rows, in ascending order: a position is the rank that decisions carry.
    pub participants: Vec<RecordedParticipant>,
    /// Who is paid, in ascending order of code.
    pub payees: Vec<PayeeEntry>,
    /// Programs that rows completed.
    pub programs: Vec<ProgramEntry>,
    /// The headings of `completions.csv`: another version of cdip can have written more columns than this one, or fewer.
    pub headings: Vec<String>,
    /// By row.
    pub rows: Vec<RecordedRow>,
    /// The decision on each row, as far as the report records it.
    pub decisions: Vec<Settled>,
    /// The rows that took part in the allocation; its awards are in the same order.
    pub certificates: Vec<Certificate>,
    /// Findings, in the report's order.
    pub findings: Vec<RecordedFinding>,
    /// Decisions on the record; the `resolution` of a decision is a position here.
    pub resolutions: Vec<ResolutionEntry>,
    /// Configuration and lists.
    pub lists: Vec<InputEntry>,
    /// Submissions, refused ones included.
    pub submissions: Vec<SubmissionEntry>,
    /// The recalculated allocation, with awards in the order of `certificates`.
    pub allocation: Allocation,
}

/// Checks that every row that took part in the allocation is of a tier.
fn every_category_is_funded(
    demand: &Demand,
    rules: &RuleSet,
    rows: &[RecordedRow],
) -> Result<(), String> {
    let mut certificates = demand.certificates.iter();
    match certificates.find(|certificate| rules.tier_of(certificate.category).is_none()) {
        None => Ok(()),
        Some(certificate) => Err(format!(
            "{} took part in the allocation, but no tier funds its category",
            rows[certificate.row].place()
        )),
    }
}

impl Evidence {
    /// Reads the report in a folder, checks its files against the receipt, and recalculates the allocation.
    ///
    /// # Errors
    /// Status 2 if the folder is not a report or a file is damaged; status 4 if the report contradicts itself.
    pub fn open(path: &Path) -> Result<Evidence, Stop> {
        let folder = Folder::open(path)?;
        let shown = folder.shown.as_str();
        let wrong = |file: &'static str| move |why: String| damaged(shown, file, &why);
        let file = allocation_file(&folder.read(ALLOCATION)?).map_err(wrong(ALLOCATION))?;
        let rules = rule_set(&file).map_err(wrong(ALLOCATION))?;
        let run_date = NaiveDate::parse_from_str(&file.run_date, "%Y-%m-%d");
        let run_date =
            run_date.map_err(|error| damaged(shown, ALLOCATION, &format!("run_date: {error}")))?;
        let participants = claims(&file).map_err(wrong(ALLOCATION))?;
        let findings = folder
            .read(FINDINGS)
            .and_then(|text| rows::findings(&text).map_err(wrong(FINDINGS)));
        let (content, lines) = {
            let text = folder.read(COMPLETIONS)?;
            (checksum_of(&text), rows::lines(&text))
        };
        // Read a second time, in pieces: next to the rows, the text of millions of them has no room.
        let mut text = folder.pieces(COMPLETIONS)?;
        let mut read = rows::completions(&mut text, lines, &rules, &participants)
            .map_err(wrong(COMPLETIONS))?;
        folder.is_recorded(COMPLETIONS, &text.sha256())?;
        let findings = findings?;
        let made_from = folder.made_from();
        mark_resolutions(&read.rows, &mut read.decisions, &made_from.resolutions);
        let demand = demand(
            &participants,
            &read.decisions,
            file.available,
            file.supplement_available,
        );
        every_category_is_funded(&demand, &rules, &read.rows)
            .map_err(|what| contradiction(shown, what))?;
        let allocation = allocate(&rules, &rules.readings, &demand)
            .map_err(|broken| contradiction(shown, broken.to_string()))?;
        let evidence = Evidence {
            label: file.label.clone(),
            standing: file.standing.clone(),
            receipt: folder.receipt.clone(),
            previous_receipt: made_from
                .previous_receipt
                .as_ref()
                .map(|receipt| receipt.sha256.clone()),
            prepared_by: made_from.prepared_by.clone(),
            office: made_from.office.clone(),
            columns: made_from.columns.clone(),
            values: made_from.values.clone(),
            accounting: made_from.accounting.clone(),
            run_date,
            available: file.available,
            supplement_available: file.supplement_available,
            rules,
            participants,
            payees: file.payees.clone(),
            programs: file.programs.clone(),
            headings: read.headings,
            rows: read.rows,
            decisions: read.decisions,
            certificates: demand.certificates,
            findings,
            resolutions: made_from.resolutions.clone(),
            lists: made_from.inputs.clone(),
            submissions: made_from.submissions.clone(),
            allocation,
        };
        evidence
            .agrees(&file, &folder, &content)
            .map_err(|what| contradiction(shown, what))?;
        Ok(evidence)
    }

    /// The demand of the report, to allocate it in another way.
    #[must_use]
    pub fn demand(&self) -> Demand {
        demand(
            &self.participants,
            &self.decisions,
            self.available,
            self.supplement_available,
        )
    }

    /// Whether the report has a column of the files.
    #[must_use]
    pub fn has_column(&self, column: ResultColumn) -> bool {
        self.headings
            .iter()
            .any(|heading| heading == column.entry().key)
    }

    #[must_use]
    pub fn is_final(&self) -> bool {
        self.standing == crate::words::FINAL
    }
}

fn demand(
    participants: &[RecordedParticipant],
    decisions: &[Settled],
    available: Money,
    supplement: Option<Money>,
) -> Demand {
    let funded =
        RowRank::enumerate(decisions).filter(|(_, decision)| decision.outcome.is_certificate());
    Demand {
        certificates: funded
            .filter_map(|(row, decision)| decision.certificate(row))
            .collect(),
        claimants: participants
            .iter()
            .map(RecordedParticipant::claimant)
            .collect(),
        reported: reported_by_category(decisions.iter().map(|decision| &decision.read)),
        available,
        supplement,
    }
}
