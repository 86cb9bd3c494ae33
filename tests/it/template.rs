//! The submission template.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::sync::LazyLock;

use calamine::{Reader as _, Xlsx};
use cdip::catalogue::{Code, Needed, Severity};
use cdip::checks::field_of;
use cdip::inspection::{Basis, inspect};
use cdip::intake::fields::{Field, Fields};
use cdip::intake::lists;
use cdip::ranks::RowRank;
use cdip::returns::template::{self, Office};
use cdip::rules::{RuleSet, built_in, built_in_ids};
use cdip::tasks::{self, Work};
use tempfile::TempDir;

use crate::batch_builder::{PARTICIPANTS, PROGRAMS, Row, SASID, TestBatch, clean_row, codes_found};
use crate::codes;
use crate::libreoffice;
use crate::spreadsheets::{text_part, with_parts};
use crate::support::{cdip, stderr};

/// The year that most tests are about.
const YEAR: &str = "co-cdip-2024-25";

fn rules_of(id: &str) -> RuleSet {
    built_in(id).unwrap().unwrap()
}

/// A template, and the headings of its sheet to fill in, each with its column from 0.
struct Template {
    bytes: Vec<u8>,
    headings: Vec<(usize, String)>,
}

impl Template {
    fn of(rules: &RuleSet) -> Template {
        let programs = lists::read_programs("programs.csv", PROGRAMS.as_bytes()).unwrap();
        let bytes = template::workbook(rules, &programs, &Office::default())
            .unwrap()
            .save_to_buffer()
            .unwrap();
        let mut sheets = Xlsx::new(Cursor::new(&bytes)).unwrap().worksheets();
        let sheet = sheets.remove(1).1;
        let headings = sheet.used_cells().filter(|(row, ..)| *row == 1);
        let headings = headings.map(|(_, column, heading)| (column, heading.to_string()));
        let headings = headings.collect();
        Template { bytes, headings }
    }

    fn column_of(&self, title: &str) -> usize {
        let found = self.headings.iter().find(|(_, found)| found == title);
        found.unwrap_or_else(|| panic!("{title}")).0
    }
}

/// That of [`YEAR`]. A template takes seconds to make and to read in a debug build.
static MADE: LazyLock<Template> = LazyLock::new(|| Template::of(&rules_of(YEAR)));

fn made() -> Vec<u8> {
    MADE.bytes.clone()
}

/// The part of the sheet to fill in.
const COMPLETIONS: &str = "xl/worksheets/sheet2.xml";

