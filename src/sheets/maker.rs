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

/// Whether this program made the workbook under a title that begins so. A spreadsheet program that saves it writes another name
/// over the last editor's, so work that somebody put into it is not taken for ours.
pub(crate) fn is_untouched(path: &Path, title: &str) -> bool {
    let properties = properties(path).unwrap_or_default();
    [
        format!("<dc:title>{title}"),
        format!("<dc:creator>{AUTHOR}</dc:creator>"),
        format!("<cp:lastModifiedBy>{AUTHOR}</cp:lastModifiedBy>"),
    ]
    .iter()
    .all(|said| properties.contains(said.as_str()))
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
