//! What this program does with a disk that others use too: it reads plain files and nothing that could block or never end, and a
//! file that it writes appears as a whole or not at all.

#[cfg(feature = "office")]
mod patience;
#[cfg(feature = "office")]
mod put;

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

#[cfg(feature = "office")]
pub(crate) use patience::{is_held, rename};
#[cfg(feature = "office")]
pub(crate) use put::{Existing, put};

/// Opens a plain file to be read. A pipe is never waited for, a device never asked.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path)?;
    // Asked of what was opened and not of the name, which may lead elsewhere by now.
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is not a plain file but a folder, a pipe or a device",
        ))
    }
}

/// Reads a plain file of at most so many bytes whole.
pub(crate) fn read_plain(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_plain(path)?
        .take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        let message = format!(
            "it has more than {} MB, the most that is read",
            bytes_max >> 20
        );
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The folder of a file, which for a mere name is the current one.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}
