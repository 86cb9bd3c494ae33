//! The submission template.

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use cdip::catalogue::Severity;
use cdip::intake::completions::Field;
use cdip::report::workbook::template;
use cdip::rules::built_in;

use crate::batch_builder::{PROGRAMS, SASID, TestBatch, codes_found};
use crate::spreadsheets::with_parts;

fn made() -> Vec<u8> {
    let programs = cdip::intake::lists::read_programs("programs.csv", PROGRAMS.as_bytes()).unwrap();
    template::workbook(&built_in("co-cdip-2024-25").unwrap().unwrap(), &programs).unwrap().save_to_buffer().unwrap()
}

#[test]
fn a_filled_template_passes_the_checks_without_a_finding() {
    let texts = ["0010", "0101", SASID, "11", "IN1", "", "No", "Yes", "", "2023-24"];
    let filled = with_parts(&made(), |name, part| {
        if name != "xl/worksheets/sheet1.xml" {
            return part;
        }
        let cell = |(column, text): (char, &str)| match column {
            // 2024-05-17
            'F' => "<c r=\"F2\" s=\"2\"><v>45429</v></c>".to_string(),
            _ => format!("<c r=\"{column}2\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
        };
        let row: String = ('A'..='J').zip(texts).map(cell).collect();
        part.replace("</sheetData>", &format!("<row r=\"2\">{row}</row></sheetData>"))
    });
    let calculation = TestBatch::new().file("submissions/0010.xlsx", filled).calculated();
    assert_eq!(calculation.findings, []);
    let rows = calculation.intake.completions.rows().unwrap();
    assert_eq!((rows.len(), rows.text(0, Field::SchoolCode), rows.text(0, Field::Sasid)), (1, "0101", SASID));
}

#[test]
fn an_empty_template_says_only_that_it_holds_no_completions() {
    let calculation = TestBatch::new().file("submissions/0010.xlsx", made()).calculated();
    assert_eq!(codes_found(&calculation), [cdip::catalogue::Code::W218]);
}

#[test]
fn the_instructions_have_every_check_and_the_programs_are_those_of_the_year() {
    let sheets = Xlsx::new(Cursor::new(made())).unwrap().worksheets();
    let words = |sheet: usize| sheets[sheet].1.used_cells().map(|(_, _, cell)| cell.to_string()).collect::<Vec<_>>();
    let (programs, instructions) = (words(1), words(2));
    for entry in cdip::catalogue::CATALOGUE.iter().filter(|entry| matches!(entry.severity, Severity::Rejected | Severity::NotQualified)) {
        assert!(instructions.iter().any(|word| word == entry.code.as_str()) && instructions.iter().any(|word| word == entry.fix));
    }
    assert!(programs.contains(&"IN1".to_string()) && !programs.contains(&"IC9".to_string()), "IC9 left the list in 2021-22");
    // The drop-down begins at the first program, and ends at the last of six.
    assert_eq!(sheets[1].1.get_value((6, 0)).map(ToString::to_string), Some("AA1".to_string()));
    assert!(sheets[1].1.get_value((11, 0)).is_some() && sheets[1].1.get_value((12, 0)).is_none());
}