/// A row's texts by field.
type Filled = [&'static str; Field::COUNT];

/// A completion without fault, with the name of its program chosen. 45429 is 2024-05-17.
const SOUND: Filled = {
    let mut row = [""; Field::COUNT];
    row[Field::DistrictCode as usize] = "0010";
    row[Field::SchoolCode as usize] = "0101";
    row[Field::Sasid as usize] = SASID;
    row[Field::Grade as usize] = "11";
    row[Field::ProgramName as usize] = "Internship";
    row[Field::ProgramCode as usize] = "IN1";
    row[Field::CompletionDate as usize] = "45429";
    row[Field::Lunch as usize] = "No";
    row[Field::GraduationCredit as usize] = "Yes";
    row[Field::SchoolYear as usize] = "2023-24";
    row
};

fn letter(column: usize) -> char {
    char::from(b'A' + u8::try_from(column).unwrap())
}

/// A template with these rows filled in.
fn filled_with(template: &Template, rows: &[Filled]) -> Vec<u8> {
    with_parts(&template.bytes, |name, part| {
        if name != COMPLETIONS {
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
        let mut filled = part.clone();
        let says = letter(template.column_of("Program of the code"));
        for (row, texts) in (3..).zip(rows) {
            let cell = |(field, text): (Field, &&str)| {
                let at = template.column_of(field.title());
                let (column, style) = (letter(at), style(at + 1));
                let is_day = field == Field::CompletionDate && text.parse::<u32>().is_ok();
                let cell = if is_day {
                    format!("<c r=\"{column}{row}\" s=\"{style}\"><v>{text}</v></c>")
                } else {
                    format!(
                        "<c r=\"{column}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"
                    )
                };
                (at, cell)
            };
            let given = Field::ALL.into_iter().zip(texts);
            let given = given.filter(|(_, text)| !text.is_empty());
            let cells: BTreeMap<usize, String> = given.map(cell).collect();
            let cells: String = cells.into_values().collect();
            // Behind the columns to fill in is what the program says.
            let first = format!("<c r=\"{says}{row}\"");
            assert!(filled.contains(&first));
            filled = filled.replacen(&first, &(cells + &first), 1);
        }
        filled
    })
}

/// A template with one completion in its first row.
fn filled() -> Vec<u8> {
    filled_with(&MADE, &[SOUND])
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
    let given = [folder.path().join("0010.xlsx")];
    fs::write(&given[0], filled()).unwrap();
    for format in ["xlsx", "ods"] {
        let out = folder.path().join(format);
        if !libreoffice::convert(folder.path(), format, &out, &given) {
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
    text_part(&MADE.bytes, COMPLETIONS)
}

/// The formula of the drop-down of a column, without its quotes.
fn drop_down(part: &str, column: char) -> String {
    let cells = format!("sqref=\"{column}3:{column}5001\"");
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
        .map(|row| sheets[2].1.get_value((row, column)).unwrap().to_string())
        .collect()
}

#[test]
fn whatever_a_drop_down_offers_passes_the_checks() {
    let part = sheet_part();
    let mut rows: Vec<Row> = Vec::new();
    let drop_downs = [
        ('D', Field::Grade, 4),
        ('H', Field::Lunch, 5),
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
    // 4 grades, 5 + 2 answers, 5 scores, 1 year, 6 programs; each of another pupil, so that none is a duplicate.
    assert_eq!(rows.len(), 4 + 5 + 2 + 5 + 1 + 6);
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
            "OFFSET(Programs!$A$7,IFERROR(MATCH($E3,{names},0)-1,0),0,IF(COUNTIF({names},$E3)>0,COUNTIF({names},$E3),6),1)"
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
        .remove(1)
        .1;
    assert_eq!(
        headings.get_value((1, 4)).unwrap().to_string(),
        "Program Name"
    );
}

#[test]
fn the_completions_print_on_pages_one_sheet_wide_with_the_headings_on_each() {
    let part = sheet_part();
    assert!(
        part.contains("orientation=\"landscape\"") && part.contains("fitToHeight=\"0\""),
        "{part}"
    );
    let workbook = text_part(&MADE.bytes, "xl/workbook.xml");
    assert!(workbook.contains("Completions!$1:$2"), "{workbook}");
}

#[test]
fn a_template_is_written_once_and_replaced_only_on_request() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("programs.csv"), PROGRAMS).unwrap();
    let arguments = [
        "template",
        "--rules",
        YEAR,
        "--programs",
        "programs.csv",
        "--out",
        "template.xlsx",
    ];
    let template = folder.path().join("template.xlsx");
    let output = cdip(folder.path(), &arguments);
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(0), "written: template.xlsx\n")
    );
    assert!(fs::read(&template).unwrap() == made());

    fs::write(&template, "filled in by hand").unwrap();
    let output = cdip(folder.path(), &arguments);
    let said = "error: the file is there already\n  --> template.xlsx\n   = fix: give another name, or --force to replace it\n";
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
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
    let (programs, instructions) = (words(2), words(3));
    for entry in cdip::catalogue::CATALOGUE
        .iter()
        .filter(|entry| matches!(entry.severity, Severity::Rejected | Severity::NotQualified))
        .filter(|entry| has_column_of(entry.code, &rules_of(YEAR)))
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
    let fields = Fields::of(&rules_of(YEAR));
    for field in Field::ALL {
        assert_eq!(
            instructions.iter().any(|word| word == field.title()),
            fields.has(field),
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
        sheets[2].1.get_value((6, 0)).map(ToString::to_string),
        Some("AP1".to_string())
    );
    assert!(sheets[2].1.get_value((11, 0)).is_some() && sheets[2].1.get_value((12, 0)).is_none());
}

/// What the template says of each row, recalculated by LibreOffice: what is wrong, and the program; and how many rows are faulty.
fn recalculated(template: &Template, rows: &[Filled]) -> Option<(Vec<(String, String)>, String)> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("0010.xlsx");
    fs::write(&path, filled_with(template, rows)).unwrap();
    let sheets = libreoffice::sheets(&path, folder.path())?;
    let sheet = |name: &str| &sheets.iter().find(|(sheet, _)| sheet == name).unwrap().1;
    let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
    let said = sheet("Completions").iter().skip(2).take(rows.len());
    // Behind the columns to fill in: what is meant, and what is wrong.
    let meant = template.column_of("Program of the code");
    let said = said
        .map(|row| (cell(row, meant + 1), cell(row, meant)))
        .collect();
    let start = sheet("Start here").iter();
    let count = start
        .map(|row| cell(row, 0))
        .find(|text| text.contains(" ready") || text == "No rows yet.");
    Some((said, count.unwrap()))
}

/// The sound row with one text changed.
fn but(field: Field, text: &'static str) -> Filled {
    let mut row = SOUND;
    row[field as usize] = text;
    row
}

/// An industry credential, which needs graduation credit, and an AP course, which needs a score.
fn of_program(code: &'static str, field: Field, text: &'static str) -> Filled {
    let mut row = but(Field::ProgramCode, code);
    row[Field::ProgramName as usize] = "";
    row[field as usize] = text;
    row
}

/// A check, a row in which it fails, and the same row mended.
type Faulty = (Code, Filled, Filled);

/// The row of its case in codes.rs for every check that a row and the rules of the year decide, and the rows below.
fn faulty() -> Vec<Faulty> {
    let cases = codes::broken_rows().into_iter();
    let rows = cases
        .filter(|(code, _)| is_made(*code))
        .map(|(code, [sound, broken])| (code, filled_of(&broken), filled_of(&sound)));
    rows.chain(more_rows()).collect()
}

/// Whether a row and the rules of the year decide a check. N307 is never true under the program's own rules.
fn is_made(code: Code) -> bool {
    let entry = code.entry();
    let decides = matches!(entry.severity, Severity::Rejected | Severity::NotQualified);
    let mut needs = entry.needs.iter();
    decides
        && needs.all(|needed| matches!(needed, Needed::Rules | Needed::Programs))
        && code != Code::N307
}

fn filled_of(row: &Row) -> Filled {
    Field::ALL.map(|field| &*row.text(field).to_string().leak())
}

/// What is to be seen besides the rows of the cases.
fn more_rows() -> Vec<Faulty> {
    let (district, school, sasid) = (Field::DistrictCode, Field::SchoolCode, Field::Sasid);
    let (grade, code, day) = (Field::Grade, Field::ProgramCode, Field::CompletionDate);
    let (lunch, credit) = (Field::Lunch, Field::GraduationCredit);
    let (score, year) = (Field::ApScore, Field::SchoolYear);
    vec![
        (Code::E201, but(district, "ABC"), but(district, "10")),
        (Code::E202, but(school, "UUUU"), but(school, "101")),
        (Code::E203, but(sasid, "9.91E+09"), SOUND),
        (
            Code::Q404,
            but(sasid, "9910000000"),
            but(sasid, "9910000001"),
        ),
        (Code::E204, but(grade, "Alumni"), but(grade, "Senior")),
        (Code::N302, but(grade, "8"), but(grade, "Gr 9")),
        (Code::E205, but(code, ""), SOUND),
        (Code::N301, but(code, "IN9"), but(code, "in1")),
        (Code::E206, but(day, "soon"), but(day, "2024-05-17")),
        (Code::E206, but(day, "later"), but(day, "5.17.2024")),
        // A spreadsheet takes it for the first of May.
        (Code::E206, but(day, "May 2024"), but(day, "May 17, 2024")),
        // 45107 is 2023-06-30, 45108 the day after.
        (Code::N303, but(day, "45107"), but(day, "45108")),
        // 45838 is 2025-06-30: a file of 2023-24 can report it by mistake. The day after has not come.
        (Code::N303, but(day, "45838"), SOUND),
        (Code::N303, but(day, "45839"), SOUND),
        (Code::E208, but(lunch, "maybe"), but(lunch, "Free")),
        (Code::W208, but(lunch, ""), but(lunch, "P")),
        (Code::E210, but(credit, "some"), but(credit, "Y")),
        (
            Code::N305,
            of_program("IC1", credit, "No"),
            of_program("IC1", credit, "yes"),
        ),
        (Code::N305, of_program("IC1", credit, ""), SOUND),
        (Code::E209, but(score, "33"), but(score, "3")),
        // A score that is none is not also too low.
        (
            Code::E209,
            of_program("AP1", score, "0"),
            of_program("AP1", score, "3"),
        ),
        (
            Code::N306,
            of_program("AP1", score, "2"),
            of_program("AP1", score, "3"),
        ),
        (Code::N306, of_program("AP1", score, ""), SOUND),
        (Code::W213, but(year, "2022-23"), but(year, "2023-2024")),
    ]
}

/// Whether the rules ask for the column that a check is about.
fn has_column_of(code: Code, rules: &RuleSet) -> bool {
    field_of(code).is_none_or(|field| Fields::of(rules).has(field))
}

/// The rules for a faulty row of a check: those of [`YEAR`], or of the last year that has the check's column, for the same school year.
fn rules_for(code: Code) -> RuleSet {
    let later = built_in_ids().into_iter().rev();
    let mut years = [YEAR.to_string()].into_iter().chain(later);
    let found = years.find(|id| has_column_of(code, &rules_of(id)));
    RuleSet {
        school_year: rules_of(YEAR).school_year,
        ..rules_of(&found.unwrap())
    }
}

#[test]
fn every_check_that_a_template_makes_has_a_faulty_row() {
    let tested: BTreeSet<Code> = faulty().into_iter().map(|(code, ..)| code).collect();
    let all = cdip::catalogue::CATALOGUE
        .iter()
        .filter(|entry| entry.severity != Severity::Refused)
        .count();
    // The newest year of each set of columns.
    let years = built_in_ids().into_iter().rev();
    let mut years: Vec<RuleSet> = years.map(|id| rules_of(&id)).collect();
    years.dedup_by_key(|rules| Fields::of(rules));
    for rules in years {
        let tested = tested.iter().filter(|code| has_column_of(**code, &rules));
        let makes = format!("it makes {} of the {all} checks", tested.count());
        let template = Template::of(&rules).bytes;
        let mut sheets = Xlsx::new(Cursor::new(template)).unwrap().worksheets();
        let start = sheets.remove(0).1;
        let mut words = start.used_cells().map(|(.., cell)| cell.to_string());
        assert!(words.any(|text| text.contains(&makes)), "{makes}");
    }
}

/// Each faulty row says what the checks say of it, as the same work, and each mended row says nothing; gives how many rows are ready.
fn says_what_the_checks_say(rules: &RuleSet, faulty: &[Faulty]) -> Option<String> {
    let template = Template::of(rules);
    let rows: Vec<Filled> = faulty.iter().map(|(_, row, _)| *row).collect();
    let mended: Vec<Filled> = faulty.iter().map(|(.., row)| *row).collect();
    let (said, count) = recalculated(&template, &[rows, mended].concat())?;
    for ((code, row, _), (wrong, _)) in faulty.iter().zip(&said) {
        let workbook = filled_with(&template, &[*row]);
        let (entry, work) = (code.entry(), work_of(*code, rules, &workbook));
        // The title begins with a capital.
        let (first, rest) = entry.title.split_at(1);
        let words = format!("{work}: {}{rest}. {}", first.to_uppercase(), entry.fix);
        assert_eq!(wrong, &words, "{code}");
    }
    for ((code, ..), (wrong, _)) in faulty.iter().zip(&said[faulty.len()..]) {
        assert_eq!(wrong, "", "{code}");
    }
    Some(count)
}

#[test]
fn a_faulty_row_says_what_is_wrong_in_the_catalogues_words_and_a_mended_row_says_nothing() {
    let mut by_year: BTreeMap<String, Vec<Faulty>> = BTreeMap::new();
    for row in faulty() {
        by_year.entry(rules_for(row.0).id).or_default().push(row);
    }
    for (year, faulty) in by_year {
        let Some(count) = says_what_the_checks_say(&rules_for(faulty[0].0), &faulty) else {
            return;
        };
        // 24 faulty rows: W208 and W213; N302, N303 twice, N305 and N306 with an answer; the other 17. And 24 mended ones.
        // 14 of the cases: N302, N303, N305 and N306; the other 10. And 14 sound ones. 24 + 14 = 38, 17 + 10 = 27, 5 + 4 = 9.
        if year == YEAR {
            assert_eq!(
                count,
                "76 rows: 38 ready, 2 to look at again, 27 to fix, 9 earn nothing."
            );
        }
    }
}

#[test]
fn a_template_says_how_many_rows_are_ready_and_of_one_row_in_the_singular() {
    let says = |rows: &[Filled]| recalculated(&MADE, rows).map(|(_, count)| count);
    let Some(none) = says(&[]) else { return };
    assert_eq!(none, "No rows yet.");
    assert_eq!(says(&[SOUND]).unwrap(), "1 row ready.");
    // 45107 is 2023-06-30.
    assert_eq!(
        says(&[SOUND, but(Field::CompletionDate, "45107")]).unwrap(),
        "2 rows: 1 ready, 1 earns nothing."
    );
    // A row is in one of the numbers, the most urgent: it has a slip and a fact here, and in the second row an empty lunch too.
    let mut both = but(Field::CompletionDate, "45107");
    both[Field::Sasid as usize] = "9.91E+09";
    let mut all = both;
    all[Field::Lunch as usize] = "";
    assert_eq!(says(&[both, all]).unwrap(), "2 rows: 0 ready, 2 to fix.");
}

/// What is to be done about the one finding in a workbook, as the page says it.
fn work_of(code: Code, rules: &RuleSet, workbook: &[u8]) -> &'static str {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("0010.xlsx");
    fs::write(&path, workbook).unwrap();
    let programs = lists::read_programs("programs.csv", PROGRAMS.as_bytes()).unwrap();
    let participants =
        lists::read_participants("participants.csv", PARTICIPANTS.as_bytes()).unwrap();
    let basis = Basis {
        rules: Some((rules.clone(), rules.readings)),
        programs: Some(programs),
        participants: Some(participants),
        ..Basis::default()
    };
    let inspection = inspect(&[path], basis, &|_, _| {}).unwrap();
    let tasks = tasks::of(&inspection);
    let [task] = &tasks[..] else {
        panic!("{code}: {tasks:?}");
    };
    assert_eq!(task.finding.code, code);
    match task.work {
        Work::Fix => "Fix",
        Work::Look => "Look again",
        Work::Fact => "Earns nothing",
        Work::Done => panic!("{code}: nothing to do"),
    }
}

