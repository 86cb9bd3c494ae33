//! The office's own headings and words, and values for columns that its files lack. They are in `batch.toml`, or in a spreadsheet
//! with the columns Ours and Yours.

use std::collections::BTreeMap;

use crate::intake::fields::Field;
use crate::intake::guess::{ColumnLook, SheetLook};
use crate::intake::headings::normalise;
use crate::intake::lists::table::{Faults, List, list_columns};
use crate::stop::Stop;
use crate::values::{Letters, answer, grade, lunch, said};

list_columns!(OwnColumn {
    Ours: required "ours" "Ours";
    Yours: required "yours" "Yours";
});

/// The headings of the spreadsheet; the third column is not read.
pub const OWN_HEADINGS: [&str; 3] = ["Ours", "Yours", "Example"];

/// Precedes a value in a cell of Ours: `District Code: 0897` with an empty cell next to it is the value of every row; `Free/Reduced
/// Lunch: no` is what the word next to it means.
const VALUE_MARK: char = ':';

/// The fields for which an office can have its own words.
const WITH_WORDS: [Field; 3] = [Field::Grade, Field::Lunch, Field::GraduationCredit];

/// The office's own headings, and values for columns that its files lack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnColumns {
    /// Its headings.
    pub headings: Vec<(Field, String)>,
    /// Values for columns that its files do not have.
    pub constants: Vec<(Field, String)>,
}

/// A field, the office's word, and the word that it means.
pub type OwnWord = (Field, String, String);

/// The office's own headings, values and words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnWay {
    pub columns: OwnColumns,
    pub words: Vec<OwnWord>,
}

