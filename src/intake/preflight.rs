//! What a file is, by its content, and whether it is safe to open, before any parser allocates what the file claims.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Cursor, Read, Seek, Write};

use zip::read::ZipFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::cells::{FileFormat, Refusal, SheetShape, extension};
use super::limits::{
    INFLATED_BYTES_MAX, INFLATION_RATIO_FLOOR_BYTES, INFLATION_RATIO_MAX, ZIP_ENTRIES_MAX,
};
use super::merges::Merge;
use super::package::{self, Package, Part, as_found, cannot_be_opened};
use super::part::{self, Found, Role, cannot_inflate, too_much};
use super::records;
use crate::catalogue::Code;

const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
const COMPOUND_MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Tells the format of a file by its content. Its ending only decides between text and a broken workbook.
pub fn format_of(name: &str, bytes: &[u8]) -> Result<Safe, Refusal> {
    if bytes.starts_with(ZIP_MAGIC) {
        return zip_format(bytes);
    }
    if bytes.starts_with(COMPOUND_MAGIC) {
        // Office stores a protected workbook in a compound file with a stream of this name, in UTF-16.
        let name: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let protected = bytes.windows(name.len()).any(|window| window == name);
        return if protected {
            Err(Refusal::protected())
        } else {
            Ok(Safe::of(FileFormat::Xls))
        };
    }
    match extension(name).as_str() {
        "csv" | "txt" => Ok(Safe::of(FileFormat::Text)),
        // Student systems export text under this name, and Excel opens it.
        "xls" if is_table_of_text(bytes) => Ok(Safe::of(FileFormat::Text)),
        ending => Err(Refusal::new(
            Code::F101,
            format!("the file ends in .{ending} but is not a workbook"),
        )),
    }
}

/// Whether a file with the ending of an old workbook is a text table: not HTML, XML or one of the oldest formats, which have bytes
/// that text does not.
fn is_table_of_text(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 4_096;
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let is_of_text = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\r' | b'\n');
    let begin = head.trim_ascii_start();
    let is_markup = begin.starts_with(b"<") || begin.starts_with(b"\xef\xbb\xbf<");
    // A SYLK file begins like this.
    let is_sylk = head.starts_with(b"ID;");
    head.iter().all(is_of_text) && head.contains(&b'\n') && !is_markup && !is_sylk
}

/// A file that is safe to open.
pub struct Safe {
    /// What it is.
    pub format: FileFormat,
    /// Parts, by position in the zip file, in which the parser would skip or refuse something.
    to_mend: HashMap<usize, Role>,
    /// The parts of a copy, if the parser would not find them in the file itself.
    rearranged: Option<Vec<Part>>,
    /// For each worksheet, the merged cells that span several rows.
    pub merges: Vec<Vec<Merge>>,
    /// For each worksheet, how it looks.
    pub shapes: Vec<SheetShape>,
    /// Whether the workbook asks programs to recalculate everything on opening.
    pub recalculates: bool,
}

/// Inflates every part once and counts: declared sizes can lie.
fn zip_format(bytes: &[u8]) -> Result<Safe, Refusal> {
    let damaged = |_| Refusal::damaged("it is not a complete zip file");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > ZIP_ENTRIES_MAX {
        return Err(Refusal::limit(format!(
            "the workbook has {} parts; at most {ZIP_ENTRIES_MAX} are read",
            archive.len()
        )));
    }
    let mut survey = Survey::default();
    for position in 0..archive.len() {
        survey.judge(open(&mut archive, position)?, position)?;
    }
    match package::document(&mut archive, &survey.names) {
        Some(document) => survey.workbook(&mut archive, document),
        None if survey.names.iter().any(|name| name == "content.xml") => {
            let mut safe = Safe::of(FileFormat::Ods);
            safe.to_mend = survey.to_mend;
            Ok(safe)
        }
        None => Err(Refusal::new(
            Code::F101,
            "the file is a zip file but no workbook",
        )),
    }
}

fn open<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    position: usize,
) -> Result<ZipFile<'_, R>, Refusal> {
    archive.by_index(position).map_err(|error| match error {
        zip::result::ZipError::UnsupportedArchive(text)
            if text == zip::result::ZipError::PASSWORD_REQUIRED =>
        {
            Refusal::protected()
        }
        _ => cannot_be_opened(),
    })
}

/// What was found in the parts of a zip file, by their position.
#[derive(Default)]
struct Survey {
    names: Vec<String>,
    roles: Vec<Role>,
    to_mend: HashMap<usize, Role>,
    merges: HashMap<usize, Vec<Merge>>,
    shapes: HashMap<usize, SheetShape>,
    inflated_bytes: u64,
    has_binary_targets: bool,
}

