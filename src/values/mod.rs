//! The meaning of a cell's text: codes, answers, grades, dates, scores (calculation.md, section 2.1). Texts come from [`said`].

mod answers;
mod characters;
mod dates;
mod grades;
mod lunch;
mod made_of;
mod said;

pub use answers::{Answer, answer};
pub use characters::{first_invisible, is_blank};
pub use dates::{DateRead, date, is_day_first, is_either_way, serial_from_1904, why_no_date};
pub use grades::grade;
pub use lunch::{Letters, lunch};
pub use made_of::made_of;
pub use said::{as_number, said, whole_number};

use std::borrow::Cow;
use std::ops::RangeInclusive;

use characters::all_digits;

/// Digits of a district or school code.
const CODE_DIGITS: usize = 4;
/// A district or school code: 4 digits, or 1 to 3 padded with the zeros that spreadsheets drop; and whether it was padded.
#[must_use]
pub fn padded_code(text: &str) -> Option<(Cow<'_, str>, bool)> {
    if !all_digits(text) || text.len() > CODE_DIGITS {
        None
    } else if text.len() == CODE_DIGITS {
        Some((Cow::Borrowed(text), false))
    } else {
        Some((Cow::Owned(format!("{text:0>CODE_DIGITS$}")), true))
    }
}

/// A code in upper case, as codes are compared.
#[must_use]
pub fn upper_case(text: &str) -> Cow<'_, str> {
    let is_upper = text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_lowercase());
    if is_upper {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_uppercase())
    }
}

/// A grade in the program's words: `K`, `9`, `12`.
#[must_use]
pub fn grade_text(grade: u8) -> Cow<'static, str> {
    const GRADES: [&str; 13] = [
        "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
    ];
    GRADES
        .get(usize::from(grade))
        .map_or_else(|| grade.to_string().into(), |text| Cow::Borrowed(*text))
}

/// Whether a text that was read as a date is written as dates are shown: `2024-05-17`.
#[must_use]
pub fn is_iso_date(text: &str) -> bool {
    matches!(text.as_bytes(), [y @ .., b'-', m1, m2, b'-', d1, d2]
        if y.len() == 4 && y.iter().chain([m1, m2, d1, d2]).all(u8::is_ascii_digit))
}

/// A whole number of a range, written as it is: `3`, not `03` or `3.0`.
#[must_use]
pub fn number_within(text: &str, range: &RangeInclusive<u16>) -> Option<u16> {
    let is_plain = text == "0" || !text.starts_with(['0', '+']);
    text.parse()
        .ok()
        .filter(|number| is_plain && range.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_in_its_range_and_written_plainly() {
        for (text, number) in [
            ("0", Some(0)),
            ("3", Some(3)),
            ("120", Some(120)),
            ("121", None),
        ] {
            assert_eq!(number_within(text, &(0..=120)), number, "{text}");
        }
        for text in ["", "03", "00", "+3", "-3", "3.0", "3 ", "three", "99999999"] {
            assert_eq!(number_within(text, &(0..=120)), None, "{text}");
        }
    }

    #[test]
    fn an_f_is_false_where_yes_or_no_is_asked() {
        assert_eq!(answer("F"), Some(Answer::No));
        assert_eq!(answer("maybe"), None);
    }

    #[test]
    fn codes_are_padded() {
        assert_eq!(padded_code("880"), Some((Cow::Borrowed("0880"), true)));
        assert_eq!(padded_code("0880"), Some((Cow::Borrowed("0880"), false)));
        for text in ["", "08800", "UUUU", "-1", "8.0", "\u{0668}\u{0668}"] {
            assert_eq!(padded_code(text), None, "{text}");
        }
    }
}
