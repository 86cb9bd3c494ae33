//! Removes the program's own folders: unfinished reports, and old ones that were replaced.

use std::fs;
use std::io;
use std::path::Path;

use super::patience::patiently;

/// Removes a folder and its content. Windows does not remove a read-only file until the mark is gone.
pub(crate) fn remove_folder(folder: &Path) -> io::Result<()> {
    let Err(error) = fs::remove_dir_all(folder) else {
        return Ok(());
    };
    if !cfg!(windows) {
        return Err(error);
    }
    make_writable(folder)?;
    patiently(|| fs::remove_dir_all(folder))
}

fn make_writable(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            make_writable(&entry.path())?;
        }
        let mut permissions = metadata.permissions();
        if permissions.readonly() {
            // Windows only, where this is a mark and not a permission.
            #[allow(clippy::permissions_set_readonly_false)]
            permissions.set_readonly(false);
            fs::set_permissions(entry.path(), permissions)?;
        }
    }
    Ok(())
}
