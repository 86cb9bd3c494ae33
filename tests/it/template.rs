//! The submission template.

use std::fs;
use std::io::{Cursor, Read as _};
use std::process::Command;

use calamine::{Reader as _, Xlsx};
use cdip::catalogue::{Code, Severity};
use cdip::intake::completions::Field;
use cdip::ranks::RowRank;
use cdip::returns::template;
use cdip::rules::built_in;
use tempfile::TempDir;

use crate::batch_builder::{PROGRAMS, Row, SASID, TestBatch, clean_row, codes_found};
use crate::cli::cdip;
use crate::spreadsheets::with_parts;

fn made() -> Vec<u8> {
    let programs = cdip::intake::lists::read_programs("programs.csv", PROGRAMS.as_bytes()).unwrap();
    template::workbook(&built_in("co-cdip-2024-25").unwrap().unwrap(), &programs)
        .unwrap()
        .save_to_buffer()
        .unwrap()
}

/// A template with one completion in its first row, a program's name chosen.
fn filled() -> Vec<u8> {
    with_parts(&made(), |name, part| {
        if name != "xl/worksheets/sheet1.xml" {
            return part;
        }
        // The style of a cell is that of its column, as a spreadsheet gives it.
        let style = |column: usize| {
            let number = |tag: &str, name: &str| {
                tag.split_once(&format!("{name}=\""))
                    .unwrap()
                    .1
                    .split('"')
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap()
            };
            let covers = |tag: &&str| (number(tag, "min")..=number(tag, "max")).contains(&column);
            number(part.split("<col ").skip(1).find(covers).unwrap(), "style")
        };
        let texts = [
            "0010",
            "0101",
            SASID,
            "11",
            "Internship",
            "IN1",
            "",
            "No",
            "Yes",
            "",
            "2023-24",
        ];
        let cell = |(position, text): (usize, &str)| {
            let (column, style) = (
                char::from(b'A' + u8::try_from(position).unwrap()),
                style(position + 1),
            );
            match column {
                // 2024-05-17
                'G' => format!("<c r=\"G2\" s=\"{style}\"><v>45429</v></c>"),
                _ => format!(
                    "<c r=\"{column}2\" s=\"{style}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"
                ),
            }
        };
        let row: String = texts.into_iter().enumerate().map(cell).collect();
        part.replace(
            "</sheetData>",
            &format!("<row r=\"2\">{row}</row></sheetData>"),
        )
    })
}

/// Its one row is read, zeros and all, and nothing is found.
fn is_read_without_a_finding(path: &str, workbook: Vec<u8>) {
    let calculation = TestBatch::new().file(path, workbook).calculated();
    assert_eq!(calculation.findings, [], "{path}");
    let rows = calculation.intake.completions.rows();
    let first = RowRank::new(0);
    let texts = (
        rows.text(first, Field::DistrictCode),
        rows.text(first, Field::SchoolCode),
        rows.text(first, Field::Sasid),
    );
    assert_eq!((rows.len(), texts), (1, ("0010", "0101", SASID)), "{path}");
}

#[test]
fn a_filled_template_passes_the_checks_without_a_finding() {
    is_read_without_a_finding("submissions/0010.xlsx", filled());
}

#[test]
fn a_template_filled_in_libreoffice_is_read_and_recognised_like_one_of_excel() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("0010.xlsx");
    fs::write(&path, filled()).unwrap();
    let profile = format!(
        "-env:UserInstallation=file://{}",
        folder.path().join("profile").display()
    );
    for format in ["xlsx", "ods"] {
        let out = folder.path().join(format);
        let arguments = [
            profile.as_str(),
            "--headless",
            "--norestore",
            "--convert-to",
            format,
            "--outdir",
        ];
        let converted = Command::new("soffice")
            .args(arguments)
            .arg(&out)
            .arg(&path)
            .output();
        if !converted.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: LibreOffice is not installed");
            return;
        }
        let saved = fs::read(out.join(format!("0010.{format}"))).unwrap();
        let path = format!("submissions/0010.{format}");
        is_read_without_a_finding(&path, saved.clone());
        let other = TestBatch::new()
            .programs(&PROGRAMS.replace("Welding", "Baking"))
            .file(&path, saved)
            .calculated();
        assert_eq!(
            codes_found(&other),
            [Code::W224],
            "{format}: the fingerprint is still there"
        );
    }
}

