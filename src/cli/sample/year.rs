//! The year of a synthetic office: the files come, it decides, pays by a first report, and a late file comes.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::path::Path;

use super::decided::decisions;
use crate::audit::earlier::earlier;
use crate::batch::Batch;
use crate::calculation::Calculation;
use crate::cli::{console, run};
use crate::inspection::{Basis, inspect};
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

/// Adds a decision to the batch's list for every line that waits for one.
fn decide(folder: &Path, date: &str) -> Result<(), Stop> {
    let basis = Basis::of_batch(&Batch::open(folder)?)?;
    let inspection = inspect(&[folder.join(SUBMISSIONS)], basis, &|_, _| {})?;
    let path = folder.join(RESOLUTIONS_FILE);
    let added = OpenOptions::new().append(true).open(&path).and_then(|out| {
        let mut csv = csv::Writer::from_writer(out);
        for line in decisions(&inspection, date) {
            csv.write_record(line)?;
        }
        csv.flush()
    });
    added.map_err(|error| not_written(&path, &error))
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
        .filter(|finding| run::keeps_from_final(finding.code) && calculation.is_open(finding))
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
    Place::take(target)?.publish(|folder| {
        run::write(calculation, &earlier, folder, &|_, _| {})
            .map_err(|error| cannot_write(target, &error))
    })?;
    let mut ledger = Vec::new();
    // Writing to memory cannot fail.
    let _ = text::prior_payments_next(calculation, &mut ledger);
    Ok(ledger)
}
