//! One part of a zip file: judged as the parser would read it, and rewritten where the parser would skip or refuse something.

use std::io::{BufReader, Read, Write};

use quick_xml::encoding::DecodingReader;

use super::cells::{Refusal, SheetShape, extension};
use super::markup::{self, Pieces};
use super::merges::Merge;
use super::records::{self, Records};
use crate::catalogue::Code;

/// Inflated bytes handled at once.
const CHUNK_BYTES: usize = 64 << 10;

/// Bytes read of a manifest: it has about a hundred for each part of the document.
const MANIFEST_BYTES_MAX: usize = 1 << 20;

/// How a parser reads a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A part in XML.
    Xml,
    /// A part of a binary workbook.
    Records(records::Part),
    /// The list of parts of an OpenDocument file, which says what is encrypted.
    Manifest,
    /// Pictures and the like: no parser sees them.
    Unread,
}

impl Role {
    /// By the part's comparable name.
    #[must_use]
    pub fn of(name: &str) -> Role {
        if name == "meta-inf/manifest.xml" {
            Role::Manifest
        } else if let Some(part) = records::part_of(name) {
            Role::Records(part)
        } else if matches!(extension(name).as_str(), "xml" | "rels")
            && !name.starts_with(markup::CUSTOM)
        {
            Role::Xml
        } else {
            Role::Unread
        }
    }
}

/// What was found in a part.
#[derive(Default)]
pub struct Found {
    /// How large it is.
    pub bytes: u64,
    /// Whether the parser would skip or refuse something in it.
    pub to_mend: bool,
    /// Merged cells that span several rows.
    pub merges: Vec<Merge>,
    /// How a sheet looks.
    pub shape: SheetShape,
    /// Whether it says that a sheet, or the workbook, is in a binary part.
    pub binary_targets: bool,
}

pub fn too_much() -> Refusal {
    let limit = super::limits::INFLATED_BYTES_MAX >> 20;
    let ratio = super::limits::INFLATION_RATIO_MAX;
    Refusal::limit(format!(
        "the workbook inflates to more than it should: at most {limit} MB in all and {ratio} times a part's size"
    ))
}

pub fn cannot_inflate() -> Refusal {
    Refusal::damaged("a part of it cannot be inflated")
}

/// Judges a part of at most so many bytes.
pub fn judge(part: impl Read, role: Role, allowed: u64) -> Result<Found, Refusal> {
    let mut judge = Judge::of(role);
    let mut bytes = 0;
    let mut part = Plain::of(part).map_err(|_| cannot_inflate());
    let read = part
        .as_mut()
        .map_err(|refusal| refusal.clone())
        .and_then(|part| {
            for_each_chunk(part, |chunk| {
                bytes += chunk.len() as u64;
                if bytes > allowed {
                    return Err(too_much());
                }
                judge.take(chunk)
            })
        });
    match read {
        // A damaged picture does not matter: no parser sees it.
        Err(refusal) if role != Role::Unread || refusal.code == Code::F104 => return Err(refusal),
        _ => {}
    }
    let mut found = judge.end(bytes)?;
    found.to_mend |= part.is_ok_and(|part| part.is_utf_16()) && role == Role::Xml;
    Ok(found)
}

/// Writes a part in a form that the parser understands.
pub fn mend(part: impl Read, role: Role, out: &mut impl Write) -> Result<(), Refusal> {
    let mut mend = Mend::of(role);
    let mut mended = Vec::new();
    let mut part = Plain::of(part).map_err(|_| cannot_inflate())?;
    for_each_chunk(&mut part, |chunk| {
        mended.clear();
        mend.take(chunk, &mut mended)?;
        out.write_all(&mended).map_err(|_| cannot_inflate())
    })?;
    out.write_all(mend.rest()).map_err(|_| cannot_inflate())
}

/// Visits the bytes of a part, piece by piece.
pub fn for_each_chunk(
    part: &mut impl Read,
    mut visit: impl FnMut(&[u8]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = part.read(&mut chunk).map_err(|_| cannot_inflate())?;
        if read == 0 {
            return Ok(());
        }
        visit(&chunk[..read])?;
    }
}

/// A part again from its beginning: the bytes that were read of it, and the rest.
type Whole<R> = std::io::Chain<std::io::Cursor<Vec<u8>>, R>;

/// The bytes of a part, with UTF-16 converted to UTF-8: otherwise its markup, with every other byte zero, would go unnoticed.
pub enum Plain<R: Read> {
    /// As they are.
    Same(Whole<R>),
    Utf16(Box<DecodingReader<BufReader<Whole<R>>>>),
}

