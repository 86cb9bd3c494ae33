//! Why each participant's money differs between two reports, split into four parts that sum exactly (docs/decisions/0014).
//!
//! From A to B in fixed steps, each a whole allocation: a participant's own rows, everybody else's rows, the rules with the decisions
//! they made on rows, the money. A part is what its step adds. The last three worlds are the same for everybody, so those columns
//! also add up statewide.

pub mod workbook;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chrono::NaiveDate;
use rayon::prelude::*;
use serde::Serialize;

use super::evidence::{Claim, Evidence, RecordedInput, RecordedRow};
use crate::allocation::{self, Allocation, Certificate, Claimant, Demand};
use crate::catalogue::{Code, Severity};
use crate::decision::{Outcome, Settled};
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
use crate::results::columns::{ResultColumn, Submitted};
use crate::rules::readings::CrossEntity;
use crate::rules::terms::Category;
use crate::stop::Stop;
use crate::words::counted;

/// Of the cells of a row that its submitter wrote and `completions.csv` records, how many must agree for a row at the same place to be the same row, changed. With fewer, the
/// sheet was sorted or rows were inserted, and another row stands there now.
const SAME_CELLS_MIN: usize = 4;

/// What happened to a row from A to B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only B has it.
    Added,
    /// Only A has it.
    Removed,
    /// It says something else at the same place.
    Changed,
    /// It says the same, and the checks decided differently.
    Redecided,
    /// It says the same and passed the same checks, but its money ended differently.
    FundedDifferently,
}

impl Change {
    /// Every change, in the order in which they are shown.
    pub const ALL: [Change; 5] = [
        Change::Added,
        Change::Removed,
        Change::Changed,
        Change::Redecided,
        Change::FundedDifferently,
    ];

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Changed => "changed",
            Change::Redecided => "re-decided",
            Change::FundedDifferently => "funded differently",
        }
    }
}

/// The step from A to B in which a row's change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The row's own participant sent something else.
    OwnRows,
    /// Rows of somebody else put it in question, or cleared it.
    OthersDemand,
    /// Rules, readings, lists or decisions on the record.
    Rules,
    /// Nothing about the row: only the allocation around it.
    Allocation,
}

impl Part {
    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Part::OwnRows => "own rows",
            Part::OthersDemand => "others' rows",
            Part::Rules => "rules and decisions",
            Part::Allocation => "allocation",
        }
    }
}

/// How a row stands in one of the reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stand {
    /// Its file.
    pub file: String,
    /// Its sheet; empty in a text file.
    pub sheet: String,
    /// Its physical row.
    pub row: u32,
    /// Its participant's code; empty where none was found.
    pub participant: String,
    /// Where it ended.
    pub outcome: &'static str,
    /// Its codes.
    pub codes: String,
    /// What it is paid.
    pub amount: Money,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedRow {
    /// What happened to it.
    pub change: Change,
    /// In which step it takes effect.
    pub part: Part,
    /// In A.
    pub before: Option<Stand>,
    /// In B.
    pub after: Option<Stand>,
}

/// A participant's money in both reports, and the parts of the change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Its total in A, supplement included.
    pub before: Money,
    /// Its own rows changed.
    pub own_rows: Money,
    /// Everybody else's rows changed.
    pub others_demand: Money,
    /// Rules, readings, lists or decisions changed.
    pub rules: Money,
    /// The money changed.
    pub money: Money,
    /// Its total in B.
    pub after: Money,
}

impl Parts {
    /// The whole change.
    #[must_use]
    pub fn change(&self) -> Money {
        self.after - self.before
    }

    fn add(&mut self, other: &Parts) {
        self.before += other.before;
        self.own_rows += other.own_rows;
        self.others_demand += other.others_demand;
        self.rules += other.rules;
        self.money += other.money;
        self.after += other.after;
    }
}

/// A participant of either report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParticipantChange {
    /// `0010-4500`
    pub code: String,
    /// Its name, as in the later report that has it.
    pub name: String,
    /// The money.
    #[serde(flatten)]
    pub parts: Parts,
}

