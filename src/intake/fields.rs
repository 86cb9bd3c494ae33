//! The fields of a submission (files.md, "Submission"), as one table. The reader, `[columns]`, the
//! template, the marked copy, the page and the privacy of messages all take a field from here, and
//! from its closures what the rules of a year ask of it.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::headings::{Heading, normalise};
use crate::catalogue::Code;
use crate::rules::RuleSet;
use crate::rules::history::is_since_the_program;
use crate::rules::terms::Category;
use crate::values::{self, Letters, grade_text};
use crate::words::written_out;
use crate::year::Year;

/// What the rules of a year ask of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A value in every row.
    Always,
    /// A value in some rows: `for AP courses`.
    Sometimes(&'static str),
    /// What its sender likes to say.
    Optional,
    /// Nothing: the year does not have the column. One in a file is like any other that is not read.
    Never,
}

/// A cell of which a message wants to quote the text.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'t> {
    pub text: &'t str,
    /// Whether the cell was a number.
    pub is_number: bool,
    /// Whether the row's program is on the year's list.
    pub is_listed: bool,
}

/// What an example of a row is about.
#[derive(Clone, Copy, Debug)]
pub struct Example<'e> {
    pub rules: &'e RuleSet,
    pub day: NaiveDate,
    pub program: &'e str,
    pub category: Category,
}

