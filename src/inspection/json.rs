//! An inspection for programs (`cdip check --format json`, and the district's page).

use serde_json::{Map, Value, json};

use super::{Inspection, Need, OUTCOMES};
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::intake::submission::SourceFile;

/// The schema of the findings for programs.
const SCHEMA: &str = "cdip-check-1";

impl Inspection {
    /// The findings with the counts of files and rows; no value of a cell.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rules = self
            .rules
            .as_ref()
            .map(|rules| json!({ "id": rules.id, "sha256": rules.sha256 }));
        let rows: Map<String, Value> = OUTCOMES
            .iter()
            .map(|(outcome, word)| (word.replace(' ', "_"), json!(self.count(*outcome))))
            .collect();
        let files: Vec<Value> = self.intake.files.iter().map(file).collect();
        let skipped: Vec<Value> = self.skipped.iter().map(need).collect();
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| found(finding, self.is_open(finding)))
            .collect();
        json!({
            "schema": SCHEMA, "rules": rules,
            "files": files, "rows": rows, "skipped": skipped, "findings": findings,
        })
    }
}

fn file(file: &SourceFile) -> Value {
    json!({
        "path": &*file.path, "sha256": file.sha256, "rows": file.rows,
        "refused": file.refused.map(Code::as_str), "entity": file.entity,
    })
}

fn need(need: &Need) -> Value {
    let codes: Vec<&str> = need.codes.iter().map(|code| code.as_str()).collect();
    json!({ "without": need.what, "codes": codes })
}

fn found(finding: &Finding, open: bool) -> Value {
    let cell = Some(finding.cell()).filter(|cell| !cell.is_empty());
    json!({
        "code": finding.code.as_str(), "severity": finding.code.severity().as_str(), "open": open,
        "source_file": &*finding.file, "source_sheet": finding.sheet.as_deref(), "source_row": finding.row,
        "column": finding.column.map(|(title, _)| title), "cell": cell,
        "message": finding.message, "fix": finding.fix(),
    })
}
