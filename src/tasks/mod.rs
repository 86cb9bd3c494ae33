//! What a clerk has to do about findings: slips to fix, rows to look at again, rows that earn nothing, and values that cdip read in
//! spite of their form. The page and `cdip check` both use this, so they say the same.

mod proposed;
mod typed;
mod whose;

use std::collections::{BTreeMap, HashMap};

pub use proposed::Proposed;
use proposed::Proposing;
pub use typed::Typed;
pub use whose::{Others, Whose};

use crate::catalogue::{Code, CodeEntry, Severity};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::inspection::Inspection;
use crate::intake::fields::Field;
use crate::ranks::RowRank;
use crate::reasons::Slip;
use crate::values;
use crate::words::{counted, thousands};

/// The most schools named: with more, those with the fewest rows are.
const SCHOOLS_MAX: usize = 10;

/// A row's state for the clerk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stand {
    /// It counts, and nothing about it is unusual.
    Ready,
    /// It counts, but needs another look.
    Look,
    /// It does not count, and can be fixed.
    Fix,
    /// It does not count, and rightly so.
    Nothing,
}

impl Stand {
    /// The work that it is, if any.
    #[must_use]
    pub const fn work(self) -> Option<Work> {
        match self {
            Stand::Ready => None,
            Stand::Look => Some(Work::Look),
            Stand::Fix => Some(Work::Fix),
            Stand::Nothing => Some(Work::Fact),
        }
    }

    /// In the words of the sentence that counts the rows.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.work().map_or("Ready", Work::label)
    }
}

/// The kind of work of a finding, in the order in which to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// A slip, or an obstacle to reading a row or a file.
    Fix,
    /// It counts, but needs another look.
    Look,
    /// The row earns nothing, and nothing is wrong.
    Fact,
    /// Read as meant: nothing to do.
    Done,
}

impl Work {
    /// As the page has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Work::Fix => "fix",
            Work::Look => "look",
            Work::Fact => "fact",
            Work::Done => "done",
        }
    }

    /// In words, the same in the page, the template and the marked copy.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Work::Fix => "Fix",
            Work::Look => "Look again",
            Work::Fact => "Earns nothing",
            Work::Done => "Nothing to do",
        }
    }
}

/// A finding with its kind of work.
#[derive(Debug)]
pub struct Task<'i> {
    /// The finding, which is open.
    pub finding: &'i Finding,
    /// What kind of work it is.
    pub work: Work,
    /// Proposed values for the cell, the likeliest first.
    pub proposals: Vec<Proposed>,
    /// Whether the row says another district than its file. Whose pupil it is only the sender knows.
    pub is_strangers: bool,
}

impl Task<'_> {
    /// The entry of the catalogue that explains it. A row of another district is one thing to its sender, whether that district takes
    /// part or not.
    #[must_use]
    pub fn entry(&self) -> &'static CodeEntry {
        if self.is_strangers {
            return Code::H502.entry();
        }
        self.finding.code.entry()
    }

    /// What it is called: never the same for a slip and for a fact.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.entry().title_as(self.work != Work::Fact)
    }
}

/// The work, in the order of the findings.
#[must_use]
pub fn of(inspection: &Inspection) -> Vec<Task<'_>> {
    judged(inspection, inspection.to_show())
}

/// The same, with the findings about the cells of a row that looks like a total.
#[must_use]
pub fn every_one_of(inspection: &Inspection) -> Vec<Task<'_>> {
    let open = inspection.findings.iter();
    judged(
        inspection,
        open.filter(|finding| inspection.is_open(finding)).collect(),
    )
}

fn judged<'i>(inspection: &'i Inspection, findings: Vec<&'i Finding>) -> Vec<Task<'i>> {
    let proposing = Proposing::new(inspection);
    let judge = |finding: &'i Finding| {
        let proposals = finding
            .position
            .map_or_else(Vec::new, |row| proposing.of(finding, row));
        Task {
            finding,
            work: work(inspection, &proposing, finding, &proposals),
            proposals,
            is_strangers: finding
                .position
                .is_some_and(|row| proposing.is_strangers(finding, row)),
        }
    };
    findings.into_iter().map(judge).collect()
}

/// Whether a finding only reports how a value was read: nothing to do.
#[must_use]
pub const fn is_done(code: Code) -> bool {
    matches!(code, Code::W201 | Code::W202 | Code::W226 | Code::W227)
}

fn work(
    inspection: &Inspection,
    proposing: &Proposing<'_>,
    finding: &Finding,
    proposals: &[Proposed],
) -> Work {
    match (finding.code, finding.code.severity()) {
        (code, _) if is_done(code) => Work::Done,
        // It earns nothing and nothing is wrong, if it is the same completion.
        (Code::W223, _) => Work::Fact,
        (Code::W222, _)
        | (_, Severity::Refused | Severity::Rejected | Severity::Held | Severity::Question) => {
            Work::Fix
        }
        (_, Severity::Warning) => Work::Look,
        (code, Severity::NotQualified) => {
            let when = code
                .entry()
                .reason
                .map_or(Slip::Never, |reason| reason.slip);
            let is_slip = finding.position.is_some_and(|row| match when {
                Slip::Never => false,
                Slip::IfEmpty => is_empty(inspection, row, finding),
                Slip::IfNotYetPossible => has_not_come(inspection, row),
                Slip::IfProposed => !proposals.is_empty(),
                Slip::IfNotOfAnotherYear => {
                    !proposals.is_empty() || !proposing.is_of_another_year(row)
                }
            });
            if is_slip { Work::Fix } else { Work::Fact }
        }
    }
}

