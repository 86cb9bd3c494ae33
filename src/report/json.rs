//! `allocation.json`: the result for programs and tests (files.md).

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::entities::name_of;
use crate::allocation::{Allocation, TierResult};
use crate::calculation::Calculation;
use crate::caps::CapEntry;
use crate::intake::lists::Participant;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank};
use crate::receipt::Named;
use crate::results::frame::Dimension;
use crate::rules::{RuleSet, Tier};

/// The schema's name; a reader that knows it knows every key.
pub const SCHEMA: &str = "cdip-allocation-1";

/// `allocation.json`, for writing and reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationFile {
    /// [`SCHEMA`]
    pub schema: String,
    /// What the batch is called.
    pub label: String,
    /// `FINAL` or `PRELIMINARY`.
    pub standing: String,
    /// `2024-09-16`
    pub run_date: String,
    pub rules: Named,
    /// By key: a value, or a list of them.
    pub readings: Value,
    /// The rules without their readings.
    pub parameters: Value,
    pub available: Money,
    pub supplement_available: Option<Money>,
    /// What the tiers pay, without the supplement.
    pub paid: Money,
    pub supplement: Money,
    /// What is left after the last tier.
    pub unspent: Money,
    /// Submitted rows.
    pub rows: usize,
    /// Rows by outcome, zeros included.
    pub buckets: Map<String, Value>,
    pub tiers: Vec<TierEntry>,
    /// Those with a unit, within the cap or over it.
    pub participants: Vec<ParticipantEntry>,
    pub participants_without_share: Vec<WithoutShare>,
    pub programs: Vec<ProgramEntry>,
    pub payees: Vec<PayeeEntry>,
}

/// A tier's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierEntry {
    pub tier: u32,
    pub name: String,
    pub money_before: Money,
    pub certificates: u64,
    /// Within the cap, as are those with free or reduced-price lunch.
    pub units: u64,
    pub frl_units: u64,
    #[serde(flatten)]
    pub cap: CapEntry,
    pub over_cap: u64,
    pub rate: Money,
    pub frl_rate: Money,
    pub paid: Money,
    pub prorated: bool,
    pub residual: Money,
    pub money_after: Money,
}

impl TierEntry {
    /// A tier of the rules with its result.
    #[must_use]
    pub fn of(tier: &Tier, result: &TierResult) -> TierEntry {
        TierEntry {
            tier: tier.number,
            name: tier.name.clone(),
            money_before: result.money_before,
            certificates: result.certificates,
            units: result.units,
            frl_units: result.frl_units,
            cap: CapEntry::of(result.cap.as_ref()),
            over_cap: result.over_cap,
            rate: result.rate,
            frl_rate: result.frl_rate,
            paid: result.paid,
            prorated: result.prorated,
            residual: result.residual,
            money_after: result.money_after,
        }
    }
}

/// A participant with a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantEntry {
    pub district_code: String,
    pub school_code: Option<String>,
    pub kind: String,
    pub name: String,
    pub requires_completion: bool,
    /// Pupils enrolled, if the participants list says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrollment: Option<u32>,
    /// Those in which it has a share.
    pub tiers: Vec<ShareEntry>,
    pub supplement: Money,
    pub total: Money,
    pub payee: String,
}

/// A participant with rows but without a unit. With fewer rows of others it could have one, so a recalculation needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithoutShare {
    pub district_code: String,
    pub school_code: Option<String>,
    pub kind: String,
    pub name: String,
    pub requires_completion: bool,
}

/// A participant's share of a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareEntry {
    pub tier: u32,
    /// Within the cap, as are those with free or reduced-price lunch.
    pub units: u64,
    pub frl_units: u64,
    pub over_cap: u64,
    pub amount: Money,
}

/// The tiers in which a participant has a share.
#[must_use]
pub fn shares_of(
    rules: &RuleSet,
    allocation: &Allocation,
    participant: ParticipantRank,
) -> Vec<ShareEntry> {
    let tiers = rules.tiers.iter().zip(&allocation.tiers);
    tiers
        .map(|(tier, result)| (tier.number, result.shares[participant]))
        .filter(|(_, share)| share.units + share.over_cap > 0)
        .map(|(tier, share)| ShareEntry {
            tier,
            units: share.units,
            frl_units: share.frl_units,
            over_cap: share.over_cap,
            amount: share.amount,
        })
        .collect()
}

/// A program that pupils of the batch completed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramEntry {
    /// Upper case.
    pub code: String,
    pub name: String,
    pub category: String,
    /// The sector of the economy; may be empty.
    pub sector: String,
    /// Whether it is one of the year's Top 10; reports of earlier versions do not say.
    #[serde(default)]
    pub top_10: bool,
}

/// Shown for a program without a sector.
pub const NO_SECTOR: &str = "(no sector)";

impl ProgramEntry {
    /// Its sector, or that it has none.
    #[must_use]
    pub fn sector_in_words(&self) -> &str {
        if self.sector.is_empty() {
            NO_SECTOR
        } else {
            &self.sector
        }
    }
}

