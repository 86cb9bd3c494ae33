//! What correcting the rows with one code would add, and what correcting every row would.

use std::collections::{BTreeMap, BTreeSet};

use super::can_be_paid;
use super::engine::{Engine, invented};
use crate::allocation::{Certificate, Demand};
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::Outcome;
use crate::inspection::Inspection;
use crate::intake::lists::Program;
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank};
use crate::stop::Stop;
use crate::tasks::{self, Stand, Task, Work};
use crate::words::{counted, thousands};

/// What correcting the rows with one code would add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The only code that keeps the rows from being paid.
    pub code: Code,
    /// What the code is called here: a slip has another title than a fact.
    pub title: &'static str,
    /// The number of rows.
    pub rows: usize,
    /// What they add if all of them qualify after correction.
    pub worth: Money,
    /// Whether that is an upper limit: a program or a district is only a proposal, or the pupils' lunch status is unknown.
    pub up_to: bool,
    is_fact: bool,
}

impl Correction {
    /// Whether the code is about a fact, not about how it was written: no dollars are shown for changing a fact.
    #[must_use]
    pub const fn is_fact(&self) -> bool {
        self.is_fact
    }
}

/// Why a row to fix has no dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unpriced {
    /// It looks like a total.
    Total,
    /// A fact keeps it from qualifying, too.
    Fact,
    /// It is of another entity.
    Elsewhere,
    /// Its participant does not take part.
    TakesNoPart,
    /// The rules do not pay its participant's kind.
    Kind,
    /// No list tells its program.
    Program,
    /// No tier funds its program.
    Tier,
}

impl Unpriced {
    const ALL: [Unpriced; 7] = [
        Unpriced::Total,
        Unpriced::Fact,
        Unpriced::Elsewhere,
        Unpriced::TakesNoPart,
        Unpriced::Kind,
        Unpriced::Program,
        Unpriced::Tier,
    ];

    /// Of one row, and of several.
    const fn words(self) -> [&'static str; 2] {
        match self {
            Unpriced::Total => ["it may be a total", "each may be a total"],
            Unpriced::Fact => [
                "it would not qualify once corrected",
                "they would not qualify once corrected",
            ],
            Unpriced::Elsewhere => ["it is of another district", "they are of another district"],
            Unpriced::TakesNoPart => [
                "its district or school does not take part",
                "their district or school does not take part",
            ],
            Unpriced::Kind => [
                "the rules do not pay a participant of its kind",
                "the rules do not pay participants of their kind",
            ],
            Unpriced::Program => ["its program is not known", "their programs are not known"],
            Unpriced::Tier => ["no tier pays its program", "no tier pays their programs"],
        }
    }
}

/// What correcting every row would add: all rows that the check calls to fix, and every empty lunch cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixing {
    /// The rows to fix, as the check counts them.
    pub rows: usize,
    /// Those with more than one fault, and what they add once all faults are corrected.
    pub several: (usize, Money),
    /// Those that these figures count already, and what they are paid: a question about them is open.
    pub counted: (usize, Money),
    /// Those without dollars, by reason.
    unpriced: [usize; Unpriced::ALL.len()],
    /// What all of it adds, at most.
    pub worth: Money,
}

impl Fixing {
    /// The number of rows to fix that have no dollars.
    #[must_use]
    pub fn unpriced(&self) -> usize {
        self.unpriced.iter().sum()
    }

    /// What an entity would get at most if it fixed all, in sentences; `expected` is what it would get now.
    #[must_use]
    pub fn of_all(&self, expected: Money) -> String {
        let in_all = expected + self.worth;
        let mut text = format!(
            "If you fix all: up to {}, that is {} more.",
            in_all.grouped(),
            self.worth.grouped()
        );
        if self.rows > 0 {
            text.push_str(&format!(" {}", self.in_words()));
        }
        let (rows, worth) = self.several;
        if rows > 0 {
            let rows = counted(rows as u64, "row");
            text.push_str(&format!(
                " {rows} with more than one fault: up to {}.",
                worth.grouped()
            ));
        }
        text
    }

