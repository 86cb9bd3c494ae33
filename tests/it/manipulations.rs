//! Every manipulation of a report that an auditor tried, with the message from `verify`. Checksums and receipt are always changed to
//! match, so that only the batch reveals the change.
//!
//! The report is made once; every case changes a copy of it. Its number is the auditor's.

use std::fs;
use std::io::{Cursor, Write as _};
use std::sync::OnceLock;

use cdip::intake::completions::Field;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::batch_builder::{TestBatch, with_sasid};
use crate::spreadsheets::{parts, text_parts, with_part, zip_of};
use crate::verify::Made;

const STATEWIDE: &str = "statewide.xlsx";
const ENTITY: &str = "entities/0010-First District.xlsx";
const OTHER_ENTITY: &str = "entities/0020-Second District.xlsx";
const PAYMENTS: &str = "xl/worksheets/sheet5.xml";

/// The auditor's number, what is done, and what `verify` then says.
type Case = (&'static str, fn(&Made), &'static str);

/// Two districts and a charter with an internship each of $1,000.00, a row outside the year, a decision on the record and a
/// ledger. FINAL.
fn made() -> Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    let make = || {
        let batch = TestBatch::of(&[
            with_sasid("1000000001"),
            with_sasid("1000000002").with(Field::SchoolCode, "4500"),
            with_sasid("1000000003").with(Field::CompletionDate, "2022-01-01"),
            with_sasid("1000000004").with(Field::Lunch, "Y"),
            with_sasid("1200000000"),
        ])
        .rows(
            "submissions/0020.csv",
            &[with_sasid("1000000005").with(Field::DistrictCode, "0020")],
        )
        .ledger("1000000009,IC01,2022-23\n")
        .resolutions(",,,,submissions/0010.csv,,6,attest,seen,Jo Miller,2024-09-01\n");
        let made = Made::of(&batch);
        assert_eq!(made.verified().0, 0, "{}", made.verified().1);
        made
    };
    MADE.get_or_init(make).copy()
}

/// Replaces a text in a file of the report, and covers it up.
fn text(made: &Made, file: &str, from: &str, to: &str) {
    made.change(&format!("report/{file}"), |text| text.replacen(from, to, 1));
    made.cover_up(file);
}

/// Takes lines out of a file of the report, and covers it up.
fn without_lines(made: &Made, file: &str, of: &str) {
    made.change(&format!("report/{file}"), |text| {
        let kept = text.lines().filter(|line| !line.contains(of));
        kept.map(|line| format!("{line}\n")).collect()
    });
    made.cover_up(file);
}

/// Replaces a text in a part of a workbook, and covers it up.
fn part(made: &Made, workbook: &str, part: &str, from: &str, to: &str) {
    made.change_parts(&format!("report/{workbook}"), |name, text| {
        if name == part {
            text.replacen(from, to, 1)
        } else {
            text
        }
    });
    made.cover_up(workbook);
}

/// Makes other bytes of a workbook, and covers it up.
fn bytes(made: &Made, workbook: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    let path = format!("report/{workbook}");
    let changed = change(made.read(&path));
    fs::write(made.path(&path), changed).unwrap();
    made.cover_up(workbook);
}

/// Adds a part to the state's workbook, and covers it up.
fn stray_part(made: &Made, name: &str) {
    bytes(made, STATEWIDE, |book| with_part(book, name, "<x/>"));
}

