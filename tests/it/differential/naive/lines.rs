//! The lines of `resolutions.csv` by themselves: their content, whether they count, whether they contradict each other.

use std::collections::BTreeMap;

use super::dates;
use super::says::{code, composed, is_digits, trimmed};
use super::texts::{Kind, Line, Texts};

/// The lines that were told something, by position.
pub type Told = BTreeMap<usize, &'static str>;

pub fn decides(line: &Line) -> String {
    line.decision.to_lowercase()
}

/// The line's subject is a pupil.
pub fn of_pupil(line: &Line) -> bool {
    !line.sasid.is_empty()
}

/// The line's subject is a place in a file.
pub fn at_source(line: &Line) -> bool {
    !line.file.is_empty()
}

fn padded(text: &str) -> String {
    code(text).map_or(text.to_string(), |(code, _)| code)
}

/// The participant's codes that a pupil's line names: a school that is not a listed charter's names the district.
pub fn named(texts: &Texts, line: &Line) -> (String, String) {
    let (district, school) = (padded(&line.district), padded(&line.school));
    let charter = texts
        .entities
        .iter()
        .any(|entity| entity.district == district && entity.school == school);
    (district, if charter { school } else { String::new() })
}

/// The position of the participant that a line about one names; here a school must be a listed charter's.
pub fn about(texts: &Texts, line: &Line) -> Option<usize> {
    if of_pupil(line) || at_source(line) {
        return None;
    }
    texts.entities.iter().position(|entity| {
        entity.district == padded(&line.district)
            && (entity.school == padded(&line.school)
                || (entity.school.is_empty() && line.school.is_empty()))
    })
}

/// A reason, an approver who did not prepare the batch, and a date that has come.
fn counts(texts: &Texts, line: &Line) -> bool {
    let approver = composed(&line.by).to_lowercase();
    let date = dates::date(Kind::Text, &line.date, false);
    !line.reason.is_empty()
        && !approver.is_empty()
        && approver != composed(&texts.prepared_by).to_lowercase()
        && date.is_some_and(|(date, _)| date <= texts.run_date)
}

/// One subject, and a row where one is needed.
fn has_one_subject(line: &Line) -> bool {
    let bound = !line.codes.is_empty() || !line.check.is_empty();
    let row_is_number = line.row.is_empty() || is_digits(&line.row);
    // An appeal names what it waives.
    if decides(line) == "qualify" && line.codes.is_empty() {
        return false;
    }
    #[allow(clippy::nonminimal_bool)] // One thing that must not be a line.
    let sound = !(of_pupil(line) && at_source(line))
        && !(bound && line.row.is_empty() && !of_pupil(line))
        && row_is_number;
    sound
}

/// W220 and W214 of lines that nothing has to be looked up for.
pub fn without_effect(texts: &Texts) -> Told {
    let mut told = Told::new();
    for (position, line) in texts.lines.iter().enumerate() {
        if !counts(texts, line) {
            told.insert(position, "W220");
        } else if !has_one_subject(line) {
            told.insert(position, "W214");
        }
    }
    told
}

/// The place of a line covers that of another one.
fn covers(wide: &Line, narrow: &Line) -> bool {
    composed(&wide.file) == composed(&narrow.file)
        && (wide.sheet.is_empty() || wide.sheet == narrow.sheet)
        && (wide.row.is_empty() || wide.row == narrow.row)
}

fn contradicts(texts: &Texts, one: &Line, other: &Line) -> bool {
    let decisions = (decides(one), decides(other));
    let decisions = (decisions.0.as_str(), decisions.1.as_str());
    if of_pupil(one) && of_pupil(other) {
        let pair = |line: &Line| (line.sasid.clone(), composed(&line.program).to_uppercase());
        let same_participant = named(texts, one) == named(texts, other);
        return pair(one) == pair(other)
            && (decisions == ("pay", "pay") || (decisions == ("pay", "deny") && same_participant));
    }
    if !at_source(one) || !at_source(other) {
        return false;
    }
    let same_cell = covers(one, other) && covers(other, one) && one.column == other.column;
    match decisions {
        ("correct", "correct") => same_cell && trimmed(&one.becomes) != trimmed(&other.becomes),
        ("deny", "qualify") => covers(one, other),
        _ => false,
    }
}

/// Two lines that have effect cannot both be followed.
pub fn contradict(texts: &Texts) -> bool {
    let told = without_effect(texts);
    let lines: Vec<(usize, &Line)> = texts
        .lines
        .iter()
        .enumerate()
        .filter(|(position, _)| !told.contains_key(position))
        .collect();
    lines.iter().any(|(a, one)| {
        lines
            .iter()
            .any(|(b, other)| a != b && contradicts(texts, one, other))
    })
}

/// An earlier line that took effect decides the same of the same subject.
pub fn repeats(texts: &Texts, told: &Told, position: usize) -> bool {
    let subject = |line: &Line| {
        let pupil = (line.sasid.clone(), composed(&line.program).to_uppercase());
        let place = (composed(&line.file), line.sheet.clone(), line.row.clone());
        (decides(line), named(texts, line), pupil, place)
    };
    (0..position).any(|earlier| {
        !told.contains_key(&earlier)
            && subject(&texts.lines[earlier]) == subject(&texts.lines[position])
    })
}
