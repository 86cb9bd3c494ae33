//! What to look at first: participants whose units differ most from the others'. It accuses nobody: a share above the state's
//! median usually has an honest reason, which a person finds.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::words::counted;

/// Participants with fewer units are left out: their shares jump with every pupil.
pub const UNITS_MIN: u64 = 20;
/// Where the rows of a measure are: the sheet of statewide.xlsx, and its column to filter.
pub const ROWS_ARE_IN: &str = "Completions, by Participant";
/// Shares are counted in hundredths of a percent.
pub const WHOLE: u64 = 10_000;

/// A measure of a participant's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Units of its most frequent program.
    Program,
    /// Units of its most frequent completion date.
    Date,
    /// Units whose student id is next to that of another of its units.
    Consecutive,
    /// Units with free or reduced-price lunch.
    Frl,
    /// Units that a decision corrected, paid or qualified.
    ByHand,
    /// Units beyond those of the previous report.
    Growth,
    /// Units for each pupil enrolled.
    Enrollment,
}

impl Measure {
    pub const ALL: [Measure; 7] = [
        Measure::Program,
        Measure::Date,
        Measure::Consecutive,
        Measure::Frl,
        Measure::ByHand,
        Measure::Growth,
        Measure::Enrollment,
    ];

    /// As in json.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Measure::Program => "one_program",
            Measure::Date => "one_completion_date",
            Measure::Consecutive => "consecutive_ids",
            Measure::Frl => "frl",
            Measure::ByHand => "decided_by_hand",
            Measure::Growth => "growth",
            Measure::Enrollment => "units_per_enrolled_pupil",
        }
    }

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Measure::Program => "One program",
            Measure::Date => "One completion date",
            Measure::Consecutive => "Consecutive ids",
            Measure::Frl => "FRL",
            Measure::ByHand => "Decided by hand",
            Measure::Growth => "Growth",
            Measure::Enrollment => "Units per enrolled pupil",
        }
    }
}

/// A unit within the cap, as the review needs it.
#[derive(Clone, Copy, Debug)]
pub struct ReviewedUnit<'r> {
    pub participant: ParticipantRank,
    pub program: &'r str,
    pub date: Option<NaiveDate>,
    pub sasid: Option<Sasid>,
    pub is_frl: bool,
    /// Whether a decision on the record is about its row.
    pub is_by_hand: bool,
    /// What it is paid; nothing if it is unfunded.
    pub amount: Money,
}

/// A measure of a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub measure: Measure,
    /// The part, of `whole`.
    pub part: u64,
    pub whole: u64,
    /// The program or the date; empty for other measures.
    pub what: String,
    /// The dollars at stake: what the units of the part are paid. For growth and enrollment, what all of its units are; those of growth are
    /// shown nowhere.
    pub amount: Money,
}

impl Measured {
    /// In hundredths of a percent, rounded half up as a spreadsheet shows it; at most the whole, so that one measure does not drown
    /// the others.
    #[must_use]
    pub fn share(&self) -> u64 {
        let whole = self.whole.max(1);
        ((self.part * WHOLE * 2 + whole) / (whole * 2)).min(WHOLE)
    }

    /// What to filter its rows for, how many there are, and what they are paid. Nobody can say which rows are the growth.
    #[must_use]
    pub fn in_words(&self) -> String {
        let (part, whole, what) = (self.part, self.whole, &self.what);
        let words = match self.measure {
            Measure::Program => format!("program {what}: {part} of {whole} units"),
            Measure::Date => format!("completion date {what}: {part} of {whole} units"),
            Measure::Consecutive => format!("consecutive ids: {part} of {whole} units"),
            Measure::Frl => format!("FRL: {part} of {whole} units"),
            Measure::ByHand => format!("decided by hand: {part} of {whole} units"),
            Measure::Growth => format!("growth: {} more than before", counted(part, "unit")),
            Measure::Enrollment => format!(
                "enrollment: {} for {}",
                counted(part, "unit"),
                counted(whole, "pupil")
            ),
        };
        match self.measure {
            Measure::Growth => words,
            _ => format!("{words}, {}", self.amount.grouped()),
        }
    }
}

