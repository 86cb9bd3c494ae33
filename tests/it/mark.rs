//! `cdip check --mark`: a copy of the owner's file with everything to fix marked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Output;

use calamine::{Data, Range, Reader as _, Xlsx};
use cdip::intake::completions::Field;
use tempfile::TempDir;

use crate::batch_builder::{Row, SASID, TestBatch, clean_row, csv_of, headings, pupil, with_batch};
use crate::libreoffice;
use crate::spreadsheets::{
    Cell, Sheet, cells, delimited, ods, sheet, text_parts, with_parts, xlsx, zip_of,
};
use crate::support::{cdip, stderr, stdout};

/// A batch folder next to which a file lies.
fn desk(name: &str, bytes: impl AsRef<[u8]>) -> TempDir {
    let folder = with_batch();
    fs::write(folder.path().join(name), bytes).unwrap();
    folder
}

fn mark(folder: &Path, name: &str) -> Output {
    cdip(
        folder,
        &["check", name, "--batch", "batch", "--mark", "marked.xlsx"],
    )
}

/// A marked copy: its sheets as a reader sees them, and its parts.
struct Marked {
    sheets: Vec<(String, Range<Data>)>,
    parts: BTreeMap<String, String>,
}

impl Marked {
    /// The copy of a file with faults.
    fn of(name: &str, bytes: impl AsRef<[u8]>) -> Marked {
        let folder = desk(name, bytes);
        let output = mark(folder.path(), name);
        assert_eq!(
            (output.status.code(), stderr(&output).as_str()),
            (Some(1), "Marked: marked.xlsx\n")
        );
        Marked::open(&fs::read(folder.path().join("marked.xlsx")).unwrap())
    }

    fn open(bytes: &[u8]) -> Marked {
        let sheets = Xlsx::new(Cursor::new(bytes)).unwrap().worksheets();
        let parts = text_parts(bytes).into_iter().collect();
        Marked { sheets, parts }
    }

    fn names(&self) -> Vec<&str> {
        self.sheets.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// A cell of a sheet by its address.
    fn at(&self, sheet: usize, address: &str) -> Data {
        let letters: String = address
            .chars()
            .take_while(char::is_ascii_uppercase)
            .collect();
        let row: u32 = address[letters.len()..].parse().unwrap();
        let column = letters.bytes().fold(0, |column, letter| {
            column * 26 + u32::from(letter - b'A') + 1
        });
        self.sheets[sheet]
            .1
            .get_value((row - 1, column - 1))
            .cloned()
            .unwrap_or(Data::Empty)
    }

    /// *What to fix* as texts.
    fn to_fix(&self) -> Vec<Vec<String>> {
        let rows = self.sheets[0].1.rows();
        rows.map(|row| row.iter().map(Data::to_string).collect())
            .collect()
    }

    /// The sheet's notes by address.
    fn notes(&self, sheet: usize) -> BTreeMap<String, String> {
        let Some(links) = self
            .parts
            .get(&format!("xl/worksheets/_rels/sheet{}.xml.rels", sheet + 1))
        else {
            return BTreeMap::new();
        };
        let Some(target) = tags(links, "Relationship")
            .into_iter()
            .filter_map(|tag| attribute(tag, "Target"))
            .find(|to| to.contains("comments"))
        else {
            return BTreeMap::new();
        };
        let part = &self.parts[&target.replace("../", "xl/")];
        let notes = part.split("<comment ").skip(1);
        notes
            .map(|note| {
                (
                    attribute(note, "ref").unwrap().to_string(),
                    note.to_string(),
                )
            })
            .collect()
    }

    /// The number format of a cell, and whether it has a fill.
    fn style(&self, sheet: usize, address: &str) -> (String, bool) {
        let part = &self.parts[&format!("xl/worksheets/sheet{}.xml", sheet + 1)];
        let cell = tags(part, "c")
            .into_iter()
            .find(|tag| attribute(tag, "r") == Some(address))
            .unwrap_or_else(|| panic!("no cell {address}"));
        let styles = &self.parts["xl/styles.xml"];
        let formats = styles
            .split("<cellXfs")
            .nth(1)
            .unwrap()
            .split("</cellXfs>")
            .next()
            .unwrap();
        let format = tags(formats, "xf")[attribute(cell, "s").unwrap().parse::<usize>().unwrap()];
        let id = attribute(format, "numFmtId");
        let number_format = tags(styles, "numFmt")
            .into_iter()
            .find(|tag| attribute(tag, "numFmtId") == id);
        let number_format = number_format
            .and_then(|tag| attribute(tag, "formatCode"))
            .unwrap_or_default();
        // The first two fills are those that Excel keeps for itself.
        (
            number_format.to_string(),
            attribute(format, "fillId").unwrap().parse::<u32>().unwrap() >= 2,
        )
    }

    /// Follows every link of *What to fix*: the cell it jumps to is shaded, shows the finding's code and has it in its note. Returns
    /// the codes and places.
    fn follow_links(&self) -> BTreeSet<(String, String)> {
        let mut followed = BTreeSet::new();
        for link in tags(&self.parts["xl/worksheets/sheet1.xml"], "hyperlink") {
            let row = attribute(link, "ref")
                .unwrap()
                .trim_start_matches(|c: char| c.is_ascii_uppercase());
            let code = self.at(0, &format!("B{row}")).to_string();
            let location = attribute(link, "location").unwrap().replace("&apos;", "'");
            let (name, address) = location.rsplit_once('!').unwrap();
            let name = name
                .strip_prefix('\'')
                .unwrap()
                .strip_suffix('\'')
                .unwrap()
                .replace("''", "'");
            let sheet = self
                .names()
                .iter()
                .position(|sheet| *sheet == name)
                .unwrap_or_else(|| panic!("no sheet {name}"));
            if self.at(0, &format!("G{row}")) != Data::Empty {
                let (number_format, filled) = self.style(sheet, address);
                assert!(filled, "{code} at {location} is not shaded");
                let missing = Data::String("missing".to_string());
                let shown = number_format.contains(&code) || self.at(sheet, address) == missing;
                assert!(shown, "{code} at {location} is not shown: {number_format}");
                assert!(
                    self.notes(sheet)[address].contains(&format!("{code} ")),
                    "{code} at {location} is not in the note"
                );
            }
            followed.insert((code, address.to_string()));
        }
        followed
    }
}

fn tags<'p>(part: &'p str, name: &str) -> Vec<&'p str> {
    part.split(&format!("<{name} "))
        .skip(1)
        .map(|rest| &rest[..rest.find('>').unwrap()])
        .collect()
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let value = tag
        .split_once(&format!("{name}=\""))
        .filter(|(before, _)| before.is_empty() || before.ends_with(' '))?
        .1;
    value.split('"').next()
}

