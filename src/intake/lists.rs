//! The lists of a batch: qualified programs, participants, prior payments and resolutions. An unsound list stops the run, naming
//! the cells; a submission never does (calculation.md, section 2, "Lists").

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::cells::{CellSource, Refusal, SheetInfo};
use super::formats::visit_sheets;
use super::guard::guarded;
use super::table::{
    Allowance, Header, Heading, Headings, LooksLike, RowSink, SheetOutcome, Value, read_sheet,
};
use crate::config::did_you_mean;
use crate::finding::{describe, place};
use crate::ids::Sasid;
use crate::ranks::{ParticipantRank, ProgramRank};
use crate::rules::terms::{Category, ParticipantKind};
use crate::stop::Stop;
use crate::values::{Answer, answer, padded_code, upper_case};
use crate::year::Year;

/// The district code under which every institute charter school stands.
pub const CHARTER_SCHOOL_INSTITUTE: &str = "8001";

const PROGRAMS: &[Heading] = &[
    Heading::required("program_code", "Program Code"),
    Heading::required("program_name", "Program Name"),
    Heading::required("category", "Category"),
    Heading::optional("sector", "Sector"),
    Heading::optional("top_10", "Top 10"),
    Heading::optional("first_school_year", "First School Year"),
    Heading::optional("last_school_year", "Last School Year"),
];

const PARTICIPANTS: &[Heading] = &[
    Heading::required("district_code", "District Code"),
    Heading::required("school_code", "School Code"),
    Heading::required("name", "Name"),
    Heading::required("kind", "Kind"),
    Heading::required("participating", "Participating"),
    Heading::optional("requires_completion", "Requires Completion For Graduation"),
];

const PRIOR_PAYMENTS: &[Heading] = &[
    Heading::required("sasid", "SASID"),
    Heading::required("program_code", "Program Code"),
    Heading::required("budget_year", "Budget Year"),
];

/// The headings of `resolutions.csv` (files.md).
pub const RESOLUTIONS: &[Heading] = &[
    Heading::required("district_code", "District Code"),
    Heading::required("school_code", "School Code"),
    Heading::required("sasid", "SASID"),
    Heading::required("program_code", "Program Code"),
    Heading::required("source_file", "Source File"),
    Heading::required("source_sheet", "Source Sheet"),
    Heading::required("source_row", "Source Row"),
    Heading::required("decision", "Decision"),
    Heading::optional("reason", "Reason"),
    Heading::optional("approved_by", "Approved By"),
    Heading::optional("date", "Date"),
];

/// A program of the qualified list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Upper case.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Decides the tier.
    pub category: Category,
    /// The sector of the economy.
    pub sector: String,
    /// Whether it is among the ten credentials of highest need; pays nothing more.
    pub top_10: bool,
    /// The first school year on the list; none means from the beginning.
    pub first: Option<Year>,
    /// The last; none means until further notice.
    pub last: Option<Year>,
}

impl Program {
    /// Whether it is on the list for a school year.
    #[must_use]
    pub fn qualifies_in(&self, year: Year) -> bool {
        self.first.is_none_or(|first| first <= year) && self.last.is_none_or(|last| year <= last)
    }

    /// The first column of the list in which two entries differ: by meaning, not by how it is written.
    fn difference(&self, other: &Program) -> usize {
        let same = [
            self.code == other.code,
            self.name == other.name,
            self.category == other.category,
            self.sector == other.sector,
            self.top_10 == other.top_10,
            self.first == other.first,
            self.last == other.last,
        ];
        same.iter().position(|same| !same).unwrap_or(0)
    }
}

/// The qualified list, in ascending order of code: a position is the code's rank.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    programs: Vec<Program>,
    by_code: HashMap<String, ProgramRank>,
}

impl Programs {
    /// The programs by rank.
    #[must_use]
    pub fn all(&self) -> &[Program] {
        &self.programs
    }

    /// The rank of a code in upper case.
    #[must_use]
    pub fn rank(&self, code: &str) -> Option<ProgramRank> {
        self.by_code.get(code).copied()
    }
}

