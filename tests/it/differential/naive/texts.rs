//! A batch as texts: the input of the second implementation.

use std::collections::BTreeMap;

use super::rules::Rules;

/// The headings of the fields, in the order of the specification.
pub const FIELDS: [&str; 11] = [
    "District Code",
    "School Code",
    "SASID",
    "Grade",
    "Program Code",
    "Completion Date",
    "Free/Reduced Lunch",
    "Graduation Credit",
    "AP Exam Score",
    "School Year",
    "Program Name",
];

pub const DISTRICT: usize = 0;
pub const SCHOOL: usize = 1;
pub const SASID: usize = 2;
pub const GRADE: usize = 3;
pub const PROGRAM: usize = 4;
pub const DATE: usize = 5;
pub const LUNCH: usize = 6;
pub const CREDIT: usize = 7;
pub const SCORE: usize = 8;
pub const SCHOOL_YEAR: usize = 9;

/// Those that a file can lack and that say something about the row: a heading like one of them is asked about.
pub const OPTIONAL: [usize; 3] = [CREDIT, SCORE, SCHOOL_YEAR];

/// Whole numbers: a cell of text may write them with decimals, as `880.0`.
pub const NUMBERS: [usize; 5] = [DISTRICT, SCHOOL, SASID, GRADE, SCORE];

/// Those of a range: the column, the least and the most, and the error of any other text. An empty cell has none.
pub const WHOLE: [(usize, u32, u32, &str); 1] = [(SCORE, 1, 5, "E209")];

/// Whether the rules of a year ask for a column.
type Asks = fn(&Rules) -> bool;

/// The columns that only some years have, each with which. The others are of every year.
const OF_SOME_YEARS: &[(usize, Asks)] = &[];

/// Whether the rules of a year ask for the column.
pub fn is_asked(field: usize, rules: &Rules) -> bool {
    OF_SOME_YEARS
        .iter()
        .all(|(of, asks)| *of != field || asks(rules))
}

/// What a cell of a workbook holds; a text file has texts only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Text,
    /// As its shortest decimal.
    Number,
    /// As `2024-05-17`.
    Day,
}

/// A cell as found.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub found: String,
    pub kind: Kind,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell {
            found: text.into(),
            kind: Kind::Text,
        }
    }
}

/// The cells of a submitted row, in the order of the fields; those of absent columns are empty.
pub type Cells = [Cell; FIELDS.len()];

/// A program of the qualified list.
#[derive(Clone, Debug)]
pub struct Program {
    pub code: String,
    pub name: String,
    pub category: String,
    pub sector: String,
    /// The first calendar year of the first and the last school year.
    pub from: Option<u32>,
    pub to: Option<u32>,
}

/// An entry of the participants list.
#[derive(Clone, Debug)]
pub struct Entity {
    pub district: String,
    pub school: String,
    pub name: String,
    pub kind: String,
    pub participating: bool,
    pub supplemented: bool,
}

/// A completion paid before, with the first calendar year of its budget year.
#[derive(Clone, Debug)]
pub struct Prior {
    pub sasid: String,
    pub program: String,
    pub year: u32,
}

/// A line of `resolutions.csv`, its cells as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub district: String,
    pub school: String,
    pub sasid: String,
    pub program: String,
    pub file: String,
    pub sheet: String,
    pub row: String,
    pub column: String,
    pub was: String,
    pub becomes: String,
    pub codes: String,
    pub check: String,
    pub decision: String,
    pub reason: String,
    pub by: String,
    pub date: String,
}

/// A row by its physical number.
#[derive(Clone, Debug)]
pub struct Row {
    pub number: u32,
    pub cells: Cells,
    /// What stands behind the last heading's column.
    pub behind: String,
}

/// A sheet: its name in a workbook, the fields that have no column, headings that belong to no field, and its rows.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub name: String,
    pub absent: Vec<usize>,
    pub unread: Vec<String>,
    pub rows: Vec<Row>,
}

/// A submission.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the batch folder.
    pub path: String,
    pub workbook: bool,
    pub sheets: Vec<Sheet>,
}

/// A file that is passed over for its name.
#[derive(Clone, Debug)]
pub struct PassedOver {
    pub path: String,
    pub bytes: usize,
}

/// A whole batch as texts.
#[derive(Clone, Debug)]
pub struct Texts {
    pub rules: Rules,
    /// Readings over those of the rules.
    pub readings: BTreeMap<String, Vec<String>>,
    /// Cents.
    pub available: i128,
    /// Cents.
    pub supplement: Option<i128>,
    /// `2024-09-15`
    pub run_date: String,
    pub prepared_by: String,
    /// A deployment's own words: field, word in lower case, what it means.
    pub values: Vec<(usize, String, String)>,
    pub programs: Vec<Program>,
    pub entities: Vec<Entity>,
    pub ledger: Vec<Prior>,
    pub lines: Vec<Line>,
    pub files: Vec<File>,
    pub passed_over: Vec<PassedOver>,
}

impl Texts {
    /// The batch as its year reads it.
    pub fn in_their_year(&self) -> Texts {
        let fields = 0..FIELDS.len();
        let not_asked = fields.filter(|field| !is_asked(*field, &self.rules));
        self.without(&not_asked.collect::<Vec<_>>())
    }

    /// Columns that a year does not have are like any other that is not read: nothing is in them, and nobody misses them.
    pub fn without(&self, fields: &[usize]) -> Texts {
        let mut texts = self.clone();
        let sheets = texts.files.iter_mut().flat_map(|file| &mut file.sheets);
        for sheet in sheets {
            for field in fields {
                let title = FIELDS[*field].to_string();
                assert!(!sheet.unread.contains(&title), "taken out twice");
                if !sheet.absent.contains(field) {
                    sheet.unread.push(title);
                }
                sheet.absent.retain(|absent| absent != field);
                for row in &mut sheet.rows {
                    row.cells[*field] = Cell::default();
                }
            }
        }
        texts
    }
}
