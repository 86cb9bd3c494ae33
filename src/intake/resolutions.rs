//! The decisions on the record as they are read (calculation.md, section 2.5): one line, one subject, one decision. Whether a line has an
//! effect is for the checks to say; only what no line may hold stops the run.

use super::fields::Field;
use super::lists::{List, ListRow, unguarded};
use super::table::{Heading, normalise};
use crate::catalogue::Codes;
use crate::finding::describe;
use crate::ids::Sasid;
use crate::stop::Stop;

/// The headings of `resolutions.csv` (files.md).
pub const RESOLUTIONS: &[Heading] = &[
    Heading::optional("district_code", "District Code"),
    Heading::optional("school_code", "School Code"),
    Heading::optional("sasid", "SASID"),
    Heading::optional("program_code", "Program Code"),
    Heading::optional("source_file", "Source File"),
    Heading::optional("source_sheet", "Source Sheet"),
    Heading::optional("source_row", "Source Row"),
    Heading::optional("column", "Column"),
    Heading::optional("was", "Was"),
    Heading::optional("becomes", "Becomes"),
    Heading::optional("codes", "Codes"),
    Heading::optional("row_check", "Row Check"),
    Heading::required("decision", "Decision"),
    Heading::optional("reason", "Reason"),
    Heading::optional("approved_by", "Approved By"),
    Heading::optional("date", "Date"),
];

/// Positions among [`RESOLUTIONS`].
mod column {
    pub(super) const DISTRICT: usize = 0;
    pub(super) const SCHOOL: usize = 1;
    pub(super) const SASID: usize = 2;
    pub(super) const PROGRAM: usize = 3;
    pub(super) const FILE: usize = 4;
    pub(super) const SHEET: usize = 5;
    pub(super) const ROW: usize = 6;
    pub(super) const COLUMN: usize = 7;
    pub(super) const WAS: usize = 8;
    pub(super) const BECOMES: usize = 9;
    pub(super) const CODES: usize = 10;
    pub(super) const ROW_CHECK: usize = 11;
    pub(super) const DECISION: usize = 12;
    pub(super) const REASON: usize = 13;
    pub(super) const APPROVED_BY: usize = 14;
    pub(super) const DATE: usize = 15;
}

/// What a line decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ruling {
    /// The participant counts as not participating.
    Exclude,
    /// A cell is read as another text.
    Correct,
    /// An appeal is granted: the row's N codes no longer count.
    Qualify,
    /// Rows, a sheet or a file are set aside; or the held rows of a pupil.
    Deny,
    /// The least of the participant's held rows is taken back in.
    Pay,
    /// Warnings and questions are answered.
    Attest,
    /// Nothing was written: the line waits to be filled in.
    Undecided,
}

impl Ruling {
    /// Every decision that can be written.
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
            Ruling::Undecided => "",
        }
    }
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A participant by its codes; the School Code is empty unless it is a charter's.
    Participant {
        /// Four digits.
        district: String,
        /// Four digits or empty.
        school: String,
    },
    /// The held rows of a participant for a pupil and program.
    Pupil {
        /// Four digits.
        district: String,
        /// Four digits or empty.
        school: String,
        /// The pupil.
        sasid: Sasid,
        /// Upper case.
        program: String,
    },
    /// A row, or without one a sheet, or without both a file.
    Source {
        /// Path relative to the batch folder.
        file: String,
        /// The sheet; empty for the only one, or all of them.
        sheet: String,
        /// The physical row.
        row: Option<u32>,
    },
    /// Not one subject, and why.
    Unclear(String),
}

/// A decision on the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The list that it is in.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// Where its decision is, in words.
    pub place: String,
    /// What it is about.
    pub subject: Subject,
    /// What it decides.
    pub decision: Ruling,
    /// The field that is corrected; none where Column is not a field's heading.
    pub column: Option<Field>,
    /// What the cell must say for a correction.
    pub was: String,
    /// What it is read as.
    pub becomes: String,
    /// The codes that the row must have; none where the cell is empty.
    pub codes: Option<Codes>,
    /// What binds the line to a row's content: `r-` and 12 hexadecimal digits; empty where it is not bound.
    pub row_check: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub approved_by: String,
    /// When, as written.
    pub date: String,
}

