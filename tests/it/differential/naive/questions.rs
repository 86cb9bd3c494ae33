//! Questions: input that its sender probably did not mean.

use std::collections::{BTreeMap, BTreeSet};

use super::decisions::attestable;
use super::lines::{Told, about, at_source, decides};
use super::qualify::participant_of;
use super::says::{composed, is_digits};
use super::texts::{FIELDS, Line, OPTIONAL, PassedOver, Texts};
use super::{Ended, Question};

fn question(code: &'static str, place: impl Into<String>) -> Question {
    Question {
        code,
        place: place.into(),
        sheet: String::new(),
        row: 0,
        other: String::new(),
    }
}

/// Every question, answered or not. Rows that a line denies by their source count for nothing.
pub fn asked(
    texts: &Texts,
    participating: &BTreeSet<usize>,
    told: &Told,
    owners: &BTreeMap<String, Option<String>>,
    rows: &[Ended],
) -> Vec<Question> {
    let rows: Vec<&Ended> = rows.iter().filter(|row| !row.left).collect();
    let mut asked = headings(texts, told);
    asked.extend(shared_reasons(texts, told, &rows));
    asked.extend(silent_participants(texts, participating, &rows));
    asked.extend(odd_ids(texts, &rows));
    asked.extend(near_charters(texts, &rows));
    asked.extend(versions(owners, &rows));
    let hidden = texts
        .passed_over
        .iter()
        .filter(|file| hides_something(file));
    asked.extend(hidden.map(|file| question("Q407", &*file.path)));
    asked
}

/// The words of a text, in lower case.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

/// A text becomes another by at most so many letters put in, left out or changed.
fn near(a: &[char], b: &[char], steps: u32) -> bool {
    match (a, b) {
        ([], []) => true,
        ([x, a_left @ ..], [y, b_left @ ..]) if x == y => near(a_left, b_left, steps),
        _ if steps == 0 => false,
        ([], [_, rest @ ..]) => near(a, rest, steps - 1),
        ([_, rest @ ..], []) => near(rest, b, steps - 1),
        ([_, a_left @ ..], [_, b_left @ ..]) => {
            near(a_left, b, steps - 1)
                || near(a, b_left, steps - 1)
                || near(a_left, b_left, steps - 1)
        }
    }
}

fn alike(heading: &str, title: &str) -> bool {
    let (one, other) = (words(heading), words(title));
    let begins = |short: &[String], long: &[String]| {
        !short.is_empty()
            && short
                .iter()
                .all(|word| long.iter().any(|whole| whole.starts_with(word)))
    };
    if begins(&one, &other) || begins(&other, &one) {
        return true;
    }
    let (one, other) = (one.concat(), other.concat());
    if one.chars().count() < 5 || other.chars().count() < 5 {
        return false;
    }
    let (letters, others): (Vec<char>, Vec<char>) =
        (one.chars().collect(), other.chars().collect());
    one.contains(&other) || other.contains(&one) || near(&letters, &others, 2)
}

/// Q401
fn headings(texts: &Texts, told: &Told) -> Vec<Question> {
    let denied = |path: &str, sheet: &str| {
        texts.lines.iter().enumerate().any(|(position, line)| {
            decides(line) == "deny"
                && told.get(&position).is_none_or(|code| *code == "W231")
                && composed(&line.file) == composed(path)
                && (line.sheet.is_empty() || line.sheet == sheet)
                && line.row.is_empty()
        })
    };
    let mut asked = Vec::new();
    for file in &texts.files {
        for sheet in file
            .sheets
            .iter()
            .filter(|sheet| !denied(&file.path, &sheet.name))
        {
            for field in OPTIONAL {
                let mut unread = sheet.unread.iter();
                if sheet.absent.contains(&field)
                    && unread.any(|heading| alike(heading, FIELDS[field]))
                {
                    asked.push(Question {
                        sheet: sheet.name.clone(),
                        ..question("Q401", &*file.path)
                    });
                }
            }
        }
    }
    asked
}

/// Q402
fn shared_reasons(texts: &Texts, told: &Told, rows: &[&Ended]) -> Vec<Question> {
    let aside: BTreeSet<usize> = texts
        .lines
        .iter()
        .enumerate()
        .filter(|(position, line)| {
            decides(line) == "exclude" && told.get(position).is_none_or(|code| *code == "W231")
        })
        .filter_map(|(_, line)| about(texts, line))
        .collect();
    let mut asked = Vec::new();
    for file in &texts.files {
        let rows: Vec<&&Ended> = rows
            .iter()
            .filter(|row| row.file == file.path && row.readable())
            .filter(|row| !row.found.is_some_and(|found| aside.contains(&found)))
            .collect();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &rows {
            for code in row.codes.iter().filter(|code| code.starts_with('N')) {
                *times.entry(code).or_default() += usize::from(!row.waived.contains(code));
            }
        }
        let many = |times: &&usize| rows.len() >= 5 && 2 * **times > rows.len();
        asked.extend(
            times
                .values()
                .filter(many)
                .map(|_| question("Q402", &*file.path)),
        );
    }
    asked
}

/// Q403
fn silent_participants(
    texts: &Texts,
    participating: &BTreeSet<usize>,
    rows: &[&Ended],
) -> Vec<Question> {
    let mut asked = Vec::new();
    for (position, entity) in texts.entities.iter().enumerate() {
        let eligible =
            participating.contains(&position) && texts.rules.kinds.contains(&entity.kind);
        let sent = |row: &&Ended| {
            row.has_both_codes()
                && participant_of(texts, &row.district, &row.school) == Some(position)
        };
        if eligible && !rows.iter().any(sent) {
            asked.push(question("Q403", code_of(texts, position)));
        }
    }
    asked
}

