//! Does the row qualify? N301 to N309, all that apply.

use std::collections::HashMap;

use super::collector::Collector;
use super::fields::Rest;
use super::row::Row;
use crate::catalogue::Code;
use crate::decision::{Outcome, RowRead};
use crate::intake::Intake;
use crate::intake::completions::Field;
use crate::intake::lists::{Participant, Program};
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
use crate::rules::RuleSet;
use crate::rules::terms::Category;
use crate::values::{Answer, grade_text};

/// A row that can be read, as the rules of eligibility see it.
struct Candidate<'a> {
    read: &'a RowRead,
    rest: &'a Rest,
    rules: &'a RuleSet,
    intake: &'a Intake,
    /// Participants that decisions exclude, with their lines.
    excluded: &'a HashMap<ParticipantRank, usize>,
}

/// Why a row does not qualify, in words; none where it does.
type Check = fn(&Candidate<'_>) -> Option<String>;

/// The rules in the order of the specification, each with the field that it blames.
const RULES: [(Code, Field, Check); 9] = [
    (Code::N301, Field::ProgramCode, not_listed),
    (Code::N302, Field::Grade, grade_does_not_qualify),
    (Code::N303, Field::CompletionDate, outside_the_year),
    (Code::N304, Field::DistrictCode, nobody_participates),
    (
        Code::N305,
        Field::GraduationCredit,
        no_credit_toward_graduation,
    ),
    (Code::N306, Field::ApScore, score_missing_or_too_low),
    (Code::N307, Field::ProgramCode, no_tier),
    (Code::N308, Field::DistrictCode, kind_is_not_paid),
    (Code::N309, Field::ProgramCode, paid_before),
];

/// Finds program, category, tier and participant of a row, and if it can be read, whether it qualifies.
pub(super) fn check(
    row: &mut Row,
    rest: &Rest,
    rank: RowRank,
    (rules, excluded): (&RuleSet, &HashMap<ParticipantRank, usize>),
    collector: &mut Collector<'_>,
) {
    let intake = collector.cells.intake;
    find(row, rest, rules, intake);
    if row.outcome.is_some() {
        return;
    }
    let read = row.read;
    let candidate = Candidate {
        read: &read,
        rest,
        rules,
        intake,
        excluded,
    };
    for (code, field, check) in RULES {
        if !collector.looks_for(code) {
            continue;
        }
        if let Some(message) = check(&candidate) {
            row.codes.add(code);
            collector.add(rank, code, field, message);
        }
    }
    if !row.codes.is_empty() {
        row.outcome = Some(Outcome::NotQualified);
    }
}

/// What the lists say of a row.
fn find(row: &mut Row, rest: &Rest, rules: &RuleSet, intake: &Intake) {
    if let Some((rank, program)) =
        listed(rest, intake).filter(|(_, program)| program.qualifies_in(rules.school_year))
    {
        row.program = Some(rank);
        row.category = Some(program.category);
        row.tier = rules.tier_of(program.category);
    }
    if let (Some(district), Some(school)) = (row.district, row.school) {
        row.participant = intake
            .participants
            .owner(district.as_str(), school.as_str());
    }
}

/// The program on the list, of whatever year.
fn listed<'a>(rest: &Rest, intake: &'a Intake) -> Option<(ProgramRank, &'a Program)> {
    let rank = intake.programs.rank(&rest.program_code)?;
    Some((rank, &intake.programs.all()[rank]))
}

/// The entry of the participants list that the row belongs to.
fn entry<'a>(candidate: &Candidate<'a>) -> Option<&'a Participant> {
    let rank = candidate.read.participant?;
    Some(&candidate.intake.participants.all()[rank])
}

fn not_listed(candidate: &Candidate<'_>) -> Option<String> {
    if candidate.read.category.is_some() {
        return None;
    }
    let year = candidate.rules.school_year;
    Some(match listed(candidate.rest, candidate.intake) {
        None => format!("the program is not on the qualified list for {year}"),
        Some(_) => format!("the program is on the qualified list, but not for {year}"),
    })
}

