//! What a cell holds, and how it is put into a sheet. Texts of the input stay texts: nothing here can become a formula.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Formula, Url, Worksheet, XlsxError};

use super::look::{Look, RowFormats, Tone};
use crate::catalogue::Severity;
use crate::decision::Outcome;
use crate::money::Money;

/// The longest text that a cell of Excel holds, in UTF-16 units.
const TEXT_UNITS_MAX: usize = 32_767;
/// Stands at the end of a text that was cut.
const CUT_MARK: &str = " … [cut: longer than a cell of Excel]";

/// The content of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A code, an id or a name: text on one line.
    Text(Cow<'a, str>),
    /// Words that wrap.
    Words(Cow<'a, str>),
    /// A text on the right, such as the digits of a quotient.
    Digits(Cow<'a, str>),
    /// How many.
    Count(u64),
    /// A number that is not counted, such as a row's.
    Number(u32),
    /// Dollars and cents.
    Money(Money),
    /// Dollars and cents where a unit gets them; nothing is shown where there are none.
    Rate(Money),
    /// Dollars by hundredths of a unit, to more places than a cent; only shown.
    Quotient(Money, u64),
    /// Hundredths of a unit.
    Weight(u64),
    /// The same of a row; nothing is shown for a row that is no unit.
    UnitWeight(u64),
    /// A part of a whole, in percent; empty where the whole is nothing.
    Percent(u64, u64),
    /// A day.
    Date(NaiveDate),
    /// Where a row ended, in its colour.
    Outcome(Outcome),
    /// How grave a finding is, in its colour.
    Severity(Severity),
    /// The name of another sheet, as a link to it.
    Sheet(&'a str),
    /// A cell of another sheet, as a link to it: sheet and address.
    Place(&'a str, String),
    /// A formula.
    Live(Box<Live<'a>>),
    /// A parameter that formulas take from this cell, so that a change of it shows its effect.
    Input(Box<Cell<'a>>),
}

/// A formula with the value that this program calculated: what the cell shows until a spreadsheet calculates it again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Live<'a> {
    expression: String,
    result: Cell<'a>,
}

impl<'a> Cell<'a> {
    /// A text on one line.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Text(text.into())
    }

    /// Words that wrap.
    pub(super) fn words(words: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Words(words.into())
    }

    /// How many things a collection has.
    pub(super) fn count(count: usize) -> Cell<'a> {
        Cell::Count(count as u64)
    }

    /// A day if there is one, or else the text as it was found.
    pub(super) fn date_or(date: Option<NaiveDate>, found: impl Into<Cow<'a, str>>) -> Cell<'a> {
        date.map_or_else(|| Cell::text(found), Cell::Date)
    }

    /// The same value as the result of a formula, where there is one.
    pub(super) fn by(self, expression: Option<String>) -> Cell<'a> {
        match expression {
            Some(expression) => Cell::Live(Box::new(Live { expression, result: self })),
            None => self,
        }
    }

    /// The value as a formula's result is written, and its format. None for what no formula here can give: words, dates, links; and
    /// a text of digits, which the writer would store as a number.
    fn result<'f>(&'f self, formats: &'f RowFormats) -> Option<(Cow<'f, str>, &'f Format)> {
        let text = |text: &'f str| text.parse::<f64>().is_err().then_some(Cow::Borrowed(text));
        Some(match self {
            Cell::Text(word) => (text(word)?, &formats.text),
            Cell::Digits(word) => (text(word)?, &formats.digits),
            Cell::Count(count) => (count.to_string().into(), &formats.count),
            Cell::Number(number) => (number.to_string().into(), &formats.number),
            // Exact in cents; no binary fraction on the way.
            Cell::Money(money) => (money.to_string().into(), &formats.money),
            Cell::Rate(money) => (money.to_string().into(), &formats.rate),
            Cell::Quotient(money, weight) => (quotient(*money, *weight).to_string().into(), &formats.quotient),
            Cell::Weight(hundredths) => (hundredths_text(*hundredths).into(), &formats.weight),
            Cell::UnitWeight(hundredths) => (hundredths_text(*hundredths).into(), &formats.unit_weight),
            Cell::Percent(part, whole) => (ratio(*part, *whole).to_string().into(), &formats.percent),
            _ => return None,
        })
    }

    /// Puts the cell into a sheet.
    pub(super) fn put(&self, sheet: &mut Worksheet, row: u32, column: u16, look: &Look, tone: Tone) -> Result<(), XlsxError> {
        self.put_in(sheet, row, column, look, look.tone(tone))
    }

    fn put_in(&self, sheet: &mut Worksheet, row: u32, column: u16, look: &Look, formats: &RowFormats) -> Result<(), XlsxError> {
        match self {
            Cell::Empty => sheet.write_blank(row, column, &formats.text)?,
            Cell::Text(text) => sheet.write_string_with_format(row, column, fitting(text), &formats.text)?,
            Cell::Words(words) => sheet.write_string_with_format(row, column, fitting(words), &formats.words)?,
            Cell::Digits(digits) => sheet.write_string_with_format(row, column, fitting(digits), &formats.digits)?,
            Cell::Count(count) => sheet.write_number_with_format(row, column, number(*count), &formats.count)?,
            Cell::Number(number) => sheet.write_number_with_format(row, column, *number, &formats.number)?,
            Cell::Money(money) => sheet.write_number_with_format(row, column, dollars(*money), &formats.money)?,
            Cell::Rate(money) => sheet.write_number_with_format(row, column, dollars(*money), &formats.rate)?,
            Cell::Quotient(money, weight) => sheet.write_number_with_format(row, column, quotient(*money, *weight), &formats.quotient)?,
            Cell::Weight(hundredths) => sheet.write_number_with_format(row, column, number(*hundredths) / 100.0, &formats.weight)?,
            Cell::UnitWeight(hundredths) => {
                sheet.write_number_with_format(row, column, number(*hundredths) / 100.0, &formats.unit_weight)?
            }
            Cell::Percent(_, 0) => sheet.write_blank(row, column, &formats.percent)?,
            Cell::Percent(part, whole) => sheet.write_number_with_format(row, column, ratio(*part, *whole), &formats.percent)?,
            Cell::Date(date) => sheet.write_datetime_with_format(row, column, date, &formats.date)?,
            Cell::Outcome(outcome) => sheet.write_string_with_format(row, column, outcome.label(), look.outcome(*outcome))?,
            Cell::Severity(severity) => sheet.write_string_with_format(row, column, severity_label(*severity), look.severity(*severity))?,
            Cell::Sheet(name) => {
                let link = Url::new(format!("internal:'{name}'!A1")).set_text(*name);
                sheet.write_url_with_format(row, column, link, &look.link)?
            }
            Cell::Place(name, address) => {
                let link = Url::new(format!("internal:'{}'!{address}", name.replace('\'', "''"))).set_text(address);
                sheet.write_url_with_format(row, column, link, &look.link)?
            }
            Cell::Live(live) => match live.result.result(formats) {
                Some((result, format)) => {
                    let formula = Formula::new(&live.expression).set_result(result);
                    sheet.write_formula_with_format(row, column, formula, format)?
                }
                None => return live.result.put_in(sheet, row, column, look, formats),
            },
            Cell::Input(value) => return value.put_in(sheet, row, column, look, look.inputs()),
        };
        Ok(())
    }
}

/// Dollars as Excel holds them: the only place where an amount becomes a binary fraction, and only to be shown. Cents below 2^53
/// are exact as a double and the division rounds correctly, so the cell is the double nearest to the amount.
#[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 cents (MONEY_MAX_CENTS)")]
pub(super) fn dollars(money: Money) -> f64 {
    money.cents() as f64 / 100.0
}

/// A count as Excel holds it.
#[expect(clippy::cast_precision_loss, reason = "counts and weights of a batch stay far below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}

/// A part of a whole; nothing of nothing.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

/// Dollars by weight; nothing where nothing is weighed.
fn quotient(money: Money, hundredths: u64) -> f64 {
    if hundredths == 0 { 0.0 } else { dollars(money) / (number(hundredths) / 100.0) }
}

/// `1.20`
fn hundredths_text(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// How grave a finding is, in one word for people.
pub(super) fn severity_label(severity: Severity) -> &'static str {
    match severity {
        Severity::Refused => "Refused",
        Severity::Rejected => "Rejected",
        Severity::NotQualified => "Not qualified",
        Severity::Held => "Held",
        Severity::Warning => "Warning",
    }
}

/// The text, cut with a mark if a cell cannot hold it.
pub(super) fn fitting(text: &str) -> Cow<'_, str> {
    // A character has at least as many bytes as UTF-16 units.
    if text.len() <= TEXT_UNITS_MAX || text.encode_utf16().count() <= TEXT_UNITS_MAX {
        return Cow::Borrowed(text);
    }
    let mut left = TEXT_UNITS_MAX - CUT_MARK.encode_utf16().count();
    let fits = |c: &char| {
        let room = left >= c.len_utf16();
        left = left.saturating_sub(c.len_utf16());
        room
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push_str(CUT_MARK);
    Cow::Owned(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_the_nearest_double() {
        for (cents, expected) in [(1, 0.01), (950_000_000, 9_500_000.0), (434_665_873, 4_346_658.73), (-5, -0.05)] {
            assert!(dollars(Money::from_cents(cents)).to_bits() == f64::to_bits(expected), "{cents}");
        }
    }

    #[test]
    fn a_text_that_no_cell_holds_is_cut_with_a_mark() {
        let exact = "a".repeat(TEXT_UNITS_MAX);
        assert_eq!(fitting(&exact), exact);
        // Two units each: the count of characters alone would let them pass.
        for long in [format!("{exact}b"), "\u{1f393}".repeat(TEXT_UNITS_MAX / 2 + 1)] {
            let cut = fitting(&long);
            assert!(cut.ends_with(CUT_MARK) && cut.encode_utf16().count() <= TEXT_UNITS_MAX);
        }
    }
}
