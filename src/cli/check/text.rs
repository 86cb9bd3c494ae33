//! What a check found, for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalogue::{Code, Severity};
use crate::cli::console::{self, Tone, counted, grouped, toned};
use crate::cli::near::DatesSay;
use crate::finding::Finding;
use crate::inspection::{Inspection, OUTCOMES};

/// Places shown of a code unless all are asked for.
const PLACES_SHOWN_MAX: usize = 5;
/// Different messages of a code that are shown unless all are asked for.
const MESSAGES_SHOWN_MAX: usize = 3;
/// Files listed one by one unless all are asked for.
const FILES_SHOWN_MAX: usize = 10;

/// What the dates say of the rules, where those are of another year or were taken from the dates.
pub(super) fn year(inspection: &Inspection, taken: bool, dates: &DatesSay) -> Option<String> {
    let rules = inspection.rules.as_ref()?;
    let say = dates.in_words();
    if rules.school_year == dates.school_year {
        let line = format!(
            "{say}, so the rules of {} were used; --rules gives others.",
            rules.budget_year
        );
        return taken.then_some(line);
    }
    let pays = dates.budget_year().map_or_else(
        || "No budget year of the program pays for them.".to_string(),
        |year| {
            format!(
                "Is this the right file? Budget year {year} pays for them: check with --rules {year} if that is meant."
            )
        },
    );
    let asked = format!(
        "But {} pays for completions of {}, and nothing of another year.",
        rules.id, rules.school_year
    );
    Some(format!("{} {asked} {pays}", toned(&(say + "."), Tone::Bad)))
}

/// `first` is what a person should know before anything else; `some`: these are some files, and not all submissions of a batch.
pub(super) fn text(inspection: &Inspection, first: &str, all: bool, some: bool) -> String {
    let mut text = String::new();
    if !first.is_empty() {
        let _ = writeln!(text, "{first}");
    }
    // Writing to a String cannot fail, here and below.
    files(inspection, all, &mut text);
    let rows = inspection.intake.completions.len();
    let counts: Vec<String> = OUTCOMES
        .iter()
        .map(|(outcome, word)| (inspection.count(*outcome), word))
        .filter(|(count, word)| *count > 0 || **word == "pass")
        .map(|(count, word)| format!("{} {word}", grouped(count)))
        .collect();
    let _ = writeln!(
        text,
        "{}: {}",
        toned(&counted(rows, "row", "rows"), Tone::Strong),
        counts.join(", ")
    );
    under(inspection, some, &mut text);
    // A question may change what the others mean, so it comes first.
    let mut by_code: BTreeMap<(bool, Severity, Code), Vec<&Finding>> = BTreeMap::new();
    let open = inspection
        .findings
        .iter()
        .filter(|finding| inspection.is_open(finding));
    let shown = if all {
        open.collect()
    } else {
        inspection.to_show()
    };
    for finding in shown {
        by_code
            .entry((
                finding.code.severity() != Severity::Question,
                finding.code.severity(),
                finding.code,
            ))
            .or_default()
            .push(finding);
    }
    for ((.., code), findings) in &by_code {
        text.push('\n');
        group(*code, findings, all, &mut text);
    }
    text.push('\n');
    verdict(inspection, &mut text);
    text
}

fn files(inspection: &Inspection, all: bool, text: &mut String) {
    let files = &inspection.intake.files;
    let shown = if all { files.len() } else { FILES_SHOWN_MAX };
    for file in files.iter().take(shown) {
        let state = match (file.refused, &file.entity) {
            (Some(code), _) => format!("refused ({code})"),
            (None, Some(entity)) => format!("{}, from {entity}", counted(file.rows, "row", "rows")),
            (None, None) => counted(file.rows, "row", "rows"),
        };
        let _ = writeln!(text, "{}: {state}", toned(&file.path, Tone::Strong));
    }
    if files.len() > shown {
        let _ = writeln!(
            text,
            "and {} more",
            counted(files.len() - shown, "file", "files")
        );
    }
    if !inspection.intake.passed_over.is_empty() {
        let _ = writeln!(
            text,
            "{} of Excel or Windows passed over",
            counted(
                inspection.intake.passed_over.len(),
                "stray file",
                "stray files"
            )
        );
    }
}

