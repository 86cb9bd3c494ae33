//! The page's requests: open a kit, add and check files, show rows, write corrected or marked copies, and estimate what rows earn.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use cdip::batch::reading::read_named;
use cdip::inspection::{Basis, Inspection, inspect_read};
use cdip::intake::fields::Field;
use cdip::intake::guess;
use cdip::intake::limits::FILE_BYTES_MAX;
use cdip::intake::lists::Programs;
use cdip::intake::submission::FileRead;
use cdip::intake::{Intake, Layout, Lists, joined, rank};
use cdip::kit::{Kit, OpenedKit};
use cdip::ranks::RowRank;
use cdip::returns::checked::marked_copy;
use cdip::returns::corrected::{self, Correcting};
use cdip::returns::{self, template};
use cdip::stop::Stop;
use cdip::tasks;
use chrono::NaiveDate;
use rust_xlsxwriter::XlsxError;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::grid::{self, Said};
use crate::{example, expect, verdict};

/// A file as the clerk gave it.
struct Given {
    name: String,
    bytes: Vec<u8>,
}

/// What the clerk confirmed; the page sends it with every request.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct Confirmed {
    /// The clerk's headings by key.
    columns: BTreeMap<String, String>,
    /// Values for columns that the files lack, by key.
    constants: BTreeMap<String, String>,
    /// The delimiters of text files of which the headings were confirmed, by the file's name.
    delimiters: BTreeMap<String, u8>,
    /// The entity of these files, if no name says so.
    entity: Option<String>,
    fixes: Vec<Fix>,
    left_out: Vec<Place>,
}

/// A row of a file.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub file: usize,
    pub sheet: usize,
    pub row: u32,
}

/// A cell and its new text.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Fix {
    #[serde(flatten)]
    pub place: Place,
    pub key: String,
    pub value: String,
}

/// The kit, the files, and the last rows and findings.
pub struct Engine {
    opened: OpenedKit,
    files: Vec<Given>,
    /// The rows, read with the layout and names of the confirmation next to them.
    read: Option<(Confirmed, Vec<FileRead>)>,
    last: Option<(Inspection, HashMap<RowRank, Vec<Said>>)>,
}

type Answer = Result<(Value, Vec<u8>), Stop>;

fn no_kit() -> Stop {
    Stop::defect("the page has no kit yet")
}

/// Answers a request.
pub fn answer(engine: &mut Option<Engine>, request: &Value, bytes: &[u8]) -> Answer {
    let verb = request["verb"].as_str().unwrap_or_default();
    if verb == "open" {
        let opened = Kit::open(bytes)?;
        let about = about(&opened);
        *engine = Some(Engine {
            opened,
            files: Vec::new(),
            read: None,
            last: None,
        });
        return Ok((about, Vec::new()));
    }
    let engine = engine.as_mut().ok_or_else(no_kit)?;
    let file = || usize::try_from(request["file"].as_u64().unwrap_or(0)).unwrap_or(usize::MAX);
    let confirmed = || -> Result<Confirmed, Stop> {
        serde_json::from_value(request["confirmed"].clone())
            .map_err(|error| Stop::defect(&error.to_string()))
    };
    match verb {
        "forget" => {
            engine.files.clear();
            engine.read = None;
            engine.last = None;
            Ok((json!({}), Vec::new()))
        }
        "add" => Ok((
            engine.add(request["name"].as_str().unwrap_or_default(), bytes),
            Vec::new(),
        )),
        "check" => Ok((engine.check(&confirmed()?)?, Vec::new())),
        "findings" => engine.findings(),
        "rows" => {
            let (inspection, said) = engine.last.as_ref().ok_or_else(no_kit)?;
            Ok((grid::rows(inspection, said, request), Vec::new()))
        }
        "expect" => {
            let entity = request["entity"].as_str().unwrap_or_default();
            Ok((engine.expect(&confirmed()?, entity)?, Vec::new()))
        }
        "corrected" => {
            let name = request["name"].as_str().unwrap_or_default();
            let only_known = request["only"].as_bool().unwrap_or_default();
            let (_, bytes) = engine.corrected(file(), &confirmed()?, only_known)?;
            let again = engine.again(name, &bytes)?;
            Ok((json!({ "name": name, "again": again }), bytes))
        }
        "marked" => {
            let (_, bytes) = engine.marked(file(), &confirmed()?)?;
            Ok((json!({ "name": request["name"] }), bytes))
        }
        "template" => {
            let programs = engine.opened.basis.programs.clone().unwrap_or_default();
            let kit = &engine.opened.kit;
            let office = template::Office {
                name: kit.office.clone(),
                contact: kit.contact.clone(),
                deadline: kit.deadline,
            };
            workbook_answer(template::workbook(&engine.opened.rules, &programs, &office))
        }
        "example" => {
            let (name, bytes) = example::file(&engine.opened);
            Ok((json!({ "name": name }), bytes))
        }
        _ => Err(Stop::defect("the page asks for what there is not")),
    }
}

