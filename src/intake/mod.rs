//! From files to one frame of completions with provenance, the lists beside it, and findings. Reading never fails as a whole: a
//! file that cannot be read is refused by name and the rest goes on. Knows nothing of money.

pub mod cells;
pub mod completions;
mod compound;
pub mod fields;
mod folder;
pub mod guard;
pub mod limits;
pub mod lists;
mod markup;
mod ods;
pub mod pages;
pub(crate) mod preflight;
mod records;
pub mod submission;
pub mod table;
pub mod text;
pub(crate) mod workbook;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::batch::{Batch, ListFile};
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::stop::{Status, Stop};
use completions::{Completions, Field, SUBMISSION};
use folder::{Listing, list_given, list_submissions};
use lists::{Ledger, Participants, Programs, Resolution};
use pages::Fingerprint;
use submission::{FileRead, Reading, SourceFile, read_submission, refused};
use table::Headings;

pub use folder::{SUBMISSIONS, is_stray};

/// A list or configuration file that the result depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Path relative to the batch folder, with `/`.
    pub path: String,
    /// What it is for.
    pub role: &'static str,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
    /// Rows or entries in it, where that means something.
    pub rows: Option<usize>,
}

/// All that was read.
#[derive(Debug)]
pub struct Intake {
    /// Every submitted row.
    pub completions: Completions,
    /// The submitted files in ascending order of path, refused ones included; in the order of the rows.
    pub files: Vec<SourceFile>,
    /// The qualified list.
    pub programs: Programs,
    /// The participants list.
    pub participants: Participants,
    /// The ledger of prior payments; none where the batch has none.
    pub ledger: Option<Ledger>,
    /// Decisions on the record.
    pub resolutions: Vec<Resolution>,
    /// Configuration and lists, in the order read.
    pub inputs: Vec<InputFile>,
    /// Stray files of Excel and Windows that were passed over.
    pub ignored: usize,
    /// What a person should know about files and sheets.
    pub findings: Vec<Finding>,
}

/// The lists that rows are checked against, and the decisions on the record.
#[derive(Debug, Default)]
pub struct Lists {
    /// The qualified list.
    pub programs: Programs,
    /// The participants list.
    pub participants: Participants,
    /// The ledger of prior payments, if there is one.
    pub ledger: Option<Ledger>,
    /// Decisions on the record.
    pub resolutions: Vec<Resolution>,
    /// Configuration and lists, in the order read.
    pub inputs: Vec<InputFile>,
}

/// How a deployment writes its submissions.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Its own headings.
    pub columns: Vec<(Field, String)>,
    /// The delimiter of text files; none means that it is found out for each.
    pub delimiter: Option<u8>,
}

impl Layout {
    /// How files written so are read.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let headings = self
            .columns
            .iter()
            .fold(Headings::new(SUBMISSION), |headings, (field, word)| {
                headings.with_own(field.key(), word)
            });
        Reading {
            headings,
            delimiter: self.delimiter,
        }
    }
}

