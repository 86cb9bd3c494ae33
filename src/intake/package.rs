//! How the parts of an Excel workbook belong together. Names of parts compare without case and with either slash, and any part may
//! have any name: only the relations say which one is the workbook, a sheet or the texts. The parser expects certain names, and a
//! part for every sheet. A workbook that is arranged otherwise is copied, with the parts where the parser looks for them.

use std::collections::HashSet;
use std::io::{BufReader, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::cells::{FileFormat, Refusal, extension};
use super::limits::SHEETS_PER_FILE_MAX;
use super::markup::attribute_of;
use super::part::{Plain, Role, for_each_chunk};
use super::records::{self, ListedSheet, Records, SheetList};
use crate::catalogue::Code;

/// The relations of the package.
const PACKAGE_RELATIONS: &str = "_rels/.rels";

/// Where the parser looks for the parts of a workbook.
struct Places {
    workbook: &'static str,
    relations: &'static str,
    shared_texts: &'static str,
    styles: &'static str,
    ending: &'static str,
}

const XML: Places = Places {
    workbook: "xl/workbook.xml",
    relations: "xl/_rels/workbook.xml.rels",
    shared_texts: "xl/sharedStrings.xml",
    styles: "xl/styles.xml",
    ending: "xml",
};

const BINARY: Places = Places {
    workbook: "xl/workbook.bin",
    relations: "xl/_rels/workbook.bin.rels",
    shared_texts: "xl/sharedStrings.bin",
    styles: "xl/styles.bin",
    ending: "bin",
};

/// A relation to another part: its id, the last word of its type, and the name of the part as found.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

/// A worksheet with a part.
struct Sheet {
    name: String,
    hidden: bool,
    part: usize,
}

/// A workbook as its relations describe it.
pub struct Package {
    format: FileFormat,
    sheets: Vec<Sheet>,
    shared_texts: Option<usize>,
    styles: Option<usize>,
    dates_1904: bool,
    /// Whether it asks programs to recalculate everything on opening.
    pub recalculates: bool,
    /// Whether the parser finds everything in the file as it is.
    is_as_expected: bool,
}

/// A part of the copy: its name and content.
pub enum Part {
    /// Made anew.
    Made(&'static str, Vec<u8>),
    /// The part at this position under another name.
    Moved(String, usize),
}

/// The name of a part for comparison: lower case, one kind of slash.
#[must_use]
pub fn as_found(name: &str) -> String {
    name.replace('\\', "/").to_ascii_lowercase()
}

/// The part that is the workbook, and its format: the package's document, or else the part at the usual place.
pub fn document<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    names: &[String],
) -> Option<(usize, FileFormat)> {
    let named = position_of(names, PACKAGE_RELATIONS).and_then(|position| {
        relations(archive, position, "")
            .ok()?
            .into_iter()
            .find(|relation| relation.kind == "officeDocument")
            .map(|relation| relation.target)
    });
    let usual = [XML.workbook, BINARY.workbook].map(String::from);
    named
        .into_iter()
        .chain(usual)
        .find_map(|name| Some((position_of(names, &name)?, name)))
        .and_then(|(position, name)| match extension(&name).as_str() {
            "xml" => Some((position, FileFormat::Xlsx)),
            "bin" => Some((position, FileFormat::Xlsb)),
            _ => None,
        })
}

fn position_of(names: &[String], wanted: &str) -> Option<usize> {
    let wanted = as_found(wanted);
    names.iter().position(|name| as_found(name) == wanted)
}

fn missing() -> Refusal {
    Refusal::damaged("a part of it is missing")
}

fn split(name: &str) -> (String, String) {
    let name = name.replace('\\', "/");
    match name.rsplit_once('/') {
        Some((folder, base)) => (folder.to_string(), base.to_string()),
        None => (String::new(), name),
    }
}

impl Package {
    /// Reads the sheets and relations of the workbook in the part at this position. `names`: those of all parts, in order.
    pub fn of<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        names: &[String],
        (workbook, format): (usize, FileFormat),
    ) -> Result<Package, Refusal> {
        let (folder, base) = split(&names[workbook]);
        let relations_name = format!("{folder}/_rels/{base}.rels");
        let related =
            position_of(names, relations_name.trim_start_matches('/')).ok_or_else(missing)?;
        let relations = relations(archive, related, &folder)?;
        let of_kind = |kind: &str| {
            let relation = relations.iter().find(|relation| relation.kind == kind)?;
            position_of(names, &relation.target)
        };
        let listed = match format {
            FileFormat::Xlsb => listed_in_records(archive, workbook)?,
            _ => listed_in_xml(archive, workbook)?,
        };
        let mut package = Package {
            format,
            sheets: Vec::new(),
            shared_texts: of_kind("sharedStrings"),
            styles: of_kind("styles"),
            dates_1904: listed.dates_1904,
            recalculates: listed.recalculates,
            is_as_expected: true,
        };
        for sheet in listed.sheets {
            package.add(sheet, &relations, names)?;
        }
        package.check_sheets()?;
        let places = package.places();
        let stands_at = |part: Option<usize>, expected: &str| {
            part.is_none_or(|part| names[part] == expected)
                && (part.is_some() || !names.iter().any(|name| name == expected))
        };
        // In a binary workbook, the parser finds everything but the sheets in whatever part it is.
        package.is_as_expected &= format == FileFormat::Xlsx
            && names[workbook] == places.workbook
            && names[related] == places.relations
            && names.iter().any(|name| name == PACKAGE_RELATIONS)
            && stands_at(package.shared_texts, places.shared_texts)
            && stands_at(package.styles, places.styles)
            && !listed.has_unknown_state;
        Ok(package)
    }

    /// Adds a sheet of the list, if it has cells.
    fn add(
        &mut self,
        sheet: ListedSheet,
        relations: &[Relation],
        names: &[String],
    ) -> Result<(), Refusal> {
        // Excel writes modules of version 5 as sheets without a part.
        if sheet.id.is_empty() {
            self.is_as_expected = false;
            return Ok(());
        }
        let relation = relations.iter().find(|relation| relation.id == sheet.id);
        let relation = relation.ok_or_else(missing)?;
        match relation.kind.as_str() {
            "worksheet" => self.sheets.push(Sheet {
                name: sheet.name,
                hidden: sheet.hidden,
                part: position_of(names, &relation.target).ok_or_else(missing)?,
            }),
            "chartsheet" | "dialogsheet" => {}
            // A macro sheet: no completion is on it.
            _ => self.is_as_expected = false,
        }
        Ok(())
    }

    /// The parser finds a sheet by its name, and reads each from its part.
    fn check_sheets(&self) -> Result<(), Refusal> {
        if self.sheets.len() > SHEETS_PER_FILE_MAX {
            return Err(Refusal::limit(format!(
                "the workbook has more than {SHEETS_PER_FILE_MAX} sheets"
            )));
        }
        let (mut names, mut parts) = (HashSet::new(), HashSet::new());
        if !self.sheets.iter().all(|sheet| parts.insert(sheet.part)) {
            return Err(Refusal::damaged("two of its sheets are in one place"));
        }
        if !self.sheets.iter().all(|sheet| names.insert(&sheet.name)) {
            return Err(two_of_one_name());
        }
        Ok(())
    }

    fn places(&self) -> &'static Places {
        match self.format {
            FileFormat::Xlsb => &BINARY,
            _ => &XML,
        }
    }

    /// The positions of the parts of its worksheets, in the order of the sheets.
    pub fn sheet_parts(&self) -> impl Iterator<Item = usize> {
        self.sheets.iter().map(|sheet| sheet.part)
    }

    /// The parts that the parser reads, and how it reads each.
    pub fn roles(&self) -> Vec<(usize, Role)> {
        let role = |part: records::Part| match self.format {
            FileFormat::Xlsb => Role::Records(part),
            _ => Role::Xml,
        };
        let texts = self.shared_texts.map(|at| (at, role(records::Part::Texts)));
        let styles = self.styles.map(|at| (at, role(records::Part::Kept)));
        let sheets = self
            .sheet_parts()
            .map(|at| (at, role(records::Part::Sheet)));
        sheets.chain(texts).chain(styles).collect()
    }

    /// The parts of a copy that the parser can read; none if it can read the workbook as it is.
    #[must_use]
    pub fn rearranged(&self) -> Option<Vec<Part>> {
        if self.is_as_expected {
            return None;
        }
        let places = self.places();
        let mut relations = String::new();
        let mut parts = Vec::new();
        for (at, sheet) in self.sheets.iter().enumerate() {
            let target = format!("worksheets/sheet{at}.{}", places.ending);
            relations.push_str(&format!(
                "<Relationship Id=\"s{at}\" Type=\"/worksheet\" Target=\"{target}\"/>"
            ));
            parts.push(Part::Moved(format!("xl/{target}"), sheet.part));
        }
        let moved =
            |to: &str, part: Option<usize>| part.map(|part| Part::Moved(to.to_string(), part));
        parts.extend(moved(places.shared_texts, self.shared_texts));
        parts.extend(moved(places.styles, self.styles));
        let workbook = places.workbook;
        let made = [
            (
                PACKAGE_RELATIONS,
                format!("<Relationships><Relationship Id=\"w\" Type=\"/relationships/officeDocument\" Target=\"{workbook}\"/></Relationships>").into_bytes(),
            ),
            (workbook, self.workbook()),
            (
                places.relations,
                format!("<Relationships>{relations}</Relationships>").into_bytes(),
            ),
        ];
        parts.extend(made.map(|(name, content)| Part::Made(name, content)));
        Some(parts)
    }

    /// The workbook of the copy: a list of its sheets.
    fn workbook(&self) -> Vec<u8> {
        if self.format == FileFormat::Xlsb {
            let sheets = self
                .sheets
                .iter()
                .enumerate()
                .map(|(at, sheet)| ListedSheet {
                    name: sheet.name.clone(),
                    hidden: sheet.hidden,
                    id: format!("s{at}"),
                });
            let list = SheetList {
                sheets: sheets.collect(),
                dates_1904: self.dates_1904,
                is_whole: true,
            };
            return list.as_workbook();
        }
        let sheets = self.sheets.iter().enumerate().map(|(at, sheet)| {
            let state = if sheet.hidden {
                " state=\"hidden\""
            } else {
                ""
            };
            let name = quick_xml::escape::escape(&sheet.name);
            format!("<sheet name=\"{name}\" sheetId=\"{at}\"{state} r:id=\"s{at}\"/>")
        });
        let sheets: String = sheets.collect();
        let first_day = u8::from(self.dates_1904);
        format!(
            "<workbook><workbookPr date1904=\"{first_day}\"/><sheets>{sheets}</sheets></workbook>"
        )
        .into_bytes()
    }
}

