//! Grouping and adding up a frame with polars' eager interface.
//!
//! Its own aggregations over groups are either `unsafe` or deprecated in favor of the lazy engine, which would double the program
//! (docs/decisions/0002). Here polars finds the groups, and their whole numbers are added exactly.

use std::collections::BTreeMap;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, GroupsIndicator, Int64Chunked, IntoColumn, NewChunkedArray,
    PolarsResult, UInt32Chunked,
};

/// The totals of a group: its rows, and for each summed column the number of values and their sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_field_names)] // Of a group there are rows, values and sums.
pub(super) struct Sums<const M: usize> {
    pub(super) rows: u64,
    pub(super) values: [u64; M],
    pub(super) sums: [i64; M],
}

/// Unwraps a result of polars about a frame that this room made: it has every column, all of one length.
pub(super) fn sound<T>(result: PolarsResult<T>) -> T {
    result.unwrap_or_else(|error| panic!("the frame of results has every column it needs: {error}"))
}

/// A frame of columns of one length.
pub(super) fn frame(height: usize, columns: Vec<Column>) -> DataFrame {
    sound(DataFrame::new(height, columns))
}

/// A column of positions.
pub(super) fn positions(name: &str, values: impl Iterator<Item = Option<u32>>) -> Column {
    UInt32Chunked::from_iter_options(name.into(), values).into_column()
}

/// A column of whole numbers to be added up.
pub(super) fn numbers(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    Int64Chunked::from_iter_options(name.into(), values).into_column()
}

/// The rows where `keep` holds.
pub(super) fn filtered(frame: &DataFrame, keep: &BooleanChunked) -> DataFrame {
    sound(frame.filter(keep))
}

/// A column of positions of the frame.
pub(super) fn positions_of<'f>(frame: &'f DataFrame, name: &str) -> &'f UInt32Chunked {
    sound(sound(frame.column(name)).u32())
}

/// A column of whole numbers of the frame.
pub(super) fn numbers_of<'f>(frame: &'f DataFrame, name: &str) -> &'f Int64Chunked {
    sound(sound(frame.column(name)).i64())
}

/// Groups the rows by columns of positions, and adds up columns of whole numbers in each group. In ascending order of the key; a
/// row without a position comes first.
pub(super) fn grouped<const N: usize, const M: usize>(
    frame: &DataFrame,
    by: [&str; N],
    sums: [&str; M],
) -> BTreeMap<[Option<u32>; N], Sums<M>> {
    let keys = by.map(|name| positions_of(frame, name));
    let summed = sums.map(|name| numbers_of(frame, name));
    let columns = by.map(|name| sound(frame.column(name)).clone());
    // On one thread: grouping a year takes a millisecond, and rows keep their order.
    let groups = sound(frame.group_by_with_series(columns.into(), false, false));
    let positions = groups.get_groups();
    positions
        .iter()
        .map(|group| {
            let key = keys.map(|column| column.get(group.first() as usize));
            (key, added(&group, summed))
        })
        .collect()
}

/// The rows of each value of a column of positions, in ascending order.
pub(super) fn members(frame: &DataFrame, by: &str) -> BTreeMap<u32, Vec<u32>> {
    let keys = positions_of(frame, by);
    let column = sound(frame.column(by)).clone();
    let groups = sound(frame.group_by_with_series(vec![column], false, false));
    let positions = groups.get_groups();
    positions
        .iter()
        .filter_map(|group| {
            let rows = match &group {
                GroupsIndicator::Idx((_, rows)) => rows.iter().copied().collect(),
                GroupsIndicator::Slice([first, count]) => (*first..first + count).collect(),
            };
            Some((keys.get(group.first() as usize)?, rows))
        })
        .collect()
}

fn added<const M: usize>(group: &GroupsIndicator<'_>, columns: [&Int64Chunked; M]) -> Sums<M> {
    let mut sum = Sums {
        rows: group.len() as u64,
        values: [0; M],
        sums: [0; M],
    };
    let mut add = |row: u32| {
        for (at, column) in columns.into_iter().enumerate() {
            if let Some(value) = column.get(row as usize) {
                sum.values[at] += 1;
                // A sum cannot exceed the batch's money; if it did, conservation would fail.
                sum.sums[at] = sum.sums[at].saturating_add(value);
            }
        }
    };
    match group {
        GroupsIndicator::Idx((_, rows)) => rows.iter().copied().for_each(&mut add),
        GroupsIndicator::Slice([first, count]) => (*first..first + count).for_each(&mut add),
    }
    sum
}

#[cfg(test)]
mod tests {
    use polars::series::IsSorted;

    use super::*;

    #[test]
    fn rows_are_grouped_in_ascending_order_and_added_up_exactly() {
        let by = [Some(2), None, Some(1), Some(2), None];
        // 1 + 8 = 9 of the second group; 16 and nothing of those without a position.
        let cents = [Some(1), Some(16), Some(4), Some(8), None];
        let columns = vec![
            positions("tier", by.into_iter()),
            numbers("amount", cents.into_iter()),
        ];
        let groups = grouped(&frame(5, columns), ["tier"], ["amount"]);
        let found: Vec<_> = groups
            .into_iter()
            .map(|([tier], sum)| (tier, sum.rows, sum.values[0], sum.sums[0]))
            .collect();
        assert_eq!(
            found,
            [(None, 2, 1, 16), (Some(1), 1, 1, 4), (Some(2), 2, 2, 9)]
        );
    }

    #[test]
    fn the_rows_of_each_value_are_found_wherever_they_stand_and_also_where_polars_knows_their_order()
     {
        let amounts = || numbers("amount", [Some(1), Some(2), Some(4)].into_iter());
        let apart = positions("tier", [Some(2), Some(1), Some(2)].into_iter());
        let mut in_order = positions("tier", [Some(1), Some(1), Some(2)].into_iter());
        // Polars then gives a group as its first row and how many there are.
        in_order.set_sorted_flag(IsSorted::Ascending);
        for (tiers, rows, sums) in [
            (apart, [(1, vec![1]), (2, vec![0, 2])], [2, 5]),
            (in_order, [(1, vec![0, 1]), (2, vec![2])], [3, 4]),
        ] {
            let frame = frame(3, vec![tiers, amounts()]);
            assert_eq!(members(&frame, "tier"), BTreeMap::from(rows));
            let groups = grouped(&frame, ["tier"], ["amount"]);
            let found: Vec<i64> = groups.into_values().map(|group| group.sums[0]).collect();
            assert_eq!(found, sums);
        }
    }

    #[test]
    fn a_frame_without_rows_has_no_groups() {
        let columns = vec![
            positions("tier", std::iter::empty()),
            numbers("amount", std::iter::empty()),
        ];
        assert!(grouped(&frame(0, columns), ["tier"], ["amount"]).is_empty());
    }
}
