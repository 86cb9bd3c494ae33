//! Guesses what a person meant by a code that is in no list. Nothing is ever applied: a person confirms a proposal by correcting
//! the cell, or by a decision on the record.
//!
//! Pure: no files and no rows, so that the page in a browser can use it unchanged.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::intake::lists::{Program, Programs};
use crate::rules::terms::Category;
use crate::values;
use crate::year::Year;

/// The most proposals shown: more would be a list to search, not an answer.
pub const PROPOSALS_MAX: usize = 3;
/// Characters of a text that are compared: codes are short, and a cell can hold a page.
const CODE_CHARS_MAX: usize = 40;
const NAME_CHARS_MAX: usize = 120;
/// Edits between a typed code and a listed one: a second slip is likely only in a long code.
const EDITS_MAX: usize = 1;
const EDITS_MAX_LONG: usize = 2;
const LONG_CODE_CHARS: usize = 8;
/// A name matches with up to one edit per so many of its characters. A shorter name must match exactly.
const NAME_CHARS_PER_EDIT: usize = 8;
/// Two initials fit too many names.
const INITIALS_MIN: usize = 3;
/// More digits than codes have: an id, which is never quoted.
const CODE_DIGITS_MAX: usize = 5;
/// Letters in a row of a code that is like none of the list: `OSHA10`, `WELD-1`. More may be a name.
const CODE_LETTERS_MAX: usize = 5;

/// Why a program is proposed, the strongest reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// The same letters and digits with different spaces, dashes or periods.
    WrittenOtherwise,
    /// How a spreadsheet changes the code: `MAR1` becomes a date, `1E5` a number.
    MadeBySpreadsheet,
    /// Characters that only look like those of the code: the letter O for the digit 0, Cyrillic letters.
    LooksAlike,
    /// The typed text contains the code and more.
    HoldsTheCode,
    /// The typed text is the program's name.
    TypedItsName,
    /// The row's Program Name is the program's name.
    RowNamesIt,
    /// The program had the typed code in a different year.
    SameNameAsBefore,
    /// The typed text is made of the initials of the name.
    Initials,
    /// One or two typing errors.
    Spelling,
}

/// A program of the year that the person probably meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal<'p> {
    /// The program.
    pub program: &'p Program,
    /// Why it is proposed.
    pub because: Because,
}

impl Proposal<'_> {
    /// The program in words: `IC101 (Certified nurse aide)`.
    #[must_use]
    pub fn words(&self) -> String {
        let Program { code, name, .. } = self.program;
        if name.is_empty() {
            return code.clone();
        }
        format!("{code} ({name})")
    }
}

/// What is known about a code that is not on the year's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposals<'p> {
    /// The program with this code in a different year.
    pub of_another_year: Option<&'p Program>,
    /// The proposals, the likeliest first, at most [`PROPOSALS_MAX`].
    pub meant: Vec<Proposal<'p>>,
}

impl Proposals<'_> {
    /// The program, if exactly one is proposed for more than a typing error: a form can be filled in with it.
    #[must_use]
    pub fn only(&self) -> Option<&Program> {
        match self.meant[..] {
            [only] if only.because < Because::Initials => Some(only.program),
            _ => None,
        }
    }

    /// The proposals as a question: `did you mean IC101 (Certified nurse aide)?`.
    #[must_use]
    pub fn question(&self) -> Option<String> {
        let words: Vec<String> = self.meant.iter().map(Proposal::words).collect();
        did_you_mean(&words)
    }

    /// When the code was on the list, or will be: `it ended with 2021-22`.
    #[must_use]
    pub fn other_year(&self, year: Year) -> Option<String> {
        let program = self.of_another_year?;
        if let Some(last) = program.last.filter(|last| *last < year) {
            return Some(format!("it ended with {last}"));
        }
        program.first.map(|first| format!("it starts with {first}"))
    }

    /// `a date` or `a number` if a spreadsheet made the typed text from a code.
    #[must_use]
    pub fn made_by_spreadsheet(&self, typed: &str) -> Option<&'static str> {
        let typed = values::upper_case(typed);
        self.meant
            .iter()
            .find_map(|meant| values::made_of(&typed, &meant.program.code))
            .or_else(|| values::date(&typed, false).map(|_| "a date"))
    }

    /// Whether a typed text is certainly a program's code, so that it can be quoted, and not an id, a date or a person's name in the
    /// wrong column.
    #[must_use]
    pub fn can_quote(&self, typed: &str) -> bool {
        let of_the_text =
            |because: Because| !matches!(because, Because::RowNamesIt | Because::SameNameAsBefore);
        if self.of_another_year.is_some() {
            return true;
        }
        let digits = typed.chars().filter(char::is_ascii_digit).count();
        let is_short = typed.chars().count() <= CODE_CHARS_MAX;
        let is_date = values::date(typed, false).is_some();
        let mut words = typed.split(|c: char| !c.is_alphabetic());
        let is_code = digits > 0
            && !typed.contains(char::is_whitespace)
            && words.all(|word| word.chars().count() <= CODE_LETTERS_MAX);
        let is_meant = self.meant.iter().any(|meant| of_the_text(meant.because));
        is_short && digits <= CODE_DIGITS_MAX && !is_date && (is_code || is_meant)
    }
}

