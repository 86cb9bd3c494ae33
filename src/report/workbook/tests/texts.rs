//! Texts of the input in a cell.

use super::*;

#[test]
fn a_text_that_looks_like_a_formula_stays_text() {
    let mut calculation = vector("02-full-funding");
    let formula = "=HYPERLINK(\"http://example.invalid\",\"x\")";
    calculation.batch.label = formula.to_string();
    calculation.batch.rules.tiers[0].name = "=1+1".to_string();
    let bytes = statewide(&calculation);
    let formulas: String = worksheet_parts(&bytes)
        .iter()
        .flat_map(|(_, xml)| xml.split("<f>").skip(1))
        .map(|rest| rest.split("</f>").next().unwrap())
        .collect();
    assert!(!formulas.is_empty() && !formulas.contains("HYPERLINK") && !formulas.contains("1+1"));
    let sheets = sheets(&bytes);
    assert_eq!(
        row(sheet(&sheets, "Summary"), "The batch")[1],
        Data::String(formula.to_string())
    );
    assert!(words(sheet(&sheets, "Tiers")).contains("=1+1"));
}

#[test]
fn a_text_longer_than_a_cell_holds_is_cut_and_control_characters_are_no_broken_file() {
    let mut calculation = vector("02-full-funding");
    calculation.batch.label = format!("a\u{1}b<&>{}", "long ".repeat(10_000));
    let sheets = sheets(&statewide(&calculation));
    let label = row(sheet(&sheets, "Summary"), "The batch")[1].to_string();
    assert!(
        label.starts_with("a\u{1}b<&>long")
            && label.ends_with("[cut: longer than a cell of Excel]"),
        "{label:.20}"
    );
}
