//! A second implementation of the audit samples, from the specification alone (calculation.md, section 8).

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// A paid row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaidRow {
    /// `0010` or `0010-4500`.
    pub participant: String,
    pub file: String,
    /// Empty for text files.
    pub sheet: String,
    pub sheet_order: usize,
    pub row: u32,
    pub cents: u128,
    /// Position of its kind in the order of kinds, and its tier.
    pub stratum: (usize, usize),
}

/// The rows in the order in which their cents are laid.
fn laid(rows: &[PaidRow]) -> Vec<&PaidRow> {
    let mut laid: Vec<&PaidRow> = rows.iter().collect();
    laid.sort_by(|a, b| {
        (&a.participant, a.file.as_bytes(), a.sheet_order, a.row).cmp(&(
            &b.participant,
            b.file.as_bytes(),
            b.sheet_order,
            b.row,
        ))
    });
    laid
}

/// The rows drawn by monetary units, each with its hits; all of them, without hits, where more are asked for.
pub fn by_money(rows: &[PaidRow], size: usize, seed: &str) -> Vec<(PaidRow, u32)> {
    let laid = laid(rows);
    if size > laid.len() {
        return laid.into_iter().map(|row| (row.clone(), 0)).collect();
    }
    let digest = Sha256::digest(format!("seed:{seed}").as_bytes());
    let start = digest
        .iter()
        .take(8)
        .fold(0_u128, |start, byte| start * 256 + u128::from(*byte));
    let total: u128 = laid.iter().map(|row| row.cents).sum();
    let mut hits = vec![0; laid.len()];
    for k in 0..size as u128 {
        // s + k I = total (u + 2^64 k) / (2^64 n)
        let cent = total * (start + (k << 64)) / ((size as u128) << 64);
        let mut behind = 0;
        let hit = laid.iter().position(|row| {
            behind += row.cents;
            cent < behind
        });
        hits[hit.expect("no cent is behind the last row")] += 1;
    }
    laid.into_iter()
        .zip(hits)
        .filter(|(_, hits)| *hits > 0)
        .map(|(row, hits)| (row.clone(), hits))
        .collect()
}

/// The rows with the least hashes, in that order.
pub fn at_random(rows: &[PaidRow], size: usize, seed: &str) -> Vec<PaidRow> {
    let hash = |row: &PaidRow| {
        let text = format!("seed:{seed}:{}!{}!{}", row.file, row.sheet, row.row);
        Sha256::digest(text.as_bytes()).to_vec()
    };
    let mut hashed: Vec<(Vec<u8>, &PaidRow)> = rows.iter().map(|row| (hash(row), row)).collect();
    hashed.sort_by(|a, b| a.0.cmp(&b.0));
    let least = hashed.into_iter().take(size);
    least.map(|(_, row)| row.clone()).collect()
}

/// How many rows each stratum gives; `None` where there are more strata than rows asked for.
pub fn per_stratum(rows: &[PaidRow], size: usize) -> Option<BTreeMap<(usize, usize), usize>> {
    let mut have: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for row in rows {
        *have.entry(row.stratum).or_default() += 1;
    }
    if size < have.len() {
        return None;
    }
    let mut gives: BTreeMap<(usize, usize), usize> = have.keys().map(|key| (*key, 1)).collect();
    let mut left = size.min(rows.len()) - have.len();
    while left > 0 {
        // What is left is divided by the rows less one of the strata that still have some.
        let open: Vec<(usize, usize)> = have
            .keys()
            .copied()
            .filter(|key| gives[key] < have[key])
            .collect();
        let weight = |key: &(usize, usize)| have[key] - 1;
        let all: usize = open.iter().map(weight).sum();
        let round = left;
        let mut shares: Vec<usize> = open.iter().map(|key| round * weight(key) / all).collect();
        let mut over = round - shares.iter().sum::<usize>();
        let mut order: Vec<usize> = (0..open.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(round * weight(&open[*at]) % all));
        for at in order {
            if over > 0 {
                shares[at] += 1;
                over -= 1;
            }
        }
        for (key, share) in open.iter().zip(shares) {
            let taken = share.min(have[key] - gives[key]);
            *gives.get_mut(key).unwrap() += taken;
            left -= taken;
        }
    }
    Some(gives)
}

fn row(number: u32, cents: u128, stratum: (usize, usize)) -> PaidRow {
    PaidRow {
        participant: "0010".to_string(),
        file: "submissions/0010.csv".to_string(),
        row: number,
        cents,
        stratum,
        ..PaidRow::default()
    }
}

/// Five rows of one participant: $5,000.00.
fn five() -> Vec<PaidRow> {
    let cents = [100_000, 120_000, 100_000, 120_000, 60_000];
    let rows = (2..).zip(cents);
    rows.map(|(number, cents)| row(number, cents, (0, 0)))
        .collect()
}

fn hits(drawn: Vec<(PaidRow, u32)>) -> Vec<(u32, u32)> {
    drawn
        .into_iter()
        .map(|(row, hits)| (row.row, hits))
        .collect()
}

#[test]
fn monetary_units_drawn_by_hand() {
    // SHA-256 of "seed:2024" begins 4f160642, u / 2^64 = 0.30893; interval 250,000 cents, so cents 77,232 and 327,232:
    // row 2 has 0 to 99,999, row 5 has 320,000 to 439,999.
    assert_eq!(hits(by_money(&five(), 2, "2024")), [(2, 1), (5, 1)]);
    // Of "seed:a" u / 2^64 = 0.18880: cents 47,201 and 297,201; row 4 has 220,000 to 319,999.
    assert_eq!(hits(by_money(&five(), 2, "a")), [(2, 1), (4, 1)]);
    // Interval 500: cents 154 and 654, both of the first row.
    let rows = [row(2, 900, (0, 0)), row(3, 50, (0, 0)), row(4, 50, (0, 0))];
    assert_eq!(hits(by_money(&rows, 2, "2024")), [(2, 2)]);
    assert_eq!(hits(by_money(&rows, 9, "2024")), [(2, 0), (3, 0), (4, 0)]);
}

#[test]
fn rows_drawn_at_random_by_hand() {
    // sha256sum of "seed:2024:submissions/0010.csv!!ROW": rows 5 (a81f...), 4 (b2f3...), 2 (cfe8...), 6 (f991...), 3 (fe7c...).
    let drawn = at_random(&five(), 3, "2024");
    assert_eq!(
        drawn.iter().map(|row| row.row).collect::<Vec<_>>(),
        [5, 4, 2]
    );
}

#[test]
fn strata_shared_out_by_hand() {
    let rows = |sizes: [usize; 3]| -> Vec<PaidRow> {
        let strata = sizes.into_iter().enumerate();
        strata
            .flat_map(|(stratum, size)| vec![row(2, 1, (stratum, 0)); size])
            .collect()
    };
    let gives = |sizes, size| {
        per_stratum(&rows(sizes), size).map(|gives| gives.into_values().collect::<Vec<_>>())
    };
    // 1 each, and 3 over 4 + 0 + 2: 2, 0 and 1.
    assert_eq!(gives([5, 1, 3], 6), Some(vec![3, 1, 2]));
    // 1 each, and 2 over 4 + 0 + 2: 1 1/3 and 2/3.
    assert_eq!(gives([5, 1, 3], 5), Some(vec![2, 1, 2]));
    // A tie goes to the earlier.
    assert_eq!(gives([3, 1, 3], 4), Some(vec![2, 1, 1]));
    assert_eq!(gives([5, 1, 3], 100), Some(vec![5, 1, 3]));
    assert_eq!(gives([5, 1, 3], 2), None);
}
