//! Names of files that every system allows. A batch has the same files wherever it is read.

use std::collections::HashSet;

use crate::catalogue::Code;
use crate::intake::cells::Refusal;

/// Characters that Windows allows in no name.
const NOT_ON_WINDOWS: [char; 8] = ['<', '>', ':', '"', '|', '?', '*', '\\'];
/// Devices of Windows: a file of such a name, with any ending, cannot be made there.
const DEVICES: [&str; 22] = [
    "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8",
    "COM9", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

const RENAME: &str = "Rename it, then run again.";

/// The refusal of a file or folder whose name Windows does not allow.
pub(super) fn not_everywhere(name: &str) -> Option<Refusal> {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let reason = if let Some(character) = name.chars().find(|c| NOT_ON_WINDOWS.contains(c)) {
        format!("Windows allows no {character} in a name")
    } else if name.ends_with(['.', ' ']) {
        "Windows allows no name that ends in a period or a space".to_string()
    } else if DEVICES
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
    {
        format!("Windows keeps the name {stem} for a device")
    } else {
        return None;
    };
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
    fn an_ordinary_name_is_fine_everywhere() {
        for name in [
            "0880.xlsx",
            "Auxiliary.csv",
            "June 30 (final).xls",
            "a.b.csv",
            "Conejos.csv",
        ] {
            assert!(not_everywhere(name).is_none(), "{name}");
        }
    }

    #[test]
    fn what_windows_does_not_allow_is_refused_on_every_system() {
        for name in [
            "a:b.csv",
            "what?.xlsx",
            "aux.csv",
            "NUL",
            "com1.june.xlsx",
            "0880.csv.",
            "0880 ",
            "a\\b.csv",
        ] {
            assert!(not_everywhere(name).is_some(), "{name}");
        }
    }

    #[test]
    fn of_two_names_that_differ_only_in_capitals_the_second_is_refused() {
        let mut seen = HashSet::new();
        assert!(same_but_for_capitals("submissions/A.csv", &mut seen).is_none());
        assert!(same_but_for_capitals("submissions/b.csv", &mut seen).is_none());
        assert!(same_but_for_capitals("submissions/a.csv", &mut seen).is_some());
    }
}
