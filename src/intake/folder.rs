//! The files under `submissions/`: which are read, which are passed over, which are refused by name.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::cells::Refusal;
use super::limits::{FILE_BYTES_MAX, FILES_PER_BATCH_MAX, FOLDER_DEPTH_MAX};
use super::preflight::extension;
use super::submission::SourceFile;
use crate::catalogue::Code;
use crate::stop::{Status, Stop};

/// The folder of the submissions, in the batch folder.
pub const SUBMISSIONS: &str = "submissions";

/// The endings of submissions.
const ENDINGS: [&str; 7] = ["xlsx", "xlsm", "xlsb", "xls", "ods", "csv", "txt"];

/// A file found.
pub(super) struct Listed {
    /// Relative to the batch folder, with `/`.
    pub(super) path: String,
    on_disk: PathBuf,
    /// Refused by what it is, before it is opened.
    refusal: Option<Refusal>,
}

/// What the folder holds.
pub(super) struct Listing {
    /// In ascending order of path, by bytes.
    pub(super) files: Vec<Listed>,
    /// Stray files of Excel and Windows.
    pub(super) ignored: usize,
}

/// Lists the submissions of a batch.
pub(super) fn list_submissions(root: &Path) -> Result<Listing, Stop> {
    let mut listing = Listing { files: Vec::new(), ignored: 0 };
    let folder = root.join(SUBMISSIONS);
    walk(&folder, SUBMISSIONS, 0, &mut listing).map_err(|error| match error.kind() {
        ErrorKind::NotFound => nothing("the batch has no folder submissions".to_string()),
        _ => nothing(format!("the folder cannot be listed: {error}")),
    })?;
    if listing.files.is_empty() {
        return Err(nothing("there are no submissions".to_string()));
    }
    if listing.files.len() > FILES_PER_BATCH_MAX {
        return Err(nothing(format!("there are {} files; at most {FILES_PER_BATCH_MAX} are read", listing.files.len())));
    }
    listing.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(listing)
}

fn nothing(message: String) -> Stop {
    Stop {
        status: Status::Nothing,
        message,
        places: vec![format!("{SUBMISSIONS}/")],
        fix: "put the entities' spreadsheets into the folder submissions of the batch".to_string(),
    }
}

/// Left behind by Excel, Windows and macOS.
#[must_use]
pub fn is_stray(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("~$") || name.starts_with('.') || name.eq_ignore_ascii_case("Thumbs.db") || name.eq_ignore_ascii_case("desktop.ini")
}

fn walk(folder: &Path, path: &str, depth: usize, listing: &mut Listing) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if is_stray(&name) {
            listing.ignored += 1;
            continue;
        }
        let path = format!("{path}/{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < FOLDER_DEPTH_MAX {
            walk(&entry.path(), &path, depth + 1, listing)?;
            continue;
        }
        let refusal = if kind.is_symlink() {
            Some(Refusal::new(Code::F105, "it is a link; only files in the folder itself are read"))
        } else if kind.is_dir() {
            Some(Refusal::limit(format!("the folder lies more than {FOLDER_DEPTH_MAX} folders deep")))
        } else if !kind.is_file() {
            Some(Refusal::new(Code::F105, "it is no file but a device or a pipe"))
        } else if !ENDINGS.contains(&extension(&name).as_str()) {
            Some(Refusal::new(Code::F105, format!("the file is no submission: it ends in none of .{}", ENDINGS.join(" ."))))
        } else {
            None
        };
        listing.files.push(Listed { path, on_disk: entry.path(), refusal });
    }
    Ok(())
}

impl Listed {
    /// The content of the file.
    pub(super) fn read(&self) -> Result<Vec<u8>, Refusal> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let cannot = |error: io::Error| {
            let why = match error.kind() {
                ErrorKind::PermissionDenied => "this account may not read it, or another program holds it".to_string(),
                _ => error.to_string(),
            };
            Refusal::new(Code::F107, format!("the file cannot be opened: {why}"))
        };
        let bytes = fs::metadata(&self.on_disk).map_err(cannot)?.len();
        if bytes > FILE_BYTES_MAX {
            let (size, limit) = (bytes >> 20, FILE_BYTES_MAX >> 20);
            return Err(Refusal::limit(format!("the file has {size} MB; at most {limit} MB are read")));
        }
        fs::read(&self.on_disk).map_err(cannot)
    }

    /// The record of a file that was not read.
    pub(super) fn unread(&self) -> SourceFile {
        let bytes = fs::symlink_metadata(&self.on_disk).map_or(0, |metadata| metadata.len());
        let refused = self.refusal.as_ref().map(|refusal| refusal.code);
        SourceFile {
            path: self.path.as_str().into(),
            sha256: String::new(),
            bytes,
            sheets: Vec::new(),
            rows: 0,
            refused,
            entity: None,
            template: None,
        }
    }
}
