//! Exports as three student systems make them (Infinite Campus, Power School, Synergy): some forty columns, titles above, a count below, and headings that
//! differ from the state's. A clerk can have them read without writing TOML, and cdip never reads a name or birth date.

use std::fs;
use std::path::Path;
use std::process::Output;

use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

use crate::batch_builder::{PARTICIPANTS, PROGRAMS};
use crate::support::{cdip, said};

/// What nobody may see: a last name, a first name, a birth date, an address and the ids of the pupils.
const SECRETS: [&str; 6] = [
    "Zubrowski",
    "Quillan",
    "3/14/2006",
    "2006-03-14",
    "12 Elm St",
    "10000000",
];

/// Our headings of the fields that are needed.
const OURS: [&str; 7] = [
    "SASID",
    "School Code",
    "Grade",
    "Program Code",
    "Completion Date",
    "Free/Reduced Lunch",
    "Graduation Credit",
];

/// A system's headings for the fields that are needed.
struct System {
    file: &'static str,
    /// In the order of [`OURS`]: heading, and what a row says under it.
    columns: Vec<(&'static str, &'static str)>,
    titles: &'static [&'static str],
    last: Option<&'static str>,
}

/// Columns that every system has and nobody needs.
const OTHERS: [(&str, &str); 33] = [
    ("Last Name", "Zubrowski"),
    ("First Name", "Quillan"),
    ("Middle Name", ""),
    ("Birth Date", "3/14/2006"),
    ("Gender", "F"),
    ("Race", "5"),
    ("Homeroom", "B12"),
    ("Counselor", "Zubrowski"),
    ("Language", "ENG"),
    ("IEP", "N"),
    ("Section 504", "N"),
    ("Gifted", "N"),
    ("Teacher ID", "9876543210"),
    ("Provider", "Mesa Tech"),
    ("Course", "HLTH 201"),
    ("Term", "S2"),
    ("GPA", "3.25"),
    ("Attendance", "96"),
    ("Bus", "7"),
    ("Phone", "7195550100"),
    ("Guardian", "Zubrowski"),
    ("Email", "q@example.org"),
    ("Street", "12 Elm St"),
    ("City", "Pueblo"),
    ("Zip", "81001"),
    ("Entry Date", "8/15/2023"),
    ("Exit Date", ""),
    ("Cohort", "2024"),
    ("Locker", "118"),
    ("Locker Combination", "12-8-30"),
    ("Residency", "R"),
    ("Tuition", "N"),
    ("Remarks", "Quillan asked"),
];

fn infinite_campus() -> System {
    System {
        file: "0010 adhoc export.xlsx",
        columns: vec![
            ("student.stateID", "1000000001"),
            ("sch.number", "0101"),
            ("student.grade", "12"),
            ("Cert Code", "IC1"),
            ("Earned Date", "5/17/2024"),
            ("Meal Status", "F"),
            ("HS Credit", "Y"),
        ],
        titles: &[
            "Ad hoc: CDIP completions",
            "First District, generated 6/3/2024",
        ],
        last: None,
    }
}

fn power_school() -> System {
    System {
        file: "0010 student.export.txt",
        columns: vec![
            ("State_StudentNumber", "1000000001"),
            ("SchoolID", "0101"),
            ("Grade_Level", "12"),
            ("Certification Code", "IC1"),
            ("Date Awarded", "05/17/2024"),
            ("LunchStatus", "F"),
            ("Grad Credit", "Yes"),
        ],
        titles: &[],
        last: None,
    }
}

fn synergy() -> System {
    System {
        file: "0010 Synergy.csv",
        columns: vec![
            ("State Student Number", "1000000001"),
            ("Building", "0101"),
            ("Gr", "12"),
            ("Industry Certification Code", "IC1"),
            ("Earned On", "5/17/2024"),
            ("Meal Code", "F"),
            ("Graduation Credits", "Y"),
        ],
        titles: &["Credential Earners", "Inkberry"],
        last: Some("Total Records: 6"),
    }
}

/// The rows of an export: titles, headings, six pupils, and the line below them. Names and birth dates stand among the rest.
fn rows(system: &System) -> Vec<Vec<String>> {
    let mut columns = OTHERS.to_vec();
    for (at, column) in system.columns.iter().enumerate() {
        columns.insert(4 + at * 5, *column);
    }
    let mut rows: Vec<Vec<String>> = system
        .titles
        .iter()
        .map(|title| vec![(*title).to_string()])
        .collect();
    rows.push(
        columns
            .iter()
            .map(|(heading, _)| (*heading).to_string())
            .collect(),
    );
    for pupil in 1..=6 {
        let cell = |(heading, text): &(&str, &str)| {
            let meals = ["F", "R", "P"];
            match *text {
                "1000000001" => format!("100000000{pupil}"),
                "F" if *heading != "Gender" => meals[pupil % 3].to_string(),
                text => text.to_string(),
            }
        };
        rows.push(columns.iter().map(cell).collect());
    }
    rows.extend(system.last.map(|last| vec![last.to_string()]));
    rows
}

