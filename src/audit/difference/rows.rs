//! Matches the rows of two reports, and says what changed.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, VecDeque};

use super::changes::{Change, Part};
use crate::audit::cells::recorded_in;
use crate::audit::evidence::{Evidence, Place, RecordedRow};
use crate::catalogue::{Code, Codes};
use crate::checks::field_of;
use crate::decision::{Outcome, Settled};
use crate::ranks::RowRank;
use crate::results::columns::{ResultColumn, SUBMITTED, Submitted};
use crate::rules::readings::CrossEntity;
use crate::rules::terms::Category;

/// One row in both reports.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) a: Option<RowRank>,
    pub(super) b: Option<RowRank>,
    pub(super) change: Option<Change>,
    pub(super) part: Part,
}

/// Files whose bytes differ, or that only one report has.
fn changed_files<'e>(a: &'e Evidence, b: &'e Evidence) -> BTreeSet<&'e str> {
    let of = |evidence: &'e Evidence| {
        evidence
            .submissions
            .iter()
            .map(|file| (file.path.as_str(), file.sha256.as_str()))
    };
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (of(a).collect(), of(b).collect());
    a.symmetric_difference(&b).map(|(path, _)| *path).collect()
}

/// Says what happened to a row and in which step.
struct Judge<'e> {
    a: &'e Evidence,
    b: &'e Evidence,
    /// The rows of A and of B, with what both reports record of them.
    rows: [&'e [RecordedRow]; 2],
    same_rules: bool,
    changed_files: BTreeSet<&'e str>,
}

impl Judge<'_> {
    fn pair(&self, a: Option<RowRank>, b: Option<RowRank>) -> Pair {
        let pair = |change, part| Pair { a, b, change, part };
        let (x, y) = match (a, b) {
            (Some(x), Some(y)) => (x, y),
            (Some(_), None) => return pair(Some(Change::Removed), Part::OwnRows),
            (None, b) => return pair(Some(Change::Added), part_of_new(self.a, self.b, b)),
        };
        if self.rows[0][x.index()].submitted != self.rows[1][y.index()].submitted {
            return pair(Some(Change::Changed), Part::OwnRows);
        }
        let (before, after) = (&self.a.decisions[x], &self.b.decisions[y]);
        let same_participant = self.a.rows[x].participant == self.b.rows[y].participant;
        if checked(before) != checked(after) || !same_participant {
            return pair(Some(Change::Redecided), self.because(x, y));
        }
        pair(
            (before.outcome != after.outcome).then_some(Change::FundedDifferently),
            Part::Allocation,
        )
    }

    /// Why the checks decided differently on a row with the same values.
    fn because(&self, x: RowRank, y: RowRank) -> Part {
        let (before, after) = (&self.a.decisions[x], &self.b.decisions[y]);
        let reading = self.a.rules.readings.cross_entity;
        if reading == self.b.rules.readings.cross_entity {
            let either = |test: fn(&Settled) -> bool| test(before) != test(after);
            if either(|decision| decision.codes.contains(Code::H501)) {
                return Part::OthersDemand;
            }
            // A duplicate of a row of its own participant, unless the reading lets participants' rows be duplicates of each other.
            if either(|decision| decision.outcome == Outcome::Duplicate) {
                return if reading == CrossEntity::Hold {
                    Part::OwnRows
                } else {
                    Part::OthersDemand
                };
            }
        }
        if self.same_rules {
            return Part::OwnRows;
        }
        let changed: Vec<Code> = before
            .codes
            .iter()
            .filter(|code| !after.codes.contains(*code))
            .chain(
                after
                    .codes
                    .iter()
                    .filter(|code| !before.codes.contains(*code)),
            )
            .collect();
        let other_file = self.a.rows[x].file != self.b.rows[y].file
            || self.changed_files.contains(&*self.a.rows[x].file);
        // If only values that the report does not record can have decided, and the file changed, the participant changed them.
        if other_file && !changed.is_empty() && changed.into_iter().all(unrecorded) {
            Part::OwnRows
        } else {
            Part::Rules
        }
    }
}

/// The checks' result for a row; all outcomes of the allocation count as one.
fn checked(decision: &Settled) -> (Option<Outcome>, Codes, Option<Category>) {
    let ended = Some(decision.outcome).filter(|outcome| !outcome.is_certificate());
    (ended, decision.codes, decision.category)
}

/// Whether a code depends on something that is not in completions.csv: a field that has no column there, or the file's name.
fn unrecorded(code: Code) -> bool {
    code == Code::H502 || field_of(code).is_some_and(|field| recorded_in(field).is_none())
}

