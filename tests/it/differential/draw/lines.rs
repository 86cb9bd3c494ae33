//! Decisions of every kind, mostly on rows that the second implementation holds or rejects.

use super::super::naive::{
    DATE, DISTRICT, Ended, FIELDS, File, GRADE, LUNCH, Line, PROGRAM, Row, SCHOOL, Sheet, Texts,
    answer, row_check, says,
};
use super::{Draw, PROGRAMS, sasid};

/// Some lines; most batches should not be stopped by lines that contradict each other.
pub fn lines(draw: &mut Draw, texts: &Texts) -> Vec<Line> {
    let Some(undecided) = draw.chance(60).then(|| answer(texts)).flatten() else {
        return Vec::new();
    };
    let read = &texts.in_their_year();
    let mut lines: Vec<Line> = Vec::new();
    for _ in 0..draw.below(8) {
        let mut line = match draw.below(8) {
            0 => exclude(draw, read),
            1 => correct(draw, read, &undecided.rows),
            2 => qualify(draw, read, &undecided.rows),
            3 => deny(draw, read, &undecided.rows),
            4 => attest(draw, read, &undecided.questions),
            _ => on_pupil(draw, read, &undecided.rows),
        };
        line.reason = "reviewed".to_string();
        line.by = "Program office".to_string();
        line.date = "2024-09-01".to_string();
        spoil(draw, &mut line);
        lines.push(line);
        if draw.chance(8) {
            lines.push(lines[draw.position(lines.len())].clone());
        }
    }
    let mut texts = texts.clone();
    while draw.chance(80) {
        texts.lines.clone_from(&lines);
        if answer(&texts).is_some() {
            break;
        }
        lines.pop();
    }
    lines
}

/// A line that does not count, or that has two subjects.
fn spoil(draw: &mut Draw, line: &mut Line) {
    if draw.chance(90) {
        return;
    }
    match draw.below(8) {
        0 => line.reason.clear(),
        1 => line.by.clear(),
        2 => line.by = "ann example".to_string(),
        3 => line.date = "2024-09-16".to_string(),
        4 => line.date.clear(),
        5 if !line.file.is_empty() && line.decision != "qualify" => line.row = "2-4".to_string(),
        6 if line.decision == "deny" && line.sasid.is_empty() => {
            line.sasid = sasid(draw, 9);
            line.program = "IC1".to_string();
        }
        _ => line.decision = line.decision.to_uppercase(),
    }
}

fn exclude(draw: &mut Draw, texts: &Texts) -> Line {
    let entity = &texts.entities[draw.position(texts.entities.len())];
    let mut line = Line {
        district: entity.district.clone(),
        school: entity.school.clone(),
        decision: "exclude".to_string(),
        ..Line::default()
    };
    match draw.below(12) {
        0 => line.district = "0770".to_string(),
        1 => line.school = "0101".to_string(),
        2 => line.district = line.district.trim_start_matches('0').to_string(),
        _ => {}
    }
    line
}

fn place_of(row: &Ended) -> Line {
    Line {
        file: row.file.clone(),
        sheet: row.sheet.clone(),
        row: row.row.to_string(),
        ..Line::default()
    }
}

fn source<'a>(texts: &'a Texts, row: &Ended) -> (&'a File, &'a Sheet, &'a Row) {
    let file = texts.files.iter().find(|file| file.path == row.file);
    let file = file.expect("a row has its file");
    let sheet = &file.sheets[row.sheet_order];
    let found = sheet.rows.iter().find(|found| found.number == row.row);
    (file, sheet, found.expect("a row has its cells"))
}

/// Mostly nothing or the right one.
fn check(draw: &mut Draw, texts: &Texts, row: &Ended) -> String {
    match draw.below(10) {
        0..=5 => String::new(),
        6 => "r-000000000000".to_string(),
        _ => row_check(&source(texts, row).2.cells),
    }
}

fn some_row<'a>(draw: &mut Draw, rows: &'a [Ended], wanted: impl Fn(&Ended) -> bool) -> &'a Ended {
    let those: Vec<&Ended> = rows.iter().filter(|row| wanted(row)).collect();
    if those.is_empty() || draw.chance(10) {
        return &rows[draw.position(rows.len())];
    }
    those[draw.position(those.len())]
}

