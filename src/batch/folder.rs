//! The files under `submissions/`: which are read, passed over, or refused by name.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::portable::{not_everywhere, same_but_for_capitals};
use crate::catalogue::Code;
use crate::disk::{in_words, open_plain, read_plain};
use crate::intake::cells::{Refusal, extension};
use crate::intake::limits::{FILE_BYTES_MAX, FILES_PER_BATCH_MAX, FOLDER_DEPTH_MAX};
use crate::intake::submission::SourceFile;
use crate::intake::{PassedOver, SUBMISSIONS};
use crate::stop::{Status, Stop};
use crate::words::{is_unseen, written_out};

/// The endings of submissions.
const ENDINGS: [&str; 7] = ["xlsx", "xlsm", "xlsb", "xls", "ods", "csv", "txt"];

/// What to do about a batch without submissions.
const FILL_SUBMISSIONS: &str =
    "put the entities' spreadsheets into the folder submissions of the batch";
/// What to do about a path that leads nowhere.
const GIVE_A_PATH: &str = "give the path of a submission, or of a folder with submissions";
/// Letters that differ between a mistyped name and the one that was meant, and the most such names that are shown.
const EDITS_MAX: usize = 2;
const NEAR_NAMES_MAX: usize = 3;

/// A file found.
pub(super) struct Listed {
    /// Relative to the batch folder, with `/`.
    pub(super) path: String,
    on_disk: PathBuf,
    /// Set if the file is refused before it is opened.
    refusal: Option<Refusal>,
}

/// What the folder holds.
pub(super) struct Listing {
    /// In ascending order of path, by bytes.
    pub(super) files: Vec<Listed>,
    /// Stray files of Excel and Windows.
    pub(super) passed_over: Vec<PassedOver>,
}

