//! Participants and programs over the years, by their codes: their first and last year, and what changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Years;
use super::lines::Line;
use super::reports::Report;
use super::year::YearFacts;
use crate::audit::evidence::RecordedParticipant;
use crate::decision::Outcome;
use crate::ids::Sasid;
use crate::ranks::RowRank;
use crate::results::columns::ResultColumn;
use crate::year::Year;

/// At least so many pupils of a participant that left must be seen again before the page says where most of them are.
const SEEN_AGAIN_MIN: u64 = 5;

/// A participant or a program over the years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasting {
    pub code: String,
    /// Its name in its last year.
    pub name: String,
    /// Its kind, or its sector, in its last year.
    pub of: String,
    /// The first and the last year with rows.
    pub first: Year,
    pub last: Year,
    /// The number of years with rows.
    pub years: usize,
}

/// A change of a participant or a program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// The first year after the change.
    pub year: Year,
    pub code: String,
    /// `joined`, `left`, `other name` ...
    pub what: &'static str,
    /// In words; may be empty.
    pub detail: String,
}

/// A completion that was paid in more than one year, by the places of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidTwice {
    pub years: (Year, Year),
    pub places: (String, String),
    /// The later row's.
    pub participant: String,
}

/// A code with its name and its kind or sector in a year.
type Named<'y> = BTreeMap<String, (&'y str, &'y str)>;

fn participants(year: &YearFacts) -> Named<'_> {
    let named = |one: &'_ RecordedParticipant| one.code();
    year.participants
        .iter()
        .map(|one| (named(one), (one.name.as_str(), one.kind.label())))
        .collect()
}

fn programs(year: &YearFacts) -> Named<'_> {
    year.programs
        .iter()
        .filter(|one| !one.code.is_empty())
        .map(|one| (one.code.clone(), (one.name.as_str(), one.sector.as_str())))
        .collect()
}

/// A list of a report: how to read it, and the name of its second word.
#[derive(Clone, Copy)]
struct List {
    read: fn(&YearFacts) -> Named<'_>,
    other: &'static str,
}

const PARTICIPANTS: List = List {
    read: participants,
    other: "other kind",
};
const PROGRAMS: List = List {
    read: programs,
    other: "other sector",
};

impl Years {
    /// Participants with rows, by code.
    #[must_use]
    pub fn participants(&self) -> Vec<Lasting> {
        self.lasting(PARTICIPANTS)
    }

    /// Programs with rows, by code.
    #[must_use]
    pub fn programs(&self) -> Vec<Lasting> {
        self.lasting(PROGRAMS)
    }

    /// Changes of participants by year: who joined and left, who has a different name, kind or payee, and where the pupils of one that
    /// left are now.
    #[must_use]
    pub fn participant_events(&self) -> Vec<Event> {
        let mut events = self.events(PARTICIPANTS);
        for pair in self.years.windows(2) {
            events.extend(moved_charters(&pair[0], &pair[1]));
            events.extend(followed(&pair[0], &pair[1]));
        }
        events.sort();
        events
    }

    /// Changes of programs by year.
    #[must_use]
    pub fn program_events(&self) -> Vec<Event> {
        let mut events = self.events(PROGRAMS);
        events.sort();
        events
    }

    fn lasting(&self, list: List) -> Vec<Lasting> {
        let mut lasting: BTreeMap<String, Lasting> = BTreeMap::new();
        for facts in &self.years {
            for (code, (name, of)) in (list.read)(facts) {
                let entry = lasting.entry(code.clone()).or_insert_with(|| Lasting {
                    code,
                    name: String::new(),
                    of: String::new(),
                    first: facts.year,
                    last: facts.year,
                    years: 0,
                });
                (entry.name, entry.of) = (name.to_string(), of.to_string());
                (entry.last, entry.years) = (facts.year, entry.years + 1);
            }
        }
        lasting.into_values().collect()
    }

    fn events(&self, list: List) -> Vec<Event> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut events = Vec::new();
        let mut before: Option<Named<'_>> = None;
        for facts in &self.years {
            let now = (list.read)(facts);
            if let Some(before) = &before {
                let event = |code: &String, what: &'static str, detail: String| Event {
                    year: facts.year,
                    code: code.clone(),
                    what,
                    detail,
                };
                for (code, (name, of)) in &now {
                    let Some((old_name, old_of)) = before.get(code) else {
                        let what = if seen.contains(code) { "back" } else { "new" };
                        events.push(event(code, what, (*name).to_string()));
                        continue;
                    };
                    if old_name != name {
                        events.push(event(
                            code,
                            "other name",
                            format!("{old_name} is now {name}"),
                        ));
                    }
                    if old_of != of {
                        events.push(event(code, list.other, format!("{old_of} is now {of}")));
                    }
                }
                let gone = before.iter().filter(|(code, _)| !now.contains_key(*code));
                events
                    .extend(gone.map(|(code, (name, _))| event(code, "gone", (*name).to_string())));
            }
            seen.extend(now.keys().cloned());
            before = Some(now);
        }
        events
    }
}

