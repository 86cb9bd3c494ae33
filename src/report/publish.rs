//! Publishing: a report appears as a whole or not at all. It is written into a temporary folder next to its place, synced, and then
//! exchanged with the old one: on Linux in one atomic step, elsewhere by two renames that the next run can complete.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::batch::is_stray;
use crate::disk::{is_held, refuse_name, remove_folder, rename};
use crate::receipt;
use crate::stop::{Status, Stop};

/// The place of a report, locked against other runs until it is dropped.
pub struct Place {
    /// As given: on Windows the resolved path begins with `\\?\`.
    given: PathBuf,
    target: PathBuf,
    parent: PathBuf,
    name: String,
    lock: Option<(File, PathBuf)>,
}

impl Place {
    /// Takes the place: creates the folder above it, completes an interrupted run, and refuses a folder that is not a report of
    /// this program.
    pub fn take(given: &Path) -> Result<Place, Stop> {
        let cannot = |error: &io::Error| cannot_write(given, error);
        refuse_name(given).map_err(|error| cannot(&error))?;
        // Follows a link, so that the folder is replaced and not the link.
        let target = given.canonicalize().unwrap_or_else(|_| given.to_path_buf());
        let name = target
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| {
            Stop::usage(
                "the report has no name of its own",
                given.display().to_string(),
                "give a folder such as reports/2024-25",
            )
        })?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(|error| cannot(&error))?;
        let lock_path = parent.join(format!(".{name}.cdip-lock"));
        let Some(lock) = lock(&lock_path).map_err(|error| cannot(&error))? else {
            let place = given.display().to_string();
            return Err(Stop::usage(
                "another run is writing this report",
                place,
                "wait until it has ended, or give another --out",
            ));
        };
        let place = Place {
            given: given.to_path_buf(),
            target,
            parent,
            name,
            lock: Some((lock, lock_path)),
        };
        place.recover().map_err(|error| cannot(&error))?;
        place.refuse_foreign_folder()?;
        Ok(place)
    }

    /// Where the old report is between the two renames.
    fn aside(&self) -> PathBuf {
        self.parent.join(format!(".{}.cdip-old", self.name))
    }

    /// Cleans up after an interrupted run.
    fn recover(&self) -> io::Result<()> {
        let aside = self.aside();
        if aside.is_dir() {
            if self.target.exists() {
                remove_folder(&aside)?;
            } else {
                rename(&aside, &self.target)?;
            }
        }
        let unfinished = format!(".{}.cdip-new-", self.name);
        for entry in fs::read_dir(&self.parent)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&unfinished)
                && entry.file_type()?.is_dir()
            {
                remove_folder(&entry.path())?;
            }
        }
        Ok(())
    }

    fn refuse_foreign_folder(&self) -> Result<(), Stop> {
        let shown = self.given.display().to_string();
        if !self.target.exists() {
            if self.target.is_symlink() {
                let fix = "give another --out, or make the folder that the link names";
                return Err(Stop::usage(
                    "the report's place is a link that leads nowhere",
                    shown,
                    fix,
                ));
            }
            return Ok(());
        }
        let taken = |_| {
            Stop::usage(
                "the report's place is taken by a file",
                shown.clone(),
                "give another --out",
            )
        };
        let found = files_below(&self.target, "").map_err(taken)?;
        if found.is_empty() {
            return Ok(());
        }
        let Some(known) = receipt::files_of_report(&self.target) else {
            let fix = "give another --out; only a folder with a receipt of this program, or an empty one, is replaced";
            return Err(Stop::usage(
                "the folder exists and is not a report of this program",
                shown,
                fix,
            ));
        };
        match found
            .iter()
            .find(|path| !known.contains(*path) && !is_stray(path))
        {
            None => Ok(()),
            Some(foreign) => {
                let place = self.given.join(foreign).display().to_string();
                let fix =
                    "move it elsewhere, or give another --out: a report is replaced as a whole";
                Err(Stop::usage(
                    "a file in the report's folder is not of the report",
                    place,
                    fix,
                ))
            }
        }
    }

    /// Refuses a place that holds another kind of folder: letters, say, never replace a settlement. `kind` is that of the predicate.
    pub(crate) fn refuse_another_kind(&self, kind: &str) -> Result<(), Stop> {
        match receipt::kind_in(&self.target) {
            Some((there, what)) if there != kind => Err(Stop::usage(
                format!("the folder holds {what}"),
                self.given.display().to_string(),
                "give another --out: a folder is replaced only by one of its own kind",
            )),
            _ => Ok(()),
        }
    }

    /// Fills a temporary folder with `write` and puts it in place. What is there of another kind stays.
    pub fn publish<T>(
        &self,
        write: impl FnOnce(&Path, &Syncing) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let fresh = self
            .parent
            .join(format!(".{}.cdip-new-{}", self.name, std::process::id()));
        let cannot = |error: io::Error| cannot_write(&self.given, &error);
        fs::create_dir(&fresh).map_err(cannot)?;
        let fresh = Removed(fresh);
        let (value, synced) = syncing(&fresh.0, |syncing| write(&fresh.0, syncing))?;
        if let Some((kind, _)) = receipt::kind_in(&fresh.0) {
            self.refuse_another_kind(kind)?;
        }
        synced
            .and_then(|()| self.put_in_place(&fresh.0))
            .map_err(cannot)?;
        Ok(value)
    }

    fn put_in_place(&self, fresh: &Path) -> io::Result<()> {
        if !self.target.exists() {
            rename(fresh, &self.target)?;
        } else if !exchange(fresh, &self.target)? {
            let aside = self.aside();
            rename(&self.target, &aside)?;
            if let Err(error) = rename(fresh, &self.target) {
                rename(&aside, &self.target)?;
                return Err(error);
            }
            sync(&self.parent)?;
            // The new report is in place; the next run removes what remains of the old one.
            let _ = remove_folder(&aside);
        }
        sync(&self.parent)
    }
}