/// A list of programs, prepared for comparison.
pub struct Proposer<'p> {
    programs: &'p Programs,
    year: Year,
    keys: Vec<Key<'p>>,
}

/// A program of the year, prepared for comparison.
struct Key<'p> {
    program: &'p Program,
    plain: String,
    alike: String,
    initials: String,
    name: Name,
}

/// A name, prepared for comparison: its words in lower case, and how often each letter occurs.
struct Name {
    text: String,
    letters: Letters,
}

/// How often each letter occurs; all other characters share one more count.
type Letters = [u8; 27];

impl Name {
    fn of(text: &str) -> Name {
        let text = words_of(text).join(" ");
        let letters = letters_of(&text);
        Name { text, letters }
    }

    /// Whether two names are equal except for typing errors.
    fn is_like(&self, other: &Name) -> bool {
        if self.text.is_empty() || self.text == other.text {
            return self.text == other.text && !self.text.is_empty();
        }
        let length = self.text.len().min(other.text.len());
        let edits = length / NAME_CHARS_PER_EDIT;
        // An edit changes at most two counts, so comparing counts avoids nearly every comparison of texts.
        edits > 0
            && apart(&self.letters, &other.letters) <= 2 * edits
            && strsim::levenshtein(&self.text, &other.text) <= edits
    }
}

