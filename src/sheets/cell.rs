//! The content of a cell, and how it is written. Texts of the input stay texts: nothing here can become a formula.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime};
use rust_xlsxwriter::{Format, Formula, Url, Worksheet, XlsxError};

use super::look::{Kind, Look, Shade, Tone};
use super::spliced::Spliced;
use crate::money::Money;

/// The longest text that a cell of Excel holds, in UTF-16 units.
const TEXT_UNITS_MAX: usize = 32_767;
/// Ends a text that was cut.
const CUT_MARK: &str = " … [cut: longer than a cell of Excel]";

/// The result of a formula whose figure is not known yet: an empty result would be stored as 0.
pub(crate) const OPEN: &str = "open";

/// The content of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
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
    /// How many more, or fewer below zero.
    Difference(i64),
    /// A number that is not a count, such as a row's.
    Number(u32),
    /// Dollars and cents.
    Money(Money),
    /// A unit's dollars and cents; zero is not shown.
    Rate(Money),
    /// Dollars by hundredths of a unit, with more digits than cents; only for show.
    Quotient(Money, u64),
    /// Hundredths of a unit.
    Weight(u64),
    /// A row's weight; zero is not shown.
    UnitWeight(u64),
    /// A part of a whole, in percent; empty if the whole is zero.
    Percent(u64, u64),
    /// The same of a part that can be below zero, such as a change.
    Ratio(i64, u64),
    /// A day.
    Date(NaiveDate),
    /// A word of a fixed set, in its shade.
    Word(&'static str, Shade),
    /// The name of another sheet, as a link to it.
    Sheet(&'a str),
    /// A cell of another sheet, as a link to it: sheet and address.
    Place(&'a str, String),
    /// A formula.
    Live(Box<Live<'a>>),
    /// A parameter that formulas read, so that changing it shows the effect.
    Input(Box<Cell<'a>>),
    /// Empty, in the format of a kind; as the result of a formula, [`OPEN`].
    Blank(Kind),
}

/// A formula with the value that this program calculated, which is shown until a spreadsheet recalculates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live<'a> {
    expression: String,
    result: Cell<'a>,
}

impl<'a> Cell<'a> {
    /// A text on one line.
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Text(text.into())
    }

    /// Words that wrap.
    pub(crate) fn words(words: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Words(words.into())
    }

    /// A count from a length.
    pub(crate) fn count(count: usize) -> Cell<'a> {
        Cell::Count(count as u64)
    }

    /// A day, or else the text as found.
    pub(crate) fn date_or(date: Option<NaiveDate>, found: impl Into<Cow<'a, str>>) -> Cell<'a> {
        date.map_or_else(|| Cell::text(found), Cell::Date)
    }

    /// The value as the result of a formula, if there is one.
    pub(crate) fn by(self, expression: Option<String>) -> Cell<'a> {
        match expression {
            Some(expression) => Cell::Live(Box::new(Live {
                expression,
                result: self,
            })),
            None => self,
        }
    }

    /// The value as written for a formula's result. None for what a formula here cannot give: words, dates, links, and a text of
    /// digits, which the writer would store as a number.
    fn result(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Cell::Text(word) | Cell::Digits(word) => word
                .parse::<f64>()
                .is_err()
                .then_some(Cow::Borrowed(&**word))?,
            Cell::Count(count) => count.to_string().into(),
            Cell::Difference(difference) => difference.to_string().into(),
            Cell::Number(number) => number.to_string().into(),
            // Exact in cents; no binary fraction on the way.
            Cell::Money(money) | Cell::Rate(money) => money.to_string().into(),
            Cell::Quotient(money, weight) => quotient(*money, *weight).to_string().into(),
            Cell::Weight(hundredths) | Cell::UnitWeight(hundredths) => {
                hundredths_text(*hundredths).into()
            }
            Cell::Percent(part, whole) => ratio(*part, *whole).to_string().into(),
            Cell::Ratio(part, whole) => signed_ratio(*part, *whole).to_string().into(),
            Cell::Blank(_) => OPEN.into(),
            _ => return None,
        })
    }

    /// What to write; nothing for a link, which is more than a value.
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Cell::Empty
            | Cell::Blank(_)
            | Cell::Percent(_, 0)
            | Cell::Ratio(_, 0)
            | Cell::Sheet(_)
            | Cell::Place(..) => Value::Nothing,
            Cell::Text(text) | Cell::Words(text) | Cell::Digits(text) => Value::Text(text),
            Cell::Word(word, _) => Value::Text(word),
            Cell::Count(count) => Value::Whole(*count),
            Cell::Difference(difference) => Value::Hundredths(difference.saturating_mul(100)),
            Cell::Number(number) => Value::Whole((*number).into()),
            Cell::Money(money) | Cell::Rate(money) => Value::Hundredths(money.cents()),
            Cell::Weight(hundredths) | Cell::UnitWeight(hundredths) => {
                Value::Hundredths(i64::try_from(*hundredths).unwrap_or(i64::MAX))
            }
            Cell::Quotient(money, weight) => Value::Double(quotient(*money, *weight)),
            Cell::Percent(part, whole) => Value::Double(ratio(*part, *whole)),
            Cell::Ratio(part, whole) => Value::Double(signed_ratio(*part, *whole)),
            Cell::Date(date) => Value::Date(*date),
            Cell::Live(live) => match live.result.result() {
                Some(result) => Value::Formula(&live.expression, result),
                None => live.result.value(),
            },
            Cell::Input(value) => value.value(),
        }
    }

    /// Its kind, for its format, and whether it is an input cell.
    pub(crate) fn kind(&self) -> (Kind, bool) {
        let kind = match self {
            Cell::Empty | Cell::Text(_) => Kind::Text,
            Cell::Words(_) => Kind::Words,
            Cell::Digits(_) => Kind::Digits,
            Cell::Count(_) | Cell::Difference(_) => Kind::Count,
            Cell::Number(_) => Kind::Number,
            Cell::Money(_) => Kind::Money,
            Cell::Rate(_) => Kind::Rate,
            Cell::Quotient(..) => Kind::Quotient,
            Cell::Weight(_) => Kind::Weight,
            Cell::UnitWeight(_) => Kind::UnitWeight,
            Cell::Percent(..) | Cell::Ratio(..) => Kind::Percent,
            Cell::Date(_) => Kind::Date,
            Cell::Word(_, shade) => Kind::Word(*shade),
            Cell::Sheet(_) | Cell::Place(..) => Kind::Link,
            Cell::Live(live) => return live.result.kind(),
            Cell::Input(value) => return (value.kind().0, true),
            Cell::Blank(kind) => *kind,
        };
        (kind, false)
    }

    /// Puts the cell into a sheet.
    pub(crate) fn put(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        look: &Look,
        tone: Tone,
    ) -> Result<(), XlsxError> {
        let (kind, changeable) = self.kind();
        let format = look.format(kind, changeable, tone);
        match self.link() {
            Some((link, _)) => {
                sheet.write_url_with_format(row, column, link, format)?;
                Ok(())
            }
            None => put(sheet, row, column, &self.value(), format),
        }
    }

    /// Writes the cell into the current spliced row.
    pub(crate) fn splice(
        &self,
        (sheet, rows): (&mut Worksheet, &mut Spliced),
        column: u16,
        look: &Look,
        tone: Tone,
    ) -> Result<(), XlsxError> {
        let (kind, changeable) = self.kind();
        let numbered = look.numbered(kind, changeable, tone);
        let Some((link, shown)) = self.link() else {
            return rows.cell(sheet, column, numbered, &self.value());
        };
        sheet.write_url_with_format(rows.row(), column, link, numbered.format)?;
        rows.link(sheet, column, numbered, shown)
    }

    /// Where a link leads, and what it shows.
    fn link(&self) -> Option<(Url, &str)> {
        match self {
            Cell::Sheet(name) => {
                let quoted = name.replace('\'', "''");
                let link = Url::new(format!("internal:'{quoted}'!A1"));
                Some((link.set_text(*name), name))
            }
            Cell::Place(name, address) => {
                let name = name.replace('\'', "''");
                let link = Url::new(format!("internal:'{name}'!{address}"));
                Some((link.set_text(address), address))
            }
            _ => None,
        }
    }
}

