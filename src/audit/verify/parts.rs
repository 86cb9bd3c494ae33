//! What differs in a workbook besides its cells, in words for someone who looks at it: a hidden row, a column without width, a
//! format, a chart.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::told::{Discrepancies, shown};
use crate::words::column_letters;

/// Parts named in a difference; Excel rewrites all of them when it saves.
const PARTS_SHOWN_MAX: usize = 6;
/// Rows, columns and cells of a sheet whose look is reported one by one.
const LOOKS_SHOWN_MAX: usize = 20;
const SHEETS: &str = "xl/worksheets/sheet";
const TEXTS: &str = "xl/sharedStrings.xml";

/// The bytes of every part by name; several if a name is there twice.
type Parts = BTreeMap<String, Vec<Vec<u8>>>;

/// Notes what differs besides the cells.
pub(super) fn compare(
    found: &[u8],
    expected: &[u8],
    sheets: &[String],
    differences: &mut Discrepancies<'_>,
) {
    let only_bytes = differences.is_empty();
    let (found, expected) = (parts(found), parts(expected));
    let names: BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
    let changed: Vec<&String> = names
        .into_iter()
        .filter(|name| found.get(*name) != expected.get(*name))
        .collect();
    let mut told = 0;
    for (name, sheet) in changed
        .iter()
        .filter_map(|name| Some((*name, sheet_of(name, sheets)?)))
    {
        if let (Some([is]), Some([should])) = (
            found.get(name).map(Vec::as_slice),
            expected.get(name).map(Vec::as_slice),
        ) {
            told += looks(is, should, sheet, differences);
        }
    }
    let of_cells = |name: &str| name.starts_with(SHEETS) || name == TEXTS;
    let others: Vec<&&String> = changed
        .iter()
        .filter(|name| !of_cells(name) || only_bytes && told == 0)
        .collect();
    if others.is_empty() {
        if only_bytes && told == 0 {
            let what = "the bytes differ, but no cell and no part of the workbook does: only how it is packed was changed";
            differences.note(None, "", what);
        }
        return;
    }
    let named: Vec<String> = others
        .iter()
        .take(PARTS_SHOWN_MAX)
        .map(|name| in_words(name, sheets))
        .collect();
    let more = match others.len().saturating_sub(PARTS_SHOWN_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let what = if only_bytes {
        "no cell differs, but this does: "
    } else {
        "besides the cells this differs: "
    };
    differences.note(None, "", &format!("{what}{}{more}", named.join("; ")));
}

fn parts(bytes: &[u8]) -> Parts {
    let mut parts = Parts::new();
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return parts;
    };
    for position in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(position) else {
            continue;
        };
        let name = entry
            .name()
            .map(std::borrow::Cow::into_owned)
            .unwrap_or_default();
        let mut content = Vec::new();
        // The inflated size was measured before. A part that cannot be read has no content.
        if entry.read_to_end(&mut content).is_err() {
            content.clear();
        }
        parts.entry(name).or_default().push(content);
    }
    parts
}

/// The sheet that a part holds: this program numbers parts in the order of its sheets.
fn sheet_of<'s>(part: &str, sheets: &'s [String]) -> Option<&'s str> {
    let number = part.strip_prefix(SHEETS)?.strip_suffix(".xml")?;
    let position = number.parse::<usize>().ok()?.checked_sub(1)?;
    sheets.get(position).map(String::as_str)
}

/// A part in words for someone who opens the workbook, with its name.
fn in_words(part: &str, sheets: &[String]) -> String {
    let part = shown(part, false);
    if let Some(sheet) = sheet_of(&part, sheets) {
        return format!("how the sheet {sheet} is set up or printed ({part})");
    }
    let words = match part.as_str() {
        "xl/styles.xml" => "formats of cells: fonts, colors or how numbers are shown",
        "xl/workbook.xml" => "the list of sheets and names, or how it calculates",
        TEXTS => "the list of its texts",
        "xl/vbaProject.bin" => "a macro",
        _ if part.starts_with("docProps/") => "the properties of the document",
        _ if part.starts_with("xl/externalLinks/") => "a link to another workbook",
        _ if part.starts_with("xl/charts/") => "a chart",
        _ if part.starts_with("xl/drawings/") => "where charts stand",
        _ if part.starts_with("xl/tables/") => "the range or filter of a table",
        _ if part.starts_with("xl/comments") => "notes",
        _ => return part,
    };
    format!("{words} ({part})")
}

/// How a row, a column or a cell looks.
#[derive(Default, PartialEq, Eq)]
struct Looks {
    /// The attributes of each place, except its content.
    by_place: BTreeMap<Place, Vec<(String, String)>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Column(u32),
    Row(u32),
    Cell(u32, String),
}