/// The same parts, stored and not compressed.
fn stored(workbook: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in parts(workbook) {
        zip.start_file(name, options).unwrap();
        zip.write_all(&content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The last part a second time, under the name of the sheet *Payments*, with another amount.
fn with_second_payments(workbook: &[u8]) -> Vec<u8> {
    let mut parts = text_parts(workbook);
    let payments = parts.iter().find(|(name, _)| name == PAYMENTS).unwrap();
    let other = payments.1.replace("<v>1000.00</v>", "<v>9000.00</v>");
    // A writer of zip files refuses the name twice, so the second is renamed in the bytes: both names are as long.
    let alias = PAYMENTS.replace("sheet5", "sheetX");
    parts.push((alias.clone(), other));
    let mut bytes = zip_of(&parts);
    let (from, to) = (alias.as_bytes(), PAYMENTS.as_bytes());
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}

fn swap(made: &Made, a: &str, b: &str) {
    let (of_a, of_b) = (
        made.read(&format!("report/{a}")),
        made.read(&format!("report/{b}")),
    );
    fs::write(made.path(&format!("report/{a}")), of_b).unwrap();
    fs::write(made.path(&format!("report/{b}")), of_a).unwrap();
    made.cover_up(a);
    made.cover_up(b);
}

fn rename(made: &Made, from: &str, to: &str) {
    let to = made.path(to);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::rename(made.path(from), to).unwrap();
}

/// The report is made again, as somebody does who changed the batch.
fn run_again(made: &Made) {
    let (status, said) = made.cdip(&["run", ".", "--replace", "--out", "report"]);
    assert_eq!(status, 0, "{said}");
}

/// What `verify --batch` says after each; all that say something else are named at once.
fn all_found(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (what, manipulate, wanted) in cases {
        let made = made();
        manipulate(&made);
        let (status, said) = made.verified();
        if status != 4 || !said.contains(wanted) {
            wrong.push(format!("== {what} (status {status}): {wanted:?}\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_changed_text_file_is_named_with_its_line_and_column() {
    all_found(&[
        (
            "1 an amount",
            |made| text(made, "completions.csv", ",1000.00,", ",1000.01,"),
            "\ncompletions.csv, line 2, column amount: the cell differs\n  found     1000.01\n  expected  1000.00\n",
        ),
        (
            "2 a total that is paid out",
            |made| text(made, "payments.csv", ",1000.00\n", ",1900.00\n"),
            "\npayments.csv, line 3, column amount: the cell differs\n  found     1900.00\n  expected  1000.00\n",
        ),
        (
            "2 payees of two lines swapped",
            |made| {
                text(made, "payments.csv", "\n0010,", "\n????,");
                text(made, "payments.csv", "\n0020,", "\n0010,");
                text(made, "payments.csv", "\n????,", "\n0020,");
            },
            "\npayments.csv, line 2",
        ),
        (
            "12 names of two participants swapped",
            |made| {
                text(made, "allocation.json", "First District", "????");
                text(made, "allocation.json", "Second District", "First District");
                text(made, "allocation.json", "????", "Second District");
            },
            "\nallocation.json, participants, entry 1, name, of First District: the value differs\n  found     Second District\n  expected  First District\n",
        ),
        (
            "23 the money available",
            |made| {
                made.change("report/receipt.json", |text| {
                    text.replacen("\"available\": \"", "\"available\": \"9", 1)
                });
            },
            "\nreceipt.json, available: the value differs\n",
        ),
        (
            "23 an approver",
            |made| {
                made.change("report/receipt.json", |text| {
                    text.replace("Jo Miller", "Jo Smith")
                });
            },
            ": the value differs\n  found     Jo Smith\n  expected  Jo Miller\n",
        ),
        (
            "24 a line out of SHA256SUMS and the receipt",
            |made| {
                made.change("report/SHA256SUMS", |text| {
                    let kept = text.lines().filter(|line| !line.ends_with("payments.csv"));
                    kept.map(|line| format!("{line}\n")).collect()
                });
                made.change("report/receipt.json", |text| {
                    text.replace("\"payments.csv\"", "\"payment.csv\"")
                });
            },
            "\nSHA256SUMS, line ",
        ),
        (
            "31 a condition of the counter-check neutered",
            |made| {
                text(
                    made,
                    "counter-check.py",
                    "elif found != expected:",
                    "elif False:",
                );
            },
            "\ncounter-check.py, line ",
        ),
        (
            "32 the totals of the state",
            |made| text(made, "factors.json", "1000.00", "1001.00"),
            "\nfactors.json, ",
        ),
        (
            "37 line ends of Windows",
            |made| {
                made.change("report/payments.csv", |text| text.replace('\n', "\r\n"));
                made.cover_up("payments.csv");
            },
            "\npayments.csv",
        ),
        (
            "37 a byte order mark",
            |made| text(made, "awards.csv", "standing", "\u{feff}standing"),
            "\nawards.csv",
        ),
        (
            "37 a line appended",
            |made| {
                made.change("report/payments.csv", |text| {
                    text + "0030,Nobody,,2024-25,2024-09-15,5000.00\n"
                });
                made.cover_up("payments.csv");
            },
            "\npayments.csv, line 4: the row does not belong there",
        ),
        (
            "38 a key twice",
            |made| {
                text(
                    made,
                    "allocation.json",
                    "\"paid\": ",
                    "\"paid\": \"9.00\", \"paid\": ",
                );
            },
            "\nallocation.json",
        ),
        (
            "38 white space",
            |made| text(made, "allocation.json", ": ", ":  "),
            "\nallocation.json: the bytes differ, but no value does: ",
        ),
        (
            "42 a payee redirected",
            |made| {
                text(
                    made,
                    "allocation.json",
                    "\"payee\": \"0010\"",
                    "\"payee\": \"0020\"",
                );
            },
            "\nallocation.json, participants, entry 1, payee, of First District: the value differs\n  found     0020\n  expected  0010\n",
        ),
        (
            "43 rows that are not paid deleted",
            |made| without_lines(made, "completions.csv", ",not_qualified,"),
            "\ncompletions.csv, line 4 of the file as it should be: the row is missing\n",
        ),
        (
            "47 an id, which is not shown",
            |made| text(made, "completions.csv", "1000000002", "1000000008"),
            "10 digits (pupil data is not shown); they differ from character 10 on\n",
        ),
        (
            "48 a finding deleted",
            |made| without_lines(made, "findings.csv", "N303"),
            "\nfindings.csv, line 2 of the file as it should be: the row is missing\n",
        ),
        (
            "49 a line of the ledger dropped",
            |made| without_lines(made, "prior-payments-next.csv", "1000000002"),
            "\nprior-payments-next.csv, line ",
        ),
        (
            "52 another version of the program",
            |made| {
                made.change("report/receipt.json", |text| {
                    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
                    text.replacen(&version, "\"version\": \"0.0.7\"", 1)
                });
            },
            "\nThe report was written by version 0.0.7 of the program, and this is ",
        ),
    ]);
}

#[test]
fn a_changed_cell_formula_or_sheet_is_named_with_its_address() {
    all_found(&[
        (
            "3 the value under a formula",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    PAYMENTS,
                    "<v>1000.00</v>",
                    "<v>1900.00</v>",
                );
            },
            "\nstatewide.xlsx, sheet Payments, cell ",
        ),
        (
            "4 a formula changed",
            |made| part(made, STATEWIDE, PAYMENTS, "</f>", "+0</f>"),
            ": the formula differs\n  found     =",
        ),
        (
            "4 a formula replaced by a constant",
            |made| {
                made.change_parts("report/statewide.xlsx", |name, text| {
                    let start = (name == PAYMENTS).then(|| text.find("<f>")).flatten();
                    let Some(start) = start else { return text };
                    let end = start + text[start..].find("</f>").unwrap() + "</f>".len();
                    format!("{}{}", &text[..start], &text[end..])
                });
                made.cover_up(STATEWIDE);
            },
            ": the formula differs\n  found     no formula\n",
        ),
        (
            "6 a sheet hidden",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    "xl/workbook.xml",
                    "<sheet name=\"Findings\"",
                    "<sheet state=\"hidden\" name=\"Findings\"",
                );
            },
            "\nstatewide.xlsx, sheet Findings: the sheet's visibility was changed\n  found     hidden\n  expected  visible\n",
        ),
        (
            "7 a name repointed",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    "xl/workbook.xml",
                    "'Readings and law'!$C$9",
                    "'Readings and law'!$C$10",
                );
            },
            "\nstatewide.xlsx, defined name per_unit: the name refers to something else\n  found     'Readings and law'!$C$10\n  expected  'Readings and law'!$C$9\n",
        ),
        (
            "11 a row appended far below",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    PAYMENTS,
                    "</sheetData>",
                    "<row r=\"5000\"><c r=\"A5000\"><v>7</v></c></row></sheetData>",
                );
            },
            "\nstatewide.xlsx, sheet Payments, cell A5000: ",
        ),
        (
            "17 sheets in another order",
            |made| {
                made.change_parts("report/statewide.xlsx", |name, text| {
                    if name != "xl/workbook.xml" {
                        return text;
                    }
                    let start = text.find("<sheets>").unwrap() + "<sheets>".len();
                    let end = start + text[start..].find("/>").unwrap() + "/>".len();
                    let first = text[start..end].to_string();
                    text.replacen(&first, "", 1).replacen(
                        "</sheets>",
                        &format!("{first}</sheets>"),
                        1,
                    )
                });
                made.cover_up(STATEWIDE);
            },
            "\nstatewide.xlsx: the sheets are in a different order\n",
        ),
        (
            "18 rows that are printed on every page",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    "xl/workbook.xml",
                    "'Passed on'!$5:$5",
                    "'Passed on'!$6:$6",
                );
            },
            "\nstatewide.xlsx, defined name _xlnm.Print_Titles",
        ),
        (
            "33 a cell of an entity's own sheet",
            |made| {
                made.change_parts(&format!("report/{ENTITY}"), |_, text| {
                    text.replace(">0010<", ">0011<")
                });
                made.cover_up(ENTITY);
            },
            "\nentities/0010-First District.xlsx, sheet ",
        ),
        (
            "36 a second part of the same name",
            |made| bytes(made, STATEWIDE, |book| with_second_payments(&book)),
            "\nstatewide.xlsx",
        ),
        (
            "53 two entity workbooks swapped",
            |made| swap(made, ENTITY, OTHER_ENTITY),
            "\nentities/0010-First District.xlsx: the file is the one that should be entities/0020-Second District.xlsx\n",
        ),
        (
            "53 the dollars of an entity's award",
            |made| {
                part(
                    made,
                    ENTITY,
                    "xl/worksheets/sheet1.xml",
                    "<v>1000</v>",
                    "<v>1900</v>",
                );
            },
            ": the cell differs\n  found     1900\n  expected  1000\n",
        ),
    ]);
}

