//! Guesses what the columns of a file are, by headings and content. A person confirms the guess; nothing is read by it.

use super::cells::{CellSource, Refusal, SheetInfo};
use super::fields::{Field, Quoted};
use super::formats::visit_sheets;
use super::guard::guarded;
use super::headings::{CANDIDATE_NEARNESS_MIN, Headings, KNOWN_TO_QUOTE_MIN, is_like, normalise};
use super::lists::{Participants, Programs};
use super::text::DELIMITERS;
use crate::finding::describe;
use crate::values::{self, Letters, is_blank};

/// Rows looked at: enough to tell what a column is.
const ROWS_LOOKED_AT: u32 = 400;
/// The headings are looked for in these rows; titles above them are never longer.
const HEADER_ROWS_MAX: u32 = 30;
/// Headings with letters for each one without: a row of a pupil has an id, codes and a date.
const TEXTS_PER_NUMBER: usize = 6;
/// Columns looked at; exports of student systems have about forty.
const COLUMNS_LOOKED_AT: u32 = 256;
/// Characters of an example: a cell can hold a page.
const EXAMPLE_CHARS_MAX: usize = 40;
/// A column needs this many fitting values before its content counts.
const FITTING_MIN: usize = 3;
/// This many of ten values must fit.
const FITTING_OF_TEN: usize = 8;

/// A word with a meaning is short; longer texts are notes.
const WORD_BYTES_MAX: usize = 24;
/// Unknown words shown of a column: one with more is a different column.
const UNKNOWN_WORDS_MAX: usize = 12;

/// What student systems call a field, beyond what a message proposes.
const ELSEWHERE: &[(Field, &[&str])] = &[
    (
        Field::Sasid,
        &[
            "Student State ID",
            "State Student Number",
            "State Student Identifier",
            "stateID",
            "student.stateID",
            "State_StudentNumber",
        ],
    ),
    (
        Field::ProgramCode,
        &[
            "Cert Code",
            "Certification Code",
            "Certificate Code",
            "Industry Certification Code",
            "CDIP Code",
        ],
    ),
    (
        Field::CompletionDate,
        &[
            "Earned Dt",
            "Earned Date",
            "Earned On",
            "Award Date",
            "Cert Date",
            "Certification Date",
            "Date Awarded",
        ],
    ),
    (
        Field::Grade,
        &["Grade Lvl", "Grade_Level", "Current Grade", "Gr"],
    ),
    (
        Field::Lunch,
        &[
            "Meal Code",
            "Meal Status",
            "Meal Eligibility",
            "Lunch Status",
            "Lunch Code",
            "LunchStatus",
        ],
    ),
    (
        Field::GraduationCredit,
        &["HS Credit", "Grad Credit", "Graduation Credits"],
    ),
    (
        Field::ApScore,
        &["AP Score", "Exam Score", "AP Test Score", "AP Exam"],
    ),
    (
        Field::ProgramName,
        &["Certification Name", "Credential Name", "Cert Name"],
    ),
];

/// Words about meals and little else.
const MEAL_WORDS: [&str; 9] = ["f", "r", "p", "free", "reduced", "paid", "00", "01", "02"];
/// Accepts every letter: the checks decide what it means in its column.
const ANY_LETTERS: Letters = Letters {
    meal_codes: true,
    zero: true,
};

/// Why a column is taken for a field, the strongest reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It has the field's heading, or one given for it.
    Heading,
    /// Its heading is nearly the field's or the only one like it, or another program's name for it.
    Likeness,
    /// Its cells fit the field.
    Content,
}

/// A column of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnLook {
    /// Counted from 0.
    pub column: u32,
    /// Its heading as written.
    pub heading: String,
    /// Its first value if the guessed field is not private, otherwise only its shape.
    pub example: String,
    /// What it probably is.
    pub guess: Option<(Field, Because)>,
    /// Words that its field does not know, each once.
    pub unknown: Vec<String>,
}

/// A sheet that seems to have a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetLook {
    /// Its name; none in a text file.
    pub name: Option<String>,
    /// The physical row of its headings.
    pub header_row: u32,
    /// Its columns that have a heading.
    pub columns: Vec<ColumnLook>,
}

