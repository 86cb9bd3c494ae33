//! The checks that a workbook makes by itself, as formulas for Excel 2016 and LibreOffice: what is wrong with a row, in the
//! catalogue's words, and the program that its code means or probably means. The words are on a hidden sheet of lists. A template
//! makes all checks on every row; a marked copy makes those of its marked cells.

use std::sync::LazyLock;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::texts::{
    day_of, key_formula, made_up, not_four_digits, not_ten_digits, not_whole, serial,
};
use crate::catalogue::{CATALOGUE, Code, Severity};
use crate::checks::minimums;
use crate::intake::fields::{Field, Fields};
use crate::reasons::Slip;
use crate::rules::RuleSet;
use crate::rules::terms::CategorySet;
use crate::sheets::cell::Value;
use crate::tasks::Work;
use crate::values::{self, Answer, Letters};
use crate::words::{column_letters, sentence};
use crate::year::Year;

/// The heading of the column that says what is wrong; no check reads it.
pub(super) const WRONG: &str = "What is wrong with this row";
/// The first row of the lists, from 1: beneath the stamp and the headings.
pub(super) const FIRST: usize = 3;

/// The checks with a formula of their own below, each with its column. The others need data that a workbook lacks: the list of
/// participants, the other rows, the ledger.
const OWN: [(Code, Field); 15] = [
    (Code::E201, Field::DistrictCode),
    (Code::E202, Field::SchoolCode),
    (Code::E203, Field::Sasid),
    (Code::Q404, Field::Sasid),
    (Code::E204, Field::Grade),
    (Code::N302, Field::Grade),
    (Code::E205, Field::ProgramCode),
    (Code::N301, Field::ProgramCode),
    (Code::E206, Field::CompletionDate),
    (Code::N303, Field::CompletionDate),
    (Code::E208, Field::Lunch),
    (Code::W208, Field::Lunch),
    (Code::E210, Field::GraduationCredit),
    (Code::N305, Field::GraduationCredit),
    (Code::W213, Field::SchoolYear),
];

/// Every check that formulas make, each with its column, in the order of the columns: their own, and those of whole numbers.
pub(super) static CHECKS: LazyLock<Vec<(Code, Field)>> = LazyLock::new(|| {
    let whole = Field::ALL
        .into_iter()
        .filter(|field| field.whole().is_some());
    let whole = whole.filter_map(|field| Some((field.check()?, field)));
    let high_enough = minimums().map(|(code, field, _)| (code, field));
    let mut checks: Vec<_> = OWN.into_iter().chain(whole).chain(high_enough).collect();
    checks.sort_by_key(|(code, field)| (*field, *code));
    checks
});

/// The number of checks in a workbook of a year with these fields, and of all checks of rows.
pub(super) fn made_of_all(fields: Fields) -> (usize, usize) {
    let of_rows = CATALOGUE
        .iter()
        .filter(|entry| entry.severity != Severity::Refused);
    let made = CHECKS.iter().filter(|(_, field)| fields.has(*field));
    (made.count(), of_rows.count())
}

/// The list of programs, for references in formulas.
#[derive(Clone, Copy)]
pub(super) struct ProgramList {
    pub(super) sheet: &'static str,
    /// The column of the codes; names, categories and keys for look-alikes are to the right of it.
    pub(super) first_column: u32,
    /// From 1.
    pub(super) first_row: u32,
    pub(super) programs: usize,
}

impl ProgramList {
    /// The cells of a column, the codes being the column 0.
    fn range(self, column: u32) -> String {
        let letters = column_letters(self.first_column + column);
        let (sheet, first) = (self.sheet, self.first_row);
        let last = first + u32::try_from(self.programs.saturating_sub(1)).unwrap_or(0);
        format!("{sheet}!${letters}${first}:${letters}${last}")
    }

    pub(super) fn codes(self) -> String {
        self.range(0)
    }

    pub(super) fn names(self) -> String {
        self.range(1)
    }

    fn categories(self) -> String {
        self.range(2)
    }

    fn keys(self) -> String {
        self.range(3)
    }
}

/// The content of the hidden sheet.
pub(super) struct Lists {
    sheet: &'static str,
    words: Vec<String>,
    /// Those that qualify first.
    grades: Vec<String>,
    qualifying: usize,
    lunch: Vec<String>,
    /// Those that say yes first.
    answers: Vec<String>,
    saying_yes: usize,
    years: Vec<String>,
}

