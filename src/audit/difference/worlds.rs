//! The worlds between two reports: the rows of one or the other, under the rules and with the money of one or the other, each
//! allocated as a whole.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::changes::{ChangedRow, Part, Parts, Stand};
use super::rows::Pair;
use crate::allocation::{self, Allocation, Certificate, Claimant, Demand};
use crate::audit::evidence::{Evidence, RecordedParticipant};
use crate::checks::reported_in;
use crate::decision::Settled;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
use crate::results::columns::ResultColumn;
use crate::rules::terms::Category;
use crate::stop::Stop;

/// A row in a world: its certificate, and whether it counts in the reported base of the cap.
#[derive(Clone, Copy, Default)]
struct Bringing {
    certificate: Option<Certificate>,
    reported: Option<Category>,
    participant: Option<ParticipantRank>,
}

/// The worlds that are the same for everybody.
struct Worlds {
    before: Allocation,
    /// With everyone's rows of B.
    others: Allocation,
    /// And with the rules of B.
    rules: Allocation,
    after: Allocation,
}

/// Both reports with the same ranks for participants and programs.
pub(super) struct Compared<'e> {
    a: &'e Evidence,
    b: &'e Evidence,
    pub(super) claims: Vec<(&'e RecordedParticipant, [Claimant; 2])>,
    pairs: Vec<Pair>,
    brings: [Vec<Bringing>; 2],
}

/// District code, and school code or empty.
type ParticipantCode<'e> = (&'e str, &'e str);

fn code_of(claim: &RecordedParticipant) -> ParticipantCode<'_> {
    (&claim.district_code, &claim.school_code)
}

/// The ranks of participants and programs of both reports together.
struct Ranks<'e> {
    participants: HashMap<ParticipantCode<'e>, ParticipantRank>,
    programs: HashMap<&'e str, ProgramRank>,
}

fn program_ranks<'e>(a: &'e Evidence, b: &'e Evidence) -> HashMap<&'e str, ProgramRank> {
    let codes: BTreeSet<&str> = a
        .rows
        .iter()
        .chain(&b.rows)
        .map(|row| row.submitted.get(ResultColumn::ProgramCode))
        .collect();
    codes
        .into_iter()
        .enumerate()
        .map(|(rank, code)| (code, ProgramRank::new(rank)))
        .collect()
}

impl Ranks<'_> {
    /// The rows of a report for a world; `side` is 0 for A and 1 for B.
    fn brought(&self, evidence: &Evidence, side: usize) -> Vec<Bringing> {
        RowRank::enumerate(&evidence.decisions)
            .map(|(row, decision)| self.brings(evidence, side, row, decision))
            .collect()
    }

    fn brings(
        &self,
        evidence: &Evidence,
        side: usize,
        row: RowRank,
        decision: &Settled,
    ) -> Bringing {
        let claim = decision
            .participant
            .map(|rank| &evidence.participants[rank]);
        let participant = claim.and_then(|claim| self.participants.get(&code_of(claim)).copied());
        let program = evidence.rows[row].submitted.get(ResultColumn::ProgramCode);
        // Ranks of rows only break ties of equal certificates; those of one report keep their order.
        let certificate = decision
            .certificate(RowRank::new(2 * row.index() + side))
            .filter(|_| decision.outcome.is_certificate());
        let funded = certificate.zip(participant);
        Bringing {
            certificate: funded.map(|(certificate, participant)| Certificate {
                participant,
                program: self
                    .programs
                    .get(program)
                    .copied()
                    .unwrap_or(ProgramRank::new(0)),
                ..certificate
            }),
            reported: reported_in(&decision.read),
            participant,
        }
    }
}

