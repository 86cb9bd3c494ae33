//! `audit-sample`: the draw follows the specification, anyone can repeat it, and the workpaper evaluates the auditor's entries.

use std::fs;
use std::path::Path;

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use cdip::audit::samples::draw::{self, CannotDraw, Hit};
use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::rules::terms::ParticipantKind;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use crate::batch_builder::{Row, TestBatch, clean_row, pupil};
use crate::differential::audit::{self as naive, PaidRow};
use crate::libreoffice;
use crate::spreadsheets::with_parts;
use crate::support::{cdip, python, root, said};
use crate::vectors::report_of;

/// Paid rows as a report could have them, in its order: path, order of sheets, row.
fn random_rows(random: &mut ChaCha8Rng) -> Vec<PaidRow> {
    let mut rows = Vec::new();
    for file in 0..random.random_range(1..4) {
        for sheet in 0..random.random_range(1..3) {
            for row in 0..random.random_range(0..12) {
                let district = random.random_range(1..4);
                let school = random.random_bool(0.3);
                rows.push(PaidRow {
                    participant: format!("00{district}0{}", if school { "-4500" } else { "" }),
                    file: format!("submissions/{file}.xlsx"),
                    sheet: ["b", "a"][sheet].to_string(),
                    sheet_order: sheet,
                    row: row + 2,
                    cents: random.random_range(1..200_000),
                    stratum: (random.random_range(0..4), random.random_range(1..4)),
                });
            }
        }
    }
    rows
}

fn as_drawn(rows: &[PaidRow]) -> Vec<draw::PaidRow<'_>> {
    rows.iter()
        .map(|row| draw::PaidRow {
            participant: &row.participant,
            file: &row.file,
            sheet: &row.sheet,
            row: row.row,
            amount: Money::from_cents(i64::try_from(row.cents).unwrap()),
            stratum: (
                ParticipantKind::ALL[row.stratum.0],
                u32::try_from(row.stratum.1).unwrap(),
            ),
        })
        .collect()
}

#[test]
fn every_draw_is_that_of_a_second_implementation() {
    let mut compared = [0; 3];
    for seed in 0..400 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let rows = random_rows(&mut random);
        if rows.is_empty() {
            continue;
        }
        let (ours, size) = (as_drawn(&rows), random.random_range(1..50));
        let text = format!("seed {seed}");
        let row = |hit: &Hit| rows[hit.row].clone();

        let by_money: Vec<(PaidRow, u32)> = draw::by_money(&ours, size, &text)
            .iter()
            .map(|hit| (row(hit), u32::try_from(hit.hits.unwrap_or(0)).unwrap()))
            .collect();
        assert_eq!(by_money, naive::by_money(&rows, size, &text), "{text}");
        compared[0] += 1;

        let at_random: Vec<PaidRow> = draw::at_random(&ours, size, &text)
            .iter()
            .map(row)
            .collect();
        assert_eq!(at_random, naive::at_random(&rows, size, &text), "{text}");
        compared[1] += 1;

        match (
            draw::stratified(&ours, size, &text),
            naive::per_stratum(&rows, size),
        ) {
            (Err(CannotDraw::FewerThanStrata(_)), None) => {}
            (Ok(hits), Some(gives)) => {
                let drawn: Vec<PaidRow> = hits.iter().map(row).collect();
                let expected: Vec<PaidRow> = gives
                    .into_iter()
                    .flat_map(|(stratum, gives)| {
                        let members: Vec<PaidRow> = rows
                            .iter()
                            .filter(|row| row.stratum == stratum)
                            .cloned()
                            .collect();
                        naive::at_random(&members, gives, &text)
                    })
                    .collect();
                assert_eq!(drawn, expected, "{text}");
                compared[2] += 1;
            }
            (ours, theirs) => panic!("{text}: {ours:?}, {theirs:?}"),
        }
    }
    assert!(compared.iter().all(|count| *count > 250), "{compared:?}");
}

/// Ten pupils with an internship each, $1,000.00 each: $10,000.00. FINAL.
fn report() -> TempDir {
    let pupils: Vec<Row> = (1..=10).map(pupil).collect();
    TestBatch::of(&pupils).with_report()
}

