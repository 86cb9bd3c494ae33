//! The batch folder: `batch.toml`, the rules it names, and where its lists stand (files.md, "In").

mod folder;
pub mod reading;

pub use folder::is_stray;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use crate::config::Document;
use crate::disk::read_plain;
use crate::intake::fields::Field;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::intake::table::normalise;
use crate::intake::{InputFile, Layout, text};
use crate::money::{MONEY_MAX_CENTS, Money, MoneyError};
use crate::receipt;
use crate::rules::readings::Readings;
use crate::rules::{self, Overrides, RuleSet};
use crate::stop::Stop;
use crate::words::written_out;

/// The lists of a batch and the endings they can have, the one that is always possible last.
pub const LISTS: &[(&str, &[&str])] = &[
    ("qualified-programs", &["xlsx", "ods", "csv"]),
    ("participants", &["xlsx", "ods", "csv"]),
    ("prior-payments", &["csv"]),
    ("resolutions", &["xlsx", "ods", "csv"]),
];

/// The configuration file of a batch.
pub const BATCH_FILE: &str = "batch.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchTable {
    rules: Spanned<String>,
    available: Spanned<String>,
    run_date: Spanned<toml::Value>,
    label: String,
    supplement_available: Option<Spanned<String>>,
    prepared_by: Option<String>,
    previous_receipt: Option<Spanned<String>>,
    #[serde(default)]
    readings: Overrides,
    #[serde(default)]
    columns: Columns,
    #[serde(default)]
    input: Input,
}

/// How submissions are to be read, where that is not to be found out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    delimiter: Option<Spanned<String>>,
}

/// A deployment's own headings.
#[derive(Default, Deserialize)]
struct Columns(BTreeMap<Field, Spanned<String>>);

impl Columns {
    /// Headings are compared by their letters and digits: one without any would be found in every cell of dashes, and one that two
    /// keys share would mean only one of them.
    fn entries(self, document: Document<'_>) -> Result<Vec<(Field, String)>, Stop> {
        let mut entries: Vec<(Field, String)> = Vec::new();
        for (field, word) in self.0 {
            let letters = normalise(word.get_ref());
            if letters.is_empty() {
                let message = format!(
                    "the heading \"{}\" has no letter or digit to know it by",
                    word.get_ref()
                );
                return Err(document.stop_on(
                    &word,
                    message,
                    "write the heading as it stands in the file, or leave the key out",
                ));
            }
            if let Some((other, _)) = entries
                .iter()
                .find(|(_, other)| normalise(other) == letters)
            {
                let message = format!(
                    "the heading \"{}\" is given for {} and for {}",
                    word.get_ref(),
                    other.key(),
                    field.key()
                );
                return Err(document.stop_on(&word, message, "give each column its own heading"));
            }
            entries.push((field, word.into_inner()));
        }
        Ok(entries)
    }
}

/// A file of headings: nothing but the table `[columns]` of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnsFile {
    columns: Columns,
}

/// Reads a file of a deployment's own headings.
pub fn read_columns(file: &str, bytes: &[u8]) -> Result<Vec<(Field, String)>, Stop> {
    let document = Document::decode(file, bytes)?;
    document.parse::<ColumnsFile>()?.columns.entries(document)
}

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
    /// Who prepared the batch; nobody approves decisions on it who did.
    pub prepared_by: Option<String>,
    /// The rules.
    pub rules: RuleSet,
    /// The readings: the rules' own with the batch's laid over them.
    pub readings: Readings,
    /// The batch's own `[readings]`, to be laid over those of other rules.
    pub overrides: Overrides,
    /// The deployment's own headings.
    pub columns: Vec<(Field, String)>,
    /// The delimiter of submitted text files; none means that it is found out for each.
    pub delimiter: Option<u8>,
    /// The configuration files read.
    pub inputs: Vec<InputFile>,
}

/// The role of the receipt that a batch names as the one before its own.
const PREVIOUS_RECEIPT: &str = "previous receipt";