impl Survey {
    /// Judges the next part by its name.
    fn judge<R: Read>(&mut self, part: ZipFile<'_, R>, position: usize) -> Result<(), Refusal> {
        let name = part.name().map(Cow::into_owned).unwrap_or_default();
        let role = Role::of(&as_found(&name));
        self.names.push(name);
        self.roles.push(role);
        let ratio_max =
            (part.compressed_size() * INFLATION_RATIO_MAX).max(INFLATION_RATIO_FLOOR_BYTES);
        let allowed = ratio_max.min(INFLATED_BYTES_MAX - self.inflated_bytes);
        if part.size() > allowed {
            return Err(too_much());
        }
        let found = part::judge(part, role, allowed)?;
        self.inflated_bytes += found.bytes;
        self.note(found, position, role);
        Ok(())
    }

    fn note(&mut self, found: Found, position: usize, role: Role) {
        self.has_binary_targets |= found.binary_targets;
        if found.to_mend {
            self.to_mend.insert(position, role);
        }
        if !found.merges.is_empty() {
            self.merges.insert(position, found.merges);
        }
        if found.shape != SheetShape::default() {
            self.shapes.insert(position, found.shape);
        }
    }

    /// Judges a part again if the parser reads it otherwise than its name suggests.
    fn judge_as<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        (position, role): (usize, Role),
    ) -> Result<(), Refusal> {
        match (self.roles[position], role) {
            (before, now) if before == now => Ok(()),
            (Role::Xml, _) | (_, Role::Xml) => {
                Err(Refusal::damaged("a sheet is in a part that is none"))
            }
            _ => {
                self.roles[position] = role;
                let found = part::judge(open(archive, position)?, role, INFLATED_BYTES_MAX)?;
                self.note(found, position, role);
                Ok(())
            }
        }
    }

    /// Judges an Excel workbook, each part as the parser reads it.
    fn workbook<R: Read + Seek>(
        mut self,
        archive: &mut ZipArchive<R>,
        (workbook, format): (usize, FileFormat),
    ) -> Result<Safe, Refusal> {
        let role = match format {
            FileFormat::Xlsb => Role::Records(records::Part::Kept),
            _ => Role::Xml,
        };
        self.judge_as(archive, (workbook, role))?;
        let package = Package::of(archive, &self.names, (workbook, format))?;
        for part in package.roles() {
            self.judge_as(archive, part)?;
        }
        // A part that was judged as one kind must not be read as the other.
        if format == FileFormat::Xlsx && self.has_binary_targets {
            return Err(Refusal::damaged("a sheet is in a part that is none"));
        }
        let merges = package
            .sheet_parts()
            .map(|part| self.merges.remove(&part).unwrap_or_default())
            .collect();
        let shapes = package
            .sheet_parts()
            .map(|part| self.shapes.remove(&part).unwrap_or_default())
            .collect();
        Ok(Safe {
            format,
            to_mend: self.to_mend,
            rearranged: package.rearranged(),
            merges,
            shapes,
            recalculates: package.recalculates,
        })
    }
}

impl Safe {
    fn of(format: FileFormat) -> Safe {
        Safe {
            format,
            to_mend: HashMap::new(),
            rearranged: None,
            merges: Vec::new(),
            shapes: Vec::new(),
            recalculates: false,
        }
    }

    /// The file as the parser should see it: itself, or a copy in which everything that the parser would skip or refuse is
    /// replaced, and parts are where it looks for them.
    pub fn mended<'b>(&self, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, Refusal> {
        if self.to_mend.is_empty() && self.rearranged.is_none() {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| cannot_inflate())?;
        let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
        match &self.rearranged {
            None => {
                for position in 0..archive.len() {
                    self.copy_part(&mut archive, position, None, &mut copy)?;
                }
            }
            Some(parts) => {
                for part in parts {
                    self.put(part, &mut archive, &mut copy)?;
                }
            }
        }
        let copy = copy.finish().map_err(|_| cannot_inflate())?;
        Ok(Cow::Owned(copy.into_inner()))
    }

    fn put(
        &self,
        part: &Part,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        copy: &mut ZipWriter<Cursor<Vec<u8>>>,
    ) -> Result<(), Refusal> {
        match part {
            Part::Made(name, content) => {
                let begun = copy.start_file(*name, deflated());
                begun.map_err(|_| cannot_inflate())?;
                copy.write_all(content).map_err(|_| cannot_inflate())
            }
            Part::Moved(name, position) => self.copy_part(archive, *position, Some(name), copy),
        }
    }

    /// Copies a part, rewritten where needed, under its own name or another.
    fn copy_part(
        &self,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        position: usize,
        name: Option<&str>,
        copy: &mut ZipWriter<Cursor<Vec<u8>>>,
    ) -> Result<(), Refusal> {
        let part = open(archive, position)?;
        let own_name = part.name().map(Cow::into_owned);
        let own_name = own_name.map_err(|_| cannot_inflate())?;
        let Some(role) = self.to_mend.get(&position) else {
            let copied = match name {
                None => copy.raw_copy_file(part),
                Some(name) => copy.raw_copy_file_rename(part, name),
            };
            return copied.map_err(|_| cannot_inflate());
        };
        copy.start_file(name.unwrap_or(&own_name), deflated())
            .map_err(|_| cannot_inflate())?;
        part::mend(part, *role, copy)
    }
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}
