//! Runs the fuzzers' committed corpus (`fuzz/README.md`) through the functions they call, with a stable toolchain and without a fuzzer,
//! so that repaired defects stay repaired.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::PathBuf;

use cdip::catalogue::Code;
use cdip::inspection::{Basis, inspect};
use cdip::intake::completions::Field;
use cdip::intake::lists;
use cdip::rules::readings::READINGS;
use cdip::rules::{built_in, built_in_ids, parameters};
use cdip::tasks;
use tempfile::TempDir;

use crate::batch_builder::{
    PARTICIPANTS, PROGRAMS, Row, TestBatch, clean_row, codes_found, csv_of, headings,
};
use crate::binary::{xls, xls_1904, xlsb};
use crate::spreadsheets::{
    Cell, Sheet, cells, delimited, ods, parts, sheet, with_parts, xlsx, zip_of,
};
use crate::support::{root, tree};
use crate::vectors;

#[path = "../../fuzz/src/lib.rs"]
pub mod targets;

use targets::privacy::NAME;
use targets::workbook::{FILE, OLD_STREAM, PACKAGE, PART_END};

fn folder(target: &str) -> PathBuf {
    root().join("fuzz/corpus").join(target)
}

#[test]
fn every_input_of_the_corpus_keeps_what_the_fuzzers_check() {
    for (target, run) in targets::TARGETS {
        let inputs = tree(&folder(target));
        assert!(!inputs.is_empty(), "{target} has no corpus");
        for (name, input) in inputs {
            let outcome = std::panic::catch_unwind(|| run(&input));
            assert!(
                outcome.is_ok(),
                "fuzz/corpus/{target}/{name} breaks what the target {target} checks"
            );
        }
    }
}

// What the fuzzers found, in plain words.

#[test]
fn a_heading_of_two_lines_that_may_be_meant_is_quoted_in_one() {
    let heads = csv_of(&[clean_row()]).replace("Completion Date", "\"Date\nCompleted\"");
    let calculation = TestBatch::of(&[clean_row()])
        .file("submissions/0020.csv", heads)
        .calculated();
    let finding = calculation
        .findings
        .iter()
        .find(|finding| finding.code == Code::F103)
        .unwrap();
    assert!(
        finding
            .fix()
            .starts_with("did you mean \"Date Completed\" in F1 for Completion Date?"),
        "{}",
        finding.fix()
    );
}

/// The proposals for the finding of a code in a file of one row, whose name says no district.
fn proposals(code: Code, row: &Row) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rows.csv");
    fs::write(&path, csv_of(std::slice::from_ref(row))).unwrap();
    let rules = built_in("co-cdip-2024-25").unwrap().unwrap();
    let basis = Basis {
        rules: Some((rules.clone(), rules.readings)),
        programs: Some(lists::read_programs("p.csv", PROGRAMS.as_bytes()).unwrap()),
        participants: Some(lists::read_participants("q.csv", PARTICIPANTS.as_bytes()).unwrap()),
        ..Basis::default()
    };
    let inspection = inspect(&[path], basis, &|_, _| {}).unwrap();
    let tasks = tasks::of(&inspection);
    let task = tasks.iter().find(|task| task.finding.code == code).unwrap();
    let proposals = task.proposals.iter();
    proposals.map(|proposed| proposed.value.clone()).collect()
}

#[test]
fn what_is_proposed_for_a_code_is_the_same_with_and_without_the_zeros_that_a_spreadsheet_dropped() {
    for typed in ["0011", "11", "11.0"] {
        let row = clean_row().with(Field::DistrictCode, typed);
        assert_eq!(proposals(Code::N304, &row), ["0010"], "{typed}");
    }
    for typed in ["0010", "10", "10.0"] {
        let row = clean_row()
            .with(Field::DistrictCode, typed)
            .with(Field::SchoolCode, "4501");
        assert_eq!(proposals(Code::Q405, &row), ["4500"], "{typed}");
    }
}

