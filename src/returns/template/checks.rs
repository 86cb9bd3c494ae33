//! The notes about the columns of the template's sheet of completions, and the shading of faulty cells.

use chrono::Days;
use rust_xlsxwriter::{
    ConditionalFormatFormula, Format, FormatBorder, Formula, Worksheet, XlsxError,
};

use super::super::formulas::CHECKS;
use super::shape::columns;
use crate::intake::fields::{Asked, Example, Field, Fields};
use crate::rules::RuleSet;
use crate::rules::terms::Category;
use crate::words::column_letters;

/// What is said of a column that every row needs.
pub(super) const NEEDED: &str = "needed";
/// The heading of the column that names a code's program; no check reads it.
pub(super) const MEANT: &str = "Program of the code";

/// Shades faulty cells until they are corrected.
pub(super) fn shade(
    sheet: &mut Worksheet,
    fields: Fields,
    (first, last): (u32, u32),
    wrong: u16,
) -> Result<(), XlsxError> {
    let fault = Format::new()
        .set_background_color(0x00FB_D9D3)
        .set_border(FormatBorder::Thin)
        .set_border_color(0x00B0_2A15);
    for (column, field) in (0..).zip(columns(fields)) {
        let blamed = CHECKS.iter().filter(|(_, of)| Some(*of) == field);
        // Titles begin with a capital there.
        let says: Vec<String> = blamed
            .map(|(code, _)| {
                let title = &code.entry().title[1..];
                format!(
                    "ISNUMBER(FIND(\"{title}\",${}{}))",
                    column_letters(wrong),
                    first + 1
                )
            })
            .collect();
        if says.is_empty() {
            continue;
        }
        let rule = ConditionalFormatFormula::new()
            .set_rule(Formula::new(format!("=OR({})", says.join(","))))
            .set_format(&fault);
        sheet.add_conditional_format(first, column, last, column, &rule)?;
    }
    Ok(())
}

/// What a column needs, in a word or two.
pub(super) fn needed(field: Field, rules: &RuleSet) -> &'static str {
    match field.asked(rules) {
        Asked::Always => NEEDED,
        Asked::Sometimes(rows) => rows,
        Asked::Optional | Asked::Never => "optional",
    }
}

/// Values that the rules accept, such as a grade or a date, for the example.
pub(super) fn example(field: Field, rules: &RuleSet, program: (&str, Category)) -> String {
    let begins = rules.school_year.first_day();
    field.example(&Example {
        rules,
        day: begins.checked_add_days(Days::new(320)).unwrap_or(begins),
        program: program.0,
        category: program.1,
    })
}