#[test]
fn a_template_of_another_list_gives_one_warning_however_many_pages_it_has() {
    let calculation = TestBatch::new()
        .programs(&PROGRAMS.replace("Carpentry first year", "Joinery"))
        .file("submissions/0010.xlsx", filled());
    assert_eq!(codes_found(&calculation.calculated()), [Code::W224]);
}

fn sheet_part() -> String {
    let bytes = made();
    let mut zip = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let mut part = String::new();
    zip.by_name("xl/worksheets/sheet1.xml")
        .unwrap()
        .read_to_string(&mut part)
        .unwrap();
    part
}

/// The formula of the drop-down of a column, without its quotes.
fn drop_down(part: &str, column: char) -> String {
    let cells = format!("sqref=\"{column}2:{column}5001\"");
    let validation = part
        .split("<dataValidation ")
        .find(|validation| validation.contains(&cells))
        .unwrap_or_else(|| panic!("{column}"));
    assert!(validation.contains("type=\"list\""), "{column}");
    let formula = validation
        .split_once("<formula1>")
        .unwrap()
        .1
        .split_once("</formula1>")
        .unwrap()
        .0;
    formula
        .trim_matches('"')
        .replace("&quot;", "")
        .replace("&gt;", ">")
}

/// The cells of a column of the list of programs, in its order.
fn listed(column: u32) -> Vec<String> {
    let sheets = Xlsx::new(Cursor::new(made())).unwrap().worksheets();
    (6..12)
        .map(|row| sheets[1].1.get_value((row, column)).unwrap().to_string())
        .collect()
}

#[test]
fn whatever_a_drop_down_offers_passes_the_checks() {
    let part = sheet_part();
    let mut rows: Vec<Row> = Vec::new();
    let drop_downs = [
        ('D', Field::Grade, 4),
        ('H', Field::Lunch, 2),
        ('I', Field::GraduationCredit, 2),
        ('J', Field::ApScore, 5),
        ('K', Field::SchoolYear, 1),
    ];
    for (column, field, count) in drop_downs {
        let offered = drop_down(&part, column);
        assert_eq!(offered.split(',').count(), count, "{offered}");
        rows.extend(
            offered
                .split(',')
                .map(|value| clean_row().with(field, value)),
        );
    }
    for code in listed(0) {
        let row = clean_row()
            .with(Field::ProgramCode, code)
            .with(Field::GraduationCredit, "Yes");
        rows.push(row.with(Field::ApScore, "3"));
    }
    // 4 grades, 2 + 2 answers, 5 scores, 1 year, 6 programs; each of another pupil, so that none is a duplicate.
    assert_eq!(rows.len(), 4 + 2 + 2 + 5 + 1 + 6);
    let rows: Vec<Row> = (1..)
        .zip(rows)
        .map(|(pupil, row)| row.with(Field::Sasid, format!("{:010}", 1_000_000_000 + pupil)))
        .collect();
    assert_eq!(TestBatch::of(&rows).calculated().findings, []);
}

#[test]
fn a_program_is_chosen_by_name_and_its_code_beside_it_or_the_code_alone() {
    let part = sheet_part();
    assert_eq!(drop_down(&part, 'E'), "Programs!$B$7:$B$12");
    // Row by row: the codes of the name in E, or all 6.
    let names = "Programs!$B$7:$B$12";
    assert_eq!(
        drop_down(&part, 'F'),
        format!(
            "OFFSET(Programs!$A$7,IFERROR(MATCH($E2,{names},0)-1,0),0,IF(COUNTIF({names},$E2)>0,COUNTIF({names},$E2),6),1)"
        )
    );
    assert_eq!(listed(0), ["AP1", "AA1", "PA1", "IN1", "RE1", "IC1"]);
    let names = [
        "AP Computer Science A",
        "Carpentry",
        "Carpentry first year",
        "Internship",
        "Residency",
        "Welding",
    ];
    assert_eq!(
        listed(1),
        names,
        "names are in order, so that the codes of one name stand together"
    );
    let headings = Xlsx::new(Cursor::new(made()))
        .unwrap()
        .worksheets()
        .remove(0)
        .1;
    assert_eq!(
        (
            headings.get_value((0, 4)).unwrap().to_string(),
            headings.height()
        ),
        ("Program Name".to_string(), 1),
        "no row is filled in"
    );
}

