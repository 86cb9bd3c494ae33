//! Can the row be read? The E codes, and warnings about what was corrected while reading. Every field is checked, and all faults are
//! reported.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::NaiveDate;

use super::cells::digits;
use super::collector::Collector;
use super::columns::Columns;
use super::row::Row;
use crate::catalogue::{Code, Codes};
use crate::decision::{FourDigits, Outcome, RowRead};
use crate::finding::{describe, describe_id};
use crate::ids::Sasid;
use crate::intake::cells::CellKind;
use crate::intake::fields::{Field, Fields};
use crate::ranks::RowRank;
use crate::rules::RuleSet;
use crate::values::{self, Answer};
use crate::year::Year;

/// What only the checks need of a row.
pub(super) struct Rest {
    /// In upper case; empty if the cell is.
    pub(super) program_code: String,
    /// By field; none if the cell is empty or unreadable.
    numbers: [Option<u16>; Field::COUNT],
    /// No if it is unreadable.
    pub(super) credit: Answer,
}

impl Rest {
    /// The number in the cell of a field of whole numbers; none if it is empty or unreadable.
    pub(super) fn number(&self, field: Field) -> Option<u16> {
        self.numbers[field as usize]
    }
}

/// Reads the fields of a row. Any E code rejects it.
pub(super) fn read(
    rank: RowRank,
    columns: Columns,
    (rules, fields): (&RuleSet, Fields),
    collector: &mut Collector<'_>,
) -> (Row, Rest) {
    let mut reader = Reader {
        rank,
        columns,
        fields,
        codes: Codes::NONE,
        collector,
    };
    reader.check_fields_behind_the_last_heading();
    let mut read = RowRead {
        district: reader.code(Field::DistrictCode, Code::E201, Code::W201),
        school: reader.code(Field::SchoolCode, Code::E202, Code::W202),
        sasid: reader.sasid(),
        grade: reader.grade(),
        ..RowRead::default()
    };
    let program_code = reader.program_code();
    read.date = reader.date();
    read.frl = reader.lunch();
    let numbers = Field::ALL.map(|field| reader.number(field));
    let credit = reader.credit();
    reader.check_school_year(rules);
    reader.check_what_cannot_be_seen();
    read.codes = reader.codes;
    let outcome = (!read.codes.is_empty()).then_some(Outcome::Rejected);
    let row = Row {
        read,
        outcome,
        ..Row::default()
    };
    let rest = Rest {
        program_code,
        numbers,
        credit,
    };
    (row, rest)
}

/// A row being read.
struct Reader<'r, 'c> {
    rank: RowRank,
    columns: Columns,
    /// Those of the year; a rehearsal can read the rows under rules that have fewer.
    fields: Fields,
    codes: Codes,
    collector: &'r mut Collector<'c>,
}