/// Each row of both reports, with what happened to it.
pub(super) fn pairs(a: &Evidence, b: &Evidence, same_rules: bool) -> Vec<Pair> {
    let columns: Vec<ResultColumn> = SUBMITTED
        .into_iter()
        .filter(|column| a.has_column(*column) && b.has_column(*column))
        .collect();
    let (of_a, of_b) = (in_both(a, &columns), in_both(b, &columns));
    let judge = Judge {
        a,
        b,
        rows: [&of_a, &of_b],
        same_rules,
        changed_files: changed_files(a, b),
    };
    let pairs = matched(&of_a, &of_b, &columns).into_iter();
    pairs.map(|(x, y)| judge.pair(x, y)).collect()
}

/// The rows of a report with no more than the submitted columns that both reports have.
fn in_both<'e>(evidence: &'e Evidence, columns: &[ResultColumn]) -> Cow<'e, [RecordedRow]> {
    if columns.len() == SUBMITTED.len() {
        return Cow::Borrowed(&evidence.rows);
    }
    let row = |row: &RecordedRow| RecordedRow {
        submitted: row.submitted.only(columns),
        ..row.clone()
    };
    evidence.rows.iter().map(row).collect()
}

/// The rows of reports of two years: none match, even if a district sent last year's rows again.
pub(super) fn of_two_years(a: &Evidence, b: &Evidence) -> Vec<Pair> {
    let removed = RowRank::all(a.rows.len()).map(|row| Pair {
        a: Some(row),
        b: None,
        change: Some(Change::Removed),
        part: Part::OwnRows,
    });
    let added = RowRank::all(b.rows.len()).map(|row| Pair {
        a: None,
        b: Some(row),
        change: Some(Change::Added),
        part: part_of_new(a, b, Some(row)),
    });
    removed.chain(added).collect()
}

/// The step of a row that only B has. What the rules of A would not pay comes with the rules of B: a row of a kind of participant or of a
/// grade, or in a category, that they do not pay.
fn part_of_new(a: &Evidence, b: &Evidence, row: Option<RowRank>) -> Part {
    let Some(decision) = row.map(|row| &b.decisions[row]) else {
        return Part::OwnRows;
    };
    let rules = &a.rules;
    let kind = decision.participant.map(|rank| b.participants[rank].kind);
    let paid_by_a = kind.is_none_or(|kind| rules.participant_kinds.contains(kind))
        && decision
            .grade
            .is_none_or(|grade| rules.grades.contains(&grade))
        && decision
            .category
            .is_none_or(|category| rules.tier_of(category).is_some());
    // If B does not pay it either, the participant caused the change.
    if paid_by_a || !decision.outcome.is_certificate() {
        Part::OwnRows
    } else {
        Part::Rules
    }
}

/// Each row of A with its row of B, then the rows that only B has. Why in four passes: docs/decisions/0025.
///
/// The row at a place is the same row, changed, if more than half of its cells agree. Otherwise the sheet was sorted or rows were
/// inserted, and another row is there now.
fn matched(
    a: &[RecordedRow],
    b: &[RecordedRow],
    columns: &[ResultColumn],
) -> Vec<(Option<RowRank>, Option<RowRank>)> {
    let mut matching = Matching::of(a, b);
    matching.at_their_place(|row, there| row.submitted == there.submitted);
    matching.of_same_content(|row| &row.file);
    matching.of_same_content(|_| "");
    matching.at_their_place(|row, there| row.submitted.is_mostly(&there.submitted, columns));
    matching.pairs()
}

/// Finds each row of A in B: at its place with the same content; else the same content elsewhere, in its own file first; else at its
/// place with enough of its content.
struct Matching<'e> {
    a: &'e [RecordedRow],
    b: &'e [RecordedRow],
    by_place: HashMap<Place<'e>, usize>,
    /// For each row of A, its row of B.
    partner: Vec<Option<usize>>,
    /// For each row of B, whether it is matched.
    taken: Vec<bool>,
}

