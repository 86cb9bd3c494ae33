//! `completions.parquet`: the columns of `completions.csv` with types, for programs that read many years at once.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::record::{Record, Records};
use crate::calculation::Calculation;

/// Texts are what the csv holds, without its guard against formulas; `weight` and `amount` are exact decimals.
const SCHEMA: &str = "message completions {
  required binary source_file (UTF8);
  required binary source_sheet (UTF8);
  required int32 source_row (INTEGER(32,false));
  required binary district_code (UTF8);
  required binary school_code (UTF8);
  required binary sasid (UTF8);
  required binary program_code (UTF8);
  required binary category (UTF8);
  optional int32 tier (INTEGER(32,false));
  required binary completion_date (UTF8);
  required binary grade (UTF8);
  required binary frl (UTF8);
  required binary participant (UTF8);
  required binary outcome (UTF8);
  required binary codes (UTF8);
  optional int32 weight (DECIMAL(9,2));
  required int64 amount (DECIMAL(18,2));
}";

/// Rows of a group: a reader holds one group at a time.
const GROUP_ROWS: usize = 131_072;

/// Writes `completions.parquet`.
pub fn completions(calculation: &Calculation, out: impl Write + Send) -> io::Result<()> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("cdip {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut writer = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
    let records = Records::of(calculation);
    let positions: Vec<usize> = (0..records.len()).collect();
    for group in positions.chunks(GROUP_ROWS) {
        let rows: Vec<Record<'_>> = group
            .iter()
            .map(|position| records.get(*position))
            .collect();
        let mut columns = writer.next_row_group()?;
        texts(&mut columns, &rows, |row| row.source_file)?;
        texts(&mut columns, &rows, |row| row.source_sheet)?;
        values::<Int32Type>(
            &mut columns,
            rows.iter().map(|row| Some(whole(row.source_row))),
        )?;
        texts(&mut columns, &rows, |row| &row.district_code)?;
        texts(&mut columns, &rows, |row| &row.school_code)?;
        texts(&mut columns, &rows, |row| &row.sasid)?;
        texts(&mut columns, &rows, |row| &row.program_code)?;
        texts(&mut columns, &rows, |row| row.category)?;
        values::<Int32Type>(&mut columns, rows.iter().map(|row| row.tier.map(whole)))?;
        texts(&mut columns, &rows, |row| &row.completion_date)?;
        texts(&mut columns, &rows, |row| &row.grade)?;
        texts(&mut columns, &rows, |row| &row.frl)?;
        texts(&mut columns, &rows, |row| row.participant)?;
        texts(&mut columns, &rows, |row| row.outcome.as_str())?;
        let codes: Vec<String> = rows
            .iter()
            .map(|row| row.decision.codes.to_string())
            .collect();
        values::<ByteArrayType>(
            &mut columns,
            codes
                .iter()
                .map(|codes| Some(ByteArray::from(codes.as_str()))),
        )?;
        values::<Int32Type>(
            &mut columns,
            rows.iter()
                .map(|row| row.decision.weight.map(|weight| whole(weight.hundredths()))),
        )?;
        values::<Int64Type>(
            &mut columns,
            rows.iter().map(|row| Some(row.decision.amount.cents())),
        )?;
        columns.close()?;
    }
    writer.close()?;
    Ok(())
}

/// Row numbers, tiers and weights are far below 2^31 by their limits.
fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn texts<'r, W: Write + Send>(
    columns: &mut SerializedRowGroupWriter<'_, W>,
    rows: &'r [Record<'_>],
    text: impl Fn(&'r Record<'_>) -> &'r str,
) -> io::Result<()> {
    values::<ByteArrayType>(
        columns,
        rows.iter().map(|row| Some(ByteArray::from(text(row)))),
    )
}

/// Writes the next column; what is `None` is null.
fn values<T: DataType>(
    columns: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: impl Iterator<Item = Option<T::T>>,
) -> io::Result<()> {
    let mut present = Vec::new();
    let mut levels = Vec::new();
    for value in values {
        levels.push(i16::from(value.is_some()));
        present.extend(value);
    }
    if let Some(mut column) = columns.next_column()? {
        // A required column takes no levels; the schema says which one it is.
        column
            .typed::<T>()
            .write_batch(&present, Some(&levels), None)?;
        column.close()?;
    }
    Ok(())
}
