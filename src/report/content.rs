//! The content checksum: what the report says of every row, in any order of rows (docs/decisions/0010).

use rayon::prelude::ParallelSliceMut as _;
use sha2::{Digest, Sha256};

/// The command that reproduces the checksum with stock tools, run in the report's folder.
pub const COMMAND: &str = "tail -n +2 completions.csv | LC_ALL=C sort | sha256sum";

/// The content checksum of the bytes of a `completions.csv`: the SHA-256, in hexadecimal, of its lines below the heading, sorted by
/// bytes. Lines end in a line feed, as for `sort`: a quoted cell with two lines counts as two.
#[must_use]
pub fn checksum_of(csv: &[u8]) -> String {
    checksum_of_pieces(&[csv])
}

/// The same of pieces that end with their last line.
pub(super) fn checksum_of_pieces(pieces: &[impl AsRef<[u8]>]) -> String {
    let pieces = pieces.iter().map(AsRef::as_ref);
    let lines = pieces.flat_map(|piece| piece.split_inclusive(|byte| *byte == b'\n'));
    let mut lines: Vec<&[u8]> = lines.skip(1).collect();
    // Without the line feed, as `sort` compares: otherwise a line that continues with a tab would come before its own beginning.
    lines.par_sort_unstable_by_key(|line| line.strip_suffix(b"\n").unwrap_or(line));
    let mut digest = Sha256::new();
    for line in lines {
        digest.update(line);
    }
    crate::hash::hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_rows_changes_no_checksum_and_one_digit_does() {
        let first = checksum_of(b"heading\nb,1\na,2\na\t,2\na\n");
        assert_eq!(first, checksum_of(b"heading\na\na,2\nb,1\na\t,2\n"));
        // printf 'a\na\t,2\na,2\nb,1\n' | sha256sum
        assert_eq!(first, crate::hash::sha256_hex(b"a\na\t,2\na,2\nb,1\n"));
        assert_ne!(first, checksum_of(b"heading\nb,1\na,3\na\t,2\na\n"));
        assert_ne!(first, checksum_of(b"heading\nb,1\na,2\na\t,2\n"));
    }
}
