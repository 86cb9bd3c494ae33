//! The trail: why a row has its outcome. Worked out once for the workbooks (a column) and for `cdip explain` (a passport), so that
//! the two cannot differ. Knows decisions and the allocation; not files, sheets or how anything is printed.

use std::collections::{BTreeSet, HashMap};
use std::fmt::{self, Write as _};

use crate::allocation::{Allocation, Award, AwardOutcome, Cap, Certificate, Claimant};
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::{Outcome, Settled};
use crate::finding::line_or_row;
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::{ProgramRank, RowRank};
use crate::rules::readings::{CapSelection, Readings, Unit};
use crate::rules::{RuleSet, Weight};
use crate::words::{listed, thousands};

/// The place of a unit among its participant's units in its tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its position in standing order, from 1; within its group if there is one.
    pub position: u32,
    /// How many units the participant has; in the group if there is one.
    pub of: u32,
    /// How many of them the cap allows; `None` if no cap binds the participant, or if that many would depend on which units they are.
    pub limit: Option<u32>,
    /// If the reading `cap_selection` splits a capped participant's units: whether this is the group with free or reduced-price
    /// lunch.
    pub group: Option<bool>,
}

/// `unit 7 of 52, limit 40`.
impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = match self.group {
            None => "",
            Some(true) => " with FRL",
            Some(false) => " without FRL",
        };
        write!(
            f,
            "unit {} of {}{group}",
            thousands(self.position.into()),
            thousands(self.of.into())
        )?;
        self.limit.map_or(Ok(()), |limit| {
            write!(f, ", limit {}", thousands(limit.into()))
        })
    }
}

/// Why one row has its outcome, beyond its codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// Where it stands, if it is a unit.
    pub standing: Option<Standing>,
    /// The rows that decided: the one that stays (`duplicate`), the completion counted in its place (`already_counted`), the other
    /// rows of the same pupil and program if they are or were held (H501). In ascending order.
    pub others: Vec<RowRank>,
}

/// The reasons of every row.
#[derive(Debug)]
pub struct Trails {
    standings: Vec<Option<Standing>>,
    counted: HashMap<RowRank, RowRank>,
    /// By pupil and program: the eligible rows in ascending order, where there are several.
    same: HashMap<(Sasid, ProgramRank), Vec<RowRank>>,
}

impl Trails {
    /// Works out the reasons. `allocation` has the certificates in the same order.
    #[must_use]
    pub fn of(
        rules: &RuleSet,
        readings: &Readings,
        claimants: &[Claimant],
        certificates: &[Certificate],
        decisions: &[Settled],
        allocation: &Allocation,
    ) -> Trails {
        let mut trails = Trails {
            standings: vec![None; decisions.len()],
            counted: HashMap::new(),
            same: HashMap::new(),
        };
        let mut by_tier: Vec<Vec<(&Certificate, &Award)>> = vec![Vec::new(); rules.tiers.len()];
        for pair in certificates.iter().zip(&allocation.awards) {
            by_tier[pair.1.tier].push(pair);
        }
        let mut paid: HashMap<Sasid, RowRank> = HashMap::new();
        for (members, result) in by_tier.iter_mut().zip(&allocation.tiers) {
            members.sort_unstable_by_key(|(certificate, _)| certificate.standing());
            trails.standings_of(readings, claimants, members, result.cap.as_ref());
            trails.counted_in(readings.unit, members, &paid);
            let paid_here = members
                .iter()
                .filter(|(_, award)| award.outcome == AwardOutcome::Paid);
            paid.extend(paid_here.map(|(certificate, _)| (certificate.sasid, certificate.row)));
        }
        trails.same = same(decisions);
        trails
    }

    /// Puts the units of a tier in the order in which the cap takes them.
    fn standings_of(
        &mut self,
        readings: &Readings,
        claimants: &[Claimant],
        members: &[(&Certificate, &Award)],
        cap: Option<&Cap>,
    ) {
        let mut units: Vec<Vec<&(&Certificate, &Award)>> = vec![Vec::new(); claimants.len()];
        for member in members
            .iter()
            .filter(|(_, award)| award.outcome != AwardOutcome::AlreadyCounted)
        {
            units[member.0.participant].push(member);
        }
        for (claimant, units) in claimants.iter().zip(units) {
            let cap = cap.filter(|_| readings.cap_applies_to.contains(claimant.kind));
            let limit = cap.and_then(|cap| cap.limit().units()).map(narrow);
            let over = units
                .iter()
                .any(|(_, award)| award.outcome == AwardOutcome::OverCap);
            let split = over && readings.cap_selection != CapSelection::Earliest;
            let groups: &[Option<bool>] = if split {
                &[Some(true), Some(false)]
            } else {
                &[None]
            };
            for group in groups {
                let of_group: Vec<_> = units
                    .iter()
                    .filter(|(certificate, _)| group.is_none_or(|frl| frl == certificate.frl))
                    .collect();
                let kept = of_group
                    .iter()
                    .filter(|(_, award)| award.outcome != AwardOutcome::OverCap)
                    .count();
                let limit = if over {
                    Some(narrow(kept as u64))
                } else {
                    limit
                };
                for (position, (certificate, _)) in (1..).zip(&of_group) {
                    self.standings[certificate.row] = Some(Standing {
                        position,
                        of: narrow(of_group.len() as u64),
                        limit,
                        group: *group,
                    });
                }
            }
        }
    }

