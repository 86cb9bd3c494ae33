//! Old workbooks (xls): what the parser may see of them. calamine believes the sizes that container and records claim, so a hostile
//! file can make it allocate without end, which no guard can catch. So the records are read here first (`biff.rs`), and the parser
//! gets a copy with only cell records, within limits, in a new container (docs/decisions/0008-old-workbooks.md).

use std::borrow::Cow;
use std::io::{Cursor, Read};

use super::biff;
use super::cells::Refusal;
use super::limits::OLD_FILE_BYTES_MAX;
use crate::catalogue::Code;

/// A copy of an old workbook that is safe to parse.
pub fn sound_copy(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    if bytes.len() > OLD_FILE_BYTES_MAX {
        let limit = OLD_FILE_BYTES_MAX >> 20;
        let mut refusal = Refusal::limit(format!(
            "the file has more than {limit} MB, the most for a workbook of the old format"
        ));
        refusal.fix = Some("Save the workbook as .xlsx.".to_string());
        return Err(refusal);
    }
    let padded = with_free_padding(bytes);
    let mut container = cfb::CompoundFile::open(Cursor::new(&padded))
        .map_err(|_| Refusal::damaged("its container contradicts itself"))?;
    let name = ["Workbook", "Book"]
        .into_iter()
        .find(|name| container.is_stream(name));
    let name = name.ok_or_else(|| {
        Refusal::new(
            Code::F101,
            "the file is a document of Office but no workbook",
        )
    })?;
    let mut stream = Vec::new();
    let content = container
        .open_stream(name)
        .map_err(|_| Refusal::damaged("its container contradicts itself"))?;
    // A stream cannot be longer than its file, whatever it claims.
    content
        .take(bytes.len() as u64)
        .read_to_end(&mut stream)
        .map_err(|_| Refusal::damaged("a part of it is missing"))?;
    drop(container);
    Ok(contained(&biff::sound_stream(&stream)?))
}

/// The container with the unused end of its sector table marked as free. Some programs fill it with end marks, which reads as more
/// sectors than the file has.
fn with_free_padding(bytes: &[u8]) -> Cow<'_, [u8]> {
    /// Entries of the header that name sectors of the table. Larger files have a complete table.
    const NAMED: usize = 109;
    const NAMED_AT: usize = 76;
    let long = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let shift = bytes.get(30).copied().unwrap_or_default();
    // Sectors have 512 or 4,096 bytes.
    if !matches!(shift, 9 | 12) {
        return Cow::Borrowed(bytes);
    }
    let size = 1_usize << shift;
    let sectors = (bytes.len().saturating_sub(size)).div_ceil(size);
    let mut copy = Cow::Borrowed(bytes);
    for named in 0..NAMED {
        let Some(sector) = long(NAMED_AT + 4 * named).filter(|sector| *sector != FREE) else {
            break;
        };
        let begin = usize::try_from(sector)
            .ok()
            .and_then(|sector| sector.checked_add(1)?.checked_mul(size));
        let Some(begin) = begin else { break };
        for entry in 0..size / 4 {
            let (at, of) = (begin.saturating_add(4 * entry), named * (size / 4) + entry);
            if of >= sectors && long(at) == Some(CHAIN_END) {
                copy.to_mut()[at..at + 4].copy_from_slice(&FREE.to_le_bytes());
            }
        }
    }
    copy
}

const SECTOR: usize = 4096;
const FREE: u32 = 0xFFFF_FFFF;
const CHAIN_END: u32 = 0xFFFF_FFFE;
const TABLE: u32 = 0xFFFF_FFFD;

/// A container of one stream, `Workbook` ([MS-CFB]): the header, the table of sectors, the directory, the stream.
fn contained(stream: &[u8]) -> Vec<u8> {
    // At least one sector, since shorter streams are stored elsewhere. What follows the last record is not read.
    let stream_sectors = stream.len().div_ceil(SECTOR).max(1);
    let per_sector = SECTOR / 4;
    // Each sector of the table has entries for itself and for all but one other sector; one more entry is for the directory.
    let table_sectors = (stream_sectors + 1).div_ceil(per_sector - 1);
    // The limit on old files keeps all of these small.
    let number = |value: usize| u32::try_from(value).unwrap_or(FREE);
    let directory = table_sectors;

    let mut header = vec![0; SECTOR];
    let mut set = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    set(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    // Minor and major version, byte order, sectors of 2^12 and small sectors of 2^6 bytes.
    set(24, &[0x3E, 0, 4, 0, 0xFE, 0xFF, 12, 0, 6, 0]);
    set(40, &1_u32.to_le_bytes());
    set(44, &number(table_sectors).to_le_bytes());
    set(48, &number(directory).to_le_bytes());
    set(56, &number(SECTOR).to_le_bytes());
    set(60, &CHAIN_END.to_le_bytes());
    set(68, &CHAIN_END.to_le_bytes());
    for entry in 0..109 {
        let sector = if entry < table_sectors {
            number(entry)
        } else {
            FREE
        };
        set(76 + 4 * entry, &sector.to_le_bytes());
    }

    let mut table = vec![TABLE; table_sectors];
    table.push(CHAIN_END);
    table.extend((directory + 2..directory + 1 + stream_sectors).map(number));
    table.push(CHAIN_END);
    table.resize(table_sectors * per_sector, FREE);

    let mut entries = vec![0; SECTOR];
    for (at, name, kind, start, length) in [
        (0, "Root Entry", 5, 0, 0),
        (
            128,
            "Workbook",
            2,
            number(directory + 1),
            stream_sectors * SECTOR,
        ),
    ] {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entries[at..at + name.len()].copy_from_slice(&name);
        entries[at + 64] = u8::try_from(name.len() + 2).unwrap_or(0);
        entries[at + 66] = kind;
        entries[at + 68..at + 80].fill(0xFF);
        entries[at + 116..at + 120].copy_from_slice(&start.to_le_bytes());
        entries[at + 120..at + 128].copy_from_slice(&(length as u64).to_le_bytes());
    }

    let mut file = header;
    file.extend(table.into_iter().flat_map(u32::to_le_bytes));
    file.extend(entries);
    file.extend_from_slice(stream);
    file.resize((1 + table_sectors + 1 + stream_sectors) * SECTOR, 0);
    file
}
