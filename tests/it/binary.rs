//! Workbooks in the two binary formats, record by record: xlsb, and xls as Excel 97 wrote it. No library here writes them, and
//! hostile ones cannot be made in any other way.

use std::io::{Cursor, Write as _};

use chrono::NaiveDate;

use crate::spreadsheets::{Cell, Sheet, zip_of};

/// Days from 1899-12-30, or from 1904-01-01.
fn serial(date: (u16, u8, u8), dates_1904: bool) -> f64 {
    let date = NaiveDate::from_ymd_opt(date.0.into(), date.1.into(), date.2.into()).unwrap();
    let first = if dates_1904 {
        NaiveDate::from_ymd_opt(1904, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(1899, 12, 30)
    };
    f64::from(i32::try_from((date - first.unwrap()).num_days()).unwrap())
}

/// The number of an error value; any other text gets one that no program knows.
fn error_number(text: &str) -> u8 {
    match text {
        "#NULL!" => 0x00,
        "#DIV/0!" => 0x07,
        "#VALUE!" => 0x0F,
        "#REF!" => 0x17,
        "#NAME?" => 0x1D,
        "#NUM!" => 0x24,
        "#N/A" => 0x2A,
        _ => 0x31,
    }
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap()
}

/// A record of xlsb: number and length in seven bits a byte.
pub fn xlsb_record(number: u16, content: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    if number < 0x80 {
        record.push(u8::try_from(number).unwrap());
    } else {
        record.extend([
            u8::try_from(number & 0x7F).unwrap() | 0x80,
            u8::try_from(number >> 7).unwrap(),
        ]);
    }
    let mut length = content.len();
    loop {
        let low = u8::try_from(length & 0x7F).unwrap();
        length >>= 7;
        record.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    record.extend(content);
    record
}

fn wide(text: &str) -> Vec<u8> {
    [
        count(text.encode_utf16().count()).to_le_bytes().to_vec(),
        utf_16(text),
    ]
    .concat()
}

fn xlsb_cell(column: u32, cell: &Cell, dates_1904: bool) -> Vec<u8> {
    let head = |style: u32| [column.to_le_bytes(), style.to_le_bytes()].concat();
    let formula_error =
        |error: u8| xlsb_record(0x0B, &[head(0), vec![error, 0, 0], vec![0; 8]].concat());
    match cell {
        Cell::Blank => xlsb_record(0x01, &head(0)),
        Cell::Text(text) => xlsb_record(0x06, &[head(0), wide(text)].concat()),
        Cell::Number(number) => {
            xlsb_record(0x05, &[head(0), number.to_le_bytes().to_vec()].concat())
        }
        Cell::Date(year, month, day) => xlsb_record(
            0x05,
            &[
                head(1),
                serial((*year, *month, *day), dates_1904)
                    .to_le_bytes()
                    .to_vec(),
            ]
            .concat(),
        ),
        Cell::Boolean(truth) => xlsb_record(0x04, &[head(0), vec![u8::from(*truth)]].concat()),
        Cell::Error(error) => formula_error(error_number(error)),
        // The format has no formula without a value: programs that do not calculate store an error.
        Cell::Uncalculated => formula_error(error_number("#N/A")),
    }
}

/// The records of a sheet of xlsb around those of its rows.
pub fn xlsb_sheet(rows: &[u8]) -> Vec<u8> {
    let begin = [
        xlsb_record(0x81, &[]),
        xlsb_record(0x94, &[0; 16]),
        xlsb_record(0x91, &[]),
    ]
    .concat();
    [
        begin,
        rows.to_vec(),
        xlsb_record(0x92, &[]),
        xlsb_record(0x82, &[]),
    ]
    .concat()
}

/// A binary workbook of these sheets, already in records: name, whether it is hidden, content.
pub fn xlsb_of(sheets: &[(&str, bool, Vec<u8>)], dates_1904: bool) -> Vec<u8> {
    let mut workbook = [
        xlsb_record(0x83, &[]),
        xlsb_record(0x99, &[u8::from(dates_1904), 0, 0, 0, 0, 0, 0, 0]),
        xlsb_record(0x8F, &[]),
    ]
    .concat();
    let mut relations = String::new();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for (number, (name, hidden, content)) in (1_u32..).zip(sheets) {
        let head = [u32::from(*hidden).to_le_bytes(), number.to_le_bytes()].concat();
        workbook.extend(xlsb_record(
            0x9C,
            &[head, wide(&format!("rId{number}")), wide(name)].concat(),
        ));
        relations.push_str(&format!(
            "<Relationship Id=\"rId{number}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
             Target=\"worksheets/sheet{number}.bin\"/>"
        ));
        parts.push((format!("xl/worksheets/sheet{number}.bin"), content.clone()));
    }
    workbook.extend(
        [
            xlsb_record(0x90, &[]),
            xlsb_record(0x9D, &[0; 26]),
            xlsb_record(0x84, &[]),
        ]
        .concat(),
    );
    // General, and a date (built-in format 14).
    let format = |number: u8| xlsb_record(0x2F, &[&[0, 0, number, 0][..], &[0; 12]].concat());
    let styles = [
        xlsb_record(0x0269, &2_u32.to_le_bytes()),
        format(0),
        format(14),
        xlsb_record(0x026A, &[]),
    ]
    .concat();
    parts.extend([
        ("xl/workbook.bin".to_string(), workbook),
        ("xl/styles.bin".to_string(), styles),
        (
            "xl/_rels/workbook.bin.rels".to_string(),
            format!("<Relationships>{relations}</Relationships>").into_bytes(),
        ),
    ]);
    zip_of(&parts)
}

fn xlsb_in(sheets: &[Sheet], dates_1904: bool) -> Vec<u8> {
    let sheets: Vec<_> = sheets
        .iter()
        .map(|sheet| {
            let rows = (0_u32..).zip(&sheet.rows).flat_map(|(row, cells)| {
                let head = xlsb_record(0x00, &[row.to_le_bytes().to_vec(), vec![0; 13]].concat());
                let cells = (0..)
                    .zip(cells)
                    .flat_map(|(column, cell)| xlsb_cell(column, cell, dates_1904));
                head.into_iter().chain(cells).collect::<Vec<u8>>()
            });
            (
                sheet.name,
                sheet.hidden,
                xlsb_sheet(&rows.collect::<Vec<u8>>()),
            )
        })
        .collect();
    xlsb_of(&sheets, dates_1904)
}

/// A binary workbook.
pub fn xlsb(sheets: &[Sheet]) -> Vec<u8> {
    xlsb_in(sheets, false)
}

/// A binary workbook whose dates count from 1904.
pub fn xlsb_1904(sheets: &[Sheet]) -> Vec<u8> {
    xlsb_in(sheets, true)
}

/// A record of xls.
pub fn xls_record(number: u16, content: &[u8]) -> Vec<u8> {
    [
        &number.to_le_bytes()[..],
        &u16::try_from(content.len()).unwrap().to_le_bytes(),
        content,
    ]
    .concat()
}

/// Row, column and format of a cell of xls.
pub fn xls_head(row: u16, column: u16, format: u16) -> Vec<u8> {
    [row, column, format]
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect()
}

fn xls_cell(row: u16, column: u16, cell: &Cell, dates_1904: bool) -> Vec<u8> {
    let head = |format: u16| xls_head(row, column, format);
    let formula =
        |value: [u8; 8]| xls_record(0x0006, &[head(0), value.to_vec(), vec![0; 8]].concat());
    match cell {
        Cell::Blank => xls_record(0x0201, &head(0)),
        Cell::Text(text) => {
            let length = u16::try_from(text.encode_utf16().count())
                .unwrap()
                .to_le_bytes();
            xls_record(
                0x0204,
                &[head(0), length.to_vec(), vec![1], utf_16(text)].concat(),
            )
        }
        Cell::Number(number) => {
            xls_record(0x0203, &[head(0), number.to_le_bytes().to_vec()].concat())
        }
        Cell::Date(year, month, day) => xls_record(
            0x0203,
            &[
                head(1),
                serial((*year, *month, *day), dates_1904)
                    .to_le_bytes()
                    .to_vec(),
            ]
            .concat(),
        ),
        Cell::Boolean(truth) => xls_record(0x0205, &[head(0), vec![u8::from(*truth), 0]].concat()),
        Cell::Error(error) => formula([2, 0, error_number(error), 0, 0, 0, 0xFF, 0xFF]),
        Cell::Uncalculated => formula([2, 0, error_number("#N/A"), 0, 0, 0, 0xFF, 0xFF]),
    }
}

/// The begin of a stream of xls: 5 for the workbook, 16 for a sheet.
pub fn xls_begin(kind: u8) -> Vec<u8> {
    xls_record(0x0809, &[&[0, 6, kind, 0][..], &[0; 12]].concat())
}

/// A container of Office with one stream.
pub fn contained(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    container
        .create_stream(name)
        .unwrap()
        .write_all(stream)
        .unwrap();
    container.into_inner().into_inner()
}

/// An old workbook of these sheets, already in records: name, whether it is hidden, the records between begin and end; `globals` are
/// further records of the workbook.
pub fn xls_of(sheets: &[(&str, bool, Vec<u8>)], globals: &[u8], dates_1904: bool) -> Vec<u8> {
    let format = |number: u8| xls_record(0x00E0, &[&[0, 0, number, 0][..], &[0; 16]].concat());
    let head = [
        xls_begin(5),
        xls_record(0x0022, &[u8::from(dates_1904), 0]),
        format(0),
        format(14),
        globals.to_vec(),
    ]
    .concat();
    let end = xls_record(0x000A, &[]);
    let listed = |name: &str, hidden: bool, at: usize| {
        let name = [&[u8::try_from(name.len()).unwrap(), 1][..], &utf_16(name)].concat();
        xls_record(
            0x0085,
            &[
                count(at).to_le_bytes().to_vec(),
                vec![u8::from(hidden), 0],
                name,
            ]
            .concat(),
        )
    };
    let list_bytes: usize = sheets
        .iter()
        .map(|(name, hidden, _)| listed(name, *hidden, 0).len())
        .sum();
    let mut at = head.len() + list_bytes + end.len();
    let mut list = Vec::new();
    let mut content = Vec::new();
    for (name, hidden, records) in sheets {
        list.extend(listed(name, *hidden, at));
        let sheet = [
            xls_begin(16),
            xls_record(0x0200, &[0; 14]),
            records.clone(),
            end.clone(),
        ]
        .concat();
        at += sheet.len();
        content.extend(sheet);
    }
    contained("Workbook", &[head, list, end, content].concat())
}

fn xls_in(sheets: &[Sheet], dates_1904: bool) -> Vec<u8> {
    let sheets: Vec<_> = sheets
        .iter()
        .map(|sheet| {
            let cells = (0_u16..).zip(&sheet.rows).flat_map(|(row, cells)| {
                (0_u16..)
                    .zip(cells)
                    .flat_map(move |(column, cell)| xls_cell(row, column, cell, dates_1904))
                    .collect::<Vec<u8>>()
            });
            (sheet.name, sheet.hidden, cells.collect::<Vec<u8>>())
        })
        .collect();
    xls_of(&sheets, &[], dates_1904)
}

/// An old workbook.
pub fn xls(sheets: &[Sheet]) -> Vec<u8> {
    xls_in(sheets, false)
}

/// An old workbook whose dates count from 1904.
pub fn xls_1904(sheets: &[Sheet]) -> Vec<u8> {
    xls_in(sheets, true)
}
