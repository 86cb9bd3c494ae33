//! The counter-check: a separate program in a different language calculates the same award, and reports any difference.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use cdip::calculation::Calculation;
use cdip::receipt::OutputFile;
use cdip::report::{Written, content, json, receipt, text};
use cdip::rules::readings::{
    CapBase, CapMoney, CapRounding, CapSelection, CrossEntity, Readings, Rounding, Unit,
};
use tempfile::TempDir;

use crate::support::{cdip, python, root, said};
use crate::vectors::{self, calculated, calculated_after};

const SCRIPT: &str = "src/report/counter-check.py";

/// Runs the counter-check over folders one after the other in one interpreter, each as if it had been started for it alone.
const DRIVER: &str = "
import runpy, sys
script = sys.argv[1]
for folder in sys.stdin.read().splitlines():
    sys.argv = [script, folder]
    try:
        runpy.run_path(script, run_name='__main__')
    except SystemExit as ended:
        sys.exit(f'{folder}: {ended}')
";

/// What the counter-check reads of a report, and a file of which it compares only the hash.
fn write(calculation: &Calculation, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let file = |name: &str| BufWriter::new(File::create(folder.join(name)).unwrap());
    json::allocation(calculation, file("allocation.json")).unwrap();
    text::completions(calculation, file("completions.csv")).unwrap();
    text::awards(calculation, file("awards.csv")).unwrap();
    text::payments(calculation, file("payments.csv")).unwrap();
    text::findings(calculation, file("findings.csv")).unwrap();
    seal(calculation, folder);
}

/// Writes the checksums and the receipt of the files.
fn seal(calculation: &Calculation, folder: &Path) {
    let files = [
        "allocation.json",
        "completions.csv",
        "awards.csv",
        "payments.csv",
        "findings.csv",
    ]
    .map(|name| {
        let (sha256, bytes) = cdip::hash::sha256_of_file(&folder.join(name)).unwrap();
        let path = name.to_string();
        OutputFile {
            path,
            sha256,
            bytes,
        }
    });
    let completions = fs::read(folder.join("completions.csv")).unwrap();
    let written = Written {
        files: files.to_vec(),
        content: content::checksum_of(&completions),
    };
    receipt::write(calculation, &written, folder).unwrap();
}

/// Every combination of values; the cap binds every kind.
fn combinations() -> Vec<Readings> {
    let mut all = Vec::new();
    for &unit in Unit::ALL {
        for &cap_base in CapBase::ALL {
            for &cap_rounding in CapRounding::ALL {
                for &cap_selection in CapSelection::ALL {
                    for &cap_money in CapMoney::ALL {
                        for &rounding in Rounding::ALL {
                            for &cross_entity in CrossEntity::ALL {
                                let own = Readings {
                                    unit,
                                    cap_base,
                                    cap_rounding,
                                    cap_selection,
                                    cap_money,
                                    rounding,
                                    cross_entity,
                                    ..Readings::default()
                                };
                                all.push(own);
                            }
                        }
                    }
                }
            }
        }
    }
    all
}

#[test]
fn the_counter_check_is_written_to_be_read() {
    let script = fs::read_to_string(root().join(SCRIPT)).unwrap();
    for (number, line) in (1..).zip(script.lines()) {
        assert!(line.chars().count() <= 100, "line {number} is too wide");
    }
    assert!(script.lines().count() <= 325, "it is too long");
    // Every second part is between triple quotes: it explains.
    let code: String = script.split("\"\"\"").step_by(2).collect();
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with('#');
    let code = code.lines().filter(is_code).count();
    assert!(code <= 235, "{code} lines of code");
    for step in script.split("\ndef ").skip(1) {
        let lines = step.trim_end().lines().count();
        assert!(lines <= 45, "{lines} lines: def {step}");
        let is_explained = lines < 10 || step.contains("\"\"\"");
        assert!(is_explained, "not explained: def {step}");
    }
    assert!(
        !script.contains("float") && !script.contains("round("),
        "money is whole cents and fractions"
    );
}

