//! What a file is, judged by its content, and whether it is safe to open: before any parser allocates by what the file claims.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::cells::Refusal;
use super::limits::{INFLATED_BYTES_MAX, INFLATION_RATIO_FLOOR_BYTES, INFLATION_RATIO_MAX, ZIP_ENTRIES_MAX};
use crate::catalogue::Code;

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// .xlsx and .xlsm
    Xlsx,
    /// .xlsb
    Xlsb,
    /// .xls
    Xls,
    /// .ods
    Ods,
    /// .csv and .txt
    Text,
}

const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
const COMPOUND_MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Tells the format of a file by its content; its ending only decides between text and a workbook that is none.
pub fn format_of(name: &str, bytes: &[u8]) -> Result<Format, Refusal> {
    if bytes.starts_with(ZIP_MAGIC) {
        return zip_format(bytes);
    }
    if bytes.starts_with(COMPOUND_MAGIC) {
        // Office wraps a protected workbook in a compound file with a stream of this name, in UTF-16.
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let protected = bytes.windows(name.len()).any(|window| window == name);
        return if protected { Err(Refusal::new(Code::F102, "the workbook is protected by a password")) } else { Ok(Format::Xls) };
    }
    match extension(name).as_str() {
        "csv" | "txt" => Ok(Format::Text),
        ending => Err(Refusal::new(Code::F101, format!("the file ends in .{ending} but is no workbook"))),
    }
}

/// The ending of a file name in lower case, without the dot; empty without one.
#[must_use]
pub fn extension(name: &str) -> String {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
}

/// Inflates every part once, counting: declared sizes can lie.
fn zip_format(bytes: &[u8]) -> Result<Format, Refusal> {
    let damaged = |_| Refusal::new(Code::F101, "the workbook is damaged: it is no complete zip file");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > ZIP_ENTRIES_MAX {
        return Err(Refusal::limit(format!("the workbook has {} parts; at most {ZIP_ENTRIES_MAX} are read", archive.len())));
    }
    let mut format = None;
    let mut inflated_total = 0;
    for position in 0..archive.len() {
        let entry = archive.by_index(position).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(text) if text == zip::result::ZipError::PASSWORD_REQUIRED => {
                Refusal::new(Code::F102, "the workbook is protected by a password")
            }
            _ => Refusal::new(Code::F101, "the workbook is damaged: a part of it cannot be opened"),
        })?;
        let name = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
        match name.as_str() {
            "xl/workbook.xml" => format = Some(Format::Xlsx),
            "xl/workbook.bin" => format = Some(Format::Xlsb),
            "content.xml" => format = Some(Format::Ods),
            _ => {}
        }
        let ratio_max = (entry.compressed_size() * INFLATION_RATIO_MAX).max(INFLATION_RATIO_FLOOR_BYTES);
        let allowed = ratio_max.min(INFLATED_BYTES_MAX - inflated_total);
        let mut inflated = PartBytes::default();
        let counted = std::io::copy(&mut entry.take(allowed + 1), &mut inflated)
            .map_err(|_| Refusal::new(Code::F101, "the workbook is damaged: a part of it cannot be inflated"))?;
        if counted > allowed {
            let limit = INFLATED_BYTES_MAX >> 20;
            return Err(Refusal::limit(format!(
                "the workbook inflates to more than it should: at most {limit} MB in all and {INFLATION_RATIO_MAX} times a part's size"
            )));
        }
        inflated_total += counted;
        if name == "xl/sharedStrings.xml" {
            shared_string_count_is_sane(&inflated.head, counted)?;
        }
        if name == "META-INF/manifest.xml" && contains(&inflated.head, b"encryption-data") {
            return Err(Refusal::new(Code::F102, "the document is protected by a password"));
        }
    }
    format.ok_or_else(|| Refusal::new(Code::F101, "the file is a zip file but no workbook"))
}

/// Counts what passes and keeps the head of it.
#[derive(Default)]
struct PartBytes {
    head: Vec<u8>,
}

/// Enough for the root element of a shared-strings part and for the manifest of a small document.
const HEAD_BYTES: usize = 64 << 10;

impl std::io::Write for PartBytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let wanted = HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..wanted]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// The reader reserves memory for as many strings as the part claims, and each takes at least the five bytes of an empty `<si/>`.
fn shared_string_count_is_sane(head: &[u8], part_bytes: u64) -> Result<(), Refusal> {
    let head = String::from_utf8_lossy(head);
    // The other number, `count`, is how often strings are used: it reserves nothing, and may well exceed the part.
    let Some((_, rest)) = head.split_once("uniqueCount") else { return Ok(()) };
    let value = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\''));
    let digits = value.split(['"', '\'']).next().unwrap_or_default();
    // What is no number of 64 bits is no number of strings either.
    if digits.parse().unwrap_or(u64::MAX) > part_bytes / 5 + 1 {
        return Err(Refusal::limit("the workbook claims more texts than it can hold"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_claims_more_texts_than_it_has_bytes_for_is_refused() {
        let sane = |attributes: &str| shared_string_count_is_sane(format!("<sst{attributes}><si/></sst>").as_bytes(), 1_000).is_ok();
        // 1,000 bytes hold at most 200 strings of five; the number of uses is another thing.
        for attributes in ["", " count=\"9000\"", " count=\"9000\" uniqueCount=\"200\"", " uniqueCount='1'"] {
            assert!(sane(attributes), "{attributes}");
        }
        for attributes in
            [" uniqueCount=\"202\"", "\tuniqueCount = '99999999999'", "\nuniqueCount=\"-1\"", " uniqueCount=\"18446744073709551616\""]
        {
            assert!(!sane(attributes), "{attributes}");
        }
    }
}
