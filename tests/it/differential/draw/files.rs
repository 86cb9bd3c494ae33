//! Submissions, and files that are skipped because of their names.

use super::super::naive::{
    CREDIT, Cell, Entity, FIELDS, File, OPTIONAL, PassedOver, Row, Rules, SCHOOL_YEAR, SCORE, Sheet,
};
use super::Draw;
use super::cells::{LUNCHES, Style, cells};

const PATHS: [&str; 11] = [
    "submissions/0010.csv",
    "submissions/0010-fall.csv",
    "submissions/0020 Second District/fall.csv",
    "submissions/0020 Second District/2023-24 final.csv",
    "submissions/8001 institute.csv",
    "submissions/9035/spring/late.csv",
    "submissions/0030_first.csv",
    "submissions/Spring.csv",
    "submissions/00105.csv",
    "submissions/7777.csv",
    "submissions/ä.csv",
];

const WORKBOOKS: [&str; 3] = [
    "submissions/0010.xlsx",
    "submissions/0020 workbook.xlsx",
    "submissions/all.xlsx",
];

const PROGRAM_NAME: usize = 10;

/// Headings that belong to no field: like that of an optional field, or not.
const UNREAD: [(usize, &[&str]); 3] = [
    (
        CREDIT,
        &[
            "Grad Credit",
            "Graduation Credits",
            "credit",
            "Notes",
            "Credit Earned?",
        ],
    ),
    (
        SCORE,
        &["AP Score", "Exam score", "Score", "Teacher", "AP Exam Scor"],
    ),
    (
        SCHOOL_YEAR,
        &["Year", "SchoolYears", "Yr", "Room", "Scool Yaer"],
    ),
];

/// Mostly every column; of the optional ones some are left out.
fn sheet(draw: &mut Draw, name: &str) -> Sheet {
    let mut sheet = Sheet {
        name: name.to_string(),
        ..Sheet::default()
    };
    if draw.chance(60) {
        sheet.absent.push(PROGRAM_NAME);
    }
    for (field, headings) in UNREAD {
        if draw.chance(12) {
            sheet.absent.push(field);
            if draw.chance(70) {
                sheet.unread.push(draw.pick(headings).to_string());
            }
        }
    }
    // That of a field that came later lacks its first letter.
    for field in &OPTIONAL[UNREAD.len()..] {
        if draw.chance(12) {
            sheet.absent.push(*field);
            sheet.unread.push(FIELDS[*field][1..].to_string());
        }
    }
    sheet
}

fn empty_files(draw: &mut Draw) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for _ in 0..=draw.below(4) {
        let path = draw.pick(&PATHS);
        if files.iter().all(|file| file.path != path) {
            files.push(File {
                path: path.to_string(),
                workbook: false,
                sheets: vec![sheet(draw, "")],
            });
        }
    }
    if draw.chance(15) {
        let names = &["Spring", "Fall", "Nachtrag 2"][..=draw.position(3)];
        files.push(File {
            path: draw.pick(&WORKBOOKS).to_string(),
            workbook: true,
            sheets: names.iter().map(|name| sheet(draw, name)).collect(),
        });
    }
    files
}

fn style(draw: &mut Draw, workbook: bool, pupils: u32, dirt: u32) -> Style {
    Style {
        dirt,
        pupils,
        odd: [0, 0, 10, 40][draw.position(4)],
        day_first: draw.chance(6),
        lunch: LUNCHES[if draw.chance(50) {
            0
        } else {
            draw.position(LUNCHES.len())
        }],
        workbook,
    }
}

pub fn files(draw: &mut Draw, rules: &Rules, entities: &[Entity]) -> Vec<File> {
    let pupils = 3 + draw.below(40);
    let dirt = [0, 0, 1, 4][draw.position(4)];
    let most = if draw.chance(15) { 120 } else { 40 };
    let mut files = empty_files(draw);
    let styles: Vec<Vec<Style>> = files
        .iter()
        .map(|file| {
            file.sheets
                .iter()
                .map(|_| style(draw, file.workbook, pupils, dirt))
                .collect()
        })
        .collect();
    // Of a file that does not say whose it is, nearly all rows may be one entity's.
    let alone = &entities[draw.position(entities.len())];
    for _ in 0..=draw.below(most) {
        let mut entity = &entities[draw.position(entities.len())];
        let file = file_of(draw, &files, entity);
        if files[file].path.contains("Spring") && draw.chance(85) {
            entity = alone;
        }
        let sheet = draw.position(files[file].sheets.len());
        let mut cells = cells(draw, rules, entity, styles[file][sheet]);
        let workbook = files[file].workbook;
        let sheet = &mut files[file].sheets[sheet];
        for field in &sheet.absent {
            cells[*field] = Cell::default();
        }
        // Beneath the headings, and beneath a title here and there.
        let number = match sheet.rows.last() {
            Some(last) => last.number + 1,
            None if draw.chance(10) => 4,
            None => 2,
        };
        let shifted = !workbook && draw.chance(dirt);
        sheet.rows.push(Row {
            number,
            cells,
            behind: if shifted { "moved" } else { "" }.to_string(),
        });
    }
    if draw.chance(10) {
        second_version(draw, &mut files);
    }
    files
}

/// Mostly a file of the entity's own or one that is nobody's.
fn file_of(draw: &mut Draw, files: &[File], entity: &Entity) -> usize {
    let mut file = draw.position(files.len());
    for _ in 0..3 {
        let path = &files[file].path;
        if path.contains(&entity.district) || path.contains("Spring") || path.contains('ä') {
            break;
        }
        file = draw.position(files.len());
    }
    file
}

/// A file is sent again, some rows of it left out.
fn second_version(draw: &mut Draw, files: &mut Vec<File>) {
    let long = |file: &&File| !file.workbook && file.sheets[0].rows.len() >= 11;
    let Some(mut again) = files.iter().find(long).cloned() else {
        return;
    };
    again.path = again.path.replace(".csv", " again.csv");
    let left = again.sheets[0].rows.len() - draw.position(3);
    again.sheets[0].rows.truncate(left);
    files.push(again);
}

pub fn passed_over(draw: &mut Draw) -> Vec<PassedOver> {
    let all = [
        ("submissions/~$0010.xlsx", 165),
        ("submissions/~$0020 workbook.xlsx", 3_000),
        ("submissions/.0010.csv", 200),
        ("submissions/.old/0020.csv", 200),
        ("submissions/.~lock.all.ods#", 90),
        ("submissions/.DS_Store", 6_148),
        ("submissions/9035/Thumbs.db", 4_000),
        ("submissions/desktop.ini", 200),
    ];
    let some = draw.chance(15);
    let drawn = all.into_iter().filter(|_| some && draw.chance(20));
    drawn
        .map(|(path, bytes)| PassedOver {
            path: path.to_string(),
            bytes,
        })
        .collect()
}
