//! The page's result for checked files: one sentence, four numbers that count every row once, and the work, grouped by what is
//! wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cdip::catalogue::{Code, Severity};
use cdip::decision::Outcome;
use cdip::finding::{Finding, describe, describe_id};
use cdip::inspection::Inspection;
use cdip::intake::Intake;
use cdip::intake::cells::CellKind;
use cdip::intake::completions::Rows;
use cdip::intake::fields::Field;
use cdip::kit::OpenedKit;
use cdip::ranks::RowRank;
use cdip::tasks::{self, Stand, Task, Typed, Whose, Work};
use cdip::words::thousands;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::engine::place_of;

/// The most items of a group on the page: no one works through more by hand.
const ITEMS_MAX: usize = 1_000;

/// What citations of our own documents begin with.
const OURS: [&str; 6] = [
    "calculation specification",
    "file contract",
    "inference",
    "rules: ",
    "reading ",
    "template",
];

/// The answer to a check.
pub fn answer<'i>(opened: &OpenedKit, inspection: &'i Inspection, tasks: &[Task<'i>]) -> Value {
    let stands = tasks::stands(inspection, tasks);
    let count = |stand| stands.iter().filter(|one| **one == stand).count();
    let files: Vec<Value> = inspection
        .intake
        .files
        .iter()
        .map(|file| {
            let sheets: Vec<Value> = file
                .sheets
                .iter()
                .map(|sheet| json!({ "name": sheet.name.as_deref(), "unread": sheet.unread.len() }))
                .collect();
            json!({ "path": &*file.path, "rows": file.rows, "sheets": sheets,
                    "refused": file.refused.map(Code::as_str), "sha256": file.sha256 })
        })
        .collect();
    json!({
        "files": files,
        "verdict": sentence(inspection, tasks, &stands),
        "counts": { "ready": count(Stand::Ready), "look": count(Stand::Look), "fix": count(Stand::Fix),
                    "nothing": count(Stand::Nothing), "total": stands.len() },
        "entity": whose(inspection),
        "years": years(opened, inspection),
        "schools": tasks::schools(inspection),
        "groups": groups(inspection, tasks),
    })
}

/// The sentence of [`answer`].
pub fn in_short(inspection: &Inspection, tasks: &[Task<'_>]) -> Value {
    sentence(inspection, tasks, &tasks::stands(inspection, tasks))
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(count as u64),
        if count == 1 { one } else { many }
    )
}

fn rows_text(count: usize) -> String {
    counted(count, "row", "rows")
}

/// The verdict in a sentence or two, with the numbers shown below it.
fn sentence(inspection: &Inspection, tasks: &[Task<'_>], stands: &[Stand]) -> Value {
    let outcomes = [Outcome::Rejected, Outcome::Held];
    let blocked: usize = outcomes
        .iter()
        .map(|outcome| inspection.count(Some(*outcome)))
        .sum();
    let of = |severity, whole_files: bool| {
        let found = tasks
            .iter()
            .filter(|task| task.finding.code.severity() == severity)
            .filter(|task| task.finding.position.is_none() || !whole_files);
        found.count()
    };
    let count = |stand| stands.iter().filter(|one| **one == stand).count();
    let (fix, nothing, look) = (count(Stand::Fix), count(Stand::Nothing), count(Stand::Look));
    let faults = [
        (
            of(Severity::Refused, false),
            "file cannot be read",
            "files cannot be read",
        ),
        (fix, "row to fix", "rows to fix"),
        (
            of(Severity::Question, true),
            "question about the whole file",
            "questions about the whole file",
        ),
    ];
    let faults: Vec<String> = faults
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| counted(*count, one, many))
        .collect();
    let open = of(Severity::Refused, false) + blocked + of(Severity::Question, false);
    let (kind, text) = match (open, stands.len()) {
        (1.., _) => ("stop", format!("Not ready: {}.", faults.join("; "))),
        (0, 0) => (
            "stop",
            "No completions were found in this file.".to_string(),
        ),
        _ if fix > 0 => (
            "send",
            format!("Fix {} first, or they earn nothing.", rows_text(fix)),
        ),
        // So many are the wrong file rather than rows that are true and earn nothing.
        _ if nothing * 2 > stands.len() => (
            "send",
            format!("You may send; {} will earn nothing.", rows_text(nothing)),
        ),
        _ => ("ready", ready(look, nothing)),
    };
    json!({ "kind": kind, "text": text })
}