/// Charter schools with a different payee: the school code is the same, the district code differs.
fn moved_charters(before: &YearFacts, now: &YearFacts) -> Vec<Event> {
    let codes = |year: &YearFacts| -> BTreeSet<String> {
        year.participants
            .iter()
            .map(RecordedParticipant::code)
            .collect()
    };
    let (codes_before, codes_now) = (codes(before), codes(now));
    let gone = before
        .participants
        .iter()
        .filter(|one| !one.school_code.is_empty() && !codes_now.contains(&one.code()));
    let gone: HashMap<&str, &RecordedParticipant> =
        gone.map(|one| (one.school_code.as_str(), one)).collect();
    let new = now
        .participants
        .iter()
        .filter(|one| !one.school_code.is_empty() && !codes_before.contains(&one.code()));
    new.filter_map(|one| {
        let old = gone.get(one.school_code.as_str())?;
        Some(Event {
            year: now.year,
            code: one.code(),
            what: "other payee",
            detail: format!(
                "school {} was {} and paid through {}; it is now paid through {}",
                one.school_code,
                old.code(),
                old.payee(),
                one.payee()
            ),
        })
    })
    .collect()
}

/// Participants that are gone and most of whose pupils that appear again are at one other participant: probably a merger.
fn followed(before: &YearFacts, now: &YearFacts) -> Vec<Event> {
    let still: BTreeSet<String> = now
        .participants
        .iter()
        .map(RecordedParticipant::code)
        .collect();
    let mut at: HashMap<Sasid, &str> = HashMap::new();
    for line in &now.lines {
        at.extend(
            line.pupils
                .iter()
                .map(|pupil| (*pupil, line.participant.as_str())),
        );
    }
    let mut pupils: BTreeMap<&str, BTreeSet<Sasid>> = BTreeMap::new();
    for Line {
        participant,
        pupils: own,
        ..
    } in &before.lines
    {
        if !participant.is_empty() && !still.contains(participant) {
            pupils.entry(participant).or_default().extend(own);
        }
    }
    let mut events = Vec::new();
    for (code, pupils) in pupils {
        let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
        for pupil in pupils {
            if let Some(there) = at.get(&pupil) {
                *seen.entry(there).or_default() += 1;
            }
        }
        let all: u64 = seen.values().sum();
        let most = seen.into_iter().max_by_key(|(_, count)| *count);
        if let Some((there, count)) =
            most.filter(|(_, count)| all >= SEEN_AGAIN_MIN && count * 2 > all)
        {
            events.push(Event {
                year: now.year,
                code: code.to_string(),
                what: "merged?",
                detail: format!(
                    "of its {} in {} again, {count} are at {there}",
                    crate::words::counted(all, "pupil"),
                    now.year
                ),
            });
        }
    }
    events
}

/// Completions that were paid in more than one year: no completion may be.
pub(super) fn paid_twice(reports: &[Report]) -> Vec<PaidTwice> {
    let mut paid: HashMap<(Sasid, &str), (usize, RowRank)> = HashMap::new();
    let mut found = Vec::new();
    for (at, report) in reports.iter().enumerate() {
        let evidence = &report.evidence;
        for (row, decision) in RowRank::enumerate(&evidence.decisions) {
            let (Outcome::Paid, Some(pupil)) = (decision.outcome, decision.sasid) else {
                continue;
            };
            let recorded = &evidence.rows[row];
            let key = (pupil, recorded.submitted.get(ResultColumn::ProgramCode));
            if let Some((before, earlier)) = paid.get(&key).filter(|(before, _)| *before < at) {
                let before = &reports[*before];
                found.push(PaidTwice {
                    years: (before.year(), report.year()),
                    places: (
                        before.evidence.rows[*earlier].short_place(),
                        recorded.short_place(),
                    ),
                    participant: recorded.participant.to_string(),
                });
            }
            // No later report could contain the last one's rows again.
            if at + 1 < reports.len() {
                paid.insert(key, (at, row));
            }
        }
    }
    found
}
