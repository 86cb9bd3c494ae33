//! Every verb that reads a report refuses one that contradicts itself, and the message says what does not fit. In each case the
//! forger also changed checksums and receipt to match.

use cdip::intake::completions::Field;
use serde_json::{Value, json};

use crate::batch_builder::{TestBatch, with_sasid};
use crate::verify::Made;

/// Every verb that reads a report.
const VERBS: [&[&str]; 8] = [
    &["explain", "report", "--participant", "0010"],
    &["diff", "report", "report"],
    &["publish", "report", "--preliminary", "--out", "public"],
    &[
        "settle",
        "report",
        "--preliminary",
        "--paid",
        "paid.csv",
        "--out",
        "settlement",
    ],
    &[
        "audit-sample",
        "report",
        "--method",
        "mus",
        "--size",
        "2",
        "--seed",
        "a",
    ],
    &["review", "report"],
    &["letters", "report", "--out", "letters"],
    &["years", "report", "--preliminary", "--out", "years"],
];
/// What they would write.
const WRITTEN: [&str; 5] = [
    "public",
    "settlement",
    "report-audit-sample.xlsx",
    "letters",
    "years",
];

/// A district with its charter and another district, an internship each; a row outside the year; a SASID that a spreadsheet could
/// have made (Q404), which is attested. FINAL, $4,000.00.
fn final_report() -> Made {
    let batch = TestBatch::of(&[
        with_sasid("1000000001"),
        with_sasid("1000000002").with(Field::SchoolCode, "4500"),
        with_sasid("1000000003").with(Field::CompletionDate, "2022-01-01"),
        with_sasid("1200000000"),
    ])
    .rows(
        "submissions/0020.csv",
        &[with_sasid("1000000005").with(Field::DistrictCode, "0020")],
    )
    .resolutions(",,,,submissions/0010.csv,,5,attest,seen,Jo Miller,2024-09-01\n");
    let made = Made::of(&batch);
    assert!(
        made.cdip(&["run", ".", "--replace", "--out", "report"])
            .1
            .contains("FINAL")
    );
    made
}

/// The same with a row that is held: PRELIMINARY.
fn preliminary_report() -> Made {
    let batch = TestBatch::of(&[
        with_sasid("1000000001"),
        with_sasid("1000000002").with(Field::Grade, "old"),
    ]);
    Made::of(&batch)
}

/// Changes values of a json file, and covers it up.
fn change_json(made: &Made, file: &str, change: impl Fn(&mut Value)) {
    made.change(&format!("report/{file}"), |text| {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        change(&mut value);
        format!("{value:#}\n")
    });
    if file != "receipt.json" {
        made.cover_up(file);
    }
}

/// Changes a csv file, and covers it up.
fn change_csv(made: &Made, file: &str, change: impl Fn(String) -> String) {
    made.change(&format!("report/{file}"), change);
    made.cover_up(file);
}

/// Every verb refuses the report with this message, and writes nothing.
fn refused(made: &Made, message: &str) {
    std::fs::write(made.path("paid.csv"), "Payee,Date,Amount,Reference\n").unwrap();
    for verb in VERBS {
        let (status, said) = made.cdip(verb);
        assert!(
            said.contains(&format!(
                "error: the report contradicts itself: {message}\n"
            )),
            "{verb:?} says\n{said}"
        );
        assert_eq!(status, 4, "{verb:?}");
        for written in WRITTEN {
            assert!(!made.path(written).exists(), "{written}");
        }
    }
}

#[test]
fn an_honest_report_is_refused_by_none() {
    let made = final_report();
    std::fs::write(made.path("paid.csv"), "Payee,Date,Amount,Reference\n").unwrap();
    for verb in VERBS {
        let (_, said) = made.cdip(verb);
        assert!(!said.contains("contradicts"), "{verb:?}: {said}");
    }
    for written in WRITTEN {
        assert!(made.path(written).exists(), "{written}");
    }
}

#[test]
fn a_report_made_final_is_refused() {
    let made = preliminary_report();
    change_json(&made, "allocation.json", |file| {
        file["standing"] = json!("FINAL");
    });
    refused(
        &made,
        "the standing of allocation.json is FINAL, that of the receipt PRELIMINARY",
    );
    change_json(&made, "receipt.json", |receipt| {
        receipt["predicate"]["standing"] = json!("FINAL");
    });
    refused(
        &made,
        "line 2 of awards.csv is not the award of participant 0010 that the rows give",
    );
    change_csv(&made, "awards.csv", |csv| {
        csv.replace("PRELIMINARY", "FINAL")
    });
    refused(
        &made,
        "it says FINAL, and something is open: rows that are rejected: 1",
    );
}