/// Puts a value into a sheet.
pub(crate) fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Value<'_>,
    format: &Format,
) -> Result<(), XlsxError> {
    match value {
        Value::Nothing => sheet.write_blank(row, column, format)?,
        Value::Text(text) => sheet.write_string_with_format(row, column, fitting(text), format)?,
        Value::Whole(whole) => {
            sheet.write_number_with_format(row, column, number(*whole), format)?
        }
        Value::Hundredths(hundredths) => {
            sheet.write_number_with_format(row, column, of_hundredths(*hundredths), format)?
        }
        Value::Double(double) => sheet.write_number_with_format(row, column, *double, format)?,
        Value::Truth(truth) => sheet.write_boolean_with_format(row, column, *truth, format)?,
        Value::Date(date) => sheet.write_datetime_with_format(row, column, date, format)?,
        Value::Moment(moment) => sheet.write_datetime_with_format(row, column, moment, format)?,
        Value::Formula(expression, result) => sheet.write_formula_with_format(
            row,
            column,
            Formula::new(*expression).set_result(&**result),
            format,
        )?,
    };
    Ok(())
}

/// Puts a text or a formula into a sheet, without a format.
#[cfg(not(feature = "office"))]
pub(super) fn put_bare(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Value<'_>,
) -> Result<(), XlsxError> {
    match value {
        Value::Text(text) => sheet.write_string(row, column, fitting(text))?,
        Value::Formula(expression, result) => {
            sheet.write_formula(row, column, Formula::new(*expression).set_result(&**result))?
        }
        // Nothing else is written without a format.
        _ => sheet,
    };
    Ok(())
}

