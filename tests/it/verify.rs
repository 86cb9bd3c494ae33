//! `verify`: an unchanged report passes, and every change is found and named.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cdip::hash::sha256_hex;
use cdip::intake::completions::Field;
use cdip::report::content::checksum_of;
use cdip::results::columns::FILES;
use serde_json::Value;
use tempfile::TempDir;

use crate::batch_builder::{FILE, SASID, TestBatch, clean_row};
use crate::spreadsheets::{with_part, with_parts};
use crate::support::{cdip, copy_tree, put, said, stdout, tree};

/// Another pupil.
const OTHER: &str = "1000000002";

/// A batch and its report, on disk.
pub struct Made {
    folder: TempDir,
}

impl Made {
    fn new() -> Made {
        Made::of(&TestBatch::of(&rows()))
    }

    /// Any batch's.
    pub fn of(batch: &TestBatch) -> Made {
        let made = Made {
            folder: batch.write(),
        };
        let (status, said) = made.cdip(&["run", ".", "--replace", "--out", "report"]);
        assert_eq!(status, 0, "{said}");
        made
    }

    /// Exit status and everything said.
    pub fn cdip(&self, arguments: &[&str]) -> (i32, String) {
        let output = cdip(self.folder.path(), arguments);
        (output.status.code().unwrap(), said(&output))
    }

    /// The same in another folder, to be changed.
    pub fn copy(&self) -> Made {
        let folder = TempDir::new().unwrap();
        copy_tree(self.folder.path(), folder.path());
        Made { folder }
    }

    pub fn verified(&self) -> (i32, String) {
        self.cdip(&["verify", "report", "--batch", "."])
    }

    pub fn verified_by_receipt(&self) -> (i32, String) {
        self.cdip(&["verify", "report"])
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    /// Changes a text file; the change must be one.
    pub fn change(&self, path: &str, change: impl Fn(String) -> String) {
        let text = String::from_utf8(self.read(path)).unwrap();
        let changed = change(text.clone());
        assert_ne!(text, changed, "{path}");
        fs::write(self.path(path), changed).unwrap();
    }

    /// Changes parts of a workbook; at least one must differ.
    pub fn change_parts(&self, path: &str, change: impl Fn(&str, String) -> String) {
        let differs = Cell::new(false);
        let changed = with_parts(&self.read(path), |name, part| {
            let changed = change(name, part.clone());
            differs.set(differs.get() || changed != part);
            changed
        });
        assert!(differs.get(), "{path}");
        fs::write(self.path(path), changed).unwrap();
    }

    pub fn receipt_sha256(&self) -> String {
        sha256_hex(&self.read("report/receipt.json"))
    }

    /// What somebody does who changes a file and wants nobody to notice: checksums and receipt are made to fit.
    pub fn cover_up(&self, name: &str) {
        let sha256 = sha256_hex(&self.read(&format!("report/{name}")));
        self.change("report/SHA256SUMS", |sums| {
            let lines = sums.lines().map(|line| {
                if line.ends_with(&format!("  {name}")) {
                    format!("{sha256}  {name}")
                } else {
                    line.to_string()
                }
            });
            lines.map(|line| format!("{line}\n")).collect()
        });
        let sums = sha256_hex(&self.read("report/SHA256SUMS"));
        self.change("report/receipt.json", |receipt| {
            let mut receipt: Value = serde_json::from_str(&receipt).unwrap();
            for subject in receipt["subject"].as_array_mut().unwrap() {
                if subject["name"] == name {
                    subject["digest"]["sha256"] = sha256.clone().into();
                } else if subject["name"] == "SHA256SUMS" {
                    subject["digest"]["sha256"] = sums.clone().into();
                }
            }
            format!("{receipt:#}\n")
        });
    }
}

/// Three pupils with an internship each: $1,000.00 each.
fn rows() -> Vec<crate::batch_builder::Row> {
    [SASID, OTHER, "1000000003"]
        .into_iter()
        .map(|sasid| clean_row().with(Field::Sasid, sasid))
        .collect()
}

const NOT_TOLD: &str = "\
This does not show whether the report was rewritten as a whole, receipt included. To find out, give --batch DIR: cdip then calculates
everything again. Or compare the receipt's SHA-256 above with the one that the run printed: --receipt SHA256.
";

#[test]
fn an_untouched_report_is_verified_and_without_its_batch_no_more_than_unchanged() {
    let made = Made::new();
    let files = tree(&made.path("report")).len();
    let receipt = made.receipt_sha256();
    assert_eq!(
        made.verified_by_receipt(),
        (
            0,
            format!(
                "report\n{files} files · receipt sha256 {receipt}\n\nUNCHANGED: every file is as the receipt says, and the report does not contradict itself.\n{NOT_TOLD}"
            )
        )
    );
    assert_eq!(
        made.verified(),
        (
            0,
            format!(
                "report\n{files} files · receipt sha256 {receipt}\ncalculated again from 4 files of the batch\n\nVERIFIED: every file is, byte \
                 for byte, what this program writes from this batch.\nThis does not show that the batch is the original one: a changed batch, run \
                 again, verifies too. To rule that out, compare the receipt's\nSHA-256 above with the one that was noted on the day of the run: --receipt SHA256.\n"
            )
        )
    );
    let (status, said) = made.cdip(&["verify", "report", "--batch", ".", "--format", "json"]);
    let document: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (status, &document["verified"], &document["calculated_again"]),
        (0, &true.into(), &true.into())
    );
}