impl Listing {
    /// Sorts by path: the order of a folder cannot be relied on.
    fn sort(&mut self) {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.passed_over.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Refuses no file, with `none` as the message and `fix`, and too many files.
    fn refuse_too_few_or_many(
        &self,
        places: Vec<String>,
        (none, fix): (&str, &str),
    ) -> Result<(), Stop> {
        let (message, fix) = match self.files.len() {
            0 => (none.to_string(), fix),
            1..=FILES_PER_BATCH_MAX => return Ok(()),
            files => (
                format!("there are {files} files; at most {FILES_PER_BATCH_MAX} are read"),
                "leave only the files with completions there",
            ),
        };
        Err(nothing(message, places, fix))
    }

    /// Refuses files that would be the same file on Windows.
    fn refuse_twins(&mut self) {
        let mut seen = HashSet::new();
        for file in &mut self.files {
            let twin = same_but_for_capitals(&file.path, &mut seen);
            file.refusal = file.refusal.take().or(twin);
        }
    }
}

/// Lists the submissions of a batch.
pub(super) fn list_submissions(root: &Path) -> Result<Listing, Stop> {
    let mut listing = Listing {
        files: Vec::new(),
        passed_over: Vec::new(),
    };
    let folder = root.join(SUBMISSIONS);
    let places = vec![format!("{SUBMISSIONS}/")];
    walk(&folder, (SUBMISSIONS, None), 0, &mut listing).map_err(|error| {
        let message = match error.kind() {
            ErrorKind::NotFound => "the batch has no folder submissions".to_string(),
            _ => format!("the folder cannot be listed: {error}"),
        };
        nothing(message, places.clone(), FILL_SUBMISSIONS)
    })?;
    listing.sort();
    listing.refuse_too_few_or_many(places, ("the batch has no submissions", FILL_SUBMISSIONS))?;
    listing.refuse_twins();
    Ok(listing)
}

/// Lists given files and the files in given folders. A file is shown by its path in `root`, or else as it was given.
pub(super) fn list_given(paths: &[PathBuf], root: Option<&Path>) -> Result<Listing, Stop> {
    let root = root.and_then(|root| root.canonicalize().ok());
    let mut listing = Listing {
        files: Vec::new(),
        passed_over: Vec::new(),
    };
    for given in paths {
        let below = given
            .canonicalize()
            .ok()
            .zip(root.as_ref())
            .and_then(|(real, root)| real.strip_prefix(root).ok().map(PathBuf::from));
        let (shown, is_plain) = shown(below.as_deref().unwrap_or(given).as_os_str());
        let kind = fs::metadata(given).map_err(|error| match error.kind() {
            ErrorKind::NotFound => no_such_file(given),
            _ => Stop::usage(error.to_string(), given.display().to_string(), GIVE_A_PATH),
        })?;
        if kind.is_dir() {
            let listed = walk(
                given,
                (shown.trim_end_matches('/'), unseen_in(is_plain).as_ref()),
                0,
                &mut listing,
            );
            listed.map_err(|error| {
                Stop::usage(
                    format!("the folder cannot be listed: {error}"),
                    shown,
                    "check its permissions",
                )
            })?;
        } else {
            let refusal = if kind.is_file() {
                unseen_in(is_plain).or_else(|| not_a_submission(&shown))
            } else {
                Some(no_file())
            };
            // A link that is given is followed; a link inside a folder is not.
            listing.files.push(Listed {
                path: shown,
                on_disk: given.canonicalize().unwrap_or_else(|_| given.clone()),
                refusal,
            });
        }
    }
    listing.sort();
    listing.files.dedup_by(|a, b| a.path == b.path);
    let places = paths.iter().map(|path| path.display().to_string());
    let fix = "put the spreadsheets there, or give the path of a submission";
    listing.refuse_too_few_or_many(places.collect(), ("no submission is there", fix))?;
    Ok(listing)
}

/// The stop for a file that is not there, with the names in its folder that are nearly the same.
#[must_use]
pub fn no_such_file(given: &Path) -> Stop {
    let near = near_names(given);
    let fix = match &near[..] {
        [] => GIVE_A_PATH.to_string(),
        near => format!("did you mean {}? If not, {GIVE_A_PATH}", near.join(" or ")),
    };
    Stop::usage("the file does not exist", given.display().to_string(), fix)
}

/// The spreadsheets next to a file that is not there whose names are nearly its own, in quotes, the nearest first. An ending that
/// is missing or another is nearly the same, and so are further words behind the name.
fn near_names(given: &Path) -> Vec<String> {
    let folder = given
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return Vec::new();
    };
    let lower = |text: Option<&OsStr>| text.unwrap_or_default().to_string_lossy().to_lowercase();
    let (typed, stem) = (lower(given.file_name()), lower(given.file_stem()));
    let edits = |path: &Path| {
        let (name, its_stem) = (lower(path.file_name()), lower(path.file_stem()));
        match its_stem.strip_prefix(&stem) {
            Some(more) if !more.starts_with(char::is_alphanumeric) => usize::from(!more.is_empty()),
            _ => strsim::damerau_levenshtein(&typed, &name),
        }
    };
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut near: Vec<(usize, PathBuf)> = files
        .filter(|path| ENDINGS.contains(&extension(&path.to_string_lossy()).as_str()))
        .map(|path| (edits(&path), path))
        .filter(|(edits, path)| *edits <= EDITS_MAX && path.is_file())
        .collect();
    near.sort();
    let names = near.iter().take(NEAR_NAMES_MAX);
    names
        .map(|(_, path)| format!("\"{}\"", lossy_name(path)))
        .collect()
}

fn lossy_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Why a file with this ending cannot be a submission.
fn not_a_submission(name: &str) -> Option<Refusal> {
    let wrong = !ENDINGS.contains(&extension(name).as_str());
    wrong.then(|| {
        Refusal::new(
            Code::F105,
            format!(
                "the file is not a submission: it ends in none of .{}",
                ENDINGS.join(" .")
            ),
        )
    })
}

fn nothing(message: String, places: Vec<String>, fix: &str) -> Stop {
    Stop {
        status: Status::Nothing,
        message,
        places,
        fix: fix.to_string(),
        also: Vec::new(),
    }
}

/// Whether Excel, Windows or macOS leaves files of this name behind.
#[must_use]
pub fn is_stray(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("~$")
        || name.starts_with('.')
        || name.eq_ignore_ascii_case("Thumbs.db")
        || name.eq_ignore_ascii_case("desktop.ini")
}

/// A name or path as text, and whether that is exactly the name. Invisible characters and bytes that are not text are written out,
/// so that no two names look alike and none breaks a line.
fn shown(name: &OsStr) -> (String, bool) {
    let mut text = String::new();
    let mut is_plain = true;
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        is_plain &= chunk.invalid().is_empty() && !chunk.valid().contains(is_unseen);
        let valid = chunk.valid();
        text.push_str(&if cfg!(windows) {
            written_out(&valid.replace('\\', "/"))
        } else {
            written_out(valid)
        });
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    (text, is_plain)
}