fn ending(system: &System) -> Option<&'static str> {
    Path::new(system.file).extension()?.to_str()
}

fn write(system: &System, folder: &Path) {
    write_rows(system, folder, &rows(system));
}

fn write_rows(system: &System, folder: &Path, rows: &[Vec<String>]) {
    let path = folder.join(system.file);
    if ending(system) == Some("xlsx") {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (at, row) in (0..).zip(rows) {
            for (column, text) in (0..).zip(row) {
                sheet.write_string(at, column, text).unwrap();
            }
        }
        workbook.save(path).unwrap();
        return;
    }
    let tab = ending(system) == Some("txt");
    let mut writer = csv::WriterBuilder::new()
        .delimiter(if tab { b'\t' } else { b',' })
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    fs::write(path, writer.into_inner().unwrap()).unwrap();
}

/// A folder with an export and the department's two lists.
fn desk(system: &System) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("qualified-programs.csv"), PROGRAMS).unwrap();
    fs::write(folder.path().join("participants.csv"), PARTICIPANTS).unwrap();
    write(system, folder.path());
    folder
}

/// How a check of a whole export ends: the line that counts the records is a row to fix.
fn ready(system: &System) -> &'static str {
    if system.last.is_some() {
        "\n7 rows: 6 ready, 1 to fix."
    } else {
        "\n6 rows ready."
    }
}

fn checked(folder: &Path, arguments: &[&str]) -> Output {
    let all: Vec<&str> = std::iter::once("check")
        .chain(arguments.iter().copied())
        .collect();
    let output = cdip(folder, &all);
    let said = said(&output);
    for secret in SECRETS {
        assert!(!said.contains(secret), "{secret} is in: {said}");
    }
    output
}

#[test]
fn an_export_is_read_by_the_headings_that_were_guessed_saved_and_confirmed() {
    for system in [infinite_campus(), power_school(), synergy()] {
        let folder = desk(&system);
        let proposed = said(&checked(folder.path(), &[system.file]));
        assert!(
            proposed.contains("and what they probably are:"),
            "{proposed}"
        );
        // A line of the proposal is our heading, theirs and an example.
        let lines = proposed.lines().map(|line| {
            let cells = line.split("  ").map(str::trim);
            cells.filter(|cell| !cell.is_empty()).collect()
        });
        let lines: Vec<Vec<&str>> = lines.collect();
        for (ours, (theirs, _)) in OURS.iter().zip(&system.columns) {
            assert!(
                lines.iter().any(|line| line.starts_with(&[*ours, *theirs])),
                "{ours} is not {theirs} in: {proposed}"
            );
        }
        assert!(proposed.contains("District Code: 0010"), "{proposed}");
        for saved in ["headings.csv", "headings.xlsx"] {
            checked(folder.path(), &[system.file, "--columns-out", saved]);
            let output = checked(folder.path(), &[system.file, "--columns", saved]);
            let text = said(&output);
            assert!(text.contains(ready(&system)), "{}: {text}", system.file);
            assert!(
                text.contains("6 of 6 dates are in the school year 2023-24"),
                "{text}"
            );
        }
        let saved = fs::read_to_string(folder.path().join("headings.csv")).unwrap();
        for secret in SECRETS {
            assert!(!saved.contains(secret), "{secret} is in: {saved}");
        }
    }
}

#[test]
fn a_heading_that_is_a_number_is_a_heading() {
    // Every student system has a column for plans under section 504; its heading is often the number alone.
    for system in [infinite_campus(), power_school(), synergy()] {
        let folder = desk(&system);
        let mut rows = rows(&system);
        for cell in rows.iter_mut().flatten() {
            if cell == "Section 504" {
                *cell = "504".to_string();
            }
        }
        write_rows(&system, folder.path(), &rows);
        checked(
            folder.path(),
            &[system.file, "--columns-out", "headings.csv"],
        );
        let saved = fs::read_to_string(folder.path().join("headings.csv")).unwrap();
        assert!(saved.contains(",504,"), "{saved}");
        let text = said(&checked(
            folder.path(),
            &[system.file, "--columns", "headings.csv"],
        ));
        assert!(text.contains(ready(&system)), "{}: {text}", system.file);
    }
}

