//! Whether a workbook on the disk is one that this program made and nobody saved since.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zip::ZipArchive;

/// What a workbook says made it.
pub(super) const AUTHOR: &str = "cdip";
/// The part with the properties of a workbook.
const PROPERTIES: &str = "docProps/core.xml";
/// Bytes read of it: ours have fewer than 1,000.
const PROPERTIES_BYTES_MAX: u64 = 64 << 10;

/// Whether this program made the workbook under a title that begins so, and nobody saved it since. Excel and LibreOffice write
/// another name over the last editor's; a library such as openpyxl writes the time. Work that somebody put into it is not taken for
/// ours.
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