/// The page's facts about the year.
fn about(opened: &OpenedKit) -> Value {
    let OpenedKit {
        kit, basis, rules, ..
    } = opened;
    let participants = basis
        .participants
        .as_ref()
        .map_or(&[][..], |list| list.all());
    let districts: Vec<Value> = participants
        .iter()
        .filter(|entry| entry.school_code.is_empty())
        .map(|entry| json!({ "code": entry.district_code, "name": entry.name }))
        .collect();
    let programs: Vec<Value> = basis
        .programs
        .iter()
        .flat_map(Programs::all)
        .filter(|program| program.qualifies_in(rules.school_year))
        .map(|program| json!({ "code": program.code, "name": program.name }))
        .collect();
    let fields: Vec<Value> = basis
        .layout
        .fields
        .iter()
        .map(|field| {
            json!({ "key": field.key(), "title": field.title(), "required": field.is_required(),
                    "private": field.is_private(), "hint": field.hint(), "choices": field.choices(rules) })
        })
        .collect();
    let year = rules.school_year;
    let (begins, ends) = (us_date(year.first_day()), us_date(year.last_day()));
    json!({
        "school_year": rules.school_year.to_string(), "rules": rules.id, "begins": begins, "ends": ends,
        "deadline": kit.deadline.map(us_date), "office": kit.office, "contact": kit.contact,
        "money": opened.factors.is_some(), "districts": districts, "programs": programs, "fields": fields,
        "file_bytes_max": FILE_BYTES_MAX, "version": env!("CARGO_PKG_VERSION"),
    })
}

fn us_date(date: NaiveDate) -> String {
    date.format("%-m/%-d/%Y").to_string()
}

fn workbook_answer(made: Result<returns::Workbook, XlsxError>) -> Answer {
    let saved = made.and_then(|mut workbook| workbook.save_to_buffer());
    let bytes =
        saved.map_err(|error| Stop::defect(&format!("a workbook cannot be made: {error}")))?;
    Ok((json!({}), bytes))
}

impl Engine {
    /// What the program's check says, as text: as values the findings of a large file would fill the browser's memory.
    fn findings(&self) -> Answer {
        let (inspection, _) = self.last.as_ref().ok_or_else(no_kit)?;
        let findings = serde_json::to_vec(inspection);
        let findings = findings.map_err(|error| Stop::defect(&error.to_string()))?;
        Ok((json!({}), findings))
    }