/// What to enter in a cell of the field.
#[derive(Clone, Copy)]
enum Hint {
    /// What the fix of its check says.
    FixOf(Code),
    /// A sentence of its own; the check that is about the field, if one is.
    Says(&'static str, Option<Code>),
}

impl Hint {
    /// The check that is about the field, if one is.
    const fn check(self) -> Option<Code> {
        match self {
            Hint::FixOf(check) => Some(check),
            Hint::Says(_, check) => check,
        }
    }
}

/// A whole number: what a field's cells hold, if they are not empty.
#[derive(Clone, Copy)]
pub struct Whole {
    pub range: &'static RangeInclusive<u16>,
    /// The range in words, after "it is not".
    pub wanted: &'static str,
}

/// A line of the table. The defaults are the careful ones: optional and private.
struct Column {
    heading: Heading,
    /// Whether a message may quote a cell, by its text; none if never.
    is_valid: Option<fn(&Quoted<'_>) -> bool>,
    asked: fn(&RuleSet) -> Asked,
    hint: Hint,
    example: fn(&Example<'_>) -> String,
    choices: fn(&RuleSet) -> Vec<String>,
    width: u16,
    is_number: bool,
    whole: Option<Whole>,
    is_name: bool,
    is_senders: bool,
}

impl Column {
    const fn new(key: &'static str, title: &'static str, hint: Hint, width: u16) -> Column {
        Column {
            heading: Heading::optional(key, title),
            is_valid: None,
            asked: |_| Asked::Optional,
            hint,
            example: |_| String::new(),
            choices: |_| Vec::new(),
            width,
            is_number: false,
            whole: None,
            is_name: false,
            is_senders: false,
        }
    }

    /// Every file must have its heading, so every year asks for it.
    const fn required(mut self) -> Column {
        self.heading.required = true;
        self.asked = |_| Asked::Always;
        self
    }

    /// What the rules of a year ask of it: it may be left out of a file, or its year does not have it.
    const fn asked(mut self, asked: fn(&RuleSet) -> Asked) -> Column {
        assert!(!self.heading.required, "every year asks for it");
        self.asked = asked;
        self
    }

    /// A code or answer that names nobody: a message may quote what is valid.
    const fn public(mut self, is_valid: fn(&Quoted<'_>) -> bool) -> Column {
        self.is_valid = Some(is_valid);
        self
    }

    /// What the template shows as an example.
    const fn example(mut self, example: fn(&Example<'_>) -> String) -> Column {
        self.example = example;
        self
    }

    /// What the template's drop-down offers.
    const fn choices(mut self, choices: fn(&RuleSet) -> Vec<String>) -> Column {
        self.choices = choices;
        self
    }

    const fn number(mut self) -> Column {
        self.is_number = true;
        self
    }

    /// Whole numbers of a range, which is `wanted` in words. The check of the hint finds all else.
    const fn whole(mut self, range: &'static RangeInclusive<u16>, wanted: &'static str) -> Column {
        assert!(self.hint.check().is_some(), "a check finds all else");
        self.whole = Some(Whole { range, wanted });
        self.number()
    }

    /// See [`Field::is_name`].
    const fn name(mut self) -> Column {
        self.is_name = true;
        self
    }

    /// See [`Field::is_senders`].
    const fn senders(mut self) -> Column {
        self.is_senders = true;
        self
    }

    const fn like(mut self, cousins: &'static [&'static str]) -> Column {
        self.heading.cousins = cousins;
        self
    }
}

macro_rules! fields {
    ($($field:ident: $column:expr,)*) => {
        /// A field of a submission. The order is that of calculation.md, section 1.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(
                #[doc = stringify!($field)]
                $field,
            )*
        }

        impl Field {
            /// Fields.
            pub const COUNT: usize = [$(stringify!($field)),*].len();

            /// Every field.
            pub const ALL: [Field; Field::COUNT] = [$(Field::$field),*];
        }

        const COLUMNS: [Column; Field::COUNT] = [$($column),*];
    };
}

/// The scores of AP exams.
pub const AP_SCORES: RangeInclusive<u16> = 1..=5;

/// The check asks whether the file is the right one, which is not a hint for a cell.
const SCHOOL_YEAR: Hint = Hint::Says(
    "Enter the school year of the completions, such as 2023-24, or leave the cell empty.",
    Some(Code::W213),
);

fn is_code(quoted: &Quoted<'_>) -> bool {
    values::padded_code(quoted.text).is_some()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

// Key under `[columns]`, heading, what to enter in its cells, width in characters; then what other programs call
// it. A new field comes last: files and tests know the others by position.
fields! {
    DistrictCode: Column::new("district_code", "District Code", Hint::FixOf(Code::E201), 14)
        .required()
        .public(is_code)
        .number()
        .example(|_| "0880".to_string())
        .like(&["District", "District Number", "LEA Code", "Organization Code"]),
    SchoolCode: Column::new("school_code", "School Code", Hint::FixOf(Code::E202), 14)
        .required()
        .public(is_code)
        .number()
        .example(|_| "0101".to_string())
        .like(&["School", "School Number", "Building Code"]),
    Sasid: Column::new("sasid", "SASID", Hint::FixOf(Code::E203), 18)
        .required()
        .number()
        .senders()
        .example(|_| "the pupil's 10 digits".to_string())
        .like(&["Student ID", "State Student ID", "State ID", "Student Number", "Student"]),
    Grade: Column::new("grade", "Grade", Hint::FixOf(Code::E204), 14)
        .required()
        .public(|quoted| values::grade(quoted.text).is_some())
        .number()
        .example(|row| row.rules.grades.last().map_or_else(String::new, |grade| grade_text(*grade).to_string()))
        .choices(|rules| rules.grades.iter().map(|grade| grade_text(*grade).to_string()).collect())
        .like(&["Grade Level", "Student Grade"]),
    // Its drop-down is the list of programs.
    ProgramCode: Column::new("program_code", "Program Code", Hint::FixOf(Code::E205), 18)
        .required()
        .public(|quoted| quoted.is_listed)
        .example(|row| row.program.to_string())
        .like(&["Program", "Credential Code", "Course Code", "Code"]),
    CompletionDate: Column::new("completion_date", "Completion Date", Hint::FixOf(Code::E206), 20)
        .required()
        .public(|quoted| values::date(quoted.text, quoted.is_number).is_some())
        .example(|row| row.day.format("%-m/%-d/%Y").to_string())
        .like(&["Date", "Date Completed", "Date Earned", "Completed"]),
    Lunch: Column::new("free_reduced_lunch", "Free/Reduced Lunch", Hint::FixOf(Code::E208), 18)
        .required()
        .public(|quoted| values::lunch(quoted.text, Letters::default()).is_some())
        .senders()
        .example(|_| "No".to_string())
        .choices(|_| texts(&["Yes", "No", "Free", "Reduced", "Paid"]))
        .like(&["FRL", "FRL Status", "Lunch", "Free Reduced Lunch Status"]),
    GraduationCredit: Column::new("graduation_credit", "Graduation Credit", Hint::FixOf(Code::E210), 14)
        .public(|quoted| values::answer(quoted.text).is_some())
        .asked(|rules| {
            if rules.graduation_credit_required.is_empty() {
                Asked::Optional
            } else {
                Asked::Sometimes("for credentials")
            }
        })
        .senders()
        .example(|_| "Yes".to_string())
        .choices(|_| texts(&["Yes", "No"])),
    ApScore: Column::new("ap_exam_score", "AP Exam Score", Hint::FixOf(Code::E209), 14)
        .public(|quoted| values::number_within(quoted.text, &AP_SCORES).is_some())
        .asked(|_| Asked::Sometimes("for AP courses"))
        .whole(&AP_SCORES, "1, 2, 3, 4 or 5")
        .senders()
        .example(|row| match row.category {
            Category::ApCourse => row.rules.ap_score_min.to_string(),
            _ => "only for AP courses".to_string(),
        })
        .choices(|_| AP_SCORES.map(|score| score.to_string()).collect()),
    SchoolYear: Column::new("school_year", "School Year", SCHOOL_YEAR, 14)
        .public(|quoted| Year::parse_loosely(quoted.text).is_some())
        .example(|row| row.rules.school_year.to_string())
        .choices(|rules| vec![rules.school_year.to_string()]),
    // The template has a column of its own by this name.
    ProgramName: Column::new("program_name", "Program Name", Hint::FixOf(Code::N301), 24).name(),
}

/// The headings of a submission, in the order of [`Field`].
pub const SUBMISSION: &[Heading] = &{
    let mut headings = [COLUMNS[0].heading; Field::COUNT];
    let mut at = 1;
    while at < Field::COUNT {
        headings[at] = COLUMNS[at].heading;
        at += 1;
    }
    headings
};

/// The keys under `[columns]`.
const KEYS: &[&str] = &{
    let mut keys = [""; Field::COUNT];
    let mut at = 0;
    while at < Field::COUNT {
        keys[at] = COLUMNS[at].heading.key;
        at += 1;
    }
    keys
};

impl Field {
    fn entry(self) -> &'static Column {
        &COLUMNS[self as usize]
    }

    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.entry().heading.title
    }

