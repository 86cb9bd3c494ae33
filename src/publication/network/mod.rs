//! The published tables as one network, and how its small cells are protected.
//!
//! Every published count is in at most two sums: a participant's tier in the participant's row and in the tier's column, a
//! program in its sector's tier, and so on up to the state. Drawn as an edge from the sum that gives it to the sum that takes it,
//! all tables together are one circulation: the state's total flows to participants, from there to tiers, to sectors, and back.
//! For someone who knows some cells, a different state is possible exactly if the unknown edges close a cycle along which pupils can
//! be moved. So protecting a cell means closing a cycle, and the proof is two states that publish the same and differ in the cell.
//!
//! Each cell counts pupils with and without free or reduced-price lunch (FRL). Its units (both together) are withheld with their
//! split, or its split alone.

mod payments;
mod unions;
mod ways;

use std::collections::VecDeque;

/// No limit; far from overflowing when pupils are added.
pub(super) const UNLIMITED: i64 = 1 << 40;

/// Units of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// With free or reduced-price lunch.
    pub frl: i64,
    /// Without.
    pub other: i64,
}

impl Counts {
    /// Both together.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.frl + self.other
    }
}

/// What a cap lets a count be, as everybody knows it: what its units take together is at most the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The most.
    pub most: i64,
    /// What a unit without FRL takes of it, at least 1.
    pub other: i64,
    /// What a unit with FRL takes of it, at least 1.
    pub frl: i64,
}

impl Bound {
    fn taken(self, counts: Counts) -> i64 {
        let of_others = counts.other.saturating_mul(self.other);
        of_others.saturating_add(counts.frl.saturating_mul(self.frl))
    }

    fn allows(self, counts: Counts) -> bool {
        self.taken(counts) <= self.most
    }

    /// How far a change can go, up or down.
    fn room(self, now: Counts, change: Change, up: bool) -> i64 {
        let more = match change {
            Change::Other => self.other,
            Change::Frl => self.frl,
            Change::Swap => self.frl - self.other,
        };
        let each = if up { more } else { -more };
        if each <= 0 {
            return UNLIMITED;
        }
        (self.most.saturating_sub(self.taken(now)) / each).max(0)
    }
}

/// A published count: an edge from one sum to another.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about a count"
)]
pub struct Edge {
    /// The sum that it is a part of on its way in.
    pub from: usize,
    /// The sum that it is a part of on its way out.
    pub to: usize,
    /// The true counts.
    pub counts: Counts,
    /// Whether its units are about fewer pupils than may be shown.
    pub small_units: bool,
    /// Whether its pupils with, or those without, FRL are fewer than may be shown.
    pub small_split: bool,
    /// The most that the cap allows, if there is one.
    pub cap: Option<Bound>,
    /// Whether every unit is a different pupil, so that everyone knows the most a small cell can have.
    pub units_are_pupils: bool,
    /// Whose count it is.
    pub whose: Whose,
    /// Its pupils, as numbers of this publication: those with FRL and those without.
    pub pupils: [Vec<u32>; 2],
    /// Whether a published payment reveals it to everyone.
    pub is_paid_for: bool,
}

/// Whose count an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The whole state's; withheld last.
    State,
    /// A participant's own, who therefore knows it.
    Participant(usize),
    /// A sector's or a program's.
    Subject,
}

/// Why a number is not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// It is published.
    Nothing,
    /// It is about too few pupils.
    Small,
    /// Another withheld number could be calculated from it.
    Protects,
}

/// The withheld numbers, by edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Of units. Where they are withheld, so is their split.
    pub units: Vec<Withheld>,
    /// Of the split into pupils with and without FRL, where the units are published.
    pub split: Vec<Withheld>,
}

impl Pattern {
    /// Whether the units of an edge are published.
    #[must_use]
    pub fn shows_units(&self, edge: usize) -> bool {
        self.units[edge] == Withheld::Nothing
    }

    /// Whether the units of an edge are published with their split.
    #[must_use]
    pub fn shows_split(&self, edge: usize) -> bool {
        self.shows_units(edge) && self.split[edge] == Withheld::Nothing
    }
}

