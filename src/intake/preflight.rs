//! What a file is, judged by its content, and whether it is safe to open: before any parser allocates by what the file claims.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::cells::{Format, Refusal, extension};
use super::limits::{
    INFLATED_BYTES_MAX, INFLATION_RATIO_FLOOR_BYTES, INFLATION_RATIO_MAX, ZIP_ENTRIES_MAX,
};
use super::markup::{self, Mender, Pieces};
use super::merges::Merge;
use super::package::{self, Package, Part, as_found, is_xml};
use super::records::{self, Records};
use crate::catalogue::Code;

const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
const COMPOUND_MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Tells the format of a file by its content; its ending only decides between text and a workbook that is none.
pub fn format_of(name: &str, bytes: &[u8]) -> Result<Safe, Refusal> {
    if bytes.starts_with(ZIP_MAGIC) {
        return zip_format(bytes);
    }
    if bytes.starts_with(COMPOUND_MAGIC) {
        // Office wraps a protected workbook in a compound file with a stream of this name, in UTF-16.
        let name: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let protected = bytes.windows(name.len()).any(|window| window == name);
        return if protected {
            Err(Refusal::protected())
        } else {
            Ok(Safe::of(Format::Xls))
        };
    }
    match extension(name).as_str() {
        "csv" | "txt" => Ok(Safe::of(Format::Text)),
        ending => Err(Refusal::new(
            Code::F101,
            format!("the file ends in .{ending} but is no workbook"),
        )),
    }
}

/// A file that is safe to open.
pub struct Safe {
    /// What it is.
    pub format: Format,
    /// Parts, by their position in the zip file, with content that the parser would pass over or refuse.
    to_mend: Vec<usize>,
    /// How the parts of a workbook in XML hang together.
    package: Option<Package>,
    /// By worksheet, in their order: the merged cells that span several rows.
    pub merges: Vec<Vec<Merge>>,
}

/// Inflates every part once, counting: declared sizes can lie.
fn zip_format(bytes: &[u8]) -> Result<Safe, Refusal> {
    let damaged = |_| Refusal::damaged("it is no complete zip file");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > ZIP_ENTRIES_MAX {
        return Err(Refusal::limit(format!(
            "the workbook has {} parts; at most {ZIP_ENTRIES_MAX} are read",
            archive.len()
        )));
    }
    let too_much = || {
        let limit = INFLATED_BYTES_MAX >> 20;
        Refusal::limit(format!(
            "the workbook inflates to more than it should: at most {limit} MB in all and {INFLATION_RATIO_MAX} times a part's size"
        ))
    };
    let mut format = None;
    let mut names: Vec<String> = Vec::new();
    let mut merges_of_parts: HashMap<usize, Vec<Merge>> = HashMap::new();
    let mut to_mend = Vec::new();
    let mut inflated_total = 0;
    let mut binary_targets = false;
    let mut xml_sheets = false;
    let mut chunk = vec![0; CHUNK_BYTES];
    for position in 0..archive.len() {
        let mut entry = archive.by_index(position).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(text)
                if text == zip::result::ZipError::PASSWORD_REQUIRED =>
            {
                Refusal::protected()
            }
            _ => Refusal::damaged("a part of it cannot be opened"),
        })?;
        let name = entry
            .name()
            .map(std::borrow::Cow::into_owned)
            .unwrap_or_default();
        match as_found(&name).as_str() {
            "xl/workbook.xml" => format = Some(Format::Xlsx),
            "xl/workbook.bin" => format = Some(Format::Xlsb),
            "content.xml" if name == "content.xml" => format = Some(Format::Ods),
            _ => {}
        }
        let ratio_max =
            (entry.compressed_size() * INFLATION_RATIO_MAX).max(INFLATION_RATIO_FLOOR_BYTES);
        let allowed = ratio_max.min(INFLATED_BYTES_MAX - inflated_total);
        if entry.size() > allowed {
            return Err(too_much());
        }
        names.push(name.clone());
        let name = as_found(&name);
        let mut judge = Judge::of(&name);
        let is_unread = matches!(judge, Judge::Unread);
        let mut counted = 0;
        let read = for_each_chunk(&mut entry, &mut chunk, |chunk| {
            counted += chunk.len() as u64;
            if counted > allowed {
                return Err(too_much());
            }
            judge.take(chunk)
        });
        match read {
            // A picture that is no picture concerns nobody: no parser sees it.
            Err(refusal) if !is_unread || refusal.code == Code::F104 => return Err(refusal),
            _ => {}
        }
        inflated_total += counted;
        binary_targets |= judge.has_binary_targets();
        xml_sheets |= name.starts_with("xl/worksheets/") && extension(&name) == "xml";
        if let Judge::Xml(_, judgement) = &mut judge
            && !judgement.merges.is_empty()
        {
            merges_of_parts.insert(position, std::mem::take(&mut judgement.merges));
        }
        if judge.end(counted)? {
            to_mend.push(position);
        }
    }
    let document = package::document(&mut archive, &names);
    let named = document.as_deref().filter(|document| is_xml(document));
    let format = format
        .or(named.map(|_| Format::Xlsx))
        .ok_or_else(|| Refusal::new(Code::F101, "the file is a zip file but no workbook"))?;
    // What was judged as the one kind must not be read as the other.
    if (format == Format::Xlsx && binary_targets) || (format == Format::Xlsb && xml_sheets) {
        return Err(Refusal::damaged("a sheet stands in a part that is none"));
    }
    let package = match (format, named) {
        (Format::Xlsx, Some(workbook)) => Some(Package::of(&mut archive, &names, workbook)?),
        _ => None,
    };
    let merges = package
        .iter()
        .flat_map(Package::sheet_parts)
        .map(|part| merges_of_parts.remove(&part).unwrap_or_default())
        .collect();
    Ok(Safe {
        format,
        to_mend,
        package,
        merges,
    })
}