/// That the file is ready, with what she may know about its rows.
fn ready(look: usize, nothing: usize) -> String {
    let again = (look > 0).then(|| format!("Look at {} again if you can.", rows_text(look)));
    let left = (nothing > 0).then(|| {
        let earns = if nothing == 1 { "earns" } else { "earn" };
        format!("{} {earns} nothing and may stay.", rows_text(nothing))
    });
    let more: Vec<String> = again.into_iter().chain(left).collect();
    std::iter::once("Ready to send.".to_string())
        .chain(more)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The entity of these rows, by the names of the files or by most of the rows; and the rows of others.
fn whose(inspection: &Inspection) -> Value {
    let Some(whose) = Whose::of(inspection) else {
        return Value::Null;
    };
    let others: Vec<Value> = whose
        .others
        .iter()
        .map(|other| json!({ "code": other.code, "name": other.name, "rows": other.rows, "first": other.first }))
        .collect();
    json!({
        "code": whose.code, "name": whose.name, "named": whose.is_named,
        "rows": whose.rows, "total": whose.total, "others": others,
    })
}

/// How many dates lie in the school year.
fn years(opened: &OpenedKit, inspection: &Inspection) -> Value {
    let dates = inspection
        .decisions
        .iter()
        .filter_map(|decision| decision.date);
    let (mut inside, mut outside) = (0_usize, 0_usize);
    for date in dates {
        if opened.rules.school_year.contains(date) {
            inside += 1;
        } else {
            outside += 1;
        }
    }
    json!({ "inside": inside, "outside": outside })
}

/// Findings by what is wrong, in working order: faults to fix, then rows to look at, then facts; most rows first.
fn groups<'i>(inspection: &'i Inspection, tasks: &[Task<'i>]) -> Vec<Value> {
    let said = Typed::new(inspection, tasks);
    // A title is one code's, but for rows of another district, which are one thing to do.
    let mut by_title: BTreeMap<(Work, Code, &str), Vec<&Task<'i>>> = BTreeMap::new();
    for one in tasks {
        by_title
            .entry((one.work, one.entry().code, one.title()))
            .or_default()
            .push(one);
    }
    let mut found: Vec<_> = by_title.into_iter().collect();
    // A file that cannot be read comes before all rows.
    found.sort_by_key(|((work, code, _), items)| {
        (
            *work,
            code.severity() != Severity::Refused,
            std::cmp::Reverse(items.len()),
            *code,
        )
    });
    found
        .into_iter()
        .map(|((work, code, title), items)| {
            let shown: Vec<Value> = items
                .iter()
                .take(ITEMS_MAX)
                .map(|one| item(inspection, &said, one))
                .collect();
            json!({
                "code": code.as_str(), "work": work.as_str(), "title": capital(title), "why": without_ours(code.entry().why),
                "count": items.len(), "items": shown,
            })
        })
        .collect()
}

/// Without the citations of documents that a clerk does not have: the specification and the rules' names.
fn without_ours(why: &str) -> String {
    let mut short = String::with_capacity(why.len());
    let mut rest = why;
    while let Some((before, after)) = rest.split_once(" (") {
        let Some((inside, following)) = after.split_once(')') else {
            break;
        };
        let kept: Vec<&str> = inside
            .split("; ")
            .filter(|part| !OURS.iter().any(|ours| part.starts_with(ours)))
            .collect();
        short.push_str(before);
        if !kept.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(short, " ({})", kept.join("; "));
        }
        rest = following;
    }
    short + rest
}

/// Capitalizes the first letter: a catalogue's title is a clause.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn item<'i>(inspection: &'i Inspection, said: &Typed<'i>, one: &Task<'i>) -> Value {
    let Finding {
        code,
        file,
        sheet,
        row,
        column,
        position,
        ..
    } = one.finding;
    let intake = &inspection.intake;
    let place = position.map(|rank| place_of(intake, rank));
    let field = column.and_then(|(title, _)| Field::of_title(title));
    let typed = position
        .zip(field)
        .map(|(rank, field)| typed(intake.completions.rows(), rank, field));
    let message = said.message(one.finding);
    let message = match &typed {
        // The page quotes what she typed anyway: its shape says less.
        Some(text) if field.is_some_and(|field| !field.is_private()) && !text.is_empty() => {
            message.replacen(&describe(text), &format!("\"{text}\""), 1)
        }
        _ => message.into_owned(),
    };
    let can_type = place.zip(field).is_some_and(|(place, field)| {
        intake.files[place.file].sheets[place.sheet].columns[field as usize].is_some()
    });
    json!({
        "code": code.as_str(), "path": &**file, "sheet_name": sheet.as_deref(), "row": row,
        "place": place.map(|place| json!({ "file": place.file, "sheet": place.sheet, "row": place.row })),
        "key": field.map(Field::key), "title": field.map(Field::title),
        "typed": typed, "message": capital(&message), "fix": one.finding.fix(),
        "proposals": one.proposals, "can_type": can_type, "strangers": one.is_strangers,
        "only_she_knows": place.is_some() && field.is_some_and(Field::is_senders),
        "leave_out": *code == Code::W222, "about": about(intake, *position, field),
    })
}

/// What helps the clerk find the row besides its number: program and date, without the pupil.
fn about(intake: &Intake, row: Option<RowRank>, field: Option<Field>) -> String {
    let (Some(row), Some(field)) = (row, field) else {
        return String::new();
    };
    let others = [Field::ProgramCode, Field::CompletionDate].into_iter();
    let others = others.filter(|other| *other != field);
    let said = others.map(|other| typed(intake.completions.rows(), row, other));
    let said: Vec<String> = said.filter(|text| !text.is_empty()).collect();
    said.join(", ")
}

/// What was typed, for a list that may be printed: an id or a name only by its shape.
fn typed(rows: Rows<'_>, rank: RowRank, field: Field) -> String {
    let text = rows.text(rank, field);
    if field.is_private() && !text.is_empty() {
        return describe_id(text);
    }
    as_shown(rows, rank, field)
}

/// The text of a cell; a spreadsheet's date as shown there.
pub fn as_shown(rows: Rows<'_>, rank: RowRank, field: Field) -> String {
    let text = rows.text(rank, field);
    let is_date = rows.kind(rank, field) == Some(CellKind::Date);
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    day.filter(|_| is_date).map_or_else(
        || text.to_string(),
        |day| day.format("%-m/%-d/%Y").to_string(),
    )
}