/// An entry of the participants list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Participant {
    /// `0010` or `0010-4500`.
    code: String,
    /// Four digits.
    pub district_code: String,
    /// Four digits for a charter school; empty otherwise.
    pub school_code: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: ParticipantKind,
    /// Whether it takes part.
    pub participating: bool,
    /// Whether it requires every student to complete a qualified item before graduation (supplement).
    pub requires_completion: bool,
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

    /// The first column of the list in which two entries differ: by meaning, not by how it is written.
    fn difference(&self, other: &Participant) -> usize {
        let same = [
            self.district_code == other.district_code,
            self.school_code == other.school_code,
            self.name == other.name,
            self.kind == other.kind,
            self.participating == other.participating,
            self.requires_completion == other.requires_completion,
        ];
        same.iter().position(|same| !same).unwrap_or(0)
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

    /// The entry that a completion belongs to: the charter listed with both codes, or else the entry of the district (N304).
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

/// A completion paid before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriorPayment {
    /// The pupil.
    pub sasid: Sasid,
    /// Upper case.
    pub program: String,
    /// As written.
    pub budget_year: String,
}

/// The ledger of prior payments.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    entries: Vec<PriorPayment>,
    by_pupil: HashMap<Sasid, Vec<usize>>,
}

impl Ledger {
    /// The entries as they stand in the file.
    #[must_use]
    pub fn entries(&self) -> &[PriorPayment] {
        &self.entries
    }

    /// Whether the pupil's program was paid in whatever year.
    #[must_use]
    pub fn holds(&self, sasid: Sasid, program: &str) -> bool {
        self.by_pupil.get(&sasid).is_some_and(|entries| {
            entries
                .iter()
                .any(|entry| self.entries[*entry].program == program)
        })
    }
}

/// What a resolution decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Take a held row back in; or attest the warnings of a row or file, which count as they stand.
    Pay,
    /// Deny a held or rejected row, or close a refused file.
    Deny,
    /// Nothing was written: the line waits to be filled in.
    Undecided,
}

impl Ruling {
    /// As written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Ruling::Pay => "pay",
            Ruling::Deny => "deny",
            Ruling::Undecided => "",
        }
    }
}

/// What a resolution is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The held rows of a participant for a pupil and program.
    Pupil {
        /// `0010` or `0010-4500`.
        participant: String,
        /// The pupil.
        sasid: Sasid,
        /// Upper case.
        program: String,
    },
    /// A rejected row, or one with warnings.
    Row {
        /// Path relative to the batch folder.
        file: String,
        /// The sheet; empty in a text file.
        sheet: String,
        /// The physical row.
        row: u32,
    },
    /// A refused file, or all warnings of a file or of one of its sheets.
    File {
        /// Path relative to the batch folder.
        file: String,
        /// The sheet; empty for the whole file.
        sheet: String,
    },
}

/// A decision on the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The file it stands in.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// What it is about.
    pub target: Target,
    /// What it decides.
    pub decision: Ruling,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub approved_by: String,
    /// When, as written.
    pub date: String,
}

/// A row of a list.
struct ListRow {
    sheet: Option<Arc<str>>,
    row: u32,
    columns: Arc<[Option<u32>]>,
    values: Vec<String>,
}

/// A list as read.
struct List<'f> {
    file: &'f str,
    known: &'static [Heading],
    rows: Vec<ListRow>,
}

#[derive(Default)]
struct ListSink {
    sheet: Option<Arc<str>>,
    columns: Option<Arc<[Option<u32>]>>,
    rows: Vec<ListRow>,
}

impl RowSink for ListSink {
    fn header(&mut self, header: &Header) {
        self.columns = Some(header.columns.clone().into());
    }

    fn row(&mut self, row: u32, values: &[Value], _: LooksLike) {
        let columns = self.columns.clone().unwrap_or_default();
        let values = values
            .iter()
            .map(|value| value.text().to_string())
            .collect();
        self.rows.push(ListRow {
            sheet: self.sheet.clone(),
            row,
            columns,
            values,
        });
    }
}

