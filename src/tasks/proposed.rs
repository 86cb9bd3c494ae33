//! Proposals for a cell: codes of programs, districts and schools, and forms of dates and grades. Never an id, a real date, a score
//! or lunch: only the clerk can look those up.

use std::borrow::Cow;

use crate::catalogue::Code;
use crate::finding::Finding;
use crate::inspection::Inspection;
use crate::intake::Intake;
use crate::intake::fields::Field;
use crate::proposals::{Because, Proposer, digits_meant};
use crate::ranks::RowRank;
use crate::values;
use crate::year::Year;
use serde::Serialize;

/// A value that the clerk can accept with one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposed {
    /// The new text of the cell.
    pub value: String,
    /// Its meaning: the program's name, or the date in words.
    pub says: String,
    /// Why it is proposed.
    pub why: &'static str,
    /// Whether it is more than a guess: only such proposals are offered for a whole group at once.
    pub sure: bool,
}

/// Proposals for the findings of some rows.
pub(super) struct Proposing<'p> {
    intake: &'p Intake,
    /// Per file, by its name or by its rows.
    entities: &'p [Option<String>],
    /// Without rules the year of the programs is unknown.
    programs: Option<(Proposer<'p>, Year)>,
}

impl<'p> Proposing<'p> {
    /// Made ready once for all findings.
    pub(super) fn new(inspection: &'p Inspection) -> Proposing<'p> {
        let intake = &inspection.intake;
        let programs = inspection.rules.as_ref().map(|rules| {
            let year = rules.school_year;
            (Proposer::new(&intake.programs, year), year)
        });
        Proposing {
            intake,
            entities: &inspection.entities,
            programs,
        }
    }

    /// The proposals for a finding, the likeliest first.
    pub(super) fn of(&self, finding: &Finding, row: RowRank) -> Vec<Proposed> {
        let rows = self.intake.completions.rows();
        let text = |field| rows.text(row, field);
        let code = |field| code_read(text(field)).unwrap_or_default();
        match finding.code {
            Code::N301 | Code::E205 => {
                self.program(text(Field::ProgramCode), text(Field::ProgramName))
            }
            Code::W233 => self.named(text(Field::ProgramCode), text(Field::ProgramName)),
            Code::E204 => Self::grade(text(Field::Grade)),
            Code::E206 => day_first(text(Field::CompletionDate)),
            Code::H502 | Code::N304 if self.is_strangers(finding, row) => {
                self.own_district(rows.file(row))
            }
            Code::N304 => self.district(&code(Field::DistrictCode)),
            Code::Q405 => self.school(&code(Field::DistrictCode), &code(Field::SchoolCode)),
            _ => Vec::new(),
        }
    }

    /// Whether a finding says that the row's district is not the one whose file it is.
    pub(super) fn is_strangers(&self, finding: &Finding, row: RowRank) -> bool {
        let rows = self.intake.completions.rows();
        let read = code_read(rows.text(row, Field::DistrictCode));
        let own = self.entities[rows.file(row)].as_deref();
        let is_strange = || read.zip(own).is_some_and(|(read, own)| read != own);
        finding.code == Code::H502 || finding.code == Code::N304 && is_strange()
    }

    /// Whether the code was on the list in a different year: a fact, not a slip.
    pub(super) fn is_of_another_year(&self, row: RowRank) -> bool {
        let typed = self.intake.completions.rows().text(row, Field::ProgramCode);
        let rank = self.intake.programs.rank(&values::upper_case(typed));
        rank.zip(self.programs.as_ref())
            .is_some_and(|(rank, (_, year))| !self.intake.programs.all()[rank].qualifies_in(*year))
    }

    fn program(&self, typed: &str, name: &str) -> Vec<Proposed> {
        let Some((programs, _)) = &self.programs else {
            return Vec::new();
        };
        let found = programs.of(typed, name);
        found
            .meant
            .iter()
            .map(|meant| Proposed {
                value: meant.program.code.clone(),
                says: meant.program.name.clone(),
                why: why(meant.because),
                sure: meant.because < Because::Initials,
            })
            .collect()
    }

    /// The program that the row's Program Name is of.
    fn named(&self, typed: &str, name: &str) -> Vec<Proposed> {
        let own = self.intake.programs.rank(&values::upper_case(typed));
        let own = own.map(|rank| &self.intake.programs.all()[rank]);
        let programs = self.programs.as_ref().map(|(programs, _)| programs);
        let other = own
            .zip(programs)
            .and_then(|(own, programs)| programs.named(own, name));
        let proposed = other.map(|program| Proposed {
            value: program.code.clone(),
            says: program.name.clone(),
            why: why(Because::RowNamesIt),
            sure: false,
        });
        proposed.into_iter().collect()
    }

    /// A grade of the program that occurs in the text among other letters.
    fn grade(typed: &str) -> Vec<Proposed> {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let grade = digits.parse::<u8>().ok();
        let grade = grade.filter(|grade| (9..=12).contains(grade));
        grade
            .map(|grade| Proposed {
                value: grade.to_string(),
                says: String::new(),
                why: "the number in what you typed",
                sure: true,
            })
            .into_iter()
            .collect()
    }

    fn own_district(&self, file: usize) -> Vec<Proposed> {
        let entity = self.entities[file].as_deref();
        entity
            .map(|code| self.listed(code, "the district of the file"))
            .into_iter()
            .collect()
    }

    fn district(&self, read: &str) -> Vec<Proposed> {
        let all = self.intake.participants.all().iter();
        let codes = all.map(|entry| entry.district_code.as_str());
        digits_meant(read, codes)
            .into_iter()
            .map(|code| self.listed(code, "one digit differs"))
            .collect()
    }

    fn school(&self, district: &str, read: &str) -> Vec<Proposed> {
        let all = self.intake.participants.all().iter();
        let charters =
            all.filter(|entry| entry.district_code == district && !entry.school_code.is_empty());
        let meant = digits_meant(
            read,
            charters.clone().map(|entry| entry.school_code.as_str()),
        );
        charters
            .filter(|entry| meant.contains(&entry.school_code.as_str()))
            .map(|entry| Proposed {
                value: entry.school_code.clone(),
                says: entry.name.clone(),
                why: "one digit differs",
                sure: false,
            })
            .collect()
    }

    fn listed(&self, code: &str, why: &'static str) -> Proposed {
        let participants = &self.intake.participants;
        let rank = participants.exactly(code, "");
        Proposed {
            value: code.to_string(),
            says: rank.map_or_else(String::new, |rank| participants.all()[rank].name.clone()),
            why,
            sure: false,
        }
    }
}

/// A district or school code as the checks read it, with the zeros that a spreadsheet dropped.
fn code_read(typed: &str) -> Option<Cow<'_, str>> {
    values::padded_code(values::whole_number(typed)).map(|(code, _)| code)
}

