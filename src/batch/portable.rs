//! Names of files that every system allows, so that a batch has the same files everywhere.

use std::collections::HashSet;

use crate::catalogue::Code;
use crate::disk;
use crate::intake::cells::Refusal;

const RENAME: &str = "Rename it, then run again.";

/// The refusal of a file or folder whose name Windows does not allow.
pub(super) fn not_everywhere(name: &str) -> Option<Refusal> {
    let reason = disk::not_everywhere(name)?;
    let mut refusal = Refusal::new(
        Code::F105,
        format!("its name does not work on every computer: {reason}"),
    );
    refusal.fix = Some(RENAME.to_string());
    Some(refusal)
}

/// The refusal of a path that differs from an earlier one only in capital letters: on Windows and macOS there is only one such file.
pub(super) fn same_but_for_capitals(path: &str, seen: &mut HashSet<String>) -> Option<Refusal> {
    if seen.insert(path.to_lowercase()) {
        return None;
    }
    let mut refusal = Refusal::new(
        Code::F105,
        "another file has the same name but for capital letters, so that only one of them can be on Windows",
    );
    refusal.fix = Some(RENAME.to_string());
    Some(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_names_that_differ_only_in_capitals_the_second_is_refused() {
        let mut seen = HashSet::new();
        assert!(same_but_for_capitals("submissions/A.csv", &mut seen).is_none());
        assert!(same_but_for_capitals("submissions/b.csv", &mut seen).is_none());
        assert!(same_but_for_capitals("submissions/a.csv", &mut seen).is_some());
    }
}