/// What the files were checked against, and what could not be checked.
fn under(inspection: &Inspection, some: bool, text: &mut String) {
    if let Some(rules) = &inspection.rules {
        let _ = writeln!(
            text,
            "Checked under {} (completions of {}); no money is calculated here.",
            rules.id, rules.school_year
        );
    }
    for need in &inspection.skipped {
        let _ = writeln!(text, "Not checked: {} (give {})", need.checks, need.option);
    }
    if some
        && !inspection
            .skipped
            .iter()
            .any(|need| need.codes.contains(&Code::H501))
    {
        let _ = writeln!(
            text,
            "What other entities report of the same pupils (H501) is only known to the state's run."
        );
    }
}

/// All findings of one code.
fn group(code: Code, findings: &[&Finding], all: bool, text: &mut String) {
    let (word, tone) = console::severity(code.severity());
    let count = if findings.len() > 1 {
        format!("  x {}", grouped(findings.len()))
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "{}: {}{count}",
        toned(&format!("{word}[{code}]"), tone),
        code.entry().title
    );
    if all {
        for finding in findings {
            let _ = writeln!(text, "  --> {}: {}", finding.place(), finding.message);
        }
    } else {
        for (place, cells) in places(findings) {
            let _ = writeln!(text, "  --> {place}{cells}");
        }
        let mut messages: Vec<(&str, usize)> = Vec::new();
        for finding in findings
            .iter()
            .filter(|finding| finding.message != code.entry().title)
        {
            match messages
                .iter_mut()
                .find(|(message, _)| *message == finding.message)
            {
                Some((_, count)) => *count += 1,
                None => messages.push((&finding.message, 1)),
            }
        }
        messages.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for (message, count) in messages.iter().take(MESSAGES_SHOWN_MAX) {
            let times = if *count > 1 {
                format!("  x {}", grouped(*count))
            } else {
                String::new()
            };
            let _ = writeln!(text, "   = here: {message}{times}");
        }
        if messages.len() > MESSAGES_SHOWN_MAX {
            let _ = writeln!(
                text,
                "   = here: and {} (--all shows each)",
                counted(messages.len() - MESSAGES_SHOWN_MAX, "other", "others")
            );
        }
    }
    let mut fixes: Vec<&str> = findings.iter().map(|finding| finding.fix()).collect();
    fixes.dedup();
    for fix in fixes.iter().take(MESSAGES_SHOWN_MAX) {
        let _ = writeln!(text, "   = fix: {fix}");
    }
    let _ = writeln!(text, "   = more: {}", console::more(code));
}

/// The first places of some findings, by sheet: `0880.xlsx, sheet "Spring"` and `: D17, D18 and 20 more`.
fn places(findings: &[&Finding]) -> Vec<(String, String)> {
    let mut sheets: Vec<(String, Vec<String>)> = Vec::new();
    for finding in findings.iter().take(PLACES_SHOWN_MAX) {
        let sheet = crate::finding::place(&finding.file, finding.sheet.as_deref(), None, None);
        let cell = match (finding.cell(), finding.row) {
            (cell, Some(row)) if cell.is_empty() => {
                format!(
                    "{} {row}",
                    if finding.sheet.is_none() {
                        "line"
                    } else {
                        "row"
                    }
                )
            }
            (cell, _) => cell,
        };
        match sheets.iter_mut().find(|(known, _)| *known == sheet) {
            Some((_, cells)) => cells.push(cell),
            None => sheets.push((sheet, vec![cell])),
        }
    }
    let more = findings.len().saturating_sub(PLACES_SHOWN_MAX);
    let last = sheets.len().saturating_sub(1);
    let shown = sheets
        .into_iter()
        .enumerate()
        .map(|(index, (sheet, cells))| {
            let cells: Vec<String> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
            let mut text = if cells.is_empty() {
                String::new()
            } else {
                format!(": {}", cells.join(", "))
            };
            if index == last && more > 0 {
                let _ = write!(text, " and {} more", grouped(more));
            }
            (sheet, text)
        });
    shown.collect()
}

/// One true sentence after the other, in which every row is counted once.
fn verdict(inspection: &Inspection, text: &mut String) {
    let tone = if inspection.has_errors() {
        Tone::Bad
    } else {
        Tone::Good
    };
    let _ = writeln!(text, "{}", toned(&inspection.in_a_sentence(), tone));
}