/// A date that has, or could have, the day before the month, written as dates are written here: the month first.
fn day_first(typed: &str) -> Vec<Proposed> {
    let parts: Vec<&str> = typed.split(['/', '-', '.']).map(str::trim).collect();
    let [first, second, year] = parts[..] else {
        return Vec::new();
    };
    let either = values::is_either_way(typed);
    if !either && !values::is_day_first(typed) {
        return Vec::new();
    }
    let mut readings = vec![(
        format!("{second}/{first}/{year}"),
        "the day before the month",
    )];
    if either {
        readings.push((
            format!("{first}/{second}/{year}"),
            "the month before the day",
        ));
    }
    let read = readings.into_iter().filter_map(|(text, why)| {
        let day = values::date(&text, false)?.day;
        Some(Proposed {
            value: day.format("%-m/%-d/%Y").to_string(),
            says: day.format("%B %-d, %Y").to_string(),
            why,
            sure: !either,
        })
    });
    read.collect()
}

fn why(because: Because) -> &'static str {
    match because {
        Because::MadeBySpreadsheet => "a spreadsheet made this of it",
        Because::WrittenOtherwise => "the same letters and digits",
        Because::LooksAlike => "letters and digits that look alike",
        Because::HoldsTheCode => "the code is in what you typed",
        Because::TypedItsName => "you typed its name",
        Because::RowNamesIt => "the row's Program Name",
        Because::SameNameAsBefore => "the same program has this code now",
        Because::Initials => "the initials of its name",
        Because::Spelling => "nearly the same code",
    }
}