impl<'p> Proposer<'p> {
    /// The list that it proposes from.
    #[must_use]
    pub fn programs(&self) -> &'p Programs {
        self.programs
    }

    /// The programs of a school year, ready for comparison.
    #[must_use]
    pub fn new(programs: &'p Programs, year: Year) -> Proposer<'p> {
        let of_the_year = programs.all().iter().filter(|p| p.qualifies_in(year));
        let keys = of_the_year.map(|program| Key {
            program,
            plain: plain(&program.code),
            alike: alike(&program.code),
            initials: initials(&program.name),
            name: Name::of(&program.name),
        });
        Proposer {
            programs,
            year,
            keys: keys.collect(),
        }
    }

    /// Proposals for a code that is not on the year's list. `row_name` is the row's Program Name, or empty.
    ///
    /// The time grows with the list: call it once for each different text.
    #[must_use]
    pub fn of(&self, typed: &str, row_name: &str) -> Proposals<'p> {
        let typed = head(typed, CODE_CHARS_MAX);
        let row_name = Name::of(head(row_name, NAME_CHARS_MAX));
        let rank = self.programs.rank(&values::upper_case(typed));
        let of_another_year = rank
            .map(|rank| &self.programs.all()[rank])
            .filter(|program| !program.qualifies_in(self.year));
        let mut meant = self.sure(typed, &row_name, of_another_year);
        // A code from a different year is spelled right: similar codes are different programs.
        if meant.is_empty() && of_another_year.is_none() {
            meant = self.guessed(typed);
        }
        meant.truncate(PROPOSALS_MAX);
        Proposals {
            of_another_year,
            meant,
        }
    }

    /// The program of the year whose name a row's Program Name is exactly, but for case and signs, if the program of the row's code
    /// has another name.
    #[must_use]
    pub fn named(&self, own: &Program, row_name: &str) -> Option<&'p Program> {
        if row_name.chars().nth(NAME_CHARS_MAX).is_some() {
            return None;
        }
        let typed = Name::of(row_name);
        if typed.text.is_empty() || Name::of(&own.name).is_like(&typed) {
            return None;
        }
        let mut keys = self.keys.iter();
        keys.find(|key| key.name.text == typed.text)
            .map(|key| key.program)
    }

    /// Programs with a stronger reason than a typing error.
    fn sure(&self, typed: &str, row_name: &Name, earlier: Option<&Program>) -> Vec<Proposal<'p>> {
        let (as_plain, as_alike) = (plain(typed), alike(typed));
        let as_code = values::upper_case(typed);
        let as_initials = initials_typed(typed);
        let as_name = Name::of(typed);
        let parts: Vec<String> = typed
            .split(|c: char| c.is_whitespace() || matches!(c, ':' | ';' | ',' | '(' | ')' | '/'))
            .map(plain)
            .collect();
        let earlier_name = earlier.map(|program| Name::of(&program.name));
        let kinds = self.kinds_of(&as_plain);
        let [is_typed, is_row, is_earlier] =
            [Some(&as_name), Some(row_name), earlier_name.as_ref()].map(|name| self.called(name));
        let because = |key: &Key<'_>| {
            let reasons = [
                (key.plain == as_plain, Because::WrittenOtherwise),
                (
                    values::made_of(&as_code, &key.program.code).is_some(),
                    Because::MadeBySpreadsheet,
                ),
                (key.alike == as_alike, Because::LooksAlike),
                (parts.contains(&key.plain), Because::HoldsTheCode),
                (is_typed(key), Because::TypedItsName),
                (
                    is_row(key) && fits(key.program.category, &kinds),
                    Because::RowNamesIt,
                ),
                (is_earlier(key), Because::SameNameAsBefore),
                (
                    as_initials.as_ref() == Some(&key.initials),
                    Because::Initials,
                ),
            ];
            reasons.iter().find(|(fits, _)| *fits).map(|(_, why)| *why)
        };
        let mut found: Vec<Proposal<'p>> = self
            .keys
            .iter()
            .filter(|key| !key.plain.is_empty())
            .filter_map(|key| {
                because(key).map(|because| Proposal {
                    program: key.program,
                    because,
                })
            })
            .collect();
        found.sort_by(|a, b| (a.because, &a.program.code).cmp(&(b.because, &b.program.code)));
        found
    }

    /// Whether a program is called so. If a program of the year has exactly the name, a similar name is another program's:
    /// `Construction safety, 10 hours` and `Construction safety, 30 hours`.
    fn called(&self, name: Option<&Name>) -> impl Fn(&Key<'_>) -> bool {
        let is_exact =
            name.is_some_and(|name| self.keys.iter().any(|key| key.name.text == name.text));
        move |key: &Key<'_>| {
            name.is_some_and(|name| {
                key.name.is_like(name) && (!is_exact || key.name.text == name.text)
            })
        }
    }

    /// The kinds of the programs whose codes begin with the letters of a typed code; empty if it has no letters, or no code begins so.
    fn kinds_of(&self, typed: &str) -> BTreeSet<Category> {
        let letters = letters_before_digits(typed);
        let alike = |key: &&Key<'_>| {
            letters.is_some_and(|it| letters_before_digits(&key.plain) == Some(it))
        };
        let keys = self.keys.iter().filter(alike);
        keys.map(|key| key.program.category).collect()
    }

    /// Programs whose codes are one slip away, if these are few enough to choose from.
    fn guessed(&self, typed: &str) -> Vec<Proposal<'p>> {
        let as_alike: Vec<char> = alike(typed).chars().collect();
        let edits = if as_alike.len() >= LONG_CODE_CHARS {
            EDITS_MAX_LONG
        } else {
            EDITS_MAX
        };
        let slips = |key: &Key<'_>| slips_between(&as_alike, &key.alike, edits);
        let near: Vec<(usize, &Key<'p>)> = self
            .keys
            .iter()
            .filter_map(|key| slips(key).map(|slips| (slips, key)))
            .collect();
        let Some(least) = near.iter().map(|(slips, _)| *slips).min() else {
            return Vec::new();
        };
        let nearest: Vec<Proposal<'p>> = near
            .iter()
            .filter(|(slips, _)| *slips == least)
            .map(|(_, key)| Proposal {
                program: key.program,
                because: Because::Spelling,
            })
            .collect();
        if nearest.len() > PROPOSALS_MAX {
            return Vec::new();
        }
        nearest
    }
}