impl SheetLook {
    /// Whether every required field has its own heading, so that there is nothing to guess.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let has = |field: Field| {
            let mut columns = self.columns.iter();
            columns.any(|column| column.guess == Some((field, Because::Heading)))
        };
        Field::ALL
            .into_iter()
            .filter(|field| field.is_required())
            .all(has)
    }

    /// Whether the row really is headings, by its words. A file without headings begins with a pupil, whose name must not be quoted;
    /// but a number among many texts is a heading too: "504" is in every export of a student system.
    #[must_use]
    pub fn has_headings(&self) -> bool {
        let by_words = |column: &&ColumnLook| {
            let because = column.guess.map(|(_, because)| because);
            because.is_some_and(|because| because != Because::Content)
        };
        let is_worded = |column: &&ColumnLook| column.heading.contains(char::is_alphabetic);
        let worded = self.columns.iter().filter(is_worded).count();
        self.columns.iter().filter(by_words).count() >= KNOWN_TO_QUOTE_MIN
            && (self.columns.len() - worded) * TEXTS_PER_NUMBER <= worded
    }

    fn certain(&self) -> usize {
        let guesses = self.columns.iter().filter_map(|column| column.guess);
        guesses.map(|(_, because)| 3 - because as usize).sum()
    }
}

/// The look of a file's sheets, those with the most known columns first; for a text file, the delimiter that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub sheets: Vec<SheetLook>,
    /// None for a workbook.
    pub delimiter: Option<u8>,
}

/// Looks at a file.
///
/// # Errors
/// A refusal of the whole file.
pub fn look(
    path: &str,
    bytes: &[u8],
    headings: &Headings,
    lists: (&Programs, &Participants),
) -> Result<Look, Refusal> {
    let read = |delimiter| guarded(|| sheets(path, bytes, headings, lists, delimiter));
    let (first, is_text) = read(None)?;
    if !is_text || first.first().is_some_and(SheetLook::is_plain) {
        return Ok(Look {
            sheets: first,
            delimiter: None,
        });
    }
    let mut best = Look::default();
    for (delimiter, _) in DELIMITERS {
        let (sheets, _) = read(Some(delimiter))?;
        let width = |sheets: &[SheetLook]| sheets.first().map_or(0, |sheet| sheet.columns.len());
        if width(&sheets) > width(&best.sheets) {
            best = Look {
                sheets,
                delimiter: Some(delimiter),
            };
        }
    }
    Ok(best)
}

/// The sheets, and whether the file is text.
fn sheets(
    path: &str,
    bytes: &[u8],
    headings: &Headings,
    lists: (&Programs, &Participants),
    delimiter: Option<u8>,
) -> Result<(Vec<SheetLook>, bool), Refusal> {
    let mut found = Vec::new();
    let mut is_text = false;
    let mut visit = |info: SheetInfo, source: &mut dyn CellSource| {
        is_text = info.name.is_none();
        let grid = first_rows(source)?;
        found.extend(sheet_look(info.name, &grid, headings, lists));
        Ok(())
    };
    visit_sheets(path, bytes, headings, delimiter, &mut visit)?;
    found.sort_by_key(|sheet| std::cmp::Reverse(sheet.certain()));
    Ok((found, is_text))
}

/// A row with its cells by column, ascending.
type GridRow = (u32, Vec<(u32, String)>);

fn first_rows(source: &mut dyn CellSource) -> Result<Vec<GridRow>, Refusal> {
    let mut grid: Vec<GridRow> = Vec::new();
    while let Some(cell) = source.next_cell()? {
        let text = cell.text.trim_matches(is_blank);
        if text.is_empty() || cell.column >= COLUMNS_LOOKED_AT {
            continue;
        }
        match grid.last_mut() {
            Some((row, cells)) if *row == cell.row => cells.push((cell.column, text.to_string())),
            _ if cell.row > ROWS_LOOKED_AT => return Ok(grid),
            _ => grid.push((cell.row, vec![(cell.column, text.to_string())])),
        }
    }
    Ok(grid)
}

