//! Renames on Windows, where a virus scanner or a cloud folder opens a new file for a moment and nobody else may then move it.

use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Attempts before a file counts as held by a person: together two seconds, longer than a scanner takes, shorter than anyone waits gladly.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// What Windows says of a file that another program has open: access denied, sharing violation, lock violation.
const HELD: [i32; 3] = [5, 32, 33];

/// Whether another program has the file open, so that trying again or closing it helps.
pub(crate) fn is_held(error: &io::Error) -> bool {
    cfg!(windows)
        && error
            .raw_os_error()
            .is_some_and(|code| HELD.contains(&code))
}

/// Tries until no other program holds the file. Elsewhere than on Windows nothing is ever held, and this is a single attempt.
pub(crate) fn patiently<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(error) if is_held(&error) => sleep(PAUSE),
            ended => return ended,
        }
    }
    attempt()
}

/// Renames a file or folder.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(|| std::fs::rename(from, to))
}
