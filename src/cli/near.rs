//! The batch or the lists that are in a file's folder or in the one above, and the year that its dates say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::basis::BasisArguments;
use super::console::{counted, grouped};
use crate::batch::{
    BATCH_FILE, PARTICIPANTS, PRIOR_PAYMENTS, PROGRAMS, RESOLUTIONS, is_stray, list_name,
};
use crate::inspection::Inspection;
use crate::intake::SUBMISSIONS;
use crate::intake::completions::Field;
use crate::ranks::RowRank;
use crate::rules::{self, history};
use crate::stop::Stop;
use crate::values;
use crate::year::Year;

/// What else the department hands out, or this program writes: in a folder of a district none of it is her file.
const NO_SUBMISSIONS: [&str; 6] = [
    PROGRAMS,
    PARTICIPANTS,
    PRIOR_PAYMENTS,
    RESOLUTIONS,
    "headings",
    "factors",
];
const NO_SUBMISSION_ENDINGS: [&str; 5] = ["toml", "json", "html", "pdf", "md"];
/// Files that are passed over and named; a folder of downloads can have hundreds.
const NAMES_SHOWN_MAX: usize = 8;
/// What a marked copy's name ends with before its ending, as a dropped file has it written.
pub(super) const CHECKED: &str = " (checked)";
/// Dates that must be of one school year before it is taken for that of the file, and how many of ten.
const DATES_MIN: usize = 3;
const DATES_OF_TEN: usize = 8;

/// What the files are checked against, with what is near a lone file or folder where no list or batch is given.
pub(super) fn completed(given: &BasisArguments, files: &[PathBuf]) -> Result<BasisArguments, Stop> {
    let mut against = given.clone();
    let [path] = files else { return Ok(against) };
    if against.batch.is_some() || against.programs.is_some() || against.participants.is_some() {
        return Ok(against);
    }
    let Ok(path) = path.canonicalize() else {
        return Ok(against);
    };
    let inside = usize::from(path.is_file());
    for folder in path.ancestors().skip(inside).take(2) {
        if folder.join(BATCH_FILE).is_file() && against.rules.is_none() {
            against.batch = Some(folder.to_path_buf());
            break;
        }
        against.programs = list_in(folder, PROGRAMS)?;
        against.participants = list_in(folder, PARTICIPANTS)?;
        if against.programs.is_some() || against.participants.is_some() {
            break;
        }
    }
    Ok(against)
}

fn list_in(folder: &Path, stem: &str) -> Result<Option<PathBuf>, Stop> {
    Ok(list_name(folder, stem)?.map(|name| folder.join(name)))
}

/// The files to check, and of a folder that has lists in it too the names of what is passed over.
#[derive(Debug, Default)]
pub(super) struct ToCheck {
    pub(super) paths: Vec<PathBuf>,
    passed_over: Vec<String>,
}

impl ToCheck {
    pub(super) fn all_of(paths: Vec<PathBuf>) -> ToCheck {
        ToCheck {
            paths,
            passed_over: Vec::new(),
        }
    }

    /// `Passed over in this folder: factors.json, notes.pdf.`
    pub(super) fn passed_over(&self) -> Option<String> {
        let names = &self.passed_over;
        let shown: Vec<&str> = names
            .iter()
            .take(NAMES_SHOWN_MAX)
            .map(String::as_str)
            .collect();
        let more = names.len() - shown.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        (!names.is_empty())
            .then(|| format!("Passed over in this folder: {}{more}.", shown.join(", ")))
    }
}