/// A sheet with a title above, a column that the program does not know, and in E3, E5 and I3 something to fix.
fn submission() -> Sheet {
    let mut header: Vec<Cell> = vec!["Student Name".into()];
    header.extend(cells(&[headings()]).remove(0));
    let row = |code: Cell, grade: &str, date: Cell, credit: &str| {
        let texts = ["0101", SASID, grade, "IN1"].map(Cell::from);
        [
            vec!["Zorro".into(), code],
            texts.to_vec(),
            vec![date, Cell::Boolean(false), credit.into()],
        ]
        .concat()
    };
    let rows = vec![
        vec!["Return of 2023-24".into()],
        header,
        row("0010".into(), "Alumni", Cell::Date(2024, 5, 17), "=1+1"),
        vec![],
        row(Cell::Number(10.0), "", Cell::Number(45_429.0), "No"),
    ];
    sheet("Bob's list", rows)
}

/// The faults of [`submission`]; the number 10 was read as 0010, and that is not one. Both rows are of one pupil, but rejected.
fn expected() -> BTreeSet<(String, String)> {
    [("E204", "E3"), ("E204", "E5"), ("E210", "I3")]
        .map(|(code, cell)| (code.to_string(), cell.to_string()))
        .into()
}

#[test]
fn a_workbook_comes_back_with_every_sheet_column_and_value_and_what_to_fix_marked() {
    let hidden = Sheet {
        name: "Old",
        hidden: true,
        rows: vec![vec!["Notes".into(), Cell::Number(0.1)], vec!["0880".into()]],
    };
    let given = with_parts(&xlsx(&[submission(), hidden]), |name, part| {
        let merged = "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:C1\"/></mergeCells>";
        if name == "xl/worksheets/sheet1.xml" {
            part.replace("</sheetData>", merged)
        } else {
            part
        }
    });
    let marked = Marked::of("0010.xlsx", &given);
    assert_eq!(
        marked.names(),
        ["What to fix", "Bob's list", "Old", "CdipChecks"]
    );
    let original = Xlsx::new(Cursor::new(&given[..])).unwrap().worksheets();
    let mut compared = 0;
    for ((_, given), (name, marked)) in original.iter().zip(&marked.sheets[1..]) {
        let (top, left) = given.start().unwrap();
        for (row, column, value) in given.used_cells() {
            let at = (
                top + u32::try_from(row).unwrap(),
                left + u32::try_from(column).unwrap(),
            );
            assert_eq!(marked.get_value(at), Some(value), "{name} {at:?}");
            compared += 1;
        }
    }
    // A title, 12 headings, 9 and 8 values, and 3 of the hidden sheet.
    assert_eq!(compared, 1 + 12 + 9 + 8 + 3);
    assert!(
        marked.parts["xl/worksheets/sheet2.xml"]
            .split("<f>")
            .skip(1)
            .all(|formula| formula.starts_with("TRIM(IF(")),
        "a text that begins with = is not a formula"
    );
    assert_eq!(marked.follow_links(), expected());
    // The sheet ends at L; M has the codes, N the outcome.
    assert_eq!(
        (
            marked.at(1, "M2").to_string(),
            marked.at(1, "N2").to_string()
        ),
        ("Codes".into(), "Outcome".into())
    );
    assert_eq!(
        (
            marked.at(1, "M3").to_string(),
            marked.at(1, "N3").to_string()
        ),
        ("E204 E210".into(), "Fix".into())
    );
    assert_eq!(
        (
            marked.at(1, "M5").to_string(),
            marked.at(1, "N5").to_string()
        ),
        ("E204".into(), "Fix".into())
    );
}

