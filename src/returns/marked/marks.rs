//! The look of a faulty cell: shade, border, codes and note.

use std::collections::HashMap;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Note};

use super::super::given::{Shape, dressed};
use crate::catalogue::{Codes, Severity};
use crate::finding::Finding;
use crate::intake::looks::CellLook;
use crate::shades;
use crate::sheets::cell::fitting;
use crate::sheets::look::{Look, NUMBERS, Numbered};

/// Width of a note in pixels, the characters that a line of it holds, and the pixels that a line takes.
const NOTE_WIDTH: u32 = 340;
const NOTE_LINE_CHARS: usize = 52;
const NOTE_LINE_PIXELS: u32 = 17;

/// What was found on a sheet, by row.
#[derive(Default)]
pub(super) struct Found<'m>(pub(super) HashMap<u32, Vec<Fault<'m>>>);

/// A finding on a cell.
pub(super) struct Fault<'m> {
    /// `None` if neither the submission nor the edge has a column for it.
    pub(super) column: Option<u16>,
    pub(super) finding: &'m Finding,
    /// Whether its cell gets a note.
    pub(super) noted: bool,
}

impl<'m> Found<'m> {
    pub(super) fn add(&mut self, row: u32, column: Option<u16>, finding: &'m Finding, noted: bool) {
        self.0.entry(row).or_default().push(Fault {
            column,
            finding,
            noted,
        });
    }
}

/// The most urgent severity of a cell's findings, and their codes.
pub(super) type Mark = Option<(Severity, Codes)>;

/// The formats of values in a workbook, each made once.
#[derive(Default)]
pub(super) struct Formats(HashMap<(Shape, Option<usize>, Mark), (usize, Format)>);

/// The look of the owner's cell, with its number among the looks of the file.
pub(super) type OwnLook<'l> = Option<(usize, &'l CellLook)>;

impl Formats {
    pub(super) fn of(
        &mut self,
        look: &Look,
        shape: Shape,
        own: OwnLook<'_>,
        mark: Mark,
    ) -> Numbered<'_> {
        let key = (shape, own.map(|(number, _)| number), mark);
        let next = NUMBERS + self.0.len();
        let (number, format) = self
            .0
            .entry(key)
            .or_insert_with(|| (next, format(look, shape, own.map(|(_, own)| own), mark)));
        Numbered {
            number: *number,
            format,
        }
    }
}

/// The format of a value. After a faulty value it shows the codes, which are not part of the value.
fn format(look: &Look, shape: Shape, own: Option<&CellLook>, mark: Mark) -> Format {
    let number_format = shape.number_format(own);
    // Set on the cell itself, so that a cell of a different kind does not get the column's format.
    let Some((severity, codes)) = mark else {
        let plain = Format::new()
            .set_num_format(number_format)
            .set_align(FormatAlign::Bottom);
        return match own {
            Some(own) => dressed(plain, own),
            None => plain,
        };
    };
    let shaded = look
        .shade(shades::of_severity(severity))
        .clone()
        .set_align(FormatAlign::General)
        .set_indent(0)
        .set_border(FormatBorder::Medium)
        .set_border_color(Color::RGB(BORDER_INK));
    let shaded = if severity == Severity::Warning {
        shaded.set_background_color(Color::RGB(WARNING_FILL))
    } else {
        shaded
    };
    // Nothing can be shown after an empty value, and a code typed later should not look wrong.
    if shape == Shape::Empty {
        shaded
    } else {
        shaded.set_num_format(with_words(number_format, &format!("\" [{codes}]\"")))
    }
}

/// A number format with words behind the value in each of its sections, which are those of positive numbers, negative ones, zero, and
/// texts.
fn with_words(number_format: &str, words: &str) -> String {
    let mut made = String::new();
    let (mut quoted, mut bracketed) = (false, false);
    let mut chars = number_format.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            ';' if !quoted && !bracketed => made.push_str(words),
            _ => {}
        }
        made.push(c);
        // A character that is shown literally, left out, or repeated.
        if matches!(c, '\\' | '_' | '*') && !quoted {
            made.extend(chars.next());
        }
    }
    made + words
}

/// The border of a faulty cell, visible even if a printer or projector loses the shade.
const BORDER_INK: u32 = 0x007A_1E12;
/// A warning's shade on a sheet of white cells: the lists' shade is too faint there.
const WARNING_FILL: u32 = 0x00E4_E9F2;

/// The most urgent severity and all codes found on a cell.
pub(super) fn mark_of(faults: &[Fault<'_>], column: u16) -> Mark {
    let mut mark: Mark = None;
    for fault in faults.iter().filter(|fault| fault.column == Some(column)) {
        let (severity, codes) = mark.get_or_insert((fault.finding.severity(), Codes::NONE));
        *severity = (*severity).min(fault.finding.severity());
        codes.add(fault.finding.code);
    }
    mark
}

/// The note of a cell: every finding on it, and its fix.
pub(super) fn note(faults: &[Fault<'_>], column: u16) -> Note {
    let text = faults
        .iter()
        .filter(|fault| fault.column == Some(column))
        .map(|fault| {
            let Finding { code, message, .. } = fault.finding;
            format!(
                "{code} {}: {message}.\nFix: {}",
                shades::severity_label(code.severity()),
                fault.finding.fix()
            )
        })
        .collect::<Vec<_>>()
        .join("\n\n");
    let lines = text
        .lines()
        .map(|line| 1 + line.chars().count() / NOTE_LINE_CHARS)
        .sum::<usize>()
        + 1;
    let height = u32::try_from(lines)
        .unwrap_or(1)
        .saturating_mul(NOTE_LINE_PIXELS);
    Note::new(fitting(&text))
        .add_author_prefix(false)
        .set_author("cdip")
        .set_width(NOTE_WIDTH)
        .set_height(height)
}

#[cfg(test)]
mod tests {
    use super::with_words;

    #[test]
    fn each_section_of_a_number_format_shows_the_codes() {
        for (format, shown) in [
            ("@", "@+"),
            ("m/d/yyyy;@", "m/d/yyyy+;@+"),
            ("[$-409]mmmm\\ d;@", "[$-409]mmmm\\ d+;@+"),
            ("0\";\"0", "0\";\"0+"),
            (
                "_(* #,##0_);_(* \\(#,##0\\);_;",
                "_(* #,##0_)+;_(* \\(#,##0\\)+;_;+",
            ),
            (";;;", "+;+;+;+"),
        ] {
            assert_eq!(with_words(format, "+"), shown, "{format}");
        }
    }
}
