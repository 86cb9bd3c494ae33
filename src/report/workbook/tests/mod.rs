mod decided;
mod entity;
mod printed;
mod said;
mod texts;
mod totals;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::LazyLock;

use calamine::{Data, DataType as _, Range, Reader as _, Xlsx};

use super::*;
use crate::batch::Batch;
use crate::calculation::{Calculation, calculate};
use crate::decision::Outcome;
use crate::money::Money;
use crate::ranks::RowRank;
use crate::report::entities::{name_of, reporting_entities};
use crate::sample;
use crate::sheets::listing::Limits;
use crate::words::column_letters;

/// A synthetic batch with every kind of defect, calculated once.
static SAMPLE: LazyLock<Calculation> = LazyLock::new(|| sampled(14, 420));

/// An invented state of so many entities and rows.
fn sampled(entities: u32, rows: u32) -> Calculation {
    let folder = tempfile::tempdir().unwrap();
    let options = sample::SampleOptions {
        entities,
        rows,
        seed: 3,
    };
    for file in sample::files(&options).unwrap() {
        let path = folder.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.bytes).unwrap();
    }
    calculated(folder.path())
}

fn calculated(folder: &Path) -> Calculation {
    calculate(Batch::open(folder).unwrap(), &|_, _| {}).unwrap()
}

fn vector(name: &str) -> Calculation {
    calculated(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/vectors")
            .join(name),
    )
}

fn statewide(calculation: &Calculation) -> Vec<u8> {
    Workbooks::of(calculation)
        .statewide()
        .unwrap()
        .save_to_buffer()
        .unwrap()
}

type Sheets = Vec<(String, Range<Data>)>;

fn sheets(bytes: &[u8]) -> Sheets {
    Xlsx::new(Cursor::new(bytes)).unwrap().worksheets()
}

fn sheet<'s>(sheets: &'s Sheets, name: &str) -> &'s Range<Data> {
    &sheets
        .iter()
        .find(|(found, _)| found == name)
        .unwrap_or_else(|| panic!("the sheet {name} is missing"))
        .1
}

/// The parts of the workbook's zip.
fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        parts.push((part.name().unwrap().to_string(), text));
    }
    parts
}

fn worksheet_parts(bytes: &[u8]) -> Vec<(String, String)> {
    parts(bytes)
        .into_iter()
        .filter(|(name, _)| name.starts_with("xl/worksheets/sheet"))
        .collect()
}

