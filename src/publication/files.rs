//! The files of a public version (`docs/publication.md`): a workbook, a csv for each table, checksums, and the receipt that records how
//! it is protected.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::network::Withheld;
use super::workbook::write as write_workbook;
use super::{Line, Payees, Publication, Table};
use crate::money::Money;
use crate::receipt::{PUBLICATION, Program, seal_files};
use crate::report::json::SCHEMA as REPORT_SCHEMA;
use crate::report::text::{guard, writer};
use crate::sheets::book::made;

/// The workbook's file name.
const WORKBOOK: &str = "public.xlsx";
/// The table of payees, if payments are published.
const PAYEES: &str = "payees.csv";
/// The method of protection; its name changes when what is withheld can change.
const METHOD: &str = "cdip-circulation-1";

/// Writes a publication into an empty folder. Returns the number of files and the SHA-256 of its receipt.
pub fn write(publication: &Publication<'_>, folder: &Path) -> io::Result<(usize, String)> {
    made(|| write_workbook(publication, &folder.join(WORKBOOK)))?;
    let mut paths = vec![WORKBOOK.to_string()];
    for table in Table::ALL {
        let path = format!("{}.csv", table.name());
        let mut out = BufWriter::new(File::create(folder.join(&path))?);
        write_table(publication, table, &mut out)?;
        out.flush()?;
        paths.push(path);
    }
    if let Some(payees) = &publication.payees {
        let mut out = BufWriter::new(File::create(folder.join(PAYEES))?);
        write_payees(payees, &mut out)?;
        out.flush()?;
        paths.push(PAYEES.to_string());
    }
    seal_files(paths, folder, PUBLICATION, predicate(publication))
}

/// Writes what each payee gets: a line per payee.
fn write_payees(payees: &Payees, out: impl Write) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(["payee", "name", "amount"])?;
    for (code, name, amount) in &payees.payments {
        csv.write_record([code.as_str(), &guard(name), &amount.to_string()])?;
    }
    csv.flush()
}

/// Why a number is withheld, in the csv files and in words.
#[must_use]
pub const fn reason(withheld: Withheld) -> &'static str {
    match withheld {
        Withheld::Nothing => "",
        Withheld::Small => "small",
        Withheld::Protects => "protects another",
    }
}

/// Writes a table as csv: a line per subject and tier.
fn write_table(publication: &Publication<'_>, table: Table, out: impl Write) -> io::Result<()> {
    let mut csv = writer(out);
    let about: &[&str] = match table {
        Table::State => &["tier", "name", "rate", "frl_rate", "residual", "over_cap"],
        Table::Participants => &["participant", "name", "kind", "tier"],
        Table::Sectors => &["sector", "tier"],
        Table::Programs => &["program_code", "program_name", "sector", "tier"],
    };
    csv.write_record(about.iter().copied().chain(NUMBERS))?;
    for line in publication.table(table) {
        let tier = publication.tier_word(line.tier);
        let subject = &line.subject;
        let mut record: Vec<String> = match table {
            Table::State => {
                let facts = line.tier.map(|tier| &publication.tiers[tier]);
                let money =
                    |money: Option<Money>| money.map(|money| money.to_string()).unwrap_or_default();
                vec![
                    tier,
                    guard(&subject.name).into_owned(),
                    money(facts.and_then(|facts| facts.rate)),
                    money(facts.and_then(|facts| facts.frl_rate)),
                    money(facts.and_then(|facts| facts.residual)),
                    facts
                        .and_then(|facts| facts.over_cap)
                        .map(|over| over.to_string())
                        .unwrap_or_default(),
                ]
            }
            Table::Participants => vec![
                subject.code.clone(),
                guard(&subject.name).into_owned(),
                subject.of.clone(),
                tier,
            ],
            Table::Sectors => vec![guard(&subject.name).into_owned(), tier],
            Table::Programs => {
                vec![
                    guard(&subject.code).into_owned(),
                    guard(&subject.name).into_owned(),
                    guard(&subject.of).into_owned(),
                    tier,
                ]
            }
        };
        record.extend(numbers_of(line));
        csv.write_record(record)?;
    }
    csv.flush()
}

/// The last columns of every csv of a publication: the numbers of a line, and why they are withheld.
pub(super) const NUMBERS: [&str; 7] = [
    "units",
    "frl_units",
    "other_units",
    "amount",
    "withheld_units",
    "withheld_frl",
    "withheld_amount",
];

/// A line's cells under [`NUMBERS`].
pub(super) fn numbers_of(line: &Line) -> [String; 7] {
    let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
    let other = line
        .units
        .zip(line.frl_units)
        .map(|(units, frl)| units - frl);
    // An amount is withheld because of counts. Naming them would reveal more than the counts' own reasons.
    let amount = if line.amount.is_some() {
        ""
    } else {
        "protects counts"
    };
    let split = if line.units.is_none() {
        "with units"
    } else {
        reason(line.split_withheld)
    };
    [
        count(line.units),
        count(line.frl_units),
        count(other),
        line.amount
            .map(|amount| amount.to_string())
            .unwrap_or_default(),
        reason(line.units_withheld).to_string(),
        split.to_string(),
        amount.to_string(),
    ]
}

/// How the publication was made and protected.
fn predicate(publication: &Publication<'_>) -> Value {
    let evidence = publication.evidence;
    let tables: Map<String, Value> = Table::ALL
        .into_iter()
        .map(|table| {
            let tally = publication.tally(table);
            let entry = json!({
                "lines": tally.lines,
                "units": { "small": tally.units_small, "protects_another": tally.units_protect },
                "frl": { "small": tally.split_small, "protects_another": tally.split_protect },
                "amounts": tally.amounts,
            });
            (table.name().to_string(), entry)
        })
        .collect();
    let mut predicate = json!({
        "program": Program::own(),
        "label": evidence.label,
        "run_date": evidence.run_date.to_string(),
        "standing": evidence.standing,
        "rules": { "id": evidence.rules.id, "sha256": evidence.rules.sha256 },
        "report": { "schema": REPORT_SCHEMA, "receipt_sha256": evidence.receipt },
        "method": METHOD,
        "pupils_min": publication.pupils_min,
        "width": publication.width,
        "money": publication.money,
        "available": publication.money.then_some(evidence.available),
        "unspent": publication.money.then_some(evidence.allocation.unspent),
        "withheld": tables,
    });
    if let Some(payees) = &publication.payees {
        predicate["payees"] = json!({ "lines_told": payees.lines_told });
    }
    predicate
}