#[test]
fn the_counter_check_agrees_with_every_vector_under_every_reading() {
    let folder = TempDir::new().unwrap();
    let mut folders = String::new();
    let vectors = vectors::folders();
    for (position, vector) in vectors.iter().enumerate() {
        let name = vector.file_name().unwrap().to_string_lossy().into_owned();
        let own = calculated(vector);
        let mut readings = vec![own.batch.readings];
        readings.extend(
            cdip::scenarios::alternatives(own.batch.readings)
                .into_iter()
                .map(|scenario| scenario.readings),
        );
        // Every combination once, spread over the vectors: all of them on each would take minutes and find nothing more.
        readings.extend(
            combinations()
                .into_iter()
                .skip(position)
                .step_by(vectors.len()),
        );
        for (number, readings) in readings.into_iter().enumerate() {
            let report = folder.path().join(format!("{name}-{number}"));
            let calculation = calculated_after(vector, |batch| batch.readings = readings);
            write(&calculation, &report);
            folders.push_str(&format!("{}\n", report.display()));
        }
    }
    let Some(output) = python(root(), &["-c", DRIVER, SCRIPT], &folders) else {
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    let agreed = said(&output)
        .lines()
        .filter(|line| line.starts_with("AGREES: "))
        .count();
    assert_eq!(agreed, folders.lines().count(), "{}", said(&output));
}

#[test]
fn the_counter_check_agrees_with_the_statewide_sample() {
    let folder = TempDir::new().unwrap();
    let report = folder.path().join("report");
    assert!(
        cdip(
            root(),
            &[
                "run",
                "samples/statewide-2024-25",
                "--out",
                &report.to_string_lossy()
            ]
        )
        .status
        .success()
    );
    // As an auditor starts it: the file that came with the report, without an argument.
    let Some(output) = python(
        root(),
        &[&report.join("counter-check.py").to_string_lossy()],
        "",
    ) else {
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).starts_with("AGREES: 13000 rows, "),
        "{}",
        said(&output)
    );
}

/// What is done to the text of a file.
type Change<'c> = Box<dyn Fn(&str) -> String + 'c>;

