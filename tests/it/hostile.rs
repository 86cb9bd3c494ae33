//! Damaged and malicious files: each has a defined behavior and one clear finding, and none can crash the program or fill its memory.
//! The last test makes `docs/hostile-inputs.md`.

use std::io::{Cursor, Write as _};

use cdip::calculation::Calculation;
use cdip::catalogue::{Code, Severity};
use cdip::decision::Outcome;
use cdip::intake::completions::Field;
use cdip::intake::limits;
use cdip::stop::Status;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::batch_builder::{
    Row, SASID, TestBatch, clean_row, codes_found, csv_of, headings, pupil, rows_ended, submitted,
    table_of,
};
use crate::binary::{
    contained, xls, xls_1904, xls_begin, xls_head, xls_of, xls_record, xlsb, xlsb_1904, xlsb_of,
    xlsb_record, xlsb_sheet,
};
use crate::spreadsheets::{
    Cell, Sheet, cells, delimited, ods, parts, sheet, with_parts, xlsx, zip_of,
};

fn table(rows: &[Row]) -> Vec<Vec<Cell>> {
    cells(&table_of(rows))
}

fn workbook() -> Vec<u8> {
    xlsx(&[sheet("Sheet1", table(&[clean_row()]))])
}

/// The codes of the findings on a row.
fn codes_on(calculation: &Calculation, row: u32) -> Vec<&'static str> {
    calculation
        .findings
        .iter()
        .filter(|finding| finding.row == Some(row))
        .map(|finding| finding.code.as_str())
        .collect()
}

// What people did not mean.

#[test]
fn invisible_characters_around_a_text_are_white_space() {
    for blank in [
        "\u{200b}",
        "\u{feff}",
        "\u{200c}",
        "\u{200d}",
        "\u{2060}",
        "\u{ad}",
        "\u{200e}",
        "\u{a0}\u{200b} ",
    ] {
        let mut row = clean_row();
        for field in Field::ALL {
            let text = format!("{blank}{}{blank}", row.text(field));
            row = row.with(field, text);
        }
        let calculation = TestBatch::of(&[row]).calculated();
        assert_eq!(
            rows_ended(&calculation),
            [(2, Outcome::Paid, String::new())],
            "{blank:?}"
        );
        // Lunch, score and year that hold nothing else are empty; only an empty lunch would be said, and it is none here.
        assert_eq!(codes_found(&calculation), [], "{blank:?}");
    }
    // A row of nothing else is not a row.
    let blank = Field::ALL.map(|_| "\u{200b}".to_string()).to_vec();
    let calculation = submitted(
        "0010.csv",
        delimited(&[headings(), blank, clean_row().texts()], b','),
    );
    assert_eq!(
        rows_ended(&calculation),
        [(3, Outcome::Paid, String::new())]
    );
}

#[test]
fn an_invisible_character_inside_a_text_is_named_and_the_text_read_strictly() {
    for (field, text, code, name) in [
        (
            Field::Sasid,
            "10000\u{200b}00001",
            "E203",
            "a zero-width space",
        ),
        (Field::DistrictCode, "00\u{ad}10", "E201", "a soft hyphen"),
        (Field::ProgramCode, "IN\u{2060}1", "N301", "a word joiner"),
        (Field::Lunch, "N\u{200d}o", "E208", "a zero-width joiner"),
        (
            Field::SchoolYear,
            "2023\u{feff}-24",
            "W213",
            "a byte order mark",
        ),
        (Field::ProgramCode, "IN\u{a0}1", "N301", "a no-break space"),
    ] {
        let calculation = TestBatch::of(&[clean_row().with(field, text)]).calculated();
        let found: Vec<&str> = codes_on(&calculation, 2);
        assert_eq!(found, [code, "W221"], "{text:?}");
        let message = format!(
            "{} holds {name}, which cannot be seen, so it is not the text that it looks like",
            field.title()
        );
        assert_eq!(calculation.findings[1].message, message);
    }
    let calculation =
        TestBatch::of(&[clean_row().with(Field::Sasid, "10000\u{200b}00001")]).calculated();
    let message = "SASID is a text of 11 characters with a zero-width space in it; it must have exactly 10 digits";
    assert_eq!(calculation.findings[0].message, message);
}

/// What is said of a row beneath a clean one, next to its codes; the row ends as rejected.
fn looks(row: &[&str]) -> String {
    let row: Vec<String> = row.iter().map(ToString::to_string).collect();
    let calculation = submitted(
        "0010.csv",
        delimited(&[headings(), clean_row().texts(), row.clone()], b','),
    );
    assert_eq!(rows_ended(&calculation)[0].1, Outcome::Paid);
    assert_eq!(rows_ended(&calculation)[1].1, Outcome::Rejected, "{row:?}");
    let said: Vec<_> = calculation
        .findings
        .iter()
        .filter(|finding| finding.code == Code::W222)
        .collect();
    assert!(said.len() <= 1);
    assert!(
        said.iter()
            .all(|finding| finding.place() == "submissions/0010.csv, line 3")
    );
    said.first()
        .map(|finding| finding.message.to_string())
        .unwrap_or_default()
}

#[test]
fn a_note_in_a_template_is_a_note_whatever_the_templates_own_columns_say_next_to_it() {
    let said = ["Look up the code", "SASID is not exactly 10 digits."].map(String::from);
    let beside = |row: &[String], own: &[String]| [row, own].concat();
    let mut note = vec![String::new(); headings().len()];
    note[0] = "Ann checks two of them".to_string();
    // A pupil's row of which little is filled has more cells than a note.
    let mut begun = note.clone();
    (begun[2], begun[3]) = ("1000000009".to_string(), "12".to_string());
    let own = ["Program of the code", "What is wrong with this row"].map(String::from);
    let rows = [
        beside(&headings(), &own),
        beside(&note, &said),
        beside(&begun, &said),
    ];
    let calculation = submitted("0010.csv", delimited(&rows, b','));
    let explained = calculation.findings.iter();
    let explained = explained.filter(|finding| finding.code == Code::W222);
    assert_eq!(
        explained.map(|finding| finding.row).collect::<Vec<_>>(),
        [Some(2)]
    );
}