/// A sample of the report, drawn by a method, of a size, from a seed.
fn draw(folder: &Path, [method, size, seed]: [&str; 3], more: &[&str]) -> (Option<i32>, String) {
    let draw = ["audit-sample", "report", "--method", method, "--size", size];
    let output = cdip(folder, &[&draw[..], &["--seed", seed], more].concat());
    (output.status.code(), said(&output))
}

/// The texts of a sheet's rows; whole numbers without a point.
pub fn sheet(workbook: &Path, name: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook(workbook).unwrap();
    let range = book.worksheet_range(name).unwrap();
    range
        .rows()
        .map(|row| row.iter().map(Data::to_string).collect())
        .collect()
}

/// The rows of *Selected rows*: file, sheet, row, amount, hits.
fn selected(workbook: &Path) -> Vec<[String; 5]> {
    let rows = sheet(workbook, "Selected rows");
    let heading = rows.iter().position(|row| row[0] == "No.").unwrap();
    let place = |name: &str| rows[heading].iter().position(|cell| cell == name).unwrap();
    let places = ["Source file", "Sheet", "Row", "Amount", "Hits"].map(place);
    rows[heading + 1..]
        .iter()
        .filter(|row| !row[0].is_empty())
        .map(|row| places.map(|place| row[place].clone()))
        .collect()
}

#[test]
fn python_alone_draws_the_same_rows_from_the_report() {
    let folder = TempDir::new().unwrap();
    let batch = root().join("samples/statewide-2024-25");
    let output = cdip(
        folder.path(),
        &["run", batch.to_str().unwrap(), "--out", "report"],
    );
    assert!(output.status.success(), "{output:?}");
    for (method, size) in [("mus", "60"), ("random", "40"), ("stratified", "50")] {
        let (status, words) = draw(
            folder.path(),
            [method, size, "7 June"],
            &["--out", "sample.xlsx"],
        );
        assert_eq!(status, Some(0), "{words}");
        let workbook = folder.path().join("sample.xlsx");
        // The script and the command as the workpaper has them.
        let again: Vec<String> = sheet(&workbook, "Draw again")
            .into_iter()
            .map(|row| row[0].clone())
            .collect();
        let script = again.iter().position(|line| line == "Script").unwrap();
        fs::write(
            folder.path().join("draw.py"),
            again[script + 1..].join("\n") + "\n",
        )
        .unwrap();
        assert!(again.contains(&format!(
            "python3 draw.py REPORT {method} {size} \"7 June\""
        )));
        let arguments = ["draw.py", "report", method, size, "7 June"];
        let Some(output) = python(folder.path(), &arguments, "") else {
            return;
        };
        assert!(output.status.success(), "{output:?}");
        let mut lines = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(output.stdout.as_slice());
        let drawn: Vec<[String; 5]> = lines
            .records()
            .map(|line| {
                let line = line.unwrap();
                let amount = line[3].trim_end_matches('0').trim_end_matches('.');
                [&line[0], &line[1], &line[2], amount, &line[4]].map(str::to_string)
            })
            .collect();
        assert_eq!(drawn, selected(&workbook), "{method}");
        assert_eq!(drawn.len().to_string(), size, "{method}");
    }
}

/// *Evaluation* of a workpaper after amounts were filled in, one drawn row after the other, and a tolerable overstatement where rows
/// were drawn by monetary units; `None` without LibreOffice.
fn evaluated(
    workbook: &Path,
    audited: &[&str],
    tolerable: Option<&str>,
) -> Option<Vec<Vec<String>>> {
    let fill = |part: String, cell: &str, amount: &str| {
        let (before, behind) = part.split_once(&format!("<c r=\"{cell}\"")).unwrap();
        let (style, rest) = behind.split_once("/>").unwrap();
        format!("{before}<c r=\"{cell}\"{style}><v>{amount}</v></c>{rest}")
    };
    let filled = with_parts(&fs::read(workbook).unwrap(), |name, part| match name {
        "xl/worksheets/sheet2.xml" => audited
            .iter()
            .zip(["J6", "J7", "J8", "J9"])
            .fold(part, |part, (amount, cell)| fill(part, cell, amount)),
        "xl/worksheets/sheet3.xml" => {
            tolerable.map_or(part.clone(), |amount| fill(part, "B15", amount))
        }
        _ => part,
    });
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("filled.xlsx"), filled).unwrap();
    let sheets = libreoffice::sheets(&folder.path().join("filled.xlsx"), folder.path())?;
    let evaluation = sheets.into_iter().find(|(name, _)| name == "Evaluation");
    Some(evaluation.unwrap().1)
}

