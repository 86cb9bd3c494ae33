//! Does the row qualify? Each N code has its rule here; a row gets all that apply.

use std::cell::RefCell;
use std::collections::HashMap;

use super::collector::Collector;
use super::fields::Rest;
use super::row::Row;
use crate::catalogue::Code;
use crate::decision::{Outcome, RowRead};
use crate::finding::line_of;
use crate::intake::Intake;
use crate::intake::completions::Field;
use crate::intake::lists::{Participant, Program};
use crate::proposals::{Proposer, did_you_mean, digits_meant};
use crate::ranks::{ParticipantRank, ProgramRank, ResolutionRank, RowRank};
use crate::rules::RuleSet;
use crate::rules::terms::{Category, CategorySet};
use crate::values::{Answer, first_invisible, grade_text};
use crate::words::written_out;

/// What the rules of eligibility need, the same for every row.
pub(super) struct Eligibility<'a> {
    pub(super) rules: &'a RuleSet,
    /// Excluded participants, each with the line that excludes it.
    pub(super) excluded: &'a HashMap<ParticipantRank, ResolutionRank>,
    pub(super) proposer: &'a Proposer<'a>,
    /// Reasons given for codes that are not listed, by code and Program Name: one slip can be in hundreds of rows.
    said: RefCell<HashMap<(String, String), Reason>>,
    /// The codes of programs that Program Names are of, by code and Program Name of the row; none where the name goes with the code.
    named: RefCell<HashMap<(String, String), Option<String>>>,
}

/// A readable row as the rules of eligibility see it.
struct Candidate<'a> {
    read: &'a RowRead,
    rest: &'a Rest,
    /// The program's code and name as typed in the row.
    typed: (&'a str, &'a str),
    rules: &'a RuleSet,
    intake: &'a Intake,
    eligibility: &'a Eligibility<'a>,
}

/// Why a row does not qualify.
#[derive(Clone)]
struct Reason {
    message: String,
    /// What to do, where that is more than the catalogue's fix.
    fix: Option<String>,
}

impl From<String> for Reason {
    fn from(message: String) -> Reason {
        Reason { message, fix: None }
    }
}