#[test]
fn a_code_next_to_which_no_program_is_has_the_nearest_proposed() {
    let row = |name: &'static str, code: &'static str| {
        let mut row = but(Field::ProgramCode, code);
        row[Field::ProgramName as usize] = name;
        row
    };
    let rows = [
        row("", "IN1"),
        row("", "lN-1"),
        row("", "Welding"),
        row("Carpentry", "XX9"),
        row("Carpentry", ""),
        row("", "XX9"),
        row("", ""),
    ];
    let Some((said, _)) = recalculated(&MADE, &rows) else {
        return;
    };
    let meant: Vec<&str> = said.iter().map(|(_, meant)| meant.as_str()).collect();
    assert_eq!(
        meant,
        [
            "Internship",
            "Did you mean IN1, Internship?",
            "Did you mean IC1, Welding?",
            "Did you mean AA1, Carpentry?",
            "Did you mean AA1, Carpentry?",
            "Look up the code on the sheet Programs",
            ""
        ]
    );
}

#[test]
fn the_first_sheet_says_what_to_do_until_when_and_whom_to_ask() {
    let programs = lists::read_programs("programs.csv", PROGRAMS.as_bytes()).unwrap();
    let rules = rules_of(YEAR);
    let office = Office {
        name: Some("Program office".to_string()),
        contact: Some("Ann Example, 303 555 0100".to_string()),
        deadline: chrono::NaiveDate::from_ymd_opt(2024, 10, 31),
    };
    let bytes = template::workbook(&rules, &programs, &office)
        .unwrap()
        .save_to_buffer()
        .unwrap();
    let sheets = Xlsx::new(Cursor::new(bytes)).unwrap().worksheets();
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Start here",
            "Completions",
            "Programs",
            "All checks",
            "Lists"
        ]
    );
    let words: Vec<String> = sheets[0]
        .1
        .used_cells()
        .map(|(.., cell)| cell.to_string())
        .collect();
    for word in [
        "10/31/2024",
        "Program office",
        "Ann Example, 303 555 0100",
        "Where you are",
    ] {
        assert!(words.iter().any(|found| found == word), "{word}");
    }
    let all = cdip::catalogue::CATALOGUE
        .iter()
        .filter(|entry| entry.severity != Severity::Refused);
    let makes = format!("makes 17 of the {} checks", all.count());
    let says_so = |found: &String| found.contains(&format!("it {makes}"));
    assert!(words.iter().any(says_so), "{words:?}");
}