impl<'f> List<'f> {
    fn read(file: &'f str, bytes: &[u8], known: &'static [Heading]) -> Result<List<'f>, Stop> {
        let headings = Headings::new(known);
        let mut sink = ListSink::default();
        let mut found = false;
        let mut nearest = None;
        let mut allowance = Allowance::LIST;
        let mut visit = |info: SheetInfo, source: &mut dyn CellSource| {
            sink.sheet = info.name.map(Into::into);
            sink.columns = None;
            match read_sheet(source, &headings, &mut sink, &mut allowance)? {
                SheetOutcome::Read { .. } => found = true,
                SheetOutcome::NoHeader {
                    nearest: Some(near),
                } => nearest = Some(near),
                _ => {}
            }
            Ok(())
        };
        guarded(|| visit_sheets(file, bytes, &headings, None, &mut visit)).map_err(
            |Refusal {
                 code, message, fix, ..
             }| {
                Stop::usage(
                    format!("[{code}] {message}"),
                    file,
                    fix.unwrap_or_else(|| code.entry().fix.to_string()),
                )
            },
        )?;
        if !found {
            let required: Vec<&str> = known
                .iter()
                .filter(|heading| heading.required)
                .map(|heading| heading.title)
                .collect();
            let fix = match nearest {
                Some(near) => format!(
                    "row {} comes nearest; add: {}",
                    near.row,
                    near.titles().join(", ")
                ),
                None => format!("the headings are: {}", required.join(", ")),
            };
            return Err(Stop::usage("no row holds the required headings", file, fix));
        }
        Ok(List {
            file,
            known,
            rows: sink.rows,
        })
    }

    fn place(&self, row: &ListRow, column: usize) -> String {
        place(
            self.file,
            row.sheet.as_deref(),
            Some(row.row),
            Some((self.known[column].title, row.columns[column])),
        )
    }

    fn stop(
        &self,
        row: &ListRow,
        column: usize,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Stop {
        Stop::usage(message, self.place(row, column), fix)
    }

    /// Two rows that contradict each other.
    fn contradiction(
        &self,
        message: String,
        first: &ListRow,
        second: &ListRow,
        column: usize,
        fix: &str,
    ) -> Stop {
        let mut stop = self.stop(first, column, message, fix);
        stop.places.push(self.place(second, column));
        stop
    }

    fn code(&self, row: &ListRow, column: usize) -> Result<String, Stop> {
        let text = &row.values[column];
        padded_code(text)
            .map(|(code, _)| code.into_owned())
            .ok_or_else(|| {
                // In the wrong column of resolutions.csv this can be a SASID.
                let message = format!(
                    "{} is {}, not 4 digits",
                    self.known[column].title,
                    describe(text)
                );
                self.stop(row, column, message, "write the 4-digit code as text")
            })
    }

    fn yes(&self, row: &ListRow, column: usize) -> Result<bool, Stop> {
        let text = &row.values[column];
        match answer(text) {
            Some(Answer::Yes) => Ok(true),
            Some(Answer::No | Answer::Empty) => Ok(false),
            None => Err(self.stop(
                row,
                column,
                format!("{} \"{text}\" is not yes or no", self.known[column].title),
                "write Y or N",
            )),
        }
    }

    fn sasid(&self, row: &ListRow, column: usize) -> Result<Sasid, Stop> {
        Sasid::parse(&row.values[column]).ok_or_else(|| {
            self.stop(
                row,
                column,
                "SASID is not exactly 10 digits",
                "copy the 10-digit SASID as text",
            )
        })
    }

    fn program_code(&self, row: &ListRow, column: usize) -> Result<String, Stop> {
        let code = upper_case(&row.values[column]).into_owned();
        if code.is_empty() {
            Err(self.stop(
                row,
                column,
                "Program Code is empty",
                "enter the program's code",
            ))
        } else {
            Ok(code)
        }
    }
}

