//! The effects of the lines of `resolutions.csv`.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::Ended;
use super::duplicates::{participant, same_completion, standing};
use super::lines::{Told, about, at_source, decides, named, of_pupil, repeats};
use super::read::{Corrections, is_row};
use super::rules::WAIVABLE;
use super::says::{composed, says, trimmed, whole};
use super::texts::{Cells, FIELDS, Kind, Line, NUMBERS, Texts, is_asked};

/// How many fields the first version had.
const FIRST_FIELDS: usize = 11;

/// `r-` and the first 12 digits of the hash of the row's cells as found; a field that came later counts with its key, if it says
/// anything.
pub fn row_check(cells: &Cells) -> String {
    let mut texts: Vec<String> = cells.iter().map(|cell| trimmed(&cell.found)).collect();
    for (later, said) in texts.split_off(FIRST_FIELDS).into_iter().enumerate() {
        if !said.is_empty() {
            let key = FIELDS[FIRST_FIELDS + later]
                .to_lowercase()
                .replace(' ', "_");
            texts.extend([key, said]);
        }
    }
    let digest = Sha256::digest(texts.join("\u{1f}").as_bytes());
    let digits: String = digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("r-{digits}")
}

/// The positions of the lines of a decision that are still to be looked at.
fn open_lines(texts: &Texts, told: &Told, decision: &str) -> Vec<usize> {
    (0..texts.lines.len())
        .filter(|position| {
            !told.contains_key(position) && decides(&texts.lines[*position]) == decision
        })
        .collect()
}

/// The positions of those who participate, without those that a line excludes.
pub fn exclude(texts: &Texts, told: &mut Told) -> BTreeSet<usize> {
    let mut participating: BTreeSet<usize> = (0..texts.entities.len())
        .filter(|position| texts.entities[*position].participating)
        .collect();
    for position in open_lines(texts, told, "exclude") {
        match about(texts, &texts.lines[position]) {
            None => {
                told.insert(position, "W214");
            }
            Some(entity) if !participating.remove(&entity) => {
                told.insert(position, "W231");
            }
            Some(_) => {}
        }
    }
    participating
}

/// The file and the sheet of a line, and its row's cells.
fn cells_at<'a>(texts: &'a Texts, line: &Line) -> Option<(bool, &'a str, &'a str, u32, &'a Cells)> {
    let number: u32 = line.row.parse().ok()?;
    let file = texts
        .files
        .iter()
        .find(|file| composed(&file.path) == composed(&line.file))?;
    let sheet = file.sheets.iter().find(|sheet| {
        sheet.name == line.sheet || (line.sheet.is_empty() && file.sheets.len() == 1)
    })?;
    let row = sheet
        .rows
        .iter()
        .find(|row| row.number == number && is_row(row))?;
    Some((file.workbook, &file.path, &sheet.name, number, &row.cells))
}

fn check_fits(line: &Line, cells: &Cells) -> bool {
    line.check.is_empty() || line.check == row_check(cells)
}

/// What the cells are to be read as.
pub fn correct(texts: &Texts, told: &mut Told) -> Corrections {
    let mut corrections = Corrections::new();
    for position in open_lines(texts, told, "correct") {
        let line = &texts.lines[position];
        let field = FIELDS.iter().position(|title| *title == line.column);
        let field = field.filter(|field| is_asked(*field, &texts.rules));
        let (Some((workbook, file, sheet, row, cells)), Some(field)) =
            (cells_at(texts, line), field)
        else {
            told.insert(position, "W214");
            continue;
        };
        let cell = &cells[field];
        let mut words = vec![trimmed(&cell.found), says(workbook, &cell.found)];
        if NUMBERS.contains(&field) && cell.kind == Kind::Text {
            words.push(whole(&words[1]));
        }
        let words: Vec<String> = words.iter().map(|word| composed(word)).collect();
        let is = |text: &str| words.contains(&composed(&trimmed(text)));
        let place = (file.to_string(), sheet.to_string(), row, field);
        let fits = check_fits(line, cells);
        if fits && (is(&line.becomes) || (is(&line.was) && corrections.contains_key(&place))) {
            told.insert(position, "W231");
        } else if fits && is(&line.was) {
            corrections.insert(place, line.becomes.clone());
        } else {
            told.insert(position, "W214");
        }
    }
    corrections
}

/// The rows that a line about a file, a sheet or a row covers.
fn covered(texts: &Texts, line: &Line, rows: &[Ended]) -> Vec<usize> {
    let one_sheet = |row: &Ended| {
        texts
            .files
            .iter()
            .any(|file| file.path == row.file && file.sheets.len() == 1)
    };
    (0..rows.len())
        .filter(|position| {
            let row = &rows[*position];
            let whole_file = line.sheet.is_empty() && (line.row.is_empty() || one_sheet(row));
            composed(&row.file) == composed(&line.file)
                && (whole_file || row.sheet == line.sheet)
                && (line.row.is_empty() || line.row == row.row.to_string())
        })
        .collect()
}

fn codes_of(line: &Line) -> BTreeSet<&str> {
    line.codes.split_whitespace().collect()
}

