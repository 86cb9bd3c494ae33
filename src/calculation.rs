//! The whole calculation: batch folder -> intake -> checks -> allocation, with what must hold asserted between the stages.

use crate::allocation::{self, Allocation, Broken, Claimant, Demand};
use crate::batch::Batch;
use crate::batch::reading;
use crate::checks::{self, Checked};
use crate::decision::{Decision, Outcome};
use crate::finding::Finding;
use crate::intake::Intake;
use crate::intake::lists::Participant;
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank};
use crate::results::conservation::conserved;
use crate::results::frame::{Claimed, Results, Source, Tally};
use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use crate::stop::{Status, Stop};
use crate::trail::Trails;

/// A batch, calculated: all that a report is made of.
#[derive(Debug)]
pub struct Calculation {
    /// What was asked.
    pub batch: Batch,
    /// What was read.
    pub intake: Intake,
    /// By row of the frame; every row has its outcome.
    pub decisions: Vec<Decision>,
    /// The money.
    pub allocation: Allocation,
    /// The rows with their outcomes and amounts, to be grouped and added up.
    pub results: Results,
    /// Rows by outcome, in the order of [`Outcome::ALL`].
    outcomes: [(Outcome, Tally); Outcome::ALL.len()],
    /// Every finding: by path, sheet order, row, column, code.
    pub findings: Vec<Finding>,
    /// By file of the batch: closed by a resolution.
    pub closed_files: Vec<bool>,
    /// By resolution: whether it found something.
    pub resolved: Vec<bool>,
}

/// Calculates a batch. `progress` is told after each file read: (files read, files in all).
pub fn calculate(
    batch: Batch,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Calculation, Stop> {
    let intake = reading::read(&batch, progress)?;
    settle(batch, intake)
}

/// Decides and allocates what was read.
pub fn settle(batch: Batch, intake: Intake) -> Result<Calculation, Stop> {
    let Checked {
        decisions,
        findings,
        closed_files,
        resolved,
    } = checks::decide(&batch.rules, &batch.readings, &intake)?;
    let Funded {
        decisions,
        allocation,
        results,
    } = allocate_to(decisions, &batch, &batch.rules, &batch.readings, &intake)?;
    let findings = in_order(&intake, findings);
    Ok(Calculation {
        outcomes: results.outcomes(),
        batch,
        intake,
        decisions,
        allocation,
        results,
        findings,
        closed_files,
        resolved,
    })
}

/// The frame of some decisions on the rows that were read.
fn results(intake: &Intake, decisions: &[Decision]) -> Results {
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

/// Rows with every outcome, and the money.
pub(crate) struct Funded {
    pub(crate) decisions: Vec<Decision>,
    pub(crate) allocation: Allocation,
    pub(crate) results: Results,
}

/// Allocates the batch's money to rows that were checked, under rules and readings that need not be the batch's own. Nothing is
/// given that is not conserved.
pub(crate) fn allocate_to(
    mut decisions: Vec<Decision>,
    batch: &Batch,
    rules: &RuleSet,
    readings: &Readings,
    intake: &Intake,
) -> Result<Funded, Stop> {
    let (demand, rows) = demand(intake, &decisions, batch.available, batch.supplement);
    let allocation =
        allocation::allocate(rules, readings, &demand).map_err(|error| broken(&error))?;
    for (row, award) in rows.into_iter().zip(&allocation.awards) {
        let decision = &mut decisions[row];
        decision.outcome = Some(award.outcome.into());
        decision.weight = award.weight;
        decision.amount = award.amount;
    }
    let results = results(intake, &decisions);
    conserved(&results, &allocation, intake.completions.len()).map_err(|error| broken(&error))?;
    Ok(Funded {
        decisions,
        allocation,
        results,
    })
}

fn broken(broken: &Broken) -> Stop {
    Stop {
        status: Status::Broken,
        message: broken.to_string(),
        places: Vec::new(),
        fix:
            "nothing was written; this is a defect of the program: please report it with the batch"
                .to_string(),
    }
}

/// What the allocation needs to know of a participant.
fn claimant(participant: &Participant) -> Claimant {
    Claimant {
        kind: participant.kind,
        requires_completion: participant.requires_completion,
    }
}

/// The rows without an outcome as certificates, with what else the allocation needs; and the row of each certificate.
pub(crate) fn demand(
    intake: &Intake,
    decisions: &[Decision],
    available: Money,
    supplement: Option<Money>,
) -> (Demand, Vec<RowRank>) {
    let mut certificates = Vec::new();
    let mut rows = Vec::new();
    for (row, decision) in
        RowRank::enumerate(decisions).filter(|(_, decision)| decision.outcome.is_none())
    {
        // A row that passed every check is one.
        if let Some(certificate) = decision.certificate(row) {
            certificates.push(certificate);
            rows.push(row);
        }
    }
    let demand = Demand {
        certificates,
        claimants: intake.participants.all().iter().map(claimant).collect(),
        reported: checks::reported_by_category(decisions),
        available,
        supplement,
    };
    (demand, rows)
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
    findings
}

impl Calculation {
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

    /// What the rows with an outcome are together.
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

    /// FINAL when no file is refused and unresolved and no row is rejected or held; otherwise PRELIMINARY.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.open_refusals() == 0
            && self.count(Outcome::Rejected) == 0
            && self.count(Outcome::Held) == 0
    }

    /// `FINAL` or `PRELIMINARY`.
    #[must_use]
    pub fn standing(&self) -> &'static str {
        if self.is_final() {
            "FINAL"
        } else {
            "PRELIMINARY"
        }
    }

    /// Whether a finding still asks for something: not where its row was settled by a resolution, its file closed, or a warning attested.
    #[must_use]
    pub fn is_open(&self, finding: &Finding) -> bool {
        checks::is_open(finding, &self.intake, &self.decisions, &self.closed_files)
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
            &self.decisions,
            &self.allocation,
        )
    }

    /// Payees with what they are paid, by code: the sum over the participants they are paid for.
    #[must_use]
    pub fn payees(&self) -> Vec<(&str, Money)> {
        self.results.payees(&self.allocation)
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