#[test]
fn a_note_says_what_is_wrong_and_the_fix() {
    let notes = Marked::of("0010.xlsx", xlsx(&[submission()])).notes(1);
    let note = &notes["E3"];
    assert!(
        note.contains("E204 Rejected: Grade is") && note.contains("Fix: Enter 9, 10, 11 or 12"),
        "{note}"
    );
}

#[test]
fn a_row_is_ready_at_the_right_edge_only_if_a_check_says_whether_it_qualifies() {
    let folder = desk("0010.csv", csv_of(&[clean_row()]));
    let edge = || {
        let marked = Marked::open(&fs::read(folder.path().join("marked.xlsx")).unwrap());
        ["L2", "M2"].map(|cell| marked.at(1, cell).to_string())
    };
    assert_eq!(mark(folder.path(), "0010.csv").status.code(), Some(0));
    assert_eq!(edge(), ["", "Ready"]);
    let without_lists = ["check", "0010.csv", "--mark", "marked.xlsx"];
    assert_eq!(cdip(folder.path(), &without_lists).status.code(), Some(0));
    assert_eq!(edge(), ["", "Can be read"]);
    let marked = Marked::open(&fs::read(folder.path().join("marked.xlsx")).unwrap());
    let about = "The column Outcome says of each row whether it can be read,";
    let mut cells = marked.sheets[0].1.used_cells();
    assert!(cells.any(|(.., cell)| cell.to_string().contains(about)));
}

#[test]
fn the_copy_begins_with_the_sentence_that_ends_the_check_and_its_rows_are_so_many() {
    let rows = [
        pupil(1),
        pupil(2),
        // The same completion again earns nothing, nor does one of the year before.
        pupil(2),
        pupil(3).with(Field::CompletionDate, "2023-06-30"),
        pupil(4).with(Field::Grade, "Alumni"),
        // Held: its district is another than the file's.
        pupil(5).with(Field::DistrictCode, "0020"),
        // It passes the checks, but its student id looks like a placeholder: a question, to be fixed.
        clean_row().with(Field::Sasid, "1111111111"),
    ];
    let folder = TestBatch::of(&[clean_row()])
        .rows(
            "submissions/0020.csv",
            &[pupil(6).with(Field::DistrictCode, "0020")],
        )
        .write_as_batch();
    fs::write(folder.path().join("0010.csv"), csv_of(&rows)).unwrap();
    let output = mark(folder.path(), "0010.csv");
    let text = stdout(&output);
    let sentence = text.trim_end().lines().last().unwrap().to_string();
    assert_eq!(
        sentence,
        "7 rows: 2 ready, 3 to fix, 2 earn nothing. Not checked: payments of earlier years, and what others report about the same pupils."
    );
    // The question comes first, and the codes that do not qualify have their counts.
    assert!(
        text.find("question[Q404]") < text.find("error[E204]"),
        "{text}"
    );
    assert!(text.contains("not qualified[N303]"), "{text}");

    let marked = Marked::open(&fs::read(folder.path().join("marked.xlsx")).unwrap());
    let first = &marked.sheets[0].1;
    assert!(
        first.used_cells().any(|(.., cell)| *cell == *sentence),
        "{first:?}"
    );
    let outcomes: Vec<String> = (2..9)
        .map(|row| marked.at(1, &format!("M{row}")).to_string())
        .collect();
    // A filter over the column finds the rows that the sentence counts.
    let words = ["Ready", "Look again", "Fix", "Earns nothing"];
    let count = |word: &str| outcomes.iter().filter(|outcome| *outcome == word).count();
    assert_eq!(words.map(count), [2, 0, 3, 2], "{outcomes:?}");
}

