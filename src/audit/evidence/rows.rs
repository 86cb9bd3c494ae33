//! `completions.csv` and `findings.csv`, read back.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use chrono::NaiveDate;

use super::recorded::{RecordedFinding, RecordedParticipant, RecordedRow};
use crate::catalogue::{Code, Codes};
use crate::decision::{FourDigits, Outcome, RowRead, Settled};
use crate::ids::Sasid;
use crate::intake::limits::{ROW_TEXT_BYTES_MAX, ROWS_PER_BATCH_MAX};
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
use crate::report::text::FINDING_COLUMNS;
use crate::results::columns::{FILES, IN_EVERY_REPORT, ResultColumn, Submitted};
use crate::rules::terms::Category;
use crate::rules::{RuleSet, Weight};
use crate::values;

/// Texts that many lines of a file have, each held once.
#[derive(Default)]
struct Shared(HashSet<Arc<str>>);

impl Shared {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(held) = self.0.get(text) {
            return Arc::clone(held);
        }
        let held: Arc<str> = text.into();
        self.0.insert(Arc::clone(&held));
        held
    }
}

/// Removes the apostrophe that keeps a spreadsheet from calculating a text.
pub(super) fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => text,
    }
}

/// A csv file's records with the named columns, each text without its guard.
pub(super) fn table<const COLUMNS: usize>(
    text: impl Read,
    columns: [&str; COLUMNS],
    line: impl FnMut([&str; COLUMNS]) -> Result<(), String>,
) -> Result<(), String> {
    table_with_later_columns(text, (columns, COLUMNS), line)?;
    Ok(())
}

/// The same; after the first `needed` columns, a column that the file does not have is empty. Gives the file's own headings.
fn table_with_later_columns<const COLUMNS: usize>(
    text: impl Read,
    (columns, needed): ([&str; COLUMNS], usize),
    mut line: impl FnMut([&str; COLUMNS]) -> Result<(), String>,
) -> Result<Vec<String>, String> {
    let mut reader = csv::Reader::from_reader(text);
    let headings = reader.headers().map_err(|error| error.to_string())?.clone();
    let at = columns.map(|column| headings.iter().position(|heading| heading == column));
    for (column, found) in columns.iter().zip(at).take(needed) {
        found.ok_or_else(|| format!("its column {column} is missing"))?;
    }
    let mut record = csv::StringRecord::new();
    let mut number = 1;
    while reader
        .read_record(&mut record)
        .map_err(|error| error.to_string())?
    {
        number += 1;
        let cell =
            |at: Option<usize>| unguarded(at.and_then(|at| record.get(at)).unwrap_or_default());
        line(at.map(cell)).map_err(|why| format!("record {number}: {why}"))?;
    }
    Ok(headings.iter().map(String::from).collect())
}

/// How many lines a text has: room for its records, so that millions of them are never copied.
pub(super) fn lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

/// `completions.csv`, read.
pub(super) struct Completions {
    /// Its headings.
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<RecordedRow>,
    pub(super) decisions: Vec<Settled>,
}

/// The rows of `completions.csv`, which has so many lines.
pub(super) fn completions(
    text: impl Read,
    lines: usize,
    rules: &RuleSet,
    participants: &[RecordedParticipant],
) -> Result<Completions, String> {
    let mut rows: Vec<RecordedRow> = Vec::with_capacity(lines);
    let mut decisions: Vec<Settled> = Vec::with_capacity(lines);
    let mut shared = Shared::default();
    let ranks: HashMap<String, ParticipantRank> = ParticipantRank::enumerate(participants)
        .map(|(rank, claim)| (claim.code(), rank))
        .collect();
    let columns = FILES.map(|column| column.entry().key);
    let headings = table_with_later_columns(text, (columns, IN_EVERY_REPORT), |cells| {
        if rows.len() == ROWS_PER_BATCH_MAX {
            return Err(format!(
                "it has more rows than a batch can have, {ROWS_PER_BATCH_MAX}"
            ));
        }
        if cells.iter().map(|cell| cell.len()).sum::<usize>() > ROW_TEXT_BYTES_MAX {
            return Err("it has more text than a row can have".to_string());
        }
        let (row, decision) = recorded(&cells, rules, &ranks, &mut shared)?;
        rows.push(row);
        decisions.push(decision);
        Ok(())
    })?;
    // Programs are compared by the rank of their code, as in the calculation.
    let codes: BTreeSet<&str> = rows
        .iter()
        .map(|row| row.submitted.get(ResultColumn::ProgramCode))
        .collect();
    let ranks: HashMap<&str, ProgramRank> = codes
        .into_iter()
        .enumerate()
        .map(|(rank, code)| (code, ProgramRank::new(rank)))
        .collect();
    for (row, decision) in rows.iter().zip(&mut decisions) {
        decision.read.program = decision.category.and_then(|_| {
            ranks
                .get(row.submitted.get(ResultColumn::ProgramCode))
                .copied()
        });
        if decision.outcome.is_certificate() && decision.certificate(RowRank::new(0)).is_none() {
            return Err(format!(
                "{} took part in the allocation, but something of it cannot be read",
                row.place()
            ));
        }
    }
    Ok(Completions {
        headings,
        rows,
        decisions,
    })
}

