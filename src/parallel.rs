//! Work on every core, where there are several: the results come in the order of the items, so that nothing depends on how many.

use std::ops::Range;

/// The positions of so many items, in ranges of at most `size`.
pub(crate) fn ranges(items: usize, size: usize) -> Vec<Range<usize>> {
    let begin = (0..items).step_by(size);
    begin.map(|begin| begin..items.min(begin + size)).collect()
}

/// What `work` makes of each item, in their order.
#[cfg(feature = "office")]
pub(crate) fn on_each_core<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync + Send,
) -> Vec<R> {
    use rayon::prelude::*;
    items.into_par_iter().map(work).collect()
}

/// What `work` makes of each item, one after the other: a page has one core.
#[cfg(not(feature = "office"))]
pub(crate) fn on_each_core<T, R>(items: Vec<T>, work: impl Fn(T) -> R) -> Vec<R> {
    items.into_iter().map(work).collect()
}
