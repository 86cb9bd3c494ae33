//! `batch.toml` as it is written, and what it means. All its faults are reported at once.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::accounting::AccountingTable;
use super::office::ProgramOffice;
use super::own_way::{self, OwnColumns, OwnWay, OwnWord, WRITE_A_HEADING, add_word};
use crate::config::Document;
use crate::intake::fields::Field;
use crate::intake::text;
use crate::money::{MONEY_MAX_CENTS, Money, MoneyError};
use crate::receipt::AccountingEntry;
use crate::rules::Overrides;
use crate::stop::Stop;
use crate::values::{date, is_iso_date};

/// The file. Every key is optional here, so that a missing one does not hide other faults.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchTable {
    rules: Option<Spanned<String>>,
    available: Option<Spanned<String>>,
    run_date: Option<Spanned<toml::Value>>,
    label: Option<String>,
    supplement_available: Option<Spanned<String>>,
    prepared_by: Option<String>,
    previous_receipt: Option<Spanned<String>>,
    #[serde(default)]
    readings: Overrides,
    #[serde(default)]
    columns: ColumnsTable,
    #[serde(default)]
    values: ValuesTable,
    #[serde(default)]
    office: OfficeTable,
    #[serde(default)]
    accounting: AccountingTable,
    #[serde(default)]
    input: InputTable,
}

/// How to read submissions, where that is not detected.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputTable {
    delimiter: Option<Spanned<String>>,
}

/// The office's own headings, or values for columns that its files do not have.
#[derive(Default, Deserialize)]
struct ColumnsTable(BTreeMap<Field, Spanned<toml::Value>>);

/// A file of headings: nothing but the tables `[columns]` and `[values]` of a batch.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnsFile {
    #[serde(default)]
    columns: ColumnsTable,
    #[serde(default)]
    values: ValuesTable,
}

/// The office's own words, by field.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ValuesTable {
    #[serde(default)]
    grade: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    free_reduced_lunch: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    graduation_credit: BTreeMap<String, Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficeTable {
    name: Option<String>,
    contact: Option<String>,
    deadline: Option<Spanned<toml::Value>>,
    appeal_until: Option<Spanned<toml::Value>>,
    return_to: Option<String>,
    return_until: Option<Spanned<toml::Value>>,
    law_checked_by: Option<String>,
    law_checked_on: Option<Spanned<toml::Value>>,
}

/// `batch.toml`, read.
pub(super) struct Settings {
    pub(super) rules: Spanned<String>,
    pub(super) available: Money,
    pub(super) run_date: NaiveDate,
    pub(super) label: String,
    pub(super) supplement: Option<Money>,
    pub(super) prepared_by: Option<String>,
    pub(super) previous_receipt: Option<Spanned<String>>,
    pub(super) readings: Overrides,
    pub(super) columns: OwnColumns,
    pub(super) words: Vec<OwnWord>,
    pub(super) office: ProgramOffice,
    pub(super) accounting: AccountingEntry,
    pub(super) delimiter: Option<u8>,
}

/// The faults so far.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Stop>);

impl Faults {
    pub(super) fn keep<T>(&mut self, read: Result<T, Stop>) -> Option<T> {
        read.map_err(|stop| self.0.push(stop)).ok()
    }

    /// An optional value: none if it is left out or wrong.
    fn keep_if_there<T>(&mut self, read: Option<Result<T, Stop>>) -> Option<T> {
        read.and_then(|read| self.keep(read))
    }
}

impl Settings {
    /// Reads the file; none if a required key is missing or wrong, which `faults` then says.
    pub(super) fn read(document: Document<'_>, faults: &mut Faults) -> Option<Settings> {
        let table: BatchTable = document.parse_all(&mut faults.0)?;
        let mut needed = |key: &str, is_there: bool| {
            if !is_there {
                document.add_missing(key, &mut faults.0);
            }
        };
        needed("rules", table.rules.is_some());
        needed("available", table.available.is_some());
        needed("run_date", table.run_date.is_some());
        needed("label", table.label.is_some());
        let available =
            faults.keep_if_there(table.available.as_ref().map(|text| money(document, text)));
        let supplement = table
            .supplement_available
            .as_ref()
            .map(|text| supplement(document, text, available.unwrap_or_default()));
        let supplement = faults.keep_if_there(supplement);
        let run_date = table
            .run_date
            .as_ref()
            .map(|value| day(document, value, "run_date", "2024-09-15"));
        let run_date = faults.keep_if_there(run_date);
        let delimiter = table
            .input
            .delimiter
            .as_ref()
            .map(|name| delimiter(document, name));
        let delimiter = faults.keep_if_there(delimiter);
        let columns = table.columns.read(document, faults);
        let words = table.values.read(document, faults);
        let office = table.office.read(document, faults);
        let accounting = table.accounting.read(document, faults);
        Some(Settings {
            rules: table.rules?,
            available: available?,
            run_date: run_date?,
            label: table.label?,
            supplement,
            prepared_by: not_empty(table.prepared_by),
            previous_receipt: table.previous_receipt,
            readings: table.readings,
            columns,
            words,
            office,
            accounting,
            delimiter,
        })
    }
}

/// The rules that a file names, whatever else is wrong with it.
pub(super) fn rules_named(document: Document<'_>) -> Option<Spanned<String>> {
    let table: BatchTable = document.parse_all(&mut Vec::new())?;
    table.rules
}