/// The relations in a part; `folder` is that of the part that has them.
fn relations<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    position: usize,
    folder: &str,
) -> Result<Vec<Relation>, Refusal> {
    let mut found = Vec::new();
    for_each_element(archive, position, |element| {
        if element.local_name().as_ref() == "Relationship" {
            let kind = attribute_of(element, "Type").unwrap_or_default();
            found.push(Relation {
                id: attribute_of(element, "Id").unwrap_or_default(),
                kind: kind.rsplit('/').next().unwrap_or_default().to_string(),
                target: resolved(folder, &attribute_of(element, "Target").unwrap_or_default()),
            });
        }
    })?;
    Ok(found)
}

/// The part that a target names, seen from a folder.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let whole = match target.strip_prefix('/') {
        Some(from_the_root) => from_the_root.to_string(),
        None => format!("{folder}/{target}"),
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[derive(Default)]
struct Listed {
    sheets: Vec<ListedSheet>,
    dates_1904: bool,
    recalculates: bool,
    has_unknown_state: bool,
}

fn listed_in_records<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    position: usize,
) -> Result<Listed, Refusal> {
    let mut part = archive.by_index(position).map_err(|_| cannot_be_opened())?;
    let mut records = Records::default();
    let mut list = SheetList::default();
    for_each_chunk(&mut part, |chunk| {
        records.feed(chunk, &mut |record| list.take(record))
    })?;
    if !list.is_whole {
        return Err(Refusal::damaged("its list of sheets is cut off"));
    }
    Ok(Listed {
        sheets: list.sheets,
        dates_1904: list.dates_1904,
        ..Listed::default()
    })
}