/// Where a row ended in A and in B; `None` where it is not there.
pub type Ends = (Option<&'static str>, Option<&'static str>);

/// The difference of two reports.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// What the batches are called: A, B.
    pub labels: [String; 2],
    /// Run under which rules: A, B.
    pub rules: [String; 2],
    /// The batches' run dates: A, B.
    #[serde(serialize_with = "dates")]
    pub run_dates: [NaiveDate; 2],
    /// What differs beside the rows, a clause each.
    pub settings: Vec<String>,
    /// The sum over all participants.
    pub total: Parts,
    /// Participants whose money or parts are not all the same, the largest change first.
    pub participants: Vec<ParticipantChange>,
    /// Rows that differ, in the order of A, then those that only B has.
    pub rows: Vec<ChangedRow>,
    /// Rows that end the same way with another amount: the rate moved them.
    pub rows_at_another_rate: usize,
}

fn dates<S: serde::Serializer>(dates: &[NaiveDate; 2], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(dates.iter().map(ToString::to_string))
}

impl Difference {
    /// Whether anything differs.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.settings.is_empty()
            && self.participants.is_empty()
            && self.rows.is_empty()
            && self.rows_at_another_rate == 0
    }

    /// How many rows of each change.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Change, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.change).or_insert(0) += 1;
        }
        counts
    }

    /// How many rows went from one end to another, the most frequent first.
    #[must_use]
    pub fn moves(&self) -> Vec<(Ends, usize)> {
        let mut moves: BTreeMap<Ends, usize> = BTreeMap::new();
        let outcome = |stand: &Option<Stand>| stand.as_ref().map(|stand| stand.outcome);
        for row in self
            .rows
            .iter()
            .filter(|row| outcome(&row.before) != outcome(&row.after))
        {
            *moves
                .entry((outcome(&row.before), outcome(&row.after)))
                .or_default() += 1;
        }
        let mut moves: Vec<_> = moves.into_iter().collect();
        moves.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        moves
    }
}

/// What a row brings into a world: a certificate, and a place in the reported base of the cap.
#[derive(Clone, Copy, Default)]
struct Bringing {
    certificate: Option<Certificate>,
    reported: Option<Category>,
    participant: Option<ParticipantRank>,
}

/// One row in both reports.
#[derive(Clone, Copy)]
struct Pair {
    a: Option<RowRank>,
    b: Option<RowRank>,
    change: Option<Change>,
    part: Part,
}

/// Both reports on one footing: the same ranks for participants and programs.
struct Compared<'e> {
    a: &'e Evidence,
    b: &'e Evidence,
    claims: Vec<(&'e Claim, [Claimant; 2])>,
    pairs: Vec<Pair>,
    brings: [Vec<Bringing>; 2],
}

/// Compares two reports.
///
/// # Errors
/// A [defect](Stop::defect) if a world cannot be allocated or its ends are not the reports' own totals: a defect of the program.
pub fn difference(a: &Evidence, b: &Evidence) -> Result<Difference, Stop> {
    let settings = settings(a, b);
    let compared = Compared::of(a, b, settings.iter().all(|(_, decides_rows)| !decides_rows));
    let money = compared.parts()?;
    let mut total = Parts::default();
    for parts in &money {
        total.add(parts);
    }
    let all = compared
        .claims
        .iter()
        .zip(money)
        .map(|((claim, _), parts)| ParticipantChange {
            code: claim.code(),
            name: claim.name.clone(),
            parts,
        });
    let moved = |change: &ParticipantChange| {
        let Parts {
            own_rows,
            others_demand,
            rules,
            money,
            ..
        } = change.parts;
        [own_rows, others_demand, rules, money]
            .iter()
            .any(|part| *part != Money::ZERO)
    };
    let mut participants: Vec<ParticipantChange> = all.filter(moved).collect();
    participants.sort_by_key(|change| std::cmp::Reverse(change.parts.change().cents().abs()));
    let rate = compared.pairs.iter().filter(|pair| pair.change.is_none());
    let rate = rate
        .filter_map(|pair| pair.a.zip(pair.b))
        .filter(|(x, y)| a.decisions[*x].amount != b.decisions[*y].amount);
    Ok(Difference {
        labels: [a.label.clone(), b.label.clone()],
        rules: [a.rules.id.clone(), b.rules.id.clone()],
        run_dates: [a.run_date, b.run_date],
        rows_at_another_rate: rate.count(),
        rows: compared.changed_rows(),
        settings: settings.into_iter().map(|(text, _)| text).collect(),
        total,
        participants,
    })
}

