//! What comes on paper.

use super::*;

/// By sheet, the area that is printed of it.
fn printed_areas(workbooks: &Workbooks<'_>) -> Vec<String> {
    let bytes = workbooks.statewide().unwrap().save_to_buffer().unwrap();
    let (_, book) = parts(&bytes)
        .into_iter()
        .find(|(name, _)| name == "xl/workbook.xml")
        .unwrap();
    book.split("_xlnm.Print_Area")
        .skip(1)
        .map(|rest| {
            let (_, area) = rest.split_once('>').unwrap();
            area.split_once('<').unwrap().0.to_string()
        })
        .collect()
}

#[test]
fn a_list_of_thousands_of_rows_prints_its_first_page_and_a_short_one_prints_whole() {
    let mut workbooks = Workbooks::of(&SAMPLE);
    assert!(SAMPLE.decisions.len() < 1_000);
    let areas = printed_areas(&workbooks);
    assert!(
        areas.iter().all(|area| !area.ends_with(char::is_numeric)),
        "420 rows print down to the last one: {areas:?}"
    );
    workbooks.limits.printed_rows = 50;
    let areas = printed_areas(&workbooks);
    let first_page = |sheet: &str| {
        // The band has 4 rows, then the headings, then 30 rows of the list: 35.
        areas
            .iter()
            .any(|area| area.starts_with(&format!("{sheet}!$A$1:")) && area.ends_with("$35"))
    };
    assert!(first_page("Completions"), "{areas:?}");
    assert!(first_page("Findings"), "{areas:?}");
    assert!(
        !areas
            .iter()
            .any(|area| area.starts_with("Participants!$A$1")),
        "14 entities are a page: {areas:?}"
    );
}

#[test]
fn a_printed_decision_says_which_row_of_which_file_was_decided() {
    let about = |name: &str| -> Vec<String> {
        let state = sheets(&statewide(&vector(name)));
        let decisions = sheet(&state, "Resolutions");
        let about = column(decisions, "About");
        let lines = decisions.rows().skip(5);
        lines.map(|line| line[about].to_string()).collect()
    };
    // Lines 2 to 4 of resolutions.csv name rows 3 to 5 of a text file.
    assert_eq!(
        about("19-decisions")[..3],
        [
            "line 3 of 0010.csv",
            "line 4 of 0010.csv",
            "line 5 of 0010.csv"
        ]
    );
    // These name a pupil: the print says where the first of the rows is, and nothing of the pupil.
    for line in &about("13-resolutions")[..3] {
        assert!(line.starts_with("held: line "), "{line}");
    }
    let areas = printed_areas(&Workbooks::of(&SAMPLE));
    let printed = areas.iter().find(|area| area.starts_with("Resolutions!"));
    assert!(
        printed.is_some_and(|area| area == "Resolutions!$A:$K"),
        "from Line to Payees lose, and no SASID: {areas:?}"
    );
}

/// What a sheet's part says after a word, up to a mark.
fn after<'x>(xml: &'x str, word: &str, mark: char) -> Option<&'x str> {
    xml.split_once(word)?.1.split(mark).next()
}

#[test]
fn every_sheet_prints_on_letter_in_a_size_that_can_be_read() {
    /// Landscape Letter between margins of 0.4 inches, at 60 percent, in pixels of which an inch has 96.
    const ROOM: f64 = (11.0 - 0.8) / 0.6 * 96.0;
    let mut workbook = Workbooks::of(&SAMPLE).statewide().unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let names: Vec<String> = sheets(&bytes).into_iter().map(|(name, _)| name).collect();
    let parts = parts(&bytes);
    let book = &parts
        .iter()
        .find(|(name, _)| name == "xl/workbook.xml")
        .unwrap()
        .1;
    let mut cut = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let part = format!("xl/worksheets/sheet{}.xml", index + 1);
        let xml = &parts.iter().find(|(name, _)| *name == part).unwrap().1;
        assert_eq!(
            after(xml, "paperSize=\"", '"').unwrap_or("1"),
            "1",
            "{name}"
        );
        assert_eq!(after(xml, "fitToHeight=\"", '"'), Some("0"), "{name}");
        let area = format!("name=\"_xlnm.Print_Area\" localSheetId=\"{index}\">");
        let last = after(book, &area, '<').map(|area| {
            let letters = area.rsplit_once(":$").unwrap().1.split('$').next().unwrap();
            letters
                .bytes()
                .fold(0, |at, letter| at * 26 + u32::from(letter - b'A') + 1)
        });
        let mut pixels = 0.0;
        let mut columns = 0;
        for column in xml.split("<col ").skip(1) {
            let text = |word| after(column, word, '"').unwrap();
            let number = |word| text(word).parse::<u32>().unwrap();
            for at in number("min=\"")..=number("max=\"") {
                columns += 1;
                if last.is_none_or(|last| at <= last) {
                    // The width in the file is that of the digits and 5 pixels, in digits of 7 pixels.
                    pixels += text("width=\"").parse::<f64>().unwrap() * 7.0;
                }
            }
        }
        assert!(pixels <= ROOM, "{name}: {pixels} of {ROOM}");
        if last.is_some_and(|last| last < columns) {
            cut.push(name.as_str());
        }
    }
    // The others print whole.
    assert_eq!(
        cut,
        ["Participants", "Completions", "Resolutions", "Inputs"]
    );
}

#[test]
fn every_page_of_the_control_totals_begins_with_a_section_and_its_headings() {
    let bytes = statewide(&sampled(60, 900));
    let sheets = sheets(&bytes);
    let index = sheets
        .iter()
        .position(|(name, _)| name == "Conservation")
        .unwrap();
    let rows: Vec<&[Data]> = sheets[index].1.rows().collect();
    let part = format!("xl/worksheets/sheet{}.xml", index + 1);
    let parts = parts(&bytes);
    let (_, xml) = parts.iter().find(|(name, _)| *name == part).unwrap();
    // A break is above the row that it names, counted from 0.
    let begins = xml.split("<brk id=\"").skip(1);
    let begins: Vec<usize> = begins
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect();
    for row in &begins {
        let [section, headings] = [rows[*row], rows[row + 1]];
        assert!(section[0] != Data::Empty && section[1] == Data::Empty);
        assert!(
            headings.contains(&Data::String("Check".to_string())),
            "{headings:?}"
        );
    }
    let mut ends = begins.clone();
    ends.push(rows.len());
    for (from, to) in [0].iter().chain(&begins).zip(&ends) {
        assert!(to - from <= 46, "rows {from} to {to} do not fit on a page");
    }
    let continued = |row: &&usize| rows[**row][0].to_string().ends_with(", continued");
    assert!(begins.iter().any(|row| continued(&row)), "{begins:?}");
    // The line above all counts the checks of every part.
    let checks = rows.iter().flat_map(|row| row.iter());
    let checks = checks
        .filter(|cell| **cell == Data::String("OK".to_string()))
        .count();
    let said = format!("Every check on this sheet ({})", checks - 1);
    assert!(rows.iter().any(|row| row[0] == Data::String(said.clone())));
}
