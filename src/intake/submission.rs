//! One submitted file of any format: its rows under the submission's headings, and findings about it.

use std::sync::Arc;

use super::cells::{CellSource, Refusal, SheetInfo};
use super::completions::Completions;
use super::formats::visit_sheets;
use super::guard::guarded;
use super::headings::{Header, Headings, Nearest};
use super::pages::{Fingerprint, Noticing, Page};
use super::table::{Allowance, RowLook, RowSink, SheetOutcome, Value, read_sheet};
use super::text;
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::words::one_line;

/// A submitted file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path relative to the batch folder, with `/`.
    pub path: Arc<str>,
    /// SHA-256 of its bytes, hexadecimal; empty where it could not be opened.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
    /// The sheets that were read, in order; one for a text file.
    pub sheets: Vec<SourceSheet>,
    /// Rows read.
    pub rows: usize,
    /// Why it was refused, if it was.
    pub refused: Option<Code>,
    /// The District Code of the reporting entity, by the name of the file or its folder.
    pub entity: Option<String>,
    /// The template that it was made from, if it says so.
    pub template: Option<Fingerprint>,
}

/// A sheet that was read.
#[derive(Clone, Debug)]
pub struct SourceSheet {
    /// Its name; none in a text file.
    pub name: Option<Arc<str>>,
    /// By [`Field`](super::completions::Field): its column in the sheet.
    pub columns: Vec<Option<u32>>,
    /// By field: its heading as the submitter wrote it.
    pub written: Vec<Option<Box<str>>>,
    /// The headings that are not read, with their columns.
    pub unread: Vec<(u32, Box<str>)>,
    /// The physical row of the headings.
    pub header_row: u32,
    /// Whether it is hidden.
    pub hidden: bool,
    /// Whether its serial dates count from 1904.
    pub dates_1904: bool,
}

/// What reading a file gave.
#[derive(Clone, Debug)]
pub struct FileRead {
    /// The file, with its sheets.
    pub file: SourceFile,
    /// Its rows; none if it is refused.
    pub rows: Option<Completions>,
    /// What a person should know of it.
    pub findings: Vec<Finding>,
}

struct SubmissionSink<'s> {
    rows: &'s mut Completions,
    /// Positions among the batch's files and among the file's sheets.
    file: u32,
    sheet: u32,
    sheets: &'s mut Vec<SourceSheet>,
    info: SheetInfo,
}

impl RowSink for SubmissionSink<'_> {
    fn header(&mut self, header: &Header) {
        self.sheet = u32::try_from(self.sheets.len()).unwrap_or(u32::MAX);
        let name = self.info.name.as_deref().map(Into::into);
        let SheetInfo {
            hidden, dates_1904, ..
        } = self.info;
        self.sheets.push(SourceSheet {
            name,
            columns: header.columns.clone(),
            written: header.written.clone(),
            unread: header.unread.clone(),
            header_row: header.row,
            hidden,
            dates_1904,
        });
    }

    fn row(&mut self, row: u32, values: &[Value], look: RowLook) {
        // A row without text in any field does not count, whatever is next to it.
        if values.iter().all(|value| value.text().is_empty()) {
            return;
        }
        let place = (self.file, self.sheet, row);
        // Only a text file can have more fields than headings: cells of a workbook have addresses.
        let look = RowLook {
            spills: look.spills && self.info.name.is_none(),
            ..look
        };
        self.rows.push(place, values, look);
    }
}

/// How to read the submissions of a batch.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The headings, with the office's own words for them.
    pub headings: Headings,
    /// The delimiter of text files; none means the one under which the headings are found.
    pub delimiter: Option<u8>,
}

/// Reads a submission. `index` is its position among the batch's files.
#[must_use]
pub fn read_submission(path: &str, bytes: &[u8], index: u32, reading: &Reading) -> FileRead {
    let mut file = SourceFile {
        path: path.into(),
        sha256: crate::hash::sha256_hex(bytes),
        bytes: bytes.len() as u64,
        sheets: Vec::new(),
        rows: 0,
        refused: None,
        entity: None,
        template: None,
    };
    let read = guarded(|| read_rows(path, bytes, index, reading));
    match read {
        Ok(read) => {
            file.rows = read.rows.len();
            file.sheets = read.sheets;
            file.template = read.template;
            FileRead {
                file,
                rows: Some(read.rows),
                findings: read.findings,
            }
        }
        Err(refusal) => refused(file, refusal),
    }
}

/// Refuses a file: none of its rows is kept.
#[must_use]
pub fn refused(mut file: SourceFile, refusal: Refusal) -> FileRead {
    file.refused = Some(refusal.code);
    file.rows = 0;
    file.sheets.clear();
    let mut finding = Finding::of_file(refusal.code, &file.path).saying(refusal.message);
    // A fix can quote a heading, which can have two lines in a spreadsheet.
    finding.fix = refusal.fix.map(|fix| one_line(fix.into()).into());
    finding.sheet = refusal.sheet.map(Into::into);
    finding.row = refusal.row;
    FileRead {
        file,
        rows: None,
        findings: vec![finding],
    }
}

/// What is read of a file, sheet by sheet.
#[derive(Default)]
struct RowsRead {
    rows: Completions,
    sheets: Vec<SourceSheet>,
    findings: Vec<Finding>,
    template: Option<Fingerprint>,
    /// Sheets with content but without a header row, and the row most like one.
    unread: Vec<(SheetInfo, Option<Nearest>)>,
}

