//! The owner of a row, whether it qualifies, and the owner of a file.

use std::collections::{BTreeMap, BTreeSet};

use super::Ended;
use super::rules::MINIMUMS;
use super::says::{composed, credit, is_digits};
use super::texts::{CREDIT, Program, Texts};

/// The participant of a pair of codes, participating or not.
pub fn participant_of(texts: &Texts, district: &str, school: &str) -> Option<usize> {
    let of = |school: &str| {
        texts
            .entities
            .iter()
            .position(|entity| entity.district == district && entity.school == school)
    };
    of(school).or_else(|| of(""))
}

/// Finds every row's participant, and why a readable row does not qualify.
pub fn reasons(texts: &Texts, participating: &BTreeSet<usize>, rows: &mut [Ended]) {
    for row in rows.iter_mut() {
        if row.has_both_codes() {
            row.found = participant_of(texts, &row.district, &row.school);
        }
        if row.readable() {
            if let Some(program) = program_of(texts, row) {
                row.category = Some(program.category.clone());
                row.program_name.clone_from(&program.name);
                row.sector.clone_from(&program.sector);
            }
            let reasons = reasons_of(texts, participating, row);
            row.codes.extend(reasons);
            if !row.codes.is_empty() {
                row.outcome = "not_qualified";
            }
        }
    }
}

fn program_of<'t>(texts: &'t Texts, row: &Ended) -> Option<&'t Program> {
    let year = texts.rules.first_year;
    let mut found = None;
    for program in &texts.programs {
        let in_year =
            program.from.is_none_or(|from| from <= year) && program.to.is_none_or(|to| year <= to);
        if in_year && composed(&program.code).to_uppercase() == row.program {
            found = Some(program);
        }
    }
    found
}

fn reasons_of(
    texts: &Texts,
    participating: &BTreeSet<usize>,
    row: &Ended,
) -> BTreeSet<&'static str> {
    let rules = &texts.rules;
    let mut reasons = BTreeSet::new();
    let mut because = |holds: bool, reason: &'static str| {
        if holds {
            reasons.insert(reason);
        }
    };
    because(row.category.is_none(), "N301");
    because(
        !row.grade.is_some_and(|grade| rules.grades.contains(&grade)),
        "N302",
    );
    let first = format!("{:04}-07-01", rules.first_year);
    let last = format!("{:04}-06-30", rules.first_year + 1);
    because(row.date < first || row.date > last, "N303");
    because(
        !row.found
            .is_some_and(|found| participating.contains(&found)),
        "N304",
    );
    if let Some(category) = &row.category {
        because(
            rules.credit_required.contains(category) && credit(&row.says[CREDIT]) != Some(true),
            "N305",
        );
        for (minimum, least) in MINIMUMS.iter().zip(rules.least) {
            let number: Option<u32> = row.says[minimum.column].parse().ok();
            let is_low = |least| number.is_none_or(|number| number < least);
            because(
                minimum.needed_for.contains(&&**category) && least.is_some_and(is_low),
                minimum.reason,
            );
        }
        let mut tiers = rules.tiers.iter();
        because(
            !tiers.any(|tier| tier.categories.contains(category)),
            "N307",
        );
    }
    let eligible = |found: usize| rules.kinds.contains(&texts.entities[found].kind);
    because(row.found.is_some_and(|found| !eligible(found)), "N308");
    let paid_before = texts.ledger.iter().any(|prior| {
        prior.sasid == row.sasid && composed(&prior.program).to_uppercase() == row.program
    });
    because(paid_before, "N309");
    reasons
}

/// W211; rows that a line denies by their source have left the submission.
pub fn lunch_both_ways(rows: &mut [Ended]) {
    let says = |row: &Ended, answer: bool| {
        let readable = row.sasid.len() == 10 && is_digits(&row.sasid);
        !row.left && readable && row.lunch == Some(answer)
    };
    for position in 0..rows.len() {
        let sasid = rows[position].sasid.clone();
        let with = rows.iter().any(|row| row.sasid == sasid && says(row, true));
        let without = rows
            .iter()
            .any(|row| row.sasid == sasid && says(row, false));
        if with && without && !rows[position].left {
            rows[position].warnings.insert("W211");
        }
    }
}

/// The code that a name begins with.
fn leading_code(name: &str) -> Option<&str> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 4).then(|| &name[..4])
}

/// Whose every file is, by its path.
pub fn owners(texts: &Texts, rows: &[Ended]) -> BTreeMap<String, Option<String>> {
    let listed = |code: &str| texts.entities.iter().any(|entity| entity.district == code);
    let mut owners = BTreeMap::new();
    for file in &texts.files {
        let named = file
            .path
            .rsplit('/')
            .find_map(|name| leading_code(name).filter(|code| listed(code)));
        let owner = match named {
            Some(code) => Some(code.to_string()),
            None => majority(&file.path, rows).filter(|code| listed(code)),
        };
        owners.insert(file.path.clone(), owner);
    }
    owners
}

/// The District Code of at least nine in ten of the rows that have one, if those are at least ten.
fn majority(path: &str, rows: &[Ended]) -> Option<String> {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| row.file == path && row.reads("E201"))
    {
        *times.entry(&row.district).or_default() += 1;
    }
    let all: u32 = times.values().sum();
    if all < 10 {
        return None;
    }
    let (code, _) = times.into_iter().find(|(_, times)| 10 * times >= 9 * all)?;
    Some(code.to_string())
}

/// H502.
pub fn hold_wrong_files(owners: &BTreeMap<String, Option<String>>, rows: &mut [Ended]) {
    for row in rows.iter_mut().filter(|row| row.outcome.is_empty()) {
        if let Some(owner) = &owners[&row.file]
            && row.district != *owner
        {
            row.outcome = "held";
            row.codes.insert("H502");
        }
    }
}
