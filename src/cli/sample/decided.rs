//! A synthetic office that decides: a decision for every line that waits for one.

use std::collections::HashSet;

use crate::inspection::Inspection;
use crate::intake::lists::{RESOLUTIONS, Ruling};
use crate::report::resolutions;

/// A line to be decided, by heading.
struct Line {
    headings: Vec<&'static str>,
    cells: Vec<String>,
}

impl Line {
    fn column(&self, heading: &str) -> Option<usize> {
        self.headings.iter().position(|known| *known == heading)
    }

    fn text(&self, heading: &str) -> &str {
        self.column(heading)
            .map_or("", |column| &self.cells[column])
    }

    fn fill(&mut self, heading: &str, text: &str) {
        if let Some(column) = self.column(heading) {
            self.cells[column] = text.to_string();
        }
    }

    /// What the office says, and why; nothing where a person would have to look further.
    fn decision(&self, paid: &mut HashSet<(String, String)>) -> Option<(Ruling, &'static str)> {
        let pupil = (
            self.text("SASID").to_string(),
            self.text("Program Code").to_string(),
        );
        if !pupil.0.is_empty() {
            return Some(if paid.insert(pupil) {
                (Ruling::Pay, "The entity showed the certificate")
            } else {
                (Ruling::Deny, "Another entity showed the certificate")
            });
        }
        match self.text("Codes").chars().next() {
            Some('E') => Some((Ruling::Deny, "Sent back; no mended row came")),
            Some('N') if self.text("Becomes").is_empty() => None,
            Some('N') => Some((Ruling::Correct, "The entity confirmed the code")),
            _ => Some((Ruling::Attest, "The entity was asked: it is as it says")),
        }
    }
}

/// The lines of `resolutions.csv` that decide whatever an inspection leaves open, in the order of its headings.
pub(super) fn decisions(inspection: &Inspection, date: &str) -> Vec<Vec<String>> {
    let headings = resolutions::headings();
    let mut paid = HashSet::new();
    let lines = resolutions::lines(inspection).into_iter();
    lines
        .filter_map(|to_decide| {
            let mut line = Line {
                headings: headings.clone(),
                cells: to_decide.cells,
            };
            let (ruling, reason) = line.decision(&mut paid)?;
            if ruling == Ruling::Correct {
                // Was binds it.
                line.fill("Codes", "");
            }
            line.fill("Decision", ruling.as_str());
            line.fill("Reason", &format!("SYNTHETIC: {reason}"));
            line.fill("Approved By", "Program office");
            line.fill("Date", date);
            line.cells.truncate(RESOLUTIONS.len());
            Some(line.cells)
        })
        .collect()
}