#[test]
fn the_completions_print_on_pages_one_sheet_wide_with_the_headings_on_each() {
    let part = sheet_part();
    assert!(
        part.contains("orientation=\"landscape\"") && part.contains("fitToHeight=\"0\""),
        "{part}"
    );
    let bytes = made();
    let mut workbook = String::new();
    zip::ZipArchive::new(Cursor::new(&bytes))
        .unwrap()
        .by_name("xl/workbook.xml")
        .unwrap()
        .read_to_string(&mut workbook)
        .unwrap();
    assert!(workbook.contains("Completions!$1:$1"), "{workbook}");
}

#[test]
fn a_template_is_written_once_and_replaced_only_on_request() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("programs.csv"), PROGRAMS).unwrap();
    let arguments = [
        "template",
        "--rules",
        "co-cdip-2024-25",
        "--programs",
        "programs.csv",
        "--out",
        "template.xlsx",
    ];
    let template = folder.path().join("template.xlsx");
    let output = cdip(folder.path(), &arguments);
    assert_eq!(
        (
            output.status.code(),
            &*String::from_utf8_lossy(&output.stderr)
        ),
        (Some(0), "written: template.xlsx\n")
    );
    assert!(fs::read(&template).unwrap() == made());

    fs::write(&template, "filled in by hand").unwrap();
    let output = cdip(folder.path(), &arguments);
    let said = "error: the file is there already\n  --> template.xlsx\n   = fix: give another name, or --force to replace it\n";
    assert_eq!(
        (
            output.status.code(),
            &*String::from_utf8_lossy(&output.stderr)
        ),
        (Some(2), said)
    );
    assert_eq!(fs::read_to_string(&template).unwrap(), "filled in by hand");

    let output = cdip(folder.path(), &[&arguments[..], &["--force"]].concat());
    assert_eq!(output.status.code(), Some(0));
    assert!(fs::read(&template).unwrap() == made());
}

#[test]
fn an_empty_template_says_only_that_it_holds_no_completions() {
    let calculation = TestBatch::new()
        .file("submissions/0010.xlsx", made())
        .calculated();
    assert_eq!(codes_found(&calculation), [Code::W218]);
}

#[test]
fn the_instructions_have_every_check_and_the_programs_are_those_of_the_year() {
    let sheets = Xlsx::new(Cursor::new(made())).unwrap().worksheets();
    let words = |sheet: usize| {
        sheets[sheet]
            .1
            .used_cells()
            .map(|(_, _, cell)| cell.to_string())
            .collect::<Vec<_>>()
    };
    let (programs, instructions) = (words(1), words(2));
    for entry in cdip::catalogue::CATALOGUE
        .iter()
        .filter(|entry| matches!(entry.severity, Severity::Rejected | Severity::NotQualified))
    {
        assert!(
            instructions.iter().any(|word| word == entry.code.as_str())
                && instructions.iter().any(|word| word == entry.fix)
        );
    }
    for word in [
        "9, 10, 11, 12",
        "an AP Exam Score of 3 or more",
        "Yes is needed for: Industry credential",
    ] {
        assert!(instructions.iter().any(|found| found == word), "{word}");
    }
    for field in Field::ALL {
        assert!(
            instructions.iter().any(|word| word == field.title()),
            "{}",
            field.title()
        );
    }
    assert!(
        programs.contains(&"IN1".to_string()) && !programs.contains(&"IC9".to_string()),
        "IC9 left the list in 2021-22"
    );
    // The drop-down begins at the first program, and ends at the last of six.
    assert_eq!(
        sheets[1].1.get_value((6, 0)).map(ToString::to_string),
        Some("AP1".to_string())
    );
    assert!(sheets[1].1.get_value((11, 0)).is_some() && sheets[1].1.get_value((12, 0)).is_none());
}