/// The published tables.
#[derive(Clone, Debug)]
pub struct Network {
    edges: Vec<Edge>,
    /// By sum: the edges at it, and whether they leave it.
    at: Vec<Vec<(usize, bool)>>,
    /// The minimum of pupils behind a number.
    threshold: i64,
    /// By edge: whether everyone can calculate it from published payments, even if it is withheld.
    told: Vec<bool>,
    /// By participant, if payments are published: the same for one that knows its own counts.
    told_to: Vec<Vec<bool>>,
}

/// A way of changing a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Units without FRL.
    Other,
    /// Units with FRL.
    Frl,
    /// Units with FRL in place of units without.
    Swap,
}

/// A number of a cell that someone may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// All units.
    Units,
    /// Those with FRL.
    Frl,
    /// Those without.
    Other,
}

impl Number {
    fn of(self, counts: Counts) -> i64 {
        match self {
            Number::Units => counts.units(),
            Number::Frl => counts.frl,
            Number::Other => counts.other,
        }
    }

    /// The changes that raise it (or lower it), each with its direction.
    fn changes(self, up: bool) -> [(Change, bool); 2] {
        match self {
            Number::Units => [(Change::Other, up), (Change::Frl, up)],
            Number::Frl => [(Change::Swap, up), (Change::Frl, up)],
            Number::Other => [(Change::Swap, !up), (Change::Other, up)],
        }
    }
}

/// An unprotected cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprotected {
    /// The edge.
    pub edge: usize,
    /// The number of it.
    pub number: Number,
}

/// How much a withheld number must be able to vary, and for whom.
#[derive(Clone, Copy, Debug)]
struct Need {
    number: Number,
    /// The aim.
    least: i64,
    /// The minimum, if the aim cannot be reached.
    enough: i64,
    /// Whether it is about few pupils, so that participants who know their own counts must not learn it either.
    small: bool,
    /// A participant that knows its own counts; otherwise everyone.
    insider: Option<usize>,
}

/// What someone knows.
#[derive(Clone, Copy, Debug)]
struct Known<'p> {
    /// Published numbers.
    pattern: &'p Pattern,
    /// Published numbers, and a participant's own counts.
    insider: Option<usize>,
}

/// How far protection must go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// To the aim.
    Aim,
    /// To the minimum.
    Enough,
}

impl Network {
    /// The network of so many sums.
    #[must_use]
    pub fn new(sums: usize, edges: Vec<Edge>, threshold: i64) -> Network {
        let mut at = vec![Vec::new(); sums];
        for (position, edge) in edges.iter().enumerate() {
            at[edge.from].push((position, true));
            at[edge.to].push((position, false));
        }
        let mut network = Network {
            told: Vec::new(),
            told_to: Vec::new(),
            edges,
            at,
            threshold,
        };
        network.follow_the_payments();
        network
    }

    /// The participant that knows an edge.
    fn participant(&self, edge: usize) -> Option<usize> {
        match self.edges[edge].whose {
            Whose::Participant(participant) => Some(participant),
            Whose::State | Whose::Subject => None,
        }
    }

    /// The most units of a small cell, which is public knowledge.
    fn small_most(&self, edge: usize) -> i64 {
        if self.edges[edge].units_are_pupils {
            self.threshold - 1
        } else {
            UNLIMITED
        }
    }

    /// How much a small withheld number must be able to vary: a third of the threshold, so that no one can estimate it more closely.
    #[must_use]
    pub fn width(&self) -> i64 {
        ((self.threshold - 1) / 3).max(1)
    }

    /// Withholds what is small, then what is needed to protect it.
    ///
    /// # Errors
    /// The cell that withholding more cannot protect.
    pub fn protect(&self) -> Result<Pattern, Unprotected> {
        let mut pattern = self.small_only();
        let mut waiting: VecDeque<usize> = (0..self.edges.len()).collect();
        // Withholding more opens new cycles. If that changes the chosen ones, an edge may need protection again.
        while !waiting.is_empty() {
            while let Some(edge) = waiting.pop_front() {
                waiting.extend(self.protect_edge(edge, &mut pattern)?);
            }
            waiting.extend(self.unprotected(&pattern).into_iter().map(|open| open.edge));
            if waiting.is_empty() {
                waiting.extend(self.widen_unions(&mut pattern)?);
            }
        }
        Ok(pattern)
    }

