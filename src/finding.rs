//! Findings: what a person should know about a file, a sheet or a cell. Never a value that could be a pupil's.

use std::borrow::Cow;
use std::sync::Arc;

use crate::catalogue::{Code, Severity};
use crate::ranks::{ParticipantRank, ResolutionRank, RowRank};
use crate::words::{column_letters, one_line, sentence};

/// One finding, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    /// The file: path relative to the batch folder, with `/`.
    pub file: Arc<str>,
    /// The sheet, in a workbook.
    pub sheet: Option<Arc<str>>,
    /// The physical row as a person sees it in Excel, or the line of a text file; none for a whole file or sheet.
    pub row: Option<u32>,
    /// The column's heading in the program's words, and its position from 0 if the file has it.
    pub column: Option<(&'static str, Option<u32>)>,
    /// What is wrong here, one sentence without a full stop.
    pub message: Cow<'static, str>,
    /// What to do here, if that is more than the catalogue's fix. Thousands of findings can share one.
    pub fix: Option<Arc<str>>,
    /// The row that it is about.
    pub position: Option<RowRank>,
    /// The participant that it is about, if any.
    pub participant: Option<ParticipantRank>,
    /// The resolution that attests a warning or question.
    pub attested_by: Option<ResolutionRank>,
}

impl Finding {
    /// A finding about a whole file, in the catalogue's words.
    #[must_use]
    pub fn of_file(code: Code, file: &str) -> Finding {
        let message = Cow::Borrowed(code.entry().title);
        Finding {
            code,
            file: file.into(),
            sheet: None,
            row: None,
            column: None,
            message,
            fix: None,
            position: None,
            participant: None,
            attested_by: None,
        }
    }

    /// Replaces the message.
    #[must_use]
    pub fn saying(mut self, message: impl Into<Cow<'static, str>>) -> Finding {
        self.message = one_line(message.into());
        self
    }

    /// What it does to its row. What a row looks like (W222) is only said of one that is rejected, in place of the faults of its cells.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.code {
            Code::W222 => Severity::Rejected,
            code => code.severity(),
        }
    }

    /// Whether a report is not FINAL while it is open.
    #[must_use]
    pub fn keeps_from_final(&self) -> bool {
        // A decision on the record that has no effect.
        matches!(self.code, Code::W214 | Code::W220)
            || matches!(
                self.severity(),
                Severity::Refused | Severity::Rejected | Severity::Held | Severity::Question
            )
    }

    /// What its sender can do: its own fix or the catalogue's.
    #[must_use]
    pub fn fix(&self) -> &str {
        self.fix.as_deref().unwrap_or(self.code.entry().fix)
    }

    /// The same, and what the program office can do in its own files. Nothing that goes to an entity says that.
    #[must_use]
    pub fn fix_for_office(&self) -> Cow<'_, str> {
        match self.code.entry().office {
            "" => Cow::Borrowed(self.fix()),
            office => Cow::Owned(format!("{} The office: {office}", sentence(self.fix()))),
        }
    }

    /// The cell as Excel names it (`D17`), or empty.
    #[must_use]
    pub fn cell(&self) -> String {
        match (self.column, self.row) {
            (Some((_, Some(column))), Some(row)) => format!("{}{row}", column_letters(column)),
            _ => String::new(),
        }
    }

    /// The place in words: `submissions/0880.xlsx, sheet "Completions", cell D17 (row 17, Grade)`.
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.file, self.sheet.as_deref(), self.row, self.column)
    }
}

/// What to do about findings of one code: the fix that all of them have, or else the catalogue's.
#[must_use]
pub(crate) fn shared_fix<'f>(code: Code, findings: &[&'f Finding]) -> &'f str {
    let mut fixes = findings.iter().copied().map(Finding::fix);
    let first = fixes.next();
    first
        .filter(|own| fixes.all(|fix| fix == *own))
        .unwrap_or(code.entry().fix)
}

