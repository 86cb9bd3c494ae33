//! A report folder as evidence: what `cdip run` wrote, read back into typed values, checked against its receipt, and calculated again.
//!
//! Everything here rests on the report alone. The batch need not be at hand, and what a report does not record (graduation credit,
//! AP score, the lists) is not known here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::allocation::{self, Allocation, Certificate, Claimant, Demand};
use crate::catalogue::{Code, Codes};
use crate::checks::reported_by_category;
use crate::config::Document;
use crate::decision::{Outcome, RowRead, Settled};
use crate::disk::read_plain;
use crate::finding::place;
use crate::ids::Sasid;
use crate::intake::limits::ROWS_PER_BATCH_MAX;
use crate::intake::lists::participant_code;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
use crate::receipt::{RECEIPT, REPORT};
use crate::report::json::SCHEMA;
use crate::results::columns::{FILES, ResultColumn, Submitted};
use crate::rules::terms::{Category, ParticipantKind};
use crate::rules::{self, RuleSet, Weight};
use crate::stop::{Status, Stop};
use crate::trail::short_place;
use crate::values;

const ALLOCATION: &str = "allocation.json";
const COMPLETIONS: &str = "completions.csv";
const FINDINGS: &str = "findings.csv";

/// A participant as the report knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Four digits.
    pub district_code: String,
    /// Four digits for a charter school; empty otherwise.
    pub school_code: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: ParticipantKind,
    /// Whether it requires every student to complete a qualified item (supplement).
    pub requires_completion: bool,
}

impl Claim {
    /// `0010` or `0010-4500`.
    #[must_use]
    pub fn code(&self) -> String {
        participant_code(&self.district_code, &self.school_code)
    }

    /// What the allocation needs of it.
    #[must_use]
    pub fn claimant(&self) -> Claimant {
        Claimant {
            kind: self.kind,
            requires_completion: self.requires_completion,
        }
    }
}

/// A row of `completions.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRow {
    /// Path relative to the batch folder.
    pub file: String,
    /// Empty for a text file.
    pub sheet: String,
    /// The physical row, or the line of a text file.
    pub row: u32,
    /// What the submitter wrote, as read or as found.
    pub submitted: Submitted,
    /// `0010-4500`; empty where none was found.
    pub participant: String,
}

impl RecordedRow {
    /// The place in words.
    #[must_use]
    pub fn place(&self) -> String {
        place(
            &self.file,
            Some(self.sheet.as_str()).filter(|sheet| !sheet.is_empty()),
            Some(self.row),
            None,
        )
    }

    /// The place in a few words: `row 17 of 0880.xlsx`.
    #[must_use]
    pub fn short_place(&self) -> String {
        short_place(&self.file, &self.sheet, self.row)
    }
}

/// A line of `findings.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFinding {
    /// What it is.
    pub code: Code,
    /// The file, the sheet (empty in a text file) and the row (none for a whole file).
    pub at: (String, String, Option<u32>),
    /// The heading of its column.
    pub column: String,
    /// The address of its cell, where it has one.
    pub cell: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

/// A decision on the record, as the receipt tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RecordedResolution {
    /// Its line in `resolutions.csv`.
    pub line: u32,
    /// `pay` or `deny`.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub approved_by: String,
    /// When.
    pub date: String,
    /// The rows that it touched.
    rows: Vec<ReceiptPlace>,
    /// Whether it set them aside, so that they count for nothing.
    #[serde(default)]
    set_aside: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct ReceiptPlace {
    file: String,
    sheet: String,
    row: u32,
}

/// A program that rows of the report completed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RecordedProgram {
    /// Upper case.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The sector of the economy; may be empty.
    pub sector: String,
}

/// A file that the report was made from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RecordedInput {
    /// Path relative to the batch folder.
    pub path: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// A report, read back.