/// What differs beside the rows: a clause, and whether it can decide on rows.
fn settings(a: &Evidence, b: &Evidence) -> Vec<(String, bool)> {
    let mut settings: Vec<(String, bool)> = Vec::new();
    if a.rules.id != b.rules.id {
        settings.push((format!("rules: {} -> {}", a.rules.id, b.rules.id), true));
    }
    if a.rules.school_year != b.rules.school_year {
        settings.push((
            format!(
                "school_year: {} -> {}",
                a.rules.school_year, b.rules.school_year
            ),
            true,
        ));
    }
    let values = a.rules.differences(&b.rules).values;
    settings.extend(
        values
            .into_iter()
            .map(|difference| (format!("{}: {}", difference.label, difference.change), true)),
    );
    if settings.is_empty() && a.rules.sha256 != b.rules.sha256 {
        settings.push(("rules: the same values, another text".to_string(), false));
    }
    if a.available != b.available {
        settings.push((
            format!(
                "available: {} -> {}",
                a.available.grouped(),
                b.available.grouped()
            ),
            false,
        ));
    }
    if a.supplement_available != b.supplement_available {
        let pool = |evidence: &Evidence| {
            evidence
                .supplement_available
                .map_or("none".to_string(), Money::grouped)
        };
        settings.push((
            format!("supplement_available: {} -> {}", pool(a), pool(b)),
            false,
        ));
    }
    // The configuration is compared by its values above.
    let lists = |evidence: &Evidence| -> BTreeMap<String, String> {
        let lists = evidence
            .lists
            .iter()
            .filter(|list| !list.path.to_lowercase().ends_with(".toml"));
        lists
            .map(|list| (list.path.clone(), list.sha256.clone()))
            .collect()
    };
    let (lists_a, lists_b) = (lists(a), lists(b));
    for path in lists_a
        .keys()
        .chain(lists_b.keys())
        .collect::<BTreeSet<_>>()
    {
        let how = match (lists_a.get(path), lists_b.get(path)) {
            (Some(before), Some(after)) if before == after => continue,
            (Some(_), Some(_)) => "another content",
            (Some(_), None) => "no longer there",
            (None, _) => "new",
        };
        settings.push((format!("list {path}: {how}"), true));
    }
    let submissions = |evidence: &Evidence| -> BTreeMap<String, String> {
        evidence
            .submissions
            .iter()
            .map(|RecordedInput { path, sha256 }| (path.clone(), sha256.clone()))
            .collect()
    };
    let (files_a, files_b) = (submissions(a), submissions(b));
    let new = files_b
        .keys()
        .filter(|path| !files_a.contains_key(*path))
        .count();
    let gone = files_a
        .keys()
        .filter(|path| !files_b.contains_key(*path))
        .count();
    let other = files_a
        .iter()
        .filter(|(path, sha256)| files_b.get(*path).is_some_and(|after| after != *sha256))
        .count();
    for (files, how) in [
        (new, "new"),
        (gone, "no longer there"),
        (other, "with another content"),
    ] {
        if files > 0 {
            settings.push((
                format!("submissions: {} {how}", counted(files as u64, "file")),
                false,
            ));
        }
    }
    settings
}