/// Reads a batch. `progress` is told after each file: (files read, files in all).
pub fn read(batch: &Batch, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Intake, Stop> {
    let lists = read_lists(batch)?;
    let mut intake = read_submissions(
        list_submissions(&batch.root)?,
        &batch.layout(),
        lists,
        progress,
    )?;
    intake.findings.extend(stale_templates(
        &intake.files,
        &Fingerprint::of(&batch.rules, &intake.programs),
    ));
    for (name, right) in batch.almost_lists() {
        let message = format!("the file was not read; rename it {right} if it is that list");
        intake
            .findings
            .push(Finding::of_file(Code::W219, &name).saying(message));
    }
    Ok(intake)
}

/// Reads files that need not stand in a batch, and folders of such files. Paths are shown relative to `root` where they lie in it.
pub fn read_given(
    paths: &[PathBuf],
    root: Option<&Path>,
    layout: &Layout,
    lists: Lists,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Intake, Stop> {
    read_submissions(list_given(paths, root)?, layout, lists, progress)
}

/// Reads the lists of a batch.
pub fn read_lists(batch: &Batch) -> Result<Lists, Stop> {
    let mut inputs = batch.inputs.clone();
    let mut input = |list: &ListFile, role, rows| inputs.push(input_of(list, role, rows));
    let list = batch.list("qualified-programs")?;
    let list = list.ok_or_else(|| {
        batch.missing(
            "qualified-programs",
            "the list of qualified programs for the school year",
        )
    })?;
    let programs = lists::read_programs(&list.name, &list.bytes)?;
    input(&list, "qualified programs", programs.all().len());

    let list = batch.list("participants")?;
    let list = list.ok_or_else(|| batch.missing("participants", "the list of who takes part"))?;
    let participants = lists::read_participants(&list.name, &list.bytes)?;
    input(&list, "participants", participants.all().len());

    let ledger = match batch.list("prior-payments")? {
        None => None,
        Some(list) => {
            let ledger = lists::read_ledger(&list.name, &list.bytes)?;
            input(&list, "prior payments", ledger.entries().len());
            Some(ledger)
        }
    };
    let resolutions = match batch.list("resolutions")? {
        None => Vec::new(),
        Some(list) => {
            let resolutions = lists::read_resolutions(&list.name, &list.bytes)?;
            input(&list, "resolutions", resolutions.len());
            resolutions
        }
    };
    Ok(Lists {
        programs,
        participants,
        ledger,
        resolutions,
        inputs,
    })
}

/// A list as an input of the result.
pub(crate) fn input_of(list: &ListFile, role: &'static str, rows: usize) -> InputFile {
    InputFile {
        path: list.name.clone(),
        role,
        sha256: crate::hash::sha256_hex(&list.bytes),
        bytes: list.bytes.len() as u64,
        rows: Some(rows),
    }
}

/// Reads submissions that are in memory, as if they stood in a batch at these paths: path relative to the batch folder, content.
pub fn read_in_memory(
    files: &[(&str, &[u8])],
    layout: &Layout,
    lists: Lists,
) -> Result<Intake, Stop> {
    let reading = layout.reading();
    let mut files = files.to_vec();
    files.sort_by_key(|(path, _)| *path);
    let read = files
        .into_iter()
        .enumerate()
        .map(|(index, (path, bytes))| read_submission(path, bytes, rank(index), &reading))
        .collect();
    joined(read, 0, lists)
}

/// The position of a file among those of its batch: there are at most `FILES_PER_BATCH_MAX`.
fn rank(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn read_submissions(
    listing: Listing,
    layout: &Layout,
    lists: Lists,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Intake, Stop> {
    let reading = layout.reading();
    let total = listing.files.len();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let read: Vec<FileRead> = listing
        .files
        .into_par_iter()
        .enumerate()
        .map(|(index, listed)| {
            let read = match listed.read() {
                Ok(bytes) => read_submission(&listed.path, &bytes, rank(index), &reading),
                Err(refusal) => refused(listed.unread(), refusal),
            };
            progress(
                1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
                total,
            );
            read
        })
        .collect();
    joined(read, listing.ignored, lists)
}

/// Joins what was read of the files, which are in the order of the batch.
fn joined(read: Vec<FileRead>, ignored: usize, lists: Lists) -> Result<Intake, Stop> {
    let Lists {
        programs,
        participants,
        ledger,
        resolutions,
        inputs,
    } = lists;
    let rows: usize = read.iter().map(|read| read.file.rows).sum();
    if rows > limits::ROWS_PER_BATCH_MAX {
        return Err(Stop {
            status: Status::Nothing,
            message: format!(
                "the batch has {rows} rows; at most {} are read",
                limits::ROWS_PER_BATCH_MAX
            ),
            places: vec![SUBMISSIONS.to_string()],
            fix: "split it into several batches".to_string(),
        });
    }
    let mut files = Vec::with_capacity(read.len());
    let mut rows_of_files = Vec::with_capacity(read.len());
    let mut findings = Vec::new();
    for mut read in read {
        read.file.entity = reporting_entity(&read.file.path, &participants);
        findings.extend(read.findings);
        if read.file.refused.is_none() && read.file.entity.is_none() {
            findings.push(Finding::of_file(Code::W215, &read.file.path));
        }
        rows_of_files.extend(read.rows);
        files.push(read.file);
    }
    Ok(Intake {
        completions: Completions::concat(rows_of_files),
        files,
        programs,
        participants,
        ledger,
        resolutions,
        inputs,
        ignored,
        findings,
    })
}

/// W224: the files made from a template of other rules or another list, one finding each.
pub fn stale_templates<'f>(
    files: &'f [SourceFile],
    expected: &'f Fingerprint,
) -> impl Iterator<Item = Finding> + 'f {
    files.iter().filter_map(move |file| {
        let why = file.template.as_ref()?.stale_in(expected)?;
        Some(Finding::of_file(Code::W224, &file.path).saying(why))
    })
}

/// The District Code of the entity that a file is from: the 4 digits that its name begins with, or else the nearest folder's, if
/// that is a District Code of the participants list (calculation.md, "Wrong file").
#[must_use]
pub fn reporting_entity(path: &str, participants: &Participants) -> Option<String> {
    let below = path.strip_prefix(SUBMISSIONS).unwrap_or(path);
    below.rsplit('/').find_map(|name| {
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        let code = name.get(..4).filter(|_| digits == 4)?;
        participants.has_district(code).then(|| code.to_string())
    })
}