/// Compares figures of *Evaluation*, by their words.
fn assert_figures(evaluation: &[Vec<String>], figures: &[(&str, &str)]) {
    for (words, value) in figures {
        let line = evaluation.iter().find(|line| line[0] == *words).unwrap();
        assert_eq!(line[1], *value, "{words}");
    }
}

#[test]
fn the_evaluation_projects_what_the_auditor_fills_in_and_concludes_when_every_row_is_audited() {
    // Four selections over $10,000.00: the interval is $2,500.00, and four rows are drawn.
    let folder = report();
    let (status, words) = draw(folder.path(), ["mus", "4", "2024"], &[]);
    assert_eq!(status, Some(0), "{words}");
    let workbook = folder.path().join("report-audit-sample.xlsx");
    assert_eq!(selected(&workbook).len(), 4);
    // The auditor finds that the first row should have been $500.00 and the second $1,200.00; the others, $1,000.00 each, are right.
    let half = [
        ("Rows with an audited amount", "2"),
        ("Rows still to be audited", "2"),
        ("Rows overstated", "1"),
        ("Rows understated", "1"),
        // 500 - 200.
        ("Overstated in the rows drawn, net", "300"),
        // A fifth of the row is understated: 0.2 x $2,500.00. It takes nothing off the overstatement.
        ("Projected understatement", "500"),
        ("Interval", "2500"),
        // Half of the row is overstated: 0.5 x $2,500.00.
        ("Projected overstatement", "1250"),
        // 3.00 x $2,500.00 at 95%.
        ("Basic precision", "7500"),
        // 0.5 x $2,500.00 x (4.75 - 3.00 - 1).
        ("Allowance for what was found", "937.5"),
        ("Upper limit of the overstatement", "open"),
        ("Conclusion", "open"),
    ];
    let whole = [
        ("Rows still to be audited", "0"),
        ("Projected overstatement", "1250"),
        ("Upper limit of the overstatement", "9687.5"),
        ("Conclusion", "accepted"),
    ];
    let none = [
        ("Rows still to be audited", "4"),
        ("Upper limit of the overstatement", "open"),
        ("Conclusion", "open"),
    ];
    let amounts = ["500", "1200", "1000", "1000"];
    for (audited, figures) in [(0, &none[..]), (2, &half), (4, &whole)] {
        let Some(evaluation) = evaluated(&workbook, &amounts[..audited], Some("10000")) else {
            return;
        };
        assert_figures(&evaluation, figures);
    }
}

/// The report of the vector with full funding, in its order: 0010 is paid $1,000.00 in tier 1, $1,200.00 in tier 2 and $1,000.00 in
/// tier 3, and 0020 $1,200.00 in tier 3.
fn report_of_three_tiers() -> TempDir {
    report_of("02-full-funding")
}

/// The lines of a sheet from a heading to `All`, as many columns as the heading has texts.
fn table(lines: &[Vec<String>], heading: &str) -> Vec<String> {
    let first = lines.iter().position(|line| line[0] == heading).unwrap();
    let last = lines.iter().position(|line| line[0] == "All").unwrap();
    lines[first + 1..=last]
        .iter()
        .map(|line| line.join("|"))
        .collect()
}

