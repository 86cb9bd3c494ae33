//! What the workbooks of a calculation share: records, trails, widths, and what every sheet shows.

use std::path::{Path, PathBuf};

use crate::sheets::book::Workbook;

use crate::calculation::Calculation;
use crate::catalogue::{Code, Severity};
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::ranks::RowRank;
use crate::report::changes::Changes;
use crate::report::earlier::Earlier;
use crate::results::record::Records;
use crate::sheets::book;
use crate::sheets::listing::Limits;
use crate::sheets::look::Look;
use crate::sheets::page::{Column, Stamp};
use crate::sheets::page::{money_width, width_of};
use crate::trail::Trails;
use crate::words::standing;

/// The widest column of source files: a longer path wraps, so that the other columns fit on the page.
const FILE_WIDTH_MAX: u8 = 44;
/// A list of up to this many rows is printed in full: the state's districts and charter schools fit, on about ten pages.
const PRINTED_ROWS_MAX: u32 = 500;

/// The workbooks of a calculation: holds what they share, so that those of the entities can be written in parallel.
pub struct Workbooks<'c> {
    pub(crate) calculation: &'c Calculation,
    pub(crate) records: Records<'c>,
    pub(crate) buckets: [(Outcome, usize); Outcome::ALL.len()],
    /// Whether the report is FINAL: asked once, since the answer looks at every row and each entity's workbook asks it often.
    pub(crate) is_final: bool,
    /// Why each row ended where it did.
    pub(crate) trails: Trails,
    /// What decisions changed in rows.
    pub(crate) changes: Changes,
    /// The findings that give rows their codes, in the order of the rows.
    reasons: Vec<&'c Finding>,
    pub(crate) look: Look,
    pub(crate) limits: Limits,
    /// Where long sheets are spooled; by default the system's own folder.
    pub(crate) spool: Option<PathBuf>,
    /// The content checksum, in a report; comparisons have none.
    pub(crate) content: Option<String>,
    /// The report before; comparisons have none.
    pub(crate) earlier: Earlier,
    /// Width of a column of amounts: the whole money of the batch fits.
    pub(crate) money_width: f64,
    /// Width of a column of source files: the longest path on one line where that is possible.
    pub(crate) file_width: f64,
    /// Width of a column of their sheets.
    pub(crate) sheet_width: f64,
    /// Width of a column of participants' names.
    pub(crate) name_width: f64,
}

impl<'c> Workbooks<'c> {
    /// Prepares the workbooks of a calculation.
    #[must_use]
    pub fn of(calculation: &'c Calculation) -> Workbooks<'c> {
        let names = calculation
            .intake
            .participants
            .all()
            .iter()
            .map(|participant| participant.name.as_str());
        let sheets = calculation
            .intake
            .files
            .iter()
            .flat_map(|file| &file.sheets)
            .filter_map(|sheet| sheet.name.as_deref());
        let paths = calculation.intake.files.iter().map(|file| &*file.path);
        Workbooks {
            money_width: money_width(
                calculation.batch.available + calculation.batch.supplement.unwrap_or_default(),
            ),
            file_width: width_of(paths, 20, FILE_WIDTH_MAX),
            sheet_width: width_of(sheets, 12, 36),
            name_width: width_of(names, 24, 48),
            calculation,
            records: calculation.records(),
            buckets: calculation.buckets(),
            is_final: calculation.is_final(),
            trails: calculation.trails(),
            changes: Changes::of(calculation),
            reasons: reasons(calculation),
            look: Look::new(),
            limits: Limits {
                printed_rows: PRINTED_ROWS_MAX,
                ..Limits::default()
            },
            spool: None,
            content: None,
            earlier: Earlier::NotNamed,
        }
    }

    /// Sets the folder for spooling long sheets, so that rows of pupils are written nowhere else.
    #[must_use]
    pub fn spooling_in(mut self, folder: &Path) -> Workbooks<'c> {
        self.spool = Some(folder.to_path_buf());
        self
    }

    /// Sets the content checksum.
    #[must_use]
    pub fn with_content(mut self, checksum: &str) -> Workbooks<'c> {
        self.content = Some(checksum.to_string());
        self
    }

    /// Sets the report before.
    #[must_use]
    pub fn compared_with(mut self, earlier: &Earlier) -> Workbooks<'c> {
        self.earlier = earlier.clone();
        self
    }

    /// The look of the sheets and how long they may be.
    pub(crate) fn kit(&self) -> (&Look, Limits) {
        (&self.look, self.limits)
    }

    pub(crate) fn count(&self, outcome: Outcome) -> usize {
        self.buckets[outcome as usize].1
    }

    /// What the finding of a row's code says; none if there is no such finding.
    pub(crate) fn reason(&self, row: RowRank, code: Code) -> Option<&'c str> {
        let from = self
            .reasons
            .partition_point(|finding| finding.position < Some(row));
        self.reasons[from..]
            .iter()
            .take_while(|finding| finding.position == Some(row))
            .find(|finding| finding.code == code)
            .map(|finding| &*finding.message)
    }

    /// Widens a column of files or sheets as this batch needs; leaves others as they are.
    pub(crate) fn fitted(&self, column: Column) -> Column {
        match &*column.heading {
            "Source file" => column.wide(self.file_width),
            "Sheet" => column.wide(self.sheet_width),
            _ => column,
        }
    }

    /// What keeps the report from being FINAL, or that nothing does.
    pub(crate) fn open_in_words(&self) -> String {
        if self.is_final {
            return "every file is read or closed, and every row is decided".to_string();
        }
        self.calculation.what_is_open_in_words()
    }

    /// FINAL or PRELIMINARY.
    pub(crate) fn standing(&self) -> &'static str {
        standing(self.is_final)
    }

    pub(crate) fn stamp(&self, title: String, reason: String) -> Stamp {
        let batch = &self.calculation.batch;
        Stamp {
            facts: format!(
                "{title} \u{b7} {} \u{b7} budget year {} \u{b7} rules {} \u{b7} run date {}",
                batch.label, batch.rules.budget_year, batch.rules.id, batch.run_date
            ),
            title,
            standing: self.standing(),
            is_final: self.is_final,
            reason,
            label: batch.label.clone(),
        }
    }

    pub(crate) fn workbook(&self, stamp: &Stamp) -> Workbook {
        let made = self.calculation.batch.run_date;
        book::begin(stamp, made, self.spool.as_deref())
    }
}

fn reasons(calculation: &Calculation) -> Vec<&Finding> {
    let findings = calculation.findings.iter();
    let mut reasons: Vec<&Finding> = findings
        .filter(|finding| {
            finding.position.is_some()
                && !matches!(
                    finding.code.severity(),
                    Severity::Warning | Severity::Question
                )
        })
        .collect();
    reasons.sort_by_key(|finding| finding.position);
    reasons
}
