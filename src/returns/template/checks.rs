//! The checks that a template makes by itself, as formulas that Excel 2016 and LibreOffice have: what is wrong with a row, in the
//! catalogue's words, and the program that its code is or probably means. The words stand on a hidden sheet of lists.

use chrono::{Days, NaiveDate};
use rust_xlsxwriter::{
    ConditionalFormatFormula, Format, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

use super::shape::{Sheets, columns, days};
use crate::catalogue::{CATALOGUE, Code, Severity};
use crate::finding::column_letters;
use crate::intake::fields::Field;
use crate::rules::RuleSet;
use crate::rules::terms::Category;
use crate::values::{self, Answer, Letters, grade_text};
use crate::year::Year;

/// The headings of the columns that the template fills in itself; no check reads them.
pub(super) const WRONG: &str = "What is wrong with this row";
pub(super) const MEANT: &str = "Program of the code";
/// The sheet of words and lists.
const LISTS: &str = "Lists";
/// The first row of the lists, from 1: beneath the fingerprint and the headings.
const FIRST: usize = 3;

/// The checks that a row can be asked here, each with the column that it blames. The others need what a template has not: the list of
/// participants, the other rows, the ledger.
const CHECKS: [(Code, Field); 17] = [
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
    (Code::E209, Field::ApScore),
    (Code::N306, Field::ApScore),
    (Code::W213, Field::SchoolYear),
];

/// How many checks this workbook makes, and how many there are of rows.
pub(super) fn made_of_all() -> (usize, usize) {
    let of_rows = CATALOGUE
        .iter()
        .filter(|entry| entry.severity != Severity::Refused);
    (CHECKS.len(), of_rows.count())
}

/// What stands on the hidden sheet.
pub(super) struct Lists {
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
    pub(super) fn of(rules: &RuleSet) -> Lists {
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
        // What a letter means is for its whole column to say.
        let letters = Letters {
            meal_codes: true,
            zero: true,
        };
        let lunch = ANSWERS.iter().chain(&MEALS);
        let lunch = lunch.filter(|word| values::lunch(word, letters).is_some());
        Lists {
            words: CHECKS.iter().map(|(code, _)| words(*code)).collect(),
            grades: grades.into_iter().map(|(form, _)| form).collect(),
            qualifying,
            lunch: lunch.map(|word| upper(word)).collect(),
            answers: yes.into_iter().map(upper).collect(),
            saying_yes,
            years: forms_of_year(rules.school_year),
        }
    }

    /// The columns of the sheet: heading and texts.
    fn columns(&self) -> [(&'static str, &[String]); 5] {
        [
            ("Words", &self.words),
            ("Grades", &self.grades),
            ("Lunch words", &self.lunch),
            ("Answers", &self.answers),
            ("Years", &self.years),
        ]
    }

    /// Adds the hidden sheet. The fingerprint says that it is not a submission.
    pub(super) fn write(
        &self,
        workbook: &mut Workbook,
        fingerprint: &str,
    ) -> Result<(), XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name(LISTS)?.set_hidden(true);
        let text = Format::new().set_num_format("@");
        sheet.write_string(0, 0, fingerprint)?;
        for (column, (heading, texts)) in (0..).zip(self.columns()) {
            sheet.write_string(1, column, heading)?;
            for (row, cell) in (2..).zip(texts) {
                sheet.write_string_with_format(row, column, cell, &text)?;
            }
        }
        Ok(())
    }

    /// The cells of the first so many texts of a column.
    fn range(column: char, count: usize) -> String {
        format!("{LISTS}!${column}${FIRST}:${column}${}", FIRST + count - 1)
    }

    /// Whether a text is none of them. Compared in capitals: LibreOffice can be told that case counts.
    fn lacks((column, count): (char, usize), text: &str) -> String {
        format!(
            "SUMPRODUCT(--({}=UPPER({text})))=0",
            Lists::range(column, count)
        )
    }
}

/// What is said of a row: what is wrong, and what to do.
fn words(code: Code) -> String {
    let entry = code.entry();
    let mut title = entry.title.to_string();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{title}. {}", entry.fix)
}

/// Words that could be answers.
const ANSWERS: [&str; 10] = ["yes", "y", "true", "t", "1", "no", "n", "false", "f", "0"];
/// Words that are said of meals.
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

/// The forms in which a grade is written and read, in capitals.
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
    pub(super) sheets: Sheets,
    /// From 1.
    pub(super) row: u32,
}