#[test]
fn the_copy_lists_the_most_urgent_first_quotes_what_was_typed_and_says_what_to_do_once() {
    let completions = [
        pupil(1).with(Field::CompletionDate, "2023-06-30"),
        pupil(2).with(Field::Lunch, ""),
        // No file of 2023-24 can know of a day in 2042.
        pupil(3).with(Field::CompletionDate, "2042-05-17"),
        pupil(4).with(Field::ProgramCode, "XX9"),
        clean_row().with(Field::Sasid, "1111111111"),
        pupil(5).with(Field::DistrictCode, "0020"),
        pupil(6).with(Field::Grade, "xx"),
    ];
    let mut rows = vec![headings()];
    rows.extend(completions.iter().map(Row::texts));
    rows.push(Vec::new());
    rows.push(vec![String::new(), "Total".into(), "7".into()]);
    let marked = Marked::of("0010.xlsx", xlsx(&[sheet("Spring", cells(&rows))]));
    let lines = marked.to_fix();
    let kinds = lines.iter().skip_while(|line| line[0] != "To do");
    let kinds = kinds.skip(1).take_while(|line| !line[1].is_empty());
    let kinds: Vec<[&str; 2]> = kinds.map(|line| [&*line[0], &*line[1]]).collect();
    assert_eq!(
        kinds,
        [
            ["Fix", "E204"],
            ["Fix", "W222"],
            ["Fix", "Q404"],
            ["Fix", "N301"],
            ["Fix", "N303"],
            ["Fix", "N304"],
            ["Look again", "W208"],
            ["Earns nothing", "N303"],
        ]
    );
    let mut to_come = lines.iter().filter(|line| line[..2] == ["Fix", "N303"]);
    assert!(to_come.all(|line| line[3] == "Correct the date."));
    let typed = "Grade is \"xx\", not K or 0-12";
    assert!(lines.iter().flatten().any(|cell| cell == typed));
}

#[test]
fn what_is_said_of_a_whole_row_stands_at_its_first_filled_cell_and_of_a_cell_at_that_cell() {
    let other_years = [
        pupil(1).with(Field::CompletionDate, "2023-06-30"),
        pupil(2),
        pupil(3).with(Field::CompletionDate, "2023-05-17"),
    ];
    // Two columns of hers behind ours, a blank row, a total and a note.
    let mut rows: Vec<Vec<String>> =
        vec![[headings(), vec!["Site".into(), "Notes".into()]].concat()];
    rows.extend(other_years.map(|row| [row.texts(), vec!["North".into(), String::new()]].concat()));
    rows.push(Vec::new());
    rows.push(vec![String::new(), "Total".into(), "3".into()]);
    rows.push(vec!["Note: checked by hand".into()]);
    let marked = Marked::of("0010.xlsx", xlsx(&[sheet("Spring", cells(&rows))]));
    let found = marked.follow_links();
    let at = |code: &str| -> Vec<&str> {
        let of_code = found.iter().filter(|(found, _)| found == code);
        of_code.map(|(_, cell)| cell.as_str()).collect()
    };
    assert_eq!(at("N303"), ["F2", "F4"]);
    assert_eq!(at("W222"), ["A7", "B6"]);
    // A row is deleted, not corrected: its words stay however its cells are changed.
    let says = marked.at(1, "P6").to_string();
    assert!(says.starts_with("The row looks like a total"), "{says}");
}

#[test]
fn the_columns_that_cdip_knows_have_the_templates_lists_while_there_is_something_to_correct() {
    let lists = |marked: &Marked| -> Vec<(String, String)> {
        let part = &marked.parts["xl/worksheets/sheet2.xml"];
        let rules = part.split("<dataValidation ").skip(1);
        rules
            .map(|rule| {
                let formula = rule.split_once("<formula1>").unwrap().1;
                let cells = attribute(rule, "sqref").unwrap().to_string();
                assert_ne!(attribute(rule, "showErrorMessage"), Some("1"), "{cells}");
                (
                    cells,
                    formula
                        .split_once('<')
                        .unwrap()
                        .0
                        .replace("&quot;", "")
                        .replace('"', ""),
                )
            })
            .collect()
    };
    let marked = Marked::of("0010.xlsx", xlsx(&[submission()]));
    // The headings are in row 2, the last row is 5. Grade, code, lunch, credit, score and year; six of seven programs qualify.
    let listed = |cells: &str, list: &str| (cells.to_string(), list.to_string());
    assert_eq!(
        lists(&marked),
        [
            listed("E3:E5", "9,10,11,12"),
            listed("F3:F5", "CdipChecks!$G$3:$G$8"),
            listed("H3:H5", "Yes,No,Free,Reduced,Paid"),
            listed("I3:I5", "Yes,No"),
            listed("J3:J5", "1,2,3,4,5"),
            listed("K3:K5", "2023-24"),
        ]
    );
    let folder = desk("0010.csv", csv_of(&[clean_row()]));
    mark(folder.path(), "0010.csv");
    let sound = Marked::open(&fs::read(folder.path().join("marked.xlsx")).unwrap());
    assert_eq!(lists(&sound), []);
}

