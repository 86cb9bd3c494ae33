//! How an entity fills in and saves its spreadsheet.

use chrono::{Datelike as _, NaiveDate};

use super::{
    completion::{Completion, Defect},
    delimited::{Dialect, Encoding},
    options::SYNTHETIC,
    sheets::Cell,
    statewide::Reporter,
};
use crate::year::Year;

/// Excel's day 0, for dates that lost their format.
const SERIAL_DAY_ZERO: NaiveDate = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
/// Ranks with a unique habit: dates typed as eight digits, dates without a date format.
const DATES_AS_DIGITS_RANK: usize = 5;
const DATES_AS_SERIALS_RANK: usize = 12;
/// In some sheets a blank row follows after so many completions.
const BLOCK: usize = 40;
/// Codes from other lists and from none.
const UNLISTED_CODES: [&str; 6] = ["CNA", "OSHA10", "IC999", "WELD-1", "APCSA", "1C112"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SavedAs {
    Excel,
    OpenDocument,
    Text {
        dialect: Dialect,
        extension: &'static str,
    },
}

impl SavedAs {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Excel => "xlsx",
            Self::OpenDocument => "ods",
            Self::Text { extension, .. } => extension,
        }
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Text { .. })
    }
}

const fn text(delimiter: u8, encoding: Encoding, extension: &'static str) -> SavedAs {
    SavedAs::Text {
        dialect: Dialect {
            delimiter,
            encoding,
        },
        extension,
    }
}

/// Formats by rank, repeated. The large ones use Excel; `OpenDocument` begins where files are short.
const FORMATS: [SavedAs; 24] = [
    SavedAs::Excel,
    SavedAs::Excel,
    SavedAs::Excel,
    text(b',', Encoding::Utf8, "csv"),
    SavedAs::Excel,
    SavedAs::Excel,
    SavedAs::Excel,
    text(b'|', Encoding::Utf8, "txt"),
    SavedAs::Excel,
    text(b',', Encoding::Utf8WithMark, "csv"),
    SavedAs::Excel,
    SavedAs::Excel,
    SavedAs::Excel,
    text(b',', Encoding::Windows1252, "csv"),
    SavedAs::Excel,
    SavedAs::Excel,
    SavedAs::OpenDocument,
    text(b'\t', Encoding::Utf16, "txt"),
    SavedAs::Excel,
    SavedAs::Excel,
    text(b'~', Encoding::Utf8, "txt"),
    SavedAs::Excel,
    text(b';', Encoding::Utf8, "csv"),
    SavedAs::OpenDocument,
];

/// A column of a submission. The program must ignore the last four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    District,
    School,
    Sasid,
    Grade,
    Program,
    Date,
    Lunch,
    Credit,
    Score,
    SchoolYear,
    ProgramName,
    SchoolName,
    LastName,
    FirstName,
    BirthDate,
}

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::District => "District Code",
            Self::School => "School Code",
            Self::Sasid => "SASID",
            Self::Grade => "Grade",
            Self::Program => "Program Code",
            Self::Date => "Completion Date",
            Self::Lunch => "Free/Reduced Lunch",
            Self::Credit => "Graduation Credit",
            Self::Score => "AP Exam Score",
            Self::SchoolYear => "School Year",
            Self::ProgramName => "Program Name",
            Self::SchoolName => "School Name",
            Self::LastName => "Last Name",
            Self::FirstName => "First Name",
            Self::BirthDate => "Birth Date",
        }
    }
}

use Column::{
    BirthDate, Credit, Date, District, FirstName, Grade, LastName, Lunch, Program, ProgramName,
    Sasid, School, SchoolName, SchoolYear, Score,
};

/// Choices and orders of columns by rank, repeated. The second one, with names, is also used for files in other encodings.
const COLUMNS: [&[Column]; 4] = [
    &[
        District, School, Sasid, Grade, Program, Date, Lunch, Credit, Score,
    ],
    &[
        District,
        School,
        SchoolName,
        Sasid,
        LastName,
        FirstName,
        BirthDate,
        Grade,
        Lunch,
        Program,
        ProgramName,
        Date,
        Credit,
        Score,
    ],
    &[
        Sasid, Grade, Lunch, District, School, Program, Date, Score, Credit, SchoolYear,
    ],
    &[
        SchoolYear,
        District,
        School,
        Sasid,
        Program,
        ProgramName,
        Date,
        Grade,
        Lunch,
        Credit,
        Score,
    ],
];

#[derive(Debug, Clone, Copy)]
enum Headings {
    AsAsked,
    Underscored,
    LowerCase,
    Joined,
}

#[derive(Debug, Clone, Copy)]
enum Codes {
    Text,
    /// Typed as numbers: leading zeros are lost.
    Numbers,
    /// Numbers with a format that shows four digits.
    FormattedNumbers,
}

#[derive(Debug, Clone, Copy)]
enum Dates {
    Real,
    American,
    Iso,
    /// MMDDYYYY, in a spreadsheet as a number.
    Digits,
    /// The number behind a date.
    Serials,
}

