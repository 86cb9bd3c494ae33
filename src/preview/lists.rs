//! The lists of a preview's workbook: what to fix, with dollars, and every row.

use std::borrow::Cow;
use std::ops::Range;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::workbook::{Book, ROWS, WHAT_TO_FIX};
use crate::allocation::AwardOutcome;
use crate::catalogue::{CATALOGUE, Code, CodeEntry, Severity};
use crate::decision::Outcome;
use crate::finding::{Finding, shared_fix};
use crate::intake::completions::Field;
use crate::money::Money;
use crate::ranks::RowRank;
use crate::shades;
use crate::sheets::cell::Cell;
use crate::sheets::listing::{Limits, Listing};
use crate::sheets::look::Tone;
use crate::sheets::page::Column;
use crate::tasks::{self, Typed};
use crate::values::upper_case;
use crate::words::counted;

/// The expected outcome of a row that passed every check.
fn award_words(outcome: AwardOutcome) -> &'static str {
    match outcome {
        AwardOutcome::Paid => "would be paid",
        AwardOutcome::AlreadyCounted => "pupil would be counted already",
        AwardOutcome::OverCap => "would be over the cap",
        AwardOutcome::Unfunded => "would find no money left",
    }
}

/// The outcome of a row that did not.
pub(super) fn decision_words(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Rejected) => "cannot be read",
        Some(Outcome::NotQualified) => "would not qualify",
        Some(Outcome::Held) => "would be held",
        Some(Outcome::Denied) => "denied by a decision",
        Some(Outcome::Duplicate) => "appears twice",
        _ => "would not be counted here",
    }
}

/// A group of findings of one code.
struct Group<'p> {
    entry: &'static CodeEntry,
    findings: Vec<&'p Finding>,
    /// Rows with no other fault than this code, and what they would add; no dollars for facts.
    worth: Option<(usize, Option<Money>)>,
}

impl<'p> Group<'p> {
    /// The line above the findings of the code.
    fn head(&self, cells: &mut Vec<Cell<'p>>) {
        let entry = self.entry;
        let (rows, worth) = match self.worth {
            Some((rows, None)) => (Cell::count(rows), Cell::text("a fact: leave it in")),
            Some((rows, Some(worth))) => (Cell::count(rows), Cell::Money(worth)),
            None if entry.code == Code::W223 => (Cell::Empty, Cell::text("counts once")),
            None if entry.severity == Severity::Warning => {
                (Cell::Empty, Cell::text("counts as submitted"))
            }
            None => (Cell::count(0), Cell::text("not known")),
        };
        cells.extend([
            Cell::text(entry.code.as_str()),
            shades::severity(entry.severity),
            worth,
            rows,
            Cell::count(self.findings.len()),
        ]);
        cells.extend(std::array::from_fn::<_, 5, _>(|_| Cell::Empty));
        let fix = shared_fix(entry.code, &self.findings);
        cells.extend([Cell::words(entry.title), Cell::words(fix)]);
    }

    /// The line of one of its findings, with its message.
    fn finding(&self, finding: &'p Finding, message: Cow<'p, str>, cells: &mut Vec<Cell<'p>>) {
        cells.extend([
            Cell::text(self.entry.code.as_str()),
            shades::severity(self.entry.severity),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::words(finding.file.to_string()),
            Cell::words(finding.sheet.as_deref().unwrap_or_default()),
            finding.row.map_or(Cell::Empty, Cell::Number),
            Cell::text(finding.column.map_or("", |(title, _)| title)),
            Cell::text(finding.cell()),
            Cell::words(message),
            Cell::words(finding.fix()),
        ]);
    }
}