#[test]
fn what_changes_only_the_look_of_a_workbook_is_said_in_words() {
    all_found(&[
        (
            "8 white on white",
            |made| part(made, STATEWIDE, "xl/styles.xml", "FF1F3864", "FFFFFFFF"),
            "\nstatewide.xlsx: no cell differs, but this does: formats of cells: fonts, colors or how numbers are shown (xl/styles.xml)\n",
        ),
        (
            "39 another number format",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    "xl/styles.xml",
                    "formatCode=\"$#,##0.00\"",
                    "formatCode=\"&quot;$9,999.00&quot;\"",
                );
            },
            "\nstatewide.xlsx: no cell differs, but this does: formats of cells: fonts, colors or how numbers are shown (xl/styles.xml)\n",
        ),
        (
            "56 the format of one cell",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    PAYMENTS,
                    "<c r=\"D6\" s=\"",
                    "<c r=\"D6\" s=\"1",
                );
            },
            "\nstatewide.xlsx, sheet Payments, cell D6: the cell looks different: its format was changed\n",
        ),
        (
            "9 a row hidden",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    PAYMENTS,
                    "<row r=\"6\"",
                    "<row r=\"6\" hidden=\"1\"",
                );
            },
            "\nstatewide.xlsx, sheet Payments, row 6: the row is hidden\n",
        ),
        (
            "10 a column without width",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    PAYMENTS,
                    "<col min=\"1\" max=\"1\" width=\"11.7109375\"",
                    "<col min=\"1\" max=\"1\" width=\"0\"",
                );
            },
            "\nstatewide.xlsx, sheet Payments, column A: the column has no width\n",
        ),
        (
            "13, 14 the properties of the document",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    "docProps/core.xml",
                    "</cp:coreProperties>",
                    "<!-- --></cp:coreProperties>",
                );
            },
            "\nstatewide.xlsx: no cell differs, but this does: the properties of the document (docProps/core.xml)\n",
        ),
        (
            "16 stored, not compressed",
            |made| bytes(made, STATEWIDE, |book| stored(&book)),
            "only how it is packed was changed\n",
        ),
        (
            "15, 35 bytes after the end",
            |made| {
                bytes(made, STATEWIDE, |mut book| {
                    // A comment of the zip file: its length stands in the last two bytes.
                    let end = book.len();
                    book[end - 2] = 4;
                    [book, b"note".to_vec()].concat()
                });
            },
            "only how it is packed was changed\n",
        ),
        (
            "19 a list of permitted values",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    PAYMENTS,
                    "<pageMargins",
                    "<dataValidations count=\"1\"><dataValidation type=\"whole\" sqref=\"A1\"/></dataValidations><pageMargins",
                );
            },
            "\nstatewide.xlsx: no cell differs, but this does: how the sheet Payments is set up or printed (xl/worksheets/sheet5.xml)\n",
        ),
        (
            "54 a sheet protected",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    PAYMENTS,
                    "</sheetData>",
                    "</sheetData><sheetProtection sheet=\"1\"/>",
                );
            },
            "\nstatewide.xlsx: no cell differs, but this does: how the sheet Payments is set up or printed (xl/worksheets/sheet5.xml)\n",
        ),
        (
            "55 it calculates only when asked",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    "xl/workbook.xml",
                    "<calcPr ",
                    "<calcPr calcMode=\"manual\" ",
                );
            },
            "\nstatewide.xlsx: no cell differs, but this does: the list of sheets and names, or how it calculates (xl/workbook.xml)\n",
        ),
        (
            "59 the range of a table",
            |made| {
                part(
                    made,
                    STATEWIDE,
                    "xl/tables/table1.xml",
                    " ref=\"A",
                    " ref=\"B",
                );
            },
            "\nstatewide.xlsx: no cell differs, but this does: the range or filter of a table (xl/tables/table1.xml)\n",
        ),
        (
            "58 the range of a chart",
            |made| part(made, STATEWIDE, "xl/charts/chart1.xml", "$B$", "$C$"),
            "\nstatewide.xlsx: no cell differs, but this does: a chart (xl/charts/chart1.xml)\n",
        ),
        (
            "20 a link to another workbook",
            |made| stray_part(made, "xl/externalLinks/externalLink1.xml"),
            "a link to another workbook (xl/externalLinks/externalLink1.xml)\n",
        ),
        (
            "21 a macro",
            |made| stray_part(made, "xl/vbaProject.bin"),
            "a macro (xl/vbaProject.bin)\n",
        ),
        (
            "22 a stray part",
            |made| stray_part(made, "xl/notes.txt"),
            "\nstatewide.xlsx: no cell differs, but this does: xl/notes.txt\n",
        ),
    ]);
}

