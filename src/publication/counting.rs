//! The counts of the published tables, and how their lines are connected.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::network::{Bound, Counts, Edge, Network, Whose};
use super::{Subject, Table};
use crate::audit::evidence::{Evidence, RecordedParticipant};
use crate::decision::{Outcome, Settled};
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank, TierRank};
use crate::report::json::ProgramEntry;
use crate::results::columns::ResultColumn;
use crate::rules::Weight;
use crate::rules::readings::Unit;
use crate::stop::Stop;

/// The subject of a count, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    State(Tier),
    Participant(ParticipantRank, Tier),
    Sector(usize, Tier),
    Program(usize),
}

/// A tier, then all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    One(TierRank),
    All,
}

impl Tier {
    const fn index(self) -> Option<TierRank> {
        match self {
            Tier::One(tier) => Some(tier),
            Tier::All => None,
        }
    }
}

/// A sum of the tables: a node of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sum {
    ByParticipant,
    Participant(ParticipantRank),
    /// If payments are published: a payee's participants in a tier that pays.
    PayeeTier(usize, TierRank),
    TierByParticipant(TierRank),
    TierBySector(TierRank),
    SectorTier(usize, TierRank),
    Sector(usize),
    BySector,
}

/// The counts of a line.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) counts: Counts,
    pub(super) amount: Money,
    pupils: HashSet<Sasid>,
    frl_pupils: HashSet<Sasid>,
    other_pupils: HashSet<Sasid>,
}

/// Programs and sectors of the units, by rank.
pub(super) struct Catalogue<'e> {
    pub(super) programs: Vec<&'e ProgramEntry>,
    pub(super) sectors: Vec<&'e str>,
    /// By program: the ranks of its sector and its tier.
    pub(super) places: Vec<(usize, TierRank)>,
}

impl<'e> Catalogue<'e> {
    pub(super) fn of(evidence: &'e Evidence) -> Result<Catalogue<'e>, Stop> {
        let known: HashMap<&str, &ProgramEntry> = evidence
            .programs
            .iter()
            .map(|program| (program.code.as_str(), program))
            .collect();
        let mut used: BTreeMap<&str, TierRank> = BTreeMap::new();
        for (row, decision) in units(evidence) {
            if let Some(tier) = decision.tier {
                used.insert(
                    evidence.rows[row].submitted.get(ResultColumn::ProgramCode),
                    tier,
                );
            }
        }
        let programs: Option<Vec<&ProgramEntry>> =
            used.keys().map(|code| known.get(code).copied()).collect();
        let programs = programs.ok_or_else(|| {
            Stop::usage(
                "allocation.json of the report does not name every program it pays",
                evidence.label.clone(),
                "write the report again with this version of cdip run, then publish it",
            )
        })?;
        let mut sectors: Vec<&str> = programs
            .iter()
            .map(|program| program.sector_in_words())
            .collect();
        sectors.sort_unstable();
        sectors.dedup();
        let rank = |program: &ProgramEntry| {
            sectors.partition_point(|sector| *sector < program.sector_in_words())
        };
        let places = programs
            .iter()
            .zip(used.values())
            .map(|(program, tier)| (rank(program), *tier))
            .collect();
        Ok(Catalogue {
            programs,
            sectors,
            places,
        })
    }
}

/// Rows with a unit within the cap: paid or unfunded.
fn units(evidence: &Evidence) -> impl Iterator<Item = (RowRank, &Settled)> {
    let is_unit = |outcome| matches!(outcome, Outcome::Paid | Outcome::Unfunded);
    RowRank::enumerate(&evidence.decisions).filter(move |(_, decision)| is_unit(decision.outcome))
}

/// The counts of every line, in the order of the lines.
pub(super) fn counted(evidence: &Evidence, catalogue: &Catalogue<'_>) -> BTreeMap<Key, Count> {
    let programs: HashMap<&str, usize> = catalogue
        .programs
        .iter()
        .enumerate()
        .map(|(rank, program)| (program.code.as_str(), rank))
        .collect();
    let mut counted: BTreeMap<Key, Count> = BTreeMap::new();
    // A line for each tier, so that a table has no gaps.
    let tiers: Vec<Tier> = TierRank::all(evidence.rules.tiers.len())
        .map(Tier::One)
        .chain([Tier::All])
        .collect();
    for (row, decision) in units(evidence) {
        let found = (
            decision.tier,
            decision.participant,
            programs.get(evidence.rows[row].submitted.get(ResultColumn::ProgramCode)),
            decision.sasid,
        );
        let (Some(tier), Some(participant), Some(&program), Some(pupil)) = found else {
            continue;
        };
        let sector = catalogue.places[program].0;
        for tier in &tiers {
            for key in [
                Key::State(*tier),
                Key::Participant(participant, *tier),
                Key::Sector(sector, *tier),
            ] {
                counted.entry(key).or_default();
            }
        }
        let each = [Tier::One(tier), Tier::All];
        let keys = each.into_iter().flat_map(|tier| {
            [
                Key::State(tier),
                Key::Participant(participant, tier),
                Key::Sector(sector, tier),
            ]
        });
        for key in keys.chain([Key::Program(program)]) {
            counted
                .entry(key)
                .or_default()
                .add(pupil, decision.frl == Some(true), decision.amount);
        }
    }
    counted
}

impl Count {
    fn add(&mut self, pupil: Sasid, frl: bool, amount: Money) {
        self.amount += amount;
        self.pupils.insert(pupil);
        if frl {
            self.counts.frl += 1;
            self.frl_pupils.insert(pupil);
        } else {
            self.counts.other += 1;
            self.other_pupils.insert(pupil);
        }
    }
}

/// The payees, if payments are published.
pub(super) struct Payments {
    /// By participant: the rank of its payee.
    payees: Vec<usize>,
    /// By payee: whether it gets a supplement, which depends on the counts of each participant.
    supplemented: Vec<bool>,
    /// By tier: whether a unit of it is paid anything.
    pays: Vec<bool>,
}

impl Payments {
    pub(super) fn of(evidence: &Evidence) -> Payments {
        let payees: Vec<usize> = evidence
            .participants
            .iter()
            .map(|one| {
                evidence
                    .payees
                    .partition_point(|payee| payee.code < one.district_code)
            })
            .collect();
        let mut supplemented = vec![false; evidence.payees.len() + 1];
        for (payee, supplement) in payees.iter().zip(&evidence.allocation.supplements) {
            supplemented[*payee] |= *supplement > Money::ZERO;
        }
        let tiers = evidence.allocation.tiers.iter();
        Payments {
            payees,
            supplemented,
            pays: tiers.map(|tier| tier.paid > Money::ZERO).collect(),
        }
    }

