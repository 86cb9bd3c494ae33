//! Where the rows of a list wait for their workbook: in memory, in pieces that are never moved, and beyond a limit in a file without a
//! name. One text that grows would be copied each time it doubles, and touch twice the memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

/// Bytes of a piece in memory, and those that go to the file and come back at a time.
const PIECE_BYTES: usize = 64 << 10;

/// Bytes that are written once and read once.
pub(crate) struct Spool {
    /// Bytes that may be kept in memory.
    room: usize,
    /// Where the file is made; the system's own folder without one.
    folder: Option<PathBuf>,
    pieces: Vec<Vec<u8>>,
    kept: usize,
    /// What holds everything once there is no room for it.
    file: Option<BufWriter<File>>,
}

impl Spool {
    /// Keeps so many bytes in memory.
    pub(crate) fn new(room: usize, folder: Option<&Path>) -> Spool {
        Spool {
            room,
            folder: folder.map(Path::to_path_buf),
            pieces: Vec::new(),
            kept: 0,
            file: None,
        }
    }

    /// Bytes kept in memory.
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() && self.kept + bytes.len() > self.room {
            self.roll()?;
        }
        if let Some(file) = &mut self.file {
            return file.write_all(bytes);
        }
        if let Some(piece) = self
            .pieces
            .last_mut()
            .filter(|piece| piece.capacity() - piece.len() >= bytes.len())
        {
            piece.extend_from_slice(bytes);
        } else {
            let mut piece = Vec::with_capacity(PIECE_BYTES.max(bytes.len()));
            piece.extend_from_slice(bytes);
            self.pieces.push(piece);
        }
        self.kept += bytes.len();
        Ok(())
    }

    /// Moves everything to a file.
    fn roll(&mut self) -> io::Result<()> {
        let file = self
            .folder
            .as_ref()
            .map_or_else(tempfile::tempfile, tempfile::tempfile_in)?;
        let mut file = BufWriter::with_capacity(PIECE_BYTES, file);
        for piece in std::mem::take(&mut self.pieces) {
            file.write_all(&piece)?;
        }
        self.kept = 0;
        self.file = Some(file);
        Ok(())
    }

    /// Hands everything on.
    pub(crate) fn put_into(self, out: &mut impl Write) -> io::Result<()> {
        for piece in self.pieces {
            out.write_all(&piece)?;
        }
        if let Some(file) = self.file {
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            io::copy(&mut BufReader::with_capacity(PIECE_BYTES, file), out)?;
        }
        Ok(())
    }
}
