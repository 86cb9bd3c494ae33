//! The cells of a row, in every accepted form and some others.

use super::super::naive::rules::MINIMUMS;
use super::super::naive::{Cell, Cells, DATE, Entity, FIELDS, Kind, PROGRAM, Rules};
use super::{Draw, PROGRAMS, program, sasid, school_year};

/// How the columns of a sheet are written.
#[derive(Clone, Copy)]
pub struct Style {
    /// Faults, in per cent of the cells.
    pub dirt: u32,
    /// How many pupils there are.
    pub pupils: u32,
    /// Unusual forms, in per cent of the cells.
    pub odd: u32,
    /// Dates in digits have their day first.
    pub day_first: bool,
    /// Which words lunch has.
    pub lunch: &'static [&'static str],
    pub workbook: bool,
}

/// Words of columns for lunch: yes and no, letters, numbers, what food services write.
pub const LUNCHES: [&[&str]; 8] = [
    &["Y", "N"],
    &[
        "Y", "N", "Yes", "no", "T", "false", "1", "0", "free", "Paid",
    ],
    &["F", "R", "P", "f", ""],
    &["F", "N", "Y"],
    &["0", "1", "2"],
    &["1", "2", "N"],
    &[
        "00",
        "01",
        "02",
        "Free Lunch",
        "Reduced-Price",
        "reduced price",
        "Reduced Lunch",
        "Full Price",
        "Not Eligible",
        "ineligible",
        "ELIGIBLE",
    ],
    &["S", "R", "F", "N", "r"],
];

