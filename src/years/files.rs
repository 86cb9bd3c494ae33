//! The files of `cdip years` (files.md, "Out: the other verbs").

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::Years;
use super::lines::Line;
use super::page;
use super::workbook;
use crate::money::Money;
use crate::receipt::{Program, YEARS, seal_files};
use crate::report::text::{guard, writer};
use crate::rules::terms::Category;
use crate::sheets::book::made;

/// The columns of `years.csv`.
pub const COLUMNS: [&str; 11] = [
    "budget_year",
    "participant",
    "payee",
    "sector",
    "program_code",
    "tier",
    "category",
    "completions",
    "units",
    "frl_units",
    "amount",
];
/// The category of a supplement, which is not paid for a program.
pub const SUPPLEMENT: &str = "supplement";

/// The names of the table, the page and the workbook. If a report is preliminary, every name says so.
#[must_use]
pub fn names(years: &Years) -> [String; 3] {
    let mark = crate::words::draft_mark(years.is_final());
    ["csv", "html", "xlsx"].map(|ending| format!("years{mark}.{ending}"))
}

/// Writes the files into an empty folder. Returns their number and the SHA-256 of the receipt.
pub fn write(years: &Years, folder: &Path) -> io::Result<(usize, String)> {
    let [table, html, book] = names(years);
    write_table(years, BufWriter::new(File::create(folder.join(&table))?))?;
    std::fs::write(folder.join(&html), page::page(years))?;
    made(|| workbook::write(years, &folder.join(&book)))?;
    seal_files(vec![table, html, book], folder, YEARS, predicate(years))
}

/// A line for each year, participant and program, and for each supplement.
pub fn write_table(years: &Years, out: impl Write) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(COLUMNS)?;
    for facts in &years.years {
        let year = facts.year.to_string();
        for line in &facts.lines {
            csv.write_record(record(&year, line))?;
        }
        for participant in &facts.participants {
            let code = participant.code();
            let supplement = facts.supplement_of(&code);
            if supplement > Money::ZERO {
                let line = Line {
                    payee: participant.payee().to_string(),
                    participant: code,
                    ..Line::default()
                };
                let mut record = record(&year, &line);
                record[6] = SUPPLEMENT.to_string();
                record[10] = supplement.to_string();
                csv.write_record(record)?;
            }
        }
    }
    csv.flush()
}

fn record(year: &str, line: &Line) -> [String; COLUMNS.len()] {
    let figures = &line.figures;
    [
        year.to_string(),
        line.participant.clone(),
        line.payee.clone(),
        guard(line.sector.as_str()).into_owned(),
        guard(line.program.as_str()).into_owned(),
        line.tier.map(|tier| tier.to_string()).unwrap_or_default(),
        line.category.map_or("", Category::as_str).to_string(),
        figures.completions.to_string(),
        figures.units.to_string(),
        figures.frl_units.to_string(),
        figures.amount.to_string(),
    ]
}

/// The sources and totals of the years, for the receipt.
fn predicate(years: &Years) -> Value {
    let reports: Vec<Value> = years
        .years
        .iter()
        .map(|facts| {
            let total = facts.total().figures;
            json!({
                "budget_year": facts.year,
                "folder": facts.folder,
                "receipt_sha256": facts.receipt_sha256,
                "rules": { "id": facts.rules.id, "sha256": facts.rules.sha256 },
                "rows": total.completions,
                "units": total.units,
                "paid": total.amount,
                "supplement": facts.supplement(),
            })
        })
        .collect();
    let index = years
        .index
        .as_ref()
        .map(|index| json!({ "path": index.file, "sha256": index.sha256 }));
    json!({
        "program": Program::own(),
        "standing": years.standing(),
        "reports": reports,
        "deflator": index,
    })
}
