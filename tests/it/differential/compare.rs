//! Compares the program with the second implementation.

use std::collections::BTreeSet;

use cdip::calculation::Calculation;
use cdip::report::{json, text};

use super::naive::{Answer, Texts, supplement};
use super::{NOT_COMPARED, document};
use crate::vectors;

/// Code, file, sheet and row of the warnings that the specification defines.
type Warnings = BTreeSet<(String, String, String, u32)>;

fn warnings_of(texts: &Texts, answer: &Answer) -> Warnings {
    let mut warnings = BTreeSet::new();
    let mut warn = |code: &str, file: &str, sheet: &str, row: u32| {
        warnings.insert((code.to_string(), file.to_string(), sheet.to_string(), row));
    };
    for row in &answer.rows {
        for code in &row.warnings {
            warn(code, &row.file, &row.sheet, row.row);
        }
    }
    for file in &answer.nameless {
        warn("W215", file, "", 0);
    }
    if supplement::is_of_no_law(texts) {
        warn("W228", "batch.toml", "", 0);
    }
    for (position, code) in &answer.told {
        // An attest answers warnings, too, of which the second implementation knows not all.
        if *code == "W231" && texts.lines[*position].decision.to_lowercase() == "attest" {
            continue;
        }
        // Beneath the headings.
        warn(
            code,
            "resolutions.csv",
            "",
            u32::try_from(*position).unwrap() + 2,
        );
    }
    warnings
}

fn warnings_in(texts: &Texts, calculation: &Calculation) -> Warnings {
    let specified = calculation.findings.iter().filter(|finding| {
        let code = finding.code.as_str();
        let of_line = finding.row.filter(|_| code == "W231");
        let attests = of_line.is_some_and(|row| {
            let line = &texts.lines[row as usize - 2];
            line.decision.to_lowercase() == "attest"
        });
        code.starts_with('W') && !NOT_COMPARED.contains(&code) && !attests
    });
    let place = specified.map(|finding| {
        let sheet = finding.sheet.as_deref().unwrap_or_default().to_string();
        (
            finding.code.as_str().to_string(),
            finding.file.to_string(),
            sheet,
            finding.row.unwrap_or(0),
        )
    });
    place.collect()
}

/// Panics with the first difference between the program and the second implementation.
pub fn compare(place: &str, texts: &Texts, answer: &Answer, calculation: &Calculation) {
    let mut bytes = Vec::new();
    text::completions(calculation, &mut bytes).unwrap();
    let mut lines = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(&bytes[..])
        .into_records()
        .map(|record| record.unwrap().iter().map(str::to_string).collect());
    let headings = lines.next().unwrap();
    let lines: Vec<Vec<String>> = lines.collect();
    assert_eq!(lines.len(), answer.rows.len(), "{place}: rows");
    for (row, found) in answer.rows.iter().zip(&lines) {
        assert_eq!(
            found,
            &document::line(texts, row, &headings, found),
            "{place}: the program's row is not that of the second implementation\n{row:?}"
        );
    }
    let mut bytes = Vec::new();
    json::allocation(calculation, &mut bytes).unwrap();
    vectors::agrees(
        &document::allocation(texts, answer),
        &serde_json::from_slice(&bytes).unwrap(),
        place,
    );
    let (expected, found) = (warnings_of(texts, answer), warnings_in(texts, calculation));
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{place}: warnings missing {missing:?}, too many {surplus:?}"
    );
}
