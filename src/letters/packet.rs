//! The board's packet: the money, the tiers, sectors and programs, participants, what changed, and the questions the law leaves open.

use std::cmp::Reverse;

use serde::Serialize;

use super::changes::Changes;
use super::questions::{Question, held, questions};
use super::sectors::{GroupLine, Sectors};
use super::sources::Sources;
use super::words::length;
use crate::audit::difference::Difference;
use crate::audit::evidence::Evidence;
use crate::catalogue::Code;
use crate::decision::{Outcome, over_cap_at_rates};
use crate::money::Money;
use crate::ranks::{ParticipantRank, TierRank};
use crate::report::json::PayeeEntry;
use crate::rules::terms::ParticipantKind;
use crate::stop::Stop;
use crate::words::sentence;

/// Payees in the packet's chart and participants in its table: both fit on a page, even with the warning of a draft.
const PAYEES_MAX: usize = 12;
const PARTICIPANTS_MAX: usize = 12;
/// Participants over the cap in the packet's table, which counts the others. At most nine can exceed a cap of a tenth.
const OVER_CAP_MAX: usize = 12;
/// The most characters of a name next to a bar.
const NAME_CHARS_MAX: usize = 34;

#[derive(Serialize)]
pub(super) struct Packet {
    money: MoneyPage,
    tiers: Vec<TierLine>,
    sectors: Vec<GroupLine>,
    programs: Vec<GroupLine>,
    programs_paid: usize,
    top_10: Option<GroupLine>,
    kinds: Vec<KindLine>,
    payees: Vec<Bar>,
    payees_count: usize,
    participants: Vec<ParticipantLine>,
    /// Paid participants, and the total of those that the table leaves out.
    participants_paid: usize,
    others_amount: String,
    /// Participants over the cap, in the order of their codes.
    over_cap: Vec<ParticipantLine>,
    /// How many the table leaves out.
    over_cap_others: usize,
    changes: Option<Changes>,
    questions: Vec<Question>,
    held: usize,
}

#[derive(Serialize)]
struct MoneyPage {
    available: String,
    supplement_available: String,
    demand: String,
    paid: String,
    supplement: String,
    shortfall: String,
    has_shortfall: bool,
    percent: String,
    residual: String,
    unspent: String,
    cap_cost: String,
    rows: u64,
    outcomes: Vec<OutcomeLine>,
    bars: Vec<Bar>,
    /// A warning if the money differs from the known appropriation.
    doubts: Vec<String>,
}

/// A bar of a chart; the longest has length 1000.
#[derive(Serialize)]
struct Bar {
    name: String,
    amount: String,
    length: u64,
}

#[derive(Serialize)]
struct OutcomeLine {
    name: &'static str,
    meaning: &'static str,
    rows: usize,
}

#[derive(Serialize)]
struct TierLine {
    number: u32,
    name: String,
    certificates: u64,
    units: u64,
    frl_units: u64,
    over_cap: u64,
    /// The most for one participant: `485 awards`.
    cap: Option<String>,
    money_before: String,
    demand: String,
    paid: String,
    shortfall: String,
    percent: String,
    rate: String,
    frl_rate: String,
    cap_cost: String,
    demand_length: u64,
    paid_length: u64,
}

#[derive(Serialize)]
struct KindLine {
    name: &'static str,
    /// Participants paid.
    participants: usize,
    awards: u64,
    /// Of all participants, paid or not.
    over_cap: u64,
    amount: String,
    percent: String,
}

#[derive(Serialize)]
struct ParticipantLine {
    code: String,
    name: String,
    kind: &'static str,
    awards: u64,
    over_cap: u64,
    cap_cost: String,
    amount: String,
}

