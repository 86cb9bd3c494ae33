//! A submitted row as every output shows it: padded codes, ISO dates, and unreadable values as found. [`Record::value`] gives any
//! of its columns.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::columns::ResultColumn;
use crate::allocation::Allocation;
use crate::catalogue::Codes;
use crate::checks::Cells;
use crate::decision::{FourDigits, Outcome, Settled};
use crate::intake::Intake;
use crate::intake::completions::{Field, Rows};
use crate::money::Money;
use crate::ranks::RowRank;
use crate::rules::terms::Category;
use crate::rules::{Tier, Weight};
use crate::values::{grade_text, is_iso_date, upper_case};

/// The records of a calculation, by row of the frame.
pub struct Records<'c> {
    intake: &'c Intake,
    cells: Cells<'c>,
    decisions: &'c [Settled],
    allocation: &'c Allocation,
    tiers: &'c [Tier],
    rows: Rows<'c>,
}

/// One record. Texts are those of `completions.csv`, not yet guarded against formulas.
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
    /// The program's name on the year's list; empty if it is not listed.
    pub program_name: &'c str,
    /// The program's sector on that list.
    pub sector: &'c str,
    /// None if the program is not on the year's list.
    pub category: Option<Category>,
    /// Its number; none if no tier funds the category.
    pub tier: Option<u32>,
    /// `2024-05-17`, or as found.
    pub completion_date: Cow<'c, str>,
    /// `K` or a number, or as found.
    pub grade: Cow<'c, str>,
    /// `Y` or `N`, or as found.
    pub frl: Cow<'c, str>,
    /// `0010` or `0010-4500`; empty if none was found.
    pub participant: &'c str,
    /// Who is paid for the participant; empty if none was found.
    pub payee: &'c str,
    /// The rate of its tier for its lunch; zero unless it is a unit within the cap.
    pub rate: Money,
    /// Where the row ended.
    pub outcome: Outcome,
    /// The decision it is made from.
    pub decision: &'c Settled,
    cells: Cells<'c>,
    position: RowRank,
}

impl<'c> Records<'c> {
    /// The records of what was read, decided and allocated under these tiers.
    #[must_use]
    pub(crate) fn of(
        intake: &'c Intake,
        cells: Cells<'c>,
        decisions: &'c [Settled],
        allocation: &'c Allocation,
        tiers: &'c [Tier],
    ) -> Records<'c> {
        Records {
            intake,
            cells,
            decisions,
            allocation,
            tiers,
            rows: intake.completions.rows(),
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
        let intake = self.intake;
        let decision = &self.decisions[position];
        // Most texts are borrowed from what was read or decided.
        let found = |field: Field| self.cells.text(position, field);
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
        let file = &intake.files[self.rows.file(position)];
        let sheet = &file.sheets[self.rows.sheet(position)];
        let tiers = self.tiers;
        Record {
            source_file: &file.path,
            source_sheet: sheet.name.as_deref().unwrap_or_default(),
            source_row: self.rows.row(position),
            district_code: code(decision.district.as_ref(), Field::DistrictCode),
            school_code: code(decision.school.as_ref(), Field::SchoolCode),
            sasid: decision
                .sasid
                .map_or_else(|| found(Field::Sasid), |sasid| sasid.reveal().into()),
            program_code: match found(Field::ProgramCode) {
                Cow::Borrowed(code) => upper_case(code),
                Cow::Owned(code) => upper_case(&code).into_owned().into(),
            },
            program_name: decision
                .program
                .map_or("", |rank| intake.programs.all()[rank].name.as_str()),
            sector: decision
                .program
                .map_or("", |rank| intake.programs.all()[rank].sector.as_str()),
            category: decision.category,
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
            participant: decision
                .participant
                .map_or("", |rank| intake.participants.all()[rank].code()),
            payee: decision
                .participant
                .map_or("", |rank| intake.participants.all()[rank].payee()),
            rate: rate(self.allocation, decision),
            outcome: decision.outcome,
            decision,
            cells: self.cells,
            position,
        }
    }
}

