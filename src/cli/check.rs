//! `cdip check`: what the state's run would find in some files, without money.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::basis::BasisArguments;
use super::console::{self, Progress, Tone, counted, grouped, toned};
use crate::catalogue::{Code, Severity};
use crate::decision::Outcome;
use crate::disk::{self, Existing, read_plain};
use crate::finding::Finding;
use crate::inspection::{Inspection, inspect};
use crate::intake::SUBMISSIONS;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::ranks::RowRank;
use crate::report::publish::cannot_write;
use crate::report::resolutions;
use crate::report::text::findings_as_csv;
use crate::returns::marked::{self, Content, Marking};
use crate::rules::RuleSet;
use crate::sheets::book::made;
use crate::stop::{Status, Stop};
use crate::words::listed;

/// Places shown of a code unless all are asked for.
const PLACES_SHOWN_MAX: usize = 5;
/// Different messages of a code that are shown unless all are asked for.
const MESSAGES_SHOWN_MAX: usize = 3;
/// Files listed one by one unless all are asked for.
const FILES_SHOWN_MAX: usize = 10;

const EXAMPLES: &str = "Examples:
  cdip check 0880.xlsx                               what can be said of the file alone
  cdip check 0880.xlsx --batch batch-2024-25         every check of the state's run: its rules, lists and ledger
  cdip check 0880.xlsx --rules 2024-25 --programs qualified-programs.xlsx --participants participants.xlsx
  cdip check 0880.xlsx --batch batch-2024-25 --mark 0880-marked.xlsx
  cdip check 0880.xlsx --columns our-headings.toml   your own headings: [columns] sasid = \"Student ID\"
  cdip check --batch batch-2024-25                   every submission of a batch

Nothing is sent anywhere, and no money is calculated. Exit status: 0 nothing to correct; 1 a file was refused, or a row rejected or held;
2 wrong usage; 3 nothing could be read.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckArguments {
    /// The files to check, or folders of them.
    #[arg(value_name = "FILE", required_unless_present = "batch")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    against: BasisArguments,
    /// Show every place of every finding.
    #[arg(long)]
    all: bool,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the file again with what to fix marked in it: every sheet and column as it was, faulty cells shaded, noted and linked.
    #[arg(long, value_name = "OUT.xlsx")]
    mark: Option<PathBuf>,
    /// Write a file of decisions to be filled in: a line for whatever is refused, rejected, held or warned about.
    #[arg(long, value_name = "FILE")]
    resolutions_out: Option<PathBuf>,
}

/// How the findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// The columns of findings.csv.
    Csv,
}

pub(super) fn run(arguments: &CheckArguments) -> Result<Status, Stop> {
    let basis = arguments.against.basis()?;
    let paths = match (&arguments.against.batch, arguments.files.is_empty()) {
        (Some(batch), true) => vec![batch.join(SUBMISSIONS)],
        _ => arguments.files.clone(),
    };
    let inspection = {
        let progress = Progress::new("reading");
        inspect(&paths, basis, &|done, total| progress.advance(done, total))?
    };
    match arguments.format {
        Format::Text => console::data(&text(
            &inspection,
            arguments.all,
            !arguments.files.is_empty(),
        )),
        Format::Json => console::data(&format!("{:#}\n", json(&inspection))),
        Format::Csv => {
            let mut bytes = Vec::new();
            // Writing to memory cannot fail.
            let _ = findings_as_csv(&inspection.findings, &mut bytes);
            console::data(&String::from_utf8_lossy(&bytes));
        }
    }
    if let Some(path) = &arguments.mark {
        mark(&inspection, &arguments.files, path)?;
    }
    if let Some(path) = &arguments.resolutions_out {
        write_resolutions(&inspection, path)?;
    }
    Ok(match (inspection.read_nothing(), inspection.has_errors()) {
        (true, _) => Status::Nothing,
        (false, true) => Status::Refused,
        (false, false) => Status::Done,
    })
}

