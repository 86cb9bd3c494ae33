//! A submitted row as every output shows it: padded codes, ISO dates, and what could not be read as it was found.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::calculation::Calculation;
use crate::decision::{FourDigits, Outcome, Settled};
use crate::intake::completions::{Field, Rows};
use crate::ranks::RowRank;
use crate::values::{grade_text, is_iso_date, upper_case};

/// The records of a calculation, by row of the frame.
pub struct Records<'c> {
    calculation: &'c Calculation,
    rows: Rows<'c>,
}

/// One record. Texts are what `completions.csv` holds, not yet guarded against being taken for formulas.
pub struct Record<'c> {
    /// Path relative to the batch folder, with `/`.
    pub source_file: &'c str,
    /// Empty for a text file.
    pub source_sheet: &'c str,
    /// The physical row, or the line of a text file.
    pub source_row: u32,
    /// Padded, or as found.
    pub district_code: Cow<'c, str>,
    /// Padded, or as found.
    pub school_code: Cow<'c, str>,
    /// Ten digits, or as found.
    pub sasid: Cow<'c, str>,
    /// Upper case.
    pub program_code: Cow<'c, str>,
    /// The program's name on the qualified list of the year; empty where it is not on it.
    pub program_name: &'c str,
    /// As written in lists; empty where the program is not on the year's list.
    pub category: &'static str,
    /// Its number; none where no tier funds the category.
    pub tier: Option<u32>,
    /// `2024-05-17`, or as found.
    pub completion_date: Cow<'c, str>,
    /// `K` or a number, or as found.
    pub grade: Cow<'c, str>,
    /// `Y` or `N`, or as found.
    pub frl: Cow<'c, str>,
    /// `0010` or `0010-4500`; empty where none was found.
    pub participant: &'c str,
    /// Where the row ended.
    pub outcome: Outcome,
    /// The decision it is made from.
    pub decision: &'c Settled,
}

impl<'c> Records<'c> {
    /// The records of a calculation.
    ///
    /// # Panics
    /// If the frame lacks a column, which the checks would have met before.
    #[must_use]
    pub fn of(calculation: &'c Calculation) -> Records<'c> {
        let rows = calculation.intake.completions.rows();
        Records {
            calculation,
            rows: rows.unwrap_or_else(|error| {
                panic!("the checks read every column of the frame: {error}")
            }),
        }
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Position of the row's file among the batch's files.
    #[must_use]
    pub fn file(&self, position: RowRank) -> usize {
        self.rows.file(position)
    }

    /// The record of a row.
    #[must_use]
    pub fn get(&self, position: RowRank) -> Record<'c> {
        let calculation = self.calculation;
        let decision = &calculation.decisions[position];
        // Most texts stand in the frame or in the decision as they are shown: few are made anew.
        let found = |field: Field| Cow::Borrowed(self.rows.text(position, field));
        let code = |read: Option<&'c FourDigits>, field: Field| {
            read.map_or_else(|| found(field), |code| code.as_str().into())
        };
        let date = |date: NaiveDate| {
            let text = found(Field::CompletionDate);
            if is_iso_date(&text) {
                text
            } else {
                date.to_string().into()
            }
        };
        let file = &calculation.intake.files[self.rows.file(position)];
        let sheet = &file.sheets[self.rows.sheet(position)];
        let tiers = &calculation.batch.rules.tiers;
        Record {
            source_file: &file.path,
            source_sheet: sheet.name.as_deref().unwrap_or_default(),
            source_row: self.rows.row(position),
            district_code: code(decision.district.as_ref(), Field::DistrictCode),
            school_code: code(decision.school.as_ref(), Field::SchoolCode),
            // One that can be read is its ten digits.
            sasid: found(Field::Sasid),
            program_code: upper_case(self.rows.text(position, Field::ProgramCode)),
            program_name: decision.program.map_or("", |rank| {
                calculation.intake.programs.all()[rank].name.as_str()
            }),
            category: decision
                .category
                .map_or("", crate::rules::terms::Category::as_str),
            tier: decision.tier.map(|index| tiers[index].number),
            completion_date: decision
                .date
                .map_or_else(|| found(Field::CompletionDate), date),
            grade: match decision.grade {
                Some(grade) => grade_text(grade),
                None => found(Field::Grade),
            },
            frl: match decision.frl {
                Some(frl) => Cow::Borrowed(if frl { "Y" } else { "N" }),
                None => found(Field::Lunch),
            },
            participant: decision.participant.map_or("", |rank| {
                calculation.intake.participants.all()[rank].code()
            }),
            outcome: decision.outcome,
            decision,
        }
    }
}
