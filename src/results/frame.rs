//! The results frame: a line for every submitted row, with everything that is counted and added up. Every total, tally and
//! comparison is taken from it, and conservation is where its sums must be the engine's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use polars::prelude::{BooleanChunked, ChunkCompareEq, Column, DataFrame};

use super::group::{
    Sums, filtered, frame, grouped, members, numbers, numbers_of, positions, positions_of, sound,
};
use crate::allocation::Allocation;
use crate::decision::{FourDigits, Outcome, Settled};
use crate::money::Money;
use crate::parallel::on_each_core;
use crate::ranks::{ParticipantRank, RowRank};
use crate::rules::terms::ParticipantKind;

/// The dimensions by which rows are grouped and selected. Values are positions: of files, of ranks, in [`Outcome::ALL`], or among
/// the texts of [`Results::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Among the batch's files.
    File,
    /// Among its file's sheets.
    Sheet,
    /// The physical row, or the line of a text file.
    Row,
    /// The reporting entity, by [text](Results::text).
    Entity,
    Participant,
    /// Who is paid for the participant, by [text](Results::text).
    Payee,
    /// Of the participant, in [`ParticipantKind::ALL`].
    Kind,
    Tier,
    Category,
    Program,
    /// Of the program, by [text](Results::text).
    Sector,
    Outcome,
    /// 1 with free or reduced-price lunch.
    Frl,
}

impl Dimension {
    const ALL: [Dimension; 13] = [
        Dimension::File,
        Dimension::Sheet,
        Dimension::Row,
        Dimension::Entity,
        Dimension::Participant,
        Dimension::Payee,
        Dimension::Kind,
        Dimension::Tier,
        Dimension::Category,
        Dimension::Program,
        Dimension::Sector,
        Dimension::Outcome,
        Dimension::Frl,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Dimension::File => "file",
            Dimension::Sheet => "sheet",
            Dimension::Row => "row",
            Dimension::Entity => "entity",
            Dimension::Participant => "participant",
            Dimension::Payee => "payee",
            Dimension::Kind => "kind",
            Dimension::Tier => "tier",
            Dimension::Category => "category",
            Dimension::Program => "program",
            Dimension::Sector => "sector",
            Dimension::Outcome => "outcome",
            Dimension::Frl => "frl",
        }
    }
}

/// Hundredths of a unit; only units have a weight, within the cap or over it.
const WEIGHT: &str = "weight";
/// Cents.
pub(super) const AMOUNT: &str = "amount";

/// A participant as the frame needs it.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'s> {
    pub payee: &'s str,
    pub kind: ParticipantKind,
}

/// What the frame is made of: decisions, and where their rows and ranks belong.
pub struct Source<'s> {
    pub decisions: &'s [Settled],
    /// Position of a row's file, of its sheet in it, and the physical row.
    pub place: &'s (dyn Fn(RowRank) -> (usize, usize, u32) + Sync),
    /// The entity that sent each file.
    pub senders: Vec<Option<&'s str>>,
    /// Whether a District Code is on the participants list.
    pub is_district: &'s (dyn Fn(&str) -> bool + Sync),
    /// By participant.
    pub claimed: Vec<Claimed<'s>>,
    /// By program.
    pub sectors: Vec<&'s str>,
}

/// Texts in ascending order; a dimension's value is a position among them.
#[derive(Clone, Debug, Default)]
struct Texts(Vec<String>);

impl Texts {
    fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Texts {
        let distinct: BTreeSet<&str> = texts.collect();
        Texts(distinct.into_iter().map(String::from).collect())
    }

    fn position(&self, text: &str) -> Option<u32> {
        let found = self.0.binary_search_by(|known| known.as_str().cmp(text));
        found.ok().map(narrow)
    }
}

/// The results of a batch.
#[derive(Clone, Debug)]
pub struct Results {
    frame: DataFrame,
    entities: Arc<Texts>,
    payees: Arc<Texts>,
    sectors: Arc<Texts>,
}

/// Files, ranks and rows are far below 2^32 by their limits.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl Source<'_> {
    /// The reporting entity of a row: who sent its file, or the row's own district if the file does not say.
    fn entity(&self, row: RowRank) -> Option<&str> {
        let sender = self.senders[(self.place)(row).0];
        let own = self.decisions[row].district.as_ref();
        sender.or_else(|| {
            own.map(FourDigits::as_str)
                .filter(|code| (self.is_district)(code))
        })
    }

    fn rows(&self) -> impl Iterator<Item = RowRank> + use<> {
        RowRank::all(self.decisions.len())
    }
}