#[test]
fn a_total_a_note_and_the_headings_again_are_rejected_rows_that_are_explained() {
    let total = "the row looks like a total, not like a completion";
    let note = "the row looks like a note, not like a completion";
    let again = "the headings are repeated here; the rows below are read under the first headings";
    for (row, expected) in [
        (&["Total", "", "", "", "", "", "13"][..], total),
        (&["", "", "Grand total:", "1"], total),
        (
            &["", "", "", "", "", "", "", "", "", "", "District Total"],
            total,
        ),
        (&["Ann will send the rest in June"], note),
        (
            &["", "", "", "", "", "", "", "", "", "", "* moved away"],
            note,
        ),
        (
            &[
                "District Code",
                "School Code",
                "SASID",
                "Grade",
                "Program Code",
                "Completion Date",
                "Free/Reduced Lunch",
            ],
            again,
        ),
        (&["SASID", "Grade", "Program Code"], again),
        // a completion that somebody did not finish
        (
            &[
                "0010",
                "0101",
                "1000000002",
                "Alumni",
                "IN1",
                "2024-05-17",
                "N",
            ],
            "",
        ),
        (&["0010", "0101"], ""),
    ] {
        assert_eq!(looks(row), expected, "{row:?}");
    }
}

#[test]
fn a_sound_row_is_not_explained_whatever_stands_in_columns_that_are_not_read() {
    let mut rows = vec![headings(), clean_row().texts()];
    rows[0].push("Student Name".into());
    rows[1].push("Total, Bo".into());
    assert_eq!(
        codes_found(&submitted("0010.csv", delimited(&rows, b','))),
        []
    );
}

#[test]
fn a_total_may_be_closed_by_a_resolution() {
    let batch = TestBatch::new().file(
        "submissions/0010.csv",
        csv_of(&[clean_row()]) + "Total,,,,,,1,,,\n",
    );
    assert!(!batch.calculated().is_final());
    let calculation = batch
        .resolutions(",,,,submissions/0010.csv,,3,deny,a total,Office,2024-09-01")
        .calculated();
    assert!(calculation.is_final());
}

#[test]
fn a_second_table_beneath_is_read_under_the_first_headings_and_told() {
    let rows = [
        table(&[clean_row()]),
        vec![vec![]],
        vec![vec!["Fall".into()]],
        table(&[pupil(2)]),
    ]
    .concat();
    for (name, write) in [
        ("0010.xlsx", xlsx as fn(&[Sheet]) -> Vec<u8>),
        ("0010.ods", ods),
        ("0010.xlsb", xlsb),
        ("0010.xls", xls),
    ] {
        let calculation = submitted(name, write(&[sheet("Sheet1", rows.clone())]));
        let ended: Vec<_> = rows_ended(&calculation)
            .into_iter()
            .map(|(row, outcome, _)| (row, outcome))
            .collect();
        assert_eq!(
            ended,
            [
                (2, Outcome::Paid),
                (4, Outcome::Rejected),
                (5, Outcome::Rejected),
                (6, Outcome::Paid)
            ],
            "{name}"
        );
        let told: Vec<_> = calculation
            .findings
            .iter()
            .filter(|finding| finding.code == Code::W222)
            .map(|finding| finding.row)
            .collect();
        assert_eq!(told, [Some(4), Some(5)], "{name}");
    }
}

#[test]
fn a_second_table_beside_the_first_refuses_the_file() {
    let row = |texts: Vec<String>| [texts.clone(), vec![String::new()], texts].concat();
    let calculation = TestBatch::of(&[clean_row()])
        .file(
            "submissions/0020.csv",
            delimited(&[row(headings()), row(pupil(2).texts())], b','),
        )
        .calculated();
    assert_eq!(codes_found(&calculation), [Code::F106]);
}

#[test]
fn headings_merged_over_two_rows_refuse_the_file_and_the_nearest_row_is_named() {
    // A merged cell holds its text in its first row: six headings there, one beneath.
    let mut first = headings();
    let mut second = vec![String::new(); first.len()];
    std::mem::swap(
        &mut first[Field::Lunch as usize],
        &mut second[Field::Lunch as usize],
    );
    let rows = cells(&[first, second, clean_row().texts()]);
    let calculation = TestBatch::of(&[clean_row()])
        .file("submissions/0020.xlsx", xlsx(&[sheet("Sheet1", rows)]))
        .calculated();
    let finding = calculation
        .findings
        .iter()
        .find(|finding| finding.code == Code::F103)
        .unwrap();
    assert_eq!(
        finding.message,
        "no row holds the required headings; row 1 of sheet \"Sheet1\" comes nearest and lacks Free/Reduced Lunch"
    );
    // A title merged over the columns above the headings is only a title.
    let rows = [
        cells(&[vec![
            "Pupil".to_string(),
            String::new(),
            "Award".to_string(),
        ]]),
        table(&[clean_row()]),
    ]
    .concat();
    assert_eq!(
        rows_ended(&submitted("0010.xlsx", xlsx(&[sheet("Sheet1", rows)]))),
        [(3, Outcome::Paid, String::new())]
    );
}

#[test]
fn an_error_value_that_is_newer_than_the_reader_is_an_error_in_its_cell_and_nothing_else_is_lost() {
    let rows = |error: &'static str| {
        let mut rows = table(&[clean_row(), pupil(2)]);
        rows[1][Field::Lunch as usize] = Cell::Error(error);
        rows
    };
    for error in ["#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#GETTING_DATA"] {
        let plain = xlsx(&[sheet("Sheet1", rows("#REF!"))]);
        let newer = with_parts(&plain, |_, part| part.replace("#REF!", error));
        assert_ne!(plain, newer, "the error is in the workbook");
        for (name, content) in [
            ("0010.xlsx", newer),
            ("0010.xlsb", xlsb(&[sheet("Sheet1", rows(error))])),
            ("0010.xls", xls(&[sheet("Sheet1", rows(error))])),
        ] {
            let calculation = submitted(name, content);
            let expected = [
                (2, Outcome::Rejected, "E208".to_string()),
                (3, Outcome::Paid, String::new()),
            ];
            assert_eq!(rows_ended(&calculation), expected, "{name} {error}");
        }
    }
}

