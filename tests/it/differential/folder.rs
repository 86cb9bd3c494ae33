//! Reads a batch folder of csv files into the texts for the second implementation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::Table;

use super::naive::rules::{cents, first_year, of_file, readings};
use super::naive::{
    Cell, Cells, Entity, FIELDS, File, Line, PassedOver, Prior, Program, Row, Sheet, Texts,
};

/// The fields of every line, the headings first: no record of a vector spans two.
fn fields(path: &Path) -> Vec<Vec<String>> {
    let Ok(text) = fs::read_to_string(path) else {
        return Vec::new();
    };
    let fields = |line: &str| {
        let record = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(line.as_bytes())
            .into_records()
            .next();
        let record = record.map_or_else(csv::StringRecord::new, Result::unwrap);
        record.iter().map(str::to_string).collect()
    };
    text.lines().map(fields).collect()
}

/// The records of a list, each by heading.
fn records(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut lines = fields(path).into_iter();
    let titles = lines.next().unwrap_or_default();
    lines
        .map(|cells| titles.iter().cloned().zip(cells).collect())
        .collect()
}

fn toml_of(path: &Path) -> Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

/// A file that is passed over for its name.
fn is_passed_over(path: &str) -> bool {
    let hidden = |name: &str| name.starts_with('.') || name.starts_with("~$");
    let name = path.rsplit('/').next().unwrap();
    path.split('/').any(hidden) || ["Thumbs.db", "desktop.ini"].contains(&name)
}

fn sheet_of(path: &Path) -> Sheet {
    let mut lines = fields(path).into_iter();
    let headings = lines.next().unwrap_or_default();
    let at = |field: usize| headings.iter().position(|title| title == FIELDS[field]);
    let rows = lines.zip(2..).map(|(line, number)| {
        let cell = |field: usize| at(field).and_then(|at| line.get(at).cloned());
        let cells: Cells = std::array::from_fn(|field| Cell::text(cell(field).unwrap_or_default()));
        let behind = line.iter().skip(headings.len()).map(|cell| cell.trim());
        let behind = behind.collect();
        Row {
            number,
            cells,
            behind,
        }
    });
    Sheet {
        name: String::new(),
        absent: (0..FIELDS.len())
            .filter(|field| at(*field).is_none())
            .collect(),
        unread: headings
            .iter()
            .filter(|title| !FIELDS.contains(&title.as_str()))
            .cloned()
            .collect(),
        rows: rows.collect(),
    }
}

fn submissions(root: &Path, folder: &Path, texts: &mut Texts) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            submissions(root, &path, texts);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        if is_passed_over(name) {
            texts.passed_over.push(PassedOver {
                path: name.to_string(),
                bytes: fs::read(&path).unwrap().len(),
            });
            continue;
        }
        texts.files.push(File {
            path: name.to_string(),
            workbook: false,
            sheets: vec![sheet_of(&path)],
        });
    }
}

fn programs(root: &Path) -> Vec<Program> {
    let year = |cells: &BTreeMap<String, String>, title: &str| {
        cells
            .get(title)
            .filter(|year| !year.is_empty())
            .map(|year| first_year(year))
    };
    let programs = records(&root.join("qualified-programs.csv"));
    let program = |cells: BTreeMap<String, String>| Program {
        code: cells["Program Code"].clone(),
        name: cells["Program Name"].clone(),
        category: cells["Category"].clone(),
        sector: cells.get("Sector").cloned().unwrap_or_default(),
        from: year(&cells, "First School Year"),
        to: year(&cells, "Last School Year"),
    };
    programs.into_iter().map(program).collect()
}

fn entities(root: &Path) -> Vec<Entity> {
    let entities = records(&root.join("participants.csv")).into_iter();
    let entity = |cells: BTreeMap<String, String>| Entity {
        district: cells["District Code"].clone(),
        school: cells["School Code"].clone(),
        name: cells["Name"].clone(),
        kind: cells["Kind"].clone(),
        participating: cells["Participating"] == "Y",
        supplemented: cells["Requires Completion For Graduation"] == "Y",
    };
    entities.map(entity).collect()
}

fn lines(root: &Path) -> Vec<Line> {
    let lines = records(&root.join("resolutions.csv")).into_iter();
    let line = |cells: BTreeMap<String, String>| {
        let cell = |title: &str| cells.get(title).cloned().unwrap_or_default();
        Line {
            district: cell("District Code"),
            school: cell("School Code"),
            sasid: cell("SASID"),
            program: cell("Program Code"),
            file: cell("Source File"),
            sheet: cell("Source Sheet"),
            row: cell("Source Row"),
            column: cell("Column"),
            was: cell("Was"),
            becomes: cell("Becomes"),
            codes: cell("Codes"),
            check: cell("Row Check"),
            decision: cell("Decision"),
            reason: cell("Reason"),
            by: cell("Approved By"),
            date: cell("Date"),
        }
    };
    lines.map(line).collect()
}

/// The texts of a folder.
pub fn read(root: &Path) -> Texts {
    let batch = toml_of(&root.join("batch.toml"));
    let ledger = records(&root.join("prior-payments.csv"))
        .into_iter()
        .map(|cells| Prior {
            sasid: cells["SASID"].clone(),
            program: cells["Program Code"].clone(),
            year: first_year(&cells["Budget Year"]),
        });
    let text = |key: &str| batch.get(key).map(|value| value.as_str().unwrap());
    let mut texts = Texts {
        rules: of_file(&fs::read_to_string(root.join(text("rules").unwrap())).unwrap()),
        readings: readings(&batch),
        available: cents(text("available").unwrap()),
        supplement: text("supplement_available").map(cents),
        run_date: batch["run_date"].to_string(),
        prepared_by: text("prepared_by").unwrap_or_default().to_string(),
        values: Vec::new(),
        programs: programs(root),
        entities: entities(root),
        ledger: ledger.collect(),
        lines: lines(root),
        files: Vec::new(),
        passed_over: Vec::new(),
    };
    submissions(root, &root.join("submissions"), &mut texts);
    texts
}
