//! From files to rows: the same table gives the same decisions in every format, delimiter, encoding and style of filling it in, and
//! every finding names the place that a person sees in Excel.

use std::fs;
use std::io::Cursor;
use std::sync::LazyLock;

use calamine::{Reader as _, Xlsx};
use cdip::calculation::Calculation;
use cdip::catalogue::{CATALOGUE, Code, Severity};
use cdip::decision::Outcome;
use cdip::intake::fields::{Field, Fields};
use cdip::ranks::RowRank;
use cdip::rules::built_in;
use tempfile::TempDir;

use crate::batch_builder::{
    TestBatch, clean_row, codes_found, csv_of, ends, headings, pupil, rows_ended, submitted,
    table_of,
};
use crate::binary::{xls, xlsb};
use crate::spreadsheets::{Cell, Sheet, cells, delimited, ods, sheet, with_parts, xlsx};
use crate::support::root;

/// A writer of workbooks.
type Write = fn(&[Sheet]) -> Vec<u8>;

/// The workbooks that a test can write.
const WORKBOOKS: [(&str, Write); 4] = [
    ("0010.xlsx", xlsx),
    ("0010.ods", ods),
    ("0010.xlsb", xlsb),
    ("0010.xls", xls),
];

/// Rows that end in many ways, with a column nobody asked for and names beyond ASCII in it.
fn mixed_table() -> Vec<Vec<String>> {
    let rows = [
        pupil(1),
        pupil(2)
            .with(Field::Lunch, "Free")
            .with(Field::Grade, "120"),
        pupil(3)
            .with(Field::DistrictCode, "10")
            .with(Field::SchoolCode, "4500"),
        pupil(4)
            .with(Field::Grade, "Alumni")
            .with(Field::Lunch, "P"),
        pupil(5).with(Field::CompletionDate, "06302023"),
        pupil(6)
            .with(Field::ProgramCode, "ap1")
            .with(Field::ApScore, "2")
            .with(Field::Lunch, ""),
        pupil(7)
            .with(Field::ProgramCode, "IC1")
            .with(Field::CompletionDate, "9/1/2023"),
        pupil(7)
            .with(Field::ProgramCode, "IC1")
            .with(Field::CompletionDate, "8/31/2023"),
        pupil(8).with(Field::DistrictCode, "0020"),
        pupil(9).with(Field::SchoolYear, "2022-23"),
    ];
    let names = [
        "Student Name",
        "Jos\u{e9}",
        "N\u{fa}\u{f1}ez",
        "Ann",
        "Bo",
        "Cy",
        "Di",
        "Ed",
        "Flo",
        "Gus",
        "Zo\u{eb}",
    ];
    let mut table = table_of(&rows);
    for (row, name) in table.iter_mut().zip(names) {
        row.insert(3, name.to_string());
    }
    table
}

/// Row number and the whole decision on every row, and each finding's code and row, as text.
fn decided(calculation: &Calculation) -> String {
    let rows = ends(calculation)
        .into_iter()
        .map(|ended| ended.row)
        .zip(&calculation.decisions);
    let findings = calculation
        .findings
        .iter()
        .map(|finding| (finding.code, finding.row));
    format!(
        "{:#?} {:?}",
        rows.collect::<Vec<_>>(),
        findings.collect::<Vec<_>>()
    )
}

fn assert_same_decisions(found: &Calculation, expected: &Calculation, what: &str) {
    assert_eq!(decided(found), decided(expected), "{what}");
}

fn utf_16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.then_some(0xfeff)
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(bytes)
        .collect()
}

/// Made with openpyxl 3.1.5: texts, numbers, truth values, days, a time, a formula that no program
/// calculated, merged and styled cells without content, a hidden sheet.
#[test]
fn a_workbook_of_openpyxl_is_read_to_its_last_cell() {
    let bytes = std::fs::read(root().join("tests/fixtures/openpyxl.xlsx")).unwrap();
    let calculation = submitted("0010.xlsx", bytes);
    let rows = calculation.intake.completions.rows();
    let found = |position: usize| {
        let fields = Field::ALL.into_iter().take(11);
        fields
            .map(|field| rows.text(RowRank::new(position), field))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found(0),
        [
            "0880",
            "0010",
            "1000000001",
            "9",
            "IC100",
            "2024-05-17",
            "TRUE",
            "Y",
            "",
            "",
            ""
        ]
    );
    assert_eq!(
        found(1),
        [
            "0880",
            "0010",
            "1000000002",
            "10",
            "IC<1>",
            "2024-05-17 13:45:00",
            "FALSE",
            "#N/A",
            "4.5",
            "",
            ""
        ]
    );
    let places: Vec<u32> = RowRank::all(rows.len())
        .map(|position| rows.row(position))
        .collect();
    assert_eq!(places, [2, 3, 4, 12]);
}