impl<'e> Compared<'e> {
    /// Prepares two reports with their matched rows.
    pub(super) fn of(a: &'e Evidence, b: &'e Evidence, pairs: Vec<Pair>) -> Compared<'e> {
        let mut by_code: BTreeMap<ParticipantCode<'_>, [Option<&RecordedParticipant>; 2]> =
            BTreeMap::new();
        for (side, evidence) in [a, b].into_iter().enumerate() {
            for claim in &evidence.participants {
                by_code.entry(code_of(claim)).or_default()[side] = Some(claim);
            }
        }
        let ranks = Ranks {
            participants: by_code
                .keys()
                .enumerate()
                .map(|(rank, code)| (*code, ParticipantRank::new(rank)))
                .collect(),
            programs: program_ranks(a, b),
        };
        let claims = by_code.values().filter_map(|sides| {
            let (before, after) = (sides[0].or(sides[1])?, sides[1].or(sides[0])?);
            Some((after, [before.claimant(), after.claimant()]))
        });
        Compared {
            a,
            b,
            claims: claims.collect(),
            pairs,
            brings: [ranks.brought(a, 0), ranks.brought(b, 1)],
        }
    }

    /// The money of every participant in each world.
    pub(super) fn parts(&self) -> Result<Vec<Parts>, Stop> {
        let worlds = self.worlds()?;
        let all: Vec<ParticipantRank> = ParticipantRank::all(self.claims.len()).collect();
        self.parts_of(&all, &worlds)
    }

    /// The participants whose money changed most, the largest change first, each with its money in each world.
    pub(super) fn largest(&self, count: usize) -> Result<Vec<(ParticipantRank, Parts)>, Stop> {
        let worlds = self.worlds()?;
        let change =
            |rank: ParticipantRank| worlds.after.total_of(rank) - worlds.before.total_of(rank);
        let mut ranks: Vec<ParticipantRank> = ParticipantRank::all(self.claims.len())
            .filter(|rank| change(*rank) != Money::ZERO)
            .collect();
        ranks.sort_by_key(|rank| Reverse(change(*rank).cents().abs()));
        ranks.truncate(count);
        let parts = self.parts_of(&ranks, &worlds)?;
        Ok(ranks.into_iter().zip(parts).collect())
    }

    /// The worlds that are the same for all participants; the first is A and the last is B.
    fn worlds(&self) -> Result<Worlds, Stop> {
        let (a, b) = (self.a, self.b);
        let rows_of_b = |part: Part, _| matches!(part, Part::OwnRows | Part::OthersDemand);
        let worlds = Worlds {
            before: self.allocated(|_, _| false, (a, 0), a)?,
            others: self.allocated(rows_of_b, (a, 0), a)?,
            rules: self.allocated(|_, _| true, (b, 1), a)?,
            after: self.allocated(|_, _| true, (b, 1), b)?,
        };
        self.ends_are_the_reports(&worlds)?;
        Ok(worlds)
    }

    fn parts_of(&self, ranks: &[ParticipantRank], worlds: &Worlds) -> Result<Vec<Parts>, Stop> {
        let own: Vec<Money> = ranks
            .par_iter()
            .map(|rank| self.with_own_rows(*rank, &worlds.before))
            .collect::<Result<_, Stop>>()?;
        let parts = ranks.iter().zip(own).map(|(rank, own)| {
            let [before, others, rules, after] =
                [&worlds.before, &worlds.others, &worlds.rules, &worlds.after]
                    .map(|world| world.total_of(*rank));
            Parts {
                before,
                own_rows: own - before,
                others_demand: others - own,
                rules: rules - others,
                money: after - rules,
                after,
            }
        });
        Ok(parts.collect())
    }

    /// What a participant gets with its own rows of B and everything else as in A.
    fn with_own_rows(&self, rank: ParticipantRank, before: &Allocation) -> Result<Money, Stop> {
        let has_own = |pair: &Pair| pair.part == Part::OwnRows && self.touches(pair, rank);
        if !self.pairs.iter().any(has_own) {
            return Ok(before.total_of(rank));
        }
        let theirs = |part: Part, participant: Option<ParticipantRank>| {
            part == Part::OwnRows && participant == Some(rank)
        };
        let world = self.allocated(theirs, (self.a, 0), self.a)?;
        Ok(world.total_of(rank))
    }

    fn touches(&self, pair: &Pair, rank: ParticipantRank) -> bool {
        let of = |side: usize, row: Option<RowRank>| {
            row.and_then(|row| self.brings[side][row].participant)
        };
        of(0, pair.a) == Some(rank) || of(1, pair.b) == Some(rank)
    }

    /// Allocates a world: some rows of B and the others of A, the rules and claims of one report, and the money of one.
    fn allocated(
        &self,
        in_b: impl Fn(Part, Option<ParticipantRank>) -> bool,
        (rules, side): (&Evidence, usize),
        money: &Evidence,
    ) -> Result<Allocation, Stop> {
        let mut certificates = Vec::new();
        let mut reported = [0; Category::ALL.len()];
        let mut take = |bringing: &Bringing| {
            // These rules have no tier for it.
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
            .map_err(|broken| Stop::defect(&broken.to_string()))
    }

    /// The first world is A and the last one is B.
    fn ends_are_the_reports(&self, worlds: &Worlds) -> Result<(), Stop> {
        for (evidence, world) in [(self.a, &worlds.before), (self.b, &worlds.after)] {
            let own: HashMap<String, Money> = ParticipantRank::enumerate(&evidence.participants)
                .map(|(rank, claim)| (claim.code(), evidence.allocation.total_of(rank)))
                .collect();
            for (rank, (claim, _)) in ParticipantRank::enumerate(&self.claims) {
                let total = own.get(&claim.code()).copied().unwrap_or_default();
                if total != world.total_of(rank) {
                    return Err(Stop::defect(&format!(
                        "participant {} has a different total in the comparison than in its report",
                        claim.code()
                    )));
                }
            }
        }
        Ok(())
    }

    pub(super) fn changed_rows(&self) -> Vec<ChangedRow> {
        let changed = |pair: &Pair| {
            Some(ChangedRow {
                change: pair.change?,
                part: pair.part,
                before: pair.a.map(|row| stand(self.a, row)),
                after: pair.b.map(|row| stand(self.b, row)),
            })
        };
        self.pairs.iter().filter_map(changed).collect()
    }

    /// Rows with the same outcome and another amount.
    pub(super) fn rows_at_another_rate(&self) -> usize {
        self.pairs
            .iter()
            .filter(|pair| pair.change.is_none())
            .filter_map(|pair| pair.a.zip(pair.b))
            .filter(|(x, y)| self.a.decisions[*x].amount != self.b.decisions[*y].amount)
            .count()
    }
}

fn stand(evidence: &Evidence, row: RowRank) -> Stand {
    let (record, decision) = (&evidence.rows[row], &evidence.decisions[row]);
    Stand {
        file: record.file.to_string(),
        sheet: record.sheet.to_string(),
        row: record.row,
        participant: record.participant.to_string(),
        outcome: decision.outcome.as_str(),
        codes: decision.codes.to_string(),
        amount: decision.amount,
    }
}
