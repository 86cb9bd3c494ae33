//! Checks: from the submitted rows to a verdict on every row (calculation.md, section 2).
//!
//! In this order: excluded participants and corrections (`decisions`), `fields` (can the row be read), `eligibility` (does it
//! qualify), appeals granted, rows denied by source, `own_district` (is it in the right file), `duplicates`, decisions on held
//! pupils; then `questions` and what was attested, which change nothing. A row that passes all of them is a certificate. Nothing
//! here knows money.

#[cfg(feature = "office")]
mod again;
mod cells;
mod collector;
mod columns;
mod decisions;
mod docket;
mod duplicates;
mod eligibility;
mod fields;
mod own_district;
mod questions;
mod row;
mod row_check;
mod subjects;
mod wrong_column;

use std::collections::{BTreeSet, HashMap};

#[cfg(feature = "office")]
pub(crate) use self::again::Again;
pub(crate) use self::cells::{Cells, Corrections};
use self::collector::Collector;
use self::columns::Evidence;
use self::decisions::Decisions;
pub use self::docket::{LineEffect, LineStatus};
use self::eligibility::Eligibility;
pub use self::eligibility::field_of;
pub(crate) use self::eligibility::minimums;
#[cfg(feature = "office")]
pub(crate) use self::eligibility::parameter_of;
pub use self::own_district::{of_most_rows, refused_file_of};
use self::questions::Asked;
use self::row::Row;
#[cfg(feature = "office")]
pub(crate) use self::row_check::row_check;
use crate::allocation::Certificate;
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::{Checked, Outcome, RowRead};
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::fields::{Field, Fields};
use crate::intake::table::LooksLike;
use crate::parallel::{on_each_core, ranges};
use crate::proposals::Proposer;
use crate::ranks::{ParticipantRank, ResolutionRank, RowRank};
use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use crate::rules::terms::Category;
use crate::stop::Stop;

/// Rows that one core checks at a time: a few milliseconds of work, and small enough that 13,000 rows keep several cores busy.
const ROWS_AT_A_TIME: usize = 2_000;

/// The result of the checks.
#[derive(Clone, Debug)]
pub struct CheckedBatch {
    /// By row of the batch.
    pub rows: Vec<Checked>,
    /// Every finding, including those of intake, in no particular order.
    pub findings: Vec<Finding>,
    /// The reporting entity of each file, by its name or by its rows.
    pub entities: Vec<Option<String>>,
    /// Per file: whether it was refused and a decision closed it.
    pub closed_files: Vec<bool>,
    /// What each line of the resolutions did.
    pub lines: Vec<LineEffect>,
    /// The cells that decisions correct, and what each is read as.
    pub corrections: HashMap<(RowRank, Field), String>,
}

/// Checks every row.
///
/// # Errors
/// Two decisions on the record that contradict each other.
pub fn decide(rules: &RuleSet, readings: &Readings, intake: &Intake) -> Result<CheckedBatch, Stop> {
    decide_within(Codes::ALL, rules, readings, intake)
}

/// Checks every row for the codes of a scope only. Other codes are not found and decide nothing.
///
/// # Errors
/// Two decisions on the record that contradict each other.
pub fn decide_within(
    scope: Codes,
    rules: &RuleSet,
    readings: &Readings,
    intake: &Intake,
) -> Result<CheckedBatch, Stop> {
    let mut decisions = Decisions::new(intake, docket::judge(intake)?);
    let excluded = decisions.exclude();
    let as_found = Corrections::new();
    let corrections = decisions.correct(&Cells::of(intake, &as_found));
    let cells = Cells::of(intake, &corrections);
    let columns = Evidence::of(&cells);
    let mut findings = intake.findings.clone();
    findings.extend(columns.told(&cells));

    let mut rows = Alone::new(cells, &columns, rules, &excluded, scope).decide(&mut findings);
    wrong_column::tell(&mut findings, intake);
    let entities = together(
        &mut rows,
        &mut decisions,
        readings,
        cells,
        scope,
        &mut findings,
    );
    let mut collector = Collector::new(cells, &entities, scope);
    fields::lunch_conflicts(&rows, &mut collector);
    findings.append(&mut collector.findings);

    let mut questions = questions::ask(&Asked {
        cells,
        rows: &rows,
        rules,
        entities: &entities,
        excluded: &excluded.keys().copied().collect(),
        named_by_exclude: &decisions.named_by_exclude(),
        closed_files: &decisions.closed_files,
    });
    questions.retain(|question| scope.contains(question.finding.code));
    decisions.attest(&mut findings, &mut questions, &cells);
    findings.extend(questions.into_iter().map(|question| question.finding));
    let closed_files = std::mem::take(&mut decisions.closed_files);
    let lines = decisions.effects();
    findings.extend(docket::findings(&lines, &intake.resolutions));
    findings.retain(|finding| scope.contains(finding.code));
    Ok(CheckedBatch {
        rows: rows
            .into_iter()
            .enumerate()
            .map(|(at, row)| row.checked(RowRank::new(at)))
            .collect(),
        findings,
        entities,
        closed_files,
        lines,
        corrections,
    })
}