#[test]
fn every_format_delimiter_and_encoding_gives_the_same_decisions() {
    let table = mixed_table();
    let expected = submitted("0010.csv", delimited(&table, b','));
    let outcomes: Vec<_> = rows_ended(&expected)
        .into_iter()
        .map(|(_, outcome, _)| outcome.as_str())
        .collect();
    assert_eq!(
        outcomes,
        [
            "paid",
            "paid",
            "paid",
            "rejected",
            "not_qualified",
            "not_qualified",
            "duplicate",
            "paid",
            "held",
            "paid"
        ],
        "the table shows many outcomes"
    );
    for (name, write) in WORKBOOKS {
        assert_same_decisions(
            &submitted(name, write(&[sheet("Completions", cells(&table))])),
            &expected,
            name,
        );
    }
    for delimiter in *b",|~\t;" {
        let text = delimited(&table, delimiter);
        for (encoding, bytes) in [
            ("UTF-8", text.clone().into_bytes()),
            ("UTF-8 with a mark", format!("\u{feff}{text}").into_bytes()),
            ("UTF-16 with a mark", utf_16(&text, true, u16::to_le_bytes)),
            (
                "UTF-16 big-endian with a mark",
                utf_16(&text, true, u16::to_be_bytes),
            ),
            ("UTF-16", utf_16(&text, false, u16::to_le_bytes)),
            ("UTF-16 big-endian", utf_16(&text, false, u16::to_be_bytes)),
            // Every character of the table is in Latin-1, which Windows-1252 extends.
            (
                "Windows-1252",
                text.chars()
                    .map(|character| u8::try_from(u32::from(character)).unwrap())
                    .collect(),
            ),
            ("lines of Windows", text.replace('\n', "\r\n").into_bytes()),
        ] {
            let what = format!("{:?} {encoding}", char::from(delimiter));
            assert_same_decisions(&submitted("0010.txt", bytes), &expected, &what);
        }
    }
}

#[test]
fn what_stands_in_unknown_columns_is_never_kept() {
    let calculation = submitted("0010.csv", delimited(&mixed_table(), b','));
    let rows = calculation.intake.completions.rows();
    let texts: Vec<&str> = RowRank::all(rows.len())
        .flat_map(|position| Field::ALL.map(|field| rows.found(position, field)))
        .collect();
    let kept = format!("{texts:?} {:?}", calculation.findings);
    assert!(
        !kept.contains("Gus") && !kept.contains("Student Name"),
        "{kept}"
    );
}

#[test]
fn headings_match_in_any_order_case_and_punctuation() {
    let text = "FREE / REDUCED LUNCH;completion-date;Program_Code;  grade ;sasid;School Code:;DistrictCode\n\
                Y;2024-05-17;IN1;Alumni;1000000001;0101;0010\n";
    let calculation = submitted("0010.csv", text);
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Rejected, "E204".into())]
    );
    assert_eq!(
        calculation.findings[0].place(),
        "submissions/0010.csv, line 2, field 4 (Grade)"
    );
    assert_eq!(calculation.decisions[0].frl, Some(true));
}

#[test]
fn titles_above_the_headings_are_skipped() {
    let titles = ["First District", "Completions of 2023-24,,Grade 9-12", ""].join("\n");
    let calculation = submitted("0010.csv", format!("{titles}\n{}", csv_of(&[clean_row()])));
    assert_eq!(
        rows_ended(&calculation),
        [(5, Outcome::Paid, String::new())]
    );
    for (name, write) in WORKBOOKS {
        let title = vec!["Completions".into(), Cell::Number(2024.0)];
        let rows = [
            vec![title],
            vec![vec![]],
            cells(&[headings(), clean_row().texts()]),
        ]
        .concat();
        assert_eq!(
            rows_ended(&submitted(name, write(&[sheet("Sheet1", rows)]))),
            [(4, Outcome::Paid, String::new())],
            "{name}"
        );
    }
}

