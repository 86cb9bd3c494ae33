//! Committed generated files are what the program generates now.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cdip::batch::Batch;
use cdip::batch::reading::read_lists;
use cdip::calculation::Calculation;
use cdip::catalogue::{CATALOGUE, Code};
use cdip::decision::{Outcome, Settled};
use cdip::factors::Factors;
use cdip::intake::completions::Rows;
use cdip::intake::fields::{Field, Fields};
use cdip::intake::submission::SourceFile;
use cdip::kit::Kit;
use cdip::money::Money;
use cdip::page;
use cdip::ranks::RowRank;
use cdip::report::entities::name_of;
use cdip::rules::{built_in, built_in_ids};
use tempfile::TempDir;

use crate::preview::{entities, payment, preview_of, shared_pupils};
use crate::spreadsheets::text_parts;
use crate::support::{cdip, root, stderr, tree};
use crate::vectors::calculated;

#[test]
fn the_page_of_checks_is_what_the_catalogue_says() {
    let page = fs::read_to_string(root().join("docs/checks.md")).unwrap();
    assert!(
        page == cdip::reference::checks(),
        "run: cdip rules explain --all > docs/checks.md"
    );
    for entry in CATALOGUE {
        let heading = format!("\n### {}: {}\n", entry.code, entry.title);
        assert_eq!(page.matches(&heading).count(), 1, "{}", entry.code);
    }
}

#[test]
fn the_page_of_batches_names_the_codes_that_an_appeal_can_waive() {
    let page = fs::read_to_string(root().join("docs/batch.md")).unwrap();
    let line = page.lines().find(|line| line.starts_with("| `qualify` |"));
    let named = line.unwrap().split(|c: char| !c.is_ascii_alphanumeric());
    let named: Vec<Code> = named.filter_map(Code::parse).collect();
    let waivable = CATALOGUE
        .iter()
        .filter(|entry| entry.reason.is_some_and(|reason| reason.is_waivable));
    assert_eq!(named, waivable.map(|entry| entry.code).collect::<Vec<_>>());
}

#[test]
fn the_page_of_batches_lists_every_heading_of_a_submission() {
    let page = fs::read_to_string(root().join("docs/batch.md")).unwrap();
    let one_line = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let years: Vec<Fields> = built_in_ids()
        .iter()
        .map(|id| Fields::of(&built_in(id).unwrap().unwrap()))
        .collect();
    let is_of_every_year = |field: Field| years.iter().all(|fields| fields.has(field));
    let headings = |is_listed: &dyn Fn(Field) -> bool| {
        let fields = Field::ALL.into_iter().filter(|field| is_listed(*field));
        fields.map(Field::title).collect::<Vec<_>>().join(", ")
    };
    let lists = [
        (
            "Required headings, in any order",
            headings(&Field::is_required),
        ),
        (
            "Optional headings",
            headings(&|field| !field.is_required() && is_of_every_year(field)),
        ),
        (
            "Headings of years whose rules ask for them",
            headings(&|field| !is_of_every_year(field)),
        ),
    ];
    for (what, titles) in lists.iter().filter(|(_, titles)| !titles.is_empty()) {
        let line = format!("- {what}: {titles}.");
        assert!(one_line.contains(&line), "docs/batch.md lacks: {line}");
    }
}

#[test]
fn the_first_page_names_the_last_budget_year_of_the_program() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let last = built_in(&built_in_ids().pop().unwrap()).unwrap().unwrap();
    let sentence = format!("The program's last budget year is {} ", last.budget_year);
    assert!(page.contains(&sentence), "README.md lacks: {sentence}");
}

#[test]
fn the_page_of_outputs_names_every_file_of_the_specimen_report() {
    let page = fs::read_to_string(root().join("docs/outputs.md")).unwrap();
    let files = tree(&root().join("reports/statewide-2024-25"));
    let names = files.iter().map(|(path, _)| path.as_str());
    let missing: Vec<&str> = names
        .filter(|name| !name.contains('/') && !page.contains(&format!("`{name}`")))
        .collect();
    assert_eq!(missing, [""; 0], "docs/outputs.md");
}

#[test]
fn the_sample_is_what_the_program_makes() {
    let folder = TempDir::new().unwrap();
    let output = cdip(folder.path(), &["sample", "--decided", "--out", "made"]);
    assert!(output.status.success());
    let made = tree(&folder.path().join("made"));
    let committed = tree(&root().join("samples/statewide-2024-25"));
    let names = |files: &[(String, Vec<u8>)]| {
        files
            .iter()
            .map(|(path, _)| path.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&made), names(&committed));
    assert!(
        made == committed,
        "run: cdip sample --decided --out samples/statewide-2024-25, after deleting it"
    );
    assert!(
        committed
            .iter()
            .map(|(_, bytes)| bytes.len())
            .sum::<usize>()
            < 4 << 20,
        "the sample stays small"
    );
}

