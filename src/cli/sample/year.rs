//! The year of a synthetic office: the files come, it decides, pays by a first report, and a late file comes.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::decided::decisions;
use crate::audit::earlier::earlier;
use crate::batch::Batch;
use crate::calculation::Calculation;
use crate::catalogue::Code;
use crate::cli::{console, run};
use crate::inspection::{Basis, Inspection, inspect};
use crate::intake::SUBMISSIONS;
use crate::money::Money;
use crate::report::publish::{Place, cannot_write};
use crate::report::text;
use crate::sample::{SampleFile, SampleYear};
use crate::stop::{Status, Stop};

/// The payments made, in the batch folder: what `cdip settle --paid` reads.
pub(super) const PAYMENTS_MADE: &str = "payments-made.csv";
/// The list that decisions go to.
const RESOLUTIONS_FILE: &str = "resolutions.csv";
/// How often the office looks again: one decision rarely leaves another thing open.
const ROUNDS_MAX: usize = 4;

/// Writes the files into a folder.
pub(super) fn write<'f>(
    folder: &Path,
    files: impl IntoIterator<Item = &'f SampleFile>,
) -> Result<(), Stop> {
    for file in files {
        put(&folder.join(&file.path), &file.bytes)?;
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| not_written(path, &error))
}

fn not_written(path: &Path, error: &dyn std::fmt::Display) -> Stop {
    Stop::usage(
        format!("the sample cannot be written: {error}"),
        path.display().to_string(),
        "check the folder and try again",
    )
}

/// Writes a batch as it is when its year is over: everything is decided, payments were made by the first report, and the late file is
/// in. Gives the final calculation.
pub(super) fn play(
    folder: &Path,
    files: &[SampleFile],
    year: &SampleYear<'_>,
) -> Result<Calculation, Stop> {
    let day = |day: &str| format!("{}-{day}", year.budget_year().first());
    let (late, timely): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.is_late());
    write(folder, timely)?;
    decide(folder, &day("09-12"))?;
    let first = calculated(folder)?;
    put(
        &folder.join(PAYMENTS_MADE),
        &payments_made(&first, &day("09-13")),
    )?;
    if late.is_empty() {
        return Ok(first);
    }
    write(folder, late)?;
    decide(folder, &day("09-15"))?;
    calculated(folder)
}

/// Decides all that waits for a decision. What is decided can leave something else open, so the office looks again.
fn decide(folder: &Path, date: &str) -> Result<(), Stop> {
    for _ in 0..ROUNDS_MAX {
        let basis = Basis::of_batch(&Batch::open(folder)?)?;
        let inspection = inspect(&[folder.join(SUBMISSIONS)], basis, &|_, _| {})?;
        let added = decisions(&inspection, date);
        let idle = idle_lines(&inspection);
        if added.is_empty() && idle.is_empty() {
            break;
        }
        let path = folder.join(RESOLUTIONS_FILE);
        rewrite(&path, &idle, &added).map_err(|error| not_written(&path, &error))?;
    }
    Ok(())
}

/// The lines of the list that find nothing under the rules of this year.
fn idle_lines(inspection: &Inspection) -> BTreeSet<usize> {
    let findings = inspection.findings.iter();
    findings
        .filter(|finding| finding.code == Code::W214)
        .filter_map(|finding| finding.row)
        .map(|row| row as usize)
        .collect()
}

/// Takes lines out of a list, whose headings are its first, and adds others below.
fn rewrite(path: &Path, without: &BTreeSet<usize>, added: &[Vec<String>]) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let mut out: String = (1..)
        .zip(text.split_inclusive('\n'))
        .filter(|(number, _)| !without.contains(number))
        .map(|(_, line)| line)
        .collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    for line in added {
        csv.write_record(line)?;
    }
    let added = csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
    out += &String::from_utf8_lossy(&added);
    fs::write(path, out)
}

/// A year that ends has a FINAL report.
fn calculated(folder: &Path) -> Result<Calculation, Stop> {
    let calculation = console::calculated(Batch::open(folder)?)?;
    if calculation.is_final() {
        return Ok(calculation);
    }
    let codes: BTreeSet<_> = calculation
        .findings
        .iter()
        .filter(|finding| finding.keeps_from_final() && calculation.is_open(finding))
        .map(|finding| finding.code.to_string())
        .collect();
    let codes: Vec<_> = codes.into_iter().collect();
    Err(Stop {
        status: Status::Broken,
        message: format!("the sample is not FINAL; open: {}", codes.join(", ")),
        places: vec![folder.display().to_string()],
        fix: "report it with the seed; another seed may do".to_string(),
        also: Vec::new(),
    })
}

/// Everybody was paid what the first report says; one payment came back, as some do.
fn payments_made(first: &Calculation, date: &str) -> Vec<u8> {
    let mut lines = String::from("Payee,Date,Amount,Reference,Note\n");
    let payees = first.payees();
    let paid = payees.iter().filter(|(_, amount)| *amount > Money::ZERO);
    let mut last = None;
    for (number, (payee, amount)) in (1..).zip(paid) {
        lines += &format!("{payee},{date},{amount},W-{number:04},SYNTHETIC\n");
        last = Some((payee, *amount, number));
    }
    if let Some((payee, amount, number)) = last {
        lines += &format!(
            "{payee},{date},-{amount},W-{number:04} returned,SYNTHETIC: the bank returned it\n"
        );
    }
    lines.into_bytes()
}

/// Writes the report, and gives the ledger that it leaves for the next year.
pub(super) fn report(calculation: &Calculation, target: &Path) -> Result<Vec<u8>, Stop> {
    let earlier = earlier(&calculation.batch);
    Place::take(target)?.publish(|folder, syncing| {
        run::write(calculation, &earlier, folder, &|file, _, _| {
            syncing.begin(file);
        })
        .map_err(|error| cannot_write(target, &error))
    })?;
    let mut ledger = Vec::new();
    // Writing to memory cannot fail.
    let _ = text::prior_payments_next(calculation, &mut ledger);
    Ok(ledger)
}
