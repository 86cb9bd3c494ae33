//! The whole calculation: batch folder -> intake -> checks -> allocation, with what must hold asserted between the stages.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::allocation::{self, Allocation, Certificate, Claimant, Demand};
use crate::batch::Batch;
use crate::batch::money::doubts;
use crate::batch::reading;
use crate::catalogue::Severity;
use crate::checks::{self, Again, Cells, CheckedBatch, LineEffect};
use crate::decision::{Checked, Outcome, Settled, Verdict};
use crate::demand::{claimant, demand};
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::completions::Field;
use crate::intake::lists::Ruling;
use crate::money::Money;
use crate::parallel::on_each_core;
use crate::ranks::{ParticipantRank, RowRank};
use crate::results::conservation::conserved;
use crate::results::frame::{Claimed, Results, Source, Tally};
use crate::results::record::Records;
use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use crate::stop::Stop;
use crate::trail::Trails;
use crate::words::{listed, standing, thousands};

/// A batch, calculated: all that a report is made of.
#[derive(Debug)]
pub struct Calculation {
    pub batch: Batch,
    pub intake: Intake,
    /// The rows that took part in the allocation, in the order of the batch; the awards are in the same order.
    pub certificates: Vec<Certificate>,
    /// By row.
    pub decisions: Vec<Settled>,
    /// The money.
    pub allocation: Allocation,
    /// The rows with their outcomes and amounts, to be grouped and added up.
    pub results: Results,
    /// Rows by outcome, in the order of [`Outcome::ALL`].
    outcomes: [(Outcome, Tally); Outcome::ALL.len()],
    /// Every finding: by path, sheet order, row, column, code.
    pub findings: Vec<Finding>,
    /// Per file: whether a decision closed it.
    pub closed_files: Vec<bool>,
    /// What each line of the resolutions did.
    pub lines: Vec<LineEffect>,
    /// What each line of the resolutions changed in dollars; none if that was not [calculated](calculate), or the batch is too
    /// large for it.
    pub dollar_effects: Option<Vec<DollarEffect>>,
    /// The cells that decisions correct, and what each is read as.
    pub corrections: HashMap<(RowRank, Field), String>,
}

/// Calculates a batch. `progress` is called after each file with (files read, files in all).
pub fn calculate(
    batch: Batch,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Calculation, Stop> {
    let intake = reading::read(&batch, progress)?;
    let mut calculation = settle(batch, intake)?;
    calculation.dollar_effects = dollar_effects(&calculation)?;
    Ok(calculation)
}

/// The most rows to decide again in order to say what each decision changed: the whole batch once for each line of
/// `resolutions.csv` that can move a dollar. A year's 13,000 rows with 300 such lines are within it.
const EFFECT_ROWS_MAX: usize = 4_000_000;

/// What a decision on the record changed: the payments with it less those without it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DollarEffect {
    /// What some payees gain by it, in all.
    pub gained: Money,
    /// What other payees lose by it, in all.
    pub lost: Money,
}

impl DollarEffect {
    /// By how much the total changes; below zero if less is paid.
    #[must_use]
    pub fn change(&self) -> Money {
        self.gained - self.lost
    }
}

/// The effect of each line of `resolutions.csv`: decides and allocates the batch again as if the line were blank. None if the batch
/// has too many rows and lines for that.
fn dollar_effects(calculation: &Calculation) -> Result<Option<Vec<DollarEffect>>, Stop> {
    let Calculation { batch, intake, .. } = calculation;
    let lines = intake.resolutions.len();
    // A line that affects no row, and an answer to a question, move no dollar.
    let moves = |line: usize| {
        let ruling = intake.resolutions[line].ruling;
        ruling != Some(Ruling::Attest) && calculation.lines[line].took_effect()
    };
    match (0..lines).filter(|line| moves(*line)).count() {
        0 => return Ok(Some(vec![DollarEffect::default(); lines])),
        moving if calculation.decisions.len().saturating_mul(moving) > EFFECT_ROWS_MAX => {
            return Ok(None);
        }
        _ => {}
    }
    let again = Again::of(&batch.rules, &batch.readings, intake)?;
    let with = by_payee(intake, &calculation.allocation);
    let effect = |line: usize| {
        if !moves(line) {
            return Ok(DollarEffect::default());
        }
        let rows = again.without(line);
        let (_, allocation) = allocated(&rows, batch, &batch.rules, &batch.readings, intake)?;
        Ok(dollar_effect(&with, &by_payee(intake, &allocation)))
    };
    on_each_core((0..lines).collect(), effect)
        .into_iter()
        .collect::<Result<_, Stop>>()
        .map(Some)
}

