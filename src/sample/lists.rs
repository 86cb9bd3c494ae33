//! The other files of the batch: the settings, the lists, the ledger of earlier payments and the decisions.

use std::collections::HashSet;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::{
    completion::{Completion, Defect},
    completions::Completions,
    defects::Defects,
    habits::SavedAs,
    options::{SYNTHETIC, SampleError, SampleFile, SampleOptions, SampleYear},
    programs::{Listed, PROGRAMS, Program},
    sheets::{Cell, Sheet},
    statewide::Statewide,
    submissions::{Line, Submission},
    workbook,
};
use crate::rules::terms::Category;
use crate::year::Year;

/// The most rows of a list: a full sheet.
const LIST_ROWS_MAX: u64 = 1_048_576;

/// The money and the rows at which, in this sample's mix, it pays tier 1 in full, runs short inside tier 2 and leaves nothing for
/// tier 3. Less than the real $9,500,000, which would pay every unit: with one award per pupil, fewer than 9,000 of 13,000 rows are units.
/// Other sizes get money in proportion.
const AVAILABLE_DOLLARS: u64 = 8_000_000;
const AVAILABLE_ROWS: u64 = 13_000;
/// For so many rows, the ledger has one entry of a pupil whom this batch does not report.
const OTHER_LEDGER_ENTRIES_ONE_IN: u32 = 8;
/// Total rows that a decision closes; the others stay rejected, so that the result is preliminary.
const TOTAL_ROWS_CLOSED: usize = 2;

