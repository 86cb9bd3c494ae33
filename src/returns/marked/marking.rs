//! What a marked-up return is made of.

use std::path::Path;

use chrono::NaiveDate;

use crate::catalogue::Codes;
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::lists::Programs;
use crate::intake::submission::Reading;
use crate::ranks::RowRank;
use crate::rules::RuleSet;
use crate::sheets::cell::Cell;
use crate::sheets::page::Column;

/// Columns of the program at the right edge of every sheet: codes, outcome.
const OWN_COLUMNS: u32 = 2;

/// Further columns of the program at the right edge.
pub(crate) struct Edge<'m> {
    pub(crate) columns: Vec<Column>,
    /// The cells of a row in them.
    pub(crate) cells: &'m dyn Fn(RowRank) -> Vec<Cell<'m>>,
}

/// What a marked-up return is made of. All files of one entity go into one workbook.
pub struct Marking<'m> {
    /// What was read.
    pub intake: &'m Intake,
    /// The codes of a row, and its outcome; none where it passed the checks and was not allocated to.
    pub ended: &'m dyn Fn(RowRank) -> (Codes, Option<Outcome>),
    /// The files, by position among those of the intake; refused ones too.
    pub files: &'m [usize],
    /// The rows that are shown, by position in the frame, ascending: those of the files, and the submitter's own in other files.
    pub rows: &'m [RowRank],
    /// The findings about these files and rows that still ask for something.
    pub open: &'m [&'m Finding],
    /// How many findings are settled by decisions on the record, and left out.
    pub settled: usize,
    /// What else is said at the right edge of every row.
    pub(crate) edge: Option<Edge<'m>>,
    /// By what rules and programs corrections are judged while they are typed; none where nobody corrects anything.
    pub follows: Option<(&'m RuleSet, &'m Programs)>,
    /// What the workbook is.
    pub title: String,
    /// Rules, year and date on one line.
    pub facts: String,
    /// What is printed at the foot of every page.
    pub label: String,
    /// What became of all rows, in a sentence; where the outcomes are those of a check.
    pub counts: Option<String>,
    /// What the outcomes at the right edge are, a sentence or two.
    pub about: String,
    /// The workbook's date; the clock is never read.
    pub date: NaiveDate,
    /// Where long sheets are spooled; the system's own folder without one.
    pub spool: Option<&'m Path>,
}

impl Marking<'_> {
    /// Columns of the program at the right edge.
    pub(super) fn own_columns(&self) -> u32 {
        let more = self.edge.as_ref().map_or(0, |edge| edge.columns.len());
        OWN_COLUMNS + u32::try_from(more).unwrap_or(0) + u32::from(self.follows.is_some())
    }
}

/// Where the sheets come from.
#[derive(Clone, Copy)]
pub enum Content<'m> {
    /// From the frame: the columns that the program knows, and no other.
    Known,
    /// From the owner's own file, the one of [`Marking::files`]: every sheet, column and title row.
    Own {
        /// Its bytes.
        bytes: &'m [u8],
        /// How it was read.
        reading: &'m Reading,
    },
}