impl Lists {
    /// The lists of a hidden sheet of this name.
    pub(super) fn of(rules: &RuleSet, sheet: &'static str) -> Lists {
        let (mut grades, others): (Vec<_>, Vec<_>) = forms_of_grades()
            .into_iter()
            .partition(|(_, grade)| rules.grades.contains(grade));
        let qualifying = grades.len();
        grades.extend(others);
        let (mut yes, no): (Vec<&str>, Vec<&str>) = ANSWERS
            .into_iter()
            .filter(|word| values::answer(word).is_some())
            .partition(|word| values::answer(word) == Some(Answer::Yes));
        let saying_yes = yes.len();
        yes.extend(no);
        let upper = |word: &str| word.to_uppercase();
        // The meaning of a letter depends on its whole column.
        let letters = Letters {
            meal_codes: true,
            zero: true,
        };
        let lunch = ANSWERS.iter().chain(&MEALS);
        let lunch = lunch.filter(|word| values::lunch(word, letters).is_some());
        Lists {
            sheet,
            words: CHECKS.iter().map(|(code, _)| words(*code)).collect(),
            grades: grades.into_iter().map(|(form, _)| form).collect(),
            qualifying,
            lunch: lunch.map(|word| upper(word)).collect(),
            answers: yes.into_iter().map(upper).collect(),
            saying_yes,
            years: forms_of_year(rules.school_year),
        }
    }

