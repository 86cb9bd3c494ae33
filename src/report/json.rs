//! `allocation.json`: the result for programs and tests (files.md).

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::entities::name_of;
use crate::calculation::Calculation;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank};
use crate::results::frame::Dimension;

/// The schema's name; a reader that knows it knows every key.
pub const SCHEMA: &str = "cdip-allocation-1";

#[derive(Serialize)]
struct Document<'c> {
    schema: &'static str,
    label: &'c str,
    standing: &'static str,
    run_date: String,
    rules: Value,
    readings: Value,
    parameters: Value,
    available: Money,
    supplement_available: Option<Money>,
    paid: Money,
    supplement: Money,
    unspent: Money,
    rows: usize,
    buckets: Map<String, Value>,
    tiers: Vec<TierEntry<'c>>,
    participants: Vec<ParticipantEntry<'c>>,
    participants_without_share: Vec<WithoutShare<'c>>,
    programs: Vec<ProgramEntry<'c>>,
    payees: Vec<PayeeEntry<'c>>,
}

#[derive(Serialize)]
struct TierEntry<'c> {
    tier: u32,
    name: &'c str,
    money_before: Money,
    certificates: u64,
    units: u64,
    frl_units: u64,
    cap_base: Option<u64>,
    cap_limit: Option<u64>,
    over_cap: u64,
    rate: Money,
    frl_rate: Money,
    paid: Money,
    prorated: bool,
    residual: Money,
    money_after: Money,
}

#[derive(Serialize)]
struct ParticipantEntry<'c> {
    district_code: &'c str,
    school_code: Option<&'c str>,
    kind: &'static str,
    name: &'c str,
    requires_completion: bool,
    tiers: Vec<ShareEntry>,
    supplement: Money,
    total: Money,
    payee: &'c str,
}

/// A participant of whose rows none is a unit: with fewer rows of others it could have one, so a reader who calculates that needs it.
#[derive(Serialize)]
struct WithoutShare<'c> {
    district_code: &'c str,
    school_code: Option<&'c str>,
    kind: &'static str,
    name: &'c str,
    requires_completion: bool,
}

#[derive(Serialize)]
struct ShareEntry {
    tier: u32,
    units: u64,
    frl_units: u64,
    over_cap: u64,
    amount: Money,
}

/// A program that pupils of the batch completed.
#[derive(Serialize)]
struct ProgramEntry<'c> {
    code: &'c str,
    name: &'c str,
    category: &'static str,
    sector: &'c str,
    top_10: bool,
}

#[derive(Serialize)]
struct PayeeEntry<'c> {
    code: &'c str,
    name: String,
    vendor: &'c str,
    address: &'c str,
    total: Money,
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

/// The rules without their readings, which are the batch's: what a reader needs to calculate everything again.
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

fn tiers(calculation: &Calculation) -> Vec<TierEntry<'_>> {
    let tiers = calculation.batch.rules.tiers.iter();
    tiers
        .zip(&calculation.allocation.tiers)
        .map(|(tier, result)| TierEntry {
            tier: tier.number,
            name: &tier.name,
            money_before: result.money_before,
            certificates: result.certificates,
            units: result.units,
            frl_units: result.frl_units,
            cap_base: result.cap_base,
            cap_limit: result.cap_limit,
            over_cap: result.over_cap,
            rate: result.rate,
            frl_rate: result.frl_rate,
            paid: result.paid,
            prorated: result.prorated,
            residual: result.residual,
            money_after: result.money_after,
        })
        .collect()
}

fn participants(calculation: &Calculation) -> Vec<ParticipantEntry<'_>> {
    let rules = &calculation.batch.rules;
    let allocation = &calculation.allocation;
    ParticipantRank::enumerate(calculation.intake.participants.all())
        .filter(|(rank, _)| calculation.has_share(*rank))
        .map(|(rank, participant)| {
            let shares = rules
                .tiers
                .iter()
                .zip(&allocation.tiers)
                .map(|(tier, result)| (tier.number, result.shares[rank]));
            ParticipantEntry {
                district_code: &participant.district_code,
                school_code: (!participant.school_code.is_empty())
                    .then_some(participant.school_code.as_str()),
                kind: participant.kind.as_str(),
                name: &participant.name,
                requires_completion: participant.requires_completion,
                tiers: shares
                    .filter(|(_, share)| share.units + share.over_cap > 0)
                    .map(|(tier, share)| ShareEntry {
                        tier,
                        units: share.units,
                        frl_units: share.frl_units,
                        over_cap: share.over_cap,
                        amount: share.amount,
                    })
                    .collect(),
                supplement: allocation.supplements[rank],
                total: allocation.total_of(rank),
                payee: participant.payee(),
            }
        })
        .collect()
}

fn participants_without_share(calculation: &Calculation) -> Vec<WithoutShare<'_>> {
    let all = calculation.intake.participants.all();
    let of_participants = calculation.results.by_participant(all.len());
    ParticipantRank::all(all.len())
        .filter(|rank| of_participants[*rank].rows > 0 && of_participants[*rank].units == 0)
        .map(|rank| WithoutShare {
            district_code: &all[rank].district_code,
            school_code: (!all[rank].school_code.is_empty())
                .then_some(all[rank].school_code.as_str()),
            kind: all[rank].kind.as_str(),
            name: &all[rank].name,
            requires_completion: all[rank].requires_completion,
        })
        .collect()
}

fn programs(calculation: &Calculation) -> Vec<ProgramEntry<'_>> {
    let listed = calculation.intake.programs.all();
    let completed = calculation.results.group([Dimension::Program]);
    let completed = completed.iter().map(|([rank], _)| ProgramRank::new(rank));
    completed
        .map(|rank| ProgramEntry {
            code: &listed[rank].code,
            name: &listed[rank].name,
            category: listed[rank].category.as_str(),
            sector: &listed[rank].sector,
            top_10: listed[rank].top_10,
        })
        .collect()
}

fn payees(calculation: &Calculation) -> Vec<PayeeEntry<'_>> {
    let participants = &calculation.intake.participants;
    let payees = calculation.payees().into_iter();
    payees
        .map(|(code, total)| {
            let listed = participants.exactly(code, "");
            let listed = listed.map(|rank| &participants.all()[rank]);
            PayeeEntry {
                code,
                name: name_of(participants, code),
                vendor: listed.map_or("", |listed| &listed.vendor),
                address: listed.map_or("", |listed| &listed.address),
                total,
            }
        })
        .collect()
}

/// Writes `allocation.json`.
pub fn allocation(calculation: &Calculation, mut out: impl Write) -> io::Result<()> {
    let rules = &calculation.batch.rules;
    let allocation = &calculation.allocation;
    let document = Document {
        schema: SCHEMA,
        label: &calculation.batch.label,
        standing: calculation.standing(),
        run_date: calculation.batch.run_date.to_string(),
        rules: json!({ "id": rules.id, "sha256": rules.sha256 }),
        readings: readings(calculation),
        parameters: parameters(calculation),
        available: calculation.batch.available,
        supplement_available: calculation.batch.supplement,
        paid: allocation.paid(),
        supplement: allocation.supplement(),
        unspent: allocation.unspent,
        rows: calculation.intake.completions.len(),
        buckets: buckets(calculation),
        tiers: tiers(calculation),
        participants: participants(calculation),
        participants_without_share: participants_without_share(calculation),
        programs: programs(calculation),
        payees: payees(calculation),
    };
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")
}