#[test]
fn the_specimen_page_is_what_the_program_makes_of_the_sample() {
    let file = "samples/check-cdip-2024-25.html";
    let committed = fs::read_to_string(root().join(file)).unwrap();
    let batch = Batch::open(&root().join("samples/statewide-2024-25")).unwrap();
    let lists = read_lists(&batch).unwrap();
    let factors = fs::read(root().join("reports/statewide-2024-25/factors.json")).unwrap();
    let factors = Factors::read("factors.json", &factors, &batch.rules).unwrap();
    let kit = Kit::of(
        &batch,
        (&lists.programs, &lists.participants),
        Some(&factors),
    );
    // Whether its engine still says what the program says, page/test finds out: it needs a compiler for the browser.
    let engine = page::engine_of(&committed).unwrap();
    assert!(
        page::html(&kit, &batch.rules, &engine) == committed,
        "run: page/build && page/specimen, which writes {file}"
    );
    assert!(
        committed.len() < 4_000_000,
        "{file} has {} bytes",
        committed.len()
    );
}

#[test]
fn the_specimen_report_is_what_the_program_writes() {
    let folder = TempDir::new().unwrap();
    let report = folder.path().join("report");
    let output = cdip(
        root(),
        &[
            "run",
            "samples/statewide-2024-25",
            "--out",
            &report.to_string_lossy(),
        ],
    );
    assert!(output.status.success());
    // The specimen is one of a program built without features: with parquet there is a file more, and what names every file says so.
    let differs_by_feature = |path: &str| {
        cfg!(feature = "parquet")
            && ["completions.parquet", "receipt.json", "SHA256SUMS"].contains(&path)
    };
    let mut written = tree(&report);
    written.retain(|(path, _)| !differs_by_feature(path));
    // A run of the sample in the repository adds the other entities' workbooks, which are not committed; they must agree as well.
    let mut specimen = tree(&root().join("reports/statewide-2024-25"));
    specimen.retain(|(path, _)| !differs_by_feature(path));
    let entities = specimen
        .iter()
        .filter(|(path, _)| path.starts_with("entities/"))
        .count();
    assert!(
        entities >= 3,
        "three entity workbooks show what an entity gets"
    );
    for (path, _) in written
        .iter()
        .filter(|(path, _)| !path.starts_with("entities/"))
    {
        assert!(
            specimen.iter().any(|(committed, _)| committed == path),
            "{path} is missing"
        );
    }
    for (path, bytes) in &specimen {
        let (_, fresh) = written
            .iter()
            .find(|(other, _)| other == path)
            .unwrap_or_else(|| panic!("{path} is no longer written"));
        assert!(
            fresh == bytes,
            "{path} is stale: run cdip run samples/statewide-2024-25"
        );
    }
    for (path, bytes) in written.iter().filter(|(path, _)| {
        Path::new(path)
            .extension()
            .is_some_and(|ending| ending == "xlsx")
    }) {
        assert_rows_ascend_to_the_sheets_end(path, bytes);
    }
}

/// The folder that a verb makes of the specimen report, and the one that is committed.
fn assert_is_fresh(arguments: &[&str], committed: &str, folder: &Path) {
    let made = folder.join("made");
    let made_at = made.to_string_lossy();
    let output = cdip(root(), &[arguments, &["--out", &made_at]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let names = |files: &[(String, Vec<u8>)]| {
        let paths = files.iter().map(|(path, _)| path.clone());
        paths.collect::<Vec<_>>()
    };
    let (made, kept) = (tree(&made), tree(&root().join(committed)));
    assert_eq!(names(&made), names(&kept));
    for ((path, made), (_, kept)) in made.iter().zip(&kept) {
        assert!(
            made == kept,
            "{committed}/{path} is stale: run cdip {} --out {committed}",
            arguments.join(" ")
        );
    }
}

const SETTLEMENT: &str = "reports/statewide-2024-25-settlement";

#[test]
fn the_specimen_settlement_is_what_the_program_makes_of_the_specimen_report() {
    let folder = TempDir::new().unwrap();
    let paid = "samples/statewide-2024-25/payments-made.csv";
    let arguments = ["settle", "reports/statewide-2024-25", "--paid", paid];
    assert_is_fresh(&arguments, SETTLEMENT, folder.path());
}

#[test]
fn the_specimen_letters_are_what_the_program_makes_of_the_specimen_report() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "letters",
        "reports/statewide-2024-25",
        "--settlement",
        SETTLEMENT,
    ];
    assert_is_fresh(
        &arguments,
        "reports/statewide-2024-25-letters",
        folder.path(),
    );
}

/// Excel offers to repair a sheet in which a row stands twice, and other programs believe what a sheet says of its size.
fn assert_rows_ascend_to_the_sheets_end(path: &str, workbook: &[u8]) {
    for (name, sheet) in text_parts(workbook) {
        if !name.starts_with("xl/worksheets/sheet") {
            continue;
        }
        let numbers = sheet
            .split("<row r=\"")
            .skip(1)
            .map(|row| row.split('"').next().unwrap().parse().unwrap());
        let rows: Vec<u32> = numbers.collect();
        assert!(
            rows.is_sorted_by(|row, next| row < next),
            "{path}, {name}: a row stands twice, or above another"
        );
        let (_, area) = sheet.split_once("<dimension ref=\"").unwrap();
        let area = area.split('"').next().unwrap();
        let last: u32 = area
            .rsplit(|c: char| !c.is_ascii_digit())
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(
            rows.last().copied().unwrap_or(1),
            last,
            "{path}, {name}: the sheet says that it is {area}"
        );
    }
}

