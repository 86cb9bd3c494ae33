//! Collects the findings of the checks.

use std::borrow::Cow;

use super::cells::Cells;
use crate::catalogue::{Code, Codes};
use crate::finding::Finding;
use crate::intake::completions::Field;
use crate::ranks::RowRank;
use crate::words::one_line;

pub(super) struct Collector<'c> {
    pub(super) cells: Cells<'c>,
    /// The reporting entity of each file.
    pub(super) entities: &'c [Option<String>],
    /// The codes to look for.
    pub(super) scope: Codes,
    pub(super) findings: Vec<Finding>,
}

impl<'c> Collector<'c> {
    pub(super) fn new(
        cells: Cells<'c>,
        entities: &'c [Option<String>],
        scope: Codes,
    ) -> Collector<'c> {
        Collector {
            cells,
            entities,
            scope,
            findings: Vec::new(),
        }
    }

    /// A finding about a field of a row.
    pub(super) fn add(
        &mut self,
        row: RowRank,
        code: Code,
        field: Field,
        message: impl Into<Cow<'static, str>>,
    ) {
        self.add_fixed(row, code, field, message, None);
    }

    /// A finding about a field of a row, with its own fix if it has one.
    pub(super) fn add_fixed(
        &mut self,
        row: RowRank,
        code: Code,
        field: Field,
        message: impl Into<Cow<'static, str>>,
        fix: Option<String>,
    ) {
        let column = self.cells.sheet(row).columns[field as usize];
        self.add_at(
            row,
            code,
            Some((field.title(), column)),
            message.into(),
            fix,
        );
    }

    /// A finding in the catalogue's words.
    pub(super) fn add_plain(&mut self, row: RowRank, code: Code, field: Field) {
        self.add(row, code, field, code.entry().title);
    }

    /// A finding about a row as a whole.
    pub(super) fn add_row(
        &mut self,
        row: RowRank,
        code: Code,
        message: impl Into<Cow<'static, str>>,
        fix: Option<String>,
    ) {
        self.add_at(row, code, None, message.into(), fix);
    }

    fn add_at(
        &mut self,
        row: RowRank,
        code: Code,
        column: Option<(&'static str, Option<u32>)>,
        message: Cow<'static, str>,
        fix: Option<String>,
    ) {
        let rows = &self.cells.rows;
        self.findings.push(Finding {
            code,
            file: self.cells.intake.files[rows.file(row)].path.clone(),
            sheet: self.cells.sheet(row).name.clone(),
            row: Some(rows.row(row)),
            column,
            // The message can quote the name of a sheet.
            message: one_line(message),
            fix: fix.map(Into::into),
            position: Some(row),
            participant: None,
            attested_by: None,
        });
    }

    /// Where a row is, for a finding about another row: no more than the other row's entity may know.
    pub(super) fn where_is(&self, row: RowRank, from: RowRank) -> String {
        let rows = &self.cells.rows;
        let place = |row: RowRank| (rows.file(row), rows.sheet(row));
        let (here, there) = (place(from), place(row));
        let file = &self.cells.intake.files[there.0];
        let sheet = file.sheets[there.1].name.as_deref();
        let number = rows.row(row);
        let kind = if sheet.is_some() { "row" } else { "line" };
        match sheet {
            _ if here == there => format!("{kind} {number}"),
            Some(sheet) if here.0 == there.0 => format!("sheet \"{sheet}\", {kind} {number}"),
            _ if self.entities[there.0] == self.entities[here.0] => {
                crate::finding::place(&file.path, sheet, Some(number), None)
            }
            _ => "another file".to_string(),
        }
    }

    pub(super) fn looks_for(&self, code: Code) -> bool {
        self.scope.contains(code)
    }
}