fn grade_does_not_qualify(candidate: &Candidate<'_>) -> Option<String> {
    let grades = &candidate.rules.grades;
    if candidate
        .read
        .grade
        .is_none_or(|grade| grades.contains(&grade))
    {
        return None;
    }
    let grades: Vec<_> = grades.iter().map(|grade| grade_text(*grade)).collect();
    Some(format!("the grade is not among {}", grades.join(", ")))
}

fn outside_the_year(candidate: &Candidate<'_>) -> Option<String> {
    let year = candidate.rules.school_year;
    let date = candidate.read.date.filter(|date| !year.contains(*date))?;
    let first_day = chrono::NaiveDate::from_ymd_opt(i32::from(year.first()), 7, 1);
    let side = if Some(date) < first_day {
        "before"
    } else {
        "after"
    };
    Some(format!(
        "the completion date is {side} the school year {year}"
    ))
}

fn nobody_participates(candidate: &Candidate<'_>) -> Option<String> {
    let excluded = candidate
        .read
        .participant
        .and_then(|rank| candidate.excluded.get(&rank));
    match (entry(candidate), &candidate.read.district) {
        (Some(entry), _) if excluded.is_some() => {
            let line = excluded.map(|number| &candidate.intake.resolutions[*number]);
            let place = line.map_or(String::new(), |line| {
                format!("{} line {}", line.file, line.line)
            });
            Some(format!(
                "{} {} is excluded by {place}",
                entry.kind.label().to_lowercase(),
                entry.code()
            ))
        }
        (Some(entry), _) if entry.participating => None,
        (Some(entry), _) => Some(format!(
            "{} {} does not participate",
            entry.kind.label().to_lowercase(),
            entry.code()
        )),
        (None, Some(district)) => Some(format!(
            "district {} is not on the participants list",
            district.as_str()
        )),
        (None, None) => Some(Code::N304.entry().title.to_string()),
    }
}

fn no_credit_toward_graduation(candidate: &Candidate<'_>) -> Option<String> {
    let category = candidate.read.category?;
    let needs_it = candidate
        .rules
        .graduation_credit_required
        .contains(category);
    if !needs_it || candidate.rest.credit == Answer::Yes {
        return None;
    }
    let answer = if candidate.rest.credit == Answer::Empty {
        "empty"
    } else {
        "no"
    };
    Some(format!(
        "Graduation Credit is {answer}, and {} needs it",
        lower_label(category)
    ))
}

fn score_missing_or_too_low(candidate: &Candidate<'_>) -> Option<String> {
    if candidate.read.category != Some(Category::ApCourse) {
        return None;
    }
    let min = candidate.rules.ap_score_min;
    match candidate.rest.score {
        Some(score) if score >= min => None,
        Some(_) => Some(format!("the AP exam score is below {min}")),
        None => Some("the AP exam score is missing".to_string()),
    }
}

fn no_tier(candidate: &Candidate<'_>) -> Option<String> {
    let category = candidate.read.category?;
    candidate
        .read
        .tier
        .is_none()
        .then(|| format!("the rules fund no tier for {}", lower_label(category)))
}

fn kind_is_not_paid(candidate: &Candidate<'_>) -> Option<String> {
    let kind = entry(candidate)?.kind;
    let paid = candidate.rules.participant_kinds.contains(kind);
    (!paid).then(|| format!("the rules do not pay a {}", kind.label()))
}

fn paid_before(candidate: &Candidate<'_>) -> Option<String> {
    let (ledger, sasid) = candidate.intake.ledger.as_ref().zip(candidate.read.sasid)?;
    let paid = ledger.entry(sasid, &candidate.rest.program_code)?;
    Some(format!(
        "this completion was paid before: line {} of the ledger, budget year {}",
        paid.line,
        if paid.budget_year.is_empty() {
            "not given"
        } else {
            &paid.budget_year
        }
    ))
}

/// `an industry credential`, `an AP course`.
fn lower_label(category: Category) -> String {
    match category {
        Category::ApCourse => "an AP course".to_string(),
        Category::IndustryCredential | Category::Internship | Category::Apprenticeship => {
            format!("an {}", category.label().to_lowercase())
        }
        Category::Residency | Category::PreApprenticeship => {
            format!("a {}", category.label().to_lowercase())
        }
    }
}