impl Packet {
    pub(super) fn of(
        sources: Sources<'_>,
        within_the_year: Option<&Difference>,
    ) -> Result<Packet, Stop> {
        let report = sources.report;
        let costs = over_cap_at_rates(&report.decisions, &report.allocation);
        let sectors = Sectors::of(report);
        let mut paid: Vec<ParticipantRank> = ParticipantRank::all(report.participants.len())
            .filter(|rank| report.allocation.total_of(*rank) > Money::ZERO)
            .collect();
        paid.sort_by_key(|rank| Reverse(report.allocation.total_of(*rank)));
        let line = |rank: &ParticipantRank| participant(report, *rank, &costs);
        let others = paid.iter().skip(PARTICIPANTS_MAX);
        let others: Money = others.map(|rank| report.allocation.total_of(*rank)).sum();
        let over_cap: Vec<ParticipantRank> = ParticipantRank::all(report.participants.len())
            .filter(|rank| over_cap_of(report, *rank) > 0)
            .collect();
        let changes = sources
            .since
            .map(|since| Changes::of(report, since, within_the_year));
        Ok(Packet {
            money: MoneyPage::of(report, &costs),
            tiers: tiers(report, &costs),
            sectors: sectors.lines,
            programs: sectors.programs,
            programs_paid: sectors.programs_paid,
            top_10: sectors.top_10,
            kinds: kinds(report),
            payees: payees(report),
            payees_count: paid_payees(report).len(),
            participants: paid.iter().take(PARTICIPANTS_MAX).map(line).collect(),
            participants_paid: paid.len(),
            others_amount: others.grouped(),
            over_cap: over_cap.iter().take(OVER_CAP_MAX).map(line).collect(),
            over_cap_others: over_cap.len().saturating_sub(OVER_CAP_MAX),
            changes,
            questions: questions(report)?,
            held: held(report),
        })
    }
}

impl MoneyPage {
    fn of(report: &Evidence, costs: &[Vec<Money>]) -> MoneyPage {
        let allocation = &report.allocation;
        let (demand, paid) = (allocation.demand(&report.rules), allocation.paid());
        let shortfall = (demand - paid).max(Money::ZERO);
        let longest = demand.max(report.available);
        let bar = |name: &str, amount: Money| Bar {
            name: name.to_string(),
            amount: amount.grouped(),
            length: length(amount, longest),
        };
        MoneyPage {
            available: report.available.grouped(),
            supplement_available: report.supplement_available.unwrap_or_default().grouped(),
            demand: demand.grouped(),
            paid: paid.grouped(),
            supplement: allocation.supplement().grouped(),
            shortfall: shortfall.grouped(),
            has_shortfall: shortfall > Money::ZERO,
            percent: paid.percent_of(demand),
            residual: allocation
                .tiers
                .iter()
                .map(|tier| tier.residual)
                .sum::<Money>()
                .grouped(),
            unspent: allocation.unspent.grouped(),
            cap_cost: costs.iter().flatten().copied().sum::<Money>().grouped(),
            rows: report.rows.len() as u64,
            outcomes: outcomes(report),
            bars: vec![
                bar("Demand at the full amount", demand),
                bar("Money available", report.available),
                bar("Paid", paid),
            ],
            doubts: doubts(report),
        }
    }
}

/// Outcomes that occur.
fn outcomes(report: &Evidence) -> Vec<OutcomeLine> {
    let rows = |outcome: Outcome| {
        let decisions = report.decisions.iter();
        decisions
            .filter(|decision| decision.outcome == outcome)
            .count()
    };
    Outcome::ALL
        .into_iter()
        .rev()
        .map(|outcome| OutcomeLine {
            name: outcome.label(),
            meaning: outcome.meaning(),
            rows: rows(outcome),
        })
        .filter(|line| line.rows > 0)
        .collect()
}

/// The run's W228 and W229: those who sign should know.
fn doubts(report: &Evidence) -> Vec<String> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| matches!(finding.code, Code::W228 | Code::W229))
        .map(|finding| sentence(&finding.message))
        .collect()
}

