//! The reader and the writer next to the bare libraries beneath them, in one run: `cargo bench --bench ratios`.
//!
//! Prints medians and ratios, and fails where the intake of a workbook takes more than [`INTAKE_MAX`] times as long as calamine needs to inflate
//! the same bytes and walk over their cells. A ratio says more than a time: it holds on another machine.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use cdip::inspection::{Basis, inspect};
use rust_xlsxwriter::{Format, Workbook};
use tempfile::TempDir;

/// As many as one submission may have.
const ROWS: u32 = 30_000;
const RUNS: usize = 11;
/// Reading twice (to measure every part before a parser sees it, and to parse) and checking every row are in it.
const INTAKE_MAX: f64 = 4.0;
const HEADINGS: [&str; 11] = [
    "District Code",
    "School Code",
    "SASID",
    "Grade",
    "Program Code",
    "Completion Date",
    "Free/Reduced Lunch",
    "Graduation Credit",
    "AP Exam Score",
    "School Year",
    "Program Name",
];

fn main() -> ExitCode {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("0017 completions.xlsx");
    write(&path).expect("the workbook is written");
    let bytes = std::fs::read(&path).expect("the workbook is there");

    let cells = walk(&bytes);
    let bare = median(|| {
        let _ = walk(&bytes);
    });
    let own = median(|| {
        let inspection = inspect(std::slice::from_ref(&path), Basis::default(), &|_, _| ())
            .expect("it is a submission");
        assert_eq!(inspection.intake.completions.len(), ROWS as usize);
    });
    let ratio = own.as_secs_f64() / bare.as_secs_f64();
    println!("{ROWS} rows, {cells} cells, median of {RUNS}");
    println!("calamine alone, every cell walked over   {bare:8.1?}");
    println!(
        "intake: measured, read, every row checked {own:8.1?}   x {ratio:.2} (at most {INTAKE_MAX})"
    );
    if ratio > INTAKE_MAX {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

/// Cells of the workbook, by the parser alone.
fn walk(bytes: &[u8]) -> u64 {
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(BufReader::new(Cursor::new(bytes))).expect("a workbook");
    let sheet = workbook.sheet_names()[0].clone();
    let mut reader = workbook.worksheet_cells_reader(&sheet).expect("a sheet");
    let mut cells = 0;
    while reader.next_cell().expect("a sound sheet").is_some() {
        cells += 1;
    }
    cells
}

/// A submission in the state's own layout, as Excel writes it: texts once, in a table of their own.
fn write(path: &Path) -> Result<(), rust_xlsxwriter::XlsxError> {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, HEADINGS)?;
    for row in 1..=ROWS {
        let texts = [
            "0017",
            "0120",
            &format!("{}", 9_000_000_000 + u64::from(row) * 7),
            "11",
            "IC112",
        ];
        sheet.write_row(row, 0, texts)?;
        sheet.write_with_format(row, 5, 45_200 + row % 300, &day)?;
        sheet.write_row(row, 6, ["N", "Y", "", "2023-24", "Welding, entry level"])?;
    }
    workbook.save_to_writer(File::create(path)?)
}
