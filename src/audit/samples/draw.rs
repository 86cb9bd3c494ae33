//! The draws (calculation.md, section 8), from any rows: nothing here knows a report.

use std::collections::BTreeMap;

use crate::hash::sha256_hex;
use crate::money::Money;
use crate::rules::terms::ParticipantKind;

/// A kind of participants and a tier.
pub type Stratum = (ParticipantKind, u32);

/// A paid row, as a draw needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidRow<'r> {
    /// `0010` or `0010-4500`.
    pub participant: &'r str,
    pub file: &'r str,
    /// Empty for a text file.
    pub sheet: &'r str,
    pub row: u32,
    pub amount: Money,
    pub stratum: Stratum,
}

/// A drawn row: its position, and how many of the sampled cents it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub row: usize,
    /// None if rows are drawn and not cents.
    pub hits: Option<u64>,
}

/// Why nothing was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotDraw {
    /// Fewer rows were asked for than there are strata, which are so many.
    FewerThanStrata(usize),
}

/// The first 64 bits of the seed's SHA-256: the random start is the interval times this, divided by 2^64.
#[must_use]
pub fn start_of(seed: &str) -> u64 {
    let digest = sha256_hex(format!("seed:{seed}").as_bytes());
    // 16 hexadecimal digits are always a number.
    u64::from_str_radix(&digest[..16], 16).unwrap_or_default()
}

/// The cent that the (k + 1)th of `size` selections falls on: the interval is `total / size`, and all of it is exact.
#[must_use]
pub fn cent_of(k: u64, total: u64, size: u64, start: u64) -> u64 {
    // floor((start + k 2^64) total / (size 2^64)). The k whole intervals are divided first: the whole product could exceed 128
    // bits.
    let (total, size) = (u128::from(total), u128::from(size));
    let whole = u128::from(k) * total;
    let rest = ((whole % size) << 64) + total * u128::from(start);
    let cent = whole / size + rest / (size << 64);
    u64::try_from(cent).unwrap_or(u64::MAX)
}

