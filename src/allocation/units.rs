//! Units: what one award is paid for (calculation.md, section 3.1).

use std::collections::HashSet;

use super::demand::Certificate;
use crate::ids::Sasid;
use crate::rules::readings::Unit;

/// The units among a tier's certificates, given and returned in standing order.
pub(super) fn units(
    reading: Unit,
    certificates: &[Certificate],
    members: &[usize],
    paid_pupils: &HashSet<Sasid>,
) -> Vec<usize> {
    if reading == Unit::Completion {
        return members.to_vec();
    }
    let mut seen = HashSet::with_capacity(members.len());
    let mut counts = |index: &usize| {
        let sasid = certificates[*index].sasid;
        let has_award = reading == Unit::Pupil && paid_pupils.contains(&sasid);
        !has_award && seen.insert(sasid)
    };
    members
        .iter()
        .copied()
        .filter(|index| counts(index))
        .collect()
}
