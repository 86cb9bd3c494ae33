//! A small invented file with mistakes, to try the page with. It uses the year's own lists, so every finding fits this year.

use cdip::intake::lists::{Participants, Programs};
use cdip::kit::OpenedKit;
use cdip::rules::terms::Category;

/// A table such as a district could have. In braces: the file's own district and another, codes of the year's list by position, one of
/// them with letters for digits and one with a dash that the list does not have, the spring of the school year and the one before.
const TABLE: &str = "\
District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit,AP Exam Score
{own},0101,9000000101,12,{code 0},5/17/{spring},No,Yes,
{own},0101,9000000102,11,{code 1},5/17/{spring},Free,Yes,
{own},0101,9000000103,12,{look-alike},4/3/{spring},No,Yes,
{own},0101,9000000104,12,{dashed},4/3/{spring},No,Yes,
{own},0101,9000000105,12,{code 0},May {spring},No,Yes,
{own},0101,9000000106,Gr.12.,{code 3},3/9/{spring},Reduced,Yes,
{own},0101,9.0E+09,12,{code 0},3/9/{spring},No,Yes,
{own},0101,900000018,11,{code 0},3/9/{spring},No,Yes,
{own},0101,9000000109,12,{code 0},5/20/{spring before},No,Yes,
{own},0101,9000000110,8,{code 0},2/2/{spring},No,Yes,
{own},0101,9000000111,12,{code 0},2/2/{spring},maybe,Yes,
{own},0101,9000000112,12,{code 4},2/2/{spring},,Yes,
{other},0101,9000000113,12,{code 0},1/15/{spring},No,Yes,
{own},0101,9000000114,10,{code 2},1/15/{spring},No,Yes,
Total,,14,,,,,,
";

/// The file's name and its text.
pub fn file(opened: &OpenedKit) -> (String, Vec<u8>) {
    let (own, other) = districts(opened);
    let codes = codes(opened);
    let code = |at: usize| codes.get(at).or(codes.first()).copied().unwrap_or("IC1");
    let spring = opened.rules.school_year.first() + 1;
    let mut text = TABLE.to_string();
    for (place, value) in [
        ("{own}", own.to_string()),
        ("{other}", other.to_string()),
        ("{look-alike}", code(1).replace('0', "O").replace('1', "I")),
        ("{dashed}", dashed(code(2))),
        ("{spring}", spring.to_string()),
        ("{spring before}", (spring - 1).to_string()),
    ] {
        text = text.replace(place, &value);
    }
    for at in 0..=4 {
        text = text.replace(&format!("{{code {at}}}"), code(at));
    }
    (
        format!("{own} example with mistakes.csv"),
        text.into_bytes(),
    )
}

/// The first district that takes part, and the first other one.
fn districts(opened: &OpenedKit) -> (&str, &str) {
    let listed = || {
        let participants = opened.basis.participants.iter();
        participants.flat_map(Participants::all)
    };
    let own = listed()
        .find(|entry| entry.participating && entry.school_code.is_empty())
        .map_or("0010", |entry| entry.district_code.as_str());
    let other = listed()
        .find(|entry| entry.school_code.is_empty() && entry.district_code != own)
        .map_or("0020", |entry| entry.district_code.as_str());
    (own, other)
}

/// The codes of the credentials that qualify in the year.
fn codes(opened: &OpenedKit) -> Vec<&str> {
    let programs = opened.basis.programs.iter().flat_map(Programs::all);
    let of_the_year = programs.filter(|program| {
        program.category == Category::IndustryCredential
            && program.qualifies_in(opened.rules.school_year)
    });
    of_the_year.map(|program| program.code.as_str()).collect()
}

/// A code with a dash between its letters and its digits.
fn dashed(code: &str) -> String {
    match code.find(|c: char| c.is_ascii_digit()) {
        Some(at) if at > 0 => format!("{}-{}", &code[..at].trim_end_matches('-'), &code[at..]),
        _ => format!("{code}-"),
    }
}