/// What is paid, supplement included, by payee.
fn by_payee<'i>(intake: &'i Intake, allocation: &Allocation) -> BTreeMap<&'i str, Money> {
    let participants = intake.participants.all();
    let mut payments = BTreeMap::new();
    for rank in ParticipantRank::all(participants.len()) {
        let payment: &mut Money = payments.entry(participants[rank].payee()).or_default();
        *payment += allocation.total_of(rank);
    }
    payments
}

fn dollar_effect(with: &BTreeMap<&str, Money>, without: &BTreeMap<&str, Money>) -> DollarEffect {
    let mut effect = DollarEffect::default();
    // Both have every payee of the participants list.
    for (now, before) in with.values().zip(without.values()) {
        if now > before {
            effect.gained += *now - *before;
        } else {
            effect.lost += *before - *now;
        }
    }
    effect
}

/// Decides and allocates what was read.
pub fn settle(batch: Batch, mut intake: Intake) -> Result<Calculation, Stop> {
    let CheckedBatch {
        rows,
        mut findings,
        entities,
        closed_files,
        lines,
        corrections,
    } = checks::decide(&batch.rules, &batch.readings, &intake)?;
    for (file, entity) in intake.files.iter_mut().zip(entities) {
        file.entity = entity;
    }
    let Settlement {
        certificates,
        decisions,
        allocation,
        results,
    } = allocate_to(&rows, &batch, &batch.rules, &batch.readings, &intake)?;
    findings.extend(doubts(&batch));
    let findings = checks::in_order(&intake, findings);
    Ok(Calculation {
        outcomes: results.outcomes(),
        batch,
        intake,
        certificates,
        decisions,
        allocation,
        results,
        findings,
        closed_files,
        lines,
        dollar_effects: None,
        corrections,
    })
}

/// The results frame of some decisions on these rows.
fn results(intake: &Intake, decisions: &[Settled]) -> Results {
    let rows = intake.completions.rows();
    let place = |row: RowRank| (rows.file(row), rows.sheet(row), rows.row(row));
    let is_district = |code: &str| intake.participants.has_district(code);
    let files = intake.files.iter();
    let participants = intake.participants.all().iter();
    let programs = intake.programs.all().iter();
    Results::of(&Source {
        decisions,
        place: &place,
        senders: files.map(|file| file.entity.as_deref()).collect(),
        is_district: &is_district,
        claimed: participants
            .map(|participant| Claimed {
                payee: participant.payee(),
                kind: participant.kind,
            })
            .collect(),
        sectors: programs.map(|program| program.sector.as_str()).collect(),
    })
}

/// Rows with their outcomes and amounts, and the allocation that gave them.
pub(crate) struct Settlement {
    /// In the order of the batch; the allocation's awards are in the same order.
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) decisions: Vec<Settled>,
    pub(crate) allocation: Allocation,
    pub(crate) results: Results,
}

/// Allocates the batch's money to checked rows, under rules and readings that need not be the batch's own. Fails if money is not
/// conserved.
pub(crate) fn allocate_to(
    rows: &[Checked],
    batch: &Batch,
    rules: &RuleSet,
    readings: &Readings,
    intake: &Intake,
) -> Result<Settlement, Stop> {
    let (demand, allocation) = allocated(rows, batch, rules, readings, intake)?;
    let mut awards = allocation.awards.iter();
    let mut decisions = Vec::with_capacity(rows.len());
    for row in rows {
        let (outcome, weight, amount) = match row.verdict {
            Verdict::Ended(outcome) => (outcome, None, Money::ZERO),
            Verdict::Certificate(_) => {
                let award = awards
                    .next()
                    .ok_or_else(|| Stop::defect("a certificate has no award"))?;
                (award.outcome.into(), award.weight, award.amount)
            }
            Verdict::Passed => return Err(Stop::defect("a row passed without its lists")),
        };
        decisions.push(Settled {
            read: row.read,
            outcome,
            weight,
            amount,
        });
    }
    let results = results(intake, &decisions);
    conserved(&results, &allocation, intake.completions.len())
        .map_err(|error| Stop::defect(&error.to_string()))?;
    Ok(Settlement {
        certificates: demand.certificates,
        decisions,
        allocation,
        results,
    })
}

/// The certificates and their allocation.
fn allocated(
    rows: &[Checked],
    batch: &Batch,
    rules: &RuleSet,
    readings: &Readings,
    intake: &Intake,
) -> Result<(Demand, Allocation), Stop> {
    let certificates = checks::certificates(rows);
    let demand = demand(
        intake,
        rows,
        certificates,
        batch.available,
        batch.supplement,
    );
    let allocation = allocation::allocate(rules, readings, &demand)
        .map_err(|error| Stop::defect(&error.to_string()))?;
    Ok((demand, allocation))
}

