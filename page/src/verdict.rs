//! What the page says of files that were checked: one sentence, every row in exactly one of four numbers, and what to do about the rows,
//! grouped by what is wrong.

use std::collections::{BTreeMap, HashMap, HashSet};

use cdip::catalogue::{Code, Severity};
use cdip::decision::Outcome;
use cdip::finding::{Finding, describe_id};
use cdip::inspection::Inspection;
use cdip::intake::fields::Field;
use cdip::kit::OpenedKit;
use cdip::ranks::RowRank;
use serde_json::{Value, json};

use crate::engine::{Fix, place_of};
use crate::proposed::{Proposed, Proposing};

/// Items of a group that go to the page: nobody works through more by hand.
const ITEMS_MAX: usize = 1_000;

/// Where a row stands for her.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stand {
    /// It counts, and nothing is odd about it.
    Ready,
    /// It counts, and she should look at it again.
    Look,
    /// It does not count, and can be fixed.
    Fix,
    /// It does not count, and that is as it should be.
    Nothing,
}

/// What kind of work a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    Fix,
    Look,
    Fact,
    /// Read for her: nothing to do.
    Done,
}

impl Work {
    fn as_str(self) -> &'static str {
        match self {
            Work::Fix => "fix",
            Work::Look => "look",
            Work::Fact => "fact",
            Work::Done => "done",
        }
    }
}

/// A finding with what kind of work it is.
struct Judged<'i> {
    finding: &'i Finding,
    work: Work,
    proposals: Vec<Proposed>,
}

/// The answer to a check.
pub fn answer(opened: &OpenedKit, inspection: &Inspection) -> Value {
    let judged = judge(opened, inspection);
    let stands = stands(inspection, &judged);
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
        "check": inspection.to_json(),
        "files": files,
        "verdict": sentence(inspection, &judged, &stands),
        "counts": { "ready": count(Stand::Ready), "look": count(Stand::Look), "fix": count(Stand::Fix),
                    "nothing": count(Stand::Nothing), "total": stands.len() },
        "entity": whose(opened, inspection),
        "years": years(opened, inspection),
        "groups": groups(inspection, &judged),
    })
}

/// What the cells would say if the first proposal of each were taken.
pub fn proposed(opened: &OpenedKit, inspection: &Inspection) -> Vec<Fix> {
    let judged = judge(opened, inspection);
    let taken = judged.iter().filter_map(|one| {
        let rank = one.finding.position?;
        let field = Field::of_title(one.finding.column?.0)?;
        Some(Fix {
            place: place_of(&inspection.intake, rank),
            key: field.key().to_string(),
            value: one.proposals.first()?.value.clone(),
        })
    });
    taken.collect()
}

fn judge<'i>(opened: &'i OpenedKit, inspection: &'i Inspection) -> Vec<Judged<'i>> {
    let proposing = Proposing::new(&inspection.intake, &opened.rules);
    let open = inspection.findings.iter();
    let open: Vec<&Finding> = open.filter(|finding| inspection.is_open(finding)).collect();
    // What a total lacks is not a fault of its cells.
    let no_completions: HashSet<RowRank> = open
        .iter()
        .filter(|finding| finding.code == Code::W222)
        .filter_map(|finding| finding.position)
        .collect();
    let speaks = |finding: &&&Finding| {
        finding.code == Code::W222
            || finding
                .position
                .is_none_or(|row| !no_completions.contains(&row))
    };
    open.iter()
        .filter(speaks)
        .map(|finding| {
            let proposals = finding
                .position
                .map_or_else(Vec::new, |row| proposing.of(finding, row));
            let work = work(inspection, &proposing, finding, &proposals);
            Judged {
                finding,
                work,
                proposals,
            }
        })
        .collect()
}

