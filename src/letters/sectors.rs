//! Paid awards by sector, by program and by kind of participant.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::words::length;
use crate::audit::evidence::Evidence;
use crate::decision::{Outcome, Settled};
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::RowRank;
use crate::report::json::{NO_SECTOR, ProgramEntry};
use crate::results::columns::ResultColumn;

/// Programs in the packet's table: what fits below the sectors on a page.
const PROGRAMS_MAX: usize = 10;

/// A group of paid awards.
#[derive(Serialize)]
pub(super) struct GroupLine {
    name: String,
    /// For a program: its sector.
    about: String,
    top_10: bool,
    awards: u64,
    pupils: usize,
    amount: String,
    percent: String,
    /// Length of its bar; the longest has 1000.
    length: u64,
}

#[derive(Default)]
struct Group {
    awards: u64,
    pupils: BTreeSet<Sasid>,
    amount: Money,
}

impl Group {
    fn add(&mut self, decision: &Settled) {
        self.awards += 1;
        self.pupils.extend(decision.sasid);
        self.amount += decision.amount;
    }
}

/// Sectors, the most money first; the programs with the most money; and the total of Top 10 programs.
pub(super) struct Sectors {
    pub(super) lines: Vec<GroupLine>,
    pub(super) programs: Vec<GroupLine>,
    pub(super) top_10: Option<GroupLine>,
    /// Programs with a paid award.
    pub(super) programs_paid: usize,
}

impl Sectors {
    pub(super) fn of(report: &Evidence) -> Sectors {
        let known: HashMap<&str, &ProgramEntry> = report
            .programs
            .iter()
            .map(|program| (program.code.as_str(), program))
            .collect();
        let mut sectors: BTreeMap<&str, Group> = BTreeMap::new();
        let mut programs: BTreeMap<&str, Group> = BTreeMap::new();
        let mut top_10 = Group::default();
        for (row, decision) in paid(report) {
            let code = report.rows[row].submitted.get(ResultColumn::ProgramCode);
            let program = known.get(code).copied();
            let sector = program.map_or(NO_SECTOR, ProgramEntry::sector_in_words);
            sectors.entry(sector).or_default().add(decision);
            programs.entry(code).or_default().add(decision);
            if program.is_some_and(|program| program.top_10) {
                top_10.add(decision);
            }
        }
        let total = report.allocation.paid();
        let programs_paid = programs.len();
        let named = |code: &str| {
            known
                .get(code)
                .map_or(code, |program| &program.name)
                .to_string()
        };
        let mut by_program = lines(programs, total, named);
        by_program.truncate(PROGRAMS_MAX);
        for line in &mut by_program {
            if let Some(program) = known.get(line.about.as_str()) {
                line.top_10 = program.top_10;
                line.about.clone_from(&program.sector);
            }
        }
        let top_10 = BTreeMap::from([("Top 10 programs", top_10)]);
        Sectors {
            lines: lines(sectors, total, str::to_string),
            programs: by_program,
            top_10: lines(top_10, total, str::to_string)
                .pop()
                .filter(|line| line.awards > 0),
            programs_paid,
        }
    }
}

fn paid(report: &Evidence) -> impl Iterator<Item = (RowRank, &Settled)> {
    RowRank::enumerate(&report.decisions).filter(|(_, decision)| decision.outcome == Outcome::Paid)
}

/// The groups, the most money first, then by key.
fn lines(
    groups: BTreeMap<&str, Group>,
    total: Money,
    name: impl Fn(&str) -> String,
) -> Vec<GroupLine> {
    let mut groups: Vec<(&str, Group)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, group)| Reverse(group.amount));
    let longest = groups.first().map(|(_, group)| group.amount);
    groups
        .iter()
        .map(|(key, group)| GroupLine {
            name: name(key),
            about: (*key).to_string(),
            top_10: false,
            awards: group.awards,
            pupils: group.pupils.len(),
            amount: group.amount.grouped(),
            percent: group.amount.percent_of(total),
            length: length(group.amount, longest.unwrap_or_default()),
        })
        .collect()
}