/// Endings of spreadsheets; everything else is TOML, which Notepad saves as `.toml.txt`.
const SPREADSHEETS: [&str; 6] = ["csv", "xlsx", "xlsm", "xlsb", "xls", "ods"];

/// Reads a file of the office's own headings and words: a spreadsheet by its ending, or TOML.
///
/// # Errors
/// A [`Stop`] with everything that is wrong with it.
pub fn read_columns(file: &str, bytes: &[u8]) -> Result<OwnWay, Stop> {
    let ending = Path::new(file).extension().and_then(OsStr::to_str);
    let is_spreadsheet = |ending: &str| {
        let mut endings = SPREADSHEETS.iter();
        endings.any(|known| known.eq_ignore_ascii_case(ending))
    };
    if ending.is_some_and(is_spreadsheet) {
        return own_way::read_spreadsheet(file, bytes);
    }
    let document = Document::decode(file, bytes)?;
    let mut faults = Faults::default();
    let table: Option<ColumnsFile> = document.parse_all(&mut faults.0);
    let own = table.map(|table| OwnWay {
        columns: table.columns.read(document, &mut faults),
        words: table.values.read(document, &mut faults),
    });
    Stop::of_all(faults.0).map_or(Ok(own.unwrap_or_default()), Err)
}

impl ColumnsTable {
    fn read(self, document: Document<'_>, faults: &mut Faults) -> OwnColumns {
        let mut own = OwnColumns::default();
        for (field, value) in self.0 {
            let added = match value.get_ref() {
                toml::Value::String(word) => own.add_heading(field, word),
                toml::Value::Table(table) => {
                    let constant = match (table.len(), table.get("value")) {
                        (1, Some(toml::Value::String(value))) => value,
                        _ => "",
                    };
                    own.add_constant(field, constant)
                }
                _ => Err((format!("{} is not a heading", field.key()), WRITE_A_HEADING)),
            };
            faults.keep(added.map_err(|(message, fix)| document.stop_on(&value, message, fix)));
        }
        own
    }
}

impl ValuesTable {
    fn read(self, document: Document<'_>, faults: &mut Faults) -> Vec<OwnWord> {
        let fields = [
            (Field::Grade, self.grade),
            (Field::Lunch, self.free_reduced_lunch),
            (Field::GraduationCredit, self.graduation_credit),
        ];
        let mut words = Vec::new();
        for (field, table) in fields {
            for (word, meaning) in table {
                let added = add_word(&mut words, field, (&word, meaning.get_ref()));
                faults.keep(added.map_err(|(text, fix)| document.stop_on(&meaning, text, fix)));
            }
        }
        words
    }
}

impl OfficeTable {
    fn read(self, document: Document<'_>, faults: &mut Faults) -> ProgramOffice {
        let mut date = |key: &str, value: Option<Spanned<toml::Value>>| {
            let read = value.map(|value| day(document, &value, key, "2024-10-31"));
            faults.keep_if_there(read)
        };
        ProgramOffice {
            name: not_empty(self.name),
            contact: not_empty(self.contact),
            deadline: date("deadline", self.deadline),
            appeal_until: date("appeal_until", self.appeal_until),
            return_to: not_empty(self.return_to),
            return_until: date("return_until", self.return_until),
            law_checked_by: not_empty(self.law_checked_by),
            law_checked_on: date("law_checked_on", self.law_checked_on),
        }
    }
}

pub(super) fn not_empty(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_string())
        .filter(|text| !text.is_empty())
}

fn money(document: Document<'_>, text: &Spanned<String>) -> Result<Money, Stop> {
    Money::from_written(text.get_ref()).map_err(|error| {
        document.stop_on(
            text,
            format!("\"{}\" {error}", text.get_ref()),
            "write dollars such as \"9500000.00\"",
        )
    })
}

/// The pool of the supplement. It is part of a total that is read back from reports, so it has the limits of any amount.
fn supplement(
    document: Document<'_>,
    text: &Spanned<String>,
    available: Money,
) -> Result<Money, Stop> {
    let pool = money(document, text)?;
    if (available + pool).cents() > MONEY_MAX_CENTS {
        let problem = format!(
            "\"{}\" together with the money available {}",
            text.get_ref(),
            MoneyError::TooLarge
        );
        return Err(document.stop_on(text, problem, "write dollars such as \"9500000.00\""));
    }
    Ok(pool)
}

fn delimiter(document: Document<'_>, name: &Spanned<String>) -> Result<u8, Stop> {
    text::delimiter(name.get_ref()).ok_or_else(|| {
        let names: Vec<String> = text::DELIMITERS
            .iter()
            .map(|(_, name)| format!("\"{name}\""))
            .collect();
        let fix = format!("write one of {}, or leave the key out", names.join(", "));
        document.stop_on(
            name,
            format!("unknown delimiter \"{}\"", name.get_ref()),
            fix,
        )
    })
}

/// A date of TOML, or a date as text.
fn day(
    document: Document<'_>,
    value: &Spanned<toml::Value>,
    key: &str,
    example: &str,
) -> Result<NaiveDate, Stop> {
    let text = match value.get_ref() {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Datetime(date) => Some(date.to_string()),
        _ => None,
    };
    let is_a_day = |text: &String| is_iso_date(text);
    let read = text.filter(is_a_day).and_then(|text| date(&text, false));
    read.map(|read| read.day).ok_or_else(|| {
        document.stop_on(
            value,
            format!("{key} is not a date"),
            format!("write a date such as {key} = {example}"),
        )
    })
}