/// The letters with which a plain code begins, if digits follow them: `IC` of `IC101`.
fn letters_before_digits(plain: &str) -> Option<&str> {
    let digits = plain.find(|c: char| c.is_ascii_digit())?;
    let letters = &plain[..digits];
    (!letters.is_empty() && letters.chars().all(char::is_alphabetic)).then_some(letters)
}

/// Whether a typed code can be of a program's kind. A name alone is not enough to get from a credential to a course.
fn fits(kind: Category, kinds: &BTreeSet<Category>) -> bool {
    kinds.is_empty() || kinds.contains(&kind)
}

/// The distance between two codes, if it is within some edits. A different character counts more than two swapped neighbors or one
/// character too many or too few, because codes of a list usually differ in one character.
fn slips_between(typed: &[char], code: &str, edits_max: usize) -> Option<usize> {
    let code: Vec<char> = code.chars().collect();
    if typed.is_empty() || typed.len().abs_diff(code.len()) > edits_max || code.len() < 3 {
        return None;
    }
    let edits = strsim::generic_damerau_levenshtein(typed, &code);
    let is_replaced = || {
        let (mut one, mut other) = (typed.to_vec(), code.clone());
        one.sort_unstable();
        other.sort_unstable();
        one.len() == other.len() && one != other
    };
    (edits <= edits_max).then(|| 2 * edits + usize::from(is_replaced()))
}

/// `did you mean this, that or the other?`; empty if there are no proposals.
#[must_use]
pub fn did_you_mean(meant: &[String]) -> Option<String> {
    let (last, first) = meant.split_last()?;
    Some(if first.is_empty() {
        format!("did you mean {last}?")
    } else {
        format!("did you mean {} or {last}?", first.join(", "))
    })
}

/// 4-digit codes that differ from a typed one in one digit or two swapped neighbors, if they are few enough to choose from.
#[must_use]
pub fn digits_meant<'k>(typed: &str, known: impl Iterator<Item = &'k str>) -> Vec<&'k str> {
    let mut meant: Vec<&str> = known.filter(|code| is_one_slip(typed, code)).collect();
    meant.sort_unstable();
    meant.dedup();
    if meant.len() > PROPOSALS_MAX {
        meant.clear();
    }
    meant
}

/// Whether two codes of the same length differ in one digit, or in two swapped neighbors.
#[must_use]
pub fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let differ: Vec<usize> = (0..one.len()).filter(|at| one[*at] != other[*at]).collect();
    match differ[..] {
        [_] => true,
        [first, second] => {
            second == first + 1 && one[first] == other[second] && one[second] == other[first]
        }
        _ => false,
    }
}

/// The first characters of a text.
fn head(text: &str, chars_max: usize) -> &str {
    text.char_indices()
        .nth(chars_max)
        .map_or(text, |(end, _)| &text[..end])
}

/// The letters and digits of a code, in upper case, with Latin letters in place of look-alikes from other scripts.
fn plain(code: &str) -> String {
    let upper = code.nfkc().flat_map(char::to_uppercase).map(latin);
    upper.filter(|c| c.is_alphanumeric()).collect()
}

/// As [`plain`], with one character for all look-alikes.
fn alike(code: &str) -> String {
    let one_for_all = |c| match c {
        'O' => '0',
        'I' | 'L' => '1',
        _ => c,
    };
    // A vertical bar is sometimes typed for 1, and is neither letter nor digit.
    plain(&code.replace('|', "1"))
        .chars()
        .map(one_for_all)
        .collect()
}

/// The Latin look-alike of a capital letter from another script.
fn latin(c: char) -> char {
    match c {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'У' | 'Υ' => 'Y',
        'Х' | 'Χ' => 'X',
        'Ζ' => 'Z',
        'З' => '3',
        _ => c,
    }
}