    /// The rows to fix in words, so that the lines of a table add up to what the check counts: `14 rows to fix: 12 are priced here, 1 is
    /// in these figures already, 1 has no price, because ...`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let priced = self.rows - self.counted.0 - self.unpriced();
        let parts = [
            (priced, ["is priced here", "are priced here"]),
            (
                self.counted.0,
                [
                    "is in these figures already, but a question about it is open",
                    "are in these figures already, but a question about each is open",
                ],
            ),
        ];
        let parts = parts.map(|(count, words)| (count, words, ""));
        let unpriced = Unpriced::ALL.into_iter().zip(self.unpriced);
        let unpriced = unpriced.map(|(why, count)| {
            let [one, many] = why.words();
            let because = if count == 1 { one } else { many };
            let has = ["has no price, because ", "have no price, because "];
            (count, has, because)
        });
        let all = parts.into_iter().chain(unpriced);
        let parts: Vec<String> = all
            .filter(|(count, ..)| *count > 0)
            .map(|(count, [one, many], because)| {
                let are = if count == 1 { one } else { many };
                format!("{} {are}{because}", thousands(count as u64))
            })
            .collect();
        format!(
            "{} to fix: {}.",
            counted(self.rows as u64, "row"),
            parts.join("; ")
        )
    }
}

