//! Real dollars by a price index that the user gives. None is built in, because each office chooses its own index and edition.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::intake::lists::table::{Faults, List, list_columns};
use crate::money::Money;
use crate::stop::Stop;
use crate::year::Year;

list_columns!(IndexColumn {
    BudgetYear: required "budget_year" "Budget Year";
    Index: required "index" "Index";
});

/// Decimals of an index: official indexes have three.
const DECIMALS: u32 = 6;
/// The largest index, so that an amount times an index stays far below 2^127.
const INDEX_MAX: i64 = 1_000_000_000;

/// A price index by budget year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The file's name.
    pub file: String,
    /// Hexadecimal.
    pub sha256: String,
    by_year: BTreeMap<Year, Decimal>,
}

impl Index {
    /// The index of a year.
    #[must_use]
    pub fn of(&self, year: Year) -> Option<Decimal> {
        self.by_year.get(&year).copied()
    }

    /// An amount of a year in dollars of another, rounded to the cent, half a cent away from zero.
    #[must_use]
    pub fn real(&self, amount: Money, year: Year, base: Year) -> Option<Money> {
        let scaled = |index: Decimal| {
            let mut index = index;
            index.rescale(DECIMALS);
            index.mantissa()
        };
        let (of, to) = (scaled(self.of(year)?), scaled(self.of(base)?));
        let product = i128::from(amount.cents()) * to;
        let rounded = (product * 2 + product.signum() * of) / (of * 2);
        i64::try_from(rounded).ok().map(Money::from_cents)
    }
}

/// Reads an index with the columns Budget Year and Index.
///
/// # Errors
/// All its faults at once: an unreadable year or index, a duplicate year, a missing year.
pub fn read_index(file: &str, bytes: &[u8], years: &[Year]) -> Result<Index, Stop> {
    let list: List<'_, IndexColumn> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let mut by_year: BTreeMap<Year, Decimal> = BTreeMap::new();
    let mut first: BTreeMap<Year, usize> = BTreeMap::new();
    for (position, row) in list.rows().iter().enumerate() {
        let text = row.text(IndexColumn::BudgetYear);
        let year = Year::parse_loosely(text);
        if year.is_none() {
            list.fault(
                &mut faults,
                (row, IndexColumn::BudgetYear),
                format!("\"{text}\" is not a budget year"),
                "write a year such as 2024-25",
            );
        }
        let text = row.text(IndexColumn::Index);
        let index = index_of(text);
        if let Err(why) = index {
            list.fault(
                &mut faults,
                (row, IndexColumn::Index),
                format!("\"{text}\" {why}"),
                "write the index as a number such as 305.349",
            );
        }
        let (Some(year), Ok(index)) = (year, index) else {
            continue;
        };
        if let Some(earlier) = first.insert(year, position) {
            list.contradiction(
                &mut faults,
                (&list.rows()[earlier], row),
                IndexColumn::BudgetYear,
                format!("budget year {year} is listed twice"),
                "remove one of the two lines",
            );
        }
        by_year.insert(year, index);
    }
    faults.or(())?;
    let lacking: Vec<String> = years
        .iter()
        .filter(|year| !by_year.contains_key(year))
        .map(ToString::to_string)
        .collect();
    if lacking.is_empty() {
        return Ok(Index {
            file: file.to_string(),
            sha256: crate::hash::sha256_hex(bytes),
            by_year,
        });
    }
    Err(Stop::usage(
        format!(
            "the price index has no line for {}",
            crate::words::listed(lacking.iter().map(String::as_str))
        ),
        file,
        "add a line for every budget year of the reports",
    ))
}

fn index_of(text: &str) -> Result<Decimal, &'static str> {
    let index: Decimal = text.parse().map_err(|_| "is not a number")?;
    if index <= Decimal::ZERO {
        return Err("is not above zero");
    }
    if index > Decimal::from(INDEX_MAX) {
        return Err("is larger than an index can be");
    }
    if index.normalize().scale() > DECIMALS {
        return Err("has more than six decimals");
    }
    Ok(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(text: &str) -> Year {
        Year::parse(text).unwrap()
    }

    #[test]
    fn real_dollars_are_the_amount_times_the_ratio_of_the_indexes() {
        let csv = "Budget Year,Index\n2022-23,292.655\n2023-24,304.702\n";
        let years = [year("2022-23"), year("2023-24")];
        let index = read_index("cpi.csv", csv.as_bytes(), &years).unwrap();
        let real = |cents, of| {
            let real = index.real(Money::from_cents(cents), year(of), year("2023-24"));
            real.unwrap().to_string()
        };
        // 1,000.00 x 304.702 / 292.655 = 1,041.164511...
        assert_eq!(real(100_000, "2022-23"), "1041.16");
        assert_eq!(real(-100_000, "2022-23"), "-1041.16");
        assert_eq!(real(100_000, "2023-24"), "1000.00");
    }

    #[test]
    fn everything_that_is_wrong_with_an_index_is_told_at_once() {
        let csv = "Budget Year,Index\n2022,100\n2023-24,0\n2024-25,abc\n2021-22,1\n2021-22,2\n";
        let stop = read_index("cpi.csv", csv.as_bytes(), &[]).unwrap_err();
        let said = stop.to_string();
        for message in [
            "\"2022\" is not a budget year",
            "\"0\" is not above zero",
            "\"abc\" is not a number",
            "budget year 2021-22 is listed twice",
        ] {
            assert!(said.contains(message), "{message}: {said}");
        }
    }

    #[test]
    fn a_year_of_the_reports_without_an_index_is_named() {
        let csv = "Budget Year,Index\n2022-23,100\n";
        let years = [year("2021-22"), year("2022-23"), year("2023-24")];
        let stop = read_index("cpi.csv", csv.as_bytes(), &years).unwrap_err();
        assert_eq!(
            stop.message,
            "the price index has no line for 2021-22 and 2023-24"
        );
    }
}
