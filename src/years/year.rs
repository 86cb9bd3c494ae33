//! A year: the figures kept from its report, checked against the report's own sums.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use super::funnel::{Entity, Loss, entities, losses};
use super::lines::{By, Figures, Line, Tally, tally};
use super::reports::Report;
use crate::allocation::TierResult;
use crate::audit::evidence::{Evidence, RecordedParticipant};
use crate::decision::Outcome;
use crate::ids::Sasid;
use crate::intake::entity_by_name;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank, TierRank};
use crate::report::json::ProgramEntry;
use crate::results::columns::ResultColumn;
use crate::results::frame::{Claimed, Dimension, Results, Source};
use crate::rules::RuleSet;
use crate::rules::terms::Category;
use crate::stop::Stop;
use crate::year::Year;

/// A tier in a year.
#[derive(Clone, Debug)]
pub struct TierFacts {
    pub number: u32,
    pub name: String,
    pub result: TierResult,
    /// What its units would be paid with full funding.
    pub full: Money,
}

/// The figures kept from a report.
#[derive(Debug)]
pub struct YearFacts {
    /// The budget year.
    pub year: Year,
    pub label: String,
    pub run_date: NaiveDate,
    /// The name of the report's folder.
    pub folder: String,
    /// SHA-256 of its receipt, hexadecimal.
    pub receipt_sha256: String,
    pub is_final: bool,
    pub rules: RuleSet,
    pub available: Money,
    pub tiers: Vec<TierFacts>,
    /// By participant and program, ascending.
    pub lines: Vec<Line>,
    /// Participants with rows, ascending.
    pub participants: Vec<RecordedParticipant>,
    /// Programs with rows, ascending.
    pub programs: Vec<ProgramEntry>,
    /// The supplements, by participant.
    pub supplements: BTreeMap<String, Money>,
    /// The funnel from submitted to paid rows, by sender.
    pub entities: Vec<Entity>,
    /// Why rows were not paid, by sender.
    pub losses: Vec<Loss>,
}

/// A report with its rows as one frame. Programs that the report names only by code have no sector.
pub(super) struct Framed<'e> {
    pub(super) evidence: &'e Evidence,
    pub(super) results: Results,
    programs: Vec<ProgramEntry>,
    categories: Vec<Option<Category>>,
}

impl YearFacts {
    /// Extracts the figures for the pages from a report.
    ///
    /// # Errors
    /// A [defect](Stop::defect) if sums of lines are not the report's own.
    pub fn of(report: &Report) -> Result<YearFacts, Stop> {
        let evidence = &report.evidence;
        let framed = Framed::of(report);
        let facts = YearFacts {
            year: evidence.rules.budget_year,
            label: evidence.label.clone(),
            run_date: evidence.run_date,
            folder: report.folder.clone(),
            receipt_sha256: evidence.receipt.clone(),
            is_final: evidence.is_final(),
            rules: evidence.rules.clone(),
            available: evidence.available,
            tiers: framed.tiers(),
            lines: framed.lines(),
            participants: evidence.participants.clone(),
            supplements: framed.supplements(),
            entities: entities(&framed),
            losses: losses(&framed),
            programs: framed.programs,
        };
        facts.agrees(evidence)?;
        Ok(facts)
    }

    /// All lines together.
    #[must_use]
    pub fn total(&self) -> Tally {
        tally(&self.lines)
    }

    /// What the supplement pays.
    #[must_use]
    pub fn supplement(&self) -> Money {
        self.supplements.values().copied().sum()
    }

    /// The lines by a dimension.
    #[must_use]
    pub fn by(&self, by: By) -> BTreeMap<String, Tally> {
        let mut groups: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
        for line in &self.lines {
            groups.entry(by.of(line)).or_default().push(line);
        }
        groups
            .into_iter()
            .map(|(key, lines)| (key, tally(lines)))
            .collect()
    }

    /// What a participant is paid, supplement included.
    #[must_use]
    pub fn supplement_of(&self, participant: &str) -> Money {
        self.supplements
            .get(participant)
            .copied()
            .unwrap_or_default()
    }