#[test]
fn a_sheet_of_libreoffice_comes_back_as_a_workbook_of_excel() {
    let marked = Marked::of("0010.ods", ods(&[submission()]));
    assert_eq!(marked.names(), ["What to fix", "Bob's list", "CdipChecks"]);
    let text = |text: &str| Data::String(text.to_string());
    assert_eq!(
        [marked.at(1, "A1"), marked.at(1, "A3"), marked.at(1, "B3")],
        [text("Return of 2023-24"), text("Zorro"), text("0010")]
    );
    assert_eq!(
        [marked.at(1, "B5"), marked.at(1, "G5")],
        [Data::Float(10.0), Data::Float(45_429.0)]
    );
    assert!(
        matches!(marked.at(1, "G3"), Data::DateTime(date) if date.as_datetime().unwrap().date().to_string() == "2024-05-17")
    );
    assert_eq!(
        [marked.at(1, "H3"), marked.at(1, "I3")],
        [Data::Bool(false), text("=1+1")]
    );
    assert_eq!(marked.follow_links(), expected());
}

#[test]
fn text_comes_back_as_text_with_its_zeros_whatever_separates_it() {
    let faulty = clean_row()
        .with(Field::Grade, "Alumni")
        .with(Field::GraduationCredit, "=1+1")
        .texts();
    let named = |name: &str, texts: Vec<String>| [vec![name.to_string()], texts].concat();
    let rows = [named("Student Name", headings()), named("Zorro", faulty)];
    for (name, delimiter) in [("0010.csv", b','), ("0010.txt", b'|'), ("0010.txt", b'\t')] {
        let marked = Marked::of(name, delimited(&rows, delimiter));
        assert_eq!(marked.names(), ["What to fix", "0010", "CdipChecks"]);
        for (column, value) in ('A'..).zip(&rows[1]) {
            let expected = if value.is_empty() {
                Data::Empty
            } else {
                Data::String(value.clone())
            };
            assert_eq!(
                marked.at(1, &format!("{column}2")),
                expected,
                "{name} {column}2"
            );
        }
        let shaded: BTreeSet<_> = [("E204", "E2"), ("E210", "I2")]
            .map(|(code, cell)| (code.to_string(), cell.to_string()))
            .into();
        assert_eq!(marked.follow_links(), shaded);
        assert_eq!(marked.at(1, "N2").to_string(), "Fix");
    }
}

#[test]
fn a_refused_file_is_told_on_the_first_sheet_and_has_no_other() {
    let folder = desk("0010.xlsx", "PK\x03\x04 and then nothing");
    let output = mark(folder.path(), "0010.xlsx");
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(3), "Marked: marked.xlsx\n")
    );
    let marked = Marked::open(&fs::read(folder.path().join("marked.xlsx")).unwrap());
    assert_eq!(marked.names(), ["What to fix"]);
    assert!(
        marked.sheets[0]
            .1
            .used_cells()
            .any(|(_, _, cell)| *cell == "F101")
    );
}

#[test]
fn the_same_file_gives_the_same_bytes() {
    let folder = desk("0010.xlsx", xlsx(&[submission()]));
    let made = |out: &str| {
        let check = ["check", "0010.xlsx", "--batch", "batch", "--mark", out];
        let output = cdip(folder.path(), &check);
        assert_eq!(
            (output.status.code(), stderr(&output)),
            (Some(1), format!("Marked: {out}\n"))
        );
        fs::read(folder.path().join(out)).unwrap()
    };
    assert!(made("first.xlsx") == made("second.xlsx"));
}

#[test]
fn the_file_itself_is_never_overwritten() {
    let given = xlsx(&[submission()]);
    let folder = desk("0010.xlsx", &given);
    for out in ["0010.xlsx", "batch/../0010.xlsx"] {
        let output = cdip(
            folder.path(),
            &["check", "0010.xlsx", "--batch", "batch", "--mark", out],
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("the marked copy would take the place of the file itself"),
            "{}",
            stderr(&output)
        );
        assert!(fs::read(folder.path().join("0010.xlsx")).unwrap() == given);
    }
}

#[test]
fn one_file_is_marked_at_a_time_and_into_a_workbook() {
    let folder = desk("0010.csv", csv_of(&[clean_row()]));
    fs::write(folder.path().join("0020.csv"), csv_of(&[clean_row()])).unwrap();
    let refused = |arguments: &[&str], why: &str| {
        let output = cdip(folder.path(), arguments);
        assert!(
            output.status.code() == Some(2) && stderr(&output).contains(why),
            "{}",
            stderr(&output)
        );
        assert!(!folder.path().join("m.xlsx").exists());
    };
    refused(
        &["check", "0010.csv", "0020.csv", "--mark", "m.xlsx"],
        "give one file at a time with --mark",
    );
    refused(
        &["check", "--batch", "batch", "--mark", "m.xlsx"],
        "give one file at a time with --mark",
    );
    refused(
        &["check", "0010.csv", "--mark", "m.csv"],
        "give a name that ends in .xlsx",
    );
}

