//! Reference pages made from the catalogue, so that documentation cannot differ from the program.

use std::fmt::Write as _;

use crate::catalogue::{CATALOGUE, Severity};

/// `docs/checks.md`: every code with why, fix and example.
#[must_use]
pub fn checks() -> String {
    let mut page = String::from(
        "# Checks\n\nEvery code that the program can report. This page is made from the catalogue: \
         `cdip rules explain --all > docs/checks.md`; one code on the command line: `cdip rules explain N303`.\n",
    );
    let severities = [Severity::Refused, Severity::Rejected, Severity::NotQualified, Severity::Held, Severity::Warning];
    for severity in severities {
        // Writing to a String cannot fail, here and below.
        let _ = write!(page, "\n## {}: {}\n", severity.as_str(), severity.meaning());
        for entry in CATALOGUE.iter().filter(|entry| entry.severity == severity) {
            let _ = write!(
                page,
                "\n### {}: {}\n\n**Why.** {}\n\n**Fix.** {}\n\n**Example.** {}\n",
                entry.code, entry.title, entry.why, entry.fix, entry.example
            );
        }
    }
    page
}
