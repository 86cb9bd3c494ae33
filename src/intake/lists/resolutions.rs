//! Decisions on the record: the lines of `resolutions.csv` as written. The checks carry them out (calculation.md, section 2.5).

use super::table::{Faults, List, ListColumn, ListRow, list_columns};
use crate::config::did_you_mean;
use crate::finding::describe;
use crate::ids::Sasid;
use crate::intake::headings::Heading;
use crate::stop::Stop;
use crate::values::{self, said};
use crate::words::written_out;

list_columns!(Column, 2 {
    DistrictCode: optional "district_code" "District Code";
    SchoolCode: optional "school_code" "School Code";
    Sasid: optional "sasid" "SASID";
    ProgramCode: optional "program_code" "Program Code";
    SourceFile: optional "source_file" "Source File";
    SourceSheet: optional "source_sheet" "Source Sheet";
    SourceRow: optional "source_row" "Source Row";
    Column: optional "column" "Column";
    Was: optional "was" "Was";
    Becomes: optional "becomes" "Becomes";
    Codes: optional "codes" "Codes";
    RowCheck: optional "row_check" "Row Check";
    Decision: required "decision" "Decision";
    Reason: required "reason" "Reason";
    ApprovedBy: required "approved_by" "Approved By";
    Date: required "date" "Date";
    WhatIsWrong: optional "what_is_wrong" "What is wrong";
    BlocksFinal: optional "blocks_final" "Blocks FINAL";
});

/// The headings of `resolutions.csv` (files.md), and those that a file of decisions to fill in has behind them: they tell the person
/// who decides what a line is about, and say nothing to the program.
const ALL: (&[Heading], &[Heading]) =
    Column::HEADINGS.split_at(Column::HEADINGS.len() - Column::UNWRITTEN);
/// The headings of `resolutions.csv` (files.md).
pub const RESOLUTIONS: &[Heading] = ALL.0;
/// Those for people only.
pub const FOR_PEOPLE: &[Heading] = ALL.1;

/// What *Blocks FINAL* can say.
pub const BLOCKS_FINAL: [&str; 2] = ["yes", "no"];

/// What a line decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ruling {
    /// The participant counts as not participating.
    Exclude,
    /// A cell is read as something else.
    Correct,
    /// The row's N codes no longer count: an appeal was granted.
    Qualify,
    /// The rows, or what the participant reports of the pupil and program, are denied.
    Deny,
    /// One held row of the participant counts again.
    Pay,
    /// Warnings and questions at this place are answered.
    Attest,
}

impl Ruling {
    pub const ALL: [Ruling; 6] = [
        Ruling::Exclude,
        Ruling::Correct,
        Ruling::Qualify,
        Ruling::Deny,
        Ruling::Pay,
        Ruling::Attest,
    ];

    /// As written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Ruling::Exclude => "exclude",
            Ruling::Correct => "correct",
            Ruling::Qualify => "qualify",
            Ruling::Deny => "deny",
            Ruling::Pay => "pay",
            Ruling::Attest => "attest",
        }
    }

    fn parse(text: &str) -> Option<Ruling> {
        let word = text.to_lowercase();
        Ruling::ALL
            .into_iter()
            .find(|ruling| ruling.as_str() == word)
    }
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A participant: district code, and school code if it is a charter.
    Participant { district: String, school: String },
    /// What a participant reports of a pupil and program.
    Pupil {
        district: String,
        /// Empty where the line names no school.
        school: String,
        sasid: Sasid,
        /// Upper case.
        program: String,
    },
    /// A row, or a whole sheet or file.
    Source {
        /// Path relative to the batch folder, with `/`.
        file: String,
        /// Empty for a text file or the whole file.
        sheet: String,
        /// The physical row.
        row: Option<u32>,
    },
}

/// A line of `resolutions.csv`.
#[derive(Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The file that it is in.
    pub file: String,
    /// Its physical row there.
    pub line: u32,
    /// Where its decision is, in words.
    pub place: String,
    /// What it decides; none if the cell is empty: the line waits to be filled in.
    pub ruling: Option<Ruling>,
    /// What it is about, or why that is unclear: two subjects, none, or a row that is not a number (W214).
    pub subject: Result<Subject, String>,
    /// The heading of the cell to correct, as written.
    pub column: String,
    /// The text of the cell to correct, trimmed; may be empty.
    pub was: String,
    /// What the cell is read as, trimmed; may be empty.
    pub becomes: String,
    /// The codes that the row must have, as written; may be empty.
    pub codes: String,
    /// The Row Check, as written; may be empty.
    pub row_check: String,
    pub reason: String,
    pub approved_by: String,
    /// As written.
    pub date: String,
}

/// Shows only place and decision: a corrected cell can be a student id.
impl std::fmt::Debug for Resolution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolution")
            .field("place", &self.place)
            .field("ruling", &self.ruling)
            .finish_non_exhaustive()
    }
}

/// Reads the resolutions.
///
/// # Errors
/// A [`Stop`] with every invalid cell. A line that fits nothing is not an error here.
pub fn read_resolutions(file: &str, bytes: &[u8]) -> Result<Vec<Resolution>, Stop> {
    let list: List<'_, Column> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let resolutions = list
        .rows()
        .iter()
        .filter_map(|row| resolution(&list, row, file, &mut faults))
        .collect();
    faults.or(resolutions)
}

