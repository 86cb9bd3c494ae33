//! The notes about the columns of the template's sheet of completions, and the shading of faulty cells.

use chrono::Days;
use rust_xlsxwriter::{
    ConditionalFormatFormula, Format, FormatBorder, Formula, Worksheet, XlsxError,
};

use super::super::formulas::{CHECKS, days};
use super::shape::columns;
use crate::intake::fields::Field;
use crate::rules::RuleSet;
use crate::rules::terms::Category;
use crate::values::grade_text;
use crate::words::column_letters;

/// The heading of the column that names a code's program; no check reads it.
pub(super) const MEANT: &str = "Program of the code";

/// Shades faulty cells until they are corrected.
pub(super) fn shade(
    sheet: &mut Worksheet,
    (first, last): (u32, u32),
    wrong: u16,
) -> Result<(), XlsxError> {
    let fault = Format::new()
        .set_background_color(0x00FB_D9D3)
        .set_border(FormatBorder::Thin)
        .set_border_color(0x00B0_2A15);
    for (column, field) in (0..).zip(columns()) {
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

/// Whether a column is required, in a word or two.
pub(super) fn needed(field: Field, rules: &RuleSet) -> &'static str {
    match field {
        Field::ApScore => "for AP courses",
        Field::GraduationCredit if !rules.graduation_credit_required.is_empty() => {
            "for credentials"
        }
        Field::DistrictCode
        | Field::SchoolCode
        | Field::Sasid
        | Field::Grade
        | Field::ProgramCode
        | Field::CompletionDate
        | Field::Lunch => "needed",
        Field::GraduationCredit | Field::SchoolYear | Field::ProgramName => "optional",
    }
}

/// Values that the rules accept, such as a grade or a date, for the example.
pub(super) fn example(field: Field, rules: &RuleSet, program: (&str, Category)) -> String {
    let (begins, _) = days(rules);
    let day = begins.checked_add_days(Days::new(320)).unwrap_or(begins);
    match field {
        Field::DistrictCode => "0880".to_string(),
        Field::SchoolCode => "0101".to_string(),
        Field::Sasid => "the pupil's 10 digits".to_string(),
        Field::Grade => rules
            .grades
            .last()
            .map(|grade| grade_text(*grade).to_string())
            .unwrap_or_default(),
        Field::ProgramCode => program.0.to_string(),
        Field::CompletionDate => day.format("%-m/%-d/%Y").to_string(),
        Field::Lunch => "No".to_string(),
        Field::GraduationCredit => "Yes".to_string(),
        Field::ApScore if program.1 == Category::ApCourse => rules.ap_score_min.to_string(),
        Field::ApScore => "only for AP courses".to_string(),
        Field::SchoolYear => rules.school_year.to_string(),
        Field::ProgramName => String::new(),
    }
}
