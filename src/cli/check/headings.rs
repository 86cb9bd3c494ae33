//! A file's own headings next to ours: shown if none of them fits, and written for `--columns`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, XlsxError};

use crate::batch::{OWN_HEADINGS, guessed_lines};
use crate::catalogue::Code;
use crate::cli::basis::BasisArguments;
use crate::cli::console::{self, shell_word};
use crate::cli::output::{is_xlsx, put_new};
use crate::disk::{folder_of, read_plain};
use crate::inspection::Inspection;
use crate::intake::guess::{self, SheetLook};
use crate::intake::limits::FILE_BYTES_MAX;
use crate::intake::submission::SourceFile;
use crate::report::text::guard;
use crate::sheets::book::{begin, made, save};
use crate::sheets::look::Look;
use crate::sheets::page::Stamp;
use crate::stop::Stop;

/// Unused headings named; an export has about thirty.
const UNUSED_SHOWN_MAX: usize = 8;
/// Widths of the columns of the workbook, in characters.
const WIDTHS: [u16; 3] = [30, 34, 34];

/// Says what the headings of a single file probably mean, if none of them fits.
pub(super) fn say(inspection: &Inspection, given: &[PathBuf], against: &BasisArguments) {
    let ([path], [file]) = (given, &inspection.intake.files[..]) else {
        return;
    };
    if file.refused != Some(Code::F103) {
        return;
    }
    let Some(sheet) = sheet_of(inspection, path, file) else {
        return;
    };
    let shown = shell_word(path);
    let mut text = table(&sheet, file);
    let _ = writeln!(
        text,
        "If this is right, or once you have corrected it in Excel:\n  cdip check {shown} --columns-out headings.xlsx{0}\n  cdip check {shown} --columns headings.xlsx{0}",
        against.as_words()
    );
    console::data(&text);
}

/// Writes the headings of a single file next to ours. An existing file is kept: it may have been corrected by hand.
pub(super) fn write(inspection: &Inspection, given: &[PathBuf], out: &Path) -> Result<(), Stop> {
    let shown = out.display().to_string();
    let ([path], [file]) = (given, &inspection.intake.files[..]) else {
        return Err(Stop::usage(
            "give one file at a time with --columns-out",
            shown,
            "check each file by itself",
        ));
    };
    let Some(sheet) = sheet_of(inspection, path, file) else {
        return Err(Stop::usage(
            "no sheet of the file has a row of headings",
            path.display().to_string(),
            "check that this is the file with the completions",
        ));
    };
    let lines = guessed_lines(&sheet, file.entity.as_deref());
    let put = |unfinished: &Path| {
        if is_xlsx(out) {
            return made(|| workbook(&lines, inspection.day(), unfinished));
        }
        fs::write(unfinished, csv_of(&lines)?)
    };
    put_new(out, "may have been corrected by hand", put)?;
    console::error(&format!(
        "Your headings next to ours: {shown}. Look it over, then check again with --columns {}",
        shell_word(out)
    ));
    Ok(())
}

/// The sheet with the most headings that are known or guessed.
fn sheet_of(inspection: &Inspection, path: &Path, file: &SourceFile) -> Option<SheetLook> {
    let bytes = read_plain(path, FILE_BYTES_MAX).ok()?;
    let intake = &inspection.intake;
    let lists = (&intake.programs, &intake.participants);
    let look = guess::look(&file.path, &bytes, &inspection.reading.headings, lists).ok()?;
    look.sheets
        .into_iter()
        .next()
        .filter(SheetLook::has_headings)
}

fn table(sheet: &SheetLook, file: &SourceFile) -> String {
    let lines = guessed_lines(sheet, file.entity.as_deref());
    let (used, unused): (Vec<_>, Vec<_>) = lines.iter().partition(|line| !line[0].is_empty());
    let width = |column: usize, least: &str| {
        let widths = used.iter().map(|line| line[column].chars().count());
        widths.max().unwrap_or(0).max(least.len())
    };
    let (ours, yours) = (width(0, OWN_HEADINGS[0]), width(1, OWN_HEADINGS[1]));
    let on_sheet = sheet
        .name
        .as_ref()
        .map(|name| format!(" of sheet \"{name}\""));
    let mut text = format!(
        "Your headings in row {}{}, and what they probably are:\n",
        sheet.header_row,
        on_sheet.unwrap_or_default()
    );
    let heading = OWN_HEADINGS.map(str::to_string);
    for [one, two, three] in std::iter::once(&heading).chain(used) {
        let line = format!("  {one:ours$}  {two:yours$}  {three}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if !unused.is_empty() {
        let named: Vec<&str> = unused
            .iter()
            .take(UNUSED_SHOWN_MAX)
            .map(|line| line[1].as_str())
            .collect();
        let more = unused.len() - named.len();
        let more = (more > 0).then(|| format!(" and {more} more"));
        let _ = writeln!(
            text,
            "  Not used and not looked at: {}{}",
            named.join(", "),
            more.unwrap_or_default()
        );
    }
    text
}

fn csv_of(lines: &[[String; 3]]) -> io::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(OWN_HEADINGS)?;
    for line in lines {
        csv.write_record(line.iter().map(|text| guard(text.as_str()).into_owned()))?;
    }
    csv.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn workbook(lines: &[[String; 3]], made_on: NaiveDate, path: &Path) -> Result<(), XlsxError> {
    let stamp = Stamp {
        title: "CDIP headings".to_string(),
        standing: "TO LOOK OVER",
        is_final: true,
        reason: String::new(),
        label: String::new(),
        facts: String::new(),
    };
    let mut workbook = begin(&stamp, made_on, Some(folder_of(path)));
    let sheet = workbook.add_worksheet();
    sheet.set_name("Headings")?.set_freeze_panes(1, 0)?;
    let header = Look::new().header;
    let text = Format::new().set_num_format("@");
    for ((column, heading), width) in (0..).zip(OWN_HEADINGS).zip(WIDTHS) {
        sheet.set_column_format(column, &text)?;
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, heading, &header)?;
    }
    for (row, line) in (1..).zip(lines) {
        for (column, cell) in (0..).zip(line) {
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
    }
    save(&mut workbook, path)
}