#[test]
fn a_deployment_may_have_headings_of_its_own() {
    let renamed = csv_of(&[clean_row()])
        .replace("SASID", "State Student ID")
        .replace("Free/Reduced Lunch", "F&R");
    let batch = TestBatch::new().file("submissions/0010.csv", renamed);
    assert_eq!(codes_found(&batch.calculated()), [Code::F103]);
    let batch = batch
        .column("sasid", "State Student ID")
        .column("free_reduced_lunch", "f & r");
    assert_eq!(
        rows_ended(&batch.calculated()),
        [(2, Outcome::Paid, String::new())]
    );
    // The program's own headings go on to be understood.
    assert_eq!(
        rows_ended(
            &batch
                .rows("submissions/0010.csv", &[clean_row()])
                .calculated()
        ),
        [(2, Outcome::Paid, String::new())]
    );
}

#[test]
fn a_heading_of_the_deployment_goes_before_the_programs_own() {
    let mut table = vec![
        headings(),
        clean_row().with(Field::Sasid, "local id").texts(),
    ];
    table[0].push("State Student ID".into());
    table[1].push("1000000001".into());
    let batch = TestBatch::new().file("submissions/0010.csv", delimited(&table, b','));
    assert_eq!(
        rows_ended(&batch.calculated()),
        [(2, Outcome::Rejected, "E203".into())]
    );
    assert_eq!(
        rows_ended(&batch.column("sasid", "State Student ID").calculated()),
        [(2, Outcome::Paid, String::new())]
    );
}

#[test]
fn an_own_heading_without_letters_or_for_two_columns_stops_the_run() {
    let batch = TestBatch::of(&[clean_row()]);
    // "#" would be found in a column headed "*" as well.
    let stop = batch.clone().column("sasid", "#").stop();
    assert_eq!(
        stop.message,
        "the heading \"#\" has no letter or digit to know it by"
    );
    assert!(
        stop.places[0].ends_with("key columns.sasid"),
        "{:?}",
        stop.places
    );
    let stop = batch
        .column("sasid", "Number")
        .column("grade", "NUMBER ")
        .stop();
    assert_eq!(
        stop.message,
        "the heading \"NUMBER \" is given for sasid and for grade"
    );
}

#[test]
fn rows_have_the_numbers_that_a_person_sees_blank_ones_counted() {
    let bad = clean_row().with(Field::Grade, "?").texts();
    let blank = vec![String::new(); Field::ALL.len()];
    // Headings in row 1, rows 4 and 6; row 3 holds only spaces.
    let spaces = vec!["  ".to_string(), "\u{a0}".to_string()];
    let table = [
        headings(),
        blank.clone(),
        spaces,
        clean_row().texts(),
        blank,
        bad,
    ];
    let expected = [
        (4, Outcome::Paid, String::new()),
        (6, Outcome::Rejected, "E204".to_string()),
    ];
    for (name, write) in WORKBOOKS {
        let calculation = submitted(name, write(&[sheet("Sheet1", cells(&table))]));
        assert_eq!(rows_ended(&calculation), expected, "{name}");
        let place = format!("submissions/{name}, sheet \"Sheet1\", cell D6 (row 6, Grade)");
        assert_eq!(calculation.findings[0].place(), place);
    }
    let text = delimited(&table, b',');
    assert_eq!(
        rows_ended(&submitted("0010.csv", text.as_bytes())),
        expected
    );
    // Lines without even a delimiter count as well.
    let text = text.replace(",,,,,,,,,\n", "\n");
    let calculation = submitted("0010.csv", text);
    assert_eq!(rows_ended(&calculation), expected);
    assert_eq!(
        calculation.findings[0].place(),
        "submissions/0010.csv, line 6, field 4 (Grade)"
    );
}

#[test]
fn a_record_over_several_lines_has_the_number_of_its_first() {
    let rows = csv_of(&[clean_row(), clean_row().with(Field::Sasid, "1000000002")]);
    let mut lines = rows.lines();
    let (first, second, third) = (
        lines.next().unwrap(),
        lines.next().unwrap(),
        lines.next().unwrap(),
    );
    let text = format!("{first},Note\n{second},\"two\nlines\"\n{third},\n");
    assert_eq!(
        rows_ended(&submitted("0010.csv", text)),
        [
            (2, Outcome::Paid, String::new()),
            (4, Outcome::Paid, String::new())
        ]
    );
}

/// A workbook of one row with another cell in some fields.
fn with_cells(write: Write, changes: &[(Field, Cell)]) -> Vec<u8> {
    let mut rows = cells(&[headings(), clean_row().texts()]);
    for (field, cell) in changes {
        rows[1][*field as usize] = cell.clone();
    }
    write(&[sheet("Sheet1", rows)])
}

