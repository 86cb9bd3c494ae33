//! Sheets as a minimal `OpenDocument` spreadsheet that `LibreOffice` opens.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use quick_xml::escape::escape;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    options::{SYNTHETIC, SampleError},
    sheets::{Cell, Sheet},
};

const MIMETYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";

const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">
 <manifest:file-entry manifest:full-path="/" manifest:version="1.2" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
 <manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
 <manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>
</manifest:manifest>
"#;

const CONTENT_HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" office:version="1.2">
<office:automatic-styles>
<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="4"/></number:number-style>
<number:date-style style:name="N2"><number:month/><number:text>/</number:text><number:day/><number:text>/</number:text><number:year number:style="long"/></number:date-style>
<style:style style:name="code" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="date" style:family="table-cell" style:data-style-name="N2"/>
<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet>
"#;

const CONTENT_TAIL: &str = "</office:spreadsheet></office:body></office:document-content>\n";

/// The bytes of a spreadsheet with these sheets.
pub(super) fn write(title: &str, sheets: Vec<Sheet<'_>>) -> Result<Vec<u8>, SampleError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The mimetype comes first and uncompressed, so that its bytes identify the file at a fixed place.
    archive.start_file(
        "mimetype",
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
    )?;
    archive.write_all(MIMETYPE.as_bytes())?;

    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    archive.start_file("META-INF/manifest.xml", deflated)?;
    archive.write_all(MANIFEST.as_bytes())?;
    archive.start_file("meta.xml", deflated)?;
    archive.write_all(meta(title).as_bytes())?;

    archive.start_file("content.xml", deflated)?;
    archive.write_all(CONTENT_HEAD.as_bytes())?;
    let mut xml = String::new();
    for sheet in sheets {
        let style = if sheet.hidden { "hidden" } else { "shown" };
        writeln!(
            archive,
            r#"<table:table table:name="{}" table:style-name="{style}">"#,
            escape(&*sheet.name)
        )?;
        writeln!(
            archive,
            r#"<table:table-column table:number-columns-repeated="{}"/>"#,
            sheet.width
        )?;
        for cells in sheet.rows {
            xml.clear();
            push_row(&mut xml, &cells);
            archive.write_all(xml.as_bytes())?;
        }
        archive.write_all(b"</table:table>\n")?;
    }
    archive.write_all(CONTENT_TAIL.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}

/// The document's properties: the label, and a fixed date instead of today's.
fn meta(title: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.2">
<office:meta><dc:title>{}</dc:title><dc:description>{SYNTHETIC}: invented data</dc:description><meta:creation-date>2024-09-03T00:00:00</meta:creation-date></office:meta>
</office:document-meta>
"#,
        escape(title)
    )
}

fn push_row(xml: &mut String, cells: &[Cell]) {
    xml.push_str("<table:table-row>");
    for cell in cells {
        push_cell(xml, cell);
    }
    if cells.is_empty() {
        push_cell(xml, &Cell::Empty); // A row element needs at least one cell.
    }
    xml.push_str("</table:table-row>\n");
}

fn push_cell(xml: &mut String, cell: &Cell) {
    let displayed = cell.displayed();
    let attributes = match cell {
        Cell::Empty => {
            xml.push_str("<table:table-cell/>");
            return;
        }
        Cell::Text(_) => r#"office:value-type="string""#.to_owned(),
        Cell::Number(number) => format!(r#"office:value-type="float" office:value="{number}""#),
        Cell::Code(number) => {
            format!(r#"table:style-name="code" office:value-type="float" office:value="{number}""#)
        }
        Cell::Date(date) => {
            format!(
                r#"table:style-name="date" office:value-type="date" office:date-value="{date}""#
            )
        }
    };
    // Writing to a String cannot fail.
    let _ = write!(
        xml,
        "<table:table-cell {attributes}><text:p>{}</text:p></table:table-cell>",
        escape(&*displayed)
    );
}