/// The words of a name in lower case.
fn words_of(text: &str) -> Vec<String> {
    let text: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let words = text.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

/// The initials of a name in upper case: `CNA`.
fn initials(name: &str) -> String {
    let words = words_of(name);
    let first = words.iter().filter_map(|word| word.chars().next());
    first.flat_map(char::to_uppercase).collect()
}

/// A text as initials, if it can be initials.
fn initials_typed(typed: &str) -> Option<String> {
    let text = plain(typed);
    let fits = text.chars().count() >= INITIALS_MIN && text.chars().all(char::is_alphabetic);
    fits.then_some(text)
}

fn letters_of(text: &str) -> Letters {
    let mut letters = [0u8; 27];
    for c in text.chars() {
        let place = match c {
            'a'..='z' => c as usize - 'a' as usize,
            _ => 26,
        };
        letters[place] = letters[place].saturating_add(1);
    }
    letters
}

/// The least number of letters by which two texts differ.
fn apart(one: &Letters, other: &Letters) -> usize {
    one.iter()
        .zip(other)
        .map(|(a, b)| usize::from(a.abs_diff(*b)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::lists::read_programs;

    const LIST: &str = r#"Program Code,Program Name,Category,First School Year,Last School Year
IC100,Welding,industry_credential,,
IC101,Certified nurse aide,industry_credential,,
IC103,Phlebotomy technician,industry_credential,,
IC104,Carpentry,industry_credential,,
IC105,Plumbing,industry_credential,,
IC117,"Construction safety, 10 hours",industry_credential,,
IC118,"Construction safety, 30 hours",industry_credential,,
IC143,Dental assistant,industry_credential,,2021-22
IC210,Dental assistant,industry_credential,2022-23,
IC300,Robotics,industry_credential,2024-25,
WELD,Structural welder,industry_credential,,
AP-CSA,AP Computer Science A,ap_course,,
"#;

    fn asked(typed: &str, row_name: &str) -> (Vec<(String, Because)>, Option<String>, bool) {
        let programs = read_programs("programs.csv", LIST.as_bytes()).unwrap();
        let year = Year::parse("2023-24").unwrap();
        let proposals = Proposer::new(&programs, year).of(typed, row_name);
        let meant = proposals
            .meant
            .iter()
            .map(|meant| (meant.program.code.clone(), meant.because))
            .collect();
        (
            meant,
            proposals.other_year(year),
            proposals.can_quote(typed),
        )
    }

    #[track_caller]
    fn means(typed: &str, row_name: &str, code: &str, because: Because) {
        let (meant, ..) = asked(typed, row_name);
        assert_eq!(meant, [(code.to_string(), because)], "{typed}");
    }

    #[test]
    fn a_code_with_other_punctuation_is_the_code() {
        for typed in ["IC-101", "ic 101", "IC101.", "IC\u{2013}101", "ＩＣ１０１"] {
            means(typed, "", "IC101", Because::WrittenOtherwise);
        }
        means("APCSA", "", "AP-CSA", Because::WrittenOtherwise);
    }

    #[test]
    fn characters_that_look_alike_are_told_from_each_other_by_the_list() {
        for typed in ["IC1O1", "lC101", "1C101", "|C101", "ICI0l", "IС1О1"] {
            means(typed, "", "IC101", Because::LooksAlike);
        }
        means("WE1D", "", "WELD", Because::LooksAlike);
        // Cyrillic letters alone are the same letters to the eye.
        means("ІС101", "", "IC101", Because::WrittenOtherwise);
    }

    #[test]
    fn a_name_typed_with_or_for_the_code_is_found() {
        means(
            "IC101 - Certified nurse aide",
            "",
            "IC101",
            Because::HoldsTheCode,
        );
        means("Certified Nurse Aide", "", "IC101", Because::TypedItsName);
        means("Certified nurs aide", "", "IC101", Because::TypedItsName);
        means("CNA", "", "IC101", Because::Initials);
    }

    #[test]
    fn the_rows_program_name_tells_which_code_is_meant() {
        means(
            "X-17",
            "Phlebotomy Technician",
            "IC103",
            Because::RowNamesIt,
        );
        // IC10 and each of IC100 to IC105 are one digit apart: without the name nothing is proposed.
        assert_eq!(asked("IC10", "").0, []);
        means("IC10", "carpentry", "IC104", Because::RowNamesIt);
    }

    #[test]
    fn an_exact_name_beats_a_similar_one() {
        // One digit apart, so each name alone would also be a typing error of the other.
        for (typed, name, code) in [
            ("IC-117", "Construction safety, 10 hours", "IC117"),
            ("IC-118", "Construction Safety  30 Hours", "IC118"),
        ] {
            means(typed, name, code, Because::WrittenOtherwise);
            means("IC999", name, code, Because::RowNamesIt);
            means(name, "", code, Because::TypedItsName);
        }
        // Exactly neither: a person must choose.
        let (meant, ..) = asked("IC999", "Construction safety, 20 hours");
        let codes: Vec<&str> = meant.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, ["IC117", "IC118"]);
    }

    #[test]
    fn a_name_does_not_lead_to_another_kind_than_the_codes_letters_say() {
        // All IC codes are industry credentials, so an AP course as the row's name contradicts its code: a person must look.
        assert_eq!(asked("IC999", "AP Computer Science A").0, []);
        means(
            "XX999",
            "AP Computer Science A",
            "AP-CSA",
            Because::RowNamesIt,
        );
        means(
            "999",
            "AP Computer Science A",
            "AP-CSA",
            Because::RowNamesIt,
        );
    }

    #[test]
    fn a_code_of_another_year_is_told_with_its_year_and_not_respelled() {
        let (meant, when, _) = asked("IC143", "");
        assert_eq!(when.as_deref(), Some("it ended with 2021-22"));
        assert_eq!(meant, [("IC210".into(), Because::SameNameAsBefore)]);
        let (meant, when, _) = asked("IC300", "");
        assert_eq!(when.as_deref(), Some("it starts with 2024-25"));
        assert_eq!(meant, []);
    }

    #[test]
    fn one_slip_of_the_pen_is_proposed_where_few_codes_fit() {
        means("IC2010", "", "IC210", Because::Spelling);
        means("IC120", "", "IC210", Because::Spelling);
        means("IC310", "", "IC210", Because::Spelling);
        assert_eq!(asked("IC999", "").0, []);
        assert_eq!(asked("", "").0, []);
    }

    #[test]
    fn what_can_be_an_id_a_date_or_a_person_is_not_quoted() {
        for typed in ["IC999", "IC1O1", "Certified nurse aide", "CNA", "IC143"] {
            assert!(asked(typed, "").2, "{typed}");
        }
        for typed in [
            "4211000001",
            "42110-00001",
            "5/17/08",
            "2008-05-17",
            "Maria",
            "Room 12",
            &"IC1".repeat(20),
        ] {
            assert!(!asked(typed, "").2, "{typed}");
        }
        // The proposal from the row's name says nothing about the text in the code's cell.
        assert!(!asked("Maria", "Carpentry").2);
    }

    #[test]
    fn codes_of_districts_are_meant_by_one_slip() {
        let known = ["0897", "0937", "2017", "8001"];
        assert_eq!(digits_meant("0987", known.into_iter()), ["0897", "0937"]);
        assert_eq!(digits_meant("2071", known.into_iter()), ["2017"]);
        assert_eq!(digits_meant("5555", known.into_iter()), [""; 0]);
    }

    #[test]
    fn one_digit_or_two_neighbors_are_a_slip_and_the_same_code_is_none() {
        assert!(is_one_slip("4532", "4523"));
        assert!(is_one_slip("4524", "4523"));
        for (code, slip) in [("4523", false), ("5423", true), ("3524", false)] {
            assert_eq!(is_one_slip(code, "4523"), slip, "{code}");
        }
    }

    #[test]
    fn the_question_names_every_proposal() {
        let programs = read_programs("programs.csv", LIST.as_bytes()).unwrap();
        let proposer = Proposer::new(&programs, Year::parse("2023-24").unwrap());
        let one = proposer.of("IC1O1", "");
        assert_eq!(
            one.question().as_deref(),
            Some("did you mean IC101 (Certified nurse aide)?")
        );
        assert_eq!(
            one.only().map(|program| program.code.as_str()),
            Some("IC101")
        );
        // A slip is only a guess: nothing is filled in.
        assert!(proposer.of("IC310", "").only().is_none());
        let two = proposer.of("IC1O1", "Carpentry");
        assert_eq!(
            two.question().as_deref(),
            Some("did you mean IC101 (Certified nurse aide) or IC104 (Carpentry)?")
        );
        assert!(two.only().is_none());
    }
}
