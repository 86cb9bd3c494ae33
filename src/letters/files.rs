//! The files of a correspondence: letters, packet, templates, receipt and checksums.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::templates::{LETTERS, PACKET, Template, Templates};
use super::{Correspondence, Sources};
use crate::receipt::{self, OutputFile, Program, seal};
use crate::stop::Stop;

/// The folder of the templates, which an office can change.
const TEMPLATES: &str = "templates";

/// The pages to write.
pub struct Pages {
    /// Path in the folder, and content; in ascending order of path.
    files: Vec<(String, String)>,
    predicate: Value,
}

impl Pages {
    /// Fills in the templates.
    ///
    /// # Errors
    /// What is wrong with a template, with its line.
    pub fn of(
        sources: Sources<'_>,
        with: &Correspondence,
        templates: &Templates,
    ) -> Result<Pages, Stop> {
        // Drafts say so in their names too.
        let mark = crate::words::draft_mark(sources.report.is_final());
        let mut files = Vec::new();
        for name in [LETTERS, PACKET] {
            let stem = name.trim_end_matches(".html");
            let page = templates.fill(name, with)?;
            files.push((format!("{stem}{mark}.html"), page));
        }
        let used = templates.0.iter();
        files.extend(
            used.map(|Template { name, text, .. }| (format!("{TEMPLATES}/{name}"), text.clone())),
        );
        files.sort();
        let predicate = predicate(sources, templates, with.letters());
        Ok(Pages { files, predicate })
    }

    /// The file names of the pages, without the templates.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let paths = self.files.iter().map(|(path, _)| path.as_str());
        paths.filter(|path| !path.contains('/')).collect()
    }

    /// Writes them into an empty folder. Returns the number of files and the SHA-256 of the receipt.
    pub fn write(&self, folder: &Path) -> io::Result<(usize, String)> {
        fs::create_dir(folder.join(TEMPLATES))?;
        let mut outputs = Vec::new();
        for (path, text) in &self.files {
            fs::write(folder.join(path), text)?;
            outputs.push(OutputFile {
                path: path.clone(),
                sha256: crate::hash::sha256_hex(text.as_bytes()),
                bytes: text.len() as u64,
            });
        }
        let receipt = seal(&outputs, folder, receipt::LETTERS, &self.predicate)?;
        // The checksums and the receipt are files too.
        Ok((outputs.len() + 2, receipt))
    }
}

/// The sources of the letters: reports and settlement by the SHA-256 of their receipts.
fn predicate(sources: Sources<'_>, templates: &Templates, letters: usize) -> Value {
    let report = sources.report;
    let own: Vec<&str> = templates
        .0
        .iter()
        .filter(|template| template.own.is_some())
        .map(|template| template.name)
        .collect();
    json!({
        "program": Program::own(),
        "label": report.label,
        "budget_year": report.rules.budget_year,
        "run_date": report.run_date.to_string(),
        "standing": report.standing,
        "report": report.receipt,
        "settlement": sources.settlement.map(|settled| &settled.receipt),
        "since": sources.since.map(|since| &since.receipt),
        "own_templates": own,
        "letters": letters,
        "award": report.payees.iter().map(|payee| payee.total).sum::<crate::money::Money>(),
    })
}
