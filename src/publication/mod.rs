//! The public version of a report, for a website and the legislature (`docs/publication.md`).
//!
//! Counts of few pupils are withheld, and others so that those cannot be calculated ([`network`]). An amount is published only if
//! it follows from published counts and rates, so that it reveals nothing more.

mod counting;
pub mod files;
pub mod network;
pub(crate) mod workbook;
pub mod years;

use std::collections::{BTreeMap, HashSet};

use crate::allocation::{Cap, Limit};
use crate::audit::evidence::Evidence;
use crate::decision::{Outcome, Settled};
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::TierRank;
use crate::rules::readings::{CapMoney, Rounding};
use crate::stop::{Status, Stop};
use crate::words::thousands;
use counting::{Catalogue, Key, Payments, Tier, counted, network, subject, table_of, tier_of};
use network::{Pattern, Withheld};

/// The default minimum of pupils behind a published number: what Colorado's education department uses.
pub const PUPILS_MIN_DEFAULT: u32 = 16;
/// The lowest allowed minimum: a number about two pupils tells each of them about the other.
pub const PUPILS_MIN_LEAST: u32 = 3;
/// The highest allowed minimum: above it nothing would be left to publish.
pub const PUPILS_MIN_MOST: u32 = 1000;

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

/// The subject of a line.
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
    /// Its subject.
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

/// Figures of a tier that are not in its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierFacts {
    /// What a unit gets; `None` if it would reveal a withheld count.
    pub rate: Option<Money>,
    /// What a unit with free or reduced-price lunch gets.
    pub frl_rate: Option<Money>,
    /// What a prorated tier leaves undistributed.
    pub residual: Option<Money>,
    /// Units over the cap; `None` if they are too few, or would reveal who is at the cap.
    pub over_cap: Option<u64>,
}

/// A publication, ready to be written.
#[derive(Debug)]
pub struct Publication<'e> {
    /// Its source.
    pub evidence: &'e Evidence,
    /// The minimum of pupils behind a number.
    pub pupils_min: u32,
    /// How much a withheld count of few pupils must be able to differ.
    pub width: i64,
    /// Every line, table by table; within a subject the tiers, then all of them.
    pub lines: Vec<Line>,
    /// By tier.
    pub tiers: Vec<TierFacts>,
    /// Whether amounts and rates are published at all: not if a statewide count is withheld.
    pub money: bool,
    /// What each payee gets, if published.
    pub payees: Option<Payees>,
}

/// The payments of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payees {
    /// Code, name and award of each payee, supplement included.
    pub payments: Vec<(String, String, Money)>,
    /// Withheld lines that anyone can calculate from the payments and the rates.
    pub lines_told: usize,
}

/// What is never about few pupils: payments tell counts that are not printed.
#[must_use]
pub const fn protected(payees: bool) -> &'static str {
    if payees {
        "count that is printed"
    } else {
        "number"
    }
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
    /// Lines whose split alone is withheld because its pupils are few.
    pub split_small: usize,
    /// Lines whose split alone is withheld to protect others.
    pub split_protect: usize,
    /// Lines whose amount is withheld.
    pub amounts: usize,
}

impl Payees {
    /// The effect of publishing payments on pupils.
    #[must_use]
    pub fn in_words(&self, pupils_min: u32) -> String {
        let told = match self.lines_told {
            1 => "1 line of the tables is".to_string(),
            lines => format!("{} lines of the tables are", thousands(lines as u64)),
        };
        format!(
            "Anyone who divides a payment by the rates learns what its payee has in each tier, with and without FRL. {told} about fewer than \
             {pupils_min} pupils and known by that, though they are not printed. Every other withheld number is kept from those who know \
             all that."
        )
    }
}

