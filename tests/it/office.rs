//! `[office]` of `batch.toml`: readers learn whom to ask, the deadline, and who checked the law.

use std::fs;
use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use cdip::intake::completions::Field;

use crate::batch_builder::{TestBatch, clean_row};
use crate::support::names;

const OFFICE: &str = "[office]
name = \"Incentive office\"
contact = \"cdip@example.org\"
deadline = \"2024-10-15\"
appeal_until = \"2024-12-01\"
law_checked_by = \"Jo Example\"
law_checked_on = \"2024-08-30\"";

/// Every text of the state's workbook, and of the workbook of 0010.
fn texts_of(batch: &TestBatch) -> [String; 2] {
    let folder = batch.with_report();
    let entities = folder.path().join("report/entities");
    let entity = entities.join(&names(&entities)[0]);
    [folder.path().join("report/statewide.xlsx"), entity].map(|path| {
        let sheets = Xlsx::new(Cursor::new(fs::read(path).unwrap()))
            .unwrap()
            .worksheets();
        let cells = sheets.iter().flat_map(|(_, range)| {
            let cells = range.used_cells();
            cells.map(|(.., cell)| cell.to_string() + "\n")
        });
        cells.collect()
    })
}

#[test]
fn an_office_that_is_not_named_leaves_the_sentence_about_counsel() {
    for text in texts_of(&TestBatch::of(&[clean_row()])) {
        assert!(text.contains("Counsel should check"), "{text}");
    }
}

#[test]
fn who_checked_the_law_replaces_the_sentence_about_counsel_and_a_district_reads_until_when_to_appeal()
 {
    let [state, entity] = texts_of(&TestBatch::of(&[clean_row()]).setting(OFFICE));
    let checked =
        "Jo Example checked parameters and readings against C.R.S. 22-54-138(5) on 2024-08-30.";
    for text in [&state, &entity] {
        assert!(
            text.contains(checked) && !text.contains("Counsel should check"),
            "{text}"
        );
        assert!(
            text.contains("Incentive office, cdip@example.org"),
            "{text}"
        );
    }
    assert!(
        entity.contains("You can appeal a decision until 2024-12-01."),
        "{entity}"
    );
    assert!(!entity.contains("2024-10-15"), "{entity}");
}

#[test]
fn a_district_with_something_to_fix_reads_until_when_to_send_its_file_again() {
    let faulty = clean_row().with(Field::Grade, "Alumni");
    let [_, entity] = texts_of(&TestBatch::of(&[faulty]).setting(OFFICE));
    assert!(
        entity.contains("Send your corrected file by 2024-10-15."),
        "{entity}"
    );
    assert!(!entity.contains("2024-12-01"), "{entity}");
}