impl Calculation {
    /// Every row as outputs show it.
    #[must_use]
    pub fn records(&self) -> Records<'_> {
        Records::of(
            &self.intake,
            Cells::of(&self.intake, &self.corrections),
            &self.decisions,
            &self.allocation,
            &self.batch.rules.tiers,
        )
    }

    /// Rows by outcome, in the order of [`Outcome::ALL`], zeros included.
    #[must_use]
    pub fn buckets(&self) -> [(Outcome, usize); Outcome::ALL.len()] {
        Outcome::ALL.map(|outcome| (outcome, self.count(outcome)))
    }

    /// Rows with an outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        usize::try_from(self.outcome(outcome).rows).unwrap_or(usize::MAX)
    }

    /// The totals of the rows with an outcome.
    #[must_use]
    pub fn outcome(&self, outcome: Outcome) -> Tally {
        self.outcomes[outcome as usize].1
    }

    /// Files refused and not closed by a resolution.
    #[must_use]
    pub fn open_refusals(&self) -> usize {
        self.intake
            .files
            .iter()
            .zip(&self.closed_files)
            .filter(|(file, closed)| file.refused.is_some() && !**closed)
            .count()
    }

    /// Open questions.
    #[must_use]
    pub fn open_questions(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| {
                finding.code.severity() == Severity::Question && finding.attested_by.is_none()
            })
            .count()
    }

    /// Lines of the resolutions that had no effect and are still open.
    #[must_use]
    pub fn open_lines(&self) -> usize {
        self.lines.iter().filter(|line| line.is_open()).count()
    }

    /// The text that was read of a cell: after corrections, and in the specification's words.
    #[must_use]
    pub fn text(&self, row: RowRank, field: Field) -> Cow<'_, str> {
        Cells::of(&self.intake, &self.corrections).text(row, field)
    }

    /// Whether the report is FINAL: no file is refused and unresolved, no row is rejected or held, and no question or line of the
    /// resolutions is open.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.what_is_open().iter().all(|(count, _)| *count == 0)
    }

    /// What keeps the report from being FINAL: how many there are, and the words for one and for several.
    #[must_use]
    pub fn what_is_open(&self) -> [(usize, [&'static str; 2]); 5] {
        [
            (
                self.count(Outcome::Rejected),
                ["rejected row", "rejected rows"],
            ),
            (self.count(Outcome::Held), ["held row", "held rows"]),
            (self.open_refusals(), ["refused file", "refused files"]),
            (self.open_questions(), ["open question", "open questions"]),
            (
                self.open_lines(),
                ["decision without effect", "decisions without effect"],
            ),
        ]
    }

    /// The same in words; empty if nothing is open.
    #[must_use]
    pub fn what_is_open_in_words(&self) -> String {
        let open = self.what_is_open().into_iter();
        let open: Vec<String> = open
            .filter(|(count, _)| *count > 0)
            .map(|(count, [one, several])| {
                let what = if count == 1 { one } else { several };
                format!("{} {what}", thousands(count as u64))
            })
            .collect();
        listed(open.iter().map(String::as_str))
    }

    /// `FINAL` or `PRELIMINARY`.
    #[must_use]
    pub fn standing(&self) -> &'static str {
        standing(self.is_final())
    }

    /// Whether a finding is still open: its row was not settled by a resolution, its file not closed, and a warning not attested.
    #[must_use]
    pub fn is_open(&self, finding: &Finding) -> bool {
        checks::is_open(
            finding,
            &self.intake,
            |row| Some(self.decisions[row].outcome),
            &self.closed_files,
        )
    }

    /// Why each row ended where it did.
    #[must_use]
    pub fn trails(&self) -> Trails {
        let claimants: Vec<Claimant> = self
            .intake
            .participants
            .all()
            .iter()
            .map(claimant)
            .collect();
        Trails::of(
            &self.batch.rules,
            &self.batch.readings,
            &claimants,
            &self.certificates,
            &self.decisions,
            &self.allocation,
        )
    }

    /// What each payee is paid, by code: the sum over the participants that it is paid for.
    #[must_use]
    pub fn payees(&self) -> Vec<(&str, Money)> {
        self.results.payees(&self.allocation)
    }

    /// How many payees get money.
    #[must_use]
    pub fn payees_paid(&self) -> usize {
        let payees = self.payees().into_iter();
        payees.filter(|(_, amount)| *amount > Money::ZERO).count()
    }

    /// Whether a participant has a unit or one over the cap in any tier.
    #[must_use]
    pub fn has_share(&self, rank: ParticipantRank) -> bool {
        self.allocation
            .tiers
            .iter()
            .any(|tier| tier.shares[rank].units + tier.shares[rank].over_cap > 0)
    }
}