/// Reports rows, columns and cells of a sheet that look different; gives their number.
fn looks(found: &[u8], expected: &[u8], sheet: &str, differences: &mut Discrepancies<'_>) -> usize {
    let (found, expected) = (looks_of(found), looks_of(expected));
    let places: BTreeSet<&Place> = found
        .by_place
        .keys()
        .chain(expected.by_place.keys())
        .collect();
    let none = Vec::new();
    let mut count = 0;
    for place in places {
        let is = found.by_place.get(place).unwrap_or(&none);
        let should = expected.by_place.get(place).unwrap_or(&none);
        // A cell that is only in one of them was reported with the cells.
        let of_one = matches!(place, Place::Cell(..)) && (is.is_empty() || should.is_empty());
        if is == should || of_one {
            continue;
        }
        count += 1;
        if count > LOOKS_SHOWN_MAX {
            continue;
        }
        differences.note(
            Some(sheet),
            &place_in_words(place),
            what_looks(place, is, should),
        );
    }
    if count > LOOKS_SHOWN_MAX {
        let more = format!(
            "{} more rows, columns or cells look different",
            count - LOOKS_SHOWN_MAX
        );
        differences.note(Some(sheet), "", &more);
    }
    count
}

fn place_in_words(place: &Place) -> String {
    match place {
        Place::Column(column) => format!("column {}", column_letters(*column)),
        Place::Row(row) => format!("row {row}"),
        Place::Cell(_, address) => format!("cell {}", shown(address, false)),
    }
}

fn what_looks(place: &Place, is: &[(String, String)], should: &[(String, String)]) -> &'static str {
    let has = |attributes: &[(String, String)], name: &str, values: &[&str]| {
        let mut found = attributes.iter();
        found.any(|(key, value)| key == name && values.contains(&value.as_str()))
    };
    let hidden = |attributes: &[(String, String)]| has(attributes, "hidden", &["1", "true"]);
    let no_size = |attributes: &[(String, String)]| {
        has(attributes, "width", &["0"]) || has(attributes, "ht", &["0"])
    };
    match place {
        Place::Row(_) if hidden(is) && !hidden(should) => "the row is hidden",
        Place::Row(_) if hidden(should) && !hidden(is) => "the row should be hidden",
        Place::Row(_) if no_size(is) => "the row has no height",
        Place::Row(_) => "the row looks different: its height or format was changed",
        Place::Column(_) if hidden(is) && !hidden(should) => "the column is hidden",
        Place::Column(_) if no_size(is) => "the column has no width",
        Place::Column(_) => "the column looks different: its width or format was changed",
        Place::Cell(..) => "the cell looks different: its format was changed",
    }
}

/// The look of rows, columns and cells of a sheet's part, as far as it can be read.
fn looks_of(part: &[u8]) -> Looks {
    let mut looks = Looks::default();
    let mut reader = Reader::from_reader(part);
    let mut row = 0;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) => looks.take(&tag, &mut row),
            Ok(Event::Eof) | Err(_) => return looks,
            Ok(_) => {}
        }
    }
}

impl Looks {
    fn take(&mut self, tag: &BytesStart<'_>, row: &mut u32) {
        let mut attributes: Vec<(String, String)> = tag
            .attributes()
            .flatten()
            .filter_map(|attribute| {
                let key = attribute.key.as_ref().to_string();
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
                Some((key, value.into_owned()))
            })
            .collect();
        let mut taken = |key: &str| {
            let position = attributes.iter().position(|(found, _)| found == key)?;
            Some(attributes.remove(position).1)
        };
        match tag.name().as_ref() {
            "row" => {
                let number = taken("r").and_then(|number| number.parse().ok());
                // `spans` only follows from the row's cells.
                taken("spans");
                *row = number.unwrap_or(*row + 1);
                self.put(Place::Row(*row), attributes);
            }
            "col" => {
                let number = |text: Option<String>| text.and_then(|text| text.parse::<u32>().ok());
                let (first, last) = (number(taken("min")), number(taken("max")));
                let (Some(first), Some(last)) = (first, last) else {
                    return;
                };
                let last = last.min(crate::intake::limits::COLUMNS_PER_SHEET_MAX);
                for column in first.max(1)..=last {
                    self.put(Place::Column(column - 1), attributes.clone());
                }
            }
            "c" => {
                let address = taken("r").unwrap_or_default();
                let format = taken("s");
                // Only the format: the content was compared before.
                let format = format.map(|format| ("s".to_string(), format));
                self.put(Place::Cell(*row, address), format.into_iter().collect());
            }
            _ => {}
        }
    }

    fn put(&mut self, place: Place, attributes: Vec<(String, String)>) {
        if !attributes.is_empty() {
            self.by_place.insert(place, attributes);
        }
    }
}