impl<'e> Matching<'e> {
    fn of(a: &'e [RecordedRow], b: &'e [RecordedRow]) -> Matching<'e> {
        Matching {
            a,
            b,
            by_place: b
                .iter()
                .enumerate()
                .map(|(position, row)| (row.at(), position))
                .collect(),
            partner: vec![None; a.len()],
            taken: vec![false; b.len()],
        }
    }

    fn take(&mut self, row: usize, found: usize) {
        self.partner[row] = Some(found);
        self.taken[found] = true;
    }

    /// Rows of A without a partner.
    fn alone(&self) -> Vec<usize> {
        let all = 0..self.a.len();
        all.filter(|row| self.partner[*row].is_none()).collect()
    }

    /// Matches rows at the same place, if they are alike.
    fn at_their_place(&mut self, alike: impl Fn(&RecordedRow, &RecordedRow) -> bool) {
        for row in self.alone() {
            let there = self.by_place.get(&self.a[row].at()).copied();
            let there = there.filter(|there| !self.taken[*there]);
            if let Some(there) = there.filter(|there| alike(&self.a[row], &self.b[*there])) {
                self.take(row, there);
            }
        }
    }

    /// Matches the first free row of the same content, if `within` gives the same for both.
    fn of_same_content(&mut self, within: impl Fn(&'e RecordedRow) -> &'e str) {
        let mut free: HashMap<(&Submitted, &str), VecDeque<usize>> = HashMap::new();
        for (position, row) in self.b.iter().enumerate() {
            if !self.taken[position] {
                let key = (&row.submitted, within(row));
                free.entry(key).or_default().push_back(position);
            }
        }
        for row in self.alone() {
            let key = (&self.a[row].submitted, within(&self.a[row]));
            if let Some(found) = free.get_mut(&key).and_then(VecDeque::pop_front) {
                self.take(row, found);
            }
        }
    }

    /// In the order of A, then the rows that only B has.
    fn pairs(&self) -> Vec<(Option<RowRank>, Option<RowRank>)> {
        let of_a = self
            .partner
            .iter()
            .enumerate()
            .map(|(row, partner)| (Some(RowRank::new(row)), partner.map(RowRank::new)));
        let only_b = (0..self.b.len())
            .filter(|row| !self.taken[*row])
            .map(|row| (None, Some(RowRank::new(row))));
        of_a.chain(only_b).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of a file at a line, whose SASID and first `changed` other cells are its own.
    fn row(file: &str, line: u32, sasid: &str, changed: usize) -> RecordedRow {
        let text = |column: ResultColumn| match column.submitted_place() {
            _ if column == ResultColumn::Sasid => sasid.to_string(),
            Some(place) if place < changed => format!("changed in {sasid}"),
            _ => "the same in every row".to_string(),
        };
        RecordedRow {
            file: file.into(),
            sheet: "".into(),
            row: line,
            submitted: Submitted::of(text),
            participant: "".into(),
        }
    }

    fn found(a: &[RecordedRow], b: &[RecordedRow]) -> Vec<(Option<usize>, Option<usize>)> {
        let index = |rank: Option<RowRank>| rank.map(RowRank::index);
        let pairs = matched(a, b, &SUBMITTED).into_iter();
        pairs.map(|(x, y)| (index(x), index(y))).collect()
    }

    #[test]
    fn a_row_at_its_place_is_taken_before_the_same_content_elsewhere() {
        let a = [row("a", 2, "1", 0), row("a", 3, "1", 0)];
        let b = [
            row("a", 1, "1", 0),
            row("a", 2, "1", 0),
            row("a", 3, "1", 0),
        ];
        let expected = [(Some(0), Some(1)), (Some(1), Some(2)), (None, Some(0))];
        assert_eq!(found(&a, &b), expected);
    }

    #[test]
    fn the_same_content_is_taken_in_its_own_file_before_another() {
        let a = [row("b", 2, "1", 0), row("b", 3, "2", 0)];
        let b = [
            row("a", 2, "1", 0),
            row("b", 9, "1", 0),
            row("c", 3, "2", 0),
        ];
        let expected = [(Some(0), Some(1)), (Some(1), Some(2)), (None, Some(0))];
        assert_eq!(found(&a, &b), expected);
    }

    #[test]
    fn a_row_that_moved_is_taken_before_its_place_counts_as_changed() {
        // Every row shares all but one of its cells with the one that was there before.
        let a = [row("a", 2, "1", 0), row("a", 3, "2", 0)];
        let b = [row("a", 2, "2", 0), row("a", 3, "3", 0)];
        assert_eq!(
            found(&a, &b),
            [(Some(0), None), (Some(1), Some(0)), (None, Some(1))]
        );
    }

    #[test]
    fn at_its_place_more_than_half_of_the_cells_make_the_same_row_changed_and_fewer_another_row() {
        let a = [row("a", 2, "1", 0)];
        // District and school differ, and the SASID: more than half are the same. Then the program too: fewer.
        assert_eq!(found(&a, &[row("a", 2, "2", 2)]), [(Some(0), Some(0))]);
        assert_eq!(
            found(&a, &[row("a", 2, "2", 4)]),
            [(Some(0), None), (None, Some(0))]
        );
    }

    #[test]
    fn a_report_does_not_record_the_credit_the_score_and_the_name_of_a_file() {
        for code in [Code::E209, Code::E210, Code::N305, Code::N306, Code::H502] {
            assert!(unrecorded(code), "{code}");
        }
        for code in [Code::E201, Code::E205, Code::N301, Code::N303, Code::H501] {
            assert!(!unrecorded(code), "{code}");
        }
    }
}