fn read_rows(path: &str, bytes: &[u8], index: u32, reading: &Reading) -> Result<RowsRead, Refusal> {
    let headings = &reading.headings;
    let mut read = RowsRead::default();
    let mut allowance = Allowance::SUBMISSION;
    visit_sheets(
        path,
        bytes,
        headings,
        reading.delimiter,
        &mut |info, source| read.sheet((path, index), headings, &mut allowance, info, source),
    )?;
    if read.sheets.is_empty() {
        return Err(nothing_read(reading, &read.unread));
    }
    for (info, nearest) in &read.unread {
        let message = match nearest {
            Some(nearest) => format!(
                "the sheet was not read: row {} lacks the headings {}",
                nearest.row,
                nearest.lacks()
            ),
            None => "the sheet was not read: no row holds the required headings".to_string(),
        };
        let finding = sheet_finding(Code::W217, path, info, message);
        read.findings.push(finding);
    }
    if read.rows.is_empty() {
        read.findings.push(Finding::of_file(Code::W218, path));
    }
    Ok(read)
}

impl RowsRead {
    fn sheet(
        &mut self,
        (path, file): (&str, u32),
        headings: &Headings,
        allowance: &mut Allowance,
        info: SheetInfo,
        source: &mut dyn CellSource,
    ) -> Result<(), Refusal> {
        let mut sink = SubmissionSink {
            rows: &mut self.rows,
            file,
            sheet: 0,
            sheets: &mut self.sheets,
            info: info.clone(),
        };
        let mut source = Noticing::new(source);
        let outcome = read_sheet(&mut source, headings, &mut sink, allowance)
            .map_err(|refusal| refusal.on_sheet(info.name.as_deref()))?;
        let formulas = source.formulas();
        let page = source.page;
        match outcome {
            SheetOutcome::Read { .. } => {
                if info.hidden {
                    let message = Code::W216.entry().title.to_string();
                    self.note(Code::W216, path, &info, message);
                }
                let columns = self.sheets.last().map(|sheet| &*sheet.columns);
                if let Some(doubt) = formulas.doubt(columns.unwrap_or_default()) {
                    self.note(Code::W230, path, &info, doubt);
                }
            }
            // The program's own pages hold no completions.
            SheetOutcome::NoHeader { nearest } if page.is_none() => {
                self.unread.push((info, nearest));
            }
            _ => {}
        }
        match page {
            Some(Page::Template(made)) => {
                self.template.get_or_insert(made);
            }
            Some(Page::Own(what)) => return Err(own_workbook(what)),
            None => {}
        }
        Ok(())
    }

    fn note(&mut self, code: Code, path: &str, info: &SheetInfo, message: String) {
        self.findings.push(sheet_finding(code, path, info, message));
    }
}

/// The refusal of a file of which no sheet was read.
fn nothing_read(reading: &Reading, unread: &[(SheetInfo, Option<Nearest>)]) -> Refusal {
    let refusal = no_header(&reading.headings, unread);
    // Only a text file has a sheet without a name.
    let text = unread.iter().any(|(info, _)| info.name.is_none());
    match reading.delimiter.filter(|_| text) {
        Some(delimiter) => refusal.or_else_fix(&format!(
            "the file was read with the delimiter \"{}\" of batch.toml: save it so, or correct [input] delimiter",
            text::delimiter_name(delimiter)
        )),
        None => refusal,
    }
}

/// Refuses a workbook that the program wrote: any rows in it were submitted already in another file.
fn own_workbook(what: &str) -> Refusal {
    Refusal {
        fix: Some("Correct your own file and send that; this workbook is for reading.".to_string()),
        ..Refusal::new(
            Code::F105,
            format!("the workbook was made by cdip: it is {what}, and not a submission"),
        )
    }
}

fn sheet_finding(code: Code, path: &str, info: &SheetInfo, message: String) -> Finding {
    let mut finding = Finding::of_file(code, path).saying(message);
    finding.sheet = info.name.as_deref().map(Into::into);
    finding
}

fn no_header(headings: &Headings, unread: &[(SheetInfo, Option<Nearest>)]) -> Refusal {
    if unread.is_empty() {
        let fix =
            "send the file that holds the completions; if there are none to report, send none";
        return Refusal {
            fix: Some(fix.to_string()),
            ..Refusal::new(Code::F103, "the file is empty")
        };
    }
    let nearest = unread
        .iter()
        .filter_map(|(info, nearest)| nearest.as_ref().map(|nearest| (info, nearest)))
        .min_by_key(|(_, nearest)| nearest.missing.len());
    let place = nearest.map(|(info, nearest)| (info.name.clone(), nearest.row));
    let (message, fix) = if let Some((info, nearest)) = nearest {
        let sheet = info
            .name
            .as_ref()
            .map(|name| format!(" of sheet \"{name}\""))
            .unwrap_or_default();
        let row = nearest.row;
        let lacks = nearest.lacks();
        (
            format!(
                "no row holds the required headings; row {row}{sheet} comes nearest and lacks {lacks}"
            ),
            format!("{}; or {MAP_HEADINGS}", nearest.fix()),
        )
    } else {
        let required: Vec<&str> = headings
            .known()
            .iter()
            .filter(|heading| heading.required)
            .map(|heading| heading.title)
            .collect();
        let fix = format!(
            "send the file with the completions; or put these headings in one row above the data: {}; or {MAP_HEADINGS}",
            required.join(", ")
        );
        let message =
            "no row holds any of the required headings: this does not look like a submission";
        (message.to_string(), fix)
    };
    let (sheet, row) = place.map_or((None, None), |(sheet, row)| (sheet, Some(row)));
    Refusal {
        fix: Some(fix),
        sheet,
        row,
        ..Refusal::new(Code::F103, message)
    }
}

/// How an office can use its own headings.
const MAP_HEADINGS: &str = "say which of your own they are with cdip check --columns";