/// What is wrong, and what to do.
pub(super) type Wrong = (String, &'static str);

impl OwnColumns {
    /// Headings are compared by their letters and digits. A heading without any would match every cell of dashes, and one heading
    /// cannot mean two fields.
    pub(super) fn add_heading(&mut self, field: Field, word: &str) -> Result<(), Wrong> {
        let letters = normalise(word);
        if letters.is_empty() {
            return Err((
                format!("the heading \"{word}\" has no letter or digit to know it by"),
                "write the heading as it is in the file, or leave the key out",
            ));
        }
        let known = &self.headings;
        if let Some((other, _)) = known.iter().find(|(_, other)| normalise(other) == letters) {
            return Err((
                format!(
                    "the heading \"{word}\" is given for {} and for {}",
                    other.key(),
                    field.key()
                ),
                "give each column its own heading",
            ));
        }
        if let Some((_, other)) = known.iter().find(|(other, _)| *other == field) {
            return Err((
                format!(
                    "{} has two headings, \"{other}\" and \"{word}\"",
                    field.title()
                ),
                "keep one of the two lines",
            ));
        }
        self.headings.push((field, word.to_string()));
        Ok(())
    }

    /// Refuses one text of a private field for every row, such as a SASID.
    pub(super) fn add_constant(&mut self, field: Field, value: &str) -> Result<(), Wrong> {
        let value = value.trim();
        if value.is_empty() || field.is_private() {
            return Err((format!("{} cannot be read", field.key()), WRITE_A_HEADING));
        }
        if let Some((_, other)) = self.constants.iter().find(|(of, _)| *of == field) {
            let title = field.title();
            return Err((
                format!("{title} has two values, \"{other}\" and \"{value}\""),
                "keep one of the two lines",
            ));
        }
        self.constants.push((field, value.to_string()));
        Ok(())
    }
}

/// The fix for a heading without letters or digits.
pub(super) const WRITE_A_HEADING: &str =
    "write the heading between quotes, or { value = \"0897\" } where the files have no such column";

/// Adds a word for a field. Refuses one whose meaning the field cannot have, and one that is already there in other capitals.
pub(super) fn add_word(
    words: &mut Vec<OwnWord>,
    field: Field,
    (word, meaning): (&str, &str),
) -> Result<(), Wrong> {
    let meaning = meaning.trim();
    let (is_known, fix) = match field {
        Field::Grade => (grade(meaning).is_some(), "write a grade such as \"11\""),
        Field::Lunch => (
            !meaning.is_empty() && lunch(meaning, Letters::default()).is_some(),
            "write \"yes\" or \"no\"",
        ),
        _ => (
            !meaning.is_empty() && answer(meaning).is_some(),
            "write \"yes\" or \"no\"",
        ),
    };
    if !is_known {
        let message = format!("\"{meaning}\" is not a value of {}", field.title());
        return Err((message, fix));
    }
    let spelled = |word: &str| said(word, false).to_lowercase();
    let same = |(of, other, _): &&OwnWord| *of == field && spelled(other) == spelled(word);
    if let Some((_, other, _)) = words.iter().find(same) {
        let message = format!(
            "\"{other}\" and \"{word}\" are the same word of {}: capital letters do not count",
            field.title()
        );
        return Err((message, "keep one of the two lines"));
    }
    words.push((field, word.to_string(), meaning.to_string()));
    Ok(())
}

/// Reads a spreadsheet of the office's own headings and words.
///
/// # Errors
/// A [`Stop`] with every cell that is wrong.
pub(super) fn read_spreadsheet(file: &str, bytes: &[u8]) -> Result<OwnWay, Stop> {
    let list: List<'_, OwnColumn> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let mut own = OwnWay::default();
    let mut first: BTreeMap<(Field, bool), usize> = BTreeMap::new();
    for (at, row) in list.rows().iter().enumerate() {
        let ours = row.text(OwnColumn::Ours);
        // Their heading has no field of ours.
        if ours.is_empty() {
            continue;
        }
        let (title, value) = match ours.split_once(VALUE_MARK) {
            Some((title, value)) => (title.trim(), Some(value)),
            None => (ours, None),
        };
        let Some(field) = Field::of_title(title).or_else(|| Field::of_key(title)) else {
            let titles = Field::ALL.map(Field::title).join(", ");
            list.fault(
                &mut faults,
                (row, OwnColumn::Ours),
                format!("\"{title}\" is not one of our headings"),
                format!("write one of: {titles}"),
            );
            continue;
        };
        let yours = row.unguarded(OwnColumn::Yours);
        let added = match (value, yours) {
            // They use our heading.
            (None, "") => continue,
            (None, heading) => own.columns.add_heading(field, heading),
            (Some(value), "") if value.trim().is_empty() || field.is_private() => Err((
                format!("{title} cannot be the same in every row"),
                "write your heading in Yours, or leave the line out",
            )),
            (Some(value), "") => own.columns.add_constant(field, value),
            (Some(_), _) if !WITH_WORDS.contains(&field) => Err((
                format!("own words are not read in {title}"),
                "write only the heading in Ours; own words can be given for Grade, Free/Reduced Lunch and Graduation Credit",
            )),
            (Some(meaning), word) => add_word(&mut own.words, field, (word, meaning)),
        };
        let Err((message, fix)) = added else {
            if value.is_none() || yours.is_empty() {
                first.insert((field, yours.is_empty()), at);
            }
            continue;
        };
        list.fault(&mut faults, (row, OwnColumn::Ours), message, fix);
    }
    for ((field, _), at) in first.iter().filter(|((_, is_constant), _)| *is_constant) {
        if let Some(heading) = first.get(&(*field, false)) {
            list.contradiction(
                &mut faults,
                (&list.rows()[*heading], &list.rows()[*at]),
                OwnColumn::Ours,
                format!("{} has a heading and a value for every row", field.title()),
                "keep one of the two lines",
            );
        }
    }
    faults.or(own)
}

/// Drafts such a spreadsheet from the headings of a sheet: each field with the heading that is probably meant, then unknown words,
/// then unused headings. `entity`: whose file it is, if its name says so.
#[must_use]
pub fn guessed_lines(sheet: &SheetLook, entity: Option<&str>) -> Vec<[String; 3]> {
    let mut lines = Vec::new();
    let mut unknown = Vec::new();
    for field in Field::ALL {
        let of_field = |column: &&ColumnLook| column.guess.is_some_and(|(of, _)| of == field);
        let title = field.title().to_string();
        match (sheet.columns.iter().find(of_field), entity) {
            (Some(column), _) => {
                unknown.extend(column.unknown.iter().map(|word| {
                    let ours = format!("{title}{VALUE_MARK} ?");
                    [ours, word.clone(), "say what it means".to_string()]
                }));
                lines.push([title, column.heading.clone(), column.example.clone()]);
            }
            (None, Some(entity)) if field == Field::DistrictCode => lines.push([
                format!("{title}{VALUE_MARK} {entity}"),
                String::new(),
                "as the file's name says".to_string(),
            ]),
            (None, _) if field.is_required() => {
                lines.push([title, String::new(), "not found".to_string()]);
            }
            (None, _) => {}
        }
    }
    lines.extend(unknown);
    let unused = sheet.columns.iter().filter(|column| column.guess.is_none());
    lines.extend(unused.map(|column| {
        let not_used = "not used and not looked at".to_string();
        [String::new(), column.heading.clone(), not_used]
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(csv: &str) -> Result<OwnWay, String> {
        read_spreadsheet("headings.csv", csv.as_bytes()).map_err(|stop| stop.to_string())
    }

    #[test]
    fn headings_values_of_every_row_and_words_are_lines_of_one_sheet() {
        let csv = "What our export says\n\
            Ours,Yours,Example\n\
            SASID,Student State ID,10 digits\n\
            Program Code,,IC101\n\
            District Code: 0897,,\n\
            Free/Reduced Lunch: no,S,\n\
            ,Last Name,\n";
        let own = read(csv).unwrap();
        assert_eq!(
            own.columns.headings,
            [(Field::Sasid, "Student State ID".to_string())]
        );
        assert_eq!(
            own.columns.constants,
            [(Field::DistrictCode, "0897".to_string())]
        );
        assert_eq!(
            own.words,
            [(Field::Lunch, "S".to_string(), "no".to_string())]
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_cell() {
        let csv = "Ours,Yours\n\
            Student,Pupil\n\
            Grade,Gr\n\
            Grade,Year\n\
            Free/Reduced Lunch: ?,S\n\
            SASID: 1000000001,\n\
            School Code: 0101,A\n\
            Grade: 11,junior high\n\
            Grade: 12,Junior High\n\
            District Code,LEA\n\
            District Code: 0897,\n\
            District Code: 0123,\n";
        let told = read(csv).unwrap_err();
        for text in [
            "\"Student\" is not one of our headings",
            "Grade has two headings, \"Gr\" and \"Year\"",
            "\"?\" is not a value of Free/Reduced Lunch",
            "SASID cannot be the same in every row",
            "own words are not read in School Code",
            "\"junior high\" and \"Junior High\" are the same word of Grade: capital letters do not count",
            "District Code has a heading and a value for every row",
            "District Code has two values, \"0897\" and \"0123\"",
            "headings.csv, line 4, field 1 (Ours)",
        ] {
            assert!(told.contains(text), "{text} is not in: {told}");
        }
    }
}
