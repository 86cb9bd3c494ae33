//! Rows of each file by outcome.

use std::collections::HashMap;

use rust_xlsxwriter::XlsxError;

use super::equality::{CHECK, Checks, checked, color, in_parts};
use crate::decision::Outcome;
use crate::report::workbook::context::Workbooks;
use crate::report::workbook::formulas::{self, Letters};
use crate::report::workbook::headings::{COMPLETIONS, OUTCOME, SOURCE_FILE};
use crate::report::workbook::inputs;
use crate::results::frame::Dimension;
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page};

const ROWS_IN: &str = "Rows in";
const COUNTED: &str = "Rows counted";
/// The name of the table.
const FILES_TABLE: &str = "Conservation";
/// The longest criterion that a spreadsheet accepts, in characters.
const CRITERION_CHARS_MAX: usize = 255;

pub(super) const FILE_COLUMNS: [Column; 13] = [
    Column::word(SOURCE_FILE),
    Column::figure(ROWS_IN),
    Column::figure(Outcome::Rejected.label()),
    Column::figure(Outcome::NotQualified.label()),
    Column::figure(Outcome::Held.label()),
    Column::figure(Outcome::Denied.label()),
    Column::figure(Outcome::Duplicate.label()),
    Column::figure(Outcome::AlreadyCounted.label()),
    Column::figure(Outcome::OverCap.label()),
    Column::figure(Outcome::Unfunded.label()),
    Column::figure(Outcome::Paid.label()),
    Column::figure(COUNTED),
    Column::figure(CHECK),
];

/// Files whose path a criterion would not match exactly: with a wildcard, too long, or equal to another's except for case.
fn needs_exact(paths: &[&str]) -> Vec<bool> {
    let mut alike: HashMap<String, u32> = HashMap::new();
    for path in paths {
        *alike.entry(path.to_lowercase()).or_default() += 1;
    }
    let needs = |path: &&str| {
        path.contains(['*', '?', '~'])
            || path.chars().count() > CRITERION_CHARS_MAX
            || alike[&path.to_lowercase()] > 1
    };
    paths.iter().map(needs).collect()
}

/// A line of the tables: a file, how its path must be compared, and its rows by outcome.
struct FileLine<'r> {
    path: &'r str,
    rows: usize,
    exact: bool,
    ended: [u64; Outcome::ALL.len()],
}

/// The rows of each file by outcome; gives the places of the checks.
pub(super) fn write(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    live: bool,
) -> Result<Vec<Checks>, XlsxError> {
    let calculation = report.calculation;
    let files = &calculation.intake.files;
    let by_file = calculation
        .results
        .group([Dimension::File, Dimension::Outcome]);
    let paths: Vec<&str> = files.iter().map(|file| &*file.path).collect();
    let lines: Vec<FileLine<'_>> = (files.iter().enumerate())
        .zip(needs_exact(&paths))
        .map(|((position, file), exact)| FileLine {
            path: &file.path,
            rows: file.rows,
            exact,
            ended: Outcome::ALL.map(|outcome| by_file.get([position, outcome as usize]).rows),
        })
        .collect();
    let mut checks = Vec::new();
    let names = ("Rows by file and outcome", FILES_TABLE);
    in_parts(page, names, &lines, |page, name, part| {
        checks.extend(file_lines(page, name, part, live)?);
        Ok(())
    })?;
    if files.is_empty() {
        page.line(&[Cell::text("no file was submitted")], Tone::Plain)?;
    }
    let first = checks.first().map_or(page.row(), |checks| checks.first);
    checks.push(files_total(page, report, live, first)?);
    Ok(checks)
}