fn only<'a>(codes: &BTreeSet<&'a str>, letters: &str) -> BTreeSet<&'a str> {
    codes
        .iter()
        .copied()
        .filter(|code| letters.contains(&code[..1]))
        .collect()
}

/// Appeals granted.
pub fn waive(texts: &Texts, told: &mut Told, rows: &mut [Ended]) {
    for position in open_lines(texts, told, "qualify") {
        let line = &texts.lines[position];
        let found = covered(texts, line, rows);
        let cells = cells_at(texts, line);
        let ([row], Some((.., cells))) = (&found[..], cells) else {
            told.insert(position, "W214");
            continue;
        };
        let row = &mut rows[*row];
        let reasons = only(&row.codes, "N");
        let can = reasons.iter().all(|code| WAIVABLE.contains(code));
        let exactly = !reasons.is_empty() && codes_of(line) == reasons && can;
        if check_fits(line, cells) && repeats(texts, told, position) {
            told.insert(position, "W231");
        } else if !exactly || !check_fits(line, cells) {
            told.insert(position, "W214");
        } else {
            row.waived = reasons;
            row.outcome = "";
        }
    }
}

/// Rows, sheets and files that leave the submission.
pub fn deny_by_source(texts: &Texts, told: &mut Told, rows: &mut [Ended]) {
    let mut done: Vec<Vec<usize>> = Vec::new();
    for position in open_lines(texts, told, "deny") {
        let line = &texts.lines[position];
        if of_pupil(line) {
            continue;
        }
        let found = covered(texts, line, rows);
        let checked = line.row.is_empty()
            || cells_at(texts, line).is_some_and(|(.., cells)| check_fits(line, cells));
        let exactly = line.codes.is_empty()
            || found
                .iter()
                .all(|row| only(&codes_of(line), "EN") == only(&rows[*row].codes, "EN"));
        // A line about a file's only row says the same as one about the file.
        let again = done.contains(&found);
        if !checked || found.is_empty() || !exactly {
            told.insert(position, "W214");
            continue;
        }
        if again {
            told.insert(position, "W231");
        }
        for row in &found {
            rows[*row].outcome = "denied";
            rows[*row].left = true;
        }
        done.push(found);
    }
}

/// The file is there, and the sheet if the line names one.
fn exists(texts: &Texts, line: &Line) -> bool {
    texts.files.iter().any(|file| {
        composed(&file.path) == composed(&line.file)
            && (line.sheet.is_empty() || file.sheets.iter().any(|sheet| sheet.name == line.sheet))
    })
}

/// The subject of an attest is there.
pub fn attestable(texts: &Texts, line: &Line) -> bool {
    if !at_source(line) {
        return about(texts, line).is_some();
    }
    if line.row.is_empty() {
        let mut passed_over = texts.passed_over.iter();
        return exists(texts, line)
            || passed_over.any(|file| composed(&file.path) == composed(&line.file));
    }
    cells_at(texts, line).is_some_and(|(.., cells)| check_fits(line, cells))
}

/// Decides held rows: what is denied before what is paid, so that the order of such lines changes nothing.
pub fn on_pupils(texts: &Texts, told: &mut Told, rows: &mut [Ended]) {
    for decision in ["deny", "pay"] {
        for position in open_lines(texts, told, decision) {
            let line = &texts.lines[position];
            if decision == "deny" && !of_pupil(line) {
                continue;
            }
            let held = held_rows(texts, line, rows);
            if repeats(texts, told, position) {
                told.insert(position, "W231");
            } else if held.is_empty() || !least_fits(texts, line, &rows[held[0]]) {
                told.insert(position, "W214");
            } else if decision == "deny" {
                for row in held {
                    rows[row].outcome = "denied";
                }
            } else {
                pay(held[0], rows);
            }
        }
    }
}

/// The held rows of the participant and the completion, in standing order.
fn held_rows(texts: &Texts, line: &Line, rows: &[Ended]) -> Vec<usize> {
    let (district, school) = named(texts, line);
    let mut held: Vec<usize> = (0..rows.len())
        .filter(|row| {
            let row = &rows[*row];
            row.outcome == "held"
                && row.sasid == line.sasid
                && row.program == composed(&line.program).to_uppercase()
                && participant(texts, row) == (district.as_str(), school.as_str())
        })
        .collect();
    held.sort_by(|a, b| standing(texts, &rows[*a], &rows[*b]));
    held
}

fn least_fits(texts: &Texts, line: &Line, row: &Ended) -> bool {
    let place = Line {
        file: row.file.clone(),
        sheet: row.sheet.clone(),
        row: row.row.to_string(),
        ..Line::default()
    };
    let (.., cells) = cells_at(texts, &place).expect("a held row is a row");
    (line.codes.is_empty() || codes_of(line) == row.codes) && check_fits(line, cells)
}

fn pay(taken: usize, rows: &mut [Ended]) {
    for other in 0..rows.len() {
        let open = rows[other].outcome == "held" || rows[other].outcome.is_empty();
        if other != taken && open && same_completion(&rows[other], &rows[taken]) {
            rows[other].outcome = "denied";
        }
    }
    rows[taken].outcome = "";
}