fn listed_in_xml<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    position: usize,
) -> Result<Listed, Refusal> {
    let mut listed = Listed::default();
    let mut is_workbook = false;
    for_each_element(archive, position, |element| {
        let is = |name: &str, value: &str| attribute_of(element, name).as_deref() == Some(value);
        match element.local_name().as_ref() {
            "workbook" => is_workbook = true,
            "sheet" => {
                let state = attribute_of(element, "state").unwrap_or_default();
                let hidden = matches!(state.as_str(), "hidden" | "veryHidden");
                listed.has_unknown_state |= !hidden && !matches!(state.as_str(), "" | "visible");
                listed.sheets.push(ListedSheet {
                    name: attribute_of(element, "name").unwrap_or_default(),
                    hidden,
                    id: attribute_of(element, "id").unwrap_or_default(),
                });
            }
            "workbookPr" => {
                listed.dates_1904 |= is("date1904", "1") || is("date1904", "true");
            }
            "calcPr" => {
                listed.recalculates |= is("fullCalcOnLoad", "1") || is("fullCalcOnLoad", "true");
            }
            _ => {}
        }
    })?;
    if !is_workbook {
        return Err(Refusal::new(
            Code::F101,
            "the file is a document of Office but no workbook",
        ));
    }
    Ok(listed)
}

/// The parser finds a sheet by its name: it would read one of the two twice, and the other never.
pub fn two_of_one_name() -> Refusal {
    Refusal::damaged("two of its sheets have one name")
}

pub fn cannot_be_opened() -> Refusal {
    Refusal::damaged("a part of it cannot be opened")
}

/// Visits the elements of a part, which was judged before: no piece of it is too long.
fn for_each_element<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    position: usize,
    mut visit: impl FnMut(&BytesStart<'_>),
) -> Result<(), Refusal> {
    let unsound = || Refusal::damaged("a part of it is not sound XML");
    let part = archive.by_index(position).map_err(|_| cannot_be_opened())?;
    let part = Plain::of(part).map_err(|_| unsound())?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    // The part that is cut off could have named another sheet.
    let mut open = 0_usize;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| unsound())? {
            Event::Start(element) => {
                open += 1;
                visit(&element);
            }
            Event::Empty(element) => visit(&element),
            Event::End(_) => open = open.saturating_sub(1),
            Event::Eof if open > 0 => return Err(Refusal::damaged("a part of it is cut off")),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_seen_from_the_folder_of_its_part_or_from_the_root() {
        for (folder, target, part) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            (
                "xl",
                "/xl/worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
            ),
            ("", "xl\\workbook.xml", "xl/workbook.xml"),
            ("a/b", "../c/./d.xml", "a/c/d.xml"),
            ("a", "../../../d.xml", "d.xml"),
        ] {
            assert_eq!(resolved(folder, target), part);
        }
    }
}