/// Outcome, E, N and H codes of the one row, and all codes found.
fn verdict(name: &str, content: Vec<u8>) -> (Outcome, String, Vec<Code>) {
    let calculation = submitted(name, content);
    let (_, outcome, codes) = rows_ended(&calculation).remove(0);
    (outcome, codes, codes_found(&calculation))
}

#[test]
fn codes_that_a_spreadsheet_made_numbers_of_get_their_zeros_back_with_a_warning() {
    for (name, write) in WORKBOOKS {
        let changes = [
            (Field::DistrictCode, Cell::Number(10.0)),
            (Field::SchoolCode, Cell::Number(101.0)),
            (Field::Sasid, Cell::Number(1_000_000_001.0)),
            (Field::Grade, Cell::Number(11.0)),
            (Field::Lunch, Cell::Number(1.0)),
            (Field::ApScore, Cell::Number(5.0)),
            (Field::GraduationCredit, Cell::Boolean(false)),
        ];
        let found = verdict(name, with_cells(write, &changes));
        assert_eq!(
            found,
            (Outcome::Paid, String::new(), vec![Code::W201, Code::W202]),
            "{name}"
        );
    }
}

#[test]
fn a_number_that_is_no_whole_code_is_never_rounded_to_one() {
    for (name, write) in WORKBOOKS {
        for (field, number, code) in [
            (Field::DistrictCode, 10.5, "E201"),
            (Field::SchoolCode, -101.0, "E202"),
            // a SASID that lost its leading zero, and one that Excel shows as 1E+10
            (Field::Sasid, 123_456_789.0, "E203"),
            (Field::Sasid, 12_345_678_901.0, "E203"),
            (Field::Grade, 11.5, "E204"),
            (Field::ApScore, 3.5, "E209"),
        ] {
            let found = verdict(name, with_cells(write, &[(field, Cell::Number(number))]));
            assert_eq!(
                (found.0, found.1.as_str()),
                (Outcome::Rejected, code),
                "{name}: {number} as {}",
                field.title()
            );
        }
    }
}

#[test]
fn true_and_false_answer_like_yes_and_no() {
    for (name, write) in WORKBOOKS {
        for truth in [true, false] {
            let calculation = submitted(
                name,
                with_cells(write, &[(Field::Lunch, Cell::Boolean(truth))]),
            );
            assert_eq!(calculation.decisions[0].frl, Some(truth), "{name}");
        }
    }
}

#[test]
fn a_completion_date_that_no_calendar_has_is_not_told_to_be_formatted_as_text() {
    // Its cell is formatted as a date, as it should be; that is a fault of every other field.
    let date = Cell::Date(2024, 5, 17);
    let content = with_cells(xlsx, &[(Field::CompletionDate, date.clone())]);
    // Day 2,958,465 is December 31, 9999.
    let content = with_parts(&content, |_, part| {
        part.replace("<v>45429</v>", "<v>2958466</v>")
    });
    let calculation = submitted("0010.xlsx", content);
    let [finding] = calculation.findings.as_slice() else {
        panic!("{:?}", calculation.findings);
    };
    assert_eq!(finding.code, Code::E206);
    assert!(
        !finding.message.contains("formatted"),
        "{}",
        finding.message
    );
    let content = with_cells(xlsx, &[(Field::Grade, date)]);
    let calculation = submitted("0010.xlsx", content);
    assert!(
        calculation.findings[0]
            .message
            .contains("formatted as a date, not K or 0-12")
    );
}

#[test]
fn a_date_is_read_as_real_date_serial_number_joined_digits_or_text() {
    let completed = |name: &str, content: Vec<u8>| {
        submitted(name, content).decisions[0]
            .date
            .map(|date| date.to_string())
    };
    for (name, write) in WORKBOOKS {
        for (cell, expected) in [
            (Cell::Date(2024, 5, 17), Some("2024-05-17")),
            // day 45,429 after 1899-12-30
            (Cell::Number(45_429.0), Some("2024-05-17")),
            (Cell::Number(5_172_024.0), Some("2024-05-17")),
            (Cell::Number(12_172_023.0), Some("2023-12-17")),
            ("2024-05-17".into(), Some("2024-05-17")),
            ("2024-05-17 00:00:00".into(), Some("2024-05-17")),
            ("5/17/2024".into(), Some("2024-05-17")),
            ("05172024".into(), Some("2024-05-17")),
            // digits in a text are read as a number cell would be; the first and the last serial are read, and none beyond
            ("45429".into(), Some("2024-05-17")),
            (Cell::Number(36_526.0), Some("2000-01-01")),
            (Cell::Number(73_050.0), Some("2099-12-31")),
            (Cell::Number(36_525.0), None),
            (Cell::Number(73_051.0), None),
            (Cell::Number(45_429.5), Some("2024-05-17")),
            (Cell::Number(13_012_024.0), None),
            ("2024-05-17 13:45:00".into(), Some("2024-05-17")),
            ("17/5/2024".into(), None),
            ("May 17".into(), None),
        ] {
            let content = with_cells(write, &[(Field::CompletionDate, cell.clone())]);
            assert_eq!(
                completed(name, content).as_deref(),
                expected,
                "{name}: {cell:?}"
            );
        }
    }
}

