//! Formulas about the text of one cell: its day, whether its digits are sound, and the key of a code by which look-alikes are found.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

/// Numbers of a range that a formula lists.
const LISTED_NUMBERS_MAX: usize = 20;

/// Characters that a key leaves out, and look-alikes.
const LEFT_OUT: [&str; 3] = [" ", "-", "."];
const LOOK_ALIKE: [(&str, &str); 6] = [
    ("O", "0"),
    ("I", "1"),
    ("L", "1"),
    ("S", "5"),
    ("B", "8"),
    ("Z", "2"),
];

/// The key of a code by its look: `IC1O1` and `IC-101` are both `1C101`.
pub(super) fn key(code: &str) -> String {
    let mut key = code.to_uppercase();
    for text in LEFT_OUT {
        key = key.replace(text, "");
    }
    for (from, to) in LOOK_ALIKE {
        key = key.replace(from, to);
    }
    key
}

pub(super) fn key_formula(text: &str) -> String {
    let pairs = LEFT_OUT
        .map(|text| (text, ""))
        .into_iter()
        .chain(LOOK_ALIKE);
    pairs.fold(format!("UPPER({text})"), |formula, (from, to)| {
        format!("SUBSTITUTE({formula},\"{from}\",\"{to}\")")
    })
}

/// The serial number of a day.
pub(super) fn serial(day: NaiveDate) -> i64 {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    day.signed_duration_since(zero).num_days()
}

/// The day of a text. A spreadsheet does not read one with points between the numbers.
pub(super) fn day_of(text: &str) -> String {
    format!("DATEVALUE(SUBSTITUTE({text},\".\",\"/\"))")
}

const DIGITS: &str = "\"0123456789\"";

/// One to four digits: the checks restore lost leading zeros.
pub(super) fn not_four_digits(text: &str) -> String {
    format!(
        "NOT(AND(LEN({text})>0,LEN({text})<=4,SUMPRODUCT(--ISNUMBER(FIND(MID({text}&\"0000\",{{1,2,3,4}},1),{DIGITS})))=4))"
    )
}

pub(super) fn not_ten_digits(text: &str) -> String {
    format!(
        "NOT(AND(LEN({text})=10,SUMPRODUCT(--ISNUMBER(FIND(MID({text}&\"0000000000\",{{1,2,3,4,5,6,7,8,9,10}},1),{DIGITS})))=10))"
    )
}

/// Not empty, and not a whole number of the range written plainly. A text in a formula has at most 255 characters, so only a short range
/// is listed.
pub(super) fn not_whole(text: &str, range: &RangeInclusive<u16>) -> String {
    let fails = if range.len() <= LISTED_NUMBERS_MAX {
        let numbers: Vec<String> = range.clone().map(|number| number.to_string()).collect();
        format!(
            "ISERROR(FIND(\"|\"&{text}&\"|\",\"|{}|\"))",
            numbers.join("|")
        )
    } else {
        let (least, most) = (range.start(), range.end());
        format!(
            "IFERROR(OR(TEXT(VALUE({text}),\"0\")<>{text},VALUE({text})<{least},VALUE({text})>{most}),TRUE)"
        )
    };
    format!("AND({text}<>\"\",{fails})")
}

/// Zeros that rounding leaves, one digit only, or digits that were counted.
pub(super) fn made_up(text: &str) -> String {
    format!(
        "AND(LEN({text})=10,OR(RIGHT({text},5)=\"00000\",{text}=REPT(LEFT({text},1),10),{text}=\"1234567890\",{text}=\"0123456789\"))"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_by_what_it_looks_like() {
        for typed in ["IC101", "IC1O1", "ic-101", "IC 101", "ICl01", "IC101."] {
            assert_eq!(key(typed), "1C101", "{typed}");
        }
        assert_ne!(key("IC102"), key("IC101"));
    }

    #[test]
    fn a_formula_lists_the_numbers_of_a_short_range_and_compares_with_the_ends_of_a_long_one() {
        assert_eq!(
            not_whole("A1", &(1..=5)),
            "AND(A1<>\"\",ISERROR(FIND(\"|\"&A1&\"|\",\"|1|2|3|4|5|\")))"
        );
        assert_eq!(
            not_whole("A1", &(0..=9_999)),
            "AND(A1<>\"\",IFERROR(OR(TEXT(VALUE(A1),\"0\")<>A1,VALUE(A1)<0,VALUE(A1)>9999),TRUE))"
        );
    }

    #[test]
    fn the_days_of_a_spreadsheet_are_counted_from_1899() {
        // 2023-07-01 is 45108 in Excel.
        assert_eq!(serial(NaiveDate::from_ymd_opt(2023, 7, 1).unwrap()), 45108);
    }
}