impl Results {
    /// Makes the frame.
    #[must_use]
    pub fn of(source: &Source<'_>) -> Results {
        let entities = Texts::of(source.rows().filter_map(|row| source.entity(row)));
        let payees = Texts::of(source.claimed.iter().map(|claimed| claimed.payee));
        let sectors = Texts::of(source.sectors.iter().copied());
        let payee_of: Vec<Option<u32>> = source
            .claimed
            .iter()
            .map(|claimed| payees.position(claimed.payee))
            .collect();
        let sector_of: Vec<Option<u32>> = source
            .sectors
            .iter()
            .map(|sector| sectors.position(sector))
            .collect();
        let place = |row: RowRank| (source.place)(row);
        let wide = |position: Option<u32>| position.map(|position| position as usize);
        let value = |dimension: Dimension, row: RowRank| -> Option<usize> {
            let decision = &source.decisions[row];
            match dimension {
                Dimension::File => Some(place(row).0),
                Dimension::Sheet => Some(place(row).1),
                Dimension::Row => Some(place(row).2 as usize),
                Dimension::Entity => wide(entities.position(source.entity(row)?)),
                Dimension::Participant => Some(decision.participant?.index()),
                Dimension::Payee => wide(payee_of[decision.participant?]),
                Dimension::Kind => Some(source.claimed[decision.participant?].kind as usize),
                Dimension::Tier => Some(decision.tier?.index()),
                Dimension::Category => Some(decision.category? as usize),
                Dimension::Program => Some(decision.program?.index()),
                Dimension::Sector => wide(sector_of[decision.program?]),
                Dimension::Outcome => Some(decision.outcome as usize),
                Dimension::Frl => Some(decision.frl?.into()),
            }
        };
        let mut columns = on_each_core(Dimension::ALL.to_vec(), |dimension| {
            let rows = RowRank::all(source.decisions.len());
            positions(
                dimension.name(),
                rows.map(|row| value(dimension, row).map(narrow)),
            )
        });
        let decisions = source.decisions.iter();
        columns.push(numbers(
            WEIGHT,
            decisions
                .clone()
                .map(|decision| decision.weight.map(|weight| i64::from(weight.hundredths()))),
        ));
        columns.push(numbers(
            AMOUNT,
            decisions.map(|decision| Some(decision.amount.cents())),
        ));
        Results {
            frame: frame(source.decisions.len(), columns),
            entities: Arc::new(entities),
            payees: Arc::new(payees),
            sectors: Arc::new(sectors),
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    /// The text of an entity, a payee or a sector at its position; empty for any other dimension.
    #[must_use]
    pub fn text(&self, dimension: Dimension, position: usize) -> &str {
        self.texts(dimension)
            .and_then(|texts| texts.0.get(position))
            .map_or("", String::as_str)
    }

    fn texts(&self, dimension: Dimension) -> Option<&Texts> {
        match dimension {
            Dimension::Entity => Some(&self.entities),
            Dimension::Payee => Some(&self.payees),
            Dimension::Sector => Some(&self.sectors),
            _ => None,
        }
    }

    /// The rows with a value of a dimension.
    #[must_use]
    pub fn only(&self, dimension: Dimension, position: usize) -> Results {
        let column = positions_of(&self.frame, dimension.name());
        self.keeping(&column.equal(narrow(position)))
    }

    /// The rows with an amount.
    #[must_use]
    pub fn with_amount(&self) -> Results {
        self.keeping(&numbers_of(&self.frame, AMOUNT).not_equal(0))
    }

    fn keeping(&self, keep: &BooleanChunked) -> Results {
        Results {
            frame: filtered(&self.frame, keep),
            ..self.clone()
        }
    }

    /// A column of the frame, to join it to another frame's.
    pub(super) fn column(&self, name: &str) -> Column {
        sound(self.frame.column(name)).clone()
    }

    /// The rows of each value of a dimension, in ascending order.
    #[must_use]
    pub fn members(&self, dimension: Dimension) -> BTreeMap<usize, Vec<RowRank>> {
        members(&self.frame, dimension.name())
            .into_iter()
            .map(|(position, rows)| {
                let rows = rows.into_iter().map(|row| RowRank::new(row as usize));
                (position as usize, rows.collect())
            })
            .collect()
    }

    /// The rows in groups by dimensions.
    #[must_use]
    pub fn group<const N: usize>(&self, by: [Dimension; N]) -> Groups<N> {
        let groups = grouped(&self.frame, by.map(Dimension::name), [WEIGHT, AMOUNT]);
        let wide = |position: Option<u32>| position.map(|position| position as usize);
        Groups(
            groups
                .into_iter()
                .map(|(key, sums)| (key.map(wide), Tally::of(sums)))
                .collect(),
        )
    }

    /// All rows together.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.group([Dimension::Outcome]).total()
    }

    /// Rows by outcome, in the order of [`Outcome::ALL`], zeros included.
    #[must_use]
    pub fn outcomes(&self) -> [(Outcome, Tally); Outcome::ALL.len()] {
        let groups = self.group([Dimension::Outcome]);
        Outcome::ALL.map(|outcome| (outcome, groups.get([outcome as usize])))
    }

    /// What each payee with a unit is paid, supplement included, by code.
    #[must_use]
    pub fn payees(&self, allocation: &Allocation) -> Vec<(&str, Money)> {
        let mut supplements: BTreeMap<usize, Money> = BTreeMap::new();
        for ([payee, rank], _) in self
            .group([Dimension::Payee, Dimension::Participant])
            .iter()
        {
            *supplements.entry(payee).or_default() +=
                allocation.supplements[ParticipantRank::new(rank)];
        }
        let groups = self.group([Dimension::Payee]);
        let with_units = groups.iter().filter(|(_, tally)| tally.units > 0);
        with_units
            .map(|([payee], tally)| {
                let supplement = supplements.get(&payee).copied().unwrap_or_default();
                (
                    self.text(Dimension::Payee, payee),
                    tally.amount + supplement,
                )
            })
            .collect()
    }

    /// The totals of each participant's rows.
    #[must_use]
    pub fn by_participant(&self, participants: usize) -> Vec<Tally> {
        let groups = self.group([Dimension::Participant]);
        ParticipantRank::all(participants)
            .map(|rank| groups.get([rank.index()]))
            .collect()
    }
}

/// The totals of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub rows: u64,
    /// Rows that are units, within the cap or over it.
    pub units: u64,
    /// Of the units, in hundredths.
    pub weight: i64,
    pub amount: Money,
}