#[test]
fn an_id_or_a_name_behind_a_heading_is_not_quoted_and_a_unit_is() {
    for (behind, quoted) in [
        ("(10 digits)", true),
        ("[Yes/No]", true),
        ("(1000000001)", false),
        ("[jZyxquorra", false),
        ("(\u{200b}00002", false),
        ("(J A)", false),
        (
            "\u{b9}\u{2070}\u{2070}\u{2070}\u{2070}\u{2070}\u{2070}\u{2070}\u{2070}\u{b9}",
            false,
        ),
    ] {
        let sasid = format!("SASID {behind}");
        let heads = csv_of(&[clean_row()]).replace("SASID", &sasid);
        let calculation = TestBatch::of(&[clean_row()])
            .file("submissions/0020.csv", heads)
            .calculated();
        let mut findings = calculation.findings.iter();
        let finding = findings.find(|finding| finding.code == Code::F103).unwrap();
        assert_eq!(finding.fix().contains(behind), quoted, "{}", finding.fix());
        let said = format!(
            "did you mean \"SASID {}\" in C1 for SASID?",
            if quoted { behind } else { "..." }
        );
        assert!(finding.fix().starts_with(&said), "{}", finding.fix());
    }
}

#[test]
fn a_control_character_in_a_list_or_a_sheets_name_never_reaches_the_terminal() {
    let unknown = PARTICIPANTS.replace(",boces,", ",bo\u{1b}[2Jces,");
    let stop = TestBatch::of(&[clean_row()]).participants(&unknown).stop();
    assert_eq!(stop.message, "unknown kind \"bo\\u001b[2Jces\"");
    // A sheet without headings is named in a finding.
    let name = ods(&[
        sheet("May", cells(&[headings(), clean_row().texts()])),
        sheet("a\u{1b}[2Jb", cells(&[vec!["note".to_string()]])),
    ]);
    let calculation = TestBatch::new()
        .file("submissions/0010.ods", name)
        .calculated();
    let finding = calculation
        .findings
        .iter()
        .find(|finding| finding.code == Code::W217)
        .unwrap();
    assert_eq!(
        finding.place(),
        "submissions/0010.ods, sheet \"a\\u001b[2Jb\""
    );
}

#[test]
fn a_binary_workbook_whose_sheet_has_no_relation_is_refused() {
    let parts = parts(&xlsb(&sheets()))
        .into_iter()
        .filter(|(name, _)| name != "xl/_rels/workbook.bin.rels");
    let none = (
        "xl/_rels/workbook.bin.rels".to_string(),
        b"<Relationships/>".to_vec(),
    );
    let workbook = zip_of(&parts.chain([none]).collect::<Vec<_>>());
    let calculation = TestBatch::of(&[clean_row()])
        .file("submissions/0020.xlsb", workbook)
        .calculated();
    assert_eq!(codes_found(&calculation), [Code::F101]);
}

#[test]
fn what_a_parser_quotes_of_a_damaged_workbook_never_stands_in_a_message() {
    let (plain, document) = (xlsx(&sheets()), ods(&sheets()));
    // An ampersand that was not escaped, a type that there is not, a text where a truth value is due.
    for (workbook, sound, damage, why) in [
        (
            &plain,
            "<t>Zyxquorra</t>",
            "<t>Ann &Zyxquorra; Bo</t>",
            "the workbook is damaged: a part of it is not sound XML",
        ),
        (
            &plain,
            " t=\"b\"",
            " t=\"Zyxquorra\"",
            "the workbook is damaged: it contains an unknown kind of cell or sheet",
        ),
        (
            &plain,
            " t=\"b\"><v>1",
            " t=\"b\"><v>Zyxquorra",
            "the workbook is damaged: it contains an unknown kind of cell or sheet",
        ),
        (
            &plain,
            "<c r=\"A1\"",
            "<c r=\"1A\"",
            "the workbook is damaged: it contains an invalid cell address",
        ),
        (
            &document,
            "Zyxquorra</text:p>",
            "</Zyxquorra>",
            "the workbook is damaged: its content is not sound XML",
        ),
    ] {
        let damaged = with_parts(workbook, |_, part| part.replace(sound, damage));
        assert_ne!(&damaged, workbook, "{sound} is in the workbook");
        let calculation = TestBatch::of(&[clean_row()])
            .file("submissions/0020.xlsx", damaged)
            .calculated();
        let finding = calculation
            .findings
            .iter()
            .find(|finding| finding.code == Code::F101)
            .expect(damage);
        assert_eq!(finding.message, why, "{damage}");
    }
}

/// A small input by name.
type Seed = (String, Vec<u8>);

