//! Another program opens the workbook and shows the same figures. Needs LibreOffice (`soffice`);
//! without it these tests are left out, and say so.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{left_out, put, root};

/// Every sheet as csv, the values as they are and not as they are formatted.
const EVERY_SHEET_AS_CSV: &str =
    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1";

/// Tells LibreOffice to calculate every formula when it opens a workbook; without it, it shows the cached results.
const RECALCULATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

/// Saves files in another format with LibreOffice, which keeps its profile in a folder. `false`, and
/// said, where there is no LibreOffice or it fails.
pub fn convert(folder: &Path, format: &str, out: &Path, files: &[PathBuf]) -> bool {
    let profile = folder.join("profile");
    let converted = Command::new("soffice")
        .arg(format!(
            "-env:UserInstallation=file://{}",
            profile.display()
        ))
        .args(["--headless", "--norestore", "--convert-to", format])
        .arg("--outdir")
        .arg(out)
        .args(files)
        .output();
    let why = match converted {
        Ok(output) if output.status.success() => return true,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let words: Vec<&str> = said.split_whitespace().collect();
            format!("LibreOffice failed: {}", words.join(" "))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            "LibreOffice is not installed".to_string()
        }
        Err(error) => format!("LibreOffice cannot be started: {error}"),
    };
    left_out(&why);
    false
}

/// The sheets of a workbook, read and calculated again by LibreOffice: (name, rows of texts).
pub fn sheets(workbook: &Path, folder: &Path) -> Option<Vec<(String, Vec<Vec<String>>)>> {
    let setting = "profile/user/registrymodifications.xcu";
    put(folder, setting, RECALCULATE);
    let files = [workbook.to_path_buf()];
    if !convert(folder, EVERY_SHEET_AS_CSV, folder, &files) {
        return None;
    }
    let stem = workbook.file_stem().unwrap().to_string_lossy().into_owned();
    let mut sheets = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(sheet) = name
            .strip_prefix(&format!("{stem}-"))
            .and_then(|name| name.strip_suffix(".csv"))
        {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_path(entry.path())
                .unwrap();
            let rows = reader
                .records()
                .map(|record| record.unwrap().iter().map(String::from).collect())
                .collect();
            sheets.push((sheet.to_string(), rows));
        }
    }
    Some(sheets)
}

/// Cents of a value such as `1000` or `885385.95`.
fn cents(value: &str) -> i64 {
    cdip::money::Money::from_dollars(value)
        .unwrap_or_else(|error| panic!("\"{value}\" {error}"))
        .cents()
}

#[test]
fn libreoffice_shows_the_same_money_row_by_row_and_in_the_totals() {
    let report = root().join("reports/statewide-2024-25");
    let folder = TempDir::new().unwrap();
    let Some(sheets) = sheets(&report.join("statewide.xlsx"), folder.path()) else {
        return;
    };
    let sheet = |name: &str| {
        &sheets
            .iter()
            .find(|(sheet, _)| sheet == name)
            .unwrap_or_else(|| panic!("no sheet {name}"))
            .1
    };
    let allocation: Value =
        serde_json::from_slice(&fs::read(report.join("allocation.json")).unwrap()).unwrap();
    let paid = cents(allocation["paid"].as_str().unwrap());

    // Completions: a line per row, their amounts the sum that is paid, the total line the same.
    let completions = sheet("Completions");
    let header = completions
        .iter()
        .position(|row| row.iter().any(|cell| cell == "Outcome"))
        .unwrap();
    let amount = completions[header]
        .iter()
        .position(|cell| cell == "Amount")
        .unwrap();
    let rows: Vec<_> = completions[header + 1..]
        .iter()
        .filter(|row| row[0].starts_with("submissions/"))
        .collect();
    assert_eq!(rows.len() as u64, allocation["rows"].as_u64().unwrap());
    assert_eq!(
        rows.iter().map(|row| cents(&row[amount])).sum::<i64>(),
        paid
    );
    let total = completions.iter().find(|row| row[0] == "Total").unwrap();
    assert_eq!(cents(&total[amount]), paid);

    // Payments: the last column of its total line, which is the payment.
    let payments = sheet("Payments");
    let total = payments.iter().find(|row| row[0] == "Total").unwrap();
    assert_eq!(
        cents(total.iter().rev().find(|cell| !cell.is_empty()).unwrap()),
        paid
    );

    // No sheet shows an error or a formula that could not be read.
    for (name, rows) in &sheets {
        let broken = rows.iter().flatten().find(|cell| {
            cell.starts_with("Err:") || cell.starts_with("#NAME?") || cell.starts_with("#VALUE!")
        });
        assert_eq!(broken, None, "{name}");
    }
}