impl RowFormulas<'_> {
    fn cell(&self, field: Option<Field>) -> String {
        format!("${}{}", letters(field), self.row)
    }

    /// The text of a cell, as it is read: a number as its digits, without blanks at the ends.
    fn text(&self, field: Option<Field>) -> String {
        format!("TRIM({}&\"\")", self.cell(field))
    }

    /// Every check that fails, in words; nothing in an empty row.
    pub(super) fn wrong(&self) -> String {
        let parts = (FIRST..).zip(CHECKS).map(|(row, (code, _))| {
            format!("IF({},{LISTS}!$A${row}&\" \",\"\")", self.fails(code))
        });
        let parts: Vec<String> = parts.collect();
        let (first, last) = (
            letters(columns().next().flatten()),
            letters(columns().last().flatten()),
        );
        format!(
            "IF(COUNTA(${first}{0}:${last}{0})=0,\"\",TRIM({1}))",
            self.row,
            parts.join("&")
        )
    }

    /// Whether a check fails.
    fn fails(&self, code: Code) -> String {
        match code {
            Code::E201 => not_four_digits(&self.text(Some(Field::DistrictCode))),
            Code::E202 => not_four_digits(&self.text(Some(Field::SchoolCode))),
            Code::E203 => not_ten_digits(&self.text(Some(Field::Sasid))),
            Code::Q404 => made_up(&self.text(Some(Field::Sasid))),
            Code::E204 => Lists::lacks(
                ('B', self.lists.grades.len()),
                &self.text(Some(Field::Grade)),
            ),
            Code::N302 => format!(
                "AND(NOT({}),{})",
                self.fails(Code::E204),
                Lists::lacks(('B', self.lists.qualifying), &self.text(Some(Field::Grade)))
            ),
            Code::E205 => format!("{}=\"\"", self.text(Some(Field::ProgramCode))),
            Code::N301 => format!(
                "AND({}<>\"\",{}=0)",
                self.text(Some(Field::ProgramCode)),
                self.listed()
            ),
            Code::E206 | Code::N303 => self.date_fails(code),
            Code::E208 | Code::W208 | Code::E210 | Code::N305 => self.answer_fails(code),
            Code::E209 => format!(
                "AND({0}<>\"\",ISERROR(FIND(\"|\"&{0}&\"|\",\"|1|2|3|4|5|\")))",
                self.text(Some(Field::ApScore))
            ),
            Code::N306 => format!(
                "AND({}=\"{}\",IFERROR(VALUE({}),0)<{})",
                self.category(),
                Category::ApCourse.label(),
                self.text(Some(Field::ApScore)),
                self.rules.ap_score_min
            ),
            Code::W213 => {
                let year = self.text(Some(Field::SchoolYear));
                format!(
                    "AND({year}<>\"\",{})",
                    Lists::lacks(('E', self.lists.years.len()), &year)
                )
            }
            _ => "FALSE".to_string(),
        }
    }

    /// A date, or a text that the spreadsheet takes for one.
    fn date_fails(&self, code: Code) -> String {
        let (cell, text) = (
            self.cell(Some(Field::CompletionDate)),
            self.text(Some(Field::CompletionDate)),
        );
        if code == Code::E206 {
            return format!(
                "OR({text}=\"\",AND(NOT(ISNUMBER({cell})),ISERROR(DATEVALUE({text}))))"
            );
        }
        let (begins, ends) = days(self.rules);
        let outside = |day: &str| {
            format!(
                "OR(INT({day})<{},INT({day})>{})",
                serial(begins),
                serial(ends)
            )
        };
        let (number, read) = (outside(&cell), outside(&format!("DATEVALUE({text})")));
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
                    Lists::lacks(('C', self.lists.lunch.len()), &lunch)
                )
            }
            Code::E210 => {
                format!(
                    "AND({credit}<>\"\",{})",
                    Lists::lacks(('D', self.lists.answers.len()), &credit)
                )
            }
            _ => {
                let needs = self.rules.graduation_credit_required.iter();
                let needs: Vec<String> = needs
                    .map(|category| format!("{}=\"{}\"", self.category(), category.label()))
                    .collect();
                if needs.is_empty() {
                    return "FALSE".to_string();
                }
                let says_yes = Lists::lacks(('D', self.lists.saying_yes), &credit);
                format!(
                    "AND(NOT({}),OR({}),{says_yes})",
                    self.fails(Code::E210),
                    needs.join(",")
                )
            }
        }
    }

    /// How many programs of the list have the code.
    fn listed(&self) -> String {
        format!(
            "SUMPRODUCT(--({}=UPPER({})))",
            self.sheets.range('A'),
            self.text(Some(Field::ProgramCode))
        )
    }

    /// The category of the code's program; nothing where the list has no such code.
    fn category(&self) -> String {
        let code = self.text(Some(Field::ProgramCode));
        let place = format!("MATCH({code},{},0)", self.sheets.range('A'));
        format!(
            "IFERROR(IF({}>0,INDEX({},{place}),\"\"),\"\")",
            self.listed(),
            self.sheets.range('C')
        )
    }

    /// The name of the code's program; else what the code probably means, by characters that look alike or by the name.
    pub(super) fn meant(&self) -> String {
        let code = self.text(Some(Field::ProgramCode));
        let (codes, names, keys) = (
            self.sheets.range('A'),
            self.sheets.range('B'),
            self.sheets.range('D'),
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

/// Characters that are left out of a key, and those that look like others.
const LEFT_OUT: [&str; 3] = [" ", "-", "."];
const LOOK_ALIKE: [(&str, &str); 6] = [
    ("O", "0"),
    ("I", "1"),
    ("L", "1"),
    ("S", "5"),
    ("B", "8"),
    ("Z", "2"),
];

/// A code by what it looks like: `IC1O1` and `IC-101` are both `1C101`.
pub(super) fn key(code: &str) -> String {
    let mut key = code.to_uppercase();
    for text in LEFT_OUT {
        key = key.replace(text, "");
    }
    for (from, to) in LOOK_ALIKE {
        key = key.replace(from, to);
    }
    key
}

fn key_formula(text: &str) -> String {
    let pairs = LEFT_OUT
        .map(|text| (text, ""))
        .into_iter()
        .chain(LOOK_ALIKE);
    pairs.fold(format!("UPPER({text})"), |formula, (from, to)| {
        format!("SUBSTITUTE({formula},\"{from}\",\"{to}\")")
    })
}

/// The number by which a spreadsheet knows a day.
fn serial(day: NaiveDate) -> i64 {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    day.signed_duration_since(zero).num_days()
}

fn letters(field: Option<Field>) -> String {
    let found = (0..).zip(columns()).find(|(_, column)| *column == field);
    column_letters(found.map_or(0, |(column, _)| column))
}

const DIGITS: &str = "\"0123456789\"";

/// One to four digits: zeros that were lost in front are restored by the checks.
fn not_four_digits(text: &str) -> String {
    format!(
        "NOT(AND(LEN({text})>0,LEN({text})<=4,SUMPRODUCT(--ISNUMBER(FIND(MID({text}&\"0000\",{{1,2,3,4}},1),{DIGITS})))=4))"
    )
}

fn not_ten_digits(text: &str) -> String {
    format!(
        "NOT(AND(LEN({text})=10,SUMPRODUCT(--ISNUMBER(FIND(MID({text}&\"0000000000\",{{1,2,3,4,5,6,7,8,9,10}},1),{DIGITS})))=10))"
    )
}

/// Zeros that rounding leaves, one digit only, or digits that were counted.
fn made_up(text: &str) -> String {
    format!(
        "AND(LEN({text})=10,OR(RIGHT({text},5)=\"00000\",{text}=REPT(LEFT({text},1),10),{text}=\"1234567890\",{text}=\"0123456789\"))"
    )
}

/// Shades the cells that the checks blame, as long as they do.
pub(super) fn shade(
    sheet: &mut Worksheet,
    (first, last): (u32, u32),
    wrong: u16,
) -> Result<(), XlsxError> {
    let fault = Format::new()
        .set_background_color(0x00FB_D9D3)
        .set_border(FormatBorder::Thin)
        .set_border_color(0x00B0_2A15);
    for (column, field) in (0..).zip(columns()) {
        let blamed = CHECKS.iter().filter(|(_, of)| Some(*of) == field);
        // A title begins with a capital there.
        let says: Vec<String> = blamed
            .map(|(code, _)| {
                let title = &code.entry().title[1..];
                format!(
                    "ISNUMBER(FIND(\"{title}\",${}{}))",
                    column_letters(wrong.into()),
                    first + 1
                )
            })
            .collect();
        if says.is_empty() {
            continue;
        }
        let rule = ConditionalFormatFormula::new()
            .set_rule(Formula::new(format!("=OR({})", says.join(","))))
            .set_format(&fault);
        sheet.add_conditional_format(first, column, last, column, &rule)?;
    }
    Ok(())
}

/// Whether a column has to be filled in, in a word or two.
pub(super) fn needed(field: Field, rules: &RuleSet) -> &'static str {
    match field {
        Field::ApScore => "for AP courses",
        Field::GraduationCredit if !rules.graduation_credit_required.is_empty() => {
            "for credentials"
        }
        _ if field.is_required() => "needed",
        _ => "optional",
    }
}

/// A grade, a day and the like that the rules take, for the example.
pub(super) fn example(field: Field, rules: &RuleSet, program: (&str, Category)) -> String {
    let (begins, _) = days(rules);
    let day = begins.checked_add_days(Days::new(320)).unwrap_or(begins);
    match field {
        Field::DistrictCode => "0880".to_string(),
        Field::SchoolCode => "0101".to_string(),
        Field::Sasid => "the pupil's 10 digits".to_string(),
        Field::Grade => rules
            .grades
            .last()
            .map(|grade| grade_text(*grade).to_string())
            .unwrap_or_default(),
        Field::ProgramCode => program.0.to_string(),
        Field::CompletionDate => day.format("%-m/%-d/%Y").to_string(),
        Field::Lunch => "No".to_string(),
        Field::GraduationCredit => "Yes".to_string(),
        Field::ApScore if program.1 == Category::ApCourse => rules.ap_score_min.to_string(),
        Field::ApScore => "only for AP courses".to_string(),
        Field::SchoolYear => rules.school_year.to_string(),
        Field::ProgramName => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Needed;

    #[test]
    fn a_code_is_known_by_what_it_looks_like() {
        for typed in ["IC101", "IC1O1", "ic-101", "IC 101", "ICl01", "IC101."] {
            assert_eq!(key(typed), "1C101", "{typed}");
        }
        assert_ne!(key("IC102"), key("IC101"));
    }

    #[test]
    fn the_days_of_a_spreadsheet_are_counted_from_1899() {
        // 2023-07-01 is 45108 in Excel.
        assert_eq!(serial(NaiveDate::from_ymd_opt(2023, 7, 1).unwrap()), 45108);
    }

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
            "SASID is not exactly 10 digits. Copy the 10-digit SASID from your student system as text."
        );
    }
}
