//! The batch folder: `batch.toml`, the rules it names, and where its lists are (files.md, "In").

mod accounting;
mod folder;
pub mod money;
mod office;
mod own_way;
mod portable;
mod previous;
pub mod reading;
mod settings;

pub use accounting::read_accounting;
pub use folder::{is_stray, no_such_file};
pub use office::ProgramOffice;
pub use own_way::{OWN_HEADINGS, OwnColumns, OwnWay, OwnWord, guessed_lines};
pub use previous::{LEDGER_ROLE, LedgerOrigin, PREVIOUS_ROLE, PRIOR_PAYMENTS_NEXT, Previous};
pub use settings::read_columns;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use toml::Spanned;

use crate::config::Document;
use crate::disk::read_plain;
use crate::intake::fields::Fields;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::intake::{InputFile, Layout};
use crate::money::Money;
use crate::receipt;
use crate::rules::readings::Readings;
use crate::rules::{self, Overrides, RuleSet};
use crate::stop::Stop;
use crate::words::written_out;
use crate::year::Year;
use previous::previous_receipt;
use settings::{Faults, Settings};

/// The name of the list of qualified programs, without its ending; the others likewise.
pub const PROGRAMS: &str = "qualified-programs";
pub const PARTICIPANTS: &str = "participants";
pub const PRIOR_PAYMENTS: &str = "prior-payments";
pub const RESOLUTIONS: &str = "resolutions";
/// The role of that list among the inputs of a receipt.
pub const RESOLUTIONS_ROLE: &str = "resolutions";
/// The lists of a batch.
const LISTS: [&str; 4] = [PROGRAMS, PARTICIPANTS, PRIOR_PAYMENTS, RESOLUTIONS];
/// The endings of a list; csv is always possible and comes last.
pub const LIST_ENDINGS: [&str; 3] = ["xlsx", "ods", "csv"];

/// The configuration file of a batch.
pub const BATCH_FILE: &str = "batch.toml";

/// A batch before its lists and submissions are read.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The folder.
    pub root: PathBuf,
    /// The folder's own name; the default name of the report.
    pub name: String,
    /// What the batch is called in every output.
    pub label: String,
    /// The appropriation.
    pub available: Money,
    /// The pool of the supplement, if the batch has one.
    pub supplement: Option<Money>,
    /// Stamped into every output; the clock is never read.
    pub run_date: NaiveDate,
    /// Who prepared the batch; the same person cannot approve decisions on it.
    pub prepared_by: Option<String>,
    /// The rules.
    pub rules: RuleSet,
    /// The readings in force: the batch's own, and the rules' for the rest.
    pub readings: Readings,
    /// The batch's own `[readings]`, which also apply under other rules.
    pub overrides: Overrides,
    /// The office's own headings, and values for columns that its files do not have.
    pub columns: OwnColumns,
    /// The office's own words for grades, lunch and graduation credit.
    pub words: Vec<OwnWord>,
    /// The program office.
    pub office: ProgramOffice,
    /// The accounts and columns of a settlement's journal.
    pub accounting: receipt::AccountingEntry,
    /// The delimiter of submitted text files; none if it is detected file by file.
    pub delimiter: Option<u8>,
    /// The configuration files read.
    pub inputs: Vec<InputFile>,
    /// The receipt of the run before, if `batch.toml` names one: reports form a chain.
    pub previous: Option<Previous>,
}

/// A list file, read.
#[derive(Clone, Debug)]
pub struct ListFile {
    /// Its name in the batch folder.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Batch {
    /// Refuses a path that is not a folder.
    ///
    /// # Errors
    /// A file, or nothing, is there.
    pub fn refuse_no_folder(root: &Path) -> Result<(), Stop> {
        let shown = root.display().to_string();
        if root.is_file() {
            return Err(Stop::usage(
                "this is a file, not a batch folder",
                shown,
                "give the folder that holds it",
            ));
        }
        if !root.is_dir() {
            return Err(Stop::usage(
                "the batch folder does not exist",
                shown,
                "give the folder that holds batch.toml and submissions/",
            ));
        }
        Ok(())
    }