/// A participant with its measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedParticipant {
    pub participant: ParticipantRank,
    pub units: u64,
    /// What its units are paid.
    pub amount: Money,
    pub measured: Vec<Measured>,
    /// Hundredths of percentage points above the medians, all measures together.
    pub points: u64,
}

/// The participants, those to look at first at the top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    pub participants: Vec<ReviewedParticipant>,
    /// The median share of each measure.
    pub medians: BTreeMap<Measure, u64>,
}

impl Review {
    /// Reviews units. `before`: each participant's units in the previous report, if there is one; `enrolled`: its pupils, if the
    /// list gives them.
    #[must_use]
    pub fn of(
        units: &[ReviewedUnit<'_>],
        before: Option<&HashMap<ParticipantRank, u64>>,
        enrolled: &HashMap<ParticipantRank, u64>,
    ) -> Review {
        let mut by_participant: BTreeMap<ParticipantRank, Vec<&ReviewedUnit<'_>>> = BTreeMap::new();
        for unit in units {
            by_participant
                .entry(unit.participant)
                .or_default()
                .push(unit);
        }
        let mut participants: Vec<ReviewedParticipant> = by_participant
            .into_iter()
            .filter(|(_, units)| units.len() as u64 >= UNITS_MIN)
            .map(|(participant, units)| {
                let enrolled = enrolled.get(&participant).copied();
                measured(participant, &units, before, enrolled)
            })
            .collect();
        let medians: BTreeMap<Measure, u64> = Measure::ALL
            .into_iter()
            .filter_map(|measure| Some((measure, median(&participants, measure)?)))
            .collect();
        for participant in &mut participants {
            participant.points = participant
                .measured
                .iter()
                .map(|of| of.share().saturating_sub(medians[&of.measure]))
                .sum();
        }
        participants.sort_by_key(|one| (std::cmp::Reverse(one.points), one.participant));
        Review {
            participants,
            medians,
        }
    }
}

/// The median share, the lower of two.
fn median(participants: &[ReviewedParticipant], measure: Measure) -> Option<u64> {
    let mut shares: Vec<u64> = participants
        .iter()
        .flat_map(|participant| &participant.measured)
        .filter(|of| of.measure == measure)
        .map(Measured::share)
        .collect();
    shares.sort_unstable();
    shares.get(shares.len().saturating_sub(1) / 2).copied()
}

fn measured(
    participant: ParticipantRank,
    units: &[&ReviewedUnit<'_>],
    before: Option<&HashMap<ParticipantRank, u64>>,
    enrolled: Option<u64>,
) -> ReviewedParticipant {
    let whole = units.len() as u64;
    let amount = units.iter().map(|unit| unit.amount).sum();
    // A part of the units, with what it is paid.
    let of = |measure, what: String, holds: &dyn Fn(&ReviewedUnit<'_>) -> bool| {
        let part = || units.iter().filter(|unit| holds(unit));
        Measured {
            measure,
            part: part().count() as u64,
            whole,
            what,
            amount: part().map(|unit| unit.amount).sum(),
        }
    };
    let program = most(units.iter().map(|unit| unit.program));
    let date = most(units.iter().filter_map(|unit| unit.date));
    let date_in_words = date.map(|date| date.to_string()).unwrap_or_default();
    let neighbors = consecutive(units);
    let is_neighbor = |unit: &ReviewedUnit<'_>| {
        let number = unit.sasid.map(Sasid::reveal_number);
        number.is_some_and(|number| neighbors.contains(&number))
    };
    let mut measured = vec![
        of(
            Measure::Program,
            program.unwrap_or_default().to_string(),
            &|unit| Some(unit.program) == program,
        ),
        of(Measure::Date, date_in_words, &|unit| {
            unit.date.is_some() && unit.date == date
        }),
        of(Measure::Consecutive, String::new(), &is_neighbor),
        of(Measure::Frl, String::new(), &|unit| unit.is_frl),
        of(Measure::ByHand, String::new(), &|unit| unit.is_by_hand),
    ];
    let of_all = |measure, part, whole| Measured {
        measure,
        part,
        whole,
        what: String::new(),
        amount,
    };
    if let Some(before) = before {
        let before = before.get(&participant).copied().unwrap_or_default();
        // From zero, the growth is the whole.
        let base = if before == 0 { whole } else { before };
        measured.push(of_all(Measure::Growth, whole.saturating_sub(before), base));
    }
    measured.extend(enrolled.map(|enrolled| of_all(Measure::Enrollment, whole, enrolled)));
    ReviewedParticipant {
        participant,
        units: whole,
        amount,
        measured,
        points: 0,
    }
}

/// The most frequent value, the first of equals.
fn most<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(value, count)| (*count, std::cmp::Reverse(*value)))
        .map(|(value, _)| value)
}

