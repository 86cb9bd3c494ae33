//! Does the row qualify? N301 to N309, all that apply; and is it in the right file? H502.

use super::Collector;
use super::fields::Rest;
use crate::catalogue::Code;
use crate::decision::{Decision, Outcome};
use crate::intake::completions::Field;
use crate::ranks::RowRank;
use crate::rules::RuleSet;
use crate::rules::terms::Category;
use crate::values::Answer;

/// Finds program, category, tier and participant of a row, and if it can be read, whether it qualifies.
pub(super) fn check(
    decision: &mut Decision,
    rest: &Rest<'_>,
    position: RowRank,
    rules: &RuleSet,
    collector: &mut Collector<'_>,
) {
    let intake = collector.intake;
    let listed = intake
        .programs
        .rank(&rest.program_code)
        .map(|rank| (rank, &intake.programs.all()[rank]));
    if let Some((rank, program)) =
        listed.filter(|(_, program)| program.qualifies_in(rules.school_year))
    {
        decision.program = Some(rank);
        decision.category = Some(program.category);
        decision.tier = rules.tier_of(program.category);
    }
    if let (Some(district), Some(school)) = (&decision.district, &decision.school) {
        decision.participant = intake
            .participants
            .owner(district.as_str(), school.as_str());
    }
    if decision.outcome.is_some() {
        return;
    }

    let mut fail = |code: Code, field: Field, message: String, collector: &mut Collector<'_>| {
        if collector.looks_for(code) {
            decision.codes.add(code);
            collector.add(position, code, field, message);
        }
    };
    let year = rules.school_year;
    if decision.category.is_none() {
        let message = match listed {
            None => format!("the program is not on the qualified list for {year}"),
            Some(_) => format!("the program is on the qualified list, but not for {year}"),
        };
        fail(Code::N301, Field::ProgramCode, message, collector);
    }
    if decision
        .grade
        .is_some_and(|grade| !rules.grades.contains(&grade))
    {
        let grades: Vec<_> = rules
            .grades
            .iter()
            .map(|grade| crate::values::grade_text(*grade))
            .collect();
        fail(
            Code::N302,
            Field::Grade,
            format!("the grade is not among {}", grades.join(", ")),
            collector,
        );
    }
    if let Some(date) = decision.date.filter(|date| !year.contains(*date)) {
        let side = if Some(date) < chrono::NaiveDate::from_ymd_opt(i32::from(year.first()), 7, 1) {
            "before"
        } else {
            "after"
        };
        fail(
            Code::N303,
            Field::CompletionDate,
            format!("the completion date is {side} the school year {year}"),
            collector,
        );
    }
    let entry = decision
        .participant
        .map(|rank| &intake.participants.all()[rank]);
    if !entry.is_some_and(|entry| entry.participating) {
        let message = match (entry, &decision.district) {
            (Some(entry), _) => format!(
                "{} {} does not participate",
                entry.kind.label().to_lowercase(),
                entry.code()
            ),
            (None, Some(district)) => format!(
                "district {} is not on the participants list",
                district.as_str()
            ),
            (None, None) => Code::N304.entry().title.to_string(),
        };
        fail(Code::N304, Field::DistrictCode, message, collector);
    }
    if let Some(category) = decision.category {
        if rules.graduation_credit_required.contains(category) && rest.credit != Answer::Yes {
            let answer = if rest.credit == Answer::Empty {
                "empty"
            } else {
                "no"
            };
            let message = format!(
                "Graduation Credit is {answer}, and {} needs it",
                lower_label(category)
            );
            fail(Code::N305, Field::GraduationCredit, message, collector);
        }
        if category == Category::ApCourse
            && rest.score.is_none_or(|score| score < rules.ap_score_min)
        {
            let message = match rest.score {
                None => "the AP exam score is missing".to_string(),
                Some(_) => format!("the AP exam score is below {}", rules.ap_score_min),
            };
            fail(Code::N306, Field::ApScore, message, collector);
        }
        if decision.tier.is_none() {
            fail(
                Code::N307,
                Field::ProgramCode,
                format!("the rules fund no tier for {}", lower_label(category)),
                collector,
            );
        }
    }
    if let Some(entry) = entry.filter(|entry| !rules.participant_kinds.contains(entry.kind)) {
        fail(
            Code::N308,
            Field::DistrictCode,
            format!("the rules do not pay a {}", entry.kind.label()),
            collector,
        );
    }
    let ledger = intake.ledger.as_ref();
    if ledger
        .zip(decision.sasid)
        .is_some_and(|(ledger, sasid)| ledger.holds(sasid, &rest.program_code))
    {
        fail(
            Code::N309,
            Field::ProgramCode,
            Code::N309.entry().title.to_string(),
            collector,
        );
    }
    if !decision.codes.is_empty() {
        decision.outcome = Some(Outcome::NotQualified);
        return;
    }

    let file = &intake.files[collector.rows.file(position)];
    if let (Some(entity), Some(district)) = (&file.entity, &decision.district)
        && entity != district.as_str()
    {
        decision.codes.add(Code::H502);
        decision.outcome = Some(Outcome::Held);
        let message = format!(
            "District Code {} stands in a file of {entity}",
            district.as_str()
        );
        collector.add(position, Code::H502, Field::DistrictCode, message);
    }
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
