//! The text of a cell, and the meaning of the fields' words.

use super::columns::Column;

/// White space, control characters, characters of category Cf, variation selectors.
fn unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

pub fn trimmed(text: &str) -> String {
    text.trim_matches(unseen).to_string()
}

/// In NFC, as far as the letters go that the drawn batches have.
pub fn composed(text: &str) -> String {
    let mut text = text.to_string();
    for (apart, together) in [
        ("a\u{308}", "ä"),
        ("A\u{308}", "Ä"),
        ("n\u{303}", "ñ"),
        ("N\u{303}", "Ñ"),
        ("e\u{301}", "é"),
        ("E\u{301}", "É"),
        ("o\u{301}", "ó"),
    ] {
        text = text.replace(apart, together);
    }
    text
}

/// What a text says: in a text file what is within `="..."` or behind `'`.
pub fn says(workbook: bool, found: &str) -> String {
    let mut text = trimmed(found);
    if !workbook {
        let within = text
            .strip_prefix("=\"")
            .and_then(|text| text.strip_suffix('"'));
        if let Some(inner) = within.or_else(|| text.strip_prefix('\'')) {
            text = trimmed(inner);
        }
    }
    composed(&text)
}

pub fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `11.0` is 11.
pub fn whole(text: &str) -> String {
    match text.split_once('.') {
        Some((whole, zeros))
            if is_digits(whole) && is_digits(zeros) && zeros.trim_matches('0').is_empty() =>
        {
            whole.to_string()
        }
        _ => text.to_string(),
    }
}

/// A code of 4 digits, and whether zeros were put before it.
pub fn code(text: &str) -> Option<(String, bool)> {
    if !is_digits(text) || text.len() > 4 {
        return None;
    }
    let mut code = text.to_string();
    while code.len() < 4 {
        code.insert(0, '0');
    }
    Some((code, text.len() < 4))
}

/// `9`, `09` or `9th`.
fn numbered_grade(text: &str) -> Option<i64> {
    for number in 0..=12_i64 {
        let mut spellings = vec![number.to_string(), format!("{number:02}")];
        for ending in ["st", "nd", "rd", "th"] {
            spellings.push(format!("{number}{ending}"));
            spellings.push(format!("{number:02}{ending}"));
        }
        if spellings.iter().any(|spelling| spelling == text) {
            return Some(number);
        }
    }
    None
}

/// Kindergarten is grade 0.
pub fn grade(text: &str) -> Option<i64> {
    let text = text.to_lowercase();
    let word = match text.as_str() {
        "k" | "kg" => Some(0),
        "090" | "freshman" | "fr" => Some(9),
        "100" | "sophomore" | "so" => Some(10),
        "110" | "junior" | "jr" => Some(11),
        "120" | "senior" | "sr" => Some(12),
        _ => numbered_grade(&text),
    };
    if word.is_some() {
        return word;
    }
    if let Some(number) = text.strip_suffix(" grade") {
        return numbered_grade(number);
    }
    for front in ["grade ", "grade", "gr. ", "gr.", "gr ", "gr", "g ", "g"] {
        if let Some(number) = text.strip_prefix(front).and_then(numbered_grade) {
            return Some(number);
        }
    }
    None
}

pub fn lunch(text: &str, column: &Column) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "true" | "t" | "1" | "free" | "reduced" | "free lunch" | "reduced lunch"
        | "reduced price" | "reduced-price" | "eligible" | "01" | "02" => Some(true),
        "" | "n" | "no" | "false" | "0" | "paid" | "full price" | "not eligible" | "ineligible"
        | "00" => Some(false),
        "f" | "r" if column.letters => Some(true),
        "p" if column.letters => Some(false),
        "2" if column.zeros => Some(true),
        _ => None,
    }
}

pub fn credit(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "true" | "t" | "1" => Some(true),
        "" | "n" | "no" | "false" | "f" | "0" => Some(false),
        _ => None,
    }
}
