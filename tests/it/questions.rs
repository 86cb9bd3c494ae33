//! What the office is asked about a file, at the borders of each question.

use cdip::catalogue::Code;
use cdip::intake::fields::Field;

use crate::batch_builder::{FILE, Row, TestBatch, clean_row, codes_found, csv_of};

/// How often the office is asked a question about the batch.
fn asked(batch: &TestBatch, code: Code) -> usize {
    let codes = codes_found(&batch.calculated());
    codes.into_iter().filter(|found| *found == code).count()
}

/// Rows of as many pupils, from a number on.
fn pupils(numbers: impl Iterator<Item = u64>) -> Vec<Row> {
    numbers
        .map(|number| clean_row().with(Field::Sasid, number.to_string()))
        .collect()
}

#[test]
fn a_heading_is_asked_about_only_if_it_can_mean_an_optional_column_that_is_missing() {
    let renamed = |from: &str, to: &str| {
        let csv = csv_of(&[clean_row()]).replace(from, to);
        asked(&TestBatch::new().file(FILE, csv), Code::Q401)
    };
    assert_eq!(renamed("Graduation Credit", "Grad Credit"), 1);
    // No column is like it; the column is there under its own name; the column only names something for people.
    assert_eq!(renamed("Graduation Credit", "Remarks"), 0);
    assert_eq!(
        renamed("Graduation Credit", "Graduation Credit,Grad Credit"),
        0
    );
    assert_eq!(renamed("Program Name", "Name of Program (short)"), 0);
}

/// What is asked about the headings: in which cell, in which words, and whether it is open.
fn about_headings(batch: &TestBatch) -> Vec<(String, String, bool)> {
    let calculation = batch.calculated();
    let findings = calculation.findings.iter();
    let asked = findings.filter(|finding| finding.code == Code::Q401);
    let told = asked.map(|finding| {
        let is_open = calculation.is_open(finding);
        (finding.cell(), finding.message.to_string(), is_open)
    });
    told.collect()
}

#[test]
fn each_missing_column_is_asked_about_and_one_line_about_the_file_answers_all() {
    let csv = csv_of(&[clean_row()])
        .replace("Graduation Credit", "Grad Credit")
        .replace("AP Exam Score", "AP Score");
    let batch = TestBatch::new().file(FILE, csv);
    let both = |is_open: bool| {
        let question = |cell: &str, title: &str, heading: &str| {
            let message = format!(
                "the column {title} is missing, but the heading \"{heading}\" looks like it"
            );
            (cell.to_string(), message, is_open)
        };
        [
            question("H1", "Graduation Credit", "Grad Credit"),
            question("I1", "AP Exam Score", "AP Score"),
        ]
    };
    assert_eq!(about_headings(&batch), both(true));
    let attested = format!(",,,,{FILE},,,attest,both are others,Office,2024-09-01");
    assert_eq!(about_headings(&batch.resolutions(&attested)), both(false));
}

#[test]
fn a_heading_that_can_be_more_than_a_heading_is_not_quoted() {
    let said = |heading: &str| {
        let csv = csv_of(&[clean_row()]).replace("Graduation Credit", heading);
        let told = about_headings(&TestBatch::new().file(FILE, csv));
        let [(cell, message, _)] = &told[..] else {
            panic!("{heading}: one question");
        };
        assert_eq!(cell, "H1");
        message.replace("the column Graduation Credit is missing, but ", "")
    };
    let unread = "the unread heading in H1 looks like it";
    assert_eq!(said("Graduation Credit 1357902468"), unread);
    assert_eq!(
        said("Graduation Credit: Zorro has it by letter of May"),
        unread
    );
    assert_eq!(said("Zorro graduationcredit"), unread);
    assert_eq!(
        said("Graduaton Credt"),
        "the heading \"Graduaton Credt\" looks like it"
    );
    assert_eq!(
        said("Graduation Credit (Zorro)"),
        "the heading \"Graduation Credit ...\" looks like it"
    );
    assert_eq!(
        said("Graduation Credit (Y/N)"),
        "the heading \"Graduation Credit (Y/N)\" looks like it"
    );
}