/// How a rule finds out whether a row qualifies.
enum Check {
    /// Gives the reason why it does not; none if it does.
    By(fn(&Candidate<'_>) -> Option<Reason>),
    /// A number must be high enough.
    AtLeast(Minimum),
}

/// The lowest number that qualifies. The template's formula follows from it too.
#[derive(Clone, Copy)]
pub(crate) struct Minimum {
    /// What a message calls the number: `the AP exam score`.
    number: &'static str,
    pub(crate) of: fn(&RuleSet) -> u16,
    /// The categories of programs that need it; none where the rules ask for no number.
    pub(crate) needed_for: fn(&RuleSet) -> CategorySet,
}

impl Minimum {
    /// Why a completion of a category does not qualify with this number.
    fn fails(self, number: Option<u16>, category: Category, rules: &RuleSet) -> Option<Reason> {
        if !(self.needed_for)(rules).contains(category) {
            return None;
        }
        let minimum = (self.of)(rules);
        match number {
            Some(number) if number >= minimum => None,
            Some(_) => Some(format!("{} is below {minimum}", self.number).into()),
            None => Some(format!("{} is missing", self.number).into()),
        }
    }
}

/// A rule of eligibility.
struct Rule {
    code: Code,
    /// The field that it blames.
    field: Field,
    /// The parameter of the rules that it uses, as sources name it; none where only lists or files decide.
    parameter: Option<&'static str>,
    check: Check,
}

impl Rule {
    /// Why the row does not qualify, if the rule finds that.
    fn fails(&self, candidate: &Candidate<'_>) -> Option<Reason> {
        match self.check {
            Check::By(check) => check(candidate),
            Check::AtLeast(minimum) => {
                let number = candidate.rest.number(self.field);
                minimum.fails(number, candidate.read.category?, candidate.rules)
            }
        }
    }
}

const fn rule(
    code: Code,
    field: Field,
    parameter: Option<&'static str>,
    check: fn(&Candidate<'_>) -> Option<Reason>,
) -> Rule {
    Rule {
        code,
        field,
        parameter,
        check: Check::By(check),
    }
}

const fn at_least(code: Code, field: Field, parameter: &'static str, minimum: Minimum) -> Rule {
    Rule {
        code,
        field,
        parameter: Some(parameter),
        check: Check::AtLeast(minimum),
    }
}

/// The rules in the order of the specification.
const RULES: &[Rule] = {
    use Field as F;
    const GRADES: Option<&str> = Some("eligibility.grades");
    const CREDIT: Option<&str> = Some("eligibility.graduation_credit_required");
    const KINDS: Option<&str> = Some("eligibility.participant_kinds");
    &[
        rule(Code::N301, F::ProgramCode, Some("school_year"), not_listed),
        rule(Code::N302, F::Grade, GRADES, grade_does_not_qualify),
        rule(
            Code::N303,
            F::CompletionDate,
            Some("school_year"),
            outside_the_year,
        ),
        rule(Code::N304, F::DistrictCode, None, nobody_participates),
        rule(
            Code::N305,
            F::GraduationCredit,
            CREDIT,
            no_credit_toward_graduation,
        ),
        at_least(
            Code::N306,
            F::ApScore,
            "eligibility.ap_score_min",
            Minimum {
                number: "the AP exam score",
                of: |rules| rules.ap_score_min,
                needed_for: |_| Category::ApCourse.into(),
            },
        ),
        rule(Code::N307, F::ProgramCode, Some("tier.categories"), no_tier),
        rule(Code::N308, F::DistrictCode, KINDS, kind_is_not_paid),
        rule(Code::N309, F::ProgramCode, None, paid_before),
    ]
};

/// The parameter of the rules that a code's check uses.
#[cfg(feature = "office")]
pub(crate) fn parameter_of(code: Code) -> Option<&'static str> {
    let rule = RULES.iter().find(|rule| rule.code == code)?;
    rule.parameter
}

/// The rules that a number must be high enough: the code, the field of the number, and the minimum.
pub(crate) fn minimums() -> impl Iterator<Item = (Code, Field, Minimum)> {
    RULES.iter().filter_map(|rule| match rule.check {
        Check::AtLeast(minimum) => Some((rule.code, rule.field, minimum)),
        Check::By(_) => None,
    })
}

/// The field that a code is about: its rule's, or the field whose check it is.
#[must_use]
pub fn field_of(code: Code) -> Option<Field> {
    let rule = RULES.iter().find(|rule| rule.code == code);
    rule.map(|rule| rule.field)
        .or_else(|| Field::of_check(code))
}

impl<'a> Eligibility<'a> {
    pub(super) fn new(
        rules: &'a RuleSet,
        excluded: &'a HashMap<ParticipantRank, ResolutionRank>,
        proposer: &'a Proposer<'a>,
    ) -> Eligibility<'a> {
        Eligibility {
            rules,
            excluded,
            proposer,
            said: RefCell::default(),
            named: RefCell::default(),
        }
    }

    /// Finds the program, category, tier and participant of a row. If the row can be read, decides whether it qualifies.
    pub(super) fn check(
        &self,
        row: &mut Row,
        rest: &Rest,
        rank: RowRank,
        collector: &mut Collector<'_>,
    ) {
        let cells = collector.cells;
        find(row, rest, self.rules, cells.intake);
        if row.outcome.is_some() {
            return;
        }
        let read = row.read;
        let code = cells.text(rank, Field::ProgramCode);
        let name = cells.text(rank, Field::ProgramName);
        self.compare_name(row, (rank, &name), collector);
        let candidate = Candidate {
            read: &read,
            rest,
            typed: (&code, &name),
            rules: self.rules,
            intake: cells.intake,
            eligibility: self,
        };
        for rule in RULES {
            if !collector.looks_for(rule.code) {
                continue;
            }
            if let Some(Reason { message, fix }) = rule.fails(&candidate) {
                row.codes.add(rule.code);
                collector.add_fixed(rank, rule.code, rule.field, message, fix);
            }
        }
        if !row.codes.is_empty() {
            row.outcome = Some(Outcome::NotQualified);
        }
    }
}

impl Eligibility<'_> {
    /// W233: the row's Program Name is that of another program than the one of its code.
    fn compare_name(
        &self,
        row: &Row,
        (rank, name): (RowRank, &str),
        collector: &mut Collector<'_>,
    ) {
        let own = row
            .program
            .map(|rank| &self.proposer.programs().all()[rank]);
        let Some(own) = own.filter(|own| !name.is_empty() && own.name != name) else {
            return;
        };
        if !collector.looks_for(Code::W233) {
            return;
        }
        let key = (own.code.clone(), name.to_string());
        let mut named = self.named.borrow_mut();
        let other = named.entry(key).or_insert_with(|| {
            self.proposer
                .named(own, name)
                .map(|other| other.code.clone())
        });
        if let Some(other) = other {
            let message = format!(
                "the Program Code is {}, and the Program Name is that of {other}",
                own.code
            );
            let fix = format!(
                "Check which is right. Only the code counts: enter {other} if the name is right."
            );
            collector.add_fixed(rank, Code::W233, Field::ProgramCode, message, Some(fix));
        }
    }
}

