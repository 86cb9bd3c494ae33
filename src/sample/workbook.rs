//! Sheets as an Excel workbook.

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, Format, Workbook};

use super::{
    options::{SYNTHETIC, SampleError},
    sheets::{Cell, Sheet},
};

/// Longer sheets are streamed: a shared string table of a million identifiers would not fit small machines.
const ROWS_IN_MEMORY_MAX: usize = 20_000;
/// Excel's own level: a third faster than the default for a tenth more bytes.
const COMPRESSION_LEVEL_LONG: u8 = 3;
/// Written into every workbook: the current time would change the bytes with each run.
const CREATED: NaiveDate = NaiveDate::from_ymd_opt(2024, 9, 3).unwrap();
/// Wide enough for a pupil's id.
const COLUMN_WIDTH: f64 = 16.0;

/// The bytes of a workbook with these sheets.
pub(super) fn write(title: &str, sheets: Vec<Sheet<'_>>) -> Result<Vec<u8>, SampleError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(
        &DocProperties::new()
            .set_title(title)
            .set_comment(format!("{SYNTHETIC}: invented data"))
            .set_creation_datetime(&CREATED),
    );
    if sheets.iter().any(|sheet| sheet.height > ROWS_IN_MEMORY_MAX) {
        workbook.set_zip_compression_level(COMPRESSION_LEVEL_LONG);
    }
    let code = Format::new().set_num_format("0000");
    let date = Format::new().set_num_format("m/d/yyyy");
    for sheet in sheets {
        let worksheet = if sheet.height > ROWS_IN_MEMORY_MAX {
            workbook.add_worksheet_with_constant_memory()?
        } else {
            workbook.add_worksheet()
        };
        worksheet.set_name(&*sheet.name)?.set_hidden(sheet.hidden);
        for column in (0u16..).take(sheet.width) {
            worksheet.set_column_width(column, COLUMN_WIDTH)?;
        }
        for (row, cells) in (0u32..).zip(sheet.rows) {
            for (column, cell) in (0u16..).zip(&cells) {
                match cell {
                    Cell::Empty => {}
                    Cell::Text(text) => {
                        worksheet.write_string(row, column, &**text)?;
                    }
                    Cell::Number(number) => {
                        worksheet.write_number(row, column, double(*number))?;
                    }
                    Cell::Code(number) => {
                        worksheet.write_number_with_format(row, column, double(*number), &code)?;
                    }
                    Cell::Date(day) => {
                        worksheet.write_datetime_with_format(row, column, day, &date)?;
                    }
                }
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}

/// Excel stores numbers as doubles. The sample's have at most ten digits, so none is rounded.
#[expect(
    clippy::cast_precision_loss,
    reason = "at most ten digits, and a double holds fifteen"
)]
fn double(number: u64) -> f64 {
    number as f64
}
