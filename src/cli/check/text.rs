//! What a check found, for people.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use crate::catalogue::{Code, Needed, Severity};
use crate::cli::console::{self, Tone, counted, grouped, hanging, toned};
use crate::cli::near::DatesSay;
use crate::finding::{self, Finding};
use crate::inspection::Inspection;
use crate::intake::submission::SourceFile;
use crate::ranks::RowRank;
use crate::tasks::{self, Task, Typed, Whose, Work};
use crate::words::{one_line, sentence};

/// Cells shown per message and lines per code, without `--all`: for a person who corrects a file, and for an office that looks over
/// many.
const SHOWN_MAX: usize = 10;
const SHOWN_OF_MANY_FILES_MAX: usize = 3;
/// Files listed one by one without `--all`.
const FILES_SHOWN_MAX: usize = 10;
/// The sections, in the order of work.
const SECTIONS: [(Work, &str); 4] = [
    (Work::Fix, "Fix"),
    (Work::Look, "Look again: you may leave it as it is"),
    (
        Work::Fact,
        "Earn nothing: leave these rows in if they are correct",
    ),
    (Work::Done, "Read for you"),
];

/// What the dates say about the rules, if those are of another year or were chosen by the dates.
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

/// The findings for a person. `first`: what to know before anything else.
pub(super) fn text(inspection: &Inspection, first: &[String], all: bool) -> String {
    let mut text = String::new();
    for line in first {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{line}");
    }
    files(inspection, all, &mut text);
    if let [_] = &inspection.intake.files[..]
        && let Some(whose) = Whose::of(inspection).filter(|whose| !whose.is_named)
        && let Some(whose) = whose.in_words()
    {
        text.push_str(&console::wrapped(&toned(&whose, Tone::Bad), ""));
    }
    under(inspection, &mut text);
    let tasks = if all {
        tasks::every_one_of(inspection)
    } else {
        tasks::of(inspection)
    };
    let shown_max = match (all, &inspection.intake.files[..]) {
        (true, _) => usize::MAX,
        (false, [_]) => SHOWN_MAX,
        (false, _) => SHOWN_OF_MANY_FILES_MAX,
    };
    let page = Page {
        typed: Typed::new(inspection, &tasks),
        named: named_at_the_top(inspection),
        shown_max,
    };
    for (work, heading) in SECTIONS {
        let of_it: Vec<&Task<'_>> = tasks.iter().filter(|task| task.work == work).collect();
        if !of_it.is_empty() {
            let _ = writeln!(text, "\n{}", toned(heading, Tone::Strong));
            page.section(work, &of_it, &mut text);
        }
    }
    text.push('\n');
    if let Some(task) = tasks.iter().find(|task| task.work != Work::Done) {
        let _ = writeln!(
            text,
            "More about a code: {}",
            console::more(task.finding.code)
        );
    }
    not_checked(inspection, &mut text);
    verdict(inspection, &tasks, &mut text);
    text
}

