//! Numbers, lists and quoted texts inside sentences.

use std::borrow::Cow;

/// The standing of a report without open points.
pub(crate) const FINAL: &str = "FINAL";
/// The standing of any other.
pub(crate) const PRELIMINARY: &str = "PRELIMINARY";

/// The standing of a report, as every output words it.
#[must_use]
pub(crate) const fn standing(is_final: bool) -> &'static str {
    if is_final { FINAL } else { PRELIMINARY }
}

/// What the names of files end with before their ending, so that a draft says so in its name too.
#[must_use]
pub(crate) const fn draft_mark(is_final: bool) -> &'static str {
    if is_final { "" } else { "-PRELIMINARY" }
}

/// A quoted text on one line: line ends and tabs become spaces, other invisible characters are written out. A heading of two lines
/// would break a sentence, and an escape sequence would control the terminal.
#[must_use]
pub(crate) fn one_line(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return text;
    }
    Cow::Owned(written_out(
        &text.replace("\r\n", " ").replace(['\t', '\n', '\r'], " "),
    ))
}

/// A clause as a sentence: messages and titles begin with a small letter and have no period.
#[must_use]
pub(crate) fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    let end = if clause.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{}{}{end}", first.unwrap_or_default(), chars.as_str())
}

/// A sentence as a clause: with a small first letter.
#[must_use]
pub(crate) fn clause(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string());
    format!("{}{}", first.unwrap_or_default(), chars.as_str())
}

/// The letters of a column counted from 0, as spreadsheets name it: A, Z, AA, XFD.
#[must_use]
pub(crate) fn column_letters<N: TryInto<usize>>(column: N) -> String {
    let mut column = column.try_into().unwrap_or(usize::MAX);
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// The tenths of a percent that a part is of a whole, rounded half up (below zero: half down) from the exact fraction; none of nothing.
#[must_use]
pub(crate) fn tenths_of_percent(part: i64, whole: i64) -> Option<i64> {
    let (part, whole) = (i128::from(part) * 1_000, i128::from(whole));
    if whole <= 0 {
        return None;
    }
    let tenths = (part * 2 + part.signum() * whole) / (whole * 2);
    Some(i64::try_from(tenths).unwrap_or(i64::MAX))
}

/// `66.2%`.
#[must_use]
pub(crate) fn percent_text(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.unsigned_abs();
    format!("{sign}{}.{}%", thousands(size / 10), size % 10)
}

/// `12,573`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    if digits.len() <= 3 {
        return digits;
    }
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `12,573 rows`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    format!(
        "{} {what}{}",
        thousands(number),
        if number == 1 { "" } else { "s" }
    )
}

/// Hundredths of a unit: `6,960.00`.
pub(crate) fn weight(hundredths: u64) -> String {
    format!("{}.{:02}", thousands(hundredths / 100), hundredths % 100)
}

/// `districts, charters and BOCES`.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.split_last() {
        None => "none".to_string(),
        Some((only, [])) => (*only).to_string(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Whether a character is invisible or changes how others look: control characters, marks of direction, and the two separators that
/// some programs take for line ends.
pub(crate) fn is_unseen(c: char) -> bool {
    let marks_direction = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || marks_direction || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Writes such a character as `\u001b`, which JSON reads back.
pub(crate) fn write_out(c: char, out: &mut String) {
    out.push_str(&format!("\\u{:04x}", u32::from(c)));
}

/// A quoted text on one line, with invisible characters written out.
pub(crate) fn written_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) {
            write_out(c, &mut out);
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_in_excel() {
        for (column, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_letters(column), letters);
        }
    }

    #[test]
    fn a_quoted_text_stays_in_one_line_and_commands_nobody() {
        assert_eq!(
            one_line("State\r\nStudent\tID\n\u{1b}[31m".into()),
            "State Student ID \\u001b[31m"
        );
        assert!(matches!(one_line("Caf\u{e9}".into()), Cow::Borrowed(_)));
    }

    #[test]
    fn numbers_are_grouped_and_counted_words_have_their_plural() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [0, 1, 2_000].map(|n| counted(n, "row")),
            ["0 rows", "1 row", "2,000 rows"]
        );
        assert_eq!(weight(696_005), "6,960.05");
        assert_eq!(
            [listed([]), listed(["a"]), listed(["a", "b", "c"])],
            ["none", "a", "a, b and c"]
        );
    }
}
