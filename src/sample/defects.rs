//! Puts the mistakes that people really make into clean rows, at known rates.

use std::ops::Range;

use chrono::Days;
use rand::{RngExt as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    completion::{Completion, Defect},
    completions::{Completions, weighted},
    options::{SampleError, day},
    programs::{Listed, PROGRAMS},
    statewide::Statewide,
};
use crate::rules::terms::Category;

/// Every kind with its rate in 10,000 rows. Kinds that need a special row come first, while most rows are still clean.
pub(super) const RATES: [(Defect, usize); 22] = [
    (Defect::ScoreUnreadable, 4),
    (Defect::ScoreMissing, 30),
    (Defect::LunchContradicted, 25),
    (Defect::ReportedTwice, 10),
    (Defect::OtherDistrictsRow, 8),
    (Defect::Repeated, 120),
    (Defect::CreditUnreadable, 6),
    (Defect::CreditMissing, 350),
    (Defect::PriorYear, 400),
    (Defect::NextSummer, 20),
    (Defect::PaidBefore, 100),
    (Defect::DistrictNotGiven, 5),
    (Defect::SchoolUnknown, 12),
    (Defect::SasidTooShort, 20),
    (Defect::GradeInWords, 12),
    (Defect::ProgramMissing, 12),
    (Defect::DateUnreadable, 16),
    (Defect::LunchLetter, 10),
    (Defect::ProgramUnlisted, 40),
    (Defect::ProgramOutdated, 60),
    (Defect::GradeEight, 25),
    (Defect::LunchMissing, 60),
];

/// The defects that the batch's lists refer to, as positions of rows.
#[derive(Debug, Default)]
pub(super) struct Defects {
    /// Rows whose completion is in the ledger.
    pub(super) paid_before: Vec<usize>,
    /// Pairs of rows, of two participants each.
    pub(super) reported_twice: Vec<(usize, usize)>,
    pub(super) other_districts_rows: Vec<usize>,
}

impl Defects {
    /// Puts the defects in, at most one per row, so that the outcome identifies the kind.
    pub(super) fn strike(
        completions: &mut Completions,
        statewide: &Statewide,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut order: Vec<usize> = (0..completions.rows.len()).collect();
        order.shuffle(rng);
        let mut striker = Striker {
            taken: vec![false; completions.rows.len()],
            defects: Self::default(),
            completions,
            statewide,
        };
        for (defect, rate) in RATES {
            let mut left = (order.len() * rate + 5_000) / 10_000;
            for &index in &order {
                if left == 0 {
                    break;
                }
                if !striker.taken[index] && striker.try_strike(defect, index, rng) {
                    striker.taken[index] = true;
                    striker.completions.rows[index].defect = Some(defect);
                    left -= 1;
                }
            }
        }
        let mut defects = striker.defects;
        defects.paid_before.sort_unstable();
        defects
    }

    /// Turns some rows into completions of an earlier year's ledger: pupils who have moved, or were reported twice.
    pub(super) fn report_again(
        &self,
        completions: &mut Completions,
        ledger: &[u8],
    ) -> Result<(), SampleError> {
        let mut paid = Vec::new();
        for record in csv::Reader::from_reader(ledger).records() {
            let record = record?;
            let sasid = record.get(0).and_then(|sasid| sasid.parse().ok());
            let program = PROGRAMS
                .iter()
                .find(|program| Some(program.code) == record.get(1));
            let credential =
                program.filter(|program| program.category == Category::IndustryCredential);
            paid.extend(sasid.zip(credential));
        }
        let one_in = (paid.len() / self.paid_before.len().max(1)).max(1);
        let again = paid.into_iter().step_by(one_in);
        for (&index, (sasid, program)) in self.paid_before.iter().zip(again) {
            let row = &mut completions.rows[index];
            (row.sasid, row.program) = (sasid, program);
            (row.ap_score, row.graduation_credit) = (None, Some(true));
        }
        Ok(())
    }
}

struct Striker<'a> {
    completions: &'a mut Completions,
    statewide: &'a Statewide,
    /// Rows with a defect, and rows that must stay clean for a different row's defect.
    taken: Vec<bool>,
    defects: Defects,
}

