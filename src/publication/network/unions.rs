//! Unions of withheld cells: their sum must not be about few pupils either.
//!
//! Around a sum, several withheld cells together are known exactly where no other way leads from them back to it: everything that
//! flows into that part of the network through them is known. So without the sum itself the withheld cells fall into parts, and the
//! cells between the sum and a part, where they all lead the same way, are a number that anyone can calculate by adding and
//! subtracting.

use std::collections::BTreeSet;

use super::{Network, Number, Pattern, Unprotected, Whose, Withheld};

/// What is withheld from the cells of a union.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Units, and with them their split.
    Units,
    /// The split into pupils with and without FRL.
    Split,
}

impl Part {
    /// Whether it is published, or told by a published payment.
    fn is_shown(self, network: &Network, pattern: &Pattern, edge: usize) -> bool {
        let is_published = match self {
            Part::Units => pattern.shows_units(edge),
            Part::Split => pattern.shows_split(edge),
        };
        is_published || network.is_told(edge)
    }
}

impl Network {
    /// Withholds one more cell for every union of withheld cells about few pupils. Returns those cells.
    pub(super) fn widen_unions(&self, pattern: &mut Pattern) -> Result<Vec<usize>, Unprotected> {
        let mut added = Vec::new();
        for part in [Part::Units, Part::Split] {
            for sum in 0..self.at.len() {
                while let Some((union, inside)) = self.union_of_few(sum, part, pattern) {
                    let Some(edge) = self.cheapest_way_out(&inside, part, pattern) else {
                        return Err(Unprotected {
                            edge: union[0],
                            number: match part {
                                Part::Units => Number::Units,
                                Part::Split => Number::Frl,
                            },
                        });
                    };
                    match part {
                        Part::Units => pattern.units[edge] = Withheld::Protects,
                        Part::Split => pattern.split[edge] = Withheld::Protects,
                    }
                    added.push(edge);
                    // The union's own cells may need protection again.
                    added.extend(union);
                }
            }
        }
        Ok(added)
    }

    /// A union of few pupils at a sum: its edges, and for each sum whether it is in the part of the network behind them.
    fn union_of_few(
        &self,
        sum: usize,
        part: Part,
        pattern: &Pattern,
    ) -> Option<(Vec<usize>, Vec<bool>)> {
        let mut seen = vec![false; self.at.len()];
        seen[sum] = true;
        for (edge, _) in &self.at[sum] {
            if part.is_shown(self, pattern, *edge) || seen[self.other_end(*edge, sum)] {
                continue;
            }
            let inside = self.reached(self.other_end(*edge, sum), sum, part, pattern);
            for (at, is_inside) in inside.iter().enumerate() {
                seen[at] |= is_inside;
            }
            let union: Vec<(usize, bool)> = self.at[sum]
                .iter()
                .copied()
                .filter(|(edge, _)| !part.is_shown(self, pattern, *edge))
                .filter(|(edge, _)| inside[self.other_end(*edge, sum)])
                .collect();
            let one_way = union.iter().all(|(_, leaves)| *leaves == union[0].1);
            let union: Vec<usize> = union.into_iter().map(|(edge, _)| edge).collect();
            let is_open = one_way && union.len() > 1 && self.is_of_few(&union, part);
            let is_told = || {
                let mut around = self.at[sum].iter();
                around.all(|(edge, _)| union.contains(edge) || self.is_told(*edge))
                    || self.is_paid_for(&inside, part, pattern)
            };
            if is_open && !is_told() {
                return Some((union, inside));
            }
        }
        None
    }

    fn other_end(&self, edge: usize, sum: usize) -> usize {
        let edge = &self.edges[edge];
        if edge.from == sum { edge.to } else { edge.from }
    }

    /// The sums that withheld cells connect with one sum, without passing a given one.
    fn reached(&self, from: usize, without: usize, part: Part, pattern: &Pattern) -> Vec<bool> {
        let mut reached = vec![false; self.at.len()];
        reached[from] = true;
        let mut waiting = vec![from];
        while let Some(sum) = waiting.pop() {
            for (edge, _) in &self.at[sum] {
                let next = self.other_end(*edge, sum);
                if next != without && !reached[next] && !part.is_shown(self, pattern, *edge) {
                    reached[next] = true;
                    waiting.push(next);
                }
            }
        }
        reached
    }