impl<'p> Book<'p> {
    /// Open findings that are this entity's to correct, by code: the one worth most first, then the most urgent.
    fn groups(&self) -> Vec<Group<'p>> {
        let inspection = &self.preview.inspection;
        let files = &inspection.intake.files;
        let mut groups: Vec<Group<'p>> = CATALOGUE
            .iter()
            .map(|entry| Group {
                entry,
                findings: Vec::new(),
                worth: None,
            })
            .collect();
        for finding in inspection
            .findings
            .iter()
            .filter(|finding| inspection.is_open(finding))
        {
            let file = files.iter().position(|file| file.path == finding.file);
            let participant = finding
                .position
                .and_then(|position| inspection.decisions[position].participant);
            if file.is_none_or(|file| self.preview.concerns(file, participant)) {
                groups[finding.code as usize].findings.push(finding);
            }
        }
        for correction in &self.preview.corrections {
            let worth = (!correction.is_fact()).then_some(correction.worth);
            let known = &mut groups[correction.code as usize].worth;
            // A code that is a slip in one row and a fact in another is shown with the dollars of the slips.
            if worth.is_some() || known.is_none() {
                *known = Some((correction.rows, worth));
            }
        }
        groups.retain(|group| !group.findings.is_empty());
        groups.sort_by_key(|group| {
            let worth = group.worth.and_then(|(_, worth)| worth).unwrap_or_default();
            (
                std::cmp::Reverse(worth),
                group.entry.severity,
                group.entry.code,
            )
        });
        groups
    }

    fn fix_columns(&self) -> Vec<Column> {
        vec![
            Column::text("Code", 10.0),
            Column::text("Severity", 15.0),
            Column::figures("Would add about", 16.0),
            Column::figures("Rows held back by it alone", 14.0),
            Column::figures("Findings", 13.0),
            self.file_column(),
            Column::text("Sheet", 16.0),
            Column::figures("Row", 9.0),
            Column::text("Column", 20.0),
            Column::text("Cell", 9.0),
            Column::text("What is wrong", 50.0),
            Column::text("What to do", 50.0),
        ]
    }

    pub(super) fn what_to_fix(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let groups = self.groups();
        // Its sender reads it: a message quotes what was typed, as that of the check does.
        let inspection = &self.preview.inspection;
        let typed = Typed::new(inspection, &tasks::every_one_of(inspection));
        // A line for each code, then a line for each of its findings.
        let lines: Vec<(&Group<'p>, Option<&'p Finding>)> = groups
            .iter()
            .flat_map(|group| {
                std::iter::once((group, None)).chain(
                    group
                        .findings
                        .iter()
                        .map(move |finding| (group, Some(*finding))),
                )
            })
            .collect();
        let listing = Listing {
            name: WHAT_TO_FIX,
            about:
                "By code, the one worth most first: what its rows would add if each of them qualifies once corrected. Below each code is \
             every finding with its cell. A row with two faults adds nothing until both are corrected."
                    .to_string(),
            notice: false,
            columns: self.fix_columns(),
            frozen: 2,
            rows: lines.len(),
            none: "nothing was found",
            total: None,
            beneath: None,
        };
        listing.write(
            workbook,
            (&self.look, Limits::default()),
            &self.stamp,
            |line, cells| match lines[line] {
                (group, None) => {
                    group.head(cells);
                    Tone::Group
                }
                (group, Some(finding)) => {
                    group.finding(finding, typed.message(finding), cells);
                    Tone::Plain
                }
            },
        )
    }

    fn row_columns(&self) -> Vec<Column> {
        vec![
            self.file_column(),
            Column::text("Sheet", 16.0),
            Column::figures("Row", 9.0),
            Column::text("Participant", 14.0),
            Column::text("Program code", 13.0),
            Column::text("Program name", 34.0),
            Column::figures("Tier", 8.0),
            Column::text("How it would end", 30.0),
            Column::text("Codes", 14.0),
            Column::text("Why", 46.0),
            Column::figures("Weight", 11.0),
            Column::figures("Would be paid", self.money_width),
        ]
    }

    fn rows_total(&self, label: String, range: Range<usize>) -> Vec<Cell<'static>> {
        let columns = self.row_columns().len();
        let awards = self.shown[range]
            .iter()
            .filter_map(|row| self.preview.awards[*row]);
        let mut cells = vec![Cell::text(label)];
        cells.resize(columns - 1, Cell::Empty);
        cells.push(Cell::Money(awards.map(|award| award.amount).sum()));
        cells
    }

    pub(super) fn list_rows(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let (rows, shown) = (&self.rows, &self.shown);
        let others = rows.len() - shown.len();
        let not_shown = if others == 0 {
            String::new()
        } else {
            format!(
                " {} of other entities in these files are not shown.",
                counted(others as u64, "row")
            )
        };
        let columns = self.row_columns();
        let listing = Listing {
            name: ROWS,
            about: format!(
                "Every row of these files and how it would end. No pupil's id is shown: file, sheet and row say which it is.{not_shown}"
            ),
            notice: false,
            columns,
            frozen: 3,
            rows: shown.len(),
            none: "no row was read",
            total: Some(&|label, range| self.rows_total(label, range)),
            beneath: None,
        };
        listing.write(
            workbook,
            (&self.look, Limits::default()),
            &self.stamp,
            |line, cells| {
                self.row(shown[line], cells);
                Tone::Plain
            },
        )
    }

    fn row(&self, position: RowRank, cells: &mut Vec<Cell<'p>>) {
        let preview = self.preview;
        let rows = &self.rows;
        let intake = &preview.inspection.intake;
        let decisions = &preview.inspection.decisions;
        let decision = &decisions[position];
        let award = preview.awards[position];
        let sheet = &intake.files[rows.file(position)].sheets[rows.sheet(position)];
        let own = decision
            .participant
            .filter(|rank| preview.participants.contains(rank));
        let why: Vec<&str> = decision
            .codes
            .iter()
            .map(|code| code.entry().title)
            .collect();
        cells.extend([
            Cell::words(intake.files[rows.file(position)].path.to_string()),
            Cell::words(sheet.name.as_deref().unwrap_or_default()),
            Cell::Number(rows.row(position)),
            Cell::text(
                own.map(|rank| intake.participants.all()[rank].code())
                    .unwrap_or_default(),
            ),
            Cell::text(upper_case(rows.text(position, Field::ProgramCode))),
            Cell::words(
                decision
                    .program
                    .map_or("", |rank| intake.programs.all()[rank].name.as_str()),
            ),
            decision.tier.map_or(Cell::Empty, |tier| {
                Cell::Number(preview.rules.tiers[tier].number)
            }),
            Cell::text(award.map_or_else(
                || decision_words(decision.ended()),
                |award| award_words(award.outcome),
            )),
            Cell::text(decision.codes.to_string()),
            Cell::words(why.join("; ")),
            award
                .and_then(|award| award.weight)
                .map_or(Cell::Empty, |weight| {
                    Cell::UnitWeight(u64::from(weight.hundredths()))
                }),
            award.map_or(Cell::Empty, |award| Cell::Money(award.amount)),
        ]);
    }
}
