//! The invented state: who takes part, who reports, and how much.

use rand::{RngExt as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{SYNTHETIC, names};
use crate::year::Year;

/// As many as Colorado has.
pub(super) const DISTRICTS: u32 = 178;
/// Pays the institute charters; the only code that is not invented, since the law of the program names its holder.
const INSTITUTE_CODE: u16 = 8001;
const BOCES_CODES: [u16; 4] = [9021, 9042, 9063, 9084];
/// BOCES report under a pseudo-code, for they have no schools.
const NO_SCHOOL: u16 = 0;

/// Reporters are ranked by size, and a rank decides what stands there: every kind and every oddity is then present whatever the
/// seed, as soon as the batch is large enough to have the rank.
const INSTITUTE_RANK: usize = 7;
const BOCES_RANKS: [usize; 4] = [18, 33, 48, 63];
/// Ranks of the districts with charter schools; two ranks standing twice have two.
const CHARTER_HOST_RANKS: [usize; 12] = [0, 0, 1, 1, 2, 3, 5, 6, 9, 11, 14, 20];
/// Takes no part itself but reports for its charter school, which does.
const ONLY_CHARTER_TAKES_PART_RANK: usize = 11;
/// The reverse: the district takes part, its charter school does not.
const ONLY_DISTRICT_TAKES_PART_RANK: usize = 3;
/// Reports although it takes no part.
const REPORTS_IN_VAIN_RANK: usize = 29;
const INSTITUTE_CHARTERS: usize = 6;

/// Shares of the rows in percent of the two largest. In certificates that are units, both exceed a tenth of all certificates,
/// so a 10% cap binds for them and for nobody else.
const LARGEST_SHARES: [u64; 2] = [17, 14];

/// A district's code: four digits, a zero in front for the first fifty, and none of Colorado's.
fn district_code(district: u16) -> u16 {
    17 + 20 * district
}

/// What the Kind column of the participants list distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    District,
    DistrictCharter,
    InstituteCharter,
    Boces,
}

impl Kind {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::DistrictCharter => "district_charter",
            Self::InstituteCharter => "institute_charter",
            Self::Boces => "boces",
        }
    }
}

/// One entry of the participants list.
#[derive(Debug)]
pub(super) struct Participant {
    pub(super) district_code: u16,
    pub(super) school_code: Option<u16>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) participating: bool,
    pub(super) requires_completion: bool,
}

impl Participant {
    /// Its payee's number in the office's accounting system.
    pub(super) fn vendor(&self) -> String {
        format!("V-1{:04}", self.district_code)
    }

    /// Its payee's, in lines divided by a semicolon.
    pub(super) fn address(&self) -> String {
        let code = self.district_code;
        format!("{} School Road; {SYNTHETIC} CO 8{code:04}", 1 + code % 300)
    }
}

/// Where a reporter's pupils learn.
#[derive(Debug)]
pub(super) struct School {
    pub(super) code: u16,
    pub(super) name: String,
    pub(super) is_charter: bool,
    /// Share of the pupils against the reporter's other schools.
    pub(super) weight: u32,
}

/// An entity that sends a submission.
#[derive(Debug)]
pub(super) struct Reporter {
    pub(super) code: u16,
    pub(super) name: String,
    pub(super) rank: usize,
    /// Of 100 pupils, so many are eligible for free or reduced-price lunch.
    pub(super) frl_percent: u32,
    pub(super) rows: u32,
    pub(super) schools: Vec<School>,
    /// Whose completions it reports.
    pub(super) school_year: Year,
}

/// The invented state.
#[derive(Debug)]
pub(super) struct Statewide {
    /// By district and school code.
    pub(super) participants: Vec<Participant>,
    /// By rank: the largest first.
    pub(super) reporters: Vec<Reporter>,
}

const INSTITUTE_NAME: &str = "Charter School Institute";