/// A record as a row and the decision on it; the program's rank is not known yet.
fn recorded(
    cells: &[&str; FILES.len()],
    rules: &RuleSet,
    ranks: &HashMap<String, ParticipantRank>,
    shared: &mut Shared,
) -> Result<(RecordedRow, Settled), String> {
    let cell = |column: ResultColumn| {
        let place = FILES.iter().position(|each| *each == column);
        place.map_or("", |place| cells[place])
    };
    let category = match cell(ResultColumn::Category) {
        "" => None,
        word => Some(Category::parse(word).ok_or("the category is unknown")?),
    };
    let participant = match cell(ResultColumn::Participant) {
        "" => None,
        code => Some(
            *ranks
                .get(code)
                .ok_or("its participant is not in allocation.json")?,
        ),
    };
    let outcome = Outcome::parse(cell(ResultColumn::Outcome)).ok_or("the outcome is unknown")?;
    let amount = Money::from_dollars(cell(ResultColumn::Amount))
        .map_err(|error| format!("the amount {error}"))?;
    let read = RowRead {
        codes: codes_of(cell(ResultColumn::Codes))?,
        district: FourDigits::new(cell(ResultColumn::DistrictCode)),
        sasid: Sasid::parse(cell(ResultColumn::Sasid)),
        grade: values::grade(cell(ResultColumn::Grade)),
        date: NaiveDate::parse_from_str(cell(ResultColumn::CompletionDate), "%Y-%m-%d").ok(),
        frl: match cell(ResultColumn::Frl) {
            "Y" => Some(true),
            "N" => Some(false),
            _ => None,
        },
        category,
        tier: category.and_then(|category| rules.tier_of(category)),
        participant,
        ..RowRead::default()
    };
    let decision = Settled {
        read,
        outcome,
        weight: weight_of(cell(ResultColumn::Weight))?,
        amount,
    };
    let row = RecordedRow {
        file: shared.text(cell(ResultColumn::SourceFile)),
        sheet: shared.text(cell(ResultColumn::SourceSheet)),
        row: cell(ResultColumn::SourceRow)
            .parse()
            .map_err(|_| "source_row is not a number".to_string())?,
        submitted: Submitted::of(cell),
        participant: shared.text(cell(ResultColumn::Participant)),
    };
    Ok((row, decision))
}

fn codes_of(text: &str) -> Result<Codes, String> {
    let mut codes = Codes::NONE;
    for word in text.split_whitespace() {
        codes.add(Code::parse(word).ok_or("one of its codes is unknown")?);
    }
    Ok(codes)
}

/// `1.20`; empty for a row that is not a unit.
fn weight_of(text: &str) -> Result<Option<Weight>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    // A weight has two decimals, like dollars.
    let hundredths = Money::from_dollars(text)
        .ok()
        .and_then(|weight| u16::try_from(weight.cents()).ok());
    hundredths
        .map(|hundredths| Some(Weight::from_hundredths(hundredths)))
        .ok_or_else(|| "the weight is not a number".to_string())
}

pub(super) fn findings(bytes: &[u8]) -> Result<Vec<RecordedFinding>, String> {
    let mut findings = Vec::with_capacity(lines(bytes));
    let mut shared = Shared::default();
    table(
        bytes,
        FINDING_COLUMNS,
        |[
            code,
            _severity,
            file,
            sheet,
            row,
            column,
            cell,
            message,
            fix,
            participant,
            open,
        ]| {
            findings.push(RecordedFinding {
                code: Code::parse(code).ok_or("the code is unknown")?,
                at: (shared.text(file), shared.text(sheet), row.parse().ok()),
                column: shared.text(column),
                cell: cell.into(),
                message: shared.text(message),
                fix: shared.text(fix),
                participant: shared.text(participant),
                open: open == "yes",
            });
            Ok(())
        },
    )?;
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apostrophe_of_the_writer_is_taken_off() {
        for (written, text) in [
            ("'=1+1", "=1+1"),
            ("'-5", "-5"),
            ("'a", "'a"),
            ("'", "'"),
            ("", ""),
            ("=", "="),
        ] {
            assert_eq!(unguarded(written), text);
        }
    }

    fn read(columns: [&str; 3], needed: usize) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        table_with_later_columns(&b"a,b\n1,'=2\n"[..], (columns, needed), |cells| {
            lines.push(cells.join("|"));
            Ok(())
        })?;
        Ok(lines)
    }

    #[test]
    fn a_column_that_came_later_is_empty_in_an_earlier_report_and_any_other_must_be_there() {
        assert_eq!(read(["b", "a", "later"], 2), Ok(vec!["=2|1|".to_string()]));
        assert_eq!(
            read(["b", "a", "needed"], 3),
            Err("its column needed is missing".to_string())
        );
    }
}
