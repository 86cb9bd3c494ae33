//! Reads the sheets of a file, whatever its format.

use super::cells::{CellSource, FileFormat, Refusal, SheetInfo, SheetShape, SheetVisitor};
use super::headings::{Header, Headings};
use super::limits::TEXT_BYTES_MAX;
use super::preflight::format_of;
use super::table::{Allowance, RowLook, RowSink, SheetOutcome, Value, read_sheet};
use super::text::{DELIMITERS, TextCells, decode};
use super::{ods, workbook};
use crate::words::written_out;

/// The delimiter is looked for in this much text: titles above the headings are never longer.
const SNIFF_BYTES: usize = 64 << 10;

/// What to read of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Values,
    /// The looks of the cells as well, for a copy.
    Looks,
}

/// Opens a file by its format and visits its sheets.
pub(crate) fn visit_sheets(
    name: &str,
    bytes: &[u8],
    headings: &Headings,
    delimiter: Option<u8>,
    visit: &mut SheetVisitor<'_>,
) -> Result<(), Refusal> {
    visit_for(Asked::Values, (name, bytes), headings, delimiter, visit)
}

/// As [`visit_sheets`], for a purpose.
pub(crate) fn visit_for(
    asked: Asked,
    (name, bytes): (&str, &[u8]),
    headings: &Headings,
    delimiter: Option<u8>,
    visit: &mut SheetVisitor<'_>,
) -> Result<(), Refusal> {
    let safe = format_of(name, bytes)?;
    // No spreadsheet allows such a character in a sheet's name, and in a message it could pass for a line of its own.
    let visit = &mut |info: SheetInfo, cells: &mut dyn CellSource| {
        visit(
            SheetInfo {
                name: info.name.map(|name| written_out(&name)),
                ..info
            },
            cells,
        )
    };
    match safe.format {
        FileFormat::Text => {
            let too_long = || {
                Refusal::limit(format!(
                    "the text has more than {} MB",
                    TEXT_BYTES_MAX >> 20
                ))
            };
            if bytes.len() > TEXT_BYTES_MAX {
                return Err(too_long());
            }
            let text = decode(bytes);
            // In UTF-8 a character of Windows-1252 can take three bytes.
            if text.len() > TEXT_BYTES_MAX {
                return Err(too_long());
            }
            // The end mark of DOS.
            let text = text.trim_end_matches('\u{1a}');
            let mut cells =
                TextCells::new(text, delimiter.unwrap_or_else(|| sniff(text, headings)));
            visit(
                SheetInfo {
                    name: None,
                    hidden: false,
                    dates_1904: false,
                    shape: SheetShape::default(),
                },
                &mut cells,
            )
        }
        FileFormat::Ods => ods::read(&safe.mended(bytes)?, visit),
        _ => workbook::read(&safe, bytes, asked, visit),
    }
}

/// The delimiter under which the headings are found, or else the one that finds most of them.
fn sniff(text: &str, headings: &Headings) -> u8 {
    let mut end = text.len().min(SNIFF_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let missing = |delimiter: u8| {
        let mut cells = TextCells::new(head, delimiter);
        let mut sink = HeaderFound(false);
        let mut allowance = Allowance::SUBMISSION;
        match read_sheet(
            &mut cells as &mut dyn CellSource,
            headings,
            &mut sink,
            &mut allowance,
        ) {
            // Nothing after the header matters here, not even a quote that is cut in two.
            _ if sink.0 => 0,
            Ok(SheetOutcome::NoHeader {
                nearest: Some(nearest),
            }) => nearest.missing.len(),
            _ => usize::MAX,
        }
    };
    DELIMITERS
        .into_iter()
        .map(|(delimiter, _)| delimiter)
        .min_by_key(|delimiter| missing(*delimiter))
        .unwrap_or(b',')
}

/// Notices only whether there is a header.
struct HeaderFound(bool);

impl RowSink for HeaderFound {
    fn header(&mut self, _: &Header) {
        self.0 = true;
    }

    fn row(&mut self, _: u32, _: &[Value], _: RowLook) {}
}