    /// Reads `batch.toml` and the rules it names.
    pub fn open(root: &Path) -> Result<Batch, Stop> {
        Batch::refuse_no_folder(root)?;
        let shown = root.display().to_string();
        let path = root.join(BATCH_FILE);
        let bytes = read_plain(&path, FILE_BYTES_MAX).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Stop::usage(
                "the folder holds no batch.toml",
                shown.clone(),
                "cdip sample --out DIR makes a batch to start from",
            ),
            _ => Stop::usage(
                format!("batch.toml cannot be opened: {error}"),
                path.display().to_string(),
                "close it and run again",
            ),
        })?;
        Batch::read(root, &bytes).map_err(|mut faults| {
            // Faults of the lists are reported in the same run.
            let own_year = budget_year(root, &bytes);
            faults.extend(reading::read_lists_of(root, Vec::new(), own_year).err());
            Stop::of_all(faults)
                .unwrap_or_else(|| Stop::defect("batch.toml cannot be read without a reason"))
        })
    }

    /// Reads `batch.toml`, or says everything that is wrong with it.
    fn read(root: &Path, bytes: &[u8]) -> Result<Batch, Vec<Stop>> {
        let document = Document::decode(BATCH_FILE, bytes).map_err(|stop| vec![stop])?;
        let mut faults = Faults::default();
        let Some(settings) = Settings::read(document, &mut faults) else {
            return Err(faults.0);
        };
        let mut inputs = vec![InputFile::of(BATCH_FILE, "configuration", bytes)];
        let rules = open_rules(root, document, &settings.rules, &mut inputs);
        let rules = faults.keep(rules);
        let previous = settings.previous_receipt.as_ref();
        let previous =
            previous.and_then(|path| faults.keep(previous_receipt(root, document, path)));
        inputs.extend(previous.iter().map(|previous| previous.input.clone()));
        let beneath = rules
            .as_ref()
            .map(|rules| rules.readings)
            .unwrap_or_default();
        let readings = faults.keep(settings.readings.over(document, beneath));
        let (Some(rules), Some(readings), true) = (rules, readings, faults.0.is_empty()) else {
            return Err(faults.0);
        };
        let name = root.canonicalize().ok().and_then(|path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        });
        Ok(Batch {
            root: root.to_path_buf(),
            name: name.unwrap_or_else(|| "batch".to_string()),
            label: settings.label,
            available: settings.available,
            supplement: settings.supplement,
            run_date: settings.run_date,
            rules,
            readings,
            overrides: settings.readings,
            columns: settings.columns,
            words: settings.words,
            accounting: settings.accounting,
            office: settings.office,
            prepared_by: settings.prepared_by,
            delimiter: settings.delimiter,
            inputs,
            previous,
        })
    }

    /// Where a ledger of prior payments comes from, by its SHA-256.
    #[must_use]
    pub fn ledger_origin(&self, sha256: &str) -> LedgerOrigin<'_> {
        LedgerOrigin::of(self.previous.as_ref(), sha256)
    }

    /// The readings that the batch would have under other rules.
    pub fn readings_under(&self, rules: &RuleSet) -> Result<Readings, Stop> {
        // The values were checked when the batch was opened, so the empty place is never shown.
        self.overrides.over(
            Document {
                file: BATCH_FILE,
                text: "",
            },
            rules.readings,
        )
    }

    /// How the batch's submissions are written.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout {
            fields: Fields::of(&self.rules),
            columns: self.columns.headings.clone(),
            constants: self.columns.constants.clone(),
            delimiter: self.delimiter,
        }
    }
}

/// Files in a batch folder whose name is almost that of a list, with the right name. As named they have no effect.
fn almost_lists(root: &Path) -> Vec<(String, String)> {
    /// Typing errors that leave a name recognizable.
    const SLIPS_MAX: usize = 3;
    let mut found = Vec::new();
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let name = written_out(&entry.file_name().to_string_lossy());
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
        for list in LISTS {
            let slips = strsim::damerau_levenshtein(&stem.to_lowercase(), list);
            let exact = stem == list && LIST_ENDINGS.contains(&ending);
            if slips <= SLIPS_MAX && !exact && !is_stray(&name) && entry.path().is_file() {
                let right = if LIST_ENDINGS.contains(&ending) {
                    ending
                } else {
                    LIST_ENDINGS[LIST_ENDINGS.len() - 1]
                };
                found.push((name.clone(), format!("{list}.{right}")));
            }
        }
    }
    found.sort();
    found
}

/// The name of a list, with its ending; `None` if it is not in the folder. Two endings of one list are an error, not a guess.
pub(crate) fn list_name(root: &Path, stem: &str) -> Result<Option<String>, Stop> {
    let mut found: Vec<String> = LIST_ENDINGS
        .iter()
        .map(|ending| format!("{stem}.{ending}"))
        .filter(|name| root.join(name).symlink_metadata().is_ok())
        .collect();
    if found.len() > 1 {
        let mut stop = Stop::usage(
            format!("there are two files for {stem}"),
            found.remove(0),
            "leave one of them in the folder",
        );
        stop.places.append(&mut found);
        return Err(stop);
    }
    Ok(found.pop())
}

/// Reads a list; `None` if it is not in the folder.
pub(crate) fn list(root: &Path, stem: &str) -> Result<Option<ListFile>, Stop> {
    let Some(name) = list_name(root, stem)? else {
        return Ok(None);
    };
    let bytes = read_plain(&root.join(&name), FILE_BYTES_MAX).map_err(|error| {
        Stop::usage(
            format!("the list cannot be opened: {error}"),
            name.clone(),
            "close it in Excel and run again",
        )
    })?;
    Ok(Some(ListFile { name, bytes }))
}

/// The stop for a required list that is not there.
fn missing(root: &Path, stem: &str, what: &str) -> Stop {
    Stop::usage(
        format!("the batch has no {stem}"),
        root.display().to_string(),
        format!("add {stem}.xlsx, .ods or .csv: {what}"),
    )
}

/// The budget year of a `batch.toml` that has faults, if its rules can be read.
fn budget_year(root: &Path, bytes: &[u8]) -> Option<Year> {
    let document = Document::decode(BATCH_FILE, bytes).ok()?;
    let name = settings::rules_named(document)?;
    let rules = open_rules(root, document, &name, &mut Vec::new()).ok()?;
    Some(rules.budget_year)
}

fn open_rules(
    root: &Path,
    document: Document<'_>,
    name: &Spanned<String>,
    inputs: &mut Vec<InputFile>,
) -> Result<RuleSet, Stop> {
    let id = name.get_ref().as_str();
    if Path::new(id)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
    {
        let bytes = read_plain(&root.join(id), FILE_BYTES_MAX).map_err(|error| {
            document.stop_on(
                name,
                format!("the rules file \"{id}\" cannot be opened: {error}"),
                "give a path relative to the batch folder",
            )
        })?;
        inputs.push(InputFile::of(&id.replace('\\', "/"), "rules", &bytes));
        return rules::parse(Document::decode(id, &bytes)?);
    }
    let id = Year::parse(id).map_or_else(|| id.to_string(), rules::history::id_of);
    rules::built_in(&id)?.ok_or_else(|| {
        let (message, fix) = rules::why_not_built_in(&id);
        document.stop_on(name, message, fix)
    })
}