fn correct(draw: &mut Draw, texts: &Texts, rows: &[Ended]) -> Line {
    if rows.is_empty() {
        return exclude(draw, texts);
    }
    let row = some_row(draw, rows, |row| !row.readable());
    let faults = [
        ("E204", GRADE),
        ("E206", DATE),
        ("E208", LUNCH),
        ("E202", SCHOOL),
        ("E205", PROGRAM),
    ];
    let wrong = faults.iter().find(|(code, _)| row.codes.contains(code));
    let field = match wrong {
        Some((_, field)) if draw.chance(80) => *field,
        _ => draw.position(FIELDS.len()),
    };
    let (file, _, found) = source(texts, row);
    let cell = &found.cells[field];
    let year = texts.rules.first_year;
    let becomes = match field {
        DISTRICT => draw.pick(&["0010", "0020", "10"]).to_string(),
        SCHOOL => draw.pick(&["0101", "4500", "UUUU"]).to_string(),
        GRADE => draw.pick(&["12", "Gr 11", "8", "?"]).to_string(),
        PROGRAM => PROGRAMS[draw.position(PROGRAMS.len())].0.to_string(),
        DATE => format!("{}/17/{year}", draw.pick(&["9", "12", "14"])),
        LUNCH => draw
            .pick(&["Y", "N", "R", "F", "2", "", "Paid"])
            .to_string(),
        _ => draw.pick(&["Y", "N", "", "3", "1352407002"]).to_string(),
    };
    let was = match draw.below(12) {
        0 => "something else".to_string(),
        1..4 => says(file.workbook, &cell.found),
        _ => cell.found.clone(),
    };
    Line {
        column: FIELDS[field].to_string(),
        was,
        becomes,
        check: check(draw, texts, row),
        decision: "correct".to_string(),
        ..place_of(row)
    }
}

/// The row's codes that begin with one of some letters; sometimes one too many or too few.
fn codes(draw: &mut Draw, row: &Ended, letters: &str) -> String {
    let mut codes: Vec<&str> = row
        .codes
        .iter()
        .copied()
        .filter(|code| letters.contains(&code[..1]))
        .collect();
    if draw.chance(10) && !codes.contains(&"N303") {
        codes.push("N303");
    } else if draw.chance(5) {
        codes.pop();
    }
    codes.join(" ")
}

fn qualify(draw: &mut Draw, texts: &Texts, rows: &[Ended]) -> Line {
    if rows.is_empty() {
        return exclude(draw, texts);
    }
    let hopeless = ["N301", "N304", "N307", "N308"];
    let row = some_row(draw, rows, |row| {
        row.outcome == "not_qualified" && !hopeless.iter().any(|code| row.codes.contains(code))
    });
    Line {
        codes: codes(draw, row, "N"),
        check: check(draw, texts, row),
        decision: "qualify".to_string(),
        ..place_of(row)
    }
}

fn deny(draw: &mut Draw, texts: &Texts, rows: &[Ended]) -> Line {
    let decision = "deny".to_string();
    let file = &texts.files[draw.position(texts.files.len())];
    if rows.is_empty() || draw.chance(25) {
        let sheet = &file.sheets[draw.position(file.sheets.len())];
        // With its accent apart, as some file systems write it.
        let path = file.path.replace('ä', "a\u{308}");
        let path = if draw.chance(90) {
            path
        } else {
            "submissions/none.csv".to_string()
        };
        let sheet = if draw.chance(50) {
            sheet.name.clone()
        } else {
            String::new()
        };
        return Line {
            file: path,
            sheet,
            decision,
            ..Line::default()
        };
    }
    let row = some_row(draw, rows, |row| row.outcome == "rejected");
    let mut line = Line {
        check: check(draw, texts, row),
        decision,
        ..place_of(row)
    };
    if draw.chance(30) {
        line.codes = codes(draw, row, "EN");
    }
    if draw.chance(10) {
        line.row = (row.row + 500).to_string();
    }
    line
}

fn attest(draw: &mut Draw, texts: &Texts, questions: &[super::super::naive::Question]) -> Line {
    let decision = "attest".to_string();
    let Some(question) =
        (!questions.is_empty()).then(|| &questions[draw.position(questions.len())])
    else {
        return Line {
            decision,
            ..exclude(draw, texts)
        };
    };
    if question.code == "Q403" {
        let (district, school) = question
            .place
            .split_once('-')
            .unwrap_or((&question.place, ""));
        return Line {
            district: district.to_string(),
            school: school.to_string(),
            decision,
            ..Line::default()
        };
    }
    let mut line = Line {
        file: question.place.clone(),
        decision,
        ..Line::default()
    };
    if draw.chance(20) && !question.other.is_empty() {
        line.file.clone_from(&question.other);
    } else if draw.chance(60) {
        line.sheet.clone_from(&question.sheet);
        if question.row > 0 && draw.chance(70) {
            line.row = question.row.to_string();
        }
    }
    line
}

fn on_pupil(draw: &mut Draw, texts: &Texts, rows: &[Ended]) -> Line {
    let held: Vec<&Ended> = rows.iter().filter(|row| row.outcome == "held").collect();
    if held.is_empty() {
        return deny(draw, texts, rows);
    }
    let row = held[draw.position(held.len())];
    let entity = &texts.entities[row.found.unwrap()];
    let mut line = Line {
        district: entity.district.clone(),
        school: entity.school.clone(),
        sasid: row.sasid.clone(),
        program: row.program.clone(),
        decision: draw.pick(&["pay", "pay", "deny"]).to_string(),
        ..Line::default()
    };
    if draw.chance(5) {
        line.sasid = sasid(draw, 90_000);
    }
    if entity.school.is_empty() && draw.chance(10) {
        line.school = "0101".to_string();
    }
    if draw.chance(20) {
        line.codes = codes(draw, row, "ENH");
    }
    if draw.chance(30) {
        line.check = check(draw, texts, row);
    }
    line
}
