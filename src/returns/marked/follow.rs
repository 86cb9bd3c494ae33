//! What is wrong with a marked row, as a formula that updates while someone corrects it. While a faulty cell is unchanged, the checks'
//! own words are shown, however the spreadsheet treats its value. Once it changes, the template's formulas judge it. Only the checks
//! know what depends on other rows or files.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::{ConditionalFormatFormula, Format, Formula, Worksheet, XlsxError};

use super::super::formulas::{FIRST, Lists, ProgramList, RowFormulas};
use super::super::template::offered;
use super::super::texts::{key, serial};
use super::names::FOLLOWED;
use crate::finding::Finding;
use crate::intake::fields::Field;
use crate::intake::lists::{Program, Programs};
use crate::intake::pages::MARKED_PAGE;
use crate::rules::RuleSet;
use crate::sheets::cell::{Value, fitting};
use crate::sheets::spliced::Spliced;
use crate::tasks::is_done;
use crate::words::{column_letters, sentence};

/// Where the sentences and the programs are on the hidden sheet: behind the lists, as [`Follower::end`] adds them.
const SENTENCES: u16 = Lists::COLUMNS;
const PROGRAMS: u16 = SENTENCES + 1;
/// Characters of a value that are compared; a text in a formula has at most 255.
const KNOWN_CHARS: usize = 200;
/// The longest formula of Excel is 8,192 characters.
const FORMULA_CHARS_MAX: usize = 8_000;
/// The shade of a cell that was corrected.
const MENDED: u32 = 0x00E2_EFDA;

/// The columns with a list of what they can say.
const OFFERED: [Field; 6] = [
    Field::Grade,
    Field::ProgramCode,
    Field::Lunch,
    Field::GraduationCredit,
    Field::ApScore,
    Field::SchoolYear,
];

/// A faulty cell, or the row as a whole.
pub(super) struct Blamed<'f> {
    /// The column and its cell's text; `None` for the row.
    pub(super) cell: Option<(u16, Value<'f>)>,
    pub(super) field: Option<Field>,
    pub(super) findings: Vec<&'f Finding>,
}

/// What a marked workbook needs to follow corrections.
pub(super) struct Follower<'m> {
    rules: &'m RuleSet,
    programs: Vec<&'m Program>,
    lists: Lists,
    list: ProgramList,
    /// The position of each sentence.
    sentences: HashMap<String, usize>,
}

