//! What published payments reveal. Dollars divided by the rates give a payee's counts in each tier, so withholding those counts
//! protects nothing. Everything that follows from them by adding and subtracting is known too.

use super::Network;

impl Network {
    /// Finds the edges that everyone can calculate from the payments, and those that a participant can calculate with its own counts.
    pub(super) fn follow_the_payments(&mut self) {
        let paid_for: Vec<bool> = self.edges.iter().map(|edge| edge.is_paid_for).collect();
        if !paid_for.contains(&true) {
            self.told = paid_for;
            return;
        }
        self.told = self.following_from(paid_for);
        let participants = (0..self.edges.len()).filter_map(|edge| self.participant(edge));
        let count = participants.max().map_or(0, |last| last + 1);
        self.told_to = (0..count)
            .map(|insider| {
                let mut known = self.told.clone();
                for (edge, known) in known.iter_mut().enumerate() {
                    *known |= self.participant(edge) == Some(insider);
                }
                self.following_from(known)
            })
            .collect();
    }

    /// Whether everyone can calculate an edge from the payments.
    #[must_use]
    pub fn is_told(&self, edge: usize) -> bool {
        self.told[edge]
    }

    /// Whether a participant that knows its own counts can calculate it.
    pub(super) fn is_told_to(&self, insider: usize, edge: usize) -> bool {
        self.told_to.get(insider).is_some_and(|told| told[edge])
    }

    /// What follows from known edges and from zeros, which are published: the last unknown edge of a sum.
    fn following_from(&self, mut known: Vec<bool>) -> Vec<bool> {
        for (edge, known) in self.edges.iter().zip(&mut known) {
            *known |= edge.counts.units() == 0;
        }
        loop {
            let mut open = self.at.iter().map(|edges| {
                let mut unknown = edges.iter().filter(|(edge, _)| !known[*edge]);
                (unknown.next(), unknown.next())
            });
            let last = open.find_map(|unknown| match unknown {
                (Some((edge, _)), None) => Some(*edge),
                _ => None,
            });
            let Some(last) = last else {
                return known;
            };
            known[last] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Counts, Edge, Whose};
    use super::*;

    /// A cell of so many pupils without FRL.
    fn edge(from: usize, to: usize, pupils: i64, participant: Option<usize>) -> Edge {
        Edge {
            from,
            to,
            counts: Counts {
                frl: 0,
                other: pupils,
            },
            small_units: pupils > 0 && pupils < 16,
            small_split: pupils > 0,
            cap: None,
            units_are_pupils: true,
            whose: participant.map_or(Whose::Subject, Whose::Participant),
            pupils: [Vec::new(), Vec::new()],
            is_paid_for: participant.is_none(),
        }
    }

    #[test]
    fn a_payment_tells_the_counts_of_its_only_participant_and_the_sum_of_two() {
        // Sum 0 is all participants: 1 alone at its payee (sum 4), 2 and 3 together at theirs (sum 5); sum 6 is their tier.
        let edges = vec![
            edge(0, 1, 20, Some(1)),
            edge(0, 2, 30, Some(2)),
            edge(0, 3, 9, Some(3)),
            edge(1, 4, 20, Some(1)),
            edge(2, 5, 30, Some(2)),
            edge(3, 5, 9, Some(3)),
            edge(4, 6, 20, None),
            edge(5, 6, 39, None),
            Edge {
                is_paid_for: false,
                ..edge(6, 0, 59, None)
            },
        ];
        let network = Network::new(7, edges, 16);
        let told: Vec<usize> = (0..9).filter(|edge| network.is_told(*edge)).collect();
        assert_eq!(told, [0, 3, 6, 7, 8]);
        // 2 knows that 39 less its own 30 are 9.
        assert!(network.is_told_to(2, 5) && network.is_told_to(2, 2));
        assert!(!network.is_told_to(1, 5));
    }

    #[test]
    fn without_payments_nothing_is_told() {
        let edges = vec![Edge {
            is_paid_for: false,
            ..edge(0, 1, 0, None)
        }];
        assert!(!Network::new(2, edges, 16).is_told(0));
    }
}