/// The checks that compare rows, after each row was checked by itself; gives the reporting entity of every file.
fn together(
    rows: &mut [Row],
    decisions: &mut Decisions<'_>,
    readings: &Readings,
    cells: Cells<'_>,
    scope: Codes,
    findings: &mut Vec<Finding>,
) -> Vec<Option<String>> {
    decisions.qualify(rows, &cells);
    decisions.deny_by_source(rows, &cells);
    let entities = own_district::entities(cells.intake, rows);
    findings.extend(own_district::nobody(cells.intake, &entities));
    own_district::tell_strangers(findings, rows, (cells.intake, &entities));
    let mut collector = Collector::new(cells, &entities, scope);
    own_district::hold_strangers(rows, &mut collector);
    if scope.contains(Code::H501) {
        duplicates::settle(rows, readings, &mut collector);
    }
    findings.append(&mut collector.findings);
    decisions.decide_pupils(rows, &cells);
    entities
}

/// The checks of one row, without looking at other rows.
struct Alone<'a> {
    cells: Cells<'a>,
    columns: &'a Evidence,
    rules: &'a RuleSet,
    fields: Fields,
    excluded: &'a HashMap<ParticipantRank, ResolutionRank>,
    proposer: Proposer<'a>,
    scope: Codes,
}

impl<'a> Alone<'a> {
    fn new(
        cells: Cells<'a>,
        columns: &'a Evidence,
        rules: &'a RuleSet,
        excluded: &'a HashMap<ParticipantRank, ResolutionRank>,
        scope: Codes,
    ) -> Alone<'a> {
        Alone {
            cells,
            columns,
            rules,
            fields: Fields::of(rules),
            excluded,
            proposer: Proposer::new(&cells.intake.programs, rules.school_year),
            scope,
        }
    }

    /// Checks every row on all cores, and collects the findings.
    fn decide(&self, findings: &mut Vec<Finding>) -> Vec<Row> {
        let count = self.cells.rows.len();
        let parts = on_each_core(ranges(count, ROWS_AT_A_TIME), |part| {
            let mut collector = Collector::new(self.cells, &[], self.scope);
            let eligibility = Eligibility::new(self.rules, self.excluded, &self.proposer);
            let rows: Vec<Row> = part
                .map(|position| self.row(RowRank::new(position), &eligibility, &mut collector))
                .collect();
            (rows, collector.findings)
        });
        let mut rows = Vec::with_capacity(count);
        findings.reserve(parts.iter().map(|(_, found)| found.len()).sum());
        for (part, found) in parts {
            rows.extend(part);
            findings.extend(found);
        }
        rows
    }

    fn row(
        &self,
        rank: RowRank,
        eligibility: &Eligibility<'_>,
        collector: &mut Collector<'_>,
    ) -> Row {
        let columns = self.columns.columns(&self.cells, rank);
        let (mut row, rest) = fields::read(rank, columns, (self.rules, self.fields), collector);
        if row.outcome == Some(Outcome::Rejected) {
            say_what_it_looks_like(rank, collector);
        }
        eligibility.check(&mut row, &rest, rank, collector);
        row
    }
}