    /// Its key under `[columns]`.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.entry().heading.key
    }

    /// The field of a key.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.key() == key)
    }

    /// Whether every submission must have it.
    #[must_use]
    pub fn is_required(self) -> bool {
        self.entry().heading.required
    }

    /// Whether no message may quote its cells.
    #[must_use]
    pub fn is_private(self) -> bool {
        self.entry().is_valid.is_none()
    }

    /// Whether a message may quote the cell: a text that does not fit its column could be a name or an id (docs/decisions/0004).
    #[must_use]
    pub fn may_quote(self, cell: &Quoted<'_>) -> bool {
        self.entry().is_valid.is_some_and(|is_valid| is_valid(cell))
    }

    /// The text of a cell, if a message may quote it. `is_code`: whether it is certainly a program's code.
    pub(crate) fn quoted(self, text: &str, is_code: bool) -> Option<String> {
        if text.is_empty() {
            return (!self.is_private()).then(|| "empty".to_string());
        }
        let cell = Quoted {
            text,
            is_number: false,
            is_listed: is_code,
        };
        // An earlier date can be a birth date in a shifted column.
        let is_too_early = self == Field::CompletionDate
            && values::date(text, false).is_none_or(|read| !is_since_the_program(read.day.year()));
        (self.may_quote(&cell) && !is_too_early).then(|| written_out(text))
    }

    /// What the rules of a year ask of it.
    #[must_use]
    pub fn asked(self, rules: &RuleSet) -> Asked {
        (self.entry().asked)(rules)
    }

    /// What the template shows as an example.
    #[must_use]
    pub fn example(self, row: &Example<'_>) -> String {
        (self.entry().example)(row)
    }

    /// What the template's drop-down offers; none if a cell can hold anything.
    #[must_use]
    pub fn choices(self, rules: &RuleSet) -> Vec<String> {
        (self.entry().choices)(rules)
    }

    /// Whether only the sender can look up the right value: nothing is ever proposed for it.
    #[must_use]
    pub fn is_senders(self) -> bool {
        self.entry().is_senders
    }

    /// Whether it is a number, so that `12.0`, which some programs write, is `12`.
    #[must_use]
    pub fn is_number(self) -> bool {
        self.entry().is_number
    }

    /// The check that is about the field, if one is.
    #[must_use]
    pub fn check(self) -> Option<Code> {
        self.entry().hint.check()
    }

    /// The whole numbers that its cells hold, if they do.
    #[must_use]
    pub fn whole(self) -> Option<Whole> {
        self.entry().whole
    }

    /// Whether it only names something for people: no dollar depends on it, so nobody is asked where it is (Q401).
    #[must_use]
    pub fn is_name(self) -> bool {
        self.entry().is_name
    }

    /// What to enter.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self.entry().hint {
            Hint::FixOf(code) => code.entry().fix,
            Hint::Says(sentence, _) => sentence,
        }
    }

    /// The field whose cells a check is about.
    #[must_use]
    pub fn of_check(code: Code) -> Option<Field> {
        let mut all = Field::ALL.into_iter();
        all.find(|field| field.check() == Some(code))
    }

    /// The width of its column in a workbook, in characters.
    #[must_use]
    pub fn width(self) -> u16 {
        self.entry().width
    }

    /// The field with exactly this heading.
    #[must_use]
    pub fn of_title(title: &str) -> Option<Field> {
        let wanted = normalise(title);
        Field::ALL
            .into_iter()
            .find(|field| normalise(field.title()) == wanted)
    }
}