    /// Columns of the lists; more content of the sheet is to their right.
    pub(super) const COLUMNS: u16 = 5;
    fn columns(&self) -> [(&'static str, &[String]); Lists::COLUMNS as usize] {
        [
            ("Words", &self.words),
            ("Grades", &self.grades),
            ("Lunch words", &self.lunch),
            ("Answers", &self.answers),
            ("Years", &self.years),
        ]
    }

    /// Adds the hidden sheet, with more columns to the right: heading and cells. The stamp says that it is not a submission.
    pub(super) fn write(
        &self,
        workbook: &mut Workbook,
        stamp: &str,
        more: Vec<(&str, Vec<Value<'_>>)>,
    ) -> Result<(), XlsxError> {
        let (sheet, rows) = workbook.add_spliced();
        sheet.set_name(self.sheet)?.set_hidden(true);
        rows.begin_row(0, None)?;
        rows.bare(sheet, 0, &Value::Text(stamp))?;
        rows.end_row()?;
        let mut columns: Vec<(&str, Vec<Value<'_>>)> = self
            .columns()
            .into_iter()
            .map(|(heading, texts)| {
                (
                    heading,
                    texts.iter().map(|text| Value::Text(text)).collect(),
                )
            })
            .collect();
        columns.extend(more);
        rows.begin_row(1, None)?;
        for (column, (heading, _)) in (0..).zip(&columns) {
            rows.bare(sheet, column, &Value::Text(heading))?;
        }
        rows.end_row()?;
        let longest = columns.iter().map(|(_, cells)| cells.len()).max();
        for (row, place) in (2..).zip(0..longest.unwrap_or(0)) {
            rows.begin_row(row, None)?;
            for (column, (_, cells)) in (0..).zip(&columns) {
                if let Some(cell) = cells.get(place) {
                    rows.bare(sheet, column, cell)?;
                }
            }
            rows.end_row()?;
        }
        rows.end(sheet)
    }

    /// The cell with a check's words.
    fn words_of(&self, check: usize) -> String {
        format!("{}!$A${}", self.sheet, FIRST + check)
    }

    /// Whether a text is not among the first so many of a column. Compared in capitals, because LibreOffice can be set to respect case.
    fn lacks(&self, (column, count): (char, usize), text: &str) -> String {
        let (sheet, last) = (self.sheet, FIRST + count - 1);
        format!("SUMPRODUCT(--({sheet}!${column}${FIRST}:${column}${last}=UPPER({text})))=0")
    }
}

/// The text about a row: what is wrong, and what to do.
fn words(code: Code) -> String {
    let entry = code.entry();
    format!("{} {}", sentence(entry.title), entry.fix)
}

/// Words that could be answers.
const ANSWERS: [&str; 10] = ["yes", "y", "true", "t", "1", "no", "n", "false", "f", "0"];
/// Words about meals.
const MEALS: [&str; 18] = [
    "free",
    "reduced",
    "paid",
    "r",
    "p",
    "2",
    "00",
    "01",
    "02",
    "free lunch",
    "reduced lunch",
    "reduced price",
    "reduced-price",
    "full price",
    "eligible",
    "not eligible",
    "ineligible",
    "full-price",
];

/// The accepted forms of a grade, in capitals.
fn forms_of_grades() -> Vec<(String, u8)> {
    let named = [
        "k",
        "kg",
        "freshman",
        "fr",
        "sophomore",
        "so",
        "junior",
        "jr",
        "senior",
        "sr",
    ];
    let mut forms: Vec<String> = named.map(str::to_string).to_vec();
    for grade in 0..=12 {
        for digits in [format!("{grade}"), format!("{grade:02}")] {
            let endings = [
                "", "st", "nd", "rd", "th", " grade", "th grade", "st grade", "nd grade",
                "rd grade",
            ];
            forms.extend(endings.map(|ending| digits.clone() + ending));
            let before = ["g", "g ", "gr", "gr ", "gr.", "gr. ", "grade", "grade "];
            forms.extend(before.map(|word| word.to_string() + &digits));
        }
        forms.push(format!("{grade:02}0"));
    }
    forms.sort();
    forms.dedup();
    let read = |form: String| values::grade(&form).map(|grade| (form.to_uppercase(), grade));
    forms.into_iter().filter_map(read).collect()
}

/// What a sentence about a kind of work begins with.
pub(super) fn word_of(work: Work) -> String {
    format!("{}: ", work.label())
}

fn forms_of_year(year: Year) -> Vec<String> {
    let (first, last) = (year.first(), year.first() + 1);
    let short = last % 100;
    let forms = [
        format!("{first}-{short:02}"),
        format!("{first}-{last}"),
        format!("{first}/{short:02}"),
        format!("{first}/{last}"),
        format!("{first}{last}"),
    ];
    let is_read = |form: &String| Year::parse_loosely(form) == Some(year);
    forms.into_iter().filter(is_read).collect()
}

/// The formulas of a row.
pub(super) struct RowFormulas<'a> {
    pub(super) lists: &'a Lists,
    pub(super) rules: &'a RuleSet,
    pub(super) programs: ProgramList,
    /// The column of a field, or of the programs' names; `None` if the sheet has none.
    pub(super) column: &'a dyn Fn(Option<Field>) -> Option<u32>,
    /// From 1.
    pub(super) row: u32,
}

impl RowFormulas<'_> {
    /// The cell of a field; an empty text if the sheet has none.
    pub(super) fn cell(&self, field: Option<Field>) -> String {
        (self.column)(field).map_or_else(
            || "\"\"".to_string(),
            |column| format!("${}{}", column_letters(column), self.row),
        )
    }

    /// The text of a cell as cdip reads it: a number as its digits, without blanks at the ends.
    fn text(&self, field: Option<Field>) -> String {
        format!("TRIM({}&\"\")", self.cell(field))
    }

    /// Every failing check of some fields, in words, each after what `before` gives: an empty formula, or one that ends with `&`.
    pub(super) fn wrong(
        &self,
        is_asked: impl Fn(Field) -> bool,
        before: impl Fn(Code) -> String,
    ) -> String {
        let asked = CHECKS.iter().enumerate();
        let asked = asked.filter(|(_, (_, field))| is_asked(*field));
        let parts: Vec<String> = asked
            .map(|(check, (code, _))| {
                let (before, says) = (before(*code), self.lists.words_of(check));
                format!("IF({},{before}{says}&\" \",\"\")", self.fails(*code))
            })
            .collect();
        if parts.is_empty() {
            return "\"\"".to_string();
        }
        parts.join("&")
    }

    /// The word before what a check says: what kind of work it is, as far as the row knows.
    pub(super) fn work(&self, code: Code) -> String {
        let word = |work| format!("\"{}\"&", word_of(work));
        let (fix, fact) = (word(Work::Fix), word(Work::Fact));
        let either = |is_slip: String| {
            let (fix, fact) = (fix.trim_end_matches('&'), fact.trim_end_matches('&'));
            format!("IF({is_slip},{fix},{fact})&")
        };
        let slip = code.entry().reason.map(|reason| reason.slip);
        match (code.severity(), slip) {
            (Severity::Warning, _) => word(Work::Look),
            (_, Some(Slip::Never)) => fact,
            (_, Some(Slip::IfEmpty)) => {
                let checked = CHECKS.iter().find(|(of, _)| *of == code);
                let text = self.text(checked.map(|(_, field)| *field));
                either(format!("{text}=\"\""))
            }
            (_, Some(Slip::IfNotYetPossible)) => {
                let (cell, text) = (
                    self.cell(Some(Field::CompletionDate)),
                    self.text(Some(Field::CompletionDate)),
                );
                let to_come = serial(self.rules.school_year.first_day_to_come());
                either(format!(
                    "IF(ISNUMBER({cell}),{cell},{})>={to_come}",
                    day_of(&text)
                ))
            }
            // Programs of other years are not in the workbook.
            (_, Some(Slip::IfProposed | Slip::IfNotOfAnotherYear) | None) => fix,
        }
    }

    /// Whether a check fails.
    fn fails(&self, code: Code) -> String {
        match code {
            Code::E201 => not_four_digits(&self.text(Some(Field::DistrictCode))),
            Code::E202 => not_four_digits(&self.text(Some(Field::SchoolCode))),
            Code::E203 => not_ten_digits(&self.text(Some(Field::Sasid))),
            Code::Q404 => made_up(&self.text(Some(Field::Sasid))),
            Code::E204 => self.lists.lacks(
                ('B', self.lists.grades.len()),
                &self.text(Some(Field::Grade)),
            ),
            Code::N302 => format!(
                "AND(NOT({}),{})",
                self.fails(Code::E204),
                self.lists
                    .lacks(('B', self.lists.qualifying), &self.text(Some(Field::Grade)))
            ),
            Code::E205 => format!("{}=\"\"", self.text(Some(Field::ProgramCode))),
            Code::N301 => format!(
                "AND({}<>\"\",{}=0)",
                self.text(Some(Field::ProgramCode)),
                self.listed()
            ),
            Code::E206 | Code::N303 => self.date_fails(code),
            Code::E208 | Code::W208 | Code::E210 | Code::N305 => self.answer_fails(code),
            Code::W213 => {
                let year = self.text(Some(Field::SchoolYear));
                format!(
                    "AND({year}<>\"\",{})",
                    self.lists.lacks(('E', self.lists.years.len()), &year)
                )
            }
            _ => self.number_fails(code),
        }
    }

    /// A whole number cannot be read, or is not high enough.
    fn number_fails(&self, code: Code) -> String {
        if let Some((_, field, minimum)) = minimums().find(|(of, ..)| *of == code) {
            let (of, needed_for) = ((minimum.of)(self.rules), (minimum.needed_for)(self.rules));
            let needs = match &self.is_one_of(needed_for)[..] {
                [] => return "FALSE".to_string(),
                [only] => only.clone(),
                several => format!("OR({})", several.join(",")),
            };
            let (number, unreadable) = (self.text(Some(field)), self.is_not_in_range(Some(field)));
            return format!("AND({needs},NOT({unreadable}),IFERROR(VALUE({number}),0)<{of})");
        }
        self.is_not_in_range(Field::of_check(code))
    }

    /// The text of a whole number's field is not a number of its range.
    fn is_not_in_range(&self, field: Option<Field>) -> String {
        field.and_then(Field::whole).map_or_else(
            || "FALSE".to_string(),
            |whole| not_whole(&self.text(field), whole.range),
        )
    }

    /// For each category: whether the row's program is of it.
    fn is_one_of(&self, categories: CategorySet) -> Vec<String> {
        let categories = categories.iter();
        categories
            .map(|category| format!("{}=\"{}\"", self.category(), category.label()))
            .collect()
    }

    /// A date, or a text that the spreadsheet reads as one.
    fn date_fails(&self, code: Code) -> String {
        let (cell, text) = (
            self.cell(Some(Field::CompletionDate)),
            self.text(Some(Field::CompletionDate)),
        );
        let day = day_of(&text);
        if code == Code::E206 {
            // A spreadsheet reads a month as its first day; a date has a day, a month and a year.
            let parts = ["/", "-", ".", " "]
                .iter()
                .fold(text.clone(), |rest, sign| {
                    format!("SUBSTITUTE({rest},\"{sign}\",\"\")")
                });
            return format!(
                "OR({text}=\"\",AND(NOT(ISNUMBER({cell})),OR(ISERROR({day}),LEN({text})-LEN({parts})<2)))"
            );
        }
        let year = self.rules.school_year;
        let (begins, ends) = (year.first_day(), year.last_day());
        let outside = |day: &str| {
            format!(
                "OR(INT({day})<{},INT({day})>{})",
                serial(begins),
                serial(ends)
            )
        };
        let (number, read) = (outside(&cell), outside(&day));
        format!("AND({text}<>\"\",IFERROR(IF(ISNUMBER({cell}),{number},{read}),FALSE))")
    }

    fn answer_fails(&self, code: Code) -> String {
        let (lunch, credit) = (
            self.text(Some(Field::Lunch)),
            self.text(Some(Field::GraduationCredit)),
        );
        match code {
            Code::W208 => format!("{lunch}=\"\""),
            Code::E208 => {
                format!(
                    "AND({lunch}<>\"\",{})",
                    self.lists.lacks(('C', self.lists.lunch.len()), &lunch)
                )
            }
            Code::E210 => {
                format!(
                    "AND({credit}<>\"\",{})",
                    self.lists.lacks(('D', self.lists.answers.len()), &credit)
                )
            }
            _ => {
                let needs = self.is_one_of(self.rules.graduation_credit_required);
                if needs.is_empty() {
                    return "FALSE".to_string();
                }
                let says_yes = self.lists.lacks(('D', self.lists.saying_yes), &credit);
                format!(
                    "AND(NOT({}),OR({}),{says_yes})",
                    self.fails(Code::E210),
                    needs.join(",")
                )
            }
        }
    }

    /// The number of listed programs with the code.
    fn listed(&self) -> String {
        format!(
            "SUMPRODUCT(--({}=UPPER({})))",
            self.programs.codes(),
            self.text(Some(Field::ProgramCode))
        )
    }

    /// The category of the code's program; empty if the list has no such code.
    fn category(&self) -> String {
        let code = self.text(Some(Field::ProgramCode));
        let place = format!("MATCH({code},{},0)", self.programs.codes());
        format!(
            "IFERROR(IF({}>0,INDEX({},{place}),\"\"),\"\")",
            self.listed(),
            self.programs.categories()
        )
    }

    /// The name of the code's program; otherwise the probable program, by look-alike characters or by name.
    pub(super) fn meant(&self) -> String {
        let code = self.text(Some(Field::ProgramCode));
        let (codes, names, keys) = (
            self.programs.codes(),
            self.programs.names(),
            self.programs.keys(),
        );
        let key = key_formula(&code);
        let at = |place: &str| {
            format!("\"Did you mean \"&INDEX({codes},{place})&\", \"&INDEX({names},{place})&\"?\"")
        };
        let by_key = at(&format!("MATCH({key},{keys},0)"));
        let name = self.text(None);
        let by_name = |name: &str| {
            let alike = format!("SUMPRODUCT(--(UPPER({names})=UPPER({name})))=1");
            (alike, at(&format!("MATCH({name},{names},0)")))
        };
        let (in_code, from_code) = by_name(&code);
        let (in_name, from_name) = by_name(&name);
        format!(
            "IFERROR(IF({code}=\"\",IF({name}=\"\",\"\",IF({in_name},{from_name},\"\")),IF({}>0,INDEX({names},MATCH({code},{codes},0)),\
             IF(SUMPRODUCT(--({keys}={key}))=1,{by_key},IF({in_code},{from_code},IF({in_name},{from_name},\
             \"Look up the code on the sheet Programs\"))))),\"\")",
            self.listed()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Needed;

    #[test]
    fn every_check_that_a_row_and_the_years_rules_decide_is_made() {
        let decides = [Severity::Rejected, Severity::NotQualified];
        let known = [Needed::Rules, Needed::Programs];
        let missing: Vec<Code> = CATALOGUE
            .iter()
            .filter(|entry| decides.contains(&entry.severity))
            .filter(|entry| entry.needs.iter().all(|needed| known.contains(needed)))
            .map(|entry| entry.code)
            .filter(|code| CHECKS.iter().all(|(made, _)| made != code))
            .collect();
        // E211 is about the end of a line of text. N307 is never true under the program's own rules: their tiers hold every category.
        assert_eq!(missing, [Code::E211, Code::N307]);
    }

    #[test]
    fn the_words_are_the_catalogues() {
        assert_eq!(
            words(Code::E203),
            "SASID is not exactly 10 digits. Copy the 10-digit SASID from your student system."
        );
    }
}
