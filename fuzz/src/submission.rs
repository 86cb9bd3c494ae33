//! A submission in memory: read, checked, and what must hold of it whatever its format is.

use std::sync::LazyLock;

use cdip::checks::{CheckedBatch, decide};
use cdip::decision::Outcome;
use cdip::intake::completions::{Field, Rows};
use cdip::intake::limits::CELL_CHARS_MAX;
use cdip::intake::lists::{Participants, Programs, read_participants, read_programs};
use cdip::intake::{Intake, Layout, Lists, read_in_memory};
use cdip::ranks::RowRank;
use cdip::rules::{RuleSet, built_in};

use super::{findings, panics};

/// A program of each category; `IC9` left the list before the school year.
pub const PROGRAMS: &str = "\
Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year
IC1,Welding,industry_credential,Trades,Y,,
IC9,Typewriting,industry_credential,Office,N,2016-17,2021-22
IN1,Internship,internship,Any,N,,
RE1,Residency,residency,Health,N,,
PA1,Carpentry first year,pre_apprenticeship,Construction,N,,
AA1,Carpentry,apprenticeship,Construction,N,,
AP1,AP Computer Science A,ap_course,IT,N,,
";

/// A participant of each kind, and a district that does not take part.
pub const PARTICIPANTS: &str = "\
District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation
0010,,First District,district,Y,Y
0010,4500,District Charter,district_charter,Y,N
0020,,Second District,district,Y,N
0030,,Third District,district,N,N
8001,4600,Institute Charter,institute_charter,Y,N
9035,,Mountain BOCES,boces,Y,N
";

static LISTS: LazyLock<(Programs, Participants)> = LazyLock::new(|| {
    let programs = read_programs("qualified-programs.csv", PROGRAMS.as_bytes()).unwrap();
    (
        programs,
        read_participants("participants.csv", PARTICIPANTS.as_bytes()).unwrap(),
    )
});

/// The rules of 2024-25.
pub static RULES: LazyLock<RuleSet> =
    LazyLock::new(|| built_in("co-cdip-2024-25").unwrap().unwrap());

/// The lists of a batch without a ledger and resolutions.
pub fn lists() -> Lists {
    let (programs, participants) = LISTS.clone();
    Lists {
        programs,
        participants,
        ..Lists::default()
    }
}

/// Reads and checks a submission twice.
///
/// Panics unless both came out the same, no reader panicked, and all holds that must hold of any submission.
pub fn read(path: &str, bytes: &[u8], layout: &Layout) -> Intake {
    let once = || {
        let intake =
            panics::none_caught(|| read_in_memory(&[(path, bytes)], layout, lists())).unwrap();
        let checked = decide(&RULES, &RULES.readings, &intake).unwrap();
        (intake, checked)
    };
    let (intake, checked) = once();
    let (again, checked_again) = once();
    assert_eq!(
        checked.findings, checked_again.findings,
        "the same file has the same findings"
    );
    assert_eq!(
        checked.rows, checked_again.rows,
        "the same rows have the same decisions"
    );
    assert_eq!(
        texts(&intake),
        texts(&again),
        "the same file has the same rows"
    );
    rows_hold(&intake, &checked);
    let lines = 1 + bytes
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'\r'))
        .count();
    findings::hold(&intake, &checked, lines);
    round_trip(&intake);
    intake
}

/// The physical row, and the fields as they were found, of every row.
pub fn texts(intake: &Intake) -> Vec<(u32, Vec<String>)> {
    let rows = intake.completions.rows();
    RowRank::all(rows.len())
        .map(|position| (rows.row(position), fields(&rows, position)))
        .collect()
}

fn fields(rows: &Rows<'_>, position: RowRank) -> Vec<String> {
    Field::ALL
        .map(|field| rows.text(position, field).to_string())
        .to_vec()
}

/// What must hold of the rows of one file.
fn rows_hold(intake: &Intake, checked: &CheckedBatch) {
    let rows = intake.completions.rows();
    assert_eq!(intake.files.len(), 1);
    let file = &intake.files[0];
    assert_eq!(file.rows, rows.len(), "every row read is in the frame");
    assert_eq!(checked.rows.len(), rows.len(), "every row is decided");
    assert!(
        file.refused.is_none() || (rows.is_empty() && file.sheets.is_empty()),
        "nothing of a refused file is kept"
    );
    assert!(
        file.refused.is_some() || !file.sheets.is_empty(),
        "a file that is not refused has a sheet"
    );
    let mut before = None;
    for (position, decision) in RowRank::enumerate(&checked.rows) {
        let place = (rows.sheet(position), rows.row(position));
        assert!(before < Some(place), "rows are in the order of the file");
        assert!(
            place.1 > file.sheets[place.0].header_row,
            "rows stand beneath their headings"
        );
        before = Some(place);
        for field in Field::ALL {
            let found = rows.found(position, field);
            assert!(found.chars().count() <= CELL_CHARS_MAX);
            assert_eq!(
                rows.kind(position, field).is_none(),
                found.is_empty(),
                "an empty cell was nothing"
            );
            assert!(
                found.is_empty() || file.sheets[place.0].columns[field as usize].is_some(),
                "a text has a column"
            );
        }
        let paid = matches!(
            decision.ended(),
            Some(Outcome::Paid | Outcome::Unfunded | Outcome::OverCap | Outcome::AlreadyCounted)
        );
        assert!(!paid, "no row is paid before the money is known");
        assert!(
            decision
                .certificate()
                .is_none_or(|certificate| certificate.row == position),
            "a certificate is that of its row"
        );
    }
}

/// The rows written as plain csv are read as the same rows.
fn round_trip(intake: &Intake) {
    // A line end can end a row once more, and a NUL can pass for UTF-16; a row that is blank here had a text in a column that is not read.
    let plain = |text: &String| !text.contains(['\n', '\r', '\0', '\u{feff}']);
    let rows: Vec<Vec<String>> = texts(intake).into_iter().map(|(_, texts)| texts).collect();
    if rows.is_empty()
        || !rows
            .iter()
            .all(|texts| texts.iter().all(plain) && texts.iter().any(|text| !text.is_empty()))
    {
        return;
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(Field::ALL.map(Field::title)).unwrap();
    for row in &rows {
        writer.write_record(row).unwrap();
    }
    let plain = writer.into_inner().unwrap();
    let layout = Layout {
        delimiter: Some(b','),
        ..Layout::default()
    };
    let again = read_in_memory(&[("submissions/0010.csv", &plain)], &layout, lists()).unwrap();
    let again: Vec<Vec<String>> = texts(&again).into_iter().map(|(_, texts)| texts).collect();
    assert_eq!(again, rows, "rows written as csv are read as the same rows");
}