/// Every file of the batch that is not a submission.
pub(super) fn write(
    options: &SampleOptions,
    year: &SampleYear<'_>,
    statewide: &Statewide,
    completions: &Completions,
    defects: &Defects,
    submissions: &[Submission<'_>],
    rng: &mut ChaCha8Rng,
) -> Result<Vec<SampleFile>, SampleError> {
    let file = |path: &str, bytes| SampleFile {
        path: path.to_owned(),
        bytes,
    };
    Ok(vec![
        file("README.md", readme(options, year).into_bytes()),
        file("batch.toml", settings(options, year).into_bytes()),
        file("participants.xlsx", participants(statewide, year)?),
        file(
            "prior-payments.csv",
            match year.before {
                Some(before) => before.ledger.to_vec(),
                None => invented_ledger(options, year, completions, defects, rng)?,
            },
        ),
        file("qualified-programs.xlsx", qualified_programs(year)?),
        file(
            "resolutions.csv",
            resolutions(year, statewide, completions, defects, submissions)?,
        ),
    ])
}

fn settings(options: &SampleOptions, year: &SampleYear<'_>) -> String {
    let SampleOptions {
        entities,
        rows,
        seed,
    } = options;
    let available = AVAILABLE_DOLLARS * u64::from(*rows) / AVAILABLE_ROWS;
    let budget_year = year.budget_year();
    let first = budget_year.first();
    let chain = year.before.map_or_else(String::new, |before| {
        format!("previous_receipt = \"{}\"\n", before.receipt)
    });
    let one_of_several = *year != SampleYear::LAST;
    let in_label = one_of_several.then(|| format!(" {budget_year}"));
    let in_label = in_label.unwrap_or_default();
    format!(
        "# {SYNTHETIC}: entities, pupils and programs are invented.\n\
         rules = \"co-cdip-{budget_year}\"\n\
         available = \"{available}.00\"\n\
         run_date = {first}-09-16\n\
         label = \"{SYNTHETIC} statewide batch{in_label}: entities {entities}, rows {rows}, seed {seed}\"\n\
         prepared_by = \"Incentive desk\"\n\
         {chain}\n\
         [office]\n\
         name = \"{SYNTHETIC} Department of Education\"\n\
         contact = \"incentive@example.org\"\n\
         deadline = {first}-10-15\n\
         appeal_until = {first}-10-31\n\
         return_to = \"{SYNTHETIC} state treasury, account 0000\"\n\
         return_until = {first}-11-30\n\n\
         [accounting]\n\
         expenditure = \"5100\"\n\
         payable = \"2010\"\n\
         receivable = \"1300\"\n"
    )
}

fn readme(options: &SampleOptions, year: &SampleYear<'_>) -> String {
    let SampleOptions {
        entities,
        rows,
        seed,
    } = options;
    let with = format!("--entities {entities} --rows {rows} --seed {seed}");
    let made = if *year == SampleYear::LAST {
        format!(
            "Made by `cdip sample` with {with}.\n\
             The same command makes the same bytes; add --decided where `payments-made.csv` is here.\n\
             With --decided, `resolutions.csv` decides everything in question, one entity's late file is in, and `payments-made.csv` is what\n\
             was paid before it came.\n"
        )
    } else {
        format!(
            "Made by `cdip sample --years`, with {with}.\n\
             `resolutions.csv` decides everything in question, one entity's late file is in, and `payments-made.csv` is what was paid before\n\
             it came.\n"
        )
    };
    format!(
        "# {SYNTHETIC} batch\n\n\
         Every entity, school, pupil, code and completion in this folder is invented; the list of qualified programs is illustrative.\n\
         Sizes, file formats and mistakes follow what a real batch looks like. All pupils' ids begin with 99, all names are\n\
         `{SYNTHETIC}`, all birth dates are 1900-01-01.\n\n{made}"
    )
}

fn yes_no(yes: bool) -> Cell {
    Cell::text(if yes { "Y" } else { "N" })
}

fn headings<const N: usize>(headings: [&'static str; N]) -> Vec<Cell> {
    headings.into_iter().map(Cell::text).collect()
}

fn qualified_programs(year: &SampleYear<'_>) -> Result<Vec<u8>, SampleError> {
    let title = format!(
        "{SYNTHETIC} list of qualified programs, school year {}: illustrative, codes invented",
        year.budget_year().before()
    );
    let mut rows = vec![
        vec![Cell::text(title.clone())],
        headings([
            "Program Code",
            "Program Name",
            "Category",
            "Sector",
            "Top 10",
            "First School Year",
            "Last School Year",
        ]),
    ];
    rows.extend(PROGRAMS.iter().map(|program: &Program| {
        let (first, last) = match program.listed {
            Listed::From(year) | Listed::NotBefore(year) => (year, ""),
            Listed::Until(year) => ("", year),
        };
        let year = |year: &'static str| {
            if year.is_empty() {
                Cell::Empty
            } else {
                Cell::text(year)
            }
        };
        vec![
            Cell::text(program.code),
            Cell::text(program.name),
            Cell::text(program.category.as_str()),
            Cell::text(program.sector),
            yes_no(program.top_10),
            year(first),
            year(last),
        ]
    }));
    workbook::write(&title, vec![Sheet::of("Programs", rows)])
}

fn participants(statewide: &Statewide, year: &SampleYear<'_>) -> Result<Vec<u8>, SampleError> {
    let title = format!(
        "{SYNTHETIC} list of participants, school year {}: all entities invented",
        year.budget_year().before()
    );
    let mut rows = vec![
        vec![Cell::text(title.clone())],
        headings([
            "District Code",
            "School Code",
            "Name",
            "Kind",
            "Participating",
            "Requires Completion For Graduation",
            "Vendor",
            "Address",
        ]),
    ];
    rows.extend(statewide.participants.iter().map(|participant| {
        vec![
            Cell::four_digits(participant.district_code),
            participant
                .school_code
                .map_or(Cell::Empty, Cell::four_digits),
            Cell::text(participant.name.clone()),
            Cell::text(participant.kind.as_str()),
            yes_no(participant.participating),
            yes_no(participant.requires_completion),
            Cell::text(participant.vendor()),
            Cell::text(participant.address()),
        ]
    }));
    workbook::write(&title, vec![Sheet::of("Participants", rows)])
}

/// Completions paid before: those reported again, and those of pupils who have left.
fn invented_ledger(
    options: &SampleOptions,
    year: &SampleYear<'_>,
    completions: &Completions,
    defects: &Defects,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<u8>, SampleError> {
    let last = year.budget_year().before();
    let mut entries: Vec<(u64, &str, Year)> = defects
        .paid_before
        .iter()
        .map(|&index| {
            let row = &completions.rows[index];
            (row.sasid, row.program.code, last)
        })
        .collect();
    let credentials: Vec<_> = PROGRAMS
        .iter()
        .filter(|program| program.category == Category::IndustryCredential)
        .collect();
    let mut sasids = completions.sasids.clone();
    // The room of a list, for every batch.
    let room = LIST_ROWS_MAX.saturating_sub(entries.len() as u64);
    for _ in 0..room.min(u64::from(options.rows / OTHER_LEDGER_ENTRIES_ONE_IN)) {
        let program = credentials[rng.random_range(0..credentials.len())];
        let budget_year = if rng.random_bool(0.5) {
            last.before()
        } else {
            last
        };
        entries.push((sasids.next(), program.code, budget_year));
    }
    entries.sort_unstable();

    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["SASID", "Program Code", "Budget Year"])?;
    for (sasid, program, budget_year) in entries {
        writer.write_record([&sasid.to_string(), program, &budget_year.to_string()])?;
    }
    Ok(writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?)
}

/// One decision; fields that its kind does not need are empty.
#[derive(Default)]
struct Resolution {
    district: String,
    school: String,
    sasid: String,
    program: String,
    file: String,
    sheet: String,
    row: String,
    column: &'static str,
    becomes: String,
    codes: &'static str,
    decision: &'static str,
    reason: &'static str,
}

impl Resolution {
    /// A decision about the held rows of this row's participant.
    fn of_pupil(
        statewide: &Statewide,
        completions: &Completions,
        index: usize,
        decision: &'static str,
        reason: &'static str,
    ) -> Self {
        let row = &completions.rows[index];
        let school = statewide
            .participant_of(row.district, row.school)
            .and_then(|participant| participant.school_code);
        Self {
            district: format!("{:04}", row.district),
            school: school.map(|code| format!("{code:04}")).unwrap_or_default(),
            sasid: row.sasid.to_string(),
            program: row.program.code.to_owned(),
            decision,
            reason,
            ..Self::default()
        }
    }

    /// A decision about a rejected row, by its visible place.
    fn of_row(place: &Place<'_>, reason: &'static str) -> Self {
        Self {
            file: place.submission.path.clone(),
            sheet: place.sheet.unwrap_or_default().to_owned(),
            row: place.row.to_string(),
            decision: "deny",
            reason,
            ..Self::default()
        }
    }
}

/// The last row with a defect at a participant, with its place: the first ones are denied.
fn last_with<'a>(
    submissions: &'a [Submission<'a>],
    statewide: &Statewide,
    defect: Defect,
) -> Option<(Place<'a>, &'a Completion)> {
    let rows = placed(submissions).filter_map(|(place, line)| match line {
        Line::Completion(completion) => Some((place, completion)),
        _ => None,
    });
    rows.filter(|(_, row)| row.defect == Some(defect) && row.is_sound(statewide))
        .last()
}

