//! The fields of a submission (files.md, "Submission"), as one table. The reader, `[columns]`, the
//! template, the marked copy and the privacy of messages all take a field from here.

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::headings::{Heading, normalise};
use crate::catalogue::Code;

/// Whether a message may quote a cell of the field if its value is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// Never quoted.
    Private,
    /// A code or answer that names nobody.
    Public,
}

/// What to enter in a cell of the field.
#[derive(Clone, Copy)]
enum Hint {
    /// What the fix of its check says.
    FixOf(Code),
    /// A sentence of its own; the check that is about the field, if one is.
    Says(&'static str, Option<Code>),
}

/// A line of the table. The defaults are the careful ones: optional and private.
struct Column {
    heading: Heading,
    privacy: Privacy,
    hint: Hint,
    width: u16,
    is_number: bool,
    is_name: bool,
}

impl Column {
    const fn new(key: &'static str, title: &'static str, hint: Hint, width: u16) -> Column {
        Column {
            heading: Heading::optional(key, title),
            privacy: Privacy::Private,
            hint,
            width,
            is_number: false,
            is_name: false,
        }
    }

    const fn required(mut self) -> Self {
        self.heading.required = true;
        self
    }

    const fn public(mut self) -> Column {
        self.privacy = Privacy::Public;
        self
    }

    const fn number(mut self) -> Column {
        self.is_number = true;
        self
    }

    /// See [`Field::is_name`].
    const fn name(mut self) -> Column {
        self.is_name = true;
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

/// The check asks whether the file is the right one, which is not a hint for a cell.
const SCHOOL_YEAR: Hint = Hint::Says(
    "Enter the school year of the completions, such as 2023-24, or leave the cell empty.",
    Some(Code::W213),
);

// Key under `[columns]`, heading, what to enter in its cells, width in characters; then what other programs call
// it. A new field comes last: files and tests know the others by position.
fields! {
    DistrictCode: Column::new("district_code", "District Code", Hint::FixOf(Code::E201), 14)
        .required()
        .public()
        .number()
        .like(&["District", "District Number", "LEA Code", "Organization Code"]),
    SchoolCode: Column::new("school_code", "School Code", Hint::FixOf(Code::E202), 14)
        .required()
        .public()
        .number()
        .like(&["School", "School Number", "Building Code"]),
    Sasid: Column::new("sasid", "SASID", Hint::FixOf(Code::E203), 18)
        .required()
        .number()
        .like(&["Student ID", "State Student ID", "State ID", "Student Number", "Student"]),
    Grade: Column::new("grade", "Grade", Hint::FixOf(Code::E204), 14)
        .required()
        .public()
        .number()
        .like(&["Grade Level", "Student Grade"]),
    ProgramCode: Column::new("program_code", "Program Code", Hint::FixOf(Code::E205), 18)
        .required()
        .public()
        .like(&["Program", "Credential Code", "Course Code", "Code"]),
    CompletionDate: Column::new("completion_date", "Completion Date", Hint::FixOf(Code::E206), 20)
        .required()
        .public()
        .like(&["Date", "Date Completed", "Date Earned", "Completed"]),
    Lunch: Column::new("free_reduced_lunch", "Free/Reduced Lunch", Hint::FixOf(Code::E208), 18)
        .required()
        .public()
        .like(&["FRL", "FRL Status", "Lunch", "Free Reduced Lunch Status"]),
    GraduationCredit: Column::new("graduation_credit", "Graduation Credit", Hint::FixOf(Code::E210), 14).public(),
    ApScore: Column::new("ap_exam_score", "AP Exam Score", Hint::FixOf(Code::E209), 14)
        .public()
        .number(),
    SchoolYear: Column::new("school_year", "School Year", SCHOOL_YEAR, 14).public(),
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
        self.entry().privacy == Privacy::Private
    }

    /// Whether it is a number, so that `12.0`, which some programs write, is `12`.
    #[must_use]
    pub fn is_number(self) -> bool {
        self.entry().is_number
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
        Field::ALL.into_iter().find(|field| {
            let (Hint::FixOf(check) | Hint::Says(_, Some(check))) = field.entry().hint else {
                return false;
            };
            check == code
        })
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

    #[test]
    fn a_column_is_private_and_optional_until_it_says_otherwise() {
        let entry = Column::new("provider", "Provider", Hint::FixOf(Code::E205), 14);
        assert_eq!(entry.privacy, Privacy::Private);
        assert!(!entry.heading.required);
    }

    #[test]
    fn the_private_fields_are_these() {
        let private: Vec<Field> = Field::ALL
            .into_iter()
            .filter(|field| field.is_private())
            .collect();
        assert_eq!(private, [Field::Sasid, Field::ProgramName]);
    }

    #[test]
    fn fields_have_their_own_keys_and_headings() {
        for (at, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(Field::of_title(field.title()), Some(field));
            assert!(!KEYS[..at].contains(&field.key()));
        }
    }
}
