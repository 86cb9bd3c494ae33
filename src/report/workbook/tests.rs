use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::LazyLock;

use calamine::{Data, Range, Reader as _, Xlsx};

use super::*;
use crate::batch::Batch;
use crate::calculation::{Calculation, calculate};
use crate::decision::Outcome;
use crate::money::Money;
use crate::ranks::RowRank;
use crate::report::entities::{name_of, reporting_entities};
use crate::sample;
use crate::sheets::listing::Limits;

/// A synthetic batch with every kind of defect, calculated once.
static SAMPLE: LazyLock<Calculation> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    for file in sample::files(&sample::SampleOptions {
        entities: 14,
        rows: 420,
        seed: 3,
    })
    .unwrap()
    {
        let path = folder.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.bytes).unwrap();
    }
    calculated(folder.path())
});

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
        .unwrap_or_else(|| panic!("there is no sheet {name}"))
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

/// The whole number in a cell.
fn whole(cell: &Data) -> usize {
    match cell {
        Data::Float(number) => number.to_string().parse().unwrap(),
        other => panic!("{other:?} is not a number"),
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
fn every_total_is_the_allocations_to_the_cent() {
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
    let rows_of = |label| whole(&row(participants, label)[rows]);
    assert_eq!(
        rows_of("Total") + rows_of("Rows without a participant"),
        rows_of("All submitted rows")
    );
    let total = column(participants, "Total");
    let kinds = participants
        .rows()
        .filter(|row| row[0].to_string().starts_with("Of them "));
    assert_eq!(kinds.map(|row| cents(&row[total])).sum::<i64>(), paid);
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
    let counted = findings.rows().skip(5).map(|line| &line[times]);
    let counted: usize = counted
        .filter(|times| **times != Data::Empty)
        .map(whole)
        .sum();
    assert_eq!(counted, SAMPLE.findings.len());
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
fn a_row_that_a_resolution_moved_says_which_and_why() {
    let calculation = vector("13-resolutions");
    let state = sheets(&statewide(&calculation));
    let completions = sheet(&state, "Completions");
    let in_words = column(completions, "In words");
    let (mut denied, mut taken_back) = (0, 0);
    for (decision, line) in calculation.decisions.iter().zip(completions.rows().skip(5)) {
        let words = line[in_words].to_string();
        let Some(resolution) = decision
            .resolution
            .map(|number| &calculation.intake.resolutions[number])
        else {
            assert!(!words.contains("resolutions.csv line "), "{words}");
            continue;
        };
        let (number, reason) = (resolution.line, &resolution.reason);
        if decision.outcome == Outcome::Denied {
            assert_eq!(
                words,
                format!(
                    "denied by resolutions.csv line {number}: {reason} ({})",
                    resolution.approved_by
                )
            );
            denied += 1;
        } else {
            assert_eq!(
                words,
                format!(
                    "{}; taken back in by resolutions.csv line {number}: {reason}",
                    decision.outcome.meaning()
                )
            );
            taken_back += 1;
        }
    }
    assert!(denied > 0 && taken_back > 0);
    // The entity reads the same about its own rows.
    let workbooks = Workbooks::of(&calculation);
    for entity in &reporting_entities(&calculation) {
        let own = sheets(&workbooks.entity(entity).unwrap().save_to_buffer().unwrap());
        let expected: Vec<Data> = entity
            .rows
            .iter()
            .map(|row| completions.rows().nth(5 + row.index()).unwrap()[in_words].clone())
            .collect();
        assert_eq!(at_the_edge(&own, "In words"), expected);
    }
}

#[test]
fn what_a_resolution_settled_is_no_longer_to_be_fixed() {
    let calculation = vector("13-resolutions");
    let settled = calculation
        .findings
        .iter()
        .filter(|finding| !calculation.is_open(finding))
        .count();
    assert!(settled > 0 && settled < calculation.findings.len());

    let state = sheets(&statewide(&calculation));
    let listed = sheet(&state, "Findings");
    let open = column(listed, "Open");
    for (finding, line) in calculation.findings.iter().zip(listed.rows().skip(5)) {
        assert_eq!(
            line[open].to_string(),
            if calculation.is_open(finding) {
                "open"
            } else {
                "settled"
            }
        );
    }
    let summary = sheet(&state, "Summary");
    for found in findings::by_code(&calculation, &calculation.findings) {
        let line = summary
            .rows()
            .find(|line| line[1] == Data::String(found.entry.code.as_str().to_string()))
            .unwrap();
        let number = |count: u64| Data::Float(u32::try_from(count).unwrap().into());
        assert_eq!(
            line[2..4],
            [number(found.count), number(found.open)],
            "{}",
            found.entry.code
        );
    }

    let workbooks = Workbooks::of(&calculation);
    let mut nothing_open = 0;
    for entity in &reporting_entities(&calculation) {
        let own = sheets(&workbooks.entity(entity).unwrap().save_to_buffer().unwrap());
        let to_fix = sheet(&own, "What to fix");
        let said = words(to_fix);
        for found in findings::by_code(&calculation, &calculation.findings) {
            let code = Data::String(found.entry.code.as_str().to_string());
            let lines: Vec<&[Data]> = to_fix.rows().filter(|line| line[1] == code).collect();
            let still = lines.len().saturating_sub(1);
            assert_eq!(
                said.contains(found.entry.title),
                still > 0,
                "{} {}",
                entity.code,
                found.entry.code
            );
            // A line for the kind with how often, then one for each finding.
            if still > 0 {
                assert_eq!(
                    lines[0][4],
                    Data::Float(u32::try_from(still).unwrap().into()),
                    "a number, not a text"
                );
            }
        }
        nothing_open += usize::from(said.contains("There is nothing to fix."));
    }
    assert!(nothing_open > 0);
}

#[test]
fn more_rows_than_a_sheet_holds_go_to_further_sheets_and_it_is_said() {
    let mut workbooks = Workbooks::of(&SAMPLE);
    workbooks.limits = Limits {
        sheet_rows: 207,
        table_rows: 150,
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
    // Longer than a table may be: a filter over plain cells instead.
    let tables = parts(&bytes)
        .into_iter()
        .filter(|(name, xml)| name.starts_with("xl/tables/") && xml.contains("name=\"Completions"));
    assert_eq!(tables.count(), 1, "only the short third part is a table");
    for long in ["sheet7.xml", "sheet8.xml"] {
        assert!(
            worksheet_parts(&bytes)
                .iter()
                .any(|(name, xml)| name.ends_with(long) && xml.contains("<autoFilter")),
            "{long}"
        );
    }
}

/// By sheet, the area that is printed of it.
fn printed_areas(workbooks: &Workbooks<'_>) -> Vec<String> {
    let bytes = workbooks.statewide().unwrap().save_to_buffer().unwrap();
    let (_, book) = parts(&bytes)
        .into_iter()
        .find(|(name, _)| name == "xl/workbook.xml")
        .unwrap();
    book.split("_xlnm.Print_Area")
        .skip(1)
        .map(|rest| {
            let (_, area) = rest.split_once('>').unwrap();
            area.split_once('<').unwrap().0.to_string()
        })
        .collect()
}

#[test]
fn a_list_of_thousands_of_rows_prints_its_first_page_and_a_short_one_prints_whole() {
    let mut workbooks = Workbooks::of(&SAMPLE);
    assert!(SAMPLE.decisions.len() < 1_000);
    let areas = printed_areas(&workbooks);
    assert!(
        areas.iter().all(|area| !area.ends_with(char::is_numeric)),
        "420 rows print down to the last one: {areas:?}"
    );
    workbooks.limits.printed_rows = 50;
    let areas = printed_areas(&workbooks);
    let first_page = |sheet: &str| {
        // The band has 4 rows, then the headings, then 30 rows of the list: 35.
        areas
            .iter()
            .any(|area| area.starts_with(&format!("{sheet}!$A$1:")) && area.ends_with("$35"))
    };
    assert!(first_page("Completions"), "{areas:?}");
    assert!(first_page("Findings"), "{areas:?}");
    assert!(
        !areas
            .iter()
            .any(|area| area.starts_with("Participants!$A$1")),
        "14 entities are a page: {areas:?}"
    );
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
fn a_text_that_looks_like_a_formula_stays_text() {
    let mut calculation = vector("02-full-funding");
    let formula = "=HYPERLINK(\"http://example.invalid\",\"x\")";
    calculation.batch.label = formula.to_string();
    calculation.batch.rules.tiers[0].name = "=1+1".to_string();
    let bytes = statewide(&calculation);
    let formulas: String = worksheet_parts(&bytes)
        .iter()
        .flat_map(|(_, xml)| xml.split("<f>").skip(1))
        .map(|rest| rest.split("</f>").next().unwrap())
        .collect();
    assert!(!formulas.is_empty() && !formulas.contains("HYPERLINK") && !formulas.contains("1+1"));
    let sheets = sheets(&bytes);
    assert_eq!(
        row(sheet(&sheets, "Summary"), "The batch")[1],
        Data::String(formula.to_string())
    );
    assert!(words(sheet(&sheets, "Tiers")).contains("=1+1"));
}

#[test]
fn a_text_longer_than_a_cell_holds_is_cut_and_control_characters_are_no_broken_file() {
    let mut calculation = vector("02-full-funding");
    calculation.batch.label = format!("a\u{1}b<&>{}", "long ".repeat(10_000));
    let sheets = sheets(&statewide(&calculation));
    let label = row(sheet(&sheets, "Summary"), "The batch")[1].to_string();
    assert!(
        label.starts_with("a\u{1}b<&>long")
            && label.ends_with("[cut: longer than a cell of Excel]"),
        "{label:.20}"
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

#[test]
fn what_the_batch_has_not_is_said_or_left_out() {
    let plain = sheets(&statewide(&vector("02-full-funding")));
    let summary = words(sheet(&plain, "Summary"));
    assert!(
        summary
            .split("Available")
            .next()
            .unwrap()
            .contains("no ledger of prior payments"),
        "above the money"
    );
    assert!(
        !summary.contains("Do not pay")
            && !words(sheet(&sheets(&statewide(&SAMPLE)), "Summary")).contains("no ledger")
    );
    assert!(
        words(sheet(&sheets(&statewide(&SAMPLE)), "Summary"))
            .split("Available")
            .next()
            .unwrap()
            .contains("Do not pay")
    );
    assert!(words(sheet(&plain, "Resolutions")).contains("none"));
    assert!(!words(sheet(&plain, "Payments")).contains("Supplement"));
    let with = vector("12-supplement");
    let supplement = sheets(&statewide(&with));
    let payments = sheet(&supplement, "Payments");
    assert_eq!(
        cents(&row(payments, "Total")[column(payments, "Supplement")]),
        with.allocation.supplement().cents()
    );
    for name in ["Summary", "Participants", "Readings and law"] {
        assert!(
            words(sheet(&supplement, name))
                .to_lowercase()
                .contains("supplement"),
            "{name}"
        );
    }
}

#[test]
fn the_law_sheet_has_every_reading_and_says_what_was_not_at_hand() {
    let sheets = sheets(&statewide(&SAMPLE));
    let law = words(sheet(&sheets, "Readings and law"));
    for (doc, value) in SAMPLE.batch.readings.entries() {
        assert!(
            law.contains(&format!("readings.{} {value}", doc.key)),
            "{}",
            doc.key
        );
    }
    for source in &SAMPLE.batch.rules.sources {
        assert!(
            law.contains(&source.cite) && law.contains(&source.note),
            "{}",
            source.of
        );
    }
    for name in ["Summary", "Readings and law"] {
        let text = words(sheet(&sheets, name));
        assert!(
            text.contains("22-54-138(5) was not at hand") && text.contains("Counsel should check"),
            "{name}"
        );
    }
}

#[test]
fn what_the_batch_gives_itself_is_never_called_verified() {
    let mut calculation = vector("12-supplement");
    calculation.batch.columns.headings = vec![(
        crate::intake::fields::Field::Sasid,
        "State Student ID".to_string(),
    )];
    let sheets = sheets(&statewide(&calculation));
    let law = sheet(&sheets, "Readings and law");
    let [key, value, citation, basis] =
        ["Key", "Value in force", "Citation", "Basis"].map(|heading| column(law, heading));
    for (parameter, amount) in [
        ("available", calculation.batch.available),
        (
            "supplement_available",
            calculation.batch.supplement.unwrap(),
        ),
    ] {
        let lines: Vec<&[Data]> = law
            .rows()
            .filter(|line| line[key] == Data::String(parameter.to_string()))
            .collect();
        let [line] = lines[..] else {
            panic!("{} lines for {parameter}", lines.len())
        };
        assert_eq!(cents(&line[value]), amount.cents());
        assert_eq!(
            [citation, basis].map(|column| line[column].to_string()),
            ["batch.toml", "batch"]
        );
    }
    assert!(words(law).contains("batch = the batch's own input"));
    assert!(
        words(sheet(&sheets, "Inputs"))
            .contains("SASID is read from the heading \"State Student ID\"")
    );
    assert!(
        !words(sheet(&self::sheets(&statewide(&SAMPLE)), "Inputs"))
            .contains("is read from the heading")
    );
}

#[test]
fn the_tiers_add_up_and_only_a_capped_one_is_said_to_be_within_a_cap() {
    for name in ["02-full-funding", "04-cap-ten-percent"] {
        let calculation = vector(name);
        let sheets = sheets(&statewide(&calculation));
        let tiers = sheet(&sheets, "Tiers");
        let results = &calculation.allocation.tiers;
        let totals: Vec<&[Data]> = tiers
            .rows()
            .filter(|line| line[0] == Data::String("Total".to_string()))
            .collect();
        let [units, money] = totals[..] else {
            panic!("{} totals", totals.len())
        };
        let sum = |of: fn(&crate::allocation::TierResult) -> u64| {
            Data::Float(
                u32::try_from(results.iter().map(of).sum::<u64>())
                    .unwrap()
                    .into(),
            )
        };
        assert_eq!(units[2], sum(|tier| tier.certificates));
        assert_eq!(
            units[8..11],
            [
                sum(|tier| tier.over_cap),
                sum(|tier| tier.units),
                sum(|tier| tier.frl_units)
            ]
        );
        assert_eq!(cents(&money[7]), calculation.allocation.paid().cents());
        for (tier, result) in calculation.batch.rules.tiers.iter().zip(results) {
            let line = tiers
                .rows()
                .find(|line| line[0] == Data::String(format!("Tier {}", tier.number)))
                .unwrap();
            let within = result.cap_limit.is_some() && result.units > 0;
            assert_eq!(
                line[2].to_string().contains("within the cap"),
                within,
                "{}",
                tier.number
            );
        }
    }
}

/// What a sheet's part says after a word, up to a mark.
fn after<'x>(xml: &'x str, word: &str, mark: char) -> Option<&'x str> {
    xml.split_once(word)?.1.split(mark).next()
}

#[test]
fn every_sheet_prints_on_letter_in_a_size_that_can_be_read() {
    /// Landscape Letter between margins of 0.4 inches, at 60 percent, in pixels of which an inch has 96.
    const ROOM: f64 = (11.0 - 0.8) / 0.6 * 96.0;
    let mut workbook = Workbooks::of(&SAMPLE).statewide().unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let names: Vec<String> = sheets(&bytes).into_iter().map(|(name, _)| name).collect();
    let parts = parts(&bytes);
    let book = &parts
        .iter()
        .find(|(name, _)| name == "xl/workbook.xml")
        .unwrap()
        .1;
    let mut cut = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let part = format!("xl/worksheets/sheet{}.xml", index + 1);
        let xml = &parts.iter().find(|(name, _)| *name == part).unwrap().1;
        assert_eq!(
            after(xml, "paperSize=\"", '"').unwrap_or("1"),
            "1",
            "{name}"
        );
        assert_eq!(after(xml, "fitToHeight=\"", '"'), Some("0"), "{name}");
        let area = format!("name=\"_xlnm.Print_Area\" localSheetId=\"{index}\">");
        let last = after(book, &area, '<').map(|area| {
            let letters = area.rsplit_once(":$").unwrap().1.split('$').next().unwrap();
            letters
                .bytes()
                .fold(0, |at, letter| at * 26 + u32::from(letter - b'A') + 1)
        });
        let mut pixels = 0.0;
        let mut columns = 0;
        for column in xml.split("<col ").skip(1) {
            let number = |word| after(column, word, '"').unwrap().parse::<f64>().unwrap();
            for at in number("min=\"") as u32..=number("max=\"") as u32 {
                columns += 1;
                if last.is_none_or(|last| at <= last) {
                    // The width in the file is that of the digits and 5 pixels, in digits of 7 pixels.
                    pixels += number("width=\"") * 7.0;
                }
            }
        }
        assert!(pixels <= ROOM, "{name}: {pixels} of {ROOM}");
        if last.is_some_and(|last| last < columns) {
            cut.push(name.as_str());
        }
    }
    // The others print whole.
    assert_eq!(
        cut,
        ["Participants", "Completions", "Resolutions", "Inputs"]
    );
}
#[test]
fn an_entitys_workbook_holds_its_own_rows_and_money_and_nobody_elses() {
    let workbooks = Workbooks::of(&SAMPLE);
    let records = SAMPLE.records();
    let every: Vec<String> = RowRank::all(records.len())
        .map(|position| records.get(position).sasid.to_string())
        .collect();
    let entities = reporting_entities(&SAMPLE);
    assert!(entities.len() > 10);
    for entity in &entities {
        let bytes = workbooks.entity(entity).unwrap().save_to_buffer().unwrap();
        let own: BTreeSet<&str> = entity.rows.iter().map(|row| every[*row].as_str()).collect();
        let foreign = every
            .iter()
            .map(String::as_str)
            .filter(|sasid| sasid.len() == 10 && !own.contains(sasid));
        let content: String = parts(&bytes).into_iter().map(|(_, xml)| xml).collect();
        for sasid in foreign {
            assert!(
                !content.contains(sasid),
                "a pupil of another entity is in the workbook of {}",
                entity.code
            );
        }
        let sheets = sheets(&bytes);
        let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[..2], ["Award", "What to fix"]);
        let payees = SAMPLE.payees();
        let payment = payees
            .iter()
            .find(|(code, _)| *code == entity.code)
            .map_or(0, |(_, payment)| payment.cents());
        let total = row(
            sheet(&sheets, "Award"),
            &format!("Total to {} {}", entity.code, entity.name),
        );
        assert_eq!(cents(&total[1]), payment, "{}", entity.code);
        let amounts = at_the_edge(&sheets, "Amount");
        let expected: Vec<i64> = entity
            .rows
            .iter()
            .map(|row| SAMPLE.decisions[*row].amount.cents())
            .collect();
        assert_eq!(amounts.iter().map(cents).collect::<Vec<_>>(), expected);
        let tiers = at_the_edge(&sheets, "Tier");
        for (row, tier) in entity.rows.iter().zip(&tiers) {
            let number = records.get(*row).tier;
            let shown = number.map_or(Data::Empty, |number| Data::Float(number.into()));
            assert_eq!(*tier, shown, "{}", entity.code);
        }
        for file in &entity.files {
            let hash = &SAMPLE.intake.files[*file].sha256;
            for name in &names[..2] {
                assert!(words(sheet(&sheets, name)).contains(hash), "{name}");
            }
        }
        for (other, _) in payees.iter().filter(|(code, _)| *code != entity.code) {
            let name = name_of(&SAMPLE.intake.participants, other);
            assert!(
                !content.contains(&format!("{other} {name}")),
                "{} is in the workbook of {}",
                name,
                entity.code
            );
        }
    }
}

#[test]
fn a_final_report_tells_an_entity_what_was_decided_and_links_every_row_that_is_not_paid() {
    let mut unpaid = 0;
    let names = [
        "03-later-tiers-get-what-is-left",
        "05-over-cap-pupil-in-a-later-tier",
        "06-unit-completion",
        "09-what-does-not-qualify",
        "14-cap-frl-first",
        "15-cap-proportional-nearest",
        "16-cap-ceiling-reported",
        "17-capped-money-to-the-next-tier",
    ];
    for calculation in names.map(vector).iter().filter(|found| found.is_final()) {
        let workbooks = Workbooks::of(calculation);
        for entity in &reporting_entities(calculation) {
            let bytes = workbooks.entity(entity).unwrap().save_to_buffer().unwrap();
            let own = sheets(&bytes);
            assert_eq!(own[1].0, "What was decided");
            let decided = sheet(&own, "What was decided");
            let listed: Vec<&[Data]> = decided
                .rows()
                .skip_while(|row| row.last() != Some(&Data::String("Go to".into())))
                .skip(1)
                .collect();
            let expected: Vec<String> = entity
                .rows
                .iter()
                .map(|row| calculation.decisions[*row])
                .filter(|decision| decision.outcome != Outcome::Paid)
                .map(|decision| decision.outcome.label().to_string())
                .collect();
            let outcomes: Vec<String> = listed.iter().map(|row| row[0].to_string()).collect();
            assert_eq!(outcomes, expected);
            assert!(listed.iter().all(|row| row[6].to_string().starts_with('A')));
            unpaid += expected.len();
        }
    }
    assert!(unpaid > 0);
}