/// Reads the resolutions.
pub fn read_resolutions(file: &str, bytes: &[u8]) -> Result<Vec<Resolution>, Stop> {
    let list = List::read(file, bytes, RESOLUTIONS)?;
    list.rows.iter().map(|row| resolution(&list, row)).collect()
}

fn resolution(list: &List<'_>, row: &ListRow) -> Result<Resolution, Stop> {
    let text = |column: usize| unguarded(&row.values[column]).to_string();
    let heading = normalise(&row.values[column::COLUMN]);
    let (codes, unknown_codes) = codes(&row.values[column::CODES]);
    let mut subject = subject(list, row)?;
    if let Some(unknown) = unknown_codes {
        subject = Subject::Unclear(unknown);
    }
    Ok(Resolution {
        file: list.file.to_string(),
        line: row.row,
        place: list.place(row, column::DECISION),
        subject,
        decision: decision(list, row)?,
        column: Field::ALL
            .into_iter()
            .find(|field| normalise(field.title()) == heading),
        was: row.values[column::WAS].clone(),
        becomes: row.values[column::BECOMES].clone(),
        codes,
        row_check: text(column::ROW_CHECK).to_ascii_lowercase(),
        reason: text(column::REASON),
        approved_by: text(column::APPROVED_BY),
        date: text(column::DATE),
    })
}

fn decision(list: &List<'_>, row: &ListRow) -> Result<Ruling, Stop> {
    let word = &row.values[column::DECISION];
    if word.is_empty() {
        return Ok(Ruling::Undecided);
    }
    let known = Ruling::ALL
        .into_iter()
        .find(|ruling| ruling.as_str().eq_ignore_ascii_case(word));
    known.ok_or_else(|| {
        list.stop(
            row,
            column::DECISION,
            format!(
                "Decision is {}, not pay, deny, correct, qualify, exclude or attest",
                describe(word)
            ),
            "write one of pay, deny, correct, qualify, exclude and attest",
        )
    })
}

/// The codes of a line, and what is wrong with one that does not exist.
fn codes(text: &str) -> (Option<Codes>, Option<String>) {
    if text.is_empty() {
        return (None, None);
    }
    match Codes::parse(text) {
        Some(codes) => (Some(codes), None),
        None => (
            None,
            Some("Codes holds something that is not a code".into()),
        ),
    }
}

fn subject(list: &List<'_>, row: &ListRow) -> Result<Subject, Stop> {
    let filled = |column: usize| !row.values[column].is_empty();
    let is_pupil = filled(column::SASID);
    let is_source = filled(column::FILE);
    let unclear = |why: &str| Ok(Subject::Unclear(why.to_string()));
    if is_pupil && is_source {
        return unclear("it names a SASID and a Source File; a line has one subject");
    }
    if !is_pupil && !filled(column::ROW) && (filled(column::CODES) || filled(column::ROW_CHECK)) {
        return unclear("it has Codes or a Row Check but no Source Row");
    }
    if is_source {
        return Ok(source(row));
    }
    if !filled(column::DISTRICT) {
        return unclear("it names neither a District Code nor a Source File");
    }
    let district = list.code(row, column::DISTRICT)?;
    let school = if filled(column::SCHOOL) {
        list.code(row, column::SCHOOL)?
    } else {
        String::new()
    };
    if !is_pupil && !filled(column::PROGRAM) {
        return Ok(Subject::Participant { district, school });
    }
    let sasid = list.sasid(row, column::SASID)?;
    let program = unguarded(&list.program_code(row, column::PROGRAM)?).to_string();
    Ok(Subject::Pupil {
        district,
        school,
        sasid,
        program,
    })
}

fn source(row: &ListRow) -> Subject {
    let number = row.values[column::ROW].as_str();
    let row_number = number.parse().ok();
    if row_number.is_none() && !number.is_empty() {
        return Subject::Unclear(format!(
            "Source Row is {}, not a row number",
            describe(number)
        ));
    }
    Subject::Source {
        file: unguarded(&row.values[column::FILE]).replace('\\', "/"),
        sheet: unguarded(&row.values[column::SHEET]).to_string(),
        row: row_number,
    }
}
