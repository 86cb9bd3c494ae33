//! What must hold of findings: each stands at a place that is there, says one sentence, and names nobody.

use cdip::catalogue::{Code, Severity};
use cdip::checks::CheckedBatch;
use cdip::finding::Finding;
use cdip::intake::Intake;
use cdip::intake::limits::{COLUMNS_PER_SHEET_MAX, ROWS_PER_SHEET_MAX};
use cdip::ranks::RowRank;

use super::privacy::{NAME, holds_nobody};

/// Panics unless everything holds of the findings of what was read and checked. `lines` are those of the longest text file.
pub fn hold(intake: &Intake, checked: &CheckedBatch, lines: usize) {
    let rows = intake.completions.rows();
    for finding in &checked.findings {
        assert_eq!(
            Code::parse(finding.code.as_str()),
            Some(finding.code),
            "{finding:?}"
        );
        if finding.code == Code::Q403 {
            assert!(finding.participant.is_some(), "{finding:?}");
            continue;
        }
        let file = intake
            .files
            .iter()
            .find(|file| file.path == finding.file)
            .expect("a finding is about a file, or asks a participant who sent nothing");
        assert!(
            finding.row.is_none_or(|row| (1..=ROWS_PER_SHEET_MAX
                .max(u32::try_from(lines).unwrap()))
                .contains(&row)),
            "{finding:?}"
        );
        let column = finding.column.and_then(|(_, column)| column);
        assert!(
            column.is_none_or(|column| column < COLUMNS_PER_SHEET_MAX),
            "{finding:?}"
        );
        if let Some(position) = finding.position {
            assert_eq!(finding.row, Some(rows.row(position)), "{finding:?}");
            assert_eq!(
                file.path,
                intake.files[rows.file(position)].path,
                "{finding:?}"
            );
            assert_eq!(
                finding.sheet,
                file.sheets[rows.sheet(position)].name,
                "{finding:?}"
            );
        }
        is_said_well(
            finding,
            file.sheets.iter().filter_map(|sheet| sheet.name.as_deref()),
        );
    }
    for file in &intake.files {
        let refusals = checked.findings.iter().filter(|finding| {
            finding.file == file.path && finding.code.severity() == Severity::Refused
        });
        let refusals: Vec<Code> = refusals.map(|finding| finding.code).collect();
        assert_eq!(
            refusals,
            file.refused.into_iter().collect::<Vec<_>>(),
            "a file is refused once, and with a finding"
        );
    }
    // Every E, N and H code of a row has a finding there.
    for (position, decision) in RowRank::enumerate(&checked.rows) {
        for code in decision
            .codes
            .iter()
            .filter(|code| code.severity() != Severity::Warning)
        {
            let said = checked
                .findings
                .iter()
                .any(|finding| finding.position == Some(position) && finding.code == code);
            assert!(said, "{code} of row {position} is not among the findings");
        }
    }
}

fn is_said_well<'s>(finding: &'s Finding, sheets: impl Iterator<Item = &'s str>) {
    let names: Vec<&str> = sheets
        .chain(finding.sheet.as_deref())
        .chain([&*finding.file])
        .collect();
    assert!(
        !finding.message.ends_with('.'),
        "more than a sentence: {finding:?}"
    );
    for text in [&*finding.message, finding.fix()] {
        assert!(!text.trim().is_empty(), "nothing is said: {finding:?}");
        assert!(
            !text.chars().any(char::is_control),
            "a control character in a message: {finding:?}"
        );
        holds_nobody(text, names.iter().copied().chain(candidates(text)));
    }
}

/// The texts that a message offers for a missing heading: in a row of headings, and near to one. The name alone is near to none.
fn candidates(text: &str) -> impl Iterator<Item = &str> {
    text.split("did you mean \"")
        .skip(1)
        .filter_map(|rest| rest.split("\" in ").next())
        .filter(|offered| *offered != NAME)
}
