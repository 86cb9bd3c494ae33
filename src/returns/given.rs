//! The value of a submitted cell with its type, as a copy of the row writes it.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use rust_xlsxwriter::{Color, Format};

use crate::intake::cells::CellKind;
use crate::intake::looks::CellLook;
use crate::sheets::cell::Value;

/// The type of a value, for the format of its cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Empty,
    Text,
    Number,
    Date,
    Moment,
    Time,
    /// A number with a date format that is neither a day nor a time.
    NoDay,
    Boolean,
}

impl Shape {
    /// The number format of a value: its owner's, except for texts, to keep their zeros, and for dates without one.
    pub(super) fn number_format(self, own: Option<&CellLook>) -> &str {
        let own = own.and_then(|look| look.number_format.as_deref());
        match self {
            // As a date such a number shows only hashes.
            Shape::Empty | Shape::Text | Shape::NoDay => self.usual_format(),
            _ => own.unwrap_or(self.usual_format()),
        }
    }

    const fn usual_format(self) -> &'static str {
        match self {
            // A code typed into a text cell later keeps its zeros.
            Shape::Text => "@",
            Shape::Date => "m/d/yyyy",
            Shape::Moment => "m/d/yyyy hh:mm:ss",
            Shape::Time => "hh:mm:ss",
            Shape::Empty | Shape::Number | Shape::NoDay | Shape::Boolean => "General",
        }
    }
}

/// The part of a cell's look that a copy keeps, without the number format.
pub(super) fn dressed(mut format: Format, own: &CellLook) -> Format {
    if own.bold {
        format = format.set_bold();
    }
    if let Some(fill) = own.fill {
        format = format.set_background_color(Color::RGB(fill));
    }
    if let Some(ink) = own.ink {
        format = format.set_font_color(Color::RGB(ink));
    }
    format
}

/// A value of a row.
pub(super) struct Given<'v> {
    pub(super) column: u16,
    pub(super) text: &'v str,
    pub(super) kind: CellKind,
}

/// A value with its type. A value that a spreadsheet cannot hold stays text.
pub(super) fn restored<'v>(value: &Given<'v>) -> (Shape, Value<'v>) {
    let trimmed = value.text.trim();
    let restored = match value.kind {
        // The text is the shortest of this very double, so it becomes the same double again.
        CellKind::Number => trimmed
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| (Shape::Number, Value::Double(number))),
        CellKind::Time => trimmed
            .parse::<f64>()
            .ok()
            .map(|number| (shape_of_time(number), Value::Double(number))),
        CellKind::Date => moment(trimmed).map(|(moment, shape)| (shape, Value::Moment(moment))),
        CellKind::Boolean => match trimmed {
            "TRUE" => Some((Shape::Boolean, Value::Truth(true))),
            "FALSE" => Some((Shape::Boolean, Value::Truth(false))),
            _ => None,
        },
        CellKind::Text | CellKind::Error | CellKind::Uncalculated => None,
    };
    restored.unwrap_or((Shape::Text, Value::Text(value.text)))
}

/// A part of a day is shown as its time; for other values that are not days a date format shows only hashes.
fn shape_of_time(number: f64) -> Shape {
    if (0.0..1.0).contains(&number) {
        Shape::Time
    } else {
        Shape::NoDay
    }
}

/// A date of a spreadsheet, and whether it has a time of day; `None` where no cell of Excel can hold it.
fn moment(text: &str) -> Option<(NaiveDateTime, Shape)> {
    const EXCEL_YEARS: std::ops::RangeInclusive<i32> = 1900..=9999;
    let (moment, shape) = if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        (day.and_hms_opt(0, 0, 0)?, Shape::Date)
    } else {
        let patterns = [
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S",
            "%Y-%m-%dT%H:%M:%S%.f",
        ];
        (
            patterns
                .iter()
                .find_map(|pattern| NaiveDateTime::parse_from_str(text, pattern).ok())?,
            Shape::Moment,
        )
    };
    EXCEL_YEARS
        .contains(&moment.year())
        .then_some((moment, shape))
}
