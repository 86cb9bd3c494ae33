//! The public twin of a report: what of it may go on a website and to the legislature (`docs/publication.md`).
//!
//! Counts of few pupils are withheld, and others so that those cannot be calculated ([`network`]). An amount is published only where
//! it follows from published counts at published rates, so that it says nothing that they do not say.

pub mod network;
pub(crate) mod workbook;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::audit::evidence::{Claim, Evidence, RecordedProgram};
use crate::decision::Outcome;
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank, TierRank};
use crate::results::columns::ResultColumn;
use crate::rules::readings::{CapMoney, Rounding, Unit};
use crate::rules::terms::ParticipantKind;
use crate::stop::{Status, Stop};
use network::{Counts, Edge, Network, Pattern, UNLIMITED, Whose, Withheld};

/// The least pupils that a published number stands for, unless another is asked for: what Colorado's education department uses.
pub const PUPILS_MIN_DEFAULT: u32 = 16;
/// The lowest that can be asked for: below three, a number of two pupils tells each of them about the other.
pub const PUPILS_MIN_LEAST: u32 = 3;
/// The highest: beyond it nothing would be left to publish.
pub const PUPILS_MIN_MOST: u32 = 1000;
/// The sector of a program whose list names none.
const NO_SECTOR: &str = "(no sector)";

/// A published table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// The whole state by tier.
    State,
    /// By participant and tier.
    Participants,
    /// By sector and tier.
    Sectors,
    /// By program.
    Programs,
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 4] = [
        Table::State,
        Table::Participants,
        Table::Sectors,
        Table::Programs,
    ];

    /// Its name, and its file's without the ending.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Table::State => "tiers",
            Table::Participants => "participants",
            Table::Sectors => "sectors",
            Table::Programs => "programs",
        }
    }
}

/// What a line of a table is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// A participant's or a program's code; empty otherwise.
    pub code: String,
    /// Its name; a tier's name in the table of the state.
    pub name: String,
    /// A participant's kind, a program's sector; empty otherwise.
    pub of: String,
}

/// A line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The table.
    pub table: Table,
    /// What it is about.
    pub subject: Subject,
    /// The index of the tier; none for all tiers together.
    pub tier: Option<TierRank>,
    /// Units within the cap; none where they are withheld.
    pub units: Option<u64>,
    /// Those of them with free or reduced-price lunch; none where they are withheld.
    pub frl_units: Option<u64>,
    /// What they are paid; none where it is withheld.
    pub amount: Option<Money>,
    /// Why the units are withheld.
    pub units_withheld: Withheld,
    /// Why the split is withheld while the units are published.
    pub split_withheld: Withheld,
}

/// What the publication says of a tier beside its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierFacts {
    /// What a unit gets; none where it would reveal a withheld count.
    pub rate: Option<Money>,
    /// What a unit with free or reduced-price lunch gets.
    pub frl_rate: Option<Money>,
    /// What a prorated tier leaves undistributed.
    pub residual: Option<Money>,
    /// Units beyond the cap; none where they are too few, or would say who is at the cap.
    pub over_cap: Option<u64>,
}

/// A publication, ready to be written.
#[derive(Debug)]
pub struct Publication<'e> {
    /// What it is made from.
    pub evidence: &'e Evidence,
    /// SHA-256 of the receipt of the report, hexadecimal.
    pub receipt_sha256: String,
    /// The least pupils that a number stands for.
    pub pupils_min: u32,
    /// How much a withheld count of few pupils must be able to differ.
    pub width: i64,
    /// Every line, table by table; within a subject the tiers, then all of them.
    pub lines: Vec<Line>,
    /// By tier.
    pub tiers: Vec<TierFacts>,
    /// Whether amounts and rates are published at all: not where a count of the whole state is withheld.
    pub money: bool,
}

/// How many numbers of a table are withheld, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines.
    pub lines: usize,
    /// Lines whose units are withheld as few.
    pub units_small: usize,
    /// Lines whose units are withheld to protect others.
    pub units_protect: usize,
    /// Lines whose split alone is withheld as of few.
    pub split_small: usize,
    /// Lines whose split alone is withheld to protect others.
    pub split_protect: usize,
    /// Lines whose amount is withheld.
    pub amounts: usize,
}

/// What a line counts; the order is that of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    State(Tier),
    Participant(ParticipantRank, Tier),
    Sector(usize, Tier),
    Program(usize),
}

/// A tier, then all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
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
    TierByParticipant(TierRank),
    TierBySector(TierRank),
    SectorTier(usize, TierRank),
    Sector(usize),
    BySector,
}

