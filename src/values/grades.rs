//! Grades in the forms that student systems export (calculation.md, "Grades").

use super::characters::{all_digits, among};

const HIGHEST: u8 = 12;

/// A grade: K (0) or 0 to 12, any case.
#[must_use]
pub fn grade(text: &str) -> Option<u8> {
    let lower = text.to_ascii_lowercase();
    if among(&lower, &["k", "kg"]) {
        return Some(0);
    }
    by_name(&lower)
        .or_else(|| numbered(&lower))
        .or_else(|| in_tenths(&lower))
        .or_else(|| numbered(behind_a_word(&lower)?))
        .or_else(|| numbered(lower.strip_suffix(" grade")?.trim_end()))
}

fn by_name(lower: &str) -> Option<u8> {
    Some(match lower {
        "freshman" | "fr" => 9,
        "sophomore" | "so" => 10,
        "junior" | "jr" => 11,
        "senior" | "sr" => 12,
        _ => return None,
    })
}

/// `9`, `09`, `9th`; any ending after any number.
fn numbered(text: &str) -> Option<u8> {
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))
        .unwrap_or(text);
    if !all_digits(digits) || digits.len() > 2 {
        return None;
    }
    digits.parse().ok().filter(|number| *number <= HIGHEST)
}

/// The state's `090`, `100`, `110`, `120`.
fn in_tenths(text: &str) -> Option<u8> {
    if text.len() != 3 || !all_digits(text) || !text.ends_with('0') {
        return None;
    }
    numbered(&text[..2])
}

/// What follows `Gr`, `Gr.`, `G` or `Grade`, with or without a space.
fn behind_a_word(lower: &str) -> Option<&str> {
    ["grade", "gr.", "gr", "g"]
        .iter()
        .find_map(|word| lower.strip_prefix(word))
        .map(str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_read_in_every_form_that_the_specification_names() {
        for (text, expected) in [
            ("9", 9),
            ("09", 9),
            ("9th", 9),
            ("12TH", 12),
            ("090", 9),
            ("100", 10),
            ("120", 12),
            ("K", 0),
            ("kg", 0),
            ("0", 0),
            ("11st", 11),
            ("Gr 11", 11),
            ("Gr. 11", 11),
            ("G11", 11),
            ("Grade 09", 9),
            ("grade9th", 9),
            ("11th grade", 11),
            ("9 Grade", 9),
            ("Freshman", 9),
            ("So", 10),
            ("jr", 11),
            ("SENIOR", 12),
        ] {
            assert_eq!(grade(text), Some(expected), "{text}");
        }
        for text in [
            "", "13", "130", "095", "9.5", "-9", "90", "0900", "th", "090th", "Gr 13", "Adult",
            "Gr", "grade", "Gr 090", "K grade",
        ] {
            assert_eq!(grade(text), None, "{text}");
        }
    }
}
