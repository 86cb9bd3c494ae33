//! The invented state: who takes part, who reports, and how much.

use rand::{RngExt as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    names,
    options::{ENTITIES_MAX, SYNTHETIC},
};
use crate::rules::terms::{INSTITUTE_NAME, ParticipantKind};
use crate::year::Year;

/// The Charter School Institute, which receives the money of its schools. The only real code, because the law names it.
const INSTITUTE_CODE: u16 = 8001;
const BOCES_CODES: [u16; 4] = [9021, 9042, 9063, 9084];
/// The school code of BOCES, which have no schools.
const NO_SCHOOL: u16 = 0;

/// Reporters are ranked by size, and the rank decides about kind and oddities. So each of them occurs with every seed if the batch
/// is large enough to have the rank.
const INSTITUTE_RANK: usize = 7;
const BOCES_RANKS: [usize; 4] = [18, 33, 48, 63];
/// Ranks of the districts with charter schools; a rank listed twice has two.
const CHARTER_HOST_RANKS: [usize; 12] = [0, 0, 1, 1, 2, 3, 5, 6, 9, 11, 14, 20];
/// Does not take part itself, but reports for its charter school, which does.
const ONLY_CHARTER_TAKES_PART_RANK: usize = 11;
/// The reverse: the district takes part, its charter school does not.
const ONLY_DISTRICT_TAKES_PART_RANK: usize = 3;
/// Reports although it does not take part.
const REPORTS_IN_VAIN_RANK: usize = 29;
const INSTITUTE_CHARTERS: usize = 6;

/// Percent of the rows of the two largest. Both exceed a tenth of all certificates, so a 10% cap binds for them and for no one
/// else.
const LARGEST_SHARES: [u64; 2] = [17, 14];

/// A district's code: four digits, the first fifty with a leading zero, and no real Colorado code.
fn district_code(district: u16) -> u16 {
    17 + 20 * district
}

/// One entry of the participants list.
#[derive(Debug)]
pub(super) struct Participant {
    pub(super) district_code: u16,
    pub(super) school_code: Option<u16>,
    pub(super) name: String,
    pub(super) kind: ParticipantKind,
    pub(super) participating: bool,
    pub(super) requires_completion: bool,
}

impl Participant {
    /// The payee's vendor number.
    pub(super) fn vendor(&self) -> String {
        format!("V-1{:04}", self.district_code)
    }

    /// The payee's address, lines separated by semicolons.
    pub(super) fn address(&self) -> String {
        let code = self.district_code;
        format!("{} School Road; {SYNTHETIC} CO 8{code:04}", 1 + code % 300)
    }
}

/// A school of a reporter.
#[derive(Debug)]
pub(super) struct School {
    pub(super) code: u16,
    pub(super) name: String,
    pub(super) is_charter: bool,
    /// Share of the pupils, relative to the reporter's other schools.
    pub(super) weight: u32,
}

/// An entity that sends a submission.
#[derive(Debug)]
pub(super) struct Reporter {
    pub(super) code: u16,
    pub(super) name: String,
    pub(super) rank: usize,
    /// Percent of pupils eligible for free or reduced-price lunch.
    pub(super) frl_percent: u32,
    pub(super) rows: u32,
    /// The schools it reports for.
    pub(super) schools: Vec<School>,
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
        let mut districts: Vec<u16> = (0..ENTITIES_MAX)
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
                ParticipantKind::District,
                district % 40 == 0,
            ));
        }
        for (number, code) in BOCES_CODES.into_iter().enumerate() {
            let participating = BOCES_RANKS[number] < reporters.len();
            participants.push(whole(
                code,
                names::boces(number),
                ParticipantKind::Boces,
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

    /// The entry of a row: its charter school's if listed, otherwise its district's.
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

/// Unused school codes. Charter schools have their own range.
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
fn whole(
    district_code: u16,
    name: String,
    kind: ParticipantKind,
    participating: bool,
) -> Participant {
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

/// Lists the institute's charter schools and returns them; the last one does not take part. The institute is not a participant.
fn institute(participants: &mut Vec<Participant>, codes: &mut SchoolCodes) -> Vec<School> {
    (0..INSTITUTE_CHARTERS)
        .map(|number| {
            let school = School {
                code: codes.charter(),
                // Stems from the middle of the list, far from the first districts'.
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
                kind: ParticipantKind::InstituteCharter,
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
    participants.push(whole(
        code,
        name.clone(),
        ParticipantKind::District,
        participating,
    ));

    let campuses = match rank {
        0 => 12,
        1 => 9,
        2..=4 => 5,
        5..=15 => 2,
        _ => 1,
    };
    let stem = names::stem(district.into());
    // If only the charter school takes part, few rows are of other schools.
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
            kind: ParticipantKind::DistrictCharter,
            participating: rank != ONLY_DISTRICT_TAKES_PART_RANK,
            requires_completion: false,
        });
        schools.push(school);
    }
    (code, name, schools)
}

/// The lunch shares of capped reporters are fixed, because they affect the total most, and so are the two extremes.
fn frl_percent(rank: usize, rng: &mut ChaCha8Rng) -> u32 {
    match rank {
        0 => 64,
        1 => 31,
        4 => 5,
        8 => 95,
        _ => rng.random_range(8..=88),
    }
}

/// Rows by rank: one each, the others by weights with a heavy tail. Integers only, because floating-point powers differ between
/// platforms.
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