/// The rate of the row's tier for its lunch, if it is a unit within the cap.
fn rate(allocation: &Allocation, decision: &Settled) -> Money {
    let (Some(tier), Outcome::Paid | Outcome::Unfunded) = (decision.tier, decision.outcome) else {
        return Money::ZERO;
    };
    let result = &allocation.tiers[tier];
    if decision.frl == Some(true) {
        result.frl_rate
    } else {
        result.rate
    }
}

/// A value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'r> {
    /// There is none.
    Nothing,
    /// As submitted or as listed.
    Text(Cow<'r, str>),
    Number(u32),
    Category(Category),
    Outcome(Outcome),
    Codes(Codes),
    /// A day, with the text of the files.
    Date(NaiveDate, Cow<'r, str>),
    Weight(Weight),
    Money(Money),
}

impl<'r> Value<'r> {
    fn of<T>(value: Option<T>, of: impl FnOnce(T) -> Value<'r>) -> Value<'r> {
        value.map_or(Value::Nothing, of)
    }

    /// As the files hold it.
    #[must_use]
    pub fn into_text(self) -> Cow<'r, str> {
        match self {
            Value::Nothing => Cow::Borrowed(""),
            Value::Text(text) | Value::Date(_, text) => text,
            Value::Number(number) => Cow::Owned(number.to_string()),
            Value::Category(category) => Cow::Borrowed(category.as_str()),
            Value::Outcome(outcome) => Cow::Borrowed(outcome.as_str()),
            Value::Codes(codes) => Cow::Owned(codes.to_string()),
            Value::Weight(weight) => Cow::Owned(weight.to_string()),
            Value::Money(money) => Cow::Owned(money.to_string()),
        }
    }
}

impl<'c> Record<'c> {
    /// The record's value in a column. *Key*, *In words* and *Trail* are made by the sheet that shows them.
    #[must_use]
    pub fn value(&self, column: ResultColumn) -> Value<'c> {
        use ResultColumn as C;
        let text = |text: &'c str| Value::Text(Cow::Borrowed(text));
        match (column.entry().field, column) {
            (Some(field), _) => self.submitted(field),
            (_, C::SourceFile) => text(self.source_file),
            (_, C::SourceSheet) => text(self.source_sheet),
            (_, C::SourceRow) => Value::Number(self.source_row),
            (_, C::ProgramName) => text(self.program_name),
            (_, C::Sector) => text(self.sector),
            (_, C::Category) => Value::of(self.category, Value::Category),
            (_, C::Tier) => Value::of(self.tier, Value::Number),
            (_, C::Participant) => text(self.participant),
            (_, C::Payee) => text(self.payee),
            (_, C::Outcome) => Value::Outcome(self.outcome),
            (_, C::Codes) => Value::Codes(self.decision.codes),
            (_, C::Weight) => Value::of(self.decision.weight, Value::Weight),
            (_, C::Rate) => Value::Money(self.rate),
            (_, C::Amount) => Value::Money(self.decision.amount),
            _ => Value::Nothing,
        }
    }

    /// What the submitter wrote in a field, as the checks read it.
    fn submitted(&self, field: Field) -> Value<'c> {
        // Most are borrowed, so that a copy costs nothing.
        let found = |text: &Cow<'c, str>| Value::Text(text.clone());
        match field {
            Field::DistrictCode => found(&self.district_code),
            Field::SchoolCode => found(&self.school_code),
            Field::Sasid => found(&self.sasid),
            Field::Grade => found(&self.grade),
            Field::ProgramCode => found(&self.program_code),
            Field::CompletionDate => match self.decision.date {
                Some(date) => Value::Date(date, self.completion_date.clone()),
                None => found(&self.completion_date),
            },
            Field::Lunch => found(&self.frl),
            other => Value::Text(self.cells.text(self.position, other)),
        }
    }
}
