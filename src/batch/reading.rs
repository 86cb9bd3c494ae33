//! From the files of a batch to its rows: lists and reads files and hands them to intake, one file per core.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::folder::{Listed, Listing, list_given, list_submissions};
use super::{
    Batch, LEDGER_ROLE, ListFile, PARTICIPANTS, PRIOR_PAYMENTS, PROGRAMS, RESOLUTIONS,
    RESOLUTIONS_ROLE, almost_lists,
};
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::intake::lists;
use crate::intake::pages::Fingerprint;
use crate::intake::submission::{FileRead, Reading, SourceFile, read_submission, refused};
use crate::intake::{
    InputFile, Intake, Layout, Lists, Office, PARTICIPANTS_ROLE, PROGRAMS_ROLE, Words, joined,
    rank, stale_templates,
};
use crate::parallel::on_each_core;
use crate::stop::Stop;
use crate::year::Year;

/// Reads a batch: its lists and its submissions. `progress` is told after each file: (files read, files in all).
pub fn read(batch: &Batch, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Intake, Stop> {
    let lists = read_lists(batch)?;
    let mut intake = read_all(&batch.root, &batch.layout(), lists, progress)?;
    intake.findings.extend(stale_templates(
        &intake.files,
        &Fingerprint::of(&batch.rules, &intake.programs),
    ));
    Ok(intake)
}

/// Reads all submissions of the batch in a folder, and names the files there that are almost named like a list.
pub fn read_all(
    root: &Path,
    layout: &Layout,
    lists: Lists,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Intake, Stop> {
    let mut intake = read_submissions(list_submissions(root)?, layout, lists, progress)?;
    for (name, right) in almost_lists(root) {
        let message = format!("the file was not read; rename it {right} if it is that list");
        intake
            .findings
            .push(Finding::of_file(Code::W219, &name).saying(message));
    }
    Ok(intake)
}

/// Reads files and folders that need not be in a batch. Paths inside `root` are shown relative to it.
pub fn read_given(
    paths: &[PathBuf],
    root: Option<&Path>,
    layout: &Layout,
    lists: Lists,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Intake, Stop> {
    read_submissions(list_given(paths, root)?, layout, lists, progress)
}

/// Reads a file in memory under a name; the name alone can refuse it.
#[must_use]
pub fn read_named(name: &str, bytes: &[u8], index: u32, reading: &Reading) -> FileRead {
    let listed = Listed::by_name(name);
    match listed.refusal() {
        Some(refusal) => {
            let file = SourceFile {
                sha256: crate::hash::sha256_hex(bytes),
                bytes: bytes.len() as u64,
                ..listed.unread()
            };
            refused(file, refusal.clone())
        }
        None => read_submission(&listed.path, bytes, index, reading),
    }
}

/// Reads the lists of a batch.
pub fn read_lists(batch: &Batch) -> Result<Lists, Stop> {
    let own_year = Some(batch.rules.budget_year);
    let mut words = Words::default();
    for (field, word, meaning) in &batch.words {
        words.map(*field, word, meaning);
    }
    Ok(Lists {
        office: Office {
            prepared_by: batch.prepared_by.clone(),
            run_date: Some(batch.run_date),
        },
        words,
        ..read_lists_of(&batch.root, batch.inputs.clone(), own_year)?
    })
}

/// Reads the lists in a batch's folder, and reports all their faults at once.
pub(super) fn read_lists_of(
    root: &Path,
    mut inputs: Vec<InputFile>,
    own_year: Option<Year>,
) -> Result<Lists, Stop> {
    let mut input = |list: &ListFile, role, rows| inputs.push(input_of(list, role, rows));
    let programs = required(
        root,
        PROGRAMS,
        "the list of qualified programs for the school year",
    )
    .and_then(|list| Ok((lists::read_programs(&list.name, &list.bytes)?, list)));
    let participants = required(root, PARTICIPANTS, "the list of who takes part")
        .and_then(|list| Ok((lists::read_participants(&list.name, &list.bytes)?, list)));
    let ledger = optional(root, PRIOR_PAYMENTS, |name, bytes| {
        let known = programs.as_ref().ok().map(|(list, _)| list);
        lists::read_ledger(name, bytes, own_year, known)
    });
    let resolutions = optional(root, RESOLUTIONS, lists::read_resolutions);
    let (programs, participants, ledger, resolutions) =
        match (programs, participants, ledger, resolutions) {
            (Ok(programs), Ok(participants), Ok(ledger), Ok(resolutions)) => {
                (programs, participants, ledger, resolutions)
            }
            (programs, participants, ledger, resolutions) => {
                let stops = [
                    programs.err(),
                    participants.err(),
                    ledger.err(),
                    resolutions.err(),
                ];
                // One of them is there: the first arm did not match.
                let none = || Stop::defect("a list that cannot be read without a reason");
                return Err(Stop::of_all(stops.into_iter().flatten()).unwrap_or_else(none));
            }
        };
    let (programs, list) = programs;
    input(&list, PROGRAMS_ROLE, programs.all().len());
    let (participants, list) = participants;
    input(&list, PARTICIPANTS_ROLE, participants.all().len());
    let ledger = ledger.map(|(ledger, list)| {
        input(&list, LEDGER_ROLE, ledger.entries().len());
        ledger
    });
    let resolutions = resolutions.map_or_else(Vec::new, |(resolutions, list)| {
        input(&list, RESOLUTIONS_ROLE, resolutions.len());
        resolutions
    });
    Ok(Lists {
        programs,
        participants,
        ledger,
        resolutions,
        inputs,
        office: Office::default(),
        words: Words::default(),
    })
}

fn required(root: &Path, name: &str, what: &str) -> Result<ListFile, Stop> {
    super::list(root, name)?.ok_or_else(|| super::missing(root, name, what))
}

/// Reads an optional list; gives it with its file.
fn optional<T>(
    root: &Path,
    name: &str,
    read: impl FnOnce(&str, &[u8]) -> Result<T, Stop>,
) -> Result<Option<(T, ListFile)>, Stop> {
    let Some(list) = super::list(root, name)? else {
        return Ok(None);
    };
    Ok(Some((read(&list.name, &list.bytes)?, list)))
}

/// A list as an input of the result.
pub(crate) fn input_of(list: &ListFile, role: &'static str, rows: usize) -> InputFile {
    InputFile {
        rows: Some(rows),
        ..InputFile::of(&list.name, role, &list.bytes)
    }
}

fn read_submissions(
    listing: Listing,
    layout: &Layout,
    lists: Lists,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Intake, Stop> {
    let reading = layout.reading();
    let total = listing.files.len();
    let done = AtomicUsize::new(0);
    let files = listing.files.into_iter().enumerate().collect();
    let read: Vec<FileRead> = on_each_core(files, |(index, listed)| {
        let read = match listed.read() {
            Ok(bytes) => read_submission(&listed.path, &bytes, rank(index), &reading),
            Err(refusal) => refused(listed.unread(), refusal),
        };
        progress(1 + done.fetch_add(1, Ordering::Relaxed), total);
        read
    });
    joined(read, layout.fields, listing.passed_over, lists)
}
