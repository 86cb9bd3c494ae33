//! Can the row be read? E201 to E210, and the warnings about what was mended. Every field is checked; all that apply are reported.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Collector;
use super::row::Row;
use crate::catalogue::{Code, Codes};
use crate::decision::{FourDigits, Outcome, RowRead};
use crate::finding::{describe, describe_id};
use crate::ids::Sasid;
use crate::intake::completions::{Field, Rows};
use crate::ranks::RowRank;
use crate::rules::RuleSet;
use crate::values::{self, Answer};
use crate::year::Year;

/// What only the checks need to know of a row.
pub(super) struct Rest<'r> {
    /// In upper case; empty where the cell is.
    pub(super) program_code: Cow<'r, str>,
    /// None where it is empty or unreadable.
    pub(super) score: Option<u8>,
    /// No where it is unreadable.
    pub(super) credit: Answer,
}

/// Reads the fields of a row; with any E it is rejected.
pub(super) fn read<'r>(
    rows: &Rows<'r>,
    position: RowRank,
    rules: &RuleSet,
    collector: &mut Collector<'_>,
) -> (Row, Rest<'r>) {
    let mut codes = Codes::NONE;
    let mut unreadable =
        |code: Code, field: Field, message: String, collector: &mut Collector<'_>| {
            codes.add(code);
            collector.add(position, code, field, message);
        };
    let text = |field: Field| rows.text(position, field);
    let is_not = |field: Field, wanted: &str| {
        format!(
            "{} is {}{}, not {wanted}",
            field.title(),
            describe(text(field)),
            with_invisible(text(field))
        )
    };

    let mut code = |field: Field, error: Code, padded: Code, collector: &mut Collector<'_>| {
        let Some((code, mended)) = values::padded_code(text(field)) else {
            unreadable(error, field, is_not(field, "4 digits"), collector);
            return None;
        };
        if mended {
            collector.add(
                position,
                padded,
                field,
                format!("{} was read as {code}", field.title()),
            );
        }
        FourDigits::new(&code)
    };
    let district = code(Field::DistrictCode, Code::E201, Code::W201, collector);
    let school = code(Field::SchoolCode, Code::E202, Code::W202, collector);

    let sasid = Sasid::parse(text(Field::Sasid));
    if sasid.is_none() {
        let (found, invisible) = (
            describe_id(text(Field::Sasid)),
            with_invisible(text(Field::Sasid)),
        );
        let message = format!("SASID is {found}{invisible}; it must have exactly 10 digits");
        unreadable(Code::E203, Field::Sasid, message, collector);
    }
    let grade = values::grade(text(Field::Grade));
    if grade.is_none() {
        unreadable(
            Code::E204,
            Field::Grade,
            is_not(Field::Grade, "K or 0-12"),
            collector,
        );
    }
    let program_code = values::upper_case(text(Field::ProgramCode));
    if program_code.is_empty() {
        unreadable(
            Code::E205,
            Field::ProgramCode,
            "Program Code is empty".to_string(),
            collector,
        );
    }
    let serial = rows.is_number(position, Field::CompletionDate);
    let date = if serial && collector.sheet(position).dates_1904 {
        values::date(&values::serial_from_1904(text(Field::CompletionDate)), true)
    } else {
        values::date(text(Field::CompletionDate), serial)
    };
    if date.is_none() {
        let message = match values::why_no_date(text(Field::CompletionDate)) {
            Some(why) => format!("Completion Date {why}"),
            None => is_not(Field::CompletionDate, "a date"),
        };
        unreadable(Code::E206, Field::CompletionDate, message, collector);
    }
    let lunch = values::lunch(text(Field::Lunch));
    match lunch {
        None => unreadable(
            Code::E208,
            Field::Lunch,
            is_not(Field::Lunch, lunch_wanted(text(Field::Lunch))),
            collector,
        ),
        Some(Answer::Empty) => collector.add_plain(position, Code::W208, Field::Lunch),
        Some(_) => {}
    }
    let score = values::score(text(Field::ApScore));
    if score.is_none() && !text(Field::ApScore).is_empty() {
        unreadable(
            Code::E209,
            Field::ApScore,
            is_not(Field::ApScore, "1, 2, 3, 4 or 5"),
            collector,
        );
    }
    let credit = values::answer(text(Field::GraduationCredit));
    if credit.is_none() {
        unreadable(
            Code::E210,
            Field::GraduationCredit,
            is_not(Field::GraduationCredit, "yes or no"),
            collector,
        );
    }
    let year = text(Field::SchoolYear);
    if !year.is_empty() && Year::parse_loosely(year) != Some(rules.school_year) {
        collector.add(
            position,
            Code::W213,
            Field::SchoolYear,
            format!("School Year is not {}", rules.school_year),
        );
    }

    for field in Field::ALL {
        if let Some(name) = values::first_invisible(text(field)) {
            let message = format!(
                "{} holds {name}, which cannot be seen: it is another text than it looks like",
                field.title()
            );
            collector.add(position, Code::W221, field, message);
        }
    }

    let read = RowRead {
        codes,
        district,
        school,
        sasid,
        grade,
        date,
        frl: lunch.map(|answer| answer == Answer::Yes),
        ..RowRead::default()
    };
    let outcome = (!codes.is_empty()).then_some(Outcome::Rejected);
    (
        Row { read, outcome },
        Rest {
            program_code,
            score,
            credit: credit.unwrap_or(Answer::No),
        },
    )
}

/// Says that a text holds a character that cannot be seen, where it does.
fn with_invisible(text: &str) -> String {
    values::first_invisible(text)
        .map(|name| format!(" with {name} in it"))
        .unwrap_or_default()
}

/// What to write instead; for the letters that can mean two things, both.
fn lunch_wanted(text: &str) -> &'static str {
    match text {
        "F" | "f" => "clear: it can mean Free or False; write Free or No",
        "R" | "r" => "clear: it can mean Reduced or Regular; write Reduced or No",
        "P" | "p" => "clear: it can mean Paid or Partial; write Paid or Reduced",
        _ => "yes or no",
    }
}

/// W211: every row of a pupil who is reported with and without free or reduced-price lunch.
pub(super) fn lunch_conflicts(decisions: &[Row], collector: &mut Collector<'_>) {
    // By pupil: reported with, reported without.
    let mut answers: HashMap<Sasid, (bool, bool)> = HashMap::new();
    for decision in decisions {
        if let (Some(sasid), Some(frl)) = (decision.sasid, decision.frl) {
            let answer = answers.entry(sasid).or_default();
            answer.0 |= frl;
            answer.1 |= !frl;
        }
    }
    for (position, decision) in RowRank::enumerate(decisions) {
        if decision.sasid.and_then(|sasid| answers.get(&sasid)) == Some(&(true, true)) {
            collector.add_plain(position, Code::W211, Field::Lunch);
        }
    }
}