#[test]
fn a_file_that_is_missing_renamed_or_too_many_is_named() {
    all_found(&[
        (
            "25 an extra file",
            |made| fs::write(made.path("report/notes.txt"), "1").unwrap(),
            "\nnotes.txt: the file does not belong there: the receipt does not name it\n",
        ),
        (
            "25 a hidden file",
            |made| fs::write(made.path("report/.hidden"), "1").unwrap(),
            "\n.hidden: the file does not belong there: the receipt does not name it\n",
        ),
        (
            "25 a missing file",
            |made| fs::remove_file(made.path("report/findings.csv")).unwrap(),
            "\nfindings.csv: the file is missing: the receipt names it\n",
        ),
        (
            "25 a renamed file",
            |made| rename(made, "report/findings.csv", "report/Findings .csv"),
            "\nFindings .csv: the file does not belong there: the receipt does not name it\n",
        ),
        (
            "25 an entity's workbook for another entity's",
            |made| {
                rename(
                    made,
                    &format!("report/{ENTITY}"),
                    "report/entities/0010-First Di\u{73}\u{301}trict.xlsx",
                );
            },
            "\nentities/0010-First District.xlsx: the file is missing: the receipt names it\n",
        ),
        #[cfg(unix)]
        (
            "34 a link in place of a file",
            |made| {
                rename(made, "report/completions.csv", "elsewhere.csv");
                let link = made.path("report/completions.csv");
                std::os::unix::fs::symlink(made.path("elsewhere.csv"), link).unwrap();
            },
            "\ncompletions.csv: it is not a plain file but a link or a device\n",
        ),
    ]);
}