/// A sound workbook with other cells in row 9.
fn with_row_9(cells_of_row: &str) -> Vec<u8> {
    let sound = xlsx(&[sheet("Data", cells(&[headings(), clean_row().texts()]))]);
    with_parts(&sound, |name, part| match name {
        "xl/worksheets/sheet1.xml" => part.replace(
            "</sheetData>",
            &format!("<row r=\"9\">{cells_of_row}</row></sheetData>"),
        ),
        _ => part,
    })
}

#[test]
fn cells_out_of_order_come_back_in_order_and_one_named_twice_with_its_last_value() {
    let bytes =
        with_row_9("<c r=\"C9\"><v>3</v></c><c r=\"A9\"><v>1</v></c><c r=\"C9\"><v>4</v></c>");
    let marked = Marked::of("0010.xlsx", bytes);
    assert_eq!(
        [marked.at(1, "A9"), marked.at(1, "B9"), marked.at(1, "C9")],
        [
            Data::Float(1.0),
            Data::String("missing".to_string()),
            Data::Float(4.0)
        ]
    );
    let row = marked.parts["xl/worksheets/sheet2.xml"]
        .split("<row r=\"9\"")
        .nth(1)
        .unwrap()
        .split("</row>")
        .next()
        .unwrap();
    let columns: Vec<u8> = tags(row, "c")
        .into_iter()
        .map(|tag| attribute(tag, "r").unwrap().as_bytes()[0])
        .collect();
    assert!(
        columns.is_sorted_by(|a, b| a < b) && columns.len() > 3,
        "{columns:?}"
    );
}

#[test]
fn whatever_a_workbook_holds_its_marking_does_not_panic() {
    let sound = xlsx(&[sheet("Data", cells(&[headings(), clean_row().texts()]))]);
    let with_cell = with_row_9;
    let long = "\u{1f393}".repeat(20_000);
    let hostile = [
        with_cell("<c r=\"F9\"><v>1e999</v></c>"),
        with_cell("<c r=\"F9\"><v>NaN</v></c>"),
        with_cell("<c r=\"F9\"><v>-99999999</v></c>"),
        with_cell("<c r=\"XFD9\"><v>1</v></c>"),
        with_cell("<c r=\"A9\" t=\"e\"><v>#REF!</v></c>"),
        with_cell("<c r=\"A9\" t=\"b\"><v>7</v></c>"),
        with_cell(&format!(
            "<c r=\"A9\" t=\"inlineStr\"><is><t>{long}</t></is></c>"
        )),
        with_cell("<c r=\"A9\" t=\"inlineStr\"><is><t>_x0000_&#9;{=1}</t></is></c>"),
        sound[..sound.len() / 2].to_vec(),
    ];
    for (case, bytes) in hostile.into_iter().enumerate() {
        let folder = desk("0010.xlsx", bytes);
        let output = mark(folder.path(), "0010.xlsx");
        assert!(
            matches!(output.status.code(), Some(0 | 1 | 3)),
            "{case}: {}",
            stderr(&output)
        );
        assert_eq!(stderr(&output), "Marked: marked.xlsx\n", "{case}");
        Marked::open(&fs::read(folder.path().join("marked.xlsx")).unwrap());
    }
    let odd: Row = clean_row().with(Field::Grade, "a\u{0}b\u{7}");
    Marked::of("0010.csv", csv_of(&[odd]));
}

#[test]
fn a_copy_keeps_widths_titles_and_order_and_an_empty_faulty_cell_says_that_it_is_missing() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    sheet
        .merge_range(0, 0, 0, 3, "First District, spring", &bold)
        .unwrap();
    // Her own order, and a column of her own in front.
    let columns = [
        ("Room", "B12", 5),
        ("SASID", SASID, 22),
        ("Free/Reduced Lunch", "", 9),
        ("Grade", "Alumni", 7),
        ("District Code", "0010", 10),
        ("School Code", "0101", 10),
        ("Program Code", "IN1", 10),
        ("Completion Date", "2024-05-17", 12),
    ];
    for (column, (heading, text, width)) in (0..).zip(columns) {
        sheet.set_column_width(column, width).unwrap();
        sheet.write_string(1, column, heading).unwrap();
        if !text.is_empty() {
            sheet.write_string(2, column, text).unwrap();
        }
    }
    let marked = Marked::of("0010.xlsx", workbook.save_to_buffer().unwrap());
    for (column, (heading, ..)) in ('A'..).zip(columns) {
        assert_eq!(
            marked.at(1, &format!("{column}2")),
            Data::String(heading.to_string())
        );
    }
    // The lunch of row 3.
    assert_eq!(marked.at(1, "C3"), Data::String("missing".to_string()));
    let part = &marked.parts["xl/worksheets/sheet2.xml"];
    assert!(part.contains("<mergeCell ref=\"A1:D1\"/>"), "{part}");
    let width = |column: u32| {
        let tag = part
            .split("<col ")
            .find(|tag| tag.starts_with(&format!("min=\"{column}\"")))
            .unwrap();
        let text = tag
            .split_once("width=\"")
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap();
        text.split('.').next().unwrap().parse::<u32>().unwrap()
    };
    // As wide as she made them; the grade, 7 wide, has its code to show and gets 14.
    assert_eq!([width(1), width(2), width(5)], [5, 22, 10]);
    assert_eq!(width(4), 14);
}