/// A folder that is removed at the end in any case: an unfinished report, or the old one after the exchange.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        // Gone already if it was put in place; otherwise the next run removes what remains.
        let _ = remove_folder(&self.0);
    }
}

/// Opens the lock file and locks it; `None` where another run holds it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    // Other runs can open it and so find it locked; only the last run can remove it.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 3);
    loop {
        let file = options.open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            // A run that just ended may have removed the file: a third run would create a new one, and both would hold a lock.
            Ok(()) if still_named(&file, path)? => return Ok(Some(file)),
            Ok(()) => {}
        }
    }
}

/// Whether an open file is still the one of that name.
#[cfg(unix)]
fn still_named(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let of = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let named = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        named => named?,
    };
    Ok(of(named) == of(file.metadata()?))
}

/// Always so: Windows does not remove a file that a run has open.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)]
fn still_named(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((lock, path)) = self.lock.take() {
            // A lock file that stays behind does no harm. Where possible it is removed while still held (see `still_named`).
            if cfg!(unix) {
                let _ = fs::remove_file(path);
                drop(lock);
            } else {
                drop(lock);
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Every entry below a folder that is not a folder, relative to it, with `/`.
pub(crate) fn files_below(folder: &Path, below: &str) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            files.extend(files_below(&entry.path(), &format!("{path}/"))?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// Exchanges two folders in one step; `false` where the system cannot.
#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        // File systems without it say so in one of these ways.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Exchanges two folders in one step; `false` where the system cannot.
#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps)]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Files synced at a time: a journaling file system takes many together nearly as fast as one.
const SYNC_THREADS: usize = 16;

/// Syncs complete files of a folder while others are being written.
pub struct Syncing {
    queue: Sender<PathBuf>,
    begun: Mutex<HashSet<PathBuf>>,
}

impl Syncing {
    /// Begins to sync a complete file. A file that is not given here is synced at the end.
    pub fn begin(&self, file: PathBuf) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.insert(file.clone()) {
            // The threads take from the queue until it is gone.
            let _ = self.queue.send(file);
        }
    }

    /// Begins to sync every other file of a folder; gives the folders, the outermost first.
    fn begin_rest(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut folders = vec![folder.to_path_buf()];
        let mut looked_at = 0;
        while let Some(folder) = folders.get(looked_at).cloned() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else {
                    self.begin(entry.path());
                }
            }
            looked_at += 1;
        }
        Ok(folders)
    }
}

/// Fills a folder with `write`, and syncs every file of it, then the folders; gives what was written, and how the syncing ended.
fn syncing<T, E>(
    folder: &Path,
    write: impl FnOnce(&Syncing) -> Result<T, E>,
) -> Result<(T, io::Result<()>), E> {
    let (queue, files) = mpsc::channel();
    let files = Mutex::new(files);
    let sync_files = || -> io::Result<()> {
        loop {
            let next = files.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(file) = next else { return Ok(()) };
            // Windows syncs only a file that is open for writing.
            File::options().append(true).open(file)?.sync_all()?;
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..SYNC_THREADS).map(|_| scope.spawn(sync_files)).collect();
        let syncing = Syncing {
            queue,
            begun: Mutex::default(),
        };
        let value = write(&syncing)?;
        let folders = syncing.begin_rest(folder);
        drop(syncing);
        let ended = threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a file cannot be synced")))
        });
        let ended: Vec<io::Result<()>> = ended.collect();
        let synced = ended
            .into_iter()
            .collect::<io::Result<()>>()
            .and_then(|()| {
                // The innermost first.
                folders?.iter().rev().try_for_each(|folder| sync(folder))
            });
        Ok((value, synced))
    })
}