/// A sound row, a name in a column that is not read, and cells of every kind in columns that are.
fn table() -> Vec<Vec<Cell>> {
    let mut heads = headings();
    heads.push("Student Name".to_string());
    let texts = |row: Row| [row.texts(), vec![NAME.to_string()]].concat();
    let mut rows = cells(&[
        vec!["Completions 2023-24".to_string()],
        heads,
        texts(clean_row()),
        texts(clean_row()),
    ]);
    rows[3][3] = Cell::Number(12.0);
    rows[3][5] = Cell::Date(2024, 5, 17);
    rows[3][6] = Cell::Boolean(true);
    rows[3][7] = Cell::Error("#N/A");
    rows[3][8] = Cell::Uncalculated;
    rows.push(cells(&[vec!["Total".to_string(), "2".to_string()]]).remove(0));
    rows
}

fn sheets() -> Vec<Sheet> {
    vec![
        sheet("May", table()),
        Sheet {
            hidden: true,
            ..sheet("Notes", cells(&[vec!["see the office".to_string()]]))
        },
    ]
}

/// A workbook as an input of the target `workbook`: its parts, without those that no reader looks at.
fn package(workbook: &[u8]) -> Vec<u8> {
    let unread = |name: &str| {
        ["theme", "docProps", "mimetype"]
            .iter()
            .any(|unread| name.contains(unread))
    };
    let parts = parts(workbook)
        .into_iter()
        .filter(|(name, _)| !unread(name));
    let parts =
        parts.flat_map(|(name, content)| [name.as_bytes(), b"\n", &content, PART_END].concat());
    [PACKAGE].into_iter().chain(parts).collect()
}

/// An old workbook as an input of the target `workbook`: the stream in its container.
fn old_stream(workbook: &[u8]) -> Vec<u8> {
    let mut container = cfb::CompoundFile::open(Cursor::new(workbook)).unwrap();
    let mut input = vec![OLD_STREAM];
    container
        .open_stream("Workbook")
        .unwrap()
        .read_to_end(&mut input)
        .unwrap();
    input
}

fn workbooks() -> Vec<Seed> {
    let file = |bytes: &[u8]| [&[FILE][..], bytes].concat();
    let committed = |name: &str| fs::read(root().join("tests/fixtures").join(name)).unwrap();
    let plain = [sheet("May", cells(&[headings(), clean_row().texts()]))];
    vec![
        ("xlsx".into(), package(&xlsx(&sheets()))),
        ("ods".into(), package(&ods(&sheets()))),
        ("xlsb".into(), package(&xlsb(&sheets()))),
        ("xls".into(), old_stream(&xls(&sheets()))),
        ("xls-1904".into(), old_stream(&xls_1904(&sheets()))),
        (
            "xls-libreoffice".into(),
            old_stream(&committed("dates-1900.xls")),
        ),
        ("file-xls".into(), file(&committed("dates-1904.xls"))),
        ("file-ods".into(), file(&ods(&plain))),
        ("file-xlsb".into(), file(&xlsb(&plain))),
    ]
}