/// A workbook whose owner gave its cells number formats, and its headings a color.
fn dressed_workbook() -> Vec<u8> {
    use rust_xlsxwriter::{Color, ExcelDateTime, Format, Workbook};
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let heading = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x001F_4E78))
        .set_font_color(Color::RGB(0x00FF_FFFF));
    let titles = headings();
    for (column, title) in (0..).zip(titles.iter().map(String::as_str).chain(["Fee"])) {
        sheet.write_with_format(0, column, title, &heading).unwrap();
    }
    let (code, date, fee) = (
        Format::new().set_num_format("0000"),
        Format::new().set_num_format("d-mmm-yy"),
        Format::new().set_num_format("_($* #,##0.00_);_($* (#,##0.00)"),
    );
    // The second row's date is of the year before.
    for (row, year, id) in [(1, 2024, SASID), (2, 2023, "1000000002")] {
        for (column, text) in (0..).zip(clean_row().with(Field::Sasid, id).texts()) {
            sheet.write_string(row, column, text).unwrap();
        }
        sheet.write_number_with_format(row, 0, 10, &code).unwrap();
        let day = ExcelDateTime::from_ymd(year, 5, 17).unwrap();
        let column = Field::CompletionDate as u16;
        sheet
            .write_datetime_with_format(row, column, &day, &date)
            .unwrap();
        let column = u16::try_from(titles.len()).unwrap();
        sheet
            .write_number_with_format(row, column, 12.5, &fee)
            .unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_copy_keeps_number_formats_and_colors_and_a_faulty_cell_shows_its_code_behind_its_own_format() {
    let folder = desk("0010.xlsx", dressed_workbook());
    mark(folder.path(), "0010.xlsx");
    let bytes = fs::read(folder.path().join("marked.xlsx")).unwrap();
    let mut copy = Xlsx::new(Cursor::new(bytes)).unwrap();
    let name = copy.sheet_names()[1].clone();
    let styles = copy.worksheet_style(&name).unwrap();
    let style = |row: u32, column: usize| {
        let column = u32::try_from(column).unwrap();
        styles.get((row, column)).unwrap().clone()
    };
    let shown = |row, column| style(row, column).number_format.unwrap().format_code;
    let (date, fee) = (Field::CompletionDate as usize, headings().len());
    assert_eq!(shown(1, date), "d-mmm-yy");
    assert_eq!(shown(2, date), "d-mmm-yy\" [N303]\"");
    // Its zeros were put back in reading: there is nothing to mark.
    assert_eq!(shown(1, 0), "0000");
    assert_eq!(shown(1, fee), "_($* #,##0.00_);_($* (#,##0.00)");
    let heading = style(0, fee);
    assert_eq!(
        heading.fill.unwrap().foreground_color,
        Some(calamine::Color::rgb(0x1F, 0x4E, 0x78))
    );
    let font = heading.font.unwrap();
    assert_eq!(font.color, Some(calamine::Color::rgb(0xFF, 0xFF, 0xFF)));
    assert_eq!(font.weight, calamine::FontWeight::Bold);
}

/// The cell of a field in the row after so many others.
fn address(field: Field, row: usize) -> String {
    format!("{}{}", char::from(b'A' + field as u8), row + 2)
}

/// A marked copy in whose second sheet somebody typed other texts.
fn retyped(bytes: &[u8], texts: &[(String, &str)]) -> Vec<u8> {
    let mut parts = Marked::open(bytes).parts;
    let sheet = parts.get_mut("xl/worksheets/sheet2.xml").unwrap();
    for (address, text) in texts {
        let (before, rest) = sheet.split_once(&format!("<c r=\"{address}\"")).unwrap();
        let (_, after) = rest.split_once("</c>").unwrap();
        *sheet =
            format!("{before}<c r=\"{address}\" t=\"inlineStr\"><is><t>{text}</t></is></c>{after}");
    }
    zip_of(&parts.into_iter().collect::<Vec<_>>())
}

#[test]
fn a_corrected_cell_of_a_marked_copy_is_not_called_wrong_any_more_and_another_fault_is() {
    // What the cell says, what corrects it, what does not, and what is then said of it.
    let cases = [
        (
            Field::DistrictCode,
            "12345",
            "0010",
            "x1",
            "District Code is not 4 digits.",
        ),
        (
            Field::SchoolCode,
            "12345",
            "0101",
            "x1",
            "School Code is not 4 digits.",
        ),
        (
            Field::Sasid,
            "123",
            "1000000099",
            "12",
            "SASID is not exactly 10 digits.",
        ),
        (Field::Grade, "13", "12", "14", "Grade is not K or 0-12."),
        (Field::Grade, "8", "12", "7", "The grade does not qualify."),
        (
            Field::ProgramCode,
            "XX9",
            "IN1",
            "XX8",
            "The program is not on the qualified list",
        ),
        (
            Field::CompletionDate,
            "May 2024",
            "2024-05-17",
            "soon",
            "Completion Date is not a date.",
        ),
        (
            Field::CompletionDate,
            "2023-05-17",
            "2024-05-17",
            "2025-05-17",
            "The completion date is outside",
        ),
        (
            Field::Lunch,
            "maybe",
            "No",
            "perhaps",
            "Free/Reduced Lunch is not yes or no.",
        ),
        (
            Field::Lunch,
            "",
            "No",
            "perhaps",
            "Free/Reduced Lunch is not yes or no.",
        ),
        (
            Field::GraduationCredit,
            "maybe",
            "Yes",
            "perhaps",
            "Graduation Credit is not yes or no.",
        ),
        // A formula that quotes a value cannot be ended by it.
        (
            Field::Grade,
            "1\"&CHAR(65)&\"",
            "12",
            "13",
            "Grade is not K or 0-12.",
        ),
        (Field::ApScore, "33", "3", "44", "AP Exam Score is not 1-5."),
    ];
    let rows: Vec<_> = (10..)
        .zip(&cases)
        .map(|(number, (field, faulty, ..))| pupil(number).with(*field, *faulty))
        .collect();
    let folder = desk("0010.csv", csv_of(&rows));
    mark(folder.path(), "0010.csv");
    let bytes = fs::read(folder.path().join("marked.xlsx")).unwrap();
    let marked = Marked::open(&bytes);
    assert_eq!(
        marked.at(1, "N1"),
        Data::String("What is wrong with this row".to_string())
    );
    let said = |texts: &dyn Fn(usize) -> Option<&'static str>| -> Option<Vec<String>> {
        let changed: Vec<(String, &str)> = (0..cases.len())
            .filter_map(|at| Some((address(cases[at].0, at), texts(at)?)))
            .collect();
        let at = TempDir::new().unwrap();
        let path = at.path().join("marked.xlsx");
        fs::write(&path, retyped(&bytes, &changed)).unwrap();
        let sheets = libreoffice::sheets(&path, at.path())?;
        let rows = &sheets.iter().find(|(name, _)| name == "0010").unwrap().1;
        Some(rows.iter().skip(1).map(|row| row[13].clone()).collect())
    };
    let Some(unchanged) = said(&|_| None) else {
        return;
    };
    let others = said(&|at| Some(cases[at].3)).unwrap();
    let mended = said(&|at| Some(cases[at].2)).unwrap();
    for (at, (field, _, _, _, says)) in cases.into_iter().enumerate() {
        let place = address(field, at);
        let cached = marked.at(1, &format!("N{}", at + 2));
        assert_eq!(Data::String(unchanged[at].clone()), cached, "{place}");
        assert!(
            unchanged[at].starts_with(&format!("{place}: ")),
            "{}",
            unchanged[at]
        );
        assert!(
            others[at].starts_with(&format!("{place}: {says}")),
            "{}",
            others[at]
        );
        assert_eq!(mended[at], "", "{place}");
    }
    // The mark vanishes with what was wrong.
    let part = &marked.parts["xl/worksheets/sheet2.xml"];
    assert!(
        part.contains("<conditionalFormatting sqref=\"F8 F9\""),
        "{part}"
    );
}

#[test]
fn what_the_template_said_of_a_row_is_not_copied_since_the_copy_says_it_anew() {
    let mut rows = vec![headings(), clean_row().with(Field::Grade, "Alumni").texts()];
    rows[0].extend(["Program of the code", "What is wrong with this row"].map(String::from));
    rows[1].extend(["IN1", "An old sentence."].map(String::from));
    // A row of formulas beneath the last completion.
    let mut blank = vec![String::new(); headings().len()];
    blank.extend(["", " "].map(String::from));
    rows.push(blank);
    let marked = Marked::of("0010.xlsx", xlsx(&[sheet("Completions", cells(&rows))]));
    let part = &marked.parts["xl/worksheets/sheet2.xml"];
    let texts = &marked.parts["xl/sharedStrings.xml"];
    assert!(!part.contains("An old sentence.") && !texts.contains("An old sentence."));
    assert!(
        part.contains("hidden=\"1\"") && !part.contains("<row r=\"3\""),
        "{part}"
    );
}
