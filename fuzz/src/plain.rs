//! The two readers of Excel's workbooks against each other: what the program's own accepts as plain, the library must read the same.

use std::io::{Cursor, Write as _};

use cdip::intake::plain::read_both_ways;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::workbook::PART_END;

/// The parts that an input can hold, in this order: a sheet, the shared texts, the styles, the workbook and its relations.
const PARTS: [&str; 5] = [
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
];

/// What stands for the last two of them where an input leaves them out.
pub const WORKBOOK: &str =
    r#"<workbook><sheets><sheet name="May" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
/// The relations of that workbook.
pub const RELATIONS: &str = r#"<Relationships><Relationship Id="rId1" Type="r/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const PACKAGE: &str = r#"<Relationships><Relationship Id="rId1" Type="r/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// Reads the workbook both ways.
pub fn run(data: &[u8]) {
    let Some(bytes) = workbook(data) else { return };
    if let Ok(Some((plain, library))) = read_both_ways(&bytes) {
        assert_eq!(plain, library, "the readers differ");
    }
}

/// The parts, one behind the other, as a workbook without compression; one that is empty is left out.
pub fn workbook(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = Vec::new();
    while let Some(end) = rest
        .windows(PART_END.len())
        .position(|window| window == PART_END)
    {
        parts.push(&rest[..end]);
        rest = &rest[end + PART_END.len()..];
    }
    parts.push(rest);
    parts.resize(PARTS.len(), b"");
    for (part, default) in parts[3..].iter_mut().zip([WORKBOOK, RELATIONS]) {
        if part.is_empty() {
            *part = default.as_bytes();
        }
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, part) in PARTS
        .into_iter()
        .zip(parts)
        .chain([("_rels/.rels", PACKAGE.as_bytes())])
    {
        if !part.is_empty() {
            writer.start_file(name, stored).ok()?;
            writer.write_all(part).ok()?;
        }
    }
    Some(writer.finish().ok()?.into_inner())
}
