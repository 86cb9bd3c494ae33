//! Quotes what the clerk typed, if it cannot be anything but what belongs there: never an id, a name or a birth date.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::Datelike as _;

use super::Task;
use crate::catalogue::Code;
use crate::finding::{Finding, describe};
use crate::ids::Sasid;
use crate::inspection::Inspection;
use crate::intake::fields::Field;
use crate::ranks::RowRank;
use crate::rules::history::is_since_the_program;
use crate::values;
use crate::words::one_line;
use crate::year::Year;

/// The longest quoted value, in characters: codes, grades, dates and answers are short.
const CHARS_MAX: usize = 24;
/// The most digits of a quoted value, dates aside: codes have four.
const DIGITS_MAX: usize = 5;
/// The most letters of a quoted word: a longer one can be a name.
const LETTERS_MAX: usize = 2;
/// Longer words that are quoted anyway, as those of the headings are.
const WORDS: [&str; 5] = ["paid", "meal", "not", "eligible", "yes"];
/// Rows of a sheet in which a column may fail the same way. With more, it is probably a different column, whose values can be
/// anything.
const ALIKE_MIN: usize = 5;

/// A column of a sheet and a fault.
type Place<'i> = (&'i str, Option<&'i str>, &'static str, Code);

/// Quotes what was typed.
#[derive(Debug)]
pub struct Typed<'i> {
    inspection: &'i Inspection,
    /// How often each column has each fault.
    alike: HashMap<Place<'i>, usize>,
    /// The rows of each sheet.
    rows: HashMap<(&'i str, Option<&'i str>), usize>,
}

impl<'i> Typed<'i> {
    /// Prepared once for all findings.
    #[must_use]
    pub fn new(inspection: &'i Inspection, tasks: &[Task<'i>]) -> Typed<'i> {
        let mut alike = HashMap::new();
        for place in tasks.iter().filter_map(|task| place_of(task.finding)) {
            *alike.entry(place).or_default() += 1;
        }
        let files = &inspection.intake.files;
        let completions = inspection.intake.completions.rows();
        let mut rows = HashMap::new();
        for rank in RowRank::all(completions.len()) {
            let file = &files[completions.file(rank)];
            let sheet = file.sheets[completions.sheet(rank)].name.as_deref();
            *rows.entry((&*file.path, sheet)).or_default() += 1;
        }
        Typed {
            inspection,
            alike,
            rows,
        }
    }

    /// The finding's message with the typed text, if it can be quoted.
    #[must_use]
    pub fn message(&self, finding: &'i Finding) -> Cow<'i, str> {
        let Some((typed, shown)) = self.quoted(finding) else {
            return Cow::Borrowed(&finding.message);
        };
        if finding.message.contains(&shown) {
            return Cow::Borrowed(&finding.message);
        }
        let shape = describe(typed);
        Cow::Owned(if finding.message.contains(&shape) {
            finding.message.replacen(&shape, &shown, 1)
        } else {
            format!("{}: {shown}", finding.message)
        })
    }

    /// The text of the cell, and how it is shown.
    fn quoted(&self, finding: &'i Finding) -> Option<(&'i str, String)> {
        let row = finding.position?;
        let field = Field::of_title(finding.column?.0)?;
        if !is_about_its_text(finding.code) || self.is_another_column(finding) {
            return None;
        }
        let rows = self.inspection.intake.completions.rows();
        // If the id is not in its column, the values of the row may have shifted.
        Sasid::parse(values::whole_number(rows.text(row, Field::Sasid)))?;
        let text = rows.text(row, field);
        Some((text, shown(field, text)?))
    }

    fn is_another_column(&self, finding: &'i Finding) -> bool {
        let alike = place_of(finding).map_or(0, |place| self.alike[&place]);
        let sheet = (&*finding.file, finding.sheet.as_deref());
        let rows = self.rows.get(&sheet).copied().unwrap_or(0);
        alike > ALIKE_MIN && alike * 2 > rows
    }
}

fn place_of(finding: &Finding) -> Option<Place<'_>> {
    let (title, _) = finding.column?;
    Some((&finding.file, finding.sheet.as_deref(), title, finding.code))
}

/// Whether the finding is about the text of its cell; other findings need no quote.
fn is_about_its_text(code: Code) -> bool {
    match code.entry().reason {
        Some(reason) => reason.is_about_text,
        None => Field::of_check(code).is_some_and(|field| !field.is_private()),
    }
}

/// The text of the cell, as it may be shown.
fn shown(field: Field, text: &str) -> Option<String> {
    let is_short = !text.is_empty() && text.chars().count() <= CHARS_MAX;
    if field.is_private() || !is_short {
        return None;
    }
    if field == Field::SchoolYear {
        return Year::parse_loosely(text).map(|_| in_quotes(text));
    }
    if field != Field::CompletionDate {
        return has_no_name(text).then(|| in_quotes(text));
    }
    match values::date(text, false) {
        Some(read) => {
            is_since_the_program(read.day.year()).then(|| read.day.format("%-m/%-d/%Y").to_string())
        }
        None => names_a_year_of_the_program(text).then(|| in_quotes(text)),
    }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", one_line(Cow::Borrowed(text)))
}

fn has_no_name(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let mut words = words_of(text);
    digits <= DIGITS_MAX
        && words.all(|word| {
            let is_known = |known: &str| word.eq_ignore_ascii_case(known);
            let mut headings = Field::ALL.into_iter().map(Field::title).flat_map(words_of);
            word.chars().count() <= LETTERS_MAX
                || WORDS.into_iter().any(is_known)
                || headings.any(is_known)
        })
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic())
}

fn names_a_year_of_the_program(text: &str) -> bool {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    let is_year =
        |number: &str| number.len() == 4 && number.parse().is_ok_and(is_since_the_program);
    numbers.any(is_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_grades_answers_and_dates_are_quoted() {
        for (field, text, quoted) in [
            (Field::Grade, "SR", "\"SR\""),
            (Field::Grade, "Grade 13", "\"Grade 13\""),
            (Field::DistrictCode, "089", "\"089\""),
            (Field::Lunch, "not eligible", "\"not eligible\""),
            (Field::CompletionDate, "May 2024", "\"May 2024\""),
            (Field::CompletionDate, "2023-05-17", "5/17/2023"),
        ] {
            assert_eq!(shown(field, text).as_deref(), Some(quoted));
        }
    }

    #[test]
    fn ids_names_and_birth_dates_are_not() {
        for (field, text) in [
            (Field::Sasid, "1000000001"),
            (Field::ProgramName, "IC101"),
            (Field::Grade, "1000000001"),
            (Field::Grade, "Zorro"),
            (Field::Lunch, "Maria 9"),
            (Field::CompletionDate, "1/5/2009"),
            (Field::CompletionDate, "2009-13-05"),
            (Field::CompletionDate, "Zorro"),
        ] {
            assert_eq!(shown(field, text), None, "{text}");
        }
    }
}