impl Striker<'_> {
    /// Puts the defect into the row, unless it does not fit there.
    fn try_strike(&mut self, defect: Defect, index: usize, rng: &mut ChaCha8Rng) -> bool {
        match defect {
            Defect::OtherDistrictsRow => return self.move_to_other_district(index, rng),
            Defect::ReportedTwice => return self.report_twice(index, rng),
            Defect::Repeated => return self.repeat_row_above(index),
            Defect::LunchContradicted if !self.has_sibling_above(index) => return false,
            _ => {}
        }
        let row = &mut self.completions.rows[index];
        match defect {
            Defect::ScoreUnreadable | Defect::ScoreMissing
                if row.program.category != Category::ApCourse =>
            {
                return false;
            }
            Defect::CreditUnreadable | Defect::CreditMissing
                if row.program.category != Category::IndustryCredential =>
            {
                return false;
            }
            Defect::PriorYear
                if row.grade != 12 || row.program.category != Category::IndustryCredential =>
            {
                return false;
            }
            Defect::LunchMissing if row.frl => return false,
            Defect::ScoreMissing => row.ap_score = None,
            Defect::CreditMissing => row.graduation_credit = rng.random_bool(0.6).then_some(false),
            Defect::PriorYear => {
                row.date = day(-rng.random_range(20..300));
                if rng.random_bool(0.5) {
                    self.defects.paid_before.push(index);
                }
            }
            Defect::NextSummer => row.date = day(rng.random_range(370..415)),
            Defect::PaidBefore => self.defects.paid_before.push(index),
            Defect::GradeEight => row.grade = 8,
            Defect::ProgramOutdated => {
                let outdated = PROGRAMS.iter().filter(|program| !program.is_current());
                // Dropped programs often stay in the entities' own lists; new ones are rare.
                row.program = weighted(
                    rng,
                    outdated.map(|program| {
                        (
                            if matches!(program.listed, Listed::Until(_)) {
                                5
                            } else {
                                1
                            },
                            program,
                        )
                    }),
                );
                row.ap_score = None;
            }
            Defect::LunchContradicted => row.frl = !row.frl,
            // The other kinds exist only in how the cells are written.
            _ => {}
        }
        true
    }

    /// The rows of the reporter whose row this is.
    fn reporter_rows(&self, index: usize) -> Range<usize> {
        let after = self
            .completions
            .of_reporter
            .partition_point(|rows| rows.end <= index);
        self.completions.of_reporter[after].clone()
    }

    fn is_clean_and_sound(&self, index: usize) -> bool {
        !self.taken[index] && self.completions.rows[index].is_sound(self.statewide)
    }

    /// Whether the row above is clean and of the same pupil; it then stays clean.
    fn has_sibling_above(&mut self, index: usize) -> bool {
        let has = index > 0 && !self.taken[index - 1] && {
            let rows = &self.completions.rows;
            rows[index - 1].sasid == rows[index].sasid
        };
        if has {
            self.taken[index - 1] = true;
        }
        has
    }

    /// Makes the row a copy of the one above in the same file.
    fn repeat_row_above(&mut self, index: usize) -> bool {
        if index == self.reporter_rows(index).start || !self.is_clean_and_sound(index - 1) {
            return false;
        }
        self.taken[index - 1] = true;
        self.completions.rows[index] = self.completions.rows[index - 1].clone();
        true
    }

    /// Gives the row the codes of a different participating district.
    fn move_to_other_district(&mut self, index: usize, rng: &mut ChaCha8Rng) -> bool {
        let donor = rng.random_range(0..self.completions.rows.len());
        let donor = &self.completions.rows[donor];
        let (district, school) = (donor.district, donor.school);
        let row = &self.completions.rows[index];
        let moved = Completion {
            district,
            school,
            ..row.clone()
        };
        if district == row.district
            || !self.is_clean_and_sound(index)
            || !moved.is_sound(self.statewide)
        {
            return false;
        }
        self.completions.rows[index] = moved;
        self.defects.other_districts_rows.push(index);
        true
    }

    /// Makes the row report a pupil and program of a different entity again, a few days later.
    fn report_twice(&mut self, index: usize, rng: &mut ChaCha8Rng) -> bool {
        let other = rng.random_range(0..self.completions.rows.len());
        let rows = &self.completions.rows;
        if rows[other].district == rows[index].district
            || !self.is_clean_and_sound(other)
            || !self.is_clean_and_sound(index)
        {
            return false;
        }
        let twin = Completion {
            district: rows[index].district,
            school: rows[index].school,
            date: rows[other].date.min(day(350)) + Days::new(rng.random_range(0..10)),
            ..rows[other].clone()
        };
        self.completions.rows[index] = twin;
        self.taken[other] = true;
        self.defects.reported_twice.push((other, index));
        true
    }
}
