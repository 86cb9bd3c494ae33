//! `resolutions.csv`: read, or refused with the cell; each one that is read finds something, or is said to find nothing.

use cdip::catalogue::Code;
use cdip::checks::{CheckedBatch, decide};
use cdip::decision::Outcome;
use cdip::intake::lists::{Resolution, Ruling, Subject, read_resolutions};
use cdip::intake::{Layout, Lists, read_in_memory};

use super::privacy::{NAME, holds_nobody};
use super::submission::{RULES, lists};
use super::{findings, panics, stops};

const FILE: &str = "resolutions.csv";

/// Rows that wait for a decision: two held ones (a pupil with one program in two districts), one that cannot be read, one with a warning, a
/// sound one; and a file that is refused.
const SUBMITTED: [(&str, &[u8]); 3] = [
    (
        "submissions/0010.csv",
        b"District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit,AP Exam Score,School Year
0010,0101,1000000001,11,IN1,2024-05-17,N,,,
0010,0101,1000000002,Alumni,IN1,2024-05-17,N,,,
0010,0101,1000000003,11,IN1,2024-05-17,,,,
0010,0101,1000000004,12,IC1,2024-05-17,Y,Y,,2022-23
",
    ),
    (
        "submissions/0020.csv",
        b"District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch
0020,0201,1000000001,11,IN1,2024-05-17,N
",
    ),
    ("submissions/0030.csv", b"not a submission"),
];

/// The decisions on a small batch.
pub fn run(data: &[u8]) {
    let once = || panics::none_caught(|| read_resolutions(FILE, data));
    let (read, again) = (once(), once());
    assert_eq!(read, again, "the same file gives the same decisions");
    match read {
        Ok(resolutions) => apply(resolutions),
        Err(stop) => {
            stops::holds(&stop, FILE, data);
            holds_nobody(&stop.to_string(), []);
        }
    }
}

fn apply(resolutions: Vec<Resolution>) {
    for resolution in &resolutions {
        if let Ok(Subject::Pupil {
            district, program, ..
        }) = &resolution.subject
        {
            assert_eq!(district.len(), 4, "{resolution:?}");
            assert!(!program.is_empty(), "{resolution:?}");
        }
    }
    let intake = read_in_memory(
        &SUBMITTED,
        &Layout::default(),
        Lists {
            resolutions,
            ..lists()
        },
    )
    .unwrap();
    // Two decisions that contradict each other stop a run.
    let Ok(checked) = decide(&RULES, &RULES.readings, &intake) else {
        return;
    };
    assert_eq!(checked.rows.len(), 5);
    assert_eq!(checked.lines.len(), intake.resolutions.len());
    let unfound = checked.lines.iter().filter(|line| line.is_open()).count();
    let said = checked
        .findings
        .iter()
        .filter(|finding| matches!(finding.code, Code::W214 | Code::W220))
        .count();
    assert!(said >= unfound, "a decision that finds nothing is said");
    let decided = |decision: Ruling| {
        intake
            .resolutions
            .iter()
            .filter(|resolution| resolution.ruling == Some(decision))
            .count()
    };
    for (row, decision) in checked
        .rows
        .iter()
        .enumerate()
        .filter(|(_, decision)| decision.ended() == Some(Outcome::Denied))
    {
        // Anyone who pays one of the two held rows denies the other.
        let by_pay = [0, 4].contains(&row) && decided(Ruling::Pay) > 0;
        assert!(
            by_pay || decided(Ruling::Deny) > 0,
            "nothing is denied without a decision: {decision:?}"
        );
    }
    // A correction can make another row of any row, and a held row is held no longer where the other participant is excluded.
    if decided(Ruling::Correct) + decided(Ruling::Exclude) == 0 {
        // Once a row or file is denied, the other participant's row is the only one, and needs no decision.
        let denies_by_source = intake.resolutions.iter().any(|resolution| {
            resolution.ruling == Some(Ruling::Deny)
                && matches!(resolution.subject, Ok(Subject::Source { .. }))
        });
        let pays = decided(Ruling::Pay) + usize::from(denies_by_source);
        nothing_is_paid_without_a_decision(&checked, pays);
    }
    for finding in checked
        .findings
        .iter()
        .filter(|finding| finding.position.is_some())
    {
        assert!(!finding.message.contains(NAME), "{finding:?}");
    }
    let mut about_rows = checked.clone();
    about_rows.findings.retain(|finding| &*finding.file != FILE);
    findings::hold(&intake, &about_rows, 5);
}

fn nothing_is_paid_without_a_decision(checked: &CheckedBatch, pays: usize) {
    // Of the two held rows at most one is taken back in, and only by a decision.
    let open = [0, 4]
        .into_iter()
        .filter(|row| checked.rows[*row].ended().is_none())
        .count();
    assert!(
        open <= 1 && open <= pays,
        "a held row is paid by one decision"
    );
    // A row that cannot be read is never paid, whatever is decided.
    assert!(matches!(
        checked.rows[1].ended(),
        Some(Outcome::Rejected | Outcome::Denied)
    ));
}