/// Monetary units, systematic. The rows are given in the order of the report.
#[must_use]
pub fn by_money(rows: &[PaidRow<'_>], size: usize, seed: &str) -> Vec<Hit> {
    let mut laid: Vec<usize> = (0..rows.len()).collect();
    // Stable: sheets and rows of a file stay in the report's order.
    laid.sort_by_key(|row| (rows[*row].participant, rows[*row].file.as_bytes()));
    if size > rows.len() {
        return laid
            .into_iter()
            .map(|row| Hit { row, hits: None })
            .collect();
    }
    let total = cents(rows);
    let start = start_of(seed);
    let (mut hits, mut k, mut behind) = (Vec::new(), 0, 0);
    let mut next = cent_of(k, total, size as u64, start);
    for row in laid {
        behind += cents(&rows[row..=row]);
        let mut held = 0;
        while k < size as u64 && next < behind {
            held += 1;
            k += 1;
            next = cent_of(k, total, size as u64, start);
        }
        if held > 0 {
            let hits_of_row = Some(held);
            hits.push(Hit {
                row,
                hits: hits_of_row,
            });
        }
    }
    hits
}

/// The total cents of some rows.
#[must_use]
pub fn cents(rows: &[PaidRow<'_>]) -> u64 {
    let cents = rows.iter().map(|row| row.amount.cents());
    // No paid row has less than a cent.
    cents
        .map(|cents| u64::try_from(cents).unwrap_or_default())
        .sum()
}

/// The rows with the smallest hashes, in ascending order.
#[must_use]
pub fn at_random(rows: &[PaidRow<'_>], size: usize, seed: &str) -> Vec<Hit> {
    least(rows, (0..rows.len()).collect(), size, seed)
}

fn least(rows: &[PaidRow<'_>], among: Vec<usize>, size: usize, seed: &str) -> Vec<Hit> {
    let mut hashed: Vec<(String, usize)> = among
        .into_iter()
        .map(|row| (hash_of(&rows[row], seed), row))
        .collect();
    // Hexadecimal digits compare as the bytes do.
    hashed.sort_unstable();
    hashed.truncate(size);
    hashed
        .into_iter()
        .map(|(_, row)| Hit { row, hits: None })
        .collect()
}

fn hash_of(row: &PaidRow<'_>, seed: &str) -> String {
    sha256_hex(format!("seed:{seed}:{}!{}!{}", row.file, row.sheet, row.row).as_bytes())
}

/// By kind of participant and tier, at random in each.
///
/// # Errors
/// [`CannotDraw::FewerThanStrata`]: each stratum gives a row.
pub fn stratified(rows: &[PaidRow<'_>], size: usize, seed: &str) -> Result<Vec<Hit>, CannotDraw> {
    let mut strata: BTreeMap<Stratum, Vec<usize>> = BTreeMap::new();
    for (position, row) in rows.iter().enumerate() {
        strata.entry(row.stratum).or_default().push(position);
    }
    let have: Vec<usize> = strata.values().map(Vec::len).collect();
    let gives = per_stratum(&have, size)?;
    let drawn = strata
        .into_values()
        .zip(gives)
        .flat_map(|(members, gives)| least(rows, members, gives, seed));
    Ok(drawn.collect())
}

/// How many rows each stratum gives: one, and a share of the rest by the rows that it has beyond that one.
///
/// # Errors
/// [`CannotDraw::FewerThanStrata`]
pub fn per_stratum(have: &[usize], size: usize) -> Result<Vec<usize>, CannotDraw> {
    if size < have.len() {
        return Err(CannotDraw::FewerThanStrata(have.len()));
    }
    // At most all that the strata have beyond that one: no share exceeds what its stratum has.
    let left = size.min(have.iter().sum()) - have.len();
    let beyond: Vec<usize> = have.iter().map(|rows| rows.saturating_sub(1)).collect();
    let shares = largest_remainder(left, &beyond);
    Ok(shares.into_iter().map(|share| 1 + share).collect())
}

/// Shares a number of at most the weights' sum by weights, by largest remainder; ties go to the earlier.
fn largest_remainder(number: usize, weights: &[usize]) -> Vec<usize> {
    let (number, all) = (number as u128, weights.iter().sum::<usize>() as u128);
    let parts = weights.iter().map(|weight| number * *weight as u128);
    let mut shares: Vec<usize> = parts
        .clone()
        .map(|part| usize::try_from(part / all.max(1)).unwrap_or(usize::MAX))
        .collect();
    let remainders: Vec<u128> = parts.map(|part| part % all.max(1)).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(remainders[*place]));
    let over = number - shares.iter().sum::<usize>() as u128;
    for place in order.into_iter().take(usize::try_from(over).unwrap_or(0)) {
        shares[place] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cent_far_out_is_exact() {
        // The last of 5,000,000 selections of 10^13 cents, begun as late as can be: the last cent.
        let (total, size) = (10_000_000_000_000, 5_000_000);
        assert_eq!(cent_of(size - 1, total, size, u64::MAX), total - 1);
        assert_eq!(cent_of(0, total, size, 0), 0);
        // Interval 2,000,000: the third selection from half an interval is cent 5,000,000.
        assert_eq!(cent_of(2, total, size, 1 << 63), 5_000_000);
        // Interval 10/3, begun at three quarters of it: the third selection is cent (2 + 0.75) x 10/3 = 9.17.
        assert_eq!(cent_of(2, 10, 3, 3 << 62), 9);
    }

    #[test]
    fn a_cent_at_the_border_of_two_rows_is_the_first_of_the_second() {
        let row = |row: u32, cents: i64| PaidRow {
            participant: "0010",
            file: "submissions/0010.csv",
            sheet: "",
            row,
            amount: Money::from_cents(cents),
            stratum: (ParticipantKind::ALL[0], 1),
        };
        // Two selections over 2,000 cents: the interval is 1,000, and the start 0.30893 of it, cent 308. The first row has the cents
        // 0 to 307 and the second the others, so that cents 308 and 1,308 are both the second's.
        let hits = by_money(&[row(2, 308), row(3, 1692)], 2, "2024");
        let both = Hit {
            row: 1,
            hits: Some(2),
        };
        assert_eq!(hits, [both]);
    }

    #[test]
    fn each_stratum_gives_one_row_and_a_share_of_the_others_and_never_more_than_it_has() {
        // Of 2, 3 and 1 rows, 4 are drawn: one each, and one over, shared by 1, 2 and 0: 1/3, 2/3 and 0, so the second gets it.
        assert_eq!(per_stratum(&[2, 3, 1], 4), Ok(vec![1, 2, 1]));
        assert_eq!(per_stratum(&[2, 3, 1], 99), Ok(vec![2, 3, 1]));
        assert_eq!(per_stratum(&[1, 1], 2), Ok(vec![1, 1]));
        assert_eq!(per_stratum(&[1, 1], 1), Err(CannotDraw::FewerThanStrata(2)));
    }

    #[test]
    fn the_start_is_the_seeds() {
        // printf seed:2024 | sha256sum begins 4f160642.
        assert_eq!(start_of("2024") >> 32, 0x4f16_0642);
    }
}