/// Writes the marked-up copy of one file.
fn mark(inspection: &Inspection, given: &[PathBuf], out: &Path) -> Result<(), Stop> {
    let shown = out.display().to_string();
    let ([path], [file]) = (given, &inspection.intake.files[..]) else {
        return Err(Stop::usage(
            "--mark takes one file at a time",
            shown,
            "check each file by itself, or run the batch: it writes one per entity",
        ));
    };
    if !out
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
    {
        return Err(Stop::usage(
            "the marked copy is a workbook of Excel",
            shown,
            "give a name that ends in .xlsx",
        ));
    }
    if out.exists() && out.canonicalize().ok() == path.canonicalize().ok() {
        return Err(Stop::usage(
            "the marked copy would take the place of the file itself",
            shown,
            "give another name",
        ));
    }
    let changed = || {
        Stop::usage(
            "the file changed while it was checked",
            path.display().to_string(),
            "check it again",
        )
    };
    let bytes = read_plain(path, FILE_BYTES_MAX).map_err(|_| changed())?;
    if crate::hash::sha256_hex(&bytes) != file.sha256 && file.refused.is_none() {
        return Err(changed());
    }
    let open: Vec<&Finding> = inspection
        .findings
        .iter()
        .filter(|finding| inspection.is_open(finding))
        .collect();
    let rows: Vec<RowRank> = RowRank::all(inspection.intake.completions.len()).collect();
    let facts = match &inspection.rules {
        Some(rules) => format!(
            "Checked under {} (completions of {})",
            rules.id, rules.school_year
        ),
        None => "Checked without rules".to_string(),
    };
    // The clock is never read: the same file and lists, the same bytes.
    let first_day =
        |rules: &RuleSet| NaiveDate::from_ymd_opt(i32::from(rules.school_year.first()), 7, 1);
    let marking = Marking {
        intake: &inspection.intake,
        ended: &|row| {
            let decision = &inspection.decisions[row];
            (decision.codes, decision.ended())
        },
        files: &[0],
        rows: &rows,
        settled: inspection.findings.len() - open.len(),
        open: &open,
        title: format!("CDIP check of {}", file.path),
        facts,
        label: file.path.to_string(),
        about: "The outcome at the right edge is that of the checks; no money is calculated here, and other entities' files are not known."
            .to_string(),
        date: inspection.rules.as_ref().and_then(first_day).unwrap_or_default(),
        spool: Some(crate::disk::folder_of(out)),
    };
    let content = Content::Own {
        bytes: &bytes,
        reading: &inspection.reading,
    };
    disk::put(out, Existing::Replaced, |path| {
        made(|| marked::write(path, &marking, content))
    })
    .map_err(|error| cannot_write(out, &error))?;
    console::error(&format!("Marked: {shown}"));
    Ok(())
}

/// Decisions are the work of people: a file that is there may hold some and is never overwritten.
fn write_resolutions(inspection: &Inspection, path: &Path) -> Result<(), Stop> {
    let shown = path.display().to_string();
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Stop::usage(
            "the file is there already and may hold decisions",
            shown.clone(),
            "give a new name, or delete it first",
        ),
        _ => Stop::usage(
            format!("the file cannot be written: {error}"),
            shown.clone(),
            "check the folder and try again",
        ),
    };
    let fill_in = |unfinished: &Path| {
        let mut out = BufWriter::new(File::create(unfinished)?);
        let lines = resolutions::to_fill_in(inspection, &mut out)?;
        out.flush()?;
        io::Result::Ok(lines)
    };
    let lines = disk::put(path, Existing::Kept, fill_in).map_err(cannot)?;
    let lines = counted(lines, "line", "lines");
    let decided = inspection.intake.resolutions.len();
    let becomes = match decided {
        0 => "it becomes resolutions.csv of the batch".to_string(),
        _ => format!(
            "add its lines to resolutions.csv of the batch, whose {} stay",
            counted(decided, "decision", "decisions")
        ),
    };
    console::error(&format!(
        "{lines} to decide: {shown} (fill in Decision, Reason, Approved By and Date; {becomes})"
    ));
    Ok(())
}

/// The outcomes that a check can give, with what they are called here.
const OUTCOMES: [(Option<Outcome>, &str); 6] = [
    (None, "pass"),
    (Some(Outcome::Rejected), "rejected"),
    (Some(Outcome::NotQualified), "not qualified"),
    (Some(Outcome::Held), "held"),
    (Some(Outcome::Duplicate), "duplicate"),
    (Some(Outcome::Denied), "denied"),
];