fn sheet_look(
    name: Option<String>,
    grid: &[GridRow],
    headings: &Headings,
    lists: (&Programs, &Participants),
) -> Option<SheetLook> {
    let header = header_among(grid, headings)?;
    let (header_row, titles) = &grid[header];
    let rows = &grid[header + 1..];
    let mut columns: Vec<ColumnLook> = titles
        .iter()
        .map(|(column, heading)| ColumnLook {
            column: *column,
            heading: heading.clone(),
            example: String::new(),
            guess: None,
            unknown: Vec::new(),
        })
        .collect();
    let values: Vec<Vec<&str>> = columns
        .iter()
        .map(|column| values_of(rows, column.column))
        .collect();
    assign(&mut columns, &values, headings, lists);
    for (column, values) in columns.iter_mut().zip(&values) {
        column.example = example(column.guess, values.first().copied().unwrap_or_default());
        column.unknown = unknown_words(column.guess, values);
    }
    Some(SheetLook {
        name,
        header_row: *header_row,
        columns,
    })
}

/// The row that looks most like headings: the most known ones, or else the most texts without a digit.
fn header_among(grid: &[GridRow], headings: &Headings) -> Option<usize> {
    let score = |(_, cells): &GridRow| {
        let known = cells
            .iter()
            .filter(|(_, text)| headings.position(text).is_some());
        let worded = |text: &str| text.contains(char::is_alphabetic) && text.len() < 80;
        let texts = cells
            .iter()
            .filter(|(_, text)| worded(text) && !text.chars().any(char::is_numeric));
        (known.count(), texts.count())
    };
    let rows = grid.iter().enumerate();
    let among = rows.take_while(|(_, (row, _))| *row <= HEADER_ROWS_MAX);
    among
        .filter(|(_, (_, cells))| cells.len() > 1)
        .max_by(|(a, one), (b, other)| score(one).cmp(&score(other)).then(b.cmp(a)))
        .map(|(at, _)| at)
}

fn values_of(rows: &[GridRow], column: u32) -> Vec<&str> {
    let cells = rows.iter().filter_map(|(_, cells)| {
        let found = cells.binary_search_by_key(&column, |(column, _)| *column);
        found.ok().map(|at| cells[at].1.as_str())
    });
    cells.collect()
}

/// Gives each field its best column, and no column to two fields: by heading first, then by likeness, then by content; and to an
/// optional field last the only column that it can be.
fn assign(
    columns: &mut [ColumnLook],
    values: &[Vec<&str>],
    headings: &Headings,
    lists: (&Programs, &Participants),
) {
    let known = Field::ALL.into_iter();
    let mut is_free: Vec<Field> = known
        .filter(|field| headings.knows(*field as usize))
        .collect();
    let mut take = |columns: &mut [ColumnLook], at: usize, field: Field, because: Because| {
        if columns[at].guess.is_none() && is_free.contains(&field) {
            columns[at].guess = Some((field, because));
            is_free.retain(|free| *free != field);
        }
    };
    for at in 0..columns.len() {
        if let Some(known) = headings.position(&columns[at].heading) {
            take(columns, at, Field::ALL[known], Because::Heading);
        }
    }
    let mut near: Vec<(f64, usize, Field)> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        for (field, heading) in Field::ALL.into_iter().zip(headings.known()) {
            let nearness = if is_called_elsewhere(field, &column.heading) {
                1.0
            } else {
                heading.nearness(&column.heading)
            };
            let fits = !field.is_required() || content_fits(field, &values[at], lists);
            if nearness >= CANDIDATE_NEARNESS_MIN && fits {
                near.push((nearness, at, field));
            }
        }
    }
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, at, field) in near {
        take(columns, at, field, Because::Likeness);
    }
    // The order matters: a district's code could be a school's, and a grade could be a score.
    let telling = [
        Field::ProgramCode,
        Field::DistrictCode,
        Field::Sasid,
        Field::CompletionDate,
        Field::Grade,
        Field::Lunch,
        Field::SchoolCode,
    ];
    for field in telling {
        for (at, values) in values.iter().enumerate() {
            // Yes or no could answer any question.
            let tells = field != Field::Lunch || values.iter().any(|text| is_meal_word(text));
            if tells
                && content_fits(field, values, lists)
                && telling_heading(field, &columns[at].heading)
            {
                take(columns, at, field, Because::Content);
            }
        }
    }
    for (at, field) in asked_about(columns, values, lists) {
        take(columns, at, field, Because::Likeness);
    }
}