/// Inflated bytes looked at together.
const CHUNK_BYTES: usize = 64 << 10;

fn for_each_chunk(
    part: &mut impl Read,
    chunk: &mut [u8],
    mut visit: impl FnMut(&[u8]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    loop {
        let read = part.read(chunk).map_err(|_| cannot_inflate())?;
        if read == 0 {
            return Ok(());
        }
        visit(&chunk[..read])?;
    }
}

fn cannot_inflate() -> Refusal {
    Refusal::damaged("a part of it cannot be inflated")
}

/// Looks at a part as whatever the parser would take it for.
enum Judge {
    Xml(Pieces, Box<markup::Judgement>),
    Records(Records, records::Judgement),
    /// Which parts are encrypted, in a document of another office.
    Manifest(Vec<u8>),
    /// Pictures and the like: no parser sees them.
    Unread,
}

impl Judge {
    fn of(name: &str) -> Judge {
        if name == "meta-inf/manifest.xml" {
            Judge::Manifest(Vec::new())
        } else if let Some(part) = records::part_of(name) {
            Judge::Records(Records::default(), records::Judgement::new(part))
        } else if matches!(extension(name).as_str(), "xml" | "rels")
            && !name.starts_with(markup::CUSTOM)
        {
            Judge::Xml(Pieces::default(), Box::default())
        } else {
            Judge::Unread
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        match self {
            Judge::Xml(pieces, judgement) => {
                pieces.feed(bytes, &mut |piece| judgement.piece(piece))
            }
            Judge::Records(records, judgement) => {
                records.feed(bytes, &mut |record| judgement.record(record))
            }
            Judge::Manifest(head) => {
                head.extend_from_slice(
                    &bytes[..bytes
                        .len()
                        .min(MANIFEST_BYTES_MAX.saturating_sub(head.len()))],
                );
                Ok(())
            }
            Judge::Unread => Ok(()),
        }
    }

    fn has_binary_targets(&self) -> bool {
        matches!(self, Judge::Xml(_, judgement) if judgement.binary_targets)
    }

    /// Whether the part has to be mended.
    fn end(self, part_bytes: u64) -> Result<bool, Refusal> {
        match self {
            Judge::Xml(_, judgement) => judgement.end(part_bytes).map(|()| judgement.to_mend),
            Judge::Records(_, judgement) => judgement.end(part_bytes).map(|()| judgement.to_mend),
            Judge::Manifest(head) if contains(&head, b"encryption-data") => Err(Refusal::new(
                Code::F102,
                "the document is protected by a password",
            )),
            Judge::Manifest(_) | Judge::Unread => Ok(false),
        }
    }
}

/// The bytes of a manifest that are looked at: some hundred for each part of the document.
const MANIFEST_BYTES_MAX: usize = 1 << 20;

impl Safe {
    fn of(format: Format) -> Safe {
        Safe {
            format,
            to_mend: Vec::new(),
            package: None,
            merges: Vec::new(),
        }
    }

    /// The file as the parser should see it: itself, or a copy in which what the parser would pass over or refuse is replaced, and its
    /// parts are where the parser looks for them.
    pub fn mended<'b>(&self, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, Refusal> {
        let rearranged = self.package.as_ref().and_then(Package::rearranged);
        if self.to_mend.is_empty() && rearranged.is_none() {
            return Ok(Cow::Borrowed(bytes));
        }
        self.copy(bytes, rearranged)
            .map(Cow::Owned)
            .map_err(|error| error.unwrap_or_else(cannot_inflate))
    }

    /// `Err(None)` where the zip file cannot be read or written.
    fn copy(&self, bytes: &[u8], parts: Option<Vec<Part>>) -> Result<Vec<u8>, Option<Refusal>> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| None)?;
        let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
        let Some(parts) = parts else {
            for position in 0..archive.len() {
                self.copy_part(&mut archive, position, None, &mut copy)?;
            }
            return copy.finish().map(Cursor::into_inner).map_err(|_| None);
        };
        for part in parts {
            match part {
                Part::Made(name, content) => {
                    copy.start_file(name, deflated()).map_err(|_| None)?;
                    copy.write_all(content.as_bytes()).map_err(|_| None)?;
                }
                Part::Moved(name, position) => {
                    self.copy_part(&mut archive, position, Some(name), &mut copy)?;
                }
            }
        }
        copy.finish().map(Cursor::into_inner).map_err(|_| None)
    }

    /// Copies a part, mended where it has to be; under its own name or another.
    fn copy_part(
        &self,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        position: usize,
        name: Option<String>,
        copy: &mut ZipWriter<Cursor<Vec<u8>>>,
    ) -> Result<(), Option<Refusal>> {
        let mut part = archive.by_index(position).map_err(|_| None)?;
        let own_name = part.name().map(Cow::into_owned).map_err(|_| None)?;
        if !self.to_mend.contains(&position) {
            let copied = match name {
                None => copy.raw_copy_file(part),
                Some(name) => copy.raw_copy_file_rename(part, name.as_str()),
            };
            return copied.map_err(|_| None);
        }
        let mut mend = Mend::of(&as_found(&own_name));
        copy.start_file(name.unwrap_or(own_name).as_str(), deflated())
            .map_err(|_| None)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut mended = Vec::new();
        for_each_chunk(&mut part, &mut chunk, |chunk| {
            mended.clear();
            mend.take(chunk, &mut mended)?;
            copy.write_all(&mended).map_err(|_| cannot_inflate())
        })?;
        copy.write_all(mend.rest()).map_err(|_| None)
    }
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

/// Mends a part as it comes.
enum Mend {
    Xml(Pieces, Mender),
    Records(Records, records::Mender),
}

impl Mend {
    fn of(name: &str) -> Mend {
        match records::part_of(name) {
            Some(part) => Mend::Records(Records::default(), records::Mender::new(part)),
            None => Mend::Xml(Pieces::default(), Mender::default()),
        }
    }

    fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        match self {
            Mend::Xml(pieces, mender) => pieces.feed(bytes, &mut |piece| {
                out.extend_from_slice(mender.mended(piece));
                Ok(())
            }),
            Mend::Records(records, mender) => records.feed(bytes, &mut |record| {
                mender.write(record, out);
                Ok(())
            }),
        }
    }

    /// What is left at the end of the part, as it stands.
    fn rest(&self) -> &[u8] {
        match self {
            Mend::Xml(pieces, _) => pieces.rest(),
            Mend::Records(..) => &[],
        }
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
