//! The folder that holds the texts of a batch.

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::super::document::dollars;
use super::super::naive::rules::readings_table;
use super::super::naive::{CREDIT, Cell, FIELDS, File, GRADE, Kind, LUNCH, Line, Sheet, Texts};
use super::{Draw, school_year};
use crate::batch_builder::TestBatch;

const RESOLUTIONS: &str = "District Code,School Code,SASID,Program Code,Source File,Source Sheet,Source Row,Column,Was,Becomes,Codes,Row Check,Decision,Reason,Approved By,Date";

fn table(heading: &str, lines: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heading.split(',')).unwrap();
    for line in lines {
        writer.write_record(line).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn yes(answer: bool) -> String {
    if answer { "Y" } else { "N" }.to_string()
}

fn settings(texts: &Texts, own_rules: bool) -> String {
    let rules = if own_rules {
        "rules.toml"
    } else {
        &texts.rules.id
    };
    let mut settings = format!(
        "rules = \"{rules}\"\navailable = \"{}\"\nrun_date = {}\nlabel = \"drawn\"\n",
        dollars(texts.available),
        texts.run_date
    );
    if let Some(cents) = texts.supplement {
        settings.push_str(&format!("supplement_available = \"{}\"\n", dollars(cents)));
    }
    if !texts.prepared_by.is_empty() {
        settings.push_str(&format!("prepared_by = \"{}\"\n", texts.prepared_by));
    }
    settings.push_str(&readings_table(&texts.readings));
    for (field, key) in [
        (GRADE, "grade"),
        (LUNCH, "free_reduced_lunch"),
        (CREDIT, "graduation_credit"),
    ] {
        let of_field = texts.values.iter().filter(|(of, ..)| *of == field);
        let words: Vec<String> = of_field
            .map(|(_, word, meaning)| format!("\"{word}\" = \"{meaning}\"\n"))
            .collect();
        if !words.is_empty() {
            settings.push_str(&format!("[values.{key}]\n{}", words.concat()));
        }
    }
    settings
}

fn programs(texts: &Texts) -> String {
    let year = |year: Option<u32>| year.map(school_year).unwrap_or_default();
    let programs = texts.programs.iter().map(|program| {
        let years = [year(program.from), year(program.to)];
        let [from, to] = years;
        vec![
            program.code.clone(),
            program.name.clone(),
            program.category.clone(),
            program.sector.clone(),
            String::new(),
            from,
            to,
        ]
    });
    table(
        "Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year",
        programs,
    )
}

fn participants(texts: &Texts) -> String {
    let participants = texts.entities.iter().map(|entity| {
        vec![
            entity.district.clone(),
            entity.school.clone(),
            entity.name.clone(),
            entity.kind.clone(),
            yes(entity.participating),
            yes(entity.supplemented),
        ]
    });
    table(
        "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation",
        participants,
    )
}

fn resolutions(lines: &[Line]) -> String {
    let lines = lines.iter().cloned().map(|line| {
        vec![
            line.district,
            line.school,
            line.sasid,
            line.program,
            line.file,
            line.sheet,
            line.row,
            line.column,
            line.was,
            line.becomes,
            line.codes,
            line.check,
            line.decision,
            line.reason,
            line.by,
            line.date,
        ]
    });
    table(RESOLUTIONS, lines)
}

pub fn folder(draw: &mut Draw, texts: &Texts, own_rules: Option<String>) -> TestBatch {
    let mut batch = TestBatch::new()
        .asking_who_sent_nothing()
        .file("batch.toml", settings(texts, own_rules.is_some()))
        .programs(&programs(texts))
        .participants(&participants(texts));
    if let Some(rules) = own_rules {
        batch = batch.file("rules.toml", rules);
    }
    if !texts.ledger.is_empty() {
        let priors = texts.ledger.iter();
        let lines: Vec<String> = priors
            .map(|prior| {
                format!(
                    "{},{},{}",
                    prior.sasid,
                    prior.program,
                    school_year(prior.year)
                )
            })
            .collect();
        batch = batch.ledger(&lines.join("\n"));
    }
    if !texts.lines.is_empty() {
        batch = batch.file("resolutions.csv", resolutions(&texts.lines));
    }
    for file in &texts.passed_over {
        batch = batch.file(&file.path, vec![b'x'; file.bytes]);
    }
    for file in &texts.files {
        let content = if file.workbook {
            workbook(draw, file)
        } else {
            csv_file(draw, file).into_bytes()
        };
        batch = batch.file(&file.path, content);
    }
    batch
}

/// A column of a sheet: a field's, or one that is not read.
#[derive(Clone)]
enum Column {
    Of(usize),
    Unread(String),
}

impl Column {
    fn heading(&self) -> &str {
        match self {
            Column::Of(field) => FIELDS[*field],
            Column::Unread(heading) => heading,
        }
    }

    fn cell(&self, cells: &[Cell]) -> Cell {
        match self {
            Column::Of(field) => cells[*field].clone(),
            Column::Unread(_) => Cell::default(),
        }
    }
}

/// The columns in any order.
fn columns(draw: &mut Draw, sheet: &Sheet) -> Vec<Column> {
    let fields = (0..FIELDS.len()).filter(|field| !sheet.absent.contains(field));
    let unread = sheet.unread.iter().cloned().map(Column::Unread);
    let mut columns: Vec<Column> = fields.map(Column::Of).chain(unread).collect();
    for last in (1..columns.len()).rev() {
        columns.swap(last, draw.position(last + 1));
    }
    columns
}

/// The lines above the headings.
fn title_lines(sheet: &Sheet) -> u32 {
    sheet.rows.first().map_or(0, |row| row.number - 2)
}

fn csv_file(draw: &mut Draw, file: &File) -> String {
    let sheet = &file.sheets[0];
    let columns = columns(draw, sheet);
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for _ in 0..title_lines(sheet) {
        writer
            .write_record(["Completions of the year", "to be checked"])
            .unwrap();
    }
    writer
        .write_record(columns.iter().map(Column::heading))
        .unwrap();
    for row in &sheet.rows {
        let cells = columns.iter().map(|column| column.cell(&row.cells).found);
        let mut cells: Vec<String> = cells.collect();
        if !row.behind.is_empty() {
            cells.push(row.behind.clone());
        }
        writer.write_record(cells).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn write_cell(page: &mut Worksheet, row: u32, at: u16, cell: &Cell, day: &Format) {
    match cell.kind {
        Kind::Text if cell.found.is_empty() => {}
        Kind::Text => {
            page.write_string(row, at, &cell.found).unwrap();
        }
        Kind::Number => {
            let number: f64 = cell.found.parse().unwrap();
            page.write_number(row, at, number).unwrap();
        }
        Kind::Day => {
            let date = NaiveDate::parse_from_str(&cell.found, "%Y-%m-%d").unwrap();
            page.write_datetime_with_format(row, at, date, day).unwrap();
        }
    }
}

fn workbook(draw: &mut Draw, file: &File) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for sheet in &file.sheets {
        let page = workbook.add_worksheet().set_name(&sheet.name).unwrap();
        for (at, column) in (0..).zip(columns(draw, sheet)) {
            page.write_string(title_lines(sheet), at, column.heading())
                .unwrap();
            for row in &sheet.rows {
                write_cell(page, row.number - 1, at, &column.cell(&row.cells), &day);
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}