/// The files to check: of a folder that has lists in it too, only what can be a submission. A folder in it is passed over, because it
/// can hold previews as well as submissions.
pub(super) fn submissions(files: &[PathBuf], against: &BasisArguments) -> ToCheck {
    let [folder] = files else {
        return ToCheck::all_of(files.to_vec());
    };
    if folder.join(BATCH_FILE).is_file() && folder.join(SUBMISSIONS).is_dir() {
        return ToCheck::all_of(vec![folder.join(SUBMISSIONS)]);
    }
    let is_list = |path: &Path| {
        let lists = [&against.programs, &against.participants];
        let same = |list: &PathBuf| list.canonicalize().ok() == path.canonicalize().ok();
        lists.into_iter().flatten().any(same)
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return ToCheck::all_of(files.to_vec());
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_file() || path.is_dir())
        .map(|path| {
            path.strip_prefix(".")
                .map_or(path.clone(), Path::to_path_buf)
        })
        .collect();
    found.sort();
    if !found.iter().any(|path| is_list(path)) {
        return ToCheck::all_of(files.to_vec());
    }
    let (paths, others): (Vec<PathBuf>, Vec<PathBuf>) = found
        .into_iter()
        .partition(|path| can_be_a_submission(path));
    if paths.is_empty() {
        return ToCheck::all_of(files.to_vec());
    }
    let names = others.iter().filter(|path| !is_list(path));
    let names = names.map(|path| {
        let name = super::given::own_name(path);
        let what = if path.is_dir() { " (a folder)" } else { "" };
        format!("{name}{what}")
    });
    ToCheck {
        passed_over: names.filter(|name| !name.starts_with('.')).collect(),
        paths,
    }
}

fn can_be_a_submission(path: &Path) -> bool {
    if path.is_dir() || is_stray(&super::given::own_name(path)) {
        return false;
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let is_other = NO_SUBMISSIONS
        .iter()
        .any(|name| stem.eq_ignore_ascii_case(name))
        || NO_SUBMISSION_ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known));
    !is_other && !stem.ends_with(CHECKED) && !stem.starts_with('~')
}

/// What was found near the file, in words; nothing where all of it was given.
pub(super) fn found_in_words(given: &BasisArguments, against: &BasisArguments) -> Option<String> {
    let name = |path: &PathBuf| super::given::own_name(path);
    if given.batch.is_none()
        && let Some(batch) = &against.batch
    {
        let folder = name(batch);
        return Some(format!(
            "Checked against batch.toml and the lists in the folder {folder}."
        ));
    }
    if given.programs.is_some() || given.participants.is_some() {
        return None;
    }
    let lists: Vec<String> = against
        .programs
        .iter()
        .chain(&against.participants)
        .map(name)
        .collect();
    let is = if lists.len() == 1 { "is" } else { "are" };
    (!lists.is_empty()).then(|| {
        format!(
            "Checked against {}, which {is} near the file.",
            lists.join(" and ")
        )
    })
}

/// The school year in which nearly all completion dates are.
pub(super) struct DatesSay {
    pub(super) school_year: Year,
    dates: usize,
    of: usize,
}

impl DatesSay {
    pub(super) fn of(inspection: &Inspection) -> Option<DatesSay> {
        let completions = &inspection.intake.completions;
        let rows = completions.rows();
        let mut by_year: BTreeMap<Year, usize> = BTreeMap::new();
        for rank in RowRank::all(completions.len()) {
            let is_number = rows.is_number(rank, Field::CompletionDate);
            let read = values::date(rows.text(rank, Field::CompletionDate), is_number);
            if let Some(year) = read.and_then(|read| Year::of(read.day)) {
                *by_year.entry(year).or_default() += 1;
            }
        }
        let of = by_year.values().sum();
        let (school_year, dates) = by_year.into_iter().max_by_key(|(_, dates)| *dates)?;
        let is_clear = dates >= DATES_MIN && dates * 10 >= of * DATES_OF_TEN;
        is_clear.then_some(DatesSay {
            school_year,
            dates,
            of,
        })
    }

    /// The budget year that pays for them, if its rules are built in: what `--rules` takes.
    pub(super) fn budget_year(&self) -> Option<Year> {
        let pays = |year: &Year| {
            let rules = rules::built_in(&history::id_of(*year));
            rules
                .is_ok_and(|rules| rules.is_some_and(|rules| rules.school_year == self.school_year))
        };
        history::budget_years().find(pays)
    }

    /// `58 of 60 dates are in the school year 2023-24 (7/1/2023 to 6/30/2024)`.
    pub(super) fn in_words(&self) -> String {
        let first = self.school_year.first();
        format!(
            "{} of {} {} in the school year {} (7/1/{first} to 6/30/{})",
            grouped(self.dates),
            counted(self.of, "date", "dates"),
            if self.dates == 1 { "is" } else { "are" },
            self.school_year,
            first + 1
        )
    }
}
