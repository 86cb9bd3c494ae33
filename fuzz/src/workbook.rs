//! A submission as a workbook of any format. The bytes of a zip file are hard to change into those of another one, since a changed part
//! no longer has its checksum; so besides a file as it stands, an input can be the parts of a package, or the stream of an old workbook.

use std::io::{Cursor, Write as _};

use cdip::intake::Layout;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::submission;

/// Before an input that is the parts of a package: for each its name, a line end and its content.
pub const PACKAGE: u8 = b'p';
/// Before an input that is the stream of an old workbook.
pub const OLD_STREAM: u8 = b'o';
/// Before an input that is a file as it stands.
pub const FILE: u8 = b'f';
/// Between two parts: no markup has such bytes, and hardly any record.
pub const PART_END: &[u8] = b"\x1e\x1e\x1e";

/// The first byte says what the rest is.
pub fn run(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    let bytes = match *kind {
        PACKAGE => package(rest),
        OLD_STREAM => container(rest),
        _ => Some(rest.to_vec()),
    };
    let Some(bytes) = bytes else { return };
    submission::read("submissions/0010.xlsx", &bytes, &Layout::default());
}

/// The parts as a zip file without compression; none where two parts have one name.
fn package(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    while !rest.is_empty() {
        let end = rest
            .windows(PART_END.len())
            .position(|window| window == PART_END);
        let (part, others) = end.map_or((rest, &[][..]), |end| {
            (&rest[..end], &rest[end + PART_END.len()..])
        });
        rest = others;
        let line = part
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(part.len());
        writer
            .start_file(String::from_utf8_lossy(&part[..line]), stored)
            .ok()?;
        writer
            .write_all(part.get(line + 1..).unwrap_or_default())
            .ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// The container of Office with the stream of a workbook in it.
fn container(stream: &[u8]) -> Option<Vec<u8>> {
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    container
        .create_stream("Workbook")
        .ok()?
        .write_all(stream)
        .ok()?;
    Some(container.into_inner().into_inner())
}