    /// Checks that the lines' sums equal the allocation's, by tier and by participant, to the cent.
    fn agrees(&self, evidence: &Evidence) -> Result<(), Stop> {
        let allocation = &evidence.allocation;
        let differs = |what: &str| {
            Err(Stop::defect(&format!(
                "the lines of {} by {what} are not the report's own",
                self.year
            )))
        };
        let total = self.total().figures;
        if (total.completions, total.amount) != (evidence.rows.len() as u64, allocation.paid()) {
            return differs("year");
        }
        let by_tier = self.by(By::Tier);
        for tier in &self.tiers {
            let found = by_tier.get(&tier.number.to_string()).copied();
            let found = found.unwrap_or_default().figures;
            let result = &tier.result;
            let own = (result.units, result.frl_units, result.over_cap, result.paid);
            if (found.units, found.frl_units, found.over_cap, found.amount) != own {
                return differs("tier");
            }
        }
        let by_participant = self.by(By::Participant);
        for (rank, participant) in ParticipantRank::enumerate(&evidence.participants) {
            let code = participant.code();
            let found = by_participant.get(&code).copied().unwrap_or_default();
            if found.figures.amount + self.supplement_of(&code) != allocation.total_of(rank) {
                return differs("participant");
            }
        }
        Ok(())
    }
}