#[test]
fn a_row_of_an_interval_or_more_is_not_projected_and_a_limit_a_cent_too_high_is_not_accepted() {
    // Four selections over $4,400.00: the interval is $1,100.00. The start is 0.3089 of it, so that every row is drawn.
    let folder = report_of_three_tiers();
    let (status, words) = draw(folder.path(), ["mus", "4", "2024"], &["--out", "s.xlsx"]);
    assert_eq!(status, Some(0), "{words}");
    let workbook = folder.path().join("s.xlsx");
    let about = sheet(&workbook, "Sample");
    let method = about.iter().find(|line| line[0] == "Method").unwrap();
    // 110,000 cents x 0.30893... = 33,982.
    assert!(
        method[1].contains("It falls on cent 33982 ($339.82)"),
        "{method:?}"
    );
    for (words, value) in [
        ("Population", "4 paid rows of the report, $4,400.00"),
        ("Asked for", "4 selections"),
        ("Drawn", "4 rows, $4,400.00"),
    ] {
        let line = about.iter().find(|line| line[0] == words).unwrap();
        assert_eq!(line[1], value);
    }
    let figures = [
        // A tenth of $1,000.00 is overstated, 0.1 x $1,100.00 = 110, and $200.00 of a row of $1,200.00, which stay 200.
        ("Projected overstatement", "310"),
        ("Basic precision", "3300"),
        // 0.1 x $1,100.00 x (4.75 - 3.00 - 1).
        ("Allowance for what was found", "82.5"),
        ("Upper limit of the overstatement", "3692.5"),
    ];
    for (tolerable, conclusion) in [("3692.5", "accepted"), ("3692.49", "not accepted")] {
        let audited = ["900", "1000", "1000", "1200"];
        let Some(evaluation) = evaluated(&workbook, &audited, Some(tolerable)) else {
            return;
        };
        assert_figures(&evaluation, &figures);
        assert_figures(&evaluation, &[("Conclusion", conclusion)]);
    }
}

#[test]
fn rows_drawn_at_random_are_projected_by_their_mean_and_by_ratio() {
    let folder = report_of_three_tiers();
    let (status, words) = draw(folder.path(), ["random", "3", "a"], &["--out", "s.xlsx"]);
    assert_eq!(status, Some(0), "{words}");
    let workbook = folder.path().join("s.xlsx");
    let amounts: Vec<String> = selected(&workbook)
        .into_iter()
        .map(|row| row[3].clone())
        .collect();
    assert_eq!(amounts, ["1200", "1000", "1200"]);
    let drawn = [
        "District|1|1|1000|0|0",
        "District|2|1|1200|1|1200",
        "District|3|2|2200|2|2200",
        "All||4|4400|3|3400",
    ];
    let about = sheet(&workbook, "Sample");
    assert_eq!(table(&about, "Kind of participant"), drawn);
    let Some(open) = evaluated(&workbook, &[], None) else {
        return;
    };
    assert_figures(&open, &[("Projected by ratio", "open")]);
    let evaluation = evaluated(&workbook, &["600", "1000", "1200"], None).unwrap();
    let of = |words: &str| evaluation.iter().find(|line| line[0] == words).unwrap()[1].clone();
    // 1,200 - 600 = 600 in three rows: 600 / 3 x 4 rows = 800. Of $3,400.00: 600 / 3,400 x $4,400.00 = 776.47.
    assert_eq!(of("Projected by the mean difference"), "800");
    assert!(of("Projected by ratio").starts_with("776.47"));
    let net = "Projected to the population, net of understatement";
    assert!(evaluation.iter().any(|line| line[0] == net));
}

#[test]
fn a_stratified_sample_is_projected_stratum_by_stratum_once_each_has_an_audited_row() {
    // Tiers 1 and 2 have a paid row each and tier 3 has two, of which one is drawn.
    let folder = report_of_three_tiers();
    let (status, words) = draw(
        folder.path(),
        ["stratified", "3", "a"],
        &["--out", "s.xlsx"],
    );
    assert_eq!(status, Some(0), "{words}");
    let workbook = folder.path().join("s.xlsx");
    // The auditor supports 900 of 1,000, all of 1,200, and 800 of 1,000: 100 x 1 row + 0 x 1 row + 200 x 2 rows = 500.
    let whole = [
        "District|1|1|1|1|100|100|100",
        "District|2|1|1|1|0|0|0",
        "District|3|2|1|1|200|200|400",
        "All||4|3|3|300||500",
    ];
    // Nothing is known of tier 3 yet, nor of all.
    let part = [
        "District|1|1|1|1|100|100|100",
        "District|2|1|1|1|0|0|0",
        "District|3|2|1|0|0|open|open",
        "All||4|3|2|100||open",
    ];
    for (audited, expected) in [
        (&["900", "1200", "800"][..], whole),
        (&["900", "1200"], part),
    ] {
        let Some(evaluation) = evaluated(&workbook, audited, None) else {
            return;
        };
        assert_eq!(table(&evaluation, "Kind of participant"), expected);
    }
}