    /// Withholds what is small and nothing else.
    fn small_only(&self) -> Pattern {
        let mark = |small: bool| {
            if small {
                Withheld::Small
            } else {
                Withheld::Nothing
            }
        };
        Pattern {
            units: self
                .edges
                .iter()
                .map(|edge| mark(edge.small_units))
                .collect(),
            split: self
                .edges
                .iter()
                .map(|edge| mark(edge.small_split))
                .collect(),
        }
    }

    /// Every withheld number that could be estimated too closely; each edge once.
    #[must_use]
    pub fn unprotected(&self, pattern: &Pattern) -> Vec<Unprotected> {
        let open = |edge| {
            self.open_need(edge, pattern, Measure::Enough)
                .map(|need| Unprotected {
                    edge,
                    number: need.number,
                })
        };
        (0..self.edges.len()).filter_map(open).collect()
    }

    /// What must be unknown about an edge, and by how much. What a payment reveals cannot be protected.
    fn needs(&self, edge: usize, pattern: &Pattern) -> Vec<Need> {
        if self.is_told(edge) {
            return Vec::new();
        }
        let width = self.width();
        let need = |number, small: bool| {
            let least = if small { width } else { 1 };
            Need {
                number,
                least,
                enough: least,
                small,
                insider: None,
            }
        };
        // If the units are unknown by that much, it is enough that the parts are not determined.
        let part = |number, small: bool| Need {
            enough: 1,
            ..need(number, small)
        };
        if !pattern.shows_units(edge) {
            let small = pattern.units[edge] == Withheld::Small;
            let small_split = small || self.edges[edge].small_split;
            return vec![
                need(Number::Units, small),
                part(Number::Frl, small_split),
                part(Number::Other, small_split),
            ];
        }
        match pattern.split[edge] {
            Withheld::Nothing => Vec::new(),
            // If the units are published, withholding the split hides one number: the other one is the difference.
            reason => vec![need(Number::Frl, reason == Withheld::Small)],
        }
    }

    /// The first need of an edge that is not met: two states that publish the same must differ enough in each withheld number, and
    /// where it is about few pupils, differ at all for every participant who knows its own counts.
    fn open_need(&self, edge: usize, pattern: &Pattern, measure: Measure) -> Option<Need> {
        self.needs(edge, pattern).into_iter().find_map(|need| {
            let need = if measure == Measure::Enough {
                Need {
                    least: need.enough,
                    ..need
                }
            } else {
                need
            };
            let Some(states) = self.witnesses(edge, need, pattern) else {
                return Some(need);
            };
            if !need.small {
                return None;
            }
            // If someone's counts are the true ones in both states, knowing them reveals nothing.
            let moved = |position: &usize| {
                states
                    .iter()
                    .any(|state| state[*position] != self.edges[*position].counts)
            };
            let mut insiders: Vec<usize> = (0..self.edges.len())
                .filter(moved)
                .filter_map(|position| self.participant(position))
                .collect();
            insiders.sort_unstable();
            insiders.dedup();
            insiders
                .into_iter()
                .filter(|insider| self.participant(edge) != Some(*insider))
                .filter(|insider| !self.is_told_to(*insider, edge))
                .map(|insider| Need {
                    least: 1,
                    enough: 1,
                    insider: Some(insider),
                    ..need
                })
                .find(|need| self.witnesses(edge, *need, pattern).is_none())
        })
    }

    /// Two states that publish the same, leave an insider's counts as they are, and differ enough in a number; if there are any.
    fn witnesses(&self, edge: usize, need: Need, pattern: &Pattern) -> Option<[Vec<Counts>; 2]> {
        let known = Known {
            pattern,
            insider: need.insider,
        };
        let high = self.pushed(edge, need.number, true, need.least, known);
        let low = self.pushed(
            edge,
            need.number,
            false,
            need.least - self.moved(&high, edge, need.number),
            known,
        );
        let apart = need.number.of(high[edge]) - need.number.of(low[edge]);
        let states = [high, low];
        (apart >= need.least
            && states
                .iter()
                .all(|state| self.publishes_the_same(state, known)))
        .then_some(states)
    }

    /// The distance of a number from the true one.
    fn moved(&self, state: &[Counts], edge: usize, number: Number) -> i64 {
        (number.of(state[edge]) - number.of(self.edges[edge].counts)).abs()
    }

