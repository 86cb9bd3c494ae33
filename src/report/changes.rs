//! What decisions on the record changed in rows, in words: which text of a cell became which, and which codes no longer count. A text
//! that could be a pupil's is never given (docs/decisions/0004).

use std::collections::HashMap;

use crate::calculation::Calculation;
use crate::catalogue::{Code, Codes, Severity};
use crate::intake::fields::Field;
use crate::intake::lists::{Resolution, Ruling};
use crate::proposals::Proposer;
use crate::ranks::{ResolutionRank, RowRank};
use crate::values::upper_case;
use crate::words::listed;

/// What the lines of `resolutions.csv` changed in rows.
#[derive(Debug)]
pub(crate) struct Changes {
    /// By line; none where it corrected no cell and waived no code.
    of_lines: Vec<Option<String>>,
    /// By row, the lines that corrected its cells or waived its codes, in ascending order.
    of_rows: HashMap<RowRank, Vec<ResolutionRank>>,
}

impl Changes {
    /// Those of a calculation.
    pub(crate) fn of(calculation: &Calculation) -> Changes {
        let intake = &calculation.intake;
        let mut codes = CodeTexts {
            proposer: Proposer::new(&intake.programs, calculation.batch.rules.school_year),
            known: HashMap::new(),
        };
        let mut changes = Changes {
            of_lines: Vec::with_capacity(intake.resolutions.len()),
            of_rows: HashMap::new(),
        };
        let lines = ResolutionRank::enumerate(&intake.resolutions);
        for ((number, line), effect) in lines.zip(&calculation.lines) {
            // Both name one row, and only a line that took effect has it.
            let change = match (line.ruling, effect.rows.first()) {
                (Some(Ruling::Correct), Some(row)) => Some((*row, corrected(line, &mut codes))),
                (Some(Ruling::Qualify), Some(row)) => {
                    Some((*row, Some(waived(calculation.decisions[*row].codes))))
                }
                _ => None,
            };
            let change = change.and_then(|(row, change)| {
                changes.of_rows.entry(row).or_default().push(number);
                change
            });
            changes.of_lines.push(change);
        }
        changes
    }

    /// What a line changed; none where it corrected no cell and waived no code.
    pub(crate) fn of_line(&self, line: ResolutionRank) -> Option<&str> {
        self.of_lines[line].as_deref()
    }

    /// The same for a receipt, which quotes codes only: it is shown to people who may not see what a row says of a pupil.
    pub(crate) fn of_line_in_receipt(&self, number: ResolutionRank, line: &Resolution) -> String {
        let of_pupil = Field::of_title(&line.column)
            .filter(|_| line.ruling == Some(Ruling::Correct))
            .filter(|field| !CODES.contains(field));
        match (self.of_line(number), of_pupil) {
            (Some(_), Some(field)) => was_corrected(field),
            (change, _) => change.unwrap_or_default().to_string(),
        }
    }

    /// The lines that corrected cells of a row or waived codes of it, in ascending order.
    pub(crate) fn of_row(&self, row: RowRank) -> &[ResolutionRank] {
        self.of_rows.get(&row).map_or(&[], Vec::as_slice)
    }
}

/// `Grade: 13 became 12`; `SASID was corrected`.
fn corrected(line: &Resolution, codes: &mut CodeTexts<'_>) -> Option<String> {
    let field = Field::of_title(&line.column)?;
    let title = field.title();
    let [was, becomes] = [&line.was, &line.becomes].map(|text| quoted(field, text, codes));
    Some(match (was, becomes) {
        (Some(was), Some(becomes)) => format!("{title}: {was} became {becomes}"),
        (None, Some(becomes)) => format!("{title} became {becomes}"),
        (_, None) => was_corrected(field),
    })
}

fn was_corrected(field: Field) -> String {
    format!("{} was corrected", field.title())
}

/// The fields that say nothing of a pupil.
const CODES: [Field; 3] = [Field::DistrictCode, Field::SchoolCode, Field::ProgramCode];

/// The text of a cell, if a message may quote it.
fn quoted(field: Field, text: &str, codes: &mut CodeTexts<'_>) -> Option<String> {
    field.quoted(text, field == Field::ProgramCode && codes.has(text))
}

/// Which texts are program codes. Many lines can correct one text, and looking it up takes as long as the list is.
struct CodeTexts<'p> {
    proposer: Proposer<'p>,
    known: HashMap<String, bool>,
}

impl CodeTexts<'_> {
    /// Whether a text is a code of the list, or one that N301 quotes.
    fn has(&mut self, text: &str) -> bool {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let listed = self.proposer.programs().rank(&upper_case(text));
        let has = listed.is_some() || self.proposer.of(text, "").can_quote(text);
        self.known.insert(text.to_string(), has);
        has
    }
}

/// `N302 and N303 no longer count`.
fn waived(codes: Codes) -> String {
    let codes = codes.of(&[Severity::NotQualified]);
    let waived: Vec<&str> = codes.iter().map(Code::as_str).collect();
    let verb = if waived.len() == 1 { "counts" } else { "count" };
    format!("{} no longer {verb}", listed(waived))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::lists::read_programs;
    use crate::year::Year;

    #[test]
    fn what_was_corrected_is_quoted_only_where_it_cannot_be_about_a_pupil() {
        let list = "Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year\n\
            IC112,Welding,industry_credential,Trades,N,,\n";
        let programs = read_programs("programs.csv", list.as_bytes()).unwrap();
        let mut codes = CodeTexts {
            proposer: Proposer::new(&programs, Year::parse("2023-24").unwrap()),
            known: HashMap::new(),
        };
        for (field, text, is_quoted) in [
            (Field::ProgramCode, "1C112", true),
            (Field::ProgramCode, "IC112", true),
            (Field::ProgramCode, "Maria Lopez", false),
            (Field::ProgramCode, "1000000001", false),
            (Field::Grade, "8", true),
            (Field::Grade, "Maria", false),
            (Field::Sasid, "1000000001", false),
            (Field::Sasid, "", false),
            (Field::ProgramName, "Welding", false),
            (Field::CompletionDate, "2024-05-17", true),
            (Field::CompletionDate, "1/5/2009", false),
        ] {
            let quoted = quoted(field, text, &mut codes);
            assert_eq!(quoted.is_some(), is_quoted, "{field:?} {text}");
        }
        assert_eq!(
            quoted(Field::ProgramCode, "", &mut codes).as_deref(),
            Some("empty")
        );
    }

    #[test]
    fn an_appeal_names_the_codes_that_no_longer_count() {
        let mut codes = Codes::NONE;
        codes.add(Code::N303);
        codes.add(Code::H502);
        assert_eq!(waived(codes), "N303 no longer counts");
        codes.add(Code::N302);
        assert_eq!(waived(codes), "N302 and N303 no longer count");
    }
}