    /// Adds a file, and describes its sheets.
    fn add(&mut self, name: &str, bytes: &[u8]) -> Value {
        let mut unique = name.to_string();
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let mut number = 2;
        while self.files.iter().any(|file| file.name == unique) {
            unique = format!("{stem} ({number}).{ending}");
            number += 1;
        }
        self.files.push(Given {
            name: unique.clone(),
            bytes: bytes.to_vec(),
        });
        // Files are checked in the order of their names, not in the order of choosing.
        self.files.sort_by(|one, other| one.name.cmp(&other.name));
        self.read = None;
        let basis = &self.opened.basis;
        let headings = basis.layout.reading().headings;
        let programs = basis.programs.clone().unwrap_or_default();
        let participants = basis.participants.clone().unwrap_or_default();
        let look = guess::look(&unique, bytes, &headings, (&programs, &participants));
        match look {
            Ok(look) => {
                let sheets: Vec<Value> = look.sheets.iter().map(sheet_json).collect();
                json!({ "name": unique, "sheets": sheets, "delimiter": look.delimiter })
            }
            Err(refusal) => json!({
                "name": unique, "sheets": [], "delimiter": null,
                "refused": { "code": refusal.code.as_str(), "message": refusal.message,
                             "fix": refusal.fix.unwrap_or_else(|| refusal.code.entry().fix.to_string()) },
            }),
        }
    }

    fn layout(&self, confirmed: &Confirmed) -> Layout {
        let mut layout = self.opened.basis.layout.clone();
        let own = |pairs: &BTreeMap<String, String>| -> Vec<(Field, String)> {
            let pairs = pairs.iter();
            pairs
                .filter_map(|(key, text)| Some((Field::of_key(key)?, text.clone())))
                .collect()
        };
        layout.columns.extend(own(&confirmed.columns));
        layout.constants.extend(own(&confirmed.constants));
        layout
    }

    /// How one file is read: a delimiter that was confirmed is that of its own file only.
    fn layout_of(&self, file: usize, confirmed: &Confirmed) -> Layout {
        let mut layout = self.layout(confirmed);
        let delimiter = confirmed.delimiters.get(&self.files[file].name);
        layout.delimiter = delimiter.copied().or(layout.delimiter);
        layout
    }

    /// The path under which a file is checked: below its entity, if the clerk named one.
    fn path(&self, file: usize, confirmed: &Confirmed) -> String {
        let name = &self.files[file].name;
        match &confirmed.entity {
            Some(entity) => format!("{entity}/{name}"),
            None => name.clone(),
        }
    }

    /// The files, read with a confirmation, in the order of their paths.
    fn read(&mut self, confirmed: &Confirmed) -> Vec<FileRead> {
        let as_read = Confirmed {
            fixes: Vec::new(),
            left_out: Vec::new(),
            ..confirmed.clone()
        };
        if let Some((known, read)) = &self.read
            && *known == as_read
        {
            return read.clone();
        }
        let read: Vec<FileRead> = (0..self.files.len())
            .map(|file| {
                let reading = self.layout_of(file, confirmed).reading();
                let path = self.path(file, confirmed);
                read_named(&path, &self.files[file].bytes, rank(file), &reading)
            })
            .collect();
        self.read = Some((as_read, read.clone()));
        read
    }

    fn basis(&self, layout: Layout) -> Basis {
        Basis {
            layout,
            ..self.opened.basis.clone()
        }
    }

    /// Checks the files with the confirmed values.
    fn inspect(&mut self, confirmed: &Confirmed) -> Result<Inspection, Stop> {
        let read = self.read(confirmed);
        inspect_read(self.basis(self.layout(confirmed)), |layout, _, lists| {
            let mut intake = joined(read, layout.fields, Vec::new(), lists)?;
            apply(&mut intake, confirmed);
            Ok(intake)
        })
    }

    fn check(&mut self, confirmed: &Confirmed) -> Result<Value, Stop> {
        let inspection = self.inspect(confirmed)?;
        let tasks = tasks::of(&inspection);
        let answer = verdict::answer(&self.opened, &inspection, &tasks);
        let said = grid::said(&tasks);
        self.last = Some((inspection, said));
        Ok(answer)
    }

    /// What the rows would earn now, and what fixing them is worth.
    fn expect(&mut self, confirmed: &Confirmed, entity: &str) -> Result<Value, Stop> {
        let inspection = self.inspect(confirmed)?;
        expect::figures(&self.opened, inspection, entity)
    }