/// The code, the name and the one school of a BOCES.
fn reporting_boces(number: usize) -> (u16, String, Vec<School>) {
    let name = names::boces(number);
    let school = School {
        code: NO_SCHOOL,
        name: name.clone(),
        is_charter: false,
        weight: 1,
    };
    (BOCES_CODES[number], name, vec![school])
}

impl Statewide {
    pub(super) fn invent(
        entities: u32,
        rows: u32,
        school_year: Year,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut districts: Vec<u16> = (0..DISTRICTS)
            .map_while(|district| u16::try_from(district).ok())
            .collect();
        districts.shuffle(rng);
        let mut districts = districts.into_iter();
        let mut codes = SchoolCodes {
            next_school: 107,
            next_charter: 4512,
        };
        let mut participants = Vec::new();
        let mut reporters = Vec::new();

        for (rank, rows) in apportion(entities, rows, rng).into_iter().enumerate() {
            let (code, name, schools) = if rank == INSTITUTE_RANK {
                let schools = institute(&mut participants, &mut codes);
                (INSTITUTE_CODE, INSTITUTE_NAME.to_owned(), schools)
            } else if let Some(number) = BOCES_RANKS.iter().position(|&boces| boces == rank) {
                reporting_boces(number)
            } else {
                let district = districts
                    .next()
                    .expect("no more reporters than districts, as the options were checked");
                reporting_district(rank, district, &mut participants, &mut codes)
            };
            reporters.push(Reporter {
                code,
                name,
                rank,
                frl_percent: frl_percent(rank, rng),
                rows,
                schools,
                school_year,
            });
        }
        if reporters.len() <= INSTITUTE_RANK {
            institute(&mut participants, &mut codes);
        }
        for district in districts {
            // A few take part and had nothing to report.
            participants.push(whole(
                district_code(district),
                names::district(district.into()),
                Kind::District,
                district % 40 == 0,
            ));
        }
        for (number, code) in BOCES_CODES.into_iter().enumerate() {
            let participating = BOCES_RANKS[number] < reporters.len();
            participants.push(whole(
                code,
                names::boces(number),
                Kind::Boces,
                participating,
            ));
        }
        participants
            .sort_by_key(|participant| (participant.district_code, participant.school_code));
        Self {
            participants,
            reporters,
        }
    }

    /// The entry a row belongs to: its charter school's if that is listed, else its district's.
    pub(super) fn participant_of(&self, district: u16, school: u16) -> Option<&Participant> {
        [Some(school), None].into_iter().find_map(|school| {
            self.participants
                .binary_search_by_key(&(district, school), |entry| {
                    (entry.district_code, entry.school_code)
                })
                .ok()
                .map(|index| &self.participants[index])
        })
    }
}

/// School codes not yet given away. Charter schools have their own range.
struct SchoolCodes {
    next_school: u16,
    next_charter: u16,
}

impl SchoolCodes {
    fn school(&mut self) -> u16 {
        self.next_school += 13;
        self.next_school
    }

    fn charter(&mut self) -> u16 {
        self.next_charter += 7;
        self.next_charter
    }
}

/// An entry without a school code.
fn whole(district_code: u16, name: String, kind: Kind, participating: bool) -> Participant {
    let requires_completion = participating && district_code.is_multiple_of(9);
    Participant {
        district_code,
        school_code: None,
        name,
        kind,
        participating,
        requires_completion,
    }
}

/// Lists the institute's charter schools and returns them; the last one takes no part. The institute itself is not a participant.
fn institute(participants: &mut Vec<Participant>, codes: &mut SchoolCodes) -> Vec<School> {
    (0..INSTITUTE_CHARTERS)
        .map(|number| {
            let school = School {
                code: codes.charter(),
                // Stems from the middle of the list, away from those of the first districts.
                name: names::charter(40 + number, number + 3),
                is_charter: true,
                weight: if number + 1 == INSTITUTE_CHARTERS {
                    1
                } else {
                    8
                },
            };
            participants.push(Participant {
                district_code: INSTITUTE_CODE,
                school_code: Some(school.code),
                name: school.name.clone(),
                kind: Kind::InstituteCharter,
                participating: number + 1 < INSTITUTE_CHARTERS,
                requires_completion: false,
            });
            school
        })
        .collect()
}

