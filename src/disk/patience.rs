//! Renames on Windows, where a virus scanner or a cloud folder opens a new file for a moment and blocks other programs from moving it.

use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Attempts before a file counts as open in a person's program: two seconds in all, longer than a scanner needs.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Windows' errors for a file that another program has open: access denied, sharing violation, lock violation.
const HELD: [i32; 3] = [5, 32, 33];

/// Whether another program has the file open, so that trying again or closing it helps.
pub(crate) fn is_held(error: &io::Error) -> bool {
    cfg!(windows)
        && error
            .raw_os_error()
            .is_some_and(|code| HELD.contains(&code))
}

/// Retries while another program has the file open. On other systems than Windows this is a single attempt.
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

#[cfg(test)]
mod tests {
    use super::*;

    const SHARING_VIOLATION: i32 = 32;

    fn held() -> io::Error {
        io::Error::from_raw_os_error(SHARING_VIOLATION)
    }

    #[test]
    fn on_windows_a_file_that_is_held_for_a_moment_is_waited_for_and_elsewhere_nothing_is() {
        let mut attempts = 0;
        let outcome = patiently(|| {
            attempts += 1;
            if attempts < 3 { Err(held()) } else { Ok(()) }
        });
        if cfg!(windows) {
            assert!(outcome.is_ok());
            assert_eq!(attempts, 3);
        } else {
            assert!(outcome.is_err());
            assert_eq!(attempts, 1);
        }
    }

    #[test]
    fn a_file_that_stays_held_ends_with_the_error_and_any_other_error_at_once() {
        let mut attempts = 0;
        let outcome: io::Result<()> = patiently(|| {
            attempts += 1;
            Err(held())
        });
        assert_eq!(outcome.unwrap_err().raw_os_error(), held().raw_os_error());
        assert_eq!(attempts, if cfg!(windows) { ATTEMPTS } else { 1 });
        let mut attempts = 0;
        let outcome: io::Result<()> = patiently(|| {
            attempts += 1;
            Err(io::ErrorKind::NotFound.into())
        });
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(attempts, 1);
    }

    /// Stands for a virus scanner: blocks the file for a while, then releases it.
    #[cfg(windows)]
    #[test]
    fn a_rename_waits_until_a_scanner_lets_go_of_the_file() {
        use std::fs;
        use std::os::windows::fs::OpenOptionsExt as _;
        let folder = tempfile::TempDir::new().unwrap();
        let (from, to) = (folder.path().join("new"), folder.path().join("report"));
        fs::write(&from, "whole").unwrap();
        let mut options = fs::File::options();
        let mut scanner = Some(options.read(true).share_mode(1).open(&from).unwrap());
        let mut refused = 0;
        let renamed = patiently(|| {
            let outcome = fs::rename(&from, &to);
            if outcome.is_err() {
                refused += 1;
                scanner = None;
            }
            outcome
        });
        renamed.unwrap();
        assert_eq!(refused, 1);
        assert_eq!(fs::read(&to).unwrap(), b"whole");
    }
}
