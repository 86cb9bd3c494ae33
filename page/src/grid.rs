//! Her own table: the columns that are read, in her order and under her headings, a window of rows at a time.

use std::collections::HashMap;

use cdip::catalogue::Severity;
use cdip::finding::Finding;
use cdip::inspection::Inspection;
use cdip::intake::fields::Field;
use cdip::ranks::RowRank;
use serde_json::{Value, json};

/// Rows of one answer: a window of a screen and some beyond it.
const ROWS_MAX: usize = 200;

/// A window of the rows of a sheet: `file`, `sheet`, `which` (`fix` or `all`), `from`, `count`.
pub fn rows(inspection: &Inspection, request: &Value) -> Value {
    let number = |key: &str| {
        let number = request[key].as_u64().unwrap_or(0);
        usize::try_from(number).unwrap_or(usize::MAX)
    };
    let (file, sheet) = (number("file"), number("sheet"));
    let Some(source) = inspection
        .intake
        .files
        .get(file)
        .and_then(|file| file.sheets.get(sheet))
    else {
        return json!({ "columns": [], "total": 0, "rows": [] });
    };
    let mut columns: Vec<(u32, Field)> = Field::ALL
        .into_iter()
        .zip(&source.columns)
        .filter_map(|(field, column)| Some(((*column)?, field)))
        .collect();
    columns.sort_unstable_by_key(|(column, _)| *column);
    let found = open_by_row(inspection);
    let all = inspection.intake.completions.rows();
    let wanted = |row: &RowRank| {
        let of_sheet = all.file(*row) == file && all.sheet(*row) == sheet;
        of_sheet && (request["which"] == "all" || found.contains_key(row))
    };
    let wanted: Vec<RowRank> = RowRank::all(all.len()).filter(wanted).collect();
    let shown = wanted
        .iter()
        .skip(number("from"))
        .take(number("count").min(ROWS_MAX));
    let shown: Vec<Value> = shown
        .map(|row| {
            let nothing = Vec::new();
            let findings = found.get(row).unwrap_or(&nothing);
            let cells: Vec<Value> = columns
                .iter()
                .map(|(_, field)| cell(all.text(*row, *field), *field, findings))
                .collect();
            let words: Vec<&str> = findings.iter().map(|finding| &*finding.message).collect();
            json!({ "row": all.row(*row), "cells": cells, "what": words.join("; ") })
        })
        .collect();
    let numbers: Vec<u32> = match request["find"].as_u64() {
        Some(_) => wanted.iter().map(|row| all.row(*row)).collect(),
        None => Vec::new(),
    };
    let at = request["find"]
        .as_u64()
        .and_then(|row| numbers.iter().position(|number| u64::from(*number) == row));
    let headings: Vec<Value> = columns
        .iter()
        .map(|(_, field)| {
            let written = source.written[*field as usize].as_deref();
            json!({ "heading": written.unwrap_or(field.title()), "title": field.title(), "key": field.key() })
        })
        .collect();
    let unread: Vec<&str> = source.unread.iter().map(|heading| &**heading).collect();
    json!({ "columns": headings, "total": wanted.len(), "rows": shown, "at": at, "unread": unread })
}

/// What is open, by row, the zeros that were restored for her left out.
fn open_by_row(inspection: &Inspection) -> HashMap<RowRank, Vec<&Finding>> {
    use cdip::catalogue::Code;
    let mut found: HashMap<RowRank, Vec<&Finding>> = HashMap::new();
    for finding in &inspection.findings {
        let is_done = matches!(
            finding.code,
            Code::W201 | Code::W202 | Code::W226 | Code::W227
        );
        if let Some(row) = finding
            .position
            .filter(|_| !is_done && inspection.is_open(finding))
        {
            found.entry(row).or_default().push(finding);
        }
    }
    found
}

fn cell(text: &str, field: Field, findings: &[&Finding]) -> Value {
    let of_cell = findings.iter().filter(|finding| {
        finding
            .column
            .is_some_and(|(title, _)| title == field.title())
    });
    let gravest = of_cell.min_by_key(|finding| finding.code.severity());
    match gravest {
        Some(finding) => json!({
            "text": text, "grave": finding.code.severity() <= Severity::Held, "code": finding.code.as_str(),
            "words": finding.message,
        }),
        None => json!({ "text": text }),
    }
}
