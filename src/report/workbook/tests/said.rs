//! What the workbook says of the batch and of the law.

use super::*;

#[test]
fn what_the_batch_has_not_is_said_or_left_out() {
    let plain = sheets(&statewide(&vector("02-full-funding")));
    let summary = words(sheet(&plain, "Summary"));
    assert!(
        summary
            .split("Available")
            .next()
            .unwrap()
            .contains("no ledger of prior payments"),
        "above the money"
    );
    assert!(
        !summary.contains("Do not pay")
            && !words(sheet(&sheets(&statewide(&SAMPLE)), "Summary")).contains("no ledger")
    );
    assert!(
        words(sheet(&sheets(&statewide(&SAMPLE)), "Summary"))
            .split("Available")
            .next()
            .unwrap()
            .contains("Do not pay")
    );
    assert!(words(sheet(&plain, "Resolutions")).contains("none"));
    assert!(!words(sheet(&plain, "Payments")).contains("Supplement"));
    let with = vector("12-supplement");
    let supplement = sheets(&statewide(&with));
    let payments = sheet(&supplement, "Payments");
    assert_eq!(
        cents(&row(payments, "Total")[column(payments, "Supplement")]),
        with.allocation.supplement().cents()
    );
    for name in ["Summary", "Participants", "Readings and law"] {
        assert!(
            words(sheet(&supplement, name))
                .to_lowercase()
                .contains("supplement"),
            "{name}"
        );
    }
}

#[test]
fn a_final_summary_names_who_sent_nothing_and_says_why_a_finding_can_be_open() {
    let calculation = vector("24-questions-answered");
    assert!(calculation.is_final());
    let state = sheets(&statewide(&calculation));
    let summary = sheet(&state, "Summary");
    assert_eq!(
        row(summary, "Files")[1].to_string(),
        "2 of 2 files read. No rows from: 0020 District 0020 (confirmed), 9035 BOCES (confirmed)."
    );
    let open = "other warnings need no decision, and stay open in a FINAL report";
    for name in ["Summary", "Findings"] {
        assert!(words(sheet(&state, name)).contains(open), "{name}");
    }
}

#[test]
fn a_preliminary_report_says_what_is_open_and_what_of_it_is_not_counted() {
    let state = sheets(&statewide(&SAMPLE));
    let said = row(sheet(&state, "Summary"), "PRELIMINARY")[1].to_string();
    let open = format!("Open: {}. ", SAMPLE.what_is_open_in_words());
    assert!(
        said.starts_with(&open)
            && said.contains("Rejected and held rows and refused files are not counted"),
        "{said}"
    );
}

#[test]
fn what_an_entity_is_paid_is_not_called_its_award_before_the_report_is_final() {
    for (calculation, said, never) in [
        (
            &*SAMPLE,
            "What you would be paid so far (not an award)",
            "What you are paid",
        ),
        (
            &vector("24-questions-answered"),
            "What you are paid",
            "so far (not an award)",
        ),
    ] {
        let entity = &reporting_entities(calculation)[0];
        let mut workbook = Workbooks::of(calculation).entity(entity).unwrap();
        let own = sheets(&workbook.save_to_buffer().unwrap());
        let award = words(sheet(&own, "Award"));
        assert!(award.contains(said) && !award.contains(never), "{award}");
        assert!(!award.contains("correct it"), "{award}");
    }
}

#[test]
fn every_line_of_the_law_sheet_has_a_source_and_the_rules_are_named_above() {
    let state = sheets(&statewide(&SAMPLE));
    let law = sheet(&state, "Readings and law");
    let rules = &SAMPLE.batch.rules;
    let about = law.get_value((3, 0)).unwrap().to_string();
    assert!(
        about.starts_with(&format!("The rules are {}: {}. ", rules.id, rules.title)),
        "{about}"
    );
    assert!(!words(law).contains("no source is named"));
}

#[test]
fn the_law_sheet_has_every_reading_and_says_what_was_not_at_hand() {
    let sheets = sheets(&statewide(&SAMPLE));
    let law = words(sheet(&sheets, "Readings and law"));
    for (doc, value) in SAMPLE.batch.readings.entries() {
        assert!(
            law.contains(&format!("readings.{} {value}", doc.key)),
            "{}",
            doc.key
        );
    }
    for source in &SAMPLE.batch.rules.sources {
        assert!(
            law.contains(&source.cite) && law.contains(&source.note),
            "{}",
            source.of
        );
    }
    for name in ["Summary", "Readings and law"] {
        let text = words(sheet(&sheets, name));
        assert!(
            text.contains("22-54-138(5) was not at hand") && text.contains("Counsel should check"),
            "{name}"
        );
    }
}

#[test]
fn what_the_batch_gives_itself_is_never_called_verified() {
    let mut calculation = vector("12-supplement");
    calculation.batch.columns.headings = vec![(
        crate::intake::fields::Field::Sasid,
        "State Student ID".to_string(),
    )];
    let sheets = sheets(&statewide(&calculation));
    let law = sheet(&sheets, "Readings and law");
    let [key, value, citation, basis] =
        ["Key", "Value in force", "Citation", "Basis"].map(|heading| column(law, heading));
    for (parameter, amount) in [
        ("available", calculation.batch.available),
        (
            "supplement_available",
            calculation.batch.supplement.unwrap(),
        ),
    ] {
        let lines: Vec<&[Data]> = law
            .rows()
            .filter(|line| line[key] == Data::String(parameter.to_string()))
            .collect();
        let [line] = lines[..] else {
            panic!("{} lines for {parameter}", lines.len())
        };
        assert_eq!(cents(&line[value]), amount.cents());
        assert_eq!(
            [citation, basis].map(|column| line[column].to_string()),
            ["batch.toml", "batch"]
        );
    }
    assert!(words(law).contains("batch = the batch's own input"));
    assert!(
        words(sheet(&sheets, "Inputs"))
            .contains("SASID is read from the heading \"State Student ID\"")
    );
    assert!(
        !words(sheet(&self::sheets(&statewide(&SAMPLE)), "Inputs"))
            .contains("is read from the heading")
    );
}
