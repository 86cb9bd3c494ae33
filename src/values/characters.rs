//! Visible and invisible characters, and digits.

/// Invisible characters that web pages and word processors leave behind, and spaces that only look like one.
const INVISIBLE: [(char, &str); 13] = [
    ('\u{ad}', "a soft hyphen"),
    ('\u{200b}', "a zero-width space"),
    ('\u{200c}', "a zero-width non-joiner"),
    ('\u{200d}', "a zero-width joiner"),
    ('\u{200e}', "a direction mark"),
    ('\u{200f}', "a direction mark"),
    ('\u{202a}', "a direction mark"),
    ('\u{202c}', "a direction mark"),
    ('\u{2060}', "a word joiner"),
    ('\u{feff}', "a byte order mark"),
    ('\u{a0}', "a no-break space"),
    ('\u{202f}', "a no-break space"),
    ('\u{2007}', "a no-break space"),
];

/// Whether a character at the end of a text is nothing to see: white space, no-break space included, a control character, or one that only
/// formats.
#[must_use]
pub fn is_blank(character: char) -> bool {
    // Called at both ends of every cell.
    if character.is_ascii() {
        return !character.is_ascii_graphic();
    }
    character.is_whitespace() || character.is_control() || only_formats(character)
}

/// Characters of Unicode category Cf, and variation selectors.
fn only_formats(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

fn invisible(character: char) -> Option<&'static str> {
    // The usual case.
    if character.is_ascii_graphic() || character == ' ' {
        return None;
    }
    let named = INVISIBLE
        .iter()
        .find(|(invisible, _)| *invisible == character)
        .map(|(_, name)| *name);
    if named.is_some() {
        return named;
    }
    match character {
        // A line break within a cell is visible.
        '\t' | '\n' | '\r' => None,
        _ if character.is_control() => Some("a control character"),
        '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            Some("a variation selector")
        }
        _ if only_formats(character) => Some("a formatting character"),
        _ => None,
    }
}

/// The name of the first character in a text that cannot be seen, or looks like another, if there is one.
#[must_use]
pub fn first_invisible(text: &str) -> Option<&'static str> {
    text.chars().find_map(invisible)
}

/// Whether a text is digits only, and at least one.
pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is one of some words, in any case.
pub(super) fn among(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}