#[derive(Debug)]
pub struct Evidence {
    /// What the batch was called.
    pub label: String,
    /// `FINAL` or `PRELIMINARY`.
    pub standing: String,
    /// The batch's run date.
    pub run_date: NaiveDate,
    /// The rules, with the report's readings.
    pub rules: RuleSet,
    /// The appropriation.
    pub available: Money,
    /// The pool of the supplement.
    pub supplement_available: Option<Money>,
    /// Participants with rows, in ascending order: a position is the rank that decisions carry.
    pub participants: Vec<Claim>,
    /// Programs that rows completed, as far as the report names them: reports of earlier versions do not.
    pub programs: Vec<RecordedProgram>,
    /// By row.
    pub rows: Vec<RecordedRow>,
    /// By row: what was decided, as far as the report records it.
    pub decisions: Vec<Settled>,
    /// The rows that took part in the allocation; its awards are in the same order.
    pub certificates: Vec<Certificate>,
    /// Findings, in the report's order.
    pub findings: Vec<RecordedFinding>,
    /// Decisions on the record; the `resolution` of a decision is a position here.
    pub resolutions: Vec<RecordedResolution>,
    /// Configuration and lists.
    pub lists: Vec<RecordedInput>,
    /// Submissions, refused ones included.
    pub submissions: Vec<RecordedInput>,
    /// The allocation, calculated again; its awards belong to the rows with the outcome of a certificate, ascending.
    pub allocation: Allocation,
}

#[derive(Deserialize)]
struct AllocationFile {
    label: String,
    standing: String,
    run_date: String,
    rules: RulesEntry,
    readings: Value,
    parameters: Value,
    #[serde(deserialize_with = "dollars")]
    available: Money,
    #[serde(deserialize_with = "dollars_or_none")]
    supplement_available: Option<Money>,
    tiers: Vec<TierEntry>,
    participants: Vec<ParticipantEntry>,
    participants_without_share: Vec<ParticipantEntry>,
    #[serde(default)]
    programs: Vec<RecordedProgram>,
}

#[derive(Deserialize)]
struct RulesEntry {
    id: String,
    sha256: String,
}

#[derive(Deserialize)]
struct TierEntry {
    certificates: u64,
    units: u64,
    cap_base: Option<u64>,
    cap_limit: Option<u64>,
    over_cap: u64,
    #[serde(deserialize_with = "dollars")]
    money_before: Money,
    #[serde(deserialize_with = "dollars")]
    rate: Money,
    #[serde(deserialize_with = "dollars")]
    frl_rate: Money,
    #[serde(deserialize_with = "dollars")]
    paid: Money,
    #[serde(deserialize_with = "dollars")]
    residual: Money,
}

#[derive(Deserialize)]
struct ParticipantEntry {
    district_code: String,
    school_code: Option<String>,
    kind: String,
    name: String,
    requires_completion: bool,
    #[serde(default, deserialize_with = "dollars_or_none")]
    supplement: Option<Money>,
    #[serde(default, deserialize_with = "dollars_or_none")]
    total: Option<Money>,
}

fn dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    let text = String::deserialize(deserializer)?;
    Money::from_dollars(&text)
        .map_err(|error| serde::de::Error::custom(format!("\"{text}\" {error}")))
}

fn dollars_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let money = text.as_deref().map(Money::from_dollars).transpose();
    money.map_err(|error| {
        serde::de::Error::custom(format!("\"{}\" {error}", text.unwrap_or_default()))
    })
}