/// Every text on a sheet, a line per row.
fn words(range: &Range<Data>) -> String {
    let rows = range.rows().map(|row| {
        row.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// The amount in a cell, in cents.
#[expect(clippy::cast_possible_truncation, reason = "amounts of a test batch")]
fn cents(cell: &Data) -> i64 {
    match cell {
        Data::Float(dollars) => (dollars * 100.0).round() as i64,
        other => panic!("{other:?} is not an amount"),
    }
}

/// The row that begins with a text, and its cells.
fn row<'r>(range: &'r Range<Data>, begins: &str) -> &'r [Data] {
    let found = range
        .rows()
        .find(|row| row[0] == Data::String(begins.to_string()));
    found.unwrap_or_else(|| panic!("no row begins with {begins}"))
}

/// What an entity's own sheets say of its rows under a heading at their right edge, in the order of its rows.
fn at_the_edge(sheets: &Sheets, heading: &str) -> Vec<Data> {
    let heading = Data::String(heading.to_string());
    let edge = Data::String("Outcome".to_string());
    let mut found = Vec::new();
    let own = sheets[2..].iter().filter(|(name, _)| name != "CdipChecks");
    for (_, range) in own {
        let mut rows = range.rows().skip_while(|row| !row.contains(&heading));
        let headings = rows.next().unwrap();
        let place = |wanted: &Data| headings.iter().rposition(|cell| cell == wanted).unwrap();
        let (column, outcome) = (place(&heading), place(&edge));
        found.extend(
            rows.filter(|row| row[outcome] != Data::Empty)
                .map(|row| row[column].clone()),
        );
    }
    found
}

fn column(range: &Range<Data>, heading: &str) -> usize {
    let headings = &range.rows().nth(4).unwrap();
    headings
        .iter()
        .position(|cell| *cell == Data::String(heading.to_string()))
        .unwrap()
}

#[test]
fn the_sheets_stand_in_their_order_and_say_whether_the_report_is_final() {
    let names = [
        "Board",
        "Summary",
        "Tiers",
        "Participants",
        "Payments",
        "Passed on",
        "Completions",
        "Findings",
        "Readings and law",
        "Resolutions",
        "Inputs",
        "Conservation",
        "Review",
    ];
    for (calculation, standing) in [
        (&*SAMPLE, "PRELIMINARY"),
        (&vector("02-full-funding"), "FINAL"),
    ] {
        let bytes = statewide(calculation);
        let sheets = sheets(&bytes);
        assert_eq!(
            sheets
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>(),
            names
        );
        for (name, range) in &sheets {
            let cell = range.get_value((1, 0)).unwrap().to_string();
            assert!(cell.starts_with(&format!("{standing}: ")), "{name}: {cell}");
        }
        for (name, xml) in worksheet_parts(&bytes) {
            let printed = |tag: &str| {
                xml.split(tag)
                    .nth(1)
                    .unwrap_or_default()
                    .split('<')
                    .next()
                    .unwrap_or_default()
                    .to_string()
            };
            assert!(
                printed("<oddHeader>").contains(standing)
                    && printed("<oddFooter>").contains(standing),
                "{name}"
            );
            assert!(
                xml.contains("fitToHeight=\"0\"") && xml.contains("orientation=\"landscape\""),
                "{name}"
            );
            assert!(!xml.contains("sheetProtection"), "{name} is locked");
        }
    }
}

#[test]
fn lists_are_tables_charts_have_alt_text_and_the_summary_links_every_sheet() {
    let bytes = statewide(&SAMPLE);
    let parts = parts(&bytes);
    let drawing = &parts
        .iter()
        .find(|(name, _)| name == "xl/drawings/drawing2.xml")
        .unwrap()
        .1;
    assert_eq!(
        drawing.matches("descr=\"Column chart").count()
            + drawing.matches("descr=\"Bar chart").count(),
        2
    );
    let tables: String = parts
        .iter()
        .filter(|(name, _)| name.starts_with("xl/tables/"))
        .map(|(_, xml)| xml.as_str())
        .collect();
    let summary = &parts
        .iter()
        .find(|(name, _)| name == "xl/worksheets/sheet2.xml")
        .unwrap()
        .1;
    for (name, _) in sheets(&bytes).iter().filter(|(name, _)| name != "Summary") {
        assert!(
            summary.contains(&format!("location=\"'{name}'!A1\"")),
            "no link to {name}"
        );
        assert!(
            name == "Tiers" || tables.contains(&format!("name=\"{}\"", name.replace(' ', "_"))),
            "{name} is not a table"
        );
    }
}

#[test]
fn every_figure_of_the_summary_is_the_allocations_to_the_cent() {
    let sheets = sheets(&statewide(&SAMPLE));
    let allocation = &SAMPLE.allocation;
    let paid = allocation.paid().cents();
    let summary = sheet(&sheets, "Summary");
    assert_eq!(
        cents(&row(summary, "Available")[1]),
        SAMPLE.batch.available.cents()
    );
    assert_eq!(cents(&row(summary, "Paid by the tiers")[1]), paid);
    assert_eq!(
        cents(&row(summary, "Unspent after the last tier")[1]),
        allocation.unspent.cents()
    );
    assert_eq!(
        cents(&row(summary, "Available − paid − residuals − unspent")[1]),
        0
    );
    for (tier, result) in SAMPLE.batch.rules.tiers.iter().zip(&allocation.tiers) {
        let figures = row(summary, &format!("{} {}", tier.number, tier.name));
        assert_eq!(cents(&figures[7]), result.paid.cents());
        assert_eq!(cents(&figures[8]), result.residual.cents());
    }
    for (outcome, count) in SAMPLE.buckets() {
        assert_eq!(
            row(summary, outcome.label())[2],
            Data::Float(u32::try_from(count).unwrap().into()),
            "{outcome:?}"
        );
    }
}

#[test]
fn the_totals_of_rows_participants_and_payees_are_what_is_paid() {
    let sheets = sheets(&statewide(&SAMPLE));
    let paid = SAMPLE.allocation.paid().cents();
    let completions = sheet(&sheets, "Completions");
    assert_eq!(
        cents(&row(completions, "Total")[column(completions, "Amount")]),
        paid
    );
    let participants = sheet(&sheets, "Participants");
    assert_eq!(
        cents(&row(participants, "Total")[column(participants, "Total")]),
        paid
    );
    let payments = sheet(&sheets, "Payments");
    let at = column(payments, "Payment to payee");
    assert_eq!(cents(&row(payments, "Total")[at]), paid);
    for (payee, payment) in SAMPLE.payees() {
        assert_eq!(cents(&row(payments, payee)[at]), payment.cents(), "{payee}");
    }
    // A payee's own money and what it passes on are its payment; Passed on has a line for each charter school, and nothing else.
    let passed_on = sheet(&sheets, "Passed on");
    let amount = column(passed_on, "Amount");
    let [own, to_pass_on] = ["Its own", "To pass on"].map(|heading| column(payments, heading));
    for (payee, payment) in SAMPLE.payees() {
        let line = row(payments, payee);
        assert_eq!(
            cents(&line[own]) + cents(&line[to_pass_on]),
            payment.cents()
        );
        let lines = passed_on.rows().skip(5);
        let theirs = lines.filter(|line| line[0] == Data::String(payee.to_string()));
        let sum: i64 = theirs.map(|line| cents(&line[amount])).sum();
        assert_eq!(sum, cents(&line[to_pass_on]), "{payee}");
    }
    for line in passed_on
        .rows()
        .skip(5)
        .filter(|line| line[0] != Data::String("Total".into()))
    {
        assert!(line[2].to_string().contains('-'), "{line:?}");
    }
    // Beneath Participants: its rows and those of nobody are all rows; the kinds are its total.
    let rows = column(participants, "Rows");
    let rows_of = |label| cents(&row(participants, label)[rows]);
    assert_eq!(
        rows_of("Total") + rows_of("Rows without a participant"),
        rows_of("All submitted rows")
    );
    let total = column(participants, "Total");
    let kinds = participants
        .rows()
        .filter(|row| row[0].to_string().ends_with(" of this kind"));
    assert_eq!(kinds.map(|row| cents(&row[total])).sum::<i64>(), paid);
}

#[test]
fn completions_has_a_line_for_every_row_with_real_dates_and_codes_as_text() {
    let sheets = sheets(&statewide(&SAMPLE));
    let completions = sheet(&sheets, "Completions");
    let records = SAMPLE.records();
    let lines: Vec<&[Data]> = completions.rows().skip(5).collect();
    assert_eq!(
        lines.len(),
        records.len() + 1,
        "a line per row and the total"
    );
    let [district, sasid, date, outcome, amount] =
        ["District", "SASID", "Completion date", "Outcome", "Amount"]
            .map(|heading| column(completions, heading));
    for (position, line) in RowRank::all(records.len()).zip(&lines) {
        let record = records.get(position);
        assert_eq!(
            line[district],
            Data::String(record.district_code.to_string())
        );
        assert_eq!(line[sasid].to_string(), record.sasid);
        assert_eq!(
            line[outcome],
            Data::String(record.outcome.label().to_string())
        );
        assert_eq!(cents(&line[amount]), record.decision.amount.cents());
        match (&line[date], record.decision.date) {
            (Data::DateTime(found), Some(expected)) => {
                assert_eq!(found.as_datetime().unwrap().date(), expected);
            }
            (found, expected) => assert!(
                expected.is_none() && !matches!(found, Data::DateTime(_)),
                "{found:?}"
            ),
        }
    }
    // Findings that are alike have one line that says how many they are.
    let findings = sheet(&sheets, "Findings");
    let times = column(findings, "Times");
    let lines = findings.rows().skip(5);
    let counts = lines
        .map(|line| &line[times])
        .filter(|cell| !cell.is_empty());
    let counted: i64 = counts.map(cents).sum();
    // A count in hundredths, as the amounts are read.
    assert_eq!(counted, 100 * i64::try_from(SAMPLE.findings.len()).unwrap());
    assert!(findings.rows().count() < SAMPLE.findings.len());
    assert!(words(findings).contains("zeros restored in "));
    assert_eq!(
        sheet(&sheets, "Resolutions").rows().skip(5).count(),
        SAMPLE.intake.resolutions.len()
    );
    let intake = &SAMPLE.intake;
    let inputs = intake.inputs.len() + intake.files.len() + intake.passed_over.len();
    let inputs_sheet = sheet(&sheets, "Inputs");
    let unheard = inputs_sheet
        .rows()
        .filter(|row| {
            row.iter()
                .any(|cell| *cell == Data::String("Not received".to_string()))
        })
        .count();
    // A line each, and the total.
    assert_eq!(inputs_sheet.rows().skip(5).count(), inputs + unheard + 1);
}

#[test]
fn more_rows_than_a_sheet_holds_go_to_further_sheets_and_it_is_said() {
    let mut workbooks = Workbooks::of(&SAMPLE);
    workbooks.limits = Limits {
        sheet_rows: 207,
        ..Limits::default()
    };
    let bytes = workbooks.statewide().unwrap().save_to_buffer().unwrap();
    let sheets = sheets(&bytes);
    let rows = SAMPLE.decisions.len();
    assert!((401..=600).contains(&rows), "three sheets of 200");
    let mut lines = 0;
    for name in ["Completions", "Completions 2", "Completions 3"] {
        let range = sheet(&sheets, name);
        assert!(range.height() <= 207);
        assert!(words(range).contains(&format!("Total of {name}")));
        lines += range
            .rows()
            .skip(5)
            .filter(|row| !row[0].to_string().starts_with("Total"))
            .count();
    }
    assert_eq!(lines, rows);
    let last = sheet(&sheets, "Completions 3");
    assert_eq!(
        cents(&row(last, "Total")[column(last, "Amount")]),
        SAMPLE.allocation.paid().cents()
    );
    let said = "continued on Completions 2 to Completions 3";
    for name in ["Summary", "Completions"] {
        assert!(words(sheet(&sheets, name)).contains(said), "{name}");
    }
    // Headings in row 5, and as many rows as there are lines.
    let part = |name: &str| {
        let name = format!("name=\"{name}\"");
        let mut tables = parts(&bytes)
            .into_iter()
            .filter(|(part, _)| part.starts_with("xl/tables/"));
        tables.find(|(_, xml)| xml.contains(&name)).unwrap().1
    };
    let last = 5 + rows - 400;
    for (name, last) in [
        ("Completions", 205),
        ("Completions_2", 205),
        ("Completions_3", last),
    ] {
        let part = part(name);
        let columns = part.matches("<tableColumn ").count();
        let letters = column_letters(u16::try_from(columns - 1).unwrap());
        let area = format!("ref=\"A5:{letters}{last}\"");
        assert_eq!(part.matches(&area).count(), 2, "table and filter: {name}");
    }
}

#[test]
fn a_participants_line_says_what_its_payee_gets_in_all_and_what_the_cap_costs_at_most() {
    let bytes = statewide(&SAMPLE);
    let sheets = sheets(&bytes);
    let participants = sheet(&sheets, "Participants");
    let at = |heading| column(participants, heading);
    let (payee, total, of_payee, cap_cost) = (
        at("Payee"),
        at("Total"),
        at("Total of payee"),
        at("Cap cost at most"),
    );
    let lines: Vec<&[Data]> = participants
        .rows()
        .skip(5)
        .filter(|row| !row[payee].to_string().is_empty())
        .collect();
    let mut shared = 0;
    for line in &lines {
        let own = |other: &&&[Data]| other[payee] == line[payee];
        let of_all: i64 = lines.iter().filter(own).map(|of| cents(&of[total])).sum();
        assert_eq!(cents(&line[of_payee]), of_all);
        shared += usize::from(lines.iter().filter(own).count() > 1);
    }
    assert!(shared > 0, "some payee is paid for several participants");
    let costs: i64 = lines.iter().map(|line| cents(&line[cap_cost])).sum();
    assert_eq!(costs, cents(&row(participants, "Total")[cap_cost]));
    let at_rates = crate::decision::over_cap_at_rates(&SAMPLE.decisions, &SAMPLE.allocation);
    let at_rates: Money = at_rates
        .iter()
        .flat_map(|costs| costs.iter().copied())
        .sum();
    assert_eq!(costs, at_rates.cents());
}

/// Whether a workbook has formulas, and what it says about them.
fn formulas_and_words(workbooks: &Workbooks<'_>) -> (bool, String) {
    let bytes = workbooks.statewide().unwrap().save_to_buffer().unwrap();
    let formulas = worksheet_parts(&bytes)
        .iter()
        .any(|(_, xml)| xml.contains("<f>"));
    let sheets = sheets(&bytes);
    let said = ["Summary", "Completions", "Conservation"].map(|name| words(sheet(&sheets, name)));
    assert!(
        said.iter()
            .all(|said| said.contains("is a value") != formulas),
        "every one of these says what it holds"
    );
    assert_eq!(
        row(sheet(&sheets, "Conservation"), "Total")
            .last()
            .unwrap()
            .to_string(),
        "OK"
    );
    (formulas, said.concat())
}

#[test]
fn above_a_number_of_rows_figures_are_values_and_the_workbook_says_so() {
    let rows = u32::try_from(SAMPLE.decisions.len()).unwrap();
    let mut workbooks = Workbooks::of(&SAMPLE);
    workbooks.limits.formula_rows = rows;
    assert!(formulas_and_words(&workbooks).0);
    workbooks.limits.formula_rows = rows - 1;
    let (formulas, said) = formulas_and_words(&workbooks);
    assert!(!formulas && said.contains(&format!("up to {} rows", rows - 1)));
    workbooks.limits.formula_rows = rows;
    let files = SAMPLE.intake.files.len();
    workbooks.limits.lookups =
        (SAMPLE.decisions.len() * (SAMPLE.intake.participants.all().len() + files)) as u64;
    assert!(formulas_and_words(&workbooks).0);
    workbooks.limits.lookups -= 1;
    assert!(!formulas_and_words(&workbooks).0);
    // The sheets look the same but for the columns that only formulas need.
    let values = sheets(&workbooks.statewide().unwrap().save_to_buffer().unwrap());
    let live = sheets(&statewide(&SAMPLE));
    for name in ["Participants", "Payments"] {
        let rows = |sheets: &Sheets| {
            sheet(sheets, name)
                .rows()
                .skip(5)
                .map(|row| format!("{row:?}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(&values), rows(&live), "{name}");
    }
}

#[test]
fn amounts_that_a_spreadsheet_could_cut_wrongly_are_values() {
    let mut calculation = vector("02-full-funding");
    assert!(formulas_and_words(&Workbooks::of(&calculation)).0);
    // $10,000,000,000.01 x 100 hundredths is the first above 10^14.
    calculation.batch.available = Money::from_cents(1_000_000_000_001);
    let (formulas, said) = formulas_and_words(&Workbooks::of(&calculation));
    assert!(!formulas && said.contains("15 digits"));
}

#[test]
fn an_entitys_workbook_has_no_formulas_but_those_that_say_what_is_wrong_with_a_row() {
    let entity = &reporting_entities(&SAMPLE)[0];
    let bytes = Workbooks::of(&SAMPLE)
        .entity(entity)
        .unwrap()
        .save_to_buffer()
        .unwrap();
    assert!(
        worksheet_parts(&bytes)
            .iter()
            .flat_map(|(_, xml)| xml.split("<f>").skip(1))
            .all(|formula| formula.starts_with("TRIM("))
    );
}

#[test]
fn the_same_calculation_gives_the_same_bytes() {
    assert!(statewide(&SAMPLE) == statewide(&SAMPLE));
    let entity = &reporting_entities(&SAMPLE)[0];
    let bytes = || {
        Workbooks::of(&SAMPLE)
            .entity(entity)
            .unwrap()
            .save_to_buffer()
            .unwrap()
    };
    assert!(bytes() == bytes());
}