#[test]
fn a_workpaper_that_somebody_filled_in_is_not_written_over() {
    const REPLACED: &str = "It replaced the workpaper of an earlier draw.";
    let folder = report();
    let draw = || draw(folder.path(), ["random", "2", "a"], &["--out", "s.xlsx"]);
    let (status, words) = draw();
    assert_eq!(status, Some(0));
    assert!(!words.contains(REPLACED), "{words}");
    let first = fs::read(folder.path().join("s.xlsx")).unwrap();
    let (status, words) = draw();
    assert_eq!(status, Some(0));
    assert!(words.contains(REPLACED), "{words}");
    assert_eq!(first, fs::read(folder.path().join("s.xlsx")).unwrap());
    // Excel writes the name of the one who saved it.
    let saved = with_parts(&first, |name, part| match name {
        "docProps/core.xml" => part.replace(
            "<cp:lastModifiedBy>cdip<",
            "<cp:lastModifiedBy>State Auditor<",
        ),
        _ => part,
    });
    // openpyxl leaves that name as it is, and writes the time.
    let later = with_parts(&first, |name, part| match name {
        "docProps/core.xml" => {
            let (before, modified) = part.split_once("<dcterms:modified").unwrap();
            let (day, rest) = modified.split_once("</dcterms:modified>").unwrap();
            let (kind, _) = day.split_once('>').unwrap();
            format!("{before}<dcterms:modified{kind}>2026-01-05T08:00:00Z</dcterms:modified>{rest}")
        }
        _ => part,
    });
    for saved in [saved, later] {
        fs::write(folder.path().join("s.xlsx"), &saved).unwrap();
        let (status, words) = draw();
        assert_eq!(status, Some(2), "{words}");
        assert!(
            words.contains("this one was saved since cdip wrote it"),
            "{words}"
        );
        assert_eq!(saved, fs::read(folder.path().join("s.xlsx")).unwrap());
    }
}

#[test]
fn a_workpaper_shows_before_a_spreadsheet_opens_it_what_one_calculates() {
    let folder = report_of_three_tiers();
    for [method, size] in [
        ["mus", "4"],
        ["mus", "3"],
        ["random", "3"],
        ["stratified", "4"],
    ] {
        let more = ["--out", "s.xlsx"];
        let (status, words) = draw(folder.path(), [method, size, "2024"], &more);
        assert_eq!(status, Some(0), "{words}");
        let workbook = folder.path().join("s.xlsx");
        let Some(calculated) = evaluated(&workbook, &[], None) else {
            return;
        };
        let mut compared = 0;
        for (written, calculated) in sheet(&workbook, "Evaluation").iter().zip(&calculated) {
            let pairs = written.iter().zip(calculated);
            // A cell that has no result yet is empty until a spreadsheet calculates; shares come back as percents, and a difference
            // of two factors with the last digit of a binary fraction.
            let number = |text: &str| text.parse::<f64>().ok().map(|is| format!("{is:.6}"));
            let numbers = pairs.filter_map(|(one, other)| Some((number(one)?, number(other)?)));
            for (one, other) in numbers {
                assert_eq!(one, other, "{method}: {written:?}");
                compared += 1;
            }
        }
        assert!(compared > 5, "{method}: {compared}");
        fs::remove_file(workbook).unwrap();
    }
}

