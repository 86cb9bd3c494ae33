//! What this program does with a disk that others use too: it reads plain files and nothing that could block or never end, and a
//! file that it writes appears as a whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use tempfile::NamedTempFile;

/// What a file is called until it is complete: a point, its name, this, and letters that no other run has.
const UNFINISHED: &str = ".cdip-new-";

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
            "it is no plain file but a folder, a pipe or a device",
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

/// Whether a file that is there already may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// By the new one, in one step.
    Replaced,
    /// Never: [`ErrorKind::AlreadyExists`].
    Kept,
}

/// Makes a file with `write`, which gets the path of an unfinished one in the same folder; only a complete one takes its place.
pub(crate) fn put<T>(
    path: &Path,
    existing: Existing,
    write: impl FnOnce(&Path) -> io::Result<T>,
) -> io::Result<T> {
    if existing == Existing::Kept && path.symlink_metadata().is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    // A link is followed, so that the file behind it is replaced and not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    // What is no plain file, such as /dev/null, is written to and not replaced.
    if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return write(&path);
    }
    let folder = folder_of(&path);
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(UNFINISHED);
    remove_unfinished(folder, &prefix)?;
    let unfinished = unfinished(folder, &prefix)?;
    let value = write(unfinished.path())?;
    unfinished.as_file().sync_all()?;
    match existing {
        Existing::Replaced => unfinished.persist(&path)?,
        Existing::Kept => unfinished.persist_noclobber(&path)?,
    };
    Ok(value)
}

/// The folder of a file, which for a mere name is the current one.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Removes what runs left that were ended from outside.
fn remove_unfinished(folder: &Path, prefix: &OsString) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(prefix.as_encoded_bytes())
            && entry.file_type()?.is_file()
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn unfinished(folder: &Path, prefix: &OsString) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    // The process's mask says who may read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