/// Syncs a folder's entries.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows cannot sync a folder; its renames are journaled.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether another program may have a file open, or this account may not write it.
fn is_in_use(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ResourceBusy
    ) || is_held(error)
}

/// The stop for a report, or another folder, that cannot be written.
#[must_use]
pub fn cannot_write(target: &Path, error: &io::Error) -> Stop {
    let elsewhere = "nothing was changed: give another --out";
    let in_use = is_in_use(error);
    let fix = match error.kind() {
        _ if in_use && cfg!(windows) => {
            "a file of the report is open: close it in Excel and run again"
        }
        _ if in_use => {
            "close the report's files and check the permissions of the folder, then run again"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full: make room and run again; the old report is untouched"
        }
        ErrorKind::FileTooLarge => {
            "a limit of this disk or account is too small for the report; the old one is untouched: give another --out"
        }
        ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::InvalidFilename => elsewhere,
        _ => "nothing was changed; check the folder and run again",
    };
    unwritten("the report", target, error, fix)
}

/// The stop for a single file that cannot be written.
#[must_use]
pub fn cannot_write_file(path: &Path, error: &io::Error) -> Stop {
    let in_use = is_in_use(error);
    let fix = match error.kind() {
        _ if in_use && cfg!(windows) => "if it is open, close it in Excel and run again",
        _ if in_use => "close it and check the permissions of the folder, then run again",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full: make room and run again"
        }
        ErrorKind::FileTooLarge => {
            "a limit of this disk or account is too small for it; an old one is untouched: give another name"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "give another name, or clear Read-only in the properties of the file"
        }
        _ => "nothing was changed: give another name, or check the folder and run again",
    };
    unwritten("the file", path, error, fix)
}

fn unwritten(what: &str, target: &Path, error: &io::Error, fix: &str) -> Stop {
    Stop {
        status: Status::Usage,
        message: format!("{what} cannot be written: {error}"),
        places: vec![target.display().to_string()],
        fix: fix.into(),
        also: Vec::new(),
    }
}