/// A table of files; gives the place of its checks, if it has a line.
fn file_lines(
    page: &mut Page<'_>,
    name: &str,
    lines: &[FileLine<'_>],
    live: bool,
) -> Result<Option<Checks>, XlsxError> {
    let rows = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    page.table(name, &FILE_COLUMNS, rows, Filter::PlainTable)?;
    if lines.is_empty() {
        return Ok(None);
    }
    let letters = Letters(&FILE_COLUMNS);
    let first = page.row();
    for line in lines {
        let row = page.row();
        let path = letters.cell(SOURCE_FILE, row);
        // An equality ignores wildcards, but also case.
        let same = |column: String| {
            if line.exact {
                format!("EXACT({column},{path})")
            } else {
                format!("({column}={path})")
            }
        };
        let in_inputs = same(format!("{}[{}]", inputs::INPUTS, inputs::SOURCE));
        let rows_in = format!(
            "SUMPRODUCT({in_inputs}*1,{}[{}])",
            inputs::INPUTS,
            inputs::ROWS
        );
        let mut cells = vec![
            Cell::words(line.path),
            Cell::count(line.rows).by(live.then_some(rows_in)),
        ];
        for (outcome, count) in Outcome::ALL.iter().zip(line.ended) {
            let is = formulas::is(*outcome);
            let formula = if line.exact {
                let in_file = same(format!("{COMPLETIONS}[{SOURCE_FILE}]"));
                format!("SUMPRODUCT({in_file}*({COMPLETIONS}[{OUTCOME}]={is}))")
            } else {
                formulas::count(&[(SOURCE_FILE, &path), (OUTCOME, &is)])
            };
            cells.push(Cell::Count(count).by(live.then_some(formula)));
        }
        let counted: u64 = line.ended.iter().sum();
        cells.extend(counted_and_checked(row, line.rows as u64, counted, live));
        page.line(&cells, Tone::Plain)?;
    }
    let last = page.row() - 1;
    let checks = Checks {
        column: letters.at(CHECK),
        first,
        last,
    };
    color(page, (first, last), checks.column)?;
    Ok(Some(checks))
}

/// The last two cells of a file's row or of the total: its rows over all outcomes, and whether that is the number submitted.
fn counted_and_checked(row: u32, rows_in: u64, counted: u64, live: bool) -> [Cell<'static>; 2] {
    let letters = Letters(&FILE_COLUMNS);
    let [first, last] =
        [Outcome::Rejected, Outcome::Paid].map(|outcome| letters.cell(outcome.label(), row));
    let sum = live.then(|| format!("SUM({first}:{last})"));
    let check =
        live.then(|| formulas::check(&letters.cell(ROWS_IN, row), &letters.cell(COUNTED, row)));
    let figure = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    [
        Cell::Count(counted).by(sum),
        checked(figure(rows_in), figure(counted)).by(check),
    ]
}

/// The rows of all files; sums may run over headings between the parts, which are text.
fn files_total(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    live: bool,
    first: u32,
) -> Result<Checks, XlsxError> {
    let files = &report.calculation.intake.files;
    let letters = Letters(&FILE_COLUMNS);
    let last = page.row().max(first + 1) - 1;
    let sum = |heading: &str| {
        (live && !files.is_empty()).then(|| format!("SUM({})", letters.range(heading, first, last)))
    };
    let rows_in: u64 = files.iter().map(|file| file.rows as u64).sum();
    let mut cells = vec![Cell::text("Total"), Cell::Count(rows_in).by(sum(ROWS_IN))];
    cells.extend(
        Outcome::ALL.map(|outcome| Cell::count(report.count(outcome)).by(sum(outcome.label()))),
    );
    let counted: u64 = report.buckets.iter().map(|(_, count)| *count as u64).sum();
    let row = page.row();
    cells.extend(counted_and_checked(row, rows_in, counted, live));
    page.line(&cells, Tone::Total)?;
    let checks = Checks {
        column: letters.at(CHECK),
        first: row,
        last: row,
    };
    color(page, (row, row), checks.column)?;
    Ok(checks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_a_criterion_would_not_find_alone_is_compared_exactly() {
        let long = format!("submissions/{}.csv", "a".repeat(CRITERION_CHARS_MAX));
        let paths = [
            "submissions/0010.csv",
            "submissions/b.csv",
            "submissions/B.csv",
            "submissions/0010~.csv",
            "submissions/0010*.csv",
            &long,
        ];
        assert_eq!(needs_exact(&paths), [false, true, true, true, true, true]);
    }
}