    /// Whether cells together are about at least one pupil, but fewer than may be shown.
    fn is_of_few(&self, union: &[usize], part: Part) -> bool {
        let distinct = |pupils: &dyn Fn(usize) -> Vec<u32>| {
            let all: BTreeSet<u32> = union.iter().flat_map(|edge| pupils(*edge)).collect();
            i64::try_from(all.len()).unwrap_or(i64::MAX)
        };
        let frl = distinct(&|edge| self.edges[edge].pupils[0].clone());
        let other = distinct(&|edge| self.edges[edge].pupils[1].clone());
        match part {
            Part::Units => {
                let all = distinct(&|edge| self.edges[edge].pupils.concat());
                all > 0 && all < self.threshold
            }
            Part::Split => frl + other > 0 && frl.min(other) < self.threshold,
        }
    }

    /// Whether only edges known from payments lead out of a part of the network, so that nothing can be withheld to protect it.
    fn is_paid_for(&self, inside: &[bool], part: Part, pattern: &Pattern) -> bool {
        let leads_out = |edge: &usize| {
            let edge = &self.edges[*edge];
            inside[edge.from] != inside[edge.to] && edge.counts.units() > 0
        };
        let mut ways = (0..self.edges.len())
            .filter(leads_out)
            .filter(|edge| part.is_shown(self, pattern, *edge))
            .peekable();
        ways.peek().is_some() && ways.all(|edge| self.is_told(edge))
    }

    /// The published cell with the fewest units that leads out of a part of the network; a statewide cell last.
    fn cheapest_way_out(&self, inside: &[bool], part: Part, pattern: &Pattern) -> Option<usize> {
        let leads_out = |edge: &usize| {
            let edge = &self.edges[*edge];
            inside[edge.from] != inside[edge.to]
        };
        let ways = (0..self.edges.len()).filter(leads_out).filter(|edge| {
            // Zeros are published: withholding one would reveal that there are pupils.
            part.is_shown(self, pattern, *edge)
                && !self.is_told(*edge)
                && self.edges[*edge].counts.units() > 0
        });
        ways.min_by_key(|edge| {
            let of = &self.edges[*edge];
            (of.whose == Whose::State, of.counts.units(), *edge)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Counts, Edge};
    use super::*;

    /// A cell of so many pupils, half with FRL; pupils are numbered from a first.
    fn edge(from: usize, to: usize, half: u32, first: u32) -> Edge {
        let half_of = |from: u32| (from..from + half).collect();
        Edge {
            from,
            to,
            counts: Counts {
                frl: half.into(),
                other: half.into(),
            },
            small_units: 2 * half < 16,
            small_split: half < 16,
            cap: None,
            units_are_pupils: true,
            whose: if from == 0 {
                Whose::State
            } else {
                Whose::Participant(from)
            },
            pupils: [half_of(first), half_of(first + 10_000)],
            is_paid_for: false,
        }
    }

    #[test]
    fn two_small_cells_of_a_participant_are_not_told_together() {
        // Sum 1 gives its 60 pupils to three tiers (sums 2 to 4): 50, 4 and 6. Sum 5 has 100 in each. 60 less 50 would be 10.
        let edges = vec![
            edge(6, 1, 30, 0),
            edge(6, 5, 150, 100),
            edge(1, 2, 25, 0),
            edge(1, 3, 2, 25),
            edge(1, 4, 3, 27),
            edge(5, 2, 50, 100),
            edge(5, 3, 50, 150),
            edge(5, 4, 50, 200),
            edge(2, 6, 75, 0),
            edge(3, 6, 52, 0),
            edge(4, 6, 53, 0),
        ];
        let network = Network::new(7, edges, 16);
        let pattern = network.protect().unwrap();
        assert!(!pattern.shows_units(3) && !pattern.shows_units(4));
        assert!(
            !pattern.shows_units(0) || !pattern.shows_units(2),
            "the total or the first tier is withheld too: {pattern:?}"
        );
        assert_eq!(network.union_of_few(1, Part::Units, &pattern), None);
    }
}