/// `some`: these are some files, and not all submissions of a batch.
fn text(inspection: &Inspection, all: bool, some: bool) -> String {
    let mut text = String::new();
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
    let mut by_code: BTreeMap<(Severity, Code), Vec<&Finding>> = BTreeMap::new();
    for finding in inspection
        .findings
        .iter()
        .filter(|finding| inspection.is_open(finding))
    {
        by_code
            .entry((finding.code.severity(), finding.code))
            .or_default()
            .push(finding);
    }
    for ((_, code), findings) in &by_code {
        text.push('\n');
        group(*code, findings, all, &mut text);
    }
    text.push('\n');
    verdict(
        inspection,
        by_code.keys().map(|(severity, _)| *severity),
        &mut text,
    );
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
    if inspection.intake.ignored > 0 {
        let _ = writeln!(
            text,
            "{} of Excel or Windows passed over",
            counted(inspection.intake.ignored, "stray file", "stray files")
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
        let codes: Vec<&str> = need.codes.iter().map(|code| code.as_str()).collect();
        let _ = writeln!(
            text,
            "Not checked without {}: {} ({})",
            need.what,
            codes.join(" "),
            need.option
        );
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

fn verdict(inspection: &Inspection, severities: impl Iterator<Item = Severity>, text: &mut String) {
    let severities: Vec<Severity> = severities.collect();
    if !inspection.has_errors() {
        let warned = if severities.contains(&Severity::Warning) {
            "; look at the warnings"
        } else {
            ""
        };
        let line = format!(
            "Nothing to correct: no file is refused and no row is rejected or held{warned}."
        );
        let _ = writeln!(text, "{}", toned(&line, Tone::Good));
        return;
    }
    let refused = inspection
        .intake
        .files
        .iter()
        .zip(&inspection.closed_files)
        .filter(|(file, closed)| file.refused.is_some() && !**closed)
        .count();
    let parts = [
        (refused, "refused file", "refused files"),
        (
            inspection.count(Some(Outcome::Rejected)),
            "rejected row",
            "rejected rows",
        ),
        (
            inspection.count(Some(Outcome::Held)),
            "held row",
            "held rows",
        ),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| counted(*count, one, many))
        .collect();
    let line = format!(
        "To correct: {}. Then check again.",
        listed(parts.iter().map(String::as_str))
    );
    let _ = writeln!(text, "{}", toned(&line, Tone::Bad));
}

/// The schema of the findings for programs.
const SCHEMA: &str = "cdip-check-1";

fn json(inspection: &Inspection) -> Value {
    let files: Vec<Value> = inspection
        .intake
        .files
        .iter()
        .map(|file| json!({ "path": &*file.path, "sha256": file.sha256, "rows": file.rows, "refused": file.refused.map(Code::as_str), "entity": file.entity }))
        .collect();
    let rows: serde_json::Map<String, Value> = OUTCOMES
        .iter()
        .map(|(outcome, word)| (word.replace(' ', "_"), json!(inspection.count(*outcome))))
        .collect();
    let skipped: Vec<Value> = inspection
        .skipped
        .iter()
        .map(|need| json!({ "without": need.what, "codes": need.codes.iter().map(|code| code.as_str()).collect::<Vec<_>>() }))
        .collect();
    let findings: Vec<Value> = inspection
        .findings
        .iter()
        .map(|finding| {
            json!({
                "code": finding.code.as_str(), "severity": finding.code.severity().as_str(), "open": inspection.is_open(finding),
                "source_file": &*finding.file, "source_sheet": finding.sheet.as_deref(), "source_row": finding.row,
                "column": finding.column.map(|(title, _)| title), "cell": Some(finding.cell()).filter(|cell| !cell.is_empty()),
                "message": finding.message, "fix": finding.fix(),
            })
        })
        .collect();
    json!({
        "schema": SCHEMA, "rules": inspection.rules.as_ref().map(|rules| json!({ "id": rules.id, "sha256": rules.sha256 })),
        "files": files, "rows": rows, "skipped": skipped, "findings": findings,
    })
}
