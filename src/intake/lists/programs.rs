//! The list of qualified programs.

use std::collections::HashMap;

use super::meant;
use super::table::{Faults, List, ListRow, answer_text, list_columns, to_csv};
use crate::ranks::ProgramRank;
use crate::rules::terms::Category;
use crate::stop::Stop;
use crate::year::Year;

list_columns!(Column {
    Code: required "program_code" "Program Code";
    Name: required "program_name" "Program Name";
    Category: required "category" "Category";
    Sector: optional "sector" "Sector";
    Top10: optional "top_10" "Top 10";
    First: optional "first_school_year" "First School Year";
    Last: optional "last_school_year" "Last School Year";
});

/// A program of the qualified list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Upper case.
    pub code: String,
    pub name: String,
    /// Decides the tier.
    pub category: Category,
    /// The sector of the economy; may be empty.
    pub sector: String,
    /// Whether it is one of the ten credentials of highest need; this pays nothing extra.
    pub top_10: bool,
    /// The first school year on the list; none means always.
    pub first: Option<Year>,
    /// The last; none means until further notice.
    pub last: Option<Year>,
}

impl Program {
    /// Whether it is on the list for a school year.
    #[must_use]
    pub fn qualifies_in(&self, year: Year) -> bool {
        self.first.is_none_or(|first| first <= year) && self.last.is_none_or(|last| year <= last)
    }

    /// The first column in which two entries differ: by meaning, not by how it is written.
    fn difference(&self, other: &Program) -> Column {
        [
            (self.code == other.code, Column::Code),
            (self.name == other.name, Column::Name),
            (self.category == other.category, Column::Category),
            (self.sector == other.sector, Column::Sector),
            (self.top_10 == other.top_10, Column::Top10),
            (self.first == other.first, Column::First),
            (self.last == other.last, Column::Last),
        ]
        .into_iter()
        .find(|(same, _)| !same)
        .map_or(Column::Code, |(_, column)| column)
    }
}

/// The qualified list, in ascending order of code: a position is the code's rank.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    programs: Vec<Program>,
    by_code: HashMap<String, ProgramRank>,
}

impl Programs {
    /// The programs by rank.
    #[must_use]
    pub fn all(&self) -> &[Program] {
        &self.programs
    }

    /// The list as text under its own headings; reading it gives this list again.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let year = |year: Option<Year>| year.map(|year| year.to_string()).unwrap_or_default();
        to_csv::<Column>(self.programs.iter().map(|program| {
            vec![
                program.code.clone(),
                program.name.clone(),
                program.category.as_str().to_string(),
                program.sector.clone(),
                answer_text(program.top_10),
                year(program.first),
                year(program.last),
            ]
        }))
    }

    /// The rank of a code in upper case.
    #[must_use]
    pub fn rank(&self, code: &str) -> Option<ProgramRank> {
        self.by_code.get(code).copied()
    }
}

/// Reads the qualified list.
///
/// # Errors
/// A [`Stop`] with every fault of the list and its cells.
pub fn read_programs(file: &str, bytes: &[u8]) -> Result<Programs, Stop> {
    let list: List<'_, Column> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let mut seen: HashMap<String, (usize, Program)> = HashMap::new();
    for (position, row) in list.rows().iter().enumerate() {
        let Some(program) = program(&list, row, &mut faults) else {
            continue;
        };
        match seen.get(&program.code) {
            Some((first, other)) if *other != program => {
                let message = format!(
                    "program {} is listed twice with different content",
                    program.code
                );
                list.contradiction(
                    &mut faults,
                    (&list.rows()[*first], row),
                    other.difference(&program),
                    message,
                    "leave one of the two rows",
                );
            }
            Some(_) => {}
            None => {
                seen.insert(program.code.clone(), (position, program));
            }
        }
    }
    let mut programs: Vec<Program> = seen.into_values().map(|(_, program)| program).collect();
    programs.sort_by(|a, b| a.code.cmp(&b.code));
    let by_code = programs
        .iter()
        .enumerate()
        .map(|(rank, program)| (program.code.clone(), ProgramRank::new(rank)))
        .collect();
    faults.or(Programs { programs, by_code })
}

/// The program of a row. Checks every cell, so that all faults are reported at once.
fn program(list: &List<'_, Column>, row: &ListRow<Column>, faults: &mut Faults) -> Option<Program> {
    let code = list.program_code(faults, row, Column::Code);
    let category = category(list, row, faults);
    let top_10 = list.yes(faults, row, Column::Top10);
    let first_year = school_year(list, row, Column::First, faults);
    let last_year = school_year(list, row, Column::Last, faults);
    Some(Program {
        code: code?,
        name: row.text(Column::Name).to_string(),
        category: category?,
        sector: row.text(Column::Sector).to_string(),
        top_10: top_10?,
        first: first_year?,
        last: last_year?,
    })
}

fn category(
    list: &List<'_, Column>,
    row: &ListRow<Column>,
    faults: &mut Faults,
) -> Option<Category> {
    let text = row.text(Column::Category);
    let category = Category::parse(text);
    if category.is_none() {
        list.fault(
            faults,
            (row, Column::Category),
            format!("unknown category \"{text}\""),
            meant::category(text),
        );
    }
    category
}

/// A year, none for an empty cell; nothing if it is faulty.
#[allow(clippy::option_option)] // Three answers: a year, no end, and a fault that was recorded.
fn school_year(
    list: &List<'_, Column>,
    row: &ListRow<Column>,
    column: Column,
    faults: &mut Faults,
) -> Option<Option<Year>> {
    let text = row.text(column);
    if text.is_empty() {
        return Some(None);
    }
    let year = Year::parse_loosely(text);
    if year.is_none() {
        list.fault(
            faults,
            (row, column),
            format!("\"{text}\" is not a school year"),
            "write a year such as 2023-24, or leave it empty",
        );
    }
    year.map(Some)
}