/// The fields of a year: a column that its rules do not ask for is like any other that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields([bool; Field::COUNT]);

impl Fields {
    /// Every field, where the year is not known.
    pub const ALL: Fields = Fields([true; Field::COUNT]);

    /// Those that the rules ask for.
    #[must_use]
    pub fn of(rules: &RuleSet) -> Fields {
        Fields::asked_by(rules, &COLUMNS)
    }

    fn asked_by(rules: &RuleSet, columns: &[Column; Field::COUNT]) -> Fields {
        Fields(Field::ALL.map(|field| (columns[field as usize].asked)(rules) != Asked::Never))
    }

    /// Whether the year has the field.
    #[must_use]
    pub fn has(self, field: Field) -> bool {
        self.0[field as usize]
    }

    /// The fields, in their order.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.has(*field))
    }

    /// The field with exactly this heading.
    #[must_use]
    pub fn of_title(self, title: &str) -> Option<Field> {
        Field::of_title(title).filter(|field| self.has(*field))
    }

    /// A year that does not have one of them.
    #[cfg(test)]
    pub(crate) fn without(mut self, field: Field) -> Fields {
        self.0[field as usize] = false;
        self
    }
}

impl Default for Fields {
    fn default() -> Fields {
        Fields::ALL
    }
}

/// By its key, so that an error lists the keys.
impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
        struct Key;
        impl Visitor<'_> for Key {
            type Value = Field;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the key of a column")
            }

            fn visit_str<E: Error>(self, key: &str) -> Result<Field, E> {
                Field::of_key(key).ok_or_else(|| E::unknown_field(key, KEYS))
            }
        }
        deserializer.deserialize_identifier(Key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> RuleSet {
        crate::rules::built_in("co-cdip-2024-25").unwrap().unwrap()
    }

    #[test]
    fn a_column_is_private_and_optional_until_it_says_otherwise() {
        let entry = Column::new("provider", "Provider", Hint::FixOf(Code::E205), 14);
        assert!(entry.is_valid.is_none());
        assert!(!entry.heading.required);
        assert_eq!((entry.asked)(&rules()), Asked::Optional);
    }

    #[test]
    fn the_fields_that_a_message_may_quote_are_these() {
        let public: Vec<Field> = Field::ALL
            .into_iter()
            .filter(|field| !field.is_private())
            .collect();
        let known = [
            Field::DistrictCode,
            Field::SchoolCode,
            Field::Grade,
            Field::ProgramCode,
            Field::CompletionDate,
            Field::Lunch,
            Field::GraduationCredit,
            Field::ApScore,
            Field::SchoolYear,
        ];
        assert_eq!(public, known);
    }

    #[test]
    fn a_year_has_the_columns_that_its_rules_ask_for() {
        let mut columns = COLUMNS;
        columns[Field::GraduationCredit as usize] = Column::new("hours", "Hours", SCHOOL_YEAR, 14)
            .asked(|rules| match rules.ap_score_min {
                4.. => Asked::Sometimes("for training"),
                _ => Asked::Never,
            });
        let hours = Field::GraduationCredit;
        let strict = RuleSet {
            ap_score_min: 4,
            ..rules()
        };
        let with = Fields::asked_by(&strict, &columns);
        assert!(with.has(hours) && with.iter().any(|field| field == hours));
        let without = Fields::asked_by(&rules(), &columns);
        assert_eq!(without, with.without(hours));
        assert!(!without.has(hours) && without.iter().all(|field| field != hours));
        assert_eq!(without.of_title("Graduation Credit"), None);
        assert_eq!(without.of_title("Grade"), Some(Field::Grade));
    }

    #[test]
    fn fields_have_their_own_keys_and_headings() {
        for (at, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(Field::of_title(field.title()), Some(field));
            assert!(!KEYS[..at].contains(&field.key()));
        }
    }
}
