//! The files of a settlement (files.md, "Out: the other verbs").

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::calculation::Settlement;
use super::journal::JournalLine;
use super::settled::SettledReport;
use super::workbook;
use crate::money::Money;
use crate::receipt::{JOURNAL_COLUMNS, JournalColumn, Program, SETTLEMENT, seal_files};
use crate::report::text::{guard, writer};
use crate::sheets::book::made;
use crate::words::draft_mark;

/// A file that the settlement was made from.
#[derive(Clone, Debug)]
pub struct SettlementInput {
    pub path: String,
    pub role: &'static str,
    /// Hexadecimal.
    pub sha256: String,
}

/// Writes a settlement into an empty folder; gives the number of files and the SHA-256 of its receipt.
pub fn write(
    settled: &SettledReport,
    inputs: &[SettlementInput],
    folder: &Path,
) -> io::Result<(usize, String)> {
    // Every file name of a PRELIMINARY report's settlement says so.
    let mark = draft_mark(settled.is_final);
    let names = [
        "carried-next.csv",
        "journal.csv",
        "settlement.csv",
        "settlement.xlsx",
    ]
    .map(|name| {
        let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
        format!("{stem}{mark}.{ending}")
    });
    let [carried, journal, table, book] = &names;
    let file = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
    write_carried(settled, file(carried)?)?;
    write_journal(settled, file(journal)?)?;
    write_table(settled, file(table)?)?;
    made(|| workbook::write(settled, &folder.join(book)))?;
    seal_files(names.into(), folder, SETTLEMENT, predicate(settled, inputs))
}

fn write_table(settled: &SettledReport, out: impl Write) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record([
        "payee",
        "name",
        "vendor",
        "award",
        "paid",
        "due",
        "payable_now",
        "after_recovery",
        "to_recover",
        "carried",
    ])?;
    for line in &settled.settlement.payees {
        let amounts = [
            line.award,
            line.paid,
            line.due,
            line.payable_now,
            line.after_recovery,
            line.to_recover,
            line.carried,
        ];
        let record = [
            line.payee.clone(),
            guard(settled.name(&line.payee)).into_owned(),
            guard(settled.vendor(&line.payee)).into_owned(),
        ]
        .into_iter()
        .chain(amounts.map(|amount| amount.to_string()));
        csv.write_record(record.collect::<Vec<_>>())?;
    }
    csv.flush()
}

/// The journal, under the office's own columns if it chose some.
fn write_journal(settled: &SettledReport, out: impl Write) -> io::Result<()> {
    let own = &settled.given.accounting.columns;
    let all = JOURNAL_COLUMNS.map(|column| JournalColumn {
        heading: column.to_string(),
        from: Some(column.to_string()),
        value: None,
    });
    let columns = if own.is_empty() { &all[..] } else { own };
    let mut csv = writer(out);
    csv.write_record(
        columns
            .iter()
            .map(|column| guard(&column.heading).into_owned()),
    )?;
    for line in &settled.journal {
        let cells = columns.iter().map(|column| match &column.from {
            Some(from) => cell(settled, line, from),
            None => column.value.clone().unwrap_or_default(),
        });
        csv.write_record(cells.map(|cell| guard(cell).into_owned()))?;
    }
    csv.flush()
}

/// A line's cell under one of [`JOURNAL_COLUMNS`].
fn cell(settled: &SettledReport, line: &JournalLine, column: &str) -> String {
    match column {
        "date" => settled.run_date.to_string(),
        "reference" => format!("CDIP-{}-{}", settled.budget_year, line.payee),
        "account" => line.account.clone(),
        "description" => line.description.to_string(),
        "debit" => line.debit.to_string(),
        "credit" => line.credit.to_string(),
        "payee" => line.payee.clone(),
        "vendor" => settled.vendor(&line.payee).to_string(),
        _ => String::new(),
    }
}

/// The closing balances: next year's opening balances.
fn write_carried(settled: &SettledReport, out: impl Write) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(["Payee", "Amount"])?;
    for line in &settled.settlement.payees {
        if line.carried > Money::ZERO {
            csv.write_record([line.payee.as_str(), &line.carried.to_string()])?;
        }
    }
    csv.flush()
}

/// By payee, what it owes and need not return. `settlement.csv` has no column of it, and letters tell it.
fn waived(settlement: &Settlement) -> BTreeMap<&str, Money> {
    let payees = settlement.payees.iter();
    payees
        .filter(|line| line.waived > Money::ZERO)
        .map(|line| (line.payee.as_str(), line.waived))
        .collect()
}

/// The inputs and results of the settlement, for its receipt.
fn predicate(settled: &SettledReport, inputs: &[SettlementInput]) -> Value {
    let settlement = &settled.settlement;
    let inputs: Vec<Value> = inputs
        .iter()
        .map(|input| json!({ "path": input.path, "role": input.role, "sha256": input.sha256 }))
        .collect();
    json!({
        "program": Program::own(),
        "label": settled.label,
        "budget_year": settled.budget_year,
        "run_date": settled.run_date.to_string(),
        "standing": settled.standing(),
        "inputs": inputs,
        "recovery": settled.given.recovery.as_str(),
        "tolerance": settled.given.tolerance,
        "available": settled.available,
        "cash": settlement.cash,
        "award": settlement.total(|line| line.award),
        "paid": settlement.total(|line| line.paid),
        "due": settlement.total(|line| line.due),
        "payable_now": settlement.total(|line| line.payable_now),
        "to_recover": settlement.total(|line| line.to_recover),
        "carried": settlement.total(|line| line.carried),
        "waived": waived(settlement),
        "payments_of_other_years": settled.given.payments.of_other_years.len(),
    })
}