#[test]
fn nothing_is_asked_about_the_headings_of_a_file_whose_rows_are_all_set_aside() {
    let csv = csv_of(&[clean_row()]).replace("Graduation Credit", "Grad Credit");
    let denied = format!(",,,,{FILE},,,deny,sent again,Office,2024-09-01");
    let batch = TestBatch::new().file(FILE, csv).resolutions(&denied);
    assert_eq!(asked(&batch, Code::Q401), 0);
}

#[test]
fn a_two_is_told_as_reduced_lunch_only_beside_a_zero() {
    let told = |answers: &[&str]| -> Vec<String> {
        let rows = (1..).zip(answers).map(|(number, answer)| {
            let sasid = (1_357_902_000_u64 + number).to_string();
            clean_row()
                .with(Field::Sasid, sasid)
                .with(Field::Lunch, *answer)
        });
        let calculation = TestBatch::of(&rows.collect::<Vec<_>>()).calculated();
        let findings = calculation.findings.iter();
        let told = findings.filter(|finding| finding.code == Code::W227);
        told.map(|finding| finding.message.to_string()).collect()
    };
    let both = "2 is read as reduced, because the column also has a 0";
    assert_eq!(told(&["0", "2", "Y"]), [both]);
    assert_eq!(told(&["2", "0", "1"]), [both]);
    assert_eq!(told(&["0", "1", "Y"]), [""; 0]);
}

#[test]
fn a_participant_is_asked_about_until_a_decision_that_counts_excludes_it() {
    let batch = TestBatch::of(&[clean_row()]).asking_who_sent_nothing();
    let exclude = |reason: &str| {
        let line = format!("0020,,,,,,,exclude,{reason},Office,2024-09-01");
        asked(&batch.clone().resolutions(&line), Code::Q403)
    };
    // 0010 has a row, and 0030 does not participate; 0010-4500, 0020, 8001-4600 and 9035 are left.
    assert_eq!(asked(&batch, Code::Q403), 4);
    assert_eq!(exclude("Left the program"), 3);
    // Without a reason it is no decision yet.
    assert_eq!(exclude(""), 4);
}

#[test]
fn a_finding_about_a_participant_names_it_in_its_column() {
    let batch = TestBatch::of(&[clean_row()]).asking_who_sent_nothing();
    let mut csv = Vec::new();
    cdip::report::text::findings(&batch.calculated(), &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let mut asked = csv
        .lines()
        .filter(|line| line.starts_with("Q403,"))
        .peekable();
    assert!(asked.peek().is_some(), "{csv}");
    for line in asked {
        // The message and the column before `open` name the same participant.
        let of_column = line.rsplit(',').nth(1).unwrap();
        assert!(
            line.contains(&format!(" {of_column} participates")),
            "{line}"
        );
    }
}

#[test]
fn four_zeros_are_asked_about_where_three_rows_and_one_in_a_hundred_have_them() {
    let with_zeros = |rounded: u64, others: u64| {
        let zeros = (1..=rounded).map(|number| 1_234_500_000 + number * 10_000);
        let others = (1..=others).map(|number| 1_357_902_000 + number);
        asked(&TestBatch::of(&pupils(zeros.chain(others))), Code::Q404)
    };
    // 3 of 300 are one in a hundred; 3 of 301 are fewer; two can be chance.
    assert_eq!(with_zeros(3, 297), 3);
    assert_eq!(with_zeros(3, 298), 0);
    assert_eq!(with_zeros(2, 8), 0);
}

#[test]
fn two_files_of_an_entity_are_asked_about_where_they_share_ten_pupils_and_half_of_the_smaller() {
    let sharing = |shared: u64, alone: u64| {
        let first = pupils((0..shared + alone).map(|number| 1_357_902_000 + number));
        let second = pupils((0..shared + alone + 5).map(|number| {
            let apart = if number < shared { 0 } else { 500 };
            1_357_902_000 + number + apart
        }));
        let batch = TestBatch::of(&first).rows("submissions/0010 again.csv", &second);
        asked(&batch, Code::Q406)
    };
    // 10 of 20 are half; 10 of 21 are fewer; nine pupils can have been reported twice for other reasons.
    assert_eq!(sharing(10, 10), 1);
    assert_eq!(sharing(10, 11), 0);
    assert_eq!(sharing(9, 0), 0);
}