    /// Withholds more until an edge is protected. Returns the added edges.
    fn protect_edge(&self, edge: usize, pattern: &mut Pattern) -> Result<Vec<usize>, Unprotected> {
        let mut added = Vec::new();
        while let Some(need) = self.open_need(edge, pattern, Measure::Aim) {
            let more = match self.cheapest_cycle(edge, need, pattern) {
                Some(more) => more,
                // No cycle exists while the cell's own units are published, so they are withheld, which opens others.
                None if pattern.shows_units(edge) => (Change::Other, vec![edge]),
                None if self.open_need(edge, pattern, Measure::Enough).is_none() => break,
                None => {
                    return Err(Unprotected {
                        edge,
                        number: need.number,
                    });
                }
            };
            let more = withhold(pattern, more);
            if more.is_empty() {
                return Err(Unprotected {
                    edge,
                    number: need.number,
                });
            }
            added.extend(more);
        }
        Ok(added)
    }

    /// Whether a state gives every published number and keeps within what is known of the withheld ones.
    fn publishes_the_same(&self, state: &[Counts], known: Known<'_>) -> bool {
        let pattern = known.pattern;
        let sums = self.at.iter().all(|edges| {
            let (mut frl, mut other) = (0, 0);
            for (edge, leaves) in edges {
                let sign = if *leaves { 1 } else { -1 };
                frl += sign * state[*edge].frl;
                other += sign * state[*edge].other;
            }
            frl == 0 && other == 0
        });
        sums && self
            .edges
            .iter()
            .zip(state)
            .enumerate()
            .all(|(position, (edge, now))| {
                let units = match pattern.units[position] {
                    Withheld::Nothing => now.units() == edge.counts.units(),
                    Withheld::Small => (1..=self.small_most(position)).contains(&now.units()),
                    Withheld::Protects => now.units() >= self.threshold,
                };
                let split = !pattern.shows_units(position) || {
                    let least = now.frl.min(now.other);
                    match pattern.split[position] {
                        Withheld::Nothing => *now == edge.counts,
                        Withheld::Small => least <= self.small_most(position),
                        Withheld::Protects => least >= self.threshold,
                    }
                };
                let own = self.is_told(position)
                    || known.insider.is_some() && self.participant(position) == known.insider;
                units
                    && split
                    && now.frl >= 0
                    && now.other >= 0
                    && edge.cap.is_none_or(|cap| cap.allows(*now))
                    && (!own || *now == edge.counts)
            })
    }
}

/// Withholds the published edges of a cycle. Returns them.
fn withhold(pattern: &mut Pattern, (change, mut edges): (Change, Vec<usize>)) -> Vec<usize> {
    let splits = change == Change::Swap;
    edges.retain(|edge| {
        if splits {
            pattern.shows_split(*edge)
        } else {
            pattern.shows_units(*edge)
        }
    });
    for edge in &edges {
        *(if splits {
            &mut pattern.split[*edge]
        } else {
            &mut pattern.units[*edge]
        }) = Withheld::Protects;
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Counts = Counts { frl: 2, other: 1 };

    #[test]
    fn a_cap_in_units_lets_nothing_be_added_at_its_limit_and_any_units_be_exchanged() {
        let cap = Bound {
            most: 4,
            other: 1,
            frl: 1,
        };
        // 4 - 3 = 1
        assert_eq!(cap.room(NOW, Change::Other, true), 1);
        assert_eq!(cap.room(NOW, Change::Frl, true), 1);
        for (change, up) in [
            (Change::Swap, true),
            (Change::Swap, false),
            (Change::Frl, false),
        ] {
            assert_eq!(cap.room(NOW, change, up), UNLIMITED);
        }
        assert!(cap.allows(NOW) && !cap.allows(Counts { frl: 4, other: 1 }));
    }

    #[test]
    fn a_cap_in_dollars_also_bounds_how_many_units_can_have_lunch_in_place_of_others() {
        // 2 x 1,200 + 1,000 = 3,400 of 4,000: the 600 left are too little for one more of either, and enough for three exchanges of 200 each.
        let cap = Bound {
            most: 400_000,
            other: 100_000,
            frl: 120_000,
        };
        assert_eq!(cap.room(NOW, Change::Other, true), 0);
        assert_eq!(cap.room(NOW, Change::Frl, true), 0);
        assert_eq!(cap.room(NOW, Change::Swap, true), 3);
        assert_eq!(cap.room(NOW, Change::Swap, false), UNLIMITED);
    }
}