/// The column that a question would be about for each optional field (Q401), if it is the only one and its values fit.
fn asked_about(
    columns: &[ColumnLook],
    values: &[Vec<&str>],
    lists: (&Programs, &Participants),
) -> Vec<(usize, Field)> {
    let known = Field::ALL.into_iter();
    let optional = known.filter(|field| !field.is_required() && !field.is_name());
    let only = optional.filter_map(|field| {
        let mut like = columns.iter().enumerate().filter(|(_, column)| {
            column.guess.is_none() && is_like(&column.heading, field.title())
        });
        let (at, _) = like.next()?;
        let fits = values[at].is_empty() || content_fits(field, &values[at], lists);
        (fits && like.next().is_none()).then_some((at, field))
    });
    only.collect()
}

fn is_called_elsewhere(field: Field, heading: &str) -> bool {
    let written = normalise(heading);
    let mut of_field = ELSEWHERE.iter().filter(|(of, _)| *of == field);
    of_field.any(|(_, words)| words.iter().any(|word| normalise(word) == written))
}

/// Whether a heading allows what the content suggests: a birth date is a date, and a teacher's id has digits too.
fn telling_heading(field: Field, heading: &str) -> bool {
    let words = heading.to_lowercase();
    let speaks_against: &[&str] = match field {
        Field::CompletionDate => &[
            "birth", "dob", "enroll", "entry", "start", "exit", "withdraw",
        ],
        Field::Sasid => &["teacher", "staff", "phone", "parent", "provider", "section"],
        Field::SchoolCode => &["birth", "zip", "postal", "year", "course", "section"],
        _ => &[],
    };
    !speaks_against.iter().any(|word| words.contains(word))
}

fn is_meal_word(text: &str) -> bool {
    MEAL_WORDS.contains(&text.to_lowercase().as_str())
}

/// Whether nearly all values fit a field.
fn content_fits(
    field: Field,
    values: &[&str],
    (programs, participants): (&Programs, &Participants),
) -> bool {
    let fits = |text: &&&str| match field {
        Field::Sasid => text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()),
        Field::DistrictCode => values::padded_code(text)
            .is_some_and(|(code, _)| text.len() > 2 && participants.has_district(&code)),
        Field::SchoolCode => text.len() > 2 && values::padded_code(text).is_some(),
        Field::ProgramCode => programs.rank(&values::upper_case(text)).is_some(),
        Field::CompletionDate => text.len() > 5 && values::date(text, false).is_some(),
        Field::Grade => values::grade(text).is_some_and(|grade| grade >= 6),
        Field::Lunch => values::lunch(text, ANY_LETTERS).is_some(),
        _ => is_valid(field, text),
    };
    let fitting = values.iter().filter(fits).count();
    fitting >= FITTING_MIN.min(values.len().max(1)) && fitting * 10 >= values.len() * FITTING_OF_TEN
}

/// Whether a message could quote a value of an optional field, because it is one.
fn is_valid(field: Field, text: &str) -> bool {
    field.may_quote(&Quoted {
        text,
        is_number: false,
        is_listed: false,
    })
}

/// The column's first value, or its shape if it could identify a person.
fn example(guess: Option<(Field, Because)>, value: &str) -> String {
    match guess {
        Some((field, _)) if !field.is_private() || field == Field::ProgramName => {
            value.chars().take(EXAMPLE_CHARS_MAX).collect()
        }
        _ if value.is_empty() => String::new(),
        _ => describe(value),
    }
}