fn work(
    inspection: &Inspection,
    proposing: &Proposing<'_>,
    finding: &Finding,
    proposals: &[Proposed],
) -> Work {
    match (finding.code, finding.code.severity()) {
        (Code::W201 | Code::W202 | Code::W226 | Code::W227, _) => Work::Done,
        (Code::W222, _)
        | (_, Severity::Refused | Severity::Rejected | Severity::Held | Severity::Question) => {
            Work::Fix
        }
        (_, Severity::Warning) => Work::Look,
        (code, Severity::NotQualified) => {
            let slip = finding.position.is_some_and(|row| match code {
                // A code that no list ever had is a slip, whatever was meant.
                Code::N301 => !proposals.is_empty() || !proposing.is_of_another_year(row),
                Code::N304 => !proposals.is_empty(),
                Code::N305 => is_empty(inspection, row, Field::GraduationCredit),
                Code::N306 => is_empty(inspection, row, Field::ApScore),
                _ => false,
            });
            if slip { Work::Fix } else { Work::Fact }
        }
    }
}

fn is_empty(inspection: &Inspection, row: RowRank, field: Field) -> bool {
    let rows = inspection.intake.completions.rows();
    rows.text(row, field).is_empty()
}

/// By row: where it stands.
fn stands(inspection: &Inspection, judged: &[Judged<'_>]) -> Vec<Stand> {
    let mut works: HashMap<RowRank, Work> = HashMap::new();
    for Judged { finding, work, .. } in judged {
        if let Some(row) = finding.position {
            let known = works.entry(row).or_insert(*work);
            *known = (*known).min(*work);
        }
    }
    RowRank::enumerate(&inspection.decisions)
        .map(|(row, decision)| {
            let work = works.get(&row);
            match (decision.ended(), work) {
                (Some(Outcome::Rejected | Outcome::Held), _) | (Some(_), Some(Work::Fix)) => {
                    Stand::Fix
                }
                (Some(_), _) => Stand::Nothing,
                (None, Some(Work::Fix | Work::Look)) => Stand::Look,
                (None, _) => Stand::Ready,
            }
        })
        .collect()
}

fn rows_text(count: usize) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}

