//! Matches the lines of two lists, so that one removed row is one difference and not one in every row below.

use std::collections::HashMap;
use std::hash::Hash;

/// What happened to a line; positions in the found and in the expected list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairing {
    /// Another line in the same place between its neighbors.
    Changed(usize, usize),
    /// Only in the found list.
    Extra(usize),
    /// Only in the expected list.
    Missing(usize),
}

/// Pairs two lists and gives the differences in order. Lines that are once in each list, and in the same order, are the anchors, as
/// in a patience diff (n log n steps for any lists); between two anchors lines are paired one by one.
pub(super) fn differing<T: Eq + Hash>(found: &[T], expected: &[T]) -> Vec<Pairing> {
    let mut pairings = Vec::new();
    let (mut next_found, mut next_expected) = (0, 0);
    for (at_found, at_expected) in anchors(found, expected)
        .into_iter()
        .chain([(found.len(), expected.len())])
    {
        between(
            found,
            expected,
            (next_found, at_found),
            (next_expected, at_expected),
            &mut pairings,
        );
        (next_found, next_expected) = (at_found + 1, at_expected + 1);
    }
    pairings
}

fn between<T: Eq>(
    found: &[T],
    expected: &[T],
    in_found: (usize, usize),
    in_expected: (usize, usize),
    pairings: &mut Vec<Pairing>,
) {
    let (mut at_found, mut end_found) = in_found;
    let (mut at_expected, mut end_expected) = in_expected;
    // Repeated lines are not anchors, but equal lines at both ends belong together all the same.
    while at_found < end_found
        && at_expected < end_expected
        && found[at_found] == expected[at_expected]
    {
        (at_found, at_expected) = (at_found + 1, at_expected + 1);
    }
    while at_found < end_found
        && at_expected < end_expected
        && found[end_found - 1] == expected[end_expected - 1]
    {
        (end_found, end_expected) = (end_found - 1, end_expected - 1);
    }
    let pairs = (end_found - at_found).min(end_expected - at_expected);
    let changed = (0..pairs).filter(|step| found[at_found + step] != expected[at_expected + step]);
    pairings.extend(changed.map(|step| Pairing::Changed(at_found + step, at_expected + step)));
    pairings.extend((at_found + pairs..end_found).map(Pairing::Extra));
    pairings.extend((at_expected + pairs..end_expected).map(Pairing::Missing));
}

/// The longest run of unique common lines that ascends in both lists.
fn anchors<T: Eq + Hash>(found: &[T], expected: &[T]) -> Vec<(usize, usize)> {
    let once = |lines: &[T]| -> Vec<usize> {
        let mut counts: HashMap<&T, usize> = HashMap::with_capacity(lines.len());
        for line in lines {
            *counts.entry(line).or_default() += 1;
        }
        (0..lines.len())
            .filter(|position| counts[&lines[*position]] == 1)
            .collect()
    };
    let places: HashMap<&T, usize> = once(expected)
        .into_iter()
        .map(|position| (&expected[position], position))
        .collect();
    let common: Vec<(usize, usize)> = once(found)
        .into_iter()
        .filter_map(|position| places.get(&found[position]).map(|place| (position, *place)))
        .collect();
    // Patience: each pile has the best end of a run of its length; every entry remembers the one below.
    let mut piles: Vec<usize> = Vec::new();
    let mut upon: Vec<Option<usize>> = Vec::with_capacity(common.len());
    for (entry, (_, place)) in common.iter().enumerate() {
        let pile = piles.partition_point(|top| common[*top].1 < *place);
        upon.push(pile.checked_sub(1).map(|below| piles[below]));
        if pile == piles.len() {
            piles.push(entry);
        } else {
            piles[pile] = entry;
        }
    }
    let mut run: Vec<(usize, usize)> =
        std::iter::successors(piles.last().copied(), |entry| upon[*entry])
            .map(|entry| common[entry])
            .collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(found: &str, expected: &str) -> Vec<Pairing> {
        let lines = |text: &str| text.chars().collect::<Vec<_>>();
        differing(&lines(found), &lines(expected))
    }

    #[test]
    fn a_removed_line_is_one_difference_and_so_is_an_added_one() {
        assert_eq!(of("abcd", "abcd"), []);
        assert_eq!(of("abd", "abcd"), [Pairing::Missing(2)]);
        assert_eq!(of("abxcd", "abcd"), [Pairing::Extra(2)]);
        assert_eq!(of("", "ab"), [Pairing::Missing(0), Pairing::Missing(1)]);
        // Repeated lines: which of them was removed cannot be said, only that one was.
        assert_eq!(of("aab", "aaab").len(), 1);
    }

    #[test]
    fn a_changed_line_is_paired_with_the_one_in_its_place() {
        assert_eq!(of("abXd", "abcd"), [Pairing::Changed(2, 2)]);
        // One removed, one changed, and what follows is still in step.
        assert_eq!(
            of("bXdef", "abcdef"),
            [Pairing::Missing(0), Pairing::Changed(1, 2)]
        );
    }

    #[test]
    fn two_lines_that_changed_places_are_found() {
        assert!(!of("bacd", "abcd").is_empty());
    }
}
