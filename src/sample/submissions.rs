//! The entities' files: the file, sheet and line of each row.

use std::borrow::Cow;

use chrono::Datelike as _;
use rayon::prelude::*;

use super::{
    completion::Completion,
    completions::Completions,
    delimited,
    habits::{Habits, SavedAs},
    opendocument,
    options::{LATE, SYNTHETIC, SampleError, SampleFile},
    sheets::{Cell, Sheet},
    statewide::{Reporter, School, Statewide},
    workbook,
};

/// Ranks that divide their rows: over two sheets; with late rows on a hidden sheet; with the charter schools' rows in a file of
/// their own; by term, in a folder that alone carries the code.
const TWO_SHEETS_RANK: usize = 0;
const HIDDEN_SHEET_RANK: usize = 1;
const CHARTER_FILE_RANKS: [usize; 2] = [2, 6];
const FILE_PER_TERM_RANK: usize = 9;
/// One file in a folder.
const FOLDER_RANK: usize = 12;
/// A sheet about the workbook comes before the list.
const ABOUT_SHEET_RANK: usize = 10;
/// At the rank with the hidden sheet, one row in so many is on it.
const LATE_ROWS_ONE_IN: usize = 30;
/// Sends one row in so many after the first payments were made.
const LATE_FILE_RANK: usize = 26;
const LATE_FILE_ROWS_ONE_IN: usize = 4;

/// The most rows of a sheet before an entity begins a new file; two such sheets fit into one submission.
const PART_ROWS_MAX: usize = 14_000;

/// One file of an entity.
pub(super) struct Submission<'a> {
    pub(super) path: String,
    pub(super) habits: Habits,
    pub(super) sheets: Vec<Layout<'a>>,
    reporter: &'a Reporter,
    title: String,
}

/// The lines of one sheet from the top, as a person sees them.
pub(super) struct Layout<'a> {
    pub(super) name: &'static str,
    pub(super) lines: Vec<Line<'a>>,
    hidden: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Line<'a> {
    /// The file's title.
    Title,
    Note(&'static str),
    Blank,
    Headings,
    Completion(&'a Completion),
    /// The line of totals, with the number of completions.
    Total(usize),
}

/// Rows that share a sheet, before titles and headings.
struct Part<'a> {
    path: String,
    sheet: &'static str,
    hidden: bool,
    rows: Vec<&'a Completion>,
}

/// All submissions, the largest entity's first.
pub(super) fn lay_out<'a>(
    statewide: &'a Statewide,
    completions: &'a Completions,
) -> Vec<Submission<'a>> {
    let mut submissions = Vec::new();
    for reporter in &statewide.reporters {
        let rows = &completions.rows[completions.of_reporter[reporter.rank].clone()];
        let habits = Habits::of(reporter);
        let first = submissions.len();
        for part in parts(reporter, habits, rows).into_iter().flat_map(cut) {
            let title = format!(
                "{SYNTHETIC}: career completions {}, {}",
                reporter.school_year, reporter.name
            );
            let layout = Layout {
                name: part.sheet,
                hidden: part.hidden,
                lines: lines(habits, &part.rows),
            };
            match submissions[first..]
                .iter_mut()
                .find(|submission: &&mut Submission<'_>| submission.path == part.path)
            {
                Some(submission) => submission.sheets.push(layout),
                None => submissions.push(Submission {
                    path: part.path,
                    habits,
                    sheets: vec![layout],
                    reporter,
                    title,
                }),
            }
        }
        if reporter.rank == ABOUT_SHEET_RANK
            && let Some(submission) = submissions[first..].first_mut()
        {
            let lines = vec![
                Line::Title,
                Line::Blank,
                Line::Note("Read the second sheet; it has one row for each completion."),
            ];
            submission.sheets.insert(
                0,
                Layout {
                    name: "About",
                    hidden: false,
                    lines,
                },
            );
        }
        if habits.has_total(reporter)
            && let Some(sheet) = submissions[first..]
                .last_mut()
                .and_then(|submission| submission.sheets.last_mut())
        {
            sheet.lines.push(Line::Total(rows.len()));
        }
    }
    submissions
}