#[test]
fn dates_that_count_from_1904_are_the_days_that_the_person_sees() {
    let dates = |cell: Cell| {
        let mut rows = table(&[clean_row()]);
        rows[1][Field::CompletionDate as usize] = cell;
        vec![sheet("Sheet1", rows)]
    };
    let since_1904 = |content: Vec<u8>| {
        with_parts(&content, |name, part| {
            if name == "xl/workbook.xml" {
                part.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
            } else {
                part
            }
        })
    };
    let day = |name: &str, content: Vec<u8>| {
        submitted(name, content).decisions[0]
            .date
            .map(|date| date.to_string())
    };
    // 43967 days after 1904-01-01, with a date format and without one
    for number in [Cell::Number(43_967.0), Cell::Date(2024, 5, 17)] {
        assert_eq!(
            day("0010.xlsb", xlsb_1904(&dates(number.clone()))).as_deref(),
            Some("2024-05-17"),
            "{number:?}"
        );
        assert_eq!(
            day("0010.xls", xls_1904(&dates(number.clone()))).as_deref(),
            Some("2024-05-17"),
            "{number:?}"
        );
    }
    assert_eq!(
        day(
            "0010.xlsx",
            since_1904(xlsx(&dates(Cell::Number(43_967.0))))
        )
        .as_deref(),
        Some("2024-05-17")
    );
    // The writer stores the serial of 1900: in a workbook of 1904 it is a day four years and a day later.
    assert_eq!(
        day(
            "0010.xlsx",
            since_1904(xlsx(&dates(Cell::Date(2020, 5, 16))))
        )
        .as_deref(),
        Some("2024-05-17")
    );
}

#[test]
fn workbooks_of_libreoffice_in_the_old_format_are_read_like_any_other() {
    let at_1900: &[u8] = include_bytes!("../fixtures/dates-1900.xls");
    let at_1904: &[u8] = include_bytes!("../fixtures/dates-1904.xls");
    for (content, second_day) in [(at_1900, "2024-05-17"), (at_1904, "2028-05-18")] {
        let calculation = submitted("0010.xls", content);
        let ended: Vec<_> = rows_ended(&calculation)
            .into_iter()
            .map(|(row, _, codes)| (row, codes))
            .collect();
        // Row 3 has a real date, 4 (hidden) numbers for codes and the serial 45429, 5 the formula NA() for lunch, 6 one that gives
        // "Free", 7 TRUE, 8 the formula 2+1 for the score, 9 one that gives an empty text, 10 the formula DATE(2024,5,17).
        let late = if second_day > "2024-06-30" {
            "N303"
        } else {
            ""
        };
        let expected = [
            (3, ""),
            (4, late),
            (5, "E208"),
            (6, ""),
            (7, ""),
            (8, ""),
            (9, ""),
            (10, ""),
            (2, ""),
        ];
        assert_eq!(ended, expected.map(|(row, codes)| (row, codes.to_string())));
        let days: Vec<_> = calculation
            .decisions
            .iter()
            .map(|decision| decision.date.unwrap().to_string())
            .collect();
        let mut expected = vec!["2024-05-17"; 9];
        expected[1] = second_day;
        assert_eq!(days, expected);
        assert_eq!(calculation.decisions[3].frl, Some(true));
        assert_eq!(
            codes_on(&calculation, 9),
            ["W208"],
            "an empty text is an empty cell"
        );
        assert!(
            codes_found(&calculation).contains(&Code::W216),
            "the sheet Old is hidden"
        );
    }
}

#[test]
fn the_delimiter_may_be_given_and_is_then_not_guessed() {
    let rows = [headings(), clean_row().texts()];
    for (delimiter, name) in [
        (b',', ","),
        (b'|', "|"),
        (b'~', "~"),
        (b'\t', "tab"),
        (b';', ";"),
    ] {
        let batch = TestBatch::new().setting(&format!("[input]\ndelimiter = \"{name}\""));
        let calculation = batch
            .clone()
            .file("submissions/0010.txt", delimited(&rows, delimiter))
            .calculated();
        assert_eq!(
            rows_ended(&calculation),
            [(2, Outcome::Paid, String::new())],
            "{name}"
        );
        let other = if delimiter == b'~' { b'|' } else { b'~' };
        let calculation = batch
            .file("submissions/0010.txt", delimited(&rows, other))
            .calculated();
        assert_eq!(codes_found(&calculation), [Code::F103], "{name}");
        let fix = calculation.findings[0].fix();
        assert!(
            fix.contains(&format!("read with the delimiter \"{name}\" of batch.toml")),
            "{fix}"
        );
    }
    // It is about text files only.
    let batch = TestBatch::new()
        .setting("[input]\ndelimiter = \"tab\"")
        .file("submissions/0010.xlsx", workbook());
    assert_eq!(
        rows_ended(&batch.calculated()),
        [(2, Outcome::Paid, String::new())]
    );
}

#[test]
fn an_unknown_delimiter_stops_the_run_and_the_known_ones_are_named() {
    let stop = TestBatch::of(&[clean_row()])
        .setting("[input]\ndelimiter = \":\"")
        .stop();
    assert_eq!(stop.message, "unknown delimiter \":\"");
    assert_eq!(
        stop.fix,
        "write one of \",\", \"|\", \"~\", \"tab\", \";\", or leave the key out"
    );
    assert!(
        stop.places[0].ends_with("key input.delimiter"),
        "{:?}",
        stop.places
    );
}

#[test]
#[cfg(unix)]
fn links_out_of_the_folder_are_refused_whether_to_a_file_or_a_folder() {
    let elsewhere = tempfile::TempDir::new().unwrap();
    std::fs::create_dir(elsewhere.path().join("more")).unwrap();
    for name in ["0020.csv", "more/0030.csv"] {
        std::fs::write(elsewhere.path().join(name), csv_of(&[pupil(2)])).unwrap();
    }
    let folder = TestBatch::of(&[clean_row()]).write();
    let submissions = folder.path().join("submissions");
    std::os::unix::fs::symlink(
        elsewhere.path().join("0020.csv"),
        submissions.join("0020.csv"),
    )
    .unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("more"), submissions.join("more")).unwrap();
    std::os::unix::fs::symlink("/nowhere", submissions.join("nowhere.csv")).unwrap();
    let calculation = crate::batch_builder::calculated_in(&folder).unwrap();
    assert_eq!(codes_found(&calculation), [Code::F105; 3]);
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Paid, String::new())],
        "nothing behind a link is read"
    );
    let mut refused = calculation.intake.files.iter().skip(1);
    assert!(refused.all(|file| file.sha256.is_empty()), "nor hashed");
}

// What somebody did mean.

/// A document of another office with more rows in it.
fn other_document(rows: &str) -> Vec<u8> {
    with_parts(
        &ods(&[sheet("Sheet1", table(&[other_row()]))]),
        |_, part| part.replace("</table:table>", &format!("{rows}</table:table>")),
    )
}

fn other_xls() -> Vec<u8> {
    xls(&[sheet("Sheet1", table(&[other_row()]))])
}

/// A row that is paid next to the clean one, of the entity whose file is hostile.
fn other_row() -> Row {
    pupil(2).with(Field::DistrictCode, "0020")
}