/// Lists a district and its charter schools, and returns its code, name and schools.
fn reporting_district(
    rank: usize,
    district: u16,
    participants: &mut Vec<Participant>,
    codes: &mut SchoolCodes,
) -> (u16, String, Vec<School>) {
    let code = district_code(district);
    let name = names::district(district.into());
    let participating = rank != ONLY_CHARTER_TAKES_PART_RANK && rank != REPORTS_IN_VAIN_RANK;
    participants.push(whole(code, name.clone(), Kind::District, participating));

    let campuses = match rank {
        0 => 12,
        1 => 9,
        2..=4 => 5,
        5..=15 => 2,
        _ => 1,
    };
    let stem = names::stem(district.into());
    // Where only the charter school takes part, few report for the others.
    let weight = if rank == ONLY_CHARTER_TAKES_PART_RANK {
        1
    } else {
        10
    };
    let mut schools: Vec<School> = (0..campuses)
        .map(|campus| School {
            code: codes.school(),
            name: match campus {
                0 => format!("{stem} High School"),
                number => format!("{stem} High School {}", number + 1),
            },
            is_charter: false,
            weight,
        })
        .collect();
    for (number, _) in CHARTER_HOST_RANKS
        .iter()
        .enumerate()
        .filter(|&(_, &host)| host == rank)
    {
        let school = School {
            code: codes.charter(),
            name: names::charter(district.into(), number),
            is_charter: true,
            weight: 5,
        };
        participants.push(Participant {
            district_code: code,
            school_code: Some(school.code),
            name: school.name.clone(),
            kind: Kind::DistrictCharter,
            participating: rank != ONLY_DISTRICT_TAKES_PART_RANK,
            requires_completion: false,
        });
        schools.push(school);
    }
    (code, name, schools)
}

/// The lunch shares of the capped ones are fixed, because they move the total most; so are the two extremes.
fn frl_percent(rank: usize, rng: &mut ChaCha8Rng) -> u32 {
    match rank {
        0 => 64,
        1 => 31,
        4 => 5,
        8 => 95,
        _ => rng.random_range(8..=88),
    }
}

/// Rows by rank: one each, and the rest by weights with a heavy tail. Integers only, since powers of floating point numbers differ
/// between platforms.
fn apportion(entities: u32, rows: u32, rng: &mut ChaCha8Rng) -> Vec<u32> {
    const SCALE: u64 = 1_000_000_000;
    let mut weights: Vec<u64> = (0..u64::from(entities))
        .map(|rank| {
            let flattened = rank + 6;
            // About flattened to the power of -3/2, give or take 30%.
            let regular = SCALE * 1_000 / (flattened * (flattened * 1_000_000).isqrt());
            regular * rng.random_range(70..=130) / 100
        })
        .collect();
    if let [largest, second, others @ ..] = weights.as_mut_slice()
        && !others.is_empty()
    {
        let rest: u64 = others.iter().sum();
        let rest_share = 100 - LARGEST_SHARES.iter().sum::<u64>();
        *largest = rest * LARGEST_SHARES[0] / rest_share;
        *second = rest * LARGEST_SHARES[1] / rest_share;
    }
    let total: u64 = weights.iter().sum();
    let to_share = u64::from(rows - entities);
    // Rounding the running total, not each share, makes the parts add up.
    let (mut weight_before, mut shared_before) = (0, 0);
    weights
        .into_iter()
        .map(|weight| {
            weight_before += weight;
            let shared = to_share * weight_before / total;
            let part = shared - shared_before;
            shared_before = shared;
            1 + u32::try_from(part).expect("a part of the rows, which are a u32")
        })
        .collect()
}