#[derive(Deserialize)]
struct Receipt {
    subject: Vec<Subject>,
    predicate: Predicate,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Predicate {
    inputs: Vec<RecordedInput>,
    submissions: Vec<RecordedInput>,
    resolutions: Vec<RecordedResolution>,
}

/// The files of a report folder that are read here.
struct Folder {
    shown: String,
    receipt: Receipt,
    allocation: Vec<u8>,
    completions: Vec<u8>,
    findings: Vec<u8>,
}

impl Folder {
    fn open(path: &Path) -> Result<Folder, Stop> {
        let shown = path.display().to_string();
        let no_report = |message: &str| {
            Stop::usage(
                message,
                shown.clone(),
                "give the folder that cdip run wrote, such as reports/statewide-2024-25; it holds receipt.json",
            )
        };
        if !path.is_dir() {
            return Err(no_report("there is no such report folder"));
        }
        let bytes = read_plain(&path.join(RECEIPT), u64::MAX).map_err(|_| {
            no_report("the folder is no report of this program: it holds no receipt.json")
        })?;
        let kind = serde_json::from_slice::<Value>(&bytes)
            .ok()
            .and_then(|receipt| receipt["predicateType"].as_str().map(String::from));
        if kind.as_deref() != Some(REPORT) {
            return Err(no_report(
                "the folder is no report of this program: its receipt.json is another program's",
            ));
        }
        let receipt: Receipt = serde_json::from_slice(&bytes)
            .map_err(|error| damaged(&shown, RECEIPT, &error.to_string()))?;
        let read = |name: &str| -> Result<Vec<u8>, Stop> {
            let bytes = read_plain(&path.join(name), u64::MAX)
                .map_err(|error| damaged(&shown, name, &format!("it cannot be opened: {error}")))?;
            let recorded = receipt
                .subject
                .iter()
                .find(|subject| subject.name == name)
                .and_then(|subject| subject.digest.get("sha256"));
            match recorded {
                Some(sha256) if *sha256 == crate::hash::sha256_hex(&bytes) => Ok(bytes),
                Some(_) => Err(contradiction(
                    &shown,
                    format!("{name} was changed after the report was written"),
                )),
                None => Err(contradiction(
                    &shown,
                    format!("the receipt does not name {name}"),
                )),
            }
        };
        let (allocation, completions, findings) =
            (read(ALLOCATION)?, read(COMPLETIONS)?, read(FINDINGS)?);
        Ok(Folder {
            shown,
            receipt,
            allocation,
            completions,
            findings,
        })
    }
}

fn damaged(folder: &str, file: &str, why: &str) -> Stop {
    Stop::usage(
        format!("{file} of the report cannot be read: {why}"),
        folder,
        "write the report again with cdip run",
    )
}

/// The stop where a report does not agree with itself.
fn contradiction(folder: &str, what: impl std::fmt::Display) -> Stop {
    Stop {
        status: Status::Difference,
        message: format!("the report contradicts itself: {what}"),
        places: vec![folder.to_string()],
        fix: "do not rely on it: cdip verify says what differs, cdip run writes it again"
            .to_string(),
        also: Vec::new(),
    }
}

impl Evidence {
    /// Reads the report in a folder, checks the files it reads against the receipt, and calculates the allocation again.
    ///
    /// # Errors
    /// Status 2 where the folder is no report or a file of it is damaged; status 4 where the report contradicts itself.
    pub fn open(path: &Path) -> Result<Evidence, Stop> {
        let folder = Folder::open(path)?;
        let shown = folder.shown.as_str();
        let wrong = |file: &'static str| move |why: String| damaged(shown, file, &why);
        let file = allocation_file(&folder.allocation).map_err(wrong(ALLOCATION))?;
        let rules = rule_set(&file).map_err(wrong(ALLOCATION))?;
        let run_date = NaiveDate::parse_from_str(&file.run_date, "%Y-%m-%d");
        let run_date =
            run_date.map_err(|error| damaged(shown, ALLOCATION, &format!("run_date: {error}")))?;
        let participants = claims(&file).map_err(wrong(ALLOCATION))?;
        let (rows, mut decisions) =
            completions(&folder.completions, &rules, &participants).map_err(wrong(COMPLETIONS))?;
        let findings = findings(&folder.findings).map_err(wrong(FINDINGS))?;
        let Predicate {
            inputs: lists,
            submissions,
            resolutions,
        } = folder.receipt.predicate;
        mark_resolutions(&rows, &mut decisions, &resolutions);
        let demand = demand(
            &participants,
            &decisions,
            file.available,
            file.supplement_available,
        );
        if let Some(certificate) = demand
            .certificates
            .iter()
            .find(|certificate| rules.tier_of(certificate.category).is_none())
        {
            let what = format!(
                "{} took part in the allocation, but no tier funds its category",
                rows[certificate.row].place()
            );
            return Err(contradiction(shown, what));
        }
        let allocation = allocation::allocate(&rules, &rules.readings, &demand)
            .map_err(|broken| contradiction(shown, broken.to_string()))?;
        let evidence = Evidence {
            label: file.label.clone(),
            standing: file.standing.clone(),
            run_date,
            available: file.available,
            supplement_available: file.supplement_available,
            rules,
            participants,
            programs: file.programs.clone(),
            rows,
            decisions,
            certificates: demand.certificates,
            findings,
            resolutions,
            lists,
            submissions,
            allocation,
        };
        evidence
            .agrees(&file)
            .map_err(|what| contradiction(shown, what))?;
        Ok(evidence)
    }

