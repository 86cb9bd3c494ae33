//! The marked copy: the submitter's own values, and what is wrong with them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;

use calamine::{Data, Range, Reader as _, Xlsx};
use cdip::intake::completions::Field;
use cdip::report;
use cdip::report::earlier::Earlier;
use tempfile::TempDir;

use crate::batch_builder::{SASID, TestBatch, clean_row, headings, pupil};
use crate::spreadsheets::{Cell, cells, sheet, text_parts, xlsx};

/// The marked-up return of district 0010.
fn marked(batch: &TestBatch) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    report::write(
        &batch.calculated(),
        &Earlier::NotNamed,
        folder.path(),
        &|_, _, _| {},
    )
    .unwrap();
    fs::read(folder.path().join("entities/0010-First District.xlsx")).unwrap()
}

fn sheets(bytes: &[u8]) -> Vec<(String, Range<Data>)> {
    Xlsx::new(Cursor::new(bytes)).unwrap().worksheets()
}

/// A workbook with titles above the headings, a name column that the program does not know, a blank row, and values of every kind.
fn submission() -> Vec<u8> {
    let mut header: Vec<Cell> = vec![Cell::Text("Student Name".into())];
    header.extend(cells(&[headings()]).remove(0));
    let row = |code: Cell, grade: &str, date: Cell| {
        let text = |text: &str| Cell::Text(text.to_string());
        let mut row = vec![
            text("Zorro"),
            code,
            text("0101"),
            text(SASID),
            text(grade),
            text("IN1"),
            date,
            Cell::Boolean(false),
        ];
        row.push(text("=1+1"));
        row
    };
    let rows = vec![
        vec!["Return of 2023-24".into()],
        header,
        row(Cell::Text("0010".into()), "Alumni", Cell::Date(2024, 5, 17)),
        vec![],
        row(Cell::Number(10.0), "11", Cell::Number(45_429.0)),
    ];
    xlsx(&[sheet("Bob's list", rows)])
}

#[test]
fn values_come_back_at_their_own_addresses_as_what_they_were() {
    let bytes = marked(&TestBatch::new().file("submissions/0010.xlsx", submission()));
    let sheets = sheets(&bytes);
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Award", "What to fix", "Bob's list", "CdipChecks"]);
    let range = &sheets[2].1;
    let at = |row: u32, column: u32| {
        range
            .get_value((row, column))
            .cloned()
            .unwrap_or(Data::Empty)
    };
    assert_eq!(
        (at(1, 0), at(1, 1)),
        (
            Data::String("not copied".into()),
            Data::String("District Code".into())
        )
    );
    // B3 is text, B5 a number; the codes keep their kind.
    assert_eq!(
        (at(2, 1), at(4, 1)),
        (Data::String("0010".into()), Data::Float(10.0))
    );
    assert_eq!(at(2, 3), Data::String(SASID.into()));
    assert!(
        matches!(at(2, 6), Data::DateTime(date) if date.as_datetime().unwrap().date().to_string() == "2024-05-17")
    );
    assert_eq!(at(4, 6), Data::Float(45_429.0));
    assert_eq!(at(2, 7), Data::Bool(false));
    assert_eq!(at(2, 8), Data::String("=1+1".into()), "a text stays a text");
    assert!(
        (0..14).all(|column| at(0, column) == Data::Empty && at(3, column) == Data::Empty),
        "title and blank rows stay empty"
    );
    // The submission ends at L; M has the codes, N the outcome.
    assert_eq!(
        (at(1, 12), at(1, 13)),
        (Data::String("Codes".into()), Data::String("Outcome".into()))
    );
    assert_eq!(
        (at(2, 12), at(2, 13)),
        (
            Data::String("E204 E210".into()),
            Data::String("Rejected".into())
        )
    );
}

#[test]
fn a_faulty_cell_shows_its_code_has_a_note_and_is_linked() {
    let batch = TestBatch::new().file("submissions/0010.xlsx", submission());
    let parts: BTreeMap<String, String> = text_parts(&marked(&batch)).into_iter().collect();
    assert!(
        parts["xl/styles.xml"].contains("@&quot; [E204]&quot;"),
        "the code stands behind the value"
    );
    let notes: String = parts
        .iter()
        .filter(|(name, _)| name.starts_with("xl/comments"))
        .map(|(_, part)| part.as_str())
        .collect();
    assert!(
        notes.contains("ref=\"E3\"")
            && notes.contains("E204 Rejected: Grade is")
            && notes.contains("Fix: Enter 9, 10, 11 or 12")
    );
    assert!(
        parts["xl/worksheets/sheet2.xml"].contains("location=\"'Bob''s list'!E3\""),
        "quotes of a name are doubled"
    );
    assert!(
        parts["xl/worksheets/sheet3.xml"]
            .split("<f>")
            .skip(1)
            .all(|formula| formula.starts_with("TRIM(IF(")),
        "no formula but those of the last column"
    );
}