/// A list file, read.
#[derive(Clone, Debug)]
pub struct ListFile {
    /// Its name in the batch folder.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Batch {
    /// Reads `batch.toml` and the rules it names.
    pub fn open(root: &Path) -> Result<Batch, Stop> {
        let shown = root.display().to_string();
        if root.is_file() {
            return Err(Stop::usage(
                "this is a file and no batch folder",
                shown,
                "give the folder that holds it",
            ));
        }
        if !root.is_dir() {
            return Err(Stop::usage(
                "there is no such batch folder",
                shown,
                "give the folder that holds batch.toml and submissions/",
            ));
        }
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
        let document = Document::decode(BATCH_FILE, &bytes)?;
        let table: BatchTable = document.parse()?;
        let available = money(document, &table.available)?;
        let supplement = table
            .supplement_available
            .as_ref()
            .map(|text| supplement(document, text, available))
            .transpose()?;
        let run_date = run_date(document, &table.run_date)?;
        let mut inputs = vec![input(BATCH_FILE, "configuration", &bytes)];
        let rules = open_rules(root, document, &table.rules, &mut inputs)?;
        if let Some(path) = &table.previous_receipt {
            inputs.push(previous_receipt(root, document, path)?);
        }
        let readings = table.readings.over(document, rules.readings)?;
        let delimiter = table
            .input
            .delimiter
            .as_ref()
            .map(|name| delimiter(document, name))
            .transpose()?;
        let name = root.canonicalize().ok().and_then(|path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        });
        Ok(Batch {
            root: root.to_path_buf(),
            name: name.unwrap_or_else(|| "batch".to_string()),
            label: table.label,
            available,
            supplement,
            run_date,
            prepared_by: table.prepared_by,
            rules,
            readings,
            overrides: table.readings,
            columns: table.columns.entries(document)?,
            delimiter,
            inputs,
        })
    }

    /// The receipt of the run before, where `batch.toml` names one: reports so form a chain.
    #[must_use]
    pub fn previous_receipt(&self) -> Option<&InputFile> {
        self.inputs
            .iter()
            .find(|input| input.role == PREVIOUS_RECEIPT)
    }

    /// The readings that the batch would have under other rules.
    pub fn readings_under(&self, rules: &RuleSet) -> Result<Readings, Stop> {
        // The values were found among those allowed when the batch was opened, so no place in the file is ever named.
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
            columns: self.columns.clone(),
            delimiter: self.delimiter,
        }
    }

    /// Reads a list that stands in the folder under one of several endings; `None` where it does not.
    pub fn list(&self, stem: &str) -> Result<Option<ListFile>, Stop> {
        let endings = LISTS
            .iter()
            .find(|(list, _)| *list == stem)
            .map_or(&[][..], |(_, endings)| *endings);
        let mut found: Vec<String> = endings
            .iter()
            .map(|ending| format!("{stem}.{ending}"))
            .filter(|name| self.root.join(name).symlink_metadata().is_ok())
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
        let Some(name) = found.pop() else {
            return Ok(None);
        };
        let bytes = read_plain(&self.root.join(&name), FILE_BYTES_MAX).map_err(|error| {
            Stop::usage(
                format!("the list cannot be opened: {error}"),
                name.clone(),
                "close it in Excel and run again",
            )
        })?;
        Ok(Some(ListFile { name, bytes }))
    }

    /// Files in the batch folder whose name is almost that of a list, with the right name: they have no effect where they stand.
    #[must_use]
    pub fn almost_lists(&self) -> Vec<(String, String)> {
        /// Slips of the pen that still leave a name recognisable.
        const SLIPS_MAX: usize = 3;
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            let name = written_out(&entry.file_name().to_string_lossy());
            let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
            for (list, endings) in LISTS {
                let slips = strsim::damerau_levenshtein(&stem.to_lowercase(), list);
                let exact = stem == *list && endings.contains(&ending);
                if slips <= SLIPS_MAX && !exact && !is_stray(&name) && entry.path().is_file() {
                    let right = if endings.contains(&ending) {
                        ending
                    } else {
                        endings[endings.len() - 1]
                    };
                    found.push((name.clone(), format!("{list}.{right}")));
                }
            }
        }
        found.sort();
        found
    }

    /// The stop for a list that must be there.
    #[must_use]
    pub fn missing(&self, stem: &str, what: &str) -> Stop {
        let place = self.root.display().to_string();
        Stop::usage(
            format!("the batch has no {stem}"),
            place,
            format!("add {stem}.xlsx, .ods or .csv: {what}"),
        )
    }
}

