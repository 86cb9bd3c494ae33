//! Names of sheets that Excel accepts, all different.

use std::collections::HashSet;

/// The sheets of an entity's workbook that may precede its own.
pub(crate) const AWARD: &str = "Award";
pub(crate) const DECIDED: &str = "What was decided";
pub(crate) const TO_FIX: &str = "What to fix";

/// The hidden sheet of words, to which the formulas of marked rows refer: a word of its own, so that no formula has to quote it.
pub(super) const FOLLOWED: &str = "CdipChecks";

/// The longest name of a sheet in Excel, in UTF-16 units.
const NAME_UNITS_MAX: usize = 31;

/// Names of the program's own sheets in a return, and *History*, which Excel keeps for itself.
const RESERVED: [&str; 5] = [TO_FIX, AWARD, DECIDED, FOLLOWED, "History"];

/// The wanted names as Excel accepts them: at most 31 characters, no forbidden ones, and unique without regard to case.
pub(in crate::returns) fn sheet_names(wanted: impl Iterator<Item = String>) -> Vec<String> {
    let mut taken: HashSet<String> = RESERVED.iter().map(|name| name.to_lowercase()).collect();
    wanted
        .map(|wanted| {
            let safe: String = wanted
                .chars()
                .map(|c| {
                    if c.is_control() || matches!(c, '*' | '?' | ':' | '[' | ']' | '\\' | '/') {
                        '-'
                    } else {
                        c
                    }
                })
                .collect();
            let mut number = 1;
            let mut name = numbered(&safe, number);
            while taken.contains(&name.to_lowercase()) {
                number += 1;
                name = numbered(&safe, number);
            }
            taken.insert(name.to_lowercase());
            name
        })
        .collect()
}

/// `Completions`, `Completions (2)`: shortened to leave room for the number.
fn numbered(name: &str, number: usize) -> String {
    let suffix = if number == 1 {
        String::new()
    } else {
        format!(" ({number})")
    };
    let mut room = NAME_UNITS_MAX - suffix.len();
    let fits = |c: &char| {
        let fits = c.len_utf16() <= room;
        room = if fits { room - c.len_utf16() } else { 0 };
        fits
    };
    let cut: String = name.trim().chars().take_while(fits).collect();
    let cut = cut.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    format!("{}{suffix}", if cut.is_empty() { "Sheet" } else { cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_excel_takes_and_no_two_alike() {
        let long = "Completions of the whole district 2023-24";
        let wanted = [
            "a/b:c",
            "'quoted'",
            "  ",
            "Completions",
            "COMPLETIONS",
            "What to Fix",
            "history",
            long,
            long,
        ];
        let names = sheet_names(wanted.into_iter().map(str::to_string));
        assert_eq!(
            names,
            [
                "a-b-c",
                "quoted",
                "Sheet",
                "Completions",
                "COMPLETIONS (2)",
                "What to Fix (2)",
                "history (2)",
                "Completions of the whole distri",
                "Completions of the whole di (2)"
            ]
        );
        // Two UTF-16 units each: counting characters would let them pass.
        for name in names
            .into_iter()
            .chain(sheet_names(["\u{1f393}".repeat(20)].into_iter()))
        {
            assert!(
                rust_xlsxwriter::utility::check_sheet_name(&name).is_ok(),
                "{name}"
            );
        }
    }
}
