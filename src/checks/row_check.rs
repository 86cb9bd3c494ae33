//! The Row Check: a short hash of a row's cells as found, which binds a decision to the row's content (calculation.md, section
//! 2.5). Anyone can recompute it.

use super::cells::Cells;
use crate::hash::sha256_hex;
use crate::intake::completions::Field;
use crate::ranks::RowRank;

/// Hexadecimal digits written: few enough to copy by hand, and enough that no two rows of a state agree by chance.
const DIGITS: usize = 12;
/// Separates the cells; no cell contains it.
const BETWEEN: char = '\u{1f}';

/// The fields of the first version count even if their cell is empty. A later field counts only if its cell holds something, so
/// that decisions made before it still fit their rows.
const COUNT_EMPTY: usize = 11;

/// The row's check: `r-` and 12 hexadecimal digits.
pub(crate) fn row_check(cells: &Cells<'_>, row: RowRank) -> String {
    check_of(of_fields(cells, row))
}

/// Whether a check is the row's: over all fields, or, as a version before the later fields wrote it, over the first ones.
pub(super) fn is_row_check(check: &str, cells: &Cells<'_>, row: RowRank) -> bool {
    fits(check, &of_fields(cells, row))
}

fn fits(check: &str, cells: &[(&str, &str)]) -> bool {
    (COUNT_EMPTY..=cells.len()).any(|fields| {
        let known = cells[..fields].iter().copied();
        check.eq_ignore_ascii_case(&check_of(known))
    })
}

/// The key and the cell of every field.
fn of_fields<'c>(cells: &Cells<'c>, row: RowRank) -> [(&'c str, &'c str); Field::COUNT] {
    Field::ALL.map(|field| (field.key(), cells.bare(row, field)))
}

fn check_of<'c>(cells: impl IntoIterator<Item = (&'c str, &'c str)>) -> String {
    let mut text = String::new();
    for (position, (key, cell)) in cells.into_iter().enumerate() {
        let came_later = position >= COUNT_EMPTY;
        if came_later && cell.is_empty() {
            continue;
        }
        if position > 0 {
            text.push(BETWEEN);
        }
        if came_later {
            text.push_str(key);
            text.push(BETWEEN);
        }
        text.push_str(cell);
    }
    format!("r-{}", &sha256_hex(text.as_bytes())[..DIGITS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_what_sha256_says_of_the_cells_with_the_separator_between_them() {
        // The first 12 digits for eleven cells `x`, and for them, the key `hours` and the cell `100`, as `sha256sum` prints them.
        let first = [("", "x"); COUNT_EMPTY];
        assert_eq!(check_of(first), "r-b64c95e0b23d");
        let later = first.into_iter().chain([("hours", "100")]);
        assert_eq!(check_of(later), "r-31d92a775c6a");
    }

    #[test]
    fn a_check_from_before_a_field_came_fits_whatever_its_cell_holds_and_a_later_one_does_not() {
        let first = [("", "x"); COUNT_EMPTY];
        let now = [&first[..], &[("provider", "A")]].concat();
        let other = [&first[..], &[("provider", "B")]].concat();
        assert!(fits(&check_of(first), &now));
        assert!(fits(&check_of(now.clone()), &now));
        assert!(!fits(&check_of(other), &now));
        assert!(!fits(&check_of([("", "y"); COUNT_EMPTY]), &now));
    }

    #[test]
    fn a_field_that_came_later_counts_only_where_its_cell_holds_something() {
        let first = [("", "x"); COUNT_EMPTY];
        let with = |key, cell| check_of(first.into_iter().chain([(key, cell)]));
        assert_eq!(with("hours", ""), check_of(first));
        assert_ne!(with("hours", "100"), check_of(first));
        assert_ne!(with("hours", "100"), with("provider", "100"));
    }
}