/// The refusal of a file whose name is not what it looks like.
fn unseen_in(is_plain: bool) -> Option<Refusal> {
    let mut refusal = Refusal::new(
        Code::F105,
        "its name holds a character that cannot be seen, or is not text",
    );
    refusal.fix = Some(
        "Rename the file or its folder. Remove the characters shown here as \\u... or \\x..."
            .to_string(),
    );
    (!is_plain).then_some(refusal)
}

fn no_file() -> Refusal {
    Refusal::new(Code::F105, "it is not a file but a device or a pipe")
}

/// Lists a folder under its shown path. `fault`: what a name in that path already refuses.
fn walk(
    folder: &Path,
    (path, fault): (&str, Option<&Refusal>),
    depth: usize,
    listing: &mut Listing,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let (name, is_plain) = shown(&name);
        if is_stray(&name) {
            pass_over(&entry.path(), &format!("{path}/{name}"), 0, listing)?;
            continue;
        }
        // A folder's bad name refuses everything in it.
        let fault = fault
            .cloned()
            .or_else(|| unseen_in(is_plain))
            .or_else(|| not_everywhere(&name));
        let path = format!("{path}/{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < FOLDER_DEPTH_MAX {
            walk(&entry.path(), (&path, fault.as_ref()), depth + 1, listing)?;
            continue;
        }
        let refusal = if kind.is_symlink() {
            Some(Refusal::new(
                Code::F105,
                "it is a link; only files in the folder itself are read",
            ))
        } else if kind.is_dir() {
            Some(Refusal::limit(format!(
                "the folder lies more than {FOLDER_DEPTH_MAX} folders deep"
            )))
        } else if !kind.is_file() {
            Some(no_file())
        } else {
            fault.or_else(|| not_a_submission(&name))
        };
        listing.files.push(Listed {
            path,
            on_disk: entry.path(),
            refusal,
        });
    }
    Ok(())
}

/// Records a file that is passed over, or every file of such a folder.
fn pass_over(on_disk: &Path, path: &str, depth: usize, listing: &mut Listing) -> io::Result<()> {
    let kind = fs::symlink_metadata(on_disk)?;
    if kind.is_dir() && depth < FOLDER_DEPTH_MAX {
        for entry in fs::read_dir(on_disk)? {
            let entry = entry?;
            let (name, _) = shown(&entry.file_name());
            pass_over(&entry.path(), &format!("{path}/{name}"), depth + 1, listing)?;
        }
        return Ok(());
    }
    if listing.passed_over.len() == FILES_PER_BATCH_MAX {
        return Ok(());
    }
    // A file that cannot be opened is recorded too.
    let bytes = if kind.is_file() {
        read_plain(on_disk, FILE_BYTES_MAX).unwrap_or_default()
    } else {
        Vec::new()
    };
    let sha256 = if bytes.is_empty() && kind.len() > 0 {
        String::new()
    } else {
        crate::hash::sha256_hex(&bytes)
    };
    listing.passed_over.push(PassedOver {
        path: path.to_string(),
        sha256,
        bytes: kind.len(),
    });
    Ok(())
}

/// Shows that a file changed. The time is only compared and never written anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    bytes: u64,
    modified: Option<SystemTime>,
}

fn changed() -> Refusal {
    Refusal::new(Code::F109, "the file changed while it was read")
}

/// Why a file was not read.
#[derive(Debug)]
enum ReadError {
    Refused(Refusal),
    Disk(io::Error),
}

/// Reads a whole file and makes sure that nobody wrote to it meanwhile. Only the bytes read here are hashed and parsed.
fn read_unchanged(
    file: impl Read,
    before: &State,
    after: impl FnOnce() -> io::Result<State>,
) -> Result<Vec<u8>, ReadError> {
    if before.bytes > FILE_BYTES_MAX {
        let (size, limit) = (before.bytes >> 20, FILE_BYTES_MAX >> 20);
        let message = format!("the file has {size} MB; at most {limit} MB are read");
        return Err(ReadError::Refused(Refusal::limit(message)));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(before.bytes).unwrap_or(0));
    // One more byte shows that it grew.
    file.take(before.bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| ReadError::Disk(in_words(error)))?;
    let after = after().map_err(ReadError::Disk)?;
    if bytes.len() as u64 != before.bytes || after != *before {
        return Err(ReadError::Refused(changed()));
    }
    Ok(bytes)
}

