//! A column that fails in every row of its sheet is probably the wrong column.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalogue::Severity;
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::completions::Field;
use crate::ranks::RowRank;
use crate::words::column_letters;

/// A sheet needs this many rows before its columns are judged: in fewer, each can fail for its own reason.
const ROWS_MIN: usize = 5;

/// A file and a sheet by their positions.
type Place = (usize, usize);

/// Gives all findings in such a column the same fix: what is probably wrong and what to do.
pub(super) fn tell(findings: &mut [Finding], intake: &Intake) {
    let rows = intake.completions.rows();
    let place = |row: RowRank| (rows.file(row), rows.sheet(row));
    let mut rows_of: HashMap<Place, usize> = HashMap::new();
    for row in RowRank::all(rows.len()) {
        *rows_of.entry(place(row)).or_default() += 1;
    }
    let column_of = |finding: &Finding| {
        let is_rejected = finding.code.severity() == Severity::Rejected;
        let (title, column) = finding.column.filter(|_| is_rejected)?;
        Some((place(finding.position?), title, column?))
    };
    let mut failed: HashMap<_, usize> = HashMap::new();
    for column in findings.iter().filter_map(column_of) {
        *failed.entry(column).or_default() += 1;
    }
    failed.retain(|(place, ..), count| *count >= ROWS_MIN && rows_of.get(place) == Some(count));
    let fixes: HashMap<_, Arc<str>> = failed
        .into_keys()
        .map(|failed| (failed, fix(failed.1, failed.2).into()))
        .collect();
    if fixes.is_empty() {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| finding.fix.is_none()) {
        finding.fix = column_of(finding).and_then(|column| fixes.get(&column).cloned());
    }
}

fn fix(title: &str, column: u32) -> String {
    let hint = Field::of_title(title).map_or("", Field::hint);
    format!(
        "Every row fails: column {} is probably not the {title} column. Put the heading {title} over the right one, or map it under [columns] (batch.toml, or cdip check --columns). If it is the right column: {hint}",
        column_letters(column)
    )
}