impl<'c> Reader<'_, 'c> {
    fn text(&self, field: Field) -> Cow<'c, str> {
        if self.fields.has(field) {
            self.collector.cells.text(self.rank, field)
        } else {
            Cow::Borrowed("")
        }
    }

    fn unreadable(&mut self, code: Code, field: Field, message: String) {
        self.codes.add(code);
        self.collector.add(self.rank, code, field, message);
    }

    /// What hides a cell's value, and how to remove it; `None` if nothing does.
    fn hidden_by(&self, field: Field, wanted: &str) -> Option<(String, &'static str)> {
        match self.collector.cells.kind(self.rank, field)? {
            CellKind::Date | CellKind::Time if field != Field::CompletionDate => Some((
                format!("formatted as a date, not {wanted}"),
                "Format the cells as text (in Excel: Home, Number Format, Text) and enter the values again.",
            )),
            CellKind::Uncalculated => Some((
                "a formula that is not calculated yet".to_string(),
                "Open the file in Excel, save it there, and send it again.",
            )),
            _ => None,
        }
    }

    fn is_hidden(&mut self, code: Code, field: Field, wanted: &str) -> bool {
        let Some((what, fix)) = self.hidden_by(field, wanted) else {
            return false;
        };
        self.codes.add(code);
        let message = format!("{} is {what}", field.title());
        self.collector
            .add_fixed(self.rank, code, field, message, Some(fix.to_string()));
        true
    }

    fn is_not(&mut self, code: Code, field: Field, text: &str, wanted: &str) {
        if self.is_hidden(code, field, wanted) {
            return;
        }
        let message = format!(
            "{} is {}{}, not {wanted}",
            field.title(),
            describe(text),
            with_invisible(text)
        );
        self.unreadable(code, field, message);
    }

    fn check_fields_behind_the_last_heading(&mut self) {
        if self.collector.cells.rows.spills(self.rank) {
            self.codes.add(Code::E211);
            let message =
                "the row has more fields than there are headings, so its values may have shifted";
            self.collector.add_row(self.rank, Code::E211, message, None);
        }
    }

    fn code(&mut self, field: Field, error: Code, padded: Code) -> Option<FourDigits> {
        let text = self.text(field);
        let Some((code, mended)) = values::padded_code(digits(field, &text)) else {
            self.is_not(error, field, &text, "4 digits");
            return None;
        };
        if mended {
            let message = format!("{} was read as {code}", field.title());
            self.collector.add(self.rank, padded, field, message);
        }
        FourDigits::new(&code)
    }

    fn sasid(&mut self) -> Option<Sasid> {
        let text = self.text(Field::Sasid);
        let sasid = Sasid::parse(digits(Field::Sasid, &text));
        if sasid.is_none() && !self.is_hidden(Code::E203, Field::Sasid, "10 digits") {
            let (found, invisible) = (describe_id(&text), with_invisible(&text));
            let message = format!("SASID is {found}{invisible}; it must have exactly 10 digits");
            self.unreadable(Code::E203, Field::Sasid, message);
        }
        sasid
    }

    fn grade(&mut self) -> Option<u8> {
        let text = self.text(Field::Grade);
        let grade = values::grade(digits(Field::Grade, &text));
        if grade.is_none() {
            self.is_not(Code::E204, Field::Grade, &text, "K or 0-12");
        }
        grade
    }

    fn program_code(&mut self) -> String {
        let text = self.text(Field::ProgramCode);
        let code = values::upper_case(&text).into_owned();
        if code.is_empty() {
            let message = "Program Code is empty".to_string();
            self.unreadable(Code::E205, Field::ProgramCode, message);
        }
        code
    }

    fn date(&mut self) -> Option<NaiveDate> {
        let field = Field::CompletionDate;
        let text = self.text(field);
        let number = self.collector.cells.is_number(self.rank, field);
        if self.columns.day_first && !number && values::is_either_way(&text) {
            let message = "Completion Date can be read day first or month first, and other dates of the column are day first";
            self.unreadable(Code::E206, field, message.to_string());
            return None;
        }
        let read = if number && self.collector.cells.sheet(self.rank).dates_1904 {
            values::date(&values::serial_from_1904(&text), true)
        } else {
            values::date(&text, number)
        };
        let Some(read) = read else {
            match values::why_no_date(&text) {
                Some(why) => self.unreadable(Code::E206, field, format!("Completion Date {why}")),
                None => self.is_not(Code::E206, field, &text, "a date"),
            }
            return None;
        };
        if read.short_year {
            let message = format!("the year was read as {}", read.day.format("%Y"));
            self.collector.add(self.rank, Code::W226, field, message);
        }
        Some(read.day)
    }

    fn lunch(&mut self) -> Option<bool> {
        let text = self.text(Field::Lunch);
        let answer = values::lunch(&text, self.columns.letters);
        match answer {
            None => self.is_not(Code::E208, Field::Lunch, &text, lunch_wanted(&text)),
            Some(Answer::Empty) => {
                self.collector
                    .add_plain(self.rank, Code::W208, Field::Lunch);
            }
            Some(_) => {}
        }
        answer.map(|answer| answer == Answer::Yes)
    }

    fn number(&mut self, field: Field) -> Option<u16> {
        let (whole, check) = field.whole().zip(field.check())?;
        let text = self.text(field);
        let number = values::number_within(digits(field, &text), whole.range);
        if number.is_none() && !text.is_empty() {
            self.is_not(check, field, &text, whole.wanted);
        }
        number
    }

    fn credit(&mut self) -> Answer {
        let text = self.text(Field::GraduationCredit);
        let credit = values::answer(&text);
        if credit.is_none() {
            self.is_not(Code::E210, Field::GraduationCredit, &text, "yes or no");
        }
        credit.unwrap_or(Answer::No)
    }

    fn check_school_year(&mut self, rules: &RuleSet) {
        let text = self.text(Field::SchoolYear);
        if text.is_empty() || Year::parse_loosely(&text) == Some(rules.school_year) {
            return;
        }
        let message = format!("School Year is not {}", rules.school_year);
        self.collector
            .add(self.rank, Code::W213, Field::SchoolYear, message);
    }

    fn check_what_cannot_be_seen(&mut self) {
        for field in Field::ALL {
            let Some(name) = values::first_invisible(&self.text(field)) else {
                continue;
            };
            let message = format!(
                "{} holds {name}, which cannot be seen, so it is not the text that it looks like",
                field.title()
            );
            self.collector.add(self.rank, Code::W221, field, message);
        }
    }
}

/// Names an invisible character in a text, if there is one.
fn with_invisible(text: &str) -> String {
    values::first_invisible(text)
        .map(|name| format!(" with {name} in it"))
        .unwrap_or_default()
}

/// What to write instead; both choices for letters that can mean two things.
fn lunch_wanted(text: &str) -> &'static str {
    match text {
        "F" | "f" => "clear: it can mean Free or False; write Free or No",
        "2" => "clear: it means reduced only in a column that also has a 0; write Reduced or No",
        _ => "yes or no",
    }
}

/// W211: every row of a pupil reported both with and without free or reduced-price lunch. Rows set aside do not count.
pub(super) fn lunch_conflicts(rows: &[Row], collector: &mut Collector<'_>) {
    // By pupil: reported with lunch, reported without.
    let mut answers: HashMap<Sasid, (bool, bool)> = HashMap::new();
    for row in rows.iter().filter(|row| !row.set_aside) {
        if let (Some(sasid), Some(frl)) = (row.sasid, row.frl) {
            let answer = answers.entry(sasid).or_default();
            answer.0 |= frl;
            answer.1 |= !frl;
        }
    }
    for (rank, row) in RowRank::enumerate(rows).filter(|(_, row)| !row.set_aside) {
        if row.sasid.and_then(|sasid| answers.get(&sasid)) == Some(&(true, true)) {
            collector.add_plain(rank, Code::W211, Field::Lunch);
        }
    }
}