fn texts() -> Vec<Seed> {
    let rows = [vec![headings()], vec![clean_row().texts(); 2]].concat();
    let mut seeds: Vec<Seed> = [b',', b'|', b'~', b'\t', b';']
        .into_iter()
        .zip(0_u8..)
        .map(|(delimiter, choice)| {
            let text = delimited(&rows, delimiter);
            // The position of the delimiter, and past the last one where it is to be found out.
            (
                format!("delimiter-{choice}"),
                [&[if choice % 2 == 0 { 5 } else { choice }], text.as_bytes()].concat(),
            )
        })
        .collect();
    let utf_16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(csv_of(&[clean_row()]).encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    seeds.push(("utf-16".into(), [vec![5], utf_16].concat()));
    let named = format!(
        "Report\n\n{}\n0010,\"0101\",1000000001,11,IN1,5/17/2024,F,Y,3,2023-24,\"{NAME}, \"\"Bo\"\"\nof two lines\"\nTotal,,,,2\n",
        headings().join(",") + ",Name"
    );
    seeds.push(("named".into(), [vec![5], named.into_bytes()].concat()));
    for vector in ["10-what-cannot-be-read", "09-what-does-not-qualify"] {
        let folder = root()
            .join("tests/vectors")
            .join(vector)
            .join("submissions");
        for file in fs::read_dir(folder).unwrap() {
            let content = fs::read(file.unwrap().path()).unwrap();
            seeds.push((
                format!("{vector}-{}", seeds.len()),
                [vec![5], content].concat(),
            ));
        }
    }
    seeds
}

fn of_headings() -> Vec<Seed> {
    let sheet = csv_of(&[clean_row()]);
    let own = "[columns]\nsasid = \"State Student ID\"\ngrade = \"Gr.\"\n";
    let their = sheet
        .replace("SASID", "State student-ID")
        .replace("Grade", "GR");
    let near = sheet
        .replace("SASID", "Student ID")
        .replace("Completion Date", "Date Completed");
    let twice = sheet.replace("School Year", "Grade");
    [
        ("own", own, their),
        ("none", "", sheet.clone()),
        ("near", "", near),
        ("twice", own, twice),
        ("wrong", "[column]\nx = 1", sheet),
    ]
    .into_iter()
    .map(|(name, columns, sheet)| {
        (
            name.to_string(),
            format!("{columns}\u{1e}{sheet}").into_bytes(),
        )
    })
    .collect()
}

fn batch_files() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = vectors::folders()
        .into_iter()
        .filter(|vector| !vector.to_string_lossy().contains("random"))
        .map(|vector| {
            (
                vector.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(vector.join("batch.toml")).unwrap(),
            )
        })
        .collect();
    let all = "rules = \"co-cdip-2024-25\"\navailable = \"9500000.5\"\nsupplement_available = \"1\"\nrun_date = \"2024-09-15\"\nlabel = \"x\"\n\
               previous_receipt = \"receipt.json\"\n[input]\ndelimiter = \"tab\"\n[columns]\nsasid = \"State Student ID\"\n";
    seeds.push(("all".into(), all.into()));
    seeds
}

fn rule_files() -> Vec<Seed> {
    let built_in = built_in_ids()
        .into_iter()
        .filter_map(|id| built_in(&id).unwrap());
    let plain = built_in.map(|rules| cdip::rules::RuleSet {
        sources: rules.sources.into_iter().take(1).collect(),
        ..rules
    });
    let mut seeds: Vec<Seed> = plain
        .map(|rules| (rules.id.clone(), rules.to_toml().into_bytes()))
        .collect();
    let vector = root().join("tests/vectors/14-cap-frl-first/rules.toml");
    seeds.push(("14-cap-frl-first".into(), fs::read(vector).unwrap()));
    seeds
}

fn list_files() -> Vec<Seed> {
    let with = |kind: u8, text: &str| [&[kind], text.as_bytes()].concat();
    vec![
        (
            "programs".into(),
            with(b'q', crate::batch_builder::PROGRAMS),
        ),
        (
            "participants".into(),
            with(b'p', crate::batch_builder::PARTICIPANTS),
        ),
        (
            "ledger".into(),
            with(
                b'l',
                "SASID,Program Code,Budget Year\n1000000001,IN1,2022-23\n1000000002,'=x,\n",
            ),
        ),
        (
            "ledger-named".into(),
            with(
                b'l',
                &format!("SASID,Program Code,Budget Year\n{NAME},IN1,2022-23\n"),
            ),
        ),
    ]
}

fn decisions() -> Vec<Seed> {
    let heads = crate::batch_builder::RESOLUTIONS;
    let lines = "0010,,1000000001,IN1,,,,pay,moved in March,Office,2024-09-01\n,,,,submissions/0010.csv,,3,deny,,,\n\
                 ,,,,submissions/0030.csv,,,deny,,,\n,,,,submissions/0010.csv,,4,pay,,,\n,,,,submissions/0010.csv,,5,,,,\n";
    vec![
        ("all".into(), format!("{heads}{lines}").into_bytes()),
        (
            "contradiction".into(),
            format!("{heads}0010,,1000000001,IN1,,,,pay,,,\n0020,,1000000001,IN1,,,,pay,,,\n")
                .into_bytes(),
        ),
        (
            "named".into(),
            format!("{heads}0010,,{NAME},IN1,,,,pay,,,\n").into_bytes(),
        ),
        (
            "second-edition".into(),
            "District Code,School Code,SASID,Program Code,Source File,Source Sheet,Source Row,Column,Was,Becomes,Codes,Row Check,Decision,Reason,Approved By,Date\n\
             0020,,,,,,,,,,,,exclude,withdrew,Office,2024-09-01\n\
             ,,,,submissions/0010.csv,,3,Grade,Alumni,12,,,correct,letter,Office,2024-09-01\n\
             ,,,,submissions/0010.csv,,4,,,,W204,,attest,seen,Office,2024-09-01\n\
             ,,,,submissions/0010.csv,,5,,,,N303,,qualify,appeal,Office,2024-09-01\n"
                .into(),
        ),
    ]
}