#[test]
fn a_workpaper_says_how_its_rows_were_drawn_and_what_they_support() {
    let folder = report_of_three_tiers();
    let cell = |lines: &[Vec<String>], words: &str| -> Option<String> {
        let line = lines.iter().find(|line| line[0] == words);
        line.map(|line| line[1].clone())
    };
    for ([method, size], drawn, supports) in [
        (["mus", "4"], "Monetary units, systematic.", None),
        (
            ["mus", "5"],
            "Every one of the 4 paid rows",
            Some("Nothing is projected"),
        ),
        (["random", "3"], "At random:", Some("No upper limit")),
        (
            ["stratified", "4"],
            "By kind of participant and tier.",
            Some("No upper limit"),
        ),
    ] {
        let more = ["--out", "s.xlsx"];
        let (status, words) = draw(folder.path(), [method, size, "2024"], &more);
        assert_eq!(status, Some(0), "{words}");
        let workbook = folder.path().join("s.xlsx");
        let [sample, evaluation, again] =
            ["Sample", "Evaluation", "Draw again"].map(|name| sheet(&workbook, name));
        let told = cell(&sample, "Method").unwrap();
        assert!(told.starts_with(drawn), "{told}");
        let in_words = match method {
            "mus" => "sample drawn by monetary units",
            "random" => "sample drawn at random",
            _ => "sample drawn by kind of participant and tier",
        };
        assert!(words.contains(in_words), "{words}");
        for note in ["Nothing is projected", "No upper limit"] {
            let is_there = cell(&evaluation, note).is_some();
            assert_eq!(is_there, supports == Some(note), "{method} {size}: {note}");
        }
        for words in ["Prepared by", "Reviewed by", "Population agreed to"] {
            assert!(cell(&sample, words).is_some(), "{words}");
        }
        // Without the batch, the first sheet says how to get the cells as they were submitted.
        assert!(cell(&sample, "Source cells").is_some_and(|told| told.contains("--batch DIR")));
        let rows = sheet(&workbook, "Selected rows");
        let heading = rows.iter().position(|line| line[0] == "No.").unwrap();
        let numbers: Vec<&str> = rows[heading + 1..].iter().map(|line| &*line[0]).collect();
        assert!(numbers.starts_with(&["1", "2", "3"]), "{numbers:?}");
        let command = format!("python3 draw.py REPORT {method} {size} \"2024\"");
        assert!(again.iter().any(|line| line[0] == command), "{again:?}");
        assert!(again.iter().any(|line| line[0].starts_with("import ")));
        fs::remove_file(workbook).unwrap();
    }
}

#[test]
fn the_strata_of_a_workpaper_add_up_to_the_report_and_to_the_rows_drawn() {
    let folder = report_of_three_tiers();
    let more = ["--out", "s.xlsx"];
    let (status, words) = draw(folder.path(), ["stratified", "4", "2024"], &more);
    assert_eq!(status, Some(0), "{words}");
    // Kind, tier, paid rows and their amount, rows drawn and their amount: every row is drawn.
    let strata = table(
        &sheet(&folder.path().join("s.xlsx"), "Sample"),
        "Kind of participant",
    );
    assert_eq!(
        strata,
        [
            "District|1|1|1000|1|1000",
            "District|2|1|1200|1|1200",
            "District|3|2|2200|2|2200",
            "All||4|4400|4|4400",
        ]
    );
}

#[test]
fn the_selected_rows_name_participant_and_program_and_have_real_dates() {
    let folder = report();
    let (status, words) = draw(folder.path(), ["random", "1", "a"], &["--out", "s.xlsx"]);
    assert_eq!(status, Some(0), "{words}");
    let mut book: Xlsx<_> = open_workbook(folder.path().join("s.xlsx")).unwrap();
    let rows = book.worksheet_range("Selected rows").unwrap();
    let mut lines = rows.rows().skip_while(|row| row[0] != "No.");
    let (headings, drawn) = (lines.next().unwrap(), lines.next().unwrap());
    let of = |heading: &str| {
        let mut cells = headings.iter().zip(drawn);
        let (_, cell) = cells.find(|(found, _)| *found == heading).unwrap();
        cell
    };
    assert_eq!(of("Participant").to_string(), "0010 First District");
    assert_eq!(of("Program name").to_string(), "Internship");
    let date = of("Completion date");
    assert!(
        matches!(date, Data::DateTime(day) if day.as_datetime().unwrap().date().to_string() == "2024-05-17"),
        "{date:?}"
    );
}

