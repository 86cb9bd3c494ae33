//! The columns of results, in one table. csv, parquet, sheets, the reader of a report, `diff` and the privacy of `verify` take them
//! from here.
//!
//! A new column is private and shown nowhere until it says otherwise: `ColumnEntry::public` if none of its cells can hold a submitted
//! text or a person's words, and [`FILES`] or [`SHEETS`] to show it.

use std::fmt;

use crate::intake::fields::Field;

/// How the values of a column are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts; may be empty.
    Text,
    /// Sentences and long names, which wrap on a sheet.
    Words,
    /// Whole numbers.
    Number,
    /// Exact decimals with two places.
    Hundredths,
}

/// The properties of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnEntry {
    /// Its heading in `completions.csv` and `completions.parquet`.
    pub key: &'static str,
    /// Its heading on a sheet.
    pub title: &'static str,
    /// How its values are typed.
    pub kind: Kind,
    /// Whether every row has a value; a text is empty instead.
    pub required: bool,
    /// Its width on a sheet, in characters.
    pub width: u8,
    /// Whether a cell of it can hold a submitted text or a person's words: `verify` describes them and never quotes them.
    pub private: bool,
    /// The field that it holds as the submitter wrote it. If that differs between two reports, `diff` calls the row changed.
    pub field: Option<Field>,
}

/// The default width.
const WIDTH: u8 = 14;

const fn column(key: &'static str, title: &'static str, kind: Kind) -> ColumnEntry {
    ColumnEntry {
        key,
        title,
        kind,
        required: true,
        width: WIDTH,
        private: true,
        field: None,
    }
}

impl ColumnEntry {
    const fn public(self) -> ColumnEntry {
        ColumnEntry {
            private: false,
            ..self
        }
    }

    const fn of(self, field: Field) -> ColumnEntry {
        ColumnEntry {
            field: Some(field),
            ..self
        }
    }

    const fn optional(self) -> ColumnEntry {
        ColumnEntry {
            required: false,
            ..self
        }
    }

    const fn wide(self, width: u8) -> ColumnEntry {
        ColumnEntry { width, ..self }
    }
}

macro_rules! columns {
    ($($name:ident: $entry:expr;)+) => {
        /// A column of the results.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ResultColumn { $($name,)+ }

        impl ResultColumn {
            /// Every column, in the order of the table.
            pub const ALL: &'static [ResultColumn] = &[$(ResultColumn::$name,)+];

            #[must_use]
            pub const fn entry(self) -> ColumnEntry {
                match self { $(ResultColumn::$name => $entry,)+ }
            }
        }
    };
}

columns! {
    SourceFile: column("source_file", "Source file", Kind::Words).public().wide(36);
    SourceSheet: column("source_sheet", "Sheet", Kind::Words).public().wide(16);
    SourceRow: column("source_row", "Row", Kind::Number).public().wide(8);
    DistrictCode: column("district_code", "District", Kind::Text).of(Field::DistrictCode).wide(11);
    SchoolCode: column("school_code", "School", Kind::Text).of(Field::SchoolCode).wide(10);
    Sasid: column("sasid", "SASID", Kind::Text).of(Field::Sasid);
    Grade: column("grade", "Grade", Kind::Text).of(Field::Grade).wide(9);
    ProgramCode: column("program_code", "Program code", Kind::Text).of(Field::ProgramCode).wide(12);
    ProgramName: column("program_name", "Program name", Kind::Words).public().wide(34);
    Sector: column("sector", "Sector", Kind::Text).public().wide(24);
    Category: column("category", "Category", Kind::Text).public().wide(20);
    Tier: column("tier", "Tier", Kind::Number).optional().public().wide(8);
    CompletionDate: column("completion_date", "Completion date", Kind::Text).of(Field::CompletionDate);
    Frl: column("frl", "FRL", Kind::Text).of(Field::Lunch).wide(8);
    Participant: column("participant", "Participant", Kind::Text).public();
    Payee: column("payee", "Payee", Kind::Text).public().wide(10);
    // The participant with a prefix: a spreadsheet compares `0010` as the number 10, and `P-0010` as text.
    Key: column("key", "Key", Kind::Text).public();
    Outcome: column("outcome", "Outcome", Kind::Text).public().wide(17);
    Codes: column("codes", "Codes", Kind::Text).public();
    // May quote the reason of a decision on the record.
    InWords: column("in_words", "In words", Kind::Words).wide(46);
    Weight: column("weight", "Weight", Kind::Hundredths).optional().public().wide(10);
    Rate: column("rate", "Rate", Kind::Hundredths).public().wide(13);
    Amount: column("amount", "Amount", Kind::Hundredths).public().wide(16);
    Trail: column("trail", "Trail", Kind::Words).public().wide(52);
}

/// The columns of `completions.csv` and `completions.parquet`, in their order (files.md).
pub const FILES: [ResultColumn; 19] = {
    use ResultColumn as C;
    [
        C::SourceFile,
        C::SourceSheet,
        C::SourceRow,
        C::DistrictCode,
        C::SchoolCode,
        C::Sasid,
        C::ProgramCode,
        C::Category,
        C::Tier,
        C::CompletionDate,
        C::Grade,
        C::Frl,
        C::Participant,
        C::Outcome,
        C::Codes,
        C::Weight,
        C::Amount,
        C::ProgramName,
        C::Sector,
    ]
};

/// How many of [`FILES`] every report has, from the first version on. Later columns follow them; in an earlier report they read as
/// empty.
pub const IN_EVERY_REPORT: usize = 19;

