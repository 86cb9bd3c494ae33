//! Tables in every format that a submission may have.

use std::io::{Cursor, Read as _, Write as _};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// A cell as a spreadsheet knows it.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// Text.
    Text(String),
    /// A number in the general format.
    Number(f64),
    /// A real date: year, month, day.
    Date(u16, u8, u8),
    /// `TRUE` or `FALSE`.
    Boolean(bool),
    /// A formula whose value is an error, such as `#REF!`.
    Error(&'static str),
    /// A formula that was never calculated.
    Uncalculated,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        if text.is_empty() {
            Cell::Blank
        } else {
            Cell::Text(text.to_string())
        }
    }
}

/// A sheet of a workbook.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name.
    pub name: &'static str,
    /// Whether a person does not see it.
    pub hidden: bool,
    /// Its rows from the first on.
    pub rows: Vec<Vec<Cell>>,
}

/// A visible sheet.
pub fn sheet(name: &'static str, rows: Vec<Vec<Cell>>) -> Sheet {
    Sheet {
        name,
        hidden: false,
        rows,
    }
}

/// Rows of text as cells.
pub fn cells<R: AsRef<[String]>>(rows: &[R]) -> Vec<Vec<Cell>> {
    rows.iter()
        .map(|row| {
            row.as_ref()
                .iter()
                .map(|text| text.as_str().into())
                .collect()
        })
        .collect()
}

/// A cached result that no test uses otherwise: it is taken out of the workbook to leave a formula that was never calculated.
const NO_RESULT: &str = "271828182";

/// A workbook of Excel.
pub fn xlsx(sheets: &[Sheet]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    // The same sheets, the same bytes: some workbooks are committed as examples.
    let made = ExcelDateTime::from_ymd(2024, 9, 1).unwrap();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let date_format = Format::new().set_num_format("yyyy-mm-dd");
    // Excel shows the first sheet that is not hidden.
    let shown = sheets.iter().position(|sheet| !sheet.hidden).unwrap_or(0);
    for (position, sheet) in sheets.iter().enumerate() {
        let worksheet = workbook.add_worksheet();
        worksheet
            .set_name(sheet.name)
            .unwrap()
            .set_hidden(sheet.hidden);
        if position == shown {
            worksheet.set_active(true);
        }
        for (row, cells) in (0..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Blank => Ok(&mut *worksheet),
                    Cell::Text(text) => worksheet.write_string(row, column, text),
                    Cell::Number(number) => worksheet.write_number(row, column, *number),
                    Cell::Date(year, month, day) => {
                        let date = ExcelDateTime::from_ymd(*year, *month, *day).unwrap();
                        worksheet.write_datetime_with_format(row, column, date, &date_format)
                    }
                    Cell::Boolean(truth) => worksheet.write_boolean(row, column, *truth),
                    Cell::Error(error) => {
                        worksheet.write_formula(row, column, Formula::new("1/0").set_result(*error))
                    }
                    Cell::Uncalculated => worksheet.write_formula(
                        row,
                        column,
                        Formula::new("1+1").set_result(NO_RESULT),
                    ),
                }
                .unwrap();
            }
        }
    }
    with_parts(&workbook.save_to_buffer().unwrap(), |name, part| {
        if name.starts_with("xl/worksheets/") {
            part.replace(&format!("<v>{NO_RESULT}</v>"), "")
        } else {
            part
        }
    })
}

/// The parts of a zip file by name, in its order.
pub fn parts(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    let positions = 0..archive.len();
    let part = |position: usize| {
        let mut part = archive.by_index(position).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        (part.name().unwrap().into_owned(), content)
    };
    positions.map(part).collect()
}

/// The same for parts that are all text.
pub fn text_parts(zip: &[u8]) -> Vec<(String, String)> {
    let parts = parts(zip).into_iter();
    let as_text = parts.map(|(name, content)| {
        let text = String::from_utf8(content).unwrap_or_else(|_| panic!("{name} is not text"));
        (name, text)
    });
    as_text.collect()
}

/// A part of a zip file as text.
pub fn text_part(zip: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut part = archive.by_name(name).unwrap();
    let mut text = String::new();
    part.read_to_string(&mut text).unwrap();
    text
}

/// A zip file whose parts of text a test has changed.
pub fn with_parts(zip: &[u8], change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let parts = text_parts(zip).into_iter().map(|(name, text)| {
        let changed = change(&name, text);
        (name, changed)
    });
    zip_of(&parts.collect::<Vec<_>>())
}

/// A zip file with one part more.
pub fn with_part(zip: Vec<u8>, name: &str, content: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new_append(Cursor::new(zip)).unwrap();
    writer
        .start_file(name, SimpleFileOptions::default())
        .unwrap();
    writer.write_all(content.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// A zip file of these parts.
pub fn zip_of(parts: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer
            .start_file(name.as_ref(), SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An `OpenDocument` spreadsheet, its cells as `LibreOffice` writes them.
pub fn ods(sheets: &[Sheet]) -> Vec<u8> {
    let mut content = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3">
<office:automatic-styles>
<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet>"#,
    );
    for sheet in sheets {
        let style = if sheet.hidden { "hidden" } else { "shown" };
        content.push_str(&format!(
            r#"<table:table table:name="{}" table:style-name="{style}">"#,
            sheet.name
        ));
        for row in &sheet.rows {
            let cells: String = row.iter().map(ods_cell).collect();
            content.push_str(&format!(
                "<table:table-row>{cells}<table:table-cell/></table:table-row>"
            ));
        }
        content.push_str("</table:table>");
    }
    content.push_str("</office:spreadsheet></office:body></office:document-content>");
    zip_of(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", &content),
    ])
}

fn ods_cell(cell: &Cell) -> String {
    match cell {
        Cell::Blank => "<table:table-cell/>".to_string(),
        Cell::Text(text) => {
            let paragraphs: String = text
                .split('\n')
                .map(|line| format!("<text:p>{}</text:p>", ods_line(line)))
                .collect();
            format!(
                r#"<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>"#
            )
        }
        Cell::Number(number) => {
            format!(
                r#"<table:table-cell office:value-type="float" office:value="{number}"><text:p>{number}</text:p></table:table-cell>"#
            )
        }
        Cell::Date(year, month, day) => {
            let date = format!("{year:04}-{month:02}-{day:02}");
            format!(
                r#"<table:table-cell office:value-type="date" office:date-value="{date}"><text:p>{month}/{day}</text:p></table:table-cell>"#
            )
        }
        Cell::Boolean(truth) => {
            format!(
                r#"<table:table-cell office:value-type="boolean" office:boolean-value="{truth}"><text:p>shown</text:p></table:table-cell>"#
            )
        }
        Cell::Error(error) => format!(
            r#"<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>{error}</text:p></table:table-cell>"#
        ),
        Cell::Uncalculated => r#"<table:table-cell table:formula="of:=1+1"/>"#.to_string(),
    }
}

/// A line of a text as `LibreOffice` writes it: what white space would lose in markup is an element.
fn ods_line(line: &str) -> String {
    let mut markup = String::new();
    let mut before = ' ';
    for character in line.chars() {
        match character {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '\t' => markup.push_str("<text:tab/>"),
            ' ' if before == ' ' => markup.push_str("<text:s/>"),
            other => markup.push(other),
        }
        before = character;
    }
    markup
}

/// Delimited text.
pub fn delimited(rows: &[Vec<String>], delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}