impl<'m> Follower<'m> {
    pub(super) fn new((rules, programs): (&'m RuleSet, &'m Programs)) -> Follower<'m> {
        let all = programs.all().iter();
        let programs: Vec<&Program> = all
            .filter(|program| program.qualifies_in(rules.school_year))
            .collect();
        Follower {
            rules,
            lists: Lists::of(rules, FOLLOWED),
            list: ProgramList {
                sheet: FOLLOWED,
                first_column: PROGRAMS.into(),
                first_row: u32::try_from(FIRST).unwrap_or(u32::MAX),
                programs: programs.len(),
            },
            programs,
            sentences: HashMap::new(),
        }
    }

    /// Writes the cell that says what is wrong with a row, if there is anything to do. Returns the columns that it depends on.
    pub(super) fn write(
        &mut self,
        (sheet, rows): (&mut Worksheet, &mut Spliced),
        (row, column): (u32, u16),
        place: &dyn Fn(Option<Field>) -> Option<u32>,
        blamed: &[Blamed<'_>],
    ) -> Result<Vec<u16>, XlsxError> {
        let (mut parts, mut says, mut followed) = (Vec::new(), Vec::new(), Vec::new());
        for one in blamed {
            let told: Vec<String> = one.findings.iter().map(|finding| told(finding)).collect();
            if told.is_empty() {
                continue;
            }
            let before = one.cell.as_ref().map(|(column, _)| column_letters(*column));
            let sign = before.as_ref().map_or_else(String::new, |letters| {
                format!("\"{letters}\"&ROW()&\": \"&")
            });
            let words: Vec<String> = told
                .iter()
                .map(|told| sign.clone() + &self.sentence(told) + "&\" \"")
                .collect();
            let words = words.join("&");
            let condition = one
                .cell
                .as_ref()
                .and_then(|(column, value)| unchanged((row, *column), value));
            match (condition, one.field, &one.cell) {
                (Some(unchanged), Some(field), Some((column, _))) => {
                    let formulas = RowFormulas {
                        lists: &self.lists,
                        rules: self.rules,
                        programs: self.list,
                        column: place,
                        row: row + 1,
                    };
                    let else_wrong = formulas.wrong(|asked| asked == field, |_| sign.clone());
                    parts.push(format!("IF({unchanged},{words},{else_wrong})"));
                    followed.push(*column);
                }
                _ => parts.push(words),
            }
            let before =
                before.map_or_else(String::new, |letters| format!("{letters}{}: ", row + 1));
            says.extend(told.into_iter().map(|told| before.clone() + &told));
        }
        let formula = format!("=TRIM({})", parts.join("&"));
        if says.is_empty() {
            return Ok(Vec::new());
        }
        // Trimmed as a spreadsheet does: several blanks become one.
        let says = says.join(" ");
        let says: Vec<&str> = says.split(' ').filter(|word| !word.is_empty()).collect();
        let says = says.join(" ");
        if formula.chars().count() > FORMULA_CHARS_MAX {
            rows.bare(sheet, column, &Value::Text(&says))?;
            return Ok(Vec::new());
        }
        rows.bare(sheet, column, &Value::Formula(&formula, fitting(&says)))?;
        Ok(followed)
    }

    /// The cell of the hidden sheet with a sentence.
    fn sentence(&mut self, told: &str) -> String {
        let next = self.sentences.len();
        let place = *self.sentences.entry(told.to_string()).or_insert(next);
        format!(
            "{FOLLOWED}!${}${}",
            column_letters(SENTENCES),
            FIRST + place
        )
    }

    /// Gives columns the template's drop-downs, from the first row below the headings to the last; other entries stay allowed.
    pub(super) fn offer(
        &self,
        sheet: &mut Worksheet,
        (first, last): (u32, u32),
        place: &dyn Fn(Field) -> Option<u16>,
    ) -> Result<(), XlsxError> {
        let (names, codes) = (self.list.names(), self.list.codes());
        for field in OFFERED {
            if let Some(column) = place(field) {
                let offered =
                    offered(Some(field), self.rules, (&names, &codes))?.show_error_message(false);
                sheet.add_data_validation(first, column, last, column, &offered)?;
            }
        }
        Ok(())
    }

    /// Removes the marks of corrected cells: their row no longer names them.
    pub(super) fn clear_marks<'f>(
        sheet: &mut Worksheet,
        followed: &BTreeMap<u16, Vec<u32>>,
        says: u16,
        number_format: impl Fn(u32, u16) -> &'f str,
    ) -> Result<(), XlsxError> {
        for (column, rows) in followed {
            let (letters, says) = (column_letters(*column), column_letters(says));
            let Some(first) = rows.first() else { continue };
            let mut cells = String::new();
            for row in rows {
                let _ = write!(cells, "{letters}{} ", row + 1);
            }
            let mended = Format::new()
                .set_background_color(MENDED)
                .set_num_format(number_format(*first, *column));
            let last = rows.last().unwrap_or(first);
            let rule = ConditionalFormatFormula::new()
                .set_rule(Formula::new(format!(
                    "=ISERROR(FIND(\" {letters}\"&ROW()&\":\",\" \"&${says}{}))",
                    first + 1
                )))
                .set_multi_range(cells.trim_end())
                .set_format(&mended);
            sheet.add_conditional_format(*first, *column, *last, *column, &rule)?;
        }
        Ok(())
    }

    /// Adds the hidden sheet of words, if anything refers to it.
    pub(super) fn end(self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        if self.sentences.is_empty() {
            return Ok(());
        }
        let mut sentences: Vec<(&String, &usize)> = self.sentences.iter().collect();
        sentences.sort_by_key(|(_, place)| **place);
        let sentences = sentences.into_iter().map(|(told, _)| Value::Text(told));
        let keys: Vec<String> = self
            .programs
            .iter()
            .map(|program| key(&program.code))
            .collect();
        let of_programs = |text: fn(&Program) -> &str| {
            let programs = self.programs.iter();
            programs.map(|program| Value::Text(text(program))).collect()
        };
        let more = vec![
            ("Sentences", sentences.collect()),
            ("Program codes", of_programs(|program| &program.code)),
            ("Program names", of_programs(|program| &program.name)),
            (
                "Categories",
                of_programs(|program| program.category.label()),
            ),
            ("Keys", keys.iter().map(|key| Value::Text(key)).collect()),
        ];
        self.lists.write(workbook, MARKED_PAGE, more)
    }
}

/// Whether a finding asks for work: reading did not correct it already.
pub(super) fn asks_for_work(finding: &Finding) -> bool {
    !is_done(finding.code)
}

fn told(finding: &Finding) -> String {
    format!("{} {}", sentence(&finding.message), sentence(finding.fix()))
}

/// Whether a cell is unchanged; `None` if no formula can tell.
fn unchanged((row, column): (u32, u16), value: &Value<'_>) -> Option<String> {
    let cell = format!("${}{}", column_letters(column), row + 1);
    match value {
        Value::Text(text) => {
            let is_plain = |c: char| !c.is_control() && c.len_utf16() == 1;
            let known: String = text.chars().take(KNOWN_CHARS).collect();
            known.chars().all(is_plain).then(|| {
                let known = known.replace('"', "\"\"");
                format!("EXACT(LEFT({cell}&\"\",{KNOWN_CHARS}),\"{known}\")")
            })
        }
        Value::Double(number) => Some(format!("AND(ISNUMBER({cell}),{cell}={number})")),
        Value::Truth(truth) => {
            let word = if *truth { "TRUE" } else { "FALSE" };
            Some(format!("EXACT({cell}&\"\",\"{word}\")"))
        }
        Value::Moment(moment) => {
            let day = serial(moment.date());
            Some(format!("IFERROR(INT({cell})={day},FALSE)"))
        }
        _ => None,
    }
}