impl<'e> Compared<'e> {
    /// `same_rules` says that nothing beside the rows can have decided on them.
    fn of(a: &'e Evidence, b: &'e Evidence, same_rules: bool) -> Compared<'e> {
        let mut by_code: BTreeMap<(&str, &str), [Option<&Claim>; 2]> = BTreeMap::new();
        for (side, evidence) in [a, b].into_iter().enumerate() {
            for claim in &evidence.participants {
                by_code
                    .entry((&claim.district_code, &claim.school_code))
                    .or_default()[side] = Some(claim);
            }
        }
        let ranks: HashMap<(&str, &str), ParticipantRank> = by_code
            .keys()
            .enumerate()
            .map(|(rank, code)| (*code, ParticipantRank::new(rank)))
            .collect();
        let claims = by_code.values().filter_map(|sides| {
            let (before, after) = (sides[0].or(sides[1])?, sides[1].or(sides[0])?);
            Some((after, [before.claimant(), after.claimant()]))
        });
        let codes: BTreeSet<&str> = a
            .rows
            .iter()
            .chain(&b.rows)
            .map(|row| row.submitted.get(ResultColumn::ProgramCode))
            .collect();
        let programs: HashMap<&str, ProgramRank> = codes
            .into_iter()
            .enumerate()
            .map(|(rank, code)| (code, ProgramRank::new(rank)))
            .collect();
        // Ranks of rows only break ties of equal certificates; those of one report keep their order.
        let brings = [(a, 0), (b, 1)].map(|(evidence, side)| {
            let bring = |(row, decision): (RowRank, &Settled)| {
                let participant = decision.participant.and_then(|rank| {
                    let claim = &evidence.participants[rank];
                    ranks
                        .get(&(claim.district_code.as_str(), claim.school_code.as_str()))
                        .copied()
                });
                let certificate = decision
                    .certificate(RowRank::new(2 * row.index() + side))
                    .filter(|_| decision.outcome.is_certificate());
                let certificate = certificate
                    .zip(participant)
                    .map(|(certificate, participant)| Certificate {
                        participant,
                        program: programs
                            .get(evidence.rows[row].submitted.get(ResultColumn::ProgramCode))
                            .copied()
                            .unwrap_or(ProgramRank::new(0)),
                        ..certificate
                    });
                let reported = decision
                    .category
                    .filter(|_| !decision.codes.any(Severity::Rejected));
                Bringing {
                    certificate,
                    reported,
                    participant,
                }
            };
            RowRank::enumerate(&evidence.decisions)
                .map(bring)
                .collect::<Vec<_>>()
        });
        let judge = Judge {
            a,
            b,
            same_rules,
            changed_files: changed_files(a, b),
        };
        let pairs = matched(&a.rows, &b.rows)
            .into_iter()
            .map(|(x, y)| judge.pair(x.map(RowRank::new), y.map(RowRank::new)))
            .collect();
        Compared {
            a,
            b,
            claims: claims.collect(),
            pairs,
            brings,
        }
    }

    /// The money of every participant in each world.
    fn parts(&self) -> Result<Vec<Parts>, Stop> {
        let (a, b) = (self.a, self.b);
        let in_b = |parts: &'static [Part]| {
            move |part: Part, _: Option<ParticipantRank>| parts.contains(&part)
        };
        let before = self.allocated(in_b(&[]), (a, 0), a)?;
        let others = self.allocated(in_b(&[Part::OwnRows, Part::OthersDemand]), (a, 0), a)?;
        let all: &[Part] = &[
            Part::OwnRows,
            Part::OthersDemand,
            Part::Rules,
            Part::Allocation,
        ];
        let rules = self.allocated(in_b(all), (b, 1), a)?;
        let after = self.allocated(in_b(all), (b, 1), b)?;
        let participants: Vec<ParticipantRank> = ParticipantRank::all(self.claims.len()).collect();
        let own: Vec<Money> = participants
            .par_iter()
            .map(|rank| {
                let has_own = self
                    .pairs
                    .iter()
                    .any(|pair| pair.part == Part::OwnRows && self.touches(pair, *rank));
                if !has_own {
                    return Ok(before.total_of(*rank));
                }
                let theirs = |part: Part, participant: Option<ParticipantRank>| {
                    part == Part::OwnRows && participant == Some(*rank)
                };
                Ok(self.allocated(theirs, (a, 0), a)?.total_of(*rank))
            })
            .collect::<Result<_, Stop>>()?;
        let parts: Vec<Parts> = participants
            .into_iter()
            .map(|rank| Parts {
                before: before.total_of(rank),
                own_rows: own[rank] - before.total_of(rank),
                others_demand: others.total_of(rank) - own[rank],
                rules: rules.total_of(rank) - others.total_of(rank),
                money: after.total_of(rank) - rules.total_of(rank),
                after: after.total_of(rank),
            })
            .collect();
        self.ends_are_the_reports(&parts)?;
        Ok(parts)
    }

    fn touches(&self, pair: &Pair, rank: ParticipantRank) -> bool {
        let of = |side: usize, row: Option<RowRank>| {
            row.and_then(|row| self.brings[side][row].participant)
        };
        of(0, pair.a) == Some(rank) || of(1, pair.b) == Some(rank)
    }

    /// A world: which rows are those of B, whose rules and claims hold, and whose money there is.
    fn allocated(
        &self,
        in_b: impl Fn(Part, Option<ParticipantRank>) -> bool,
        (rules, side): (&Evidence, usize),
        money: &Evidence,
    ) -> Result<Allocation, Stop> {
        let mut certificates = Vec::new();
        let mut reported = [0; Category::ALL.len()];
        let mut take = |bringing: &Bringing| {
            // Without a tier under these rules nothing funds it.
            let certificate = bringing
                .certificate
                .filter(|certificate| rules.rules.tier_of(certificate.category).is_some());
            certificates.extend(certificate);
            if let Some(category) = bringing.reported {
                reported[category as usize] += 1;
            }
        };
        for pair in &self.pairs {
            if let Some(bringing) = pair.a.map(|row| &self.brings[0][row])
                && !in_b(pair.part, bringing.participant)
            {
                take(bringing);
            }
            if let Some(bringing) = pair.b.map(|row| &self.brings[1][row])
                && in_b(pair.part, bringing.participant)
            {
                take(bringing);
            }
        }
        let demand = Demand {
            certificates,
            claimants: self
                .claims
                .iter()
                .map(|(_, claimants)| claimants[side])
                .collect(),
            reported,
            available: money.available,
            supplement: money.supplement_available,
        };
        allocation::allocate(&rules.rules, &rules.rules.readings, &demand)
            .map_err(|broken| defect(&broken.to_string()))
    }

    /// The first world is A and the last one is B.
    fn ends_are_the_reports(&self, parts: &[Parts]) -> Result<(), Stop> {
        for (side, evidence) in [self.a, self.b].into_iter().enumerate() {
            let own: HashMap<String, Money> = ParticipantRank::enumerate(&evidence.participants)
                .map(|(rank, claim)| (claim.code(), evidence.allocation.total_of(rank)))
                .collect();
            for ((claim, _), parts) in self.claims.iter().zip(parts) {
                let world = if side == 0 { parts.before } else { parts.after };
                if own.get(&claim.code()).copied().unwrap_or_default() != world {
                    return Err(defect(&format!(
                        "participant {} has another total in the comparison than in its report",
                        claim.code()
                    )));
                }
            }
        }
        Ok(())
    }

    fn changed_rows(&self) -> Vec<ChangedRow> {
        let stand = |evidence: &Evidence, row: RowRank| {
            let (record, decision) = (&evidence.rows[row], &evidence.decisions[row]);
            Stand {
                file: record.file.clone(),
                sheet: record.sheet.clone(),
                row: record.row,
                participant: record.participant.clone(),
                outcome: decision.outcome.as_str(),
                codes: decision.codes.to_string(),
                amount: decision.amount,
            }
        };
        let row = |pair: &Pair| {
            let change = pair.change?;
            let (before, after) = (
                pair.a.map(|row| stand(self.a, row)),
                pair.b.map(|row| stand(self.b, row)),
            );
            Some(ChangedRow {
                change,
                part: pair.part,
                before,
                after,
            })
        };
        self.pairs.iter().filter_map(row).collect()
    }
}