/// Whether the row's date is more than a year after the school year: no file of that school year can report it yet.
fn has_not_come(inspection: &Inspection, row: RowRank) -> bool {
    let year = inspection.rules.as_ref().map(|rules| rules.school_year);
    let day = inspection.decisions[row].date;
    year.zip(day)
        .is_some_and(|(year, day)| day >= year.first_day_to_come())
}

/// Whether the finding's cell is empty.
fn is_empty(inspection: &Inspection, row: RowRank, finding: &Finding) -> bool {
    let rows = inspection.intake.completions.rows();
    let field = finding.column.and_then(|(title, _)| Field::of_title(title));
    field.is_some_and(|field| rows.text(row, field).is_empty())
}

/// The state of each row.
#[must_use]
pub fn stands(inspection: &Inspection, tasks: &[Task<'_>]) -> Vec<Stand> {
    let mut works: HashMap<RowRank, Work> = HashMap::new();
    for Task { finding, work, .. } in tasks {
        if let Some(row) = finding.position {
            let known = works.entry(row).or_insert(*work);
            *known = (*known).min(*work);
        }
    }
    RowRank::enumerate(&inspection.decisions)
        .map(|(row, decision)| {
            let work = works.get(&row);
            match (decision.ended(), work) {
                (Some(Outcome::Rejected | Outcome::Held), _) | (_, Some(Work::Fix)) => Stand::Fix,
                (Some(_), _) => Stand::Nothing,
                (None, Some(Work::Look)) => Stand::Look,
                (None, _) => Stand::Ready,
            }
        })
        .collect()
}

/// The sentence that ends a check, in the page's four numbers: `62 rows: 38 ready, 1 to look at again, 17 to fix, 6 earn nothing.`
#[must_use]
pub fn in_a_sentence(inspection: &Inspection, tasks: &[Task<'_>]) -> String {
    let stands = stands(inspection, tasks);
    let count = |stand| stands.iter().filter(|one| **one == stand).count() as u64;
    let rows = |count| counted(count, "row");
    let (ready, fix) = (count(Stand::Ready), count(Stand::Fix));
    let total = stands.len() as u64;
    let mut sentences = Vec::new();
    if !inspection.was_judged() {
        let readable = rows(inspection.count(None) as u64);
        sentences.push(format!(
            "{readable} can be read; whether they qualify was not checked."
        ));
        sentences.extend((fix > 0).then(|| format!("{} to fix.", rows(fix))));
    } else if ready == total {
        sentences.push(format!("{} ready.", rows(ready)));
    } else {
        let parts = [
            (count(Stand::Look), "to look at again", "to look at again"),
            (fix, "to fix", "to fix"),
            (count(Stand::Nothing), "earns nothing", "earn nothing"),
        ];
        let parts = parts.into_iter().filter(|(count, ..)| *count > 0);
        let parts = parts.map(|(count, one, many)| {
            format!(
                "{} {}",
                thousands(count),
                if count == 1 { one } else { many }
            )
        });
        let parts: Vec<String> = std::iter::once(format!("{} ready", thousands(ready)))
            .chain(parts)
            .collect();
        sentences.push(format!("{}: {}.", rows(total), parts.join(", ")));
    }
    sentences.extend(of_files(inspection, tasks));
    if inspection.was_judged() && inspection.count(None) > 0 {
        sentences.extend(inspection.unknown());
    }
    sentences.join(" ")
}

/// The School Codes of the rows with their number, the most rows first: no list has the schools of a district, so only its clerk sees
/// a code that does not exist. `None` if all rows have the same code.
#[must_use]
pub fn schools(inspection: &Inspection) -> Option<String> {
    let rows = inspection.intake.completions.rows();
    let mut by_code: BTreeMap<String, u64> = BTreeMap::new();
    for row in RowRank::all(rows.len()) {
        if let Some((code, _)) = values::padded_code(rows.text(row, Field::SchoolCode)) {
            *by_code.entry(code.into_owned()).or_default() += 1;
        }
    }
    if by_code.len() < 2 {
        return None;
    }
    let mut by_code: Vec<(String, u64)> = by_code.into_iter().collect();
    by_code.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    // A mistyped code is among those with the fewest rows.
    let (of_all, few) = match by_code.len().checked_sub(SCHOOLS_MAX) {
        None | Some(0) => (String::new(), 0),
        Some(few) => (
            format!(
                "{} codes; those with the fewest rows are ",
                thousands(by_code.len() as u64)
            ),
            few,
        ),
    };
    let shown = by_code[few..].iter().enumerate();
    let shown: Vec<String> = shown
        .map(|(at, (code, count))| match at {
            0 => format!("{code} ({})", counted(*count, "row")),
            _ => format!("{code} ({})", thousands(*count)),
        })
        .collect();
    Some(format!(
        "Schools in these rows: {of_all}{}.",
        shown.join(", ")
    ))
}

/// What is open about whole files.
fn of_files(inspection: &Inspection, tasks: &[Task<'_>]) -> Vec<String> {
    let files = inspection.intake.files.iter().zip(&inspection.closed_files);
    let refused = files.filter(|(file, closed)| file.refused.is_some() && !**closed);
    let questions = tasks.iter().filter(|task| {
        task.finding.code.severity() == Severity::Question && task.finding.position.is_none()
    });
    let all = [
        (refused.count(), "file is refused", "files are refused"),
        (questions.count(), "question is open", "questions are open"),
    ];
    let open = all.into_iter().filter(|(count, ..)| *count > 0);
    open.map(|(count, one, many)| format!("{count} {}.", if count == 1 { one } else { many }))
        .collect()
}