#[test]
fn the_time_of_day_behind_a_date_is_dropped() {
    let at = |time: &str| {
        let content = with_cells(ods, &[(Field::CompletionDate, Cell::Date(2024, 5, 17))]);
        let content = with_parts(&content, |_, part| {
            part.replace("2024-05-17\"", &format!("2024-05-17{time}\""))
        });
        verdict("0010.ods", content).1
    };
    assert_eq!(
        (at("T00:00:00").as_str(), at("T08:30:00").as_str()),
        ("", "")
    );
}

/// Fields in which an empty cell is an answer, each with the check of its text: there an error must not pass for one.
static MAY_BE_EMPTY: LazyLock<Vec<(Field, &str)>> = LazyLock::new(|| {
    let checks = CATALOGUE
        .iter()
        .filter(|entry| entry.severity == Severity::Rejected);
    let fields = checks.filter_map(|entry| Some((Field::of_check(entry.code)?, entry.code)));
    // What the year does not have is not read, whatever it says.
    let year = Fields::of(&built_in("co-cdip-2024-25").unwrap().unwrap());
    let fields = fields.filter(|(field, _)| year.has(*field));
    let may_be_empty = fields.filter(|(field, _)| {
        let found = verdict("0010.xlsx", with_cells(xlsx, &[(*field, Cell::Blank)]));
        found.0 != Outcome::Rejected
    });
    may_be_empty
        .map(|(field, code)| (field, code.as_str()))
        .collect()
});

#[test]
fn lunch_score_and_graduation_credit_may_be_empty() {
    for known in [
        (Field::Lunch, "E208"),
        (Field::ApScore, "E209"),
        (Field::GraduationCredit, "E210"),
    ] {
        assert!(MAY_BE_EMPTY.contains(&known), "{known:?}");
    }
}

#[test]
fn an_error_value_is_never_read_as_an_empty_cell() {
    for (name, write) in WORKBOOKS {
        for error in ["#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!"] {
            for (field, code) in MAY_BE_EMPTY.iter().copied() {
                let found = verdict(name, with_cells(write, &[(field, Cell::Error(error))]));
                assert_eq!(
                    (found.0, found.1.as_str()),
                    (Outcome::Rejected, code),
                    "{name}: {error} as {}",
                    field.title()
                );
            }
        }
    }
}

#[test]
fn an_error_value_of_opendocument_alone_is_none_either() {
    for (field, code) in MAY_BE_EMPTY.iter().copied() {
        let found = verdict(
            "0010.ods",
            with_cells(ods, &[(field, Cell::Error("Err:508"))]),
        );
        assert_eq!(
            (found.0, found.1.as_str()),
            (Outcome::Rejected, code),
            "{}",
            field.title()
        );
    }
}

#[test]
fn a_formula_that_was_never_calculated_is_never_read_as_an_empty_cell() {
    for (name, write) in WORKBOOKS {
        for (field, code) in MAY_BE_EMPTY.iter().copied() {
            let found = verdict(name, with_cells(write, &[(field, Cell::Uncalculated)]));
            assert_eq!(
                (found.0, found.1.as_str()),
                (Outcome::Rejected, code),
                "{name}: {}",
                field.title()
            );
        }
    }
    // Other programs leave an empty value behind the formula.
    for value in ["<v></v>", "<v/>"] {
        let content = with_cells(xlsx, &[(Field::Lunch, Cell::Uncalculated)]);
        let content = with_parts(&content, |_, part| {
            part.replace("<f>1+1</f>", &format!("<f>1+1</f>{value}"))
        });
        assert_eq!(verdict("0010.xlsx", content).1, "E208", "{value}");
    }
}