/// Whether a finding is still open: its row was not settled by a resolution, its file not closed, and a warning not attested.
#[must_use]
pub fn is_open(
    finding: &Finding,
    intake: &Intake,
    outcome_of: impl Fn(RowRank) -> Option<Outcome>,
    closed_files: &[bool],
) -> bool {
    match (finding.severity(), finding.position) {
        (Severity::Rejected, Some(row)) => outcome_of(row) == Some(Outcome::Rejected),
        // What a decision lets qualify, or sets aside, needs no mend; a row that cannot be read yet may need both.
        (Severity::NotQualified, Some(row)) => matches!(
            outcome_of(row),
            Some(Outcome::NotQualified | Outcome::Rejected)
        ),
        (Severity::Held, Some(row)) => outcome_of(row) == Some(Outcome::Held),
        (Severity::Refused, _) => {
            let file = intake
                .files
                .binary_search_by(|file| file.path.cmp(&finding.file));
            file.is_ok_and(|file| !closed_files[file])
        }
        (Severity::Warning | Severity::Question, _) => finding.attested_by.is_none(),
        _ => true,
    }
}

/// The open findings. Of a row that looks like a total only that is said: faults of its cells help nobody.
pub fn to_show<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    is_open: impl Fn(&Finding) -> bool,
) -> Vec<&'f Finding> {
    let mut open: Vec<&Finding> = findings.into_iter().filter(|it| is_open(it)).collect();
    let totals = open.iter().filter(|finding| finding.code == Code::W222);
    let totals: BTreeSet<RowRank> = totals.filter_map(|finding| finding.position).collect();
    open.retain(|finding| {
        let of_a_total = finding.position.is_some_and(|row| totals.contains(&row));
        finding.code == Code::W222 || !of_a_total
    });
    open
}

/// Findings by path, sheet order, row, column, code.
pub(crate) fn in_order(intake: &Intake, mut findings: Vec<Finding>) -> Vec<Finding> {
    let sheet_order = |finding: &Finding| -> usize {
        let Some(name) = &finding.sheet else { return 0 };
        let file = intake
            .files
            .binary_search_by(|source| source.path.cmp(&finding.file));
        let position = |file: usize| {
            intake.files[file]
                .sheets
                .iter()
                .position(|sheet| sheet.name.as_ref() == Some(name))
        };
        file.ok().and_then(position).unwrap_or(usize::MAX)
    };
    findings.sort_by_cached_key(|finding| {
        let column = finding.column.map(|(title, column)| (column, title));
        (
            finding.file.clone(),
            sheet_order(finding),
            finding.sheet.clone(),
            finding.row,
            column,
            finding.code,
        )
    });
    // A report keeps them to its end, and a list that grew can be half empty.
    findings.shrink_to_fit();
    findings
}

/// W222: explains a rejected row that was never meant to be a completion.
fn say_what_it_looks_like(rank: RowRank, collector: &mut Collector<'_>) {
    let (message, fix) = match collector.cells.rows.looks_like(rank) {
        LooksLike::Completion => return,
        LooksLike::Total => ("the row looks like a total, not like a completion", None),
        LooksLike::Note => ("the row looks like a note, not like a completion", None),
        LooksLike::Headings => {
            let fix = "Delete the row. If a second table begins here with its columns in a different order, put its rows under the first headings.";
            (
                "the headings are repeated here; the rows below are read under the first headings",
                Some(fix.to_string()),
            )
        }
    };
    collector.add_row(rank, Code::W222, message, fix);
}

/// The category in which a row counts in the base of the cap under `cap_base = reported`: that of a readable row whose program is on
/// the year's list. A row denied by its place is no longer in the submission and does not count.
#[must_use]
pub fn reported_in(row: &RowRead) -> Option<Category> {
    row.category
        .filter(|_| !row.set_aside && !row.codes.any(Severity::Rejected))
}

/// How many rows count in the base of the cap under `cap_base = reported`, by category.
#[must_use]
pub fn reported_by_category<'r>(
    rows: impl IntoIterator<Item = &'r RowRead>,
) -> [u64; Category::ALL.len()] {
    let mut counts = [0; Category::ALL.len()];
    for category in rows.into_iter().filter_map(reported_in) {
        counts[category as usize] += 1;
    }
    counts
}

