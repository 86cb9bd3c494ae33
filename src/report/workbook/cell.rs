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

    /// The value as a formula's result is written. None for what no formula here can give: words, dates, links; and a text of digits,
    /// which the writer would store as a number.
    fn result(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Cell::Text(word) | Cell::Digits(word) => word.parse::<f64>().is_err().then_some(Cow::Borrowed(&**word))?,
            Cell::Count(count) => count.to_string().into(),
            Cell::Number(number) => number.to_string().into(),
            // Exact in cents; no binary fraction on the way.
            Cell::Money(money) | Cell::Rate(money) => money.to_string().into(),
            Cell::Quotient(money, weight) => quotient(*money, *weight).to_string().into(),
            Cell::Weight(hundredths) | Cell::UnitWeight(hundredths) => hundredths_text(*hundredths).into(),
            Cell::Percent(part, whole) => ratio(*part, *whole).to_string().into(),
            _ => return None,
        })
    }

    /// The cell's format among those of its row.
    pub(super) fn format<'f>(&self, look: &'f Look, formats: &'f RowFormats) -> &'f Format {
        match self {
            Cell::Empty | Cell::Text(_) => &formats.text,
            Cell::Words(_) => &formats.words,
            Cell::Digits(_) => &formats.digits,
            Cell::Count(_) => &formats.count,
            Cell::Number(_) => &formats.number,
            Cell::Money(_) => &formats.money,
            Cell::Rate(_) => &formats.rate,
            Cell::Quotient(..) => &formats.quotient,
            Cell::Weight(_) => &formats.weight,
            Cell::UnitWeight(_) => &formats.unit_weight,
            Cell::Percent(..) => &formats.percent,
            Cell::Date(_) => &formats.date,
            Cell::Outcome(outcome) => look.outcome(*outcome),
            Cell::Severity(severity) => look.severity(*severity),
            Cell::Sheet(_) | Cell::Place(..) => &look.link,
            Cell::Live(live) => live.result.format(look, formats),
            Cell::Input(value) => value.format(look, look.inputs()),
        }
    }

    /// Puts the cell into a sheet.
    pub(super) fn put(&self, sheet: &mut Worksheet, row: u32, column: u16, look: &Look, tone: Tone) -> Result<(), XlsxError> {
        self.put_in(sheet, (row, column), (look, look.tone(tone)), None)
    }

    /// Puts the cell into a sheet whose columns may lend a format to cells without one (`Page::lend`).
    pub(super) fn put_lent(
        &self,
        sheet: &mut Worksheet,
        place: (u32, u16),
        (look, tone): (&Look, Tone),
        lent: Option<&Format>,
    ) -> Result<(), XlsxError> {
        self.put_in(sheet, place, (look, look.tone(tone)), lent)
    }

    fn put_in(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        (look, formats): (&Look, &RowFormats),
        lent: Option<&Format>,
    ) -> Result<(), XlsxError> {
        let format = self.format(look, formats);
        let is_lent = lent.is_some_and(|lent| std::ptr::eq(lent, format));
        // A cell without content has a border only if it has a format of its own.
        let mut text = |text: &str| match is_lent && !text.is_empty() {
            true => sheet.write_string(row, column, fitting(text)).map(|_| ()),
            false => sheet.write_string_with_format(row, column, fitting(text), format).map(|_| ()),
        };
        let value = match self {
            Cell::Text(words) | Cell::Words(words) | Cell::Digits(words) => return text(words),
            Cell::Outcome(outcome) => return text(outcome.label()),
            Cell::Severity(severity) => return text(severity_label(*severity)),
            Cell::Count(count) => number(*count),
            Cell::Number(number) => f64::from(*number),
            Cell::Money(money) | Cell::Rate(money) => dollars(*money),
            Cell::Quotient(money, weight) => quotient(*money, *weight),
            Cell::Weight(hundredths) | Cell::UnitWeight(hundredths) => number(*hundredths) / 100.0,
            Cell::Percent(part, whole) if *whole > 0 => ratio(*part, *whole),
            Cell::Empty | Cell::Percent(..) => return sheet.write_blank(row, column, format).map(|_| ()),
            Cell::Date(date) if is_lent => return sheet.write_datetime(row, column, date).map(|_| ()),
            Cell::Date(date) => return sheet.write_datetime_with_format(row, column, date, format).map(|_| ()),
            Cell::Sheet(name) => {
                let link = Url::new(format!("internal:'{name}'!A1")).set_text(*name);
                return sheet.write_url_with_format(row, column, link, format).map(|_| ());
            }
            Cell::Place(name, address) => {
                let link = Url::new(format!("internal:'{}'!{address}", name.replace('\'', "''"))).set_text(address);
                return sheet.write_url_with_format(row, column, link, format).map(|_| ());
            }
            Cell::Live(live) => {
                let Some(result) = live.result.result() else {
                    return live.result.put_in(sheet, (row, column), (look, formats), lent);
                };
                let formula = Formula::new(&live.expression).set_result(result);
                return match is_lent {
                    true => sheet.write_formula(row, column, formula).map(|_| ()),
                    false => sheet.write_formula_with_format(row, column, formula, format).map(|_| ()),
                };
            }
            Cell::Input(value) => return value.put_in(sheet, (row, column), (look, look.inputs()), lent),
        };
        match is_lent {
            true => sheet.write_number(row, column, value)?,
            false => sheet.write_number_with_format(row, column, value, format)?,
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