/// A corrected cell, and a granted appeal.
fn of_cells(submissions: &[Submission<'_>], statewide: &Statewide) -> Vec<Resolution> {
    let mut resolutions = Vec::new();
    if let Some((place, row)) = last_with(submissions, statewide, Defect::ProgramMissing) {
        resolutions.push(Resolution {
            column: "Program Code",
            becomes: row.program.code.to_owned(),
            decision: "correct",
            ..Resolution::of_row(
                &place,
                "The entity sent the certificate, which names the program",
            )
        });
    }
    if let Some((place, _)) = last_with(submissions, statewide, Defect::CreditMissing) {
        resolutions.push(Resolution {
            codes: "N305",
            decision: "qualify",
            ..Resolution::of_row(&place, "Appeal granted: the transcript shows the credit")
        });
    }
    resolutions
}

/// Decisions about participants that sent nothing.
fn of_participants(statewide: &Statewide, completions: &Completions) -> Vec<Resolution> {
    let senders: HashSet<(u16, Option<u16>)> = completions
        .rows
        .iter()
        .filter_map(|row| statewide.participant_of(row.district, row.school))
        .map(|participant| (participant.district_code, participant.school_code))
        .collect();
    let silent = statewide.participants.iter().filter(|participant| {
        let code = (participant.district_code, participant.school_code);
        participant.participating && !senders.contains(&code)
    });
    let decisions = [
        ("exclude", "The board withdrew from the program this year"),
        (
            "attest",
            "The entity confirmed that nobody completed a program",
        ),
    ];
    let decided = silent
        .zip(decisions)
        .map(|(participant, (decision, reason))| {
            let school = participant.school_code;
            Resolution {
                district: format!("{:04}", participant.district_code),
                school: school.map(|code| format!("{code:04}")).unwrap_or_default(),
                decision,
                reason,
                ..Resolution::default()
            }
        });
    decided.collect()
}

/// The place of a line of a submission.
struct Place<'a> {
    submission: &'a Submission<'a>,
    /// `None` for a text file.
    sheet: Option<&'static str>,
    row: usize,
    is_total: bool,
}

