//! `[accounting]`: the accounts and the columns of a settlement's journal, as the office's accounting system wants them.

use serde::Deserialize;
use toml::Spanned;

use super::settings::{Faults, not_empty};
use crate::config::{Document, did_you_mean};
use crate::receipt::{AccountingEntry, JOURNAL_COLUMNS, JournalColumn};
use crate::stop::Stop;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountingTable {
    expenditure: Option<String>,
    payable: Option<String>,
    receivable: Option<String>,
    #[serde(default)]
    columns: Vec<Spanned<ColumnTable>>,
}

/// `{ heading = "Account No", from = "account" }`, or `{ heading = "Fund", value = "1000" }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnTable {
    heading: String,
    from: Option<String>,
    value: Option<String>,
}

/// Reads a file of accounts: the keys of `[accounting]` without the table's name.
pub fn read_accounting(file: &str, bytes: &[u8]) -> Result<AccountingEntry, Stop> {
    let document = Document::decode(file, bytes)?;
    let mut faults = Faults::default();
    let table: Option<AccountingTable> = document.parse_all(&mut faults.0);
    let accounting = table
        .map(|table| table.read(document, &mut faults))
        .unwrap_or_default();
    Stop::of_all(faults.0).map_or(Ok(accounting), Err)
}

impl AccountingTable {
    pub(super) fn read(self, document: Document<'_>, faults: &mut Faults) -> AccountingEntry {
        let mut columns: Vec<JournalColumn> = Vec::new();
        for column in self.columns {
            let read = column.get_ref().read(document, &column, &columns);
            columns.extend(faults.keep(read));
        }
        AccountingEntry {
            expenditure: not_empty(self.expenditure),
            payable: not_empty(self.payable),
            receivable: not_empty(self.receivable),
            columns,
        }
    }
}

impl ColumnTable {
    fn read(
        &self,
        document: Document<'_>,
        at: &Spanned<ColumnTable>,
        others: &[JournalColumn],
    ) -> Result<JournalColumn, Stop> {
        let heading = self.heading.trim();
        if heading.is_empty() || others.iter().any(|other| other.heading == heading) {
            return Err(document.stop_on(
                at,
                format!("the journal's heading \"{heading}\" is empty or given twice"),
                "give each column a heading of its own",
            ));
        }
        let (from, value) = match (&self.from, &self.value) {
            (Some(from), None) => (Some(from.clone()), None),
            (None, Some(value)) => (None, Some(value.clone())),
            _ => {
                return Err(document.stop_on(
                    at,
                    format!("the journal's column \"{heading}\" needs either from or value"),
                    "write { heading = \"Account No\", from = \"account\" } or { heading = \"Fund\", value = \"1000\" }",
                ));
            }
        };
        match &from {
            Some(from) if !JOURNAL_COLUMNS.contains(&from.as_str()) => Err(document.stop_on(
                at,
                format!("\"{from}\" is not a column of the journal"),
                did_you_mean(from, JOURNAL_COLUMNS),
            )),
            _ => Ok(JournalColumn {
                heading: heading.to_string(),
                from,
                value,
            }),
        }
    }
}