fn batches() -> Vec<Seed> {
    let bytes = |step: usize| {
        (0..400_usize)
            .map(|n| u8::try_from(n * step % 251).unwrap())
            .collect::<Vec<u8>>()
    };
    [1, 7, 89]
        .into_iter()
        .map(|step| (format!("step-{step}"), bytes(step)))
        .collect()
}

/// A clerk's files, and a request of a script.
fn chosen_files() -> Vec<Seed> {
    let text = csv_of(&[
        clean_row(),
        clean_row().with(Field::ProgramCode, "IC1O1"),
        clean_row().with(Field::Grade, "Alumni"),
        clean_row().with(Field::DistrictCode, "0020"),
    ]);
    let rows = cells(&[headings(), clean_row().texts()]);
    let workbook = xlsx(&[sheet("Completions", rows)]);
    let request = br#"{"verb":"expect","entity":"0010","confirmed":{}}"#;
    let length = u32::try_from(request.len()).unwrap().to_le_bytes();
    vec![
        ("csv".into(), [b"D", text.as_bytes()].concat()),
        ("xlsx".into(), [b"E", workbook.as_slice()].concat()),
        ("request".into(), [b"?", &length[..], request].concat()),
    ]
}

fn payments() -> Vec<Seed> {
    let paid = "pPayee,Date,Amount,Reference,Budget Year,Note\n0010,2024-09-10,1000.00,W-1,2024-25,first\n\
        0010,9/12/2024,-250.50,W-2,,taken back\n0020,2024-09-10,7.00,W-3,2023-24,\n";
    let carried = "cPayee,Amount\n0010,1000.00\n20,5\n";
    vec![
        ("paid".into(), paid.into()),
        ("carried".into(), carried.into()),
    ]
}

fn changed_reports() -> Vec<Seed> {
    targets::report::seeds()
        .into_iter()
        .map(|(name, seed)| (name.replace('.', "-"), seed))
        .collect()
}

/// Above this line of a dictionary are words written by hand, below it those of the program's tables.
const OF_THE_TABLES: &str = "# Of the program's tables:\n";

fn dictionaries() -> [(&'static str, Vec<String>); 2] {
    let headings = Field::ALL.map(|field| field.title().to_string());
    let columns = Field::ALL.map(|field| field.key().to_string());
    let readings = READINGS.map(|doc| doc.key.to_string());
    let of_rules = |key: String| key.split('.').map(str::to_string).collect::<Vec<_>>();
    let rules = parameters::keys().flat_map(of_rules);
    let keys = columns.into_iter().chain(readings).chain(rules);
    [("text", headings.to_vec()), ("toml", keys.collect())]
}

fn write_dictionary(name: &str, mut words: Vec<String>) {
    let path = root().join(format!("fuzz/dictionaries/{name}.dict"));
    let before = fs::read_to_string(&path).unwrap();
    let by_hand = before.split(OF_THE_TABLES).next().unwrap();
    words.sort();
    words.dedup();
    let quoted = words.iter().map(|word| format!("\"{word}\"\n"));
    let after = format!("{by_hand}{OF_THE_TABLES}{}", quoted.collect::<String>());
    fs::write(path, after).unwrap();
}

#[test]
#[ignore = "writes the seeds of fuzz/corpus and the dictionaries anew"]
fn the_seeds_are_written() {
    let seeds = [
        ("batch", batches()),
        ("batch_toml", batch_files()),
        ("delimited", texts()),
        ("headings", of_headings()),
        ("lists", list_files()),
        ("page", chosen_files()),
        ("payments", payments()),
        ("report", changed_reports()),
        ("resolutions", decisions()),
        ("rules", rule_files()),
        ("workbook", workbooks()),
    ];
    for (target, seeds) in seeds {
        fs::create_dir_all(folder(target)).unwrap();
        for (name, input) in seeds {
            fs::write(folder(target).join(format!("seed-{name}")), input).unwrap();
        }
    }
    for (name, words) in dictionaries() {
        write_dictionary(name, words);
    }
}
