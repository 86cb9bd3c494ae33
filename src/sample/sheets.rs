//! Sheets before a file format is chosen.

use std::borrow::Cow;

use chrono::NaiveDate;

/// One cell, as the person who fills in the sheet means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Empty,
    Text(Cow<'static, str>),
    /// A plain number: `0880` typed by hand becomes 880.
    Number(u64),
    /// A number shown with four digits: looks like `0880`, is 880.
    Code(u64),
    Date(NaiveDate),
}

impl Cell {
    pub(super) fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Four digits as text.
    pub(super) fn four_digits(code: u16) -> Self {
        Self::text(format!("{code:04}"))
    }

    /// The cell as a spreadsheet program saves it to a text file, with US dates.
    pub(super) fn displayed(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Code(code) => Cow::Owned(format!("{code:04}")),
            Self::Date(date) => Cow::Owned(date.format("%-m/%-d/%Y").to_string()),
        }
    }
}

/// One sheet. Its rows are made while it is written, so that a long sheet is never in memory as cells.
pub(super) struct Sheet<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) hidden: bool,
    /// Physical rows, titles and headings included.
    pub(super) height: usize,
    /// Columns of the widest row; in text files shorter rows are padded, as spreadsheet programs do.
    pub(super) width: usize,
    pub(super) rows: Box<dyn Iterator<Item = Vec<Cell>> + 'a>,
}

impl Sheet<'_> {
    /// A short sheet from finished rows.
    pub(super) fn of(name: &'static str, rows: Vec<Vec<Cell>>) -> Self {
        Sheet {
            name: Cow::Borrowed(name),
            hidden: false,
            height: rows.len(),
            width: rows.iter().map(Vec::len).max().unwrap_or(0),
            rows: Box::new(rows.into_iter()),
        }
    }
}