fn input(path: &str, role: &'static str, bytes: &[u8]) -> InputFile {
    InputFile {
        path: path.to_string(),
        role,
        sha256: crate::hash::sha256_hex(bytes),
        bytes: bytes.len() as u64,
        rows: None,
    }
}

fn money(document: Document<'_>, text: &Spanned<String>) -> Result<Money, Stop> {
    Money::from_dollars(text.get_ref()).map_err(|error| {
        document.stop_on(
            text,
            format!("\"{}\" {error}", text.get_ref()),
            "write dollars such as \"9500000.00\"",
        )
    })
}

/// The pool of the supplement. A total that it is part of is read back from reports like any other amount.
fn supplement(
    document: Document<'_>,
    text: &Spanned<String>,
    available: Money,
) -> Result<Money, Stop> {
    let pool = money(document, text)?;
    if (available + pool).cents() > MONEY_MAX_CENTS {
        let problem = format!(
            "\"{}\" together with the money available {}",
            text.get_ref(),
            MoneyError::TooLarge
        );
        return Err(document.stop_on(text, problem, "write dollars such as \"9500000.00\""));
    }
    Ok(pool)
}

fn delimiter(document: Document<'_>, name: &Spanned<String>) -> Result<u8, Stop> {
    text::delimiter(name.get_ref()).ok_or_else(|| {
        let names: Vec<String> = text::DELIMITERS
            .iter()
            .map(|(_, name)| format!("\"{name}\""))
            .collect();
        let fix = format!("write one of {}, or leave the key out", names.join(", "));
        document.stop_on(
            name,
            format!("unknown delimiter \"{}\"", name.get_ref()),
            fix,
        )
    })
}

fn run_date(document: Document<'_>, value: &Spanned<toml::Value>) -> Result<NaiveDate, Stop> {
    let text = match value.get_ref() {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Datetime(date) => Some(date.to_string()),
        _ => None,
    };
    text.and_then(|text| crate::values::date(&text, false))
        .map(|date| date.day)
        .ok_or_else(|| {
            document.stop_on(
                value,
                "run_date is no date",
                "write a date such as run_date = 2024-09-15",
            )
        })
}

/// The receipt that stands at a path relative to the batch folder.
fn previous_receipt(
    root: &Path,
    document: Document<'_>,
    path: &Spanned<String>,
) -> Result<InputFile, Stop> {
    let shown = path.get_ref().as_str();
    let fix = "give the path of an earlier report's receipt.json, relative to the batch folder, or leave the key out";
    let bytes = read_plain(&root.join(shown), FILE_BYTES_MAX).map_err(|error| {
        document.stop_on(
            path,
            format!("the previous receipt \"{shown}\" cannot be opened: {error}"),
            fix,
        )
    })?;
    if !receipt::is_of_report(&bytes) {
        return Err(document.stop_on(
            path,
            format!("\"{shown}\" is no receipt of this program"),
            fix,
        ));
    }
    Ok(input(&shown.replace('\\', "/"), PREVIOUS_RECEIPT, &bytes))
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
        inputs.push(input(&id.replace('\\', "/"), "rules", &bytes));
        return rules::parse(Document::decode(id, &bytes)?);
    }
    rules::built_in(id)?.ok_or_else(|| {
        let (message, fix) = rules::why_not_built_in(id);
        document.stop_on(name, message, fix)
    })
}
