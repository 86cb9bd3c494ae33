//! What a decision on the record did is said where a reader looks for it.

use super::*;
use crate::catalogue::Severity;

#[test]
fn a_row_that_a_resolution_moved_says_which_and_why() {
    let calculation = vector("13-resolutions");
    let state = sheets(&statewide(&calculation));
    let completions = sheet(&state, "Completions");
    let in_words = column(completions, "In words");
    let (mut denied, mut taken_back) = (0, 0);
    for (decision, line) in calculation.decisions.iter().zip(completions.rows().skip(5)) {
        let words = line[in_words].to_string();
        let Some(resolution) = decision
            .resolution
            .map(|number| &calculation.intake.resolutions[number])
        else {
            assert!(!words.contains("resolutions.csv line "), "{words}");
            continue;
        };
        let (number, reason) = (resolution.line, &resolution.reason);
        if decision.outcome == Outcome::Denied {
            assert_eq!(
                words,
                format!(
                    "denied by resolutions.csv line {number}: {reason} ({})",
                    resolution.approved_by
                )
            );
            denied += 1;
        } else {
            assert_eq!(
                words,
                format!(
                    "{}; taken back in by resolutions.csv line {number}: {reason}",
                    decision.outcome.meaning()
                )
            );
            taken_back += 1;
        }
    }
    assert!(denied > 0 && taken_back > 0);
    // The entity reads the same about its own rows.
    let workbooks = Workbooks::of(&calculation);
    for entity in &reporting_entities(&calculation) {
        let own = sheets(&workbooks.entity(entity).unwrap().save_to_buffer().unwrap());
        let expected: Vec<Data> = entity
            .rows
            .iter()
            .map(|row| completions.rows().nth(5 + row.index()).unwrap()[in_words].clone())
            .collect();
        assert_eq!(at_the_edge(&own, "In words"), expected);
    }
}

#[test]
fn a_row_that_an_appeal_lets_qualify_or_a_decision_sets_aside_has_nothing_open() {
    // 19-decisions: `qualify` waives N303 of line 4 of 0010.csv, which is paid.
    let calculation = vector("19-decisions");
    let is_of_row = |finding: &&Finding| {
        matches!(
            finding.code.severity(),
            Severity::Rejected | Severity::NotQualified | Severity::Held
        )
    };
    let (mut settled, mut open) = (0, 0);
    for finding in calculation.findings.iter().filter(is_of_row) {
        let Some(row) = finding.position else {
            continue;
        };
        let outcome = calculation.decisions[row].outcome;
        let waits = matches!(
            outcome,
            Outcome::Rejected | Outcome::NotQualified | Outcome::Held
        );
        assert_eq!(
            calculation.is_open(finding),
            waits,
            "{finding:?} {outcome:?}"
        );
        if waits {
            open += 1;
        } else {
            settled += 1;
        }
    }
    assert!(settled > 0 && open > 0, "{settled} {open}");
}

#[test]
fn a_row_with_a_corrected_cell_says_so() {
    let calculation = vector("19-decisions");
    assert!(!calculation.corrections.is_empty());
    let state = sheets(&statewide(&calculation));
    let completions = sheet(&state, "Completions");
    let in_words = column(completions, "In words");
    for (row, line) in RowRank::enumerate(&calculation.decisions).zip(completions.rows().skip(5)) {
        let fields = calculation.corrections.keys();
        let titles: Vec<&str> = fields
            .filter(|(corrected, _)| *corrected == row.0)
            .map(|(_, field)| field.title())
            .collect();
        let said = line[in_words].to_string();
        assert_eq!(said.contains("by a decision"), !titles.is_empty(), "{said}");
        assert!(titles.iter().all(|title| said.contains(title)), "{said}");
    }
}

#[test]
fn what_a_correction_or_an_appeal_changed_is_said_where_the_decision_is_and_at_the_row() {
    // 19-decisions: line 2 of the decisions corrects line 3 of 0010.csv, and line 3 grants an appeal for the next one.
    let calculation = vector("19-decisions");
    let state = sheets(&statewide(&calculation));
    let said = |name: &str, heading: &str| -> Vec<String> {
        let list = sheet(&state, name);
        let at = column(list, heading);
        list.rows()
            .skip(5)
            .map(|line| line[at].to_string())
            .collect()
    };
    assert_eq!(
        said("Resolutions", "What it did")[..2],
        ["Grade became 12", "N303 no longer counts"],
        "a grade that cannot be read could be a name"
    );
    assert_eq!(
        said("Completions", "In words")[1..3],
        [
            "Grade became 12 by a decision",
            "an award is paid; N303 no longer counts by resolutions.csv line 3: reviewed"
        ]
    );
    let trails = &said("Completions", "Trail")[1..3];
    assert!(
        trails[0].ends_with("; resolutions.csv line 2")
            && trails[1].ends_with("; resolutions.csv line 3"),
        "{trails:?}"
    );
}

