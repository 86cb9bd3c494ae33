//! Rows and their errors.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{Column, evidence, mapped};
use super::says::{code, credit, grade, is_digits, lunch, says, trimmed, whole};
use super::texts::{Cell, FIELDS, File, NUMBERS, Row, Texts, WHOLE};
use super::{
    CREDIT, DATE, DISTRICT, Ended, GRADE, LUNCH, PROGRAM, SASID, SCHOOL, SCHOOL_YEAR, dates,
};

/// What cells are read as: file, sheet, row, field.
pub type Corrections = BTreeMap<(String, String, u32, usize), String>;

/// A row in which no field has text is not one.
pub fn is_row(row: &Row) -> bool {
    row.cells
        .iter()
        .any(|cell| !trimmed(&cell.found).is_empty())
}

/// Every row that is one, with what can be read of it, in the order of the batch.
pub fn rows(texts: &Texts, corrections: &Corrections) -> Vec<Ended> {
    let mut rows = Vec::new();
    for file in &texts.files {
        for (sheet_order, sheet) in file.sheets.iter().enumerate() {
            let column = evidence(texts, file, sheet);
            for row in sheet.rows.iter().filter(|row| is_row(row)) {
                let mut cells = row.cells.clone();
                for (field, cell) in cells.iter_mut().enumerate() {
                    let place = (file.path.clone(), sheet.name.clone(), row.number, field);
                    if let Some(becomes) = corrections.get(&place) {
                        *cell = Cell::text(becomes);
                    }
                }
                let mut ended = read_row(texts, file, &cells, column);
                ended.file.clone_from(&file.path);
                ended.sheet.clone_from(&sheet.name);
                ended.sheet_order = sheet_order;
                ended.row = row.number;
                if !row.behind.is_empty() {
                    ended.codes.insert("E211");
                }
                ended.outcome = if ended.readable() { "" } else { "rejected" };
                rows.push(ended);
            }
        }
    }
    rows.sort_by(|a, b| {
        (a.file.as_bytes(), a.sheet_order, a.row).cmp(&(b.file.as_bytes(), b.sheet_order, b.row))
    });
    rows
}

/// What the fields say: whole numbers without decimals, own words as what they mean.
fn fields(texts: &Texts, file: &File, cells: &[Cell; FIELDS.len()]) -> Vec<String> {
    let of_field = |(field, cell): (usize, &Cell)| {
        let mut text = says(file.workbook, &cell.found);
        if let Some(meaning) = mapped(texts, field, &text) {
            text = meaning;
        }
        if NUMBERS.contains(&field) {
            text = whole(&text);
        }
        text
    };
    cells.iter().enumerate().map(of_field).collect()
}

fn four_digits(
    text: &str,
    error: &'static str,
    warning: &'static str,
    ended: &mut Ended,
) -> String {
    let Some((code, padded)) = code(text) else {
        ended.codes.insert(error);
        return text.to_string();
    };
    if padded {
        ended.warnings.insert(warning);
    }
    code
}

fn read_row(texts: &Texts, file: &File, cells: &[Cell; FIELDS.len()], column: Column) -> Ended {
    let fields = fields(texts, file, cells);
    let mut ended = Ended::default();
    ended.district = four_digits(&fields[DISTRICT], "E201", "W201", &mut ended);
    ended.school = four_digits(&fields[SCHOOL], "E202", "W202", &mut ended);
    let mut errors = BTreeSet::new();
    let mut require = |fine: bool, error: &'static str| {
        if !fine {
            errors.insert(error);
        }
    };
    require(
        fields[SASID].len() == 10 && is_digits(&fields[SASID]),
        "E203",
    );
    ended.grade = grade(&fields[GRADE]);
    require(ended.grade.is_some(), "E204");
    require(!fields[PROGRAM].is_empty(), "E205");
    let date = dates::date(cells[DATE].kind, &fields[DATE], column.day_first);
    require(date.is_some(), "E206");
    ended.lunch = lunch(&fields[LUNCH], &column);
    require(ended.lunch.is_some(), "E208");
    for (field, least, most, error) in WHOLE {
        let text = fields[field].as_str();
        let mut numbers = (least..=most).map(|number| number.to_string());
        require(
            text.is_empty() || numbers.any(|number| number == text),
            error,
        );
    }
    require(credit(&fields[CREDIT]).is_some(), "E210");
    ended.codes.extend(errors);
    if fields[LUNCH].is_empty() {
        ended.warnings.insert("W208");
    }
    if date.as_ref().is_some_and(|(_, two_digits)| *two_digits) {
        ended.warnings.insert("W226");
    }
    let first = texts.rules.first_year;
    let year = format!("{first}-{:02}", (first + 1) % 100);
    if !fields[SCHOOL_YEAR].is_empty() && fields[SCHOOL_YEAR] != year {
        ended.warnings.insert("W213");
    }
    ended.sasid.clone_from(&fields[SASID]);
    ended.program = fields[PROGRAM].to_uppercase();
    ended.date = date.map_or(fields[DATE].clone(), |(date, _)| date);
    ended.says = fields;
    ended
}