/// A place in words.
#[must_use]
pub fn place(
    file: &str,
    sheet: Option<&str>,
    row: Option<u32>,
    column: Option<(&str, Option<u32>)>,
) -> String {
    let mut place = file.to_string();
    if let Some(sheet) = sheet {
        place.push_str(&format!(", sheet \"{sheet}\""));
    }
    let mut place = one_line(place.into()).into_owned();
    match (sheet, row, column) {
        (Some(_), Some(row), Some((heading, Some(column)))) => {
            place.push_str(&format!(
                ", cell {}{row} (row {row}, {heading})",
                column_letters(column)
            ));
        }
        (Some(_), Some(row), Some((heading, None))) => {
            place.push_str(&format!(", row {row} ({heading})"));
        }
        (Some(_), Some(row), None) => place.push_str(&format!(", row {row}")),
        (None, Some(row), Some((heading, Some(column)))) => {
            place.push_str(&format!(", line {row}, field {} ({heading})", column + 1));
        }
        (None, Some(row), Some((heading, None))) => {
            place.push_str(&format!(", line {row} ({heading})"));
        }
        (None, Some(row), None) => {
            place.push_str(&format!(", {} {row}", line_or_row(file, None)));
        }
        (_, None, _) => {}
    }
    place
}

/// What a numbered place is called: a text file has lines, a workbook has rows. Of a list that is a workbook, only the file is known.
#[must_use]
pub(crate) fn line_or_row(file: &str, sheet: Option<&str>) -> &'static str {
    let is_workbook = matches!(file.rsplit_once('.'), Some((_, "xlsx" | "ods")));
    if sheet.is_some() || is_workbook {
        "row"
    } else {
        "line"
    }
}

/// A line of a list: `resolutions.csv line 9`, `resolutions.xlsx row 9`.
#[must_use]
pub(crate) fn line_of(file: &str, number: u32) -> String {
    format!("{file} {} {number}", line_or_row(file, None))
}

/// Describes the shape of a value that could be a pupil's, for a message: `9 digits`, `text of 6 letters`.
///
/// Only common words such as `senior` are quoted; anything else could be a name or an id in a shifted column.
#[must_use]
pub fn describe(value: &str) -> String {
    const HARMLESS: [&str; 34] = [
        "alumni",
        "adult",
        "senior",
        "junior",
        "sophomore",
        "freshman",
        "pk",
        "prek",
        "f",
        "r",
        "p",
        "?",
        "-",
        "n/a",
        "na",
        "none",
        "unknown",
        "tbd",
        "uuuu",
        "maybe",
        "total",
        "totals",
        "#n/a",
        "#ref!",
        "#value!",
        "#name?",
        "#div/0!",
        "#num!",
        "#null!",
        "null",
        "nan",
        "false",
        "true",
        "grad",
    ];
    let count = value.chars().count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let many = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    if value.is_empty() {
        "empty".to_string()
    } else if HARMLESS.contains(&value.to_lowercase().as_str()) {
        format!("\"{value}\"")
    } else if digits == count {
        // One or two digits are a grade or a score, never an id.
        if count <= 2 {
            format!("\"{value}\"")
        } else {
            many(count, "digit")
        }
    } else if letters == count {
        format!("a text of {}", many(count, "letter"))
    } else {
        format!("a text of {}", many(count, "character"))
    }
}

/// Describes the shape of an id. An id is never quoted, however short.
#[must_use]
pub fn describe_id(value: &str) -> String {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    if digits == value.chars().count() && digits > 0 {
        format!("{digits} digit{}", if digits == 1 { "" } else { "s" })
    } else if digits > 0
        && value.contains(['E', 'e'])
        && value
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, 'E' | 'e' | '+' | '.'))
    {
        "a number that the spreadsheet shortened".to_string()
    } else {
        describe(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_could_be_a_pupils_is_described_and_never_quoted() {
        assert_eq!(describe("Maria"), "a text of 5 letters");
        assert_eq!(describe("1234567890"), "10 digits");
        assert_eq!(describe("2009-01-05"), "a text of 10 characters");
        assert_eq!(describe("Senior"), "\"Senior\"");
        assert_eq!(describe("7"), "\"7\"");
        assert_eq!(describe(""), "empty");
    }

    #[test]
    fn a_list_that_is_a_workbook_has_rows_and_a_text_file_has_lines() {
        assert_eq!(line_of("resolutions.csv", 9), "resolutions.csv line 9");
        assert_eq!(line_of("resolutions.xlsx", 9), "resolutions.xlsx row 9");
        let place = |file: &str| place(file, None, Some(9), None);
        assert_eq!(place("prior-payments.ods"), "prior-payments.ods, row 9");
        assert_eq!(place("0880.txt"), "0880.txt, line 9");
        assert_eq!(line_or_row("0880.xls", None), "line", "a text in disguise");
        assert_eq!(line_or_row("0880.xls", Some("Data")), "row");
    }
}