fn defect(what: &str) -> Stop {
    Stop::defect(what)
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
    same_rules: bool,
    changed_files: BTreeSet<&'e str>,
}

impl Judge<'_> {
    fn pair(&self, a: Option<RowRank>, b: Option<RowRank>) -> Pair {
        let pair = |change, part| Pair { a, b, change, part };
        let (Some(x), Some(y)) = (a, b) else {
            return pair(
                Some(if a.is_none() {
                    Change::Added
                } else {
                    Change::Removed
                }),
                Part::OwnRows,
            );
        };
        if self.a.rows[x].submitted != self.b.rows[y].submitted {
            return pair(Some(Change::Changed), Part::OwnRows);
        }
        let (before, after) = (&self.a.decisions[x], &self.b.decisions[y]);
        // What the checks made of it: the allocation's own outcomes are all one to them.
        let checked =
            |decision: &Settled| Some(decision.outcome).filter(|outcome| !outcome.is_certificate());
        let state = |decision: &Settled| (checked(decision), decision.codes, decision.category);
        if state(before) != state(after) || self.a.rows[x].participant != self.b.rows[y].participant
        {
            return pair(Some(Change::Redecided), self.because(x, y));
        }
        pair(
            (before.outcome != after.outcome).then_some(Change::FundedDifferently),
            Part::Allocation,
        )
    }

    /// Why the checks decided differently on a row that says the same.
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
        // Graduation credit, AP score and the file's name are no columns of completions.csv: where only they can have decided and the
        // file is another one, it was the participant's own doing.
        let unrecorded = |code: Code| {
            matches!(
                code,
                Code::E209 | Code::E210 | Code::N305 | Code::N306 | Code::H502
            )
        };
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
            || self.changed_files.contains(self.a.rows[x].file.as_str());
        if other_file && !changed.is_empty() && changed.into_iter().all(unrecorded) {
            Part::OwnRows
        } else {
            Part::Rules
        }
    }
}

