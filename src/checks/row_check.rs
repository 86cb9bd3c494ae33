//! What binds a decision to a row's content (calculation.md, section 2.5): a short hash of its cells as found. Anybody can recompute it.

use super::cells::Cells;
use crate::hash::sha256_hex;
use crate::intake::completions::Field;
use crate::ranks::RowRank;

/// Hexadecimal digits of the hash that are written: few enough to be copied by hand, and enough that no two rows of a state agree by chance.
const DIGITS: usize = 12;
/// Between the cells: no cell holds it.
const BETWEEN: char = '\u{1f}';

/// The row's check: `r-` and 12 hexadecimal digits.
pub(crate) fn row_check(cells: &Cells<'_>, row: RowRank) -> String {
    let mut text = String::new();
    for (position, field) in Field::ALL.into_iter().enumerate() {
        if position > 0 {
            text.push(BETWEEN);
        }
        text.push_str(cells.bare(row, field));
    }
    format!("r-{}", &sha256_hex(text.as_bytes())[..DIGITS])
}