#[test]
fn a_corrected_row_is_told_with_reason_and_approver_also_if_it_is_paid() {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/02-full-funding");
    fs::create_dir(folder.path().join("submissions")).unwrap();
    for file in [
        "batch.toml",
        "rules.toml",
        "participants.csv",
        "qualified-programs.csv",
        "submissions/0010.csv",
        "submissions/0020.csv",
    ] {
        fs::copy(from.join(file), folder.path().join(file)).unwrap();
    }
    let decisions = "Source File,Source Row,Column,Was,Becomes,Decision,Reason,Approved By,Date\n\
        submissions/0010.csv,2,Program Code,IC1,IC2,correct,The certificate,A. Supervisor,2024-09-01\n\
        submissions/0010.csv,3,SASID,1352407002,1352407008,correct,A letter,A. Supervisor,2024-09-01\n\
        submissions/0010.csv,4,Grade,11,8,correct,A letter,A. Supervisor,2024-09-01\n";
    fs::write(folder.path().join("resolutions.csv"), decisions).unwrap();
    let calculation = calculated(folder.path());
    assert!(calculation.is_final());
    let entity = &reporting_entities(&calculation)[0];
    let mut workbook = Workbooks::of(&calculation).entity(entity).unwrap();
    let own = sheets(&workbook.save_to_buffer().unwrap());
    let decided = sheet(&own, "What was decided");
    let listed: Vec<[String; 2]> = decided
        .rows()
        .skip_while(|row| row.last() != Some(&Data::String("Go to".into())))
        .skip(1)
        .map(|row| [0, 3].map(|at: usize| row[at].to_string()))
        .collect();
    // The id of a pupil is nobody's to read here.
    assert_eq!(
        listed,
        [
            [
                "Paid",
                "Program Code: IC1 became IC2 by resolutions.csv line 2: The certificate (A. Supervisor)"
            ],
            [
                "Paid",
                "SASID was corrected by resolutions.csv line 3: A letter (A. Supervisor)"
            ],
            [
                "Not qualified",
                "Grade: 11 became 8 by resolutions.csv line 4: A letter (A. Supervisor); the grade is not among 9, 10, 11, 12"
            ],
        ]
    );
    assert_eq!(row(decided, "Kind of code")[1].to_string(), "Code");
}

#[test]
fn a_row_held_for_its_file_says_whose_file_it_is() {
    let state = sheets(&statewide(&vector("31-a-district-and-its-charter")));
    let completions = sheet(&state, "Completions");
    let trail = column(completions, "Trail");
    let trails: Vec<String> = completions
        .rows()
        .skip(5)
        .map(|line| line[trail].to_string())
        .collect();
    assert_eq!(
        trails[2],
        "held, H502 N303: District Code 0020 is in a file of 0010; resolutions.csv line 2"
    );
}

#[test]
fn a_row_that_does_not_qualify_says_the_reason_of_its_finding() {
    let calculation = vector("19-decisions");
    let state = sheets(&statewide(&calculation));
    let completions = sheet(&state, "Completions");
    let in_words = column(completions, "In words");
    let mut told = 0;
    for (row, line) in RowRank::enumerate(&calculation.decisions).zip(completions.rows().skip(5)) {
        if row.1.outcome == Outcome::NotQualified {
            let mut findings = calculation.findings.iter();
            let finding = findings.find(|finding| {
                finding.position == Some(row.0) && finding.code.severity() == Severity::NotQualified
            });
            assert_eq!(line[in_words].to_string(), finding.unwrap().message);
            told += 1;
        }
    }
    assert!(told > 0);
}

#[test]
fn a_report_that_only_questions_or_decisions_keep_open_says_so() {
    for (name, wanted) in [
        ("08-charters-and-boces", "PRELIMINARY: 1 open question"),
        (
            "28-one-line-without-effect",
            "PRELIMINARY: 1 decision without effect",
        ),
    ] {
        let state = sheets(&statewide(&vector(name)));
        let summary = sheet(&state, "Summary");
        assert!(
            words(summary).contains(wanted),
            "{name}: {}",
            words(summary)
        );
    }
}

#[test]
fn what_a_resolution_settled_is_no_longer_to_be_fixed() {
    let calculation = vector("13-resolutions");
    let settled = calculation
        .findings
        .iter()
        .filter(|finding| !calculation.is_open(finding))
        .count();
    assert!(settled > 0 && settled < calculation.findings.len());

    let state = sheets(&statewide(&calculation));
    let listed = sheet(&state, "Findings");
    let open = column(listed, "Open");
    for (finding, line) in calculation.findings.iter().zip(listed.rows().skip(5)) {
        assert_eq!(
            line[open].to_string(),
            if calculation.is_open(finding) {
                "open"
            } else {
                "settled"
            }
        );
    }
    let summary = sheet(&state, "Summary");
    for found in findings::by_code(&calculation, &calculation.findings) {
        let line = summary
            .rows()
            .find(|line| line[1] == Data::String(found.entry.code.as_str().to_string()))
            .unwrap();
        let number = |count: u64| Data::Float(u32::try_from(count).unwrap().into());
        assert_eq!(
            line[2..4],
            [number(found.count), number(found.open)],
            "{}",
            found.entry.code
        );
    }

    let workbooks = Workbooks::of(&calculation);
    let mut nothing_open = 0;
    for entity in &reporting_entities(&calculation) {
        let own = sheets(&workbooks.entity(entity).unwrap().save_to_buffer().unwrap());
        let to_fix = sheet(&own, "What to fix");
        let said = words(to_fix);
        for found in findings::by_code(&calculation, &calculation.findings) {
            let code = Data::String(found.entry.code.as_str().to_string());
            let lines: Vec<&[Data]> = to_fix.rows().filter(|line| line[1] == code).collect();
            let still = lines.len().saturating_sub(1);
            assert_eq!(
                said.contains(found.entry.title),
                still > 0,
                "{} {}",
                entity.code,
                found.entry.code
            );
            // A line for the kind with how often, then one for each finding.
            if still > 0 {
                assert_eq!(
                    lines[0][4],
                    Data::Float(u32::try_from(still).unwrap().into()),
                    "a number, not a text"
                );
            }
        }
        nothing_open += usize::from(said.contains("There is nothing to fix."));
    }
    assert!(nothing_open > 0);
}