/// The ids that are next to another's.
fn consecutive(units: &[&ReviewedUnit<'_>]) -> HashSet<u64> {
    let ids: HashSet<u64> = units
        .iter()
        .filter_map(|unit| Some(unit.sasid?.reveal_number()))
        .collect();
    ids.iter()
        .copied()
        .filter(|id| {
            ids.contains(&(id + 1))
                || id
                    .checked_sub(1)
                    .is_some_and(|before| ids.contains(&before))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units of a participant: ids far apart, programs and dates in turn, every other one with FRL.
    fn usual(participant: usize, count: u32) -> Vec<ReviewedUnit<'static>> {
        const PROGRAMS: [&str; 4] = ["A", "B", "C", "D"];
        (0..count)
            .map(|number| ReviewedUnit {
                participant: ParticipantRank::new(participant),
                program: PROGRAMS[number as usize % 4],
                date: NaiveDate::from_ymd_opt(2024, 1 + number % 6, 10),
                sasid: Some(Sasid::from_number(
                    1_000_000_000 + participant as u64 * 1_000_000 + u64::from(number) * 97,
                )),
                is_frl: number % 2 == 0,
                is_by_hand: false,
                amount: Money::from_cents(100_000),
            })
            .collect()
    }

    /// Pupils that somebody made up: consecutive ids, one program, all FRL, all 30 June.
    fn invented(participant: usize, count: u32) -> Vec<ReviewedUnit<'static>> {
        (0..count)
            .map(|number| ReviewedUnit {
                participant: ParticipantRank::new(participant),
                program: "A",
                date: NaiveDate::from_ymd_opt(2024, 6, 30),
                sasid: Some(Sasid::from_number(5_000_000_000 + u64::from(number))),
                is_frl: true,
                is_by_hand: false,
                amount: Money::from_cents(120_000),
            })
            .collect()
    }

    #[test]
    fn invented_pupils_put_their_participant_on_top() {
        let mut units: Vec<_> = (0..9).flat_map(|one| usual(one, 120)).collect();
        units.extend(invented(4, 300));
        let review = Review::of(&units, None, &HashMap::new());
        let top = &review.participants[0];
        assert_eq!(top.participant, ParticipantRank::new(4));
        let part = |measure| {
            let of = top.measured.iter().find(|of| of.measure == measure);
            of.map(|of| (of.part, of.whole))
        };
        // 300 of 420, and the usual 120 add a quarter to the program and half to FRL.
        assert_eq!(part(Measure::Program), Some((330, 420)));
        assert_eq!(part(Measure::Date), Some((300, 420)));
        assert_eq!(part(Measure::Consecutive), Some((300, 420)));
        assert_eq!(part(Measure::Frl), Some((360, 420)));
        // What they are paid: 300 x $1,200, and $1,000 for each of the usual 30, none, none and 60.
        let amount = |measure| {
            let of = top.measured.iter().find(|of| of.measure == measure);
            of.map(|of| of.amount.grouped())
        };
        let dollars = |text: &str| Some(text.to_string());
        assert_eq!(amount(Measure::Program), dollars("$390,000.00"));
        assert_eq!(amount(Measure::Date), dollars("$360,000.00"));
        assert_eq!(amount(Measure::Consecutive), dollars("$360,000.00"));
        assert_eq!(amount(Measure::Frl), dollars("$420,000.00"));
        assert_eq!(top.amount.grouped(), "$480,000.00");
        assert_eq!(
            top.measured[0].in_words(),
            "program A: 330 of 420 units, $390,000.00"
        );
        assert_eq!(review.medians[&Measure::Program], 2_500);
        assert_eq!(review.medians[&Measure::Consecutive], 0);
        assert_eq!(review.participants[1].points, 0);
    }

    #[test]
    fn units_are_set_against_the_pupils_that_are_enrolled_where_a_list_says_it() {
        let units: Vec<_> = (0..4).flat_map(|one| usual(one, 40)).collect();
        // 40 of 400, of 100 and of 10; of one participant nobody knows.
        let enrolled = [400, 100, 10].into_iter().enumerate();
        let enrolled = enrolled.map(|(one, pupils)| (ParticipantRank::new(one), pupils));
        let review = Review::of(&units, None, &enrolled.collect());
        // 10%, 40% and more units than pupils, which counts as all of them: 40% is in the middle.
        assert_eq!(review.medians[&Measure::Enrollment], 4_000);
        let top = &review.participants[0];
        assert_eq!(top.participant, ParticipantRank::new(2));
        assert_eq!(top.points, WHOLE - 4_000);
        let measures_of = |rank: usize| {
            let mut all = review.participants.iter();
            let one = all.find(|one| one.participant == ParticipantRank::new(rank));
            one.unwrap().measured.len()
        };
        assert_eq!((measures_of(0), measures_of(3)), (6, 5));
    }

    #[test]
    fn a_share_is_rounded_half_up_as_a_spreadsheet_rounds_it() {
        let of = |part, whole| Measured {
            measure: Measure::Frl,
            part,
            whole,
            what: String::new(),
            amount: Money::ZERO,
        };
        // 26 / 29 = 0.896551..., 1 / 29 = 0.034482..., 1 / 32 = 0.03125, 3 / 2 is more than the whole.
        let shares =
            [(26, 29), (1, 29), (1, 32), (3, 2)].map(|(part, whole)| of(part, whole).share());
        assert_eq!(shares, [8_966, 345, 313, WHOLE]);
    }

    #[test]
    fn growth_is_against_the_previous_report_and_few_units_are_left_out() {
        let mut units = usual(0, 40);
        units.extend(usual(1, 40));
        units.extend(usual(2, 19));
        let before = HashMap::from([(ParticipantRank::new(0), 40), (ParticipantRank::new(1), 20)]);
        let review = Review::of(&units, Some(&before), &HashMap::new());
        assert_eq!(review.participants.len(), 2);
        let top = &review.participants[0];
        assert_eq!(top.participant, ParticipantRank::new(1));
        // From 20 to 40: by the whole, 100 percentage points above the median, which is not growth.
        assert_eq!((top.measured[5].share(), top.points), (WHOLE, WHOLE));
    }

    #[test]
    fn one_unit_and_one_pupil_are_told_in_the_singular() {
        let of = |measure, part, whole| Measured {
            measure,
            part,
            whole,
            what: String::new(),
            amount: Money::from_cents(100_000),
        };
        let told = [
            of(Measure::Growth, 1, 20),
            of(Measure::Growth, 2, 20),
            of(Measure::Enrollment, 20, 1),
        ];
        assert_eq!(
            told.map(|one| one.in_words()),
            [
                "growth: 1 unit more than before",
                "growth: 2 units more than before",
                "enrollment: 20 units for 1 pupil, $1,000.00",
            ]
        );
    }
}