#[test]
fn the_counter_check_names_the_first_thing_that_was_changed() {
    // 01: tier 1 prorated, 7 x 1.00 + 5 x 1.20 = 13.00; 9,500 / 13.00 = 730.769.., floored 730.76. Every change below contradicts
    // something else.
    let vector = root().join("tests/vectors/01-frl-inside-the-proration");
    let calculation = calculated(&vector);
    let rate = calculation.allocation.tiers[0].rate.to_string();
    let more =
        (calculation.allocation.tiers[0].rate + cdip::money::Money::from_cents(1)).to_string();
    let manipulations: [(&str, &str, Change<'_>, &str); 15] = [
        (
            "an amount",
            "completions.csv",
            Box::new(|text| text.replacen(&format!(",{rate},"), &format!(",{more},"), 1)),
            "!2, amount: the report says",
        ),
        (
            "a rate",
            "allocation.json",
            Box::new(|text| {
                text.replacen(
                    &format!("\"rate\": \"{rate}\""),
                    &format!("\"rate\": \"{more}\""),
                    1,
                )
            }),
            "tier 1, rate: the report says",
        ),
        (
            "a removed row",
            "completions.csv",
            Box::new(|text| {
                text.lines()
                    .take(5)
                    .chain(text.lines().skip(6))
                    .map(|line| format!("{line}\n"))
                    .collect()
            }),
            "rows by outcome",
        ),
        (
            "an outcome",
            "completions.csv",
            Box::new(|text| text.replacen(",paid,,", ",over_cap,,", 1)),
            "rows by outcome",
        ),
        (
            "a total",
            "allocation.json",
            Box::new(|text| text.replacen("\"total\": \"", "\"total\": \"1", 1)),
            "participant ",
        ),
        (
            "a redirected payee",
            "allocation.json",
            Box::new(|text| text.replacen("\"payee\": \"0010\"", "\"payee\": \"0020\"", 1)),
            "participant 0010, payee: the report says 0020",
        ),
        (
            "a line of the awards",
            "awards.csv",
            Box::new(|text| text.replacen(",0010,0010,", ",0020,0010,", 1)),
            "awards.csv, participant 0010, payee: the report says 0020",
        ),
        (
            "an amount that is paid out",
            "payments.csv",
            Box::new(|text| text.replacen(",2024-09-15,", ",2024-09-15,1", 1)),
            "payments.csv, payee 0010, amount: the report says 1",
        ),
        (
            "a payee that is paid twice",
            "payments.csv",
            Box::new(|text| format!("{text}{}\n", text.lines().last().unwrap())),
            "payments.csv, lines: the report says",
        ),
        (
            "a vendor",
            "payments.csv",
            Box::new(|text| text.replacen(",,2024-25,", ",V-1,2024-25,", 1)),
            "payments.csv, payee 0010, vendor: the report says V-1",
        ),
        (
            "a date of the payments that the receipt does not know",
            "payments.csv",
            Box::new(|text| text.replacen(",2024-09-15,", ",2024-09-16,", 1)),
            "receipt, payments.csv: the report says",
        ),
        (
            "a file that the receipt does not know",
            "awards.csv",
            Box::new(|text| text.replacen(",2024-25,", ",2025-26,", 1)),
            "receipt, awards.csv: the report says",
        ),
        (
            "a total of the receipt",
            "receipt.json",
            Box::new(|text| text.replacen("\"paid\": \"", "\"paid\": \"1", 1)),
            "receipt, paid: the report says 1",
        ),
        (
            "half a cent of the money",
            "allocation.json",
            Box::new(|text| {
                text.replacen(
                    "\"available\": \"9500.00\"",
                    "\"available\": \"9500.005\"",
                    1,
                )
            }),
            "cents of 9500.005: the report says",
        ),
        (
            "half a file",
            "allocation.json",
            Box::new(|text| text[..text.len() / 2].to_string()),
            "the report cannot be read",
        ),
    ];
    for (what, file, change, says) in manipulations {
        let folder = TempDir::new().unwrap();
        write(&calculation, folder.path());
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        let changed = change(&text);
        assert_ne!(text, changed, "{what}");
        fs::write(&path, changed).unwrap();
        let Some(output) = python(root(), &[SCRIPT, &folder.path().to_string_lossy()], "") else {
            return;
        };
        assert_eq!(output.status.code(), Some(1), "{what}: {}", said(&output));
        let said = said(&output);
        assert!(
            said.starts_with("DIFFERENCE: ") && said.contains(says) && !said.contains("Traceback"),
            "{what}: {said}"
        );
    }
}

#[test]
fn a_changed_file_that_is_not_read_is_found_although_the_list_of_checksums_was_rewritten_to_match()
{
    let folder = TempDir::new().unwrap();
    let vector = root().join("tests/vectors/01-frl-inside-the-proration");
    write(&calculated(&vector), folder.path());
    let receipt = fs::read_to_string(folder.path().join("receipt.json")).unwrap();
    let sha256_of = |name: &str| {
        let path = folder.path().join(name);
        cdip::hash::sha256_of_file(&path).unwrap().0
    };
    let (of_findings, of_checksums) = (sha256_of("findings.csv"), sha256_of("SHA256SUMS"));
    // What the first step of docs/audit.md looks for.
    assert_eq!(receipt.matches(&of_checksums).count(), 1, "{receipt}");

    let change = |name: &str, from: &str, to: &str| {
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{name}: {text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    change("findings.csv", "\n", "\nforged\n");
    change("SHA256SUMS", &of_findings, &sha256_of("findings.csv"));
    assert!(!receipt.contains(&sha256_of("SHA256SUMS")));
    for (name, mends) in [("findings.csv", true), ("SHA256SUMS", false)] {
        let Some(output) = python(root(), &[SCRIPT, &folder.path().to_string_lossy()], "") else {
            return;
        };
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let expected = format!("DIFFERENCE: receipt, {name}: the report says ");
        assert!(said(&output).starts_with(&expected), "{}", said(&output));
        if mends {
            change("findings.csv", "\nforged\n", "\n");
        }
    }
}

#[test]
fn the_counter_check_refuses_a_final_report_with_a_row_that_is_rejected_or_held() {
    let waits = |buckets: &str| buckets.contains("\"rejected\": 1");
    let folder = TempDir::new().unwrap();
    for vector in vectors::folders() {
        write(&calculated(&vector), folder.path());
        let allocation = fs::read_to_string(folder.path().join("allocation.json")).unwrap();
        if waits(&allocation) && allocation.contains("\"standing\": \"PRELIMINARY\"") {
            break;
        }
    }
    for file in ["allocation.json", "receipt.json"] {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        let changed = text.replace("\"PRELIMINARY\"", "\"FINAL\"");
        assert_ne!(text, changed, "{file}");
        fs::write(&path, changed).unwrap();
    }
    let Some(output) = python(root(), &[SCRIPT, &folder.path().to_string_lossy()], "") else {
        return;
    };
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let expected = "DIFFERENCE: rows rejected or held: the report says 1; calculated again it is 0";
    assert_eq!(said(&output).trim_end(), expected);
}
