//! How the parts of a workbook of Excel hang together. Names of parts compare without case, with either slash, and anything may be
//! called anything: only the relations say which part is the workbook, a sheet, the texts. The parser expects some names, and every
//! sheet to have a part; where a workbook is arranged otherwise it gets a copy with the parts where it looks for them.

use std::io::{BufReader, Read, Seek};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::cells::{Refusal, extension};

/// Where the parser looks.
const PACKAGE_RELATIONS: &str = "_rels/.rels";
const WORKBOOK: &str = "xl/workbook.xml";
const WORKBOOK_RELATIONS: &str = "xl/_rels/workbook.xml.rels";
const SHARED_TEXTS: &str = "xl/sharedStrings.xml";
const STYLES: &str = "xl/styles.xml";

/// A relation of a part to another: its id, the last word of its type, and the part by its name as found.
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

/// A workbook in XML as its relations say.
pub struct Package {
    sheets: Vec<Sheet>,
    shared_texts: Option<usize>,
    styles: Option<usize>,
    dates_1904: bool,
    /// Whether the parser finds everything by itself.
    is_as_expected: bool,
}

/// A part of the copy: its name, and what it holds.
pub enum Part {
    /// Made anew.
    Made(&'static str, String),
    /// The part at this position under another name.
    Moved(String, usize),
}

/// The name of a part as it is looked for: without regard to case and kind of slash.
#[must_use]
pub fn as_found(name: &str) -> String {
    name.replace('\\', "/").to_ascii_lowercase()
}

/// The part that the package names as its document; none where it does not say.
#[must_use]
pub fn document<R: Read + Seek>(archive: &mut ZipArchive<R>, names: &[String]) -> Option<String> {
    let position = position_of(names, PACKAGE_RELATIONS)?;
    relations(archive, position, "")
        .ok()?
        .into_iter()
        .find(|relation| relation.kind == "officeDocument")
        .map(|relation| relation.target)
}

fn position_of(names: &[String], wanted: &str) -> Option<usize> {
    let wanted = as_found(wanted);
    names.iter().position(|name| as_found(name) == wanted)
}

impl Package {
    /// Reads the list of sheets and the relations of the workbook that is this part. `names` are those of all parts, in order.
    pub fn of<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        names: &[String],
        workbook: &str,
    ) -> Result<Package, Refusal> {
        let missing = || Refusal::damaged("a part of it is missing");
        let (folder, base) = workbook.rsplit_once('/').unwrap_or(("", workbook));
        let relations_name = format!("{folder}/_rels/{base}.rels");
        let own = position_of(names, workbook).ok_or_else(missing)?;
        let related =
            position_of(names, relations_name.trim_start_matches('/')).ok_or_else(missing)?;
        let relations = relations(archive, related, folder)?;
        let of_kind = |kind: &str| {
            let relation = relations.iter().find(|relation| relation.kind == kind)?;
            position_of(names, &relation.target)
        };
        let listed = listed(archive, own)?;
        let mut package = Package {
            sheets: Vec::new(),
            shared_texts: of_kind("sharedStrings"),
            styles: of_kind("styles"),
            dates_1904: listed.dates_1904,
            is_as_expected: true,
        };
        for (name, hidden, id) in listed.sheets {
            // Excel writes the modules of its version 5 as sheets that have no part.
            if id.is_empty() {
                package.is_as_expected = false;
                continue;
            }
            let relation = relations.iter().find(|relation| relation.id == id);
            let relation = relation.ok_or_else(missing)?;
            match relation.kind.as_str() {
                "worksheet" => package.sheets.push(Sheet {
                    name,
                    hidden,
                    part: position_of(names, &relation.target).ok_or_else(missing)?,
                }),
                "chartsheet" | "dialogsheet" => {}
                // A macro sheet: no completion is on it.
                _ => package.is_as_expected = false,
            }
        }
        let stands_at = |part: Option<usize>, expected: &str| {
            part.is_none_or(|part| names[part] == expected)
                && (part.is_some() || !names.iter().any(|name| name == expected))
        };
        package.is_as_expected &= names[own] == WORKBOOK
            && names[related] == WORKBOOK_RELATIONS
            && names.iter().any(|name| name == PACKAGE_RELATIONS)
            && stands_at(package.shared_texts, SHARED_TEXTS)
            && stands_at(package.styles, STYLES)
            && !listed.has_unknown_state;
        Ok(package)
    }