    /// For each certificate that is not a unit, the completion counted in its place: the pupil's in an earlier tier, or else the
    /// pupil's first in this tier.
    fn counted_in(
        &mut self,
        reading: Unit,
        members: &[(&Certificate, &Award)],
        paid: &HashMap<Sasid, RowRank>,
    ) {
        let mut first: HashMap<Sasid, RowRank> = HashMap::new();
        for (certificate, award) in members {
            if award.outcome != AwardOutcome::AlreadyCounted {
                first.entry(certificate.sasid).or_insert(certificate.row);
                continue;
            }
            let earlier = paid
                .get(&certificate.sasid)
                .filter(|_| reading == Unit::Pupil);
            if let Some(stood) = earlier.or_else(|| first.get(&certificate.sasid)) {
                self.counted.insert(certificate.row, *stood);
            }
        }
    }

    /// Why a row ended where it did.
    #[must_use]
    pub fn reason(&self, decisions: &[Settled], row: RowRank) -> Reason {
        let decision = &decisions[row];
        let same = || {
            let key = decision.sasid.zip(decision.program);
            let rows = key
                .and_then(|key| self.same.get(&key))
                .map_or(&[][..], Vec::as_slice);
            rows.iter().copied().filter(|other| *other != row)
        };
        let others = match decision.outcome {
            Outcome::AlreadyCounted => self.counted.get(&row).copied().into_iter().collect(),
            // The one row that is not a duplicate and was never held; a decision can have denied it since.
            Outcome::Duplicate => same()
                .filter(|other| {
                    !decisions[*other].codes.any(Severity::Held)
                        && decisions[*other].outcome != Outcome::Duplicate
                })
                .collect(),
            _ if decision.codes.contains(Code::H501) => same()
                .filter(|other| decisions[*other].codes.contains(Code::H501))
                .collect(),
            _ => Vec::new(),
        };
        Reason {
            standing: self.standings[row],
            others,
        }
    }
}

/// A batch has fewer than 2^32 units (`ranks.rs`), so a limit beyond that allows them all.
fn narrow(units: u64) -> u32 {
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// The eligible rows of each pupil and program that has several. Sorted first, because nearly all have only one and a table of a
/// million would be large.
fn same(decisions: &[Settled]) -> HashMap<(Sasid, ProgramRank), Vec<RowRank>> {
    let eligible = RowRank::enumerate(decisions).filter(|(_, decision)| {
        !decision.codes.any(Severity::Rejected)
            && decision.outcome != Outcome::NotQualified
            && !decision.set_aside
    });
    let mut rows: Vec<_> = eligible
        .filter_map(|(row, decision)| Some(((decision.sasid?, decision.program?), row)))
        .collect();
    rows.sort_unstable();
    let several = rows
        .chunk_by(|(one, _), (other, _)| one == other)
        .filter(|rows| rows.len() > 1);
    several
        .map(|rows| (rows[0].0, rows.iter().map(|(_, row)| *row).collect()))
        .collect()
}

/// A submission's name with its folders below `submissions/`: two districts can send files of one name.
#[must_use]
pub fn short_name(file: &str) -> &str {
    file.strip_prefix("submissions/").unwrap_or(file)
}

/// A row's place: `row 17 of 0880.xlsx, Sheet1`; of a text file `line 17 of 0880.csv`.
#[must_use]
pub fn short_place(file: &str, sheet: &str, row: u32) -> String {
    let name = short_name(file);
    if sheet.is_empty() {
        format!("line {row} of {name}")
    } else {
        format!("row {row} of {name}, {sheet}")
    }
}

/// A row's place as seen from a file and sheet: inside them the row number is enough.
#[must_use]
pub fn place_from(
    (own_file, own_sheet): (&str, &str),
    file: &str,
    sheet: &str,
    row: u32,
) -> String {
    match (own_file == file && own_sheet == sheet, sheet) {
        (true, "") => format!("line {row}"),
        (true, _) => format!("row {row}"),
        (false, _) => short_place(file, sheet, row),
    }
}

/// Lines of the decisions on the record: `resolutions.csv line 3`, `resolutions.csv lines 3 and 9`; `None` without one.
#[must_use]
pub fn lines_of(file: &str, lines: &BTreeSet<u32>) -> Option<String> {
    let numbers: Vec<String> = lines.iter().map(u32::to_string).collect();
    let plural = match numbers.len() {
        0 => return None,
        1 => "",
        _ => "s",
    };
    let word = line_or_row(file, None);
    let numbers = listed(numbers.iter().map(String::as_str));
    Some(format!("{file} {word}{plural} {numbers}"))
}

/// What a short trail says of the row that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its place: `row 17 of 0880.xlsx`, or `row 17` in the same sheet; `None` for a reader who may not see it.
    pub place: Option<String>,
    /// The number of its tier.
    pub tier: Option<u32>,
    /// Where it ended.
    pub outcome: Outcome,
}