#[test]
fn a_batch_that_was_changed_after_its_report_is_named_first() {
    all_found(&[
        (
            "12 names swapped in the list of the batch",
            |made| {
                made.change("participants.csv", |text| {
                    text.replace("First District", "????")
                        .replace("Second District", "First District")
                        .replace("????", "Second District")
                });
            },
            "\nbatch: participants.csv: it is not the file that the report was made from: its SHA-256 differs\n",
        ),
        (
            "26 the run date",
            |made| {
                made.change("batch.toml", |text| {
                    text.replace("2024-09-15", "2024-09-16")
                });
            },
            "\nbatch: batch.toml: it is not the file that the report was made from: its SHA-256 differs\n",
        ),
        (
            "27 a cell, and its hash in the receipt",
            |made| {
                let file = "submissions/0020.csv";
                let old = cdip::hash::sha256_hex(&made.read(file));
                made.change(file, |text| text.replace(",N,", ",Y,"));
                let new = cdip::hash::sha256_hex(&made.read(file));
                made.change("report/receipt.json", |text| text.replace(&old, &new));
            },
            // The row before the totals that follow from it.
            "files of the batch\n\ncompletions.csv, line 7, column frl: the cell differs\n",
        ),
        (
            "28 a submission renamed",
            |made| rename(made, "submissions/0020.csv", "submissions/0020 b.csv"),
            "\nbatch: submissions/0020.csv: the batch does not have the file: the receipt names it\n",
        ),
        (
            "28 a submission added",
            |made| {
                let more = crate::batch_builder::csv_of(&[with_sasid("1000000017")]);
                fs::write(made.path("submissions/0010 more.csv"), more).unwrap();
            },
            "\nbatch: submissions/0010 more.csv: the report was made without this file: the receipt does not name it\n",
        ),
        (
            "28 a submission deleted",
            |made| fs::remove_file(made.path("submissions/0020.csv")).unwrap(),
            "\nbatch: submissions/0020.csv: the batch does not have the file: the receipt names it\n",
        ),
        (
            "28 a ledger removed",
            |made| fs::remove_file(made.path("prior-payments.csv")).unwrap(),
            "\nbatch: prior-payments.csv: the batch does not have the file: the receipt names it\n",
        ),
        (
            "29b, 29c another approver of a decision",
            |made| {
                made.change("resolutions.csv", |text| {
                    text.replace("Jo Miller", "Deputy Commissioner Smith")
                });
            },
            "\n  found     Jo Miller\n  expected  Deputy Commissioner Smith\n",
        ),
    ]);
}