fn files(inspection: &Inspection, all: bool, text: &mut String) {
    let files = &inspection.intake.files;
    let shown = if all { files.len() } else { FILES_SHOWN_MAX };
    let (_, sheet) = named_at_the_top(inspection);
    for file in files.iter().take(shown) {
        let state = match (file.refused, &file.entity) {
            (Some(code), _) => format!("refused ({code})"),
            (None, Some(entity)) => format!("{}, from {entity}", counted(file.rows, "row", "rows")),
            (None, None) => counted(file.rows, "row", "rows"),
        };
        let place = finding::place(&file.path, sheet.as_deref(), None, None);
        let _ = writeln!(text, "{}: {state}", toned(&place, Tone::Strong));
    }
    if files.len() > shown {
        let _ = writeln!(
            text,
            "and {}",
            counted(files.len() - shown, "more file", "more files")
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

/// What the files were checked against.
fn under(inspection: &Inspection, text: &mut String) {
    if let Some(rules) = &inspection.rules {
        let _ = writeln!(
            text,
            "Checked under {} (completions of {}); no money is calculated here.",
            rules.id, rules.school_year
        );
    }
}

/// What could not be checked without rules or lists, next to the verdict, which says the rest.
fn not_checked(inspection: &Inspection, text: &mut String) {
    let skipped = inspection.skipped.iter();
    for need in skipped.filter(|need| need.needed != Needed::Ledger) {
        let _ = writeln!(text, "Not checked: {} (give {})", need.checks, need.option);
    }
}

/// The sheets that rows are on, by the names that workbooks have for them.
fn sheets_of(file: &SourceFile, inspection: &Inspection) -> Vec<Option<Arc<str>>> {
    let rows = inspection.intake.completions.rows();
    let with_rows: BTreeSet<usize> = RowRank::all(rows.len())
        .map(|row| rows.sheet(row))
        .collect();
    let names = with_rows
        .iter()
        .map(|sheet| file.sheets[*sheet].name.clone());
    names.collect()
}

/// What is named once at the top and not at every cell: the only file, and its only sheet with rows.
fn named_at_the_top(inspection: &Inspection) -> (Option<&str>, Option<Arc<str>>) {
    let [file] = &inspection.intake.files[..] else {
        return (None, None);
    };
    let sheet = match &sheets_of(file, inspection)[..] {
        [only] => only.clone(),
        _ => None,
    };
    (Some(&*file.path), sheet)
}

/// The findings as lines.
struct Page<'i> {
    typed: Typed<'i>,
    /// The file and sheet that are named at the top.
    named: (Option<&'i str>, Option<Arc<str>>),
    shown_max: usize,
}

/// What some cells share: the message, and its own fix.
type Said<'i> = (Cow<'i, str>, Option<&'i str>);

impl<'i> Page<'i> {
    fn section(&self, work: Work, tasks: &[&Task<'i>], text: &mut String) {
        if work == Work::Done {
            self.done(tasks, text);
            return;
        }
        // A question may change the meaning of the others, so it comes first.
        let mut by_title: BTreeMap<(bool, Severity, Code, &str), Vec<&Task<'i>>> = BTreeMap::new();
        for task in tasks {
            let code = task.finding.code;
            let severity = task.finding.severity();
            by_title
                .entry((severity != Severity::Question, severity, code, task.title()))
                .or_default()
                .push(task);
        }
        for (at, ((.., code, title), tasks)) in by_title.into_iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            if code == Code::W222 {
                let findings: Vec<&Finding> = tasks.iter().map(|task| task.finding).collect();
                self.no_completions(&findings, text);
            } else {
                self.group((code, title), &tasks, text);
            }
        }
    }

    /// All findings of one code and title.
    fn group(&self, (code, title): (Code, &str), tasks: &[&Task<'i>], text: &mut String) {
        let (word, tone) = console::severity(code.severity());
        let _ = writeln!(
            text,
            "{}: {}{}",
            toned(&format!("{word}[{code}]"), tone),
            title,
            times(tasks.len())
        );
        let mut said: Vec<(Said<'i>, Vec<&'i Finding>)> = Vec::new();
        let mut known: HashMap<Said<'i>, usize> = HashMap::new();
        for task in tasks {
            let finding = task.finding;
            let saying = (self.typed.message(finding), finding.fix.as_deref());
            let at = *known.entry(saying.clone()).or_insert(said.len());
            match said.get_mut(at) {
                Some((_, alike)) => alike.push(finding),
                None => said.push((saying, vec![finding])),
            }
        }
        let shared = shared_fix(code, &said);
        for ((message, own_fix), alike) in said.iter().take(self.shown_max) {
            let own_fix = own_fix.filter(|fix| *fix != shared);
            let message =
                (*message != title && *message != code.entry().title).then_some(&**message);
            let sentence: Vec<String> = message.into_iter().chain(own_fix).map(sentence).collect();
            let places = self.places(alike);
            let line = match (places.is_empty(), sentence.is_empty()) {
                (true, _) => sentence.join(" "),
                (false, true) => places,
                (false, false) => format!("{places}: {}", sentence.join(" ")),
            };
            if !line.is_empty() {
                text.push_str(&hanging("  --> ", &line));
            }
        }
        if said.len() > self.shown_max {
            let _ = writeln!(
                text,
                "  --> and {} (--all shows each)",
                counted(said.len() - self.shown_max, "other", "others")
            );
        }
        if !shared.is_empty() {
            text.push_str(&hanging("   = fix: ", shared));
        }
    }

    /// Totals and notes: one line for all of them.
    fn no_completions(&self, findings: &[&'i Finding], text: &mut String) {
        let (word, tone) = console::severity(Code::W222.severity());
        let (like, delete) = match findings.len() {
            1 => (
                "looks like a total or a note, not like a completion",
                "Delete the row.",
            ),
            _ => (
                "look like totals or notes, not like completions",
                "Delete the rows.",
            ),
        };
        let line = format!("{} {like}. {delete}", self.places(findings));
        let _ = writeln!(
            text,
            "{}: {line}",
            toned(&format!("{word}[{}]", Code::W222), tone)
        );
    }

    /// What was corrected while reading, a line each.
    fn done(&self, tasks: &[&Task<'i>], text: &mut String) {
        let is_zeros = |code: &Code| matches!(code, Code::W201 | Code::W202);
        let zeros = tasks.iter().map(|task| task.finding);
        let zeros = zeros.filter(|finding| is_zeros(&finding.code));
        let rows: BTreeSet<RowRank> = zeros
            .clone()
            .filter_map(|finding| finding.position)
            .collect();
        if !rows.is_empty() {
            let codes: BTreeSet<&str> = zeros.map(|finding| finding.code.as_str()).collect();
            let _ = writeln!(
                text,
                "read[{}]: zeros restored in {}; nothing to do",
                codes.into_iter().collect::<Vec<_>>().join(", "),
                counted(rows.len(), "row", "rows")
            );
        }
        let mut said: BTreeMap<(Code, &str), Vec<&'i Finding>> = BTreeMap::new();
        for Task { finding, .. } in tasks {
            if !is_zeros(&finding.code) {
                let key = (finding.code, &*finding.message);
                said.entry(key).or_default().push(finding);
            }
        }
        for ((code, message), findings) in said {
            let _ = writeln!(text, "read[{code}]: {}: {message}", self.places(&findings));
        }
    }

    /// The file and sheet of a finding, unless named at the top.
    fn sheet_in_words(&self, finding: &Finding) -> String {
        let (file, sheet) = &self.named;
        if *file != Some(&*finding.file) || finding.row.is_none() {
            return finding::place(&finding.file, finding.sheet.as_deref(), None, None);
        }
        let other = finding
            .sheet
            .as_deref()
            .filter(|other| sheet.as_deref() != Some(other));
        other.map_or_else(String::new, |other| {
            format!("sheet \"{}\"", one_line(other.into()))
        })
    }

    /// The first places of some findings, by sheet: `D17, D18 and 20 more`, with the file and sheet unless named at the top.
    fn places(&self, findings: &[&Finding]) -> String {
        let mut sheets: Vec<(String, Vec<&Finding>)> = Vec::new();
        for finding in findings.iter().take(self.shown_max) {
            let sheet = self.sheet_in_words(finding);
            match sheets.iter_mut().find(|(known, _)| *known == sheet) {
                Some((_, here)) => here.push(finding),
                None => sheets.push((sheet, vec![finding])),
            }
        }
        let shown = sheets.into_iter().map(|(sheet, findings)| {
            let cells = cells(&findings);
            match (sheet.is_empty(), cells.is_empty()) {
                (true, _) => cells,
                (false, true) => sheet,
                (false, false) => format!("{sheet}: {cells}"),
            }
        });
        let mut text = shown.collect::<Vec<_>>().join("; ");
        let more = findings.len().saturating_sub(self.shown_max);
        if more > 0 {
            let _ = write!(text, " and {} more", grouped(more));
        }
        text
    }
}

/// Cells of one sheet, then rows: `D17, D18, rows 20, 21`.
fn cells(findings: &[&Finding]) -> String {
    let mut places: Vec<String> = findings.iter().map(|finding| finding.cell()).collect();
    places.retain(|cell| !cell.is_empty());
    let whole = findings.iter().filter(|finding| finding.cell().is_empty());
    let rows: Vec<String> = whole
        .filter_map(|finding| finding.row)
        .map(|row| row.to_string())
        .collect();
    if !rows.is_empty() {
        let is_text = findings.iter().all(|finding| finding.sheet.is_none());
        let word = if is_text { "line" } else { "row" };
        let many = if rows.len() == 1 { "" } else { "s" };
        places.push(format!("{word}{many} {}", rows.join(", ")));
    }
    places.join(", ")
}

/// The fix of a group: the catalogue's, unless every line has one of its own.
fn shared_fix<'i>(code: Code, said: &[(Said<'i>, Vec<&'i Finding>)]) -> &'i str {
    let mut own = said.iter().map(|((_, fix), _)| *fix);
    match own.next().flatten() {
        Some(first) if own.all(|fix| fix == Some(first)) => first,
        _ if said.iter().all(|((_, fix), _)| fix.is_some()) => "",
        _ => code.entry().fix,
    }
}

fn times(count: usize) -> String {
    if count > 1 {
        return format!("  x {}", grouped(count));
    }
    String::new()
}

/// The verdict: sentences that count every row once, as the page does.
fn verdict(inspection: &Inspection, tasks: &[Task<'_>], text: &mut String) {
    let tone = if inspection.has_errors() {
        Tone::Bad
    } else {
        Tone::Good
    };
    // Of several files the schools would be a list to search.
    if let (Some(schools), [_]) = (tasks::schools(inspection), &inspection.intake.files[..]) {
        let _ = writeln!(text, "{schools}");
    }
    let sentence = tasks::in_a_sentence(inspection, tasks);
    let _ = writeln!(text, "{}", toned(&sentence, tone));
}
