//! How a sheet prints: on landscape Letter, in a readable size, with its standing at top and bottom.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::page::Stamp;

/// The last row of a sheet of Excel, from 0.
const LAST_ROW: u32 = 1_048_575;
/// The longest label in a printed header or footer, in characters: Excel allows 255 for the whole line.
const PRINTED_LABEL_CHARS_MAX: usize = 90;
/// Excel's number for Letter.
const LETTER: u8 = 1;
/// The width that landscape Letter leaves between the margins, in inches.
pub(super) const LETTER_INCHES: f64 = 11.0 - MARGINS;
/// The left and the right margin together, in inches.
const MARGINS: f64 = 0.8;
/// The height that landscape Letter leaves between the margins, in points.
pub(super) const LETTER_POINTS: f64 = (8.5 - 1.2) * 72.0;
/// The smallest printing scale, in percent: the default font then has 6.6 points, as in a footnote.
const SCALE_MIN_PERCENT: u16 = 60;
/// The same as a fraction.
const SCALE_MIN: f64 = 0.6;

/// How wide columns are in print, in inches: Excel draws a digit of the default font 7 pixels wide and adds 5 to a column.
pub(super) fn inches(widths: &[f64]) -> f64 {
    widths.iter().map(|width| width * 7.0 + 5.0).sum::<f64>() / 96.0
}

/// How many columns, from the first, print on one page in a readable size.
pub(crate) fn printed_columns(widths: &[f64]) -> usize {
    let room = LETTER_INCHES / SCALE_MIN;
    let fit = |columns: &usize| inches(&widths[..*columns]) <= room;
    (1..=widths.len()).rev().find(fit).unwrap_or(1)
}

/// Prints a sheet only down to a row, and says so in the footer.
pub(crate) fn print_down_to(
    sheet: &mut Worksheet,
    stamp: &Stamp,
    (row, column): (u32, u16),
) -> Result<(), XlsxError> {
    sheet.set_print_area(0, 0, row, column)?.set_footer(format!(
        "&LOnly the first rows of this long list are printed. To print all of it: Page Layout, Print Area, Clear Print Area.&R{}",
        stamp.standing
    ));
    Ok(())
}

/// Prints only the first columns, one page wide; the footer says so if there are more.
pub(crate) fn print_first(
    sheet: &mut Worksheet,
    stamp: &Stamp,
    name: &str,
    (widths, printed): (&[f64], usize),
) -> Result<(), XlsxError> {
    print_setup(sheet, stamp, name, &widths[..printed]);
    if printed < widths.len() {
        let last = u16::try_from(printed.saturating_sub(1)).unwrap_or(u16::MAX);
        // To the last row: printing ends with the last used row.
        sheet
            .set_print_area(0, 0, LAST_ROW, last)?
            .set_footer(footer(stamp, " \u{b7} more columns on the screen"));
    }
    Ok(())
}

/// Landscape Letter with the standing at top and bottom: one page wide, or at the smallest scale.
pub(crate) fn print_setup(sheet: &mut Worksheet, stamp: &Stamp, name: &str, widths: &[f64]) {
    sheet
        .set_paper_size(LETTER)
        .set_landscape()
        .set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3)
        .set_header(format!(
            "&L{}&C{}&R&B{}",
            plain(&stamp.title),
            plain(name),
            stamp.standing
        ))
        .set_footer(footer(stamp, ""));
    if printed_columns(widths) == widths.len() {
        sheet.set_print_fit_to_pages(1, 0);
    } else {
        sheet.set_print_scale(SCALE_MIN_PERCENT);
    }
}

/// The footer of a page, with an addition.
fn footer(stamp: &Stamp, more: &str) -> String {
    format!(
        "&L{} \u{b7} {}{more}&RPage &P of &N",
        plain(&stamp.label),
        stamp.standing
    )
}

/// A text for a header or footer, where `&` begins a code and is doubled.
fn plain(text: &str) -> String {
    text.chars()
        .take(PRINTED_LABEL_CHARS_MAX)
        .collect::<String>()
        .replace(['\n', '\r'], " ")
        .replace('&', "&&")
}