fn tiers(report: &Evidence, costs: &[Vec<Money>]) -> Vec<TierLine> {
    let results = &report.allocation.tiers;
    let demands = results.iter().map(|tier| tier.demand(&report.rules));
    let longest = demands.max().unwrap_or_default();
    TierRank::enumerate(results)
        .map(|(rank, result)| {
            let tier = &report.rules.tiers[rank];
            let demand = result.demand(&report.rules);
            TierLine {
                number: tier.number,
                name: tier.name.clone(),
                certificates: result.certificates,
                units: result.units,
                frl_units: result.frl_units,
                over_cap: result.over_cap,
                cap: result.cap.as_ref().map(|cap| cap.most("award")),
                money_before: result.money_before.grouped(),
                demand: demand.grouped(),
                paid: result.paid.grouped(),
                shortfall: (demand - result.paid).max(Money::ZERO).grouped(),
                percent: result.rate.percent_of(report.rules.per_unit),
                rate: result.rate.grouped(),
                frl_rate: result.frl_rate.grouped(),
                cap_cost: costs[rank].iter().copied().sum::<Money>().grouped(),
                demand_length: length(demand, longest),
                paid_length: length(result.paid, longest),
            }
        })
        .collect()
}

fn kinds(report: &Evidence) -> Vec<KindLine> {
    let total = report.allocation.paid() + report.allocation.supplement();
    ParticipantKind::ALL
        .iter()
        .map(|kind| {
            let of_kind = || {
                ParticipantRank::enumerate(&report.participants)
                    .filter(move |(_, participant)| participant.kind == *kind)
                    .map(|(rank, _)| rank)
            };
            let ranks: Vec<ParticipantRank> = of_kind()
                .filter(|rank| report.allocation.total_of(*rank) > Money::ZERO)
                .collect();
            let amount: Money = ranks
                .iter()
                .map(|rank| report.allocation.total_of(*rank))
                .sum();
            KindLine {
                name: kind.label(),
                participants: ranks.len(),
                awards: ranks.iter().map(|rank| awards_of(report, *rank)).sum(),
                over_cap: of_kind().map(|rank| over_cap_of(report, rank)).sum(),
                amount: amount.grouped(),
                percent: amount.percent_of(total),
            }
        })
        .filter(|line| line.participants > 0 || line.over_cap > 0)
        .collect()
}

/// Units that are paid.
fn awards_of(report: &Evidence, rank: ParticipantRank) -> u64 {
    let tiers = report.allocation.tiers.iter();
    tiers
        .filter(|tier| tier.paid > Money::ZERO)
        .map(|tier| tier.shares[rank].units)
        .sum()
}

fn over_cap_of(report: &Evidence, rank: ParticipantRank) -> u64 {
    let tiers = report.allocation.tiers.iter();
    tiers.map(|tier| tier.shares[rank].over_cap).sum()
}

fn participant(report: &Evidence, rank: ParticipantRank, costs: &[Vec<Money>]) -> ParticipantLine {
    let participant = &report.participants[rank];
    let cost: Money = costs.iter().map(|tier| tier[rank]).sum();
    ParticipantLine {
        code: participant.code(),
        name: participant.name.clone(),
        kind: participant.kind.label(),
        awards: awards_of(report, rank),
        over_cap: over_cap_of(report, rank),
        cap_cost: cost.grouped(),
        amount: report.allocation.total_of(rank).grouped(),
    }
}

/// Payees that get money: a participant can have awards and no money.
fn paid_payees(report: &Evidence) -> Vec<&PayeeEntry> {
    let payees = report.payees.iter();
    payees.filter(|payee| payee.total > Money::ZERO).collect()
}

/// The payees with the most money.
fn payees(report: &Evidence) -> Vec<Bar> {
    let mut payees = paid_payees(report);
    payees.sort_by_key(|payee| Reverse(payee.total));
    let longest = payees.first().map(|payee| payee.total).unwrap_or_default();
    payees
        .into_iter()
        .take(PAYEES_MAX)
        .map(|payee| Bar {
            name: short(&payee.name),
            amount: payee.total.grouped(),
            length: length(payee.total, longest),
        })
        .collect()
}

fn short(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS_MAX {
        return name.to_string();
    }
    let start: String = name.chars().take(NAME_CHARS_MAX - 1).collect();
    format!("{}\u{2026}", start.trim_end())
}