impl<'e> Framed<'e> {
    fn of(report: &'e Report) -> Framed<'e> {
        let evidence = &report.evidence;
        let (programs, categories) = programs(evidence);
        let mut files: HashMap<&str, usize> = HashMap::new();
        let mut places = Vec::with_capacity(evidence.rows.len());
        for row in &evidence.rows {
            let next = files.len();
            places.push(*files.entry(&*row.file).or_insert(next));
        }
        let mut names = vec![""; files.len()];
        for (name, place) in files {
            names[place] = name;
        }
        // A report has no participants list. Whom it names are the districts of rows and the reporting entities, and no other code can
        // have sent a file.
        let of_rows = evidence.participants.iter();
        let of_rows: HashSet<&str> = of_rows.map(|one| one.district_code.as_str()).collect();
        let is_district = |code: &str| of_rows.contains(code) || report.entities.contains(code);
        let senders: Vec<Option<String>> = names
            .iter()
            .map(|name| entity_by_name(name, is_district))
            .collect();
        let results = Results::of(&Source {
            decisions: &evidence.decisions,
            place: &|row| (places[row.index()], 0, evidence.rows[row].row),
            senders: senders.iter().map(Option::as_deref).collect(),
            is_district: &is_district,
            claimed: evidence
                .participants
                .iter()
                .map(|participant| Claimed {
                    payee: participant.payee(),
                    kind: participant.kind,
                })
                .collect(),
            sectors: programs
                .iter()
                .map(|program| program.sector.as_str())
                .collect(),
        });
        Framed {
            evidence,
            results,
            programs,
            categories,
        }
    }

    /// The rows of one participant, program, outcome and lunch as figures.
    fn figures(
        &self,
        outcome: Option<Outcome>,
        frl: bool,
        rows: crate::results::frame::Tally,
    ) -> Figures {
        let full = self.evidence.rules.full_award(frl).times(rows.units);
        let mut figures = Figures {
            completions: rows.rows,
            amount: rows.amount,
            ..Figures::default()
        };
        if outcome == Some(Outcome::OverCap) {
            figures.over_cap = rows.units;
            figures.over_cap_full = full;
        } else {
            figures.units = rows.units;
            figures.frl_units = if frl { rows.units } else { 0 };
            figures.full = full;
        }
        figures
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines: BTreeMap<[Option<usize>; 2], Line> = BTreeMap::new();
        let groups = self.results.group([
            Dimension::Participant,
            Dimension::Program,
            Dimension::Outcome,
            Dimension::Frl,
        ]);
        for ([participant, program, outcome, frl], rows) in groups.every() {
            let outcome = outcome.and_then(|at| Outcome::ALL.get(at).copied());
            let figures = self.figures(outcome, frl == Some(1), rows);
            let line = lines
                .entry([participant, program])
                .or_insert_with(|| self.line(participant, program));
            line.figures += &figures;
        }
        for (key, pupils) in self.pupils() {
            if let Some(line) = lines.get_mut(&key) {
                line.pupils = pupils;
            }
        }
        lines.into_values().collect()
    }

    /// The pupils with a unit within the cap, by participant and program.
    fn pupils(&self) -> BTreeMap<[Option<usize>; 2], Vec<Sasid>> {
        let mut pupils: BTreeMap<[Option<usize>; 2], Vec<Sasid>> = BTreeMap::new();
        let units = self
            .evidence
            .decisions
            .iter()
            .filter(|decision| matches!(decision.outcome, Outcome::Paid | Outcome::Unfunded));
        for decision in units {
            let key = [
                decision.participant.map(ParticipantRank::index),
                decision.program.map(ProgramRank::index),
            ];
            pupils.entry(key).or_default().extend(decision.sasid);
        }
        for pupils in pupils.values_mut() {
            pupils.sort_unstable();
            pupils.dedup();
        }
        pupils
    }

    fn line(&self, participant: Option<usize>, program: Option<usize>) -> Line {
        let rules = &self.evidence.rules;
        let claim = participant.map(|rank| &self.evidence.participants[rank]);
        let category = program.and_then(|rank| self.categories[rank]);
        Line {
            participant: claim.map(RecordedParticipant::code).unwrap_or_default(),
            payee: claim
                .map(|claim| claim.payee().to_string())
                .unwrap_or_default(),
            kind: claim.map(|claim| claim.kind),
            program: program
                .map(|rank| self.programs[rank].code.clone())
                .unwrap_or_default(),
            sector: program
                .map(|rank| self.programs[rank].sector.clone())
                .unwrap_or_default(),
            category,
            tier: category
                .and_then(|category| rules.tier_of(category))
                .map(|rank| rules.tiers[rank].number),
            ..Line::default()
        }
    }

    fn tiers(&self) -> Vec<TierFacts> {
        let evidence = self.evidence;
        TierRank::enumerate(&evidence.rules.tiers)
            .map(|(rank, tier)| {
                let result = evidence.allocation.tiers[rank].clone();
                TierFacts {
                    number: tier.number,
                    name: tier.name.clone(),
                    full: result.demand(&evidence.rules),
                    result,
                }
            })
            .collect()
    }

    fn supplements(&self) -> BTreeMap<String, Money> {
        let supplements = &self.evidence.allocation.supplements;
        ParticipantRank::enumerate(&self.evidence.participants)
            .map(|(rank, participant)| (participant.code(), supplements[rank]))
            .filter(|(_, supplement)| *supplement > Money::ZERO)
            .collect()
    }
}

/// The completed programs by rank of their code, each with its category.
fn programs(evidence: &Evidence) -> (Vec<ProgramEntry>, Vec<Option<Category>>) {
    let mut found: BTreeMap<usize, (&str, Option<Category>)> = BTreeMap::new();
    for (row, decision) in RowRank::enumerate(&evidence.decisions) {
        if let Some(program) = decision.program {
            let code = evidence.rows[row].submitted.get(ResultColumn::ProgramCode);
            found.insert(program.index(), (code, decision.category));
        }
    }
    let ranks = found.keys().next_back().map_or(0, |last| last + 1);
    let named: HashMap<&str, &ProgramEntry> = evidence
        .programs
        .iter()
        .map(|program| (program.code.as_str(), program))
        .collect();
    let program = |code: &str| {
        named.get(code).map_or_else(
            || ProgramEntry {
                code: code.to_string(),
                ..ProgramEntry::default()
            },
            |program| (*program).clone(),
        )
    };
    // A code that is on no list has a rank, but no program here.
    let each = (0..ranks).map(|rank| found.get(&rank).copied().unwrap_or(("", None)));
    each.map(|(code, category)| (program(code), category))
        .unzip()
}