/// Finds each row of A in B: at its place with the same content; else the same content elsewhere, in its own file first; else at its place
/// with enough of its content. In the order of A, then what only B has.
fn matched(a: &[RecordedRow], b: &[RecordedRow]) -> Vec<(Option<usize>, Option<usize>)> {
    fn place(row: &RecordedRow) -> (&str, &str, u32) {
        (&row.file, &row.sheet, row.row)
    }
    let by_place: HashMap<_, usize> = b
        .iter()
        .enumerate()
        .map(|(position, row)| (place(row), position))
        .collect();
    let mut partner: Vec<Option<usize>> = vec![None; a.len()];
    let mut taken = vec![false; b.len()];
    let take = |partner: &mut Option<usize>, found: usize, taken: &mut Vec<bool>| {
        *partner = Some(found);
        taken[found] = true;
    };
    for (row, partner) in a.iter().zip(&mut partner) {
        if let Some(found) = by_place
            .get(&place(row))
            .filter(|found| b[**found].submitted == row.submitted)
        {
            take(partner, *found, &mut taken);
        }
    }
    for same_file in [true, false] {
        let key = |row| -> (&Submitted, &str) {
            let row: &RecordedRow = row;
            (
                &row.submitted,
                if same_file { row.file.as_str() } else { "" },
            )
        };
        let mut left: HashMap<(&Submitted, &str), VecDeque<usize>> = HashMap::new();
        for (position, row) in b
            .iter()
            .enumerate()
            .filter(|(position, _)| !taken[*position])
        {
            left.entry(key(row)).or_default().push_back(position);
        }
        for (row, partner) in a
            .iter()
            .zip(&mut partner)
            .filter(|(_, partner)| partner.is_none())
        {
            if let Some(found) = left.get_mut(&key(row)).and_then(VecDeque::pop_front) {
                take(partner, found, &mut taken);
            }
        }
    }
    for (row, partner) in a
        .iter()
        .zip(&mut partner)
        .filter(|(_, partner)| partner.is_none())
    {
        let found = by_place
            .get(&place(row))
            .copied()
            .filter(|found| !taken[*found]);
        if let Some(found) =
            found.filter(|found| row.submitted.same_cells(&b[*found].submitted) >= SAME_CELLS_MIN)
        {
            take(partner, found, &mut taken);
        }
    }
    let only_b = (0..b.len())
        .filter(|position| !taken[*position])
        .map(|position| (None, Some(position)));
    partner
        .iter()
        .enumerate()
        .map(|(position, partner)| (Some(position), *partner))
        .chain(only_b)
        .collect()
}
