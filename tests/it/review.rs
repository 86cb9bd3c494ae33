//! `cdip review` and the sheet *Review*: where an auditor should look first.

use std::fmt::Write as _;
use std::fs;

use cdip::intake::completions::Field;
use serde_json::Value;
use tempfile::TempDir;

use crate::batch_builder::{Row, TestBatch, clean_row, headings};
use crate::support::{cdip, copy_tree, root, stderr, stdout};

/// The sample with 300 pupils that somebody made up at one district: consecutive ids, one program, all FRL, all 30 June.
fn sample_with_invented_pupils() -> TempDir {
    let folder = TempDir::new().unwrap();
    copy_tree(&root().join("samples/statewide-2024-25"), folder.path());
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
    let said = stdout(&output);
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
    // All 300 are certificates of tier 1, which is paid in full: 300 x $1,200.00.
    assert_eq!(
        measure("one_completion_date")["amount"],
        "360000.00",
        "{top}"
    );
    let look = measure("one_completion_date")["where_to_look"]
        .as_str()
        .unwrap();
    assert!(
        look.starts_with("Completions, by Participant: completion date 2024-06-30: 300 of ")
            && look.ends_with(" units, $360,000.00"),
        "{look}"
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
    let look = rows[first].last().unwrap();
    assert!(
        look.contains("completion date 2024-06-30: 300 of ") && look.contains(", $360,000.00"),
        "{look}"
    );
    assert!(
        rows[3][0].contains("this sheet accuses nobody"),
        "{:?}",
        rows[3]
    );
    // In the same order, with the same points: a file that was attested is not decided by hand.
    let participants = review["participants"].as_array().unwrap();
    for (row, one) in rows[first..].iter().zip(participants) {
        assert_eq!(row[0], one["participant"].as_str().unwrap());
        let points = one["points_above_medians"].as_u64().unwrap();
        assert_eq!(row[4], points.to_string(), "{}", row[0]);
    }
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
        (&"100.00%".into(), &"0.00%".into())
    );
    // Nobody can say which rows are the growth, so no dollars are given for it.
    assert!(growth["amount"].is_null(), "{growth}");
}

/// A pupil of district 0010, of so many.
fn pupils(count: u64) -> Vec<Row> {
    let pupil =
        |number: u64| clean_row().with(Field::Sasid, (1_000_000_000 + 97 * number).to_string());
    (0..count).map(pupil).collect()
}

#[test]
fn the_workbook_measures_enrollment_and_growth_where_they_are_known() {
    let list = "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation,Enrollment\n\
                0010,,District 0010,district,Y,N,\"1,000\"\n";
    let folder = TempDir::new().unwrap();
    // 30 units after 20: 10 more, half of them; 30 of 1,000 pupils.
    let june = TestBatch::of(&pupils(30))
        .participants(list)
        .setting("previous_receipt = \"../may-report/receipt.json\"");
    let may = TestBatch::of(&pupils(20)).participants(list);
    for (name, batch) in [("may", may), ("june", june)] {
        batch.write_into(&folder.path().join(name));
        let out = format!("{name}-report");
        let output = cdip(folder.path(), &["run", name, "--out", &out]);
        assert!(output.status.success(), "{output:?}");
    }
    let review = |name: &str| {
        let workbook = folder.path().join(format!("{name}-report/statewide.xlsx"));
        crate::audit_sample::sheet(&workbook, "Review")
    };
    let rows = review("june");
    let headings = rows.iter().position(|row| row[0] == "Participant").unwrap();
    let at = |heading: &str| {
        let found = rows[headings].iter().position(|cell| cell == heading);
        found.unwrap_or_else(|| panic!("no {heading} among {:?}", rows[headings]))
    };
    let of_0010 = rows.iter().find(|row| row[0] == "0010").unwrap();
    assert_eq!(of_0010[at("Growth")], "0.5");
    assert_eq!(of_0010[at("Units per enrolled pupil")], "0.03");
    // The same from the report alone.
    let output = cdip(
        folder.path(),
        &["review", "june-report", "--format", "json"],
    );
    let said = stdout(&output);
    assert!(said.contains("\"units_per_enrolled_pupil\""), "{said}");
    // May has no report before it.
    assert!(!review("may").iter().flatten().any(|cell| cell == "Growth"));
}

#[test]
fn an_enrollment_that_is_not_a_number_is_refused() {
    let list = "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation,Enrollment\n\
                0010,,District 0010,district,Y,N,some\n";
    let folder = TestBatch::of(&pupils(1)).participants(list).write();
    let output = cdip(folder.path(), &["run", ".", "--out", "report"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = stderr(&output);
    assert!(
        said.contains("Enrollment \"some\" is not a number of pupils"),
        "{said}"
    );
}

#[test]
fn a_report_without_anybody_to_look_at_says_so_and_growth_needs_an_earlier_report() {
    let folder = TempDir::new().unwrap();
    for (name, rules) in [("earlier", "2023-24"), ("later", "2024-25")] {
        let date = if rules == "2023-24" {
            "2023-05-17"
        } else {
            "2024-05-17"
        };
        let rows = pupils(19).into_iter();
        let rows: Vec<Row> = rows
            .map(|row| row.with(Field::CompletionDate, date))
            .collect();
        let batch = TestBatch::of(&rows).rules(rules);
        batch.write_into(&folder.path().join(name));
        let out = format!("{name}-report");
        let output = cdip(folder.path(), &["run", name, "--out", &out]);
        assert!(output.status.success(), "{output:?}");
    }
    let review = |report: &str, previous: &str| {
        let arguments = ["review", report, "--previous", previous];
        cdip(folder.path(), &arguments)
    };
    // 19 units are one too few.
    let output = review("later-report", "earlier-report");
    assert_eq!(
        stdout(&output),
        "test  what to look at first\n\
         No participant has 20 units or more, so there is nothing to look at.\n"
    );
    for (report, previous, message) in [
        (
            "later-report",
            "later-report",
            "error: --previous is the report itself, so nothing can have changed\n",
        ),
        (
            "earlier-report",
            "later-report",
            "error: --previous is a later report: budget year 2024-25, run 2024-09-15; this one is of 2023-24, run 2024-09-15\n",
        ),
    ] {
        let output = review(report, previous);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = stderr(&output);
        assert!(said.starts_with(message), "{said}");
    }
}