    /// Whether calculating again gave the report's own figures; otherwise the first that differs.
    fn agrees(&self, file: &AllocationFile) -> Result<(), String> {
        let funded = self
            .decisions
            .iter()
            .enumerate()
            .filter(|(_, decision)| decision.outcome.is_certificate());
        for ((row, decision), award) in funded.zip(&self.allocation.awards) {
            let found = (Outcome::from(award.outcome), award.weight, award.amount);
            if found != (decision.outcome, decision.weight, decision.amount) {
                return Err(format!(
                    "{} is recorded as {} with {}; its own rows and rules give {} with {}",
                    self.rows[row].place(),
                    decision.outcome.label().to_lowercase(),
                    decision.amount.grouped(),
                    found.0.label().to_lowercase(),
                    award.amount.grouped()
                ));
            }
        }
        let others = self
            .decisions
            .iter()
            .zip(&self.rows)
            .filter(|(decision, _)| !decision.outcome.is_certificate());
        for (decision, row) in others {
            if decision.amount != Money::ZERO || decision.weight.is_some() {
                let outcome = decision.outcome.label().to_lowercase();
                return Err(format!(
                    "{} is recorded as {outcome} and with an amount or a weight",
                    row.place()
                ));
            }
        }
        let tiers_agree = file.tiers.len() == self.allocation.tiers.len()
            && file
                .tiers
                .iter()
                .zip(&self.allocation.tiers)
                .all(|(recorded, tier)| {
                    (recorded.certificates, recorded.units, recorded.over_cap)
                        == (tier.certificates, tier.units, tier.over_cap)
                        && (recorded.cap_base, recorded.cap_limit)
                            == (tier.cap_base, tier.cap_limit)
                        && (recorded.money_before, recorded.rate, recorded.frl_rate)
                            == (tier.money_before, tier.rate, tier.frl_rate)
                        && (recorded.paid, recorded.residual) == (tier.paid, tier.residual)
                });
        if !tiers_agree {
            return Err(
                "the tiers of allocation.json are not those that its own rows and rules give"
                    .to_string(),
            );
        }
        let recorded: HashMap<String, &ParticipantEntry> = file
            .participants
            .iter()
            .map(|entry| (entry_code(entry), entry))
            .collect();
        for (rank, claim) in ParticipantRank::enumerate(&self.participants) {
            let entry = recorded.get(&claim.code());
            let supplement = entry.and_then(|entry| entry.supplement).unwrap_or_default();
            let total = entry.and_then(|entry| entry.total).unwrap_or_default();
            if (supplement, total)
                != (
                    self.allocation.supplements[rank],
                    self.allocation.total_of(rank),
                )
            {
                let given = self.allocation.total_of(rank).grouped();
                return Err(format!(
                    "participant {} is recorded with {}; its rows give {given}",
                    claim.code(),
                    total.grouped()
                ));
            }
        }
        Ok(())
    }
}

fn demand(
    participants: &[Claim],
    decisions: &[Settled],
    available: Money,
    supplement: Option<Money>,
) -> Demand {
    let funded =
        RowRank::enumerate(decisions).filter(|(_, decision)| decision.outcome.is_certificate());
    Demand {
        certificates: funded
            .filter_map(|(row, decision)| decision.certificate(row))
            .collect(),
        claimants: participants.iter().map(Claim::claimant).collect(),
        reported: reported_by_category(decisions.iter().map(|decision| &decision.read)),
        available,
        supplement,
    }
}

fn allocation_file(bytes: &[u8]) -> Result<AllocationFile, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if value["schema"] != SCHEMA {
        return Err(format!("it is not of the schema {SCHEMA}"));
    }
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// The rules that the report was made under, read by the same code as a rules file so that nothing impossible gets in.
fn rule_set(file: &AllocationFile) -> Result<RuleSet, String> {
    let Value::Object(parameters) = &file.parameters else {
        return Err("the parameters of the rules are missing".to_string());
    };
    let mut table = serde_json::Map::new();
    table.insert("id".to_string(), Value::String(file.rules.id.clone()));
    table.extend(parameters.clone());
    table.insert("readings".to_string(), file.readings.clone());
    let mut table = Value::Object(table);
    drop_nulls(&mut table);
    let text = toml::to_string(&table).map_err(|error| error.to_string())?;
    // The line is one of a text that nobody has; the message names what is wrong with which value.
    let mut rules = rules::parse(Document {
        file: ALLOCATION,
        text: &text,
    })
    .map_err(|stop| stop.message)?;
    rules.sha256.clone_from(&file.rules.sha256);
    Ok(rules)
}

/// A rules file says by leaving a key out what JSON says with null.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|_, value| !value.is_null());
            entries.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn entry_code(entry: &ParticipantEntry) -> String {
    participant_code(
        &entry.district_code,
        entry.school_code.as_deref().unwrap_or_default(),
    )
}

/// Participants in ascending order of (district code, school code).
fn claims(file: &AllocationFile) -> Result<Vec<Claim>, String> {
    let mut claims: BTreeMap<(String, String), Claim> = BTreeMap::new();
    for entry in file
        .participants
        .iter()
        .chain(&file.participants_without_share)
    {
        let kind = ParticipantKind::parse(&entry.kind)
            .ok_or_else(|| format!("participant {} is of an unknown kind", entry_code(entry)))?;
        let (district_code, school_code) = (
            entry.district_code.clone(),
            entry.school_code.clone().unwrap_or_default(),
        );
        let key = (district_code.clone(), school_code.clone());
        let claim = Claim {
            district_code,
            school_code,
            name: entry.name.clone(),
            kind,
            requires_completion: entry.requires_completion,
        };
        if claims.insert(key, claim).is_some() {
            return Err(format!(
                "participant {} stands in it twice",
                entry_code(entry)
            ));
        }
    }
    Ok(claims.into_values().collect())
}

/// Takes off the apostrophe that keeps a spreadsheet from calculating a text.
fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => text,
    }
}

