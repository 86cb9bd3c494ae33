//! From the files of a batch to its rows: what is on the disk is listed, read and handed to the intake, a file on each core.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::folder::{Listing, list_given, list_submissions};
use super::{Batch, ListFile};
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::intake::lists;
use crate::intake::pages::Fingerprint;
use crate::intake::submission::{FileRead, read_submission, refused};
use crate::intake::{InputFile, Intake, Layout, Lists, joined, rank, stale_templates};
use crate::stop::Stop;

/// Reads a batch: its lists and its submissions. `progress` is told after each file: (files read, files in all).
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

fn read_submissions(
    listing: Listing,
    layout: &Layout,
    lists: Lists,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Intake, Stop> {
    let reading = layout.reading();
    let total = listing.files.len();
    let done = AtomicUsize::new(0);
    let read: Vec<FileRead> = listing
        .files
        .into_par_iter()
        .enumerate()
        .map(|(index, listed)| {
            let read = match listed.read() {
                Ok(bytes) => read_submission(&listed.path, &bytes, rank(index), &reading),
                Err(refusal) => refused(listed.unread(), refusal),
            };
            progress(1 + done.fetch_add(1, Ordering::Relaxed), total);
            read
        })
        .collect();
    joined(read, listing.ignored, lists)
}
