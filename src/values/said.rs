//! The text of a cell without the wrapping that spreadsheets and exports add.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

use super::characters::{all_digits, is_blank};

/// The text of a cell: trimmed and composed (NFC); in a text file without the `="..."` or the apostrophe that keep zeros in spreadsheets.
#[must_use]
pub fn said(found: &str, in_text_file: bool) -> Cow<'_, str> {
    let trimmed = found.trim_matches(is_blank);
    let bare = if in_text_file {
        unwrapped(trimmed).trim_matches(is_blank)
    } else {
        trimmed
    };
    if bare.is_ascii() || is_nfc_quick(bare.chars()) == unicode_normalization::IsNormalized::Yes {
        Cow::Borrowed(bare)
    } else {
        Cow::Owned(bare.nfc().collect())
    }
}

fn unwrapped(text: &str) -> &str {
    if let Some(inner) = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
    {
        return inner;
    }
    text.strip_prefix('\'').unwrap_or(text)
}

/// A whole number written with decimals (`11.0`) as the whole number; anything else as it is.
#[must_use]
pub fn whole_number(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros)) if all_digits(whole) && is_zeros(zeros) => whole,
        _ => text,
    }
}

fn is_zeros(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'0')
}

/// Digits, with or without decimals, as a number cell would hold them: the whole part. None where the text is not that.
#[must_use]
pub fn as_number(text: &str) -> Option<&str> {
    match text.split_once('.') {
        None => all_digits(text).then_some(text),
        Some((whole, decimals)) => (all_digits(whole) && all_digits(decimals)).then_some(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_file_can_wrap_its_zeros_and_a_workbook_cannot() {
        for text in ["=\"0010\"", "'0010", " 0010\u{200b}", "0010"] {
            assert_eq!(said(text, true), "0010", "{text}");
        }
        assert_eq!(said("'0010", false), "'0010");
        assert_eq!(said(" 0010\u{fe0f} ", false), "0010");
    }

    #[test]
    fn texts_are_composed() {
        assert_eq!(said("E\u{301}", false), "\u{c9}");
    }

    #[test]
    fn a_whole_number_with_decimals_is_the_whole_number() {
        assert_eq!(whole_number("1352407001.0"), "1352407001");
        assert_eq!(whole_number("11.00"), "11");
        for text in ["11.5", "11.", ".0", "a.0", "-1.0"] {
            assert_eq!(whole_number(text), text);
        }
    }

    #[test]
    fn digits_are_a_number_with_or_without_decimals() {
        assert_eq!(as_number("45352.75"), Some("45352"));
        assert_eq!(as_number("45352"), Some("45352"));
        for text in ["", "-1", "3/1/24", "1.2.3", "1."] {
            assert_eq!(as_number(text), None, "{text}");
        }
    }
}
