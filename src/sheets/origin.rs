//! Makes a package say that it was made on Unix, so that its bytes are the same on every system. The zip library writes the system
//! it was compiled for, without a choice.

use std::io::{self, Read, Seek, SeekFrom, Write};

/// The end of a package without a comment: its signature, and where in it the offset of the directory is (4 bytes).
const END: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: usize = 22;
const DIRECTORY_PLACE: usize = 16;
/// In a package of 4 GB or more the offset is elsewhere, 8 bytes long: a locator before the end says where.
const IN_LARGE_END: u32 = u32::MAX;
const LOCATOR_BYTES: usize = 20;
const LARGE_END_PLACE: usize = 8;
const LARGE_DIRECTORY_PLACE: usize = 48;
const LARGE_END_BYTES: usize = 56;
/// An entry of the directory: its signature, its fixed part, the byte with the system, and the three lengths of what follows it.
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const ENTRY_BYTES: usize = 46;
const SYSTEM_PLACE: usize = 5;
const LENGTHS: [usize; 3] = [28, 30, 32];
const UNIX: u8 = 3;

/// Makes every entry of a package say that it was made on Unix.
pub(super) fn say_unix(package: &mut (impl Read + Write + Seek)) -> io::Result<()> {
    let mut place = directory(package)?;
    loop {
        package.seek(SeekFrom::Start(place))?;
        let mut entry = [0; ENTRY_BYTES];
        package.read_exact(&mut entry[..4])?;
        if entry[..4] != ENTRY {
            return Ok(());
        }
        package.read_exact(&mut entry[4..])?;
        if entry[SYSTEM_PLACE] != UNIX {
            package.seek(SeekFrom::Start(place + SYSTEM_PLACE as u64))?;
            package.write_all(&[UNIX])?;
        }
        let behind = LENGTHS.map(|at| u64::from(u16::from_le_bytes([entry[at], entry[at + 1]])));
        place += ENTRY_BYTES as u64 + behind.iter().sum::<u64>();
    }
}

/// So many bytes before the end.
fn from_end(bytes: usize) -> SeekFrom {
    // A few dozen.
    SeekFrom::End(-i64::try_from(bytes).unwrap_or_default())
}

/// The place of the directory.
fn directory(package: &mut (impl Read + Seek)) -> io::Result<u64> {
    let mut end = [0; END_BYTES];
    package.seek(from_end(END_BYTES))?;
    package.read_exact(&mut end)?;
    if end[..4] != END {
        return Err(io::Error::other("a package was written without its end"));
    }
    let place = u32::from_le_bytes(bytes(&end, DIRECTORY_PLACE));
    if place != IN_LARGE_END {
        return Ok(place.into());
    }
    let mut locator = [0; LOCATOR_BYTES];
    package.seek(from_end(END_BYTES + LOCATOR_BYTES))?;
    package.read_exact(&mut locator)?;
    package.seek(SeekFrom::Start(u64::from_le_bytes(bytes(
        &locator,
        LARGE_END_PLACE,
    ))))?;
    let mut large = [0; LARGE_END_BYTES];
    package.read_exact(&mut large)?;
    Ok(u64::from_le_bytes(bytes(&large, LARGE_DIRECTORY_PLACE)))
}

fn bytes<const N: usize>(of: &[u8], from: usize) -> [u8; N] {
    std::array::from_fn(|index| of[from + index])
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// A package of two parts, made on some system.
    fn package(system: zip::System) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a.xml", "folder/b.xml"] {
            let options = SimpleFileOptions::default()
                .unix_permissions(0o600)
                .system(system);
            zip.start_file(name, options).unwrap();
            zip.write_all(b"<a/>").unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_package_made_on_windows_has_the_bytes_of_one_made_on_unix() {
        let unix = package(zip::System::Unix);
        let mut other = Cursor::new(package(zip::System::Dos));
        assert_ne!(*other.get_ref(), unix);
        say_unix(&mut other).unwrap();
        assert_eq!(*other.get_ref(), unix);
        let mut same = Cursor::new(unix.clone());
        say_unix(&mut same).unwrap();
        assert_eq!(same.into_inner(), unix);
    }

    #[test]
    fn what_is_no_package_is_an_error() {
        for bytes in [&b""[..], &[0; 100]] {
            assert!(say_unix(&mut Cursor::new(bytes.to_vec())).is_err());
        }
    }
}