#[derive(Debug, Clone, Copy)]
enum Grades {
    Numbers,
    TwoDigits,
    Ordinals,
    ThreeDigits,
}

#[derive(Debug, Clone, Copy)]
enum Answers {
    Letters,
    Words,
    Digits,
    Truths,
}

/// The habits of one reporter. They depend on its rank alone, so each habit occurs with every seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    pub(super) format: SavedAs,
    pub(super) columns: &'static [Column],
    /// Rows above the headings.
    pub(super) titles: usize,
    /// Completions between two blank rows.
    pub(super) block: Option<usize>,
    pub(super) sheet_name: &'static str,
    has_total: bool,
    headings: Headings,
    codes: Codes,
    dates: Dates,
    grades: Grades,
    credit: Answers,
    /// `None`: it writes Free, Reduced or Paid.
    lunch: Option<Answers>,
    programs_in_lower_case: bool,
    spaces_behind_programs: bool,
}

impl Habits {
    pub(super) fn of(reporter: &Reporter) -> Self {
        let rank = reporter.rank;
        let format = FORMATS[rank % FORMATS.len()];
        let columns = COLUMNS[rank % COLUMNS.len()];
        // A text file has no properties for the label, so a title carries it, or the pupils' names do.
        let titles_min = usize::from(format.is_text() && !columns.contains(&LastName));
        Self {
            format,
            columns,
            titles: [0, 1, 0, 0, 2, 0][rank % 6].max(titles_min),
            block: (rank % 6 == 2).then_some(BLOCK),
            sheet_name: ["Completions", "SYNTHETIC list", "Sheet1"][rank % 3],
            has_total: rank % 9 == 4,
            headings: [
                Headings::AsAsked,
                Headings::AsAsked,
                Headings::Underscored,
                Headings::LowerCase,
                Headings::Joined,
            ][rank % 5],
            codes: [
                Codes::Text,
                Codes::Numbers,
                Codes::Text,
                Codes::FormattedNumbers,
                Codes::Text,
            ][rank % 5],
            dates: match rank {
                DATES_AS_DIGITS_RANK => Dates::Digits,
                DATES_AS_SERIALS_RANK => Dates::Serials,
                _ if format.is_text() && rank.is_multiple_of(4) => Dates::Digits,
                _ => [Dates::Real, Dates::American, Dates::Real, Dates::Iso][rank % 4],
            },
            grades: [
                Grades::Numbers,
                Grades::TwoDigits,
                Grades::Numbers,
                Grades::Ordinals,
                Grades::ThreeDigits,
                Grades::Numbers,
                Grades::Numbers,
            ][rank % 7],
            credit: [
                Answers::Letters,
                Answers::Words,
                Answers::Digits,
                Answers::Truths,
            ][rank % 4],
            lunch: [
                Some(Answers::Letters),
                None,
                Some(Answers::Words),
                Some(Answers::Digits),
                Some(Answers::Truths),
            ][rank % 5],
            programs_in_lower_case: rank % 10 == 6,
            spaces_behind_programs: rank % 8 == 5,
        }
    }

    /// Whether the list ends with a total row, which is one of the reporter's rows.
    pub(super) fn has_total(&self, reporter: &Reporter) -> bool {
        self.has_total && reporter.rows >= 2
    }

    /// How many of the reporter's rows are completions.
    pub(super) fn completions(&self, reporter: &Reporter) -> usize {
        let rows =
            usize::try_from(reporter.rows).expect("a u32 fits on every machine that runs this");
        rows - usize::from(self.has_total(reporter))
    }

    /// A heading in one of several spellings that differ in case, spaces and punctuation.
    pub(super) fn heading(&self, column: Column) -> Cell {
        let heading = column.heading();
        match self.headings {
            Headings::AsAsked => Cell::text(heading),
            Headings::Underscored => Cell::text(heading.replace([' ', '/'], "_").to_uppercase()),
            Headings::LowerCase => Cell::text(heading.replace('/', " / ").to_lowercase()),
            Headings::Joined => Cell::text(heading.replace(' ', "")),
        }
    }

    /// The total row: a word and a number where codes are expected.
    pub(super) fn total_cell(column: Column, completions: usize) -> Cell {
        match column {
            District => Cell::text("Total"),
            Sasid => u64::try_from(completions).map_or(Cell::Empty, Cell::Number),
            _ => Cell::Empty,
        }
    }