/// Every line of the submissions with its place.
fn placed<'a>(submissions: &'a [Submission<'a>]) -> impl Iterator<Item = (Place<'a>, Line<'a>)> {
    submissions.iter().flat_map(|submission| {
        submission.sheets.iter().flat_map(move |sheet| {
            (1..).zip(&sheet.lines).map(move |(row, line)| {
                let place = Place {
                    submission,
                    sheet: (!submission.habits.format.is_text()).then_some(sheet.name),
                    row,
                    is_total: matches!(line, Line::Total(_)),
                };
                (place, *line)
            })
        })
    })
}

fn unreadable<'a>(submissions: &'a [Submission<'a>]) -> impl Iterator<Item = Place<'a>> {
    let lines = placed(submissions).filter(|(place, line)| match line {
        Line::Completion(row) => row.defect.is_some_and(Defect::is_unreadable),
        _ => place.is_total,
    });
    lines.map(|(place, _)| place)
}

/// A few decisions of each kind. Most held and rejected rows are left open on purpose: a first run is preliminary.
fn resolutions(
    year: &SampleYear<'_>,
    statewide: &Statewide,
    completions: &Completions,
    defects: &Defects,
    submissions: &[Submission<'_>],
) -> Result<Vec<u8>, SampleError> {
    let of_pupil = |index, decision, reason| {
        Resolution::of_pupil(statewide, completions, index, decision, reason)
    };
    let mut resolutions = Vec::new();
    let mut pairs = defects.reported_twice.iter();
    if let Some(&(_, second)) = pairs.next() {
        resolutions.push(of_pupil(
            second,
            "pay",
            "The pupil moved in spring and finished the program here",
        ));
    }
    if let Some(&(first, second)) = pairs.next() {
        let reason = "Neither entity could show the certificate";
        resolutions.extend([
            of_pupil(first, "deny", reason),
            of_pupil(second, "deny", reason),
        ]);
    }
    if let Some(&index) = defects.other_districts_rows.first() {
        resolutions.push(of_pupil(
            index,
            "pay",
            "Reported by the neighbor on the entity's behalf",
        ));
    }
    let is_text = |place: &Place<'_>| place.submission.habits.format.is_text();
    let is_excel = |place: &Place<'_>| place.submission.habits.format == SavedAs::Excel;
    let withdrawn_text = unreadable(submissions).find(|place| !place.is_total && is_text(place));
    let withdrawn_excel = unreadable(submissions).find(|place| !place.is_total && is_excel(place));
    let totals = unreadable(submissions)
        .filter(|place| place.is_total)
        .take(TOTAL_ROWS_CLOSED);
    let reason = "The entity withdrew the row";
    resolutions.extend(
        withdrawn_text
            .iter()
            .chain(&withdrawn_excel)
            .map(|place| Resolution::of_row(place, reason)),
    );
    resolutions
        .extend(totals.map(|place| Resolution::of_row(&place, "A total row, no completion")));

    resolutions.extend(of_cells(submissions, statewide));
    resolutions.extend(of_participants(statewide, completions));

    written(year, &resolutions)
}

fn written(year: &SampleYear<'_>, resolutions: &[Resolution]) -> Result<Vec<u8>, SampleError> {
    let date = format!("{}-09-12", year.budget_year().first());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "District Code",
        "School Code",
        "SASID",
        "Program Code",
        "Source File",
        "Source Sheet",
        "Source Row",
        "Column",
        "Was",
        "Becomes",
        "Codes",
        "Row Check",
        "Decision",
        "Reason",
        "Approved By",
        "Date",
    ])?;
    for resolution in resolutions {
        writer.write_record([
            resolution.district.as_str(),
            &resolution.school,
            &resolution.sasid,
            &resolution.program,
            &resolution.file,
            &resolution.sheet,
            &resolution.row,
            resolution.column,
            "",
            &resolution.becomes,
            resolution.codes,
            "",
            resolution.decision,
            &format!("{SYNTHETIC}: {}", resolution.reason),
            "Program office",
            &date,
        ])?;
    }
    Ok(writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?)
}
