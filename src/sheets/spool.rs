//! Holds the rows of a sheet until their workbook is saved: in memory, in pieces that are never moved, and beyond a limit in an
//! unnamed file. One growing text would be copied each time it doubles, and need twice the memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

/// Bytes of a piece in memory, and of each write to the file.
const PIECE_BYTES: usize = 64 << 10;

/// Bytes that are written once and read once.
pub(super) struct Spool {
    /// Bytes that may be kept in memory.
    room: usize,
    pieces: Vec<Vec<u8>>,
    kept: usize,
    bytes: u64,
    disk: Disk,
}

impl Spool {
    /// Keeps `room` bytes in memory, and more in a folder; by default the system's own.
    pub(super) fn new(room: usize, folder: Option<&Path>) -> Spool {
        Spool {
            room,
            pieces: Vec::new(),
            kept: 0,
            bytes: 0,
            disk: Disk::of(folder),
        }
    }

    /// Bytes kept in memory.
    pub(super) fn kept(&self) -> usize {
        self.kept
    }

    /// Bytes written.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        if !self.disk.is_used() && self.kept + bytes.len() > self.room {
            self.disk.take(&std::mem::take(&mut self.pieces))?;
            self.kept = 0;
        }
        if self.disk.is_used() {
            return self.disk.write(bytes);
        }
        let last = self.pieces.last_mut();
        if let Some(piece) = last.filter(|piece| piece.capacity() - piece.len() >= bytes.len()) {
            piece.extend_from_slice(bytes);
        } else {
            let mut piece = Vec::with_capacity(PIECE_BYTES.max(bytes.len()));
            piece.extend_from_slice(bytes);
            self.pieces.push(piece);
        }
        self.kept += bytes.len();
        Ok(())
    }

    /// Passes everything on.
    pub(super) fn put_into(self, out: &mut impl Write) -> io::Result<()> {
        for piece in self.pieces {
            out.write_all(&piece)?;
        }
        self.disk.put_into(out)?;
        Ok(())
    }
}

/// An unnamed file, created on first use.
struct Disk {
    folder: Option<PathBuf>,
    file: Option<BufWriter<File>>,
}

impl Disk {
    fn of(folder: Option<&Path>) -> Disk {
        Disk {
            folder: folder.map(Path::to_path_buf),
            file: None,
        }
    }

    fn is_used(&self) -> bool {
        self.file.is_some()
    }

    /// Begins the file with what was in memory.
    fn take(&mut self, pieces: &[Vec<u8>]) -> io::Result<()> {
        let folder = self.folder.as_ref();
        let file = folder.map_or_else(tempfile::tempfile, tempfile::tempfile_in)?;
        self.file = Some(BufWriter::with_capacity(PIECE_BYTES, file));
        pieces.iter().try_for_each(|piece| self.write(piece))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file
            .as_mut()
            .map_or(Ok(()), |file| file.write_all(bytes))
    }

    fn put_into(self, out: &mut impl Write) -> io::Result<()> {
        let Some(file) = self.file else { return Ok(()) };
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        io::copy(&mut BufReader::with_capacity(PIECE_BYTES, file), out)?;
        Ok(())
    }
}