/// A csv file's records with the named columns, each text without its guard.
fn table<const COLUMNS: usize>(
    bytes: &[u8],
    columns: [&str; COLUMNS],
    mut line: impl FnMut([&str; COLUMNS]) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = csv::Reader::from_reader(bytes);
    let headings = reader.headers().map_err(|error| error.to_string())?.clone();
    let mut at = [0; COLUMNS];
    for (at, column) in at.iter_mut().zip(columns) {
        let found = headings.iter().position(|heading| heading == column);
        *at = found.ok_or_else(|| format!("its column {column} is missing"))?;
    }
    let mut record = csv::StringRecord::new();
    let mut number = 1;
    while reader
        .read_record(&mut record)
        .map_err(|error| error.to_string())?
    {
        number += 1;
        line(at.map(|at| unguarded(record.get(at).unwrap_or_default())))
            .map_err(|why| format!("record {number}: {why}"))?;
    }
    Ok(())
}

fn completions(
    bytes: &[u8],
    rules: &RuleSet,
    participants: &[Claim],
) -> Result<(Vec<RecordedRow>, Vec<Settled>), String> {
    let mut rows: Vec<RecordedRow> = Vec::new();
    let mut decisions: Vec<Settled> = Vec::new();
    let ranks: HashMap<String, ParticipantRank> = ParticipantRank::enumerate(&participants)
        .map(|(rank, claim)| (claim.code(), rank))
        .collect();
    table(bytes, FILES.map(|column| column.entry().key), |cells| {
        if rows.len() == ROWS_PER_BATCH_MAX {
            return Err(format!(
                "it has more rows than a batch can have, {ROWS_PER_BATCH_MAX}"
            ));
        }
        let (row, decision) = recorded(&cells, rules, &ranks)?;
        rows.push(row);
        decisions.push(decision);
        Ok(())
    })?;
    // Programs are compared by the rank of their code, as in the calculation.
    let codes: BTreeSet<&str> = rows
        .iter()
        .map(|row| row.submitted.get(ResultColumn::ProgramCode))
        .collect();
    let ranks: HashMap<&str, ProgramRank> = codes
        .into_iter()
        .enumerate()
        .map(|(rank, code)| (code, ProgramRank::new(rank)))
        .collect();
    for (row, decision) in rows.iter().zip(&mut decisions) {
        decision.read.program = decision.category.and_then(|_| {
            ranks
                .get(row.submitted.get(ResultColumn::ProgramCode))
                .copied()
        });
        if decision.outcome.is_certificate() && decision.certificate(RowRank::new(0)).is_none() {
            return Err(format!(
                "{} took part in the allocation, but something of it cannot be read",
                row.place()
            ));
        }
    }
    Ok((rows, decisions))
}