/// A payee and its payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayeeEntry {
    /// Four digits.
    pub code: String,
    /// Reports of earlier versions have no name, vendor or address.
    #[serde(default)]
    pub name: String,
    /// Its number in the accounting system; may be empty.
    #[serde(default)]
    pub vendor: String,
    /// Where letters go; may be empty.
    #[serde(default)]
    pub address: String,
    /// The award, supplement included.
    pub total: Money,
}

/// The readings as key and value, in the order of the specification.
pub(crate) fn readings(calculation: &Calculation) -> Value {
    let entries = calculation.batch.readings.entries();
    Value::Object(
        entries
            .into_iter()
            .map(|(doc, value)| (doc.key.to_string(), json!(value)))
            .collect(),
    )
}

/// The rules without their readings, which are the batch's: everything needed to recalculate.
fn parameters(calculation: &Calculation) -> Value {
    let mut rules = calculation.batch.rules.to_json();
    if let Value::Object(entries) = &mut rules {
        entries.retain(|key, _| !["schema", "sha256", "id", "readings"].contains(&key.as_str()));
    }
    rules
}

/// Rows by outcome, zeros included.
pub(crate) fn buckets(calculation: &Calculation) -> Map<String, Value> {
    calculation
        .buckets()
        .into_iter()
        .map(|(outcome, count)| (outcome.as_str().to_string(), json!(count)))
        .collect()
}

fn school_of(participant: &Participant) -> Option<String> {
    (!participant.school_code.is_empty()).then(|| participant.school_code.clone())
}

fn participants(calculation: &Calculation) -> Vec<ParticipantEntry> {
    let allocation = &calculation.allocation;
    ParticipantRank::enumerate(calculation.intake.participants.all())
        .filter(|(rank, _)| calculation.has_share(*rank))
        .map(|(rank, participant)| ParticipantEntry {
            district_code: participant.district_code.clone(),
            school_code: school_of(participant),
            kind: participant.kind.as_str().to_string(),
            name: participant.name.clone(),
            requires_completion: participant.requires_completion,
            enrollment: participant.enrollment,
            tiers: shares_of(&calculation.batch.rules, allocation, rank),
            supplement: allocation.supplements[rank],
            total: allocation.total_of(rank),
            payee: participant.payee().to_string(),
        })
        .collect()
}

fn participants_without_share(calculation: &Calculation) -> Vec<WithoutShare> {
    let all = calculation.intake.participants.all();
    let of_participants = calculation.results.by_participant(all.len());
    ParticipantRank::all(all.len())
        .filter(|rank| of_participants[*rank].rows > 0 && of_participants[*rank].units == 0)
        .map(|rank| WithoutShare {
            district_code: all[rank].district_code.clone(),
            school_code: school_of(&all[rank]),
            kind: all[rank].kind.as_str().to_string(),
            name: all[rank].name.clone(),
            requires_completion: all[rank].requires_completion,
        })
        .collect()
}

fn programs(calculation: &Calculation) -> Vec<ProgramEntry> {
    let listed = calculation.intake.programs.all();
    let completed = calculation.results.group([Dimension::Program]);
    let completed = completed.iter().map(|([rank], _)| ProgramRank::new(rank));
    completed
        .map(|rank| ProgramEntry {
            code: listed[rank].code.clone(),
            name: listed[rank].name.clone(),
            category: listed[rank].category.as_str().to_string(),
            sector: listed[rank].sector.clone(),
            top_10: listed[rank].top_10,
        })
        .collect()
}

/// Makes `allocation.json` of a calculation.
#[must_use]
pub fn allocation_file(calculation: &Calculation) -> AllocationFile {
    let rules = &calculation.batch.rules;
    let allocation = &calculation.allocation;
    let tiers = rules.tiers.iter().zip(&allocation.tiers);
    AllocationFile {
        schema: SCHEMA.to_string(),
        label: calculation.batch.label.clone(),
        standing: calculation.standing().to_string(),
        run_date: calculation.batch.run_date.to_string(),
        rules: Named {
            id: rules.id.clone(),
            sha256: rules.sha256.clone(),
        },
        readings: readings(calculation),
        parameters: parameters(calculation),
        available: calculation.batch.available,
        supplement_available: calculation.batch.supplement,
        paid: allocation.paid(),
        supplement: allocation.supplement(),
        unspent: allocation.unspent,
        rows: calculation.intake.completions.len(),
        buckets: buckets(calculation),
        tiers: tiers
            .map(|(tier, result)| TierEntry::of(tier, result))
            .collect(),
        participants: participants(calculation),
        participants_without_share: participants_without_share(calculation),
        programs: programs(calculation),
        payees: payees(calculation),
    }
}

fn payees(calculation: &Calculation) -> Vec<PayeeEntry> {
    let participants = &calculation.intake.participants;
    let payees = calculation.payees().into_iter();
    payees
        .map(|(code, total)| {
            let listed = participants.of_payee(code);
            PayeeEntry {
                code: code.to_string(),
                name: name_of(participants, code),
                vendor: listed.map_or_else(String::new, |listed| listed.vendor.clone()),
                address: listed.map_or_else(String::new, |listed| listed.address.clone()),
                total,
            }
        })
        .collect()
}

/// Writes `allocation.json`.
pub fn allocation(calculation: &Calculation, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &allocation_file(calculation))?;
    out.write_all(b"\n")
}
