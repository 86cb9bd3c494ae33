//! A small invented file with mistakes, to try the page with: made of the year's own lists, so that every finding is of this year.

use cdip::intake::lists::{Participants, Programs};
use cdip::kit::OpenedKit;
use cdip::rules::terms::Category;

/// The headings in the order that a district could have them.
const HEADINGS: &str = "District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit,AP Exam Score";

/// The file's name and its text.
pub fn file(opened: &OpenedKit) -> (String, Vec<u8>) {
    let year = opened.rules.school_year.first();
    let participants = opened.basis.participants.iter().flat_map(Participants::all);
    let district = participants
        .clone()
        .find(|entry| entry.participating && entry.school_code.is_empty())
        .map_or("0010", |entry| entry.district_code.as_str());
    let other = participants
        .clone()
        .find(|entry| entry.school_code.is_empty() && entry.district_code != district)
        .map_or("0020", |entry| entry.district_code.as_str());
    let programs = opened.basis.programs.iter().flat_map(Programs::all);
    let codes: Vec<&str> = programs
        .filter(|program| {
            program.category == Category::IndustryCredential
                && program.qualifies_in(opened.rules.school_year)
        })
        .map(|program| program.code.as_str())
        .collect();
    let code = |at: usize| codes.get(at).or(codes.first()).copied().unwrap_or("IC1");
    // The letter O for the digit 0, and a dash that is not in the list.
    let look_alike = code(1).replace('0', "O").replace('1', "I");
    let dashed = dashed(code(2));
    let spring = year + 1;
    let row = |id: &str, grade: &str, code: &str, date: &str, lunch: &str| {
        format!("{district},0101,{id},{grade},{code},{date},{lunch},Yes,")
    };
    let lines = [
        row("9000000101", "12", code(0), &format!("5/17/{spring}"), "No"),
        row(
            "9000000102",
            "11",
            code(1),
            &format!("5/17/{spring}"),
            "Free",
        ),
        row(
            "9000000103",
            "12",
            &look_alike,
            &format!("4/3/{spring}"),
            "No",
        ),
        row("9000000104", "12", &dashed, &format!("4/3/{spring}"), "No"),
        row("9000000105", "12", code(0), &format!("May {spring}"), "No"),
        row(
            "9000000106",
            "Gr.12.",
            code(3),
            &format!("3/9/{spring}"),
            "Reduced",
        ),
        row("9.0E+09", "12", code(0), &format!("3/9/{spring}"), "No"),
        row("900000018", "11", code(0), &format!("3/9/{spring}"), "No"),
        row(
            "9000000109",
            "12",
            code(0),
            &format!("5/20/{}", spring - 1),
            "No",
        ),
        row("9000000110", "8", code(0), &format!("2/2/{spring}"), "No"),
        row(
            "9000000111",
            "12",
            code(0),
            &format!("2/2/{spring}"),
            "maybe",
        ),
        row("9000000112", "12", code(4), &format!("2/2/{spring}"), ""),
        format!(
            "{other},0101,9000000113,12,{},1/15/{spring},No,Yes,",
            code(0)
        ),
        row("9000000114", "10", code(2), &format!("1/15/{spring}"), "No"),
        "Total,,14,,,,,,".to_string(),
    ];
    let mut text = String::from(HEADINGS);
    for line in lines {
        text.push('\n');
        text.push_str(&line);
    }
    text.push('\n');
    (
        format!("{district} example with mistakes.csv"),
        text.into_bytes(),
    )
}

/// A code with a dash between its letters and its digits.
fn dashed(code: &str) -> String {
    match code.find(|c: char| c.is_ascii_digit()) {
        Some(at) if at > 0 => format!("{}-{}", &code[..at].trim_end_matches('-'), &code[at..]),
        _ => format!("{code}-"),
    }
}
