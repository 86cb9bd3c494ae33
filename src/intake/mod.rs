//! From files to typed rows with their places, the lists, and findings. Reading never fails as a whole: a file that cannot be read
//! is refused by name, and the others are read. Nothing here knows money.

mod biff;
pub mod cells;
pub mod completions;
mod compound;
pub mod fields;
pub(crate) mod formats;
pub mod guard;
pub mod guess;
pub mod headings;
pub mod limits;
pub mod lists;
pub mod looks;
mod markup;
mod merges;
mod ods;
mod package;
pub mod pages;
mod part;
pub(crate) mod preflight;
mod records;
pub mod submission;
pub mod table;
pub mod text;
pub(crate) mod workbook;

use crate::catalogue::Code;
use crate::finding::Finding;
use crate::stop::{Status, Stop};
use completions::{Completions, SUBMISSION};
use fields::{Field, Fields};
use headings::Headings;
use lists::{Ledger, Participants, Programs, Resolution};
use pages::Fingerprint;
use submission::{FileRead, Reading, SourceFile, read_submission};

/// The folder of the submissions, in the batch folder.
pub const SUBMISSIONS: &str = "submissions";

/// The role of the list of qualified programs among the inputs.
pub(crate) const PROGRAMS_ROLE: &str = "qualified programs";
/// The role of the participants list.
pub(crate) const PARTICIPANTS_ROLE: &str = "participants";

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
    /// Rows or entries in it, where that applies.
    pub rows: Option<usize>,
}

impl InputFile {
    /// A file of these bytes, whose rows are not counted.
    pub(crate) fn of(path: &str, role: &'static str, bytes: &[u8]) -> InputFile {
        InputFile {
            path: path.to_string(),
            role,
            sha256: crate::hash::sha256_hex(bytes),
            bytes: bytes.len() as u64,
            rows: None,
        }
    }
}

/// All that was read.
#[derive(Debug)]
pub struct Intake {
    /// Every submitted row.
    pub completions: Completions,
    /// The submitted files, including refused ones, in ascending order of path, which is that of the rows.
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
    /// Files under the submissions that were passed over for their names, by path.
    pub passed_over: Vec<PassedOver>,
    /// Who prepared the batch and when it is run, by which decisions are judged.
    pub office: Office,
    /// The office's own words.
    pub words: Words,
    /// The fields of the year.
    pub fields: Fields,
    /// What a person should know about files and sheets.
    pub findings: Vec<Finding>,
}

/// A file that was passed over for its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// Path relative to the batch folder, with `/`.
    pub path: String,
    /// SHA-256 of its bytes, hexadecimal; empty where it could not be opened.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
}

/// What a decision on the record is judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Office {
    /// Who prepared the batch, and so cannot approve decisions on it.
    pub prepared_by: Option<String>,
    /// No decision may be later; none if files are only checked.
    pub run_date: Option<chrono::NaiveDate>,
}

/// The office's own words for values of cells (`[values]` in batch.toml). They take precedence over the specification's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(std::collections::HashMap<(Field, String), String>);

impl Words {
    /// Gives a word of a field a meaning, whatever its case and however its accents are composed.
    pub fn map(&mut self, field: Field, word: &str, meaning: &str) {
        let word = crate::values::said(word, false).to_lowercase();
        self.0.insert((field, word), meaning.to_string());
    }

    /// What a word means, if it is one of the office's own.
    #[must_use]
    pub fn meaning(&self, field: Field, word: &str) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        self.0
            .get(&(field, word.to_lowercase()))
            .map(String::as_str)
    }
}

/// The lists that rows are checked against, and the decisions on the record.
#[derive(Clone, Debug, Default)]
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
    /// What binds decisions.
    pub office: Office,
    /// The office's own words.
    pub words: Words,
}

/// How the office's submissions are written.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The fields of the year. Headings and values of others have no effect.
    pub fields: Fields,
    /// Its own headings.
    pub columns: Vec<(Field, String)>,
    /// Values for columns that its files do not have.
    pub constants: Vec<(Field, String)>,
    /// The delimiter of text files; none if it is detected file by file.
    pub delimiter: Option<u8>,
}

impl Layout {
    /// How to read files with this layout.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let mut headings = Headings::new(SUBMISSION);
        for (field, word) in &self.columns {
            headings = headings.with_own(field.key(), word);
        }
        for (field, value) in &self.constants {
            headings = headings.with_constant(field.key(), value);
        }
        for field in Field::ALL {
            if !self.fields.has(field) {
                headings = headings.without(field.key());
            }
        }
        Reading {
            headings,
            delimiter: self.delimiter,
        }
    }
}

/// Reads submissions in memory, each with its path relative to the batch folder.
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
    joined(read, layout.fields, Vec::new(), lists)
}

/// The position of a file in its batch, which has at most `FILES_PER_BATCH_MAX`.
#[must_use]
pub fn rank(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Joins what was read of the files, which are in the order of the batch.
pub fn joined(
    read: Vec<FileRead>,
    fields: Fields,
    passed_over: Vec<PassedOver>,
    lists: Lists,
) -> Result<Intake, Stop> {
    let Lists {
        programs,
        participants,
        ledger,
        resolutions,
        inputs,
        office,
        words,
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
            also: Vec::new(),
        });
    }
    let mut files = Vec::with_capacity(read.len());
    let mut rows_of_files = Vec::with_capacity(read.len());
    let mut findings = Vec::new();
    for mut read in read {
        read.file.entity = reporting_entity(&read.file.path, &participants);
        findings.extend(read.findings);
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
        passed_over,
        office,
        words,
        fields,
        findings,
    })
}

/// W224: files made from a template of other rules or another list, one finding each.
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
    entity_by_name(path, |code| participants.has_district(code))
}

/// The same for a given set of District Codes.
#[must_use]
pub fn entity_by_name(path: &str, is_district: impl Fn(&str) -> bool) -> Option<String> {
    let below = path.strip_prefix(SUBMISSIONS).unwrap_or(path);
    below.rsplit('/').find_map(|name| {
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        let code = name.get(..4).filter(|_| digits == 4)?;
        is_district(code).then(|| code.to_string())
    })
}