fn resolution(
    list: &List<'_, Column>,
    row: &ListRow<Column>,
    file: &str,
    faults: &mut Faults,
) -> Option<Resolution> {
    if is_shifted(row) {
        list.shifted(faults, row);
        return None;
    }
    let text = |column: Column| row.unguarded(column).to_string();
    let ruling = ruling(list, row, faults);
    let subject = subject(list, row, faults);
    Some(Resolution {
        file: file.to_string(),
        line: row.number,
        place: list.place(row, Column::Decision),
        ruling: ruling?,
        subject: subject?,
        column: text(Column::Column),
        was: text(Column::Was),
        becomes: text(Column::Becomes),
        codes: text(Column::Codes),
        row_check: text(Column::RowCheck),
        reason: text(Column::Reason),
        approved_by: text(Column::ApprovedBy),
        date: text(Column::Date),
    })
}

/// Whether what is behind the last heading is not what our own file of decisions has there: then a comma inside a value has moved the
/// cells, and the date and what follows it are others.
fn is_shifted(row: &ListRow<Column>) -> bool {
    if row.is_unwritten(Column::BlocksFinal) {
        return !BLOCKS_FINAL.contains(&row.text(Column::BlocksFinal));
    }
    let date = row.text(Column::Date);
    row.is_unwritten(Column::WhatIsWrong) && !date.is_empty() && values::date(date, false).is_none()
}

/// The decision, none for an empty cell; nothing if it is faulty.
#[allow(clippy::option_option)] // Three answers: a decision, none yet, and a fault that was recorded.
fn ruling(
    list: &List<'_, Column>,
    row: &ListRow<Column>,
    faults: &mut Faults,
) -> Option<Option<Ruling>> {
    let text = row.text(Column::Decision);
    if text.is_empty() {
        return Some(None);
    }
    let ruling = Ruling::parse(text);
    if ruling.is_none() {
        let words = Ruling::ALL.map(Ruling::as_str);
        let (found, fix) = if is_slip(text) {
            (
                format!("\"{}\"", written_out(text)),
                did_you_mean(text, words),
            )
        } else {
            (
                describe(text),
                format!("write one of: {}", words.join(", ")),
            )
        };
        let message = format!("Decision is {found}, which is not a decision");
        list.fault(faults, (row, Column::Decision), message, fix);
    }
    ruling.map(Some)
}

/// Whether a text is a decision but for a slip: `corect`. In shifted columns it can be a SASID or a name, and names are like the short
/// decisions: Ray, Denny.
fn is_slip(text: &str) -> bool {
    const LETTERS_MIN: usize = 6;
    const EDITS_MAX: usize = 2;
    let word = text.to_lowercase();
    Ruling::ALL.into_iter().any(|ruling| {
        let known = ruling.as_str();
        known.len() >= LETTERS_MIN && strsim::damerau_levenshtein(&word, known) <= EDITS_MAX
    })
}

/// What the line is about; nothing if a code or id in it is faulty.
fn subject(
    list: &List<'_, Column>,
    row: &ListRow<Column>,
    faults: &mut Faults,
) -> Option<Result<Subject, String>> {
    let has = |column: Column| !row.text(column).is_empty();
    let is_bound = has(Column::Codes) || has(Column::RowCheck);
    if has(Column::Sasid) && has(Column::SourceFile) {
        let why = "the line names a pupil and a file; leave one of the two";
        return Some(Err(why.to_string()));
    }
    if has(Column::SourceFile) {
        let source = source(row);
        let without_row = matches!(&source, Ok(Subject::Source { row: None, .. }));
        if without_row && is_bound {
            let why =
                "Codes and Row Check belong to one row; name its Source Row, or leave them empty";
            return Some(Err(why.to_string()));
        }
        return Some(source);
    }
    if !has(Column::DistrictCode) {
        let why = "the line names neither a file nor a district";
        return Some(Err(why.to_string()));
    }
    let district = list.code(faults, row, Column::DistrictCode);
    let school = match row.text(Column::SchoolCode) {
        "" => Some(String::new()),
        _ => list.code(faults, row, Column::SchoolCode),
    };
    if has(Column::Sasid) {
        let sasid = list.sasid(faults, row, Column::Sasid);
        let program = list.program_code(faults, row, Column::ProgramCode);
        return Some(Ok(Subject::Pupil {
            district: district?,
            school: school?,
            sasid: sasid?,
            program: program?,
        }));
    }
    let (district, school) = (district?, school?);
    if is_bound {
        let why =
            "Codes and Row Check belong to one row, and the line names none; leave them empty";
        return Some(Err(why.to_string()));
    }
    Some(Ok(Subject::Participant { district, school }))
}

fn source(row: &ListRow<Column>) -> Result<Subject, String> {
    let number = match row.text(Column::SourceRow) {
        "" => None,
        number => Some(number.parse().map_err(|_| {
            format!(
                "Source Row is {}, not a row number; write it as Excel shows it",
                describe(number)
            )
        })?),
    };
    Ok(Subject::Source {
        file: said(&row.unguarded(Column::SourceFile).replace('\\', "/"), false).into_owned(),
        sheet: row.unguarded(Column::SourceSheet).to_string(),
        row: number,
    })
}
