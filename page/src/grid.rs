//! The clerk's own table: the columns that are read, in the file's order and with its headings, a window of rows at a time.

use std::collections::HashMap;

use cdip::inspection::Inspection;
use cdip::intake::fields::Field;
use cdip::ranks::RowRank;
use cdip::tasks::{Task, Work};
use serde_json::{Value, json};

use crate::verdict::as_shown;

/// The most rows of an answer: a screen and some more.
const ROWS_MAX: usize = 200;

/// A window of the rows of a sheet: `file`, `sheet`, `which` (`fix` or `all`), `from`, `count`.
pub fn rows(
    inspection: &Inspection,
    found: &HashMap<RowRank, Vec<Said>>,
    request: &Value,
) -> Value {
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
            let said = found.get(row).map_or(&[][..], Vec::as_slice);
            let cells: Vec<Value> = columns
                .iter()
                .map(|(_, field)| cell(&as_shown(all, *row, *field), *field, said))
                .collect();
            let words: Vec<&str> = said.iter().map(|said| &*said.words).collect();
            json!({ "row": all.row(*row), "cells": cells, "what": words.join("; ") })
        })
        .collect();
    let at = request["find"].as_u64().and_then(|row| {
        let mut numbers = wanted.iter().map(|rank| u64::from(all.row(*rank)));
        numbers.position(|number| number == row)
    });
    let headings: Vec<Value> = columns
        .iter()
        .map(|(_, field)| {
            let written = source.written[*field as usize].as_deref();
            json!({ "heading": written.unwrap_or(field.title()), "title": field.title(), "key": field.key() })
        })
        .collect();
    let unread: Vec<&str> = source
        .unread
        .iter()
        .map(|(_, heading)| &**heading)
        .collect();
    json!({ "columns": headings, "total": wanted.len(), "rows": shown, "at": at, "unread": unread })
}

/// The text about a cell or a row.
pub struct Said {
    field: Option<Field>,
    work: Work,
    words: String,
}

/// The texts about each row, as in the list above the table, without notes on how values were read.
pub fn said(tasks: &[Task<'_>]) -> HashMap<RowRank, Vec<Said>> {
    let mut found: HashMap<RowRank, Vec<Said>> = HashMap::new();
    for Task { finding, work, .. } in tasks {
        if let Some(row) = finding.position.filter(|_| *work != Work::Done) {
            found.entry(row).or_default().push(Said {
                field: finding.column.and_then(|(title, _)| Field::of_title(title)),
                work: *work,
                words: finding.message.to_string(),
            });
        }
    }
    found
}

fn cell(text: &str, field: Field, said: &[Said]) -> Value {
    let of_cell = said.iter().filter(|said| said.field == Some(field));
    match of_cell.min_by_key(|said| said.work) {
        Some(said) => json!({ "text": text, "work": said.work.as_str(), "words": said.words }),
        None => json!({ "text": text }),
    }
}