/// Looks a row up in the lists.
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

/// The program on the list, in any year.
fn listed<'a>(rest: &Rest, intake: &'a Intake) -> Option<(ProgramRank, &'a Program)> {
    let rank = intake.programs.rank(&rest.program_code)?;
    Some((rank, &intake.programs.all()[rank]))
}

/// The entry of the participants list that the row belongs to.
fn entry<'a>(candidate: &Candidate<'a>) -> Option<&'a Participant> {
    let rank = candidate.read.participant?;
    Some(&candidate.intake.participants.all()[rank])
}

fn not_listed(candidate: &Candidate<'_>) -> Option<Reason> {
    if candidate.read.category.is_some() {
        return None;
    }
    let eligibility = candidate.eligibility;
    let (code, name) = candidate.typed;
    let key = (code.to_string(), name.to_string());
    let mut said = eligibility.said.borrow_mut();
    let reason = said
        .entry(key)
        .or_insert_with(|| why_not_listed(eligibility, code, name));
    Some(reason.clone())
}

/// Explains a code that is not on the year's list: when it was listed, and what is probably meant.
fn why_not_listed(eligibility: &Eligibility<'_>, code: &str, name: &str) -> Reason {
    let year = eligibility.rules.school_year;
    let proposals = eligibility.proposer.of(code, name);
    let program = if proposals.can_quote(code) {
        let unseen = first_invisible(code).map(|name| format!(" with {name} in it"));
        format!(
            "program \"{}\"{}",
            written_out(code),
            unseen.unwrap_or_default()
        )
    } else {
        "the program".to_string()
    };
    let message = match (proposals.of_another_year, proposals.other_year(year)) {
        (Some(_), when) => {
            let when = when.map_or(String::new(), |when| format!(": {when}"));
            format!("{program} is on the qualified list, but not for {year}{when}")
        }
        (None, _) => format!("{program} is not on the qualified list for {year}"),
    };
    let question = proposals.question();
    let Some(what) = proposals.made_by_spreadsheet(code) else {
        let fix = question.map(|question| format!("{question} Correct the code if so."));
        return Reason { message, fix };
    };
    let message = format!(
        "the Program Code is {what}, which spreadsheets make of some codes, and not on the qualified list for {year}"
    );
    let format = "Format the column as text and enter the code again.";
    let fix = question.map_or(format.to_string(), |question| {
        format!("{question} {format}")
    });
    Reason {
        message,
        fix: Some(fix),
    }
}