/// The words of a column that its field does not know, and that an office can give a meaning.
fn unknown_words(guess: Option<(Field, Because)>, values: &[&str]) -> Vec<String> {
    let Some((field, _)) = guess else {
        return Vec::new();
    };
    let is_known = |text: &str| match field {
        Field::Grade => values::grade(text).is_some(),
        Field::Lunch => values::lunch(text, ANY_LETTERS).is_some(),
        Field::GraduationCredit => values::answer(text).is_some(),
        _ => true,
    };
    let mut unknown: Vec<String> = Vec::new();
    for text in values {
        let is_new = !unknown.iter().any(|word| word.eq_ignore_ascii_case(text));
        if is_new && text.len() <= WORD_BYTES_MAX && !is_known(text) {
            unknown.push((*text).to_string());
        }
        if unknown.len() == UNKNOWN_WORDS_MAX {
            break;
        }
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::Layout;
    use crate::intake::lists::{read_participants, read_programs};

    fn columns(csv: &str) -> Vec<ColumnLook> {
        let programs = "Program Code,Program Name,Category\nIC101,Welding,industry_credential\nIC102,Carpentry,industry_credential\n";
        let programs = read_programs("programs.csv", programs.as_bytes()).unwrap();
        let participants =
            "District Code,School Code,Name,Kind,Participating\n0897,,Inkberry,district,Y\n";
        let participants = read_participants("participants.csv", participants.as_bytes()).unwrap();
        let headings = Layout::default().reading().headings;
        look(
            "a.csv",
            csv.as_bytes(),
            &headings,
            (&programs, &participants),
        )
        .unwrap()
        .sheets
        .remove(0)
        .columns
    }

    #[test]
    fn an_export_is_recognized_by_its_words_and_by_what_is_in_its_columns() {
        let csv = "Export of 5/1/2024\n\
            Last Name,DOB,Student State ID,Nbr,Grade Lvl,Cert,Earned Dt,Meal Code\n\
            Doe,1/2/2007,1000000001,0101,12,IC101,5/17/2024,F\n\
            Roe,3/4/2007,1000000002,0101,11,IC102,5/18/2024,P\n\
            Poe,5/6/2007,1000000003,0101,12,IC101,5/19/2024,R\n";
        let found: Vec<Option<(Field, Because)>> = columns(csv)
            .into_iter()
            .map(|column| column.guess)
            .collect();
        assert_eq!(
            found,
            [
                None,
                None,
                Some((Field::Sasid, Because::Likeness)),
                Some((Field::SchoolCode, Because::Content)),
                Some((Field::Grade, Because::Likeness)),
                Some((Field::ProgramCode, Because::Content)),
                Some((Field::CompletionDate, Because::Likeness)),
                Some((Field::Lunch, Because::Likeness)),
            ]
        );
    }

    #[test]
    fn what_other_systems_call_a_field_is_taken_for_it() {
        for (field, words) in ELSEWHERE {
            let value = match field {
                Field::Sasid => "1000000001",
                Field::ProgramCode => "IC101",
                Field::CompletionDate => "5/17/2024",
                Field::Grade => "12",
                _ => "F",
            };
            for word in *words {
                let found = &columns(&format!("Remarks,{word}\nnone,{value}\n"))[1];
                assert_eq!(found.guess, Some((*field, Because::Likeness)), "{word}");
            }
        }
    }

    #[test]
    fn an_optional_field_gets_the_only_heading_that_can_mean_it_if_its_values_fit() {
        let guessed = |csv: &str| -> Vec<Option<Field>> {
            let guesses = columns(csv).into_iter().map(|column| column.guess);
            guesses.map(|guess| Some(guess?.0)).collect()
        };
        let credit = Some(Field::GraduationCredit);
        assert_eq!(guessed("Remarks,Credit\nnone,Y\n"), [None, credit]);
        assert_eq!(guessed("Remarks,Credit\nnone,Biology\n"), [None, None]);
        assert_eq!(guessed("Grad,Credit\nY,Y\n"), [None, None]);
        assert_eq!(guessed("HS Credit,Credit\nY,Y\n"), [credit, None]);
    }

    #[test]
    fn the_examples_show_no_name_no_birth_date_and_no_id() {
        let csv = "First,DOB,SASID,Program Code\nMaria,2007-01-02,1000000001,IC101\n";
        let examples: Vec<String> = columns(csv)
            .into_iter()
            .map(|column| column.example)
            .collect();
        assert_eq!(
            examples,
            [
                "a text of 5 letters",
                "a text of 10 characters",
                "10 digits",
                "IC101"
            ]
        );
    }

    #[test]
    fn a_file_with_tabs_and_strange_headings_is_split_at_its_tabs() {
        let csv = "stateID\tCert Code\tMeal Status\n1000000001\tIC101\tFree\n";
        let found: Vec<Option<Field>> = columns(csv)
            .into_iter()
            .map(|column| column.guess.map(|(field, _)| field))
            .collect();
        assert_eq!(
            found,
            [
                Some(Field::Sasid),
                Some(Field::ProgramCode),
                Some(Field::Lunch)
            ]
        );
    }
}