#[test]
fn a_sample_of_no_rows_is_refused_by_every_method() {
    let folder = report();
    for method in ["mus", "random", "stratified"] {
        let (status, words) = draw(folder.path(), [method, "0", "a"], &["--out", "s.xlsx"]);
        assert_eq!(status, Some(2), "{words}");
        assert_eq!(
            words,
            "error: invalid value '0' for '--size <N>': 0 is not in 1..=4294967295\n\nFor more information, try '--help'.\n"
        );
        assert!(!folder.path().join("s.xlsx").exists(), "{method}");
    }
}

#[test]
fn a_seed_that_a_shell_would_change_is_refused() {
    let folder = report();
    for seed in ["a\"b", "$HOME", "`date`", "a\\b", "100%", "now!", "a\nb"] {
        let (status, words) = draw(folder.path(), ["random", "3", seed], &["--out", "s.xlsx"]);
        assert_eq!(status, Some(2), "{words}");
        // Windows has its own words for a quotation mark in any argument, which is mostly one that swallowed what follows.
        let expected = if cfg!(windows) && seed.contains('"') {
            "error: a quotation mark is a part of this name\n"
        } else {
            "for '--seed <TEXT>': the workpaper's command cannot hold line breaks, nor any of \" $ ` \\ % !: choose another text\n"
        };
        assert!(words.contains(expected), "{words}");
        assert!(!folder.path().join("s.xlsx").exists(), "{seed}");
    }
    let (status, words) = draw(folder.path(), ["random", "3", "room 12, 9/1"], &[]);
    assert_eq!(status, Some(0), "{words}");
}

#[test]
fn more_rows_than_there_are_draw_all_and_fewer_than_strata_none() {
    let folder = report();
    for method in ["mus", "random", "stratified"] {
        let out = format!("{method}.xlsx");
        let (status, words) = draw(folder.path(), [method, "11", "a"], &["--out", &out]);
        assert_eq!(status, Some(0), "{words}");
        assert!(
            words.contains("11 rows were asked for: the report has only these"),
            "{words}"
        );
        let rows = selected(&folder.path().join(out));
        let mut numbers: Vec<u32> = rows.iter().map(|row| row[2].parse().unwrap()).collect();
        numbers.sort_unstable();
        // Ten rows under the headings, each of them once.
        assert_eq!(numbers, (2..=11).collect::<Vec<u32>>(), "{method}");
        assert!(
            rows.iter().all(|row| row[4].is_empty()),
            "no hits: {rows:?}"
        );
    }
    let batch = TestBatch::of(&[
        clean_row(),
        clean_row()
            .with(Field::Sasid, "1000000002")
            .with(Field::ProgramCode, "IC1"),
    ])
    .reading("cap_rounding", "\"ceiling\"")
    .with_report();
    let (status, words) = draw(batch.path(), ["stratified", "1", "a"], &[]);
    assert_eq!(status, Some(2), "{words}");
    assert!(
        words.contains(
            "the paid rows are of 2 kinds of participant and tiers, and only 1 row is to be drawn"
        ),
        "{words}"
    );
}

#[test]
fn with_the_batch_every_cell_has_its_address() {
    let folder = report();
    let (status, words) = draw(
        folder.path(),
        ["random", "1", "a"],
        &["--out", "s.xlsx", "--batch", "."],
    );
    assert_eq!(status, Some(0), "{words}");
    let row = selected(&folder.path().join("s.xlsx"))[0][2].clone();
    let first = sheet(&folder.path().join("s.xlsx"), "Sample");
    let is_note = |line: &Vec<String>| line.iter().any(|text| text.contains("--batch DIR"));
    assert!(!first.iter().any(is_note), "{first:?}");
    let cells = sheet(&folder.path().join("s.xlsx"), "Source cells");
    let headings = cells.iter().position(|line| line[0] == "No.").unwrap();
    let of = |heading: &str| {
        let place = cells[headings].iter().position(|cell| cell == heading);
        cells[headings + 1][place.unwrap()].clone()
    };
    assert_eq!(cells[headings + 1][0], "1");
    // The fifth column of the file is Program Code, and the third is SASID.
    assert_eq!(of("Program Code"), format!("E{row}: IN1"));
    assert_eq!(of("SASID"), format!("C{row}: 10 digits"));
}
