//! A letter to a payee: what it gets and for whom, what the cap cost, and what was settled.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::sources::Sources;
use super::words::{day, in_words, signed};
use crate::audit::difference::{Difference, Parts};
use crate::audit::evidence::{Evidence, RecordedParticipant};
use crate::decision::over_cap_at_rates;
use crate::money::Money;
use crate::ranks::{ParticipantRank, TierRank};
use crate::report::json::PayeeEntry;
use crate::settlement::folder::{SettlementFolder, SettlementLine};

/// One letter.
#[derive(Serialize)]
pub(super) struct Letter {
    /// The payee, four digits.
    code: String,
    name: String,
    vendor: String,
    /// Line by line; empty if the participants list has none.
    address: Vec<String>,
    amount: String,
    amount_words: String,
    is_zero: bool,
    participants: Vec<LetterParticipant>,
    /// All participants together, by tier.
    tier_totals: Vec<String>,
    supplement: String,
    /// Whether there is money of a charter school in the award, which the payee passes on.
    passes_on: bool,
    cap: Vec<CapLine>,
    settlement: Option<LetterSettlement>,
    last_year: Option<LastYear>,
    revision: Option<Revision>,
}

#[derive(Serialize)]
struct LetterParticipant {
    code: String,
    name: String,
    kind: &'static str,
    shares: Vec<LetterShare>,
    supplement: String,
    total: String,
}

#[derive(Serialize)]
struct LetterShare {
    units: u64,
    amount: String,
    /// Whether some awards are unfunded.
    is_unpaid: bool,
}

/// What the cap cost a participant in a tier.
#[derive(Serialize)]
struct CapLine {
    name: String,
    tier: u32,
    /// The most for one participant: `485 awards`.
    limit: String,
    over_cap: u64,
    /// At the tier's rates.
    cost: String,
}

/// The settlement; amounts of zero are `None`, except what is payable now.
#[derive(Serialize)]
struct LetterSettlement {
    paid: String,
    payable_now: String,
    after_recovery: Option<String>,
    to_recover: Option<String>,
    carried: Option<String>,
    /// Award and payments differ by this, within the tolerance.
    left_alone: Option<String>,
    /// Taken off for an earlier year.
    offset: Option<String>,
    /// Owed from an earlier year, after what is taken off.
    owed_before: Option<String>,
    /// Owed and not to be returned.
    waived: Option<String>,
}

#[derive(Serialize)]
struct LastYear {
    budget_year: String,
    amount: String,
    change: String,
}

/// An award of an earlier report of the same budget year, and why it is another one now.
#[derive(Serialize)]
struct Revision {
    run_date: String,
    before: String,
    change: String,
    /// What moved the award, and by how much; only what did.
    reasons: Vec<RevisionReason>,
}

#[derive(Serialize)]
struct RevisionReason {
    why: &'static str,
    amount: String,
}

impl Letter {
    pub(super) fn lacks_address(&self) -> bool {
        self.address.is_empty()
    }
}

/// A letter to each payee of the report or the settlement, in ascending order of code.
pub(super) fn letters(sources: Sources<'_>, within_the_year: Option<&Difference>) -> Vec<Letter> {
    let report = sources.report;
    let costs = over_cap_at_rates(&report.decisions, &report.allocation);
    let payees = payees(sources);
    payees
        .values()
        .map(|payee| letter(sources, within_the_year, payee, &costs))
        .collect()
}

/// By code; a payee that was paid before and has no award now gets a letter too.
fn payees(sources: Sources<'_>) -> BTreeMap<String, PayeeEntry> {
    let mut payees: BTreeMap<String, PayeeEntry> = BTreeMap::new();
    for line in sources
        .settlement
        .into_iter()
        .flat_map(|settled| &settled.lines)
    {
        let payee = PayeeEntry {
            code: line.payee.clone(),
            name: line.name.clone(),
            vendor: line.vendor.clone(),
            address: String::new(),
            total: Money::ZERO,
        };
        payees.insert(line.payee.clone(), payee);
    }
    let of_report = sources.report.payees.iter();
    payees.extend(of_report.map(|payee| (payee.code.clone(), payee.clone())));
    payees
}

fn letter(
    sources: Sources<'_>,
    within_the_year: Option<&Difference>,
    payee: &PayeeEntry,
    costs: &[Vec<Money>],
) -> Letter {
    let report = sources.report;
    let ranks: Vec<ParticipantRank> = ParticipantRank::enumerate(&report.participants)
        .filter(|(rank, participant)| {
            participant.district_code == payee.code && has_share(report, *rank)
        })
        .map(|(rank, _)| rank)
        .collect();
    let tiers = report.allocation.tiers.iter();
    let tier_totals = tiers.map(|tier| ranks.iter().map(|rank| tier.shares[*rank].amount).sum());
    let supplement: Money = ranks
        .iter()
        .map(|rank| report.allocation.supplements[*rank])
        .sum();
    let line = |settled: &SettlementFolder| {
        settled
            .line_of(&payee.code)
            .map(|line| settlement(settled, line))
    };
    Letter {
        code: payee.code.clone(),
        name: if payee.name.is_empty() {
            format!("Payee {}", payee.code)
        } else {
            payee.name.clone()
        },
        vendor: payee.vendor.clone(),
        address: address(&payee.address),
        amount: payee.total.grouped(),
        amount_words: in_words(payee.total),
        is_zero: payee.total == Money::ZERO,
        participants: ranks
            .iter()
            .map(|rank| participant(report, *rank))
            .collect(),
        tier_totals: tier_totals.map(Money::grouped).collect(),
        supplement: supplement.grouped(),
        passes_on: ranks.iter().any(|rank| {
            report.participants[*rank].code() != payee.code
                && report.allocation.total_of(*rank) > Money::ZERO
        }),
        cap: ranks
            .iter()
            .flat_map(|rank| cap_lines(report, *rank, costs))
            .collect(),
        settlement: sources.settlement.and_then(line),
        last_year: sources
            .since
            .and_then(|since| last_year(report, since, payee)),
        revision: within_the_year.and_then(|difference| revision(sources, difference, payee)),
    }
}

