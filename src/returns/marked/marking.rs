//! The input of a marked copy.

use std::path::Path;

use chrono::NaiveDate;

use crate::catalogue::Codes;
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::lists::Programs;
use crate::intake::submission::Reading;
use crate::ranks::RowRank;
use crate::rules::RuleSet;
use crate::sheets::cell::Cell;
use crate::sheets::look::Shade;
use crate::sheets::page::Column;
use crate::tasks::Work;

/// Columns of the program at the right edge of every sheet: codes, outcome.
const OWN_COLUMNS: u32 = 2;

/// Further columns of the program at the right edge.
pub(crate) struct Edge<'m> {
    pub(crate) columns: Vec<Column>,
    /// The cells of a row in them.
    pub(crate) cells: &'m dyn Fn(RowRank) -> Vec<Cell<'m>>,
}

/// An open finding, and in a check the kind of work and its title.
#[derive(Clone, Copy)]
pub struct Open<'m> {
    pub finding: &'m Finding,
    pub work: Option<(Work, &'static str)>,
}

/// The input of a marked copy. All files of one entity go into one workbook.
pub struct Marking<'m> {
    /// The rows as read.
    pub intake: &'m Intake,
    /// The codes of a row, and how it ends: the word for it, with its shade.
    pub(crate) ended: &'m dyn Fn(RowRank) -> (Codes, &'static str, Shade),
    /// The files, by position among those of the intake; refused ones too.
    pub files: &'m [usize],
    /// The rows that are shown, by rank, ascending: those of the files, and the submitter's own in other files.
    pub rows: &'m [RowRank],
    /// The open findings about these files and rows.
    pub open: &'m [Open<'m>],
    /// How many findings are settled by decisions on the record, and left out.
    pub settled: usize,
    /// Further columns at the right edge of every row.
    pub(crate) edge: Option<Edge<'m>>,
    /// The rules and programs that judge corrections while they are typed; `None` if nothing is to be corrected.
    pub follows: Option<(&'m RuleSet, &'m Programs)>,
    /// The title.
    pub title: String,
    /// Rules, year and date on one line.
    pub facts: String,
    /// The footer of every page.
    pub label: String,
    /// The outcomes of all rows in a sentence, after a check.
    pub counts: Option<String>,
    /// Whose file it is, if its name does not say it or rows say another district.
    pub whose: Option<String>,
    /// A sentence or two about the outcomes at the right edge.
    pub about: String,
    /// The workbook's date; the clock is never read.
    pub date: NaiveDate,
    /// The folder for temporary files of long sheets; by default the system's.
    pub spool: Option<&'m Path>,
}

impl Marking<'_> {
    /// Columns of the program at the right edge.
    pub(super) fn own_columns(&self) -> u32 {
        let more = self.edge.as_ref().map_or(0, |edge| edge.columns.len());
        OWN_COLUMNS + u32::try_from(more).unwrap_or(0) + u32::from(self.follows.is_some())
    }
}

/// The source of the sheets.
#[derive(Clone, Copy)]
pub enum Content<'m> {
    /// The rows as they were read: only the columns that the program knows.
    Known,
    /// The owner's own file, the only one of [`Marking::files`]: every sheet, column and title row.
    Own {
        /// Its bytes.
        bytes: &'m [u8],
        /// How it was read.
        reading: &'m Reading,
    },
}