impl<R: Read> Plain<R> {
    /// Looks at the first bytes of a part.
    pub fn of(mut part: R) -> std::io::Result<Plain<R>> {
        let mut begin = Vec::new();
        part.by_ref().take(2).read_to_end(&mut begin)?;
        let encoding = match *begin {
            [0xFF, 0xFE] | [b'<', 0] => Some(encoding_rs::UTF_16LE),
            [0xFE, 0xFF] | [0, b'<'] => Some(encoding_rs::UTF_16BE),
            _ => None,
        };
        let is_mark = begin.first().is_some_and(|byte| *byte >= 0xFE);
        let whole = |begin: Vec<u8>| std::io::Cursor::new(begin).chain(part);
        let Some(encoding) = encoding else {
            return Ok(Plain::Same(whole(begin)));
        };
        let rest = whole(if is_mark { Vec::new() } else { begin });
        let mut decoded = DecodingReader::new(BufReader::new(rest));
        decoded.set_encoding(encoding);
        Ok(Plain::Utf16(Box::new(decoded)))
    }

    fn is_utf_16(&self) -> bool {
        matches!(self, Plain::Utf16(_))
    }
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Plain::Same(part) => part.read(out),
            Plain::Utf16(part) => part.read(out),
        }
    }
}

/// Judges a part as it comes.
enum Judge {
    Xml(Pieces, Box<markup::Judgement>),
    Records(Records, records::Judgement),
    Manifest(Vec<u8>),
    Unread,
}

impl Judge {
    fn of(role: Role) -> Judge {
        match role {
            Role::Xml => Judge::Xml(Pieces::default(), Box::default()),
            Role::Records(part) => {
                Judge::Records(Records::default(), records::Judgement::new(part))
            }
            Role::Manifest => Judge::Manifest(Vec::new()),
            Role::Unread => Judge::Unread,
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
                let room = MANIFEST_BYTES_MAX.saturating_sub(head.len());
                head.extend_from_slice(&bytes[..bytes.len().min(room)]);
                Ok(())
            }
            Judge::Unread => Ok(()),
        }
    }

    fn end(self, bytes: u64) -> Result<Found, Refusal> {
        let mut found = Found {
            bytes,
            ..Found::default()
        };
        match self {
            Judge::Xml(_, judgement) => {
                judgement.end(bytes)?;
                found.to_mend = judgement.to_mend;
                found.merges = judgement.merges;
                found.shape = judgement.shape;
                found.binary_targets = judgement.binary_targets;
            }
            Judge::Records(_, judgement) => {
                judgement.end(bytes)?;
                found.to_mend = judgement.to_mend;
                found.merges = judgement.merges;
            }
            Judge::Manifest(head) if contains(&head, b"encryption-data") => {
                let message = "the document is protected by a password";
                return Err(Refusal::new(Code::F102, message));
            }
            Judge::Manifest(_) | Judge::Unread => {}
        }
        Ok(found)
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Rewrites a part as it comes.
enum Mend {
    Xml(Pieces, markup::Mender),
    Records(Records, records::Mender),
}

impl Mend {
    fn of(role: Role) -> Mend {
        match role {
            Role::Records(_) => Mend::Records(Records::default(), records::Mender::default()),
            _ => Mend::Xml(Pieces::default(), markup::Mender::default()),
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

    /// The rest at the end of the part.
    fn rest(&self) -> &[u8] {
        match self {
            Mend::Xml(pieces, _) => pieces.rest(),
            Mend::Records(..) => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        let mut plain = Plain::of(bytes).unwrap();
        plain.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_part_in_utf_16_is_read_as_utf_8_with_or_without_a_mark() {
        let text = "<?xml version=\"1.0\"?><a>Ca\u{f1}on \u{1f393}</a>";
        let units = |mark: Option<u16>, write: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = mark.into_iter().chain(text.encode_utf16());
            units.flat_map(write).collect()
        };
        let mark = Some(0xFEFF);
        for bytes in [
            text.as_bytes().to_vec(),
            units(mark, u16::to_le_bytes),
            units(mark, u16::to_be_bytes),
            units(None, u16::to_le_bytes),
            units(None, u16::to_be_bytes),
        ] {
            assert_eq!(read(&bytes), text);
        }
        assert_eq!((read(b""), read(b"<")), (String::new(), "<".to_string()));
    }
}