/// What is counted for a line.
#[derive(Debug, Default)]
struct Count {
    counts: Counts,
    amount: Money,
    pupils: HashSet<Sasid>,
    frl_pupils: HashSet<Sasid>,
    other_pupils: HashSet<Sasid>,
}

/// Programs and sectors of the units, by rank.
struct Catalogue<'e> {
    programs: Vec<&'e RecordedProgram>,
    sectors: Vec<&'e str>,
    /// By program: the ranks of its sector and its tier.
    places: Vec<(usize, TierRank)>,
}

impl<'e> Publication<'e> {
    /// Decides what of a report is published.
    ///
    /// # Errors
    /// Where the report does not say what its programs are, or is too small to be protected.
    pub fn of(
        evidence: &'e Evidence,
        receipt_sha256: String,
        pupils_min: u32,
    ) -> Result<Publication<'e>, Stop> {
        let catalogue = Catalogue::of(evidence)?;
        let counted = counted(evidence, &catalogue);
        let keys: Vec<Key> = counted.keys().copied().collect();
        let network = network(evidence, &catalogue, &counted, pupils_min);
        let pattern = network.protect().map_err(|open| {
            let table = table_of(keys[open.edge]).name();
            Stop {
                status: Status::Usage,
                message: format!(
                    "the report holds too few pupils to be published: a number among the {table} could be calculated from the others"
                ),
                places: vec![evidence.label.clone()],
                fix: "do not publish it on its own; a lower --min-cell helps only where your privacy rules allow one".to_string(),
                also: Vec::new(),
            }
        })?;
        let money = money_is_public(evidence, &keys, &pattern, pupils_min);
        let tiers = TierRank::all(evidence.rules.tiers.len())
            .map(|tier| tier_facts(evidence, tier, money, &keys, &pattern, pupils_min))
            .collect();
        let edges: BTreeMap<Key, usize> = keys
            .iter()
            .enumerate()
            .map(|(edge, key)| (*key, edge))
            .collect();
        let lines = counted.iter().enumerate().map(|(edge, (key, count))| {
            let (units, split) = (pattern.shows_units(edge), pattern.shows_split(edge));
            let number = |count: i64| u64::try_from(count).unwrap_or_default();
            Line {
                table: table_of(*key),
                subject: subject(evidence, &catalogue, *key),
                tier: tier_of(*key, &catalogue),
                units: units.then(|| number(count.counts.units())),
                frl_units: split.then(|| number(count.counts.frl)),
                amount: (money && amount_is_public(evidence, *key, &catalogue, &edges, &pattern))
                    .then_some(count.amount),
                units_withheld: pattern.units[edge],
                split_withheld: if units {
                    pattern.split[edge]
                } else {
                    Withheld::Nothing
                },
            }
        });
        Ok(Publication {
            evidence,
            receipt_sha256,
            pupils_min,
            width: network.width(),
            lines: lines.collect(),
            tiers,
            money,
        })
    }

    /// The lines of a table.
    pub fn table(&self, table: Table) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.table == table)
    }

    /// How many numbers of a table are withheld, and why.
    #[must_use]
    pub fn tally(&self, table: Table) -> Tally {
        self.table(table)
            .fold(Tally::default(), |tally, line| Tally {
                lines: tally.lines + 1,
                units_small: tally.units_small
                    + usize::from(line.units_withheld == Withheld::Small),
                units_protect: tally.units_protect
                    + usize::from(line.units_withheld == Withheld::Protects),
                split_small: tally.split_small
                    + usize::from(line.split_withheld == Withheld::Small),
                split_protect: tally.split_protect
                    + usize::from(line.split_withheld == Withheld::Protects),
                amounts: tally.amounts + usize::from(line.amount.is_none()),
            })
    }

    /// What the published lines of the participants' tiers are paid together.
    #[must_use]
    pub fn amount_published(&self) -> Money {
        self.table(Table::Participants)
            .filter(|line| line.tier.is_some())
            .filter_map(|line| line.amount)
            .sum()
    }

    /// `1`, or `all`.
    #[must_use]
    pub fn tier_word(&self, tier: Option<TierRank>) -> String {
        tier.map_or_else(
            || "all".to_string(),
            |tier| self.evidence.rules.tiers[tier].number.to_string(),
        )
    }
}

