//! Finds, reads and checks the reports of some years, and reports every fault of every report at once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::audit::evidence::Evidence;
use crate::receipt::{RECEIPT, files_of_report, holds_report};
use crate::stop::{Status, Stop};
use crate::year::Year;

/// A report of a year.
#[derive(Debug)]
pub struct Report {
    /// The name of its folder, without the path on this machine.
    pub folder: String,
    pub evidence: Evidence,
    /// The codes of the reporting entities, also of those whose rows are all of other districts.
    pub(super) entities: BTreeSet<String>,
}

impl Report {
    fn open(path: &Path) -> Result<Report, Stop> {
        let evidence = Evidence::open(path)?;
        let resolved = path.canonicalize();
        let name = resolved.as_deref().unwrap_or(path).file_name();
        Ok(Report {
            folder: name
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            evidence,
            entities: entities_of(path),
        })
    }

    /// Its budget year.
    #[must_use]
    pub fn year(&self) -> Year {
        self.evidence.rules.budget_year
    }
}

/// The reporting entities of a report: each has a workbook of its own there, such as `entities/0880-Example Valley.xlsx`.
fn entities_of(path: &Path) -> BTreeSet<String> {
    let files = files_of_report(path).unwrap_or_default();
    files
        .iter()
        .filter_map(|file| file.strip_prefix("entities/")?.split('-').next())
        .map(String::from)
        .collect()
}

/// Reads the reports of years that follow each other.
///
/// # Errors
/// As [`read`], and if a year between the first and the last has no report.
pub fn open(given: &[PathBuf], preliminary: bool) -> Result<Vec<Report>, Stop> {
    let reports = read(given, preliminary)?;
    Stop::of_all(missing(&reports)).map_or(Ok(reports), Err)
}

/// Reads the reports in folders, or in the folders of a folder, and sorts them by year.
///
/// # Errors
/// Everything at once: a folder without a report, a report that is damaged, contradicts itself or is PRELIMINARY (unless allowed), two
/// reports of one year.
pub fn read(given: &[PathBuf], preliminary: bool) -> Result<Vec<Report>, Stop> {
    let mut faults = Vec::new();
    let mut folders = Vec::new();
    for path in given {
        match folders_of(path) {
            Ok(found) => folders.extend(found),
            Err(stop) => faults.push(stop),
        }
    }
    let opened: Vec<Result<Report, Stop>> =
        folders.par_iter().map(|path| Report::open(path)).collect();
    let mut by_year: BTreeMap<Year, Vec<(String, Report)>> = BTreeMap::new();
    for (path, report) in folders.iter().zip(opened) {
        match report {
            Ok(report) => {
                let shown = path.display().to_string();
                by_year
                    .entry(report.year())
                    .or_default()
                    .push((shown, report));
            }
            Err(stop) => faults.push(stop),
        }
    }
    faults.extend(doubled(&by_year));
    if !preliminary {
        faults.extend(not_final(&by_year));
    }
    faults.sort_by_key(|fault| Reverse(fault.status));
    match Stop::of_all(faults) {
        Some(stop) => Err(stop),
        None => Ok(by_year
            .into_values()
            .flatten()
            .map(|(_, report)| report)
            .collect()),
    }
}

/// The report folder itself, or the reports in a folder of reports. Other folders that cdip writes next to reports are skipped. Anything
/// unclear is kept; reading it then says what is wrong.
fn folders_of(path: &Path) -> Result<Vec<PathBuf>, Stop> {
    if path.join(RECEIPT).exists() || !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let shown = path.display().to_string();
    let entries = std::fs::read_dir(path).map_err(|error| {
        Stop::usage(
            format!("the folder cannot be opened: {error}"),
            shown.as_str(),
            "check the path, and whether you may read the folder",
        )
    })?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|folder| !is_hidden(folder) && folder.join(RECEIPT).exists())
        .filter(|folder| holds_report(folder) || files_of_report(folder).is_none())
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(Stop::usage(
            "the folder holds no report, and no folder in it does",
            shown,
            "give the folders that cdip run wrote, or the folder that holds them",
        ));
    }
    Ok(found)
}

/// Whether a folder is hidden, as those of unfinished runs are.
fn is_hidden(folder: &Path) -> bool {
    folder
        .file_name()
        .is_none_or(|name| name.to_string_lossy().starts_with('.'))
}

fn doubled(by_year: &BTreeMap<Year, Vec<(String, Report)>>) -> Vec<Stop> {
    let doubled = by_year.iter().filter(|(_, reports)| reports.len() > 1);
    doubled
        .map(|(year, reports)| Stop {
            status: Status::Usage,
            message: format!("{} reports are of budget year {year}", reports.len()),
            places: reports.iter().map(|(path, _)| path.clone()).collect(),
            fix: "give only the one that was paid from".to_string(),
            also: Vec::new(),
        })
        .collect()
}

fn not_final(by_year: &BTreeMap<Year, Vec<(String, Report)>>) -> Vec<Stop> {
    let reports = by_year
        .iter()
        .flat_map(|(year, reports)| reports.iter().map(move |report| (year, report)));
    reports
        .filter(|(_, (_, report))| !report.evidence.is_final())
        .map(|(year, (path, _))| {
            Stop::usage(
                format!(
                    "the report of budget year {year} is PRELIMINARY: what it awards may still change"
                ),
                path.as_str(),
                "give its final report; --preliminary allows it, and says so on every page",
            )
        })
        .collect()
}

fn missing(reports: &[Report]) -> Vec<Stop> {
    let years: Vec<Year> = reports.iter().map(Report::year).collect();
    let mut stops = Vec::new();
    for pair in years.windows(2) {
        for first in pair[0].first() + 1..pair[1].first() {
            let Some(year) = Year::beginning(first) else {
                continue;
            };
            stops.push(Stop::usage(
                format!("no report is of budget year {year}, between {} and {}", pair[0], pair[1]),
                "",
                "add its report, or give only the years before it or after it: a trend over a gap misleads",
            ));
        }
    }
    stops
}