/// A record as a row and the decision on it; the program's rank is not known yet.
fn recorded(
    cells: &[&str; FILES.len()],
    rules: &RuleSet,
    ranks: &HashMap<String, ParticipantRank>,
) -> Result<(RecordedRow, Settled), String> {
    let cell = |column: ResultColumn| {
        let place = FILES.iter().position(|each| *each == column);
        place.map_or("", |place| cells[place])
    };
    let category = match cell(ResultColumn::Category) {
        "" => None,
        word => Some(Category::parse(word).ok_or("the category is unknown")?),
    };
    let participant = match cell(ResultColumn::Participant) {
        "" => None,
        code => Some(
            *ranks
                .get(code)
                .ok_or("its participant stands nowhere in allocation.json")?,
        ),
    };
    let outcome = Outcome::parse(cell(ResultColumn::Outcome)).ok_or("the outcome is unknown")?;
    let amount = Money::from_dollars(cell(ResultColumn::Amount))
        .map_err(|error| format!("the amount {error}"))?;
    let read = RowRead {
        codes: codes_of(cell(ResultColumn::Codes))?,
        sasid: Sasid::parse(cell(ResultColumn::Sasid)),
        grade: values::grade(cell(ResultColumn::Grade)),
        date: NaiveDate::parse_from_str(cell(ResultColumn::CompletionDate), "%Y-%m-%d").ok(),
        frl: match cell(ResultColumn::Frl) {
            "Y" => Some(true),
            "N" => Some(false),
            _ => None,
        },
        category,
        tier: category.and_then(|category| rules.tier_of(category)),
        participant,
        ..RowRead::default()
    };
    let decision = Settled {
        read,
        outcome,
        weight: weight_of(cell(ResultColumn::Weight))?,
        amount,
    };
    let row = RecordedRow {
        file: cell(ResultColumn::SourceFile).to_string(),
        sheet: cell(ResultColumn::SourceSheet).to_string(),
        row: cell(ResultColumn::SourceRow)
            .parse()
            .map_err(|_| "source_row is no number".to_string())?,
        submitted: Submitted::of(|column| cell(column).to_string()),
        participant: cell(ResultColumn::Participant).to_string(),
    };
    Ok((row, decision))
}

fn codes_of(text: &str) -> Result<Codes, String> {
    let mut codes = Codes::NONE;
    for word in text.split_whitespace() {
        codes.add(Code::parse(word).ok_or_else(|| format!("the code {word} is unknown"))?);
    }
    Ok(codes)
}

/// `1.20`; empty for a row that is no unit.
fn weight_of(text: &str) -> Result<Option<Weight>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    // A weight has two decimals, like dollars.
    let hundredths = Money::from_dollars(text)
        .ok()
        .and_then(|weight| u32::try_from(weight.cents()).ok());
    hundredths
        .map(|hundredths| Some(Weight::from_hundredths(hundredths)))
        .ok_or_else(|| "the weight is no number".to_string())
}

fn findings(bytes: &[u8]) -> Result<Vec<RecordedFinding>, String> {
    let mut findings = Vec::new();
    let columns = [
        "code",
        "source_file",
        "source_sheet",
        "source_row",
        "column",
        "cell",
        "message",
        "fix",
    ];
    table(
        bytes,
        columns,
        |[code, file, sheet, row, column, cell, message, fix]| {
            findings.push(RecordedFinding {
                code: Code::parse(code).ok_or_else(|| format!("the code {code} is unknown"))?,
                at: (file.to_string(), sheet.to_string(), row.parse().ok()),
                column: column.to_string(),
                cell: cell.to_string(),
                message: message.to_string(),
                fix: fix.to_string(),
            });
            Ok(())
        },
    )?;
    Ok(findings)
}

/// Tells the rows which decision on the record moved them.
fn mark_resolutions(
    rows: &[RecordedRow],
    decisions: &mut [Settled],
    resolutions: &[RecordedResolution],
) {
    let mut moved: HashMap<(&str, &str, u32), usize> = HashMap::new();
    // A correction or an answer moves no row.
    let moving = resolutions
        .iter()
        .enumerate()
        .filter(|(_, line)| matches!(line.decision.as_str(), "pay" | "deny" | "qualify"));
    for (number, resolution) in moving {
        moved.extend(resolution.rows.iter().map(|place| {
            (
                (place.file.as_str(), place.sheet.as_str(), place.row),
                number,
            )
        }));
    }
    for (row, decision) in rows.iter().zip(decisions) {
        decision.read.resolution = moved
            .get(&(row.file.as_str(), row.sheet.as_str(), row.row))
            .copied();
        decision.read.set_aside = decision
            .resolution
            .is_some_and(|number| resolutions[number].set_aside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apostrophe_of_the_writer_is_taken_off() {
        for (written, text) in [
            ("'=1+1", "=1+1"),
            ("'-5", "-5"),
            ("'a", "'a"),
            ("'", "'"),
            ("", ""),
            ("=", "="),
        ] {
            assert_eq!(unguarded(written), text);
        }
    }
}
