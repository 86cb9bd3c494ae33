//! Outputs (files.md, "Out"): only this module knows what a workbook looks like.

mod changes;
pub mod content;
pub mod earlier;
pub mod entities;
pub mod json;
pub mod ledger;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod publish;
pub mod receipt;
pub mod resolutions;
pub mod text;
pub mod workbook;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::batch::PRIOR_PAYMENTS_NEXT;
use crate::calculation::Calculation;
use crate::factors::Factors;
use crate::receipt::OutputFile;
use crate::sheets::book::made;
use content::checksum_of_pieces;
use earlier::Earlier;
use entities::{ReportingEntity, reporting_entities};
use workbook::Workbooks;

/// Everything written of a report before its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// In ascending order of path.
    pub files: Vec<OutputFile>,
    /// The content checksum ([`content::checksum_of`]).
    pub content: String,
}

/// The counter-check, a program for an auditor's own machine: it recalculates the award from the report by other means.
const COUNTER_CHECK: &str = include_str!("counter-check.py");

/// One file to write.
enum Output<'e> {
    Statewide,
    Entity(&'e ReportingEntity),
    #[cfg(feature = "parquet")]
    Parquet,
    Findings,
    Awards,
    Payments,
    Allocation,
    PriorPaymentsNext,
    Factors,
    CounterCheck,
}

impl Output<'_> {
    fn path(&self) -> String {
        match self {
            Output::Statewide => "statewide.xlsx".into(),
            Output::Entity(entity) => format!("entities/{}", entity.file_name()),
            #[cfg(feature = "parquet")]
            Output::Parquet => "completions.parquet".into(),
            Output::Findings => "findings.csv".into(),
            Output::Awards => "awards.csv".into(),
            Output::Payments => "payments.csv".into(),
            Output::Allocation => "allocation.json".into(),
            Output::PriorPaymentsNext => PRIOR_PAYMENTS_NEXT.into(),
            Output::Factors => "factors.json".into(),
            Output::CounterCheck => "counter-check.py".into(),
        }
    }

    fn write(
        &self,
        calculation: &Calculation,
        workbooks: &Workbooks<'_>,
        path: &Path,
    ) -> io::Result<()> {
        let stream = |write: fn(&Calculation, &mut BufWriter<File>) -> io::Result<()>| {
            let mut out = BufWriter::new(File::create(path)?);
            write(calculation, &mut out)?;
            out.flush()
        };
        match self {
            Output::Statewide => made(|| workbooks.write_statewide(path)),
            Output::Entity(entity) => made(|| workbooks.write_entity(entity, path)),
            #[cfg(feature = "parquet")]
            Output::Parquet => stream(|calculation, out| parquet::completions(calculation, out)),
            Output::Findings => stream(|calculation, out| text::findings(calculation, out)),
            Output::Awards => stream(|calculation, out| text::awards(calculation, out)),
            Output::Payments => stream(|calculation, out| text::payments(calculation, out)),
            Output::Allocation => stream(|calculation, out| json::allocation(calculation, out)),
            Output::PriorPaymentsNext => {
                stream(|calculation, out| text::prior_payments_next(calculation, out))
            }
            Output::Factors => stream(|calculation, out| {
                Factors::of(calculation).write(&calculation.batch.rules, out)
            }),
            Output::CounterCheck => fs::write(path, COUNTER_CHECK),
        }
    }
}

/// Writes every file of a report except its receipt into an empty folder, in parallel. `earlier` is the report to compare with.
/// `complete` is called after each file with the file, how many are written, and how many there are in all.
pub fn write(
    calculation: &Calculation,
    earlier: &Earlier,
    folder: &Path,
    complete: &(dyn Fn(PathBuf, usize, usize) + Sync),
) -> io::Result<Written> {
    let (content, (entities, workbooks)) = rayon::join(
        || write_completions(calculation, folder),
        || (reporting_entities(calculation), Workbooks::of(calculation)),
    );
    let (completions, content) = content?;
    let workbooks = workbooks
        .spooling_in(folder)
        .with_content(&content)
        .compared_with(earlier);
    fs::create_dir(folder.join("entities"))?;
    // The slowest first, so that no core waits for another at the end.
    let mut outputs = vec![Output::Statewide, Output::Findings];
    #[cfg(feature = "parquet")]
    outputs.push(Output::Parquet);
    let mut by_size: Vec<&ReportingEntity> = entities.iter().collect();
    by_size.sort_by_key(|entity| std::cmp::Reverse(entity.rows.len()));
    outputs.extend(by_size.into_iter().map(Output::Entity));
    outputs.extend([
        Output::Awards,
        Output::Allocation,
        Output::Factors,
        Output::CounterCheck,
    ]);
    // Payments and next year's ledger are never preliminary.
    if calculation.is_final() {
        outputs.extend([Output::Payments, Output::PriorPaymentsNext]);
    }
    // `completions.csv` is written already.
    let total = outputs.len() + 1;
    complete(folder.join(&completions.path), 1, total);
    let done = AtomicUsize::new(1);
    let write_one = |output: Output<'_>| {
        let path = output.path();
        let place = folder.join(&path);
        output.write(calculation, &workbooks, &place)?;
        let written = OutputFile::of(folder, path)?;
        complete(place, 1 + done.fetch_add(1, Ordering::Relaxed), total);
        Ok(written)
    };
    let writers = writers()?;
    let written: io::Result<Vec<OutputFile>> =
        writers.install(|| outputs.into_iter().par_bridge().map(write_one).collect());
    let mut written = written?;
    written.push(completions);
    written.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Written {
        files: written,
        content,
    })
}

/// The threads that write files: one more than cores are used, because each waits now and then for the disk and for threads of the
/// writer of workbooks.
fn writers() -> io::Result<ThreadPool> {
    let cores = rayon::current_num_threads();
    let threads = if cores > 1 { cores + 1 } else { 1 };
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(io::Error::other)
}

/// Writes `completions.csv`, and gives its content checksum. Its bytes are not kept: those of a million rows are 160 MB.
fn write_completions(calculation: &Calculation, folder: &Path) -> io::Result<(OutputFile, String)> {
    let pieces = text::pieces_of_completions(calculation)?;
    let (checksum, file) = rayon::join(
        || checksum_of_pieces(&pieces),
        || {
            let path = "completions.csv".to_string();
            let mut out = File::create(folder.join(&path))?;
            pieces.iter().try_for_each(|piece| out.write_all(piece))?;
            OutputFile::of(folder, path)
        },
    );
    Ok((file?, checksum))
}
