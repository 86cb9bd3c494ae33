//! School and budget years, written `2023-24`.

use std::fmt;

use chrono::NaiveDate;

/// A year from 1 July to 30 June, written `2023-24`: a school year (of completions) or a budget year (of money).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Year {
    /// The calendar year in which it begins.
    first: u16,
}

impl Year {
    /// The year that begins on 1 July of `first`, 1900 to 2998 (the dates that a spreadsheet can hold).
    #[must_use]
    pub const fn beginning(first: u16) -> Option<Year> {
        if first >= 1900 && first < 2999 {
            Some(Year { first })
        } else {
            None
        }
    }

    /// Reads exactly `2023-24`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Year> {
        let (first, last) = text.split_once('-')?;
        if first.len() != 4 || last.len() != 2 {
            return None;
        }
        Self::from_parts(first, last)
    }

    /// Reads the forms met in spreadsheets: `2023-24`, `2023-2024`, `2023/24`, `20232024`.
    #[must_use]
    pub fn parse_loosely(text: &str) -> Option<Year> {
        let digits: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | '/' | '\u{2013}' | ' '))
            .collect();
        match (digits.get(..4), digits.get(4..)) {
            (Some(first), Some(last)) if last.len() == 2 => Self::from_parts(first, last),
            (Some(first), Some(last)) if last.len() == 4 && last.get(..2) >= first.get(..2) => {
                Self::from_parts(first, last.get(2..)?)
            }
            _ => None,
        }
    }

    fn from_parts(first: &str, last: &str) -> Option<Year> {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !digits(first) || !digits(last) {
            return None;
        }
        let year = Year::beginning(first.parse().ok()?)?;
        ((year.first + 1) % 100 == last.parse::<u16>().ok()?).then_some(year)
    }

    /// The year before.
    #[must_use]
    pub fn before(self) -> Year {
        Year {
            first: self.first - 1,
        }
    }

    /// The year that a day is in, if a spreadsheet can hold it.
    #[must_use]
    pub fn of(date: NaiveDate) -> Option<Year> {
        use chrono::Datelike;
        let begins = if date.month() >= 7 {
            date.year()
        } else {
            date.year() - 1
        };
        Year::beginning(u16::try_from(begins).ok()?)
    }

    /// The first of July.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(self.first), 7, 1).unwrap_or_default()
    }

    /// The thirtieth of June.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(self.first) + 1, 6, 30).unwrap_or_default()
    }

    /// 1 July to 30 June, both inclusive.
    #[must_use]
    pub fn contains(self, date: NaiveDate) -> bool {
        Year::of(date) == Some(self)
    }

    /// The first day that no file of this school year can report yet, because it is more than a year after it.
    #[must_use]
    pub fn first_day_to_come(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(self.first) + 2, 7, 1).unwrap_or_default()
    }

    /// The calendar year in which it begins.
    #[must_use]
    pub fn first(self) -> u16 {
        self.first
    }
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.first, (self.first + 1) % 100)
    }
}

impl serde::Serialize for Year {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Year {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Year, D::Error> {
        let text = String::deserialize(deserializer)?;
        Year::parse(&text).ok_or_else(|| serde::de::Error::custom("write a year as 2023-24"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_runs_from_the_first_of_july_to_the_thirtieth_of_june() {
        let year = Year::parse("2023-24").unwrap();
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(year.first_day(), day(2023, 7, 1));
        assert_eq!(year.last_day(), day(2024, 6, 30));
        assert!(year.contains(year.first_day()) && year.contains(year.last_day()));
        assert!(!year.contains(day(2023, 6, 30)) && !year.contains(day(2024, 7, 1)));
        assert_eq!(year.first_day_to_come(), day(2025, 7, 1));
        assert_eq!(year.to_string(), "2023-24");
        assert_eq!(Year::parse("1999-00").unwrap().to_string(), "1999-00");
    }

    #[test]
    fn a_year_whose_halves_do_not_follow_is_no_year() {
        for text in [
            "2023-25",
            "2023",
            "23-24",
            "2023-2024",
            "abcd-ef",
            "",
            "2023-24 ",
            "+023-24",
        ] {
            assert_eq!(Year::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_forms_of_a_school_year_in_spreadsheets_are_understood() {
        for text in [
            "2023-24",
            "2023-2024",
            "2023/24",
            "2023 - 2024",
            "20232024",
            "2023\u{2013}24",
        ] {
            assert_eq!(Year::parse_loosely(text), Year::beginning(2023), "{text}");
        }
        for text in [
            "2024",
            "2023-25",
            "school year",
            "",
            "202324x",
            "20\u{e9}324",
        ] {
            assert_eq!(Year::parse_loosely(text), None, "{text}");
        }
    }
}