/// Cuts a long part into several files, as large entities send them; a part without rows makes no file.
fn cut(part: Part<'_>) -> impl Iterator<Item = Part<'_>> {
    let Part {
        path,
        sheet,
        hidden,
        rows,
    } = part;
    let files = rows.len().div_ceil(PART_ROWS_MAX);
    (0..files).map(move |number| {
        let rows = rows
            .iter()
            .copied()
            .skip(number * PART_ROWS_MAX)
            .take(PART_ROWS_MAX)
            .collect();
        let path = match path.rsplit_once('.') {
            Some((stem, extension)) if number > 0 => {
                format!("{stem} part {}.{extension}", number + 1)
            }
            _ => path.clone(),
        };
        Part {
            path,
            sheet,
            hidden,
            rows,
        }
    })
}

/// Divides a reporter's rows over files and sheets. Parts without rows are possible.
fn parts<'a>(reporter: &Reporter, habits: Habits, rows: &'a [Completion]) -> Vec<Part<'a>> {
    let extension = habits.format.extension();
    let code_and_name = format!("submissions/{:04} {}", reporter.code, reporter.name);
    let file = format!("{code_and_name}.{extension}");
    let part = |path: String, rows: Vec<&'a Completion>| Part {
        path,
        sheet: habits.sheet_name,
        hidden: false,
        rows,
    };
    match reporter.rank {
        TWO_SHEETS_RANK => on_two_sheets(&file, rows),
        HIDDEN_SHEET_RANK => {
            let (timely, late) = rows.split_at(rows.len() - rows.len() / LATE_ROWS_ONE_IN);
            vec![
                part(file.clone(), timely.iter().collect()),
                Part {
                    sheet: "Late additions",
                    hidden: true,
                    ..part(file, late.iter().collect())
                },
            ]
        }
        rank if CHARTER_FILE_RANKS.contains(&rank) => {
            let (of_charters, others) = rows
                .iter()
                .partition(|row| charters(reporter).any(|school| school.code == row.school));
            let charter = charters(reporter)
                .next()
                .map_or(reporter.code, |school| school.code);
            let charter_file = format!(
                "submissions/{:04}-{charter:04} Charter.{extension}",
                reporter.code
            );
            vec![part(file, others), part(charter_file, of_charters)]
        }
        FILE_PER_TERM_RANK => {
            let year = reporter.school_year.first();
            let (fall, spring) = rows
                .iter()
                .partition(|row| row.date.year() <= i32::from(year));
            let path = |year: u16, term| format!("{code_and_name}/{year} {term}.{extension}");
            vec![
                part(path(year, "fall"), fall),
                part(path(year + 1, "spring"), spring),
            ]
        }
        FOLDER_RANK => {
            let path = format!(
                "{code_and_name}/{:04} completions.{extension}",
                reporter.code
            );
            vec![part(path, rows.iter().collect())]
        }
        LATE_FILE_RANK => {
            let (timely, late) = rows.split_at(rows.len() - rows.len() / LATE_FILE_ROWS_ONE_IN);
            let late_file = format!("{code_and_name}{LATE}.{extension}");
            vec![
                part(file, timely.iter().collect()),
                part(late_file, late.iter().collect()),
            ]
        }
        _ => vec![part(file, rows.iter().collect())],
    }
}

/// Halves, since that keeps the largest possible batch within what Excel's sheets hold.
fn on_two_sheets<'a>(file: &str, rows: &'a [Completion]) -> Vec<Part<'a>> {
    let (first, second) = rows.split_at(rows.len().div_ceil(2));
    [("List 1", first), ("List 2", second)]
        .map(|(sheet, rows)| Part {
            path: file.to_string(),
            sheet,
            hidden: false,
            rows: rows.iter().collect(),
        })
        .into()
}

fn charters(reporter: &Reporter) -> impl Iterator<Item = &School> {
    reporter.schools.iter().filter(|school| school.is_charter)
}

fn lines<'a>(habits: Habits, rows: &[&'a Completion]) -> Vec<Line<'a>> {
    let mut lines = Vec::with_capacity(rows.len() + 4);
    if habits.titles > 0 {
        lines.push(Line::Title);
    }
    if habits.titles > 1 {
        lines.extend([
            Line::Note("All entities and pupils in this file are invented."),
            Line::Blank,
        ]);
    }
    lines.push(Line::Headings);
    for (index, row) in rows.iter().enumerate() {
        if index > 0
            && habits
                .block
                .is_some_and(|block| index.is_multiple_of(block))
        {
            lines.push(Line::Blank);
        }
        lines.push(Line::Completion(row));
    }
    lines
}

/// The files themselves, and one left by a file manager.
pub(super) fn write(submissions: &[Submission<'_>]) -> Result<Vec<SampleFile>, SampleError> {
    let mut files: Vec<SampleFile> = submissions
        .par_iter()
        .map(|submission| {
            Ok(SampleFile {
                path: submission.path.clone(),
                bytes: submission.write()?,
            })
        })
        .collect::<Result<_, SampleError>>()?;
    files.push(SampleFile {
        path: "submissions/Thumbs.db".to_owned(),
        bytes: format!("{SYNTHETIC}: to be ignored\n").into_bytes(),
    });
    Ok(files)
}

impl Submission<'_> {
    fn write(&self) -> Result<Vec<u8>, SampleError> {
        let mut sheets: Vec<_> = self
            .sheets
            .iter()
            .map(|layout| self.sheet(layout))
            .collect();
        match self.habits.format {
            SavedAs::Excel => workbook::write(&self.title, sheets),
            SavedAs::OpenDocument => opendocument::write(&self.title, sheets),
            SavedAs::Text { dialect, .. } => delimited::write(dialect, sheets.remove(0)),
        }
    }

    fn sheet<'s>(&'s self, layout: &'s Layout<'s>) -> Sheet<'s> {
        Sheet {
            name: Cow::Borrowed(layout.name),
            hidden: layout.hidden,
            height: layout.lines.len(),
            width: self.habits.columns.len(),
            rows: Box::new(layout.lines.iter().map(|line| self.cells(*line))),
        }
    }

    fn cells(&self, line: Line<'_>) -> Vec<Cell> {
        let columns = self.habits.columns.iter().copied();
        match line {
            Line::Title => vec![Cell::text(self.title.clone())],
            Line::Note(note) => vec![Cell::text(note)],
            Line::Blank => Vec::new(),
            Line::Headings => columns.map(|column| self.habits.heading(column)).collect(),
            Line::Completion(row) => columns
                .map(|column| self.habits.cell(column, row, self.reporter))
                .collect(),
            Line::Total(completions) => columns
                .map(|column| Habits::total_cell(column, completions))
                .collect(),
        }
    }
}