#[test]
fn a_report_without_its_rejected_rows_is_refused() {
    let made = preliminary_report();
    change_csv(&made, "completions.csv", |csv| {
        let kept = csv.lines().filter(|line| !line.contains(",rejected,"));
        kept.map(|line| format!("{line}\n")).collect()
    });
    refused(
        &made,
        "allocation.json counts 2 rows; completions.csv has 1",
    );
    change_json(&made, "allocation.json", |file| {
        file["rows"] = json!(1);
        file["buckets"]["rejected"] = json!(0);
    });
    refused(&made, "the receipt counts 2 rows; completions.csv has 1");
    change_json(&made, "receipt.json", |receipt| {
        receipt["predicate"]["rows"] = json!(1);
        receipt["predicate"]["buckets"]["rejected"] = json!(0);
    });
    refused(
        &made,
        "the receipt counts 2 rows of submissions/0010.csv; completions.csv has 1",
    );
    change_json(&made, "receipt.json", |receipt| {
        receipt["predicate"]["submissions"][0]["rows"] = json!(1);
    });
    refused(
        &made,
        "findings.csv names E204 for row 3 of submissions/0010.csv, and completions.csv does not",
    );
}

#[test]
fn of_what_was_written_into_a_report_and_can_be_an_id_only_the_length_is_told() {
    let made = final_report();
    change_json(&made, "allocation.json", |file| {
        file["label"] = json!("1000000001");
    });
    refused(
        &made,
        "the label of allocation.json is (10 digits), that of the receipt test",
    );
    let line =
        "E204,rejected,submissions/1000000001.csv,,3,Grade,D3,A grade.,Correct it.,0010,yes\n";
    let made = preliminary_report();
    change_csv(&made, "findings.csv", |csv| csv + line);
    refused(
        &made,
        "findings.csv names E204 for row 3 of submissions/(10 digits).csv, and completions.csv does not",
    );
    let made = final_report();
    change_json(&made, "allocation.json", |file| {
        file["payees"][0]["code"] = json!("100000000");
    });
    let (_, said) = made.cdip(VERBS[0]);
    assert!(said.contains("payee (9 digits) "), "{said}");
}

#[test]
fn a_redirected_payee_is_refused() {
    let made = final_report();
    change_json(&made, "allocation.json", |file| {
        let charter = file["participants"]
            .as_array()
            .unwrap()
            .iter()
            .position(|one| one["school_code"] == "4500");
        file["participants"][charter.unwrap()]["payee"] = json!("0020");
    });
    refused(
        &made,
        "participant 0010-4500 is recorded as paid through 0020; it is paid through 0010",
    );
}

#[test]
fn a_changed_total_of_a_payee_is_refused() {
    let made = final_report();
    change_json(&made, "allocation.json", |file| {
        file["payees"][0]["total"] = json!("3000.01");
    });
    refused(
        &made,
        "payee 0010 is recorded with $3,000.01; the rows give $3,000.00",
    );
}

#[test]
fn a_changed_tier_or_share_is_refused() {
    let made = final_report();
    change_json(&made, "allocation.json", |file| {
        file["tiers"][1]["money_after"] = json!("0.00");
    });
    refused(
        &made,
        "what allocation.json says of tier 2 is not what its own rows and rules give",
    );
    let made = final_report();
    change_json(&made, "allocation.json", |file| {
        file["participants"][0]["tiers"][0]["frl_units"] = json!(1);
    });
    refused(
        &made,
        "what allocation.json says of participant 0010 by tier is not what its rows give",
    );
}