impl Tally {
    fn of(sums: Sums<2>) -> Tally {
        Tally {
            rows: sums.rows,
            units: sums.values[0],
            weight: sums.sums[0],
            amount: Money::from_cents(sums.sums[1]),
        }
    }
}

impl std::ops::Add for Tally {
    type Output = Tally;

    fn add(self, other: Tally) -> Tally {
        Tally {
            rows: self.rows + other.rows,
            units: self.units + other.units,
            weight: self.weight + other.weight,
            amount: self.amount + other.amount,
        }
    }
}

/// Rows in groups, in ascending order of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups<const N: usize>(BTreeMap<[Option<usize>; N], Tally>);

impl<const N: usize> Groups<N> {
    /// The group of a key; empty if no row has it.
    #[must_use]
    pub fn get(&self, key: [usize; N]) -> Tally {
        self.0.get(&key.map(Some)).copied().unwrap_or_default()
    }

    /// The groups whose rows have every value of the key.
    pub fn iter(&self) -> impl Iterator<Item = ([usize; N], Tally)> {
        let known = |(key, tally): (&[Option<usize>; N], &Tally)| {
            let whole = key.iter().all(Option::is_some);
            whole.then(|| (key.map(Option::unwrap_or_default), *tally))
        };
        self.0.iter().filter_map(known)
    }

    /// Every group, including those of rows without a value of the key.
    pub fn every(&self) -> impl Iterator<Item = ([Option<usize>; N], Tally)> {
        self.0.iter().map(|(key, tally)| (*key, *tally))
    }

    /// All groups together.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.0
            .values()
            .copied()
            .fold(Tally::default(), |sum, tally| sum + tally)
    }
}
