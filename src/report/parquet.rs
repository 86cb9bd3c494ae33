//! `completions.parquet`: the columns of `completions.csv` with types, for programs that read many years at once.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::calculation::Calculation;
use crate::ranks::RowRank;
use crate::results::columns::{ColumnEntry, FILES, Kind, ResultColumn};
use crate::results::record::{Record, Value};

/// The schema: texts are what the csv holds, without its guard against formulas; weight and amount are exact decimals.
fn schema() -> String {
    let fields = FILES.map(|column| {
        let ColumnEntry {
            key,
            kind,
            required,
            ..
        } = column.entry();
        let presence = if required { "required" } else { "optional" };
        match kind {
            Kind::Text | Kind::Words => format!("  {presence} binary {key} (UTF8);\n"),
            Kind::Number => format!("  {presence} int32 {key} (INTEGER(32,false));\n"),
            Kind::Hundredths => format!("  {presence} int64 {key} (DECIMAL(18,2));\n"),
        }
    });
    format!("message completions {{\n{}}}", fields.concat())
}

/// Rows of a group: a reader holds one group at a time.
const GROUP_ROWS: usize = 131_072;

/// Writes `completions.parquet`.
pub fn completions(calculation: &Calculation, mut out: impl Write + Send) -> io::Result<()> {
    // In memory first: the library hides the kind of a disk error, and with it what to do.
    let mut bytes = Vec::new();
    let schema = Arc::new(parse_message_type(&schema())?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("cdip {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    let records = calculation.records();
    let positions: Vec<RowRank> = RowRank::all(records.len()).collect();
    for group in positions.chunks(GROUP_ROWS) {
        let rows: Vec<Record<'_>> = group
            .iter()
            .map(|position| records.get(*position))
            .collect();
        let mut columns = writer.next_row_group()?;
        for column in FILES {
            write_column(&mut columns, column, &rows)?;
        }
        columns.close()?;
    }
    writer.close()?;
    out.write_all(&bytes)
}

/// Writes a column of a group of rows, as its kind says.
fn write_column(
    columns: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    column: ResultColumn,
    rows: &[Record<'_>],
) -> io::Result<()> {
    let cells = rows.iter().map(|row| row.value(column));
    match column.entry().kind {
        Kind::Text | Kind::Words => {
            let text = |value: Value<'_>| ByteArray::from(&*value.into_text());
            values::<ByteArrayType>(columns, cells.map(|value| Some(text(value))))
        }
        Kind::Number => values::<Int32Type>(columns, cells.map(|value| number(&value))),
        Kind::Hundredths => values::<Int64Type>(columns, cells.map(|value| hundredths(&value))),
    }
}

/// Row numbers and tiers are far below 2^31 by their limits.
fn number(value: &Value<'_>) -> Option<i32> {
    match value {
        Value::Number(number) => Some(i32::try_from(*number).unwrap_or(i32::MAX)),
        _ => None,
    }
}

fn hundredths(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Weight(weight) => Some(weight.hundredths().into()),
        Value::Money(money) => Some(money.cents()),
        _ => None,
    }
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
        // A required column has no levels, as the schema says.
        column
            .typed::<T>()
            .write_batch(&present, Some(&levels), None)?;
        column.close()?;
    }
    Ok(())
}
