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
        assert_eq!(
            said.contains("corrected by a decision"),
            !titles.is_empty(),
            "{said}"
        );
        assert!(titles.iter().all(|title| said.contains(title)), "{said}");
    }
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