fn dirty<'a>(draw: &mut Draw, dirt: u32, sound: &'a str, faulty: &[&'a str]) -> &'a str {
    if draw.chance(dirt) {
        draw.pick(faulty)
    } else {
        sound
    }
}

/// Wrapped as web exports do, behind an apostrophe, or with decimals.
fn dressed(draw: &mut Draw, odd: u32, code: &str) -> String {
    if !draw.chance(odd) {
        return code.to_string();
    }
    match draw.below(4) {
        0 => format!("=\"{code}\""),
        1 => format!("'{code}"),
        2 => format!("{code}.0"),
        _ => format!("{code}.00"),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The serial of a day from 2000 on, counted a year and a month at a time.
pub fn serial(year: u32, month: u32, day: u32) -> u32 {
    let leap = |year: u32| year.is_multiple_of(4) && (year == 2000 || !year.is_multiple_of(100));
    let years: u32 = (2000..year).map(|year| 365 + u32::from(leap(year))).sum();
    let days = [
        31,
        28 + u32::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let months: u32 = days.iter().take(month as usize - 1).sum();
    36_526 + years + months + day - 1
}

/// A date with separators or without.
fn in_digits(draw: &mut Draw, style: Style, (year, month, day): (u32, u32, u32)) -> String {
    let separator = draw.pick(&["/", "-", "."]);
    let (first, second) = if style.day_first {
        (day, month)
    } else {
        (month, day)
    };
    match draw.below(8) {
        0 => format!("{year}{separator}{month:02}{separator}{day:02}"),
        1 => format!("{year}{separator}{month}{separator}{day}"),
        2 => format!("{first}{separator}{second}{separator}{year}"),
        3 => format!("{first:02}{separator}{second:02}{separator}{year}"),
        4 => format!("{first}{separator}{second}{separator}{:02}", year % 100),
        5 => format!("{year}{month:02}{day:02}"),
        6 => format!("{month:02}{day:02}{year}"),
        _ => format!("{month}{day:02}{year}{}", draw.pick(&["", ".0"])),
    }
}

/// A date with the name of its month.
fn in_words(draw: &mut Draw, (year, month, day): (u32, u32, u32)) -> String {
    let whole = MONTHS[month as usize - 1];
    let month = match draw.below(4) {
        0 => whole.to_string(),
        1 => format!("{}.", &whole[..3]),
        2 => whole[..3].to_uppercase(),
        _ if whole == "September" => "Sept.".to_string(),
        _ => whole.to_lowercase(),
    };
    match draw.below(5) {
        0 => format!("{month} {day}, {year}"),
        1 => format!("{month} {day:02} {year}"),
        2 => format!("{day} {month} {year}"),
        3 => format!("{day}-{month}-{year}"),
        _ => format!("{day}-{month}-{:02}", year % 100),
    }
}

const TIMES: [&str; 9] = [
    " 00:00",
    " 0:00:00",
    "T00:00:00Z",
    " 13:45:00.000",
    " 1:05 PM",
    " 12:00:00 AM",
    "T00:00:00+00:00",
    "T07:30:00.1234567-07:00",
    " 25:99",
];

const NO_DATES: [&str; 18] = [
    "",
    "2024-02-30",
    "2/30/2024",
    "13/1/2024",
    "31/2/2024",
    "45/06/2024",
    "May 17",
    "31122023",
    "0/1/2024",
    "2023-02-29",
    "1-5/2024",
    "2024-13-01",
    "2024-05-17x",
    "May 2024",
    "17th May 2024",
    "1899-12-31",
    "36525",
    "2024_05_17",
];

/// A date of the school year as text, or a number or a day of a workbook.
fn date(draw: &mut Draw, style: Style, rules: &Rules) -> Cell {
    let first = rules.first_year;
    let day = (first, 9, 1 + draw.below(12));
    let day = if draw.chance(5) {
        let ends = [
            (first, 7, 1),
            (first + 1, 6, 30),
            (first + 1, 2, 28),
            (first + 1, 6, 8),
        ];
        ends[draw.position(4)]
    } else if draw.chance(style.dirt) {
        let outside = [(first, 6, 30), (first + 1, 7, 1), (first - 1, 12, 31)];
        outside[draw.position(3)]
    } else {
        day
    };
    let (year, month, number) = day;
    let plain = format!("{year}-{month:02}-{number:02}");
    if draw.chance(2 * style.dirt) {
        return Cell::text(draw.pick(&NO_DATES));
    }
    if style.workbook && draw.chance(40) {
        return Cell {
            found: plain,
            kind: Kind::Day,
        };
    }
    let serial = serial(year, month, number);
    let digits = match draw.below(4) {
        0 => format!("{serial}.75"),
        1 => format!("{month}{number:02}{year}"),
        2 => format!("{year}{month:02}{number:02}"),
        _ => serial.to_string(),
    };
    if style.workbook && draw.chance(40) {
        return Cell {
            found: digits,
            kind: Kind::Number,
        };
    }
    if !draw.chance(style.odd.max(if style.day_first { 70 } else { 0 })) {
        return Cell::text(plain);
    }
    let mut text = match draw.below(6) {
        0 => digits,
        1 => in_words(draw, day),
        _ => in_digits(draw, style, day),
    };
    let without_separators = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if draw.chance(25) && (!without_separators || text.matches('.').count() == 2) {
        text.push_str(draw.pick(&TIMES));
    }
    Cell::text(text)
}

fn grade(draw: &mut Draw, style: Style) -> String {
    let odd = [
        "Gr 11",
        "gr.10",
        "Gr. 9",
        "G12",
        "g 11",
        "Grade 09",
        "GRADE12",
        "10th Grade",
        "9 grade",
        "Freshman",
        "fr",
        "So",
        "SOPHOMORE",
        "junior",
        "Jr",
        "senior",
        "SR",
        "11.0",
        "12.00",
        "10nd",
        "090",
        "100",
        "110",
        "120",
    ];
    let sound = draw.pick(&["9", "10", "11", "12", "09", "9th", "10TH", "12", "11"]);
    let sound = dirty(draw, style.odd, sound, &odd);
    let faulty = [
        "8", "K", "kg", "0", "3rd", "1ST", "13", "PK", "", "Twelve", "130", "-1", "Gr 13", "Adult",
        "11.5", "G", "Grade",
    ];
    dirty(draw, 2 * style.dirt, sound, &faulty).to_string()
}

fn written_sasid(draw: &mut Draw, style: Style) -> String {
    let plain = sasid(draw, style.pupils);
    let plain = dirty(
        draw,
        style.dirt,
        &plain,
        &[
            "9910000000",
            "1234560000",
            "1234570000",
            "1111111111",
            "1234567890",
            "2109876543",
            "7890123456",
            "1357902468",
        ],
    );
    let plain = dirty(
        draw,
        style.dirt,
        plain,
        &["123456789", "", "1000000001x", "10000000001", "1.35E+09"],
    );
    dressed(draw, style.odd, plain)
}

fn school(draw: &mut Draw, entity: &Entity) -> String {
    if draw.chance(3) {
        return draw
            .pick(&["4502", "5400", "4511", "4610", "0454", "6400"])
            .to_string();
    }
    if entity.school.is_empty() {
        draw.pick(&["0101", "0101", "0", "4799"]).to_string()
    } else {
        entity.school.clone()
    }
}

/// Nothing to see at the ends, or another case.
fn noisy(draw: &mut Draw, workbook: bool, field: usize, cell: &mut Cell) {
    if cell.kind != Kind::Text {
        return;
    }
    if draw.chance(3) {
        cell.found = format!(" {}\u{a0}", cell.found);
    }
    if draw.chance(2) {
        cell.found = format!("\u{feff}{}\u{200b}\u{fe0f}", cell.found);
    }
    if !workbook && draw.chance(2) {
        cell.found = format!("\u{1f}{}\u{1}", cell.found);
    }
    // The T before a time of day is a capital.
    if field != DATE && draw.chance(3) {
        cell.found = cell.found.to_lowercase();
    }
}

/// A number cell where a text is digits as a spreadsheet would show them.
fn as_number(draw: &mut Draw, field: usize, cell: &mut Cell) {
    let number: Option<u64> = cell.found.parse().ok();
    let plain = number.is_some_and(|number| number.to_string() == cell.found);
    if cell.kind == Kind::Text && plain && field != DATE && field != PROGRAM && draw.chance(50) {
        cell.kind = Kind::Number;
    }
}

/// A field that came later says a word or a number, often one near the least that the rules ask for, until it is drawn in its own way.
fn later_field(draw: &mut Draw, rules: &Rules, field: usize) -> Cell {
    let asked = MINIMUMS.iter().position(|minimum| minimum.column == field);
    let least = asked.and_then(|position| rules.least[position]);
    Cell::text(match least {
        Some(least) if draw.chance(75) => (least + 1).saturating_sub(draw.below(3)).to_string(),
        _ => draw.pick(&["", "Mesa", "3", "120", "999"]).to_string(),
    })
}

/// A row of a pupil at a participant.
pub fn cells(draw: &mut Draw, rules: &Rules, entity: &Entity, style: Style) -> Cells {
    let Style { dirt, odd, .. } = style;
    if draw.chance(dirt / 2) {
        let blank = draw.pick(&["", " \u{a0}"]);
        return std::array::from_fn(|_| Cell::text(blank));
    }
    let school = school(draw, entity);
    let district = if draw.chance(1) {
        "0040"
    } else {
        entity.district.as_str()
    };
    let district = if draw.chance(5) {
        district.trim_start_matches('0')
    } else {
        district
    };
    let district = dirty(draw, dirt, district, &["ABCD", "", "00100", "1O", "0010.5"]);
    let school = dirty(draw, dirt, &school, &["UUUU", "", "12345"]);
    let program = program(draw);
    let ap = PROGRAMS
        .iter()
        .any(|(code, category)| *code == program && *category == "ap_course");
    let score = if ap {
        dirty(draw, 20, "5", &["1", "2", "3", "4", "", "4.0"])
    } else {
        dirty(draw, 10, "", &["1", "4", "3.0"])
    };
    let written = dirty(draw, 2, program, &["XX9", "IC\u{200b}1"]);
    let lunch = if style.lunch.len() == 2 && draw.chance(5) {
        ""
    } else {
        draw.pick(style.lunch)
    };
    let credit = dirty(
        draw,
        15,
        "Y",
        &["", "N", "no", "F", "true", "1", "0", "YES", "earned"],
    );
    let year = rules.first_year;
    let year = school_year(if draw.chance(20) { year - 1 } else { year });
    let drawn = [
        Cell::text(dressed(draw, odd, district)),
        Cell::text(dressed(draw, odd, school)),
        Cell::text(written_sasid(draw, style)),
        Cell::text(grade(draw, style)),
        Cell::text(dirty(draw, dirt, written, &["", " "])),
        date(draw, style, rules),
        Cell::text(dirty(draw, dirt, lunch, &["?", "maybe", "X", "R", "2"])),
        Cell::text(dirty(draw, dirt, credit, &["?", "maybe", "P"])),
        Cell::text(dirty(draw, dirt, score, &["0", "6", "pass", "-3", "3.5"])),
        Cell::text(if draw.chance(20) { year } else { String::new() }),
        Cell::text(draw.pick(&["", "Welding, entry level", "Nurse aide"])),
    ];
    let later = drawn.len()..FIELDS.len();
    let later: Vec<Cell> = later.map(|field| later_field(draw, rules, field)).collect();
    let mut cells = drawn.into_iter().chain(later);
    let mut cells: Cells = std::array::from_fn(|_| cells.next().expect("a cell for each field"));
    for (field, cell) in cells.iter_mut().enumerate() {
        noisy(draw, style.workbook, field, cell);
        if style.workbook {
            as_number(draw, field, cell);
        }
    }
    cells
}