/// A value as written.
pub(crate) enum Value<'v> {
    /// Only the format.
    Nothing,
    /// A text, not yet cut to a cell's limit.
    Text(&'v str),
    /// A count or a number.
    Whole(u64),
    /// Cents, or hundredths of a unit.
    Hundredths(i64),
    /// A quotient, only for show; or a number of a submission as its spreadsheet held it.
    Double(f64),
    /// Yes or no, of a submission.
    Truth(bool),
    /// A day.
    Date(NaiveDate),
    /// A day with a time, of a submission.
    Moment(NaiveDateTime),
    /// A formula and its result as written.
    Formula(&'v str, Cow<'v, str>),
}

/// Dollars as Excel holds them: the only place where an amount becomes a binary fraction, and only for show. Cents below 2^53 are
/// exact as a double and the division rounds correctly, so the cell is the double nearest to the amount.
pub(crate) fn dollars(money: Money) -> f64 {
    of_hundredths(money.cents())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "amounts stay far below 2^53 cents (MONEY_MAX_CENTS), weights further"
)]
fn of_hundredths(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// A count as Excel holds it.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts and weights of a batch stay far below 2^53"
)]
fn number(count: u64) -> f64 {
    count as f64
}

/// A part of a whole; 0 of 0.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        number(part) / number(whole)
    }
}

fn signed_ratio(part: i64, whole: u64) -> f64 {
    let size = ratio(part.unsigned_abs(), whole);
    if part < 0 { -size } else { size }
}

/// Dollars by weight; 0 without weight.
fn quotient(money: Money, hundredths: u64) -> f64 {
    if hundredths == 0 {
        0.0
    } else {
        dollars(money) / (number(hundredths) / 100.0)
    }
}

/// `1.20`
fn hundredths_text(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The text, cut with a mark if a cell cannot hold it.
pub(crate) fn fitting(text: &str) -> Cow<'_, str> {
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
        for (cents, expected) in [
            (1, 0.01),
            (950_000_000, 9_500_000.0),
            (434_665_873, 4_346_658.73),
            (-5, -0.05),
        ] {
            assert!(
                dollars(Money::from_cents(cents)).to_bits() == f64::to_bits(expected),
                "{cents}"
            );
        }
    }

    #[test]
    fn a_link_leads_to_a_sheet_with_an_apostrophe_in_its_name() {
        for cell in [
            Cell::Sheet("0010 Joe's"),
            Cell::Place("0010 Joe's", "A1".to_string()),
        ] {
            let (link, _) = cell.link().unwrap();
            let link = format!("{link:?}");
            assert!(link.contains("'0010 Joe''s'!A1"), "{link}");
        }
    }

    #[test]
    fn a_text_that_no_cell_holds_is_cut_with_a_mark() {
        let exact = "a".repeat(TEXT_UNITS_MAX);
        assert_eq!(fitting(&exact), exact);
        // Two units each: the count of characters alone would let them pass.
        for long in [
            format!("{exact}b"),
            "\u{1f393}".repeat(TEXT_UNITS_MAX / 2 + 1),
        ] {
            let cut = fitting(&long);
            assert!(cut.ends_with(CUT_MARK) && cut.encode_utf16().count() <= TEXT_UNITS_MAX);
        }
    }
}