impl<'e> Publication<'e> {
    /// Decides which numbers of a report are published.
    ///
    /// # Errors
    /// If the report does not describe its programs, or is too small to be protected.
    pub fn of(evidence: &'e Evidence, pupils_min: u32) -> Result<Publication<'e>, Stop> {
        Publication::decided(evidence, pupils_min, None)
    }

    /// The same with what each payee gets.
    ///
    /// # Errors
    /// As [`Publication::of`], and if a payment would reveal more than its payee's counts.
    pub fn with_payees(evidence: &'e Evidence, pupils_min: u32) -> Result<Publication<'e>, Stop> {
        let refused = |message: &str, fix: &str| {
            Err(Stop::usage(
                message.to_string(),
                evidence.label.clone(),
                fix,
            ))
        };
        let spread = evidence.rules.readings.rounding == Rounding::LargestRemainder;
        if spread && evidence.allocation.tiers.iter().any(|tier| tier.prorated) {
            return refused(
                "payees cannot be published under rounding = largest_remainder: the cents of a prorated tier depend on single pupils",
                "publish without --payees",
            );
        }
        let payments = Payments::of(evidence);
        let published = Publication::decided(evidence, pupils_min, Some(&payments))?;
        if published.money {
            return Ok(published);
        }
        refused(
            "payees cannot be published: a count of the whole state must be withheld, and the payments add up to it",
            "publish without --payees",
        )
    }

    fn decided(
        evidence: &'e Evidence,
        pupils_min: u32,
        payments: Option<&Payments>,
    ) -> Result<Publication<'e>, Stop> {
        let catalogue = Catalogue::of(evidence)?;
        let counted = counted(evidence, &catalogue);
        let keys: Vec<Key> = counted.keys().copied().collect();
        let network = network(evidence, &catalogue, &counted, pupils_min, payments);
        let pattern = network
            .protect()
            .map_err(|open| too_small(evidence, table_of(keys[open.edge])))?;
        let payees = payments.map(|_| Payees {
            payments: evidence
                .payees
                .iter()
                .map(|payee| (payee.code.clone(), payee.name.clone(), payee.total))
                .collect(),
            lines_told: (0..keys.len())
                .filter(|edge| network.is_told(*edge) && !pattern.shows_split(*edge))
                .count(),
        });
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
            pupils_min,
            width: network.width(),
            lines: lines.collect(),
            tiers,
            money,
            payees,
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

    /// The sum of the published amounts of the participants' tiers.
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

fn too_small(evidence: &Evidence, table: Table) -> Stop {
    Stop {
        status: Status::Usage,
        message: format!(
            "the report holds too few pupils to be published: a number among the {} could be calculated from the others",
            table.name()
        ),
        places: vec![evidence.label.clone()],
        fix: "do not publish it on its own; a lower --min-cell helps only where your privacy rules allow one".to_string(),
        also: Vec::new(),
    }
}

/// Whether amounts and rates can be published: only if every statewide count is, because the rate of a prorated tier is the money
/// divided by its units.
fn money_is_public(evidence: &Evidence, keys: &[Key], pattern: &Pattern, pupils_min: u32) -> bool {
    let state = keys
        .iter()
        .enumerate()
        .filter(|(_, key)| matches!(key, Key::State(_)))
        .all(|(edge, _)| pattern.shows_split(edge));
    // Here the money is also divided by the units over the cap.
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
    let over = |decision: &&Settled| {
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
    // Anyone who is over a cap has as many units as it allows, or nearly: those are then told. Of units worth so much at the full
    // award, how many count 1.20 is nearly told, too.
    let is_shown = |edge| match result.cap.as_ref().map(Cap::limit) {
        Some(Limit::Worth { .. }) => pattern.shows_split(edge),
        Some(Limit::Units(_)) | None => pattern.shows_units(edge),
    };
    let at_the_cap_is_shown = keys.iter().enumerate().all(|(edge, key)| match *key {
        Key::Participant(participant, Tier::One(at)) if at == tier => {
            result.shares[participant].over_cap == 0 || is_shown(edge)
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

/// Whether an amount reveals no more than published counts: each tier in it has published counts or pays nothing, and all its units
/// have the published rate.
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
        // If money is published, so is every statewide count.
        Key::State(_) => true,
        Key::Participant(_, Tier::One(tier)) | Key::Sector(_, Tier::One(tier)) => one(tier, key),
        Key::Participant(participant, Tier::All) => {
            all(&|tier| Key::Participant(participant, tier))
        }
        Key::Sector(sector, Tier::All) => all(&|tier| Key::Sector(sector, tier)),
        Key::Program(program) => one(catalogue.places[program].1, key),
    }
}
