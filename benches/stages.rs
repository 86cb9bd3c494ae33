//! How long each stage takes, on a synthetic batch of a real year's size and of ten times that: `cargo bench --bench stages`.
//! Rows per second are printed next to the times.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use cdip::allocation::{Claimant, Demand, allocate};
use cdip::batch::Batch;
use cdip::batch::reading;
use cdip::calculation::{Calculation, calculate};
use cdip::checks;
use cdip::ranks::RowRank;
use cdip::report::entities::{ReportingEntity, reporting_entities};
use cdip::report::workbook::Workbooks;
use cdip::report::{json, text};
use cdip::sample::{SampleOptions, files};
use divan::Bencher;
use divan::counter::ItemsCount;
use tempfile::TempDir;

const ROWS: [u32; 2] = [13_000, 130_000];

fn main() {
    divan::main();
}

/// A batch on disk, and calculated.
struct Prepared {
    folder: TempDir,
    calculation: Calculation,
    entities: Vec<ReportingEntity>,
}

static PREPARED: [LazyLock<Prepared>; ROWS.len()] = [
    LazyLock::new(|| prepare(ROWS[0])),
    LazyLock::new(|| prepare(ROWS[1])),
];

fn prepared(rows: u32) -> &'static Prepared {
    let position = ROWS
        .iter()
        .position(|size| *size == rows)
        .expect("one of the sizes");
    &PREPARED[position]
}

fn prepare(rows: u32) -> Prepared {
    let folder = TempDir::new().expect("a temporary folder");
    for file in files(&SampleOptions {
        entities: 70,
        rows,
        seed: 1,
    })
    .expect("a sample")
    {
        let path = folder.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
        fs::write(path, &file.bytes).expect("a file");
    }
    let calculation = calculate(open(&folder), &|_, _| ()).expect("the sample is sound");
    let entities = reporting_entities(&calculation);
    Prepared {
        folder,
        calculation,
        entities,
    }
}

fn open(folder: &TempDir) -> Batch {
    Batch::open(folder.path()).expect("the sample has a batch.toml")
}

#[divan::bench(args = ROWS, sample_count = 10)]
fn intake_of_every_file(bencher: Bencher, rows: u32) {
    let batch = open(&prepared(rows).folder);
    bencher
        .counter(ItemsCount::new(rows))
        .bench(|| reading::read(&batch, &|_, _| ()));
}

#[divan::bench(args = ROWS, sample_count = 10)]
fn checks_of_every_row(bencher: Bencher, rows: u32) {
    let Calculation { batch, intake, .. } = &prepared(rows).calculation;
    bencher
        .counter(ItemsCount::new(rows))
        .bench(|| checks::decide(&batch.rules, &batch.readings, intake));
}

#[divan::bench(args = ROWS, sample_count = 10)]
fn allocation(bencher: Bencher, rows: u32) {
    let Calculation {
        batch,
        intake,
        decisions,
        ..
    } = &prepared(rows).calculation;
    let claimant = |participant: &cdip::intake::lists::Participant| Claimant {
        kind: participant.kind,
        requires_completion: participant.requires_completion,
    };
    let demand = Demand {
        certificates: RowRank::enumerate(decisions)
            .filter(|(_, decision)| decision.tier.is_some() && decision.codes.is_empty())
            .filter_map(|(row, decision)| decision.read.certificate(row))
            .collect(),
        claimants: intake.participants.all().iter().map(claimant).collect(),
        reported: checks::reported_by_category(decisions.iter().map(|decision| &decision.read)),
        available: batch.available,
        supplement: batch.supplement,
    };
    bencher
        .counter(ItemsCount::new(demand.certificates.len()))
        .bench(|| allocate(&batch.rules, &batch.readings, &demand));
}

#[divan::bench(args = ROWS, sample_count = 5)]
fn workbook_of_the_state(bencher: Bencher, rows: u32) {
    let Prepared {
        folder,
        calculation,
        ..
    } = prepared(rows);
    let workbooks = Workbooks::of(calculation).spooling_in(folder.path());
    bencher
        .counter(ItemsCount::new(rows))
        .bench(|| workbooks.write_statewide(&folder.path().join("statewide.xlsx")));
}

#[divan::bench(args = ROWS, sample_count = 5)]
fn workbooks_of_the_entities_one_after_the_other(bencher: Bencher, rows: u32) {
    let Prepared {
        folder,
        calculation,
        entities,
    } = prepared(rows);
    let workbooks = Workbooks::of(calculation).spooling_in(folder.path());
    let path = folder.path().join("entity.xlsx");
    bencher.counter(ItemsCount::new(rows)).bench(|| {
        entities
            .iter()
            .try_for_each(|entity| workbooks.write_entity(entity, &path))
    });
}

#[divan::bench(args = ROWS, sample_count = 10)]
fn completions_csv(bencher: Bencher, rows: u32) {
    let calculation = &prepared(rows).calculation;
    bencher
        .counter(ItemsCount::new(rows))
        .bench(|| text::completions(calculation, io::sink()));
}

#[divan::bench(args = ROWS, sample_count = 10)]
fn findings_csv(bencher: Bencher, rows: u32) {
    let calculation = &prepared(rows).calculation;
    bencher
        .counter(ItemsCount::new(calculation.findings.len()))
        .bench(|| text::findings(calculation, io::sink()));
}

#[divan::bench(args = ROWS, sample_count = 10)]
fn allocation_json(bencher: Bencher, rows: u32) {
    let calculation = &prepared(rows).calculation;
    bencher.bench(|| json::allocation(calculation, io::sink()));
}