#[test]
fn a_formula_that_was_never_calculated_is_told_as_one_with_what_to_do() {
    for field in [
        Field::Grade,
        Field::CompletionDate,
        Field::Lunch,
        Field::ApScore,
    ] {
        let content = with_cells(xlsx, &[(field, Cell::Uncalculated)]);
        let calculation = submitted("0010.xlsx", content);
        let mut findings = calculation.findings.iter();
        let finding = findings.find(|at| at.code.severity() == Severity::Rejected);
        let finding = finding.unwrap_or_else(|| panic!("{}", field.title()));
        let told = format!("{} is a formula that is not calculated yet", field.title());
        assert_eq!(finding.message, told);
        assert!(finding.fix().contains("save it there"), "{}", finding.fix());
    }
}

#[test]
fn a_formula_that_gives_an_empty_text_is_an_empty_cell() {
    let content = with_cells(xlsx, &[(Field::Lunch, Cell::Uncalculated)]);
    let content = with_parts(&content, |_, part| {
        part.replace("<c r=\"G2\">", "<c r=\"G2\" t=\"str\">")
            .replace("</f>", "</f><v></v>")
    });
    assert_eq!(
        verdict("0010.xlsx", content),
        (Outcome::Paid, String::new(), vec![Code::W208])
    );
    let content = with_cells(ods, &[(Field::Lunch, Cell::Uncalculated)]);
    let content = with_parts(&content, |_, part| {
        part.replace(
            "\"of:=1+1\"/>",
            "\"of:=&quot;&quot;\"><text:p/></table:table-cell>",
        )
    });
    assert_eq!(
        verdict("0010.ods", content),
        (Outcome::Paid, String::new(), vec![Code::W208])
    );
}

#[test]
fn an_error_in_a_row_makes_it_a_row() {
    for (name, write) in WORKBOOKS {
        let mut rows = cells(&[headings(), clean_row().texts()]);
        rows.push(vec![Cell::Error("#REF!")]);
        let calculation = submitted(name, write(&[sheet("Sheet1", rows)]));
        assert_eq!(
            rows_ended(&calculation)[1],
            (3, Outcome::Rejected, "E201 E202 E203 E204 E205 E206".into()),
            "{name}"
        );
    }
}