    /// The one file of a request, read by itself.
    fn alone(&self, file: usize, confirmed: &Confirmed) -> Result<FileRead, Stop> {
        if file >= self.files.len() {
            return Err(Stop::defect("the file does not exist"));
        }
        let reading = self.layout_of(file, confirmed).reading();
        let path = self.path(file, confirmed);
        Ok(read_named(
            &path,
            &self.files[file].bytes,
            rank(0),
            &reading,
        ))
    }

    fn corrected(&self, file: usize, confirmed: &Confirmed, only_known: bool) -> Answer {
        let read = self.alone(file, confirmed)?;
        let layout = self.layout_of(file, confirmed);
        let reading = layout.reading();
        let fixes = confirmed.fixes.iter().filter(|fix| fix.place.file == file);
        let cells: BTreeMap<(usize, u32, Field), String> = fixes
            .filter_map(|fix| {
                let Place { sheet, row, .. } = fix.place;
                Some(((sheet, row, Field::of_key(&fix.key)?), fix.value.clone()))
            })
            .collect();
        let left_out: BTreeSet<(usize, u32)> = confirmed
            .left_out
            .iter()
            .filter(|place| place.file == file)
            .map(|place| (place.sheet, place.row))
            .collect();
        workbook_answer(corrected::workbook(&Correcting {
            file: &read.file,
            bytes: &self.files[file].bytes,
            reading: &reading,
            cells: &cells,
            left_out: &left_out,
            only_known,
            constants: &layout.constants,
            date: self.opened.rules.school_year.first_day(),
        }))
    }

    /// What a check of a file that the page made says, read from its bytes as the state will read them.
    fn again(&self, name: &str, bytes: &[u8]) -> Result<Value, Stop> {
        let basis = self.opened.basis.clone();
        let read = read_named(name, bytes, rank(0), &basis.layout.reading());
        let inspection = inspect_read(basis, |layout, _, lists| {
            joined(vec![read], layout.fields, Vec::new(), lists)
        })?;
        let tasks = tasks::of(&inspection);
        Ok(verdict::in_short(&inspection, &tasks))
    }

    /// A marked copy of the clerk's file.
    fn marked(&self, file: usize, confirmed: &Confirmed) -> Answer {
        let read = self.alone(file, confirmed)?;
        let basis = self.basis(self.layout_of(file, confirmed));
        let inspection = inspect_read(basis, |layout, _, lists: Lists| {
            joined(vec![read], layout.fields, Vec::new(), lists)
        })?;
        let marked = marked_copy(
            &inspection,
            &inspection.intake.files[0],
            &self.files[file].bytes,
            None,
        );
        workbook_answer(marked)
    }
}

fn sheet_json(sheet: &guess::SheetLook) -> Value {
    let columns: Vec<Value> = sheet
        .columns
        .iter()
        .map(|column| {
            json!({ "heading": column.heading, "example": column.example,
                    "key": column.guess.map(|(field, _)| field.key()) })
        })
        .collect();
    json!({ "plain": sheet.is_plain(), "columns": columns })
}

/// Applies the confirmed values to the rows.
fn apply(intake: &mut Intake, confirmed: &Confirmed) {
    if confirmed.fixes.is_empty() && confirmed.left_out.is_empty() {
        return;
    }
    let rows = intake.completions.rows();
    let places: HashMap<Place, RowRank> = RowRank::all(rows.len())
        .map(|rank| (place_of(intake, rank), rank))
        .collect();
    let mut corrections = HashMap::new();
    for fix in &confirmed.fixes {
        if let (Some(rank), Some(field)) = (places.get(&fix.place), Field::of_key(&fix.key)) {
            corrections.insert((*rank, field), fix.value.clone());
        }
    }
    let left_out: HashSet<RowRank> = confirmed
        .left_out
        .iter()
        .filter_map(|place| places.get(place).copied())
        .collect();
    intake.completions = intake.completions.corrected(&corrections, &left_out);
}

/// The place of a row.
pub fn place_of(intake: &Intake, rank: RowRank) -> Place {
    let rows = intake.completions.rows();
    Place {
        file: rows.file(rank),
        sheet: rows.sheet(rank),
        row: rows.row(rank),
    }
}