fn other_workbook() -> Vec<u8> {
    xlsx(&[sheet("Sheet1", table(&[other_row()]))])
}

/// A workbook with other content in one of its parts.
fn with_part(name: &'static str, content: &str) -> Vec<u8> {
    with_parts(&other_workbook(), |part, text| {
        if part == name {
            content.to_string()
        } else {
            text
        }
    })
}

/// The sheet of the workbook with more in it, right before the end of its rows.
fn with_rows(rows: &str) -> Vec<u8> {
    with_parts(&other_workbook(), |part, text| {
        if part == "xl/worksheets/sheet1.xml" {
            text.replace("</sheetData>", &format!("{rows}</sheetData>"))
        } else {
            text
        }
    })
}

const SHARED: &str = "xl/sharedStrings.xml";

/// The workbook with its shared texts under another name, in any bytes.
fn with_shared(name: &str, content: Vec<u8>) -> Vec<u8> {
    let mut parts = parts(&other_workbook());
    parts.retain(|(part, _)| part != SHARED);
    parts.insert(0, (name.to_string(), content));
    zip_of(&parts)
}

/// A zip file of one part that inflates to so many bytes.
fn bomb(name: &str, bytes: usize) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file(name, SimpleFileOptions::default().large_file(true))
        .unwrap();
    let block = vec![b' '; 1 << 20];
    (0..bytes >> 20).for_each(|_| writer.write_all(&block).unwrap());
    writer.finish().unwrap().into_inner()
}

/// A zip file whose directory and headers say that its first part has ten bytes.
fn lying(mut zip: Vec<u8>) -> Vec<u8> {
    let directory = zip
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    zip[22..26].copy_from_slice(&10_u32.to_le_bytes());
    zip[directory + 24..directory + 28].copy_from_slice(&10_u32.to_le_bytes());
    zip
}

/// Pseudo-random bytes that spell nothing, so that they do not compress.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap())
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

/// A text cell of xls.
fn xls_text(row: u16, column: u16, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_le_bytes();
    xls_record(
        0x0204,
        &[
            &xls_head(row, column, 0)[..],
            &length,
            &[0],
            text.as_bytes(),
        ]
        .concat(),
    )
}

/// The headings of a submission and a clean row as records of xls.
fn xls_rows() -> Vec<u8> {
    let row = |number: u16, texts: Vec<String>| {
        (0..)
            .zip(texts)
            .flat_map(move |(column, text)| xls_text(number, column, &text))
            .collect::<Vec<u8>>()
    };
    [row(0, headings()), row(1, other_row().texts())].concat()
}

/// The shared texts of xls: one of so many letters, cut into records.
fn xls_shared(letters: usize) -> Vec<u8> {
    let head = [
        &1_u32.to_le_bytes()[..],
        &1_u32.to_le_bytes(),
        &u16::try_from(letters).unwrap().to_le_bytes(),
        &[0],
    ]
    .concat();
    let text = noise(letters);
    let mut parts = text.as_bytes().chunks(8_000);
    let first = xls_record(0x00FC, &[head, parts.next().unwrap().to_vec()].concat());
    let rest = parts.flat_map(|part| xls_record(0x003C, &[&[0], part].concat()));
    first.into_iter().chain(rest).collect()
}

/// An old workbook whose table of sectors is a ring: anyone who follows it never arrives.
fn ring() -> Vec<u8> {
    let mut bytes = xls(&[sheet("Sheet1", table(&[other_row()]))]);
    // Sectors of 4096 bytes: the header, then the table; every entry points to the sector itself.
    for (sector, entry) in bytes[4_096..8_192].chunks_mut(4).enumerate() {
        entry.copy_from_slice(&u32::try_from(sector).unwrap().to_le_bytes());
    }
    bytes
}

/// What becomes of a hostile file.
#[derive(Clone, Copy)]
enum Fate {
    /// It is refused with this code.
    Refused(Code),
    /// It is read, and its first row ends so.
    Read(Outcome),
}

use Fate::{Read, Refused};

/// What a hostile file is, its name, its content, and what becomes of it.
type Hostile = (&'static str, &'static str, Vec<u8>, Fate);

/// A workbook whose shared texts are in a part of another name, by its relations.
fn with_part_named(texts: &str, name: &str) -> Vec<u8> {
    let bytes = with_parts(&other_workbook(), |part, text| {
        if part == "xl/_rels/workbook.xml.rels" {
            text.replace("sharedStrings.xml", name.trim_start_matches("xl/"))
        } else {
            text
        }
    });
    let mut parts = parts(&bytes);
    parts.retain(|(part, _)| part != SHARED);
    parts.push((name.to_string(), texts.as_bytes().to_vec()));
    zip_of(&parts)
}