fn has_share(report: &Evidence, rank: ParticipantRank) -> bool {
    let mut tiers = report.allocation.tiers.iter();
    tiers.any(|tier| tier.shares[rank].units + tier.shares[rank].over_cap > 0)
}

/// The lines of an address, separated by line breaks or semicolons in the list's cell.
fn address(text: &str) -> Vec<String> {
    text.split(['\n', ';'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(String::from)
        .collect()
}

fn participant(report: &Evidence, rank: ParticipantRank) -> LetterParticipant {
    let participant = &report.participants[rank];
    let tiers = report.allocation.tiers.iter();
    LetterParticipant {
        code: participant.code(),
        name: participant.name.clone(),
        kind: participant.kind.label(),
        shares: tiers
            .map(|tier| LetterShare {
                units: tier.shares[rank].units,
                amount: tier.shares[rank].amount.grouped(),
                is_unpaid: tier.shares[rank].units > 0 && tier.shares[rank].amount == Money::ZERO,
            })
            .collect(),
        supplement: report.allocation.supplements[rank].grouped(),
        total: report.allocation.total_of(rank).grouped(),
    }
}

fn cap_lines(report: &Evidence, rank: ParticipantRank, costs: &[Vec<Money>]) -> Vec<CapLine> {
    TierRank::enumerate(&report.allocation.tiers)
        .filter(|(_, tier)| tier.shares[rank].over_cap > 0)
        .filter_map(|(tier, result)| {
            Some(CapLine {
                name: report.participants[rank].name.clone(),
                tier: report.rules.tiers[tier].number,
                limit: result.cap.as_ref()?.most("award"),
                over_cap: result.shares[rank].over_cap,
                cost: costs[tier][rank].grouped(),
            })
        })
        .collect()
}

fn settlement(settled: &SettlementFolder, line: &SettlementLine) -> LetterSettlement {
    let if_any = |amount: Money| (amount > Money::ZERO).then(|| amount.grouped());
    let left_alone = settled.settled_difference_of(line);
    LetterSettlement {
        paid: line.paid.grouped(),
        payable_now: line.payable_now.grouped(),
        after_recovery: if_any(line.after_recovery),
        to_recover: if_any(line.to_recover),
        carried: if_any(line.carried),
        left_alone: if_any(left_alone.max(Money::ZERO - left_alone)),
        offset: if_any(settled.offset_of(line)),
        owed_before: if_any(settled.owed_before_of(line)),
        waived: if_any(line.waived),
    }
}

/// What the payee got in an earlier budget year, if that report is final: the amounts of another are not what was awarded.
fn last_year(report: &Evidence, since: &Evidence, payee: &PayeeEntry) -> Option<LastYear> {
    let budget_year = since.rules.budget_year;
    let then = since.payees.iter().find(|then| then.code == payee.code);
    let then = then.map(|then| then.total).unwrap_or_default();
    (budget_year != report.rules.budget_year && since.is_final()).then(|| LastYear {
        budget_year: budget_year.to_string(),
        amount: then.grouped(),
        change: signed(payee.total - then),
    })
}

/// Why a payee's award differs from that of an earlier report of the same budget year, if it does and that report is final.
fn revision(sources: Sources<'_>, difference: &Difference, payee: &PayeeEntry) -> Option<Revision> {
    let since = sources.since.filter(|since| since.is_final())?;
    let participants = [since, sources.report].map(|report| report.participants.iter());
    let own: BTreeSet<String> = participants
        .into_iter()
        .flatten()
        .filter(|participant| participant.district_code == payee.code)
        .map(RecordedParticipant::code)
        .collect();
    let mut parts = Parts::default();
    let changes = difference.participants.iter();
    for change in changes.filter(|change| own.contains(&change.code)) {
        parts.add(&change.parts);
    }
    let then = since.payees.iter().find(|then| then.code == payee.code);
    // To each of several participants the others' rows are those of others, so of a payee of several they are not told apart.
    let (own_rows, others_rows, of_rows) = if own.len() > 1 {
        (
            parts.own_rows + parts.others_demand,
            Money::ZERO,
            "the rows that were reported",
        )
    } else {
        (parts.own_rows, parts.others_demand, "your own rows")
    };
    let reasons = [
        (of_rows, own_rows),
        ("the rows of others", others_rows),
        ("rules and decisions", parts.rules),
        ("the money available", parts.money),
    ];
    (parts.change() != Money::ZERO).then(|| Revision {
        run_date: day(since.run_date),
        before: then.map(|then| then.total).unwrap_or_default().grouped(),
        change: signed(parts.change()),
        reasons: reasons
            .into_iter()
            .filter(|(_, amount)| *amount != Money::ZERO)
            .map(|(why, amount)| RevisionReason {
                why,
                amount: signed(amount),
            })
            .collect(),
    })
}
