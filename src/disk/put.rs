//! Writes a file completely or not at all.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use tempfile::NamedTempFile;

use super::patience::patiently;
use super::{folder_of, refuse_name};

/// Part of a file's name until it is complete: a period, its name, this, and letters that no other run has.
const UNFINISHED: &str = ".cdip-new-";

/// Whether an existing file may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Yes, in one step.
    Replaced,
    /// No: [`ErrorKind::AlreadyExists`].
    Kept,
}

/// Makes a file with `write`, which gets the path of a temporary file in the same folder. Only a complete file is renamed.
pub(crate) fn put<T>(
    path: &Path,
    existing: Existing,
    write: impl FnOnce(&Path) -> io::Result<T>,
) -> io::Result<T> {
    if existing == Existing::Kept && path.symlink_metadata().is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    refuse_name(path)?;
    // Follows a link, so that its target is replaced and not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    // Anything but a plain file, such as /dev/null, is written to and not replaced.
    if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return write(&path);
    }
    refuse_read_only(&path)?;
    let folder = folder_of(&path);
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(UNFINISHED);
    remove_unfinished(folder, &prefix)?;
    let unfinished = unfinished(folder, &prefix)?;
    let value = write(unfinished.path())?;
    unfinished.as_file().sync_all()?;
    persist(unfinished, existing, &path)?;
    Ok(value)
}

/// Windows cannot replace a read-only file. Reported at once, and not as if another program had it open.
fn refuse_read_only(path: &Path) -> io::Result<()> {
    let is_marked = fs::metadata(path).is_ok_and(|metadata| metadata.permissions().readonly());
    if cfg!(windows) && is_marked {
        return Err(io::Error::new(
            ErrorKind::ReadOnlyFilesystem,
            "the one that is there is marked read-only",
        ));
    }
    Ok(())
}

fn persist(unfinished: NamedTempFile, existing: Existing, path: &Path) -> io::Result<()> {
    let mut waiting = Some(unfinished);
    patiently(|| {
        let Some(file) = waiting.take() else {
            return Ok(());
        };
        let persisted = match existing {
            Existing::Replaced => file.persist(path),
            Existing::Kept => file.persist_noclobber(path),
        };
        persisted.map(drop).map_err(|error| {
            waiting = Some(error.file);
            error.error
        })
    })
}

/// Removes the temporary files of runs that were killed.
fn remove_unfinished(folder: &Path, prefix: &OsString) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(prefix.as_encoded_bytes())
            && entry.file_type().is_ok_and(|kind| kind.is_file())
        {
            remove_abandoned(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a temporary file, unless it is that of a run that is still writing: such a run holds a lock on it.
fn remove_abandoned(path: &Path) -> io::Result<()> {
    // Held until the file is removed, so that a run that just made it waits.
    let file = cfg!(unix).then(|| File::open(path));
    let is_held = |file: &io::Result<File>| {
        let locked = file.as_ref().map(File::try_lock);
        matches!(locked, Ok(Err(TryLockError::WouldBlock)))
    };
    if file.as_ref().is_some_and(is_held) {
        return Ok(());
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn unfinished(folder: &Path, prefix: &OsString) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    // The process's umask decides who may read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    loop {
        let file = builder.tempfile_in(folder)?;
        // On Windows a lock would keep the file from being written. A disk without locks has none here either.
        if cfg!(unix) {
            let _ = file.as_file().lock();
        }
        // Another run may have removed it before it was locked.
        if file.path().exists() {
            return Ok(file);
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_file_stays_while_its_run_is_writing_and_goes_once_it_was_killed() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("years.csv");
        let killed = folder.path().join(".years.csv.cdip-new-killed");
        fs::write(&killed, "half of it").unwrap();
        put(&path, Existing::Replaced, |first| {
            assert!(!killed.exists());
            put(&path, Existing::Replaced, |second| {
                fs::write(second, "second")
            })?;
            fs::write(first, "first")
        })
        .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