fn hostile_workbooks() -> Vec<Hostile> {
    let (limit, damaged) = (Refused(Code::F104), Refused(Code::F101));
    let far = r#"<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>"#;
    let past = |cell: &str| {
        format!(r#"<row r="1048577"><c r="{cell}" t="inlineStr"><is><t>far</t></is></c></row>"#)
    };
    let sst = |attributes: &str, strings: &str| format!("<sst {attributes}>{strings}</sst>");
    let utf_16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    let claims = sst("uniqueCount=\"99999999999\"", "<si/>");
    let other_case = with_shared("XL/SHAREDSTRINGS.XML", claims.clone().into_bytes());
    let in_utf_16 = with_shared(SHARED, utf_16(&claims));
    let long = "x".repeat(limits::CELL_CHARS_MAX + 1);
    vec![
        (
            "a cell in the last row and column",
            "0020.xlsx",
            with_rows(far),
            Read(Outcome::Paid),
        ),
        (
            "a cell past the last row",
            "0020.xlsx",
            with_rows(&past("A1048577")),
            limit,
        ),
        (
            "a cell past the last column",
            "0020.xlsx",
            with_rows(&past("XFE1048576")),
            limit,
        ),
        (
            "a cell whose address overflows",
            "0020.xlsx",
            with_rows(&past("ZZZZZZZZZZ1")),
            damaged,
        ),
        (
            "a sheet that inflates 1000 times, to 500 MB",
            "0020.xlsx",
            bomb("xl/worksheets/sheet1.xml", 500 << 20),
            limit,
        ),
        (
            "the same that says it has 10 bytes",
            "0020.xlsx",
            lying(bomb("xl/workbook.xml", 300 << 20)),
            damaged,
        ),
        (
            "a zip file in a zip file in a zip file",
            "0020.xlsx",
            zip_of(&[("a.zip", zip_of(&[("b.zip", bomb("c", 64 << 20))]))]),
            damaged,
        ),
        (
            "more parts than any workbook",
            "0020.xlsx",
            zip_of(
                &(0..=limits::ZIP_ENTRIES_MAX)
                    .map(|n| (format!("p{n}.xml"), ""))
                    .collect::<Vec<_>>(),
            ),
            limit,
        ),
        (
            "a claim of 99,999,999,999 texts",
            "0020.xlsx",
            with_part(SHARED, &claims),
            limit,
        ),
        (
            "the same in a part of other case",
            "0020.xlsx",
            other_case,
            limit,
        ),
        ("the same in UTF-16", "0020.xlsx", in_utf_16, limit),
        (
            "the same in a part that is called a picture",
            "0020.xlsx",
            with_part_named(&claims, "xl/media/image1.png"),
            damaged,
        ),
        (
            "the same behind a long comment",
            "0020.xlsx",
            with_part(SHARED, &format!("<!--{}-->{claims}", noise(200_000))),
            limit,
        ),
        (
            "a text of 64 MB",
            "0020.xlsx",
            with_part(
                SHARED,
                &sst(
                    "",
                    &format!("<si><t>{}</t></si>", noise(1_000).repeat(64 << 10)),
                ),
            ),
            limit,
        ),
        (
            "a million formats of cells",
            "0020.xlsx",
            with_part(
                "xl/styles.xml",
                &format!(
                    "<styleSheet><cellXfs>{}</cellXfs></styleSheet>",
                    "<xf/>".repeat(1_000_000)
                ),
            ),
            limit,
        ),
        (
            "entities that multiply",
            "0020.xlsx",
            with_part(
                SHARED,
                "<!DOCTYPE s [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;\">]><sst><si><t>&b;</t></si></sst>",
            ),
            damaged,
        ),
        (
            "a formula of 8 kB shared by 20,000 cells",
            "0020.xlsx",
            with_rows(&shared_formula(8_000, 20_000)),
            Read(Outcome::Paid),
        ),
        (
            "a shared formula numbered 99,999,999,999",
            "0020.xlsx",
            with_rows(
                "<row r=\"9\"><c r=\"A9\"><f t=\"shared\" si=\"99999999999\" ref=\"A9:A10\">1+1</f></c></row>",
            ),
            damaged,
        ),
        (
            "one long text in 400,000 cells",
            "0020.xlsx",
            long_text(20_000, 40_000),
            limit,
        ),
        (
            "a text of one character too many",
            "0020.xlsx",
            with_rows(&format!(
                "<row r=\"9\"><c r=\"A9\" t=\"inlineStr\"><is><t>{long}</t></is></c></row>"
            )),
            limit,
        ),
        (
            "a sheet listed twice",
            "0020.xlsx",
            with_parts(&other_workbook(), |name, part| {
                if name == "xl/workbook.xml" {
                    part.replace(
                        "<sheets>",
                        "<sheets><sheet name=\"Again\" sheetId=\"7\" r:id=\"rId1\"/>",
                    )
                } else {
                    part
                }
            }),
            damaged,
        ),
        (
            "a binary sheet in a workbook of XML",
            "0020.xlsx",
            with_parts(&other_workbook(), |_, part| {
                part.replace("worksheets/sheet1.xml", "worksheets/sheet1.bin")
            }),
            damaged,
        ),
        (
            "a sheet in a picture",
            "0020.xlsx",
            with_parts(&other_workbook(), |_, part| {
                part.replace("worksheets/sheet1.xml", "media/image1.png")
            }),
            damaged,
        ),
    ]
}

fn hostile_files_of_other_formats() -> Vec<Hostile> {
    let (limit, damaged) = (Refused(Code::F104), Refused(Code::F101));
    let sheets = |count: usize| vec![("Sheet1", false, xls_rows()); count];
    let xlsb_rows = |records: Vec<u8>| xlsb_of(&[("Sheet1", false, xlsb_sheet(&records))], false);
    vec![
        (
            "a long text repeated over a row",
            "0020.ods",
            repeated(&"x".repeat(32_767), 16_384, 1),
            Read(Outcome::Paid),
        ),
        (
            "a repetition past the last column",
            "0020.ods",
            repeated("x", 16_385, 1),
            limit,
        ),
        (
            "A1 and IV65536 in the old format",
            "0020.xls",
            xls_of(
                &[(
                    "Sheet1",
                    false,
                    [xls_rows(), xls_text(65_535, 255, "far")].concat(),
                )],
                &[],
                false,
            ),
            limit,
        ),
        (
            "a column past IV",
            "0020.xls",
            xls_of(
                &[(
                    "Sheet1",
                    false,
                    [xls_rows(), xls_text(1, 256, "far")].concat(),
                )],
                &[],
                false,
            ),
            limit,
        ),
        (
            "one long shared text in 3,000 cells",
            "0020.xls",
            xls_of(
                &[(
                    "Sheet1",
                    false,
                    [
                        xls_rows(),
                        (0..3_000)
                            .flat_map(|row| {
                                xls_record(0x00FD, &[xls_head(row, 11, 0), vec![0; 4]].concat())
                            })
                            .collect(),
                    ]
                    .concat(),
                )],
                &xls_shared(32_000),
                false,
            ),
            limit,
        ),
        (
            "a container whose sectors form a ring",
            "0020.xls",
            ring(),
            damaged,
        ),
        (
            "a container cut off in the middle",
            "0020.xls",
            {
                let mut bytes = xls(&[sheet("S", table(&vec![other_row(); 50]))]);
                bytes.truncate(bytes.len() / 2);
                bytes
            },
            damaged,
        ),
        (
            "more sheets than the limit",
            "0020.xls",
            xls_of(&sheets(limits::SHEETS_PER_FILE_MAX + 1), &[], false),
            limit,
        ),
        (
            "an old workbook with a password",
            "0020.xls",
            xls_of(&sheets(1), &xls_record(0x002F, &[0; 6]), false),
            Refused(Code::F102),
        ),
        (
            "a document of Word named .xls",
            "0020.xls",
            contained("WordDocument", b"Dear office"),
            damaged,
        ),
        (
            "a stream of endless begins",
            "0020.xls",
            contained("Workbook", &xls_begin(5).repeat(200_000)),
            damaged,
        ),
        (
            "a row past the last one in xlsb",
            "0020.xlsb",
            xlsb_rows(xlsb_record(0, &1_048_576_u32.to_le_bytes())),
            limit,
        ),
        (
            "a record of xlsb that claims 256 MB",
            "0020.xlsb",
            xlsb_rows(vec![0x05, 0xFF, 0xFF, 0xFF, 0x7F]),
            limit,
        ),
        (
            "a cell of xlsb that is cut off",
            "0020.xlsb",
            xlsb_rows(xlsb_record(5, &[0; 9])),
            damaged,
        ),
        (
            "a text of xlsb that is not there",
            "0020.xlsb",
            xlsb_rows([xlsb_record(0, &[0; 17]), xlsb_record(7, &[9; 12])].concat()),
            damaged,
        ),
        (
            "a million lines that are not rows",
            "0020.csv",
            (csv_of(&[]) + &"x\n".repeat(1_000_000)).into_bytes(),
            limit,
        ),
        (
            "a line of 17,000 fields",
            "0020.csv",
            (csv_of(&[other_row()]) + &",".repeat(17_000) + "x\n").into_bytes(),
            limit,
        ),
        (
            "noise named .xlsx",
            "0020.xlsx",
            noise(100_000).into_bytes(),
            damaged,
        ),
        (
            "noise behind the sign of a zip file",
            "0020.xlsx",
            [b"PK\x03\x04".to_vec(), noise(100_000).into_bytes()].concat(),
            damaged,
        ),
        ("zeros named .csv", "0020.csv", vec![0; 1 << 20], limit),
    ]
}

/// Every hostile file that is refused soon.
fn hostile() -> impl Iterator<Item = Hostile> {
    hostile_workbooks()
        .into_iter()
        .chain(hostile_files_of_other_formats())
}

/// A formula of so many bytes, and cells that share it.
fn shared_formula(bytes: usize, cells: usize) -> String {
    let first = format!(
        "<row r=\"9\"><c r=\"Z9\"><f t=\"shared\" si=\"0\" ref=\"Z9:Z200000\">{}</f><v>1</v></c></row>",
        "1+".repeat(bytes / 2) + "A1"
    );
    let rest = (10..10 + cells).map(|row| {
        format!("<row r=\"{row}\"><c r=\"Z{row}\"><f t=\"shared\" si=\"0\"/><v>1</v></c></row>")
    });
    // The rows are rejected; what matters is that the formula is not written out for each.
    first
        + &rest.take(100).collect::<String>()
        + &"<row><c><f t=\"shared\" si=\"0\"/></c></row>".repeat(cells - 100)
}

/// A workbook with one text of so many bytes, to which so many rows refer in every column.
fn long_text(bytes: usize, rows: usize) -> Vec<u8> {
    let refer: String = (0..rows)
        .map(|row| {
            format!(
                "<row r=\"{}\">{}</row>",
                row + 9,
                "<c t=\"s\"><v>99</v></c>".repeat(10)
            )
        })
        .collect();
    let text = noise(bytes);
    with_parts(&other_workbook(), |name, part| match name {
        "xl/worksheets/sheet1.xml" => part.replace("</sheetData>", &format!("{refer}</sheetData>")),
        SHARED => part.replace(
            "</sst>",
            &(format!("<si><t>{text}</t></si>").repeat(100) + "</sst>"),
        ),
        _ => part,
    })
}

#[test]
fn a_hostile_file_is_one_clear_finding_and_the_file_beside_it_is_paid() {
    for (what, name, content, fate) in hostile() {
        let calculation = TestBatch::of(&[clean_row()])
            .file(&format!("submissions/{name}"), content)
            .calculated();
        let ended = rows_ended(&calculation);
        assert_eq!(ended[0], (2, Outcome::Paid, String::new()), "{what}");
        let refused: Vec<_> = calculation
            .findings
            .iter()
            .filter(|finding| finding.code.severity() == Severity::Refused)
            .collect();
        match fate {
            Refused(code) => {
                assert_eq!(
                    (ended.len(), refused.len()),
                    (1, 1),
                    "{what}: {:?}",
                    calculation.findings.first()
                );
                assert_eq!(refused[0].code, code, "{what}: {}", refused[0].message);
                assert!(
                    !refused[0].message.contains(SASID) && refused[0].message.len() < 200,
                    "{what}: {}",
                    refused[0].message
                );
            }
            Read(outcome) => {
                assert!(refused.is_empty(), "{what}: {:?}", refused.first());
                assert_eq!(ended[1].1, outcome, "{what}");
            }
        }
    }
}

/// The code of the refusal of a file next to the clean one, if it is refused.
fn refused(path: &str, content: impl Into<Vec<u8>>) -> Option<Code> {
    let calculation = TestBatch::of(&[clean_row()])
        .file(&format!("submissions/{path}"), content)
        .calculated();
    calculation
        .intake
        .files
        .iter()
        .find_map(|file| file.refused)
}

#[test]
fn what_stands_at_a_limit_is_read_and_one_more_is_refused() {
    let over = Some(Code::F104);
    let inline = |cell: &str, text: &str| {
        format!("<row r=\"9\"><c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>")
    };
    for (more, expected) in [(0, None), (1, over)] {
        let text = "x".repeat(limits::CELL_CHARS_MAX + more);
        assert_eq!(
            refused("0020.xlsx", with_rows(&inline("A9", &text))),
            expected,
            "characters of a cell"
        );
        let line = csv_of(&[other_row()]) + &text;
        assert_eq!(refused("0020.csv", line), expected, "characters of a field");
        let fields = csv_of(&[other_row()])
            + &",".repeat(limits::COLUMNS_PER_SHEET_MAX as usize - 1 + more)
            + "x\n";
        assert_eq!(refused("0020.csv", fields), expected, "fields of a line");

        let rows = usize::try_from(limits::ROWS_PER_FILE_MAX).unwrap() + more;
        assert_eq!(
            refused("0020.csv", csv_of(&[]) + &"0020\n".repeat(rows)),
            expected,
            "rows of a file"
        );
        let mut parts = parts(&other_workbook());
        let empty = parts.len()..limits::ZIP_ENTRIES_MAX + more;
        parts.extend(empty.map(|number| (format!("p{number}.txt"), Vec::new())));
        assert_eq!(
            refused("0020.xlsx", zip_of(&parts)),
            expected,
            "parts of a workbook"
        );

        // 20,000 rows of 50 columns are as many places as an old workbook may have.
        assert_eq!(limits::OLD_GRID_MAX, 20_000 * 50);
        let corner = xls_text(19_999 + u16::try_from(more).unwrap(), 49, "far");
        let corners = [xls_rows(), corner].concat();
        assert_eq!(
            refused(
                "0020.xls",
                xls_of(&[("Sheet1", false, corners)], &[], false)
            ),
            expected,
            "places of an old workbook"
        );
        let last = xls_text(
            1,
            limits::OLD_COLUMNS_MAX - 1 + u16::try_from(more).unwrap(),
            "far",
        );
        let last = [xls_rows(), last].concat();
        assert_eq!(
            refused("0020.xls", xls_of(&[("Sheet1", false, last)], &[], false)),
            expected,
            "columns of an old workbook"
        );
        let names: Vec<String> = (0..limits::SHEETS_PER_FILE_MAX + more)
            .map(|number| format!("Sheet{number}"))
            .collect();
        let sheets: Vec<_> = names
            .iter()
            .map(|name| (name.as_str(), false, xls_rows()))
            .collect();
        assert_eq!(
            refused("0020.xls", xls_of(&sheets, &[], false)),
            expected,
            "sheets of an old workbook"
        );
        // Every letter counts for the three bytes that it could take: 16 KB of letters are 48 KB, of which 32 MB hold 682.
        let texts = usize::try_from(limits::OLD_TEXT_BYTES_MAX).unwrap() / (3 * 16_384) + more;
        let texts = (0..texts).flat_map(|row| {
            xls_record(
                0x00FD,
                &[xls_head(u16::try_from(row).unwrap(), 11, 0), vec![0; 4]].concat(),
            )
        });
        let texts = [xls_rows(), texts.collect()].concat();
        assert_eq!(
            refused(
                "0020.xls",
                xls_of(&[("Sheet1", false, texts)], &xls_shared(16_384), false)
            ),
            expected,
            "texts of an old workbook"
        );
        let mut large = other_xls();
        large.resize(limits::OLD_FILE_BYTES_MAX + more, 0);
        assert_eq!(
            refused("0020.xls", large),
            expected,
            "bytes of an old workbook"
        );

        let full = noise(limits::ROW_TEXT_BYTES_MAX / 512);
        let full = format!("<table:table-cell office:value-type=\"string\"><text:p>{full}</text:p></table:table-cell>").repeat(512);
        let rest = if more == 0 {
            ""
        } else {
            "<table:table-cell office:value-type=\"string\"><text:p>y</text:p></table:table-cell>"
        };
        let row = format!("<table:table-row>{full}{rest}</table:table-row>");
        // Letters that spell nothing do not inflate so much that they are stopped before.
        assert_eq!(
            refused("0020.ods", other_document(&row)),
            expected,
            "text of a row of a document"
        );
        let tables = "<table:table><table:table-row/></table:table>"
            .repeat(limits::SHEETS_PER_FILE_MAX - 1 + more);
        let document = with_parts(&other_document(""), |_, part| {
            part.replace("</table:table>", &format!("</table:table>{tables}"))
        });
        assert_eq!(
            refused("0020.ods", document),
            expected,
            "sheets of a document"
        );
    }
}

#[test]
fn more_files_than_the_limit_stop_the_run() {
    let mut batch = TestBatch::of(&[clean_row()]);
    for number in 1..limits::FILES_PER_BATCH_MAX {
        batch = batch.file(&format!("submissions/{number}.txt"), "");
    }
    let calculation = batch.clone().calculated();
    assert_eq!(calculation.intake.files.len(), limits::FILES_PER_BATCH_MAX);
    let stop = batch.file("submissions/0.txt", "").stop();
    assert_eq!(
        (stop.status, stop.message.as_str()),
        (
            Status::Nothing,
            "there are 10001 files; at most 10000 are read"
        )
    );
}

#[test]
fn a_workbook_with_any_byte_changed_is_read_or_refused() {
    let sheets = [sheet(
        "Sheet1",
        table(&[other_row(), other_row().with(Field::Sasid, "1000000003")]),
    )];
    for (name, write) in [
        ("0020.xlsx", xlsx as fn(&[Sheet]) -> Vec<u8>),
        ("0020.ods", ods),
        ("0020.xlsb", xlsb),
        ("0020.xls", xls),
    ] {
        let content = write(&sheets);
        // Zeros that pad a container say nothing; a few hundred of the other bytes meet every kind of field.
        let places: Vec<usize> = (0..content.len()).filter(|at| content[*at] != 0).collect();
        let mut batch = TestBatch::of(&[clean_row()]);
        for at in places.iter().step_by(places.len() / 200) {
            let mut changed = content.clone();
            changed[*at] ^= 0x55;
            batch = batch.file(&format!("submissions/0020 {at} {name}"), changed);
        }
        // Whatever they are then, the program goes on, and the file next to them is paid.
        assert_eq!(
            rows_ended(&batch.calculated())[0].1,
            Outcome::Paid,
            "{name}"
        );
    }
}

/// A document in which a text is repeated over columns and rows.
fn repeated(text: &str, columns: u32, rows: u32) -> Vec<u8> {
    other_document(&format!(
        "<table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell table:number-columns-repeated=\"{columns}\" \
         office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell></table:table-row>"
    ))
}

/// Files that take seconds to refuse in a program that is not optimized.
fn heavy() -> Vec<Hostile> {
    let in_sst = |strings: &str| format!("<sst>{strings}</sst>");
    vec![
        (
            "more shared texts than the limit",
            "0020.xlsx",
            with_part(
                SHARED,
                &in_sst(
                    &(0..=limits::SHARED_STRINGS_MAX)
                        .map(|n| format!("<si><t>{n}</t></si>"))
                        .collect::<String>(),
                ),
            ),
            Refused(Code::F104),
        ),
        (
            "17 billion cells by repetition",
            "0020.ods",
            repeated("x", 16_384, 1_048_570),
            Refused(Code::F104),
        ),
        (
            "a quote that is never closed, over 60 MB",
            "0020.csv",
            (csv_of(&[]) + "\"" + &noise(1_000).repeat(60 << 10)).into_bytes(),
            Refused(Code::F104),
        ),
        (
            "65 MB of text",
            "0020.csv",
            (csv_of(&[other_row()]) + &noise(1_000).repeat(65 << 10)).into_bytes(),
            Refused(Code::F104),
        ),
    ]
}

/// Files that go up to the limits and are read: the most that can be asked of the program.
fn at_the_limits() -> Vec<Hostile> {
    let rows = usize::try_from(limits::ROWS_PER_FILE_MAX).unwrap();
    let texts = with_parts(&other_workbook(), |name, part| {
        if name != SHARED {
            return part;
        }
        let more: String = (part.matches("<si>").count()..limits::SHARED_STRINGS_MAX)
            .map(|number| format!("<si><t>{number}</t></si>"))
            .collect();
        part.replace("</sst>", &format!("{more}</sst>"))
    });
    // 3,900 rows of 256 cells, 14 bytes each, under the headings: 3,900 x 256 = 998,400 cells. Each has the one shared text of ten
    // letters, which count for three bytes each: 998,400 x 30 = 29,952,000 of the 33,554,432 bytes that there may be.
    let cells = (1..=3_900).flat_map(|row| {
        (0..256).flat_map(move |column| {
            xls_record(0x00FD, &[xls_head(row, column, 0), vec![0; 4]].concat())
        })
    });
    let cells: Vec<u8> = xls_rows().into_iter().chain(cells).collect();
    vec![
        (
            "as many rows as a file may have, each with seven findings",
            "0020.csv",
            (csv_of(&[]) + &"x,x,x,x,,x,x\n".repeat(rows)).into_bytes(),
            Read(Outcome::Rejected),
        ),
        (
            "as many shared texts as a workbook may have",
            "0020.xlsx",
            texts,
            Read(Outcome::Paid),
        ),
        (
            "an old workbook of 998,400 cells",
            "0020.xls",
            xls_of(&[("Sheet1", false, cells)], &xls_shared(10), false),
            Read(Outcome::Rejected),
        ),
    ]
}

/// The most memory that a reading or a run may take, in megabytes.
const MEGABYTES_MAX: f64 = 300.0;

/// How many bytes a program writes to its standard output, how many of their lines count, and the most memory it took, in megabytes.
///
/// The system tells the peak of a process only while it lives. A pipe holds 64 kB, so the program cannot end before most of what it
/// writes was read: the peak is looked up before each piece.
#[cfg(target_os = "linux")]
fn output_and_memory(
    command: &mut std::process::Command,
    is_counted: impl Fn(&str) -> bool,
) -> (u64, u64, f64) {
    use std::io::BufRead as _;
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut kilobytes = 0;
    let (mut bytes, mut counted) = (0, 0);
    let mut lines = std::io::BufReader::with_capacity(64 << 10, child.stdout.take().unwrap());
    let mut line = String::new();
    loop {
        if lines.buffer().is_empty() {
            let peak = std::fs::read_to_string(&status).ok().and_then(|status| {
                let line = status
                    .lines()
                    .find_map(|line| line.strip_prefix("VmHWM:"))?;
                line.trim().strip_suffix(" kB")?.parse::<u32>().ok()
            });
            kilobytes = kilobytes.max(peak.unwrap_or_default());
        }
        line.clear();
        let length = lines.read_line(&mut line).unwrap();
        if length == 0 {
            break;
        }
        bytes += length as u64;
        counted += u64::from(is_counted(&line));
    }
    assert_eq!(child.wait().unwrap().code(), Some(Status::Refused as i32));
    (bytes, counted, f64::from(kilobytes) / 1_024.0)
}

#[test]
#[cfg(target_os = "linux")]
fn a_check_of_as_many_findings_as_a_file_may_have_keeps_to_the_memory_in_every_format() {
    let program = std::env::var("CDIP").unwrap_or_else(|_| env!("CARGO_BIN_EXE_cdip").to_string());
    let (_, name, content, _) = at_the_limits().swap_remove(0);
    let folder = TestBatch::new()
        .file(&format!("submissions/{name}"), content)
        .write();
    // Every required field of each row; the questions of the batch do not count.
    let findings = 7 * limits::ROWS_PER_FILE_MAX;
    let csv_line: fn(&str) -> bool = |line| line.starts_with("E2");
    let json_key: fn(&str) -> bool = |line| line.trim_start().starts_with("\"code\": \"E2");
    for (format, is_finding) in [("csv", csv_line), ("json", json_key)] {
        let (bytes, found, megabytes) = output_and_memory(
            std::process::Command::new(std::path::absolute(&program).unwrap())
                .args(["check", "--batch", ".", "--format", format])
                .current_dir(folder.path()),
            is_finding,
        );
        println!("check --format {format}: {bytes} bytes, {megabytes:.0} MB");
        assert_eq!(found, findings, "{format}");
        assert!(
            megabytes > 1.0 && megabytes < MEGABYTES_MAX,
            "check --format {format} takes {megabytes:.0} MB"
        );
    }
}

/// Makes the table of `docs/hostile-inputs.md`: each file in a batch of its own, run by the program named by `CDIP` under GNU time.
///
/// `CDIP=target/release/cdip cargo test --test it every_hostile_file -- --ignored --nocapture > docs/hostile-inputs.txt`
#[test]
#[ignore = "measures time and memory: run it by hand"]
fn time_and_memory_of_every_hostile_file() {
    let program = std::env::var("CDIP").unwrap_or_else(|_| env!("CARGO_BIN_EXE_cdip").to_string());
    println!("| file | bytes | what becomes of it | processor, s | MB |");
    println!("|---|---:|---|---:|---:|");
    for (what, name, content, fate) in hostile().chain(heavy()).chain(at_the_limits()) {
        let bytes = content.len();
        let folder = TestBatch::of(&[clean_row()])
            .file(&format!("submissions/{name}"), content)
            .write();
        let output = std::process::Command::new("/usr/bin/time")
            .args(["--format", "%U %S %M"])
            .arg(std::path::absolute(&program).unwrap())
            .args(["run", ".", "--out", "report"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let measured: Vec<f64> = said
            .lines()
            .last()
            .unwrap()
            .split(' ')
            .map(|figure| figure.parse().unwrap())
            .collect();
        // The processor's time, of the program and of the system for it: a busy machine does not change it.
        let seconds = measured[0] + measured[1];
        let megabytes = measured[2] / 1_024.0;
        let ending = name.rsplit('.').next().unwrap();
        let (fate, is_so) = match fate {
            Refused(code) => (
                format!("refused, {code}"),
                said.contains(&format!("error[{code}]")),
            ),
            Read(_) => ("read".to_string(), !said.contains("error[")),
        };
        assert!(is_so, "{what} is not {fate}: {said}");
        println!("| {what} (.{ending}) | {bytes} | {fate} | {seconds:.2} | {megabytes:.0} |");
        assert!(seconds < 5.0, "{what} takes {seconds:.2} s");
        assert!(megabytes < MEGABYTES_MAX, "{what} takes {megabytes:.0} MB");
    }
}
