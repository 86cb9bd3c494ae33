//! Tells whether this program made a workbook on the disk and nobody saved it since.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zip::ZipArchive;

/// The author in a workbook's properties.
pub(super) const AUTHOR: &str = "cdip";
/// The part with the properties of a workbook.
const PROPERTIES: &str = "docProps/core.xml";
/// Bytes read of it: ours have fewer than 1,000.
const PROPERTIES_BYTES_MAX: u64 = 64 << 10;

/// Whether this program made the workbook, with a title that begins so, and nobody saved it since. Excel and LibreOffice replace the
/// last editor's name when they save, and a library such as openpyxl the time, so a file that someone worked on is not taken for ours.
pub(crate) fn is_untouched(path: &Path, title: &str) -> bool {
    let properties = properties(path).unwrap_or_default();
    let is_ours = [
        format!("<dc:title>{title}"),
        format!("<dc:creator>{AUTHOR}</dc:creator>"),
        format!("<cp:lastModifiedBy>{AUTHOR}</cp:lastModifiedBy>"),
    ]
    .iter()
    .all(|said| properties.contains(said.as_str()));
    is_ours && text_of(&properties, "created") == text_of(&properties, "modified")
}

/// The time that the properties state under a name.
fn text_of<'p>(properties: &'p str, name: &str) -> Option<&'p str> {
    let (_, behind) = properties.split_once(&format!("<dcterms:{name}"))?;
    let (_, text) = behind.split_once('>')?;
    text.split_once('<').map(|(text, _)| text)
}

fn properties(path: &Path) -> Option<String> {
    let mut package = ZipArchive::new(File::open(path).ok()?).ok()?;
    let part = package.by_name(PROPERTIES).ok()?;
    let mut text = String::new();
    part.take(PROPERTIES_BYTES_MAX)
        .read_to_string(&mut text)
        .ok()?;
    Some(text)
}
