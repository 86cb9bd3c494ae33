//! The participants list: who takes part, and who is paid for whom.

use std::collections::{HashMap, HashSet};

use super::meant;
use super::table::{Faults, List, ListRow, answer_text, list_columns, to_csv};
use crate::ranks::ParticipantRank;
use crate::rules::terms::ParticipantKind;
use crate::stop::Stop;

/// The district code of the Charter School Institute. Every institute charter is under it; no district charter is.
pub const CHARTER_SCHOOL_INSTITUTE: &str = "8001";

list_columns!(Column {
    DistrictCode: required "district_code" "District Code";
    SchoolCode: required "school_code" "School Code";
    Name: required "name" "Name";
    Kind: required "kind" "Kind";
    Participating: required "participating" "Participating";
    RequiresCompletion: optional "requires_completion" "Requires Completion For Graduation";
    Vendor: optional "vendor" "Vendor";
    Address: optional "address" "Address";
    Enrollment: optional "enrollment" "Enrollment";
});

/// An entry of the participants list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Participant {
    /// `0010` or `0010-4500`.
    code: String,
    /// Four digits.
    pub district_code: String,
    /// Four digits for a charter school; empty otherwise.
    pub school_code: String,
    pub name: String,
    pub kind: ParticipantKind,
    /// Whether it takes part.
    pub participating: bool,
    /// Whether it requires every pupil to complete a qualified item before graduation (supplement).
    pub requires_completion: bool,
    /// Its number in the accounting system; may be empty.
    pub vendor: String,
    /// Where letters go; may be empty.
    pub address: String,
    /// Pupils enrolled, if the list says so; used by *Review* only.
    pub enrollment: Option<u32>,
}

impl Participant {
    /// `0010` or `0010-4500`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Who the state pays: the district, the institute (8001) or the BOCES; always the entry's district code.
    #[must_use]
    pub fn payee(&self) -> &str {
        &self.district_code
    }

    /// The first column in which two entries differ: by meaning, not by how it is written.
    fn difference(&self, other: &Participant) -> Column {
        [
            (
                self.district_code == other.district_code,
                Column::DistrictCode,
            ),
            (self.school_code == other.school_code, Column::SchoolCode),
            (self.name == other.name, Column::Name),
            (self.kind == other.kind, Column::Kind),
            (
                self.participating == other.participating,
                Column::Participating,
            ),
            (
                self.requires_completion == other.requires_completion,
                Column::RequiresCompletion,
            ),
            (self.vendor == other.vendor, Column::Vendor),
            (self.address == other.address, Column::Address),
            (self.enrollment == other.enrollment, Column::Enrollment),
        ]
        .into_iter()
        .find(|(same, _)| !same)
        .map_or(Column::DistrictCode, |(_, column)| column)
    }
}

/// `0010` or `0010-4500`.
#[must_use]
pub fn participant_code(district: &str, school: &str) -> String {
    if school.is_empty() {
        district.to_string()
    } else {
        format!("{district}-{school}")
    }
}

/// The participants list, in ascending order of (district code, school code or empty): a position is the participant's rank.
#[derive(Clone, Debug, Default)]
pub struct Participants {
    entries: Vec<Participant>,
    district_codes: HashSet<String>,
}

impl Participants {
    /// The entries by rank.
    #[must_use]
    pub fn all(&self) -> &[Participant] {
        &self.entries
    }

    /// The list as text under its own headings, without columns that checks do not need: vendors, addresses, enrollment.
    #[must_use]
    pub fn to_csv(&self) -> String {
        to_csv::<Column>(self.entries.iter().map(|entry| {
            vec![
                entry.district_code.clone(),
                entry.school_code.clone(),
                entry.name.clone(),
                entry.kind.as_str().to_string(),
                answer_text(entry.participating),
                answer_text(entry.requires_completion),
                String::new(),
                String::new(),
                String::new(),
            ]
        }))
    }

    /// The entry with exactly these codes.
    #[must_use]
    pub fn exactly(&self, district: &str, school: &str) -> Option<ParticipantRank> {
        self.entries
            .binary_search_by(|entry| {
                (&*entry.district_code, &*entry.school_code).cmp(&(district, school))
            })
            .ok()
            .map(ParticipantRank::new)
    }

    /// The entry with a payee's Vendor and Address: its own, or for the institute, which has no entry, one of its charters'.
    #[must_use]
    pub fn of_payee(&self, payee: &str) -> Option<&Participant> {
        let own = self.exactly(payee, "").map(|rank| &self.all()[rank]);
        own.or_else(|| {
            let mut of_institute = self
                .entries
                .iter()
                .filter(|entry| payee == CHARTER_SCHOOL_INSTITUTE && entry.district_code == payee);
            of_institute.next()
        })
    }

    /// The entry that a completion belongs to: the charter with both codes, or else the district (N304).
    #[must_use]
    pub fn owner(&self, district: &str, school: &str) -> Option<ParticipantRank> {
        self.exactly(district, school)
            .or_else(|| self.exactly(district, ""))
    }

    /// Whether any entry has this district code.
    #[must_use]
    pub fn has_district(&self, district: &str) -> bool {
        self.district_codes.contains(district)
    }
}