#[test]
fn nothing_of_a_column_that_the_program_does_not_know_comes_back() {
    let batch = TestBatch::new().file("submissions/0010.xlsx", submission());
    for (name, part) in text_parts(&marked(&batch)) {
        assert!(
            !part.contains("Zorro")
                && !part.contains("Student Name")
                && !part.contains("Return of"),
            "{name}"
        );
    }
}

#[test]
fn an_entity_without_findings_is_told_that_nothing_is_to_be_fixed() {
    // Another entity's grade cannot be read, so the report is not final.
    let batch = TestBatch::of(&[clean_row()]).rows(
        "submissions/0020.csv",
        &[clean_row()
            .with(Field::DistrictCode, "0020")
            .with(Field::Sasid, "1000000002")
            .with(Field::Grade, "Alumni")],
    );
    let sheets = sheets(&marked(&batch));
    let words: Vec<String> = sheets[1]
        .1
        .used_cells()
        .map(|(_, _, cell)| cell.to_string())
        .collect();
    assert!(
        words.iter().any(|word| word == "There is nothing to fix.")
            && words.iter().any(|word| word.starts_with("NOTHING TO FIX"))
    );
    assert_eq!(
        sheets[2].1.get_value((1, 12)).map(ToString::to_string),
        Some("Paid".to_string())
    );
}

#[test]
fn what_to_fix_has_a_question_before_what_blocks_nothing_and_quotes_no_text() {
    let batch = TestBatch::of(&[
        pupil(1).with(Field::Lunch, ""),
        // No file of 2023-24 can know of a day in 2042.
        pupil(2).with(Field::CompletionDate, "2042-05-17"),
        pupil(3).with(Field::Grade, "xx"),
        clean_row().with(Field::Sasid, "1111111111"),
    ]);
    let sheets = sheets(&marked(&batch));
    let rows = sheets[1].1.rows();
    let lines: Vec<Vec<String>> = rows
        .map(|row| row.iter().map(Data::to_string).collect())
        .collect();
    let kinds = lines.iter().skip_while(|line| line[0] != "Severity");
    let kinds: Vec<&Vec<String>> = kinds
        .skip(1)
        .take_while(|line| !line[1].is_empty())
        .collect();
    let codes: Vec<&str> = kinds.iter().map(|line| &*line[1]).collect();
    assert_eq!(codes, ["E204", "Q404", "N303", "W208"]);
    assert_eq!(kinds[2][3], "Correct the date.");
    // What the check says to a clerk about her own file is not said in a file of the state.
    let says = |text: &str| lines.iter().flatten().any(|cell| cell.contains(text));
    assert!(says("Grade is a text of 2 letters") && !says("\"xx\""));
}

#[test]
fn a_refused_file_stands_in_what_to_fix_without_a_sheet() {
    let batch = TestBatch::of(&[clean_row()]).file("submissions/0010-more.csv", "Name,Grade\n");
    let sheets = sheets(&marked(&batch));
    assert_eq!(
        sheets
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["Award", "What to fix", "0010"]
    );
    assert!(
        sheets[1]
            .1
            .used_cells()
            .any(|(_, _, cell)| *cell == Data::String("F103".into()))
    );
}

#[test]
fn a_return_that_is_sent_back_is_refused_for_its_rows_were_submitted_before() {
    let row = clean_row().with(Field::Grade, "12");
    let returned = marked(&TestBatch::of(&[row]));
    let calculation = TestBatch::new()
        .file("submissions/0010.xlsx", returned)
        .calculated();
    assert_eq!(
        calculation.intake.files[0].refused,
        Some(cdip::catalogue::Code::F105)
    );
    let refusal = |finding: &&cdip::finding::Finding| finding.code == cdip::catalogue::Code::F105;
    let finding = calculation.findings.iter().find(refusal).unwrap();
    assert!(finding.message.contains("made by cdip"));
    assert!(calculation.intake.completions.is_empty());
}