#[test]
fn a_batch_changed_and_run_again_is_found_by_the_receipt_that_was_kept_apart() {
    type Change = (&'static str, fn(&Made));
    let cases: [Change; 2] = [
        ("29 a decision of somebody else", |made| {
            made.change("resolutions.csv", |text| {
                text.replace("Jo Miller", "Deputy Commissioner Smith")
            });
        }),
        ("60 a submission named like a lock file", |made| {
            rename(made, "submissions/0020.csv", "submissions/~$0020.csv");
        }),
    ];
    for (what, change) in cases {
        let made = made();
        let kept = made.receipt_sha256();
        change(&made);
        run_again(&made);
        assert_eq!(made.verified().0, 0, "{what}: batch and report agree");
        let (status, said) = made.cdip(&["verify", "report", "--batch", ".", "--receipt", &kept]);
        let wanted = "\nreceipt.json: it is not the receipt whose SHA-256 was kept apart\n";
        assert!(status == 4 && said.contains(wanted), "{what}: {said}");
    }
}

#[test]
fn a_submission_that_is_passed_over_is_named_by_a_question_and_the_report_is_not_final() {
    // Case 60, which was silent once. What is below 1,024 bytes can be the lock file of an office program, so here are 30 rows.
    let rows: Vec<_> = (0..30)
        .map(|number| with_sasid(&format!("10000001{number:02}")).with(Field::DistrictCode, "0020"))
        .collect();
    for hidden in ["submissions/~$0020.csv", "submissions/.old/0020.csv"] {
        let made = made();
        rename(&made, "submissions/0020.csv", hidden);
        fs::write(made.path(hidden), crate::batch_builder::csv_of(&rows)).unwrap();
        let (_, said) = made.cdip(&["run", ".", "--replace", "--out", "report"]);
        assert!(said.contains("PRELIMINARY"), "{said}");
        let findings = String::from_utf8(made.read("report/findings.csv")).unwrap();
        assert!(
            findings.contains("Q407") && findings.contains(hidden),
            "{findings}"
        );
    }
}

#[test]
fn a_report_made_final_in_every_file_is_found_in_every_file() {
    // Case 30: a row is rejected.
    let batch = TestBatch::of(&[
        with_sasid("1000000001"),
        with_sasid("1000000002").with(Field::Grade, "old"),
    ]);
    let made = Made::of(&batch);
    for file in ["awards.csv", "allocation.json"] {
        text(&made, file, "PRELIMINARY", "FINAL");
    }
    made.change_parts("report/statewide.xlsx", |_, text| {
        text.replace("PRELIMINARY", "FINAL")
    });
    made.cover_up(STATEWIDE);
    made.change("report/receipt.json", |text| {
        text.replace("PRELIMINARY", "FINAL")
    });
    let (status, said) = made.verified();
    assert_eq!(status, 4, "{said}");
    for wanted in [
        "\nallocation.json, standing: the value differs\n  found     FINAL\n  expected  PRELIMINARY\n",
        "\nawards.csv, line 2, column standing: the cell differs\n  found     FINAL\n  expected  PRELIMINARY\n",
        "\nreceipt.json, standing: the value differs\n  found     FINAL\n  expected  PRELIMINARY\n",
        "\nstatewide.xlsx, sheet Summary, cell ",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}

#[test]
fn when_a_file_was_written_and_an_empty_folder_say_nothing_of_its_content() {
    // Cases 51 and 25: no byte of the report is another.
    let made = made();
    let bytes = made.read("report/payments.csv");
    fs::remove_file(made.path("report/payments.csv")).unwrap();
    fs::write(made.path("report/payments.csv"), bytes).unwrap();
    fs::create_dir(made.path("report/empty")).unwrap();
    let (status, said) = made.verified();
    assert!(status == 0 && said.contains("\nVERIFIED: "), "{said}");
}