#[test]
fn a_file_without_headings_is_not_read_as_if_a_pupil_were_its_headings() {
    let system = synergy();
    let folder = desk(&system);
    let pupils: Vec<Vec<String>> = rows(&system)
        .into_iter()
        .filter(|row| row.iter().any(|cell| cell == "Zubrowski"))
        .collect();
    assert_eq!(pupils.len(), 6);
    write_rows(&system, folder.path(), &pupils);
    let output = checked(
        folder.path(),
        &[system.file, "--columns-out", "headings.csv"],
    );
    assert!(
        said(&output).contains("no sheet of the file has a row of headings"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_line_that_counts_the_records_is_one_finding_and_no_pupil() {
    let system = synergy();
    let folder = desk(&system);
    checked(
        folder.path(),
        &[system.file, "--columns-out", "headings.csv"],
    );
    let text = said(&checked(
        folder.path(),
        &[system.file, "--columns", "headings.csv"],
    ));
    assert!(text.contains("warning[W222]"), "{text}");
    assert!(!text.contains("error["), "{text}");
    assert!(text.contains("7 rows: 6 ready, 1 to fix."), "{text}");
    let all = said(&checked(
        folder.path(),
        &[system.file, "--columns", "headings.csv", "--all"],
    ));
    assert!(all.contains("error[E203]"), "{all}");
}

#[test]
fn a_word_that_nobody_knows_waits_for_its_meaning() {
    let system = synergy();
    let folder = desk(&system);
    let file = folder.path().join(system.file);
    let text = fs::read_to_string(&file).unwrap();
    // One of the six pays for lunch by the district's own word.
    fs::write(&file, text.replacen(",P,", ",Std,", 1)).unwrap();
    checked(
        folder.path(),
        &[system.file, "--columns-out", "headings.csv"],
    );
    let refused = said(&checked(
        folder.path(),
        &[system.file, "--columns", "headings.csv"],
    ));
    assert!(
        refused.contains("\"?\" is not a value of Free/Reduced Lunch"),
        "{refused}"
    );
    let path = folder.path().join("headings.csv");
    let saved = fs::read_to_string(&path).unwrap();
    assert!(saved.contains("Free/Reduced Lunch: ?,Std,"), "{saved}");
    fs::write(&path, saved.replace("Lunch: ?", "Lunch: no")).unwrap();
    let text = said(&checked(
        folder.path(),
        &[system.file, "--columns", "headings.csv"],
    ));
    assert!(text.contains("\n7 rows: 6 ready, 1 to fix."), "{text}");
}

#[test]
fn a_file_of_headings_that_is_there_is_never_overwritten() {
    let system = infinite_campus();
    let folder = desk(&system);
    fs::write(folder.path().join("headings.csv"), "mine").unwrap();
    let output = checked(
        folder.path(),
        &[system.file, "--columns-out", "headings.csv"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        fs::read_to_string(folder.path().join("headings.csv")).unwrap(),
        "mine"
    );
}

#[test]
fn the_year_that_the_dates_say_is_told_before_anything_else() {
    let system = synergy();
    let folder = desk(&system);
    checked(
        folder.path(),
        &[system.file, "--columns-out", "headings.csv"],
    );
    let output = checked(
        folder.path(),
        &[
            system.file,
            "--columns",
            "headings.csv",
            "--rules",
            "2023-24",
        ],
    );
    let text = said(&output);
    let first = text.lines().nth(1).unwrap();
    assert!(
        first.starts_with(
            "6 of 6 dates are in the school year 2023-24 (7/1/2023 to 6/30/2024). But"
        ),
        "{text}"
    );
    assert!(first.contains("check with --rules 2024-25"), "{text}");
}

#[test]
fn a_folder_with_the_lists_is_checked_without_the_lists_as_submissions() {
    let system = synergy();
    let folder = desk(&system);
    checked(
        folder.path(),
        &[system.file, "--columns-out", "headings.csv"],
    );
    fs::write(folder.path().join("factors.json"), "{}").unwrap();
    let text = said(&checked(folder.path(), &[".", "--columns", "headings.csv"]));
    assert!(!text.contains("refused"), "{text}");
    assert!(
        text.starts_with("Checked against qualified-programs.csv and participants.csv, which are near the file.\n"),
        "{text}"
    );
    assert!(
        text.ends_with(
            "Not checked: payments of earlier years, and what others report about the same pupils.\n"
        ),
        "{text}"
    );
}
