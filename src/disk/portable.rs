//! Names that every system allows, so that a batch and a report have the same names everywhere.

/// Characters that Windows does not allow in names.
const NOT_ON_WINDOWS: [char; 8] = ['<', '>', ':', '"', '|', '?', '*', '\\'];
/// Windows' device names: no file can have such a name there, with any ending.
const DEVICES: [&str; 22] = [
    "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8",
    "COM9", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

/// Why a file or folder of this name cannot be on Windows: `Windows keeps the name CON for a device`.
pub(crate) fn not_everywhere(name: &str) -> Option<String> {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    if let Some(character) = name.chars().find(|c| NOT_ON_WINDOWS.contains(c)) {
        return Some(format!("Windows allows no {character} in a name"));
    }
    if name.ends_with(['.', ' ']) {
        return Some("Windows allows no name that ends in a period or a space".to_string());
    }
    DEVICES
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
        .then(|| format!("Windows keeps the name {stem} for a device"))
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
}