/// Where the table of `docs/preview.md` begins.
const TABLE: &str = "| Entity |";

/// Whether what a row is paid goes to an entity.
fn is_paid_for(calculation: &Calculation, decision: &Settled, entity: &str) -> bool {
    let participants = calculation.intake.participants.all();
    decision
        .participant
        .is_some_and(|rank| participants[rank].payee() == entity)
}

/// What an entity is paid for rows that another one reported: a decision on the record pays them.
fn paid_from_files_of_others(calculation: &Calculation, entity: &str) -> Vec<Money> {
    let rows = calculation.intake.completions.rows();
    let paid = RowRank::enumerate(&calculation.decisions).filter(|(row, decision)| {
        let file = &calculation.intake.files[rows.file(*row)];
        is_paid_for(calculation, decision, entity)
            && file.entity.as_deref() != Some(entity)
            && decision.amount > Money::ZERO
    });
    paid.map(|(_, decision)| decision.amount).collect()
}

/// The sample's previews at the report's own factors next to what the state pays: a line per entity. Where they differ, the rows whose amounts
/// differ are counted by what became of them in the state's run, and must make up the whole difference.
fn table_of_previews() -> String {
    let calculation = calculated(&root().join("samples/statewide-2024-25"));
    let rows = calculation.intake.completions.rows();
    let place = |files: &[SourceFile], rows: &Rows<'_>, row: RowRank| {
        (
            files[rows.file(row)].path.clone(),
            rows.sheet(row),
            rows.row(row),
        )
    };
    let of_state: BTreeMap<_, RowRank> = RowRank::all(rows.len())
        .map(|row| (place(&calculation.intake.files, &rows, row), row))
        .collect();
    let shared = shared_pupils(&calculation);
    let mut table = format!(
        "{TABLE} Rows | The state pays | Preview | Preview less state | Shared pupils | What the state's run knows more |\n"
    );
    table.push_str("|---|--:|--:|--:|--:|--:|---|\n");
    let mut alike = 0;
    let entities = entities(&calculation);
    for entity in &entities {
        let preview = preview_of(&calculation, entity);
        let own = &preview.inspection.intake;
        let own_rows = own.completions.rows();
        let mut knows: BTreeMap<&str, usize> = BTreeMap::new();
        let mut of_rows = 0;
        for (row, award) in RowRank::enumerate(&preview.awards) {
            let decision = &calculation.decisions[of_state[&place(&own.files, &own_rows, row)]];
            let paid = if is_paid_for(&calculation, decision, entity) {
                decision.amount
            } else {
                Money::ZERO
            };
            let more = award.map_or(0, |award| award.amount.cents()) - paid.cents();
            of_rows += more;
            if more != 0 {
                // Another row of a pupil whose first one is held.
                let instead = if decision.outcome == Outcome::Paid {
                    "paid instead"
                } else {
                    decision.outcome.label()
                };
                *knows.entry(instead).or_default() += 1;
            }
        }
        let from_others = paid_from_files_of_others(&calculation, entity);
        for amount in &from_others {
            of_rows -= amount.cents();
            *knows.entry("paid from another entity's file").or_default() += 1;
        }
        let (paid, total) = (payment(&calculation, entity), preview.expected.total);
        assert_eq!(
            of_rows,
            (total - paid).cents(),
            "{entity}: the rows make up the whole difference"
        );
        assert!(
            of_rows == 0 || shared.contains_key(entity) || !from_others.is_empty(),
            "{entity}: only shared pupils and rows of its own in another file make a difference"
        );
        alike += usize::from(of_rows == 0);
        let words: Vec<String> = knows
            .iter()
            .map(|(outcome, rows)| {
                format!(
                    "{rows} {} {}",
                    if *rows == 1 { "row" } else { "rows" },
                    outcome.to_lowercase()
                )
            })
            .collect();
        let name = name_of(&calculation.intake.participants, entity);
        table.push_str(&format!(
            "| {entity} {name} | {} | {} | {} | {} | {} | {} |\n",
            own_rows.len(),
            paid.grouped(),
            total.grouped(),
            if paid == total {
                "=".to_string()
            } else {
                (total - paid).grouped()
            },
            shared.get(entity).copied().unwrap_or(0),
            words.join(", ")
        ));
    }
    table.push_str(&format!(
        "\n{} entities; {alike} previews are the state's payment to the cent.\n",
        entities.len()
    ));
    table
}

#[test]
fn the_previews_beside_the_states_payments_are_what_the_program_calculates() {
    let page = fs::read_to_string(root().join("docs/preview.md")).unwrap();
    let committed = page.find(TABLE).map_or("", |begins| &page[begins..]);
    let table = table_of_previews();
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("previews.md");
    fs::write(&fresh, &table).unwrap();
    assert!(
        committed == table,
        "docs/preview.md is stale: put {} in place of its table",
        fresh.display()
    );
}
