//! The order of discrepancies: causes first, checksums that follow from them last.

use std::collections::BTreeSet;

use super::Verification;
use super::contents::OF_EXPECTED;
use super::discrepancy::Discrepancy;
use super::recorded::{HASH_DIFFERS, LINE_OF};
use crate::receipt::{CHECKSUMS, RECEIPT, Statement};

/// The file of every row.
const ROWS: &str = "completions.csv";

impl Verification {
    /// Compares the receipt with the hash kept apart, marks what follows from another discrepancy, and puts causes first.
    pub(super) fn put_in_order<P>(
        &mut self,
        receipt: Option<&str>,
        statement: Option<&Statement<P>>,
    ) {
        mark(&mut self.differences, statement);
        if let Some(kept) = receipt
            && self.receipt_sha256.as_deref() != Some(kept)
        {
            let what = "it is not the receipt whose SHA-256 was kept apart";
            let found = self.receipt_sha256.as_deref().unwrap_or("no receipt");
            self.differences
                .push(Discrepancy::of(RECEIPT, what).between(found, kept));
        }
        // Stable: the cells of a file keep their order.
        self.differences
            .sort_by(|a, b| (rank(a), &a.file).cmp(&(rank(b), &b.file)));
        // Last, because the order goes by the paths.
        for place in self
            .differences
            .iter_mut()
            .filter_map(|one| one.place.as_mut())
        {
            if let Some(path) = place.strip_prefix('/') {
                *place = path_in_words(path);
            }
        }
    }
}

/// A path in json as a reader says it: `predicate/inputs/3/sha256, of batch.toml` is `inputs, entry 4, sha256, of batch.toml`.
fn path_in_words(path: &str) -> String {
    let (path, of) = path
        .find(", of ")
        .map_or((path, ""), |at| path.split_at(at));
    let (path, of) = match path.strip_suffix(OF_EXPECTED) {
        Some(path) => (path, OF_EXPECTED),
        None => (path, of),
    };
    let word = |key: &str| {
        let entry = key.parse::<usize>().ok();
        entry.map_or_else(
            || key.replace('_', " "),
            |entry| format!("entry {}", entry + 1),
        )
    };
    let path = path.strip_prefix("predicate/").unwrap_or(path);
    let words: Vec<String> = path.split('/').map(word).collect();
    format!("{}{of}", words.join(", "))
}

/// Discrepancies of the batch explain those of the report; a checksum explains nothing.
fn rank(difference: &Discrepancy) -> u8 {
    let of_input = difference.file == RECEIPT
        && difference
            .place
            .as_ref()
            .is_some_and(|place| is_of_input(place));
    match difference {
        _ if difference.is_of_source() => 0,
        _ if difference.file == RECEIPT && difference.place.is_none() => 1,
        _ if of_input => 2,
        _ if difference.follows => 5,
        // The rows explain every total.
        _ if difference.file == ROWS => 3,
        _ => 4,
    }
}

/// Whether a place of the receipt is about a file of the batch.
fn is_of_input(place: &str) -> bool {
    ["/predicate/inputs/", "/predicate/submissions/"]
        .iter()
        .any(|beginning| place.starts_with(beginning))
}

/// Marks the checksums of files that have discrepancies themselves.
fn mark<P>(differences: &mut [Discrepancy], statement: Option<&Statement<P>>) {
    let differ: BTreeSet<String> = differences
        .iter()
        .filter(|difference| ![CHECKSUMS, RECEIPT].contains(&&*difference.file))
        .map(|difference| difference.file.clone())
        .collect();
    // Cells say more than a hash.
    let explained: BTreeSet<String> = differences
        .iter()
        .filter(|difference| difference.what != HASH_DIFFERS && differ.contains(&difference.file))
        .map(|difference| difference.file.clone())
        .collect();
    for difference in differences.iter_mut() {
        difference.follows = if difference.file == CHECKSUMS {
            of_line(difference).is_some_and(|name| differ.contains(name))
        } else if difference.file == RECEIPT {
            difference.place.as_deref().is_some_and(|place| {
                place == "/predicate/content/sha256" && differ.contains(ROWS)
                    || subject_of(place, statement).is_some_and(|name| differ.contains(name))
            })
        } else {
            difference.what == HASH_DIFFERS && explained.contains(&difference.file)
        };
    }
    // The list of checksums differs only by its lines, and so does its own hash.
    let of_list =
        |difference: &Discrepancy| difference.file == CHECKSUMS && difference.what != HASH_DIFFERS;
    let list = differences.iter().filter(|one| of_list(one));
    if list.clone().next().is_some() && list.into_iter().all(|one| one.follows) {
        for difference in differences.iter_mut() {
            let own_hash = difference.file == CHECKSUMS && difference.what == HASH_DIFFERS;
            let in_receipt = difference.file == RECEIPT
                && difference
                    .place
                    .as_deref()
                    .is_some_and(|place| subject_of(place, statement) == Some(CHECKSUMS));
            difference.follows |= own_hash || in_receipt;
        }
    }
}

/// The file that a line of the checksums is about.
fn of_line(difference: &Discrepancy) -> Option<&str> {
    let in_place = difference
        .place
        .as_deref()
        .and_then(|place| place.strip_prefix(LINE_OF));
    let in_text = || {
        let (_, name) = difference.expected.as_deref()?.split_once("  ")?;
        Some(name)
    };
    in_place.or_else(in_text)
}

/// The file whose digest is at a place of the receipt.
fn subject_of<'s, P>(place: &str, statement: Option<&'s Statement<P>>) -> Option<&'s str> {
    let rest = place.strip_prefix("/subject/")?;
    let (position, _) = rest.split_once("/digest/sha256")?;
    let subject = statement?.subject.get(position.parse::<usize>().ok()?)?;
    Some(&subject.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_json_is_said_in_words() {
        assert_eq!(path_in_words("predicate/paid"), "paid");
        assert_eq!(
            path_in_words("predicate/resolutions/0/approved_by, of line 2"),
            "resolutions, entry 1, approved by, of line 2"
        );
        assert_eq!(
            path_in_words("predicate/inputs/3/sha256, of prior/payments.csv"),
            "inputs, entry 4, sha256, of prior/payments.csv"
        );
        assert_eq!(
            path_in_words("payees/2 of the file as it should be"),
            "payees, entry 3 of the file as it should be"
        );
    }
}
