//! Reading and writing on a disk that other programs use too. Only plain files are read, nothing that could block or never end. A
//! written file appears complete or not at all.

#[cfg(feature = "office")]
mod patience;
mod portable;
#[cfg(feature = "office")]
mod put;
#[cfg(feature = "office")]
mod removal;

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

#[cfg(feature = "office")]
pub(crate) use patience::{is_held, rename};
pub(crate) use portable::not_everywhere;
#[cfg(feature = "office")]
pub(crate) use put::{Existing, put};
#[cfg(feature = "office")]
pub(crate) use removal::remove_folder;

/// Opens a plain file for reading. It never waits for a pipe and never reads a device.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path).map_err(in_words)?;
    // Checks the opened file, not the name, which may point elsewhere by now.
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is not a plain file but a folder, a pipe or a device",
        ))
    }
}

/// Windows' errors if another program has locked a file: sharing violation, lock violation.
const NOT_SHARED: [i32; 2] = [32, 33];

/// The same error, with plain words in place of Windows' own for a locked file.
pub(crate) fn in_words(error: io::Error) -> io::Error {
    let not_shared = cfg!(windows)
        && error
            .raw_os_error()
            .is_some_and(|code| NOT_SHARED.contains(&code));
    if not_shared {
        io::Error::new(ErrorKind::ResourceBusy, "another program has it open")
    } else {
        error
    }
}

/// Reads a whole plain file of at most so many bytes.
pub(crate) fn read_plain(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Windows opens a file with a locked region and only refuses to read it.
    open_plain(path)?
        .take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(in_words)?;
    if bytes.len() as u64 > bytes_max {
        let message = format!(
            "it has more than {} MB, the most that is read",
            bytes_max >> 20
        );
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Refuses to make a file or folder whose name Windows does not allow: it could not be copied there.
#[cfg(feature = "office")]
pub(crate) fn refuse_name(path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default();
    match not_everywhere(&name.to_string_lossy()) {
        Some(reason) => Err(io::Error::new(ErrorKind::InvalidFilename, reason)),
        None => Ok(()),
    }
}

/// The folder of a file; for a name without a folder, the current one.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}