    /// The payee of a participant, if its payment depends on the tier.
    fn payee(&self, participant: ParticipantRank, tier: TierRank) -> Option<usize> {
        self.pays[tier.index()].then_some(self.payees[participant.index()])
    }
}

/// The published tables as a network: an edge for each line, in their order; then, where payments are published, one for each payee
/// and tier, which is not a line.
pub(super) fn network(
    evidence: &Evidence,
    catalogue: &Catalogue<'_>,
    counted: &BTreeMap<Key, Count>,
    pupils_min: u32,
    payments: Option<&Payments>,
) -> Network {
    let mut sums: HashMap<Sum, usize> = HashMap::new();
    let mut number_of = |sum: Sum| {
        let next = sums.len();
        *sums.entry(sum).or_insert(next)
    };
    let least = pupils_min as usize;
    let mut numbers: HashMap<Sasid, u32> = HashMap::new();
    let mut pupils_of = |pupils: &HashSet<Sasid>| -> Vec<u32> {
        let mut found: Vec<u32> = pupils
            .iter()
            .map(|pupil| {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                *numbers.entry(*pupil).or_insert(next)
            })
            .collect();
        found.sort_unstable();
        found
    };
    let mut paid: BTreeMap<(usize, TierRank), Counts> = BTreeMap::new();
    let lines = counted.iter().map(|(key, count)| {
        let (from, mut to) = sums_of(*key, catalogue);
        let mut is_paid_for = false;
        if let (Some(payments), Key::Participant(participant, Tier::One(tier))) = (payments, *key)
            && let Some(payee) = payments.payee(participant, tier)
        {
            to = Sum::PayeeTier(payee, tier);
            is_paid_for = payments.supplemented[payee];
            let counts = paid.entry((payee, tier)).or_default();
            counts.frl += count.counts.frl;
            counts.other += count.counts.other;
        }
        let someone = !count.pupils.is_empty();
        let few_of_one_kind = count.frl_pupils.len() < least || count.other_pupils.len() < least;
        Edge {
            from: number_of(from),
            to: number_of(to),
            counts: count.counts,
            small_units: someone && count.pupils.len() < least,
            small_split: someone && few_of_one_kind,
            cap: cap_of(evidence, *key),
            units_are_pupils: units_are_pupils(evidence, *key, catalogue),
            whose: match *key {
                Key::State(_) => Whose::State,
                Key::Participant(participant, _) => Whose::Participant(participant.index()),
                Key::Sector(..) | Key::Program(_) => Whose::Subject,
            },
            pupils: [pupils_of(&count.frl_pupils), pupils_of(&count.other_pupils)],
            is_paid_for,
        }
    });
    let mut edges: Vec<Edge> = lines.collect();
    edges.extend(paid.into_iter().map(|((payee, tier), counts)| {
        let from = number_of(Sum::PayeeTier(payee, tier));
        paid_for(from, number_of(Sum::TierByParticipant(tier)), counts)
    }));
    Network::new(sums.len(), edges, i64::from(pupils_min))
}

/// A payee's counts in a tier: not a line of a table, but known to everyone.
fn paid_for(from: usize, to: usize, counts: Counts) -> Edge {
    Edge {
        from,
        to,
        counts,
        small_units: false,
        small_split: false,
        cap: None,
        units_are_pupils: false,
        whose: Whose::Subject,
        pupils: [Vec::new(), Vec::new()],
        is_paid_for: true,
    }
}

/// The sums from which and to which a count flows.
fn sums_of(key: Key, catalogue: &Catalogue<'_>) -> (Sum, Sum) {
    match key {
        Key::State(Tier::All) => (Sum::BySector, Sum::ByParticipant),
        Key::Participant(participant, Tier::All) => {
            (Sum::ByParticipant, Sum::Participant(participant))
        }
        Key::Participant(participant, Tier::One(tier)) => {
            (Sum::Participant(participant), Sum::TierByParticipant(tier))
        }
        Key::State(Tier::One(tier)) => (Sum::TierByParticipant(tier), Sum::TierBySector(tier)),
        Key::Sector(sector, Tier::One(tier)) => {
            (Sum::TierBySector(tier), Sum::SectorTier(sector, tier))
        }
        Key::Program(program) => {
            let (sector, tier) = catalogue.places[program];
            (Sum::SectorTier(sector, tier), Sum::Sector(sector))
        }
        Key::Sector(sector, Tier::All) => (Sum::Sector(sector), Sum::BySector),
    }
}

/// What the cap lets a participant's count in a tier be, if a cap binds it.
fn cap_of(evidence: &Evidence, key: Key) -> Option<Bound> {
    let Key::Participant(participant, Tier::One(tier)) = key else {
        return None;
    };
    let kind = evidence.participants[participant].kind;
    let bound = evidence.rules.readings.cap_applies_to.contains(kind);
    let cap = evidence.allocation.tiers[tier].cap.as_ref();
    let limit = cap.filter(|_| bound)?.limit();
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let takes = |unit: Weight| number(limit.takes(unit)).max(1);
    Some(Bound {
        most: number(limit.number()),
        other: takes(Weight::ONE),
        frl: takes(evidence.rules.frl_multiplier),
    })
}

/// Whether every unit of a count is a different pupil.
fn units_are_pupils(evidence: &Evidence, key: Key, catalogue: &Catalogue<'_>) -> bool {
    let unit = evidence.rules.readings.unit;
    if tier_of(key, catalogue).is_some() {
        return unit != Unit::Completion;
    }
    // A pupil who is unfunded in one tier can be a unit again in a later one.
    let tiers = &evidence.allocation.tiers;
    unit == Unit::Pupil
        && tiers
            .iter()
            .all(|tier| tier.units == 0 || tier.rate > Money::ZERO)
}

pub(super) fn table_of(key: Key) -> Table {
    match key {
        Key::State(_) => Table::State,
        Key::Participant(..) => Table::Participants,
        Key::Sector(..) => Table::Sectors,
        Key::Program(_) => Table::Programs,
    }
}

pub(super) fn tier_of(key: Key, catalogue: &Catalogue<'_>) -> Option<TierRank> {
    match key {
        Key::State(tier) | Key::Participant(_, tier) | Key::Sector(_, tier) => tier.index(),
        Key::Program(program) => Some(catalogue.places[program].1),
    }
}

pub(super) fn subject(evidence: &Evidence, catalogue: &Catalogue<'_>, key: Key) -> Subject {
    let (code, name, of) = match key {
        Key::State(Tier::One(tier)) => (
            String::new(),
            evidence.rules.tiers[tier].name.clone(),
            String::new(),
        ),
        Key::State(Tier::All) => (String::new(), "All tiers".to_string(), String::new()),
        Key::Participant(participant, _) => {
            let claim: &RecordedParticipant = &evidence.participants[participant];
            (
                claim.code(),
                claim.name.clone(),
                claim.kind.label().to_string(),
            )
        }
        Key::Sector(sector, _) => (
            String::new(),
            catalogue.sectors[sector].to_string(),
            String::new(),
        ),
        Key::Program(program) => {
            let program = catalogue.programs[program];
            (
                program.code.clone(),
                program.name.clone(),
                program.sector_in_words().to_string(),
            )
        }
    };
    Subject { code, name, of }
}