    /// The positions of the parts of its worksheets, in the order of the sheets.
    pub fn sheet_parts(&self) -> impl Iterator<Item = usize> {
        self.sheets.iter().map(|sheet| sheet.part)
    }

    /// The parts of a copy that the parser can read; none where it can read the workbook as it is.
    #[must_use]
    pub fn rearranged(&self) -> Option<Vec<Part>> {
        if self.is_as_expected {
            return None;
        }
        let mut sheets = String::new();
        let mut relations = String::new();
        let mut parts = Vec::new();
        for (at, sheet) in self.sheets.iter().enumerate() {
            let state = if sheet.hidden {
                " state=\"hidden\""
            } else {
                ""
            };
            let name = quick_xml::escape::escape(&sheet.name);
            sheets.push_str(&format!(
                "<sheet name=\"{name}\" sheetId=\"{at}\"{state} r:id=\"s{at}\"/>"
            ));
            relations.push_str(&format!(
                "<Relationship Id=\"s{at}\" Type=\"/worksheet\" Target=\"worksheets/sheet{at}.xml\"/>"
            ));
            parts.push(Part::Moved(
                format!("xl/worksheets/sheet{at}.xml"),
                sheet.part,
            ));
        }
        let moved =
            |to: &str, part: Option<usize>| part.map(|part| Part::Moved(to.to_string(), part));
        parts.extend(moved(SHARED_TEXTS, self.shared_texts));
        parts.extend(moved(STYLES, self.styles));
        let first_day = u8::from(self.dates_1904);
        parts.push(Part::Made(
            PACKAGE_RELATIONS,
            format!("<Relationships><Relationship Id=\"w\" Type=\"/relationships/officeDocument\" Target=\"{WORKBOOK}\"/></Relationships>"),
        ));
        parts.push(Part::Made(
            WORKBOOK,
            format!("<workbook><workbookPr date1904=\"{first_day}\"/><sheets>{sheets}</sheets></workbook>"),
        ));
        parts.push(Part::Made(
            WORKBOOK_RELATIONS,
            format!("<Relationships>{relations}</Relationships>"),
        ));
        Some(parts)
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
            let kind = attribute(element, "Type").unwrap_or_default();
            found.push(Relation {
                id: attribute(element, "Id").unwrap_or_default(),
                kind: kind.rsplit('/').next().unwrap_or_default().to_string(),
                target: resolved(folder, &attribute(element, "Target").unwrap_or_default()),
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
    /// Name, whether it is hidden, and the id of its relation.
    sheets: Vec<(String, bool, String)>,
    dates_1904: bool,
    has_unknown_state: bool,
}

fn listed<R: Read + Seek>(archive: &mut ZipArchive<R>, position: usize) -> Result<Listed, Refusal> {
    let mut listed = Listed::default();
    for_each_element(archive, position, |element| {
        match element.local_name().as_ref() {
            "sheet" => {
                let state = attribute(element, "state").unwrap_or_default();
                let hidden = matches!(state.as_str(), "hidden" | "veryHidden");
                listed.has_unknown_state |= !hidden && !matches!(state.as_str(), "" | "visible");
                listed.sheets.push((
                    attribute(element, "name").unwrap_or_default(),
                    hidden,
                    attribute(element, "id").unwrap_or_default(),
                ));
            }
            "workbookPr" => {
                if let Some(since) = attribute(element, "date1904") {
                    listed.dates_1904 = matches!(since.as_str(), "1" | "true");
                }
            }
            _ => {}
        }
    })?;
    Ok(listed)
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found
        .normalized_value(XmlVersion::Implicit1_0)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// Visits the elements of a part, which was judged before: no piece of it is too long.
fn for_each_element<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    position: usize,
    mut visit: impl FnMut(&BytesStart<'_>),
) -> Result<(), Refusal> {
    let unsound = || Refusal::damaged("a part of it is no sound XML");
    let part = archive
        .by_index(position)
        .map_err(|_| Refusal::damaged("a part of it cannot be opened"))?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| unsound())? {
            Event::Start(element) | Event::Empty(element) => visit(&element),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Whether a part's name says that it is in XML.
#[must_use]
pub fn is_xml(name: &str) -> bool {
    extension(name) == "xml"
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