/// Reads the qualified list.
pub fn read_programs(file: &str, bytes: &[u8]) -> Result<Programs, Stop> {
    let list = List::read(file, bytes, PROGRAMS)?;
    let mut seen: HashMap<String, (usize, Program)> = HashMap::new();
    for (position, row) in list.rows.iter().enumerate() {
        let code = list.program_code(row, 0)?;
        let known = || Category::ALL.iter().map(|category| category.as_str());
        let category = Category::parse(&row.values[2]).ok_or_else(|| {
            list.stop(
                row,
                2,
                format!("unknown category \"{}\"", row.values[2]),
                did_you_mean(&row.values[2], known()),
            )
        })?;
        let year = |column: usize| match row.values[column].as_str() {
            "" => Ok(None),
            text => Year::parse_loosely(text).map(Some).ok_or_else(|| {
                list.stop(
                    row,
                    column,
                    format!("\"{text}\" is not a school year"),
                    "write a year such as 2023-24, or leave it empty",
                )
            }),
        };
        let program = Program {
            code: code.clone(),
            name: row.values[1].clone(),
            category,
            sector: row.values[3].clone(),
            top_10: list.yes(row, 4)?,
            first: year(5)?,
            last: year(6)?,
        };
        match seen.get(&code) {
            Some((first, other)) if *other != program => {
                let first = &list.rows[*first];
                let column = other.difference(&program);
                let message = format!("program {code} stands twice with different content");
                return Err(list.contradiction(
                    message,
                    first,
                    row,
                    column,
                    "leave one of the two rows",
                ));
            }
            Some(_) => {}
            None => {
                seen.insert(code, (position, program));
            }
        }
    }
    let mut programs: Vec<Program> = seen.into_values().map(|(_, program)| program).collect();
    programs.sort_by(|a, b| a.code.cmp(&b.code));
    let by_code = programs
        .iter()
        .enumerate()
        .map(|(rank, program)| (program.code.clone(), ProgramRank::new(rank)))
        .collect();
    Ok(Programs { programs, by_code })
}