impl<'e> Catalogue<'e> {
    fn of(evidence: &'e Evidence) -> Result<Catalogue<'e>, Stop> {
        let known: HashMap<&str, &RecordedProgram> = evidence
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
        let programs: Option<Vec<&RecordedProgram>> =
            used.keys().map(|code| known.get(code).copied()).collect();
        let programs = programs.ok_or_else(|| {
            Stop::usage(
                "allocation.json of the report does not name every program it pays",
                evidence.label.clone(),
                "write the report again with this version of cdip run, then publish it",
            )
        })?;
        let mut sectors: Vec<&str> = programs.iter().map(|program| sector_of(program)).collect();
        sectors.sort_unstable();
        sectors.dedup();
        let rank = |program: &RecordedProgram| {
            sectors.partition_point(|sector| *sector < sector_of(program))
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

fn sector_of(program: &RecordedProgram) -> &str {
    if program.sector.is_empty() {
        NO_SECTOR
    } else {
        &program.sector
    }
}

/// Rows with a unit within the cap: paid, or without money.
fn units(evidence: &Evidence) -> impl Iterator<Item = (RowRank, &crate::decision::Settled)> {
    let is_unit = |outcome| matches!(outcome, Outcome::Paid | Outcome::Unfunded);
    RowRank::enumerate(&evidence.decisions).filter(move |(_, decision)| is_unit(decision.outcome))
}

/// The counts of every line, in the order of the lines.
fn counted(evidence: &Evidence, catalogue: &Catalogue<'_>) -> BTreeMap<Key, Count> {
    let programs: HashMap<&str, usize> = catalogue
        .programs
        .iter()
        .enumerate()
        .map(|(rank, program)| (program.code.as_str(), rank))
        .collect();
    let mut counted: BTreeMap<Key, Count> = BTreeMap::new();
    // A line of each tier, so that a table has no gap where nobody is.
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

/// The published tables as a network: an edge for each line, in their order.
fn network(
    evidence: &Evidence,
    catalogue: &Catalogue<'_>,
    counted: &BTreeMap<Key, Count>,
    pupils_min: u32,
) -> Network {
    let mut sums: HashMap<Sum, usize> = HashMap::new();
    let mut sum = |sum: Sum| {
        let next = sums.len();
        *sums.entry(sum).or_insert(next)
    };
    let least = pupils_min as usize;
    let (rules, tiers) = (&evidence.rules, &evidence.allocation.tiers);
    let tiers_share_no_pupil = rules.readings.unit == Unit::Pupil
        && tiers
            .iter()
            .all(|tier| tier.units == 0 || tier.rate > Money::ZERO);
    let edges = counted.iter().map(|(key, count)| {
        let (from, to) = match *key {
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
        };
        let whose = match *key {
            Key::State(_) => Whose::State,
            Key::Participant(participant, _) => Whose::Participant(participant.index()),
            Key::Sector(..) | Key::Program(_) => Whose::Subject,
        };
        let most = match *key {
            Key::Participant(participant, Tier::One(tier))
                if capped(evidence, evidence.participants[participant].kind) =>
            {
                tiers[tier]
                    .cap_limit
                    .and_then(|limit| i64::try_from(limit).ok())
                    .unwrap_or(UNLIMITED)
            }
            _ => UNLIMITED,
        };
        let is_one_tier = tier_of(*key, catalogue).is_some();
        Edge {
            from: sum(from),
            to: sum(to),
            counts: count.counts,
            small_units: !count.pupils.is_empty() && count.pupils.len() < least,
            small_split: !count.pupils.is_empty()
                && (count.frl_pupils.len() < least || count.other_pupils.len() < least),
            most,
            units_are_pupils: if is_one_tier {
                rules.readings.unit != Unit::Completion
            } else {
                tiers_share_no_pupil
            },
            whose,
        }
    });
    let edges = edges.collect();
    Network::new(sums.len(), edges, i64::from(pupils_min))
}

fn capped(evidence: &Evidence, kind: ParticipantKind) -> bool {
    evidence.rules.readings.cap_applies_to.contains(kind)
}

/// Whether amounts and rates can be published: only where every count of the whole state is, because the rate of a prorated tier is
/// the money divided by its units.
fn money_is_public(evidence: &Evidence, keys: &[Key], pattern: &Pattern, pupils_min: u32) -> bool {
    let state = keys
        .iter()
        .enumerate()
        .filter(|(_, key)| matches!(key, Key::State(_)))
        .all(|(edge, _)| pattern.shows_split(edge));
    // There the units over the cap are part of what the money is divided by.
    let over_cap = evidence.rules.readings.cap_money == CapMoney::StaysInTier
        || TierRank::all(evidence.rules.tiers.len()).all(|tier| {
            let [frl, other] = [true, false].map(|frl| over_cap_pupils(evidence, tier, Some(frl)));
            let enough = |pupils: usize| pupils >= pupils_min as usize;
            frl + other == 0 || (enough(frl) && enough(other))
        });
    state && over_cap
}

/// Pupils over the cap of a tier, with or without FRL or both.
fn over_cap_pupils(evidence: &Evidence, tier: TierRank, frl: Option<bool>) -> usize {
    let over = |decision: &&crate::decision::Settled| {
        decision.outcome == Outcome::OverCap
            && decision.tier == Some(tier)
            && (frl.is_none() || decision.frl == frl)
    };
    evidence
        .decisions
        .iter()
        .filter(over)
        .filter_map(|decision| decision.sasid)
        .collect::<HashSet<Sasid>>()
        .len()
}

fn tier_facts(
    evidence: &Evidence,
    tier: TierRank,
    money: bool,
    keys: &[Key],
    pattern: &Pattern,
    pupils_min: u32,
) -> TierFacts {
    let result = &evidence.allocation.tiers[tier];
    // Whoever is over the cap has exactly as many units as the cap allows.
    let at_the_cap_is_shown = keys.iter().enumerate().all(|(edge, key)| match *key {
        Key::Participant(participant, Tier::One(at)) if at == tier => {
            result.shares[participant].over_cap == 0 || pattern.shows_units(edge)
        }
        _ => true,
    });
    let enough = over_cap_pupils(evidence, tier, None) >= pupils_min as usize;
    TierFacts {
        rate: money.then_some(result.rate),
        frl_rate: money.then_some(result.frl_rate),
        residual: money.then_some(result.residual),
        over_cap: (result.over_cap == 0 || (enough && at_the_cap_is_shown))
            .then_some(result.over_cap),
    }
}

/// Whether an amount says nothing that published counts do not say: each tier in it has published counts or pays nothing, and its
/// units all have the published rate.
fn amount_is_public(
    evidence: &Evidence,
    key: Key,
    catalogue: &Catalogue<'_>,
    edges: &BTreeMap<Key, usize>,
    pattern: &Pattern,
) -> bool {
    let shown = |key: Key| {
        edges
            .get(&key)
            .is_none_or(|edge| pattern.shows_split(*edge))
    };
    let tiers = &evidence.allocation.tiers;
    let one = |tier: TierRank, key: Key| {
        let pays = tiers[tier].rate > Money::ZERO || tiers[tier].frl_rate > Money::ZERO;
        let at_the_rate =
            evidence.rules.readings.rounding == Rounding::UniformFloor || !tiers[tier].prorated;
        !pays || (shown(key) && at_the_rate)
    };
    let all = |of: &dyn Fn(Tier) -> Key| {
        TierRank::all(tiers.len()).all(|tier| one(tier, of(Tier::One(tier))))
    };
    match key {
        // Of the whole state every count is published where money is.
        Key::State(_) => true,
        Key::Participant(_, Tier::One(tier)) | Key::Sector(_, Tier::One(tier)) => one(tier, key),
        Key::Participant(participant, Tier::All) => {
            all(&|tier| Key::Participant(participant, tier))
        }
        Key::Sector(sector, Tier::All) => all(&|tier| Key::Sector(sector, tier)),
        Key::Program(program) => one(catalogue.places[program].1, key),
    }
}

fn table_of(key: Key) -> Table {
    match key {
        Key::State(_) => Table::State,
        Key::Participant(..) => Table::Participants,
        Key::Sector(..) => Table::Sectors,
        Key::Program(_) => Table::Programs,
    }
}

fn tier_of(key: Key, catalogue: &Catalogue<'_>) -> Option<TierRank> {
    match key {
        Key::State(tier) | Key::Participant(_, tier) | Key::Sector(_, tier) => tier.index(),
        Key::Program(program) => Some(catalogue.places[program].1),
    }
}

fn subject(evidence: &Evidence, catalogue: &Catalogue<'_>, key: Key) -> Subject {
    let (code, name, of) = match key {
        Key::State(Tier::One(tier)) => (
            String::new(),
            evidence.rules.tiers[tier].name.clone(),
            String::new(),
        ),
        Key::State(Tier::All) => (String::new(), "All tiers".to_string(), String::new()),
        Key::Participant(participant, _) => {
            let claim: &Claim = &evidence.participants[participant];
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
                sector_of(program).to_string(),
            )
        }
    };
    Subject { code, name, of }
}
