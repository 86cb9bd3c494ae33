//! A sheet as a text file, in the delimiters and encodings that entities use.

use super::{options::SampleError, sheets::Sheet};

/// How a text file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) encoding: Encoding,
}

/// The encodings of real submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf8WithMark,
    Windows1252,
    Utf16,
}

/// The bytes of a text file with this sheet. Lines end as on Windows, where most of these files are made.
pub(super) fn write(dialect: Dialect, sheet: Sheet<'_>) -> Result<Vec<u8>, SampleError> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for cells in sheet.rows {
        for cell in &cells {
            writer.write_field(&*cell.displayed())?;
        }
        for _ in cells.len()..sheet.width {
            writer.write_field("")?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;
    Ok(match dialect.encoding {
        Encoding::Utf8 => bytes,
        Encoding::Utf8WithMark => [b"\xEF\xBB\xBF".as_slice(), &bytes].concat(),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252
            .encode(&String::from_utf8_lossy(&bytes))
            .0
            .into_owned(),
        Encoding::Utf16 => {
            let text = String::from_utf8_lossy(&bytes);
            "\u{FEFF}"
                .encode_utf16()
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect()
        }
    })
}