/// Reads the participants list.
pub fn read_participants(file: &str, bytes: &[u8]) -> Result<Participants, Stop> {
    let list = List::read(file, bytes, PARTICIPANTS)?;
    let mut seen: HashMap<String, (usize, Participant)> = HashMap::new();
    for (position, row) in list.rows.iter().enumerate() {
        let known = || ParticipantKind::ALL.iter().map(|kind| kind.as_str());
        let kind = ParticipantKind::parse(&row.values[3]).ok_or_else(|| {
            list.stop(
                row,
                3,
                format!("unknown kind \"{}\"", row.values[3]),
                did_you_mean(&row.values[3], known()),
            )
        })?;
        let district_code = list.code(row, 0)?;
        let school_code = if row.values[1].is_empty() {
            String::new()
        } else {
            list.code(row, 1)?
        };
        let charter = matches!(
            kind,
            ParticipantKind::DistrictCharter | ParticipantKind::InstituteCharter
        );
        if charter && school_code.is_empty() {
            return Err(list.stop(
                row,
                1,
                "a charter school has no School Code",
                "enter the school's 4-digit code",
            ));
        }
        if !charter && !school_code.is_empty() {
            let message = format!("a {} has a School Code", kind.label().to_lowercase());
            return Err(list.stop(
                row,
                1,
                message,
                "leave School Code empty, or correct the Kind to district_charter or institute_charter",
            ));
        }
        if kind == ParticipantKind::InstituteCharter && district_code != CHARTER_SCHOOL_INSTITUTE {
            let message = format!("an institute charter stands under district {district_code}");
            return Err(list.stop(row, 0, message, "institute charters stand under 8001; a charter of the district is a district_charter"));
        }
        let participant = Participant {
            code: participant_code(&district_code, &school_code),
            name: row.values[2].clone(),
            kind,
            participating: list.yes(row, 4)?,
            requires_completion: list.yes(row, 5)?,
            district_code,
            school_code,
        };
        let code = participant.code();
        match seen.get(code) {
            Some((first, other)) if *other != participant => {
                let first = &list.rows[*first];
                let column = other.difference(&participant);
                let message = format!("participant {code} stands twice with different content");
                return Err(list.contradiction(
                    message,
                    first,
                    row,
                    column,
                    "leave one of the two rows",
                ));
            }
            Some(_) => {}
            None => {
                seen.insert(code.to_string(), (position, participant));
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
    Ok(Participants {
        entries,
        district_codes,
    })
}

/// Undoes the apostrophe that our csv files put before a text that a spreadsheet could take for a formula.
fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => text,
    }
}

/// Reads the ledger of prior payments.
pub fn read_ledger(file: &str, bytes: &[u8]) -> Result<Ledger, Stop> {
    let list = List::read(file, bytes, PRIOR_PAYMENTS)?;
    let mut ledger = Ledger::default();
    for row in &list.rows {
        let sasid = list.sasid(row, 0)?;
        let program = unguarded(&list.program_code(row, 1)?).to_string();
        ledger
            .by_pupil
            .entry(sasid)
            .or_default()
            .push(ledger.entries.len());
        ledger.entries.push(PriorPayment {
            sasid,
            program,
            budget_year: unguarded(&row.values[2]).to_string(),
        });
    }
    Ok(ledger)
}

/// A decision on a pupil and program, to find another that contradicts it.
struct PupilRuling {
    /// In the list.
    position: usize,
    participant: String,
    decision: Ruling,
}

/// Reads the resolutions.
pub fn read_resolutions(file: &str, bytes: &[u8]) -> Result<Vec<Resolution>, Stop> {
    let list = List::read(file, bytes, RESOLUTIONS)?;
    let mut resolutions: Vec<Resolution> = Vec::new();
    let mut pupils: HashMap<(Sasid, String), Vec<PupilRuling>> = HashMap::new();
    for (position, row) in list.rows.iter().enumerate() {
        let text = |column: usize| unguarded(&row.values[column]).to_string();
        let decision = match row.values[7].to_lowercase().as_str() {
            "pay" => Ruling::Pay,
            "deny" => Ruling::Deny,
            "" => Ruling::Undecided,
            other => {
                return Err(list.stop(
                    row,
                    7,
                    format!("Decision is {}, not pay or deny", describe(other)),
                    "write pay or deny",
                ));
            }
        };
        let target = if row.values[4].is_empty() {
            let district = list.code(row, 0)?;
            let school = if row.values[1].is_empty() {
                String::new()
            } else {
                list.code(row, 1)?
            };
            let sasid = list.sasid(row, 2)?;
            let program = unguarded(&list.program_code(row, 3)?).to_string();
            let participant = participant_code(&district, &school);
            let others = pupils.entry((sasid, program.clone())).or_default();
            for other in others.iter() {
                let two_pays = decision == Ruling::Pay && other.decision == Ruling::Pay;
                let both_ways = participant == other.participant && decision != other.decision;
                let undecided = [decision, other.decision].contains(&Ruling::Undecided);
                if (two_pays || both_ways) && !undecided {
                    let message = if two_pays {
                        "two resolutions pay the same pupil and program"
                    } else {
                        "one resolution pays and another denies the same rows"
                    };
                    return Err(list.contradiction(
                        message.into(),
                        &list.rows[other.position],
                        row,
                        7,
                        "leave one of the two decisions",
                    ));
                }
            }
            others.push(PupilRuling {
                position,
                participant: participant.clone(),
                decision,
            });
            Target::Pupil {
                participant,
                sasid,
                program,
            }
        } else {
            let file = text(4).replace('\\', "/");
            match row.values[6].as_str() {
                "" => Target::File {
                    file,
                    sheet: text(5),
                },
                number => {
                    let fix = "write the row number as Excel shows it";
                    let number = number.parse().map_err(|_| {
                        list.stop(
                            row,
                            6,
                            format!("Source Row is {}, not a row number", describe(number)),
                            fix,
                        )
                    })?;
                    Target::Row {
                        file,
                        sheet: text(5),
                        row: number,
                    }
                }
            }
        };
        resolutions.push(Resolution {
            file: file.to_string(),
            line: row.row,
            target,
            decision,
            reason: text(8),
            approved_by: text(9),
            date: text(10),
        });
    }
    Ok(resolutions)
}