#[test]
fn one_changed_digit_in_any_file_is_found() {
    let made = Made::new();
    for (name, bytes) in tree(&made.path("report")) {
        let path = format!("report/{name}");
        if bytes.starts_with(b"PK") {
            // In a cell: digits elsewhere are the business of other tests.
            let done = Cell::new(false);
            made.change_parts(&path, |part, text| {
                // An amount, one that a formula gives, or a pupil's grade.
                let digits = [
                    ("<v>1000</v>", "<v>1001</v>"),
                    ("<v>1000.00</v>", "<v>1001.00</v>"),
                    (">11</t>", ">12</t>"),
                ];
                let found = digits.into_iter().find(|(digit, _)| text.contains(digit));
                let Some((digit, other)) =
                    found.filter(|_| !done.get() && part.starts_with("xl/worksheets/sheet"))
                else {
                    return text;
                };
                done.set(true);
                text.replacen(digit, other, 1)
            });
        } else {
            // The last digit of the file, so that it is in a value and not in a heading.
            let mut changed = bytes.clone();
            let digit = changed.iter().rposition(u8::is_ascii_digit);
            let Some(digit) = digit else { continue };
            changed[digit] = if changed[digit] == b'9' {
                b'8'
            } else {
                changed[digit] + 1
            };
            fs::write(made.path(&path), changed).unwrap();
        }
        let (status, said) = made.verified();
        assert_eq!(status, 4, "{name}: {said}");
        assert!(
            said.contains(&format!("\n{name}"))
                && said.contains("\n  found ")
                && said.contains("\n  expected "),
            "{name}: {said}"
        );
        // The receipt is what the others are compared with; its last digit is of a total, which the rows contradict.
        let (status, said) = made.verified_by_receipt();
        assert_eq!(status, 4, "{name}: {said}");
        fs::write(made.path(&path), bytes).unwrap();
    }
    assert_eq!(made.verified().0, 0, "everything is as it was");
}

#[test]
fn a_changed_cell_of_a_workbook_is_named_with_its_sheet_and_both_values() {
    let made = Made::new();
    made.change_parts("report/statewide.xlsx", |name, text| match name {
        "xl/worksheets/sheet7.xml" => text.replacen("<v>1000.00</v>", "<v>1000.01</v>", 1),
        _ => text,
    });
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    let wanted = "the cell differs\n  found     1000.01\n  expected  1000\n";
    assert!(
        said.contains("\nstatewide.xlsx, sheet Completions, cell ") && said.contains(wanted),
        "{said}"
    );
    assert!(
        said.ends_with("\nDIFFERENT: 1 difference in 1 file.\n"),
        "the cell; its hash follows: {said}"
    );
    let (status, said) = made.verified_by_receipt();
    assert_eq!(status, 4);
    assert!(said.contains("\nstatewide.xlsx: the file was changed: its SHA-256 is not the one in the receipt\n  found     "), "{said}");
    assert!(
        said.contains("To see which cell, give --batch DIR."),
        "{said}"
    );
}

#[test]
fn a_changed_formula_with_the_old_value_is_found() {
    let made = Made::new();
    made.change_parts("report/statewide.xlsx", |name, text| match name {
        "xl/worksheets/sheet7.xml" => {
            text.replacen("</f><v>1000.00</v>", "+0</f><v>1000.00</v>", 1)
        }
        _ => text,
    });
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    assert!(
        said.contains(": the formula differs\n  found     =") && said.contains("+0\n  expected  ="),
        "{said}"
    );
}

#[test]
fn a_removed_row_is_one_difference() {
    let made = Made::new();
    made.change("report/completions.csv", |csv| {
        csv.lines()
            .filter(|line| !line.contains(OTHER))
            .map(|line| format!("{line}\n"))
            .collect()
    });
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    assert!(
        said.contains(
            "\ncompletions.csv, line 3 of the file as it should be: the row is missing\n"
        ),
        "{said}"
    );
    assert!(
        said.ends_with("\nDIFFERENT: 1 difference in 1 file.\n"),
        "{said}"
    );
}