/// Reads the participants list.
///
/// # Errors
/// A [`Stop`] with every fault of the list and its cells.
pub fn read_participants(file: &str, bytes: &[u8]) -> Result<Participants, Stop> {
    let list: List<'_, Column> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let mut seen: HashMap<String, (usize, Participant)> = HashMap::new();
    for (position, row) in list.rows().iter().enumerate() {
        let Some(participant) = participant(&list, row, &mut faults) else {
            continue;
        };
        match seen.get(participant.code()) {
            Some((first, other)) if *other != participant => {
                let message = format!(
                    "participant {} is listed twice with different content",
                    participant.code()
                );
                list.contradiction(
                    &mut faults,
                    (&list.rows()[*first], row),
                    other.difference(&participant),
                    message,
                    "leave one of the two rows",
                );
            }
            Some(_) => {}
            None => {
                seen.insert(participant.code().to_string(), (position, participant));
            }
        }
    }
    let mut entries: Vec<Participant> = seen
        .into_values()
        .map(|(_, participant)| participant)
        .collect();
    entries.sort();
    let district_codes = entries
        .iter()
        .map(|participant| participant.district_code.clone())
        .collect();
    faults.or(Participants {
        entries,
        district_codes,
    })
}

/// The participant of a row. Checks every cell, so that all faults are reported at once.
fn participant(
    list: &List<'_, Column>,
    row: &ListRow<Column>,
    faults: &mut Faults,
) -> Option<Participant> {
    let kind = kind(list, row, faults);
    let district = list.code(faults, row, Column::DistrictCode);
    let school = match row.text(Column::SchoolCode) {
        "" => Some(String::new()),
        _ => list.code(faults, row, Column::SchoolCode),
    };
    let participating = list.yes(faults, row, Column::Participating);
    let requires_completion = list.yes(faults, row, Column::RequiresCompletion);
    let enrollment = enrollment(list, row, faults);
    let (kind, district_code, school_code) = (kind?, district?, school?);
    let codes_fit = codes_fit(list, row, (kind, &district_code, &school_code), faults);
    codes_fit.then_some(Participant {
        code: participant_code(&district_code, &school_code),
        name: row.text(Column::Name).to_string(),
        kind,
        participating: participating?,
        requires_completion: requires_completion?,
        vendor: row.text(Column::Vendor).to_string(),
        address: row.text(Column::Address).to_string(),
        enrollment,
        district_code,
        school_code,
    })
}

/// Pupils enrolled; none if the cell is empty or faulty.
fn enrollment(list: &List<'_, Column>, row: &ListRow<Column>, faults: &mut Faults) -> Option<u32> {
    let text = row.text(Column::Enrollment);
    if text.is_empty() {
        return None;
    }
    // Thousands may be separated.
    let number: Option<u32> = text.replace(',', "").parse().ok();
    if number.is_none() {
        list.fault(
            faults,
            (row, Column::Enrollment),
            format!("Enrollment \"{text}\" is not a number of pupils"),
            "enter a whole number, or leave it empty",
        );
    }
    number
}

fn kind(
    list: &List<'_, Column>,
    row: &ListRow<Column>,
    faults: &mut Faults,
) -> Option<ParticipantKind> {
    let text = row.text(Column::Kind);
    let kind = ParticipantKind::parse(text);
    if kind.is_none() {
        list.fault(
            faults,
            (row, Column::Kind),
            format!("unknown kind \"{text}\""),
            meant::kind(text),
        );
    }
    kind
}

/// Whether the codes fit an entry of this kind.
fn codes_fit(
    list: &List<'_, Column>,
    row: &ListRow<Column>,
    (kind, district_code, school_code): (ParticipantKind, &str, &str),
    faults: &mut Faults,
) -> bool {
    let is_charter = matches!(
        kind,
        ParticipantKind::DistrictCharter | ParticipantKind::InstituteCharter
    );
    let mut wrong = |column, message: String, fix: &str| {
        list.fault(faults, (row, column), message, fix);
        false
    };
    if is_charter && school_code.is_empty() {
        return wrong(
            Column::SchoolCode,
            "a charter school has no School Code".to_string(),
            "enter the school's 4-digit code",
        );
    }
    if !is_charter && !school_code.is_empty() {
        return wrong(
            Column::SchoolCode,
            format!("a {} has a School Code", kind.label().to_lowercase()),
            "leave School Code empty, or correct the Kind to district_charter or institute_charter",
        );
    }
    let is_institute = district_code == CHARTER_SCHOOL_INSTITUTE;
    if kind == ParticipantKind::InstituteCharter && !is_institute {
        return wrong(
            Column::DistrictCode,
            format!("an institute charter is listed under district {district_code}"),
            "list institute charters under 8001; a charter of the district is a district_charter",
        );
    }
    if kind == ParticipantKind::DistrictCharter && is_institute {
        return wrong(
            Column::Kind,
            format!(
                "a district charter is listed under {CHARTER_SCHOOL_INSTITUTE}, the Charter School Institute"
            ),
            "correct the Kind to institute_charter, or the District Code to the charter's district",
        );
    }
    true
}
