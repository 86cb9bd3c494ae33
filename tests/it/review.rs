//! Where an auditor looks first.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::batch_builder::headings;
use crate::cli::{cdip, root, tree};

/// The sample with 300 pupils that somebody made up at one district: consecutive ids, one program, all FRL, all 30 June.
fn sample_with_invented_pupils() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, bytes) in tree(&root().join("samples/statewide-2024-25")) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let mut csv = headings().join(",") + "\n";
    for pupil in 0..300 {
        // In the order of the headings: district, school, SASID, grade, program, date, lunch, graduation credit.
        writeln!(
            csv,
            "3477,0978,{},12,IC140,2024-06-30,Y,Y,,,",
            8_812_345_001_u64 + pupil
        )
        .unwrap();
    }
    fs::write(folder.path().join("submissions/3477 more.csv"), csv).unwrap();
    folder
}

#[test]
fn three_hundred_invented_pupils_put_their_district_on_top() {
    let folder = sample_with_invented_pupils();
    let output = cdip(folder.path(), &["run", ".", "--out", "report"]);
    assert!(output.status.success(), "{output:?}");
    let output = cdip(folder.path(), &["review", "report", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let review: Value = serde_json::from_str(&said).unwrap();
    let top = &review["participants"][0];
    assert_eq!(top["participant"], "3477", "{said}");
    let measure = |name: &str| {
        let measures = top["measures"].as_array().unwrap();
        measures.iter().find(|one| one["measure"] == name).unwrap()
    };
    assert_eq!(measure("one_completion_date")["what"], "2024-06-30");
    assert_eq!(measure("one_program")["what"], "IC140");
    assert!(
        measure("consecutive_ids")["part"].as_u64().unwrap() >= 290,
        "{top}"
    );
    assert!(
        review["accuses"].as_str().unwrap().starts_with("nobody"),
        "it says so"
    );
    // Ids are counted and never shown.
    assert!(!said.contains("88123"), "{said}");
    // The same in the workbook.
    let rows = crate::audit_sample::sheet(&folder.path().join("report/statewide.xlsx"), "Review");
    let first = rows.iter().position(|row| row[0] == "Median").unwrap() + 1;
    assert_eq!(rows[first][0], "3477", "{:?}", rows[first]);
    assert!(
        rows[3][0].contains("this sheet accuses nobody"),
        "{:?}",
        rows[3]
    );
    // Against the sample as it was: the district has grown most.
    let before = root().join("samples/statewide-2024-25");
    let output = cdip(
        folder.path(),
        &["run", before.to_str().unwrap(), "--out", "before"],
    );
    assert!(output.status.success(), "{output:?}");
    let output = cdip(
        folder.path(),
        &[
            "review",
            "report",
            "--previous",
            "before",
            "--format",
            "json",
        ],
    );
    let review: Value = serde_json::from_slice(&output.stdout).unwrap();
    let measures = review["participants"][0]["measures"].as_array().unwrap();
    let growth = measures
        .iter()
        .find(|one| one["measure"] == "growth")
        .unwrap();
    assert_eq!(
        (&growth["share"], &growth["median"]),
        (&"100.0%".into(), &"0.0%".into())
    );
}
