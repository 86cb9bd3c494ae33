//! Ways along which pupils can be moved without changing a published number: cycles of withheld edges, and the cheapest cycle that
//! withholding more would close.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{
    Change, Counts, Edge, Known, Need, Network, Number, Pattern, UNLIMITED, Whose, Withheld,
};

/// The extra cost of withholding a statewide cell: more than any table, so that it comes last.
const STATEWIDE_COST: i64 = 1 << 40;

/// The edges that a path may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Withheld edges only.
    Withheld,
    /// Also others, which then must be withheld.
    Any,
}

/// The goal of a search for a cycle.
#[derive(Clone, Copy, Debug)]
struct Search<'s> {
    change: Change,
    /// How much the whole cycle must be able to move at once.
    step: i64,
    /// The state that is changed.
    state: &'s [Counts],
    known: Known<'s>,
    reach: Reach,
}

/// Edges, each with its direction.
type Path = Vec<(usize, bool)>;

impl Network {
    /// The cheapest cycle that can move a number farther than the withheld edges allow, as far as possible at once.
    pub(super) fn cheapest_cycle(
        &self,
        edge: usize,
        need: Need,
        pattern: &Pattern,
    ) -> Option<(Change, Vec<usize>)> {
        let known = Known {
            pattern,
            insider: need.insider,
        };
        let states =
            [true, false].map(|up| (up, self.pushed(edge, need.number, up, need.least, known)));
        let missing = need.least
            - states
                .iter()
                .map(|(_, state)| self.moved(state, edge, need.number))
                .sum::<i64>();
        (1..=missing.max(1)).rev().find_map(|step| {
            let mut best: Option<(i64, Change, Vec<usize>)> = None;
            for (up, state) in &states {
                for (change, up) in need.number.changes(*up) {
                    let search = Search {
                        change,
                        step,
                        state,
                        known,
                        reach: Reach::Any,
                    };
                    if self.room(
                        edge,
                        up,
                        &Search {
                            reach: Reach::Withheld,
                            ..search
                        },
                    ) < step
                    {
                        continue;
                    }
                    let Some((cost, path)) = self.way_around(edge, up, &search) else {
                        continue;
                    };
                    if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                        best = Some((
                            cost,
                            change,
                            path.into_iter().map(|(edge, _)| edge).collect(),
                        ));
                    }
                }
            }
            best.map(|(_, change, path)| (change, path))
        })
    }

    /// The true state with a number moved up or down, by `far` or as far as the withheld edges allow.
    pub(super) fn pushed(
        &self,
        edge: usize,
        number: Number,
        up: bool,
        far: i64,
        known: Known<'_>,
    ) -> Vec<Counts> {
        let mut state: Vec<Counts> = self.edges.iter().map(|edge| edge.counts).collect();
        let mut left = far;
        while left > 0 {
            let cycle = number.changes(up).into_iter().find_map(|(change, up)| {
                let search = Search {
                    change,
                    step: 1,
                    state: &state,
                    known,
                    reach: Reach::Withheld,
                };
                if self.room(edge, up, &search) == 0 {
                    return None;
                }
                let (_, mut cycle) = self.way_around(edge, up, &search)?;
                cycle.push((edge, up));
                let narrowest = cycle
                    .iter()
                    .map(|(edge, up)| self.room(*edge, *up, &search))
                    .min()?;
                Some((change, narrowest, cycle))
            });
            let Some((change, narrowest, cycle)) = cycle else {
                break;
            };
            let step = narrowest.min(left);
            for (edge, up) in cycle {
                apply(&mut state[edge], change, if up { step } else { -step });
            }
            left -= step;
        }
        state
    }

    /// The cheapest path that closes a cycle with an edge, each edge with its direction.
    fn way_around(&self, edge: usize, up: bool, search: &Search<'_>) -> Option<(i64, Path)> {
        let Edge { from, to, .. } = self.edges[edge];
        let (start, goal) = if up { (to, from) } else { (from, to) };
        // By cost, then number of edges, then order.
        let mut best = vec![(i64::MAX, usize::MAX); self.at.len()];
        let mut came: Vec<Option<(usize, bool)>> = vec![None; self.at.len()];
        let mut heap = BinaryHeap::from([Reverse(((0, 0), start))]);
        best[start] = (0, 0);
        while let Some(Reverse((cost, sum))) = heap.pop() {
            if sum == goal {
                break;
            }
            if cost > best[sum] {
                continue;
            }
            for (next, leaves) in &self.at[sum] {
                if *next == edge || self.room(*next, *leaves, search) < search.step {
                    continue;
                }
                let there = if *leaves {
                    self.edges[*next].to
                } else {
                    self.edges[*next].from
                };
                let new = (cost.0 + self.cost(*next, search), cost.1 + 1);
                if new < best[there] {
                    best[there] = new;
                    came[there] = Some((*next, *leaves));
                    heap.push(Reverse((new, there)));
                }
            }
        }
        let mut path = Vec::new();
        let mut sum = goal;
        while sum != start {
            let (edge, leaves) = came[sum]?;
            path.push((edge, leaves));
            sum = if leaves {
                self.edges[edge].from
            } else {
                self.edges[edge].to
            };
        }
        Some((best[goal].0, path))
    }

    /// The cost of withholding an edge; zero if it is withheld already.
    fn cost(&self, edge: usize, search: &Search<'_>) -> i64 {
        let pattern = search.known.pattern;
        let shown = if search.change == Change::Swap {
            pattern.shows_split(edge)
        } else {
            pattern.shows_units(edge)
        };
        let Edge { counts, whose, .. } = self.edges[edge];
        match (shown, whose) {
            (false, _) => 0,
            (true, Whose::State) => counts.units() + STATEWIDE_COST,
            (true, _) => counts.units(),
        }
    }

    /// How far an edge can be changed in a state without contradicting public knowledge.
    fn room(&self, edge: usize, up: bool, search: &Search<'_>) -> i64 {
        let Search {
            change,
            state,
            known: Known { pattern, insider },
            reach,
            ..
        } = *search;
        let now = state[edge];
        let Edge { counts, cap, .. } = self.edges[edge];
        let within_the_cap = cap.map_or(UNLIMITED, |cap| cap.room(now, change, up));
        // Zero is published, so neither part can change. What payments reveal is public.
        if counts.units() == 0
            || self.is_told(edge)
            || (insider.is_some() && self.participant(edge) == insider)
        {
            return 0;
        }
        if change == Change::Swap {
            if !pattern.shows_units(edge) {
                return if up { now.other } else { now.frl }.min(within_the_cap);
            }
            let (least, most) = match (pattern.split[edge], reach) {
                (Withheld::Nothing, Reach::Withheld) => return 0,
                (Withheld::Small, _) => self.small_split_range(edge),
                (Withheld::Nothing | Withheld::Protects, _) => {
                    (self.threshold, now.units() - self.threshold)
                }
            };
            return if up { most - now.frl } else { now.frl - least }.clamp(0, within_the_cap);
        }
        let (least, most) = match (pattern.units[edge], reach) {
            (Withheld::Nothing, Reach::Withheld) => return 0,
            (Withheld::Small, _) => (1, self.small_most(edge)),
            (Withheld::Nothing | Withheld::Protects, _) => (self.threshold, UNLIMITED),
        };
        if up {
            (most - now.units()).clamp(0, within_the_cap)
        } else {
            let part = if change == Change::Frl {
                now.frl
            } else {
                now.other
            };
            (now.units() - least).min(part).clamp(0, within_the_cap)
        }
    }

    /// Between what the pupils with FRL can lie where one part of the split is small and the units are published, around the
    /// true count.
    fn small_split_range(&self, edge: usize) -> (i64, i64) {
        let counts = self.edges[edge].counts;
        let (units, small) = (counts.units(), self.small_most(edge));
        if units <= 2 * small {
            (0, units)
        } else if counts.frl <= small {
            (0, small)
        } else {
            (units - small, units)
        }
    }
}

fn apply(counts: &mut Counts, change: Change, step: i64) {
    match change {
        Change::Other => counts.other += step,
        Change::Frl => counts.frl += step,
        Change::Swap => {
            counts.frl += step;
            counts.other -= step;
        }
    }
}