    /// One cell of a completion, with its defect.
    pub(super) fn cell(&self, column: Column, row: &Completion, reporter: &Reporter) -> Cell {
        // The id's last byte chooses the wording: any choice will do if it is always the same.
        let die = usize::from(row.sasid.to_le_bytes()[0]);
        let one_of = |wordings: &[&'static str]| Cell::text(wordings[die % wordings.len()]);
        match (column, row.defect) {
            (District, Some(Defect::DistrictNotGiven)) => Cell::text("N/A"),
            (District, _) => self.code(row.district),
            (School, Some(Defect::SchoolUnknown)) => Cell::text("UUUU"),
            (School, _) => self.code(row.school),
            (Sasid, Some(Defect::SasidTooShort)) => self.sasid(row.sasid / 10),
            (Sasid, _) => self.sasid(row.sasid),
            (Grade, Some(Defect::GradeInWords)) => one_of(&["Senior", "Graduated", "Junior"]),
            (Grade, _) => self.grade(row.grade),
            (Program, Some(Defect::ProgramMissing)) | (Lunch, Some(Defect::LunchMissing)) => {
                Cell::Empty
            }
            (Program, Some(Defect::ProgramUnlisted)) => one_of(&UNLISTED_CODES),
            (Program, _) => self.program(row.program.code),
            (Date, Some(Defect::DateUnreadable)) => {
                let spring = (reporter.school_year.first() + 1).to_string();
                let wordings = ["Spring YYYY", "6/31/YYYY", "May", "YYYY-13-05"];
                Cell::text(wordings[die % wordings.len()].replace("YYYY", &spring))
            }
            (Date, _) => self.date(row.date),
            (Lunch, Some(Defect::LunchLetter)) => one_of(&["F", "R"]),
            (Lunch, _) => match self.lunch {
                Some(answers) => answer(answers, row.frl),
                None if row.frl => one_of(&["Free", "Free", "Reduced"]),
                None => Cell::text("Paid"),
            },
            (Credit, Some(Defect::CreditUnreadable)) => Cell::text("Pending"),
            (Credit, _) => row
                .graduation_credit
                .map_or(Cell::Empty, |yes| answer(self.credit, yes)),
            (Score, Some(Defect::ScoreUnreadable)) => one_of(&["P", "16-50"]),
            (Score, _) => row
                .ap_score
                .map_or(Cell::Empty, |score| Cell::Number(score.into())),
            (SchoolYear, _) => {
                let is_before = Year::of(row.date) < Some(reporter.school_year);
                let year = if is_before {
                    reporter.school_year.before()
                } else {
                    reporter.school_year
                };
                Cell::text(year.to_string())
            }
            (ProgramName, _) => Cell::text(row.program.name),
            (SchoolName, _) => {
                let school = reporter
                    .schools
                    .iter()
                    .find(|school| school.code == row.school);
                school.map_or(Cell::Empty, |school| Cell::text(school.name.clone()))
            }
            (LastName, _) => Cell::text(SYNTHETIC),
            (FirstName, _) => one_of(&["Pupil", "Élève", "Niño"]),
            (BirthDate, _) => Cell::text("1900-01-01"),
        }
    }

    fn code(&self, code: u16) -> Cell {
        match self.codes {
            Codes::Text => Cell::four_digits(code),
            Codes::Numbers => Cell::Number(code.into()),
            Codes::FormattedNumbers => Cell::Code(code.into()),
        }
    }

    fn sasid(&self, sasid: u64) -> Cell {
        match self.codes {
            Codes::Text => Cell::text(sasid.to_string()),
            Codes::Numbers | Codes::FormattedNumbers => Cell::Number(sasid),
        }
    }

    fn grade(&self, grade: u8) -> Cell {
        match self.grades {
            Grades::Numbers => Cell::Number(grade.into()),
            Grades::TwoDigits => Cell::text(format!("{grade:02}")),
            Grades::Ordinals => Cell::text(format!("{grade}th")),
            Grades::ThreeDigits => Cell::text(format!("{grade:02}0")),
        }
    }

    fn program(&self, code: &'static str) -> Cell {
        if self.programs_in_lower_case {
            Cell::text(code.to_lowercase())
        } else if self.spaces_behind_programs {
            // One of them is a no-break space, as pasted from a web page.
            Cell::text(format!("{code} \u{A0}"))
        } else {
            Cell::text(code)
        }
    }

    fn date(&self, date: NaiveDate) -> Cell {
        match self.dates {
            Dates::Real => Cell::Date(date),
            Dates::American => Cell::text(date.format("%-m/%-d/%Y").to_string()),
            Dates::Iso => Cell::text(date.to_string()),
            Dates::Digits if self.format.is_text() => Cell::text(date.format("%m%d%Y").to_string()),
            Dates::Digits => {
                let year = u64::from(date.year_ce().1);
                Cell::Number(
                    u64::from(date.month()) * 1_000_000 + u64::from(date.day()) * 10_000 + year,
                )
            }
            Dates::Serials => {
                let days = (date - SERIAL_DAY_ZERO).num_days();
                Cell::Number(days.unsigned_abs())
            }
        }
    }
}

fn answer(answers: Answers, yes: bool) -> Cell {
    match answers {
        Answers::Letters => Cell::text(if yes { "Y" } else { "N" }),
        Answers::Words => Cell::text(if yes { "Yes" } else { "No" }),
        Answers::Digits => Cell::Number(yes.into()),
        Answers::Truths => Cell::text(if yes { "TRUE" } else { "FALSE" }),
    }
}