/// `0010` or `0010-4500`
pub fn code_of(texts: &Texts, position: usize) -> String {
    let entity = &texts.entities[position];
    if entity.school.is_empty() {
        return entity.district.clone();
    }
    format!("{}-{}", entity.district, entity.school)
}

/// Ten digits that are the same, or that go up or down by one each, 9 and 0 being neighbors.
fn is_pattern(sasid: &str) -> bool {
    let digits: Vec<u8> = sasid.bytes().map(|byte| byte - b'0').collect();
    (0..10).any(|step| {
        [0, 1, 9].contains(&step)
            && digits
                .windows(2)
                .all(|pair| (pair[0] + step) % 10 == pair[1])
    })
}

/// Q404
fn odd_ids(texts: &Texts, rows: &[&Ended]) -> Vec<Question> {
    let mut asked = Vec::new();
    for file in &texts.files {
        let rows: Vec<&&Ended> = rows.iter().filter(|row| row.file == file.path).collect();
        let rounded = rows
            .iter()
            .filter(|row| row.sasid.ends_with("0000"))
            .count();
        let many = rounded >= 3 && 100 * rounded >= rows.len();
        for row in &rows {
            let sasid = &row.sasid;
            let ten = sasid.len() == 10 && is_digits(sasid);
            if sasid.ends_with("00000")
                || (sasid.ends_with("0000") && many)
                || (ten && is_pattern(sasid))
            {
                asked.push(Question {
                    sheet: row.sheet.clone(),
                    row: row.row,
                    ..question("Q404", &*file.path)
                });
            }
        }
    }
    asked
}

/// One digit differs, or two neighbors are swapped.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let other: Vec<usize> = (0..4).filter(|at| a[*at] != b[*at]).collect();
    match other[..] {
        [_] => true,
        [x, y] => y == x + 1 && a[x] == b[y] && a[y] == b[x],
        _ => false,
    }
}

/// Q405
fn near_charters(texts: &Texts, rows: &[&Ended]) -> Vec<Question> {
    let mut asked = Vec::new();
    for row in rows.iter().filter(|row| row.has_both_codes()) {
        let charters: Vec<&str> = texts
            .entities
            .iter()
            .filter(|entity| entity.district == row.district && !entity.school.is_empty())
            .map(|entity| entity.school.as_str())
            .collect();
        let near = charters
            .iter()
            .any(|charter| one_slip(charter, &row.school));
        if near && !charters.contains(&row.school.as_str()) {
            asked.push(Question {
                sheet: row.sheet.clone(),
                row: row.row,
                ..question("Q405", &*row.file)
            });
        }
    }
    asked
}

/// Q406
fn versions(owners: &BTreeMap<String, Option<String>>, rows: &[&Ended]) -> Vec<Question> {
    let pairs_of = |path: &str| -> BTreeSet<(&str, &str)> {
        rows.iter()
            .filter(|row| row.file == path && row.reads("E203") && row.reads("E205"))
            .map(|row| (row.sasid.as_str(), row.program.as_str()))
            .collect()
    };
    let mut asked = Vec::new();
    for (later, owner) in owners {
        for (earlier, _) in owners
            .iter()
            .filter(|(path, other)| *path < later && *other == owner)
        {
            let (one, other) = (pairs_of(earlier), pairs_of(later));
            let shared = one.intersection(&other).count();
            if owner.is_some() && shared >= 10 && 2 * shared >= one.len().min(other.len()) {
                asked.push(Question {
                    other: earlier.clone(),
                    ..question("Q406", later)
                });
            }
        }
    }
    asked
}

/// Q407: it is neither an office program's lock file nor one that a desktop leaves behind.
fn hides_something(file: &PassedOver) -> bool {
    let name = file.path.rsplit('/').next().unwrap();
    let lock = (name.starts_with("~$") || name.starts_with(".~lock.")) && file.bytes < 1024;
    !lock && ![".DS_Store", "Thumbs.db", "desktop.ini"].contains(&name)
}

fn answers(texts: &Texts, line: &Line, question: &Question) -> bool {
    if !at_source(line) {
        return question.code == "Q403"
            && about(texts, line).is_some_and(|entity| code_of(texts, entity) == question.place);
    }
    let file = composed(&line.file);
    let here = file == composed(&question.place);
    let whole_file = line.sheet.is_empty() && line.row.is_empty();
    if whole_file && question.code == "Q406" {
        return here || file == composed(&question.other);
    }
    let one_sheet = texts
        .files
        .iter()
        .any(|file| file.path == question.place && file.sheets.len() == 1);
    let same_sheet = line.sheet == question.sheet || (line.sheet.is_empty() && one_sheet);
    let of_sheet = question.code == "Q401" || question.row > 0;
    let same_row = line.row.is_empty() || line.row == question.row.to_string();
    here && (whole_file || (of_sheet && same_sheet && same_row))
}

/// What no attest answers.
pub fn unanswered(texts: &Texts, told: &mut Told, mut open: Vec<Question>) -> Vec<Question> {
    for (position, line) in texts.lines.iter().enumerate() {
        if told.contains_key(&position) || decides(line) != "attest" {
            continue;
        }
        let before = open.len();
        if attestable(texts, line) {
            open.retain(|question| !answers(texts, line, question));
            if open.len() == before {
                told.insert(position, "W231");
            }
        } else {
            told.insert(position, "W214");
        }
    }
    open.sort();
    open
}