/// The columns of lists of rows in workbooks; a list without formulas has no [formula columns](FORMULA_COLUMNS). Outcomes come
/// first: only the first columns fit on paper, and the pupil's identity is not printed.
pub const SHEETS: [ResultColumn; 23] = {
    use ResultColumn as C;
    [
        C::SourceFile,
        C::SourceSheet,
        C::SourceRow,
        C::Participant,
        C::ProgramCode,
        C::ProgramName,
        C::CompletionDate,
        C::Tier,
        C::Frl,
        C::Outcome,
        C::Codes,
        C::Amount,
        C::InWords,
        C::DistrictCode,
        C::SchoolCode,
        C::Sasid,
        C::Grade,
        C::Category,
        C::Payee,
        C::Key,
        C::Weight,
        C::Rate,
        C::Trail,
    ]
};

/// Columns that only formulas need.
pub const FORMULA_COLUMNS: [ResultColumn; 2] = [ResultColumn::Key, ResultColumn::Rate];

/// How many columns hold what the submitter wrote.
pub const SUBMITTED_COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < FILES.len() {
        if FILES[at].entry().field.is_some() {
            count += 1;
        }
        at += 1;
    }
    count
};

/// The columns of the files that hold what the submitter wrote.
pub const SUBMITTED: [ResultColumn; SUBMITTED_COUNT] = {
    let mut submitted = [FILES[0]; SUBMITTED_COUNT];
    let (mut count, mut at) = (0, 0);
    while at < FILES.len() {
        if FILES[at].entry().field.is_some() {
            submitted[count] = FILES[at];
            count += 1;
        }
        at += 1;
    }
    submitted
};

/// The submitted texts of a row, as the files hold them. They include pupils' ids, so `Debug` shows none. They are one text, because
/// evidence of millions of rows is held in memory.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Submitted {
    text: Box<str>,
    /// Where each text ends, in bytes.
    ends: [u32; SUBMITTED_COUNT],
}

impl fmt::Debug for Submitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Submitted(..)")
    }
}

impl Submitted {
    /// Takes each submitted column's text from a row.
    ///
    /// # Panics
    /// If they have 4 GB: readers refuse such a row before.
    pub fn of<T: AsRef<str>>(text: impl Fn(ResultColumn) -> T) -> Submitted {
        let mut whole = String::new();
        let ends = SUBMITTED.map(|column| {
            whole.push_str(text(column).as_ref());
            u32::try_from(whole.len()).expect("readers limit the text of a row")
        });
        Submitted {
            text: whole.into_boxed_str(),
            ends,
        }
    }

    /// The text of a submitted column; empty for any other.
    #[must_use]
    pub fn get(&self, column: ResultColumn) -> &str {
        column.submitted_place().map_or("", |place| self.at(place))
    }

    fn at(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[place] as usize]
    }

    /// Whether more than half of these cells say the same in both rows.
    #[must_use]
    pub fn is_mostly(&self, other: &Submitted, columns: &[ResultColumn]) -> bool {
        let same = columns
            .iter()
            .filter(|column| self.get(**column) == other.get(**column));
        2 * same.count() > columns.len()
    }

    /// The same with every cell of another column empty.
    #[must_use]
    pub fn only(&self, columns: &[ResultColumn]) -> Submitted {
        Submitted::of(|column| {
            if columns.contains(&column) {
                self.get(column)
            } else {
                ""
            }
        })
    }
}

impl ResultColumn {
    /// Its place among the [submitted](SUBMITTED) columns.
    #[must_use]
    pub fn submitted_place(self) -> Option<usize> {
        SUBMITTED.iter().position(|column| *column == self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_columns_share_a_key_or_a_title() {
        let keys: BTreeSet<&str> = ResultColumn::ALL.iter().map(|c| c.entry().key).collect();
        let titles: BTreeSet<&str> = ResultColumn::ALL.iter().map(|c| c.entry().title).collect();
        assert_eq!(
            (keys.len(), titles.len()),
            (ResultColumn::ALL.len(), ResultColumn::ALL.len())
        );
    }

    #[test]
    fn every_column_is_shown_somewhere() {
        for column in ResultColumn::ALL {
            assert!(
                FILES.contains(column) || SHEETS.contains(column),
                "{column:?} is in no output: put it in FILES, in SHEETS, or in both"
            );
        }
    }

    #[test]
    fn what_a_submitter_wrote_is_private_and_read_back() {
        for column in ResultColumn::ALL {
            let entry = column.entry();
            assert!(entry.field.is_none() || entry.private, "{column:?}");
            assert_eq!(
                entry.field.is_some(),
                column.submitted_place().is_some(),
                "{column:?}: the text of a field must be in FILES, from where evidence reads it back"
            );
        }
    }

    #[test]
    fn half_of_the_cells_are_not_most_of_them() {
        let of = |texts: [&'static str; 3]| {
            let columns = ResultColumn::ALL.iter().copied();
            let columns: Vec<ResultColumn> = columns
                .filter(|column| column.submitted_place().is_some())
                .take(3)
                .collect();
            let written = columns.clone();
            let text = move |column| {
                let place = written.iter().position(|known| *known == column);
                place.map_or("", |place| texts[place])
            };
            (columns, Submitted::of(text))
        };
        let (columns, row) = of(["12", "IN1", "Yes"]);
        let (_, other) = of(["12", "IN2", "No"]);
        let (_, nearly) = of(["12", "IN1", "No"]);
        // One of two, one of three, two of three.
        assert!(!row.is_mostly(&other, &columns[..2]));
        assert!(!row.is_mostly(&other, &columns));
        assert!(row.is_mostly(&nearly, &columns));
    }

    #[test]
    fn a_new_column_is_private() {
        assert!(column("provider", "Provider", Kind::Text).private);
    }
}