#[test]
fn a_changed_file_that_pays_is_refused() {
    let made = final_report();
    change_csv(&made, "payments.csv", |csv| {
        csv.replace(",3000.00", ",3000.10")
    });
    refused(
        &made,
        "payments.csv, record 2: it pays $3,000.10 to 0010; the rows give $3,000.00",
    );
    // A code that would clear a terminal is written out.
    let made = final_report();
    change_csv(&made, "payments.csv", |csv| {
        csv.replace("\n0020,", "\n\u{1b}[2J,")
    });
    refused(
        &made,
        "payments.csv, record 3: payee \\u001b[2J is not one that the rows give, or is in it twice",
    );
    // The vendor number of somebody else: the money would go to another account.
    let made = final_report();
    change_csv(&made, "payments.csv", |csv| {
        csv.replacen(",,", ",V-666,", 1)
    });
    refused(
        &made,
        "payments.csv, record 2: the vendor number of payee 0010 is \"V-666\"; allocation.json has \"\"",
    );
    // Two payees swapped: each gets what is the other's.
    let made = final_report();
    change_csv(&made, "payments.csv", |csv| {
        csv.replace("\n0010,", "\n????,")
            .replace("\n0020,", "\n0010,")
            .replace("\n????,", "\n0020,")
    });
    refused(
        &made,
        "payments.csv, record 2: it pays $3,000.00 to 0020; the rows give $1,000.00",
    );
    let made = final_report();
    change_csv(&made, "payments.csv", |csv| {
        csv.lines()
            .filter(|line| !line.starts_with("0020,"))
            .map(|line| format!("{line}\n"))
            .collect()
    });
    refused(
        &made,
        "payments.csv does not pay 0020; the rows give it $1,000.00",
    );
    let made = final_report();
    change_csv(&made, "awards.csv", |csv| {
        csv.replacen("1000.00\n", "1000.01\n", 1)
    });
    refused(
        &made,
        "line 3 of awards.csv is not the award of participant 0010-4500 that the rows give",
    );
}

#[test]
fn payments_of_a_preliminary_report_are_refused() {
    let made = preliminary_report();
    std::fs::write(
        made.path("report/payments.csv"),
        "payee,amount\n0010,9000.00\n",
    )
    .unwrap();
    refused(&made, "the receipt does not name payments.csv");
}

#[test]
fn an_amount_that_does_not_follow_is_refused() {
    let made = final_report();
    change_csv(&made, "completions.csv", |csv| {
        csv.replacen(",1000.00,", ",1200.00,", 1)
    });
    refused(
        &made,
        "submissions/0010.csv, line 2 is recorded as paid with $1,200.00; its own rows and rules give paid with $1,000.00",
    );
}

#[test]
fn a_question_that_nobody_answered_is_not_made_to_look_answered() {
    let batch = TestBatch::of(&[with_sasid("1000000001"), with_sasid("1200000000")]);
    let made = Made::of(&batch);
    change_csv(&made, "findings.csv", |csv| csv.replace(",yes\n", ",no\n"));
    refused(
        &made,
        "findings.csv says that Q404 of submissions/0010.csv is answered, and no attest on the record answers it",
    );
    // A finding about a row that was taken out.
    let made = final_report();
    change_csv(&made, "findings.csv", |csv| {
        csv.lines()
            .filter(|line| !line.starts_with("N303"))
            .map(|line| format!("{line}\n"))
            .collect()
    });
    refused(
        &made,
        "row 4 of submissions/0010.csv has the code N303, and findings.csv does not name it",
    );
}

#[test]
fn a_total_of_the_receipt_is_compared_too() {
    let made = final_report();
    change_json(&made, "receipt.json", |receipt| {
        receipt["predicate"]["paid"] = json!("4000.01");
    });
    refused(
        &made,
        "the receipt records $4,000.01 as paid; the rows and rules give $4,000.00",
    );
    let made = final_report();
    change_json(&made, "receipt.json", |receipt| {
        receipt["predicate"]["content"]["sha256"] = json!("0".repeat(64));
    });
    refused(
        &made,
        "the content checksum of the receipt is not that of completions.csv",
    );
}

#[test]
fn explain_says_when_a_cell_now_differs_from_what_was_recorded() {
    // The auditor's case: FRL is turned from no to yes in the submission, whose new hash is put into the receipt.
    let made = final_report();
    let old = cdip::hash::sha256_hex(&made.read("submissions/0020.csv"));
    made.change("submissions/0020.csv", |csv| csv.replace(",N,", ",Y,"));
    let explain = ["explain", "report", "--row", "0020.csv!2", "--batch", "."];
    let (status, said) = made.cdip(&explain);
    assert_eq!(status, 4, "{said}");
    assert!(
        said.contains("is not the one that the report was made from"),
        "{said}"
    );
    let new = cdip::hash::sha256_hex(&made.read("submissions/0020.csv"));
    made.change("report/receipt.json", |receipt| receipt.replace(&old, &new));
    let (status, said) = made.cdip(&explain);
    assert_eq!(status, 4, "{said}");
    assert!(
        said.contains("G2 Free/Reduced Lunch Y (NOT AS RECORDED: N)"),
        "{said}"
    );
    assert!(
        said.contains("error: a cell now says something else than the report recorded\n  --> submissions/0020.csv, line 2, cell G2\n"),
        "{said}"
    );
}