fn grade_does_not_qualify(candidate: &Candidate<'_>) -> Option<Reason> {
    let grades = &candidate.rules.grades;
    if candidate
        .read
        .grade
        .is_none_or(|grade| grades.contains(&grade))
    {
        return None;
    }
    let grades: Vec<_> = grades.iter().map(|grade| grade_text(*grade)).collect();
    Some(format!("the grade is not among {}", grades.join(", ")).into())
}

fn outside_the_year(candidate: &Candidate<'_>) -> Option<Reason> {
    let year = candidate.rules.school_year;
    let date = candidate.read.date.filter(|date| !year.contains(*date))?;
    let side = if date < year.first_day() {
        "before"
    } else {
        "after"
    };
    let is_slip = date >= year.first_day_to_come();
    Some(Reason {
        message: format!("the completion date is {side} the school year {year}"),
        fix: is_slip.then(|| Code::N303.entry().fix_as_slip().to_string()),
    })
}

fn nobody_participates(candidate: &Candidate<'_>) -> Option<Reason> {
    let Some(entry) = entry(candidate) else {
        return Some(match candidate.read.district {
            Some(district) => no_such_district(district.as_str(), candidate.intake),
            None => Code::N304.entry().title.to_string().into(),
        });
    };
    let named = format!("{} {}", entry.kind.label().to_lowercase(), entry.code());
    let excluded = candidate
        .read
        .participant
        .and_then(|rank| candidate.eligibility.excluded.get(&rank));
    if let Some(number) = excluded {
        let line = &candidate.intake.resolutions[*number];
        let by = line_of(&line.file, line.line);
        return Some(format!("{named} is excluded by {by}").into());
    }
    (!entry.participating).then(|| format!("{named} does not participate").into())
}

fn no_such_district(code: &str, intake: &Intake) -> Reason {
    let entries = intake.participants.all().iter();
    let districts = entries.filter(|entry| entry.school_code.is_empty());
    let meant = digits_meant(code, districts.map(|entry| entry.district_code.as_str()));
    let meant: Vec<String> = meant
        .iter()
        .filter_map(|code| intake.participants.exactly(code, ""))
        .map(|rank| &intake.participants.all()[rank])
        .map(|entry| format!("{} ({})", entry.district_code, entry.name))
        .collect();
    Reason {
        message: format!("district {code} is not on the participants list"),
        fix: did_you_mean(&meant).map(|question| format!("{question} Correct the code if so.")),
    }
}

fn no_credit_toward_graduation(candidate: &Candidate<'_>) -> Option<Reason> {
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
    let category = lower_label(category);
    Some(format!("Graduation Credit is {answer}, and {category} needs it").into())
}

fn no_tier(candidate: &Candidate<'_>) -> Option<Reason> {
    let category = candidate.read.category?;
    candidate
        .read
        .tier
        .is_none()
        .then(|| format!("the rules fund no tier for {}", lower_label(category)).into())
}

fn kind_is_not_paid(candidate: &Candidate<'_>) -> Option<Reason> {
    let kind = entry(candidate)?.kind;
    let paid = candidate.rules.participant_kinds.contains(kind);
    (!paid).then(|| format!("the rules do not pay a {}", kind.label()).into())
}

fn paid_before(candidate: &Candidate<'_>) -> Option<Reason> {
    let (ledger, sasid) = candidate.intake.ledger.as_ref().zip(candidate.read.sasid)?;
    let paid = ledger.entry(sasid, &candidate.rest.program_code)?;
    let year = match paid.budget_year.as_str() {
        "" => "not given",
        year => year,
    };
    let line = line_of(ledger.file(), paid.line);
    Some(format!("this completion was paid before: {line}, budget year {year}").into())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Needed;

    #[test]
    fn a_reason_that_uses_a_parameter_is_not_given_without_rules() {
        for rule in RULES {
            let needs_rules = rule.code.entry().needs.contains(&Needed::Rules);
            assert_eq!(needs_rules, rule.parameter.is_some(), "{}", rule.code);
        }
    }
}
