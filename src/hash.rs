//! SHA-256 as text.

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::disk::{in_words, open_plain};

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest
        .iter()
        .fold(String::with_capacity(digest.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// SHA-256 of some bytes in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What is read through it is hashed on the way.
pub struct Hashed<R> {
    inner: R,
    digest: Sha256,
}

impl<R> Hashed<R> {
    pub fn new(inner: R) -> Hashed<R> {
        let digest = Sha256::new();
        Hashed { inner, digest }
    }

    /// SHA-256 of all that was read, in hexadecimal.
    #[must_use]
    pub fn sha256(self) -> String {
        hex(&self.digest.finalize())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.inner.read(buffer)?;
        self.digest.update(&buffer[..bytes]);
        Ok(bytes)
    }
}

/// SHA-256 of a file in hexadecimal, and its bytes.
pub fn sha256_of_file(path: &Path) -> io::Result<(String, u64)> {
    let mut file = Hashed::new(open_plain(path)?);
    let bytes = io::copy(&mut file, &mut io::sink()).map_err(in_words)?;
    Ok((file.sha256(), bytes))
}