#[test]
fn all_sheets_of_a_workbook_are_read_in_their_order_hidden_ones_with_a_warning() {
    let row = |number: u32| {
        cells(&[
            headings(),
            clean_row()
                .with(Field::Sasid, format!("100000000{number}"))
                .texts(),
        ])
    };
    for (name, write) in WORKBOOKS {
        let sheets = [
            sheet("Spring", row(1)),
            Sheet {
                hidden: true,
                ..sheet("Fall", row(2))
            },
            sheet("Notes", vec![vec!["ask Ann about row 2".into()]]),
            sheet("Empty", vec![]),
            Sheet {
                hidden: true,
                ..sheet("Prices", vec![vec!["not ours".into()]])
            },
        ];
        let calculation = submitted(name, write(&sheets));
        let found: Vec<_> = ends(&calculation)
            .into_iter()
            .map(|row| (row.sheet.unwrap(), row.row, row.outcome))
            .collect();
        assert_eq!(
            found,
            [
                ("Spring".into(), 2, Outcome::Paid),
                ("Fall".into(), 2, Outcome::Paid)
            ],
            "{name}"
        );
        let found: Vec<_> = calculation
            .findings
            .iter()
            .map(|finding| (finding.code, finding.sheet.as_deref()))
            .collect();
        let expected = [
            (Code::W216, Some("Fall")),
            (Code::W217, Some("Notes")),
            (Code::W217, Some("Prices")),
        ];
        assert!(
            found.len() == 3 && expected.iter().all(|finding| found.contains(finding)),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn the_sheets_of_one_workbook_may_have_their_columns_in_different_order() {
    let reversed = |mut texts: Vec<String>| {
        texts.reverse();
        texts
    };
    let second = clean_row()
        .with(Field::Sasid, "1000000002")
        .with(Field::Grade, "Alumni");
    for (name, write) in WORKBOOKS {
        let sheets = [
            sheet("Spring", cells(&[headings(), clean_row().texts()])),
            sheet(
                "Fall",
                cells(&[reversed(headings()), reversed(second.texts())]),
            ),
        ];
        let calculation = submitted(name, write(&sheets));
        // Grade is the fourth of eleven columns, so the eighth from behind: H.
        let places: Vec<String> = calculation
            .findings
            .iter()
            .map(cdip::finding::Finding::place)
            .collect();
        assert_eq!(
            places,
            [format!(
                "submissions/{name}, sheet \"Fall\", cell H2 (row 2, Grade)"
            )]
        );
        assert_eq!(rows_ended(&calculation)[0].1, Outcome::Paid, "{name}");
    }
}

#[test]
fn hidden_rows_count_like_any_other() {
    let content = with_parts(
        &xlsx(&[sheet("Sheet1", cells(&[headings(), clean_row().texts()]))]),
        |_, part| part.replace("<row r=\"2\"", "<row r=\"2\" hidden=\"1\""),
    );
    assert_eq!(
        verdict("0010.xlsx", content),
        (Outcome::Paid, String::new(), vec![])
    );
}

#[test]
fn a_repeated_row_of_opendocument_is_as_many_rows() {
    let content = ods(&[sheet("Sheet1", cells(&[headings(), clean_row().texts()]))]);
    let content = with_parts(&content, |_, part| {
        let second = part.rfind("<table:table-row>").unwrap_or(0);
        let (head, row) = part.split_at(second);
        head.to_string()
            + &row.replacen(
                "<table:table-row>",
                "<table:table-row table:number-rows-repeated=\"3\">",
                1,
            )
    });
    let expected = [
        (2, Outcome::Paid),
        (3, Outcome::Duplicate),
        (4, Outcome::Duplicate),
    ];
    let found: Vec<_> = rows_ended(&submitted("0010.ods", content))
        .into_iter()
        .map(|(row, outcome, _)| (row, outcome))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn stray_files_of_excel_and_the_system_are_ignored_and_counted() {
    let mut batch = TestBatch::of(&[clean_row()]);
    for stray in [
        "~$0010.xlsx",
        ".DS_Store",
        "Thumbs.db",
        "THUMBS.DB",
        "desktop.ini",
        "old/.keep.csv",
        ".git/0010.csv",
    ] {
        batch = batch.file(&format!("submissions/{stray}"), "stray");
    }
    let calculation = batch.calculated();
    // The folder .git counts once, whatever is in it.
    assert_eq!(calculation.intake.passed_over.len(), 7);
    assert_eq!(
        (codes_found(&calculation), calculation.intake.files.len()),
        // Of the hidden csv and the hidden folder the office is asked; no office program makes them.
        (vec![Code::Q407, Code::Q407], 1)
    );
}

#[test]
fn a_file_named_like_excels_lock_is_asked_about_once_it_is_too_large_for_one() {
    for (bytes, asked) in [(1_023, vec![]), (1_024, vec![Code::Q407])] {
        let calculation = TestBatch::of(&[clean_row()])
            .file("submissions/~$0010.xlsx", "x".repeat(bytes))
            .calculated();
        assert_eq!(codes_found(&calculation), asked, "{bytes} bytes");
    }
}

#[test]
fn inputs_name_what_was_passed_over_with_its_hash_and_who_sent_nothing() {
    let folder = TestBatch::of(&[clean_row()])
        .file("submissions/~$0010.xlsx", "stray")
        .file("submissions/.DS_Store", "")
        .asking_who_sent_nothing()
        .with_report();
    let report = fs::read(folder.path().join("report/statewide.xlsx")).unwrap();
    let mut workbook = Xlsx::new(Cursor::new(report)).unwrap();
    let sheet = workbook.worksheet_range("Inputs").unwrap();
    let rows: Vec<Vec<String>> = sheet
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect();
    // The columns are: file, what it is, entity, ..., remark (9), bytes (10), SHA-256 (11).
    let of_kind =
        |kind: &str| -> Vec<&Vec<String>> { rows.iter().filter(|row| row[1] == kind).collect() };
    let passed_over: Vec<(&str, &str, &str)> = of_kind("passed over")
        .into_iter()
        .map(|row| (row[0].as_str(), row[10].as_str(), &row[11][..8]))
        .collect();
    // printf '' | sha256sum and printf stray | sha256sum
    assert_eq!(
        passed_over,
        [
            ("submissions/.DS_Store", "0", "e3b0c442"),
            ("submissions/~$0010.xlsx", "5", "e224ddc6")
        ]
    );
    let unheard: Vec<&str> = of_kind("Not received")
        .into_iter()
        .map(|row| row[2].as_str())
        .collect();
    // 0010 sent a file, and 0030 does not participate; each of the others is asked for.
    assert_eq!(unheard, ["0010-4500", "0020", "8001-4600", "9035"]);
    assert_eq!(rows_of_questions(&folder), 4);
    // The first thing that a finance officer reads says it by name.
    let summary = workbook.worksheet_range("Summary").unwrap();
    let mut lines = summary.rows();
    let files = lines.find(|line| line[0] == "Files").unwrap();
    assert_eq!(
        files[1].to_string(),
        "1 of 1 file read. Not read because of the name: .DS_Store, ~$0010.xlsx. No rows from: 0010-4500 District Charter, 0020 Second \
         District, 8001-4600 Institute Charter, 9035 Mountain BOCES."
    );
}

#[test]
fn a_file_refused_for_its_ending_is_on_the_record_with_its_hash() {
    let calculation = TestBatch::of(&[clean_row()])
        .file("submissions/notes.docx", "stray")
        .calculated();
    let file = &calculation.intake.files[1];
    assert_eq!((&*file.path, file.bytes), ("submissions/notes.docx", 5));
    // printf stray | sha256sum
    assert_eq!(&file.sha256[..8], "e224ddc6");
}

/// How many participants the findings ask for (Q403).
fn rows_of_questions(folder: &TempDir) -> usize {
    let findings = fs::read_to_string(folder.path().join("report/findings.csv")).unwrap();
    findings
        .lines()
        .filter(|line| line.starts_with("Q403,"))
        .count()
}

/// Who a file is from, by its path under `submissions/`.
fn entity(path: &str) -> Option<String> {
    let calculation = submitted(path, csv_of(&[clean_row()]));
    let entity = calculation.intake.files[0].entity.clone();
    assert_eq!(
        codes_found(&calculation).contains(&Code::W215),
        entity.is_none(),
        "{path}: a file that names nobody is warned about"
    );
    entity
}

#[test]
fn a_file_speaks_for_the_entity_that_its_name_or_folder_begins_with() {
    for (path, expected) in [
        ("0010.csv", Some("0010")),
        ("0010 First District.csv", Some("0010")),
        ("0010-4500 charter.csv", Some("0010")),
        ("0010_final.csv", Some("0010")),
        ("0010 First District/spring.csv", Some("0010")),
        ("0010 First District/2023-24/spring.csv", Some("0010")),
        // the name goes before the folder, the nearest folder before the others
        ("0020 Second District/0010.csv", Some("0010")),
        (
            "0020 Second District/0010 First District/spring.csv",
            Some("0010"),
        ),
        ("2023-24 final.csv", None),
        ("spring.csv", None),
        ("00101.csv", None),
        ("001.csv", None),
        ("0099.csv", None),
    ] {
        assert_eq!(entity(path).as_deref(), expected, "{path}");
    }
}

#[test]
fn a_row_of_another_district_is_held_in_a_file_that_names_its_entity_only() {
    let row = clean_row().with(Field::DistrictCode, "0020");
    for (path, expected) in [
        ("0010.csv", Outcome::Held),
        ("0020.csv", Outcome::Paid),
        ("spring.csv", Outcome::Paid),
    ] {
        let calculation = submitted(path, csv_of(std::slice::from_ref(&row)));
        assert_eq!(rows_ended(&calculation)[0].1, expected, "{path}");
        assert_eq!(
            codes_found(&calculation).contains(&Code::H502),
            expected == Outcome::Held,
            "{path}"
        );
    }
}

#[test]
fn a_charter_reports_in_the_file_of_its_district_and_an_institute_charter_in_that_of_8001() {
    let charter = clean_row().with(Field::SchoolCode, "4500");
    assert_eq!(
        rows_ended(&submitted("0010-4500.csv", csv_of(&[charter]))),
        [(2, Outcome::Paid, String::new())]
    );
    let institute = clean_row()
        .with(Field::DistrictCode, "8001")
        .with(Field::SchoolCode, "4600");
    let calculation = submitted("8001.csv", csv_of(&[institute]));
    assert_eq!(
        rows_ended(&calculation),
        [(2, Outcome::Paid, String::new())]
    );
    assert_eq!(calculation.payees()[0].0, "8001");
}

#[test]
fn files_come_in_the_order_of_their_paths_byte_by_byte() {
    let row = |number: u32| csv_of(&[clean_row().with(Field::Sasid, format!("100000000{number}"))]);
    let batch = TestBatch::new()
        .file("submissions/0010.csv", row(1))
        .file("submissions/0010 b.csv", row(2))
        .file("submissions/0010 C.csv", row(3))
        .file("submissions/0010/a.csv", row(4));
    let files: Vec<String> = ends(&batch.calculated())
        .into_iter()
        .map(|row| row.file)
        .collect();
    // A space comes before a dot, a dot before a slash, upper case before lower case.
    assert_eq!(
        files,
        [
            "submissions/0010 C.csv",
            "submissions/0010 b.csv",
            "submissions/0010.csv",
            "submissions/0010/a.csv"
        ]
    );
}
