//! An inspection for programs (`cdip check --format json`, and the district's page).

use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use serde_json::{Map, Value, json};

use super::{Inspection, Need, OUTCOMES};
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::intake::submission::SourceFile;

/// The schema of the findings for programs.
const SCHEMA: &str = "cdip-check-1";

/// The findings with the counts of files and rows; no value of a cell.
impl Serialize for Inspection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
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
        let mut document = serializer.serialize_struct("Inspection", 6)?;
        document.serialize_field("schema", SCHEMA)?;
        document.serialize_field("rules", &rules)?;
        document.serialize_field("files", &files)?;
        document.serialize_field("rows", &rows)?;
        document.serialize_field("skipped", &skipped)?;
        document.serialize_field("findings", &Findings(self))?;
        document.end()
    }
}

/// Six findings of each of 30,000 rows are possible: as values they take a gigabyte, so each is made when it is written.
struct Findings<'i>(&'i Inspection);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Findings(inspection) = self;
        serializer.collect_seq(
            inspection
                .findings
                .iter()
                .map(|finding| found(finding, inspection.is_open(finding))),
        )
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