#[must_use]
pub fn certificates(rows: &[Checked]) -> Vec<Certificate> {
    rows.iter().filter_map(Checked::certificate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::intake::lists::read_resolutions;
    use crate::intake::submission::SourceSheet;
    use crate::intake::{Layout, Lists, read_in_memory};
    use crate::rules::built_in;

    /// Two rows with a Graduation Credit that is not yes or no; a character in the first cannot be seen. The heading of the score is
    /// misspelled.
    const FILE: &str = "District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit,AP Score\n\
        0010,0101,1000000001,11,IN1,2024-05-17,N,may\u{200b}be,\n\
        0010,0101,1000000002,11,IN1,2024-05-17,N,maybe,\n";
    /// The second row's is corrected.
    const DECISIONS: &str = "Source File,Source Sheet,Source Row,Decision,Column,Was,Becomes,Reason,Approved By,Date\n\
        submissions/0010.csv,,3,correct,Graduation Credit,maybe,Y,Their letter,A. Supervisor,2024-09-01\n";

    /// The file under the rules of 2024-25, in a year with these fields.
    fn checked(fields: Fields) -> (Intake, CheckedBatch) {
        let layout = Layout {
            fields,
            columns: vec![(Field::GraduationCredit, "HS Credit".to_string())],
            constants: vec![(Field::ApScore, "9".to_string())],
            ..Layout::default()
        };
        let lists = Lists {
            resolutions: read_resolutions("resolutions.csv", DECISIONS.as_bytes()).unwrap(),
            ..Lists::default()
        };
        let files = [("submissions/0010.csv", FILE.as_bytes())];
        let intake = read_in_memory(&files, &layout, lists).unwrap();
        let rules = built_in("co-cdip-2024-25").unwrap().unwrap();
        let checked = decide_within(Codes::ALL, &rules, &rules.readings, &intake).unwrap();
        (intake, checked)
    }

    fn finds(checked: &CheckedBatch, code: Code) -> bool {
        checked.findings.iter().any(|finding| finding.code == code)
    }

    fn unread(sheet: &SourceSheet) -> Vec<(u32, &str)> {
        let unread = sheet.unread.iter();
        let unread = unread.map(|(column, heading)| (*column, &**heading));
        unread.collect()
    }

    /// The codes of a score of 9, of a credit that is not yes or no, of what cannot be seen, and of the misspelled heading.
    const OF_THE_COLUMNS: [Code; 4] = [Code::E209, Code::E210, Code::W221, Code::Q401];

    #[test]
    fn a_year_that_asks_for_a_column_checks_corrects_and_misses_it() {
        let (intake, checked) = checked(Fields::ALL);
        let sheet = &intake.files[0].sheets[0];
        assert_eq!(sheet.columns[Field::GraduationCredit as usize], Some(7));
        assert_eq!(unread(sheet), [(8, "AP Score")]);
        for code in OF_THE_COLUMNS {
            assert!(finds(&checked, code), "{code}");
        }
        assert!(checked.lines[0].took_effect());
    }

    #[test]
    fn rules_without_a_column_that_the_batch_has_pass_its_cells_over() {
        let (intake, _) = checked(Fields::ALL);
        let rules = built_in("co-cdip-2024-25").unwrap().unwrap();
        let as_found = Corrections::new();
        let cells = Cells::of(&intake, &as_found);
        let row = RowRank::new(0);
        let columns = Evidence::of(&cells).columns(&cells, row);
        let codes = |fields: Fields| {
            let mut collector = Collector::new(cells, &[], Codes::ALL);
            let (read, _) = fields::read(row, columns, (&rules, fields), &mut collector);
            read.codes.to_string()
        };
        assert_eq!(codes(Fields::ALL), "E209 E210");
        assert_eq!(codes(Fields::ALL.without(Field::ApScore)), "E210");
        let neither = Fields::ALL
            .without(Field::GraduationCredit)
            .without(Field::ApScore);
        assert_eq!(codes(neither), "");
    }

    #[test]
    fn a_year_that_does_not_ask_for_a_column_reads_it_like_any_other_unknown_one() {
        let fields = Fields::ALL
            .without(Field::GraduationCredit)
            .without(Field::ApScore);
        let (intake, checked) = checked(fields);
        let sheet = &intake.files[0].sheets[0];
        assert_eq!(sheet.columns[Field::GraduationCredit as usize], None);
        assert_eq!(unread(sheet), [(7, "Graduation Credit"), (8, "AP Score")]);
        for code in OF_THE_COLUMNS {
            assert!(!finds(&checked, code), "{code}");
        }
        // Nor can a decision correct what the year does not have (W214).
        assert!(matches!(
            checked.lines[0].status,
            LineStatus::FitsNothing(_)
        ));
    }
}