/// The verdict in a sentence or two.
fn sentence(inspection: &Inspection, judged: &[Judged<'_>], stands: &[Stand]) -> Value {
    let count = |outcome| inspection.count(Some(outcome));
    let (rejected, held) = (count(Outcome::Rejected), count(Outcome::Held));
    let of = |severity| {
        let found = judged.iter().map(|judged| judged.finding.code.severity());
        found.filter(|found| *found == severity).count()
    };
    let (refused, questions) = (of(Severity::Refused), of(Severity::Question));
    let total = inspection.decisions.len();
    let verb =
        |count: usize, one: &'static str, many: &'static str| if count == 1 { one } else { many };
    let mut faults = Vec::new();
    if refused > 0 {
        faults.push(format!(
            "{refused} {} be read",
            verb(refused, "file cannot", "files cannot")
        ));
    }
    if rejected > 0 {
        faults.push(format!("{} cannot be read", rows_text(rejected)));
    }
    if held > 0 {
        faults.push(format!(
            "{} {} an answer",
            rows_text(held),
            verb(held, "waits for", "wait for")
        ));
    }
    if questions > 0 {
        faults.push(format!(
            "{questions} {} open",
            verb(questions, "question is", "questions are")
        ));
    }
    if !faults.is_empty() {
        return json!({ "kind": "stop", "text": format!("Not ready: {}.", faults.join("; ")) });
    }
    if total == 0 {
        return json!({ "kind": "stop", "text": "No completions were found in this file." });
    }
    let slips = stands.iter().filter(|stand| **stand == Stand::Fix).count();
    let nothing = slips
        + stands
            .iter()
            .filter(|stand| **stand == Stand::Nothing)
            .count();
    let look = stands.iter().filter(|stand| **stand == Stand::Look).count();
    if nothing > 0 {
        let mut text = format!("You may send; {} will earn nothing.", rows_text(nothing));
        if slips > 0 {
            let like = verb(slips, "looks like a slip", "look like slips");
            let them = verb(slips, "it", "them");
            text = format!("{text} {slips} of them {like}: fix {them} first.");
        }
        return json!({ "kind": "send", "text": text });
    }
    if look > 0 {
        return json!({ "kind": "ready", "text": format!("Ready to send. Look at {} again if you can.", rows_text(look)) });
    }
    json!({ "kind": "ready", "text": "Ready to send." })
}

/// Whose rows these are: by the names of the files, or else by most of the rows; and the rows of others.
fn whose(opened: &OpenedKit, inspection: &Inspection) -> Value {
    let mut by_district: BTreeMap<String, Vec<RowRank>> = BTreeMap::new();
    let rows = inspection.intake.completions.rows();
    for row in RowRank::all(rows.len()) {
        let found = rows.text(row, Field::DistrictCode);
        if let Some((code, _)) = cdip::values::padded_code(found) {
            by_district.entry(code.into_owned()).or_default().push(row);
        }
    }
    let name = |code: &str| {
        let list = opened.basis.participants.as_ref();
        list.and_then(|list| {
            list.exactly(code, "")
                .map(|rank| list.all()[rank].name.clone())
        })
    };
    let named = inspection
        .intake
        .files
        .iter()
        .find_map(|file| file.entity.clone());
    let most = by_district.iter().max_by_key(|(_, rows)| rows.len());
    let Some(code) = named.clone().or_else(|| most.map(|(code, _)| code.clone())) else {
        return Value::Null;
    };
    let others: Vec<Value> = by_district
        .iter()
        .filter(|(other, _)| **other != code)
        .map(|(other, found)| {
            let numbers: Vec<u32> = found.iter().take(10).map(|row| rows.row(*row)).collect();
            json!({ "code": other, "name": name(other), "rows": found.len(), "first": numbers })
        })
        .collect();
    json!({
        "code": code, "name": name(&code), "named": named.is_some(),
        "rows": by_district.get(&code).map_or(0, Vec::len), "total": rows.len(), "others": others,
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

/// Findings by what is wrong, in the order in which she should work: what she can fix, then what to look at, then facts; most rows first.
fn groups(inspection: &Inspection, judged: &[Judged<'_>]) -> Vec<Value> {
    let mut by_code: BTreeMap<(Work, Code), Vec<&Judged<'_>>> = BTreeMap::new();
    for one in judged {
        by_code
            .entry((one.work, one.finding.code))
            .or_default()
            .push(one);
    }
    let mut found: Vec<((Work, Code), Vec<&Judged<'_>>)> = by_code.into_iter().collect();
    // A file that cannot be read comes before all rows.
    found.sort_by_key(|((work, code), items)| {
        (
            *work,
            code.severity() != Severity::Refused,
            std::cmp::Reverse(items.len()),
            *code,
        )
    });
    found
        .into_iter()
        .map(|((work, code), items)| {
            let shown: Vec<Value> = items
                .iter()
                .take(ITEMS_MAX)
                .map(|one| item(inspection, one))
                .collect();
            let entry = code.entry();
            json!({
                "code": code.as_str(), "work": work.as_str(), "title": capital(entry.title), "why": entry.why,
                "fix": entry.fix, "count": items.len(), "items": shown,
            })
        })
        .collect()
}

/// The first letter as a capital: a catalogue's title is a clause.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn item(inspection: &Inspection, one: &Judged<'_>) -> Value {
    let Finding {
        code,
        file,
        sheet,
        row,
        column,
        message,
        position,
        ..
    } = one.finding;
    let intake = &inspection.intake;
    let place = position.map(|rank| place_of(intake, rank));
    let field = column.and_then(|(title, _)| Field::of_title(title));
    let typed = position
        .zip(field)
        .map(|(rank, field)| typed(intake.completions.rows().text(rank, field), field));
    let can_type = place.zip(field).is_some_and(|(place, field)| {
        intake.files[place.file].sheets[place.sheet].columns[field as usize].is_some()
    });
    json!({
        "code": code.as_str(), "path": &**file, "sheet_name": sheet.as_deref(), "row": row,
        "place": place.map(|place| json!({ "file": place.file, "sheet": place.sheet, "row": place.row })),
        "key": field.map(Field::key), "title": field.map(Field::title),
        "cell": one.finding.cell(), "typed": typed, "message": capital(message), "fix": one.finding.fix(),
        "proposals": one.proposals, "can_type": can_type,
        "only_she_knows": matches!(field, Some(Field::Sasid | Field::Lunch | Field::ApScore | Field::GraduationCredit)),
        "leave_out": *code == Code::W222,
    })
}

/// What she typed, for her own eyes: an id or a name only by its shape.
fn typed(text: &str, field: Field) -> String {
    if field.is_private() && !text.is_empty() {
        return describe_id(text);
    }
    text.to_string()
}