impl Listed {
    /// The content of the file.
    pub(super) fn read(&self) -> Result<Vec<u8>, Refusal> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let cannot = |error: io::Error| {
            let why = match error.kind() {
                ErrorKind::PermissionDenied => {
                    "this account may not read it, or another program holds it".to_string()
                }
                _ => error.to_string(),
            };
            Refusal::new(Code::F107, format!("the file cannot be opened: {why}"))
        };
        // Checked again: it may have become a link since it was listed.
        if !fs::symlink_metadata(&self.on_disk)
            .map_err(cannot)?
            .is_file()
        {
            return Err(changed());
        }
        let file = open_plain(&self.on_disk).map_err(cannot)?;
        // From here on it is this file, even if its name now leads to another.
        let before = file.metadata().map_err(cannot)?;
        let state = |metadata: fs::Metadata| State {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
        };
        read_unchanged(&file, &state(before), || file.metadata().map(state)).map_err(|error| {
            match error {
                ReadError::Refused(refusal) => refusal,
                ReadError::Disk(error) => cannot(error),
            }
        })
    }

    /// A file that is not in a folder: a page has only its name and bytes.
    pub(super) fn by_name(name: &str) -> Listed {
        let (path, is_plain) = shown(OsStr::new(name));
        Listed {
            refusal: unseen_in(is_plain).or_else(|| not_a_submission(&path)),
            on_disk: PathBuf::new(),
            path,
        }
    }

    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The record of a file that was not read.
    pub(super) fn unread(&self) -> SourceFile {
        let refused = self.refusal.as_ref().map(|refusal| refusal.code);
        let metadata = fs::symlink_metadata(&self.on_disk);
        // What was refused by its name is recorded with its hash, if its path finds it again. A link is not followed.
        let is_plain = metadata.as_ref().is_ok_and(fs::Metadata::is_file);
        let can_be_found = refused.is_some() && self.on_disk.ends_with(&self.path);
        let content = (is_plain && can_be_found)
            .then(|| read_plain(&self.on_disk, FILE_BYTES_MAX).ok())
            .flatten();
        SourceFile {
            path: self.path.as_str().into(),
            sha256: content.map_or_else(String::new, |bytes| crate::hash::sha256_hex(&bytes)),
            bytes: metadata.map_or(0, |metadata| metadata.len()),
            sheets: Vec::new(),
            rows: 0,
            refused,
            entity: None,
            template: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: &[u8] = b"District Code";

    fn state(bytes: u64, seconds: u64) -> State {
        State {
            bytes,
            modified: SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds)),
        }
    }

    /// The refusal's code for a file with state `before`, and `after` once it was read.
    fn refused(before: &State, after: State) -> Option<Code> {
        match read_unchanged(CONTENT, before, || Ok(after)) {
            Ok(bytes) => {
                assert_eq!(bytes, CONTENT);
                None
            }
            Err(ReadError::Refused(refusal)) => Some(refusal.code),
            Err(ReadError::Disk(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let same = CONTENT.len() as u64;
        for (before, after, expected) in [
            (state(same, 1), state(same, 1), None),
            // cut off or grown between listing and reading
            (state(same + 1, 1), state(same + 1, 1), Some(Code::F109)),
            (state(same - 1, 1), state(same - 1, 1), Some(Code::F109)),
            // written to meanwhile
            (state(same, 1), state(same, 2), Some(Code::F109)),
            (state(same, 1), state(same + 5, 1), Some(Code::F109)),
        ] {
            assert_eq!(refused(&before, after), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_file_past_the_limit_of_size_is_refused_before_it_is_read() {
        assert_eq!(
            refused(&state(FILE_BYTES_MAX, 1), state(FILE_BYTES_MAX, 1)),
            Some(Code::F109),
            "it is read, and is shorter"
        );
        assert_eq!(
            refused(&state(FILE_BYTES_MAX + 1, 1), state(FILE_BYTES_MAX + 1, 1)),
            Some(Code::F104)
        );
    }
}