#[test]
fn a_changed_amount_in_the_payments_is_named_with_line_and_column() {
    let made = Made::new();
    made.change("report/payments.csv", |csv| {
        csv.replacen("3000.00\n", "3000.10\n", 1)
    });
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    let wanted = "\npayments.csv, line 2, column amount: the cell differs\n  found     3000.10\n  expected  3000.00\n";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn a_changed_value_of_the_json_is_named_with_its_path() {
    let made = Made::new();
    made.change("report/allocation.json", |json| {
        json.replacen("\"paid\": \"3000.00\"", "\"paid\": \"3000.10\"", 1)
    });
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    assert!(
        said.contains(
            "\nallocation.json, paid: the value differs\n  found     3000.10\n  expected  3000.00\n"
        ),
        "{said}"
    );
    made.change("report/allocation.json", |json| {
        json.replacen("3000.10", "3000.00", 1).replace("  ", " ")
    });
    assert!(
        made.verified()
            .1
            .contains("\nallocation.json: the bytes differ, but no value does: ")
    );
}

#[test]
fn a_swapped_input_is_named() {
    let made = Made::new();
    made.change(FILE, |csv| csv.replacen("2024-05-17", "2024-05-18", 1));
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    let wanted = "\nbatch: submissions/0010.csv: it is not the file that the report was made from: its SHA-256 differs\n";
    assert!(said.contains(wanted), "{said}");
    assert!(
        said.contains("\ncompletions.csv, line 2, column completion_date: the cell differs\n"),
        "{said}"
    );
    assert_eq!(
        made.verified_by_receipt().0,
        0,
        "without the batch nobody looks at it"
    );
}

#[test]
fn an_input_that_was_added_or_removed_is_named() {
    let made = Made::new();
    let more = crate::batch_builder::csv_of(&[clean_row().with(Field::Sasid, "1000000009")]);
    fs::write(made.path("submissions/0010 more.csv"), more).unwrap();
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    let wanted = "\nbatch: submissions/0010 more.csv: the report was made without this file: the receipt does not name it\n";
    assert!(said.contains(wanted), "{said}");
    fs::rename(made.path("submissions/0010 more.csv"), made.path(FILE)).unwrap();
    fs::rename(made.path(FILE), made.path("submissions/0010 b.csv")).unwrap();
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    assert!(said.contains("\nbatch: submissions/0010.csv: the batch does not have the file: the receipt names it\n"), "{said}");
    // A batch that cannot even be calculated: what is known is said, and why there is no more.
    fs::remove_file(made.path("participants.csv")).unwrap();
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    assert!(
        said.contains("\nbatch: participants.csv: the batch does not have the file"),
        "{said}"
    );
    assert!(
        said.contains("\nerror: the batch has no participants\n"),
        "{said}"
    );
}

#[test]
fn a_hidden_extra_sheet_is_found() {
    for (state, says) in [
        ("hidden", "the sheet does not belong there; it is hidden\n"),
        (
            "veryHidden",
            "the sheet does not belong there; it is hidden so that Excel does not list it\n",
        ),
        (
            "visible",
            "the sheet does not belong there; it is visible\n",
        ),
    ] {
        let made = Made::new();
        made.change_parts("report/statewide.xlsx", |name, text| match name {
            "xl/workbook.xml" => {
                text.replacen("</sheets>", &format!("<sheet name=\"Ledger\" sheetId=\"99\" state=\"{state}\" r:id=\"rId99\"/></sheets>"), 1)
            }
            "xl/_rels/workbook.xml.rels" => {
                let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";
                let relation = format!("<Relationship Id=\"rId99\" Type=\"{kind}\" Target=\"worksheets/ledger.xml\"/></Relationships>");
                text.replacen("</Relationships>", &relation, 1)
            }
            _ => text,
        });
        let sheet = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData/></worksheet>";
        let workbook = made.read("report/statewide.xlsx");
        let more = with_part(workbook, "xl/worksheets/ledger.xml", sheet);
        fs::write(made.path("report/statewide.xlsx"), more).unwrap();
        let (status, said) = made.verified();
        assert_eq!(status, 4);
        assert!(
            said.contains(&format!("\nstatewide.xlsx, sheet Ledger: {says}")),
            "{said}"
        );
        assert_eq!(made.verified_by_receipt().0, 4);
    }
}

#[test]
fn a_sheet_of_the_report_that_was_hidden_or_renamed_is_found() {
    let made = Made::new();
    let whole = made.read("report/statewide.xlsx");
    made.change_parts("report/statewide.xlsx", |name, text| match name {
        "xl/workbook.xml" => text.replacen(
            "<sheet name=\"Findings\"",
            "<sheet state=\"hidden\" name=\"Findings\"",
            1,
        ),
        _ => text,
    });
    let said = made.verified().1;
    assert!(
        said.contains("\nstatewide.xlsx, sheet Findings: the sheet's visibility was changed\n  found     hidden\n  expected  visible\n"),
        "{said}"
    );
    fs::write(made.path("report/statewide.xlsx"), whole).unwrap();
    made.change_parts("report/statewide.xlsx", |name, text| match name {
        "xl/workbook.xml" => {
            text.replacen("<sheet name=\"Findings\"", "<sheet name=\"Finding\"", 1)
        }
        _ => text,
    });
    let said = made.verified().1;
    assert!(
        said.contains("\nstatewide.xlsx, sheet Findings: the sheet is missing\n"),
        "{said}"
    );
    assert!(
        said.contains(
            "\nstatewide.xlsx, sheet Finding: the sheet does not belong there; it is visible\n"
        ),
        "{said}"
    );
}

#[test]
fn a_name_that_was_added_to_a_workbook_is_found() {
    let made = Made::new();
    made.change_parts("report/statewide.xlsx", |name, text| match name {
        "xl/workbook.xml" => text.replacen(
            "<definedNames>",
            "<definedNames><definedName name=\"rate\">[1]Elsewhere!$A$1</definedName>",
            1,
        ),
        _ => text,
    });
    let said = made.verified().1;
    let wanted = "\nstatewide.xlsx, defined name rate: the name refers to something else\n  found     [1]Elsewhere!$A$1\n  expected  nothing else\n";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn what_changes_no_cell_of_a_workbook_is_a_difference_all_the_same() {
    let made = Made::new();
    let whole = made.read("report/statewide.xlsx");
    made.change_parts("report/statewide.xlsx", |name, text| match name {
        "docProps/core.xml" => {
            text.replacen("</cp:coreProperties>", "<!-- --></cp:coreProperties>", 1)
        }
        _ => text,
    });
    let wanted = "\nstatewide.xlsx: no cell differs, but this does: the properties of the document (docProps/core.xml)\n";
    let (status, said) = made.verified();
    assert!(status == 4 && said.contains(wanted), "{said}");
    // The same parts, packed otherwise.
    fs::write(
        made.path("report/statewide.xlsx"),
        with_parts(&whole, |_, part| part),
    )
    .unwrap();
    let (status, said) = made.verified();
    assert!(
        status == 4 && said.contains("only how it is packed was changed\n"),
        "{said}"
    );
}

#[test]
fn an_extra_or_a_missing_file_is_found_wherever_it_stands() {
    let made = Made::new();
    for (extra, where_to) in [
        ("notes.txt", ""),
        (".hidden", ""),
        ("0010-First District (2).xlsx", "entities/"),
        ("deep/down/x", ""),
    ] {
        let path = format!("report/{where_to}{extra}");
        put(made.folder.path(), &path, "1");
        for (status, said) in [made.verified(), made.verified_by_receipt()] {
            let wanted = format!(
                "\n{where_to}{extra}: the file does not belong there: the receipt does not name it\n"
            );
            assert!(
                status == 4
                    && said.contains(&wanted)
                    && said.contains("\nDIFFERENT: 1 difference in 1 file."),
                "{said}"
            );
        }
        fs::remove_file(made.path(&path)).unwrap();
    }
    for missing in [
        "findings.csv",
        "entities/0010-First District.xlsx",
        "SHA256SUMS",
        "counter-check.py",
    ] {
        let bytes = made.read(&format!("report/{missing}"));
        fs::remove_file(made.path(&format!("report/{missing}"))).unwrap();
        for (status, said) in [made.verified(), made.verified_by_receipt()] {
            let wanted = format!("\n{missing}: the file is missing: the receipt names it\n");
            assert!(
                status == 4
                    && said.contains(&wanted)
                    && said.contains("\nDIFFERENT: 1 difference in 1 file."),
                "{said}"
            );
        }
        fs::write(made.path(&format!("report/{missing}")), bytes).unwrap();
    }
}

#[test]
fn a_report_rewritten_as_a_whole_is_found_only_with_its_batch() {
    let made = Made::new();
    made.change("report/factors.json", |json| {
        json.replacen("1000.00", "1001.00", 1)
    });
    made.cover_up("factors.json");
    let (status, said) = made.verified_by_receipt();
    assert_eq!(status, 0, "{said}");
    let unchanged = "\nUNCHANGED: every file is as the receipt says, and the report does not contradict itself.\n";
    assert!(said.ends_with(&format!("{unchanged}{NOT_TOLD}")), "{said}");
    assert_eq!(made.verified().0, 4);
    // What its rows contradict is found without the batch.
    let made = Made::new();
    made.change("report/payments.csv", |csv| {
        csv.replace("3000.00", "3000.10")
    });
    made.cover_up("payments.csv");
    let (status, said) = made.verified_by_receipt();
    assert_eq!(status, 4);
    let contradicts = "\nthe report: it contradicts itself: payments.csv, ";
    assert!(said.contains(contradicts), "{said}");
    let (status, said) = made.verified();
    assert_eq!(status, 4);
    assert!(
        said.contains("\npayments.csv, line 2, column amount: the cell differs\n"),
        "{said}"
    );
    // Its line of SHA256SUMS, its digest in the receipt, and that of SHA256SUMS: they follow, and are not told before the cell.
    assert!(
        said.contains("\n3 checksums differ because of that\n"),
        "{said}"
    );
    assert!(
        said.contains("\nDIFFERENT: 1 difference in 1 file.\n"),
        "{said}"
    );
    let said = made
        .cdip(&["verify", "report", "--batch", ".", "--format", "json"])
        .1;
    let document: Value = serde_json::from_str(&said).unwrap();
    let follow: Vec<bool> = document["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| difference["follows"].as_bool().unwrap())
        .collect();
    assert_eq!(follow, [false, true, true, true], "{said}");
}

#[test]
fn a_report_that_cannot_be_read_is_not_said_to_be_without_contradictions() {
    let made = Made::new();
    made.change("report/allocation.json", |json| {
        json.replacen("\"run_date\": \"2024-", "\"run_date\": \"June ", 1)
    });
    made.cover_up("allocation.json");
    let (status, said) = made.verified_by_receipt();
    assert_eq!(status, 2, "{said}");
    assert!(
        said.contains("\nNOT VERIFIED: ")
            && said.contains("\nerror: allocation.json of the report cannot be read: ")
            && !said.contains("does not contradict itself"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_read_in_a_report_is_told_by_its_place_and_never_quoted() {
    let id = "1000000003";
    for (file, from, to, why) in [
        (
            "allocation.json",
            "\"per_unit\"",
            "\"1000000003\"",
            "its parameters and readings are not those of rules",
        ),
        (
            "allocation.json",
            "\"standing\": \"FINAL\"",
            "\"standing\": 1000000003",
            "line 4, column 24: a key or a value is not as cdip writes it",
        ),
        (
            "completions.csv",
            ",paid,,",
            ",paid,1000000003,",
            "record 2: one of its codes is unknown",
        ),
    ] {
        let made = Made::new();
        made.change(&format!("report/{file}"), |text| text.replacen(from, to, 1));
        made.cover_up(file);
        let (status, said) = made.cdip(&["explain", "report", "--participant", "0010"]);
        assert_eq!(status, 2, "{said}");
        assert!(
            said.starts_with(&format!(
                "error: {file} of the report cannot be read: {why}\n"
            )) && !said.contains(id),
            "{said}"
        );
    }
}

#[test]
fn no_difference_names_a_pupil() {
    let made = Made::new();
    made.change("report/completions.csv", |csv| {
        csv.replace(OTHER, "2000000002")
    });
    made.change("report/prior-payments-next.csv", |csv| {
        csv.replace(OTHER, "2000000002")
    });
    // Texts of the rows are in the sheets themselves or in the table of texts.
    for workbook in [
        "report/statewide.xlsx",
        "report/entities/0010-First District.xlsx",
    ] {
        made.change_parts(workbook, |_, text| {
            text.replace(OTHER, "2000000002")
                .replace(SASID, "Maria Doe 5")
        });
    }
    for format in ["text", "json"] {
        let (status, said) = made.cdip(&["verify", "report", "--batch", ".", "--format", format]);
        assert_eq!(status, 4);
        assert!(
            said.contains("10 digits (pupil data is not shown)") && said.contains("sasid"),
            "{said}"
        );
        for word in [SASID, OTHER, "2000000002", "Maria"] {
            assert!(!said.contains(word), "{word}: {said}");
        }
    }
}

#[test]
fn a_folder_without_a_receipt_or_with_a_broken_one_says_so() {
    let made = Made::new();
    let (status, said) = made.cdip(&["verify", "nowhere"]);
    assert_eq!(
        (status, said.as_str()),
        (
            2,
            "error: the report folder does not exist\n  --> nowhere\n   = fix: give the folder that holds receipt.json\n"
        )
    );
    let (status, said) = made.cdip(&["verify", "submissions"]);
    assert!(
        status == 2
            && said.starts_with("error: the folder holds no receipt.json\n  --> submissions\n"),
        "{said}"
    );
    let receipt = made.read("report/receipt.json");
    fs::remove_file(made.path("report/receipt.json")).unwrap();
    assert!(
        made.verified_by_receipt()
            .1
            .starts_with("error: the folder holds no receipt.json\n  --> report\n")
    );
    let (status, said) = made.verified();
    assert!(
        status == 4 && said.contains("\nreceipt.json: the file is missing: every report has one\n"),
        "{said}"
    );
    assert!(
        said.ends_with("\nDIFFERENT: 1 difference in 1 file.\n"),
        "{said}"
    );
    let deep = "[".repeat(100_000);
    for broken in [
        &receipt[..receipt.len() / 2],
        b"{}",
        b"",
        b"\xff\xfe",
        deep.as_bytes(),
    ] {
        fs::write(made.path("report/receipt.json"), broken).unwrap();
        let (status, said) = made.verified_by_receipt();
        assert!(
            status == 3
                && said.starts_with(
                    "error: receipt.json is not a receipt of this program: it was changed or damaged\n"
                ),
            "{said}"
        );
        let (status, said) = made.verified();
        assert!(
            status == 4 && said.contains("\nreceipt.json: it is not a receipt of this program"),
            "{said}"
        );
    }
}

#[test]
fn files_that_are_no_longer_what_they_were_end_no_comparison() {
    let made = Made::new();
    let deep = "[".repeat(100_000);
    let bomb = crate::spreadsheets::zip_of(&[("xl/workbook.xml", vec![b' '; 20 << 20])]);
    let whole = made.read("report/statewide.xlsx");
    for garbage in [
        &b"PK\x03\x04"[..],
        b"",
        b"not a zip",
        &whole[..whole.len() / 2],
        &bomb,
    ] {
        fs::write(made.path("report/statewide.xlsx"), garbage).unwrap();
        let (status, said) = made.verified();
        assert!(
            status == 4 && said.contains("\nstatewide.xlsx: it cannot be compared: the "),
            "{said}"
        );
    }
    fs::write(made.path("report/statewide.xlsx"), whole).unwrap();
    fs::write(made.path("report/payments.csv"), vec![b','; 9 << 20]).unwrap();
    let (status, said) = made.verified();
    assert!(
        status == 4
            && said.contains(
                "\npayments.csv: the file is so much larger that its cells are not compared\n"
            ),
        "{said}"
    );
    for name in [
        "completions.csv",
        "allocation.json",
        "SHA256SUMS",
        "counter-check.py",
    ] {
        for garbage in [&b"\xff\xfe\0\"\x1b[2J\n\"\n"[..], b"", deep.as_bytes()] {
            fs::write(made.path(&format!("report/{name}")), garbage).unwrap();
            let (status, said) = made.verified();
            assert!(
                status == 4 && said.contains(&format!("\n{name}")),
                "{name}: {said}"
            );
            assert!(!said.contains('\x1b'), "no terminal obeys what was found");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_file_is_found_and_not_followed() {
    let made = Made::new();
    fs::rename(made.path("report/payments.csv"), made.path("elsewhere.csv")).unwrap();
    std::os::unix::fs::symlink(made.path("elsewhere.csv"), made.path("report/payments.csv"))
        .unwrap();
    let (status, said) = made.verified();
    assert!(
        status == 4
            && said.contains("\npayments.csv: it is not a plain file but a link or a device\n"),
        "{said}"
    );
}

#[test]
fn a_report_of_another_version_is_said_to_be_one() {
    let made = Made::new();
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    made.change("report/receipt.json", |receipt| {
        receipt.replacen(&version, "\"version\": \"0.0.7\"", 1)
    });
    let said = made.verified().1;
    assert!(
        said.contains("\nThe report was written by version 0.0.7 of the program, and this is "),
        "{said}"
    );
}

/// The report as a version of cdip makes it that writes one column more.
fn with_a_later_column(made: &Made) {
    let file = "report/completions.csv";
    let before = checksum_of(&made.read(file));
    made.change(file, |text| {
        let lines = text.lines().enumerate().map(|(line, cells)| {
            let cell = if line == 0 { "a_later_one" } else { "Aims" };
            format!("{cells},{cell}\n")
        });
        lines.collect()
    });
    let after = checksum_of(&made.read(file));
    made.change("report/receipt.json", |receipt| {
        receipt.replace(&before, &after)
    });
    made.cover_up("completions.csv");
}

#[test]
fn a_column_that_only_one_version_writes_is_named_once_and_no_row_differs_for_it() {
    let made = Made::new();
    made.cdip(&["run", ".", "--replace", "--out", "earlier"]);
    with_a_later_column(&made);

    let difference = made.cdip(&["diff", "earlier", "report"]).1;
    let named = "  columns that only B has, not compared: a_later_one\n";
    assert!(difference.contains(named), "{difference}");
    assert!(
        difference.contains("Rows: 0 added, 0 removed, 0 changed"),
        "{difference}"
    );

    let row = ["--row", "0010.csv!2", "--batch", "."];
    let (status, passport) = made.cdip(&[&["explain", "report"], &row[..]].concat());
    assert!(
        status == 0 && !passport.contains("NOT AS RECORDED"),
        "{passport}"
    );

    let (status, said) = made.verified();
    let named = format!(
        "\ncompletions.csv, column {}: the column does not belong there; the others are compared\n",
        FILES.len() + 1
    );
    assert!(status == 4 && said.contains(&named), "{said}");
    assert!(
        said.contains("DIFFERENT: 1 difference in 1 file."),
        "{said}"
    );
}

#[test]
fn many_differences_are_counted_and_all_of_them_stand_in_the_json() {
    let rows: Vec<_> = (0..30)
        .map(|pupil| clean_row().with(Field::Sasid, (1_000_000_000 + pupil).to_string()))
        .collect();
    let made = Made {
        folder: TestBatch::of(&rows).write(),
    };
    assert_eq!(
        made.cdip(&["run", ".", "--replace", "--out", "report"]).0,
        0
    );
    made.change("report/completions.csv", |csv| {
        csv.replace(",1000.00,", ",1000.01,")
    });
    let said = made.verified().1;
    // 30 amounts, of which ten are shown; the hash follows.
    assert!(
        said.contains("\n  and 20 more differences in completions.csv\n"),
        "{said}"
    );
    assert!(
        said.contains("\nAll of them: --format json\n")
            && said.ends_with("\nDIFFERENT: 30 differences in 1 file.\n"),
        "{said}"
    );
    let document: Value = serde_json::from_str(
        &made
            .cdip(&["verify", "report", "--batch", ".", "--format", "json"])
            .1,
    )
    .unwrap();
    assert_eq!(document["differences"].as_array().unwrap().len(), 31);
}

#[test]
fn nothing_is_left_of_what_was_calculated_again() {
    let made = Made::new();
    let scratch = TempDir::new().unwrap();
    let before = tree(made.folder.path());
    for (batch, status) in [(".", 0), ("nowhere", 2)] {
        let mut verify = Command::new(env!("CARGO_BIN_EXE_cdip"));
        verify.args(["verify", "report", "--batch", batch]).envs([
            ("TMPDIR", scratch.path()),
            ("TEMP", scratch.path()),
            ("TMP", scratch.path()),
        ]);
        let output = verify.current_dir(made.folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        assert_eq!(tree(scratch.path()), []);
    }
    assert!(
        before == tree(made.folder.path()),
        "report and batch are as they were"
    );
}

#[test]
fn the_content_checksum_is_what_sort_and_sha256sum_say() {
    // A quoted cell over two lines, one with a comma, and rows that are not in the order of their bytes.
    let mut rows = rows();
    rows.push(
        clean_row()
            .with(Field::Sasid, "two\nlines")
            .with(Field::Grade, "a, b"),
    );
    rows.reverse();
    let made = Made {
        folder: TestBatch::of(&rows)
            .rows(
                "submissions/0010 a.csv",
                &[clean_row().with(Field::ProgramCode, "XX")],
            )
            .write(),
    };
    let said = made.cdip(&["run", ".", "--replace", "--out", "report"]).1;
    let receipt: Value = serde_json::from_slice(&made.read("report/receipt.json")).unwrap();
    let content = &receipt["predicate"]["content"];
    let sha256 = content["sha256"].as_str().unwrap();
    assert_eq!(sha256, checksum_of(&made.read("report/completions.csv")));
    assert!(
        said.contains(&format!("\nContent: sha256 {sha256} (")),
        "{said}"
    );
    if cfg!(unix) {
        let report = made.path("report");
        let shell = |report: &Path| {
            let output = Command::new("sh")
                .args(["-c", content["command"].as_str().unwrap()])
                .current_dir(report)
                .output()
                .unwrap();
            stdout(&output)
        };
        assert_eq!(shell(&report), format!("{sha256}  -\n"));
    }
}

#[test]
fn a_batch_names_the_receipt_before_its_own_and_verify_notices_when_it_changes() {
    let last_year = Made::new();
    let this_year = TempDir::new().unwrap();
    fs::write(
        this_year.path().join("earlier.json"),
        last_year.read("report/receipt.json"),
    )
    .unwrap();
    let batch = TestBatch::of(&rows()).setting("previous_receipt = \"last-year/receipt.json\"");
    let made = Made {
        folder: batch
            .file(
                "last-year/receipt.json",
                last_year.read("report/receipt.json"),
            )
            .write(),
    };
    assert_eq!(
        made.cdip(&["run", ".", "--replace", "--out", "report"]).0,
        0
    );
    let receipt: Value = serde_json::from_slice(&made.read("report/receipt.json")).unwrap();
    let expected = serde_json::json!({ "path": "last-year/receipt.json", "sha256": last_year.receipt_sha256() });
    assert_eq!(receipt["predicate"]["previous_receipt"], expected);
    assert_eq!(made.verified().0, 0);
    made.change("last-year/receipt.json", |text| format!("{text}\n"));
    let (status, said) = made.verified();
    assert!(
        status == 4
            && said.contains(
                "\nbatch: last-year/receipt.json: it is not the file that the report was made from"
            ),
        "{said}"
    );

    fs::write(made.path("last-year/receipt.json"), "{}").unwrap();
    let (status, said) = made.cdip(&["run", ".", "--replace", "--out", "report"]);
    assert_eq!(status, 2);
    assert_eq!(
        said,
        "error: \"last-year/receipt.json\" is not a receipt of this program\n  --> batch.toml, line 5, key previous_receipt\n   = fix: give the \
         path of an earlier report's receipt.json, relative to the batch folder, or leave the key out\n"
    );
    fs::remove_file(made.path("last-year/receipt.json")).unwrap();
    let (status, said) = made.cdip(&["run", ".", "--replace", "--out", "report"]);
    assert!(
        status == 2
            && said.starts_with(
                "error: the previous receipt \"last-year/receipt.json\" cannot be opened: "
            ),
        "{said}"
    );
}

#[test]
fn a_receipt_kept_apart_tells_a_batch_that_was_changed_and_calculated_again() {
    let made = Made::new();
    let kept = made.receipt_sha256();
    let verify = ["verify", "report", "--batch", ".", "--receipt"];
    let (status, said) = made.cdip(&[&verify[..], &[&kept.to_uppercase()]].concat());
    assert_eq!(status, 0, "{said}");
    assert!(
        said.ends_with("from this batch.\nThe receipt is the one whose SHA-256 was kept apart.\n"),
        "{said}"
    );
    // Somebody adds a pupil, and the report is made again from the batch.
    let more = crate::batch_builder::csv_of(&[clean_row().with(Field::Sasid, "1000000009")]);
    fs::write(made.path("submissions/0010 more.csv"), more).unwrap();
    made.cdip(&["run", ".", "--replace", "--out", "report"]);
    assert_eq!(made.verified().0, 0);
    let (status, said) = made.cdip(&[&verify[..], &[&kept]].concat());
    assert_eq!(status, 4, "{said}");
    let found = made.receipt_sha256();
    let wanted = format!(
        "\nreceipt.json: it is not the receipt whose SHA-256 was kept apart\n  found     {found}\n  expected  {kept}\n"
    );
    assert!(said.contains(&wanted), "{said}");
    let (status, said) = made.cdip(&[&verify[..], &["12ab"]].concat());
    assert!(status == 2 && said.contains("not a SHA-256"), "{said}");
}

#[test]
fn a_public_twin_is_verified_against_its_report() {
    // Forty pupils, of whom twenty have free or reduced-price lunch: nothing of it is of few pupils.
    let pupil = |number: u32| {
        clean_row()
            .with(Field::Sasid, (1_000_000_001 + number).to_string())
            .with(Field::Lunch, if number < 20 { "Y" } else { "N" })
    };
    let made = Made::of(&TestBatch::of(&(0..40).map(pupil).collect::<Vec<_>>()));
    let (status, said) = made.cdip(&["publish", "report", "--preliminary", "--out", "public"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = made.cdip(&["verify", "public"]);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("\nUNCHANGED: every file is as the receipt says.\nIt is the public version of a report. --report DIR makes it again"),
        "{said}"
    );
    let against = ["verify", "public", "--report", "report"];
    let (status, said) = made.cdip(&against);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains(
            "\nVERIFIED: every file is, byte for byte, what this program makes of this report.\n"
        ),
        "{said}"
    );
    for (extra, wanted) in [
        (
            "--paid",
            "the folder is not a settlement, which --paid is for",
        ),
        (
            "--carried",
            "the folder is not a settlement, which --carried is for",
        ),
        (
            "--accounts",
            "the folder is not a settlement, which --accounts is for",
        ),
    ] {
        let (status, said) = made.cdip(&[&against[..], &[extra, "some.csv"]].concat());
        assert!(status == 2 && said.contains(wanted), "{said}");
    }
    // A number that is not the report's: 20 x 1,000 + 20 x 1,200 = 44,000.
    made.change("public/tiers.csv", |csv| {
        csv.replacen("44000.00", "44001.00", 1)
    });
    let (status, said) = made.cdip(&against);
    let wanted = "\ntiers.csv, line 3, column amount: the cell differs\n  found     44001.00\n  expected  44000.00\n";
    assert!(status == 4 && said.contains(wanted), "{said}");
    // The twin of another report.
    let other = Made::of(&TestBatch::of(&rows()[..2]));
    let theirs = other.path("report");
    let (status, said) = made.cdip(&["verify", "public", "--report", theirs.to_str().unwrap()]);
    assert_eq!(status, 4);
    assert!(
        said.contains("it is not the report that this was made from: its SHA-256 differs\n"),
        "{said}"
    );
}

#[test]
fn a_settlement_is_verified_against_its_report_and_payments() {
    let made = Made::new();
    fs::write(
        made.path("paid.csv"),
        "Payee,Date,Amount,Reference\n0010,2024-08-01,500.00,A1\n",
    )
    .unwrap();
    let (status, said) = made.cdip(&["settle", "report", "--paid", "paid.csv", "--out", "settled"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = made.cdip(&["verify", "settled"]);
    assert!(status == 0 && said.contains("\nUNCHANGED:"), "{said}");
    let against = [
        "verify", "settled", "--report", "report", "--paid", "paid.csv",
    ];
    let (status, said) = made.cdip(&against);
    assert!(status == 0 && said.contains("\nVERIFIED:"), "{said}");
    let (status, said) = made.cdip(&against[..4]);
    assert!(
        status == 2 && said.contains("a settlement cannot be made again without the payments made"),
        "{said}"
    );
    // 3 x 1,000 - 500 = 2,500 are due.
    made.change("settled/settlement.csv", |csv| {
        csv.replacen("2500.00", "2600.00", 1)
    });
    // The award of three internships.
    made.change_parts("settled/settlement.xlsx", |_, text| {
        text.replacen("<v>3000</v>", "<v>3001</v>", 1)
    });
    let (status, said) = made.cdip(&against);
    assert!(
        status == 4 && said.contains("\nsettlement.csv, line 2, column due: the cell differs\n"),
        "{said}"
    );
    assert!(
        said.contains("\nsettlement.xlsx, sheet Settlement, cell D")
            && said.contains(": the cell differs\n  found     3001\n  expected  3000\n"),
        "{said}"
    );
    fs::write(
        made.path("paid.csv"),
        "Payee,Date,Amount,Reference\n0010,2024-08-01,600.00,A1\n",
    )
    .unwrap();
    let (status, said) = made.cdip(&against);
    assert_eq!(status, 4);
    assert!(
        said.contains("paid.csv: it is not the file of payments made that this was made from"),
        "{said}"
    );
}

#[test]
fn a_settlement_is_made_again_from_the_files_that_it_was_made_from_and_no_others() {
    let made = Made::new();
    for (file, text) in [
        (
            "paid.csv",
            "Payee,Date,Amount,Reference\n0010,2024-08-01,500.00,A1\n",
        ),
        ("owed.csv", "Payee,Amount\n0010,50.00\n"),
    ] {
        fs::write(made.path(file), text).unwrap();
    }
    let settle = ["settle", "report", "--paid", "paid.csv", "--out"];
    let carried = ["--carried", "owed.csv"];
    for (folder, extra) in [("with", &carried[..]), ("without", &[])] {
        let (status, said) = made.cdip(&[&settle[..], &[folder], extra].concat());
        assert_eq!(status, 0, "{said}");
    }
    let verify = |folder, extra: &[&str]| {
        let against = ["verify", folder, "--report", "report", "--paid", "paid.csv"];
        made.cdip(&[&against[..], extra].concat())
    };
    for (folder, extra) in [("with", &carried[..]), ("without", &[])] {
        let (status, said) = verify(folder, extra);
        assert!(status == 0 && said.contains("\nVERIFIED:"), "{said}");
    }
    let (status, said) = verify("with", &[]);
    assert!(
        status == 2
            && said.starts_with("error: the settlement was made with a file of opening balances\n"),
        "{said}"
    );
    let (status, said) = verify("without", &carried);
    assert!(
        status == 2
            && said.contains(
                "the settlement was made without a file of opening balances\n  --> owed.csv"
            ),
        "{said}"
    );
}

#[test]
fn letters_say_nothing_of_a_report_that_is_named_for_them() {
    let made = Made::new();
    let (status, said) = made.cdip(&["letters", "report", "--out", "letters"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = made.cdip(&["verify", "letters", "--report", "report"]);
    assert!(
        status == 2
            && said.contains("--report is for the public version of a report, or for a settlement; this folder is neither"),
        "{said}"
    );
}

#[test]
fn a_hidden_row_and_a_column_without_width_are_named_by_sheet_and_place() {
    for (change, wanted) in [
        (
            ("<row r=\"1\"", "<row r=\"1\" hidden=\"1\""),
            "\nstatewide.xlsx, sheet Board, row 1: the row is hidden\n",
        ),
        (
            (
                "<col min=\"1\" max=\"1\" width=\"",
                "<col min=\"1\" max=\"1\" hidden=\"1\" width=\"",
            ),
            "\nstatewide.xlsx, sheet Board, column A: the column is hidden\n",
        ),
    ] {
        let made = Made::new();
        made.change_parts("report/statewide.xlsx", |name, text| match name {
            "xl/worksheets/sheet1.xml" => text.replacen(change.0, change.1, 1),
            _ => text,
        });
        let (status, said) = made.verified();
        assert!(status == 4 && said.contains(wanted), "{wanted}: {said}");
    }
    // White on white is a format.
    let made = Made::new();
    made.change_parts("report/statewide.xlsx", |name, text| match name {
        "xl/styles.xml" => text.replacen("FF1F3864", "FFFFFFFF", 1),
        _ => text,
    });
    let said = made.verified().1;
    assert!(
        said.contains("\nstatewide.xlsx: no cell differs, but this does: formats of cells: fonts, colors or how numbers are shown (xl/styles.xml)\n"),
        "{said}"
    );
}

#[test]
fn values_that_begin_alike_are_shown_from_where_they_differ_and_an_approver_is_shown() {
    let made = Made::new();
    let line = ",,,,submissions/0010.csv,,2,deny,seen,Jo Miller,2024-09-01\n";
    fs::write(
        made.path("resolutions.csv"),
        format!("{}{line}", crate::batch_builder::RESOLUTIONS),
    )
    .unwrap();
    let (status, said) = made.cdip(&["run", ".", "--replace", "--out", "report"]);
    assert_eq!(status, 0, "{said}");
    made.change("report/receipt.json", |receipt| {
        receipt.replace("Jo Miller", "Jo Smith")
    });
    let said = made.verified().1;
    assert!(
        said.contains("\nreceipt.json, resolutions, entry 1, approved by, of line 2: the value differs\n  found     Jo Smith\n  expected  Jo Miller\n"),
        "{said}"
    );
    made.change("report/completions.csv", |csv| {
        csv.replace(OTHER, "1000000009")
    });
    let said = made.verified().1;
    assert!(
        said.contains("10 digits (pupil data is not shown); they differ from character 10 on\n"),
        "{said}"
    );
}

#[test]
fn an_entitys_workbook_has_the_hash_of_what_was_received_and_the_checksum_of_its_report() {
    let made = Made::new();
    let workbook = made.path("report/entities/0010-First District.xlsx");
    let award = crate::audit_sample::sheet(&workbook, "Award");
    let note = |topic: &str| {
        let row = award.iter().find(|row| row[0] == topic);
        row.unwrap_or_else(|| panic!("no {topic}: {award:?}"))[1].clone()
    };
    let received = sha256_hex(&made.read(FILE));
    assert!(note("Your files").contains(&received));
    let receipt: Value = serde_json::from_slice(&made.read("report/receipt.json")).unwrap();
    let content = receipt["predicate"]["content"]["sha256"].as_str().unwrap();
    assert!(note("Report").contains(content));
}