/// What a short trail needs.
#[derive(Debug)]
pub struct Facts<'t> {
    /// Where the row ended.
    pub outcome: Outcome,
    /// Its codes.
    pub codes: Codes,
    /// The number of its tier.
    pub tier: Option<u32>,
    /// Its standing, if it is a unit and the reader may know how many its participant has.
    pub standing: Option<Standing>,
    /// Its weight, if it is a unit.
    pub weight: Option<Weight>,
    /// What it is paid.
    pub amount: Money,
    /// The first row that decided, and how many more there are.
    pub other: Option<(Other, usize)>,
    /// The decisions on the record that moved it, corrected a cell of it or waived a code: `resolutions.csv line 3`.
    pub resolutions: Option<&'t str>,
    /// What H502 says of it, if it is held for being in the file of another.
    pub stranger: Option<&'t str>,
}

/// Bytes that most trails fit in.
const SHORT_BYTES: usize = 64;

impl Facts<'_> {
    /// The trail in one line: `tier 1, unit 7 of 52, limit 40, FRL 1.20: $1,200.00`.
    #[must_use]
    pub fn short(&self) -> String {
        // Every row of every list has one, so all parts are written into one text.
        let mut text = String::with_capacity(SHORT_BYTES);
        // Writing to a String cannot fail.
        let _ = self.write_short(&mut text);
        text
    }

    fn write_short(&self, text: &mut String) -> fmt::Result {
        match self.outcome {
            Outcome::Rejected => write!(text, "cannot be read: {}", self.codes)?,
            Outcome::NotQualified => write!(text, "does not qualify: {}", self.codes)?,
            Outcome::Held => {
                let others = self.others(": the same pupil and program also in ");
                write!(text, "held, {}{others}", self.codes)?;
                if let Some(stranger) = self.stranger {
                    write!(text, ": {stranger}")?;
                }
            }
            Outcome::Denied => text.push_str("denied on the record"),
            Outcome::Duplicate => write!(text, "duplicate{}", self.others(" of "))?,
            Outcome::AlreadyCounted => {
                if let Some(tier) = self.tier {
                    write!(text, "tier {tier}, ")?;
                }
                write!(text, "counted once{}", self.others(": by "))?;
            }
            Outcome::OverCap => {
                self.write_unit(text)?;
                text.push_str(": over the cap");
            }
            Outcome::Unfunded => {
                self.write_unit(text)?;
                text.push_str(": no money left");
            }
            Outcome::Paid => {
                self.write_unit(text)?;
                if let Some(weight) = self.weight.filter(|weight| *weight != Weight::ONE) {
                    write!(text, ", FRL {weight}")?;
                }
                write!(text, ": {}", self.amount.grouped())?;
            }
        }
        self.resolutions
            .map_or(Ok(()), |resolutions| write!(text, "; {resolutions}"))
    }

    /// `tier 1, unit 7 of 52, limit 40`.
    fn write_unit(&self, text: &mut String) -> fmt::Result {
        if let Some(tier) = self.tier {
            write!(text, "tier {tier}")?;
        }
        if let Some(standing) = self.standing {
            write!(
                text,
                "{}{standing}",
                if text.is_empty() { "" } else { ", " }
            )?;
        }
        Ok(())
    }

    /// The rows that decided, after a leading word.
    fn others(&self, leading: &str) -> String {
        let Some((other, more)) = &self.other else {
            return String::new();
        };
        let more = if *more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        match &other.place {
            None => format!("{leading}a row of another entity{more}"),
            Some(place) => {
                // A held row waits like this one, so its outcome says nothing; another outcome does.
                let fate = match (other.tier, other.outcome) {
                    (_, Outcome::Held) => String::new(),
                    (Some(tier), outcome) => {
                        format!(" (tier {tier}, {})", outcome.label().to_lowercase())
                    }
                    (None, outcome) => format!(" ({})", outcome.label().to_lowercase()),
                };
                format!("{leading}{place}{fate}{more}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_list_are_named_together() {
        let named = |file: &str, lines: &[u32]| lines_of(file, &lines.iter().copied().collect());
        assert_eq!(named("resolutions.csv", &[]), None);
        for (file, lines, wanted) in [
            ("resolutions.csv", &[3][..], "resolutions.csv line 3"),
            ("resolutions.csv", &[9, 3], "resolutions.csv lines 3 and 9"),
            ("resolutions.xlsx", &[2, 4], "resolutions.xlsx rows 2 and 4"),
        ] {
            assert_eq!(named(file, lines).as_deref(), Some(wanted));
        }
    }
}