/// The rows that the check calls to fix, each as it would be paid once corrected.
#[derive(Default)]
struct Fixed {
    rows: usize,
    /// By the one thing to fix.
    by_code: BTreeMap<Code, (&'static str, Vec<Certificate>)>,
    several: Vec<Certificate>,
    counted: Vec<RowRank>,
    unpriced: [usize; Unpriced::ALL.len()],
}

impl Fixed {
    /// All certificates that the corrections would add.
    fn all(&self) -> Vec<Certificate> {
        let alone = self.by_code.values().flat_map(|(_, rows)| rows);
        alone.chain(&self.several).copied().collect()
    }
}

/// What correcting each code alone would add, the most first, and what correcting everything would.
pub(super) fn corrections(
    engine: &Engine<'_>,
    inspection: &Inspection,
    (participants, concerns): (&[ParticipantRank], &dyn Fn(RowRank) -> bool),
    base: Money,
) -> Result<(Vec<Correction>, Option<Fixing>), Stop> {
    let tasks = tasks::of(inspection);
    let stands = tasks::stands(inspection, &tasks);
    let mut by_row: BTreeMap<RowRank, Vec<&Task<'_>>> = BTreeMap::new();
    for task in &tasks {
        if let Some(row) = task.finding.position {
            by_row.entry(row).or_default().push(task);
        }
    }
    let mut fixed = Fixed::default();
    let mut facts: BTreeMap<Code, Vec<Certificate>> = BTreeMap::new();
    for (row, stand) in RowRank::all(stands.len()).zip(&stands) {
        let found = by_row.get(&row).map_or(&[][..], Vec::as_slice);
        if *stand == Stand::Fix && concerns(row) {
            fix(engine, inspection, participants, (row, found), &mut fixed);
        }
        if let Some(code) = fact(inspection, row).filter(|_| *stand == Stand::Nothing) {
            let own = if_corrected(engine, inspection, participants, (row, found));
            facts.entry(code).or_default().extend(own.ok());
        }
    }
    let mut corrections = Vec::new();
    let alone = fixed
        .by_code
        .iter()
        .map(|(code, (title, rows))| (*code, *title, rows, false));
    let facts = facts.iter().filter(|(_, rows)| !rows.is_empty());
    let facts = facts.map(|(code, rows)| (*code, code.entry().title_as(false), rows, true));
    for (code, title, rows, is_fact) in alone.chain(facts) {
        corrections.push(Correction {
            code,
            title,
            rows: rows.len(),
            worth: engine.worth(base, rows)?,
            up_to: matches!(code, Code::N301 | Code::E205 | Code::H502),
            is_fact,
        });
    }
    let lunch = with_lunch(engine, inspection);
    corrections.extend(missing_lunch(engine, &lunch, base)?);
    corrections.sort_by_key(|correction| (std::cmp::Reverse(correction.worth), correction.code));
    let fixing = fixing(engine, &fixed, &lunch, base)?;
    Ok((corrections, fixing))
}

/// What the entity would get more, if everything were corrected; `None` if there is nothing to correct.
fn fixing(
    engine: &Engine<'_>,
    fixed: &Fixed,
    lunch: &Lunch,
    base: Money,
) -> Result<Option<Fixing>, Stop> {
    if fixed.rows == 0 && lunch.rows == 0 {
        return Ok(None);
    }
    let without = {
        let mut demand = engine.demand.clone();
        let open: BTreeSet<&RowRank> = fixed.counted.iter().collect();
        demand
            .certificates
            .retain(|certificate| !open.contains(&certificate.row));
        let without = Engine {
            demand: &demand,
            ..*engine
        };
        without.worth(base, &[])?
    };
    let with_lunch = Engine {
        demand: &lunch.demand,
        ..*engine
    };
    let mut all = fixed.all();
    for certificate in &mut all {
        certificate.frl |= lunch.empty.contains(&certificate.row);
    }
    Ok(Some(Fixing {
        rows: fixed.rows,
        several: (fixed.several.len(), engine.worth(base, &fixed.several)?),
        counted: (fixed.counted.len(), Money::ZERO - without),
        unpriced: fixed.unpriced,
        worth: with_lunch.worth(base, &all)?,
    }))
}

/// Adds a row to fix to what is known of them.
fn fix(
    engine: &Engine<'_>,
    inspection: &Inspection,
    participants: &[ParticipantRank],
    (row, found): (RowRank, &[&Task<'_>]),
    fixed: &mut Fixed,
) {
    fixed.rows += 1;
    let slips: Vec<&Task<'_>> = found
        .iter()
        .copied()
        .filter(|task| task.work == Work::Fix)
        .collect();
    let is_total = slips.iter().any(|task| task.finding.code == Code::W222);
    if !is_total && inspection.decisions[row].ended().is_none() {
        fixed.counted.push(row);
        return;
    }
    // A fact next to a slip stays a reason not to pay.
    let earns_nothing = found.iter().any(|task| {
        task.work == Work::Fact && task.finding.code.severity() == Severity::NotQualified
    });
    let certificate = if is_total {
        Err(Unpriced::Total)
    } else {
        if_corrected(engine, inspection, participants, (row, found))
    };
    let certificate = match certificate {
        Ok(certificate) if !earns_nothing => certificate,
        unpaid => {
            let why = unpaid.err().unwrap_or(Unpriced::Fact);
            fixed.unpriced[why as usize] += 1;
            return;
        }
    };
    let codes: BTreeSet<Code> = slips.iter().map(|task| task.entry().code).collect();
    match (codes.len(), slips.first()) {
        (1, Some(slip)) => {
            let entry = fixed.by_code.entry(slip.entry().code);
            entry
                .or_insert_with(|| (slip.title(), Vec::new()))
                .1
                .push(certificate);
        }
        _ => fixed.several.push(certificate),
    }
}

/// The one fact for which a row does not qualify.
fn fact(inspection: &Inspection, row: RowRank) -> Option<Code> {
    let decision = &inspection.decisions[row];
    let code = only(decision.codes).filter(|_| decision.ended() == Some(Outcome::NotQualified))?;
    // A completion is paid only once. There is nothing to correct, so no dollars are shown that would tempt anyone to try.
    let reason = code.entry().reason;
    let is_fact = reason.is_some_and(|reason| reason.slip.is_fact());
    (is_fact && code != Code::N309).then_some(code)
}

/// The entity's rows as if every pupil with an empty lunch cell were eligible. Each counts as no, and only the district knows.
struct Lunch {
    /// All rows with an empty lunch cell.
    empty: BTreeSet<RowRank>,
    /// The rows that count, with lunch.
    demand: Demand,
    /// How many of them got lunch.
    rows: usize,
}

fn with_lunch(engine: &Engine<'_>, inspection: &Inspection) -> Lunch {
    let empty = inspection.findings.iter();
    let empty: BTreeSet<RowRank> = empty
        .filter(|finding| finding.code == Code::W208)
        .filter_map(|finding| finding.position)
        .collect();
    let mut demand = engine.demand.clone();
    let mut rows = 0;
    for certificate in &mut demand.certificates {
        if empty.contains(&certificate.row) && !certificate.frl {
            certificate.frl = true;
            rows += 1;
        }
    }
    Lunch {
        empty,
        demand,
        rows,
    }
}

/// What the rows with an empty lunch cell would add if all their pupils were eligible.
fn missing_lunch(
    engine: &Engine<'_>,
    lunch: &Lunch,
    base: Money,
) -> Result<Option<Correction>, Stop> {
    if lunch.rows == 0 {
        return Ok(None);
    }
    let with_lunch = Engine {
        demand: &lunch.demand,
        ..*engine
    };
    let worth = with_lunch.worth(base, &[])?;
    Ok((worth > Money::ZERO).then_some(Correction {
        code: Code::W208,
        title: Code::W208.entry().title,
        rows: lunch.rows,
        worth,
        up_to: true,
        is_fact: false,
    }))
}

/// The program that is proposed for a row's code, the likeliest.
fn proposed<'p>(inspection: &'p Inspection, found: &[&Task<'_>]) -> Option<&'p Program> {
    let of_code = |task: &&&Task<'_>| matches!(task.finding.code, Code::N301 | Code::E205);
    let task = found.iter().find(of_code)?;
    let programs = &inspection.intake.programs;
    let rank = programs.rank(&task.proposals.first()?.value)?;
    Some(&programs.all()[rank])
}

/// The one code that decides about a row.
fn only(codes: Codes) -> Option<Code> {
    let mut deciding = codes
        .iter()
        .filter(|code| code.severity() != Severity::Warning);
    let first = deciding.next();
    if deciding.next().is_none() {
        first
    } else {
        None
    }
}

/// The certificate of a row if its faults were corrected. What cannot be read gets the cheapest value: the district itself, a new pupil,
/// no lunch, the last day of the school year.
fn if_corrected(
    engine: &Engine<'_>,
    inspection: &Inspection,
    participants: &[ParticipantRank],
    (row, found): (RowRank, &[&Task<'_>]),
) -> Result<Certificate, Unpriced> {
    let listed = inspection.intake.participants.all();
    let decision = &inspection.decisions[row];
    let own = decision
        .participant
        .filter(|rank| participants.contains(rank));
    // What is wrong with the row of another district may be its District Code.
    let is_mistyped = decision.participant.is_none() || found.iter().any(|task| task.is_strangers);
    let participant = own.or(participants.first().copied().filter(|_| is_mistyped));
    let participant = participant.ok_or(Unpriced::Elsewhere)?;
    if !can_be_paid(engine.rules, &listed[participant]) {
        return Err(if listed[participant].participating {
            Unpriced::Kind
        } else {
            Unpriced::TakesNoPart
        });
    }
    let meant = match decision.category {
        None => proposed(inspection, found),
        Some(_) => None,
    };
    let category = decision
        .category
        .or(meant.map(|program| program.category))
        .ok_or(Unpriced::Program)?;
    if engine.rules.tier_of(category).is_none() {
        return Err(Unpriced::Tier);
    }
    let guess = invented(
        engine.rules,
        1 + row.index(),
        participant,
        category,
        decision.frl.unwrap_or(false),
    );
    let in_year = decision
        .date
        .filter(|date| engine.rules.school_year.contains(*date));
    let programs = &inspection.intake.programs;
    Ok(Certificate {
        row,
        date: in_year.unwrap_or(guess.date),
        sasid: decision.sasid.unwrap_or(guess.sasid),
        program: decision
            .program
            .or(meant.and_then(|program| programs.rank(&program.code)))
            .unwrap_or(guess.program),
        ..guess
    })
}
